//! Where the API has what a cell prints.

use std::ops::Range;

use serde_json::{Map, Value};

/// Puts a cell where the API has it.
#[allow(
    clippy::too_many_arguments,
    clippy::too_many_lines,
    reason = "the parts of an object, each filled by other columns; one arm a column"
)]
pub fn field(
    kind: &str,
    column: &str,
    cell: &str,
    range: &Range<usize>,
    metadata: &mut Map<String, Value>,
    spec: &mut Map<String, Value>,
    status: &mut Map<String, Value>,
    root: &mut Map<String, Value>,
    note: &mut impl FnMut(&str, &Range<usize>),
) {
    let mut put = |part: &mut Map<String, Value>, at: &str, name: &str, value: Value| {
        part.insert(name.to_owned(), value);
        note(&format!("{at}/{name}"), range);
    };
    match (kind, column) {
        ("Pod", "STATUS") => {
            // The column prints a container's reason where there is one; only these are phases (PodPhase, API reference).
            if matches!(cell, "Pending" | "Running" | "Succeeded" | "Failed" | "Unknown") {
                put(status, "/status", "phase", Value::from(cell));
            }
        }
        ("Pod", "IP") => put(status, "/status", "podIP", Value::from(cell)),
        ("Pod", "NODE") => put(spec, "/spec", "nodeName", Value::from(cell)),
        ("Pod", "NOMINATED NODE") => put(status, "/status", "nominatedNodeName", Value::from(cell)),
        ("Service", "TYPE") => put(spec, "/spec", "type", Value::from(cell)),
        ("Service", "CLUSTER-IP") => put(spec, "/spec", "clusterIP", Value::from(cell)),
        ("Service", "EXTERNAL-IP") => {
            if cell == "<pending>" {
                return;
            }
            // The printer shows load balancer addresses and spec.externalIPs in the same column; the type tells, and it stands further left.
            let balanced = spec.get("type").and_then(Value::as_str) == Some("LoadBalancer");
            if spec.get("type").and_then(Value::as_str) == Some("ExternalName") {
                put(spec, "/spec", "externalName", Value::from(cell));
            } else if balanced {
                let ingress: Vec<Value> = cell
                    .split(',')
                    .map(|address| {
                        let member = if address.parse::<std::net::IpAddr>().is_ok() {
                            "ip"
                        } else {
                            "hostname"
                        };
                        Value::Object(Map::from_iter([(member.to_owned(), Value::from(address))]))
                    })
                    .collect();
                let balancer = Map::from_iter([("ingress".to_owned(), Value::Array(ingress))]);
                put(status, "/status", "loadBalancer", Value::Object(balancer));
            } else {
                let addresses: Vec<Value> = cell.split(',').map(Value::from).collect();
                put(spec, "/spec", "externalIPs", Value::Array(addresses));
            }
        }
        ("Service", "PORT(S)") => {
            let ports: Option<Vec<Value>> = cell.split(',').map(service_port).collect();
            if let Some(ports) = ports {
                put(spec, "/spec", "ports", Value::Array(ports));
            }
        }
        ("Service", "SELECTOR") => {
            if let Some(labels) = labels(cell) {
                put(spec, "/spec", "selector", labels);
            }
        }
        (_, "LABELS") => {
            if let Some(labels) = labels(cell) {
                put(metadata, "/metadata", "labels", labels);
            }
        }
        ("Node", "INTERNAL-IP" | "EXTERNAL-IP") => {
            let name = if column == "INTERNAL-IP" {
                "InternalIP"
            } else {
                "ExternalIP"
            };
            let address = Map::from_iter([
                ("type".to_owned(), Value::from(name)),
                ("address".to_owned(), Value::from(cell)),
            ]);
            if let Some(list) = status
                .entry("addresses")
                .or_insert_with(|| Value::Array(Vec::new()))
                .as_array_mut()
            {
                note(&format!("/status/addresses/{}", list.len()), range);
                list.push(Value::Object(address));
            }
        }
        ("Node", "VERSION" | "OS-IMAGE" | "KERNEL-VERSION" | "CONTAINER-RUNTIME") => {
            let name = match column {
                "VERSION" => "kubeletVersion",
                "OS-IMAGE" => "osImage",
                "KERNEL-VERSION" => "kernelVersion",
                _ => "containerRuntimeVersion",
            };
            if let Some(info) = status
                .entry("nodeInfo")
                .or_insert_with(|| Value::Object(Map::new()))
                .as_object_mut()
            {
                info.insert(name.to_owned(), Value::from(cell));
                note(&format!("/status/nodeInfo/{name}"), range);
            }
        }
        ("EndpointSlice", "ADDRESSTYPE") => put(root, "", "addressType", Value::from(cell)),
        ("EndpointSlice", "PORTS") => {
            let ports: Option<Vec<Value>> = cell
                .split(',')
                .map(|port| Some(port_object(port.parse().ok()?)))
                .collect();
            if let Some(ports) = ports {
                put(root, "", "ports", Value::Array(ports));
            }
        }
        ("EndpointSlice", "ENDPOINTS") => {
            // `10.0.0.1,10.0.0.2 + 3 more...`: what is not printed stays unknown.
            let shown = cell.split(" + ").next().unwrap_or_default();
            let endpoints: Vec<Value> = shown
                .split(',')
                .map(|address| {
                    let addresses = Value::Array(vec![Value::from(address)]);
                    Value::Object(Map::from_iter([("addresses".to_owned(), addresses)]))
                })
                .collect();
            put(root, "", "endpoints", Value::Array(endpoints));
        }
        _ => {}
    }
}

fn port_object(port: u16) -> Value {
    Value::Object(Map::from_iter([("port".to_owned(), Value::from(port))]))
}

/// `443:31443/TCP` or `53/UDP` (`makePortString` in the printers).
fn service_port(text: &str) -> Option<Value> {
    let (numbers, protocol) = text.split_once('/')?;
    let (port, node_port) = match numbers.split_once(':') {
        Some((port, node_port)) => (port, Some(node_port.parse::<u16>().ok()?)),
        None => (numbers, None),
    };
    let mut object = Map::new();
    object.insert("port".to_owned(), Value::from(port.parse::<u16>().ok()?));
    object.insert("protocol".to_owned(), Value::from(protocol));
    if let Some(node_port) = node_port {
        object.insert("nodePort".to_owned(), Value::from(node_port));
    }
    Some(Value::Object(object))
}

/// `a=b,c=d`.
fn labels(text: &str) -> Option<Value> {
    let labels: Option<Map<String, Value>> = text
        .split(',')
        .map(|label| {
            label
                .split_once('=')
                .map(|(name, value)| (name.to_owned(), Value::from(value)))
        })
        .collect();
    labels.map(Value::Object)
}
