//! People black values out before they paste. Such a value is neither equal nor unequal to anything.

/// Whether a value was blacked out, cut, or left as a template's placeholder: `111122223333` is a value, `<account>`,
/// `XXXXXXXXXXXX`, `****`, `${OIDC_PROVIDER}`, `REDACTED` and `…` are not.
pub fn obscured(value: &str) -> bool {
    let bytes = value.as_bytes();
    let run = |letter: u8| {
        bytes
            .windows(3)
            .any(|three| three.iter().all(|byte| byte.eq_ignore_ascii_case(&letter)))
    };
    value.is_empty()
        || value.contains(['<', '>', '…', '{', '}', '$'])
        || value.contains("...")
        || run(b'x')
        || run(b'*')
        || run(b'#')
        || value.to_ascii_lowercase().contains("redacted")
}

#[cfg(test)]
mod tests {
    use super::obscured;

    #[test]
    fn placeholders_are_told_from_values() {
        for value in [
            "<account>",
            "arn:aws:iam::XXXXXXXXXXXX:role/a",
            "id/***",
            "${OIDC}",
            "[redacted]",
            "id/7DB…",
        ] {
            assert!(obscured(value), "{value}");
        }
        for value in [
            "arn:aws:iam::111122223333:role/max",
            "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE",
            "system:serviceaccount:*:uploader",
        ] {
            assert!(!obscured(value), "{value}");
        }
    }
}
