//! `host` of BIND (bin/dig/host.c): one sentence a record; with `-v` whole answers in dig's words.

use super::{Query, dig, document, failure};
use crate::artifact::unread::Unread;
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{self, Format, Part, Spec};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// What host prints.
pub const FORMAT: Format = Format::new(&Spec {
    name: "host",
    title: "host's answer",
    command: |line| line.program == "host",
    least: 5,
    sniff: take,
    read,
});

/// The words between a name and its data, and the type that they tell (the table `rtypetext` of host.c).
const SENTENCES: [(&str, &str); 10] = [
    (" has address ", "A"),
    (" has IPv6 address ", "AAAA"),
    (" is an alias for ", "CNAME"),
    (" mail is handled by ", "MX"),
    (" name server ", "NS"),
    (" domain name pointer ", "PTR"),
    (" descriptive text ", "TXT"),
    (" has SRV record ", "SRV"),
    (" has SOA record ", "SOA"),
    (" has CAA record ", "CAA"),
];

fn sentence(line: Piece<'_>) -> Option<(Piece<'_>, &'static str, Piece<'_>)> {
    let cut = line.find(' ').filter(|cut| *cut > 0)?;
    let (name, rest) = (line.part(0..cut), line.skip(cut));
    SENTENCES
        .iter()
        .find_map(|(words, kind)| Some((name, *kind, rest.strip_prefix(words)?)))
}

/// `x has no AAAA record`, `Host x not found: 3(NXDOMAIN)`: the name and the reason.
pub(super) fn missing(line: Piece<'_>) -> Option<(Piece<'_>, Piece<'_>)> {
    if let Some(rest) = line.strip_prefix("Host ") {
        let (name, reason) = rest.split_once(" not found: ")?;
        return Some((name, reason));
    }
    let (name, reason) = line.split_once(" has no ")?;
    (reason.ends_with(" record") && !name.contains(' ')).then_some((name, reason))
}

/// Puts what is not found into the query that asked for it.
pub(super) fn not_found(query: &mut Query, line: Piece<'_>) {
    let Some((name, reason)) = missing(line) else { return };
    let mut error = Placed::object(line);
    error.put_text("name", name);
    // `3(NXDOMAIN)`: the number of the rcode and its name.
    let status = reason.split_once("(").and_then(|(_, rest)| rest.strip_suffix(")"));
    error.put_text("reason", status.unwrap_or(reason));
    error.put_text("text", line);
    query.record("errors", line, error);
    if let Some(status) = status {
        query.placed.put_text("status", status);
    }
}

/// `Trying "cart.example.com"`: a name that `host -v` asks for.
pub(super) fn tried(line: Piece<'_>) -> Option<Piece<'_>> {
    line.strip_prefix("Trying \"")?.trim().strip_suffix("\"")
}

/// How many lines stand before the first name that is tried, at most: the server's.
const BEFORE: usize = 6;

/// Whether an output is that of `host -v`.
fn is_verbose(text: &str) -> bool {
    ends(text)
        .take(BEFORE)
        .take_while(|(line, _)| line.trim().is_empty() || is_server(line) || tried(Piece::new(line)).is_some())
        .any(|(line, _)| tried(Piece::new(line)).is_some())
}

/// The lines of `host -v`: told without the command where an answer or a refusal follows.
fn take_verbose(rest: &str, expected: bool) -> Option<Taken> {
    let answer = |line: &str| {
        dig::is_answer(line)
            || missing(Piece::new(line)).is_some()
            || line.starts_with("Received ") && line.contains(" bytes from ")
    };
    let own = |line: &str| answer(line) || is_line(line) || tried(Piece::new(line)).is_some();
    let mut len = 0;
    let mut answered = expected;
    for (line, end) in ends(rest) {
        if line.trim().is_empty() {
            continue;
        }
        if !own(line) {
            break;
        }
        answered |= answer(line);
        len = end;
    }
    (len > 0 && answered).then_some(Taken {
        len,
        format: FORMAT,
        confidence: if expected { 0.98 } else { 0.9 },
    })
}

/// Whether a sentence is strict enough to be told without the command.
fn is_certain(line: &str) -> bool {
    let piece = Piece::new(line);
    match sentence(piece) {
        Some((_, "A" | "AAAA", data)) => data.parse::<std::net::IpAddr>().is_ok(),
        Some((name, _, _)) => name.contains('.'),
        None => missing(piece).is_some_and(|(_, reason)| reason.ends_with(')') || reason.ends_with(" record")),
    }
}

fn is_line(line: &str) -> bool {
    let piece = Piece::new(line);
    sentence(piece).is_some()
        || missing(piece).is_some()
        || failure(piece).is_some()
        || line.starts_with("host: ")
        || is_server(line)
}

/// With a server named in the command: `Using domain server:`, `Name: 10.0.0.2`, `Address: 10.0.0.2#53`, `Aliases: `
pub(super) fn is_server(line: &str) -> bool {
    ["Using domain server:", "Name: ", "Address: ", "Aliases:"]
        .iter()
        .any(|beginning| line.starts_with(beginning))
}

fn take(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let expected = hint.expects(FORMAT);
    if (line.starts_with("Trying \"") || line.starts_with("Using domain server:")) && is_verbose(rest) {
        return take_verbose(rest, expected);
    }
    let begins = line.starts_with("Using domain server:") || (line.contains(' ') && is_certain(line));
    if !(begins || expected && is_line(line)) {
        return None;
    }
    let len = ends(rest)
        .take_while(|(line, _)| line.is_empty() || is_line(line))
        .filter(|(line, _)| !line.is_empty())
        .last()?
        .1;
    Some(Taken {
        len,
        format: FORMAT,
        confidence: if expected { 0.98 } else { 0.85 },
    })
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    if is_verbose(whole.str()) {
        dig::read_as(part, FORMAT, artifacts, problems);
        return;
    }
    let mut unread = Unread::default();
    let mut query = Query::new(whole);
    for line in whole.lines() {
        if line.trim().is_empty() {
            continue;
        }
        if let Some((name, kind, data)) = sentence(line) {
            let mut record = Placed::object(line);
            record.put_text("name", name);
            record.put("type", Placed::value(kind, line));
            record.put_text("data", data);
            query.record("answer", line, record);
        } else if missing(line).is_some() {
            not_found(&mut query, line);
        } else if let Some((reason, server)) = failure(line) {
            query.error(line, reason, server);
        } else if let Some(complaint) = line.strip_prefix("host: ") {
            query.error(line, complaint, None);
        } else if let Some(server) = line.strip_prefix("Address: ") {
            query.placed.put_text("server", server);
        } else if !is_server(line.str()) {
            unread.line(line);
        }
    }
    unread.finish(part, problems);
    formats::add_document(part, FORMAT.name(), document(vec![query], whole), true, artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::testing::read;

    #[test]
    fn sentences_become_records() {
        let read = read(include_str!("../../../../tests/samples/host/records.txt"));
        read.is("host");
        assert_eq!(read.problems, Vec::<String>::new());
        assert_eq!(read.at("/queries/0/server"), "10.0.0.2#53");
        assert_eq!(read.at("/queries/0/answer/0/type"), "CNAME");
        assert_eq!(read.at("/queries/0/answer/1/data"), "10.0.12.34");
        assert_eq!(read.at("/queries/0/answer/2/data"), "10 mail.example.com.");
    }

    #[test]
    fn answers_of_v_are_read_in_digs_words() {
        let sample = include_str!("../../../../tests/samples/host/verbose.txt");
        for text in [sample, sample.split_once('\n').unwrap().1] {
            let read = read(text);
            assert_eq!(read.formats(), ["host"], "{text}");
            assert_eq!(read.problems, Vec::<String>::new(), "{text}");
            assert_eq!(read.count("/queries"), 3);
            for (pointer, text) in [
                ("/queries/0/tried", "cart.example.com"),
                ("/queries/0/server", "10.20.0.2#53"),
                ("/queries/0/answer/1/data", "10.20.4.8"),
                ("/queries/0/answer/0/ttl", "30"),
                ("/queries/1/question/0/type", "AAAA"),
                ("/queries/1/authority/0/type", "SOA"),
                ("/queries/1/queryTime", "4"),
                ("/queries/2/status", "NOERROR"),
            ] {
                assert_eq!(read.at(pointer), text, "{pointer}");
            }
        }
        let gone = read(
            "$ host -v gone.example.com 10.20.0.2\nTrying \"gone.example.com\"\nUsing domain server:\nName: 10.20.0.2\nAddress: 10.20.0.2#53\nAliases: \n\n\
             Host gone.example.com not found: 3(NXDOMAIN)\nReceived 111 bytes from 10.20.0.2#53 in 2 ms\n",
        );
        assert_eq!(gone.formats(), ["host"]);
        assert_eq!(gone.problems, Vec::<String>::new());
        assert_eq!(gone.at("/queries/0/status"), "NXDOMAIN");
        assert_eq!(gone.at("/queries/0/errors/0/name"), "gone.example.com");
        assert_eq!(gone.count("/queries"), 1);
        assert_ne!(read("Trying \"the other way\"\nit works now\n").format, "host");
    }

    #[test]
    fn what_is_not_found_has_its_status() {
        let read = read("$ host cart.web\nHost cart.web not found: 3(NXDOMAIN)\n");
        assert_eq!(read.at("/queries/0/status"), "NXDOMAIN");
        assert_eq!(read.at("/queries/0/errors/0/name"), "cart.web");
        assert_ne!(
            super::super::super::testing::read("the pod has address problems\n").format,
            "host"
        );
    }
}
