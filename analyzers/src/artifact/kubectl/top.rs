//! `kubectl top`: what the metrics API measured, in the shape of its PodMetrics and NodeMetrics (`metrics.k8s.io/v1beta1`).
//!
//! Columns: `pkg/metricsutil/metrics_printer.go` of kubernetes/kubectl.

use super::{columns, list};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::Format;
use crate::segment::formats::{Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// `kubectl top`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "kubectl-top",
    title: "kubectl top",
    command: |line| line.is_kubectl() && line.positional().first() == Some(&"top"),
    sniff,
    read,
});

fn sniff(line: &str, rest: &str, _: &Hint) -> Option<Taken> {
    if !line.starts_with(['N', 'P']) || !line.contains("CPU(cores)") || !line.contains("MEMORY(bytes)") {
        return None;
    }
    columns::take(rest, FORMAT)
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    // Nodes have percentages.
    let nodes = whole.lines().next().is_some_and(|line| line.contains('%'));
    let mut items = Placed::array(whole);
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
}
