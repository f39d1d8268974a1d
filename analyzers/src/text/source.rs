//! One pasted or dropped text each, and ranges of bytes in it.

use super::documents::{self, Document};
use super::{LineIndex, ends};

/// Which source, in the order in which they were given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct SourceId(pub usize);

/// A range of bytes of one source; always on character boundaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The source that the offsets count in.
    pub source: SourceId,
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

impl Span {
    /// The span from the beginning of `self` to the end of `other`, which must be of the same source.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self {
            source: self.source,
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }

    /// A part of this span, by offsets that count from its beginning; cut where it would leave the span.
    #[must_use]
    pub fn slice(self, range: std::ops::Range<usize>) -> Self {
        let start = (self.start + range.start).min(self.end);
        Self {
            source: self.source,
            start,
            end: (self.start + range.end).clamp(start, self.end),
        }
    }
}

/// Lines of a source, 1-based, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineRange {
    /// The first line.
    pub first: usize,
    /// The last line.
    pub last: usize,
}

impl serde::Serialize for LineRange {
    /// As `[first, last]`, the shape of `contract.md`.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.first, self.last).serialize(serializer)
    }
}

/// One pasted or dropped text under its name.
#[derive(Debug, Clone)]
pub struct Source {
    /// The file's name, or `paste 1` and so on.
    pub name: String,
    /// The decoded text.
    pub text: String,
    /// Where its lines begin.
    pub lines: LineIndex,
    /// The command that would have printed it, where its name tells: a file of a bundle.
    pub implied: Option<String>,
    /// The JSON documents that stand whole in it.
    pub documents: Vec<Document>,
}

/// All sources of an analysis.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    all: Vec<Source>,
}

impl Sources {
    /// Adds a text and returns its id.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> SourceId {
        let text = text.into();
        let documents = documents::find(&text);
        self.add_cleaned(name, text, None, documents)
    }

    /// Adds a text that was cleaned: its lines keep the numbers that they have in the paste.
    pub fn add_cleaned(
        &mut self,
        name: impl Into<String>,
        text: String,
        starts: Option<Vec<usize>>,
        documents: Vec<Document>,
    ) -> SourceId {
        let lines = starts.map_or_else(
            || LineIndex::new(&text),
            |starts| LineIndex::with_starts(starts, text.len()),
        );
        self.all.push(Source {
            name: name.into(),
            text,
            lines,
            implied: None,
            documents,
        });
        SourceId(self.all.len() - 1)
    }

    /// Says which command would have printed a text.
    pub fn set_implied(&mut self, id: SourceId, command: Option<String>) {
        if let Some(source) = self.all.get_mut(id.0) {
            source.implied = command;
        }
    }

    /// The id that the next text gets.
    pub fn next(&self) -> SourceId {
        SourceId(self.all.len())
    }

    /// The span of lines, both 1-based and included, without the last one's ending.
    pub fn span_of(&self, id: SourceId, lines: (usize, usize)) -> Span {
        let bytes = |line| self.get(id).and_then(|source| source.lines.bytes_of(line));
        let start = bytes(lines.0).map_or(0, |range| range.start);
        let end = bytes(lines.1).map_or(start, |range| range.start + self.line(id, lines.1).len());
        Span {
            source: id,
            start,
            end: end.max(start),
        }
    }

    /// All sources with their ids, in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = (SourceId, &Source)> {
        self.all.iter().enumerate().map(|(i, source)| (SourceId(i), source))
    }

    /// The source of that id; ids come only from [`Sources::add`], so `None` means an id of another analysis.
    pub fn get(&self, id: SourceId) -> Option<&Source> {
        self.all.get(id.0)
    }

    /// The name under which a source was given.
    pub fn name(&self, id: SourceId) -> &str {
        self.get(id).map_or("", |source| source.name.as_str())
    }

    /// The text of a span.
    pub fn text(&self, span: Span) -> &str {
        self.get(span.source)
            .and_then(|source| source.text.get(span.start..span.end))
            .unwrap_or("")
    }

    /// The whole of a source.
    pub fn whole(&self, id: SourceId) -> Span {
        Span {
            source: id,
            start: 0,
            end: self.get(id).map_or(0, |source| source.text.len()),
        }
    }

    /// The lines that a span touches. A span that ends with a line's ending does not touch the next line.
    pub fn lines(&self, span: Span) -> LineRange {
        let Some(source) = self.get(span.source) else {
            return LineRange { first: 0, last: 0 };
        };
        let first = source.lines.line_of(span.start);
        let last_byte = span.end.saturating_sub(1).max(span.start);
        LineRange {
            first,
            last: source.lines.line_of(last_byte).max(first),
        }
    }

    /// The text of 1-based line `line` without its ending.
    pub fn line(&self, id: SourceId, line: usize) -> &str {
        self.get(id)
            .and_then(|source| source.text.get(source.lines.bytes_of(line)?))
            .map_or("", |text| text.trim_end_matches(['\n', '\r']))
    }

    /// The lines of a span, each with its own span (without the ending), in order.
    pub fn lines_in(&self, span: Span) -> impl Iterator<Item = (Span, &str)> {
        let mut at = span.start;
        ends(self.text(span)).map(move |(line, end)| {
            let here = Span {
                source: span.source,
                start: at,
                end: at + line.len(),
            };
            at = span.start + end;
            (here, line)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{LineRange, Sources, Span};

    #[test]
    fn spans_know_their_lines() {
        let mut sources = Sources::default();
        let id = sources.add("paste 1", "one\r\ntwo\nthree\n");
        let span = |start, end| Span { source: id, start, end };
        assert_eq!(sources.lines(span(0, 5)), LineRange { first: 1, last: 1 });
        assert_eq!(sources.lines(span(0, 6)), LineRange { first: 1, last: 2 });
        assert_eq!(sources.line(id, 1), "one");
        let lines: Vec<_> = sources.lines_in(sources.whole(id)).map(|(s, t)| (s.start, t)).collect();
        assert_eq!(lines, [(0, "one"), (5, "two"), (9, "three")]);
    }
}
