//! The trust policy as it would let the token in, with as little else changed as that takes.

use serde_json::{Map, Value, json};

use super::exchange::{ACTION, Cause, Exchange};
use super::{Account, Trust, WebIdentity};
use crate::flow::auth::iam::{self, IamArn, Tested, Truth};

/// The whole corrected policy as JSON; `None` where nothing is certainly wrong, or where it takes a person to decide (a
/// denial, a condition on something else than the token).
pub fn corrected(found: &WebIdentity) -> Option<String> {
    let (trust, exchange) = (found.trust.as_ref()?, found.exchange.as_ref()?);
    let issuer = exchange.issuer.as_deref().filter(|issuer| !iam::obscured(issuer))?;
    let role = IamArn::parse(found.role.as_deref()?)?;
    if exchange
        .causes
        .iter()
        .any(|cause| matches!(cause, Cause::Deny | Cause::Condition))
    {
        return None;
    }
    let provider = format!("arn:{}:iam::{}:oidc-provider/{issuer}", role.partition, role.account);
    let mut policy = trust.value.clone();
    match exchange.cause? {
        Cause::Issuer | Cause::NoProvider => add_statement(&mut policy, fresh(&provider, issuer, &found.account)),
        _ => mend(&mut policy, trust, exchange, &provider, issuer, &found.account)?,
    }
    serde_json::to_string_pretty(&policy).ok()
}

/// The documented statement (EKS User Guide, "Assign IAM roles to Kubernetes service accounts").
fn fresh(provider: &str, issuer: &str, account: &Account) -> Value {
    json!({
        "Effect": "Allow",
        "Principal": { "Federated": provider },
        "Action": ACTION,
        "Condition": { "StringEquals": {
            format!("{issuer}:aud"): account.audience,
            format!("{issuer}:sub"): account.subject(),
        } },
    })
}

/// Other clusters and other users of the role keep what they have.
fn add_statement(policy: &mut Value, statement: Value) {
    match policy.get_mut("Statement") {
        Some(Value::Array(statements)) => statements.push(statement),
        Some(single) => *single = Value::Array(vec![single.take(), statement]),
        None => {}
    }
}

fn mend(
    policy: &mut Value,
    trust: &Trust,
    exchange: &Exchange,
    provider: &str,
    issuer: &str,
    account: &Account,
) -> Option<()> {
    let applied = exchange.applied()?;
    let statements = policy.get_mut("Statement")?;
    let statement = match statements {
        Value::Array(all) => all.get_mut(applied.index)?,
        single => single,
    };
    let statement = statement.as_object_mut()?;
    if applied.principal == Truth::False {
        statement.insert("Principal".into(), json!({ "Federated": provider }));
    }
    if applied.action == Truth::False && !trust.policy.statements.get(applied.index)?.not_action {
        statement.insert("Action".into(), json!(ACTION));
    }
    let failing: Vec<&Tested> = applied
        .conditions
        .iter()
        .filter(|tested| tested.truth == Truth::False)
        .collect();
    if failing.is_empty() {
        return Some(());
    }
    let conditions = statement.get_mut("Condition")?.as_object_mut()?;
    for tested in failing {
        let condition = &tested.condition;
        let claim = condition.key.rsplit_once(':')?.1.to_ascii_lowercase();
        let own = match claim.as_str() {
            "sub" => account.subject(),
            "aud" => account.audience.clone(),
            _ => return None,
        };
        let keys = conditions.get_mut(&condition.operator)?.as_object_mut()?;
        keys.remove(&condition.key)?;
        if keys.is_empty() {
            conditions.remove(&condition.operator);
        }
        // A value that matched others still does; one with a wildcard that nothing expands matched nobody.
        let keeps = matches!(tested.has, iam::Carried::Values(_) | iam::Carried::Perhaps(_));
        let like = iam::takes_wildcards(&condition.operator);
        let mut values: Vec<String> = condition
            .wants
            .iter()
            .filter(|wanted| keeps && (like || !wanted.contains(['*', '?'])))
            .cloned()
            .collect();
        if !keeps && like && condition.wants.iter().any(|wanted| iam::matches(wanted, &own)) {
            values.clone_from(&condition.wants);
        } else {
            values.push(own);
        }
        let operator = if like { "StringLike" } else { "StringEquals" };
        let into = conditions
            .entry(operator)
            .or_insert_with(|| Value::Object(Map::new()))
            .as_object_mut()?;
        into.insert(
            format!("{issuer}:{claim}"),
            match values.as_slice() {
                [one] => json!(one),
                all => json!(all),
            },
        );
    }
    Some(())
}
