//! Pictures as shapes: one module a kind of diagram, one scene language, exporters elsewhere.

mod ladder;
mod packet_path;
pub mod scene;
mod sequence;

use crate::flow::{Flow, FlowKind};
use scene::Scene;

/// Draws a flow.
pub fn draw(flow: &Flow) -> Scene {
    match flow.kind {
        FlowKind::PacketPath => packet_path::draw(flow),
        FlowKind::Dns => ladder::draw(flow),
        FlowKind::Auth => sequence::draw(flow),
    }
}
