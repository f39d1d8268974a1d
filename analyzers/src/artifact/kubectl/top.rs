//! `kubectl top`: what the metrics API measured, in the shape of its PodMetrics and NodeMetrics (`metrics.k8s.io/v1beta1`).
//!
//! Columns: `pkg/metricsutil/metrics_printer.go` of kubernetes/kubectl.

use super::{columns, list};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::segment::{CommandLine, Format};
use crate::text::Piece;

/// `kubectl top`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "kubectl-top",
    title: "kubectl top",
    command: |line| line.is_kubectl() && line.positional().first() == Some(&"top"),
    least: 14,
    sniff,
    read,
});

fn is_header(line: &str) -> bool {
    line.starts_with(['N', 'P']) && line.contains("CPU(cores)") && line.contains("MEMORY(bytes)")
}

/// The columns that a command prints, for rows without a header.
fn unprinted(line: &CommandLine) -> Option<&'static [&'static str]> {
    let containers = line.flag(&["--containers"]);
    let all = line.flag(&["-A", "--all-namespaces"]);
    Some(match *line.positional().get(1)? {
        "node" | "nodes" | "no" => &["NAME", "CPU(cores)", "CPU(%)", "MEMORY(bytes)", "MEMORY(%)"],
        "pod" | "pods" | "po" => match (all, containers) {
            (false, false) => &["NAME", "CPU(cores)", "MEMORY(bytes)"],
            (true, false) => &["NAMESPACE", "NAME", "CPU(cores)", "MEMORY(bytes)"],
            (false, true) => &["POD", "NAME", "CPU(cores)", "MEMORY(bytes)"],
            (true, true) => &["NAMESPACE", "POD", "NAME", "CPU(cores)", "MEMORY(bytes)"],
        },
        _ => return None,
    })
}

/// The cells of a row by these columns; `None` where its words are not what they print.
fn cells<'a>(line: Piece<'a>, columns: &[&'static str]) -> Option<Vec<(&'static str, Piece<'a>)>> {
    let words: Vec<Piece<'a>> = line.words().take(columns.len() + 1).collect();
    let number = |text: &str, units: &[&str]| {
        let digits = text.trim_start_matches(|c: char| c.is_ascii_digit());
        text == "<unknown>" || digits.len() < text.len() && units.contains(&digits)
    };
    let fits = columns.iter().zip(&words).all(|(column, word)| match *column {
        "CPU(cores)" => number(word, &["", "n", "u", "m"]),
        "MEMORY(bytes)" => number(word, &["", "Ki", "Mi", "Gi", "Ti"]),
        "CPU(%)" | "MEMORY(%)" => number(word, &["%"]),
        _ => !word.contains('('),
    });
    (fits && words.len() == columns.len()).then(|| columns.iter().copied().zip(words).collect())
}

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let columns = || {
        let command = hint.line.as_ref().filter(|_| hint.expects(FORMAT))?;
        unprinted(command).filter(|_| command.flag(&["--no-headers"]) || command.selected)
    };
    if is_header(line) {
        return columns::take(rest, FORMAT);
    }
    let columns = columns()?;
    cells(Piece::new(line), columns)?;
    // `sort` puts the header anywhere.
    let own = |line: &str| is_header(line) || cells(Piece::new(line), columns).is_some();
    Some(Taken {
        len: ends(rest).take_while(|(line, _)| own(line)).last()?.1,
        format: FORMAT,
        confidence: 0.95,
    })
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut items = Placed::array(whole);
    let columns = part.command().as_ref().and_then(unprinted);
    if let Some(columns) = columns.filter(|_| !is_header(whole.str())) {
        let nodes = columns.contains(&"CPU(%)");
        for line in whole.lines().filter(|line| !line.trim().is_empty() && !is_header(line)) {
            if let Some(cells) = cells(line, columns) {
                items.push(item(line, &cells, nodes));
            }
        }
        add_document(part, FORMAT.name(), list::of(items, whole), false, artifacts);
        return;
    }
    // Nodes have percentages.
    let nodes = whole.lines().next().is_some_and(|line| line.contains('%'));
    let mut unread = 0_usize;
    for (line, cells) in columns::rows(whole) {
        let Some(cells) = cells else {
            unread += 1;
            if unread <= 20 {
                problems.push(Problem::new(
                    part.span().slice(line.range()),
                    "The cells of this row do not line up with the header, so it is left out.",
                ));
            }
            continue;
        };
        items.push(item(line, &cells, nodes));
    }
    add_document(part, FORMAT.name(), list::of(items, whole), false, artifacts);
}

fn item(line: Piece<'_>, cells: &[(&str, Piece<'_>)], nodes: bool) -> Placed {
    let mut item = Placed::object(line);
    item.put("apiVersion", Placed::value("metrics.k8s.io/v1beta1", line));
    item.put(
        "kind",
        Placed::value(if nodes { "NodeMetrics" } else { "PodMetrics" }, line),
    );
    let has = |name: &str| cells.iter().any(|(column, _)| *column == name);
    let pod = has("POD");
    for (column, cell) in cells {
        if cell.is_empty() {
            continue;
        }
        let text = Placed::text(*cell);
        match *column {
            // With --containers POD is the pod and NAME the container.
            "NAME" if pod => item.put("container", text),
            "NAME" | "POD" => item.put_at(&["metadata", "name"], *cell, text),
            "NAMESPACE" => item.put_at(&["metadata", "namespace"], *cell, text),
            "CPU(cores)" => item.put_at(&["usage", "cpu"], *cell, text),
            "MEMORY(bytes)" => item.put_at(&["usage", "memory"], *cell, text),
            other => item.put_at(&["x-printed", other], *cell, text),
        }
    }
    item
}

#[cfg(test)]
mod tests {
    use crate::artifact::kubectl::tested::check;
    use crate::artifact::testing;

    #[test]
    fn pods_nodes_and_containers() {
        check(
            "$ kubectl top nodes\nNAME                        CPU(cores)   CPU(%)   MEMORY(bytes)   MEMORY(%)\nip-10-0-1-17.ec2.internal   142m         7%       1803Mi          25%\nip-10-0-2-38.ec2.internal   <unknown>    <unknown>   <unknown>    <unknown>\n",
            "kubectl-top",
            &[
                ("items/0/metadata/name", "ip-10-0-1-17.ec2.internal"),
                ("items/0/usage/cpu", "142m"),
                ("items/0/x-printed/CPU(%)", "7%"),
            ],
            1,
        );
        check(
            "POD      NAME    CPU(cores)   MEMORY(bytes)   \ncart-0   app     3m           64Mi            \ncart-0   envoy   1m           40Mi            \n",
            "kubectl-top",
            &[
                ("items/1/metadata/name", "cart-0"),
                ("items/1/container", "envoy"),
                ("items/1/usage/memory", "40Mi"),
            ],
            0,
        );
    }

    #[test]
    fn rows_without_a_header_are_read_by_the_commands_columns() {
        check(
            "$ kubectl top nodes | sort -k2 -n\nip-10-3-7-21.ec2.internal   88m          4%       1203Mi          17%\nNAME                        CPU(cores)   CPU(%)   MEMORY(bytes)   MEMORY(%)\nip-10-3-9-40.ec2.internal   1911m        99%      6804Mi          95%\n",
            "kubectl-top",
            &[
                ("items/0/metadata/name", "ip-10-3-7-21.ec2.internal"),
                ("items/1/usage/cpu", "1911m"),
                ("items/1/x-printed/MEMORY(%)", "95%"),
            ],
            0,
        );
        check(
            "$ kubectl top pods -A --containers --no-headers\nbilling   ledger-0   app     12m   210Mi\nbilling   ledger-0   envoy   3m    48Mi\n",
            "kubectl-top",
            &[
                ("items/1/metadata/namespace", "billing"),
                ("items/1/metadata/name", "ledger-0"),
                ("items/1/container", "envoy"),
                ("items/1/usage/memory", "48Mi"),
            ],
            0,
        );
        let other = testing::read("$ kubectl top pods | grep ledger\nledger-0 is gone\n");
        assert_ne!(other.format, "kubectl-top");
    }
}
