//! `getent hosts` and `getent ahosts` of glibc and musl: what the system's resolver gives a program.

use super::{Query, address_record, document};
use crate::artifact::unread::Unread;
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{self, Format, Part, Spec};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// What getent prints of hosts.
pub const FORMAT: Format = Format::new(&Spec {
    name: "getent",
    title: "getent's hosts",
    command: |line| {
        line.program == "getent"
            && matches!(
                line.positional().first(),
                Some(&("hosts" | "ahosts" | "ahostsv4" | "ahostsv6"))
            )
    },
    least: 1,
    sniff: take,
    read,
});

fn is_line(line: &str) -> bool {
    line.split_ascii_whitespace()
        .next()
        .is_some_and(|word| word.parse::<std::net::IpAddr>().is_ok())
}

fn take(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    // `/etc/hosts` has the same lines: only the command tells.
    if !hint.expects(FORMAT) || !is_line(line) {
        return None;
    }
    let len = ends(rest).take_while(|(line, _)| is_line(line)).last()?.1;
    Some(Taken {
        len,
        format: FORMAT,
        confidence: 0.95,
    })
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::default();
    let mut query = Query::new(whole);
    let mut named = None;
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        let mut words = line.words();
        let Some(address) = words.next() else { continue };
        let mut rest: Vec<Piece<'_>> = words.collect();
        let socket = rest
            .first()
            .copied()
            .filter(|word| matches!(word.str(), "STREAM" | "DGRAM" | "RAW"));
        if socket.is_some() {
            rest.remove(0);
        }
        // `ahosts` prints the name in the first line of an address list only.
        let name = rest.first().copied().or(named);
        named = name;
        let Some(mut record) = address_record(line, name, address) else {
            unread.line(line);
            continue;
        };
        if let Some(socket) = socket {
            record.put_text("socketType", socket);
        }
        for alias in rest.iter().skip(1) {
            record.push_at(&["aliases"], *alias, Placed::text(*alias));
        }
        query.record("answer", line, record);
    }
    unread.finish(part, problems);
    formats::add_document(part, FORMAT.name(), document(vec![query], whole), true, artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::testing::read;

    #[test]
    fn addresses_and_names_are_read() {
        let hosts = read(include_str!("../../../../tests/samples/getent/ahosts.txt"));
        hosts.is("getent");
        assert_eq!(hosts.count("/queries/0/answer"), 3);
        assert_eq!(
            hosts.at("/queries/0/answer/0/name"),
            "kubernetes.default.svc.cluster.local"
        );
        assert_eq!(
            hosts.at("/queries/0/answer/2/name"),
            "kubernetes.default.svc.cluster.local"
        );
        assert_eq!(hosts.at("/queries/0/answer/1/socketType"), "DGRAM");
        let alias = read("$ getent hosts db\n10.0.3.9        db-0.example.com db\n");
        assert_eq!(alias.at("/queries/0/answer/0/aliases/0"), "db");
    }
}
