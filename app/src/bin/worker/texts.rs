//! The texts that the page shows in windows.

use std::collections::BTreeMap;
use std::mem;

use whypath_analyzers::analysis::shown;
use whypath_analyzers::archive::is_archive;
use whypath_analyzers::artifact::pcap;
use whypath_analyzers::text::LineIndex;
use whypath_app::protocol::{Contents, LINE_LIMIT, Line, Member, Skipped, TextId};

use crate::body::Body;

/// The sources that are open, taken apart and decoded as the analyzers do it, so that line numbers agree.
#[derive(Debug, Default)]
pub struct Texts {
    all: BTreeMap<u32, Vec<Text>>,
}

/// A text, which is decoded when it is looked at: of an archive's thousands a reader looks at a few.
#[derive(Debug)]
struct Text {
    /// As it came; empty once it is decoded.
    bytes: Vec<u8>,
    decoded: Option<(String, LineIndex)>,
}

impl Texts {
    /// Keeps a source, and says what is in it.
    pub fn open(&mut self, source: u32, body: Body) -> Contents {
        let (archive, folder) = match &body {
            Body::One(bytes) => (is_archive(bytes), false),
            Body::Folder(_) => (false, true),
        };
        // Names in it begin with its own, which is empty here.
        let unpacked = body.unpack("");
        let path = |name: String| name.trim_start_matches('/').to_owned();
        let mut contents = Contents {
            archive,
            folder,
            members: Vec::with_capacity(unpacked.inputs.len()),
            skipped: unpacked
                .skipped
                .into_iter()
                .map(|member| Skipped {
                    why: member.kind.into_owned(),
                    bytes: member.bytes,
                    path: path(member.name),
                })
                .collect(),
        };
        let mut texts = Vec::with_capacity(unpacked.inputs.len());
        for input in unpacked.inputs {
            let (bytes, capture) = (input.bytes.len(), pcap::is_capture(&input.bytes));
            let mut text = Text {
                bytes: input.bytes,
                decoded: None,
            };
            let lines = (!contents.archive && !contents.folder).then(|| text.lines().1.count());
            texts.push(text);
            contents.members.push(Member {
                path: path(input.name),
                bytes,
                lines,
                capture,
            });
        }
        self.all.insert(source, texts);
        contents
    }

    /// Forgets a source.
    pub fn close(&mut self, source: u32) {
        self.all.remove(&source);
    }

    /// `count` lines from 1-based line `first` on, as far as there are so many; and how many lines the text has.
    pub fn window(&mut self, text: TextId, first: usize, count: usize) -> (Vec<Line>, usize) {
        let text = usize::try_from(text.member)
            .ok()
            .and_then(|member| self.all.get_mut(&text.source)?.get_mut(member));
        let Some((text, lines)) = text.map(Text::lines) else {
            return (Vec::new(), 0);
        };
        let window = (first..first.saturating_add(count))
            .map_while(|line| text.get(lines.bytes_of(line)?))
            .map(cut)
            .collect();
        (window, lines.count())
    }
}

impl Text {
    fn lines(&mut self) -> &(String, LineIndex) {
        self.decoded.get_or_insert_with(|| {
            let text = shown(mem::take(&mut self.bytes));
            let lines = LineIndex::new(&text);
            (text, lines)
        })
    }
}

fn cut(line: &str) -> Line {
    let line = line.trim_end_matches(['\n', '\r']);
    let end = line
        .char_indices()
        .nth(LINE_LIMIT)
        .map_or(line.len(), |(offset, _)| offset);
    let (shown, rest) = line.split_at(end);
    Line {
        text: shown.to_owned(),
        more: rest.chars().count(),
    }
}

#[cfg(test)]
mod tests {
    use whypath_analyzers::Input;
    use whypath_analyzers::archive::folder::Folder;

    use super::*;

    #[test]
    fn a_window_ends_with_the_text() {
        let mut texts = Texts::default();
        let contents = texts.open(7, Body::One(b"one\r\ntwo\nthree".to_vec()));
        assert!(!contents.archive);
        assert_eq!(
            contents.members.iter().map(|text| text.lines).collect::<Vec<_>>(),
            [Some(3)]
        );
        let mut window = |first, count| -> Vec<String> {
            let (lines, total) = texts.window(TextId::first_of(7), first, count);
            assert_eq!(total, 3);
            lines.into_iter().map(|line| line.text).collect()
        };
        assert_eq!(window(1, 2), ["one", "two"]);
        assert_eq!(window(3, 9), ["three"]);
        assert!(window(4, 1).is_empty());
        assert!(window(0, 1).is_empty());
        assert_eq!(texts.window(TextId::first_of(8), 1, 1), (Vec::new(), 0));
        assert_eq!(texts.window(TextId { source: 7, member: 1 }, 1, 1), (Vec::new(), 0));
    }

    #[test]
    fn a_very_long_line_is_cut_and_the_rest_is_counted() {
        let mut texts = Texts::default();
        texts.open(1, Body::One("ü".repeat(LINE_LIMIT + 5).into_bytes()));
        let (window, _) = texts.window(TextId::first_of(1), 1, 1);
        assert_eq!(window.len(), 1);
        assert!(
            window
                .iter()
                .all(|line| line.more == 5 && line.text.chars().count() == LINE_LIMIT)
        );
    }

    #[test]
    fn the_members_of_an_archive_are_texts() {
        // `printf 'one\ntwo\n'` as `net/a.txt`, and as `net/b.bin` bytes that are no text.
        let mut tar = Vec::new();
        for (path, body) in [("net/b.bin", &b"\0\0\x01"[..]), ("net/a.txt", b"one\ntwo\n")] {
            let mut member = path.as_bytes().to_vec();
            member.resize(124, 0);
            member.extend(format!("{:011o}\0", body.len()).bytes());
            member.resize(156, 0);
            member.push(b'0');
            member.resize(257, 0);
            member.extend(b"ustar\x0000");
            member.resize(512, 0);
            member[148..156].fill(b' ');
            let sum: u32 = member.iter().map(|byte| u32::from(*byte)).sum();
            member[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
            member.extend(body);
            member.resize(1024, 0);
            tar.extend(member);
        }
        tar.resize(tar.len() + 1024, 0);
        let mut texts = Texts::default();
        let contents = texts.open(3, Body::One(tar));
        assert!(contents.archive);
        let member = contents.members.first().expect("a text");
        assert_eq!(
            (member.path.as_str(), member.bytes, member.lines),
            ("net/a.txt", 8, None)
        );
        let skipped = contents.skipped.first().expect("a binary");
        assert_eq!(
            (skipped.path.as_str(), skipped.why.as_str()),
            ("net/b.bin", "binary file")
        );
        let (lines, total) = texts.window(TextId::first_of(3), 2, 9);
        assert_eq!(total, 2);
        assert_eq!(lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>(), ["two"]);
    }

    #[test]
    fn a_folder_lists_even_its_only_text() {
        let mut texts = Texts::default();
        let folder = Folder {
            files: vec![Input {
                name: "etc/resolv.conf".to_owned(),
                bytes: b"nameserver 10.100.0.10\n".to_vec(),
            }],
            ..Folder::default()
        };
        let contents = texts.open(3, Body::Folder(folder));
        assert!(contents.is_listed());
        let paths: Vec<_> = contents.members.iter().map(|member| member.path.as_str()).collect();
        assert_eq!(paths, ["etc/resolv.conf"]);
        let (lines, _) = texts.window(TextId::first_of(3), 1, 1);
        let shown: Vec<_> = lines.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(shown, ["nameserver 10.100.0.10"]);
    }
}
