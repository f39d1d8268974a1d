//! Opens what is dropped packed: `.gz`, `.tar`, `.zip`, one in another, told by their bytes and not by their names; and folders.
//!
//! An archive that is cut or damaged gives what it holds. Everything that was not read, or not as it was packed, is a [`Fault`].

pub mod binary;
mod crc32;
mod deflate;
mod fault;
pub mod folder;
mod gzip;
mod packed;
mod tar;
mod zip;

use std::collections::BTreeMap;

use crate::Input;

pub use fault::{Container, Fault, Kept};

/// What may come out of one file or folder altogether: more than a log-collector bundle holds, less than a browser's memory.
pub const TOTAL: usize = 512 << 20;
/// How many members are opened.
pub const MEMBERS: usize = 20_000;
/// How deep one archive may lie in another: `.zip` of `.tar.gz` of `.gz` is four.
pub const DEPTH: usize = 6;
/// How many bytes may be in memory at once, archives that wait to be taken apart included.
const HELD: usize = (TOTAL << 1) + (TOTAL >> 2);
/// How many times its size a file may become; the most that deflate can do is 1032, and logs of one line stay below this.
pub const RATIO: usize = 250;
/// What may come out of a file, however small it is.
pub const FREE: usize = 16 << 20;

/// How many faults of one archive are said one by one.
const SAID: usize = 50;

/// What came out of a file.
#[derive(Debug, Default)]
pub struct Opened {
    /// The texts, in the archive's order, under names such as `bundle.tar.gz/path/in/it`.
    pub inputs: Vec<Input>,
    /// What was not read, or not as it was packed: under the name of the archive, or of the text.
    pub faults: Vec<(String, Fault)>,
    /// The bytes of [`Self::inputs`].
    total: usize,
    /// Those, and the bytes that wait to be taken apart.
    held: usize,
    members: usize,
}

/// A part of a container.
struct Member {
    /// Its path; empty for that of a gzip file, which has the file's own name.
    path: String,
    bytes: Vec<u8>,
    /// Whether all of it could be unpacked.
    whole: bool,
}

/// The container's parts, and what is wrong with them.
#[derive(Default)]
struct Parts {
    members: Vec<Member>,
    faults: Vec<Fault>,
}

impl Parts {
    /// Counts the links; the first one's names stand for all.
    fn link(&mut self, member: String, points_to: &str) {
        for fault in &mut self.faults {
            if let Fault::Links { count, .. } = fault {
                *count += 1;
                return;
            }
        }
        self.faults.push(Fault::Links {
            count: 1,
            member,
            target: points_to.to_owned(),
        });
    }
}

/// How much may come out of a container.
struct Room {
    bytes: usize,
    members: usize,
    /// Whether it is the ratio that bounds the bytes.
    bomb: bool,
}

impl Room {
    /// The fault of a container that has more than this in it.
    fn full(&self) -> Fault {
        if self.bomb { Fault::Bomb } else { Fault::TooLarge }
    }
}

/// What gzip packed, of a text that may have `room` bytes; `None` where it is cut, damaged or larger.
pub(crate) fn gunzip(bytes: &[u8], room: usize) -> Option<Vec<u8>> {
    let room = Room {
        bytes: room,
        members: 1,
        bomb: false,
    };
    let parts = gzip::open(bytes, &room);
    let whole = parts.faults.is_empty();
    parts
        .members
        .into_iter()
        .next()
        .filter(|_| whole)
        .map(|member| member.bytes)
}

/// Whether a file is one that [`open`] takes apart or names as packed.
pub fn is_archive(bytes: &[u8]) -> bool {
    container(bytes).is_some() || packed::is(bytes)
}

fn container(bytes: &[u8]) -> Option<Container> {
    if gzip::is(bytes) {
        Some(Container::Gzip)
    } else if zip::is(bytes) {
        Some(Container::Zip)
    } else if tar::is(bytes) {
        Some(Container::Tar)
    } else {
        None
    }
}

/// Takes an archive apart, down to its texts.
pub fn open(input: Input) -> Opened {
    let mut opened = Opened {
        held: input.bytes.len(),
        ..Opened::default()
    };
    walk(input, true, 0, &mut opened);
    opened
}

fn walk(input: Input, whole: bool, depth: usize, opened: &mut Opened) {
    let Input { name, bytes } = input;
    if let Some(fault) = packed::fault(&name, &bytes) {
        opened.held = opened.held.saturating_sub(bytes.len());
        opened.faults.push((name, fault));
        return;
    }
    let Some(container) = container(&bytes) else {
        leaf(Input { name, bytes }, whole, opened);
        return;
    };
    if depth == DEPTH {
        opened.held = opened.held.saturating_sub(bytes.len());
        opened.faults.push((name, Fault::TooDeep));
        return;
    }
    let room = room(&bytes, opened);
    let parts = match container {
        Container::Gzip => gzip::open(&bytes, &room),
        Container::Tar => tar::open(&bytes, &room),
        Container::Zip => zip::open(&bytes, &room),
    };
    opened.held = opened.held.saturating_sub(bytes.len());
    drop(bytes);
    let more = parts.faults.len().saturating_sub(SAID);
    let faults = parts.faults.into_iter().take(SAID);
    opened.faults.extend(faults.map(|fault| (name.clone(), fault)));
    if more > 0 {
        opened.faults.push((name.clone(), Fault::More { count: more }));
    }
    // All of them count before the first is opened: what waits for its turn is in memory, too.
    let unpacked: usize = parts.members.iter().map(|member| member.bytes.len()).sum();
    opened.held = opened.held.saturating_add(unpacked);
    opened.members += parts.members.len();
    let mut names = Names::default();
    for member in parts.members {
        let path = names.unique(&member.path);
        let name = if path.is_empty() {
            name.clone()
        } else {
            format!("{name}/{path}")
        };
        let bytes = member.bytes;
        walk(Input { name, bytes }, member.whole, depth + 1, opened);
    }
    if let Some((member, count)) = names.repeated {
        opened.faults.push((name, Fault::Repeated { count, member }));
    }
}

/// How much may come out of a container.
fn room(bytes: &[u8], opened: &Opened) -> Room {
    let left = TOTAL.saturating_sub(opened.total).min(HELD.saturating_sub(opened.held));
    // A tar archive packs nothing.
    let ratio = bytes.len().saturating_mul(RATIO).max(FREE);
    Room {
        bytes: left.min(ratio),
        members: MEMBERS.saturating_sub(opened.members),
        bomb: ratio < left,
    }
}

/// Adds a text. Of one that is not whole, the last line may be cut inside of a word: it is left out, and that is said.
fn leaf(input: Input, whole: bool, opened: &mut Opened) {
    let Input { name, mut bytes } = input;
    if !whole {
        if let Some(end) = memchr::memrchr(b'\n', &bytes)
            && !crate::artifact::pcap::is_capture(&bytes)
        {
            opened.held = opened.held.saturating_sub(bytes.len() - end - 1);
            bytes.truncate(end + 1);
        }
        opened.faults.push((name.clone(), Fault::Beginning));
    }
    opened.total = opened.total.saturating_add(bytes.len());
    opened.inputs.push(Input { name, bytes });
}

/// The names of one archive's members.
#[derive(Default)]
struct Names {
    seen: BTreeMap<String, usize>,
    /// The first name that came again, and how many did.
    repeated: Option<(String, usize)>,
}

impl Names {
    /// A member's name as it is shown, each a different one.
    fn unique(&mut self, path: &str) -> String {
        let name = relative(path);
        let name = if name.is_empty() && !path.is_empty() {
            "(no name)".to_owned()
        } else {
            name.to_owned()
        };
        let count = self.seen.entry(name.clone()).or_default();
        *count += 1;
        if *count == 1 {
            return name;
        }
        let numbered = format!("{name} ({count})");
        let (_, times) = self.repeated.get_or_insert((name, 0));
        *times += 1;
        numbered
    }
}

/// A member's path without what stands before its first folder.
fn relative(path: &str) -> &str {
    let mut rest = path;
    while let Some(shorter) = rest.strip_prefix("./").or_else(|| rest.strip_prefix('/')) {
        rest = shorter;
    }
    rest
}

/// A name as it is written in an archive. Names are printed to terminals: none of them may steer one.
pub(crate) fn harmless(name: &[u8]) -> String {
    String::from_utf8_lossy(name)
        .chars()
        .map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c })
        .collect()
}

/// Little-endian numbers.
fn le16(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|bytes| u16::from_le_bytes(*bytes))
}

fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
}

fn le64(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|bytes| u64::from_le_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::{FREE, Fault, Names, Opened, crc32, harmless, is_archive, open};
    use crate::Input;

    fn opened(name: &str, bytes: Vec<u8>) -> Opened {
        open(Input {
            name: name.to_owned(),
            bytes,
        })
    }

    /// `printf 'nameserver 10.100.0.10\n'` in a ustar archive.
    fn tar() -> Vec<u8> {
        let text = b"nameserver 10.100.0.10\n";
        let mut tar = vec![0_u8; 512];
        tar[..22].copy_from_slice(b"networking/resolv.conf");
        tar[124..135].copy_from_slice(b"00000000027");
        tar[156] = b'0';
        tar[257..265].copy_from_slice(b"ustar\x0000");
        tar[148..156].copy_from_slice(b"        ");
        let sum: u32 = tar.iter().map(|byte| u32::from(*byte)).sum();
        tar[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        tar.extend_from_slice(text);
        tar.resize(2048, 0);
        tar
    }

    /// Stored in one gzip block.
    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let size = u16::try_from(bytes.len()).unwrap();
        let mut gz = b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x01".to_vec();
        gz.extend_from_slice(&size.to_le_bytes());
        gz.extend_from_slice(&(!size).to_le_bytes());
        gz.extend_from_slice(bytes);
        gz.extend_from_slice(&crc32::of(bytes).to_le_bytes());
        gz.extend_from_slice(&u32::from(size).to_le_bytes());
        gz
    }

    #[test]
    fn a_tar_gz_is_opened_down_to_its_texts() {
        let opened = opened("b.tar.gz", gzip(&tar()));
        assert_eq!(opened.faults, []);
        assert_eq!(opened.inputs.len(), 1);
        assert_eq!(opened.inputs[0].name, "b.tar.gz/networking/resolv.conf");
        assert_eq!(opened.inputs[0].bytes, b"nameserver 10.100.0.10\n");
        assert_eq!(opened.held, opened.total);
    }

    #[test]
    fn a_cut_archive_gives_what_it_can_and_says_so() {
        let whole = gzip(&tar());
        for end in 0..whole.len() {
            let opened = opened("b", whole[..end].to_vec());
            assert!(end < 3 || !opened.faults.is_empty(), "cut at {end}");
        }
        // 10 bytes of gzip's header, 5 of the block's, 512 of tar's.
        let cut = opened("b", whole[..527 + 11].to_vec());
        assert_eq!(cut.inputs[0].bytes, b"nameserver ");
        let said: Vec<_> = cut
            .faults
            .iter()
            .map(|(name, fault)| format!("{name}: {fault}"))
            .collect();
        assert!(
            said.iter()
                .any(|said| said.starts_with("b: ")
                    && said.contains("inside of networking/resolv.conf, of which 11 of 23")),
            "{said:?}"
        );
        assert!(
            said.iter()
                .any(|said| said.starts_with("b/networking/resolv.conf: Only its beginning")),
            "{said:?}"
        );
    }

    #[test]
    fn gzip_streams_follow_each_other_and_are_checked() {
        let two = [gzip(b"one\n"), gzip(b"two\n"), vec![0; 512]].concat();
        let both = opened("x.gz", two.clone());
        assert_eq!(both.inputs[0].bytes, b"one\ntwo\n");
        assert_eq!(both.faults, []);
        let mut wrong = two.clone();
        wrong[17] ^= 1;
        let checked = opened("x.gz", wrong);
        assert_eq!(checked.inputs[0].bytes, b"ond\ntwo\n");
        assert!(
            matches!(&checked.faults[..], [(_, Fault::Checksum { .. })]),
            "{:?}",
            checked.faults
        );
        let trailing = opened("x.gz", [two, b"--boundary".to_vec()].concat());
        assert_eq!(trailing.inputs[0].bytes, b"one\ntwo\n");
        assert!(
            matches!(&trailing.faults[..], [(_, Fault::Trailing { bytes: 522 })]),
            "{:?}",
            trailing.faults
        );
    }

    #[test]
    fn text_is_no_archive_and_xz_is_named() {
        assert!(!is_archive(b"PKI\n") && !is_archive(b"BZhello\n") && !is_archive(&[0; 1024]));
        let opened = opened("a.log.xz", b"\xFD7zXZ\0...".to_vec());
        assert!(
            opened.faults[0]
                .1
                .to_string()
                .contains("`xz -dc a.log.xz | gzip > a.log.gz`")
        );
    }

    #[test]
    fn archives_in_archives_end_somewhere() {
        let mut nested = b"text\n".to_vec();
        for _ in 0..6 {
            nested = gzip(&nested);
        }
        assert_eq!(opened("x", nested.clone()).inputs[0].bytes, b"text\n");
        let deeper = opened("x", gzip(&nested));
        assert!(deeper.inputs.is_empty());
        assert_eq!(deeper.faults, [("x".to_owned(), Fault::TooDeep)]);
    }

    #[test]
    fn a_bomb_is_named_and_not_opened() {
        let zeros = vec![0_u8; FREE + (1 << 20)];
        let packed = miniz_oxide::deflate::compress_to_vec(&zeros, 6);
        assert!(packed.len() * 250 < FREE, "{}", packed.len());
        let mut gz = b"\x1f\x8b\x08\0\0\0\0\0\0\x03".to_vec();
        gz.extend_from_slice(&packed);
        gz.extend_from_slice(&[0; 8]);
        let opened = opened("zeros.gz", gz);
        assert!(opened.inputs.is_empty());
        assert_eq!(opened.faults, [("zeros.gz".to_owned(), Fault::Bomb)]);
    }

    #[test]
    fn more_faults_than_anybody_reads_are_counted() {
        let header = b"PK\x03\x04\x14\0\x01\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\0\0ax";
        let faults = opened("x.zip", header.repeat(70)).faults;
        // The missing directory is the first; the members are encrypted.
        assert_eq!(faults.len(), 51);
        assert_eq!(faults[50].1, Fault::More { count: 21 });
    }

    #[test]
    fn names_are_harmless_and_all_different() {
        let mut names = Names::default();
        let shown = ["./a", "/a", "./", "", "../../etc/passwd"].map(|path| names.unique(path));
        assert_eq!(shown, ["a", "a (2)", "(no name)", "", "../../etc/passwd"]);
        assert_eq!(harmless(b"a\x1b[2Jb\xff"), "a\u{FFFD}[2Jb\u{FFFD}");
        assert_eq!(names.repeated, Some(("a".to_owned(), 1)));
    }
}
