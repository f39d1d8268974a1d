//! Rules of security groups and entries of network ACLs.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{Candidate, Side, Stop, at, block, block_or_all, cidr, packet, reach, root};
use crate::flow::packet_path::Protocol;
use crate::model::Model;
use crate::model::aws::ec2::Interface;

/// A rule more in each of the groups that let no such packet through: for the other end's own group where it has one, which outlives its
/// address, and for its address.
pub fn security_groups(model: &Model<'_>, stop: &Stop<'_>, egress: bool) -> Vec<Candidate> {
    let other = stop.side(if egress { "dst" } else { "src" });
    let port = stop.side("dst").port;
    let groups: BTreeSet<&str> = stop
        .step
        .action
        .split(|c: char| c.is_whitespace() || c == ',')
        .filter(|word| word.starts_with("sg-"))
        .collect();
    let mut all = Vec::new();
    for group in groups.into_iter().take(3) {
        for peer in groups_of(model, other)
            .into_iter()
            .take(1)
            .map(Peer::Group)
            .chain([Peer::Block(block_or_all(other))])
        {
            all.extend(rule(model, stop, egress, group, port, &peer));
        }
    }
    all
}

enum Peer {
    Group(String),
    Block(String),
}

fn rule(
    model: &Model<'_>,
    stop: &Stop<'_>,
    egress: bool,
    group: &str,
    port: Option<u16>,
    peer: &Peer,
) -> Option<Candidate> {
    let protocol = stop.protocol();
    let (name, from, to) = match (protocol, port) {
        (Protocol::Icmp, _) => ("icmp", -1, -1),
        (_, Some(port)) => (protocol_name(protocol), i64::from(port), i64::from(port)),
        (_, None) => (protocol_name(protocol), 0, 65535),
    };
    let (way, side) = if egress { ("out", "to") } else { ("in", "from") };
    let whom = match peer {
        Peer::Group(id) => id.clone(),
        Peer::Block(block) => block.clone(),
    };
    let words = format!("{group} lets {} {way} {side} {whom}", packet(protocol, port));
    let ports = match port {
        Some(port) if protocol != Protocol::Icmp => format!(" --port {port}"),
        _ => " --port -1".to_owned(),
    };
    let option = match peer {
        Peer::Group(id) => format!("--source-group {id}"),
        Peer::Block(block) => format!("--cidr {block}"),
    };
    let verb = if egress { "egress" } else { "ingress" };
    let command = match peer {
        // The short options of egress rules know no groups.
        Peer::Group(id) if egress => Some(format!(
            "aws ec2 authorize-security-group-egress --group-id {group} --ip-permissions \
             IpProtocol={name},FromPort={from},ToPort={to},UserIdGroupPairs='[{{GroupId={id}}}]'"
        )),
        Peer::Block(block) if block.contains(':') => None,
        _ => Some(format!(
            "aws ec2 authorize-security-group-{verb} --group-id {group} --protocol {name}{ports} {option}"
        )),
    };
    let mut rule = Map::new();
    rule.insert("IpProtocol".to_owned(), json!(name));
    rule.insert("FromPort".to_owned(), json!(from));
    rule.insert("ToPort".to_owned(), json!(to));
    let described = model
        .aws_list("SecurityGroups")
        .into_iter()
        .rev()
        .map(|(_, node)| node)
        .find(|node| node.str_of("GroupId") == Some(group));
    if let Some(node) = described {
        let (list, element) = match peer {
            Peer::Group(id) => ("UserIdGroupPairs", json!({ "GroupId": id })),
            Peer::Block(block) => {
                let (name, value) = cidr("CidrIp", "CidrIpv6", block);
                (
                    if block.contains(':') { "Ipv6Ranges" } else { "IpRanges" },
                    json!({ name: value }),
                )
            }
        };
        rule.insert(list.to_owned(), json!([element]));
        let list = if egress { "IpPermissionsEgress" } else { "IpPermissions" };
        return Some(Candidate {
            change: at(&node, &format!("/{list}/-"), Value::Object(rule), words),
            command,
        });
    }
    rule.insert("GroupId".to_owned(), json!(group));
    rule.insert("IsEgress".to_owned(), json!(egress));
    let (name, value) = match peer {
        Peer::Group(id) => ("ReferencedGroupInfo".to_owned(), json!({ "GroupId": id })),
        Peer::Block(block) => cidr("CidrIpv4", "CidrIpv6", block),
    };
    rule.insert(name, value);
    let list = model
        .aws_roots()
        .into_iter()
        .rev()
        .filter_map(|(_, root)| root.get("SecurityGroupRules"))
        .find(|list| list.items().iter().any(|rule| rule.str_of("GroupId") == Some(group)))?;
    Some(Candidate {
        change: at(&list, "/-", Value::Object(rule), words),
        command,
    })
}

fn protocol_name(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Tcp => "tcp",
        Protocol::Udp => "udp",
        // The API knows it by its number alone.
        Protocol::Sctp => "132",
        Protocol::Icmp => "icmp",
        Protocol::IpIp => "4",
    }
}

/// The groups of the interface with that address.
fn groups_of(model: &Model<'_>, side: Side) -> Vec<String> {
    let Some(address) = side.address else { return Vec::new() };
    let described = model.aws_list("NetworkInterfaces").into_iter().map(|(_, node)| node);
    let of_instances = model
        .instances()
        .iter()
        .flat_map(|instance| instance.list("NetworkInterfaces"));
    described
        .chain(of_instances)
        .filter_map(|node| Interface::new(&node, None))
        .filter(|interface| interface.has(address))
        .find_map(|interface| {
            let groups = interface.groups()?;
            Some(groups.into_iter().map(|(id, _)| id.to_owned()).collect::<Vec<_>>())
        })
        .unwrap_or_default()
}

/// An entry before all others of its way.
pub fn network_acl(model: &Model<'_>, stop: &Stop<'_>, egress: bool) -> Vec<Candidate> {
    let mut all = Vec::new();
    let mut seen = BTreeSet::new();
    for (artifact, pointer) in stop.places() {
        if !pointer.starts_with("/NetworkAcls/") {
            continue;
        }
        let Some(root) = root(model, *artifact) else { continue };
        let acl = reach(&root, pointer, 2);
        let Some(id) = acl.str_of("NetworkAclId") else { continue };
        if seen.insert(id) {
            all.extend(entry(stop, &acl, id, egress));
        }
    }
    all
}

fn entry(stop: &Stop<'_>, acl: &crate::artifact::Node<'_>, id: &str, egress: bool) -> Option<Candidate> {
    let entries = acl.list("Entries");
    let same_way =
        |entry: &&crate::artifact::Node<'_>| entry.get("Egress").and_then(|egress| egress.bool()) == Some(egress);
    let first = entries
        .iter()
        .filter(same_way)
        .filter_map(|entry| entry.get("RuleNumber")?.number())
        .min()?;
    // Numbers begin with 1 (EC2 API, `CreateNetworkAclEntry`).
    let number = (first > 1).then(|| first - 1)?;
    let protocol = stop.protocol();
    let to = stop.side("dst");
    let (low, high) = match to.port {
        Some(port) => (port, port),
        // An answer goes to the port that the client took (VPC User Guide, "Ephemeral ports").
        None if stop.is_answer => (1024, 65535),
        None => (0, 65535),
    };
    let other = stop.side(if egress { "dst" } else { "src" });
    let block = other.address.map_or_else(|| "0.0.0.0/0".to_owned(), block);
    let (name, value) = cidr("CidrBlock", "Ipv6CidrBlock", &block);
    let mut entry = Map::new();
    entry.insert(name, value);
    entry.insert("Egress".to_owned(), json!(egress));
    entry.insert("RuleAction".to_owned(), json!("allow"));
    entry.insert("RuleNumber".to_owned(), json!(number));
    let (protocol_number, ports) = match protocol {
        Protocol::Tcp => ("6", Some((low, high))),
        Protocol::Udp => ("17", Some((low, high))),
        Protocol::Sctp => ("132", None),
        Protocol::Icmp => ("1", None),
        Protocol::IpIp => ("4", None),
    };
    entry.insert("Protocol".to_owned(), json!(protocol_number));
    if let Some((low, high)) = ports {
        entry.insert("PortRange".to_owned(), json!({ "From": low, "To": high }));
    }
    if protocol == Protocol::Icmp {
        entry.insert("IcmpTypeCode".to_owned(), json!({ "Type": -1, "Code": -1 }));
    }
    let range = match ports {
        Some((low, high)) if low == high => format!(" {low}"),
        Some((low, high)) => format!(" {low}-{high}"),
        None => String::new(),
    };
    let (way, side) = if egress { ("out", "to") } else { ("in", "from") };
    let words = format!(
        "{id} lets {}{range} {way} {side} {block} by an entry {number}",
        protocol.name().unwrap_or("ICMP")
    );
    let command = ports.map(|(low, high)| {
        format!(
            "aws ec2 create-network-acl-entry --network-acl-id {id} --{} --rule-number {number} --protocol {protocol_number} --port-range \
             From={low},To={high} --{} {block} --rule-action allow",
            if egress { "egress" } else { "ingress" },
            if block.contains(':') { "ipv6-cidr-block" } else { "cidr-block" },
        )
    });
    Some(Candidate {
        change: at(acl, "/Entries/-", Value::Object(entry), words),
        command,
    })
}
