//! Virtual private gateways, VPN connections and Direct Connect: the ways to networks outside of AWS.

use super::hop::Hop;
use super::network::Network;
use super::packet::{Address, Cover};
use super::travel::{At, Go, Traveller, gateway_in};
use crate::artifact::Node;
use crate::evidence::Evidence;
use crate::flow::Reason;
use crate::model::aws::cidr::Cidr;

/// What a VPN connection says that the other side has.
pub(super) enum Told {
    Blocks(Vec<(Cidr, Evidence)>),
    /// BGP tells it; that was not pasted.
    NotKnown,
}

/// The routes of a VPN connection: static ones, or those that BGP brought, of which only the number is printed.
pub(super) fn told(network: &Network<'_>, connection: &str) -> Told {
    let Some(node) = network.vpn_connections.get(connection).filter(|node| !node.cut()) else {
        return Told::NotKnown;
    };
    let blocks: Vec<(Cidr, Evidence)> = node
        .list("Routes")
        .iter()
        .filter(|route| route.str_of("State").is_none_or(|state| state == "available"))
        .filter_map(|route| Some((Cidr::parse(route.str_of("DestinationCidrBlock")?)?, route.evidence())))
        .collect();
    if is_static(node) || accepted(node).is_some_and(|(count, _)| count == 0) {
        Told::Blocks(blocks)
    } else {
        Told::NotKnown
    }
}

fn is_static(connection: &Node<'_>) -> bool {
    connection
        .at(&["Options", "StaticRoutesOnly"])
        .and_then(|only| only.bool())
        == Some(true)
}

/// How many routes BGP brought over all tunnels (`VgwTelemetry[].AcceptedRouteCount`).
fn accepted(connection: &Node<'_>) -> Option<(i64, Vec<Evidence>)> {
    let tunnels = connection.list("VgwTelemetry");
    let counts: Vec<Node<'_>> = tunnels
        .iter()
        .filter_map(|tunnel| tunnel.get("AcceptedRouteCount"))
        .collect();
    if counts.is_empty() {
        return None;
    }
    let sum = counts.iter().filter_map(Node::number).sum();
    Some((sum, counts.iter().map(Node::evidence).collect()))
}

/// Whether all tunnels of a connection are down, with their lines; `None` where their state was not pasted.
fn down(connection: &Node<'_>) -> Option<(bool, Vec<Evidence>)> {
    let tunnels = connection.list("VgwTelemetry");
    let states: Vec<Node<'_>> = tunnels.iter().filter_map(|tunnel| tunnel.get("Status")).collect();
    if states.is_empty() {
        return None;
    }
    let all = states.iter().all(|state| state.str() == Some("DOWN"));
    Some((all, states.iter().map(Node::evidence).collect()))
}

/// What the virtual interfaces of a Direct Connect gateway say that the other side announces.
pub(super) fn direct_connect(network: &Network<'_>, gateway: &str) -> Vec<(Cidr, Evidence)> {
    interfaces(network)
        .iter()
        .filter(|interface| {
            text(interface, "directConnectGatewayId", "DirectConnectGatewayId") == Some(gateway)
                && text(interface, "virtualInterfaceState", "VirtualInterfaceState")
                    .is_none_or(|state| state == "available")
        })
        .flat_map(|interface| {
            ["routeFilterPrefixes", "RouteFilterPrefixes"]
                .iter()
                .flat_map(|list| interface.list(list))
                .collect::<Vec<_>>()
        })
        .filter_map(|prefix| Some((Cidr::parse(text(&prefix, "cidr", "Cidr")?)?, prefix.evidence())))
        .collect()
}

/// The virtual interfaces, as the API names them, and in the style of the other services.
fn interfaces<'a>(network: &Network<'a>) -> Vec<Node<'a>> {
    network
        .roots
        .iter()
        .flat_map(|root| {
            let mut all = root.node.list("virtualInterfaces");
            all.extend(root.node.list("VirtualInterfaces"));
            all
        })
        .collect()
}

fn text<'a>(node: &Node<'a>, key: &str, other: &str) -> Option<&'a str> {
    node.str_of(key).or_else(|| node.str_of(other))
}

/// Whether a VPN connection takes a packet, on its own merits.
pub(super) fn connection(network: &Network<'_>, id: &str, destination: Address) -> Hop {
    let Some(node) = network.vpn_connections.get(id) else {
        return Hop::unknown(
            format!("the VPN connection {id} was not pasted"),
            format!("aws ec2 describe-vpn-connections --vpn-connection-ids {id}"),
            "Its state and its routes decide.",
        );
    };
    if let Some(state) = node.get("State")
        && state.str().is_some_and(|state| state != "available")
    {
        return Hop::blocked(
            Reason::State,
            format!("the VPN connection {id} is {}", state.str().unwrap_or_default()),
            vec![state.evidence()],
        );
    }
    if let Told::Blocks(blocks) = told(network, id) {
        let best = blocks
            .iter()
            .filter(|(block, _)| destination.covered_by(block) == Cover::All)
            .max_by_key(|(block, _)| block.bits);
        if let Some((block, evidence)) = best {
            return tunnels(node, id, format!("{id} has the route {block}"), vec![evidence.clone()]);
        }
        let mut evidence: Vec<Evidence> = node.get("Routes").iter().map(Node::evidence).collect();
        evidence.extend(accepted(node).map(|(_, places)| places).unwrap_or_default());
        let how = if is_static(node) {
            "has no static route"
        } else {
            "accepted no route by BGP"
        };
        return Hop::blocked(Reason::NoRoute, format!("{id} {how} for {destination}"), evidence);
    }
    let place = node.get("VpnConnectionId").as_ref().unwrap_or(node).evidence();
    tunnels(
        node,
        id,
        format!("{id} carries it, as far as BGP told it so"),
        vec![place],
    )
    .noted("Which routes BGP brought was not pasted.")
}

fn tunnels(node: &Node<'_>, id: &str, words: String, evidence: Vec<Evidence>) -> Hop {
    match down(node) {
        Some((true, places)) => Hop::blocked(Reason::State, format!("all tunnels of {id} are down"), places),
        Some((false, places)) => {
            Hop::assumed(words, evidence, "What the other side does with it is not AWS'.").with(places)
        }
        None => Hop::assumed(
            words,
            evidence,
            "Whether a tunnel is up was not pasted; what the other side does with it is not AWS'.",
        ),
    }
}

/// What a virtual private gateway makes of a packet for outside. `told` says whether the gateway itself told the VPC of the route.
pub(super) fn outward(network: &Network<'_>, id: &str, vpc: &str, destination: Address, told: bool) -> Hop {
    if let Some(hop) = attached(network, id, vpc) {
        return hop;
    }
    let connections: Vec<&str> = network
        .vpn_connections
        .all()
        .filter(|(_, node)| {
            node.str_of("VpnGatewayId") == Some(id) && !matches!(node.str_of("State"), Some("deleted" | "deleting"))
        })
        .map(|(connection, _)| connection)
        .collect();
    let direct: Vec<Node<'_>> = interfaces(network)
        .into_iter()
        .filter(|interface| text(interface, "virtualGatewayId", "VirtualGatewayId") == Some(id))
        .collect();
    let up = direct.iter().find(|interface| {
        matches!(
            text(interface, "virtualInterfaceState", "VirtualInterfaceState"),
            Some("available")
        )
    });
    if let Some(up) = up {
        return Hop::assumed(
            format!("{id} hands it over to Direct Connect"),
            vec![up.evidence()],
            "Which routes BGP brought was not pasted, and what the other side does with it is not AWS'.",
        );
    }
    if connections.is_empty() {
        return Hop::unknown(
            format!("what {id} leads to was not pasted"),
            format!("aws ec2 describe-vpn-connections --filters Name=vpn-gateway-id,Values={id}"),
            "The tunnels and their routes decide.",
        )
        .then(
            "aws directconnect describe-virtual-interfaces",
            "Direct Connect may end at the gateway.",
        );
    }
    let mut hops: Vec<Hop> = connections
        .iter()
        .map(|connection_id| connection(network, connection_id, destination))
        .collect();
    // The first that takes it; without one, what the first says.
    hops.sort_by_key(|hop| hop.verdict);
    let Some(mut hop) = hops.into_iter().next() else {
        return Hop::unknown(
            format!("what {id} leads to was not pasted"),
            "aws ec2 describe-vpn-connections",
            "",
        );
    };
    if told && hop.reason == Some(Reason::NoRoute) {
        hop = Hop::unknown(
            format!("{id} told the VPC of this route, and no VPN connection that was pasted has it"),
            "aws directconnect describe-virtual-interfaces",
            "Direct Connect may end at the gateway.",
        );
    }
    let all = network.vpn_connections.told_all(&[("vpn-gateway-id", id)], |listing| {
        let own = |node: &Node<'_>| node.str_of("VpnGatewayId") == Some(id);
        listing.elements.iter().any(own) || network.contexts.shows(vpc, &listing.context)
    });
    if hop.is_blocked() && !(all.is_some() && tells_direct(network, vpc)) {
        let known = hop.action.clone();
        let mut open = Hop::unknown(
            format!("{known}, and whether {id} leads out by another way was not pasted"),
            format!("aws ec2 describe-vpn-connections --filters Name=vpn-gateway-id,Values={id}"),
            "Another connection of the gateway would be a way.",
        )
        .then(
            "aws directconnect describe-virtual-interfaces",
            "Direct Connect may end at the gateway, which would be a way.",
        )
        .with(hop.evidence);
        open.notes = hop.notes;
        if all.is_some() {
            open.next.remove(0);
        }
        return open;
    }
    hop
}

/// Whether all virtual interfaces of Direct Connect were pasted. A program that collects a network's answers has them where there are some.
fn tells_direct(network: &Network<'_>, vpc: &str) -> bool {
    network.roots.iter().any(|root| {
        let list = ["virtualInterfaces", "VirtualInterfaces"]
            .iter()
            .find_map(|list| root.node.get(list));
        let limits = root.limits();
        let whole = list.is_some() && !limits.partial && limits.filters.is_empty();
        whole && network.contexts.shows(vpc, &root.context)
            || root.collected && network.contexts.shows(vpc, &root.context)
    })
}

/// Why a gateway is not attached to a VPC, where that shows.
fn attached(network: &Network<'_>, id: &str, vpc: &str) -> Option<Hop> {
    let node = network.vpn_gateways.get(id)?;
    let attachments = node.list("VpcAttachments");
    let own = attachments
        .iter()
        .find(|attachment| attachment.str_of("VpcId") == Some(vpc));
    match own {
        Some(attachment) => match attachment.str_of("State") {
            None | Some("attached") => None,
            Some(state) => Some(Hop::blocked(
                Reason::State,
                format!("{id} is {state}"),
                vec![attachment.evidence()],
            )),
        },
        None if node.complete() => Some(Hop::blocked(
            Reason::State,
            format!("{id} is not attached to {vpc}"),
            vec![node.evidence()],
        )),
        None => None,
    }
}

impl<'a> Traveller<'_, 'a> {
    /// A route leads to a virtual private gateway.
    pub(super) fn through_vpn_gateway(&mut self, id: &'a str, vpc: &'a str, told: bool) -> Go<'a> {
        let hop = outward(self.network, id, vpc, self.packet.destination, told);
        let known = hop.verdict != crate::flow::Verdict::Unknown;
        let actor = gateway_in(id, vpc);
        if self.record(actor, hop) && known {
            return Go::Arrived(Some(At::Inbound { gateway: id, vpc }));
        }
        Go::Stop
    }
}
