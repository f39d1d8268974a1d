//! What kube-proxy makes of a packet, from the Services and EndpointSlices that it writes its rules from: `syncProxyRules` in kubernetes
//! `pkg/proxy/iptables/proxier.go`. The other modes of kube-proxy answer the same packets in the same way.

use std::net::IpAddr;

use super::choice::{Choice, Place};
use super::settings::Settings;
use super::{Answer, Packet, Rewrite};
use crate::evidence::Evidence;
use crate::flow::Reason;
use crate::model::endpoint_slice::{ServingEndpoint, ServingEndpoints};
use crate::model::service::{Policy, Service, ServicePort};
use crate::model::{Entity, Model, Node};

/// How a packet comes to a Service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Front {
    /// By the cluster's address.
    Cluster,
    /// By an external address or a node's port.
    External,
    /// By the load balancer's address, which alone minds the source ranges.
    LoadBalancer,
}

/// The node whose rules see the packet.
pub struct Here<'m> {
    /// Its name.
    pub name: Option<&'m str>,
    /// Its zone.
    pub zone: Option<String>,
    /// Its addresses.
    pub addresses: Vec<IpAddr>,
}

impl<'m> Here<'m> {
    /// The node of that name; without a name, the node that has the destination's or the source's address.
    pub fn new(model: &'m Model<'_>, name: Option<&'m str>, packet: &Packet) -> Self {
        let has =
            |entity: &&Entity<'_>, address: IpAddr| Node(entity).internal_ips().iter().any(|ip| ip.value == address);
        let node = match name {
            Some(name) => model.get("Node", "", name),
            None => [packet.destination, packet.source]
                .into_iter()
                .find_map(|address| model.all("Node").find(|node| has(node, address))),
        };
        Self {
            name: name.or(node.map(|node| node.name)),
            zone: node.and_then(|node| Node(node).zone()).map(|zone| zone.value),
            addresses: node
                .map(|node| Node(node).internal_ips().into_iter().map(|ip| ip.value).collect())
                .unwrap_or_default(),
        }
    }

    fn has(&self, address: IpAddr) -> bool {
        address.is_loopback() || self.addresses.contains(&address)
    }
}

/// What happens to a packet at a node.
pub fn answer(model: &Model<'_>, settings: &Settings, here: &Here<'_>, packet: &Packet) -> Answer {
    for entity in model.all("Service") {
        let service = Service(entity);
        for port in service.ports() {
            if let Some((front, evidence)) = front(service, &port, settings, here, packet) {
                return at_service(model, settings, here, packet, service, &port, front, evidence);
            }
        }
        if let Some(port) = service.health_check_port()
            && packet.protocol == "TCP"
            && packet.port == port.value
            && here.has(packet.destination)
        {
            return Answer::Local(vec![port.evidence]);
        }
    }
    Answer::Untouched
}

/// Whether a packet is for a Service's port, and what says so.
fn front(
    service: Service<'_, '_>,
    port: &ServicePort<'_>,
    settings: &Settings,
    here: &Here<'_>,
    packet: &Packet,
) -> Option<(Front, Vec<Evidence>)> {
    if port.protocol != packet.protocol || service.kind() == "ExternalName" {
        return None;
    }
    let cluster = service.cluster_addresses();
    if cluster.is_empty() {
        // Headless: its name leads to the pods themselves.
        return None;
    }
    if packet.port == port.port {
        let lists = [
            (Front::Cluster, cluster),
            (Front::External, service.external_addresses()),
            (Front::LoadBalancer, service.load_balancer_addresses()),
        ];
        for (front, addresses) in lists {
            if let Some(address) = addresses
                .into_iter()
                .find(|address| address.value == packet.destination)
            {
                return Some((front, vec![address.evidence, port.evidence.clone()]));
            }
        }
    }
    (port.node_port == Some(packet.port)
        && here.has(packet.destination)
        && settings.serves_node_ports(packet.destination))
    .then(|| (Front::External, vec![port.evidence.clone()]))
}

#[allow(clippy::too_many_arguments, reason = "everything that decides")]
fn at_service(
    model: &Model<'_>,
    settings: &Settings,
    here: &Here<'_>,
    packet: &Packet,
    service: Service<'_, '_>,
    port: &ServicePort<'_>,
    front: Front,
    mut evidence: Vec<Evidence>,
) -> Answer {
    let entity = service.0;
    let of = format!("{}:{}", entity.path(), port.port);
    let six = packet.destination.is_ipv6();
    if front == Front::LoadBalancer
        && let Some(refused) = refused(service, packet)
    {
        evidence.extend(refused);
        return Answer::Stopped {
            service: of,
            reason: Reason::CidrNotAllowed,
            elsewhere: Vec::new(),
            evidence,
        };
    }
    let serving = model.serving(entity.namespace, entity.name, port.name, port.protocol, six);
    if !serving.known {
        return Answer::NotKnown {
            service: of,
            namespace: entity.namespace.to_owned(),
            name: entity.name.to_owned(),
            evidence,
        };
    }
    let place = Place {
        node: here.name,
        zone: here.zone.as_deref(),
    };
    let choice = Choice::new(&serving.all, place);
    let (policy, local) = match front {
        Front::Cluster => (Policy::Internal, service.is_local(Policy::Internal)),
        Front::External | Front::LoadBalancer => (Policy::External, service.is_local(Policy::External)),
    };
    let (mut stays, mut masquerade) = (local, front != Front::Cluster && !local);
    if front == Front::Cluster {
        masquerade = settings.masquerade_all || settings.is_pod(packet.source) == Some(false);
    } else if local {
        // Pods go where the cluster's address would lead them, and so does the node itself, as the node.
        if settings.is_pod(packet.source) == Some(true) {
            stays = false;
        } else if here.has(packet.source) {
            (stays, masquerade) = (false, true);
        }
    }
    evidence.extend(service.policy(policy).map(|fact| fact.evidence));
    let endpoints = if stays { &choice.local } else { &choice.cluster };
    if endpoints.is_empty() {
        evidence.extend(serving.evidence.clone());
        return Answer::Stopped {
            service: of,
            reason: if choice.cluster.is_empty() {
                Reason::NoEndpoints
            } else {
                Reason::NoLocalEndpoint
            },
            elsewhere: nodes_of(&choice.cluster),
            evidence,
        };
    }
    Answer::Rewritten {
        service: of,
        told: is_told(&serving),
        ways: endpoints
            .iter()
            .map(|endpoint| rewrite(packet, endpoint, masquerade))
            .collect(),
        evidence,
    }
}

/// The nodes that endpoints are on, each once.
fn nodes_of(endpoints: &[&ServingEndpoint<'_>]) -> Vec<String> {
    let nodes: std::collections::BTreeSet<&str> = endpoints.iter().filter_map(|endpoint| endpoint.node).collect();
    nodes.into_iter().map(str::to_owned).collect()
}

/// What refuses a source: the ranges, where there are some and it is in none.
fn refused(service: Service<'_, '_>, packet: &Packet) -> Option<Vec<Evidence>> {
    use crate::flow::policy::addresses::Addresses;
    let ranges = service.source_ranges();
    let inside = |range: &str| Addresses::block(range.trim()).is_some_and(|block| block.contains(packet.source));
    (!ranges.is_empty() && !ranges.iter().any(|range| inside(&range.value)))
        .then(|| ranges.into_iter().map(|range| range.evidence).collect())
}

fn is_told(serving: &ServingEndpoints<'_>) -> bool {
    serving.all.iter().all(|endpoint| endpoint.told)
}

fn rewrite(packet: &Packet, endpoint: &ServingEndpoint<'_>, masquerade: bool) -> Rewrite {
    Rewrite {
        address: endpoint.address,
        port: endpoint.port,
        // A pod that gets its own packet back would answer itself.
        masquerade: masquerade || endpoint.address == packet.source,
        node: endpoint.node.map(str::to_owned),
        evidence: endpoint.evidence.clone(),
    }
}
