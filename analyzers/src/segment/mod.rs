//! Splits a paste into segments, a command and its output each, and names the format of each output.
//!
//! One sniffer a file; [`SNIFFERS`](formats::SNIFFERS) is the one list of them.

mod command_line;
pub mod formats;
mod guess;
mod prompt;
pub mod sniff;
mod split;

use crate::text::Span;

pub use command_line::CommandLine;
pub use formats::Format;
pub use split::split;

/// A command as it was typed, without its prompt; continuation lines are joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// Where it stands, from the first to the last line it was typed on, the prompt included.
    pub span: Span,
    /// The command on one line.
    pub text: String,
}

/// A command and its output, or an output alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    /// From the prompt to the last line of the output.
    pub span: Span,
    /// The command, where one was pasted.
    pub command: Option<Command>,
    /// The output; empty where the command printed nothing.
    pub body: Span,
    /// What the output is.
    pub format: Format,
    /// How sure the sniffer is, from 0 to 1. It orders guesses and is shown in `read`; no finding rests on it.
    pub confidence: f32,
}

impl Command {
    /// The value of an option: `--name VALUE` or `--name=VALUE`, without quotes.
    pub fn option(&self, name: &str) -> Option<&str> {
        let mut words = self.text.split_whitespace();
        while let Some(word) = words.next() {
            let value = if word == name {
                words.next()
            } else {
                word.strip_prefix(name).and_then(|rest| rest.strip_prefix('='))
            };
            if let Some(value) = value {
                return Some(value.trim_matches(['"', '\'']));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::Command;
    use crate::text::{SourceId, Span};

    #[test]
    fn options_are_read_in_both_forms() {
        let span = Span {
            source: SourceId(0),
            start: 0,
            end: 0,
        };
        let command = |text: &str| Command {
            span,
            text: text.to_owned(),
        };
        assert_eq!(command("aws x y --arn 'a:b' --z").option("--arn"), Some("a:b"));
        assert_eq!(command("aws x y --arn=a:b").option("--arn"), Some("a:b"));
        assert_eq!(command("aws x y --arnold a").option("--arn"), None);
    }
}
