//! The one-line answers of kubectl's commands: `deployment.apps/web configured`, `node/x cordoned`, `pod "cart-0" deleted`, and what
//! `rollout status` and `wait` say.
//!
//! Words: `pkg/cmd` of kubernetes/kubectl (`apply`, `delete`, `drain`, `wait`) and `pkg/polymorphichelpers/rollout_status.go`.

use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::Format;
use crate::segment::formats::{Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// Answers of kubectl's commands.
pub const FORMAT: Format = Format::new(&Spec {
    name: "kubectl-answer",
    title: "an answer of kubectl",
    command: |line| {
        line.is_kubectl()
            && matches!(
                line.positional().first(),
                Some(
                    &("apply"
                        | "create"
                        | "delete"
                        | "replace"
                        | "patch"
                        | "label"
                        | "annotate"
                        | "scale"
                        | "set"
                        | "expose"
                        | "run"
                        | "cordon"
                        | "uncordon"
                        | "drain"
                        | "taint"
                        | "rollout"
                        | "wait"
                        | "autoscale"
                        | "port-forward")
                )
            )
            && line.output().is_none()
            && line.positional().get(1) != Some(&"history")
    },
    sniff,
    read,
});

/// What was done, as kubectl says it at the end of a line.
const DONE: [&str; 22] = [
    "created",
    "configured",
    "unchanged",
    "deleted",
    "patched",
    "replaced",
    "labeled",
    "unlabeled",
    "annotated",
    "scaled",
    "restarted",
    "paused",
    "resumed",
    "cordoned",
    "uncordoned",
    "drained",
    "evicted",
    "tainted",
    "exposed",
    "autoscaled",
    "serverside-applied",
    "condition met",
];

/// An answer taken apart: what it is about, and what was done.
struct Answer<'a> {
    kind: Piece<'a>,
    name: Piece<'a>,
    done: Piece<'a>,
}

fn answer(line: Piece<'_>) -> Option<Answer<'_>> {
    let line = line.trim();
    let plain = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b':' | b'_'))
    };
    let (kind, name, done) = if let Some((object, done)) = line.split_once("\" ") {
        // `pod "cart-0" deleted from shop namespace`
        let (kind, name) = object.split_once(" \"")?;
        (kind, name, done)
    } else {
        let (object, done) = line.split_once(" ")?;
        let (kind, name) = object.split_once("/")?;
        (kind, name, done)
    };
    let said = DONE.iter().any(|word| {
        done.str()
            .strip_prefix(word)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(" (") || rest.starts_with(" from "))
    });
    (said && plain(kind.str()) && plain(name.str())).then_some(Answer { kind, name, done })
}

/// What `rollout status` and a port-forward say.
fn said(line: &str) -> bool {
    line.starts_with("Waiting for deployment ")
        || line.starts_with("Waiting for daemon set ")
        || line.starts_with("Waiting for rollout to finish: ")
        || line.starts_with("Waiting for ") && line.contains("pods to be ready")
        || line.starts_with("deployment ") && line.contains("successfully rolled out")
        || line.starts_with("daemon set ") && line.contains("successfully rolled out")
        || line.starts_with("statefulset rolling update complete ")
        || line.starts_with("partitioned roll out complete: ")
        || line.starts_with("Forwarding from ") && line.contains(" -> ")
        || line.starts_with("Handling connection for ")
        || line.starts_with("evicting pod ")
}

fn is_own(line: &str) -> bool {
    answer(Piece::new(line)).is_some() || said(line)
}

fn sniff(line: &str, rest: &str, _: &Hint) -> Option<Taken> {
    if !is_own(line) {
        return None;
    }
    Some(Taken {
        len: ends(rest).take_while(|(line, _)| is_own(line)).last()?.1,
        format: FORMAT,
        confidence: 0.9,
    })
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, _: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut items = Placed::array(whole);
    for line in whole.lines().map(Piece::trim).filter(|line| !line.is_empty()) {
        let mut item = Placed::object(line);
        item.put("message", Placed::text(line));
        if let Some(answer) = answer(line) {
            item.put("resource", Placed::text(answer.kind));
            item.put("name", Placed::text(answer.name));
            item.put("done", Placed::text(answer.done));
        }
        items.push(item);
    }
    let mut root = Placed::object(whole);
    root.put("items", items);
    add_document(part, FORMAT.name(), root, false, artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::kubectl::tested::check;

    #[test]
    fn answers_name_the_object_and_what_was_done() {
        check(
            "$ kubectl apply -f .\ndeployment.apps/web configured\nservice/web unchanged\npod \"cart-0\" deleted\nnode/ip-10-0-1-17.ec2.internal cordoned\n",
            "kubectl-answer",
            &[
                ("items/0/resource", "deployment.apps"),
                ("items/0/done", "configured"),
                ("items/2/name", "cart-0"),
                ("items/3/name", "ip-10-0-1-17.ec2.internal"),
            ],
            0,
        );
        check(
            "$ kubectl rollout status deploy/web\nWaiting for deployment \"web\" rollout to finish: 1 old replicas are pending termination...\ndeployment \"web\" successfully rolled out\n",
            "kubectl-answer",
            &[("items/1/message", "deployment \"web\" successfully rolled out")],
            0,
        );
    }
}
