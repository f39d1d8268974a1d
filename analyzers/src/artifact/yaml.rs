//! YAML 1.2: reading it, also where it was cut, and finding where a pointer stands.
//!
//! Both walk the marked events of `saphyr-parser`, so the reader and the locator cannot disagree, and what came before an error is
//! kept: a library that returns either the whole document or an error would lose a cut paste.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::Range;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Tag};
use serde_json::Number;

use super::json::Broken;
use super::{Map, Value, outline};

/// What one YAML document holds.
#[derive(Debug)]
pub struct Read {
    /// The values, as many as could be read.
    pub value: Value,
    /// Where and why the text breaks off; `None` where it was whole.
    pub broken: Option<Broken>,
    /// What was read differently from how it was written: a name given twice, a tag of an application.
    pub notes: Vec<(usize, String)>,
}

/// Deeper nesting is refused: no Kubernetes or AWS document comes near it (`serde_json` has the same limit).
const DEPTH: usize = 128;
/// How many bytes aliases may add to a document. Honest manifests repeat a few labels; a bomb doubles until memory ends.
const ALIAS_BYTES: usize = 4 << 20;
/// What a node costs besides its text, for [`ALIAS_BYTES`].
const NODE_BYTES: usize = 32;
/// How many notes are kept of one document.
const NOTES: usize = 20;

/// The documents of a YAML stream, by the lines `---` and `...` between them.
pub fn documents(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let (mut start, mut at, mut blank) = (0, 0, true);
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end();
        let marker = bare == "---" || bare == "..." || bare.starts_with("--- ");
        if marker && !blank {
            found.push(start..at);
        }
        if marker {
            start = at;
            blank = bare.len() == 3;
        } else if !bare.is_empty() && !bare.trim_start().starts_with('#') {
            blank = false;
        }
        at += line.len();
    }
    if !blank {
        found.push(start..at);
    }
    found
}

/// An open sequence or mapping.
struct Frame {
    items: Container,
    anchor: usize,
    bytes: usize,
    ordered: Ordered,
}

/// Whether a mapping is written as `!!omap` (yaml.org/type/omap): a sequence of mappings with one member each, in an order that counts.
/// ruamel.yaml, which aws-cli 2 prints with, writes Python's ordered dictionaries so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ordered {
    No,
    /// Between its members.
    Between,
    /// Inside of the mapping that a member is.
    Member,
}

impl Ordered {
    fn new(tag: Option<&Tag>) -> Self {
        match tag {
            Some(tag) if tag.is_yaml_core_schema() && tag.suffix == "omap" => Self::Between,
            _ => Self::No,
        }
    }

    /// Whether a mapping that begins or ends here is none of its own but a member of the one around it.
    fn passes(&mut self, begins: bool) -> bool {
        let (from, to) = if begins {
            (Self::Between, Self::Member)
        } else {
            (Self::Member, Self::Between)
        };
        let passes = *self == from;
        if passes {
            *self = to;
        }
        passes
    }
}

/// The name of a mapping whose value comes next.
enum Name {
    /// It is yet to come.
    Open,
    /// It is a collection, which JSON has no name for: its value is left out.
    Unfit,
    Is(String),
}

enum Container {
    List(Vec<Value>),
    /// The members, and the name whose value comes next.
    Map(BTreeMap<String, Value>, Name),
}

#[derive(Default)]
struct Builder {
    frames: Vec<Frame>,
    anchors: BTreeMap<usize, (Value, usize)>,
    alias_bytes: usize,
    root: Option<Value>,
    notes: Vec<(usize, String)>,
}

impl Builder {
    fn note(&mut self, at: usize, text: impl FnOnce() -> String) {
        if self.notes.len() < NOTES {
            self.notes.push((at, text()));
        }
    }

    /// Whether a scalar that comes now is a mapping's name.
    fn at_name(&self) -> bool {
        matches!(
            self.frames.last(),
            Some(Frame {
                items: Container::Map(_, Name::Open),
                ..
            })
        )
    }

    fn add(&mut self, value: Value, bytes: usize, line: usize) {
        let mut twice = None;
        match self.frames.last_mut() {
            None => self.root = Some(value),
            Some(frame) => {
                frame.bytes += bytes + NODE_BYTES;
                match &mut frame.items {
                    Container::List(items) => items.push(value),
                    Container::Map(members, pending) => match std::mem::replace(pending, Name::Open) {
                        Name::Open => {
                            *pending = match value {
                                Value::String(name) => Name::Is(name.to_string()),
                                Value::Null => Name::Is("null".to_owned()),
                                Value::Bool(value) => Name::Is(value.to_string()),
                                Value::Number(value) => Name::Is(value.to_string()),
                                Value::Array(_) | Value::Object(_) => Name::Unfit,
                            };
                        }
                        Name::Unfit => {}
                        Name::Is(name) => match members.entry(name) {
                            Entry::Occupied(first) => twice = Some(first.key().clone()),
                            Entry::Vacant(place) => {
                                place.insert(value);
                            }
                        },
                    },
                }
            }
        }
        if let Some(name) = twice {
            self.note(line, || {
                format!("`{name}` is given twice in the same mapping; the first is read, as both cannot hold.")
            });
        }
    }

    fn remember(&mut self, anchor: usize, value: &Value, bytes: usize) {
        if anchor != 0 && bytes <= ALIAS_BYTES {
            self.anchors.insert(anchor, (value.clone(), bytes));
        }
    }

    fn passes(&mut self, begins: bool) -> bool {
        self.frames.last_mut().is_some_and(|frame| frame.ordered.passes(begins))
    }

    fn open(&mut self, anchor: usize, mapping: bool, ordered: Ordered) {
        if mapping && self.passes(true) {
            return;
        }
        self.frames.push(Frame {
            items: if mapping || ordered != Ordered::No {
                Container::Map(BTreeMap::new(), Name::Open)
            } else {
                Container::List(Vec::new())
            },
            anchor,
            bytes: 0,
            ordered,
        });
    }

    fn close(&mut self, line: usize) {
        let Some(frame) = self.frames.pop() else { return };
        let value = match frame.items {
            Container::List(items) => Value::Array(items.into_boxed_slice()),
            Container::Map(members, _) => Value::Object(Map::from_iter(members)),
        };
        self.remember(frame.anchor, &value, frame.bytes);
        self.add(value, frame.bytes, line);
    }
}

/// Reads one YAML document, as far as it can be read.
pub fn read(text: &str) -> Read {
    let mut build = Builder::default();
    let mut broken = None;
    let mut last_line = 1;
    for event in Parser::new_from_str(text) {
        let (event, span) = match event {
            Ok(event) => event,
            Err(error) => {
                let reason = format!("this is no longer YAML ({})", error.info());
                broken = Some((error.marker().line(), reason));
                break;
            }
        };
        let line = span.start.line();
        last_line = line;
        match event {
            Event::Scalar(scalar, style, anchor, tag) => {
                let bytes = scalar.len();
                let text_only = style != ScalarStyle::Plain
                    || build.at_name()
                    || tag
                        .as_ref()
                        .is_some_and(|tag| tag.is_yaml_core_schema() && tag.suffix == "str");
                if let Some(tag) = tag.filter(|tag| !tag.is_yaml_core_schema()) {
                    build.note(line, || {
                        format!("The tag `{tag}` is left out; the value is read as it is written.")
                    });
                }
                let value = if text_only {
                    Value::from(scalar.as_ref())
                } else {
                    plain(&scalar)
                };
                build.remember(anchor, &value, bytes);
                build.add(value, bytes, line);
            }
            Event::SequenceStart(anchor, tag) => build.open(anchor, false, Ordered::new(tag.as_deref())),
            Event::MappingStart(anchor, _) => build.open(anchor, true, Ordered::No),
            Event::MappingEnd if build.passes(false) => {}
            Event::SequenceEnd | Event::MappingEnd => build.close(line),
            Event::Alias(id) => {
                if let Some((value, bytes)) = build.anchors.get(&id) {
                    let bytes = *bytes;
                    build.alias_bytes += bytes + NODE_BYTES;
                    if build.alias_bytes > ALIAS_BYTES {
                        let reason = "its aliases (`*name`) repeat so much that it would grow past any honest document, as a YAML bomb does";
                        broken = Some((line, reason.to_owned()));
                        break;
                    }
                    let value = value.clone();
                    build.add(value, bytes, line);
                } else {
                    build.note(line, || {
                        "This alias stands inside the very value that it repeats, or that value is too large; it is read as empty."
                            .to_owned()
                    });
                    build.add(Value::Null, 0, line);
                }
            }
            Event::DocumentEnd if build.root.is_some() => break,
            _ => {}
        }
        if build.frames.len() > DEPTH {
            broken = Some((line, format!("it is nested deeper than {DEPTH} levels")));
            break;
        }
    }
    while !build.frames.is_empty() {
        build.close(last_line);
    }
    let places = Places::new(text);
    Read {
        value: build.root.unwrap_or(Value::Null),
        broken: broken.map(|(line, reason)| Broken {
            at: places.line(line),
            reason,
            goes_on: false,
        }),
        notes: build
            .notes
            .into_iter()
            .map(|(line, note)| (places.line(line), note))
            .collect(),
    }
}

/// A plain scalar's value by the core schema (YAML 1.2, section 10.3.2). Digits that a number would change (a leading zero, more than 64
/// bits) stay text: account ids are written so.
pub(super) fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    number(text).map_or_else(|| Value::from(text), Value::Number)
}

fn number(text: &str) -> Option<Number> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    if let Some(hex) = text.strip_prefix("0x") {
        return u64::from_str_radix(hex, 16).ok().map(Number::from);
    }
    if let Some(octal) = text.strip_prefix("0o") {
        return u64::from_str_radix(octal, 8).ok().map(Number::from);
    }
    let leading_zero = unsigned.len() > 1
        && unsigned.starts_with('0')
        && unsigned
            .get(1..2)
            .is_some_and(|second| second.starts_with(|c: char| c.is_ascii_digit()));
    if leading_zero {
        return None;
    }
    if unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        let digits = text.strip_prefix('+').unwrap_or(text);
        return digits
            .parse::<i64>()
            .ok()
            .map(Number::from)
            .or_else(|| digits.parse::<u64>().ok().map(Number::from));
    }
    let float = unsigned
        .bytes()
        .all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'));
    if !float {
        return None;
    }
    text.parse::<f64>().ok().and_then(Number::from_f64)
}

/// Where the lines of a text begin, by YAML's line breaks (section 5.4): also a lone carriage return.
struct Places<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Places<'a> {
    fn new(text: &'a str) -> Self {
        let mut starts = vec![0];
        let mut bytes = text.bytes().enumerate().peekable();
        while let Some((at, byte)) = bytes.next() {
            if byte == b'\n' || (byte == b'\r' && bytes.peek().is_none_or(|&(_, next)| next != b'\n')) {
                starts.push(at + 1);
            }
        }
        Self { text, starts }
    }

    /// The first byte of a 1-based line.
    fn line(&self, line: usize) -> usize {
        self.starts
            .get(line.saturating_sub(1))
            .copied()
            .unwrap_or(self.text.len())
    }
}

/// An open sequence or mapping while places are looked for.
struct Step {
    place: usize,
    mapping: bool,
    ordered: Ordered,
    /// The name whose value comes next: where it begins, and its number, which a name that is no scalar does not have.
    name: Option<(usize, Option<u64>)>,
}

/// Where the values of one YAML document stand. A member's place begins at its name. A value that an alias repeats stands where the alias
/// does. What was cut reaches to the last thing that was read.
pub fn outline(text: &str) -> outline::Outline {
    let mut found = outline::Outline::new(outline::Twins::First);
    let lines = Places::new(text);
    let (mut starts, mut ends) = (Cursor::new(&lines), Cursor::new(&lines));
    let mut steps: Vec<Step> = Vec::new();
    // The end of the last thing that was read, as a line and a column, and as a byte.
    let mut last = (Marker::new(0, 1, 0), 0);
    for event in Parser::new_from_str(text) {
        let Ok((event, span)) = event else { break };
        let begins = matches!(event, Event::MappingStart(..));
        if (begins || matches!(event, Event::MappingEnd))
            && steps.last_mut().is_some_and(|step| step.ordered.passes(begins))
        {
            continue;
        }
        let ordered = match &event {
            Event::SequenceStart(_, tag) => Ordered::new(tag.as_deref()),
            _ => Ordered::No,
        };
        let shape = match &event {
            Event::MappingStart(..) => outline::Shape::Object,
            Event::SequenceStart(..) if ordered != Ordered::No => outline::Shape::Object,
            Event::SequenceStart(..) => outline::Shape::Array,
            Event::Scalar(..) | Event::Alias(_) => outline::Shape::Leaf,
            Event::MappingEnd | Event::SequenceEnd => {
                // A block collection ends where the next thing begins: its last line is that of its last value.
                if span.end.index() > span.start.index() {
                    last = (span.end, ends.byte(span.end));
                }
                if let Some(step) = steps.pop() {
                    found.close(step.place, last.1);
                }
                continue;
            }
            Event::DocumentEnd => break,
            _ => continue,
        };
        let opens = shape != outline::Shape::Leaf;
        if !opens && (span.end.line(), span.end.col()) > (last.0.line(), last.0.col()) {
            last = (span.end, ends.byte(span.end));
        }
        let here = starts.byte(span.start);
        let mut start = here;
        let mut number = None;
        if let Some(step) = steps.last_mut().filter(|step| step.mapping) {
            if let Some((at, known)) = step.name.take() {
                start = at;
                number = known;
            } else {
                let known = match &event {
                    Event::Scalar(name, ..) => Some(outline::number(name)),
                    _ => None,
                };
                step.name = Some((here, known));
                if !opens {
                    continue;
                }
            }
        }
        let place = found.open(number, start, shape);
        if !opens {
            found.close(place, last.1);
            continue;
        }
        if steps.len() >= DEPTH {
            found.close(place, last.1);
            break;
        }
        steps.push(Step {
            place,
            mapping: shape == outline::Shape::Object,
            ordered,
            name: None,
        });
    }
    while let Some(step) = steps.pop() {
        found.close(step.place, last.1);
    }
    found
}

/// Turns markers, whose columns count characters, into bytes, going on from the last one where that is on the same line: all of a document may stand on one.
struct Cursor<'a> {
    lines: &'a Places<'a>,
    line: usize,
    col: usize,
    byte: usize,
}

impl<'a> Cursor<'a> {
    fn new(lines: &'a Places<'a>) -> Self {
        Self {
            lines,
            line: 1,
            col: 0,
            byte: 0,
        }
    }

    fn byte(&mut self, marker: Marker) -> usize {
        if self.line != marker.line() || self.col > marker.col() {
            *self = Self {
                lines: self.lines,
                line: marker.line(),
                col: 0,
                byte: self.lines.line(marker.line()),
            };
        }
        let rest = self.lines.text.get(self.byte..).unwrap_or_default();
        self.byte += rest
            .char_indices()
            .nth(marker.col() - self.col)
            .map_or(rest.len(), |(offset, _)| offset);
        self.col = marker.col();
        self.byte
    }
}

#[cfg(test)]
#[allow(clippy::string_slice, reason = "texts of tests")]
mod tests {
    use super::{documents, outline, read};

    fn locate(text: &str, pointer: &str) -> Option<std::ops::Range<usize>> {
        let found = outline(text).find(pointer)?;
        Some(found.start..found.start + text[found].trim_end().len())
    }
    use serde_json::json;

    #[test]
    fn scalars_follow_the_core_schema() {
        let read = read("a: 1\nb: 'true'\nc: true\nd:\ne: 012345678901\nf: 1.5\ng: 0x10\nh: 2024-01-01\ni: -3\n");
        assert_eq!(
            read.value.to_json(),
            json!({"a": 1, "b": "true", "c": true, "d": null, "e": "012345678901", "f": 1.5, "g": 16, "h": "2024-01-01", "i": -3})
        );
        assert!(read.broken.is_none());
    }

    #[test]
    fn pointers_are_located_with_their_names() {
        let text = "kind: Pod # c\nmetadata:\n  labels:\n    app/é: \"x\"\n  name: cart\nspec:\n- a: 1\n  b: |\n    two\n    lines\n- {c: 2}\n";
        assert_eq!(&text[locate(text, "/kind").unwrap()], "kind: Pod");
        assert_eq!(&text[locate(text, "/metadata/labels/app~1é").unwrap()], "app/é: \"x\"");
        assert_eq!(&text[locate(text, "/metadata/name").unwrap()], "name: cart");
        assert_eq!(&text[locate(text, "/spec/0/b").unwrap()], "b: |\n    two\n    lines");
        assert_eq!(&text[locate(text, "/spec/1").unwrap()], "{c: 2}");
        assert_eq!(
            &text[locate(text, "/metadata/labels").unwrap()],
            "labels:\n    app/é: \"x\""
        );
        assert_eq!(locate(text, "/spec/2"), None);
        assert_eq!(locate(text, "/kind/x"), None);
    }

    #[test]
    fn an_ordered_mapping_is_a_mapping() {
        let text = "Body: !!omap\n- Version: '1'\n- Parts: !!omap\n  - Queue: !!omap\n    - Type: sqs\n  - Topics:\n    - a\n    - b: c\nAfter: d\n";
        assert_eq!(
            read(text).value.to_json(),
            json!({
                "Body": {"Version": "1", "Parts": {"Queue": {"Type": "sqs"}, "Topics": ["a", {"b": "c"}]}},
                "After": "d"
            })
        );
        let shown = |pointer: &str| outline(text).find(pointer).and_then(|range| text.get(range));
        assert_eq!(shown("/Body/Parts/Queue/Type"), Some("Type: sqs"));
        assert_eq!(shown("/Body/Parts/Topics/1/b"), Some("b: c"));
        assert_eq!(shown("/After"), Some("After: d"));
    }

    #[test]
    fn an_alias_repeats_and_a_bomb_is_refused() {
        let read_ok = read("a: &x {k: v}\nb: *x\n");
        assert_eq!(read_ok.value.to_json(), json!({"a": {"k": "v"}, "b": {"k": "v"}}));
        let mut bomb = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
        for i in 1..30 {
            let previous = i - 1;
            let items = vec![format!("*a{previous}"); 9].join(", ");
            bomb += &["a", &i.to_string(), ": &a", &i.to_string(), " [", &items, "]\n"].concat();
        }
        let refused = read(&bomb);
        assert!(refused.broken.unwrap().reason.contains("YAML bomb"));
    }

    #[test]
    fn what_came_before_an_error_is_kept() {
        let read = read("kind: Pod\nmetadata:\n  name: cart\n\tlabels: {}\n");
        assert_eq!(read.value.to_json().pointer("/kind"), Some(&json!("Pod")));
        assert!(read.broken.is_some());
        let cut = super::read("items:\n- metadata:\n    name: a\n- metadata:\n    name: \"b");
        assert_eq!(cut.value.to_json().pointer("/items/0/metadata/name"), Some(&json!("a")));
        assert!(cut.broken.is_some());
    }

    #[test]
    fn a_name_given_twice_is_said() {
        let read = read("a: 1\na: 2\n");
        assert_eq!(read.value.to_json(), json!({"a": 1}));
        assert_eq!(read.notes.len(), 1);
        assert_eq!(read.notes[0].0, 5);
    }

    #[test]
    fn deep_nesting_is_an_error_not_a_crash() {
        assert!(read(&"[".repeat(200_000)).broken.is_some());
        assert!(read(&"- ".repeat(200_000)).broken.is_some());
        assert!(read(&"{a: ".repeat(200_000)).broken.is_some());
    }

    #[test]
    fn a_stream_has_its_documents() {
        let text = "---\na: 1\n---\n# nothing\n---\nb: 2\n...\n";
        let found: Vec<_> = documents(text).into_iter().map(|range| &text[range]).collect();
        assert_eq!(found, ["---\na: 1\n", "---\nb: 2\n"]);
    }
}
