//! JSON that is not quite JSON: a comma that is missing or too many, brackets that do not match, `...` where somebody left something out.
//! What stands around a fault is kept, and the fault is named. It ends where the text stops looking like JSON, so that what follows a cut
//! document is not swallowed.

use std::borrow::Cow;
use std::fmt::Write;

/// A text that was made JSON again.
#[derive(Debug, Default)]
pub struct Repaired {
    /// The JSON.
    pub text: String,
    /// The byte after the last one of the original that was used.
    pub end: usize,
    /// The faults: where, and what is wrong, as the middle of a sentence.
    pub faults: Vec<(usize, &'static str)>,
    /// Whether all brackets are closed.
    pub whole: bool,
    /// Where parts of `text` stand in the original: the first bytes of both.
    map: Vec<(usize, usize)>,
}

impl Repaired {
    /// The place in the original of a byte of `text`.
    pub fn original(&self, at: usize) -> usize {
        let after = self.map.partition_point(|(repaired, _)| *repaired <= at);
        let Some((repaired, original)) = after.checked_sub(1).and_then(|place| self.map.get(place)) else {
            return at;
        };
        (original + (at - repaired)).min(self.end)
    }
}

/// More faults than this, and it is something else.
const FAULTS: usize = 100;
/// Deeper brackets are not followed: `serde_json` does not read them.
const DEPTH: usize = 128;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    Object,
    Array,
    /// A bracket too many, which has its closing one.
    Doubled,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expect {
    /// A value, in an object after its name.
    Value,
    /// In an object: a name. In an array: a value. Or the end.
    Next,
    /// After a value: a comma, or the end.
    Comma,
}

struct Repairer<'a> {
    source: &'a str,
    at: usize,
    /// Where its line begins.
    line: usize,
    open: Vec<Open>,
    expect: Expect,
    /// Whether a comma was read that is not written yet.
    comma: bool,
    /// A name that is not written yet, with its place.
    name: Option<(usize, usize)>,
    /// Where the last value begins in the repaired text, and where it ends in the original.
    last: (usize, usize),
    found: Repaired,
}

/// Reads on past the faults of a JSON text that begins with a bracket.
pub fn repair(source: &str) -> Repaired {
    let mut repairer = Repairer {
        source,
        at: 0,
        line: 0,
        open: Vec::new(),
        expect: Expect::Value,
        comma: false,
        name: None,
        last: (0, 0),
        found: Repaired::default(),
    };
    while repairer.step().is_some() {}
    repairer.finish()
}

impl<'a> Repairer<'a> {
    fn fault(&mut self, at: usize, what: &'static str) {
        self.found.faults.push((at, what));
    }

    fn rest(&self) -> &'a str {
        self.source.get(self.at..).unwrap_or_default()
    }

    /// The line before the place where it is read.
    fn before(&self) -> &'a str {
        self.source.get(self.line..self.at).unwrap_or_default()
    }

    /// What is left of the line.
    fn rest_of_line(&self) -> &'a str {
        let rest = self.rest();
        rest.get(..rest.find('\n').unwrap_or(rest.len())).unwrap_or_default()
    }

    fn in_object(&self) -> bool {
        self.open.iter().rev().find(|open| **open != Open::Doubled) == Some(&Open::Object)
    }

    /// Copies bytes of the original.
    fn copy(&mut self, from: usize, to: usize) {
        self.found.map.push((self.found.text.len(), from));
        self.found.text.push_str(self.source.get(from..to).unwrap_or_default());
        self.found.end = to;
    }

    /// Writes something that the original does not have, at its place there.
    fn add(&mut self, text: &str, at: usize) {
        self.found.map.push((self.found.text.len(), at));
        self.found.text.push_str(text);
        self.found.end = self.found.end.max(at);
    }

    /// Writes what has to stand before a value: the comma, and in an object the name.
    fn before_value(&mut self) {
        self.last = (self.found.text.len(), 0);
        // Of what stood before nothing may be left.
        if self.comma && !self.found.text.ends_with(['{', '[']) {
            self.add(",", self.at);
        }
        self.comma = false;
        if let Some((from, to)) = self.name.take() {
            self.copy(from, to);
            self.add(":", to);
        }
    }

    /// One token, or one fault. `None` at the end.
    fn step(&mut self) -> Option<()> {
        let rest = self.rest();
        let blanks = rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
        if let Some(newline) = rest.get(..blanks).and_then(|blanks| blanks.rfind('\n')) {
            self.line = self.at + newline + 1;
        }
        self.at += blanks;
        let byte = *self.source.as_bytes().get(self.at)?;
        if self.found.faults.len() > FAULTS {
            return None;
        }
        match byte {
            b'{' | b'[' => self.bracket(byte),
            b'}' | b']' => self.closing(byte),
            b',' => {
                match self.expect {
                    Expect::Comma => {
                        self.comma = true;
                        self.expect = Expect::Next;
                    }
                    Expect::Value if self.name.is_some() => {
                        self.fault(self.at, "a value is missing");
                        self.name = None;
                        self.expect = Expect::Next;
                    }
                    _ => self.fault(self.at, "there is a comma too many"),
                }
                self.at += 1;
                Some(())
            }
            b'"' => self.string(),
            _ => self.plain(),
        }
    }

    /// What stands between a value and the next one without a comma.
    fn missing_comma(&mut self) {
        if self.expect == Expect::Comma {
            let at = self.last.1.max(1) - 1;
            self.fault(at, "a comma is missing after it");
            self.comma = true;
            self.expect = Expect::Next;
        }
    }

    fn bracket(&mut self, byte: u8) -> Option<()> {
        // Where a line begins with a bracket further out than this document does, another one begins.
        let before = self.before();
        if !self.open.is_empty() && before.trim_start().is_empty() {
            let root = self.source.len() - self.source.trim_start_matches([' ', '\t']).len();
            if before.len() <= root {
                return None;
            }
        }
        if self.open.len() >= DEPTH {
            return None;
        }
        if self.in_object() && self.expect != Expect::Value {
            if byte == b'{' && self.expect == Expect::Next && !self.comma {
                self.fault(self.at, "there is a bracket too many");
                self.open.push(Open::Doubled);
                self.at += 1;
                return Some(());
            }
            return self.garbage();
        }
        self.missing_comma();
        self.before_value();
        self.copy(self.at, self.at + 1);
        self.open.push(if byte == b'{' { Open::Object } else { Open::Array });
        self.at += 1;
        self.expect = Expect::Next;
        Some(())
    }

    fn closing(&mut self, byte: u8) -> Option<()> {
        let wanted = if byte == b'}' { Open::Object } else { Open::Array };
        if self.name.take().is_some() {
            self.fault(self.at, "a value is missing before it");
        }
        if self.comma {
            self.comma = false;
            self.fault(self.at, "there is a comma too many before it");
        }
        let closes = |open: &Open| *open == wanted || (byte == b'}' && *open == Open::Doubled);
        let Some(place) = self.open.iter().rposition(closes) else {
            if self.open.is_empty() {
                return None;
            }
            self.fault(self.at, "this bracket closes nothing");
            self.at += 1;
            return Some(());
        };
        if place + 1 < self.open.len() {
            self.fault(self.at, "a closing bracket is missing before it");
        }
        while self.open.len() > place + 1 {
            self.close(self.at);
        }
        if self.open.last() == Some(&Open::Doubled) {
            self.open.pop();
            self.found.end = self.at + 1;
        } else {
            self.open.pop();
            self.copy(self.at, self.at + 1);
        }
        self.at += 1;
        self.last = (self.found.text.len(), self.at);
        self.expect = Expect::Comma;
        if self.open.is_empty() {
            self.found.whole = true;
            return None;
        }
        Some(())
    }

    fn close(&mut self, at: usize) {
        match self.open.pop() {
            Some(Open::Object) => self.add("}", at),
            Some(Open::Array) => self.add("]", at),
            Some(Open::Doubled) | None => {}
        }
    }

    fn string(&mut self) -> Option<()> {
        let start = self.at;
        let Some(end) = super::json::string_end(self.source.as_bytes(), start) else {
            return self.unclosed();
        };
        self.missing_comma();
        if self.in_object() && self.expect == Expect::Next {
            let after = self.source.get(end..).unwrap_or_default();
            let colon = end + (after.len() - after.trim_start().len());
            if self.source.as_bytes().get(colon) != Some(&b':') {
                self.comma = false;
                self.last = (self.found.text.len(), end);
                self.fault(start, "a name without a value stands there");
                self.at = end;
                self.expect = Expect::Comma;
                return Some(());
            }
            self.name = Some((start, end));
            self.at = colon + 1;
            self.expect = Expect::Value;
            return Some(());
        }
        if self.open.is_empty() {
            return None;
        }
        self.before_value();
        match escaped(self.source.get(start..end).unwrap_or_default()) {
            Cow::Borrowed(_) => self.copy(start, end),
            Cow::Owned(text) => {
                self.fault(start, "a backslash stands before a letter that it does not belong to");
                self.add(&text, start);
                self.found.end = end;
            }
        }
        self.at = end;
        self.last.1 = end;
        self.expect = Expect::Comma;
        Some(())
    }

    /// A string whose last quote is missing, on a line that ends a value.
    fn unclosed(&mut self) -> Option<()> {
        let start = self.at;
        let rest = self.rest();
        let text = self.rest_of_line();
        let next = rest.get(text.len()..)?.trim_start();
        if self.expect != Expect::Value
            || self.name.is_none()
            || !next.starts_with(['}', ']', '"'])
            || text.contains('\\')
        {
            return None;
        }
        let kept = text.trim_end().trim_end_matches(',');
        self.fault(start, "a closing quote is missing");
        self.before_value();
        let value = serde_json::Value::from(kept.get(1..).unwrap_or_default()).to_string();
        self.add(&value, start);
        self.at = start + kept.len();
        self.found.end = self.at;
        self.last.1 = self.at;
        self.expect = Expect::Comma;
        Some(())
    }

    /// A number, a literal, or what is no JSON.
    fn plain(&mut self) -> Option<()> {
        let fits = match self.expect {
            Expect::Value => true,
            Expect::Next => !self.in_object(),
            Expect::Comma => false,
        };
        let end = super::json::plain_end(self.source.as_bytes(), self.at);
        // At the very end it may have been cut in the middle.
        if end == Some(self.source.len()) {
            return None;
        }
        let end = end.filter(|end| {
            let after = self.source.get(*end..).unwrap_or_default();
            self.source
                .get(self.at..*end)
                .is_some_and(|word| serde_json::from_str::<serde_json::Value>(word).is_ok())
                && after.starts_with([',', '}', ']', ' ', '\t', '\r', '\n'])
        });
        let Some(end) = end.filter(|_| fits && !self.open.is_empty()) else {
            return self.garbage();
        };
        self.before_value();
        self.copy(self.at, end);
        self.at = end;
        self.last.1 = end;
        self.expect = Expect::Comma;
        Some(())
    }

    /// Leaves out what is no JSON, where the line around it is, or where it says that something is left out there.
    fn garbage(&mut self) -> Option<()> {
        let text = self.rest_of_line();
        let own = self.before().trim_start().is_empty();
        if self.open.is_empty() || (own && !is_elision(text.trim())) {
            return None;
        }
        // Something behind a value, with nothing in between, makes it another value.
        if self.expect == Expect::Comma && self.last.1 == self.at {
            self.found.text.truncate(self.last.0);
            self.found.map.retain(|(repaired, _)| *repaired < self.last.0);
        }
        self.fault(
            self.at,
            if own {
                "something is left out there"
            } else {
                "this is no longer JSON"
            },
        );
        self.name = None;
        self.expect = match self.expect {
            Expect::Comma => Expect::Comma,
            _ => Expect::Next,
        };
        self.at += text.len();
        let ends = text.trim_end().ends_with(',');
        if ends && self.expect == Expect::Comma {
            self.comma = true;
            self.expect = Expect::Next;
        }
        Some(())
    }

    fn finish(mut self) -> Repaired {
        // The blanks and the line's end behind the last bracket are no part of it.
        let at = self.found.end;
        self.name = None;
        while !self.open.is_empty() {
            self.close(at);
        }
        self.found
    }
}

/// Whether a line says that something is left out: `...`, `.`, `…`, `<snip>`, `(more)`, `# …`, `// …`.
fn is_elision(line: &str) -> bool {
    let bare = line.trim_end_matches(',');
    line.starts_with("...")
        || line.starts_with('…')
        || bare == "."
        || line.starts_with('#')
        || line.starts_with("//")
        || (bare.starts_with('<') && bare.ends_with('>'))
        || (bare.starts_with('(') && bare.ends_with(')'))
        || (bare.starts_with("[...") && bare.ends_with(']'))
}

/// A string with its quotes, in which every backslash begins an escape that JSON has (RFC 8259, section 7) and no control character
/// stands.
fn escaped(raw: &str) -> Cow<'_, str> {
    let mut out: Option<String> = None;
    let mut chars = raw.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, next)| *next);
        let bad = match c {
            '\\' => !matches!(next, Some('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' | 'u')),
            c => c.is_ascii_control(),
        };
        if bad && out.is_none() {
            out = Some(raw.get(..at).unwrap_or_default().to_owned());
        }
        if let Some(out) = &mut out {
            match c {
                '\\' if bad => out.push_str("\\\\"),
                c if bad => {
                    // Writing into a String does not fail.
                    let _ = write!(out, "\\u{:04x}", u32::from(c));
                }
                c => out.push(c),
            }
        }
        if c == '\\'
            && !bad
            && let Some((_, escaped)) = chars.next()
            && let Some(out) = &mut out
        {
            out.push(escaped);
        }
    }
    out.map_or(Cow::Borrowed(raw), Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::repair;
    use serde_json::{Value, json};

    /// The values, and the 1-based lines of the faults.
    fn read(text: &str) -> (Value, Vec<usize>) {
        let repaired = repair(text);
        let lines = repaired
            .faults
            .iter()
            .map(|(at, _)| text[..*at].matches('\n').count() + 1);
        (
            serde_json::from_str(&repaired.text).unwrap_or_else(|error| panic!("{error}: {}", repaired.text)),
            lines.collect(),
        )
    }

    #[test]
    fn commas_are_added_and_left_out() {
        assert_eq!(
            read("{\n \"a\": 1,\n \"b\": [1, 2,],\n \"c\": \"x\"\n \"d\": {\"e\": true,},\n}"),
            (
                json!({"a": 1, "b": [1, 2], "c": "x", "d": {"e": true}}),
                vec![3, 4, 5, 6]
            )
        );
        assert_eq!(
            read("[\n {\"a\": 1}\n {\"a\": 2}\n]"),
            (json!([{"a": 1}, {"a": 2}]), vec![2])
        );
    }

    #[test]
    fn what_is_left_out_leaves_the_rest() {
        assert_eq!(
            read(
                "{\n \"Images\": [\n  {\"Id\": 1},\n  ...\n  {\"Id\": 2}\n ],\n .\n .\n \"x\": ...more...,\n \"y\": 2\n}"
            ),
            (json!({"Images": [{"Id": 1}, {"Id": 2}], "y": 2}), vec![4, 7, 8, 9])
        );
    }

    #[test]
    fn brackets_are_matched() {
        assert_eq!(
            read("{\n \"a\": {\n  \"b\": [\n   {\"c\": 1}\n }\n}\n"),
            (json!({"a": {"b": [{"c": 1}]}}), vec![5])
        );
        assert_eq!(read("{\n  {\n    \"a\": 1\n  }\n}").0, json!({"a": 1}));
        let cut = repair("{\n \"a\": [1, 2\n");
        assert!(!cut.whole && cut.faults.is_empty());
        assert_eq!(cut.text, "{\"a\":[1,2]}");
    }

    #[test]
    fn quotes_and_backslashes() {
        assert_eq!(
            read("{\n \"a\": \"\\*\",\n \"b\": \"open,\n \"c\": MySG\",\n \"d\": \"\"x\"\",\n \"e\": 1\n}"),
            (json!({"a": "\\*", "b": "open", "e": 1}), vec![2, 3, 4, 5])
        );
    }

    #[test]
    fn other_output_is_not_swallowed() {
        for text in [
            "{\n \"a\": 1,\nNAME READY\nx 1/1\n",
            "{\n \"a\": 1,\n10.0.0.1 dev eth0\n",
            "{\n \"a\": 1,\n{\n \"b\": 2\n}\n",
            "{\n \"a\": 1\n[root@host ~]# ls\n",
        ] {
            let repaired = repair(text);
            assert!(!repaired.whole, "{text}");
            assert_eq!(repaired.text, "{\"a\":1}", "{text}");
            assert!(text[repaired.end..].starts_with([',', '\n']), "{text}");
        }
    }

    #[test]
    fn places_lead_back() {
        let text = "{\n  \"a\": 1\n  \"b\": \"x\"\n}";
        let repaired = repair(text);
        let at = repaired.text.find("\"x\"").unwrap();
        assert_eq!(repaired.original(at), text.find("\"x\"").unwrap());
    }

    #[test]
    fn nothing_is_quadratic_or_deep() {
        repair(&"[".repeat(200_000));
        repair(&"{\"a\":".repeat(100_000));
        repair(&format!("[{}", "}".repeat(100_000)));
        repair(&format!("[{}", "1 ".repeat(100_000)));
        repair(&format!("[{}", "\"a\" ".repeat(100_000)));
    }
}
