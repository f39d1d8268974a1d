//! RFC 1952: one stream after another, as `cat a.gz b.gz` makes them.

use super::deflate::{End, Inflater};
use super::fault::{Container, Fault};
use super::{Member, Parts, Room, crc32, le16, le32};

pub fn is(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x1f\x8b\x08")
}

pub fn open(bytes: &[u8], room: &Room) -> Parts {
    let mut parts = Parts::default();
    let mut text = Vec::new();
    let mut rest = bytes;
    let mut whole = true;
    let mut inflater = Inflater::new();
    while is(rest) && whole {
        whole = false;
        let Some(body) = header(rest).and_then(|at| rest.get(at..)) else {
            parts.faults.push(cut(text.len()));
            break;
        };
        let out = inflater.take(body, room.bytes.saturating_sub(text.len()));
        text.extend_from_slice(&out.bytes);
        match out.end {
            End::Whole => whole = true,
            End::Cut => parts.faults.push(cut(text.len())),
            End::Damaged => parts.faults.push(Fault::Damaged { member: String::new() }),
            End::Full => parts.faults.push(room.full()),
        }
        // Checksum and size follow.
        let trailer = body.get(out.used..).unwrap_or_default();
        if whole {
            // The size is counted modulo 2³².
            let size = u32::try_from(out.bytes.len() & 0xFFFF_FFFF).ok();
            match (le32(trailer, 0), le32(trailer, 4)) {
                (Some(sum), written @ Some(_)) if sum == crc32::of(&out.bytes) && written == size => {}
                (Some(_), Some(_)) => parts.faults.push(Fault::Checksum { member: String::new() }),
                _ => parts.faults.push(cut(text.len())),
            }
        }
        rest = trailer.get(8..).unwrap_or_default();
    }
    // Tapes and block devices fill up with zeros.
    if whole && rest.iter().any(|byte| *byte != 0) {
        parts.faults.push(Fault::Trailing { bytes: rest.len() });
    }
    if !parts.faults.contains(&Fault::Bomb) {
        parts.members.push(Member {
            path: String::new(),
            bytes: text,
            whole,
        });
    }
    parts
}

fn cut(there: usize) -> Fault {
    Fault::CutInside {
        container: Container::Gzip,
        member: String::new(),
        there: there as u64,
        size: None,
    }
}

/// Where the deflated bytes begin (RFC 1952, section 2.3.1).
fn header(bytes: &[u8]) -> Option<usize> {
    let flags = *bytes.get(3)?;
    let mut at = 10;
    if flags & 4 != 0 {
        at += 2 + usize::from(le16(bytes, at)?);
    }
    for flag in [8, 16] {
        if flags & flag != 0 {
            at += memchr::memchr(0, bytes.get(at..)?)? + 1;
        }
    }
    at += if flags & 2 == 0 { 0 } else { 2 };
    (at <= bytes.len()).then_some(at)
}
