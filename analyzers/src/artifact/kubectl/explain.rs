//! `kubectl explain`: the API's own documentation. It says nothing about a cluster but which kinds and fields it knows.
//!
//! Layout: `pkg/explain` of kubernetes/kubectl (v2 prints GROUP in a line of its own, v1 `VERSION:  apps/v1`).

use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::Format;
use crate::segment::formats::{Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// `kubectl explain`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "kubectl-explain",
    title: "kubectl explain",
    command: |line| line.is_kubectl() && line.positional().first() == Some(&"explain"),
    least: 3,
    sniff,
    read,
});

const HEADS: [&str; 4] = ["GROUP:", "KIND:", "VERSION:", "RESOURCE:"];

fn is_head(line: &str) -> bool {
    HEADS
        .iter()
        .any(|head| line.starts_with(head) && line.get(head.len()..).is_some_and(|rest| rest.starts_with("  ")))
}

fn is_title(line: &str) -> bool {
    matches!(line.trim_end(), "DESCRIPTION:" | "FIELDS:" | "ENUM:")
        || line.starts_with("FIELD: ")
        || line.starts_with("FIELDS: ")
        || line.starts_with("DEPRECATED: ")
}

fn sniff(line: &str, rest: &str, _: &Hint) -> Option<Taken> {
    if !matches!(line.bytes().next()?, b'G' | b'K') || !is_head(line) {
        return None;
    }
    let version = ends(rest).take(3).any(|(line, _)| line.starts_with("VERSION:  "));
    if !version {
        return None;
    }
    let len = ends(rest)
        .filter(|(line, _)| !line.trim().is_empty())
        .take_while(|(line, _)| is_head(line) || is_title(line) || line.starts_with([' ', '\t']))
        .last()?
        .1;
    Some(Taken {
        len,
        format: FORMAT,
        confidence: 0.95,
    })
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut root = Placed::object(whole);
    for line in whole
        .lines()
        .take_while(|line| line.trim().is_empty() || is_head(line) || line.starts_with("FIELD"))
    {
        if let Some((name, value)) = line.split_once(":").filter(|(name, _)| name.str() != "FIELDS") {
            root.put_text(&name.to_ascii_lowercase(), value.trim());
        }
    }
    problems.push(Problem::new(
        part.span(),
        "This is the API's documentation of a kind (`kubectl explain`): it says nothing about objects, so only its kind and version are kept.",
    ));
    add_document(part, FORMAT.name(), root, false, artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::kubectl::tested::check;

    #[test]
    fn it_is_named_and_not_read() {
        check(
            "$ kubectl explain deploy.spec.replicas\nGROUP:      apps\nKIND:       Deployment\nVERSION:    v1\n\nFIELD: replicas <integer>\n\n\nDESCRIPTION:\n    Number of desired pods. This is a pointer to distinguish between explicit\n    zero and not specified. Defaults to 1.\n    \n\n",
            "kubectl-explain",
            &[
                ("group", "apps"),
                ("kind", "Deployment"),
                ("version", "v1"),
                ("field", "replicas <integer>"),
            ],
            1,
        );
        check(
            "KIND:     Pod\nVERSION:  v1\n\nDESCRIPTION:\n     Pod is a collection of containers.\n\nFIELDS:\n   spec\t<Object>\n     Specification of the desired behavior of the pod.\n",
            "kubectl-explain",
            &[("kind", "Pod"), ("version", "v1")],
            1,
        );
    }
}
