//! `ls -l` (coreutils, busybox) and `stat` (coreutils, busybox): who may read a file, and since when it is there.
//!
//! `{"files": [{"mode", "links", "owner", "group", "size", "modified", "name", "target"}], "names": […]}`; `{"files": [{"file", "size", "mode",
//! "permissions", "uid", "user", "gid", "group", "modify", …}]}`.

use crate::artifact::node::lines::{Unread, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// `ls`.
pub const LS: Format = Format::new(&Spec {
    name: "ls",
    title: "ls",
    command: |line| matches!(line.program.as_str(), "ls" | "ll" | "la") && (line.selected || !line.filtered()),
    least: 4,
    sniff: sniff_ls,
    read: read_ls,
});

/// `stat`.
pub const STAT: Format = Format::new(&Spec {
    name: "stat",
    title: "stat",
    command: |line| line.program == "stat" && line.option(&["-c", "--format", "-f", "--printf"]).is_none(),
    least: 3,
    sniff: |line, rest, hint| {
        let next = || {
            rest.lines()
                .nth(1)
                .is_some_and(|line| line.trim_start().starts_with("Size: "))
        };
        (line.trim_start().starts_with("File: ") && next()).then(|| take(rest, STAT, hint, is_stat))?
    },
    read: read_stat,
});

/// `-rw-r--r--`, and what may follow it: an ACL, a context, macOS' attributes.
fn is_mode(word: &str) -> bool {
    let bytes = word.as_bytes();
    bytes.len() >= 10
        && bytes.len() <= 11
        && bytes.first().is_some_and(|b| b"-dlbcpsD".contains(b))
        && bytes
            .get(1..10)
            .is_some_and(|mode| mode.iter().all(|b| b"rwxsStT-".contains(b)))
        && bytes.get(10).is_none_or(|b| b".+@".contains(b))
}

fn is_file(line: &str) -> bool {
    let mut words = line.split_ascii_whitespace();
    words.next().is_some_and(is_mode)
        && words.next().is_some_and(|links| links.parse::<u32>().is_ok())
        && words.count() >= 5
}

fn is_total(line: &str) -> bool {
    line.strip_prefix("total ")
        .is_some_and(|size| size.starts_with(|c: char| c.is_ascii_digit()) && !size.trim().contains(' '))
}

/// The directory whose files follow: `/etc/cni/net.d:`.
fn is_directory(line: &str) -> bool {
    line.trim_end().ends_with(':') && (line.starts_with(['/', '.', '~']) || !line.contains(' '))
}

fn sniff_ls(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let expected = hint.expects(LS);
    let next = || rest.lines().nth(1).unwrap_or_default();
    let long = is_file(line)
        || is_total(line) && (is_file(next()) || expected)
        || is_directory(line) && line.starts_with('/') && is_total(next());
    if long {
        return take(rest, LS, hint, |line| {
            is_file(line) || is_total(line) || is_directory(line) && line.starts_with(['/', '.'])
        });
    }
    // Names alone, up to a blank line.
    let named = |line: &str| !line.trim().is_empty() && !line.starts_with("ls: ") && !line.contains(": ");
    if !expected || !named(line) {
        return None;
    }
    let len = ends(rest).take_while(|(line, _)| named(line)).last()?.1;
    Some(Taken {
        len,
        format: LS,
        confidence: 0.9,
    })
}

fn read_ls(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut root = Placed::object(whole);
    let (mut files, mut listed) = (Placed::array(whole), Placed::array(whole));
    let mut directory: Option<Piece<'_>> = None;
    let long = whole.lines().any(|line| is_file(line.str()) || is_total(line.str()));
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        if let Some(size) = line.strip_prefix("total ").filter(|_| is_total(line.str())) {
            if directory.is_none() && files.is_empty() {
                root.put_number("total", size.trim());
            }
        } else if is_directory(line.str()) {
            directory = line.trim().strip_suffix(":");
        } else if let Some(mut file) = file(line) {
            if let Some(directory) = directory {
                file.put("directory", Placed::text(directory));
            }
            files.push(file);
        } else if long {
            unread.line(line, "`ls -l`");
        } else {
            for name in names(line) {
                listed.push(Placed::text(name));
            }
        }
    }
    for (name, list) in [("files", files), ("names", listed)] {
        if !list.is_empty() {
            root.put(name, list);
        }
    }
    let complete = unread.finish();
    add_document(part, LS.name(), root, complete, artifacts);
}

/// The names of a line: `ls` separates them by two blanks or tabs; one alone may have blanks.
fn names(line: Piece<'_>) -> Vec<Piece<'_>> {
    if !line.trim().contains("  ") && !line.contains('\t') {
        return vec![line.trim()];
    }
    line.words().collect()
}

/// A file of `ls -l`.
fn file(line: Piece<'_>) -> Option<Placed> {
    if !is_file(line.str()) {
        return None;
    }
    let mut value = Placed::object(line);
    let words: Vec<Piece<'_>> = line.words().take(12).collect();
    for (name, word) in ["mode", "links", "owner", "group"].iter().zip(&words) {
        value.put_number(name, *word);
    }
    // A device has two numbers for its size: `1,   3`.
    let device = words.get(4)?.ends_with(',');
    let size = words.get(4)?.to(*words.get(4 + usize::from(device))?, line);
    value.put_number("size", size);
    let at = 5 + usize::from(device);
    let first = words.get(at)?;
    // `Feb 09 11:47`, `Feb  9  2021`; `2021-02-09 11:47`, with `--full-time` the seconds and the zone, too.
    let count = if first.contains('-') && first.starts_with(|c: char| c.is_ascii_digit()) {
        let zone = words.get(at + 2).is_some_and(|word| {
            word.len() == 5 && word.starts_with(['+', '-']) && word.ends_with(|c: char| c.is_ascii_digit())
        });
        2 + usize::from(zone)
    } else {
        3
    };
    let last = words.get(at + count - 1)?;
    value.put_text("modified", first.to(*last, line));
    let name = line.skip(last.end() - line.start()).trim();
    match name.split_once(" -> ") {
        Some((name, target)) => {
            value.put_text("name", name);
            value.put_text("target", target);
        }
        None => value.put_text("name", name),
    }
    Some(value)
}

fn is_stat(line: &str) -> bool {
    let line = line.trim_start();
    [
        "File: ",
        "Size: ",
        "Device: ",
        "Access: ",
        "Modify: ",
        "Change: ",
        "Birth: ",
        "Context: ",
    ]
    .iter()
    .any(|name| line.starts_with(name))
        || line.trim_end() == "Birth:"
}

fn read_stat(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut files = Placed::array(whole);
    let mut open: Option<Placed> = None;
    for line in whole.lines().map(Piece::trim).filter(|line| !line.is_empty()) {
        if let Some(file) = line.strip_prefix("File: ") {
            if let Some(done) = open.replace(Placed::object(line)) {
                files.push(done);
            }
            if let Some(value) = &mut open {
                let (name, target) = file.split_once(" -> ").unwrap_or((file, file.skip(file.len())));
                value.put_text("file", unquoted(name));
                value.put_text("target", unquoted(target));
            }
            continue;
        }
        match open.as_mut().map(|value| (stat(line, value), value)) {
            Some((Some(()), value)) => value.extend(line),
            _ => unread.line(line, "`stat`"),
        }
    }
    if let Some(done) = open {
        files.push(done);
    }
    let complete = unread.finish();
    let mut root = Placed::object(whole);
    root.put("files", files);
    add_document(part, STAT.name(), root, complete, artifacts);
}

/// coreutils quotes names with `'`, or `‘` and `’`.
fn unquoted(name: Piece<'_>) -> Piece<'_> {
    for (open, close) in [("'", "'"), ("‘", "’"), ("`", "'")] {
        if let Some(inside) = name.trim().strip_prefix(open).and_then(|rest| rest.strip_suffix(close)) {
            return inside;
        }
    }
    name.trim()
}

/// A line of `stat` below the file's name.
fn stat(line: Piece<'_>, value: &mut Placed) -> Option<()> {
    let (name, rest) = line.split_once(":")?;
    match name.str() {
        "Size" => {
            // `Size: 1034  Blocks: 8  IO Block: 4096  regular file`
            let (size, rest) = rest.split_once("Blocks:")?;
            let (blocks, rest) = rest.split_once("IO Block:")?;
            value.put_number("size", size.trim());
            value.put_number("blocks", blocks.trim());
            let rest = rest.trim();
            let (block, kind) = rest.split_once(" ").unwrap_or((rest, rest.skip(rest.len())));
            value.put_number("ioBlock", block);
            value.put_text("fileType", kind.trim());
        }
        "Device" => {
            let (device, rest) = rest.split_once("Inode:")?;
            let (inode, rest) = rest.split_once("Links:")?;
            value.put_text("device", device.trim());
            value.put_number("inode", inode.trim());
            value.put_number("links", rest.words().next()?);
        }
        "Access" if rest.contains("Uid:") => {
            let (mode, rest) = rest.split_once("Uid:")?;
            let (user, group) = rest.split_once("Gid:")?;
            for (pair, first, second) in [
                (mode, "mode", "permissions"),
                (user, "uid", "user"),
                (group, "gid", "group"),
            ] {
                let inside = pair.trim().strip_prefix("(")?.strip_suffix(")")?;
                let (number, word) = inside.split_once("/")?;
                value.put_number(first, number.trim());
                value.put_text(second, word.trim());
            }
        }
        "Access" | "Modify" | "Change" | "Birth" | "Context" => {
            value.put_text(&name.to_ascii_lowercase(), rest.trim());
        }
        _ => return None,
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use crate::artifact::node::lines::tests::{documents, only};
    use serde_json::json;

    #[test]
    fn long_lists() {
        let text = include_str!("../../../../tests/samples/ls/token.txt");
        let bare = text.split_once('\n').unwrap().1;
        for text in [text, bare] {
            let read = only("ls", text);
            assert_eq!(read["total"], 4);
            assert_eq!(
                read["files"][0],
                json!({"mode": "drwxrwxrwt", "links": 3, "owner": "root", "group": "root", "size": 100, "modified": "Nov 21 09:47", "name": "."})
            );
            assert_eq!(read["files"][2]["name"], "token");
            assert_eq!(read["files"][2]["target"], "..data/token");
            assert_eq!(read["files"][3]["size"], "1,   3");
            assert_eq!(read["files"][3]["name"], "null");
            assert_eq!(read["files"][4]["modified"], "2026-11-21 09:47:23.000000000 +0000");
            assert_eq!(read["files"][4]["name"], "a file");
        }
    }

    #[test]
    fn names_and_directories() {
        assert_eq!(
            only("ls", "$ ls /etc/cni/net.d\n10-aws.conflist\n05-cilium.conflist\n"),
            json!({"names": ["10-aws.conflist", "05-cilium.conflist"]})
        );
        assert_eq!(
            only("ls", "$ ls\nbin  dev\tetc\n")["names"],
            json!(["bin", "dev", "etc"])
        );
        let read = only(
            "ls",
            "/etc/cni/net.d:\ntotal 8\n-rw-r--r--. 1 root root 919 Nov 21 09:47 10-aws.conflist\n",
        );
        assert_eq!(read["files"][0]["directory"], "/etc/cni/net.d");
        assert_eq!(documents("total 12 of them\n"), []);
        assert_eq!(documents("-rw-r--r-- is the mode\n"), []);
    }

    #[test]
    fn a_files_status() {
        let text = include_str!("../../../../tests/samples/stat/token.txt");
        let bare = text.split_once('\n').unwrap().1;
        for text in [text, bare] {
            assert_eq!(
                only("stat", text)["files"][0],
                json!({"file": "/run/secrets/eks.amazonaws.com/serviceaccount/token", "target": "..data/token", "size": 1034,
                    "blocks": 8, "ioBlock": 4096, "fileType": "regular file", "device": "52h/82d", "inode": 3_911_047, "links": 1,
                    "mode": "0600", "permissions": "-rw-------", "uid": 0, "user": "root", "gid": 0, "group": "root",
                    "access": "2026-11-21 09:47:23.000000000 +0000", "modify": "2026-11-21 09:47:23.000000000 +0000",
                    "change": "2026-11-21 09:47:23.000000000 +0000", "birth": "-"})
            );
        }
    }
}
