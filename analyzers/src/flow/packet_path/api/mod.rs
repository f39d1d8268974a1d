//! The endpoint of a cluster's API server as an end: public, private, or both.
//!
//! Its name leads to public addresses while public access is on, except in the cluster's own VPC while private access is on; it leads to the
//! addresses of the control plane's interfaces in the VPC otherwise (EKS User Guide, "Cluster API server endpoint"). Who may use the public endpoint
//! `publicAccessCidrs` says; who may use the private one, the security groups of those interfaces and the network before them.

mod known;
mod propose;
#[cfg(test)]
mod tests;

use std::net::IpAddr;

use self::known::{Answers, Caller};
use super::vpc::packet::{Address, Packet};
use super::vpc::{Mouth, Network, Start};
use super::{Endpoint, Protocol, Query, cluster, vpc};
use crate::evidence::Evidence;
use crate::flow::{Actor, ActorKind, Check, Details, Flow, FlowKind, Next, Outcome, Reason, Step, Verdict};
use crate::model::Model;
use crate::model::aws::eks::{self, Cluster};

pub use propose::{Attempt, attempts, propose};

/// The port of the endpoint.
const PORT: u16 = 443;

/// The path to a cluster's API server; `None` where this is not such a question.
pub fn between(model: &Model<'_>, query: &Query) -> Option<Flow> {
    let clusters = model.clusters();
    let found = match &query.to {
        Endpoint::Api { cluster: Some(name) } => clusters.into_iter().find(|own| own.name().as_ref() == Some(name)),
        Endpoint::Api { cluster: None } => match clusters.as_slice() {
            [only] => Some(only.clone()),
            _ => None,
        },
        Endpoint::Host { name, .. } => {
            let host = name.trim_end_matches('.').to_ascii_lowercase();
            let own = clusters
                .into_iter()
                .find(|own| own.host().is_some_and(|own| own.value == host));
            if own.is_none() && !eks::is_api_host(name) {
                return None;
            }
            own
        }
        _ => return None,
    };
    let Some(cluster) = found else {
        return Some(not_described(query));
    };
    let way = Way {
        model,
        query,
        network: Network::new(model),
        answers: Answers::new(model, &cluster),
        cluster,
        next: Vec::new(),
    };
    Some(way.flow())
}

fn not_described(query: &Query) -> Flow {
    let name = match &query.to {
        Endpoint::Api { cluster: Some(name) } => name,
        _ => "CLUSTER",
    };
    Flow {
        kind: FlowKind::PacketPath,
        title: format!("{} → {}", query.from, query.to),
        subtitle: "the cluster was not pasted".to_owned(),
        verdict: Verdict::Unknown,
        outcomes: Vec::new(),
        next: vec![Next {
            command: format!("aws eks describe-cluster --name {name}"),
            decides: vec!["CP-001".to_owned()],
            why: "Whether its endpoint is public, and for whom, decides.".to_owned(),
        }],
        details: Details::PacketPath(super::Details::default()),
    }
}

/// A question for the way to an API server.
struct Way<'q, 'm, 'a> {
    model: &'m Model<'a>,
    query: &'q Query,
    network: Network<'a>,
    cluster: Cluster<'a>,
    answers: Answers,
    next: Vec<Next>,
}

impl Way<'_, '_, '_> {
    fn ask(&mut self, command: String, why: &str) {
        if self.next.iter().all(|next| next.command != command) {
            self.next.push(Next {
                command,
                decides: vec!["CP-001".to_owned()],
                why: why.to_owned(),
            });
        }
    }

    fn flow(mut self) -> Flow {
        let outcomes = self.outcomes();
        let verdict = Verdict::all(outcomes.iter().map(|outcome| outcome.verdict));
        let access = match (self.is_public(), self.is_private()) {
            (Some(true), Some(true)) => "public and private endpoint",
            (Some(true), Some(false)) => "public endpoint",
            (Some(false), Some(true)) => "private endpoint",
            _ => "endpoint",
        };
        Flow {
            kind: FlowKind::PacketPath,
            title: format!("{} → {}", self.query.from, self.query.to),
            subtitle: format!("TCP {PORT} · {access}"),
            verdict: if outcomes.is_empty() { Verdict::Unknown } else { verdict },
            outcomes,
            next: self.next,
            details: Details::PacketPath(super::Details::default()),
        }
    }

    fn is_public(&self) -> Option<bool> {
        self.cluster.public_access().map(|fact| fact.value)
    }

    fn is_private(&self) -> Option<bool> {
        self.cluster.private_access().map(|fact| fact.value)
    }

    fn outcomes(&mut self) -> Vec<Outcome> {
        let caller = known::caller(&self.network, self.query, &self.cluster);
        let (Some(public), Some(private)) = (self.is_public(), self.is_private()) else {
            let name = self.cluster.name().unwrap_or_else(|| "CLUSTER".to_owned());
            self.ask(
                format!("aws eks describe-cluster --name {name}"),
                "Whether the endpoint is public, private or both was not pasted.",
            );
            let step = self.step(self.server(), "may be public or private", Verdict::Unknown);
            return vec![one("not known", vec![step])];
        };
        match (caller, public, private) {
            (Caller::NotKnown { command, why }, ..) => {
                self.ask(command, &why);
                let step = self.step(
                    self.client(),
                    "may be in the cluster's VPC, or elsewhere: that decides which addresses the name leads to",
                    Verdict::Unknown,
                );
                vec![one("not known", vec![step])]
            }
            (Caller::Outside(address), false, _) => vec![self.shut_out(address)],
            (Caller::Outside(address), true, _) => vec![self.from_outside(address)],
            (Caller::Inside, _, true) | (Caller::Elsewhere, false, true) => self.to_interfaces(),
            (Caller::Inside | Caller::Elsewhere, true, _) => vec![self.over_the_internet()],
            (_, false, false) => {
                let step = self.step(
                    self.server(),
                    "is neither public nor private, says the answer",
                    Verdict::Unknown,
                );
                vec![one("not known", vec![step])]
            }
        }
    }

    // ---- who acts

    fn client(&self) -> Actor {
        Actor {
            id: format!("client:{}", self.query.from),
            kind: ActorKind::Other,
            name: self.query.from.to_string(),
            details: Vec::new(),
            zones: Vec::new(),
        }
    }

    fn server(&self) -> Actor {
        let name = self.cluster.name();
        Actor {
            id: "api".to_owned(),
            kind: ActorKind::Server,
            name: "API server".to_owned(),
            details: name.into_iter().collect(),
            zones: Vec::new(),
        }
    }

    fn host(&self) -> String {
        let host = self.cluster.host().map(|host| host.value);
        let host = host.or_else(|| self.cluster.name());
        format!("{}:{PORT}", host.unwrap_or_else(|| "the endpoint".to_owned()))
    }

    fn step(&self, actor: Actor, action: impl Into<String>, verdict: Verdict) -> Step {
        let mut step = Step::new(actor, action, verdict);
        step.before = vec![("src", self.query.from.to_string()), ("dst", self.host())];
        step
    }

    // ---- the ways

    /// The client finds the addresses of the name.
    fn looks_up(&self, private: bool) -> Step {
        let kind = if private { "private" } else { "public" };
        let told: Vec<_> = self.answers.of(private).collect();
        let mut step = self.step(
            self.client(),
            format!("looks the name up, which leads to {kind} addresses"),
            Verdict::Assumed,
        );
        let to = match told.as_slice() {
            [] => format!("a {kind} address of the endpoint"),
            all => all
                .iter()
                .map(|fact| fact.value.to_string())
                .collect::<Vec<_>>()
                .join(", "),
        };
        step.after = vec![("src", self.query.from.to_string()), ("dst", to)];
        if told.is_empty() {
            step.note = Some(format!(
                "{} (EKS User Guide, \"Cluster API server endpoint\").",
                if private {
                    "With private access the name leads to the control plane's interfaces in the VPC"
                } else {
                    "With public access the name leads to public addresses, but for who is in a VPC with private access"
                }
            ));
        } else {
            step.verdict = Verdict::Passes;
            step.seen = true;
            step.evidence = super::joined(told.into_iter().map(|fact| fact.evidence.clone()));
        }
        step
    }

    /// From outside, where public access is off.
    fn shut_out(&mut self, address: Option<IpAddr>) -> Outcome {
        let steps = vec![self.looks_up(true), self.closed(address)];
        // The name led to public addresses: what was pasted is of another time.
        if self.answers.of(true).next().is_none() && self.answers.of(false).next().is_some() {
            let name = self.cluster.name().unwrap_or_else(|| "CLUSTER".to_owned());
            self.ask(
                format!("aws eks describe-cluster --name {name}"),
                "The name led to public addresses, and public access is off: one of both was printed at another time.",
            );
            let mut steps = vec![self.looks_up(false), self.closed(address)];
            if let Some(last) = steps.last_mut() {
                last.verdict = Verdict::Unknown;
                last.reason = None;
                last.note = Some(
                    "And yet the name led to public addresses: one of both was printed at another time.".to_owned(),
                );
            }
            return one("not known", steps);
        }
        one("stopped: endpoint-private", steps)
    }

    fn closed(&self, address: Option<IpAddr>) -> Step {
        let who = address.map_or_else(|| "the Internet".to_owned(), |address| address.to_string());
        let mut step = self.step(
            self.server(),
            format!("is private: there is no way from {who} to its addresses in the VPC"),
            Verdict::Blocked,
        );
        step.reason = Some(Reason::EndpointPrivate);
        step.evidence = self
            .cluster
            .public_access()
            .into_iter()
            .chain(self.cluster.private_access())
            .map(|fact| fact.evidence)
            .collect();
        step.note = Some(
            "Who is joined to the VPC, by a VPN, a peering connection or a machine in it, asks from a private address."
                .to_owned(),
        );
        step
    }

    /// From outside, where public access is on.
    fn from_outside(&mut self, address: Option<IpAddr>) -> Outcome {
        if self.answers.of(false).next().is_none() && self.answers.of(true).next().is_some() {
            let host = self.host();
            let host = host.trim_end_matches(":443");
            self.ask(
                format!("dig +short {host} @1.1.1.1"),
                "The name led to private addresses, which the Internet carries nothing to: a resolver of the VPC answered, or one of what was \
                 pasted is of another time.",
            );
            let mut lost = self.step(self.client(), "connects to a private address", Verdict::Unknown);
            lost.note =
                Some("Public access is on; outside of the VPC the name should lead to public addresses.".to_owned());
            return one("not known", vec![self.looks_up(true), lost]);
        }
        let mut steps = vec![self.looks_up(false)];
        steps.push(self.lets_in(address));
        conclude(steps)
    }

    /// What the public endpoint makes of a source.
    fn lets_in(&mut self, source: Option<IpAddr>) -> Step {
        let who = source.map_or_else(|| "the caller".to_owned(), |source| source.to_string());
        let Some(blocks) = self.cluster.allowed() else {
            let name = self.cluster.name().unwrap_or_else(|| "CLUSTER".to_owned());
            self.ask(
                format!("aws eks describe-cluster --name {name} --query cluster.resourcesVpcConfig"),
                "Which addresses may use the public endpoint was not pasted.",
            );
            return self.step(self.server(), format!("may let {who} in"), Verdict::Unknown);
        };
        let all: Vec<String> = blocks.iter().map(|block| block.value.to_string()).collect();
        let evidence: Vec<Evidence> = blocks.iter().map(|block| block.evidence.clone()).collect();
        let mut step = match eks::covers(&blocks, source) {
            Some(true) => {
                let by = blocks
                    .iter()
                    .filter(|block| {
                        block.value.is_everything() || source.is_some_and(|source| block.value.contains(source))
                    })
                    .map(|block| block.value.to_string())
                    .next();
                self.step(
                    self.server(),
                    format!("lets {who} in: publicAccessCidrs has {}", by.unwrap_or_default()),
                    Verdict::Passes,
                )
            }
            Some(false) => {
                let mut step = self.step(
                    self.server(),
                    format!("drops what {who} sends: publicAccessCidrs has {}", all.join(", ")),
                    Verdict::Blocked,
                );
                step.reason = Some(Reason::CidrNotAllowed);
                step.checks.push(Check {
                    what: "publicAccessCidrs".to_owned(),
                    has_label: "the caller is".to_owned(),
                    has: Some(who),
                    wants_label: "let in".to_owned(),
                    wants: all,
                    verdict: Verdict::Blocked,
                    evidence: evidence.clone(),
                });
                step
            }
            None => {
                self.ask(
                    "curl -s https://checkip.amazonaws.com".to_owned(),
                    "The public address of the caller decides whether publicAccessCidrs lets it in.",
                );
                self.step(
                    self.server(),
                    format!("lets in who is in publicAccessCidrs: {}", all.join(", ")),
                    Verdict::Unknown,
                )
            }
        };
        step.evidence = evidence;
        step
    }

    /// From a VPC to the public endpoint: out through its gateways, and with their addresses.
    fn over_the_internet(&mut self) -> Outcome {
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
    fn to_interfaces(&mut self) -> Vec<Outcome> {
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
            let outcome = self.to_interface(mouth, count);
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

    fn to_interface(&mut self, mouth: &Mouth, count: usize) -> Outcome {
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
        first.after = vec![
            ("src", self.query.from.to_string()),
            ("dst", super::end(mouth.private, PORT)),
        ];
        let share = 1.0 / f64::from(u32::try_from(count.max(1)).unwrap_or(u32::MAX));
        let Some(mut outcome) = flow.and_then(|flow| self.taken(flow)) else {
            let lost = self.step(self.client(), "connects, if the network lets it", Verdict::Unknown);
            let mut outcome = one("not known", vec![first, lost]);
            outcome.share = share;
            return outcome;
        };
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

/// A way of these steps.
fn one(label: &str, steps: Vec<Step>) -> Outcome {
    let mut outcome = conclude(steps);
    label.clone_into(&mut outcome.label);
    outcome
}

fn conclude(steps: Vec<Step>) -> Outcome {
    let mut outcome = Outcome::new("", 1.0, Verdict::all(steps.iter().map(|step| step.verdict)));
    let stop = steps.iter().find(|step| step.verdict == Verdict::Blocked);
    outcome.reason = stop.and_then(|step| step.reason);
    outcome.label = match outcome.reason {
        Some(reason) => format!("stopped: {}", reason.code()),
        None if outcome.verdict == Verdict::Unknown => "not known to the end".to_owned(),
        None => "to the API server".to_owned(),
    };
    outcome.steps = steps;
    outcome
}
