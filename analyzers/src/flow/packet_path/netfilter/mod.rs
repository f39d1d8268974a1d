//! The node's packet filter as it is: what the rules of `iptables-save` make of a packet.

mod packet;
mod rules;
#[cfg(test)]
mod tests;
mod walk;

use self::packet::{Packet, Question};
use self::rules::Ruleset;
use self::walk::{Fate, Node, Source, Way, ways};
use super::Query;
use crate::flow::{Actor, ActorKind, Details, Flow, FlowKind, Next, Outcome, Reason, Step, Verdict};
use crate::model::Model;

/// The path of a packet from one address to another by a node's rules; `None` where none were pasted, or the question is another one.
pub fn between(model: &Model<'_>, query: &Query) -> Option<Flow> {
    let (source, destination, port) = query.addresses()?;
    let rules = Ruleset::new(model, destination.is_ipv6())?;
    let packet = Packet {
        source,
        destination,
        port,
        protocol: match query.protocol {
            super::Protocol::Tcp => "tcp",
            super::Protocol::Udp => "udp",
            super::Protocol::Sctp => "sctp",
            super::Protocol::Icmp => return None,
        },
        mark: 0,
        rewritten: false,
    };
    let node = Node {
        addresses: query
            .at
            .as_deref()
            .and_then(|name| model.get("Node", "", name))
            .map(|node| {
                crate::model::Node(node)
                    .internal_ips()
                    .into_iter()
                    .map(|ip| ip.value)
                    .collect()
            })
            .unwrap_or_default(),
        others: rules.cluster_addresses(),
    };
    let found = told_apart(ways(&rules, &node, &packet));
    Some(flow(query, &packet, &rules, found))
}

/// Answers that were assumed.
type Assumptions = Vec<(Question, bool)>;

/// What is the same of two ways for who asks.
type Key = (Fate, String, Source);

fn key(way: &Way) -> Key {
    (way.fate.clone(), end(&way.packet), way.source)
}

fn end(packet: &Packet) -> String {
    super::end(packet.destination, packet.port)
}

/// The ways, each once: where the answer to a question changes nothing, it was not needed. The second value: whether one was.
fn told_apart(ways: Vec<Way>) -> (Vec<Way>, bool) {
    let mut groups: Vec<(Assumptions, Vec<Way>)> = Vec::new();
    for way in ways {
        let at = groups.iter().position(|(assumed, _)| *assumed == way.assumed);
        let at = at.unwrap_or_else(|| {
            groups.push((way.assumed.clone(), Vec::new()));
            groups.len() - 1
        });
        let Some((_, group)) = groups.get_mut(at) else { continue };
        match group.iter_mut().find(|known| key(known) == key(&way)) {
            Some(known) => known.share += way.share,
            None => group.push(way),
        }
    }
    let shares = |group: &[Way]| {
        let all: f64 = group.iter().map(|way| way.share).sum();
        let mut shares: Vec<(Key, i64)> = group
            .iter()
            .map(|way| {
                #[allow(clippy::cast_possible_truncation, reason = "a share of a million")]
                let share = (way.share / all * 1e6).round() as i64;
                (key(way), share)
            })
            .collect();
        shares.sort();
        shares
    };
    let first = groups.first().map(|(_, group)| shares(group)).unwrap_or_default();
    if groups.iter().all(|(_, group)| shares(group) == first) {
        let Some((_, mut group)) = groups.into_iter().next() else {
            return (Vec::new(), false);
        };
        let all: f64 = group.iter().map(|way| way.share).sum();
        for way in &mut group {
            way.share /= all;
        }
        return (group, false);
    }
    (groups.into_iter().flat_map(|(_, group)| group).collect(), true)
}

fn flow(query: &Query, packet: &Packet, rules: &Ruleset<'_>, (ways, open): (Vec<Way>, bool)) -> Flow {
    let mut next = Vec::new();
    if open {
        next.push(Next {
            command: "ip -br addr".to_owned(),
            decides: Vec::new(),
            why: "Which addresses are the node's own decides which rules match.".to_owned(),
        });
    }
    let mut outcomes: Vec<Outcome> = ways
        .iter()
        .map(|way| outcome(query, packet, rules, way, open))
        .collect();
    outcomes.sort_by(|a, b| (b.verdict, &a.label).cmp(&(a.verdict, &b.label)));
    let verdict = if open {
        Verdict::Unknown
    } else {
        Verdict::all(outcomes.iter().map(|outcome| outcome.verdict))
    };
    Flow {
        kind: FlowKind::PacketPath,
        title: format!("{} → {}", query.from, query.to),
        subtitle: match outcomes.len() {
            1 => format!(
                "{} {} · by the node's rules",
                packet.protocol.to_uppercase(),
                packet.port
            ),
            ways => format!(
                "{} {} · by the node's rules · {ways} ways",
                packet.protocol.to_uppercase(),
                packet.port
            ),
        },
        verdict,
        outcomes,
        next,
        details: Details::PacketPath(super::Details::default()),
    }
}

fn outcome(query: &Query, packet: &Packet, rules: &Ruleset<'_>, way: &Way, open: bool) -> Outcome {
    let to = end(&way.packet);
    let (action, reason, mut verdict) = match &way.fate {
        Fate::Forwarded if way.packet.rewritten => {
            (format!("the rules send the packet to {to}"), None, Verdict::Passes)
        }
        Fate::Forwarded => (
            "no rule stops the packet or rewrites where it goes".to_owned(),
            None,
            Verdict::Passes,
        ),
        Fate::Delivered => (
            "the packet is the node's own, and no rule stops it".to_owned(),
            None,
            Verdict::Passes,
        ),
        Fate::Dropped(comment) => (
            format!("a rule drops the packet{}", said(comment)),
            Some(if comment.ends_with("has no local endpoints") {
                Reason::NoLocalEndpoint
            } else if comment.contains("traffic not accepted by") {
                Reason::CidrNotAllowed
            } else {
                Reason::Drop
            }),
            Verdict::Blocked,
        ),
        Fate::Rejected(comment) => (
            format!("a rule refuses the packet{}", said(comment)),
            Some(if comment.ends_with("has no endpoints") {
                Reason::NoEndpoints
            } else {
                Reason::Reject
            }),
            Verdict::Blocked,
        ),
        Fate::Lost(chain) => (format!("{chain} decides, which was not pasted"), None, Verdict::Unknown),
    };
    if verdict == Verdict::Passes && !rules.complete {
        verdict = Verdict::Unknown;
    }
    let seen = match way.source {
        Source::Kept => Some(packet.source.to_string()),
        Source::Told(address) => Some(address.to_string()),
        Source::Interface => None,
    };
    let name = query.at.clone().unwrap_or_else(|| "the node".to_owned());
    let actor = Actor {
        id: format!("node:{name}"),
        kind: ActorKind::Node,
        name,
        details: Vec::new(),
        zones: Vec::new(),
    };
    let mut step = Step::new(actor, action, verdict);
    step.before = vec![("src", packet.source.to_string()), ("dst", end(packet))];
    step.reason = reason;
    step.evidence.clone_from(&way.hits);
    if step.evidence.is_empty() && verdict == Verdict::Passes {
        step.verdict = Verdict::Assumed;
        step.note = Some("None of the rules that were pasted is about this packet.".to_owned());
        verdict = Verdict::Assumed;
    }
    if open {
        let assumed: Vec<String> = way.assumed.iter().map(told).collect();
        step.note = Some(format!("If {}.", assumed.join(" and ")));
    }
    let mut outcome = Outcome::new("", way.share, verdict);
    if verdict != Verdict::Blocked {
        step.after = vec![
            (
                "src",
                seen.clone().unwrap_or_else(|| "an address of the node".to_owned()),
            ),
            ("dst", to.clone()),
        ];
        outcome.ends_at = Some(if way.fate == Fate::Delivered {
            "local".to_owned()
        } else {
            to
        });
        outcome.source_seen = seen;
        outcome.snat = way.source != Source::Kept;
    }
    outcome.label = outcome
        .ends_at
        .clone()
        .unwrap_or_else(|| "stopped at the node".to_owned());
    outcome.reason = reason;
    outcome.steps.push(step);
    if let Some(beyond) = beyond(way) {
        outcome.verdict = Verdict::all([verdict, beyond.verdict]);
        outcome.steps.push(beyond);
    }
    outcome
}

/// What the node's rules do not tell: whether the packet arrives where they send it.
fn beyond(way: &Way) -> Option<Step> {
    let to = end(&way.packet);
    let (verdict, action, note) = match &way.fate {
        Fate::Forwarded if way.packet.rewritten => (
            Verdict::Assumed,
            "the packet goes on to the endpoint",
            "Pods reach each other (Kubernetes, \"The Kubernetes network model\"); routes, security groups and policies on the way were \
             not looked at.",
        ),
        Fate::Forwarded => (
            Verdict::Unknown,
            "the packet goes on",
            "Routes, security groups and policies beyond this node's rules are not computed yet.",
        ),
        Fate::Delivered => (
            Verdict::Unknown,
            "a program on the node gets the packet, if one listens",
            "`ss -ltnp` (`-lunp` for UDP) on the node tells whether one does.",
        ),
        _ => return None,
    };
    let actor = Actor {
        id: format!("ip:{to}"),
        kind: ActorKind::Other,
        name: to,
        details: Vec::new(),
        zones: Vec::new(),
    };
    let mut step = Step::new(actor, action, verdict);
    step.note = Some(note.to_owned());
    Some(step)
}

fn said(comment: &str) -> String {
    if comment.is_empty() {
        String::new()
    } else {
        format!(": {comment}")
    }
}

fn told((question, answer): &(Question, bool)) -> String {
    match (question, answer) {
        (Question::Local(address), true) => format!("{address} is an address of the node"),
        (Question::Local(address), false) => format!("{address} is none of the node's addresses"),
        (Question::Other(words), true) => format!("`{words}` holds"),
        (Question::Other(words), false) => format!("`{words}` does not hold"),
    }
}
