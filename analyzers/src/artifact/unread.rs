//! The lines that a parser of a line format did not understand: named one by one, and counted where there are many.

use crate::problem::{Problem, excerpt};
use crate::segment::formats::Part;
use crate::text::Piece;

/// How many lines of one part are named.
const NAMED: usize = 20;

/// What a parser could not read of a part.
#[derive(Debug, Default)]
pub struct Unread {
    named: Vec<(std::ops::Range<usize>, String)>,
    more: usize,
}

impl Unread {
    /// A line that is none of the format's.
    pub fn line(&mut self, line: Piece<'_>) {
        self.say(line, || {
            format!(
                "This line is not understood and was left out: {}",
                excerpt(line.trim().str())
            )
        });
    }

    /// Something to say of a piece.
    pub fn say(&mut self, piece: Piece<'_>, message: impl FnOnce() -> String) {
        if self.named.len() < NAMED {
            self.named.push((piece.range(), message()));
        } else {
            self.more += 1;
        }
    }

    /// Hands the problems over.
    pub fn finish(self, part: &Part<'_>, problems: &mut Vec<Problem>) {
        for (range, message) in self.named {
            problems.push(Problem::new(part.span().slice(range), message));
        }
        if self.more > 0 {
            problems.push(Problem::new(
                part.span(),
                format!(
                    "{} more of its lines are not understood; the first {NAMED} are listed.",
                    self.more
                ),
            ));
        }
    }
}
