//! The central directory at the end of a zip file (APPNOTE.TXT, sections 4.3.12 to 4.3.16).

use std::collections::BTreeMap;

use memchr::memmem;

use super::super::{le16, le32, le64};
use super::{Entry, name, zip64};

/// The directory's entries, one more than `limit` at the most; `None` where the directory or a member's header is not where it should be.
pub fn entries(bytes: &[u8], limit: usize) -> Option<Vec<Entry>> {
    let (start, count, end) = find(bytes)?;
    // What was put before the archive (a program that unpacks itself) moves everything by its size.
    let moved = if bytes.get(start..)?.starts_with(b"PK\x01\x02") || start == end {
        0
    } else {
        memmem::find(bytes.get(start..end)?, b"PK\x01\x02")?
    };
    let mut at = start.checked_add(moved)?;
    let mut found = Vec::new();
    while bytes.get(at..)?.starts_with(b"PK\x01\x02") {
        let (entry, next) = entry(bytes, at, moved)?;
        found.push(entry);
        if found.len() > limit {
            return Some(found);
        }
        at = next;
    }
    // A damaged entry ends the loop early.
    let low = |count: u64| count & 0xFFFF;
    (low(found.len() as u64) == low(count)).then_some(found)
}

/// Where the directory begins, how many entries it has, and where it ends.
fn find(bytes: &[u8]) -> Option<(usize, u64, usize)> {
    // The end record is 22 bytes and a comment of at most 65535.
    let tail = bytes.len().saturating_sub(22 + 0xFFFF);
    let end = tail + memmem::rfind(bytes.get(tail..)?, b"PK\x05\x06")?;
    let start = le32(bytes, end + 16)?;
    let count = le16(bytes, end + 10)?;
    let before = end.checked_sub(20);
    let locator = before.filter(|at| bytes.get(*at..).is_some_and(|rest| rest.starts_with(b"PK\x06\x07")));
    let Some(locator) = locator else {
        return Some((usize::try_from(start).ok()?, u64::from(count), end));
    };
    let written = usize::try_from(le64(bytes, locator + 8)?).ok();
    let is_record = |at: &usize| bytes.get(*at..).is_some_and(|rest| rest.starts_with(b"PK\x06\x06"));
    // The record stands before its locator, also where all is moved.
    let record = written
        .filter(is_record)
        .or_else(|| memmem::rfind(bytes.get(..locator)?, b"PK\x06\x06"))?;
    let start = usize::try_from(le64(bytes, record.checked_add(48)?)?).ok()?;
    Some((start, le64(bytes, record.checked_add(32)?)?, record))
}

/// Whether an entry is that of a symbolic link. Unix and macOS keep the file's mode in the upper half of the external attributes
/// (section 4.4.15); so do programs that say they are of MS-DOS, whose own attributes are all in the lower half (Info-ZIP's
/// `unix/unix.c`, `mapattr`).
fn is_link(header: &[u8]) -> Option<bool> {
    let mode = le32(header, 38)? >> 16;
    Some(matches!(header.get(5), Some(0 | 3 | 19)) && mode & 0o170_000 == 0o120_000)
}

/// The symbolic links that what is left of a directory tells of: their names, by where their own headers stand.
pub fn links(bytes: &[u8]) -> BTreeMap<usize, String> {
    let entries = memmem::find_iter(bytes, b"PK\x01\x02").filter_map(|at| {
        let header = bytes.get(at..)?;
        let named = usize::from(le16(header, 28)?);
        let local = usize::try_from(le32(header, 42)?).ok()?;
        // Only what points back to a header is an entry; the mark alone may stand anywhere.
        let is_entry = local < at && bytes.get(local..)?.starts_with(b"PK\x03\x04");
        (is_link(header)? && is_entry).then_some((local, name(header.get(46..46 + named)?)))
    });
    entries.collect()
}

/// Reads the entry at `at`, and where the next one stands.
fn entry(bytes: &[u8], at: usize, moved: usize) -> Option<(Entry, usize)> {
    let header = bytes.get(at..)?;
    let named = usize::from(le16(header, 28)?);
    let extra = usize::from(le16(header, 30)?);
    let comment = usize::from(le16(header, 32)?);
    let mut more = zip64(header.get(46 + named..46 + named + extra)?);
    let mut wide = |number: u32| {
        if number == u32::MAX {
            more.next()
        } else {
            Some(u64::from(number))
        }
    };
    wide(le32(header, 24)?)?;
    let packed = wide(le32(header, 20)?)?;
    let local = usize::try_from(wide(le32(header, 42)?)?).ok()?.checked_add(moved)?;
    let own = bytes.get(local..)?;
    if !own.starts_with(b"PK\x03\x04") {
        return None;
    }
    let body = 30 + usize::from(le16(own, 26)?) + usize::from(le16(own, 28)?);
    let entry = Entry {
        link: is_link(header)?,
        path: name(header.get(46..46 + named)?),
        flags: le16(header, 8)?,
        method: le16(header, 10)?,
        crc: Some(le32(header, 16)?),
        packed: Some(packed),
        body: local.checked_add(body)?,
    };
    Some((entry, at + 46 + named + extra + comment))
}
