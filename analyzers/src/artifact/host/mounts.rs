//! `mount` (util-linux, busybox) and `/proc/mounts` (man 5 proc): `{"filesystems": [{"source", "target", "fstype", "options": […]}]}`, with the
//! names of `findmnt -J`.

use crate::artifact::node::lines::{Unread, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// What is mounted.
pub const FORMAT: Format = Format::new(&Spec {
    name: "mount",
    title: "mounts",
    command: |line| {
        line.program == "mount"
            || line.args.iter().any(|arg| {
                arg.starts_with("/proc/") && (arg.ends_with("/mounts") || arg == "/proc/mounts")
                    || matches!(arg.as_str(), "/etc/mtab" | "/etc/fstab")
            })
    },
    least: 7,
    sniff,
    read,
});

struct Mount<'a> {
    source: Piece<'a>,
    target: Piece<'a>,
    kind: Piece<'a>,
    options: Piece<'a>,
}

/// `overlay on / type overlay (rw,relatime)`.
fn listed(line: Piece<'_>) -> Option<Mount<'_>> {
    let line = line.trim();
    let (before, options) = line.rsplit_once(" (")?;
    let options = options.strip_suffix(")")?;
    let (before, kind) = before.rsplit_once(" type ")?;
    let (source, _) = before.split_once(" on /")?;
    let target = before.skip(source.len() + " on ".len());
    (!kind.contains(' ')).then_some(Mount {
        source,
        target,
        kind,
        options,
    })
}

/// `overlay / overlay rw,relatime 0 0`.
fn proc(line: Piece<'_>) -> Option<Mount<'_>> {
    let words: Vec<Piece<'_>> = line.words().take(7).collect();
    let [source, target, kind, options, dump, pass] = words.as_slice() else {
        return None;
    };
    let flags = options.split(|c| c == ',').next().map_or("", Piece::str);
    let digit = |word: &Piece<'_>| word.len() == 1 && word.bytes().all(|b| b.is_ascii_digit());
    (target.starts_with('/') && matches!(flags, "rw" | "ro" | "defaults") && digit(dump) && digit(pass)).then_some(
        Mount {
            source: *source,
            target: *target,
            kind: *kind,
            options: *options,
        },
    )
}

fn mount(line: Piece<'_>) -> Option<Mount<'_>> {
    listed(line).or_else(|| proc(line))
}

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    if !(line.contains(" on /") || line.contains(" rw") || line.contains(" ro") || line.contains(" defaults")) {
        return None;
    }
    let own = |line: &str| mount(Piece::new(line)).is_some();
    own(line).then(|| take(rest, FORMAT, hint, own))?
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut all = Placed::array(whole);
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        let Some(mount) = mount(line) else {
            unread.line(line, FORMAT.title());
            continue;
        };
        let mut value = Placed::object(line);
        value.put_text("source", mount.source);
        value.put_text("target", mount.target);
        value.put_text("fstype", mount.kind);
        for option in mount.options.split(|c| c == ',').filter(|option| !option.is_empty()) {
            value.push_at(&["options"], mount.options, Placed::text(option));
        }
        all.push(value);
    }
    let complete = unread.finish() && !part.command().is_some_and(|line| line.filtered());
    let mut root = Placed::object(whole);
    root.put("filesystems", all);
    add_document(part, FORMAT.name(), root, complete, artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::node::lines::tests::{documents, only};
    use serde_json::json;

    #[test]
    fn both_forms() {
        let wanted = json!([
            {"source": "overlay", "target": "/", "fstype": "overlay", "options": ["rw", "relatime", "lowerdir=/a:/b"]},
            {"source": "fs-0a1b.efs.eu-west-1.amazonaws.com:/", "target": "/data", "fstype": "nfs4", "options": ["ro", "vers=4.1"]}]);
        let text = include_str!("../../../../tests/samples/mount/pod.txt");
        let bare = text.split_once('\n').unwrap().1;
        for text in [text, bare] {
            assert_eq!(only("mount", text)["filesystems"], wanted);
        }
        let text = include_str!("../../../../tests/samples/mount/proc.txt");
        let bare = text.split_once('\n').unwrap().1;
        for text in [text, bare] {
            assert_eq!(only("mount", text)["filesystems"], wanted);
        }
        assert_eq!(documents("the volume is mounted on /data and rw\n"), []);
    }
}
