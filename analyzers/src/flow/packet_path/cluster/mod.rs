//! Ways whose ends a cluster knows by name: from pods, nodes and addresses to pods, nodes, Services and addresses.
//!
//! What a Service's name leads to, what the first node makes of the packet, what the policies on both ends say, and the network of AWS between
//! the nodes are asked by others; here their answers become one way.

mod behind;
mod inside;
mod leg;
mod node_ports;
mod place;
mod policies;
mod service;
pub mod snat;
#[cfg(test)]
mod tests;

use std::net::{IpAddr, SocketAddr};

pub use self::behind::{Behind, Taken};
pub use self::node_ports::by_nodes;
use self::place::Place;
use self::policies::judge;
use self::service::Leads;
use super::node::machines::Machines;
use super::vpc::Network;
use super::{Details, Endpoint, Protocol, Query, kube_proxy, mesh, node, overlay};
use crate::flow::policy::Matrix;
use crate::flow::{self, Actor, ActorKind, Flow, FlowKind, Next, Outcome, Reason, Step, Verdict};
use crate::model::Model;
use crate::model::service::Service;

/// The path between two such ends; `None` where this is not such a question.
pub fn between(model: &Model<'_>, query: &Query) -> Option<Flow> {
    use Endpoint::{Internet, Ip, Node, Pod, Service};
    match (&query.from, &query.to) {
        (Pod { .. } | Node { .. }, Pod { .. } | Node { .. } | Service { .. } | Ip { .. } | Internet)
        | (Ip { .. }, Pod { .. } | Node { .. } | Service { .. }) => {}
        (Ip { .. }, Ip { .. }) if overlay::is_about(model, query) => {}
        _ => return None,
    }
    let matrix = Matrix::new(model);
    let network = Network::new(model);
    let machines = Machines::new(model);
    let asked = Asked {
        model,
        query,
        from: Place::of(model, &matrix, &query.from)?,
        matrix: &matrix,
        network: &network,
        machines: &machines,
        brought: false,
    };
    asked.flow()
}

/// A question, and who answers parts of it.
struct Asked<'q, 'a> {
    model: &'q Model<'a>,
    query: &'q Query,
    from: Place,
    matrix: &'q Matrix<'a>,
    network: &'q Network<'a>,
    machines: &'q Machines<'a>,
    /// Whether a network brought the packet to the node that it begins at: with the sender's own address it goes to nobody elsewhere.
    brought: bool,
}

/// The ways so far, and what would tell more.
type Ways = (Vec<Outcome>, Vec<Next>);

impl Asked<'_, '_> {
    fn flow(&self) -> Option<Flow> {
        let (mut outcomes, mut next) = match &self.query.to {
            Endpoint::Service { namespace, name, port } => self.service(namespace, name, *port),
            to => {
                let to = Place::of(self.model, self.matrix, to)?;
                self.straight(&to)
            }
        };
        for outcome in &mut outcomes {
            next.extend(self.go_on(outcome));
        }
        outcomes.sort_by(|a, b| (b.verdict, &a.label).cmp(&(a.verdict, &b.label)));
        let mut said = std::collections::BTreeSet::new();
        next.retain(|one| said.insert(one.command.clone()));
        let verdict = Verdict::all(outcomes.iter().map(|outcome| outcome.verdict));
        let protocol = self.query.protocol.name().unwrap_or("ICMP");
        Some(Flow {
            kind: FlowKind::PacketPath,
            title: format!("{} → {}", self.query.from, self.query.to),
            subtitle: match outcomes.len() {
                0 | 1 => protocol.to_owned(),
                ways => format!("{protocol} · {ways} ways"),
            },
            verdict: if outcomes.is_empty() { Verdict::Unknown } else { verdict },
            outcomes,
            next,
            details: flow::Details::PacketPath(Details::of(self.query)),
        })
    }

    /// From the client to a Service by its name.
    fn service(&self, namespace: &str, name: &str, port: u16) -> Ways {
        let Some(entity) = self.model.get("Service", namespace, name) else {
            return (Vec::new(), vec![service::missing(namespace, name)]);
        };
        let six = self.from.address.map(|address| address.is_ipv6());
        match service::leads(self.model, entity, port, self.query.protocol, six) {
            Leads::Ways(outcomes, next) => (outcomes, next),
            Leads::Address(address) => {
                let Some(source) = self.from.address else {
                    return (Vec::new(), self.from.missing.clone().into_iter().collect());
                };
                let chosen = self.captured(address, port).and_then(|settings| {
                    let ports = Service(entity).ports();
                    let own = ports.iter().find(|one| one.port == port && one.protocol == "TCP")?;
                    settings.ways(self.model, (entity, own), address)
                });
                if let Some((mut outcomes, next)) = chosen {
                    for outcome in &mut outcomes {
                        outcome.source_seen = Some(source.to_string());
                    }
                    return (outcomes, next);
                }
                self.at_node(source, address, port).unwrap_or_default()
            }
        }
    }

    /// The sender's sidecar, where what it sends there goes through it.
    fn captured(&self, address: IpAddr, port: u16) -> Option<mesh::Settings> {
        let pod = self
            .from
            .pod
            .as_ref()
            .filter(|_| self.query.protocol == Protocol::Tcp)?;
        match mesh::sidecar(self.model, pod) {
            mesh::Sidecar::Yes(settings) if settings.sends(address, port) => Some(*settings),
            _ => None,
        }
    }

    /// What the sidecars of both ends make of a connection: the sender's first, then the receiver's.
    fn meshed(&self, outcome: &mut Outcome, to: &Place) -> (Vec<Step>, Vec<Next>) {
        let (Some(port), Protocol::Tcp) = (to.port, self.query.protocol) else {
            return (Vec::new(), Vec::new());
        };
        let (asked, service) = match &self.query.to {
            Endpoint::Service { namespace, name, port } => {
                let address = self.model.get("Service", namespace, name).and_then(|entity| {
                    let addresses = Service(entity).cluster_addresses();
                    addresses.first().map(|address| (address.value, *port))
                });
                (address, Some((namespace.as_str(), name.as_str())))
            }
            _ => (to.address.map(|address| (address, port)), None),
        };
        let settings = asked.and_then(|(address, port)| self.captured(address, port));
        if let (Some(settings), None) = (&settings, service) {
            outcome.steps.insert(0, settings.passes_on());
        }
        let Some(pod) = &to.pod else {
            return (Vec::new(), Vec::new());
        };
        let ends = mesh::Ends {
            from: self.from.pod.as_ref(),
            sender: &self.from.evidence,
            through: settings.is_some(),
            to: pod,
            port,
            service,
        };
        mesh::arrival(self.model, &ends)
    }

    /// What the first node makes of a packet: by its rules, or by what they are written from.
    fn at_node(&self, source: IpAddr, address: IpAddr, port: u16) -> Option<Ways> {
        let query = Query {
            from: Endpoint::Ip {
                address: source,
                port: None,
            },
            to: Endpoint::Ip {
                address,
                port: Some(port),
            },
            protocol: self.query.protocol,
            at: self.query.at.clone().or_else(|| self.from.node.clone()),
        };
        let by_objects = || kube_proxy::between(self.model, &query).filter(|flow| !kube_proxy::is_untouched(flow));
        let flow = node::between(self.model, &query).or_else(by_objects)?;
        let mut outcomes = flow.outcomes;
        if flow.verdict == Verdict::Unknown {
            // It is not known which of the ways is taken.
            for outcome in &mut outcomes {
                outcome.verdict = outcome.verdict.max(Verdict::Unknown);
            }
        }
        Some((outcomes, flow.next))
    }

    /// Straight to a place.
    fn straight(&self, to: &Place) -> Ways {
        let address = to.address;
        if let (Some(source), Some(address), Some(port)) = (self.from.address, address, to.port)
            && self.query.protocol.name().is_some()
            && let Some(ways) = self.at_node(source, address, port)
        {
            return ways;
        }
        let known = |place: &Place| place.workload.is_some() || place.address.is_some() || place.internet;
        if !known(to) || !known(&self.from) {
            let missing = [&self.from, to].into_iter().filter_map(|place| place.missing.clone());
            return (Vec::new(), missing.collect());
        }
        let mut outcome = Outcome::new("straight to the other end", 1.0, Verdict::Passes);
        outcome.ends_at = Some(match (address, to.port) {
            (Some(address), Some(port)) => super::end(address, port),
            (Some(address), None) => address.to_string(),
            (None, _) => to.name.clone(),
        });
        outcome.source_seen = self.from.address.map(|address| address.to_string());
        (vec![outcome], Vec::new())
    }

    /// The way on from the node: out of the pod, through the network, into the pod.
    fn go_on(&self, outcome: &mut Outcome) -> Vec<Next> {
        if outcome.verdict == Verdict::Blocked {
            return Vec::new();
        }
        let Some(to) = self.arrives(outcome) else {
            return Vec::new();
        };
        let own = outcome.steps.len();
        let own = own - usize::from(outcome.steps.last().is_some_and(node::is_beyond));
        let seen = match (&outcome.source_seen, outcome.snat) {
            (_, false) => self.from.address,
            (Some(seen), true) => seen.parse().ok(),
            // The node takes the address of the interface that the packet leaves by: the first, where nothing says otherwise.
            (None, true) => self.first_address(),
        };
        let mut judged = judge(
            self.model,
            self.matrix,
            (&self.from.side(), &to.side()),
            self.query,
            to.port,
        );
        if outcome.snat
            && let Some(step) = &mut judged.ingress
            && step.verdict == Verdict::Blocked
        {
            // Most plugins let a pod's own node in, whatever the policies say; others see the node's address.
            step.verdict = Verdict::Unknown;
            step.reason = None;
            step.note = Some(
                "The pod sees its packets come from a node, not from who sent them: whether that is let in is the network plugin's own affair."
                    .to_owned(),
            );
        }
        let mut next = judged.next;
        let beyond = outcome.steps.split_off(own);
        // A pod's policies are applied where it meets its node, and are about who gets the packet in the end.
        if let Some(egress) = judged.egress {
            if egress.verdict == Verdict::Blocked {
                outcome.steps.clear();
            }
            outcome.steps.insert(0, egress);
        }
        let (mut back, mut unsure, mut near) = (None, false, None);
        let by_node = outcome.back.take();
        let by_rules = node::has_spoken(&outcome.steps);
        let wrapped = if is_stopped(outcome) || self.brought {
            None
        } else {
            self.overlay(outcome.snat, &to)
        };
        // The tables of both nodes are an overlay's then.
        let by_overlay = wrapped.is_some();
        let left = if is_stopped(outcome) || by_overlay {
            None
        } else {
            self.leaves(outcome, &to)
        };
        if let Some(left) = &left {
            outcome.steps.extend(left.steps.iter().cloned());
            next.extend(left.next.iter().cloned());
        }
        if !is_stopped(outcome) {
            let rewritten = outcome.snat || by_rules;
            let stays = self.brought && !outcome.snat;
            if let Some(wrapped) = wrapped {
                next.extend(wrapped.next);
                nest(&mut outcome.steps, wrapped.steps.first());
                nest(judged.ingress.as_mut_slice(), wrapped.steps.last());
                outcome.steps.extend(wrapped.steps);
                back = wrapped.back;
            } else if let Some(leg) = seen
                .filter(|_| !stays)
                .and_then(|seen| self.leg(seen, rewritten, &to, left.as_ref()))
            {
                next.extend(leg.next);
                nest(&mut outcome.steps, leg.travelled.steps.first());
                nest(judged.ingress.as_mut_slice(), leg.travelled.steps.last());
                near = leg.travelled.steps.last().cloned();
                outcome.steps.extend(leg.own);
                outcome.steps.extend(leg.travelled.steps);
                if !outcome.snat {
                    outcome.source_seen = leg.travelled.source_seen;
                    outcome.snat = leg.rewritten || leg.travelled.snat;
                }
                unsure = leg.unsure;
                back = leg.travelled.back;
            } else if beyond.is_empty() || to.workload.is_some() {
                let (step, asks) = if stays {
                    (self.stays(&to), None)
                } else {
                    self.carried(&to)
                };
                outcome.steps.push(step);
                next.extend(asks);
            } else {
                outcome.steps.extend(beyond);
            }
        }
        if !is_stopped(outcome) && !by_overlay && left.as_ref().is_none_or(|left| !left.stays) {
            let seen = outcome.source_seen.as_ref().and_then(|seen| seen.parse().ok()).or(seen);
            if let Some(entered) = self.enters(seen, &to, left.as_ref()) {
                outcome.steps.extend(entered.steps);
                next.extend(entered.next);
            }
        }
        if !is_stopped(outcome) {
            outcome.steps.extend(judged.ingress);
        }
        if !is_stopped(outcome) && !by_overlay {
            let seen = outcome.source_seen.as_ref().and_then(|seen| seen.parse().ok()).or(seen);
            let (answer, asks) = self.answers(seen, &to, back);
            back = answer;
            next.extend(asks);
        }
        if !is_stopped(outcome) {
            let (mut steps, asks) = self.meshed(outcome, &to);
            nest(&mut steps, near.as_ref());
            outcome.steps.extend(steps);
            next.extend(asks);
        }
        conclude(outcome, joined_back(back, by_node), judged.open, unsure);
        next
    }

    /// The way by an overlay network, where the nodes have one.
    fn overlay(&self, rewritten: bool, to: &Place) -> Option<overlay::Between> {
        if rewritten {
            return None;
        }
        let side = |place: &Place| {
            let node = place.node.as_deref();
            let address = place.address?;
            let pod = place.pod.is_some().then(|| place.name.clone());
            Some(overlay::Side::new(
                self.model,
                self.machines,
                (pod, address),
                node,
                &place.evidence,
            ))
        };
        let asked = overlay::Asked {
            model: self.model,
            network: self.network,
            query: self.query,
            port: to.port,
        };
        overlay::between(asked, &side(&self.from)?, &side(to)?)
    }

    /// The address of the sender's node.
    fn first_address(&self) -> Option<IpAddr> {
        let name = self.query.at.as_ref().or(self.from.node.as_ref())?;
        let node = self.model.get("Node", "", name)?;
        Some(crate::model::Node(node).internal_ip()?.value)
    }

    /// A packet that a load balancer brought to its node, and that kept its source: kube-proxy sends it on to an endpoint of this node alone, as
    /// the answer would not come back by another one.
    fn stays(&self, to: &Place) -> Step {
        if self.from.node == to.node {
            return self.carried(to).0;
        }
        let name = self.from.node.clone().unwrap_or_default();
        let actor = Actor {
            id: format!("node:{name}"),
            kind: ActorKind::Node,
            name,
            details: Vec::new(),
            zones: Vec::new(),
        };
        let mut step = Step::new(actor, "hands the packet to the pod on this node", Verdict::Assumed);
        step.before = vec![("src", self.from.name.clone()), ("dst", to.name.clone())];
        step.note = Some("What keeps its source goes to endpoints of this node alone (externalTrafficPolicy: Local); the pod was not pasted.".to_owned());
        step
    }

    /// Between two ends of which the network is not known, or that are on the same node.
    fn carried(&self, to: &Place) -> (Step, Option<Next>) {
        let node = to.node.as_ref().filter(|node| self.from.node.as_ref() == Some(*node));
        let name = node.cloned().unwrap_or_else(|| "the network".to_owned());
        let actor = Actor {
            id: format!("node:{name}"),
            kind: if node.is_some() {
                ActorKind::Node
            } else {
                ActorKind::Other
            },
            name,
            details: Vec::new(),
            zones: Vec::new(),
        };
        let mut asks = None;
        let (action, verdict, note) = if node.is_some() {
            (
                "both ends are on this node: the packet does not leave it",
                Verdict::Passes,
                None,
            )
        } else if self.has_network() || to.workload.is_none() && to.node.is_none() {
            let ends: Vec<String> = [self.from.address, to.address]
                .into_iter()
                .flatten()
                .map(|address| address.to_string())
                .collect();
            asks = Some(Next {
                command: format!(
                    "aws ec2 describe-network-interfaces --filters Name=addresses.private-ip-address,Values={}",
                    ends.join(",")
                ),
                decides: Vec::new(),
                why: "The interfaces of both ends decide which security groups, network ACLs and routes count."
                    .to_owned(),
            });
            (
                "carries the packet to the other end, if its filters let it",
                Verdict::Unknown,
                Some("The interfaces of the ends were not pasted."),
            )
        } else {
            (
                "carries the packet to the other end",
                Verdict::Assumed,
                Some(
                    "Pods and nodes reach each other (Kubernetes, \"The Kubernetes network model\"); security groups, network ACLs and routes \
                     between them were not pasted.",
                ),
            )
        };
        let mut step = Step::new(actor, action, verdict);
        step.note = note.map(str::to_owned);
        step.before = vec![("src", self.from.name.clone()), ("dst", to.name.clone())];
        if node.is_some() {
            step.evidence = super::joined(self.from.evidence.iter().chain(&to.evidence).cloned());
        }
        (step, asks)
    }

    /// Whether a part of a network was pasted, so that its filters are a question.
    fn has_network(&self) -> bool {
        let lists = ["SecurityGroups", "SecurityGroupRules", "NetworkAcls"];
        !self.network.is_empty() || lists.iter().any(|list| !self.model.aws_list(list).is_empty())
    }

    /// Where a way leads that is not at its end.
    fn arrives(&self, outcome: &Outcome) -> Option<Place> {
        let end = outcome.ends_at.as_deref()?;
        if let Ok(socket) = end.parse::<SocketAddr>() {
            return Some(Place::at(self.model, self.matrix, socket.ip(), Some(socket.port())));
        }
        if let Ok(address) = end.parse::<IpAddr>() {
            return Some(Place::at(self.model, self.matrix, address, None));
        }
        // A pod whose address was not pasted.
        Place::of(self.model, self.matrix, &self.query.to).filter(|to| to.name == end)
    }
}

/// The answer comes through the network first, then by the node that has to put back what it rewrote.
fn joined_back(through: Option<flow::Return>, by_node: Option<flow::Return>) -> Option<flow::Return> {
    match (through, by_node) {
        (Some(mut all), Some(node)) => {
            if all.verdict != Verdict::Blocked {
                all.verdict = Verdict::all([all.verdict, node.verdict]);
                all.reason = node.reason;
                all.steps.extend(node.steps);
            }
            Some(all)
        }
        (through, by_node) => through.or(by_node),
    }
}

/// Puts the actors of one end into the zones of that end's interface.
fn nest(steps: &mut [Step], interface: Option<&Step>) {
    let Some(interface) = interface else { return };
    for step in steps
        .iter_mut()
        .filter(|step| step.actor.zones.len() < interface.actor.zones.len())
    {
        step.actor.zones.clone_from(&interface.actor.zones);
    }
}

fn is_stopped(outcome: &Outcome) -> bool {
    outcome.steps.iter().any(|step| step.verdict == Verdict::Blocked)
}

/// What all steps of a way come to.
fn conclude(outcome: &mut Outcome, back: Option<flow::Return>, open: bool, unsure: bool) {
    let unknown = outcome.verdict == Verdict::Unknown || open || unsure;
    let steps = Verdict::all(outcome.steps.iter().map(|step| step.verdict));
    let stopped = outcome.steps.iter().find(|step| step.verdict == Verdict::Blocked);
    // What a policy stops, another one may let through; the network's filters do not ask policies.
    let by_policy = |reason: Option<Reason>| matches!(reason, Some(Reason::PolicyEgress | Reason::PolicyIngress));
    let reason = stopped.and_then(|step| step.reason);
    let sure = stopped.is_some() && !unsure && !(open && by_policy(reason));
    outcome.verdict = match (sure, &back) {
        (true, _) => Verdict::Blocked,
        (false, _) if unknown => Verdict::Unknown,
        (false, Some(back)) => Verdict::all([steps, back.verdict]),
        (false, None) => steps,
    };
    let returns = back.as_ref().filter(|back| back.verdict == Verdict::Blocked);
    if returns.is_some() && outcome.verdict != Verdict::Unknown {
        outcome.verdict = Verdict::Blocked;
    }
    outcome.reason = match outcome.verdict {
        Verdict::Blocked => reason.or_else(|| returns.and_then(|back| back.reason)),
        _ => None,
    };
    if stopped.is_some() {
        outcome.ends_at = None;
        outcome.source_seen = None;
        outcome.snat = false;
    }
    outcome.back = back;
}
