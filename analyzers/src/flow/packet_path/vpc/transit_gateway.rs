//! Transit gateways: attachments, the route table that each is associated with, and what that table knows.

use super::hop::Hop;
use super::network::Network;
use super::packet::{Address, Cover};
use super::security_group::Way;
use super::travel::{At, Go, Passed, Traveller, gateway_actor, gateway_in};
use crate::artifact::Node;
use crate::evidence::Evidence;
use crate::flow::Reason;
use crate::flow::packet_path::joined;
use crate::model::aws::cidr::Cidr;
use crate::model::aws::listing::{Limits, Root};

/// An attachment of something to a transit gateway.
#[derive(Debug, Clone)]
pub(super) struct Attachment<'a> {
    pub id: &'a str,
    pub gateway: &'a str,
    /// `vpc`, `vpn`, `direct-connect-gateway`, `peering`, `connect` …
    pub kind: &'a str,
    /// What is attached.
    pub resource: &'a str,
    pub state: Option<(&'a str, Evidence)>,
    /// The route table that it is associated with.
    pub table: Option<(&'a str, Evidence)>,
    /// The subnets of a VPC's attachment, with the place of the list.
    pub subnets: Option<(Vec<&'a str>, Evidence)>,
    pub evidence: Vec<Evidence>,
    /// Whether it was pasted so that an association that is not there does not exist.
    complete: bool,
}

impl<'a> Attachment<'a> {
    fn new(network: &Network<'a>, general: Option<&Node<'a>>, id: &'a str, gateway: &'a str) -> Option<Self> {
        let vpc = network
            .vpc_attachments
            .get(id)
            .filter(|node| node.str_of("TransitGatewayId") == Some(gateway));
        let node = general.or(vpc)?;
        let association = general.and_then(|node| node.get("Association")).filter(|association| {
            association
                .str_of("State")
                .is_none_or(|state| matches!(state, "associated" | "associating"))
        });
        let table = association
            .and_then(|association| {
                let table = association.get("TransitGatewayRouteTableId")?;
                Some((table.str()?, table.evidence()))
            })
            .or_else(|| associated(network, id));
        let state = general
            .into_iter()
            .chain(vpc)
            .find_map(|node| node.get("State"))
            .and_then(|state| Some((state.str()?, state.evidence())));
        Some(Self {
            id,
            gateway,
            kind: general.and_then(|node| node.str_of("ResourceType")).unwrap_or("vpc"),
            resource: general
                .and_then(|node| node.str_of("ResourceId"))
                .or_else(|| vpc?.str_of("VpcId"))
                .unwrap_or_default(),
            state,
            table,
            subnets: vpc.and_then(|vpc| {
                let list = vpc.get("SubnetIds")?;
                let ids = list.items().iter().filter_map(Node::str).collect();
                Some((ids, list.evidence()))
            }),
            evidence: vec![
                node.get("TransitGatewayAttachmentId")
                    .as_ref()
                    .unwrap_or(node)
                    .evidence(),
            ],
            complete: general.is_some_and(Node::complete),
        })
    }

    /// Why it takes no packets, where that shows.
    pub fn stopped(&self) -> Option<Hop> {
        let (state, evidence) = self.state.as_ref()?;
        (!matches!(*state, "available" | "modifying")).then(|| {
            Hop::blocked(
                Reason::State,
                format!("the attachment {} is {state}", self.id),
                vec![evidence.clone()],
            )
        })
    }

    /// Whether it was deleted, and is listed for a while.
    fn is_gone(&self) -> bool {
        self.state
            .as_ref()
            .is_some_and(|(state, _)| matches!(*state, "deleted" | "deleting" | "failed" | "rejected"))
    }

    /// The command that shows it.
    pub fn command(&self) -> String {
        format!(
            "aws ec2 describe-transit-gateway-attachments --transit-gateway-attachment-ids {}",
            self.id
        )
    }

    /// The route table that decides where its packets go.
    pub fn table(&self) -> Result<(&'a str, Evidence), Box<Hop>> {
        if let Some(table) = &self.table {
            return Ok(table.clone());
        }
        Err(Box::new(if self.complete {
            Hop::blocked(
                Reason::NoRoute,
                format!("the attachment {} is associated with no route table", self.id),
                self.evidence.clone(),
            )
        } else {
            Hop::unknown(
                format!("the route table that {} is associated with was not pasted", self.id),
                self.command(),
                "It decides where packets from the attachment go.",
            )
        }))
    }
}

/// The route table by `get-transit-gateway-route-table-associations`, which names the table in the command alone.
fn associated<'a>(network: &Network<'a>, attachment: &str) -> Option<(&'a str, Evidence)> {
    network.roots.iter().find_map(
        |Root {
             command, node: root, ..
         }| {
            let table = (*command)?.option("--transit-gateway-route-table-id")?;
            let associations = root.list("Associations");
            let association = associations
                .iter()
                .find(|association| association.str_of("TransitGatewayAttachmentId") == Some(attachment))?;
            // The id's life is that of a document, not of the command's text.
            let known = tables(network).find(|id| **id == table)?;
            Some((*known, association.evidence()))
        },
    )
}

/// The ids of route tables that documents name.
fn tables<'n, 'a>(network: &'n Network<'a>) -> impl Iterator<Item = &'n &'a str> {
    network.transit_tables.iter()
}

/// All attachments, each as each of its gateways has it.
pub(super) fn attachments<'a>(network: &Network<'a>) -> Vec<Attachment<'a>> {
    let mut all: Vec<Attachment<'a>> = network
        .transit_attachments
        .iter()
        .filter_map(|((id, gateway), node)| Attachment::new(network, Some(node), id, gateway))
        .collect();
    let peerings = network.peering_attachments.all().flat_map(|(_, node)| {
        ["RequesterTgwInfo", "AccepterTgwInfo"]
            .into_iter()
            .filter_map(|side| node.at(&[side])?.str_of("TransitGatewayId"))
            .map(move |gateway| (node, gateway))
    });
    for (node, gateway) in network
        .vpc_attachments
        .all()
        .filter_map(|(_, node)| Some((node, node.str_of("TransitGatewayId")?)))
        .chain(peerings)
    {
        let Some(id) = node.str_of("TransitGatewayAttachmentId") else {
            continue;
        };
        if all.iter().any(|known| known.id == id && known.gateway == gateway) {
            continue;
        }
        if node.get("RequesterTgwInfo").is_some() {
            all.push(Attachment {
                id,
                gateway,
                kind: "peering",
                resource: other_side(node, gateway).unwrap_or_default(),
                state: node
                    .get("State")
                    .and_then(|state| Some((state.str()?, state.evidence()))),
                table: associated(network, id),
                subnets: None,
                evidence: vec![node.evidence()],
                complete: false,
            });
        } else {
            all.extend(Attachment::new(network, None, id, gateway));
        }
    }
    all
}

/// The transit gateway at the other side of a peering attachment.
fn other_side<'a>(node: &Node<'a>, gateway: &str) -> Option<&'a str> {
    ["RequesterTgwInfo", "AccepterTgwInfo"]
        .into_iter()
        .filter_map(|side| node.at(&[side])?.str_of("TransitGatewayId"))
        .find(|other| *other != gateway)
}

/// The transit gateway that a peering attachment leads to.
pub(super) fn peer<'a>(network: &Network<'a>, attachment: &Attachment<'a>) -> Option<&'a str> {
    if let Some(node) = network.peering_attachments.get(attachment.id) {
        return other_side(node, attachment.gateway);
    }
    attachments(network)
        .iter()
        .find(|other| other.id == attachment.id && other.gateway != attachment.gateway)
        .map(|other| other.gateway)
        .or_else(|| {
            Some(attachment.resource).filter(|resource| resource.starts_with("tgw-") && *resource != attachment.gateway)
        })
}

/// What a route table says of a destination.
pub(super) enum Found<'a> {
    /// To this attachment. The words are those of a default that it rests on.
    To(&'a str, String, Vec<Evidence>, Option<&'static str>),
    /// Nowhere, and whether a route says so.
    Nowhere(bool, String, Vec<Evidence>),
    Unknown(Box<Hop>),
}

/// A route that may count.
struct Candidate<'a> {
    bits: u8,
    is_static: bool,
    to: Option<&'a str>,
    block: String,
    evidence: Vec<Evidence>,
    note: Option<&'static str>,
}

/// What was pasted of a table's routes.
#[derive(Debug, Clone, Copy, Default)]
struct Whole {
    statics: bool,
    propagated: bool,
    blackholes: bool,
}

/// The route of a table with the longest prefix; of equal ones the static one (Transit gateways guide, "Route evaluation order").
pub(super) fn look_up<'a>(network: &Network<'a>, table: &str, destination: Address) -> Found<'a> {
    let command = format!(
        "aws ec2 search-transit-gateway-routes --transit-gateway-route-table-id {table} --filters Name=state,Values=active,blackhole"
    );
    let why = "The route with the longest prefix decides.";
    let mut whole = Whole::default();
    let mut candidates = Vec::new();
    let mut places = Vec::new();
    for (node, limits) in network
        .transit_routes
        .iter()
        .filter(|(of, ..)| of == table)
        .map(|(_, node, limits)| (node, limits))
    {
        let own = told(node, limits, destination);
        if own.statics && own.propagated {
            // What was pasted before has changed since.
            whole = Whole::default();
            places.clear();
            candidates.clear();
        }
        whole.statics |= own.statics;
        whole.propagated |= own.propagated;
        whole.blackholes |= own.blackholes;
        places.push(node.evidence());
        candidates.extend(node.items().iter().filter_map(|route| candidate(route, destination)));
    }
    let mut open = Vec::new();
    if !whole.propagated {
        let propagations = network.transit_propagations.iter().filter(|(of, _)| of == table);
        for (_, list) in propagations {
            whole.propagated = true;
            places.push(list.evidence());
            for propagation in list.items() {
                open.extend(propagated(network, &propagation, destination, &mut candidates));
            }
        }
    }
    if !whole.statics || !whole.propagated {
        return Found::Unknown(Box::new(Hop::unknown(
            format!("the routes of {table} were not all pasted"),
            command,
            why,
        )));
    }
    let best = candidates
        .into_iter()
        .max_by_key(|candidate| (candidate.bits, candidate.is_static));
    let Some(best) = best else {
        if open.is_empty() {
            return Found::Nowhere(false, format!("{table} has no route for {destination}"), places);
        }
        let words = format!("which routes {} told {table} by BGP was not pasted", open.join(", "));
        return Found::Unknown(Box::new(Hop::unknown(words, command, why)));
    };
    let evidence = joined(best.evidence);
    match best.to {
        None => Found::Nowhere(
            true,
            format!("the route {} of {table} drops what it is about", best.block),
            evidence,
        ),
        Some(to) => {
            let note = best.note.or(if !open.is_empty() {
                Some("Routes that others told the table by BGP were not pasted; a longer prefix among them would count instead.")
            } else if whole.blackholes {
                None
            } else {
                Some("Routes that drop packets (state blackhole) were left out of what was pasted.")
            });
            Found::To(to, format!("{} of {table} leads to {to}", best.block), evidence, note)
        }
    }
}

/// What the filters of `search-transit-gateway-routes` let through (API reference, SearchTransitGatewayRoutes).
fn told(list: &Node<'_>, limits: &Limits, destination: Address) -> Whole {
    if limits.partial {
        return Whole::default();
    }
    let mut whole = Whole {
        statics: true,
        propagated: true,
        blackholes: true,
    };
    let alone = destination.ip().map(|ip| (ip.to_string(), Cidr::of(ip).to_string()));
    for (name, values) in &limits.filters {
        let has = |wanted: &str| values.iter().any(|value| value == wanted);
        match name.as_str() {
            "transit-gateway-route-table-id" => {}
            "type" => {
                whole.statics &= has("static");
                whole.propagated &= has("propagated");
            }
            "state" => {
                whole.blackholes &= has("blackhole");
                if !has("active") {
                    return Whole::default();
                }
            }
            "route-search.longest-prefix-match" | "route-search.supernet-of-match" => {
                if !alone.as_ref().is_some_and(|(ip, block)| has(ip) || has(block)) {
                    return Whole::default();
                }
            }
            "route-search.subnet-of-match" if has("0.0.0.0/0") => {}
            _ => return Whole::default(),
        }
    }
    // Without a command it does not show whether static routes were asked for alone.
    if limits.filters.is_empty() {
        whole.propagated = list
            .items()
            .iter()
            .any(|route| route.str_of("Type") == Some("propagated"));
    }
    whole
}

fn candidate<'a>(route: &Node<'a>, destination: Address) -> Option<Candidate<'a>> {
    let block = Cidr::parse(route.str_of("DestinationCidrBlock")?)?;
    if destination.covered_by(&block) != Cover::All {
        return None;
    }
    let state = route.str_of("State").unwrap_or("active");
    let to = route
        .list("TransitGatewayAttachments")
        .iter()
        .find_map(|attachment| attachment.str_of("TransitGatewayAttachmentId"));
    if !matches!(state, "active" | "blackhole") {
        return None;
    }
    Some(Candidate {
        bits: block.bits,
        is_static: route.str_of("Type") != Some("propagated"),
        to: to.filter(|_| state == "active"),
        block: block.to_string(),
        evidence: vec![route.evidence()],
        note: None,
    })
}

/// The routes that an attachment tells a table. What it returns names an attachment of which they are not known.
fn propagated<'a>(
    network: &Network<'a>,
    propagation: &Node<'a>,
    destination: Address,
    candidates: &mut Vec<Candidate<'a>>,
) -> Option<String> {
    if propagation.str_of("State").is_some_and(|state| state != "enabled") {
        return None;
    }
    let id = propagation.str_of("TransitGatewayAttachmentId")?;
    let resource = propagation.str_of("ResourceId").unwrap_or_default();
    let mut learn = |blocks: &[(Cidr, Evidence)], note: Option<&'static str>| {
        for (block, evidence) in blocks {
            if destination.covered_by(block) == Cover::All {
                candidates.push(Candidate {
                    bits: block.bits,
                    is_static: false,
                    to: Some(id),
                    block: block.to_string(),
                    evidence: vec![propagation.evidence(), evidence.clone()],
                    note,
                });
            }
        }
    };
    match propagation.str_of("ResourceType") {
        Some("vpc") => {
            let blocks = network.blocks(resource);
            learn(blocks, None);
            blocks.is_empty().then(|| id.to_owned())
        }
        Some("vpn") => match super::vpn_gateway::told(network, resource) {
            super::vpn_gateway::Told::Blocks(blocks) => {
                learn(&blocks, None);
                None
            }
            super::vpn_gateway::Told::NotKnown => Some(id.to_owned()),
        },
        Some("direct-connect-gateway") => {
            let blocks = super::vpn_gateway::direct_connect(network, resource);
            learn(
                &blocks,
                Some("The virtual interface's route filter is taken for what the other side announces."),
            );
            Some(id.to_owned())
        }
        Some("peering") => None,
        _ => Some(id.to_owned()),
    }
}

impl<'a> Traveller<'_, 'a> {
    /// A route of a subnet leads to a transit gateway: by the interface of the VPC's attachment in the same zone.
    ///
    /// Network ACLs (Transit gateways guide, "Network ACLs for transit gateways"): from instances, the entries for what comes into the
    /// attachment's subnet count; to instances, those for what leaves it, unless the instance is in that same subnet.
    pub(super) fn through_transit(&mut self, gateway: &'a str, vpc: &'a str, from: Option<&'a str>) -> Go<'a> {
        let actor = gateway_in(gateway, vpc);
        let found = attachments(self.network).into_iter().find(|attachment| {
            attachment.gateway == gateway
                && attachment.resource == vpc
                && attachment.kind == "vpc"
                && !attachment.is_gone()
        });
        let Some(attachment) = found else {
            return self.stop(
                actor,
                Hop::unknown(
                    format!("how {vpc} is attached to {gateway} was not pasted"),
                    format!("aws ec2 describe-transit-gateway-vpc-attachments --filters Name=transit-gateway-id,Values={gateway} Name=vpc-id,Values={vpc}"),
                    "The attachment's subnets and its state decide.",
                )
                .then(
                    format!("aws ec2 describe-transit-gateway-attachments --filters Name=transit-gateway-id,Values={gateway}"),
                    "It says which route table each attachment is associated with.",
                ),
            );
        };
        if let Some(hop) = attachment.stopped() {
            return self.stop(actor, hop);
        }
        match self.enters(&attachment, from) {
            Ok(subnet) => {
                if !self.acl(vpc, subnet, Way::In) {
                    return Go::Stop;
                }
            }
            Err((true, hop)) => {
                let actor = match from {
                    Some(subnet) => self.subnet(vpc, subnet),
                    None => actor,
                };
                return self.stop(actor, *hop);
            }
            Err((false, hop)) => {
                self.record(actor, *hop);
            }
        }
        Go::On(At::Transit {
            gateway,
            attachment: attachment.id,
        })
    }

    /// The attachment's subnet in the packet's zone; else why the packet does not get in, or what was not pasted of it (`false`).
    fn enters(&self, attachment: &Attachment<'a>, from: Option<&str>) -> Result<&'a str, (bool, Box<Hop>)> {
        let unknown = |words: String, command: String| {
            Err((
                false,
                Box::new(Hop::unknown(
                    words,
                    command,
                    "Only from a zone in which the attachment has a subnet do packets get in.",
                )),
            ))
        };
        let Some((subnets, list)) = self.subnets_of(attachment) else {
            return unknown(
                format!("the subnets of {} were not pasted", attachment.id),
                format!(
                    "aws ec2 describe-transit-gateway-vpc-attachments --transit-gateway-attachment-ids {}",
                    attachment.id
                ),
            );
        };
        let Some(zone) = from.and_then(|subnet| self.network.zone(subnet)) else {
            let all: Vec<&str> = subnets.iter().copied().chain(from).collect();
            return unknown(
                "the zones of the subnets were not pasted".to_owned(),
                format!("aws ec2 describe-subnets --subnet-ids {}", all.join(" ")),
            );
        };
        if let Some(subnet) = subnets.iter().find(|subnet| self.network.zone(subnet) == Some(zone)) {
            return Ok(subnet);
        }
        if subnets.iter().any(|subnet| self.network.zone(subnet).is_none()) {
            return unknown(
                "the zones of the attachment's subnets were not pasted".to_owned(),
                format!("aws ec2 describe-subnets --subnet-ids {}", subnets.join(" ")),
            );
        }
        let hop = Hop::blocked(
            Reason::BlackholeRoute,
            format!(
                "{} has no subnet in {zone}, and from there nothing gets to {}",
                attachment.id, attachment.gateway
            ),
            [list].into_iter().chain(self.last_evidence()).collect(),
        );
        Err((true, Box::new(hop)))
    }

    /// The subnets of a VPC's attachment: as it says, or as its interfaces show.
    fn subnets_of(&self, attachment: &Attachment<'a>) -> Option<(Vec<&'a str>, Evidence)> {
        if let Some(subnets) = &attachment.subnets {
            return Some(subnets.clone());
        }
        let own: Vec<_> = self
            .network
            .interfaces
            .iter()
            .filter(|interface| {
                interface.kind == "transit_gateway"
                    && interface.vpc == attachment.resource
                    && interface
                        .node
                        .str_of("Description")
                        .is_some_and(|words| words.contains(attachment.id))
            })
            .collect();
        // All of them are known only where all interfaces are.
        let ip = own.first()?.primary()?;
        let all = self.network.all_interfaces(attachment.resource, ip)?;
        Some((own.iter().map(|interface| interface.subnet).collect(), all))
    }

    /// A transit gateway got the packet from an attachment.
    pub(super) fn transit(&mut self, gateway: &'a str, attachment: &'a str) -> Go<'a> {
        let actor = gateway_actor(gateway);
        self.passed.push(Passed { gateway, attachment });
        if let Some(state) = self
            .network
            .transit_gateways
            .get(gateway)
            .and_then(|node| node.get("State"))
            && state
                .str()
                .is_some_and(|state| !matches!(state, "available" | "modifying"))
        {
            let hop = Hop::blocked(
                Reason::State,
                format!("{gateway} is {}", state.str().unwrap_or_default()),
                vec![state.evidence()],
            );
            return self.stop(actor, hop);
        }
        let all = attachments(self.network);
        let of = |id: &str| all.iter().find(|known| known.id == id && known.gateway == gateway);
        let Some(from) = of(attachment) else {
            return self.stop(
                actor,
                Hop::unknown(
                    format!("the attachment {attachment} of {gateway} was not pasted"),
                    format!(
                        "aws ec2 describe-transit-gateway-attachments --transit-gateway-attachment-ids {attachment}"
                    ),
                    "It says which route table counts.",
                ),
            );
        };
        let (table, association) = match from.table() {
            Ok(table) => table,
            Err(hop) => return self.stop(actor, *hop),
        };
        match look_up(self.network, table, self.packet.destination) {
            Found::Unknown(hop) => self.stop(actor, *hop),
            Found::Nowhere(by_route, words, evidence) => {
                let reason = if by_route {
                    Reason::BlackholeRoute
                } else {
                    Reason::NoRoute
                };
                let hop = Hop::blocked(reason, words, evidence).with([association]);
                self.stop(actor, hop)
            }
            Found::To(to, words, mut evidence, note) => {
                evidence.push(association);
                let hop = match note {
                    Some(note) => Hop::assumed(words, evidence, note),
                    None => Hop::passes(words, evidence),
                };
                self.record(actor, hop);
                Go::On(At::IntoAttachment {
                    gateway,
                    attachment: to,
                })
            }
        }
    }

    /// A transit gateway hands the packet to an attachment.
    pub(super) fn attachment_outward(&mut self, gateway: &'a str, attachment: &'a str) -> Go<'a> {
        let actor = gateway_actor(gateway);
        self.passed.push(Passed { gateway, attachment });
        let all = attachments(self.network);
        let Some(to) = all
            .iter()
            .find(|known| known.id == attachment && known.gateway == gateway)
        else {
            return self.stop(
                actor,
                Hop::unknown(
                    format!("the attachment {attachment} of {gateway} was not pasted"),
                    format!(
                        "aws ec2 describe-transit-gateway-attachments --transit-gateway-attachment-ids {attachment}"
                    ),
                    "What is attached decides where the packet goes.",
                ),
            );
        };
        if let Some(hop) = to.stopped() {
            return self.stop(actor, hop);
        }
        let back = At::Transit { gateway, attachment };
        match to.kind {
            "vpc" => self.vpc_inward(to),
            "vpn" => {
                let actor = gateway_actor(to.resource);
                let hop = super::vpn_gateway::connection(self.network, to.resource, self.packet.destination);
                if self.record(actor, hop) { Go::Arrived(Some(back)) } else { Go::Stop }
            }
            "direct-connect-gateway" => {
                let actor = gateway_actor(to.resource);
                let note = "What the other side of Direct Connect does with it is not AWS'.";
                self.record(actor, Hop::assumed("Direct Connect carries it out", to.evidence.clone(), note));
                Go::Arrived(Some(back))
            }
            "peering" => match peer(self.network, to) {
                Some(other) => {
                    self.record(actor, Hop::passes(format!("hands it to {other}"), to.evidence.clone()));
                    Go::On(At::Transit { gateway: other, attachment })
                }
                None => self.stop(
                    actor,
                    Hop::unknown(
                        format!("what {attachment} leads to was not pasted"),
                        format!("aws ec2 describe-transit-gateway-peering-attachments --transit-gateway-attachment-ids {attachment}"),
                        "The other transit gateway decides.",
                    ),
                ),
            },
            kind => {
                let hop = Hop::unknown(format!("what is behind an attachment of the type {kind} is not computed"), "", "");
                self.stop(actor, hop)
            }
        }
    }

    /// The packet comes out of the attachment's interface, and the router of its subnet has it.
    fn vpc_inward(&mut self, to: &Attachment<'a>) -> Go<'a> {
        let vpc = to.resource;
        let Some((subnets, list)) = self.subnets_of(to) else {
            let actor = gateway_in(to.gateway, vpc);
            return self.stop(
                actor,
                Hop::unknown(
                    format!("the subnets of {} were not pasted", to.id),
                    format!(
                        "aws ec2 describe-transit-gateway-vpc-attachments --transit-gateway-attachment-ids {}",
                        to.id
                    ),
                    "The route table and the network ACL of the subnet decide.",
                ),
            );
        };
        // The zone that the packet comes from is kept where the attachment is in it (Transit gateways guide, "Availability Zones").
        let subnet = subnets
            .iter()
            .find(|subnet| self.zone.is_some() && self.network.zone(subnet) == self.zone)
            .or_else(|| subnets.first());
        let Some(subnet) = subnet.copied() else { return Go::Stop };
        let actor = gateway_in(to.gateway, vpc);
        let mut hop = Hop::passes(format!("comes out in {subnet}"), vec![list]);
        if subnets.len() > 1 {
            hop = hop.noted("The attachment's subnet in the packet's zone is taken, else its first.");
        }
        self.record(actor, hop);
        Go::On(At::Subnet {
            subnet,
            vpc,
            by: to.gateway,
        })
    }
}
