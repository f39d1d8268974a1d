//! Where every value of a document stands, found in one pass when the first of them is cited, so that any number of citations costs one
//! reading of the text.

use std::collections::BTreeMap;
use std::ops::Range;

/// What a value is, as far as the way to its parts goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// It has no parts.
    Leaf,
    /// Its parts are counted.
    Array,
    /// Its parts have names.
    Object,
}

/// Of members with the same name, the one that the reader keeps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Twins {
    /// YAML's reader here keeps the first, and says so.
    #[default]
    First,
    /// JSON's keeps the last (RFC 8259, section 4: most implementations do).
    Last,
}

#[derive(Debug, Clone)]
struct Place {
    name: u64,
    start: u32,
    end: u32,
    /// The place after all that is inside of this one.
    next: u32,
    shape: Shape,
}

/// The places of a document's values, each before those inside of it. Four bytes an offset: a longer text than 4 GiB has no places.
#[derive(Debug, Clone, Default)]
pub struct Outline {
    all: Vec<Place>,
    /// The parts of arrays and objects that have many: of arrays in their order, of objects in that of their names' numbers.
    large: BTreeMap<usize, Vec<u32>>,
    twins: Twins,
}

/// More parts than this are not looked through one by one.
const MANY: usize = 32;

/// A name's number (FNV-1a, draft-eastlake-fnv).
pub fn number(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

impl Outline {
    /// None yet.
    pub fn new(twins: Twins) -> Self {
        Self {
            twins,
            ..Self::default()
        }
    }

    /// Adds a value that begins at `start`, with its name's number where it has a name, and returns which it is. Its end is said by
    /// [`close`](Self::close).
    pub fn open(&mut self, name: Option<u64>, start: usize, shape: Shape) -> usize {
        let start = u32::try_from(start).unwrap_or(u32::MAX);
        self.all.push(Place {
            name: name.unwrap_or(0),
            start,
            end: start,
            next: u32::MAX,
            shape,
        });
        self.all.len() - 1
    }

    /// Says where a value ends, once all inside of it was added.
    pub fn close(&mut self, index: usize, end: usize) {
        let next = self.all.len();
        let Some(place) = self.all.get_mut(index) else { return };
        place.end = u32::try_from(end).unwrap_or(u32::MAX).max(place.start);
        place.next = u32::try_from(next).unwrap_or(u32::MAX);
        let shape = place.shape;
        if shape == Shape::Leaf || next - index <= MANY {
            return;
        }
        let mut parts: Vec<u32> = self
            .parts(index)
            .filter_map(|(part, _)| u32::try_from(part).ok())
            .collect();
        if parts.len() > MANY {
            if shape == Shape::Object {
                // Stable: twins stay in their order.
                parts.sort_by_key(|part| self.get(*part).map(|place| place.name));
            }
            parts.shrink_to_fit();
            self.large.insert(index, parts);
        }
    }

    /// Moves all places to where `place` says that they are in another text.
    pub fn move_to(&mut self, text: &str, place: impl Fn(usize) -> usize) {
        let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        for value in &mut self.all {
            let last = value.end.saturating_sub(1);
            value.start = number(text.floor_char_boundary(place(value.start as usize)));
            // The byte after the last one: where that one is, and one more. What was added stands nowhere: next to it, a letter may have
            // more bytes than one.
            let end = text.ceil_char_boundary(place(last as usize) + 1);
            value.end = number(end).max(value.start);
        }
    }

    fn get(&self, index: u32) -> Option<&Place> {
        self.all.get(usize::try_from(index).ok()?)
    }

    /// The values directly inside of one.
    fn parts(&self, index: usize) -> impl Iterator<Item = (usize, &Place)> {
        let end = self
            .all
            .get(index)
            .and_then(|place| usize::try_from(place.next).ok())
            .unwrap_or(0);
        let mut at = index + 1;
        std::iter::from_fn(move || {
            let here = at;
            let place = self.all.get(here).filter(|_| here < end)?;
            at = usize::try_from(place.next).ok()?.max(here + 1);
            Some((here, place))
        })
    }

    fn part(&self, index: usize, token: &str) -> Option<usize> {
        let large = self.large.get(&index);
        if self.all.get(index)?.shape == Shape::Array {
            let wanted: usize = token.parse().ok()?;
            return match large {
                Some(parts) => usize::try_from(*parts.get(wanted)?).ok(),
                None => self.parts(index).nth(wanted).map(|(part, _)| part),
            };
        }
        let name = number(token);
        if let Some(parts) = large {
            let named = |part: &u32| self.get(*part).map_or(0, |place| place.name);
            let first = parts.partition_point(|part| named(part) < name);
            let after = parts.partition_point(|part| named(part) <= name);
            let twins = parts.get(first..after)?;
            let chosen = match self.twins {
                Twins::First => twins.first(),
                Twins::Last => twins.last(),
            };
            return usize::try_from(*chosen?).ok();
        }
        let mut twins = self.parts(index).filter(|(_, place)| place.name == name);
        let chosen = match self.twins {
            Twins::First => twins.next(),
            Twins::Last => twins.last(),
        };
        chosen.map(|(part, _)| part)
    }

    /// The bytes of the value at an RFC 6901 pointer, with its name; `None` where no such value was added.
    pub fn find(&self, pointer: &str) -> Option<Range<usize>> {
        let mut index = 0;
        if !pointer.is_empty() {
            for token in pointer.strip_prefix('/')?.split('/') {
                index = if token.contains('~') {
                    self.part(index, &token.replace("~1", "/").replace("~0", "~"))?
                } else {
                    self.part(index, token)?
                };
            }
        }
        let place = self.all.get(index)?;
        Some(usize::try_from(place.start).ok()?..usize::try_from(place.end).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::{Outline, Shape, Twins, number};

    #[test]
    fn many_parts_are_found_as_few_are() {
        for count in [3_usize, 400] {
            let mut places = Outline::new(Twins::Last);
            let root = places.open(None, 0, Shape::Object);
            for at in 0..count {
                let list = places.open(Some(number(&format!("name {at}"))), at * 10, Shape::Array);
                let leaf = places.open(None, at * 10 + 1, Shape::Leaf);
                places.close(leaf, at * 10 + 2);
                places.close(list, at * 10 + 5);
            }
            let twin = places.open(Some(number("name 1")), 9000, Shape::Leaf);
            places.close(twin, 9003);
            places.close(root, 9999);
            assert_eq!(places.find(""), Some(0..9999));
            assert_eq!(places.find("/name 2"), Some(20..25));
            assert_eq!(places.find("/name 2/0"), Some(21..22));
            assert_eq!(places.find("/name 2/1"), None);
            assert_eq!(places.find("/name 1"), Some(9000..9003));
            assert_eq!(places.find("/name 9999"), None);
        }
    }
}
