//! What can be seen.

// The desk is a handle, see `components`.
#![allow(clippy::large_types_passed_by_value)]

mod workbench;

pub use workbench::Workbench;
