//! `sysctl`: `net.ipv4.ip_forward = 1`; `cat /proc/sys/net/ipv4/ip_forward`, whose command has the name; `grep . /proc/sys/…`. The document
//! has sysctl's names, and the values as they are printed.

use super::lines::{Unread, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::CommandLine;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// `sysctl`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "sysctl",
    title: "sysctl",
    command: |line| line.program == "sysctl" || !files(line).is_empty(),
    sniff,
    read,
});

/// The folders of `/proc/sys`.
const FOLDERS: [&str; 10] = [
    "net", "kernel", "vm", "fs", "dev", "user", "abi", "debug", "sunrpc", "crypto",
];

/// The settings' files that `cat`, `head` or `grep` is called with.
fn files(line: &CommandLine) -> Vec<&str> {
    if !matches!(
        line.program.as_str(),
        "cat" | "head" | "tail" | "grep" | "more" | "less"
    ) {
        return Vec::new();
    }
    line.args
        .iter()
        .map(String::as_str)
        .filter(|arg| arg.starts_with("/proc/sys/"))
        .collect()
}

/// `net.ipv4.ip_forward` of `/proc/sys/net/ipv4/ip_forward`. A name with a dot in it has a slash in sysctl's (`man sysctl`).
fn setting(path: &str) -> Option<String> {
    let name = path.strip_prefix("/proc/sys/")?;
    let known = name
        .split_once('/')
        .is_some_and(|(folder, _)| FOLDERS.contains(&folder));
    known.then(|| {
        name.chars()
            .map(|c| match c {
                '/' => '.',
                '.' => '/',
                other => other,
            })
            .collect()
    })
}

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    // `cat` prints values alone, a line each; only with one file for each line is it known which is which.
    if hint.expects(FORMAT)
        && let Some(command) = &hint.line
        && let line = command.inner().unwrap_or_else(|| command.clone())
        && line.program != "sysctl"
        && line.program != "grep"
    {
        let mut left = files(&line).len();
        return take(rest, FORMAT, hint, |line| {
            let bare = left > 0 && (is_value(line) || is_refusal(line));
            left = left.saturating_sub(1);
            bare
        });
    }
    let own = |line: &str| is_setting(line) || is_error(line) || found(Piece::new(line)).is_some();
    (is_setting(line) || found(Piece::new(line)).is_some()).then(|| take(rest, FORMAT, hint, own))?
}

/// `/proc/sys/net/ipv4/conf/all/rp_filter:0`, as `grep . FILE…` prints it.
fn found(line: Piece<'_>) -> Option<(String, Piece<'_>)> {
    let (path, value) = line.split_once(":")?;
    if path.contains(char::is_whitespace) {
        return None;
    }
    Some((setting(path.str())?, value.trim()))
}

/// What a setting's file may hold: numbers, a word or a few.
fn is_value(line: &str) -> bool {
    line.len() < 200
        && !line.contains(['$', '#', '{', '<'])
        && !line.contains(": ")
        && !crate::segment::sniff::log::is_notice(line)
        && line.split_whitespace().count() <= 12
}

/// `cat: /proc/sys/net/netfilter/nf_conntrack_max: No such file or directory`.
fn is_refusal(line: &str) -> bool {
    line.contains(": /proc/sys/")
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
    let command = part.command().filter(|line| line.program != "grep");
    let mut names = command.as_ref().map(files).unwrap_or_default().into_iter().peekable();
    for line in whole.lines().map(Piece::trim).filter(|line| !line.is_empty()) {
        match line.split_once(" =") {
            Some((name, value)) if is_setting(line.str()) => root.put(name.str(), Placed::number(value.trim())),
            _ if is_refusal(line.str()) => {
                names.next();
                unread.say(line, format!("a setting could not be read: {}", line.str()));
            }
            _ if names.peek().is_some() => {
                if let Some(name) = names.next().and_then(setting) {
                    root.put(&name, Placed::number(line));
                }
            }
            _ if let Some((name, value)) = found(line) => root.put(&name, Placed::number(value)),
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
    fn files_of_proc_sys() {
        assert_eq!(
            only("sysctl", include_str!("../../../../tests/samples/sysctl/proc-sys.txt")),
            json!({"net.ipv4.conf.ens5.rp_filter": 2})
        );
        assert_eq!(
            only("sysctl", include_str!("../../../../tests/samples/sysctl/grep.txt")),
            json!({"net.ipv4.conf.all.rp_filter": 0, "net.ipv4.conf.eni4f2b7c91a0d.rp_filter": 2})
        );
        assert_eq!(
            only(
                "sysctl",
                "$ cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/conf/vlan.eth.1/mtu\n1\n9001\n"
            ),
            json!({"net.ipv4.ip_forward": 1, "net.ipv4.conf.vlan/eth/1.mtu": 9001})
        );
    }

    #[test]
    fn numbers_and_lists_of_them() {
        assert_eq!(
            only("sysctl", include_str!("../../../../tests/samples/sysctl/net.txt")),
            json!({"net.ipv4.ip_forward": 1, "net.ipv4.conf.eth0.rp_filter": 2, "net.ipv4.ip_local_reserved_ports": "",
                "net.ipv4.ip_local_port_range": "32768\t60999", "net.netfilter.nf_conntrack_max": 131_072})
        );
    }
}
