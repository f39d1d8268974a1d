//! Members by their own headers (APPNOTE.TXT, sections 4.3.7 and 4.3.9), where the directory is missing: a cut download.

use std::collections::BTreeSet;
use std::mem;

use memchr::memmem;

use super::super::{le16, le32};
use super::{Entry, Zip, directory, name, zip64};
use crate::archive::fault::Container;
use crate::archive::{Fault, Member};

/// A link's target is no longer than this (Linux's PATH_MAX).
const LONGEST_TARGET: usize = 4096;

/// Reads one member after another, from each header that is found.
pub fn read(zip: &mut Zip<'_>) {
    let mut stored = Vec::new();
    members(zip, &mut stored);
    name_links(zip, &stored);
}

/// Reads the members; `stored` are the numbers of those that are not packed.
fn members(zip: &mut Zip<'_>, stored: &mut Vec<usize>) {
    let bytes = zip.bytes;
    let links = directory::links(bytes);
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
        entry.link = links.get(&at).is_some_and(|path| *path == entry.path);
        let described = entry.packed.is_none();
        if described && (entry.method != 8 || entry.flags & 1 != 0) {
            entry.packed = Some(until_next(bytes, entry.body) as u64);
        }
        let body = entry.body;
        if entry.method == 0 {
            stored.push(zip.parts.members.len());
        }
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
        link: false,
        path: name(header.get(30..30 + named)?),
        flags,
        method: le16(header, 8)?,
        crc: if described { None } else { le32(header, 14) },
        packed: (!described).then_some(packed),
        body: at + 30 + named + extra,
    })
}

/// Takes the links out of the members. A header does not say what is a link; but what links are stored as (Info-ZIP's `zip -y`) is the
/// path of another member, not packed, without a line's end.
fn name_links(zip: &mut Zip<'_>, stored: &[usize]) {
    let paths: BTreeSet<&str> = zip.parts.members.iter().map(|member| member.path.as_str()).collect();
    let there = |path: &String| {
        let folder = format!("{path}/");
        let inside = paths.range(folder.as_str()..).next();
        paths.contains(path.as_str()) || inside.is_some_and(|member| member.starts_with(&folder))
    };
    let links: BTreeSet<usize> = stored
        .iter()
        .filter(|number| {
            let member = zip.parts.members.get(**number);
            member.and_then(pointed_at).as_ref().is_some_and(there)
        })
        .copied()
        .collect();
    if links.is_empty() {
        return;
    }
    for (number, member) in mem::take(&mut zip.parts.members).into_iter().enumerate() {
        if links.contains(&number) {
            let target = String::from_utf8_lossy(&member.bytes).into_owned();
            zip.parts.link(member.path, &target);
        } else {
            zip.parts.members.push(member);
        }
    }
}

/// The path in the archive that a member's text is, if it can be one: seen from the folder that the member is in.
fn pointed_at(member: &Member) -> Option<String> {
    if !member.whole || member.bytes.is_empty() || member.bytes.len() > LONGEST_TARGET {
        return None;
    }
    let target = str::from_utf8(&member.bytes).ok()?;
    if target.starts_with('/') || target.contains(char::is_control) {
        return None;
    }
    let mut path: Vec<&str> = member.path.split('/').collect();
    path.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                path.pop()?;
            }
            part => path.push(part),
        }
    }
    let path = path.join("/");
    // A text that says its own name points nowhere.
    (!path.is_empty() && path != member.path).then_some(path)
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
