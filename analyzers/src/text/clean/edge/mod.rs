//! The terminal's edge: lines that it broke in two are joined, lines that it cut are named.
//!
//! Only what tells: in a part without blank lines no line is longer than some width, a line has exactly this width, and what
//! follows cannot begin a line of its own: the rest of a JSON string, of a table's row whose cells do not stand under their header, of
//! a log entry, of a value in an indented document. A whole table whose rows are equally long has none of these.
mod columns;
mod cut;
mod document;
mod drawing;
mod entry;
mod json;
mod prompt;
mod state;
mod table;
#[cfg(test)]
mod tests;
mod widths;

use self::cut::cut;
use self::drawing::wrapped_drawing;
use self::entry::begins_entry;
use self::json::string_closes_or_other;
use self::state::{Kind, State};
use self::table::wrapped_table;
pub(super) use self::widths::Widths;
use super::{Line, Note};

/// Terminals narrower or wider than this are not believed.
const WIDTHS: std::ops::RangeInclusive<usize> = 40..=500;

/// Joins the lines of every part that the edge broke, and says which lines it cut.
pub(super) fn join(lines: &mut [Line<'_>], notes: &mut Vec<Note>) -> bool {
    let mut joined = false;
    let mut first = 1;
    for part in lines.chunk_by_mut(|a, b| a.text.trim().is_empty() == b.text.trim().is_empty()) {
        let count = part.len();
        if count > 1 && part.first().is_some_and(|line| !line.text.trim().is_empty()) {
            joined |= join_part(part, first, notes);
        }
        first += count;
    }
    joined
}

fn width(text: &str) -> usize {
    if text.is_ascii() {
        text.len()
    } else {
        text.chars().count()
    }
}

fn join_part(part: &mut [Line<'_>], first: usize, notes: &mut Vec<Note>) -> bool {
    let edge = part.iter().map(|line| width(line.text)).max().unwrap_or(0);
    if !WIDTHS.contains(&edge) {
        return false;
    }
    // No line is wider than it is long: most lines need no counting.
    let is_full = |line: &Line<'_>| line.text.len() >= edge && width(line.text) == edge;
    let full = part.iter().filter(|line| is_full(line)).count();
    if let Some(note) = cut(part, edge, first) {
        notes.push(note);
        return false;
    }
    // Entries of logs and captures that follow each other: no line is the rest of another.
    let entries = part.windows(2).all(|pair| match pair {
        [line, next] if is_full(line) => {
            begins_entry(next.text) && !line.text.trim_start().starts_with(['"', '{', '['])
        }
        _ => true,
    });
    if entries {
        return false;
    }
    let (mut joined, certain) = (false, full > 1);
    let mut state = State::default();
    // Lines that seem to go on, and how many lines of the same width do not: a whole text has many that only end at the same place.
    let mut likely = Vec::new();
    let mut whole = 0;
    let mut at = 0;
    while at + 1 < part.len() {
        let rest = part.get_mut(at..).unwrap_or_default();
        let count = match wrapped_drawing(rest, edge) {
            0 if certain => wrapped_table(rest, edge),
            count => count,
        };
        if count > 0 {
            joined = true;
            at += count;
            state = State::default();
            continue;
        }
        let (Some(line), Some(next)) = (rest.first(), rest.get(1)) else {
            break;
        };
        let is_full = width(line.text) == edge;
        let goes_on =
            state.goes_on(line.text, next.text, is_full, certain) && string_closes_or_other(&state, rest, edge);
        if goes_on && state.now == Some(Kind::JsonString) {
            if let Some(line) = rest.first_mut() {
                line.joined = true;
            }
            joined = true;
        } else if goes_on {
            likely.push(at);
        } else {
            whole += usize::from(is_full);
        }
        state.after(goes_on);
        at += 1;
    }
    if likely.len() > 1 && whole * 5 <= likely.len() {
        joined = true;
        for at in likely {
            if let Some(line) = part.get_mut(at) {
                line.joined = true;
            }
        }
    }
    joined
}
