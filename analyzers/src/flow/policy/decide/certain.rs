//! Which part of a decision is not certain, because what was pasted does not tell whom a policy selects or a rule is about.

use super::super::doubt::{Doubts, Missing};
use super::super::ports::Ports;
use super::super::{Action, Rule, Tier};
use super::{Asked, Matrix, Selected};
use crate::model::selector::Is;

/// What ports may come to: one is in several of these where it is not certain what becomes of it.
struct Fates {
    /// No rule has matched yet.
    open: Ports,
    /// Passed on to the next tier.
    passed: Ports,
    allowed: Ports,
    denied: Ports,
}

impl Fates {
    fn open(ports: Ports) -> Self {
        Self {
            open: ports,
            passed: Ports::default(),
            allowed: Ports::default(),
            denied: Ports::default(),
        }
    }
}

impl Matrix<'_> {
    /// The ports of which it is not certain whether they may be reached, and why.
    pub(super) fn uncertain(&self, asked: &Asked<'_>) -> (Ports, Doubts) {
        let mut doubts = Doubts::default();
        if self.certain && (asked.told || !self.names_ports) {
            return (Ports::default(), doubts);
        }
        let mut fates = Fates::open(Ports::all());
        self.tier(asked, |tier| matches!(tier, Tier::Admin(_)), &mut fates, &mut doubts);
        let asked_next = fates.open.union(&fates.passed);
        let developers: Vec<Selected> = self.developers_of(asked).collect();
        let (mut surely, mut maybe, mut alone) = (Ports::default(), Ports::default(), Ports::all());
        for selected in &developers {
            let (own, may) = self.allowed(asked, *selected, &mut doubts);
            if selected.is == Is::Yes {
                surely = surely.union(&own);
            } else {
                doubts.extend(selected.doubts);
                alone = alone.intersection(&own);
            }
            maybe = maybe.union(&may);
        }
        fates.allowed = fates.allowed.union(&asked_next.intersection(&maybe));
        let isolated = developers.iter().any(|selected| selected.is == Is::Yes);
        if isolated {
            fates.denied = fates.denied.union(&asked_next.difference(&surely));
        } else {
            if !developers.is_empty() {
                // Any one of them may be the only one that selects the pod.
                fates.denied = fates.denied.union(&asked_next.difference(&alone));
            }
            let mut last = Fates::open(asked_next);
            self.tier(asked, |tier| matches!(tier, Tier::Baseline(_)), &mut last, &mut doubts);
            let open = last.open.union(&last.passed).union(&last.allowed);
            fates.allowed = fates.allowed.union(&open);
            fates.denied = fates.denied.union(&last.denied);
        }
        let both = fates.allowed.intersection(&fates.denied);
        if both.is_empty() {
            doubts = Doubts::default();
        }
        (both, doubts)
    }

    /// The developers' policies that select the pod, or may, and say something about the way.
    fn developers_of<'m>(&'m self, asked: &'m Asked<'_>) -> impl Iterator<Item = Selected> + 'm {
        asked.selecting.iter().copied().filter(|selected| {
            self.rules(selected.policy, asked.way)
                .is_some_and(|(policy, _)| policy.tier == Tier::Developer)
        })
    }

    /// What a developer's policy allows, surely and perhaps.
    fn allowed(&self, asked: &Asked<'_>, selected: Selected, doubts: &mut Doubts) -> (Ports, Ports) {
        let (mut own, mut may) = (Ports::default(), Ports::default());
        let rules = self
            .rules(selected.policy, asked.way)
            .map_or(&[][..], |(_, rules)| rules);
        for (number, rule) in rules.iter().enumerate() {
            let (is, why) = self.is_about(selected.policy, number, rule, asked);
            let (sure, perhaps) = bounds(rule, asked, is, why, doubts);
            own = own.union(&sure);
            may = may.union(&perhaps);
        }
        (own, may)
    }

    /// Asks the policies of a tier one after the other.
    fn tier(&self, asked: &Asked<'_>, is_of: impl Fn(Tier) -> bool, fates: &mut Fates, doubts: &mut Doubts) {
        for selected in asked.selecting {
            let Some((_, rules)) = self
                .rules(selected.policy, asked.way)
                .filter(|(policy, _)| is_of(policy.tier))
            else {
                continue;
            };
            for (number, rule) in rules.iter().enumerate() {
                let (is, mut why) = self.is_about(selected.policy, number, rule, asked);
                if selected.is == Is::Unsure {
                    why.extend(selected.doubts);
                }
                let (sure, perhaps) = bounds(rule, asked, is.min(selected.is), why, doubts);
                let perhaps = perhaps.intersection(&fates.open);
                let to = match rule.action {
                    Action::Allow => &mut fates.allowed,
                    Action::Deny => &mut fates.denied,
                    Action::Pass => &mut fates.passed,
                };
                *to = to.union(&perhaps);
                fates.open = fates.open.difference(&sure);
            }
        }
    }
}

/// The ports that a rule is about surely, and those that it may be about.
fn bounds(rule: &Rule<'_>, asked: &Asked<'_>, is: Is, why: Doubts, doubts: &mut Doubts) -> (Ports, Ports) {
    if is == Is::No {
        return (Ports::default(), Ports::default());
    }
    let sure = rule.ports(asked.names);
    let perhaps = if asked.told {
        sure.clone()
    } else {
        rule.ports_of_any_name().union(&sure)
    };
    if sure != perhaps {
        doubts.insert(Missing::PortNames);
    }
    if is == Is::Unsure {
        doubts.extend(why);
        return (Ports::default(), perhaps);
    }
    (sure, perhaps)
}
