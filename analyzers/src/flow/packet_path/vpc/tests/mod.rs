//! Tests of whole ways.

mod families;
mod honest;
pub(in crate::flow::packet_path) mod lab;
mod later;
mod loops;
mod parts;
mod reasons;
mod references;
mod samples;
mod ways;
mod within;
