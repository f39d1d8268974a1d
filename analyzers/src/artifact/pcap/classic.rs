//! `.pcap`: a header, then a header and the bytes of every packet.

use super::{Ended, Interface, Record, Writer};

/// How a file writes its numbers.
#[derive(Clone, Copy)]
pub struct Order {
    big: bool,
    nanoseconds: bool,
}

impl Order {
    /// By the number that a file begins with.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        let (big, nanoseconds) = match bytes.first_chunk()? {
            [0xa1, 0xb2, 0xc3, 0xd4] => (true, false),
            [0xd4, 0xc3, 0xb2, 0xa1] => (false, false),
            [0xa1, 0xb2, 0x3c, 0x4d] => (true, true),
            [0x4d, 0x3c, 0xb2, 0xa1] => (false, true),
            _ => return None,
        };
        Some(Self { big, nanoseconds })
    }

    fn u32(self, bytes: &[u8], at: usize) -> Option<u32> {
        let bytes = *bytes.get(at..)?.first_chunk()?;
        Some(if self.big {
            u32::from_be_bytes(bytes)
        } else {
            u32::from_le_bytes(bytes)
        })
    }
}

/// More bytes than a packet has (tcpdump's MAXIMUM_SNAPLEN is 262144; offloading makes no larger ones): a larger number is damage.
pub const LARGEST: usize = 16 << 20;

/// Reads the packets.
pub fn read(bytes: &[u8], order: Order, writer: &mut Writer) -> Ended {
    let Some(link) = order.u32(bytes, 20) else {
        return Ended::Cut;
    };
    writer.interface(Interface {
        // The upper half says whether frames have their checksum at the end.
        link: u16::try_from(link & 0xffff).unwrap_or(u16::MAX),
        name: None,
    });
    let mut at = 24;
    while at < bytes.len() {
        let (Some(seconds), Some(fraction), Some(captured), Some(length)) = (
            order.u32(bytes, at),
            order.u32(bytes, at + 4),
            order.u32(bytes, at + 8),
            order.u32(bytes, at + 12),
        ) else {
            return Ended::Cut;
        };
        let captured = captured as usize;
        if captured > LARGEST {
            return Ended::Damaged;
        }
        let fraction = if order.nanoseconds { fraction / 1000 } else { fraction };
        let start = at + 16;
        let end = start + captured;
        writer.packet(&Record {
            time: Some(i64::from(seconds) * 1_000_000 + i64::from(fraction)),
            interface: 0,
            outbound: None,
            data: bytes.get(start..end.min(bytes.len())).unwrap_or_default(),
            length: length as usize,
        });
        if end > bytes.len() {
            return Ended::Cut;
        }
        at = end;
    }
    Ended::Whole
}
