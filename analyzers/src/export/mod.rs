//! One file a format. Everything that leaves passes the redactor first.

pub mod html;
pub mod markdown;
pub mod mermaid;
pub mod svg;
