//! The table of who may talk to whom in Markdown: rows and columns are numbered, so that many columns stay narrow.

use std::fmt::Write as _;

use super::markdown::line;
use crate::flow::policy::table::{Line, Table, ports};
use crate::flow::{Flow, Verdict};
use crate::redact;

/// So many columns have their names in the table's head.
const FEW: usize = 8;

/// The table, with the names that its head has no room for above it.
pub fn write(flow: &Flow, out: &mut String) {
    let flow = &redact::flow(flow);
    let _ = writeln!(out, "{}\n", line(&flow.subtitle));
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
