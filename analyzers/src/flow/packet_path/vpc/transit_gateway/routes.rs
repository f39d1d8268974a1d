//! The routes of a transit gateway's route table: by themselves, and by what is propagated into it.

use super::super::hop::Hop;
use super::super::network::Network;
use super::super::packet::{Address, Cover};
use crate::artifact::Node;
use crate::evidence::Evidence;
use crate::flow::packet_path::joined;
use crate::model::aws::cidr::Cidr;
use crate::model::aws::listing::Limits;

/// What a route table says of a destination.
pub(in super::super) enum Found<'a> {
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
pub(in super::super) fn look_up<'a>(network: &Network<'a>, table: &str, destination: Address) -> Found<'a> {
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
        Some("vpn") => match super::super::vpn_gateway::told(network, resource) {
            super::super::vpn_gateway::Told::Blocks(blocks) => {
                learn(&blocks, None);
                None
            }
            super::super::vpn_gateway::Told::NotKnown => Some(id.to_owned()),
        },
        Some("direct-connect-gateway") => {
            let blocks = super::super::vpn_gateway::direct_connect(network, resource);
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
