//! JSON of tools on a node: `ip -j`, `bridge -j`, `nft -j`, and what the VPC CNI's `ipamd` tells of itself at port 61679
//! (amazon-vpc-cni-k8s, `pkg/ipamd/introspect.go`). Its documents are of the same kinds as the tools' text.

use std::collections::BTreeMap;

use crate::artifact::{Artifact, Artifacts, Content, Document, Places, Syntax, kubernetes_object};
use crate::problem::Problem;
use crate::segment::CommandLine;
use crate::segment::formats::{self, Format, Part, Spec};
use crate::segment::sniff::{self, Hint, Taken};

/// JSON of `ip`, `bridge`, `nft`, `ipamd`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "tool-json",
    title: "a tool's JSON",
    command: |line| kind_of(line).is_some(),
    sniff,
    read,
});

/// The kind of the document that a command prints as JSON.
fn kind_of(line: &CommandLine) -> Option<&'static str> {
    let json = line
        .args
        .iter()
        .any(|arg| matches!(arg.as_str(), "-j" | "-json" | "--json" | "-p" | "-pretty"));
    match line.program.as_str() {
        "ip" if json => {
            let mut words = line.args.iter().filter(|arg| !arg.starts_with('-'));
            let object = words.next()?;
            ["address", "link", "route", "rule", "neighbour", "netns"]
                .into_iter()
                .zip(["ip-addr", "ip-link", "ip-route", "ip-rule", "ip-neigh", "ip-netns"])
                .find(|(name, _)| name.starts_with(object.as_str()) || object == "neighbor" && *name == "neighbour")
                .map(|(_, kind)| kind)
        }
        "bridge" if json => line.args.iter().any(|arg| arg == "fdb").then_some("bridge-fdb"),
        "nft" if json || line.args.iter().any(|arg| arg == "-aj" || arg == "-ja") => Some("nft-ruleset"),
        "curl" | "wget" => introspected(line.args.iter().find(|arg| arg.contains(":61679/"))?),
        _ => None,
    }
}

/// `http://localhost:61679/v1/enis`.
fn introspected(url: &str) -> Option<&'static str> {
    let (_, path) = url.split_once(":61679/v1/")?;
    match path.split(['?', '"']).next()? {
        "enis" => Some("ipamd/v1/enis"),
        "pods" => Some("ipamd/v1/pods"),
        "eni-configs" => Some("ipamd/v1/eni-configs"),
        "networkutils-env-settings" => Some("ipamd/v1/networkutils-env-settings"),
        "ipamd-env-settings" => Some("ipamd/v1/ipamd-env-settings"),
        _ => None,
    }
}

/// The kind that a document shows by itself.
fn shown(first: &str) -> Option<&'static str> {
    let head = first.get(..first.len().min(2_000)).unwrap_or(first);
    let start: String = head.chars().filter(|c| !c.is_whitespace()).take(60).collect();
    if start.starts_with("{\"nftables\":[") {
        Some("nft-ruleset")
    } else if start.starts_with("{\"TotalIPs\":") || start.starts_with("{\"AssignedIPs\":") {
        Some("ipamd/v1/enis")
    } else {
        None
    }
}

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    if !line.trim_start().starts_with(['{', '[']) {
        return None;
    }
    let expected = hint.expects(FORMAT);
    if !(expected || shown(rest).is_some()) {
        return None;
    }
    let taken = sniff::json::take(line, rest, hint)?;
    (taken.format != formats::LOG).then_some(Taken {
        format: FORMAT,
        confidence: 0.95,
        ..taken
    })
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let Some((value, prefix, whole)) = value(part, problems) else {
        return;
    };
    let command = part.command();
    let kind = command
        .as_ref()
        .and_then(kind_of)
        .or_else(|| shown(part.text()))
        .unwrap_or(FORMAT.name());
    let brief = command.is_some_and(|line| line.filtered() || line.flag(&["-br", "-brief"]));
    artifacts.add(Artifact {
        segment: part.index,
        span: part.span(),
        kinds: vec![(kind.to_owned(), 1)],
        content: Content::Document(Document {
            span: part.span(),
            syntax: Syntax::Json,
            value,
            prefix,
            complete: whole && !brief,
            cells: BTreeMap::new(),
            places: Places::default(),
        }),
    });
}

/// The values, what stands before each of their pointers, and whether the text was whole.
fn value(part: &Part<'_>, problems: &mut Vec<Problem>) -> Option<(crate::artifact::Value, String, bool)> {
    let (value, whole) = kubernetes_object::json_value(part.sources, part.span(), problems)?;
    Some((value, String::new(), whole))
}

#[cfg(test)]
mod tests {
    use crate::artifact::node::lines::tests::only;

    #[test]
    fn kinds_of_the_tools_text() {
        assert_eq!(
            only(
                "ip-route",
                include_str!("../../../../tests/samples/tool-json/ip-route.txt")
            )[0]["gateway"],
            "10.20.3.1"
        );
        assert_eq!(
            only(
                "nft-ruleset",
                include_str!("../../../../tests/samples/tool-json/nft.txt")
            )["nftables"][1]["table"]["name"],
            "kube-proxy"
        );
        let enis = only(
            "ipamd/v1/enis",
            include_str!("../../../../tests/samples/tool-json/enis.txt"),
        );
        assert_eq!(enis["AssignedIPs"], 11);
        assert_eq!(enis["ENIs"]["eni-0a1b2c3d4e5f60718"]["DeviceNumber"], 0);
    }
}
