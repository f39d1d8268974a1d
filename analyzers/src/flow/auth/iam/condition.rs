//! Condition operators (IAM User Guide, "IAM JSON policy elements: Condition operators" and "Single-valued vs. multivalued
//! context keys").

use super::obscured;
use super::truth::Truth;
use super::wildcard;

/// What the request carries under a condition key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Carried {
    /// These values; one for a single-valued key.
    Values(Vec<String>),
    /// The request does not have the key.
    Absent,
    /// These values, or nothing: it is not known whether the key is one that the request has.
    Perhaps(Vec<String>),
    /// The pasted text does not tell.
    Unknown,
}

/// The keys of a request. Names of keys are not case-sensitive.
pub trait Context {
    /// What the request carries under a key.
    fn carried(&self, key: &str) -> Carried;
}

/// The quantifier before an operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quantifier {
    Single,
    Any,
    All,
}

/// How one value of the request is compared with the values of the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equals,
    EqualsIgnoreCase,
    Like,
    Bool,
    /// One of another kind (numbers, dates, addresses, ARNs) or not known: decided only where the key is absent.
    Other,
}

/// An operator, taken apart: `ForAnyValue:StringNotEqualsIfExists`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Operator {
    quantifier: Quantifier,
    comparison: Comparison,
    negated: bool,
    if_exists: bool,
}

impl Operator {
    /// `Null` is no comparison and is not read here.
    fn parse(name: &str) -> Self {
        let name = name.trim();
        let (quantifier, rest) = if let Some(rest) = strip_prefix(name, "ForAnyValue:") {
            (Quantifier::Any, rest)
        } else if let Some(rest) = strip_prefix(name, "ForAllValues:") {
            (Quantifier::All, rest)
        } else {
            (Quantifier::Single, name)
        };
        let rest = rest.to_ascii_lowercase();
        let (base, if_exists) = match rest.strip_suffix("ifexists") {
            Some(base) => (base, true),
            None => (rest.as_str(), false),
        };
        let (comparison, negated) = match base {
            "stringequals" => (Comparison::Equals, false),
            "stringnotequals" => (Comparison::Equals, true),
            "stringequalsignorecase" => (Comparison::EqualsIgnoreCase, false),
            "stringnotequalsignorecase" => (Comparison::EqualsIgnoreCase, true),
            "stringlike" => (Comparison::Like, false),
            "stringnotlike" => (Comparison::Like, true),
            "bool" => (Comparison::Bool, false),
            other => (Comparison::Other, other.contains("not")),
        };
        Self {
            quantifier,
            comparison,
            negated,
            if_exists,
        }
    }

    /// Whether the request has no such key.
    fn without_key(self) -> Truth {
        match self.quantifier {
            _ if self.if_exists => Truth::True,
            Quantifier::All => Truth::True,
            Quantifier::Any => Truth::False,
            Quantifier::Single => Truth::from(self.negated),
        }
    }

    fn with(self, values: &[String], wanted: &[String]) -> Truth {
        let one = |value: &String| {
            let equal = Truth::any(wanted.iter().map(|wanted| self.comparison.holds(value, wanted)));
            if self.negated { !equal } else { equal }
        };
        match self.quantifier {
            Quantifier::All => Truth::all(values.iter().map(one)),
            Quantifier::Any => Truth::any(values.iter().map(one)),
            Quantifier::Single => match values {
                [value] => one(value),
                // An operator without a quantifier is meant for a key with one value.
                _ => Truth::Unknown,
            },
        }
    }
}

impl Comparison {
    fn holds(self, value: &str, wanted: &str) -> Truth {
        // A policy variable stands for something that is known only when the request is made.
        if wanted.contains("${") || obscured(wanted) || obscured(value) {
            return Truth::Unknown;
        }
        match self {
            Self::Equals => (value == wanted).into(),
            Self::EqualsIgnoreCase => (value.to_lowercase() == wanted.to_lowercase()).into(),
            Self::Like => wildcard::matches(wanted, value).into(),
            Self::Bool if matches!(value, "true" | "false") => value.eq_ignore_ascii_case(wanted).into(),
            Self::Bool | Self::Other => Truth::Unknown,
        }
    }
}

fn strip_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| text.get(prefix.len()..))?
}

/// Whether the condition `operator: { key: wanted }` holds for what the request carries under the key.
pub fn holds(operator: &str, carried: &Carried, wanted: &[String]) -> Truth {
    if let Carried::Perhaps(values) = carried {
        let there = holds(operator, &Carried::Values(values.clone()), wanted);
        let absent = holds(operator, &Carried::Absent, wanted);
        return if there == absent { there } else { Truth::Unknown };
    }
    if operator.trim().eq_ignore_ascii_case("Null") {
        let absent = match carried {
            Carried::Absent => true,
            Carried::Values(values) => values.is_empty(),
            Carried::Unknown | Carried::Perhaps(_) => return Truth::Unknown,
        };
        return Truth::any(wanted.iter().map(|wanted| match wanted.as_str() {
            "true" => Truth::from(absent),
            "false" => Truth::from(!absent),
            _ => Truth::Unknown,
        }));
    }
    let operator = Operator::parse(operator);
    match carried {
        Carried::Unknown | Carried::Perhaps(_) => Truth::Unknown,
        Carried::Absent => operator.without_key(),
        Carried::Values(values) if values.is_empty() => operator.without_key(),
        Carried::Values(values) => operator.with(values, wanted),
    }
}

/// Whether an operator takes `*` and `?` as wildcards.
pub fn takes_wildcards(operator: &str) -> bool {
    Operator::parse(operator).comparison == Comparison::Like
}

/// Whether an operator compares strings and is not negated, so that one of its values has to be met.
pub fn wants_a_value(operator: &str) -> bool {
    let operator = Operator::parse(operator);
    !operator.negated
        && matches!(
            operator.comparison,
            Comparison::Equals | Comparison::EqualsIgnoreCase | Comparison::Like
        )
}

#[cfg(test)]
mod tests {
    use super::{Carried, holds};
    use crate::flow::auth::iam::Truth::{self, False, True, Unknown};

    const SUB: &str = "system:serviceaccount:shop:uploader";

    fn check(operator: &str, carried: &[&str], wanted: &[&str]) -> Truth {
        let own = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
        holds(operator, &Carried::Values(own(carried)), &own(wanted))
    }

    #[test]
    fn equality_minds_case_and_knows_no_wildcard() {
        assert_eq!(check("StringEquals", &[SUB], &[SUB]), True);
        assert_eq!(
            check("StringEquals", &[SUB], &["system:serviceaccount:shop:Uploader"]),
            False
        );
        assert_eq!(check("StringEquals", &[SUB], &["system:serviceaccount:shop:*"]), False);
        assert_eq!(check("StringLike", &[SUB], &["system:serviceaccount:shop:*"]), True);
        assert_eq!(
            check("StringLike", &[SUB], &["system:serviceaccount:s?op:upload??"]),
            True
        );
        assert_eq!(
            check(
                "StringEqualsIgnoreCase",
                &[SUB],
                &["SYSTEM:serviceaccount:shop:uploader"]
            ),
            True
        );
        assert_eq!(
            check(
                "StringNotEqualsIgnoreCase",
                &[SUB],
                &["SYSTEM:serviceaccount:shop:uploader"]
            ),
            False
        );
    }

    #[test]
    fn several_values_are_alternatives_and_a_negated_operator_excludes_all_of_them() {
        assert_eq!(check("StringEquals", &["b"], &["a", "b"]), True);
        assert_eq!(check("StringNotEquals", &["b"], &["a", "b"]), False);
        assert_eq!(check("StringNotEquals", &["c"], &["a", "b"]), True);
        assert_eq!(check("StringNotLike", &["bcd"], &["b*"]), False);
        assert_eq!(check("StringEquals", &["a"], &[]), False);
    }

    #[test]
    fn a_missing_key_fails_what_wants_it_and_passes_what_excludes_it() {
        let missing = |operator: &str| holds(operator, &Carried::Absent, &["a".to_owned()]);
        assert_eq!(missing("StringEquals"), False);
        assert_eq!(missing("StringLike"), False);
        assert_eq!(missing("ArnLike"), False);
        assert_eq!(missing("NumericLessThan"), False);
        assert_eq!(missing("StringNotEquals"), True);
        assert_eq!(missing("ArnNotLike"), True);
        assert_eq!(missing("NotIpAddress"), True);
        assert_eq!(missing("StringEqualsIfExists"), True);
        assert_eq!(missing("ForAllValues:StringEquals"), True);
        assert_eq!(missing("ForAnyValue:StringEquals"), False);
        assert_eq!(missing("ForAnyValue:StringNotEquals"), False);
    }

    #[test]
    fn quantifiers_range_over_the_values_of_the_request() {
        assert_eq!(check("ForAnyValue:StringEquals", &["a", "b"], &["b", "c"]), True);
        assert_eq!(check("ForAllValues:StringEquals", &["a", "b"], &["b", "c"]), False);
        assert_eq!(check("ForAllValues:StringLike", &["ab", "ac"], &["a*"]), True);
        assert_eq!(check("ForAnyValue:StringNotEquals", &["a", "b"], &["b"]), True);
        assert_eq!(check("ForAllValues:StringNotEquals", &["a", "b"], &["b"]), False);
        assert_eq!(check("foranyvalue:stringequals", &["a"], &["a"]), True);
        assert_eq!(check("StringEquals", &["a", "b"], &["a"]), Unknown);
    }

    #[test]
    fn null_asks_whether_the_key_is_there() {
        let null = |carried: &Carried, wanted: &str| holds("Null", carried, &[wanted.to_owned()]);
        let there = Carried::Values(vec!["a".to_owned()]);
        assert_eq!(null(&Carried::Absent, "true"), True);
        assert_eq!(null(&there, "true"), False);
        assert_eq!(null(&there, "false"), True);
        assert_eq!(null(&Carried::Absent, "false"), False);
        assert_eq!(null(&Carried::Unknown, "false"), Unknown);
    }

    #[test]
    fn what_is_not_known_is_not_decided() {
        assert_eq!(check("StringEquals", &["a"], &["${aws:username}"]), Unknown);
        assert_eq!(check("StringEquals", &["a"], &["a", "${aws:username}"]), True);
        assert_eq!(check("StringEquals", &["a"], &["<redacted>"]), Unknown);
        assert_eq!(check("ArnLike", &["a"], &["a"]), Unknown);
        assert_eq!(check("SomethingNew", &["a"], &["a"]), Unknown);
        assert_eq!(check("Bool", &["true"], &["true"]), True);
        assert_eq!(check("Bool", &["true"], &["false"]), False);
        assert_eq!(holds("StringNotEquals", &Carried::Unknown, &["a".to_owned()]), Unknown);
        let perhaps =
            |operator: &str, wanted: &str| holds(operator, &Carried::Perhaps(vec!["a".into()]), &[wanted.into()]);
        assert_eq!(perhaps("StringEquals", "a"), Unknown);
        assert_eq!(perhaps("StringEquals", "b"), False);
        assert_eq!(perhaps("StringNotEquals", "b"), True);
    }
}
