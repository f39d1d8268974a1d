//! What shells print where an output ended without a newline: zsh's `%` or `#` (zshparam(1), `PROMPT_EOL_MARK`), fish's `⏎`
//! (`reader.rs` of fish-shell).

use super::Line;
use super::edge::prompt_like;

/// A line without the mark, where it ends with one.
pub(super) fn unmarked(line: &str) -> Option<&str> {
    let text = line.trim_end();
    if let Some(rest) = text.strip_suffix('⏎') {
        return Some(rest);
    }
    let rest = text.strip_suffix(['%', '#'])?;
    let number = rest.rsplit([' ', '\t']).next().unwrap_or_default();
    // A share: `kubectl top nodes` ends with some.
    let share = text.ends_with('%') && number.parse::<f64>().is_ok();
    (!share && !rest.is_empty() && !rest.ends_with([' ', '$', '%', '#', '~']) && !prompt_like(text)).then_some(rest)
}

/// A quick look: whether a line may end with such a mark. The `#` of root is on most lines that end with one.
pub fn may_be_marked(line: &str) -> bool {
    let text = line.as_bytes().trim_ascii_end();
    text.ends_with(b"%") || text.ends_with("⏎".as_bytes())
}

/// Takes the marks off.
pub(super) fn strip(lines: &mut [Line<'_>]) -> bool {
    let mut changed = false;
    let prompts: Vec<usize> = (1..lines.len())
        .filter(|at| lines.get(*at).is_some_and(|line| prompt_like(line.text)))
        .collect();
    for at in prompts {
        if let Some(line) = at.checked_sub(1).and_then(|at| lines.get_mut(at))
            && !prompt_like(line.text)
            && let Some(rest) = unmarked(line.text)
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
        ] {
            assert_eq!(clean(dirty.to_owned()).text, text);
        }
        for text in [
            "❯ kubectl top nodes\nNAME   CPU%\nip-1   45%\n❯ date\n",
            "❯ a\nok%\nmore\n",
            "me@mac ~ %\nme@mac ~ % date\n",
            "❯ a\n50%\n❯ date\n",
            "❯ a\nidle 12.5%\n❯ date\n",
            // As well a prompt without a command.
            "❯ a\n[1]%\n❯ date\n",
        ] {
            assert_eq!(clean(text.to_owned()).text, text);
        }
    }
}
