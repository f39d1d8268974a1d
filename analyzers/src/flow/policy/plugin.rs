//! The network plugin that applies the policies: whether there is one, and where their meaning differs from one to another.

use crate::evidence::Evidence;
use crate::flow::Next;
use crate::model::{Entity, Model};

/// What a plugin takes the blocks of addresses of a NetworkPolicy for. The API leaves it open whether they are about pods (Kubernetes
/// documentation, "Network Policies": `ipBlock` should be of addresses outside the cluster).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plugin {
    /// The plugin's name.
    pub name: &'static str,
    /// Whether a block is about the pods, too, whose addresses are in it; `None` where that is not known of it, or where two plugins differ.
    pub blocks_hold_pods: Option<bool>,
    /// The DaemonSet that was pasted.
    pub evidence: Vec<Evidence>,
}

/// Who applies the policies.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Applied {
    /// No plugin was pasted.
    #[default]
    NotTold,
    /// A plugin that was pasted.
    By(Plugin),
    /// The VPC CNI's agent is told to do nothing about policies, and no other plugin was pasted.
    Off {
        /// What tells it so.
        evidence: Vec<Evidence>,
        /// Whether all DaemonSets were pasted.
        all: bool,
    },
}

const VPC_CNI: &str = "aws-node";

/// DaemonSets that apply policies, what they are called, and whether they look addresses of pods up in blocks: the VPC CNI's agent writes
/// the blocks into the table in which it looks up every packet's address (aws/aws-network-policy-agent, `pkg/ebpf`), Calico matches
/// packets by their addresses alone (projectcalico/calico, `felix/rules/policy.go`); Cilium knows pods by their labels and never by a block
/// (Cilium documentation, "CIDR-based").
const KNOWN: [(&str, &str, Option<bool>); 7] = [
    (VPC_CNI, "the VPC CNI's network policy agent", Some(true)),
    ("calico-node", "Calico", Some(true)),
    ("canal", "Calico", Some(true)),
    ("cilium", "Cilium", Some(false)),
    ("antrea-agent", "Antrea", None),
    ("kube-router", "kube-router", None),
    ("weave-net", "Weave Net", None),
];

impl Applied {
    /// Who applies the policies, as far as DaemonSets were pasted.
    pub fn new(model: &Model<'_>) -> Self {
        let mut found: Option<Plugin> = None;
        let mut off: Option<Evidence> = None;
        for set in model.all("DaemonSet") {
            let Some((id, name, blocks_hold_pods)) = KNOWN.iter().find(|(id, ..)| *id == set.name) else {
                continue;
            };
            if *id == VPC_CNI {
                match enabled(set) {
                    Some((true, _)) => {}
                    Some((false, evidence)) => {
                        off = off.or(evidence);
                        continue;
                    }
                    None => continue,
                }
            }
            match &mut found {
                Some(known) if known.blocks_hold_pods != *blocks_hold_pods => known.blocks_hold_pods = None,
                Some(_) => {}
                None => {
                    found = Some(Plugin {
                        name,
                        blocks_hold_pods: *blocks_hold_pods,
                        evidence: set.evidence().into_iter().collect(),
                    });
                }
            }
        }
        match (found, off) {
            (Some(plugin), _) => Self::By(plugin),
            (None, Some(evidence)) => Self::Off {
                evidence: vec![evidence],
                all: model.asked_everywhere("DaemonSet"),
            },
            (None, None) => Self::NotTold,
        }
    }

    /// The plugin that applies them.
    pub fn plugin(&self) -> Option<&Plugin> {
        match self {
            Self::By(plugin) => Some(plugin),
            _ => None,
        }
    }

    /// Whether blocks of addresses are about pods.
    pub fn blocks_hold_pods(&self) -> Option<bool> {
        self.plugin()?.blocks_hold_pods
    }
}

/// What tells whether another plugin applies them where the VPC CNI does not.
pub fn others() -> Next {
    Next {
        command: "kubectl get daemonsets -A".to_owned(),
        decides: Vec::new(),
        why: "The VPC CNI is told not to apply policies; another network plugin would be among the DaemonSets."
            .to_owned(),
    }
}

/// Whether the VPC CNI applies policies, and what says so: the argument of its agent (amazon-vpc-cni-k8s, `charts/aws-vpc-cni`), which
/// without it does nothing (aws/aws-network-policy-agent, `pkg/config`). A row of a table shows no arguments.
fn enabled(set: &Entity<'_>) -> Option<(bool, Option<Evidence>)> {
    let spec = set.at(&["spec", "template", "spec"]);
    let containers = spec.map(|spec| spec.list("containers")).unwrap_or_default();
    let arguments = containers.iter().flat_map(|container| container.list("args"));
    for argument in arguments {
        let value = argument
            .str()
            .and_then(|text| text.strip_prefix("--enable-network-policy"));
        match value {
            Some("" | "=true") => return Some((true, Some(argument.evidence()))),
            Some("=false") => return Some((false, Some(argument.evidence()))),
            _ => {}
        }
    }
    (set.complete() && !containers.is_empty()).then(|| (false, set.evidence()))
}
