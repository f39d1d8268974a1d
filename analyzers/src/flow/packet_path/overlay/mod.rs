//! Overlay networks: pods whose addresses the network between the nodes does not know.
//!
//! flannel (VXLAN, host-gw), Calico (IP in IP, VXLAN, BGP), and any other plugin that leaves its ways in the kernel's own tables: routes say by
//! which device a packet for another node's pods leaves, neighbours and the forwarding database to which machine that device sends it, and
//! what is sent between the machines is a packet of its own, which the network between has to let through. The answer is a packet of the
//! other node: it goes by that node's tables, and as a connection of its own past security groups (VXLAN's source port is a hash).

mod direction;
mod propose;
mod tables;
#[cfg(test)]
mod tests;
mod tunnel;
mod wrapped;

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::node::machine::addresses_of;
use super::node::machines::{Machines, Outputs};
use super::node::packet::Interface;
use super::node::routes::Routes;
use super::vpc::Network;
use super::{Endpoint, Query};
use crate::evidence::Evidence;
use crate::flow::{Actor, ActorKind, Next, Return, Step, Verdict};
use crate::model::{Model, Node};

pub use propose::propose;

/// One end: a pod, or what has a pod's address, and its node.
#[derive(Clone)]
pub struct Side<'q, 'a> {
    /// The pod, as the reader knows it, where it is one that was pasted.
    pub pod: Option<String>,
    /// The pod's address.
    pub address: IpAddr,
    /// The node's name, as far as it is known.
    pub node: String,
    /// What was pasted of the node.
    pub machine: Option<&'q Outputs<'a>>,
    /// The node's own addresses, as far as they are known.
    pub known: BTreeSet<IpAddr>,
    /// Where all of them stand, where all were pasted.
    pub all: Option<Evidence>,
    /// Where the pod's address and its node were read.
    pub evidence: Vec<Evidence>,
}

impl<'q, 'a> Side<'q, 'a> {
    /// The end with that address, on the node of that name where it is known.
    pub fn new(
        model: &Model<'a>,
        machines: &'q Machines<'a>,
        (pod, address): (Option<String>, IpAddr),
        node: Option<&str>,
        evidence: &[Evidence],
    ) -> Self {
        let mut known: BTreeSet<IpAddr> = BTreeSet::new();
        if let Some(name) = node {
            let entity = model.get("Node", "", name);
            known.extend(
                entity
                    .into_iter()
                    .flat_map(|node| Node(node).internal_ips())
                    .map(|ip| ip.value),
            );
            known.extend(model.host_by_node(name).ip.map(|ip| ip.value));
        }
        let told: Vec<IpAddr> = known.iter().copied().collect();
        let machine = match node {
            Some(_) => machines.of(node, &told),
            None => machines.iter().find(|machine| has_pod(machine, address)),
        };
        let mut all = None;
        for dump in machine.iter().flat_map(|machine| machine.dumps.of("ip-addr")) {
            let own = addresses_of(&dump.root);
            if own.iter().any(|own| own.address.is_loopback()) && !dump.is_selected() && dump.root.complete() {
                all.get_or_insert_with(|| dump.root.evidence());
            }
        }
        known.extend(machine.into_iter().flat_map(|machine| machine.own.iter().copied()));
        let own_name = machine.and_then(|machine| machine.name()).map(str::to_owned);
        Self {
            pod,
            address,
            node: node
                .map(str::to_owned)
                .or(own_name)
                .or_else(|| machine.map(|_| "the node".to_owned()))
                .unwrap_or_else(|| "the other node".to_owned()),
            machine,
            known,
            all,
            evidence: evidence.to_vec(),
        }
    }

    /// The pod, on its node.
    pub fn pod_actor(&self) -> Option<Actor> {
        let name = self.pod.clone()?;
        Some(Actor {
            id: name.clone(),
            kind: ActorKind::Pod,
            name,
            details: vec![self.address.to_string()],
            zones: vec![self.node.clone()],
        })
    }

    /// Its node, as it acts on the way.
    pub fn actor(&self) -> Actor {
        Actor {
            id: format!("node:{}", self.node),
            kind: ActorKind::Node,
            name: self.node.clone(),
            details: Vec::new(),
            zones: vec![self.node.clone()],
        }
    }
}

/// Whether a machine's routes lead to an address right by a device of its own pods.
fn has_pod(machine: &Outputs<'_>, address: IpAddr) -> bool {
    if machine.own.contains(&address) {
        return false;
    }
    let routes = machine.routes(address.is_ipv6());
    routes.is_some_and(|routes| {
        let route = routes.pick(address, None, 0, &Interface::Unknown);
        route.is_ok_and(|route| {
            route.to.bits > 0 && route.gateway.is_none() && route.interface.is_some_and(tunnel::is_of_pods)
        })
    })
}

/// Whether a machine's routes are those of an overlay: one leads into a device that wraps packets, or to a bridge of pods.
fn has_overlay(machine: &Outputs<'_>, routes: &Routes<'_>) -> bool {
    routes.all().iter().any(|route| {
        route.interface.is_some_and(|device| {
            matches!(device, "cni0" | "cbr0" | "kube-bridge") || tunnel::tunnel(Some(machine), device).is_some()
        })
    })
}

/// Whether anything that was pasted of a node shows that it is in an overlay: its routes, a device that wraps packets, or a forwarding
/// database that names other machines.
fn is_in_overlay(side: &Side<'_, '_>) -> bool {
    let Some(machine) = side.machine else { return false };
    machine
        .routes(side.address.is_ipv6())
        .is_some_and(|routes| has_overlay(machine, &routes))
        || machine
            .every_device()
            .filter_map(|device| device.name())
            .any(|name| tunnel::tunnel(Some(machine), name).is_some())
        || machine
            .dumps
            .of("bridge-fdb")
            .any(|dump| dump.root.items().iter().any(|entry| entry.str_of("dst").is_some()))
}

/// Whether a question about two addresses is one about pods of an overlay.
pub fn is_about(model: &Model<'_>, query: &Query) -> bool {
    let (Endpoint::Ip { address: from, .. }, Endpoint::Ip { address: to, .. }) = (&query.from, &query.to) else {
        return false;
    };
    let machines = Machines::new(model);
    machines.iter().any(|machine| {
        has_pod(machine, *from)
            && !has_pod(machine, *to)
            && machine
                .routes(from.is_ipv6())
                .is_some_and(|routes| has_overlay(machine, &routes))
    })
}

/// The way between two nodes, and the way of the answer.
pub struct Between {
    /// The steps there.
    pub steps: Vec<Step>,
    /// The steps back; `None` where the packet does not arrive.
    pub back: Option<Return>,
    /// What would tell more.
    pub next: Vec<Next>,
}

/// What a way is asked with.
#[derive(Clone, Copy)]
pub struct Asked<'q, 'a> {
    /// What was pasted.
    pub model: &'q Model<'a>,
    /// The network between the nodes.
    pub network: &'q Network<'a>,
    /// The question.
    pub query: &'q Query,
    /// The port at the other end.
    pub port: Option<u16>,
}

/// The way from one pod to another on another node; `None` where the sender's node does not send it by an overlay.
pub fn between<'a>(asked: Asked<'_, 'a>, from: &Side<'_, 'a>, to: &Side<'_, 'a>) -> Option<Between> {
    let is_same = from.node == to.node
        || matches!((from.machine, to.machine), (Some(one), Some(other)) if std::ptr::eq(one, other));
    // A node itself sends with another address of its own.
    if is_same || from.known.contains(&from.address) || to.known.contains(&to.address) {
        return None;
    }
    let known = is_in_overlay(from) || is_in_overlay(to);
    let there = direction::direction(asked, from, to, (known, false)).or_else(|| known.then(|| not_told(from, to)))?;
    let mut next = there.next;
    let mut back = None;
    if Verdict::all(there.steps.iter().map(|step| step.verdict)) != Verdict::Blocked {
        let leg = direction::direction(asked, to, from, (known, true)).unwrap_or_else(|| not_told(to, from));
        let verdict = Verdict::all(leg.steps.iter().map(|step| step.verdict));
        let stopped = leg.steps.iter().find(|step| step.verdict == Verdict::Blocked);
        back = Some(Return {
            verdict,
            reason: stopped.and_then(|step| step.reason),
            steps: leg.steps,
        });
        next.extend(leg.next);
    }
    Some(Between {
        steps: there.steps,
        back,
        next,
    })
}

/// One way, one direction.
pub struct Leg {
    /// The steps.
    pub steps: Vec<Step>,
    /// What would tell more.
    pub next: Vec<Next>,
}

/// The way from a node whose routes were not pasted.
fn not_told(from: &Side<'_, '_>, to: &Side<'_, '_>) -> Leg {
    let mut step = Step::new(
        from.actor(),
        format!("by which device a packet to {} leaves was not pasted", to.address),
        Verdict::Unknown,
    );
    step.before = vec![("src", from.address.to_string()), ("dst", to.address.to_string())];
    Leg {
        steps: vec![step],
        next: vec![ask("ip route", &from.node, "Its routes decide the way.")],
    }
}

/// A command to run on a node.
fn ask(command: &str, node: &str, why: &str) -> Next {
    Next {
        command: command.to_owned(),
        decides: vec!["CNI-017".to_owned()],
        why: format!("On {node}. {why}"),
    }
}
