//! Workloads: what runs pods, and the pods themselves, as selectors see them.

use std::net::IpAddr;

use super::selector::{Labels, labels};
use super::{Entity, Model, Pod};
use crate::artifact::Node;
use crate::evidence::Evidence;

/// The namespace of an object that names none: what `kubectl apply` would use without a context's.
pub const DEFAULT_NAMESPACE: &str = "default";

/// The label that the API server gives every namespace (KEP-2161).
pub const NAMESPACE_NAME: &str = "kubernetes.io/metadata.name";

/// The kinds whose template makes pods, and where it stands.
const KINDS: [(&str, &[&str]); 7] = [
    ("CronJob", &["spec", "jobTemplate", "spec", "template"]),
    ("DaemonSet", &["spec", "template"]),
    ("Deployment", &["spec", "template"]),
    ("Job", &["spec", "template"]),
    ("ReplicaSet", &["spec", "template"]),
    ("ReplicationController", &["spec", "template"]),
    ("StatefulSet", &["spec", "template"]),
];

/// A port that a container names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NamedPort<'a> {
    /// `ports[].name`
    pub name: &'a str,
    /// `TCP`, `UDP` or `SCTP`.
    pub protocol: &'a str,
    /// `ports[].containerPort`
    pub port: u16,
}

/// A pod, or the template that stands for pods that were not pasted.
#[derive(Debug, Clone)]
pub struct Workload<'a> {
    /// The namespace.
    pub namespace: &'a str,
    /// Its own name: a pod's, or that of the object with the template.
    pub name: &'a str,
    /// `Pod`, `Deployment` …: the kind of that object.
    pub kind: &'a str,
    /// Who owns it, kind and name; of a template the object itself. Pods with the same owner are one workload to a reader.
    pub owner: (String, String),
    /// The labels that a pod of it has.
    pub labels: Labels<'a>,
    /// Whether they are all: most tables show none.
    pub labels_told: bool,
    /// The ports that its containers name.
    pub ports: Vec<NamedPort<'a>>,
    /// Whether its containers were pasted: a table shows none.
    pub ports_told: bool,
    /// The pod's address.
    pub address: Option<IpAddr>,
    /// Whether it uses its node's network; `None` where that was not pasted.
    pub host_network: Option<bool>,
    /// Where it stands.
    pub evidence: Option<Evidence>,
}

impl Workload<'_> {
    /// `shop/cart[Deployment]`, by its owner.
    pub fn label(&self) -> String {
        format!("{}/{}[{}]", self.namespace, self.owner.1, self.owner.0)
    }
}

fn named_ports<'a>(spec: Option<&Node<'a>>) -> Vec<NamedPort<'a>> {
    let Some(spec) = spec else { return Vec::new() };
    // An init container that stays has ports of its own (sidecar containers).
    let containers = spec.list("containers").into_iter().chain(spec.list("initContainers"));
    containers
        .flat_map(|container| container.list("ports"))
        .filter_map(|port| {
            Some(NamedPort {
                name: port.str_of("name")?,
                protocol: port.str_of("protocol").unwrap_or("TCP"),
                port: u16::try_from(port.get("containerPort")?.number()?).ok()?,
            })
        })
        .collect()
}

/// The value of a container's environment variable, where it is written there (`env[].value`).
pub fn env<'a>(container: &Node<'a>, name: &str) -> Option<Node<'a>> {
    let variables = container.list("env");
    let variable = variables
        .iter()
        .find(|variable| variable.str_of("name") == Some(name))?;
    variable.get("value")
}

fn namespace<'a>(entity: &Entity<'a>) -> &'a str {
    if entity.namespace.is_empty() {
        DEFAULT_NAMESPACE
    } else {
        entity.namespace
    }
}

/// The owner that manages an object: kind and name.
fn controller<'a>(object: &Node<'a>) -> Option<(&'a str, &'a str)> {
    let owners = object
        .at(&["metadata"])
        .map(|metadata| metadata.list("ownerReferences"))
        .unwrap_or_default();
    let owner = owners
        .iter()
        .find(|owner| owner.get("controller").and_then(|controller| controller.bool()) == Some(true))
        .or(owners.first())
        // A static pod's mirror is owned by its node, which is no workload.
        .filter(|owner| owner.str_of("kind") != Some("Node"))?;
    Some((owner.str_of("kind").unwrap_or("Pod"), owner.str_of("name")?))
}

impl<'a> Model<'a> {
    /// All pods, and the templates of workloads of which no pod is known.
    pub fn workloads(&self) -> Vec<Workload<'a>> {
        let mut all: Vec<Workload<'a>> = Vec::new();
        // Those that are finished, too: they stand for what a Job runs next time.
        for entity in self.all("Pod") {
            all.push(self.of_pod(entity));
        }
        let known: std::collections::BTreeSet<(&str, String, String)> = all
            .iter()
            .map(|pod| (pod.namespace, pod.owner.0.clone(), pod.owner.1.clone()))
            .collect();
        for (kind, path) in KINDS {
            for entity in self.all(kind) {
                let Some(template) = entity.at(path) else { continue };
                let owner = (kind.to_owned(), entity.name.to_owned());
                let owned = entity.views.iter().find_map(controller);
                // A ReplicaSet that a Deployment made is not asked for twice, nor is an old one without pods.
                let replaced = owned.is_some_and(|(kind, name)| self.get(kind, entity.namespace, name).is_some());
                if replaced || known.contains(&(namespace(entity), owner.0.clone(), owner.1.clone())) {
                    continue;
                }
                let spec = template.get("spec");
                all.push(Workload {
                    namespace: namespace(entity),
                    name: entity.name,
                    kind,
                    owner,
                    labels: labels(&template),
                    labels_told: entity.complete() || template.at(&["metadata", "labels"]).is_some(),
                    ports: named_ports(spec.as_ref()),
                    ports_told: entity.complete(),
                    address: None,
                    host_network: spec
                        .as_ref()
                        .map(|spec| spec.get("hostNetwork").and_then(|value| value.bool()) == Some(true)),
                    evidence: entity.evidence(),
                });
            }
        }
        all
    }

    fn of_pod(&self, entity: &Entity<'a>) -> Workload<'a> {
        let pod = Pod(entity);
        let (labels, labels_told) = entity.labels();
        Workload {
            namespace: namespace(entity),
            name: entity.name,
            kind: "Pod",
            owner: self.owner(entity, &labels),
            ports: named_ports(entity.at(&["spec"]).as_ref()),
            ports_told: entity.complete(),
            address: pod.ip().map(|ip| ip.value),
            host_network: pod.host_network(self).map(|fact| fact.value),
            evidence: entity.evidence(),
            labels,
            labels_told,
        }
    }

    /// Who manages a pod in the end, as far as it was pasted.
    fn owner(&self, pod: &Entity<'a>, labels: &Labels<'a>) -> (String, String) {
        let Some((kind, name)) = pod.views.iter().find_map(controller) else {
            return ("Pod".to_owned(), pod.name.to_owned());
        };
        let above = match kind {
            // A Deployment's ReplicaSets carry the hash of their template in their name.
            "ReplicaSet" => self
                .get(kind, pod.namespace, name)
                .and_then(|set| set.views.iter().find_map(controller))
                .or_else(|| {
                    let name = name.strip_suffix(labels.get("pod-template-hash")?)?.strip_suffix('-')?;
                    self.get("Deployment", pod.namespace, name)?;
                    Some(("Deployment", name))
                }),
            "Job" => self
                .get(kind, pod.namespace, name)
                .and_then(|job| job.views.iter().find_map(controller)),
            _ => None,
        };
        let (kind, name) = above.unwrap_or((kind, name));
        (kind.to_owned(), name.to_owned())
    }

    /// The labels of a namespace; the second value says whether all of them were pasted.
    pub fn namespace_labels(&self, name: &'a str) -> (Labels<'a>, bool) {
        let (mut labels, whole) = self.get("Namespace", "", name).map(Entity::labels).unwrap_or_default();
        labels.insert(NAMESPACE_NAME, name);
        (labels, whole)
    }
}
