//! What kube-proxy makes of a packet, from the Services and EndpointSlices that it writes its rules from: `syncProxyRules` in kubernetes
//! `pkg/proxy/iptables/proxier.go`. The other modes of kube-proxy answer the same packets in the same way.

use std::net::IpAddr;

use super::choice::{Choice, Lacks, Place};
use super::missing;
use super::settings::Settings;
use super::{Answer, Packet, Rewrite, Rewrites};
use crate::evidence::Evidence;
use crate::flow::{Next, Reason};
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
    /// Whether all of it was pasted.
    pub whole: bool,
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
            whole: node.is_some_and(Entity::complete),
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
    let serving = model.serving_port(entity.namespace, entity.name, port, six);
    let lacks = |lacks: Lacks, evidence: Vec<Evidence>| missing::answer(lacks, model, here, packet, entity, evidence);
    if !serving.known {
        return lacks(Lacks::Endpoints, evidence);
    }
    let place = Place {
        node: here.name,
        zone: here.zone.as_deref(),
        whole: here.whole,
    };
    let choice = Choice::new(&serving.all, place);
    let policy = match front {
        Front::Cluster => Policy::Internal,
        Front::External | Front::LoadBalancer => Policy::External,
    };
    let told = service.is_local(policy);
    // Nobody serves under either policy; from outside they differ more than a default can tell.
    if told.is_none() && front != Front::Cluster && choice.cluster.as_ref().map_or(true, |all| !all.is_empty()) {
        return lacks(Lacks::Policy, evidence);
    }
    let local = told.unwrap_or(false);
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
    let elsewhere = choice.cluster.as_ref().map(|all| nodes_of(all)).unwrap_or_default();
    let nobody = choice.cluster.as_ref().is_ok_and(Vec::is_empty);
    let endpoints = match if stays { choice.local } else { choice.cluster } {
        Ok(endpoints) => endpoints,
        Err(missing) => return lacks(missing, evidence),
    };
    if endpoints.is_empty() {
        evidence.extend(serving.evidence.clone());
        if serving.partial || serving.more > 0 {
            return lacks(Lacks::Endpoints, evidence);
        }
        return Answer::Stopped {
            service: of,
            reason: if nobody {
                Reason::NoEndpoints
            } else {
                Reason::NoLocalEndpoint
            },
            elsewhere,
            evidence,
        };
    }
    let (notes, next) = untold(entity, &serving, told.is_none().then_some(policy));
    Answer::Rewritten(Rewrites {
        service: of,
        ways: endpoints
            .iter()
            .map(|endpoint| rewrite(packet, endpoint, masquerade))
            .collect(),
        more: serving.more,
        notes,
        next,
        evidence,
    })
}

/// What was taken for granted, in words, and what would tell it.
fn untold(entity: &Entity<'_>, serving: &ServingEndpoints<'_>, policy: Option<Policy>) -> (Vec<String>, Vec<Next>) {
    let (mut notes, mut next) = (Vec::new(), Vec::new());
    if serving.partial {
        let why = "More slices of the Service may exist: not all of them were asked for.".to_owned();
        notes.push(why.clone());
        next.push(missing::endpoints(entity, why));
    }
    if serving.more > 0 {
        let why = format!("{} more endpoints are not shown.", serving.more);
        next.push(missing::endpoints(entity, why));
    }
    if let Some(policy) = policy {
        notes.push(format!("{} was not pasted; Cluster is its default.", policy.field()));
        next.push(missing::settings(entity, policy));
    }
    if !is_told(serving) {
        notes.push("Whether the endpoint is ready was not pasted.".to_owned());
    }
    (notes, next)
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
