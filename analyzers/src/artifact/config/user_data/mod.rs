//! User data of EC2 nodes: shell scripts that call `/etc/eks/bootstrap.sh` or `nodeadm` (awslabs/amazon-eks-ami), cloud-init, MIME parts
//! of these, `NodeConfig` (node.eks.aws/v1alpha1), Bottlerocket's settings, and PowerShell; as text, and in base64 as the EC2 API gives it.
//!
//! `parts` has what each part is and the call of the bootstrap program in it; the YAML in it (`NodeConfig`, cloud-config) is a document of
//! its own.

mod content;
pub(crate) mod encoded;
mod mime;
mod script;
mod sniff;

use std::collections::BTreeMap;

use crate::artifact::kubernetes_object::{kinds, yaml_value};
use crate::artifact::{Artifact, Artifacts, Content, Document, Places, Syntax};
use crate::problem::Problem;
use crate::segment::CommandLine;
use crate::segment::formats::{self, Format, Part, Spec};
use crate::text::Piece;
use content::Inner;

/// User data.
pub const FORMAT: Format = Format::new(&Spec {
    name: "user-data",
    title: "a node's user data",
    command: prints,
    least: 1,
    sniff: sniff::take,
    read,
});

/// Whether a command prints user data: cloud-init's copy of it, the instance metadata service, a file of that name.
fn prints(line: &CommandLine) -> bool {
    let named = |arg: &String| {
        let lower = arg.to_ascii_lowercase();
        ["user-data", "userdata", "user_data"]
            .iter()
            .any(|name| lower.contains(name))
    };
    matches!(
        line.program.as_str(),
        "cat" | "less" | "more" | "curl" | "Get-Content" | "type"
    ) && line.args.iter().any(named)
        || line.program == "base64" && line.args.iter().any(|arg| arg == "-d" || arg == "--decode" || arg == "-D")
        || line.program == "cloud-init" && line.args.iter().any(|arg| arg == "userdata")
        // Of an answer the base64 alone, or what it encodes.
        || line.program == "aws" && line.filtered() && line.args.iter().any(named)
}

/// The kind of YAML that has no kind of its own.
const CLOUD_CONFIG: &str = "cloud-config";

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    if sniff::is_base64(whole.lines().next().map_or("", Piece::str)) {
        encoded::add(part.sources, part.index, part.span(), artifacts, problems);
        return;
    }
    let found = content::read(whole);
    for (range, message) in found.faults {
        problems.push(Problem::new(part.span().slice(range), message));
    }
    let complete = !part
        .command()
        .is_some_and(|line| line.filtered() && line.program != "aws");
    formats::add_document(part, FORMAT.name(), found.values, complete, artifacts);
    for inner in found.inner {
        match inner {
            Inner::Yaml(piece) => add_yaml(part, piece, complete, artifacts, problems),
            Inner::Decoded(value, piece) => {
                let kind = kind_of(&value);
                let values = crate::artifact::Placed::tree(value, piece);
                formats::add_document(part, &kind, values, complete, artifacts);
            }
        }
    }
}

/// A part of YAML as a document of its own.
fn add_yaml(part: &Part<'_>, piece: Piece<'_>, complete: bool, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let span = part.span().slice(piece.range());
    let Some((value, whole)) = yaml_value(part.sources, span, problems) else {
        return;
    };
    artifacts.add(Artifact {
        segment: part.index,
        span,
        kinds: kinds(&value).unwrap_or_else(|| vec![(CLOUD_CONFIG.to_owned(), 1)]),
        content: Content::Document(Document {
            span,
            syntax: Syntax::Yaml,
            value,
            prefix: String::new(),
            complete: complete && whole,
            cells: BTreeMap::new(),
            places: Places::default(),
        }),
    });
}

/// `node.eks.aws/v1alpha1/NodeConfig`, or cloud-config.
fn kind_of(value: &serde_json::Value) -> String {
    let text = |name: &str| value.get(name).and_then(serde_json::Value::as_str);
    match (text("apiVersion"), text("kind")) {
        (Some(version), Some(kind)) => format!("{version}/{kind}"),
        _ => CLOUD_CONFIG.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use crate::artifact::testing::read;

    fn check(text: &str, problems: usize, values: &[(&str, &str)]) {
        let read = read(text);
        read.is("user-data");
        assert_eq!(read.problems.len(), problems, "{:?}", read.problems);
        for (pointer, text) in values {
            assert_eq!(read.at(pointer), *text, "{pointer}");
            assert!(read.shown(pointer).contains(text), "{pointer}: {}", read.shown(pointer));
        }
    }

    #[test]
    fn the_call_of_bootstrap_is_read() {
        check(
            include_str!("../../../../../tests/samples/user-data/bootstrap.txt"),
            0,
            &[
                ("/parts/0/contentType", "text/x-shellscript"),
                ("/parts/0/bootstrap/clusterName", "shop-prod"),
                ("/parts/0/bootstrap/options/dns-cluster-ip", "10.100.0.10"),
                ("/parts/0/bootstrap/options/use-max-pods", "false"),
                ("/parts/0/bootstrap/kubeletExtraArgs/max-pods", "58"),
                ("/parts/0/bootstrap/kubeletExtraArgs/node-labels", "team=shop"),
            ],
        );
    }

    #[test]
    fn variables_of_the_script_are_put_in() {
        check(
            include_str!("../../../../../tests/samples/user-data/managed-nodegroup.txt"),
            0,
            &[
                ("/parts/0/bootstrap/clusterName", "shop-prod"),
                (
                    "/parts/0/bootstrap/options/apiserver-endpoint",
                    "https://0123456789ABCDEF0123456789ABCDEF.gr7.eu-west-1.eks.amazonaws.com",
                ),
                ("/parts/0/bootstrap/options/dns-cluster-ip", "172.20.0.10"),
                (
                    "/parts/0/bootstrap/options/b64-cluster-ca",
                    "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t",
                ),
                ("/parts/0/bootstrap/kubeletExtraArgs/max-pods", "29"),
            ],
        );
    }

    #[test]
    fn a_script_ends_where_prose_begins() {
        let script = include_str!("../../../../../tests/samples/user-data/script.txt");
        check(
            script,
            0,
            &[
                ("/parts/0/bootstrap/clusterName", "shop-prod"),
                (
                    "/parts/0/bootstrap/kubeletExtraArgs/register-with-taints",
                    "gpu=true:NoSchedule",
                ),
            ],
        );
        for after in [
            "\nAny idea what is wrong here? Thanks!\n",
            "\nNAME    READY   STATUS    RESTARTS   AGE\nweb-0   1/1     Running   0          5m\n",
            "\n{\"a\": 1}\n",
        ] {
            for sample in [
                script,
                include_str!("../../../../../tests/samples/user-data/bootstrap.txt"),
                include_str!("../../../../../tests/samples/user-data/cloud-config.txt"),
                include_str!("../../../../../tests/samples/user-data/bottlerocket.txt"),
                include_str!("../../../../../tests/samples/user-data/windows.txt"),
            ] {
                let bare = sample.split_once('\n').unwrap().1;
                let read = read(&format!("{bare}{after}"));
                let formats = read.formats();
                assert_eq!(formats.len(), 2, "{formats:?} of {sample}{after}");
                assert_eq!(formats[0], "user-data");
            }
        }
    }

    #[test]
    fn node_configs_and_cloud_configs_are_documents_of_their_own() {
        let text = include_str!("../../../../../tests/samples/user-data/nodeadm.txt");
        check(
            text,
            0,
            &[
                ("/parts/0/contentType", "application/node.eks.aws"),
                ("/parts/1/contentType", "text/cloud-config"),
            ],
        );
        let read = read(text);
        assert_eq!(
            read.kinds(),
            ["user-data", "node.eks.aws/v1alpha1/NodeConfig", "cloud-config"]
        );
        assert_eq!(
            read.cited(1, "/spec/cluster/name"),
            ("shop-prod".to_owned(), "name: shop-prod".to_owned())
        );
        assert_eq!(read.cited(1, "/spec/kubelet/config/maxPods").0, "58");
        assert_eq!(read.cited(2, "/runcmd/0").0, "systemctl restart chronyd");
    }

    #[test]
    fn a_messages_headers_stand_in_any_order() {
        for headers in [
            "Content-Type: multipart/mixed; boundary=\"==eks==\"\nMIME-Version: 1.0\n",
            "Content-Type: multipart/mixed;\n boundary=\"==eks==\"\nMIME-Version: 1.0\n",
            "MIME-Version: 1.0\nContent-Type: multipart/mixed;\n\tboundary=\"==eks==\"\n",
        ] {
            let text = format!(
                "{headers}\n--==eks==\nContent-Type: text/cloud-config; charset=\"us-ascii\"\n\n#cloud-config\nruncmd:\n- sysctl -p\n\n\
                 --==eks==\nContent-Type: text/x-shellscript\n\n#!/bin/bash\n/etc/eks/bootstrap.sh cart-dev\n--==eks==--\n"
            );
            let read = read(&text);
            assert_eq!(read.formats(), ["user-data"], "{text}");
            assert_eq!(read.problems, Vec::<String>::new(), "{text}");
            assert_eq!(read.kinds(), ["user-data", "cloud-config"], "{text}");
            assert_eq!(read.at("/parts/1/bootstrap/clusterName"), "cart-dev", "{text}");
        }
        // One that was cut ends where the next begins.
        let cut = "Content-Type: multipart/mixed; boundary=\"a1\"\nMIME-Version: 1.0\n\n--a1\nContent-Type: text/cloud-config\n\n#cloud-config\nruncmd:\n- sysctl -p\n\n";
        let whole = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"b2\"\n\n--b2\nContent-Type: text/cloud-config\n\n#cloud-config\nruncmd:\n- sync\n--b2--\n";
        assert_eq!(read(&format!("{cut}{whole}")).formats(), ["user-data", "user-data"]);
    }

    #[test]
    fn settings_of_bottlerocket_are_read() {
        check(
            include_str!("../../../../../tests/samples/user-data/bottlerocket.txt"),
            0,
            &[
                ("/settings/kubernetes/cluster-name", "shop-prod"),
                ("/settings/kubernetes/cluster-dns-ip", "172.20.0.10"),
                ("/settings/kubernetes/node-labels/team", "shop"),
                ("/settings/kubernetes/max-pods", "58"),
            ],
        );
    }

    #[test]
    fn the_call_of_windows_bootstrap_script_is_read() {
        check(
            include_str!("../../../../../tests/samples/user-data/windows.txt"),
            0,
            &[
                ("/parts/0/bootstrap/clusterName", "shop-prod"),
                ("/parts/0/bootstrap/options/DNSClusterIP", "172.20.0.10"),
                ("/parts/0/bootstrap/kubeletExtraArgs/node-labels", "os=windows"),
            ],
        );
    }

    #[test]
    fn base64_and_packed_base64_is_decoded_and_cites_its_line() {
        for (sample, kind) in [
            (
                include_str!("../../../../../tests/samples/aws-json/user-data.txt"),
                "aws/ec2/describe-instance-attribute",
            ),
            (
                include_str!("../../../../../tests/samples/aws-json/launch-template-packed.txt"),
                "aws/ec2/describe-launch-template-versions",
            ),
        ] {
            let read = read(sample);
            assert_eq!(read.problems, Vec::<String>::new());
            assert_eq!(
                read.kinds().get(..2),
                Some(&[kind.to_owned(), "user-data".to_owned()][..])
            );
            let (name, line) = read.cited(1, "/parts/0/bootstrap/clusterName");
            assert_eq!(name, "shop-prod");
            // The base64, and nothing around it.
            assert!(line.len() > 400 && !line.contains('"'), "{line}");
        }
        let bare = read(include_str!("../../../../../tests/samples/user-data/base64.txt"));
        bare.is("user-data");
        assert_eq!(bare.kinds(), ["user-data", "node.eks.aws/v1alpha1/NodeConfig"]);
        assert_eq!(bare.cited(1, "/spec/cluster/name").0, "shop-prod");
    }

    #[test]
    fn what_cannot_be_decoded_is_said() {
        let read = read(
            "$ aws ec2 describe-instance-attribute --instance-id i-0a --attribute userData\n{\n    \"InstanceId\": \"i-0a\",\n    \"UserData\": {\n        \"Value\": \"IyEvYmlu****\"\n    }\n}\n",
        );
        assert_eq!(read.problems.len(), 1, "{:?}", read.problems);
        assert!(read.problems[0].contains("base64"));
    }

    #[test]
    fn other_scripts_are_not_taken() {
        assert_ne!(read("#!/bin/bash\necho hello\n").format, "user-data");
        assert_ne!(read("Content-Type: text/plain\n").format, "user-data");
        assert_ne!(read("[settings]\nno toml\n").format, "user-data");
    }
}
