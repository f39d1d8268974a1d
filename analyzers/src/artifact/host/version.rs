//! What programs say of their version: `aws-cli/2.15.0 Python/3.11.6 …`, `iptables v1.8.8 (nf_tables)`, `Docker version 24.0.5, build …`.
//!
//! `{"version", "lines": […]}`: the first word that reads as a version, and all that was printed. kubectl's and istioctl's are formats of
//! their own.

use crate::artifact::node::lines::take;
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::CommandLine;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// A program's version.
pub const FORMAT: Format = Format::new(&Spec {
    name: "program-version",
    title: "a program's version",
    command: asks,
    least: 9,
    sniff,
    read,
});

/// Whether a command asks a program for its version.
fn asks(line: &CommandLine) -> bool {
    let others = line.is_kubectl() || line.program == "istioctl";
    let json = matches!(line.output(), Some("json" | "yaml"));
    let option = line.args.iter().any(|arg| arg == "--version")
        || line.args.len() == 1
            && line.args.iter().any(|arg| match line.program.as_str() {
                "iptables" | "ip6tables" | "ip" | "conntrack" | "ebtables" | "curl" | "ipset" => arg == "-V",
                "nft" | "helm" | "docker" | "containerd" | "runc" | "terraform" | "node" => arg == "-v",
                _ => false,
            });
    let word = line.args.first().is_some_and(|arg| arg == "version");
    // `--version` of a chart or an addon is an option with a value.
    let given = matches!(line.program.as_str(), "helm" | "eksctl") && line.args.len() > 2 && !word;
    !others && !json && (option || word) && !given && !line.program.is_empty()
}

/// `1.8.8`, `v1.20.2`, `2.15.0-eks-1a2b`: digits and dots, and what follows them.
fn is_version(word: &str) -> bool {
    let bare = word.strip_prefix('v').unwrap_or(word);
    let digits = bare.bytes().take_while(u8::is_ascii_digit).count();
    let rest = bare.get(digits..).unwrap_or_default();
    digits > 0
        && rest
            .strip_prefix('.')
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// The first version that a line names.
fn version(line: Piece<'_>) -> Option<Piece<'_>> {
    line.split(|c| c.is_ascii_whitespace() || matches!(c, '/' | ',' | ';' | '"' | '(' | ')' | '='))
        .find_map(|word| {
            // `iproute2-6.1.0`
            let named = word
                .rsplit_once("-")
                .map(|(_, last)| last)
                .filter(|last| is_version(last.str()));
            is_version(word.str()).then_some(word).or(named)
        })
}

/// Lines that only a program's answer is.
fn is_telling(line: &str) -> bool {
    line.starts_with("aws-cli/") && line.contains(" Python/")
        || (line.starts_with("iptables v") || line.starts_with("ip6tables v"))
            && (line.ends_with("(nf_tables)") || line.ends_with("(legacy)"))
        || line.starts_with("version.BuildInfo{Version:\"")
        || line.starts_with("kubeadm version: &version.Info{")
}

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    if is_telling(line) {
        return take(rest, FORMAT, hint, is_telling);
    }
    // What a program says up to the first blank line, where the first lines have a version.
    if !hint.expects(FORMAT) || line.starts_with(['{', '[']) {
        return None;
    }
    let lines = || ends(rest).take_while(|(line, _)| !line.trim().is_empty());
    lines()
        .take(4)
        .any(|(line, _)| version(Piece::new(line)).is_some())
        .then(|| {
            Some(Taken {
                len: lines().last()?.1,
                format: FORMAT,
                confidence: 0.95,
            })
        })?
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, _: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut root = Placed::object(whole);
    for line in whole.lines().map(Piece::trim).filter(|line| !line.is_empty()) {
        if !root.has("version")
            && let Some(version) = version(line)
        {
            root.put_text("version", version);
        }
        root.push_at(&["lines"], line, Placed::text(line));
    }
    add_document(part, FORMAT.name(), root, true, artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::node::lines::tests::{documents, only};
    use serde_json::json;

    #[test]
    fn versions_of_all_kinds_of_programs() {
        for (text, version) in [
            (
                include_str!("../../../../tests/samples/program-version/aws.txt"),
                "2.15.30",
            ),
            (
                include_str!("../../../../tests/samples/program-version/iptables.txt"),
                "v1.8.8",
            ),
            (
                include_str!("../../../../tests/samples/program-version/terraform.txt"),
                "v1.5.7",
            ),
            ("$ kubeadm version -o short\nv1.29.3\n", "v1.29.3"),
            ("$ eksctl version\n0.180.0\n", "0.180.0"),
            ("$ docker --version\nDocker version 24.0.5, build ced0996\n", "24.0.5"),
            (
                "$ containerd --version\ncontainerd github.com/containerd/containerd 1.7.11 64b8a811b07ba6288238eefc14d898ee0b5b99ba\n",
                "1.7.11",
            ),
            (
                "$ crictl version\nVersion:  0.1.0\nRuntimeName:  containerd\nRuntimeVersion:  1.7.11\n",
                "0.1.0",
            ),
            ("$ ip -V\nip utility, iproute2-6.1.0, libbpf 1.1.0\n", "6.1.0"),
            (
                "$ openssl version\nOpenSSL 3.0.8 7 Feb 2023 (Library: OpenSSL 3.0.8 7 Feb 2023)\n",
                "3.0.8",
            ),
            (
                "$ helm version\nversion.BuildInfo{Version:\"v3.14.2\", GitCommit:\"c309\", GoVersion:\"go1.21.7\"}\n",
                "v3.14.2",
            ),
        ] {
            assert_eq!(only("program-version", text)["version"], version, "{text}");
        }
        let read = only(
            "program-version",
            "aws-cli/1.16.312 Python/3.7.5 Linux/4.14.146 botocore/1.13.48\n",
        );
        assert_eq!(read["version"], "1.16.312");
    }

    #[test]
    fn what_is_no_version() {
        assert_eq!(documents("$ eksctl version\nno such thing\n"), []);
        assert_eq!(documents("version 2 of it\n"), []);
        let read = only(
            "program-version",
            include_str!("../../../../tests/samples/program-version/terraform.txt"),
        );
        assert_eq!(
            read["lines"],
            json!([
                "Terraform v1.5.7",
                "on linux_amd64",
                "+ provider registry.terraform.io/hashicorp/aws v5.31.0"
            ])
        );
    }
}
