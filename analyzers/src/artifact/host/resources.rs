//! `df` (coreutils, busybox), `free` (procps, busybox) and `lsmod` (kmod, busybox).
//!
//! `{"filesystems": [{"Filesystem", "Size", …}]}`, `{"Mem": {"total": …}, "Swap": {…}}`, `{"modules": [{"name", "size", "refs", "usedBy":
//! […]}]}`: the columns have their titles.

use crate::artifact::node::lines::{Unread, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::text::Piece;

/// `df`.
pub const DF: Format = Format::new(&Spec {
    name: "df",
    title: "df",
    command: |line| line.program == "df",
    least: 12,
    sniff: |line, rest, hint| is_df(line).then(|| take(rest, DF, hint, |line| is_df(line) || is_filesystem(line)))?,
    read: read_df,
});

/// `free`.
pub const FREE: Format = Format::new(&Spec {
    name: "free",
    title: "free",
    command: |line| line.program == "free",
    least: 9,
    sniff: |line, rest, hint| is_free(line).then(|| take(rest, FREE, hint, |line| is_free(line) || is_memory(line)))?,
    read: read_free,
});

/// `lsmod`.
pub const LSMOD: Format = Format::new(&Spec {
    name: "lsmod",
    title: "lsmod",
    command: |line| line.program == "lsmod",
    least: 11,
    sniff: |line, rest, hint| {
        // `| grep nf_conntrack` leaves the titles out.
        let begins = is_lsmod(line) || hint.expects(LSMOD) && is_module(line);
        begins.then(|| take(rest, LSMOD, hint, |line| is_lsmod(line) || is_module(line)))?
    },
    read: read_lsmod,
});

fn is_df(line: &str) -> bool {
    line.starts_with("Filesystem ") && line.trim_end().ends_with("Mounted on")
}

/// A file system, or the rest of one whose name was too long for its column.
fn is_filesystem(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    let share = |word: &&str| word.strip_suffix('%').is_some_and(|n| n.parse::<u32>().is_ok()) || *word == "-";
    match words.as_slice() {
        [name] => name.starts_with('/') || name.contains(':'),
        [.., _, _] => words.iter().any(share) && words.iter().any(|word| word.starts_with('/')),
        _ => false,
    }
}

fn read_df(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut all = Placed::array(whole);
    let mut titles: Vec<&str> = Vec::new();
    let mut name: Option<Piece<'_>> = None;
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        if is_df(line.str()) {
            titles = line.str().split_whitespace().collect();
            // `Mounted on` is one title.
            titles.pop();
            continue;
        }
        let mut cells: Vec<Piece<'_>> = name.take().into_iter().collect();
        cells.extend(line.words());
        if cells.len() == 1 {
            name = cells.pop();
            continue;
        }
        if titles.is_empty() || cells.len() < titles.len() {
            unread.line(line, "`df`");
            continue;
        }
        let mut value = Placed::object(line);
        let last = titles.len() - 1;
        for (title, cell) in titles.iter().zip(&cells).take(last) {
            value.put_number(title, *cell);
        }
        if let (Some(first), Some(end)) = (cells.get(last), cells.last()) {
            value.put_text("Mounted on", first.to(*end, whole));
        }
        all.push(value);
    }
    let complete = unread.finish();
    let mut root = Placed::object(whole);
    root.put("filesystems", all);
    add_document(part, DF.name(), root, complete, artifacts);
}

fn is_free(line: &str) -> bool {
    line.starts_with(' ') && line.contains(" total ") && line.contains(" used ") && line.contains(" free ")
}

/// `Mem:`, `Swap:`, `-/+ buffers/cache:`, and of `-l` `Low:`, `High:`, of `-t` `Total:`.
fn is_memory(line: &str) -> bool {
    [
        "Mem:",
        "Swap:",
        "-/+ buffers/cache:",
        "Low:",
        "High:",
        "Total:",
        "Comm:",
    ]
    .iter()
    .any(|name| line.trim_start().starts_with(name))
}

fn read_free(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut root = Placed::object(whole);
    let mut titles: Vec<&str> = Vec::new();
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        if is_free(line.str()) {
            titles = line.str().split_whitespace().collect();
            continue;
        }
        let Some((name, rest)) = line.split_once(":").filter(|_| is_memory(line.str())) else {
            unread.line(line, "`free`");
            continue;
        };
        let mut value = Placed::object(line);
        // `-/+ buffers/cache:` has no total.
        let from = usize::from(name.starts_with('-'));
        for (title, cell) in titles.iter().skip(from).zip(rest.words()) {
            value.put_number(title, cell);
        }
        root.put(name.trim().str(), value);
    }
    let complete = unread.finish();
    add_document(part, FREE.name(), root, complete, artifacts);
}

fn is_lsmod(line: &str) -> bool {
    line.starts_with("Module ") && line.contains(" Size ") && line.contains("Used by")
}

/// `nf_conntrack          172032  4 xt_conntrack,nf_nat`.
fn is_module(line: &str) -> bool {
    let mut words = line.split_whitespace();
    words.next().is_some()
        && words.next().is_some_and(|size| size.parse::<u64>().is_ok())
        && words.next().is_some_and(|count| count.parse::<i32>().is_ok())
        && words.count() <= 2
}

fn read_lsmod(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut modules = Placed::array(whole);
    let mut titled = false;
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        if is_lsmod(line.str()) {
            titled = true;
            continue;
        }
        let words: Vec<Piece<'_>> = line.words().collect();
        let (Some(name), Some(size), Some(count)) = (words.first(), words.get(1), words.get(2)) else {
            unread.line(line, "`lsmod`");
            continue;
        };
        let mut value = Placed::object(line);
        value.put_text("name", *name);
        value.put_number("size", *size);
        value.put_number("refs", *count);
        if let Some(users) = words.get(3) {
            for user in users.split(|c| c == ',').filter(|user| !user.is_empty()) {
                value.push_at(&["usedBy"], *users, Placed::text(user));
            }
        }
        modules.push(value);
    }
    // Without its titles the list was filtered.
    let complete = unread.finish() && titled;
    let mut root = Placed::object(whole);
    root.put("modules", modules);
    add_document(part, LSMOD.name(), root, complete, artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::node::lines::tests::only;
    use serde_json::json;

    #[test]
    fn file_systems() {
        let read = only("df", include_str!("../../../../tests/samples/df/node.txt"));
        assert_eq!(
            read["filesystems"][1],
            json!({"Filesystem": "/dev/nvme0n1p1", "Size": "80G", "Used": "77G", "Avail": "3.1G", "Use%": "97%", "Mounted on": "/"})
        );
        assert_eq!(
            read["filesystems"][2]["Filesystem"],
            "fs-0a1b2c3d.efs.eu-west-1.amazonaws.com:/"
        );
        assert_eq!(
            read["filesystems"][2]["Mounted on"],
            "/var/lib/kubelet/pods/x/volumes/efs data"
        );
    }

    #[test]
    fn memory() {
        let read = only("free", include_str!("../../../../tests/samples/free/node.txt"));
        assert_eq!(read["Mem"]["available"], 312);
        assert_eq!(read["Swap"], json!({"total": 0, "used": 0, "free": 0}));
    }

    #[test]
    fn modules() {
        let read = only("lsmod", include_str!("../../../../tests/samples/lsmod/node.txt"));
        assert_eq!(
            read["modules"][1],
            json!({"name": "nf_conntrack", "size": 196_608, "refs": 5,
                "usedBy": ["xt_conntrack", "nf_nat", "nf_conntrack_netlink", "xt_connmark", "xt_MASQUERADE"]})
        );
    }
}
