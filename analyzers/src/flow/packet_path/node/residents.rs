//! Which addresses are behind a node's own doors: those of the pods that run on it.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use super::machine::Machine;
use super::packet::Interface;
use super::routes::Hop;
use crate::evidence::Evidence;
use crate::model::{Model, Pod};

/// Where an address is, seen from a node.
#[derive(Debug, Clone, PartialEq)]
pub enum Stands {
    /// On the node: its packets pass no other one first.
    Here,
    /// Elsewhere, behind an interface where that is known.
    Behind(Vec<Evidence>, Option<String>),
    /// What was pasted does not tell.
    Unknown,
}

/// What the cluster's objects tell of addresses.
#[derive(Debug, Clone, Default)]
pub struct Residents<'m> {
    /// The node's name.
    node: Option<&'m str>,
    /// The node of each pod and of each node's own address.
    nodes: BTreeMap<IpAddr, (String, Evidence)>,
}

impl<'m> Residents<'m> {
    /// Seen from the node of that name; without a name, objects tell nothing.
    pub fn new(model: &Model<'_>, node: Option<&'m str>, ends: &[IpAddr]) -> Self {
        let mut nodes = BTreeMap::new();
        if node.is_some() {
            for address in ends {
                if let Some(name) = model.pod_by_ip(*address).and_then(|entity| Pod(entity).node_name()) {
                    nodes.insert(*address, (name.value, name.evidence));
                }
            }
            for entity in model.all("Node") {
                for own in crate::model::Node(entity).internal_ips() {
                    nodes.insert(own.value, (entity.name.to_owned(), own.evidence));
                }
            }
        }
        Self { node, nodes }
    }

    /// Where an address is. `other` is the other end of the connection.
    pub fn stands(&self, machine: &Machine<'_>, address: IpAddr, other: IpAddr) -> Stands {
        if machine.is_local(address) == Some(true) {
            return Stands::Here;
        }
        let (by, lines) = machine.way_to(address, other);
        let interface = match &by {
            Hop::By { interface, .. } => Some(interface.clone()),
            _ => None,
        };
        if let Some((name, evidence)) = self.nodes.get(&address) {
            if Some(name.as_str()) == self.node {
                return Stands::Here;
            }
            return Stands::Behind(vec![evidence.clone()], interface);
        }
        match by {
            Hop::By { interface, gateway } => {
                if is_door(&interface) {
                    Stands::Here
                } else if gateway.is_some() || is_way_out(&interface) {
                    Stands::Behind(lines, Some(interface))
                } else {
                    Stands::Unknown
                }
            }
            // What is in the Internet is on no node.
            _ if is_public(address) => Stands::Behind(Vec::new(), None),
            _ => Stands::Unknown,
        }
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let shared = Ipv4Addr::new(100, 64, 0, 0).to_bits() >> 22 == address.to_bits() >> 22;
            !(address.is_private() || address.is_loopback() || address.is_link_local() || shared)
        }
        // A VPC's addresses of IPv6 are public ones.
        IpAddr::V6(_) => false,
    }
}

/// Whether an interface leads to pods of the node: the host's ends of their veth pairs (`eni…` and `vlan…` of the Amazon VPC CNI, `cali…`,
/// `lxc…`, `azv…`, `gke…`, `veth…`), and bridges that have these on them (`cni0`, `cbr0`, `docker0`, `br-…`, `cilium_host`).
pub fn is_door(name: &str) -> bool {
    let starts = [
        "eni",
        "cali",
        "lxc",
        "azv",
        "gke",
        "veth",
        "cni",
        "cbr",
        "docker",
        "br-",
        "cilium_host",
    ];
    starts.iter().any(|start| name.starts_with(start)) || name.starts_with("vlan") && !name.contains('.')
}

/// Whether an interface leads out of the node: cards by the kernel's and systemd's names (systemd.net-naming-scheme(7)), and tunnels.
pub fn is_way_out(name: &str) -> bool {
    let starts = [
        "eth",
        "en",
        "em",
        "bond",
        "vlan.",
        "flannel",
        "vxlan",
        "tunl",
        "wg",
        "wireguard",
        "cilium_vxlan",
    ];
    !is_door(name) && starts.iter().any(|start| name.starts_with(start))
}

impl Machine<'_> {
    /// By which interface an address is reached, and what says so.
    fn way_to(&self, address: IpAddr, from: IpAddr) -> (Hop, Vec<Evidence>) {
        self.routes().map_or((Hop::Unknown, Vec::new()), |routes| {
            let decision = routes.decide(address, Some(from), Some(0), &Interface::Unknown);
            (decision.hop, decision.evidence)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interfaces_name_tells_where_it_leads() {
        for name in [
            "eni4f2b7c91a0d",
            "cali1a2b3c4d5e6",
            "cni0",
            "vlan1a2b3c4d5e6",
            "lxc_health",
        ] {
            assert!(is_door(name) && !is_way_out(name), "{name}");
        }
        for name in [
            "eth0",
            "ens5",
            "enX0",
            "vlan.eth.1",
            "vxlan.calico",
            "flannel.1",
            "bond0",
        ] {
            assert!(is_way_out(name) && !is_door(name), "{name}");
        }
        assert!(!is_way_out("ham0") && !is_door("ham0"));
    }
}
