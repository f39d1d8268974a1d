//! zap's console encoder and its relatives: `2024-11-21T10:00:00.000Z<tab>INFO<tab>controller.provisioner<tab>message<tab>{"json": 1}`
//! (Karpenter, istiod and pilot-agent, aws-node's init), `[2024-11-21 10:00:00.000][1][warning][config] …` (Envoy's own log, spdlog).

use std::borrow::Cow;

use super::{Entry, Level, time};

/// Takes a line apart.
pub fn entry(line: &str) -> Option<Entry<'_>> {
    if let Some(entry) = envoy(line) {
        return Some(entry);
    }
    let len = time::len(line)?;
    let (when, rest) = (line.get(..len)?, line.get(len..)?);
    let rest = rest.strip_prefix(['\t', ' '])?;
    let end = rest.find(['\t', ' ']).unwrap_or(rest.len());
    let level = Level::named(rest.get(..end)?.trim_matches(|c: char| !c.is_ascii_alphabetic()))?;
    let mut rest = rest.get(end..)?.trim_start();
    let mut entry = Entry {
        time: Some(Cow::Borrowed(when)),
        level: Some(level),
        ..Entry::default()
    };
    // Tabs separate the logger, the message and the fields as JSON.
    if let Some((origin, after)) = rest.split_once('\t') {
        if !origin.contains(' ') {
            entry.origin = Some(Cow::Borrowed(origin));
            rest = after;
        }
        if let Some((message, json)) = rest.rsplit_once('\t')
            && let Ok(serde_json::Value::Object(members)) = serde_json::from_str(json)
        {
            rest = message;
            for (name, value) in members {
                let value = match value {
                    serde_json::Value::String(text) => text,
                    other => other.to_string(),
                };
                entry.fields.push((Cow::Owned(name), Cow::Owned(value)));
            }
        }
    }
    entry.message = Cow::Borrowed(rest);
    Some(entry)
}

/// Envoy's own lines: `[time][thread][level][logger] [file:line] message`.
fn envoy(line: &str) -> Option<Entry<'_>> {
    let (when, rest) = line.strip_prefix('[')?.split_once("][")?;
    if time::len(when)? != when.len() {
        return None;
    }
    let (_thread, rest) = rest.split_once("][")?;
    let (level, rest) = rest.split_once("][")?;
    let (origin, message) = rest.split_once(']')?;
    let message = message.trim_start();
    let message = message
        .strip_prefix('[')
        .and_then(|rest| rest.split_once("] "))
        .map_or(message, |(_file, message)| message);
    Some(Entry {
        time: Some(Cow::Borrowed(when)),
        level: Some(Level::named(level)?),
        origin: Some(Cow::Borrowed(origin)),
        message: Cow::Borrowed(message),
        fields: Vec::new(),
    })
}
