//! Values that were blacked out without their quotes: `"Key": ***,` is no JSON, `key: ***` is no YAML. The quotes are put back around
//! what stands there; that it hides something is still seen in it.

use std::borrow::Cow;

use crate::text::documents::{Document, gaps};
use crate::text::is_redacted;

/// Puts quotes around the blacked-out values of a text, outside of its whole documents; `None` where there are none.
pub fn quote(text: &str, whole: &[Document]) -> Option<String> {
    let mut out: Option<String> = None;
    let mut copied = 0;
    let colons = gaps(whole, text.len()).flat_map(|gap| {
        let part = text.as_bytes().get(gap.clone()).unwrap_or_default();
        memchr::memchr_iter(b':', part).map(move |at| gap.start + at)
    });
    for colon in colons {
        // A quick look first: no JSON value begins like this, and what YAML reads differently begins with an asterisk.
        let after = text.as_bytes().get(colon + 1..).unwrap_or_default();
        let (blanks, value) = match after {
            [b' ', b' ', value @ ..] => (2, value),
            [b' ', value @ ..] => (1, value),
            value => (0, value),
        };
        match value {
            // Most colons of a log or a capture stand in times; JSON's have a key in quotes before them.
            [b'0'..=b'9', ..]
                if blanks == 0 && !text.as_bytes().get(..colon).is_some_and(|key| key.ends_with(b"\"")) =>
            {
                continue;
            }
            // An address of which parts are hidden begins like a number.
            [b'0'..=b'9', ..] if value.iter().take(24).any(|byte| matches!(byte, b'x' | b'X' | b'*')) => {}
            [b'*' | b'x' | b'X' | b'<' | b'R' | b'r' | b'.' | b'M' | 0xE2, ..]
            | [b'[', b'R' | b'r' | b'M' | b'm' | b'H' | b'h' | b'.' | 0xE2, ..] => {}
            _ => continue,
        }
        let start = colon + 1 + blanks;
        if start < copied {
            continue;
        }
        let Some(value) = bare_value(text, colon, start) else {
            continue;
        };
        let out = out.get_or_insert_with(|| String::with_capacity(text.len() + 64));
        out.push_str(text.get(copied..start).unwrap_or_default());
        out.push('"');
        out.push_str(&value);
        out.push('"');
        copied = start + value.len();
    }
    out.map(|mut out| {
        out.push_str(text.get(copied..).unwrap_or_default());
        out
    })
}

/// Longer than any mask.
const LONGEST: usize = 64;

/// The blacked-out value at `start`, where it stands without quotes as a member's value.
fn bare_value(text: &str, colon: usize, start: usize) -> Option<Cow<'_, str>> {
    let rest = text.get(start..)?;
    let end = rest
        .bytes()
        .take(LONGEST + 1)
        .position(|byte| matches!(byte, b'\n' | b'\r' | b',' | b'}' | b'"'));
    let value = rest.get(..end.unwrap_or(rest.len()))?.trim_end();
    if value.len() > LONGEST || value.contains(['=', '(', '/', '\\']) || !is_redacted(value) {
        return None;
    }
    let before = text.get(..colon)?;
    let line = before.get(
        before
            .len()
            .saturating_sub(200)
            .max(before.rfind('\n').map_or(0, |at| at + 1))..,
    )?;
    if line.ends_with('"') {
        // JSON: nothing but a comma, a bracket or the line's end follows a value.
        let after = rest.get(value.len()..)?.trim_start_matches(' ').bytes().next();
        return matches!(after, None | Some(b'\n' | b'\r' | b',' | b'}')).then_some(value.into());
    }
    // YAML: a name alone before it, and asterisks alone to the line's end, which begin an alias there.
    let name = line.trim_start().trim_start_matches("- ");
    let named = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    let alone = rest.get(value.len()..)?.trim_start_matches(' ').bytes().next();
    (named && value.bytes().all(|byte| byte == b'*') && matches!(alone, None | Some(b'\n' | b'\r')))
        .then_some(value.into())
}

#[cfg(test)]
mod tests {
    use super::quote;

    #[test]
    fn masks_without_quotes_get_them() {
        for (line, wanted) in [
            ("  \"SecretAccessKey\": ***,", "  \"SecretAccessKey\": \"***\","),
            (
                "  \"PrivateIpAddress\": <redacted>",
                "  \"PrivateIpAddress\": \"<redacted>\"",
            ),
            (
                "{\"a\": XXXXXXXX, \"b\": [MASKED]}",
                "{\"a\": \"XXXXXXXX\", \"b\": \"[MASKED]\"}",
            ),
            ("  \"ip\": 10.x.x.x,", "  \"ip\": \"10.x.x.x\","),
            ("  token: *****", "  token: \"*****\""),
            ("  \"id\": …\n}", "  \"id\": \"…\"\n}"),
        ] {
            assert_eq!(quote(line, &[]).as_deref(), Some(wanted));
        }
    }

    #[test]
    fn values_and_prose_stay() {
        for line in [
            "{\"Resource\": \"*\", \"x\": [1, 2], \"y\": \"***\"}",
            "  image: nginx",
            "  schedule: */5 * * * *",
            "  a: *anchor",
            "password: *** was wrong",
            "  command: <none>",
        ] {
            assert_eq!(quote(line, &[]), None);
        }
    }
}
