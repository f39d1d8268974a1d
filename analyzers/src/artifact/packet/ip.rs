//! IPv4 (RFC 791) and IPv6 (RFC 8200) with its extension headers.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::bytes::{from, u8_at, u16_at, u32_at};
use super::{DEEPEST, Decoded, icmp, tcp, tunnel, udp};
use crate::artifact::{Endpoint, IpHeader, Transport};

/// An IP packet's payload.
#[derive(Clone, Copy)]
pub struct Payload<'a> {
    /// What of it was captured.
    pub data: &'a [u8],
    /// How long it is.
    pub len: usize,
}

/// A packet of that version, or of either.
pub fn read(data: &[u8], version: Option<u8>, decoded: &mut Decoded, depth: usize) {
    if depth > DEEPEST {
        return;
    }
    let own = u8_at(data, 0).map(|first| first >> 4);
    match own.filter(|own| version.is_none_or(|version| version == *own)) {
        Some(4) => v4(data, decoded, depth),
        Some(6) => v6(data, decoded, depth),
        _ if depth > 0 => {}
        _ => {
            decoded.cut |= own.is_none();
            decoded.protocol = Some(if version == Some(6) { "IP6" } else { "IP" });
        }
    }
}

fn v4(data: &[u8], decoded: &mut Decoded, depth: usize) {
    let (Some(first), Some(total), Some(source), Some(destination)) =
        (u8_at(data, 0), u16_at(data, 2), u32_at(data, 12), u32_at(data, 16))
    else {
        decoded.cut |= depth == 0;
        return;
    };
    let header_len = usize::from(first & 15) * 4;
    if header_len < 20 || total > 0 && usize::from(total) < header_len {
        // Neither its addresses nor its end are where they should be.
        if depth == 0 {
            decoded.protocol = Some("IP");
        }
        return;
    }
    let fragment = u16_at(data, 6).unwrap_or(0);
    let header = IpHeader {
        tos: u8_at(data, 1).unwrap_or(0),
        ttl: u8_at(data, 8).unwrap_or(0),
        id: u16_at(data, 4),
        dont_fragment: fragment & 0x4000 != 0,
        more_fragments: fragment & 0x2000 != 0,
        offset: u32::from(fragment & 0x1fff) * 8,
        length: total.into(),
    };
    // A length of 0 is a packet that the network card was still to cut into segments.
    let sent = data.len() + decoded.missing;
    let total = if total == 0 { sent } else { usize::from(total).min(sent) };
    let end = total.min(data.len()).max(header_len.min(data.len()));
    let payload = Payload {
        data: data.get(header_len..end).unwrap_or_default(),
        len: total.saturating_sub(header_len),
    };
    let ends = (Ipv4Addr::from(source).into(), Ipv4Addr::from(destination).into());
    carry(ends, header, u8_at(data, 9).unwrap_or(0), payload, decoded, depth);
}

fn v6(data: &[u8], decoded: &mut Decoded, depth: usize) {
    let address = |at: usize| {
        let bytes: Option<&[u8; 16]> = data.get(at..).and_then(|data| data.first_chunk());
        bytes.map(|bytes| IpAddr::from(Ipv6Addr::from(*bytes)))
    };
    let (Some(first), Some(len), Some(source), Some(destination)) =
        (u16_at(data, 0), u16_at(data, 4), address(8), address(24))
    else {
        decoded.cut |= depth == 0;
        return;
    };
    let mut header = IpHeader {
        tos: (first >> 4).to_le_bytes()[0],
        ttl: u8_at(data, 7).unwrap_or(0),
        length: len.into(),
        ..IpHeader::default()
    };
    let sent = (data.len() + decoded.missing).saturating_sub(40);
    let len = if len == 0 { sent } else { usize::from(len).min(sent) };
    let end = (40 + len).min(data.len());
    let mut payload = Payload {
        data: data.get(40..end).unwrap_or_default(),
        len,
    };
    let mut next = u8_at(data, 6).unwrap_or(59);
    // Hop-by-hop, routing, destination options; fragment; authentication (RFC 4302).
    for _ in 0..8 {
        let size = match next {
            0 | 43 | 60 => u8_at(payload.data, 1).map(|len| usize::from(len) * 8 + 8),
            44 => {
                let fragment = u16_at(payload.data, 2).unwrap_or(0);
                header.offset = (fragment & 0xfff8).into();
                header.more_fragments = fragment & 1 != 0;
                Some(8)
            }
            51 => u8_at(payload.data, 1).map(|len| usize::from(len) * 4 + 8),
            _ => break,
        };
        let (Some(size), Some(after)) = (size, u8_at(payload.data, 0)) else {
            break;
        };
        next = after;
        payload.data = from(payload.data, size);
        payload.len = payload.len.saturating_sub(size);
        if header.offset > 0 {
            break;
        }
    }
    carry((source, destination), header, next, payload, decoded, depth);
}

/// The packet, before it is known what it carries.
fn begin(ends: (IpAddr, IpAddr), header: IpHeader, decoded: &mut Decoded) {
    let end = |address| Endpoint { address, port: None };
    decoded.ends = Some((end(ends.0), end(ends.1)));
    decoded.ip = Some(header);
    decoded.length = header.length as usize;
}

fn carry(
    ends: (IpAddr, IpAddr),
    header: IpHeader,
    protocol: u8,
    payload: Payload<'_>,
    decoded: &mut Decoded,
    depth: usize,
) {
    begin(ends, header, decoded);
    decoded.length = payload.len;
    if header.offset > 0 {
        decoded.transport = Some(Transport::Other(name(protocol)));
        return;
    }
    match protocol {
        6 => tcp::read(payload, decoded),
        17 => udp::read(payload, decoded, depth),
        1 | 58 => {
            decoded.transport = Some(icmp::read(payload.data, protocol == 58));
        }
        4 | 41 => tunnel::ip(payload.data, decoded, depth),
        33 | 132 | 136 => {
            ports(payload.data, decoded);
            decoded.transport = Some(Transport::Other(name(protocol)));
        }
        47 => tunnel::gre(payload.data, decoded, depth),
        _ => decoded.transport = Some(Transport::Other(name(protocol))),
    }
}

/// The ports of DCCP, SCTP and UDP-Lite, which stand where TCP's do.
fn ports(data: &[u8], decoded: &mut Decoded) {
    if let Some((source, destination)) = &mut decoded.ends {
        source.port = u16_at(data, 0);
        destination.port = u16_at(data, 2);
    }
}

/// The ends of a packet that an ICMP message quotes, and the number of its protocol.
pub fn quoted(data: &[u8], decoded: &mut Decoded) -> Option<u8> {
    let first = u8_at(data, 0)?;
    // One level: what a quoted packet carries is not read, but for its ports.
    let (protocol, ends, start) = if first >> 4 == 4 {
        let address = |at| u32_at(data, at).map(|bits| IpAddr::from(Ipv4Addr::from(bits)));
        (
            u8_at(data, 9)?,
            (address(12)?, address(16)?),
            usize::from(first & 15) * 4,
        )
    } else if first >> 4 == 6 {
        let address = |at: usize| {
            let bytes: &[u8; 16] = data.get(at..)?.first_chunk()?;
            Some(IpAddr::from(Ipv6Addr::from(*bytes)))
        };
        (u8_at(data, 6)?, (address(8)?, address(24)?), 40)
    } else {
        return None;
    };
    let mut ends = (
        Endpoint {
            address: ends.0,
            port: None,
        },
        Endpoint {
            address: ends.1,
            port: None,
        },
    );
    if matches!(protocol, 6 | 17) {
        ends.0.port = u16_at(data, start);
        ends.1.port = u16_at(data, start + 2);
    }
    decoded.ends = Some(ends);
    Some(protocol)
}

/// What tcpdump calls a protocol (`ipproto_values` and the printers in print-ip-demux.c), otherwise `ip-proto-` and its number.
fn name(protocol: u8) -> Box<str> {
    match protocol {
        1 => "icmp",
        2 => "igmp",
        6 => "tcp",
        17 => "udp",
        33 => "DCCP",
        50 => "ESP",
        51 => "AH",
        58 => "icmp6",
        89 => "OSPF",
        103 => "PIM",
        112 => "VRRP",
        132 => "sctp",
        136 => "UDPlite",
        _ => return format!("ip-proto-{protocol}").into(),
    }
    .into()
}
