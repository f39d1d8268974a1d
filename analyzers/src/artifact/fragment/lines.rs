//! The lines of fragments: without the numbers that `grep -n` writes before them, and with what tells that lines are missing.

use crate::text::Piece;

/// A line of a fragment.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    /// What stands there.
    pub text: Piece<'a>,
    /// In which column it begins.
    indent: u32,
    /// Whether lines are missing above it.
    pub gap: bool,
}

impl Line<'_> {
    /// In which column it begins.
    pub fn indent(&self) -> usize {
        self.indent as usize
    }
}

/// `12:name: x` and `12-name: x`: the number and the line.
pub fn number(line: &str) -> Option<(usize, &str)> {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let number = line.get(..digits)?.parse().ok()?;
    let rest = line.get(digits..)?;
    Some((number, rest.strip_prefix([':', '-'])?))
}

/// What stands where lines are missing: what grep writes, and what people do.
pub fn is_gap(line: &str) -> bool {
    matches!(
        line.trim(),
        "--" | "..." | "…" | "[...]" | "(...)" | "<snip>" | "[snip]"
    )
}

/// The lines of a text. `stretch`: whether lines that stand together stood together; with their numbers each line tells that itself.
pub fn of(whole: Piece<'_>, numbered: bool, stretch: bool) -> Vec<Line<'_>> {
    let mut found = Vec::new();
    let mut gap = true;
    let mut last: Option<usize> = None;
    for full in whole.lines() {
        if is_gap(full.str()) {
            gap = true;
            continue;
        }
        let mut line = full;
        let mut follows = stretch;
        if numbered && let Some((number, rest)) = number(full.str()) {
            line = full.skip(full.len() - rest.len());
            follows = last.is_some_and(|last| last + 1 == number);
            last = Some(number);
        }
        let text = line.trim();
        if text.is_empty() && !stretch {
            continue;
        }
        found.push(Line {
            indent: u32::try_from(text.start() - line.start()).unwrap_or(u32::MAX),
            text,
            gap: gap || !follows,
        });
        gap = false;
    }
    found
}
