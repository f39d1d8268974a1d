//! The ways of a packet as a flow.

use std::collections::BTreeSet;

use super::back::Backwards;
use super::dumps::Dumps;
use super::packet::{Packet, Question, Source};
use super::residents::Residents;
use super::sockets::{Listening, listening};
use super::told::end;
use super::walk::{Fate, Way};
use super::{Pasted, ask, words};
use crate::flow::packet_path::{Details, Query};
use crate::flow::{self, Actor, ActorKind, Flow, FlowKind, Next, Outcome, Reason, Step, Verdict};

/// The flow of a packet with its ways, and the questions on which they depend.
pub fn flow(
    query: &Query,
    packet: &Packet,
    (dumps, residents): (&Dumps<'_>, &Residents<'_>),
    pasted: &Pasted<'_>,
    (ways, open): (Vec<Way>, BTreeSet<Question>),
) -> Flow {
    let mut next = asks(&open, pasted);
    let answer = Answer {
        query,
        packet,
        dumps,
        complete: pasted.complete,
        open: !open.is_empty(),
        back: Backwards::new(pasted, packet, residents, (actor(query), query.at.is_some())),
    };
    let mut outcomes: Vec<Outcome> = ways.iter().map(|way| answer.outcome(way, &mut next)).collect();
    outcomes.sort_by(|a, b| (b.verdict, &a.label).cmp(&(a.verdict, &b.label)));
    let mut said = BTreeSet::new();
    next.retain(|next| said.insert(next.command.clone()));
    let verdict = if answer.open {
        Verdict::Unknown
    } else {
        Verdict::all(outcomes.iter().map(|outcome| outcome.verdict))
    };
    let asked = format!(
        "{} {} · by the node's rules",
        packet.protocol.to_uppercase(),
        packet.port
    );
    Flow {
        kind: FlowKind::PacketPath,
        title: format!("{} → {}", query.from, query.to),
        subtitle: match outcomes.len() {
            1 => asked,
            ways => format!("{asked} · {ways} ways"),
        },
        verdict,
        outcomes,
        next,
        details: flow::Details::PacketPath(Details::of(query)),
    }
}

/// What a packet does behind a node, which its rules do not tell.
const TO_ENDPOINT: &str = "the packet goes on to the endpoint";
const ONWARD: &str = "the packet goes on";
const NO_RULE: &str = "no rule stops the packet or rewrites where it goes";

/// How rules get a sign of their node.
const TELL_NODE: &str =
    "Nothing tells which node printed the rules: paste the prompt, which names the host, with them.";

/// What is said of rules without a sign of their node.
const DOUBTFUL: &str = "Several nodes are known, and nothing tells which of them printed these rules: neither the prompt nor an address in them.";

/// Whether a step stands for what is behind the node, so that who knows that puts his own in its place.
pub fn is_beyond(step: &Step) -> bool {
    step.evidence.is_empty() && (step.action == TO_ENDPOINT || step.action == ONWARD)
}

/// Whether a node's rules told what becomes of a packet and of its source.
pub fn has_spoken(steps: &[Step]) -> bool {
    let told = [NO_RULE, "the rules send the packet to "];
    steps
        .iter()
        .any(|step| step.verdict == Verdict::Passes && told.iter().any(|words| step.action.starts_with(words)))
}

/// The commands that answer what is open, and those that bring what else is missing.
pub fn asks(open: &BTreeSet<Question>, pasted: &Pasted<'_>) -> Vec<Next> {
    let mut next: Vec<Next> = Vec::new();
    for question in open {
        match question {
            Question::Local(_) => next.push(ask(
                "ip -br addr",
                "Which addresses are the node's own decides which rules match.",
            )),
            Question::Incoming(_) | Question::Outgoing(_) => {
                let why = "By which interface a packet comes and goes decides which rules match.";
                next.push(ask("ip route show table all", why));
                if pasted.kernel.machine.lacks_rules() {
                    next.push(ask("ip rule", why));
                }
            }
            Question::Set(name, _) if name.starts_with('@') => next.push(ask(
                "sudo nft list ruleset",
                "What is in the rules' sets decides which of them match.",
            )),
            Question::Set(..) => next.push(ask("sudo ipset list", "What is in the sets decides which rules match.")),
            // What a rule counts or remembers is in no dump: an attempt shows it.
            Question::Other(words) if words.starts_with('-') => next.push(ask(
                "sudo iptables-save -c",
                "A rule depends on what the kernel counts or remembers: run it before and after an attempt. The counters in brackets show whether \
                 the rule took the packet.",
            )),
            Question::Other(_) => next.push(ask(
                "sudo nft monitor trace",
                "A rule depends on what the kernel counts or remembers: with `meta nftrace set 1` on an attempt's packets this shows each rule's \
                 verdict.",
            )),
        }
    }
    next.extend(pasted.next.iter().cloned());
    next
}

/// The node that is asked.
fn actor(query: &Query) -> Actor {
    let name = query.at.clone().unwrap_or_else(|| "the node".to_owned());
    Actor {
        id: format!("node:{name}"),
        kind: ActorKind::Node,
        name,
        details: Vec::new(),
        zones: Vec::new(),
    }
}

/// What all ways of an answer share.
struct Answer<'q, 'a> {
    query: &'q Query,
    packet: &'q Packet,
    dumps: &'q Dumps<'q>,
    back: Backwards<'q, 'a>,
    /// Whether all rules were pasted.
    complete: bool,
    /// Whether it depends on something that is not known.
    open: bool,
}

/// What happened at the node: in words, why it stops, what is known of it.
pub type Ended = (String, Option<Reason>, Verdict);

pub fn ended(way: &Way) -> Ended {
    let to = end(&way.packet);
    let passes = |action: String| (action, None, Verdict::Passes);
    let blocked = |action: String, reason: Reason| (action, Some(reason), Verdict::Blocked);
    match &way.fate {
        Fate::Forwarded if way.packet.rewritten => passes(format!("the rules send the packet to {to}")),
        Fate::Forwarded => passes(NO_RULE.to_owned()),
        Fate::Delivered if way.packet.rewritten => {
            passes(format!("the rules send the packet to {to}, which is the node's own"))
        }
        Fate::Delivered => passes("the packet is the node's own, and no rule stops it".to_owned()),
        Fate::Dropped(comment) => blocked(
            format!("a rule drops the packet{}", said(comment)),
            if comment.ends_with("has no local endpoints") || comment.contains("no-endpoint") {
                Reason::NoLocalEndpoint
            } else if comment.contains("traffic not accepted by") || comment.starts_with("firewall-") {
                Reason::CidrNotAllowed
            } else {
                Reason::Drop
            },
        ),
        Fate::Rejected(comment) => blocked(
            format!("a rule refuses the packet{}", said(comment)),
            if comment.ends_with("has no endpoints") || comment.contains("no-endpoint") {
                Reason::NoEndpoints
            } else {
                Reason::Reject
            },
        ),
        Fate::Unserved => blocked(
            "IPVS refuses the packet: the service has no server that takes new connections".to_owned(),
            Reason::NoEndpoints,
        ),
        Fate::Unrouted(kind) if kind.is_empty() => blocked(format!("the node has no route to {to}"), Reason::NoRoute),
        Fate::Unrouted(kind) => blocked(format!("the node's route to {to} is `{kind}`"), Reason::BlackholeRoute),
        Fate::Lost(what) => (
            format!("{what} decides, and what that is was not pasted or is not known"),
            None,
            Verdict::Unknown,
        ),
    }
}

impl Answer<'_, '_> {
    fn outcome(&self, way: &Way, next: &mut Vec<Next>) -> Outcome {
        let to = end(&way.packet);
        let (action, mut reason, mut verdict) = ended(way);
        if matches!(verdict, Verdict::Passes | Verdict::Blocked) && !self.complete {
            // A rule that was not pasted may come before.
            (verdict, reason) = (Verdict::Unknown, None);
        }
        let doubtful = self.dumps.are_doubtful();
        if doubtful {
            match verdict {
                Verdict::Passes => verdict = Verdict::Assumed,
                Verdict::Blocked => (verdict, reason) = (Verdict::Unknown, None),
                Verdict::Assumed | Verdict::Unknown => {}
            }
            next.push(ask("sudo iptables-save", TELL_NODE));
        }
        let seen = way.packet.source_now().map(|address| address.to_string());
        let mut step = Step::new(actor(self.query), action, verdict);
        step.before = vec![("src", self.packet.source.to_string()), ("dst", end(self.packet))];
        step.reason = reason;
        step.evidence.clone_from(&way.hits);
        let notes: Vec<&str> = way
            .notes
            .iter()
            .map(String::as_str)
            .chain(doubtful.then_some(DOUBTFUL))
            .collect();
        if !notes.is_empty() {
            step.note = Some(notes.join(" "));
        }
        if step.evidence.is_empty() && verdict == Verdict::Passes {
            step.verdict = Verdict::Assumed;
            step.note = Some(
                ["None of the rules that were pasted is about this packet.".to_owned()]
                    .into_iter()
                    .chain(step.note)
                    .collect::<Vec<_>>()
                    .join(" "),
            );
            verdict = Verdict::Assumed;
        }
        if self.open && !way.assumed.is_empty() {
            let assumed: Vec<String> = way.assumed.iter().map(told).collect();
            let open = format!("If {}.", assumed.join(" and "));
            step.note = Some(step.note.map_or(open.clone(), |note| format!("{open} {note}")));
        }
        let mut outcome = Outcome::new("", way.share, verdict);
        if matches!(way.fate, Fate::Forwarded | Fate::Delivered) {
            let from = seen.clone().unwrap_or_else(|| "an address of the node".to_owned());
            step.after = vec![("src", from), ("dst", to.clone())];
            outcome.ends_at = Some(if way.fate == Fate::Delivered {
                "local".to_owned()
            } else {
                to
            });
            outcome.source_seen = seen;
            outcome.snat = way.packet.seen != Source::Kept;
        }
        let ends = if verdict == Verdict::Blocked {
            "stopped at the node"
        } else {
            "not known"
        };
        outcome.label = outcome.ends_at.clone().unwrap_or_else(|| ends.to_owned());
        outcome.reason = reason;
        outcome.steps.push(step);
        if let Some(beyond) = self.beyond(way, next) {
            outcome.verdict = Verdict::all([verdict, beyond.verdict]);
            outcome.reason = outcome.reason.or(beyond.reason);
            outcome.steps.push(beyond);
            if self.complete && outcome.verdict != Verdict::Blocked {
                outcome.back = self.back.of(way, next);
            }
        }
        if let Some(back) = &outcome.back {
            // What stops on the way back stops, whatever is known of the way there behind this node.
            outcome.verdict = Verdict::all([outcome.verdict, back.verdict]);
            outcome.reason = outcome.reason.or(back.reason);
        }
        outcome
    }

    /// What the node's rules do not tell (see [`is_beyond`]): whether the packet arrives where they send it.
    fn beyond(&self, way: &Way, next: &mut Vec<Next>) -> Option<Step> {
        let to = end(&way.packet);
        let actor = Actor {
            id: format!("ip:{to}"),
            kind: ActorKind::Other,
            name: to,
            details: Vec::new(),
            zones: Vec::new(),
        };
        let (verdict, action, note) = match &way.fate {
            Fate::Forwarded if way.packet.rewritten => (
                Verdict::Assumed,
                TO_ENDPOINT,
                "Pods reach each other (Kubernetes, \"The Kubernetes network model\"); routes, security groups and policies on the way were \
                 not looked at.",
            ),
            Fate::Forwarded => (
                Verdict::Unknown,
                ONWARD,
                "Routes, security groups and policies beyond this node's rules are not computed yet.",
            ),
            Fate::Delivered => return Some(self.arrival(way, actor, next)),
            _ => return None,
        };
        let mut step = Step::new(actor, action, verdict);
        step.note = Some(note.to_owned());
        Some(step)
    }

    /// Whether a program of the node gets the packet.
    fn arrival(&self, way: &Way, actor: Actor, next: &mut Vec<Next>) -> Step {
        let of = |program: Option<String>| program.unwrap_or_else(|| "a program".to_owned());
        match listening(self.dumps, &way.packet) {
            Listening::Yes(program, evidence) => {
                let mut step = Step::new(actor, format!("{} listens on the node", of(program)), Verdict::Passes);
                step.evidence = evidence;
                step
            }
            Listening::No(elsewhere, evidence) => {
                let mut step = Step::new(actor, "nobody on the node listens for the packet", Verdict::Blocked);
                if let Some(address) = elsewhere {
                    step.action = format!("what listens on the port is bound to {address} alone");
                }
                step.reason = Some(Reason::NotListening);
                step.evidence = evidence;
                step
            }
            Listening::Unknown => {
                let command = if way.packet.protocol == "udp" {
                    "ss -lunp"
                } else {
                    "ss -ltnp"
                };
                next.push(ask(
                    &format!("sudo {command}"),
                    "Whether a program listens decides what becomes of a packet that is the node's own.",
                ));
                let action = "a program on the node gets the packet, if one listens";
                let mut step = Step::new(actor, action, Verdict::Unknown);
                step.note = Some(format!("`{command}` on the node tells whether one does."));
                step
            }
        }
    }
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
        (Question::Incoming(name), true) => format!("the packet comes in by `{name}`"),
        (Question::Incoming(name), false) => format!("the packet does not come in by `{name}`"),
        (Question::Outgoing(name), true) => format!("the packet leaves by `{name}`"),
        (Question::Outgoing(name), false) => format!("the packet does not leave by `{name}`"),
        (Question::Set(name, _), true) => format!("the packet is in the set `{name}`"),
        (Question::Set(name, _), false) => format!("the packet is not in the set `{name}`"),
        (question, true) => format!("{} holds", words(question)),
        (question, false) => format!("{} does not hold", words(question)),
    }
}
