//! The JSON documents that stand whole in a text, as kubectl and aws-cli print them. What a terminal, a ticket or a redaction spoils is no
//! longer JSON: nothing in these lines needs cleaning, and no command stands between them. They are most of a long paste, so they are
//! looked for once.

use std::ops::Range;

use super::json_extent::{Extent, extent, is_glued};

/// A whole JSON value, and nothing beside it on its lines but other whole ones: `}{` where a tool prints no newline at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// From the beginning of its first line to the end of its last one, the ending included; with those that follow it on the same line.
    pub lines: Range<usize>,
    /// How many bytes the value has, without what ends its last line or follows there.
    pub len: usize,
    /// The names of the root's first members.
    pub keys: Vec<String>,
}

/// A value on one line is looked for from this length on: a log of JSON entries has many short ones.
const LONG: usize = 4096;

/// The documents of a text, in order.
pub fn find(text: &str) -> Vec<Document> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut start = 0;
    while start < bytes.len() {
        if begins(bytes.get(start..).unwrap_or_default()) {
            let value = extent(text.get(start..).unwrap_or_default());
            let (end, whole) = last(text, start, &value);
            let next = after_line(bytes, end.max(start + 1));
            if whole && text.get(end..next).is_some_and(|tail| tail.trim_ascii().is_empty()) {
                found.push(Document {
                    lines: start..next,
                    len: value.end,
                    keys: value.keys,
                });
            }
            // What was looked at is not looked at again, however many brackets begin lines there.
            start = next;
        } else {
            start = after_line(bytes, start);
        }
    }
    found
}

/// Where the last value ends that follows one without a newline between them, and whether all of them are whole.
fn last(text: &str, start: usize, value: &Extent) -> (usize, bool) {
    let (mut end, mut len, mut whole) = (start + value.end, value.end, value.whole);
    while whole && let Some(after) = text.get(end..).filter(|after| is_glued(len, after)) {
        let next = extent(after);
        (len, whole) = (next.end, next.whole);
        end += next.end;
    }
    (end, whole)
}

/// Whether a document may begin here: a bracket alone on its line, or a long line.
fn begins(rest: &[u8]) -> bool {
    match rest {
        [b'{' | b'[', b'\n' | b'\r', ..] => true,
        [b'{' | b'[', ..] => memchr::memchr(b'\n', rest.get(..LONG).unwrap_or(rest)).is_none() && rest.len() > LONG,
        _ => false,
    }
}

/// Where the line after the one of byte `at` begins.
fn after_line(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    memchr::memchr(b'\n', rest).map_or(bytes.len(), |end| at + end + 1)
}

/// What stands around the documents of a text of `len` bytes.
pub fn gaps(documents: &[Document], len: usize) -> impl Iterator<Item = Range<usize>> {
    let starts = std::iter::once(0).chain(documents.iter().map(|document| document.lines.end));
    let ends = documents
        .iter()
        .map(|document| document.lines.start)
        .chain(std::iter::once(len));
    starts.zip(ends).map(|(start, end)| start..end)
}

#[cfg(test)]
mod tests {
    use super::{find, gaps};

    #[test]
    fn whole_documents_alone_on_their_lines_are_found() {
        let text = "$ a\n{\n  \"k\": [1]\n}\n$ b\n[\n]\r\nx\n{\n \"open\": 1\n$ c\n{\n} tail\n";
        let found = find(text);
        let seen: Vec<_> = found
            .iter()
            .map(|document| {
                (
                    text.get(document.lines.clone()).unwrap(),
                    document.len,
                    document.keys.clone(),
                )
            })
            .collect();
        assert_eq!(
            seen,
            [
                ("{\n  \"k\": [1]\n}\n", 14, vec!["k".to_owned()]),
                ("[\n]\r\n", 3, Vec::new())
            ]
        );
        let between: Vec<_> = gaps(&found, text.len()).filter_map(|gap| text.get(gap)).collect();
        assert_eq!(between, ["$ a\n", "$ b\n", "x\n{\n \"open\": 1\n$ c\n{\n} tail\n"]);
    }

    #[test]
    fn one_line_counts_where_it_is_long() {
        assert!(find("{\"level\":\"info\"}\n").is_empty());
        let long = format!("{{\"items\":[{}1]}}", "1,".repeat(3000));
        assert_eq!(find(&long).len(), 1);
        assert_eq!(find(&format!("{long} x\n{long}\n")).len(), 1);
    }

    #[test]
    fn documents_without_a_newline_between_them_stand_on_their_lines_together() {
        let text = "{\n \"a\": 1\n}{\n \"b\": 2\n}[\n 3\n]\n$ c\n{\n \"a\": 1\n}{\n \"open\": 1\n";
        let found = find(text);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(
            text.get(found[0].lines.clone()),
            Some("{\n \"a\": 1\n}{\n \"b\": 2\n}[\n 3\n]\n")
        );
        assert_eq!(found[0].len, 11);
        assert!(find("{\n}[INFO] up\n").is_empty());
    }

    #[test]
    fn open_brackets_are_scanned_once() {
        assert!(find(&"[\n".repeat(200_000)).is_empty());
    }
}
