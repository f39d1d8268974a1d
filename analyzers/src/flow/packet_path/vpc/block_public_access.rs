//! VPC Block Public Access: what an account says of all its Internet gateways (VPC User Guide, "Block public access to VPCs and subnets").

use super::hop::Hop;
use super::network::Network;
use super::packet::Packet;
use super::travel::Sender;
use crate::evidence::Evidence;
use crate::flow::Reason;
use crate::model::aws::ec2::Interface;

/// `block-bidirectional` or `block-ingress`, with its line; `None` where it is off or nothing was pasted of it: the default is off.
fn mode<'a>(network: &Network<'a>, vpc: &str, subnet: Option<&str>) -> Option<(&'a str, Evidence)> {
    let of = |node: &crate::artifact::Node<'a>| {
        let mode = node.at(&["BlockPublicAccessStates", "InternetGatewayBlockMode"])?;
        Some((mode.str()?, mode.evidence()))
    };
    let told = subnet
        .and_then(|subnet| of(network.subnets.get(subnet)?))
        .or_else(|| of(network.vpcs.get(vpc)?));
    if let Some((mode, evidence)) = told {
        return (mode != "off").then_some((mode, evidence));
    }
    if let Some(exclusion) = excluded(network, vpc, subnet) {
        return (exclusion == "allow-egress").then(|| {
            let place = network
                .exclusions
                .all()
                .find(|(_, node)| node.str_of("InternetGatewayExclusionMode") == Some("allow-egress"));
            place.map(|(_, node)| ("block-ingress", node.evidence()))
        })?;
    }
    network.roots.iter().find_map(|(_, root)| {
        let mode = root.at(&["VpcBlockPublicAccessOptions", "InternetGatewayBlockMode"])?;
        let word = mode.str().filter(|word| *word != "off")?;
        Some((word, mode.evidence()))
    })
}

fn excluded<'a>(network: &Network<'a>, vpc: &str, subnet: Option<&str>) -> Option<&'a str> {
    network.exclusions.all().find_map(|(_, node)| {
        let resource = node.str_of("ResourceArn")?.rsplit('/').next()?;
        let works = node
            .str_of("State")
            .is_none_or(|state| matches!(state, "create-complete" | "update-complete"));
        let mode = node.str_of("InternetGatewayExclusionMode")?;
        (works && (resource == vpc || Some(resource) == subnet)).then_some(mode)
    })
}

fn stops(mode: &str, evidence: Evidence) -> Hop {
    Hop::blocked(
        Reason::Drop,
        format!("VPC Block Public Access ({mode}) drops it"),
        vec![evidence],
    )
}

/// What leaves through an Internet gateway. Where only what comes in is blocked, NAT gateways may still send.
pub(super) fn outward(network: &Network<'_>, vpc: &str, packet: &Packet, sender: Sender) -> Option<Hop> {
    let subnet = packet
        .source
        .ip()
        .and_then(|ip| network.interface_at(vpc, ip))
        .and_then(|at| network.interface(at))
        .map(|interface| interface.subnet);
    let (mode, evidence) = mode(network, vpc, subnet)?;
    // The sender is somebody's interface, unless a NAT gateway wrote its own address.
    let by_nat = sender == Sender::Nobody;
    (mode == "block-bidirectional" || !by_nat).then(|| stops(mode, evidence))
}

/// What leaves through an egress-only gateway.
pub(super) fn through_egress_only(network: &Network<'_>, vpc: &str) -> Option<Hop> {
    let (mode, evidence) = mode(network, vpc, None)?;
    (mode == "block-bidirectional").then(|| stops(mode, evidence))
}

/// What comes in through an Internet gateway, to an interface.
pub(super) fn inward(network: &Network<'_>, interface: &Interface<'_>, packet: &Packet) -> Option<Hop> {
    let (mode, evidence) = mode(network, interface.vpc, Some(interface.subnet))?;
    let answers_nat = packet.answer && interface.kind == "nat_gateway";
    (mode == "block-bidirectional" || !answers_nat).then(|| stops(mode, evidence))
}
