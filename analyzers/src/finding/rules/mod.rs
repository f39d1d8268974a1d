//! One folder an area, one file a rule.

pub mod lb;
