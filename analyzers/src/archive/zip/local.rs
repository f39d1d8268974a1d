//! Members by their own headers (APPNOTE.TXT, sections 4.3.7 and 4.3.9), where the directory is missing: a cut download.

use memchr::memmem;

use super::super::{le16, le32};
use super::{Entry, Zip, name, zip64};
use crate::archive::Fault;
use crate::archive::fault::Container;

/// Reads one member after another, from each header that is found.
pub fn read(zip: &mut Zip<'_>) {
    let bytes = zip.bytes;
    let mut at = 0;
    while let Some(found) = bytes.get(at..).and_then(|rest| memmem::find(rest, b"PK\x03\x04")) {
        at += found;
        let Some(mut entry) = header(bytes, at) else {
            let member = zip.parts.members.last().map(|member| member.path.clone());
            zip.fault(Fault::CutAfter {
                container: Container::Zip,
                member,
            });
            return;
        };
        let described = entry.packed.is_none();
        if described && (entry.method != 8 || entry.flags & 1 != 0) {
            entry.packed = Some(until_next(bytes, entry.body) as u64);
        }
        let body = entry.body;
        let Some(end) = zip.add(&entry) else { return };
        let rest = bytes.get(end..).unwrap_or_default();
        if described && rest.starts_with(b"PK\x07\x08") {
            check(zip, &entry, le32(rest, 4));
        }
        at = end.max(body);
    }
}

/// The member of the header at `at`. A flag (bit 3) says that checksum and sizes stand behind the packed bytes.
fn header(bytes: &[u8], at: usize) -> Option<Entry> {
    let header = bytes.get(at..)?;
    let flags = le16(header, 6)?;
    let named = usize::from(le16(header, 26)?);
    let extra = usize::from(le16(header, 28)?);
    let fields = header.get(30 + named..30 + named + extra)?;
    let packed = match le32(header, 18)? {
        u32::MAX => zip64(fields).nth(1)?,
        packed => u64::from(packed),
    };
    let described = flags & 8 != 0 && packed == 0;
    Some(Entry {
        path: name(header.get(30..30 + named)?),
        flags,
        method: le16(header, 8)?,
        crc: if described { None } else { le32(header, 14) },
        packed: (!described).then_some(packed),
        body: at + 30 + named + extra,
    })
}

/// How many bytes a stored member of unknown size has: up to the next mark.
fn until_next(bytes: &[u8], body: usize) -> usize {
    let rest = bytes.get(body..).unwrap_or_default();
    memmem::find_iter(rest, b"PK")
        .find(|at| {
            matches!(
                rest.get(at + 2..at + 4),
                Some(b"\x03\x04" | b"\x07\x08" | b"\x01\x02" | b"\x05\x06")
            )
        })
        .unwrap_or(rest.len())
}

/// Compares the checksum of the descriptor with that of the member that was just added.
fn check(zip: &mut Zip<'_>, entry: &Entry, crc: Option<u32>) {
    let wrong = zip.parts.members.last().is_some_and(|member| {
        member.whole && member.path == entry.path && crc.is_some_and(|crc| crc != super::crc32::of(&member.bytes))
    });
    if wrong {
        zip.fault(Fault::Checksum {
            member: entry.path.clone(),
        });
    }
}
