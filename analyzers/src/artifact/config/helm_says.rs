//! What helm answers in sentences (helm/helm `pkg/cmd/repo_update.go`, `repo_add.go`, `rollback.go`, `uninstall.go`): `{"messages":
//! [{"message", "repository", "release"}]}`.

use crate::artifact::node::lines::take;
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document, no_command};
use crate::text::Piece;

/// helm's sentences.
pub const FORMAT: Format = Format::new(&Spec {
    name: "helm-answer",
    title: "an answer of helm",
    command: no_command,
    least: 12,
    sniff: |line, rest, hint| is_said(line).then(|| take(rest, FORMAT, hint, is_said))?,
    read,
});

fn is_said(line: &str) -> bool {
    match line.as_bytes().first() {
        Some(b'H') => line.starts_with("Hang tight while we grab the latest from your chart repositories"),
        Some(b'.') => {
            line.starts_with("...Successfully got an update from the \"")
                || line.starts_with("...Unable to get an update from the \"")
        }
        Some(b'U') => line.starts_with("Update Complete. ⎈"),
        Some(b'R') => line.starts_with("Rollback was a success!"),
        Some(b'"') => {
            line.ends_with("\" has been added to your repositories")
                || line.ends_with("\" already exists with the same configuration, skipping")
                || line.ends_with("\" has been removed from your repositories")
        }
        Some(b'r') => line.starts_with("release \"") && line.ends_with("\" uninstalled"),
        _ => false,
    }
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, _: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut messages = Placed::array(whole);
    for line in whole.lines().map(Piece::trim).filter(|line| !line.is_empty()) {
        let mut message = Placed::object(line);
        message.put_text("message", line);
        if let Some((name, _)) = line.split_once("\"").and_then(|(_, rest)| rest.split_once("\"")) {
            let field = if line.starts_with("release ") {
                "release"
            } else {
                "repository"
            };
            message.put_text(field, name);
        }
        messages.push(message);
    }
    let mut root = Placed::object(whole);
    root.put("messages", messages);
    add_document(part, FORMAT.name(), root, false, artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::node::lines::tests::only;
    use serde_json::json;

    #[test]
    fn repositories_and_releases() {
        let text = include_str!("../../../../tests/samples/helm-answer/update.txt");
        let bare = text.split_once('\n').unwrap().1;
        for text in [text, bare] {
            let read = only("helm-answer", text);
            assert_eq!(read["messages"][1]["repository"], "eks");
            assert_eq!(read["messages"].as_array().unwrap().len(), 3);
        }
        let read = only("helm-answer", "release \"cart\" uninstalled\n");
        assert_eq!(
            read["messages"],
            json!([{"message": "release \"cart\" uninstalled", "release": "cart"}])
        );
    }
}
