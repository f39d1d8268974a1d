//! Prompts that are told by their first letter.

use super::Found;
use crate::segment::program::known;

/// The prompt that a line begins with; `Some(None)` where that letter decides that there is none.
#[allow(
    clippy::option_option,
    reason = "the outer says whether the first character decides, the inner what it decides"
)]
pub fn by_first(clean: &str, first: char) -> Option<Option<Found<'_>>> {
    let after = clean.get(first.len_utf8()..).unwrap_or_default();
    match first {
        '$' => {
            if after.is_empty() || after.starts_with(' ') || known(after) {
                return Some(Some(Found::new(after, "$")));
            }
            None
        }
        '#' | '%' | '>' => {
            // A comment begins like root's prompt, a quotation like another: only a known program makes it one.
            let rest = after.strip_prefix(' ')?;
            let call = known(rest) || (first == '#' && matches!(rest.trim(), "exit" | "logout"));
            Some(call.then(|| Found::new(rest, first.to_string())))
        }
        '❯' | 'λ' | '»' | '▶' => Some(Some(Found::new(after, first.to_string()))),
        '➜' => {
            // oh-my-zsh: `➜  directory git:(branch) ✗ command`.
            let rest = after.trim_start();
            if known(rest) {
                return Some(Some(Found::new(rest, "➜")));
            }
            let mut rest = rest.split_once(' ').map_or("", |(_, rest)| rest).trim_start();
            if rest.starts_with("git:(") {
                rest = rest.split_once(") ").map_or("", |(_, rest)| rest);
            }
            Some(Some(Found::new(rest.trim_start_matches(['✗', ' ']), "➜")))
        }
        // The second line of a prompt in a frame: `╰─$ command`, `└─❯ command`, with the frame's other side at the end.
        '╰' | '└' => {
            let rest = after.trim_start_matches('─');
            if rest.len() == after.len() {
                return None;
            }
            let rest = rest.trim_end_matches(['╯', '┘']).trim_end_matches('─');
            let bare = rest.strip_prefix(['$', '#', '%', '❯', '➜', '➤', 'λ', '>', '▪']);
            let tree = bare.is_none() && !known(rest.trim_start());
            Some((!tree).then(|| Found::new(bare.unwrap_or(rest), "╰")))
        }
        _ => None,
    }
}
