//! `tcpdump`'s text, in all its time formats, with and without `-v`, `-e` and `-i any`.
//!
//! What is printed where: print.c, print-ip.c, print-ip6.c, print-tcp.c, print-udp.c and util-print.c of the-tcpdump-group/tcpdump.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::tcpdump_dns;
use super::{Capture, Endpoint, Packet, TcpFlags, TcpSegment, Transport};
use crate::problem::Problem;
use crate::text::{Sources, Span};

/// A packet's line without what stands before the addresses.
struct Head<'a> {
    time: Option<(i64, Clock)>,
    interface: Option<&'a str>,
    /// Whether an IP packet follows; otherwise it is of another protocol.
    ip: bool,
    /// From the addresses on; empty where `-v` prints them on the next line.
    rest: &'a str,
}

/// What a time counts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Clock {
    /// Midnight, or (`-ttt`, `-ttttt`) another packet.
    Day,
    /// The epoch.
    Epoch,
}

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

/// Whether a line is a packet's first line.
pub fn is_packet(line: &str) -> bool {
    head(line).is_some_and(|head| head.ip || head.time.is_some_and(|_| other_protocol(head.rest)))
}

/// Whether a line begins with a time as tcpdump prints it.
pub fn has_time(line: &str) -> bool {
    time(without_number(line)).is_some()
}

/// What tcpdump says besides the packets.
pub fn is_notice(line: &str) -> bool {
    let line = line.trim();
    if line == "^C"
        || line.starts_with("tcpdump: ")
        || line.starts_with("listening on ")
        || line.starts_with("reading from file ")
        || line.starts_with("dropped privs to ")
    {
        return true;
    }
    let digits = line
        .trim_start_matches("^C")
        .trim_start_matches(|c: char| c.is_ascii_digit());
    [
        " packets captured",
        " packet captured",
        " packets received by filter",
        " packet received by filter",
        " packets dropped by ",
        " packet dropped by ",
    ]
    .iter()
    .any(|notice| digits.starts_with(notice))
        && digits.len() < line.len()
}

/// The interface of `listening on eth0, link-type EN10MB (Ethernet), …`.
pub fn listening_on(line: &str) -> Option<&str> {
    let line = line.trim();
    let rest = line
        .strip_prefix("tcpdump: ")
        .unwrap_or(line)
        .strip_prefix("listening on ")?;
    rest.split(',').next().map(str::trim)
}

fn other_protocol(rest: &str) -> bool {
    [
        "ARP", "STP", "LLDP", "IPX", "RARP", "AARP", "MPLS", "PPPoE", "LACP", "EAPOL", "loopback", "CDPv",
    ]
    .iter()
    .any(|name| rest.starts_with(name))
        || rest.contains("ethertype ")
        || rest.starts_with("Request who-has")
}

/// `-#` prints the packet's number first.
fn without_number(line: &str) -> &str {
    let trimmed = line.trim_start();
    let digits = trimmed.bytes().take_while(u8::is_ascii_digit).count();
    match trimmed.get(digits..) {
        Some(rest) if digits > 0 && rest.starts_with("  ") => rest.trim_start(),
        _ => trimmed,
    }
}

/// The time a line begins with, in microseconds, and what follows it.
fn time(line: &str) -> Option<((i64, Clock), &str)> {
    let (first, rest) = line.split_once(' ')?;
    let bytes = first.as_bytes();
    if bytes.len() == 10 && bytes.get(4) == Some(&b'-') && bytes.get(7) == Some(&b'-') {
        // `-tttt`: a date, in the zone of the host.
        let (clock, rest) = rest.trim_start().split_once(' ')?;
        let mut parts = first.split('-').map(|part| part.parse::<i64>().ok());
        let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
        let days = days_from_civil(year, month, day)?;
        return Some(((days * DAY + of_day(clock)?, Clock::Epoch), rest));
    }
    if bytes.contains(&b':') {
        return Some(((of_day(first)?, Clock::Day), rest));
    }
    // `-tt`: seconds and a fraction.
    let (seconds, fraction) = first.split_once('.')?;
    if seconds.len() > 11 {
        return None;
    }
    Some(((digits(seconds)? * SECOND + micros(fraction)?, Clock::Epoch), rest))
}

/// The microseconds of `10:00:00.123456`; with `--nano` nine digits.
fn of_day(text: &str) -> Option<i64> {
    let (clock, fraction) = text.split_once('.')?;
    let mut parts = clock.split(':').map(digits);
    let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next()??);
    if parts.next().is_some() || minutes > 59 || seconds > 60 || hours > 100_000 {
        return None;
    }
    Some((hours * 3600 + minutes * 60 + seconds) * SECOND + micros(fraction)?)
}

fn digits(text: &str) -> Option<i64> {
    (!text.is_empty() && text.len() <= 12 && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

/// A decimal fraction of a second in microseconds.
fn micros(text: &str) -> Option<i64> {
    if !(3..=9).contains(&text.len()) {
        return None;
    }
    digits(&format!("{text:0<6}").chars().take(6).collect::<String>())
        .filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Days since 1970-01-01 of a date of the Gregorian calendar.
fn days_from_civil(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Years counted from March, so that the leap day is the last.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let leap_days = year / 4 - year / 100 + year / 400;
    Some(year * 365 + leap_days + (month * 153 + 2) / 5 + day - 1 - 719_468)
}

/// Takes a line apart up to the addresses.
fn head(line: &str) -> Option<Head<'_>> {
    let line = without_number(line);
    let (time, mut rest) = match time(line) {
        Some((time, rest)) => (Some(time), rest.trim_start()),
        None => (None, line),
    };
    let mut interface = None;
    // `-i any`: interface and direction (sll2_if_print); older versions print the direction alone.
    let (first, after) = rest.split_once(' ').unwrap_or((rest, ""));
    let after = after.trim_start();
    let (second, beyond) = after.split_once(' ').unwrap_or((after, ""));
    if matches!(second, "In" | "Out" | "B" | "M" | "P") && !first.contains([',', '>', ':']) {
        interface = Some(first);
        rest = beyond.trim_start();
    } else if matches!(first, "In" | "Out" | "B" | "M" | "P") {
        rest = after;
    }
    // `-e`: the link's header comes first.
    if !rest.starts_with("IP") && (time.is_some() || interface.is_some()) {
        for ethertype in ["ethertype IPv4", "ethertype IPv6"] {
            if let Some(at) = rest.rfind(ethertype) {
                let tail = rest.get(at + ethertype.len()..).unwrap_or_default();
                let tail = tail.trim_start();
                let tail = if tail.starts_with('(') {
                    after_parentheses(tail).unwrap_or(tail)
                } else {
                    tail
                };
                let tail = tail.trim_start_matches([',', ' ']);
                let tail = match tail.strip_prefix("length ") {
                    Some(length) => length.split_once(": ").map_or("", |(_, tail)| tail),
                    None => tail,
                };
                return Some(Head {
                    time,
                    interface,
                    ip: true,
                    rest: verbose(tail),
                });
            }
        }
    }
    let addresses = rest.strip_prefix("IP6 ").or_else(|| rest.strip_prefix("IP "));
    match addresses {
        Some(addresses)
            if time.is_some() || interface.is_some() || addresses.contains(" > ") || addresses.starts_with("(tos ") =>
        {
            Some(Head {
                time,
                interface,
                ip: true,
                rest: verbose(addresses),
            })
        }
        _ => time.map(|time| Head {
            time: Some(time),
            interface,
            ip: false,
            rest,
        }),
    }
}

/// What follows `-v`'s parenthesis of IP header fields.
fn verbose(text: &str) -> &str {
    let text = text.trim_start();
    if text.starts_with('(') {
        return after_parentheses(text).unwrap_or("").trim_start();
    }
    text
}

/// What follows the parenthesis that a text begins with.
fn after_parentheses(text: &str) -> Option<&str> {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return text.get(at + 1..);
                }
            }
            _ => {}
        }
    }
    None
}

/// Why a line's addresses were not read.
enum Unread {
    /// They are names: tcpdump ran without `-n`.
    Names,
    /// They are not there.
    Shape,
}

/// `source > destination: payload`.
fn addresses(text: &str) -> Result<(Endpoint, Endpoint, &str), Unread> {
    let (source, rest) = text.split_once(" > ").ok_or(Unread::Shape)?;
    let (destination, payload) = match rest.split_once(": ") {
        Some(parts) => parts,
        None => (rest.strip_suffix(':').ok_or(Unread::Shape)?, ""),
    };
    if source.contains(' ') || destination.contains(' ') {
        return Err(Unread::Shape);
    }
    let source = endpoint(source).ok_or(Unread::Names)?;
    let destination = endpoint(destination).ok_or(Unread::Names)?;
    Ok((source, destination, payload))
}

/// `10.0.0.1.80`, `10.0.0.1`, `2001:db8::1.443`, `10.0.0.1.https`.
fn endpoint(text: &str) -> Option<Endpoint> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(Endpoint { address, port: None });
    }
    let (address, port) = text.rsplit_once('.')?;
    let address = address.split('%').next()?.parse().ok()?;
    let port = port.parse().ok().or_else(|| service(port))?;
    Some(Endpoint {
        address,
        port: Some(port),
    })
}

/// The ports whose names tcpdump prints without `-nn` in captures around a cluster (IANA service names).
fn service(name: &str) -> Option<u16> {
    Some(match name {
        "domain" => 53,
        "http" => 80,
        "https" => 443,
        "ssh" => 22,
        "kerberos" => 88,
        "ntp" => 123,
        "ldap" => 389,
        "ldaps" => 636,
        "domain-s" => 853,
        "mysql" => 3306,
        "postgresql" => 5432,
        "redis" => 6379,
        "http-alt" | "webcache" => 8080,
        "mdns" => 5353,
        "bootps" => 67,
        "bootpc" => 68,
        "syslog" => 514,
        "nfs" => 2049,
        "amqp" => 5672,
        "etcd-client" => 2379,
        "etcd-server" => 2380,
        _ => return None,
    })
}

/// What a packet carries, by what follows the addresses, and for a DNS answer the name that its first record answers to.
fn payload(text: &str) -> (Transport, Option<String>) {
    let text = text.trim();
    if let Some(rest) = text.strip_prefix("Flags [") {
        return tcp(rest).unwrap_or_else(|| (Transport::Other("tcp".to_owned()), None));
    }
    // `-q` prints `tcp 0` and no flags: which segment it is stays unknown, so it is among the others below.
    // `-v`: `[udp sum ok]`, `[bad udp cksum 0x1234 -> 0x5678!]`, `[no cksum]`.
    let mut inner = text;
    while inner.starts_with('[') {
        let Some((note, rest)) = inner.split_once(']') else {
            break;
        };
        if !note.contains("cksum") && !note.contains("sum ok") {
            break;
        }
        inner = rest.trim_start();
    }
    if let Some(length) = inner
        .strip_prefix("UDP, length ")
        .or_else(|| inner.strip_prefix("UDP, bad length "))
    {
        return (Transport::Udp(leading(length)), None);
    }
    if let Some(length) = inner
        .strip_prefix("udp ")
        .filter(|length| length.starts_with(|c: char| c.is_ascii_digit()))
    {
        return (Transport::Udp(leading(length)), None);
    }
    if let Some(printed) = tcpdump_dns::read(inner) {
        return (Transport::Dns(printed.message), printed.owner);
    }
    let name = inner.split(", length ").next().unwrap_or_default();
    let end = name.char_indices().nth(160).map_or(name.len(), |(at, _)| at);
    (Transport::Other(name.get(..end).unwrap_or_default().to_owned()), None)
}

/// The number a text begins with; 0 where it begins with none.
fn leading(text: &str) -> usize {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    text.get(..digits).and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

/// What follows `Flags [`.
fn tcp(text: &str) -> Option<(Transport, Option<String>)> {
    let (letters, rest) = text.split_once(']')?;
    // `tcp_flag_values` in print-tcp.c: F, S, R, P, `.` for ACK, U, E, W, e; `none` where none is set.
    let has = |letter: char| letters != "none" && letters.contains(letter);
    let mut segment = TcpSegment {
        flags: TcpFlags {
            syn: has('S'),
            ack: has('.'),
            fin: has('F'),
            rst: has('R'),
            psh: has('P'),
        },
        ..TcpSegment::default()
    };
    // The payload's name and content come after the length: what stands there is the peers' text.
    let (fields, after) = rest.split_once(", length ").unwrap_or((rest, ""));
    segment.len = leading(after);
    let outside = fields.split(" options [").next().unwrap_or_default();
    for field in outside.split(',') {
        let field = field.trim();
        if let Some(seq) = field.strip_prefix("seq ") {
            segment.seq = seq.split(':').next().and_then(|seq| seq.trim().parse().ok());
        } else if let Some(ack) = field.strip_prefix("ack ") {
            segment.ack = ack.split(' ').next().and_then(|ack| ack.parse().ok());
        }
    }
    // DNS over TCP: `length 58 17177+ [1au] A? www.example. (56)`.
    let digits = after.bytes().take_while(u8::is_ascii_digit).count();
    if let Some(message) = after.get(digits..).and_then(|rest| rest.strip_prefix(' '))
        && segment.len > 0
        && let Some(printed) = tcpdump_dns::read(message)
    {
        return Some((Transport::Dns(printed.message), printed.owner));
    }
    Some((Transport::Tcp(segment), None))
}

/// A packet whose time still counts from midnight or from another packet.
struct Timed {
    packet: Packet,
    clock: Option<Clock>,
    owner: Option<String>,
}

/// Reads the packets of a capture. `deltas`: the command says `-ttt`, so that each time counts from the packet before.
///
/// tcpdump prints the name that was asked for in answers only with `-vv`; without it, name and type come from the query of the same
/// id, addresses and ports earlier in the capture (or, where an answer comes from another address than was asked, as behind a Service's
/// address, of the same id and client); where the query is not in the capture, from the owner of the first record, which `-v` prints.
pub fn read(sources: &Sources, span: Span, deltas: bool, problems: &mut Vec<Problem>) -> Capture {
    let mut capture = Capture::default();
    let mut packets: Vec<Timed> = Vec::new();
    let mut counts = Counts::default();
    let mut pending: Option<(Span, Head<'_>)> = None;
    for (line_span, line) in sources.lines_in(span) {
        if let Some(interface) = listening_on(line) {
            capture.interface.get_or_insert_with(|| interface.to_owned());
            pending = None;
            continue;
        }
        if let Some((first, head)) = pending.take()
            && line.starts_with([' ', '\t'])
        {
            match packet(first.to(line_span), &head, line.trim()) {
                Ok(packet) => packets.push(packet),
                Err(unread) => counts.add(&unread, first),
            }
            continue;
        }
        if line.starts_with('\t') || line.starts_with("    ") && !has_time(line) {
            // A hex dump, or more of a verbose packet.
            continue;
        }
        let Some(head) = head(line) else { continue };
        if !head.ip {
            counts.other += 1;
            counts.first_other.get_or_insert(line_span);
        } else if head.rest.is_empty() {
            pending = Some((line_span, head));
        } else {
            match packet(line_span, &head, head.rest) {
                Ok(packet) => packets.push(packet),
                Err(unread) => counts.add(&unread, line_span),
            }
        }
    }
    counts.say(problems);
    order_times(&mut packets, deltas);
    name_answers(&mut packets);
    capture.packets = packets.into_iter().map(|timed| timed.packet).collect();
    capture
}

fn packet(span: Span, head: &Head<'_>, text: &str) -> Result<Timed, Unread> {
    let (source, destination, rest) = addresses(text)?;
    let (transport, owner) = payload(rest);
    Ok(Timed {
        packet: Packet {
            span,
            time: head.time.map(|(time, _)| time),
            interface: head.interface.map(str::to_owned),
            source,
            destination,
            transport,
        },
        clock: head.time.map(|(_, clock)| clock),
        owner,
    })
}

/// What was not read, to be said once.
#[derive(Default)]
struct Counts {
    names: usize,
    first_name: Option<Span>,
    shape: usize,
    first_shape: Option<Span>,
    other: usize,
    first_other: Option<Span>,
}

impl Counts {
    fn add(&mut self, unread: &Unread, span: Span) {
        match unread {
            Unread::Names => {
                self.names += 1;
                self.first_name.get_or_insert(span);
            }
            Unread::Shape => {
                self.shape += 1;
                self.first_shape.get_or_insert(span);
            }
        }
    }

    fn say(&self, problems: &mut Vec<Problem>) {
        if let Some(span) = self.first_name {
            problems.push(Problem::new(
                span,
                format!(
                    "{} of this capture show host or service names instead of addresses and are left out; capture again with `tcpdump -nn`.",
                    packets(self.names)
                ),
            ));
        }
        if let Some(span) = self.first_shape {
            problems.push(Problem::new(
                span,
                format!(
                    "{} of this capture have no `source > destination:` that can be read; this is the first.",
                    packets(self.shape)
                ),
            ));
        }
        if let Some(span) = self.first_other {
            problems.push(Problem::new(
                span,
                format!("{} of this capture are neither IPv4 nor IPv6 (ARP and the like) and are left out; this is the first.", packets(self.other)),
            ));
        }
    }
}

fn packets(count: usize) -> String {
    if count == 1 {
        "1 packet".to_owned()
    } else {
        format!("{count} packets")
    }
}

/// Makes differences of times mean what they say: adds up `-ttt`'s, and goes on counting past midnight.
fn order_times(packets: &mut [Timed], deltas: bool) {
    let day = |timed: &Timed| timed.packet.time.filter(|_| timed.clock == Some(Clock::Day));
    let times: Vec<i64> = packets.iter().filter_map(day).collect();
    // `-ttt` and `-ttttt` both begin at zero; only differences go down again.
    let falls = times
        .iter()
        .zip(times.iter().skip(1))
        .any(|(before, after)| after < before);
    let deltas = deltas || (times.first() == Some(&0) && falls);
    let mut last = 0_i64;
    let mut added = 0_i64;
    for timed in packets.iter_mut() {
        let Some(time) = day(timed) else { continue };
        if deltas {
            added = added.saturating_add(time);
            timed.packet.time = Some(added);
            continue;
        }
        if time + DAY / 2 < last {
            added += DAY;
        }
        last = time;
        timed.packet.time = Some(time + added);
    }
}

/// Gives answers the name and type that their query asked for.
fn name_answers(packets: &mut [Timed]) {
    type Asked = (Option<String>, Option<String>);
    let mut by_addresses: BTreeMap<(u16, Endpoint, Endpoint), Asked> = BTreeMap::new();
    let mut by_client: BTreeMap<(u16, Endpoint), Asked> = BTreeMap::new();
    for timed in packets {
        let packet = &mut timed.packet;
        let Transport::Dns(message) = &mut packet.transport else {
            continue;
        };
        if !message.response {
            let asked = (message.name.clone(), message.qtype.clone());
            by_addresses.insert((message.id, packet.source, packet.destination), asked.clone());
            by_client.insert((message.id, packet.source), asked);
            continue;
        }
        if message.name.is_some() {
            continue;
        }
        let asked = by_addresses
            .get(&(message.id, packet.destination, packet.source))
            .or_else(|| by_client.get(&(message.id, packet.destination)));
        if let Some((name, qtype)) = asked {
            message.name.clone_from(name);
            message.qtype.clone_from(qtype);
        } else {
            message.name.clone_from(&timed.owner);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Capture, read};
    use crate::artifact::Transport;
    use crate::text::Sources;

    fn capture(text: &str) -> (Capture, Vec<String>) {
        let mut sources = Sources::default();
        let id = sources.add("paste", text);
        let mut problems = Vec::new();
        let capture = read(&sources, sources.whole(id), false, &mut problems);
        (capture, problems.into_iter().map(|problem| problem.message).collect())
    }

    fn shown(capture: &Capture) -> Vec<String> {
        capture
            .packets
            .iter()
            .map(|packet| format!("{} > {}", packet.source, packet.destination))
            .collect()
    }

    #[test]
    fn every_time_format_gives_the_same_differences() {
        for text in [
            "10:00:00.000000 IP 10.0.0.1.5000 > 10.0.0.2.80: Flags [S], seq 7, win 1, length 0\n10:00:01.500000 IP 10.0.0.2.80 > 10.0.0.1.5000: Flags [S.], seq 1, ack 8, win 1, length 0\n",
            "1714557600.000000 IP 10.0.0.1.5000 > 10.0.0.2.80: Flags [S], seq 7, length 0\n1714557601.500000 IP 10.0.0.2.80 > 10.0.0.1.5000: Flags [S.], seq 1, ack 8, length 0\n",
            "2024-05-01 23:59:59.000000 IP 10.0.0.1.5000 > 10.0.0.2.80: Flags [S], seq 7, length 0\n2024-05-02 00:00:00.500000 IP 10.0.0.2.80 > 10.0.0.1.5000: Flags [S.], seq 1, ack 8, length 0\n",
            "23:59:59.000000 IP 10.0.0.1.5000 > 10.0.0.2.80: Flags [S], seq 7, length 0\n00:00:00.500000 IP 10.0.0.2.80 > 10.0.0.1.5000: Flags [S.], seq 1, ack 8, length 0\n",
            " 00:00:00.000000 IP 10.0.0.1.5000 > 10.0.0.2.80: Flags [S], seq 7, length 0\n 00:00:01.500000 IP 10.0.0.2.80 > 10.0.0.1.5000: Flags [S.], seq 1, ack 8, length 0\n",
        ] {
            let (capture, problems) = capture(text);
            assert!(problems.is_empty(), "{problems:?}");
            let times: Vec<i64> = capture.packets.iter().filter_map(|packet| packet.time).collect();
            assert_eq!(times[1] - times[0], 1_500_000, "{text}");
            let Transport::Tcp(segment) = &capture.packets[1].transport else {
                panic!()
            };
            assert!(segment.flags.syn && segment.flags.ack && !segment.flags.rst);
            assert_eq!((segment.seq, segment.ack), (Some(1), Some(8)));
        }
        // 2024-05-01 00:00 UTC is 1714521600 seconds after the epoch (`date -u -d 2024-05-01 +%s`).
        let (dated, _) =
            capture("2024-05-01 00:00:00.000001 IP 10.0.0.1 > 10.0.0.2: ICMP echo request, id 1, seq 1, length 64\n");
        assert_eq!(dated.packets[0].time, Some(1_714_521_600_000_001));
    }

    #[test]
    fn differences_between_packets_are_added_up() {
        let line = |time: &str| format!(" {time} IP 10.0.0.1.5000 > 10.0.0.2.80: Flags [.], ack 1, length 0\n");
        let text = ["00:00:00.000000", "00:00:00.127522", "00:00:00.000088"]
            .map(line)
            .concat();
        let (capture, _) = capture(&text);
        let times: Vec<_> = capture.packets.iter().filter_map(|packet| packet.time).collect();
        assert_eq!(times, [0, 127_522, 127_610]);
    }

    #[test]
    fn interfaces_links_and_verbose_packets_are_read() {
        let text = "tcpdump: listening on any, link-type LINUX_SLL2 (Linux cooked v2), snapshot length 262144 bytes\n\
            10:00:00.000000 eni1a In  IP 10.0.0.1.5000 > 10.0.0.2.80: Flags [S], seq 7, win 1, length 0\n\
            10:00:00.000001 eth0  Out IP (tos 0x2,ECT(0), ttl 64, id 1, offset 0, flags [DF], proto TCP (6), length 60)\n    \
            10.0.0.3.5000 > 10.0.0.4.https: Flags [R.], cksum 0x1 (correct), seq 0, ack 8, win 0, length 0\n\
            10:00:00.000002 IP6 (hlim 64, next-header UDP (17), payload length 60) 2001:db8::1.5000 > 2001:db8::2.53: [udp sum ok] 9+ A? a.example. (27)\n\
            10:00:00.000003 02:00:00:00:00:01 > 02:00:00:00:00:02, ethertype IPv4 (0x0800), length 74: 10.0.0.5.1 > 10.0.0.6.2: UDP, length 32\n\
            \t0x0000:  4500 003c\n\
            ^C\n4 packets captured\n";
        let (capture, problems) = capture(text);
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(capture.interface.as_deref(), Some("any"));
        assert_eq!(
            shown(&capture),
            [
                "10.0.0.1:5000 > 10.0.0.2:80",
                "10.0.0.3:5000 > 10.0.0.4:443",
                "[2001:db8::1]:5000 > [2001:db8::2]:53",
                "10.0.0.5:1 > 10.0.0.6:2"
            ]
        );
        assert_eq!(capture.packets[0].interface.as_deref(), Some("eni1a"));
        let Transport::Tcp(reset) = &capture.packets[1].transport else {
            panic!()
        };
        assert!(reset.flags.rst && reset.flags.ack);
        assert!(
            matches!(&capture.packets[2].transport, Transport::Dns(message) if message.name.as_deref() == Some("a.example"))
        );
        assert!(matches!(capture.packets[3].transport, Transport::Udp(32)));
    }

    #[test]
    fn answers_get_the_name_of_their_query() {
        let text = "10:00:00.000000 IP 10.0.0.1.5000 > 172.20.0.10.53: 1+ A? a.example. (27)\n\
            10:00:00.000001 IP 10.0.0.1.5000 > 172.20.0.10.53: 2+ AAAA? a.example. (27)\n\
            10:00:00.000002 IP 172.20.0.10.53 > 10.0.0.1.5000: 2 NXDomain 0/1/0 (90)\n\
            10:00:00.000003 IP 10.0.7.7.53 > 10.0.0.1.5000: 1 1/0/0 A 192.0.2.1 (43)\n\
            10:00:00.000004 IP 172.20.0.10.53 > 10.0.0.9.5000: 1 1/0/0 A 192.0.2.1 (43)\n";
        let (capture, _) = capture(text);
        let asked: Vec<_> = capture
            .packets
            .iter()
            .map(|packet| match &packet.transport {
                Transport::Dns(message) => (message.name.as_deref(), message.qtype.as_deref()),
                _ => panic!(),
            })
            .collect();
        assert_eq!(asked[2], (Some("a.example"), Some("AAAA")));
        assert_eq!(asked[3], (Some("a.example"), Some("A")));
        assert_eq!(asked[4], (None, None));
    }

    #[test]
    fn names_are_said_and_not_guessed() {
        let (capture, problems) =
            capture("10:00:00.000000 IP ip-10-0-0-1.ec2.internal.5000 > kube-dns.domain: 1+ A? a. (20)\n");
        assert!(capture.packets.is_empty());
        assert!(problems.len() == 1 && problems[0].contains("tcpdump -nn"));
    }
}
