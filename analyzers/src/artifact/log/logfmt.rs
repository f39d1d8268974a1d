//! `key=value` lines: containerd and the authenticator (logrus' text formatter), Karpenter of old, Prometheus' family.

use std::borrow::Cow;

use super::{Entry, Field, Level};

/// Takes a line apart that begins with one of the well-known keys.
pub fn entry(line: &str) -> Option<Entry<'_>> {
    const BEGINNINGS: [&str; 7] = ["time=", "level=", "ts=", "t=", "lvl=", "msg=", "logger="];
    if !BEGINNINGS.iter().any(|beginning| line.starts_with(beginning)) {
        return None;
    }
    let mut entry = Entry::default();
    for (name, value) in fields(line) {
        match name.as_ref() {
            "time" | "ts" | "t" if entry.time.is_none() => entry.time = Some(value),
            "level" | "lvl" if entry.level.is_none() && Level::named(&value).is_some() => {
                entry.level = Level::named(&value);
            }
            "msg" | "message" if entry.message.is_empty() => entry.message = value,
            "caller" | "logger" | "source" if entry.origin.is_none() => entry.origin = Some(value),
            _ => entry.fields.push((name, value)),
        }
    }
    (entry.time.is_some() || entry.level.is_some()).then_some(entry)
}

/// The fields of a line; words that are none are passed over.
pub fn fields(text: &str) -> Vec<Field<'_>> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let end = rest
            .find(|c: char| c == '=' || c.is_ascii_whitespace())
            .unwrap_or(rest.len());
        let name = rest.get(..end).unwrap_or_default();
        let Some(after) = rest.get(end..).and_then(|rest| rest.strip_prefix('=')) else {
            rest = rest.get(end..).unwrap_or_default().trim_start();
            continue;
        };
        if let Some((value, after)) = quoted(after) {
            found.push((Cow::Borrowed(name), value));
            rest = after.trim_start();
        } else {
            let end = after.find(|c: char| c.is_ascii_whitespace()).unwrap_or(after.len());
            // klog prints lists and objects unquoted: `pods=["a","b"]`, `err=<` begins lines of their own.
            let end = bracketed(after).unwrap_or(end);
            found.push((Cow::Borrowed(name), Cow::Borrowed(after.get(..end).unwrap_or_default())));
            rest = after.get(end..).unwrap_or_default().trim_start();
        }
    }
    found
}

/// Where a value in brackets ends, where it is one that ends.
fn bracketed(text: &str) -> Option<usize> {
    let open = *text.as_bytes().first()?;
    let close = match open {
        b'[' => b']',
        b'{' => b'}',
        _ => return None,
    };
    let mut depth = 0_usize;
    // A bound, so that many open brackets on one long line stay linear.
    for (at, byte) in text.bytes().enumerate().take(4096) {
        if byte == open {
            depth += 1;
        } else if byte == close {
            depth -= 1;
            if depth == 0 {
                return Some(at + 1);
            }
        }
    }
    None
}

/// A quoted value (Go's `strconv.Quote`) at the beginning, with its escapes undone, and what follows it.
pub fn quoted(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let inside = text.strip_prefix('"')?;
    let mut escaped = false;
    let mut any = false;
    for (at, c) in inside.char_indices() {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
            any = true;
        } else if c == '"' {
            let value = inside.get(..at)?;
            let value = if any {
                Cow::Owned(unescape(value))
            } else {
                Cow::Borrowed(value)
            };
            return Some((value, inside.get(at + 1..)?));
        }
    }
    None
}

fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            plain.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => plain.push('\n'),
            Some('t') => plain.push('\t'),
            Some('r') => plain.push('\r'),
            Some(c) => plain.push(c),
            None => {}
        }
    }
    plain
}
