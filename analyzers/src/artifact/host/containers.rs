//! `docker ps|images` (docker/cli `cli/command/formatter`), `crictl ps|pods|images` (cri-tools, `cmd/crictl/`) and `ctr containers|tasks|images ls` (containerd, `cmd/ctr/commands/`): tables whose
//! columns are aligned.
//!
//! `{"containers": [{"CONTAINER": "3f2a…", "STATE": "Running", …}]}`, or `pods`, `images`, `tasks`: the cells under their titles.

use crate::artifact::node::lines::Unread;
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// `crictl`'s and `ctr`'s tables.
pub const FORMAT: Format = Format::new(&Spec {
    name: "containers",
    title: "a table of containers",
    command: |line| {
        let docker = matches!(line.program.as_str(), "docker" | "nerdctl" | "podman")
            && matches!(
                line.positional().first(),
                Some(&("ps" | "images" | "container" | "image"))
            )
            && line.option(&["--format"]).is_none();
        (docker || matches!(line.program.as_str(), "crictl" | "ctr"))
            && !line.args.iter().any(|arg| {
                matches!(
                    arg.as_str(),
                    "logs"
                        | "inspect"
                        | "inspectp"
                        | "exec"
                        | "info"
                        | "version"
                        | "--version"
                        | "stats"
                        | "statsp"
                        | "pull"
                )
            })
            && !line
                .args
                .iter()
                .any(|arg| matches!(arg.as_str(), "json" | "yaml" | "-ojson" | "-oyaml"))
    },
    least: 10,
    sniff,
    read,
});

/// The first titles of the tables, and what their rows are.
const TABLES: [(&[&str], &str); 9] = [
    (&["CONTAINER ID", "IMAGE", "COMMAND"], "containers"),
    (&["REPOSITORY", "TAG", "IMAGE ID"], "images"),
    (&["CONTAINER", "IMAGE", "CREATED", "STATE"], "containers"),
    (&["CONTAINER ID", "IMAGE", "CREATED", "STATE"], "containers"),
    (&["POD ID", "CREATED", "STATE", "NAME"], "pods"),
    (&["IMAGE", "TAG", "IMAGE ID"], "images"),
    (&["CONTAINER", "IMAGE", "RUNTIME"], "containers"),
    (&["TASK", "PID", "STATUS"], "tasks"),
    (&["REF", "TYPE", "DIGEST"], "images"),
];

/// What the rows below a line of titles are.
fn table(line: &str) -> Option<&'static str> {
    if !TABLES
        .iter()
        .any(|(first, _)| first.first().is_some_and(|title| line.starts_with(title)))
    {
        return None;
    }
    let titles: Vec<&str> = columns(Piece::new(line)).iter().map(|title| title.str()).collect();
    TABLES
        .iter()
        .find(|(first, _)| titles.starts_with(first))
        .map(|(_, name)| *name)
}

/// The cells of a line, separated by two blanks or more, or by tabs.
pub fn columns(line: Piece<'_>) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut rest = line;
    loop {
        let blank = rest.len() - rest.str().trim_start().len();
        rest = rest.skip(blank);
        if rest.is_empty() {
            return found;
        }
        // One look at each byte: a line may be very long.
        let bytes = rest.as_bytes();
        let end = bytes
            .iter()
            .enumerate()
            .position(|(at, byte)| *byte == b'\t' || *byte == b' ' && bytes.get(at + 1) == Some(&b' '))
            .unwrap_or(rest.len());
        found.push(rest.part(0..end));
        rest = rest.skip(end);
    }
}

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    table(line)?;
    let mut len = 0;
    for (row, end) in ends(rest) {
        // A row has a blank cell here and there, but never one cell alone; the table ends with a blank line.
        if len > 0 && (row.trim().is_empty() || columns(Piece::new(row)).len() < 2 || table(row).is_some()) {
            break;
        }
        len = end;
    }
    Some(Taken {
        len,
        format: FORMAT,
        confidence: if hint.expects(FORMAT) { 0.98 } else { 0.9 },
    })
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut lines = whole.lines();
    let header = lines.next().unwrap_or(whole);
    let titles = columns(header);
    let mut rows = Placed::array(whole);
    for line in lines.filter(|line| !line.trim().is_empty()) {
        match row(line, header, &titles) {
            Some(row) => rows.push(row),
            None => unread.line(line, FORMAT.title()),
        }
    }
    let complete = unread.finish();
    let mut root = Placed::object(whole);
    root.put(table(header.str()).unwrap_or("rows"), rows);
    add_document(part, FORMAT.name(), root, complete, artifacts);
}

/// A row's cells: those that begin where a title does; where the alignment was lost, as many as there are titles.
pub fn row(line: Piece<'_>, header: Piece<'_>, titles: &[Piece<'_>]) -> Option<Placed> {
    let mut value = Placed::object(line);
    let starts: Vec<usize> = titles.iter().map(|title| title.start() - header.start()).collect();
    let aligned = starts.iter().all(|start| {
        *start == 0 || *start >= line.len() || line.get(start - 1..*start).is_some_and(|before| before == " ")
    });
    if aligned && !line.contains('\t') {
        for (at, title) in titles.iter().enumerate() {
            let start = starts.get(at).copied().unwrap_or_default().min(line.len());
            let end = starts.get(at + 1).copied().unwrap_or(line.len()).min(line.len());
            let cell = line.part(start..end).trim();
            if !cell.is_empty() {
                value.put(title.str(), Placed::number(cell));
            }
        }
        return Some(value);
    }
    let cells = columns(line);
    if cells.len() != titles.len() {
        return None;
    }
    for (title, cell) in titles.iter().zip(cells) {
        value.put(title.str(), Placed::number(cell));
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use crate::artifact::node::lines::tests::only;
    use serde_json::json;

    #[test]
    fn crictl() {
        let read = only(
            "containers",
            include_str!("../../../../tests/samples/containers/ps.txt"),
        );
        assert_eq!(
            read["containers"][0],
            json!({"CONTAINER": "3f2a1b9c8d7e6", "IMAGE": "602401143452.dkr.ecr.eu-west-1.amazonaws.com/eks/coredns@sha256:9f1c",
                "CREATED": "3 days ago", "STATE": "Running", "NAME": "coredns", "ATTEMPT": 0, "POD ID": "a1b2c3d4e5f60",
                "POD": "coredns-6b9575c64c-x7k2p", "NAMESPACE": "kube-system"})
        );
        assert_eq!(read["containers"][1]["STATE"], "Exited");
        let read = only(
            "containers",
            include_str!("../../../../tests/samples/containers/pods.txt"),
        );
        assert_eq!(read["pods"][0]["STATE"], "NotReady");
        assert_eq!(read["pods"][0]["RUNTIME"], "(default)");
    }

    #[test]
    fn docker() {
        let text = include_str!("../../../../tests/samples/containers/docker-ps.txt");
        let bare = text.split_once('\n').unwrap().1;
        for text in [text, bare] {
            assert_eq!(
                only("containers", text)["containers"],
                json!([{"CONTAINER ID": "3f2a1b9c8d7e", "IMAGE": "shop:1", "COMMAND": "\"/app --port 8080\"", "CREATED": "2 hours ago",
                    "STATUS": "Up 2 hours", "PORTS": "0.0.0.0:8080->8080/tcp", "NAMES": "shop"},
                    {"CONTAINER ID": "a1b2c3d4e5f6", "IMAGE": "pause:3.9", "COMMAND": "\"/pause\"", "CREATED": "2 hours ago",
                    "STATUS": "Up 2 hours", "NAMES": "k8s_POD_x"}])
            );
        }
    }

    #[test]
    fn ctr() {
        let read = only(
            "containers",
            include_str!("../../../../tests/samples/containers/ctr-tasks.txt"),
        );
        assert_eq!(
            read["tasks"],
            json!([{"TASK": "3f2a1b9c8d7e6", "PID": 4711, "STATUS": "RUNNING"},
                {"TASK": "a1b2c3d4e5f60", "PID": 4690, "STATUS": "STOPPED"}])
        );
    }
}
