//! A network interface: by itself (`describe-network-interfaces`), or as its instance shows it (`describe-instances`).

use std::net::IpAddr;

use crate::artifact::Node;
use crate::evidence::Evidence;
use crate::model::aws::cidr::Cidr;

/// An address of an interface.
#[derive(Debug, Clone)]
pub struct PrivateAddress<'a> {
    /// The address.
    pub ip: IpAddr,
    /// The public address that stands for it: an Elastic IP address, or one that was assigned at launch.
    pub public: Option<IpAddr>,
    /// Where it stands.
    pub node: Node<'a>,
}

/// A network interface.
#[derive(Debug, Clone)]
pub struct Interface<'a> {
    /// The element that describes it.
    pub node: Node<'a>,
    /// `NetworkInterfaceId`; that of the instance where its interfaces were left out.
    pub id: &'a str,
    /// `VpcId`.
    pub vpc: &'a str,
    /// `SubnetId`.
    pub subnet: &'a str,
    /// The instance that it is attached to.
    pub instance: Option<&'a str>,
    /// `InterfaceType`: `interface`, `nat_gateway`, `transit_gateway`, `network_load_balancer`, `vpc_endpoint` …
    pub kind: &'a str,
    /// Its addresses, the primary one first.
    pub addresses: Vec<PrivateAddress<'a>>,
    /// The prefixes that are delegated to it.
    pub prefixes: Vec<Cidr>,
}

impl<'a> Interface<'a> {
    /// An element of `NetworkInterfaces`; `instance` where it stands in one.
    pub fn new(node: &Node<'a>, instance: Option<&'a str>) -> Option<Self> {
        let id = node.str_of("NetworkInterfaceId")?;
        let mut addresses: Vec<PrivateAddress<'a>> = node
            .list("PrivateIpAddresses")
            .into_iter()
            .filter_map(|address| private(&address, None))
            .collect();
        if let Some(primary) = private(node, None)
            && !addresses.iter().any(|address| address.ip == primary.ip)
        {
            addresses.insert(0, primary);
        }
        addresses.sort_by_key(|address| address.node.get("Primary").and_then(|primary| primary.bool()) == Some(false));
        for address in node.list("Ipv6Addresses") {
            if let Some(ip) = address.str_of("Ipv6Address").and_then(|ip| ip.parse().ok()) {
                addresses.push(PrivateAddress {
                    ip,
                    public: None,
                    node: address,
                });
            }
        }
        let prefixes = ["Ipv4Prefixes", "Ipv6Prefixes"]
            .iter()
            .flat_map(|list| node.list(list))
            .filter_map(|prefix| Cidr::parse(prefix.str_of("Ipv4Prefix").or_else(|| prefix.str_of("Ipv6Prefix"))?))
            .collect();
        Some(Self {
            id,
            vpc: node.str_of("VpcId").unwrap_or_default(),
            subnet: node.str_of("SubnetId").unwrap_or_default(),
            instance: node
                .at(&["Attachment", "InstanceId"])
                .and_then(|id| id.str())
                .or(instance),
            kind: node.str_of("InterfaceType").unwrap_or("interface"),
            addresses,
            prefixes,
            node: node.clone(),
        })
    }

    /// The only interface of an instance whose list of interfaces was not printed.
    pub fn of_instance(instance: &Node<'a>) -> Option<Self> {
        let id = instance.str_of("InstanceId")?;
        let public = instance.str_of("PublicIpAddress").and_then(|ip| ip.parse().ok());
        Some(Self {
            id,
            vpc: instance.str_of("VpcId").unwrap_or_default(),
            subnet: instance.str_of("SubnetId").unwrap_or_default(),
            instance: Some(id),
            kind: "interface",
            addresses: vec![private(instance, public)?],
            prefixes: Vec::new(),
            node: instance.clone(),
        })
    }

    /// The ids of its security groups with their places; `None` where they were not printed.
    pub fn groups(&self) -> Option<Vec<(&'a str, Evidence)>> {
        let groups = self.node.get("Groups").or_else(|| self.node.get("SecurityGroups"))?;
        Some(
            groups
                .items()
                .iter()
                .filter_map(|group| {
                    // A load balancer's are ids alone.
                    let id = group.get("GroupId").unwrap_or_else(|| group.clone());
                    Some((id.str()?, id.evidence()))
                })
                .collect(),
        )
    }

    /// `SourceDestCheck`.
    pub fn source_dest_check(&self) -> Option<(bool, Evidence)> {
        let check = self.node.get("SourceDestCheck")?;
        Some((check.bool()?, check.evidence()))
    }

    /// The address with its own entry.
    pub fn address(&self, ip: IpAddr) -> Option<&PrivateAddress<'a>> {
        self.addresses.iter().find(|address| address.ip == ip)
    }

    /// Whether the interface is where packets to an address are handed to.
    pub fn has(&self, ip: IpAddr) -> bool {
        self.address(ip).is_some() || self.prefixes.iter().any(|prefix| prefix.contains(ip))
    }

    /// Its first address.
    pub fn primary(&self) -> Option<IpAddr> {
        self.addresses.first().map(|address| address.ip)
    }

    /// Where it stands.
    pub fn evidence(&self) -> Evidence {
        self.node
            .get("NetworkInterfaceId")
            .or_else(|| self.node.get("InstanceId"))
            .as_ref()
            .unwrap_or(&self.node)
            .evidence()
    }
}

fn private<'a>(node: &Node<'a>, public: Option<IpAddr>) -> Option<PrivateAddress<'a>> {
    let own = node.get("PrivateIpAddress")?;
    let associated = node
        .at(&["Association", "PublicIp"])
        .and_then(|public| public.str()?.parse().ok());
    Some(PrivateAddress {
        ip: own.str()?.parse().ok()?,
        public: associated.or(public),
        node: if public.is_some() { own } else { node.clone() },
    })
}
