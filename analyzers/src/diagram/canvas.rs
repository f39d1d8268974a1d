//! What all pictures are made of: lines of text, chips, boxes.

use super::measure;
use super::scene::{Anchor, Role, Shape, TextRole};
use crate::flow::Verdict;

/// From one baseline to the next.
pub const LINE: f64 = 17.0;

/// A text at its beginning.
pub fn text(x: f64, y: f64, text: impl Into<String>, role: TextRole) -> Shape {
    anchored(x, y, text, role, Anchor::Start)
}

/// A text with its anchor.
pub fn anchored(x: f64, y: f64, text: impl Into<String>, role: TextRole, anchor: Anchor) -> Shape {
    Shape::Text {
        x,
        y,
        text: text.into(),
        role,
        anchor,
        length: None,
        full: None,
    }
}

/// A text that is shortened to a width.
pub fn fitted(x: f64, y: f64, whole: &str, role: TextRole, max: f64) -> Shape {
    let (text, full) = measure::fit(whole, role, max);
    Shape::Text {
        x,
        y,
        text,
        role,
        anchor: Anchor::Start,
        length: None,
        full,
    }
}

/// A hop's number in its disc.
pub fn number(x: f64, y: f64, n: usize) -> [Shape; 2] {
    [
        Shape::Circle {
            x,
            y,
            radius: 10.0,
            role: Role::Number,
        },
        anchored(x, y + 3.7, n.to_string(), TextRole::Number, Anchor::Middle),
    ]
}

/// A line of a chip or a box: a remark in words, a value, or both.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The remark before the value.
    pub label: String,
    /// The value.
    pub value: String,
    /// The value's looks.
    pub role: TextRole,
    /// The whole value, where it was shortened.
    pub full: Option<String>,
}

impl Row {
    /// A line of one text that fits into `max`.
    pub fn plain(value: &str, role: TextRole, max: f64) -> Self {
        Self::labelled("", value, role, max)
    }

    /// A remark with a value that fits into `max`.
    pub fn labelled(label: &str, value: &str, role: TextRole, max: f64) -> Self {
        let (value, full) = measure::fit(value, role, max);
        Self {
            label: label.to_owned(),
            value,
            role,
            full,
        }
    }

    /// A sentence in as many lines as it needs, three at most.
    pub fn words(text: &str, role: TextRole, max: f64) -> Vec<Self> {
        measure::wrap(text, role, max, 3)
            .into_iter()
            .map(|(value, full)| Self {
                label: String::new(),
                value,
                role,
                full,
            })
            .collect()
    }
}

/// Lines whose values stand one under the other.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// The lines.
    pub rows: Vec<Row>,
    /// A mark at the right of the first line.
    pub mark: Option<Verdict>,
}

impl Table {
    fn label_width(&self) -> f64 {
        self.rows
            .iter()
            .filter(|row| !row.label.is_empty())
            .map(|row| measure::width(&row.label, TextRole::Note) + 8.0)
            .fold(0.0, f64::max)
    }

    /// The width of the lines alone.
    pub fn width(&self) -> f64 {
        let label = self.label_width();
        let mark = if self.mark.is_some() { 22.0 } else { 0.0 };
        self.rows
            .iter()
            .enumerate()
            .map(|(at, row)| {
                let value = measure::width(&row.value, row.role);
                let mark = if at == 0 { mark } else { 0.0 };
                if row.label.is_empty() {
                    value + mark
                } else {
                    label + value + mark
                }
            })
            .fold(0.0, f64::max)
    }

    /// The height of the lines alone.
    pub fn height(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a chip has a handful of lines")]
        let rows = self.rows.len() as f64;
        rows * LINE
    }

    /// The lines, from the upper left corner of the first.
    pub fn draw(&self, x: f64, y: f64, width: f64) -> Vec<Shape> {
        let label = self.label_width();
        let mut shapes = Vec::new();
        let mut baseline = y + 12.5;
        for row in &self.rows {
            let at = if row.label.is_empty() {
                x
            } else {
                shapes.push(text(x, baseline, row.label.clone(), TextRole::Note));
                x + label
            };
            shapes.push(Shape::Text {
                x: at,
                y: baseline,
                text: row.value.clone(),
                role: row.role,
                anchor: Anchor::Start,
                length: None,
                full: row.full.clone(),
            });
            baseline += LINE;
        }
        if let Some(verdict) = self.mark {
            shapes.push(Shape::Mark {
                x: x + width - 16.0,
                y: y + 0.5,
                size: 16.0,
                verdict,
            });
        }
        shapes
    }
}

/// A label on a way.
#[derive(Debug, Clone, PartialEq)]
pub struct Chip {
    /// Its lines.
    pub table: Table,
    /// Its meaning.
    pub role: Role,
}

impl Chip {
    /// Width with the space around the lines.
    pub fn width(&self) -> f64 {
        if self.table.rows.is_empty() {
            0.0
        } else {
            self.table.width() + 18.0
        }
    }

    /// Height with the space around the lines.
    pub fn height(&self) -> f64 {
        if self.table.rows.is_empty() {
            0.0
        } else {
            self.table.height() + 7.0
        }
    }

    /// The chip with its upper left corner there.
    pub fn draw(&self, x: f64, y: f64) -> Vec<Shape> {
        if self.table.rows.is_empty() {
            return Vec::new();
        }
        let mut shapes = vec![Shape::Rect {
            x,
            y,
            width: self.width(),
            height: self.height(),
            radius: 5.0,
            role: self.role,
        }];
        shapes.extend(self.table.draw(x + 9.0, y + 3.5, self.table.width()));
        shapes
    }
}
