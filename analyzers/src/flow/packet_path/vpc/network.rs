//! All that was pasted of AWS networks, looked up by what the packet meets.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::packet::Address;
use crate::artifact::Node;
use crate::evidence::Evidence;
use crate::model::aws::cidr::Cidr;
use crate::model::aws::ec2::Interface;
use crate::model::aws::listing::{Described, Limits, Listing, Root, roots};
use crate::model::{Entity, Model, Pod};

/// What was pasted of AWS networks.
pub struct Network<'a> {
    pub(super) roots: Vec<Root<'a>>,
    pub(super) interfaces: Vec<Interface<'a>>,
    by_id: BTreeMap<&'a str, usize>,
    by_address: BTreeMap<(&'a str, IpAddr), usize>,
    by_public: BTreeMap<IpAddr, (usize, IpAddr)>,
    prefixed: Vec<usize>,
    described: Described<'a>,
    pub(super) addresses: Described<'a>,
    pub(super) instances: BTreeMap<&'a str, Node<'a>>,
    pub(super) subnets: Described<'a>,
    pub(super) vpcs: Described<'a>,
    pub(super) route_tables: Described<'a>,
    pub(super) acls: Described<'a>,
    pub(super) security_groups: Described<'a>,
    /// The answers of `describe-security-group-rules`.
    pub(super) group_rules: Vec<Listing<'a>>,
    pub(super) internet_gateways: Described<'a>,
    pub(super) nat_gateways: Described<'a>,
    pub(super) transit_gateways: Described<'a>,
    pub(super) vpc_attachments: Described<'a>,
    pub(super) peering_attachments: Described<'a>,
    /// As each gateway has them: those of a peering stand twice.
    pub(super) transit_attachments: BTreeMap<(&'a str, &'a str), Node<'a>>,
    /// The ids of transit gateways' route tables.
    pub(super) transit_tables: BTreeSet<&'a str>,
    /// The routes of each table, list by list.
    pub(super) transit_routes: Vec<(String, Node<'a>, Limits)>,
    /// The propagations of each table, list by list.
    pub(super) transit_propagations: Vec<(String, Node<'a>)>,
    pub(super) vpn_gateways: Described<'a>,
    pub(super) vpn_connections: Described<'a>,
    pub(super) peerings: Described<'a>,
    pub(super) endpoints: Described<'a>,
    pub(super) exclusions: Described<'a>,
    /// The addresses of living pods and ready nodes: what has one of them runs.
    alive: BTreeMap<IpAddr, Evidence>,
    blocks: BTreeMap<&'a str, Vec<(Cidr, Evidence)>>,
    prefix_lists: BTreeMap<String, Vec<(Cidr, Evidence)>>,
}

impl<'a> Network<'a> {
    /// Indexes what the model has.
    pub fn new(model: &Model<'a>) -> Self {
        let roots = roots(model);
        let read = |list: &str, id: &str| Described::read(&roots, list, id);
        let mut network = Self {
            interfaces: Vec::new(),
            by_id: BTreeMap::new(),
            by_address: BTreeMap::new(),
            by_public: BTreeMap::new(),
            prefixed: Vec::new(),
            described: read("NetworkInterfaces", "NetworkInterfaceId"),
            addresses: read("Addresses", "PublicIp"),
            instances: BTreeMap::new(),
            subnets: read("Subnets", "SubnetId"),
            vpcs: read("Vpcs", "VpcId"),
            route_tables: read("RouteTables", "RouteTableId"),
            acls: read("NetworkAcls", "NetworkAclId"),
            security_groups: read("SecurityGroups", "GroupId"),
            group_rules: read("SecurityGroupRules", "SecurityGroupRuleId").listings,
            internet_gateways: read("InternetGateways", "InternetGatewayId"),
            nat_gateways: read("NatGateways", "NatGatewayId"),
            transit_gateways: read("TransitGateways", "TransitGatewayId"),
            vpc_attachments: read("TransitGatewayVpcAttachments", "TransitGatewayAttachmentId"),
            peering_attachments: read("TransitGatewayPeeringAttachments", "TransitGatewayAttachmentId"),
            transit_attachments: roots
                .iter()
                .flat_map(|(_, root)| root.list("TransitGatewayAttachments"))
                .filter_map(|node| {
                    let id = node.str_of("TransitGatewayAttachmentId")?;
                    Some(((id, node.str_of("TransitGatewayId")?), node))
                })
                .collect(),
            transit_tables: BTreeSet::new(),
            transit_routes: Vec::new(),
            transit_propagations: Vec::new(),
            vpn_gateways: read("VpnGateways", "VpnGatewayId"),
            vpn_connections: read("VpnConnections", "VpnConnectionId"),
            peerings: read("VpcPeeringConnections", "VpcPeeringConnectionId"),
            endpoints: read("VpcEndpoints", "VpcEndpointId"),
            exclusions: read("VpcBlockPublicAccessExclusions", "ExclusionId"),
            alive: alive(model),
            blocks: BTreeMap::new(),
            prefix_lists: BTreeMap::new(),
            roots,
        };
        network.learn_interfaces(model);
        network.learn_blocks();
        network.learn_prefix_lists();
        network.learn_transit();
        network
    }

    /// Whether anything of a network was pasted.
    pub fn is_empty(&self) -> bool {
        self.interfaces.is_empty() && self.subnets.is_empty() && self.vpcs.is_empty() && self.route_tables.is_empty()
    }

    fn learn_interfaces(&mut self, model: &Model<'a>) {
        let described: Vec<Interface<'a>> = self
            .described
            .all()
            .filter_map(|(_, node)| Interface::new(node, None))
            .collect();
        for interface in described {
            self.learn_interface(interface);
        }
        let shown: BTreeSet<&str> = self
            .interfaces
            .iter()
            .filter_map(|interface| interface.instance)
            .collect();
        for instance in model.instances() {
            let Some(id) = instance.str_of("InstanceId") else {
                continue;
            };
            if self
                .instances
                .get(id)
                .is_none_or(|known| instance.complete() || !known.complete())
            {
                self.instances.insert(id, instance.clone());
            }
            let own = instance.list("NetworkInterfaces");
            for node in &own {
                if let Some(interface) = Interface::new(node, Some(id)) {
                    self.learn_interface(interface);
                }
            }
            if own.is_empty()
                && !shown.contains(id)
                && let Some(interface) = Interface::of_instance(instance)
            {
                self.learn_interface(interface);
            }
        }
        let associations: Vec<(IpAddr, &'a str, IpAddr)> = self
            .addresses
            .all()
            .filter_map(|(public, node)| {
                let private = node.str_of("PrivateIpAddress")?.parse().ok()?;
                Some((public.parse().ok()?, node.str_of("NetworkInterfaceId")?, private))
            })
            .collect();
        for (public, interface, private) in associations {
            if let Some(at) = self.by_id.get(interface) {
                self.by_public.entry(public).or_insert((*at, private));
            }
        }
    }

    fn learn_interface(&mut self, interface: Interface<'a>) {
        if self.by_id.contains_key(interface.id) {
            return;
        }
        let at = self.interfaces.len();
        self.by_id.insert(interface.id, at);
        for address in &interface.addresses {
            self.by_address.entry((interface.vpc, address.ip)).or_insert(at);
            if let Some(public) = address.public {
                self.by_public.entry(public).or_insert((at, address.ip));
            }
            if address.ip.is_ipv6() && super::packet::is_global(address.ip) {
                self.by_public.entry(address.ip).or_insert((at, address.ip));
            }
        }
        if !interface.prefixes.is_empty() {
            self.prefixed.push(at);
        }
        self.interfaces.push(interface);
    }

    /// The blocks of the VPCs: by themselves, and by the local routes that every table has for them.
    fn learn_blocks(&mut self) {
        for (id, vpc) in self.vpcs.all() {
            let own = [vpc.clone()];
            let mut blocks: Vec<(Cidr, Evidence)> = vpc
                .list("CidrBlockAssociationSet")
                .iter()
                .chain(&own)
                .filter_map(|block| block.get("CidrBlock"))
                .chain(
                    vpc.list("Ipv6CidrBlockAssociationSet")
                        .iter()
                        .filter_map(|block| block.get("Ipv6CidrBlock")),
                )
                .filter_map(|node| Some((Cidr::parse(node.str()?)?, node.evidence())))
                .collect();
            blocks.dedup_by_key(|(block, _)| *block);
            self.blocks.entry(id).or_default().extend(blocks);
        }
        for (_, table) in self.route_tables.all() {
            let Some(vpc) = table.str_of("VpcId") else { continue };
            let blocks = self.blocks.entry(vpc).or_default();
            for route in table.list("Routes") {
                let to = route
                    .str_of("DestinationCidrBlock")
                    .or_else(|| route.str_of("DestinationIpv6CidrBlock"));
                if route.str_of("GatewayId") == Some("local")
                    && let Some(block) = to.and_then(Cidr::parse)
                    && !blocks.iter().any(|(known, _)| *known == block)
                {
                    blocks.push((block, route.evidence()));
                }
            }
        }
        self.blocks.retain(|_, blocks| !blocks.is_empty());
    }

    fn learn_prefix_lists(&mut self) {
        for (command, root) in &self.roots {
            for list in root.list("PrefixLists") {
                let Some(id) = list.str_of("PrefixListId") else {
                    continue;
                };
                let Some(cidrs) = list.get("Cidrs") else { continue };
                let blocks = cidrs
                    .items()
                    .iter()
                    .filter_map(|block| Some((Cidr::parse(block.str()?)?, block.evidence())))
                    .collect();
                self.prefix_lists.insert(id.to_owned(), blocks);
            }
            if let Some(id) = command.and_then(|command| command.option("--prefix-list-id"))
                && let Some(entries) = root.get("Entries")
            {
                let blocks = entries
                    .items()
                    .iter()
                    .filter_map(|entry| Some((Cidr::parse(entry.str_of("Cidr")?)?, entry.evidence())))
                    .collect();
                self.prefix_lists.insert(id, blocks);
            }
        }
    }

    /// The routes and propagations of transit gateways' route tables: the answers name the table in their command alone; programs that
    /// collect several answers put its id beside them.
    fn learn_transit(&mut self) {
        let roots = &self.roots;
        let id = |node: &Node<'a>| node.str_of("TransitGatewayRouteTableId");
        for (_, root) in roots {
            self.transit_tables
                .extend(root.list("TransitGatewayRouteTables").iter().filter_map(id));
            for attachment in root.list("TransitGatewayAttachments") {
                self.transit_tables
                    .extend(attachment.get("Association").as_ref().and_then(id));
            }
        }
        let only = match self.transit_tables.len() {
            1 => self.transit_tables.first().map(|id| (*id).to_owned()),
            _ => None,
        };
        for (command, root) in roots {
            let named = command.and_then(|command| command.option("--transit-gateway-route-table-id"));
            let is_search = command.is_none() || named.is_some();
            if let Some(of) = named.clone().or_else(|| only.clone()) {
                if is_search && let Some(list) = root.get("Routes") {
                    self.transit_routes.push((of.clone(), list, Limits::of(*command, root)));
                }
                if let Some(list) = root.get("TransitGatewayRouteTablePropagations") {
                    self.transit_propagations.push((of, list));
                }
            }
            for collected in root.list("TransitGatewayStaticRoutes") {
                if let (Some(of), Some(list)) = (id(&collected), collected.get("Routes")) {
                    let mut limits = Limits::of(None, &collected);
                    limits.filters.push(("type".to_owned(), vec!["static".to_owned()]));
                    self.transit_routes.push((of.to_owned(), list, limits));
                }
            }
            for collected in root.list("TransitGatewayPropagations") {
                if let (Some(of), Some(list)) = (id(&collected), collected.get("TransitGatewayRouteTablePropagations"))
                {
                    self.transit_propagations.push((of.to_owned(), list));
                }
            }
        }
    }

    /// What shows that the instance of an interface runs, besides its own state: a pod that lives on it, a node that is ready.
    pub(super) fn runs(&self, interface: &Interface<'a>) -> Option<&Evidence> {
        interface
            .addresses
            .iter()
            .find_map(|address| self.alive.get(&address.ip))
            .or_else(|| {
                let own = self.alive.iter();
                let mut own = own.filter(|(ip, _)| interface.prefixes.iter().any(|prefix| prefix.contains(**ip)));
                own.next().map(|(_, evidence)| evidence)
            })
    }

    /// The interface of that number.
    pub(super) fn interface(&self, at: usize) -> Option<&Interface<'a>> {
        self.interfaces.get(at)
    }

    /// The interface with that id, or of that instance where its own interfaces are not told apart.
    pub fn interface_by_id(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// The first interface of an instance.
    pub fn interface_of(&self, instance: &str) -> Option<usize> {
        let own = |at: &usize| self.interface(*at).is_some_and(|own| own.instance == Some(instance));
        let device = |at: &usize| {
            let index = self
                .interface(*at)
                .and_then(|own| own.node.at(&["Attachment", "DeviceIndex"]))
                .and_then(|index| index.number());
            index.unwrap_or_default()
        };
        (0..self.interfaces.len()).filter(own).min_by_key(device)
    }

    /// The interface that has an address in a VPC.
    pub fn interface_at(&self, vpc: &str, ip: IpAddr) -> Option<usize> {
        self.by_address.get(&(vpc, ip)).copied().or_else(|| {
            self.prefixed
                .iter()
                .copied()
                .find(|at| self.interface(*at).is_some_and(|own| own.vpc == vpc && own.has(ip)))
        })
    }

    /// The interfaces that have an address, in all VPCs.
    pub fn interfaces_at(&self, ip: IpAddr) -> Vec<usize> {
        (0..self.interfaces.len())
            .filter(|at| self.interface(*at).is_some_and(|own| own.has(ip)))
            .collect()
    }

    /// The interface that a public address stands for, and its private address.
    pub fn interface_by_public(&self, ip: IpAddr) -> Option<(usize, IpAddr)> {
        self.by_public.get(&ip).copied()
    }

    /// The public address of a private one.
    pub fn public_of(&self, at: usize, private: IpAddr) -> Option<(IpAddr, Evidence)> {
        let interface = self.interface(at)?;
        if let Some(address) = interface.address(private)
            && let Some(public) = address.public
        {
            let place = address.node.get("Association").unwrap_or_else(|| address.node.clone());
            return Some((public, place.evidence()));
        }
        self.addresses.all().find_map(|(public, node)| {
            let its = node.str_of("NetworkInterfaceId") == Some(interface.id)
                && node.str_of("PrivateIpAddress").and_then(|ip| ip.parse().ok()) == Some(private);
            its.then(|| Some((public.parse().ok()?, node.evidence())))?
        })
    }

    /// Where it shows that all interfaces of a VPC with an address were pasted.
    pub(super) fn all_interfaces(&self, vpc: &str, ip: IpAddr) -> Option<Evidence> {
        let ip = ip.to_string();
        let facts = [
            ("vpc-id", vpc),
            ("addresses.private-ip-address", ip.as_str()),
            ("private-ip-address", ip.as_str()),
        ];
        self.described
            .told_all(&facts, |node| node.str_of("VpcId") == Some(vpc))
    }

    /// Where it shows that all interfaces of the account were pasted.
    pub(super) fn every_interface(&self) -> Option<Evidence> {
        self.described.told_all(&[], |_| true)
    }

    /// The zone that a subnet is in.
    pub(super) fn zone(&self, subnet: &str) -> Option<&'a str> {
        let told = self
            .subnets
            .get(subnet)
            .and_then(|node| node.str_of("AvailabilityZone"));
        told.or_else(|| {
            self.interfaces
                .iter()
                .filter(|interface| interface.subnet == subnet)
                .find_map(|interface| interface.node.str_of("AvailabilityZone"))
        })
    }

    /// The subnet of a VPC that an address is in, with its line.
    pub(super) fn subnet_at(&self, vpc: &str, ip: IpAddr) -> Option<(&'a str, Evidence)> {
        self.subnets
            .all()
            .filter(|(_, node)| node.str_of("VpcId") == Some(vpc))
            .find_map(|(id, node)| {
                let v6 = node.list("Ipv6CidrBlockAssociationSet");
                let mut blocks = v6
                    .iter()
                    .filter_map(|block| block.get("Ipv6CidrBlock"))
                    .chain(node.get("CidrBlock"));
                let block = blocks.find(|block| {
                    block
                        .str()
                        .and_then(Cidr::parse)
                        .is_some_and(|block| block.contains(ip))
                })?;
                Some((id, block.evidence()))
            })
    }

    /// The blocks of a VPC; none where they were not pasted.
    pub(super) fn blocks(&self, vpc: &str) -> &[(Cidr, Evidence)] {
        self.blocks.get(vpc).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether anything that filters or routes was pasted.
    pub fn has_filters(&self) -> bool {
        !(self.route_tables.is_empty()
            && self.security_groups.is_empty()
            && self.acls.is_empty()
            && self.group_rules.is_empty())
    }

    /// Whether the blocks of a VPC were pasted.
    pub fn knows_blocks(&self, vpc: &str) -> bool {
        !self.blocks(vpc).is_empty()
    }

    /// The VPCs that have an address in their blocks.
    pub fn vpcs_at(&self, ip: IpAddr) -> Vec<&'a str> {
        self.blocks
            .iter()
            .filter(|(_, blocks)| blocks.iter().any(|(block, _)| block.contains(ip)))
            .map(|(vpc, _)| *vpc)
            .collect()
    }

    /// The blocks of a prefix list, where they were pasted.
    pub(super) fn prefix_list(&self, id: &str) -> Option<&[(Cidr, Evidence)]> {
        self.prefix_lists.get(id).map(Vec::as_slice)
    }

    /// The tunnel of a VPN connection that has an address on AWS' side.
    pub(super) fn tunnel_at(&self, address: Address) -> Option<(&'a str, Evidence)> {
        let wanted = address.ip()?;
        self.vpn_connections.all().find_map(|(id, node)| {
            let outside = node
                .list("VgwTelemetry")
                .iter()
                .chain(
                    &node
                        .at(&["Options"])
                        .map(|options| options.list("TunnelOptions"))
                        .unwrap_or_default(),
                )
                .filter_map(|tunnel| tunnel.get("OutsideIpAddress"))
                .find(|outside| outside.str().and_then(|ip| ip.parse().ok()) == Some(wanted))?;
            Some((id, outside.evidence()))
        })
    }
}

/// The addresses of living pods and ready nodes.
fn alive(model: &Model<'_>) -> BTreeMap<IpAddr, Evidence> {
    let pods = model
        .all("Pod")
        .map(Pod)
        .filter(|pod| pod.is_alive())
        .filter_map(crate::model::Pod::ip);
    let is_ready = |node: &&Entity<'_>| {
        let conditions = node.at(&["status", "conditions"]);
        conditions.is_some_and(|conditions| {
            conditions.items().iter().any(|condition| {
                condition.str_of("type") == Some("Ready") && condition.str_of("status") == Some("True")
            })
        })
    };
    let nodes = model
        .all("Node")
        .filter(is_ready)
        .flat_map(|node| crate::model::Node(node).internal_ips());
    let mut alive = BTreeMap::new();
    for fact in pods.chain(nodes) {
        alive.entry(fact.value).or_insert(fact.evidence);
    }
    alive
}
