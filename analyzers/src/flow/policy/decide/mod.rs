//! What policies decide about a connection, tier by tier.

mod about;
mod certain;

use self::about::{Match, Nodes, Selected, is_about};
use std::net::IpAddr;

use super::addresses::Addresses;
use super::doubt::{Doubts, Missing};
use super::plugin::Applied;
use super::ports::Ports;
use super::{Action, Peer, Policies, Policy, Rule, Tier};
use crate::evidence::Evidence;
use crate::model::Model;
use crate::model::selector::{Is, Labels};
use crate::model::workload::{NamedPort, Workload};

/// Seen from the pod that a policy selects: what comes in, or what goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// To the pod.
    Ingress,
    /// From the pod.
    Egress,
}

/// The other end of a connection.
#[derive(Debug, Clone, Copy)]
pub enum Other<'o> {
    /// The workload of that number.
    Workload(usize),
    /// Addresses outside that no rule tells apart.
    Addresses(&'o Addresses),
    /// One address that is no pod's.
    Address(IpAddr),
}

/// What may pass, and who says so.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Decision {
    /// The ports that may be reached, if nothing is there that was not pasted.
    pub ports: Ports,
    /// The ports of which that is not certain.
    pub maybe: Ports,
    /// Why it is not.
    pub doubts: Doubts,
    /// The numbers of the policies that decided, in the order in which they were asked.
    pub by: Vec<usize>,
    /// The rules that matched; where no rule did, the policies that isolate the pod.
    pub evidence: Vec<Evidence>,
}

/// Which workloads each policy selects and each rule is about, found out once.
pub struct Matrix<'a> {
    /// The policies.
    pub policies: Policies<'a>,
    /// The workloads.
    pub workloads: Vec<Workload<'a>>,
    /// Who applies the policies.
    pub applied: Applied,
    /// Of each policy.
    matched: Vec<Matched>,
    /// Of each workload, the policies that select it, or may.
    selecting: Vec<Vec<Selected>>,
    /// Whether it is known of all of them whom they select and whom their rules are about.
    certain: bool,
    /// Whether a rule calls a port by its name.
    names_ports: bool,
    /// Whether a rule is about pods whose addresses are in a block, if blocks are about pods.
    by_address: bool,
    nodes: Nodes<'a>,
}

/// What tells a workload from others: the policies that select it, the rules that are about it, the names of its ports.
pub(super) type Class<'a> = (Vec<Selected>, Vec<Match>, Vec<NamedPort<'a>>);

/// What is asked about a pod.
struct Asked<'q> {
    way: Way,
    other: Other<'q>,
    /// What the ports at the destination are called.
    names: &'q [NamedPort<'q>],
    /// Whether it was pasted what they are called.
    told: bool,
    /// The policies that select the pod, or may.
    selecting: &'q [Selected],
    /// Whether a block of a NetworkPolicy is about pods whose addresses are in it.
    blocks: Blocks,
}

/// Whether the blocks of addresses of a NetworkPolicy are about pods, too. The API leaves that to the network plugins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Blocks {
    Outside,
    Pods,
}

struct Matched {
    ingress: Vec<Vec<Match>>,
    egress: Vec<Vec<Match>>,
}

impl<'a> Matrix<'a> {
    /// Matches all policies of a model with all its workloads.
    pub fn new(model: &Model<'a>) -> Self {
        let policies = Policies::new(model);
        let workloads = model.workloads();
        let namespaces: Vec<(Labels<'a>, bool)> = workloads
            .iter()
            .map(|workload| model.namespace_labels(workload.namespace))
            .collect();
        let ends = || workloads.iter().zip(&namespaces);
        let of = |rules: Option<&Vec<Rule<'a>>>| -> Vec<Vec<Match>> {
            rules
                .into_iter()
                .flatten()
                .map(|rule| {
                    ends()
                        .map(|(workload, namespace)| is_about(rule, workload, namespace))
                        .collect()
                })
                .collect()
        };
        let matched: Vec<Matched> = policies
            .all
            .iter()
            .map(|policy| Matched {
                ingress: of(policy.ingress.as_ref()),
                egress: of(policy.egress.as_ref()),
            })
            .collect();
        let selecting: Vec<Vec<Selected>> = ends()
            .map(|(workload, namespace)| {
                let all = policies.all.iter().enumerate();
                all.filter_map(|(at, policy)| Selected::of(at, policy, workload, namespace))
                    .collect()
            })
            .collect();
        let by_address = all(&matched).any(|matched| matched.by_address);
        let certain = policies.are_told_by_labels()
            && selecting.iter().flatten().all(|selected| selected.is == Is::Yes)
            && all(&matched).all(|matched| matched.is != Is::Unsure);
        Self {
            applied: Applied::new(model),
            names_ports: policies.name_ports(),
            by_address,
            nodes: Nodes::new(model),
            policies,
            workloads,
            matched,
            selecting,
            certain,
        }
    }

    /// What the policies that select a workload let through on one way. The network-policy-api's order: administrators' rules, the first
    /// that matches counts; what none matched, or one passed on, is the developers' policies' if one selects the pod, else the baseline's;
    /// what nobody speaks of may pass.
    pub fn decide(&self, workload: usize, way: Way, other: Other<'_>) -> Decision {
        self.decide_with(workload, way, other, Blocks::Outside)
    }

    /// What would be let through if the blocks of addresses of a NetworkPolicy were about the pods, too, whose addresses are in them, or
    /// whose addresses were not pasted; `None` where there is no such block.
    pub fn decide_by_address(&self, workload: usize, way: Way, other: usize) -> Option<Decision> {
        let selecting = self.selecting.get(workload).filter(|_| self.by_address)?;
        let concerned = selecting.iter().any(|selected| {
            let matched = self.matched.get(selected.policy);
            let rules = matched.map(|matched| matched.of(way)).unwrap_or_default();
            rules
                .iter()
                .any(|rule| rule.get(other).is_some_and(|matched| matched.by_address))
        });
        concerned.then(|| self.decide_with(workload, way, Other::Workload(other), Blocks::Pods))
    }

    /// What is decided between pods, and what would be if blocks of addresses were about pods, where that is not known.
    pub fn decide_between(&self, workload: usize, way: Way, other: usize) -> (Decision, Option<Decision>) {
        let by_address = self.decide_by_address(workload, way, other);
        let holds = self.applied.blocks_hold_pods();
        let address = self.workloads.get(other).and_then(|other| other.address);
        match (holds, by_address) {
            (Some(true), Some(by_address)) if address.is_some() => (by_address, None),
            (holds, by_address) => (
                self.decide(workload, way, Other::Workload(other)),
                by_address.filter(|_| holds != Some(false)),
            ),
        }
    }

    /// What is not known about blocks of addresses that may hold pods.
    pub fn doubt_of_blocks(&self) -> Missing {
        match self.applied.blocks_hold_pods() {
            Some(_) => Missing::PodAddresses,
            None => Missing::Plugin,
        }
    }

    fn decide_with(&self, workload: usize, way: Way, other: Other<'_>, blocks: Blocks) -> Decision {
        let mut decision = Decision::default();
        let destination = match (way, other) {
            (Way::Ingress, _) => Some(workload),
            (Way::Egress, Other::Workload(other)) => Some(other),
            (Way::Egress, Other::Addresses(_) | Other::Address(_)) => None,
        };
        let destination = destination.and_then(|at| self.workloads.get(at));
        let names = destination.map_or(&[][..], |workload| workload.ports.as_slice());
        let selecting = self.selecting.get(workload).map_or(&[][..], Vec::as_slice);
        let mut open = Ports::all();
        let asked = Asked {
            way,
            other,
            names,
            told: destination.is_none_or(|workload| workload.ports_told),
            selecting,
            blocks,
        };
        let admin = |tier| matches!(tier, Tier::Admin(_));
        let passed = self.in_order(&asked, admin, &mut open, &mut decision);
        open = open.union(&passed);
        let developers: Vec<usize> = selecting
            .iter()
            .filter(|selected| selected.pasted)
            .map(|selected| selected.policy)
            .filter(|at| {
                self.rules(*at, way)
                    .is_some_and(|(policy, _)| policy.tier == Tier::Developer)
            })
            .collect();
        if developers.is_empty() {
            let baseline = |tier| matches!(tier, Tier::Baseline(_));
            let passed = self.in_order(&asked, baseline, &mut open, &mut decision);
            decision.ports = decision.ports.union(&open).union(&passed);
        } else {
            self.developers(&developers, &asked, &open, &mut decision);
        }
        (decision.maybe, decision.doubts) = self.uncertain(&asked);
        decision
    }

    /// Asks the policies of a tier one after the other, the first rule that matches counts; takes from `open` what one did, and returns
    /// what was passed on to the next tier.
    fn in_order(
        &self,
        asked: &Asked<'_>,
        is_of: impl Fn(Tier) -> bool,
        open: &mut Ports,
        decision: &mut Decision,
    ) -> Ports {
        let mut passed = Ports::default();
        for selected in asked.selecting.iter().filter(|selected| selected.pasted) {
            let at = selected.policy;
            let Some((_, rules)) = self.rules(at, asked.way).filter(|(policy, _)| is_of(policy.tier)) else {
                continue;
            };
            for (number, rule) in rules.iter().enumerate() {
                if self.matches(at, number, rule, asked) {
                    passed = passed.union(&decision.take(rule, at, open, asked));
                }
            }
        }
        passed
    }

    /// Whoever is selected by one of the developers' policies may do what any of them allows.
    fn developers(&self, developers: &[usize], asked: &Asked<'_>, open: &Ports, decision: &mut Decision) {
        let mut any = false;
        for &at in developers {
            let Some((_, rules)) = self.rules(at, asked.way) else {
                continue;
            };
            for (number, rule) in rules.iter().enumerate() {
                if self.matches(at, number, rule, asked) {
                    let ports = rule.ports(asked.names).intersection(open);
                    if !ports.is_empty() {
                        any = true;
                        decision.ports = decision.ports.union(&ports);
                        decision.say(at, rule.evidence.clone());
                    }
                }
            }
        }
        if !any && !open.is_empty() {
            // Nothing allows it: every policy that isolates the pod is a reason.
            for &at in developers {
                if let Some(policy) = self.policies.all.get(at) {
                    decision.say(at, policy.evidence.clone());
                }
            }
        }
    }

    /// What tells a workload from others for all policies: two with the same may do the same.
    pub(super) fn class(&self, workload: usize) -> Class<'a> {
        let columns = self
            .matched
            .iter()
            .flat_map(|matched| matched.ingress.iter().chain(&matched.egress));
        let about = columns.filter_map(|column| column.get(workload).copied()).collect();
        let selecting = self.selecting.get(workload).cloned().unwrap_or_default();
        let ports = self.workloads.get(workload).map(|workload| workload.ports.clone());
        (selecting, about, ports.unwrap_or_default())
    }

    /// Whether a rule calls a port by its name.
    pub(super) fn names_ports(&self) -> bool {
        self.names_ports
    }

    /// Whether IPv6 addresses are spoken of.
    pub(super) fn has_v6(&self) -> bool {
        let mut workloads = self.workloads.iter();
        self.networks().any(Addresses::has_v6)
            || workloads.any(|workload| workload.address.is_some_and(|address| address.is_ipv6()))
    }

    /// The blocks of addresses that rules speak of.
    pub(super) fn networks(&self) -> impl Iterator<Item = &Addresses> {
        let rules = self
            .policies
            .all
            .iter()
            .flat_map(|policy| policy.ingress.iter().chain(&policy.egress));
        rules
            .flatten()
            .filter_map(|rule| rule.peers.as_ref())
            .flatten()
            .filter_map(|peer| match peer {
                Peer::Outside(addresses) | Peer::Networks(addresses) => Some(addresses),
                _ => None,
            })
    }

    /// The rules of a policy for a way, where it says something about it.
    fn rules(&self, policy: usize, way: Way) -> Option<(&Policy<'a>, &[Rule<'a>])> {
        let policy = self.policies.all.get(policy)?;
        let rules = match way {
            Way::Ingress => policy.ingress.as_deref(),
            Way::Egress => policy.egress.as_deref(),
        };
        Some((policy, rules?))
    }

    /// Whether a rule is about the other end, if nothing is there that was not pasted.
    fn matches(&self, policy: usize, number: usize, rule: &Rule<'_>, asked: &Asked<'_>) -> bool {
        self.about(policy, number, rule, asked)
            .is_some_and(|matched| matched.pasted || matched.by_address && asked.blocks == Blocks::Pods)
    }

    /// Whether it is, and why that is not known.
    fn is_about(&self, policy: usize, number: usize, rule: &Rule<'_>, asked: &Asked<'_>) -> (Is, Doubts) {
        match self.about(policy, number, rule, asked) {
            None => (Is::No, Doubts::default()),
            Some(matched) if matched.by_address && asked.blocks == Blocks::Pods => (Is::Yes, Doubts::default()),
            Some(matched) => (matched.is, matched.doubts),
        }
    }

    fn about(&self, policy: usize, number: usize, rule: &Rule<'_>, asked: &Asked<'_>) -> Option<Match> {
        match asked.other {
            Other::Addresses(addresses) => Some(about::addresses(rule, addresses)),
            Other::Address(address) => Some(about::address(rule, address, &self.nodes)),
            Other::Workload(other) => {
                let rules = self.matched.get(policy)?.of(asked.way);
                rules.get(number)?.get(other).copied()
            }
        }
    }
}

/// Of each rule and workload.
fn all(matched: &[Matched]) -> impl Iterator<Item = &Match> {
    matched
        .iter()
        .flat_map(|matched| matched.ingress.iter().chain(&matched.egress))
        .flatten()
}

impl Matched {
    /// Of each rule, which workloads it is about.
    fn of(&self, way: Way) -> &[Vec<Match>] {
        match way {
            Way::Ingress => &self.ingress,
            Way::Egress => &self.egress,
        }
    }
}

impl Decision {
    /// The ports that may be reached for certain.
    pub fn least(&self) -> Ports {
        self.ports.difference(&self.maybe)
    }

    /// Whether it is not certain what may go out by this one and in by another.
    pub fn is_unsure_with(&self, other: &Self) -> bool {
        !(self.maybe.is_empty() && other.maybe.is_empty())
            && self.least().intersection(&other.least()) != self.most().intersection(&other.most())
    }

    /// All that may be reached.
    pub fn most(&self) -> Ports {
        self.ports.union(&self.maybe)
    }

    /// Applies a rule to what no rule before it has matched; returns what is passed on to the next tier.
    fn take(&mut self, rule: &Rule<'_>, policy: usize, open: &mut Ports, asked: &Asked<'_>) -> Ports {
        let ports = rule.ports(asked.names).intersection(open);
        if ports.is_empty() {
            return ports;
        }
        *open = open.difference(&ports);
        self.say(policy, rule.evidence.clone());
        match rule.action {
            Action::Allow => {
                self.ports = self.ports.union(&ports);
                Ports::default()
            }
            Action::Deny => Ports::default(),
            Action::Pass => ports,
        }
    }

    fn say(&mut self, policy: usize, evidence: Evidence) {
        if !self.by.contains(&policy) {
            self.by.push(policy);
        }
        if !self.evidence.contains(&evidence) {
            self.evidence.push(evidence);
        }
    }
}
