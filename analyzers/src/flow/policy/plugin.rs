//! The network plugin that applies the policies, where their meaning differs from one to another.

use crate::evidence::Evidence;
use crate::model::{Entity, Model};

/// What a plugin takes the blocks of addresses of a NetworkPolicy for. The API leaves it open whether they are about pods (Kubernetes
/// documentation, "Network Policies": `ipBlock` should be of addresses outside the cluster).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plugin {
    /// The plugin's name.
    pub name: &'static str,
    /// Whether a block is about the pods, too, whose addresses are in it.
    pub blocks_hold_pods: bool,
    /// The DaemonSet that was pasted.
    pub evidence: Vec<Evidence>,
}

/// DaemonSets that apply policies, what they are called, and whether they look addresses of pods up in blocks: the VPC CNI's agent writes
/// the blocks into the table in which it looks up every packet's address (aws/aws-network-policy-agent, `pkg/ebpf`), Calico matches
/// packets by their addresses alone (projectcalico/calico, `felix/rules/policy.go`); Cilium knows pods by their labels and never by a block
/// (Cilium documentation, "CIDR-based").
const KNOWN: [(&str, &str, bool); 3] = [
    ("aws-node", "the VPC CNI's network policy agent", true),
    ("calico-node", "Calico", true),
    ("cilium", "Cilium", false),
];

/// The plugin, where the DaemonSet of one was pasted, and those of several agree.
pub fn plugin(model: &Model<'_>) -> Option<Plugin> {
    let mut found: Option<Plugin> = None;
    for set in model.all("DaemonSet") {
        let Some((id, name, blocks_hold_pods)) = KNOWN.iter().find(|(id, ..)| *id == set.name) else {
            continue;
        };
        if *id == "aws-node" && !is_enabled(set) {
            continue;
        }
        if found
            .as_ref()
            .is_some_and(|known| known.blocks_hold_pods != *blocks_hold_pods)
        {
            return None;
        }
        found = found.or_else(|| {
            Some(Plugin {
                name,
                blocks_hold_pods: *blocks_hold_pods,
                evidence: set.evidence().into_iter().collect(),
            })
        });
    }
    found
}

/// Whether the VPC CNI applies policies: the argument of its agent that says so (amazon-vpc-cni-k8s, `charts/aws-vpc-cni`).
fn is_enabled(set: &Entity<'_>) -> bool {
    let spec = set.at(&["spec", "template", "spec"]);
    let containers = spec.map(|spec| spec.list("containers")).unwrap_or_default();
    containers
        .iter()
        .flat_map(|container| container.list("args"))
        .any(|argument| argument.str() == Some("--enable-network-policy=true"))
}
