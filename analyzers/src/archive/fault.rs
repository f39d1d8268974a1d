//! Why something of an archive was not read, or not as it was packed.

use std::borrow::Cow;
use std::fmt;

use super::{DEPTH, MEMBERS, TOTAL};

/// What was found wrong with an archive, or with a member of it. Its text is one sentence or two: what is wrong and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The file ends inside of a member.
    CutInside {
        /// What kind of file.
        container: Container,
        /// The member.
        member: String,
        /// How many of its bytes are there: packed ones, where they are packed.
        there: u64,
        /// How many there should be, where that is written.
        size: Option<u64>,
    },
    /// The file ends where another member, or its end mark, should follow.
    CutAfter {
        /// What kind of file.
        container: Container,
        /// The last member that is whole.
        member: Option<String>,
    },
    /// What follows a member is not what should follow.
    DamagedAfter {
        /// What kind of file.
        container: Container,
        /// The last member before it.
        member: Option<String>,
    },
    /// The packed bytes of a member cannot be unpacked to their end.
    Damaged {
        /// The member; empty for a file that has just one.
        member: String,
    },
    /// Of this member there is only the beginning.
    Beginning,
    /// What was unpacked is not what was packed.
    Checksum {
        /// The member; empty for a file that has just one.
        member: String,
    },
    /// A zip file without its directory.
    NoDirectory,
    /// What follows the packed bytes is nothing that belongs there.
    Trailing {
        /// How many bytes.
        bytes: usize,
    },
    /// A member is encrypted.
    Encrypted {
        /// The member.
        member: String,
    },
    /// A member is packed by a method that is not read.
    Method {
        /// The member.
        member: String,
        /// The method's number in the zip format.
        method: u16,
    },
    /// The file is packed in a way that is not read.
    Packing {
        /// The way's name.
        name: &'static str,
        /// The command that makes of it a file that is read.
        command: String,
    },
    /// A member is a file with holes.
    Sparse {
        /// The member.
        member: String,
    },
    /// Members that are links to others.
    Links {
        /// How many.
        count: usize,
        /// The first of them.
        member: String,
        /// What it points to.
        target: String,
    },
    /// Members with the same name.
    Repeated {
        /// How many members have a name that another one before them has.
        count: usize,
        /// The first of these names.
        member: String,
    },
    /// More comes out than is read at once.
    TooLarge,
    /// It has more members than are read at once.
    TooMany,
    /// It lies in too many others.
    TooDeep,
    /// So much comes out of so little that it is made to fill the memory.
    Bomb,
    /// Faults that are not said one by one.
    More {
        /// How many.
        count: usize,
    },
    /// A folder without a file.
    FolderEmpty,
    /// A folder has more files than are read at once.
    FolderTooMany,
    /// A folder has more in it than is read at once.
    FolderTooLarge {
        /// How many of its files had no room.
        count: usize,
    },
    /// Members that were not read.
    Skipped {
        /// How many members there are.
        all: usize,
        /// What they are.
        what: Vec<Kept>,
        /// A journal among them.
        journal: Option<String>,
    },
}

/// Members of one kind that were not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// What they are: `empty`, `program`.
    pub kind: Cow<'static, str>,
    /// How many.
    pub count: usize,
    /// The first of them.
    pub first: Vec<String>,
}

impl Kept {
    /// So many are named.
    const NAMED: usize = 3;

    /// None yet.
    pub fn new(kind: Cow<'static, str>) -> Self {
        Self {
            kind,
            count: 0,
            first: Vec::new(),
        }
    }

    /// One more.
    pub fn add(&mut self, path: &str) {
        self.count += 1;
        if self.first.len() < Self::NAMED {
            self.first.push(path.to_owned());
        }
    }
}

/// The kinds of archives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    /// `.gz`
    Gzip,
    /// `.tar`
    Tar,
    /// `.zip`
    Zip,
}

impl fmt::Display for Container {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gzip => "gzip file",
            Self::Tar => "tar archive",
            Self::Zip => "zip file",
        })
    }
}

/// A member, or `it` where a file has just one.
fn it(member: &str) -> &str {
    if member.is_empty() { "it" } else { member }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CutInside {
                container,
                member,
                there,
                size,
            } => cut_inside(f, *container, member, *there, *size),
            Self::CutAfter { container, member } => {
                match member {
                    Some(member) => write!(f, "The {container} breaks off after {member}: its end mark is missing")?,
                    None => write!(f, "The {container} breaks off before its first member")?,
                }
                f.write_str("; fetch the file again to have what may follow.")
            }
            Self::DamagedAfter { container, member } => {
                let after = member.as_deref().unwrap_or("its beginning");
                write!(
                    f,
                    "The {container} is damaged after {after}; what was found behind the damage was read, too. Fetch the file again \
                     to have the rest."
                )
            }
            Self::Damaged { member } => write!(
                f,
                "The packed bytes of {} are damaged; what stands before the damage was read. Fetch the file again to have the rest.",
                it(member)
            ),
            Self::Beginning => f.write_str(
                "Only its beginning could be unpacked, up to the last whole line of that; what is not in it may still exist.",
            ),
            Self::Checksum { member } => write!(
                f,
                "The checksum of {} does not fit what was unpacked: parts of it may be wrong. It was read; fetch the file again to be \
                 sure of it.",
                it(member)
            ),
            Self::NoDirectory => f.write_str(
                "The directory of the zip file, which stands at its end, is missing or damaged; its members were found by their own \
                 headers. Fetch the file again if some are missing.",
            ),
            Self::Trailing { bytes } => {
                write!(f, "After what is packed stand {bytes} bytes that do not belong to it; they were not read.")
            }
            Self::Encrypted { member } => write!(
                f,
                "{member} is encrypted and was not read; unpack it with its password and add the files that come out."
            ),
            Self::Method { member, method } => method_text(f, member, *method),
            Self::Packing { name, command } => {
                write!(f, "It is packed as {name}, which is not opened here; run `{command}` and add that file.")
            }
            Self::Sparse { member } => write!(
                f,
                "{member} is stored as a sparse file and was not read; unpack the archive and add that file alone."
            ),
            Self::Links { count, member, target } => links(f, *count, member, target),
            Self::Repeated { count, member } => repeated(f, *count, member),
            Self::TooLarge => write!(
                f,
                "More than {} MB come out of it; the first were read. Unpack it and add the files that matter.",
                TOTAL >> 20
            ),
            Self::TooMany => write!(
                f,
                "It has more than {MEMBERS} members; the first were read. Unpack it and add the files that matter."
            ),
            Self::TooDeep => write!(
                f,
                "It lies in more than {DEPTH} archives, one in the other, and was not opened; unpack the outer ones."
            ),
            Self::Bomb => f.write_str(
                "Far more comes out of it than logs and listings pack together: it looks made to fill the memory and was not opened \
                 further. If it is not, unpack it and add the files that matter.",
            ),
            Self::More { count } => write!(f, "{count} more members of it could not be read, or not whole."),
            Self::FolderEmpty => f.write_str("There is no file in it."),
            Self::FolderTooMany => write!(
                f,
                "It has more than {MEMBERS} files; the first by their names were read. Add the files or folders that matter alone."
            ),
            Self::FolderTooLarge { count } => write!(
                f,
                "It has more than {} MB in it; {count} {} not read. Add the files or folders that matter alone.",
                TOTAL >> 20,
                if *count == 1 { "file that had no room left was" } else { "files that had no room left were" },
            ),
            Self::Skipped { all, what, journal } => skipped(f, *all, what, journal.as_deref()),
        }
    }
}

fn cut_inside(
    f: &mut fmt::Formatter<'_>,
    container: Container,
    member: &str,
    there: u64,
    size: Option<u64>,
) -> fmt::Result {
    write!(f, "The {container} breaks off inside of {}", it(member))?;
    match size {
        Some(size) => write!(f, ", of which {there} of {size} bytes are there")?,
        None => write!(f, ", of which {there} bytes are there")?,
    }
    f.write_str("; what stands before the break was read. Fetch the file again to have the rest.")
}

/// The numbers of APPNOTE.TXT, section 4.4.5.
fn method_text(f: &mut fmt::Formatter<'_>, member: &str, method: u16) -> fmt::Result {
    let name = match method {
        9 => " (Deflate64)",
        12 => " (bzip2)",
        14 => " (LZMA)",
        93 => " (Zstandard)",
        95 => " (xz)",
        99 => " (AES encryption)",
        _ => "",
    };
    write!(
        f,
        "{member} is packed by method {method}{name}, which is not opened here; unpack the zip file and add that file, or pack it again \
         with `zip -r`."
    )
}

fn links(f: &mut fmt::Formatter<'_>, count: usize, member: &str, target: &str) -> fmt::Result {
    if count == 1 {
        write!(f, "{member} is a link to {target} and was not read by this name.")
    } else {
        write!(
            f,
            "{count} members are links to others and were not read by these names, the first is {member}, a link to {target}."
        )
    }
}

fn repeated(f: &mut fmt::Formatter<'_>, count: usize, member: &str) -> fmt::Result {
    write!(
        f,
        "{member} stands in it more than once{}; the later ones were read as “{member} (2)” and so on.",
        if count > 1 { ", and so do others" } else { "" }
    )
}

fn skipped(f: &mut fmt::Formatter<'_>, all: usize, what: &[Kept], journal: Option<&str>) -> fmt::Result {
    let count: usize = what.iter().map(|kept| kept.count).sum();
    write!(f, "{count} of its {all} members were not read: ")?;
    for (place, kept) in what.iter().enumerate() {
        let comma = if place == 0 { "" } else { ", " };
        let more = if kept.count > kept.first.len() { ", …" } else { "" };
        write!(
            f,
            "{comma}{} × {} ({}{more})",
            kept.count,
            kept.kind,
            kept.first.join(", ")
        )?;
    }
    f.write_str(".")?;
    match journal {
        Some(journal) => write!(
            f,
            " Print a journal with `journalctl --file {journal} > journal.txt` and add that."
        ),
        None => Ok(()),
    }
}
