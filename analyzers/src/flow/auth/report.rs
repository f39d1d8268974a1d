//! `whypath auth`: the shape of `contract.md`.

use serde::Serialize;

use crate::analysis::Analysis;
use crate::flow::report::StepReport;
use crate::flow::{Details, Flow, Next, Verdict};

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
    pub steps: Vec<StepReport>,
    /// What would settle what is open.
    pub next: Vec<Next>,
}

/// The report of an auth flow; `None` for other flows.
pub fn report(analysis: &Analysis, flow: &Flow) -> Option<AuthReport> {
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
        steps: flow.steps().map(|step| StepReport::new(analysis, step)).collect(),
        next: flow.next.clone(),
    })
}
