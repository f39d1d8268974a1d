//! `kubectl set env KIND/NAME --list`: the variables of a workload's containers, in the shape of the object that has them.
//!
//! What is printed: kubectl `pkg/cmd/set/set_env.go`: `# DaemonSet aws-node, container aws-node` above each container's variables, and
//! `# NAME from field path spec.nodeName` for what is no value.

use super::table::api_of;
use crate::artifact::unread::Unread;
use crate::artifact::{Artifact, Artifacts, Content, Document, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::segment::{CommandLine, resolved};
use crate::text::Piece;

/// The variables of a workload.
pub const FORMAT: Format = Format::new(&Spec {
    name: "kubectl-set-env",
    title: "a workload's environment variables",
    command: is_list,
    least: 10,
    sniff: take,
    read,
});

fn is_list(line: &CommandLine) -> bool {
    line.is_kubectl() && line.positional().get(..2) == Some(&["set", "env"]) && line.flag(&["--list"])
}

/// Kind, name and container of a title.
fn title(line: Piece<'_>) -> Option<(Piece<'_>, Piece<'_>, Piece<'_>)> {
    let (object, container) = line
        .skip(line.strip_prefix("# ").map(|_| 2)?)
        .split_once(", container ")?;
    let (kind, name) = object.split_once(" ")?;
    let plain = |piece: Piece<'_>| !piece.is_empty() && !piece.contains(' ');
    (plain(kind) && plain(name) && plain(container.trim())).then(|| (kind, name, container.trim()))
}

fn variable(line: Piece<'_>) -> Option<(Piece<'_>, Piece<'_>)> {
    let (name, value) = line.split_once("=")?;
    // `IsEnvVarName` of apimachinery.
    let own = name.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '-' | '.'))
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
    own.then_some((name, value))
}

fn take(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let expected = hint.expects(FORMAT);
    let first = Piece::new(line);
    if title(first).is_none() && !(expected && (line.starts_with("# ") || variable(first).is_some())) {
        return None;
    }
    let len = ends(rest)
        .take_while(|(line, _)| {
            let line = Piece::new(line);
            line.starts_with("# ") || variable(line).is_some()
        })
        .last()?
        .1;
    Some(Taken {
        len,
        format: FORMAT,
        confidence: if expected { 0.95 } else { 0.9 },
    })
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let command = part.command();
    let mut unread = Unread::default();
    let mut containers = Placed::array(whole);
    let mut object = Placed::object(whole);
    let mut open = command
        .as_ref()
        .and_then(|line| line.name(&["-c", "--containers"]))
        .map(|name| container(whole, Placed::value(name, whole)));
    let mut kind = command
        .as_ref()
        .and_then(|line| line.positional().get(2).copied())
        .and_then(|target| target.split_once('/'))
        .and_then(|(resource, name)| Some((api_of(resource)?, resolved(name)?)));
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        if let Some((printed, name, of)) = title(line) {
            if let Some(before) = open.replace(container(line, Placed::text(of))) {
                push(&mut containers, before);
            }
            object.put_at(&["metadata", "name"], name, Placed::text(name));
            kind = api_of(&printed.to_ascii_lowercase()).map(|api| (api, name.str()));
        } else if line.starts_with("# ") {
            // Where a value comes from a field, a ConfigMap or a Secret, it is not printed.
        } else if let Some((name, value)) = variable(line) {
            let open = open.get_or_insert_with(|| Placed::object(whole));
            let mut variable = Placed::object(line);
            variable.put_text("name", name);
            variable.put_text("value", value);
            open.push_at(&["env"], line, variable);
        } else {
            unread.line(line);
        }
    }
    if let Some(last) = open {
        push(&mut containers, last);
    }
    object.put_at(&["spec", "template", "spec", "containers"], whole, containers);
    let mut named_by_command = false;
    let mut name_of_artifact = FORMAT.name().to_owned();
    if let Some(((version, kind), name)) = kind {
        object.put("apiVersion", Placed::value(version, whole));
        object.put("kind", Placed::value(kind, whole));
        named_by_command = !object.has("metadata");
        if named_by_command {
            object.put_at(&["metadata", "name"], whole, Placed::value(name, whole));
        }
        name_of_artifact = format!("{version}/{kind}");
    }
    unread.finish(part, problems);
    let mut document = Document::placed(part.span(), object, false);
    if let (Some(command), true) = (&part.segment.command, named_by_command) {
        document.cells.insert("/metadata/name".to_owned(), command.span);
    }
    artifacts.add(Artifact {
        segment: part.index,
        span: part.span(),
        kinds: vec![(name_of_artifact, 1)],
        content: Content::Document(document),
    });
}

fn container(piece: Piece<'_>, name: Placed) -> Placed {
    let mut made = Placed::object(piece);
    made.put("name", name);
    made
}

/// A container without variables says nothing.
fn push(containers: &mut Placed, container: Placed) {
    if container.has("env") {
        containers.push(container);
    }
}

#[cfg(test)]
mod tests {
    use crate::artifact::testing::read;

    #[test]
    fn variables_stand_where_the_object_has_them() {
        let read = read(
            "$ kubectl set env ds/aws-node -n kube-system --list\n\
             # DaemonSet aws-node, container aws-vpc-cni-init\n\
             DISABLE_TCP_EARLY_DEMUX=false\n\
             # DaemonSet aws-node, container aws-node\n\
             ADDITIONAL_ENI_TAGS={}\n\
             WARM_ENI_TARGET=1\n\
             # MY_NODE_NAME from field path spec.nodeName\n",
        );
        assert_eq!(read.format, "kubectl-set-env");
        assert_eq!(read.kind(), "apps/v1/DaemonSet");
        assert_eq!(read.at("/metadata/name"), "aws-node");
        let containers = "/spec/template/spec/containers";
        assert_eq!(read.count(containers), 2);
        assert_eq!(read.at(&format!("{containers}/1/name")), "aws-node");
        assert_eq!(read.at(&format!("{containers}/1/env/1/name")), "WARM_ENI_TARGET");
        assert_eq!(read.shown(&format!("{containers}/1/env/1/value")), "1");
        assert!(!read.complete());
    }

    #[test]
    fn what_grep_let_through_belongs_to_the_object_of_the_command() {
        let read = read(
            "$ kubectl -n kube-system set env ds/aws-node --list | grep -i snat\nAWS_VPC_K8S_CNI_EXTERNALSNAT=false\n",
        );
        assert_eq!(read.kind(), "apps/v1/DaemonSet");
        let (name, cited) = read.cited(0, "/metadata/name");
        assert_eq!(name, "aws-node");
        assert!(cited.contains("set env ds/aws-node"), "{cited}");
        assert_eq!(read.at("/spec/template/spec/containers/0/env/0/value"), "false");
        // Of which container is not known.
        assert_eq!(read.at("/spec/template/spec/containers/0/name"), "");
    }
}
