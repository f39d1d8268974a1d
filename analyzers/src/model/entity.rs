//! One object with everything that was pasted of it.

use crate::artifact::Node;
use crate::evidence::{Evidence, Fact};

/// An object with all its views, the complete ones first.
#[derive(Debug, Clone)]
pub struct Entity<'a> {
    /// `Pod`, `Service` …
    pub kind: &'a str,
    /// Empty where the kind has none, or where it was not printed.
    pub namespace: &'a str,
    /// The name.
    pub name: &'a str,
    /// What was pasted of it.
    pub views: Vec<Node<'a>>,
}

impl<'a> Entity<'a> {
    /// What the index orders entities by.
    pub(super) fn key(&self) -> (&'a str, &'a str, &'a str) {
        (self.kind, self.namespace, self.name)
    }

    /// `shop/cart-0`, or the name alone where there is no namespace.
    pub fn path(&self) -> String {
        if self.namespace.is_empty() {
            self.name.to_owned()
        } else {
            format!("{}/{}", self.namespace, self.name)
        }
    }

    /// `Pod shop/cart-0`: how findings name their subjects.
    pub fn subject(&self) -> String {
        format!("{} {}", self.kind, self.path())
    }

    /// Whether the whole object was pasted, so that an absent field is known to be absent.
    pub fn complete(&self) -> bool {
        self.views.iter().any(Node::complete)
    }

    /// The first view that has something at `path`.
    pub fn at(&self, path: &[&str]) -> Option<Node<'a>> {
        self.views.iter().find_map(|view| view.at(path))
    }

    /// The string at `path`, where its place does not matter.
    pub fn str(&self, path: &[&str]) -> Option<&'a str> {
        let reach = |view: &Node<'a>| path.iter().try_fold(view.value(), |value, name| value.get(name));
        self.views
            .iter()
            .filter_map(reach)
            .find(|value| !value.is_null())?
            .as_str()
    }

    /// The string at `path`.
    pub fn fact(&self, path: &[&str]) -> Option<Fact<String>> {
        self.at(path)?.fact()
    }

    /// The truth value at `path`; `None` where it was not pasted, or is absent.
    pub fn bool(&self, path: &[&str]) -> Option<Fact<bool>> {
        let node = self.at(path)?;
        Some(Fact::new(node.bool()?, node.evidence()))
    }

    /// Where the object stands: its name in the first view that has it.
    pub fn evidence(&self) -> Option<Evidence> {
        let view = self.views.first()?;
        Some(view.at(&["metadata", "name"]).as_ref().unwrap_or(view).evidence())
    }
}
