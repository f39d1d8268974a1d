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
    least: 1,
    sniff,
    read,
});

/// `kubectl rollout history --revision=N`: the pod template of one revision, at `spec.template` as a workload has it.
pub const REVISION: Format = Format::new(&Spec {
    name: "kubectl-rollout-revision",
    title: "a revision of kubectl rollout history",
    command: |line| {
        line.is_kubectl()
            && matches!(line.positional().get(..2), Some(["rollout", "history"]))
            && line.output().is_none()
            && line.option(&["--revision"]).is_some()
    },
    least: 12,
    sniff: sniff_revision,
    read: read_revision,
});

/// Resource, name and number of `deployment.apps/web with revision #3`.
fn revision(line: Piece<'_>) -> Option<(Piece<'_>, Piece<'_>, Piece<'_>)> {
    let (object, number) = line.trim().split_once(" with revision #")?;
    let (resource, name) = object.split_once("/")?;
    let plain = !resource.is_empty() && !name.is_empty() && !object.contains(' ');
    (plain && !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())).then_some((resource, name, number))
}

fn sniff_revision(line: &str, rest: &str, _: &Hint) -> Option<Taken> {
    revision(Piece::new(line))?;
    let len = ends(rest)
        .enumerate()
        .take_while(|(i, (line, _))| *i == 0 || line.starts_with([' ', '\t']) || line.trim_end() == "Pod Template:")
        .last()?
        .1
        .1;
    Some(Taken {
        len,
        format: REVISION,
        confidence: 0.95,
    })
}

fn read_revision(part: &Part<'_>, artifacts: &mut Artifacts, _: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let first = whole.lines().next().unwrap_or(whole);
    let mut root = Placed::object(whole);
    if let Some((resource, name, number)) = revision(first) {
        root.put("resource", Placed::text(resource));
        root.put("name", Placed::text(name));
        root.put("revision", Placed::number(number));
    }
    super::describe::pod_template(&mut root, whole.skip(first.len()));
    add_document(part, REVISION.name(), root, false, artifacts);
}

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
    fn a_revision_has_its_pod_template() {
        check(
            "$ kubectl rollout history deploy/web --revision=3\n\
             deployment.apps/web with revision #3\n\
             Pod Template:\n  Labels:\tapp=web\n\tpod-template-hash=5c9d7b7f9d\n  Service Account:\tweb\n  Containers:\n   app:\n    Image:\tshop/web:4.2\n    Port:\t8080/TCP\n    Host Port:\t0/TCP\n    Limits:\n      memory:\t256Mi\n    Environment:\n      LOG_LEVEL:\tdebug\n    Mounts:\t<none>\n  Volumes:\t<none>\n  Node-Selectors:\t<none>\n  Tolerations:\t<none>\n\n",
            "kubectl-rollout-revision",
            &[
                ("resource", "deployment.apps"),
                ("revision", "3"),
                ("spec/template/metadata/labels/pod-template-hash", "5c9d7b7f9d"),
                ("spec/template/spec/serviceAccountName", "web"),
                ("spec/template/spec/containers/0/name", "app"),
                ("spec/template/spec/containers/0/image", "shop/web:4.2"),
                ("spec/template/spec/containers/0/ports/0/containerPort", "8080"),
                ("spec/template/spec/containers/0/resources/limits/memory", "256Mi"),
                ("spec/template/spec/containers/0/env/0/value", "debug"),
            ],
            0,
        );
    }

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
