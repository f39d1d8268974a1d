//! A step as the terminal program prints it, of any kind of flow.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Check, Reason, Step, Values, Verdict};
use crate::analysis::Analysis;
use crate::evidence::Citation;

/// A step of `contract.md`, with the other actor and the comparisons added.
#[derive(Debug, Serialize)]
pub struct StepReport {
    /// Who acts.
    pub actor: String,
    /// On whom, where the step is a message.
    pub to: Option<String>,
    /// What is done.
    pub action: String,
    /// The values as they arrive.
    pub before: BTreeMap<&'static str, String>,
    /// The values as they leave.
    pub after: BTreeMap<&'static str, String>,
    /// What is known of it.
    pub verdict: Verdict,
    /// Why it stops.
    pub reason: Option<Reason>,
    /// A remark, or the default that an `assumed` rests on.
    pub note: Option<String>,
    /// The comparisons that decided.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<CheckReport>,
    /// The lines that prove it.
    pub evidence: Vec<Citation>,
}

/// A comparison of [`StepReport`].
#[derive(Debug, Serialize)]
pub struct CheckReport {
    /// What is compared.
    pub what: String,
    /// The value that is there.
    pub has: Option<String>,
    /// The values that would pass.
    pub wants: Vec<String>,
    /// The outcome.
    pub verdict: Verdict,
    /// Where both were read.
    pub evidence: Vec<Citation>,
}

impl StepReport {
    /// The step with its lines.
    pub fn new(analysis: &Analysis, step: &Step) -> Self {
        let map = |values: &Values| values.iter().cloned().collect();
        Self {
            actor: step.actor.name.clone(),
            to: step.to.as_ref().map(|actor| actor.name.clone()),
            action: step.action.clone(),
            before: map(&step.before),
            after: map(&step.after),
            verdict: step.verdict,
            reason: step.reason,
            note: step.note.clone(),
            checks: step
                .checks
                .iter()
                .map(|check| CheckReport::new(analysis, check))
                .collect(),
            evidence: analysis.cite(&step.evidence),
        }
    }
}

impl CheckReport {
    fn new(analysis: &Analysis, check: &Check) -> Self {
        Self {
            what: check.what.clone(),
            has: check.has.clone(),
            wants: check.wants.clone(),
            verdict: check.verdict,
            evidence: analysis.cite(&check.evidence),
        }
    }
}
