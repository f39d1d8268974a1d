//! What is named on the command line: files, folders and standard input.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::PathBuf;

use whypath_analyzers::Input;
use whypath_analyzers::analysis::{Unpacked, unpack, unpack_folder};
use whypath_analyzers::archive::folder::{Folder, LINK, Listing, Readable, SPECIAL, UNREADABLE};

use super::arguments::UsageError;

/// The name of what comes through `-`.
const STANDARD_INPUT: &str = "standard input";

/// The name under which something on the command line is told of.
pub fn name_of(file: &str) -> &str {
    if file == "-" {
        return STANDARD_INPUT;
    }
    // `bundle/`, as shells complete the names of folders.
    match file.trim_end_matches('/') {
        "" => file,
        name => name,
    }
}

/// Reads and opens everything that is named.
pub fn read_all(files: &[String]) -> Result<Unpacked, UsageError> {
    if files.is_empty() {
        return Err(UsageError::Wrong(
            "name the files to read, or `-` for standard input".to_owned(),
        ));
    }
    let mut all = Unpacked::default();
    for file in files {
        let failed = |why: io::Error| UsageError::Wrong(format!("{file} cannot be read: {why}"));
        let name = name_of(file).to_owned();
        if file != "-" && fs::metadata(file).map_err(failed)?.is_dir() {
            let listing = walk(file).map_err(failed)?;
            all.append(unpack_folder(Folder::read(name, listing)));
            continue;
        }
        let mut bytes = Vec::new();
        if file == "-" {
            io::stdin().lock().read_to_end(&mut bytes).map_err(failed)?;
        } else {
            bytes = fs::read(file).map_err(failed)?;
        }
        all.append(unpack(vec![Input { name, bytes }]));
    }
    Ok(all)
}

/// A file that a walk has found.
struct Found {
    path: PathBuf,
    bytes: u64,
}

impl Readable for Found {
    fn bytes(&self) -> u64 {
        self.bytes
    }

    fn read(&self, first: Option<usize>) -> Option<Vec<u8>> {
        let Some(first) = first else {
            return fs::read(&self.path).ok();
        };
        let mut bytes = Vec::new();
        let file = File::open(&self.path).ok()?;
        file.take(first as u64).read_to_end(&mut bytes).ok()?;
        Some(bytes)
    }
}

/// Lists a folder by the names in it. Links are named and not followed: what they point to is in the folder anyway, or is none of it.
fn walk(root: &str) -> io::Result<Listing<Found>> {
    let mut listing = Listing::default();
    // What is still to be looked at, the next one last.
    let mut waiting = entries(&PathBuf::from(root), "")?;
    while let Some((path, name)) = waiting.pop() {
        let Ok(metadata) = fs::symlink_metadata(&path) else {
            listing.leave_out(name, None, UNREADABLE);
            continue;
        };
        let kind = metadata.file_type();
        if kind.is_symlink() {
            listing.leave_out(name, None, LINK);
        } else if kind.is_dir() {
            if listing.enter(&name) {
                match entries(&path, &name) {
                    Ok(inside) => waiting.extend(inside),
                    Err(_) => listing.leave_out(name, None, UNREADABLE),
                }
            }
        } else if kind.is_file() {
            let bytes = metadata.len();
            listing.file(name, bytes, Found { path, bytes });
        } else {
            listing.leave_out(name, None, SPECIAL);
        }
        if listing.more {
            break;
        }
    }
    Ok(listing)
}

/// What is in a folder, the first name last, each with its path from the root of the walk.
fn entries(folder: &PathBuf, below: &str) -> io::Result<Vec<(PathBuf, String)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if below.is_empty() {
            name
        } else {
            format!("{below}/{name}")
        };
        found.push((entry.path(), path));
    }
    found.sort_by(|(_, one), (_, other)| other.cmp(one));
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::{name_of, read_all};
    use std::fs;
    use std::os::unix::fs::symlink;

    #[test]
    fn names_are_those_of_the_command_line() {
        assert_eq!(name_of("-"), "standard input");
        assert_eq!(name_of("bundle//"), "bundle");
        assert_eq!(name_of("/"), "/");
        assert_eq!(name_of("a/b.txt"), "a/b.txt");
    }

    #[test]
    fn a_folder_is_walked_by_its_names_and_links_are_not_followed() {
        let root = std::env::temp_dir().join(format!("whypath-folder-{}", std::process::id()));
        let write = |path: &str, text: &str| {
            let file = root.join(path);
            fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
            fs::write(file, text).expect("a file");
        };
        write("b/networking/resolv.conf", "nameserver 10.100.0.10\n");
        write("b/networking/a.txt", "the quick brown fox\n");
        write("b/a.txt", "one\n");
        write("b/.cache/x", "x\n");
        symlink("..", root.join("b/loop")).expect("a link");
        symlink("/nowhere", root.join("b/z")).expect("a link");
        let argument = format!("{}/b/", root.display());
        let unpacked = read_all(&[argument]).expect("a folder that can be read");
        fs::remove_dir_all(&root).expect("the folder again");
        let name = format!("{}/b", root.display());
        let names: Vec<_> = unpacked
            .inputs
            .iter()
            .map(|input| input.name.strip_prefix(&name).unwrap_or(&input.name))
            .collect();
        assert_eq!(names, ["/a.txt", "/networking/a.txt", "/networking/resolv.conf"]);
        let said: Vec<_> = unpacked.faults.iter().map(|(_, fault)| fault.to_string()).collect();
        assert_eq!(
            said,
            ["3 of its 6 members were not read: 1 × hidden folder (.cache), 2 × link (loop, z)."]
        );
        assert!(read_all(&["/nowhere/at/all".to_owned()]).is_err());
    }
}
