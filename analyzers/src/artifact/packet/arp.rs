//! ARP (RFC 826) for IPv4 over Ethernet.

use std::net::Ipv4Addr;

use super::bytes::{mac_at, u16_at, u32_at};
use crate::artifact::Arp;

/// A message.
pub fn read(data: &[u8]) -> Option<Arp> {
    let operation = u16_at(data, 6)?;
    if u16_at(data, 2)? != 0x0800 || u16_at(data, 4)? != 0x0604 {
        return None;
    }
    let address = |at| u32_at(data, at).map(|bits| Ipv4Addr::from(bits).into());
    Some(Arp {
        operation,
        sender: address(14),
        target: (operation == 1).then(|| address(24)).flatten(),
        mac: (operation == 2).then(|| mac_at(data, 8)).flatten(),
    })
}
