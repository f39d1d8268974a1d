//! What is packed in a way that is not opened here, by its magic number, and the command that packs it in one that is.

use super::fault::Fault;

/// A way of packing.
struct Packing {
    magic: &'static [u8],
    name: &'static str,
    /// The endings of its files' names, and what they become.
    endings: &'static [(&'static str, &'static str)],
    command: Command,
}

enum Command {
    /// A program that writes the one file in it to its output.
    Stream(&'static str),
    /// A program that unpacks the files in it to a directory, with what stands before and after the directory's name.
    Files(&'static str, &'static str),
}

const ALL: [Packing; 8] = [
    Packing {
        magic: b"\xFD7zXZ\0",
        name: "xz",
        endings: &[(".txz", ".tgz"), (".xz", ".gz")],
        command: Command::Stream("xz -dc"),
    },
    Packing {
        magic: b"BZh",
        name: "bzip2",
        endings: &[(".tbz2", ".tgz"), (".tbz", ".tgz"), (".bz2", ".gz")],
        command: Command::Stream("bzip2 -dc"),
    },
    Packing {
        magic: b"\x28\xB5\x2F\xFD",
        name: "zstd",
        endings: &[(".tzst", ".tgz"), (".zst", ".gz")],
        command: Command::Stream("zstd -dc"),
    },
    Packing {
        magic: b"\x04\x22\x4D\x18",
        name: "lz4",
        endings: &[(".lz4", ".gz")],
        command: Command::Stream("lz4 -dc"),
    },
    Packing {
        magic: b"LZIP\x01",
        name: "lzip",
        endings: &[(".tlz", ".tgz"), (".lz", ".gz")],
        command: Command::Stream("lzip -dc"),
    },
    // gzip reads what compress wrote.
    Packing {
        magic: b"\x1F\x9D",
        name: "compress",
        endings: &[(".taz", ".tgz"), (".Z", ".gz")],
        command: Command::Stream("gzip -dc"),
    },
    Packing {
        magic: b"7z\xBC\xAF\x27\x1C",
        name: "7z",
        endings: &[(".7z", "")],
        command: Command::Files("7z x -o", ""),
    },
    Packing {
        magic: b"Rar!\x1A\x07",
        name: "rar",
        endings: &[(".rar", "")],
        command: Command::Files("unrar x", "/"),
    },
];

/// Whether a file is packed in one of these ways.
pub fn is(bytes: &[u8]) -> bool {
    find(bytes).is_some()
}

fn find(bytes: &[u8]) -> Option<&'static Packing> {
    let packing = ALL.iter().find(|packing| bytes.starts_with(packing.magic))?;
    // `BZh` is three letters; the first block's magic, or an empty file's, follows the level.
    let sure = packing.magic != b"BZh" || matches!(bytes.get(4..10), Some(b"1AY&SY" | b"\x17\x72\x45\x38\x50\x90"));
    sure.then_some(packing)
}

/// The fault of such a file, with the command for a file of that name.
pub fn fault(name: &str, bytes: &[u8]) -> Option<Fault> {
    let packing = find(bytes)?;
    let file = name.rsplit('/').next().unwrap_or(name);
    let ending = packing
        .endings
        .iter()
        .find_map(|(ending, new)| Some((file.strip_suffix(ending)?, *new)));
    let command = match packing.command {
        Command::Stream(program) => {
            let (stem, new) = ending.unwrap_or((file, ".gz"));
            format!(
                "{program} {} | gzip > {}",
                quoted(file),
                quoted(&format!("{stem}{new}"))
            )
        }
        Command::Files(program, after) => {
            let stem = ending.map_or("unpacked", |(stem, _)| stem);
            let folder = quoted(&format!("{stem}{after}"));
            let packed = quoted(&format!("{stem}.tar.gz"));
            let file = quoted(file);
            let unpack = match packing.name {
                "7z" => format!("{program}{folder} {file}"),
                _ => format!("{program} {file} {folder}"),
            };
            format!("{unpack} && tar czf {packed} {}", quoted(stem))
        }
    };
    Some(Fault::Packing {
        name: packing.name,
        command,
    })
}

/// A word for a POSIX shell.
fn quoted(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'/' | b'+' | b',');
    if !word.is_empty() && !word.starts_with('-') && word.bytes().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn the_command_repacks_a_file_of_that_name() {
        for (name, magic, wanted) in [
            (
                "bundle.tar.xz",
                &b"\xFD7zXZ\0"[..],
                "xz -dc bundle.tar.xz | gzip > bundle.tar.gz",
            ),
            (
                "case 7/kubelet.log.zst",
                b"\x28\xB5\x2F\xFD",
                "zstd -dc kubelet.log.zst | gzip > kubelet.log.gz",
            ),
            (
                "my logs.tbz2",
                b"BZh91AY&SY",
                "bzip2 -dc 'my logs.tbz2' | gzip > 'my logs.tgz'",
            ),
            ("download", b"\x1F\x9D", "gzip -dc download | gzip > download.gz"),
            ("x.7z", b"7z\xBC\xAF\x27\x1C", "7z x -ox x.7z && tar czf x.tar.gz x"),
            (
                "logs.rar",
                b"Rar!\x1A\x07\x00",
                "unrar x logs.rar logs/ && tar czf logs.tar.gz logs",
            ),
        ] {
            let said = fault(name, magic).unwrap().to_string();
            assert!(said.contains(&format!("`{wanted}`")), "{said}");
        }
        assert!(fault("x.bz2", b"BZhello").is_none());
    }
}
