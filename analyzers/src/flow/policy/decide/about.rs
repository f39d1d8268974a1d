//! Whom policies select, and whom their rules are about.

use std::net::IpAddr;

use super::super::addresses::Addresses;
use super::super::doubt::{Doubts, Missing};
use super::super::{Peer, Policy, Rule};
use crate::model::selector::{Is, Labels, Selector};
use crate::model::workload::Workload;
use crate::model::{Model, Node};

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

/// The nodes that policies can tell.
#[derive(Debug, Default)]
pub(super) struct Nodes<'a> {
    /// Their addresses, their labels, and whether these are all.
    known: Vec<(Vec<IpAddr>, Labels<'a>, bool)>,
    /// Whether there are no others.
    all: bool,
}

impl<'a> Nodes<'a> {
    /// Those of a model.
    pub fn new(model: &Model<'a>) -> Self {
        let known = model.all("Node").map(|entity| {
            let ips = Node(entity).internal_ips();
            let (labels, whole) = entity.labels();
            // A table shows of a node's labels the roles alone; each kubelet gives its node this one (Kubernetes, Well-Known Labels).
            let whole = whole && labels.contains_key("kubernetes.io/hostname");
            (ips.into_iter().map(|ip| ip.value).collect(), labels, whole)
        });
        Self {
            known: known.collect(),
            all: model.all_listed("Node", "").is_some(),
        }
    }

    fn is_selected(&self, selector: &Selector<'_>, address: IpAddr) -> Is {
        let node = self.known.iter().find(|(addresses, ..)| addresses.contains(&address));
        match node {
            Some((_, labels, whole)) => selector.selects(labels, *whole),
            None if self.all => Is::No,
            None => Is::Unsure,
        }
    }
}

/// Whether a rule is about addresses outside; of names the plugin alone knows whose they are at the time.
pub(super) fn addresses(rule: &Rule<'_>, addresses: &Addresses) -> Match {
    anywhere(rule, |peer| match peer {
        Peer::Outside(networks) | Peer::Networks(networks) => (!networks.intersection(addresses).is_empty()).into(),
        Peer::Pods(_) | Peer::Nodes(_) => Is::No,
        Peer::Names => Is::Unsure,
    })
}

/// Whether a rule is about one address that is no pod's.
pub(super) fn address(rule: &Rule<'_>, address: IpAddr, nodes: &Nodes<'_>) -> Match {
    anywhere(rule, |peer| match peer {
        Peer::Outside(networks) | Peer::Networks(networks) => networks.contains(address).into(),
        Peer::Nodes(selector) => nodes.is_selected(selector, address),
        Peer::Pods(_) => Is::No,
        Peer::Names => Is::Unsure,
    })
}

fn anywhere(rule: &Rule<'_>, ask: impl Fn(&Peer<'_>) -> Is) -> Match {
    let Some(peers) = &rule.peers else {
        return Match::surely(true);
    };
    let mut all = Match::surely(false);
    for peer in peers {
        let is = ask(peer);
        all.is = all.is.max(is);
        if is == Is::Unsure {
            all.doubts.insert(match peer {
                Peer::Nodes(_) => Missing::Nodes,
                _ => Missing::Names,
            });
        }
    }
    if all.is == Is::Unsure {
        all
    } else {
        Match::surely(all.is == Is::Yes)
    }
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
                if workload.address.is_none() && !networks.has_all() {
                    all.is = all.is.max(Is::Unsure);
                    all.doubts.insert(Missing::PodAddresses);
                } else {
                    all.is = all.is.max(is.into());
                }
            }
            Peer::Outside(networks) => {
                all.by_address |= workload.address.is_none_or(|address| networks.contains(address));
            }
            // A pod on its node's network has the node's address: who asks about it, asks about that.
            Peer::Nodes(_) | Peer::Names => {}
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
