//! Whole policies against requests.

use serde_json::{Value, json};

use super::{Carried, Context, Effect, Policy, Request, Truth};
use crate::artifact::{ArtifactId, Document, Node, Syntax};
use crate::text::{SourceId, Span};

const ISSUER: &str = "oidc.eks.eu-west-1.amazonaws.com/id/AAAA1111AAAA1111AAAA1111AAAA1111";
const ACTION: &str = "sts:AssumeRoleWithWebIdentity";

struct Token;

impl Context for Token {
    fn carried(&self, key: &str) -> Carried {
        match key.to_lowercase() {
            key if key == format!("{ISSUER}:sub").to_lowercase() => {
                Carried::Values(vec!["system:serviceaccount:shop:uploader".into()])
            }
            key if key == format!("{ISSUER}:aud").to_lowercase() => Carried::Values(vec!["sts.amazonaws.com".into()]),
            key if key.starts_with("aws:") => Carried::Unknown,
            _ => Carried::Absent,
        }
    }
}

fn read(value: Value, whole: bool) -> Policy {
    let document = Document {
        span: Span {
            source: SourceId(0),
            start: 0,
            end: 0,
        },
        syntax: Syntax::Json,
        value: value.into(),
        prefix: String::new(),
        complete: true,
        cut: crate::artifact::Cut::Nowhere,
        cells: std::collections::BTreeMap::new(),
        places: crate::artifact::Places::default(),
    };
    Policy::read(&Node::root(ArtifactId(0), &document), whole).expect("it has statements")
}

#[allow(clippy::needless_pass_by_value, reason = "every caller makes the value for it")]
fn allowed(statement: Value) -> Truth {
    decide(&read(json!({ "Statement": statement }), true))
}

fn decide(policy: &Policy) -> Truth {
    policy
        .decide(&Request {
            action: ACTION,
            issuer: Some(ISSUER),
            account: Some("111122223333"),
            context: &Token,
        })
        .allowed
}

fn provider(issuer: &str) -> String {
    format!("arn:aws:iam::111122223333:oidc-provider/{issuer}")
}

fn statement(change: impl FnOnce(&mut Value)) -> Value {
    let mut statement = json!({
        "Effect": "Allow",
        "Principal": { "Federated": provider(ISSUER) },
        "Action": ACTION,
        "Condition": { "StringEquals": {
            format!("{ISSUER}:aud"): "sts.amazonaws.com",
            format!("{ISSUER}:sub"): "system:serviceaccount:shop:uploader",
        } },
    });
    change(&mut statement);
    statement
}

#[test]
fn the_documented_policy_allows() {
    assert_eq!(allowed(statement(|_| ())), Truth::True);
    assert_eq!(allowed(json!([statement(|_| ())])), Truth::True);
}

#[test]
fn every_condition_has_to_hold() {
    let other = statement(|s| {
        s["Condition"]["StringEquals"][format!("{ISSUER}:sub")] = json!("system:serviceaccount:default:uploader");
    });
    assert_eq!(allowed(other.clone()), Truth::False);
    assert_eq!(
        allowed(json!([other, statement(|_| ())])),
        Truth::True,
        "a second statement allows"
    );
    let source = statement(|s| s["Condition"]["StringEquals"]["aws:SourceVpc"] = json!("vpc-1"));
    assert_eq!(allowed(source), Truth::Unknown);
}

#[test]
fn names_of_keys_do_not_mind_case_and_nothing_else() {
    let upper = statement(|s| {
        s["Condition"] = json!({ "StringEquals": { format!("{}:SUB", ISSUER.to_uppercase()): "system:serviceaccount:shop:uploader" } });
    });
    assert_eq!(allowed(upper), Truth::True);
    for prefix in [provider(ISSUER), format!("https://{ISSUER}")] {
        let keyed = statement(|s| {
            s["Condition"] =
                json!({ "StringEquals": { format!("{prefix}:sub"): "system:serviceaccount:shop:uploader" } });
        });
        assert_eq!(allowed(keyed), Truth::False, "{prefix}");
    }
}

#[test]
fn a_denial_outweighs() {
    let deny = |condition: Value| json!([statement(|_| ()), { "Effect": "Deny", "Principal": "*", "Action": "*", "Condition": condition }]);
    assert_eq!(allowed(deny(json!({}))), Truth::False);
    assert_eq!(
        allowed(deny(
            json!({ "StringNotLike": { format!("{ISSUER}:sub"): "system:serviceaccount:shop:*" } })
        )),
        Truth::True
    );
    assert_eq!(
        allowed(deny(json!({ "StringEquals": { "aws:SourceIp": "1.2.3.4" } }))),
        Truth::Unknown
    );
    let policy = read(json!({ "Statement": deny(json!({})) }), true);
    let decision = policy.decide(&Request {
        action: ACTION,
        issuer: Some(ISSUER),
        account: None,
        context: &Token,
    });
    assert_eq!(decision.by(Effect::Deny).map(|applied| applied.index), Some(1));
}

#[test]
fn principals() {
    let with = |principal: Value| allowed(statement(|s| s["Principal"] = principal));
    assert_eq!(
        with(json!({ "Federated": ["accounts.google.com", provider(ISSUER)] })),
        Truth::True
    );
    assert_eq!(
        with(json!({ "Federated": provider("oidc.eks.eu-west-1.amazonaws.com/id/BBBB") })),
        Truth::False
    );
    assert_eq!(
        with(json!({ "Federated": provider(ISSUER).replace("1111222", "9999222") })),
        Truth::False
    );
    assert_eq!(
        with(json!({ "Federated": provider(ISSUER).replace("111122223333", "<account>") })),
        Truth::Unknown
    );
    assert_eq!(with(json!({ "Service": "ec2.amazonaws.com" })), Truth::False);
    assert_eq!(with(json!("*")), Truth::True);
    assert_eq!(with(json!({ "AWS": "*" })), Truth::True);
    let not = statement(|s| {
        s["Principal"] = Value::Null;
        s["NotPrincipal"] = json!({ "AWS": "arn:aws:iam::1:root" });
    });
    assert_eq!(allowed(not), Truth::Unknown);
}

#[test]
fn actions() {
    let with = |action: Value| allowed(statement(|s| s["Action"] = action));
    assert_eq!(
        with(json!(["sts:TagSession", "STS:assumerolewithwebidentity"])),
        Truth::True
    );
    assert_eq!(with(json!("sts:AssumeRole*")), Truth::True);
    assert_eq!(with(json!("sts:AssumeRole")), Truth::False);
    let not = statement(|s| {
        s["Action"] = Value::Null;
        s["NotAction"] = json!("sts:TagSession");
    });
    assert_eq!(allowed(not), Truth::True);
}

#[test]
fn a_cut_policy_decides_nothing() {
    let other = statement(|s| s["Action"] = json!("sts:AssumeRole"));
    assert_eq!(decide(&read(json!({ "Statement": [other] }), false)), Truth::Unknown);
    assert_eq!(allowed(json!([{ "Effect": "All" }])), Truth::Unknown);
}
