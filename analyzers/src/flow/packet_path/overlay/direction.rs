//! The way of one packet from a pod's node to another pod's node, by the tables of both.

use std::net::IpAddr;

use super::tunnel::{Kind, Tunnel, is_of_pods, tunnel};
use super::wrapped::{Outer, carried};
use super::{Asked, Leg, Side, ask, has_overlay};
use crate::evidence::Evidence;
use crate::flow::packet_path::node::packet::Interface;
use crate::flow::packet_path::node::routes::{Hop, Route, Routes};
use crate::flow::packet_path::vpc::Start;
use crate::flow::packet_path::vpc::packet::{Address, Packet};
use crate::flow::packet_path::{end, joined};
use crate::flow::{Actor, Next, Reason, Step, Values, Verdict};

/// A way while it is walked.
pub struct Walk<'s, 'q, 'a> {
    pub asked: Asked<'q, 'a>,
    pub from: &'s Side<'q, 'a>,
    pub to: &'s Side<'q, 'a>,
    /// Whether it is the way of the answer.
    pub answer: bool,
    pub steps: Vec<Step>,
    pub next: Vec<Next>,
}

/// The way from one node to the other; `None` where the sender's routes were not pasted, or are of no overlay. `known`: whether the nodes are
/// known to be in one. `answer`: whether it is the way of the answer.
pub fn direction<'a>(
    asked: Asked<'_, 'a>,
    from: &Side<'_, 'a>,
    to: &Side<'_, 'a>,
    (known, answer): (bool, bool),
) -> Option<Leg> {
    let machine = from.machine?;
    let routes = machine.routes(to.address.is_ipv6())?;
    let mut walk = Walk {
        asked,
        from,
        to,
        answer,
        steps: Vec::new(),
        next: Vec::new(),
    };
    let known = known || has_overlay(machine, &routes);
    walk.pod(
        from,
        if answer {
            "answers"
        } else {
            "sends the packet to its node"
        },
    );
    match routes.pick(to.address, Some(from.address), 0, &Interface::Unknown) {
        Ok(route) => walk.by_route(&routes, route, known)?,
        Err(Hop::Nowhere(whole)) if known => {
            let words = format!("has no route to {}", to.address);
            walk.stop(from.actor(), words, Reason::NoRoute, vec![whole]);
        }
        Err(Hop::Stopped(kind, evidence)) if known => {
            let words = format!("its rules for {} say `{kind}`", to.address);
            walk.stop(from.actor(), words, Reason::BlackholeRoute, vec![evidence]);
        }
        Err(_) if known => walk.open(
            from.actor(),
            format!("by which device a packet to {} leaves was not pasted", to.address),
            ask("ip route show table all", &from.node, "Its routes decide the way."),
        ),
        Err(_) => return None,
    }
    Some(Leg {
        steps: walk.steps,
        next: walk.next,
    })
}

/// `10.244.2.0/24`, as printed.
fn block(route: &Route<'_>) -> String {
    route.node.str_of("dst").unwrap_or_default().to_owned()
}

impl<'a> Walk<'_, '_, 'a> {
    /// The packet as the pods see it.
    pub fn inner(&self) -> Values {
        let (source, destination) = (self.from.address, self.to.address);
        match self.asked.port {
            Some(port) if self.answer => vec![("src", end(source, port)), ("dst", destination.to_string())],
            Some(port) => vec![("src", source.to_string()), ("dst", end(destination, port))],
            None => vec![("src", source.to_string()), ("dst", destination.to_string())],
        }
    }

    /// Notes what somebody makes of the packet.
    pub fn step(&mut self, actor: Actor, action: String, verdict: Verdict, evidence: Vec<Evidence>) {
        let mut step = Step::new(actor, action, verdict);
        step.before = self.inner();
        step.evidence = joined(evidence);
        self.steps.push(step);
    }

    /// Notes what a pod does, where it is known.
    fn pod(&mut self, side: &Side<'_, '_>, action: &str) {
        let Some(actor) = side.pod_actor() else { return };
        let verdict = if side.evidence.is_empty() {
            Verdict::Assumed
        } else {
            Verdict::Passes
        };
        self.step(actor, action.to_owned(), verdict, side.evidence.clone());
    }

    /// Adds a remark to what was noted last.
    pub fn remark(&mut self, words: impl Into<String>) {
        if let Some(step) = self.steps.last_mut() {
            step.note = Some(words.into());
        }
    }

    /// Notes where the packet stops.
    pub fn stop(&mut self, actor: Actor, action: String, reason: Reason, evidence: Vec<Evidence>) {
        self.step(actor, action, Verdict::Blocked, evidence);
        if let Some(step) = self.steps.last_mut() {
            step.reason = Some(reason);
        }
    }

    /// Notes what is not known, and what would tell.
    pub fn open(&mut self, actor: Actor, action: String, next: Next) {
        self.step(actor, action, Verdict::Unknown, Vec::new());
        self.ask(next);
    }

    pub fn ask(&mut self, next: Next) {
        if !self.next.contains(&next) {
            self.next.push(next);
        }
    }

    /// Whether it was stopped.
    pub fn is_stopped(&self) -> bool {
        self.steps.iter().any(|step| step.verdict == Verdict::Blocked)
    }

    /// The sender's node takes a route. `known`: whether its routes are those of an overlay. `None` where the route is none of them.
    fn by_route(&mut self, routes: &Routes<'a>, route: &Route<'a>, known: bool) -> Option<()> {
        let (from, to) = (self.from, self.to);
        let evidence = route.node.evidence();
        if matches!(route.kind, "blackhole" | "unreachable" | "prohibit") {
            let words = format!("its route {} to {} is `{}`", block(route), to.address, route.kind);
            return known.then(|| self.stop(from.actor(), words, Reason::BlackholeRoute, vec![evidence]));
        }
        let device = route.interface.filter(|_| route.kind == "unicast")?;
        if let Some(tunnel) = tunnel(from.machine, device) {
            let words = match route.gateway {
                Some(gateway) => format!("the route {} leads into {device}, to {gateway}", block(route)),
                None => format!("the route {} leads into {device}", block(route)),
            };
            self.step(from.actor(), words, Verdict::Passes, vec![evidence]);
            self.tunnelled(&tunnel, route.gateway.unwrap_or(to.address));
            return Some(());
        }
        match route.gateway {
            Some(gateway) if route.to.bits > 0 && to.known.contains(&gateway) => {
                let words = format!("the route {} leads to {gateway} by {device}, as it is", block(route));
                self.step(from.actor(), words, Verdict::Passes, vec![evidence]);
                self.remark("Nothing is wrapped around it: the network between sees the pods' own addresses.");
                self.unwrapped();
                Some(())
            }
            None if is_of_pods(device) && known => {
                // What is on the same node is not asked here.
                let proved = !to.evidence.is_empty() || to.machine.is_some();
                let words = format!(
                    "the route {} keeps the packet on this node, by {device}, and {} is on {}",
                    block(route),
                    to.address,
                    to.node
                );
                let evidence = [evidence].into_iter().chain(to.evidence.iter().cloned()).collect();
                proved.then(|| self.stop(from.actor(), words, Reason::NoRoute, evidence))
            }
            _ if route.to.bits == 0 && known => {
                self.missing(routes, route);
                Some(())
            }
            _ => None,
        }
    }

    /// No route of the overlay is for the packet, and the default route takes it out of the node as it is.
    fn missing(&mut self, routes: &Routes<'a>, route: &Route<'a>) {
        let (from, to) = (self.from, self.to);
        let default = route.node.evidence();
        let Some(whole) = routes.whole() else {
            return self.open(
                from.actor(),
                format!("whether it has a route to {} was not pasted", to.address),
                ask(
                    "ip route",
                    &from.node,
                    "Its routes decide the way; all of them are needed.",
                ),
            );
        };
        let words = format!(
            "has no route to {} in the overlay: the packet leaves by the default route, as it is",
            to.address
        );
        // With the pod's address, or the node's own where it is masqueraded: the network stops both, or it is not known.
        let network = self.asked.network;
        let sources = [Some(from.address), self.first_address()];
        let ways: Vec<_> = sources
            .into_iter()
            .flatten()
            .filter_map(|source| {
                let own = from.known.iter().find_map(|ip| match *network.interfaces_at(*ip) {
                    [only] => Some(only),
                    _ => None,
                })?;
                let packet = Packet::new(
                    Address::Ip(source),
                    Address::Ip(to.address),
                    self.asked.query.protocol,
                    self.asked.port,
                );
                Some(network.travel(&packet, Start::Interface(own)))
            })
            .collect();
        let stops: Vec<&Step> = ways
            .iter()
            .filter_map(|way| way.steps.iter().find(|step| step.verdict == Verdict::Blocked))
            .collect();
        if ways.len() == 2 && stops.len() == 2 {
            let mut evidence = vec![whole.clone(), default];
            evidence.extend(stops.iter().flat_map(|step| step.evidence.iter().cloned()));
            let notes: Vec<String> = stops
                .iter()
                .map(|step| format!("{}: {}.", step.actor.name, step.action))
                .collect();
            self.stop(from.actor(), words, Reason::NoRoute, evidence);
            self.remark(format!(
                "Nobody behind the node carries it. {}",
                notes.first().cloned().unwrap_or_default()
            ));
            return;
        }
        self.step(from.actor(), words, Verdict::Unknown, vec![whole.clone(), default]);
        self.remark(
            "The network behind the node would have to know the pods' addresses: a route of its own for them, and no source/destination check.",
        );
        for way in ways {
            for next in way.next {
                self.ask(next);
            }
        }
        let address = self
            .first_address()
            .map_or_else(|| "ADDRESS".to_owned(), |ip| ip.to_string());
        self.ask(Next {
            command: format!(
                "aws ec2 describe-network-interfaces --filters Name=addresses.private-ip-address,Values={address}"
            ),
            decides: vec!["CNI-017".to_owned()],
            why: "Its source/destination check and its subnet's route table decide what becomes of a pod's packet that is not wrapped."
                .to_owned(),
        });
    }

    /// An address of the sender's node that other machines know.
    pub fn first_address(&self) -> Option<IpAddr> {
        let six = self.to.address.is_ipv6();
        let fits = |ip: &&IpAddr| ip.is_ipv6() == six;
        let seen = |ip: &&IpAddr| !self.asked.network.interfaces_at(**ip).is_empty();
        let known = &self.from.known;
        known.iter().filter(fits).find(seen).copied().or_else(|| {
            let node = self.asked.model.get("Node", "", &self.from.node);
            let told = node.and_then(|node| crate::model::Node(node).internal_ip());
            told.map(|ip| ip.value)
        })
    }

    /// The packet goes to the other node as it is: AWS' interfaces take only their own addresses, unless they are told not to look.
    fn unwrapped(&mut self) {
        let network = self.asked.network;
        for side in [self.from, self.to] {
            let checks = side.known.iter().find_map(|ip| match *network.interfaces_at(*ip) {
                [only] => network.checks_addresses(only),
                _ => None,
            });
            match checks {
                Some((true, evidence)) => {
                    let words = format!(
                        "the source/destination check of {}'s interface is on: it takes no packets of pods' addresses",
                        side.node
                    );
                    return self.stop(side.actor(), words, Reason::SourceDestCheck, vec![evidence]);
                }
                Some((false, evidence)) => {
                    let words = "its interface takes packets of any address: the source/destination check is off";
                    self.step(side.actor(), words.to_owned(), Verdict::Passes, vec![evidence]);
                }
                None => {}
            }
        }
        let actor = super::wrapped::network_actor();
        let words = "carries the packet from node to node".to_owned();
        self.step(actor, words, Verdict::Assumed, Vec::new());
        self.remark(
            "Nodes on one link reach each other; on AWS both are in one subnet, the source/destination check is off and security groups let \
             the pods' addresses through (flannel, \"Backends\", host-gw).",
        );
        self.delivered();
    }

    /// The other node has the packet, as the pod sent it.
    pub fn delivered(&mut self) {
        self.handed_over();
        let to = self.to;
        if self
            .steps
            .last()
            .is_some_and(|step| matches!(step.verdict, Verdict::Passes | Verdict::Assumed))
        {
            self.pod(
                to,
                if self.answer {
                    "gets the answer"
                } else {
                    "gets the packet"
                },
            );
        }
    }

    fn handed_over(&mut self) {
        let to = self.to;
        let Some(routes) = to.machine.and_then(|machine| machine.routes(to.address.is_ipv6())) else {
            let words = format!("hands the packet to {}", to.address);
            self.step(to.actor(), words, Verdict::Assumed, Vec::new());
            self.remark("The plugin gives each pod a route on its own node; that node's routes were not pasted.");
            return;
        };
        match routes.pick(to.address, Some(self.from.address), 0, &Interface::Unknown) {
            Ok(route) if matches!(route.kind, "blackhole" | "unreachable" | "prohibit") => {
                let words = format!(
                    "its route {} to the pod is `{}`: no pod has the address",
                    block(route),
                    route.kind
                );
                self.stop(to.actor(), words, Reason::BlackholeRoute, vec![route.node.evidence()]);
            }
            Ok(route) if route.to.bits > 0 && route.gateway.is_none() => {
                let device = route.interface.unwrap_or("a device");
                let words = format!("the route {} leads to the pod, by {device}", block(route));
                self.step(to.actor(), words, Verdict::Passes, vec![route.node.evidence()]);
            }
            Ok(route) if routes.whole().is_some() => {
                let words = format!(
                    "has no route to {}: its route {} would send the packet away again",
                    to.address,
                    block(route)
                );
                let evidence = routes
                    .whole()
                    .cloned()
                    .into_iter()
                    .chain([route.node.evidence()])
                    .collect();
                self.stop(to.actor(), words, Reason::NoRoute, evidence);
            }
            Err(Hop::Nowhere(whole)) => {
                let words = format!("has no route to {}", to.address);
                self.stop(to.actor(), words, Reason::NoRoute, vec![whole]);
            }
            _ => self.open(
                to.actor(),
                format!("whether it has a route to {} was not pasted", to.address),
                ask("ip route", &to.node, "Its routes decide who gets the packet."),
            ),
        }
    }

    /// The packet in another one, between the nodes.
    pub fn between_nodes(&mut self, tunnel: &Tunnel, outer: &Outer) {
        let (steps, next) = carried(self, tunnel, outer);
        self.steps.extend(steps);
        for next in next {
            self.ask(next);
        }
        if self.is_stopped() {
            return;
        }
        self.taken(tunnel, outer);
        if !self.is_stopped() {
            self.delivered();
        }
    }

    /// Whether the device can be wrapped by what is known of it.
    pub fn kind_words(tunnel: &Tunnel) -> String {
        match (tunnel.kind, tunnel.id, tunnel.port) {
            (Kind::IpIp, ..) => "IP in IP (protocol 4)".to_owned(),
            (kind, Some(id), Some(port)) => format!("{} {id} (UDP {port})", kind.name()),
            (kind, None, Some(port)) => format!("{} (UDP {port})", kind.name()),
            (kind, ..) => kind.name().to_owned(),
        }
    }
}
