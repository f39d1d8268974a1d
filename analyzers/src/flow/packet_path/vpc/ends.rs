//! The two ends of a question: whose interface each is, and with which of its addresses it takes part.

use std::net::IpAddr;

use super::hop::Hop;
use super::network::Network;
use super::packet::{self, Address, Packet, Ports};
use super::{Start, security_group};
use crate::evidence::Evidence;
use crate::flow::packet_path::{Endpoint, Query};
use crate::flow::{Next, Reason};

/// One end of a question.
pub(super) enum End {
    Interface(usize, IpAddr),
    Address(IpAddr),
    Internet,
}

/// Who is meant, or what to run to know.
pub(super) fn end(network: &Network<'_>, endpoint: &Endpoint) -> Result<End, Next> {
    let interface = |at: Option<usize>, command: String| {
        at.and_then(|at| Some(End::Interface(at, network.interface(at)?.primary()?)))
            .ok_or_else(|| Next {
                command,
                decides: Vec::new(),
                why: format!("{endpoint} was not pasted."),
            })
    };
    match endpoint {
        Endpoint::Instance { id, .. } => interface(
            network.interface_of(id),
            format!("aws ec2 describe-network-interfaces --filters Name=attachment.instance-id,Values={id}"),
        ),
        Endpoint::Interface { id, .. } => interface(
            network.interface_by_id(id),
            format!("aws ec2 describe-network-interfaces --network-interface-ids {id}"),
        ),
        Endpoint::Ip { address, .. } => Ok(match network.interfaces_at(*address).as_slice() {
            [only] => End::Interface(*only, *address),
            _ => End::Address(*address),
        }),
        _ => Ok(End::Internet),
    }
}

/// The packet that is asked about, with where it begins; where an end has no address for it, at whose interface it ends, and why.
pub(super) fn packet(
    network: &Network<'_>,
    query: &Query,
    from: &End,
    to: &End,
) -> (Packet, Start, Option<(usize, Hop)>) {
    let port = match &query.to {
        Endpoint::Instance { port, .. } | Endpoint::Interface { port, .. } | Endpoint::Ip { port, .. } => *port,
        _ => None,
    };
    let (start, own) = start(network, from);
    let (destination, missing) = destination(network, query, to, start, own);
    let (source, lacking) = match (own, destination) {
        (Address::Internet, to) if to.is_ipv6() => (Address::Internet6, None),
        (Address::Ip(ip), to) if ip.is_ipv6() != to.is_ipv6() && !to.ip().is_some_and(packet::is_host_served) => {
            match start {
                Start::Interface(at) => of_family(network, at, ip, destination),
                _ => (own, None),
            }
        }
        _ => (own, None),
    };
    let mut packet = Packet::new(source, destination, query.protocol, port);
    packet.source_ports = match (&query.from, from) {
        (Endpoint::Ip { port: Some(port), .. }, _) => Ports::asked(Some(*port)),
        (_, End::Interface(at, _)) if is_windows(network, *at) => packet::WINDOWS,
        _ if start == Start::Internet => packet::ANYBODY,
        _ => packet.source_ports,
    };
    (packet, start, lacking.or(missing))
}

/// Where the packet begins, and whose address it has then.
fn start(network: &Network<'_>, from: &End) -> (Start, Address) {
    match from {
        End::Internet => (Start::Internet, Address::Internet),
        End::Interface(at, ip) => (Start::Interface(*at), Address::Ip(*ip)),
        End::Address(ip) => match network.interface_by_public(*ip) {
            // Who is known by a public address sends from the private one.
            Some((at, private)) => (Start::Interface(at), Address::Ip(private)),
            None if packet::is_global(*ip) && network.vpcs_at(*ip).is_empty() => (Start::Internet, Address::Ip(*ip)),
            None => (Start::Outside, Address::Ip(*ip)),
        },
    }
}

/// Where it goes: an address that was asked about stays what it is; somebody is reached by an address of the sender's family, and from the
/// Internet by a public one.
fn destination(
    network: &Network<'_>,
    query: &Query,
    to: &End,
    start: Start,
    source: Address,
) -> (Address, Option<(usize, Hop)>) {
    let (at, primary) = match to {
        End::Internet => return (Address::Internet, None),
        End::Address(ip) => return (Address::Ip(*ip), None),
        End::Interface(_, ip) if matches!(query.to, Endpoint::Ip { .. }) => return (Address::Ip(*ip), None),
        End::Interface(at, ip) => (*at, *ip),
    };
    if start == Start::Internet {
        return match reached(network, at, source) {
            Ok(public) => (Address::Ip(public), None),
            Err(hop) => (Address::Ip(primary), Some((at, *hop))),
        };
    }
    let of = |at: usize, v6: bool| {
        let addresses = network.interface(at).map(|interface| interface.addresses.as_slice());
        let mut addresses = addresses.unwrap_or_default().iter().map(|address| address.ip);
        addresses.find(|ip| ip.is_ipv6() == v6)
    };
    let own = match (start, source) {
        (Start::Interface(sender), _) => [false, true].map(|v6| of(sender, v6).is_some()),
        (_, source) => [!source.is_ipv6(), source.is_ipv6()],
    };
    let both = [false, true]
        .into_iter()
        .zip(own)
        .find_map(|(v6, has)| of(at, v6).filter(|_| has));
    (Address::Ip(both.unwrap_or(primary)), None)
}

/// The public address of an interface, of the client's family where that is known; of IPv6 its own is public. Else why it has none.
fn reached(network: &Network<'_>, at: usize, source: Address) -> Result<IpAddr, Box<Hop>> {
    let Some(interface) = network.interface(at) else {
        return Err(Box::new(Hop::unknown("", "", "")));
    };
    let addresses = || interface.addresses.iter().map(|address| address.ip);
    let told = |list: &str| interface.node.complete() || interface.node.get(list).is_some_and(|list| !list.cut());
    let not_told = |words: &str| {
        Box::new(Hop::unknown(
            format!("whether {} has a public address{words} was not pasted", interface.id),
            security_group::describe(interface),
            "From the Internet it is reached by a public address alone.",
        ))
    };
    if !source.is_ipv6() {
        if let Some((public, _)) = addresses().find_map(|ip| network.public_of(at, ip)) {
            return Ok(public);
        }
        if !interface.node.complete() {
            return Err(not_told(""));
        }
    }
    let any = matches!(source, Address::Internet | Address::Internet6);
    if any || source.is_ipv6() {
        if let Some(ip) = addresses().find(|ip| ip.is_ipv6() && packet::is_global(*ip)) {
            return Ok(ip);
        }
        if !told("Ipv6Addresses") {
            return Err(not_told(" of IPv6"));
        }
    }
    let places: Vec<Evidence> = interface
        .addresses
        .iter()
        .map(|address| address.node.evidence())
        .collect();
    Err(Box::new(Hop::blocked(
        Reason::NoPublicAddress,
        format!(
            "{} has no public address, so nothing from the Internet gets to it",
            interface.id
        ),
        if places.is_empty() {
            vec![interface.evidence()]
        } else {
            places
        },
    )))
}

/// The sender's address of the destination's family, where it has one.
fn of_family(network: &Network<'_>, at: usize, own: IpAddr, destination: Address) -> (Address, Option<(usize, Hop)>) {
    let Some(interface) = network.interface(at) else {
        return (Address::Ip(own), None);
    };
    let v6 = destination.is_ipv6();
    let global = |ip: IpAddr| !v6 || packet::is_global(ip) == destination.is_global();
    let of = |fits: &dyn Fn(IpAddr) -> bool| {
        let mut own = interface.addresses.iter().map(|address| address.ip);
        own.find(|ip| ip.is_ipv6() == v6 && fits(*ip))
    };
    if let Some(ip) = of(&global).or_else(|| of(&|_| true)) {
        return (Address::Ip(ip), None);
    }
    let (family, list) = if v6 {
        ("IPv6", "Ipv6Addresses")
    } else {
        ("IPv4", "PrivateIpAddresses")
    };
    let told = interface.node.complete() || interface.node.get(list).is_some_and(|list| !list.cut());
    let prefixes = interface.prefixes.iter().any(|prefix| prefix.address.is_ipv6() == v6);
    let hop = if told && !prefixes {
        let place = interface
            .node
            .get(list)
            .map_or_else(|| interface.evidence(), |list| list.evidence());
        Hop::blocked(
            Reason::NoRoute,
            format!(
                "{} has no {family} address, and sends nothing to {destination}",
                interface.id
            ),
            vec![place],
        )
    } else {
        Hop::unknown(
            format!("whether {} has an {family} address was not pasted", interface.id),
            security_group::describe(interface),
            format!("To {destination} it sends from an {family} address."),
        )
    };
    (Address::Ip(own), Some((at, hop)))
}

fn is_windows(network: &Network<'_>, at: usize) -> bool {
    network
        .interface(at)
        .and_then(|interface| network.instances.get(interface.instance?))
        .and_then(|instance| instance.str_of("Platform"))
        .is_some_and(|platform| platform.eq_ignore_ascii_case("windows"))
}
