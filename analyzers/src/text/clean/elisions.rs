//! Lines that say that a person or a pager left lines out, and keys that the terminal echoed.
//!
//! They stand in the middle of tables and documents. They take no bytes in the cleaned text, so that what stands around them is read;
//! that lines are missing is said.

use super::edge::prompt_like;
use super::{Line, Note};

/// Marks that stand for lines that were left out, without brackets, dashes and blanks around them.
const MARKS: [&str; 12] = [
    "snip",
    "snipped",
    "truncated",
    "output truncated",
    "omitted",
    "output omitted",
    "cut",
    "removed",
    "lines omitted",
    "more lines",
    "redacted for brevity",
    "8<",
];

/// Whether a line stands for lines that were left out.
fn stands_for_lines(line: &str) -> bool {
    let text = line.trim();
    if text.len() > 40 {
        return false;
    }
    let dots = |text: &str| matches!(text, "..." | "…" | "...." | ".....");
    let inside = text.trim_matches(['[', ']', '(', ')', '<', '>', '-', '=', '*', ' ', '#', '.', '…', '~']);
    let bracketed = text.starts_with(['[', '(', '<', '-', '=', '*', '.', '…', '~', '#']);
    dots(text)
        || matches!(
            text,
            "[...]" | "[…]" | "(...)" | "(…)" | "<...>" | "<…>" | "# ..." | "// ..."
        )
        || (bracketed && text.len() > inside.len() + 1 && MARKS.contains(&inside.to_ascii_lowercase().as_str()))
}

/// Whether a line is what a pager or the terminal shows and no output: `more`'s and `less`' prompts, `less`' marks of lines after the end.
fn is_echo(line: &str) -> bool {
    matches!(line, "^C" | "^D" | "^Z" | "-- More --" | "(END)" | "~")
        || line
            .strip_prefix("--More--")
            .is_some_and(|rest| rest.is_empty() || rest.trim_start().starts_with('('))
        || lines_shown(line).is_some()
}

/// What stands behind the keys that the terminal echoed.
fn keys(line: &str) -> Option<&str> {
    let rest = ["^C", "^D", "^Z", "^\\"]
        .iter()
        .find_map(|keys| line.strip_prefix(keys))?;
    Some(keys(rest).unwrap_or(rest))
}

/// The status that systemd's tools give `less` (systemd/src/shared/pager.c: `lines %lt-%lb/%L %pB`): the part after the numbers of the
/// lines on the screen.
fn lines_shown(line: &str) -> Option<&str> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let rest = line.strip_prefix("lines ")?;
    let (first, rest) = rest.split_at_checked(digits(rest))?;
    let rest = rest.strip_prefix('-')?;
    let (last, rest) = rest.split_at_checked(digits(rest))?;
    let told = rest.is_empty() || rest.starts_with(['/', ' ']);
    let short = rest
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'/' | b' ' | b'%') || b"(END)?".contains(&byte));
    (!first.is_empty() && !last.is_empty() && told && short).then_some(rest)
}

/// Whether a pager's prompt says that it has more to show.
fn shows_a_part(line: &str) -> bool {
    line == ":"
        || line.starts_with("--More--") && !line.contains("END")
        || line == "-- More --"
        || lines_shown(line).is_some_and(|rest| !rest.contains("(END)"))
}

/// A line without its indentation.
pub(super) fn indented(line: &[u8]) -> &[u8] {
    let start = line.iter().position(|byte| !matches!(byte, b' ' | b'\t'));
    start.and_then(|start| line.get(start..)).unwrap_or_default()
}

/// Whether a line may be one of these: a quick look.
pub(super) fn plausible(line: &str) -> bool {
    line.starts_with('^') && keys(line).is_some()
        || line.len() < 80
            && matches!(
                indented(line.as_bytes()),
                [b'.', b'.', ..]
                    | [
                        b'[' | b'(' | b'<' | b'#' | b'/',
                        b'.' | b's' | b'S' | b't' | b'o' | b'c' | b'r' | b' ' | b'/' | 0xE2,
                        ..
                    ]
                    | [b'-' | b'=' | b'*' | b'~', b'-' | b'=' | b'*' | b' ' | b's' | b'S', ..]
                    | [0xE2, 0x80, 0xA6, ..]
                    | [b'(', b'E', ..]
                    | [b'~' | b':']
                    | [b'l', b'i', b'n', b'e', b's', b' ', b'0'..=b'9', ..]
            )
}

/// Takes the bytes of such lines out.
pub(super) fn strip(lines: &mut [Line<'_>], notes: &mut Vec<Note>) -> bool {
    let mut changed = false;
    for at in 0..lines.len() {
        let Some(line) = lines.get(at).copied() else { break };
        if !plausible(line.text) {
            continue;
        }
        // What was typed into the output before: `^C[ec2-user@ip-10-0-1-7 ~]$ ip rule`.
        if let Some(rest) = keys(line.text)
            && prompt_like(rest)
        {
            if let Some(line) = lines.get_mut(at) {
                line.text = rest;
            }
            changed = true;
            continue;
        }
        let missing = stands_for_lines(line.text);
        let prompt = line.text.trim();
        // Nothing follows a pager's last prompt but other prompts, a shell's among them.
        let last = lines
            .get(at + 1)
            .is_none_or(|next| next.text.trim().is_empty() || prompt_like(next.text));
        let echo = is_echo(prompt) || (prompt == ":" && last && at > 0);
        if !missing && !echo {
            continue;
        }
        if echo && last && shows_a_part(prompt) {
            notes.push(Note {
                lines: (at.max(1), at + 1),
                message: "The pager had more lines to show below this one. Run the command again with `| cat`, or with its output \
                          into a file, and paste all of it."
                    .to_owned(),
                missing: true,
            });
        }
        let near = |place: Option<usize>| {
            place
                .and_then(|place| lines.get(place))
                .map_or("", |line| line.text.trim_end())
        };
        let (before, after) = (near(at.checked_sub(1)), near(Some(at + 1)));
        // The end of a YAML document, and what a packet carries (`tcpdump -A` prints dots for bytes that are no letters).
        let ends_yaml = line.text == "..." && (after.is_empty() || after == "---");
        let payload =
            |text: &str| text == "." || text.contains("..") && !text.contains("  ") && !stands_for_lines(text);
        if missing && (ends_yaml || payload(before) || payload(after)) {
            continue;
        }
        if missing {
            notes.push(Note {
                // The line itself has no bytes left: its neighbours show the place.
                lines: (at.max(1), (at + 2).min(lines.len())),
                message: "Lines were left out here, so what is missing may stand in them; paste the whole output."
                    .to_owned(),
                missing: true,
            });
        }
        if let Some(line) = lines.get_mut(at) {
            line.text = "";
            line.joined = true;
            changed = true;
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::super::clean;

    #[test]
    fn what_stands_around_missing_lines_is_one_again() {
        for mark in [
            "...",
            "[...]",
            "<snip>",
            "-- snip --",
            "…",
            "[output truncated]",
            "  ...",
        ] {
            let cleaned = clean(format!("NAME    READY\nweb-0   1/1\n{mark}\nweb-9   1/1\n"));
            assert_eq!(cleaned.text, "NAME    READY\nweb-0   1/1\nweb-9   1/1\n", "{mark}");
            assert_eq!(cleaned.starts.as_deref(), Some([0, 14, 26, 26].as_slice()), "{mark}");
            assert_eq!((cleaned.notes.len(), cleaned.notes[0].lines), (1, (2, 4)), "{mark}");
        }
        let pager = clean("a\n--More--\nb\n^C\n".to_owned());
        assert_eq!((pager.text.as_str(), pager.notes.len()), ("a\nb\n", 0));
        let typed = "a\n^C[ec2-user@ip-10-0-1-7 ~]$ ip rule show table all and a few more words that make this line a long one\nb\n";
        assert_eq!(clean(typed.to_owned()).text, typed.replace("^C", ""));
        assert_eq!(clean("a\n^C^C$ date\n".to_owned()).text, "a\n$ date\n");
        assert_eq!(clean("a\n^Cut here$ \n".to_owned()).text, "a\n^Cut here$ \n");
    }

    #[test]
    fn a_pagers_prompts_are_no_output() {
        for (prompt, more) in [
            ("(END)", false),
            ("lines 1-12/12 (END)", false),
            ("lines 1-23", true),
            ("lines 4-26/110 24%", true),
            ("--More--(45%)", true),
            (":", true),
        ] {
            let cleaned = clean(format!("NAME    READY\nweb-0   1/1\n{prompt}\n"));
            assert_eq!(cleaned.text, "NAME    READY\nweb-0   1/1\n", "{prompt}");
            assert_eq!(cleaned.notes.len(), usize::from(more), "{prompt}");
        }
        assert_eq!(clean("a\n~\n~\n~\n(END)\n".to_owned()).text, "a\n");
        // Between lines a prompt says nothing: the pager went on.
        let on = clean("web-0   1/1\nlines 1-23\nweb-1   1/1\n".to_owned());
        assert_eq!((on.text.as_str(), on.notes.len()), ("web-0   1/1\nweb-1   1/1\n", 0));
        for text in ["lines 1-23 of the file\n", "if true; then\n:\nfi\n", "path: ~\n"] {
            assert_eq!(clean(text.to_owned()).text, text);
        }
    }

    #[test]
    fn what_only_looks_so_stays() {
        for text in [
            "kind: Pod\n...\n---\nkind: Pod\n",
            "E..4.@.@.<.....\n...\nE..4.@.@.<.....\n",
            "- snip: true\n",
            "waiting...\n",
            "# cut\tsnip\n",
            "---\n-----\n",
            "<none>\n",
        ] {
            let cleaned = clean(text.to_owned());
            assert_eq!(cleaned.text, text);
            assert!(cleaned.notes.is_empty(), "{text}");
        }
    }
}
