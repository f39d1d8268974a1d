//! The scene: shapes with places, sizes and meanings, and no colours. An exporter gives each meaning its looks.

use crate::flow::Verdict;

/// A picture. Units are CSS pixels; the origin is the upper left corner.
#[derive(Debug, Clone, PartialEq)]
pub struct Scene {
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
    /// One line: what the picture is of.
    pub title: String,
    /// The whole picture in words, for those who cannot see it.
    pub description: String,
    /// From back to front.
    pub shapes: Vec<Shape>,
}

/// What a shape means, which decides its looks. The names are the CSS classes of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Role {
    /// The outermost zone.
    Zone1,
    /// A zone in it.
    Zone2,
    /// A zone in that, such as a node.
    Zone3,
    /// Somebody who acts.
    Box,
    /// Somebody at whom the flow stops.
    BoxStop,
    /// Several who are drawn as one.
    BoxSeveral,
    /// Somebody who is not reached.
    BoxFaint,
    /// A label on a way.
    Chip,
    /// A label that shows what changed.
    ChipHot,
    /// A label at which it stops.
    ChipStop,
    /// The way that is explained.
    Leg,
    /// The way on which it stops.
    LegStop,
    /// Another way.
    LegAlt,
    /// A lifeline, or a rule between rows.
    Line,
    /// A message of a ladder.
    Message,
    /// A message that was needless.
    MessageWaste,
    /// The disc behind a hop's number.
    Number,
    /// A frame around the part of a value that differs.
    Difference,
    /// A cell of a table: everything passes.
    CellAll,
    /// A cell: some of it passes.
    CellSome,
    /// A cell: nothing passes.
    CellNone,
    /// A cell: everything passes because nobody says otherwise.
    CellOpen,
    /// A cell of which it is not known.
    CellUnknown,
    /// A ground in the picture's own colour that keeps text readable where a line runs behind it.
    Plate,
}

/// How text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TextRole {
    /// A name.
    Title,
    /// A zone's or a section's label.
    Label,
    /// An address, a name, code: monospaced.
    Code,
    /// Code that changed or matters: monospaced and bold.
    CodeStrong,
    /// Code that is needless or faint.
    CodeFaint,
    /// The part of a value that differs.
    CodeStop,
    /// A hop's number.
    Number,
    /// A remark in words.
    Note,
}

/// Where the text's anchor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Anchor {
    /// At its beginning.
    Start,
    /// In its middle.
    Middle,
    /// At its end.
    End,
}

/// A shape.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// A rectangle with rounded corners.
    Rect {
        /// Left.
        x: f64,
        /// Top.
        y: f64,
        /// Width.
        width: f64,
        /// Height.
        height: f64,
        /// Radius of the corners.
        radius: f64,
        /// Meaning.
        role: Role,
    },
    /// A line through points, with an arrow at its end where `arrow`.
    Path {
        /// The points.
        points: Vec<(f64, f64)>,
        /// Whether it ends in an arrow.
        arrow: bool,
        /// Whether it is dashed (answers, and ways on which it stops).
        dashed: bool,
        /// Meaning.
        role: Role,
    },
    /// A disc.
    Circle {
        /// Centre.
        x: f64,
        /// Centre.
        y: f64,
        /// Radius.
        radius: f64,
        /// Meaning.
        role: Role,
    },
    /// One line of text.
    Text {
        /// Anchor.
        x: f64,
        /// Baseline.
        y: f64,
        /// The text.
        text: String,
        /// Looks.
        role: TextRole,
        /// Which part of the text stands at `x`.
        anchor: Anchor,
        /// The exact width that the text is set to, where other shapes are aligned with its characters.
        length: Option<f64>,
        /// The whole text, where `text` is a shortened form of it.
        full: Option<String>,
    },
    /// One line of text that is read upwards.
    Upright {
        /// Baseline.
        x: f64,
        /// Where the text begins, below its end.
        y: f64,
        /// The text.
        text: String,
        /// Looks.
        role: TextRole,
        /// The whole text, where `text` is a shortened form of it.
        full: Option<String>,
    },
    /// A cell of a table: a step of the flow, with its text in the middle. Pointing at it tells the step in words.
    Cell {
        /// Left.
        x: f64,
        /// Top.
        y: f64,
        /// Width.
        width: f64,
        /// Height.
        height: f64,
        /// Meaning.
        role: Role,
        /// What stands in it.
        text: String,
        /// How that looks.
        text_role: TextRole,
        /// The step's index in the order of [`Flow::steps`](crate::flow::Flow::steps).
        step: usize,
        /// The step in words.
        label: String,
    },
    /// A verdict's mark: octagon, disc, diamond, dashed ring.
    Mark {
        /// Left.
        x: f64,
        /// Top.
        y: f64,
        /// Width and height.
        size: f64,
        /// Which.
        verdict: Verdict,
    },
    /// Shapes that belong to one step of the flow: clicking them shows its evidence.
    Group {
        /// The step's index in the order of [`Flow::steps`](crate::flow::Flow::steps).
        step: usize,
        /// The step in words, for those who cannot see it.
        label: String,
        /// From back to front.
        shapes: Vec<Shape>,
    },
}
