//! Cutting texts, for the files of this folder.

/// The number a text begins with; 0 where it begins with none.
pub fn leading(text: &str) -> usize {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    text.get(..digits).and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

/// Whether a text begins with a digit.
pub fn starts_with_digit(text: &str) -> bool {
    text.as_bytes().first().is_some_and(u8::is_ascii_digit)
}

/// What follows the parenthesis that a text begins with.
pub fn after_parentheses(text: &str) -> Option<&str> {
    after(text, b'(', b')')
}

/// What follows the bracket that a text begins with.
pub fn after_brackets(text: &str) -> Option<&str> {
    after(text, b'[', b']')
}

fn after(text: &str, open: u8, close: u8) -> Option<&str> {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        if byte == open {
            depth += 1;
        } else if byte == close {
            depth = depth.checked_sub(1)?;
            if depth == 0 {
                return text.get(at + 1..);
            }
        } else if depth == 0 {
            return None;
        }
    }
    None
}

/// The first word and what follows the blank after it.
pub fn word(text: &str) -> (&str, &str) {
    let at = text.bytes().position(|byte| byte == b' ').unwrap_or(text.len());
    (text.get(..at).unwrap_or(""), text.get(at + 1..).unwrap_or(""))
}

/// At most `most` bytes of a text, whole characters.
pub fn at_most(text: &str, most: usize) -> &str {
    text.get(..text.floor_char_boundary(most)).unwrap_or(text)
}

/// A hexadecimal number after `0x`, or a decimal one.
pub fn any_number(text: &str) -> Option<u32> {
    if let Some(digits) = text.strip_prefix("0x") {
        let len = digits.bytes().take_while(u8::is_ascii_hexdigit).count();
        return u32::from_str_radix(digits.get(..len)?, 16).ok();
    }
    let len = text.bytes().take_while(u8::is_ascii_digit).count();
    text.get(..len)?.parse().ok()
}
