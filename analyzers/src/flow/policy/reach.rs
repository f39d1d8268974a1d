//! Who may talk to whom: every pair of workloads, and every workload with the addresses outside, under all policies that were pasted.

use std::collections::BTreeMap;

use serde::Serialize;

use super::addresses::{Addresses, parts};
use super::decide::{Decision, Matrix, Other, Way};
use super::doubt::{Doubts, Missing};
use super::plugin::{self, Applied};
use super::ports::Ports;
use crate::analysis::Analysis;
use crate::evidence::{Citation, Evidence};
use crate::flow::Next;

/// Somebody may talk to somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// `shop/cart[Deployment]`, or a block of addresses.
    pub from: String,
    /// As `from`.
    pub to: String,
    /// Where to.
    pub ports: Ports,
    /// The policies that decided, out of the one and into the other.
    pub by: Vec<String>,
    /// What they say.
    pub evidence: Vec<Evidence>,
    /// Whether something that was not pasted may change it.
    pub unsure: bool,
}

/// Who may talk to whom.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    /// In the order of their ends.
    pub edges: Vec<Edge>,
    /// What was pasted in part only, and may change edges.
    pub unread: Vec<super::Unread>,
    /// What was not pasted and may change edges, or make others.
    pub doubts: Doubts,
    /// Who applies the policies.
    pub applied: Applied,
}

/// Workloads that no policy tells apart and that a reader takes for one.
pub(super) struct End {
    pub(super) label: String,
    /// One of them.
    pub(super) first: usize,
    /// Another one, where there are several.
    pub(super) second: Option<usize>,
}

/// Computes all edges.
pub fn compute(matrix: &Matrix<'_>) -> Reach {
    let ends = ends(matrix);
    let (mut edges, mut doubts) = (Vec::new(), Doubts::default());
    for from in &ends {
        for to in &ends {
            let (source, destination) = if from.first == to.first {
                // Pods of one workload among themselves.
                match from.second {
                    Some(second) => (from.first, second),
                    None => continue,
                }
            } else {
                (from.first, to.first)
            };
            let pair = Pair::new(matrix, source, destination);
            doubts.extend(pair.doubts);
            if !pair.ports.has_none() {
                let mut edge = edge(matrix, &from.label, &to.label, pair.ports, &pair.decisions);
                edge.unsure = pair.unsure;
                edges.push(edge);
            }
        }
    }
    outside(matrix, &ends, &mut edges, &mut doubts);
    edges.sort_by(|a, b| (&a.from, &a.to).cmp(&(&b.from, &b.to)));
    Reach {
        edges,
        unread: matrix.policies.unread.clone(),
        doubts,
        applied: matrix.applied.clone(),
    }
}

/// What one pod may send another.
struct Pair {
    ports: Ports,
    decisions: Vec<Decision>,
    unsure: bool,
    doubts: Doubts,
}

impl Pair {
    fn new(matrix: &Matrix<'_>, source: usize, destination: usize) -> Self {
        let mut pair = Self {
            ports: Ports::default(),
            decisions: Vec::new(),
            unsure: false,
            doubts: Doubts::default(),
        };
        let (out, wide_out) = matrix.decide_between(source, Way::Egress, destination);
        if wide_out.is_none() && out.most().is_empty() {
            return pair;
        }
        let (into, wide_into) = matrix.decide_between(destination, Way::Ingress, source);
        pair.ports = out.ports.intersection(&into.ports);
        if out.is_unsure_with(&into) {
            pair.unsure = true;
            pair.doubts.extend(out.doubts);
            pair.doubts.extend(into.doubts);
        }
        let (wide_out, wide_into) = (wide_out.as_ref().unwrap_or(&out), wide_into.as_ref().unwrap_or(&into));
        if wide_out.most().intersection(&wide_into.most()) != out.most().intersection(&into.most()) {
            pair.unsure = true;
            pair.doubts.insert(matrix.doubt_of_blocks());
        }
        let on_host = |at: usize| matrix.workloads.get(at).and_then(|one| one.host_network) == Some(true);
        if (on_host(source) || on_host(destination)) && !(out.by.is_empty() && into.by.is_empty()) {
            // Most plugins see the node's address, not the pod.
            pair.unsure = true;
            if matrix.applied == Applied::NotTold {
                pair.doubts.insert(Missing::Plugin);
            }
        }
        pair.decisions = vec![out, into];
        pair
    }
}

/// The workloads by their owners; one whose pods differ for a policy is shown pod by pod.
pub(super) fn ends(matrix: &Matrix<'_>) -> Vec<End> {
    let mut owners: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, workload) in matrix.workloads.iter().enumerate() {
        owners.entry(workload.label()).or_default().push(at);
    }
    let mut ends = Vec::new();
    for (label, members) in owners {
        let Some(&first) = members.first() else { continue };
        let class = matrix.class(first);
        if members.iter().all(|member| matrix.class(*member) == class) {
            ends.push(End {
                label,
                first,
                second: members.get(1).copied(),
            });
            continue;
        }
        ends.extend(members.into_iter().filter_map(|first| {
            let workload = matrix.workloads.get(first)?;
            Some(End {
                label: format!("{}/{}[{}]", workload.namespace, workload.name, workload.kind),
                first,
                second: None,
            })
        }));
    }
    ends
}

/// The edges from and to addresses outside of the cluster.
fn outside(matrix: &Matrix<'_>, ends: &[End], edges: &mut Vec<Edge>, doubts: &mut Doubts) {
    let six = matrix.has_v6();
    let parts: Vec<Addresses> = parts(matrix.networks())
        .into_iter()
        .map(|part| if six { part } else { part.only_v4() })
        .filter(|part| !part.is_empty())
        .collect();
    for end in ends {
        for way in [Way::Ingress, Way::Egress] {
            // Addresses for which the same is decided by the same are one edge.
            let mut same: Vec<(Decision, Addresses)> = Vec::new();
            for part in &parts {
                let decision = matrix.decide(end.first, way, Other::Addresses(part));
                doubts.extend(decision.doubts);
                if decision.ports.has_none() {
                    continue;
                }
                match same.iter_mut().find(|(known, _)| *known == decision) {
                    Some((_, addresses)) => *addresses = addresses.union(part),
                    None => same.push((decision, part.clone())),
                }
            }
            for (decision, addresses) in same {
                for block in addresses.blocks() {
                    let (from, to) = match way {
                        Way::Ingress => (block.as_str(), end.label.as_str()),
                        Way::Egress => (end.label.as_str(), block.as_str()),
                    };
                    let ports = decision.ports.clone();
                    let mut edge = edge(matrix, from, to, ports, std::slice::from_ref(&decision));
                    edge.unsure = !decision.maybe.is_empty();
                    edges.push(edge);
                }
            }
        }
    }
}

fn edge(matrix: &Matrix<'_>, from: &str, to: &str, ports: Ports, decisions: &[Decision]) -> Edge {
    let mut by: Vec<String> = Vec::new();
    let mut evidence: Vec<Evidence> = Vec::new();
    for decision in decisions {
        for policy in decision.by.iter().filter_map(|at| matrix.policies.all.get(*at)) {
            if !by.contains(&policy.name) {
                by.push(policy.name.clone());
            }
        }
        for lines in &decision.evidence {
            if !evidence.contains(lines) {
                evidence.push(lines.clone());
            }
        }
    }
    Edge {
        from: from.to_owned(),
        to: to.to_owned(),
        ports,
        by,
        evidence,
        unsure: false,
    }
}

/// The answer of `whypath reach`.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Who may talk to whom.
    pub edges: Vec<ReportedEdge>,
    /// The policies that could not be read, and why: edges may be wrong by them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<String>,
    /// What to run to know more.
    pub next: Vec<Next>,
}

/// One edge.
#[derive(Debug, Serialize)]
pub struct ReportedEdge {
    /// `ns/name[Kind]`, or a block of addresses.
    pub from: String,
    /// As `from`.
    pub to: String,
    /// `"all"`, or `["TCP 80", "UDP 53"]`.
    pub ports: PortWords,
    /// The policies that decided; none where nobody speaks of it.
    pub decided_by: Vec<String>,
    /// What they say.
    pub evidence: Vec<Citation>,
    /// Whether something that was not pasted may change it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unsure: bool,
}

/// Ports in words.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum PortWords {
    /// Everything.
    All(&'static str),
    /// These.
    Some(Vec<String>),
}

/// The report, with the lines that prove it.
pub fn report(analysis: &Analysis, reach: &Reach) -> Report {
    Report {
        edges: reach
            .edges
            .iter()
            .map(|edge| ReportedEdge {
                from: edge.from.clone(),
                to: edge.to.clone(),
                ports: if edge.ports.has_all() {
                    PortWords::All("all")
                } else {
                    PortWords::Some(edge.ports.words())
                },
                decided_by: edge.by.clone(),
                evidence: analysis.cite(&edge.evidence),
                unsure: edge.unsure,
            })
            .collect(),
        unread: reach
            .unread
            .iter()
            .map(|unread| format!("{}: {}", unread.name, unread.why))
            .collect(),
        next: reach
            .unread
            .iter()
            .map(|unread| Next {
                command: unread.command.clone(),
                decides: Vec::new(),
                why: format!("What {} allows is not known: {}.", unread.name, unread.why),
            })
            .chain(reach.doubts.next())
            .chain(matches!(reach.applied, Applied::Off { all: false, .. }).then(plugin::others))
            .collect(),
    }
}
