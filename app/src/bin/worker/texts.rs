//! The texts that the page shows in windows.

use std::collections::BTreeMap;

use whypath_analyzers::text::{LineIndex, decode};
use whypath_app::protocol::{LINE_LIMIT, Line};

/// The open texts, decoded as the analyzers decode them, so that line numbers agree.
#[derive(Debug, Default)]
pub struct Texts {
    all: BTreeMap<u32, Text>,
}

#[derive(Debug)]
struct Text {
    text: String,
    lines: LineIndex,
}

impl Texts {
    /// Keeps a text, and says how many lines it has.
    pub fn open(&mut self, source: u32, bytes: &[u8]) -> usize {
        let text = decode(bytes).text;
        let lines = LineIndex::new(&text);
        let count = lines.count();
        self.all.insert(source, Text { text, lines });
        count
    }

    /// Forgets a text.
    pub fn close(&mut self, source: u32) {
        self.all.remove(&source);
    }

    /// `count` lines from 1-based line `first` on, as far as there are so many.
    pub fn window(&self, source: u32, first: usize, count: usize) -> Vec<Line> {
        let Some(text) = self.all.get(&source) else {
            return Vec::new();
        };
        (first..first.saturating_add(count))
            .map_while(|line| text.text.get(text.lines.bytes_of(line)?))
            .map(cut)
            .collect()
    }
}

fn cut(line: &str) -> Line {
    let line = line.trim_end_matches(['\n', '\r']);
    let end = line
        .char_indices()
        .nth(LINE_LIMIT)
        .map_or(line.len(), |(offset, _)| offset);
    let (shown, rest) = line.split_at(end);
    Line {
        text: shown.to_owned(),
        more: rest.chars().count(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_ends_with_the_text() {
        let mut texts = Texts::default();
        assert_eq!(texts.open(7, b"one\r\ntwo\nthree"), 3);
        let window = |first, count| -> Vec<String> {
            texts
                .window(7, first, count)
                .into_iter()
                .map(|line| line.text)
                .collect()
        };
        assert_eq!(window(1, 2), ["one", "two"]);
        assert_eq!(window(3, 9), ["three"]);
        assert!(window(4, 1).is_empty());
        assert!(window(0, 1).is_empty());
        assert!(texts.window(8, 1, 1).is_empty());
    }

    #[test]
    fn a_very_long_line_is_cut_and_the_rest_is_counted() {
        let mut texts = Texts::default();
        texts.open(1, "ü".repeat(LINE_LIMIT + 5).as_bytes());
        let window = texts.window(1, 1, 1);
        assert_eq!(window.len(), 1);
        assert!(
            window
                .iter()
                .all(|line| line.more == 5 && line.text.chars().count() == LINE_LIMIT)
        );
    }
}
