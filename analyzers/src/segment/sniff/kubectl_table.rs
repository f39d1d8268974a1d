//! `kubectl get`'s tables, by their header in capitals.

use super::{Hint, Taken, ends};
use crate::artifact::kubectl::table::{Given, Header};
use crate::artifact::kubectl::{describe, events};
use crate::segment::formats;

/// Takes a table, and those that follow it after a blank line in the output of one `kubectl get a,b` (their names begin with the resource).
pub fn take(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let given = hint
        .line
        .as_ref()
        .filter(|_| hint.expects(formats::KUBECTL_TABLE))
        .map(Given::new)
        .unwrap_or_default()
        .above(line);
    if let Some(header) = given.unprinted(line).filter(|_| !super::log::is_error(line)) {
        return rows(&header, rest);
    }
    // Of several kinds the events have a table of their own.
    if !given.is_custom() && events::is_header(line) {
        return None;
    }
    let mut header = given.header(line).or_else(|| Header::new(line))?;
    let mut len = 0;
    let mut blank = false;
    let mut prefixed = false;
    let mut start = 0;
    let mut lines = ends(rest).peekable();
    while let Some((line, end)) = lines.next() {
        let here = std::mem::replace(&mut start, end);
        if line.trim().is_empty() {
            blank = true;
            continue;
        }
        let named = if len == 0 { given.header(line) } else { None };
        if let Some(next) = named.or_else(|| Header::new(line)) {
            if len > 0 && events::is_header(line) {
                break;
            }
            let follows = len == 0 || (prefixed && lines.peek().is_some_and(|(row, _)| has_prefix(row)));
            if !follows {
                break;
            }
            header = next;
        } else if blank || !header.is_row(line) || super::log::is_error(line) || is_description(line, rest, here) {
            break;
        } else {
            prefixed = has_prefix(line);
        }
        blank = false;
        len = end;
    }
    Some(Taken {
        len,
        format: formats::KUBECTL_TABLE,
        confidence: if hint.expects(formats::KUBECTL_TABLE) {
            0.98
        } else {
            0.9
        },
    })
}

/// Whether a description begins at a line of `text`: its fields have blanks in pairs, as rows have.
fn is_description(line: &str, text: &str, start: usize) -> bool {
    line.starts_with("Name:") && describe::begins(line, text.get(start..).unwrap_or_default(), true)
}

/// Takes the rows of a table without a header.
fn rows(header: &Header, rest: &str) -> Option<Taken> {
    let mut len = 0;
    for (line, end) in ends(rest) {
        if !header.is_row(line) || super::log::is_error(line) || is_description(line, rest, len) {
            break;
        }
        len = end;
    }
    if len == 0 {
        return None;
    }
    Some(Taken {
        len,
        format: formats::KUBECTL_TABLE,
        confidence: 0.9,
    })
}

/// Whether a row's name, in its first or second column, is written `pod/cart-0`.
fn has_prefix(row: &str) -> bool {
    row.split_ascii_whitespace()
        .take(2)
        .any(|cell| cell.contains('/') && !cell.starts_with('/'))
}
