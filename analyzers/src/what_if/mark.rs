//! Says of each step whether it rests on what is assumed.

use super::Made;
use crate::evidence::Evidence;
use crate::flow::{Flow, Outcome, Step, Verdict};

/// Marks the steps of a changed path; `base` is the path as it was pasted.
pub fn mark(mut changed: Flow, base: &Flow, made: &[Made]) -> Flow {
    for outcome in &mut changed.outcomes {
        if !base.outcomes.contains(outcome) {
            mark_outcome(outcome, base, made);
        }
    }
    changed.verdict = at_most_assumed(changed.verdict);
    let all: Vec<&str> = made.iter().map(|made| made.words.as_str()).collect();
    changed.subtitle = format!("{} · if {}", changed.subtitle, all.join(", and if "));
    changed
}

fn at_most_assumed(verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::Passes => Verdict::Assumed,
        other => other,
    }
}

fn mark_outcome(outcome: &mut Outcome, base: &Flow, made: &[Made]) {
    outcome.verdict = at_most_assumed(outcome.verdict);
    for step in &mut outcome.steps {
        mark_step(step, base, made);
    }
    if let Some(back) = &mut outcome.back {
        back.verdict = at_most_assumed(back.verdict);
        for step in &mut back.steps {
            mark_step(step, base, made);
        }
    }
}

fn mark_step(step: &mut Step, base: &Flow, made: &[Made]) {
    if base.steps().any(|other| other == step) {
        return;
    }
    let opened = base.steps().any(|other| {
        other.verdict == Verdict::Blocked && other.actor.id == step.actor.id && step.verdict < Verdict::Unknown
    });
    let mut words: Vec<&str> = made
        .iter()
        .filter(|made| step.evidence.iter().any(|evidence| is_near(evidence, made)))
        .map(|made| made.words.as_str())
        .collect();
    if words.is_empty() && opened {
        words = made.iter().map(|made| made.words.as_str()).collect();
    }
    if words.is_empty() {
        return;
    }
    let is_real = |evidence: &Evidence| !made.iter().any(|made| is_under(evidence, made));
    step.evidence.retain(is_real);
    for check in &mut step.checks {
        check.evidence.retain(is_real);
        check.verdict = at_most_assumed(check.verdict);
    }
    step.verdict = at_most_assumed(step.verdict);
    let condition = format!("If {}.", words.join(", and if "));
    step.note = Some(match step.note.take() {
        Some(note) => format!("{condition} {note}"),
        None => condition,
    });
}

/// Whether it is what was put in.
fn is_under(evidence: &Evidence, made: &Made) -> bool {
    let Evidence::Node { artifact, pointer } = evidence else {
        return false;
    };
    let rest = pointer.strip_prefix(made.pointer.as_str());
    *artifact == made.artifact && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether it is of the object that was changed.
fn is_near(evidence: &Evidence, made: &Made) -> bool {
    let Evidence::Node { artifact, pointer } = evidence else {
        return false;
    };
    *artifact == made.artifact && object(pointer) == object(&made.pointer)
}

/// The element of the list that a pointer leads into: `/SecurityGroups/3`; the whole of a document that is one object.
fn object(pointer: &str) -> &str {
    let mut ends = pointer.match_indices('/').map(|(at, _)| at).skip(1);
    let (second, third) = (ends.next(), ends.next());
    let number = second
        .and_then(|second| pointer.get(second + 1..third.unwrap_or(pointer.len())))
        .is_some_and(|token| token.bytes().all(|byte| byte.is_ascii_digit()));
    if number {
        pointer.get(..third.unwrap_or(pointer.len())).unwrap_or_default()
    } else {
        ""
    }
}

#[cfg(test)]
mod tests {
    use super::object;

    #[test]
    fn the_object_that_a_pointer_leads_into() {
        assert_eq!(
            object("/SecurityGroups/3/IpPermissions/1/FromPort"),
            "/SecurityGroups/3"
        );
        assert_eq!(object("/items/12"), "/items/12");
        assert_eq!(object("/spec/ports"), "");
        assert_eq!(object("/spec"), "");
        assert_eq!(object(""), "");
    }
}
