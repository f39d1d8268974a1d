//! Load balancers.

pub mod hairpin;
pub mod response_code;
