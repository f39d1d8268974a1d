//! Which lines of a long text can be seen.

/// Lines are asked for in windows of so many.
pub const CHUNK: usize = 128;

/// Browsers lay out no element that is much taller: Firefox gives up at about 17.9 million pixels, Chromium at 33.5.
/// A longer text scrolls faster than the finger.
const TALLEST: f64 = 15_000_000.0;

/// A pane with lines of one height, scrolled to somewhere. Lengths are CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Viewport {
    /// The height of a line.
    pub line_height: f64,
    /// The height of the pane.
    pub height: f64,
    /// How far it is scrolled.
    pub scroll: f64,
    /// How many lines there are.
    pub lines: usize,
}

#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "line numbers are far below 2^52, and what is rounded is cut to the number of lines"
)]
impl Viewport {
    /// The height that all lines would have.
    fn true_height(&self) -> f64 {
        self.lines as f64 * self.line_height
    }

    /// The height of what is scrolled.
    pub fn scroll_height(&self) -> f64 {
        self.true_height().min(TALLEST)
    }

    /// How far down in the text a step of the scroll bar leads: 1 but for texts taller than the tallest element.
    fn scale(&self) -> f64 {
        let way = self.scroll_height() - self.height;
        if way <= 0.0 || self.true_height() <= TALLEST {
            1.0
        } else {
            (self.true_height() - self.height) / way
        }
    }

    /// The first line that can be seen, from 1, and how many can be, partly seen ones included.
    pub fn visible(&self) -> (usize, usize) {
        if self.lines == 0 || self.line_height <= 0.0 {
            return (1, 0);
        }
        let above = (self.scroll.max(0.0) * self.scale() / self.line_height) as usize;
        let above = above.min(self.lines - 1);
        let count = (self.height.max(0.0) / self.line_height).ceil() as usize + 1;
        (above + 1, count.min(self.lines - above))
    }

    /// Where the first visible line is drawn, from the top of what is scrolled.
    pub fn top(&self) -> f64 {
        let (first, _) = self.visible();
        let above = (first - 1) as f64 * self.line_height;
        let scroll = self.scroll.max(0.0);
        // The line's distance from the pane's top is the same in both measures.
        scroll - (scroll * self.scale() - above)
    }

    /// How far to scroll so that a line stands at a third of the pane's height.
    pub fn scroll_to(&self, line: usize) -> f64 {
        let above = line.saturating_sub(1) as f64 * self.line_height;
        let wanted = (above - self.height / 3.0).max(0.0) / self.scale();
        wanted.min((self.scroll_height() - self.height).max(0.0))
    }

    /// Whether a line can be seen in full.
    pub fn shows(&self, line: usize) -> bool {
        let above = line.saturating_sub(1) as f64 * self.line_height;
        let from = self.scroll * self.scale();
        // Half a pixel is what the arithmetic of very long texts may be off by.
        above >= from - 0.5 && above + self.line_height <= from + self.height + 0.5
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn viewport(lines: usize, scroll: f64) -> Viewport {
        Viewport {
            line_height: 20.0,
            height: 400.0,
            scroll,
            lines,
        }
    }

    #[test]
    fn only_what_can_be_seen_is_shown() {
        assert_eq!(viewport(1000, 0.0).visible(), (1, 21));
        assert_eq!(viewport(1000, 50.0).visible(), (3, 21));
        assert_eq!(viewport(3, 0.0).visible(), (1, 3));
        assert_eq!(viewport(0, 0.0).visible(), (1, 0));
        // Scrolled beyond the end, as while a shorter text replaces a longer one.
        assert_eq!(viewport(3, 900.0).visible(), (3, 1));
    }

    #[test]
    fn lines_stand_where_they_would_without_tricks() {
        assert!((viewport(1000, 50.0).top() - 40.0).abs() < 1e-9);
    }

    #[test]
    fn the_last_line_of_a_text_of_any_length_can_be_reached() {
        for lines in [30, 1_000_000, 25_000_000] {
            let end = viewport(lines, 0.0).scroll_height() - 400.0;
            let (first, count) = viewport(lines, end).visible();
            assert_eq!(first + count - 1, lines);
            assert!(end <= TALLEST);
        }
    }

    #[test]
    fn scrolling_to_a_line_shows_it() {
        for lines in [30, 1_000_000, 25_000_000] {
            for line in [1, 2, lines / 2, lines - 1, lines] {
                let at = viewport(lines, viewport(lines, 0.0).scroll_to(line));
                assert!(at.shows(line), "line {line} of {lines}: {at:?} {:?}", at.visible());
                let (first, count) = at.visible();
                assert!(first <= line && line < first + count);
            }
        }
    }
}
