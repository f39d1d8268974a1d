//! A packet, an answer or a hop a line: `tcpdump`, `ping`, `traceroute`, `dig`.

use super::words::{first, is_number, number, time, words};
use super::{Begins, Grammar};

/// tcpdump/print.c and tcpdump/util-print.c (`ts_print`): the time, without it (`-t`) the protocol; what belongs to a packet is indented.
pub(super) const CAPTURE: Grammar = Grammar {
    enters: |line| packet(line) || line.starts_with("tcpdump: ") || line.starts_with("listening on "),
    begins: |line| {
        if packet(line) || line.starts_with("    ") || line.starts_with('\t') || trailer(line) {
            Begins::Surely
        } else {
            Begins::Never
        }
    },
    strict: true,
};

fn packet(line: &str) -> bool {
    stamped(line).is_some_and(described) || (described(line) && line.contains(" > "))
}

/// What follows a packet's time: `11:40:02.123456`, with the date, seconds since 1970, or the time since another packet (` 00:00:00.1`).
fn stamped(line: &str) -> Option<&str> {
    let line = line.strip_prefix(' ').unwrap_or(line);
    let (one, rest) = line.split_once(' ')?;
    let fraction = |text: &str| text.strip_prefix('.').is_some_and(is_number);
    let clock = |word: &str| time(word).is_some_and(fraction);
    let dated = |word: &str| word.len() == 10 && word.matches('-').count() == 2 && word.starts_with(char::is_numeric);
    let seconds = |word: &str| number(word).is_some_and(|(_, rest)| fraction(rest));
    if clock(one) || seconds(one) {
        return Some(rest);
    }
    let (two, rest) = rest.split_once(' ')?;
    (dated(one) && clock(two)).then_some(rest)
}

fn described(rest: &str) -> bool {
    let mut words = words(rest);
    let one = words.next().unwrap_or_default().trim_end_matches(',');
    if matches!(one, "IP" | "IP6" | "ARP" | "STP" | "LLDP" | "MPLS") || super::words::is_mac(one) {
        return true;
    }
    // `-i any` since 4.99 prints the interface and the direction first; before that, only the direction.
    let two = words.next().unwrap_or_default().trim_end_matches(',');
    let direction = |word: &str| matches!(word, "In" | "Out" | "B" | "M" | "P" | "PR" | "?");
    direction(one) || direction(two)
}

fn trailer(line: &str) -> bool {
    line.starts_with("tcpdump: ")
        || line.starts_with("listening on ")
        || line.starts_with("dropped privs")
        || line.starts_with("reading from file ")
        || (number(line).is_some() && (line.contains(" packet") && line.trim_end().len() < 60))
}

/// iputils/ping.
pub(super) const PING: Grammar = Grammar {
    enters: |line| line.starts_with("PING ") && line.contains("bytes"),
    begins: |line| {
        let answer =
            number(line).is_some_and(|(_, rest)| rest.starts_with(" bytes from ") || rest.contains(" packets "));
        let known = ["PING ", "From ", "--- ", "rtt ", "round-trip ", "no answer", "ping: "];
        Begins::when(answer || known.iter().any(|beginning| line.starts_with(beginning)))
    },
    strict: true,
};

/// traceroute and mtr: the hop's number.
pub(super) const HOPS: Grammar = Grammar {
    enters: |line| line.starts_with("traceroute to ") || line.starts_with("tcptraceroute "),
    begins: |line| {
        let one = words(line).next().unwrap_or_default();
        let hop = line.starts_with(' ') || first(line) == one;
        Begins::when(line.starts_with("traceroute") || (hop && is_number(one) && one.len() < 3 && line.contains("  ")))
    },
    strict: true,
};

/// bind9/bin/dig: comments, and records with their time to live and class.
pub(super) const ANSWERS: Grammar = Grammar {
    enters: |line| line.starts_with("; <<>> DiG ") || line.starts_with(";; "),
    begins: |line| {
        let mut words = words(line).skip(1);
        let ttl = words.next().is_some_and(is_number);
        Begins::when(line.starts_with(';') || (ttl && matches!(words.next(), Some("IN" | "CH" | "CLASS4096"))))
    },
    strict: true,
};

/// curl's tool_cb_dbg.c: what it tells, what it sends and what it gets.
pub(super) const TRANSFER: Grammar = Grammar {
    enters: |line| {
        [
            "* Host ",
            "*   Trying ",
            "* Connected to ",
            "* Rebuilt URL",
            "* About to connect",
            "* Uses proxy",
        ]
        .iter()
        .any(|beginning| line.starts_with(beginning))
    },
    begins: |line| {
        let known = ["* ", "> ", "< ", "{ [", "} [", "*\t"];
        Begins::when(matches!(line, "*" | ">" | "<") || known.iter().any(|beginning| line.starts_with(beginning)))
    },
    strict: true,
};
