//! JSON (RFC 8259): reading it, also where it was cut, and finding where a pointer stands.
//!
//! `serde_json` reads; the small scanner here only finds ends and places, in one pass and without recursion.

use std::ops::Range;

use super::Value;

/// What a JSON text holds.
#[derive(Debug)]
pub struct Read {
    /// The values, as many as could be read.
    pub value: Value,
    /// Where and why the text breaks off; `None` where it was whole.
    pub broken: Option<Broken>,
}

/// Where a text stops being what it began as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The byte.
    pub at: usize,
    /// What is wrong there, as the middle of a sentence.
    pub reason: String,
}

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
    cut: (usize, usize),
    /// The open brackets at the end, outermost first.
    open: Vec<u8>,
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

#[derive(Clone, Copy, PartialEq, Eq)]
enum Expect {
    Value,
    ValueOrEnd,
    Name,
    NameOrEnd,
    Comma,
}

/// Reads a JSON text; where it was cut or damaged, what is whole before that place.
pub fn read(text: &str) -> Result<Read, Broken> {
    let error = match serde_json::from_str(text) {
        Ok(value) => return Ok(Read { value, broken: None }),
        Err(error) => error,
    };
    let found = extent(text);
    let broken = Broken {
        at: if found.whole {
            offset(text, error.line(), error.column())
        } else {
            found.end
        },
        reason: if found.end >= text.trim_end().len() && !found.whole {
            "the JSON ends before its brackets are closed".to_owned()
        } else {
            format!("this is no longer JSON ({error})")
        },
    };
    if found.whole {
        // serde_json refuses what the scanner let pass: nesting deeper than 128, a bad escape.
        return match text.get(..found.end).map(serde_json::from_str) {
            Some(Ok(value)) => Ok(Read {
                value,
                broken: Some(broken),
            }),
            _ => Err(broken),
        };
    }
    let (cut, depth) = found.cut;
    let mut repaired = text.get(..cut).unwrap_or_default().to_owned();
    for bracket in found.open.iter().take(depth).rev() {
        repaired.push(if *bracket == b'{' { '}' } else { ']' });
    }
    match serde_json::from_str(&repaired) {
        Ok(value) => Ok(Read {
            value,
            broken: Some(broken),
        }),
        Err(_) => Err(broken),
    }
}

/// The byte of a 1-based line and column as `serde_json` counts them.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    (start + column.saturating_sub(1)).min(text.len())
}

/// The bytes of the value at an RFC 6901 pointer in a JSON text, or `None` where there is no such value. A member's range begins at its
/// name, so that the lines cited show the name too. Of members with the same name the last counts, as for the reader.
pub fn locate(text: &str, pointer: &str) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let start = skip_blanks(bytes, 0);
    let mut value = start..value_end(bytes, start)?;
    let mut range = value.clone();
    if pointer.is_empty() {
        return Some(range);
    }
    for token in pointer.strip_prefix('/')?.split('/') {
        let token = token.replace("~1", "/").replace("~0", "~");
        (range, value) = match bytes.get(value.start)? {
            b'{' => member(text, value.start, &token)?,
            b'[' => {
                let found = element(bytes, value.start, token.parse().ok()?)?;
                (found.clone(), found)
            }
            _ => return None,
        };
    }
    Some(range)
}

/// The range of the last member of that name in the object at `open` (its name included), and that of its value.
fn member(text: &str, open: usize, name: &str) -> Option<(Range<usize>, Range<usize>)> {
    let bytes = text.as_bytes();
    let mut found = None;
    let mut at = skip_blanks(bytes, open + 1);
    while bytes.get(at) == Some(&b'"') {
        let Some(name_end) = string_end(bytes, at) else { break };
        let colon = skip_blanks(bytes, name_end);
        if bytes.get(colon) != Some(&b':') {
            break;
        }
        let start = skip_blanks(bytes, colon + 1);
        let Some(end) = value_end(bytes, start) else { break };
        let raw = text.get(at..name_end)?;
        let same = if raw.contains('\\') {
            serde_json::from_str::<String>(raw).is_ok_and(|decoded| decoded == name)
        } else {
            raw.get(1..raw.len() - 1) == Some(name)
        };
        if same {
            found = Some((at..end, start..end));
        }
        at = skip_blanks(bytes, end);
        if bytes.get(at) != Some(&b',') {
            break;
        }
        at = skip_blanks(bytes, at + 1);
    }
    found
}

/// The range of element `index` of the array at `open`.
fn element(bytes: &[u8], open: usize, index: usize) -> Option<Range<usize>> {
    let mut at = skip_blanks(bytes, open + 1);
    let mut left = index;
    loop {
        if bytes.get(at) == Some(&b']') {
            return None;
        }
        let end = value_end(bytes, at)?;
        if left == 0 {
            return Some(at..end);
        }
        left -= 1;
        let comma = skip_blanks(bytes, end);
        if bytes.get(comma) != Some(&b',') {
            return None;
        }
        at = skip_blanks(bytes, comma + 1);
    }
}

/// The byte after the value at `at`; the end of the text where brackets stay open.
fn value_end(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at)? {
        b'"' => Some(string_end(bytes, at).unwrap_or(bytes.len())),
        b'{' | b'[' => {
            let mut depth = 0_usize;
            let mut here = at;
            while let Some(byte) = bytes.get(here) {
                match byte {
                    b'"' => {
                        here = string_end(bytes, here).unwrap_or(bytes.len());
                        continue;
                    }
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' => {
                        depth -= 1;
                        if depth == 0 {
                            return Some(here + 1);
                        }
                    }
                    _ => {}
                }
                here += 1;
            }
            Some(bytes.len())
        }
        _ => plain_end(bytes, at),
    }
}

/// The byte after the number or literal at `at`.
fn plain_end(bytes: &[u8], at: usize) -> Option<usize> {
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
fn string_end(bytes: &[u8], at: usize) -> Option<usize> {
    let mut here = at + 1;
    loop {
        match bytes.get(here)? {
            b'"' => return Some(here + 1),
            b'\\' => here += 2,
            b'\n' => return None,
            _ => here += 1,
        }
    }
}

fn skip_blanks(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
        at += 1;
    }
    at
}

#[cfg(test)]
#[allow(clippy::string_slice, reason = "texts of tests")]
mod tests {
    use super::{extent, locate, read};
    use serde_json::json;

    #[test]
    fn a_member_is_located_with_its_name() {
        let text = "{\n  \"a\": {\"b/c\": [1, \"x\"]},\n  \"d\": null\n}";
        assert_eq!(&text[locate(text, "/d").unwrap()], "\"d\": null");
        assert_eq!(&text[locate(text, "/a/b~1c/1").unwrap()], "\"x\"");
        assert_eq!(&text[locate(text, "/a/b~1c").unwrap()], "\"b/c\": [1, \"x\"]");
        assert_eq!(locate(text, "/e"), None);
        assert_eq!(locate(text, "/d/e"), None);
        assert_eq!(locate(text, "").unwrap(), 0..text.len());
    }

    #[test]
    fn what_is_whole_in_a_cut_text_is_read() {
        let text = r#"{"items": [{"name": "a"}, {"name": "b", "age": 1"#;
        let read = read(text).unwrap();
        assert_eq!(read.value.to_json(), json!({"items": [{"name": "a"}, {"name": "b"}]}));
        assert_eq!(read.broken.unwrap().at, text.len());
    }

    #[test]
    fn the_scanner_stops_where_the_text_is_no_longer_json() {
        let text = "{\n \"a\": [1,\nNAME READY\nx 1/1\n";
        let found = extent(text);
        assert!(!found.whole);
        assert_eq!(&text[found.end..found.end + 4], "NAME");
        assert_eq!(found.keys, ["a"]);
    }

    #[test]
    fn nesting_deeper_than_the_reader_allows_is_an_error_not_a_crash() {
        let deep = "[".repeat(100_000);
        assert!(read(&deep).is_err());
        let closed = format!("{deep}{}", "]".repeat(100_000));
        assert!(extent(&closed).whole);
        assert!(read(&closed).is_err());
    }
}
