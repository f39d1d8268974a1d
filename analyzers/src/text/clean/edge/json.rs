//! JSON, a member a line or an object a line: strings that are open where the line ends.

use super::super::Line;
use super::state::{Kind, State};

/// Reads over a line of JSON: whether a string is open at its end, and how many brackets.
pub(super) fn scan(line: &str, open: &mut bool, depth: &mut i64) {
    let mut escaped = false;
    for byte in line.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if *open => escaped = true,
            b'"' => *open = !*open,
            b'{' | b'[' if !*open => *depth += 1,
            b'}' | b']' if !*open => *depth -= 1,
            _ => {}
        }
    }
}

/// How many lines one string is looked for an end.
const STRING: usize = 400;

/// Where a string was left open: whether it ends after lines that are as wide as the terminal. It was cut otherwise.
pub(super) fn string_closes_or_other(state: &State, rest: &[Line<'_>], edge: usize) -> bool {
    if state.now != Some(Kind::JsonString) || state.kind == Some(Kind::JsonString) {
        return true;
    }
    let line = |at: usize| rest.get(at).map_or("", |line| line.text);
    // Objects on one line each, which were cut: a string holds no `{"` but with backslashes.
    if line(1).starts_with("{\"") {
        return false;
    }
    for at in 1..STRING.min(rest.len()) {
        if let Some(after) = closed(line(at), line(at - 1).ends_with('\\')) {
            // What follows a string in JSON, or the edge.
            return after.trim_start().is_empty() || after.trim_start().starts_with([',', ':', '}', ']']);
        }
        if rest.get(at).is_none_or(|line| line.width() != edge) {
            return false;
        }
    }
    false
}

/// Where an object on one line was left open: whether it is closed where the last of its lines ends. It was cut otherwise.
pub(super) fn object_closes_or_other(state: &State, rest: &[Line<'_>], edge: usize) -> bool {
    if state.now != Some(Kind::JsonLine) || state.kind.is_some() {
        return true;
    }
    let (mut open, mut depth) = (state.open, state.depth);
    for line in rest.iter().skip(1).take(STRING) {
        scan(line.text, &mut open, &mut depth);
        if line.width() != edge || (depth == 0 && !open) {
            return depth == 0 && !open;
        }
    }
    false
}

/// What follows the end of a string that is open where the line begins.
fn closed(line: &str, mut escaped: bool) -> Option<&str> {
    for (at, byte) in line.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return line.get(at + 1..),
            _ => {}
        }
    }
    None
}

/// Whether a line begins as a member of a JSON object on a line of its own does.
pub(super) fn is_member(line: &str) -> bool {
    let text = line.trim_start();
    line.starts_with([' ', '\t'])
        && (text.starts_with(['}', ']'])
            || text
                .strip_prefix('"')
                .and_then(|rest| rest.split_once('"'))
                .is_some_and(|(_, after)| after.starts_with(':')))
}
