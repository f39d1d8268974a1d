//! Network ACLs: what the first entry that fits says, for every packet, answers too. They stand around a subnet, so that packets within it
//! never meet them.

use super::hop::Hop;
use super::network::Network;
use super::packet::{Cover, Packet, Ports};
use super::security_group::Way;
use crate::artifact::Node;
use crate::evidence::Evidence;
use crate::flow::packet_path::{Protocol, joined};
use crate::flow::policy::Ranges;
use crate::flow::{Check, Reason, Verdict};
use crate::model::aws::ec2::{Entry, IpProtocol};

/// The ACL of a subnet, with the line that says so. A subnet has one: what was pasted later has taken the other's place.
fn of_subnet<'n, 'a>(network: &'n Network<'a>, subnet: &str) -> Option<(&'a str, &'n Node<'a>, Evidence)> {
    let own = network.acls.all().filter_map(|(id, acl)| {
        let associations = acl.list("Associations");
        let association = associations
            .iter()
            .find(|association| association.str_of("SubnetId") == Some(subnet))?;
        Some((id, acl, association.get("SubnetId")?.evidence()))
    });
    own.max_by_key(|(_, acl, _)| acl.artifact())
}

/// What the ACL of `subnet` makes of a packet.
pub(super) fn filter(network: &Network<'_>, subnet: &str, packet: &Packet, way: Way) -> Hop {
    let (words, reason) = match way {
        Way::Out => ("out of", Reason::NaclEgress),
        Way::In => ("into", Reason::NaclIngress),
    };
    let command = format!("aws ec2 describe-network-acls --filters Name=association.subnet-id,Values={subnet}");
    let Some((id, acl, association)) = of_subnet(network, subnet) else {
        return Hop::unknown(
            format!("the network ACL of {subnet} was not pasted"),
            command,
            format!("Its entries decide whether {} gets {words} {subnet}.", said(packet)),
        );
    };
    let Some(entries) = Entry::all(acl, way == Way::Out) else {
        return Hop::unknown(
            format!("the entries of {id}, the network ACL of {subnet}, were not all pasted"),
            command,
            format!("Its entries decide whether {} gets {words} {subnet}.", said(packet)),
        )
        .with([association]);
    };
    let found = walk(&entries, packet, way);
    let evidence = joined(found.evidence.iter().cloned().chain([association]));
    let partly = if found.partly.is_empty() {
        String::new()
    } else {
        format!(
            "Entries about some ports or addresses only did not count: {}.",
            found.partly.join("; ")
        )
    };
    // Whoever is asked about as a whole: some of them get through, and others do not.
    let some = found.partly.iter().any(|entry| entry.contains(" allow "));
    if some && packet.asks_one() && found.parts.iter().all(|(_, allows)| !allows) {
        let words = format!("{id} lets only some of {} {words} {subnet}", said(packet));
        let mut hop = Hop::unknown(words, "", "").with(evidence).noted(partly);
        hop.next = vec![packet.to_be_named()];
        return hop;
    }
    let whole = |allowed: bool| found.parts.iter().all(|(_, allows)| *allows == allowed);
    if whole(true) {
        let numbers = numbers(&found);
        return Hop::passes(
            format!("{id} lets {} {words} {subnet}: entry {numbers}", said(packet)),
            evidence,
        )
        .noted(partly);
    }
    if whole(false) {
        let mut hop = Hop::blocked(
            reason,
            format!(
                "{id} refuses {} {words} {subnet}: entry {}",
                said(packet),
                numbers(&found)
            ),
            if found.evidence.is_empty() {
                whole_list(acl, evidence)
            } else {
                evidence
            },
        )
        .noted(partly);
        hop.checks.push(Check {
            what: format!("network ACL {id}"),
            has_label: "the packet is".to_owned(),
            has: Some(format!(
                "{} from {} to {}",
                said(packet),
                packet.source,
                packet.destination
            )),
            wants_label: "the entries, in order".to_owned(),
            wants: entries.iter().map(entry).collect(),
            verdict: Verdict::Blocked,
            evidence: hop.evidence.clone(),
        });
        return hop;
    }
    let mut hop = Hop::unknown(
        format!(
            "{id} lets only some of {} {words} {subnet}: not to port {}",
            said(packet),
            refused_ports(&found).join(", ")
        ),
        "sysctl net.ipv4.ip_local_port_range",
        "Which ports the client takes for its connections decides how many of them fail.",
    );
    hop.evidence = evidence;
    hop
}

/// The ports of what the entries refuse.
fn refused_ports(found: &Found) -> Vec<String> {
    let refused = found.parts.iter().filter(|(_, allows)| !allows);
    refused
        .flat_map(|(ports, _)| ports.iter())
        .map(|(low, high)| Ports::Range(low, high).to_string())
        .collect()
}

fn said(packet: &Packet) -> String {
    if packet.answer {
        format!("the answer ({})", packet.words())
    } else {
        packet.words()
    }
}

/// An ACL without a fitting entry refuses; the list shows that there is none.
fn whole_list(acl: &Node<'_>, mut evidence: Vec<Evidence>) -> Vec<Evidence> {
    evidence.extend(acl.get("Entries").map(|entries| entries.evidence()));
    evidence
}

struct Found {
    /// Which ports, and whether they pass.
    parts: Vec<(Ranges<u16>, bool)>,
    evidence: Vec<Evidence>,
    numbers: Vec<i64>,
    /// Entries that are about a part of what was asked.
    partly: Vec<String>,
}

fn numbers(found: &Found) -> String {
    let words: Vec<String> = found
        .numbers
        .iter()
        .map(|number| {
            if *number == 32767 {
                "*".to_owned()
            } else {
                number.to_string()
            }
        })
        .collect();
    if words.is_empty() {
        "* (none fits)".to_owned()
    } else {
        words.join(", ")
    }
}

/// Goes through the entries in their order; each decides about the ports that are left.
fn walk(entries: &[Entry<'_>], packet: &Packet, way: Way) -> Found {
    let mut left = match packet.ports {
        Ports::Range(low, high) if packet.protocol != Protocol::Icmp => Ranges::new(low, high),
        _ => Ranges::new(0, u16::MAX),
    };
    let mut found = Found {
        parts: Vec::new(),
        evidence: Vec::new(),
        numbers: Vec::new(),
        partly: Vec::new(),
    };
    for rule in entries {
        let ports = match about(rule, packet, way) {
            About::No => continue,
            About::Part => {
                found.partly.push(entry(rule));
                continue;
            }
            About::Ports(ports) => ports,
        };
        let decided = left.intersection(&ports);
        if decided.is_empty() {
            continue;
        }
        left = left.difference(&ports);
        found.parts.push((decided, rule.allows));
        found.evidence.push(rule.node.evidence());
        found.numbers.push(rule.number);
        if left.is_empty() {
            return found;
        }
    }
    found.parts.push((left, false));
    found
}

/// What an entry is about.
enum About {
    No,
    /// Some of what was asked, which is a question about all of it.
    Part,
    Ports(Ranges<u16>),
}

fn about(rule: &Entry<'_>, packet: &Packet, way: Way) -> About {
    let address = match way {
        Way::Out => packet.destination,
        Way::In => packet.source,
    };
    let Some(block) = &rule.block else { return About::No };
    let everything = || Ranges::new(0, u16::MAX);
    let ports = match rule.protocol {
        IpProtocol::Unread => return About::No,
        IpProtocol::All => everything(),
        IpProtocol::Number(number) if number != packet.number() => return About::No,
        IpProtocol::Number(_) if packet.protocol == Protocol::Icmp => {
            let (kind, code) = packet.icmp();
            let fits = rule
                .icmp
                .is_none_or(|(of, with)| (of == -1 || of == kind) && (with == -1 || with == code));
            if !fits {
                return About::No;
            }
            everything()
        }
        IpProtocol::Number(_) => match rule.ports {
            None => everything(),
            Some((low, high)) => match packet.ports.covered_by(low, high) {
                Cover::None => return About::No,
                Cover::Some if packet.ports == Ports::NotAsked => return About::Part,
                _ => Ranges::new(
                    u16::try_from(low.max(0)).unwrap_or_default(),
                    u16::try_from(high.min(65535)).unwrap_or_default(),
                ),
            },
        },
    };
    match address.covered_by(block) {
        Cover::All => About::Ports(ports),
        Cover::Some => About::Part,
        Cover::None => About::No,
    }
}

/// `100 allow tcp 443 0.0.0.0/0`.
fn entry(rule: &Entry<'_>) -> String {
    let protocol = match rule.protocol {
        IpProtocol::All => "all".to_owned(),
        IpProtocol::Number(1) => "icmp".to_owned(),
        IpProtocol::Number(6) => "tcp".to_owned(),
        IpProtocol::Number(17) => "udp".to_owned(),
        IpProtocol::Number(58) => "icmpv6".to_owned(),
        IpProtocol::Number(number) => format!("protocol {number}"),
        IpProtocol::Unread => "?".to_owned(),
    };
    let ports = match rule.ports {
        Some((low, high)) if low == high => format!(" {low}"),
        Some((low, high)) => format!(" {low}-{high}"),
        None => String::new(),
    };
    let number = if rule.number == 32767 {
        "*".to_owned()
    } else {
        rule.number.to_string()
    };
    let action = if rule.allows { "allow" } else { "deny" };
    let block = rule.block.map_or_else(|| "?".to_owned(), |block| block.to_string());
    format!("{number} {action} {protocol}{ports} {block}")
}
