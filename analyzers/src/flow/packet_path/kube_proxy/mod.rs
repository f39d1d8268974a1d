//! What kube-proxy makes of a packet at a node: a Service's address becomes that of one of its pods.

mod choice;
mod missing;
mod propose;
mod services;
mod settings;
#[cfg(test)]
mod tests;

use std::net::IpAddr;

pub use self::propose::propose;
use self::services::Here;
use self::settings::Settings;
use super::Query;
use crate::evidence::Evidence;
use crate::flow::{Actor, ActorKind, Details, Flow, FlowKind, Next, Outcome, Reason, Step, Verdict};
use crate::model::Model;

/// A packet as a node sees it first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Packet {
    source: IpAddr,
    destination: IpAddr,
    port: u16,
    /// As the API writes it.
    protocol: &'static str,
}

/// What comes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Answer {
    /// Nobody's: it goes on as it is.
    Untouched,
    /// kube-proxy answers by itself.
    Local(Vec<Evidence>),
    /// It goes to one of these, each as likely.
    Rewritten(Rewrites),
    /// It is refused or dropped.
    Stopped {
        service: String,
        reason: Reason,
        /// The nodes that have an endpoint.
        elsewhere: Vec<String>,
        evidence: Vec<Evidence>,
    },
    /// It is a Service's, and what decides was not pasted.
    NotKnown {
        action: String,
        next: Box<Next>,
        evidence: Vec<Evidence>,
    },
}

/// The endpoints that a packet may go to.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Rewrites {
    service: String,
    /// Each as likely.
    ways: Vec<Rewrite>,
    /// So many more there are that were not shown.
    more: usize,
    /// What was taken for granted.
    notes: Vec<String>,
    /// What would tell it.
    next: Vec<Next>,
    evidence: Vec<Evidence>,
}

/// One endpoint that it may go to.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Rewrite {
    address: IpAddr,
    port: u16,
    /// Whether the node puts its own address in the source's place.
    masquerade: bool,
    node: Option<String>,
    evidence: Evidence,
}

/// The path of a packet from one address to another, by the Services that were pasted; `None` where this is not such a question.
pub fn between(model: &Model<'_>, query: &Query) -> Option<Flow> {
    let (source, destination, port) = query.addresses()?;
    let packet = Packet {
        source,
        destination,
        port,
        protocol: query.protocol.name()?,
    };
    let settings = Settings::new(model);
    let here = Here::new(model, query.at.as_deref(), &packet);
    let answer = services::answer(model, &settings, &here, &packet);
    Some(flow(query, &packet, &settings, &here, answer))
}

fn flow(query: &Query, packet: &Packet, settings: &Settings, here: &Here<'_>, answer: Answer) -> Flow {
    let (outcomes, next) = match answer {
        Answer::Untouched => untouched(packet, here),
        Answer::Local(evidence) => local(packet, here, evidence),
        Answer::Stopped {
            service,
            reason,
            elsewhere,
            evidence,
        } => {
            let mut outcome = stopped(packet, here, &service, reason, evidence);
            if let Some(only) = outcome.steps.first_mut().filter(|_| !elsewhere.is_empty()) {
                only.note = Some(format!(
                    "The nodes that have an endpoint, and answer: {}. With externalTrafficPolicy Local a node sends nothing on to another one, so that \
                     the source stays.",
                    elsewhere.join(", ")
                ));
            }
            (vec![outcome], Vec::new())
        }
        Answer::NotKnown { action, next, evidence } => not_known(packet, here, action, *next, evidence),
        Answer::Rewritten(rewrites) => rewritten(packet, settings, here, rewrites),
    };
    Flow {
        kind: FlowKind::PacketPath,
        title: format!("{} → {}", query.from, query.to),
        subtitle: match outcomes.len() {
            1 => format!("{} {}", packet.protocol, packet.port),
            ways => format!("{} {} · {ways} ways", packet.protocol, packet.port),
        },
        verdict: Verdict::all(outcomes.iter().map(|outcome| outcome.verdict)),
        outcomes,
        next,
        details: Details::PacketPath(super::Details::of(query)),
    }
}

fn node(here: &Here<'_>) -> Actor {
    let name = here.name.unwrap_or("the first node");
    Actor {
        id: format!("node:{name}"),
        kind: ActorKind::Node,
        name: name.to_owned(),
        details: here.addresses.first().map(ToString::to_string).into_iter().collect(),
        zones: here.zone.iter().cloned().collect(),
    }
}

/// A step of the node's kube-proxy.
fn step(packet: &Packet, here: &Here<'_>, action: String, verdict: Verdict, evidence: Vec<Evidence>) -> Step {
    Step {
        before: vec![
            ("src", packet.source.to_string()),
            ("dst", super::end(packet.destination, packet.port)),
        ],
        evidence,
        ..Step::new(node(here), action, verdict)
    }
}

/// What the rules would prove.
const BY_RULES: &str = "kube-proxy writes its rules from Services and EndpointSlices; `iptables-save` (or `nft list ruleset`, \
                        `ipvsadm -Ln`) on the node shows what it wrote.";

fn rules(here: &Here<'_>) -> Next {
    Next {
        command: "iptables-save".to_owned(),
        decides: Vec::new(),
        why: format!("The rules of {} prove which way a packet goes.", node(here).name),
    }
}

/// The name of the way of a packet that no Service is about.
const UNCHANGED: &str = "unchanged";

/// Whether no Service is about the packet, so that others have to say where it goes.
pub fn is_untouched(flow: &Flow) -> bool {
    flow.outcomes.iter().all(|outcome| outcome.label == UNCHANGED)
}

fn untouched(packet: &Packet, here: &Here<'_>) -> (Vec<Outcome>, Vec<Next>) {
    let action = "no Service has this address and port: the packet goes on as it is".to_owned();
    let mut outcome = Outcome::new(UNCHANGED, 1.0, Verdict::Unknown);
    outcome.ends_at = Some(super::end(packet.destination, packet.port));
    outcome.source_seen = Some(packet.source.to_string());
    let mut only = step(packet, here, action, Verdict::Unknown, Vec::new());
    only.note = Some("Whether all Services were pasted is not known.".to_owned());
    outcome.steps.push(only);
    let next = Next {
        command: "kubectl get services,endpointslices -A -o yaml".to_owned(),
        decides: Vec::new(),
        why: "A Service that was not pasted may have this address.".to_owned(),
    };
    (vec![outcome], vec![next, rules(here)])
}

fn local(packet: &Packet, here: &Here<'_>, evidence: Vec<Evidence>) -> (Vec<Outcome>, Vec<Next>) {
    let action = "kube-proxy itself answers: it tells a load balancer whether the node has an endpoint".to_owned();
    let mut outcome = Outcome::new("the node itself", 1.0, Verdict::Assumed);
    outcome.ends_at = Some("local".to_owned());
    outcome.source_seen = Some(packet.source.to_string());
    let mut only = step(packet, here, action, Verdict::Assumed, evidence);
    only.note = Some(BY_RULES.to_owned());
    outcome.steps.push(only);
    (vec![outcome], Vec::new())
}

fn stopped(packet: &Packet, here: &Here<'_>, service: &str, reason: Reason, evidence: Vec<Evidence>) -> Outcome {
    let action = match reason {
        Reason::NoEndpoints => format!("refuses the packet: Service {service} has no endpoint that serves"),
        Reason::NoLocalEndpoint => {
            format!("drops the packet: Service {service} has endpoints, but none on this node")
        }
        _ => format!("drops the packet: Service {service} lets only its source ranges in"),
    };
    let mut outcome = Outcome::new("stopped at the node", 1.0, Verdict::Blocked);
    outcome.reason = Some(reason);
    let mut only = step(packet, here, action, Verdict::Blocked, evidence);
    only.reason = Some(reason);
    outcome.steps.push(only);
    outcome
}

fn not_known(
    packet: &Packet,
    here: &Here<'_>,
    action: String,
    next: Next,
    evidence: Vec<Evidence>,
) -> (Vec<Outcome>, Vec<Next>) {
    let mut outcome = Outcome::new("an endpoint of the Service", 1.0, Verdict::Unknown);
    outcome
        .steps
        .push(step(packet, here, action, Verdict::Unknown, evidence));
    (vec![outcome], vec![next])
}

/// What becomes of the source at a node's port.
fn lost(here: &Here<'_>, packet: &Packet, way: &Rewrite) -> Option<&'static str> {
    let at_node = here.addresses.contains(&packet.destination);
    match (at_node, way.masquerade) {
        (true, true) => Some(
            "The source is lost here: the node puts its own address in its place, so that the answer comes back by it (externalTrafficPolicy Cluster).",
        ),
        (true, false) => Some("The source stays: the endpoint is on this node, and answers through it."),
        (false, _) => None,
    }
}

fn rewritten(packet: &Packet, settings: &Settings, here: &Here<'_>, rewrites: Rewrites) -> (Vec<Outcome>, Vec<Next>) {
    #[allow(clippy::cast_precision_loss, reason = "nobody has 2^52 endpoints")]
    let count = (rewrites.ways.len() + rewrites.more).max(1) as f64;
    let notes: Vec<&str> = rewrites.notes.iter().map(String::as_str).chain([BY_RULES]).collect();
    let note = notes.join(" ");
    let mut outcomes: Vec<Outcome> = rewrites
        .ways
        .iter()
        .map(|way| {
            let end = super::end(way.address, way.port);
            let seen = if way.masquerade {
                here.addresses
                    .iter()
                    .find(|address| address.is_ipv6() == way.address.is_ipv6())
                    .map(ToString::to_string)
            } else {
                Some(packet.source.to_string())
            };
            let mut first = step(
                packet,
                here,
                format!("sends what is for Service {} to an endpoint", rewrites.service),
                Verdict::Assumed,
                rewrites
                    .evidence
                    .iter()
                    .cloned()
                    .chain([way.evidence.clone()])
                    .collect(),
            );
            first.evidence.extend(settings.evidence.clone());
            first.after = vec![
                (
                    "src",
                    seen.clone().unwrap_or_else(|| "an address of the node".to_owned()),
                ),
                ("dst", end.clone()),
            ];
            first.note = Some(match lost(here, packet, way) {
                Some(words) => format!("{words} {note}"),
                None => note.clone(),
            });
            let mut outcome = Outcome::new(format!("to {end}"), 1.0 / count, Verdict::Assumed);
            outcome.ends_at = Some(end);
            outcome.source_seen = seen;
            outcome.snat = way.masquerade;
            outcome.steps.push(first);
            outcome
        })
        .collect();
    if rewrites.more > 0 {
        #[allow(clippy::cast_precision_loss, reason = "nobody has 2^52 endpoints")]
        let share = rewrites.more as f64 / count;
        let label = format!("to one of {} endpoints that were not shown", rewrites.more);
        let mut outcome = Outcome::new(label, share, Verdict::Unknown);
        let action = format!(
            "sends what is for Service {} to an endpoint that was not shown",
            rewrites.service
        );
        outcome
            .steps
            .push(step(packet, here, action, Verdict::Unknown, rewrites.evidence));
        outcomes.push(outcome);
    }
    let mut next = rewrites.next;
    next.push(rules(here));
    (outcomes, next)
}
