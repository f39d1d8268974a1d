//! Pictures that are tables, as tables of Markdown: who may talk to whom, where many columns are numbered so that they stay narrow, and
//! the addresses of interfaces.

use std::fmt::Write as _;

use super::markdown::line;
use crate::flow::addresses::{FREE, OWN, POD, use_of};
use crate::flow::policy::table::{Line, Table, ports};
use crate::flow::{Actor, Flow, FlowKind, Step, Verdict};
use crate::redact;

/// So many columns have their names in the table's head.
const FEW: usize = 8;

/// The table below what it is about.
pub fn write(flow: &Flow, out: &mut String) {
    let flow = &redact::flow(flow);
    let _ = writeln!(out, "{}\n", line(&flow.subtitle));
    if flow.kind == FlowKind::Addresses {
        held(flow, out);
    } else {
        matrix(flow, out);
    }
}

/// An interface with its addresses.
pub struct Interface<'f> {
    /// The interface.
    pub actor: &'f Actor,
    /// What its addresses are used for.
    steps: Vec<&'f Step>,
}

impl Interface<'_> {
    fn count(&self, what: &str) -> usize {
        self.steps.iter().filter(|step| use_of(step) == what).count()
    }

    /// `11 of 15 addresses with a pod`.
    pub fn words(&self) -> String {
        format!("{} of {} addresses with a pod", self.count(POD), self.steps.len())
    }
}

/// The interfaces in the order of their nodes.
pub fn interfaces(flow: &Flow) -> Vec<Interface<'_>> {
    let mut all: Vec<Interface<'_>> = Vec::new();
    for step in flow.steps() {
        match all.last_mut() {
            Some(last) if last.actor.id == step.actor.id => last.steps.push(step),
            _ => all.push(Interface {
                actor: &step.actor,
                steps: vec![step],
            }),
        }
    }
    all
}

fn held(flow: &Flow, out: &mut String) {
    out.push_str("| node | interface | addresses | with a pod | its own | without a pod |\n| --- | --- | --- | --- | --- | --- |\n");
    for interface in interfaces(flow) {
        let node = interface.actor.zones.first().map_or("", String::as_str);
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} |",
            line(node),
            line(&interface.actor.name),
            interface.steps.len(),
            interface.count(POD),
            interface.count(OWN),
            interface.count(FREE)
        );
    }
    out.push('\n');
}

/// The table, with the names that its head has no room for above it.
fn matrix(flow: &Flow, out: &mut String) {
    let table = Table::new(flow);
    if table.cells.is_empty() {
        return;
    }
    let few = table.columns.len() <= FEW;
    if !few {
        out.push_str("Columns: ");
        for (at, column) in table.columns.iter().enumerate() {
            let _ = write!(out, "{}{} {}", if at == 0 { "" } else { ", " }, at + 1, name(column));
        }
        out.push_str(".\n\n");
    }
    out.push_str("| from \\ to |");
    for (at, column) in table.columns.iter().enumerate() {
        if few {
            let _ = write!(out, " {} |", name(column));
        } else {
            let _ = write!(out, " {} |", at + 1);
        }
    }
    out.push_str("\n| --- |");
    out.push_str(&" --- |".repeat(table.columns.len()));
    out.push('\n');
    let mut cells = table.cells.iter().peekable();
    for (at, row) in table.rows.iter().enumerate() {
        let mut words = vec![""; table.columns.len()];
        while let Some(cell) = cells.next_if(|cell| cell.row == at) {
            if let Some(word) = words.get_mut(cell.column) {
                *word = match cell.step.verdict {
                    Verdict::Unknown => "?",
                    Verdict::Assumed => "all, no policy",
                    Verdict::Blocked => "–",
                    Verdict::Passes => ports(cell.step),
                };
            }
        }
        let _ = write!(out, "| {} |", name(row));
        for word in words {
            let _ = write!(out, " {} |", line(word));
        }
        out.push('\n');
    }
    out.push('\n');
}

fn name(of: &Line<'_>) -> String {
    line(&format!("{}: {}", of.zone(), of.actor.name))
}
