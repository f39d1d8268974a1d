//! Auth.

pub mod iam;

use super::Flow;
use crate::model::Model;

/// What only this kind of flow has.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Details {}

/// The flows that the pasted text itself asks about.
pub fn propose(_model: &Model<'_>) -> Vec<Flow> {
    Vec::new()
}
