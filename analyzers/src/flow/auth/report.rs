//! `whypath auth`: the shape of `contract.md`.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::analysis::Analysis;
use crate::evidence::Citation;
use crate::flow::{Check, Details, Flow, Next, Reason, Step, Values, Verdict};

/// An auth flow as JSON.
#[derive(Debug, Serialize)]
pub struct AuthReport {
    /// The verdict on what was asked.
    pub verdict: Verdict,
    /// Who asks, as Kubernetes names them.
    pub username: Option<String>,
    /// Their groups in Kubernetes.
    pub groups: Vec<String>,
    /// Who asks, as AWS names them.
    pub canonical_arn: Option<String>,
    /// What lets it pass.
    pub allowed_by: Option<String>,
    /// The least that would let it pass.
    pub smallest_grant: Option<String>,
    /// The steps.
    pub steps: Vec<ReportedStep>,
    /// What would settle what is open.
    pub next: Vec<Next>,
}

/// A step of [`AuthReport`].
#[derive(Debug, Serialize)]
pub struct ReportedStep {
    /// Who acts.
    pub actor: String,
    /// On whom.
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
    /// The comparisons.
    pub checks: Vec<ReportedCheck>,
    /// The lines that prove it.
    pub evidence: Vec<Citation>,
}

/// A comparison of [`ReportedStep`].
#[derive(Debug, Serialize)]
pub struct ReportedCheck {
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

impl Analysis {
    /// `whypath auth`, of a flow of that kind; `None` for other flows.
    pub fn auth_report(&self, flow: &Flow) -> Option<AuthReport> {
        let Details::Auth(details) = &flow.details else {
            return None;
        };
        Some(AuthReport {
            verdict: flow.verdict,
            username: details.username.clone(),
            groups: details.groups.clone(),
            canonical_arn: details.canonical_arn.clone(),
            allowed_by: details.allowed_by.clone(),
            smallest_grant: details.smallest_grant.clone(),
            steps: flow.steps().map(|step| self.auth_step(step)).collect(),
            next: flow.next.clone(),
        })
    }

    fn auth_step(&self, step: &Step) -> ReportedStep {
        let map = |values: &Values| values.iter().cloned().collect();
        ReportedStep {
            actor: step.actor.name.clone(),
            to: step.to.as_ref().map(|actor| actor.name.clone()),
            action: step.action.clone(),
            before: map(&step.before),
            after: map(&step.after),
            verdict: step.verdict,
            reason: step.reason,
            note: step.note.clone(),
            checks: step.checks.iter().map(|check| self.auth_check(check)).collect(),
            evidence: self.cite(&step.evidence),
        }
    }

    fn auth_check(&self, check: &Check) -> ReportedCheck {
        ReportedCheck {
            what: check.what.clone(),
            has: check.has.clone(),
            wants: check.wants.clone(),
            verdict: check.verdict,
            evidence: self.cite(&check.evidence),
        }
    }
}
