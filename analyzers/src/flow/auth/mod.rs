//! Auth: who is asking, how is it proved, what may it do.

pub mod iam;
mod question;
mod report;
pub mod web_identity;

use super::Flow;
use crate::model::Model;

pub use question::{Access, Question, Subject, compute};
pub use report::{AuthReport, report};

/// What only this kind of flow has.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Details {
    /// Who asks, as Kubernetes names them.
    pub username: Option<String>,
    /// Their groups in Kubernetes.
    pub groups: Vec<String>,
    /// Who asks, as AWS names them.
    pub canonical_arn: Option<String>,
    /// What lets it pass.
    pub allowed_by: Option<String>,
    /// The least that would let it pass, as YAML (of which JSON is a part).
    pub smallest_grant: Option<String>,
    /// The exchange of a ServiceAccount's token at STS, where the flow is one.
    pub web_identity: Option<Box<web_identity::WebIdentity>>,
}

/// The flows that the pasted text itself asks about.
pub fn propose(model: &Model<'_>) -> Vec<Flow> {
    web_identity::propose(model)
}
