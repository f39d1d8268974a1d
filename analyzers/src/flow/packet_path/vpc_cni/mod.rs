//! The way of a packet between a pod and the interfaces of its node, as the Amazon VPC CNI lays it: a pod has one route, to an address that
//! its veth pair answers for; the node has a route to each pod alone, and rules by which pods send through the interface that has their
//! address (aws/amazon-vpc-cni-k8s, `docs/cni-proposal.md`; `cmd/routed-eni-cni-plugin/driver/driver.go`; `pkg/networkutils/network.go`).
//!
//! The node's kernel is asked in `node/`; here stands what the plugin's ways mean.

mod arrive;
pub mod branch;
mod leave;
mod mark;
mod propose;
pub mod settings;
#[cfg(test)]
mod tests;

use std::net::IpAddr;

pub use self::mark::Mark;
pub use self::propose::propose;
use super::node::dumps::{Dumps, Known};
use super::node::machine::Machine;
use super::node::routes::{Decision, Hop, Routes};
use crate::evidence::Evidence;
use crate::flow::{Actor, ActorKind, Next, Step, Values, Verdict};
use crate::model::{Model, Node, ip_in_name};

/// A node's kernel, of which it is sure that it is that node's.
pub struct Inside<'a> {
    name: String,
    told: Vec<IpAddr>,
    dumps: Dumps<'a>,
    machine: Machine<'a>,
    /// Whether the plugin runs here.
    plugin: bool,
    six: bool,
}

/// Who sends or receives on a node.
#[derive(Debug, Clone, Copy)]
pub struct Guest<'q> {
    /// As the reader knows it.
    pub name: &'q str,
    /// Its address.
    pub address: IpAddr,
    /// Whether it is the node itself, or a pod in its network.
    pub host: bool,
    /// Where its address and its node were read.
    pub evidence: &'q [Evidence],
}

/// What a node does with a packet.
#[derive(Debug, Clone, Default)]
pub struct Passed {
    /// Its steps.
    pub steps: Vec<Step>,
    /// What would tell more.
    pub next: Vec<Next>,
    /// The interface by which the packet leaves the node.
    pub by: Option<String>,
    /// The node's own address there.
    pub address: Option<IpAddr>,
    /// Whether it is known to stay on the node.
    pub stays: bool,
    /// Whether it rests on a setting that was not pasted, and would go another way with the other one.
    pub unsure: bool,
}

impl<'a> Inside<'a> {
    /// The kernel of the node of that name, for packets of a family; `None` where nothing of its routing was pasted.
    pub fn new(model: &Model<'a>, name: &str, six: bool) -> Option<Self> {
        let told = addresses(model, name);
        let known = Known {
            name,
            addresses: told.clone(),
        };
        let dumps = Dumps::surely(model, &known)?;
        if dumps.of("ip-route").next().is_none() && dumps.of("ip-rule").next().is_none() {
            return None;
        }
        let machine = Machine::new(&dumps, told.clone(), six);
        let set = model.all("DaemonSet").any(|set| set.name == "aws-node");
        let pods = model
            .all("Pod")
            .any(|pod| pod.namespace == "kube-system" && pod.name.starts_with("aws-node-"));
        let plugin = set || pods || machine.routes().is_some_and(has_veths);
        Some(Self {
            name: name.to_owned(),
            told,
            dumps,
            machine,
            plugin,
            six,
        })
    }

    fn routes(&self) -> Option<&Routes<'a>> {
        self.machine.routes()
    }

    fn actor(&self) -> Actor {
        Actor {
            id: format!("node:{}", self.name),
            kind: ActorKind::Node,
            name: self.name.clone(),
            details: Vec::new(),
            zones: Vec::new(),
        }
    }

    /// A step of the node about a packet.
    fn step(&self, action: String, verdict: Verdict, (source, destination): (IpAddr, IpAddr)) -> Step {
        let mut step = Step::new(self.actor(), action, verdict);
        step.before = values(source, destination);
        if verdict != Verdict::Blocked {
            step.after.clone_from(&step.before);
        }
        step
    }

    /// The command that prints what is missing, and why it is.
    fn ask(&self, command: &str) -> Next {
        let host = self.name.split('.').next().unwrap_or_default();
        Next {
            command: command.to_owned(),
            decides: Vec::new(),
            why: format!("On node {host}: its rules and all of its tables decide by which interface the packet goes."),
        }
    }

    /// What prints all tables, of the packet's family.
    fn all_tables(&self) -> &'static str {
        if self.six {
            "ip -6 route show table all"
        } else {
            "ip route show table all"
        }
    }
}

fn values(source: IpAddr, destination: IpAddr) -> Values {
    vec![("src", source.to_string()), ("dst", destination.to_string())]
}

fn pod_actor(guest: &Guest<'_>) -> Actor {
    Actor {
        id: guest.name.to_owned(),
        kind: ActorKind::Pod,
        name: guest.name.to_owned(),
        details: Vec::new(),
        zones: Vec::new(),
    }
}

/// All that is known of a node's addresses. Names may be made of them (EC2 User Guide, "EC2 instance hostnames and domains").
fn addresses(model: &Model<'_>, name: &str) -> Vec<IpAddr> {
    let node = model.get("Node", "", name);
    let mut all: Vec<IpAddr> = node
        .map(|node| Node(node).internal_ips().into_iter().map(|ip| ip.value).collect())
        .unwrap_or_default();
    all.extend(model.host_by_node(name).ip.map(|ip| ip.value));
    all.extend(ip_in_name(name));
    all.sort_unstable();
    all.dedup();
    all
}

/// Whether pods are behind interfaces as the plugin names them: a prefix, and eleven digits of a hash of the pod's name
/// (`GeneratePodHostVethName`, `pkg/networkutils/names.go`; the prefix of pods with security groups of their own is `vlan`).
fn has_veths(routes: &Routes<'_>) -> bool {
    routes.interfaces_of_hosts().any(is_veth)
}

fn is_veth(name: &str) -> bool {
    let hash = name.strip_prefix("eni").or_else(|| name.strip_prefix("vlan"));
    hash.is_some_and(|hash| hash.len() == 11 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// `rule 1536 → table 2: default via 10.42.4.1 dev eth1`.
fn told(decision: &Decision) -> String {
    let rule = decision
        .priority
        .map_or_else(|| "the routes".to_owned(), |priority| format!("rule {priority}"));
    let way = match &decision.hop {
        Hop::By {
            interface,
            gateway: Some(gateway),
        } => format!("{} via {gateway} dev {interface}", decision.to),
        Hop::By { interface, .. } => format!("{} dev {interface}", decision.to),
        Hop::Stopped(kind, _) => format!("{kind} {}", decision.to),
        Hop::Local => "the node itself".to_owned(),
        Hop::Nowhere(_) | Hop::Unknown => "no route".to_owned(),
    };
    if decision.table.is_empty() {
        format!("{rule}: {}", way.trim_end())
    } else {
        format!("{rule} → table {}: {way}", decision.table)
    }
}

/// `rule 1536 leads to table 2, which has no route for it`.
fn in_vain(decision: &Decision) -> Option<String> {
    let all: Vec<String> = decision
        .passed
        .iter()
        .map(|(priority, table)| format!("rule {priority} leads to table {table}, which has no route for it"))
        .collect();
    (!all.is_empty()).then(|| all.join("; "))
}
