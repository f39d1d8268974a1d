//! What the network of AWS never sees, although a question has its two ends: packets to the sender's own address, to a Service's, and to pods
//! whose addresses are no VPC's, which another network carries inside of other packets.

use std::net::IpAddr;

use super::Travelled;
use super::hop::Hop;
use super::network::Network;
use super::packet::{Address, Packet};
use super::travel::{Sender, Traveller};
use crate::evidence::Evidence;
use crate::flow::packet_path::{Endpoint, Query, kube_proxy};
use crate::flow::{Flow, Verdict};
use crate::model::{self, Model};

impl Network<'_> {
    /// A way that ends at the interface where it begins.
    pub(super) fn ends_here(&self, packet: &Packet, at: usize, hop: Hop) -> Travelled {
        let mut there = Traveller::new(self, packet.clone(), Sender::Interface(at));
        let actor = there.interface(at);
        there.record(actor, hop);
        let verdict = there.verdict();
        let arrived = matches!(verdict, Verdict::Passes | Verdict::Assumed);
        Travelled {
            verdict,
            reason: there.reason(),
            ends_at: arrived.then(|| packet.end()),
            interface: arrived.then_some(at),
            source_seen: arrived.then(|| packet.source.to_string()),
            snat: false,
            back: None,
            next: there.next,
            steps: there.steps,
        }
    }

    /// Of a packet for an address of the sender itself: its own kernel hands it over, and no group and no ACL sees it.
    pub(super) fn to_itself(&self, packet: &Packet, at: usize) -> Option<Travelled> {
        let ip = packet.destination.ip()?;
        let interface = self.interface(at)?;
        let own = self.interfaces.iter().filter(|other| {
            other.id == interface.id || other.instance.is_some() && other.instance == interface.instance
        });
        let (other, address) = own.into_iter().find_map(|own| Some((own, own.address(ip)?)))?;
        let place: Vec<Evidence> = vec![address.node.evidence()];
        let is_first = other.primary() == Some(ip);
        let words = format!("{ip} is its own address: the packet does not leave it");
        let hop = if is_first {
            Hop::passes(words, place)
        } else {
            Hop::assumed(
                words,
                place,
                "Its system is taken to know that address: secondary ones are set up there, or are its pods'.",
            )
        };
        Some(self.ends_here(packet, at, hop))
    }

    /// Whether an address is a pod's of a network that is laid over the VPC's: no block of a VPC has it.
    pub fn is_overlaid(&self, model: &Model<'_>, at: usize, address: IpAddr) -> bool {
        let vpc = self.interface(at).map_or("", |interface| interface.vpc);
        model.pod_by_ip(address).is_some()
            && self.has_all_blocks(vpc)
            && self.vpcs_at(address).is_empty()
            && self.interfaces_at(address).is_empty()
    }

    /// The way to such a pod, as far as it shows here.
    pub fn overlaid(&self, packet: &Packet, at: usize) -> Travelled {
        let hop = Hop::unknown(
            format!(
                "sends what is for {} inside of other packets, and to which node does not show",
                packet.destination
            ),
            "ip route",
            "Run on the sender's node: the network plugin's routes say to which node the packet is carried; its address is no VPC's.",
        );
        self.ends_here(packet, at, hop)
    }

    /// What a node makes of a packet for a Service's address: its own rules send it on. `None` where it is nobody's, or not a node's packet.
    pub(super) fn to_service(
        &self,
        model: &Model<'_>,
        query: &Query,
        packet: &Packet,
        at: usize,
    ) -> Option<Result<Flow, Travelled>> {
        let destination = packet.destination.ip()?;
        let cluster = model.all("Service").find(|service| {
            let spec = service.at(&["spec"]);
            let single = spec.as_ref().and_then(|spec| spec.str_of("clusterIP"));
            let all = spec.as_ref().map(|spec| spec.list("clusterIPs")).unwrap_or_default();
            let mut all = all.iter().filter_map(crate::artifact::Node::str).chain(single);
            all.any(|ip| ip.parse() == Ok(destination))
        })?;
        let interface = self.interface(at)?;
        let mut nodes = model.all("Node").peekable();
        let known = nodes.peek().is_some();
        let own = nodes.find(|node| {
            let ips = model::Node(node).internal_ips();
            ips.iter().any(|ip| interface.has(ip.value))
        });
        // An instance that is no node knows no Services: its routes say what becomes of the packet.
        if known && own.is_none() {
            return None;
        }
        let at_node = Query {
            from: Endpoint::Ip {
                address: packet.source.ip()?,
                port: None,
            },
            to: query.to.clone(),
            protocol: query.protocol,
            at: own.map(|node| node.name.to_owned()),
        };
        if let Some(mut flow) = kube_proxy::between(model, &at_node).filter(|flow| !kube_proxy::is_untouched(flow)) {
            flow.title = format!("{} → {}", query.from, query.to);
            return Some(Ok(flow));
        }
        let hop = Hop::unknown(
            format!(
                "{destination} is the address of the Service {}/{}, and the node's own rules send it on",
                cluster.namespace, cluster.name
            ),
            "iptables-save",
            format!(
                "Run on {}: kube-proxy's rules there say to which pod the packet goes.",
                interface.instance.unwrap_or(interface.id)
            ),
        );
        Some(Err(self.ends_here(packet, at, hop)))
    }

    /// Whether an interface may have an address: one of a VPC's blocks, or any private one where these were not pasted.
    pub fn may_have(&self, address: IpAddr) -> bool {
        let private = !Address::Ip(address).is_global();
        !self.vpcs_at(address).is_empty() || self.knows_no_blocks() && private
    }
}
