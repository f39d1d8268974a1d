//! YAML: Kubernetes objects, and other mappings.

use super::{Hint, Taken, ends};
use crate::artifact::{aws, fragment};
use crate::segment::formats;

/// Names that begin a Kubernetes object, or a part of one that is pasted alone.
const BEGINNINGS: [&str; 8] = [
    "apiVersion",
    "kind",
    "metadata",
    "items",
    "spec",
    "status",
    "data",
    "subsets",
];

/// The name of a `name:` or `name: value` line at the beginning of a line.
fn key(line: &str) -> Option<&str> {
    let (name, rest) = line.split_once(':')?;
    let plain = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/' | b'"' | b'\''));
    (plain && (rest.is_empty() || rest.starts_with([' ', '\t']))).then_some(name)
}

/// Whether a line is `name:` or `name: value` at the beginning of a line.
pub fn is_key(line: &str) -> bool {
    key(line).is_some()
}

/// Takes the documents of a stream.
pub fn take(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let wanted = hint.expects(formats::KUBERNETES_YAML) || hint.expects(formats::AWS_YAML);
    // What was cut out of the middle reads otherwise.
    if let Some(taken) = wanted.then(|| fragment::of_command(line, rest, hint)).flatten() {
        return Some(taken);
    }
    // `error: …` reads like a name and its value.
    if super::log::is_error(line) {
        return None;
    }
    let answers = begins_answer(line, rest);
    let begins = match line.as_bytes().first()? {
        b'-' if line.trim_end() == "---" => {
            // A line of dashes separates many things; a document follows only where a name does.
            ends(rest)
                .skip(1)
                .map(|(line, _)| line)
                .find(|line| !line.trim().is_empty() && !line.starts_with('#'))
                .is_some_and(|line| is_key(line) || line.starts_with("- ") || line.starts_with('{'))
        }
        b'-' => {
            line.starts_with("- apiVersion:")
                || line.starts_with("- kind:")
                || (wanted && line.starts_with("- "))
                || answers
        }
        // `kubectl edit` writes a comment above the object, and so do people.
        b'#' => comment(rest),
        b' ' | b'\t' => false,
        // `Warning: …` looks like a name and its value.
        _ if super::log::is_notice(line) => false,
        _ => answers || key(line).is_some_and(|name| wanted || begins_object(name, line, rest)),
    };
    if !begins {
        return None;
    }
    let mut seen_version = false;
    let mut kubernetes = false;
    let mut len = 0;
    let mut blank = false;
    let mut start = 0;
    let first_name = key(line);
    for (line, end) in ends(rest) {
        let Some(first) = line.bytes().next().filter(|_| !line.trim().is_empty()) else {
            blank = true;
            start = end;
            continue;
        };
        let belongs = match first {
            b' ' | b'\t' | b'}' | b']' => true,
            b'#' => !blank,
            b'-' if line.trim_end() == "---" || line.starts_with("--- ") => {
                seen_version = false;
                true
            }
            b'-' => line.starts_with("- ") || line.trim_end() == "-",
            b'.' => line.trim_end() == "...",
            _ => match key(line) {
                Some("apiVersion") if seen_version => false,
                Some("apiVersion") => {
                    seen_version = true;
                    kubernetes = true;
                    true
                }
                Some("kind") => {
                    kubernetes = true;
                    true
                }
                // No answer has a blank line between its members: another one begins there.
                Some(name) if blank && (answers || hint.expects(formats::AWS_YAML)) => {
                    !(begins_answer(line, rest.get(start..).unwrap_or_default())
                        || (answers && first_name.is_some_and(|first| !aws::are_members(first, name))))
                }
                Some(_) => !super::log::is_error(line),
                None => false,
            },
        };
        start = end;
        if !belongs {
            break;
        }
        kubernetes |= line.starts_with("- apiVersion:") || line.starts_with("- kind:");
        blank = false;
        len = end;
    }
    if len == 0 {
        return None;
    }
    let (format, confidence) = if (hint.expects(formats::AWS_YAML) || answers) && !kubernetes {
        (formats::AWS_YAML, 0.8)
    } else if kubernetes || hint.expects(formats::KUBERNETES_YAML) {
        (formats::KUBERNETES_YAML, if wanted { 0.98 } else { 0.9 })
    } else {
        (formats::YAML, 0.5)
    };
    Some(Taken {
        len,
        format,
        confidence,
    })
}

/// So many lines are looked at to tell an answer of an AWS API by its names.
const LOOKED_AT: usize = 120;

/// Whether what begins here is an answer of an AWS API by all of its names; and says so by a value: an ARN, an account, an id, a time.
fn is_answer(line: &str, rest: &str) -> bool {
    if !key(line).is_some_and(aws::is_member) {
        return false;
    }
    let mut members: Vec<aws::Member<'_>> = Vec::new();
    // The column of the names inside of the last member, and whether its first element has ended.
    let (mut column, mut over) = (None, false);
    let mut telling = false;
    for (line, _) in ends(rest).take(LOOKED_AT) {
        let text = line.trim_start();
        if text.is_empty() || line.starts_with("---") {
            break;
        }
        telling |= tells_value(text);
        let (inner, element) = match text.strip_prefix("- ") {
            Some(inner) => (inner, true),
            None => (text, false),
        };
        if line.len() == text.len() && !element {
            let Some(name) = key(line) else { break };
            members.push((name, Vec::new()));
            (column, over) = (None, false);
            continue;
        }
        let at = line.len() - inner.len();
        let first = column.is_none();
        let column = *column.get_or_insert(at);
        over |= element && !first && at == column;
        if let Some((_, names)) = members.last_mut()
            && at == column
            && !over
            && let Some(name) = key(inner)
        {
            names.push(name);
        }
    }
    telling && aws::recognises_outline(&members)
}

/// Whether a line has a value as AWS gives them: an ARN, an account's number as a text, an id of EC2.
fn tells_value(line: &str) -> bool {
    let value = line
        .split_once(": ")
        .map_or_else(|| line.trim_start_matches("- "), |(_, value)| value)
        .trim()
        .trim_matches(['\'', '"']);
    let is_id = value.rsplit_once('-').is_some_and(|(kind, id)| {
        matches!(
            kind,
            "subnet" | "vpc" | "sg" | "eni" | "i" | "vol" | "rtb" | "igw" | "nat" | "ami" | "vpce" | "acl"
        ) && id.len() >= 8
            && id.bytes().all(|byte| byte.is_ascii_hexdigit())
    });
    value.starts_with("arn:aws") || is_id
}

/// Whether a line begins an answer of an AWS API, alone or as a part of `yaml-stream`: a member that only such answers have, and a list or
/// an object below it.
fn begins_answer(line: &str, rest: &str) -> bool {
    if is_answer(line, rest) {
        return true;
    }
    let text = line.strip_prefix("- ").unwrap_or(line).trim_end();
    let Some(name) = text
        .strip_suffix(':')
        .filter(|name| name.starts_with(|c: char| c.is_ascii_uppercase()))
    else {
        return false;
    };
    let Some((next, _)) = ends(rest).nth(1) else {
        return false;
    };
    let below = next.trim_start();
    let indent = next.len() - below.len();
    let inside = indent > 0 || !line.starts_with("- ");
    inside
        && aws::recognises(&[name.to_owned()])
        && (below.starts_with("- ") || indent > 0)
        && below.split_once(':').is_some_and(|(word, _)| {
            let word = word.trim_start_matches("- ");
            !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}

/// How many lines of comments may stand above an object.
const COMMENTS: usize = 12;

/// Whether the comments here stand above an object.
fn comment(rest: &str) -> bool {
    ends(rest)
        .map(|(line, _)| line)
        .take(COMMENTS)
        .find(|line| !line.starts_with('#'))
        .is_some_and(|line| line.starts_with("apiVersion: ") || line.starts_with("kind: "))
}

/// Whether a line begins an object: `apiVersion` and `kind` with a value, the others with an indented or listed value below.
fn begins_object(name: &str, line: &str, rest: &str) -> bool {
    if !BEGINNINGS.contains(&name) {
        return false;
    }
    let value = line.get(name.len() + 1..).unwrap_or_default().trim();
    if name == "apiVersion" || name == "kind" {
        return !value.is_empty() && !value.contains(' ') || value.starts_with('"');
    }
    value.is_empty()
        && rest
            .get(line.len()..)
            .and_then(|rest| rest.trim_start_matches('\r').strip_prefix('\n'))
            .is_some_and(|next| next.starts_with([' ', '-']))
}
