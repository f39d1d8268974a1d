//! Fluent Bit: `[2024/11/21 10:00:00] [error] [output:es:es.0] HTTP status=403` (fluent-bit `src/flb_log.c`); the level is padded.

use std::borrow::Cow;

use super::{Entry, Level, time};

/// Takes a line apart.
pub fn entry(line: &str) -> Option<Entry<'_>> {
    let (when, rest) = line.strip_prefix('[')?.split_once("] [")?;
    if time::len(when)? != when.len() {
        return None;
    }
    let (level, rest) = rest.split_once(']')?;
    let level = Level::named(level.trim())?;
    let rest = rest.trim_start();
    let (origin, message) = rest
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
        .map_or((None, rest), |(origin, message)| (Some(origin), message.trim_start()));
    Some(Entry {
        time: Some(Cow::Borrowed(when)),
        level: Some(level),
        origin: origin.map(|origin| Cow::Borrowed(origin.trim())),
        message: Cow::Borrowed(message),
        fields: Vec::new(),
    })
}
