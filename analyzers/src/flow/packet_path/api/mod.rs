//! The endpoint of a cluster's API server as an end: public, private, or both.
//!
//! Its name leads to public addresses while public access is on, except in the cluster's own VPC while private access is on; it leads to the
//! addresses of the control plane's interfaces in the VPC otherwise (EKS User Guide, "Cluster API server endpoint"). Who may use the public endpoint
//! `publicAccessCidrs` says; who may use the private one, the security groups of those interfaces and the network before them.

mod inside;
mod known;
mod propose;
#[cfg(test)]
mod tests;

use std::net::IpAddr;

use self::known::{Answers, Caller};
use super::vpc::Network;
use super::{Endpoint, Query};
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
            (Caller::Outside(address), true, _) => vec![self.outsider(address)],
            (Caller::Inside, _, true) | (Caller::Elsewhere, false, true) => self.interfaces(),
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
    fn outsider(&mut self, address: Option<IpAddr>) -> Outcome {
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
