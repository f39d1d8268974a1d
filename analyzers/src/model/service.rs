//! Services: `v1/Service` of the Kubernetes API reference.

use std::net::IpAddr;

use super::Entity;
use crate::artifact::Node;
use crate::evidence::{Evidence, Fact};

/// A Service.
#[derive(Debug, Clone, Copy)]
pub struct Service<'m, 'a>(pub &'m Entity<'a>);

/// One of `spec.ports`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServicePort<'a> {
    /// `name`; empty where there is one port without.
    pub name: &'a str,
    /// Whether the name was pasted, or is known to be none: a table shows numbers alone.
    pub named: bool,
    /// `TCP`, `UDP` or `SCTP`.
    pub protocol: &'a str,
    /// `port`
    pub port: u16,
    /// `nodePort`, where there is one.
    pub node_port: Option<u16>,
    /// Where it stands.
    pub evidence: Evidence,
}

/// A number that a port can be.
fn port(node: &Node<'_>, name: &str) -> Option<u16> {
    u16::try_from(node.get(name)?.number()?).ok().filter(|port| *port > 0)
}

impl<'a> Service<'_, 'a> {
    /// `spec.type`, `ClusterIP` where it is left out.
    pub fn kind(self) -> &'a str {
        self.0.str(&["spec", "type"]).unwrap_or("ClusterIP")
    }

    /// `spec.clusterIPs`, or the first of them where the others are not shown; none of a headless Service.
    pub fn cluster_addresses(self) -> Vec<Fact<IpAddr>> {
        let all = self.addresses(&["spec", "clusterIPs"]);
        if all.is_empty() {
            let one = self.0.at(&["spec", "clusterIP"]);
            return one.and_then(|node| address(&node)).into_iter().collect();
        }
        all
    }

    /// `spec.externalIPs`
    pub fn external_addresses(self) -> Vec<Fact<IpAddr>> {
        self.addresses(&["spec", "externalIPs"])
    }

    /// The addresses of `status.loadBalancer.ingress` that nodes answer for themselves: not those of a load balancer that is a proxy
    /// (`ipMode`, KEP-1860).
    pub fn load_balancer_addresses(self) -> Vec<Fact<IpAddr>> {
        let ingress = self.0.at(&["status", "loadBalancer", "ingress"]);
        ingress
            .map(|ingress| ingress.items())
            .unwrap_or_default()
            .iter()
            .filter(|ingress| ingress.str_of("ipMode") != Some("Proxy"))
            .filter_map(|ingress| address(&ingress.get("ip")?))
            .collect()
    }

    /// `spec.loadBalancerSourceRanges`
    pub fn source_ranges(self) -> Vec<Fact<String>> {
        self.strings(&["spec", "loadBalancerSourceRanges"])
    }

    /// `spec.ports`
    pub fn ports(self) -> Vec<ServicePort<'a>> {
        let ports = self
            .0
            .at(&["spec", "ports"])
            .map(|ports| ports.items())
            .unwrap_or_default();
        ports
            .iter()
            .filter_map(|node| {
                Some(ServicePort {
                    name: node.str_of("name").unwrap_or_default(),
                    named: node.complete(),
                    protocol: node.str_of("protocol").unwrap_or("TCP"),
                    port: port(node, "port")?,
                    node_port: port(node, "nodePort"),
                    evidence: node.evidence(),
                })
            })
            .collect()
    }

    /// `spec.healthCheckNodePort`, where kube-proxy answers it: with `externalTrafficPolicy: Local` and a load balancer.
    pub fn health_check_port(self) -> Option<Fact<u16>> {
        if self.kind() != "LoadBalancer" || self.is_local(Policy::External) != Some(true) {
            return None;
        }
        let node = self.0.at(&["spec", "healthCheckNodePort"])?;
        let port = u16::try_from(node.number()?).ok().filter(|port| *port > 0)?;
        Some(Fact::new(port, node.evidence()))
    }

    /// The policy's field, where it was pasted.
    pub fn policy(self, policy: Policy) -> Option<Fact<String>> {
        self.0.fact(&["spec", policy.field()])
    }

    /// Whether only endpoints on the same node are asked; `Cluster` is the default of both. `None` where the field was not pasted and may be
    /// there: a table does not show it.
    pub fn is_local(self, policy: Policy) -> Option<bool> {
        match self.0.str(&["spec", policy.field()]) {
            Some(value) => Some(value == "Local"),
            None => self.0.complete().then_some(false),
        }
    }

    fn addresses(self, path: &[&str]) -> Vec<Fact<IpAddr>> {
        let list = self.0.at(path).map(|list| list.items()).unwrap_or_default();
        list.iter().filter_map(address).collect()
    }

    fn strings(self, path: &[&str]) -> Vec<Fact<String>> {
        let list = self.0.at(path).map(|list| list.items()).unwrap_or_default();
        list.iter().filter_map(Node::fact).collect()
    }
}

fn address(node: &Node<'_>) -> Option<Fact<IpAddr>> {
    Some(Fact::new(node.str()?.parse().ok()?, node.evidence()))
}

/// Whose traffic a policy is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// `externalTrafficPolicy`: to node ports, load balancer and external addresses.
    External,
    /// `internalTrafficPolicy`: to cluster addresses.
    Internal,
}

impl Policy {
    /// The field's name.
    pub fn field(self) -> &'static str {
        match self {
            Self::External => "externalTrafficPolicy",
            Self::Internal => "internalTrafficPolicy",
        }
    }
}
