//! Puts what a query cut out back into the shape of the answer.

use std::collections::BTreeMap;

use super::{Implied, Origin, Step};
use crate::artifact::aws::answer::REMAINDER;
use crate::artifact::{Placed, Value};
use crate::text::Piece;

/// An answer that is put together again.
#[derive(Debug, Default)]
struct Whole {
    /// What was printed for it.
    value: Option<Placed>,
    members: BTreeMap<String, Whole>,
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
pub fn put_back(origin: &Origin, printed: &Placed, more: &[(&str, &str)], body: Piece<'_>) -> Restored {
    let mut whole = Whole::default();
    put(origin, printed, &mut whole, 0);
    for (pointer, value) in more {
        let names: Vec<&str> = pointer.split('/').skip(1).collect();
        let Some((name, way)) = names.split_last() else {
            continue;
        };
        let owner = way
            .iter()
            .try_fold(&mut whole, |here, name| here.members.get_mut(*name));
        if let Some(owner) = owner
            && !owner.members.contains_key(*name)
            && owner
                .value
                .as_ref()
                .is_none_or(|value| value.members().is_some_and(|_| !value.has(name)))
        {
            owner
                .members
                .insert((*name).to_owned(), Whole::said((*value).into(), body));
        }
    }
    let mut told = Vec::new();
    let mut pointer = String::new();
    let values = whole.finish(body, &mut pointer, &mut told);
    Restored { values, told }
}

/// Deeper origins are left out: the expression's parser does not go so deep.
const DEPTH: usize = 200;

fn put(origin: &Origin, printed: &Placed, into: &mut Whole, depth: usize) {
    if depth > DEPTH || matches!(printed.scalar(), Some(Value::Null)) {
        return;
    }
    match origin {
        Origin::At(path, _) => into.walk(path).set(printed),
        Origin::Known(path, implied, inner) => {
            let element = into.walk(path);
            put(inner, printed, element, depth + 1);
            element.say(implied, printed);
        }
        Origin::Each(path, implied, inner) => {
            let Some(items) = printed.items() else {
                into.rest(printed);
                return;
            };
            for item in items {
                if matches!(item.scalar(), Some(Value::Null)) {
                    continue;
                }
                let element = into.walk(path);
                put(inner, item, element, depth + 1);
                element.say(implied, item);
            }
        }
        Origin::Members(members) => {
            let Some(values) = printed.members() else {
                into.rest(printed);
                return;
            };
            for (name, value) in values {
                match members.iter().find(|(known, _)| known == name.as_str()) {
                    Some((_, Origin::Lost)) | None => into.aside(name.as_str(), value),
                    Some((_, member)) => put(member, value, into, depth + 1),
                }
            }
        }
        Origin::Parts(parts) => {
            let Some(values) = printed.items() else {
                into.rest(printed);
                return;
            };
            for (number, value) in values.iter().enumerate() {
                match parts.get(number) {
                    Some(Origin::Lost) | None => into.aside(&number.to_string(), value),
                    Some(part) => put(part, value, into, depth + 1),
                }
            }
        }
        Origin::Lost => into.rest(printed),
    }
}

impl Whole {
    /// A value that the command says.
    fn said(value: serde_json::Value, body: Piece<'_>) -> Self {
        Self {
            value: Some(Placed::value(value, body)),
            told: true,
            ..Self::default()
        }
    }

    fn walk(&mut self, path: &[Step]) -> &mut Self {
        let mut here = self;
        for step in path {
            here = match step {
                Step::Member(name) => here.members.entry(name.clone()).or_default(),
                Step::Element(which) => here.element(which),
            };
        }
        here
    }

    /// The element that was picked so, or a further one.
    fn element(&mut self, which: &str) -> &mut Self {
        let known = self.picked.get(which).copied().filter(|_| !which.is_empty());
        let place = known.unwrap_or(self.elements.len());
        if known.is_none() {
            self.elements.push((which.to_owned(), Self::default()));
            if !which.is_empty() {
                self.picked.insert(which.to_owned(), place);
            }
        }
        // It is there: the place is of one that was just found or pushed.
        match self.elements.get_mut(place) {
            Some((_, element)) => element,
            None => unreachable_element(&mut self.members),
        }
    }

    fn set(&mut self, printed: &Placed) {
        if self.value.is_none() {
            self.value = Some(printed.clone());
        }
    }

    /// Keeps what has no place in the answer.
    fn rest(&mut self, printed: &Placed) {
        self.members.entry(REMAINDER.to_owned()).or_default().set(printed);
    }

    fn aside(&mut self, name: &str, printed: &Placed) {
        if !matches!(printed.scalar(), Some(Value::Null)) {
            let rest = self.members.entry(REMAINDER.to_owned()).or_default();
            rest.members.entry(name.to_owned()).or_default().set(printed);
        }
    }

    /// Adds what the query says of an element.
    fn say(&mut self, implied: &[Implied], printed: &Placed) {
        // A value that is there already (the whole element was printed) says it itself.
        if self.value.is_some() {
            return;
        }
        let piece = printed.piece();
        for known in implied {
            let member = self.walk(&known.path);
            if member.value.is_none() && member.members.is_empty() {
                member.value = Some(Placed::value_at(known.value.clone(), piece.clone()));
                member.told = true;
            }
        }
    }

    fn finish(self, body: Piece<'_>, pointer: &mut String, told: &mut Vec<String>) -> Placed {
        if self.told {
            told.push(pointer.clone());
        }
        let mut found = match self.value {
            Some(value) if self.members.is_empty() && self.elements.is_empty() => return value,
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

/// Where an element cannot be found that was just added.
fn unreachable_element(members: &mut BTreeMap<String, Whole>) -> &mut Whole {
    members.entry(REMAINDER.to_owned()).or_default()
}
