//! Which table a command asks kubectl for (`kubectl get --help`, `--output`).

use std::borrow::Cow;

use super::super::Line;

/// The columns that a command asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// Those of the kind.
    Narrow,
    /// Those of the kind, and `-o wide`'s.
    Wide,
    /// Others: the command names them, or adds labels' to them, or a template prints whatever it says.
    Own,
}

/// Values of `--output` that say themselves what is printed, each with what else its name may end with (`-file`).
const TEMPLATES: [&str; 4] = ["custom-columns", "jsonpath", "go-template", "template"];

/// What a command asks for, up to its first pipe.
pub(super) fn asked(command: &str) -> Asked {
    let mut words = command
        .split_ascii_whitespace()
        .take_while(|word| *word != "|")
        .map(|word| word.trim_matches(['\'', '"', '`']))
        .filter(|word| !matches!(*word, "" | "\\" | "^"));
    let (mut get, mut wide, mut own) = (false, false, false);
    while let Some(word) = words.next() {
        get |= word == "get";
        own |= get && (word.starts_with("-L") || word.starts_with("--label-columns"));
        let Some(value) = output(word) else { continue };
        let value = if value.is_empty() {
            words.next().unwrap_or_default()
        } else {
            value
        };
        let value = value.trim_start_matches(['\'', '"']);
        if TEMPLATES.iter().any(|name| value.starts_with(name)) {
            return Asked::Own;
        }
        // What stands before `get` may be another program's: `ssh -o BatchMode=yes node kubectl get …`.
        if value == "wide" {
            wide |= get;
        } else if get && !value.is_empty() {
            return Asked::Own;
        }
    }
    match (wide, own) {
        (true, _) => Asked::Wide,
        (false, true) => Asked::Own,
        (false, false) => Asked::Narrow,
    }
}

/// The value that stands with `-o` or `--output` in one word: after `=`, right behind the letter, or none. Flags without a value may
/// stand before the letter: `-Ao wide`.
fn output(word: &str) -> Option<&str> {
    let value = if let Some(long) = word.strip_prefix("--output") {
        if !(long.is_empty() || long.starts_with('=')) {
            return None;
        }
        long
    } else {
        word.strip_prefix('-')?
            .trim_start_matches(['A', 'R', 'w'])
            .strip_prefix('o')?
    };
    Some(value.strip_prefix('=').unwrap_or(value))
}

/// More lines than people write one command on.
const LINES: usize = 32;

/// Each line adds at most so many bytes: every table below looks at the command again.
const LONGEST: usize = 4 << 10;

/// The command that begins on a line, with the lines that it goes on on: the terminal's edge broke it, or whoever typed it did.
pub(super) fn whole<'a>(lines: &[Line<'a>], at: usize) -> Cow<'a, str> {
    let goes_on = |line: &Line<'_>| line.joined || line.text.trim_end().ends_with(['\\', '`', '^']);
    let Some(first) = lines.get(at) else {
        return Cow::Borrowed("");
    };
    let begin = |text: &'a str| text.get(..text.floor_char_boundary(LONGEST)).unwrap_or_default();
    let mut command = Cow::Borrowed(begin(first.text));
    let mut last = first;
    for line in lines.iter().skip(at + 1).take(LINES) {
        if !goes_on(last) {
            break;
        }
        if !last.joined {
            command.to_mut().push(' ');
        }
        command.to_mut().push_str(begin(line.text));
        last = line;
    }
    command
}

#[cfg(test)]
mod tests {
    use super::{Asked, asked};

    #[test]
    fn what_a_command_asks_for() {
        for (command, wanted) in [
            ("$ kubectl get pods", Asked::Narrow),
            ("$ kubectl get pods -A --sort-by=.metadata.name", Asked::Narrow),
            ("$ ssh -o BatchMode=yes node-1 kubectl get pods", Asked::Narrow),
            ("$ kubectl get pods -o wide", Asked::Wide),
            ("$ kubectl get pods -owide", Asked::Wide),
            ("$ kubectl get pods -Ao=wide", Asked::Wide),
            ("$ kubectl get pods --output wide -L app", Asked::Wide),
            ("$ watch 'kubectl get pods -o wide'", Asked::Wide),
            ("$ kubectl get pods | grep -o wide", Asked::Narrow),
            ("$ kubectl get pods -o custom-columns=NAME:.metadata.name", Asked::Own),
            (
                "$ kubectl get pods -o=custom-columns=NAME:.metadata.name,IP:.status.podIP",
                Asked::Own,
            ),
            ("$ kubectl get pods -ocustom-columns-file=pods.txt", Asked::Own),
            (
                "$ kubectl get pods --output='custom-columns=NAME:.metadata.name'",
                Asked::Own,
            ),
            (
                "$ kubectl get pods --output \"custom-columns=NAME:.metadata.name\"",
                Asked::Own,
            ),
            ("$ kubectl -o custom-columns=NAME:.metadata.name get pods", Asked::Own),
            (
                "$ kubectl get po -o jsonpath='{range .items[*]}{.metadata.name}{\"\\n\"}{end}'",
                Asked::Own,
            ),
            ("$ kubectl get po -o go-template-file pods.tmpl", Asked::Own),
            ("$ kubectl get po -o \"$COLUMNS_OF_PODS\"", Asked::Own),
            ("$ kubectl get pods -L ip", Asked::Own),
        ] {
            assert_eq!(asked(command), wanted, "{command}");
        }
    }
}
