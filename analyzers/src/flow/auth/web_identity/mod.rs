//! IAM roles for service accounts: annotation → webhook → projected token → `AssumeRoleWithWebIdentity` → trust policy → AWS API.

mod account;
mod exchange;
mod known;
mod remedy;
mod steps;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use crate::evidence::{Evidence, Fact};
use crate::flow::{Details as FlowDetails, Flow, FlowKind, Next, Outcome, Verdict};
use crate::model::Model;

use super::Details;
use super::iam::{Effect, IamArn, obscured};

pub use account::{AUDIENCE_ANNOTATION, Account, AudienceFrom, DEFAULT_AUDIENCE, PodFacts, ROLE_ANNOTATION};
pub use exchange::{ACTION, Cause, Exchange};
pub use known::{Known, Refusal, Trust};
pub use remedy::corrected;

/// No more flows than this are proposed; the rest can be asked for.
const PROPOSED: usize = 12;

/// Everything that was found out about one ServiceAccount and its role.
#[derive(Debug, Clone, PartialEq)]
pub struct WebIdentity {
    /// The ServiceAccount, its pod and its token.
    pub account: Account,
    /// The role's ARN.
    pub role: Option<String>,
    /// Its trust policy, where it was pasted.
    pub trust: Option<Trust>,
    /// What STS decides.
    pub exchange: Option<Exchange>,
    /// The ARNs of the OIDC providers, where they were pasted.
    pub providers_pasted: bool,
    /// The cluster's name.
    pub cluster: Option<String>,
}

impl WebIdentity {
    /// Where the role's ARN was read.
    pub fn role_evidence(&self) -> Vec<Evidence> {
        let own = |fact: &&Fact<String>| Some(&fact.value) == self.role.as_ref();
        let read = [self.account.role.as_ref(), self.account.annotation.as_ref()];
        let mut evidence: Vec<Evidence> = Vec::new();
        for fact in read.into_iter().flatten().filter(own) {
            if !evidence.contains(&fact.evidence) {
                evidence.push(fact.evidence.clone());
            }
        }
        evidence
    }

    /// The role's name.
    pub fn role_name(&self) -> Option<&str> {
        IamArn::parse(self.role.as_deref()?)?.role_name()
    }

    /// `aws iam get-role` for the role.
    pub fn ask_for_role(&self) -> Option<Next> {
        let name = self.role_name().filter(|name| !obscured(name))?;
        Some(Next {
            command: format!("aws iam get-role --role-name {name}"),
            decides: vec!["AUTH-010".to_owned()],
            why: "The role's trust policy says whose tokens STS accepts.".to_owned(),
        })
    }

    /// `aws eks describe-cluster`.
    pub fn ask_for_issuer(&self) -> Next {
        Next {
            command: format!(
                "aws eks describe-cluster --name {}",
                self.cluster.as_deref().unwrap_or("<cluster>")
            ),
            // STS answers otherwise where the account has no provider: after this refusal, only the policy is in question.
            decides: if self.account.refusals.is_empty() {
                vec!["AUTH-010".to_owned(), "AUTH-011".to_owned()]
            } else {
                vec!["AUTH-010".to_owned()]
            },
            why: "It prints the issuer of the cluster's tokens, which the trust policy and an OIDC provider have to name.".to_owned(),
        }
    }

    /// `aws iam list-open-id-connect-providers`.
    pub fn ask_for_providers() -> Next {
        Next {
            command: "aws iam list-open-id-connect-providers".to_owned(),
            decides: vec!["AUTH-011".to_owned()],
            why: "Without a provider for the cluster's issuer, STS accepts none of its tokens.".to_owned(),
        }
    }

    /// `kubectl get sa`.
    pub fn ask_for_account(&self) -> Next {
        Next {
            command: format!(
                "kubectl get serviceaccount {} -n {} -o yaml",
                self.account.name, self.account.namespace
            ),
            decides: vec!["AUTH-010".to_owned(), "AUTH-012".to_owned()],
            why: "Its annotation names the role, and may name another audience.".to_owned(),
        }
    }

    fn next(&self, known: &Known) -> Vec<Next> {
        let mut next = Vec::new();
        if !self.account.pasted && self.account.role.is_none() {
            next.push(self.ask_for_account());
        }
        let settled = self.exchange.as_ref().is_some_and(|exchange| exchange.cause.is_some());
        if self
            .trust
            .as_ref()
            .is_none_or(|trust| !trust.certain || !trust.policy.whole)
        {
            next.extend(self.ask_for_role());
        }
        if known.issuer.is_none() && !settled {
            next.push(self.ask_for_issuer());
        }
        if self.account.audience_from == AudienceFrom::Guess && !settled && self.account.role.is_some() {
            next.push(self.ask_for_account());
        }
        next
    }
}

/// The groups of a ServiceAccount (Kubernetes, `pkg/serviceaccount/util.go`: `MakeGroupNames`, and what every authenticated user is in).
pub fn groups(namespace: &str) -> Vec<String> {
    vec![
        "system:serviceaccounts".to_owned(),
        format!("system:serviceaccounts:{namespace}"),
        "system:authenticated".to_owned(),
    ]
}

/// A flow for each ServiceAccount whose role's trust policy, or whose refusal, was pasted.
pub fn propose(model: &Model<'_>) -> Vec<Flow> {
    let known = Known::new(model);
    if known.trusts.is_empty() && known.refusals.is_empty() {
        return Vec::new();
    }
    let accounts = account::with_roles(model, &known, &account::pods_by_account(model));
    let only_role = one_role(&accounts);
    let mut found: Vec<WebIdentity> = accounts
        .into_iter()
        .map(|account| find_out(&known, account, None, only_role))
        .filter(|found| found.trust.is_some() || !found.account.refusals.is_empty())
        .collect();
    // What was refused, and then what will be, before what works.
    found.sort_by_key(|found| {
        let fails = found.exchange.as_ref().is_some_and(|exchange| exchange.cause.is_some());
        (found.account.refusals.is_empty(), !fails)
    });
    found.truncate(PROPOSED);
    found.into_iter().map(|found| flow(&known, found, None)).collect()
}

/// The flow of one ServiceAccount. `action` is what it wants of AWS in the end; `role`, where it is not the annotated one.
pub fn compute(model: &Model<'_>, namespace: &str, name: &str, action: Option<&str>, on: Option<&str>) -> Flow {
    let known = Known::new(model);
    let pods = account::pods_by_account(model);
    let mut accounts = account::with_roles(model, &known, &pods);
    let only_role = one_role(&accounts);
    let found = accounts
        .iter()
        .position(|account| account.namespace == namespace && account.name == name);
    let account = match found {
        Some(index) => accounts.swap_remove(index),
        None => Account::new(model, &pods, namespace, name),
    };
    let exchange = action.is_none_or(|action| action.eq_ignore_ascii_case(ACTION));
    let asked_role = on.filter(|arn| exchange && IamArn::parse(arn).is_some_and(|arn| arn.role_name().is_some()));
    let found = find_out(&known, account, asked_role, only_role);
    flow(&known, found, action.filter(|_| !exchange))
}

/// Whether all ServiceAccounts have the same role.
fn one_role(accounts: &[Account]) -> bool {
    let roles: BTreeSet<&str> = accounts
        .iter()
        .filter_map(|account| account.role.as_ref().map(|fact| fact.value.as_str()))
        .collect();
    roles.len() == 1
}

fn find_out(known: &Known, account: Account, asked_role: Option<&str>, only_role: bool) -> WebIdentity {
    let role = asked_role
        .map(str::to_owned)
        .or_else(|| account.role.as_ref().map(|fact| fact.value.clone()));
    let trust = role.as_ref().and_then(|role| known.trust_of(role, only_role));
    let exchange = match (&role, &trust) {
        (Some(role), Some(trust)) => Some(exchange::decide(known, &account, role, trust)),
        _ => None,
    };
    WebIdentity {
        account,
        role,
        trust,
        exchange,
        providers_pasted: known.providers.is_some(),
        cluster: known.cluster.clone(),
    }
}

fn flow(known: &Known, found: WebIdentity, wanted: Option<&str>) -> Flow {
    let steps = steps::steps(known, &found, wanted);
    // The call that the role is wanted for comes after the exchange: its policies are another question, unless it was asked.
    let counted = if wanted.is_some() {
        steps.len()
    } else {
        steps.len().saturating_sub(1)
    };
    let verdict = Verdict::all(steps.iter().take(counted).map(|step| step.verdict));
    let reason = steps.iter().find_map(|step| step.reason);
    let mut next = found.next(known);
    if wanted.is_some() && verdict != Verdict::Blocked {
        next.extend(found.role_name().filter(|name| !obscured(name)).map(|name| Next {
            command: format!("aws iam list-attached-role-policies --role-name {name}"),
            decides: vec!["AUTH-020".to_owned()],
            why: "What the role may do is decided by its permission policies.".to_owned(),
        }));
    }
    let from = found.account.pod.as_ref().map_or_else(
        || format!("ServiceAccount {}", found.account.path()),
        |pod| format!("pod {}", pod.path),
    );
    let role = found.role.clone();
    Flow {
        kind: FlowKind::Auth,
        title: format!("{from} → {}", wanted.unwrap_or(ACTION)),
        subtitle: role.as_deref().map_or_else(
            || "the role is not known".to_owned(),
            |arn| {
                let name = IamArn::parse(arn).and_then(|arn| arn.role_name());
                let operators = operators(&found);
                let of = if operators.is_empty() { "" } else { " · condition " };
                format!("role {}{of}{}", name.unwrap_or(arn), operators.join(", "))
            },
        ),
        verdict,
        outcomes: vec![Outcome {
            reason,
            steps,
            ..Outcome::new("with the ServiceAccount's token".to_owned(), 1.0, verdict)
        }],
        next,
        details: FlowDetails::Auth(Details {
            username: Some(found.account.subject()),
            groups: groups(&found.account.namespace),
            canonical_arn: role,
            allowed_by: allowed_by(&found),
            smallest_grant: corrected(&found),
            web_identity: Some(Box::new(found)),
        }),
    }
}

/// The operators of the conditions that decide.
fn operators(found: &WebIdentity) -> Vec<String> {
    let applied = found.exchange.as_ref().and_then(Exchange::applied);
    let mut operators: Vec<String> = Vec::new();
    for tested in applied.map(|applied| applied.conditions.as_slice()).unwrap_or_default() {
        if !operators.contains(&tested.condition.operator) {
            operators.push(tested.condition.operator.clone());
        }
    }
    operators
}

fn allowed_by(found: &WebIdentity) -> Option<String> {
    let exchange = found.exchange.as_ref()?;
    if exchange.decision.allowed != super::iam::Truth::True {
        return None;
    }
    let applied = exchange.decision.by(Effect::Allow)?;
    Some(format!(
        "trust policy of role {} → statement {}",
        found.role_name()?,
        applied.index + 1
    ))
}
