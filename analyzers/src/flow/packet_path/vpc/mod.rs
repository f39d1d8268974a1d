//! The network of AWS: which way a packet goes between interfaces, gateways and the outside, what filters it, and how its answer comes back.
//!
//! Where a document that decides was not pasted, the step is `unknown` and names the command that prints it. A filter that is unknown
//! does not end the way: what stops the packet behind it does so whatever the filter says. A router that is unknown does.

mod balancer;
mod block_public_access;
mod endpoint;
mod ends;
mod hop;
mod internet_gateway;
mod nat_gateway;
mod network;
mod network_acl;
mod outside;
pub mod packet;
mod peering;
mod prefix_list;
mod propose;
mod route_table;
mod security_group;
#[cfg(test)]
pub(super) mod tests;
mod transit_gateway;
mod travel;
mod vpn_gateway;
mod within;

use self::ends::{End, end};
use self::packet::{Address, Packet};
use self::travel::{At, Ended, Sender, Traveller};
use super::{Endpoint, Query};
use crate::evidence::Evidence;
use crate::flow::{Actor, ActorKind, Details, Flow, FlowKind, Next, Outcome, Reason, Return, Step, Verdict};
use crate::model::Model;

pub use balancer::Mouth;
pub use network::Network;
pub use propose::propose;

/// Where a packet begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// It leaves that interface (see [`Network::interface_by_id`] and its like).
    Interface(usize),
    /// It comes from the Internet.
    Internet,
    /// It comes from an address that no interface which was pasted has.
    Outside,
}

/// The way of a packet, and that of its answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Travelled {
    /// Its steps.
    pub steps: Vec<Step>,
    /// There and back.
    pub verdict: Verdict,
    /// Why it stops, there or back.
    pub reason: Option<Reason>,
    /// Where it arrives.
    pub ends_at: Option<String>,
    /// The interface that has it then.
    pub interface: Option<usize>,
    /// The source that the receiver sees.
    pub source_seen: Option<String>,
    /// Whether the source was rewritten.
    pub snat: bool,
    /// The way of the answer, where the packet arrives.
    pub back: Option<Return>,
    /// What to run to settle what is unknown.
    pub next: Vec<Next>,
}

impl<'a> Network<'a> {
    /// Whether an address is outside of an interface's VPC, and where its blocks stand.
    ///
    /// # Errors
    /// The command that prints the VPC's blocks, where they were not pasted.
    pub fn is_outside(&self, interface: usize, destination: Address) -> Result<(bool, Vec<Evidence>), String> {
        let vpc = self.interface(interface).map_or("", |interface| interface.vpc);
        let blocks = self.blocks(vpc);
        if blocks.is_empty() {
            return Err(format!("aws ec2 describe-vpcs --vpc-ids {vpc}"));
        }
        let inside = |ip| blocks.iter().any(|(block, _)| block.contains(ip));
        let outside = !destination.ip().is_some_and(inside);
        if outside && !self.has_all_blocks(vpc) {
            return Err(format!("aws ec2 describe-vpcs --vpc-ids {vpc}"));
        }
        Ok((outside, blocks.iter().map(|(_, evidence)| evidence.clone()).collect()))
    }

    /// Whether an interface takes packets of its own addresses alone, and where that stands; `None` where it was not pasted.
    pub fn checks_addresses(&self, interface: usize) -> Option<(bool, Evidence)> {
        self.interface(interface)?.source_dest_check()
    }

    /// The way of a packet from `start`, and of its answer.
    pub fn travel(&self, packet: &Packet, start: Start) -> Travelled {
        let (sender, at) = match start {
            Start::Interface(at) => (Sender::Interface(at), Some(At::Interface(at))),
            Start::Internet => (Sender::Nobody, Some(At::Internet)),
            Start::Outside => (Sender::NotKnown, None),
        };
        let mut there = Traveller::new(self, packet.clone(), sender);
        let at = at.or_else(|| there.comes_in());
        Self::concluded(packet, there, at, |there, start| self.answer(there, start))
    }

    /// Where a packet that is at a place ends, and what becomes of its answer.
    fn concluded<'n>(
        packet: &Packet,
        mut there: Traveller<'n, 'a>,
        at: Option<At<'a>>,
        answer: impl Fn(&Traveller<'n, 'a>, At<'a>) -> (Return, Vec<Next>),
    ) -> Travelled {
        let ended = at.map_or(Ended::Stopped, |at| there.travel(at));
        let source_seen = there.packet.source;
        let arrived = matches!(ended, Ended::Arrived(_));
        let ends_at = arrived.then(|| there.packet.end());
        let interface = match ended {
            Ended::Arrived(Some(At::Interface(at))) => Some(at),
            _ => None,
        };
        let mut back = None;
        let mut next = Vec::new();
        if let Ended::Arrived(Some(start)) = ended
            && there.verdict() != Verdict::Blocked
        {
            let answer = answer(&there, start);
            next = answer.1;
            back = Some(answer.0);
        }
        let mut verdict = there.verdict();
        let mut reason = there.reason();
        if let Some(back) = &back {
            verdict = Verdict::all([verdict, back.verdict]);
            reason = reason.or(back.reason);
        }
        let mut all = there.next;
        for one in next {
            if !all.iter().any(|known| known.command == one.command) {
                all.push(one);
            }
        }
        Travelled {
            verdict,
            reason: reason.filter(|_| verdict == Verdict::Blocked),
            snat: arrived && source_seen != packet.source,
            source_seen: arrived.then(|| source_seen.to_string()),
            ends_at,
            interface,
            back,
            next: all,
            steps: there.steps,
        }
    }

    fn answer(&self, there: &Traveller<'_, 'a>, start: At<'a>) -> (Return, Vec<Next>) {
        let sender = match start {
            At::Interface(at) => Sender::Interface(at),
            _ => Sender::Nobody,
        };
        let mut back = Traveller::new(self, there.packet.answered(), sender);
        back.session.clone_from(&there.translations);
        back.zone = there.zone;
        back.travel(start);
        back.into_return()
    }
}

/// The path between instances, interfaces, addresses and the Internet; `None` where this is not such a question, or nothing of its ends
/// was pasted.
pub fn between(model: &Model<'_>, query: &Query) -> Option<Flow> {
    let asks = |end: &Endpoint| {
        matches!(
            end,
            Endpoint::Instance { .. } | Endpoint::Interface { .. } | Endpoint::Ip { .. } | Endpoint::Internet
        )
    };
    if !asks(&query.from) || !asks(&query.to) {
        return None;
    }
    let network = Network::new(model);
    if network.is_empty() {
        return None;
    }
    let from = match end(&network, &query.from) {
        Ok(from) => from,
        Err(next) => return Some(unpasted(query, next)),
    };
    let to = match end(&network, &query.to) {
        Ok(to) => to,
        Err(next) => return Some(unpasted(query, next)),
    };
    let known = |end: &End| match end {
        End::Interface(..) => true,
        End::Internet => false,
        End::Address(ip) => !network.vpcs_at(*ip).is_empty() || !network.interfaces_at(*ip).is_empty(),
    };
    let from_internet = matches!(query.from, Endpoint::Internet);
    if !known(&from) && !known(&to) && !from_internet && !is_public_end(&network, &from, &to) {
        return None;
    }
    let (packet, start, stops) = ends::packet(&network, query, &from, &to);
    if let Some((at, hop)) = stops {
        return Some(flow(query, &packet, network.ends_here(&packet, at, hop)));
    }
    if let Start::Interface(at) = start {
        if let Some(own) = network.to_itself(&packet, at) {
            return Some(flow(query, &packet, own));
        }
        match network.to_service(model, query, &packet, at) {
            Some(Ok(flow)) => return Some(flow),
            Some(Err(here)) => return Some(flow(query, &packet, here)),
            None => {}
        }
        let pod = packet.destination.ip().filter(|ip| network.is_overlaid(model, at, *ip));
        if pod.is_some() {
            return Some(flow(query, &packet, network.overlaid(&packet, at)));
        }
    }
    Some(flow(query, &packet, network.travel(&packet, start)))
}

fn is_public_end(network: &Network<'_>, from: &End, to: &End) -> bool {
    [from, to].into_iter().any(|end| match end {
        End::Address(ip) => network.interface_by_public(*ip).is_some(),
        _ => false,
    })
}

fn flow(query: &Query, packet: &Packet, travelled: Travelled) -> Flow {
    let mut outcome = Outcome::new("", 1.0, travelled.verdict);
    outcome.label = match (&travelled.ends_at, travelled.reason) {
        (Some(end), None) => format!("to {end}"),
        (Some(_), Some(_)) => "the answer does not come back".to_owned(),
        (None, Some(reason)) => format!("stopped: {}", reason.code()),
        (None, None) => "not known to the end".to_owned(),
    };
    outcome.reason = travelled.reason;
    outcome.ends_at = travelled.ends_at;
    outcome.source_seen = travelled.source_seen;
    outcome.snat = travelled.snat;
    outcome.steps = travelled.steps;
    outcome.back = travelled.back;
    Flow {
        kind: FlowKind::PacketPath,
        title: format!("{} → {}", query.from, query.to),
        subtitle: packet.words(),
        verdict: outcome.verdict,
        outcomes: vec![outcome],
        next: travelled.next,
        details: Details::PacketPath(super::Details::of(query)),
    }
}

/// An end was not pasted.
fn unpasted(query: &Query, next: Next) -> Flow {
    let actor = Actor {
        id: "outside:the network".to_owned(),
        kind: ActorKind::Other,
        name: "the network".to_owned(),
        details: Vec::new(),
        zones: Vec::new(),
    };
    let mut outcome = Outcome::new("not known", 1.0, Verdict::Unknown);
    outcome.steps.push(Step::new(actor, next.why.clone(), Verdict::Unknown));
    Flow {
        kind: FlowKind::PacketPath,
        title: format!("{} → {}", query.from, query.to),
        subtitle: "an end of the way was not pasted".to_owned(),
        verdict: Verdict::Unknown,
        outcomes: vec![outcome],
        next: vec![next],
        details: Details::PacketPath(super::Details::of(query)),
    }
}
