//! Why the controller makes nothing of an object.

use std::fmt;

use crate::evidence::Evidence;

/// What the controller would write into the event `FailedBuildModel`, in its own words, so that both can be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Its message.
    pub message: String,
    /// The fields that it refuses.
    pub evidence: Vec<Evidence>,
}

impl Refusal {
    /// A refusal of what stands at `evidence`.
    pub fn new(message: impl Into<String>, evidence: impl IntoIterator<Item = Evidence>) -> Self {
        Self {
            message: message.into(),
            evidence: evidence.into_iter().collect(),
        }
    }

    /// The same, with what it happened in put before it.
    #[must_use]
    pub fn within(mut self, what: &str) -> Self {
        self.message = format!("{what}: {}", self.message);
        self
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refusal {}
