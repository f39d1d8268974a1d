//! `kubectl cluster-info dump --output-directory` (kubernetes/kubectl `pkg/cmd/clusterinfo/clusterinfo_dump.go`).

use super::{document, is_name};

/// The lists of a namespace: the file's name, and the resource.
const LISTS: [(&str, &str); 7] = [
    ("events", "events"),
    ("replication-controllers", "replicationcontrollers"),
    ("services", "services"),
    ("daemonsets", "daemonsets"),
    ("deployments", "deployments"),
    ("replicasets", "replicasets"),
    ("pods", "pods"),
];

/// The folder of a dump: that of its nodes.
pub fn root(name: &str) -> Option<&str> {
    let (root, file) = name.rsplit_once('/').unwrap_or(("", name));
    // A support bundle has such a file, too.
    (matches!(file, "nodes.json" | "nodes.yaml") && !root.ends_with("cluster-resources")).then_some(root)
}

/// What a path below that folder implies.
pub fn command(path: &[&str]) -> Option<String> {
    match path {
        [file] => {
            let (stem, output) = document(file)?;
            (stem == "nodes").then(|| format!("kubectl get nodes -o {output}"))
        }
        [namespace, file] if is_name(namespace) => {
            let (stem, output) = document(file)?;
            let (_, resource) = LISTS.iter().find(|(name, _)| *name == stem)?;
            Some(format!("kubectl get {resource} -n {namespace} -o {output}"))
        }
        [namespace, pod, "logs.txt"] if is_name(namespace) && is_name(pod) => {
            Some(format!("kubectl logs -n {namespace} {pod} --all-containers"))
        }
        _ => None,
    }
}
