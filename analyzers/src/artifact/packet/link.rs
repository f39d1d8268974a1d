//! The kinds of links, by their numbers in capture files (<https://www.tcpdump.org/linktypes.html>), and the small ones of them.

use super::bytes::{from, mac_at, u8_at, u16_at, u32_at};
use super::{Decoded, ethernet, ip};
use crate::artifact::Direction;

/// A kind of link that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkType {
    /// LINKTYPE_ETHERNET.
    Ethernet,
    /// LINKTYPE_RAW.
    Ip,
    /// LINKTYPE_IPV4.
    Ip4,
    /// LINKTYPE_IPV6.
    Ip6,
    /// LINKTYPE_NULL: the family in the order of the machine that captured.
    Null,
    /// LINKTYPE_LOOP: the family in the order of the network.
    Loop,
    /// LINKTYPE_LINUX_SLL.
    Cooked,
    /// LINKTYPE_LINUX_SLL2.
    Cooked2,
}

impl LinkType {
    /// The kind of that number.
    pub fn new(number: u16) -> Option<Self> {
        Some(match number {
            0 => Self::Null,
            1 => Self::Ethernet,
            // 12 and 14 are DLT_RAW of BSD and OpenBSD, which some files have.
            12 | 14 | 101 => Self::Ip,
            228 => Self::Ip4,
            229 => Self::Ip6,
            108 => Self::Loop,
            113 => Self::Cooked,
            276 => Self::Cooked2,
            _ => return None,
        })
    }

    /// Reads a packet of this kind.
    pub fn read(self, data: &[u8], decoded: &mut Decoded) {
        match self {
            Self::Ethernet => ethernet::read(data, decoded, 0),
            Self::Ip => ip::read(data, None, decoded, 0),
            Self::Ip4 => ip::read(data, Some(4), decoded, 0),
            Self::Ip6 => ip::read(data, Some(6), decoded, 0),
            Self::Null | Self::Loop => family(data, decoded),
            Self::Cooked => cooked(data, decoded),
            Self::Cooked2 => cooked2(data, decoded),
        }
    }
}

/// AF_INET is 2 everywhere; AF_INET6 is 24, 28 or 30 on the BSDs and 10 on Linux. The packet's own version says the same.
fn family(data: &[u8], decoded: &mut Decoded) {
    let Some(number) = u32_at(data, 0) else {
        decoded.cut = true;
        return;
    };
    let number = if number > 0xffff { number.swap_bytes() } else { number };
    if matches!(number, 2 | 10 | 24 | 28 | 30) {
        ip::read(from(data, 4), None, decoded, 0);
    } else {
        decoded.protocol = Some("another address family");
    }
}

/// Type, kind of address, its length, eight bytes for it, protocol (pcap-linktype LINUX_SLL).
fn cooked(data: &[u8], decoded: &mut Decoded) {
    let (Some(kind), Some(len), Some(protocol)) = (u16_at(data, 0), u16_at(data, 4), u16_at(data, 14)) else {
        decoded.cut = true;
        return;
    };
    decoded.direction = direction(kind);
    if len == 6 {
        decoded.link = mac_at(data, 6).map(|source| (source, None));
    }
    ethernet::carried(protocol, from(data, 16), decoded, 0);
}

/// Protocol, two unused, interface, kind of address, type, length, eight bytes (pcap-linktype LINUX_SLL2).
fn cooked2(data: &[u8], decoded: &mut Decoded) {
    let (Some(protocol), Some(interface), Some(kind), Some(len)) =
        (u16_at(data, 0), u32_at(data, 4), u8_at(data, 10), u8_at(data, 11))
    else {
        decoded.cut = true;
        return;
    };
    decoded.interface = Some(interface);
    decoded.direction = direction(kind.into());
    if len == 6 {
        decoded.link = mac_at(data, 12).map(|source| (source, None));
    }
    ethernet::carried(protocol, from(data, 20), decoded, 0);
}

fn direction(kind: u16) -> Option<Direction> {
    Some(match kind {
        0 => Direction::In,
        1 => Direction::Broadcast,
        2 => Direction::Multicast,
        3 => Direction::Other,
        4 => Direction::Out,
        _ => return None,
    })
}
