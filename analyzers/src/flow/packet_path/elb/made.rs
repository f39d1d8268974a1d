//! Where requests go where nothing of AWS was pasted: the pods or nodes that the controller would register.

use super::group::SHOWN;
use super::{Walk, Way};
use crate::evidence::Evidence;
use crate::flow::packet_path::joined;
use crate::flow::{Actor, ActorKind, Reason, Step, Verdict};
use crate::model::aws::elbv2::TargetType;
use crate::model::load_balancer_controller::stack::{Kind, Stack, TargetGroup};
use crate::model::{Entity, Node};

/// The label of nodes that load balancers leave out (Kubernetes, "Well-Known Labels, Annotations and Taints").
const EXCLUDED: &str = "node.kubernetes.io/exclude-from-external-load-balancers";

const NOT_PASTED: &str = "The targets and their health were not pasted.";

/// The ways to a group that the controller would make.
pub(super) fn ways(walk: &mut Walk<'_, '_, '_>, stack: Option<&Stack>, id: &str) -> Vec<Way> {
    let Some(group) = stack.and_then(|stack| stack.target_groups.get(id)) else {
        return vec![missing_service(walk, stack, id)];
    };
    match group.target_type.value {
        TargetType::Instance => nodes(walk, group),
        _ => pods(walk, group),
    }
}

fn missing_service(walk: &mut Walk<'_, '_, '_>, stack: Option<&Stack>, id: &str) -> Way {
    let services = stack.map(|stack| &stack.missing_services);
    for (namespace, name) in services.into_iter().flatten() {
        walk.ask(
            format!("kubectl get service {name} -n {namespace} -o yaml"),
            format!("Service {namespace}/{name} is not pasted: whether it is there, and where its requests go, is not known."),
        );
    }
    let step = walk.step(
        format!("sends it to {id}, whose Service is not pasted"),
        Verdict::Unknown,
        Vec::new(),
    );
    Way::new(format!("a target of {id}"), 1.0).with(step)
}

/// A target that the controller would register.
struct Target {
    label: String,
    end: String,
    actor: Actor,
    evidence: Vec<Evidence>,
}

fn pods(walk: &mut Walk<'_, '_, '_>, group: &TargetGroup) -> Vec<Way> {
    let binding = &group.binding;
    let six = group.ip_address_type.value == "ipv6";
    let serving = walk.model.serving(
        &binding.namespace,
        &binding.service,
        &binding.port_name,
        &binding.port_protocol,
        six,
    );
    let of = format!("{}/{}", binding.namespace, binding.service);
    let ready: Vec<_> = serving.all.iter().filter(|endpoint| endpoint.ready).collect();
    if !serving.known || ready.is_empty() && (serving.partial || serving.more > 0) {
        walk.ask(
            format!(
                "kubectl get endpointslices -n {} -l kubernetes.io/service-name={} -o yaml",
                binding.namespace, binding.service
            ),
            format!("Who serves {of} is not pasted."),
        );
        let step = walk.step(format!("picks a pod of {of}"), Verdict::Unknown, Vec::new());
        return vec![Way::new(format!("a pod of {of}"), 1.0).with(step)];
    }
    if ready.is_empty() {
        let evidence = joined(
            serving
                .evidence
                .iter()
                .cloned()
                .chain(serving.all.iter().map(|one| one.evidence.clone())),
        );
        let mut step = walk.stop(
            format!("has nobody to send it to: no pod of {of} is ready"),
            Reason::NoTarget,
            evidence,
        );
        step.note = Some("The controller registers pods that are ready.".to_owned());
        return vec![Way::new(format!("no pod of {of}"), 1.0).with(step)];
    }
    let targets = ready
        .into_iter()
        .map(|endpoint| {
            let end = crate::artifact::Endpoint {
                address: endpoint.address,
                port: Some(endpoint.port),
            }
            .to_string();
            let pod = walk.model.pod_by_ip(endpoint.address);
            let mut zones = walk.balancer().zones;
            zones.extend(endpoint.node.map(|node| format!("node {node}")));
            Target {
                label: format!("to {end}"),
                actor: Actor {
                    id: pod.map_or_else(|| format!("target:{end}"), |pod| format!("pod:{}", pod.path())),
                    kind: ActorKind::Pod,
                    name: pod.map_or_else(|| endpoint.address.to_string(), |pod| pod.name.to_owned()),
                    details: vec![end.clone()],
                    zones,
                },
                end,
                evidence: vec![endpoint.evidence.clone()],
            }
        })
        .collect();
    shared(walk, group, targets)
}

fn is_target(node: &Entity<'_>, group: &TargetGroup) -> bool {
    let label = |name: &str| node.str(&["metadata", "labels", name]);
    label(EXCLUDED).is_none()
        && group
            .binding
            .node_selector
            .iter()
            .all(|(name, value)| label(name) == Some(value.as_str()))
}

fn nodes(walk: &mut Walk<'_, '_, '_>, group: &TargetGroup) -> Vec<Way> {
    let all: Vec<&Entity<'_>> = walk.model.all("Node").filter(|node| is_target(node, group)).collect();
    let port = group.port.value;
    if all.is_empty() {
        walk.ask(
            "kubectl get nodes -o yaml".to_owned(),
            "The nodes are the targets, and none is pasted.",
        );
        let step = walk.step(format!("picks a node at port {port}"), Verdict::Unknown, Vec::new());
        return vec![Way::new(format!("a node at port {port}"), 1.0).with(step)];
    }
    let by = group.port.by.evidence().cloned();
    let targets = all
        .into_iter()
        .map(|node| {
            let address = Node(node).internal_ip();
            let end = match &address {
                Some(address) => crate::artifact::Endpoint {
                    address: address.value,
                    port: Some(port),
                }
                .to_string(),
                None => format!("{}:{port}", node.name),
            };
            let mut zones = walk.balancer().zones;
            zones.extend(Node(node).zone().map(|zone| zone.value));
            zones.push(format!("node {}", node.name));
            Target {
                label: format!("through node {}", node.name),
                actor: Actor {
                    id: format!("target:{}", node.name),
                    kind: ActorKind::Node,
                    name: format!("node port {port}"),
                    details: vec![end.clone()],
                    zones,
                },
                end,
                evidence: joined(
                    address
                        .map(|address| address.evidence)
                        .into_iter()
                        .chain(node.evidence())
                        .chain(by.clone()),
                ),
            }
        })
        .collect();
    shared(walk, group, targets)
}

fn shared(walk: &Walk<'_, '_, '_>, group: &TargetGroup, targets: Vec<Target>) -> Vec<Way> {
    let preserves = walk.front.kind == Some(Kind::Network) && preserves(group);
    let count = targets.len().max(1);
    let share = 1.0 / f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    let mut ways: Vec<Way> = targets
        .into_iter()
        .take(SHOWN)
        .map(|target| {
            let mut step: Step = walk.step("picks this target", Verdict::Assumed, target.evidence);
            let (source, words) = if preserves {
                (walk.asked.from.words.clone(), "The target sees the client's address as the source.")
            } else if walk.front.kind == Some(Kind::Application) {
                (
                    "an address of the load balancer".to_owned(),
                    "The target sees the load balancer's address as the source; the client's is in the header X-Forwarded-For.",
                )
            } else {
                (
                    "an address of the load balancer".to_owned(),
                    "The target sees the load balancer's address as the source.",
                )
            };
            step.after = vec![("src", source), ("dst", target.end.clone())];
            step.note = Some(format!("{NOT_PASTED} {words}"));
            step.to = Some(target.actor);
            let mut way = Way::new(target.label, share).with(step);
            way.ends_at = Some(target.end);
            way.snat = !preserves;
            way.source_seen = walk.asked.from.address.filter(|_| preserves).map(|address| address.to_string());
            way
        })
        .collect();
    if count > SHOWN {
        let shown: f64 = ways.iter().map(|way| way.share).sum();
        let step = walk.step("picks one of the other targets", Verdict::Assumed, Vec::new());
        ways.push(Way::new(format!("{} more targets", count - SHOWN), 1.0 - shown).with(step));
    }
    ways
}

/// Whether targets see the clients' addresses: the attribute, or the default for their kind and protocol (User Guide for Network Load
/// Balancers, "Client IP preservation").
fn preserves(group: &TargetGroup) -> bool {
    match group.attributes.get("preserve_client_ip.enabled") {
        Some(asked) => asked.value == "true",
        None => {
            group.target_type.value == TargetType::Instance
                || matches!(group.protocol.value.as_str(), "UDP" | "TCP_UDP" | "QUIC" | "TCP_QUIC")
        }
    }
}
