//! What a line is, and whether the one below it is its rest.

use super::super::Line;
use super::columns::{apart, begins_under, columns, is_header, under};
use super::document::begins_top;
use super::entry::{begins_entry, trace};
use super::json::{is_member, scan};
use super::prompt::prompt_like;

/// How many lines a row may take.
const PIECES: usize = 40;

/// What is known at a line: where its logical line began.
#[derive(Debug, Default)]
pub(super) struct State {
    /// What the logical line is, that began before and was joined so far.
    pub(super) kind: Option<Kind>,
    /// Whether a JSON string is open at the end of the line.
    pub(super) open: bool,
    /// The open brackets of a JSON object on one line.
    pub(super) depth: i64,
    /// What the line that is looked at is.
    pub(super) now: Option<Kind>,
    /// The columns of the last table's header.
    columns: Vec<usize>,
    /// Whether an entry of a log was seen in this part.
    log: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A line of JSON with an open string.
    JsonString,
    /// A JSON object on one line.
    JsonLine,
    Row,
    Entry,
    Indented,
}

impl State {
    /// Whether `next` is the rest of `line`.
    pub(super) fn goes_on(&mut self, line: &str, next: &str, full: bool, shared: bool) -> bool {
        let begins = self.kind.is_none();
        if begins {
            self.open = false;
            self.depth = 0;
            if is_header(line) {
                self.columns = columns(line);
            } else if !self.columns.is_empty() && prompt_like(line) {
                self.columns.clear();
            }
            self.log |= begins_entry(line);
        }
        self.now = None;
        if !full {
            return false;
        }
        let json = matches!(self.kind, Some(Kind::JsonString | Kind::JsonLine))
            || (begins && line.trim_start().starts_with(['"', '{', '[']));
        if json {
            scan(line, &mut self.open, &mut self.depth);
        }
        if next.trim().is_empty() || prompt_like(next) {
            return false;
        }
        self.now = if json && self.open {
            (!is_member(next)).then_some(Kind::JsonString)
        } else if json && self.depth > 0 && shared && (self.kind == Some(Kind::JsonLine) || line.starts_with("{\"")) {
            (!next.starts_with(['{', ' '])).then_some(Kind::JsonLine)
        } else if !shared || next.starts_with("  ") || next.starts_with('\t') {
            None
        } else if self.kind == Some(Kind::Row)
            || (begins && self.columns.len() > 2 && (under(&self.columns, line) || begins_under(&self.columns, line)))
        {
            (!under(&self.columns, next) && !apart(next) && !is_header(next) && !begins_entry(next))
                .then_some(Kind::Row)
        } else if self.kind == Some(Kind::Entry) || (begins && begins_entry(line)) {
            (self.log && !begins_entry(next) && !trace(next)).then_some(Kind::Entry)
        } else if self.kind == Some(Kind::Indented)
            || (begins && line.starts_with("  ") && !line.trim_start().starts_with('}'))
        {
            (!begins_top(next)).then_some(Kind::Indented)
        } else {
            None
        };
        self.now.is_some()
    }

    /// Where a row is broken: whether another row stands after its rest, a command, or nothing. The rest is another output's otherwise.
    pub(super) fn row_ends(&self, part: &[Line<'_>], edge: usize) -> bool {
        if self.now != Some(Kind::Row) || self.kind == Some(Kind::Row) {
            return true;
        }
        let mut after = part
            .iter()
            .skip(1)
            .take(PIECES)
            .skip_while(|line| line.width() == edge)
            .skip(1);
        let after = after.next().map(|line| line.text);
        after.is_none_or(|next| under(&self.columns, next) || apart(next) || is_header(next) || prompt_like(next))
    }

    pub(super) fn after(&mut self, joined: bool) {
        self.kind = if joined { self.now } else { None };
    }
}
