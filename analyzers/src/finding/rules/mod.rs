//! One folder an area, one file a rule.

pub mod dns;
pub mod lb;
