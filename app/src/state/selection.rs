//! What the reader is looking at.

use crate::protocol::TextId;

/// Something that rests on lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Selection {
    /// A finding, by index.
    Finding(usize),
    /// A why of a finding.
    Why(usize, usize),
    /// A step of a picture.
    Step(usize, usize),
    /// A segment.
    Segment(usize),
    /// A problem.
    Problem(usize),
}

impl Selection {
    /// The DOM id of the element that shows it.
    pub fn element_id(self) -> String {
        match self {
            Self::Finding(finding) => format!("finding-{finding}"),
            Self::Why(finding, why) => format!("finding-{finding}-why-{why}"),
            Self::Step(picture, _) => format!("picture-{picture}"),
            Self::Segment(segment) => format!("segment-{segment}"),
            Self::Problem(problem) => format!("problem-{problem}"),
        }
    }
}

/// Lines to be scrolled to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The text.
    pub text: TextId,
    /// The line, from 1.
    pub line: usize,
}
