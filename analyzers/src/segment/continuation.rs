//! Commands that go on over several lines: with a sign at the line's end, an open quote, a pipe, or a here-document.

mod block;

use super::prompt;
use super::sniff::ends;
use crate::text::ascii_quote;

/// How many lines an open quote or a here-document may take.
const LINES: usize = 200;

/// The whole command on one line, and how many bytes of the lines after its first it takes.
pub fn whole(first: &str, windows: bool, rest: &str) -> (String, usize) {
    let mut command = plain(first);
    let mut taken = 0;
    for _ in 0..LINES {
        let after = rest.get(taken..).unwrap_or_default();
        let Some((line, len)) = ends(after).next() else { break };
        // A sign at the end of a command that was cut there: a bracket alone begins what it printed.
        let printed = matches!(line.trim_end(), "{" | "[");
        if let Some(cut) = continued(&command, windows).filter(|_| !printed) {
            command.truncate(cut);
            command.truncate(command.trim_end().len());
            command.push(' ');
            command.push_str(&plain(unmarked(line)));
            taken += len;
        } else if let Some(len) = here_document(&command, after) {
            return (command, taken + len);
        } else if let Some((text, len)) = block::rest_of(&command, windows, after) {
            command.push_str(&text);
            taken += len;
        } else if let Some((text, len)) = open_quote(&command, after) {
            command.push_str(&text);
            taken += len;
        } else {
            break;
        }
    }
    (command, taken)
}

/// The signs that shells print before the lines of a command after its first: bash's and `PowerShell`'s `>`, `cmd`'s `More?`, zsh's with what is
/// open.
const MARKS: [&str; 14] = [
    "> ",
    ">> ",
    "More? ",
    "quote> ",
    "dquote> ",
    "pipe> ",
    "cmdand> ",
    "heredoc> ",
    "for> ",
    "while> ",
    "until> ",
    "if> ",
    "then> ",
    "else> ",
];

/// A line of a command without the sign that shells print before it.
fn unmarked(line: &str) -> &str {
    let line = line.trim();
    marked(line).unwrap_or(line).trim()
}

/// What stands behind the sign of a command's later lines.
fn marked(line: &str) -> Option<&str> {
    let line = line.trim();
    MARKS.iter().find_map(|mark| {
        line.strip_prefix(mark)
            .or_else(|| (line == mark.trim_end()).then_some(""))
    })
}

/// Where a command's text ends before the sign that continues it on the next line.
fn continued(command: &str, windows: bool) -> Option<usize> {
    let text = command.trim_end();
    if text.ends_with('|') || text.ends_with("&&") {
        return Some(text.len());
    }
    let cut = command.strip_suffix(['\\', '`', '^'])?;
    // Two backslashes are one that is meant; a backtick, a circumflex and Windows' backslash stand alone.
    let alone = cut.is_empty() || cut.ends_with(' ');
    let sure = if command.ends_with('\\') {
        !cut.ends_with('\\') && (!windows || alone)
    } else {
        windows || alone
    };
    sure.then_some(cut.len())
}

/// The rest of a command whose quote is open, up to the line that closes it.
fn open_quote(command: &str, rest: &str) -> Option<(String, usize)> {
    let mut open = quote_at_end(command, None)?;
    let mut text = String::new();
    let mut taken = 0;
    for (count, (line, end)) in ends(rest).enumerate() {
        // Another prompt: the quote was an apostrophe.
        if count >= LINES || prompt::typed(line).is_some_and(|typed| !typed.prompt.is_empty()) {
            return None;
        }
        let line = plain(unmarked(line));
        text.push(' ');
        text.push_str(&line);
        taken = end;
        match quote_at_end(&line, Some(open)) {
            Some(still) => open = still,
            None => return Some((text, taken)),
        }
    }
    let _ = taken;
    None
}

/// The quote that is open at the end of a text, where one is. Quotes open where a word or a value begins: an apostrophe does not.
pub fn quote_at_end(text: &str, open: Option<char>) -> Option<char> {
    let mut open = open;
    let mut before = ' ';
    for c in text.chars() {
        match open {
            Some(quote) if c == quote && before != '\\' => open = None,
            None if matches!(c, '\'' | '"')
                && matches!(before, ' ' | '=' | ':' | ',' | '(' | '{' | '[' | '\'' | '"') =>
            {
                open = Some(c);
            }
            _ => {}
        }
        before = c;
    }
    open
}

/// How many bytes the here-document takes that a command opens (`<<EOF`, `<<-'EOF'`), with the line that ends it.
fn here_document(command: &str, rest: &str) -> Option<usize> {
    let (_, after) = command.split_once("<<")?;
    if after.starts_with('<') {
        return None;
    }
    let word = after.trim_start_matches(['-', ' ']).trim_start_matches(['\'', '"']);
    let end = word
        .find(|c: char| !(c.is_alphanumeric() || c == '_'))
        .unwrap_or(word.len());
    let word = word.get(..end).filter(|word| !word.is_empty())?;
    ends(rest)
        .take(LINES * 10)
        .find(|(line, _)| unmarked(line) == word || line.trim() == word)
        .map(|(_, end)| end)
}

/// A command as it was typed before an editor made typographic quotes and dashes of it.
fn plain(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut before = ' ';
    while let Some(c) = rest.chars().next() {
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
        match c {
            '–' | '—' if before == ' ' => {
                let word = rest.split([' ', '=']).next().unwrap_or_default();
                out.push_str(if long_option(word) { "--" } else { "-" });
            }
            c => out.push(ascii_quote(c)),
        }
        before = c;
    }
    out
}

/// Whether a word after a long dash is a long option: `namespace`, and not `n`, `owide`, `it`.
fn long_option(word: &str) -> bool {
    word.len() > 3
        && !matches!(word, "owide" | "oyaml" | "ojson")
        && word
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !word.bytes().all(|byte| matches!(byte, b'n' | b't' | b'v' | b'e'))
}

#[cfg(test)]
mod tests {
    use super::whole;

    #[test]
    fn a_command_goes_on_with_each_shells_sign() {
        for (first, windows, rest, wanted) in [
            (
                "kubectl get pods \\",
                false,
                "> -n shop \\\n>   -o wide\nNAME\n",
                "kubectl get pods -n shop -o wide",
            ),
            (
                "kubectl get pods `",
                true,
                ">> -n shop `\n>> -o wide\nNAME\n",
                "kubectl get pods -n shop -o wide",
            ),
            (
                "kubectl get pods ^",
                true,
                "More? -n shop\nNAME\n",
                "kubectl get pods -n shop",
            ),
            (
                "kubectl get pods |",
                false,
                "  grep web\nweb-0\n",
                "kubectl get pods | grep web",
            ),
            (
                "kubectl get pods -o jsonpath='{range .items[*]}",
                false,
                "{.metadata.name}\n{end}'\nweb-0\n",
                "kubectl get pods -o jsonpath='{range .items[*]} {.metadata.name} {end}'",
            ),
        ] {
            let (command, taken) = whole(first, windows, rest);
            assert_eq!(command, wanted);
            assert_eq!(rest.get(taken..).map(|rest| rest.lines().count()), Some(1), "{wanted}");
        }
    }

    #[test]
    fn a_here_document_is_part_of_its_command() {
        let rest = "> kind: Pod\n> EOF\npod/x created\n";
        assert_eq!(
            whole("cat <<'EOF' | kubectl apply -f -", false, rest).1,
            rest.find("pod/x").unwrap()
        );
        assert_eq!(whole("cat <<EOF", false, "kind: Pod\nmetadata:\n").1, 0);
    }

    #[test]
    fn an_apostrophe_opens_nothing() {
        assert_eq!(whole("grep don't x", false, "it's\n"), ("grep don't x".to_owned(), 0));
        assert_eq!(
            whole("grep 'x", false, "a\n$ kubectl get pods 'y'\n"),
            ("grep 'x".to_owned(), 0)
        );
    }

    #[test]
    fn typographic_options_are_options() {
        assert_eq!(
            whole("kubectl get pods –n shop —output=wide –l ‘app=web’", false, "").0,
            "kubectl get pods -n shop --output=wide -l 'app=web'"
        );
    }
}
