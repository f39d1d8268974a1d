//! The kernel's counters of its protocols: `/proc/net/snmp`, `/proc/net/netstat`, `/proc/net/snmp6` and `nstat`.
//!
//! `{"counters": {"TcpRetransSegs": 12}}`, under the names that nstat makes of them (iproute2, `misc/nstat.c`): the protocol's, and the
//! counter's.

use super::lines::{Unread, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// `/proc/net/snmp`.
pub const PROC: Format = Format::new(&Spec {
    name: "proc-net-snmp",
    title: "/proc/net/snmp",
    command: |line| {
        matches!(line.program.as_str(), "cat" | "grep" | "less")
            && line
                .args
                .iter()
                .any(|arg| matches!(arg.as_str(), "/proc/net/snmp" | "/proc/net/snmp6" | "/proc/net/netstat"))
    },
    least: 1,
    sniff: sniff_proc,
    read: read_proc,
});

/// `nstat`.
pub const NSTAT: Format = Format::new(&Spec {
    name: "nstat",
    title: "nstat",
    command: |line| line.program == "nstat" && !line.flag(&["-j", "--json"]),
    least: 4,
    sniff: sniff_nstat,
    read: read_nstat,
});

/// The first words of the lines.
const TABLES: [&str; 9] = [
    "Ip:",
    "Icmp:",
    "IcmpMsg:",
    "Tcp:",
    "Udp:",
    "UdpLite:",
    "TcpExt:",
    "IpExt:",
    "MPTcpExt:",
];

fn table(line: &str) -> Option<&str> {
    let first = line.split_whitespace().next()?;
    TABLES.contains(&first).then_some(first)
}

/// A line of names is followed by one of numbers.
fn sniff_proc(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let begins = match table(line) {
        Some(name) => rest.lines().nth(1).is_some_and(|second| {
            table(second) == Some(name)
                && second
                    .split_whitespace()
                    .nth(1)
                    .is_some_and(|number| number.parse::<i64>().is_ok())
        }),
        None => hint.expects(PROC) && is_counter6(line),
    };
    begins.then(|| take(rest, PROC, hint, |line| table(line).is_some() || is_counter6(line)))?
}

/// `Ip6InReceives                    1204`.
fn is_counter6(line: &str) -> bool {
    let mut words = line.split_whitespace();
    words.next().is_some_and(|name| name.contains('6'))
        && words.next().is_some_and(|number| number.parse::<u64>().is_ok())
        && words.next().is_none()
}

fn read_proc(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut counters = Placed::object(whole);
    let mut names: Option<Piece<'_>> = None;
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        match (table(line.str()), names.take()) {
            (Some(prefix), Some(titles)) if table(titles.str()) == Some(prefix) => {
                let prefix = prefix.trim_end_matches(':');
                for (name, number) in titles.words().skip(1).zip(line.words().skip(1)) {
                    counters.put_number(&format!("{prefix}{}", name.str()), number);
                }
            }
            (Some(_), None) => names = Some(line),
            (_, cut) => {
                if let Some(cut) = cut {
                    unread.line(cut, PROC.title());
                }
                let mut words = line.words();
                match (words.next(), words.next()) {
                    (Some(name), Some(number)) if is_counter6(line.str()) => counters.put_number(name.str(), number),
                    _ => unread.line(line, PROC.title()),
                }
            }
        }
    }
    if let Some(cut) = names {
        unread.line(cut, PROC.title());
    }
    let complete = unread.finish();
    let mut root = Placed::object(whole);
    root.put("counters", counters);
    add_document(part, PROC.name(), root, complete, artifacts);
}

/// `TcpRetransSegs                  12                 0.0`.
fn is_nstat(line: &str) -> bool {
    let mut words = line.split_whitespace();
    words
        .next()
        .is_some_and(|name| name.starts_with(|c: char| c.is_ascii_uppercase()))
        && words.next().is_some_and(|number| number.parse::<u64>().is_ok())
        && words.next().is_some_and(|rate| rate.parse::<f64>().is_ok())
        && words.next().is_none()
}

/// `#kernel`: where the counters come from; `#12345.1804289383` of a history.
fn is_source(line: &str) -> bool {
    line.strip_prefix('#')
        .is_some_and(|source| source.trim_end() == "kernel" || source.contains('.') && !source.contains(' '))
}

fn sniff_nstat(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    (line.trim_end() == "#kernel" || hint.expects(NSTAT) && (is_nstat(line) || is_source(line)))
        .then(|| take(rest, NSTAT, hint, |line| is_source(line) || is_nstat(line)))?
}

fn read_nstat(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut counters = Placed::object(whole);
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        let mut words = line.words();
        match (words.next(), words.next()) {
            (Some(name), Some(number)) if is_nstat(line.str()) => counters.put_number(name.str(), number),
            _ if is_source(line.str()) => {}
            _ => unread.line(line, "`nstat`"),
        }
    }
    unread.finish();
    let mut root = Placed::object(whole);
    root.put("counters", counters);
    // Without `-z` the counters that are 0 are left out.
    add_document(part, NSTAT.name(), root, false, artifacts);
}

#[cfg(test)]
mod tests {
    use super::super::lines::tests::{only, problems};

    #[test]
    fn names_and_numbers_on_two_lines() {
        let read = only(
            "proc-net-snmp",
            include_str!("../../../../tests/samples/proc-net-snmp/node.txt"),
        );
        assert_eq!(read["counters"]["TcpRetransSegs"], 5120);
        assert_eq!(read["counters"]["TcpMaxConn"], -1);
        assert_eq!(read["counters"]["UdpRcvbufErrors"], 77);
        let found = problems("$ cat /proc/net/snmp\nUdp: InDatagrams NoPorts\nUdp: 1 2\nTcp: RtoAlgorithm\n");
        assert_eq!(found.len(), 1, "{found:?}");
    }

    #[test]
    fn nstats_lines() {
        let read = only("nstat", include_str!("../../../../tests/samples/nstat/node.txt"));
        assert_eq!(read["counters"]["TcpExtListenDrops"], 212);
        assert_eq!(read["counters"].as_object().unwrap().len(), 5);
    }
}
