//! A part of a text that knows where it stands: what the parsers of line formats cut, so that every value keeps its place.

use std::ops::{Deref, Range};

/// A part of a text, and its offset in that text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece<'a> {
    text: &'a str,
    at: usize,
}

impl Deref for Piece<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        self.text
    }
}

impl<'a> Piece<'a> {
    /// The whole of a text.
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The text.
    pub fn str(self) -> &'a str {
        self.text
    }

    /// Its bytes in the whole text.
    pub fn range(self) -> Range<usize> {
        self.at..self.at + self.text.len()
    }

    /// The offset of its first byte in the whole text.
    pub fn start(self) -> usize {
        self.at
    }

    /// The offset of the byte after its last.
    pub fn end(self) -> usize {
        self.at + self.text.len()
    }

    /// The bytes `range` of it, counted from its own beginning; empty at its end where they are none of it.
    #[must_use]
    pub fn part(self, range: Range<usize>) -> Self {
        match self.text.get(range.clone()) {
            Some(text) => Self {
                text,
                at: self.at + range.start,
            },
            None => self.tail(),
        }
    }

    /// From byte `from` of it to its end.
    #[must_use]
    pub fn skip(self, from: usize) -> Self {
        self.part(from..self.text.len())
    }

    /// Nothing, at its end.
    #[must_use]
    fn tail(self) -> Self {
        Self {
            text: "",
            at: self.end(),
        }
    }

    /// Its lines without their endings, blank ones too.
    pub fn lines(self) -> impl Iterator<Item = Self> {
        let mut at = self.at;
        self.text.split_inclusive('\n').map(move |full| {
            let line = Self {
                text: full.trim_end_matches(['\n', '\r']),
                at,
            };
            at += full.len();
            line
        })
    }

    /// Its words, separated by blanks and tabs.
    pub fn words(self) -> impl Iterator<Item = Self> {
        self.split(|c: char| c.is_ascii_whitespace())
            .filter(|word| !word.is_empty())
    }

    /// Its parts between the characters that `separates` names, empty ones too.
    pub fn split(self, mut separates: impl FnMut(char) -> bool) -> impl Iterator<Item = Self> {
        let mut rest = Some(self);
        std::iter::from_fn(move || {
            let piece = rest?;
            let Some((cut, c)) = piece.text.char_indices().find(|(_, c)| separates(*c)) else {
                rest = None;
                return Some(piece);
            };
            rest = Some(piece.skip(cut + c.len_utf8()));
            Some(piece.part(0..cut))
        })
    }

    /// What stands before and after the first `separator`.
    pub fn split_once(self, separator: &str) -> Option<(Self, Self)> {
        // `str::find` prepares itself for long texts; nearly all lines are shorter than that takes.
        let cut = memchr::memmem::find(self.text.as_bytes(), separator.as_bytes())?;
        Some((self.part(0..cut), self.skip(cut + separator.len())))
    }

    /// What stands before and after the last `separator`.
    pub fn rsplit_once(self, separator: &str) -> Option<(Self, Self)> {
        let cut = self.text.rfind(separator)?;
        Some((self.part(0..cut), self.skip(cut + separator.len())))
    }

    /// What follows `prefix`.
    pub fn strip_prefix(self, prefix: &str) -> Option<Self> {
        self.text.starts_with(prefix).then(|| self.skip(prefix.len()))
    }

    /// What stands before `suffix`.
    pub fn strip_suffix(self, suffix: &str) -> Option<Self> {
        let len = self.text.strip_suffix(suffix)?.len();
        Some(self.part(0..len))
    }

    /// Without blanks at both ends.
    #[must_use]
    pub fn trim(self) -> Self {
        let cut = self.text.len() - self.text.trim_start().len();
        let rest = self.skip(cut);
        rest.part(0..rest.text.trim_end().len())
    }

    /// From the beginning of this piece to the end of `other`, both of `whole`.
    #[must_use]
    pub fn to(self, other: Self, whole: Self) -> Self {
        let start = self.at.saturating_sub(whole.at);
        let end = other.end().saturating_sub(whole.at);
        whole.part(start..end)
    }
}

#[cfg(test)]
mod tests {
    use super::Piece;

    #[test]
    fn pieces_know_where_they_stand() {
        let text = "a via 10.0.0.1\r\n  default dev eth0 \n";
        let lines: Vec<Piece<'_>> = Piece::new(text).lines().collect();
        assert_eq!(lines[0].str(), "a via 10.0.0.1");
        let words: Vec<Piece<'_>> = lines[1].words().collect();
        assert_eq!(
            words.iter().map(|word| word.str()).collect::<Vec<_>>(),
            ["default", "dev", "eth0"]
        );
        for word in &words {
            assert_eq!(text.get(word.range()), Some(word.str()));
        }
        let (before, after) = lines[0].split_once(" via ").unwrap();
        assert_eq!((before.str(), text.get(after.range())), ("a", Some("10.0.0.1")));
        assert_eq!(words[0].to(words[2], lines[1]).str(), "default dev eth0");
        assert_eq!(lines[1].trim().str(), "default dev eth0");
        assert_eq!(lines[1].part(5..500).str(), "");
    }

    #[test]
    fn splitting_keeps_empty_parts() {
        let parts: Vec<&str> = Piece::new("a,,b,").split(|c| c == ',').map(Piece::str).collect();
        assert_eq!(parts, ["a", "", "b", ""]);
    }
}
