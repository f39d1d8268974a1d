//! `kubectl auth whoami`, in the shape of SelfSubjectReview (`authentication.k8s.io/v1`).
//!
//! Lines: `pkg/cmd/auth/whoami.go` of kubernetes/kubectl. Lists are printed by Go: `[a b]`.

use super::columns;
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::Format;
use crate::segment::formats::{Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// `kubectl auth whoami`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "kubectl-whoami",
    title: "kubectl auth whoami",
    command: |line| {
        line.is_kubectl()
            && line.output().is_none()
            && matches!(
                line.positional().as_slice(),
                ["auth", "whoami", ..] | ["alpha", "auth", "whoami", ..]
            )
    },
    least: 9,
    sniff,
    read,
});

/// An attribute and its value.
fn attribute(line: Piece<'_>) -> Option<(Piece<'_>, Piece<'_>)> {
    let (name, value) = line.trim().split_once("  ")?;
    let known = matches!(name.str(), "Username" | "UID" | "Groups") || name.starts_with("Extra: ");
    known.then(|| (name, value.trim()))
}

fn sniff(line: &str, rest: &str, _: &Hint) -> Option<Taken> {
    if !line.starts_with("ATTRIBUTE ") || columns::header(line) != ["ATTRIBUTE", "VALUE"] {
        return None;
    }
    let len = ends(rest)
        .enumerate()
        .take_while(|(i, (line, _))| *i == 0 || attribute(Piece::new(line)).is_some())
        .last()?
        .1
        .1;
    Some(Taken {
        len,
        format: FORMAT,
        confidence: 0.95,
    })
}

/// The group that the API server adds at the end for everybody who is known (apiserver
/// `pkg/authentication/group/authenticated_group_adder.go`).
const AUTHENTICATED: &str = "system:authenticated";

/// What stands in `[…]`, where it is one text for certain: Go prints a list with blanks between its elements and marks none that an element
/// has itself, so only what has no blank is one.
fn single(value: Piece<'_>) -> Option<Piece<'_>> {
    let inside = value.strip_prefix("[")?.strip_suffix("]")?;
    (!inside.is_empty() && !inside.contains(' ')).then_some(inside)
}

/// The groups, where it is certain how the list is cut: there is one, or one and the group that the API server adds, or only such as are
/// Kubernetes' own: `system:` is kept for these (documentation of RBAC, "Referring to subjects"), and none of them has a blank.
fn groups(value: Piece<'_>) -> Option<Vec<Piece<'_>>> {
    if let Some(only) = single(value) {
        return Some(vec![only]);
    }
    let inside = value.strip_prefix("[")?.strip_suffix("]")?;
    let words: Vec<Piece<'_>> = inside.split(|c| c == ' ').collect();
    let added = matches!(words.as_slice(), [first, last] if last.str() == AUTHENTICATED && !first.is_empty());
    let own = words.iter().all(|word| word.starts_with("system:"));
    (added || own).then_some(words)
}

fn list(value: Piece<'_>, texts: Vec<Piece<'_>>) -> Placed {
    let mut list = Placed::array(value);
    for text in texts {
        list.push(Placed::text(text));
    }
    list
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut user = Placed::object(whole);
    let mut extra = Placed::object(whole);
    let mut printed = Placed::object(whole);
    for (name, value) in whole.lines().filter_map(attribute) {
        match name.str() {
            "Username" => user.put_text("username", value),
            "UID" => user.put_text("uid", value),
            attribute => {
                let extra_name = attribute.strip_prefix("Extra: ").map(str::trim);
                let found = match extra_name {
                    Some(_) => single(value).map(|only| vec![only]),
                    None => groups(value),
                };
                match (found, extra_name) {
                    (Some(texts), Some(name)) => extra.put(name, list(value, texts)),
                    (Some(texts), None) => user.put("groups", list(value, texts)),
                    (None, _) => {
                        printed.put_text(attribute, value);
                        problems.push(Problem::new(
                            part.span().slice(value.range()),
                            "How many texts these are cannot be told, since each may have blanks; `kubectl auth whoami -o yaml` tells.",
                        ));
                    }
                }
            }
        }
    }
    if !extra.is_empty() {
        user.put("extra", extra);
    }
    let mut root = Placed::object(whole);
    root.put("apiVersion", Placed::value("authentication.k8s.io/v1", whole));
    root.put("kind", Placed::value("SelfSubjectReview", whole));
    root.put_at(&["status", "userInfo"], whole, user);
    if !printed.is_empty() {
        root.put("x-printed", printed);
    }
    add_document(
        part,
        "authentication.k8s.io/v1/SelfSubjectReview",
        root,
        false,
        artifacts,
    );
}

#[cfg(test)]
mod tests {
    use crate::artifact::kubectl::tested::check;

    const SAMPLE: &str = include_str!("../../../../tests/samples/kubectl-whoami/assumed-role.txt");

    #[test]
    fn a_user_has_the_apis_shape() {
        let values = [
            (
                "status/userInfo/username",
                "arn:aws:sts::111122223333:assumed-role/ops/maria",
            ),
            (
                "status/userInfo/uid",
                "aws-iam-authenticator:111122223333:AROAEXAMPLEEXAMPLE123",
            ),
            ("status/userInfo/groups/1", "system:authenticated"),
            ("status/userInfo/extra/sessionName/0", "maria"),
        ];
        check(SAMPLE, "authentication.k8s.io/v1/SelfSubjectReview", &values, 0);
        let (_, alone) = SAMPLE.split_once('\n').unwrap();
        check(alone, "authentication.k8s.io/v1/SelfSubjectReview", &values, 0);
    }

    #[test]
    fn a_list_that_can_be_cut_in_several_ways_stays_as_it_is_printed() {
        let kind = "authentication.k8s.io/v1/SelfSubjectReview";
        let whoami =
            |lines: &str| format!("$ kubectl auth whoami\nATTRIBUTE      VALUE\nUsername       ana\n{lines}\n");
        check(
            &whoami("Groups         [Platform Team system:authenticated]\nExtra: teams   [blue green]"),
            kind,
            &[
                ("status/userInfo/username", "ana"),
                ("x-printed/Groups", "[Platform Team system:authenticated]"),
                ("x-printed/Extra: teams", "[blue green]"),
            ],
            2,
        );
        // Cut off at the terminal's edge.
        check(&whoami("Groups         [ops"), kind, &[("x-printed/Groups", "[ops")], 1);
        for (groups, first, last) in [
            ("[system:masters system:authenticated]", "system:masters", "1"),
            ("[ops system:authenticated]", "ops", "1"),
            (
                "[system:bootstrappers system:nodes system:authenticated]",
                "system:bootstrappers",
                "2",
            ),
        ] {
            let last = format!("status/userInfo/groups/{last}");
            let values = [
                ("status/userInfo/groups/0", first),
                (last.as_str(), "system:authenticated"),
            ];
            check(&whoami(&format!("Groups         {groups}")), kind, &values, 0);
        }
    }
}
