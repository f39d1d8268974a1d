//! Bearer tokens: what they say is read, what makes them valid is not kept.

pub(crate) mod eks;
pub(crate) mod jwt;
