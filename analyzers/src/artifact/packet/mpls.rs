//! MPLS (RFC 3032): labels, and, by its first bits, the IP packet below them.

use super::bytes::{from, u32_at};
use super::{Decoded, ip};

/// More labels than a packet has.
const LABELS: usize = 16;

/// A stack of labels and what is below it.
pub fn read(data: &[u8], decoded: &mut Decoded, depth: usize) {
    if depth == 0 {
        decoded.protocol = Some("MPLS");
    }
    let mut at = 0;
    for _ in 0..LABELS {
        let Some(label) = u32_at(data, at) else { return };
        at += 4;
        // The bottom of the stack.
        if label & 0x100 != 0 {
            let below = from(data, at);
            if matches!(below.first().map(|first| first >> 4), Some(4 | 6)) {
                ip::read(below, None, decoded, depth + 1);
            }
            return;
        }
    }
}
