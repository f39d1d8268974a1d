//! The way of the answer through the node: what was rewritten is put back, and the rules are asked about it as about any packet. Where the
//! node rewrote where a packet goes, its answer has to come back by this node.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::answer::{asks, ended};
use super::packet::{Interface, Packet, Question, Source};
use super::residents::{Residents, Stands};
use super::told::told_apart;
use super::walk::{Fate, Walk, Way};
use super::{Pasted, ask};
use crate::evidence::Evidence;
use crate::flow::packet_path::{end, joined};
use crate::flow::{Actor, Next, Reason, Return, Step, Verdict};

/// Who follows answers.
pub struct Backwards<'b, 'a> {
    pasted: &'b Pasted<'a>,
    packet: &'b Packet,
    residents: &'b Residents<'b>,
    walk: Walk<'b, 'a>,
    node: Actor,
    /// Whether the packet is known to come to this node first.
    first: bool,
}

/// Whether an answer comes by the node.
enum Comes {
    /// The node has to see it: one of its ends is here, or it is sent to the node's own address.
    Here,
    /// It is not proved, and nothing says otherwise.
    Likely(&'static str),
    /// It goes another way.
    Past(String, Vec<Evidence>),
    /// Nothing was rewritten, so that it may go where it likes.
    Anywhere,
}

impl<'b, 'a> Backwards<'b, 'a> {
    /// Of the answers to one packet.
    pub fn new(
        pasted: &'b Pasted<'a>,
        packet: &'b Packet,
        residents: &'b Residents<'b>,
        (node, first): (Actor, bool),
    ) -> Self {
        Self {
            pasted,
            packet,
            residents,
            walk: Walk::new(&pasted.kernel, packet),
            node,
            first,
        }
    }

    /// The way of the answer to a packet that arrived; `None` where there is nothing to say about it.
    pub fn of(&self, way: &Way, next: &mut Vec<Next>) -> Option<Return> {
        let comes = self.comes(way);
        if let Comes::Past(why, evidence) = comes {
            let mut back = self.past(way, &why, evidence);
            // A Service's own address is on no network: a pod's packet for it is rewritten on the pod's own node.
            if !self.first && self.pasted.kernel.machine.is_local(self.packet.destination) != Some(true) {
                unproved(
                    &mut back,
                    "Whether such a packet comes to this node at all was not pasted.",
                    None,
                );
                let command = format!(
                    "kubectl get pods -A -o wide --field-selector status.podIP={}",
                    self.packet.source
                );
                next.push(ask(
                    &command,
                    "The rules of the node that the client is on decide first.",
                ));
            }
            return Some(back);
        }
        // What is known of the node stays so; of other questions the answer is another packet's.
        let known = |(question, _): &&(Question, bool)| matches!(question, Question::Local(_));
        let assumed: Vec<(Question, bool)> = way.assumed.iter().filter(known).cloned().collect();
        if way.packet.untracked && way.packet.protocol != "tcp" {
            return None;
        }
        let answer = way.packet.answer();
        let own = way.fate == Fate::Delivered;
        let (ways, open) = told_apart(&self.walk.answers(&answer, own, &assumed));
        let mut back = self.told("the answer", &answer, &ways, &open, next)?;
        if back.verdict < Verdict::Unknown && way.packet.protocol != "udp" && !way.by_ipvs {
            self.follow(way, &ways, &assumed, &mut back, next);
        }
        if back.verdict < Verdict::Unknown {
            self.leaves(&ways, &mut back, next);
        }
        match comes {
            Comes::Likely(note) => unproved(&mut back, note, Some(next)),
            Comes::Anywhere if back.verdict == Verdict::Blocked => {
                unproved(
                    &mut back,
                    "It is not known whether the answer comes by this node: nothing was rewritten here.",
                    Some(next),
                );
            }
            Comes::Anywhere => return None,
            Comes::Here | Comes::Past(..) => {}
        }
        Some(back)
    }

    /// Whether the answer comes by this node.
    fn comes(&self, way: &Way) -> Comes {
        let machine = &self.pasted.kernel.machine;
        let local = |address: IpAddr| {
            let assumed = way
                .assumed
                .iter()
                .find(|(question, _)| *question == Question::Local(address));
            machine.is_local(address).or(assumed.map(|(_, answer)| *answer))
        };
        if way.fate == Fate::Delivered || local(self.packet.source) == Some(true) {
            return Comes::Here;
        }
        match way.packet.seen {
            Source::Kept => {}
            Source::Told(address) if local(address) == Some(false) => {
                return Comes::Likely(
                    "Whether what is sent to the address that was put in comes back here was not pasted.",
                );
            }
            _ => return Comes::Here,
        }
        let (client, server) = (self.packet.source, way.packet.destination);
        let of_client = self.residents.stands(machine, client, server);
        let of_server = self.residents.stands(machine, server, client);
        match (of_client, of_server) {
            (Stands::Here, _) | (_, Stands::Here) => Comes::Here,
            _ if !way.packet.rewritten => Comes::Anywhere,
            (Stands::Behind(mut one, by), Stands::Behind(other, with))
                if by.is_none() || with.is_none() || by == with =>
            {
                one.extend(other);
                let road = by
                    .or(with)
                    .map(|name| format!(", both behind `{name}`"))
                    .unwrap_or_default();
                Comes::Past(
                    format!(
                        "{client} and {server} are elsewhere{road}: the answer goes from one to the other without this node"
                    ),
                    one,
                )
            }
            _ => Comes::Likely(
                "The node that rewrites a packet is taken to be that of one of its ends, so that the answer comes by it.",
            ),
        }
    }

    /// The answer goes past the node that would have to put back what it rewrote.
    fn past(&self, way: &Way, why: &str, evidence: Vec<Evidence>) -> Return {
        let server = end(way.packet.destination, way.packet.port);
        let asked = end(self.packet.destination, self.packet.port);
        let mut step = Step::new(
            self.node.clone(),
            format!("the answer does not come back: {why}"),
            Verdict::Blocked,
        );
        step.before = vec![("src", server.clone()), ("dst", self.packet.source.to_string())];
        step.reason = Some(Reason::Asymmetric);
        step.note = Some(format!(
            "The client asked {asked} and gets an answer from {server}, which belongs to no connection of its own. Masquerading would bring it \
             back by this node."
        ));
        step.evidence = joined(evidence.into_iter().chain(way.hits.iter().cloned()));
        Return {
            verdict: Verdict::Blocked,
            reason: Some(Reason::Asymmetric),
            steps: vec![step],
        }
    }

    /// What the rules make of a packet of the connection.
    fn told(
        &self,
        who: &str,
        packet: &Packet,
        ways: &[Way],
        open: &BTreeSet<Question>,
        next: &mut Vec<Next>,
    ) -> Option<Return> {
        let passes = |way: &&Way| matches!(way.fate, Fate::Forwarded | Fate::Delivered);
        let through: f64 = ways.iter().filter(passes).map(|way| way.share).sum();
        let first = ways.iter().find(|way| !passes(way)).or(ways.first())?;
        let lost = ways.iter().any(|way| matches!(way.fate, Fate::Lost(_)));
        let (words, reason, mut verdict) = ended(first);
        let stopped = verdict == Verdict::Blocked;
        let mut action = if stopped {
            format!("{who}: {words}")
        } else {
            format!("{who} comes back by the node, and no rule stops it")
        };
        let mut note = None;
        if lost {
            verdict = Verdict::Unknown;
        } else if stopped && through > 1e-9 {
            verdict = Verdict::Unknown;
            if open.is_empty() {
                let percent = through * 100.0;
                action = format!("{words}, by chance");
                note = Some(format!(
                    "{percent:.0} of 100 such packets go through; TCP sends again what is lost."
                ));
            } else {
                note = Some("It depends on what was not pasted.".to_owned());
                next.extend(asks(open, self.pasted));
            }
        }
        let mut step = Step::new(self.node.clone(), action, verdict);
        let of = |packet: &Packet| {
            let source = packet
                .source_now()
                .map_or_else(|| "an address of the node".to_owned(), |ip| ip.to_string());
            (source, packet.destination.to_string())
        };
        let (source, destination) = of(packet);
        step.before = vec![("src", source), ("dst", destination)];
        if !stopped {
            let (source, destination) = of(&first.packet);
            step.after = vec![("src", source), ("dst", destination)];
        }
        step.note = note;
        step.evidence = joined(first.hits.iter().cloned());
        if step.evidence.is_empty() && verdict == Verdict::Passes {
            step.verdict = Verdict::Assumed;
            step.note = Some("None of the rules that were pasted is about the answer.".to_owned());
        }
        step.reason = reason.filter(|_| verdict == Verdict::Blocked);
        Some(Return {
            verdict: step.verdict,
            reason: step.reason,
            steps: vec![step],
        })
    }

    /// What the client sends once it has the answer: the end of the handshake, and its question.
    fn follow(
        &self,
        way: &Way,
        answers: &[Way],
        assumed: &[(Question, bool)],
        back: &mut Return,
        next: &mut Vec<Next>,
    ) {
        let mark = answers
            .first()
            .map_or(way.packet.connection_mark, |answer| answer.packet.connection_mark);
        let later = self.packet.later(&way.packet, mark);
        let (ways, open) = told_apart(&self.walk.ways(&later, assumed));
        let told = self.told("what the client sends next", &later, &ways, &open, next);
        let Some(told) = told.filter(|told| told.verdict >= Verdict::Unknown) else {
            return;
        };
        back.verdict = told.verdict;
        back.reason = told.reason;
        back.steps.extend(told.steps);
    }

    /// An answer that leaves by another interface than the one by which the packet came in.
    fn leaves(&self, ways: &[Way], back: &mut Return, next: &mut Vec<Next>) {
        let machine = &self.pasted.kernel.machine;
        let Interface::Named(came) = machine.incoming(self.packet) else {
            return;
        };
        let other = ways.iter().find_map(|way| match &way.packet.outgoing {
            Interface::Named(name) if *name != came && way.fate == Fate::Forwarded => Some((name, &way.packet)),
            _ => None,
        });
        let Some((name, packet)) = other else { return };
        if !(super::residents::is_way_out(name) && super::residents::is_way_out(&came)) {
            return;
        }
        let source = packet.source_now().unwrap_or(self.packet.destination);
        back.verdict = Verdict::Unknown;
        if let Some(step) = back.steps.last_mut() {
            step.verdict = Verdict::Unknown;
            step.action = format!("the answer leaves by `{name}`, and the packet came in by `{came}`");
            step.note = Some(format!(
                "AWS drops what an interface sends with an address that is none of its own, {source} here, where its source/destination check \
                 is on (Amazon EC2 User Guide, \"Source/destination checking\"). The VPC CNI's connection marks send such answers back by \
                 `{came}`."
            ));
        }
        next.push(ask(
            &format!("aws ec2 describe-network-interfaces --filters Name=addresses.private-ip-address,Values={source}"),
            "Whether the interface by which the answer leaves may send from that address.",
        ));
    }
}

/// What rests on an answer that is not proved to come by this node.
fn unproved(back: &mut Return, note: &str, next: Option<&mut Vec<Next>>) {
    if back.verdict == Verdict::Blocked {
        back.verdict = Verdict::Unknown;
        back.reason = None;
        if let Some(next) = next {
            next.push(ask(
                "ip route show table all",
                "Whether one of the ends is on this node decides whether the answer comes by it.",
            ));
        }
    }
    back.verdict = back.verdict.max(Verdict::Assumed);
    for step in &mut back.steps {
        step.verdict = match step.verdict {
            Verdict::Blocked => Verdict::Unknown,
            other => other.max(Verdict::Assumed),
        };
        step.reason = None;
        let own = step.note.take().map(|own| format!(" {own}")).unwrap_or_default();
        step.note = Some(format!("{note}{own}"));
    }
}
