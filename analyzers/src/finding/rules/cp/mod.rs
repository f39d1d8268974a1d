//! The control plane.

pub mod endpoint;
