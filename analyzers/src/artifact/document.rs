//! A tree of values that knows where each of them stands: JSON, YAML, or a table read into the same shape.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::rc::Rc;

use super::{ArtifactId, Cut, Placed, Places, Value};
use crate::evidence::{Evidence, Fact};
use crate::text::{Sources, Span};

/// How a document is written, which decides how a pointer is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// JSON (RFC 8259).
    Json,
    /// One document of a YAML stream.
    Yaml,
    /// A printed table (or a single value): [`Document::locate`] knows its cells.
    Table,
    /// Any other text, whose parser kept the [`Places`] of its values.
    Placed,
}

/// Where the values of a document stand.
#[derive(Debug, Clone)]
pub(super) enum Whereabouts {
    /// Of JSON and YAML.
    Tree(super::outline::Outline),
    /// Of a table.
    Rows(super::kubectl::table::Rows),
    /// The document has them itself.
    Kept,
}

/// A tree of values read from one span.
#[derive(Debug, Clone)]
pub struct Document {
    /// Where it stands.
    pub span: Span,
    /// How it is written.
    pub syntax: Syntax,
    /// The values, in the shape of the API that they come from, also where less was printed (tables, `--query`).
    pub value: Value,
    /// The pointer in [`value`](Self::value) at which the printed text begins: not empty where `--query` cut the outer part away.
    pub prefix: String,
    /// Whether a field that is absent here is absent in the API too. Tables, `--query` and cut pastes are not complete.
    pub complete: bool,
    /// Where elements of lists, or the rest of values, may be missing.
    pub cut: Cut,
    /// Where single values stand that the text's own syntax does not tell: arguments of the command, a scalar printed alone. A table's
    /// cells are not here (that would be an entry for each of a million cells): [`locate`](Self::locate) reads the row again.
    pub cells: BTreeMap<String, Span>,
    /// Where the values stand, for [`Syntax::Placed`].
    pub places: Places,
}

impl Document {
    /// A document of values that a parser read one by one; the pieces count from the beginning of `span`.
    pub fn placed(span: Span, values: Placed, complete: bool) -> Self {
        let (value, places) = values.finish();
        Self {
            span,
            syntax: Syntax::Placed,
            value,
            prefix: String::new(),
            complete,
            cut: Cut::Nowhere,
            cells: BTreeMap::new(),
            places,
        }
    }

    /// The bytes of the value at `pointer`; where it cannot be told, those of the nearest value around it. It reads the text for this one
    /// value: [`Artifacts::locate`](super::Artifacts::locate) keeps what it found for the next one.
    pub fn locate(&self, sources: &Sources, pointer: &str) -> Span {
        self.locate_in(&self.whereabouts(sources), sources, pointer)
    }

    /// Where all of its values stand, in one pass over the text.
    pub(super) fn whereabouts(&self, sources: &Sources) -> Whereabouts {
        let text = sources.text(self.span);
        match self.syntax {
            Syntax::Json => Whereabouts::Tree(super::json::outline(text)),
            Syntax::Yaml => Whereabouts::Tree(super::yaml::outline(text)),
            Syntax::Table => Whereabouts::Rows(super::kubectl::table::rows(text, &self.value)),
            Syntax::Placed => Whereabouts::Kept,
        }
    }

    /// The same as [`locate`](Self::locate), in what was found before.
    pub(super) fn locate_in(&self, whereabouts: &Whereabouts, sources: &Sources, pointer: &str) -> Span {
        let mut at = pointer;
        loop {
            if let Some(span) = self.cells.get(at) {
                return *span;
            }
            if (at.ends_with("/metadata/namespace") || at.ends_with("/involvedObject/namespace"))
                && let Some(span) = self.cells.get(super::kubectl::table::NAMESPACE_OF_COMMAND)
            {
                return *span;
            }
            if let Some(inner) = at.strip_prefix(self.prefix.as_str())
                && (inner.is_empty() || inner.starts_with('/'))
            {
                let text = sources.text(self.span);
                let found = match whereabouts {
                    Whereabouts::Tree(places) => places.find(inner).map(|range| {
                        let kept = text
                            .get(range.clone())
                            .map_or(range.len(), |text| text.trim_end().len());
                        range.start..range.start + kept
                    }),
                    Whereabouts::Rows(rows) => rows.find(text, &self.value, inner),
                    Whereabouts::Kept => self.places.locate(&self.value, inner),
                };
                if let Some(range) = found {
                    return self.span.slice(range);
                }
            }
            match at.rfind('/') {
                Some(cut) => at = at.get(..cut).unwrap_or(""),
                None => return self.span,
            }
        }
    }
}

/// A value in a document, and the way there. Cheap to copy around; every read keeps its evidence.
#[derive(Debug, Clone)]
pub struct Node<'a> {
    artifact: ArtifactId,
    document: &'a Document,
    way: Way,
    value: &'a Value,
}

/// A pointer. The elements of a list share theirs up to their number: a table has a million rows, of which few are ever cited.
#[derive(Debug, Clone)]
struct Way {
    to: Rc<str>,
    /// One more than the element's number.
    element: Option<NonZeroUsize>,
}

impl Way {
    fn of(pointer: &str) -> Self {
        Self {
            to: pointer.into(),
            element: None,
        }
    }

    fn pointer(&self) -> String {
        match self.element {
            Some(element) => format!("{}/{}", self.to, element.get() - 1),
            None => self.to.to_string(),
        }
    }
}

impl<'a> Node<'a> {
    /// The root of a document.
    pub fn root(artifact: ArtifactId, document: &'a Document) -> Self {
        Self {
            artifact,
            document,
            way: Way::of(""),
            value: &document.value,
        }
    }

    /// The value.
    pub fn value(&self) -> &'a Value {
        self.value
    }

    /// The RFC 6901 pointer of the value.
    pub fn pointer(&self) -> String {
        self.way.pointer()
    }

    /// Which artifact this is in.
    pub fn artifact(&self) -> ArtifactId {
        self.artifact
    }

    /// Whether an absent field means that the API object does not have it (see [`Document::complete`]).
    pub fn complete(&self) -> bool {
        self.document.complete
    }

    /// Whether something that its command printed here may be missing: the paste breaks off here, or something picked from it. Then a list
    /// shows what there is, and not what there is not.
    pub fn cut(&self) -> bool {
        match &self.document.cut {
            Cut::Nowhere => false,
            Cut::Anywhere => true,
            cut @ Cut::Behind(_) => cut.touches(&self.pointer()),
        }
    }

    fn child(&self, token: &str, value: &'a Value) -> Self {
        let escaped = if token.contains(['~', '/']) {
            Cow::Owned(token.replace('~', "~0").replace('/', "~1"))
        } else {
            Cow::Borrowed(token)
        };
        let mut pointer = self.pointer();
        pointer.push('/');
        pointer.push_str(&escaped);
        self.with(Way::of(&pointer), value)
    }

    fn with(&self, way: Way, value: &'a Value) -> Self {
        Self {
            artifact: self.artifact,
            document: self.document,
            way,
            value,
        }
    }

    /// The member of that name. A `null` counts as absent, as it does in the Kubernetes and AWS APIs.
    pub fn get(&self, key: &str) -> Option<Self> {
        let value = self.value.as_object()?.get(key)?;
        (!value.is_null()).then(|| self.child(key, value))
    }

    /// The member reached by several names: `node.at(&["spec", "nodeName"])`.
    pub fn at(&self, path: &[&str]) -> Option<Self> {
        path.iter().try_fold(self.clone(), |node, key| node.get(key))
    }

    /// The elements of an array; none where it is not one.
    pub fn items(&self) -> Vec<Self> {
        let Some(array) = self.value.as_array() else {
            return Vec::new();
        };
        let to: Rc<str> = self.pointer().into();
        let element = |number: usize| NonZeroUsize::MIN.checked_add(number);
        array
            .iter()
            .enumerate()
            .map(|(number, value)| {
                let way = Way {
                    to: Rc::clone(&to),
                    element: element(number),
                };
                self.with(way, value)
            })
            .collect()
    }

    /// The elements of the array member of that name; none where it is absent.
    pub fn list(&self, key: &str) -> Vec<Self> {
        self.get(key).map(|node| node.items()).unwrap_or_default()
    }

    /// The elements, or the value itself as the only one: AWS policies write either.
    pub fn one_or_many(&self) -> Vec<Self> {
        if self.value.is_array() {
            self.items()
        } else {
            vec![self.clone()]
        }
    }

    /// The members of an object, by name.
    pub fn members(&self) -> Vec<(&'a str, Self)> {
        let Some(object) = self.value.as_object() else {
            return Vec::new();
        };
        object
            .iter()
            .map(|(key, value)| (key, self.child(key, value)))
            .collect()
    }

    /// The string here.
    pub fn str(&self) -> Option<&'a str> {
        self.value.as_str()
    }

    /// The string member of that name.
    pub fn str_of(&self, key: &str) -> Option<&'a str> {
        self.value.as_object()?.get(key)?.as_str()
    }

    /// The number here, also when it was written as a string, as AWS attribute values and ports often are.
    pub fn number(&self) -> Option<i64> {
        self.value
            .as_i64()
            .or_else(|| self.value.as_str().and_then(|text| text.trim().parse().ok()))
    }

    /// The truth value here, also when it was written as a string.
    pub fn bool(&self) -> Option<bool> {
        match self.value {
            Value::Bool(value) => Some(*value),
            Value::String(text) => text.as_str().parse().ok(),
            _ => None,
        }
    }

    /// Where the value stands.
    pub fn evidence(&self) -> Evidence {
        Evidence::Node {
            artifact: self.artifact,
            pointer: self.pointer(),
        }
    }

    /// The string here together with where it stands.
    pub fn fact(&self) -> Option<Fact<String>> {
        self.str().map(|text| Fact::new(text.to_owned(), self.evidence()))
    }

    /// The string at `path` together with where it stands.
    pub fn fact_at(&self, path: &[&str]) -> Option<Fact<String>> {
        self.at(path)?.fact()
    }
}
