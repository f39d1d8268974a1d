//! Tape archives: v7, ustar (POSIX.1-1988), pax (POSIX.1-2001), and GNU tar's long names and sizes.

use super::fault::{Container, Fault};
use super::{Member, Parts, Room};

const BLOCK: usize = 512;

/// Whether bytes begin with a header whose checksum is right; one that says `ustar` may be damaged.
pub fn is(bytes: &[u8]) -> bool {
    bytes.get(257..262) == Some(b"ustar") || bytes.get(..BLOCK).is_some_and(|block| Header::new(block).is_some())
}

pub fn open(bytes: &[u8], room: &Room) -> Parts {
    let mut tar = Tar {
        bytes,
        left: room.bytes,
        room,
        parts: Parts::default(),
        next: Extended::default(),
        last: None,
        links: 0,
    };
    let mut at = 0_usize;
    // Whether the end mark was seen, and whether a damaged part is being passed over.
    let (mut ended, mut lost) = (false, false);
    while let Some(block) = bytes.get(at..at.saturating_add(BLOCK)) {
        if block.iter().all(|byte| *byte == 0) {
            ended = true;
            at += BLOCK;
            continue;
        }
        let Some(header) = Header::new(block) else {
            // What follows the end mark is nobody's; elsewhere the next header is looked for.
            if ended {
                break;
            }
            if !lost {
                tar.fault(Fault::DamagedAfter {
                    container: Container::Tar,
                    member: tar.last.clone(),
                });
            }
            lost = true;
            at += BLOCK;
            continue;
        };
        (ended, lost) = (false, false);
        let Some(end) = tar.entry(&header, at + BLOCK) else {
            return tar.parts;
        };
        at = end.div_ceil(BLOCK).saturating_mul(BLOCK);
    }
    if !ended && !lost {
        tar.fault(Fault::CutAfter {
            container: Container::Tar,
            member: tar.last.clone(),
        });
    }
    tar.parts
}

/// A header's fields as far as they are needed.
struct Header<'a> {
    block: &'a [u8],
    kind: u8,
    size: u64,
}

impl<'a> Header<'a> {
    /// A header whose checksum is right: the sum of its bytes, with blanks for the checksum's own.
    fn new(block: &'a [u8]) -> Option<Self> {
        let written = octal(block.get(148..156)?)?;
        let mut unsigned = 0_u64;
        let mut signed = 0_i64;
        for (at, byte) in block.iter().enumerate() {
            let byte = if (148..156).contains(&at) { b' ' } else { *byte };
            unsigned += u64::from(byte);
            signed += i64::from(i8::from_ne_bytes([byte]));
        }
        // Some old programs summed signed bytes.
        if written != unsigned && i64::try_from(written) != Ok(signed) {
            return None;
        }
        Some(Self {
            block,
            kind: *block.get(156)?,
            size: octal(block.get(124..136)?)?,
        })
    }

    fn name(&self) -> String {
        let name = text(self.block.get(..100).unwrap_or_default());
        // GNU's magic, `ustar  `, keeps times where POSIX keeps the prefix; v7 has no magic.
        let prefix = match self.block.get(257..263) {
            Some(b"ustar\0") => text(self.block.get(345..500).unwrap_or_default()),
            _ => String::new(),
        };
        if prefix.is_empty() {
            name
        } else {
            format!("{prefix}/{name}")
        }
    }

    fn link(&self) -> String {
        text(self.block.get(157..257).unwrap_or_default())
    }
}

/// What entries of their own say about the entry after them.
#[derive(Default)]
struct Extended {
    path: Option<String>,
    link: Option<String>,
    size: Option<u64>,
    sparse: bool,
}

struct Tar<'a> {
    bytes: &'a [u8],
    left: usize,
    room: &'a Room,
    parts: Parts,
    next: Extended,
    /// The last member's path.
    last: Option<String>,
    links: usize,
}

impl Tar<'_> {
    fn fault(&mut self, fault: Fault) {
        self.parts.faults.push(fault);
    }

    /// Reads an entry whose data begin at `start`; where they end, or `None` where reading ends with it.
    fn entry(&mut self, header: &Header<'_>, start: usize) -> Option<usize> {
        // Links, devices and directories have no data, whatever their size field says.
        let size = match header.kind {
            b'1'..=b'6' => 0,
            _ => self.next.size.unwrap_or(header.size),
        };
        // A size that no memory holds ends after the end of every file.
        let end = usize::try_from(size).map_or(usize::MAX, |size| start.saturating_add(size));
        let body = self.bytes.get(start..end.min(self.bytes.len())).unwrap_or_default();
        match header.kind {
            b'L' => self.next.path = Some(text(body)),
            b'K' => self.next.link = Some(text(body)),
            b'x' | b'X' => pax(body, &mut self.next),
            // A global pax header names no file; a volume has a label.
            b'g' | b'V' => {}
            b'3'..=b'6' | b'D' => drop(self.take(header)),
            b'1' | b'2' => {
                let (member, extended) = self.take(header);
                let target = extended.link.unwrap_or_else(|| header.link());
                self.link(member, target);
            }
            _ => {
                let (member, extended) = self.take(header);
                self.last = Some(member.clone());
                if header.kind == b'S' || extended.sparse {
                    self.fault(Fault::Sparse { member });
                } else if !member.ends_with('/') {
                    return self.file(member, body, size).then_some(end);
                }
            }
        }
        if end > self.bytes.len() {
            let member = self.last.clone();
            self.fault(Fault::CutAfter {
                container: Container::Tar,
                member,
            });
            return None;
        }
        Some(end)
    }

    /// The entry's path, and what was said about it.
    fn take(&mut self, header: &Header<'_>) -> (String, Extended) {
        let mut extended = std::mem::take(&mut self.next);
        let path = extended.path.take().unwrap_or_else(|| header.name());
        (path, extended)
    }

    /// Adds a file; whether reading goes on.
    fn file(&mut self, path: String, body: &[u8], size: u64) -> bool {
        if self.parts.members.len() >= self.room.members {
            self.fault(Fault::TooMany);
            return false;
        }
        let Some(left) = self.left.checked_sub(body.len()) else {
            self.fault(self.room.full());
            return false;
        };
        self.left = left;
        let whole = body.len() as u64 == size;
        if !whole {
            self.fault(Fault::CutInside {
                container: Container::Tar,
                member: path.clone(),
                there: body.len() as u64,
                size: Some(size),
            });
        }
        self.parts.members.push(Member {
            path,
            bytes: body.to_vec(),
            whole,
        });
        whole
    }

    /// Counts the links; the first one's names stand for all.
    fn link(&mut self, member: String, target: String) {
        self.links += 1;
        for fault in &mut self.parts.faults {
            if let Fault::Links { count, .. } = fault {
                *count = self.links;
                return;
            }
        }
        self.fault(Fault::Links {
            count: 1,
            member,
            target,
        });
    }
}

fn text(field: &[u8]) -> String {
    let end = memchr::memchr(0, field).unwrap_or(field.len());
    String::from_utf8_lossy(field.get(..end).unwrap_or_default()).into_owned()
}

/// Octal digits, between blanks and NULs; or, with the first bit set, GNU's binary number, the high byte first.
fn octal(field: &[u8]) -> Option<u64> {
    let (first, rest) = field.split_first()?;
    if first & 0x80 != 0 {
        // The sign is the second bit: a negative size is no size.
        if first & 0x40 != 0 {
            return None;
        }
        return rest.iter().try_fold(u64::from(first & 0x3F), |sum, byte| {
            sum.checked_mul(256)?.checked_add(u64::from(*byte))
        });
    }
    let end = memchr::memchr(0, field).unwrap_or(field.len());
    let digits = field.get(..end)?.trim_ascii();
    digits.iter().try_fold(0_u64, |sum, digit| match digit {
        b'0'..=b'7' => sum.checked_mul(8)?.checked_add(u64::from(digit - b'0')),
        _ => None,
    })
}

/// The records of a pax header: `LENGTH NAME=VALUE\n`, the length counting the whole record. Sparse files of GNU tar's pax formats say
/// so by names that begin with `GNU.sparse`.
fn pax(body: &[u8], found: &mut Extended) {
    let mut rest = body;
    while let Some((record, after)) = record(rest) {
        rest = after;
        let Some(equals) = memchr::memchr(b'=', record) else {
            continue;
        };
        let value = || String::from_utf8_lossy(record.get(equals + 1..).unwrap_or_default()).into_owned();
        match record.get(..equals).unwrap_or_default() {
            b"path" => found.path = Some(value()),
            b"linkpath" => found.link = Some(value()),
            b"size" => found.size = value().parse().ok(),
            b"GNU.sparse.name" => {
                found.path = Some(value());
                found.sparse = true;
            }
            name if name.starts_with(b"GNU.sparse.") => found.sparse = true,
            _ => {}
        }
    }
}

fn record(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let space = bytes.iter().take(20).position(|byte| *byte == b' ')?;
    let length: usize = std::str::from_utf8(bytes.get(..space)?).ok()?.parse().ok()?;
    let record = bytes.get(space + 1..length.checked_sub(1)?)?;
    Some((record, bytes.get(length..)?))
}

#[cfg(test)]
mod tests {
    use super::{octal, open};
    use crate::archive::{Fault, Room};

    /// A header of ustar with its checksum.
    pub fn header(name: &[u8], size: &str, kind: u8, link: &[u8]) -> Vec<u8> {
        let mut block = vec![0_u8; 512];
        block[..name.len()].copy_from_slice(name);
        block[124..124 + size.len()].copy_from_slice(size.as_bytes());
        block[156] = kind;
        block[157..157 + link.len()].copy_from_slice(link);
        block[257..265].copy_from_slice(b"ustar\x0000");
        sum(&mut block);
        block
    }

    fn sum(block: &mut [u8]) {
        block[148..156].copy_from_slice(b"        ");
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    }

    fn file(name: &[u8], kind: u8, body: &[u8]) -> Vec<u8> {
        let mut entry = header(name, &format!("{:011o}", body.len()), kind, b"");
        entry.extend_from_slice(body);
        entry.resize(entry.len().next_multiple_of(512), 0);
        entry
    }

    const ROOM: Room = Room {
        bytes: 1 << 20,
        members: 100,
        bomb: false,
    };

    /// The paths and texts, and the faults.
    fn read(parts: &[&[u8]]) -> (Vec<(String, String)>, Vec<Fault>) {
        let parts = open(&parts.concat(), &ROOM);
        let members = parts.members.into_iter();
        let shown = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (
            members.map(|member| (member.path, shown(member.bytes))).collect(),
            parts.faults,
        )
    }

    const END: [u8; 1024] = [0; 1024];

    #[test]
    fn names_are_as_long_as_they_are() {
        let long = "var_log/".repeat(20) + "messages";
        let mut prefixed = header(b"current.log", "00000000001", b'0', b"");
        prefixed[345..345 + 10].copy_from_slice(b"namespaces");
        sum(&mut prefixed);
        prefixed.extend_from_slice(b"3");
        prefixed.resize(1024, 0);
        let path = format!("{} path={long}\n", long.len() + 10);
        let record = format!("{path}20 mtime=1732183200\n");
        let (members, faults) = read(&[
            &file(b"././@LongLink", b'L', format!("{long}\0").as_bytes()),
            &file(b"cut", b'0', b"1"),
            &file(b"PaxHeaders/x", b'x', record.as_bytes()),
            &file(b"cut", b'0', b"2"),
            &prefixed,
            &END,
        ]);
        let wanted = [
            (long.clone(), "1".to_owned()),
            (long, "2".to_owned()),
            ("namespaces/current.log".to_owned(), "3".to_owned()),
        ];
        assert_eq!(members, wanted);
        assert_eq!(faults, []);
    }

    #[test]
    fn sizes_may_be_binary_or_come_from_pax() {
        assert_eq!(octal(b"\x80\0\0\0\0\0\0\0\0\0\x02\0"), Some(512));
        assert_eq!(octal(b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), None);
        assert_eq!(octal(b"0000644 \0"), Some(0o644));
        assert_eq!(octal(b"12x\0"), None);
        let mut huge = header(b"huge", "", b'0', b"");
        huge[124..136].copy_from_slice(b"\x80\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff");
        sum(&mut huge);
        let (members, faults) = read(&[&huge, b"text"]);
        assert_eq!(members, [("huge".to_owned(), "text".to_owned())]);
        assert!(matches!(&faults[..], [Fault::CutInside { there: 4, .. }]), "{faults:?}");
        let (members, _) = read(&[
            &file(b"x", b'x', b"10 size=3\n"),
            &header(b"a", "00000000000", b'0', b""),
            b"abc",
            &[0; 509],
            &END,
        ]);
        assert_eq!(members, [("a".to_owned(), "abc".to_owned())]);
    }

    #[test]
    fn links_and_sparse_files_are_named() {
        let (members, faults) = read(&[
            &header(b"var_log/a.log", "00000000000", b'2', b"../pods/a/0.log"),
            &header(b"b", "00000000000", b'1', b"c"),
            &file(b"x", b'x', b"22 GNU.sparse.major=1\n21 GNU.sparse.name=d\n"),
            &file(b"GNUSparseFile.0/d", b'0', b"0"),
            &header(b"dir/", "00000000000", b'5', b""),
            &file(b"c", b'0', b"text"),
            &END,
        ]);
        assert_eq!(members, [("c".to_owned(), "text".to_owned())]);
        let links = Fault::Links {
            count: 2,
            member: "var_log/a.log".to_owned(),
            target: "../pods/a/0.log".to_owned(),
        };
        assert_eq!(faults, [links, Fault::Sparse { member: "d".to_owned() }]);
    }

    #[test]
    fn a_damaged_header_hides_one_member_only() {
        let mut second = file(b"b", b'0', b"2");
        second[0] = b'x';
        let (members, faults) = read(&[&file(b"a", b'0', b"1"), &second, &file(b"c", b'0', b"3"), &END]);
        let paths: Vec<_> = members.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(paths, ["a", "c"]);
        assert!(matches!(&faults[..], [Fault::DamagedAfter { member: Some(member), .. }] if member == "a"));
    }

    #[test]
    fn where_it_breaks_off_is_said() {
        let whole = [
            file(b"a", b'0', b"first\n"),
            file(b"b", b'0', b"second\n"),
            END.to_vec(),
        ]
        .concat();
        let at = |end: usize| read(&[&whole[..end]]).1.pop().map(|fault| fault.to_string());
        assert_eq!(at(whole.len()), None);
        assert!(at(1536 + 3).unwrap().contains("inside of b, of which 3 of 7 bytes"));
        assert!(at(1024 + 100).unwrap().contains("after a"));
        assert!(at(2048).unwrap().contains("after b"));
    }
}
