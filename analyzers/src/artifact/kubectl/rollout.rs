//! `kubectl rollout history`: the revisions of a workload (`pkg/polymorphichelpers/history.go` of kubernetes/kubectl).

use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::Format;
use crate::segment::formats::{Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// `kubectl rollout history`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "kubectl-rollout-history",
    title: "kubectl rollout history",
    command: |line| {
        line.is_kubectl()
            && matches!(line.positional().get(..2), Some(["rollout", "history"]))
            && line.output().is_none()
            && line.option(&["--revision"]).is_none()
    },
    sniff,
    read,
});

fn is_header(line: &str) -> bool {
    line.starts_with("REVISION ") && line.trim_end().ends_with("CHANGE-CAUSE")
}

/// `deployment.apps/web `
fn is_object(line: &str) -> bool {
    let line = line.trim_end();
    line.split_once('/')
        .is_some_and(|(kind, name)| !kind.is_empty() && !name.is_empty() && !line.contains(' '))
}

fn is_row(line: &str) -> bool {
    line.starts_with(|c: char| c.is_ascii_digit())
        && line
            .split_ascii_whitespace()
            .next()
            .is_some_and(|word| word.bytes().all(|b| b.is_ascii_digit()))
}

fn sniff(line: &str, rest: &str, _: &Hint) -> Option<Taken> {
    let second = || ends(rest).nth(1).is_some_and(|(line, _)| is_header(line));
    let named = is_object(line) && second();
    if !named && !is_header(line) {
        return None;
    }
    let head = if named { 2 } else { 1 };
    let mut len = 0;
    for (i, (line, end)) in ends(rest).enumerate() {
        if i >= head && !is_row(line) {
            break;
        }
        len = end;
    }
    Some(Taken {
        len,
        format: FORMAT,
        confidence: 0.95,
    })
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, _: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut root = Placed::object(whole);
    let mut revisions = Placed::array(whole);
    for line in whole.lines().map(Piece::trim) {
        if is_row(line.str()) {
            let (number, cause) = line.split_once(" ").unwrap_or((line, line.skip(line.len())));
            let mut revision = Placed::object(line);
            revision.put_number("revision", number);
            let cause = cause.trim();
            if cause.str() != "<none>" {
                revision.put_text("changeCause", cause);
            }
            revisions.push(revision);
        } else if let Some((kind, name)) = line.split_once("/").filter(|_| !is_header(line.str())) {
            root.put_text("resource", kind);
            root.put_text("name", name);
        }
    }
    root.put("revisions", revisions);
    add_document(part, FORMAT.name(), root, false, artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::kubectl::tested::check;

    #[test]
    fn revisions_have_numbers_and_causes() {
        check(
            "$ kubectl rollout history deploy/web\ndeployment.apps/web \nREVISION  CHANGE-CAUSE\n1         <none>\n3         kubectl set image deploy/web app=web:4.2\n",
            "kubectl-rollout-history",
            &[
                ("resource", "deployment.apps"),
                ("name", "web"),
                ("revisions/0/revision", "1"),
                ("revisions/1/changeCause", "kubectl set image deploy/web app=web:4.2"),
            ],
            0,
        );
    }
}
