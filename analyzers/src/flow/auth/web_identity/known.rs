//! What was pasted of roles, issuers, providers and refusals, whatever ServiceAccount it belongs to.

use serde_json::Value;

use crate::artifact::{Node, Syntax};
use crate::evidence::{Evidence, Fact};
use crate::flow::auth::iam::{IamArn, Policy, Truth, bare_issuer, obscured, same};
use crate::model::Model;
use crate::segment::{Command, Segment};

/// What STS answers where the role's trust policy does not allow the token in (`AccessDenied`, HTTP 403). Every SDK passes the sentence on.
/// A provider that the account does not have is answered otherwise (`InvalidIdentityToken`).
const REFUSED: &str = "ot authorized to perform sts:AssumeRoleWithWebIdentity";

/// No more refusals than this are kept: the same line repeats with every retry.
const REFUSALS: usize = 64;

/// A trust policy that was pasted.
#[derive(Debug, Clone, PartialEq)]
pub struct Trust {
    /// The role's ARN, where it was printed.
    pub arn: Option<Fact<String>>,
    /// The role's name: of the ARN, printed, or of the command.
    pub name: Option<String>,
    /// The policy.
    pub policy: Policy,
    /// The policy as JSON.
    pub value: Value,
    /// Whether it is certain that it is the policy of the role in question: not so where it was pasted without a name.
    pub certain: bool,
}

/// A refusal in a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The line.
    pub evidence: Evidence,
    /// The namespace of the command that printed it, where it names one.
    pub namespace: Option<String>,
    /// The command's words, to find a pod's name among.
    pub command: Option<String>,
}

/// What is known beside the ServiceAccounts.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The trust policies, in the order of the paste.
    pub trusts: Vec<Trust>,
    /// The cluster's issuer as host and path, where exactly one was pasted.
    pub issuer: Option<Fact<String>>,
    /// The ARNs of the account's OIDC providers, where the list was pasted.
    pub providers: Option<Vec<Fact<String>>>,
    /// The refusals.
    pub refusals: Vec<Refusal>,
    /// The cluster's name, where exactly one is told.
    pub cluster: Option<String>,
}

impl Known {
    /// Looks everything up.
    pub fn new(model: &Model<'_>) -> Self {
        let mut known = Self {
            refusals: refusals(model),
            ..Self::default()
        };
        let mut issuers: Vec<Fact<String>> = Vec::new();
        let mut clusters: Vec<String> = Vec::new();
        for (command, root) in model.aws_roots() {
            known.read_roles(model, command, &root);
            if let Some(cluster) = root.get("cluster") {
                issuers.extend(cluster.fact_at(&["identity", "oidc", "issuer"]));
                clusters.extend(cluster.str_of("name").map(str::to_owned));
            }
            if root.get("OpenIDConnectProviderList").is_some() {
                let listed = root.list("OpenIDConnectProviderList");
                known
                    .providers
                    .get_or_insert_default()
                    .extend(listed.iter().filter_map(|node| node.fact_at(&["Arn"])));
            }
        }
        for segment in model.segments {
            let Some(command) = &segment.command else { continue };
            issuers.extend(printed_issuer(model, command, segment));
            clusters.extend(cluster_of(command));
        }
        let bare: Vec<Fact<String>> = issuers
            .into_iter()
            .map(|fact| fact.map(|url| bare_issuer(&url).to_owned()))
            .filter(|fact| !obscured(&fact.value))
            .collect();
        known.issuer = only(bare, |fact| &fact.value);
        known.cluster = only(clusters, |name| name);
        known
    }

    fn read_roles(&mut self, model: &Model<'_>, command: Option<&Command>, root: &Node<'_>) {
        let mut roles = root.list("Roles");
        roles.extend(root.get("Role"));
        for role in &roles {
            if let Some(policy) = role.get("AssumeRolePolicyDocument") {
                let arn = role.fact_at(&["Arn"]);
                let name = role.str_of("RoleName").map(str::to_owned);
                self.read_trust(model, command, arn, name, &policy);
            }
        }
        if roles.is_empty() {
            let policy = root.get("AssumeRolePolicyDocument").unwrap_or_else(|| root.clone());
            self.read_trust(model, command, None, None, &policy);
        }
    }

    fn read_trust(
        &mut self,
        model: &Model<'_>,
        command: Option<&Command>,
        arn: Option<Fact<String>>,
        name: Option<String>,
        node: &Node<'_>,
    ) {
        let Some(policy) = Policy::read(node, is_whole(model, node)) else {
            return;
        };
        // A permission policy has statements too, but says nothing of who is meant.
        let trusts = node
            .get("Statement")
            .is_some_and(|all| all.one_or_many().iter().any(|one| one.get("Principal").is_some()));
        if !trusts {
            return;
        }
        let name = arn
            .as_ref()
            .and_then(|arn| Some(IamArn::parse(&arn.value)?.role_name()?.to_owned()))
            .or(name)
            .or_else(|| {
                let command = command.filter(|command| command.text.contains("iam"))?;
                command.option("--role-name")
            });
        self.trusts.push(Trust {
            arn,
            certain: name.is_some(),
            name,
            policy,
            value: node.value().to_json(),
        });
    }

    /// The trust policy of a role. One that was pasted without a role's name stands in where it is the only one and
    /// `only_role` says that no other role is in question.
    pub fn trust_of(&self, role: &str, only_role: bool) -> Option<Trust> {
        let arn = IamArn::parse(role)?;
        let name = arn.role_name()?;
        let mut named: Vec<&Trust> = self
            .trusts
            .iter()
            .filter(|trust| trust.name.as_deref() == Some(name) && !obscured(name))
            .filter(|trust| {
                let printed = trust.arn.as_ref().and_then(|fact| IamArn::parse(&fact.value));
                printed.is_none_or(|printed| same(printed.account, arn.account) != Truth::False)
            })
            .collect();
        if let Some(last) = named.pop() {
            let mut trust = last.clone();
            // Pasted twice and not the same: it cannot be told which one STS reads.
            trust.certain = named.iter().all(|other| other.value == trust.value);
            return Some(trust);
        }
        match self.trusts.as_slice() {
            [trust] if only_role && trust.name.is_none() => Some(trust.clone()),
            _ => None,
        }
    }
}

/// Whether the printed text holds the whole policy: the document is complete, or it is whole JSON that `--query` began
/// at the policy or around it.
fn is_whole(model: &Model<'_>, node: &Node<'_>) -> bool {
    let Some(document) = model.artifacts.document(node.artifact()) else {
        return false;
    };
    if document.complete {
        return true;
    }
    let pointer = node.pointer();
    let around = pointer.strip_prefix(document.prefix.as_str());
    let text = model.sources.text(document.span);
    around.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        && match document.syntax {
            Syntax::Json => serde_json::from_str::<serde::de::IgnoredAny>(text.trim()).is_ok(),
            Syntax::Yaml => true,
            Syntax::Table | Syntax::Placed => false,
        }
}

/// The issuer that `aws eks describe-cluster --query cluster.identity.oidc.issuer --output text` prints.
fn printed_issuer(model: &Model<'_>, command: &Command, segment: &Segment) -> Option<Fact<String>> {
    if !command.text.contains("describe-cluster") || !command.text.contains("issuer") {
        return None;
    }
    let (span, line) = model
        .sources
        .lines_in(segment.body)
        .take(8)
        .find(|(_, line)| !line.trim().is_empty())?;
    let url = line.trim().trim_matches('"');
    (url.starts_with("https://") && !url.contains(char::is_whitespace))
        .then(|| Fact::new(url.to_owned(), Evidence::Text(span)))
}

fn cluster_of(command: &Command) -> Option<String> {
    let eks = command.text.contains("aws eks ") || command.text.contains("eksctl ");
    let name = command
        .option("--cluster-name")
        .or_else(|| eks.then(|| command.option("--cluster")).flatten())
        .or_else(|| {
            let describes = command.text.contains("describe-cluster") || command.text.contains("update-kubeconfig");
            describes.then(|| command.option("--name")).flatten()
        })?;
    (!name.is_empty() && !name.contains('$')).then_some(name)
}

fn refusals(model: &Model<'_>) -> Vec<Refusal> {
    model
        .lines()
        .filter(|(_, line)| line.contains(REFUSED))
        .take(REFUSALS)
        .map(|(span, _)| {
            let command = model
                .segments
                .iter()
                .find(|segment| {
                    segment.span.source == span.source
                        && segment.span.start <= span.start
                        && span.end <= segment.span.end
                })
                .and_then(|segment| segment.command.as_ref());
            Refusal {
                evidence: Evidence::Text(span),
                namespace: command.and_then(|command| command.option("-n").or_else(|| command.option("--namespace"))),
                command: command.map(|command| command.text.clone()),
            }
        })
        .collect()
}

/// The first of several, where all are the same.
fn only<T>(all: Vec<T>, key: impl Fn(&T) -> &String) -> Option<T> {
    let same = all
        .first()
        .is_some_and(|first| all.iter().all(|other| key(other) == key(first)));
    same.then(|| all.into_iter().next())?
}
