//! What kube-proxy was told: `KubeProxyConfiguration` (kubeproxy.config.k8s.io/v1alpha1), as the ConfigMaps of kubeadm and EKS hold it.

use std::net::IpAddr;

use crate::artifact::{Value, embedded};
use crate::evidence::Evidence;
use crate::flow::policy::addresses::Addresses;
use crate::model::Model;

/// The settings that decide about a packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// `clusterCIDR`: what comes from these is a pod's. `None` where it is not set, and then nothing is told to be.
    pub pods: Option<Addresses>,
    /// `iptables.masqueradeAll`
    pub masquerade_all: bool,
    /// `nodePortAddresses`; `None` for all of the node.
    pub node_port_addresses: Option<Addresses>,
    /// `iptables.localhostNodePorts`
    pub localhost_node_ports: bool,
    /// Where they stand; `None` where they were not pasted, and the defaults are taken.
    pub evidence: Option<Evidence>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            pods: None,
            masquerade_all: false,
            node_port_addresses: None,
            localhost_node_ports: true,
            evidence: None,
        }
    }
}

impl Settings {
    /// The first configuration in a ConfigMap.
    pub fn new(model: &Model<'_>) -> Self {
        for map in model.all("ConfigMap") {
            let members = map.at(&["data"]).map(|data| data.members()).unwrap_or_default();
            for (_, member) in members {
                if let Some(text) = member.str().filter(|text| text.contains("KubeProxyConfiguration")) {
                    return Self {
                        evidence: Some(member.evidence()),
                        ..Self::read(&embedded(text))
                    };
                }
            }
        }
        Self::default()
    }

    fn read(config: &Value) -> Self {
        let blocks = |text: &str| {
            text.split(',')
                .filter_map(|block| Addresses::block(block.trim()))
                .reduce(|all, block| all.union(&block))
        };
        let ports: Vec<&str> = config
            .get("nodePortAddresses")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let of_iptables = |name: &str| match config.get("iptables").and_then(|iptables| iptables.get(name)) {
            Some(Value::Bool(value)) => Some(*value),
            _ => None,
        };
        Self {
            pods: config.get("clusterCIDR").and_then(Value::as_str).and_then(blocks),
            masquerade_all: of_iptables("masqueradeAll").unwrap_or(false),
            node_port_addresses: blocks(&ports.join(",")),
            localhost_node_ports: of_iptables("localhostNodePorts").unwrap_or(true),
            evidence: None,
        }
    }

    /// Whether an address of the node answers for node ports (`proxy/util/nodeport_addresses.go`). Loopback works for IPv4 alone, where the
    /// kernel is told to route it.
    pub fn serves_node_ports(&self, address: IpAddr) -> bool {
        if address.is_loopback() && (address.is_ipv6() || !self.localhost_node_ports) {
            return false;
        }
        self.node_port_addresses
            .as_ref()
            .is_none_or(|addresses| addresses.contains(address))
    }

    /// Whether an address is a pod's; `None` where nothing tells pods from others.
    pub fn is_pod(&self, address: IpAddr) -> Option<bool> {
        self.pods.as_ref().map(|pods| pods.contains(address))
    }
}
