//! Attributes and tags as annotations write them, and how those of several objects are joined.

use std::collections::BTreeMap;

use super::stack::Pairs;
use crate::artifact::Node;
use crate::evidence::Fact;
use crate::model::decided::{By, Decided};

/// The pairs of an annotation, each with its evidence.
pub fn pairs(fact: Option<Fact<BTreeMap<String, String>>>) -> Pairs {
    let Some(fact) = fact else {
        return Pairs::new();
    };
    let evidence = fact.evidence;
    fact.value
        .into_iter()
        .map(|(key, value)| (key, Decided::read(value, evidence.clone())))
        .collect()
}

/// The elements `{key, value}` of a list.
pub fn listed(nodes: &[Node<'_>]) -> Pairs {
    nodes
        .iter()
        .filter_map(|node| {
            let value = node.str_of("value").unwrap_or_default().to_owned();
            Some((node.str_of("key")?.to_owned(), Decided::read(value, node.evidence())))
        })
        .collect()
}

/// Both; what is in the first one stands.
pub fn merged(mut first: Pairs, second: Pairs) -> Pairs {
    for (key, value) in second {
        first.entry(key).or_insert(value);
    }
    first
}

/// Where a value stands.
pub fn evidence(value: &Decided<String>) -> Option<crate::evidence::Evidence> {
    match &value.by {
        By::Read(evidence) => Some(evidence.clone()),
        By::Default(_) => None,
    }
}
