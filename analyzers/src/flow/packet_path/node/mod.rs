//! A node's kernel as it is: what its packet filter, in each of the languages that there are, and its virtual servers make of a packet.

mod answer;
mod back;
pub mod dumps;
pub mod machine;
pub mod machines;
mod objects;
pub mod packet;
pub mod prefix;
mod residents;
pub mod routes;
mod served;
mod sets;
mod sockets;
#[cfg(test)]
mod tests;
mod told;
mod walk;
mod whose;

use std::net::IpAddr;

use self::answer::flow;
pub use self::answer::{has_spoken, is_beyond};
use self::dumps::Dumps;
use self::machine::Machine;
use self::packet::{Packet, Question, Rules};
use self::residents::Residents;
use self::routes::Decision;
pub use self::served::{Ruled, Sending};
use self::told::told_apart;
use self::walk::{Kernel, Walk};
use super::Query;
use super::ipvs::Ipvs;
use super::netfilter::rules::Ruleset;
use super::nftables::rules::Nft;
use crate::flow::{Flow, Next};
use crate::model::Model;

/// The path of a packet from one address to another by a node's rules; `None` where none were pasted, or the question is another one.
pub fn between(model: &Model<'_>, query: &Query) -> Option<Flow> {
    let (source, address, port) = query.addresses()?;
    let protocol = match query.protocol {
        super::Protocol::Tcp => "tcp",
        super::Protocol::Udp => "udp",
        super::Protocol::Sctp => "sctp",
        super::Protocol::Icmp | super::Protocol::IpIp => return None,
    };
    let packet = Packet::new(source, address, port, protocol);
    // A packet from outside meets the rules of the node that it is sent to.
    let query = &Query {
        at: query.at.clone().or_else(|| {
            let at = [address, source].into_iter().find_map(|end| node_with(model, end));
            at.map(str::to_owned)
        }),
        ..query.clone()
    };
    let told = addresses_of(model, query);
    let dumps = Dumps::new(model, query.at.as_deref(), &told);
    let pasted = Pasted::new(&dumps, told, address.is_ipv6())?;
    // Where the rules are kept elsewhere, the Services tell more.
    let by_service = |flow: &Flow| !super::kube_proxy::is_untouched(flow);
    if pasted.other_mode
        && super::kube_proxy::between(model, query)
            .as_ref()
            .is_some_and(by_service)
    {
        return None;
    }
    let ways = Walk::new(&pasted.kernel, &packet).ways(&packet, &[]);
    let found = told_apart(&ways);
    let ends: Vec<IpAddr> = found
        .0
        .iter()
        .map(|way| way.packet.destination)
        .chain([source])
        .collect();
    let residents = Residents::new(model, query.at.as_deref(), &ends);
    let mut flow = flow(query, &packet, (&dumps, &residents), &pasted, found);
    objects::doubt(model, &packet, &mut flow);
    Some(flow)
}

/// The name of the node with an address.
pub fn node_with<'m>(model: &'m Model<'_>, address: IpAddr) -> Option<&'m str> {
    let has = |node: &&crate::model::Entity<'_>| {
        let own = crate::model::Node(node).internal_ips();
        own.iter().any(|ip| ip.value == address)
    };
    model.all("Node").find(has).map(|node| node.name)
}

/// How the node's kernel routes a packet, of each way that ends there; `None` where no packet filter was pasted, or not all of it.
pub fn decisions(dumps: &Dumps<'_>, told: Vec<IpAddr>, packet: &Packet, end: &str) -> Option<Vec<Decision>> {
    let pasted = Pasted::new(dumps, told, packet.destination.is_ipv6()).filter(|pasted| pasted.complete)?;
    let all = Walk::new(&pasted.kernel, packet).ways(packet, &[]);
    let here = all.into_iter().filter(|way| told::end(&way.packet) == end);
    Some(here.filter_map(|way| way.routed).collect())
}

/// The addresses that the cluster knows of the node.
fn addresses_of(model: &Model<'_>, query: &Query) -> Vec<IpAddr> {
    let node = query.at.as_deref().and_then(|name| model.get("Node", "", name));
    node.map(|node| {
        let addresses = crate::model::Node(node).internal_ips();
        addresses.into_iter().map(|ip| ip.value).collect()
    })
    .unwrap_or_default()
}

/// A node's kernel, and what is missing of it.
struct Pasted<'a> {
    kernel: Kernel<'a>,
    /// Whether all that decides was pasted.
    complete: bool,
    /// What would bring the rest.
    next: Vec<Next>,
    /// Whether kube-proxy's rules are elsewhere.
    other_mode: bool,
    /// Whether kube-proxy's rules, or its virtual servers, are here.
    services: bool,
}

impl<'a> Pasted<'a> {
    fn new(dumps: &Dumps<'a>, told: Vec<IpAddr>, six: bool) -> Option<Self> {
        let alone = dumps.of("nft-ruleset").next().is_none() && dumps.of("ipvsadm").next().is_none();
        let iptables = Ruleset::new(dumps, six, alone);
        let nft = Nft::new(dumps, six, iptables.is_some());
        let ipvs = Ipvs::new(dumps, six);
        if iptables.is_none() && nft.is_none() && ipvs.is_none() {
            return None;
        }
        let mut machine = Machine::new(dumps, told, six);
        let mut next = Vec::new();
        let mut other_mode = false;
        let services = iptables.as_ref().is_some_and(Ruleset::has_services)
            || nft.as_ref().is_some_and(Nft::has_services)
            || ipvs.is_some();
        if let Some(rules) = &iptables {
            machine.exclude(rules.cluster_addresses());
            if rules.legacy {
                let command = if six {
                    "sudo ip6tables-legacy-save"
                } else {
                    "sudo iptables-legacy-save"
                };
                next.push(ask(
                    command,
                    "The kernel's old packet filter has rules, too, which this tool does not show.",
                ));
            } else if !rules.complete {
                let command = if six {
                    "sudo ip6tables-save"
                } else {
                    "sudo iptables-save"
                };
                next.push(ask(command, "Not all of the rules were pasted."));
            }
            // Every node of a cluster has some chains of it, in whichever mode kube-proxy is.
            other_mode = !services && rules.is_of_cluster();
            if other_mode {
                if rules.asks_for_sets() {
                    next.push(ask(
                        "sudo ipvsadm -Ln",
                        "The rules are those of kube-proxy's IPVS mode: its virtual servers send packets on.",
                    ));
                } else {
                    next.push(ask(
                        "sudo nft list ruleset",
                        "No rule here sends a Service's packets on: kube-proxy may have written them for nftables.",
                    ));
                }
            }
        }
        if let Some(rules) = &nft {
            machine.exclude(rules.cluster_addresses());
        }
        if let Some(ipvs) = &ipvs {
            machine.include(ipvs.addresses());
        }
        let untold = nft.as_ref().is_some_and(Nft::has_untold);
        if iptables.is_none() && (untold || !nft.as_ref().is_some_and(|nft| nft.complete)) {
            next.push(ask(
                "sudo iptables-save",
                "The rules of iptables decide, too, and rewrite sources.",
            ));
        }
        let mut filters: Vec<Box<dyn Rules + 'a>> = Vec::new();
        filters.extend(iptables.map(|rules| Box::new(rules) as Box<dyn Rules>));
        filters.extend(Ruleset::legacy(dumps, six).map(|rules| Box::new(rules) as Box<dyn Rules>));
        filters.extend(nft.map(|rules| Box::new(rules) as Box<dyn Rules>));
        let complete = next.is_empty()
            && filters.iter().all(|rules| rules.complete())
            && ipvs.as_ref().is_none_or(|ipvs| ipvs.complete);
        Some(Self {
            kernel: Kernel { filters, ipvs, machine },
            complete,
            next,
            other_mode,
            services,
        })
    }
}

/// A command that would bring what is missing.
fn ask(command: &str, why: &str) -> Next {
    Next {
        command: command.to_owned(),
        decides: Vec::new(),
        why: why.to_owned(),
    }
}

/// A number as iptables prints marks: hexadecimal behind `0x`.
pub fn number(text: &str) -> Option<u32> {
    match text.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

/// What a question is about, in words.
fn words(question: &Question) -> String {
    match question {
        Question::Local(address) => format!("whether {address} is an address of the node"),
        Question::Incoming(name) => format!("whether the packet comes in by `{name}`"),
        Question::Outgoing(name) => format!("whether the packet leaves by `{name}`"),
        Question::Set(name, _) => format!("what is in the set `{name}`"),
        Question::Other(words) => format!("`{words}`"),
    }
}
