//! Which byte begins which line.

/// The byte offsets at which lines begin. A line ends after its `\n`; a `\r` before it belongs to the ending.
#[derive(Debug, Clone, Default)]
pub struct LineIndex {
    starts: Starts,
    len: usize,
}

/// Half the size for every text of less than 4 GiB: pretty JSON has a line for every thirty bytes.
#[derive(Debug, Clone)]
enum Starts {
    Short(Vec<u32>),
    Long(Vec<usize>),
}

impl Default for Starts {
    fn default() -> Self {
        Self::Short(Vec::new())
    }
}

impl LineIndex {
    /// Indexes `text`. It is counted first, so that the index has room for just its lines.
    pub fn new(text: &str) -> Self {
        let len = text.len();
        let bytes = text.as_bytes();
        let ends = memchr::memchr_iter(b'\n', bytes);
        // A final newline ends the last line; it does not begin another one.
        let begins = |at: &usize| *at < len;
        let room = if text.is_empty() { 0 } else { ends.clone().count() + 1 };
        let starts = std::iter::once(0).chain(ends.map(|end| end + 1)).filter(begins);
        let starts = if u32::try_from(len).is_ok() {
            let mut short = Vec::with_capacity(room);
            // Every start is less than `len`, which fits.
            short.extend(starts.map(|at| u32::try_from(at).unwrap_or(u32::MAX)));
            Starts::Short(short)
        } else {
            let mut long = Vec::with_capacity(room);
            long.extend(starts);
            Starts::Long(long)
        };
        Self { starts, len }
    }

    /// Where the lines of a text begin, told from outside: lines that were joined to the one before them begin in the middle of one.
    pub fn with_starts(starts: Vec<usize>, len: usize) -> Self {
        let starts = if u32::try_from(len).is_ok() {
            let short = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
            Starts::Short(starts.into_iter().map(short).collect())
        } else {
            Starts::Long(starts)
        };
        Self { starts, len }
    }

    /// How many lines there are; an empty text has none.
    pub fn count(&self) -> usize {
        match &self.starts {
            Starts::Short(starts) => starts.len(),
            Starts::Long(starts) => starts.len(),
        }
    }

    /// The 1-based line in which byte `offset` lies; past the end, the last line.
    pub fn line_of(&self, offset: usize) -> usize {
        match &self.starts {
            Starts::Short(starts) => {
                let offset = u32::try_from(offset).unwrap_or(u32::MAX);
                starts.partition_point(|&start| start <= offset)
            }
            Starts::Long(starts) => starts.partition_point(|&start| start <= offset),
        }
        .max(1)
    }

    fn start(&self, index: usize) -> Option<usize> {
        match &self.starts {
            Starts::Short(starts) => starts.get(index).and_then(|&start| usize::try_from(start).ok()),
            Starts::Long(starts) => starts.get(index).copied(),
        }
    }

    /// The bytes of 1-based line `line` with its ending, or `None` where there is no such line.
    pub fn bytes_of(&self, line: usize) -> Option<std::ops::Range<usize>> {
        let start = self.start(line.checked_sub(1)?)?;
        let end = self.start(line).unwrap_or(self.len);
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
