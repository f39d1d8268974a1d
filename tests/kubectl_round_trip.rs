//! The real kubectl, asked in many ways for the same objects: what is read from `describe`, from tables, from JSON and from `kubectl events`
//! must be what is read from `get -o yaml`.
//!
//! The API that it asks is a stub on the loopback device that serves the objects of `fixtures/kubectl_objects.json`.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::{Value, json};
use whypath_analyzers::analysis::{Input, read};

#[path = "kubectl_stub/tables.rs"]
mod tables;

const OBJECTS: &str = include_str!("fixtures/kubectl_objects.json");

/// apiVersion, kind, resource, short name, whether it has a namespace.
const RESOURCES: [(&str, &str, &str, &str, bool); 27] = [
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

/// Kinds that describe prints as it prints another: only the command tells them.
const UNTOLD: [&str; 3] = ["Role", "ClusterRole", "ClusterRoleBinding"];

/// An autoscaler's API has two versions; only the newer is served.
const AUTOSCALER: (&str, &str, &str, &str, bool) = (
    "autoscaling/v2",
    "HorizontalPodAutoscaler",
    "horizontalpodautoscalers",
    "hpa",
    true,
);

/// Tables: the resource, the options, and what must have been read of the first row.
const TABLES: &[(&str, &[&str], &[&str])] = &[
    (
        "pods",
        &[],
        &["/metadata/name", "/x-printed/READY", "/x-printed/RESTARTS"],
    ),
    (
        "pods",
        &["-o", "wide"],
        &[
            "/metadata/name",
            "/status/podIP",
            "/spec/nodeName",
            "/x-printed/LAST RESTART",
        ],
    ),
    ("pods", &["-A"], &["/metadata/namespace"]),
    ("pods", &["-n", "shop"], &["/metadata/namespace"]),
    ("pods", &["--show-labels"], &["/metadata/labels/pod-template-hash"]),
    (
        "pods",
        &["-L", "app,pod-template-hash"],
        &["/metadata/labels/app", "/metadata/labels/pod-template-hash"],
    ),
    (
        "pods",
        &["-A", "-o", "wide", "--show-labels"],
        &["/metadata/labels/app", "/status/podIP", "/metadata/namespace"],
    ),
    (
        "pods",
        &["-A", "-o", "wide", "--no-headers"],
        &["/metadata/namespace", "/status/podIP", "/spec/nodeName"],
    ),
    ("pods", &["--sort-by", ".metadata.name"], &["/metadata/name"]),
    ("pods", &["-o", "name"], &["/metadata/name"]),
    (
        "pods",
        &[
            "-o",
            "custom-columns=POD:.metadata.name,NODE:.spec.nodeName,IP:.status.podIP,Phase:.status.phase",
        ],
        &["/metadata/name", "/spec/nodeName", "/status/podIP", "/status/phase"],
    ),
    (
        "services",
        &[],
        &[
            "/spec/type",
            "/spec/clusterIP",
            "/spec/ports/1/port",
            "/spec/ports/0/nodePort",
        ],
    ),
    (
        "services",
        &["-o", "wide"],
        &["/spec/selector/tier", "/status/loadBalancer/ingress/0/hostname"],
    ),
    (
        "nodes",
        &[],
        &[
            "/metadata/name",
            "/spec/unschedulable",
            "/status/nodeInfo/kubeletVersion",
        ],
    ),
    (
        "nodes",
        &["-o", "wide"],
        &["/status/addresses/0/address", "/status/nodeInfo/kernelVersion"],
    ),
    (
        "nodes",
        &["-L", "topology.kubernetes.io/zone"],
        &["/metadata/labels/topology.kubernetes.io~1zone"],
    ),
    ("deployments", &[], &["/spec/replicas"]),
    (
        "deployments",
        &["-o", "wide"],
        &[
            "/spec/template/spec/containers/0/image",
            "/spec/selector/matchLabels/tier",
        ],
    ),
    (
        "persistentvolumeclaims",
        &[],
        &["/status/phase", "/spec/volumeName", "/status/accessModes/0"],
    ),
    ("pods,services", &[], &["/metadata/name"]),
];

/// Commands that print tables of events.
const EVENTS: &[&[&str]] = &[
    &["get", "events"],
    &["get", "events", "-A"],
    &["get", "events", "-o", "wide"],
    &["get", "events", "-A", "-o", "wide", "--no-headers"],
    &["events"],
    &["events", "-A"],
    &["events", "--no-headers"],
    &["events", "--types=Warning"],
];

/// What must have been read, for each kind: the round trip alone would be content with nothing.
const MUST_HAVE: &[(&str, &[&str])] = &[
    (
        "Pod",
        &[
            "/metadata/namespace",
            "/status/phase",
            "/status/qosClass",
            "/spec/containers/0/image",
        ],
    ),
    (
        "Pod/cart-7d9c5b8f6d-x2x7k",
        &[
            "/metadata/labels/app",
            "/metadata/annotations/note",
            "/metadata/ownerReferences/0/name",
            "/spec/nodeName",
            "/spec/serviceAccountName",
            "/spec/priority",
            "/spec/nodeSelector/kubernetes.io~1os",
            "/spec/readinessGates/0/conditionType",
            "/spec/topologySpreadConstraints/0/labelSelector/matchLabels/app",
            "/spec/tolerations/2/tolerationSeconds",
            "/spec/initContainers/0/image",
            "/spec/containers/0/args/1",
            "/spec/containers/0/ports/1/hostPort",
            "/spec/containers/0/env/0/value",
            "/spec/containers/0/env/2/valueFrom/secretKeyRef/key",
            "/spec/containers/0/env/3/valueFrom/configMapKeyRef/optional",
            "/spec/containers/0/env/4/valueFrom/fieldRef/fieldPath",
            "/spec/containers/0/env/5/valueFrom/resourceFieldRef/resource",
            "/spec/containers/0/envFrom/0/configMapRef/name",
            "/spec/containers/0/envFrom/1/prefix",
            "/spec/containers/0/resources/requests/cpu",
            "/spec/containers/0/livenessProbe/httpGet/path",
            "/spec/containers/0/readinessProbe/tcpSocket/port",
            "/spec/containers/0/volumeMounts/0/subPath",
            "/spec/containers/0/volumeMounts/1/readOnly",
            "/spec/containers/1/ports/0/containerPort",
            "/spec/volumes/0/configMap/name",
            "/spec/volumes/1/persistentVolumeClaim/claimName",
            "/spec/volumes/2/emptyDir/sizeLimit",
            "/spec/volumes/4/secret/secretName",
            "/spec/volumes/5/hostPath/path",
            "/spec/volumes/6/csi/volumeAttributes/secretProviderClass",
            "/spec/volumes/7/projected/sources/0/serviceAccountToken/expirationSeconds",
            "/spec/volumes/7/projected/sources/1/configMap/name",
            "/status/hostIP",
            "/status/podIP",
            "/status/podIPs/1/ip",
            "/status/startTime",
            "/status/conditions/2/status",
            "/status/initContainerStatuses/0/state/terminated/finishedAt",
            "/status/containerStatuses/0/state/waiting/reason",
            "/status/containerStatuses/0/lastState/terminated/exitCode",
            "/status/containerStatuses/0/restartCount",
            "/status/containerStatuses/0/ready",
            "/status/containerStatuses/1/state/running/startedAt",
            "/status/containerStatuses/1/imageID",
        ],
    ),
    (
        "Node",
        &[
            "/metadata/labels/topology.kubernetes.io~1zone",
            "/metadata/creationTimestamp",
            "/spec/taints/1/effect",
            "/spec/unschedulable",
            "/spec/providerID",
            "/spec/podCIDRs/0",
            "/status/addresses/3/address",
            "/status/capacity/ephemeral-storage",
            "/status/allocatable/cpu",
            "/status/conditions/1/reason",
            "/status/conditions/1/message",
            "/status/conditions/1/lastTransitionTime",
            "/status/nodeInfo/kubeletVersion",
        ],
    ),
    (
        "Service",
        &[
            "/spec/type",
            "/spec/clusterIP",
            "/spec/clusterIPs/0",
            "/spec/selector/app",
            "/spec/ports/0/port",
            "/spec/ports/0/targetPort",
            "/spec/internalTrafficPolicy",
        ],
    ),
    (
        "Service/cart",
        &[
            "/metadata/annotations/service.beta.kubernetes.io~1aws-load-balancer-type",
            "/spec/ports/1/nodePort",
            "/spec/ports/0/name",
            "/spec/externalTrafficPolicy",
            "/spec/healthCheckNodePort",
            "/spec/externalIPs/0",
            "/spec/loadBalancerSourceRanges/1",
            "/status/loadBalancer/ingress/0/hostname",
        ],
    ),
    (
        "Endpoints",
        &[
            "/subsets/0/addresses/1/ip",
            "/subsets/0/notReadyAddresses/0/ip",
            "/subsets/0/ports/1/name",
            "/subsets/1/addresses/0/ip",
            "/subsets/1/ports/0/port",
        ],
    ),
    (
        "EndpointSlice",
        &[
            "/addressType",
            "/ports/1/port",
            "/endpoints/0/addresses/0",
            "/endpoints/0/conditions/ready",
            "/endpoints/1/conditions/ready",
            "/endpoints/0/targetRef/name",
            "/endpoints/1/zone",
        ],
    ),
    (
        "Ingress",
        &[
            "/spec/ingressClassName",
            "/spec/defaultBackend/service/name",
            "/spec/tls/0/secretName",
            "/spec/tls/1/hosts/0",
            "/spec/rules/0/host",
            "/spec/rules/0/http/paths/0/path",
            "/spec/rules/0/http/paths/0/backend/service/port/name",
            "/spec/rules/0/http/paths/1/backend/service/name",
            "/spec/rules/1/http/paths/0/backend/service/port/number",
            "/status/loadBalancer/ingress/0/hostname",
        ],
    ),
    (
        "Deployment",
        &[
            "/metadata/creationTimestamp",
            "/spec/replicas",
            "/spec/selector/matchLabels/tier",
            "/spec/strategy/rollingUpdate/maxUnavailable",
            "/spec/strategy/rollingUpdate/maxSurge",
            "/spec/minReadySeconds",
            "/spec/template/metadata/labels/app",
            "/spec/template/spec/serviceAccountName",
            "/spec/template/spec/containers/0/ports/0/containerPort",
            "/spec/template/spec/containers/0/env/0/value",
            "/spec/template/spec/volumes/0/configMap/name",
            "/spec/template/spec/nodeSelector/kubernetes.io~1os",
            "/spec/template/spec/tolerations/0/operator",
            "/status/unavailableReplicas",
            "/status/conditions/0/reason",
        ],
    ),
    (
        "ReplicaSet",
        &[
            "/spec/replicas",
            "/status/replicas",
            "/metadata/ownerReferences/0/kind",
            "/spec/template/spec/containers/0/image",
        ],
    ),
    (
        "StatefulSet",
        &[
            "/spec/replicas",
            "/spec/updateStrategy/type",
            "/spec/updateStrategy/rollingUpdate/partition",
            "/spec/template/spec/containers/0/image",
        ],
    ),
    (
        "DaemonSet",
        &[
            "/status/desiredNumberScheduled",
            "/status/numberAvailable",
            "/spec/selector/matchLabels/app",
        ],
    ),
    (
        "Job",
        &[
            "/spec/completions",
            "/spec/backoffLimit",
            "/spec/activeDeadlineSeconds",
            "/status/failed",
            "/status/ready",
            "/status/startTime",
        ],
    ),
    (
        "CronJob",
        &[
            "/spec/schedule",
            "/spec/concurrencyPolicy",
            "/spec/startingDeadlineSeconds",
            "/status/lastScheduleTime",
            "/spec/jobTemplate/spec/template/spec/containers/0/image",
        ],
    ),
    (
        "Namespace",
        &["/status/phase", "/metadata/labels/kubernetes.io~1metadata.name"],
    ),
    (
        "PersistentVolumeClaim",
        &[
            "/spec/storageClassName",
            "/spec/volumeName",
            "/status/phase",
            "/status/capacity/storage",
            "/status/accessModes/0",
            "/metadata/finalizers/0",
        ],
    ),
    (
        "PersistentVolume",
        &[
            "/spec/claimRef/name",
            "/spec/persistentVolumeReclaimPolicy",
            "/spec/capacity/storage",
            "/spec/accessModes/0",
            "/spec/csi/volumeHandle",
            "/spec/csi/volumeAttributes/storage.kubernetes.io~1csiProvisionerIdentity",
            "/status/phase",
        ],
    ),
    (
        "StorageClass",
        &[
            "/provisioner",
            "/parameters/type",
            "/volumeBindingMode",
            "/allowVolumeExpansion",
            "/metadata/annotations/storageclass.kubernetes.io~1is-default-class",
        ],
    ),
    (
        "HorizontalPodAutoscaler",
        &[
            "/spec/scaleTargetRef/name",
            "/spec/minReplicas",
            "/spec/maxReplicas",
            "/status/currentReplicas",
            "/status/desiredReplicas",
            "/status/conditions/0/message",
        ],
    ),
    (
        "ServiceAccount",
        &[
            "/metadata/annotations/eks.amazonaws.com~1role-arn",
            "/imagePullSecrets/0/name",
        ],
    ),
    ("ConfigMap", &["/data/Corefile", "/data/mode"]),
    ("Secret", &["/type"]),
    ("NetworkPolicy", &["/spec/podSelector", "/spec/policyTypes/0"]),
    (
        "NetworkPolicy/cart",
        &[
            "/metadata/creationTimestamp",
            "/spec/ingress/0/ports/1/endPort",
            "/spec/ingress/0/from/0/namespaceSelector/matchLabels/kubernetes.io~1metadata.name",
            "/spec/ingress/0/from/0/podSelector/matchLabels/tier",
            "/spec/ingress/0/from/1/ipBlock/except/1",
            "/spec/ingress/1/from/0/namespaceSelector/matchLabels/team",
            "/spec/egress/0/ports/0/port",
            "/spec/egress/0/to/0/namespaceSelector",
            "/spec/egress/1/ports/0/protocol",
        ],
    ),
    ("Role", &["/rules/0/verbs/2", "/rules/2/resourceNames/0"]),
    ("ClusterRole", &["/rules/0/apiGroups/0", "/rules/1/nonResourceURLs/0"]),
    (
        "RoleBinding",
        &["/roleRef/name", "/subjects/0/namespace", "/subjects/1/kind"],
    ),
    ("ClusterRoleBinding", &["/roleRef/kind", "/subjects/0/name"]),
    (
        "Event",
        &[
            "/items/0/reason",
            "/items/0/type",
            "/items/0/message",
            "/items/0/source/component",
            "/items/0/involvedObject/kind",
            "/items/0/involvedObject/name",
            "/items/0/metadata/namespace",
        ],
    ),
];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    if Command::new("kubectl").args(["version", "--client"]).output().is_err() {
        println!("skipped: kubectl is not installed");
        let trial = Trial::test("kubectl describe", || Ok(())).with_ignored_flag(true);
        return libtest_mimic::run(&arguments, vec![trial]).exit_code();
    }
    let objects: Value = serde_json::from_str(OBJECTS).unwrap_or_default();
    let objects = Arc::new(
        objects
            .get("items")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default(),
    );
    let kubectl = match Kubectl::new(Arc::clone(&objects)) {
        Ok(kubectl) => Arc::new(kubectl),
        Err(why) => {
            println!("the stub of the API cannot be started: {why}");
            return ExitCode::FAILURE;
        }
    };
    let mut trials = Vec::new();
    for object in objects.iter().filter(|object| text(object, "/kind") != "Event") {
        let name = format!("{}/{}", text(object, "/kind"), text(object, "/metadata/name"));
        let (kubectl, object) = (Arc::clone(&kubectl), object.clone());
        trials.push(Trial::test(name, move || kubectl.round_trip(&object)));
    }
    let all = Arc::clone(&kubectl);
    trials.push(Trial::test("all pods and services in one output", move || {
        all.several()
    }));
    for (_, kind, resource, _, _) in
        resources().filter(|resource| resource.1 != "ResourceQuota" && resource.1 != "LimitRange")
    {
        let json = Arc::clone(&kubectl);
        trials.push(Trial::test(format!("{kind}: JSON and YAML"), move || {
            json.json(resource)
        }));
    }
    for (resource, options, pointers) in TABLES {
        let kubectl = Arc::clone(&kubectl);
        let name = format!("kubectl get {resource} {}", options.join(" "));
        trials.push(Trial::test(name, move || kubectl.table(resource, options, pointers)));
    }
    for arguments in EVENTS {
        let kubectl = Arc::clone(&kubectl);
        trials.push(Trial::test(format!("kubectl {}", arguments.join(" ")), move || {
            kubectl.table_of_events(arguments)
        }));
    }
    let code = libtest_mimic::run(&arguments, trials).exit_code();
    let _ = std::fs::remove_dir_all(&kubectl.folder);
    code
}

fn resources() -> impl Iterator<Item = (&'static str, &'static str, &'static str, &'static str, bool)> {
    RESOURCES.into_iter().chain([AUTOSCALER])
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// kubectl, and the stub that it talks to.
struct Kubectl {
    folder: PathBuf,
}

impl Kubectl {
    fn new(objects: Arc<Vec<Value>>) -> Result<Self, std::io::Error> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let objects = Arc::clone(&objects);
                std::thread::spawn(move || serve(&stream, &objects));
            }
        });
        let folder = std::env::temp_dir().join(format!("whypath-kubectl-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let config = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "stub",
            "clusters": [{"name": "stub", "cluster": {"server": format!("http://127.0.0.1:{port}")}}],
            "users": [{"name": "stub", "user": {}}],
            "contexts": [{"name": "stub", "context": {"cluster": "stub", "user": "stub", "namespace": "shop"}}],
        });
        std::fs::write(folder.join("config"), config.to_string())?;
        Ok(Self { folder })
    }

    fn run(&self, arguments: &[&str]) -> Result<String, Failed> {
        let output = Command::new("kubectl")
            .args(arguments)
            .env("KUBECONFIG", self.folder.join("config"))
            .env("HOME", &self.folder)
            .env("KUBECACHEDIR", self.folder.join("cache"))
            .output()?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn round_trip(&self, object: &Value) -> Result<(), Failed> {
        let (kind, name) = (text(object, "/kind"), text(object, "/metadata/name"));
        let version = text(object, "/apiVersion");
        let resource = resources()
            .find(|resource| resource.1 == kind)
            .map(|resource| resource.2)
            .unwrap_or_default();
        let described = self.run(&["describe", resource, name])?;
        let yaml = self.run(&["get", resource, name, "-o", "yaml"])?;
        let full = documents(&format!("$ kubectl get {resource} {name} -o yaml\n{yaml}"))?;
        let full = full.first().map(|(_, value)| value.clone()).unwrap_or_default();
        // With its command, and without: where the fields tell the kind, they must tell the same.
        let with = format!("$ kubectl describe {resource} {name}\n{described}");
        let without = (!UNTOLD.contains(&kind)).then(|| described.clone());
        for paste in std::iter::once(with).chain(without) {
            let read = documents(&paste)?;
            let Some((read_kind, partial)) = read.first() else {
                return Err("nothing was read".into());
            };
            if *read_kind != format!("{version}/{kind}") {
                return Err(format!("read as {read_kind}:\n{described}").into());
            }
            rules(partial, &full)?;
            compare(partial, &full).map_err(|why| format!("{why}\n{described}"))?;
            must_have(kind, name, partial).map_err(|why| format!("{why}\n{described}\n{partial:#}"))?;
            if let Some((read_kind, events)) = read.get(1) {
                if read_kind != "v1/Event" {
                    return Err(format!("the second document is {read_kind}").into());
                }
                must_have("Event", "", events)?;
                self.events(events, name)?;
            } else if described.contains("Events:\n") {
                return Err("the events were not read".into());
            }
        }
        Ok(())
    }

    /// The events of a description are among those of `get events`, value by value.
    fn events(&self, read: &Value, name: &str) -> Result<(), Failed> {
        let yaml = self.run(&["get", "events", "-o", "yaml"])?;
        let all = documents(&format!("$ kubectl get events -o yaml\n{yaml}"))?;
        let all = all
            .first()
            .and_then(|(_, list)| list["items"].as_array().cloned())
            .unwrap_or_default();
        for event in read["items"].as_array().into_iter().flatten() {
            let same = all
                .iter()
                .find(|other| other["reason"] == event["reason"] && text(other, "/involvedObject/name") == name)
                .ok_or("an event that nobody sent")?;
            compare(event, same)?;
        }
        Ok(())
    }

    /// The two spellings of one answer say the same.
    fn json(&self, resource: &str) -> Result<(), Failed> {
        let read = |output: &str| -> Result<Vec<(String, Value)>, Failed> {
            let text = self.run(&["get", resource, "-o", output])?;
            documents(&format!("$ kubectl get {resource} -o {output}\n{text}"))
        };
        let (json, yaml) = (read("json")?, read("yaml")?);
        if json.is_empty() || json != yaml {
            return Err(format!("{json:#?}\n{yaml:#?}").into());
        }
        Ok(())
    }

    /// The objects of a resource as YAML has them, or of several.
    fn full(&self, resource: &str) -> Result<Vec<Value>, Failed> {
        let yaml = self.run(&["get", resource, "-o", "yaml"])?;
        let all = documents(&format!("$ kubectl get {resource} -o yaml\n{yaml}"))?;
        let items = all.first().and_then(|(_, list)| list["items"].as_array().cloned());
        Ok(items.unwrap_or_default())
    }

    /// A table's rows are the objects, as far as they show them, with the command and, where the columns tell the kind, without.
    fn table(&self, resource: &str, options: &[&str], pointers: &[&str]) -> Result<(), Failed> {
        let mut arguments = vec!["get", resource];
        arguments.extend(options);
        let printed = self.run(&arguments)?;
        let full = self.full(resource)?;
        let read = documents(&format!("$ kubectl {}\n{printed}", arguments.join(" ")))?;
        let [(_, list)] = read.as_slice() else {
            return Err(format!("{} documents\n{printed}", read.len()).into());
        };
        let rows = list["items"].as_array().cloned().unwrap_or_default();
        if rows.len() != full.len() {
            return Err(format!("{} rows of {} objects\n{printed}", rows.len(), full.len()).into());
        }
        for row in &rows {
            let (kind, name) = (text(row, "/kind"), text(row, "/metadata/name"));
            let same = full
                .iter()
                .find(|object| text(object, "/kind") == kind && text(object, "/metadata/name") == name)
                .ok_or_else(|| format!("no object is {kind} {name}\n{printed}"))?;
            compare(row, same).map_err(|why| format!("{why}\n{printed}"))?;
        }
        let first = rows.first().ok_or("no rows")?;
        match pointers.iter().find(|pointer| first.pointer(pointer).is_none()) {
            Some(missing) => Err(format!("{missing} was not read\n{printed}\n{first:#}").into()),
            None => Ok(()),
        }
    }

    /// Events of a table are those of the API.
    fn table_of_events(&self, arguments: &[&str]) -> Result<(), Failed> {
        let printed = self.run(arguments)?;
        let full = self.full("events")?;
        let read = documents(&format!("$ kubectl {}\n{printed}", arguments.join(" ")))?;
        let [(kind, list)] = read.as_slice() else {
            return Err(format!("{} documents\n{printed}", read.len()).into());
        };
        let rows = list["items"].as_array().cloned().unwrap_or_default();
        let wanted = if arguments.contains(&"--types=Warning") {
            1
        } else {
            full.len()
        };
        if kind != "v1/Event" || rows.len() != wanted {
            return Err(format!("{} rows of {kind}\n{printed}", rows.len()).into());
        }
        for row in &rows {
            let same = full
                .iter()
                .find(|event| event["reason"] == row["reason"])
                .ok_or("an event that nobody sent")?;
            compare(row, same).map_err(|why| format!("{why}\n{printed}"))?;
            for pointer in [
                "/type",
                "/message",
                "/involvedObject/kind",
                "/involvedObject/name",
                "/x-age",
            ] {
                if row.pointer(pointer).is_none() {
                    return Err(format!("{pointer} was not read\n{printed}").into());
                }
            }
        }
        Ok(())
    }

    /// Several descriptions in one output are as many documents.
    fn several(&self) -> Result<(), Failed> {
        let pods = self.run(&["describe", "pods"])?;
        let services = self.run(&["describe", "services"])?;
        let read = documents(&format!(
            "$ kubectl describe pods\n{pods}$ kubectl describe services\n{services}"
        ))?;
        let kinds: Vec<&str> = read.iter().map(|(kind, _)| kind.as_str()).collect();
        let expected = ["v1/Pod", "v1/Event", "v1/Pod", "v1/Service", "v1/Event", "v1/Service"];
        if kinds == expected {
            Ok(())
        } else {
            Err(format!("{kinds:?}\n{pods}\n{services}").into())
        }
    }
}

/// What the analyzers read; what they could not read is a failure here.
fn documents(paste: &str) -> Result<Vec<(String, Value)>, Failed> {
    let input = Input {
        name: "paste 1".to_owned(),
        bytes: paste.as_bytes().to_vec(),
    };
    let analysis = read(vec![input], &mut |_| {});
    if let Some(problem) = analysis.problems.first() {
        return Err(format!("{}: {}\n{paste}", problem.message, analysis.sources.text(problem.span)).into());
    }
    Ok(analysis
        .artifacts
        .roots()
        .map(|(artifact, node)| {
            let kind = artifact.kinds.first().map(|(kind, _)| kind.clone()).unwrap_or_default();
            (kind, node.value().to_json())
        })
        .collect())
}

/// Every leaf of `partial` that is not kubectl's own is the leaf of `full` at the same place. The API leaves `false`, `0` and empty texts out
/// (`omitempty`), describe prints them.
fn compare(partial: &Value, full: &Value) -> Result<(), String> {
    let mut leaves = BTreeMap::new();
    flatten(String::new(), partial, &mut leaves);
    for (pointer, value) in leaves {
        let there = full.pointer(&pointer).filter(|there| !there.is_null());
        let same = match there {
            Some(there) => there == value,
            None => *value == json!(false) || *value == json!(0) || *value == json!(""),
        };
        if !same {
            return Err(format!("{pointer} was read as {value}; the object has {there:?}"));
        }
    }
    Ok(())
}

/// What a role's rules grant, rule by rule: kubectl takes them apart, so only these can be compared.
fn grants(role: &Value) -> BTreeSet<String> {
    let words = |rule: &Value, name: &str| -> Vec<String> {
        let list = rule[name].as_array().into_iter().flatten();
        list.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let mut found = BTreeSet::new();
    for rule in role["rules"].as_array().into_iter().flatten() {
        let names = words(rule, "resourceNames").join(",");
        for verb in words(rule, "verbs") {
            for url in words(rule, "nonResourceURLs") {
                found.insert(format!("{verb} {url}"));
            }
            for group in words(rule, "apiGroups") {
                for resource in words(rule, "resources") {
                    found.insert(format!("{verb} {group}/{resource} {names}"));
                }
            }
        }
    }
    found
}

fn rules(partial: &Value, full: &Value) -> Result<(), String> {
    let (read, there) = (grants(partial), grants(full));
    if read == there {
        Ok(())
    } else {
        Err(format!("the rules grant {read:?}, not {there:?}"))
    }
}

fn flatten<'a>(at: String, value: &'a Value, leaves: &mut BTreeMap<String, &'a Value>) {
    match value {
        Value::Object(members) => {
            let own = |name: &str| name.starts_with("x-") || (at.is_empty() && name == "rules");
            for (name, member) in members.iter().filter(|(name, _)| !own(name)) {
                flatten(
                    format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")),
                    member,
                    leaves,
                );
            }
        }
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                flatten(format!("{at}/{i}"), item, leaves);
            }
        }
        leaf => {
            leaves.insert(at, leaf);
        }
    }
}

fn must_have(kind: &str, name: &str, read: &Value) -> Result<(), String> {
    let own = format!("{kind}/{name}");
    let mut known = false;
    for (of, pointers) in MUST_HAVE {
        if *of == kind || *of == own {
            known = true;
            if let Some(missing) = pointers.iter().find(|pointer| read.pointer(pointer).is_none()) {
                return Err(format!("{missing} was not read"));
            }
        }
    }
    if known {
        Ok(())
    } else {
        Err(format!("nothing is asked of {kind}"))
    }
}

/// Answers the requests of one connection.
fn serve(stream: &TcpStream, objects: &[Value]) {
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
