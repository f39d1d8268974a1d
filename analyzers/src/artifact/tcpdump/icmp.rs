//! ICMP and ICMPv6: `icmp_print` in print-icmp.c and `icmp6_print` in print-icmp6.c of the-tcpdump-group/tcpdump.

use super::endpoint::{endpoint, port_of};
use super::text::{any_number, at_most, word};
use crate::artifact::{Endpoint, Icmp, Quoted};

/// More bytes than any of tcpdump's own sentences about one message has.
const LONGEST: usize = 200;

/// What follows `ICMP ` or `ICMP6, `, and whether the checksum is said to be wrong.
pub fn read(text: &str, v6: bool) -> (Icmp, Option<bool>) {
    let wrong = text.contains("(wrong icmp cksum").then_some(false);
    let message = at_most(message(text), LONGEST);
    let mut icmp = Icmp {
        v6,
        message: message.into(),
        ..Icmp::default()
    };
    if let Some((kind, code)) = if v6 { kind6(message) } else { kind4(message) } {
        icmp.kind = Some(kind);
        icmp.code = code;
    }
    for field in message.split(", ").skip(1).take(4) {
        if let Some(id) = field.strip_prefix("id ") {
            icmp.id = any_number(id).and_then(|id| u16::try_from(id).ok());
        } else if let Some(seq) = field.strip_prefix("seq ") {
            icmp.seq = any_number(seq).and_then(|seq| u16::try_from(seq).ok());
        }
    }
    icmp.mtu = message
        .split_once("mtu ")
        .and_then(|(_, mtu)| any_number(mtu))
        .filter(|_| matches!((v6, icmp.kind), (false, Some(3)) | (true, Some(2))));
    icmp.quoted = about(&icmp);
    (icmp, wrong)
}

/// The sentence without the length that ends it, or, in ICMPv6 with `-v`, stands inside it.
fn message(text: &str) -> &str {
    match text.find(", length ") {
        Some(at) => text.get(..at).unwrap_or(text),
        None => text.trim_end(),
    }
}

/// Type and code of ICMP by the sentence, which tells the code only where it matters (RFC 792, RFC 1812, RFC 950, RFC 8335).
fn kind4(message: &str) -> Option<(u8, Option<u8>)> {
    if let Some(number) = message.strip_prefix("type-#") {
        return Some((u8::try_from(any_number(number)?).ok()?, None));
    }
    if message.contains(" unreachable") {
        return Some((3, unreachable4(message)));
    }
    [
        ("echo reply", 0, None),
        ("source quench", 4, None),
        ("redirect-tos ", 5, None),
        ("redirect ", 5, None),
        ("redirect-#", 5, None),
        ("echo request", 8, None),
        ("router advertisement", 9, None),
        ("router solicitation", 10, None),
        ("time exceeded in-transit", 11, Some(0)),
        ("ip reassembly time exceeded", 11, Some(1)),
        ("time exceeded-#", 11, None),
        ("parameter problem", 12, None),
        ("time stamp query", 13, None),
        ("time stamp reply", 14, None),
        ("information request", 15, None),
        ("information reply", 16, None),
        ("address mask request", 17, None),
        ("address mask is", 18, None),
        ("extended echo request", 42, None),
        ("extended echo reply", 43, None),
    ]
    .into_iter()
    .find(|(words, ..)| message.starts_with(words))
    .map(|(words, kind, code)| match words {
        "redirect " => (kind, Some(u8::from(message.contains(" to host ")))),
        "redirect-tos " => (kind, Some(2 + u8::from(message.contains(" to host ")))),
        _ => (kind, code),
    })
}

/// The code of `destination unreachable` (RFC 792, RFC 1122, RFC 1812).
fn unreachable4(message: &str) -> Option<u8> {
    let (before, after) = message.split_once(" unreachable")?;
    let net = before.starts_with("net ");
    let host = before.starts_with("host ");
    let reason = after.strip_prefix(" - ").unwrap_or("").trim();
    Some(match reason {
        "" if net => 0,
        "" if host => 1,
        "" if before.contains(" port ") => 3,
        "" if before.contains(" protocol ") => 2,
        "source route failed" => 5,
        "unknown" if net => 6,
        "unknown" if host => 7,
        "source host isolated" => 8,
        "admin prohibited" if net => 9,
        "admin prohibited" if host => 10,
        "tos prohibited" if net => 11,
        "tos prohibited" if host => 12,
        "admin prohibited filter" => 13,
        "host precedence violation" => 14,
        "precedence cutoff" => 15,
        _ if reason.starts_with("need to frag") => 4,
        _ => u8::try_from(any_number(reason.strip_prefix('#')?)?).ok()?,
    })
}

/// Type and code of ICMPv6 by the sentence (RFC 4443, RFC 4861, RFC 2710, RFC 3810).
fn kind6(message: &str) -> Option<(u8, Option<u8>)> {
    let words = message.strip_prefix("destination unreachable, ").unwrap_or(message);
    if words.contains(" unreachable") && words.contains(" port ") {
        return Some((1, Some(4)));
    }
    [
        ("unreachable route", 1, Some(0)),
        ("unreachable prohibited", 1, Some(1)),
        ("beyond scope", 1, Some(2)),
        ("unreachable address", 1, Some(3)),
        ("unreachable port", 1, Some(4)),
        ("unknown unreach code", 1, None),
        ("destination unreachable", 1, None),
        ("packet too big", 2, None),
        ("time exceeded in-transit", 3, Some(0)),
        ("ip reassembly time exceeded", 3, Some(1)),
        ("time exceeded", 3, None),
        ("parameter problem, errorneous", 4, Some(0)),
        ("parameter problem, next header", 4, Some(1)),
        ("parameter problem, option", 4, Some(2)),
        ("parameter problem, incomplete header chain", 4, Some(3)),
        ("parameter problem", 4, None),
        ("echo request", 128, None),
        ("echo reply", 129, None),
        ("multicast listener query", 130, None),
        ("multicast listener report v2", 143, None),
        ("multicast listener report", 131, None),
        ("multicast listener done", 132, None),
        ("router solicitation", 133, None),
        ("router advertisement", 134, None),
        ("neighbor solicitation", 135, None),
        ("neighbor advertisement", 136, None),
        ("redirect", 137, None),
        ("router renumbering", 138, None),
        ("node information query", 139, None),
        ("node information reply", 140, None),
    ]
    .into_iter()
    .find(|(start, ..)| words.starts_with(start))
    .map(|(_, kind, code)| (kind, code))
}

/// The address and port that the sentence itself names.
fn about(icmp: &Icmp) -> Option<Quoted> {
    let error = matches!((icmp.v6, icmp.kind?), (false, 3 | 11 | 12) | (true, 1..=4));
    if !error {
        return None;
    }
    let mut message = &*icmp.message;
    for start in [
        "destination unreachable, ",
        "unreachable route ",
        "unreachable prohibited ",
        "unreachable address ",
        "unreachable port, ",
        "beyond scope ",
        "time exceeded in-transit for ",
        "net ",
        "host ",
    ] {
        message = message.strip_prefix(start).unwrap_or(message);
    }
    let (address, rest) = word(message);
    let mut destination = endpoint(address.trim_end_matches(',')).map(|end| end.address)?;
    let mut port = None;
    let mut protocol = None;
    // `10.0.0.1 udp port 53 unreachable`, `10.0.0.1 protocol 47 port 5 unreachable`, `10.0.0.1 protocol 47 unreachable`.
    let (name, rest) = word(rest);
    if matches!(name, "tcp" | "udp") {
        protocol = Some(if name == "tcp" { 6 } else { 17 });
        port = rest.strip_prefix("port ").and_then(|port| port_of(word(port).0));
    } else if name == "protocol" {
        protocol = any_number(rest).and_then(|number| u8::try_from(number).ok());
    }
    // tcpdump prints an IPv4 address that is embedded in IPv6 as such; it is compared as it was sent.
    if let std::net::IpAddr::V4(v4) = destination
        && icmp.v6
    {
        destination = v4.to_ipv6_mapped().into();
    }
    Some(Quoted {
        source: None,
        destination: Some(Endpoint {
            address: destination,
            port,
        }),
        protocol,
    })
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn errors_say_what_they_are_about() {
        for (text, v6, kind, code, destination) in [
            (
                "10.100.0.10 udp port 53 unreachable, length 92",
                false,
                3,
                Some(3),
                Some("10.100.0.10:53"),
            ),
            (
                "10.0.3.17 tcp port https unreachable, length 68",
                false,
                3,
                Some(3),
                Some("10.0.3.17:443"),
            ),
            (
                "host 10.0.3.99 unreachable, length 92",
                false,
                3,
                Some(1),
                Some("10.0.3.99"),
            ),
            (
                "host 10.0.3.99 unreachable - admin prohibited filter, length 36",
                false,
                3,
                Some(13),
                Some("10.0.3.99"),
            ),
            (
                "net 10.9.0.1 unreachable, length 36",
                false,
                3,
                Some(0),
                Some("10.9.0.1"),
            ),
            (
                "10.0.3.17 unreachable - need to frag (mtu 1480), length 556",
                false,
                3,
                Some(4),
                Some("10.0.3.17"),
            ),
            (
                "10.0.3.17 protocol 47 unreachable, length 92",
                false,
                3,
                Some(2),
                Some("10.0.3.17"),
            ),
            ("time exceeded in-transit, length 36", false, 11, Some(0), None),
            ("echo request, id 1292, seq 1, length 64", false, 8, None, None),
            (
                "destination unreachable, unreachable port, 2001:db8::1 udp port 53, length 92",
                true,
                1,
                Some(4),
                Some("[2001:db8::1]:53"),
            ),
            ("packet too big, mtu 1280, length 1240", true, 2, None, None),
            (
                "neighbor solicitation, who has fe80::1, length 32",
                true,
                135,
                None,
                None,
            ),
        ] {
            let (icmp, _) = read(text, v6);
            assert_eq!((icmp.kind, icmp.code), (Some(kind), code), "{text}");
            let about = icmp
                .quoted
                .and_then(|quoted| quoted.destination)
                .map(|end| end.to_string());
            assert_eq!(about.as_deref(), destination, "{text}");
        }
        let (need, _) = read("10.0.3.17 unreachable - need to frag (mtu 1480), length 556", false);
        assert_eq!(need.mtu, Some(1480));
        assert_eq!(read("packet too big, mtu 1280, length 1240", true).0.mtu, Some(1280));
        let (echo, _) = read("echo reply, id 7, seq 65535, length 64", false);
        assert_eq!((echo.id, echo.seq, echo.kind), (Some(7), Some(65_535), Some(0)));
        assert_eq!(
            read("echo reply, id 7, seq 1, length 64 (wrong icmp cksum 1 (->2)!)", false).1,
            Some(false)
        );
        assert_eq!(read("something new, length 8", false).0.kind, None);
    }
}
