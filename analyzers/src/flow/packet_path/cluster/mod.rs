//! Ways whose ends a cluster knows by name: from pods, nodes and addresses to pods, nodes, Services and addresses.
//!
//! What a Service's name leads to, what the first node makes of the packet, what the policies on both ends say, and the network of AWS between
//! the nodes are asked by others; here their answers become one way.

mod behind;
mod contested;
mod egress;
mod inside;
mod leg;
mod node_ports;
mod onward;
mod place;
mod policies;
mod service;
pub mod snat;
mod standing;
#[cfg(test)]
mod tests;

use std::net::{IpAddr, SocketAddr};

pub use self::behind::{Behind, Taken};
pub use self::node_ports::by_nodes;
use self::place::Place;
use self::policies::{Listings, Seen, judge};
use self::service::Leads;
use super::node::machines::Machines;
use super::vpc::Network;
use super::vpc_cni::Passed;
use super::{Details, Endpoint, Protocol, Query, kube_proxy, mesh, node, overlay};
use crate::flow::policy::Matrix;
use crate::flow::{self, Actor, ActorKind, Flow, FlowKind, Next, Outcome, Reason, Step, Verdict};
use crate::model::service::Service;
use crate::model::{Entity, Model};

/// The path between two such ends; `None` where this is not such a question.
pub fn between(model: &Model<'_>, query: &Query) -> Option<Flow> {
    use Endpoint::{Internet, Ip, Node, Pod};
    match (&query.from, &query.to) {
        (Pod { .. } | Node { .. }, Pod { .. } | Node { .. } | Endpoint::Service { .. } | Ip { .. } | Internet)
        | (Ip { .. }, Pod { .. } | Node { .. } | Endpoint::Service { .. }) => {}
        (Ip { .. }, Ip { .. }) if overlay::is_about(model, query) => {}
        _ => return None,
    }
    let matrix = Matrix::new(model);
    let listings = Listings::new(model);
    let network = Network::new(model);
    let machines = Machines::new(model);
    let asked = Asked {
        model,
        query,
        from: Place::of(model, &matrix, &query.from)?,
        matrix: &matrix,
        listings: &listings,
        network: &network,
        onward: false,
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
    listings: &'q Listings<'q, 'a>,
    network: &'q Network<'a>,
    /// Whether the packet came to its node from another one, which has judged what its sender may do.
    onward: bool,
    machines: &'q Machines<'a>,
    /// Whether a network brought the packet to the node that it begins at: with the sender's own address it goes to nobody elsewhere.
    brought: bool,
}

/// The ways so far, and what would tell more.
type Ways = (Vec<Outcome>, Vec<Next>);

impl Asked<'_, '_> {
    fn flow(&self) -> Option<Flow> {
        let (mut outcomes, mut next) = match &self.query.to {
            _ if self.from.is_gone() => gone(&self.from),
            Endpoint::Service { namespace, name, port } => self.service(namespace, name, *port),
            to => {
                let to = Place::of(self.model, self.matrix, to)?;
                if to.is_gone() { gone(&to) } else { self.straight(&to) }
            }
        };
        for outcome in &mut outcomes {
            next.extend(self.go_on(outcome));
        }
        let mut outcomes: Vec<Outcome> = outcomes
            .into_iter()
            .flat_map(|outcome| self.at_next_node(outcome, &mut next))
            .collect();
        for asks in self.contest(&mut outcomes) {
            next.insert(0, asks);
        }
        outcomes.sort_by(|a, b| (b.verdict, &a.label).cmp(&(a.verdict, &b.label)));
        let mut said = std::collections::BTreeSet::new();
        next.retain(|one| said.insert(one.command.clone()));
        let refused = |outcome: &Outcome| {
            let last = outcome.steps.last();
            last.is_some_and(|step| step.verdict == Verdict::Blocked && step.actor.id.ends_with("/istio-proxy"))
        };
        if !outcomes.is_empty() && outcomes.iter().all(refused) {
            // Whatever is asked about the way there, the end of it is proved.
            next.clear();
        }
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
            at: self
                .query
                .at
                .clone()
                .or_else(|| self.from.node.clone())
                // From outside it meets the rules of the node that it is sent to.
                .or_else(|| node::node_with(self.model, address).map(str::to_owned)),
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
        if let Some(ways) = self.other_family(to) {
            return ways;
        }
        if let Some(address) = address.filter(|_| self.query.protocol == Protocol::Icmp) {
            let has = |entity: &&Entity<'_>| {
                let addresses = Service(entity).cluster_addresses();
                addresses.iter().any(|own| own.value == address)
            };
            if let Some(entity) = self.model.all("Service").find(has) {
                return service::pinged(entity);
            }
        }
        if let (Some(source), Some(address), Some(port)) = (self.from.address, address, to.port)
            && self.query.protocol.name().is_some()
            && let Some(ways) = self.at_node(source, address, port)
        {
            return self.wrong_port(to, &ways.0).unwrap_or(ways);
        }
        if let Some(ways) = self.wrong_port(to, &[]) {
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
        let mut judged = self.judged(outcome, &to, seen);
        let mut next = std::mem::take(&mut judged.next);
        let beyond = outcome.steps.split_off(own);
        // A pod's policies are applied where it meets its node, and are about who gets the packet in the end.
        if let Some(egress) = judged.egress.filter(|_| !self.onward) {
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
                    self.carried(&to, left.as_ref())
                };
                outcome.steps.push(step);
                next.extend(asks);
            } else {
                outcome.steps.extend(beyond);
            }
        }
        let parsed = |outcome: &Outcome| outcome.source_seen.as_ref().and_then(|seen| seen.parse().ok()).or(seen);
        if !is_stopped(outcome) && !by_overlay && left.as_ref().is_none_or(|left| !left.stays) {
            let seen = parsed(outcome);
            if let Some(mut entered) = self.enters(seen, &to, left.as_ref()) {
                nest(&mut entered.steps, near.as_ref());
                outcome.steps.extend(entered.steps);
                next.extend(entered.next);
            }
        }
        if !is_stopped(outcome) {
            outcome.steps.extend(judged.ingress);
        }
        if !is_stopped(outcome) && !by_overlay {
            let (answer, asks) = self.answers(parsed(outcome), &to, back);
            back = answer;
            next.extend(asks);
        }
        if let Some(standing) = to.standing.clone().filter(|_| !is_stopped(outcome)) {
            outcome.steps.push(standing.step);
            next.extend(standing.next);
        }
        if !is_stopped(outcome) {
            let (mut steps, asks) = self.meshed(outcome, &to);
            nest(&mut steps, near.as_ref());
            outcome.steps.extend(steps);
            next.extend(asks);
        }
        unsure |= left.as_ref().is_some_and(|left| left.unsure);
        conclude(outcome, joined_back(back, by_node), judged.open, unsure);
        next
    }

    /// What the policies of both ends say; `seen`: the address that the packet comes with.
    fn judged(&self, outcome: &Outcome, to: &Place, seen: Option<IpAddr>) -> policies::Judged {
        let as_node = seen.filter(|_| outcome.snat);
        let as_node = as_node.map(|address| Place::at(self.model, self.matrix, address, None).side());
        let mut sender = self.from.side();
        if self.brought {
            // The node where it came in is not who sent it.
            sender.node = None;
        }
        let seen = if outcome.snat {
            Seen::As(as_node.as_ref())
        } else {
            Seen::Itself
        };
        judge(
            self.listings,
            self.matrix,
            (&sender, &to.side()),
            seen,
            self.query,
            to.port,
        )
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
            return self.carried(to, None).0;
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
    fn carried(&self, to: &Place, left: Option<&Passed>) -> (Step, Option<Next>) {
        // Where the node's routes were pasted, they say whether it leaves the node.
        let stays = left.is_none_or(|left| left.stays);
        let node = to
            .node
            .as_ref()
            .filter(|node| self.from.node.as_ref() == Some(*node) && stays);
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
            asks = Some(self.interfaces(to));
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

    /// What shows the interfaces of the ends: those whose addresses are a VPC's.
    fn interfaces(&self, to: &Place) -> Next {
        let ends = [self.from.address, to.address].into_iter().flatten();
        let ends: Vec<String> = ends
            .filter(|address| self.network.may_have(*address))
            .map(|address| address.to_string())
            .collect();
        let (command, why) = if ends.is_empty() {
            (
                "ip route".to_owned(),
                "Run on the sender's node: neither end has an address of a VPC, and the node's routes say who carries the packet.",
            )
        } else {
            (
                format!(
                    "aws ec2 describe-network-interfaces --filters Name=addresses.private-ip-address,Values={}",
                    ends.join(",")
                ),
                "The interfaces of the ends decide which security groups, network ACLs and routes count.",
            )
        };
        Next {
            command,
            decides: Vec::new(),
            why: why.to_owned(),
        }
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
    let actors = steps
        .iter_mut()
        .flat_map(|step| std::iter::once(&mut step.actor).chain(&mut step.to));
    for actor in actors.filter(|actor| actor.zones.len() < interface.actor.zones.len()) {
        actor.zones.clone_from(&interface.actor.zones);
    }
}

/// No way, because of what is wrong with one of its ends.
fn gone(place: &Place) -> Ways {
    let Some(standing) = place.standing.clone() else {
        return Ways::default();
    };
    let mut outcome = Outcome::new("no way", 1.0, standing.step.verdict);
    outcome.reason = standing.step.reason;
    outcome.steps.push(standing.step);
    (vec![outcome], standing.next.into_iter().collect())
}

fn is_stopped(outcome: &Outcome) -> bool {
    outcome.steps.iter().any(|step| step.verdict == Verdict::Blocked)
}

/// What all steps of a way come to.
fn conclude(outcome: &mut Outcome, back: Option<flow::Return>, open: bool, unsure: bool) {
    let before = outcome.verdict == Verdict::Unknown;
    let unknown = before || open || unsure;
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
    // What a policy may stop as well does not come back either.
    let arrives = outcome.verdict != Verdict::Unknown || open && !before && !unsure && steps != Verdict::Unknown;
    if returns.is_some() && arrives {
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
