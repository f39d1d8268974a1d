//! Packets in packets: VXLAN (RFC 7348), Geneve (RFC 8926), GRE (RFC 2784, RFC 2890) and IP in IP (RFC 2003).

use super::bytes::{from, u8_at, u16_at, u32_at};
use super::{DEEPEST, Decoded, ethernet, ip, mpls};
use crate::artifact::{Transport, Tunnel, TunnelKind};

/// Ethernet frames as a protocol of GRE and Geneve.
const BRIDGED: u16 = 0x6558;

/// Reads what is inside; where that is no IP packet, the packet around it stays the packet.
fn enter(
    kind: TunnelKind,
    id: Option<u32>,
    name: &str,
    decoded: &mut Decoded,
    depth: usize,
    read: impl FnOnce(&mut Decoded, usize),
) {
    let (ends, outer, length) = (decoded.ends.take(), decoded.ip.take(), decoded.length);
    decoded.transport = None;
    if depth < DEEPEST {
        read(decoded, depth + 1);
    }
    if decoded.ends.is_none() {
        decoded.ends = ends;
        decoded.ip = outer;
        decoded.length = length;
        decoded.transport = Some(Transport::Other(name.into()));
    } else if let Some((source, destination)) = ends {
        let tunnel = Tunnel {
            kind,
            source,
            destination,
            id,
        };
        // The inner ones are read first.
        decoded.header.tunnels.insert(0, tunnel);
    }
}

/// IP in IP.
pub fn ip(data: &[u8], decoded: &mut Decoded, depth: usize) {
    enter(TunnelKind::Ip, None, "IP", decoded, depth, |decoded, depth| {
        ip::read(data, None, decoded, depth);
    });
}

/// A frame of that type, or an IP packet.
fn typed(kind: u16, data: &[u8], decoded: &mut Decoded, depth: usize) {
    if kind == BRIDGED {
        ethernet::read(data, decoded, depth);
    } else {
        ethernet::carried(kind, data, decoded, depth);
    }
}

/// GRE, version 0.
pub fn gre(data: &[u8], decoded: &mut Decoded, depth: usize) {
    let (Some(flags), Some(kind)) = (u16_at(data, 0), u16_at(data, 2)) else {
        decoded.cut = true;
        decoded.transport = Some(Transport::Other("GRE".into()));
        return;
    };
    // Checksum, key and sequence number, four bytes each.
    let mut at = 4;
    if flags & 0x8000 != 0 {
        at += 4;
    }
    let mut key = None;
    if flags & 0x2000 != 0 {
        key = u32_at(data, at);
        at += 4;
    }
    if flags & 0x1000 != 0 {
        at += 4;
    }
    let data = if flags.trailing_zeros() >= 3 {
        from(data, at)
    } else {
        &[]
    };
    enter(TunnelKind::Gre, key, "GRE", decoded, depth, |decoded, depth| {
        typed(kind, data, decoded, depth);
    });
}

/// MPLS over UDP (RFC 7510).
pub fn mpls(data: &[u8], decoded: &mut Decoded, depth: usize) {
    enter(TunnelKind::Other, None, "MPLS", decoded, depth, |decoded, depth| {
        mpls::read(data, decoded, depth);
    });
}

/// VXLAN.
pub fn vxlan(data: &[u8], decoded: &mut Decoded, depth: usize) {
    let id = u32_at(data, 4).map(|word| word >> 8);
    enter(TunnelKind::Vxlan, id, "VXLAN", decoded, depth, |decoded, depth| {
        ethernet::read(from(data, 8), decoded, depth);
    });
}

/// Geneve.
pub fn geneve(data: &[u8], decoded: &mut Decoded, depth: usize) {
    let id = u32_at(data, 4).map(|word| word >> 8);
    let options = usize::from(u8_at(data, 0).unwrap_or(0) & 0x3f) * 4;
    let kind = u16_at(data, 2).unwrap_or(0);
    enter(TunnelKind::Geneve, id, "Geneve", decoded, depth, |decoded, depth| {
        typed(kind, from(data, 8 + options), decoded, depth);
    });
}
