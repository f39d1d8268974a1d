//! Network policies: who may talk to whom, and which policy says so.
//!
//! NetworkPolicy (networking.k8s.io/v1), and what administrators set around it: AdminNetworkPolicy and BaselineAdminNetworkPolicy
//! (policy.networking.k8s.io/v1alpha1), and ClusterNetworkPolicy (v1alpha2), which succeeds both. Whatever the kind, a policy is read into
//! one form; `decide` knows the order in which the tiers are asked.

pub mod addresses;
mod cluster;
mod decide;
pub mod doubt;
mod foreign;
pub mod grid;
mod network_policy;
pub mod plugin;
pub mod ports;
mod ranges;
pub mod reach;
pub mod table;
#[cfg(test)]
mod tests;

use self::addresses::Addresses;
use self::doubt::{Doubts, Missing};
use self::ports::Ports;
use crate::artifact::Node;
use crate::evidence::Evidence;
use crate::flow::Next;
use crate::model::selector::{Is, Labels, Selector};
use crate::model::workload::{NamedPort, Workload};
use crate::model::{Entity, Model};

pub use self::decide::{Decision, Matrix, Other, Way};
pub(crate) use self::ranges::Ranges;

/// When a policy is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// Before the developers' policies, the lowest number first.
    Admin(i64),
    /// The developers': whoever is selected by one may do only what one of them allows.
    Developer,
    /// Where no developer's policy selects the pod, the lowest number first.
    Baseline(i64),
}

/// What a rule says about what it matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It may.
    Allow,
    /// It may not.
    Deny,
    /// The next tier says.
    Pass,
}

/// Pods by the labels of their namespaces and their own.
#[derive(Debug, Clone)]
struct Pods<'a> {
    namespaces: Namespaces<'a>,
    pods: Selector<'a>,
}

#[derive(Debug, Clone)]
enum Namespaces<'a> {
    Named(&'a str),
    Selected(Selector<'a>),
}

impl Pods<'_> {
    fn matches(&self, workload: &Workload<'_>, namespace: &Labels<'_>) -> bool {
        let there = match &self.namespaces {
            Namespaces::Named(name) => workload.namespace == *name,
            Namespaces::Selected(selector) => selector.matches(namespace),
        };
        there && self.pods.matches(&workload.labels)
    }

    /// Whether they are the workload's, and why that is not known; `whole`: whether the namespace has no other labels.
    fn selects(&self, workload: &Workload<'_>, namespace: &Labels<'_>, whole: bool) -> (Is, Doubts) {
        let there = match &self.namespaces {
            Namespaces::Named(name) => (workload.namespace == *name).into(),
            Namespaces::Selected(selector) => selector.selects(namespace, whole),
        };
        let pods = self.pods.selects(&workload.labels, workload.labels_told);
        let is = there.min(pods);
        let mut doubts = Doubts::default();
        if is == Is::Unsure {
            for (part, missing) in [(there, Missing::NamespaceLabels), (pods, Missing::PodLabels)] {
                if part == Is::Unsure {
                    doubts.insert(missing);
                }
            }
        }
        (is, doubts)
    }
}

/// Whom a rule is about.
#[derive(Debug, Clone)]
enum Peer<'a> {
    Pods(Pods<'a>),
    /// Addresses outside of the cluster. A pod's own address is not looked up in them: whether it counts is each plugin's own affair
    /// (NetworkPolicyPeer, API reference: `ipBlock` is for what is outside).
    Outside(Addresses),
    /// Addresses, those of pods among them (the network-policy-api's conformance tests).
    Networks(Addresses),
    /// Nodes by their labels.
    Nodes(Selector<'a>),
    /// Names of hosts: the plugin looks up which addresses they have.
    Names,
}

/// Which ports a rule is about.
#[derive(Debug, Clone)]
enum Port<'a> {
    Numbers(Ports),
    /// The ports that the containers at the destination call so, of one protocol or of any.
    Named(&'a str, Option<&'a str>),
}

/// One rule.
#[derive(Debug, Clone)]
struct Rule<'a> {
    action: Action,
    /// `None`: everybody.
    peers: Option<Vec<Peer<'a>>>,
    /// `None`: everything, also what has no ports.
    ports: Option<Vec<Port<'a>>>,
    evidence: Evidence,
}

impl Rule<'_> {
    /// Whether it calls a port by its name.
    fn names_ports(&self) -> bool {
        self.ports.iter().flatten().any(|port| matches!(port, Port::Named(..)))
    }

    /// The ports that it may be about, whatever port has a name.
    fn ports_of_any_name(&self) -> Ports {
        let named = self.ports.iter().flatten().filter_map(|port| match port {
            Port::Named(_, protocol) => Some(protocol),
            Port::Numbers(_) => None,
        });
        named.fold(Ports::default(), |all, protocol| {
            let any = |name: &str| Ports::of(name, 1, u16::MAX);
            all.union(&protocol.map_or_else(|| any("TCP").union(&any("UDP")).union(&any("SCTP")), any))
        })
    }

    /// The ports at a destination with these names.
    fn ports(&self, names: &[NamedPort<'_>]) -> Ports {
        let Some(ports) = &self.ports else {
            return Ports::all();
        };
        ports.iter().fold(Ports::default(), |all, port| match port {
            Port::Numbers(numbers) => all.union(numbers),
            Port::Named(name, protocol) => names
                .iter()
                .filter(|port| port.name == *name && protocol.is_none_or(|protocol| protocol == port.protocol))
                .fold(all, |all, port| {
                    all.union(&Ports::of(port.protocol, port.port, port.port))
                }),
        })
    }
}

/// A policy of any kind.
#[derive(Debug, Clone)]
pub struct Policy<'a> {
    /// `NetworkPolicy shop/deny-all`
    pub name: String,
    /// When it is asked.
    pub tier: Tier,
    /// Where it stands.
    pub evidence: Evidence,
    subject: Pods<'a>,
    /// `None`: it says nothing about what comes in.
    ingress: Option<Vec<Rule<'a>>>,
    /// `None`: it says nothing about what goes out.
    egress: Option<Vec<Rule<'a>>>,
}

/// A policy that could not be read: nothing that it may decide is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// `NetworkPolicy shop/deny-all`
    pub name: String,
    /// The command that shows it whole.
    pub command: String,
    /// Why not.
    pub why: &'static str,
    /// Where it stands.
    pub evidence: Option<Evidence>,
}

/// All policies that were pasted.
#[derive(Debug, Clone, Default)]
pub struct Policies<'a> {
    /// In the order in which they are asked.
    pub all: Vec<Policy<'a>>,
    /// Those that could not be read.
    pub unread: Vec<Unread>,
}

/// The kinds that are read, what kubectl calls them, and the groups of APIs that they are of.
pub const KINDS: [(&str, &str); 4] = [
    ("NetworkPolicy", "networkpolicies"),
    ("AdminNetworkPolicy", "adminnetworkpolicies"),
    ("BaselineAdminNetworkPolicy", "baselineadminnetworkpolicies"),
    ("ClusterNetworkPolicy", "clusternetworkpolicies"),
];

/// Whether a view of an object of one of these kinds is of that kind's own API, and not another project's of the same name.
fn is_own(kind: &str, view: &Node<'_>) -> bool {
    let group = view.str_of("apiVersion").and_then(|version| version.split('/').next());
    group.is_none_or(|group| match kind {
        // `extensions` is where it began.
        "NetworkPolicy" => matches!(group, "networking.k8s.io" | "extensions"),
        // The VPC CNI serves its own.
        "ClusterNetworkPolicy" => matches!(group, "policy.networking.k8s.io" | "networking.k8s.aws"),
        _ => group == "policy.networking.k8s.io",
    })
}

impl<'a> Policies<'a> {
    /// Whether a rule calls a port by its name.
    fn name_ports(&self) -> bool {
        let rules = self
            .all
            .iter()
            .flat_map(|policy| policy.ingress.iter().chain(&policy.egress));
        rules.flatten().any(Rule::names_ports)
    }

    /// Whether no rule is about nodes or names of hosts.
    fn are_told_by_labels(&self) -> bool {
        let rules = self
            .all
            .iter()
            .flat_map(|policy| policy.ingress.iter().chain(&policy.egress));
        let mut peers = rules.flatten().filter_map(|rule| rule.peers.as_ref()).flatten();
        !peers.any(|peer| matches!(peer, Peer::Nodes(_) | Peer::Names))
    }

    /// What would tell of the policies that were not read.
    pub fn asks(&self) -> Vec<Next> {
        let asks = self.unread.iter().map(|unread| Next {
            command: unread.command.clone(),
            decides: Vec::new(),
            why: format!("What {} allows is not known: {}.", unread.name, unread.why),
        });
        let mut asks: Vec<Next> = asks.collect();
        // One tells of all policies of its kind.
        asks.dedup_by(|one, before| one.command == before.command);
        asks
    }

    /// The policies of a model.
    pub fn new(model: &Model<'a>) -> Self {
        let mut policies = Self::default();
        for (kind, resource) in KINDS {
            for entity in model.all(kind) {
                let (own, others): (Vec<&Node<'a>>, Vec<&Node<'a>>) =
                    entity.views.iter().partition(|view| is_own(kind, view));
                if let Some(view) = own.first() {
                    let read = if kind == "NetworkPolicy" {
                        network_policy::read(entity, view)
                    } else {
                        cluster::read(entity, view)
                    };
                    match read {
                        Ok(policy) => policies.all.push(policy),
                        Err(why) => policies.unread.push(unread(entity, view, resource, why)),
                    }
                }
                if let Some(view) = others.first() {
                    policies.unread.push(foreign::unread(entity, view));
                }
            }
        }
        for kind in foreign::KINDS {
            for entity in model.all(kind) {
                let view = entity.views.first();
                policies.unread.extend(view.map(|view| foreign::unread(entity, view)));
            }
        }
        policies.all.sort_by_key(|policy| policy.tier);
        policies
    }
}

fn unread(entity: &Entity<'_>, view: &Node<'_>, resource: &str, why: &'static str) -> Unread {
    let namespace = if entity.namespace.is_empty() {
        String::new()
    } else {
        format!(" -n {}", entity.namespace)
    };
    Unread {
        name: entity.subject(),
        command: format!("kubectl get {resource} {}{namespace} -o yaml", entity.name),
        why,
        evidence: Some(view.at(&["metadata", "name"]).as_ref().unwrap_or(view).evidence()),
    }
}
