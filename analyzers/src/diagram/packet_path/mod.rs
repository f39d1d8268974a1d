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

/// Draws the flow.
pub fn draw(flow: &Flow) -> Scene {
    let plan = legs::read(flow);
    let grid = place::place(&plan);
    draw::draw(flow, &plan, &grid)
}
