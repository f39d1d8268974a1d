//! One folder an area, one file a rule.

pub mod auth;
pub mod lb;
