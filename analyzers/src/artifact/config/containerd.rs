//! containerd's `config.toml` (docs/man/containerd-config.toml.5.md; versions 1 to 3), and the `hosts.toml` of a registry (docs/hosts.md).

use super::toml;
use crate::artifact::Artifacts;
use crate::problem::Problem;
use crate::segment::CommandLine;
use crate::segment::formats::{self, Format, Part, Spec};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// `config.toml`, also as `containerd config dump` prints it.
pub const FORMAT: Format = Format::new(&Spec {
    name: "containerd-config",
    title: "containerd's configuration",
    command: |line| {
        prints(line, |path| {
            path.contains("containerd") && path.contains(".toml") && !path.ends_with("/hosts.toml")
        }) || line.program == "containerd" && line.args.first().is_some_and(|arg| arg == "config")
    },
    least: 3,
    sniff: take,
    read: |part, artifacts, problems| read(part, FORMAT, artifacts, problems),
});

/// `hosts.toml`.
pub const HOSTS: Format = Format::new(&Spec {
    name: "containerd-hosts",
    title: "containerd's hosts.toml of a registry",
    command: |line| prints(line, |path| path.ends_with("/hosts.toml")),
    least: 5,
    sniff: take_hosts,
    read: |part, artifacts, problems| read(part, HOSTS, artifacts, problems),
});

/// Whether a command prints a file unchanged.
fn prints(line: &CommandLine, of: fn(&str) -> bool) -> bool {
    matches!(line.program.as_str(), "cat" | "less" | "more" | "head" | "tail") && line.args.iter().any(|arg| of(arg))
}

/// Names at the root that containerd's configuration begins with (`cmd/containerd/server/config`).
const ROOT: [&str; 12] = [
    "version",
    "root",
    "state",
    "temp",
    "imports",
    "disabled_plugins",
    "required_plugins",
    "oom_score",
    "plugin_dir",
    "[plugins",
    "[grpc",
    "[debug",
];

/// How far the sniffer looks for what only containerd's configuration has.
const AHEAD: usize = 60;

fn take(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let expected = hint.expects(FORMAT);
    let comment = line.starts_with('#');
    let begins = ROOT.iter().any(|name| line.starts_with(name));
    if !(begins || expected && (comment || is_toml(line))) || !(comment || is_toml(line)) {
        return None;
    }
    let telling = |line: &str| {
        toml::is_header(line) && (line.contains("[plugins.") || line.trim() == "[plugins]")
            || line.contains("io.containerd.")
    };
    if !expected
        && !ends(rest)
            .take(AHEAD)
            .map(|(line, _)| line)
            .take_while(|line| likely(line))
            .any(telling)
    {
        return None;
    }
    taken(rest, FORMAT, expected)
}

fn take_hosts(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let expected = hint.expects(HOSTS);
    let host = |line: &str| line.starts_with("[host.\"");
    if !(line.starts_with("server = \"") || host(line) || expected && (line.starts_with('#') || is_toml(line))) {
        return None;
    }
    if !expected && !ends(rest).take(4).any(|(line, _)| host(line)) {
        return None;
    }
    taken(rest, HOSTS, expected)
}

fn is_toml(line: &str) -> bool {
    toml::is_header(line) || toml::value_of(line).is_some()
}

/// What may stand between the beginning and what tells.
fn likely(line: &str) -> bool {
    line.trim().is_empty() || is_toml(line) || line.starts_with(['#', ' ', '\t', ']'])
}

fn taken(rest: &str, format: Format, expected: bool) -> Option<Taken> {
    let len = toml::extent(rest);
    (len > 0).then_some(Taken {
        len,
        format,
        confidence: if expected { 0.98 } else { 0.9 },
    })
}

fn read(part: &Part<'_>, format: Format, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let found = toml::read(Piece::new(part.text()));
    let complete = found.faults.is_empty() && !part.command().is_some_and(|line| line.filtered());
    for (range, message) in found.faults {
        problems.push(Problem::new(part.span().slice(range), message));
    }
    formats::add_document(part, format.name(), found.values, complete, artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::testing::read;

    #[test]
    fn versions_2_and_3_are_read() {
        let two = read(include_str!("../../../../tests/samples/containerd-config/al2.txt"));
        two.is("containerd-config");
        assert_eq!(two.problems, Vec::<String>::new());
        let cri = "/plugins/io.containerd.grpc.v1.cri";
        for (pointer, text) in [
            ("/version", "2"),
            ("/root", "/var/lib/containerd"),
            ("/grpc/address", "/run/containerd/containerd.sock"),
            (
                &format!("{cri}/sandbox_image"),
                "602401143452.dkr.ecr.eu-west-1.amazonaws.com/eks/pause:3.5",
            ),
            (&format!("{cri}/containerd/default_runtime_name"), "runc"),
            (&format!("{cri}/containerd/runtimes/runc/options/SystemdCgroup"), "true"),
            (
                &format!("{cri}/registry/config_path"),
                "/etc/containerd/certs.d:/etc/docker/certs.d",
            ),
        ] {
            assert_eq!(two.at(pointer), text, "{pointer}");
            assert_eq!(two.shown(pointer), text, "{pointer}");
        }
        let three = read(include_str!("../../../../tests/samples/containerd-config/al2023.txt"));
        three.is("containerd-config");
        assert_eq!(three.problems, Vec::<String>::new());
        for (pointer, text) in [
            ("/version", "3"),
            ("/imports/0", "/etc/containerd/config.d/*.toml"),
            (
                "/plugins/io.containerd.cri.v1.images/pinned_images/sandbox",
                "localhost/kubernetes/pause",
            ),
            ("/plugins/io.containerd.cri.v1.runtime/cni/bin_dirs/0", "/opt/cni/bin"),
        ] {
            assert_eq!(three.at(pointer), text, "{pointer}");
        }
    }

    #[test]
    fn a_bad_line_is_named_and_the_rest_is_read() {
        let bad = read(include_str!("../../../../tests/samples/containerd-config/broken.txt"));
        bad.is("containerd-config");
        assert_eq!(bad.problems.len(), 1, "{:?}", bad.problems);
        assert!(bad.problems[0].contains("is not TOML"), "{:?}", bad.problems);
        assert_eq!(bad.at("/version"), "2");
    }

    #[test]
    fn mirrors_of_a_registry_are_read() {
        let hosts = read(include_str!("../../../../tests/samples/containerd-hosts/mirror.txt"));
        hosts.is("containerd-hosts");
        for (pointer, text) in [
            ("/server", "https://registry-1.docker.io"),
            ("/host/https:~1~1mirror.shop.internal:5000/capabilities/1", "resolve"),
            ("/host/https:~1~1mirror.shop.internal:5000/skip_verify", "true"),
        ] {
            assert_eq!(hosts.at(pointer), text, "{pointer}");
            assert_eq!(hosts.shown(pointer), text, "{pointer}");
        }
    }

    #[test]
    fn without_the_command_only_containerds_own_words_tell() {
        let text = include_str!("../../../../tests/samples/containerd-config/al2.txt");
        let bare = text.split_once('\n').unwrap().1;
        assert_eq!(read(bare).format, "containerd-config");
        assert_ne!(read("version = 2\nname = \"x\"\n").format, "containerd-config");
        assert_ne!(
            read("root = \"x\"\n[database]\nname = \"x\"\n").format,
            "containerd-config"
        );
    }
}
