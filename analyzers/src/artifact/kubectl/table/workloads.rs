//! Pods and what makes them (`printPod`, `printDeployment`, … in kubernetes `pkg/printers/internalversion/printers.go`).

use super::resources::Resource;
use super::sink::{As, Sink, number, object};
use crate::artifact::Value;
use crate::text::{Piece, columns};

/// The resources.
pub const RESOURCES: &[Resource] = &[
    Resource {
        names: &["statefulsets", "statefulset", "sts"],
        version: "apps/v1",
        kind: "StatefulSet",
        cluster: false,
        columns: &[],
        layouts: &[columns::STATEFUL_SETS.narrow, columns::STATEFUL_SETS.wide],
        fields: &[
            ("READY", As::Pair("/status/readyReplicas", "/spec/replicas")),
            ("CONTAINERS", As::With(containers)),
            ("IMAGES", As::With(images)),
            ("CONTAINER(S)", As::With(containers)),
            ("IMAGE(S)", As::With(images)),
        ],
    },
    Resource {
        names: &["pods", "pod", "po"],
        version: "v1",
        kind: "Pod",
        cluster: false,
        columns: &["READY", "STATUS", "RESTARTS"],
        layouts: &[columns::PODS.narrow, columns::PODS.wide],
        fields: &[
            ("STATUS", As::With(pod_status)),
            ("RESTARTS", As::With(restarts)),
            ("IP", As::Text("/status/podIP")),
            ("NODE", As::Text("/spec/nodeName")),
            ("NOMINATED NODE", As::Text("/status/nominatedNodeName")),
        ],
    },
    Resource {
        names: &["deployments", "deployment", "deploy"],
        version: "apps/v1",
        kind: "Deployment",
        cluster: false,
        columns: &["READY", "UP-TO-DATE", "AVAILABLE"],
        layouts: &[columns::DEPLOYMENTS.narrow, columns::DEPLOYMENTS.wide],
        fields: &[
            ("READY", As::Pair("/status/readyReplicas", "/spec/replicas")),
            ("UP-TO-DATE", As::Number("/status/updatedReplicas")),
            ("AVAILABLE", As::Number("/status/availableReplicas")),
            ("CONTAINERS", As::With(containers)),
            ("IMAGES", As::With(images)),
            ("CONTAINER(S)", As::With(containers)),
            ("IMAGE(S)", As::With(images)),
            ("SELECTOR", As::Labels("/spec/selector/matchLabels")),
        ],
    },
    Resource {
        names: &["daemonsets", "daemonset", "ds"],
        version: "apps/v1",
        kind: "DaemonSet",
        cluster: false,
        columns: &["DESIRED", "CURRENT", "NODE SELECTOR"],
        layouts: &[columns::DAEMON_SETS.narrow, columns::DAEMON_SETS.wide],
        fields: &[
            ("DESIRED", As::Number("/status/desiredNumberScheduled")),
            ("CURRENT", As::Number("/status/currentNumberScheduled")),
            ("READY", As::Number("/status/numberReady")),
            ("UP-TO-DATE", As::Number("/status/updatedNumberScheduled")),
            ("AVAILABLE", As::Number("/status/numberAvailable")),
            ("NODE SELECTOR", As::Labels("/spec/template/spec/nodeSelector")),
            ("CONTAINERS", As::With(containers)),
            ("IMAGES", As::With(images)),
            ("CONTAINER(S)", As::With(containers)),
            ("IMAGE(S)", As::With(images)),
            ("SELECTOR", As::Labels("/spec/selector/matchLabels")),
        ],
    },
    Resource {
        names: &["replicasets", "replicaset", "rs"],
        version: "apps/v1",
        kind: "ReplicaSet",
        cluster: false,
        columns: &["DESIRED", "CURRENT", "READY"],
        layouts: &[columns::REPLICA_SETS.narrow, columns::REPLICA_SETS.wide],
        fields: &[
            ("DESIRED", As::Number("/spec/replicas")),
            ("CURRENT", As::Number("/status/replicas")),
            ("READY", As::Number("/status/readyReplicas")),
            ("CONTAINERS", As::With(containers)),
            ("IMAGES", As::With(images)),
            ("CONTAINER(S)", As::With(containers)),
            ("IMAGE(S)", As::With(images)),
            ("SELECTOR", As::Labels("/spec/selector/matchLabels")),
        ],
    },
    Resource {
        names: &["replicationcontrollers", "replicationcontroller", "rc"],
        version: "v1",
        kind: "ReplicationController",
        cluster: false,
        columns: &[],
        layouts: &[&["NAME", "DESIRED", "CURRENT", "READY", "AGE"]],
        fields: &[
            ("DESIRED", As::Number("/spec/replicas")),
            ("CURRENT", As::Number("/status/replicas")),
            ("READY", As::Number("/status/readyReplicas")),
            ("SELECTOR", As::Labels("/spec/selector")),
            ("CONTAINERS", As::With(containers)),
            ("IMAGES", As::With(images)),
            ("CONTAINER(S)", As::With(containers)),
            ("IMAGE(S)", As::With(images)),
        ],
    },
    Resource {
        names: &["jobs", "job"],
        version: "batch/v1",
        kind: "Job",
        cluster: false,
        columns: &["COMPLETIONS", "DURATION"],
        layouts: &[
            &["NAME", "COMPLETIONS", "DURATION", "AGE"],
            &["NAME", "STATUS", "COMPLETIONS", "DURATION", "AGE"],
            &[
                "NAME",
                "COMPLETIONS",
                "DURATION",
                "AGE",
                "CONTAINERS",
                "IMAGES",
                "SELECTOR",
            ],
            &[
                "NAME",
                "STATUS",
                "COMPLETIONS",
                "DURATION",
                "AGE",
                "CONTAINERS",
                "IMAGES",
                "SELECTOR",
            ],
        ],
        fields: &[
            ("COMPLETIONS", As::Pair("/status/succeeded", "/spec/completions")),
            ("CONTAINERS", As::With(containers)),
            ("IMAGES", As::With(images)),
            ("CONTAINER(S)", As::With(containers)),
            ("IMAGE(S)", As::With(images)),
            ("SELECTOR", As::Labels("/spec/selector/matchLabels")),
        ],
    },
    Resource {
        names: &["cronjobs", "cronjob", "cj"],
        version: "batch/v1",
        kind: "CronJob",
        cluster: false,
        columns: &["SCHEDULE", "SUSPEND"],
        layouts: &[
            &["NAME", "SCHEDULE", "SUSPEND", "ACTIVE", "LAST SCHEDULE", "AGE"],
            &[
                "NAME",
                "SCHEDULE",
                "TIMEZONE",
                "SUSPEND",
                "ACTIVE",
                "LAST SCHEDULE",
                "AGE",
            ],
        ],
        fields: &[
            ("SCHEDULE", As::Text("/spec/schedule")),
            ("TIMEZONE", As::Text("/spec/timeZone")),
            ("SUSPEND", As::Bool("/spec/suspend")),
        ],
    },
    Resource {
        names: &["horizontalpodautoscalers", "horizontalpodautoscaler", "hpa"],
        version: "autoscaling/v2",
        kind: "HorizontalPodAutoscaler",
        cluster: false,
        columns: &["REFERENCE", "TARGETS"],
        layouts: &[&["NAME", "REFERENCE", "TARGETS", "MINPODS", "MAXPODS", "REPLICAS", "AGE"]],
        fields: &[
            ("REFERENCE", As::Reference("/spec/scaleTargetRef")),
            ("TARGETS", As::With(targets)),
            ("MINPODS", As::Number("/spec/minReplicas")),
            ("MAXPODS", As::Number("/spec/maxReplicas")),
            ("REPLICAS", As::Number("/status/currentReplicas")),
        ],
    },
    Resource {
        names: &["poddisruptionbudgets", "poddisruptionbudget", "pdb"],
        version: "policy/v1",
        kind: "PodDisruptionBudget",
        cluster: false,
        columns: &["MIN AVAILABLE", "MAX UNAVAILABLE"],
        layouts: &[&["NAME", "MIN AVAILABLE", "MAX UNAVAILABLE", "ALLOWED DISRUPTIONS", "AGE"]],
        fields: &[
            ("MIN AVAILABLE", As::With(min_available)),
            ("MAX UNAVAILABLE", As::With(max_unavailable)),
            ("ALLOWED DISRUPTIONS", As::Number("/status/disruptionsAllowed")),
        ],
    },
];

/// The column prints a container's reason where there is one; only these are phases (`PodPhase`, API reference).
fn pod_status(sink: &mut Sink<'_>, cell: Piece<'_>) {
    if matches!(cell.str(), "Pending" | "Running" | "Succeeded" | "Failed" | "Unknown") {
        sink.text("/status/phase", cell);
    }
}

/// `3 (5h ago)`: the restarts of all containers, and since when the last was.
fn restarts(sink: &mut Sink<'_>, cell: Piece<'_>) {
    let (count, rest) = cell.split_once(" ").unwrap_or((cell, cell.skip(cell.len())));
    sink.number("/x-printed/RESTARTS", count);
    if let Some(last) = rest.trim().strip_prefix("(").and_then(|rest| rest.strip_suffix(")")) {
        sink.text("/x-printed/LAST RESTART", last);
    }
}

fn containers(sink: &mut Sink<'_>, cell: Piece<'_>) {
    for name in cell.split(|c| c == ',') {
        let container = object([("name", Value::from(name.str()))]);
        sink.push("/spec/template/spec/containers", container, name);
    }
}

/// The images stand in the order of the containers, whose column is further left.
fn images(sink: &mut Sink<'_>, cell: Piece<'_>) {
    for (i, image) in cell.split(|c| c == ',').enumerate() {
        sink.text(&format!("/spec/template/spec/containers/{i}/image"), image);
    }
}

/// `cpu: 10%/50%, memory: 200Mi/1Gi`; older versions leave out the names, and a long list ends in `+ 1 more...`.
fn targets(sink: &mut Sink<'_>, cell: Piece<'_>) {
    sink.text("/x-printed/TARGETS", cell);
    for part in cell.split(|c| c == ',') {
        let part = part.trim();
        let Some((name, values)) = part.split_once(": ") else {
            continue;
        };
        let Some((current, target)) = values.split_once("/") else {
            continue;
        };
        if !matches!(name.str(), "cpu" | "memory") {
            continue;
        }
        let target = target.str().split(' ').next().unwrap_or_default();
        let metric = |member: &str, amount: &str| {
            let amount = amount
                .strip_suffix('%')
                .map(number)
                .filter(Value::is_number)
                .map_or_else(
                    || object([("averageValue", Value::from(amount))]),
                    |percent| object([("averageUtilization", percent)]),
                );
            let resource = object([("name", Value::from(name.str())), (member, amount)]);
            object([("type", Value::from("Resource")), ("resource", resource)])
        };
        sink.push("/spec/metrics", metric("target", target), part);
        if current.str() != "<unknown>" {
            sink.push("/status/currentMetrics", metric("current", current.str()), part);
        }
    }
}

fn min_available(sink: &mut Sink<'_>, cell: Piece<'_>) {
    if cell.str() != "N/A" {
        sink.number("/spec/minAvailable", cell);
    }
}

fn max_unavailable(sink: &mut Sink<'_>, cell: Piece<'_>) {
    if cell.str() != "N/A" {
        sink.number("/spec/maxUnavailable", cell);
    }
}
