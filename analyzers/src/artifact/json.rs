//! JSON (RFC 8259): reading it, also where it was cut, and finding where a pointer stands.
//!
//! `serde_json` reads; the small scanner here only finds places, in one pass and without recursion.

use super::Value;
use super::json_repair::repair;
use super::outline::{Outline, Shape, Twins, number};
pub use crate::text::json_extent::extent;
use crate::text::json_extent::skip_blanks;
pub(super) use crate::text::json_extent::{plain_end, string_end};

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
    /// Whether what stands after it is read, too.
    pub goes_on: bool,
}

/// The byte after a damaged document: where [`read`] stops.
pub fn damaged_end(text: &str) -> Option<usize> {
    let repaired = repair(text);
    (!repaired.faults.is_empty()).then_some(repaired.end)
}

/// Reads a JSON text; where it was cut or damaged, what is whole before that place.
pub fn read(text: &str) -> Result<Read, Broken> {
    let error = match serde_json::from_str(text) {
        Ok(value) => return Ok(Read { value, broken: None }),
        Err(error) => error,
    };
    let repaired = repair(text);
    if let Some((at, what)) = repaired.faults.first()
        && let Ok(value) = serde_json::from_str(&repaired.text)
    {
        let more = match repaired.faults.len() {
            1 => String::new(),
            2 => ", and there is another fault below".to_owned(),
            count => format!(", and there are {} more faults below", count - 1),
        };
        return Ok(Read {
            value,
            broken: Some(Broken {
                at: *at,
                reason: format!("{what}{more}"),
                goes_on: true,
            }),
        });
    }
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
        goes_on: false,
    };
    if found.whole {
        // serde_json refuses what the scanner let pass: nesting deeper than 128, a bad escape.
        let after = text.get(found.end..).unwrap_or_default().trim();
        return match text.get(..found.end).map(serde_json::from_str) {
            Some(Ok(value)) => Ok(Read {
                value,
                broken: (!is_note_of_curl(after)).then_some(broken),
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

/// `* Connection #0 to host 172.20.0.1 left intact`: `curl -v` says it right after a body that has no newline at its end (curl
/// `lib/multi.c`, `lib/url.c`).
fn is_note_of_curl(text: &str) -> bool {
    (text.starts_with("* Connection #") || text.starts_with("* Closing connection")) && text.lines().count() == 1
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

/// Where the values of a JSON text stand. A member's place begins at its name, so that the lines cited show the name too. What was cut
/// reaches to the end of the text.
pub fn outline(text: &str) -> Outline {
    if !extent(text).whole {
        let repaired = repair(text);
        if !repaired.faults.is_empty() {
            let mut outline = outline_of(&repaired.text);
            outline.move_to(text, |at| repaired.original(at));
            return outline;
        }
    }
    outline_of(text)
}

fn outline_of(text: &str) -> Outline {
    let bytes = text.as_bytes();
    let mut outline = Outline::new(Twins::Last);
    let mut open: Vec<(usize, bool)> = Vec::new();
    // The name whose value comes next, and where it begins.
    let mut name: Option<(u64, usize)> = None;
    let mut at = 0;
    loop {
        at = skip_blanks(bytes, at);
        let Some(&byte) = bytes.get(at) else { break };
        let (number, start) = name.map_or((None, at), |(number, start)| (Some(number), start));
        let end = match byte {
            b'{' | b'[' => {
                let object = byte == b'{';
                let shape = if object { Shape::Object } else { Shape::Array };
                open.push((outline.open(number, start, shape), object));
                name = None;
                at += 1;
                continue;
            }
            b'}' | b']' => {
                at += 1;
                let Some((index, _)) = open.pop() else { break };
                outline.close(index, at);
                if open.is_empty() {
                    break;
                }
                continue;
            }
            b',' => {
                at += 1;
                continue;
            }
            b'"' => {
                let end = string_end(bytes, at).unwrap_or(bytes.len());
                if name.is_none() && open.last().is_some_and(|(_, object)| *object) {
                    let colon = skip_blanks(bytes, end);
                    if bytes.get(colon) != Some(&b':') {
                        break;
                    }
                    name = Some((name_number(text.get(at..end).unwrap_or_default()), at));
                    at = colon + 1;
                    continue;
                }
                end
            }
            _ => match plain_end(bytes, at) {
                Some(end) => end,
                None => break,
            },
        };
        let leaf = outline.open(number, start, Shape::Leaf);
        outline.close(leaf, end);
        name = None;
        at = end;
        if open.is_empty() {
            break;
        }
    }
    while let Some((index, _)) = open.pop() {
        outline.close(index, bytes.len());
    }
    outline
}

/// The number of a member's name as it is written, in its quotes.
fn name_number(raw: &str) -> u64 {
    if raw.contains('\\') {
        return serde_json::from_str::<String>(raw).map_or(0, |name| number(&name));
    }
    number(raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default())
}

#[cfg(test)]
#[allow(clippy::string_slice, reason = "texts of tests")]
mod tests {
    use super::{extent, outline, read};
    use serde_json::json;

    fn locate(text: &str, pointer: &str) -> Option<std::ops::Range<usize>> {
        outline(text).find(pointer)
    }

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
    fn what_curl_says_behind_a_body_is_no_fault_of_it() {
        let said = read("{\n \"major\": \"1\"\n}* Connection #0 to host 172.20.0.1 left intact\n").unwrap();
        assert_eq!((said.value.to_json(), said.broken), (json!({"major": "1"}), None));
        assert!(read("{\"major\": \"1\"}* and more\n").unwrap().broken.is_some());
    }

    #[test]
    fn a_bracket_that_is_added_before_a_letter_of_two_bytes_has_a_place() {
        let text = "{\"a\": [{\u{51e}1\nb\"\\\\";
        for pointer in ["", "/a", "/a/0"] {
            let place = locate(text, pointer).unwrap();
            assert!(text.get(place.clone()).is_some(), "{pointer}: {place:?}");
        }
    }

    #[test]
    fn what_is_whole_in_a_cut_text_is_read() {
        let text = r#"{"items": [{"name": "a"}, {"name": "b", "age": 1"#;
        let read = read(text).unwrap();
        assert_eq!(read.value.to_json(), json!({"items": [{"name": "a"}, {"name": "b"}]}));
        assert_eq!(read.broken.unwrap().at, text.len());
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
