//! Parts that are indented as a whole: Markdown's blocks of code without fences, and what a chat or a mail moved to the right.

use super::edge::{columns, command_like, is_table, under};
use super::fences::inside_yaml;
use super::{Line, elisions};

/// Less is what many programs indent their own lines by, or how some prompts begin.
const LEAST: usize = 2;

/// Takes the indentation off every part that begins with a command at a prompt, or with kubectl's table, and has no line further to the
/// left.
pub fn strip(lines: &mut [Line<'_>]) -> bool {
    let mut changed = false;
    let mut before = "";
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let text = line.text;
        if plausible(before, text)
            && let Some(indent) = indent(text)
            && let Some(end) = part(lines, at, indent)
        {
            if goes_on(lines, at) || inside_yaml(lines, at, indent.len()) {
                // The whole of it is somebody's text.
                at = end;
                before = text;
                continue;
            }
            for line in lines.get_mut(at..end).unwrap_or_default() {
                let blank = line.text.trim_start_matches([' ', '\t']);
                line.text = line.text.strip_prefix(indent).unwrap_or(blank);
            }
            changed = true;
            before = "";
            at = end;
            continue;
        }
        before = text;
        at += 1;
    }
    changed
}

/// A quick look: whether such a part may begin with a line that stands below another.
pub fn plausible(before: &str, line: &str) -> bool {
    let bytes = line.as_bytes();
    let deep = bytes.starts_with(b"  ") || bytes.starts_with(b"\t");
    deep && (indent(before).is_none() || before.trim().is_empty()) && {
        let text = std::str::from_utf8(elisions::indented(bytes)).unwrap_or_default();
        command_like(text) || is_table(text)
    }
}

/// What a line is indented by, where that is enough.
fn indent(line: &str) -> Option<&str> {
    let text = line.trim_start_matches([' ', '\t']);
    let indent = line.get(..line.len() - text.len())?;
    (indent.len() >= LEAST || indent.starts_with('\t')).then_some(indent)
}

/// The line after the part that begins here: at least two lines, the second of a table one of its rows.
fn part(lines: &[Line<'_>], at: usize, indent: &str) -> Option<usize> {
    let rest = lines.get(at..)?;
    let first = rest.first()?.text.strip_prefix(indent)?;
    let second = rest.get(1)?.text.strip_prefix(indent)?;
    if is_table(first) && !under(&columns(first), second) {
        return None;
    }
    let inside = |line: &&Line<'_>| line.text.starts_with(indent) || line.text.trim().is_empty();
    let mut count = rest.iter().take_while(inside).count();
    while count > 0 && rest.get(count - 1).is_some_and(|line| line.text.trim().is_empty()) {
        count -= 1;
    }
    (count > 1).then_some(at + count)
}

/// Whether the line above is not finished: what stands below it is indented by whoever wrote it.
fn goes_on(lines: &[Line<'_>], at: usize) -> bool {
    let above = at.checked_sub(1).and_then(|at| lines.get(at));
    above.is_some_and(|line| {
        let text = line.text.trim_end();
        text.ends_with(['\\', '`', '|', '(', '{', '[']) || text.ends_with("&&") || text.contains("<<")
    })
}

#[cfg(test)]
mod tests {
    use super::super::clean;

    fn cleaned(text: &str) -> String {
        clean(text.to_owned()).text
    }

    #[test]
    fn a_part_that_is_moved_to_the_right_is_moved_back() {
        for indent in ["    ", "  ", "\t"] {
            let text = "$ kubectl get svc web -o yaml\nmetadata:\n  name: web\n\nspec: {}\n$ ip route\ndefault via 10.20.3.1 dev eth0";
            let moved: String = text.split_inclusive('\n').flat_map(|line| [indent, line]).collect();
            let wanted = format!("Look:\n\n{text}\n\nso it is.\n");
            assert_eq!(
                cleaned(&format!("Look:\n\n{moved}\n\nso it is.\n")),
                wanted,
                "{indent:?}"
            );
        }
        assert_eq!(
            cleaned("it says\n  NAME    READY   STATUS\n  web-0   1/1     Running\n"),
            "it says\nNAME    READY   STATUS\nweb-0   1/1     Running\n"
        );
    }

    #[test]
    fn what_a_program_or_a_person_indented_stays() {
        for text in [
            "kind: ConfigMap\ndata:\n  run.md: |\n    $ kubectl get pods\n    NAME    READY   STATUS\n",
            "$ echo a \\\n    $ kubectl get pods\n    b\n",
            "Examples:\n  # kubectl get pods\n  kubectl get pods -o wide\n",
            "Pods:\n  Name    Ready\n  web-0   1/1\n",
            "NOTES:\n  $ kubectl get svc web\nThe end.\n",
            "  NAME    READY   STATUS\nweb-0   1/1     Running\n",
            "a\n  b\n    $ kubectl get pods\n    c\n",
        ] {
            assert_eq!(cleaned(text), text);
        }
    }
}
