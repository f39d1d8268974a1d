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
    least: 6,
    sniff,
    read,
});

/// What was done, as kubectl says it at the end of a line (`pkg/cmd/*`: the words given to `NamePrinter`).
const DONE: [&str; 43] = [
    "created",
    "configured",
    "unchanged",
    "deleted",
    "force deleted",
    "pruned",
    "patched",
    "not patched",
    "replaced",
    "edited",
    "labeled",
    "unlabeled",
    "not labeled",
    "annotated",
    "annotate",
    "scaled",
    "restarted",
    "rolled back",
    "skipped rollback",
    "paused",
    "resumed",
    "cordoned",
    "already cordoned",
    "uncordoned",
    "already uncordoned",
    "drained",
    "evicted",
    "tainted",
    "untainted",
    "modified",
    "exposed",
    "autoscaled",
    "serverside-applied",
    "condition met",
    "image updated",
    "env updated",
    "resource requirements updated",
    "serviceaccount updated",
    "selector updated",
    "subjects updated",
    "approved",
    "denied",
    "reconciled",
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

/// What `drain` says of a pod: `evicting pod shop/cart-0`, `error when evicting pods/"cart-0" -n "shop" (will retry after 5s): …`.
struct Eviction<'a> {
    namespace: Option<Piece<'a>>,
    name: Piece<'a>,
    done: Piece<'a>,
    retry: Option<Piece<'a>>,
    error: Option<Piece<'a>>,
}

fn eviction(line: Piece<'_>) -> Option<Eviction<'_>> {
    if let Some(object) = line.strip_prefix("evicting pod ") {
        let done = line.part(0..8);
        let (namespace, name) = match object.split_once("/") {
            Some((namespace, name)) => (Some(namespace), name),
            // kubectl before 1.18 gives the name alone, in quotes.
            None => (None, object.strip_prefix("\"")?.strip_suffix("\"")?),
        };
        return (!name.is_empty() && !name.contains(' ')).then_some(Eviction {
            namespace,
            name,
            done,
            retry: None,
            error: None,
        });
    }
    let done = line.part(0..line.find(" pod")?);
    if !matches!(
        done.str(),
        "error when evicting" | "error when waiting for" | "error when deleting"
    ) {
        return None;
    }
    let (_, rest) = line.split_once("\"")?;
    let (name, rest) = rest.split_once("\"")?;
    let (about, error) = rest.split_once(": ")?;
    let namespace = about
        .split_once("-n \"")
        .or_else(|| about.split_once("namespace \""))
        .and_then(|(_, rest)| rest.split_once("\""))
        .map(|(namespace, _)| namespace);
    let retry = about
        .split_once("(will retry after ")
        .and_then(|(_, rest)| rest.split_once(")"))
        .map(|(retry, _)| retry);
    Some(Eviction {
        namespace,
        name,
        done,
        retry,
        error: Some(error),
    })
}

/// What `rollout status`, `drain`, `edit`, `debug` and a port-forward say.
fn said(line: &str) -> bool {
    match line.bytes().next() {
        Some(b'W') => {
            line.starts_with("Waiting for deployment ")
                || line.starts_with("Waiting for daemon set ")
                || line.starts_with("Waiting for rollout to finish: ")
                || line.starts_with("Waiting for ") && line.contains("pods to be ready")
                || leaves_pods(line)
        }
        Some(b'd') => {
            (line.starts_with("deployment ") || line.starts_with("daemon set "))
                && line.contains("successfully rolled out")
        }
        Some(b's') => line.starts_with("statefulset rolling update complete "),
        // `kubectl config use-context`; `kubectl run -it` and `attach` (`pkg/cmd/attach/attach.go`).
        Some(b'S') => {
            line.starts_with("Session ended, resume using 'kubectl attach ")
                || line.starts_with("Switched to context \"") && line.trim_end().ends_with("\".")
        }
        Some(b'p') => line.starts_with("partitioned roll out complete: "),
        Some(b'F') => line.starts_with("Forwarding from ") && line.contains(" -> "),
        Some(b'H') => line.starts_with("Handling connection for "),
        Some(b'E') => line.starts_with("Edit cancelled, no ch"),
        Some(b'C') => line.starts_with("Creating debugging pod ") && line.contains(" with container "),
        Some(b'T') => {
            line.starts_with("There are pending pods in node ")
                || line.starts_with("There are pending nodes to be drained:")
        }
        Some(b'c') => line.starts_with("cannot delete ") && line.contains(" (use --"),
        Some(b'e') => eviction(Piece::new(line.trim_end())).is_some(),
        _ => false,
    }
}

/// What `drain` warns of (`pkg/drain/filters.go`): pods that it leaves, and pods that nobody makes again.
fn leaves_pods(line: &str) -> bool {
    line.strip_prefix("Warning: ")
        .or_else(|| line.strip_prefix("WARNING: "))
        .is_some_and(|rest| {
            rest.starts_with("ignoring DaemonSet-managed Pods")
                || rest.starts_with("deleting Pods ")
                || rest.starts_with("deleting pods ")
        })
}

fn is_own(line: &str) -> bool {
    answer(Piece::new(line)).is_some() || said(line)
}

/// Whether a line names a node that was not drained yet, below the line that says so.
fn is_pending(above: &str, line: &str) -> bool {
    let below = above.starts_with("There are pending nodes to be drained:") || above.starts_with(' ');
    below && line.starts_with(' ') && line.split_ascii_whitespace().count() == 1
}

fn sniff(line: &str, rest: &str, _: &Hint) -> Option<Taken> {
    if !is_own(line) {
        return None;
    }
    let mut above = "";
    let mut len = 0;
    for (line, end) in ends(rest) {
        if !is_own(line) && !is_pending(above, line) {
            break;
        }
        above = line;
        len = end;
    }
    Some(Taken {
        len,
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
        let context = line
            .strip_prefix("Switched to context \"")
            .and_then(|rest| rest.split_once("\""));
        if let Some((name, _)) = context {
            item.put_text("context", name);
        } else if let Some(eviction) = eviction(line) {
            item.put("resource", Placed::value("pod", line));
            if let Some(namespace) = eviction.namespace {
                item.put_text("namespace", namespace);
            }
            item.put_text("name", eviction.name);
            item.put_text("done", eviction.done);
            if let Some(retry) = eviction.retry {
                item.put_text("retryAfter", retry);
            }
            if let Some(error) = eviction.error {
                item.put_text("error", error);
            }
        } else if let Some(answer) = answer(line) {
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

    #[test]
    fn what_is_said_after_an_exit_is_kubectls() {
        check(
            "root@probe:/# exit\nSession ended, resume using 'kubectl attach probe -c probe -i -t' command when the pod is running\npod \"probe\" deleted\n",
            "kubectl-answer",
            &[
                (
                    "items/0/message",
                    "Session ended, resume using 'kubectl attach probe -c probe -i -t' command when the pod is running",
                ),
                ("items/1/name", "probe"),
                ("items/1/done", "deleted"),
            ],
            0,
        );
    }

    #[test]
    fn drain_says_what_it_evicts_and_what_it_cannot() {
        check(
            "$ kubectl drain ip-10-0-1-17.ec2.internal --ignore-daemonsets\n\
             node/ip-10-0-1-17.ec2.internal already cordoned\n\
             Warning: ignoring DaemonSet-managed Pods: kube-system/aws-node-7kq2x, kube-system/kube-proxy-m4v8z\n\
             evicting pod shop/cart-6b7c9d8f5-2xk4p\n\
             error when evicting pods/\"cart-6b7c9d8f5-2xk4p\" -n \"shop\" (will retry after 5s): Cannot evict pod as it would violate the pod's disruption budget.\n\
             error when waiting for pod \"db-0\" in namespace \"shop\" to terminate: global timeout reached: 2m0s\n\
             There are pending nodes to be drained:\n ip-10-0-1-17.ec2.internal\n\
             cannot delete Pods with local storage (use --delete-emptydir-data to override): shop/cache-0\n",
            "kubectl-answer",
            &[
                ("items/0/done", "already cordoned"),
                ("items/2/namespace", "shop"),
                ("items/2/name", "cart-6b7c9d8f5-2xk4p"),
                ("items/3/retryAfter", "5s"),
                (
                    "items/3/error",
                    "Cannot evict pod as it would violate the pod's disruption budget.",
                ),
                ("items/4/namespace", "shop"),
                ("items/4/error", "global timeout reached: 2m0s"),
                ("items/6/message", "ip-10-0-1-17.ec2.internal"),
                (
                    "items/7/message",
                    "cannot delete Pods with local storage (use --delete-emptydir-data to override): shop/cache-0",
                ),
            ],
            0,
        );
        check(
            "evicting pod \"web-0\"\nerror when evicting pod \"web-0\" (will retry after 5s): Cannot evict pod as it would violate the pod's disruption budget.\npod/web-0 evicted\n",
            "kubectl-answer",
            &[
                ("items/0/name", "web-0"),
                ("items/1/name", "web-0"),
                ("items/2/done", "evicted"),
            ],
            0,
        );
    }

    #[test]
    fn another_context_is_said() {
        check(
            "$ kubectl config use-context billing-prod\nSwitched to context \"billing-prod\".\n",
            "kubectl-answer",
            &[
                ("items/0/message", "Switched to context \"billing-prod\"."),
                ("items/0/context", "billing-prod"),
            ],
            0,
        );
    }

    #[test]
    fn other_answers() {
        for (text, name, done) in [
            ("deployment.apps/web image updated", "web", "image updated"),
            ("deployment.apps/web rolled back", "web", "rolled back"),
            ("pod \"web-0\" force deleted", "web-0", "force deleted"),
            (
                "node/ip-10-0-1-17.ec2.internal untainted",
                "ip-10-0-1-17.ec2.internal",
                "untainted",
            ),
            ("namespace/shop not labeled", "shop", "not labeled"),
            ("serviceaccount/cart annotate", "cart", "annotate"),
            (
                "certificatesigningrequest.certificates.k8s.io/csr-7qk2x approved",
                "csr-7qk2x",
                "approved",
            ),
            ("deployment.apps/web patched (no change)", "web", "patched (no change)"),
        ] {
            check(
                text,
                "kubectl-answer",
                &[("items/0/name", name), ("items/0/done", done)],
                0,
            );
        }
    }
}
