//! The words of a shell line: quotes taken off, what a shell fills in left as it is written.

/// The words of a shell line up to the first unquoted `|`, `;`, `&` or `>`, and the rest from the pipe on.
pub fn words(text: &str) -> (Vec<String>, &str) {
    let (words, rest) = raw_words(text);
    let piped = rest.find('|').filter(|_| !rest.starts_with(['|', ';']));
    (words, piped.and_then(|pipe| rest.get(pipe..)).unwrap_or(rest))
}

/// The words of a shell line up to the first unquoted `|`, `;`, `&`, `<` or `>`, and the rest from there. What a shell fills in is part of
/// one word, as it is written.
#[allow(
    clippy::match_same_arms,
    reason = "each arm is a rule of the shell's grammar, in its order"
)]
pub fn raw_words(text: &str) -> (Vec<String>, &str) {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let last_backtick = text.rfind('`').unwrap_or_default();
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let filled_in = match (quote, c) {
            (Some('"') | None, '$') => chars.peek().is_some_and(|(_, next)| matches!(next, '(' | '{')),
            // One alone is PowerShell's sign at the end of a line.
            (None, '`') => at < last_backtick,
            _ => false,
        };
        if filled_in {
            let rest = text.get(at..).unwrap_or_default();
            let len = expansion(rest);
            word.get_or_insert_default()
                .push_str(rest.get(..len).unwrap_or_default());
            while chars.next_if(|(place, _)| *place < at + len).is_some() {}
            continue;
        }
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some('"') | None, '\\') => {
                if let Some((_, escaped)) = chars.next() {
                    word.get_or_insert_default().push(escaped);
                }
            }
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, '|' | ';' | '&' | '>' | '<') => {
                // `2>&1`: the number belongs to the redirection.
                let rest = text.get(at..).unwrap_or_default();
                if c == '>' && word.as_deref() == Some("2") {
                    word = None;
                }
                words.extend(word);
                return (words, rest);
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    (words, "")
}

/// How many bytes an expansion has that a text begins with: `$(…)`, `${…}`, or one in backticks. An open one ends with the text.
fn expansion(text: &str) -> usize {
    // What closes each part that is open, the innermost last.
    let mut open: Vec<char> = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let inner = open.last().copied();
        match c {
            _ if inner == Some(c) => {
                open.pop();
            }
            _ if inner == Some('\'') => {}
            '\\' => {
                chars.next();
            }
            '$' => {
                let bracket = chars.next_if(|(_, next)| matches!(next, '(' | '{'));
                open.extend(bracket.map(|(_, bracket)| if bracket == '(' { ')' } else { '}' }));
            }
            '`' => open.push(c),
            _ if inner == Some('"') => {}
            '(' => open.push(')'),
            '\'' | '"' => open.push(c),
            _ => {}
        }
        if open.is_empty() {
            return at + c.len_utf8();
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use crate::segment::CommandLine;

    #[test]
    fn what_a_shell_fills_in_is_one_word() {
        for (text, args, piped) in [
            (
                "kubectl logs -n $(cat ns) web-0",
                vec!["logs", "-n", "$(cat ns)", "web-0"],
                None,
            ),
            (
                "kubectl logs $(kubectl get po -o name | head -1) -c app | tail",
                vec!["logs", "$(kubectl get po -o name | head -1)", "-c", "app"],
                Some("tail"),
            ),
            (
                "kubectl logs \"$(kubectl get po -l \"app=web\" -o name)\" -c 'a)'",
                vec!["logs", "$(kubectl get po -l \"app=web\" -o name)", "-c", "a)"],
                None,
            ),
            (
                "kubectl logs `cat pod name` -c app",
                vec!["logs", "`cat pod name`", "-c", "app"],
                None,
            ),
            (
                "kubectl logs pod-${A:-\"b c\"}-$((1 + 2)) -c app",
                vec!["logs", "pod-${A:-\"b c\"}-$((1 + 2))", "-c", "app"],
                None,
            ),
            ("kubectl logs web-0 `", vec!["logs", "web-0", "`"], None),
            ("kubectl logs web-0 $(cat c", vec!["logs", "web-0", "$(cat c"], None),
            ("kubectl logs '$(a' b", vec!["logs", "$(a", "b"], None),
            ("kubectl logs \\$(a", vec!["logs", "$(a"], None),
            (
                "kubectl get po \"--query=x[?a==`\\\"b\\\"`].c\"",
                vec!["get", "po", "--query=x[?a==`\"b\"`].c"],
                None,
            ),
        ] {
            let line = CommandLine::new(text);
            assert_eq!(line.args, args, "{text}");
            assert_eq!(line.piped_into.as_deref(), piped, "{text}");
        }
    }
}
