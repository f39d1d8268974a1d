//! Cited places and the cited lines themselves, as reports show them.

use std::fmt::Write as _;

use crate::analysis::Analysis;
use crate::evidence::Evidence;
use crate::text::{LineRange, SourceId};

/// An excerpt has at most this many lines.
const LINES: usize = 12;

/// Cited lines.
pub struct Excerpt {
    /// `paste 1 lines 3–5`.
    pub place: String,
    /// The lines.
    pub text: String,
}

impl Analysis {
    /// `paste 1 lines 3–5`, each place once.
    pub(super) fn places(&self, evidence: &[Evidence]) -> Vec<String> {
        self.cited(evidence)
            .into_iter()
            .map(|cited| place(self.sources.name(cited.source), cited.lines))
            .collect()
    }

    /// The cited lines, each once, in the order of the sources.
    pub(super) fn excerpts(&self, evidence: &[Evidence]) -> Vec<Excerpt> {
        let mut merged: Vec<(SourceId, LineRange)> = self
            .cited(evidence)
            .into_iter()
            .map(|cited| (cited.source, cited.lines))
            .collect();
        merged.sort_unstable();
        merged
            .into_iter()
            .map(|(source, lines)| {
                let last = lines.last.min(lines.first + LINES - 1);
                let mut text = String::new();
                for line in lines.first..=last {
                    text.push_str(self.sources.line(source, line));
                    text.push('\n');
                }
                if last < lines.last {
                    let _ = writeln!(text, "… {} more lines", lines.last - last);
                }
                Excerpt {
                    place: place(self.sources.name(source), lines),
                    text: text.trim_end().to_owned(),
                }
            })
            .collect()
    }
}

/// `paste 1 lines 3–5`.
pub fn place(name: &str, lines: LineRange) -> String {
    if lines.first == lines.last {
        format!("{name} line {}", lines.first)
    } else {
        format!("{name} lines {}–{}", lines.first, lines.last)
    }
}
