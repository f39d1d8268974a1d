//! `kubectl auth can-i --list`, in the shape of SelfSubjectRulesReview's status (`authorization.k8s.io/v1`).
//!
//! Columns: `pkg/cmd/auth/cani.go` of kubernetes/kubectl; a row has a resource (`deployments.apps`) or URLs, lists stand in brackets.

use super::columns;
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::Format;
use crate::segment::formats::{Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// `kubectl auth can-i`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "kubectl-can-i",
    title: "kubectl auth can-i",
    command: |line| line.is_kubectl() && matches!(line.positional().get(..2), Some(["auth", "can-i"])),
    least: 30,
    sniff,
    read,
});

fn is_answer(line: &str) -> bool {
    matches!(line.trim_end(), "yes" | "no") || line.starts_with("no - ") || line.starts_with("yes - ")
}

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    if columns::header(line) == ["Resources", "Non-Resource URLs", "Resource Names", "Verbs"] {
        return columns::take(rest, FORMAT);
    }
    if !hint.expects(FORMAT) || !is_answer(line) {
        return None;
    }
    Some(Taken {
        len: ends(rest).next()?.1,
        format: FORMAT,
        confidence: 0.95,
    })
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut root = Placed::object(whole);
    if is_answer(whole.str()) {
        let (word, why) = whole
            .trim()
            .split_once(" - ")
            .unwrap_or((whole.trim(), whole.skip(whole.len())));
        let mut status = Placed::object(whole);
        status.put("allowed", Placed::value(word.str() == "yes", word));
        status.put_text("reason", why);
        root.put("status", status);
        add_document(part, FORMAT.name(), root, false, artifacts);
        return;
    }
    let mut resources = Placed::array(whole);
    let mut others = Placed::array(whole);
    for (line, cells) in columns::rows(whole) {
        let Some(cells) = cells else {
            problems.push(Problem::new(
                part.span().slice(line.range()),
                "The cells of this row do not line up with the header, so it is left out.",
            ));
            continue;
        };
        let mut rule = Placed::object(line);
        let mut urls = false;
        for (column, cell) in &cells {
            match *column {
                "Resources" if !cell.is_empty() => {
                    super::describe::rule_resource(&mut rule, *cell);
                }
                "Non-Resource URLs" => urls |= list(&mut rule, "nonResourceURLs", *cell),
                "Resource Names" => {
                    list(&mut rule, "resourceNames", *cell);
                }
                "Verbs" => {
                    list(&mut rule, "verbs", *cell);
                }
                _ => {}
            }
        }
        if urls { others.push(rule) } else { resources.push(rule) }
    }
    root.put_at(&["status", "resourceRules"], whole, resources);
    root.put_at(&["status", "nonResourceRules"], whole, others);
    add_document(part, FORMAT.name(), root, false, artifacts);
}

/// `[get list]`. Whether there is anything in it.
fn list(rule: &mut Placed, name: &str, cell: Piece<'_>) -> bool {
    let inside = cell
        .strip_prefix("[")
        .and_then(|rest| rest.strip_suffix("]"))
        .unwrap_or(cell);
    let mut any = false;
    for word in inside.words() {
        any = true;
        rule.push_at(&[name], word, Placed::text(word));
    }
    any
}

#[cfg(test)]
mod tests {
    use crate::artifact::kubectl::tested::check;

    #[test]
    fn rules_and_answers() {
        check(
            "$ kubectl auth can-i --list -n shop\n\
             Resources                                       Non-Resource URLs   Resource Names   Verbs\n\
             selfsubjectreviews.authentication.k8s.io        []                  []               [create]\n\
             pods                                            []                  [cart-0]         [get list]\n\
             \u{20}                                               [/healthz]          []               [get]\n",
            "kubectl-can-i",
            &[
                ("status/resourceRules/0/resources/0", "selfsubjectreviews"),
                ("status/resourceRules/0/apiGroups/0", "authentication.k8s.io"),
                ("status/resourceRules/1/resourceNames/0", "cart-0"),
                ("status/resourceRules/1/verbs/1", "list"),
                ("status/nonResourceRules/0/nonResourceURLs/0", "/healthz"),
            ],
            0,
        );
        check(
            "$ kubectl auth can-i get pods --as bob\nno - no RBAC policy matched\n",
            "kubectl-can-i",
            &[("status/allowed", "false"), ("status/reason", "no RBAC policy matched")],
            0,
        );
    }
}
