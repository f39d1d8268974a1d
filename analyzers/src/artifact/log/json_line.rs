//! Entries that are JSON objects: ipamd and the aws-node daemon, AWS Load Balancer Controller and Karpenter (zap), Fluent Bit's records,
//! istio-proxy's access log, Kubernetes audit events.

use std::borrow::Cow;

use serde_json::Value;

use super::{Entry, Level};

/// Takes a line apart that is one JSON object.
pub fn entry(line: &str) -> Option<Entry<'_>> {
    if !line.starts_with('{') || !line.trim_end().ends_with('}') {
        return None;
    }
    let Ok(Value::Object(members)) = serde_json::from_str::<Value>(line) else {
        return None;
    };
    let mut entry = Entry::default();
    for (name, value) in members {
        let text = match value {
            Value::String(text) => text,
            other => other.to_string(),
        };
        let value = Cow::Owned(text);
        match name.as_str() {
            "time" | "ts" | "timestamp" | "@timestamp" | "start_time" | "requestReceivedTimestamp"
                if entry.time.is_none() =>
            {
                entry.time = Some(value);
            }
            "level" | "severity" | "lvl" if entry.level.is_none() && Level::named(&value).is_some() => {
                entry.level = Level::named(&value);
            }
            "msg" | "message" | "log" | "MESSAGE" if entry.message.is_empty() => entry.message = value,
            "caller" | "logger" | "scope" if entry.origin.is_none() => entry.origin = Some(value),
            _ => entry.fields.push((Cow::Owned(name), value)),
        }
    }
    Some(entry)
}
