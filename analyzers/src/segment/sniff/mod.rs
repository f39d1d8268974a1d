//! One sniffer a file: given where a part of an output may begin, says what it is and how far it reaches.

pub mod json;
pub mod kubectl_table;
pub mod log;
mod log_extent;
pub mod prose;
pub mod resolv_conf;
pub mod yaml;

use super::{CommandLine, Format, formats};
use crate::text::documents::Document;
pub use crate::text::ends;

/// A part of an output that a sniffer recognised.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Taken {
    /// How many bytes it has: whole lines, with their endings.
    pub len: usize,
    /// What it is.
    pub format: Format,
    /// How sure the sniffer is.
    pub confidence: f32,
}

/// What the command tells about its output.
#[derive(Debug, Clone, Default)]
pub struct Hint<'a> {
    /// The command, taken apart.
    pub line: Option<CommandLine>,
    /// The format that it prints, where the command tells.
    pub expects: Option<Format>,
    /// The whole document that begins here, where one is known.
    pub whole: Option<&'a Document>,
    /// The line right above, where nothing recognised it.
    pub above: Option<&'a str>,
    /// Whether nobody typed the command: a file's name tells it, and all of the file is its output.
    pub implied: bool,
    /// Whether the command has ended above: its error or its exit code stands there, or somebody's words below its output.
    pub over: bool,
}

impl Hint<'_> {
    /// What a command tells.
    pub fn new(command: &str) -> Self {
        let line = CommandLine::new(command);
        let run = line.inner();
        let run = run.as_ref().unwrap_or(&line);
        let expects = formats::ALL.iter().copied().find(|format| (format.spec().command)(run));
        Self {
            line: Some(line),
            expects,
            ..Self::default()
        }
    }

    /// Whether the command's output has this format.
    pub fn expects(&self, format: Format) -> bool {
        self.expects == Some(format)
    }
}

/// From here on a sniffer is believed more than a command that stands further above, or a file's name.
pub const SURE: f32 = 0.85;

/// What a part that begins at a line is, whatever command may stand above it; `None` where no sniffer is sure.
pub fn sure(line: &str, rest: &str) -> Option<Taken> {
    first(line, rest, &Hint::default()).filter(|taken| taken.confidence >= SURE)
}

/// Another output that begins inside of what a program may print as it likes. A single line there is what programs print.
pub fn other(line: &str, rest: &str) -> Option<Taken> {
    let taken = sure(line, rest).filter(|taken| taken.format != formats::LOG)?;
    ends(rest.get(..taken.len)?).nth(1).is_some().then_some(taken)
}

/// The first bytes of an output without the words at their end that somebody wrote above what follows.
pub fn without_words(rest: &str, end: usize) -> usize {
    const MOST: usize = 64;
    let mut kept = end;
    for _ in 0..MOST {
        let above = rest.get(..kept).unwrap_or_default().trim_end();
        let start = above.rfind('\n').map_or(0, |at| at + 1);
        if start == 0 || !above.get(start..).is_some_and(prose::is_prose) {
            break;
        }
        kept = start;
    }
    kept
}

/// The first answer of all sniffers: the format that the command prints is asked first.
pub fn first(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let width = line.trim().len();
    let long_enough = formats::ALL.iter().filter(|format| format.spec().least <= width);
    let asked = hint.expects.iter().chain(long_enough);
    let mut answers = asked.filter_map(|format| (format.spec().sniff)(line, rest, hint));
    answers.next().filter(|taken| taken.len > 0)
}

/// Recognises a part that begins with `line`, the first line of `rest`. Looks ahead only as far as it takes, so that a paste is split in
/// one pass.
pub type Sniffer = fn(line: &str, rest: &str, hint: &Hint<'_>) -> Option<Taken>;

#[cfg(test)]
mod tests;
