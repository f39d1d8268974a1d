//! Whom policies select, and whom their rules are about.

use super::super::addresses::Addresses;
use super::super::doubt::Doubts;
use super::super::{Peer, Policy, Rule};
use crate::model::selector::{Is, Labels};
use crate::model::workload::Workload;

/// Whether a rule is about somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) struct Match {
    /// Whether it is if nothing is there that was not pasted.
    pub pasted: bool,
    /// Whether it is.
    pub is: Is,
    /// Why that is not known.
    pub doubts: Doubts,
    /// Whether it would be if blocks of addresses were about pods.
    pub by_address: bool,
}

/// A policy that selects a workload, or may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) struct Selected {
    /// Its number.
    pub policy: usize,
    /// Whether it does if nothing is there that was not pasted.
    pub pasted: bool,
    /// Whether it does: it is, or that is not known.
    pub is: Is,
    /// Why that is not known.
    pub doubts: Doubts,
}

impl Selected {
    /// What a policy is to a workload in a namespace with these labels, of which the second value says whether they are all.
    pub fn of(
        at: usize,
        policy: &Policy<'_>,
        workload: &Workload<'_>,
        (namespace, whole): &(Labels<'_>, bool),
    ) -> Option<Self> {
        let (is, doubts) = policy.subject.selects(workload, namespace, *whole);
        (is != Is::No).then(|| Self {
            policy: at,
            pasted: policy.subject.matches(workload, namespace),
            is,
            doubts,
        })
    }
}

impl Match {
    fn surely(is: bool) -> Self {
        Self {
            pasted: is,
            is: is.into(),
            doubts: Doubts::default(),
            by_address: false,
        }
    }
}

/// Whether a rule is about addresses outside.
pub(super) fn addresses(rule: &Rule<'_>, addresses: &Addresses) -> Match {
    let Some(peers) = &rule.peers else {
        return Match::surely(true);
    };
    Match::surely(peers.iter().any(|peer| match peer {
        Peer::Outside(networks) | Peer::Networks(networks) => !networks.intersection(addresses).is_empty(),
        Peer::Pods(_) | Peer::Elsewhere => false,
    }))
}

/// Whether a rule is about a workload.
pub(super) fn is_about(rule: &Rule<'_>, workload: &Workload<'_>, (namespace, whole): &(Labels<'_>, bool)) -> Match {
    let Some(peers) = &rule.peers else {
        return Match::surely(true);
    };
    let mut all = Match::surely(false);
    for peer in peers {
        match peer {
            Peer::Pods(pods) => {
                let (is, doubts) = pods.selects(workload, namespace, *whole);
                all.pasted |= pods.matches(workload, namespace);
                all.is = all.is.max(is);
                all.doubts.extend(doubts);
            }
            Peer::Networks(networks) => {
                // Whatever address a pod has that was not pasted, it is one of all.
                let is = workload
                    .address
                    .map_or(networks.has_all(), |address| networks.contains(address));
                all.pasted |= is;
                all.is = all.is.max(is.into());
            }
            Peer::Outside(networks) => {
                all.by_address |= workload.address.is_none_or(|address| networks.contains(address));
            }
            Peer::Elsewhere => {}
        }
        if all.is == Is::Yes {
            return Match::surely(true);
        }
    }
    if all.is == Is::No {
        all.doubts = Doubts::default();
    }
    all
}
