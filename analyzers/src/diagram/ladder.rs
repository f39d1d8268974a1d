//! Not drawn yet.

use super::scene::Scene;
use crate::flow::Flow;

/// Draws the flow.
pub fn draw(flow: &Flow) -> Scene {
    Scene {
        width: 0.0,
        height: 0.0,
        title: flow.title.clone(),
        description: String::new(),
        shapes: Vec::new(),
    }
}
