//! Whose address a pod's packet has behind its node: the VPC CNI puts the node's in its place where the packet leaves the VPC.
//!
//! `AWS-SNAT-CHAIN-0` of amazon-vpc-cni-k8s (`pkg/networkutils/network.go`), and its README: `AWS_VPC_K8S_CNI_EXTERNALSNAT`,
//! `AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS`, `POD_SECURITY_GROUP_ENFORCING_MODE`.

use std::net::IpAddr;

use crate::artifact::Node as Value;
use crate::evidence::Evidence;
use crate::flow::policy::addresses::Addresses;
use crate::model::workload::env;
use crate::model::{Model, Pod};

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
    let Some(set) = model.get("DaemonSet", "kube-system", "aws-node") else {
        return Source::NotTold;
    };
    let spec = set.at(&["spec", "template", "spec"]);
    let containers = spec.map(|spec| spec.list("containers")).unwrap_or_default();
    let Some(container) = containers
        .iter()
        .find(|container| container.str_of("name") == Some("aws-node"))
    else {
        // A table shows no container's settings.
        return Source::NotTold;
    };
    let is = |value: &Option<Value<'_>>, wanted: &str| value.as_ref().and_then(Value::str) == Some(wanted);
    let external = env(container, "AWS_VPC_K8S_CNI_EXTERNALSNAT");
    if is(&external, "true") {
        return Source::Kept(
            "AWS_VPC_K8S_CNI_EXTERNALSNAT leaves it to a gateway",
            external.iter().map(Value::evidence).collect(),
        );
    }
    let excluded = env(container, "AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS");
    let blocks = excluded.as_ref().and_then(Value::str).unwrap_or_default();
    let holds = |address: IpAddr| {
        blocks
            .split(',')
            .filter_map(|block| Addresses::block(block.trim()))
            .any(|block| block.contains(address))
    };
    if destination.is_some_and(holds) {
        return Source::Kept(
            "AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS has the destination",
            excluded.iter().map(Value::evidence).collect(),
        );
    }
    let mode = env(container, "POD_SECURITY_GROUP_ENFORCING_MODE");
    let branch = model
        .get("Pod", pod.0, pod.1)
        .filter(|entity| Pod(entity).has_branch_interface());
    if let Some(entity) = branch
        && !is(&mode, "standard")
    {
        return Source::Kept(
            "a pod with security groups of its own sends as itself in strict mode",
            entity
                .evidence()
                .into_iter()
                .chain(mode.iter().map(Value::evidence))
                .collect(),
        );
    }
    let told = external.iter().map(Value::evidence);
    Source::Node(told.chain(set.evidence()).take(1).collect())
}
