//! Markdown's code blocks that are indented in a list, and those whose marks a chat glued to the text.

use super::Line;

/// Takes the indentation off indented blocks, and glued marks off the lines that carry them.
pub fn strip(lines: &mut [Line<'_>]) -> bool {
    let mut changed = false;
    let mut at = 0;
    // Where a glued block is open.
    let mut glued = false;
    while let Some(line) = lines.get(at).copied() {
        let text = line.text.trim_start_matches(' ');
        let indent = line.text.len() - text.len();
        if indent > 0
            && fence(text).is_some()
            && let Some(close) = closing(lines, at, indent)
        {
            if !inside_yaml(lines, at, indent) {
                for line in lines.get_mut(at..=close).unwrap_or_default() {
                    let blanks = line.text.bytes().take(indent).take_while(|byte| *byte == b' ').count();
                    line.text = line.text.get(blanks..).unwrap_or_default();
                }
                changed = true;
            }
            at = close + 1;
            continue;
        }
        if indent == 0 {
            changed |= unglue(lines, at, &mut glued);
        }
        at += 1;
    }
    changed
}

/// The mark that opens or closes a block on this line alone, and the word after it.
fn fence(text: &str) -> Option<(&str, &str)> {
    let mark = ["```", "~~~"].into_iter().find(|mark| text.starts_with(mark))?;
    let info = text.get(3..)?.trim_start_matches(['`', '~']).trim();
    is_info(info).then_some((mark, info))
}

/// Whether what follows the mark names a language (`yaml`, `bash title=x`), and is no text.
pub fn is_info(info: &str) -> bool {
    let mut words = info.split(' ');
    let first = words.next().unwrap_or_default();
    let word = first.len() <= 20
        && first
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'+' | b'#' | b'.'));
    let known = matches!(
        first.to_ascii_lowercase().as_str(),
        "bash"
            | "sh"
            | "shell"
            | "console"
            | "zsh"
            | "text"
            | "txt"
            | "yaml"
            | "yml"
            | "json"
            | "log"
            | "plaintext"
            | "terminal"
            | "powershell"
            | "none"
            | "go"
            | "hcl"
    );
    word && (words.next().is_none() || known)
}

/// The line that closes the indented block.
fn closing(lines: &[Line<'_>], open: usize, indent: usize) -> Option<usize> {
    let opened = lines.get(open)?.text.trim_start();
    let (mark, _) = fence(opened)?;
    for (at, line) in lines.iter().enumerate().skip(open + 1) {
        let text = line.text.trim_start_matches(' ');
        if text.is_empty() {
            continue;
        }
        // A line further to the left ends the list's item.
        if line.text.len() - text.len() < indent {
            return None;
        }
        if line.text.len() - text.len() == indent && text.trim_end() == mark {
            return Some(at);
        }
        // Another block begins before this one is closed: it is none. (This also bounds the search.)
        if fence(text).is_some() {
            return None;
        }
    }
    None
}

/// How far up a block's parents are looked for.
const ABOVE: usize = 200;

/// Whether the block stands in a YAML text (`key: |`), where the marks are text.
pub(super) fn inside_yaml(lines: &[Line<'_>], open: usize, indent: usize) -> bool {
    let mut least = indent;
    for line in lines
        .get(open.saturating_sub(ABOVE)..open)
        .unwrap_or_default()
        .iter()
        .rev()
    {
        let text = line.text.trim_start_matches(' ');
        let here = line.text.len() - text.len();
        if text.is_empty() || here >= least {
            continue;
        }
        least = here;
        let text = text.trim_end();
        if [": |", ": |-", ": |+", ": >", ": >-", ": >+"]
            .iter()
            .any(|sign| text.ends_with(sign))
        {
            return true;
        }
        if least == 0 {
            break;
        }
    }
    false
}

/// Takes off a mark that stands before or after text on the same line.
fn unglue(lines: &mut [Line<'_>], at: usize, open: &mut bool) -> bool {
    let Some(line) = lines.get_mut(at) else { return false };
    let mut text = line.text;
    if let Some(rest) = text.strip_prefix("```") {
        if is_info(rest.trim()) {
            // A block's own line; the one that closes a glued block too.
            *open = false;
            return false;
        }
        text = rest;
        *open = true;
    }
    if *open && let Some(rest) = text.trim_end().strip_suffix("```") {
        text = rest;
        *open = false;
    }
    let changed = text.len() != line.text.len();
    line.text = text;
    changed
}

#[cfg(test)]
mod tests {
    use super::super::clean;

    fn cleaned(text: &str) -> String {
        clean(text.to_owned()).text
    }

    #[test]
    fn a_block_in_a_list_is_moved_to_the_left() {
        assert_eq!(
            cleaned(
                "1. Run this:\n   ```bash\n   $ kubectl get pods\n   NAME    READY\n   web-0   1/1\n   ```\n2. Then\n"
            ),
            "1. Run this:\n```bash\n$ kubectl get pods\nNAME    READY\nweb-0   1/1\n```\n2. Then\n"
        );
    }

    #[test]
    fn a_block_inside_yaml_is_text() {
        let text = "data:\n  README.md: |\n    Run:\n    ```\n    kubectl get pods\n    ```\n";
        assert_eq!(cleaned(text), text);
    }

    #[test]
    fn glued_marks_are_taken_off() {
        assert_eq!(
            cleaned("see ```inline``` here\n```NAME    READY\nweb-0   1/1```\nthanks\n"),
            "see ```inline``` here\nNAME    READY\nweb-0   1/1\nthanks\n"
        );
        assert_eq!(
            cleaned("```kubectl get pods -n shop```\n"),
            "kubectl get pods -n shop\n"
        );
        let fenced = "```yaml\nkind: Pod\n```\n";
        assert_eq!(cleaned(fenced), fenced);
    }
}
