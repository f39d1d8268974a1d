//! How far a JSON value reaches (RFC 8259): a scan of its grammar, in one pass and without recursion.

use super::documents::Document;

/// How far a JSON value reaches.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extent {
    /// The byte after the value, or the byte at which the text stops being JSON.
    pub end: usize,
    /// Whether the value is whole.
    pub whole: bool,
    /// The names of the root's first members.
    pub keys: Vec<String>,
    /// The byte after the last part that is whole, and how many brackets are open there.
    pub(crate) cut: (usize, usize),
    /// The open brackets at the end, outermost first.
    pub(crate) open: Vec<u8>,
}

impl From<&Document> for Extent {
    fn from(document: &Document) -> Self {
        Self {
            end: document.len,
            whole: true,
            keys: document.keys.clone(),
            cut: (document.len, 0),
            open: Vec::new(),
        }
    }
}

/// How many of the root's names are kept: recognising a document takes a few.
const KEYS: usize = 24;

/// Finds the end of the JSON value that `text` begins with (after blanks). It stops at the first byte that cannot be JSON, so what follows a
/// cut document is not swallowed.
pub fn extent(text: &str) -> Extent {
    let bytes = text.as_bytes();
    let mut found = Extent::default();
    let mut at = 0;
    // What may come next: a value, or (after a value) a comma or a closing bracket, or a member's name.
    let mut expect = Expect::Value;
    loop {
        at = skip_blanks(bytes, at);
        let Some(&byte) = bytes.get(at) else { break };
        match (byte, expect) {
            (b'{' | b'[', Expect::Value | Expect::ValueOrEnd) => {
                found.open.push(byte);
                at += 1;
                found.cut = (at, found.open.len());
                expect = if byte == b'{' {
                    Expect::NameOrEnd
                } else {
                    Expect::ValueOrEnd
                };
                continue;
            }
            (b'}', Expect::NameOrEnd | Expect::Comma) if found.open.last() == Some(&b'{') => {
                found.open.pop();
                at += 1;
            }
            (b']', Expect::ValueOrEnd | Expect::Comma) if found.open.last() == Some(&b'[') => {
                found.open.pop();
                at += 1;
            }
            (b',', Expect::Comma) => {
                at += 1;
                expect = if found.open.last() == Some(&b'{') {
                    Expect::Name
                } else {
                    Expect::Value
                };
                continue;
            }
            (b'"', Expect::Name | Expect::NameOrEnd) => {
                let Some(end) = string_end(bytes, at) else { break };
                if found.open.len() == 1
                    && found.keys.len() < KEYS
                    && let Some(key) = text.get(at + 1..end - 1)
                {
                    found.keys.push(key.to_owned());
                }
                let colon = skip_blanks(bytes, end);
                if bytes.get(colon) != Some(&b':') {
                    at = colon;
                    break;
                }
                at = colon + 1;
                expect = Expect::Value;
                continue;
            }
            (b'"', Expect::Value | Expect::ValueOrEnd) => {
                let Some(end) = string_end(bytes, at) else { break };
                at = end;
            }
            (_, Expect::Value | Expect::ValueOrEnd) => {
                let Some(end) = plain_end(bytes, at) else { break };
                // A number or a literal at the very end may have been cut in the middle.
                if end == bytes.len() && !found.open.is_empty() {
                    at = end;
                    break;
                }
                at = end;
            }
            _ => break,
        }
        found.cut = (at, found.open.len());
        expect = Expect::Comma;
        if found.open.is_empty() {
            found.whole = true;
            break;
        }
    }
    found.end = at;
    found
}

/// So many bytes of a line after a value are looked at for each byte of it: a line of a million small values stays cheap.
const AFTER: usize = 256;

/// A line's rest of so many bytes is looked at in any case.
const SHORT: usize = 4096;

/// Whether another document begins right where a whole value of `len` bytes ends, as tools print them that end what they print without a
/// newline: `}{`, `}[`. `after` is what follows the value.
pub(crate) fn is_glued(len: usize, after: &str) -> bool {
    let bytes = after.as_bytes();
    let begins = match bytes.first() {
        Some(b'{') => matches!(bytes.get(skip_blanks(bytes, 1)), Some(b'"' | b'}')),
        Some(b'[') => matches!(
            bytes.get(skip_blanks(bytes, 1)),
            Some(b'{' | b'[' | b'"' | b']' | b'-' | b'0'..=b'9')
        ),
        _ => false,
    };
    let enough = SHORT.saturating_add(len.saturating_mul(AFTER));
    begins && (bytes.len() <= enough || memchr::memchr(b'\n', bytes.get(..enough).unwrap_or(bytes)).is_some())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Expect {
    Value,
    ValueOrEnd,
    Name,
    NameOrEnd,
    Comma,
}

/// The byte after the number or literal at `at`.
pub(crate) fn plain_end(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?;
    for literal in [b"true".as_slice(), b"false", b"null"] {
        if rest.starts_with(literal) {
            return Some(at + literal.len());
        }
    }
    if !matches!(rest.first()?, b'-' | b'0'..=b'9') {
        return None;
    }
    let len = rest
        .iter()
        .take_while(|byte| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'))
        .count();
    Some(at + len)
}

/// The byte after the closing quote of the string at `at`. A line's end inside a string is not JSON.
pub(crate) fn string_end(bytes: &[u8], at: usize) -> Option<usize> {
    let mut here = at + 1;
    loop {
        // Most strings are shorter than it takes to start a vector's search.
        while let Some(eight) = eight(bytes, here) {
            let ends = zeros(eight ^ all(b'"')) | zeros(eight ^ all(b'\\')) | zeros(eight ^ all(b'\n'));
            here += first(ends);
            if ends != 0 {
                break;
            }
        }
        match bytes.get(here)? {
            b'"' => return Some(here + 1),
            // A line's end cannot be escaped: there the terminal broke the string.
            b'\\' if !matches!(bytes.get(here + 1), Some(b'\n' | b'\r')) => here += 2,
            b'\\' | b'\n' => return None,
            _ => here += 1,
        }
    }
}

pub(crate) fn skip_blanks(bytes: &[u8], mut at: usize) -> usize {
    loop {
        match bytes.get(at) {
            // Indentation is half of what kubectl and aws-cli print.
            Some(b' ') => {
                at += 1;
                while let Some(eight) = eight(bytes, at) {
                    let other = eight ^ all(b' ');
                    at += first(other);
                    if other != 0 {
                        break;
                    }
                }
            }
            Some(b'\t' | b'\n' | b'\r') => at += 1,
            _ => return at,
        }
    }
}

/// Eight bytes as one number, the first of them lowest.
fn eight(bytes: &[u8], at: usize) -> Option<u64> {
    let eight = bytes.get(at..)?.first_chunk::<8>()?;
    Some(u64::from_le_bytes(*eight))
}

const fn all(byte: u8) -> u64 {
    0x0101_0101_0101_0101 * byte as u64
}

/// Sets a bit in the first byte that is zero (Mycroft's test; bytes above it may be marked, too).
const fn zeros(eight: u64) -> u64 {
    eight.wrapping_sub(all(1)) & !eight & all(0x80)
}

/// How many bytes stand before the first that is marked; 8 where none is.
const fn first(marks: u64) -> usize {
    (marks.trailing_zeros() / 8) as usize
}

#[cfg(test)]
#[allow(clippy::string_slice, reason = "texts of tests")]
mod tests {
    use super::extent;

    #[test]
    fn the_scanner_stops_where_the_text_is_no_longer_json() {
        let text = "{\n \"a\": [1,\nNAME READY\nx 1/1\n";
        let found = extent(text);
        assert!(!found.whole);
        assert_eq!(&text[found.end..found.end + 4], "NAME");
        assert_eq!(found.keys, ["a"]);
    }

    #[test]
    fn a_string_that_breaks_off_after_a_backslash_is_open() {
        assert!(!extent("{\n \"a\": \"x\\\ny\"\n}\n").whole);
        assert!(extent("{\n \"a\": \"x\\ny\"\n}\n").whole);
    }
}
