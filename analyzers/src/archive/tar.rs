//! ustar (POSIX.1-1988), GNU long names and pax paths.

use super::{Member, Parts, TOO_MUCH};

const BLOCK: usize = 512;

pub fn is(bytes: &[u8]) -> bool {
    bytes.get(257..262) == Some(b"ustar")
}

pub fn open(bytes: &[u8], room: usize, count: usize) -> Parts {
    let mut parts = Parts::default();
    let (mut at, mut left) = (0_usize, room);
    let mut long: Option<String> = None;
    while let Some(header) = bytes.get(at..at.saturating_add(BLOCK)) {
        if header.iter().all(|byte| *byte == 0) {
            return parts;
        }
        let Some(size) = octal(header.get(124..136).unwrap_or_default()).filter(|_| is(header)) else {
            parts.faults.push(format!(
                "The tar archive is damaged at byte {at}; what stands before was read."
            ));
            return parts;
        };
        let start = at + BLOCK;
        let end = start.saturating_add(size);
        let body = bytes.get(start..end.min(bytes.len())).unwrap_or_default();
        let kind = header.get(156).copied().unwrap_or_default();
        match kind {
            b'L' => long = Some(text(body)),
            b'x' => long = pax_path(body).or(long),
            b'0' | 0 | b'7' => {
                if parts.members.len() >= count || body.len() > left {
                    parts.faults.push(TOO_MUCH.to_owned());
                    return parts;
                }
                left -= body.len();
                parts.members.push(Member {
                    path: long.take().unwrap_or_else(|| name(header)),
                    bytes: body.to_vec(),
                });
            }
            b'S' => {
                let path = long.take().unwrap_or_else(|| name(header));
                parts.faults.push(format!("{path} is a sparse file and was not read."));
            }
            // Directories, links and devices hold no text; a global pax header (g) names no file.
            _ => long = None,
        }
        at = end.div_ceil(BLOCK).saturating_mul(BLOCK);
    }
    parts
        .faults
        .push("The tar archive is cut; what stands before the cut was read.".to_owned());
    parts
}

fn text(field: &[u8]) -> String {
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
    String::from_utf8_lossy(field.get(..end).unwrap_or_default()).into_owned()
}

/// Octal digits, between blanks and NULs.
fn octal(field: &[u8]) -> Option<usize> {
    let text = text(field);
    usize::from_str_radix(text.trim(), 8).ok()
}

fn name(header: &[u8]) -> String {
    let name = text(header.get(..100).unwrap_or_default());
    // GNU's magic, `ustar  `, keeps times where POSIX keeps the prefix.
    let prefix = match header.get(262) {
        Some(0) => text(header.get(345..500).unwrap_or_default()),
        _ => String::new(),
    };
    if prefix.is_empty() {
        name
    } else {
        format!("{prefix}/{name}")
    }
}

/// The `path` of a pax header's records: `LENGTH path=VALUE\n`.
fn pax_path(body: &[u8]) -> Option<String> {
    let mut rest = body;
    while let Some(space) = rest.iter().position(|byte| *byte == b' ') {
        let length: usize = std::str::from_utf8(rest.get(..space)?).ok()?.parse().ok()?;
        let record = rest.get(space + 1..length.checked_sub(1)?)?;
        if let Some(path) = record.strip_prefix(b"path=") {
            return Some(String::from_utf8_lossy(path).into_owned());
        }
        rest = rest.get(length..)?;
    }
    None
}
