//! DNS.

pub mod ndots;
