//! Rules of network policies, and what a Service says of its traffic.

use std::collections::BTreeSet;
use std::net::IpAddr;

use serde_json::{Map, Value, json};

use super::{Candidate, Stop, at, block, packet, reach, root};
use crate::artifact::Node;
use crate::flow::packet_path::Endpoint;
use crate::model::Model;

/// A rule more in a policy that is asked: for the other end's pods by their labels, or for its address.
pub fn policies(model: &Model<'_>, stop: &Stop<'_>, egress: bool) -> Vec<Candidate> {
    let Some(query) = stop.query else { return Vec::new() };
    let other = if egress { &query.to } else { &query.from };
    let Some((peer, whom)) = peer(model, other, stop, egress) else {
        return Vec::new();
    };
    let port = match &query.to {
        // A Service's port is not its pods'.
        Endpoint::Service { .. } => stop.side("dst").port,
        to => to.port().or_else(|| stop.side("dst").port),
    };
    let mut rule = Map::new();
    rule.insert(if egress { "to" } else { "from" }.to_owned(), json!([peer]));
    if let (Some(port), Some(protocol)) = (port, query.protocol.name()) {
        rule.insert("ports".to_owned(), json!([{ "protocol": protocol, "port": port }]));
    }
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    for (artifact, pointer) in stop.places() {
        let Some(policy) = object(model, *artifact, pointer, "NetworkPolicy") else {
            continue;
        };
        if !seen.insert((*artifact, policy.pointer())) {
            continue;
        }
        let named = |name: &str| {
            policy
                .at(&["metadata", name])
                .and_then(|node| node.str())
                .unwrap_or_default()
        };
        let (way, side) = if egress { ("out", "to") } else { ("in", "from") };
        all.push(Candidate {
            change: at(
                &policy,
                &format!("/spec/{}/-", if egress { "egress" } else { "ingress" }),
                Value::Object(rule.clone()),
                format!(
                    "NetworkPolicy {}/{} lets {} {way} {side} {whom}",
                    named("namespace"),
                    named("name"),
                    packet(query.protocol, port)
                ),
            ),
            command: None,
        });
    }
    all
}

/// The object of a kind that evidence is in.
fn object<'a>(model: &Model<'a>, artifact: crate::artifact::ArtifactId, pointer: &str, kind: &str) -> Option<Node<'a>> {
    let root = root(model, artifact)?;
    let is = |node: &Node<'_>| node.str_of("kind") == Some(kind);
    if is(&root) {
        return Some(root);
    }
    let item = reach(&root, pointer, 2);
    (pointer.starts_with("/items/") && is(&item)).then_some(item)
}

/// An element of `from` or `to`, and whom it is about in words.
fn peer(model: &Model<'_>, end: &Endpoint, stop: &Stop<'_>, egress: bool) -> Option<(Value, String)> {
    let by_address = |address: IpAddr| match model.pod_by_ip(address) {
        Some(pod) => pod_peer(model, pod.namespace, pod.name),
        None => Some((json!({ "ipBlock": { "cidr": block(address) } }), block(address))),
    };
    match end {
        Endpoint::Pod { namespace, name, .. } => pod_peer(model, namespace, name),
        Endpoint::Ip { address, .. } => by_address(*address),
        Endpoint::Internet => Some((json!({ "ipBlock": { "cidr": "0.0.0.0/0" } }), "everybody".to_owned())),
        _ => by_address(stop.side(if egress { "dst" } else { "src" }).address?),
    }
}

/// Labels that differ from one pod of a workload to the next, or from one version to the next: the Kubernetes reference, "Well-Known Labels".
const PASSING: [&str; 5] = [
    "pod-template-hash",
    "controller-revision-hash",
    "statefulset.kubernetes.io/pod-name",
    "apps.kubernetes.io/pod-index",
    "pod-template-generation",
];

fn pod_peer(model: &Model<'_>, namespace: &str, name: &str) -> Option<(Value, String)> {
    let pod = model.get("Pod", namespace, name)?;
    let labels = pod
        .at(&["metadata", "labels"])
        .map(|labels| labels.members())
        .unwrap_or_default();
    let lasting: Vec<(&str, &str)> = labels
        .iter()
        .filter(|(key, _)| !PASSING.contains(key))
        .filter_map(|(key, value)| Some((*key, value.str()?)))
        .collect();
    let wanted: Map<String, Value> = lasting
        .iter()
        .map(|(key, value)| ((*key).to_owned(), json!(value)))
        .collect();
    let said: Vec<String> = lasting
        .iter()
        .take(2)
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    let whom = if said.is_empty() {
        format!("all pods of {namespace}")
    } else {
        format!("pods {} of {namespace}", said.join(","))
    };
    let peer = json!({
        // Every namespace has this label (Kubernetes 1.22, "Automatic labelling").
        "namespaceSelector": { "matchLabels": { "kubernetes.io/metadata.name": namespace } },
        "podSelector": { "matchLabels": wanted },
    });
    Some((peer, whom))
}

/// What a Service may say otherwise: that all nodes serve it, and that more sources may come in.
pub fn service(model: &Model<'_>, stop: &Stop<'_>) -> Vec<Candidate> {
    let asked = match stop.query.map(|query| &query.to) {
        Some(Endpoint::Service { namespace, name, .. }) => model.get("Service", namespace, name),
        _ => None,
    };
    let mut nodes: Vec<Node<'_>> = asked
        .and_then(|service| service.views.first())
        .cloned()
        .into_iter()
        .collect();
    for (artifact, pointer) in stop.places() {
        if let Some(service) = object(model, *artifact, pointer, "Service")
            && !nodes
                .iter()
                .any(|known| known.pointer() == service.pointer() && known.artifact() == service.artifact())
        {
            nodes.push(service);
        }
    }
    let mut all = Vec::new();
    for service in nodes.iter().take(2) {
        let named = |name: &str| {
            service
                .at(&["metadata", name])
                .and_then(|node| node.str())
                .unwrap_or_default()
        };
        let (namespace, name) = (named("namespace"), named("name"));
        for field in ["externalTrafficPolicy", "internalTrafficPolicy"] {
            if service.at(&["spec", field]).and_then(|node| node.str()) == Some("Local") {
                all.push(Candidate {
                    change: at(
                        service,
                        &format!("/spec/{field}"),
                        json!("Cluster"),
                        format!("Service {namespace}/{name} had {field}: Cluster"),
                    ),
                    command: Some(format!(
                        "kubectl patch svc {name} -n {namespace} -p '{{\"spec\":{{\"{field}\":\"Cluster\"}}}}'"
                    )),
                });
            }
        }
        if let (Some(_), Some(source)) = (
            service.at(&["spec", "loadBalancerSourceRanges"]),
            stop.side("src").address,
        ) {
            all.push(Candidate {
                change: at(
                    service,
                    "/spec/loadBalancerSourceRanges/-",
                    json!(block(source)),
                    format!(
                        "Service {namespace}/{name} had {} in its loadBalancerSourceRanges",
                        block(source)
                    ),
                ),
                command: None,
            });
        }
    }
    all
}
