//! The attachments of transit gateways, as the several commands show them.

use super::super::hop::Hop;
use super::super::network::Network;
use crate::artifact::Node;
use crate::evidence::Evidence;
use crate::flow::Reason;
use crate::model::aws::listing::Root;

/// An attachment of something to a transit gateway.
#[derive(Debug, Clone)]
pub(in super::super) struct Attachment<'a> {
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
    pub(super) fn is_gone(&self) -> bool {
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
pub(in super::super) fn attachments<'a>(network: &Network<'a>) -> Vec<Attachment<'a>> {
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
pub(in super::super) fn peer<'a>(network: &Network<'a>, attachment: &Attachment<'a>) -> Option<&'a str> {
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
