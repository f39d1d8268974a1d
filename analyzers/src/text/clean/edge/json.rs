//! JSON, a member a line or an object a line: strings that are open where the line ends.

use super::super::Line;
use super::state::{Kind, State};
use super::width;

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
    let (mut open, mut depth) = (state.open, 0);
    for line in rest.iter().skip(1).take(STRING) {
        scan(line.text, &mut open, &mut depth);
        if !open {
            return true;
        }
        if width(line.text) != edge {
            return false;
        }
    }
    false
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
