//! What aws-cli prints, in each of its output formats, and its errors; all in the shape of the API's answer.

pub(crate) mod answer;
pub(crate) mod error;
mod expected;
mod query;
mod recognise;
pub(crate) mod s3_ls;
pub(crate) mod says;
mod shapes;
pub(crate) mod table;
pub(crate) mod text;

pub(crate) use recognise::{Member, are_members, is_member, recognises, recognises_outline};
