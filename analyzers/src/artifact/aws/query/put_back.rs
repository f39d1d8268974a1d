//! Puts what a query cut out back into the shape of the answer.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{Implied, Origin, Step};
use crate::artifact::aws::answer::REMAINDER;
use crate::artifact::{Placed, Value};
use crate::text::Piece;

/// An answer that is put together again.
#[derive(Debug, Default)]
struct Whole {
    /// What was printed for it.
    value: Option<Placed>,
    members: Vec<(String, Whole)>,
    /// The elements, each with how it was picked.
    elements: Vec<(String, Whole)>,
    /// Where `elements` has the ones that were picked.
    picked: BTreeMap<String, usize>,
    /// Whether the command says it, not the output.
    told: bool,
}

/// An answer that a query had taken apart.
pub struct Restored {
    /// The values.
    pub values: Placed,
    /// The pointers of those that the command says.
    pub told: Vec<String>,
}

/// Puts a printed value where it comes from; `more` are members that the command names (their way, and their value), which count where
/// the answer has the object that they are in.
pub fn put_back(origin: &Origin, printed: Placed, more: &[(&str, &str)], body: Piece<'_>) -> Restored {
    let mut whole = Whole::default();
    put(origin, printed, &mut whole, 0);
    for (pointer, value) in more {
        let names: Vec<&str> = pointer.split('/').skip(1).collect();
        let Some((name, way)) = names.split_last() else {
            continue;
        };
        let owner = way.iter().try_fold(&mut whole, |here, name| here.known(name));
        if let Some(owner) = owner
            && owner.known(name).is_none()
            && owner
                .value
                .as_ref()
                .is_none_or(|value| value.members().is_some_and(|_| !value.has(name)))
        {
            owner.put_member(name, Whole::said((*value).into(), body.range()));
        }
    }
    let mut told = Vec::new();
    let mut pointer = String::new();
    let values = whole.finish(body, &mut pointer, &mut told);
    Restored { values, told }
}

/// Deeper origins are left out: the expression's parser does not go so deep.
const DEPTH: usize = 200;

fn is_null(printed: &Placed) -> bool {
    matches!(printed.scalar(), Some(Value::Null))
}

fn put(origin: &Origin, printed: Placed, into: &mut Whole, depth: usize) {
    if depth > DEPTH || is_null(&printed) {
        return;
    }
    match origin {
        Origin::At(path, _) => into.set_at(path, printed),
        Origin::Known(path, implied, inner) => {
            if let Some(element) = into.walk(path) {
                let place = printed.range();
                put(inner, printed, element, depth + 1);
                element.say(implied, &place);
            }
        }
        Origin::Each(path, implied, inner) => match printed.into_items() {
            Ok(items) => {
                for item in items.into_iter().filter(|item| !is_null(item)) {
                    let Some(element) = into.walk(path) else { continue };
                    let place = item.range();
                    put(inner, item, element, depth + 1);
                    element.say(implied, &place);
                }
            }
            Err(printed) => into.rest(printed),
        },
        Origin::Members(members) => match printed.into_members() {
            Ok(values) => {
                for (name, value) in values {
                    match members.iter().find(|(known, _)| known == name.as_str()) {
                        Some((_, Origin::Lost)) | None => into.aside(name.as_str(), value),
                        Some((_, member)) => put(member, value, into, depth + 1),
                    }
                }
            }
            Err(printed) => into.rest(printed),
        },
        Origin::Parts(parts) => match printed.into_items() {
            Ok(values) => {
                for (number, value) in values.into_iter().enumerate() {
                    match parts.get(number) {
                        Some(Origin::Lost) | None => into.aside(&number.to_string(), value),
                        Some(part) => put(part, value, into, depth + 1),
                    }
                }
            }
            Err(printed) => into.rest(printed),
        },
        Origin::Lost => into.rest(printed),
    }
}

impl Whole {
    /// A value that the command says.
    fn said(value: serde_json::Value, place: Range<usize>) -> Self {
        Self {
            value: Some(Placed::value_at(value, place)),
            told: true,
            ..Self::default()
        }
    }

    /// The member of that name, where there is one.
    fn known(&mut self, name: &str) -> Option<&mut Self> {
        let mut members = self.members.iter_mut();
        members.find(|(known, _)| known == name).map(|(_, member)| member)
    }

    fn put_member(&mut self, name: &str, whole: Self) {
        if let Some(member) = self.member(name) {
            *member = whole;
        }
    }

    /// The member of that name; it is made where there is none.
    fn member(&mut self, name: &str) -> Option<&mut Self> {
        let place = self.members.iter().position(|(known, _)| known == name);
        slot(&mut self.members, place, name)
    }

    fn walk(&mut self, path: &[Step]) -> Option<&mut Self> {
        path.iter().try_fold(self, |here, step| match step {
            Step::Member(name) => here.member(name),
            Step::Element(which) => here.element(which),
        })
    }

    /// The element that was picked so, or a further one.
    fn element(&mut self, which: &str) -> Option<&mut Self> {
        let known = self.picked.get(which).copied();
        if known.is_none() && !which.is_empty() {
            self.picked.insert(which.to_owned(), self.elements.len());
        }
        slot(&mut self.elements, known, which)
    }

    fn set(&mut self, printed: Placed) {
        if self.value.is_none() {
            self.value = Some(printed);
        }
    }

    fn set_at(&mut self, path: &[Step], printed: Placed) {
        if let Some(whole) = self.walk(path) {
            whole.set(printed);
        }
    }

    /// Keeps what has no place in the answer.
    fn rest(&mut self, printed: Placed) {
        if let Some(rest) = self.member(REMAINDER) {
            rest.set(printed);
        }
    }

    /// Keeps what has no place in the answer under the name that the query gives it.
    fn aside(&mut self, name: &str, printed: Placed) {
        if !is_null(&printed) {
            self.set_at(
                &[Step::Member(REMAINDER.to_owned()), Step::Member(name.to_owned())],
                printed,
            );
        }
    }

    /// Adds what the query says of an element.
    fn say(&mut self, implied: &[Implied], place: &Range<usize>) {
        // A value that is there already (the whole element was printed) says it itself.
        if self.value.is_some() {
            return;
        }
        for known in implied {
            if let Some(member) = self.walk(&known.path)
                && member.value.is_none()
                && member.members.is_empty()
            {
                *member = Self::said(known.value.clone(), place.clone());
            }
        }
    }

    fn finish(self, body: Piece<'_>, pointer: &mut String, told: &mut Vec<String>) -> Placed {
        if self.told {
            told.push(pointer.clone());
        }
        let mut found = match self.value {
            Some(value) if value.members().is_some() && self.elements.is_empty() => value,
            // Printed whole and, in another column, in part: the whole has it.
            Some(value) => return value,
            None if self.members.is_empty() && !self.elements.is_empty() => Placed::array(body),
            None => Placed::object(body),
        };
        let length = pointer.len();
        for (name, member) in self.members {
            pointer.push('/');
            pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
            let member = member.finish(body, pointer, told);
            found.put(&name, member);
            pointer.truncate(length);
        }
        let mut elements = self.elements;
        // Elements that are picked by number stand in that order; others in the order of the output.
        if elements.iter().all(|(which, _)| which.parse::<u64>().is_ok()) {
            elements.sort_by_key(|(which, _)| which.parse::<u64>().unwrap_or_default());
        }
        for (number, (_, element)) in elements.into_iter().enumerate() {
            pointer.push('/');
            pointer.push_str(&number.to_string());
            let element = element.finish(body, pointer, told);
            found.push(element);
            pointer.truncate(length);
        }
        found
    }
}

/// The entry at `place`, or a new one at the end.
fn slot<'w>(entries: &'w mut Vec<(String, Whole)>, place: Option<usize>, name: &str) -> Option<&'w mut Whole> {
    let place = place.unwrap_or(entries.len());
    if place == entries.len() {
        // Most have one: room for more is made when they come.
        entries.reserve_exact(1.max(entries.len() / 2));
        entries.push((name.to_owned(), Whole::default()));
    }
    entries.get_mut(place).map(|(_, whole)| whole)
}
