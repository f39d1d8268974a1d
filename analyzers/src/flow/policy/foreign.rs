//! Policies of other APIs: their rules are not evaluated, and what they decide is never taken for nothing.

use super::Unread;
use crate::artifact::Node;
use crate::model::Entity;

/// The kinds of network plugins' own policies: Cilium's, Calico's, and that of the VPC CNI's `networking.k8s.aws`.
pub const KINDS: [&str; 4] = [
    "ApplicationNetworkPolicy",
    "CiliumClusterwideNetworkPolicy",
    "CiliumNetworkPolicy",
    "GlobalNetworkPolicy",
];

/// Such a policy, and what shows what becomes of packets under it.
pub fn unread(entity: &Entity<'_>, view: &Node<'_>) -> Unread {
    let api = view.str_of("apiVersion").unwrap_or_default();
    let group = api.split('/').next().unwrap_or_default();
    let command = if group.ends_with("cilium.io") {
        "kubectl exec -n kube-system ds/cilium -- hubble observe --verdict DROPPED --last 50"
    } else if group.ends_with("projectcalico.org") {
        // Calico writes them into the nodes' tables, as chains `cali-…` (projectcalico/calico, `felix/rules`).
        "iptables-save"
    } else if group.ends_with("k8s.aws") {
        // The VPC resource controller writes into these what its agents apply (aws/amazon-network-policy-controller-k8s).
        "kubectl get policyendpoints -A -o yaml"
    } else {
        "kubectl get daemonsets -A"
    };
    let mut name = entity.subject();
    if !api.is_empty() {
        name = format!("{name} ({api})");
    }
    Unread {
        name,
        command: command.to_owned(),
        why: "policies of that API are not evaluated here",
        evidence: Some(view.at(&["metadata", "name"]).as_ref().unwrap_or(view).evidence()),
    }
}
