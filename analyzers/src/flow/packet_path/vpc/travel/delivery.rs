//! Who has a packet's destination in a VPC, and takes it in.

use std::net::IpAddr;

use super::super::hop::Hop;
use super::{At, Go, Traveller, Way, gateway_in};
use crate::artifact::Node;
use crate::evidence::Evidence;
use crate::flow::Reason;

impl<'a> Traveller<'_, 'a> {
    /// Hands the packet to who has its address.
    pub(super) fn deliver(&mut self, vpc: &'a str, from: Option<&'a str>, by: &'a str) -> Go<'a> {
        let network = self.network;
        let Some(ip) = self.packet.destination.ip() else {
            let actor = gateway_in(by, vpc);
            return self.stop(actor, Hop::unknown("no address was asked about", "", ""));
        };
        let Some(at) = network.interface_at(vpc, ip) else {
            return match self.nat_private_inward(vpc, from, ip) {
                Some(go) => go,
                None => self.nobody(vpc, from, ip),
            };
        };
        let Some(interface) = network.interface(at) else {
            return Go::Stop;
        };
        // Between a transit gateway's interface and another one in its subnet no ACL counts (see `transit_gateway`).
        if from != Some(interface.subnet) && !self.acl(vpc, interface.subnet, Way::In) {
            return Go::Stop;
        }
        self.zone = network.zone(interface.subnet);
        self.enter(at)
    }

    /// Nobody who was pasted has the address.
    fn nobody(&mut self, vpc: &'a str, from: Option<&'a str>, ip: IpAddr) -> Go<'a> {
        let subnet = self.network.subnet_at(vpc, ip);
        let actor = match &subnet {
            Some((subnet, _)) => self.subnet(vpc, subnet),
            None => gateway_in(vpc, vpc),
        };
        if let Some((subnet, _)) = subnet
            && from != Some(subnet)
            && !self.acl(vpc, subnet, Way::In)
        {
            return Go::Stop;
        }
        let all_subnets = self
            .network
            .subnets
            .told_all(&[("vpc-id", vpc)], |listing| {
                // Who is shown a VPC is shown its subnets: an answer without any is not of its account and region.
                let own = |node: &Node<'_>| node.str_of("VpcId") == Some(vpc);
                listing.elements.iter().any(own)
            })
            .filter(|_| !self.network.contexts.is_shared(vpc));
        if subnet.is_none()
            && let Some(evidence) = all_subnets
        {
            let hop = Hop::blocked(
                Reason::NoTarget,
                format!("{ip} is in no subnet of {vpc}"),
                vec![evidence],
            );
            return self.stop(actor, hop);
        }
        if let Some(evidence) = self.network.all_interfaces(vpc, ip) {
            let hop = Hop::blocked(
                Reason::NoTarget,
                format!("no interface of {vpc} has the address {ip}"),
                vec![evidence],
            )
            .noted("In a shared subnet the interfaces of other accounts are not listed.");
            return self.stop(actor, hop);
        }
        let (option, account) = self.network.where_is(vpc);
        self.stop(
            actor,
            Hop::unknown(
                format!("who has {ip} was not pasted"),
                format!(
                    "aws ec2 describe-network-interfaces{option} --filters Name=addresses.private-ip-address,Values={ip}"
                ),
                format!("Its security groups decide whether the packet gets in.{account}"),
            ),
        )
    }

    /// What the host or the VPC answers by itself: neither groups nor ACLs see it.
    pub(super) fn served_by_aws(&self, vpc: &str) -> Option<Hop> {
        let ip = self.packet.destination.ip()?;
        if super::super::packet::is_host_served(ip) {
            return Some(Hop::assumed(
                "the host answers by itself",
                Vec::new(),
                "Link-local addresses and fd00:ec2::/32 (DNS, time, instance metadata) are served on the host, past groups and ACLs (EC2 User Guide).",
            ));
        }
        let (block, evidence) = self.resolver(vpc, ip)?;
        Some(Hop::assumed(
            format!("{ip} is the resolver of {vpc}: the second address of {block}"),
            vec![evidence],
            "Security groups and network ACLs do not filter queries to it (VPC User Guide, \"Amazon DNS\").",
        ))
    }

    /// The block of a VPC whose second address that is: its primary one, where that was pasted (VPC User Guide, "Amazon DNS").
    fn resolver(&self, vpc: &str, ip: IpAddr) -> Option<(String, Evidence)> {
        let IpAddr::V4(ip) = ip else { return None };
        let primary = self.network.vpcs.get(vpc).and_then(|node| node.str_of("CidrBlock"));
        self.network.blocks(vpc).iter().find_map(|(block, evidence)| {
            let IpAddr::V4(first) = block.address else { return None };
            let counts = primary.is_none_or(|primary| block.to_string() == primary);
            let is_second = u32::from(first).checked_add(2) == Some(u32::from(ip));
            (counts && is_second).then(|| (block.to_string(), evidence.clone()))
        })
    }

    /// Why an interface takes and sends nothing, where that shows.
    pub fn stopped(&self, at: usize) -> Option<Hop> {
        let interface = self.network.interface(at)?;
        if let Some(instance) = interface.instance.and_then(|id| self.network.instances.get(id))
            && let Some(state) = instance.at(&["State", "Name"])
            && let Some(name) = state.str()
            && name != "running"
        {
            return Some(Hop::blocked(
                Reason::State,
                format!("the instance is {name}"),
                vec![state.evidence()],
            ));
        }
        let status = interface.node.get("Status")?;
        let name = status.str()?;
        (name == "available").then(|| {
            Hop::blocked(
                Reason::State,
                format!("{} is attached to nothing", interface.id),
                vec![status.evidence()],
            )
        })
    }

    /// The packet reaches the interface that has its destination.
    fn enter(&mut self, at: usize) -> Go<'a> {
        let network = self.network;
        let Some(interface) = network.interface(at) else {
            return Go::Stop;
        };
        if interface.kind == "nat_gateway" {
            return self.nat_inward(at);
        }
        if let Some(hop) = self.stopped(at) {
            let actor = self.interface(at);
            return self.stop(actor, hop);
        }
        if !self.groups(at, Way::In) {
            return Go::Stop;
        }
        let actor = self.interface(at);
        let had = self
            .packet
            .destination
            .ip()
            .and_then(|ip| network.had(interface.vpc, ip));
        let hop = if self.packet.answer {
            Hop::passes(
                "the answer is let in: security groups remember the question",
                vec![interface.evidence()],
            )
        } else {
            self.arrival(at)
        };
        let hop = match had {
            Some(other) => hop
                .noted(format!("{} had the address in what was pasted before.", other.id))
                .with([other.evidence()]),
            None => hop,
        };
        if !self.record(actor, hop) {
            return Go::Stop;
        }
        Go::Arrived(Some(At::Interface(at)))
    }
}
