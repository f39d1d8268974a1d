//! What shells print where an output ended without a newline: zsh's `%` or `#` (zshparam(1), `PROMPT_EOL_MARK`), fish's `⏎`
//! (`reader.rs` of fish-shell).

use super::Line;
use super::edge::{prompt, prompt_like};

/// A line without the mark, where it ends with one and the shell that prompts on the next can have printed it.
fn unmarked<'a>(line: &'a str, next: &str) -> Option<&'a str> {
    let text = line.trim_end();
    if let Some(rest) = text.strip_suffix('⏎') {
        return Some(rest);
    }
    let mark = text.chars().next_back().filter(|mark| matches!(mark, '%' | '#'))?;
    let rest = text.strip_suffix(mark)?;
    if rest.is_empty() || rest.ends_with([' ', '$', '%', '#', '~']) || prompt_like(text) {
        return None;
    }
    // Nothing else stands behind the end of a JSON document.
    let document = mark == '%' && rest.ends_with('}');
    (document || (marks(next, mark) && !(mark == '%' && is_share(rest)))).then_some(rest)
}

/// Whether the prompt on a line can be that of a zsh, which alone prints such a mark: `%` for users, `#` for root. Themes end prompts
/// with arrows, bash's end with `$`, and root's of bash with a `#` that stands right behind the directory.
fn marks(next: &str, mark: char) -> bool {
    match prompt(next) {
        Some((_, '%' | '❯' | '➜')) => mark == '%',
        Some((before, '#')) => mark == '#' && before.contains('@') && before.ends_with(' '),
        _ => false,
    }
}

/// Whether a text goes on with `%` as a share does: `kubectl top nodes` prints some, and `hit=97`, `12,5`. Numbers at the end of names,
/// versions and addresses are none.
fn is_share(text: &str) -> bool {
    let before = text.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ','));
    let number = text.get(before.len()..).unwrap_or_default();
    // `10.20.4.17`
    let dotted = !number.contains(',') && number.matches('.').count() > 1;
    if dotted || !number.ends_with(|c: char| c.is_ascii_digit()) {
        return false;
    }
    let word = before
        .rsplit([' ', '\t', '=', '(', '[', '"', '\''])
        .next()
        .unwrap_or_default();
    match word.chars().next_back() {
        // `cpu:97`, and not `10.20.4.17:8080`
        Some(':') => word.chars().rev().skip(1).all(char::is_alphabetic),
        // `-5`, `60-80`, and not `web-0`
        Some('-') => word
            .strip_suffix('-')
            .is_some_and(|from| from.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')),
        Some(c) => !(c.is_alphanumeric() || matches!(c, '_' | '/' | '.' | '@')),
        None => true,
    }
}

/// A quick look: whether a line may end with such a mark. The `#` of root is on most lines that end with one.
pub fn may_be_marked(line: &str) -> bool {
    let text = line.as_bytes().trim_ascii_end();
    text.ends_with(b"%") || text.ends_with("⏎".as_bytes())
}

/// Takes the marks off.
pub(super) fn strip(lines: &mut [Line<'_>]) -> bool {
    let mut changed = false;
    for at in 1..lines.len() {
        let Some([line, next]) = lines.get_mut(at - 1..=at) else {
            continue;
        };
        if prompt_like(next.text)
            && !prompt_like(line.text)
            && let Some(rest) = unmarked(line.text, next.text)
        {
            line.text = rest;
            changed = true;
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::super::clean;

    #[test]
    fn an_output_without_a_newline_ends_before_the_shells_mark() {
        for (dirty, text) in [
            (
                "➜  ~ kubectl get --raw /healthz\nok%\n➜  ~ date\n",
                "➜  ~ kubectl get --raw /healthz\nok\n➜  ~ date\n",
            ),
            (
                "❯ curl -s x\n{\"a\": [1]}%   \n❯ date\n",
                "❯ curl -s x\n{\"a\": [1]}\n❯ date\n",
            ),
            ("❯ a\n172.20.144.18⏎\n❯ date\n", "❯ a\n172.20.144.18\n❯ date\n"),
            ("❯ a\n172.20.144.18%\n❯ date\n", "❯ a\n172.20.144.18\n❯ date\n"),
            (
                "me@mac ~ % a\nweb-0%\nme@mac ~ % date\n",
                "me@mac ~ % a\nweb-0\nme@mac ~ % date\n",
            ),
            ("❯ a\nip-10-20-4-17%\n❯ date\n", "❯ a\nip-10-20-4-17\n❯ date\n"),
            ("❯ a\n10.20.4.17:8080%\n❯ date\n", "❯ a\n10.20.4.17:8080\n❯ date\n"),
            ("❯ a\n10.20.0.0/16%\n❯ date\n", "❯ a\n10.20.0.0/16\n❯ date\n"),
            ("❯ a\nv1.30%\n❯ date\n", "❯ a\nv1.30\n❯ date\n"),
            // Root's, which is seen beside another.
            (
                "root@mac ~ # a\nok#\nroot@mac ~ # b\nx⏎\nroot@mac ~ # date\n",
                "root@mac ~ # a\nok\nroot@mac ~ # b\nx\nroot@mac ~ # date\n",
            ),
            // Many a zsh prompts with a dollar.
            (
                "me@mac:~$ curl -s x\n{\"a\": 1}%\nme@mac:~$ date\n",
                "me@mac:~$ curl -s x\n{\"a\": 1}\nme@mac:~$ date\n",
            ),
        ] {
            assert_eq!(clean(dirty.to_owned()).text, text);
        }
        for text in [
            "❯ kubectl top nodes\nNAME   CPU%\nip-1   45%\n❯ date\n",
            "❯ a\nok%\nmore\n",
            "me@mac ~ %\nme@mac ~ % date\n",
            "❯ a\n50%\n❯ date\n",
            "❯ a\nidle 12.5%\n❯ date\n",
            "❯ a\nidle 12,5%\n❯ date\n",
            "❯ a\ncache hit=97%\n❯ date\n",
            "❯ a\ncpu:97% (60-80%\n❯ date\n",
            "❯ a\nchange -5%\n❯ date\n",
            // No zsh's and no fish's.
            "$ a\nWidth: auto%\n$ kubectl get ns\n",
            "[root@ip-10-20-4-17 ~]# a\nx%\n[root@ip-10-20-4-17 ~]# b\nlang: C#\n[root@ip-10-20-4-17 ~]# date\n",
            "me@laptop:~$ a\nx%\nme@laptop:~$ b\nlang: C#\nme@laptop:~$ date\n",
            "a\nx%\nkubectl get ns\n",
            "❯ a\nx %\n❯ b\nlang: C#\n❯ date\n",
            // As well a prompt without a command.
            "❯ a\n[1]%\n❯ date\n",
        ] {
            assert_eq!(clean(text.to_owned()).text, text);
        }
    }
}
