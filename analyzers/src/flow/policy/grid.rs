//! Who may talk to whom as a table: sources in rows, destinations in columns, a step a cell. Rows that are equal are one, and so are
//! columns.

use std::collections::BTreeMap;

use super::addresses::{Addresses, parts};
use super::decide::{Decision, Matrix, Other, Way};
use super::doubt::Doubts;
use super::plugin::{self, Applied};
use super::ports::Ports;
use super::reach::{End, ends};
use crate::evidence::Evidence;
use crate::flow::{Actor, ActorKind, Details, Flow, FlowKind, Next, Outcome, Step, Verdict};
use crate::model::Model;

/// No more rows and no more columns than this are drawn; how many there are more is told.
const LINES: usize = 40;
/// No more kinds of workloads, and blocks of addresses, than this are told apart.
const ENTITIES: usize = 120;
/// No more questions than this are asked of a paste that did not ask for the table: workloads times policies.
const QUESTIONS: usize = 4_000_000;
/// No more policies and workloads than this are named in a sentence.
const NAMED: usize = 3;
/// No more lines than this are cited for a cell.
const CITED: usize = 24;

/// The zone of what has no namespace.
pub const OUTSIDE: &str = "outside";
/// All addresses outside, where no policy tells them apart.
const EVERYWHERE: &str = "every address";
/// What a cell says of ports: all, or none; else it lists them.
pub const ALL: &str = "all";
/// See [`ALL`].
pub const NONE: &str = "none";

/// The table, where policies were pasted and somebody whom they may concern.
pub fn propose(model: &Model<'_>) -> Option<Flow> {
    let policies = super::KINDS
        .iter()
        .map(|(kind, _)| model.all(kind).count())
        .sum::<usize>();
    if policies == 0 {
        return None;
    }
    let workloads = model.workloads().len();
    if workloads == 0 {
        return None;
    }
    if workloads.saturating_mul(policies) > QUESTIONS {
        return Some(too_large(workloads, policies));
    }
    Some(flow(&Matrix::new(model)))
}

/// A row or a column before folding: workloads of a namespace that no policy tells apart, or addresses.
struct Entity {
    who: Who,
    namespace: String,
    /// What it is called, and each of its parts: `cart`, `cart[Deployment]`.
    members: Vec<(String, String)>,
    /// Whether it is one pod alone, which needs nobody's leave to talk to itself.
    alone: bool,
}

enum Who {
    Workload(usize),
    Addresses(Addresses),
}

/// What may pass between two.
#[derive(Clone, Default)]
struct Cell {
    ports: Ports,
    by: Vec<usize>,
    evidence: Vec<Evidence>,
    doubt: Option<Doubt>,
}

/// Why it cannot be told what passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Doubt {
    /// A block of addresses holds the pod's, and the plugin decides whether that counts.
    Block,
    /// A pod uses its node's network.
    HostNetwork,
    /// Something was not pasted.
    Missing(Doubts),
}

/// What of a cell can be seen: rows and columns are folded by it.
type Look = (Ports, bool, Option<Doubt>);

/// The table of all policies of a model.
pub fn flow(matrix: &Matrix<'_>) -> Flow {
    let asker = Asker { matrix };
    let (entities, mut left_out) = entities(matrix);
    let cells: Vec<Vec<Option<Cell>>> = entities
        .iter()
        .map(|from| entities.iter().map(|to| asker.cell(from, to)).collect())
        .collect();
    let (rows, columns) = folded(&entities, &cells);
    left_out += rows.len().saturating_sub(LINES) + columns.len().saturating_sub(LINES);
    let mut steps = Vec::new();
    for row in rows.iter().take(LINES) {
        for column in columns.iter().take(LINES) {
            steps.extend(step(matrix, &entities, &cells, row, column));
        }
    }
    let doubts: Vec<Doubt> = cells.iter().flatten().flatten().filter_map(|cell| cell.doubt).collect();
    let next = next(matrix, &doubts);
    // It is a list of what the policies say; that something may not pass is no failure of it.
    let applied = !matches!(matrix.applied, Applied::Off { .. });
    let verdict = if matrix.policies.unread.is_empty() && doubts.is_empty() && applied {
        Verdict::Passes
    } else {
        Verdict::Unknown
    };
    let mut outcome = Outcome::new("", 1.0, verdict);
    outcome.steps = steps;
    Flow {
        kind: FlowKind::Policies,
        title: "Who may talk to whom".to_owned(),
        subtitle: subtitle(matrix, left_out),
        verdict,
        outcomes: vec![outcome],
        next,
        details: Details::Policies,
    }
}

fn too_large(workloads: usize, policies: usize) -> Flow {
    Flow {
        kind: FlowKind::Policies,
        title: "Who may talk to whom".to_owned(),
        subtitle: format!(
            "{workloads} workloads and {policies} policies are too many to draw; `whypath reach` lists them all"
        ),
        verdict: Verdict::Unknown,
        outcomes: Vec::new(),
        next: Vec::new(),
        details: Details::Policies,
    }
}

fn subtitle(matrix: &Matrix<'_>, left_out: usize) -> String {
    let counted = |count: usize, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
    let mut parts = vec![
        counted(matrix.workloads.len(), "workload", "workloads"),
        counted(matrix.policies.all.len(), "policy", "policies"),
    ];
    let unread = matrix.policies.unread.len();
    if unread > 0 {
        parts.push(format!(
            "{} not read, so that cells may be wrong",
            counted(unread, "policy", "policies")
        ));
    }
    if left_out > 0 {
        parts.push(format!("{} not drawn", counted(left_out, "line", "lines")));
    }
    parts.push(match &matrix.applied {
        Applied::By(plugin) => format!("applied by {}", plugin.name),
        Applied::Off { .. } => "the VPC CNI is told not to apply them".to_owned(),
        Applied::NotTold => "whether a network plugin applies them was not pasted".to_owned(),
    });
    parts.join(" · ")
}

fn next(matrix: &Matrix<'_>, doubts: &[Doubt]) -> Vec<Next> {
    let mut next = matrix.policies.asks();
    let mut missing = Doubts::default();
    for doubt in doubts {
        if let Doubt::Missing(more) = doubt {
            missing.extend(*more);
        }
    }
    if doubts.contains(&Doubt::Block) {
        missing.insert(matrix.doubt_of_blocks());
    }
    next.extend(missing.next());
    if let Applied::Off { all: false, .. } = matrix.applied {
        next.push(plugin::others());
    }
    next
}

/// Everybody whom the policies may tell apart; the second value: how many are left out.
fn entities(matrix: &Matrix<'_>) -> (Vec<Entity>, usize) {
    type Class<'a> = (&'a str, bool, super::decide::Class<'a>);
    let names_ports = matrix.names_ports();
    let mut classes: BTreeMap<Class<'_>, Vec<End>> = BTreeMap::new();
    for end in ends(matrix) {
        let Some(workload) = matrix.workloads.get(end.first) else {
            continue;
        };
        let mut class = matrix.class(end.first);
        if !names_ports {
            class.2.clear();
        }
        let key = (workload.namespace, workload.host_network == Some(true), class);
        classes.entry(key).or_default().push(end);
    }
    let mut all: Vec<Entity> = classes
        .into_iter()
        .filter_map(|((namespace, ..), ends)| {
            let first = ends.first()?;
            let member = |end: &End| {
                let label = end.label.split_once('/').map_or(end.label.as_str(), |(_, label)| label);
                (called(matrix, end.first, label), label.to_owned())
            };
            Some(Entity {
                who: Who::Workload(first.first),
                namespace: namespace.to_owned(),
                alone: ends.len() == 1 && first.second.is_none() && first.label.ends_with("[Pod]"),
                members: ends.iter().map(member).collect(),
            })
        })
        .collect();
    all.sort_by(|a, b| (&a.namespace, &a.members).cmp(&(&b.namespace, &b.members)));
    let mut left_out = all.len().saturating_sub(ENTITIES);
    all.truncate(ENTITIES);
    let outside = outside(matrix);
    left_out += outside.len().saturating_sub(LINES);
    all.extend(outside.into_iter().take(LINES));
    (all, left_out)
}

/// What a reader calls a workload: a pod of a Deployment by what it has in common with the others, where nobody said whose it is.
fn called(matrix: &Matrix<'_>, at: usize, label: &str) -> String {
    let name = label.split_once('[').map_or(label, |(name, _)| name);
    let hash = matrix
        .workloads
        .get(at)
        .filter(|workload| workload.kind == "Pod")
        .and_then(|workload| workload.labels.get("pod-template-hash"));
    hash.and_then(|hash| name.split_once(&format!("-{hash}-")))
        .map_or(name, |(name, _)| name)
        .to_owned()
}

/// The addresses that rules tell apart, and all others.
fn outside(matrix: &Matrix<'_>) -> Vec<Entity> {
    let six = matrix.has_v6();
    let entity = |label: String, addresses: Addresses| Entity {
        who: Who::Addresses(addresses),
        namespace: String::new(),
        members: vec![(label.clone(), label)],
        alone: false,
    };
    let mut others = Addresses::default();
    let mut all = Vec::new();
    for part in parts(matrix.networks()) {
        let part = if six { part } else { part.only_v4() };
        if part.is_empty() {
            continue;
        }
        let named = matrix.networks().any(|network| !network.intersection(&part).is_empty());
        if named {
            let blocks = part.blocks();
            let label = match blocks.as_slice() {
                [one] => one.clone(),
                [one, other] => format!("{one}, {other}"),
                [first, rest @ ..] => format!("{first} and {} blocks more", rest.len()),
                [] => continue,
            };
            all.push(entity(label, part));
        } else {
            others = others.union(&part);
        }
    }
    if !others.is_empty() {
        let label = if all.is_empty() {
            EVERYWHERE
        } else {
            "all other addresses"
        };
        all.push(entity(label.to_owned(), others));
    }
    all
}

/// Asks the policies.
struct Asker<'m, 'a> {
    matrix: &'m Matrix<'a>,
}

impl Asker<'_, '_> {
    fn cell(&self, from: &Entity, to: &Entity) -> Option<Cell> {
        Some(match (&from.who, &to.who) {
            (Who::Workload(source), Who::Workload(destination)) => self.pair(*source, *destination),
            (Who::Workload(source), Who::Addresses(addresses)) => self.one(*source, Way::Egress, addresses),
            (Who::Addresses(addresses), Who::Workload(destination)) => self.one(*destination, Way::Ingress, addresses),
            (Who::Addresses(_), Who::Addresses(_)) => return None,
        })
    }

    fn one(&self, workload: usize, way: Way, addresses: &Addresses) -> Cell {
        let decision = self.matrix.decide(workload, way, Other::Addresses(addresses));
        let mut cell = Cell {
            ports: decision.ports.clone(),
            ..Cell::default()
        };
        cell.cite(&decision);
        cell.doubt = (!decision.maybe.is_empty()).then_some(Doubt::Missing(decision.doubts));
        self.doubt_host_network(&mut cell, &[workload]);
        cell
    }

    fn pair(&self, source: usize, destination: usize) -> Cell {
        let (out, into) = (
            self.matrix.decide_between(source, Way::Egress, destination),
            self.matrix.decide_between(destination, Way::Ingress, source),
        );
        let mut cell = Cell {
            ports: out.0.ports.intersection(&into.0.ports),
            ..Cell::default()
        };
        let by_address = |side: &(Decision, Option<Decision>)| side.1.clone().unwrap_or_else(|| side.0.clone());
        let (wide_out, wide_into) = (by_address(&out), by_address(&into));
        if wide_out.ports.intersection(&wide_into.ports) != cell.ports {
            cell.doubt = Some(Doubt::Block);
            cell.cite(&wide_out);
            cell.cite(&wide_into);
        } else if cell.ports.is_empty() {
            // Only who lets nothing through is a reason.
            let closed = [&out.0, &into.0];
            let alone = closed.iter().any(|side| side.ports.is_empty());
            for side in closed.iter().filter(|side| !alone || side.ports.is_empty()) {
                cell.cite(side);
            }
        } else {
            cell.cite(&out.0);
            cell.cite(&into.0);
        }
        if out.0.is_unsure_with(&into.0) {
            let mut doubts = out.0.doubts;
            doubts.extend(into.0.doubts);
            cell.doubt = Some(Doubt::Missing(doubts));
            cell.cite(&out.0);
            cell.cite(&into.0);
        }
        self.doubt_host_network(&mut cell, &[source, destination]);
        cell
    }

    /// Most plugins apply no policy to pods that use their node's network, nor know their packets for theirs.
    fn doubt_host_network(&self, cell: &mut Cell, ends: &[usize]) {
        let uses = |at: &usize| {
            let workload = self.matrix.workloads.get(*at);
            workload.and_then(|workload| workload.host_network) == Some(true)
        };
        if !cell.by.is_empty() && ends.iter().any(uses) {
            cell.doubt = Some(Doubt::HostNetwork);
        }
    }
}

impl Cell {
    fn cite(&mut self, decision: &Decision) {
        for by in &decision.by {
            if !self.by.contains(by) {
                self.by.push(*by);
            }
        }
        for evidence in &decision.evidence {
            if self.evidence.len() < CITED && !self.evidence.contains(evidence) {
                self.evidence.push(evidence.clone());
            }
        }
    }

    fn look(&self) -> Look {
        (self.ports.clone(), self.by.is_empty(), self.doubt)
    }
}

/// The rows and the columns: entities of a namespace with the same cells are one.
fn folded(entities: &[Entity], cells: &[Vec<Option<Cell>>]) -> (Vec<Vec<usize>>, Vec<Vec<usize>>) {
    let mut looks: BTreeMap<Option<Look>, usize> = BTreeMap::new();
    let numbers: Vec<Vec<usize>> = cells
        .iter()
        .map(|row| {
            row.iter()
                .map(|cell| {
                    let next = looks.len();
                    *looks.entry(cell.as_ref().map(Cell::look)).or_insert(next)
                })
                .collect()
        })
        .collect();
    let group = |line: &dyn Fn(usize) -> Vec<usize>| {
        let mut groups: Vec<Vec<usize>> = Vec::new();
        let mut known: BTreeMap<(&str, Vec<usize>), usize> = BTreeMap::new();
        for (at, entity) in entities.iter().enumerate() {
            let next = groups.len();
            let group = *known.entry((entity.namespace.as_str(), line(at))).or_insert(next);
            match groups.get_mut(group) {
                Some(members) => members.push(at),
                None => groups.push(vec![at]),
            }
        }
        groups
    };
    let row = |at: usize| numbers.get(at).cloned().unwrap_or_default();
    let column = |at: usize| numbers.iter().filter_map(|row| row.get(at).copied()).collect();
    (group(&row), group(&column))
}

/// A cell; none where one pod would talk to itself, or both ends are outside.
fn step(
    matrix: &Matrix<'_>,
    entities: &[Entity],
    cells: &[Vec<Option<Cell>>],
    row: &[usize],
    column: &[usize],
) -> Option<Step> {
    if row == column
        && let [one] = row
        && entities.get(*one).is_some_and(|entity| entity.alone)
    {
        return None;
    }
    let cell = |from: usize, to: usize| cells.get(from)?.get(to)?.as_ref();
    let mut shown = cell(*row.first()?, *column.first()?)?.clone();
    for &from in row {
        for &to in column {
            let Some(other) = cell(from, to) else { continue };
            for by in &other.by {
                if !shown.by.contains(by) {
                    shown.by.push(*by);
                }
            }
            let more = other
                .evidence
                .iter()
                .filter(|evidence| !shown.evidence.contains(evidence));
            let room = CITED.saturating_sub(shown.evidence.len());
            let more: Vec<Evidence> = more.take(room).cloned().collect();
            shown.evidence.extend(more);
        }
    }
    let (action, verdict) = said(matrix, &shown);
    let mut step = Step::new(actor("from", entities, row)?, action, verdict);
    step.to = Some(actor("to", entities, column)?);
    step.after = vec![("ports", ports(&shown))];
    step.note = match shown.doubt {
        Some(Doubt::Block) => Some(
            "A policy lets a block of addresses through that the pod's may be in; whether that counts is left to the network plugin \
             (Kubernetes, Network Policies)."
                .to_owned(),
        ),
        Some(Doubt::HostNetwork) => Some(
            "A pod uses its node's network: most network plugins apply no policy to it, and which is one's own affair.".to_owned(),
        ),
        Some(Doubt::Missing(doubts)) => Some(doubts.note()),
        None if verdict == Verdict::Assumed => {
            Some("A pod that no policy selects is open on that way (Kubernetes, Network Policies).".to_owned())
        }
        None => None,
    };
    step.evidence = shown.evidence;
    Some(step)
}

fn ports(cell: &Cell) -> String {
    if cell.ports.has_all() {
        ALL.to_owned()
    } else if cell.ports.has_none() {
        NONE.to_owned()
    } else {
        cell.ports.words().join(", ")
    }
}

fn said(matrix: &Matrix<'_>, cell: &Cell) -> (String, Verdict) {
    let names = cell.by.iter().filter_map(|at| matrix.policies.all.get(*at));
    let names: Vec<&str> = names.map(|policy| policy.name.as_str()).collect();
    let by = listed(&names);
    let ports = match ports(cell).as_str() {
        ALL => "all ports".to_owned(),
        NONE => "nothing".to_owned(),
        words => words.to_owned(),
    };
    match (cell.doubt, names.is_empty()) {
        (Some(Doubt::Missing(_)), true) => (
            format!("{ports}, or less: it depends on what was not pasted"),
            Verdict::Unknown,
        ),
        (Some(Doubt::Missing(_)), false) => (
            format!("{ports}, or more or less: it depends on what was not pasted; {by}"),
            Verdict::Unknown,
        ),
        (Some(_), _) => (
            format!("{ports}, or more or less: it depends on the network plugin; {by}"),
            Verdict::Unknown,
        ),
        (None, true) => (format!("{ports}: no policy concerns it"), Verdict::Assumed),
        (None, false) if cell.ports.has_none() => (format!("{ports}, by {by}"), Verdict::Blocked),
        (None, false) => (format!("{ports}, by {by}"), Verdict::Passes),
    }
}

/// `a`, `a and b`, `a, b, c and 4 more`.
fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first, second] => format!("{first} and {second}"),
        _ => {
            let more = names.len().saturating_sub(NAMED);
            let named: Vec<&str> = names.iter().take(NAMED).copied().collect();
            if more == 0 {
                named.join(", ")
            } else {
                format!("{} and {more} more", named.join(", "))
            }
        }
    }
}

/// A row or a column by what is in it.
fn actor(way: &str, entities: &[Entity], members: &[usize]) -> Option<Actor> {
    let of = || members.iter().filter_map(|at| entities.get(*at));
    let first = of().next()?;
    let members = || of().flat_map(|entity| &entity.members);
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in members() {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let outside = first.namespace.is_empty();
    let all_outside = outside && of().count() == entities.iter().filter(|entity| entity.namespace.is_empty()).count();
    Some(Actor {
        id: format!("{way} {}/{}", first.namespace, members().next()?.1),
        kind: if outside { ActorKind::Other } else { ActorKind::Pod },
        name: if all_outside {
            EVERYWHERE.to_owned()
        } else {
            listed(&names)
        },
        details: members().map(|(_, label)| label.clone()).collect(),
        zones: vec![if outside {
            OUTSIDE.to_owned()
        } else {
            first.namespace.clone()
        }],
    })
}

#[cfg(test)]
mod tests;
