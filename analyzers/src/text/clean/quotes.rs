//! `> ` and `| ` before every line of a part that a mail or a ticket quotes.

use super::Line;

/// Quotations inside quotations that are taken off.
const DEPTH: usize = 4;

/// Takes the marks off every run of lines that carries them.
pub fn strip(lines: &mut [Line<'_>]) -> bool {
    let mut changed = false;
    for _ in 0..DEPTH {
        let mut again = false;
        let mut before = "";
        for run in lines.chunk_by_mut(|a, b| mark(a.text) == mark(b.text)) {
            let last = run.last().map_or("", |line| line.text);
            let quoted = match run.first().and_then(|line| mark(line.text)) {
                Some(b'>') => is_quotation(before, run),
                Some(_) => is_bar_quotation(before, run),
                None => false,
            };
            if quoted {
                again = true;
                for line in run {
                    let rest = line.text.trim_start_matches(' ').get(1..).unwrap_or_default();
                    line.text = rest.strip_prefix(' ').unwrap_or(rest);
                }
            }
            before = last;
        }
        changed |= again;
        if !again {
            break;
        }
    }
    changed
}

/// The mark that a line carries. Markdown allows three blanks before it.
fn mark(line: &str) -> Option<u8> {
    let text = line.trim_start_matches(' ');
    if line.len() - text.len() > 3 {
        return None;
    }
    match text.as_bytes().first() {
        Some(byte @ (b'>' | b'|')) => Some(*byte),
        _ => None,
    }
}

/// Whether a run of `>` is a quotation, and not what shells print before a command that goes on, what `curl -v` sends, or `diff`.
fn is_quotation(before: &str, run: &[Line<'_>]) -> bool {
    let before = before.trim_end();
    let goes_on = before.ends_with(['\\', '`', '^', '|', '{', '(']) || before.ends_with("&&") || before.contains("<<");
    let open_quote = before.bytes().filter(|byte| *byte == b'\'').count() % 2 == 1
        || before.bytes().filter(|byte| *byte == b'"').count() % 2 == 1;
    let difference = before == "---"
        || before.starts_with("< ")
        || (before.contains(['a', 'c', 'd'])
            && before.starts_with(|c: char| c.is_ascii_digit())
            && before
                .bytes()
                .all(|byte| byte.is_ascii_digit() || matches!(byte, b',' | b'a' | b'c' | b'd')));
    // It begins with the request; a quoted capture of one does not.
    let request = run.iter().take(2).any(|line| {
        line.text.strip_prefix("> ").is_some_and(|sent| {
            let method = sent.split(' ').next().unwrap_or_default();
            (method.len() > 2 && method.bytes().all(|byte| byte.is_ascii_uppercase()) && sent.contains(" HTTP/"))
                || sent.starts_with("Host: ")
        })
    });
    let powershell = before.starts_with("PS ") && run.iter().all(|line| line.text.starts_with(">>"));
    if goes_on || open_quote || difference || request || powershell {
        return false;
    }
    let spaced = |line: &Line<'_>| {
        let rest = line.text.trim_start_matches(' ').get(1..).unwrap_or_default();
        rest.is_empty() || rest.starts_with([' ', '>'])
    };
    run.len() > 2 || (run.len() == 2 && run.iter().all(spaced))
}

/// Whether a run of `|` is a quotation, and not a table with borders or a pipeline.
fn is_bar_quotation(before: &str, run: &[Line<'_>]) -> bool {
    let border = |line: &str| line.starts_with("+-") || line.starts_with("--");
    run.len() > 2
        && !before.trim_end().ends_with(['\\', '`'])
        && !border(before)
        && run.iter().all(|line| {
            let text = line.text.trim();
            text == "|" || (text.starts_with("| ") && !text.ends_with('|'))
        })
}

#[cfg(test)]
mod tests {
    use super::super::clean;

    fn cleaned(text: &str) -> String {
        clean(text.to_owned()).text
    }

    #[test]
    fn a_quoted_part_is_read_as_it_was() {
        assert_eq!(
            cleaned("Hello,\n> $ kubectl get pods\n> NAME    READY\n>\n> web-0   1/1\nbye\n"),
            "Hello,\n$ kubectl get pods\nNAME    READY\n\nweb-0   1/1\nbye\n"
        );
        assert_eq!(cleaned(">> a\n>> b\n> c\n"), "a\nb\nc\n");
        assert_eq!(cleaned("> > a\n> >   b\n"), "a\n  b\n");
        assert_eq!(cleaned("| a: 1\n| b:\n|   c: 2\n"), "a: 1\nb:\n  c: 2\n");
    }

    #[test]
    fn what_only_looks_quoted_stays() {
        for text in [
            "$ kubectl get pods \\\n> -n shop \\\n> -o wide\n",
            "$ cat <<EOF\n> a\n> b\n> EOF\n",
            "* Connected to x\n> GET /healthz HTTP/1.1\n> Host: x\n>\n< HTTP/1.1 200 OK\n",
            "2c2\n< a\n---\n> b\n> c\n> d\n",
            "PS C:\\> kubectl get pods `\n>> -n shop `\n>> -o wide\n",
            "-------\n|  a  |\n|  b  |\n|  c  |\n-------\n",
            "| a | b |\n| --- | --- |\n| 1 | 2 |\n",
            "> one line\n",
        ] {
            assert_eq!(cleaned(text), text);
        }
    }
}
