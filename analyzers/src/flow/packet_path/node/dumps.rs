//! Which of the outputs that were pasted are of one and the same node.

use std::net::IpAddr;

use crate::artifact::Node;
use crate::model::Model;
use crate::segment::CommandLine;
use crate::text::SourceId;

/// What tools print of a node's kernel: the kinds of the documents.
const KINDS: [&str; 8] = [
    "iptables-save",
    "nft-ruleset",
    "ipvsadm",
    "ipset",
    "ip-addr",
    "ip-route",
    "ip-rule",
    "ss",
];

/// One output.
#[derive(Debug, Clone)]
pub struct Dump<'a> {
    kind: &'static str,
    /// The host that the prompt names.
    at: Option<&'a str>,
    source: SourceId,
    /// What was read of it.
    pub root: Node<'a>,
    /// The command, where it was pasted.
    pub command: Option<CommandLine>,
}

/// The outputs of one node.
#[derive(Debug, Clone, Default)]
pub struct Dumps<'a>(Vec<Dump<'a>>);

impl<'a> Dumps<'a> {
    /// The outputs of the node of that name; without a name, those of the node whose rules were pasted first. Outputs below a prompt with
    /// another host's name are another node's.
    pub fn new(model: &Model<'a>, name: Option<&str>, addresses: &[IpAddr]) -> Self {
        let mut all: Vec<Dump<'a>> = Vec::new();
        for (artifact, root) in model.artifacts.roots() {
            let kind = artifact
                .kinds
                .iter()
                .find_map(|(kind, _)| KINDS.iter().find(|known| **known == kind.as_str()));
            let Some(kind) = kind else { continue };
            all.push(Dump {
                kind,
                at: model
                    .segments
                    .get(artifact.segment)
                    .and_then(|segment| segment.at.as_deref()),
                source: artifact.span.source,
                root,
                command: model
                    .command_of(artifact)
                    .map(|command| CommandLine::new(&command.text)),
            });
        }
        let is = |dump: &Dump<'a>, name: &str| dump.at.is_some_and(|at| label(at) == label(name));
        let rules = |dump: &&Dump<'a>| matches!(dump.kind, "iptables-save" | "nft-ruleset" | "ipvsadm");
        let home = match name {
            Some(name) if all.iter().any(|dump| is(dump, name)) => Some(name.to_owned()),
            // The prompt may name a machine in another way than the cluster does.
            _ => all.iter().filter(rules).find_map(|dump| dump.at).map(str::to_owned),
        };
        if let Some(home) = home {
            all.retain(|dump| dump.at.is_none() || is(dump, &home));
        }
        // Of several of a kind, those that were pasted with the rules.
        let source = all.iter().find(rules).map(|dump| dump.source);
        all.sort_by_key(|dump| Some(dump.source) != source);
        let mut found = Self(all);
        found.0.retain(|dump| dump.kind != "ip-addr" || fits(dump, addresses));
        found
    }

    /// The outputs of a kind.
    pub fn of(&self, kind: &str) -> impl Iterator<Item = &Dump<'a>> {
        self.0.iter().filter(move |dump| dump.kind == kind)
    }
}

impl Dump<'_> {
    /// Whether lines may be missing: the output went through `grep`, or an argument chooses some.
    pub fn is_selected(&self) -> bool {
        self.command.as_ref().is_some_and(|line| line.selected)
    }

    /// The arguments, without options.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.command
            .iter()
            .flat_map(|line| &line.args)
            .map(String::as_str)
            .filter(|word| !word.starts_with('-'))
    }
}

/// `ip-10-0-1-7` of `ip-10-0-1-7.ec2.internal`.
fn label(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

/// Whether a list of addresses can be that of a node with these.
fn fits(dump: &Dump<'_>, addresses: &[IpAddr]) -> bool {
    addresses.is_empty()
        || super::machine::addresses_of(&dump.root)
            .iter()
            .any(|own| addresses.contains(&own.address))
}
