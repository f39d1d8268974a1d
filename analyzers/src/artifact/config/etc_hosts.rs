//! `/etc/hosts` (hosts(5)), also as the kubelet writes it for pods (`pkg/kubelet/kubelet_pods.go`). Entries in the words of
//! `spec.hostAliases`.

use std::net::IpAddr;

use crate::artifact::unread::Unread;
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{self, Format, Part, Spec};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// `/etc/hosts`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "etc-hosts",
    title: "/etc/hosts",
    command: |line| {
        matches!(line.program.as_str(), "cat" | "more" | "less")
            && line.args.iter().any(|arg| arg.ends_with("etc/hosts"))
    },
    least: 7,
    sniff: take,
    read,
});

/// The kubelet's first line; for pods in the host's network `(host network)` follows.
const MANAGED: &str = "# Kubernetes-managed hosts file";
/// What the kubelet writes above the entries of `spec.hostAliases`.
const ALIASES: &str = "# Entries added by HostAliases.";

fn address(word: &str) -> bool {
    word.split('%')
        .next()
        .is_some_and(|word| word.parse::<IpAddr>().is_ok())
}

/// Whether a line names hosts of an address.
fn is_entry(line: &str) -> bool {
    let mut words = line.split_ascii_whitespace();
    words.next().is_some_and(address)
        && words.next().is_some_and(|name| {
            name.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
        })
}

fn take(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let expected = hint.expects(FORMAT);
    let local = || {
        let mut words = line.split_ascii_whitespace();
        matches!(words.next(), Some("127.0.0.1" | "::1" | "127.0.1.1"))
            && words
                .next()
                .is_some_and(|name| name.starts_with("localhost") || name.starts_with("ip6-"))
    };
    if !(line.starts_with(MANAGED) || expected && (line.starts_with('#') || is_entry(line)) || local()) {
        return None;
    }
    let mut len = 0;
    let mut blank = false;
    let mut any = false;
    for (line, end) in ends(rest) {
        if line.trim().is_empty() {
            blank = true;
        } else if is_entry(line) || (line.starts_with(MANAGED) && len == 0) || line.starts_with(ALIASES) {
            len = end;
            blank = false;
            any = true;
        } else if line.starts_with(MANAGED) {
            break;
        } else if line.starts_with('#') {
            // Below the entries a comment may be of what follows.
            if expected && !any {
                len = end;
            }
        } else {
            // In the file itself a line that is none is its fault.
            if !expected || blank || !line.split_ascii_whitespace().next().is_some_and(looks_like_address) {
                break;
            }
            len = end;
        }
    }
    (len > 0).then_some(Taken {
        len,
        format: FORMAT,
        confidence: if expected { 0.98 } else { 0.9 },
    })
}

/// `10.0.0.300`, `10.0.0`: meant as an address.
fn looks_like_address(word: &str) -> bool {
    word.contains(['.', ':'])
        && word
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':'))
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::default();
    let mut root = Placed::object(whole);
    let mut entries = Placed::array(whole);
    for line in whole.lines() {
        if line.starts_with(MANAGED) {
            root.put("kubernetesManaged", Placed::value(true, line));
        }
        let code = line.split(|c| c == '#').next().unwrap_or(line);
        let mut words = code.words();
        let Some(ip) = words.next() else { continue };
        if !address(ip.str()) {
            unread.say(line, || {
                format!(
                    "`{}` is no address, so resolvers pass over this line.",
                    crate::problem::excerpt(ip.str())
                )
            });
            continue;
        }
        let mut entry = Placed::object(line);
        entry.put_text("ip", ip);
        for name in words {
            entry.push_at(&["hostnames"], name, Placed::text(name));
        }
        if !entry.has("hostnames") {
            unread.say(line, || "This line names no host.".to_owned());
        }
        entries.push(entry);
    }
    root.put("entries", entries);
    unread.finish(part, problems);
    let complete = !part.command().is_some_and(|line| line.filtered());
    formats::add_document(part, FORMAT.name(), root, complete, artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::testing::read;

    #[test]
    fn a_pods_hosts_are_read() {
        let pod = include_str!("../../../../tests/samples/etc-hosts/pod.txt");
        for text in [pod, pod.split_once('\n').unwrap().1] {
            let read = read(text);
            read.is("etc-hosts");
            assert_eq!(read.problems, Vec::<String>::new());
            assert_eq!(read.count("/entries"), 8);
            for (pointer, text) in [
                ("/kubernetesManaged", "true"),
                ("/entries/6/ip", "10.0.12.34"),
                ("/entries/6/hostnames/0", "checkout-0.checkout.shop.svc.cluster.local"),
                ("/entries/6/hostnames/1", "checkout-0"),
                ("/entries/7/hostnames/0", "db.legacy.internal"),
            ] {
                assert_eq!(read.at(pointer), text, "{pointer}");
            }
            assert_eq!(read.shown("/entries/7/ip"), "10.9.8.7");
        }
    }

    #[test]
    fn a_node_and_a_fault() {
        let node = read(include_str!("../../../../tests/samples/etc-hosts/node.txt"));
        node.is("etc-hosts");
        assert_eq!(node.problems.len(), 1);
        assert!(node.problems[0].contains("`10.0.3.300` is no address"));
        assert_eq!(node.at("/entries/2/hostnames/0"), "registry.shop.internal");
        // Its lines alone are anything's.
        assert_ne!(read("10.0.0.1 web\n10.0.0.2 db\n").format, "etc-hosts");
    }
}
