//! PKWARE's APPNOTE.TXT (zip and zip64): the central directory, or without one the members' own headers; stored and deflated members.

mod directory;
mod local;

use super::deflate::{End, Inflater};
use super::fault::{Container, Fault};
use super::{Member, Parts, Room, crc32, harmless, le16, le64, relative};

/// Whether bytes begin with a member, with the end of an empty archive, or with the mark of one that was split and put together again.
pub fn is(bytes: &[u8]) -> bool {
    [
        &b"PK\x03\x04"[..],
        b"PK\x05\x06",
        b"PK\x07\x08PK\x03\x04",
        b"PK00PK\x03\x04",
    ]
    .iter()
    .any(|mark| bytes.starts_with(mark))
}

/// A member as a header describes it.
struct Entry {
    path: String,
    /// Whether it is a symbolic link: its text is what it points to.
    link: bool,
    flags: u16,
    method: u16,
    crc: Option<u32>,
    /// How many bytes it takes packed, where that is known before it is unpacked.
    packed: Option<u64>,
    /// Where its packed bytes begin.
    body: usize,
}

pub fn open(bytes: &[u8], room: &Room) -> Parts {
    let mut zip = Zip {
        bytes,
        left: room.bytes,
        // Members that lie over each other are a way to make much of little: each byte is unpacked once, and once more for errors.
        work: bytes.len().saturating_mul(2),
        room,
        inflater: Inflater::new(),
        parts: Parts::default(),
    };
    if let Some(entries) = directory::entries(bytes, room.members) {
        for entry in entries {
            if zip.add(&entry).is_none() {
                break;
            }
        }
    } else {
        zip.fault(Fault::NoDirectory);
        local::read(&mut zip);
    }
    zip.parts
}

struct Zip<'a> {
    bytes: &'a [u8],
    left: usize,
    /// How many packed bytes may still be looked at.
    work: usize,
    room: &'a Room,
    inflater: Inflater,
    parts: Parts,
}

impl Zip<'_> {
    fn fault(&mut self, fault: Fault) {
        self.parts.faults.push(fault);
    }

    /// Unpacks a member; where its packed bytes end, or `None` where reading ends with it.
    fn add(&mut self, entry: &Entry) -> Option<usize> {
        let rest = self.bytes.get(entry.body..).unwrap_or_default();
        let packed = entry.packed.map(|packed| usize::try_from(packed).unwrap_or(usize::MAX));
        let body = rest
            .get(..packed.unwrap_or(usize::MAX).min(rest.len()))
            .unwrap_or_default();
        let end = entry.body.saturating_add(body.len());
        let member = entry.path.clone();
        if member.ends_with('/') {
            return Some(end);
        }
        if entry.flags & 1 != 0 {
            self.fault(Fault::Encrypted { member });
            return Some(end);
        }
        if !matches!(entry.method, 0 | 8) {
            self.fault(Fault::Method {
                member,
                method: entry.method,
            });
            return Some(end);
        }
        if self.parts.members.len() >= self.room.members {
            self.fault(Fault::TooMany);
            return None;
        }
        let cut = packed.is_some_and(|packed| body.len() < packed);
        let (unpacked, used, state) = if entry.method == 0 {
            let fits = body.len().min(self.left);
            let state = if fits < body.len() { End::Full } else { End::Whole };
            (body.get(..fits).unwrap_or_default().to_vec(), body.len(), state)
        } else {
            let out = self.inflater.take(body, self.left);
            (out.bytes, out.used, out.end)
        };
        self.left -= unpacked.len();
        let Some(work) = self.work.checked_sub(used) else {
            self.fault(Fault::Bomb);
            return None;
        };
        self.work = work;
        match state {
            End::Full => self.fault(self.room.full()),
            End::Damaged => self.fault(Fault::Damaged { member: member.clone() }),
            End::Whole if !cut => {}
            End::Whole | End::Cut => self.fault(Fault::CutInside {
                container: Container::Zip,
                member: member.clone(),
                there: used as u64,
                size: entry.packed,
            }),
        }
        let whole = state == End::Whole && !cut;
        if whole && entry.crc.is_some_and(|crc| crc != crc32::of(&unpacked)) {
            self.fault(Fault::Checksum { member: member.clone() });
        }
        if state == End::Full && self.room.bomb {
            return None;
        }
        if entry.link {
            let target = harmless(unpacked.get(..unpacked.len().min(1000)).unwrap_or_default());
            self.parts.link(member, &target);
        } else {
            self.parts.members.push(Member {
                path: member,
                bytes: unpacked,
                whole,
            });
        }
        (state != End::Full).then_some(entry.body.saturating_add(used))
    }
}

/// A name: UTF-8 (flag bit 11), or code page 437, of which only ASCII is sure. Windows programs write backslashes.
fn name(bytes: &[u8]) -> String {
    relative(&harmless(bytes).replace('\\', "/")).to_owned()
}

/// The zip64 extra field (section 4.5.3): the numbers that had no room, in the order of the header.
fn zip64(extra: &[u8]) -> impl Iterator<Item = u64> {
    let mut rest = extra;
    let mut field: &[u8] = &[];
    while let (Some(id), Some(size)) = (le16(rest, 0), le16(rest, 2)) {
        let end = 4 + usize::from(size);
        if id == 1 {
            field = rest.get(4..end).unwrap_or_default();
            break;
        }
        rest = rest.get(end..).unwrap_or_default();
    }
    (0..4).map_while(move |number| le64(field, number * 8))
}

#[cfg(test)]
mod tests {
    use super::open;
    use crate::archive::{Fault, Room, crc32};

    const ROOM: Room = Room {
        bytes: 1 << 20,
        members: 100,
        bomb: false,
    };

    /// A local header and its stored member; with a descriptor, the header does not know sizes and checksum.
    fn local(name: &str, body: &[u8], descriptor: bool) -> Vec<u8> {
        let mut out = b"PK\x03\x04\x14\0".to_vec();
        out.extend_from_slice(&[if descriptor { 8 } else { 0 }, 0, 0, 0, 0, 0, 0, 0]);
        let (crc, size) = (crc32::of(body), u32::try_from(body.len()).unwrap());
        let known = if descriptor { [0, 0, 0] } else { [crc, size, size] };
        for number in known {
            out.extend_from_slice(&number.to_le_bytes());
        }
        out.extend_from_slice(&u16::try_from(name.len()).unwrap().to_le_bytes());
        out.extend_from_slice(&[0, 0]);
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(body);
        if descriptor {
            out.extend_from_slice(b"PK\x07\x08");
            for number in [crc, size, size] {
                out.extend_from_slice(&number.to_le_bytes());
            }
        }
        out
    }

    /// A directory's entry whose numbers all stand in its zip64 field.
    fn central64(name: &str, body: &[u8], at: u64) -> Vec<u8> {
        let mut out = b"PK\x01\x02\x2d\0\x2d\0\0\0\0\0\0\0\0\0".to_vec();
        out.extend_from_slice(&crc32::of(body).to_le_bytes());
        out.extend_from_slice(&[0xff; 8]);
        out.extend_from_slice(&u16::try_from(name.len()).unwrap().to_le_bytes());
        out.extend_from_slice(&[28, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        out.extend_from_slice(&[0xff; 4]);
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(&[1, 0, 24, 0]);
        for number in [body.len() as u64, body.len() as u64, at] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        out
    }

    /// The zip64 end record, its locator, and the end record that points to them.
    fn end64(at: u64, size: u64, count: u64) -> Vec<u8> {
        let mut out = b"PK\x06\x06".to_vec();
        out.extend_from_slice(&44_u64.to_le_bytes());
        out.extend_from_slice(&[45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        for number in [count, count, size, at] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        out.extend_from_slice(b"PK\x06\x07\0\0\0\0");
        out.extend_from_slice(&(at + size).to_le_bytes());
        out.extend_from_slice(&[1, 0, 0, 0]);
        out.extend_from_slice(b"PK\x05\x06\0\0\0\0");
        out.extend_from_slice(&[0xff; 12]);
        out.extend_from_slice(&[0, 0]);
        out
    }

    fn read(bytes: &[u8]) -> (Vec<(String, Vec<u8>)>, Vec<Fault>) {
        let parts = open(bytes, &ROOM);
        let members = parts.members.into_iter();
        (
            members.map(|member| (member.path, member.bytes)).collect(),
            parts.faults,
        )
    }

    #[test]
    fn zip64_is_read() {
        let (first, second) = (local("a.txt", b"one\n", false), local("dir\\b.txt", b"two\n", true));
        let directory = [
            central64("a.txt", b"one\n", 0),
            central64("dir\\b.txt", b"two\n", first.len() as u64),
        ]
        .concat();
        let at = (first.len() + second.len()) as u64;
        let bytes = [first, second, directory.clone(), end64(at, directory.len() as u64, 2)].concat();
        let (members, faults) = read(&bytes);
        assert_eq!(faults, []);
        assert_eq!(
            members,
            [
                ("a.txt".to_owned(), b"one\n".to_vec()),
                ("dir/b.txt".to_owned(), b"two\n".to_vec())
            ]
        );
    }

    #[test]
    fn without_a_directory_the_members_own_headers_tell() {
        let bytes = [
            local("a", b"one\n", false),
            local("b", b"two\n", true),
            local("c", b"three\n", false),
        ]
        .concat();
        let (members, faults) = read(&bytes);
        let wanted = [("a", "one\n"), ("b", "two\n"), ("c", "three\n")];
        assert_eq!(
            members,
            wanted.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()))
        );
        assert_eq!(faults, [Fault::NoDirectory]);
        let (members, faults) = read(&bytes[..bytes.len() - 2]);
        assert_eq!(members[2], ("c".to_owned(), b"thre".to_vec()));
        let said = faults[1].to_string();
        assert!(said.contains("inside of c, of which 4 of 6 bytes"), "{said}");
    }

    /// A directory's entry, by a program of this system (section 4.4.2.2), with the mode of a file of Unix.
    fn central(name: &str, system: u8, mode: u32, body: &[u8], at: usize) -> Vec<u8> {
        let mut out = b"PK\x01\x02\x1e".to_vec();
        out.extend_from_slice(&[system, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        let size = u32::try_from(body.len()).unwrap();
        for number in [crc32::of(body), size, size] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        out.extend_from_slice(&u16::try_from(name.len()).unwrap().to_le_bytes());
        out.extend_from_slice(&[0; 8]);
        out.extend_from_slice(&(mode << 16).to_le_bytes());
        out.extend_from_slice(&u32::try_from(at).unwrap().to_le_bytes());
        out.extend_from_slice(name.as_bytes());
        out
    }

    /// What is said of links.
    fn links(faults: &[Fault]) -> Vec<String> {
        let links = faults.iter().filter(|fault| matches!(fault, Fault::Links { .. }));
        links.map(ToString::to_string).collect()
    }

    #[test]
    fn links_are_named_and_not_read() {
        let log = b"I1121 10:00:00.000001       1 main.go:1] started\n";
        let members: [(&str, u32, &[u8]); 3] = [
            ("pods/current.log", 0o100_644, log),
            ("pods/latest.log", 0o120_777, b"/var/log/pods/7.log"),
            ("note.txt", 0o100_644, b"/var/log/pods/7.log"),
        ];
        let said = "pods/latest.log is a link to /var/log/pods/7.log and was not read by this name.";
        // Info-ZIP on Unix and on macOS, PKWARE's program for Unix; of VMS the mode is none of Unix.
        for (system, is_link) in [(3, true), (19, true), (0, true), (2, false)] {
            let (mut bytes, mut directory) = (Vec::new(), Vec::new());
            for (name, mode, body) in members {
                directory.extend(central(name, system, mode, body, bytes.len()));
                bytes.extend(local(name, body, false));
            }
            let (start, size) = (bytes.len(), directory.len());
            bytes.extend(directory);
            bytes.extend(b"PK\x05\x06\0\0\0\0\x03\0\x03\0");
            bytes.extend(u32::try_from(size).unwrap().to_le_bytes());
            bytes.extend(u32::try_from(start).unwrap().to_le_bytes());
            bytes.extend([0, 0]);
            let (whole, faults) = read(&bytes);
            assert_eq!(links(&faults), if is_link { vec![said] } else { vec![] }, "{system}");
            assert_eq!(whole.len(), if is_link { 2 } else { 3 });
            // Cut inside of the directory's last entry: what is left of it still tells.
            let (members, faults) = read(&bytes[..bytes.len() - 30]);
            assert!(faults.contains(&Fault::NoDirectory), "{faults:?}");
            assert_eq!(links(&faults), if is_link { vec![said] } else { vec![] }, "{system}");
            assert_eq!(members, whole);
        }
    }

    #[test]
    fn without_a_directory_a_link_is_told_by_what_it_points_to() {
        let members: [(&str, &[u8]); 8] = [
            ("b/net/resolv.conf", b"nameserver 10.100.0.10\n"),
            ("b/etc/resolv.conf", b"../net/resolv.conf"),
            ("b/network", b"./net"),
            // What is not there may be a text, and so may be what ends as a line does.
            ("b/gone", b"../../run/gone"),
            ("b/line", b"net/resolv.conf\n"),
            ("b/absolute", b"/b/net/resolv.conf"),
            ("b/self", b"self"),
            ("b/empty", b""),
        ];
        let bytes: Vec<u8> = members
            .iter()
            .flat_map(|(name, body)| local(name, body, false))
            .collect();
        let (found, faults) = read(&bytes);
        let names: Vec<_> = found.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names,
            [
                "b/net/resolv.conf",
                "b/gone",
                "b/line",
                "b/absolute",
                "b/self",
                "b/empty"
            ]
        );
        assert_eq!(
            links(&faults),
            [
                "2 members are links to others and were not read by these names, the first is b/etc/resolv.conf, a link to \
              ../net/resolv.conf."
            ]
        );
    }

    #[test]
    fn a_wrong_checksum_is_said_and_the_text_kept() {
        let mut bytes = local("a", b"one\n", false);
        let at = bytes.len() - 4;
        bytes[at] = b'O';
        let (members, faults) = read(&bytes);
        assert_eq!(members[0].1, b"One\n");
        assert!(
            faults.contains(&Fault::Checksum { member: "a".to_owned() }),
            "{faults:?}"
        );
    }

    #[test]
    fn members_that_lie_over_each_other_end_the_reading() {
        let body = vec![b'x'; 1000];
        let first = local("a", &body, false);
        let directory: Vec<u8> = (0..50).flat_map(|_| central64("a", &body, 0)).collect();
        let bytes = [
            first.clone(),
            directory.clone(),
            end64(first.len() as u64, directory.len() as u64, 50),
        ]
        .concat();
        let (members, faults) = read(&bytes);
        assert!(members.len() < 20, "{}", members.len());
        assert_eq!(faults, [Fault::Bomb]);
    }
}
