//! The steps of the exchange, with both sides of every comparison.

use super::account::{AudienceFrom, PodFacts, TOKEN_FILE};
use super::exchange::{ACTION, Cause};
use super::known::Known;
use super::{Trust, WebIdentity};
use crate::evidence::Evidence;
use crate::flow::auth::iam::{Applied, Carried, Effect, IamArn, Principals, Statement, Tested, Truth, obscured};
use crate::flow::{Actor, ActorKind, Check, Reason, Step, Verdict};

fn actor(id: impl Into<String>, kind: ActorKind, name: impl Into<String>, details: Vec<String>) -> Actor {
    Actor {
        id: id.into(),
        kind,
        name: name.into(),
        details,
        zones: Vec::new(),
    }
}

/// All steps. The last is the call that the role is wanted for.
pub(super) fn steps(known: &Known, found: &WebIdentity, wanted: Option<&str>) -> Vec<Step> {
    let account = &found.account;
    let pod = actor(
        format!("pod:{}", account.path()),
        ActorKind::Pod,
        account
            .pod
            .as_ref()
            .map_or_else(|| format!("pods of {}", account.name), |pod| pod.name.clone()),
        vec![format!("sa {}", account.path())],
    );
    let token = actor(
        format!("token:{}", account.path()),
        ActorKind::Credential,
        "projected token",
        vec![format!("aud {}", account.audience)],
    );
    let sts = actor(
        "aws:sts",
        ActorKind::Server,
        "STS",
        vec!["AssumeRoleWithWebIdentity".to_owned()],
    );
    let exchange = exchange_step(known, found, token.clone(), sts);
    let reached = exchange.verdict;
    vec![
        inject_step(found, &pod),
        issue_step(known, found, pod.clone(), token),
        exchange,
        call_step(found, pod, wanted, reached),
    ]
}

/// The webhook gives the pod the role's ARN and a place for the token.
fn inject_step(found: &WebIdentity, pod: &Actor) -> Step {
    let account = &found.account;
    let webhook = actor(
        "webhook:pod-identity",
        ActorKind::Server,
        "pod-identity-webhook",
        vec!["mutating webhook".to_owned()],
    );
    let mut step = Step::new(webhook, "adds the role and a token volume", Verdict::Unknown);
    step.to = Some(pod.clone());
    if let Some(annotated) = &account.annotation {
        step.before.push(("role-arn", annotated.value.clone()));
        step.evidence.push(annotated.evidence.clone());
    }
    match &account.pod {
        Some(given @ PodFacts { role: Some(role), .. }) => {
            step.after.push(("AWS_ROLE_ARN", role.value.clone()));
            step.evidence.push(role.evidence.clone());
            if let Some(file) = &given.token_file {
                step.after.push(("AWS_WEB_IDENTITY_TOKEN_FILE", file.value.clone()));
                step.evidence.push(file.evidence.clone());
                step.verdict = Verdict::Passes;
            } else {
                step.note = Some("AWS_ROLE_ARN is set, but no AWS_WEB_IDENTITY_TOKEN_FILE was pasted.".to_owned());
            }
            if account.pod_is_older() {
                step.note = Some(
                    "The pod was given another role than the annotation names now: the webhook acts only when a pod is created."
                        .to_owned(),
                );
            }
        }
        Some(given) if given.complete => {
            step.evidence.extend(given.evidence.clone());
            step.note = Some(if let Some(evidence) = &given.pod_identity {
                step.evidence.push(evidence.clone());
                "The pod uses EKS Pod Identity, to which the webhook gives precedence over the annotation.".to_owned()
            } else {
                "This pod has no AWS_ROLE_ARN: the webhook did not act on it, as when a pod is older than the annotation.".to_owned()
            });
        }
        Some(_) | None if account.annotation.is_some() => {
            step.verdict = Verdict::Assumed;
            step.after.push(("AWS_WEB_IDENTITY_TOKEN_FILE", TOKEN_FILE.to_owned()));
            step.note =
                Some("On EKS the webhook acts on every pod that is created while the annotation is there.".to_owned());
        }
        Some(_) | None => {
            step.note = Some("No role is known for this ServiceAccount.".to_owned());
        }
    }
    step
}

/// The API server issues the token that the kubelet mounts.
fn issue_step(known: &Known, found: &WebIdentity, pod: Actor, token: Actor) -> Step {
    let account = &found.account;
    let mut step = Step::new(pod, "mounts a token of the API server", Verdict::Passes);
    step.to = Some(token);
    if let Some(issuer) = &known.issuer {
        step.after.push(("iss", format!("https://{}", issuer.value)));
        step.evidence.push(issuer.evidence.clone());
    }
    step.after.push(("sub", account.subject()));
    step.after.push(("aud", account.audience.clone()));
    step.evidence.extend(account.evidence.clone());
    step.evidence.extend(account.audience_evidence.clone());
    let audience_read = matches!(account.audience_from, AudienceFrom::Pod | AudienceFrom::Annotation);
    if known.issuer.is_none() || !audience_read {
        step.verdict = Verdict::Assumed;
        let mut defaults = vec!["the API server writes the ServiceAccount's namespace and name into sub"];
        if !audience_read {
            defaults.push("the webhook's default audience is sts.amazonaws.com");
        }
        if known.issuer.is_none() {
            defaults.push("the issuer was not pasted");
        }
        step.note = Some(defaults.join("; "));
    }
    if account.role.is_none() {
        step.verdict = Verdict::Unknown;
    }
    step
}

/// STS compares the token with the role's trust policy.
fn exchange_step(known: &Known, found: &WebIdentity, token: Actor, sts: Actor) -> Step {
    let account = &found.account;
    let mut step = Step::new(token, ACTION, Verdict::Unknown);
    step.to = Some(sts);
    if let Some(issuer) = &known.issuer {
        step.before.push(("iss", format!("https://{}", issuer.value)));
    }
    step.before.push(("sub", account.subject()));
    step.before.push(("aud", account.audience.clone()));
    if let Some(role) = &found.role {
        step.before.push(("role", role.clone()));
    }
    step.evidence.extend(account.refusals.first().cloned());
    step.seen = !account.refusals.is_empty();
    let (Some(trust), Some(exchange)) = (&found.trust, &found.exchange) else {
        if step.seen {
            step.verdict = Verdict::Blocked;
            step.note = Some("STS refused; the role's trust policy, which says why, was not pasted.".to_owned());
        } else {
            step.note = Some("The role's trust policy was not pasted.".to_owned());
        }
        return step;
    };
    step.checks = checks(known, found, trust);
    for check in &step.checks {
        for evidence in &check.evidence {
            if !step.evidence.contains(evidence) {
                step.evidence.push(evidence.clone());
            }
        }
    }
    let assumed = step.checks.iter().any(|check| check.verdict == Verdict::Assumed);
    match exchange.decision.allowed {
        Truth::False if trust.certain || step.seen => {
            step.verdict = Verdict::Blocked;
            step.reason = exchange.cause.map(reason);
        }
        Truth::False => {
            step.note =
                Some("This trust policy would refuse; that it is this role's was not pasted with it.".to_owned());
        }
        Truth::True if step.seen => {
            step.note = Some(
                "The pasted trust policy allows this token, yet STS refused: it was changed since, or another policy of the organisation denies."
                    .to_owned(),
            );
        }
        Truth::True if exchange.unregistered => {
            step.verdict = Verdict::Blocked;
            step.note =
                Some("The account has no OIDC provider for this issuer, so STS accepts none of its tokens.".to_owned());
        }
        Truth::True if !trust.certain => {
            step.note =
                Some("This trust policy would allow; that it is this role's was not pasted with it.".to_owned());
        }
        Truth::True => {
            step.verdict = if assumed { Verdict::Assumed } else { Verdict::Passes };
            step.after.extend(session(found));
            if assumed {
                step.note = Some(if known.issuer.is_none() {
                    "The cluster's issuer was not pasted: it is taken to be the one that the policy trusts.".to_owned()
                } else {
                    "The token's audience is the webhook's default.".to_owned()
                });
            }
        }
        Truth::Unknown => {
            step.note = Some(if trust.policy.whole {
                "The policy rests on values that were not pasted, or were blacked out.".to_owned()
            } else {
                "The trust policy was not pasted whole.".to_owned()
            });
        }
    }
    step
}

/// What the credentials that STS hands out are called.
fn session(found: &WebIdentity) -> Option<(&'static str, String)> {
    let arn = IamArn::parse(found.role.as_deref()?)?;
    Some((
        "arn",
        format!(
            "arn:{}:sts::{}:assumed-role/{}/<session>",
            arn.partition,
            arn.account,
            arn.role_name()?
        ),
    ))
}

/// What the credentials are wanted for.
fn call_step(found: &WebIdentity, pod: Actor, wanted: Option<&str>, exchange: Verdict) -> Step {
    let service = wanted.and_then(|action| action.split(':').next()).unwrap_or_default();
    let api = actor(
        "aws:api",
        ActorKind::Server,
        if service.is_empty() {
            "AWS API".to_owned()
        } else {
            service.to_uppercase()
        },
        Vec::new(),
    );
    let mut step = Step::new(
        pod,
        wanted.unwrap_or("calls AWS with the role's credentials"),
        Verdict::Unknown,
    );
    step.to = Some(api);
    step.before
        .extend(session(found).filter(|_| exchange != Verdict::Blocked));
    step.note = Some(if exchange == Verdict::Blocked {
        "not reached".to_owned()
    } else {
        "What the role may do is decided by its permission policies.".to_owned()
    });
    step
}

fn reason(cause: Cause) -> Reason {
    match cause {
        Cause::KeyForm | Cause::KeyIssuer | Cause::Wildcard | Cause::Subject | Cause::Audience | Cause::Condition => {
            Reason::ConditionNotMet
        }
        Cause::Action => Reason::ActionNotAllowed,
        Cause::Deny | Cause::Account | Cause::Issuer | Cause::NoProvider => Reason::PrincipalNotTrusted,
    }
}

/// The comparisons: issuer, action, then the conditions, the audience before the subject.
fn checks(known: &Known, found: &WebIdentity, trust: &Trust) -> Vec<Check> {
    let Some(exchange) = &found.exchange else {
        return Vec::new();
    };
    let mut checks = Vec::new();
    let Some((applied, statement)) = exchange
        .applied()
        .and_then(|applied| Some((applied, trust.policy.statements.get(applied.index)?)))
    else {
        return checks;
    };
    checks.push(issuer_check(known, found, applied, statement));
    if let Some(providers) = &known.providers {
        checks.push(provider_check(
            exchange.issuer.as_deref(),
            exchange.unregistered,
            known,
            providers,
        ));
    }
    let allows = applied.effect == Some(Effect::Allow);
    checks.push(Check {
        what: "action".to_owned(),
        has_label: "pod asks for".to_owned(),
        has: Some(ACTION.to_owned()),
        wants_label: match (allows, statement.not_action) {
            (true, false) => "policy allows".to_owned(),
            (true, true) => "policy allows all but".to_owned(),
            (false, false) => "policy denies".to_owned(),
            (false, true) => "policy denies all but".to_owned(),
        },
        wants: statement.actions.iter().map(|action| action.text.clone()).collect(),
        verdict: verdict(if allows { applied.action } else { !applied.action }),
        evidence: statement.actions.iter().map(|action| action.evidence.clone()).collect(),
    });
    let mut conditions: Vec<&Tested> = applied.conditions.iter().collect();
    conditions.sort_by_key(|tested| match claim(tested) {
        "aud" => 0,
        "sub" => 1,
        _ => 2,
    });
    checks.extend(
        conditions
            .into_iter()
            .map(|tested| condition_check(found, tested, allows)),
    );
    checks
}

fn claim(tested: &Tested) -> &str {
    tested.condition.key.rsplit(':').next().unwrap_or_default()
}

fn verdict(truth: Truth) -> Verdict {
    match truth {
        Truth::True => Verdict::Passes,
        Truth::Unknown => Verdict::Unknown,
        Truth::False => Verdict::Blocked,
    }
}

fn issuer_check(known: &Known, found: &WebIdentity, applied: &Applied, statement: &Statement) -> Check {
    let (wants, mut evidence): (Vec<String>, Vec<Evidence>) = match &statement.principals {
        Principals::Federated(all) => (
            all.iter()
                .map(|one| match IamArn::parse(&one.text) {
                    // Only where the account is what differs is the ARN the telling part.
                    Some(arn) if found.exchange.as_ref().and_then(|e| e.cause) != Some(Cause::Account) => {
                        arn.oidc_issuer().unwrap_or(&one.text).to_owned()
                    }
                    _ => one.text.clone(),
                })
                .collect(),
            all.iter().map(|one| one.evidence.clone()).collect(),
        ),
        Principals::Everybody => (vec!["*".to_owned()], vec![statement.evidence.clone()]),
        Principals::Unclear => (Vec::new(), vec![statement.evidence.clone()]),
    };
    evidence.extend(known.issuer.as_ref().map(|fact| fact.evidence.clone()));
    if wants.is_empty() {
        evidence.push(statement.evidence.clone());
    }
    let allows = applied.effect == Some(Effect::Allow);
    let truth = if allows { applied.principal } else { !applied.principal };
    Check {
        what: "issuer".to_owned(),
        has_label: "token says".to_owned(),
        has: known.issuer.as_ref().map(|fact| fact.value.clone()),
        wants_label: if allows { "policy trusts" } else { "policy denies" }.to_owned(),
        wants,
        verdict: match truth {
            Truth::True if known.issuer.is_none() => Verdict::Assumed,
            other => verdict(other),
        },
        evidence,
    }
}

fn provider_check(
    issuer: Option<&str>,
    unregistered: bool,
    known: &Known,
    providers: &[crate::evidence::Fact<String>],
) -> Check {
    let listed = providers
        .iter()
        .find(|fact| issuer.is_some() && IamArn::parse(&fact.value).and_then(|arn| arn.oidc_issuer()) == issuer);
    let own = known.issuer.is_some();
    Check {
        what: "provider".to_owned(),
        has_label: "token's issuer".to_owned(),
        has: issuer.filter(|_| own).map(str::to_owned),
        wants_label: "account has".to_owned(),
        wants: match listed {
            Some(fact) => vec![fact.value.clone()],
            None => providers.iter().take(4).map(|fact| fact.value.clone()).collect(),
        },
        verdict: match listed {
            Some(_) if own => Verdict::Passes,
            Some(_) => Verdict::Assumed,
            None if unregistered => Verdict::Blocked,
            None => Verdict::Unknown,
        },
        evidence: match listed {
            Some(fact) => vec![fact.evidence.clone()],
            None => providers.iter().take(4).map(|fact| fact.evidence.clone()).collect(),
        },
    }
}

fn condition_check(found: &WebIdentity, tested: &Tested, allows: bool) -> Check {
    let account = &found.account;
    let condition = &tested.condition;
    let mut evidence = vec![condition.evidence.clone()];
    let claim = claim(tested);
    // The key is another issuer's, or in another form: its name is what has to be compared, not its value.
    if tested.has == Carried::Absent && allows && tested.truth == Truth::False {
        let issuer = found.exchange.as_ref().and_then(|exchange| exchange.issuer.as_deref());
        evidence.extend(
            found
                .exchange
                .as_ref()
                .and_then(|exchange| exchange.issuer_evidence.clone()),
        );
        return Check {
            what: format!("key of {claim}"),
            has_label: "token carries".to_owned(),
            has: issuer.map(|issuer| format!("{issuer}:{claim}")),
            wants_label: "policy asks for".to_owned(),
            wants: vec![condition.key.clone()],
            verdict: Verdict::Blocked,
            evidence,
        };
    }
    let has = match &tested.has {
        Carried::Values(values) | Carried::Perhaps(values) => values.first().cloned(),
        Carried::Absent | Carried::Unknown => None,
    };
    let default_audience = claim.eq_ignore_ascii_case("aud")
        && matches!(account.audience_from, AudienceFrom::Default | AudienceFrom::Guess);
    if claim.eq_ignore_ascii_case("aud") {
        evidence.extend(account.audience_evidence.clone());
    } else if claim.eq_ignore_ascii_case("sub") {
        evidence.extend(account.evidence.clone());
    }
    let truth = if allows { tested.truth } else { !tested.truth };
    Check {
        what: match claim {
            "sub" | "aud" => claim.to_owned(),
            _ => condition.key.clone(),
        },
        has_label: "token says".to_owned(),
        has: has.filter(|value| !obscured(value)),
        wants_label: format!("policy wants ({})", condition.operator),
        wants: condition.wants.clone(),
        verdict: match truth {
            Truth::True if default_audience => Verdict::Assumed,
            other => verdict(other),
        },
        evidence,
    }
}
