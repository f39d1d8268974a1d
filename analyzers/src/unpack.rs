//! What was dropped, taken apart: the texts in it, and what of it is none.

use crate::Input;
use crate::archive;
use crate::artifact::pcap;
use crate::text::decode;

/// What is in a dropped file.
#[derive(Debug, Default)]
pub struct Unpacked {
    /// Whether it was an archive. Anything else is its own only text.
    pub archive: bool,
    /// Its texts and captures, in the archive's order, under names such as `bundle.tar.gz/path/in/it`.
    pub texts: Vec<Input>,
    /// Its members in which there is nothing to read.
    pub skipped: Vec<Skipped>,
    /// What was not opened, and why: a name and a sentence each.
    pub unread: Vec<(String, String)>,
}

/// A member in which there is nothing to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Its name.
    pub name: String,
    /// How many bytes it has.
    pub bytes: usize,
}

impl Skipped {
    /// Why: one word or two.
    pub fn why(&self) -> &'static str {
        if self.bytes == 0 { "empty" } else { "no text" }
    }
}

/// Takes a file apart, if it is an archive.
pub fn unpack(input: Input) -> Unpacked {
    if !archive::is_archive(&input.bytes) {
        return Unpacked {
            texts: vec![input],
            ..Unpacked::default()
        };
    }
    let opened = archive::open(input);
    let mut unpacked = Unpacked {
        archive: true,
        unread: opened.unread,
        ..Unpacked::default()
    };
    for member in opened.inputs {
        if is_readable(&member.bytes) {
            unpacked.texts.push(member);
        } else {
            unpacked.skipped.push(Skipped {
                name: member.name,
                bytes: member.bytes.len(),
            });
        }
    }
    unpacked
}

fn is_readable(bytes: &[u8]) -> bool {
    pcap::is_capture(bytes) || {
        let decoded = decode(bytes);
        !decoded.binary && !decoded.text.trim().is_empty()
    }
}

/// The text under which lines of `bytes` are counted: of a capture file a line for each packet, in their order.
pub fn shown(bytes: Vec<u8>) -> String {
    if pcap::is_capture(&bytes) {
        // The source's number is of no importance to the text.
        pcap::read(&bytes, crate::text::SourceId(0)).text
    } else {
        crate::text::decode_owned(bytes).text
    }
}

#[cfg(test)]
mod tests {
    use super::{shown, unpack};
    use crate::Input;

    /// A member of a ustar archive.
    fn member(path: &str, body: &[u8]) -> Vec<u8> {
        let mut block = vec![0_u8; 512];
        block[..path.len()].copy_from_slice(path.as_bytes());
        block[124..135].copy_from_slice(format!("{:011o}", body.len()).as_bytes());
        block[156] = b'0';
        block[257..262].copy_from_slice(b"ustar");
        block.extend_from_slice(body);
        block.resize(block.len().next_multiple_of(512), 0);
        block
    }

    #[test]
    fn members_without_text_are_named_and_the_others_are_kept_in_order() {
        let mut bytes = member("etc/resolv.conf", b"nameserver 10.100.0.10\n");
        bytes.extend(member("bin/tool", b"\x7fELF\0\0\0"));
        bytes.extend(member("var/empty.log", b""));
        bytes.extend(member(
            "net/packets.pcap",
            b"\xd4\xc3\xb2\xa1\x02\0\x04\0\0\0\0\0\0\0\0\0\0\0\x04\0\x01\0\0\0",
        ));
        bytes.extend(vec![0; 1024]);
        let unpacked = unpack(Input {
            name: "node.tar".to_owned(),
            bytes,
        });
        assert!(unpacked.archive);
        let names: Vec<&str> = unpacked.texts.iter().map(|text| text.name.as_str()).collect();
        assert_eq!(names, ["node.tar/etc/resolv.conf", "node.tar/net/packets.pcap"]);
        let skipped: Vec<(&str, &str)> = unpacked
            .skipped
            .iter()
            .map(|member| (member.name.as_str(), member.why()))
            .collect();
        assert_eq!(
            skipped,
            [("node.tar/bin/tool", "no text"), ("node.tar/var/empty.log", "empty")]
        );
        assert_eq!(unpacked.unread, []);
    }

    #[test]
    fn what_is_no_archive_is_its_own_text_whatever_it_is() {
        for bytes in [&b"kubectl"[..], b"\0\x01binary", b""] {
            let unpacked = unpack(Input {
                name: "a".to_owned(),
                bytes: bytes.to_vec(),
            });
            assert!(!unpacked.archive);
            assert_eq!(unpacked.texts.len(), 1);
            assert_eq!(unpacked.texts[0].bytes, bytes);
        }
    }

    #[test]
    fn a_capture_is_shown_as_lines_and_a_text_as_itself() {
        let mut file = b"\xd4\xc3\xb2\xa1\x02\0\x04\0\0\0\0\0\0\0\0\0\0\0\x04\0\x01\0\0\0".to_vec();
        for _ in 0..2 {
            file.extend(b"\0\0\0\0\0\0\0\0\x04\0\0\0\x04\0\0\0\x01\x02\x03\x04");
        }
        assert_eq!(shown(file).lines().count(), 2);
        assert_eq!(shown("α\r\nβ".as_bytes().to_vec()), "α\r\nβ");
    }
}
