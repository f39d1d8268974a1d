//! klog's lines: kubelet, kube-proxy, the controllers, the authenticator of old, Cluster Autoscaler.
//!
//! `Lmmdd hh:mm:ss.uuuuuu threadid file:line] message` (kubernetes/klog `klog.go`, `header`), and its structured form
//! `"message" key="value"` (`internal/serialize/keyvalues.go`).

use std::borrow::Cow;

use super::{Entry, Level, logfmt};

/// Takes a line apart.
pub fn entry(line: &str) -> Option<Entry<'_>> {
    let level = match line.as_bytes().first()? {
        b'I' => Level::Info,
        b'W' => Level::Warning,
        b'E' => Level::Error,
        b'F' => Level::Fatal,
        _ => return None,
    };
    let date = line.get(1..5)?;
    if !date.bytes().all(|byte| byte.is_ascii_digit()) || line.as_bytes().get(5) != Some(&b' ') {
        return None;
    }
    let rest = line.get(6..)?;
    let (clock, rest) = rest.split_once(' ')?;
    if clock.len() < 8 || clock.as_bytes().get(2) != Some(&b':') || clock.as_bytes().get(5) != Some(&b':') {
        return None;
    }
    let time = line.get(1..6 + clock.len())?;
    let (head, message) = rest.split_once(']')?;
    let origin = head
        .trim_start()
        .split_once(' ')
        .map_or(head.trim(), |(_, origin)| origin.trim());
    if head.len() > 200 || !origin.contains(':') {
        return None;
    }
    let message = message.strip_prefix(' ').unwrap_or(message);
    let mut entry = Entry {
        time: Some(Cow::Borrowed(time)),
        level: Some(level),
        origin: Some(Cow::Borrowed(origin)),
        message: Cow::Borrowed(message),
        fields: Vec::new(),
    };
    if message.starts_with('"')
        && let Some((text, rest)) = logfmt::quoted(message)
    {
        entry.message = text;
        entry.fields = logfmt::fields(rest);
    }
    Some(entry)
}
