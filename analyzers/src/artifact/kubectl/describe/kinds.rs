//! The kinds that describe prints: how they are told, and who reads them.

use super::layout::Entry;
use super::{endpoints, ingress, limits, node, others, pod, policy, rbac, service, storage, workload};
use crate::artifact::Placed;

/// Says whether an object with these fields is of a kind.
type Tells = fn(&dyn Fn(&str) -> bool) -> bool;

/// A kind of object.
pub struct Kind {
    /// Its names on the command line.
    names: &'static [&'static str],
    /// Its apiVersion.
    pub version: &'static str,
    /// Its kind.
    pub name: &'static str,
    /// Whether an object with these fields is one.
    tells: Tells,
    /// Reads the fields.
    pub read: fn(&mut Placed, &[Entry<'_, '_>]),
}

macro_rules! kinds {
    ($($kind:literal $version:literal [$($name:literal)*] $tells:expr, $read:expr;)*) => {
        &[$(Kind { names: &[$($name),*], version: $version, name: $kind, tells: $tells, read: $read }),*]
    };
}

/// The first whose fields tell it wins.
const KINDS: &[Kind] = kinds! {
    "Pod" "v1" ["pods" "pod" "po"] pod::tells, |root, entries| pod::read(root, entries.iter().copied());
    "Node" "v1" ["nodes" "node" "no"] node::tells, node::read;
    "EndpointSlice" "discovery.k8s.io/v1" ["endpointslices" "endpointslice"] |has| has("AddressType"), endpoints::read_slice;
    "Endpoints" "v1" ["endpoints" "ep"] |has| has("Subsets"), endpoints::read;
    "Ingress" "networking.k8s.io/v1" ["ingresses" "ingress" "ing"] ingress::tells, ingress::read;
    "Deployment" "apps/v1" ["deployments" "deployment" "deploy"] |has| has("StrategyType"), workload::read;
    "DaemonSet" "apps/v1" ["daemonsets" "daemonset" "ds"] |has| has("Desired Number of Nodes Scheduled"), workload::read;
    "StatefulSet" "apps/v1" ["statefulsets" "statefulset" "sts"] |has| has("Update Strategy") && has("Pods Status"), workload::read;
    // A replication controller prints the same fields: only the command tells it, or who controls it.
    "ReplicaSet" "apps/v1" ["replicasets" "replicaset" "rs"] |has| has("Controlled By") && has("Replicas") && has("Pods Status"), workload::read;
    "Job" "batch/v1" ["jobs" "job"] |has| has("Pods Statuses"), workload::read;
    "CronJob" "batch/v1" ["cronjobs" "cronjob" "cj"] |has| has("Schedule") && has("Concurrency Policy"), workload::read;
    "PersistentVolumeClaim" "v1" ["persistentvolumeclaims" "persistentvolumeclaim" "pvc"] |has| has("StorageClass") && has("Volume") && !has("Reclaim Policy"), storage::read_claim;
    "PersistentVolume" "v1" ["persistentvolumes" "persistentvolume" "pv"] |has| has("Reclaim Policy") && has("Claim"), storage::read_volume;
    "StorageClass" "storage.k8s.io/v1" ["storageclasses" "storageclass" "sc"] |has| has("Provisioner") && (has("IsDefaultClass") || has("ReclaimPolicy")), storage::read_class;
    "HorizontalPodAutoscaler" "autoscaling/v2" ["horizontalpodautoscalers" "horizontalpodautoscaler" "hpa"] |has| has("Reference") && has("Max replicas"), others::read_autoscaler;
    "Service" "v1" ["services" "service" "svc"] service::tells, service::read;
    "Namespace" "v1" ["namespaces" "namespace" "ns"] |has| has("Status") && (has("No resource quota.") || has("Resource Quotas")), others::read_namespace;
    "ServiceAccount" "v1" ["serviceaccounts" "serviceaccount" "sa"] |has| has("Image pull secrets"), others::read_service_account;
    "ConfigMap" "v1" ["configmaps" "configmap" "cm"] |has| has("Data") && (has("BinaryData") || has("Events")), others::read_data_holder;
    "NetworkPolicy" "networking.k8s.io/v1" ["networkpolicies" "networkpolicy" "netpol"] |has| has("Spec") && has("Created on"), policy::read;
    // Roles and cluster roles print the same; so do their bindings.
    "Role" "rbac.authorization.k8s.io/v1" ["roles" "role"] |_| false, rbac::read_role;
    "ClusterRole" "rbac.authorization.k8s.io/v1" ["clusterroles" "clusterrole"] |_| false, rbac::read_role;
    "RoleBinding" "rbac.authorization.k8s.io/v1" ["rolebindings" "rolebinding"] |_| false, rbac::read_binding;
    "ClusterRoleBinding" "rbac.authorization.k8s.io/v1" ["clusterrolebindings" "clusterrolebinding"] |_| false, rbac::read_binding;
    "ResourceQuota" "v1" ["resourcequotas" "resourcequota" "quota"] |has| has(limits::QUOTA), limits::read_quota;
    "LimitRange" "v1" ["limitranges" "limitrange" "limits"] |has| has(limits::LIMITS), limits::read_limits;
    "PodDisruptionBudget" "policy/v1" ["poddisruptionbudgets" "poddisruptionbudget" "pdb"] |has| has("Min available") || has("Max unavailable"), limits::read_budget;
    "IngressClass" "networking.k8s.io/v1" ["ingressclasses" "ingressclass"] |has| has("Controller") && !has("API Version"), others::read_ingress_class;
    "CertificateSigningRequest" "certificates.k8s.io/v1" ["certificatesigningrequests" "certificatesigningrequest" "csr"] |has| has("Requesting User"), others::read_signing_request;
    "PriorityClass" "scheduling.k8s.io/v1" ["priorityclasses" "priorityclass" "pc"] |has| has("Value") && has("GlobalDefault"), others::read_priority_class;
    "Secret" "v1" ["secrets" "secret"] |has| has("Data") && has("Type"), others::read_data_holder;
};

/// The kind of an object with these fields; where they do not tell, what the command asked for.
pub fn kind(top: &[Entry<'_, '_>], wanted: Option<&str>) -> Option<&'static Kind> {
    let has = |name: &str| top.iter().any(|entry| is_key(entry, name));
    let told = KINDS.iter().find(|kind| (kind.tells)(&has));
    told.or_else(|| named(wanted.or_else(|| rbac::binds_role(top).then_some("rolebinding"))?))
}

/// Whether an entry has this key; of a table's header, which is padded to its rows, the words count.
pub fn is_key(entry: &Entry<'_, '_>, name: &str) -> bool {
    let key = entry.key();
    key.str() == name || key.contains("  ") && key.split_ascii_whitespace().eq(name.split(' '))
}

/// The kind that a word of the command names: `pods`, `deployment.apps`.
pub fn named(word: &str) -> Option<&'static Kind> {
    let word = word.split('.').next()?.to_ascii_lowercase();
    KINDS.iter().find(|kind| kind.names.contains(&word.as_str()))
}
