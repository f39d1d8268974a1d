//! Ethernet and its VLANs (IEEE 802.3, 802.1Q, 802.1ad).

use super::bytes::{from, mac_at, u16_at};
use super::{Decoded, arp, ip, mpls};

/// A frame. Inside a tunnel its addresses are not those of the captured link, and are left out.
pub fn read(data: &[u8], decoded: &mut Decoded, depth: usize) {
    let (Some(destination), Some(source), Some(kind)) = (mac_at(data, 0), mac_at(data, 6), u16_at(data, 12)) else {
        decoded.cut |= depth == 0;
        return;
    };
    if depth == 0 {
        decoded.link = Some((source, Some(destination)));
    }
    carried(kind, from(data, 14), decoded, depth);
}

/// What a frame of that type carries (IEEE 802 numbers).
pub fn carried(kind: u16, data: &[u8], decoded: &mut Decoded, depth: usize) {
    let (mut kind, mut data) = (kind, data);
    // More tags than two are nobody's; a loop of them ends.
    for _ in 0..4 {
        if !matches!(kind, 0x8100 | 0x88a8 | 0x9100 | 0x9200) {
            break;
        }
        let (Some(tag), Some(next)) = (u16_at(data, 0), u16_at(data, 2)) else {
            decoded.cut = true;
            return;
        };
        if depth == 0 {
            decoded.header.vlans.push(tag & 0xfff);
        }
        (kind, data) = (next, from(data, 4));
    }
    if depth == 0 {
        decoded.ethertype = Some(kind);
    }
    match kind {
        0x0800 => ip::read(data, Some(4), decoded, depth),
        0x86dd => ip::read(data, Some(6), decoded, depth),
        0x8847 | 0x8848 => mpls::read(data, decoded, depth),
        0x0806 if depth == 0 => {
            decoded.protocol = Some("ARP");
            decoded.length = data.len();
            decoded.arp = arp::read(data);
            decoded.cut |= decoded.arp.is_none();
        }
        _ if depth == 0 => decoded.protocol = Some(name(kind)),
        _ => {}
    }
}

/// What tcpdump calls a type (`ethertype_values` in print-ether.c).
fn name(kind: u16) -> &'static str {
    match kind {
        0..=1500 => "802.3",
        0x0806 => "ARP",
        0x8035 => "Reverse ARP",
        0x8863 => "PPPoE D",
        0x8864 => "PPPoE S",
        0x888e => "EAPOL",
        0x88cc => "LLDP",
        0x88f7 => "PTP",
        0x8809 => "Slow Protocols",
        0x9000 => "Loopback",
        _ => "Unknown",
    }
}
