//! `tcpdump`'s text, by its packet lines.

use super::{Hint, Taken};

/// Takes a run of packet lines.
pub fn take(_line: &str, _rest: &str, _hint: &Hint) -> Option<Taken> {
    None
}
