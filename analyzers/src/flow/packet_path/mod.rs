//! The packet path: which way a packet goes, what rewrites it, where it stops.

mod api;
mod attempt;
mod client;
mod cluster;
mod elb;
pub mod endpoint;
pub mod ends;
pub mod fold;
mod ipvs;
mod kube_proxy;
mod mesh;
mod mtu;
mod netfilter;
mod nftables;
mod nlb;
mod node;
mod overlay;
pub mod report;
mod shell;
mod tried;
pub mod vpc;
mod vpc_cni;

use std::net::IpAddr;

use super::{Flow, FlowKind, Next, Verdict};
use crate::artifact;
use crate::evidence::Evidence;
use crate::model::Model;

pub use api::{Attempt as ApiAttempt, attempts as api_attempts};
pub use attempt::{Attempt, attempts};
pub use client::{Client, Sign};
pub use elb::{Door, door};
pub use endpoint::Endpoint;
pub use nlb::{Hairpin, Mechanism, no_connection};
pub use node::{Ruled, Sending};

/// What only packet paths have.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Details {
    /// What was asked; `None` where the paste itself asks, and nobody else can ask the same.
    pub question: Option<Question>,
    /// The way on which a load balancer sends a packet back to the host that it came from.
    pub hairpin: Option<Box<Hairpin>>,
}

impl Details {
    /// Those of the answer to a question.
    fn of(query: &Query) -> Self {
        Self {
            question: Some(Question::Ends(query.clone())),
            hairpin: None,
        }
    }
}

/// What a path answers, so that it can be asked again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// From one end to another.
    Ends(Query),
    /// From a pod through a load balancer of which no port was pasted.
    Balancer {
        /// The pod's namespace.
        namespace: String,
        /// The pod's name.
        name: String,
        /// The load balancer's name.
        balancer: String,
    },
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
pub(crate) fn end(address: IpAddr, port: u16) -> String {
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
    // Who joins the answers of others asked them something else.
    let mut flow = asking(answer(model, query), query);
    mtu::Sizes::new(model).annotate(&mut flow);
    flow
}

/// A path that knows between which ends it was asked.
fn asking(flow: Flow, query: &Query) -> Flow {
    questioned(flow, &Question::Ends(query.clone()))
}

/// A path that knows what was asked.
fn questioned(mut flow: Flow, question: &Question) -> Flow {
    if let super::Details::PacketPath(details) = &mut flow.details {
        details.question = Some(question.clone());
    }
    flow
}

/// The answer to a question.
pub fn asked(model: &Model<'_>, question: &Question) -> Flow {
    match question {
        Question::Ends(query) => compute(model, query),
        Question::Balancer {
            namespace,
            name,
            balancer,
        } => {
            let flow = nlb::between(model, namespace, name, balancer, None)
                .unwrap_or_else(|| nlb::not_told(model, namespace, name, balancer));
            questioned(flow, question)
        }
    }
}

/// The same path once more, over what is known now: where only the paste asks, the one of that title that it still asks about.
pub fn again(model: &Model<'_>, flow: &Flow) -> Option<Flow> {
    let super::Details::PacketPath(details) = &flow.details else {
        return None;
    };
    match &details.question {
        Some(question) => Some(asked(model, question)),
        None => propose(model).into_iter().find(|other| other.title == flow.title),
    }
}

fn answer(model: &Model<'_>, query: &Query) -> Flow {
    let computed = matches!(
        query,
        Query {
            from: Endpoint::Pod { .. },
            to: Endpoint::LoadBalancer { .. },
            protocol: Protocol::Tcp,
            ..
        }
    );
    if let Some(flow) = node::between(model, query)
        .or_else(|| api::between(model, query))
        .or_else(|| cluster::by_nodes(model, query))
    {
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
        && let Some(flow) = nlb::between(model, namespace, name, lb, Some(*port))
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
/// Internet to what Application Load Balancers serve, from where `kubectl` reaches no API server to its endpoint, of packets that were too
/// large, and from each pod, node and instance in whose shell a connection was tried.
pub fn propose(model: &Model<'_>) -> Vec<Flow> {
    let sizes = mtu::Sizes::new(model);
    let mut all = nlb::propose(model);
    all.extend(api::propose(model));
    all.extend(elb::propose(model));
    all.extend(sizes.propose(|query| answer(model, query)));
    all.extend(kube_proxy::propose(model));
    all.extend(shell::propose(model));
    all.extend(overlay::propose(model));
    let found = all.len();
    all.extend(vpc::propose(model));
    all.extend(vpc_cni::propose(model));
    for flow in all.iter_mut().skip(found) {
        sizes.annotate(flow);
    }
    let mut seen = std::collections::BTreeSet::new();
    all.retain(|flow| seen.insert((flow.title.clone(), flow.subtitle.clone())));
    all
}

/// What to paste so that an endpoint is known.
fn missing(model: &Model<'_>, query: &Query) -> Vec<Next> {
    let mut next = Vec::new();
    if let Endpoint::Pod { namespace, name, .. } = &query.from {
        next.extend(nlb::missing_pod(model, namespace, name));
    }
    if let Endpoint::LoadBalancer { name, .. } = &query.to {
        next.extend(nlb::missing_balancer(model, name));
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
