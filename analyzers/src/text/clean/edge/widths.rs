//! A first quick look at a text: whether a part of it may have been broken or cut at the edge.

use std::cmp::Ordering;

use super::WIDTHS;
use super::width::width;

/// In a text of so many bytes one line at the edge is enough to look closer; a longer one has some that end there by chance.
const SHORT: usize = 256 << 10;

/// In a longer text the lines that the edge cut are more than one of so many.
const CUT: usize = 8;

/// The widest lines of a part, as a first quick look finds them.
#[derive(Debug, Default)]
pub(in super::super) struct Widths {
    widest: usize,
    count: usize,
    /// Whether a string may be open at the end of one of the widest lines.
    open: bool,
    /// Whether a line that may be the rest of one of the widest stands below it.
    rest: bool,
    /// How many of the widest stand above a line that begins like them: an entry of its own, so that only the edge's cut may be there.
    like: usize,
    /// How many lines there are.
    lines: usize,
    /// The last line where it was one of the widest: whether anything can be its rest, and how it begins.
    last: Option<(bool, [u8; 4])>,
    /// Whether an earlier part has one line that may have been broken.
    once: bool,
    /// The bytes of the text so far.
    seen: usize,
}

impl Widths {
    /// Takes a line in; at a blank line, whether the part that ends here may have been wrapped or cut.
    /// `tabs`: the text may have some.
    pub(in super::super) fn see(&mut self, line: &str, tabs: bool) -> bool {
        self.seen += line.len();
        if line.len() <= 1 {
            let telling = self.tells();
            *self = Self {
                once: self.once || self.may_tell(),
                seen: self.seen,
                ..Self::default()
            };
            return telling;
        }
        self.lines += 1;
        if let Some((tells, begins)) = self.last.take() {
            if line.as_bytes().starts_with(&begins) {
                self.like += 1;
            } else {
                self.rest |= tells || !indented(line);
            }
        }
        // Letters outside ASCII are longer than wide: no line without tabs is wider than it is long.
        if line.len() < self.widest && (!tabs || memchr::memchr(b'\t', line.as_bytes()).is_none()) {
            return false;
        }
        let wide = width(line);
        match wide.cmp(&self.widest) {
            Ordering::Greater => {
                *self = Self {
                    widest: wide,
                    count: 1,
                    once: self.once,
                    seen: self.seen,
                    lines: self.lines,
                    ..Self::default()
                };
            }
            Ordering::Equal => self.count += 1,
            Ordering::Less => return false,
        }
        let open = memchr::memchr_iter(b'"', line.as_bytes()).count() % 2 == 1;
        self.open |= open;
        // What is indented is the rest of an open string or of a table's row, which stands at the left edge.
        let begins = line.as_bytes().first_chunk().copied().unwrap_or_default();
        self.last = Some((open || !indented(line), begins));
        false
    }

    /// At the text's end, whether it may have been wrapped or cut.
    pub(in super::super) fn telling(&self) -> bool {
        self.tells() || (self.seen < SHORT && (self.once || self.may_tell()))
    }

    fn tells(&self) -> bool {
        (self.count > 1 || self.open) && self.may_tell()
    }

    fn may_tell(&self) -> bool {
        let cut = self.like > 0 && (self.seen < SHORT || self.like > self.lines / CUT);
        (self.rest || cut) && WIDTHS.contains(&self.widest)
    }
}

/// Whether a line is a value in a document. A number with blanks before it is a table's, right-aligned.
fn indented(line: &str) -> bool {
    line.starts_with("  ") && !line.trim_start().starts_with(|c: char| c.is_ascii_digit())
}
