//! JSON documents: Kubernetes objects, answers of AWS APIs, and others.

use super::{Hint, Taken, ends};
use crate::artifact::{aws, fragment, json};
use crate::segment::formats;
use crate::text::json_extent::is_glued;

/// Takes one JSON document, also one that is cut, or a run of log lines that are JSON objects.
pub fn take(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    // What was cut out of the middle reads otherwise.
    if let Some(taken) = cut(line, rest, hint) {
        return Some(taken);
    }
    let begin = line.trim_start();
    if !begin.starts_with(['{', '[']) {
        return scalar(line, rest, hint);
    }
    // `[INFO] …`, `{text}`: cheap to tell from JSON by what follows the bracket.
    let inside = begin.get(1..)?.trim_start().bytes().next();
    let plausible = match inside {
        // A bracket alone: a name of JSON below it stands in quotes.
        None => {
            !(begin.starts_with('{')
                && rest
                    .get(line.len()..)
                    .and_then(|below| below.trim_start().bytes().next())
                    .is_some_and(|byte| byte.is_ascii_lowercase()))
        }
        Some(b'"') => true,
        Some(b'}') => begin.starts_with('{'),
        Some(byte) => {
            begin.starts_with('[')
                && (matches!(byte, b']' | b'{' | b'[' | b'-' | b't' | b'f' | b'n') || byte.is_ascii_digit())
        }
    };
    if !plausible {
        return None;
    }
    let found = hint.whole.map_or_else(|| json::extent(rest), Into::into);
    let first_line = rest.find('\n').map_or(rest.len(), |at| at + 1);
    let after = rest.get(found.end..)?;
    let tail = after.find('\n').map_or(after.len(), |at| at + 1);
    if !found.whole
        && found.end < first_line
        && (tail > 1 || found.keys.is_empty())
        && found.end < rest.trim_end().len()
    {
        return None;
    }
    let damaged = if found.whole { None } else { json::damaged_end(rest) };
    // Nothing but brackets is no document, unless the paste ends there.
    let read = damaged.is_some_and(|end| end > found.end) || !found.keys.is_empty() || found.whole;
    if !read && begin.starts_with('{') && !after.trim_start().is_empty() && !after.trim_start().starts_with('"') {
        return None;
    }
    let len = if let Some(end) = damaged.filter(|end| *end > found.end) {
        let after = rest.get(end..)?;
        end + after.find('\n').map_or(after.len(), |at| at + 1)
    } else if found.whole {
        if is_glued(found.end, after) && (found.end > first_line || glued_on_its_line(&found.keys, after)) {
            found.end
        } else if found.end <= first_line && !after.get(..tail)?.trim().is_empty() {
            return None;
        } else {
            found.end + tail
        }
    } else {
        // Whole lines up to the one at which it stops being JSON; that one too where JSON stands on it.
        let line_start = rest.get(..found.end)?.rfind('\n').map_or(0, |at| at + 1);
        // The paste may end inside a name or a text: an open quote on its last line.
        let open = after.trim_start().starts_with('"') && after.get(tail..)?.trim().is_empty();
        if rest.get(line_start..found.end)?.trim().is_empty() && line_start > 0 && !open {
            line_start
        } else {
            found.end + tail
        }
    };
    // The parts of one answer, one after the other: they have the same members.
    let mut len = len;
    if found.whole && hint.expects(formats::AWS_JSON) {
        while let Some(more) = rest.get(len..).filter(|more| more.starts_with('{')) {
            let next = json::extent(more);
            if !next.whole || next.keys.first() != found.keys.first() {
                break;
            }
            let tail = more.get(next.end..)?;
            len += next.end + tail.find('\n').map_or(tail.len(), |at| at + 1);
        }
    }
    let has = |name: &str| found.keys.iter().any(|key| key == name);
    let one_line = len <= first_line;
    if one_line && found.keys.iter().any(|key| is_of_log(key)) && !has("kind") {
        return Some(log(rest, len));
    }
    let (format, confidence) = if has("kind") || has("apiVersion") {
        (formats::KUBERNETES_JSON, 0.95)
    } else if hint.expects(formats::AWS_JSON) || hint.expects(formats::AWS_YAML) || aws::recognises(&found.keys) {
        (formats::AWS_JSON, 0.9)
    } else if hint
        .line
        .as_ref()
        .is_some_and(|line| line.is_kubectl() && line.inner().is_none())
    {
        (formats::KUBERNETES_JSON, 0.6)
    } else {
        (formats::JSON, 0.5)
    };
    Some(Taken {
        len,
        format,
        confidence: if found.whole { confidence } else { confidence * 0.8 },
    })
}

/// Whether what follows a value on the same line is another document, and not the text that an entry of a log goes on with.
fn glued_on_its_line(keys: &[String], after: &str) -> bool {
    let logged = keys.iter().any(|key| is_of_log(key)) && !keys.iter().any(|key| key == "kind");
    let next = json::extent(after);
    let line = after.find('\n').unwrap_or(after.len());
    let tail = after.get(next.end..line.max(next.end)).unwrap_or_default();
    !logged && (next.end > line || (next.whole && (tail.trim().is_empty() || is_glued(next.end, tail))))
}

/// The members that tell an entry of a log.
fn is_of_log(name: &str) -> bool {
    matches!(name, "level" | "severity" | "msg" | "message" | "log")
}

/// Parts of a document that the command's pipeline let through.
fn cut(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let wanted = hint.expects(formats::KUBERNETES_JSON) || hint.expects(formats::AWS_JSON);
    wanted.then(|| fragment::of_command(line, rest, hint)).flatten()
}

/// A run of lines that are log entries as JSON objects.
fn log(rest: &str, first: usize) -> Taken {
    let len = ends(rest.get(first..).unwrap_or_default())
        .take_while(|(line, _)| line.starts_with("{\"") && line.ends_with('}'))
        .last()
        .map_or(first, |(_, end)| first + end);
    Taken {
        len,
        format: formats::LOG,
        confidence: 0.7,
    }
}

/// What `aws … --query` prints of a single value: a JSON string or number.
fn scalar(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let command = hint.line.as_ref()?;
    // `--output yaml` prints a value alone as JSON does (aws-cli v2 `formatter.py`, YAMLDumper).
    let aws = hint.expects(formats::AWS_JSON) || hint.expects(formats::AWS_YAML);
    if !aws || command.piped_into.is_some() {
        return None;
    }
    command.option(&["--query"])?;
    let value = line.trim();
    // One value, and perhaps, after a blank line, what somebody wrote below it.
    let (_, end) = ends(rest).next()?;
    let alone = ends(rest.get(end..)?)
        .next()
        .is_none_or(|(next, _)| next.trim().is_empty());
    let quoted = value.starts_with('"') && value.ends_with('"') && value.len() > 1;
    let plain = value == "null" || value.parse::<f64>().is_ok() || matches!(value, "true" | "false");
    (alone && (quoted || plain)).then_some(Taken {
        len: end,
        format: formats::AWS_JSON,
        confidence: 0.8,
    })
}
