//! `calicoctl node status` (projectcalico/calico `calicoctl/calicoctl/commands/node/status.go`): whether Calico runs on a node, and which
//! nodes it speaks BGP with.
//!
//! `{"process": "Calico process is running.", "IPv4 BGP status": [{"PEER ADDRESS", "PEER TYPE", "STATE", "SINCE", "INFO"}]}`; `No IPv6 peers
//! found.` is an empty list.

use crate::artifact::node::lines::{Unread, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// `calicoctl node status`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "calicoctl-node-status",
    title: "calicoctl node status",
    command: |line| line.program == "calicoctl" && line.args.iter().any(|arg| arg == "status"),
    least: 8,
    sniff,
    read,
});

fn is_process(line: &str) -> bool {
    line.starts_with("Calico process is ")
}

/// `IPv4 BGP status`.
fn is_title(line: &str) -> bool {
    line.starts_with("IPv") && line.trim_end().ends_with(" BGP status")
}

fn is_own(line: &str) -> bool {
    is_process(line)
        || is_title(line)
        || line.starts_with("+--")
        || line.starts_with("| ")
        || line.starts_with("No IPv") && line.contains(" peers found")
        || line.starts_with("The BGP backend process ")
        || line.starts_with("BGP backend ")
}

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let begins = is_process(line) || is_title(line) || hint.expects(FORMAT) && is_own(line);
    begins.then(|| take(rest, FORMAT, hint, is_own))?
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut root = Placed::object(whole);
    let mut title: Option<Piece<'_>> = None;
    let mut columns: Vec<Piece<'_>> = Vec::new();
    let mut peers: Option<Placed> = None;
    for line in whole.lines().map(Piece::trim).filter(|line| !line.is_empty()) {
        if is_process(line.str()) {
            root.put_text("process", line);
        } else if is_title(line.str()) {
            finish(&mut root, title.replace(line), peers.take());
            peers = Some(Placed::array(line));
            columns.clear();
        } else if line.starts_with("+--") {
        } else if line.starts_with("| ") {
            let cells: Vec<Piece<'_>> = line.trim().split(|c| c == '|').map(Piece::trim).collect();
            let cells = cells.get(1..cells.len().saturating_sub(1)).unwrap_or_default();
            if columns.is_empty() {
                columns = cells.to_vec();
                continue;
            }
            let mut peer = Placed::object(line);
            for (column, cell) in columns.iter().zip(cells) {
                peer.put_text(column.str(), *cell);
            }
            match &mut peers {
                Some(peers) => {
                    peers.push(peer);
                    peers.extend(line);
                }
                None => unread.line(line, FORMAT.title()),
            }
        } else if line.starts_with("No IPv") {
            peers = Some(Placed::array(line));
        } else {
            root.put_text("backend", line);
        }
    }
    finish(&mut root, title, peers);
    let complete = unread.finish();
    add_document(part, FORMAT.name(), root, complete, artifacts);
}

fn finish(root: &mut Placed, title: Option<Piece<'_>>, peers: Option<Placed>) {
    if let (Some(title), Some(peers)) = (title, peers) {
        root.put(title.str(), peers);
    }
}

#[cfg(test)]
mod tests {
    use crate::artifact::node::lines::tests::only;
    use serde_json::json;

    #[test]
    fn peers_of_both_families() {
        let text = include_str!("../../../../tests/samples/calicoctl-node-status/node.txt");
        let bare = text.split_once('\n').unwrap().1;
        for text in [text, bare] {
            assert_eq!(
                only("calicoctl-node-status", text),
                json!({"process": "Calico process is running.",
                    "IPv4 BGP status": [
                        {"PEER ADDRESS": "10.44.3.9", "PEER TYPE": "node-to-node mesh", "STATE": "up", "SINCE": "2026-11-20",
                            "INFO": "Established"},
                        {"PEER ADDRESS": "10.44.9.4", "PEER TYPE": "node-to-node mesh", "STATE": "start", "SINCE": "10:02:41",
                            "INFO": "Active Socket: Connection refused"}],
                    "IPv6 BGP status": []})
            );
        }
    }
}
