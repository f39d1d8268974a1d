//! What was not pasted, and keeps a decision from being certain.

use crate::flow::Next;

/// One thing that was not pasted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Missing {
    /// The labels of a pod.
    PodLabels,
    /// The labels of a namespace.
    NamespaceLabels,
    /// Which port a container calls so.
    PortNames,
}

const ALL: [Missing; 3] = [Missing::PodLabels, Missing::NamespaceLabels, Missing::PortNames];

/// A set of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Doubts(u8);

impl Missing {
    fn bit(self) -> u8 {
        match self {
            Self::PodLabels => 1,
            Self::NamespaceLabels => 2,
            Self::PortNames => 4,
        }
    }

    /// What it means for a decision, in a sentence.
    pub fn note(self) -> &'static str {
        match self {
            Self::PodLabels => "Policies tell pods by their labels; a pod's were not pasted.",
            Self::NamespaceLabels => "A policy tells namespaces by their labels; a namespace's were not pasted.",
            Self::PortNames => "A policy calls a port by its name; which port has it was not pasted.",
        }
    }

    /// What tells.
    pub fn next(self) -> Next {
        let (command, why) = match self {
            Self::PodLabels => (
                "kubectl get pods -A -o wide --show-labels",
                "Policies select pods by their labels, and those of some were not pasted.",
            ),
            Self::NamespaceLabels => (
                "kubectl get namespaces --show-labels",
                "Policies select namespaces by their labels, and those of some were not pasted.",
            ),
            Self::PortNames => (
                "kubectl get pods -A -o yaml",
                "A policy calls a port by its name; the pods' containers say which one has it.",
            ),
        };
        Next {
            command: command.to_owned(),
            decides: Vec::new(),
            why: why.to_owned(),
        }
    }
}

impl Doubts {
    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Adds one.
    pub fn insert(&mut self, missing: Missing) {
        self.0 |= missing.bit();
    }

    /// Adds others.
    pub fn extend(&mut self, others: Self) {
        self.0 |= others.0;
    }

    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = Missing> {
        ALL.into_iter().filter(move |missing| self.0 & missing.bit() != 0)
    }

    /// What tells.
    pub fn next(self) -> impl Iterator<Item = Next> {
        self.iter().map(Missing::next)
    }

    /// What they mean for a decision.
    pub fn note(self) -> String {
        let notes: Vec<&str> = self.iter().map(Missing::note).collect();
        notes.join(" ")
    }
}
