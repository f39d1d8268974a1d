//! TOML (toml.io, v1.0.0): the values with their places, and how far a file reaches in a paste.
//!
//! The `toml` crate reads, and goes on after an error; what is wrong is said with its line.

use std::ops::Range;

use serde_json::Number;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::artifact::Placed;
use crate::segment::sniff::ends;
use crate::text::Piece;

/// What a TOML text holds.
pub struct Read {
    /// The values.
    pub values: Placed,
    /// What is wrong: the bytes, and a sentence.
    pub faults: Vec<(Range<usize>, String)>,
}

/// How many faults of a file are said.
const NAMED: usize = 20;

/// More than any configuration has. The crate keeps a token a byte of what is hardly TOML, so that this also bounds the memory.
const MOST: usize = 1 << 20;

/// Reads a TOML text.
pub fn read(text: Piece<'_>) -> Read {
    let mut faults = Vec::new();
    let mut short = text;
    if text.len() > MOST {
        let cut = (MOST - 3..=MOST)
            .rev()
            .find_map(|at| text.get(..at))
            .and_then(|head| head.rfind('\n'));
        short = text.part(0..cut.unwrap_or(0));
        faults.push((
            short.end()..text.end(),
            "The rest of this file was not read: it is larger than any configuration.".to_owned(),
        ));
    }
    let (table, errors) = DeTable::parse_recoverable(short.str());
    // One line may have several errors: the first is the cause.
    let mut last = None;
    let all = errors.len();
    for error in errors {
        if faults.len() == NAMED {
            break;
        }
        let at = error.span().unwrap_or_default();
        let at = line_of(short, at.start);
        if last.replace(at.range()) == Some(at.range()) {
            continue;
        }
        faults.push((
            at.range(),
            format!(
                "This is not TOML ({}), so the program that reads the file refuses all of it. What can be read is shown.",
                error.message().trim_end()
            ),
        ));
    }
    if faults.len() == NAMED {
        faults.push((
            short.range(),
            format!("There are {all} such faults in it; the first {NAMED} are listed."),
        ));
    }
    Read {
        values: of_table(short, short, table.get_ref()),
        faults,
    }
}

/// The line that has this byte.
fn line_of(text: Piece<'_>, at: usize) -> Piece<'_> {
    let at = at.min(text.len());
    let start = text
        .get(..at)
        .and_then(|head| head.rfind('\n'))
        .map_or(0, |cut| cut + 1);
    let len = text
        .get(start..)
        .map_or(0, |rest| rest.find('\n').unwrap_or(rest.len()));
    text.part(start..start + len).trim()
}

fn of_table(text: Piece<'_>, here: Piece<'_>, table: &DeTable<'_>) -> Placed {
    let mut object = Placed::object(here);
    for (name, value) in table {
        object.put(name.get_ref().as_ref(), of_value(text, value));
    }
    object
}

fn of_value(text: Piece<'_>, value: &Spanned<DeValue<'_>>) -> Placed {
    let here = text.part(value.span());
    match value.get_ref() {
        DeValue::String(read) => {
            let inner = ["\"", "'"]
                .iter()
                .find_map(|quote| here.strip_prefix(quote)?.strip_suffix(quote))
                .filter(|inner| inner.str() == read.as_ref());
            Placed::value(read.as_ref(), inner.unwrap_or(here))
        }
        DeValue::Integer(read) => match i64::from_str_radix(read.as_str(), read.radix()) {
            Ok(number) => Placed::value(number, here),
            Err(_) => Placed::text(here),
        },
        DeValue::Float(read) => match read.as_str().parse().ok().and_then(Number::from_f64) {
            Some(number) => Placed::value(serde_json::Value::Number(number), here),
            None => Placed::text(here),
        },
        DeValue::Boolean(read) => Placed::value(*read, here),
        DeValue::Datetime(_) => Placed::text(here),
        DeValue::Array(items) => {
            let mut list = Placed::array(here);
            for item in items {
                list.push(of_value(text, item));
            }
            list
        }
        DeValue::Table(table) => of_table(text, here, table),
    }
}

/// Whether a line is a table's header: `[plugins."x".y]`, `[[items]]`.
pub fn is_header(line: &str) -> bool {
    let line = line.split(" #").next().unwrap_or(line).trim();
    line.strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .is_some_and(|inside| {
            let inside = inside
                .strip_prefix('[')
                .and_then(|rest| rest.strip_suffix(']'))
                .unwrap_or(inside);
            !inside.is_empty() && !inside.starts_with(['{', '[', '-']) && is_name(inside)
        })
}

/// Whether a line can only be a table's header, no element of an array: no value begins with such a letter.
fn begins_table(line: &str) -> bool {
    is_header(line)
        && line
            .trim_start()
            .trim_start_matches('[')
            .starts_with(|c: char| c.is_ascii_alphabetic())
}

/// Whether a text is a name, dotted or quoted.
fn is_name(text: &str) -> bool {
    let mut quote = None;
    text.chars().all(|c| match quote {
        Some(open) => {
            if c == open {
                quote = None;
            }
            true
        }
        None if matches!(c, '"' | '\'') => {
            quote = Some(c);
            true
        }
        None => c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'),
    }) && quote.is_none()
}

/// The value of a line `name = value`.
pub fn value_of(line: &str) -> Option<&str> {
    let (name, value) = line.split_once('=')?;
    let name = name.trim();
    (!name.is_empty() && is_name(name) && !value.trim().is_empty()).then(|| value.trim())
}

/// What a line leaves open: a string of several lines, or that many brackets.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    Nothing,
    Text(&'static str),
    Brackets(usize),
}

fn opens(value: &str) -> Open {
    for quotes in ["\"\"\"", "'''"] {
        if let Some(rest) = value.strip_prefix(quotes) {
            return if rest.contains(quotes) {
                Open::Nothing
            } else {
                Open::Text(quotes)
            };
        }
    }
    if !value.starts_with(['[', '{']) {
        return Open::Nothing;
    }
    match brackets(value, 0) {
        0 => Open::Nothing,
        depth => Open::Brackets(depth),
    }
}

fn brackets(line: &str, depth: usize) -> usize {
    let mut depth = depth;
    let mut quote = None;
    for c in line.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '#') => break,
            (None, '[' | '{') => depth += 1,
            (None, ']' | '}') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    depth
}

/// Whether a line can stand in an array of several lines.
fn is_element(line: &str) -> bool {
    let first = line.trim_start().chars().next();
    first.is_none_or(|c| {
        matches!(c, '"' | '\'' | '[' | ']' | '{' | '}' | '#' | '-' | ',' | 't' | 'f') || c.is_ascii_digit()
    })
}

/// How many bytes of a text are one TOML file. A line that is none belongs to it where TOML follows directly: it is the file's fault.
pub fn extent(text: &str) -> usize {
    let mut len = 0;
    let mut open = Open::Nothing;
    // A line that is no TOML, since when.
    let mut fault = false;
    let mut blank = false;
    // Whether there was more than comments.
    let mut any = false;
    for (line, end) in ends(text) {
        match open {
            Open::Text(quotes) => {
                if line.contains(quotes) {
                    open = Open::Nothing;
                }
                len = end;
                continue;
            }
            Open::Brackets(depth) if is_element(line) && !begins_table(line) => {
                open = match brackets(line, depth) {
                    0 => Open::Nothing,
                    depth => Open::Brackets(depth),
                };
                if !line.trim().is_empty() {
                    len = end;
                }
                continue;
            }
            // The bracket was never closed.
            Open::Brackets(_) | Open::Nothing => open = Open::Nothing,
        }
        let clean = line.trim();
        if clean.is_empty() {
            blank = true;
            continue;
        }
        if let Some(value) = value_of(clean) {
            open = opens(value);
        } else if clean.starts_with('#') {
            // A comment at the end may belong to what follows.
            blank = false;
            if !any {
                len = end;
            }
            continue;
        } else if !is_header(clean) {
            if fault || blank || len == 0 {
                break;
            }
            fault = true;
            if line.starts_with([' ', '\t']) {
                len = end;
            }
            continue;
        }
        fault = false;
        blank = false;
        any = true;
        len = end;
    }
    len
}

#[cfg(test)]
mod tests {
    use super::{extent, is_header, read, value_of};
    use crate::text::Piece;

    #[test]
    fn values_have_their_places() {
        let text = "version = 2\nimports = [\n  \"a.toml\",\n]\n[plugins.\"io.containerd.grpc.v1.cri\".containerd]\n  default_runtime_name = \"runc\" # c\n[[x]]\non = true\nr = 0x1f\nf = 1.5\n";
        let found = read(Piece::new(text));
        assert!(found.faults.is_empty());
        let (value, places) = found.values.finish();
        let at = |pointer: &str| places.locate(&value, pointer).and_then(|range| text.get(range));
        let json = value.to_json();
        assert_eq!(json["version"], 2);
        assert_eq!(at("/version"), Some("2"));
        assert_eq!(at("/imports/0"), Some("a.toml"));
        assert_eq!(
            at("/plugins/io.containerd.grpc.v1.cri/containerd/default_runtime_name"),
            Some("runc")
        );
        assert_eq!(json["x"][0]["on"], true);
        assert_eq!(
            (json["x"][0]["r"].as_i64(), json["x"][0]["f"].as_f64()),
            (Some(31), Some(1.5))
        );
    }

    #[test]
    fn a_fault_has_its_line_and_what_can_be_read_is_read() {
        let text = "version = 2\n[plugins]\n  a = \"open\n  b = 1\n";
        let found = read(Piece::new(text));
        assert_eq!(found.faults.len(), 1, "{:?}", found.faults);
        assert_eq!(text.get(found.faults[0].0.clone()), Some("a = \"open"));
        assert_eq!(found.values.finish().0.to_json()["version"], 2);
        // A name that is given twice.
        let text = "a = 1\na = 2\n";
        let found = read(Piece::new(text));
        assert_eq!(text.get(found.faults[0].0.clone()), Some("a = 2"));
    }

    #[test]
    fn a_file_ends_where_something_else_begins() {
        for (text, own) in [
            (
                "a = 1\n[b]\nc = [\n  \"x\",\n\n  \"y\"\n]\n\nBest regards\n",
                "a = 1\n[b]\nc = [\n  \"x\",\n\n  \"y\"\n]\n",
            ),
            ("a = 1\nSystemdCgroup true\n[b]\n", "a = 1\nSystemdCgroup true\n[b]\n"),
            ("a = 1\nNAME  READY\nweb   1/1\n", "a = 1\n"),
            ("a = [\n  [\"x\"]\n]\nb = 1\n", "a = [\n  [\"x\"]\n]\nb = 1\n"),
            ("a = [\n[b]\nc = 1\n", "a = [\n[b]\nc = 1\n"),
            (
                "a = \"\"\"\nno toml\n\"\"\"\nb = 1\n# next\n",
                "a = \"\"\"\nno toml\n\"\"\"\nb = 1\n",
            ),
        ] {
            assert_eq!(text.get(..extent(text)), Some(own));
        }
    }

    #[test]
    fn headers_and_names() {
        assert!(is_header("  [plugins.\"io.x/v1\".y] # c") && is_header("[[a.b]]"));
        assert!(!is_header("[INFO] plugin") && !is_header("[{\"a\": 1}]") && !is_header("[]"));
        assert_eq!(value_of("a.\"b c\" = 1"), Some("1"));
        assert_eq!(value_of("echo a = b"), None);
        assert_eq!(value_of("a ="), None);
    }
}
