//! Tests of whole ways.

mod honest;
mod lab;
mod loops;
mod reasons;
mod samples;
mod ways;
