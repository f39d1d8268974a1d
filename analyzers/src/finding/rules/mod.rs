//! One folder an area, one file a rule.

pub mod auth;
pub mod cp;
pub mod dns;
pub mod lb;
pub mod svc;
