//! A stub of the API on the loopback device: discovery, objects, lists, and tables where kubectl asks for them.

mod tables;

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

use serde_json::{Value, json};

/// apiVersion, kind, resource, short name, whether it has a namespace.
pub const RESOURCES: [(&str, &str, &str, &str, bool); 27] = [
    ("v1", "Pod", "pods", "po", true),
    ("v1", "Node", "nodes", "no", false),
    ("v1", "Service", "services", "svc", true),
    ("v1", "Endpoints", "endpoints", "ep", true),
    ("v1", "Namespace", "namespaces", "ns", false),
    ("v1", "PersistentVolumeClaim", "persistentvolumeclaims", "pvc", true),
    ("v1", "PersistentVolume", "persistentvolumes", "pv", false),
    ("v1", "ServiceAccount", "serviceaccounts", "sa", true),
    ("v1", "ConfigMap", "configmaps", "cm", true),
    ("v1", "Event", "events", "ev", true),
    ("v1", "ResourceQuota", "resourcequotas", "quota", true),
    ("v1", "LimitRange", "limitranges", "limits", true),
    ("apps/v1", "Deployment", "deployments", "deploy", true),
    ("apps/v1", "ReplicaSet", "replicasets", "rs", true),
    ("apps/v1", "StatefulSet", "statefulsets", "sts", true),
    ("apps/v1", "DaemonSet", "daemonsets", "ds", true),
    ("batch/v1", "Job", "jobs", "", true),
    ("batch/v1", "CronJob", "cronjobs", "cj", true),
    ("discovery.k8s.io/v1", "EndpointSlice", "endpointslices", "", true),
    ("networking.k8s.io/v1", "Ingress", "ingresses", "ing", true),
    ("storage.k8s.io/v1", "StorageClass", "storageclasses", "sc", false),
    ("v1", "Secret", "secrets", "", true),
    (
        "networking.k8s.io/v1",
        "NetworkPolicy",
        "networkpolicies",
        "netpol",
        true,
    ),
    ("rbac.authorization.k8s.io/v1", "Role", "roles", "", true),
    ("rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings", "", true),
    ("rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles", "", false),
    (
        "rbac.authorization.k8s.io/v1",
        "ClusterRoleBinding",
        "clusterrolebindings",
        "",
        false,
    ),
];

/// An autoscaler's API has two versions; only the newer is served.
pub const AUTOSCALER: (&str, &str, &str, &str, bool) = (
    "autoscaling/v2",
    "HorizontalPodAutoscaler",
    "horizontalpodautoscalers",
    "hpa",
    true,
);

pub fn resources() -> impl Iterator<Item = (&'static str, &'static str, &'static str, &'static str, bool)> {
    RESOURCES.into_iter().chain([AUTOSCALER])
}

pub fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// Answers the requests of one connection.
pub fn serve(stream: &TcpStream, objects: &[Value]) {
    let Ok(mut answer_to) = stream.try_clone() else { return };
    let mut lines = BufReader::new(stream);
    loop {
        let mut request = String::new();
        if lines.read_line(&mut request).unwrap_or(0) == 0 {
            return;
        }
        let mut table = false;
        loop {
            let mut header = String::new();
            if lines.read_line(&mut header).unwrap_or(0) <= 2 {
                break;
            }
            table |= header.to_ascii_lowercase().starts_with("accept:") && header.contains("as=Table");
        }
        let target = request.split(' ').nth(1).unwrap_or("/");
        let (status, mut body) = answer(target, objects);
        if table && let Some(rendered) = rendered(&body) {
            body = rendered;
        }
        let body = body.to_string();
        let response = format!(
            "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        if answer_to.write_all(response.as_bytes()).is_err() {
            return;
        }
    }
}

/// The table of an object or of a list, where its kind has one.
fn rendered(body: &Value) -> Option<Value> {
    let kind = text(body, "/kind");
    match kind.strip_suffix("List") {
        Some(kind) => tables::table(kind, &body["items"].as_array()?.iter().collect::<Vec<_>>()),
        None => tables::table(kind, &[body]),
    }
}

fn answer(target: &str, objects: &[Value]) -> (&'static str, Value) {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let words: Vec<&str> = path.split('/').filter(|word| !word.is_empty()).collect();
    let found = match words.as_slice() {
        ["version"] => Some(json!({"major": "1", "minor": "32", "gitVersion": "v1.32.4"})),
        ["api"] => Some(json!({"kind": "APIVersions", "versions": ["v1"]})),
        ["apis"] => Some(groups()),
        ["api", "v1"] => Some(resource_list("v1")),
        ["apis", group, version] => Some(resource_list(&format!("{group}/{version}"))),
        ["api", version, rest @ ..] => object_or_list(version, rest, query, objects),
        ["apis", group, version, rest @ ..] => object_or_list(&format!("{group}/{version}"), rest, query, objects),
        _ => None,
    };
    match found {
        Some(body) => ("200 OK", body),
        None => (
            "404 Not Found",
            json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404,
                   "message": format!("{path} not found")}),
        ),
    }
}

fn groups() -> Value {
    let mut versions: Vec<&str> = resources()
        .map(|resource| resource.0)
        .filter(|version| version.contains('/'))
        .collect();
    versions.sort_unstable();
    versions.dedup();
    let groups: Vec<Value> = versions
        .into_iter()
        .map(|version| {
            let (group, number) = version.split_once('/').unwrap_or_default();
            let entry = json!({"groupVersion": version, "version": number});
            json!({"name": group, "versions": [entry], "preferredVersion": entry})
        })
        .collect();
    json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
}

fn resource_list(version: &str) -> Value {
    let list: Vec<Value> = resources()
        .filter(|resource| resource.0 == version)
        .map(|(_, kind, name, short, namespaced)| {
            let short: Vec<&str> = Some(short).filter(|short| !short.is_empty()).into_iter().collect();
            json!({"name": name, "singularName": kind.to_lowercase(), "namespaced": namespaced, "kind": kind,
                   "shortNames": short, "verbs": ["get", "list"]})
        })
        .collect();
    json!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": list})
}

/// `namespaces/NS/RESOURCE/NAME`, `RESOURCE/NAME`, and both without a name.
fn object_or_list(version: &str, rest: &[&str], query: &str, objects: &[Value]) -> Option<Value> {
    let (resource, name) = match rest {
        ["namespaces", _, resource, name] | [resource, name] => (*resource, Some(*name)),
        ["namespaces", _, resource] | [resource] => (*resource, None),
        _ => return None,
    };
    let (_, kind, _, _, _) = resources().find(|known| known.0 == version && known.2 == resource)?;
    let selector = query.split('&').find_map(|part| part.strip_prefix("fieldSelector="));
    let about = |field: &str| {
        let start = format!("involvedObject.{field}%3D");
        selector.and_then(|selector| selector.split("%2C").find_map(|term| term.strip_prefix(start.as_str())))
    };
    let (about_kind, about_name) = (about("kind"), about("name"));
    let mut matching = objects.iter().filter(|object| {
        text(object, "/kind") == kind
            && name.is_none_or(|name| text(object, "/metadata/name") == name)
            && about_name.is_none_or(|name| text(object, "/involvedObject/name") == name)
            && about_kind.is_none_or(|kind| text(object, "/involvedObject/kind") == kind)
    });
    if name.is_some() {
        return matching.next().cloned();
    }
    let items: Vec<&Value> = matching.collect();
    Some(
        json!({"kind": format!("{kind}List"), "apiVersion": version, "metadata": {"resourceVersion": "1001"}, "items": items}),
    )
}
