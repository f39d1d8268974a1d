//! Opens what is dropped packed: `.gz`, `.tar`, `.zip`, one in another, told by their bytes and not by their names.

mod deflate;
mod gzip;
mod tar;
mod zip;

use crate::Input;

/// What may come out of one file altogether: more than a log-collector bundle holds, less than a browser's memory.
const TOTAL: usize = 512 << 20;
/// How many members are opened.
const MEMBERS: usize = 20_000;
/// What is said where there is more.
const TOO_MUCH: &str = "It holds more than is opened at once, 512 MB and 20,000 files; the rest was not read. Unpack it and drop the part that matters.";
/// How deep one archive may lie in another: `.zip` of `.tar.gz` of `.gz` is four.
const DEPTH: usize = 6;

/// What came out of a file.
#[derive(Debug, Default)]
pub struct Opened {
    /// The texts, in the archive's order, under names such as `bundle.tar.gz/path/in/it`.
    pub inputs: Vec<Input>,
    /// What was not opened: the name and a sentence.
    pub unread: Vec<(String, String)>,
    total: usize,
    members: usize,
}

/// A part of a container.
struct Member {
    path: String,
    bytes: Vec<u8>,
}

/// The container's parts, and why it is not whole.
#[derive(Default)]
struct Parts {
    members: Vec<Member>,
    faults: Vec<String>,
}

/// Whether a file is one that [`open`] takes apart or names as packed.
pub fn is_archive(bytes: &[u8]) -> bool {
    gzip::is(bytes) || tar::is(bytes) || zip::is(bytes) || packed_otherwise(bytes).is_some()
}

/// Takes an archive apart, down to its texts.
pub fn open(input: Input) -> Opened {
    let mut opened = Opened::default();
    walk(input, 0, &mut opened);
    opened
}

fn walk(input: Input, depth: usize, opened: &mut Opened) {
    let Input { name, bytes } = input;
    if let Some(command) = packed_otherwise(&bytes) {
        let why = format!("It is packed in a way that is not opened here; unpack it with `{command}`.");
        opened.unread.push((name, why));
        return;
    }
    if !is_archive(&bytes) {
        opened.inputs.push(Input { name, bytes });
        return;
    }
    if depth == DEPTH {
        opened.unread.push((
            name,
            format!("It lies more than {DEPTH} archives deep and was not opened."),
        ));
        return;
    }
    // What is taken apart makes room for what comes out of it.
    if depth > 0 {
        opened.total = opened.total.saturating_sub(bytes.len());
        opened.members = opened.members.saturating_sub(1);
    }
    let room = TOTAL.saturating_sub(opened.total);
    let count = MEMBERS.saturating_sub(opened.members);
    let parts = if gzip::is(&bytes) {
        gzip::open(&bytes, room)
    } else if zip::is(&bytes) {
        zip::open(&bytes, room, count)
    } else {
        tar::open(&bytes, room, count)
    };
    drop(bytes);
    for fault in parts.faults {
        opened.unread.push((name.clone(), fault));
    }
    // All of them count before the first is opened: what waits for its turn is in memory, too.
    let unpacked = parts.members.iter().map(|member| member.bytes.len()).sum();
    opened.total = opened.total.saturating_add(unpacked);
    opened.members += parts.members.len();
    for member in parts.members {
        let name = if member.path.is_empty() {
            name.clone()
        } else {
            format!("{name}/{}", member.path)
        };
        walk(
            Input {
                name,
                bytes: member.bytes,
            },
            depth + 1,
            opened,
        );
    }
}

/// The command that unpacks a format which is not opened here, by its magic number.
fn packed_otherwise(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(b"\xFD7zXZ\0") {
        Some("xz -d")
    } else if bytes.starts_with(b"BZh") && bytes.get(4..10) == Some(b"1AY&SY") {
        Some("bzip2 -d")
    } else if bytes.starts_with(b"\x28\xB5\x2F\xFD") {
        Some("zstd -d")
    } else {
        None
    }
}

/// A little-endian number of `N` bytes.
fn number<const N: usize>(bytes: &[u8], at: usize) -> Option<usize> {
    let field = bytes.get(at..at.checked_add(N)?)?;
    Some(field.iter().rev().fold(0, |sum, byte| (sum << 8) | usize::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::{is_archive, open};
    use crate::Input;

    /// `printf 'nameserver 10.100.0.10\n'` in a ustar archive, stored in one gzip block.
    fn bundle() -> Vec<u8> {
        let text = b"nameserver 10.100.0.10\n";
        let mut tar = vec![0_u8; 512];
        tar[..20].copy_from_slice(b"networking/resolv.co");
        tar[20..22].copy_from_slice(b"nf");
        tar[124..135].copy_from_slice(b"00000000027");
        tar[156] = b'0';
        tar[257..262].copy_from_slice(b"ustar");
        tar.extend_from_slice(text);
        tar.resize(2048, 0);
        let mut gz = b"\x1f\x8b\x08\0\0\0\0\0\0\x03".to_vec();
        gz.push(1);
        gz.extend_from_slice(&2048_u16.to_le_bytes());
        gz.extend_from_slice(&(!2048_u16).to_le_bytes());
        gz.extend_from_slice(&tar);
        gz.extend_from_slice(&[0; 8]);
        gz
    }

    #[test]
    fn a_tar_gz_is_opened_down_to_its_texts() {
        let opened = open(Input {
            name: "b.tar.gz".to_owned(),
            bytes: bundle(),
        });
        assert_eq!(opened.inputs.len(), 1, "{:?}", opened.unread);
        assert_eq!(opened.inputs[0].name, "b.tar.gz/networking/resolv.conf");
        assert_eq!(opened.inputs[0].bytes, b"nameserver 10.100.0.10\n");
    }

    #[test]
    fn a_cut_archive_gives_what_it_can_and_says_so() {
        let whole = bundle();
        for end in 0..whole.len() {
            let opened = open(Input {
                name: "b".to_owned(),
                bytes: whole[..end].to_vec(),
            });
            assert!(
                !(3..10 + 5 + 2048).contains(&end) || !opened.unread.is_empty(),
                "cut at {end}"
            );
        }
    }

    #[test]
    fn text_is_no_archive_and_xz_is_named() {
        assert!(!is_archive(b"PKI\n"));
        let opened = open(Input {
            name: "a.xz".to_owned(),
            bytes: b"\xFD7zXZ\0...".to_vec(),
        });
        assert!(opened.unread[0].1.contains("xz -d"));
    }
}
