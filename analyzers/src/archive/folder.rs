//! Folders: which files of one are read, within the same bounds as what comes out of an archive.
//!
//! Walking is the caller's, a browser and a terminal walk differently. What is taken and what is left out is decided here, so that both
//! say the same of the same folder.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{MEMBERS, Names, Opened, TOTAL, binary, container, harmless, is_archive, packed, walk};
use crate::Input;
use crate::artifact::pcap;
use crate::text::is_binary;

/// A file of more bytes than this is looked into before it is read: where it is no text it takes room from those that are.
pub const LARGE: u64 = 8 << 20;
/// So much is looked at; tar's mark stands in the first 512 bytes, and a text has no NUL in as many as this.
pub const BEGINNING: usize = 8192;
/// How many entries are looked at, folders and those that are left out included.
pub const ENTRIES: usize = MEMBERS * 5;
/// How deep folders may lie in each other: a link to a folder above itself ends here, where a browser follows it.
pub const LEVELS: usize = 64;

/// What is left out, and why.
pub const HIDDEN: &str = "hidden file";
/// See [`HIDDEN`].
pub const HIDDEN_FOLDER: &str = "hidden folder";
/// See [`HIDDEN`].
pub const LINK: &str = "link";
/// See [`HIDDEN`]: a device, a socket, a pipe.
pub const SPECIAL: &str = "no regular file";
/// See [`HIDDEN`].
pub const TOO_DEEP: &str = "folder too deep in others";
/// See [`HIDDEN`].
pub const UNREADABLE: &str = "not readable";
/// See [`HIDDEN`].
pub const NO_ROOM: &str = "no room left";

/// Something in a folder that is not read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Where it is in the folder.
    pub path: String,
    /// How many bytes it has, where that is known.
    pub bytes: Option<u64>,
    /// What it is: one of the words of this module, or of [`binary::kind`].
    pub why: Cow<'static, str>,
}

/// What a walk through a folder has found, in the order of its names. `F` is what a file can be read by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing<F> {
    /// Files by their paths in the folder.
    pub files: Vec<(String, F)>,
    /// What is not read.
    pub left_out: Vec<LeftOut>,
    /// Whether the walk was ended before all was seen.
    pub more: bool,
    seen: usize,
}

impl<F> Default for Listing<F> {
    fn default() -> Self {
        Self {
            files: Vec::new(),
            left_out: Vec::new(),
            more: false,
            seen: 0,
        }
    }
}

impl<F> Listing<F> {
    /// Lists files that are all known from the beginning, each with its size.
    pub fn of(mut files: Vec<(String, u64, F)>) -> Self {
        files.sort_by(|(one, ..), (other, ..)| one.split('/').cmp(other.split('/')));
        let mut listing = Self::default();
        let mut not_entered: Option<String> = None;
        for (path, bytes, file) in files {
            let inside = |folder: &String| {
                path.strip_prefix(folder.as_str())
                    .is_some_and(|rest| rest.starts_with('/'))
            };
            if not_entered.as_ref().is_some_and(inside) {
                continue;
            }
            let folders = path.match_indices('/').filter_map(|(at, _)| path.get(..at));
            let closed = folders
                .enumerate()
                .find(|(level, folder)| why_not(folder, *level).is_some());
            if let Some((_, folder)) = closed {
                let folder = folder.to_owned();
                listing.enter(&folder);
                not_entered = Some(folder);
            } else {
                listing.file(path, bytes, file);
            }
            if listing.more {
                break;
            }
        }
        listing
    }

    /// Whether a folder in the folder is to be walked.
    pub fn enter(&mut self, path: &str) -> bool {
        let why = why_not(path, path.matches('/').count());
        if let Some(why) = why {
            self.leave_out(path.to_owned(), None, why);
            return false;
        }
        self.count()
    }

    /// Takes a file, or names it as hidden.
    pub fn file(&mut self, path: String, bytes: u64, file: F) {
        if is_hidden(&path) {
            self.leave_out(path, Some(bytes), HIDDEN);
        } else if self.files.len() >= MEMBERS {
            self.more = true;
        } else if self.count() {
            self.files.push((path, file));
        }
    }

    /// Names something that is not read.
    pub fn leave_out(&mut self, path: String, bytes: Option<u64>, why: &'static str) {
        if self.count() {
            self.left_out.push(LeftOut {
                path,
                bytes,
                why: why.into(),
            });
        }
    }

    /// Whether there is room for one more.
    fn count(&mut self) -> bool {
        self.seen += 1;
        self.more |= self.seen > ENTRIES;
        !self.more
    }
}

/// Why a folder is not walked; `level` folders are around it.
fn why_not(path: &str, level: usize) -> Option<&'static str> {
    if is_hidden(path) {
        Some(HIDDEN_FOLDER)
    } else if level >= LEVELS {
        Some(TOO_DEEP)
    } else {
        None
    }
}

/// Whether something is hidden as Unix hides it.
fn is_hidden(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|name| name.starts_with('.'))
}

/// A file that can be read.
pub trait Readable {
    /// How many bytes it has.
    fn bytes(&self) -> u64;

    /// The first so many of them, all where `None`; nothing where the file cannot be read.
    fn read(&self, first: Option<usize>) -> Option<Vec<u8>>;
}

/// A folder, its files read.
#[derive(Debug, Clone, Default)]
pub struct Folder {
    /// Its name.
    pub name: String,
    /// Its files, named by their paths in it.
    pub files: Vec<Input>,
    /// What was not read.
    pub left_out: Vec<LeftOut>,
    /// Whether it has more than was looked at.
    pub more: bool,
}

impl Folder {
    /// Reads the files of a listing, as many as there is room for: one that is too big leaves its room to the next.
    pub fn read<F: Readable>(name: String, listing: Listing<F>) -> Self {
        let mut folder = Self {
            name,
            files: Vec::with_capacity(listing.files.len()),
            left_out: listing.left_out,
            more: listing.more,
        };
        let mut room = TOTAL;
        for (path, file) in listing.files {
            let size = file.bytes();
            match take(&file, size, room) {
                Ok(bytes) => {
                    room = room.saturating_sub(bytes.len());
                    folder.files.push(Input { name: path, bytes });
                }
                Err(why) => folder.left_out.push(LeftOut {
                    path,
                    bytes: Some(size),
                    why: why.into(),
                }),
            }
        }
        folder
    }
}

/// The bytes of a file, or why they are not read.
fn take(file: &impl Readable, size: u64, room: usize) -> Result<Vec<u8>, &'static str> {
    if size > LARGE {
        let beginning = file.read(Some(BEGINNING)).ok_or(UNREADABLE)?;
        if let Some(kind) = no_text(&beginning) {
            return Err(kind);
        }
    }
    if usize::try_from(size).map_or(true, |size| size > room) {
        return Err(NO_ROOM);
    }
    // A file may have grown since it was listed.
    file.read(None)
        .ok_or(UNREADABLE)
        .and_then(|bytes| if bytes.len() > room { Err(NO_ROOM) } else { Ok(bytes) })
}

/// What a file is by its beginning, where it is nothing that is read or taken apart.
fn no_text(beginning: &[u8]) -> Option<&'static str> {
    if pcap::is_capture(beginning) || is_archive(beginning) {
        return None;
    }
    binary::kind(beginning).or_else(|| is_binary(beginning).then_some("binary file"))
}

/// Takes the archives of a folder apart, down to its texts.
pub fn open(name: &str, files: Vec<Input>) -> Opened {
    let is_packed = |bytes: &[u8]| container(bytes).is_some() || packed::is(bytes);
    let plain = files.iter().filter(|file| !is_packed(&file.bytes));
    let mut opened = Opened {
        held: files.iter().map(|file| file.bytes.len()).sum(),
        // What comes out of the archives has the room that the files leave.
        total: plain.map(|file| file.bytes.len()).sum(),
        members: files.len(),
        ..Opened::default()
    };
    let mut names = Names::default();
    for Input { name: path, bytes } in files {
        let path = names.unique(&harmless(path.as_bytes()));
        let input = Input {
            name: format!("{name}/{path}"),
            bytes,
        };
        if is_packed(&input.bytes) {
            walk(input, true, 0, &mut opened);
        } else {
            opened.inputs.push(input);
        }
    }
    opened
}

#[cfg(test)]
mod tests {
    use super::{
        ENTRIES, Folder, HIDDEN, HIDDEN_FOLDER, LARGE, LEVELS, LINK, LeftOut, Listing, NO_ROOM, Readable, TOO_DEEP,
        UNREADABLE, open,
    };
    use crate::Input;
    use crate::archive::{MEMBERS, TOTAL};

    /// A file that says it has so many bytes, and begins with these.
    struct Fake(u64, Option<&'static [u8]>);

    impl Readable for Fake {
        fn bytes(&self) -> u64 {
            self.0
        }

        fn read(&self, first: Option<usize>) -> Option<Vec<u8>> {
            let bytes = self.1?;
            assert!(first.is_some() || self.0 < 1 << 30, "a huge file is not read whole");
            Some(bytes.get(..first.unwrap_or(bytes.len())).unwrap_or(bytes).to_vec())
        }
    }

    fn left(path: &str, bytes: Option<u64>, why: &'static str) -> LeftOut {
        LeftOut {
            path: path.to_owned(),
            bytes,
            why: why.into(),
        }
    }

    #[test]
    fn files_are_listed_by_name_and_hidden_ones_are_named() {
        let files = [
            "b/z.txt",
            "b-a/x.txt",
            ".git/objects/00/1",
            ".git/HEAD",
            "b/.kube/config",
            "a.txt",
            ".DS_Store",
        ];
        let listing = Listing::of(files.map(|path| (path.to_owned(), 7, ())).into());
        let paths: Vec<_> = listing.files.iter().map(|(path, ())| path.as_str()).collect();
        assert_eq!(paths, ["a.txt", "b/z.txt", "b-a/x.txt"]);
        assert_eq!(
            listing.left_out,
            [
                left(".DS_Store", Some(7), HIDDEN),
                left(".git", None, HIDDEN_FOLDER),
                left("b/.kube", None, HIDDEN_FOLDER),
            ]
        );
        assert!(!listing.more);
    }

    #[test]
    fn a_walk_ends_somewhere() {
        let many = |count: usize, name: fn(usize) -> String| {
            Listing::of((0..count).map(|number| (name(number), 1, ())).collect())
        };
        let all = many(MEMBERS, |number| format!("{number:06}.log"));
        assert_eq!((all.files.len(), all.more), (MEMBERS, false));
        let more = many(MEMBERS + 1, |number| format!("{number:06}.log"));
        assert_eq!((more.files.len(), more.more), (MEMBERS, true));
        let hidden = many(ENTRIES + 9, |number| format!(".{number:06}"));
        assert_eq!((hidden.left_out.len(), hidden.more), (ENTRIES, true));
        let mut listing: Listing<()> = Listing::default();
        let level = |levels: usize| vec!["loop"; levels + 1].join("/");
        assert!(listing.enter(&level(LEVELS - 1)));
        assert!(!listing.enter(&level(LEVELS)));
        assert_eq!(listing.left_out, [left(&level(LEVELS), None, TOO_DEEP)]);
        let deep = Listing::of(vec![(format!("{}/x/file", level(LEVELS)), 1, ())]);
        assert_eq!(deep.left_out, [left(&level(LEVELS), None, TOO_DEEP)]);
        assert!(deep.files.is_empty());
    }

    #[test]
    fn what_cannot_be_read_is_named_and_leaves_its_room() {
        let huge = TOTAL as u64 + 1;
        let mut listing = Listing::default();
        for (path, file) in [
            ("a.txt", Fake(4, Some(b"one\n"))),
            ("core.1234", Fake(40 << 30, Some(b"\x7FELF\x02\x01\x01\0"))),
            ("disk.img", Fake(40 << 30, Some(b"\xEB\x63\x90\0\0\0"))),
            (
                "kubelet.log",
                Fake(huge, Some(b"I1121 10:00:00.000001    1 a.go:1] x\n")),
            ),
            ("messages", Fake(99, None)),
            ("system.journal", Fake(LARGE + 1, Some(b"LPKSHHRH\0\0\0\0"))),
            ("z.txt", Fake(4, Some(b"two\n"))),
        ] {
            listing.file(path.to_owned(), file.0, file);
        }
        listing.leave_out("latest".to_owned(), None, LINK);
        let folder = Folder::read("bundle".to_owned(), listing);
        let read: Vec<_> = folder
            .files
            .iter()
            .map(|file| (file.name.as_str(), &file.bytes[..]))
            .collect();
        assert_eq!(read, [("a.txt", &b"one\n"[..]), ("z.txt", b"two\n")]);
        assert_eq!(
            folder.left_out,
            [
                left("latest", None, LINK),
                left("core.1234", Some(40 << 30), "program"),
                left("disk.img", Some(40 << 30), "binary file"),
                left("kubelet.log", Some(huge), NO_ROOM),
                left("messages", Some(99), UNREADABLE),
                left("system.journal", Some(LARGE + 1), "journal of systemd"),
            ]
        );
    }

    #[test]
    fn archives_in_a_folder_are_opened_and_names_are_harmless() {
        // `printf 'one\n' | gzip -1n`, stored.
        let gz = b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x01\x04\0\xfb\xffone\n\x9f\xa8\x17\xf8\x04\0\0\0";
        let file = |name: &str, bytes: &[u8]| Input {
            name: name.to_owned(),
            bytes: bytes.to_vec(),
        };
        let opened = open(
            "b",
            vec![
                file("sub/one.gz", gz),
                file("a\x1b[2J", b"x\n"),
                file("old.xz", b"\xFD7zXZ\0..."),
            ],
        );
        let names: Vec<_> = opened.inputs.iter().map(|input| input.name.as_str()).collect();
        assert_eq!(names, ["b/sub/one.gz", "b/a\u{FFFD}[2J"]);
        assert_eq!(opened.inputs[0].bytes, b"one\n");
        assert_eq!(
            opened.faults.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
            ["b/old.xz"]
        );
    }
}
