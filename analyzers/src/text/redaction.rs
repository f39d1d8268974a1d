//! People black values out before they paste. Such a value is neither equal nor unequal to anything.

/// Whether a value was blacked out, cut, or left as a template's placeholder: `111122223333` is a value, `<account>`,
/// `XXXXXXXXXXXX`, `****`, `10.x.x.x`, `[MASKED]`, `${OIDC_PROVIDER}`, `REDACTED` and `…` are not.
pub fn is_redacted(value: &str) -> bool {
    let bytes = value.as_bytes();
    let run = |letter: u8| {
        bytes
            .windows(3)
            .any(|three| three.iter().all(|byte| byte.eq_ignore_ascii_case(&letter)))
    };
    value.is_empty()
        || value.contains(['<', '>', '…', '{', '}', '$', '█'])
        || value.contains("...")
        || run(b'x')
        || run(b'*')
        || run(b'#')
        || named(value)
        || hidden_parts(value)
}

/// The words that say that something was taken out.
fn named(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    lower.contains("redacted")
        || ["masked", "hidden", "removed", "omitted", "snip", "secret"]
            .iter()
            .any(|word| {
                lower
                    .split_once(word)
                    .is_some_and(|(before, after)| before.ends_with(['[', '(']) && after.starts_with([']', ')']))
            })
}

/// `10.x.x.x`, `ip-10-20-x-x`: letters in the place of numbers.
fn hidden_parts(value: &str) -> bool {
    let hidden = |part: &str| matches!(part, "x" | "xx" | "X" | "XX" | "**" | "y" | "yy");
    let mut parts = value.split(['.', '-', ':', '/', '_']);
    let number = value.bytes().any(|byte| byte.is_ascii_digit());
    number && parts.by_ref().filter(|part| hidden(part)).count() > 1
}

#[cfg(test)]
mod tests {
    use super::is_redacted;

    #[test]
    fn placeholders_are_told_from_values() {
        for value in [
            "<account>",
            "arn:aws:iam::XXXXXXXXXXXX:role/a",
            "id/***",
            "${OIDC}",
            "[redacted]",
            "[MASKED]",
            "id/7DB…",
            "10.x.x.x",
            "10.20.xx.xx",
            "ip-10-20-x-x.ec2.internal",
            "████",
        ] {
            assert!(is_redacted(value), "{value}");
        }
        for value in [
            "arn:aws:iam::111122223333:role/max",
            "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE",
            "system:serviceaccount:*:uploader",
            "10.20.4.31",
            "nginx-x",
            "my-secret",
            "kube-system",
        ] {
            assert!(!is_redacted(value), "{value}");
        }
    }
}
