//! The packet path: nested zones, boxes for those who act, numbered legs that say what each changed.
//!
//! Four stages: [`legs`] reads places and legs from the flow, [`place`] gives each place a column and a row,
//! [`route`] leads each leg through the gutters between them, [`metrics`] says where all of that is, and [`draw`](self::draw)
//! makes shapes of it.

mod draw;
mod legs;
mod metrics;
mod place;
mod route;

use super::scene::Scene;
use crate::flow::Flow;
use crate::flow::packet_path::fold;

pub use legs::percent;

/// Draws the flow, its like ways put together.
pub fn draw(flow: &Flow) -> Scene {
    match fold::fold(flow) {
        Some(folded) => drawn(&folded.flow, flow, &folded.ways),
        None => drawn(flow, flow, &[]),
    }
}

/// Draws the flow, each way by itself.
pub fn draw_opened(flow: &Flow) -> Scene {
    drawn(flow, flow, &[])
}

fn drawn(flow: &Flow, whole: &Flow, ways: &[fold::Way]) -> Scene {
    let plan = legs::read(flow, ways);
    let grid = place::place(&plan);
    // The words tell of each way.
    draw::draw(whole, &plan, &grid)
}
