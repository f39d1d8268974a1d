//! Security groups: what the groups of an interface let in and out. They are stateful: answers are never asked about.

use super::hop::Hop;
use super::network::Network;
use super::packet::{Address, Cover, Packet};
use crate::artifact::{ArtifactId, Node};
use crate::evidence::Evidence;
use crate::flow::packet_path::{Protocol, joined};
use crate::flow::{Check, Next, Reason, Verdict};
use crate::model::aws::ec2::{Interface, IpProtocol, Peer, Permission, Rules};

/// Which way a packet passes the groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Out,
    In,
}

/// Who is at a packet's other end, for rules that name a group: they are about the private addresses of its interfaces, in the same VPC or
/// one that is joined so that groups may be named (VPC User Guide, "Security group referencing").
#[derive(Clone)]
pub(super) enum Other<'i, 'a> {
    /// This interface.
    Interface(&'i Interface<'a>),
    /// This one, if groups of its VPC may be named here, which that command tells.
    Perhaps(&'i Interface<'a>, Next),
    /// Nobody whose groups count here.
    Nobody,
    /// Who it is was not pasted.
    NotKnown,
}

/// Whether a rule lets a packet through.
enum Fit {
    Yes(Vec<Evidence>),
    /// It would let some of what was asked about through.
    Some,
    /// What decides was not pasted.
    Unknown(Next),
    No,
}

/// What the groups of `interface` make of a packet; `None` where it has none.
pub(super) fn filter(
    network: &Network<'_>,
    interface: &Interface<'_>,
    packet: &Packet,
    way: Way,
    other: &Other<'_, '_>,
) -> Option<Hop> {
    let (words, reason) = match way {
        Way::Out => ("out", Reason::SgEgress),
        Way::In => ("in", Reason::SgIngress),
    };
    let Some(groups) = interface.groups() else {
        if is_managed(interface.kind) {
            return None;
        }
        return Some(Hop::unknown(
            format!("the security groups of {} were not pasted", interface.id),
            describe(interface),
            "The security groups of the interface decide.",
        ));
    };
    if groups.is_empty() && interface.has_all_groups() {
        return None;
    }
    let mut partly = Vec::new();
    let mut unknown = Vec::new();
    let mut read = Vec::new();
    let mut wants = Vec::new();
    let mut halves = Vec::new();
    for (group, of_interface) in &groups {
        let Some(rules) = rules(network, interface.vpc, group, way) else {
            unknown.push(Next {
                command: format!("aws ec2 describe-security-groups --group-ids {group}"),
                decides: Vec::new(),
                why: format!("The rules of {group} were not pasted."),
            });
            continue;
        };
        read.push(of_interface.clone());
        read.extend(place(network, interface.vpc, group, way));
        for rule in &rules.all {
            match fits(network, rule, packet, way, other) {
                Fit::Yes(evidence) => {
                    let from = joined(evidence.into_iter().chain([of_interface.clone()]));
                    return Some(Hop::passes(format!("{group} lets {} {words}", packet.words()), from));
                }
                Fit::Some => {
                    partly.push(said(rule));
                    halves.extend(parts(rule, packet, way));
                }
                Fit::Unknown(next) => unknown.push(next),
                Fit::No => {}
            }
            wants.push(said(rule));
        }
        if !rules.whole {
            unknown.push(Next {
                command: format!("aws ec2 describe-security-groups --group-ids {group}"),
                decides: Vec::new(),
                why: format!("Not all rules of {group} were pasted."),
            });
        }
    }
    if !interface.has_all_groups() {
        unknown.push(Next {
            command: describe(interface),
            decides: Vec::new(),
            why: format!("Not all security groups of {} were pasted.", interface.id),
        });
    }
    let names: Vec<&str> = groups.iter().map(|(group, _)| *group).collect();
    let names = names.join(", ");
    if let Some(evidence) = together(&halves) {
        let from = joined(
            evidence
                .into_iter()
                .chain(groups.iter().map(|(_, place)| place.clone())),
        );
        return Some(Hop::passes(format!("{names} let {} {words}", packet.words()), from));
    }
    let note = partial_note(packet, &partly);
    if !unknown.is_empty() {
        let mut hop = Hop::unknown(
            format!("whether {names} let {} {words} was not pasted", packet.words()),
            "",
            "",
        )
        .noted(note)
        .with(read);
        hop.next = unknown;
        return Some(hop);
    }
    // Without a port the question is about all of them, and those that stand in no rule are refused.
    if !partly.is_empty() && packet.asks_one() {
        let mut hop = Hop::unknown(format!("{names} let only some of {} {words}", packet.words()), "", "")
            .noted(note)
            .with(read);
        hop.next = vec![packet.to_be_named()];
        return Some(hop);
    }
    let mut hop = Hop::blocked(
        reason,
        format!("no rule of {names} lets {} {words}", packet.words()),
        joined(read),
    )
    .noted(note);
    hop.checks.push(check(packet, way, wants, &hop.evidence));
    Some(hop)
}

/// The blocks of a rule for all that was asked about but the client, who is anybody on the Internet.
fn parts(rule: &Permission<'_>, packet: &Packet, way: Way) -> Vec<(u32, u32, Evidence)> {
    let address = match way {
        Way::Out => packet.destination,
        Way::In => packet.source,
    };
    let ports = match rule.protocol {
        IpProtocol::Number(_) if packet.protocol != Protocol::Icmp && rule.from_to != (-1, -1) => {
            packet.ports.covered_by(rule.from_to.0, rule.from_to.1)
        }
        _ => Cover::All,
    };
    if address != Address::Internet || ports != Cover::All {
        return Vec::new();
    }
    let blocks = rule.peers.iter().filter_map(|(peer, node)| match peer {
        Peer::Cidr(block) => {
            let (first, last) = block.range_v4()?;
            Some((first, last, node.evidence()))
        }
        _ => None,
    });
    blocks.collect()
}

/// Where blocks are all addresses together: 0.0.0.0/1 and 128.0.0.0/1.
fn together(blocks: &[(u32, u32, Evidence)]) -> Option<Vec<Evidence>> {
    let mut blocks: Vec<_> = blocks.iter().collect();
    blocks.sort_by_key(|(first, last, _)| (*first, *last));
    let mut next = 0_u64;
    let mut evidence = Vec::new();
    for (first, last, place) in blocks {
        if u64::from(*first) > next {
            return None;
        }
        if u64::from(*last) >= next {
            next = u64::from(*last) + 1;
            evidence.push(place.clone());
        }
    }
    (next > u64::from(u32::MAX)).then_some(evidence)
}

/// Interfaces that AWS runs, and that have no groups.
fn is_managed(kind: &str) -> bool {
    matches!(
        kind,
        "nat_gateway"
            | "regional_nat_gateway"
            | "transit_gateway"
            | "gateway_load_balancer"
            | "gateway_load_balancer_endpoint"
    )
}

/// The command that shows an interface.
pub(super) fn describe(interface: &Interface<'_>) -> String {
    if interface.id.starts_with("i-") {
        format!(
            "aws ec2 describe-network-interfaces --filters Name=attachment.instance-id,Values={}",
            interface.id
        )
    } else {
        format!(
            "aws ec2 describe-network-interfaces --network-interface-ids {}",
            interface.id
        )
    }
}

fn check(packet: &Packet, way: Way, wants: Vec<String>, evidence: &[Evidence]) -> Check {
    let other = match way {
        Way::Out => format!("to {}", packet.destination),
        Way::In => format!("from {}", packet.source),
    };
    Check {
        what: "security group rules".to_owned(),
        has_label: "the packet is".to_owned(),
        has: Some(format!("{} {other}", packet.words())),
        wants_label: "the groups let through".to_owned(),
        wants,
        verdict: Verdict::Blocked,
        evidence: evidence.to_vec(),
    }
}

fn partial_note(packet: &Packet, partly: &[String]) -> String {
    if partly.is_empty() {
        return String::new();
    }
    let asked = if packet.ports == super::packet::Ports::NotAsked && packet.protocol != Protocol::Icmp {
        "No port was asked about, so only rules for all ports count"
    } else {
        "All of what was asked about is to pass"
    };
    format!("{asked}; some would pass by: {}.", partly.join("; "))
}

/// The rules of a group; `None` where they were not pasted. What was pasted later counts: an answer with all of them, as either of the two
/// commands prints them, takes the place of those before it.
fn rules<'a>(network: &Network<'a>, vpc: &str, group: &str, way: Way) -> Option<Rules<'a>> {
    let told = told(network, vpc, group, way);
    let first = told.iter().rposition(|(rules, _)| rules.whole).unwrap_or_default();
    let mut told = told.into_iter().skip(first).map(|(rules, _)| rules);
    let mut all = told.next()?;
    for more in told {
        all.all.extend(more.all);
    }
    Some(all)
}

/// What each answer says of the rules of a group, and where, in the order of the paste.
fn told<'a>(network: &Network<'a>, vpc: &str, group: &str, way: Way) -> Vec<(Rules<'a>, Evidence)> {
    let egress = way == Way::Out;
    let list = if egress { "IpPermissionsEgress" } else { "IpPermissions" };
    let mut told: Vec<(ArtifactId, Rules<'a>, Evidence)> = Vec::new();
    for node in network.security_groups.versions(group) {
        if let Some(rules) = Rules::of_group(node, egress) {
            let place = node.get(list).or_else(|| node.get("GroupId"));
            told.push((node.artifact(), rules, place.as_ref().unwrap_or(node).evidence()));
        }
    }
    let own = |rule: &&Node<'a>| rule.str_of("GroupId") == Some(group);
    for listing in &network.group_rules {
        let covers = listing.limits.covers(&[("group-id", group)])
            && (listing.elements.iter().any(|rule| own(&rule)) || network.contexts.shows(vpc, &listing.context));
        let rules = listing
            .elements
            .iter()
            .filter(own)
            .filter(|rule| rule.get("IsEgress").and_then(|egress| egress.bool()) == Some(egress))
            .map(Permission::of_rule);
        let mut rules = Rules::read(&listing.list, rules);
        rules.whole = covers;
        if covers || !rules.all.is_empty() {
            told.push((listing.list.artifact(), rules, listing.evidence()));
        }
    }
    told.sort_by_key(|(artifact, ..)| *artifact);
    told.into_iter().map(|(_, rules, place)| (rules, place)).collect()
}

/// Where the rules of one way of a group stand that count.
fn place(network: &Network<'_>, vpc: &str, group: &str, way: Way) -> Vec<Evidence> {
    let told = told(network, vpc, group, way);
    let first = told.iter().rposition(|(rules, _)| rules.whole).unwrap_or_default();
    told.into_iter().skip(first).map(|(_, place)| place).collect()
}

fn fits(network: &Network<'_>, rule: &Permission<'_>, packet: &Packet, way: Way, other: &Other<'_, '_>) -> Fit {
    let (low, high) = rule.from_to;
    let ports = match rule.protocol {
        IpProtocol::Unread => return Fit::No,
        IpProtocol::All => Cover::All,
        IpProtocol::Number(number) if number != packet.number() => return Fit::No,
        IpProtocol::Number(_) if packet.protocol == Protocol::Icmp => {
            let (kind, code) = packet.icmp();
            if (low == -1 || low == kind) && (high == -1 || high == code || low == -1) {
                Cover::All
            } else {
                Cover::None
            }
        }
        IpProtocol::Number(_) if low == -1 && high == -1 => Cover::All,
        IpProtocol::Number(_) => packet.ports.covered_by(low, high),
    };
    if ports == Cover::None {
        return Fit::No;
    }
    let address = match way {
        Way::Out => packet.destination,
        Way::In => packet.source,
    };
    let mut best = Fit::No;
    for (peer, node) in &rule.peers {
        let fit = peer_fits(network, peer, node, address, other);
        match (fit, ports) {
            (Fit::Yes(evidence), Cover::All) => {
                return Fit::Yes(joined([rule.node.evidence()].into_iter().chain(evidence)));
            }
            (Fit::Yes(_) | Fit::Some, _) if matches!(best, Fit::No) => best = Fit::Some,
            (Fit::Unknown(next), Cover::All) => best = Fit::Unknown(next),
            _ => {}
        }
    }
    best
}

fn peer_fits(network: &Network<'_>, peer: &Peer<'_>, node: &Node<'_>, address: Address, other: &Other<'_, '_>) -> Fit {
    match peer {
        Peer::Cidr(block) => match address.covered_by(block) {
            Cover::All => Fit::Yes(vec![node.evidence()]),
            Cover::Some => Fit::Some,
            Cover::None => Fit::No,
        },
        Peer::PrefixList(id) => {
            let Some(list) = network.prefix_list(id) else {
                return Fit::Unknown(prefix_list(id));
            };
            let covers = |wanted: Cover| {
                list.blocks
                    .iter()
                    .find(|(block, _)| address.covered_by(block) == wanted)
            };
            match (covers(Cover::All), covers(Cover::Some)) {
                (Some((_, evidence)), _) => Fit::Yes(vec![node.evidence(), evidence.clone()]),
                _ if !list.whole => Fit::Unknown(prefix_list(id)),
                (None, Some(_)) => Fit::Some,
                _ => Fit::No,
            }
        }
        Peer::Group(id) => group_fits(id, node, address, other),
        Peer::Unread(_) => Fit::No,
    }
}

fn group_fits(id: &str, node: &Node<'_>, address: Address, other: &Other<'_, '_>) -> Fit {
    let is_in = |other: &Interface<'_>| match other.groups() {
        Some(groups) => match groups.iter().find(|(group, _)| *group == id) {
            Some((_, evidence)) => Fit::Yes(vec![node.evidence(), evidence.clone()]),
            None if other.has_all_groups() => Fit::No,
            None => Fit::Unknown(member(other, id)),
        },
        None => Fit::Unknown(member(other, id)),
    };
    if let Other::Interface(other) = other
        && super::balancer::is_network(other)
    {
        // Whether or not it preserves the client's address: a rule may name its group (User Guide for Network Load Balancers, "Update the
        // security groups for your Network Load Balancer"). The client's own group does not count then.
        return is_in(other);
    }
    let Address::Ip(ip) = address else { return Fit::No };
    match other {
        Other::Nobody => Fit::No,
        Other::Perhaps(other, next) if other.has(ip) => match is_in(other) {
            Fit::No => Fit::No,
            _ => Fit::Unknown(next.clone()),
        },
        Other::Interface(other) if other.has(ip) => is_in(other),
        // Somebody's public address is no member's private one.
        _ if ip.is_ipv4() && address.is_global() => Fit::No,
        _ => Fit::Unknown(Next {
            command: format!(
                "aws ec2 describe-network-interfaces --filters Name=addresses.private-ip-address,Values={ip}"
            ),
            decides: Vec::new(),
            why: format!("Whether {ip} is an interface of {id} was not pasted."),
        }),
    }
}

fn member(other: &Interface<'_>, group: &str) -> Next {
    Next {
        command: describe(other),
        decides: Vec::new(),
        why: format!("Whether {} is in {group} was not pasted.", other.id),
    }
}

/// The command that shows the blocks of a prefix list.
pub(super) fn prefix_list(id: &str) -> Next {
    Next {
        command: format!("aws ec2 get-managed-prefix-list-entries --prefix-list-id {id}"),
        decides: Vec::new(),
        why: format!("The blocks of the prefix list {id} were not all pasted."),
    }
}

/// `tcp 22 with 0.0.0.0/0`.
fn said(rule: &Permission<'_>) -> String {
    let protocol = rule.node.str_of("IpProtocol").unwrap_or("?");
    let protocol = if protocol == "-1" { "all" } else { protocol };
    let ports = match rule.from_to {
        (-1, _) => String::new(),
        (low, high) if low == high => format!(" {low}"),
        (low, high) => format!(" {low}-{high}"),
    };
    let peers: Vec<&str> = rule.peers.iter().filter_map(|(_, node)| node.str()).collect();
    format!(
        "{protocol}{ports} with {}",
        if peers.is_empty() {
            "nobody".to_owned()
        } else {
            peers.join(", ")
        }
    )
}
