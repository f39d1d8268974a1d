//! Splits a paste into segments, a command and its output each, and names the format of each output.
//!
//! [`ALL`](formats::ALL) is the one list of formats.

mod alias;
mod command_line;
mod continuation;
pub mod file_name;
pub mod formats;
mod guess;
mod k9s;
pub mod log_prefix;
mod pipeline;
mod program;
mod prompt;
mod shell_words;
pub mod sniff;
mod split;
mod statement;
mod within;
mod wrapper;

use crate::text::Span;

pub use command_line::{CommandLine, resolved};
pub use formats::Format;
pub use split::{is_mark, split};

/// The command that printed an output: as it was typed, without its prompt and with its continuation lines joined; else what a title or a
/// file's name says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// Where it stands, from the first to the last line it was typed on, the prompt included; or the line that is the title.
    pub span: Span,
    /// The command on one line.
    pub text: String,
    /// Whether no line says it, but it is what a file of that name is printed by; it stands at the beginning of the text then.
    pub implied: bool,
    /// Whether a title in the text stands for it: k9s' over its table, a collector's above an output. Nobody typed it.
    pub titled: bool,
}

/// A command and its output, or an output alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    /// From the prompt to the last line of the output.
    pub span: Span,
    /// The command, where one was pasted or is implied.
    pub command: Option<Command>,
    /// The commands that opened the shells in which it was typed (`kubectl exec -it … -- sh`, `ssh …`), outermost first; empty where
    /// nothing says so.
    pub within: Vec<String>,
    /// The host that the prompt names: a node's, a pod's.
    pub at: Option<String>,
    /// The output; empty where the command printed nothing.
    pub body: Span,
    /// What the output is.
    pub format: Format,
    /// How sure the sniffer is, from 0 to 1. It orders guesses and is shown in `read`; no finding rests on it.
    pub confidence: f32,
    /// Whether somebody chose the format.
    pub chosen: bool,
}

impl Segment {
    /// Gives it the format that somebody chose.
    pub(crate) fn chosen(&mut self, format: Format) {
        self.format = format;
        self.confidence = 1.0;
        self.chosen = true;
    }
}

impl Command {
    /// Whether somebody typed it.
    pub fn typed(&self) -> bool {
        !self.implied && !self.titled
    }

    /// The command taken apart.
    pub fn line(&self) -> CommandLine {
        CommandLine::new(&self.text)
    }

    /// What was written for an option, without quotes; it may be a shell's variable.
    pub fn written(&self, name: &str) -> Option<String> {
        self.line().written(&[name]).map(str::to_owned)
    }

    /// The name that an option gives: `--name VALUE` or `--name=VALUE`, without quotes; see [`CommandLine::name`].
    pub fn option(&self, name: &str) -> Option<String> {
        self.line().name(&[name]).map(str::to_owned)
    }
}
