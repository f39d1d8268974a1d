//! What shells print at the right end of a command's line: the time, the context, how the command before it ended.

use super::super::continuation::quote_at_end;

/// Signs that right-hand prompts have and commands do not.
const SIGNS: [char; 7] = ['⎈', '☸', '✔', '✘', '✓', '✗', '↵'];

/// A command without what stands at the right end of its line, four blanks or more after it.
pub fn without(text: &str) -> &str {
    let text = text.trim_end();
    let Some((command, right)) = text.rsplit_once("    ") else {
        return text;
    };
    if is_right(right.trim()) && quote_at_end(command, None).is_none() {
        command.trim_end()
    } else {
        text
    }
}

fn is_right(text: &str) -> bool {
    let words: Vec<&str> = text.split_ascii_whitespace().take(13).collect();
    let sign = |c: char| SIGNS.contains(&c) || ('\u{e000}'..='\u{f8ff}').contains(&c);
    // The clock ends the line, but for its half of the day.
    let clock = match words.as_slice() {
        [.., clock, "AM" | "PM" | "am" | "pm"] | [.., clock] => is_clock(clock),
        [] => false,
    };
    words.len() < 13 && (clock || text.contains(sign))
}

/// `10:23:01`, `9:05`.
fn is_clock(word: &str) -> bool {
    let mut parts = word.split(':');
    let hour = parts.next().unwrap_or_default();
    let rest: Vec<&str> = parts.take(3).collect();
    let number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    (1..=2).contains(&hour.len())
        && number(hour)
        && (1..=2).contains(&rest.len())
        && rest.iter().all(|part| part.len() == 2 && number(part))
}

#[cfg(test)]
mod tests {
    use super::without;

    #[test]
    fn what_stands_at_the_right_is_no_argument() {
        for right in [
            "10:23:01",
            "9:05 PM",
            "⎈ prod/shop",
            "⎈ prod/shop 10:23:01",
            "✔  3s  prod ⎈  10:22:40 AM",
            "1 ↵",
            "\u{f017} at noon",
        ] {
            assert_eq!(
                without(&format!("kubectl get ns      {right}")),
                "kubectl get ns",
                "{right}"
            );
            assert_eq!(
                without(&format!("kubectl get    ns      {right}")),
                "kubectl get    ns",
                "{right}"
            );
        }
        assert_eq!(without("          ⎈ prod/shop"), "");
        for command in [
            "kubectl get    ns",
            "kubectl get ns   10:23:01",
            "echo 'a        10:23:01'",
            "kubectl logs x --since-time     2024-01-02T10:23:01",
            "curl http://10.0.0.1:80     http://10.0.0.2:80",
        ] {
            assert_eq!(without(command), command);
        }
    }
}
