//! What kubectl prints.

pub(crate) mod error;
pub(crate) mod table;
