//! The words of a rule, with quotes and backslashes.

use crate::artifact::Placed;
use crate::text::Piece;

/// A word of a rule: as it stands, and what it means where it is quoted.
#[derive(Clone)]
pub(super) struct Word<'a> {
    pub(super) piece: Piece<'a>,
    /// Without quotes and backslashes, where there are any.
    pub(super) plain: Option<String>,
}

impl Word<'_> {
    pub(super) fn value(&self) -> Placed {
        match &self.plain {
            Some(plain) => Placed::value(plain.as_str(), self.piece),
            None => Placed::text(self.piece),
        }
    }

    /// Whether it is an option or the sign of negation: nothing quoted is.
    pub(super) fn is_option(&self) -> bool {
        self.plain.is_none()
            && (self.piece.str() == "!"
                || self
                    .piece
                    .strip_prefix("-")
                    .is_some_and(|rest| rest.starts_with(|c: char| c == '-' || c.is_ascii_alphabetic())))
    }
}

/// Takes a rule's text apart at its blanks, quoted ones excepted.
pub(super) fn words(text: Piece<'_>) -> Vec<Word<'_>> {
    let mut found = Vec::new();
    let mut start = None;
    let mut quote: Option<char> = None;
    let mut escaped = false;
    let mut special = false;
    for (at, c) in text.char_indices() {
        if start.is_none() {
            if c.is_ascii_whitespace() {
                continue;
            }
            start = Some(at);
            special = false;
        }
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
            special = true;
        } else if quote == Some(c) {
            quote = None;
        } else if quote.is_none() && (c == '"' || c == '\'') {
            quote = Some(c);
            special = true;
        } else if quote.is_none()
            && c.is_ascii_whitespace()
            && let Some(from) = start.take()
        {
            found.push(word(text.part(from..at), special));
        }
    }
    if let Some(from) = start {
        found.push(word(text.skip(from), special));
    }
    found
}

fn word(piece: Piece<'_>, special: bool) -> Word<'_> {
    let plain = special.then(|| {
        let mut plain = String::with_capacity(piece.len());
        let mut quote = None;
        let mut chars = piece.chars();
        while let Some(c) = chars.next() {
            if c == '\\' {
                plain.extend(chars.next());
            } else if quote == Some(c) {
                quote = None;
            } else if quote.is_none() && (c == '"' || c == '\'') {
                quote = Some(c);
            } else {
                plain.push(c);
            }
        }
        plain
    });
    // The place of a quoted value is what stands between the quotes.
    let inner = piece
        .strip_prefix("\"")
        .and_then(|rest| rest.strip_suffix("\""))
        .filter(|_| special)
        .unwrap_or(piece);
    Word { piece: inner, plain }
}
