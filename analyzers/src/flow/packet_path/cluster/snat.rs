//! Whose address a pod's packet has behind its node: the VPC CNI puts the node's in its place where the packet leaves the VPC.
//!
//! `AWS-SNAT-CHAIN-0` of amazon-vpc-cni-k8s (`pkg/networkutils/network.go`), and its README: `AWS_VPC_K8S_CNI_EXTERNALSNAT`,
//! `AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS`, `POD_SECURITY_GROUP_ENFORCING_MODE`.

use std::net::IpAddr;

use crate::evidence::Evidence;
use crate::flow::packet_path::vpc_cni::branch::{Branch, mode};
use crate::flow::packet_path::vpc_cni::settings::{AGENT, setting};
use crate::flow::policy::addresses::Addresses;
use crate::model::Model;

/// What the plugin is set to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The pod's own address stays, because of that.
    Kept(&'static str, Vec<Evidence>),
    /// The node's takes its place.
    Node(Vec<Evidence>),
    /// The plugin's settings were not pasted. By default it is the node's.
    NotTold,
}

/// The command that prints the plugin's settings.
pub const COMMAND: &str = "kubectl get daemonset aws-node -n kube-system -o yaml";

/// Whose address a packet has that leaves the VPC. `destination`: `None` for anywhere in the Internet.
pub fn source(model: &Model<'_>, pod: (&str, &str), destination: Option<IpAddr>) -> Source {
    let setting = |name: &str| setting(model, AGENT, name);
    let branch = model.get("Pod", pod.0, pod.1).and_then(Branch::of);
    let mode = mode(model);
    let Some(external) = setting("AWS_VPC_K8S_CNI_EXTERNALSNAT") else {
        return match branch {
            Some(branch) if mode.strict => Source::Kept(STRICT, vec![branch.evidence]),
            // A table shows no container's settings.
            _ => Source::NotTold,
        };
    };
    if external.is("true") {
        return Source::Kept("AWS_VPC_K8S_CNI_EXTERNALSNAT leaves it to a gateway", external.evidence);
    }
    let excluded = setting("AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS");
    let blocks = excluded
        .as_ref()
        .and_then(|excluded| excluded.value.as_deref())
        .unwrap_or_default();
    let holds = |address: IpAddr| {
        blocks
            .split(',')
            .filter_map(|block| Addresses::block(block.trim()))
            .any(|block| block.contains(address))
    };
    if destination.is_some_and(holds) {
        return Source::Kept(
            "AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS has the destination",
            excluded.map(|excluded| excluded.evidence).unwrap_or_default(),
        );
    }
    match branch {
        Some(branch) if mode.strict => {
            let told = mode.evidence.into_iter();
            Source::Kept(STRICT, std::iter::once(branch.evidence).chain(told).collect())
        }
        _ => Source::Node(external.evidence),
    }
}

const STRICT: &str = "a pod with security groups of its own sends as itself in strict mode";
