//! The tables that the API server renders for kubectl (`meta.k8s.io/v1` Table), of the kinds whose columns are written down here: kubectl only
//! pads the cells, adds namespaces and labels, and cuts at line ends.
//!
//! Columns and cells: kubernetes `pkg/printers/internalversion/printers.go`.

use serde_json::{Value, json};

/// The age of everything.
const AGE: &str = "5d1h";

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn list<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = &'a Value> {
    value.pointer(pointer).and_then(Value::as_array).into_iter().flatten()
}

fn or_none(text: &str) -> String {
    if text.is_empty() { "<none>" } else { text }.to_owned()
}

fn labels(value: Option<&Value>) -> String {
    let labels: Vec<String> = value
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(name, value)| format!("{name}={}", value.as_str().unwrap_or_default()))
        .collect();
    or_none(&labels.join(","))
}

/// The columns of a kind, each with its priority (0 stands without `-o wide`, too), and its cells.
type Printed = (&'static [(&'static str, i32)], fn(&Value) -> Vec<Value>);

fn printed(kind: &str) -> Option<Printed> {
    Some(match kind {
        "Pod" => (
            &[
                ("Name", 0),
                ("Ready", 0),
                ("Status", 0),
                ("Restarts", 0),
                ("Age", 0),
                ("IP", 1),
                ("Node", 1),
                ("Nominated Node", 1),
                ("Readiness Gates", 1),
            ],
            pod,
        ),
        "Service" => (
            &[
                ("Name", 0),
                ("Type", 0),
                ("Cluster-IP", 0),
                ("External-IP", 0),
                ("Port(s)", 0),
                ("Age", 0),
                ("Selector", 1),
            ],
            service,
        ),
        "Node" => (
            &[
                ("Name", 0),
                ("Status", 0),
                ("Roles", 0),
                ("Age", 0),
                ("Version", 0),
                ("Internal-IP", 1),
                ("External-IP", 1),
                ("OS-Image", 1),
                ("Kernel-Version", 1),
                ("Container-Runtime", 1),
            ],
            node,
        ),
        "Deployment" => (
            &[
                ("Name", 0),
                ("Ready", 0),
                ("Up-to-date", 0),
                ("Available", 0),
                ("Age", 0),
                ("Containers", 1),
                ("Images", 1),
                ("Selector", 1),
            ],
            deployment,
        ),
        "Event" => (
            &[
                ("Last Seen", 0),
                ("Type", 0),
                ("Reason", 0),
                ("Object", 0),
                ("Subobject", 1),
                ("Source", 1),
                ("Message", 0),
                ("First Seen", 1),
                ("Count", 1),
                ("Name", 1),
            ],
            event,
        ),
        "PersistentVolumeClaim" => (
            &[
                ("Name", 0),
                ("Status", 0),
                ("Volume", 0),
                ("Capacity", 0),
                ("Access Modes", 0),
                ("StorageClass", 0),
                ("VolumeAttributesClass", 0),
                ("Age", 0),
                ("VolumeMode", 1),
            ],
            claim,
        ),
        _ => return None,
    })
}

/// The table of some objects; `None` for kinds without columns here.
pub fn table(kind: &str, objects: &[&Value]) -> Option<Value> {
    let (columns, cells) = printed(kind)?;
    let definitions: Vec<Value> = columns
        .iter()
        .map(|(name, priority)| {
            json!({"name": name, "type": "string", "format": if *name == "Name" { "name" } else { "" }, "description": "", "priority": priority})
        })
        .collect();
    let rows: Vec<Value> = objects
        .iter()
        .map(|object| {
            let partial = json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": object["metadata"]});
            json!({"cells": cells(object), "object": partial})
        })
        .collect();
    Some(json!({
        "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": {"resourceVersion": "1001"},
        "columnDefinitions": definitions, "rows": rows,
    }))
}

fn pod(pod: &Value) -> Vec<Value> {
    let statuses: Vec<&Value> = list(pod, "/status/containerStatuses").collect();
    let ready = statuses.iter().filter(|status| status["ready"] == true).count();
    let restarts: i64 = statuses
        .iter()
        .filter_map(|status| status["restartCount"].as_i64())
        .sum();
    let reason = statuses
        .iter()
        .map(|status| text(status, "/state/waiting/reason"))
        .find(|reason| !reason.is_empty())
        .unwrap_or_else(|| text(pod, "/status/phase"));
    let restarts = if restarts > 0 {
        format!("{restarts} (2m5s ago)")
    } else {
        restarts.to_string()
    };
    vec![
        json!(text(pod, "/metadata/name")),
        json!(format!("{ready}/{}", list(pod, "/spec/containers").count())),
        json!(reason),
        json!(restarts),
        json!(AGE),
        json!(or_none(text(pod, "/status/podIP"))),
        json!(or_none(text(pod, "/spec/nodeName"))),
        json!(or_none(text(pod, "/status/nominatedNodeName"))),
        json!(match list(pod, "/spec/readinessGates").count() {
            0 => "<none>".to_owned(),
            gates => format!("0/{gates}"),
        }),
    ]
}

fn service(service: &Value) -> Vec<Value> {
    let mut outside: Vec<&str> = list(service, "/status/loadBalancer/ingress")
        .map(|ingress| text(ingress, "/hostname"))
        .collect();
    outside.extend(list(service, "/spec/externalIPs").filter_map(Value::as_str));
    let ports: Vec<String> = list(service, "/spec/ports")
        .map(|port| {
            let node = port["nodePort"]
                .as_i64()
                .map(|node| format!(":{node}"))
                .unwrap_or_default();
            format!("{}{node}/{}", port["port"], text(port, "/protocol"))
        })
        .collect();
    vec![
        json!(text(service, "/metadata/name")),
        json!(text(service, "/spec/type")),
        json!(or_none(text(service, "/spec/clusterIP"))),
        json!(or_none(&outside.join(","))),
        json!(or_none(&ports.join(","))),
        json!(AGE),
        json!(labels(service.pointer("/spec/selector"))),
    ]
}

fn node(node: &Value) -> Vec<Value> {
    let ready =
        list(node, "/status/conditions").any(|condition| condition["type"] == "Ready" && condition["status"] == "True");
    let mut status = if ready { "Ready" } else { "NotReady" }.to_owned();
    if node.pointer("/spec/unschedulable") == Some(&json!(true)) {
        status.push_str(",SchedulingDisabled");
    }
    let address = |kind: &str| {
        let found = list(node, "/status/addresses").find(|address| address["type"] == kind);
        or_none(found.map(|address| text(address, "/address")).unwrap_or_default())
    };
    vec![
        json!(text(node, "/metadata/name")),
        json!(status),
        json!("<none>"),
        json!(AGE),
        json!(text(node, "/status/nodeInfo/kubeletVersion")),
        json!(address("InternalIP")),
        json!(address("ExternalIP")),
        json!(text(node, "/status/nodeInfo/osImage")),
        json!(text(node, "/status/nodeInfo/kernelVersion")),
        json!(text(node, "/status/nodeInfo/containerRuntimeVersion")),
    ]
}

fn deployment(deployment: &Value) -> Vec<Value> {
    let number = |pointer: &str| deployment.pointer(pointer).and_then(Value::as_i64).unwrap_or(0);
    let containers = |field: &str| {
        let all: Vec<&str> = list(deployment, "/spec/template/spec/containers")
            .map(|container| text(container, field))
            .collect();
        all.join(",")
    };
    vec![
        json!(text(deployment, "/metadata/name")),
        json!(format!(
            "{}/{}",
            number("/status/readyReplicas"),
            number("/spec/replicas")
        )),
        json!(number("/status/updatedReplicas")),
        json!(number("/status/availableReplicas")),
        json!(AGE),
        json!(containers("/name")),
        json!(containers("/image")),
        json!(labels(deployment.pointer("/spec/selector/matchLabels"))),
    ]
}

fn event(event: &Value) -> Vec<Value> {
    let object = format!(
        "{}/{}",
        text(event, "/involvedObject/kind").to_lowercase(),
        text(event, "/involvedObject/name")
    );
    vec![
        json!("4m12s"),
        json!(text(event, "/type")),
        json!(text(event, "/reason")),
        json!(object),
        json!(text(event, "/involvedObject/fieldPath")),
        json!(text(event, "/source/component")),
        json!(text(event, "/message").trim()),
        json!("3h"),
        event["count"].clone(),
        json!(text(event, "/metadata/name")),
    ]
}

fn claim(claim: &Value) -> Vec<Value> {
    vec![
        json!(text(claim, "/metadata/name")),
        json!(text(claim, "/status/phase")),
        json!(text(claim, "/spec/volumeName")),
        json!(text(claim, "/status/capacity/storage")),
        json!("RWO"),
        json!(text(claim, "/spec/storageClassName")),
        json!("<unset>"),
        json!(AGE),
        json!(text(claim, "/spec/volumeMode")),
    ]
}
