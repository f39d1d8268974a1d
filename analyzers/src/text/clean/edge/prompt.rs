//! Prompts and commands, and the titles that scripts print between outputs.

use crate::text::program::{is_call, tells_alone};

/// Whether a line looks like a prompt or a command: what follows one was not broken off it.
pub(in super::super) fn prompt_like(line: &str) -> bool {
    let head = line.get(..line.floor_char_boundary(100)).unwrap_or(line);
    let first = line.split(' ').next().unwrap_or_default();
    if tells_alone(first) && line.contains(' ') {
        return true;
    }
    // `ip saddr` begins the rest of a rule as well.
    if let Some(rest) = line.strip_prefix("ip ") {
        let object = rest.split(' ').next().unwrap_or_default();
        return object.starts_with('-')
            || matches!(
                object,
                "a" | "addr" | "address" | "r" | "route" | "rule" | "l" | "link" | "n" | "neigh" | "netns"
            );
    }
    // `watch`
    if line.starts_with("Every ") && line.contains("s: ") {
        return true;
    }
    if line.starts_with("$ ")
        || line.starts_with("# ")
        || line.starts_with("❯")
        || line.starts_with("➜")
        || line.starts_with("PS ")
    {
        return true;
    }
    (first.contains('@')
        || line.starts_with('[')
        || line.starts_with("sh-")
        || line.starts_with("bash-")
        || line.starts_with('/'))
        && (SIGNS.iter().any(|sign| head.contains(sign)) || line.ends_with(['$', '#', '%']))
}

/// Whether a line is a prompt with a command behind it. `# kubectl …` is a comment as well.
pub(in super::super) fn command_like(text: &str) -> bool {
    prompt_like(text) && !text.starts_with("# ") && called(text).is_some()
}

/// What ends a prompt.
const SIGNS: [&str; 6] = ["$ ", "# ", "% ", "> ", "❯ ", "➜ "];

/// How many words oh-my-zsh's prompt has behind its arrow: `➜  directory git:(branch) ✗ command`.
const PLACE: usize = 3;

/// The call of a known program behind a prompt's sign.
fn called(text: &str) -> Option<&str> {
    let head = text.get(..text.floor_char_boundary(100)).unwrap_or(text);
    SIGNS.iter().find_map(|sign| {
        let at = head.find(sign)?;
        let mut typed = text.get(at + sign.len()..)?.trim_start();
        let place = if *sign == "➜ " { PLACE } else { 0 };
        for _ in 0..place {
            if is_call(typed) {
                break;
            }
            typed = typed.split_once(' ')?.1.trim_start();
        }
        is_call(typed).then_some(typed)
    })
}

/// What was typed on a line, where the line is a command whose output may follow, and no sentence. At a bare prompt it is nothing.
pub(in super::super) fn typed(line: &str) -> Option<&str> {
    if !prompt_like(line) {
        return None;
    }
    let line = line.trim_end();
    if let Some(call) = called(line) {
        return Some(call);
    }
    // A heading, or a comment.
    if line.starts_with("# ") {
        return None;
    }
    let first = line.split(' ').next().unwrap_or_default();
    if tells_alone(first) || first == "ip" || first == "Every" {
        return (!line.ends_with(['.', ':', ',', '?', '!'])).then_some(line);
    }
    let head = line.get(..line.floor_char_boundary(100)).unwrap_or(line);
    let sign = SIGNS
        .iter()
        .filter_map(|sign| Some((head.find(sign)?, sign.len())))
        .min();
    Some(
        sign.and_then(|(at, len)| line.get(at + len..))
            .unwrap_or_default()
            .trim(),
    )
}

/// The prompt before a command: its sign, and what stands before that. None where the command stands alone.
pub(in super::super) fn prompt(line: &str) -> Option<(&str, char)> {
    let first = line.split(' ').next().unwrap_or_default();
    if !prompt_like(line) || tells_alone(first) || matches!(first, "ip" | "Every") {
        return None;
    }
    let head = line.get(..line.floor_char_boundary(100)).unwrap_or(line);
    let inside = SIGNS.iter().filter_map(|sign| head.find(sign)).min();
    let at = inside.or_else(|| line.char_indices().next_back().map(|(at, _)| at))?;
    Some((line.get(..at)?, line.get(at..)?.chars().next()?))
}

/// Whether a line looks like what a script prints over an output: `=== node 2 ===`, `Node 10.0.3.4:`, a node's name.
pub(super) fn title_like(line: &str) -> bool {
    let line = line.trim_end();
    let marked = [
        "***",
        "===",
        "== ",
        "==>",
        "###",
        "## ",
        "---",
        "-- ",
        ">>>",
        "Output of ",
    ]
    .iter()
    .any(|mark| line.starts_with(mark));
    let node = !line.contains(' ')
        && ((line.starts_with("ip-") && line.ends_with(".internal"))
            || (line.starts_with("i-") && line.len() > 9 && line.bytes().skip(2).all(|byte| byte.is_ascii_hexdigit())));
    marked || node || line.ends_with(':')
}
