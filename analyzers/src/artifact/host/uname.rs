//! `uname -a` (`man 2 uname`) and `/etc/os-release` (`man os-release`): which kernel, and which system.
//!
//! `{"sysname": "Linux", "nodename", "release", "version", "machine"}`; `{"ID": "amzn", "VERSION_ID": "2023", …}`.

use crate::artifact::node::lines::{Unread, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// `uname`.
pub const UNAME: Format = Format::new(&Spec {
    name: "uname",
    title: "uname",
    command: |line| line.program == "uname",
    least: 8,
    sniff: sniff_uname,
    read: read_uname,
});

/// `/etc/os-release`.
pub const OS_RELEASE: Format = Format::new(&Spec {
    name: "os-release",
    title: "os-release",
    command: |line| line.args.iter().any(|arg| arg.ends_with("os-release")),
    least: 1,
    sniff: sniff_os_release,
    read: read_os_release,
});

/// Architectures that nodes have.
const MACHINES: [&str; 5] = ["x86_64", "aarch64", "arm64", "i686", "armv7l"];

fn sniff_uname(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let whole =
        line.starts_with("Linux ") && line.contains(" #") && MACHINES.iter().any(|machine| line.contains(machine));
    // `uname -r` prints one word.
    let release =
        hint.expects(UNAME) && line.split_whitespace().count() == 1 && line.starts_with(|c: char| c.is_ascii_digit());
    let mut lines = 0;
    (whole || release).then(|| {
        take(rest, UNAME, hint, |_| {
            lines += 1;
            lines < 2
        })
    })?
}

fn read_uname(part: &Part<'_>, artifacts: &mut Artifacts, _: &mut Vec<Problem>) {
    let whole = Piece::new(part.text()).trim();
    let mut root = Placed::object(whole);
    let words: Vec<Piece<'_>> = whole.words().collect();
    if let [release] = words.as_slice() {
        root.put_text("release", *release);
        add_document(part, UNAME.name(), root, false, artifacts);
        return;
    }
    for (name, word) in ["sysname", "nodename", "release"].iter().zip(&words) {
        root.put_text(name, *word);
    }
    // The version has blanks; the machine is the first architecture behind it.
    if let Some(at) = words.iter().skip(3).position(|word| MACHINES.contains(&word.str())) {
        if let (Some(first), Some(last)) = (words.get(3), words.get(2 + at))
            && at > 0
        {
            root.put_text("version", first.to(*last, whole));
        }
        if let Some(machine) = words.get(3 + at) {
            root.put_text("machine", *machine);
        }
    }
    add_document(part, UNAME.name(), root, true, artifacts);
}

/// `PRETTY_NAME="Amazon Linux 2023"`.
fn assignment(line: Piece<'_>) -> Option<(Piece<'_>, Piece<'_>)> {
    let (name, value) = line.trim().split_once("=")?;
    let named = !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    let bare = value
        .strip_prefix("\"")
        .and_then(|rest| rest.strip_suffix("\""))
        .or_else(|| value.strip_prefix("'").and_then(|rest| rest.strip_suffix("'")))
        .unwrap_or(value);
    named.then_some((name, bare))
}

fn sniff_os_release(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let own = |line: &str| assignment(Piece::new(line)).is_some();
    let told = ["NAME=", "PRETTY_NAME=", "ID="]
        .iter()
        .any(|name| line.starts_with(name))
        && rest
            .lines()
            .take(12)
            .any(|line| line.starts_with("VERSION_ID=") || line.starts_with("ID_LIKE="));
    (own(line) && (told || hint.expects(OS_RELEASE))).then(|| take(rest, OS_RELEASE, hint, own))?
}

fn read_os_release(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut root = Placed::object(whole);
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        match assignment(line) {
            Some((name, value)) => root.put(name.str(), Placed::text(value)),
            None => unread.line(line, OS_RELEASE.title()),
        }
    }
    let complete = unread.finish();
    add_document(part, OS_RELEASE.name(), root, complete, artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::node::lines::tests::only;
    use serde_json::json;

    #[test]
    fn a_nodes_kernel_and_system() {
        assert_eq!(
            only("uname", include_str!("../../../../tests/samples/uname/node.txt")),
            json!({"sysname": "Linux", "nodename": "ip-10-20-3-41.eu-west-1.compute.internal",
                "release": "6.1.115-126.197.amzn2023.x86_64",
                "version": "#1 SMP PREEMPT_DYNAMIC Tue Nov  5 17:36:57 UTC 2024", "machine": "x86_64"})
        );
        assert_eq!(
            only("uname", "$ uname -r\n6.1.115-126.197.amzn2023.x86_64\n")["release"],
            "6.1.115-126.197.amzn2023.x86_64"
        );
        let read = only(
            "os-release",
            include_str!("../../../../tests/samples/os-release/al2023.txt"),
        );
        assert_eq!(read["ID"], "amzn");
        assert_eq!(read["PRETTY_NAME"], "Amazon Linux 2023.6.20241121");
    }
}
