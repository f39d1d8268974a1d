//! `whypath path`: the shape of `contract.md`.

use serde::Serialize;

use crate::analysis::Analysis;
use crate::flow::report::StepReport;
use crate::flow::{Flow, Next, Outcome, Reason, Step, Verdict};
use crate::what_if::Remedy;

/// The whole answer.
#[derive(Debug, Serialize)]
pub struct PathReport {
    /// Over all ways.
    pub verdict: Verdict,
    /// One for each way that the packet can go.
    pub outcomes: Vec<OutcomeReport>,
    /// What to run next.
    pub next: Vec<Next>,
    /// What would lead the packet further, where that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub what_if: Option<Vec<RemedyReport>>,
}

/// A change that would lead a packet further.
#[derive(Debug, Serialize)]
pub struct RemedyReport {
    /// The change in words, as they follow an *if*.
    #[serde(rename = "if")]
    pub words: String,
    /// The same as `--if` takes it.
    pub change: String,
    /// The command that makes it so.
    pub command: Option<String>,
    /// What becomes of the path.
    pub verdict: Verdict,
    /// Where it stops then.
    pub reason: Option<Reason>,
}

/// The report of what would lead a packet further.
pub fn what_if(analysis: &Analysis, remedies: &[Remedy]) -> Vec<RemedyReport> {
    remedies
        .iter()
        .map(|remedy| RemedyReport {
            words: remedy.change.words.clone(),
            change: crate::what_if::write(analysis, &remedy.change).unwrap_or_default(),
            command: remedy.command.clone(),
            verdict: remedy.verdict,
            reason: remedy.reason,
        })
        .collect()
}

/// One way.
#[derive(Debug, Serialize)]
pub struct OutcomeReport {
    /// What tells it from the other ways.
    pub label: String,
    /// From 0 to 1.
    pub share: f64,
    /// There and back.
    pub verdict: Verdict,
    /// Why it stops.
    pub reason: Option<Reason>,
    /// Where it arrives.
    pub ends_at: Option<String>,
    /// The source that the receiver sees.
    pub source_seen: Option<String>,
    /// Whether the source was rewritten.
    pub snat: bool,
    /// The steps there.
    pub steps: Vec<StepReport>,
    /// The way of the answer.
    #[serde(rename = "return")]
    pub back: Option<ReturnReport>,
}

/// The way of the answer.
#[derive(Debug, Serialize)]
pub struct ReturnReport {
    /// What is known of it.
    pub verdict: Verdict,
    /// Why it stops.
    pub reason: Option<Reason>,
    /// Its steps.
    pub steps: Vec<StepReport>,
}

/// The report of a packet path.
pub fn report(analysis: &Analysis, flow: &Flow) -> PathReport {
    let steps = |steps: &[Step]| steps.iter().map(|step| StepReport::new(analysis, step)).collect();
    PathReport {
        verdict: flow.verdict,
        outcomes: flow
            .outcomes
            .iter()
            .map(|outcome: &Outcome| OutcomeReport {
                label: outcome.label.clone(),
                share: outcome.share,
                verdict: outcome.verdict,
                reason: outcome.reason,
                ends_at: outcome.ends_at.clone(),
                source_seen: outcome.source_seen.clone(),
                snat: outcome.snat,
                steps: steps(&outcome.steps),
                back: outcome.back.as_ref().map(|back| ReturnReport {
                    verdict: back.verdict,
                    reason: back.reason,
                    steps: steps(&back.steps),
                }),
            })
            .collect(),
        next: flow.next.clone(),
        what_if: None,
    }
}
