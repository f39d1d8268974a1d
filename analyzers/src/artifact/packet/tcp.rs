//! TCP (RFC 9293) with its options.

use super::bytes::{u8_at, u16_at, u32_at};
use super::ip::Payload;
use super::{Decoded, dns};
use crate::artifact::{Numbers, TcpFlags, TcpOptions, TcpSegment, Transport};

/// A segment.
pub fn read(payload: Payload<'_>, decoded: &mut Decoded) {
    let data = payload.data;
    if let Some((source, destination)) = &mut decoded.ends {
        source.port = u16_at(data, 0);
        destination.port = u16_at(data, 2);
    }
    let (Some(seq), Some(ack), Some(bits), Some(window)) =
        (u32_at(data, 4), u32_at(data, 8), u16_at(data, 12), u16_at(data, 14))
    else {
        decoded.cut = true;
        decoded.transport = Some(Transport::Other("tcp".into()));
        return;
    };
    let flags = flags(bits);
    let header_len = usize::from(bits >> 12) * 4;
    let len = payload.len.saturating_sub(header_len);
    let segment = TcpSegment {
        flags,
        numbers: Numbers::Absolute,
        seq: Some(seq),
        ack: flags.ack.then_some(ack),
        window: Some(window),
        len,
        options: data.get(20..header_len.min(data.len())).and_then(options).map(Box::new),
    };
    decoded.length = len;
    let dns_port = decoded
        .ends
        .is_some_and(|(source, destination)| source.port == Some(53) || destination.port == Some(53));
    // Over TCP a message's length comes first (RFC 1035, section 4.2.2).
    if dns_port
        && len > 2
        && let Some(message) = data.get(header_len + 2..).and_then(dns::read)
        && u16_at(data, header_len).is_some_and(|said| usize::from(said) + 2 <= len)
    {
        let mut message = message;
        message.tcp = Some(Box::new(segment));
        decoded.transport = Some(Transport::Dns(message));
        return;
    }
    decoded.transport = Some(Transport::Tcp(segment));
}

fn flags(bits: u16) -> TcpFlags {
    TcpFlags {
        fin: bits & 1 != 0,
        syn: bits & 2 != 0,
        rst: bits & 4 != 0,
        psh: bits & 8 != 0,
        ack: bits & 16 != 0,
        urg: bits & 32 != 0,
        ece: bits & 64 != 0,
        cwr: bits & 128 != 0,
        ae: bits & 256 != 0,
    }
}

/// Kind, length and value of each (RFC 9293, section 3.1).
fn options(data: &[u8]) -> Option<TcpOptions> {
    let mut options = TcpOptions::default();
    let mut rest = data;
    while let Some((&kind, after)) = rest.split_first() {
        match kind {
            0 => break,
            1 => {
                rest = after;
                continue;
            }
            _ => {}
        }
        let Some(len) = u8_at(after, 0).map(usize::from).filter(|len| *len >= 2) else {
            break;
        };
        let Some(value) = rest.get(2..len) else { break };
        match (kind, value.len()) {
            (2, 2) => options.mss = u16_at(value, 0),
            (3, 1) => options.wscale = u8_at(value, 0),
            (4, 0) => options.sack_ok = true,
            (5, _) => {
                let blocks = value.chunks_exact(8);
                options
                    .sack
                    .extend(blocks.filter_map(|block| u32_at(block, 0).zip(u32_at(block, 4))));
            }
            (8, 8) => options.timestamps = u32_at(value, 0).zip(u32_at(value, 4)),
            _ => {}
        }
        rest = rest.get(len..).unwrap_or_default();
    }
    (options != TcpOptions::default()).then_some(options)
}
