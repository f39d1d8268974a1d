//! Packets from addresses that no interface which was pasted has: of networks beyond a gateway, or of interfaces that were not pasted.

use super::hop::Hop;
use super::packet::Address;
use super::route_table::{self, Found};
use super::travel::{At, Sender, Traveller, outside_actor};
use crate::flow::Verdict;
use crate::model::aws::ec2::Target;

impl<'a> Traveller<'_, 'a> {
    /// Where such a packet comes in; `None` where that is not known, which it notes.
    pub(super) fn comes_in(&mut self) -> Option<At<'a>> {
        let source = self.packet.source.ip()?;
        // Of a VPC that was pasted: only the interface, and so its groups, are not known.
        if let [vpc] = self.network.vpcs_at(source).as_slice() {
            self.sender = Sender::NotKnown;
            let actor = outside_actor(&source.to_string());
            let nobody = self.network.all_interfaces(vpc, source);
            let mut hop = Hop::unknown(
                format!("who has {source} was not pasted"),
                format!(
                    "aws ec2 describe-network-interfaces --filters Name=addresses.private-ip-address,Values={source}"
                ),
                "Its security groups decide whether the packet gets out.",
            );
            if let Some(nobody) = nobody {
                hop.action = format!("no interface of {vpc} has {source}");
                hop.evidence.push(nobody);
            }
            self.record(actor, hop);
            let (subnet, _) = self.network.subnet_at(vpc, source)?;
            self.zone = self.network.zone(subnet);
            return Some(At::Subnet {
                subnet,
                vpc,
                by: "the subnet",
            });
        }
        self.sender = Sender::Nobody;
        self.by_the_way_back(source)
    }

    /// From outside of AWS: by the gateway that the receiver's routes name for the answer.
    fn by_the_way_back(&mut self, source: std::net::IpAddr) -> Option<At<'a>> {
        let network = self.network;
        let actor = outside_actor(&source.to_string());
        let to = self.packet.destination.ip()?;
        let unknown = |words: String| {
            Hop::unknown(words, "", "").noted("Ask from an interface that was pasted, or from the Internet.")
        };
        let interfaces = network.interfaces_at(to);
        let [at] = interfaces.as_slice() else {
            self.record(
                actor,
                unknown(format!("how {source} gets into the network does not show")),
            );
            return None;
        };
        let interface = network.interface(*at)?;
        let table = match route_table::of_subnet(network, interface.vpc, interface.subnet) {
            Ok(table) => table,
            Err(hop) => {
                self.record(actor, *hop);
                return None;
            }
        };
        let (target, evidence) = match route_table::look_up(network, &table, Address::Ip(source)) {
            Found::Route(route, _, evidence, _) => (route.target?, evidence),
            Found::NoRoute(evidence) => {
                self.record(
                    actor,
                    unknown(format!(
                        "how {source} gets into the network does not show: {} has no route to it",
                        table.id
                    ))
                    .with(evidence),
                );
                return None;
            }
            Found::Unknown(hop) => {
                self.record(actor, *hop);
                return None;
            }
        };
        let vpc = interface.vpc;
        let (at, by) = match target {
            Target::VpnGateway(id) => (Some(At::Inbound { gateway: id, vpc }), id),
            Target::Peering(id) => (
                Some(At::Deliver {
                    vpc,
                    from: None,
                    by: id,
                }),
                id,
            ),
            Target::TransitGateway(id) => (self.by_transit(id, vpc, source), id),
            other => (None, other.id()),
        };
        let hop = match at {
            Some(_) => Hop::assumed(
                format!("{source} comes in by {by}"),
                evidence,
                "The gateway that the receiver's routes name for the answer is taken for the way in.",
            ),
            None => unknown(format!("how {source} gets to {by} does not show")).with(evidence),
        };
        let known = hop.verdict != Verdict::Unknown;
        self.record(actor, hop);
        at.filter(|_| known)
    }

    /// The attachment of a transit gateway that leads to an address, by the table of the receiver's attachment.
    fn by_transit(&self, gateway: &'a str, vpc: &str, source: std::net::IpAddr) -> Option<At<'a>> {
        use super::transit_gateway::{Found, attachments, look_up};
        let all = attachments(self.network);
        let own = all
            .iter()
            .find(|attachment| attachment.gateway == gateway && attachment.resource == vpc)?;
        let (table, _) = own.table().ok()?;
        match look_up(self.network, table, Address::Ip(source)) {
            Found::To(attachment, ..) => Some(At::Transit { gateway, attachment }),
            _ => None,
        }
    }
}
