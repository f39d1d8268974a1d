//! The ends of a way inside of their nodes: between a pod and the node's interfaces, there and back.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::place::Place;
use super::{Asked, snat};
use crate::flow::packet_path::node::packet::Packet;
use crate::flow::packet_path::vpc::packet::Address;
use crate::flow::packet_path::vpc_cni::branch::{self, Branch};
use crate::flow::packet_path::vpc_cni::{Guest, Inside, Mark, Passed};
use crate::flow::packet_path::{Endpoint, Protocol};
use crate::flow::{Actor, ActorKind, Next, Outcome, Return, Step, Verdict};
use crate::model::service::Service;
use crate::model::{Node, Pod, ip_in_name};

/// Anybody in the Internet, for routes: an address that nobody has (RFC 5737, RFC 3849).
const ANYBODY: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 255);
const ANYBODY_SIX: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0xffff, 0, 0, 0, 0, 1);

impl Asked<'_, '_> {
    /// Out of the sender's node; `None` where nothing of its routes was pasted.
    pub(super) fn leaves(&self, outcome: &Outcome, to: &Place) -> Option<Passed> {
        // What a network brought is not the node's own.
        let source = self.from.address.filter(|_| !self.brought)?;
        let anybody = || -> IpAddr {
            if source.is_ipv6() {
                ANYBODY_SIX.into()
            } else {
                ANYBODY.into()
            }
        };
        let destination = to.address.or_else(|| to.internet.then(anybody))?;
        if source.is_ipv6() != destination.is_ipv6() {
            return None;
        }
        let Some(inside) = self.inside(&self.from, destination.is_ipv6()) else {
            return self.beside_branch(to, (source, destination));
        };
        let guest = self.guest(&self.from)?;
        let first = self.first_packet(source, to);
        let first = first.as_ref().zip(outcome.ends_at.as_deref());
        let outside = if to.internet {
            Some(true)
        } else {
            self.is_outside(to, destination)
        };
        let mark = match &self.from.pod {
            Some((namespace, name)) if !source.is_ipv6() => {
                Mark::Outbound(outside, snat::source(self.model, (namespace, name), to.address))
            }
            _ => Mark::None,
        };
        let mut passed = inside.leave(&guest, destination, first, &mark);
        if to.internet {
            for (_, value) in passed
                .steps
                .iter_mut()
                .flat_map(|step| step.before.iter_mut().chain(&mut step.after))
            {
                if *value == destination.to_string() {
                    "the Internet".clone_into(value);
                }
            }
        }
        Some(passed)
    }

    /// Into the receiver, from the interface of its node; `None` where nothing of its routes was pasted.
    pub(super) fn enters(&self, seen: Option<IpAddr>, to: &Place, left: Option<&Passed>) -> Option<Passed> {
        let from = seen?;
        if to.address.is_none_or(|to| to.is_ipv6() != from.is_ipv6()) {
            return None;
        }
        // A pod that ended has no route any more.
        if let Some((namespace, name)) = &to.pod
            && self
                .model
                .get("Pod", namespace, name)
                .is_some_and(|pod| !Pod(pod).is_alive())
        {
            return None;
        }
        let inside = self.inside(to, from.is_ipv6())?;
        // Between two ends of a node, what did not leave it comes right from the sender's end of its veth pair.
        let left_node = left.is_some_and(|left| left.by.is_some());
        Some(inside.arrive(&self.guest(to)?, from, left_node || !self.is_beside(to)))
    }

    /// The answer, with what both nodes make of it around the way through the network.
    pub(super) fn answers(
        &self,
        seen: Option<IpAddr>,
        to: &Place,
        by_network: Option<Return>,
    ) -> (Option<Return>, Vec<Next>) {
        let (Some(seen), Some(address)) = (seen, to.address) else {
            return (by_network, Vec::new());
        };
        let own = self.from.address.is_none_or(|own| own.is_ipv6() != address.is_ipv6());
        if own || self.brought || seen.is_ipv6() != address.is_ipv6() {
            return (by_network, Vec::new());
        }
        // Where the packet was rewritten on the node that answers, its answer may carry a mark.
        let rewritten = self.from.node.is_none() && self.query_address().is_none_or(|(asked, _)| asked != address);
        let out = self
            .inside(to, seen.is_ipv6())
            .filter(|_| !rewritten)
            .zip(self.guest(to))
            .map(|(inside, guest)| inside.leave(&guest, seen, None, &Mark::None));
        let stays = out.as_ref().is_some_and(|out| out.stays);
        let back_in = self
            .inside(&self.from, address.is_ipv6())
            .zip(self.guest(&self.from))
            .map(|(inside, guest)| inside.arrive(&guest, address, !stays))
            .filter(|_| !stays);
        let demux = self.early_demux(to, (address, seen), out.as_ref());
        let own = |passed: &Option<Passed>| passed.as_ref().is_some_and(|passed| !passed.steps.is_empty());
        if !own(&out) && !own(&back_in) && demux.is_none() {
            return (by_network, Vec::new());
        }
        let mut next = Vec::new();
        let mut steps: Vec<Step> = Vec::new();
        let mut add = |passed: Option<Passed>, steps: &mut Vec<Step>| {
            let passed = passed.unwrap_or_default();
            if !is_stopped(steps) {
                next.extend(passed.next);
                steps.extend(passed.steps);
            }
        };
        add(out, &mut steps);
        if let Some((step, asks)) = demux {
            let asks = asks.into_iter().collect();
            let demux = Passed {
                steps: vec![step],
                next: asks,
                ..Passed::default()
            };
            add(Some(demux), &mut steps);
        }
        if !stays && !is_stopped(&steps) {
            match by_network {
                Some(back) => steps.extend(back.steps),
                None => steps.push(carries_back()),
            }
        }
        add(back_in, &mut steps);
        let back = Return {
            verdict: Verdict::all(steps.iter().map(|step| step.verdict)),
            reason: steps
                .iter()
                .find(|step| step.verdict == Verdict::Blocked)
                .and_then(|step| step.reason),
            steps,
        };
        (Some(back), next)
    }

    /// Between two ends of one node, where one is behind a branch of the trunk and the node's routes were not pasted.
    fn beside_branch(&self, to: &Place, packet: (IpAddr, IpAddr)) -> Option<Passed> {
        let node = self.from.node.as_deref().filter(|_| self.is_beside(to))?;
        let (branch, out) = match (self.branch(&self.from), self.branch(to)) {
            (Some(branch), _) => (branch, true),
            (None, Some(branch)) => (branch, false),
            (None, None) => return None,
        };
        Some(branch::beside(self.model, node, &branch, packet, out))
    }

    fn branch(&self, place: &Place) -> Option<Branch> {
        let (namespace, name) = place.pod.as_ref()?;
        Branch::of(self.model.get("Pod", namespace, name)?)
    }

    /// What the node makes of the answer of a pod behind a branch to the node's own connection, where that is forwarded.
    fn early_demux(&self, to: &Place, packet: (IpAddr, IpAddr), out: Option<&Passed>) -> Option<(Step, Option<Next>)> {
        let own = self.guest(&self.from).is_some_and(|guest| guest.host);
        if !own || !self.is_beside(to) || self.query.protocol != Protocol::Tcp {
            return None;
        }
        self.branch(to)?;
        let forwarded = match out {
            Some(out) => out.by.is_some(),
            None => branch::mode(self.model).strict,
        };
        forwarded.then(|| branch::early_demux(self.model, to.node.as_deref().unwrap_or_default(), packet))
    }

    fn inside(&self, place: &Place, six: bool) -> Option<Inside<'_>> {
        Inside::new(self.model, place.node.as_deref()?, six)
    }

    /// Whether both ends are on one node.
    fn is_beside(&self, to: &Place) -> bool {
        self.from.node.is_some() && self.from.node == to.node
    }

    fn guest<'p>(&self, place: &'p Place) -> Option<Guest<'p>> {
        let address = place.address?;
        let node = place.node.as_deref()?;
        let workload = place.workload.and_then(|at| self.matrix.workloads.get(at));
        let own = self
            .model
            .get("Node", "", node)
            .is_some_and(|node| Node(node).internal_ips().iter().any(|ip| ip.value == address));
        let host = place.pod.is_none()
            || workload.is_some_and(|workload| workload.host_network == Some(true))
            || own
            || ip_in_name(node) == Some(address);
        Some(Guest {
            name: &place.name,
            address,
            host,
            evidence: &place.evidence,
        })
    }

    /// The address and the port that were asked for, before anything rewrites them.
    fn query_address(&self) -> Option<(IpAddr, u16)> {
        let six = self.from.address.is_some_and(|address| address.is_ipv6());
        match &self.query.to {
            Endpoint::Service { namespace, name, port } => {
                let service = Service(self.model.get("Service", namespace, name)?);
                let addresses = service.cluster_addresses();
                let own = addresses.iter().find(|address| address.value.is_ipv6() == six)?;
                Some((own.value, *port))
            }
            to => {
                let place = Place::of(self.model, self.matrix, to)?;
                Some((place.address?, place.port?))
            }
        }
    }

    fn first_packet(&self, source: IpAddr, to: &Place) -> Option<Packet> {
        let protocol = match self.query.protocol {
            Protocol::Tcp => "tcp",
            Protocol::Udp => "udp",
            Protocol::Sctp => "sctp",
            Protocol::Icmp | Protocol::IpIp => return None,
        };
        let (address, port) = self.query_address().or_else(|| to.address.zip(to.port))?;
        (address.is_ipv6() == source.is_ipv6()).then(|| Packet::new(source, address, port, protocol))
    }

    /// Whether an address is outside of the VPC, where that is known.
    fn is_outside(&self, to: &Place, destination: IpAddr) -> Option<bool> {
        if to.node.is_some() {
            return Some(false);
        }
        let source = self.from.address?;
        if let [from] = *self.network.interfaces_at(source)
            && let Ok((outside, _)) = self.network.is_outside(from, Address::Ip(destination))
        {
            return Some(outside);
        }
        Address::Ip(destination).is_global().then_some(true)
    }
}

fn is_stopped(steps: &[Step]) -> bool {
    steps.iter().any(|step| step.verdict == Verdict::Blocked)
}

fn carries_back() -> Step {
    let actor = Actor {
        id: "node:the network".to_owned(),
        kind: ActorKind::Other,
        name: "the network".to_owned(),
        details: Vec::new(),
        zones: Vec::new(),
    };
    let mut step = Step::new(actor, "carries the answer back", Verdict::Assumed);
    step.note =
        Some("Security groups let answers pass; network ACLs and routes between the ends were not pasted.".to_owned());
    step
}
