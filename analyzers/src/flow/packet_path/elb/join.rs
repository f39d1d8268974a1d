//! One way of its parts: to the load balancer, through it, and on to the target, there and back.

use super::around::{Around, Front};
use super::beyond::{Beyond, Targets};
use super::step::{self, NETWORK_BEHIND};
use super::{Aim, Walk, Way};
use crate::flow::{Outcome, Reason, Return, Step, Verdict};

/// The steps of what the load balancer does first, the way from there, and whether the target answers through it.
type Through = (Vec<Step>, Way, bool);

/// Ways that differ in nothing but the interface that they begin at.
struct Alike {
    outcome: Outcome,
    places: Vec<String>,
    interfaces: usize,
}

/// What tells ways apart.
type Key = (Option<usize>, String, Verdict, Option<Reason>, String);

impl<'a> Around<'a> {
    /// The ways from the client to the targets and back.
    pub fn join(&self, walk: &mut Walk<'_, '_, 'a>, through: &[Through]) -> Vec<Outcome> {
        let mut targets = Targets::new(walk);
        let inside = walk.in_service();
        let mut found: Vec<(Key, Alike)> = Vec::new();
        for (at, (steps, way, answers)) in through.iter().enumerate() {
            let fronts = self.leading_to(way.aim.as_ref());
            let all: usize = fronts.iter().map(|front| front.stands_for).sum();
            for front in fronts {
                let share = way.share * ratio(front.stands_for, all);
                if front.stops() {
                    let outcome = stopped(walk, front, share);
                    let (verdict, reason, words) = front.likeness();
                    add(
                        &mut found,
                        (None, String::new(), verdict, reason, words),
                        outcome,
                        front,
                    );
                    continue;
                }
                for beyond in self.behind(walk, &mut targets, front, way) {
                    let mut outcome = whole(walk, (front, &inside), (steps, way, *answers), beyond.as_ref());
                    outcome.share = share * beyond.as_ref().map_or(1.0, |beyond| beyond.share);
                    let stop = outcome.steps.iter().find(|step| step.verdict == Verdict::Blocked);
                    let words = stop.map(|step| step.action.clone()).unwrap_or_default();
                    let key = (Some(at), outcome.label.clone(), outcome.verdict, outcome.reason, words);
                    add(&mut found, key, outcome, front);
                }
            }
        }
        labelled(found)
    }

    /// The interfaces that send to a target: those of its zone, where others do not.
    fn leading_to(&self, aim: Option<&Aim>) -> Vec<&Front> {
        let own = aim.filter(|aim| !aim.crosses).and_then(|aim| aim.zone.as_deref());
        let of_zone: Vec<&Front> = self
            .fronts
            .iter()
            .filter(|front| {
                let zone = front.mouth.as_ref().and_then(|mouth| mouth.zone.as_deref());
                own.is_some() && zone == own
            })
            .collect();
        if of_zone.is_empty() {
            self.fronts.iter().collect()
        } else {
            of_zone
        }
    }

    fn behind<'m>(
        &self,
        walk: &mut Walk<'_, 'm, 'a>,
        targets: &mut Targets<'m, 'a>,
        front: &Front,
        way: &Way,
    ) -> Vec<Option<Beyond>> {
        // A target that answers nothing may do so because of the network: then that is the reason.
        let ill = way.reason == Some(Reason::TargetUnhealthy);
        match &way.aim {
            Some(aim) if way.verdict != Verdict::Blocked || ill => {
                targets.ways(walk, self, front, aim).into_iter().map(Some).collect()
            }
            _ => vec![None],
        }
    }
}

fn stopped(walk: &Walk<'_, '_, '_>, front: &Front, share: f64) -> Outcome {
    let mut outcome = Outcome::new("", share, front.verdict);
    outcome.reason = front.reason;
    outcome.steps = walk.front.led.iter().chain(&front.steps).cloned().collect();
    outcome.back.clone_from(&front.back);
    outcome
}

/// One way from its beginning to its end and back.
fn whole(
    walk: &Walk<'_, '_, '_>,
    (front, inside): (&Front, &[Step]),
    (first, way, answers): (&[Step], &Way, bool),
    beyond: Option<&Beyond>,
) -> Outcome {
    let mut own: Vec<Step> = way.steps.clone();
    let mut on: Vec<Step> = Vec::new();
    let mut back: Vec<Return> = Vec::new();
    if let Some(beyond) = beyond {
        let picked = own
            .iter()
            .position(|step| step.to.is_some())
            .map_or(own.len(), |at| at + 1);
        let after = own.split_off(picked);
        if take_over(&mut own, beyond) {
            on.extend(beyond.steps.iter().cloned());
            on.extend(after);
            back.extend(beyond.back.iter().cloned());
        }
    }
    back.extend(front.back.iter().cloned());
    let mut outcome = Outcome::new(label(way, beyond), 1.0, Verdict::Passes);
    let id = walk.balancer().id;
    let balancer = inside
        .iter()
        .chain(first)
        .chain(&own)
        .cloned()
        .map(|step| placed(step, &id, front));
    outcome.steps = walk
        .front
        .led
        .iter()
        .chain(&front.steps)
        .cloned()
        .chain(balancer)
        .chain(on)
        .collect();
    let stop = outcome.steps.iter().find(|step| step.verdict == Verdict::Blocked);
    let returns = back.iter().find(|back| back.verdict == Verdict::Blocked);
    outcome.reason = match stop {
        Some(step) => step.reason,
        None => returns.and_then(|back| back.reason),
    };
    let steps = Verdict::all(outcome.steps.iter().map(|step| step.verdict));
    let open = beyond.is_some_and(|beyond| beyond.open);
    let unsure = beyond.is_some_and(|beyond| beyond.unsure);
    outcome.verdict = match (stop, returns, open) {
        _ if unsure => Verdict::Unknown,
        (Some(_), ..) | (None, Some(_), false) => Verdict::Blocked,
        (None, _, true) => Verdict::Unknown,
        (None, None, false) => Verdict::all([steps].into_iter().chain(back.iter().map(|back| back.verdict))),
    };
    if outcome.verdict != Verdict::Blocked {
        outcome.reason = None;
    }
    if stop.is_none() {
        let beyond = beyond.filter(|beyond| beyond.ends_at.is_some());
        outcome.ends_at = beyond.map_or_else(|| way.ends_at.clone(), |beyond| beyond.ends_at.clone());
        outcome.snat = way.snat || beyond.is_some_and(|beyond| beyond.snat);
        outcome.source_seen = match beyond {
            Some(beyond) => beyond.source_seen.clone(),
            None => way.source_seen.clone().or_else(|| {
                front
                    .mouth
                    .as_ref()
                    .filter(|_| way.snat)
                    .map(|mouth| mouth.private.to_string())
            }),
        };
        outcome.back = returned(&outcome, back, answers);
    }
    outcome
}

/// The way back, of the ways back of the parts; where none is known, what is usual.
fn returned(outcome: &Outcome, back: Vec<Return>, answers: bool) -> Option<Return> {
    if back.is_empty() {
        let last = outcome.steps.iter().rev().find(|step| !step.after.is_empty())?;
        return answers.then(|| step::answer(last, outcome.snat));
    }
    Some(Return {
        verdict: Verdict::all(back.iter().map(|back| back.verdict)),
        reason: back.iter().find_map(|back| back.reason),
        steps: back.into_iter().flat_map(|back| back.steps).collect(),
    })
}

/// Takes what is known of the network into the step that picks the target. Whether the way goes on.
fn take_over(own: &mut [Step], beyond: &Beyond) -> bool {
    let Some(picks) = own.last_mut() else { return true };
    let stops = beyond.steps.iter().any(|step| step.verdict == Verdict::Blocked)
        || beyond.back.iter().any(|back| back.verdict == Verdict::Blocked);
    let ill = picks.reason == Some(Reason::TargetUnhealthy);
    if ill && !stops {
        return false;
    }
    if ill {
        picks.verdict = Verdict::Passes;
        picks.reason = None;
        picks.note =
            Some("Where no target is well all get requests. Why this one does not answer shows further on.".to_owned());
    }
    if let Some(note) = &mut picks.note {
        note.replace(NETWORK_BEHIND, "").trim().clone_into(note);
        if note.is_empty() {
            picks.note = None;
        }
    }
    picks.to = None;
    true
}

/// A step of the load balancer, where its interface is.
fn placed(mut step: Step, id: &str, front: &Front) -> Step {
    for actor in [Some(&mut step.actor), step.to.as_mut()].into_iter().flatten() {
        if actor.id == id {
            actor.clone_from(&front.actor);
        } else if let Some(zone) = actor.zones.first_mut()
            && let Some(id) = zone.strip_prefix("VPC ")
        {
            // As the network calls it.
            *zone = id.to_owned();
        }
    }
    step
}

fn label(way: &Way, beyond: Option<&Beyond>) -> String {
    let more = beyond.map(|beyond| beyond.label.clone()).unwrap_or_default();
    let all: Vec<&str> = way
        .label
        .iter()
        .chain([&more])
        .map(String::as_str)
        .filter(|part| !part.is_empty())
        .collect();
    all.join(", ")
}

fn add(found: &mut Vec<(Key, Alike)>, key: Key, outcome: Outcome, front: &Front) {
    let place = front
        .place()
        .unwrap_or_else(|| "zones whose interfaces were not pasted".to_owned());
    if let Some((_, alike)) = found.iter_mut().find(|(known, _)| *known == key) {
        alike.outcome.share += outcome.share;
        if !alike.places.contains(&place) {
            alike.places.push(place);
            alike.interfaces += front.stands_for;
        }
        return;
    }
    let alike = Alike {
        outcome,
        places: vec![place],
        interfaces: front.stands_for,
    };
    found.push((key, alike));
}

/// Says of ways that differ by where they begin where that is.
fn labelled(found: Vec<(Key, Alike)>) -> Vec<Outcome> {
    let of = |key: &Key| (key.0, key.1.clone());
    let kinds: Vec<(Option<usize>, String)> = found.iter().map(|(key, _)| of(key)).collect();
    let alone = found.len() == 1;
    found
        .into_iter()
        .map(|(key, alike)| {
            let mut outcome = alike.outcome;
            let same = kinds.iter().filter(|kind| **kind == of(&key)).count();
            let places = alike.places.join(", ");
            if key.0.is_none() {
                outcome.label = if alone {
                    "stops before the load balancer".to_owned()
                } else {
                    format!("by the load balancer's interface in {places}")
                };
            } else if same > 1 {
                format!("{} from {places}", outcome.label)
                    .trim_start()
                    .clone_into(&mut outcome.label);
            }
            if alike.interfaces > 1
                && let Some(first) = outcome
                    .steps
                    .iter_mut()
                    .find(|step| step.action.starts_with("connects"))
            {
                let note = format!("Its {} interfaces ({places}) lead the same way.", alike.interfaces);
                first.note = Some(
                    first
                        .note
                        .take()
                        .map_or_else(|| note.clone(), |other| format!("{other} {note}")),
                );
            }
            outcome
        })
        .collect()
}

fn ratio(part: usize, whole: usize) -> f64 {
    let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    number(part) / number(whole.max(1))
}
