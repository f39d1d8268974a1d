//! The network behind a load balancer: from one of its interfaces to a target, and what that makes of the packet.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::around::{Around, Front, ask_all};
use super::{Aim, Walk};
use crate::evidence::Evidence;
use crate::flow::packet_path::cluster::{Behind, Taken};
use crate::flow::packet_path::vpc::packet::{ANYBODY, Address, Packet};
use crate::flow::packet_path::vpc::{Mouth, Travelled};
use crate::flow::{Actor, ActorKind, Next, Outcome, Reason, Return, Step, Verdict};
use crate::model::{Entity, Node};

/// What becomes of the packets for a target.
#[derive(Debug, Clone)]
pub(super) struct Beyond {
    /// The steps from the load balancer on.
    pub steps: Vec<Step>,
    /// The way of the answer.
    pub back: Vec<Return>,
    /// What tells it from others of the same target.
    pub label: String,
    /// Of the target's share.
    pub share: f64,
    /// Where it ends, where that is another end than the target.
    pub ends_at: Option<String>,
    /// The source that is seen there.
    pub source_seen: Option<String>,
    /// Whether it was rewritten at the target.
    pub snat: bool,
    /// Whether what was not pasted may say something else.
    pub open: bool,
    /// Whether a setting that was not pasted would lead to another end.
    pub unsure: bool,
}

/// Who asks the network and the cluster for each target, each thing once.
pub(super) struct Targets<'m, 'a> {
    behind: Behind<'m, 'a>,
    legs: BTreeMap<(usize, Option<IpAddr>, IpAddr, Option<u16>), Travelled>,
}

impl<'m, 'a> Targets<'m, 'a> {
    pub fn new(walk: &Walk<'_, 'm, 'a>) -> Self {
        Self {
            behind: Behind::new(walk.model),
            legs: BTreeMap::new(),
        }
    }

    /// The ways to a target from one of the load balancer's interfaces.
    pub fn ways(&mut self, walk: &mut Walk<'_, 'm, 'a>, around: &Around<'a>, front: &Front, aim: &Aim) -> Vec<Beyond> {
        let mut ways = self.ways_as(walk, around, front, aim);
        let Some(preserves) = aim.preserves.filter(|_| !aim.told) else {
            return ways;
        };
        // The default is taken where the setting was not pasted, and believed where the setting changes nothing.
        let asked = walk.next.clone();
        let other = Aim {
            preserves: Some(!preserves),
            ..aim.clone()
        };
        let others = self.ways_as(walk, around, front, &other);
        walk.next = asked;
        let worst = |ways: &[Beyond]| ways.iter().map(Beyond::end).max();
        if worst(&ways) != worst(&others) {
            walk.ask(
                aim.attributes.clone(),
                "Whether the target sees the client's address changes what becomes of the packet, and was not pasted.",
            );
            for way in &mut ways {
                way.unsure = true;
            }
        }
        ways
    }

    fn ways_as(&mut self, walk: &mut Walk<'_, 'm, 'a>, around: &Around<'a>, front: &Front, aim: &Aim) -> Vec<Beyond> {
        let Some(mouth) = &front.mouth else {
            return vec![not_known(aim, &front.actor)];
        };
        let instance = aim.instance.as_deref();
        let address = aim
            .address
            .or_else(|| around.network.address_of(around.network.interface_of(instance?)?));
        let Some(address) = address else {
            if aim.proof().is_none() {
                let id = instance.unwrap_or("ID");
                walk.ask(
                    format!("aws ec2 describe-network-interfaces --filters Name=attachment.instance-id,Values={id}"),
                    "The target's interface decides which security groups count.",
                );
            }
            return vec![not_known(aim, &front.actor)];
        };
        let Some(preserves) = aim.preserves else {
            walk.ask(
                aim.attributes.clone(),
                "Whether the target sees the client's address decides which rules let the packet in.",
            );
            return vec![not_known(aim, &front.actor)];
        };
        let taken = if preserves {
            Taken {
                source: front.source,
                words: walk.asked.from.words.clone(),
                internet: walk.asked.from.outside,
            }
        } else {
            Taken {
                source: Some(mouth.private),
                words: mouth.private.to_string(),
                internet: false,
            }
        };
        if taken.source.is_none() && !taken.internet {
            return vec![not_known(aim, &front.actor)];
        }
        let leg = self.leg(walk, around, (mouth, &taken), (address, aim.port));
        let arrives = leg.ends_at.is_some();
        let mut beyond = carried(walk, aim, front, leg);
        let stops = beyond.steps.iter().any(|step| step.verdict == Verdict::Blocked);
        // Behind a router that is not known nothing is.
        if stops || !arrives && aim.proof().is_none() {
            return vec![beyond];
        }
        if aim.instance.is_some() {
            return self.at_node(walk, around, aim, &taken, (address, beyond));
        }
        self.at_pod(walk, aim, &taken, address, &mut beyond);
        vec![beyond]
    }

    fn leg(
        &mut self,
        walk: &Walk<'_, 'm, 'a>,
        around: &Around<'a>,
        (mouth, taken): (&Mouth, &Taken),
        (address, port): (IpAddr, Option<u16>),
    ) -> Travelled {
        let key = (mouth.at, taken.source, address, port);
        if let Some(known) = self.legs.get(&key) {
            return known.clone();
        }
        let source = taken.source.map_or(Address::Internet, Address::Ip);
        let mut packet = Packet::new(source, Address::Ip(address), walk.asked.query.protocol, port);
        packet.source_ports = ANYBODY;
        let travelled = around.network.from_balancer(&packet, mouth.at);
        self.legs.insert(key, travelled.clone());
        travelled
    }

    /// At a node's port: the node's own rules.
    fn at_node(
        &self,
        walk: &mut Walk<'_, 'm, 'a>,
        around: &Around<'a>,
        aim: &Aim,
        taken: &Taken,
        (address, beyond): (IpAddr, Beyond),
    ) -> Vec<Beyond> {
        let has = |node: &&Entity<'_>| Node(node).internal_ips().iter().any(|ip| ip.value == address);
        let by_address = || walk.model.all("Node").find(has).map(|node| node.name);
        let node = aim.node.as_deref().or_else(by_address);
        let ways = node.zip(aim.port).and_then(|(node, port)| {
            self.behind
                .node_port(&around.network, taken, node, (address, port), walk.asked.query.protocol)
        });
        // That it is well shows that somebody behind its port answers; who is another question.
        let told = |ways: &(Vec<Outcome>, Vec<Next>)| {
            aim.well.is_none() || ways.0.iter().any(|outcome| outcome.verdict != Verdict::Unknown)
        };
        let Some((outcomes, next)) = ways.filter(told) else {
            return vec![hands_on(walk, aim, beyond)];
        };
        ask_all(walk, next);
        let zones = beyond
            .steps
            .last()
            .map(|step| step.actor.zones.clone())
            .unwrap_or_default();
        let several = outcomes.len() > 1;
        outcomes
            .into_iter()
            .map(|outcome| on_from(&beyond, outcome, &zones, several))
            .collect()
    }

    /// At a pod: its policies.
    fn at_pod(&self, walk: &mut Walk<'_, 'm, 'a>, aim: &Aim, taken: &Taken, address: IpAddr, beyond: &mut Beyond) {
        let judged = self
            .behind
            .at_pod(taken, (address, aim.port), walk.asked.query.protocol);
        let Some(mut judged) = judged else {
            *beyond = answers(aim, beyond.clone());
            return;
        };
        let proof = aim.proof();
        let stops = judged.step.verdict == Verdict::Blocked;
        if proof.is_some() && !stops {
            // Whatever other policies there are, they let the health check through.
            if judged.step.verdict == Verdict::Passes {
                beyond.steps.push(judged.step);
            }
            *beyond = answers(aim, beyond.clone());
            return;
        }
        if let Some(proof) = proof {
            contradicts(&mut judged.step, proof.clone());
        } else if judged.open {
            if stops {
                judged.step.verdict = Verdict::Unknown;
                judged.step.reason = None;
            }
            beyond.open = true;
        }
        let zones = beyond
            .steps
            .last()
            .map(|step| step.actor.zones.clone())
            .unwrap_or_default();
        if judged.step.actor.zones.is_empty() {
            judged.step.actor.zones = zones;
        }
        ask_all(walk, judged.next);
        beyond.steps.push(judged.step);
    }
}

/// What the network's answer comes to, with what the health check shows.
fn carried(walk: &mut Walk<'_, '_, '_>, aim: &Aim, front: &Front, mut leg: Travelled) -> Beyond {
    let own = front.mouth.as_ref().map(|mouth| mouth.actor.id.clone());
    let back = leg.back.iter_mut().flat_map(|back| back.steps.iter_mut());
    for step in leg.steps.iter_mut().chain(back) {
        if Some(&step.actor.id) == own.as_ref() {
            step.actor = front.actor.clone();
        }
    }
    // A target that is well runs.
    if let Some(well) = aim.well.as_ref().filter(|_| leg.ends_at.is_some())
        && let Some(last) = leg.steps.last_mut()
        && last.verdict == Verdict::Unknown
    {
        last.verdict = Verdict::Passes;
        last.action = format!(
            "takes what is for {}: its health check is answered",
            leg.ends_at.clone().unwrap_or_default()
        );
        last.evidence.push(well.clone());
        leg.next.retain(|next| !next.command.contains("describe-instances"));
    }
    let parts = leg.steps.iter().map(|step| step.verdict);
    let verdict = Verdict::all(parts.chain(leg.back.iter().map(|back| back.verdict)));
    match (aim.proof(), verdict) {
        (Some(proof), Verdict::Unknown) => {
            let mut step = Step::new(
                front.actor.clone(),
                "reaches the target, which answers",
                Verdict::Passes,
            );
            step.before = leg.steps.first().map(|step| step.before.clone()).unwrap_or_default();
            step.after.clone_from(&step.before);
            step.note = Some(
                "Its health check takes the same way, to the same port, and is answered; not all that the network consists of there was \
                 pasted."
                    .to_owned(),
            );
            step.evidence = vec![proof.clone()];
            leg.steps = vec![step];
            leg.back = None;
        }
        (Some(proof), Verdict::Blocked) => {
            let back = leg.back.iter_mut().flat_map(|back| back.steps.iter_mut());
            for step in leg.steps.iter_mut().chain(back) {
                contradicts(step, proof.clone());
            }
            if let Some(back) = &mut leg.back {
                back.verdict = Verdict::all(back.steps.iter().map(|step| step.verdict));
                back.reason = None;
            }
            walk.ask(
                aim.attributes
                    .replace("describe-target-group-attributes", "describe-target-health"),
                "The target is well, and what was pasted of the network lets no such packet through: one of both was printed at another time.",
            );
        }
        (None, Verdict::Blocked) if aim.well.is_some() && aim.preserves == Some(true) => {
            let note = "The target is healthy all the same: health checks come from the load balancer's own addresses, and clients' packets with \
                        the clients' own.";
            if let Some(step) = leg.steps.iter_mut().find(|step| step.verdict == Verdict::Blocked) {
                step.note = Some(match step.note.take() {
                    Some(other) => format!("{note} {other}"),
                    None => note.to_owned(),
                });
                step.evidence.extend(aim.well.clone());
            }
        }
        _ => {}
    }
    if aim.proof().is_none() || verdict == Verdict::Blocked {
        ask_all(walk, leg.next);
    }
    Beyond {
        steps: leg.steps,
        back: leg.back.into_iter().collect(),
        ..Beyond::new()
    }
}

impl Beyond {
    fn new() -> Self {
        Self {
            steps: Vec::new(),
            back: Vec::new(),
            label: String::new(),
            share: 1.0,
            ends_at: None,
            source_seen: None,
            snat: false,
            open: false,
            unsure: false,
        }
    }

    /// What it comes to.
    fn end(&self) -> (Verdict, Option<Reason>) {
        let back = self.back.iter().flat_map(|back| &back.steps);
        let steps = || self.steps.iter().chain(back.clone());
        let reason = steps()
            .find(|step| step.verdict == Verdict::Blocked)
            .and_then(|step| step.reason);
        let worst = Verdict::all(steps().map(|step| step.verdict));
        (if self.open { worst.max(Verdict::Unknown) } else { worst }, reason)
    }
}

/// What was computed and what was seen do not fit: then neither is believed.
fn contradicts(step: &mut Step, proof: Evidence) {
    if step.verdict != Verdict::Blocked {
        return;
    }
    step.verdict = Verdict::Unknown;
    step.reason = None;
    step.note = Some(
        "And yet the target is well: its health check takes the same way, to the same port. One of both was printed at another time.".to_owned(),
    );
    step.evidence.push(proof);
}

/// Nothing tells how the network stands between load balancer and target, but for the target's health.
fn not_known(aim: &Aim, actor: &Actor) -> Beyond {
    let mut step = Step::new(
        actor.clone(),
        "sends it to the target, if the network lets it",
        Verdict::Unknown,
    );
    step.note = Some("What of the network decides about it was not pasted.".to_owned());
    if let Some(proof) = aim.proof() {
        "reaches the target, which answers".clone_into(&mut step.action);
        step.verdict = Verdict::Passes;
        step.note = Some("Its health check takes the same way, to the same port, and is answered.".to_owned());
        step.evidence = vec![proof.clone()];
    }
    let beyond = Beyond {
        steps: vec![step],
        ..Beyond::new()
    };
    answers(aim, beyond)
}

/// What the node's rules make of the packet was not pasted.
fn hands_on(walk: &mut Walk<'_, '_, '_>, aim: &Aim, mut beyond: Beyond) -> Beyond {
    if aim.well.is_some() && aim.same_port {
        return answers(aim, beyond);
    }
    let actor = beyond
        .steps
        .last()
        .map_or_else(|| aim.actor.clone(), |step| step.actor.clone());
    let mut step = Step::new(actor, "hands it to who serves the port", Verdict::Unknown);
    step.before = beyond.steps.last().map(|step| step.after.clone()).unwrap_or_default();
    if let Some(well) = &aim.well {
        step.verdict = Verdict::Assumed;
        step.note = Some(
            "What the node's rules make of the packet was not pasted; the target is well, though its health is asked at another port."
                .to_owned(),
        );
        step.evidence = vec![well.clone()];
    } else {
        walk.ask(
            "kubectl get services,endpointslices -A -o yaml".to_owned(),
            "Who serves the node's port decides where the packet goes.",
        );
    }
    beyond.steps.push(step);
    beyond
}

/// The target itself: that it is well shows that somebody listens.
fn answers(aim: &Aim, mut beyond: Beyond) -> Beyond {
    let Some(well) = aim.well.as_ref().filter(|_| aim.same_port) else {
        return beyond;
    };
    let mut actor = aim.actor.clone();
    if let Some(last) = beyond
        .steps
        .last()
        .filter(|last| last.actor.kind != ActorKind::LoadBalancer)
    {
        let node = actor.zones.pop().filter(|zone| zone.starts_with("node "));
        actor.zones = last.actor.zones.iter().cloned().chain(node).collect();
    }
    let mut step = Step::new(
        actor,
        "takes the connection: it answers its health check at this port",
        Verdict::Passes,
    );
    step.before = beyond.steps.last().map(|step| step.after.clone()).unwrap_or_default();
    step.evidence = vec![well.clone()];
    beyond.steps.push(step);
    beyond
}

/// The way that a node's port leads on.
fn on_from(beyond: &Beyond, outcome: Outcome, zones: &[String], several: bool) -> Beyond {
    let mut on = beyond.clone();
    for mut step in outcome.steps {
        if step.actor.zones.len() < zones.len() {
            step.actor.zones = zones.to_vec();
        }
        on.steps.push(step);
    }
    on.open = outcome.verdict == Verdict::Unknown;
    if several {
        on.label.clone_from(&outcome.label);
    }
    on.share = outcome.share;
    on.ends_at = outcome.ends_at;
    on.source_seen = outcome.source_seen;
    on.snat = outcome.snat;
    if let Some(back) = outcome.back {
        on.back.insert(0, back);
    }
    on
}
