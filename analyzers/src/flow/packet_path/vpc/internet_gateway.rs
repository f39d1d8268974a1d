//! Internet gateways and egress-only ones: where public addresses stand for private ones.

use super::hop::Hop;
use super::packet::{ANYBODY, Address};
use super::travel::{At, Go, Sender, Traveller, gateway_actor, gateway_in, outside_actor};
use super::{block_public_access, security_group};
use crate::evidence::Evidence;
use crate::flow::Reason;

impl<'a> Traveller<'_, 'a> {
    /// The packet leaves a VPC through its Internet gateway.
    pub(super) fn out_to_internet(&mut self, id: &'a str, vpc: &'a str) -> Go<'a> {
        let actor = gateway_in(id, vpc);
        if let Some(hop) = self.detached(id, vpc) {
            return self.stop(actor, hop);
        }
        if !self.packet.destination.is_global() {
            let hop = Hop::blocked(
                Reason::NoRoute,
                format!("the Internet carries nothing to {}", self.packet.destination),
                self.last_evidence(),
            )
            .noted("Private addresses (RFC 1918, RFC 6598, RFC 4193) are no part of the Internet.");
            return self.stop(actor, hop);
        }
        if let Some(hop) = block_public_access::outward(self.network, vpc, &self.packet, self.sender) {
            let goes_on = self.record(actor.clone(), hop);
            if !goes_on {
                return Go::Stop;
            }
        }
        let before = self.packet.clone();
        if let Some(source) = self.packet.source.ip()
            && source.is_ipv4()
            && !self.packet.source.is_global()
        {
            let (public, evidence) = match self.public(vpc, source) {
                Ok(found) => found,
                Err(hop) => return self.stop(actor, *hop),
            };
            self.packet.source = Address::Ip(public);
            self.sender = Sender::Nobody;
            self.rewritten(
                actor,
                Hop::passes(format!("{id} puts {public} in the place of {source}"), evidence),
                &before,
            );
        } else {
            self.record(actor, Hop::passes(format!("{id} lets it out"), self.last_evidence()));
        }
        // What is for a public address of this network comes back in without leaving AWS.
        if let Some(to) = self.packet.destination.ip()
            && (self.network.interface_by_public(to).is_some() || self.nat_of(to).is_some())
        {
            return Go::On(At::Internet);
        }
        self.reach_internet()
    }

    /// The packet is on the Internet, and its receiver too.
    fn reach_internet(&mut self) -> Go<'a> {
        let actor = outside_actor("the Internet");
        let destination = self.packet.destination;
        if let Some(go) = self.tunnel_end(destination) {
            return go;
        }
        self.record(
            actor,
            Hop::assumed(
                format!("the Internet carries it to {destination}"),
                Vec::new(),
                "What is beyond the gateway is not modelled: the Internet is taken to carry packets between global addresses, and the receiver to answer.",
            ),
        );
        Go::Arrived(Some(At::Internet))
    }

    /// The packet is for AWS' end of a VPN tunnel.
    fn tunnel_end(&mut self, to: Address) -> Option<Go<'a>> {
        let (connection, evidence) = self.network.tunnel_at(to)?;
        let node = self.network.vpn_connections.get(connection)?;
        let gateway = node
            .str_of("VpnGatewayId")
            .or_else(|| node.str_of("TransitGatewayId"))
            .unwrap_or(connection);
        let actor = gateway_actor(gateway);
        let hop = Hop::assumed(
            format!("{to} is AWS' end of a tunnel of {connection}"),
            vec![evidence],
            "What the tunnel's end makes of the packet is not computed: it answers IKE and IPsec.",
        );
        self.record(actor, hop);
        Some(Go::Arrived(None))
    }

    fn detached(&self, id: &str, vpc: &str) -> Option<Hop> {
        let node = self.network.internet_gateways.get(id)?;
        let attachments = node.list("Attachments");
        let own = attachments.iter().find(|own| own.str_of("VpcId") == Some(vpc));
        match own {
            Some(own) => own
                .str_of("State")
                .filter(|state| !matches!(*state, "available" | "attached"))
                .map(|state| Hop::blocked(Reason::State, format!("{id} is {state}"), vec![own.evidence()])),
            None => node.complete().then(|| {
                Hop::blocked(
                    Reason::State,
                    format!("{id} is not attached to {vpc}"),
                    vec![node.evidence()],
                )
            }),
        }
    }

    /// The public address that stands for a private one of a VPC.
    fn public(&self, vpc: &str, private: std::net::IpAddr) -> Result<(std::net::IpAddr, Vec<Evidence>), Box<Hop>> {
        if let Some((_, _, public, evidence)) = self.nat_address(|address| {
            address.str_of("PrivateIp").and_then(|ip| ip.parse().ok()) == Some(private)
                && address.str_of("PublicIp").is_some()
        }) && let Some(public) = public
        {
            return Ok((public, vec![evidence]));
        }
        let Some(at) = self.network.interface_at(vpc, private) else {
            return Err(Box::new(Hop::unknown(
                format!("whether {private} has a public address was not pasted"),
                format!(
                    "aws ec2 describe-network-interfaces --filters Name=addresses.private-ip-address,Values={private}"
                ),
                "Without one the Internet gateway drops the packet.",
            )));
        };
        if let Some((public, evidence)) = self.network.public_of(at, private) {
            return Ok((public, vec![evidence]));
        }
        let Some(interface) = self.network.interface(at) else {
            return Err(Box::new(Hop::unknown("", "", "")));
        };
        Err(Box::new(if interface.node.complete() {
            let place = interface
                .address(private)
                .map_or_else(|| interface.evidence(), |address| address.node.evidence());
            Hop::blocked(
                Reason::NoPublicAddress,
                format!("{private} has no public address, so the Internet gateway drops the packet"),
                vec![place],
            )
        } else {
            Hop::unknown(
                format!("whether {private} has a public address was not pasted"),
                security_group::describe(interface),
                "Without one the Internet gateway drops the packet.",
            )
        }))
    }

    /// Egress-only gateways: for IPv6, from inside alone.
    pub(super) fn egress_only(&mut self, id: &'a str, vpc: &'a str) -> Go<'a> {
        let actor = gateway_in(id, vpc);
        if !self.packet.source.is_global() {
            let hop = Hop::blocked(
                Reason::NoRoute,
                format!("the Internet carries nothing from {}", self.packet.source),
                self.last_evidence(),
            );
            return self.stop(actor, hop);
        }
        if self.packet.answer {
            // Whoever comes in has another way; the gateway has no connection of theirs.
            let hop = Hop::blocked(
                Reason::Asymmetric,
                format!("the answer goes out by {id}, and the question did not come in by it: it lets nobody in"),
                self.last_evidence(),
            );
            return self.stop(actor, hop);
        }
        if let Some(hop) = block_public_access::through_egress_only(self.network, vpc)
            && !self.record(actor.clone(), hop)
        {
            return Go::Stop;
        }
        let evidence = self.last_evidence();
        self.record(
            actor,
            Hop::passes(format!("{id} lets it out, and its answers in"), evidence),
        );
        self.sender = Sender::Nobody;
        match self.reach_internet() {
            Go::Arrived(Some(_)) => Go::Arrived(Some(At::Inbound { gateway: id, vpc })),
            other => other,
        }
    }

    /// The packet comes from the Internet.
    pub(super) fn internet_inward(&mut self) -> Go<'a> {
        let actor = outside_actor("the Internet");
        let destination = self.packet.destination;
        let Some(to) = destination.ip() else {
            return self.stop(actor, Hop::unknown("no address was asked about", "", ""));
        };
        self.sender = Sender::Nobody;
        if let Some((at, private)) = self.network.interface_by_public(to) {
            return self.public_inward(at, private, to);
        }
        if let Some(nat) = self.nat_of(to) {
            return self.nat_public_inward(nat, to);
        }
        if !destination.is_global() {
            let place: Vec<Evidence> = self
                .network
                .interfaces_at(to)
                .iter()
                .filter_map(|at| self.network.interface(*at)?.address(to))
                .map(|address| address.node.evidence())
                .collect();
            let vpcs = self.network.vpcs_at(to);
            let blocks = vpcs
                .iter()
                .flat_map(|vpc| self.network.blocks(vpc))
                .filter(|(block, _)| block.contains(to))
                .map(|(_, evidence)| evidence.clone());
            let hop = Hop::blocked(
                Reason::NoRoute,
                format!("the Internet carries nothing to {to}, a private address"),
                place.into_iter().chain(blocks).collect(),
            );
            return self.stop(actor, hop);
        }
        self.stays_outside(to)
    }

    /// Nobody who was pasted has that public address.
    fn stays_outside(&mut self, to: std::net::IpAddr) -> Go<'a> {
        let actor = outside_actor("the Internet");
        if let Some(go) = self.tunnel_end(Address::Ip(to)) {
            return go;
        }
        if let Some(address) = self.network.addresses.get(&to.to_string())
            && address.complete()
            && address.get("NetworkInterfaceId").is_none()
        {
            let place = address.get("PublicIp").as_ref().unwrap_or(address).evidence();
            let hop = Hop::blocked(
                Reason::NoPublicAddress,
                format!("the Elastic IP address {to} stands for no interface"),
                vec![place],
            );
            return self.stop(actor, hop);
        }
        match self.network.every_interface() {
            Some(evidence) => {
                let hop = Hop::assumed(
                    format!("none of the interfaces that were pasted has {to}: the packet stays outside"),
                    vec![evidence],
                    "The Internet is taken to carry it. An address that AWS holds and nobody uses would answer nothing.",
                );
                self.record(actor, hop);
                Go::Arrived(None)
            }
            None => self.stop(
                actor,
                Hop::unknown(
                    format!("who has {to} was not pasted"),
                    format!("aws ec2 describe-network-interfaces --filters Name=association.public-ip,Values={to}"),
                    "The interface that the address stands for decides.",
                ),
            ),
        }
    }

    /// To an interface's public address, through its VPC's gateway.
    fn public_inward(&mut self, at: usize, private: std::net::IpAddr, public: std::net::IpAddr) -> Go<'a> {
        let network = self.network;
        let Some(interface) = network.interface(at) else {
            return Go::Stop;
        };
        let Some((id, mut evidence)) = self.gateway_of(interface.vpc) else {
            let actor = gateway_in(interface.vpc, interface.vpc);
            return self.stop(
                actor,
                Hop::unknown(
                    format!("the Internet gateway of {} was not pasted", interface.vpc),
                    format!(
                        "aws ec2 describe-internet-gateways --filters Name=attachment.vpc-id,Values={}",
                        interface.vpc
                    ),
                    "Without one nothing comes in.",
                ),
            );
        };
        let actor = gateway_in(id, interface.vpc);
        if let Some(hop) = self.detached(id, interface.vpc) {
            return self.stop(actor, hop);
        }
        if let Some(hop) = block_public_access::inward(network, interface, &self.packet)
            && !self.record(actor.clone(), hop)
        {
            return Go::Stop;
        }
        let before = self.packet.clone();
        if private != public {
            self.packet.destination = Address::Ip(private);
            evidence.extend(network.public_of(at, private).map(|(_, place)| place));
        }
        let words = if private == public {
            format!("{id} lets it in")
        } else {
            format!("{id} puts {private} in the place of {public}")
        };
        self.rewritten(actor, Hop::passes(words, evidence), &before);
        Go::On(At::Inbound {
            gateway: id,
            vpc: interface.vpc,
        })
    }

    /// The Internet gateway of a VPC: as it was described, or as routes that work lead to it.
    pub(super) fn gateway_of(&self, vpc: &str) -> Option<(&'a str, Vec<Evidence>)> {
        let attached = self.network.internet_gateways.all().find_map(|(id, node)| {
            let attachments = node.list("Attachments");
            let own = attachments.iter().find(|own| own.str_of("VpcId") == Some(vpc))?;
            Some((id, vec![own.evidence()]))
        });
        attached.or_else(|| {
            self.network
                .route_tables
                .all()
                .filter(|(_, table)| table.str_of("VpcId") == Some(vpc))
                .flat_map(|(_, table)| table.list("Routes"))
                .find_map(|route| {
                    let id = route.str_of("GatewayId").filter(|id| id.starts_with("igw-"))?;
                    (route.str_of("State") == Some("active")).then(|| (id, vec![route.evidence()]))
                })
        })
    }

    /// What showed the last step.
    pub(super) fn last_evidence(&self) -> Vec<Evidence> {
        self.steps.last().map(|step| step.evidence.clone()).unwrap_or_default()
    }

    /// What may answer from anywhere.
    pub(super) fn anybody_may_send(&mut self) {
        self.packet.source_ports = ANYBODY;
    }
}
