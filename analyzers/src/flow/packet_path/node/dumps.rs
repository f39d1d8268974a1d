//! Which of the outputs that were pasted are of one and the same node.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::whose::{Nodes, Whose};
use crate::artifact::{Artifact, Node};
use crate::model::Model;
use crate::segment::CommandLine;
use crate::text::SourceId;

/// What tools print of a node's kernel: the kinds of the documents.
const KINDS: [&str; 12] = [
    "iptables-save",
    "nft-ruleset",
    "ipvsadm",
    "ipset",
    "ip-addr",
    "ip-route",
    "ip-rule",
    "ss",
    "sysctl",
    "ip-link",
    "ip-neigh",
    "bridge-fdb",
];

/// One output.
#[derive(Debug, Clone)]
pub struct Dump<'a> {
    kind: &'static str,
    /// The host that the prompt names.
    at: Option<&'a str>,
    /// The node that the command names.
    through: Option<&'a str>,
    source: SourceId,
    /// Whether another node may have printed it.
    doubtful: bool,
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
        let mut all = read(model);
        if let Some(name) = name {
            tell(&mut all, &Nodes::new(model, name, addresses));
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
        } else if let Some(name) = name {
            // Names that are made of addresses are those of other nodes.
            all.retain(|dump| !(dump.at.is_some_and(is_made_of_address) && is_made_of_address(name)));
        }
        // Of several of a kind, those that were pasted with the rules.
        let source = all.iter().find(rules).map(|dump| dump.source);
        all.sort_by_key(|dump| Some(dump.source) != source);
        let mut found = Self(all);
        found.0.retain(|dump| dump.kind != "ip-addr" || fits(dump, addresses));
        found
    }

    /// Whether the rules may be another node's: there are several, and neither a prompt nor an address in them tells.
    pub fn are_doubtful(&self) -> bool {
        let rules = |dump: &&Dump<'a>| matches!(dump.kind, "iptables-save" | "nft-ruleset" | "ipvsadm");
        self.0.iter().filter(rules).any(|dump| dump.doubtful)
    }

    /// The outputs that somebody else knows to be of one node.
    pub fn together(all: Vec<Dump<'a>>) -> Self {
        Self(all)
    }

    /// The host that the prompt names above the first of the outputs that has a prompt.
    pub fn host(&self) -> Option<&'a str> {
        self.0.iter().find_map(|dump| dump.at)
    }

    /// The outputs of a kind.
    pub fn of(&self, kind: &str) -> impl Iterator<Item = &Dump<'a>> {
        self.0.iter().filter(move |dump| dump.kind == kind)
    }
}

/// Leaves out what is told to be other nodes', and marks what may be.
fn tell(all: &mut Vec<Dump<'_>>, nodes: &Nodes<'_>) {
    if !nodes.are_several() {
        return;
    }
    all.retain_mut(|dump| {
        let whose = nodes.whose(dump, dump.through.or(dump.at));
        // A prompt with another kind of name may be of any of them, but is one machine's.
        dump.doubtful = whose == Whose::NotTold && dump.through.or(dump.at).is_none();
        whose != Whose::Others
    });
}

impl<'a> Dump<'a> {
    /// An output of a node's kernel; `None` where it is none.
    pub fn new(model: &Model<'a>, artifact: &'a Artifact, root: Node<'a>) -> Option<Self> {
        let kind = artifact
            .kinds
            .iter()
            .find_map(|(kind, _)| KINDS.iter().find(|known| **known == kind.as_str()))?;
        let segment = model.segments.get(artifact.segment);
        let shells = segment.map(|segment| segment.within.as_slice()).unwrap_or_default();
        let command = model.command_of(artifact);
        let typed = command.map(|command| command.text.as_str());
        Some(Self {
            kind,
            at: segment.and_then(|segment| segment.at.as_deref()),
            through: shells.iter().map(String::as_str).chain(typed).find_map(node_in),
            source: artifact.span.source,
            doubtful: false,
            root,
            command: command.map(|command| CommandLine::new(&command.text)),
        })
    }
}

/// What tells a node from others.
#[derive(Debug, Clone, Default)]
pub struct Known<'q> {
    /// Its name.
    pub name: &'q str,
    /// Its own addresses.
    pub addresses: Vec<IpAddr>,
}

impl<'a> Dumps<'a> {
    /// The outputs that are told to be of one node, by their prompts, by their commands, or by the node's addresses in them; `None` where
    /// there are none, or what one prompt printed is of several nodes.
    pub fn surely(model: &Model<'a>, node: &Known<'_>) -> Option<Self> {
        let mut groups: BTreeMap<String, Vec<Dump<'a>>> = BTreeMap::new();
        for dump in read(model) {
            groups.entry(dump.place(model)).or_default().push(dump);
        }
        let is_its = |address: &IpAddr| node.addresses.contains(address);
        let mut found: Vec<Dump<'a>> = Vec::new();
        for (place, dumps) in groups {
            let named = place.strip_prefix(AT).is_some_and(|at| {
                at == label(node.name) || crate::model::ip_in_name(at).is_some_and(|address| is_its(&address))
            });
            let own: Vec<BTreeSet<IpAddr>> = dumps.iter().map(own_addresses).filter(|own| !own.is_empty()).collect();
            let agree = own.iter().all(|own| own.iter().any(is_its));
            // Without a host's name in the prompt, two outputs of a kind may be of two nodes.
            if named && agree || !own.is_empty() && agree && (place.starts_with(AT) || !has_twice(&dumps)) {
                found.extend(dumps);
            }
        }
        (!found.is_empty()).then_some(Self(found))
    }
}

const AT: &str = "at ";

/// Whether one command printed two outputs.
fn has_twice(dumps: &[Dump<'_>]) -> bool {
    let mut seen = BTreeSet::new();
    let words = |dump: &Dump<'_>| dump.command.as_ref().map(|line| line.args.clone());
    dumps.iter().any(|dump| !seen.insert((dump.kind, words(dump))))
}

/// The addresses that an output tells to be of the node that printed it.
pub fn own_addresses(dump: &Dump<'_>) -> BTreeSet<IpAddr> {
    let text = |node: &Node<'_>, name: &str| node.str_of(name).and_then(|text| text.parse::<IpAddr>().ok());
    match dump.kind {
        "ip-addr" => super::machine::addresses_of(&dump.root)
            .iter()
            .filter(|own| own.is_global())
            .map(|own| own.address)
            .collect(),
        // The source that a route prefers is an address of the machine (ip-route(8)), and so is what the local table has.
        "ip-route" => dump
            .root
            .items()
            .iter()
            .flat_map(|route| {
                let local = route.str_of("type") == Some("local");
                [text(route, "prefsrc"), local.then(|| text(route, "dst")).flatten()]
            })
            .flatten()
            .filter(|address| !address.is_loopback() && !super::machine::is_link_local(*address))
            .collect(),
        _ => BTreeSet::new(),
    }
}

/// All outputs of nodes.
fn read<'a>(model: &Model<'a>) -> Vec<Dump<'a>> {
    let mut all: Vec<Dump<'a>> = Vec::new();
    for (artifact, root) in model.artifacts.roots() {
        let segment = model.segments.get(artifact.segment);
        let shells = segment.map(|segment| segment.within.as_slice()).unwrap_or_default();
        let command = model.command_of(artifact);
        let typed = command.map(|command| command.text.as_str());
        if !shells.iter().map(String::as_str).chain(typed).all(is_on_node) {
            continue;
        }
        all.extend(Dump::new(model, artifact, root));
    }
    all
}

/// The node that a command of kubectl opens a shell on (`kubectl debug node/ip-10-42-3-9 -it …`).
fn node_in(command: &str) -> Option<&str> {
    command
        .split_whitespace()
        .find_map(|word| word.strip_prefix("node/"))
        .or_else(|| {
            let after = command.split_once("node-debugger-")?.1;
            // `node-debugger-NODE-x7k2p`
            after.split_whitespace().next()?.rsplit_once('-').map(|(node, _)| node)
        })
}

impl Dump<'_> {
    /// What printed it.
    pub fn kind(&self) -> &'static str {
        self.kind
    }

    /// Whether another node may have printed it.
    pub fn is_doubtful(&self) -> bool {
        self.doubtful
    }

    /// Where it was printed: at the host of the prompt, else together with what stands beside it.
    fn place(&self, model: &Model<'_>) -> String {
        if let Some(node) = self.through.or(self.at) {
            return format!("{AT}{}", label(node));
        }
        let name = model.sources.name(self.source);
        match name.rsplit_once('/') {
            Some((folder, _)) => format!("in {folder}"),
            None => format!("of {:?}", self.source),
        }
    }

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

/// Whether a command shows the node's own network, and not a container's: pods of the host's network see the node's.
pub fn is_on_node(command: &str) -> bool {
    let words: Vec<&str> = command.split_whitespace().collect();
    let has = |word: &str| words.contains(&word);
    let program = |name: &str| words.iter().any(|word| word.rsplit('/').next() == Some(name));
    if program("kubectl") || program("oc") {
        // What EKS runs in the host's network (its add-ons' manifests), and the pods of `kubectl debug node/…`.
        let of_host = |word: &&str| {
            ["kube-proxy", "aws-node", "node-debugger-", "node-local-dns"]
                .iter()
                .any(|name| {
                    word.trim_start_matches("pod/")
                        .trim_start_matches("ds/")
                        .starts_with(name)
                })
        };
        return !has("exec") && !has("rsh") || words.iter().any(of_host);
    }
    if program("nsenter") {
        // The first process is the node's own.
        let first = ["-t1", "--target=1"].iter().any(|word| has(word))
            || words.windows(2).any(|pair| matches!(pair, ["-t" | "--target", "1"]));
        return first;
    }
    let containers = ["docker", "podman", "nerdctl", "crictl", "ctr"];
    !(containers.iter().any(|name| program(name)) && has("exec")
        || program("ip") && (has("netns") && has("exec") || has("-n") || has("-netns")))
}

/// `ip-10-0-1-7` of `ip-10-0-1-7.ec2.internal`.
pub fn label(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

/// The names that EC2 gives instances (EC2 User Guide, "EC2 instance hostnames and domains").
fn is_made_of_address(name: &str) -> bool {
    let address = label(name).strip_prefix("ip-").map(|digits| digits.replace('-', "."));
    address.is_some_and(|address| address.parse::<IpAddr>().is_ok())
}

/// Whether a list of addresses can be that of a node with these.
fn fits(dump: &Dump<'_>, addresses: &[IpAddr]) -> bool {
    addresses.is_empty()
        || super::machine::addresses_of(&dump.root)
            .iter()
            .any(|own| addresses.contains(&own.address))
}

#[cfg(test)]
mod tests {
    use super::is_on_node;

    #[test]
    fn a_containers_network_is_not_the_nodes() {
        for command in [
            "sudo iptables-save",
            "kubectl exec -n kube-system kube-proxy-x7k2p -- iptables-save",
            "kubectl exec ds/aws-node -n kube-system -- ip rule",
            "sudo nsenter -t 1 -n ip addr",
            "kubectl debug node/ip-10-42-3-9 -it --image=busybox -- ip addr",
            "ip netns list",
        ] {
            assert!(is_on_node(command), "{command}");
        }
        for command in [
            "kubectl exec -n shop cart-7d9f -- ss -ltnp",
            "kubectl exec cart-7d9f -c istio-proxy -- iptables-save",
            "sudo nsenter -t 24711 -n iptables-save",
            "docker exec 5f0c ip addr",
            "ip netns exec cni-5f0c ip addr",
            "sudo ip -n cni-5f0c route",
        ] {
            assert!(!is_on_node(command), "{command}");
        }
    }
}
