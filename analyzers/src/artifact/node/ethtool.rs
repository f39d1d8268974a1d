//! `ethtool -S`: the driver's own counters, among them ENA's `bw_in_allowance_exceeded` (Amazon EC2 User Guide, "Monitor network
//! performance for ENA settings").

use super::lines::{Unread, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// `ethtool -S`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "ethtool-stats",
    title: "ethtool -S",
    command: |line| line.program == "ethtool" && line.flag(&["-S", "--statistics"]),
    least: 8,
    sniff,
    read,
});

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    // `| grep allowance` leaves the title out.
    let begins = is_title(line) || is_counter(line) && (hint.expects(FORMAT) || line.contains("_allowance_"));
    begins.then(|| take(rest, FORMAT, hint, |line| is_title(line) || is_counter(line)))?
}

fn is_title(line: &str) -> bool {
    line.trim_end() == "NIC statistics:"
}

fn is_counter(line: &str) -> bool {
    line.starts_with(' ')
        && line.rsplit_once(": ").is_some_and(|(name, count)| {
            !name.trim().is_empty() && !count.trim().is_empty() && count.trim().bytes().all(|b| b.is_ascii_digit())
        })
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut counters = Placed::object(whole);
    for line in whole
        .lines()
        .filter(|line| !line.trim().is_empty() && !is_title(line.str()))
    {
        match line.rsplit_once(": ") {
            Some((name, count)) if is_counter(line.str()) => counters.put_number(name.trim().str(), count.trim()),
            _ => unread.line(line, "`ethtool -S`"),
        }
    }
    let complete = unread.finish();
    let mut root = Placed::object(whole);
    root.put("statistics", counters);
    add_document(part, FORMAT.name(), root, complete, artifacts);
}

#[cfg(test)]
mod tests {
    use super::super::lines::tests::only;

    #[test]
    fn enas_allowances() {
        let read = only(
            "ethtool-stats",
            include_str!("../../../../tests/samples/ethtool-stats/ena.txt"),
        );
        assert_eq!(read["statistics"]["bw_in_allowance_exceeded"], 1204);
        assert_eq!(read["statistics"]["conntrack_allowance_available"], 136_812);
        assert_eq!(read["statistics"]["queue_0_tx_cnt"], 991);
        assert_eq!(read["statistics"].as_object().unwrap().len(), 5);
    }
}
