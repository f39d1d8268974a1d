//! Services.

pub mod rules_disagree;
