//! What an IP packet carries, by what follows its addresses.

use std::sync::Arc;

use super::text::{after_brackets, after_parentheses, any_number, at_most, leading, starts_with_digit};
use super::{dns, endpoint, icmp, tcp};
use crate::artifact::{Transport, TunnelKind};

/// What a packet carries.
pub struct Payload<'a> {
    /// The thing itself.
    pub transport: Transport,
    /// For a DNS answer the name that its first record answers to.
    pub owner: Option<Arc<str>>,
    /// Whether the checksum is right.
    pub checksum: Option<bool>,
    /// The ports, where they stand after IPv6's extension headers.
    pub ports: Option<(u16, u16)>,
    /// The tunnel that this is.
    pub tunnel: Option<Inside<'a>>,
}

/// A tunnel, and the packet inside it as far as it stands on the same line.
pub struct Inside<'a> {
    /// Which tunnel.
    pub kind: TunnelKind,
    /// Its identifier.
    pub id: Option<u32>,
    /// The packet inside; empty where it stands on the next line.
    pub text: &'a str,
}

impl<'a> Payload<'a> {
    fn new(transport: Transport) -> Self {
        Self {
            transport,
            owner: None,
            checksum: None,
            ports: None,
            tunnel: None,
        }
    }

    fn tunnel(name: &str, kind: TunnelKind, id: Option<u32>, text: &'a str) -> Self {
        Self {
            tunnel: Some(Inside { kind, id, text }),
            ..Self::new(Transport::Other(name.into()))
        }
    }
}

/// Reads what follows the addresses.
pub fn read(text: &str) -> Payload<'_> {
    if let Some(rest) = text.strip_prefix("Flags [") {
        return of_tcp(rest);
    }
    let (checksum, text) = notes(text.trim());
    let (ports, text) = after_extensions(text);
    let mut payload = of(text);
    payload.checksum = payload.checksum.or(checksum);
    payload.ports = ports;
    payload
}

/// `-v`: `[udp sum ok]`, `[bad udp cksum 0x1234 -> 0x5678!]`, `[no cksum]`, `[icmp6 sum ok]`.
fn notes(text: &str) -> (Option<bool>, &str) {
    let (mut checksum, mut rest) = (None, text);
    while rest.starts_with('[') {
        let Some(after) = after_brackets(rest) else { break };
        let note = rest.get(..rest.len() - after.len()).unwrap_or("");
        if note.contains("sum ok") {
            checksum = Some(true);
        } else if note.starts_with("[bad ") {
            checksum = Some(false);
        } else if note != "[no cksum]" {
            break;
        }
        rest = after.trim_start();
    }
    (checksum, rest)
}

/// IPv6's extension headers, which name no protocol of their own; after them the ports stand again (`tcp_print`, `udp_print`).
fn after_extensions(text: &str) -> (Option<(u16, u16)>, &str) {
    let mut rest = text;
    for _ in 0..8 {
        let name = ["HBH ", "DSTOPT ", "RT", "frag ", "AH("]
            .iter()
            .find(|name| rest.starts_with(**name));
        let after = match name {
            Some(&"RT") => rest.split_once(' ').map(|(_, after)| after),
            Some(&"AH(") => rest.split_once("): ").map(|(_, after)| after),
            Some(name) => rest.get(name.len()..),
            None => break,
        };
        let Some(mut after) = after else { break };
        while after.starts_with(['(', '[']) {
            match after_parentheses(after).or_else(|| after_brackets(after)) {
                Some(next) => after = next.trim_start_matches(' '),
                None => return (None, text),
            }
        }
        if after.trim().is_empty() {
            return (None, text);
        }
        rest = after.trim_start_matches([' ', ':']);
    }
    if rest.len() == text.len() {
        return (None, text);
    }
    if let Some((source, destination, after)) = endpoint::cut(rest)
        && let (Some(source), Some(destination)) = (endpoint::port_of(source), endpoint::port_of(destination))
    {
        return (Some((source, destination)), notes(after).1);
    }
    (None, notes(rest).1)
}

fn of(text: &str) -> Payload<'_> {
    // `-q` prints `tcp 0` and no flags: which segment it is stays unknown, so it is among the others below.
    if let Some(rest) = text.strip_prefix("Flags [") {
        return of_tcp(rest);
    }
    if let Some(length) = text
        .strip_prefix("UDP, length ")
        .or_else(|| text.strip_prefix("UDP, bad length "))
    {
        return Payload::new(Transport::Udp(leading(length)));
    }
    if let Some(length) = text.strip_prefix("udp ").filter(|length| starts_with_digit(length)) {
        return Payload::new(Transport::Udp(leading(length)));
    }
    if let Some((message, v6)) = text
        .strip_prefix("ICMP ")
        .map(|message| (message, false))
        .or_else(|| text.strip_prefix("ICMP6, ").map(|message| (message, true)))
    {
        let (message, checksum) = icmp::read(message, v6);
        return Payload {
            checksum,
            ..Payload::new(Transport::Icmp(Box::new(message)))
        };
    }
    if starts_with_digit(text)
        && let Some(printed) = dns::read(text)
    {
        return Payload {
            owner: printed.owner,
            ..Payload::new(Transport::Dns(printed.message))
        };
    }
    if let Some(payload) = of_tunnel(text) {
        return payload;
    }
    if super::link::mac(text).is_some() {
        return Payload::tunnel("Ethernet", TunnelKind::Other, None, text);
    }
    Payload::new(Transport::Other(name(text).into()))
}

/// What follows `Flags [`.
fn of_tcp(text: &str) -> Payload<'_> {
    let Some(printed) = tcp::read(text) else {
        return Payload::new(Transport::Other("tcp".into()));
    };
    // The payload's name and content come after the length: what stands there is the peers' text.
    if printed.segment.len > 0
        && let Some(message) = printed.after.strip_prefix(' ')
        && starts_with_digit(message)
        && let Some(mut message) = dns::read(message)
    {
        message.message.tcp = Some(Box::new(printed.segment));
        return Payload {
            owner: message.owner,
            checksum: printed.checksum,
            ..Payload::new(Transport::Dns(message.message))
        };
    }
    Payload {
        checksum: printed.checksum,
        ..Payload::new(Transport::Tcp(printed.segment))
    }
}

/// `VXLAN, flags [I] (0x08), vni 100`, `Geneve, Flags [none], vni 0x64: IP …`, `GREv0, length 88: IP …`, `IP 10.0.0.1 > …`.
fn of_tunnel(text: &str) -> Option<Payload<'_>> {
    let id = |name: &str| text.split_once(name).and_then(|(_, id)| any_number(id));
    if text.starts_with("VXLAN") {
        return Some(Payload::tunnel("VXLAN", TunnelKind::Vxlan, id(", vni "), inner(text)));
    }
    if text.starts_with("Geneve") {
        return Some(Payload::tunnel("Geneve", TunnelKind::Geneve, id(", vni "), inner(text)));
    }
    if text.starts_with("GREv") {
        return Some(Payload::tunnel("GRE", TunnelKind::Gre, id(", key="), inner(text)));
    }
    if text.starts_with("IP ") || text.starts_with("IP6 ") {
        return Some(Payload::tunnel("IP", TunnelKind::Ip, None, text));
    }
    if text.starts_with("MPLS") || text.starts_with("NSH,") || text.starts_with("OTV, ") || text.starts_with("PIMv2") {
        return Some(Payload::tunnel(name(text), TunnelKind::Other, None, inner(text)));
    }
    None
}

/// The IP packet, or the link's header, inside a tunnel on the same line.
pub fn inner(text: &str) -> &str {
    // What stands in brackets may hold the same marks.
    for mark in [
        ": IP ", ": IP6 ", ") IP ", ") IP6 ", ", IP ", ", IP6 ", "] IP ", "] IP6 ",
    ] {
        if let Some(inside) = text.find(mark).and_then(|at| text.get(at + 2..))
            && super::head::bare(inside)
        {
            return inside;
        }
    }
    // Ethernet inside, with `-e`.
    if let Some(at) = text.find(": ")
        && let Some(rest) = text.get(at + 2..)
        && super::link::mac(rest).is_some()
    {
        return rest;
    }
    ""
}

/// The name that tcpdump gives a protocol: what stands before its length.
pub fn name(text: &str) -> &str {
    let end = text.find(", length ").unwrap_or(text.len());
    at_most(text.get(..end).unwrap_or(text), 96).trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tunnels_are_read() {
        let vxlan = read("VXLAN, flags [I] (0x08), vni 100").tunnel.unwrap();
        assert_eq!((vxlan.kind, vxlan.id, vxlan.text), (TunnelKind::Vxlan, Some(100), ""));
        let geneve = read(
            "[no cksum] Geneve, Flags [C], vni 0x1f, options [8 bytes]: IP 10.1.0.1.5 > 10.1.0.2.6: UDP, length 3",
        );
        let geneve = geneve.tunnel.unwrap();
        assert_eq!((geneve.kind, geneve.id), (TunnelKind::Geneve, Some(31)));
        assert_eq!(geneve.text, "IP 10.1.0.1.5 > 10.1.0.2.6: UDP, length 3");
        let gre = read(
            "GREv0, key=0x2a, proto IPv4 (0x0800), length 88: IP 10.1.0.1 > 10.1.0.2: ICMP echo request, id 1, seq 1, length 64",
        );
        assert_eq!(gre.tunnel.unwrap().id, Some(42));
        assert_eq!(
            read("IP 10.1.0.1 > 10.1.0.2: ICMP echo request").tunnel.unwrap().kind,
            TunnelKind::Ip
        );
    }

    #[test]
    fn extension_headers_are_passed_over() {
        let hbh =
            read("HBH (rtalert: 0x0000) (padn) ICMP6, multicast listener report v2, 1 group record(s), length 28");
        assert!(matches!(hbh.transport, Transport::Icmp(icmp) if icmp.kind == Some(143)));
        let fragment = read("frag (0|1232) 53 > 40000: 9 1/0/0 A 192.0.2.1 (43)");
        assert_eq!(fragment.ports, Some((53, 40_000)));
        assert!(matches!(fragment.transport, Transport::Dns(_)));
        let later = read("frag (1232|300)");
        assert!(matches!(later.transport, Transport::Other(name) if &*name == "frag (1232|300)"));
    }

    #[test]
    fn other_protocols_have_their_names() {
        for (text, expected) in [
            ("NTPv4, Client, length 48", "NTPv4, Client"),
            (" ip-proto-50 120", "ip-proto-50 120"),
            ("tcp 0", "tcp 0"),
            ("ESP(spi=0x12345678,seq=0x1), length 100", "ESP(spi=0x12345678,seq=0x1)"),
        ] {
            assert!(
                matches!(read(text).transport, Transport::Other(name) if &*name == expected),
                "{text}"
            );
        }
        assert_eq!(
            read("[bad udp cksum 0x1f6d -> 0x5c1b!] UDP, length 3").checksum,
            Some(false)
        );
    }
}
