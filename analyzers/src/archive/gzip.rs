//! RFC 1952: one stream after another, as `cat a.gz b.gz` makes them.

use super::{Member, Parts, TOO_MUCH, deflate, number};

pub fn is(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x1f\x8b\x08")
}

pub fn open(bytes: &[u8], room: usize) -> Parts {
    let mut parts = Parts::default();
    let mut text = Vec::new();
    let mut rest = bytes;
    while is(rest) {
        let Some(body) = header(rest).and_then(|at| rest.get(at..)) else {
            parts.faults.push("The gzip file is cut in its header.".to_owned());
            break;
        };
        let out = deflate::take(body, room.saturating_sub(text.len()));
        text.extend_from_slice(&out.bytes);
        if !out.whole {
            parts.faults.push(if text.len() < room {
                "The gzip file is cut or damaged; its beginning was read.".to_owned()
            } else {
                TOO_MUCH.to_owned()
            });
            break;
        }
        // Checksum and size follow.
        rest = body.get(out.used.saturating_add(8)..).unwrap_or_default();
    }
    parts.members.push(Member {
        path: String::new(),
        bytes: text,
    });
    parts
}

/// Where the deflated bytes begin (RFC 1952, section 2.3.1).
fn header(bytes: &[u8]) -> Option<usize> {
    let flags = *bytes.get(3)?;
    let mut at = 10;
    if flags & 4 != 0 {
        at += 2 + number::<2>(bytes, at)?;
    }
    for flag in [8, 16] {
        if flags & flag != 0 {
            at += bytes.get(at..)?.iter().position(|byte| *byte == 0)? + 1;
        }
    }
    Some(at + if flags & 2 == 0 { 0 } else { 2 })
}
