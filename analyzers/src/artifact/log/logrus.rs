//! logrus on a terminal: `FATA[0001] message  key=value` (sirupsen/logrus `text_formatter.go`, `printColored`): crictl, kops, cilium's tool.

use std::borrow::Cow;

use super::{Entry, Level, logfmt};

/// The level, cut to four letters, and what follows the seconds.
fn taken(line: &str) -> Option<(Level, &str, &str)> {
    let level = match line.get(..5)? {
        "DEBU[" | "TRAC[" => Level::Debug,
        "INFO[" => Level::Info,
        "WARN[" => Level::Warning,
        "ERRO[" => Level::Error,
        "FATA[" | "PANI[" => Level::Fatal,
        _ => return None,
    };
    let (time, message) = line.get(5..)?.split_once(']')?;
    // The seconds since the start, or a full time.
    let plain = !time.is_empty() && time.bytes().all(|b| b.is_ascii_digit() || b"-:TZ+ .".contains(&b));
    plain.then_some((level, time, message.trim_start()))
}

/// Whether a line begins so.
pub fn is_entry(line: &str) -> bool {
    taken(line).is_some()
}

/// Takes a line apart.
pub fn entry(line: &str) -> Option<Entry<'_>> {
    let (level, time, message) = taken(line)?;
    Some(Entry {
        time: Some(Cow::Borrowed(time)),
        level: Some(level),
        message: Cow::Borrowed(message.trim_end()),
        fields: logfmt::fields(message),
        ..Entry::default()
    })
}
