//! The values of a document, small: a paste of 50 MB holds a million objects, and the page has 4 GB at the very most.
//!
//! `serde_json`'s own object is a B-tree, whose smallest node has room for eleven members (`CAPACITY` in
//! `alloc/src/collections/btree/node.rs` of Rust's library): 600 bytes for `{"name": "a"}`. Here an object is a sorted slice of just its
//! members, and the words that every document repeats are not copied.

use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

use super::words;

/// A value of a document.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// `null`.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string.
    String(Text),
    /// An array.
    Array(Box<[Value]>),
    /// An object.
    Object(Map),
}

/// A string: one of the well-known words, or one of its own.
#[derive(Clone)]
pub struct Text(Kept);

#[derive(Clone)]
enum Kept {
    Known(&'static str),
    Own(Box<str>),
}

impl Text {
    /// The text.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Kept::Known(text) => text,
            Kept::Own(text) => text,
        }
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(words::known(text).map_or_else(|| Kept::Own(text.into()), Kept::Known))
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(words::known(&text).map_or_else(|| Kept::Own(text.into_boxed_str()), Kept::Known))
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The members of an object, by name.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Map(Box<[(Text, Value)]>);

impl Map {
    /// Of members with the same name the last counts.
    fn new(members: impl Iterator<Item = (Text, Value)>) -> Self {
        let members: Box<[(Text, Value)]> = members.collect();
        if members.is_sorted_by(|(a, _), (b, _)| a.as_str() < b.as_str()) {
            return Self(members);
        }
        let mut members = members.into_vec();
        // Stable, so that the last of a name is the last of its run.
        members.sort_by(|(a, _), (b, _)| a.as_str().cmp(b.as_str()));
        members.dedup_by(|later, kept| {
            let same = later.0 == kept.0;
            if same {
                std::mem::swap(&mut later.1, &mut kept.1);
            }
            same
        });
        Self(members.into_boxed_slice())
    }

    fn place(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(key, _)| key.as_str().cmp(name))
    }

    /// The member of that name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let place = self.place(name).ok()?;
        self.0.get(place).map(|(_, value)| value)
    }

    /// The member of that name, to change.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        let place = self.place(name).ok()?;
        self.0.get_mut(place).map(|(_, value)| value)
    }

    /// Whether there is a member of that name.
    pub fn contains_key(&self, name: &str) -> bool {
        self.place(name).is_ok()
    }

    /// Adds or replaces a member. It moves the others: objects are made from iterators, and this is for one member more.
    pub fn insert(&mut self, name: &str, value: Value) {
        match self.place(name) {
            Ok(place) => {
                if let Some((_, member)) = self.0.get_mut(place) {
                    *member = value;
                }
            }
            Err(place) => {
                let mut members = std::mem::take(&mut self.0).into_vec();
                members.insert(place, (Text::from(name), value));
                self.0 = members.into_boxed_slice();
            }
        }
    }

    /// Takes a member out. It moves the others, as [`insert`](Self::insert) does.
    pub fn remove(&mut self, name: &str) {
        if let Ok(place) = self.place(name) {
            let mut members = std::mem::take(&mut self.0).into_vec();
            members.remove(place);
            self.0 = members.into_boxed_slice();
        }
    }

    /// The members in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// The members, to change.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &mut Value)> {
        self.0.iter_mut().map(|(name, value)| (name.as_str(), value))
    }
}

impl<T: Into<Text>> FromIterator<(T, Value)> for Map {
    fn from_iter<I: IntoIterator<Item = (T, Value)>>(members: I) -> Self {
        Self::new(members.into_iter().map(|(name, value)| (name.into(), value)))
    }
}

impl IntoIterator for Map {
    type Item = (Text, Value);
    type IntoIter = std::vec::IntoIter<(Text, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_vec().into_iter()
    }
}

impl Value {
    /// The string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text.as_str()),
            _ => None,
        }
    }

    /// The number, where it is a whole one of 64 bits.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Number(number) => number.as_i64(),
            _ => None,
        }
    }

    /// The elements.
    pub fn as_array(&self) -> Option<&[Value]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The elements, to change.
    pub fn as_array_mut(&mut self) -> Option<&mut [Value]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The members.
    pub fn as_object(&self) -> Option<&Map> {
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The members, to change.
    pub fn as_object_mut(&mut self) -> Option<&mut Map> {
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }

    /// Whether it is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether it is a number.
    pub fn is_number(&self) -> bool {
        matches!(self, Self::Number(_))
    }

    /// Whether it is an array.
    pub fn is_array(&self) -> bool {
        matches!(self, Self::Array(_))
    }

    /// Whether it is an object.
    pub fn is_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }

    /// The member of that name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.as_object()?.get(name)
    }

    /// The value at a pointer whose tokens hold neither `~` nor `/`, to change.
    pub fn pointer_mut(&mut self, pointer: &str) -> Option<&mut Value> {
        if pointer.is_empty() {
            return Some(self);
        }
        pointer
            .strip_prefix('/')?
            .split('/')
            .try_fold(self, |value, token| match value {
                Self::Object(members) => members.get_mut(token),
                Self::Array(items) => items.get_mut(token.parse::<usize>().ok()?),
                _ => None,
            })
    }

    /// The same for those who write JSON.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Bool(value) => (*value).into(),
            Self::Number(number) => number.clone().into(),
            Self::String(text) => text.as_str().into(),
            Self::Array(items) => items.iter().map(Self::to_json).collect(),
            Self::Object(members) => members
                .iter()
                .map(|(name, value)| (name.to_owned(), value.to_json()))
                .collect(),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text.into())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number.into())
    }
}

impl From<u16> for Value {
    fn from(number: u16) -> Self {
        Self::Number(number.into())
    }
}

impl From<Vec<Value>> for Value {
    fn from(items: Vec<Value>) -> Self {
        Self::Array(items.into_boxed_slice())
    }
}

impl From<serde_json::Value> for Value {
    fn from(value: serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(value) => Self::Bool(value),
            serde_json::Value::Number(number) => Self::Number(number),
            serde_json::Value::String(text) => Self::String(text.into()),
            serde_json::Value::Array(items) => Self::Array(items.into_iter().map(Self::from).collect()),
            serde_json::Value::Object(members) => Self::Object(
                members
                    .into_iter()
                    .map(|(name, value)| (name, Self::from(value)))
                    .collect(),
            ),
        }
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl Visitor<'_> for Reader {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_str<E>(self, text: &str) -> Result<Text, E> {
                Ok(text.into())
            }
        }
        deserializer.deserialize_str(Reader)
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Reader(&mut Open::default()).deserialize(deserializer)
    }
}

/// What was read of the arrays and objects that are still open, the innermost last: when one ends, its part moves into a slice of just
/// its size, and nothing grows by copies.
#[derive(Default)]
struct Open {
    items: Vec<Value>,
    members: Vec<(Text, Value)>,
}

struct Reader<'s>(&'s mut Open);

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let first = self.0.items.len();
        while let Some(item) = elements.next_element_seed(Reader(self.0))? {
            self.0.items.push(item);
        }
        Ok(Value::Array(self.0.items.drain(first..).collect()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let first = self.0.members.len();
        while let Some(name) = entries.next_key::<Text>()? {
            let value = entries.next_value_seed(Reader(self.0))?;
            self.0.members.push((name, value));
        }
        Ok(Value::Object(Map::new(self.0.members.drain(first..))))
    }
}

#[cfg(test)]
mod tests {
    use super::{Map, Value};
    use serde_json::json;

    #[test]
    fn a_value_and_a_member_stay_small() {
        assert_eq!(size_of::<Value>(), 24);
        assert_eq!(size_of::<(super::Text, Value)>(), 48);
    }

    #[test]
    fn it_reads_what_serde_json_reads() {
        for text in [
            r#"{"b": [1, -2, 2.5, 18446744073709551615], "a": {"name": "x\n", "é": null}, "": true, "c": [], "d": {}}"#,
            r#"{"z": 1, "a": 2, "z": 3, "a": 4, "z": 5}"#,
            "[[[]]]",
            "null",
        ] {
            let theirs: serde_json::Value = serde_json::from_str(text).unwrap();
            let ours: Value = serde_json::from_str(text).unwrap();
            assert_eq!(ours.to_json(), theirs);
            assert_eq!(ours, Value::from(theirs));
        }
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        assert!(serde_json::from_str::<Value>(&deep).is_err());
    }

    #[test]
    fn members_are_found_put_in_and_replaced() {
        let mut map: Map = [
            ("b", Value::from("1")),
            ("a", Value::from("2")),
            ("b", Value::from("3")),
        ]
        .into_iter()
        .collect();
        assert_eq!(map.get("b").and_then(Value::as_str), Some("3"));
        map.insert("aa", Value::Null);
        map.insert("a", Value::Bool(true));
        let names: Vec<_> = map.iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["a", "aa", "b"]);
        assert_eq!(map.get("a"), Some(&Value::Bool(true)));
        assert!(map.contains_key("aa") && !map.contains_key("c"));
        let mut value = Value::Object(map);
        *value.pointer_mut("/aa").unwrap() = json!([{"x": 1}]).into();
        assert_eq!(value.pointer_mut("/aa/0/x").unwrap().as_i64(), Some(1));
        assert!(value.pointer_mut("/aa/1").is_none());
    }
}
