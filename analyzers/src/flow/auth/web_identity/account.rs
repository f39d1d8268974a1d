//! A ServiceAccount with its role, its pod and its token (EKS User Guide, "IAM roles for service accounts"; the names and
//! defaults are those of aws/amazon-eks-pod-identity-webhook: `main.go`, `pkg/annotations.go`, `pkg/handler/handler.go`).

use std::collections::{BTreeMap, BTreeSet};

use super::known::Known;
use crate::artifact::Node;
use crate::evidence::{Evidence, Fact};
use crate::model::workload::env;
use crate::model::{Entity, Model};

/// The annotation that names the role.
pub const ROLE_ANNOTATION: &str = "eks.amazonaws.com/role-arn";
/// The annotation that names another audience.
pub const AUDIENCE_ANNOTATION: &str = "eks.amazonaws.com/audience";
/// The webhook's default audience (`--token-audience`).
pub const DEFAULT_AUDIENCE: &str = "sts.amazonaws.com";
/// The webhook's default place of the token (`--token-mount-path`, and the file `token` in it).
pub const TOKEN_FILE: &str = "/var/run/secrets/eks.amazonaws.com/serviceaccount/token";

/// A pod that runs under the ServiceAccount.
#[derive(Debug, Clone, PartialEq)]
pub struct PodFacts {
    /// `shop/uploader-6f8d`.
    pub path: String,
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub evidence: Option<Evidence>,
    /// Whether all of it was pasted.
    pub complete: bool,
    /// `AWS_ROLE_ARN`.
    pub role: Option<Fact<String>>,
    /// `AWS_WEB_IDENTITY_TOKEN_FILE`.
    pub token_file: Option<Fact<String>>,
    /// The audience of the token that is mounted there.
    pub audience: Option<Fact<String>>,
    /// `AWS_CONTAINER_CREDENTIALS_FULL_URI`: EKS Pod Identity, to which the webhook gives precedence.
    pub pod_identity: Option<Evidence>,
}

/// What the audience of the token rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AudienceFrom {
    /// The projected volume of the pod.
    Pod,
    /// The ServiceAccount's annotation.
    Annotation,
    /// The webhook's default: the whole ServiceAccount was pasted and names no other.
    Default,
    /// The webhook's default, while an annotation may not have been pasted.
    Guess,
}

/// A ServiceAccount and what is known of its token and role.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Whether the object itself was pasted.
    pub pasted: bool,
    /// Where its namespace and its name stand: in the object, or else in its pod.
    pub evidence: Vec<Evidence>,
    /// Whether all of it was pasted.
    pub complete: bool,
    /// The annotation.
    pub annotation: Option<Fact<String>>,
    /// A pod that runs under it.
    pub pod: Option<PodFacts>,
    /// The role that is asked for: the pod's, or the annotation's.
    pub role: Option<Fact<String>>,
    /// The token's audience.
    pub audience: String,
    /// What the audience rests on.
    pub audience_from: AudienceFrom,
    /// Where the audience was read, where it was.
    pub audience_evidence: Option<Evidence>,
    /// The refusals that are this one's.
    pub refusals: Vec<Evidence>,
}

impl Account {
    /// Looks up a ServiceAccount and its pods.
    pub fn new(model: &Model<'_>, pods: &PodsByAccount<'_, '_>, namespace: &str, name: &str) -> Self {
        let entity = model.get("ServiceAccount", namespace, name);
        let annotation = entity.and_then(|entity| entity.fact(&["metadata", "annotations", ROLE_ANNOTATION]));
        let asked_audience = entity.and_then(|entity| entity.fact(&["metadata", "annotations", AUDIENCE_ANNOTATION]));
        let own = pods.get(&(namespace.to_owned(), name.to_owned()));
        let pods = own.map(Vec::as_slice).unwrap_or_default();
        let pod = most_telling(pods);
        let identity = match (entity, pods.first()) {
            (Some(entity), _) => [entity.at(&["metadata", "namespace"]), entity.at(&["metadata", "name"])],
            (None, Some(pod)) => [
                pod.at(&["metadata", "namespace"]),
                pod.at(&["spec", "serviceAccountName"]),
            ],
            (None, None) => [None, None],
        };
        let complete = entity.is_some_and(Entity::complete);
        let mounted = pod.as_ref().and_then(|pod| pod.audience.clone());
        let (audience, audience_from) = match (mounted, asked_audience) {
            (Some(fact), _) => (Some(fact), AudienceFrom::Pod),
            (None, Some(fact)) => (Some(fact), AudienceFrom::Annotation),
            (None, None) if complete => (None, AudienceFrom::Default),
            (None, None) => (None, AudienceFrom::Guess),
        };
        Self {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            pasted: entity.is_some(),
            evidence: identity.iter().flatten().map(Node::evidence).collect(),
            complete,
            role: pod
                .as_ref()
                .and_then(|pod| pod.role.clone())
                .or_else(|| annotation.clone()),
            annotation,
            pod,
            audience_evidence: audience.as_ref().map(|fact| fact.evidence.clone()),
            audience: audience.map_or_else(|| DEFAULT_AUDIENCE.to_owned(), |fact| fact.value),
            audience_from,
            refusals: Vec::new(),
        }
    }

    /// The `sub` claim of its tokens (Kubernetes, `pkg/serviceaccount/util.go`: `MakeUsername`).
    pub fn subject(&self) -> String {
        format!("system:serviceaccount:{}:{}", self.namespace, self.name)
    }

    /// `shop/uploader`.
    pub fn path(&self) -> String {
        format!("{}/{}", self.namespace, self.name)
    }

    /// Whether a running pod was given another role than the annotation now names.
    pub fn pod_is_older(&self) -> bool {
        match (self.pod.as_ref().and_then(|pod| pod.role.as_ref()), &self.annotation) {
            (Some(given), Some(annotated)) => given.value != annotated.value,
            _ => false,
        }
    }
}

/// The pods, by the namespace and the name of their ServiceAccount.
pub type PodsByAccount<'m, 'a> = BTreeMap<(String, String), Vec<&'m Entity<'a>>>;

/// Sorts the pods by ServiceAccount.
pub fn pods_by_account<'m, 'a>(model: &'m Model<'a>) -> PodsByAccount<'m, 'a> {
    let mut pods: PodsByAccount<'m, 'a> = BTreeMap::new();
    for pod in model.all("Pod") {
        if let Some(name) = account_of(pod) {
            pods.entry((pod.namespace.to_owned(), name)).or_default().push(pod);
        }
    }
    pods
}

/// The ServiceAccounts that have a role, by annotation or by a pod's environment, with the refusals that are theirs.
pub fn with_roles(model: &Model<'_>, known: &Known, pods: &PodsByAccount<'_, '_>) -> Vec<Account> {
    let mut names: BTreeSet<(String, String)> = BTreeSet::new();
    for entity in model.all("ServiceAccount") {
        if entity.at(&["metadata", "annotations", ROLE_ANNOTATION]).is_some() {
            names.insert((entity.namespace.to_owned(), entity.name.to_owned()));
        }
    }
    for (key, pods) in pods {
        let has_role = |pod: &&Entity<'_>| containers(pod).iter().any(|one| env(one, "AWS_ROLE_ARN").is_some());
        if pods.iter().any(has_role) {
            names.insert(key.clone());
        }
    }
    let mut accounts: Vec<Account> = names
        .iter()
        .filter(|(namespace, _)| !namespace.is_empty())
        .map(|(namespace, name)| Account::new(model, pods, namespace, name))
        .collect();
    for refusal in &known.refusals {
        if let Some(index) = whose(model, &accounts, refusal)
            && let Some(account) = accounts.get_mut(index)
        {
            account.refusals.push(refusal.evidence.clone());
        }
    }
    accounts
}

/// Whose refusal it is, where only one can be meant: by the pod that the command names, by the namespace, or because there is only one.
fn whose(model: &Model<'_>, accounts: &[Account], refusal: &super::known::Refusal) -> Option<usize> {
    if let Some(command) = &refusal.command {
        let of_pod = model
            .all("Pod")
            .filter(|pod| {
                command.split_whitespace().any(|word| {
                    word == pod.name || word.strip_prefix("pod/").or(word.strip_prefix("pods/")) == Some(pod.name)
                })
            })
            .find(|pod| refusal.namespace.as_ref().is_none_or(|named| *named == pod.namespace));
        if let Some(pod) = of_pod
            && let Some(name) = account_of(pod)
        {
            return accounts
                .iter()
                .position(|account| account.namespace == pod.namespace && account.name == name);
        }
    }
    let mut possible = accounts.iter().enumerate().filter(|(_, account)| {
        refusal
            .namespace
            .as_ref()
            .is_none_or(|named| *named == account.namespace)
    });
    let (first, _) = possible.next()?;
    possible.next().is_none().then_some(first)
}

/// The pod's ServiceAccount: `spec.serviceAccountName`, which the API server sets where a manifest leaves it out.
fn account_of(pod: &Entity<'_>) -> Option<String> {
    pod.fact(&["spec", "serviceAccountName"]).map(|fact| fact.value)
}

/// The pod that tells most of a ServiceAccount: one with the role in its environment before one without.
fn most_telling(pods: &[&Entity<'_>]) -> Option<PodFacts> {
    let mut read = pods.iter().map(|pod| read_pod(pod));
    let first = read.next()?;
    if first.role.is_some() {
        return Some(first);
    }
    Some(read.find(|pod| pod.role.is_some()).unwrap_or(first))
}

fn containers<'a>(pod: &Entity<'a>) -> Vec<Node<'a>> {
    let mut all = Vec::new();
    for list in ["containers", "initContainers"] {
        all.extend(pod.at(&["spec", list]).map(|node| node.items()).unwrap_or_default());
    }
    all
}

fn read_pod(entity: &Entity<'_>) -> PodFacts {
    let containers = containers(entity);
    let with_role = containers
        .iter()
        .find(|container| env(container, "AWS_ROLE_ARN").is_some());
    let token_file = with_role.and_then(|container| env(container, "AWS_WEB_IDENTITY_TOKEN_FILE"));
    let audience = with_role.and_then(|container| {
        let file = token_file.as_ref().and_then(Node::str)?;
        mounted_audience(entity, container, file)
    });
    PodFacts {
        path: entity.path(),
        name: entity.name.to_owned(),
        evidence: entity.evidence(),
        complete: entity.complete(),
        role: with_role
            .and_then(|container| env(container, "AWS_ROLE_ARN"))
            .and_then(|node| node.fact()),
        token_file: token_file.and_then(|node| node.fact()),
        audience,
        pod_identity: containers
            .iter()
            .find_map(|container| env(container, "AWS_CONTAINER_CREDENTIALS_FULL_URI"))
            .map(|node| node.evidence()),
    }
}

/// The audience of the token that a container finds at `file`: of the projected volume that is mounted there.
fn mounted_audience(pod: &Entity<'_>, container: &Node<'_>, file: &str) -> Option<Fact<String>> {
    let volumes = pod.at(&["spec", "volumes"])?.items();
    for mount in container.list("volumeMounts") {
        let (Some(path), Some(name)) = (mount.str_of("mountPath"), mount.str_of("name")) else {
            continue;
        };
        let Some(inside) = file
            .strip_prefix(path.trim_end_matches('/'))
            .and_then(|rest| rest.strip_prefix('/'))
        else {
            continue;
        };
        let Some(volume) = volumes.iter().find(|volume| volume.str_of("name") == Some(name)) else {
            continue;
        };
        let sources = volume
            .get("projected")
            .map(|node| node.list("sources"))
            .unwrap_or_default();
        for source in sources {
            let token = source.get("serviceAccountToken");
            if let Some(token) = token.filter(|token| token.str_of("path") == Some(inside)) {
                return token.fact_at(&["audience"]);
            }
        }
    }
    None
}
