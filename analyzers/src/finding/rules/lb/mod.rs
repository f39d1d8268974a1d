//! Load balancers.

pub mod hairpin;
