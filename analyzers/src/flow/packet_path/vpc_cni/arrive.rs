//! From a node's interface to a pod.

use std::net::IpAddr;

use super::super::node::packet::{Interface, Packet};
use super::super::node::routes::{Decision, Hop, Routes};
use super::{Guest, Inside, Passed, in_vain, pod_actor, told};
use crate::evidence::Evidence;
use crate::flow::{Reason, Verdict};

impl Inside<'_> {
    /// From an address to a guest that the cluster knows to be on this node. `over_network`: whether it came in by an interface of the node,
    /// also where its sender is on the node.
    pub fn arrive(&self, guest: &Guest<'_>, from: IpAddr, over_network: bool) -> Passed {
        let mut passed = Passed::default();
        if guest.host || !self.plugin {
            return passed;
        }
        let packet = (from, guest.address);
        let Some(routes) = self.routes() else {
            passed.steps.push(self.step(
                "which way leads from here to the pod was not pasted".to_owned(),
                Verdict::Unknown,
                packet,
            ));
            passed.next.push(self.ask(self.all_tables()));
            return passed;
        };
        let behind = routes.behind(guest.address);
        let incoming = self.comes_in(routes, guest, from, over_network);
        let decision = self.routed(from, guest.address, incoming);
        let step = match (&decision.hop, behind) {
            (Hop::By { interface, .. }, Some((veth, ..))) if interface == veth && decision.to_host => {
                let verdict = if decision.priority.is_some() {
                    Verdict::Passes
                } else {
                    Verdict::Assumed
                };
                let mut step = self.step(format!("{}: the pod is behind it", told(&decision)), verdict, packet);
                if verdict == Verdict::Assumed {
                    step.note = Some(BY_DEFAULT.to_owned());
                }
                step.evidence.clone_from(&decision.evidence);
                step
            }
            // Without the rules: that for the pod leads to the main table.
            (_, Some((veth, "main", evidence))) if routes.lacks_rules() => {
                let action = format!("table main: {} dev {veth}: the pod is behind it", guest.address);
                let mut step = self.step(action, Verdict::Assumed, packet);
                step.note = Some(BY_DEFAULT.to_owned());
                step.evidence.push(evidence);
                step
            }
            // Another plugin may lead its pods' packets to a bridge or a tunnel.
            (Hop::By { interface, .. }, _) if !routes.leads_out(interface) => return passed,
            (_, behind) => {
                let lacks = self.lacks(routes, &decision, behind.is_some());
                if let Some(command) = lacks {
                    passed.next.push(self.ask(command));
                    let action = "which way leads from here to the pod is not known from what was pasted".to_owned();
                    let mut step = self.step(action, Verdict::Unknown, packet);
                    step.evidence.clone_from(&decision.evidence);
                    step.note = Some(
                        "Of the routes that were pasted none leads to the pod alone; not all of them were, or not the rules.".to_owned(),
                    );
                    step
                } else {
                    self.no_way(guest, packet, &decision, behind.as_ref())
                }
            }
        };
        let mut step = step;
        if step.verdict <= Verdict::Assumed {
            step.to = Some(pod_actor(guest));
        }
        passed.steps.push(step);
        passed
    }

    /// What is missing before it may be said that no way leads to the pod.
    fn lacks(&self, routes: &Routes<'_>, decision: &Decision, behind: bool) -> Option<&'static str> {
        let listed = routes.is_everything() || routes.has_main() && !behind && !routes.asks_for_interfaces();
        if routes.lacks_rules() {
            return Some(self.rule());
        }
        if !listed || !decision.whole && !matches!(decision.hop, Hop::Stopped(..)) || decision.hop == Hop::Unknown {
            return Some(self.all_tables());
        }
        None
    }

    /// All rules and routes are there, and none leads to the pod.
    fn no_way(
        &self,
        guest: &Guest<'_>,
        packet: (IpAddr, IpAddr),
        decision: &Decision,
        behind: Option<&(&str, &str, Evidence)>,
    ) -> crate::flow::Step {
        let address = guest.address;
        let missing = match behind {
            Some((veth, table, _)) => {
                format!("no rule leads the packet to table {table}, where the pod is behind {veth}")
            }
            None => format!("the node has no route to {address} alone, as it has to each of its pods"),
        };
        let instead = match &decision.hop {
            Hop::By { interface, .. } => format!("; {} sends it out by {interface} again", told(decision)),
            _ => String::new(),
        };
        let mut step = self.step(format!("{missing}{instead}"), Verdict::Blocked, packet);
        step.reason = Some(Reason::NoRoute);
        step.evidence.clone_from(&decision.evidence);
        step.evidence.extend(guest.evidence.iter().cloned());
        step.note = Some(
            [
                in_vain(decision),
                Some(
                    "The plugin adds a pod's route when the pod starts (`setupIPBasedContainerRouteRules`): restart the pod to have it \
                     added again."
                        .to_owned(),
                ),
            ]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(". "),
        );
        step
    }

    fn routed(&self, from: IpAddr, to: IpAddr, incoming: Interface) -> Decision {
        let mut packet = Packet::new(from, to, 0, "tcp");
        packet.incoming = incoming;
        self.machine.decide(&packet, false).unwrap_or_else(Decision::hop)
    }

    /// By which interface the packet comes in: that of the network to which the pod's address belongs.
    fn comes_in(&self, routes: &Routes<'_>, guest: &Guest<'_>, from: IpAddr, over_network: bool) -> Interface {
        if !over_network && let Some((veth, ..)) = routes.behind(from) {
            return Interface::Named(veth.to_owned());
        }
        let behind = routes.behind(guest.address);
        // A table of its own is asked for what its interface brings (`setupIIFBasedContainerRouteRules`).
        if let Some((_, table, _)) = &behind
            && *table != "main"
        {
            return routes
                .default_of(table)
                .map_or(Interface::Unknown, |interface| Interface::Named(interface.to_owned()));
        }
        let veth = behind.map_or(Interface::Unknown, |(veth, ..)| Interface::Named(veth.to_owned()));
        match self.routed(guest.address, from, veth).hop {
            Hop::By { interface, .. } => Interface::Named(interface),
            _ => Interface::Unknown,
        }
    }
}

const BY_DEFAULT: &str = "The plugin adds a rule for each pod that leads to the main table before all others (priority 512); `ip rule` was \
                          not pasted.";
