//! Pasted bytes in, explained flows out.
//!
//! `bytes → Source → Vec<Segment> → Vec<Artifact> (+ Vec<Problem>) → Model → Vec<Flow> → Vec<Finding> → Scene → bytes`,
//! one direction, no way back. Every stage is total: it never panics, and what it could not read becomes a
//! [`problem::Problem`] with a span and a sentence. There is no browser, no clock and no I/O in this crate: bytes in,
//! values out; the same bytes in give the same bytes out.

pub mod analysis;
pub mod archive;
pub mod artifact;
pub mod cited;
pub mod diagram;
pub mod evidence;
pub mod export;
pub mod finding;
pub mod flow;
pub mod model;
pub mod problem;
pub mod redact;
pub mod report;
pub mod scenario;
pub mod segment;
pub mod text;
pub mod view;
pub mod what_if;

pub use analysis::{Analysis, Input, Stage, analyze};
