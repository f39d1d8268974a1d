//! Nodes, namespaces, rights and what else a cluster has (`printNode`, `printRoleBinding`, … in kubernetes `pkg/printers/internalversion/printers.go`; `apiservices`: kube-aggregator).

use super::resources::Resource;
use super::sink::{As, Sink, escaped, object};
use crate::artifact::Value;
use crate::text::Piece;

/// The resources.
pub const RESOURCES: &[Resource] = &[
    Resource {
        names: &["nodes", "node", "no"],
        version: "v1",
        kind: "Node",
        cluster: true,
        columns: &["STATUS", "ROLES", "VERSION"],
        layouts: &[
            &["NAME", "STATUS", "ROLES", "AGE", "VERSION"],
            &[
                "NAME",
                "STATUS",
                "ROLES",
                "AGE",
                "VERSION",
                "INTERNAL-IP",
                "EXTERNAL-IP",
                "OS-IMAGE",
                "KERNEL-VERSION",
                "CONTAINER-RUNTIME",
            ],
        ],
        fields: &[
            ("STATUS", As::With(node_status)),
            ("ROLES", As::With(roles)),
            ("VERSION", As::Text("/status/nodeInfo/kubeletVersion")),
            ("INTERNAL-IP", As::With(internal_ip)),
            ("EXTERNAL-IP", As::With(external_ip)),
            ("OS-IMAGE", As::Text("/status/nodeInfo/osImage")),
            ("KERNEL-VERSION", As::Text("/status/nodeInfo/kernelVersion")),
            (
                "CONTAINER-RUNTIME",
                As::Text("/status/nodeInfo/containerRuntimeVersion"),
            ),
        ],
    },
    Resource {
        names: &["componentstatuses", "componentstatus", "cs"],
        version: "v1",
        kind: "ComponentStatus",
        cluster: true,
        columns: &["STATUS", "MESSAGE", "ERROR"],
        layouts: &[&["NAME", "STATUS", "MESSAGE", "ERROR"]],
        fields: &[
            ("STATUS", As::With(component_status)),
            ("MESSAGE", As::With(component_message)),
            ("ERROR", As::With(component_error)),
        ],
    },
    Resource {
        names: &["namespaces", "namespace", "ns"],
        version: "v1",
        kind: "Namespace",
        cluster: true,
        columns: &[],
        layouts: &[&["NAME", "STATUS", "AGE"]],
        fields: &[("STATUS", As::Text("/status/phase"))],
    },
    Resource {
        names: &["events", "event", "ev"],
        version: "v1",
        kind: "Event",
        cluster: false,
        columns: &["REASON", "OBJECT", "MESSAGE"],
        layouts: &[&["LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"]],
        fields: &[
            ("TYPE", As::Text("/type")),
            ("REASON", As::Text("/reason")),
            ("MESSAGE", As::Text("/message")),
        ],
    },
    Resource {
        names: &["secrets", "secret"],
        version: "v1",
        kind: "Secret",
        cluster: false,
        columns: &["TYPE", "DATA"],
        layouts: &[&["NAME", "TYPE", "DATA", "AGE"]],
        fields: &[("TYPE", As::Text("/type"))],
    },
    Resource {
        names: &["serviceaccounts", "serviceaccount", "sa"],
        version: "v1",
        kind: "ServiceAccount",
        cluster: false,
        columns: &["SECRETS"],
        layouts: &[&["NAME", "SECRETS", "AGE"]],
        fields: &[],
    },
    Resource {
        names: &["configmaps", "configmap", "cm"],
        version: "v1",
        kind: "ConfigMap",
        cluster: false,
        columns: &["DATA"],
        layouts: &[&["NAME", "DATA", "AGE"]],
        fields: &[],
    },
    Resource {
        names: &["roles", "role"],
        version: "rbac.authorization.k8s.io/v1",
        kind: "Role",
        cluster: false,
        columns: &[],
        layouts: &[&["NAME", "CREATED AT"]],
        fields: &[("CREATED AT", As::Text("/metadata/creationTimestamp"))],
    },
    Resource {
        names: &["clusterroles", "clusterrole"],
        version: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRole",
        cluster: true,
        columns: &[],
        layouts: &[&["NAME", "CREATED AT"]],
        fields: &[("CREATED AT", As::Text("/metadata/creationTimestamp"))],
    },
    Resource {
        names: &["rolebindings", "rolebinding"],
        version: "rbac.authorization.k8s.io/v1",
        kind: "RoleBinding",
        cluster: false,
        columns: &[],
        layouts: &[
            &["NAME", "ROLE", "AGE"],
            &["NAME", "ROLE", "AGE", "USERS", "GROUPS", "SERVICEACCOUNTS"],
        ],
        fields: &[
            ("ROLE", As::Reference("/roleRef")),
            ("USERS", As::With(users)),
            ("GROUPS", As::With(groups)),
            ("SERVICEACCOUNTS", As::With(service_accounts)),
        ],
    },
    Resource {
        names: &["clusterrolebindings", "clusterrolebinding"],
        version: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRoleBinding",
        cluster: true,
        columns: &[],
        layouts: &[
            &["NAME", "ROLE", "AGE"],
            &["NAME", "ROLE", "AGE", "USERS", "GROUPS", "SERVICEACCOUNTS"],
        ],
        fields: &[
            ("ROLE", As::Reference("/roleRef")),
            ("USERS", As::With(users)),
            ("GROUPS", As::With(groups)),
            ("SERVICEACCOUNTS", As::With(service_accounts)),
        ],
    },
    Resource {
        names: &["resourcequotas", "resourcequota", "quota"],
        version: "v1",
        kind: "ResourceQuota",
        cluster: false,
        columns: &["REQUEST", "LIMIT"],
        layouts: &[&["NAME", "REQUEST", "LIMIT", "AGE"]],
        fields: &[
            ("REQUEST", As::Amounts("/status/used", "/status/hard")),
            ("LIMIT", As::Amounts("/status/used", "/status/hard")),
        ],
    },
    Resource {
        names: &["limitranges", "limitrange", "limits"],
        version: "v1",
        kind: "LimitRange",
        cluster: false,
        columns: &[],
        layouts: &[&["NAME", "CREATED AT"]],
        fields: &[("CREATED AT", As::Text("/metadata/creationTimestamp"))],
    },
    Resource {
        names: &["certificatesigningrequests", "certificatesigningrequest", "csr"],
        version: "certificates.k8s.io/v1",
        kind: "CertificateSigningRequest",
        cluster: true,
        columns: &["SIGNERNAME", "REQUESTOR"],
        layouts: &[
            &["NAME", "AGE", "SIGNERNAME", "REQUESTOR", "CONDITION"],
            &[
                "NAME",
                "AGE",
                "SIGNERNAME",
                "REQUESTOR",
                "REQUESTEDDURATION",
                "CONDITION",
            ],
        ],
        fields: &[
            ("SIGNERNAME", As::Text("/spec/signerName")),
            ("REQUESTOR", As::Text("/spec/username")),
            ("CONDITION", As::With(csr_condition)),
        ],
    },
    Resource {
        names: &["customresourcedefinitions", "customresourcedefinition", "crd", "crds"],
        version: "apiextensions.k8s.io/v1",
        kind: "CustomResourceDefinition",
        cluster: true,
        columns: &[],
        layouts: &[&["NAME", "CREATED AT"]],
        fields: &[("CREATED AT", As::Text("/metadata/creationTimestamp"))],
    },
    Resource {
        names: &["leases", "lease"],
        version: "coordination.k8s.io/v1",
        kind: "Lease",
        cluster: false,
        columns: &["HOLDER"],
        layouts: &[&["NAME", "HOLDER", "AGE"]],
        fields: &[("HOLDER", As::Text("/spec/holderIdentity"))],
    },
    Resource {
        names: &["mutatingwebhookconfigurations", "mutatingwebhookconfiguration"],
        version: "admissionregistration.k8s.io/v1",
        kind: "MutatingWebhookConfiguration",
        cluster: true,
        columns: &[],
        layouts: &[&["NAME", "WEBHOOKS", "AGE"]],
        fields: &[],
    },
    Resource {
        names: &["validatingwebhookconfigurations", "validatingwebhookconfiguration"],
        version: "admissionregistration.k8s.io/v1",
        kind: "ValidatingWebhookConfiguration",
        cluster: true,
        columns: &[],
        layouts: &[&["NAME", "WEBHOOKS", "AGE"]],
        fields: &[],
    },
    Resource {
        names: &["apiservices", "apiservice"],
        version: "apiregistration.k8s.io/v1",
        kind: "APIService",
        cluster: true,
        columns: &["SERVICE", "AVAILABLE"],
        layouts: &[&["NAME", "SERVICE", "AVAILABLE", "AGE"]],
        fields: &[("SERVICE", As::With(api_service)), ("AVAILABLE", As::With(available))],
    },
    Resource {
        names: &["priorityclasses", "priorityclass", "pc"],
        version: "scheduling.k8s.io/v1",
        kind: "PriorityClass",
        cluster: true,
        columns: &["VALUE", "GLOBAL-DEFAULT"],
        layouts: &[
            &["NAME", "VALUE", "GLOBAL-DEFAULT", "AGE"],
            &["NAME", "VALUE", "GLOBAL-DEFAULT", "AGE", "PREEMPTIONPOLICY"],
        ],
        fields: &[
            ("VALUE", As::Number("/value")),
            ("GLOBAL-DEFAULT", As::Bool("/globalDefault")),
            ("PREEMPTIONPOLICY", As::Text("/preemptionPolicy")),
        ],
    },
    Resource {
        names: &["runtimeclasses", "runtimeclass"],
        version: "node.k8s.io/v1",
        kind: "RuntimeClass",
        cluster: true,
        columns: &["HANDLER"],
        layouts: &[&["NAME", "HANDLER", "AGE"]],
        fields: &[("HANDLER", As::Text("/handler"))],
    },
];

/// `Ready,SchedulingDisabled`. `NotReady` is printed for `False` and for `Unknown` alike, so only `Ready` tells the condition's status.
fn node_status(sink: &mut Sink<'_>, cell: Piece<'_>) {
    sink.text("/x-printed/STATUS", cell);
    for word in cell.split(|c| c == ',') {
        match word.str() {
            "Ready" => {
                let condition = object([("type", Value::from("Ready")), ("status", Value::from("True"))]);
                sink.push("/status/conditions", condition, word);
            }
            "SchedulingDisabled" => sink.put("/spec/unschedulable", Value::Bool(true), word),
            _ => {}
        }
    }
}

/// `printComponentStatus`: `Healthy` where the condition of that type is `True`, `Unhealthy` where it is anything else, so that its status
/// is not told, and `Unknown` where there is no such condition.
fn component_status(sink: &mut Sink<'_>, cell: Piece<'_>) {
    sink.text("/x-printed/STATUS", cell);
    let kind = ("type", Value::from("Healthy"));
    let condition = match cell.str() {
        "Healthy" => object([kind, ("status", Value::from("True"))]),
        "Unhealthy" => object([kind]),
        _ => return,
    };
    sink.push("/conditions", condition, cell);
}

fn component_message(sink: &mut Sink<'_>, cell: Piece<'_>) {
    of_component(sink, "/conditions/0/message", cell);
}

fn component_error(sink: &mut Sink<'_>, cell: Piece<'_>) {
    of_component(sink, "/conditions/0/error", cell);
}

/// The status stands further left; without it there is no condition to say more of.
fn of_component(sink: &mut Sink<'_>, path: &str, cell: Piece<'_>) {
    if sink.str_at("/conditions/0/type").is_some() {
        sink.text(path, cell);
    }
}

/// The roles are the ends of the labels `node-role.kubernetes.io/…` (`findNodeRoles`).
fn roles(sink: &mut Sink<'_>, cell: Piece<'_>) {
    for role in cell.split(|c| c == ',') {
        let label = escaped(&format!("node-role.kubernetes.io/{}", role.str()));
        sink.put(&format!("/metadata/labels/{label}"), Value::from(""), role);
    }
}

fn internal_ip(sink: &mut Sink<'_>, cell: Piece<'_>) {
    address(sink, "InternalIP", cell);
}

fn external_ip(sink: &mut Sink<'_>, cell: Piece<'_>) {
    address(sink, "ExternalIP", cell);
}

fn address(sink: &mut Sink<'_>, kind: &str, cell: Piece<'_>) {
    let address = object([("type", Value::from(kind)), ("address", Value::from(cell.str()))]);
    sink.push("/status/addresses", address, cell);
}

fn users(sink: &mut Sink<'_>, cell: Piece<'_>) {
    subjects(sink, "User", cell);
}

fn groups(sink: &mut Sink<'_>, cell: Piece<'_>) {
    subjects(sink, "Group", cell);
}

fn service_accounts(sink: &mut Sink<'_>, cell: Piece<'_>) {
    subjects(sink, "ServiceAccount", cell);
}

/// `a, b`; service accounts with their namespace, `ns/name`.
fn subjects(sink: &mut Sink<'_>, kind: &str, cell: Piece<'_>) {
    for part in cell.split(|c| c == ',') {
        let part = part.trim();
        let kind_value = Value::from(kind);
        let subject = match part.str().split_once('/') {
            Some((namespace, name)) if kind == "ServiceAccount" => object([
                ("kind", kind_value),
                ("namespace", Value::from(namespace)),
                ("name", Value::from(name)),
            ]),
            _ => object([("kind", kind_value), ("name", Value::from(part.str()))]),
        };
        sink.push("/subjects", subject, part);
    }
}

/// `Approved,Issued`, `Denied`, `Pending`: the types of the conditions, and whether there is a certificate (`extractCSRStatus`).
fn csr_condition(sink: &mut Sink<'_>, cell: Piece<'_>) {
    sink.text("/x-printed/CONDITION", cell);
    for word in cell.split(|c| c == ',') {
        if matches!(word.str(), "Approved" | "Denied" | "Failed") {
            let condition = object([("type", Value::from(word.str())), ("status", Value::from("True"))]);
            sink.push("/status/conditions", condition, word);
        }
    }
}

/// `kube-system/metrics-server`, or `Local` for what the API server itself serves.
fn api_service(sink: &mut Sink<'_>, cell: Piece<'_>) {
    if let Some((namespace, name)) = cell.split_once("/") {
        sink.text("/spec/service/namespace", namespace);
        sink.text("/spec/service/name", name);
    }
}

/// `True`, `False (MissingEndpoints)`.
fn available(sink: &mut Sink<'_>, cell: Piece<'_>) {
    let (status, reason) = cell.split_once(" ").unwrap_or((cell, cell.skip(cell.len())));
    if !matches!(status.str(), "True" | "False" | "Unknown") {
        return;
    }
    let status = Value::from(status.str());
    let condition = match reason.strip_prefix("(").and_then(|reason| reason.strip_suffix(")")) {
        Some(reason) => object([
            ("type", Value::from("Available")),
            ("status", status),
            ("reason", Value::from(reason.str())),
        ]),
        None => object([("type", Value::from("Available")), ("status", status)]),
    };
    sink.push("/status/conditions", condition, cell);
}
