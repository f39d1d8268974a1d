//! What can be seen.

mod workbench;

pub use workbench::Workbench;
