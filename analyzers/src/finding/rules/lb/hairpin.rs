//! LB-011: a Network Load Balancer that preserves client addresses sends a client back to its own host.

use crate::finding::{Class, Hit, Rule};
use crate::flow::packet_path::{Hairpin, no_connection};
use crate::flow::{Details, FlowKind, Flows, Next};
use crate::model::Model;

/// The rule.
pub static RULE: Rule = Rule { code: "LB-011", check };

fn check(model: &Model<'_>, flows: &Flows) -> Vec<Hit> {
    if model.target_groups().all.is_empty() {
        return question(model).into_iter().collect();
    }
    flows
        .of(FlowKind::PacketPath)
        .filter_map(|(index, flow)| match &flow.details {
            Details::PacketPath(details) => Some((index, details.hairpin.as_deref()?)),
            _ => None,
        })
        .map(|(index, hairpin)| hit(index, hairpin))
        .collect()
}

/// Without a target group nothing can be computed; where connections to a Service's load balancer fail, they are what to look at.
fn question(model: &Model<'_>) -> Option<Hit> {
    let names: Vec<String> = model
        .all("Service")
        .filter_map(|service| service.at(&["status", "loadBalancer", "ingress"]))
        .flat_map(|ingress| ingress.items())
        .filter_map(|entry| entry.str_of("hostname").map(str::to_owned))
        .collect();
    // The name of a Network Load Balancer is `NAME-ID.elb.REGION.amazonaws.com`; that of an Application or Classic one has the
    // region before `elb`.
    let failing = model.lines().find_map(|(_, line)| {
        let name = names.iter().find(|name| line.contains(name.as_str()))?;
        (name.contains(".elb.") && !name.contains(".elb.amazonaws.") && no_connection(&line.to_lowercase()))
            .then_some(name)
    })?;
    Some(Hit::open(vec![Next {
        command: format!(
            "aws elbv2 describe-target-groups --load-balancer-arn \"$(aws elbv2 describe-load-balancers --query \
             \"LoadBalancers[?DNSName=='{failing}'].LoadBalancerArn\" --output text)\""
        ),
        decides: vec!["LB-011".to_owned()],
        why: "Connections to this load balancer fail; its target groups tell whether it can send a client back to its own node."
            .to_owned(),
    }]))
}

/// Proved is only what three things show together: the client connects to the load balancer and fails, its address is kept, and
/// the load balancer is reached inside the VPC. Without a client that is seen to fail it explains what would happen; no more.
fn class(hairpin: &Hairpin) -> Class {
    let fails = !(hairpin.stranger.is_empty() && hairpin.unanswered.is_empty() && hairpin.words.is_empty());
    let kept = hairpin.preserve.is_some() || !hairpin.stranger.is_empty() || !hairpin.arrived.is_empty();
    match (fails, kept && hairpin.internal.is_some() && !hairpin.supposed) {
        (true, true) => Class::Fault,
        (true, false) => Class::Risk,
        (false, _) if !hairpin.complaint.is_empty() => Class::Risk,
        (false, _) => Class::Note,
    }
}

fn hit(index: usize, hairpin: &Hairpin) -> Hit {
    let (stopped, total) = hairpin.ways;
    let mut hit = Hit::new(class(hairpin), hairpin.client.clone())
        .with("client", hairpin.client.clone())
        .with("client_shell", hairpin.client_shell.clone())
        .with(
            "client_ip",
            hairpin
                .client_ip
                .as_ref()
                .map_or_else(|| "its own address".to_owned(), |fact| fact.value.clone()),
        )
        .with("node", hairpin.node.clone())
        .with("target", hairpin.target.clone())
        .with("answers_from", hairpin.answers_from.clone())
        .with("balancer", hairpin.balancer.clone())
        .with("asked", hairpin.asked.clone())
        .with("callable", hairpin.callable.clone())
        .with("group", hairpin.group.clone())
        .with(
            "group_arn",
            if hairpin.group_arn.is_empty() {
                "TARGET_GROUP_ARN".to_owned()
            } else {
                hairpin.group_arn.clone()
            },
        )
        .with(
            "service_flags",
            hairpin
                .service
                .clone()
                .unwrap_or_else(|| "-n NAMESPACE SERVICE".to_owned()),
        )
        .with("stopped", stopped.to_string())
        .with("total", total.to_string())
        .cite("unanswered", hairpin.unanswered.clone())
        .cite("stranger", hairpin.stranger.clone())
        .cite("reset", hairpin.reset.clone())
        .cite("words", hairpin.words.clone())
        .cite("arrived", hairpin.arrived.clone())
        .cite("complaint", hairpin.complaint.clone())
        .cite("same_host", hairpin.same_host.clone())
        .cite("target_line", hairpin.target_evidence.clone())
        .cite("attribute", hairpin.preserve.clone())
        .cite("internal", hairpin.internal.clone())
        .cite("address", hairpin.client_ip.as_ref().map(|fact| fact.evidence.clone()));
    if let Some(default) = hairpin.preserve_default {
        hit = hit.with("preserve_default", capitalised(default));
    }
    if hairpin.supposed {
        hit = hit.with("supposed", "yes");
    }
    // A target list that was cut off says neither how many ways there are nor that there is no other.
    if hairpin.all_targets && stopped < total {
        hit = hit.with("sometimes", format!("{stopped} of {total}"));
    } else if hairpin.all_targets {
        hit = hit.with("always", total.to_string());
    }
    hit.variant = Some(hairpin.mechanism.variant());
    hit.subjects.push(format!("LoadBalancer {}", hairpin.balancer));
    hit.flow = Some(index);
    hit
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}
