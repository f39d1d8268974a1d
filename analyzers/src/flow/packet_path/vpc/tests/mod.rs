//! Tests of whole ways.

mod honest;
pub(in crate::flow::packet_path) mod lab;
mod loops;
mod reasons;
mod samples;
mod ways;
