//! Nodes: `v1/Node` of the Kubernetes API reference, and the EC2 instance behind each.

use std::net::IpAddr;

use super::{Entity, Model};
use crate::evidence::{Evidence, Fact};

/// A node.
#[derive(Debug, Clone, Copy)]
pub struct Node<'m, 'a>(pub &'m Entity<'a>);

impl Node<'_, '_> {
    /// The first `InternalIP` of `status.addresses`.
    pub fn internal_ip(self) -> Option<Fact<IpAddr>> {
        self.internal_ips().into_iter().next()
    }

    /// Every `InternalIP` of `status.addresses`: one of each family, or those of several interfaces.
    pub fn internal_ips(self) -> Vec<Fact<IpAddr>> {
        self.0
            .views
            .iter()
            .filter_map(|view| view.at(&["status", "addresses"]))
            .flat_map(|addresses| addresses.items())
            .filter(|address| address.str_of("type") == Some("InternalIP"))
            .filter_map(|address| {
                let fact = address.get("address")?.fact()?;
                Some(Fact::new(fact.value.parse().ok()?, fact.evidence))
            })
            .collect()
    }

    /// The instance id in `spec.providerID`, which the AWS cloud provider writes as `aws:///ZONE/i-…`. Nodes with
    /// resource-based names (EC2 "resource name" host names) are called by it.
    pub fn instance_id(self) -> Option<Fact<String>> {
        let from = |fact: Fact<String>| {
            let id = fact.value.rsplit('/').next().unwrap_or_default().to_owned();
            id.starts_with("i-").then(|| Fact::new(id, fact.evidence))
        };
        self.0.fact(&["spec", "providerID"]).and_then(from).or_else(|| {
            let id = self.0.name.split('.').next().unwrap_or_default();
            let hex = id.strip_prefix("i-")?;
            (hex.len() >= 8 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
                .then(|| Some(Fact::new(id.to_owned(), self.0.evidence()?)))
                .flatten()
        })
    }

    /// The label `topology.kubernetes.io/zone`, or the zone in `spec.providerID`.
    pub fn zone(self) -> Option<Fact<String>> {
        self.0
            .fact(&["metadata", "labels", "topology.kubernetes.io/zone"])
            .or_else(|| {
                let fact = self.0.fact(&["spec", "providerID"])?;
                let zone = fact.value.strip_prefix("aws:///")?.split('/').next()?.to_owned();
                Some(Fact::new(zone, fact.evidence))
            })
    }
}

/// A node as far as it is known: perhaps only by the name in a pod's row, or as an instance.
#[derive(Debug, Clone, Default)]
pub struct Host {
    /// The node's name.
    pub name: Option<String>,
    /// The instance's id.
    pub instance: Option<Fact<String>>,
    /// Its primary private address.
    pub ip: Option<Fact<IpAddr>>,
    /// Its zone.
    pub zone: Option<Fact<String>>,
    /// What ties name, instance and address together.
    pub evidence: Vec<Evidence>,
}

impl Host {
    /// The node's name, or the instance's id.
    pub fn label(&self) -> String {
        self.name
            .clone()
            .or_else(|| self.instance.as_ref().map(|id| id.value.clone()))
            .unwrap_or_else(|| "a node".to_owned())
    }
}

impl<'a> Model<'a> {
    /// Everything known of the node of that name: the Node object, the instance with its private DNS name or address.
    pub fn host_by_node(&self, name: &str) -> Host {
        let mut host = Host {
            name: Some(name.to_owned()),
            ..Host::default()
        };
        if let Some(entity) = self.get("Node", "", name) {
            let node = Node(entity);
            host.instance = node.instance_id();
            host.ip = node.internal_ip();
            host.zone = node.zone();
        }
        let by_name = ip_in_name(name);
        let id = host.instance.as_ref().map(|id| id.value.as_str());
        let addresses = [host.ip.as_ref().map(|ip| ip.value), by_name];
        if let Some(instance) = self.instances.find(id, name, addresses) {
            let ip: Option<IpAddr> = instance.str_of("PrivateIpAddress").and_then(|ip| ip.parse().ok());
            host.instance = host.instance.or_else(|| instance.fact_at(&["InstanceId"]));
            if host.ip.is_none()
                && let Some(fact) = instance.fact_at(&["PrivateIpAddress"])
                && let Some(ip) = ip
            {
                host.ip = Some(Fact::new(ip, fact.evidence));
            }
            host.zone = host
                .zone
                .or_else(|| instance.fact_at(&["Placement", "AvailabilityZone"]));
        }
        host.evidence = [
            host.instance.as_ref().map(|fact| fact.evidence.clone()),
            host.ip.as_ref().map(|fact| fact.evidence.clone()),
        ]
        .into_iter()
        .flatten()
        .collect();
        host
    }

    /// The node on that instance, or the instance alone.
    pub fn host_by_instance(&self, id: &str) -> Host {
        if let Some(name) = self.names.node_on(id) {
            return self.host_by_node(name);
        }
        let Some(instance) = self.instances.by_id(id) else {
            return Host::default();
        };
        let ip = instance.fact_at(&["PrivateIpAddress"]);
        // A pod's row names its node even where no Node was pasted.
        let address = ip.as_ref().and_then(|ip| ip.value.parse().ok());
        let name = self.names.told(instance.str_of("PrivateDnsName"), address);
        Host {
            name: name.map(str::to_owned),
            instance: instance.fact_at(&["InstanceId"]),
            ip: ip.and_then(|fact| Some(Fact::new(fact.value.parse().ok()?, fact.evidence))),
            zone: instance.fact_at(&["Placement", "AvailabilityZone"]),
            evidence: vec![instance.evidence()],
        }
    }

    /// `Reservations[].Instances[]` of describe-instances, and reduced lists of instances.
    pub fn instances(&self) -> &[crate::artifact::Node<'a>] {
        &self.instances.all
    }

    /// The same, looked up.
    pub(super) fn all_instances(&self) -> Vec<crate::artifact::Node<'a>> {
        let mut all: Vec<_> = self
            .aws_list("Reservations")
            .into_iter()
            .flat_map(|(_, reservation)| reservation.list("Instances"))
            .collect();
        all.extend(self.aws_list("Instances").into_iter().map(|(_, node)| node));
        all
    }
}

/// The address in an EC2 "IP name" host name: `ip-10-20-3-41.eu-west-1.compute.internal` (EC2 User Guide, "EC2 instance
/// hostnames and domains").
pub(crate) fn ip_in_name(name: &str) -> Option<IpAddr> {
    let label = name.split('.').next()?.strip_prefix("ip-")?;
    label
        .replace('-', ".")
        .parse::<std::net::Ipv4Addr>()
        .ok()
        .map(IpAddr::V4)
}

#[cfg(test)]
mod tests {
    use super::ip_in_name;

    #[test]
    fn ec2_ip_names_hold_the_address() {
        let ip = ip_in_name("ip-10-20-3-41.eu-west-1.compute.internal").map(|ip| ip.to_string());
        assert_eq!(ip.as_deref(), Some("10.20.3.41"));
        assert_eq!(ip_in_name("i-0aa7.eu-west-1.compute.internal"), None);
        assert_eq!(ip_in_name("ip-10-20-3"), None);
    }
}
