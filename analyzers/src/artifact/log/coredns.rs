//! CoreDNS: `[INFO] 10.0.1.7:43211 - 5321 "A IN web.shop.svc.cluster.local. udp 49 false 512" NOERROR qr,aa,rd 96 0.000123s` (plugin/log
//! `log.go`, the format `CommonLogFormat`), and its other lines `[ERROR] plugin/errors: 2 name. A: read udp …` (plugin/pkg/log).

use std::borrow::Cow;

use super::{Entry, Level};

/// Takes a line apart.
pub fn entry(line: &str) -> Option<Entry<'_>> {
    let (word, rest) = line.strip_prefix('[')?.split_once("] ")?;
    let level = Level::named(word)?;
    // CoreDNS writes its levels in capitals; Fluent Bit's stand behind a time.
    if !word.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    let mut entry = Entry {
        level: Some(level),
        message: Cow::Borrowed(rest),
        ..Entry::default()
    };
    if let Some(fields) = query(rest) {
        entry.fields = fields
            .into_iter()
            .map(|(name, value)| (Cow::Borrowed(name), Cow::Borrowed(value)))
            .collect();
    } else if let Some((plugin, message)) = rest.split_once(": ")
        && plugin.starts_with("plugin/")
    {
        entry.origin = Some(Cow::Borrowed(plugin));
        entry.message = Cow::Borrowed(message);
    }
    Some(entry)
}

/// The parts of a query's line by the names of plugin/log's placeholders.
fn query(rest: &str) -> Option<Vec<(&'static str, &str)>> {
    let (remote, rest) = rest.split_once(" - ")?;
    let (id, rest) = rest.split_once(' ')?;
    let (question, rest) = rest.strip_prefix('"')?.split_once("\" ")?;
    let names = ["type", "class", "name", "proto", "size", "do", "bufsize"];
    let answers = ["rcode", "rflags", "rsize", "duration"];
    let mut fields = vec![("remote", remote), ("id", id)];
    let mut words = question.split(' ');
    for name in names {
        fields.push((name, words.next()?));
    }
    let mut words = rest.split(' ');
    for name in answers {
        fields.push((name, words.next()?));
    }
    id.parse::<u16>().ok()?;
    Some(fields)
}
