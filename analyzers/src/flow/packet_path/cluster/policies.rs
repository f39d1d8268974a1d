//! What the network policies say on both ends of a way.

use std::net::{IpAddr, Ipv4Addr};

use crate::flow::packet_path::Query;
use crate::flow::policy::addresses::Addresses;
use crate::flow::policy::grid::which_plugin;
use crate::flow::policy::plugin::{Plugin, plugin};
use crate::flow::policy::{Decision, Matrix, Other, Way};
use crate::flow::{Actor, ActorKind, Next, Reason, Step, Verdict};
use crate::model::Model;
use crate::model::workload::Workload;

/// One end of a way, as policies see it.
#[derive(Debug, Clone)]
pub struct Side {
    /// As the reader knows it.
    pub name: String,
    /// The number of the workload, where a pod is meant.
    pub workload: Option<usize>,
    /// The address that a pod's policies are asked about, where the other end is no pod.
    pub address: Option<IpAddr>,
    /// Whether it is anywhere in the Internet.
    pub internet: bool,
}

/// An address that nobody has (RFC 5737), for one anywhere in the Internet.
const ANYWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 1));

/// What the policies say.
#[derive(Debug, Default)]
pub struct Judged {
    /// Out of the pod that sends.
    pub egress: Option<Step>,
    /// Into the pod that receives, where the packet gets there.
    pub ingress: Option<Step>,
    /// What would tell more.
    pub next: Vec<Next>,
    /// Whether a policy that was not pasted, or not read, may say something else.
    pub open: bool,
}

impl Judged {
    /// The steps in the order of the way.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.egress.iter().chain(&self.ingress)
    }
}

/// Asks the policies about a packet from one side to the other, to a port there.
pub fn judge(
    model: &Model<'_>,
    matrix: &Matrix<'_>,
    (source, destination): (&Side, &Side),
    query: &Query,
    port: Option<u16>,
) -> Judged {
    let mut judged = Judged::default();
    let plugin = plugin(model);
    for way in [Way::Egress, Way::Ingress] {
        let (own, other) = match way {
            Way::Egress => (source, destination),
            Way::Ingress => (destination, source),
        };
        let Some(at) = own.workload else { continue };
        let block;
        let asked = match (other.workload, other.address.or(other.internet.then_some(ANYWHERE))) {
            (Some(other), _) => Other::Workload(other),
            (None, Some(address)) => {
                block = Addresses::block(&address.to_string()).unwrap_or_default();
                Other::Addresses(&block)
            }
            (None, None) => continue,
        };
        let decision = matrix.decide(at, way, asked);
        let mut step = step(matrix, at, way, (source, destination), &decision, query, port);
        if is_unsure(&decision, query, port) {
            step.verdict = Verdict::Unknown;
            step.reason = None;
            step.action = format!("whether policies let the packet {} is not known", direction(way));
            step.note = Some(decision.doubts.note());
            judged.next.extend(decision.doubts.next());
        } else if step.verdict == Verdict::Blocked
            && let Some(other) = other.workload
            && let Some(decision) = matrix.decide_by_address(at, way, other)
            && passes(&decision, query, port)
        {
            judged
                .next
                .extend(by_address(matrix, &mut step, &decision, plugin.as_ref(), other));
        }
        if step.verdict == Verdict::Blocked && other.internet {
            step.verdict = Verdict::Unknown;
            step.reason = None;
            step.note = Some("Some addresses may be let through: ask with the one that is meant.".to_owned());
        }
        let stops = step.verdict == Verdict::Blocked;
        match way {
            Way::Egress => judged.egress = Some(step),
            Way::Ingress => judged.ingress = Some(step),
        }
        if stops {
            break;
        }
    }
    if judged.steps().next().is_some() {
        let open = not_known(matrix);
        // A policy can open what others closed, and close what they left open.
        judged.open = !open.is_empty();
        judged.next.splice(0..0, open);
    }
    judged
}

/// What would tell of policies that are not known.
fn not_known(matrix: &Matrix<'_>) -> Vec<Next> {
    let mut next = matrix.policies.asks();
    if matrix.policies.all.is_empty() && next.is_empty() {
        next.push(Next {
            command: "kubectl get networkpolicies -A -o yaml".to_owned(),
            decides: Vec::new(),
            why: "No policy was pasted: whether there are some is not known.".to_owned(),
        });
    }
    next
}

/// A pod by its name; where its workload's template stands for it, a StatefulSet's by the ordinal in it, another's as `name[Kind]`.
pub fn place(matrix: &Matrix<'_>, namespace: &str, name: &str) -> Option<usize> {
    let is = |workload: &Workload<'_>| {
        workload.namespace == namespace
            && match workload.kind {
                "Pod" => workload.name == name,
                "StatefulSet" => name
                    .strip_prefix(workload.name)
                    .and_then(|rest| rest.strip_prefix('-'))
                    .is_some_and(|ordinal| !ordinal.is_empty() && ordinal.bytes().all(|byte| byte.is_ascii_digit())),
                _ => false,
            }
    };
    let called = |workload: &Workload<'_>| {
        workload.namespace == namespace && format!("{}[{}]", workload.owner.1, workload.owner.0) == name
    };
    let find = |is: &dyn Fn(&Workload<'_>) -> bool| matrix.workloads.iter().position(is);
    find(&is).or_else(|| find(&called))
}

/// Whether a decision lets through what is asked about: without a port that is any of them.
fn passes(decision: &Decision, query: &Query, port: Option<u16>) -> bool {
    match port {
        Some(port) => decision.ports.contains(query.protocol, port),
        None => !decision.ports.is_empty(),
    }
}

/// Whether something that was not pasted decides about what is asked.
fn is_unsure(decision: &Decision, query: &Query, port: Option<u16>) -> bool {
    match port {
        Some(port) => decision.maybe.contains(query.protocol, port),
        None => !decision.maybe.is_empty() && decision.least().is_empty(),
    }
}

fn direction(way: Way) -> &'static str {
    match way {
        Way::Egress => "out of the pod",
        Way::Ingress => "into the pod",
    }
}

/// The names of the policies that decided.
fn names<'m>(matrix: &'m Matrix<'_>, decision: &Decision) -> Vec<&'m str> {
    decision
        .by
        .iter()
        .filter_map(|at| matrix.policies.all.get(*at))
        .map(|policy| policy.name.as_str())
        .collect()
}

/// `lets` of one, `let` of several.
fn lets(names: &[&str]) -> &'static str {
    if names.len() == 1 { "lets" } else { "let" }
}

/// Changes a step that stops the packet although a policy lets a block of addresses through that the other pod's may be in; returns what
/// would tell whether that counts.
fn by_address(
    matrix: &Matrix<'_>,
    step: &mut Step,
    decision: &Decision,
    plugin: Option<&Plugin>,
    other: usize,
) -> Vec<Next> {
    let names = names(matrix, decision);
    let block = format!(
        "{} {} a block of addresses through that the other pod's may be in",
        names.join(", "),
        lets(&names)
    );
    let of_plugin = plugin.map(|plugin| plugin.evidence.clone()).unwrap_or_default();
    if let Some(plugin) = plugin.filter(|plugin| !plugin.blocks_hold_pods) {
        step.note = Some(format!(
            "{block}, but {} knows pods by their labels alone.",
            plugin.name
        ));
        step.evidence.extend(of_plugin);
        return Vec::new();
    }
    let workload = matrix.workloads.get(other);
    let address = workload.and_then(|workload| workload.address);
    step.action = match (plugin, address) {
        (Some(_), Some(address)) => block.replace(
            "the other pod's may be in",
            &format!("holds the other pod's, {address}"),
        ),
        _ => block,
    };
    step.evidence.clone_from(&decision.evidence);
    step.evidence.extend(of_plugin);
    step.reason = None;
    step.verdict = Verdict::Unknown;
    let mut next = Vec::new();
    if let Some(plugin) = plugin {
        step.note = Some(format!(
            "{} looks the addresses of pods up in such blocks, too; the API leaves that to each plugin.",
            plugin.name
        ));
    } else {
        step.note = Some(
            "Whether a block of a NetworkPolicy is about pods is left to each network plugin (Kubernetes, Network Policies): the VPC \
             CNI's agent and Calico look at the address, Cilium does not."
                .to_owned(),
        );
        next.push(which_plugin());
    }
    match (workload, address) {
        (Some(workload), None) => next.push(Next {
            command: format!("kubectl get pods -n {} -o wide", workload.namespace),
            decides: Vec::new(),
            why: "Whether the pod's address is in a policy's block is not known.".to_owned(),
        }),
        _ if plugin.is_some() => step.verdict = Verdict::Assumed,
        _ => {}
    }
    next
}

fn step(
    matrix: &Matrix<'_>,
    at: usize,
    way: Way,
    (source, destination): (&Side, &Side),
    decision: &Decision,
    query: &Query,
    port: Option<u16>,
) -> Step {
    let passes = passes(decision, query, port);
    let direction = direction(way);
    let (reason, end) = match way {
        Way::Egress => (Reason::PolicyEgress, source),
        Way::Ingress => (Reason::PolicyIngress, destination),
    };
    let names = names(matrix, decision);
    let actor = Actor {
        id: end.name.clone(),
        kind: ActorKind::Pod,
        name: end.name.clone(),
        details: Vec::new(),
        zones: Vec::new(),
    };
    let (verdict, action) = match (passes, names.is_empty()) {
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
    let mut step = Step::new(actor, action, verdict);
    step.before = vec![("src", source.name.clone()), ("dst", destination.name.clone())];
    step.evidence.clone_from(&decision.evidence);
    if verdict == Verdict::Assumed {
        step.note = Some("A pod that no policy selects is open on that way (Kubernetes, Network Policies).".to_owned());
    }
    if verdict == Verdict::Blocked {
        step.reason = Some(reason);
    }
    if matrix.workloads.get(at).and_then(|workload| workload.host_network) == Some(true) {
        step.note = Some(
            "The pod uses its node's network: most network plugins apply no policy to it, and which is one's own affair."
                .to_owned(),
        );
        if verdict != Verdict::Assumed {
            step.verdict = Verdict::Unknown;
            step.reason = None;
        }
    }
    step
}

#[cfg(test)]
mod tests;
