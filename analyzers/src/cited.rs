//! Evidence as line ranges, put together for readers: what touches is one range, and each place stands once.

use crate::analysis::Analysis;
use crate::evidence::Evidence;
use crate::segment::Segment;
use crate::text::{LineRange, SourceId, Span};

/// Lines that prove something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cited {
    /// The source that they are in.
    pub source: SourceId,
    /// The lines.
    pub lines: LineRange,
    /// The segment that they are in, by its index in [`Analysis::segments`]; ranges of two segments are never put together.
    pub segment: Option<usize>,
}

impl Analysis {
    /// The cited lines: segments in the order in which the evidence first names them, the lines of each in their own order.
    pub fn cited(&self, evidence: &[Evidence]) -> Vec<Cited> {
        let mut all: Vec<(usize, Cited)> = Vec::new();
        let mut order: Vec<(SourceId, Option<usize>)> = Vec::new();
        for proof in evidence {
            let Some(span) = proof.span(&self.sources, &self.artifacts) else {
                continue;
            };
            let segment = self.segment_at(span);
            let key = (span.source, segment);
            let rank = order.iter().position(|known| *known == key).unwrap_or_else(|| {
                order.push(key);
                order.len() - 1
            });
            let cited = Cited {
                source: span.source,
                lines: self.sources.lines(span),
                segment,
            };
            all.push((rank, cited));
        }
        all.sort_by_key(|(rank, cited)| (*rank, cited.lines));
        let mut merged: Vec<(usize, Cited)> = Vec::new();
        for (rank, cited) in all {
            match merged.last_mut() {
                Some((last, known)) if *last == rank && cited.lines.first <= known.lines.last + 1 => {
                    known.lines.last = known.lines.last.max(cited.lines.last);
                }
                _ => merged.push((rank, cited)),
            }
        }
        merged.into_iter().map(|(_, cited)| cited).collect()
    }

    /// The segment that holds the beginning of a span. Segments are in the order of the sources and of their places in them.
    fn segment_at(&self, span: Span) -> Option<usize> {
        let after = self.segments.partition_point(|segment: &Segment| {
            (segment.span.source, segment.span.start) <= (span.source, span.start)
        });
        let index = after.checked_sub(1)?;
        let segment = self.segments.get(index)?;
        let inside = segment.span.source == span.source && span.start < segment.span.end.max(segment.span.start + 1);
        inside.then_some(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{Input, read};

    #[test]
    fn lines_that_touch_are_one_range_and_segments_stay_apart() {
        let text = "$ cat a\none\ntwo\nthree\nfour\n$ cat b\nfive\n";
        let inputs = vec![Input {
            name: "paste".to_owned(),
            bytes: text.as_bytes().to_vec(),
        }];
        let analysis = read(inputs, &mut |_| {});
        let line = |number: usize| {
            let (id, source) = analysis.sources.iter().next().expect("one source");
            let bytes = source.lines.bytes_of(number).expect("a line");
            Evidence::Text(Span {
                source: id,
                start: bytes.start,
                end: bytes.end,
            })
        };
        let shown = |numbers: &[usize]| -> Vec<(usize, usize)> {
            let evidence: Vec<Evidence> = numbers.iter().map(|&number| line(number)).collect();
            analysis
                .cited(&evidence)
                .iter()
                .map(|cited| (cited.lines.first, cited.lines.last))
                .collect()
        };
        assert_eq!(shown(&[4, 2, 3, 2]), [(2, 4)]);
        assert_eq!(shown(&[5, 2]), [(2, 2), (5, 5)]);
        // Line 6 begins another command: it touches line 5 and is not one with it.
        assert_eq!(shown(&[7, 6, 5]), [(6, 7), (5, 5)]);
    }
}
