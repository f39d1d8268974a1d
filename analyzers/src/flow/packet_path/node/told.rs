//! Ways that are the same to who asks are one, and questions whose answers change nothing were needless.

use std::collections::{BTreeMap, BTreeSet};

use super::packet::{Packet, Question, Source};
use super::walk::{Fate, Way};

/// Answers that were assumed.
type World = BTreeMap<Question, bool>;

/// What is the same of two ways for who asks.
type Key = (Fate, String, Source);

/// How often each of the different ways is taken, in millionths.
type Shares = BTreeMap<usize, i64>;

/// So many combinations of answers are looked at.
const MOST: usize = 512;

fn key(way: &Way) -> Key {
    (way.fate.clone(), end(&way.packet), way.packet.seen)
}

/// Where a packet goes.
pub fn end(packet: &Packet) -> String {
    super::super::end(packet.destination, packet.port)
}

/// The ways, each once. The second value: the questions on whose answers it depends which of them are taken.
pub fn told_apart(ways: &[Way]) -> (Vec<Way>, BTreeSet<Question>) {
    let questions: BTreeSet<Question> = ways
        .iter()
        .flat_map(|way| way.assumed.iter().map(|(question, _)| question.clone()))
        .collect();
    let mut numbers: BTreeMap<Key, usize> = BTreeMap::new();
    let keys: Vec<usize> = ways
        .iter()
        .map(|way| {
            let next = numbers.len();
            *numbers.entry(key(way)).or_insert(next)
        })
        .collect();
    let mut different: Vec<Way> = Vec::new();
    for (way, number) in ways.iter().zip(&keys) {
        if *number == different.len() {
            different.push(way.clone());
        }
    }
    let Some(worlds) = worlds(&questions) else {
        let mut shares = vec![0.0; different.len()];
        for (way, number) in ways.iter().zip(&keys) {
            if let Some(share) = shares.get_mut(*number) {
                *share += way.share;
            }
        }
        for (way, share) in different.iter_mut().zip(shares) {
            (way.share, way.assumed) = (share, Vec::new());
        }
        return (different, questions);
    };
    let worlds: Vec<(World, Shares)> = worlds
        .into_iter()
        .map(|world| {
            let shares = shares(ways, &keys, &world);
            (world, shares)
        })
        .collect();
    let needed: BTreeSet<Question> = questions
        .iter()
        .filter(|question| is_needed(question, &worlds))
        .cloned()
        .collect();
    (merged(different, &worlds, &needed), needed)
}

/// All combinations of answers that can be; `None` where there are too many.
fn worlds(questions: &BTreeSet<Question>) -> Option<Vec<World>> {
    let mut all = vec![World::new()];
    for question in questions {
        all = all
            .into_iter()
            .flat_map(|world| {
                [true, false].map(|answer| {
                    let mut one = world.clone();
                    one.insert(question.clone(), answer);
                    one
                })
            })
            .filter(can_be)
            .collect();
        if all.len() > MOST {
            return None;
        }
    }
    Some(all)
}

/// A packet comes in by one interface.
fn can_be(world: &World) -> bool {
    let names = |of: fn(&Question) -> Option<&str>| -> Vec<(&str, bool)> {
        world
            .iter()
            .filter_map(|(question, answer)| Some((of(question)?, *answer)))
            .collect()
    };
    let incoming = names(|question| match question {
        Question::Incoming(name) => Some(name),
        _ => None,
    });
    let outgoing = names(|question| match question {
        Question::Outgoing(name) => Some(name),
        _ => None,
    });
    let fits = |names: &[(&str, bool)]| {
        names.iter().all(|(name, is)| {
            names.iter().all(|(other, also)| match (is, also) {
                (true, true) => holds(name, other) || holds(other, name),
                // What is `eth0` is also `eth+`.
                (true, false) => !holds(other, name),
                _ => true,
            })
        })
    };
    fits(&incoming) && fits(&outgoing)
}

/// Whether all that one pattern names is named by the other, too: `eth+` (iptables) or `eth*` (nft), and `eth0`.
pub fn holds(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix(['+', '*']) {
        Some(start) => name.starts_with(start),
        None => pattern == name,
    }
}

/// How often each way is taken where these are the answers.
fn shares(ways: &[Way], keys: &[usize], world: &World) -> Shares {
    let mut shares: BTreeMap<usize, f64> = BTreeMap::new();
    for (way, number) in ways.iter().zip(keys) {
        let here = way
            .assumed
            .iter()
            .all(|(question, answer)| world.get(question) == Some(answer));
        if here {
            // Each question halved it.
            let halves = i32::try_from(way.assumed.len()).unwrap_or(i32::MAX);
            *shares.entry(*number).or_default() += way.share * 2.0_f64.powi(halves);
        }
    }
    shares
        .into_iter()
        .map(|(number, share)| {
            #[allow(clippy::cast_possible_truncation, reason = "a share of a million")]
            let share = (share * 1e6).round() as i64;
            (number, share)
        })
        .collect()
}

/// Whether the other answer to a question alone makes another world.
fn is_needed(question: &Question, worlds: &[(World, Shares)]) -> bool {
    let by_answers: BTreeMap<&World, &Shares> = worlds.iter().map(|(world, shares)| (world, shares)).collect();
    // Where some combinations cannot be, a question may not be changed alone.
    let other = |world: &World| {
        let mut other = world.clone();
        other.entry(question.clone()).and_modify(|answer| *answer = !*answer);
        other
    };
    worlds
        .iter()
        .any(|(world, shares)| match by_answers.get(&other(world)) {
            Some(others) => *others != shares,
            None => worlds.iter().any(|(_, others)| others != shares),
        })
}

/// The ways of all worlds, each with what has to be the case for it.
fn merged(different: Vec<Way>, worlds: &[(World, Shares)], needed: &BTreeSet<Question>) -> Vec<Way> {
    let mut seen: BTreeMap<World, &Shares> = BTreeMap::new();
    for (world, shares) in worlds {
        let answers = world
            .iter()
            .filter(|(question, _)| needed.contains(question))
            .map(|(question, answer)| (question.clone(), *answer))
            .collect();
        seen.entry(answers).or_insert(shares);
    }
    #[allow(clippy::cast_precision_loss, reason = "at most 512 worlds")]
    let count = seen.len() as f64;
    let mut all = Vec::new();
    for (number, mut way) in different.into_iter().enumerate() {
        let in_worlds: Vec<(&World, i64)> = seen
            .iter()
            .filter_map(|(world, shares)| Some((world, *shares.get(&number)?)))
            .collect();
        let Some((first, _)) = in_worlds.first() else { continue };
        #[allow(clippy::cast_precision_loss, reason = "a share of a million")]
        let share: f64 = in_worlds.iter().map(|(_, share)| *share as f64 / 1e6).sum();
        way.share = share / count;
        way.assumed = first
            .iter()
            .filter(|(question, answer)| in_worlds.iter().all(|(world, _)| world.get(*question) == Some(*answer)))
            .map(|(question, answer)| (question.clone(), *answer))
            .collect();
        all.push(way);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_uses_one_interface() {
        let incoming = |name: &str| Question::Incoming(name.to_owned());
        let questions = BTreeSet::from([incoming("eth0"), incoming("eth+"), incoming("eni+")]);
        let possible: Vec<Vec<bool>> = worlds(&questions)
            .unwrap()
            .iter()
            .map(|world| world.values().copied().collect())
            .collect();
        // In the order eni+, eth+, eth0.
        assert_eq!(
            possible,
            [
                vec![true, false, false],
                vec![false, true, true],
                vec![false, true, false],
                vec![false, false, false]
            ]
        );
    }
}
