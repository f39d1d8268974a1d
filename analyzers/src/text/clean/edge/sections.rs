//! Tables inside `kubectl describe`: a header, a line of dashes that tells the columns, and rows, all indented alike.
//!
//! Where the line of dashes was broken, the header above it was as well, into as many pieces.

use super::super::Line;
use super::grammar::is_section;
use super::prompt::prompt_like;

/// A table wider than so many terminals is not believed.
const PIECES: usize = 8;

/// Joins the broken rows of every such table of a part, and returns how many rests they had.
pub(super) fn join(part: &mut [Line<'_>], edge: usize, known: bool) -> usize {
    let mut joined = 0;
    let mut at = 0;
    while at < part.len() {
        if part
            .get(at)
            .is_some_and(|line| line.text.starts_with(' ') && dashes(line.text))
            && let Some(table) = Table::at(part, at, edge)
        {
            joined += table.join(part, known);
            at = table.end.max(at + 1);
        } else {
            at += 1;
        }
    }
    joined
}

/// Groups of dashes only, as tables have them under their headers.
fn dashes(line: &str) -> bool {
    line.contains("---") && line.bytes().all(|byte| matches!(byte, b'-' | b' '))
}

struct Table {
    /// Lines that go on in the next.
    open: Vec<usize>,
    /// How many of them are before the last row.
    tail: usize,
    /// How many rows are as wide as the terminal and whole.
    whole: usize,
    /// Whether the line of dashes itself was broken.
    sure: bool,
    /// The first line after it.
    end: usize,
    edge: usize,
}

impl Table {
    /// The table whose first line of dashes that is.
    fn at(part: &[Line<'_>], at: usize, edge: usize) -> Option<Self> {
        let text = |at: usize| part.get(at).map_or("", |line| line.text);
        let full = |at: usize| part.get(at).is_some_and(|line| line.width() == edge);
        let mut height = 1;
        while full(at + height - 1)
            && height < PIECES
            && !text(at + height).is_empty()
            && rest_of_dashes(text(at + height))
        {
            height += 1;
        }
        let header = at.checked_sub(height)?;
        let indent = indent(text(at));
        // The header's pieces end where those of the dashes do.
        let alike = (0..height - 1).all(|piece| full(header + piece));
        if indent == 0 || !alike || self::indent(text(header)) != indent {
            return None;
        }
        let columns = columns(text(at));
        let begins = |at: usize| {
            let line = text(at);
            // A row may lack its first cell.
            let stands = self::indent(line);
            (stands == indent || columns.contains(&stands))
                && columns
                    .iter()
                    .all(|column| line.as_bytes().get(column - 1).is_none_or(|byte| *byte == b' '))
        };
        let mut table = Self {
            open: (0..height - 1).flat_map(|piece| [header + piece, at + piece]).collect(),
            tail: 2 * (height - 1),
            whole: 0,
            sure: height > 1,
            end: at + height,
            edge,
        };
        while begins(table.end) {
            table.tail = table.open.len();
            table.end += 1;
            while full(table.end - 1) && table.end < part.len() {
                let next = text(table.end);
                if begins(table.end) || self::indent(next) == indent || is_section(next) || prompt_like(next) {
                    table.whole += 1;
                    break;
                }
                table.open.push(table.end - 1);
                table.end += 1;
            }
        }
        let next = text(table.end);
        if !(next.trim().is_empty() || is_section(next) || prompt_like(next)) {
            // Another output: its first line looks like a rest as well.
            table.open.truncate(table.tail);
        }
        Some(table)
    }

    fn join(&self, part: &mut [Line<'_>], known: bool) -> usize {
        let rests = self.open.len();
        if !(self.sure || ((rests > 1 || known) && self.whole * 5 <= rests)) {
            return 0;
        }
        for at in &self.open {
            if let Some(line) = part.get_mut(*at) {
                line.joined = true;
                line.fill(self.edge);
            }
        }
        rests
    }
}

fn rest_of_dashes(line: &str) -> bool {
    line.contains('-') && line.bytes().all(|byte| matches!(byte, b'-' | b' '))
}

fn indent(line: &str) -> usize {
    line.bytes().take_while(|byte| *byte == b' ').count()
}

/// Where the groups of dashes begin, but the first.
fn columns(dashes: &str) -> Vec<usize> {
    let bytes = dashes.as_bytes();
    bytes
        .windows(2)
        .enumerate()
        .filter(|(_, pair)| *pair == b" -")
        .map(|(at, _)| at + 1)
        .skip(1)
        .collect()
}
