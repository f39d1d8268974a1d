//! eksctl: `[ℹ]  message`, since 0.58 with the time before it: `2024-05-01 10:00:00 [ℹ]  message` (kris-nova/logger, and weaveworks'
//! `pkg/cfn/manager` for the events of stacks).

use std::borrow::Cow;

use super::{Entry, Level, time};

/// The marks, and how bad what follows is.
const MARKS: [(&str, Level); 6] = [
    ("[ℹ]", Level::Info),
    ("[✔]", Level::Info),
    ("[!]", Level::Warning),
    ("[✖]", Level::Error),
    ("[▶]", Level::Debug),
    ("[☠]", Level::Fatal),
];

/// Whether a text begins with a mark and the two blanks behind it.
pub fn is_marked(text: &str) -> bool {
    mark(text).is_some()
}

fn mark(text: &str) -> Option<(Level, &str)> {
    MARKS.iter().find_map(|(mark, level)| {
        let rest = text.strip_prefix(mark)?;
        Some((*level, rest.strip_prefix("  ")?.trim_start()))
    })
}

/// Takes a line apart.
pub fn entry(line: &str) -> Option<Entry<'_>> {
    let len = time::len(line).unwrap_or_default();
    let (when, rest) = (line.get(..len)?, line.get(len..)?);
    let (level, message) = mark(rest.trim_start())?;
    let mut entry = Entry {
        time: (!when.is_empty()).then_some(Cow::Borrowed(when)),
        level: Some(level),
        message: Cow::Borrowed(message),
        ..Entry::default()
    };
    stack_event(message, &mut entry);
    Some(entry)
}

/// `AWS::EC2::Route/PublicSubnetRoute: CREATE_FAILED – "Resource creation cancelled"`: what CloudFormation said of a resource, with the
/// names of its API.
fn stack_event<'a>(message: &'a str, entry: &mut Entry<'a>) {
    let Some((resource, told)) = message.split_once(": ") else {
        return;
    };
    let Some((kind, name)) = resource.split_once('/').filter(|(kind, _)| kind.starts_with("AWS::")) else {
        return;
    };
    let (status, reason) = told.split_once(" – ").unwrap_or((told, ""));
    for (field, value) in [
        ("ResourceType", kind),
        ("LogicalResourceId", name),
        ("ResourceStatus", status),
        ("ResourceStatusReason", reason.trim_matches('"')),
    ] {
        if !value.is_empty() {
            entry.fields.push((Cow::Borrowed(field), Cow::Borrowed(value)));
        }
    }
}
