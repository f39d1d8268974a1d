//! The packet path: which way a packet goes, what rewrites it, where it stops.

mod attempt;
mod client;
mod cluster;
mod elb;
pub mod endpoint;
mod ipvs;
mod kube_proxy;
mod mtu;
mod netfilter;
mod nftables;
mod nlb;
mod node;
mod overlay;
pub mod report;
pub mod vpc;

use std::net::IpAddr;

use super::{Flow, FlowKind, Next, Verdict};
use crate::artifact;
use crate::evidence::Evidence;
use crate::model::Model;

pub use attempt::{Attempt, attempts};
pub use client::{Client, Sign};
pub use elb::{Door, door};
pub use endpoint::Endpoint;
pub use nlb::{Hairpin, Mechanism, no_connection};

/// What only packet paths have.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Details {
    /// The way on which a load balancer sends a packet back to the host that it came from.
    pub hairpin: Option<Box<Hairpin>>,
}

/// What is asked: from where to where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Who sends.
    pub from: Endpoint,
    /// Who is to receive.
    pub to: Endpoint,
    /// What the packet carries.
    pub protocol: Protocol,
    /// The node whose rules see the packet first, where that is not told by its ends.
    pub at: Option<String>,
}

impl Query {
    /// The source's address, the destination's and its port, where the question is about addresses alone.
    fn addresses(&self) -> Option<(IpAddr, IpAddr, u16)> {
        match (&self.from, &self.to) {
            (
                Endpoint::Ip { address: source, .. },
                Endpoint::Ip {
                    address,
                    port: Some(port),
                },
            ) => Some((*source, *address, *port)),
            _ => None,
        }
    }
}

/// `10.0.1.7:8080`, `[2001:db8::7]:8080`.
fn end(address: IpAddr, port: u16) -> String {
    artifact::Endpoint {
        address,
        port: Some(port),
    }
    .to_string()
}

/// What a packet carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Protocol {
    /// TCP.
    #[default]
    Tcp,
    /// UDP.
    Udp,
    /// SCTP.
    Sctp,
    /// ICMP.
    Icmp,
    /// IP in IP (protocol 4), which carries the packets of pods between nodes.
    IpIp,
}

impl Protocol {
    /// The name that the Kubernetes API gives it; the others have no ports, and so no name there.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Tcp => Some("TCP"),
            Self::Udp => Some("UDP"),
            Self::Sctp => Some("SCTP"),
            Self::Icmp | Self::IpIp => None,
        }
    }
}

/// The path between two endpoints, and what fits on it.
pub fn compute(model: &Model<'_>, query: &Query) -> Flow {
    let mut flow = way(model, query);
    mtu::Sizes::new(model).annotate(&mut flow);
    flow
}

/// The path between two endpoints, whatever a packet's size.
fn way(model: &Model<'_>, query: &Query) -> Flow {
    let computed = matches!(
        query,
        Query {
            from: Endpoint::Pod { .. },
            to: Endpoint::LoadBalancer { .. },
            protocol: Protocol::Tcp,
            ..
        }
    );
    if let Some(flow) = node::between(model, query) {
        return flow;
    }
    let by_service = kube_proxy::between(model, query);
    if let Some(flow) = by_service.clone().filter(|flow| !kube_proxy::is_untouched(flow)) {
        return flow;
    }
    if let Some(flow) = elb::between(model, query)
        .or_else(|| cluster::between(model, query))
        .or_else(|| vpc::between(model, query))
        .or(by_service)
    {
        return flow;
    }
    if computed
        && let (Endpoint::Pod { namespace, name, .. }, Endpoint::LoadBalancer { name: lb, port }) =
            (&query.from, &query.to)
        && let Some(flow) = nlb::between(model, namespace, name, lb, *port)
    {
        return flow;
    }
    Flow {
        kind: FlowKind::PacketPath,
        title: format!("{} → {}", query.from, query.to),
        subtitle: if computed {
            "what is pasted does not tell this way".to_owned()
        } else {
            "this way is not computed yet: only pods to pods by their policies, addresses to Services, pods to Network Load Balancers by TCP, and instances, interfaces and addresses of a VPC are"
                .to_owned()
        },
        verdict: Verdict::Unknown,
        outcomes: Vec::new(),
        next: missing(model, query),
        details: super::Details::PacketPath(Details::default()),
    }
}

/// The paths that the pasted text itself asks about: from each client that is seen or said to connect to a load balancer, from the
/// Internet to what Application Load Balancers serve, of packets that were too large, and from each instance in whose shell a connection was
/// tried.
pub fn propose(model: &Model<'_>) -> Vec<Flow> {
    let sizes = mtu::Sizes::new(model);
    let mut all = nlb::propose(model);
    all.extend(elb::propose(model));
    all.extend(sizes.propose(|query| way(model, query)));
    let found = all.len();
    all.extend(overlay::propose(model, |query| way(model, query)));
    all.extend(vpc::propose(model));
    for flow in all.iter_mut().skip(found) {
        sizes.annotate(flow);
    }
    all
}

/// What to paste so that an endpoint is known.
fn missing(model: &Model<'_>, query: &Query) -> Vec<Next> {
    let mut next = Vec::new();
    if let Endpoint::Pod { namespace, name, .. } = &query.from
        && model.get("Pod", namespace, name).is_none()
    {
        next.push(Next {
            command: format!("kubectl get pod {name} -n {namespace} -o wide"),
            decides: vec!["LB-011".to_owned()],
            why: "The pod is not pasted; its address and its node decide the way.".to_owned(),
        });
    }
    if let Endpoint::LoadBalancer { name, .. } = &query.to
        && !model.load_balancers().iter().any(|lb| nlb::is_called(lb, name))
    {
        next.push(Next {
            command: format!("aws elbv2 describe-load-balancers --names {name}"),
            decides: vec!["LB-011".to_owned()],
            why: "The load balancer is not pasted.".to_owned(),
        });
    }
    next
}

/// Evidence of several facts, each once.
pub(crate) fn joined(parts: impl IntoIterator<Item = Evidence>) -> Vec<Evidence> {
    let mut all: Vec<Evidence> = Vec::new();
    for part in parts {
        if !all.contains(&part) {
            all.push(part);
        }
    }
    all
}
