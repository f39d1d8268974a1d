//! UDP (RFC 768).

use super::bytes::{from, u16_at};
use super::ip::Payload;
use super::{Decoded, dns, tunnel};
use crate::artifact::Transport;

/// A datagram.
pub fn read(payload: Payload<'_>, decoded: &mut Decoded, depth: usize) {
    let data = payload.data;
    let (source, destination) = (u16_at(data, 0), u16_at(data, 2));
    if let Some(ends) = &mut decoded.ends {
        ends.0.port = source;
        ends.1.port = destination;
    }
    let (Some(source), Some(destination)) = (source, destination) else {
        decoded.cut = true;
        decoded.transport = Some(Transport::Other("udp".into()));
        return;
    };
    // 0 is a jumbogram's, or a packet's that the card was still to cut.
    let said = usize::from(u16_at(data, 4).unwrap_or(0));
    let len = if said == 0 { payload.len } else { said }.saturating_sub(8);
    decoded.length = len;
    let content = from(data, 8);
    let is = |port: u16| source == port || destination == port;
    // The ports that tcpdump decides by (udp.h).
    decoded.transport = Some(Transport::Udp(len));
    if (is(53) || is(5353))
        && let Some(message) = dns::read(content)
    {
        decoded.transport = Some(Transport::Dns(message));
    } else if destination == 4789 || destination == 8472 {
        tunnel::vxlan(content, decoded, depth);
    } else if is(6635) {
        tunnel::mpls(content, decoded, depth);
    } else if destination == 6081 {
        tunnel::geneve(content, decoded, depth);
    }
}
