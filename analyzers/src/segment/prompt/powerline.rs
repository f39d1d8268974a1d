//! Prompts of parts that letters of powerline fonts divide: agnoster's, powerlevel10k's, `PowerShell`'s oh-my-posh.

use super::{Found, user_at_host};
use crate::segment::program::known;

/// The letters of powerline fonts between a prompt's parts.
const POWERLINE: [char; 4] = ['\u{e0b0}', '\u{e0b1}', '\u{e0b4}', '\u{e0bc}'];

/// Where in a line a prompt's last part has ended.
const LONGEST: usize = 600;

/// Whether an indented line may be such a prompt: they begin with one blank on a coloured ground.
pub fn is_indented_prompt(line: &str) -> bool {
    let mut bytes = line.bytes();
    bytes.next() == Some(b' ')
        && bytes.next().is_some_and(|second| second != b' ')
        && line
            .as_bytes()
            .get(..LONGEST.min(line.len()))
            .is_some_and(|head| memchr::memchr(0xEE, head).is_some())
}

/// What follows the last part of a prompt. Only a known program makes such a line a command.
pub fn powerline(line: &str) -> Option<Found<'_>> {
    memchr::memchr(0xEE, line.as_bytes())?;
    let at = line.rfind(POWERLINE)?;
    let (parts, rest) = line.split_at_checked(at)?;
    let rest = rest.strip_prefix(POWERLINE)?;
    if !known(rest.trim_start()) {
        return None;
    }
    let mut words = parts.split(|c: char| c.is_whitespace() || POWERLINE.contains(&c));
    Some(match words.find_map(user_at_host) {
        Some((user, host)) => Found::of_host(rest, user, host),
        None => Found::new(rest, "powerline"),
    })
}
