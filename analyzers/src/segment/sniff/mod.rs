//! One sniffer a file: given where a part of an output may begin, says what it is and how far it reaches.

pub mod json;
pub mod kubectl_table;
pub mod log;
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
            whole: None,
            above: None,
        }
    }

    /// Whether the command's output has this format.
    pub fn expects(&self, format: Format) -> bool {
        self.expects == Some(format)
    }
}

/// Recognises a part that begins with `line`, the first line of `rest`. Looks ahead only as far as it takes, so that a paste is split in
/// one pass.
pub type Sniffer = fn(line: &str, rest: &str, hint: &Hint<'_>) -> Option<Taken>;
