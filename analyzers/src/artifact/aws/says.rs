//! What aws-cli says in sentences: `Updated context … in …` (aws-cli `awscli/customizations/eks/update_kubeconfig.py`), what `aws sso login`
//! prints (`awscli/customizations/sso/utils.py`) and the table of `aws configure list` (`awscli/customizations/configure/list.py`).
//!
//! `{"messages": [{"message", "context", "path", "url"}]}`; `{"settings": [{"name", "value", "type", "location"}]}`.

use crate::artifact::node::lines::{Unread, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// aws-cli's sentences.
pub const ANSWER: Format = Format::new(&Spec {
    name: "aws-answer",
    title: "an answer of aws-cli",
    command: |line| {
        matches!(
            line.aws_operation(),
            Some(("eks", "update-kubeconfig") | ("sso", "login" | "logout"))
        )
    },
    least: 12,
    sniff: sniff_answer,
    read: read_answer,
});

/// `aws configure list`.
pub const SETTINGS: Format = Format::new(&Spec {
    name: "aws-configure-list",
    title: "aws configure list",
    command: |line| line.aws_operation() == Some(("configure", "list")),
    least: 14,
    sniff: sniff_settings,
    read: read_settings,
});

/// Beginnings that only aws-cli prints.
const SAID: [&str; 11] = [
    "Attempting to automatically open the SSO authorization page in your default browser",
    "Attempting to open your default browser.",
    "If the browser does not open or you wish to use a different device",
    "If the browser does not open, open the following URL",
    "Successfully logged into Start URL: ",
    "Successfully logged out of all SSO profiles",
    "Then enter the code:",
    "Starting session with SessionId: ",
    "Exiting session with sessionId: ",
    "Using a browser, open the following URL:",
    "Browser will not be automatically opened.",
];

/// `Updated context ARN in PATH`, `Added new context ARN to PATH`.
fn context(line: Piece<'_>) -> Option<(Piece<'_>, Piece<'_>)> {
    let rest = line.strip_prefix("Updated context ").map(|rest| (rest, " in "));
    let rest = rest.or_else(|| line.strip_prefix("Added new context ").map(|rest| (rest, " to ")));
    let (rest, word) = rest?;
    rest.split_once(word)
}

fn is_said(line: &str) -> bool {
    SAID.iter().any(|said| line.starts_with(said))
        || line.starts_with("Waiter ") && line.contains(" failed: ")
        || context(Piece::new(line)).is_some()
}

/// The page to open, and the code to type there.
fn is_told(line: &str) -> bool {
    line.starts_with("https://") && !line.trim().contains(' ')
        || line.len() == 9
            && line.as_bytes().get(4) == Some(&b'-')
            && line
                .bytes()
                .all(|b| b == b'-' || b.is_ascii_uppercase() || b.is_ascii_digit())
}

fn sniff_answer(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    is_said(line).then(|| take(rest, ANSWER, hint, |line| is_said(line) || is_told(line)))?
}

fn read_answer(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut messages = Placed::array(whole);
    for line in whole.lines().map(Piece::trim).filter(|line| !line.is_empty()) {
        let mut message = Placed::object(line);
        message.put_text("message", line);
        if let Some((context, path)) = context(line) {
            message.put_text("context", context);
            message.put_text("path", path);
        } else if let Some(url) = line.words().find(|word| word.starts_with("https://")) {
            message.put_text("url", url);
        } else if !is_said(line.str()) && !is_told(line.str()) {
            unread.line(line, ANSWER.title());
            continue;
        }
        messages.push(message);
    }
    let complete = unread.finish();
    let mut root = Placed::object(whole);
    root.put("messages", messages);
    add_document(part, ANSWER.name(), root, complete, artifacts);
}

/// The titles: in columns, and since 2.27 with colons between.
fn is_header(line: &str) -> bool {
    let mut words = line.split_whitespace().filter(|word| *word != ":");
    ["name", "value", "type", "location"]
        .iter()
        .all(|title| words.next().is_some_and(|word| word.eq_ignore_ascii_case(title)))
        && words.next().is_none()
}

fn is_rule(line: &str) -> bool {
    line.contains("----") && line.chars().all(|c| matches!(c, '-' | ' ' | ':'))
}

/// The name, the value, where it was found and in what: the value alone may have blanks, and the place may be missing.
fn setting(line: Piece<'_>) -> Option<[Option<Piece<'_>>; 4]> {
    if line.contains(" : ") {
        let cells: Vec<Piece<'_>> = line.split(|c| c == ':').collect();
        let [name, value, kind, place @ ..] = cells.as_slice() else {
            return None;
        };
        // A path of Windows has a colon, too.
        let place = match (place.first(), place.last()) {
            (Some(first), Some(last)) => some(first.to(*last, line)),
            _ => None,
        };
        return Some([some(*name), some(*value), some(*kind), place]);
    }
    let name = line.words().next()?;
    let rest = line.skip(name.end() - line.start()).trim();
    let value = rest
        .strip_prefix("<not set>")
        .map_or_else(|| rest.words().next(), |_| Some(rest.part(0..9)))?;
    let rest = rest.skip(value.len()).trim();
    let kind = rest.words().next();
    let place = kind.and_then(|kind| some(rest.skip(kind.len())));
    Some([Some(name), Some(value), kind, place])
}

/// A cell, unless it is blank.
fn some(piece: Piece<'_>) -> Option<Piece<'_>> {
    Some(piece.trim()).filter(|piece| !piece.is_empty())
}

/// The settings that are listed.
fn is_setting(line: &str) -> bool {
    let name = line.split_whitespace().next().unwrap_or_default();
    matches!(name, "profile" | "access_key" | "secret_key" | "region") && setting(Piece::new(line)).is_some()
}

fn sniff_settings(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let next = || {
        rest.lines()
            .nth(1)
            .is_some_and(|line| is_rule(line) || is_setting(line))
    };
    let begins = is_header(line) && next() || hint.expects(SETTINGS) && is_setting(line);
    begins.then(|| {
        take(rest, SETTINGS, hint, |line| {
            is_header(line) || is_rule(line) || is_setting(line)
        })
    })?
}

fn read_settings(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut settings = Placed::array(whole);
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        if is_header(line.str()) || is_rule(line.str()) {
            continue;
        }
        let Some(cells) = setting(line) else {
            unread.line(line, SETTINGS.title());
            continue;
        };
        let mut value = Placed::object(line);
        for (name, cell) in ["name", "value", "type", "location"].iter().zip(cells) {
            if let Some(cell) = cell {
                value.put_text(name, cell);
            }
        }
        settings.push(value);
    }
    let complete = unread.finish();
    let mut root = Placed::object(whole);
    root.put("settings", settings);
    add_document(part, SETTINGS.name(), root, complete, artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::node::lines::tests::{documents, only};
    use serde_json::json;

    #[test]
    fn kubeconfigs_and_logins() {
        let text = include_str!("../../../../tests/samples/aws-answer/kubeconfig.txt");
        let bare = text.split_once('\n').unwrap().1;
        for text in [text, bare] {
            assert_eq!(
                only("aws-answer", text)["messages"][0],
                json!({"message": "Added new context arn:aws:eks:eu-west-1:111122223333:cluster/shop to /home/jv/.kube/config",
                    "context": "arn:aws:eks:eu-west-1:111122223333:cluster/shop", "path": "/home/jv/.kube/config"})
            );
        }
        let read = only(
            "aws-answer",
            include_str!("../../../../tests/samples/aws-answer/sso.txt"),
        );
        assert_eq!(
            read["messages"][2]["url"],
            "https://device.sso.eu-west-1.amazonaws.com/"
        );
        assert_eq!(read["messages"][4]["message"], "QCFK-N451");
        assert_eq!(read["messages"][5]["url"], "https://shop.awsapps.com/start");
        assert_eq!(documents("Updated context of the meeting\n"), []);
    }

    #[test]
    fn settings_old_and_new() {
        let wanted = json!([
            {"name": "profile", "value": "<not set>", "type": "None", "location": "None"},
            {"name": "access_key", "value": "****************ABCD", "type": "shared-credentials-file"},
            {"name": "region", "value": "eu-west-1", "type": "config-file", "location": "~/.aws/config"}]);
        for text in [
            include_str!("../../../../tests/samples/aws-configure-list/old.txt"),
            include_str!("../../../../tests/samples/aws-configure-list/new.txt"),
        ] {
            let bare = text.split_once('\n').unwrap().1;
            for text in [text, bare] {
                assert_eq!(only("aws-configure-list", text)["settings"], wanted, "{text}");
            }
        }
    }
}
