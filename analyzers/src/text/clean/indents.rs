//! Parts that are indented as a whole: Markdown's blocks of code without fences, and what a chat or a mail moved to the right.

use super::edge::{columns, command_like, is_table, prompt_like, under};
use super::fences::inside_yaml;
use super::shown::{Output, Shown};
use super::{Line, elisions};

/// Less is what many programs indent their own lines by, or how some prompts begin.
const LEAST: usize = 2;

/// Takes the indentation off every part that begins with a command at a prompt, or with kubectl's table, and has no line further to the
/// left.
pub fn strip(lines: &mut [Line<'_>]) -> bool {
    let mut changed = false;
    let mut before = "";
    let mut shown = Shown::default();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let text = line.text;
        if plausible(before, text)
            && let Some(indent) = indent(text)
            && let Some(end) = part(lines, at, indent)
        {
            let pasted = is_pasted(lines.get(at..end).unwrap_or_default(), indent, before, &shown);
            if !pasted || goes_on(before) || inside_yaml(lines, at, indent.len()) {
                // The whole of it is a program's, or somebody's text.
                at = end;
                before = text;
                continue;
            }
            for line in lines.get_mut(at..end).unwrap_or_default() {
                let blank = line.text.trim_start_matches([' ', '\t']);
                line.text = line.text.strip_prefix(indent).unwrap_or(blank);
            }
            changed = true;
            shown.end();
            before = "";
            at = end;
            continue;
        }
        if !text.starts_with([' ', '\t']) {
            shown.see(before, text);
        }
        before = text;
        at += 1;
    }
    changed
}

/// Whether a part that is further to the right was moved there by whoever pasted it, and is not an example in what a program printed: a
/// `README`, the notes of a chart.
fn is_pasted(part: &[Line<'_>], indent: &str, before: &str, shown: &Shown) -> bool {
    if shown.open() == Some(Output::Prose) {
        return false;
    }
    if part.first().is_some_and(|line| is_table(moved(line, indent))) {
        return true;
    }
    // An example says what to type, and seldom what is printed then.
    let mut typed = false;
    let printed = part.iter().map(|line| moved(line, indent)).any(|line| {
        let printed = !(typed || line.is_empty() || prompt_like(line));
        typed = line.ends_with('\\');
        printed
    });
    // Markdown wants a blank line before such a part; mails and chats do without, but what stands there is then a person's line.
    let above = before.trim_end();
    printed && (above.is_empty() || (shown.open().is_none() && !is_title(above)))
}

/// A line's text without the indentation of its part.
fn moved<'a>(line: &Line<'a>, indent: &str) -> &'a str {
    line.text.strip_prefix(indent).unwrap_or_default().trim_end()
}

/// Whether a line is a section's title in a program's output (`NOTES:`, `Examples:`): a person who says what follows uses more words.
fn is_title(line: &str) -> bool {
    line.ends_with(':') && !line.contains(' ')
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
fn goes_on(above: &str) -> bool {
    let text = above.trim_end();
    text.ends_with(['\\', '`', '|', '(', '{', '[']) || text.ends_with("&&") || text.contains("<<")
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
        for above in [
            // A mail without blank lines.
            "And on the node:\n",
            "And on the node\n",
            // Another output stands above, and what was written after it.
            "$ kubectl get pods\nNAME    READY\nweb-0   1/1\n\nAnd on the node\n\n",
            // A prompt at which nothing is running, and a fence that is closed.
            "me@laptop:~$ date\n10:00:00\nme@laptop:~$\nAnd on the node\n",
            "```\n$ date\n10:00:00\n```\nAnd on the node\n",
            // A heading.
            "# On the node\n",
        ] {
            for program in ["ip", "traceroute", "mtr", "netstat", "wget", "nsenter", "ssh", "stern"] {
                let part = |indent: &str| format!("{indent}$ {program} -x 10.0.0.1\n{indent}1  10.20.3.1\n");
                let moved = format!("{above}{}so it is\n", part("    "));
                assert_eq!(cleaned(&moved), format!("{above}{}so it is\n", part("")));
            }
        }
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
            // Examples, also with what they print.
            "$ helm status web\nNAME: web\nREVISION: 3\nNOTES:\n  $ kubectl get svc web\n  $ kubectl get pods\n",
            "NAME: web\nREVISION: 3\nNOTES:\nIt is ready when this says so:\n\n  $ kubectl get pods\n  NAME    READY   STATUS\n\nThe end.\n",
            "To see it:\n\n    $ kubectl get svc web\n    $ kubectl get pods \\\n        -o wide\n\nThat is all.\n",
            "$ kubectl -n docs describe cm/readme\nName:         readme\n\nData\n====\nREADME.md:\n----\nRun this:\n\n    $ kubectl get pods\n    No resources found in default namespace.\n\n\nEvents:  <none>\n",
            "README.md:\n----\nRun this:\n    $ kubectl get pods\n    No resources found in default namespace.\n",
            "me@laptop:~$ cat docs/README.md\nFirst\n\n    $ ip route\n    default via 10.20.3.1 dev eth0\n",
            "$ ./collect.sh\nto see what the node has\n    $ ip route\n    default via 10.20.3.1 dev eth0\n",
            "Usage:\n    $ ip route\n    default via 10.20.3.1 dev eth0\n",
            "a\n  b\n    $ kubectl get pods\n    c\n",
        ] {
            assert_eq!(cleaned(text), text);
        }
    }
}
