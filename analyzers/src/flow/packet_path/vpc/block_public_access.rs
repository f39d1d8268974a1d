//! VPC Block Public Access: what an account says of all its Internet gateways (VPC User Guide, "Block public access to VPCs and subnets").

use super::hop::Hop;
use super::network::Network;
use super::packet::Packet;
use super::travel::Sender;
use crate::artifact::Node;
use crate::evidence::Evidence;
use crate::flow::Reason;
use crate::model::aws::ec2::Interface;
use crate::model::aws::listing::Root;

/// What is said of a VPC or a subnet.
enum Mode<'a> {
    /// It is off, or nothing was pasted of it: that is the default.
    Off,
    /// `block-bidirectional` or `block-ingress`, with its line.
    Blocks(&'a str, Evidence),
    /// It blocks, unless what was not pasted says otherwise.
    MayBlock(&'a str, Box<Hop>),
}

fn mode<'a>(network: &Network<'a>, vpc: &str, subnet: Option<&str>) -> Mode<'a> {
    let of = |node: &Node<'a>| {
        let mode = node.at(&["BlockPublicAccessStates", "InternetGatewayBlockMode"])?;
        Some((mode.str()?, mode.evidence()))
    };
    let told = subnet
        .and_then(|subnet| of(network.subnets.get(subnet)?))
        .or_else(|| of(network.vpcs.get(vpc)?));
    if let Some((mode, evidence)) = told {
        return if mode == "off" {
            Mode::Off
        } else {
            Mode::Blocks(mode, evidence)
        };
    }
    if let Some((exclusion, evidence)) = excluded(network, vpc, subnet) {
        return if exclusion == "allow-egress" {
            Mode::Blocks("block-ingress", evidence)
        } else {
            Mode::Off
        };
    }
    // What was pasted later counts; what is of another account or region is about others.
    let options = network.roots.iter().rev();
    let mut options = options.filter_map(|root| Some((root, root.node.get("VpcBlockPublicAccessOptions")?)));
    let found = options.find_map(|(root, options)| Some((root, is_theirs(network, root, &options, vpc)?, options)));
    let Some((root, theirs, options)) = found else {
        return Mode::Off;
    };
    let mode = options.get("InternetGatewayBlockMode");
    let Some((mode, evidence)) = mode.and_then(|mode| Some((mode.str()?, mode.evidence()))) else {
        return Mode::Off;
    };
    if mode == "off" {
        return Mode::Off;
    }
    let unknown = |words: String, command: &str, why: &str| {
        Mode::MayBlock(
            mode,
            Box::new(Hop::unknown(words, command, why).with([evidence.clone()])),
        )
    };
    if !theirs {
        return unknown(
            format!("whether VPC Block Public Access ({mode}) is that of {vpc} does not show"),
            &format!("aws ec2 describe-vpcs --vpc-ids {vpc}"),
            "It is set for each region of an account; the VPC says what counts for it (BlockPublicAccessStates).",
        );
    }
    let all = network
        .exclusions
        .told_all(&[], |listing| listing.context == root.context);
    if all.is_none() {
        return unknown(
            format!("whether {vpc} is excluded from VPC Block Public Access ({mode}) was not pasted"),
            "aws ec2 describe-vpc-block-public-access-exclusions",
            "A VPC or a subnet may be excluded from it.",
        );
    }
    Mode::Blocks(mode, evidence)
}

/// Whether options are those of a VPC's account and region; `None` where they are of others, `false` where that does not show.
fn is_theirs(network: &Network<'_>, root: &Root<'_>, options: &Node<'_>, vpc: &str) -> Option<bool> {
    let contexts = &network.contexts;
    let regions = contexts.regions(vpc);
    let region = options.str_of("AwsRegion").or(root.context.region());
    let same_region = region
        .filter(|_| !regions.is_empty())
        .map(|region| regions.contains(region));
    let account = options.str_of("AwsAccountId").zip(contexts.owner(vpc));
    let same_account = account.map(|(account, owner)| account == owner);
    if same_region == Some(false) || same_account == Some(false) {
        return None;
    }
    Some(contexts.shows(vpc, &root.context) || same_region.is_some() && same_account.is_some())
}

/// What an exclusion that works says, with its line.
fn excluded<'a>(network: &Network<'a>, vpc: &str, subnet: Option<&str>) -> Option<(&'a str, Evidence)> {
    network.exclusions.all().find_map(|(_, node)| {
        let resource = node.str_of("ResourceArn")?.rsplit('/').next()?;
        let works = node
            .str_of("State")
            .is_none_or(|state| matches!(state, "create-complete" | "update-complete"));
        let mode = node.str_of("InternetGatewayExclusionMode")?;
        (works && (resource == vpc || Some(resource) == subnet)).then(|| (mode, node.evidence()))
    })
}

/// What it makes of a packet, where `hits` says whether a mode is about it.
fn verdict(mode: Mode<'_>, hits: impl Fn(&str) -> bool) -> Option<Hop> {
    match mode {
        Mode::Off => None,
        Mode::Blocks(mode, evidence) => hits(mode).then(|| stops(mode, evidence)),
        Mode::MayBlock(mode, hop) => hits(mode).then_some(*hop),
    }
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
    // The sender is somebody's interface, unless a NAT gateway wrote its own address.
    let by_nat = sender == Sender::Nobody;
    verdict(mode(network, vpc, subnet), |mode| {
        mode == "block-bidirectional" || !by_nat
    })
}

/// What leaves through an egress-only gateway.
pub(super) fn through_egress_only(network: &Network<'_>, vpc: &str) -> Option<Hop> {
    verdict(mode(network, vpc, None), |mode| mode == "block-bidirectional")
}

/// What comes in through an Internet gateway, to an interface.
pub(super) fn inward(network: &Network<'_>, interface: &Interface<'_>, packet: &Packet) -> Option<Hop> {
    let answers_nat = packet.answer && interface.kind == "nat_gateway";
    let mode = mode(network, interface.vpc, Some(interface.subnet));
    verdict(mode, |mode| mode == "block-bidirectional" || !answers_nat)
}
