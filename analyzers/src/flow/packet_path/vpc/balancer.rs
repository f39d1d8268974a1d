//! Load balancers in the network: their interfaces (and those of others that AWS runs), and the packets that they send to their targets.
//!
//! A Network Load Balancer that preserves client addresses sends packets whose source is not its own, and gets the answers back although they
//! are for the clients: the network remembers each connection, whatever the target's routes say (User Guide for Network Load Balancers,
//! "Client IP preservation": traffic has to flow directly between load balancer and target, in one VPC or over a peering connection).

use super::Travelled;
use super::hop::Hop;
use super::network::Network;
use super::packet::{Address, Packet};
use super::security_group::{self, Other, Way};
use super::travel::{At, Sender, Traveller};
use crate::artifact::Node;
use crate::evidence::Evidence;
use crate::flow::{Actor, ActorKind, Next, Reason, Return, Step};
use crate::model::aws::ec2::Interface;

/// Whether an interface is one of a Network Load Balancer.
pub(super) fn is_network(interface: &Interface<'_>) -> bool {
    interface.kind == "network_load_balancer"
        || interface
            .node
            .str_of("Description")
            .is_some_and(|words| words.starts_with("ELB net/"))
}

/// An interface that AWS runs: a load balancer's, a control plane's.
#[derive(Debug, Clone)]
pub struct Mouth {
    /// Its number.
    pub at: usize,
    /// Its private address.
    pub private: std::net::IpAddr,
    /// The public address that stands for it.
    pub public: Option<std::net::IpAddr>,
    /// The VPC that it is in.
    pub vpc: String,
    /// The zone that it is in.
    pub zone: Option<String>,
    /// The subnet that it is in.
    pub subnet: String,
    /// Who acts there.
    pub actor: Actor,
    /// Where it stands.
    pub evidence: Evidence,
}

impl<'a> Network<'a> {
    /// The interfaces of a load balancer: AWS describes them as `ELB app/NAME/ID` and `ELB net/NAME/ID`. `path` begins with what stands behind
    /// `ELB `.
    pub fn mouths(&self, path: &str) -> Vec<Mouth> {
        self.described_as(|words| {
            words
                .strip_prefix("ELB ")
                .and_then(|own| own.strip_prefix(path))
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || path.ends_with('/'))
        })
    }

    /// The interfaces that AWS runs for something, by their description.
    pub fn described_as(&self, is: impl Fn(&str) -> bool) -> Vec<Mouth> {
        (0..self.interfaces.len())
            .filter_map(|at| {
                let interface = self.interface(at)?;
                interface.node.str_of("Description").filter(|words| is(words))?;
                let private = interface.primary()?;
                let actor = Traveller::new(self, nothing(), Sender::NotKnown).interface(at);
                Some(Mouth {
                    at,
                    private,
                    public: self.public_of(at, private).map(|(public, _)| public),
                    vpc: interface.vpc.to_owned(),
                    zone: self.zone(interface.subnet).map(str::to_owned),
                    subnet: interface.subnet.to_owned(),
                    actor,
                    evidence: interface.evidence(),
                })
            })
            .collect()
    }

    /// The VPC that an interface is in.
    pub fn vpc_of(&self, at: usize) -> &'a str {
        self.interface(at).map(|interface| interface.vpc).unwrap_or_default()
    }

    /// The first address of an interface.
    pub fn address_of(&self, at: usize) -> Option<std::net::IpAddr> {
        self.interface(at)?.primary()
    }

    /// A load balancer as `describe-load-balancers` prints it, by its ARN.
    pub fn balancer(&self, arn: &str) -> Option<Node<'a>> {
        let all = self.roots.iter().flat_map(|(_, root)| root.list("LoadBalancers"));
        all.into_iter().find(|lb| lb.str_of("LoadBalancerArn") == Some(arn))
    }

    /// The way of a packet that a load balancer sends to a target from one of its interfaces, and of the answer.
    pub fn from_balancer(&self, packet: &Packet, at: usize) -> Travelled {
        let own = |ip| self.interface(at).is_some_and(|interface| interface.has(ip));
        if packet.source.ip().is_some_and(own) {
            return self.travel(packet, super::Start::Interface(at));
        }
        let there = Traveller::new(self, packet.clone(), Sender::Interface(at));
        Self::concluded(packet, there, Some(At::Interface(at)), |there, start| {
            self.back_through(there, start, at)
        })
    }

    /// The way of an answer to a client whose address was preserved.
    fn back_through<'n>(&'n self, there: &Traveller<'n, 'a>, start: At<'a>, at: usize) -> (Return, Vec<Next>) {
        let mut back = Traveller::new(self, there.packet.answered(), Sender::NotKnown);
        let (At::Interface(target), Some(balancer)) = (start, self.interface(at)) else {
            return back.into_return();
        };
        let Some(own) = self.interface(target) else {
            return back.into_return();
        };
        let actor = back.interface(target);
        // What is routed between has no connection of the client.
        let ends = [back.interface(target).id, back.interface(at).id];
        let between = there.steps.iter().find(|step| is_between(step, &ends));
        if let Some(step) = between {
            let hop = Hop::blocked(
                Reason::Asymmetric,
                format!(
                    "answers {} by its own routes, past the load balancer: the way there leads through {}",
                    back.packet.destination, step.actor.name
                ),
                step.evidence.clone(),
            )
            .noted(
                "Where client addresses are preserved, traffic has to flow directly between load balancer and target, in one VPC or over a \
                 peering connection (User Guide for Network Load Balancers, \"Client IP preservation\").",
            );
            back.record(actor, hop);
            return back.into_return();
        }
        let filtered = own.subnet != balancer.subnet;
        if filtered && (!back.acl(own.vpc, own.subnet, Way::Out) || !back.acl(balancer.vpc, balancer.subnet, Way::In)) {
            return back.into_return();
        }
        let actor = back.interface(at);
        let hop = Hop::passes(
            "gets the answer, although it is for the client: the connection goes through it",
            vec![balancer.evidence(), own.evidence()],
        );
        back.record(actor, hop);
        back.into_return()
    }

    /// What the security groups of a load balancer, as it was described, make of a packet for it; `None` where it names none.
    pub fn at_groups_of(
        &self,
        balancer: &Node<'a>,
        name: &'a str,
        packet: &Packet,
        actor: Actor,
    ) -> Option<(Step, Vec<Next>)> {
        balancer.get("SecurityGroups")?;
        let interface = Interface {
            node: balancer.clone(),
            id: name,
            vpc: balancer.str_of("VpcId").unwrap_or_default(),
            subnet: "",
            instance: None,
            kind: "interface",
            addresses: Vec::new(),
            prefixes: Vec::new(),
        };
        let other = match packet.source {
            Address::Internet => Other::Nobody,
            Address::Ip(_) => Other::NotKnown,
        };
        let hop = security_group::filter(self, &interface, packet, Way::In, other)?;
        let mut at = Traveller::new(self, packet.clone(), Sender::NotKnown);
        at.record(actor, hop);
        Some((at.steps.pop()?, at.next))
    }
}

/// Whether somebody handed the packet on: an appliance, a transit gateway; not a peering connection.
fn is_between(step: &Step, ends: &[String]) -> bool {
    match step.actor.kind {
        ActorKind::Instance | ActorKind::Interface => !ends.contains(&step.actor.id),
        ActorKind::Gateway => step.actor.name.starts_with("tgw-") || step.actor.name.starts_with("vpce-"),
        _ => false,
    }
}

/// A packet that is nowhere: who acts is asked without one.
fn nothing() -> Packet {
    Packet::new(Address::Internet, Address::Internet, super::super::Protocol::Tcp, None)
}
