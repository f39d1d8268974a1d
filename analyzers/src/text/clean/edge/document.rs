//! Indented documents: `kubectl describe`, YAML.

use super::columns::is_header;
use super::entry::begins_entry;

/// Whether a line at the left margin begins something of its own after an indented one: a name, an item, a bracket.
pub(super) fn begins_top(line: &str) -> bool {
    let named = line
        .split_once(':')
        .is_some_and(|(name, rest)| !name.contains(' ') && (rest.is_empty() || rest.starts_with([' ', '\t'])));
    // `Node-Selectors:`, `Events:` and sections with blanks in their names (`QoS Class:`).
    let section = line.ends_with(':') || (line.starts_with(|c: char| c.is_ascii_uppercase()) && line.contains(":  "));
    named
        || section
        || line.starts_with(['}', ']', '-', '#', '{', '[', '<', '*'])
        || is_header(line)
        || begins_entry(line)
}
