//! Prompts with more than a place: a context, an account or the time before it.

use super::{Found, LONGEST, SIGNS, user_at_host};
use crate::segment::program::{known, shell_word};

/// What follows a prompt with a context, an account or the time before it: `(⎈|prod:shop) ➜  ~ command`, `[10:22:33]
/// user@host:~$ command`, fish's `user@host ~/dir> command`, `~/infra main* ❯ command`. Only a known program makes such a line a command.
pub fn decorated(line: &str) -> Option<Found<'_>> {
    if line.starts_with(['-', '*', '|', '"', '\'', '<', '{']) {
        return None;
    }
    // A place is a user's, a directory's or stands in brackets; captures have neither, but a `>` in each line.
    let bytes = line.as_bytes();
    let place = line.starts_with(['(', '['])
        || memchr::memchr3(b'@', b'~', b'/', bytes).is_some()
        || memchr::memchr(0xE2, bytes).is_some();
    if !place {
        return None;
    }
    let head_end = line.char_indices().nth(LONGEST).map_or(line.len(), |(at, _)| at);
    let head = line.get(..head_end)?;
    for (at, sign) in head.char_indices().filter(|(_, c)| SIGNS.contains(c)) {
        let Some(rest) = line.get(at + sign.len_utf8()..)?.strip_prefix(' ') else {
            continue;
        };
        let told = head.get(..at).is_some_and(|before| {
            before.contains('⎈') || before.trim().split(' ').any(|word| user_at_host(word).is_some())
        });
        // `[10:22:33] user@host:~$`: nothing else looks like this.
        let sure = matches!(sign, '$' | '#')
            && head.get(..at).is_some_and(|before| {
                before.starts_with(['[', '('])
                    && !before.ends_with(' ')
                    && before
                        .rsplit(' ')
                        .next()
                        .is_some_and(|word| word.contains(':') && user_at_host(word).is_some())
            });
        let call = |text: &str| known(text) || (told && shell_word(text)) || sure;
        let mut command = rest.trim_start();
        if !call(command) {
            // `➜  directory command`
            let Some((_, after)) = command.split_once(' ').filter(|_| sign == '➜') else {
                continue;
            };
            command = after.trim_start();
            if !call(command) {
                continue;
            }
        }
        let before = head.get(..at)?.trim();
        let glued = before.ends_with(']')
            && before.rfind('[').is_some_and(|open| {
                before
                    .get(..open)
                    .is_some_and(|output| output.ends_with(|c: char| c != ' '))
            });
        if glued || !is_place(before) {
            return None;
        }
        let mut found = Found::new(command, sign.to_string());
        let user = before.split([' ', ')', ']', '(', '[']).find_map(user_at_host);
        if let Some((user, host)) = user {
            found = Found::of_host(command, user, host);
        }
        return Some(found);
    }
    None
}

/// Whether the text before a prompt's sign tells a place or a context, and is no prose.
fn is_place(before: &str) -> bool {
    let words: Vec<&str> = before.split_ascii_whitespace().collect();
    if words.len() > 9
        || words
            .iter()
            .any(|word| word.ends_with([',', '.', ';']) || (word.ends_with(':') && word.len() > 1))
    {
        return false;
    }
    let bracket =
        (before.starts_with('(') && before.contains(')')) || (before.starts_with('[') && before.contains(']'));
    bracket
        || before.contains('⎈')
        || words.iter().any(|word| {
            word.starts_with('~') || (word.starts_with('/') && words.len() < 4) || user_at_host(word).is_some()
        })
}
