//! Which lines are commands that somebody typed: by their prompt, or, without one, by the program that they call.

mod decorated;
mod first;
mod glued;
mod learned;
mod powerline;
mod right;
#[cfg(test)]
mod tests;
mod trace;
mod unix;
mod upper;
mod users;
mod windows;

pub use learned::Learned;
pub use powerline::is_indented_prompt;
pub use trace::{Trace, is_traced};
pub use upper::{host_of, is_upper_line};
pub use users::WholeUsers;

use super::program::known;
use decorated::decorated;
use first::by_first;
use glued::glued;
use powerline::powerline;
use unix::unix_prompt;
use users::user_of;
use windows::windows_prompt;

/// A command line that was recognised.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Typed {
    /// What was typed; empty at a bare prompt.
    pub text: String,
    /// Whether a PowerShell or `cmd` prompt stands before it: they continue lines with a backtick and with `^`.
    pub windows: bool,
    /// The prompt without what changes between two commands (the directory, the time): the same shell has the same one.
    pub prompt: String,
    /// The host that the prompt names.
    pub host: Option<String>,
    /// Where the prompt begins in the line: not at its beginning where the output before it had no newline at its end.
    pub from: usize,
    /// Whether the prompt may have another line above it.
    pub two_lines: bool,
}

/// A prompt, and the text after it.
struct Found<'a> {
    rest: &'a str,
    prompt: String,
    host: Option<&'a str>,
    from: usize,
}

impl<'a> Found<'a> {
    fn new(rest: &'a str, prompt: impl Into<String>) -> Self {
        Self {
            rest,
            prompt: prompt.into(),
            host: None,
            from: 0,
        }
    }

    fn of_host(rest: &'a str, user: &str, host: &'a str) -> Self {
        Self {
            rest,
            prompt: format!("{user}@{host}"),
            host: Some(host),
            from: 0,
        }
    }

    fn typed(self, windows: bool) -> Typed {
        // PowerShell's own prompts have nothing at the right.
        let rest = if windows || self.prompt.is_empty() {
            self.rest
        } else {
            right::without(self.rest)
        };
        Typed {
            text: rest.trim().to_owned(),
            windows,
            prompt: self.prompt,
            host: self.host.map(str::to_owned),
            from: self.from,
            two_lines: false,
        }
    }
}

/// How much of a line a prompt may take.
const LONGEST: usize = 120;

/// The command on a line, where the line is one. Cheap on lines that are none: it runs on every line of a paste.
pub fn typed(line: &str) -> Option<Typed> {
    let clean = line.trim_end();
    let first = clean.chars().next()?;
    // Everything indented is output, but for the prompts of some shells (` ~ $`), which nobody pastes without its command's output.
    if first == ' ' || first == '\t' {
        return is_indented_prompt(clean)
            .then(|| powerline(clean))
            .flatten()
            .map(|found| found.typed(false));
    }
    if let Some(found) = by_first(clean, first) {
        return found.map(|found| Typed {
            two_lines: !matches!(first, '#' | '>'),
            ..found.typed(false)
        });
    }
    if let Some(found) = windows_prompt(clean) {
        return Some(found.typed(true));
    }
    if first == 'E'
        && let Some(command) = watched(clean)
    {
        return Some(Found::new(command, "").typed(false));
    }
    // The signs that end a prompt are in no other line of most outputs.
    if has_sign(clean.as_bytes())
        && let Some(found) = unix_prompt(clean).or_else(|| decorated(clean)).or_else(|| glued(clean))
    {
        return Some(found.typed(false));
    }
    if let Some(found) = powerline(clean) {
        return Some(found.typed(false));
    }
    if known(clean) && !clean.ends_with([':', '.', '?', '!']) {
        return Some(Found::new(clean, "").typed(false));
    }
    None
}

/// The command that `watch` runs, in its first line: `Every 2.0s: COMMAND    HOST: DATE` (procps/src/watch.c, `output_header`). What it
/// has no room for is an ellipsis.
fn watched(line: &str) -> Option<&str> {
    let (interval, rest) = line.strip_prefix("Every ")?.split_once("s: ")?;
    let number = interval
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','));
    // The date may have two blanks in it (`Jun  4`), but no colon with a blank.
    let titled = rest.rfind(": ").and_then(|colon| {
        let (command, host) = rest.get(..colon)?.rsplit_once("  ")?;
        host_word(host.trim()).then_some(command)
    });
    let mut command = titled.unwrap_or(rest).trim();
    if let Some(cut) = command.strip_suffix("...") {
        // Its last word is not whole.
        command = cut.rsplit_once(' ').map_or("", |(whole, _)| whole);
    }
    (number && !command.is_empty() && (titled.is_some() || known(command))).then_some(command)
}

/// The signs that end prompts.
const SIGNS: [char; 8] = ['$', '#', '%', '❯', '➜', '>', 'λ', '➤'];

/// Whether one of [`SIGNS`] may be in a line: the first byte of each is.
fn has_sign(line: &[u8]) -> bool {
    memchr::memchr3(b'$', b'#', b'%', line).is_some() || memchr::memchr3(b'>', 0xCE, 0xE2, line).is_some()
}

fn host_word(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '\\' | '+'))
}

/// What bash prints for a user that `/etc/passwd` has no name for (bash, `shell.c`, `get_current_user_info`): images that run as any
/// user id, Bitnami's and those made for `OpenShift`.
const NO_NAME: &str = "I have no name!";

/// The user and the host of `user@host`, with or without a directory after `:` or a blank.
fn user_at_host(text: &str) -> Option<(&str, &str)> {
    let (user, rest) = text.split_once('@')?;
    let host = rest.split([':', ' ']).next().unwrap_or_default();
    let directory = rest.get(host.len()..).unwrap_or_default();
    ((host_word(user) || user == NO_NAME) && host_word(host) && directory.split(' ').count() <= 3)
        .then_some((user, host))
}
