//! The one list of rules.

use super::Rule;
use super::rules::{auth, cp, dns, lb, svc};

/// Every rule, in the order in which findings of the same weight are shown.
pub static RULES: &[&Rule] = &[
    &lb::hairpin::RULE,
    &lb::response_code::RULE,
    &svc::rules_disagree::RULE,
    &dns::ndots::RULE,
    &auth::irsa_trust::RULE,
    &cp::endpoint::RULE,
];
