//! What `set -x` prints: each command that a script runs, behind as many `+` as shells are around it.

use super::Typed;
use crate::artifact::host::shell_error;
use crate::segment::program::{known, scripted};

/// Whether a paste's lines with `+` are a script's commands: where one calls a known program, the others are commands, too.
#[derive(Debug, Default)]
pub struct Trace {
    on: bool,
    /// Whether the command above prints lines with `+` itself.
    differs: bool,
    /// Whether somebody had a log printed: a trace in it is the container's.
    logged: bool,
}

impl Trace {
    /// Looks at a command, before its output.
    pub fn see(&mut self, line: &str, typed: &Typed) {
        let traced = command(line).filter(|_| typed.prompt.is_empty());
        if let Some(command) = traced {
            self.on |= known(command) && !self.differs && !self.logged;
        } else {
            self.on = false;
            self.logged = prints_traces(&typed.text);
        }
        self.differs = prints_signs(&typed.text);
    }

    /// Looks at a line of the output: a diff's hunks have lines with `+`.
    pub fn output(&mut self, line: &str, above: Option<&str>) {
        let header = line.starts_with("+++ ") && above.is_some_and(|above| above.starts_with("--- "));
        self.differs |= header || line.starts_with("@@ -");
    }

    /// The command of a line in a trace. `script`: whether the lines above are a script's text, in which calls stand that nobody has made.
    pub fn typed(&self, line: &str, above: Option<&str>, script: bool) -> Option<Typed> {
        let text = command(line)?.trim();
        let header = line.starts_with("+++ ") && above.is_some_and(|above| above.starts_with("--- "));
        if self.logged || header || !is_call(text) || above.is_some_and(shell_error::is_position) {
            return None;
        }
        // A known call does not stand in the diff that a script makes, and goes on with its trace.
        let begins = known(text) && !(script && scripted(text));
        let goes_on = self.on && (begins || !self.differs);
        (goes_on || begins && !self.differs).then(|| Typed {
            text: text.to_owned(),
            ..Typed::default()
        })
    }
}

/// Whether a text may be a call: it has a letter, or is a condition. PowerShell draws `~~~~` under what failed.
fn is_call(text: &str) -> bool {
    text.contains(char::is_alphabetic) || text == ":" || ["[ ", "[[ ", "(( "].iter().any(|open| text.starts_with(open))
}

/// Whether a line is the trace of a known call.
pub fn is_traced(line: &str) -> bool {
    command(line).is_some_and(known)
}

/// What stands behind the signs (bash's `PS4`, whose first letter is repeated).
fn command(line: &str) -> Option<&str> {
    line.strip_prefix('+')?.trim_start_matches('+').strip_prefix(' ')
}

/// Whether a command prints lines that begin with `+` and are no commands.
fn prints_signs(text: &str) -> bool {
    text.split_ascii_whitespace().any(|word| {
        matches!(
            word.rsplit('/').next(),
            Some("diff" | "colordiff" | "git" | "terraform" | "tofu" | "stern" | "pulumi" | "cdk")
        )
    })
}

/// Whether a command prints what a script in a container may have traced.
fn prints_traces(text: &str) -> bool {
    let mut words = text.split_ascii_whitespace();
    words.any(|word| matches!(word, "logs" | "log" | "journalctl" | "cat" | "tail"))
}
