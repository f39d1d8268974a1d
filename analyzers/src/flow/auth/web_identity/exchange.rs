//! The exchange at STS: the token's claims against the role's trust policy, and the first thing that does not fit.

use super::account::{Account, AudienceFrom};
use super::known::{Known, Trust};
use crate::evidence::Evidence;
use crate::flow::auth::iam::{
    self, Applied, Carried, Context, Decision, Effect, IamArn, Principals, Request, Statement, Tested, Truth,
};

/// What a ServiceAccount's token is shown to STS for.
pub const ACTION: &str = "sts:AssumeRoleWithWebIdentity";

/// Why the trust policy does not let the token in, the most telling first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// A condition's key is the issuer in another spelling: with the provider's whole ARN, or with `https://`.
    KeyForm,
    /// A condition's key is another issuer's.
    KeyIssuer,
    /// A wildcard stands where the operator takes none, and would match if it did.
    Wildcard,
    /// The subject is not among those wanted.
    Subject,
    /// The audience is not among those wanted.
    Audience,
    /// Another condition does not hold.
    Condition,
    /// A statement denies it.
    Deny,
    /// The action is not the one that web identities need.
    Action,
    /// The provider is of another account than the role.
    Account,
    /// The policy trusts other issuers only.
    Issuer,
    /// The policy trusts no OIDC provider at all.
    NoProvider,
}

/// The exchange, decided as far as it can be.
#[derive(Debug, Clone, PartialEq)]
pub struct Exchange {
    /// The issuer that it was decided for: the cluster's, or where that was not pasted the one that the policy trusts.
    pub issuer: Option<String>,
    /// Where the issuer was read; `None` where it is the policy's own.
    pub issuer_evidence: Option<Evidence>,
    /// The decision.
    pub decision: Decision,
    /// The statement that decided, or came closest: by its place in the policy.
    pub statement: Option<usize>,
    /// Why not, where it is certain that it is not allowed.
    pub cause: Option<Cause>,
    /// All causes in that statement: mending one alone may not be enough.
    pub causes: Vec<Cause>,
    /// Whether the account's providers were pasted without the issuer's among them. STS then answers something else
    /// (`InvalidIdentityToken`), before it reads the trust policy.
    pub unregistered: bool,
}

/// The condition keys of a request with a ServiceAccount's token. STS makes a key of a claim by the issuer's host and path (IAM User Guide,
/// "IAM and AWS STS condition context keys", keys for OIDC federation).
struct Token<'a> {
    issuer: Option<&'a str>,
    subject: String,
    audience: Option<&'a str>,
}

impl Context for Token<'_> {
    fn carried(&self, key: &str) -> Carried {
        let Some((prefix, claim)) = key.rsplit_once(':') else {
            return Carried::Unknown;
        };
        let value = match claim.to_ascii_lowercase().as_str() {
            "sub" => Some(self.subject.clone()),
            "aud" => self.audience.map(str::to_owned),
            "amr" => None,
            _ => return Carried::Unknown,
        };
        let own = match self.issuer {
            None => Truth::Unknown,
            Some(issuer) => iam::same(&prefix.to_lowercase(), &issuer.to_lowercase()),
        };
        match (own, value) {
            (Truth::False, _) => Carried::Absent,
            (Truth::True, Some(value)) => Carried::Values(vec![value]),
            (Truth::Unknown, Some(value)) => Carried::Perhaps(vec![value]),
            (Truth::True | Truth::Unknown, None) => Carried::Unknown,
        }
    }
}

/// Decides the exchange of an account's token at a role with that trust policy.
pub fn decide(known: &Known, account: &Account, role: &str, trust: &Trust) -> Exchange {
    let role_arn = IamArn::parse(role);
    let hypotheses: Vec<Option<&str>> = match &known.issuer {
        Some(fact) => vec![Some(fact.value.as_str())],
        None => {
            // The token can only be of an issuer that a statement names, or of one that none names.
            let mut named: Vec<Option<&str>> = trust.policy.issuers().into_iter().map(Some).collect();
            let open = trust.policy.statements.iter().any(|statement| {
                statement.effect == Some(Effect::Allow) && !matches!(statement.principals, Principals::Federated(_))
            });
            if named.is_empty() || open {
                named.push(None);
            }
            named
        }
    };
    let subject = account.subject();
    let decided = hypotheses.into_iter().map(|issuer| {
        let token = Token {
            issuer,
            subject: subject.clone(),
            audience: (account.audience_from != AudienceFrom::Guess).then_some(account.audience.as_str()),
        };
        let decision = trust.policy.decide(&Request {
            action: ACTION,
            issuer,
            account: role_arn.map(|arn| arn.account),
            context: &token,
        });
        (issuer.map(str::to_owned), decision)
    });
    // The most favourable issuer: where even that one is refused, all are.
    let best = decided.max_by_key(|(_, decision)| {
        let closest = decision.statements.iter().map(nearness).max();
        (decision.allowed, closest)
    });
    let (issuer, decision) = best.unwrap_or_else(|| {
        (
            None,
            Decision {
                allowed: Truth::Unknown,
                statements: Vec::new(),
            },
        )
    });
    let unregistered = known.issuer.is_some()
        && known.providers.as_ref().is_some_and(|providers| {
            let arns = || providers.iter().filter_map(|fact| IamArn::parse(&fact.value));
            let same_account =
                role_arn.is_some_and(|role| arns().next().is_some() && arns().all(|arn| arn.account == role.account));
            same_account
                && arns().all(|arn| {
                    let listed = arn.oidc_issuer().unwrap_or_default();
                    iam::same(listed, issuer.as_deref().unwrap_or_default()) == Truth::False
                })
        });
    let mut exchange = Exchange {
        issuer,
        issuer_evidence: known.issuer.as_ref().map(|fact| fact.evidence.clone()),
        statement: deciding(&decision),
        decision,
        cause: None,
        causes: Vec::new(),
        unregistered,
    };
    if exchange.decision.allowed == Truth::False {
        exchange.causes = exchange.find_causes(trust, &subject);
        exchange.cause = exchange.causes.first().copied();
    }
    exchange
}

/// How near a statement comes to allowing: whom it means counts most, then what, then how few conditions fail.
fn nearness(applied: &Applied) -> (bool, Truth, Truth, usize, usize) {
    let failing = applied
        .conditions
        .iter()
        .filter(|tested| tested.truth == Truth::False)
        .count();
    (
        applied.effect == Some(Effect::Allow),
        applied.principal,
        applied.action,
        usize::MAX - failing,
        usize::MAX - applied.index,
    )
}

fn deciding(decision: &Decision) -> Option<usize> {
    let denied = decision.by(Effect::Deny).map(|applied| applied.index);
    let allowed = decision.by(Effect::Allow).map(|applied| applied.index);
    let closest = || {
        let nearest = decision.statements.iter().max_by_key(|applied| nearness(applied));
        nearest.map(|applied| applied.index)
    };
    // Only where something allows, or may, does the denial decide.
    let may_allow = decision
        .statements
        .iter()
        .any(|applied| applied.effect == Some(Effect::Allow) && applied.truth() != Truth::False);
    denied.filter(|_| may_allow).or(allowed).or_else(closest)
}

impl Exchange {
    /// The statement that decided, or came closest.
    pub fn applied(&self) -> Option<&Applied> {
        let index = self.statement?;
        self.decision.statements.iter().find(|applied| applied.index == index)
    }

    fn find_causes(&self, trust: &Trust, subject: &str) -> Vec<Cause> {
        let Some(applied) = self.applied() else {
            return vec![Cause::NoProvider];
        };
        let statement = trust.policy.statements.get(applied.index);
        if applied.effect != Some(Effect::Allow) {
            return vec![if self.decision.by(Effect::Deny).is_some() {
                Cause::Deny
            } else {
                Cause::NoProvider
            }];
        }
        let mut causes: Vec<Cause> = applied
            .conditions
            .iter()
            .filter(|tested| tested.truth == Truth::False)
            .map(|tested| self.cause_of(tested, subject))
            .collect();
        if applied.principal == Truth::False {
            causes = vec![self.cause_of_principal(statement)];
        } else if applied.action == Truth::False {
            causes.push(Cause::Action);
        }
        if causes.is_empty() {
            causes.push(Cause::Deny);
        }
        causes.sort();
        causes.dedup();
        causes
    }

    fn cause_of_principal(&self, statement: Option<&Statement>) -> Cause {
        let issuers: Vec<&str> = statement.map(|one| one.issuers().collect()).unwrap_or_default();
        let Some(own) = &self.issuer else {
            return Cause::NoProvider;
        };
        if issuers.is_empty() {
            Cause::NoProvider
        } else if issuers.iter().any(|issuer| issuer == own) {
            Cause::Account
        } else {
            Cause::Issuer
        }
    }

    fn cause_of(&self, tested: &Tested, subject: &str) -> Cause {
        let condition = &tested.condition;
        let Some((prefix, claim)) = condition.key.rsplit_once(':') else {
            return Cause::Condition;
        };
        if !iam::wants_a_value(&condition.operator) {
            return Cause::Condition;
        }
        if tested.has == Carried::Absent {
            let bare = prefix
                .split_once(":oidc-provider/")
                .map_or(prefix, |(_, issuer)| issuer);
            let own = self.issuer.as_deref().unwrap_or_default();
            return if iam::bare_issuer(bare).eq_ignore_ascii_case(own) {
                Cause::KeyForm
            } else {
                Cause::KeyIssuer
            };
        }
        match claim.to_ascii_lowercase().as_str() {
            "sub" => {
                let meant = !iam::takes_wildcards(&condition.operator)
                    && condition
                        .wants
                        .iter()
                        .any(|wanted| wanted.contains(['*', '?']) && iam::matches(wanted, subject));
                if meant { Cause::Wildcard } else { Cause::Subject }
            }
            "aud" => Cause::Audience,
            _ => Cause::Condition,
        }
    }
}
