//! From outside to what is behind a load balancer: by its name, by a name of the DNS, or by the Service that it is for.
//!
//! `front` finds the load balancer, `listener` what it does on a port, `condition` which rules a request can meet, `group` and `made` where
//! requests go from there. Where anything was pasted that filters or routes, `around` asks the network whether the client reaches the load
//! balancer, `beyond` whether that reaches its targets and what these make of it, and `join` makes one way of the parts. Where nothing of the
//! network was pasted, nobody asked about it: the way is `assumed` at best, and says what was not looked at.
//!
//! Sources of facts: Elastic Load Balancing, User Guides for Application and for Network Load Balancers.

mod aim;
mod around;
mod beyond;
mod condition;
mod front;
mod group;
mod join;
mod listener;
mod made;
mod propose;
mod route53;
mod step;
#[cfg(test)]
mod tests;
mod timeout;

use std::net::IpAddr;

use self::aim::Aim;
use self::around::Around;
pub(super) use self::around::is_client;
use self::front::Front;
use self::listener::{Chosen, Goes};
pub use self::propose::propose;
use super::{Endpoint, Query};
use crate::flow::{Details, Flow, FlowKind, Next, Outcome, Reason, Step, Verdict};
use crate::model::Model;
use crate::model::load_balancer_controller::stack::Kind;

/// The way to a load balancer, for those who look at the network before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Door {
    /// Its name.
    pub name: String,
    /// Its ARN, where it was pasted.
    pub arn: Option<String>,
    /// The port that is asked.
    pub port: Option<u16>,
    /// The ids of its security groups, where it was described.
    pub security_groups: Vec<String>,
    /// The ids of its subnets, where it was described.
    pub subnets: Vec<String>,
}

/// The load balancer that a query is about, as far as it is known.
pub fn door(model: &Model<'_>, query: &Query) -> Option<Door> {
    let asked = Asked::of(query)?;
    let front = front::find(model, &asked)?;
    let lb = front.described.as_ref();
    let ids = |list: &str, name: Option<&str>| -> Vec<String> {
        let items = lb.map(|lb| lb.node.list(list)).unwrap_or_default();
        items
            .iter()
            .filter_map(|item| match name {
                Some(name) => item.str_of(name),
                None => item.str(),
            })
            .map(str::to_owned)
            .collect()
    };
    Some(Door {
        security_groups: ids("SecurityGroups", None),
        subnets: ids("AvailabilityZones", Some("SubnetId")),
        arn: front.arn.clone(),
        name: front.name,
        port: asked.port,
    })
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Source {
    /// In words.
    words: String,
    /// Its address, where it is one.
    address: Option<IpAddr>,
    /// Whether it is out in the Internet: without a private address.
    outside: bool,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Asked<'q> {
    to: &'q Endpoint,
    port: Option<u16>,
    /// `TCP` or `UDP`
    protocol: &'static str,
    from: Source,
    query: &'q Query,
}

impl<'q> Asked<'q> {
    /// A question that is answered here: from outside the cluster, or from a pod to a name of the DNS.
    fn of(query: &'q Query) -> Option<Self> {
        let protocol = query.protocol.name().filter(|name| matches!(*name, "TCP" | "UDP"))?;
        let (address, outside) = match &query.from {
            Endpoint::Internet => (None, true),
            Endpoint::Ip { address, .. } => (Some(*address), !super::nlb::is_private(*address)),
            _ => (None, false),
        };
        let from_outside = matches!(query.from, Endpoint::Internet | Endpoint::Ip { .. });
        let port = match &query.to {
            Endpoint::Host { port, .. } => *port,
            Endpoint::LoadBalancer { port, .. } => Some(*port),
            Endpoint::Service { port, .. } if from_outside => Some(*port),
            _ => return None,
        };
        Some(Self {
            to: &query.to,
            port,
            protocol,
            from: Source {
                words: query.from.to_string(),
                address,
                outside,
            },
            query,
        })
    }
}

/// The path to what is behind a load balancer; `None` where this is not such a question.
pub fn between(model: &Model<'_>, query: &Query) -> Option<Flow> {
    let asked = Asked::of(query)?;
    // Who is in the cluster reaches a Service without its load balancer.
    let inside = asked.from.address.is_some_and(|address| is_inside(model, address));
    if inside && matches!(query.to, Endpoint::Service { .. }) {
        return None;
    }
    let Some(front) = front::find(model, &asked) else {
        return match query.to {
            // A Service without a load balancer has no way from outside that starts here.
            Endpoint::Service {
                ref namespace,
                ref name,
                ..
            } if model.get("Service", namespace, name).is_some() => None,
            _ => Some(not_found(query, &asked)),
        };
    };
    // A pod's way through a Network Load Balancer may lead back to its own node, which another part looks at.
    if let Endpoint::Pod { namespace, name, .. } = &query.from
        && front.kind == Some(Kind::Network)
    {
        // Its TCP alone is computed there.
        let port = asked.port.filter(|_| asked.protocol == "TCP")?;
        let flow = super::nlb::between(model, namespace, name, &front.name, Some(port))?;
        // Where it does not, the network has the last word, if somebody asked it.
        let vpc = front.described.as_ref().and_then(|lb| lb.node.str_of("VpcId"));
        if flow.verdict >= Verdict::Unknown || front.arn.is_none() || !around::asks(model, vpc) {
            return Some(flow);
        }
    }
    Some(Walk::new(model, &asked, front).flow(query))
}

/// Whether that is the address of a pod or a node that was pasted.
fn is_inside(model: &Model<'_>, address: IpAddr) -> bool {
    let of_node = |node: &crate::model::Entity<'_>| {
        crate::model::Node(node)
            .internal_ips()
            .iter()
            .any(|own| own.value == address)
    };
    model.pod_by_ip(address).is_some() || model.all("Node").any(of_node)
}

fn not_found(query: &Query, asked: &Asked<'_>) -> Flow {
    let next = |command: &str, why: &str| Next {
        command: command.to_owned(),
        decides: Vec::new(),
        why: why.to_owned(),
    };
    let mut all = Vec::new();
    match asked.to {
        Endpoint::LoadBalancer { name, .. } => all.push(next(
            &format!("aws elbv2 describe-load-balancers --names {name}"),
            "The load balancer is not pasted.",
        )),
        Endpoint::Service { namespace, name, .. } => all.push(next(
            &format!("kubectl get service {name} -n {namespace} -o yaml"),
            "The Service is not pasted.",
        )),
        _ => {
            all.push(next(
                "kubectl get ingress,service -A -o yaml",
                "Nothing that was pasted has this name: an Ingress or a Service that is not pasted may.",
            ));
            all.push(next(
                "aws elbv2 describe-load-balancers",
                "A load balancer that is not pasted may have this name.",
            ));
        }
    }
    Flow {
        kind: FlowKind::PacketPath,
        title: format!("{} → {}", query.from, query.to),
        subtitle: "nothing that was pasted has this name".to_owned(),
        verdict: Verdict::Unknown,
        outcomes: Vec::new(),
        next: all,
        details: Details::PacketPath(super::Details::of(query)),
    }
}

/// One way, as far as it is known.
#[derive(Debug, Clone)]
struct Way {
    /// What tells it from the others.
    label: Vec<String>,
    share: f64,
    steps: Vec<Step>,
    verdict: Verdict,
    reason: Option<Reason>,
    ends_at: Option<String>,
    source_seen: Option<String>,
    snat: bool,
    /// The target that it leads to.
    aim: Option<Aim>,
}

impl Way {
    fn new(label: impl Into<String>, share: f64) -> Self {
        Self {
            label: vec![label.into()],
            share,
            steps: Vec::new(),
            verdict: Verdict::Passes,
            reason: None,
            ends_at: None,
            source_seen: None,
            snat: false,
            aim: None,
        }
    }

    /// With one step more; the worst step decides.
    fn with(mut self, step: Step) -> Self {
        if step.verdict > self.verdict {
            self.verdict = step.verdict;
            self.reason = step.reason;
        }
        self.steps.push(step);
        self
    }

    fn into_outcome(self, before: &[Step], through: bool) -> Outcome {
        let label: Vec<String> = self.label.into_iter().filter(|part| !part.is_empty()).collect();
        let first = before
            .iter()
            .max_by_key(|step| step.verdict)
            .filter(|step| step.verdict > self.verdict);
        let (verdict, reason) = match first {
            Some(step) => (step.verdict, step.reason),
            None => (self.verdict, self.reason),
        };
        let mut outcome = Outcome::new(label.join(", "), self.share, verdict);
        outcome.reason = reason;
        outcome.ends_at = self.ends_at;
        outcome.source_seen = self.source_seen;
        outcome.snat = self.snat;
        outcome.steps = before.iter().cloned().chain(self.steps).collect();
        if verdict != Verdict::Blocked
            && through
            && let Some(last) = outcome.steps.iter().rev().find(|step| !step.after.is_empty())
        {
            outcome.back = Some(step::answer(last, outcome.snat));
        }
        outcome
    }
}

/// A question on its way through a load balancer.
struct Walk<'x, 'm, 'a> {
    model: &'m Model<'a>,
    asked: &'x Asked<'x>,
    front: Front<'m>,
    port: Option<u16>,
    next: Vec<Next>,
}

impl<'x, 'm, 'a> Walk<'x, 'm, 'a> {
    fn new(model: &'m Model<'a>, asked: &'x Asked<'x>, front: Front<'m>) -> Self {
        Self {
            model,
            asked,
            front,
            port: asked.port,
            next: Vec::new(),
        }
    }

    /// Something to run, once.
    fn ask(&mut self, command: String, why: impl Into<String>) {
        if self.next.iter().all(|next| next.command != command) {
            self.next.push(Next {
                command,
                decides: Vec::new(),
                why: why.into(),
            });
        }
    }

    fn flow(mut self, query: &Query) -> Flow {
        let chosen = listener::choose(&mut self);
        let shut = self.in_service().iter().any(|step| step.verdict == Verdict::Blocked);
        let around = if shut { None } else { Around::new(&mut self) };
        let mut outcomes = match (chosen, around) {
            (Chosen::Stops(step), None) => {
                let way = Way::new("stops at the load balancer", 1.0).with(step);
                vec![way.into_outcome(&self.before(), false)]
            }
            (Chosen::Goes(goes), None) => {
                let before = self.before();
                self.goes(goes)
                    .into_iter()
                    .map(|(steps, way, through)| {
                        let steps: Vec<Step> = before.iter().cloned().chain(steps).collect();
                        way.into_outcome(&steps, through)
                    })
                    .collect()
            }
            (Chosen::Stops(step), Some(around)) => {
                let way = Way::new("stops at the load balancer", 1.0).with(step);
                around.join(&mut self, &[(Vec::new(), way, false)])
            }
            (Chosen::Goes(goes), Some(around)) => {
                let ways = self.goes(goes);
                around.join(&mut self, &ways)
            }
        };
        outcomes.sort_by_key(|outcome| std::cmp::Reverse(outcome.verdict));
        let verdict = Verdict::all(outcomes.iter().map(|outcome| outcome.verdict));
        let port = self.port.map(|port| format!(" {port}")).unwrap_or_default();
        let ways = match outcomes.len() {
            1 => "1 way".to_owned(),
            ways => format!("{ways} ways"),
        };
        Flow {
            kind: FlowKind::PacketPath,
            title: format!("{} → {}", query.from, query.to),
            subtitle: format!("{}{port} · {ways}", self.asked.protocol),
            verdict,
            outcomes,
            next: self.next,
            details: Details::PacketPath(super::Details::of(query)),
        }
    }

    /// The steps before what the load balancer does with a connection.
    fn before(&mut self) -> Vec<Step> {
        let mut before = self.front.led.clone();
        before.push(self.connects());
        before.extend(self.in_service());
        before
    }

    /// The ways of a request that was taken: what the load balancer makes of it first, the way to the target, and whether that answers.
    fn goes(&mut self, goes: Goes) -> Vec<(Vec<Step>, Way, bool)> {
        let count = goes.ways.len();
        #[allow(clippy::cast_precision_loss, reason = "nobody has 2^52 rules")]
        let share = 1.0 / count.max(1) as f64;
        let mut groups = group::Groups::new(self.model);
        let mut all = Vec::new();
        for rule in goes.ways {
            for mut way in listener::act(self, &mut groups, &rule) {
                way.share *= share;
                if count > 1 {
                    way.label.insert(0, rule.label.clone());
                }
                let through = way.snat || way.ends_at.as_deref() != Some("local");
                if let Some(step) = self
                    .front
                    .behind
                    .clone()
                    .filter(|_| through && way.verdict != Verdict::Blocked)
                {
                    way = way.with(step);
                }
                all.push((vec![goes.takes.clone(), rule.step.clone()], way, through));
            }
        }
        all
    }
}
