//! The resources whose tables are known.

use super::Header;

/// A resource whose table is known: its names on the command line, apiVersion, kind, and the columns that tell its table.
pub struct Resource {
    pub names: &'static [&'static str],
    pub version: &'static str,
    pub kind: &'static str,
    pub columns: &'static [&'static str],
}

macro_rules! resources {
    ($($kind:literal $version:literal [$($name:literal)*] [$($column:literal)*])*) => {
        &[$(Resource { names: &[$($name),*], version: $version, kind: $kind, columns: &[$($column),*] }),*]
    };
}

/// The first whose columns all stand in a header wins, so the more telling come first.
const RESOURCES: &[Resource] = resources! {
    "Service" "v1" ["services" "service" "svc"] ["TYPE" "CLUSTER-IP" "PORT(S)"]
    "Node" "v1" ["nodes" "node" "no"] ["STATUS" "ROLES" "VERSION"]
    "EndpointSlice" "discovery.k8s.io/v1" ["endpointslices" "endpointslice"] ["ADDRESSTYPE" "PORTS" "ENDPOINTS"]
    "StatefulSet" "apps/v1" ["statefulsets" "statefulset" "sts"] []
    "Pod" "v1" ["pods" "pod" "po"] ["READY" "STATUS" "RESTARTS"]
    "Deployment" "apps/v1" ["deployments" "deployment" "deploy"] ["READY" "UP-TO-DATE" "AVAILABLE"]
    "DaemonSet" "apps/v1" ["daemonsets" "daemonset" "ds"] ["DESIRED" "CURRENT" "NODE SELECTOR"]
    "ReplicaSet" "apps/v1" ["replicasets" "replicaset" "rs"] ["DESIRED" "CURRENT" "READY"]
    "Job" "batch/v1" ["jobs" "job"] ["COMPLETIONS" "DURATION"]
    "CronJob" "batch/v1" ["cronjobs" "cronjob" "cj"] ["SCHEDULE" "SUSPEND"]
    "Ingress" "networking.k8s.io/v1" ["ingresses" "ingress" "ing"] ["CLASS" "HOSTS" "ADDRESS"]
    "NetworkPolicy" "networking.k8s.io/v1" ["networkpolicies" "networkpolicy" "netpol"] ["POD-SELECTOR"]
    "Event" "v1" ["events" "event" "ev"] ["REASON" "OBJECT" "MESSAGE"]
    "PersistentVolumeClaim" "v1" ["persistentvolumeclaims" "persistentvolumeclaim" "pvc"] ["VOLUME" "CAPACITY" "ACCESS MODES"]
    "PersistentVolume" "v1" ["persistentvolumes" "persistentvolume" "pv"] ["RECLAIM POLICY" "CLAIM"]
    "StorageClass" "storage.k8s.io/v1" ["storageclasses" "storageclass" "sc"] ["PROVISIONER" "RECLAIMPOLICY"]
    "HorizontalPodAutoscaler" "autoscaling/v2" ["horizontalpodautoscalers" "horizontalpodautoscaler" "hpa"] ["REFERENCE" "TARGETS"]
    "Secret" "v1" ["secrets" "secret"] ["TYPE" "DATA"]
    "ServiceAccount" "v1" ["serviceaccounts" "serviceaccount" "sa"] ["SECRETS"]
    "Endpoints" "v1" ["endpoints" "ep"] ["ENDPOINTS"]
    "ConfigMap" "v1" ["configmaps" "configmap" "cm"] ["DATA"]
    "Namespace" "v1" ["namespaces" "namespace" "ns"] []
};

/// The kinds that have no namespace: none is missing from their rows.
pub const CLUSTER_SCOPED: [&str; 4] = ["Node", "PersistentVolume", "StorageClass", "Namespace"];

pub fn by_name(word: &str) -> Option<&'static Resource> {
    // `deployment.apps/web`, `endpointslices.discovery.k8s.io`
    let word = word.split('.').next()?.to_ascii_lowercase();
    RESOURCES
        .iter()
        .find(|resource| resource.names.contains(&word.as_str()))
}

pub fn by_columns(header: &Header) -> Option<&'static Resource> {
    RESOURCES
        .iter()
        .find(|resource| !resource.columns.is_empty() && resource.columns.iter().all(|column| header.has(column)))
}
