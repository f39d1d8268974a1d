//! Logs: an entry begins with a time, a level or a name, and may go on over several lines.

use super::super::entry::{begins_entry, trace};
use super::words::words;
use super::{Begins, Grammar};

/// Access logs of load balancers: the kind of the connection, a time in ISO 8601 (Elastic Load Balancing's guides, "Access log entries").
pub(super) const BALANCER: Grammar = Grammar {
    enters: access,
    begins: |line| Begins::when(access(line)),
    strict: true,
};

fn access(line: &str) -> bool {
    let mut words = words(line);
    matches!(
        words.next(),
        Some("http" | "https" | "h2" | "grpcs" | "ws" | "wss" | "tls")
    ) && words.next().is_some_and(|word| {
        word.starts_with("20")
            || (word == "2.0" || word == "1.0") && words.next().is_some_and(|word| word.starts_with("20"))
    })
}

/// Entries of a program's log.
pub(super) const ENTRIES: Grammar = Grammar {
    enters: |line| begins_entry(line) && !line.starts_with("{\""),
    begins: |line| {
        if begins_entry(line) {
            Begins::Surely
        } else if trace(line) || line.starts_with("  ") || line.starts_with('\t') {
            Begins::Perhaps
        } else {
            Begins::Never
        }
    },
    strict: false,
};
