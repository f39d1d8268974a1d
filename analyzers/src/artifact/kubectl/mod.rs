//! What kubectl prints.

pub(crate) mod table;
