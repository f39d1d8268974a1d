//! The packet path: nested zones, boxes for those who act, numbered legs that say what each changed.
//!
//! Three stages: [`legs`] reads places and legs from the flow, [`place`] gives each place a column and a row,
//! [`route`] leads each leg through the gutters between them and draws.

mod legs;
mod place;
mod route;

use super::scene::Scene;
use crate::flow::Flow;

/// Draws the flow.
pub fn draw(flow: &Flow) -> Scene {
    let plan = legs::read(flow);
    let grid = place::place(&plan);
    route::draw(flow, &plan, &grid)
}
