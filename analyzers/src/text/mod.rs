//! Sources, spans and the line index: where every later fact points back to.

mod clean;
pub(crate) mod columns;
mod decode;
pub mod documents;
pub(crate) mod json_extent;
mod line_index;
mod lines;
mod piece;
mod program;
mod redaction;
mod source;

pub use clean::{Cleaned, Note, ascii_quote, clean, is_info};
pub use decode::{Decoded, decode, decode_owned, is_binary};
pub use line_index::LineIndex;
pub use lines::ends;
pub use piece::Piece;
#[cfg(test)]
pub(crate) use program::STARTERS;
pub(crate) use program::{is_assignment, is_program};
pub use redaction::{is_redacted, is_redacted_address};
pub use source::{LineRange, Source, SourceId, Sources, Span};
