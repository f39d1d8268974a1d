//! Paths through a Network Load Balancer.
//!
//! `balancer` joins load balancer, listener, target group, targets and Service; `who` finds the clients in the paste; `way`
//! computes each way there and back.

mod balancer;
mod way;
mod who;

use std::cmp::Reverse;

use crate::artifact::Endpoint;
use crate::evidence::{Evidence, Fact};
use crate::flow::packet_path::{Client, Details, Query, Question, Sign};
use crate::flow::{Flow, FlowKind, Next, Outcome, Verdict};
use crate::model::Model;

pub use balancer::{Balancer, is_called};
pub(in crate::flow::packet_path) use who::pod_of_command;
pub use who::{is_private, no_connection};

/// Which mechanism sends the connection astray.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mechanism {
    /// Instance targets, a pod as client: the answer goes straight to the pod from node address and node port, past the load
    /// balancer; the pod never asked that address and resets it.
    ShortCut,
    /// The same with an ip target on the client's node: the answer comes straight from the target pod.
    ShortCutPod,
    /// A host-network client and its own instance as target: source and destination are the same host.
    MartianHost,
    /// An ip target that is the client itself.
    MartianPod,
}

impl Mechanism {
    /// The name of the page's variant.
    pub fn variant(self) -> &'static str {
        match self {
            Self::ShortCut => "short-cut",
            Self::ShortCutPod => "short-cut-pod",
            Self::MartianHost => "martian-host",
            Self::MartianPod => "martian-pod",
        }
    }
}

/// The way on which a load balancer sends a packet back to the host that it came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Hairpin {
    /// Which way.
    pub mechanism: Mechanism,
    /// `Pod shop/checkout-0`.
    pub client: String,
    /// The client's address.
    pub client_ip: Option<Fact<String>>,
    /// How to run a command where the client is: `kubectl exec -n shop checkout-0 -- sh -c`, or `sh -c` on the node.
    pub client_shell: String,
    /// The node that is client and target at once.
    pub node: String,
    /// Where client and node, and target and node, are tied together.
    pub same_host: Vec<Evidence>,
    /// The target: `i-… port 31443` or an address and port.
    pub target: String,
    /// Where the target stands.
    pub target_evidence: Vec<Evidence>,
    /// The address and port from which the answer comes.
    pub answers_from: String,
    /// The load balancer's name.
    pub balancer: String,
    /// What the client asked: address or name, and port.
    pub asked: String,
    /// The same where a program can call it: an address or a DNS name, and the port.
    pub callable: String,
    /// The target group's name.
    pub group: String,
    /// The target group's ARN; empty where it is not known.
    pub group_arn: String,
    /// The Service behind the load balancer as flags, where it is known.
    pub service: Option<String>,
    /// `preserve_client_ip.enabled`, where it was pasted.
    pub preserve: Option<Evidence>,
    /// The default that stands in for it.
    pub preserve_default: Option<&'static str>,
    /// Where the scheme `internal` stands, or the private address that was asked.
    pub internal: Option<Evidence>,
    /// How many of how many ways.
    pub ways: (usize, usize),
    /// Whether these are all targets: not where the list was cut off, or reduced by `--query`.
    pub all_targets: bool,
    /// The capture's SYNs that the load balancer's address never answers.
    pub unanswered: Vec<Evidence>,
    /// The same SYNs seen behind the load balancer, with the client's address still their source.
    pub arrived: Vec<Evidence>,
    /// The SYN-ACK from the address that was not asked.
    pub stranger: Vec<Evidence>,
    /// The client's RST.
    pub reset: Vec<Evidence>,
    /// A command or a log line of the client that failed.
    pub words: Vec<Evidence>,
    /// The client asked a private address of which nothing but its port says that it is the load balancer's.
    pub supposed: bool,
    /// Somebody's sentence that connections fail.
    pub complaint: Vec<Evidence>,
}

/// The path between a pod and a listener, or `None` where one of them was not pasted.
pub fn between(model: &Model<'_>, namespace: &str, name: &str, lb: &str, port: Option<u16>) -> Option<Flow> {
    let serves = |balancer: &Balancer<'_>| match (&balancer.port, port) {
        (Some(known), Some(port)) => known.value == port,
        _ => true,
    };
    let balancer = balancer::all(model)
        .into_iter()
        .find(|balancer| balancer.is_called(lb) && serves(balancer))?;
    let entity = model
        .get("Pod", namespace, name)
        .or_else(|| model.get("Pod", "", name))?;
    let seen = who::clients(model, &balancer)
        .into_iter()
        .find(|client| client.name == name);
    let client = seen.unwrap_or_else(|| Client::new(model, entity, Sign::None));
    Some(flow(model, &balancer, &client, port))
}

/// What is known of a way of which one end was not pasted, or not enough of it.
pub fn not_told(model: &Model<'_>, namespace: &str, name: &str, lb: &str) -> Flow {
    let mut next = missing_pod(model, namespace, name);
    next.extend(missing_balancer(model, lb));
    Flow {
        kind: FlowKind::PacketPath,
        title: format!("pod {namespace}/{name} → lb {lb}"),
        subtitle: "what is pasted does not tell this way".to_owned(),
        verdict: Verdict::Unknown,
        outcomes: Vec::new(),
        next,
        details: crate::flow::Details::PacketPath(Details::default()),
    }
}

/// What to paste so that a client is known.
pub fn missing_pod(model: &Model<'_>, namespace: &str, name: &str) -> Vec<Next> {
    if model.get("Pod", namespace, name).is_some() {
        return Vec::new();
    }
    vec![Next {
        command: format!("kubectl get pod {name} -n {namespace} -o wide"),
        decides: vec!["LB-011".to_owned()],
        why: "The pod is not pasted; its address and its node decide the way.".to_owned(),
    }]
}

/// What to paste so that a load balancer and its targets are known.
pub fn missing_balancer(model: &Model<'_>, name: &str) -> Vec<Next> {
    let ask = |command: String, why: &str| Next {
        command,
        decides: vec!["LB-011".to_owned()],
        why: why.to_owned(),
    };
    if !model.load_balancers().iter().any(|lb| is_called(lb, name)) {
        return vec![
            ask(
                format!("aws elbv2 describe-load-balancers --names {name}"),
                "The load balancer is not pasted.",
            ),
            ask(
                "aws elbv2 describe-target-groups".to_owned(),
                "Which target groups it sends to is not pasted.",
            ),
        ];
    }
    if balancer::all(model).iter().any(|balancer| balancer.is_called(name)) {
        return Vec::new();
    }
    vec![ask(
        "aws elbv2 describe-target-groups".to_owned(),
        "Which target groups the load balancer sends to is not pasted.",
    )]
}

/// The paths of the clients that the paste shows, three a load balancer at the most.
pub fn propose(model: &Model<'_>) -> Vec<Flow> {
    balancer::all(model)
        .iter()
        .flat_map(|balancer| {
            who::clients(model, balancer)
                .into_iter()
                .take(who::SHOWN)
                .map(|client| {
                    let flow = flow(model, balancer, &client, None);
                    asking(model, balancer, &client, flow)
                })
                .collect::<Vec<_>>()
        })
        .take(8)
        .collect()
}

/// The flow with the question that has it as its answer, where there is one: a load balancer with several target groups on a port has none.
fn asking(model: &Model<'_>, balancer: &Balancer<'_>, client: &Client, flow: Flow) -> Flow {
    if client.namespace.is_empty() || !client.subject.starts_with("Pod ") {
        return flow;
    }
    let (namespace, name) = (client.namespace.clone(), client.name.clone());
    let question = match &balancer.port {
        Some(port) => Question::Ends(Query {
            from: super::Endpoint::Pod {
                namespace,
                name,
                port: None,
            },
            to: super::Endpoint::LoadBalancer {
                name: balancer.name.clone(),
                port: port.value,
            },
            protocol: super::Protocol::Tcp,
            at: None,
        }),
        None => Question::Balancer {
            namespace,
            name,
            balancer: balancer.name.clone(),
        },
    };
    let answer = super::asked(model, &question);
    let count = |flow: &Flow| flow.outcomes.len();
    if (&answer.title, answer.verdict, count(&answer)) == (&flow.title, flow.verdict, count(&flow)) {
        answer
    } else {
        flow
    }
}

fn flow(model: &Model<'_>, balancer: &Balancer<'_>, client: &Client, port: Option<u16>) -> Flow {
    let asked = match &client.sign {
        Sign::Capture(attempt) => Some(attempt.asked),
        _ => balancer.address.as_ref().map(|address| Endpoint {
            address: address.value,
            port: port.or(balancer.port.as_ref().map(|port| port.value)),
        }),
    };
    let port = port
        .or(balancer.port.as_ref().map(|port| port.value))
        .or(asked.and_then(|asked| asked.port));
    let asked = asked.map_or_else(
        || port.map_or_else(|| balancer.name.clone(), |port| format!("{}:{port}", balancer.name)),
        |asked| asked.to_string(),
    );
    let mut hairpin: Option<Box<Hairpin>> = None;
    let mut next = Vec::new();
    let eligible = balancer.eligible();
    let total = eligible.len();
    let mut outcomes: Vec<Outcome> = Vec::new();
    for (target, share) in eligible {
        let way = way::compute(model, balancer, client, target, share, &asked);
        outcomes.push(way.outcome);
        next.extend(way.next);
        if hairpin.is_none() {
            hairpin = way.hairpin.map(Box::new);
        }
    }
    let stopped = outcomes
        .iter()
        .filter(|outcome| outcome.verdict == Verdict::Blocked)
        .count();
    if let Some(hairpin) = &mut hairpin {
        hairpin.ways = (stopped, total);
        hairpin.all_targets = balancer.targets.iter().all(|target| target.node.complete());
    }
    outcomes.sort_by_key(|outcome| Reverse(outcome.verdict));
    next.extend(balancer.missing());
    if hairpin.as_ref().is_some_and(|hairpin| hairpin.supposed) {
        next.push(Next {
            command: format!(
                "aws ec2 describe-network-interfaces --filters 'Name=description,Values=ELB net/{}/*'",
                balancer.name
            ),
            decides: vec!["LB-011".to_owned()],
            why: "Whether the address that was asked is the load balancer's is not pasted.".to_owned(),
        });
    }
    dedup(&mut next);
    let verdict = if outcomes.is_empty() {
        Verdict::Unknown
    } else {
        Verdict::all(outcomes.iter().map(|outcome| outcome.verdict))
    };
    let ways = match (total, stopped) {
        (0, _) => "no target is pasted".to_owned(),
        (1, _) => "1 way".to_owned(),
        (total, 0) => format!("{total} ways"),
        (total, stopped) => format!("stops on {stopped} of {total} ways"),
    };
    let protocol = if balancer.is_datagram() { "UDP" } else { "TCP" };
    let port_text = port.map(|port| format!(" {port}")).unwrap_or_default();
    Flow {
        kind: FlowKind::PacketPath,
        title: format!(
            "{} → lb {}{}",
            lower_first(&client.subject),
            balancer.name,
            port.map(|port| format!(":{port}")).unwrap_or_default()
        ),
        subtitle: format!("{protocol}{port_text} · {ways}"),
        verdict,
        outcomes,
        next,
        details: crate::flow::Details::PacketPath(Details {
            question: None,
            hairpin,
        }),
    }
}

fn dedup(next: &mut Vec<Next>) {
    let mut seen = std::collections::BTreeSet::new();
    next.retain(|next| seen.insert(next.command.clone()));
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map(|first| first.to_lowercase().chain(chars).collect())
        .unwrap_or_default()
}
