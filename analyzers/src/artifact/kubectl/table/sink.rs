//! An object that grows cell by cell, and how a cell is read.

use std::borrow::Cow;

use crate::artifact::{Placed, Value};
use crate::text::Piece;

/// Told of each value: its pointer and its bytes in the row.
pub type Note<'n> = &'n mut dyn FnMut(&str, Piece<'_>);

/// An object of the API, filled from a row.
pub struct Sink<'n> {
    root: Placed,
    /// Only asked for where a pointer is looked up; reading a million rows builds no pointers.
    note: Option<Note<'n>>,
    placed: bool,
}

impl<'n> Sink<'n> {
    /// An empty object, read from a row.
    pub fn new(row: Piece<'_>, note: Option<Note<'n>>) -> Self {
        Self {
            root: Placed::object(row),
            note,
            placed: false,
        }
    }

    /// Whether anything was put since the last question.
    pub fn placed(&mut self) -> bool {
        std::mem::take(&mut self.placed)
    }

    /// The object, with members that the row does not print.
    pub fn finish(mut self, more: &[(&str, &str)], row: Piece<'_>) -> Value {
        for (name, value) in more {
            self.root.put(name, Placed::value_of(Value::from(*value), row));
        }
        if !self.root.has("metadata") {
            self.root.put("metadata", Placed::object(row));
        }
        self.root.into_value()
    }

    fn noted(&mut self, path: &str, piece: Piece<'_>) {
        self.placed = true;
        if let Some(note) = &mut self.note {
            note(path, piece);
        }
    }

    /// Puts a value at a pointer; objects on the way are made.
    pub fn put(&mut self, path: &str, value: Value, piece: Piece<'_>) {
        if let Some(place) = self.root.slot(tokens(path), piece) {
            *place = Placed::parts(value, piece);
            self.noted(path, piece);
        }
    }

    /// Adds an element to the array at a pointer.
    pub fn push(&mut self, path: &str, value: Value, piece: Piece<'_>) {
        let Some(slot) = self.root.slot(tokens(path), piece) else {
            return;
        };
        if slot.scalar().is_some_and(Value::is_null) {
            *slot = Placed::array(piece);
        }
        let index = slot.len();
        slot.push(Placed::parts(value, piece));
        if slot.len() == index {
            return;
        }
        if self.note.is_some() {
            self.noted(&format!("{path}/{index}"), piece);
        } else {
            self.placed = true;
        }
    }

    /// Puts a text.
    pub fn text(&mut self, path: &str, piece: Piece<'_>) {
        self.put(path, Value::from(piece.str()), piece);
    }

    /// Puts a whole number, or the text where it is none.
    pub fn number(&mut self, path: &str, piece: Piece<'_>) {
        self.put(path, number(piece.str()), piece);
    }

    /// Puts what no field of the API holds, under the column's name.
    pub fn printed(&mut self, column: &str, piece: Piece<'_>) {
        let way = [Cow::Borrowed(PRINTED), Cow::Borrowed(column)];
        if let Some(place) = self.root.slot(way.into_iter(), piece) {
            *place = Placed::parts(number(piece.str()), piece);
            self.placed = true;
            if self.note.is_some() {
                self.noted(&printed_path(column), piece);
            }
        }
    }

    /// The string at a pointer.
    pub fn str_at(&self, path: &str) -> Option<&str> {
        let found = tokens(path).try_fold(&self.root, |here, token| here.get(&token));
        found?.scalar()?.as_str()
    }
}

/// The names and numbers of a pointer (RFC 6901).
fn tokens(path: &str) -> impl Iterator<Item = Cow<'_, str>> {
    path.split('/').skip(1).map(unescaped)
}

/// The member under which columns without a field are kept.
const PRINTED: &str = "x-printed";

/// Where a column without a field is kept.
pub fn printed_path(column: &str) -> String {
    format!("/{PRINTED}/{}", escaped(column))
}

/// A name as a token of a pointer (RFC 6901).
pub fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn unescaped(token: &str) -> Cow<'_, str> {
    if token.contains('~') {
        Cow::Owned(token.replace("~1", "/").replace("~0", "~"))
    } else {
        Cow::Borrowed(token)
    }
}

/// A number where the text is printed as a whole number is.
pub fn number(text: &str) -> Value {
    whole(text).map_or_else(|| Value::from(text), Value::from)
}

fn whole(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && (!digits.starts_with('0') || text == "0");
    if plain { text.parse().ok() } else { None }
}

/// An object of one member.
pub fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Object(members.into_iter().collect())
}

/// Puts a cell where the API has it.
pub type Reader = fn(&mut Sink<'_>, Piece<'_>);

/// How a cell is read.
#[derive(Clone, Copy)]
pub enum As {
    /// The text, as it is printed.
    Text(&'static str),
    /// A whole number.
    Number(&'static str),
    /// `true` or `false`, in any case.
    Bool(&'static str),
    /// Texts with commas between them.
    List(&'static str),
    /// `a=b,c=d`.
    Labels(&'static str),
    /// `2/3`: the first and the second number.
    Pair(&'static str, &'static str),
    /// `Kind/name`: the members `kind` and `name` of the object there.
    Reference(&'static str),
    /// Access modes, `RWO,ROX` (`GetAccessModesAsString` in pkg/apis/core/v1/helper).
    Modes(&'static str),
    /// The status of the condition of that type; the second is the condition's type.
    Condition(&'static str),
    /// The members of a map by name only: `cpu: 1/2, memory: 1Gi/2Gi` as the two maps of those paths.
    Amounts(&'static str, &'static str),
    /// Anything else.
    With(Reader),
}

impl As {
    /// Reads a cell into the object. What does not have the form that is expected is not put.
    pub fn read(self, sink: &mut Sink<'_>, cell: Piece<'_>) {
        match self {
            Self::Text(path) => sink.text(path, cell),
            Self::Number(path) => {
                if number(cell.str()).is_number() {
                    sink.number(path, cell);
                }
            }
            Self::Bool(path) => match cell.str() {
                "true" | "True" => sink.put(path, Value::Bool(true), cell),
                "false" | "False" => sink.put(path, Value::Bool(false), cell),
                _ => {}
            },
            Self::List(path) => list(sink, path, cell),
            Self::Labels(path) => {
                if let Some(labels) = labels(cell.str()) {
                    sink.put(path, labels, cell);
                }
            }
            Self::Pair(first, second) => pair(sink, first, second, cell),
            Self::Reference(path) => {
                if let Some((kind, name)) = cell.split_once("/") {
                    sink.text(&format!("{path}/kind"), kind);
                    sink.text(&format!("{path}/name"), name);
                }
            }
            Self::Modes(path) => modes(sink, path, cell),
            Self::Condition(kind) => condition(sink, kind, cell),
            Self::Amounts(used, hard) => amounts(sink, used, hard, cell),
            Self::With(read) => read(sink, cell),
        }
    }
}

fn list(sink: &mut Sink<'_>, path: &str, cell: Piece<'_>) {
    for part in cell.split(|c| c == ',') {
        let part = part.trim();
        if !part.is_empty() {
            sink.push(path, Value::from(part.str()), part);
        }
    }
}

fn pair(sink: &mut Sink<'_>, first: &str, second: &str, cell: Piece<'_>) {
    let Some((a, b)) = cell.split_once("/") else { return };
    if number(a.str()).is_number() && number(b.str()).is_number() {
        sink.number(first, a);
        sink.number(second, b);
    }
}

fn modes(sink: &mut Sink<'_>, path: &str, cell: Piece<'_>) {
    for mode in cell.split(|c| c == ',') {
        let long = match mode.str() {
            "RWO" => "ReadWriteOnce",
            "ROX" => "ReadOnlyMany",
            "RWX" => "ReadWriteMany",
            "RWOP" => "ReadWriteOncePod",
            other => other,
        };
        sink.push(path, Value::from(long), mode);
    }
}

/// A condition (`metav1.Condition`): its status is one of three words.
pub fn condition(sink: &mut Sink<'_>, kind: &str, cell: Piece<'_>) {
    if matches!(cell.str(), "True" | "False" | "Unknown") {
        let value = object([("type", Value::from(kind)), ("status", Value::from(cell.str()))]);
        sink.push("/status/conditions", value, cell);
    }
}

/// `a=b,c=d`.
pub fn labels(text: &str) -> Option<Value> {
    let labels: Option<Vec<(&str, Value)>> = text
        .split(',')
        .map(|label| {
            label
                .split_once('=')
                .filter(|(name, _)| !name.is_empty() && !name.contains(['!', ' ', '(']))
                .map(|(name, value)| (name, Value::from(value)))
        })
        .collect();
    Some(Value::Object(labels?.into_iter().collect()))
}

/// `pods: 3/10, requests.cpu: 1/2` (`printResourceQuota`: used and hard).
fn amounts(sink: &mut Sink<'_>, used: &str, hard: &str, cell: Piece<'_>) {
    for part in cell.split(|c| c == ',') {
        let Some((name, amount)) = part.trim().split_once(": ") else {
            continue;
        };
        if let Some((a, b)) = amount.split_once("/") {
            let name = escaped(name.str());
            sink.text(&format!("{used}/{name}"), a);
            sink.text(&format!("{hard}/{name}"), b);
        }
    }
}

/// `["a","b"]`, as a column prints an array of texts.
pub fn json_list(sink: &mut Sink<'_>, path: &str, cell: Piece<'_>) {
    let Some(inside) = cell.strip_prefix("[").and_then(|rest| rest.strip_suffix("]")) else {
        return;
    };
    for part in inside.split(|c| c == ',') {
        let part = part.trim();
        if let Some(text) = part.strip_prefix("\"").and_then(|rest| rest.strip_suffix("\"")) {
            sink.push(path, Value::from(text.str()), text);
        }
    }
}
