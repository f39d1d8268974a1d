//! Ways from networks: to the control plane's interfaces in the VPC, and out through gateways to the public endpoint.

use std::net::IpAddr;

use super::{PORT, Way, conclude, one};
use crate::flow::packet_path::vpc::packet::{Address, Packet};
use crate::flow::packet_path::vpc::{Mouth, Start};
use crate::flow::packet_path::{Endpoint, Protocol, Query, cluster, elb, end, vpc};
use crate::flow::{Actor, Flow, Outcome, Verdict};

impl Way<'_, '_, '_> {
    /// From a VPC to the public endpoint: out through its gateways, and with their addresses.
    pub(super) fn over_the_internet(&mut self) -> Outcome {
        let mut steps = vec![self.looks_up(false)];
        let to = self.answers.of(false).next().map(|fact| fact.value);
        let Some(mut leg) = self.out(to) else {
            self.ask(
                "aws ec2 describe-network-interfaces".to_owned(),
                "The way out of the VPC, and the public address that the packet has then, decide.",
            );
            steps.push(self.step(
                self.client(),
                "goes out to the Internet, if its network lets it",
                Verdict::Unknown,
            ));
            steps.push(self.lets_in(None));
            return conclude(steps);
        };
        if let (Some(first), Some(own)) = (steps.first_mut(), leg.steps.first())
            && elb::is_client(&own.actor)
        {
            first.actor = own.actor.clone();
        }
        let source = leg.source_seen.as_deref().and_then(|source| source.parse().ok());
        steps.append(&mut leg.steps);
        let stops = steps.iter().any(|step| step.verdict == Verdict::Blocked);
        if !stops {
            steps.push(self.lets_in(source));
        }
        let mut outcome = conclude(steps);
        outcome.source_seen = leg.source_seen.filter(|_| outcome.verdict != Verdict::Blocked);
        if let Some(back) = leg.back {
            if back.verdict == Verdict::Blocked && outcome.verdict != Verdict::Blocked {
                outcome.reason = back.reason;
            }
            outcome.verdict = outcome.verdict.max(back.verdict);
            outcome.back = Some(back);
        }
        outcome
    }

    /// The way out of the caller's network.
    fn out(&mut self, to: Option<IpAddr>) -> Option<Outcome> {
        let from = match &self.query.from {
            Endpoint::Pod { .. } | Endpoint::Node { .. } => {
                let to = to.map_or(Endpoint::Internet, |address| Endpoint::Ip {
                    address,
                    port: Some(PORT),
                });
                let flow = cluster::between(self.model, &self.asking(to))?;
                return self.taken(flow);
            }
            Endpoint::Instance { id, .. } => self.network.interface_of(id)?,
            Endpoint::Interface { id, .. } => self.network.interface_by_id(id)?,
            Endpoint::Ip { address, .. } => match self.network.interfaces_at(*address).as_slice() {
                [only] => *only,
                _ => return None,
            },
            _ => return None,
        };
        let source = match &self.query.from {
            Endpoint::Ip { address, .. } => *address,
            _ => self.network.address_of(from)?,
        };
        let to = to.map_or(Address::Internet, Address::Ip);
        let packet = Packet::new(Address::Ip(source), to, Protocol::Tcp, Some(PORT));
        let travelled = self.network.travel(&packet, Start::Interface(from));
        for next in travelled.next {
            self.ask(next.command, &next.why);
        }
        let mut outcome = Outcome::new("", 1.0, travelled.verdict);
        outcome.steps = travelled.steps;
        outcome.reason = travelled.reason;
        outcome.source_seen = travelled.source_seen;
        outcome.back = travelled.back;
        Some(outcome)
    }

    fn asking(&self, to: Endpoint) -> Query {
        Query {
            from: self.query.from.clone(),
            to,
            protocol: Protocol::Tcp,
            at: self.query.at.clone(),
        }
    }

    /// The only way of somebody's answer.
    fn taken(&mut self, flow: Flow) -> Option<Outcome> {
        for next in flow.next {
            self.ask(next.command, &next.why);
        }
        flow.outcomes.into_iter().next()
    }

    /// To the interfaces that the control plane has in the VPC.
    pub(super) fn interfaces(&mut self) -> Vec<Outcome> {
        let name = self.cluster.name().unwrap_or_default();
        let description = format!("Amazon EKS {name}");
        let mouths = self.network.described_as(|words| words == description);
        if mouths.is_empty() {
            self.ask(
                format!("aws ec2 describe-network-interfaces --filters 'Name=description,Values={description}'"),
                "The control plane's interfaces in the VPC, and their security groups, decide.",
            );
            let lost = self.step(self.client(), "connects, if the network lets it", Verdict::Unknown);
            return vec![one("not known", vec![self.looks_up(true), lost])];
        }
        let count = mouths.len();
        let mut found: Vec<(Outcome, Vec<String>)> = Vec::new();
        for mouth in &mouths {
            let outcome = self.one_interface(mouth, count);
            let place = mouth.zone.clone().unwrap_or_else(|| mouth.subnet.clone());
            let is_like = |other: &Outcome| {
                let words = |outcome: &Outcome| {
                    let all = outcome
                        .steps
                        .iter()
                        .chain(outcome.back.iter().flat_map(|back| &back.steps));
                    all.filter(|step| step.verdict == Verdict::Blocked)
                        .map(|step| step.action.clone())
                        .next()
                };
                (other.verdict, other.reason, words(other)) == (outcome.verdict, outcome.reason, words(&outcome))
            };
            if let Some((known, places)) = found.iter_mut().find(|(known, _)| is_like(known)) {
                known.share += outcome.share;
                places.push(place);
            } else {
                found.push((outcome, vec![place]));
            }
        }
        let several = found.len() > 1;
        let mut outcomes: Vec<Outcome> = found
            .into_iter()
            .map(|(mut outcome, places)| {
                if several {
                    outcome.label = format!("to the interface in {}", places.join(", "));
                }
                outcome
            })
            .collect();
        outcomes.sort_by_key(|outcome| std::cmp::Reverse(outcome.verdict));
        outcomes
    }

    fn one_interface(&mut self, mouth: &Mouth, count: usize) -> Outcome {
        let to = Endpoint::Ip {
            address: mouth.private,
            port: Some(PORT),
        };
        let asking = self.asking(to);
        let flow = match &self.query.from {
            Endpoint::Pod { .. } | Endpoint::Node { .. } => cluster::between(self.model, &asking),
            _ => vpc::between(self.model, &asking),
        };
        let mut first = self.looks_up(true);
        if first.evidence.is_empty() {
            first.verdict = Verdict::Passes;
            first.evidence = vec![mouth.evidence.clone()];
        }
        first.after = vec![("src", self.query.from.to_string()), ("dst", end(mouth.private, PORT))];
        let share = 1.0 / f64::from(u32::try_from(count.max(1)).unwrap_or(u32::MAX));
        let Some(mut outcome) = flow.and_then(|flow| self.taken(flow)) else {
            let lost = self.step(self.client(), "connects, if the network lets it", Verdict::Unknown);
            let mut outcome = one("not known", vec![first, lost]);
            outcome.share = share;
            return outcome;
        };
        if let Some(own) = outcome.steps.first().filter(|step| elb::is_client(&step.actor)) {
            first.actor = own.actor.clone();
        }
        outcome.steps.insert(0, first);
        outcome.share = share;
        let server = Actor {
            zones: mouth.actor.zones.clone(),
            details: self
                .cluster
                .name()
                .into_iter()
                .chain([mouth.private.to_string()])
                .collect(),
            ..self.server()
        };
        let back = outcome.back.iter_mut().flat_map(|back| back.steps.iter_mut());
        for step in outcome.steps.iter_mut().chain(back) {
            if step.actor.id == mouth.actor.id {
                step.actor = server.clone();
            }
        }
        outcome
    }
}
