//! What words look like.

/// The words of a line.
pub(super) fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split([' ', '\t']).filter(|word| !word.is_empty())
}

/// The line's first word, where the line begins with it.
pub(super) fn first(line: &str) -> &str {
    line.split([' ', '\t']).next().unwrap_or_default()
}

pub(super) fn is_number(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// A number as iptables shortens it: `1234`, `56K`, `7M`.
pub(super) fn is_count(word: &str) -> bool {
    is_number(word.strip_suffix(['K', 'M', 'G', 'T']).unwrap_or(word))
}

/// An address or a prefix, old routes' `10/8` not among them.
pub(super) fn is_address(word: &str) -> bool {
    let (address, length) = word.split_once('/').unwrap_or((word, "0"));
    is_number(length) && address.parse::<std::net::IpAddr>().is_ok()
}

/// `0a:58:a9:fe:01:01`
pub(super) fn is_mac(word: &str) -> bool {
    word.len() == 17
        && word.bytes().enumerate().all(|(at, byte)| match at % 3 {
            2 => byte == b':',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// The digits at the text's beginning, and what follows them.
pub(super) fn number(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at_checked(end)?;
    (!digits.is_empty()).then_some((digits, rest))
}

/// A word in capitals, digits and underlines that begins with a letter.
pub(super) fn is_capital(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_uppercase())
        && word
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

/// `11:40:02`, and what follows it.
pub(super) fn time(text: &str) -> Option<&str> {
    let bytes = text.as_bytes();
    let shaped = bytes.get(..8)?.iter().enumerate().all(|(at, byte)| match at {
        2 | 5 => *byte == b':',
        _ => byte.is_ascii_digit(),
    });
    text.get(8..).filter(|_| shaped)
}
