//! Ways that differ in nothing but in who is at their ends, put together: `5 pods, 20 % each`. What differs in its verdict, its reason or in
//! what is done on the way stays a way of its own.

use std::fmt::Write as _;

use crate::flow::{Actor, ActorKind, Flow, Outcome, Return, Step, Values};

/// Fewer ways than this are shown one by one.
const LEAST: usize = 3;
/// No more names stand in a box.
const NAMED: usize = 2;

/// What the ids of those that stand for several begin with.
const SEVERAL: &str = "several:";

/// A path with its like ways put together.
#[derive(Debug, Clone, PartialEq)]
pub struct Folded {
    /// The path.
    pub flow: Flow,
    /// What is told of each of its ways.
    pub ways: Vec<Way>,
}

/// A way of a folded path.
#[derive(Debug, Clone, PartialEq)]
pub struct Way {
    /// Where its first step stands in [`Flow::steps`] of the path that was folded: it is drawn by the first of its like.
    pub first: usize,
    /// How many ways it stands for.
    pub count: usize,
    /// How often each of them is taken, where they are taken equally often.
    pub each: Option<f64>,
    /// Where they end, where it stands for several.
    pub ends: Vec<String>,
}

impl Way {
    /// `5 ways, 20 % each`; `None` where it stands for itself alone.
    pub fn words(&self) -> Option<String> {
        if self.count < 2 {
            return None;
        }
        let each = self
            .each
            .map(|each| format!(", {} each", percent(each)))
            .unwrap_or_default();
        Some(format!("{} ways{each}", self.count))
    }
}

/// `20 %`
fn percent(share: f64) -> String {
    crate::diagram::percent(share)
}

/// Puts the like ways of a path together; `None` where all stand alone.
pub fn fold(flow: &Flow) -> Option<Folded> {
    if flow.outcomes.len() < LEAST {
        return None;
    }
    let mut groups: Vec<(Vec<usize>, String)> = Vec::new();
    for (at, outcome) in flow.outcomes.iter().enumerate() {
        let key = likeness(outcome);
        match groups.iter_mut().find(|(_, known)| *known == key) {
            Some((group, _)) => group.push(at),
            None => groups.push((vec![at], key)),
        }
    }
    // Small groups stay as they are.
    let mut parts: Vec<Vec<usize>> = Vec::new();
    for (group, _) in groups {
        if group.len() < LEAST {
            parts.extend(group.into_iter().map(|at| vec![at]));
        } else {
            parts.push(group);
        }
    }
    parts.sort();
    if parts.len() == flow.outcomes.len() {
        return None;
    }
    let mut firsts = Vec::new();
    let mut first = 0;
    for outcome in &flow.outcomes {
        firsts.push(first);
        first += outcome.steps.len() + outcome.back.as_ref().map_or(0, |back| back.steps.len());
    }
    let mut folded = Folded {
        flow: Flow {
            outcomes: Vec::new(),
            ..flow.clone()
        },
        ways: Vec::new(),
    };
    for part in parts {
        let all: Vec<&Outcome> = part.iter().filter_map(|at| flow.outcomes.get(*at)).collect();
        let Some(outcome) = together(&all) else { continue };
        folded.flow.outcomes.push(outcome);
        folded.ways.push(Way {
            first: part.first().and_then(|at| firsts.get(*at)).copied().unwrap_or_default(),
            count: all.len(),
            each: equal_share(&all),
            ends: if all.len() > 1 {
                all.iter().map(|outcome| end_of(outcome)).collect()
            } else {
                Vec::new()
            },
        });
    }
    Some(folded)
}

/// Whether an actor stands for several.
pub fn is_several(id: &str) -> bool {
    id.starts_with(SEVERAL)
}

/// Where a way ends: the address with the name of who has it.
fn end_of(outcome: &Outcome) -> String {
    let last = outcome.steps.last();
    let name = last.map(|step| step.to.as_ref().unwrap_or(&step.actor).name.clone());
    match (&outcome.ends_at, name) {
        (Some(end), Some(name)) if !end.contains(&name) && !name.contains(end.as_str()) => format!("{end} ({name})"),
        (Some(end), _) => end.clone(),
        (None, Some(name)) => name,
        (None, None) => outcome.label.clone(),
    }
}

fn equal_share(all: &[&Outcome]) -> Option<f64> {
    let first = all.first()?.share;
    let equal = all.iter().all(|outcome| (outcome.share - first).abs() < 0.005);
    (equal && all.len() > 1).then_some(first)
}

/// What two ways must have in common: all but names, addresses and numbers.
fn likeness(outcome: &Outcome) -> String {
    let mut key = format!("{}|{:?}|{}|", outcome.verdict.word(), outcome.reason, outcome.snat);
    let steps = |key: &mut String, steps: &[Step]| {
        for step in steps {
            let kind = |actor: &Actor| format!("{:?}", actor.kind);
            let _ = write!(
                key,
                "{}>{} {} {:?} {};",
                kind(&step.actor),
                step.to.as_ref().map(kind).unwrap_or_default(),
                step.verdict.word(),
                step.reason,
                bare(&step.action)
            );
        }
    };
    steps(&mut key, &outcome.steps);
    if let Some(back) = &outcome.back {
        key.push_str("<-");
        steps(&mut key, &back.steps);
    }
    key
}

/// The words of an action that hold no number and no path.
fn bare(action: &str) -> String {
    let words = action
        .split_whitespace()
        .filter(|word| !word.contains(|c: char| c.is_ascii_digit() || c == '/' || c == '-'));
    words.collect::<Vec<_>>().join(" ")
}

fn together(all: &[&Outcome]) -> Option<Outcome> {
    let first = *all.first()?;
    if all.len() == 1 {
        return Some(first.clone());
    }
    let mut outcome = first.clone();
    outcome.share = all.iter().map(|outcome| outcome.share).sum();
    outcome.label = format!("{} ways", all.len());
    outcome.ends_at = None;
    let there: Vec<&[Step]> = all.iter().map(|outcome| outcome.steps.as_slice()).collect();
    outcome.steps = steps(&there);
    if let Some(back) = &first.back {
        let ways: Vec<&[Step]> = all
            .iter()
            .filter_map(|outcome| Some(outcome.back.as_ref()?.steps.as_slice()))
            .collect();
        outcome.back = Some(Return {
            steps: steps(&ways),
            ..back.clone()
        });
    }
    Some(outcome)
}

fn steps(ways: &[&[Step]]) -> Vec<Step> {
    let Some(first) = ways.first() else { return Vec::new() };
    let mut all = Vec::new();
    for (at, one) in first.iter().enumerate() {
        let like: Vec<&Step> = ways.iter().filter_map(|way| way.get(at)).collect();
        let mut step = one.clone();
        step.actor = actors(&like.iter().map(|step| &step.actor).collect::<Vec<_>>(), &one.actor);
        step.to = one
            .to
            .as_ref()
            .map(|to| actors(&like.iter().filter_map(|step| step.to.as_ref()).collect::<Vec<_>>(), to));
        step.before = values(&one.before, &like.iter().map(|step| &step.before).collect::<Vec<_>>());
        step.after = values(&one.after, &like.iter().map(|step| &step.after).collect::<Vec<_>>());
        step.action = action(&like.iter().map(|step| step.action.as_str()).collect::<Vec<_>>());
        step.checks.clear();
        all.push(step);
    }
    all
}

fn actors(all: &[&Actor], first: &Actor) -> Actor {
    let mut different: Vec<&Actor> = Vec::new();
    for actor in all {
        if !different.iter().any(|known| known.id == actor.id) {
            different.push(actor);
        }
    }
    if different.len() < 2 {
        return first.clone();
    }
    let mut zones = first.zones.clone();
    for actor in &different {
        let same = zones.iter().zip(&actor.zones).take_while(|(one, other)| one == other);
        zones.truncate(same.count());
    }
    let mut details: Vec<String> = different.iter().take(NAMED).map(|actor| actor.name.clone()).collect();
    if different.len() > NAMED {
        details.push(format!("and {} more", different.len() - NAMED));
    }
    let kind = match first.kind {
        ActorKind::Pod => "pods",
        ActorKind::Node => "nodes",
        ActorKind::Instance => "instances",
        ActorKind::Interface => "interfaces",
        ActorKind::Subnet => "subnets",
        ActorKind::Gateway => "gateways",
        ActorKind::LoadBalancer => "load balancers",
        ActorKind::Service => "Services",
        _ => "endpoints",
    };
    Actor {
        id: format!("{SEVERAL}{}", first.id),
        kind: first.kind,
        name: format!("{} {kind}", different.len()),
        details,
        zones,
    }
}

fn values(first: &Values, all: &[&Values]) -> Values {
    first
        .iter()
        .map(|(name, value)| {
            let of = |values: &Values| {
                values
                    .iter()
                    .find(|(known, _)| known == name)
                    .map(|(_, value)| value.clone())
            };
            let mut different: Vec<String> = all.iter().filter_map(|values| of(values)).collect();
            different.sort();
            different.dedup();
            let told = match different.len() {
                0 | 1 => value.clone(),
                count => format!("one of {count}"),
            };
            (*name, told)
        })
        .collect()
}

/// The words that all have; the others are left out.
fn action(all: &[&str]) -> String {
    let Some((first, rest)) = all.split_first() else {
        return String::new();
    };
    let mut out: Vec<&str> = Vec::new();
    for (at, word) in first.split_whitespace().enumerate() {
        if rest.iter().all(|other| other.split_whitespace().nth(at) == Some(word)) {
            out.push(word);
        } else if out.last() != Some(&"…") {
            out.push("…");
        }
    }
    out.join(" ")
}

#[cfg(test)]
mod tests {
    use super::fold;
    use crate::flow::{Actor, ActorKind, Details, Flow, FlowKind, Outcome, Reason, Step, Verdict};

    fn actor(kind: ActorKind, name: &str, node: &str) -> Actor {
        Actor {
            id: name.to_owned(),
            kind,
            name: name.to_owned(),
            details: Vec::new(),
            zones: vec!["VPC vpc-0a".to_owned(), node.to_owned()],
        }
    }

    fn way(number: usize, verdict: Verdict) -> Outcome {
        let node = actor(ActorKind::Node, "ip-10-0-1-7", "node a");
        let pod = actor(ActorKind::Pod, &format!("web-{number}"), &format!("node {number}"));
        let mut outcome = Outcome::new(format!("to web-{number}"), 0.2, verdict);
        let mut first = Step::new(node, format!("sends it to 10.0.2.{number}:8080"), Verdict::Passes);
        first.after = vec![("src", "10.0.1.9".to_owned()), ("dst", format!("10.0.2.{number}:8080"))];
        let mut second = Step::new(pod, "takes it", verdict);
        if verdict == Verdict::Blocked {
            second.reason = Some(Reason::PolicyIngress);
            outcome.reason = second.reason;
        } else {
            outcome.ends_at = Some(format!("10.0.2.{number}:8080"));
        }
        outcome.steps = vec![first, second];
        outcome
    }

    fn flow(verdicts: &[Verdict]) -> Flow {
        Flow {
            kind: FlowKind::PacketPath,
            title: "a → b".to_owned(),
            subtitle: String::new(),
            verdict: Verdict::all(verdicts.iter().copied()),
            outcomes: verdicts
                .iter()
                .enumerate()
                .map(|(at, verdict)| way(at + 1, *verdict))
                .collect(),
            next: Vec::new(),
            details: Details::PacketPath(crate::flow::packet_path::Details::default()),
        }
    }

    #[test]
    fn like_ways_are_one_and_the_one_that_stops_stays_apart() {
        use Verdict::{Blocked, Passes};
        let folded = fold(&flow(&[Blocked, Passes, Passes, Passes, Passes])).expect("it folds");
        assert_eq!(folded.flow.outcomes.len(), 2);
        assert_eq!(folded.ways[0].words(), None);
        let way = &folded.ways[1];
        assert_eq!(way.words().as_deref(), Some("4 ways, 20 % each"));
        // The second outcome of the path that was folded begins with its third step.
        assert_eq!(way.first, 2);
        assert_eq!(way.ends[0], "10.0.2.2:8080 (web-2)");
        let steps = &folded.flow.outcomes[1].steps;
        assert_eq!(steps[0].actor.name, "ip-10-0-1-7");
        assert_eq!(steps[0].action, "sends it to …");
        assert_eq!(
            steps[0].after,
            [("src", "10.0.1.9".to_owned()), ("dst", "one of 4".to_owned())]
        );
        assert_eq!(steps[1].actor.name, "4 pods");
        assert_eq!(steps[1].actor.details, ["web-2", "web-3", "and 2 more"]);
        assert_eq!(steps[1].actor.zones, ["VPC vpc-0a"]);
        assert!((folded.flow.outcomes[1].share - 0.8).abs() < 1e-9);
    }

    #[test]
    fn few_ways_and_ways_with_other_steps_stay_alone() {
        use Verdict::{Assumed, Blocked, Passes};
        assert_eq!(fold(&flow(&[Passes, Passes])), None);
        assert_eq!(fold(&flow(&[Passes, Passes, Blocked, Assumed])), None);
        let mut longer = flow(&[Passes, Passes, Passes]);
        longer.outcomes[1].steps.pop();
        assert_eq!(fold(&longer), None);
        let mut other = flow(&[Passes, Passes, Passes]);
        other.outcomes[1].steps[1].action = "refuses it".to_owned();
        assert_eq!(fold(&other), None);
    }
}
