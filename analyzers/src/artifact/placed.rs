//! Values with their places: what a parser of a line format builds, and the small index that is kept of it.

use std::borrow::Cow;

use serde_json::Number;

use super::{Map, Text, Value};
use crate::text::Piece;

/// A value that a parser read, with the bytes that it was read from. Filled from the outside in: [`object`](Self::object), then
/// [`put`](Self::put); [`array`](Self::array), then [`push`](Self::push).
#[derive(Debug, Clone)]
pub struct Placed {
    kind: Kind,
    start: u32,
    end: u32,
}

#[derive(Debug, Clone)]
enum Kind {
    Scalar(Value),
    Array(Vec<Placed>),
    Object(Vec<(Text, Placed)>),
}

/// Where the values of a document stand: for every value, in the order of a walk through the tree, its bytes and how many values it
/// has in it. 12 bytes a value.
#[derive(Debug, Clone, Default)]
pub struct Places(Box<[Place]>);

#[derive(Debug, Clone, Copy)]
struct Place {
    start: u32,
    end: u32,
    /// How many values there are in this one, itself included.
    size: u32,
}

/// A paste of more than 4 GiB is not read; the offset stays at its end.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

impl Placed {
    fn new(kind: Kind, piece: Piece<'_>) -> Self {
        Self {
            kind,
            start: offset(piece.start()),
            end: offset(piece.end()),
        }
    }

    /// A text as it was printed.
    pub fn text(piece: Piece<'_>) -> Self {
        Self::new(Kind::Scalar(Value::String(Text::from(piece.str()))), piece)
    }

    /// A whole number, where it is printed as one (no sign but `-`, no leading zero); otherwise the text as it was printed.
    pub fn number(piece: Piece<'_>) -> Self {
        match piece.str().parse::<i64>() {
            Ok(number) if number.to_string() == piece.str() => Self::value(number, piece),
            _ => match piece.str().parse::<u64>() {
                Ok(number) if number.to_string() == piece.str() => Self::value(Number::from(number), piece),
                _ => Self::text(piece),
            },
        }
    }

    /// A value that is told, not printed literally, by the bytes of `piece`.
    pub fn value(value: impl Into<serde_json::Value>, piece: Piece<'_>) -> Self {
        Self::new(Kind::Scalar(Value::from(value.into())), piece)
    }

    /// The same, for a value of ours.
    pub fn value_of(value: Value, piece: Piece<'_>) -> Self {
        Self::new(Kind::Scalar(value), piece)
    }

    /// The same, for bytes that are known by their places.
    pub fn value_at(value: impl Into<serde_json::Value>, range: std::ops::Range<usize>) -> Self {
        Self {
            kind: Kind::Scalar(Value::from(value.into())),
            start: offset(range.start),
            end: offset(range.end),
        }
    }

    /// A value that was read by another parser, with the places of its parts by their pointers.
    pub fn of(value: &Value, pointer: &mut String, locate: &dyn Fn(&str) -> std::ops::Range<usize>) -> Self {
        let range = locate(pointer);
        let length = pointer.len();
        let kind = match value {
            Value::Array(items) => Kind::Array(
                items
                    .iter()
                    .enumerate()
                    .map(|(number, item)| {
                        pointer.push('/');
                        pointer.push_str(&number.to_string());
                        let item = Self::of(item, pointer, locate);
                        pointer.truncate(length);
                        item
                    })
                    .collect(),
            ),
            Value::Object(members) => Kind::Object(
                members
                    .iter()
                    .map(|(name, member)| {
                        pointer.push('/');
                        pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
                        let member = Self::of(member, pointer, locate);
                        pointer.truncate(length);
                        (Text::from(name), member)
                    })
                    .collect(),
            ),
            scalar => Kind::Scalar(scalar.clone()),
        };
        Self {
            kind,
            start: offset(range.start),
            end: offset(range.end),
        }
    }

    /// Its elements.
    ///
    /// # Errors
    ///
    /// Itself, where it is no array.
    pub fn into_items(self) -> Result<Vec<Self>, Self> {
        match self.kind {
            Kind::Array(items) => Ok(items),
            _ => Err(self),
        }
    }

    /// Its members.
    ///
    /// # Errors
    ///
    /// Itself, where it is no object.
    pub fn into_members(self) -> Result<Vec<(Text, Self)>, Self> {
        match self.kind {
            Kind::Object(members) => Ok(members),
            _ => Err(self),
        }
    }

    /// The bytes that it was read from.
    pub fn range(&self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// A tree of values that are all told by `piece`: what was encoded in it.
    pub fn tree(value: serde_json::Value, piece: Piece<'_>) -> Self {
        match value {
            serde_json::Value::Array(items) => {
                let mut list = Self::array(piece);
                for item in items {
                    list.push(Self::tree(item, piece));
                }
                list
            }
            serde_json::Value::Object(members) => {
                let mut object = Self::object(piece);
                for (name, member) in members {
                    object.put(&name, Self::tree(member, piece));
                }
                object
            }
            scalar => Self::value(scalar, piece),
        }
    }

    /// An object without members yet; `piece` is all that it is read from.
    pub fn object(piece: Piece<'_>) -> Self {
        Self::new(Kind::Object(Vec::new()), piece)
    }

    /// An array without elements yet.
    pub fn array(piece: Piece<'_>) -> Self {
        Self::new(Kind::Array(Vec::new()), piece)
    }

    /// Adds a member. Of members with the same name the last counts. Does nothing to what is no object.
    pub fn put(&mut self, name: &str, value: Self) {
        if let Kind::Object(members) = &mut self.kind {
            members.push((Text::from(name), value));
        }
    }

    /// Adds a member with the text of `piece`, unless that is empty.
    pub fn put_text(&mut self, name: &str, piece: Piece<'_>) {
        if !piece.is_empty() {
            self.put(name, Self::text(piece));
        }
    }

    /// Adds a member with the number of `piece` (its text where it is none), unless that is empty.
    pub fn put_number(&mut self, name: &str, piece: Piece<'_>) {
        if !piece.is_empty() {
            self.put(name, Self::number(piece));
        }
    }

    /// The member of that name, taken out; an object without members where there is none.
    #[must_use]
    pub fn taken(self, name: &str) -> Self {
        let (start, end) = (self.start, self.end);
        let member = match self.kind {
            Kind::Object(members) => members
                .into_iter()
                .rev()
                .find(|(key, _)| key.as_str() == name)
                .map(|(_, member)| member),
            _ => None,
        };
        member.unwrap_or(Self {
            kind: Kind::Object(Vec::new()),
            start,
            end,
        })
    }

    /// Adds the members of another object. Does nothing to what is no object.
    pub fn merge(&mut self, other: Self) {
        if let (Kind::Object(members), Kind::Object(more)) = (&mut self.kind, other.kind) {
            members.extend(more);
        }
    }

    /// Adds the members of another object to the member of that name; it is made where there is none, at `piece`.
    pub fn merge_at(&mut self, name: &str, piece: Piece<'_>, other: Self) {
        if let Some(inner) = self.member(name, || Self::object(piece)) {
            inner.merge(other);
        }
    }

    /// Adds an element. Does nothing to what is no array.
    pub fn push(&mut self, value: Self) {
        if let Kind::Array(items) = &mut self.kind {
            items.push(value);
        }
    }

    /// Adds a member of an inner object: the last name of `path` in the object that the others lead to. Objects on the way are made where
    /// there are none, at `piece`. Searches the members one by one: for objects of a few members.
    pub fn put_at(&mut self, path: &[&str], piece: Piece<'_>, value: Self) {
        let Some((name, way)) = path.split_last() else { return };
        let inner = way
            .iter()
            .try_fold(self, |here, name| here.member(name, || Self::object(piece)));
        if let Some(inner) = inner {
            inner.put(name, value);
        }
    }

    /// Adds an element to the array that `path` leads to; it is made where there is none, and objects on the way, too, at `piece`.
    pub fn push_at(&mut self, path: &[&str], piece: Piece<'_>, value: Self) {
        let Some((name, way)) = path.split_last() else { return };
        let inner = way
            .iter()
            .try_fold(self, |here, name| here.member(name, || Self::object(piece)));
        if let Some(list) = inner.and_then(|inner| inner.member(name, || Self::array(piece))) {
            list.push(value);
            list.extend(piece);
        }
    }

    fn element(&mut self, index: usize) -> Option<&mut Self> {
        match &mut self.kind {
            Kind::Array(items) => items.get_mut(index),
            _ => None,
        }
    }

    fn member(&mut self, name: &str, make: impl FnOnce() -> Self) -> Option<&mut Self> {
        let Kind::Object(members) = &mut self.kind else {
            return None;
        };
        if !members.iter().any(|(key, _)| key.as_str() == name) {
            members.push((Text::from(name), make()));
        }
        members
            .iter_mut()
            .rev()
            .find(|(key, _)| key.as_str() == name)
            .map(|(_, member)| member)
    }

    /// The element of that number, or the member of that name.
    pub fn get(&self, token: &str) -> Option<&Self> {
        match &self.kind {
            Kind::Scalar(_) => None,
            Kind::Array(items) => items.get(token.parse::<usize>().ok()?),
            Kind::Object(members) => members
                .iter()
                .rev()
                .find(|(key, _)| key.as_str() == token)
                .map(|(_, member)| member),
        }
    }

    /// Whether there is a member of that name.
    pub fn has(&self, name: &str) -> bool {
        matches!(&self.kind, Kind::Object(members) if members.iter().any(|(key, _)| key.as_str() == name))
    }

    /// Whether it is an object or an array with nothing in it.
    pub fn is_empty(&self) -> bool {
        match &self.kind {
            Kind::Scalar(_) => false,
            Kind::Array(items) => items.is_empty(),
            Kind::Object(members) => members.is_empty(),
        }
    }

    /// The members of an object, as they were put.
    pub fn members(&self) -> Option<&[(Text, Placed)]> {
        match &self.kind {
            Kind::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The value, where it is neither an object nor an array.
    pub fn scalar(&self) -> Option<&Value> {
        match &self.kind {
            Kind::Scalar(value) => Some(value),
            _ => None,
        }
    }

    /// How many elements or members it has; 0 for a scalar.
    pub fn len(&self) -> usize {
        match &self.kind {
            Kind::Scalar(_) => 0,
            Kind::Array(items) => items.len(),
            Kind::Object(members) => members.len(),
        }
    }

    /// The same values, all told by `piece`: what was encoded in it.
    #[must_use]
    pub fn all_at(mut self, piece: Piece<'_>) -> Self {
        self.start = offset(piece.start());
        self.end = offset(piece.end());
        self.kind = match self.kind {
            Kind::Scalar(value) => Kind::Scalar(value),
            Kind::Array(items) => Kind::Array(items.into_iter().map(|item| item.all_at(piece)).collect()),
            Kind::Object(members) => Kind::Object(
                members
                    .into_iter()
                    .map(|(name, member)| (name, member.all_at(piece)))
                    .collect(),
            ),
        };
        self
    }

    /// Gives back the room that was kept for more members or elements.
    pub fn shrink(&mut self) {
        match &mut self.kind {
            Kind::Scalar(_) => {}
            Kind::Array(items) => items.shrink_to_fit(),
            Kind::Object(members) => members.shrink_to_fit(),
        }
    }

    /// Lets it reach to the end of `piece`: further lines belong to it.
    pub fn extend(&mut self, piece: Piece<'_>) {
        self.end = self.end.max(offset(piece.end()));
    }

    /// The values and where they stand.
    pub fn finish(self) -> (Value, Places) {
        let mut places = Vec::new();
        let value = self.flatten(&mut places);
        (value, Places(places.into_boxed_slice()))
    }

    /// The value alone.
    pub fn into_value(self) -> Value {
        match self.kind {
            Kind::Scalar(value) => value,
            Kind::Array(items) => {
                let mut values = Vec::with_capacity(items.len());
                values.extend(items.into_iter().map(Self::into_value));
                Value::from(values)
            }
            Kind::Object(members) => {
                // Into memory of their own: to collect would keep that of the members, which have room for places and more.
                let mut values = Vec::with_capacity(members.len());
                values.extend(members.into_iter().map(|(name, member)| (name, member.into_value())));
                Value::Object(values.into_iter().collect())
            }
        }
    }

    /// A value whose parts are all told by `piece`.
    pub fn parts(value: Value, piece: Piece<'_>) -> Self {
        let kind = match value {
            Value::Array(items) => Kind::Array(
                items
                    .into_vec()
                    .into_iter()
                    .map(|item| Self::parts(item, piece))
                    .collect(),
            ),
            Value::Object(members) => Kind::Object(
                members
                    .into_iter()
                    .map(|(name, member)| (name, Self::parts(member, piece)))
                    .collect(),
            ),
            scalar => Kind::Scalar(scalar),
        };
        Self::new(kind, piece)
    }

    /// The place of a value that is reached by names and numbers, to fill. What is missing on the way is made, at `piece`; `None` where
    /// the way leads through a scalar or to an element that is not there.
    pub fn slot<'n>(&mut self, mut way: impl Iterator<Item = Cow<'n, str>>, piece: Piece<'_>) -> Option<&mut Self> {
        way.try_fold(self, |here, token| {
            if matches!(here.kind, Kind::Scalar(Value::Null)) {
                here.kind = Kind::Object(Vec::new());
            }
            if matches!(here.kind, Kind::Array(_)) {
                return here.element(token.parse().ok()?);
            }
            here.member(&token, || Self::value_of(Value::Null, piece))
        })
    }

    fn flatten(self, places: &mut Vec<Place>) -> Value {
        let at = places.len();
        places.push(Place {
            start: self.start,
            end: self.end,
            size: 1,
        });
        let value = match self.kind {
            Kind::Scalar(value) => value,
            Kind::Array(items) => Value::Array(items.into_iter().map(|item| item.flatten(places)).collect()),
            Kind::Object(mut members) => {
                // In the order that the map will have, so that the walk of `locate` meets them in the same order.
                members.sort_by(|(a, _), (b, _)| a.as_str().cmp(b.as_str()));
                members.dedup_by(|later, kept| {
                    let same = later.0 == kept.0;
                    if same {
                        std::mem::swap(&mut later.1, &mut kept.1);
                    }
                    same
                });
                let members: Map = members
                    .into_iter()
                    .map(|(name, member)| (name, member.flatten(places)))
                    .collect();
                Value::Object(members)
            }
        };
        let size = offset(places.len() - at);
        if let Some(place) = places.get_mut(at) {
            place.size = size;
        }
        value
    }
}

impl Places {
    /// The bytes of the value at `pointer` (RFC 6901) of `value`, the tree that these places belong to.
    pub fn locate(&self, value: &Value, pointer: &str) -> Option<std::ops::Range<usize>> {
        let mut at = 0_usize;
        let mut here = value;
        for token in pointer.split('/').skip(1) {
            at += 1;
            match here {
                Value::Array(items) => {
                    let wanted: usize = token.parse().ok()?;
                    for _ in 0..wanted {
                        at += self.0.get(at)?.size as usize;
                    }
                    here = items.get(wanted)?;
                }
                Value::Object(members) => {
                    let name = token.replace("~1", "/").replace("~0", "~");
                    let mut found = None;
                    for (key, member) in members.iter() {
                        if key == name {
                            found = Some(member);
                            break;
                        }
                        at += self.0.get(at)?.size as usize;
                    }
                    here = found?;
                }
                _ => return None,
            }
        }
        let place = self.0.get(at)?;
        Some(place.start as usize..place.end as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::Placed;
    use crate::text::Piece;

    #[test]
    fn every_value_is_found_where_it_was_read() {
        let text = "default via 10.0.0.1 dev eth0\n10.0.0.0/24 dev eth1 metric 100\n";
        let whole = Piece::new(text);
        let mut routes = Placed::array(whole);
        for line in whole.lines() {
            let words: Vec<Piece<'_>> = line.words().collect();
            let mut route = Placed::object(line);
            route.put_text("to", words[0]);
            for pair in words[1..].chunks(2) {
                route.put(pair[0].str(), Placed::number(pair[1]));
            }
            routes.push(route);
        }
        let mut root = Placed::object(whole);
        root.put("routes", routes);
        let (value, places) = root.finish();
        let at = |pointer: &str| places.locate(&value, pointer).and_then(|range| text.get(range));
        assert_eq!(at("/routes/0/via"), Some("10.0.0.1"));
        assert_eq!(at("/routes/1/metric"), Some("100"));
        assert_eq!(at("/routes/1/to"), Some("10.0.0.0/24"));
        assert_eq!(at("/routes/1"), text.lines().nth(1));
        assert_eq!(at("/routes/2"), None);
        assert_eq!(at("/routes/0/via/x"), None);
        assert_eq!(
            value.get("routes").unwrap().as_array().unwrap()[1]
                .get("metric")
                .unwrap()
                .as_i64(),
            Some(100)
        );
    }

    #[test]
    fn the_last_of_members_with_one_name_counts_and_nested_objects_are_made() {
        let text = "a 1 b 2";
        let whole = Piece::new(text);
        let words: Vec<Piece<'_>> = whole.words().collect();
        let mut root = Placed::object(whole);
        root.put_number("a", words[1]);
        root.put_number("a", words[3]);
        root.put_at(&["metadata", "labels", "app/x"], whole, Placed::text(words[2]));
        root.push_at(&["spec", "items"], whole, Placed::text(words[0]));
        let (value, places) = root.finish();
        assert_eq!(value.get("a").unwrap().as_i64(), Some(2));
        assert_eq!(places.locate(&value, "/a"), Some(6..7));
        assert_eq!(places.locate(&value, "/metadata/labels/app~1x"), Some(4..5));
        assert_eq!(places.locate(&value, "/spec/items/0"), Some(0..1));
    }

    #[test]
    fn numbers_are_taken_only_as_they_are_printed() {
        for (text, number) in [
            ("100", true),
            ("-1", true),
            ("007", false),
            ("+1", false),
            ("1.5", false),
            ("0x1", false),
        ] {
            let (value, _) = Placed::number(Piece::new(text)).finish();
            assert_eq!(value.as_i64().is_some(), number, "{text}");
            assert_eq!(value.as_str().is_some(), !number, "{text}");
        }
    }
}
