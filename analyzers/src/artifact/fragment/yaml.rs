//! The lines of YAML that were cut out of a document (YAML 1.2, chapter 8: block collections and scalars).

use super::lines::Line;
use super::tree::{Shown, Tree};
use crate::artifact::Placed;
use crate::artifact::yaml::{self, plain};
use crate::text::Piece;

/// More dashes than this at the beginning of a line are text.
const DASHES: usize = 16;

/// A member's name and what stands behind its colon.
pub fn member(text: Piece<'_>) -> Option<(Piece<'_>, Piece<'_>)> {
    if let Some(quote) = text.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        let (name, rest) = text.skip(1).split_once(quote.encode_utf8(&mut [0; 4]))?;
        let rest = rest.strip_prefix(":")?;
        return (rest.is_empty() || rest.starts_with(' ')).then(|| (name, rest.trim()));
    }
    let at = text
        .match_indices(':')
        .map(|(at, _)| at)
        .find(|at| text.as_bytes().get(at + 1).is_none_or(|next| *next == b' '))?;
    let name = text.part(0..at);
    let plain = !name.is_empty()
        && !name.contains(char::is_whitespace)
        && !name.starts_with([
            '{', '[', '&', '*', '!', '|', '>', '%', '@', '`', '#', ',', '<', '(', '$',
        ]);
    plain.then(|| (name, text.skip(at + 1).trim()))
}

/// Adds the line at `at` to the tree; returns how many lines it took. `stretch`: whether the lines below are those that stood below.
pub fn add<'a>(tree: &mut Tree<'a>, lines: &[Line<'a>], at: usize, stretch: bool) -> usize {
    let whole = tree.whole();
    let Some(line) = lines.get(at) else { return 1 };
    let mut column = line.indent();
    let mut text = line.text;
    if text.is_empty() || text.starts_with('#') {
        return 1;
    }
    for _ in 0..DASHES {
        if text.str() == "-" {
            tree.element(column, text, Shown::Below(None));
            return 1;
        }
        let Some(rest) = text.strip_prefix("- ") else { break };
        tree.element(column, text, Shown::Below(None));
        let rest = rest.trim();
        column += rest.start() - text.start();
        text = rest;
    }
    let below = lines.get(at + 1..).filter(|_| stretch).unwrap_or_default();
    if let Some((name, shown)) = member(text) {
        let (value, taken) = value(shown, column, below, whole);
        let end = value
            .as_ref()
            .map_or(text.end(), |value| value.range().end.max(text.end()));
        let piece = whole.part(text.start()..end);
        tree.member(
            column,
            name.str(),
            piece,
            value.map_or(Shown::Below(None), Shown::Value),
        );
        return taken + 1;
    }
    // Of an element the text reaches as far as it is deeper than its dash.
    let (value, taken) = value(text, line.indent(), below, whole);
    if let Some(value) = value {
        tree.value(column, value);
    }
    taken + 1
}

/// A scalar or a collection in brackets, and how many of the lines below it goes on for; nothing where its value stands below.
fn value<'a>(text: Piece<'a>, column: usize, below: &[Line<'a>], whole: Piece<'a>) -> (Option<Placed>, usize) {
    match text.bytes().next() {
        None | Some(b'#') => (None, 0),
        Some(b'|' | b'>') if is_block(&text) => block(text, column, below, whole),
        Some(quote @ (b'"' | b'\'')) => quoted(text, (quote, column), below, whole),
        Some(b'{' | b'[') => (Some(scalar(text)), 0),
        Some(_) => unquoted(text, column, below, whole),
    }
}

/// Whether this begins a block scalar: `|`, `>-`, `|2+`.
fn is_block(text: &str) -> bool {
    text.bytes()
        .skip(1)
        .take_while(|byte| *byte != b' ')
        .all(|byte| matches!(byte, b'+' | b'-' | b'1'..=b'9'))
}

/// The lines below that are deeper than a column.
fn deeper<'l, 'a>(column: usize, below: &'l [Line<'a>]) -> &'l [Line<'a>] {
    let count = below
        .iter()
        .take_while(|line| !line.gap && (line.text.is_empty() || line.indent() > column))
        .count();
    below.get(..count).unwrap_or_default()
}

fn block<'a>(text: Piece<'a>, column: usize, below: &[Line<'a>], whole: Piece<'a>) -> (Option<Placed>, usize) {
    let lines = deeper(column, below);
    let margin = lines
        .iter()
        .filter(|line| !line.text.is_empty())
        .map(Line::indent)
        .min()
        .unwrap_or_default();
    let Some((first, last)) = lines.first().zip(lines.last()) else {
        return (None, 0);
    };
    let folded = text.starts_with('>');
    let mut made = String::new();
    for line in lines {
        if folded && !line.text.is_empty() {
            if !made.is_empty() {
                made.push(' ');
            }
        } else {
            made.extend(std::iter::repeat_n(' ', line.indent().saturating_sub(margin)));
        }
        made.push_str(line.text.str());
        if !folded {
            made.push('\n');
        }
    }
    let place = first.text.to(last.text, whole);
    (Some(Placed::value(made, place)), lines.len())
}

fn quoted<'a>(
    text: Piece<'a>,
    (quote, column): (u8, usize),
    below: &[Line<'a>],
    whole: Piece<'a>,
) -> (Option<Placed>, usize) {
    if let Some(end) = closing(&text, quote) {
        let text = text.part(0..end);
        return (Some(scalar(text)), 0);
    }
    // It goes on below, or was cut.
    let lines = deeper(column, below);
    let last = lines.iter().position(|line| closing_of_rest(&line.text, quote));
    let taken = last.map_or(0, |last| last + 1);
    let mut made = text.skip(1).trim().str().to_owned();
    let mut place = text;
    for line in lines.get(..taken).unwrap_or_default() {
        made.push(' ');
        made.push_str(line.text.str());
        place = text.to(line.text, whole);
    }
    if taken > 0 {
        made.pop();
    }
    let made = if quote == b'\'' { made.replace("''", "'") } else { made };
    (Some(Placed::value(made, place)), taken)
}

/// The byte after the quote that closes the text, which begins with one.
fn closing(text: &str, quote: u8) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 1;
    loop {
        let byte = *bytes.get(at)?;
        let escapes = if quote == b'"' {
            byte == b'\\'
        } else {
            byte == quote && bytes.get(at + 1) == Some(&quote)
        };
        if escapes {
            at += 2;
        } else if byte == quote {
            return Some(at + 1);
        } else {
            at += 1;
        }
    }
}

/// Whether a line that stands inside of a quoted text ends it.
fn closing_of_rest(line: &str, quote: u8) -> bool {
    let quote = char::from(quote);
    line.ends_with(quote) && line.chars().rev().take_while(|c| *c == quote).count() % 2 == 1
}

/// What stands on one line, in quotes or brackets, as the reader of whole documents has it.
fn scalar(text: Piece<'_>) -> Placed {
    let read = yaml::read(text.str());
    if read.broken.is_some() {
        return Placed::text(text);
    }
    let inner = text.part(1..text.len().max(2) - 1);
    match read.value.to_json() {
        serde_json::Value::String(value) if value == inner.str() => Placed::text(inner),
        value => Placed::tree(value, text),
    }
}

fn unquoted<'a>(text: Piece<'a>, column: usize, below: &[Line<'a>], whole: Piece<'a>) -> (Option<Placed>, usize) {
    let text = match text.split_once(" #") {
        Some((before, _)) => before.trim(),
        None => text,
    };
    // A long text goes on deeper; where a name or a dash stands there, lines are missing.
    let more = deeper(column, below)
        .iter()
        .take_while(|line| !line.text.is_empty() && !line.text.starts_with("- ") && member(line.text).is_none())
        .count();
    let Some(last) = more.checked_sub(1).and_then(|at| below.get(at)) else {
        let value = plain(text.str());
        return (Some(Placed::value(value.to_json(), text)), 0);
    };
    let mut made = text.str().to_owned();
    for line in below.get(..more).unwrap_or_default() {
        made.push(' ');
        made.push_str(line.text.str());
    }
    let place = text.to(last.text, whole);
    (Some(Placed::value(made, place)), more)
}
