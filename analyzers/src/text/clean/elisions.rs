//! Lines that say that a person or a pager left lines out, and keys that the terminal echoed.
//!
//! They stand in the middle of tables and documents. They take no bytes in the cleaned text, so that what stands around them is read;
//! that lines are missing is said.

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

/// Whether a line is what a pager or the terminal shows and no output.
fn is_echo(line: &str) -> bool {
    matches!(
        line.trim(),
        "^C" | "^D" | "^Z" | "--More--" | "-- More --" | "--More-- (END)" | "(END)"
    )
}

/// A line without its indentation.
pub(super) fn indented(line: &[u8]) -> &[u8] {
    let start = line.iter().position(|byte| !matches!(byte, b' ' | b'\t'));
    start.and_then(|start| line.get(start..)).unwrap_or_default()
}

/// Whether a line may be one of these: a quick look.
pub(super) fn plausible(line: &str) -> bool {
    line.len() < 80
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
                | [b'^', b'C' | b'D' | b'Z', ..]
                | [b'(', b'E', ..]
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
        let missing = stands_for_lines(line.text);
        if !missing && !is_echo(line.text) {
            continue;
        }
        let near = |place: Option<usize>| {
            place
                .and_then(|place| lines.get(place))
                .map_or("", |line| line.text.trim_end())
        };
        let (before, after) = (near(at.checked_sub(1)), near(Some(at + 1)));
        // The end of a YAML document, and what a packet carries (`tcpdump -A` prints dots for bytes that are no letters).
        let ends_yaml = line.text == "..." && (after.is_empty() || after == "---");
        let payload = |text: &str| text.contains("..") && !text.contains("  ") && !stands_for_lines(text);
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
