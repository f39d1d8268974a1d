//! The terminal's edge: lines that it broke in two are joined, lines that it cut are named.
//!
//! Only what tells: in a part without blank lines no line is longer than some width, a line has exactly this width, and what
//! follows cannot begin a line of its own: the rest of a JSON string, of a table's row whose cells do not stand under their header, of
//! a log entry, of a value in an indented document. A whole table whose rows are equally long has none of these.
mod asked;
mod columns;
mod commands;
mod cut;
mod cut_table;
mod document;
mod drawing;
mod entry;
mod grammar;
mod json;
mod prompt;
mod sections;
mod state;
mod table;
#[cfg(test)]
mod tests;
mod width;
mod widths;

use std::collections::BTreeMap;

pub(super) use self::columns::{columns, is_table, under};
use self::cut::mark as cut;
pub(super) use self::cut_table::{mark as mark_tables, may_be_cut, may_cut_tables};
use self::document::begins_top;
use self::drawing::wrapped_drawing;
use self::entry::begins_entry;
use self::grammar::Run;
use self::json::{object_closes_or_other, string_closes_or_other};
pub(super) use self::prompt::{command_like, prompt, prompt_like, typed};
use self::state::{Kind, State};
use self::table::wrapped_table;
use self::width::width;
pub(super) use self::widths::Widths;
use super::{Line, Note};

/// Terminals narrower or wider than this are not believed.
const WIDTHS: std::ops::RangeInclusive<usize> = 40..=500;

/// Narrower lines are not joined: too little stands before their end to tell what begins there.
const NARROW: usize = 60;

/// In a part of more lines one rest more is not looked for when its width is known: it has others of its own.
const LONG: usize = 20_000;

impl Line<'_> {
    fn width(&self) -> usize {
        self.columns as usize
    }

    /// Makes a line as wide as the terminal: its last blanks may be lost.
    fn fill(&mut self, edge: usize) {
        self.pad = u32::try_from(edge.saturating_sub(self.width())).unwrap_or_default();
    }
}

/// Joins the lines of every part that the edge broke, and says which lines it cut.
pub(super) fn join(lines: &mut [Line<'_>], notes: &mut Vec<Note>) -> bool {
    let mut widths = BTreeMap::<usize, usize>::new();
    each_part(lines, |part, first| {
        for line in part.iter_mut() {
            line.columns = u32::try_from(width(line.text)).unwrap_or(u32::MAX);
        }
        let Some(edge) = edge_of(part) else { return };
        if !cut(part, edge, first, notes) {
            *widths.entry(edge).or_default() += join_part(part, edge, false);
        }
    });
    // A paste is mostly from one terminal: its width is known from the parts that tell, and there one rest is enough in the others.
    let known = widths.iter().max_by_key(|(_, joined)| **joined);
    let known = known.filter(|(_, joined)| **joined > 1).map(|(known, _)| *known);
    if let Some(known) = known {
        each_part(lines, |part, _| {
            if part.len() < LONG && edge_of(part) == Some(known) && !part.iter().any(|line| line.cut) {
                join_part(part, known, true);
            }
        });
    }
    let commands = commands::join(lines, known);
    commands || widths.values().any(|joined| *joined > 0)
}

/// Calls for every part of lines without blank ones that may have been broken, with the number of its first.
fn each_part(lines: &mut [Line<'_>], mut call: impl FnMut(&mut [Line<'_>], usize)) {
    let mut first = 1;
    for part in lines.chunk_by_mut(|a, b| a.text.trim().is_empty() == b.text.trim().is_empty()) {
        let count = part.len();
        if count > 1 && part.first().is_some_and(|line| !line.text.trim().is_empty()) {
            call(part, first);
        }
        first += count;
    }
}

/// The width of the terminal that broke a part, where any did: no line is wider.
fn edge_of(part: &[Line<'_>]) -> Option<usize> {
    let edge = part.iter().map(Line::width).max()?;
    WIDTHS.contains(&edge).then_some(edge)
}

/// Whether a full line's next can be its rest. Lines that begin alike are lines of the same kind: most parts have no other, and are left.
fn suspect(line: &Line<'_>, next: &Line<'_>) -> bool {
    let alike = line
        .text
        .as_bytes()
        .get(..4)
        .is_some_and(|four| next.text.as_bytes().starts_with(four));
    !alike && !begins_entry(next.text)
}

/// Whether every line at the margin that surely is one of its own begins as one of a document of names and values does.
fn is_named(part: &[Line<'_>], edge: usize) -> bool {
    let top = |text: &str| text.starts_with([' ', '\t']) || begins_top(text) || prompt_like(text);
    part.first().is_none_or(|line| top(line.text))
        && part.windows(2).all(|pair| match pair {
            [line, next] => line.width() == edge || top(next.text),
            _ => true,
        })
}

/// Joins what a part tells to be broken at the edge, and counts the rests. With `known` the terminal's width is known from other parts.
fn join_part(part: &mut [Line<'_>], edge: usize, known: bool) -> usize {
    if edge < NARROW {
        return 0;
    }
    let full = part.iter().filter(|line| line.width() == edge).count();
    let (mut joined, certain) = (0, full > 1 || known);
    let Some(last) = part
        .windows(2)
        .rposition(|pair| matches!(pair, [line, next] if line.width() == edge && suspect(line, next)))
    else {
        return 0;
    };
    joined += sections::join(part, edge, known);
    let mut state = State::default();
    // Strings that were open, lines that seem to go on, and how many lines of the same width do not: a whole text has many that only end at the same place.
    let mut strings = 0;
    let mut likely = Vec::new();
    let mut whole = 0;
    let mut at = 0;
    // What stands after the last line that may go on tells nothing about it but its next lines.
    while at <= last {
        let rest = part.get_mut(at..).unwrap_or_default();
        let count = wrapped_drawing(rest, edge);
        if count > 0 {
            joined += count / 2;
            at += count;
            state = State::default();
            continue;
        }
        if state.kind.is_none()
            && let Some(Run { lines, joined: rests }) = grammar::run(rest, edge, known)
            && (lines > 1 || rests > 0)
        {
            joined += rests;
            at += lines;
            state = State::default();
            continue;
        }
        let count = if certain { wrapped_table(rest, edge) } else { 0 };
        if count > 0 {
            joined += count / 2;
            at += count;
            state = State::default();
            continue;
        }
        let (Some(line), Some(next)) = (rest.first(), rest.get(1)) else {
            break;
        };
        if line.joined {
            state = State::default();
            at += 1;
            continue;
        }
        let is_full = line.width() == edge;
        let goes_on = state.goes_on(line.text, next.text, is_full, certain)
            && string_closes_or_other(&state, rest, edge)
            && object_closes_or_other(&state, rest, edge)
            && state.row_ends(rest, edge);
        if goes_on && state.now == Some(Kind::JsonString) {
            if let Some(line) = rest.first_mut() {
                line.joined = true;
            }
            joined += 1;
            strings += 1;
        } else if goes_on {
            likely.push((at, state.now == Some(Kind::Indented)));
        } else {
            whole += usize::from(is_full);
        }
        state.after(goes_on);
        at += 1;
    }
    whole += part.iter().skip(at).filter(|line| line.width() == edge).count();
    if likely.iter().any(|(_, indented)| *indented) && !is_named(part, edge) {
        likely.retain(|(_, indented)| !indented);
    }
    if (likely.len() + strings > 1 || (known && !likely.is_empty())) && whole * 5 <= likely.len() {
        joined += likely.len();
        for (at, _) in likely {
            if let Some(line) = part.get_mut(at) {
                line.joined = true;
            }
        }
    }
    joined
}
