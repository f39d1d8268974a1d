//! What one filter, router or gateway makes of a packet.

use crate::evidence::Evidence;
use crate::flow::{Check, Next, Reason, Verdict};

/// What is known of it.
#[derive(Debug, Clone)]
pub(super) struct Hop {
    pub action: String,
    pub verdict: Verdict,
    pub reason: Option<Reason>,
    pub evidence: Vec<Evidence>,
    pub notes: Vec<String>,
    pub checks: Vec<Check>,
    pub next: Vec<Next>,
}

impl Hop {
    fn new(verdict: Verdict, action: impl Into<String>, evidence: Vec<Evidence>) -> Self {
        Self {
            action: action.into(),
            verdict,
            reason: None,
            evidence,
            notes: Vec::new(),
            checks: Vec::new(),
            next: Vec::new(),
        }
    }

    pub fn passes(action: impl Into<String>, evidence: Vec<Evidence>) -> Self {
        Self::new(Verdict::Passes, action, evidence)
    }

    /// It should pass by a documented default, which `note` names.
    pub fn assumed(action: impl Into<String>, evidence: Vec<Evidence>, note: impl Into<String>) -> Self {
        Self::new(Verdict::Assumed, action, evidence).noted(note)
    }

    pub fn blocked(reason: Reason, action: impl Into<String>, evidence: Vec<Evidence>) -> Self {
        Self {
            reason: Some(reason),
            ..Self::new(Verdict::Blocked, action, evidence)
        }
    }

    /// What would tell is `command`'s output.
    pub fn unknown(action: impl Into<String>, command: impl Into<String>, why: impl Into<String>) -> Self {
        Self::new(Verdict::Unknown, action, Vec::new()).then(command, why)
    }

    pub fn then(mut self, command: impl Into<String>, why: impl Into<String>) -> Self {
        self.next.push(Next {
            command: command.into(),
            decides: Vec::new(),
            why: why.into(),
        });
        self
    }

    pub fn noted(mut self, note: impl Into<String>) -> Self {
        let note = note.into();
        if !note.is_empty() {
            self.notes.push(note);
        }
        self
    }

    pub fn with(mut self, evidence: impl IntoIterator<Item = Evidence>) -> Self {
        self.evidence.extend(evidence);
        self
    }

    pub fn is_blocked(&self) -> bool {
        self.verdict == Verdict::Blocked
    }
}
