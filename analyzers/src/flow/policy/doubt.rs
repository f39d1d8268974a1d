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
    /// The address of a pod.
    PodAddresses,
    /// The nodes, their addresses and labels.
    Nodes,
    /// The addresses that a name has.
    Names,
    /// The network plugin.
    Plugin,
}

const ALL: [Missing; 7] = [
    Missing::PodLabels,
    Missing::NamespaceLabels,
    Missing::PortNames,
    Missing::PodAddresses,
    Missing::Nodes,
    Missing::Names,
    Missing::Plugin,
];

/// A set of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Doubts(u8);

impl Missing {
    fn bit(self) -> u8 {
        match self {
            Self::PodLabels => 1,
            Self::NamespaceLabels => 2,
            Self::PortNames => 4,
            Self::PodAddresses => 8,
            Self::Nodes => 16,
            Self::Names => 32,
            Self::Plugin => 64,
        }
    }

    /// What it means for a decision, in a sentence.
    pub fn note(self) -> &'static str {
        match self {
            Self::PodLabels => "Policies tell pods by their labels; a pod's were not pasted.",
            Self::NamespaceLabels => "A policy tells namespaces by their labels; a namespace's were not pasted.",
            Self::PortNames => "A policy calls a port by its name; which port has it was not pasted.",
            Self::PodAddresses => "A policy is about a block of addresses; the pod's was not pasted.",
            Self::Nodes => "A policy is about nodes; whether the address is one's was not pasted.",
            Self::Names => {
                "A policy is about names of hosts; which addresses they have at the time nothing pasted says."
            }
            Self::Plugin => "It is left to the network plugin, and which one there is was not pasted.",
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
            Self::PodAddresses => (
                "kubectl get pods -A -o wide",
                "Whether the pods' addresses are in a policy's block is not known.",
            ),
            Self::Nodes => (
                "kubectl get nodes -o yaml",
                "A policy is about nodes by their labels: their addresses tell which they are.",
            ),
            Self::Names => (
                "dig +short NAME",
                "A policy is about names of hosts: the plugin lets the addresses through that they resolve to.",
            ),
            Self::Plugin => (
                "kubectl get daemonsets -n kube-system -o yaml",
                "The network plugin decides whether policies are applied, and what they mean for addresses of pods and nodes.",
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
