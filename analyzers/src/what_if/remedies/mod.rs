//! Which single change would open a way that stops: each candidate is tried, and only what leads the packet further is offered.

mod api;
mod balancer;
mod cluster;
mod filters;
mod routes;

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};

use serde_json::json;

use super::{Change, assume, mark};
use crate::analysis::Analysis;
use crate::artifact::Node;
use crate::evidence::Evidence;
use crate::flow::packet_path::{self, Protocol, Query, Question};
use crate::flow::{Details, Flow, Outcome, Reason, Step, Verdict};
use crate::model::Model;

/// No more candidates are tried: each is a path that is computed.
const TRIED: usize = 16;
/// No more are offered.
const OFFERED: usize = 6;
/// No more places at which ways stop are looked at.
const STOPS: usize = 3;

/// A change that leads the packet further.
#[derive(Debug, Clone, PartialEq)]
pub struct Remedy {
    /// What is assumed.
    pub change: Change,
    /// The command that makes it so, where there is one that fits on a line.
    pub command: Option<String>,
    /// What becomes of the path.
    pub verdict: Verdict,
    /// Where it stops then, where it does.
    pub reason: Option<Reason>,
}

/// A change that is worth a try.
struct Candidate {
    change: Change,
    command: Option<String>,
}

/// What would open a path that stops, over the changes that are made already: what opens it comes first, what only leads further last.
pub fn remedies(analysis: &mut Analysis, flow: &Flow, changes: &[Change]) -> Vec<Remedy> {
    if flow.verdict != Verdict::Blocked {
        return Vec::new();
    }
    let candidates = assume(analysis, changes, |model, _| candidates(model, flow)).unwrap_or_default();
    let before = progress(flow);
    let mut seen = BTreeSet::new();
    let mut all: Vec<Remedy> = Vec::new();
    for Candidate { change, command } in candidates {
        if !seen.insert((change.artifact, change.pointer.clone(), change.words.clone())) {
            continue;
        }
        if seen.len() > TRIED || all.len() >= OFFERED {
            break;
        }
        let mut with = changes.to_vec();
        with.push(change.clone());
        let after = assume(analysis, &with, |model, made| {
            packet_path::again(model, flow).map(|after| mark::mark(after, flow, made))
        });
        let Ok(Some(after)) = after else { continue };
        if progress(&after) > before {
            let stopped = after
                .outcomes
                .iter()
                .find(|outcome| outcome.verdict == Verdict::Blocked);
            all.push(Remedy {
                change,
                command,
                verdict: after.verdict,
                reason: stopped.and_then(|outcome| outcome.reason),
            });
        }
    }
    // What opens it is what was asked; else what is not known is better than what is known to stop.
    if all.iter().any(|remedy| remedy.verdict < Verdict::Unknown) {
        all.retain(|remedy| remedy.verdict < Verdict::Unknown);
    }
    all.sort_by_key(|remedy| remedy.verdict);
    all
}

/// How far a path leads: fewer ways that stop are further, then more steps before the first of them does.
fn progress(flow: &Flow) -> (isize, usize) {
    let stopped: Vec<&Outcome> = flow
        .outcomes
        .iter()
        .filter(|outcome| outcome.verdict == Verdict::Blocked)
        .collect();
    let steps = stopped.first().map_or(usize::MAX, |outcome| {
        let all = outcome
            .steps
            .iter()
            .chain(outcome.back.iter().flat_map(|back| &back.steps));
        all.take_while(|step| step.verdict != Verdict::Blocked).count()
    });
    let count = isize::try_from(stopped.len()).unwrap_or(isize::MAX);
    (-count, steps)
}

/// A place at which a way stops.
struct Stop<'f> {
    step: &'f Step,
    /// All steps of the way before it, the last one first.
    before: Vec<&'f Step>,
    /// Whether it is the answer that stops.
    is_answer: bool,
    reason: Reason,
    query: Option<&'f Query>,
}

/// An end of a packet.
#[derive(Debug, Clone, Copy)]
struct Side {
    address: Option<IpAddr>,
    port: Option<u16>,
}

impl Stop<'_> {
    fn side(&self, name: &str) -> Side {
        let value = self
            .step
            .before
            .iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value);
        let value = value.map(String::as_str).unwrap_or_default();
        if let Ok(socket) = value.parse::<SocketAddr>() {
            return Side {
                address: Some(socket.ip()),
                port: Some(socket.port()),
            };
        }
        let bare = value.trim_start_matches('[').trim_end_matches(']');
        Side {
            address: bare.parse().ok(),
            port: None,
        }
    }

    fn protocol(&self) -> Protocol {
        self.query.map(|query| query.protocol).unwrap_or_default()
    }

    /// The documents' values that the step rests on.
    fn places(&self) -> impl Iterator<Item = (&crate::artifact::ArtifactId, &str)> {
        places(&self.step.evidence)
    }
}

fn places(evidence: &[Evidence]) -> impl Iterator<Item = (&crate::artifact::ArtifactId, &str)> {
    evidence.iter().filter_map(|evidence| match evidence {
        Evidence::Node { artifact, pointer } => Some((artifact, pointer.as_str())),
        Evidence::Text(_) => None,
    })
}

fn stops(flow: &Flow) -> Vec<Stop<'_>> {
    let query = match &flow.details {
        Details::PacketPath(details) => match &details.question {
            Some(Question::Ends(query)) => Some(query),
            _ => None,
        },
        _ => None,
    };
    let mut seen = BTreeSet::new();
    let mut stops = Vec::new();
    for outcome in flow
        .outcomes
        .iter()
        .filter(|outcome| outcome.verdict == Verdict::Blocked)
    {
        let back = outcome
            .back
            .as_ref()
            .map(|back| back.steps.as_slice())
            .unwrap_or_default();
        let all: Vec<&Step> = outcome.steps.iter().chain(back).collect();
        let Some(at) = all.iter().position(|step| step.verdict == Verdict::Blocked) else {
            continue;
        };
        let Some(step) = all.get(at) else { continue };
        let Some(reason) = step.reason.or(outcome.reason) else {
            continue;
        };
        if seen.insert((step.actor.id.clone(), reason)) {
            stops.push(Stop {
                step,
                before: all.iter().take(at).rev().copied().collect(),
                is_answer: at >= outcome.steps.len(),
                reason,
                query,
            });
        }
    }
    stops.truncate(STOPS);
    stops
}

fn candidates(model: &Model<'_>, flow: &Flow) -> Vec<Candidate> {
    let mut all = Vec::new();
    for stop in stops(flow) {
        all.extend(match stop.reason {
            Reason::SgEgress => filters::security_groups(model, &stop, true),
            Reason::SgIngress => filters::security_groups(model, &stop, false),
            Reason::NaclEgress => filters::network_acl(model, &stop, true),
            Reason::NaclIngress => filters::network_acl(model, &stop, false),
            Reason::NoRoute | Reason::BlackholeRoute | Reason::PeeringMissing => routes::routes(model, &stop),
            Reason::NoPublicAddress => routes::to_the_internet(model, &stop),
            Reason::SourceDestCheck => routes::source_dest_check(model, &stop),
            Reason::State => routes::state(model, &stop),
            Reason::PolicyEgress => cluster::policies(model, &stop, true),
            Reason::PolicyIngress => cluster::policies(model, &stop, false),
            Reason::NoLocalEndpoint => cluster::service(model, &stop),
            Reason::CidrNotAllowed => {
                let mut all = cluster::service(model, &stop);
                all.extend(api::endpoint(model, &stop));
                all
            }
            Reason::EndpointPrivate => api::endpoint(model, &stop),
            Reason::Hairpin | Reason::Asymmetric => balancer::preserve_client_ip(model, &stop),
            Reason::TargetAzDisabled | Reason::NoTarget => balancer::cross_zone(model, &stop),
            Reason::TargetUnhealthy => balancer::healthy(model, &stop),
            _ => Vec::new(),
        });
    }
    all
}

/// A change at a node, below which `rest` leads.
fn at(node: &Node<'_>, rest: &str, value: serde_json::Value, words: String) -> Change {
    Change {
        artifact: node.artifact(),
        pointer: format!("{}{rest}", node.pointer()),
        value: Some(value.into()),
        words,
    }
}

/// The root of the document that a piece of evidence is in.
fn root<'a>(model: &Model<'a>, artifact: crate::artifact::ArtifactId) -> Option<Node<'a>> {
    Some(Node::root(artifact, model.artifacts.document(artifact)?))
}

/// The node at a pointer, or the last one on the way there.
fn reach<'a>(root: &Node<'a>, pointer: &str, most: usize) -> Node<'a> {
    let mut node = root.clone();
    for token in pointer.split('/').skip(1).take(most) {
        let name = token.replace("~1", "/").replace("~0", "~");
        let inner = match name.parse::<usize>() {
            Ok(number) => node.items().into_iter().nth(number),
            Err(_) => node.get(&name),
        };
        match inner {
            Some(inner) => node = inner,
            None => break,
        }
    }
    node
}

/// The whole of one address as a block.
fn block(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => format!("{address}/32"),
        IpAddr::V6(address) => format!("{address}/128"),
    }
}

/// Everybody, where an end is not one address.
fn block_or_all(side: Side) -> String {
    side.address.map_or_else(|| "0.0.0.0/0".to_owned(), block)
}

/// `CidrBlock` with the value, by the name that each kind of address has.
fn cidr(four: &str, six: &str, block: &str) -> (String, serde_json::Value) {
    let name = if block.contains(':') { six } else { four };
    (name.to_owned(), json!(block))
}

/// `TCP 443`.
fn packet(protocol: Protocol, port: Option<u16>) -> String {
    let name = protocol.name().unwrap_or("ICMP");
    match port {
        Some(port) => format!("{name} {port}"),
        None => name.to_owned(),
    }
}
