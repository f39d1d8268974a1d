//! `sysctl`: `net.ipv4.ip_forward = 1`. The document has the names and values as they are printed.

use super::lines::{Unread, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// `sysctl`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "sysctl",
    title: "sysctl",
    command: |line| line.program == "sysctl",
    sniff,
    read,
});

/// The folders of `/proc/sys`.
const FOLDERS: [&str; 10] = [
    "net", "kernel", "vm", "fs", "dev", "user", "abi", "debug", "sunrpc", "crypto",
];

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    is_setting(line).then(|| take(rest, FORMAT, hint, |line| is_setting(line) || is_error(line)))?
}

/// `NAME = VALUE`; the name has a folder of `/proc/sys` before its first dot.
fn is_setting(line: &str) -> bool {
    let Some((name, _)) = line.split_once(" =") else {
        return false;
    };
    name.split_once('.').is_some_and(|(folder, rest)| {
        FOLDERS.contains(&folder) && !rest.is_empty() && !name.contains(char::is_whitespace)
    })
}

/// `sysctl: cannot stat /proc/sys/net/x: No such file or directory`.
fn is_error(line: &str) -> bool {
    line.starts_with("sysctl: ")
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut root = Placed::object(whole);
    for line in whole.lines().map(Piece::trim).filter(|line| !line.is_empty()) {
        match line.split_once(" =") {
            Some((name, value)) if is_setting(line.str()) => root.put(name.str(), Placed::number(value.trim())),
            _ if is_error(line.str()) => unread.say(line, format!("sysctl could not say a value: {}", line.str())),
            _ => unread.line(line, "`sysctl`"),
        }
    }
    let complete = unread.finish();
    add_document(part, FORMAT.name(), root, complete, artifacts);
}

#[cfg(test)]
mod tests {
    use super::super::lines::tests::only;
    use serde_json::json;

    #[test]
    fn numbers_and_lists_of_them() {
        assert_eq!(
            only("sysctl", include_str!("../../../../tests/samples/sysctl/net.txt")),
            json!({"net.ipv4.ip_forward": 1, "net.ipv4.conf.eth0.rp_filter": 2, "net.ipv4.ip_local_reserved_ports": "",
                "net.ipv4.ip_local_port_range": "32768\t60999", "net.netfilter.nf_conntrack_max": 131_072})
        );
    }
}
