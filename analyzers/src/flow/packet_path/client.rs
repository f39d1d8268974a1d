//! Who connects: a pod with its address and its node, and the signs in the paste that it does.

use std::net::IpAddr;

use super::attempt::Attempt;
use crate::evidence::{Evidence, Fact};
use crate::model::{Entity, Host, Model, Pod};

/// A pod that connects, or may.
#[derive(Debug, Clone)]
pub struct Client {
    /// `Pod shop/checkout-0`.
    pub subject: String,
    /// Namespace; empty where it was not printed.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// Its address.
    pub ip: Option<Fact<IpAddr>>,
    /// `hostNetwork`.
    pub host_network: Option<Fact<bool>>,
    /// Its node.
    pub host: Host,
    /// Where its node is named.
    pub node_evidence: Option<Evidence>,
    /// Whether a branch interface carries it: then its packets do not pass the node's routing.
    pub branch_interface: bool,
    /// What shows that it connects.
    pub sign: Sign,
}

/// What shows that a client connects to the load balancer.
#[derive(Debug, Clone)]
pub enum Sign {
    /// A capture.
    Capture(Attempt),
    /// A command or a log line of that pod that names the load balancer, and where it says that it failed.
    Words(Vec<Evidence>),
    /// Somebody writes that connections to a load balancer fail, without saying whose.
    Complaint(Vec<Evidence>),
    /// Nothing.
    None,
}

impl Client {
    /// Reads the pod.
    pub fn new(model: &Model<'_>, entity: &Entity<'_>, sign: Sign) -> Self {
        let pod = Pod(entity);
        let node = pod.node_name();
        Self {
            subject: entity.subject(),
            namespace: entity.namespace.to_owned(),
            name: entity.name.to_owned(),
            ip: pod.ip(),
            host_network: pod.host_network(model),
            host: node
                .as_ref()
                .map(|name| model.host_by_node(&name.value))
                .unwrap_or_default(),
            node_evidence: node.map(|fact| fact.evidence),
            branch_interface: pod.has_branch_interface(),
            sign,
        }
    }

    /// A program on the node itself, or in a host-network pod that cannot be told.
    pub fn of_node(model: &Model<'_>, entity: &Entity<'_>, sign: Sign) -> Self {
        let ip = crate::model::Node(entity).internal_ip();
        Self {
            subject: entity.subject(),
            namespace: String::new(),
            name: entity.name.to_owned(),
            host_network: ip.as_ref().map(|ip| Fact::new(true, ip.evidence.clone())),
            ip,
            host: model.host_by_node(entity.name),
            node_evidence: entity.evidence(),
            branch_interface: false,
            sign,
        }
    }

    /// How to run a command where the client is.
    pub fn shell(&self) -> String {
        if self.subject.starts_with("Node ") {
            "sh -c".to_owned()
        } else {
            format!("kubectl exec {} -- sh -c", self.flags())
        }
    }

    /// `-n shop checkout-0`, for commands.
    pub fn flags(&self) -> String {
        if self.namespace.is_empty() {
            self.name.clone()
        } else {
            format!("-n {} {}", self.namespace, self.name)
        }
    }
}

/// Whether two hosts are the same, where that can be told.
pub fn same_host(a: &Host, b: &Host) -> Option<bool> {
    if let (Some(a), Some(b)) = (&a.instance, &b.instance) {
        return Some(a.value == b.value);
    }
    if let (Some(a), Some(b)) = (&a.ip, &b.ip) {
        return Some(a.value == b.value);
    }
    match (&a.name, &b.name) {
        (Some(a), Some(b)) => Some(a == b),
        _ => None,
    }
}
