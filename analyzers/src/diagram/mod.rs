//! Pictures as shapes: one module a kind of diagram, one scene language, exporters elsewhere.

mod addresses;
mod canvas;
mod ladder;
mod matrix;
pub mod measure;
#[cfg(test)]
mod overlap;
mod packet_path;
pub mod scene;
mod sequence;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

use crate::flow::packet_path::fold;
use crate::flow::{Flow, FlowKind};

use crate::redact;
use scene::Scene;

pub(crate) use packet_path::percent;

/// Draws a flow, without the secrets that its values may hold.
pub fn draw(flow: &Flow) -> Scene {
    let flow = &redact::flow(flow);
    match flow.kind {
        FlowKind::PacketPath => packet_path::draw(flow),
        FlowKind::Dns => ladder::draw(flow),
        FlowKind::Auth => sequence::draw(flow),
        FlowKind::Policies => matrix::draw(flow),
        FlowKind::Addresses => addresses::draw(flow),
    }
}

/// Draws a packet path with each of its ways by itself, where [`draw`] puts like ones together.
pub fn draw_opened(flow: &Flow) -> Option<Scene> {
    if flow.kind != FlowKind::PacketPath {
        return None;
    }
    fold::fold(flow)?;
    Some(packet_path::draw_opened(&redact::flow(flow)))
}

/// A whole flow in words, for those who cannot see the picture: one sentence a step.
fn describe(flow: &Flow) -> String {
    let mut out = format!("{}. {}.", flow.title, flow.verdict.word());
    for (n, step) in flow.steps().enumerate().take(60) {
        let to = step
            .to
            .as_ref()
            .map(|to| format!(" to {}", to.name))
            .unwrap_or_default();
        let more = format!(
            " {}. {}{to}: {}, {}.",
            n + 1,
            step.actor.name,
            step.action,
            step.verdict.word()
        );
        out.push_str(&measure::clean(&more));
    }
    out
}
