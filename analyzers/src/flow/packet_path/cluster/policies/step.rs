//! One policy step: whether a packet may out of a pod, or into it.

use std::net::IpAddr;

use super::{ANYWHERE, Side};
use crate::flow::packet_path::{Protocol, Query};
use crate::flow::policy::doubt::Missing;
use crate::flow::policy::plugin::{self, Applied, Plugin};
use crate::flow::policy::{Decision, Matrix, Other, Way};
use crate::flow::{Actor, ActorKind, Next, Reason, Step, Verdict};
use crate::model::ip_in_name;

const NO_POLICY: &str = "A pod that no policy selects is open on that way (Kubernetes, Network Policies).";
const HOST_NETWORK: &str =
    "The pod uses its node's network: most network plugins apply no policy to it, and which is one's own affair.";
const AS_NODE: &str =
    "The other pod uses its node's network: most network plugins see the node's address, not the pod.";
const OWN_NODE: &str = "Traffic between a pod and the node that it is on is always allowed, whatever their addresses (Kubernetes, Network \
                        Policies).";
const REWRITTEN: &str = "The pod sees its packets come from a node, not from who sent them; whether policies are asked about the one or \
                         the other is left to the network plugin (Kubernetes, Network Policies).";
const OTHER_PROTOCOL: &str = "Policies are about TCP, UDP and SCTP; what becomes of other protocols where one applies is the network \
                              plugin's own affair (Kubernetes, Network Policies).";

/// A question to the policies.
pub struct Judge<'j, 'a> {
    pub matrix: &'j Matrix<'a>,
    pub ends: (&'j Side, &'j Side),
    pub query: &'j Query,
    pub port: Option<u16>,
}

/// What is said on one end.
pub struct Ruling {
    pub step: Step,
    /// What would tell more.
    pub next: Vec<Next>,
    /// Whether no policy that was not pasted can change it.
    pub settled: bool,
}

impl Judge<'_, '_> {
    /// What is said to the pod's packets from or to the other end; `None` where nothing is known of that.
    pub fn rule(&self, at: usize, way: Way, own: &Side, other: &Side) -> Option<Ruling> {
        if self.is_own_node(own, other) {
            let mut step = self.step(
                way,
                Verdict::Assumed,
                format!("lets its own node's packets {}", direction(way)),
            );
            if way == Way::Egress {
                "lets packets out of the pod to its own node".clone_into(&mut step.action);
            }
            step.note = Some(OWN_NODE.to_owned());
            step.evidence.clone_from(&own.evidence);
            return Some(Ruling {
                step,
                next: Vec::new(),
                settled: true,
            });
        }
        let mut ruling = match (other.workload, other.address) {
            (Some(number), address) if self.on_host(other) => {
                let by_labels = self.asked(at, way, Other::Workload(number));
                let by_address = address.map(|address| self.of_address(at, way, address));
                let same = match &by_address {
                    Some(by_address) => passes(by_address.step.verdict) == passes(by_labels.step.verdict),
                    None => by_labels.concerns_nobody(),
                };
                let mut ruling = by_labels;
                if !same {
                    ruling.unknown(AS_NODE);
                    ruling.next.push(self.tried());
                }
                ruling
            }
            (Some(number), _) => self.asked(at, way, Other::Workload(number)),
            (None, Some(address)) => self.of_address(at, way, address),
            (None, None) if other.internet => self.of_address(at, way, ANYWHERE),
            (None, None) => return None,
        };
        if other.internet && ruling.step.verdict == Verdict::Blocked {
            ruling.unknown("Some addresses may be let through: ask with the one that is meant.");
        }
        if self.on_host(own) {
            if ruling.step.verdict == Verdict::Assumed {
                ruling.step.note = Some(HOST_NETWORK.to_owned());
            } else {
                ruling.unknown(HOST_NETWORK);
            }
        }
        self.enforce(&mut ruling);
        Some(ruling)
    }

    fn of_address(&self, at: usize, way: Way, address: IpAddr) -> Ruling {
        self.asked(at, way, Other::Address(address))
    }

    /// What the policies decide.
    fn asked(&self, at: usize, way: Way, other: Other<'_>) -> Ruling {
        let decision = self.matrix.decide(at, way, other);
        let mut ruling = Ruling {
            step: self.decided(way, &decision),
            next: Vec::new(),
            settled: false,
        };
        if self.is_unsure(&decision) {
            ruling.step.action = format!("whether policies let the packet {} is not known", direction(way));
            ruling.unknown(&decision.doubts.note());
            ruling.next.extend(decision.doubts.next());
        } else if ruling.step.verdict == Verdict::Blocked {
            if let Other::Workload(other) = other
                && let Some(by_address) = self.matrix.decide_by_address(at, way, other)
                && self.lets(&by_address)
            {
                self.by_address(&mut ruling, &by_address, other);
            } else if self.query.protocol == Protocol::Icmp {
                ruling.unknown(OTHER_PROTOCOL);
                ruling.next.push(self.tried());
            }
        }
        ruling
    }

    /// Whether the other end is the node that the pod is on: the node itself, its address, or a pod that uses its network.
    fn is_own_node(&self, own: &Side, other: &Side) -> bool {
        let Some(node) = own.node.as_deref() else { return false };
        if self.on_host(own) {
            return false;
        }
        let named = other.node.as_deref() == Some(node) && (!other.is_pod || self.on_host(other));
        let addressed = !other.is_pod && other.address.is_some() && other.address == ip_in_name(node);
        named || addressed
    }

    /// Whether a pod uses its node's network.
    fn on_host(&self, side: &Side) -> bool {
        let workload = side.workload.and_then(|at| self.matrix.workloads.get(at));
        workload.and_then(|workload| workload.host_network) == Some(true)
    }

    /// Whether a decision lets through what is asked about: without a port that is any of them.
    fn lets(&self, decision: &Decision) -> bool {
        match (self.query.protocol, self.port) {
            (Protocol::Icmp, _) => decision.ports.contains(Protocol::Icmp, 0),
            (protocol, Some(port)) => decision.ports.contains(protocol, port),
            (_, None) => !decision.ports.has_none(),
        }
    }

    /// Whether something that was not pasted decides about what is asked.
    fn is_unsure(&self, decision: &Decision) -> bool {
        match (self.query.protocol, self.port) {
            (Protocol::Icmp, _) => decision.maybe.contains(Protocol::Icmp, 0),
            (protocol, Some(port)) => decision.maybe.contains(protocol, port),
            (_, None) => !decision.maybe.has_none() && decision.least().has_none(),
        }
    }

    /// What tells what a plugin does of its own: only trying it.
    pub fn tried(&self) -> Next {
        let (from, to) = self.ends;
        let to = to
            .address
            .map_or_else(|| to.name.clone(), |address| address.to_string());
        let tool = match (self.query.protocol, self.port) {
            (Protocol::Udp, Some(port)) => format!("nc -vzu -w 3 {to} {port}"),
            (Protocol::Tcp, Some(port)) => format!("nc -vz -w 3 {to} {port}"),
            _ => format!("ping -c 3 {to}"),
        };
        let command = match from.workload.and_then(|at| self.matrix.workloads.get(at)) {
            Some(pod) if pod.kind == "Pod" => {
                format!("kubectl exec -n {} {} -- {tool}", pod.namespace, pod.name)
            }
            _ => tool,
        };
        Next {
            command,
            decides: Vec::new(),
            why: "What the network plugin does here no object says: trying it does.".to_owned(),
        }
    }

    /// What is left of a stop where no plugin is known to apply it.
    fn enforce(&self, ruling: &mut Ruling) {
        let stops = ruling.step.verdict == Verdict::Blocked;
        match &self.matrix.applied {
            Applied::NotTold if stops => {
                let note =
                    "Only a network plugin that applies policies stops it, and which one there is was not pasted.";
                ruling.step.note.get_or_insert_with(|| note.to_owned());
                ruling.next.push(Missing::Plugin.next());
            }
            Applied::Off { evidence, all } if stops => {
                ruling.step.evidence.extend(evidence.iter().cloned());
                if *all {
                    ruling.step.action += ", but nobody applies it";
                    ruling.step.verdict = Verdict::Assumed;
                    ruling.step.reason = None;
                    ruling.step.note = Some(
                        "The VPC CNI does nothing about policies until it is told to (EKS, Network Policies), and no other plugin is \
                         among the DaemonSets."
                            .to_owned(),
                    );
                } else {
                    ruling.unknown(
                        "The VPC CNI does nothing about policies until it is told to (EKS, Network Policies); whether another plugin \
                         applies them was not pasted.",
                    );
                    ruling.next.push(plugin::others());
                }
            }
            Applied::By(_) | Applied::NotTold | Applied::Off { .. } => {}
        }
    }

    /// Changes a stop although a policy lets a block of addresses through that the other pod's may be in.
    fn by_address(&self, ruling: &mut Ruling, decision: &Decision, other: usize) {
        let names = self.names(decision);
        let block = format!(
            "{} {} a block of addresses through that the other pod's may be in",
            names.join(", "),
            lets(&names)
        );
        let plugin = self.matrix.applied.plugin();
        let told = plugin.and_then(|plugin| Some((plugin, plugin.blocks_hold_pods?)));
        if let Some((plugin, false)) = told {
            ruling.step.note = Some(format!(
                "{block}, but {} knows pods by their labels alone.",
                plugin.name
            ));
            ruling.step.evidence.extend(plugin.evidence.iter().cloned());
            return;
        }
        let workload = self.matrix.workloads.get(other);
        let address = workload.and_then(|workload| workload.address);
        ruling.step.action = match (told, address) {
            (Some(_), Some(address)) => block.replace(
                "the other pod's may be in",
                &format!("holds the other pod's, {address}"),
            ),
            _ => block,
        };
        ruling.step.evidence.clone_from(&decision.evidence);
        if let Some((plugin, _)) = told {
            ruling.step.evidence.extend(plugin.evidence.iter().cloned());
            ruling.unknown(&looks_up(plugin));
        } else {
            ruling.unknown(
                "Whether a block of a NetworkPolicy is about pods is left to each network plugin (Kubernetes, Network Policies): the \
                 VPC CNI's agent and Calico look at the address, Cilium does not.",
            );
            ruling.next.push(Missing::Plugin.next());
        }
        match (workload, address) {
            (Some(workload), None) => ruling.next.push(Next {
                command: format!("kubectl get pods -n {} -o wide", workload.namespace),
                decides: Vec::new(),
                why: "Whether the pod's address is in a policy's block is not known.".to_owned(),
            }),
            _ if told.is_some() => ruling.step.verdict = Verdict::Assumed,
            _ => {}
        }
    }

    /// The names of the policies that decided.
    fn names(&self, decision: &Decision) -> Vec<&str> {
        decision
            .by
            .iter()
            .filter_map(|at| self.matrix.policies.all.get(*at))
            .map(|policy| policy.name.as_str())
            .collect()
    }

    fn step(&self, way: Way, verdict: Verdict, action: String) -> Step {
        let (source, destination) = self.ends;
        let end = match way {
            Way::Egress => source,
            Way::Ingress => destination,
        };
        let actor = Actor {
            id: end.name.clone(),
            kind: ActorKind::Pod,
            name: end.name.clone(),
            details: Vec::new(),
            zones: Vec::new(),
        };
        let mut step = Step::new(actor, action, verdict);
        step.before = vec![("src", source.name.clone()), ("dst", destination.name.clone())];
        step
    }

    fn decided(&self, way: Way, decision: &Decision) -> Step {
        let names = self.names(decision);
        let direction = direction(way);
        let (verdict, action) = match (self.lets(decision), names.is_empty()) {
            (true, true) => (Verdict::Assumed, format!("no policy concerns the packet {direction}")),
            (true, false) => (
                Verdict::Passes,
                format!("{} {} the packet {direction}", names.join(", "), lets(&names)),
            ),
            (false, _) => (
                Verdict::Blocked,
                format!("{} {} no such packet {direction}", names.join(", "), lets(&names)),
            ),
        };
        let mut step = self.step(way, verdict, action);
        step.evidence.clone_from(&decision.evidence);
        match verdict {
            Verdict::Assumed => step.note = Some(NO_POLICY.to_owned()),
            Verdict::Blocked => {
                step.reason = Some(match way {
                    Way::Egress => Reason::PolicyEgress,
                    Way::Ingress => Reason::PolicyIngress,
                });
            }
            _ => {}
        }
        step
    }
}

impl Ruling {
    fn unknown(&mut self, note: &str) {
        self.step.verdict = Verdict::Unknown;
        self.step.reason = None;
        self.step.note = Some(note.to_owned());
    }

    /// Whether no policy speaks of it.
    fn concerns_nobody(&self) -> bool {
        self.step.verdict == Verdict::Assumed && self.step.evidence.is_empty()
    }

    /// Compares it with what is said to the address that a node put in; `None`: that is not known.
    pub fn compare(&mut self, as_seen: Option<Self>, tried: impl FnOnce() -> Next) {
        match as_seen {
            Some(as_seen) => {
                if passes(as_seen.step.verdict) != passes(self.step.verdict) {
                    self.unknown(REWRITTEN);
                    self.next.extend(as_seen.next);
                    self.next.push(tried());
                    self.settled = false;
                }
            }
            None if self.concerns_nobody() => {}
            None => {
                self.unknown(REWRITTEN);
                self.next.push(Next {
                    command: "kubectl get nodes -o wide".to_owned(),
                    decides: Vec::new(),
                    why: "A node puts its own address in, which policies may be about.".to_owned(),
                });
            }
        }
    }
}

/// Whether the packet gets on; `None` where that is not known.
fn passes(verdict: Verdict) -> Option<bool> {
    match verdict {
        Verdict::Passes | Verdict::Assumed => Some(true),
        Verdict::Blocked => Some(false),
        Verdict::Unknown => None,
    }
}

fn looks_up(plugin: &Plugin) -> String {
    format!(
        "{} looks the addresses of pods up in such blocks, too; the API leaves that to each plugin.",
        plugin.name
    )
}

fn direction(way: Way) -> &'static str {
    match way {
        Way::Egress => "out of the pod",
        Way::Ingress => "into the pod",
    }
}

/// `lets` of one, `let` of several.
fn lets(names: &[&str]) -> &'static str {
    if names.len() == 1 { "lets" } else { "let" }
}
