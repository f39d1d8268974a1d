//! Pods: `v1/Pod` of the Kubernetes API reference.

use std::net::IpAddr;

use super::{Entity, Model, Node, ip_in_name};
use crate::evidence::Fact;

/// A pod.
#[derive(Debug, Clone, Copy)]
pub struct Pod<'m, 'a>(pub &'m Entity<'a>);

impl Pod<'_, '_> {
    /// `status.podIP`.
    pub fn ip(self) -> Option<Fact<IpAddr>> {
        let fact = self.0.fact(&["status", "podIP"])?;
        Some(Fact::new(fact.value.parse().ok()?, fact.evidence))
    }

    /// `spec.nodeName`.
    pub fn node_name(self) -> Option<Fact<String>> {
        self.0.fact(&["spec", "nodeName"])
    }

    /// `spec.hostNetwork`; where only a table was pasted, told by whether the pod's address is its node's.
    pub fn host_network(self, model: &Model<'_>) -> Option<Fact<bool>> {
        if let Some(fact) = self.0.bool(&["spec", "hostNetwork"]) {
            return Some(fact);
        }
        if let Some(view) = self.0.views.iter().find(|view| view.complete())
            && let Some(spec) = view.get("spec")
        {
            // The API omits the field where it is false (`omitempty`).
            return Some(Fact::new(false, spec.evidence()));
        }
        let ip = self.ip()?;
        let name = self.node_name()?.value;
        let node_ip = model
            .get("Node", "", &name)
            .and_then(|node| Node(node).internal_ip())
            .map(|ip| ip.value)
            // Nodes that EC2 names by their addresses say them.
            .or_else(|| ip_in_name(&name))?;
        Some(Fact::new(ip.value == node_ip, ip.evidence))
    }

    /// Whether a branch interface carries the pod (annotation `vpc.amazonaws.com/pod-eni`, written by the VPC resource
    /// controller for security groups for pods).
    pub fn has_branch_interface(self) -> bool {
        self.0
            .at(&["metadata", "annotations", "vpc.amazonaws.com/pod-eni"])
            .is_some()
    }

    /// Whether it runs, or nothing says that it does not. A table prints `Completed` where no container runs any more
    /// (kubectl's printer for pods).
    pub fn is_alive(self) -> bool {
        let is = |path: &[&str], values: &[&str]| self.0.str(path).is_some_and(|value| values.contains(&value));
        !is(&["status", "phase"], &["Succeeded", "Failed"]) && !is(&["x-printed", "STATUS"], &["Completed", "Evicted"])
    }
}

impl Model<'_> {
    /// The pod with that address, where exactly one pod that does not share its node's address has it.
    pub fn pod_by_ip(&self, address: IpAddr) -> Option<&Entity<'_>> {
        self.kubernetes.get(self.names.pod(address)?)
    }
}
