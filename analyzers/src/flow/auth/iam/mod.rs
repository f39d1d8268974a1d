//! A small evaluator of IAM trust policies. It decides what the documentation lets it decide and leaves the rest unknown.

mod arn;
mod condition;
mod policy;
mod truth;
pub(crate) mod wildcard;

#[cfg(test)]
mod tests;

pub use crate::text::is_redacted as obscured;
pub use arn::{IamArn, bare_issuer, same};
pub use condition::{Carried, Context, takes_wildcards, wants_a_value};
pub use policy::{Applied, Condition, Decision, Effect, Policy, Principals, Request, Statement, Tested, Written};
pub use truth::Truth;
pub use wildcard::matches;
