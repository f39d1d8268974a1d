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

/// The words of `[a b]`.
fn list(value: Piece<'_>) -> Placed {
    let mut list = Placed::array(value);
    let inside = value.strip_prefix("[").and_then(|rest| rest.strip_suffix("]"));
    for word in inside.unwrap_or(value).words() {
        list.push(Placed::text(word));
    }
    list
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, _: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut user = Placed::object(whole);
    let mut extra = Placed::object(whole);
    for (name, value) in whole.lines().filter_map(attribute) {
        match name.str() {
            "Username" => user.put_text("username", value),
            "UID" => user.put_text("uid", value),
            "Groups" => user.put("groups", list(value)),
            name => extra.put(name.trim_start_matches("Extra: ").trim(), list(value)),
        }
    }
    if !extra.is_empty() {
        user.put("extra", extra);
    }
    let mut root = Placed::object(whole);
    root.put("apiVersion", Placed::value("authentication.k8s.io/v1", whole));
    root.put("kind", Placed::value("SelfSubjectReview", whole));
    root.put_at(&["status", "userInfo"], whole, user);
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
}
