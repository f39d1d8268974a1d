//! A packet's line up to its first protocol.

use super::endpoint::cut;
use super::link::mac;
use super::time::{Clock, time, usual, without_number};
use crate::artifact::Direction;

/// What stands before a packet.
pub struct Head<'a> {
    /// When.
    pub time: Option<(i64, Clock)>,
    /// Whether `-#`'s number is there.
    pub numbered: bool,
    /// The interface that `-i any` prints.
    pub interface: Option<&'a str>,
    /// Which way it went.
    pub direction: Option<Direction>,
    /// From the first protocol on.
    pub rest: &'a str,
}

/// Takes a line apart. Every line has a head, an empty one where nothing tells that a packet begins.
pub fn head(line: &str) -> Head<'_> {
    if let Some(time) = usual(line)
        && let Some(rest) = line.get(16..).filter(|rest| ip(rest).is_some())
    {
        return Head {
            time: Some((time, Clock::Day)),
            numbered: false,
            interface: None,
            direction: None,
            rest,
        };
    }
    let (numbered, line) = without_number(line);
    let (time, rest) = match time(line) {
        Some((time, rest)) => (Some(time), rest.trim_start_matches(' ')),
        None => (None, line),
    };
    let mut head = Head {
        time,
        numbered,
        interface: None,
        direction: None,
        rest,
    };
    if rest.starts_with("IP") {
        return head;
    }
    // `-i any`: interface and direction (sll2_if_print); older versions print the direction alone.
    let end = |text: &str| text.bytes().position(|byte| byte == b' ').unwrap_or(text.len());
    let (first, after) = rest.split_at_checked(end(rest)).unwrap_or((rest, ""));
    if let Some(way) = direction(first) {
        head.direction = Some(way);
        head.rest = after.trim_start_matches(' ');
        return head;
    }
    let after = after.trim_start_matches(' ');
    let (second, beyond) = after.split_at_checked(end(after)).unwrap_or((after, ""));
    // `?` where the packet's type is none of these (sll_pkttype_values).
    let way = direction(second);
    if (way.is_some() || second == "?") && !first.contains([',', '>', ':']) {
        head.interface = Some(first);
        head.direction = way;
        head.rest = beyond.trim_start_matches(' ');
    }
    head
}

fn direction(word: &str) -> Option<Direction> {
    Some(match word {
        "In" => Direction::In,
        "Out" => Direction::Out,
        "B" => Direction::Broadcast,
        "M" => Direction::Multicast,
        "P" => Direction::Other,
        _ => return None,
    })
}

/// Whether a line begins like most of most captures: `10:00:00.123456 IP `. Cheap: it is asked of every line of a paste.
pub fn is_usual(line: &str) -> bool {
    line.as_bytes().get(8) == Some(&b'.')
        && usual(line).is_some()
        && line.get(16..).is_some_and(|rest| ip(rest).is_some())
}

/// Whether a line is a packet's first line, told from the line alone.
pub fn is_packet(line: &str) -> bool {
    if is_usual(line) {
        return true;
    }
    // Most lines of other texts are told apart by their first byte.
    match line.as_bytes().first() {
        None | Some(b'\t' | b'{' | b'"' | b'#' | b'-' | b'|') => return false,
        _ => {}
    }
    let head = head(line);
    if head.rest.starts_with("IP") && ip(head.rest).is_some_and(|rest| told(&head) || begins_ip(rest)) {
        return true;
    }
    if head.time.is_some() || head.direction.is_some() || head.interface.is_some() && head.time.is_some() {
        return head.numbered && head.time.is_some()
            || other_protocol(head.rest)
            || head.rest.contains("ethertype ")
            || mac(head.rest).is_some();
    }
    bare(head.rest)
}

fn told(head: &Head<'_>) -> bool {
    head.time.is_some() || head.direction.is_some()
}

/// What follows `IP ` or `IP6 `.
pub fn ip(text: &str) -> Option<&str> {
    text.strip_prefix("IP ").or_else(|| text.strip_prefix("IP6 "))
}

/// Whether what follows `IP ` is a packet's: a text may begin with these letters too.
fn begins_ip(rest: &str) -> bool {
    [
        "(tos ",
        "(hlim ",
        "(class ",
        "(flowlabel ",
        "truncated-ip",
        "[total length ",
    ]
    .iter()
    .any(|start| rest.starts_with(start))
        || cut(rest).is_some()
}

/// Whether a line without a time (`-t`) is a packet's.
pub fn bare(rest: &str) -> bool {
    ip(rest).is_some_and(begins_ip)
        || [
            "ARP, Request who-has ",
            "ARP, Reply ",
            "ARP, Ethernet (len ",
            "[Invalid header: ",
        ]
        .iter()
        .any(|start| rest.starts_with(start))
        || mac(rest).is_some() && (rest.contains(", ethertype ") || rest.contains(", 802.3, length "))
        || rest.starts_with("ifindex ") && rest.contains(" ethertype ")
}

/// Whether a line begins with a time as tcpdump prints it.
pub fn has_time(line: &str) -> bool {
    time(without_number(line).1).is_some()
}

fn other_protocol(rest: &str) -> bool {
    [
        "ARP",
        "STP",
        "LLDP",
        "IPX",
        "RARP",
        "AARP",
        "MPLS",
        "PPPoE",
        "LACP",
        "EAPOL",
        "Loopback",
        "loopback",
        "CDPv",
        "AF ",
        "Request who-has",
        "IP0",
        "[|",
    ]
    .iter()
    .any(|name| rest.starts_with(name))
}
