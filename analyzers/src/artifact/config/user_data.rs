//! User data of EC2 nodes: shell scripts that call `/etc/eks/bootstrap.sh` (awslabs/amazon-eks-ami), cloud-init, MIME parts of these and
//! of `NodeConfig` (node.eks.aws/v1alpha1).

use crate::artifact::unread::Unread;
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::redact;
use crate::segment::CommandLine;
use crate::segment::formats::{self, Format, Part, Spec, no_command};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// User data as plain text.
pub const FORMAT: Format = Format::new(&Spec {
    name: "user-data",
    title: "a node's user data",
    command: no_command,
    sniff: take,
    read,
});

const BOOTSTRAP: &str = "/etc/eks/bootstrap.sh";

/// How far the sniffer looks for what tells a node's user data.
const AHEAD: usize = 400;

fn take(line: &str, rest: &str, _: &Hint) -> Option<Taken> {
    let script = line.starts_with("#!/bin/") || line.starts_with("#!/usr/bin/");
    let mime = line.starts_with("MIME-Version: ") || line.starts_with("Content-Type: multipart/mixed");
    let cloud = line.trim_end() == "#cloud-config";
    if !(script || mime || cloud) {
        return None;
    }
    let told = cloud
        || ends(rest).take(AHEAD).any(|(line, _)| {
            line.contains(BOOTSTRAP)
                || line.contains("node.eks.aws/v1alpha1")
                || line.trim_end() == "#cloud-config"
                || line.contains("nodeadm init")
        });
    told.then_some(Taken {
        len: rest.len(),
        format: FORMAT,
        confidence: 0.85,
    })
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::default();
    let mut root = Placed::object(whole);
    let lines: Vec<Piece<'_>> = whole.lines().collect();
    let mut at = 0;
    while let Some(line) = lines.get(at).copied() {
        at += 1;
        let clean = line.trim();
        if clean.starts_with('#') && clean.contains("cloud-config") {
            root.put("cloudConfig", Placed::value(true, line));
        } else if let Some(kind) = clean.strip_prefix("Content-Type: ") {
            let kind = kind.split(|c| c == ';').next().unwrap_or(kind);
            root.push_at(&["contentTypes"], line, Placed::text(kind.trim()));
        } else if let Some(found) = clean.find(BOOTSTRAP).filter(|_| !clean.starts_with('#')) {
            let mut text = clean.skip(found).str().to_owned();
            let mut last = line;
            while let Some(cut) = text.strip_suffix('\\') {
                text.truncate(cut.len());
                let Some(next) = lines.get(at).copied() else { break };
                at += 1;
                last = next;
                text.push(' ');
                text.push_str(next.trim().str());
            }
            root.put("bootstrap", bootstrap(&text, line.to(last, whole)));
        } else if clean.str() == "apiVersion: node.eks.aws/v1alpha1" {
            root.put("nodeConfig", Placed::value(true, line));
        }
    }
    if root.has("nodeConfig") || root.has("cloudConfig") {
        unread.say(whole, || {
            "Of this user data only its parts and the call of bootstrap.sh are read; paste the YAML in it alone for its fields.".to_owned()
        });
    }
    unread.finish(part, problems);
    formats::add_document(part, FORMAT.name(), root, false, artifacts);
}

/// The cluster's name and the options of a call of `bootstrap.sh`.
fn bootstrap(text: &str, piece: Piece<'_>) -> Placed {
    let line = CommandLine::new(text);
    let mut call = Placed::object(piece);
    let mut args = line.args.iter().peekable();
    while let Some(arg) = args.next() {
        if let Some(option) = arg.strip_prefix("--") {
            let (name, value) = match option.split_once('=') {
                Some((name, value)) => (name, value.to_owned()),
                None => (option, args.next_if(|next| !next.starts_with("--") || next.contains(' ')).cloned().unwrap_or_default()),
            };
            call.put_at(&["options", name], piece, Placed::value(redact::secrets(&value).into_owned(), piece));
        } else if !call.has("clusterName") {
            call.put("clusterName", Placed::value(arg.as_str(), piece));
        }
    }
    call
}

#[cfg(test)]
mod tests {
    use crate::artifact::testing::read;

    #[test]
    fn the_call_of_bootstrap_is_read() {
        let read = read(include_str!("../../../../tests/samples/user-data/bootstrap.txt"));
        read.is("user-data");
        assert_eq!(read.problems, Vec::<String>::new());
        for (pointer, text) in [
            ("/bootstrap/clusterName", "shop-prod"),
            ("/bootstrap/options/dns-cluster-ip", "10.100.0.10"),
            ("/bootstrap/options/use-max-pods", "false"),
            (
                "/bootstrap/options/kubelet-extra-args",
                "--max-pods=58 --node-labels=team=shop",
            ),
            ("/contentTypes/1", "text/x-shellscript"),
        ] {
            assert_eq!(read.at(pointer), text, "{pointer}");
            assert!(read.shown(pointer).contains(text.split(' ').next().unwrap()), "{pointer}");
        }
    }

    #[test]
    fn other_scripts_are_not_taken() {
        assert_ne!(read("#!/bin/bash\necho hello\n").format, "user-data");
    }
}
