//! NAT gateways: they put their own address in the sender's place, and take nothing that answers none of their connections.

use std::net::{IpAddr, Ipv4Addr};

use super::hop::Hop;
use super::packet::Address;
use super::route_table::Table;
use super::security_group::Way;
use super::travel::{At, Go, Sender, Translation, Traveller, gateway_actor, gateway_in};
use crate::artifact::Node;
use crate::evidence::Evidence;
use crate::flow::Reason;
use crate::flow::packet_path::Protocol;
use crate::model::aws::cidr::Cidr;

impl<'n, 'a> Traveller<'n, 'a> {
    /// The gateway, the entry and the public address of the first address entry that fits.
    pub(super) fn nat_address(
        &self,
        fits: impl Fn(&Node<'a>) -> bool,
    ) -> Option<(&'a str, Node<'a>, Option<IpAddr>, Evidence)> {
        self.network.nat_gateways.all().find_map(|(id, node)| {
            let address = node
                .list("NatGatewayAddresses")
                .into_iter()
                .find(|address| fits(address))?;
            let public = address.str_of("PublicIp").and_then(|ip| ip.parse().ok());
            let evidence = address.evidence();
            Some((id, address, public, evidence))
        })
    }

    /// The NAT gateway that has a public address.
    pub(super) fn nat_of(&self, public: IpAddr) -> Option<&'a str> {
        self.nat_address(|address| address.str_of("PublicIp").and_then(|ip| ip.parse().ok()) == Some(public))
            .map(|(id, ..)| id)
    }

    /// A route leads to the gateway.
    pub(super) fn nat(&mut self, id: &'a str, from: Option<&'a str>) -> Go<'a> {
        let network = self.network;
        let Some(node) = network.nat_gateways.get(id) else {
            let actor = gateway_actor(id);
            return self.stop(
                actor,
                Hop::unknown(
                    format!("the NAT gateway {id} was not pasted"),
                    format!("aws ec2 describe-nat-gateways --nat-gateway-ids {id}"),
                    "Its state, its subnet and its address decide.",
                ),
            );
        };
        let vpc = node.str_of("VpcId").unwrap_or_default();
        let subnet = node.str_of("SubnetId").filter(|subnet| !subnet.is_empty());
        let actor = self.nat_actor(id, vpc, subnet);
        if let Some(subnet) = subnet
            && from != Some(subnet)
            && !self.acl(vpc, subnet, Way::In)
        {
            return Go::Stop;
        }
        if let Some(hop) = self.refused(id, node) {
            return self.stop(actor, hop);
        }
        let Some(address) = self.own_address(node) else {
            return self.stop(
                actor,
                Hop::unknown(
                    format!("the addresses of {id} were not pasted"),
                    format!("aws ec2 describe-nat-gateways --nat-gateway-ids {id}"),
                    "The sender's address becomes one of them.",
                ),
            );
        };
        let inside = address.get("PrivateIp").or_else(|| address.get("PublicIp"));
        let own = match subnet {
            Some(_) => inside,
            // A regional gateway is in no subnet: what leaves it has its public address already.
            None => address.get("PublicIp").or(inside),
        };
        let Some((ip, place)) = own.and_then(|own| Some((own.str()?.parse::<IpAddr>().ok()?, own.evidence()))) else {
            return self.stop(
                actor,
                Hop::unknown(
                    format!("the addresses of {id} were not pasted"),
                    format!("aws ec2 describe-nat-gateways --nat-gateway-ids {id}"),
                    "The sender's address becomes one of them.",
                ),
            );
        };
        let before = self.packet.clone();
        let translated = mapped(self.packet.destination);
        self.translations.push(Translation {
            at: id.to_owned(),
            inner: (self.packet.source, self.packet.source_ports),
            outer: Address::Ip(ip),
            destination: translated.map(|_| self.packet.destination),
        });
        if let Some(v4) = translated {
            self.packet.destination = Address::Ip(IpAddr::V4(v4));
        }
        let source = std::mem::replace(&mut self.packet.source, Address::Ip(ip));
        self.anybody_may_send();
        self.sender = Sender::Nobody;
        self.rewritten(
            actor.clone(),
            Hop::passes(format!("{id} puts {ip} in the place of {source}"), vec![place]),
            &before,
        );
        match subnet {
            Some(subnet) => {
                self.zone = network.zone(subnet);
                Go::On(At::Subnet { subnet, vpc, by: id })
            }
            None => self.regional(id, node, vpc),
        }
    }

    /// A regional NAT gateway has a route table of its own (VPC User Guide, "Regional NAT gateways").
    fn regional(&mut self, id: &'a str, node: &'n Node<'a>, vpc: &'a str) -> Go<'a> {
        let actor = gateway_in(id, vpc);
        let table = node
            .get("RouteTableId")
            .and_then(|table| Some((table.str()?, table.evidence())))
            .and_then(|(table, evidence)| Some((table, evidence, self.network.route_tables.get(table)?)));
        let Some((table, evidence, routes)) = table else {
            let command = match node.str_of("RouteTableId") {
                Some(table) => format!("aws ec2 describe-route-tables --route-table-ids {table}"),
                None => format!("aws ec2 describe-nat-gateways --nat-gateway-ids {id}"),
            };
            return self.stop(
                actor,
                Hop::unknown(
                    format!("the route table of {id} was not pasted"),
                    command,
                    "It decides where the gateway sends the packet.",
                ),
            );
        };
        let table = Table {
            id: table,
            node: routes,
            evidence: vec![evidence],
            note: String::new(),
        };
        self.follow(&table, actor, vpc, None, id)
    }

    /// Why the gateway does not take the packet.
    fn refused(&self, id: &str, node: &Node<'a>) -> Option<Hop> {
        let place = node.get("NatGatewayId").as_ref().unwrap_or(node).evidence();
        if let Some(state) = node.get("State")
            && let Some(name) = state.str()
            && name != "available"
        {
            let why = node.str_of("FailureMessage").unwrap_or_default();
            return Some(Hop::blocked(Reason::State, format!("{id} is {name}"), vec![state.evidence()]).noted(why));
        }
        if self.packet.answer {
            return Some(Hop::blocked(
                Reason::Asymmetric,
                format!("the answer comes by {id}, and the question did not: the gateway has no such connection"),
                [place].into_iter().chain(self.last_evidence()).collect(),
            ));
        }
        if self.packet.protocol == Protocol::Sctp {
            return Some(Hop::blocked(
                Reason::State,
                format!("{id} keeps no connections of SCTP: NAT gateways carry TCP, UDP and ICMP"),
                vec![place],
            ));
        }
        if self.packet.is_ipv6() && mapped(self.packet.destination).is_none() {
            return Some(
                Hop::blocked(Reason::NoRoute, format!("{id} carries no IPv6"), vec![place])
                    .noted("Only 64:ff9b::/96 is translated, into IPv4 (NAT64, RFC 6052)."),
            );
        }
        None
    }

    /// The address that it takes for connections: a regional gateway one of the packet's zone.
    fn own_address(&self, node: &Node<'a>) -> Option<Node<'a>> {
        let addresses = node.list("NatGatewayAddresses");
        let here = |address: &&Node<'a>| {
            let zone = address.str_of("AvailabilityZone");
            zone.is_none() || self.zone.is_none() || zone == self.zone
        };
        let primary = |address: &&Node<'a>| address.get("IsPrimary").and_then(|primary| primary.bool()) != Some(false);
        addresses
            .iter()
            .filter(here)
            .find(primary)
            .or_else(|| addresses.iter().find(here))
            .or_else(|| addresses.first())
            .cloned()
    }

    /// A packet for the gateway itself: an answer to one of its connections, or nothing that it takes.
    pub(super) fn nat_inward(&mut self, at: usize) -> Go<'a> {
        let network = self.network;
        let Some(interface) = network.interface(at) else {
            return Go::Stop;
        };
        let to = self.packet.destination;
        let Some(session) = self.session.iter().rev().find(|session| session.outer == to).cloned() else {
            let described = interface.node.str_of("Description").unwrap_or_default();
            let id = described
                .split_whitespace()
                .find(|word| word.starts_with("nat-"))
                .unwrap_or(interface.id);
            let actor = self.nat_actor(id, interface.vpc, Some(interface.subnet));
            return self.stop(actor, no_connection(id, interface.evidence()));
        };
        let before = self.packet.clone();
        self.restore(&session);
        let actor = self.nat_actor(&session.at, interface.vpc, Some(interface.subnet));
        self.rewritten(
            actor,
            Hop::passes(
                format!("{} knows the connection, and puts {} back", session.at, session.inner.0),
                vec![interface.evidence()],
            ),
            &before,
        );
        self.zone = network.zone(interface.subnet);
        Go::On(At::Subnet {
            subnet: interface.subnet,
            vpc: interface.vpc,
            by: interface.id,
        })
    }

    /// From the Internet to the public address of a gateway whose interface was not pasted, or which has none.
    pub(super) fn nat_public_inward(&mut self, id: &'a str, to: IpAddr) -> Go<'a> {
        let network = self.network;
        let Some(node) = network.nat_gateways.get(id) else {
            return Go::Stop;
        };
        let vpc = node.str_of("VpcId").unwrap_or_default();
        let own = self.nat_address(|address| address.str_of("PublicIp").and_then(|ip| ip.parse().ok()) == Some(to));
        let private = own
            .as_ref()
            .and_then(|(_, address, ..)| address.str_of("PrivateIp")?.parse::<IpAddr>().ok());
        let place = own.map_or_else(|| node.evidence(), |(.., evidence)| evidence);
        let actor = self.nat_actor(id, vpc, node.str_of("SubnetId").filter(|subnet| !subnet.is_empty()));
        let outer = [Some(Address::Ip(to)), private.map(Address::Ip)];
        let session = self
            .session
            .iter()
            .rev()
            .find(|session| session.at == id && outer.contains(&Some(session.outer)))
            .cloned();
        let Some(session) = session else {
            return self.stop(actor, no_connection(id, place));
        };
        let before = self.packet.clone();
        let subnet = node.str_of("SubnetId").filter(|subnet| !subnet.is_empty());
        if let Some(subnet) = subnet {
            if let Some(private) = private {
                self.packet.destination = Address::Ip(private);
            }
            if !self.acl(vpc, subnet, Way::In) {
                return Go::Stop;
            }
        }
        self.restore(&session);
        self.rewritten(
            actor,
            Hop::passes(
                format!("{id} knows the connection, and puts {} back", session.inner.0),
                vec![place],
            ),
            &before,
        );
        match subnet {
            Some(subnet) => Go::On(At::Subnet { subnet, vpc, by: id }),
            None => Go::On(At::Deliver {
                vpc,
                from: None,
                by: id,
            }),
        }
    }

    /// To the private address of a gateway whose interface was not pasted; `None` where it is nobody's.
    pub(super) fn nat_private_inward(&mut self, vpc: &'a str, from: Option<&'a str>, to: IpAddr) -> Option<Go<'a>> {
        let (id, _, _, place) =
            self.nat_address(|address| address.str_of("PrivateIp").and_then(|ip| ip.parse().ok()) == Some(to))?;
        let node = self.network.nat_gateways.get(id)?;
        let subnet = node.str_of("SubnetId").filter(|subnet| !subnet.is_empty())?;
        if node.str_of("VpcId") != Some(vpc) {
            return None;
        }
        if from != Some(subnet) && !self.acl(vpc, subnet, Way::In) {
            return Some(Go::Stop);
        }
        let actor = self.nat_actor(id, vpc, Some(subnet));
        let session = self
            .session
            .iter()
            .rev()
            .find(|session| session.at == id && session.outer == Address::Ip(to))
            .cloned();
        let Some(session) = session else {
            return Some(self.stop(actor, no_connection(id, place)));
        };
        let before = self.packet.clone();
        self.restore(&session);
        self.rewritten(
            actor,
            Hop::passes(
                format!("{id} knows the connection, and puts {} back", session.inner.0),
                vec![place],
            ),
            &before,
        );
        self.zone = self.network.zone(subnet);
        Some(Go::On(At::Subnet { subnet, vpc, by: id }))
    }

    fn restore(&mut self, session: &Translation) {
        (self.packet.destination, self.packet.ports) = session.inner;
        if let Some(seen) = session.destination {
            self.packet.source = seen;
        }
    }
}

fn no_connection(id: &str, place: Evidence) -> Hop {
    Hop::blocked(
        Reason::State,
        format!("{id} has no connection that the packet belongs to, and takes no others"),
        vec![place],
    )
    .noted("A NAT gateway lets answers in alone (VPC User Guide, \"NAT gateways\").")
}

/// The IPv4 address that an IPv6 one of NAT64 stands for (RFC 6052, section 2.1).
fn mapped(address: Address) -> Option<Ipv4Addr> {
    let IpAddr::V6(v6) = address.ip()? else { return None };
    if !Cidr::parse("64:ff9b::/96")?.contains(IpAddr::V6(v6)) {
        return None;
    }
    let [.., a, b, c, d] = v6.octets();
    Some(Ipv4Addr::new(a, b, c, d))
}

#[cfg(test)]
mod tests {
    use super::{Address, mapped};

    #[test]
    fn nat64_addresses_hold_those_of_ipv4() {
        let to = Address::Ip("64:ff9b::c633:6407".parse().unwrap());
        assert_eq!(mapped(to), Some("198.51.100.7".parse().unwrap()));
        assert_eq!(mapped(Address::Ip("2001:db8::1".parse().unwrap())), None);
    }
}
