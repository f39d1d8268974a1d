//! A route of a VPC's route table.

use crate::artifact::Node;

/// Where a route leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target<'a> {
    /// Within the VPC.
    Local,
    /// `igw-…`
    InternetGateway(&'a str),
    /// `eigw-…`
    EgressOnly(&'a str),
    /// `nat-…`
    NatGateway(&'a str),
    /// `tgw-…`
    TransitGateway(&'a str),
    /// `vgw-…`
    VpnGateway(&'a str),
    /// `pcx-…`
    Peering(&'a str),
    /// `vpce-…`: a gateway endpoint, or one of a Gateway Load Balancer
    Endpoint(&'a str),
    /// `eni-…`: somebody else's interface, who is to forward
    Interface(&'a str),
    /// Another kind, which is not modelled: carrier and local gateways, Cloud WAN, Oracle networks.
    Other(&'a str),
}

/// A route.
#[derive(Debug, Clone)]
pub struct Route<'a> {
    /// `DestinationCidrBlock`, `DestinationIpv6CidrBlock` or `DestinationPrefixListId`.
    pub destination: &'a str,
    /// Whether that is a prefix list.
    pub is_list: bool,
    /// Where it leads; `None` where that was not printed.
    pub target: Option<Target<'a>>,
    /// `State` is `blackhole`: the target is gone.
    pub blackhole: bool,
    /// `Origin` is `EnableVgwRoutePropagation`: the gateway told it.
    pub propagated: bool,
    /// Where it stands.
    pub node: Node<'a>,
}

impl<'a> Route<'a> {
    /// An element of `Routes`.
    pub fn new(node: &Node<'a>) -> Option<Self> {
        let list = node.str_of("DestinationPrefixListId");
        Some(Self {
            destination: list
                .or_else(|| node.str_of("DestinationCidrBlock"))
                .or_else(|| node.str_of("DestinationIpv6CidrBlock"))?,
            is_list: list.is_some(),
            target: Target::new(node),
            blackhole: node.str_of("State") == Some("blackhole"),
            propagated: node.str_of("Origin") == Some("EnableVgwRoutePropagation"),
            node: node.clone(),
        })
    }
}

impl<'a> Target<'a> {
    fn new(node: &Node<'a>) -> Option<Self> {
        let id = |key: &str| node.str_of(key).filter(|id| !id.is_empty());
        if let Some(gateway) = id("GatewayId") {
            return Some(match gateway.split('-').next() {
                Some("local") => Self::Local,
                Some("igw") => Self::InternetGateway(gateway),
                Some("vgw") => Self::VpnGateway(gateway),
                Some("vpce") => Self::Endpoint(gateway),
                _ => Self::Other(gateway),
            });
        }
        id("NatGatewayId")
            .map(Self::NatGateway)
            .or_else(|| id("TransitGatewayId").map(Self::TransitGateway))
            .or_else(|| id("VpcPeeringConnectionId").map(Self::Peering))
            .or_else(|| id("EgressOnlyInternetGatewayId").map(Self::EgressOnly))
            .or_else(|| id("NetworkInterfaceId").map(Self::Interface))
            .or_else(|| id("InstanceId").map(Self::Interface))
            .or_else(|| {
                ["CarrierGatewayId", "LocalGatewayId", "CoreNetworkArn", "OdbNetworkArn"]
                    .iter()
                    .find_map(|key| id(key))
                    .map(Self::Other)
            })
    }

    /// Its id.
    pub fn id(&self) -> &'a str {
        match self {
            Self::Local => "local",
            Self::InternetGateway(id)
            | Self::EgressOnly(id)
            | Self::NatGateway(id)
            | Self::TransitGateway(id)
            | Self::VpnGateway(id)
            | Self::Peering(id)
            | Self::Endpoint(id)
            | Self::Interface(id)
            | Self::Other(id) => id,
        }
    }
}
