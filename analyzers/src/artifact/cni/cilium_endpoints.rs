//! `cilium endpoint list` (cilium `cilium-dbg/cmd/endpoint_list.go`): a table with a header of two lines, and a line for each further
//! label of an endpoint.
//!
//! `{"endpoints": [{"ENDPOINT", "POLICY (ingress)", "POLICY (egress)", "IDENTITY", "LABELS": […], "IPv6", "IPv4", "STATUS"}]}`, the columns
//! with their titles.

use crate::artifact::node::lines::Unread;
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// `cilium endpoint list`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "cilium-endpoint-list",
    title: "cilium endpoint list",
    command: |line| {
        matches!(line.program.as_str(), "cilium" | "cilium-dbg")
            && line.args.iter().any(|arg| arg == "endpoint")
            && line.args.iter().any(|arg| arg == "list")
            && !matches!(line.output(), Some("json"))
    },
    least: 26,
    sniff,
    read,
});

const LABELS: &str = "LABELS (source:key[=value])";

/// The titles, as they stand in the header.
const TITLES: [&str; 8] = [
    "ENDPOINT",
    "POLICY (ingress)",
    "POLICY (egress)",
    "IDENTITY",
    LABELS,
    "IPv6",
    "IPv4",
    "STATUS",
];

fn is_header(line: &str) -> bool {
    line.starts_with("ENDPOINT ") && line.contains("IDENTITY") && line.contains(LABELS)
}

/// The rest of the header, rows, and the further labels below them.
fn is_row(line: &str) -> bool {
    line.starts_with(|c: char| c.is_ascii_digit()) && line.contains("  ")
        || line.starts_with("     ") && (line.contains("ENFORCEMENT") || line.contains(':'))
}

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    if !is_header(line) {
        return None;
    }
    let own = ends(rest)
        .enumerate()
        .take_while(|(number, (line, _))| *number == 0 || is_row(line));
    Some(Taken {
        len: own.last()?.1.1,
        format: FORMAT,
        confidence: if hint.expects(FORMAT) { 0.98 } else { 0.95 },
    })
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut endpoints = Placed::array(whole);
    let mut columns: Vec<(&str, usize)> = Vec::new();
    let mut open: Option<Placed> = None;
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        if is_header(line.str()) {
            columns = TITLES
                .iter()
                .filter_map(|title| Some((*title, line.find(title)?)))
                .collect();
            continue;
        }
        if line.contains("ENFORCEMENT") {
            continue;
        }
        let cells = cells(line, &columns);
        if line.starts_with(' ') {
            match (&mut open, cells.as_slice()) {
                (Some(endpoint), [(LABELS, label)]) => endpoint.push_at(&["LABELS"], *label, Placed::text(*label)),
                _ => unread.line(line, FORMAT.title()),
            }
            continue;
        }
        if let Some(done) = open.take() {
            endpoints.push(done);
        }
        let mut endpoint = Placed::object(line);
        for (title, cell) in cells {
            if title == LABELS {
                endpoint.push_at(&["LABELS"], cell, Placed::text(cell));
            } else {
                endpoint.put_number(title, cell);
            }
        }
        open = Some(endpoint);
    }
    if let Some(done) = open {
        endpoints.push(done);
    }
    let complete = unread.finish();
    let mut root = Placed::object(whole);
    root.put("endpoints", endpoints);
    add_document(part, FORMAT.name(), root, complete, artifacts);
}

/// A row's cells that are not blank.
fn cells<'a>(line: Piece<'a>, columns: &[(&'static str, usize)]) -> Vec<(&'static str, Piece<'a>)> {
    let nexts = columns.iter().skip(1).map(|(_, start)| *start).chain([usize::MAX]);
    columns
        .iter()
        .zip(nexts)
        .map(|((title, start), end)| (*title, line.part((*start).min(line.len())..end.min(line.len())).trim()))
        .filter(|(_, cell)| !cell.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::artifact::node::lines::tests::only;
    use serde_json::json;

    #[test]
    fn endpoints_and_their_labels() {
        let text = include_str!("../../../../tests/samples/cilium-endpoint-list/node.txt");
        let bare = text.split_once('\n').unwrap().1;
        for text in [text, bare] {
            assert_eq!(
                only("cilium-endpoint-list", text)["endpoints"],
                json!([
                    {"ENDPOINT": 34, "POLICY (ingress)": "Enabled", "POLICY (egress)": "Disabled", "IDENTITY": 9213,
                        "LABELS": ["k8s:app=cart", "k8s:io.kubernetes.pod.namespace=shop"], "IPv4": "10.44.3.17", "STATUS": "ready"},
                    {"ENDPOINT": 2510, "POLICY (ingress)": "Disabled", "POLICY (egress)": "Disabled", "IDENTITY": 4,
                        "LABELS": ["reserved:health"], "IPv4": "10.44.3.9", "STATUS": "regenerating"}])
            );
        }
    }
}
