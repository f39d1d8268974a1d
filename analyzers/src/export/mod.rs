//! One file a format. Everything that leaves passes the redactor first.

mod excerpt;
pub mod html;
pub mod markdown;
pub mod mermaid;
pub mod svg;
mod tables;

use excerpt::place;
