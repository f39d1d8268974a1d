//! The statements of a shell's line: those that print nothing stand before the command whose output follows.

use super::shell_words::raw_words;

/// The statement of a line whose output follows: behind those that print nothing, and inside a loop that has one only.
pub fn printing(text: &str) -> &str {
    let mut text = text.trim_start();
    for _ in 0..16 {
        let next = behind_silent(text).or_else(|| only_inside(text));
        match next {
            Some(next) => text = next.trim_start(),
            None => break,
        }
    }
    text
}

/// Whether a line runs one command only, and once: beside those that print nothing.
pub fn is_alone(text: &str) -> bool {
    let mut text = text.trim_start();
    while let Some(next) = behind_silent(text) {
        text = next.trim_start();
    }
    let looped = matches!(text.split(' ').next(), Some("for" | "while" | "until"));
    !looped && first(text).1.is_none_or(|after| after.trim().is_empty())
}

/// What follows a first statement that prints nothing.
fn behind_silent(text: &str) -> Option<&str> {
    let (first, after) = first(text);
    after.filter(|after| !after.trim().is_empty() && is_silent(first))
}

/// The first statement of a line, and what follows `;` or `&&`.
fn first(text: &str) -> (&str, Option<&str>) {
    cut(text, &[";", "&&"])
}

/// What stands before the first of some operators, and what behind it. What stands in quotes and brackets is one.
fn cut<'a>(text: &'a str, operators: &[&str]) -> (&'a str, Option<&'a str>) {
    let mut quote = None;
    let mut depth = 0_usize;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        if std::mem::take(&mut escaped) {
            continue;
        }
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some('"') | None, '\\') => escaped = true,
            (None, '\'' | '"') => quote = Some(c),
            (None, '(' | '{') => depth += 1,
            (None, ')' | '}') => depth = depth.saturating_sub(1),
            (None, ';' | '&' | '|') if depth == 0 => {
                let here = text.get(at..).unwrap_or_default();
                if let Some(after) = operators.iter().find_map(|operator| here.strip_prefix(operator)) {
                    return (text.get(..at).unwrap_or_default(), Some(after));
                }
            }
            _ => {}
        }
    }
    (text, None)
}

/// Whether other statements of a line print, too, behind the first or in its place: behind `;`, `&&`, `||` and `&`.
pub fn is_followed(text: &str) -> bool {
    let mut rest = behind(text);
    for _ in 0..32 {
        let Some(next) = rest else { return false };
        rest = behind(next);
        let end = next.len() - rest.map_or(0, str::len);
        let statement = next
            .get(..end)
            .unwrap_or_default()
            .trim_end_matches(['&', '|', ';', ' ']);
        if !statement.trim().is_empty() && !is_silent(statement) {
            return true;
        }
    }
    true
}

/// What stands behind the first statement of a line and the sign that ends it; none where a comment begins before.
fn behind(text: &str) -> Option<&str> {
    let mut quote = None;
    let mut depth = 0_usize;
    let mut before = ' ';
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let above = std::mem::replace(&mut before, c);
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some('"') | None, '\\') => {
                chars.next();
            }
            (None, '\'' | '"') => quote = Some(c),
            (None, '(' | '{') => depth += 1,
            (None, ')' | '}') => depth = depth.saturating_sub(1),
            (None, '#') if above.is_whitespace() => return None,
            (None, ';' | '\n') if depth == 0 => return text.get(at + 1..),
            (None, '&' | '|') if depth == 0 => {
                let next = chars.peek().map_or(' ', |(_, next)| *next);
                if next == c {
                    return text.get(at + 2..);
                }
                // `2>&1`, `&>file` and `|&` end no statement.
                if c == '&' && !matches!(above, '>' | '<' | '|') && next != '>' {
                    return text.get(at + 1..);
                }
            }
            _ => {}
        }
    }
    None
}

/// Whether a statement prints nothing that the commands below it do not stand for: it changes the shell, waits, or sends all that it prints
/// elsewhere. What it does where it fails (`cd /srv || exit 1`) ends all, or prints nothing either.
fn is_silent(statement: &str) -> bool {
    let (done, mut otherwise) = cut(statement, &["||"]);
    if !prints_nothing(done) {
        return false;
    }
    while let Some(text) = otherwise {
        let (instead, next) = cut(text, &["||"]);
        if !leaves(instead) && !prints_nothing(instead) {
            return false;
        }
        otherwise = next;
    }
    true
}

/// Whether a statement ends the script, the function or the loop: `exit 1`, `{ echo no; exit 1; }`.
fn leaves(statement: &str) -> bool {
    let statement = statement.trim();
    let group = statement.strip_prefix('{').and_then(|inner| inner.strip_suffix('}'));
    let mut rest = Some(group.unwrap_or(statement));
    let mut last = "";
    while let Some(text) = rest {
        let (here, next) = first(text);
        if !here.trim().is_empty() {
            last = here.trim();
        }
        rest = next;
    }
    matches!(last.split(' ').next(), Some("exit" | "return" | "break" | "continue"))
}

fn prints_nothing(statement: &str) -> bool {
    let statement = statement.trim();
    if let Some(variable) = statement.strip_prefix("$env:") {
        return variable.contains('=');
    }
    let (words, rest) = raw_words(statement);
    let Some(program) = words.first().filter(|_| !rest.contains('|')) else {
        return false;
    };
    let with_words = words.len() > 1;
    match program.as_str() {
        "unset" | "true" | ":" | "sleep" | "mkdir" | "clear" | "touch" | "pushd" | "umask" | "Start-Sleep" | "["
        | "[[" | "test" => true,
        // Back to the directory before: it prints which.
        "cd" => words.get(1).is_none_or(|directory| directory != "-"),
        // Without words they list what is set.
        "export" | "set" | "alias" | "source" | "." | "declare" | "shopt" => {
            with_words && words.get(1).is_none_or(|word| word != "-p")
        }
        _ => words.iter().all(|word| is_assignment(word)),
    }
}

/// Whether a word is a variable and its value.
pub fn is_assignment(word: &str) -> bool {
    word.split_once('=')
        .is_some_and(|(name, _)| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
}

/// The command that a loop or a condition runs, where all it prints is that command's.
fn only_inside(text: &str) -> Option<&str> {
    let word = text.split(' ').next()?;
    let (opens, closes) = match word {
        "for" => ("do", "done"),
        // What a condition prints stands before what it decides.
        "while" | "until" if is_quiet(first(text).0) => ("do", "done"),
        "if" if is_quiet(first(text).0) => ("then", "fi"),
        _ => return None,
    };
    let mut rest = first(text).1?.trim_start().strip_prefix(opens)?.strip_prefix(' ')?;
    let mut found = None;
    for _ in 0..32 {
        let (statement, after) = first(rest);
        let trimmed = statement.trim();
        if trimmed == closes {
            return found.filter(|_| after.is_none_or(|after| after.trim().is_empty()));
        }
        if !trimmed.is_empty() && !is_silent(trimmed) && found.replace(trimmed).is_some() {
            return None;
        }
        rest = after?;
    }
    None
}

/// Whether the condition of a loop prints nothing.
fn is_quiet(statement: &str) -> bool {
    let mut words = statement
        .split_ascii_whitespace()
        .skip(1)
        .skip_while(|word| *word == "!");
    let program = words.next().unwrap_or_default();
    matches!(program, "true" | ":" | "[" | "[[" | "test")
        || statement.contains(">/dev/null")
        || statement.contains("> /dev/null")
}

#[cfg(test)]
mod tests {
    use super::printing;
    use crate::segment::CommandLine;

    #[test]
    fn silent_statements_stand_before_the_command() {
        for text in [
            "cd /srv && kubectl get ns",
            "cd /srv 2>/dev/null; kubectl get ns",
            "export KUBECONFIG=~/.kube/dev AWS_PROFILE='a; b'; kubectl get ns",
            "X=1; kubectl get ns",
            "X=$(aws sts get-caller-identity; true); kubectl get ns",
            "export X=$(kubectl get po | head -1) && kubectl get ns",
            "$env:AWS_PROFILE = 'dev'; kubectl get ns",
            "mkdir -p out && cd out && sleep 2; kubectl get ns",
            "set -x; source ./env.sh; kubectl get ns",
            "for i in 1 2 3; do kubectl get ns; sleep 1; done",
            "while true; do clear; kubectl get ns; sleep 5; done",
            "if [ -f x ]; then kubectl get ns; fi",
            "if kubectl get ns pay >/dev/null; then kubectl get ns; fi",
            "cd /srv; for i in 1 2; do timeout 5 kubectl get ns; done",
            "cd /srv || exit 1; kubectl get ns",
            "cd /srv || return && kubectl get ns",
            "cd /srv || { echo 'no; such' >&2; exit 1; }; kubectl get ns",
            "mkdir out || true; kubectl get ns",
            "X=$(aws sts get-caller-identity | jq -r .Account) || exit; kubectl get ns",
            "X=\"$(kubectl get po | head -1)\"; kubectl get ns",
            "alias g='grep | head'; kubectl get ns",
            "[ -n \"$KUBECONFIG\" ] && kubectl get ns",
            "test -f x || exit 1; kubectl get ns",
            "if [ -f x ] || [ -f y ]; then kubectl get ns; fi",
            "for i in 1 2; do kubectl get ns || echo failed; done",
        ] {
            let line = CommandLine::new(text);
            assert_eq!(
                (line.program.as_str(), line.args.join(" ")),
                ("kubectl", "get ns".to_owned()),
                "{text}"
            );
        }
        let piped = CommandLine::new("cd /srv && kubectl get po | grep web | head -3");
        assert_eq!(piped.pipeline, [vec!["grep", "web"], vec!["head", "-3"]]);
        assert!(piped.selected);
    }

    #[test]
    fn what_prints_is_the_first_command() {
        for text in [
            "kubectl get ns; kubectl get po",
            "echo a; kubectl get ns",
            "cd -; kubectl get ns",
            "export; kubectl get ns",
            "X=$(id) kubectl get po $(id); kubectl get ns",
            "for n in a b; do echo $n; kubectl get ns; done",
            "for n in a b; do kubectl get ns; done; kubectl get po",
            "for n in a b; do kubectl get ns",
            "if kubectl get ns; then kubectl get po; fi",
            "if [ -f x ]; then kubectl get ns; else kubectl get po; fi",
            "while kubectl get ns; do kubectl get po; done",
            "for me it works; kubectl get ns",
            "cd /srv || echo no; kubectl get ns",
            "cd /srv || { exit_code=1; ls; }; kubectl get ns",
            "ls || exit 1; kubectl get ns",
            "cd /srv | tee x; kubectl get ns",
        ] {
            assert_eq!(printing(text), text);
        }
    }

    #[test]
    fn statements_that_print_behind_a_command() {
        for text in [
            "sysctl -n a 2>/dev/null; sysctl -n b",
            "cat a 2>/dev/null || cat b",
            "cat a && cat b",
            "cat a & cat b",
            "cat a; true; echo $?",
            "kubectl exec x -- cat a; kubectl exec y -- cat a",
            "sh -c 'cat a || cat b'",
            "ssh host 'cat a; cat b'",
            "cat a 2>&1 | tee x; cat b",
        ] {
            let line = CommandLine::new(text);
            assert!(line.inner().unwrap_or(line).followed, "{text}");
        }
        for text in [
            "cat a",
            "cat a;",
            "cat a || true",
            "cat a 2>&1",
            "cat a &>/dev/stdout",
            "cat a |& tee x",
            "cat 'a; b && c' \"d || e\" f\\;g",
            "cat a # b; cat c",
            "cd /srv && X=1; cat a; sleep 1",
            "sh -c 'cat a'",
            "for i in 1 2; do cat a; sleep 1; done",
        ] {
            let line = CommandLine::new(text);
            assert!(!line.inner().unwrap_or(line).followed, "{text}");
        }
    }

    #[test]
    fn a_variable_is_no_value() {
        let line = CommandLine::new("for n in a b; do kubectl get po -n $n --context \"${C}\" -l app=$x; done");
        assert_eq!(line.option(&["-n", "--namespace"]), None);
        assert_eq!(line.option(&["--context"]), None);
        assert_eq!(line.option(&["-l"]), Some("app=$x"));
    }
}
