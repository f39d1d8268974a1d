//! PKWARE's APPNOTE.TXT: the central directory, stored and deflated members.

use super::{Member, Parts, TOO_MUCH, deflate, number};

pub fn is(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

pub fn open(bytes: &[u8], room: usize, count: usize) -> Parts {
    let mut parts = Parts::default();
    let mut left = room;
    // The end record is 22 bytes and a comment of at most 65535 (section 4.3.16).
    let tail = bytes.len().saturating_sub(22 + 0xFFFF);
    let end = bytes
        .get(tail..)
        .and_then(|tail| tail.windows(4).rposition(|four| four == b"PK\x05\x06"));
    let Some(mut at) = end.and_then(|end| number::<4>(bytes, tail + end + 16)) else {
        parts
            .faults
            .push("The zip file is cut: its directory, which stands at its end, is missing.".to_owned());
        return parts;
    };
    while bytes.get(at..).is_some_and(|rest| rest.starts_with(b"PK\x01\x02")) {
        if parts.members.len() >= count {
            parts.faults.push(TOO_MUCH.to_owned());
            return parts;
        }
        let Some(next) = entry(bytes, at, &mut left, &mut parts) else {
            parts
                .faults
                .push("The zip file's directory is damaged; what stands before was read.".to_owned());
            return parts;
        };
        at = next;
    }
    if !bytes
        .get(at..)
        .is_some_and(|rest| rest.starts_with(b"PK\x05\x06") || rest.starts_with(b"PK\x06\x06"))
    {
        parts
            .faults
            .push("The zip file's directory is not where its end says, or damaged.".to_owned());
    }
    parts
}

/// Reads the member of the directory's entry at `at`; where the next entry stands.
fn entry(bytes: &[u8], at: usize, left: &mut usize, parts: &mut Parts) -> Option<usize> {
    let flags = number::<2>(bytes, at + 8)?;
    let method = number::<2>(bytes, at + 10)?;
    let packed = number::<4>(bytes, at + 20)?;
    let named = number::<2>(bytes, at + 28)?;
    let next = at + 46 + named + number::<2>(bytes, at + 30)? + number::<2>(bytes, at + 32)?;
    let local = number::<4>(bytes, at + 42)?;
    let path = String::from_utf8_lossy(bytes.get(at + 46..at + 46 + named)?).into_owned();
    if path.ends_with('/') {
        return Some(next);
    }
    if flags & 1 != 0 {
        parts.faults.push(format!("{path} is encrypted and was not read."));
        return Some(next);
    }
    let start =
        local.checked_add(30 + number::<2>(bytes, local.checked_add(26)?)? + number::<2>(bytes, local + 28)?)?;
    let Some(body) = bytes.get(start..start.checked_add(packed)?) else {
        parts
            .faults
            .push(format!("{path} is cut or larger than 4 GB and was not read."));
        return Some(next);
    };
    let (text, whole) = match method {
        0 => (body.to_vec(), body.len() <= *left),
        8 => {
            let out = deflate::take(body, *left);
            (out.bytes, out.whole)
        }
        _ => {
            parts.faults.push(format!(
                "{path} is packed by method {method}, which is not opened here."
            ));
            return Some(next);
        }
    };
    if !whole {
        parts
            .faults
            .push(format!("{path} is damaged or too large; what could be had was read."));
    }
    let fits = text.get(..text.len().min(*left)).unwrap_or_default().to_vec();
    *left -= fits.len();
    parts.members.push(Member { path, bytes: fits });
    Some(next)
}
