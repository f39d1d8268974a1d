//! Tables of tools whose columns are aligned under titles in capitals, known by their commands: `lsblk`, `findmnt`, `lsof`, `crictl stats`,
//! `docker network ls`, `helm search repo`, `kubeadm token list`.
//!
//! `{"rows": [{"NAME": "nvme0n1", …}]}`: the cells under their titles.

use super::containers::{columns, row};
use crate::artifact::node::lines::Unread;
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::CommandLine;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// A tool's table.
pub const FORMAT: Format = Format::new(&Spec {
    name: "tool-table",
    title: "a tool's table",
    command: prints,
    least: 1,
    sniff,
    read,
});

fn prints(line: &CommandLine) -> bool {
    let words = line.positional();
    let first = words.first().copied().unwrap_or_default();
    let second = words.get(1).copied().unwrap_or_default();
    let json = line.flag(&["-J", "--json"])
        || line.option(&["--format"]).is_some()
        || matches!(line.output(), Some("json" | "yaml"));
    let known = match line.program.as_str() {
        "lsblk" | "findmnt" | "lsof" => true,
        "crictl" => first == "stats" || first == "statsp",
        "docker" | "nerdctl" | "podman" => first == "stats" || matches!(first, "network" | "volume") && second == "ls",
        "helm" => matches!((first, second), ("search", _) | ("repo", "list")),
        "kubeadm" => (first, second) == ("token", "list"),
        "velero" | "flux" | "argocd" => second == "get" || second == "list" || first == "get",
        _ => false,
    };
    known && !json
}

/// Titles: two at least, in capitals.
fn is_header(line: &str) -> bool {
    let letters = line.bytes().any(|b| b.is_ascii_uppercase()) && !line.bytes().any(|b| b.is_ascii_lowercase());
    let mounted = line.starts_with("NAME ") && line.contains("MAJ:MIN");
    (letters || mounted || line.starts_with("COMMAND ")) && columns(Piece::new(line)).len() >= 2
}

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    if !hint.expects(FORMAT) || !is_header(line) {
        return None;
    }
    let len = ends(rest).take_while(|(line, _)| !line.trim().is_empty()).last()?.1;
    Some(Taken {
        len,
        format: FORMAT,
        confidence: 0.95,
    })
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut lines = whole.lines().filter(|line| !line.trim().is_empty());
    let header = lines.next().unwrap_or(whole);
    // Titles of these have no blanks, and stand one blank apart.
    let close = part
        .command()
        .is_some_and(|line| matches!(line.program.as_str(), "lsblk" | "findmnt" | "lsof"));
    let titles = if close {
        header.words().collect()
    } else {
        columns(header)
    };
    let mut rows = Placed::array(whole);
    for line in lines {
        match row(line, header, &titles).or_else(|| by_words(line, header)) {
            Some(row) => rows.push(row),
            None => unread.line(line, FORMAT.title()),
        }
    }
    let complete = unread.finish() && !part.command().is_some_and(|line| line.filtered());
    let mut root = Placed::object(whole);
    root.put("rows", rows);
    add_document(part, FORMAT.name(), root, complete, artifacts);
}

/// A row of a table whose columns are a blank apart or aligned to the right: as many words as titles, but for what the last title has.
fn by_words(line: Piece<'_>, header: Piece<'_>) -> Option<Placed> {
    let titles: Vec<Piece<'_>> = header.words().collect();
    let words: Vec<Piece<'_>> = line.words().collect();
    let last = titles.len().checked_sub(1)?;
    // The last cell may be blank.
    if words.len() < last {
        return None;
    }
    let mut value = Placed::object(line);
    for (title, word) in titles.iter().zip(&words).take(last) {
        value.put_number(title.str(), *word);
    }
    if let (Some(first), Some(end)) = (words.get(last), words.last()) {
        value.put_text(titles.get(last)?.str(), first.to(*end, line));
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use crate::artifact::node::lines::tests::only;
    use serde_json::json;

    #[test]
    fn tables_by_their_commands() {
        assert_eq!(
            only(
                "tool-table",
                include_str!("../../../../tests/samples/tool-table/helm.txt")
            )["rows"],
            json!([{"NAME": "eks/aws-load-balancer-controller", "CHART VERSION": "1.8.1", "APP VERSION": "v2.8.1",
                "DESCRIPTION": "AWS Load Balancer Controller Helm chart"}])
        );
        let read = only(
            "tool-table",
            include_str!("../../../../tests/samples/tool-table/findmnt.txt"),
        );
        assert_eq!(
            read["rows"][0],
            json!({"TARGET": "/data", "SOURCE": "fs-0a1b.efs:/", "FSTYPE": "nfs4", "OPTIONS": "rw,vers=4.1"})
        );
        let read = only(
            "tool-table",
            "$ lsof -i :443\nCOMMAND  PID USER   FD   TYPE DEVICE SIZE/OFF NODE NAME\nnginx   1234 root    6u  IPv4  23456      0t0  TCP *:https (LISTEN)\n",
        );
        assert_eq!(read["rows"][0]["NAME"], "*:https (LISTEN)");
        assert_eq!(read["rows"][0]["PID"], 1234);
        let read = only(
            "tool-table",
            "$ lsblk\nNAME          MAJ:MIN RM  SIZE RO TYPE MOUNTPOINTS\nnvme0n1       259:0    0   80G  0 disk \n└─nvme0n1p1   259:2    0   80G  0 part /\n",
        );
        assert_eq!(read["rows"][0]["SIZE"], "80G");
        assert_eq!(read["rows"][1]["MOUNTPOINTS"], "/");
    }
}
