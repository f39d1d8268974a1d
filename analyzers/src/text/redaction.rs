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
        || hidden_octets(value)
}

/// Whether a word stands for an address of which all or a part was blacked out: `10.x.x.0/19`, `xxx.xxx.xxx.xxx`, `<redacted>`,
/// `2001:db8:xxxx::1`. Stricter than [`is_redacted`]: names of hosts and flags in angle brackets are none.
pub fn is_redacted_address(word: &str) -> bool {
    let (address, _) = word.split_once('/').unwrap_or((word, ""));
    let (address, _) = address.split_once('%').unwrap_or((address, ""));
    let wholly = address.len() > 2 && is_mask(address);
    let parts = || address.split(':').filter(|part| !part.is_empty());
    let hexadecimal = address.contains(':')
        && address.matches(':').count() > 1
        && parts().all(|part| is_mask(part) || (part.len() < 5 && part.bytes().all(|byte| byte.is_ascii_hexdigit())))
        && parts().any(is_mask);
    wholly || hexadecimal || hidden_octets(address) || (named(word) && !word.contains([',', '=']))
}

/// What stands in the place of a number.
fn is_mask(part: &str) -> bool {
    !part.is_empty() && part.chars().all(|c| matches!(c, 'x' | 'X' | '*' | '#' | '█'))
}

/// `10.20.3.x`, `x.x.x.x`: the four parts of an address, some of them masked.
fn hidden_octets(value: &str) -> bool {
    let number = |part: &str| part.len() < 4 && !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let mut masks = 0_usize;
    let mut parts = 0_usize;
    for part in value.split('.') {
        parts += 1;
        let mask = is_mask(part);
        masks += usize::from(mask);
        if parts > 4 || !(mask || number(part)) {
            return false;
        }
    }
    parts == 4 && masks > 0
}

/// The words that say that something was taken out.
fn named(value: &str) -> bool {
    const REDACTED: &str = "redacted";
    // Asked for every first word: nothing is copied before a bracket or the word's length calls for it.
    if value.len() < REDACTED.len() && !value.contains(['[', '(']) {
        return false;
    }
    let lower = value.to_ascii_lowercase();
    lower.contains(REDACTED)
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
    use super::{is_redacted, is_redacted_address};

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
            "x.x.x.x",
            "192.168.7.X",
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

    #[test]
    fn addresses_that_are_blacked_out_are_told_from_names_and_flags() {
        for word in [
            "10.x.x.0/19",
            "x.x.x.x",
            "XXX.XXX.XXX.XXX",
            "10.20.*.*",
            "192.168.7.xx/24",
            "<redacted>",
            "[REDACTED]",
            "****",
            "2001:db8:xxxx::1",
            "0a:58:xx:xx:xx:xx",
            "10.20.xx.xx%eth0",
        ] {
            assert!(is_redacted_address(word), "{word}");
        }
        for word in [
            "10.20.4.31",
            "10.20.0.0/16",
            "fe80::1",
            "default",
            "<BROADCAST,MULTICAST,UP,LOWER_UP>",
            "nginx-x.shop",
            "x",
            "*",
            "1.2.3.x.5",
            "a.x.x.x",
            "eth0",
            "",
        ] {
            assert!(!is_redacted_address(word), "{word}");
        }
    }
}
