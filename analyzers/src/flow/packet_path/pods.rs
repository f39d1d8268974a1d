//! From one pod to another: what the policies around both say.

use super::{Endpoint, Query};
use crate::flow::policy::{Decision, Matrix, Other, Way};
use crate::flow::{Actor, ActorKind, Details, Flow, FlowKind, Next, Outcome, Reason, Step, Verdict};
use crate::model::Model;
use crate::model::workload::Workload;

/// The path between two pods that were pasted, or whose workload was; `None` where this is not such a question.
pub fn between(model: &Model<'_>, query: &Query) -> Option<Flow> {
    let (
        Endpoint::Pod { namespace, name, .. },
        Endpoint::Pod {
            namespace: other_namespace,
            name: other_name,
            port,
        },
    ) = (&query.from, &query.to)
    else {
        return None;
    };
    let matrix = Matrix::new(model);
    let source = place(&matrix, namespace, name)?;
    let destination = place(&matrix, other_namespace, other_name)?;
    let mut steps = Vec::new();
    for (way, at, other, end) in [
        (Way::Egress, source, destination, &query.from),
        (Way::Ingress, destination, source, &query.to),
    ] {
        let decision = matrix.decide(at, way, Other::Workload(other));
        let step = step(&matrix, at, end, way, &decision, query, *port);
        let stops = step.verdict == Verdict::Blocked;
        steps.push(step);
        if stops {
            break;
        }
    }
    Some(flow(&matrix, query, steps))
}

/// A pod by its name; where its workload's template stands for it, a StatefulSet's by the ordinal in it, another's as `name[Kind]`.
fn place(matrix: &Matrix<'_>, namespace: &str, name: &str) -> Option<usize> {
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

fn step(
    matrix: &Matrix<'_>,
    at: usize,
    end: &Endpoint,
    way: Way,
    decision: &Decision,
    query: &Query,
    port: Option<u16>,
) -> Step {
    // Without a port the question is about all of them.
    let passes = match port {
        Some(port) => decision.ports.contains(query.protocol, port),
        None => !decision.ports.is_empty(),
    };
    let (direction, reason) = match way {
        Way::Egress => ("out of the pod", Reason::PolicyEgress),
        Way::Ingress => ("into the pod", Reason::PolicyIngress),
    };
    let names: Vec<&str> = decision
        .by
        .iter()
        .filter_map(|at| matrix.policies.all.get(*at))
        .map(|policy| policy.name.as_str())
        .collect();
    let actor = Actor {
        id: end.to_string(),
        kind: ActorKind::Pod,
        name: end.to_string(),
        details: Vec::new(),
        zones: Vec::new(),
    };
    let (verdict, action) = match (passes, names.is_empty()) {
        (true, true) => (Verdict::Assumed, format!("no policy concerns the packet {direction}")),
        (true, false) => (
            Verdict::Passes,
            format!("{} let the packet {direction}", names.join(", ")),
        ),
        (false, _) => (
            Verdict::Blocked,
            format!("{} let no such packet {direction}", names.join(", ")),
        ),
    };
    let mut step = Step::new(actor, action, verdict);
    step.before = vec![("src", query.from.to_string()), ("dst", query.to.to_string())];
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

fn flow(matrix: &Matrix<'_>, query: &Query, steps: Vec<Step>) -> Flow {
    let mut next = Vec::new();
    let mut verdict = Verdict::all(steps.iter().map(|step| step.verdict));
    for unread in &matrix.policies.unread {
        next.push(Next {
            command: unread.command.clone(),
            decides: Vec::new(),
            why: format!("What {} allows is not known: {}.", unread.name, unread.why),
        });
    }
    if matrix.policies.all.is_empty() && next.is_empty() {
        next.push(Next {
            command: "kubectl get networkpolicies -A -o yaml".to_owned(),
            decides: Vec::new(),
            why: "No policy was pasted: whether there are some is not known.".to_owned(),
        });
    }
    if !next.is_empty() {
        // A policy can open what others closed, and close what they left open.
        verdict = Verdict::Unknown;
    }
    let mut outcome = Outcome::new("straight to the pod", 1.0, verdict);
    outcome.reason = steps
        .iter()
        .filter(|_| verdict == Verdict::Blocked)
        .find_map(|step| step.reason);
    if verdict != Verdict::Blocked {
        outcome.ends_at = Some(query.to.to_string());
    }
    outcome.steps = steps;
    Flow {
        kind: FlowKind::PacketPath,
        title: format!("{} → {}", query.from, query.to),
        subtitle: "by the network policies that were pasted".to_owned(),
        verdict,
        outcomes: vec![outcome],
        next,
        details: Details::PacketPath(super::Details::default()),
    }
}
