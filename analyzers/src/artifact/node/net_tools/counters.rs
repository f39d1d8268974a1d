//! `netstat -s`: `{"Tcp": {"segments retransmitted": 12}, "TcpExt": {"TCPDelivered": 1}}`, the words as they are printed.

use super::netstat;
use crate::artifact::node::lines::{Unread, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// `netstat -s`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "netstat-counters",
    title: "netstat -s",
    command: |line| netstat(line, 's'),
    least: 1,
    sniff,
    read,
});

/// The tables of `statistics.c`.
const PROTOCOLS: [&str; 14] = [
    "Ip", "Ip6", "Icmp", "Icmp6", "IcmpMsg", "Icmp6Msg", "Tcp", "Udp", "Udp6", "UdpLite", "UdpLite6", "TcpExt",
    "IpExt", "MPTcpExt",
];

fn title(line: &str) -> Option<&str> {
    line.trim_end()
        .strip_suffix(':')
        .filter(|name| PROTOCOLS.contains(name) || matches!(*name, "Sctp" | "Ip6Ext"))
}

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    // `| grep -i retrans` leaves the titles out.
    let counter = |line: &str| line.starts_with("    ") && counter(Piece::new(line)).is_some();
    let first = title(line).is_some_and(|_| {
        rest.lines()
            .nth(1)
            .is_some_and(|second| second.starts_with("    ") && second.bytes().any(|b| b.is_ascii_digit()))
    });
    (first || hint.expects(FORMAT) && counter(line)).then(|| {
        take(rest, FORMAT, hint, |line| {
            title(line).is_some() || line.starts_with("    ") && (line.trim_end().ends_with(':') || counter(line))
        })
    })?
}

/// `    12 segments retransmitted`, `    TCPDelivered: 1`, `    Detected reordering 3 times using SACK`: the words, and the number.
fn counter(line: Piece<'_>) -> Option<(String, Piece<'_>)> {
    let line = line.trim();
    if let Some((name, number)) = line.rsplit_once(": ")
        && is_number(number.str())
    {
        return Some((name.str().to_owned(), number));
    }
    let mut number = None;
    let mut name = String::new();
    for word in line.words() {
        if number.is_none() && is_number(word.str()) {
            number = Some(word);
            // What stands on both sides of it: `Detected reordering … times using SACK`.
            continue;
        }
        if !name.is_empty() {
            name.push(' ');
        }
        name.push_str(word.str());
    }
    Some((name, number?)).filter(|(name, _)| !name.is_empty())
}

fn is_number(text: &str) -> bool {
    text.parse::<i64>().is_ok() || text.parse::<u64>().is_ok()
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut root = Placed::object(whole);
    let mut open: Option<(&str, Placed)> = None;
    // `ICMP input histogram:`, whose lines stand further in.
    let mut group: Option<&str> = None;
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        if let Some(name) = title(line.str()) {
            if let Some((name, table)) = open.replace((name, Placed::object(line))) {
                root.put(name, table);
            }
            group = None;
            continue;
        }
        let (_, table) = open.get_or_insert_with(|| ("", Placed::object(line)));
        table.extend(line);
        if let Some((name, number)) = counter(line) {
            group = group.filter(|_| line.starts_with("        "));
            match group {
                Some(group) => table.put_at(&[group, &name], line, Placed::number(number)),
                None => table.put_number(&name, number),
            }
        } else if let Some(name) = line.trim().strip_suffix(":") {
            group = Some(name.str());
        } else {
            unread.line(line, "`netstat -s`");
        }
    }
    if let Some((name, table)) = open {
        root.put(name, table);
    }
    let complete = unread.finish();
    add_document(part, FORMAT.name(), root, complete, artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::node::lines::tests::only;
    use serde_json::json;

    #[test]
    fn counters_in_words() {
        let read = only(
            "netstat-counters",
            include_str!("../../../../../tests/samples/netstat-counters/node.txt"),
        );
        assert_eq!(read["Ip"]["Forwarding"], 1);
        assert_eq!(
            read["Icmp"]["ICMP input histogram"],
            json!({"destination unreachable": 41, "echo requests": 3})
        );
        assert_eq!(read["Tcp"]["segments retransmitted"], 5120);
        assert_eq!(read["TcpExt"]["Detected reordering times using SACK"], 3);
        assert_eq!(read["TcpExt"]["SYNs to LISTEN sockets dropped"], 212);
    }
}
