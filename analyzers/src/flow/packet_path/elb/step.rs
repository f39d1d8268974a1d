//! Steps and who acts in them.

use super::Walk;
use crate::evidence::Evidence;
use crate::flow::{Actor, ActorKind, Reason, Return, Step, Verdict};
use crate::model::aws::elbv2::LoadBalancer;
use crate::model::decided::By;
use crate::model::load_balancer_controller::stack::Kind;

/// What was not looked at before the load balancer.
const NETWORK_BEFORE: &str =
    "Whether routes, security groups and network ACLs let the connection reach the load balancer was not looked at.";
/// What was not looked at behind it.
pub(super) const NETWORK_BEHIND: &str =
    "Whether security groups and network ACLs let the load balancer reach it was not looked at.";

impl Walk<'_, '_, '_> {
    /// The load balancer.
    pub(super) fn balancer(&self) -> Actor {
        let kind = match self.front.kind {
            Some(Kind::Application) => "ALB",
            Some(Kind::Network) => "NLB",
            None => "load balancer",
        };
        let mut details = Vec::new();
        let scheme = self.front.scheme();
        let port = self.port.map(|port| format!("{}:{port}", self.asked.protocol));
        let line: Vec<String> = scheme.map(|scheme| scheme.value).into_iter().chain(port).collect();
        if !line.is_empty() {
            details.push(line.join(" · "));
        }
        let vpc = self.front.described.as_ref().and_then(|lb| lb.node.str_of("VpcId"));
        Actor {
            id: format!("lb:{}", self.front.name),
            kind: ActorKind::LoadBalancer,
            name: format!("{kind} {}", self.front.name),
            details,
            zones: vec![vpc.map_or_else(|| "VPC".to_owned(), |id| format!("VPC {id}"))],
        }
    }

    fn client(&self) -> Actor {
        Actor {
            id: format!("client:{}", self.asked.from.words),
            kind: ActorKind::Other,
            name: self.asked.from.words.clone(),
            details: Vec::new(),
            zones: Vec::new(),
        }
    }

    /// What is asked, as the client writes it.
    pub(super) fn destination(&self) -> String {
        let name = self.front.host.as_ref().unwrap_or(&self.front.name);
        match self.port {
            Some(port) => format!("{name}:{port}"),
            None => name.clone(),
        }
    }

    /// The client's packets before the load balancer.
    pub(super) fn arriving(&self) -> crate::flow::Values {
        vec![("src", self.asked.from.words.clone()), ("dst", self.destination())]
    }

    pub(super) fn connects(&self) -> Step {
        let mut step = Step::new(self.client(), "connects", Verdict::Assumed);
        step.to = Some(self.balancer());
        step.before = self.arriving();
        step.after = self.arriving();
        step.note = Some(NETWORK_BEFORE.to_owned());
        step
    }

    /// A step of the load balancer.
    pub(super) fn step(&self, action: impl Into<String>, verdict: Verdict, evidence: Vec<Evidence>) -> Step {
        let mut step = Step::new(self.balancer(), action, verdict);
        step.before = self.arriving();
        step.evidence = evidence;
        step
    }

    /// A step at which it stops.
    pub(super) fn stop(&self, action: impl Into<String>, reason: Reason, evidence: Vec<Evidence>) -> Step {
        let mut step = self.step(action, Verdict::Blocked, evidence);
        step.reason = Some(reason);
        step
    }

    /// Whether the load balancer is in service, and there for who asks.
    pub(super) fn in_service(&mut self) -> Vec<Step> {
        let mut steps = Vec::new();
        if let Some(state) = self.front.described.as_ref().and_then(LoadBalancer::state) {
            match state.value.as_str() {
                "active" => {}
                "active_impaired" => {
                    let mut step = self.step(
                        "serves, but has not the room that it wants",
                        Verdict::Assumed,
                        vec![state.evidence],
                    );
                    step.note = Some("AWS calls it `active_impaired`: it could not be scaled.".to_owned());
                    steps.push(step);
                }
                other => {
                    let action = format!("does not serve: its state is {other}");
                    steps.push(self.stop(action, Reason::State, vec![state.evidence]));
                }
            }
        }
        let Some(scheme) = self.front.scheme() else {
            // An answer depends on it for who is outside.
            if self.asked.from.outside {
                let command = format!("aws elbv2 describe-load-balancers --names {}", self.front.name);
                self.ask(
                    command,
                    "Whether the load balancer faces the Internet, and whether it is in service, is not pasted.",
                );
                steps.push(self.step("may be internal, or not in service", Verdict::Unknown, Vec::new()));
            }
            return steps;
        };
        if self.asked.from.outside && scheme.value == "internal" {
            let evidence: Vec<Evidence> = scheme.by.evidence().cloned().into_iter().collect();
            let action = "is internal: its addresses are private, and the Internet has no way to them";
            let mut step = self.stop(action, Reason::NoPublicAddress, evidence);
            if let By::Default(why) = scheme.by {
                // A default of a controller whose flags were not pasted proves nothing.
                step.verdict = Verdict::Unknown;
                step.reason = None;
                step.note = Some(format!("It is by default: {why}."));
                let command = format!("aws elbv2 describe-load-balancers --names {}", self.front.name);
                self.ask(command, "Whether the load balancer faces the Internet is not pasted.");
            }
            steps.push(step);
        }
        steps
    }
}

/// The way of the answer.
pub(super) fn answer(last: &Step, own_source: bool) -> Return {
    let mut step = Step::new(
        last.to.clone().unwrap_or_else(|| last.actor.clone()),
        if own_source {
            "answers the load balancer, which answers the client"
        } else {
            "answers the client's address; the network leads the answer through the load balancer"
        },
        Verdict::Assumed,
    );
    step.before = last
        .after
        .iter()
        .rev()
        .map(|(_, value)| value.clone())
        .zip(["src", "dst"])
        .map(|(value, name)| (name, value))
        .collect();
    step.note = Some(if own_source {
        "The connection to the target is the load balancer's own: an answer cannot take another way.".to_owned()
    } else {
        "The target sees the client's address. Where client and target share a host or a VPC route past the load balancer, the answer may not come back through it.".to_owned()
    });
    Return {
        verdict: step.verdict,
        reason: None,
        steps: vec![step],
    }
}
