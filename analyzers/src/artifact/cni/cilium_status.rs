//! `cilium status`: of the agent (`cilium-dbg status`; cilium `pkg/client/client.go`, `FormatStatusResponse`), lines with titles, and of the
//! command line tool (cilium-cli `status/status.go`), with a drawing on the left.
//!
//! `{"KVStore": "Ok   Disabled", "Controller Status": …}`: the words before the colons; what is indented below a title is a list under
//! its name with ` details` behind it. The tool's own tables are `workloads`: `[{"kind", "name", "status"}]`.

use crate::artifact::node::lines::{Unread, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// `cilium status`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "cilium-status",
    title: "cilium status",
    command: |line| {
        matches!(line.program.as_str(), "cilium" | "cilium-dbg")
            && line
                .args
                .iter()
                .find(|arg| !arg.starts_with('-'))
                .is_some_and(|arg| arg == "status")
            && !matches!(line.output(), Some("json"))
    },
    least: 3,
    sniff,
    read,
});

/// The first titles of the agent's status, and those that tell it among them.
const FIRST: [&str; 3] = ["KVStore:", "Kubernetes:", "Cilium:"];

/// The characters of the drawing.
fn drawn(c: char) -> bool {
    matches!(c, '/' | '\\' | '_' | '¯' | ' ')
}

/// A line without the drawing, whether there was one.
fn without_drawing(line: Piece<'_>) -> (Piece<'_>, bool) {
    let len = line.len() - line.trim_start_matches(drawn).len();
    let drawing = line.part(0..len);
    if drawing.contains('¯') || drawing.contains("\\__/") {
        (line.skip(len).trim(), true)
    } else {
        (line, false)
    }
}

/// `Cluster health:   3/3 reachable`: a title, as the agent prints them.
fn titled(line: Piece<'_>) -> Option<(Piece<'_>, Piece<'_>)> {
    let (title, value) = line.split_once(":")?;
    let plain = title.starts_with(|c: char| c.is_ascii_uppercase())
        && title.len() <= 40
        && title
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '/' | '(' | ')'));
    (plain && (value.is_empty() || value.starts_with([' ', '\t']))).then_some((title.trim(), value.trim()))
}

/// `DaemonSet              cilium             Desired: 2, Ready: 2/2`: of the tool's tables; the rows after the first have no title.
fn workload(line: Piece<'_>) -> Option<(Piece<'_>, Piece<'_>, Piece<'_>)> {
    let (kind, rest) = line.split_once("  ")?;
    let known = [
        "Deployment",
        "DaemonSet",
        "StatefulSet",
        "Containers:",
        "Image versions",
        "Errors:",
        "Warnings:",
        "",
    ];
    let rest = rest.trim();
    let (name, status) = rest.split_once("  ").or_else(|| rest.split_once(" "))?;
    known
        .contains(&kind.trim().str())
        .then_some((kind.trim(), name.trim(), status.trim()))
}

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let expected = hint.expects(FORMAT);
    let piece = Piece::new(line);
    let drawing = line.starts_with("    /¯¯\\") || expected && without_drawing(piece).1;
    // `KVStore:` alone begins the agent's answer.
    let agent = line.starts_with("KVStore:") && rest.lines().take(4).any(|line| line.starts_with("Kubernetes:"))
        || expected && (FIRST.iter().any(|first| line.starts_with(first)) || titled(piece).is_some());
    if !(drawing || agent) {
        return None;
    }
    let own = |line: &str| {
        let piece = Piece::new(line);
        let (left, drawn) = without_drawing(piece);
        drawn
            || titled(left).is_some()
            || workload(piece).is_some()
            || line.starts_with([' ', '\t'])
            || expected && line.starts_with("Modules Health")
    };
    take(rest, FORMAT, hint, own)
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut root = Placed::object(whole);
    let mut workloads = Placed::array(whole);
    let mut kind: Option<Piece<'_>> = None;
    // The title above, with what is indented below it.
    let mut last: Option<(Piece<'_>, Placed)> = None;
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        let (left, drawn) = without_drawing(line);
        if drawn && left.is_empty() {
            continue;
        }
        if !drawn && let Some((title, name, status)) = workload(line) {
            let of = if title.is_empty() { kind } else { Some(title) };
            // Below the agent's titles indented lines are its details.
            if let Some(of) = of {
                kind = Some(of);
                let mut row = Placed::object(line);
                row.put("kind", Placed::value(of.str().trim_end_matches(':'), of));
                row.put_text("name", name);
                row.put_text("status", status);
                workloads.push(row);
                continue;
            }
        }
        if line.starts_with([' ', '\t']) && !drawn {
            match &mut last {
                Some((_, details)) => {
                    details.push(Placed::text(line.trim()));
                    details.extend(line);
                }
                None => unread.line(line, FORMAT.title()),
            }
        } else if let Some((title, value)) = titled(left) {
            root.put(title.str(), Placed::number(value));
            put_details(last.replace((title, Placed::array(line))), &mut root);
        } else {
            unread.line(line, FORMAT.title());
        }
    }
    put_details(last, &mut root);
    let complete = unread.finish();
    if !workloads.is_empty() {
        root.put("workloads", workloads);
    }
    add_document(part, FORMAT.name(), root, complete, artifacts);
}

fn put_details(of: Option<(Piece<'_>, Placed)>, root: &mut Placed) {
    if let Some((title, details)) = of.filter(|(_, details)| !details.is_empty()) {
        root.put(&format!("{} details", title.str()), details);
    }
}

#[cfg(test)]
mod tests {
    use crate::artifact::node::lines::tests::only;
    use serde_json::json;

    #[test]
    fn the_agents_status() {
        let text = include_str!("../../../../tests/samples/cilium-status/agent.txt");
        let bare = text.split_once('\n').unwrap().1;
        for text in [text, bare] {
            let read = only("cilium-status", text);
            assert_eq!(
                read["KubeProxyReplacement"],
                "True   [ens5   10.44.3.17 (Direct Routing)]"
            );
            assert_eq!(read["CNI Chaining"], "aws-cni");
            assert_eq!(read["Controller Status"], "44/45 healthy");
            assert_eq!(
                read["Controller Status details"][1],
                "sync-lb-maps-with-k8s-services   never   12s ago   3   timed out"
            );
        }
    }

    #[test]
    fn the_tools_status() {
        let read = only(
            "cilium-status",
            include_str!("../../../../tests/samples/cilium-status/tool.txt"),
        );
        assert_eq!(read["Cilium"], "1 errors");
        assert_eq!(read["Hubble Relay"], "disabled");
        assert_eq!(
            read["workloads"][1],
            json!({"kind": "DaemonSet", "name": "cilium", "status": "Desired: 2, Ready: 1/2, Available: 1/2"})
        );
        assert_eq!(
            read["workloads"][3],
            json!({"kind": "Containers", "name": "cilium-operator", "status": "Running: 1"})
        );
        assert_eq!(read["Cluster Pods"], "10/12 managed by Cilium");
    }
}
