//! A Service by the port that every node has for it: which nodes answer there, and whom the pods see.

use std::net::IpAddr;

use super::behind::{Behind, Taken};
use crate::flow::packet_path::vpc::{self, Network};
use crate::flow::packet_path::{Details, Endpoint, Query, end, nlb};
use crate::flow::{self, Actor, ActorKind, Flow, FlowKind, Next, Outcome, Step, Verdict};
use crate::model::service::Service;
use crate::model::{Model, Node, Pod};

/// The nodes that are looked at.
const SHOWN: usize = 24;

/// The ways to a Service by its nodes' ports; `None` where the port is none of these.
pub fn by_nodes(model: &Model<'_>, query: &Query) -> Option<Flow> {
    let Endpoint::Service { namespace, name, port } = &query.to else {
        return None;
    };
    let entity = model.get("Service", namespace, name)?;
    let protocol = query.protocol.name()?;
    let ports = Service(entity).ports();
    let of_service = ports.iter().any(|own| own.port == *port && own.protocol == protocol);
    let own = ports
        .iter()
        .find(|own| own.node_port == Some(*port) && own.protocol == protocol)
        .filter(|_| !of_service)?;
    let taken = taken(model, query)?;
    let asked = Asked {
        model,
        query,
        port: *port,
        taken,
        network: Network::new(model),
        behind: Behind::new(model),
    };
    let nodes: Vec<(&str, IpAddr)> = model
        .all("Node")
        .filter_map(|node| Some((node.name, Node(node).internal_ip()?.value)))
        .collect();
    let mut outcomes = Vec::new();
    let mut next: Vec<Next> = Vec::new();
    if nodes.is_empty() {
        next.push(ask(
            "kubectl get nodes -o wide",
            "The nodes, and their addresses, are not pasted.",
        ));
    }
    let share = 1.0 / number(nodes.len());
    for (node, address) in nodes.iter().take(SHOWN) {
        let (mut ways, asks) = asked.at(node, *address);
        for way in &mut ways {
            way.share *= share;
        }
        if ways.iter().any(|way| way.verdict == Verdict::Unknown) {
            next.extend(asks);
        }
        outcomes.append(&mut ways);
    }
    if nodes.len() > SHOWN {
        let rest = nodes.len() - SHOWN;
        let mut outcome = Outcome::new(format!("{rest} more nodes"), share * number(rest), Verdict::Unknown);
        let mut step = Step::new(
            client(query),
            "may ask one of the other nodes, which are not looked at",
            Verdict::Unknown,
        );
        step.evidence.push(own.evidence.clone());
        outcome.steps.push(step);
        outcomes.push(outcome);
    }
    outcomes.sort_by_key(|outcome| std::cmp::Reverse(outcome.verdict));
    let mut said = std::collections::BTreeSet::new();
    next.retain(|one| said.insert(one.command.clone()));
    let verdict = Verdict::all(outcomes.iter().map(|outcome| outcome.verdict));
    Some(Flow {
        kind: FlowKind::PacketPath,
        title: format!("{} → {}", query.from, query.to),
        subtitle: format!("{protocol} {port}, a port of {} nodes", nodes.len()),
        verdict: if outcomes.is_empty() { Verdict::Unknown } else { verdict },
        outcomes,
        next,
        details: flow::Details::PacketPath(Details::default()),
    })
}

/// Who sends; `None` of those that have no address here.
fn taken(model: &Model<'_>, query: &Query) -> Option<Taken> {
    let source = match &query.from {
        Endpoint::Ip { address, .. } => Some(*address),
        Endpoint::Pod { namespace, name, .. } => Some(Pod(model.get("Pod", namespace, name)?).ip()?.value),
        Endpoint::Internet => None,
        _ => return None,
    };
    Some(Taken {
        source,
        words: source.map_or_else(|| query.from.to_string(), |source| source.to_string()),
        internet: source.is_none_or(|source| !nlb::is_private(source)),
    })
}

fn ask(command: &str, why: &str) -> Next {
    Next {
        command: command.to_owned(),
        decides: Vec::new(),
        why: why.to_owned(),
    }
}

fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count.max(1)).unwrap_or(u32::MAX))
}

fn client(query: &Query) -> Actor {
    Actor {
        id: format!("client:{}", query.from),
        kind: ActorKind::Other,
        name: query.from.to_string(),
        details: Vec::new(),
        zones: Vec::new(),
    }
}

struct Asked<'q, 'm, 'a> {
    model: &'m Model<'a>,
    query: &'q Query,
    port: u16,
    taken: Taken,
    network: Network<'a>,
    behind: Behind<'m, 'a>,
}

impl Asked<'_, '_, '_> {
    /// The ways by one node.
    fn at(&self, node: &str, address: IpAddr) -> (Vec<Outcome>, Vec<Next>) {
        let (mut first, mut next) = self.to_node(node, address);
        first.label = format!("through node {node}");
        if first.verdict == Verdict::Blocked {
            return (vec![first], next);
        }
        let ways = self.behind.node_port(
            &self.network,
            &self.taken,
            node,
            (address, self.port),
            self.query.protocol,
        );
        let Some((ways, asks)) = ways else {
            first.verdict = Verdict::Unknown;
            next.push(ask(
                "kubectl get services,endpointslices -A -o yaml",
                "Who serves the port is not pasted.",
            ));
            return (vec![first], next);
        };
        next.extend(asks);
        let several = ways.len() > 1;
        let all = ways.into_iter().map(|way| self.joined(&first, way, several)).collect();
        (all, next)
    }

    /// One way of its parts.
    fn joined(&self, first: &Outcome, way: Outcome, several: bool) -> Outcome {
        let mut outcome = first.clone();
        if several {
            outcome.label = format!("{}, {}", first.label, way.label);
        }
        outcome.share = way.share;
        let zones = first
            .steps
            .last()
            .and_then(|step| step.to.as_ref())
            .map(|to| to.zones.clone())
            .unwrap_or_default();
        let own = outcome.steps.len();
        outcome.steps.extend(way.steps);
        for step in outcome.steps.iter_mut().skip(own) {
            if step.actor.zones.len() < zones.len() {
                step.actor.zones.clone_from(&zones);
            }
        }
        // The picture ends at the pod.
        if way.verdict != Verdict::Blocked
            && let Some(last) = outcome.steps.last_mut()
            && last.actor.kind != ActorKind::Pod
            && let Some(end) = &way.ends_at
        {
            last.to = Some(self.pod(end, &last.actor.zones));
        }
        outcome.verdict = first.verdict.max(way.verdict);
        outcome.reason = way.reason;
        outcome.ends_at = way.ends_at;
        outcome.source_seen = way.source_seen;
        outcome.snat = way.snat;
        outcome.back = match (way.back, first.back.clone()) {
            (Some(mut there), Some(here)) => {
                there.verdict = there.verdict.max(here.verdict);
                there.reason = there.reason.or(here.reason);
                there.steps.extend(here.steps);
                Some(there)
            }
            (one, other) => one.or(other),
        };
        outcome
    }

    fn pod(&self, end: &str, zones: &[String]) -> Actor {
        let address = end.parse::<std::net::SocketAddr>().map(|socket| socket.ip());
        let pod = address.ok().and_then(|address| self.model.pod_by_ip(address));
        Actor {
            id: pod.map_or_else(|| format!("pod:{end}"), |pod| format!("pod:{}", pod.path())),
            kind: ActorKind::Pod,
            name: pod.map_or_else(|| end.to_owned(), |pod| pod.name.to_owned()),
            details: pod.map(|_| end.to_owned()).into_iter().collect(),
            zones: zones.to_vec(),
        }
    }

    /// The way to the node, as far as the network was pasted.
    fn to_node(&self, node: &str, address: IpAddr) -> (Outcome, Vec<Next>) {
        let query = Query {
            from: self.query.from.clone(),
            to: Endpoint::Ip {
                address,
                port: Some(self.port),
            },
            protocol: self.query.protocol,
            at: None,
        };
        let asked = !matches!(query.from, Endpoint::Pod { .. }) && self.network.has_filters();
        let mut flow = if asked { vpc::between(self.model, &query) } else { None };
        if let Some(mut flow) = flow.take()
            && !flow.outcomes.is_empty()
        {
            return (flow.outcomes.swap_remove(0), flow.next);
        }
        let mut step = Step::new(client(self.query), "connects to the node's port", Verdict::Assumed);
        step.before = vec![("src", self.taken.words.clone()), ("dst", end(address, self.port))];
        step.after.clone_from(&step.before);
        step.to = Some(Actor {
            id: format!("node:{node}"),
            kind: ActorKind::Node,
            name: node.to_owned(),
            details: vec![address.to_string()],
            zones: Vec::new(),
        });
        step.note = Some(
            "Whether routes, security groups and network ACLs let it reach the node was not looked at.".to_owned(),
        );
        let mut outcome = Outcome::new("", 1.0, Verdict::Assumed);
        outcome.steps.push(step);
        (outcome, Vec::new())
    }
}
