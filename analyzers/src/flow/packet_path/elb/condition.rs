//! Whether a request can meet a condition, by what is known of it: its host, its port, and perhaps its source.

use super::Source;
use crate::flow::auth::iam::wildcard;
use crate::flow::policy::addresses::Addresses;
use crate::model::aws::elbv2::rule::{Condition, Field, Rule};

/// What is known.
#[derive(Debug, Clone, Copy)]
pub(super) struct Request<'r> {
    /// The host that it names.
    pub host: Option<&'r str>,
    /// Who sends it.
    pub from: &'r Source,
}

/// Whether a rule is met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meets {
    /// It is.
    Yes,
    /// It cannot be.
    No,
    /// It is by requests that do what these words say.
    If(Vec<String>),
}

/// Whether a request meets all conditions of a rule.
pub(super) fn rule(rule: &Rule, request: Request<'_>) -> Meets {
    let mut open = Vec::new();
    for condition in &rule.conditions {
        match one(condition, request) {
            Meets::Yes => {}
            Meets::No => return Meets::No,
            Meets::If(words) => open.extend(words),
        }
    }
    if open.is_empty() { Meets::Yes } else { Meets::If(open) }
}

fn one(condition: &Condition, request: Request<'_>) -> Meets {
    match &condition.field {
        Field::HostHeader => host(condition, request.host),
        // Every path begins with a slash.
        Field::PathPattern
            if condition
                .values
                .iter()
                .any(|value| matches!(value.as_str(), "*" | "/*")) =>
        {
            Meets::Yes
        }
        Field::SourceIp => source(condition, request.from),
        _ => Meets::If(vec![words(condition)]),
    }
}

/// Hosts are compared without case, `*` and `?` stand for characters (User Guide for Application Load Balancers, "Host conditions").
fn host(condition: &Condition, host: Option<&str>) -> Meets {
    let Some(host) = host else {
        return Meets::If(vec![words(condition)]);
    };
    let host = host.to_ascii_lowercase();
    let met = condition
        .values
        .iter()
        .any(|value| wildcard::matches(&value.to_ascii_lowercase(), &host));
    match (met, condition.regex.is_empty()) {
        (true, _) => Meets::Yes,
        (false, true) => Meets::No,
        (false, false) => Meets::If(vec![words(condition)]),
    }
}

fn source(condition: &Condition, from: &Source) -> Meets {
    let blocks: Option<Vec<Addresses>> = condition.values.iter().map(|value| Addresses::block(value)).collect();
    match (from.address, blocks) {
        (Some(address), Some(blocks)) if blocks.iter().any(|block| block.contains(address)) => Meets::Yes,
        (Some(_), Some(_)) => Meets::No,
        _ => Meets::If(vec![words(condition)]),
    }
}

/// In words: `path /api/*`.
pub(super) fn words(condition: &Condition) -> String {
    let what = match &condition.field {
        Field::HostHeader => "host".to_owned(),
        Field::PathPattern => "path".to_owned(),
        Field::HttpHeader(name) => format!("header {name}:"),
        Field::HttpRequestMethod => "method".to_owned(),
        Field::QueryString => "query".to_owned(),
        Field::SourceIp => "source".to_owned(),
        Field::Other(name) => name.clone(),
    };
    let values: Vec<&str> = condition
        .values
        .iter()
        .map(String::as_str)
        .chain(condition.regex.iter().map(String::as_str))
        .collect();
    format!("{what} {}", values.join(" or "))
}

#[cfg(test)]
mod tests {
    use super::{Meets, Request, rule};
    use crate::flow::packet_path::elb::Source;
    use crate::model::aws::elbv2::rule::{Condition, Field, Rule};
    use crate::model::decided::By;

    fn met(field: Field, values: &[&str], host: Option<&str>, from: Option<&str>) -> Meets {
        let condition = Condition {
            field,
            values: values.iter().map(|value| (*value).to_owned()).collect(),
            regex: Vec::new(),
            by: By::Default("a test"),
        };
        let of = Rule {
            priority: Some(1),
            conditions: vec![condition],
            actions: Vec::new(),
            transforms: Vec::new(),
            by: By::Default("a test"),
        };
        let from = Source {
            words: "a client".to_owned(),
            address: from.map(|address| address.parse().expect("an address")),
            outside: true,
        };
        rule(&of, Request { host, from: &from })
    }

    #[test]
    fn hosts_are_met_with_wildcards_and_without_case() {
        let host = |pattern: &str, host: &str| met(Field::HostHeader, &[pattern], Some(host), None);
        assert_eq!(host("shop.example.com", "Shop.Example.com"), Meets::Yes);
        assert_eq!(
            host("*.example.com", "a.b.example.com"),
            Meets::Yes,
            "unlike in an Ingress"
        );
        assert_eq!(host("sh?p.example.com", "shop.example.com"), Meets::Yes);
        assert_eq!(host("*.example.com", "example.com"), Meets::No);
        assert_eq!(
            met(Field::HostHeader, &["shop.example.com"], None, None),
            Meets::If(vec!["host shop.example.com".to_owned()])
        );
    }

    #[test]
    fn a_path_is_not_known_unless_every_path_will_do() {
        assert_eq!(met(Field::PathPattern, &["/*"], None, None), Meets::Yes);
        assert_eq!(
            met(Field::PathPattern, &["/api", "/api/*"], None, None),
            Meets::If(vec!["path /api or /api/*".to_owned()])
        );
    }

    #[test]
    fn a_source_is_known_where_it_is_an_address() {
        let source = |from| met(Field::SourceIp, &["198.51.100.0/24", "2001:db8::/32"], None, from);
        assert_eq!(source(Some("198.51.100.7")), Meets::Yes);
        assert_eq!(source(Some("2001:db8::7")), Meets::Yes);
        assert_eq!(source(Some("203.0.113.7")), Meets::No);
        assert_eq!(
            source(None),
            Meets::If(vec!["source 198.51.100.0/24 or 2001:db8::/32".to_owned()])
        );
    }
}
