//! Loops, conditions and blocks that go on over several lines: `for … do` up to `done`, `if … then` up to `fi`, `{` up to `}`.

use super::{marked, plain};
use crate::segment::prompt;
use crate::segment::sniff::ends;

/// How many lines a loop that somebody typed has at most.
const LINES: usize = 60;

/// The rest of a command that has a block open, up to the line that closes it, and how many bytes that takes. Where the line before does not
/// end with what opens a block (`for x in a b`, then `do`), the lines have to have the shell's sign before them.
pub fn rest_of(command: &str, windows: bool, rest: &str) -> Option<(String, usize)> {
    let mut open = depth(command, windows);
    if open <= 0 {
        return None;
    }
    let begins = ends_open(command);
    let mut text = String::new();
    let mut lines = ends(rest);
    let mut divided = begins;
    for (line, end) in lines.by_ref().take(LINES) {
        let behind = marked(line);
        if behind.is_none() && (!begins || prompt::typed(line).is_some_and(|typed| !typed.prompt.is_empty())) {
            return None;
        }
        let piece = plain(behind.unwrap_or(line).trim());
        if !piece.is_empty() {
            text.push_str(if divided || windows && piece.starts_with('}') {
                " "
            } else {
                "; "
            });
            open += depth(&piece, windows);
            divided = ends_open(&piece);
            text.push_str(&piece);
        }
        if let Some(cut) = text.strip_suffix('\\') {
            text.truncate(cut.trim_end().len());
            divided = true;
        }
        if open <= 0 {
            // PowerShell waits for an empty line.
            let empty = lines
                .take(2)
                .take_while(|(line, _)| windows && line.trim() == ">>")
                .last();
            return Some((text, empty.map_or(end, |(_, end)| end)));
        }
    }
    None
}

/// Whether a line ends where a statement begins: no `;` belongs there.
fn ends_open(line: &str) -> bool {
    let line = line.trim_end();
    line.ends_with([';', '|', '{', '('])
        || line.ends_with("&&")
        || matches!(line.rsplit(' ').next(), Some("do" | "then" | "else"))
}

/// How many blocks a text opens more than it closes.
fn depth(text: &str, windows: bool) -> i32 {
    let text = unquoted(text);
    if windows {
        let count = |brace: char| i32::try_from(text.matches(brace).count()).unwrap_or(i32::MAX);
        let opens = text.trim_end().ends_with('{') || !text.contains('{');
        return if opens {
            count('{').saturating_sub(count('}'))
        } else {
            0
        };
    }
    let mut depth = 0_i32;
    let mut start = true;
    for word in text.split_ascii_whitespace() {
        let bare = word.trim_end_matches(';');
        if start {
            depth += match bare {
                "for" | "while" | "until" | "select" | "if" | "case" | "{" => 1,
                "done" | "fi" | "esac" | "}" => -1,
                _ => 0,
            };
        }
        start = bare.len() < word.len()
            || bare.is_empty()
            || word.ends_with("()")
            || matches!(word, "&&" | "||" | "|" | "!")
            || start && matches!(bare, "do" | "then" | "else" | "elif" | "if" | "while" | "until" | "{");
    }
    depth
}

/// A text with nothing in its quotes.
fn unquoted(text: &str) -> String {
    let mut quote = None;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if matches!(c, '\'' | '"') => {
                quote = Some(c);
                out.push('_');
            }
            None => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use crate::segment::continuation::whole;

    #[test]
    fn loops_go_on_to_their_end() {
        for (first, windows, rest, wanted) in [
            (
                "for h in db cache; do",
                false,
                "> kubectl exec pay-0 -- nslookup db\n> done\nServer:\n",
                "for h in db cache; do kubectl exec pay-0 -- nslookup db; done",
            ),
            (
                "for h in db cache",
                false,
                "> do\n> nslookup $h \\\n>   10.100.0.10\n> sleep 1\n> done\nServer:\n",
                "for h in db cache; do nslookup $h 10.100.0.10; sleep 1; done",
            ),
            (
                "if kubectl get ns pay; then",
                false,
                ">   if true; then\n>     kubectl get po\n>   fi\n> fi\nNAME\n",
                "if kubectl get ns pay; then if true; then kubectl get po; fi; fi",
            ),
            (
                "while read -r line; do",
                false,
                "  echo \"$line; done\"\ndone < hosts\na\n",
                "while read -r line; do echo \"$line; done\"; done < hosts",
            ),
            (
                "for h in db cache; do",
                false,
                "for> dig db\nfor> done\n;; a\n",
                "for h in db cache; do dig db; done",
            ),
            (
                "foreach ($n in $nodes) {",
                true,
                ">> kubectl describe node $n\n>> }\n>>\nName:\n",
                "foreach ($n in $nodes) { kubectl describe node $n }",
            ),
        ] {
            let (command, taken) = whole(first, windows, rest);
            assert_eq!(command, wanted);
            assert_eq!(rest.get(taken..).map(|rest| rest.lines().count()), Some(1), "{wanted}");
        }
    }

    #[test]
    fn what_is_whole_or_never_ends_takes_no_lines() {
        for (first, windows, rest) in [
            ("for h in db cache; do dig $h; done", false, "> done\n"),
            ("for h in db cache; do", false, "$ kubectl get ns\ndone\n"),
            ("for h in db cache; do", false, "Server: 10.0.0.2\n"),
            ("if you want", false, "to know\nfi\n"),
            ("echo if; then", false, "> fi\n"),
            ("kubectl get ns", false, "> done\n"),
            ("% { $_.name }", true, ">> }\n"),
            ("kubectl get po | where { $_ }", true, "NAME\n}\n"),
        ] {
            assert_eq!(whole(first, windows, rest), (first.to_owned(), 0));
        }
    }
}
