//! `/proc/net/dev`: the counters of each device (the kernel, `net/core/net-procfs.c`, `dev_seq_printf_stats`).
//!
//! `{"eth0": {"rx": {"bytes", …}, "tx": {…}}}`, with the titles of the columns.

use super::lines::{Unread, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// `/proc/net/dev`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "proc-net-dev",
    title: "/proc/net/dev",
    command: |line| line.program == "cat" && line.args.iter().any(|arg| arg.ends_with("/net/dev")),
    least: 3,
    sniff,
    read,
});

const RECEIVE: [&str; 8] = [
    "bytes",
    "packets",
    "errs",
    "drop",
    "fifo",
    "frame",
    "compressed",
    "multicast",
];

const TRANSMIT: [&str; 8] = [
    "bytes",
    "packets",
    "errs",
    "drop",
    "fifo",
    "colls",
    "carrier",
    "compressed",
];

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    is_title(line).then(|| take(rest, FORMAT, hint, |line| is_title(line) || is_device(line)))?
}

fn is_title(line: &str) -> bool {
    line.starts_with("Inter-|") || line.trim_start().starts_with("face |")
}

fn is_device(line: &str) -> bool {
    line.split_once(':').is_some_and(|(name, counts)| {
        !name.trim().is_empty()
            && counts.split_whitespace().count() == RECEIVE.len() + TRANSMIT.len()
            && counts
                .split_whitespace()
                .all(|word| word.bytes().all(|b| b.is_ascii_digit()))
    })
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut root = Placed::object(whole);
    for line in whole
        .lines()
        .filter(|line| !line.trim().is_empty() && !is_title(line.str()))
    {
        let Some((name, counts)) = line.split_once(":").filter(|_| is_device(line.str())) else {
            unread.line(line, "/proc/net/dev");
            continue;
        };
        let mut device = Placed::object(line);
        let titles = RECEIVE
            .iter()
            .map(|title| ("rx", *title))
            .chain(TRANSMIT.iter().map(|title| ("tx", *title)));
        for ((direction, title), count) in titles.zip(counts.words()) {
            device.put_at(&[direction, title], line, Placed::number(count));
        }
        root.put(name.trim().str(), device);
    }
    let complete = unread.finish();
    add_document(part, FORMAT.name(), root, complete, artifacts);
}

#[cfg(test)]
mod tests {
    use super::super::lines::tests::only;
    use serde_json::json;

    #[test]
    fn sixteen_counters() {
        let read = only(
            "proc-net-dev",
            include_str!("../../../../tests/samples/proc-net-dev/node.txt"),
        );
        assert_eq!(
            read["eth0"],
            json!({"rx": {"bytes": 77_128_331, "packets": 98123, "errs": 0, "drop": 12, "fifo": 0, "frame": 0,
                "compressed": 0, "multicast": 3}, "tx": {"bytes": 36_288_140, "packets": 95932, "errs": 1, "drop": 2,
                "fifo": 0, "colls": 4, "carrier": 5, "compressed": 6}})
        );
        assert_eq!(read.as_object().unwrap().len(), 2);
    }
}
