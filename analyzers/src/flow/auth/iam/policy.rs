//! Trust policies: which statement applies to a request by an OIDC token, and what they decide together (IAM User Guide,
//! "AWS JSON policy elements: Principal" and "Policy evaluation logic").

use super::arn::{IamArn, same};
use super::condition::{self, Carried, Context};
use super::truth::Truth;
use super::wildcard;
use crate::artifact::{Node, Value};
use crate::evidence::Evidence;

/// Allow or deny.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// The statement allows what it applies to.
    Allow,
    /// The statement denies what it applies to, whatever allows it.
    Deny,
}

/// A value of a policy and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The value.
    pub text: String,
    /// Where it stands.
    pub evidence: Evidence,
}

/// Who may be meant by a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principals {
    /// Everybody: `"*"`, which is the same as `{"AWS": "*"}`.
    Everybody,
    /// The federated principals, as written; other kinds cannot be a web identity and are left out.
    Federated(Vec<Written>),
    /// `NotPrincipal`, or nothing that could be read.
    Unclear,
}

/// One condition: an operator, a key and the values that would meet it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// `StringEquals` and so on, as written.
    pub operator: String,
    /// The key, as written.
    pub key: String,
    /// The values, as written.
    pub wants: Vec<String>,
    /// Where the key and its values stand.
    pub evidence: Evidence,
}

/// A statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its place in the policy, from 0.
    pub index: usize,
    /// Its `Sid`, where it has one.
    pub sid: Option<String>,
    /// Allow or deny; `None` where it is neither, which IAM would not have stored.
    pub effect: Option<Effect>,
    /// Whom it means.
    pub principals: Principals,
    /// The actions as written, and whether they are what it does not mean (`NotAction`).
    pub actions: Vec<Written>,
    /// Whether [`actions`](Self::actions) was written as `NotAction`.
    pub not_action: bool,
    /// All its conditions; all have to hold.
    pub conditions: Vec<Condition>,
    /// Where it stands.
    pub evidence: Evidence,
}

/// A policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Its statements, in order.
    pub statements: Vec<Statement>,
    /// Where it stands.
    pub evidence: Evidence,
    /// Whether every statement is there: not so in a paste that was cut.
    pub whole: bool,
}

/// A request: somebody with a token of an OIDC issuer asks for an action on the role that the policy belongs to.
pub struct Request<'a> {
    /// `sts:AssumeRoleWithWebIdentity`.
    pub action: &'a str,
    /// The issuer as host and path. `None`: an issuer that no statement names.
    pub issuer: Option<&'a str>,
    /// The account of the role. STS looks the issuer up among the providers of this account.
    pub account: Option<&'a str>,
    /// The condition keys.
    pub context: &'a dyn Context,
}

/// What became of one condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tested {
    /// The condition.
    pub condition: Condition,
    /// What the request carries under its key.
    pub has: Carried,
    /// Whether it holds.
    pub truth: Truth,
}

/// What became of one statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// The statement's place in the policy.
    pub index: usize,
    /// Allow or deny.
    pub effect: Option<Effect>,
    /// Whether it means who asks.
    pub principal: Truth,
    /// Whether it means what is asked for.
    pub action: Truth,
    /// Its conditions.
    pub conditions: Vec<Tested>,
}

impl Applied {
    /// Whether the statement applies to the request.
    pub fn truth(&self) -> Truth {
        self.principal
            .and(self.action)
            .and(Truth::all(self.conditions.iter().map(|tested| tested.truth)))
    }
}

/// What a policy decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Whether the request is allowed.
    pub allowed: Truth,
    /// The statements, in order.
    pub statements: Vec<Applied>,
}

impl Decision {
    /// The first statement of that effect that applies for certain.
    pub fn by(&self, effect: Effect) -> Option<&Applied> {
        self.statements
            .iter()
            .find(|applied| applied.effect == Some(effect) && applied.truth() == Truth::True)
    }
}

impl Policy {
    /// Reads a policy document: `{"Version": …, "Statement": …}`.
    pub fn read(node: &Node<'_>, whole: bool) -> Option<Self> {
        let statements = node.get("Statement")?;
        Some(Self {
            statements: statements
                .one_or_many()
                .iter()
                .enumerate()
                .map(|(index, node)| read_statement(index, node))
                .collect(),
            evidence: node.evidence(),
            whole,
        })
    }

    /// Decides a request. A denial outweighs whatever allows; what nothing allows is denied.
    pub fn decide(&self, request: &Request<'_>) -> Decision {
        let statements: Vec<Applied> = self
            .statements
            .iter()
            .map(|statement| apply(statement, request))
            .collect();
        let any = |effect: Effect| {
            Truth::any(
                statements
                    .iter()
                    .filter(|applied| applied.effect == Some(effect))
                    .map(Applied::truth),
            )
        };
        let unread = statements.iter().any(|applied| applied.effect.is_none());
        let mut allowed = any(Effect::Allow).and(!any(Effect::Deny));
        if !self.whole || unread {
            // A statement that was not pasted could allow or deny.
            allowed = Truth::Unknown;
        }
        Decision { allowed, statements }
    }

    /// The issuers of the OIDC providers that its allowing statements name, each once, in order.
    pub fn issuers(&self) -> Vec<&str> {
        let mut issuers = Vec::new();
        for statement in &self.statements {
            if statement.effect != Some(Effect::Allow) {
                continue;
            }
            for issuer in statement.issuers() {
                if !issuers.contains(&issuer) {
                    issuers.push(issuer);
                }
            }
        }
        issuers
    }
}

impl Statement {
    /// The issuers of the OIDC providers that it names.
    pub fn issuers(&self) -> impl Iterator<Item = &str> {
        let written: &[Written] = match &self.principals {
            Principals::Federated(written) => written,
            Principals::Everybody | Principals::Unclear => &[],
        };
        written
            .iter()
            .filter_map(|principal| IamArn::parse(&principal.text)?.oidc_issuer())
    }
}

/// A policy's value as text: IAM takes `true` for `"true"`.
fn text(node: &Node<'_>) -> Option<String> {
    match node.value() {
        Value::String(text) => Some(text.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(value) => Some(value.to_string()),
        _ => None,
    }
}

fn written(node: &Node<'_>) -> Vec<Written> {
    node.one_or_many()
        .iter()
        .filter_map(|one| {
            Some(Written {
                text: text(one)?,
                evidence: one.evidence(),
            })
        })
        .collect()
}

fn read_statement(index: usize, node: &Node<'_>) -> Statement {
    let (actions, not_action) = match (node.get("Action"), node.get("NotAction")) {
        (Some(actions), _) => (written(&actions), false),
        (None, Some(actions)) => (written(&actions), true),
        (None, None) => (Vec::new(), false),
    };
    let mut conditions = Vec::new();
    for (operator, keys) in node.get("Condition").map(|c| c.members()).unwrap_or_default() {
        for (key, values) in keys.members() {
            conditions.push(Condition {
                operator: operator.to_owned(),
                key: key.to_owned(),
                wants: values.one_or_many().iter().filter_map(text).collect(),
                evidence: values.evidence(),
            });
        }
    }
    Statement {
        index,
        sid: node.str_of("Sid").map(str::to_owned),
        effect: match node.str_of("Effect") {
            Some("Allow") => Some(Effect::Allow),
            Some("Deny") => Some(Effect::Deny),
            _ => None,
        },
        principals: read_principals(node),
        actions,
        not_action,
        conditions,
        evidence: node.evidence(),
    }
}

fn read_principals(statement: &Node<'_>) -> Principals {
    if statement.get("NotPrincipal").is_some() {
        return Principals::Unclear;
    }
    let Some(principal) = statement.get("Principal") else {
        return Principals::Unclear;
    };
    if principal.str() == Some("*") {
        return Principals::Everybody;
    }
    if !principal.value().is_object() {
        return Principals::Unclear;
    }
    let everybody = |kind: &str| {
        principal
            .get(kind)
            .is_some_and(|node| written(&node).iter().any(|one| one.text == "*"))
    };
    if everybody("AWS") || everybody("Federated") {
        return Principals::Everybody;
    }
    Principals::Federated(
        principal
            .get("Federated")
            .map(|node| written(&node))
            .unwrap_or_default(),
    )
}

fn apply(statement: &Statement, request: &Request<'_>) -> Applied {
    Applied {
        index: statement.index,
        effect: statement.effect,
        principal: match &statement.principals {
            Principals::Everybody => Truth::True,
            Principals::Unclear => Truth::Unknown,
            Principals::Federated(all) => Truth::any(all.iter().map(|one| means(&one.text, request))),
        },
        action: acts(statement, request.action),
        conditions: statement
            .conditions
            .iter()
            .map(|condition| {
                let has = request.context.carried(&condition.key);
                Tested {
                    truth: condition::holds(&condition.operator, &has, &condition.wants),
                    has,
                    condition: condition.clone(),
                }
            })
            .collect(),
    }
}

/// Whether a federated principal is the request's provider.
fn means(principal: &str, request: &Request<'_>) -> Truth {
    let Some(arn) = IamArn::parse(principal) else {
        // A well-known provider's name (`accounts.google.com`, `cognito-identity.amazonaws.com`) is no cluster's issuer;
        // a bare issuer is not a form that IAM documents.
        return match request.issuer {
            Some(issuer) if !issuer.eq_ignore_ascii_case(principal) && !super::obscured(principal) => Truth::False,
            _ => Truth::Unknown,
        };
    };
    match (arn.oidc_issuer(), request.issuer) {
        // A SAML provider, or an issuer that no statement names.
        (None, _) | (_, None) => {
            if super::obscured(arn.resource) {
                Truth::Unknown
            } else {
                Truth::False
            }
        }
        (Some(written), Some(issuer)) => same(written, issuer).and(
            request
                .account
                .map_or(Truth::True, |account| same(arn.account, account)),
        ),
    }
}

/// Actions are not case-sensitive and take wildcards.
fn acts(statement: &Statement, action: &str) -> Truth {
    if statement.actions.is_empty() {
        return Truth::Unknown;
    }
    let action = action.to_ascii_lowercase();
    let named = Truth::any(statement.actions.iter().map(|written| {
        if super::obscured(&written.text) {
            Truth::Unknown
        } else {
            wildcard::matches(&written.text.to_ascii_lowercase(), &action).into()
        }
    }));
    if statement.not_action { !named } else { named }
}
