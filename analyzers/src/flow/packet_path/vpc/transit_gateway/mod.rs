//! Transit gateways: attachments, the route table that each is associated with, and what that table knows.

mod attachment;
mod routes;

use super::hop::Hop;
use super::security_group::Way;
use super::travel::{At, Go, Passed, Traveller, gateway_actor, gateway_in};
use crate::evidence::Evidence;
use crate::flow::Reason;

use attachment::peer;
pub(super) use attachment::{Attachment, attachments};
pub(super) use routes::{Found, look_up};

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
