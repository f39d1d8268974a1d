//! Which operation a document answers, told by its members' names and types alone.

use super::shapes::{self, Kind, Operation, Shape};
use crate::artifact::Value;

/// What the members of a document tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// Only this operation of this service answers so.
    Operation(&'static str, &'static str),
    /// Several operations of these services do; the services in the order of their names.
    Services(Vec<&'static str>),
}

impl Told {
    /// The kind of the artifact: `aws/ec2/describe-vpcs`, or `aws/ec2` where several operations answer so.
    pub fn kind(&self) -> String {
        match self {
            Self::Operation(service, operation) => format!("aws/{service}/{operation}"),
            Self::Services(services) => format!("aws/{}", services.join("|")),
        }
    }
}

/// How deep and how many elements of a list are compared.
const DEPTH: usize = 8;
const ELEMENTS: usize = 20;

/// aws-cli's own sign that there is more: it stands in any answer that `--max-items` cut (aws-cli user guide, "Pagination").
const MORE: &str = "NextToken";

/// The operations whose answer has all of these members at its root.
fn with_all(keys: &[&str]) -> Vec<Operation> {
    let telling: Vec<&str> = keys.iter().copied().filter(|key| *key != MORE).collect();
    let Some((first, others)) = telling.split_first() else {
        return Vec::new();
    };
    shapes::with_member(first)
        .iter()
        .copied()
        .filter(|operation| {
            others.is_empty()
                || operation
                    .shape()
                    .is_some_and(|shape| others.iter().all(|key| shape.member(key).is_some()))
        })
        .collect()
}

/// Whether a JSON text with these members at its root is an answer of an AWS API.
pub(crate) fn recognises(keys: &[String]) -> bool {
    let has = |wanted: &str| keys.iter().any(|key| key == wanted);
    if has("apiVersion") {
        return false;
    }
    if has("Statement") && has("Version") {
        return true;
    }
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    // Names in lower case are everybody's: one scalar of them tells nothing.
    with_all(&keys)
        .iter()
        .filter_map(|operation| operation.shape())
        .any(|shape| {
            keys.len() > 2
                || keys.iter().any(|key| {
                    key.starts_with(|c: char| c.is_ascii_uppercase())
                        || shape.member(key).is_some_and(|member| !member.is_scalar())
                })
        })
}

/// A member at the root of a document, and the names of what is in it, or in its first element.
pub(crate) type Member<'a> = (&'a str, Vec<&'a str>);

/// Whether a document with these members, and these members of them, is an answer of an AWS API. Names alone are everybody's, so that
/// three of a structure are asked for, or three at the root.
pub(crate) fn recognises_outline(members: &[Member<'_>]) -> bool {
    let keys: Vec<&str> = members.iter().map(|(name, _)| *name).collect();
    if keys.contains(&"apiVersion") || keys.contains(&"kind") {
        return false;
    }
    let enough = |names: &[&str]| names.len() > 2;
    with_all(&keys)
        .iter()
        .filter_map(|operation| operation.shape())
        .any(|shape| {
            let inside = |name: &str, names: &[&str]| {
                let Some(member) = shape.member(name) else {
                    return name == MORE;
                };
                let member = member.element().unwrap_or(member);
                names.is_empty() || names.iter().all(|name| member.member(name).is_some())
            };
            members.iter().all(|(name, names)| inside(name, names))
                && (enough(&keys) || members.iter().any(|(_, names)| enough(names)))
        })
}

/// Whether an answer of an AWS API may have such a member at its root.
pub(crate) fn is_member(name: &str) -> bool {
    !shapes::with_member(name).is_empty()
}

/// Whether one answer may have both members at its root.
pub(crate) fn are_members(first: &str, second: &str) -> bool {
    second == MORE || !with_all(&[first, second]).is_empty()
}

/// The operation of a document, as far as it tells.
pub fn by_value(value: &Value) -> Option<Told> {
    let object = value.as_object()?;
    if object.contains_key("Statement") && object.contains_key("Version") {
        return Some(Told::Operation("iam", "policy-document"));
    }
    let keys: Vec<&str> = object.iter().map(|(name, _)| name).collect();
    if keys.contains(&"apiVersion") {
        return None;
    }
    if keys == ["Attributes"]
        && let Some(told) = object
            .get("Attributes")
            .and_then(Value::as_array)
            .and_then(attributes_of)
    {
        return Some(told);
    }
    let all = with_all(&keys);
    let mut fitting: Vec<Operation> = all
        .iter()
        .copied()
        .filter(|operation| operation.shape().is_some_and(|shape| fits(value, shape, true, 0)))
        .collect();
    // What fits only because its structures are not kept is no more likely than what does not fit.
    let exact = match fitting.as_slice() {
        [] => false,
        [only] => all.len() == 1 || only.shape().is_some_and(|shape| fits(value, shape, false, 0)),
        _ => true,
    };
    if !exact {
        fitting = all;
    }
    if let ([only], true) = (fitting.as_slice(), exact)
        && let Some(name) = only.name()
    {
        return Some(Told::Operation(only.service(), name));
    }
    let mut services: Vec<&'static str> = fitting.iter().map(|operation| operation.service()).collect();
    services.sort_unstable();
    services.dedup();
    (!services.is_empty()).then_some(Told::Services(services))
}

/// Whether a value can be of that shape: every member is one of its, and lists are lists. A scalar may be written as text. `opaque`:
/// whether a structure whose members are not kept fits.
fn fits(value: &Value, shape: Shape, opaque: bool, depth: usize) -> bool {
    if depth > DEPTH {
        return true;
    }
    match (value, shape.kind()) {
        (Value::Object(_), Kind::Opaque) => opaque,
        (Value::Object(members), Kind::Structure(_)) => members.iter().all(|(name, member)| {
            if depth == 0 && name == MORE {
                return true;
            }
            shape.member(name).is_some_and(|shape| {
                // aws-cli decodes the documents that the API gives as text.
                (shape.is_scalar() && name.ends_with("Document")) || fits(member, shape, opaque, depth + 1)
            })
        }),
        (Value::Object(members), Kind::Map(_)) => shape.element().is_some_and(|shape| {
            members
                .iter()
                .take(ELEMENTS)
                .all(|(_, member)| fits(member, shape, opaque, depth + 1))
        }),
        (Value::Array(items), Kind::List(_)) => shape.element().is_some_and(|shape| {
            items
                .iter()
                .take(ELEMENTS)
                .all(|item| fits(item, shape, opaque, depth + 1))
        }),
        (Value::Null, _)
        | (Value::Number(_), Kind::Whole | Kind::Number | Kind::Time)
        | (Value::Bool(_), Kind::Bool) => true,
        (Value::String(_), _) => shape.is_scalar(),
        _ => false,
    }
}

/// `describe-target-group-attributes` and `describe-load-balancer-attributes` (and the changes that answer with the same) are told apart by
/// the attributes' keys (ELBv2 API reference, `TargetGroupAttribute` and `LoadBalancerAttribute`), which no other service has.
fn attributes_of(attributes: &[Value]) -> Option<Told> {
    const KEYS: [&str; 14] = [
        "deregistration_delay.",
        "stickiness.",
        "preserve_client_ip.",
        "proxy_protocol_v2.",
        "target_group_health.",
        "slow_start.",
        "deletion_protection.",
        "access_logs.",
        "load_balancing.",
        "idle_timeout.",
        "routing.http",
        "ipv6.",
        "dns_record.",
        "connection_logs.",
    ];
    attributes
        .iter()
        .filter_map(|value| value.get("Key").and_then(Value::as_str))
        .any(|key| KEYS.iter().any(|prefix| key.starts_with(prefix)))
        .then(|| Told::Services(vec!["elbv2"]))
}

#[cfg(test)]
mod tests {
    use super::{Told, by_value, recognises};
    use serde_json::json;

    #[test]
    fn only_what_one_operation_answers_is_named() {
        let told = |value: serde_json::Value| by_value(&value.into());
        assert_eq!(
            told(json!({"Subnets": [{"SubnetId": "subnet-0a1b2c3d4e5f60718", "AvailableIpAddressCount": 3}]})),
            Some(Told::Operation("ec2", "describe-subnets"))
        );
        // create-cluster and delete-cluster answer with the same.
        assert_eq!(
            told(json!({"cluster": {"name": "shop", "status": "ACTIVE"}})),
            Some(Told::Services(vec!["eks"]))
        );
        assert_eq!(told(json!({"hello": 1})), None);
        assert_eq!(told(json!({"apiVersion": "v1", "Subnets": []})), None);
    }

    #[test]
    fn everybodys_names_are_not_taken_for_an_answer() {
        let keys = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert!(recognises(&keys(&["Subnets"])));
        assert!(recognises(&keys(&["cluster"])));
        assert!(!recognises(&keys(&["status"])));
        assert!(!recognises(&keys(&["name", "version"])));
        assert!(!recognises(&keys(&[])));
    }
}
