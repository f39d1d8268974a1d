//! The way of one packet, place by place.

mod actors;
mod delivery;
mod references;

use std::collections::BTreeSet;

use super::hop::Hop;
use super::network::Network;
use super::packet::{Address, Packet, Ports};
use super::route_table::{self, Found, Table};
use super::security_group::{Other, Way};
use super::{network_acl, security_group};
use crate::flow::packet_path::joined;
use crate::flow::{Actor, ActorKind, Next, Reason, Return, Step, Verdict};
use crate::model::aws::ec2::Target;
use references::Names;
pub(super) use references::Passed;

/// Where a packet is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum At<'a> {
    /// It leaves this interface.
    Interface(usize),
    /// It is in this subnet, and its router says where to.
    Subnet {
        subnet: &'a str,
        vpc: &'a str,
        /// Who brought it there.
        by: &'a str,
    },
    /// A local route hands it to whoever has its address. `from` is the subnet that it was in.
    Deliver {
        vpc: &'a str,
        from: Option<&'a str>,
        by: &'a str,
    },
    /// It comes into a VPC through a gateway, which may have a route table of its own.
    Inbound { gateway: &'a str, vpc: &'a str },
    /// It leaves a VPC through its Internet gateway.
    InternetGateway { id: &'a str, vpc: &'a str },
    /// It comes from the Internet.
    Internet,
    /// A NAT gateway has it.
    Nat { id: &'a str, from: Option<&'a str> },
    /// A transit gateway got it from an attachment.
    Transit { gateway: &'a str, attachment: &'a str },
    /// A transit gateway hands it to an attachment.
    IntoAttachment { gateway: &'a str, attachment: &'a str },
}

/// Where to next.
pub(super) enum Go<'a> {
    On(At<'a>),
    /// It arrived, and its answer starts there; `None` where no answer is modelled.
    Arrived(Option<At<'a>>),
    Stop,
}

/// Who sent a packet from its source address, for rules that name groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sender {
    Interface(usize),
    Nobody,
    NotKnown,
}

/// What a device wrote in a packet, and writes back in its answer.
#[derive(Debug, Clone)]
pub(super) struct Translation {
    /// The device.
    pub at: String,
    /// The sender inside.
    pub inner: (Address, Ports),
    /// What stands for it outside.
    pub outer: Address,
    /// NAT64: the destination as the sender sees it.
    pub destination: Option<Address>,
}

/// Places that a packet may pass before it is taken for going in circles. The longest ways of life have about twenty.
const MOST: usize = 64;

/// A packet on its way.
pub(super) struct Traveller<'n, 'a> {
    pub network: &'n Network<'a>,
    pub packet: Packet,
    pub steps: Vec<Step>,
    pub next: Vec<Next>,
    pub sender: Sender,
    /// The zone that it was in last.
    pub zone: Option<&'a str>,
    pub translations: Vec<Translation>,
    /// For an answer: what was written in the question.
    pub session: Vec<Translation>,
    /// The attachments of transit gateways that it came through.
    pub passed: Vec<Passed<'a>>,
    /// Where a default note is due only once.
    seen: BTreeSet<(At<'a>, Packet)>,
}

/// How a way ends.
pub(super) enum Ended<'a> {
    Stopped,
    /// The packet arrived, and its answer starts there; `None` where no answer is modelled.
    Arrived(Option<At<'a>>),
}

impl<'n, 'a> Traveller<'n, 'a> {
    pub fn new(network: &'n Network<'a>, packet: Packet, sender: Sender) -> Self {
        Self {
            network,
            packet,
            steps: Vec::new(),
            next: Vec::new(),
            sender,
            zone: None,
            translations: Vec::new(),
            session: Vec::new(),
            passed: Vec::new(),
            seen: BTreeSet::new(),
        }
    }

    /// Goes on until it ends.
    pub fn travel(&mut self, start: At<'a>) -> Ended<'a> {
        let mut at = start;
        loop {
            if self.seen.len() >= MOST || !self.seen.insert((at, self.packet.clone())) {
                self.circles(at);
                return Ended::Stopped;
            }
            match self.step(at) {
                Go::On(next) => at = next,
                Go::Arrived(back) => return Ended::Arrived(back),
                Go::Stop => return Ended::Stopped,
            }
        }
    }

    fn step(&mut self, at: At<'a>) -> Go<'a> {
        match at {
            At::Interface(interface) => self.leave(interface),
            At::Subnet { subnet, vpc, by } => self.route(subnet, vpc, by),
            At::Deliver { vpc, from, by } => self.deliver(vpc, from, by),
            At::Inbound { gateway, vpc } => self.inbound(gateway, vpc),
            At::InternetGateway { id, vpc } => self.out_to_internet(id, vpc),
            At::Internet => self.internet_inward(),
            At::Nat { id, from } => self.nat(id, from),
            At::Transit { gateway, attachment } => self.transit(gateway, attachment),
            At::IntoAttachment { gateway, attachment } => self.attachment_outward(gateway, attachment),
        }
    }

    fn circles(&mut self, at: At<'a>) {
        let evidence = joined(self.steps.iter().rev().take(4).flat_map(|step| step.evidence.clone()));
        let actor = match at {
            At::Transit { gateway, .. } | At::IntoAttachment { gateway, .. } => gateway_actor(gateway),
            _ => self
                .steps
                .last()
                .map_or_else(|| gateway_actor("the network"), |step| step.actor.clone()),
        };
        self.record(
            actor,
            Hop::blocked(
                Reason::NoRoute,
                "the routes send the packet in a circle, until its hop limit is used up",
                evidence,
            ),
        );
    }

    /// Notes what somebody made of the packet, which stays as it is. Whether the packet goes on.
    pub fn record(&mut self, actor: Actor, hop: Hop) -> bool {
        let before = self.packet.clone();
        self.rewritten(actor, hop, &before)
    }

    /// The same of somebody who wrote in the packet; it was `before`.
    pub fn rewritten(&mut self, actor: Actor, hop: Hop, before: &Packet) -> bool {
        let blocked = hop.is_blocked();
        let mut step = Step::new(actor, hop.action, hop.verdict);
        step.before = before.values();
        if !blocked {
            step.after = self.packet.values();
        }
        step.reason = hop.reason;
        step.checks = hop.checks;
        step.note = (!hop.notes.is_empty()).then(|| hop.notes.join(" "));
        step.evidence = joined(hop.evidence);
        if step.evidence.is_empty() && step.verdict == Verdict::Passes {
            step.verdict = Verdict::Assumed;
        }
        self.steps.push(step);
        for next in hop.next {
            if !next.command.is_empty() && !self.next.iter().any(|known| known.command == next.command) {
                self.next.push(next);
            }
        }
        !blocked
    }

    /// Notes where the way is not known any more, or ends.
    pub fn stop(&mut self, actor: Actor, hop: Hop) -> Go<'a> {
        self.record(actor, hop);
        Go::Stop
    }

    /// What is known of all steps.
    pub fn verdict(&self) -> Verdict {
        Verdict::all(self.steps.iter().map(|step| step.verdict))
    }

    /// Why it stops, where it does.
    pub fn reason(&self) -> Option<Reason> {
        self.steps
            .iter()
            .find(|step| step.verdict == Verdict::Blocked)
            .and_then(|step| step.reason)
    }

    pub fn into_return(self) -> (Return, Vec<Next>) {
        let back = Return {
            verdict: self.verdict(),
            reason: self.reason(),
            steps: self.steps,
        };
        (back, self.next)
    }

    /// The ACL of a subnet. Whether the packet goes on.
    pub fn acl(&mut self, vpc: &str, subnet: &str, way: Way) -> bool {
        let hop = if subnet.is_empty() {
            Hop::unknown(
                "which subnet it is, and so which network ACL counts, was not pasted",
                "aws ec2 describe-network-interfaces",
                "The subnet's network ACL decides.",
            )
        } else {
            network_acl::filter(self.network, subnet, &self.packet, way)
        };
        let actor = self.subnet(vpc, subnet);
        self.record(actor, hop)
    }

    /// The security groups of an interface, of which answers are not asked. Whether the packet goes on.
    pub fn groups(&mut self, at: usize, way: Way) -> bool {
        let network = self.network;
        let Some(interface) = network.interface(at) else {
            return true;
        };
        if self.packet.answer {
            return true;
        }
        let other = match way {
            Way::In => self.sender,
            Way::Out => self.receiver(interface.vpc),
        };
        let other = match other {
            Sender::Interface(other) => network.interface(other).map_or(Other::NotKnown, |other| {
                match self.may_name(interface.vpc, other.vpc, way) {
                    Names::Yes => Other::Interface(other),
                    Names::No => Other::Nobody,
                    Names::Unknown(next) => Other::Perhaps(other, next),
                }
            }),
            Sender::Nobody => Other::Nobody,
            Sender::NotKnown => Other::NotKnown,
        };
        let Some(hop) = security_group::filter(network, interface, &self.packet, way, &other) else {
            return true;
        };
        let actor = self.interface(at);
        self.record(actor, hop)
    }

    /// Who has the packet's destination, seen from a VPC.
    fn receiver(&self, vpc: &str) -> Sender {
        let Some(ip) = self.packet.destination.ip() else {
            return Sender::Nobody;
        };
        if let Some(at) = self.network.interface_at(vpc, ip) {
            return Sender::Interface(at);
        }
        // Somebody's public address is no member's private one; those of IPv6 are both.
        if self.packet.destination.is_global() && (ip.is_ipv4() || self.network.vpcs_at(ip).is_empty()) {
            return Sender::Nobody;
        }
        match self.network.interfaces_at(ip).as_slice() {
            [only] => Sender::Interface(*only),
            _ if self.network.all_interfaces(vpc, ip).is_some() && self.network.vpcs_at(ip) == [vpc] => Sender::Nobody,
            _ => Sender::NotKnown,
        }
    }

    // --- within a VPC

    /// The packet leaves an interface.
    fn leave(&mut self, at: usize) -> Go<'a> {
        let network = self.network;
        let Some(interface) = network.interface(at) else {
            return Go::Stop;
        };
        if let Some(hop) = self.stopped(at) {
            let actor = self.interface(at);
            return self.stop(actor, hop);
        }
        if let Some(source) = self.packet.source.ip()
            && !interface.has(source)
            && !super::balancer::is_network(interface)
        {
            let actor = self.interface(at);
            let hop = match interface.source_dest_check() {
                Some((true, evidence)) => Some(Hop::blocked(
                    Reason::SourceDestCheck,
                    format!(
                        "{source} is no address of {}, whose source/destination check is on",
                        interface.id
                    ),
                    vec![evidence],
                )),
                Some((false, _)) => None,
                None => Some(Hop::unknown(
                    format!("whether {} checks source and destination was not pasted", interface.id),
                    security_group::describe(interface),
                    "The interface drops foreign sources where the check is on.",
                )),
            };
            if let Some(hop) = hop
                && !self.record(actor, hop)
            {
                return Go::Stop;
            }
        }
        self.zone = network.zone(interface.subnet);
        if let Some(hop) = self.served_by_aws(interface.vpc) {
            let actor = self.interface(at);
            self.record(actor, hop);
            return Go::Arrived(None);
        }
        if !self.groups(at, Way::Out) {
            return Go::Stop;
        }
        if interface.subnet.is_empty() || interface.vpc.is_empty() {
            let actor = self.interface(at);
            return self.stop(
                actor,
                Hop::unknown(
                    format!("the subnet of {} was not pasted", interface.id),
                    security_group::describe(interface),
                    "Its network ACL and its route table decide.",
                ),
            );
        }
        Go::On(At::Subnet {
            subnet: interface.subnet,
            vpc: interface.vpc,
            by: interface.id,
        })
    }

    /// Whether a packet stays within a subnet: then neither ACL nor route counts.
    fn stays(&self, vpc: &str, subnet: &str) -> Option<Hop> {
        let ip = self.packet.destination.ip()?;
        if let Some(at) = self.network.interface_at(vpc, ip) {
            let interface = self.network.interface(at)?;
            let place = interface.node.get("SubnetId").map(|node| node.evidence());
            return (interface.subnet == subnet)
                .then(|| Hop::passes(format!("{ip} is in the same subnet"), place.into_iter().collect()));
        }
        let (own, evidence) = self.network.subnet_at(vpc, ip)?;
        (own == subnet).then(|| Hop::passes(format!("{ip} is in the same subnet"), vec![evidence]))
    }

    /// The router of a subnet.
    fn route(&mut self, subnet: &'a str, vpc: &'a str, by: &'a str) -> Go<'a> {
        if let Some(hop) = self.stays(vpc, subnet) {
            let actor = self.subnet(vpc, subnet);
            self.record(actor, hop);
            return Go::On(At::Deliver {
                vpc,
                from: Some(subnet),
                by,
            });
        }
        if !self.acl(vpc, subnet, Way::Out) {
            return Go::Stop;
        }
        match route_table::of_subnet(self.network, vpc, subnet) {
            Ok(table) => {
                let actor = self.subnet(vpc, subnet);
                self.follow(&table, actor, vpc, Some(subnet), by)
            }
            Err(hop) => {
                let actor = self.subnet(vpc, subnet);
                self.stop(actor, *hop)
            }
        }
    }

    /// Follows the route of a table that counts.
    pub fn follow(
        &mut self,
        table: &Table<'n, 'a>,
        actor: Actor,
        vpc: &'a str,
        from: Option<&'a str>,
        by: &'a str,
    ) -> Go<'a> {
        let destination = self.packet.destination;
        let (route, block, evidence, narrower) = match route_table::look_up(self.network, table, destination) {
            Found::Route(route, block, evidence, note) => (route, block, evidence, note),
            Found::NoRoute(evidence) => {
                let hop = Hop::blocked(
                    Reason::NoRoute,
                    format!("{} has no route for {destination}", table.id),
                    evidence,
                )
                .noted(table.note.clone());
                return self.stop(actor, hop);
            }
            Found::Unknown(hop) => return self.stop(actor, *hop),
        };
        let Some(target) = route.target else {
            let hop = Hop::unknown(
                format!("where the route {block} of {} leads was not pasted", table.id),
                format!("aws ec2 describe-route-tables --route-table-ids {}", table.id),
                "The route's target decides.",
            );
            return self.stop(actor, hop.with(evidence));
        };
        if route.blackhole {
            let hop = Hop::blocked(
                Reason::BlackholeRoute,
                format!(
                    "the route {block} of {} leads to {}, which is gone (blackhole)",
                    table.id,
                    target.id()
                ),
                evidence,
            )
            .noted(table.note.clone());
            return self.stop(actor, hop);
        }
        let list = if route.is_list {
            format!(" ({})", route.destination)
        } else {
            String::new()
        };
        let words = format!("the route {block}{list} of {} leads to {}", table.id, target.id());
        let hop = if narrower.is_empty() {
            Hop::passes(words, evidence)
        } else {
            Hop::assumed(words, evidence, narrower)
        };
        self.record(actor, hop.noted(table.note.clone()));
        match target {
            Target::Local => Go::On(At::Deliver { vpc, from, by }),
            Target::InternetGateway(id) => Go::On(At::InternetGateway { id, vpc }),
            Target::EgressOnly(id) => self.egress_only(id, vpc),
            Target::NatGateway(id) => Go::On(At::Nat { id, from }),
            Target::TransitGateway(id) => self.through_transit(id, vpc, from),
            Target::VpnGateway(id) => self.through_vpn_gateway(id, vpc, route.propagated),
            Target::Peering(id) => self.through_peering(id, vpc),
            Target::Endpoint(id) => self.through_endpoint(id, vpc),
            Target::Interface(id) => self.through_appliance(id, vpc, from),
            Target::Other(id) => {
                let actor = gateway_in(id, vpc);
                self.stop(
                    actor,
                    Hop::unknown(format!("what {id} makes of the packet is not computed"), "", "")
                        .noted("Carrier gateways, local gateways and Cloud WAN are not modelled."),
                )
            }
        }
    }

    /// A gateway brings the packet into a VPC.
    fn inbound(&mut self, gateway: &'a str, vpc: &'a str) -> Go<'a> {
        if let Some(table) = route_table::of_gateway(self.network, gateway) {
            let actor = gateway_in(gateway, vpc);
            return self.follow(&table, actor, vpc, None, gateway);
        }
        let all = self
            .network
            .route_tables
            .told_all(&[("vpc-id", vpc)], |listing| self.network.is_of(vpc, listing));
        if all.is_none() {
            let actor = gateway_in(gateway, vpc);
            let hop = Hop::assumed(
                format!("{gateway} hands it to the VPC's own routes"),
                Vec::new(),
                "Not all route tables were pasted; gateways are taken to have none of their own, which is the default (VPC User \
                 Guide, \"Gateway route tables\").",
            );
            self.record(actor, hop);
        }
        Go::On(At::Deliver {
            vpc,
            from: None,
            by: gateway,
        })
    }
}

/// Who leads from one network to another.
pub(super) fn gateway_actor(id: &str) -> Actor {
    Actor {
        id: format!("gateway:{id}"),
        kind: ActorKind::Gateway,
        name: id.to_owned(),
        details: Vec::new(),
        zones: Vec::new(),
    }
}

/// The same of one that belongs to a VPC.
pub(super) fn gateway_in(id: &str, vpc: &str) -> Actor {
    Actor {
        zones: vec![vpc.to_owned()],
        ..gateway_actor(id)
    }
}

/// What is not of the network.
pub(super) fn outside_actor(name: &str) -> Actor {
    Actor {
        id: format!("outside:{name}"),
        kind: ActorKind::Other,
        name: name.to_owned(),
        details: Vec::new(),
        zones: Vec::new(),
    }
}
