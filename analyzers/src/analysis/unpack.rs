//! What is dropped packed: opened before it is read, with what could not be opened said under its name.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::{Analysis, Choices, Input, Stage, conclude, read_with};
use crate::archive::folder::{self, Folder};
use crate::archive::{self, Fault, Kept, Opened, binary};
use crate::artifact::pcap;
use crate::problem::Problem;
use crate::text::{SourceId, decode_owned, is_binary};

/// Texts and captures, and what is wrong with the archives that they come from.
#[derive(Debug, Clone, Default)]
pub struct Unpacked {
    /// What can be read: members under names such as `bundle.tar.gz/path/in/it`.
    pub inputs: Vec<Input>,
    /// What was not read, or not as it was packed, under the name of the archive or of the member.
    pub faults: Vec<(String, Fault)>,
    /// The members that [`Fault::Skipped`] counts, in the archive's order.
    pub skipped: Vec<Skipped>,
}

/// A member in which there is nothing to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Its name, as that of a text.
    pub name: String,
    /// How many bytes it has, where that is known.
    pub bytes: Option<u64>,
    /// What it is: `empty`, `program`, `binary file`.
    pub kind: Cow<'static, str>,
}

impl Unpacked {
    /// Adds what came out of another.
    pub fn append(&mut self, other: Self) {
        self.inputs.extend(other.inputs);
        self.faults.extend(other.faults);
        self.skipped.extend(other.skipped);
    }

    /// Adds the members of an archive or of a folder: those that are binary or empty are counted, not each a fault.
    fn add(&mut self, name: String, opened: Opened, left_out: Vec<Skipped>) {
        self.faults.extend(opened.faults);
        let all = opened.inputs.len() + left_out.len();
        let mut skipped = left_out;
        for member in opened.inputs {
            match unreadable(&member.bytes) {
                Some(kind) => skipped.push(Skipped {
                    bytes: Some(member.bytes.len() as u64),
                    name: member.name,
                    kind: kind.into(),
                }),
                None => self.inputs.push(member),
            }
        }
        if skipped.is_empty() {
            return;
        }
        let mut what: BTreeMap<Cow<'static, str>, Kept> = BTreeMap::new();
        let mut journal = None;
        for member in &skipped {
            let inside = member.name.strip_prefix(&name).unwrap_or(&member.name);
            let inside = inside.trim_start_matches('/');
            let kept = what.entry(member.kind.clone());
            kept.or_insert_with(|| Kept::new(member.kind.clone())).add(inside);
            if member.kind == binary::JOURNAL && journal.is_none() {
                journal = Some(inside.to_owned());
            }
        }
        self.skipped.append(&mut skipped);
        self.faults.push((
            name,
            Fault::Skipped {
                all,
                what: what.into_values().collect(),
                journal,
            },
        ));
    }
}

/// Opens archives. Members that are binary or empty are counted, not each a fault.
pub fn unpack(inputs: Vec<Input>) -> Unpacked {
    let mut unpacked = Unpacked::default();
    for input in inputs {
        if archive::is_archive(&input.bytes) {
            let name = input.name.clone();
            unpacked.add(name, archive::open(input), Vec::new());
        } else {
            unpacked.inputs.push(input);
        }
    }
    unpacked
}

/// Opens the archives of a folder; its texts have names such as `folder/path/in/it`.
pub fn unpack_folder(folder: Folder) -> Unpacked {
    let Folder {
        name,
        files,
        left_out,
        more,
    } = folder;
    let mut unpacked = Unpacked::default();
    if files.is_empty() && left_out.is_empty() {
        unpacked.faults.push((name.clone(), Fault::FolderEmpty));
    }
    if more {
        unpacked.faults.push((name.clone(), Fault::FolderTooMany));
    }
    let count = left_out.iter().filter(|file| file.why == folder::NO_ROOM).count();
    if count > 0 {
        unpacked.faults.push((name.clone(), Fault::FolderTooLarge { count }));
    }
    let left_out = left_out.into_iter().map(|file| Skipped {
        name: format!("{name}/{}", archive::harmless(file.path.as_bytes())),
        bytes: file.bytes,
        kind: file.why,
    });
    let left_out = left_out.collect();
    let opened = folder::open(&name, files);
    unpacked.add(name, opened, left_out);
    unpacked
}

/// The text in which the lines of a text or a capture are counted: of a capture, a line for each packet in the file's order.
pub fn shown(bytes: Vec<u8>) -> String {
    if pcap::is_capture(&bytes) {
        // Which source it is makes no difference to the text.
        pcap::read(&bytes, SourceId(0)).text
    } else {
        decode_owned(bytes).text
    }
}

/// What a member is that holds nothing to read.
fn unreadable(bytes: &[u8]) -> Option<&'static str> {
    if pcap::is_capture(bytes) {
        return None;
    }
    if bytes.trim_ascii().is_empty() {
        return Some("empty");
    }
    binary::kind(bytes).or_else(|| is_binary(bytes).then_some("binary file"))
}

/// Reads what was unpacked, and says what was not.
pub fn read_unpacked(unpacked: Unpacked, choices: &Choices, progress: &mut dyn FnMut(Stage)) -> Analysis {
    let mut analysis = read_with(unpacked.inputs, choices, progress);
    let cut = unpacked.faults.iter().filter(|(_, fault)| *fault == Fault::Beginning);
    let cut: Vec<&str> = cut.map(|(name, _)| name.as_str()).collect();
    if !cut.is_empty() {
        let named = named(&analysis);
        for id in cut.into_iter().filter_map(|name| named.get(name)) {
            let whole = analysis.sources.whole(*id);
            analysis.artifacts.set_incomplete(whole);
        }
    }
    let sentences = unpacked.faults.into_iter();
    name_unread(
        &mut analysis,
        sentences.map(|(name, fault)| (name, fault.to_string())).collect(),
    );
    analysis
}

/// Runs all stages over what was unpacked.
pub fn analyze_unpacked(unpacked: Unpacked, choices: &Choices, progress: &mut dyn FnMut(Stage)) -> Analysis {
    conclude(read_unpacked(unpacked, choices, progress), progress)
}

/// [`unpack`], with sentences for what was not opened.
pub fn open(inputs: Vec<Input>) -> (Vec<Input>, Vec<(String, String)>) {
    let unpacked = unpack(inputs);
    let faults = unpacked.faults.into_iter();
    (
        unpacked.inputs,
        faults.map(|(name, fault)| (name, fault.to_string())).collect(),
    )
}

/// Names what [`open`] did not open: each is a problem of the text of that name, or of a source without text.
pub fn name_unread(analysis: &mut Analysis, unread: Vec<(String, String)>) {
    if unread.is_empty() {
        return;
    }
    let mut named = named(analysis);
    for (name, message) in unread {
        let id = match named.get(&name) {
            Some(id) => *id,
            None => analysis.sources.add(name.as_str(), ""),
        };
        named.insert(name, id);
        let whole = analysis.sources.whole(id);
        analysis.problems.push(Problem::new(whole, message));
    }
}

/// The sources by their names; of those with the same name the first.
fn named(analysis: &Analysis) -> BTreeMap<String, SourceId> {
    let mut found = BTreeMap::new();
    for (id, source) in analysis.sources.iter() {
        found.entry(source.name.clone()).or_insert(id);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{read_unpacked, shown, unpack, unpack_folder};
    use crate::Input;
    use crate::analysis::Choices;
    use crate::archive::folder::{Folder, HIDDEN, LINK, LeftOut, NO_ROOM};

    /// A tar archive of these members, without its end mark where `cut` bytes are taken off.
    fn tar(members: &[(&str, &[u8])], cut: usize) -> Vec<Input> {
        let mut bytes = Vec::new();
        for (name, body) in members {
            let mut block = vec![0_u8; 512];
            block[..name.len()].copy_from_slice(name.as_bytes());
            block[124..135].copy_from_slice(format!("{:011o}", body.len()).as_bytes());
            block[257..265].copy_from_slice(b"ustar\x0000");
            block[148..156].copy_from_slice(b"        ");
            let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
            block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
            bytes.extend_from_slice(&block);
            bytes.extend_from_slice(body);
            bytes.resize(bytes.len().next_multiple_of(512), 0);
        }
        bytes.extend_from_slice(&[0; 1024]);
        bytes.truncate(bytes.len() - cut);
        vec![Input {
            name: "bundle.tar".to_owned(),
            bytes,
        }]
    }

    #[test]
    fn what_is_no_text_is_counted_by_its_kind() {
        let unpacked = unpack(tar(
            &[
                ("a.log", b"E1121 10:00:00.123456       1 x.go:1] no route\n"),
                ("journal/system.journal", b"LPKSHHRH\0\0\0\0"),
                ("core", b"\x7FELF\x02\x01\x01\0"),
                ("empty", b"\n"),
                ("blob", b"\x01\x00\x02"),
            ],
            0,
        ));
        assert_eq!(unpacked.inputs.len(), 1);
        let skipped: Vec<_> = unpacked
            .skipped
            .iter()
            .map(|member| (member.name.as_str(), member.bytes, member.kind.as_ref()))
            .collect();
        assert_eq!(
            skipped,
            [
                ("bundle.tar/journal/system.journal", Some(12), "journal of systemd"),
                ("bundle.tar/core", Some(8), "program"),
                ("bundle.tar/empty", Some(1), "empty"),
                ("bundle.tar/blob", Some(3), "binary file"),
            ]
        );
        let said = unpacked.faults[0].1.to_string();
        assert!(said.starts_with("4 of its 5 members were not read: "), "{said}");
        for part in [
            "1 × empty (empty)",
            "1 × journal of systemd (journal/system.journal)",
            "1 × program (core)",
            "1 × binary file (blob)",
            "`journalctl --file journal/system.journal",
        ] {
            assert!(said.contains(part), "{part} in {said}");
        }
    }

    #[test]
    fn a_folder_is_read_like_an_archive() {
        let file = |name: &str, bytes: &[u8]| Input {
            name: name.to_owned(),
            bytes: bytes.to_vec(),
        };
        let left = |path: &str, why: &'static str| LeftOut {
            path: path.to_owned(),
            bytes: Some(5),
            why: why.into(),
        };
        let unpacked = unpack_folder(Folder {
            name: "i-0f3c".to_owned(),
            files: vec![
                file(
                    "networking/iptables-filter.txt",
                    b"Chain INPUT (policy ACCEPT 12 packets, 720 bytes)\n",
                ),
                file("networking/resolv.conf", b"nameserver 10.100.0.10\n"),
                file("system/instance.txt", b""),
            ],
            left_out: vec![
                left(".a", HIDDEN),
                left(".b", HIDDEN),
                left(".c", HIDDEN),
                left(".d", HIDDEN),
                left("system/latest", LINK),
                left("var_log/messages", NO_ROOM),
            ],
            more: true,
        });
        let skipped: Vec<_> = unpacked
            .skipped
            .iter()
            .map(|member| (member.name.as_str(), member.bytes, member.kind.as_ref()))
            .collect();
        assert_eq!(skipped.len(), 7);
        assert_eq!(skipped[4], ("i-0f3c/system/latest", Some(5), "link"));
        assert_eq!(skipped[6], ("i-0f3c/system/instance.txt", Some(0), "empty"));
        let said: Vec<_> = unpacked
            .faults
            .iter()
            .map(|(name, fault)| (name.as_str(), fault.to_string()))
            .collect();
        assert!(said.iter().all(|(name, _)| *name == "i-0f3c"), "{said:?}");
        assert!(
            said[0]
                .1
                .starts_with("It has more than 20000 files; the first by their names were read."),
            "{said:?}"
        );
        assert!(
            said[1]
                .1
                .starts_with("It has more than 512 MB in it; 1 file that had no room left"),
            "{said:?}"
        );
        assert_eq!(
            said[2].1,
            "7 of its 9 members were not read: 1 × empty (system/instance.txt), 4 × hidden file (.a, .b, .c, …), 1 × link \
             (system/latest), 1 × no room left (var_log/messages)."
        );
        let analysis = read_unpacked(unpacked, &Choices::default(), &mut |_| {});
        let commands: Vec<_> = analysis
            .read_report()
            .segments
            .into_iter()
            .map(|segment| segment.command)
            .collect();
        assert_eq!(
            commands,
            [
                Some("iptables --wait 1 --numeric --verbose --list --table filter".to_owned()),
                Some("cat /etc/resolv.conf".to_owned())
            ]
        );
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

    #[test]
    fn what_is_absent_in_a_cut_member_is_not_said_to_be_absent() {
        let object = b"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata:\n  a: one\n  b: two-and-more";
        let padding = 512 - object.len();
        for (cut, complete) in [(0, true), (1024 + padding + 5, false)] {
            let unpacked = unpack(tar(&[("x.yaml", object)], cut));
            let analysis = read_unpacked(unpacked, &Choices::default(), &mut |_| {});
            let (_, root) = analysis.artifacts.roots().next().unwrap();
            assert_eq!(root.complete(), complete);
            assert_eq!(root.at(&["data", "a"]).unwrap().str(), Some("one"));
            let cut_value = root.at(&["data", "b"]).and_then(|value| value.str().map(str::to_owned));
            let names: Vec<_> = analysis
                .sources
                .iter()
                .map(|(_, source)| source.name.as_str())
                .collect();
            if complete {
                assert_eq!(cut_value.as_deref(), Some("two-and-more"));
                assert_eq!(names, ["bundle.tar/x.yaml"]);
            } else {
                // Half a value is none.
                assert_eq!(cut_value, None);
                assert_eq!(names, ["bundle.tar/x.yaml", "bundle.tar"]);
                assert_eq!(analysis.problems.len(), 2, "{:?}", analysis.problems);
            }
        }
    }
}
