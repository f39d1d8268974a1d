//! AUTH-010: the trust policy of a ServiceAccount's role does not let that ServiceAccount's token in.

use crate::evidence::Evidence;
use crate::finding::{Class, Hit, Rule};
use crate::flow::auth::iam::{Condition, Effect, IamArn, Principals, Statement, Tested, Truth};
use crate::flow::auth::web_identity::{AudienceFrom, Cause, Exchange, Known, Trust, WebIdentity, corrected};
use crate::flow::{Details, FlowKind, Flows, Next};
use crate::model::Model;

/// The rule.
pub static RULE: Rule = Rule {
    code: "AUTH-010",
    check,
};

fn check(model: &Model<'_>, flows: &Flows) -> Vec<Hit> {
    let mut hits = Vec::new();
    let mut explained: Vec<Evidence> = Vec::new();
    for (index, flow) in flows.of(FlowKind::Auth) {
        let Details::Auth(details) = &flow.details else {
            continue;
        };
        let Some(found) = details.web_identity.as_deref() else {
            continue;
        };
        explained.extend(found.account.refusals.iter().cloned());
        match (&found.trust, &found.exchange) {
            (Some(trust), Some(exchange)) if exchange.cause.is_some() => {
                hits.extend(proved(index, found, trust, exchange));
            }
            _ if !found.account.refusals.is_empty() => hits.push(Hit::open(questions(found))),
            _ => {}
        }
    }
    let known = Known::new(model);
    if let Some(stray) = known
        .refusals
        .iter()
        .find(|refusal| !explained.contains(&refusal.evidence))
    {
        let scope = stray
            .namespace
            .as_ref()
            .map_or_else(|| "-A".to_owned(), |namespace| format!("-n {namespace}"));
        hits.push(Hit::open(vec![Next {
            command: format!("kubectl get serviceaccounts {scope} -o yaml"),
            decides: vec!["AUTH-010".to_owned()],
            why: "STS refused a token; the ServiceAccount's annotation tells which role's trust policy to read."
                .to_owned(),
        }]));
    }
    hits
}

/// What would settle a refusal that nothing pasted explains.
fn questions(found: &WebIdentity) -> Vec<Next> {
    let allowed = found
        .exchange
        .as_ref()
        .is_some_and(|exchange| exchange.decision.allowed == Truth::True);
    let mut next = Vec::new();
    if allowed {
        next.push(Next {
            command: "aws cloudtrail lookup-events --max-results 5 --lookup-attributes AttributeKey=EventName,AttributeValue=AssumeRoleWithWebIdentity"
                .to_owned(),
            decides: vec!["AUTH-010".to_owned()],
            why: "The pasted trust policy allows this token, yet STS refused: the event names the role, the issuer and the subject that were really used."
                .to_owned(),
        });
    } else if found.trust.as_ref().is_none_or(|trust| !trust.policy.whole) {
        next.extend(found.ask_for_role());
    }
    if !found.providers_pasted {
        next.push(WebIdentity::ask_for_providers());
    }
    next
}

/// How much is claimed. The comparison is of configuration, so it is proved without a log line; what it rests on has to be pasted.
fn class(found: &WebIdentity, trust: &Trust, exchange: &Exchange) -> Class {
    let seen = !found.account.refusals.is_empty();
    let default_audience = found.account.audience_from == AudienceFrom::Default;
    let only_audience = exchange.causes.iter().all(|cause| *cause == Cause::Audience);
    // A pod that has no role of this ServiceAccount does not make the call.
    let unused = found
        .account
        .pod
        .as_ref()
        .is_some_and(|pod| pod.complete && pod.role.is_none());
    let guessed = !trust.certain || (only_audience && default_audience && !seen);
    if guessed || (!seen && (unused || exchange.unregistered)) {
        Class::Risk
    } else {
        Class::Fault
    }
}

/// The page's variant; `None` is the subject's.
fn variant(cause: Cause) -> Option<&'static str> {
    match cause {
        Cause::Subject => None,
        Cause::KeyForm => Some("key-form"),
        Cause::KeyIssuer => Some("key-issuer"),
        Cause::Wildcard => Some("wildcard"),
        Cause::Audience => Some("audience"),
        Cause::Condition => Some("condition"),
        Cause::Deny => Some("deny"),
        Cause::Action => Some("action"),
        Cause::Account => Some("account"),
        Cause::Issuer => Some("issuer"),
        Cause::NoProvider => Some("no-provider"),
    }
}

fn proved(index: usize, found: &WebIdentity, trust: &Trust, exchange: &Exchange) -> Option<Hit> {
    let cause = exchange.cause?;
    let account = &found.account;
    let role_arn = found.role.clone()?;
    let role = found.role_name()?.to_owned();
    let applied = exchange.applied()?;
    let statement = trust.policy.statements.get(applied.index)?;
    let issuer = exchange.issuer.clone().unwrap_or_else(|| "<issuer>".to_owned());
    let arn = IamArn::parse(&role_arn)?;
    let provider = format!("arn:{}:iam::{}:oidc-provider/{issuer}", arn.partition, arn.account);
    let mut hit = Hit::new(
        class(found, trust, exchange),
        format!("ServiceAccount {}", account.path()),
    )
    .with("sa", account.path())
    .with("namespace", account.namespace.clone())
    .with("name", account.name.clone())
    .with("role", role.clone())
    .with("role_arn", role_arn.clone())
    .with("subject", account.subject())
    .with("audience", account.audience.clone())
    .with("issuer", issuer.clone())
    .with("provider", provider)
    .with("statement", (applied.index + 1).to_string())
    .with("trusted", trusted(&trust.policy.statements))
    .with("actions", actions(statement))
    .with("policy", corrected(found).unwrap_or_default());
    hit.variant = variant(cause);
    hit.subjects.push(format!("Role {role}"));
    if let Some(pod) = &account.pod {
        hit.subjects.push(format!("Pod {}", pod.path));
    }
    hit.flow = Some(index);
    if let Some(tested) = failing(exchange, cause) {
        hit = with_condition(hit, &tested.condition, &issuer, &account.subject());
        if cause == Cause::KeyIssuer && statement.issuers().any(|own| own == issuer) {
            hit = hit.with("own_provider", "yes");
        }
    }
    let others: Vec<&str> = exchange
        .causes
        .iter()
        .filter(|other| **other != cause)
        .map(|other| in_words(*other))
        .collect();
    if !others.is_empty() {
        hit = hit.with("also", others.join(", and "));
    }
    if exchange.unregistered {
        hit = hit.with("unregistered", "yes");
    }
    if account.pod_is_older() {
        hit = hit.with("older_pod", "yes");
    }
    if !trust.certain {
        hit = hit.with("uncertain", "yes");
        hit.next.extend(found.ask_for_role());
    }
    cite(&mut hit, found, trust, exchange, statement, cause);
    Some(hit)
}

/// The first condition that fails for that cause.
fn failing(exchange: &Exchange, cause: Cause) -> Option<&Tested> {
    let conditions = &exchange.applied()?.conditions;
    let wanted_claim = match cause {
        Cause::Subject | Cause::Wildcard => Some("sub"),
        Cause::Audience => Some("aud"),
        _ => None,
    };
    let claim = |tested: &Tested| {
        let key = &tested.condition.key;
        key.rsplit(':').next().unwrap_or_default().to_ascii_lowercase()
    };
    let failing = || conditions.iter().filter(|tested| tested.truth == Truth::False);
    match wanted_claim {
        Some(wanted) => failing().find(|tested| claim(tested) == wanted),
        // The subject tells more than the audience.
        None => failing()
            .find(|tested| claim(tested) == "sub")
            .or_else(|| failing().next()),
    }
}

fn with_condition(hit: Hit, condition: &Condition, issuer: &str, subject: &str) -> Hit {
    let claim = condition.key.rsplit(':').next().unwrap_or_default();
    hit.with("operator", condition.operator.clone())
        .with("key", condition.key.clone())
        .with("right_key", format!("{issuer}:{claim}"))
        .with("claim", claim)
        .with("wanted", quoted(&condition.wants))
        .with("differs", differs(&condition.wants, subject))
}

fn quoted(values: &[String]) -> String {
    const SHOWN: usize = 4;
    let mut shown: Vec<String> = values.iter().take(SHOWN).map(|value| format!("`{value}`")).collect();
    if values.len() > SHOWN {
        shown.push(format!("{} more", values.len() - SHOWN));
    }
    shown.join(" or ")
}

/// In what the wanted subject nearest to the token's differs from it.
fn differs(wanted: &[String], subject: &str) -> String {
    let parts = |text: &str| -> Option<(String, String)> {
        let (namespace, name) = text.strip_prefix("system:serviceaccount:")?.split_once(':')?;
        Some((namespace.to_owned(), name.to_owned()))
    };
    let Some((namespace, name)) = parts(subject) else {
        return "the subject".to_owned();
    };
    let subjects: Vec<(String, String)> = wanted.iter().filter_map(|text| parts(text)).collect();
    if subjects.iter().any(|(_, other)| *other == name) {
        "the namespace".to_owned()
    } else if subjects.iter().any(|(other, _)| *other == namespace) {
        "the name".to_owned()
    } else if subjects.is_empty() {
        "the whole form: a ServiceAccount's subject is `system:serviceaccount:NAMESPACE:NAME`".to_owned()
    } else {
        "both the namespace and the name".to_owned()
    }
}

/// The issuers, or whatever else, that the allowing statements trust.
fn trusted(statements: &[Statement]) -> String {
    let mut all: Vec<String> = Vec::new();
    for statement in statements {
        if statement.effect != Some(Effect::Allow) {
            continue;
        }
        if let Principals::Federated(written) = &statement.principals {
            for one in written {
                if !all.contains(&one.text) {
                    all.push(one.text.clone());
                }
            }
        }
    }
    if all.is_empty() {
        "no identity provider".to_owned()
    } else {
        quoted(&all)
    }
}

fn actions(statement: &Statement) -> String {
    let names: Vec<String> = statement.actions.iter().map(|action| action.text.clone()).collect();
    if statement.not_action {
        format!("everything but {}", quoted(&names))
    } else {
        quoted(&names)
    }
}

fn in_words(cause: Cause) -> &'static str {
    match cause {
        Cause::KeyForm => "a condition key that is not the bare issuer",
        Cause::KeyIssuer => "a condition key of another issuer",
        Cause::Wildcard => "a wildcard under an operator that takes none",
        Cause::Subject => "the subject",
        Cause::Audience => "the audience",
        Cause::Condition => "another condition",
        Cause::Deny => "a denial",
        Cause::Action => "the action",
        Cause::Account => "the provider's account",
        Cause::Issuer | Cause::NoProvider => "the provider",
    }
}

fn cite(hit: &mut Hit, found: &WebIdentity, trust: &Trust, exchange: &Exchange, statement: &Statement, cause: Cause) {
    let account = &found.account;
    let mut put = |name: &'static str, evidence: Vec<Evidence>| {
        if !evidence.is_empty() {
            hit.evidence.insert(name, evidence);
        }
    };
    put("error", account.refusals.iter().take(3).cloned().collect());
    put("role", found.role_evidence().into_iter().collect());
    put("sa", account.evidence.iter().cloned().collect());
    put("aud", account.audience_evidence.iter().cloned().collect());
    put("issuer", exchange.issuer_evidence.iter().cloned().collect());
    put("policy", vec![trust.policy.evidence.clone()]);
    put("statement", vec![statement.evidence.clone()]);
    put(
        "action",
        statement.actions.iter().map(|one| one.evidence.clone()).collect(),
    );
    let principals = match &statement.principals {
        Principals::Federated(all) if !all.is_empty() => all.iter().map(|one| one.evidence.clone()).collect(),
        _ => vec![statement.evidence.clone()],
    };
    put("principal", principals);
    let failing: Vec<Evidence> = failing(exchange, cause)
        .map(|tested| tested.condition.evidence.clone())
        .into_iter()
        .collect();
    put("condition", failing);
}

#[cfg(test)]
mod tests {
    use crate::analysis::{Analysis, Input, analyze};
    use crate::finding::page::{self, CaseKind};

    fn run(paste: &str) -> Analysis {
        let input = Input {
            name: "paste 1".to_owned(),
            bytes: paste.as_bytes().to_vec(),
        };
        analyze(vec![input], &mut |_| ())
    }

    #[test]
    fn every_case_of_the_page_holds() {
        let page = page::ALL.get("AUTH-010").expect("the page parses");
        for case in &page.cases {
            let analysis = run(&case.paste);
            let found = analysis.findings.iter().find(|finding| finding.code == "AUTH-010");
            let asked = analysis
                .next
                .iter()
                .any(|next| next.decides.iter().any(|code| code == "AUTH-010"));
            let shown = found.map(|finding| (finding.class, finding.title.as_str()));
            match case.kind {
                CaseKind::Trigger => {
                    let finding = found.unwrap_or_else(|| panic!("{}: nothing found", case.id));
                    assert_eq!(finding.class, crate::finding::Class::Fault, "{}", case.id);
                    let variant = case.variant.as_deref();
                    let title = page.title(variant);
                    let (before, _) = title.split_once('{').expect("titles have placeholders");
                    assert!(finding.title.starts_with(before), "{}: {}", case.id, finding.title);
                    let wanted = page.section("Whys", variant).lines().nth(3).expect("four whys");
                    let first = wanted
                        .split(['{', '['])
                        .next()
                        .expect("a part")
                        .trim_start_matches(|c: char| !c.is_alphabetic());
                    assert!(
                        finding.whys.iter().any(|why| why.text.starts_with(first.trim())),
                        "{}: the whys of {variant:?} are not shown",
                        case.id
                    );
                    for text in
                        finding
                            .whys
                            .iter()
                            .map(|why| &why.text)
                            .chain([&finding.title, &finding.fix, &finding.verify])
                    {
                        assert!(!text.contains('…'), "{}: a value is missing in: {text}", case.id);
                    }
                    assert!(!finding.evidence.is_empty(), "{}", case.id);
                }
                CaseKind::NearMiss => assert_eq!(shown, None, "{}", case.id),
                CaseKind::Insufficient => {
                    assert_eq!(shown, None, "{}", case.id);
                    assert!(asked, "{}: nothing asks for AUTH-010: {:?}", case.id, analysis.next);
                }
            }
        }
    }
}
