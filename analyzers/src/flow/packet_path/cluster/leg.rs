//! The way of a packet through the network of AWS, from the interface of its pod or, where the VPC CNI puts the node's address in, of its node.

use std::net::IpAddr;

use super::place::Place;
use super::{Asked, snat};
use crate::evidence::Evidence;
use crate::flow::packet_path::vpc::packet::{ANYBODY, Address, Packet};
use crate::flow::packet_path::vpc::{Start, Travelled};
use crate::flow::packet_path::vpc_cni::Passed;
use crate::flow::packet_path::vpc_cni::settings::{AGENT, setting};
use crate::flow::{Actor, ActorKind, Next, Step, Verdict};

/// A way through the network, and what the sender's node does before it.
pub(super) struct Leg {
    /// Steps of the sender's node.
    pub own: Vec<Step>,
    /// The way.
    pub travelled: Travelled,
    /// Whether the node put its own address in the pod's place.
    pub rewritten: bool,
    /// Whether another way would end otherwise, and nothing tells which is taken.
    pub unsure: bool,
    /// What would tell more.
    pub next: Vec<Next>,
}

impl Leg {
    fn of(mut travelled: Travelled) -> Self {
        Self {
            own: Vec::new(),
            next: std::mem::take(&mut travelled.next),
            travelled,
            rewritten: false,
            unsure: false,
        }
    }
}

fn ask(command: String, why: &str) -> Next {
    Next {
        command,
        decides: Vec::new(),
        why: why.to_owned(),
    }
}

impl Asked<'_, '_> {
    /// The way through the network of AWS, where it is known and the packet leaves its node. `rewritten`: whether the node's rules were
    /// pasted, and so told whether another source is put in. `left`: by which interface the packet left its node.
    pub(super) fn leg(&self, source: IpAddr, rewritten: bool, to: &Place, left: Option<&Passed>) -> Option<Leg> {
        let beside = self.from.node.is_some() && self.from.node == to.node;
        if self.network.is_empty() || beside && left.is_none_or(|left| left.by.is_none()) {
            return None;
        }
        let destination = match to.address {
            Some(address) => Address::Ip(address),
            None if to.internet => Address::Internet,
            None => return None,
        };
        let [from] = *self.network.interfaces_at(source) else {
            return None;
        };
        // The node's rules may send it by another interface than the one that has its address.
        let by = left
            .and_then(|left| left.address)
            .map(|own| self.network.interfaces_at(own));
        let from = match by.as_deref() {
            Some([by]) => *by,
            _ => from,
        };
        let mut packet = Packet::new(Address::Ip(source), destination, self.query.protocol, to.port);
        // The node's rule that puts another source in takes any port.
        if self.from.pod.is_some() && self.from.address != Some(source) {
            packet.source_ports = ANYBODY;
        }
        if let Some(address) = to.address
            && self.network.is_overlaid(self.model, from, address)
        {
            return Some(Leg::of(self.network.overlaid(&packet, from)));
        }
        let as_itself = || self.network.travel(&packet, Start::Interface(from));
        let pod = self.from.pod.as_ref().filter(|_| self.from.address == Some(source));
        let (Some((namespace, name)), false, false) = (pod, rewritten, source.is_ipv6()) else {
            return Some(Leg::of(as_itself()));
        };
        let host = self
            .from
            .workload
            .and_then(|at| self.matrix.workloads.get(at)?.host_network);
        if host == Some(true) || self.first_address() == Some(source) {
            return Some(Leg::of(as_itself()));
        }
        let (outside, evidence) = match self.network.is_outside(from, destination) {
            Ok(told) => told,
            // What has an interface of its own in that VPC is inside.
            Err(command) => {
                let mut leg = Leg::of(as_itself());
                let near = to
                    .address
                    .is_some_and(|address| !self.network.interfaces_at(address).is_empty());
                if !near {
                    leg.unsure = true;
                    leg.next.push(ask(
                        command,
                        "Whether the packet leaves the VPC decides whose address it has then.",
                    ));
                }
                return Some(leg);
            }
        };
        if !outside {
            return Some(Leg::of(as_itself()));
        }
        let told = snat::source(self.model, (namespace, name), to.address);
        if let snat::Source::Kept(because, settings) = told {
            let mut leg = Leg::of(as_itself());
            let told = setting(self.model, AGENT, "AWS_VPC_K8S_CNI_EXTERNALSNAT").is_some();
            let verdict = if told { Verdict::Passes } else { Verdict::Assumed };
            let mut step = self.own(format!("leaves the pod's address as it is: {because}"), verdict);
            step.evidence = settings;
            leg.own.push(step);
            return Some(leg);
        }
        Some(self.as_node(&packet, (evidence, told), as_itself))
    }

    /// The way with the node's address in the pod's place.
    fn as_node(
        &self,
        packet: &Packet,
        (evidence, told): (Vec<Evidence>, snat::Source),
        as_itself: impl Fn() -> Travelled,
    ) -> Leg {
        let (source, destination) = (packet.source, packet.destination);
        let Some(own) = self.first_address() else {
            let mut leg = Leg::of(as_itself());
            leg.unsure = true;
            let node = self.from.node.as_deref().unwrap_or("NODE");
            leg.next.push(ask(
                format!("kubectl get node {node} -o wide"),
                "The packet leaves the VPC with an address of the node.",
            ));
            return leg;
        };
        let by_node = self.network.interfaces_at(own).first().copied();
        let Some(by_node) = by_node else {
            let mut leg = Leg::of(as_itself());
            leg.unsure = true;
            leg.next.push(ask(
                format!("aws ec2 describe-network-interfaces --filters Name=addresses.private-ip-address,Values={own}"),
                "The packet leaves by the node's first interface.",
            ));
            return leg;
        };
        let packet_of_node = Packet {
            source: Address::Ip(own),
            // The plugin's rule takes ports at random (`--random-fully`, its default: AWS_VPC_K8S_CNI_RANDOMIZESNAT is prng): any port from
            // 1024 on (net/netfilter/nf_nat_core.c of Linux).
            source_ports: ANYBODY,
            ..packet.clone()
        };
        let mut leg = Leg::of(self.network.travel(&packet_of_node, Start::Interface(by_node)));
        leg.rewritten = true;
        let mut step = self.own(
            format!("puts its own address {own} in the pod's place: the packet leaves the VPC"),
            Verdict::Assumed,
        );
        step.before = vec![("src", source.to_string()), ("dst", destination.to_string())];
        step.after = vec![("src", own.to_string()), ("dst", destination.to_string())];
        step.evidence = evidence;
        if let snat::Source::Node(settings) = told {
            step.evidence.extend(settings);
            step.note = Some("The VPC CNI does so unless AWS_VPC_K8S_CNI_EXTERNALSNAT says otherwise; `iptables-save` shows the rule.".to_owned());
        } else {
            step.note = Some(
                "By default the VPC CNI does so (AWS_VPC_K8S_CNI_EXTERNALSNAT is false); its settings were not pasted."
                    .to_owned(),
            );
            let other = as_itself();
            if (other.verdict, other.reason) != (leg.travelled.verdict, leg.travelled.reason) {
                leg.unsure = true;
                leg.next.push(ask(
                    snat::COMMAND.to_owned(),
                    "Whether the pod's address or the node's leaves the VPC changes what becomes of the packet.",
                ));
            }
        }

        leg.own.push(step);
        leg
    }

    /// A step of the sender's node.
    fn own(&self, action: String, verdict: Verdict) -> Step {
        let name = self.from.node.clone().unwrap_or_else(|| "the node".to_owned());
        let actor = Actor {
            id: format!("node:{name}"),
            kind: ActorKind::Node,
            name,
            details: Vec::new(),
            zones: Vec::new(),
        };
        Step::new(actor, action, verdict)
    }
}
