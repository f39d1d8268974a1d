//! Which byte begins which line.

/// The byte offsets at which lines begin. A line ends after its `\n`; a `\r` before it belongs to the ending.
#[derive(Debug, Clone, Default)]
pub struct LineIndex {
    starts: Vec<usize>,
    len: usize,
}

impl LineIndex {
    /// Indexes `text` in one pass.
    pub fn new(text: &str) -> Self {
        let mut starts = vec![0];
        starts.extend(
            text.bytes()
                .enumerate()
                .filter(|&(_, byte)| byte == b'\n')
                .map(|(at, _)| at + 1),
        );
        // A final newline ends the last line; it does not begin another one.
        if starts.len() > 1 && starts.last() == Some(&text.len()) {
            starts.pop();
        }
        if text.is_empty() {
            starts.clear();
        }
        Self {
            starts,
            len: text.len(),
        }
    }

    /// Where the lines of a text begin, told from outside: lines that were joined to the one before them begin in the middle of one.
    pub fn with_starts(starts: Vec<usize>, len: usize) -> Self {
        Self { starts, len }
    }

    /// How many lines there are; an empty text has none.
    pub fn count(&self) -> usize {
        self.starts.len()
    }

    /// The 1-based line in which byte `offset` lies; past the end, the last line.
    pub fn line_of(&self, offset: usize) -> usize {
        self.starts.partition_point(|&start| start <= offset).max(1)
    }

    /// The bytes of 1-based line `line` with its ending, or `None` where there is no such line.
    pub fn bytes_of(&self, line: usize) -> Option<std::ops::Range<usize>> {
        let start = *self.starts.get(line.checked_sub(1)?)?;
        let end = self.starts.get(line).copied().unwrap_or(self.len);
        Some(start..end)
    }
}

#[cfg(test)]
mod tests {
    use super::LineIndex;

    #[test]
    fn a_final_newline_begins_no_line() {
        assert_eq!(LineIndex::new("").count(), 0);
        assert_eq!(LineIndex::new("a").count(), 1);
        assert_eq!(LineIndex::new("a\n").count(), 1);
        assert_eq!(LineIndex::new("a\n\n").count(), 2);
        assert_eq!(LineIndex::new("a\nb").count(), 2);
    }

    #[test]
    fn offsets_map_to_lines_and_back() {
        let index = LineIndex::new("ab\r\nc\n\nd");
        assert_eq!(index.line_of(0), 1);
        assert_eq!(index.line_of(3), 1);
        assert_eq!(index.line_of(4), 2);
        assert_eq!(index.line_of(6), 3);
        assert_eq!(index.line_of(99), 4);
        assert_eq!(index.bytes_of(1), Some(0..4));
        assert_eq!(index.bytes_of(4), Some(7..8));
        assert_eq!(index.bytes_of(0), None);
        assert_eq!(index.bytes_of(5), None);
    }
}
