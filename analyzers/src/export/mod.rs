//! One file a format. Everything that leaves passes the redactor first.

mod excerpt;
pub mod html;
pub mod markdown;
pub mod mermaid;
mod policies;
pub mod svg;

use excerpt::place;
