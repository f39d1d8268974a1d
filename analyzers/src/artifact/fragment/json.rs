//! The lines of JSON that were cut out of a document, as programs print it: a member or an element a line.

use super::lines::Line;
use super::tree::{Shape, Shown, Tree};
use crate::artifact::Placed;
use crate::artifact::json::string_end;
use crate::text::Piece;

/// The name of a member in its quotes, and what stands behind its colon.
pub fn member(text: Piece<'_>) -> Option<(Piece<'_>, Piece<'_>)> {
    if !text.starts_with('"') {
        return None;
    }
    let end = string_end(text.as_bytes(), 0)?;
    let rest = text.skip(end).trim().strip_prefix(":")?;
    Some((text.part(0..end), rest.trim()))
}

/// A value that stands on one line, without the comma behind it.
pub fn value(text: Piece<'_>) -> Option<Placed> {
    let text = without_comma(text);
    let value: serde_json::Value = serde_json::from_str(text.str()).ok()?;
    let place = if value.is_string() {
        text.part(1..text.len() - 1)
    } else {
        text
    };
    Some(match value {
        // The text between the quotes, where it is printed as it is.
        serde_json::Value::String(value) => Placed::value(value, place),
        value => Placed::tree(value, place),
    })
}

fn without_comma(text: Piece<'_>) -> Piece<'_> {
    text.strip_suffix(",").unwrap_or(text).trim()
}

fn opens(text: Piece<'_>) -> Option<Shape> {
    match text.str() {
        "{" => Some(Shape::Members),
        "[" => Some(Shape::Elements),
        _ => None,
    }
}

/// Adds a line to the tree; says whether it was understood.
pub fn add<'a>(tree: &mut Tree<'a>, line: &Line<'a>) -> bool {
    let mut column = line.indent();
    let mut text = line.text;
    // `}, {`: one ends, the next begins.
    while text.starts_with(['}', ']']) {
        tree.close(column);
        let rest = text.skip(1).trim();
        let rest = rest.strip_prefix(",").unwrap_or(rest).trim();
        if rest.is_empty() {
            return true;
        }
        if !rest.starts_with(['}', ']', '{', '[']) {
            column += rest.start() - text.start();
        }
        text = rest;
    }
    if let Some((name, rest)) = member(text) {
        let known: String = serde_json::from_str(name.str()).unwrap_or_else(|_| name.str().to_owned());
        let shown = if rest.is_empty() {
            Shown::Below(None)
        } else if let Some(shape) = opens(rest) {
            Shown::Below(Some(shape))
        } else {
            // What was cut at the line's end is kept as it is printed.
            Shown::Value(value(rest).unwrap_or_else(|| Placed::text(without_comma(rest))))
        };
        tree.member(column, &known, text, shown);
        return true;
    }
    if let Some(shape) = opens(text) {
        tree.element(column, text, Shown::Below(Some(shape)));
        return true;
    }
    if let Some(value) = value(text) {
        tree.element(column, text, Shown::Value(value));
        return true;
    }
    false
}
