//! troubleshoot.sh's support bundles (replicatedhq/troubleshoot `pkg/collect/cluster_resources.go`, `logs.go`).

use super::{after, document, is_name, logs};

/// The folders of `cluster-resources` and kubectl's words for what is in them.
const RESOURCES: [(&str, &str); 28] = [
    ("namespaces", "namespaces"),
    ("nodes", "nodes"),
    ("pods", "pods"),
    ("services", "services"),
    ("endpoints", "endpoints"),
    ("endpointslices", "endpointslices"),
    ("deployments", "deployments"),
    ("daemonsets", "daemonsets"),
    ("replicasets", "replicasets"),
    ("statefulsets", "statefulsets"),
    ("jobs", "jobs"),
    ("cronjobs", "cronjobs"),
    ("ingress", "ingresses"),
    ("network-policy", "networkpolicies"),
    ("configmaps", "configmaps"),
    ("events", "events"),
    ("limitranges", "limitranges"),
    ("resource-quota", "resourcequotas"),
    ("pod-disruption-budgets", "poddisruptionbudgets"),
    ("pvs", "persistentvolumes"),
    ("pvcs", "persistentvolumeclaims"),
    ("storage-classes", "storageclasses"),
    ("volumeattachments", "volumeattachments"),
    ("custom-resource-definitions", "customresourcedefinitions"),
    ("roles", "roles"),
    ("rolebindings", "rolebindings"),
    ("clusterroles", "clusterroles"),
    ("clusterRoleBindings", "clusterrolebindings"),
];

/// The folder of a bundle: the one that has `cluster-resources` in it.
pub fn root(name: &str) -> Option<&str> {
    let (root, _) = name.split_once("/cluster-resources/")?;
    Some(root)
}

/// What a path below `cluster-resources` implies.
pub fn command(path: &[&str]) -> Option<String> {
    let resource = |folder: &str| {
        RESOURCES
            .iter()
            .find(|(name, _)| *name == folder)
            .map(|(_, word)| *word)
    };
    match after(path, "cluster-resources")? {
        ["pods", "logs", namespace, pod, file] => container_log(namespace, pod, file),
        ["custom-resources", file] => {
            let (kind, output) = document(file)?;
            is_name(kind).then(|| format!("kubectl get {kind} -o {output}"))
        }
        ["custom-resources", kind, file] => {
            let (namespace, output) = document(file)?;
            (is_name(kind) && is_name(namespace)).then(|| format!("kubectl get {kind} -n {namespace} -o {output}"))
        }
        [file] => {
            let (stem, output) = document(file)?;
            Some(format!("kubectl get {} -o {output}", resource(stem)?))
        }
        [folder, file] => {
            let (namespace, output) = document(file)?;
            let resource = resource(folder)?;
            is_name(namespace).then(|| format!("kubectl get {resource} -n {namespace} -o {output}"))
        }
        _ => None,
    }
}

/// A log that a collector of its own gathered: `NAME/NAMESPACE/POD/CONTAINER.log` below the bundle's folder.
pub fn collected_log(path: &[&str]) -> Option<String> {
    match path {
        ["cluster-resources" | "cluster-info" | "host-collectors", ..] => None,
        [_, namespace, pod, file] => container_log(namespace, pod, file),
        _ => None,
    }
}

fn container_log(namespace: &str, pod: &str, file: &str) -> Option<String> {
    let stem = file.strip_suffix(".log")?;
    match stem.strip_suffix("-previous") {
        Some(container) => logs(namespace, pod, container, true),
        None => logs(namespace, pod, stem, false),
    }
}
