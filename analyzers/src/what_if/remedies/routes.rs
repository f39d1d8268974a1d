//! Routes, addresses, and the states of what stands on the way.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use serde_json::json;

use super::{Candidate, Stop, at, block, cidr, places, reach, root};
use crate::artifact::Node;
use crate::evidence::Evidence;
use crate::model::Model;
use crate::model::aws::cidr::Cidr;

/// No more gateways are tried in a route.
const GATEWAYS: usize = 5;

/// A route to the destination, by each gateway that is known: those that are on the way already first.
pub fn routes(model: &Model<'_>, stop: &Stop<'_>) -> Vec<Candidate> {
    let Some(to) = stop.side("dst").address else {
        return Vec::new();
    };
    tables(model, &stop.step.evidence)
        .iter()
        .take(2)
        .flat_map(|(table, pointer)| by_gateways(model, stop, table, pointer, &destination(model, to)))
        .collect()
}

/// Out to the Internet: by a NAT gateway, or with a public address of one's own.
pub fn to_the_internet(model: &Model<'_>, stop: &Stop<'_>) -> Vec<Candidate> {
    let mut all = Vec::new();
    let from = stop.side("src").address;
    // The router is the step before the gateway.
    let router = stop
        .before
        .first()
        .map(|step| step.evidence.as_slice())
        .unwrap_or_default();
    let gateways: Vec<(&'static str, String)> = gateways(model, stop)
        .into_iter()
        .filter(|(key, _)| *key == "NatGatewayId")
        .take(GATEWAYS)
        .collect();
    for (table, pointer) in tables(model, router).iter().take(1) {
        for (key, id) in &gateways {
            all.extend(route(table, pointer, "0.0.0.0/0", key, id));
        }
    }
    all.extend(from.and_then(|from| public_address(model, stop, from)));
    all
}

/// `192.0.2.1` stands for whatever address would be given: nobody has it (RFC 5737).
fn public_address(model: &Model<'_>, stop: &Stop<'_>, from: IpAddr) -> Option<Candidate> {
    let (node, id) = places(&stop.step.evidence).find_map(|(artifact, pointer)| {
        if !pointer.starts_with("/NetworkInterfaces/") {
            return None;
        }
        let root = root(model, *artifact)?;
        let interface = reach(&root, pointer, 2);
        let own = interface
            .list("PrivateIpAddresses")
            .into_iter()
            .find(|address| address.str_of("PrivateIpAddress").and_then(|ip| ip.parse().ok()) == Some(from));
        Some((
            own.unwrap_or_else(|| interface.clone()),
            interface.str_of("NetworkInterfaceId")?,
        ))
    })?;
    Some(Candidate {
        change: at(
            &node,
            "/Association",
            json!({ "PublicIp": "192.0.2.1" }),
            format!("{from} of {id} had an Elastic IP address (192.0.2.1 stands for it)"),
        ),
        command: Some(format!(
            "aws ec2 associate-address --allocation-id eipalloc-… --network-interface-id {id} --private-ip-address {from}"
        )),
    })
}

/// The route tables that evidence is of, with the pointer of the route where it is of one.
fn tables<'a>(model: &Model<'a>, evidence: &[Evidence]) -> Vec<(Node<'a>, String)> {
    let mut found: Vec<(Node<'a>, String)> = Vec::new();
    for (artifact, pointer) in places(evidence) {
        if !pointer.starts_with("/RouteTables/") {
            continue;
        }
        let Some(root) = root(model, *artifact) else { continue };
        let table = reach(&root, pointer, 2);
        let route = match pointer.split('/').nth(3) {
            Some("Routes") => reach(&root, pointer, 4).pointer(),
            _ => String::new(),
        };
        let is_route = route.split('/').count() > 4;
        match found.iter_mut().find(|(known, _)| known.pointer() == table.pointer()) {
            Some((_, known)) if is_route => *known = route,
            Some(_) => {}
            None => found.push((table, if is_route { route } else { String::new() })),
        }
    }
    found
}

fn by_gateways(
    model: &Model<'_>,
    stop: &Stop<'_>,
    table: &Node<'_>,
    pointer: &str,
    destination: &str,
) -> Vec<Candidate> {
    gateways(model, stop)
        .iter()
        .take(GATEWAYS)
        .filter_map(|(key, id)| route(table, pointer, destination, key, id))
        .collect()
}

/// A route more in a table, or another one in the place of the one at `pointer`.
fn route(table: &Node<'_>, pointer: &str, destination: &str, key: &str, gateway: &str) -> Option<Candidate> {
    let id = table.str_of("RouteTableId")?;
    let routes = table.get("Routes")?.items();
    let old = routes.iter().find(|route| route.pointer() == pointer);
    let was = old.and_then(|old| {
        old.str_of("DestinationCidrBlock")
            .or_else(|| old.str_of("DestinationIpv6CidrBlock"))
    });
    let destination = was.unwrap_or(destination);
    let (name, value) = cidr("DestinationCidrBlock", "DestinationIpv6CidrBlock", destination);
    let new = json!({ name: value, key: gateway, "Origin": "CreateRoute", "State": "active" });
    let words = format!("{id} has a route {destination} to {gateway}");
    let option = match key {
        "NatGatewayId" => "--nat-gateway-id",
        "TransitGatewayId" => "--transit-gateway-id",
        "VpcPeeringConnectionId" => "--vpc-peering-connection-id",
        _ => "--gateway-id",
    };
    let verb = if old.is_some() { "replace-route" } else { "create-route" };
    let block = if destination.contains(':') {
        "--destination-ipv6-cidr-block"
    } else {
        "--destination-cidr-block"
    };
    Some(Candidate {
        change: match old {
            Some(old) => at(old, "", new, words),
            None => at(table, "/Routes/-", new, words),
        },
        command: Some(format!(
            "aws ec2 {verb} --route-table-id {id} {block} {destination} {option} {gateway}"
        )),
    })
}

/// The gateways that are known, with the name that a route calls their kind by: those of the way so far first.
fn gateways(model: &Model<'_>, stop: &Stop<'_>) -> Vec<(&'static str, String)> {
    const LISTS: [(&str, &str, &str); 6] = [
        (
            "VpcPeeringConnections",
            "VpcPeeringConnectionId",
            "VpcPeeringConnectionId",
        ),
        ("TransitGateways", "TransitGatewayId", "TransitGatewayId"),
        ("TransitGatewayAttachments", "TransitGatewayId", "TransitGatewayId"),
        ("NatGateways", "NatGatewayId", "NatGatewayId"),
        ("VpnGateways", "VpnGatewayId", "GatewayId"),
        ("InternetGateways", "InternetGatewayId", "GatewayId"),
    ];
    const KEYS: [&str; 4] = [
        "VpcPeeringConnectionId",
        "TransitGatewayId",
        "NatGatewayId",
        "GatewayId",
    ];
    let mut known: BTreeMap<String, (usize, &'static str)> = BTreeMap::new();
    let mut add = |id: &str, key: &'static str| {
        let order = known.len();
        if id != "local" && !id.is_empty() {
            known.entry(id.to_owned()).or_insert((order, key));
        }
    };
    for (list, name, key) in LISTS {
        for (_, node) in model.aws_list(list) {
            if let Some(id) = node.str_of(name) {
                add(id, key);
            }
        }
    }
    for (_, table) in model.aws_list("RouteTables") {
        for route in table.list("Routes") {
            for key in KEYS {
                if let Some(id) = route.str_of(key).filter(|_| route.str_of("State") != Some("blackhole")) {
                    add(id, key);
                }
            }
        }
    }
    let on_the_way: BTreeSet<&str> = stop.before.iter().map(|step| step.actor.name.as_str()).collect();
    let mut all: Vec<(bool, usize, &'static str, String)> = known
        .into_iter()
        .map(|(id, (order, key))| (!on_the_way.contains(id.as_str()), order, key, id))
        .collect();
    all.sort();
    all.into_iter().map(|(_, _, key, id)| (key, id)).collect()
}

/// The block of the VPC that an address is in, else the address alone, else everything.
fn destination(model: &Model<'_>, to: IpAddr) -> String {
    let mut blocks: Vec<&str> = Vec::new();
    for (_, vpc) in model.aws_list("Vpcs") {
        blocks.extend(vpc.str_of("CidrBlock"));
        let more = vpc.list("CidrBlockAssociationSet");
        blocks.extend(more.iter().filter_map(|more| more.str_of("CidrBlock")));
    }
    for (_, peering) in model.aws_list("VpcPeeringConnections") {
        for side in ["AccepterVpcInfo", "RequesterVpcInfo"] {
            let Some(side) = peering.get(side) else { continue };
            blocks.extend(side.str_of("CidrBlock"));
            let more = side.list("CidrBlockSet");
            blocks.extend(more.iter().filter_map(|more| more.str_of("CidrBlock")));
        }
    }
    let holds = |text: &&&str| Cidr::parse(text).is_some_and(|block| block.contains(to));
    match blocks.iter().find(holds) {
        Some(block) => (*block).to_owned(),
        None if crate::flow::packet_path::vpc::packet::Address::Ip(to).is_global() => match to {
            IpAddr::V4(_) => "0.0.0.0/0".to_owned(),
            IpAddr::V6(_) => "::/0".to_owned(),
        },
        None => block(to),
    }
}

/// `SourceDestCheck` off.
pub fn source_dest_check(model: &Model<'_>, stop: &Stop<'_>) -> Vec<Candidate> {
    stop.places()
        .filter_map(|(artifact, pointer)| {
            let above = pointer.strip_suffix("/SourceDestCheck")?;
            let root = root(model, *artifact)?;
            let interface = reach(&root, above, usize::MAX);
            let id = interface
                .str_of("NetworkInterfaceId")
                .or_else(|| interface.str_of("InstanceId"))?;
            Some(Candidate {
                change: at(
                    &interface,
                    "/SourceDestCheck",
                    json!(false),
                    format!("{id} does not check source and destination"),
                ),
                command: id.starts_with("eni-").then(|| {
                    format!(
                        "aws ec2 modify-network-interface-attribute --network-interface-id {id} --no-source-dest-check"
                    )
                }),
            })
        })
        .collect()
}

/// The state that lets packets through.
pub fn state(model: &Model<'_>, stop: &Stop<'_>) -> Vec<Candidate> {
    stop.places()
        .filter_map(|(artifact, pointer)| {
            let root = root(model, *artifact)?;
            let node = reach(&root, pointer, usize::MAX);
            if node.pointer() != pointer {
                return None;
            }
            let node = ["Name", "Code"].iter().find_map(|name| node.get(name)).unwrap_or(node);
            let was = node.str()?;
            let is = match (was, pointer.split('/').nth(1)?) {
                (_, "Reservations") => "running",
                (
                    _,
                    "NatGateways"
                    | "TransitGateways"
                    | "TransitGatewayAttachments"
                    | "TransitGatewayVpcAttachments"
                    | "VpnGateways"
                    | "VpcEndpoints",
                ) => "available",
                (_, "VpcPeeringConnections") => "active",
                (_, "NetworkInterfaces") => "in-use",
                _ => return None,
            };
            (was != is).then(|| Candidate {
                change: at(
                    &node,
                    "",
                    json!(is),
                    format!("{} were {is} and not {was}", stop.step.actor.name),
                ),
                command: None,
            })
        })
        .collect()
}
