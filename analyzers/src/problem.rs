//! What could not be read, said so that nothing pasted is lost silently.

use crate::text::Span;

/// Something that a stage could not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where it stands.
    pub span: Span,
    /// One sentence: what is wrong and what to do.
    pub message: String,
    /// The closest guess at what the text is, where there is one.
    pub guess: Option<&'static str>,
}

impl Problem {
    /// A problem without a guess.
    pub fn new(span: Span, message: impl Into<String>) -> Self {
        Self {
            span,
            message: message.into(),
            guess: None,
        }
    }
}

/// What is said of an address that somebody blacked out before pasting.
pub fn blacked_out(address: &str) -> String {
    format!(
        "`{}` is blacked out, so this address can be compared with no other one. Where addresses must stay secret, replace each by \
         another one, the same everywhere.",
        excerpt(address)
    )
}

/// A pasted word as a message quotes it: cut where it is long.
pub fn excerpt(text: &str) -> std::borrow::Cow<'_, str> {
    match text.char_indices().nth(60) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()).into(),
        None => text.into(),
    }
}
