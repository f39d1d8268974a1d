//! The index of Kubernetes objects.

use std::collections::BTreeMap;

use super::Entity;
use crate::artifact::{Artifacts, Node};

/// The kind, namespace and name of an object, where it has the first and the last.
pub fn kind_and_name(node: &Node<'_>) -> Option<(String, String, String)> {
    let kind = node.str_of("kind")?;
    let metadata = node.get("metadata")?;
    let name = metadata.str_of("name")?;
    let namespace = metadata.str_of("namespace").unwrap_or_default();
    Some((kind.to_owned(), namespace.to_owned(), name.to_owned()))
}

/// All objects of all documents: single ones, and the items of lists.
pub(super) fn index(artifacts: &Artifacts) -> BTreeMap<(String, String, String), Entity<'_>> {
    let mut entities: BTreeMap<(String, String, String), Entity<'_>> = BTreeMap::new();
    for (_, root) in artifacts.roots() {
        let is_list = root.str_of("kind").is_some_and(|kind| kind.ends_with("List"));
        let nodes = if is_list { root.list("items") } else { vec![root] };
        for node in nodes {
            let Some(key) = kind_and_name(&node) else {
                continue;
            };
            let entity = entities.entry(key.clone()).or_insert_with(|| Entity {
                kind: key.0,
                namespace: key.1,
                name: key.2,
                views: Vec::new(),
            });
            entity.views.push(node);
        }
    }
    for entity in entities.values_mut() {
        // A stable sort: among equals the one pasted first stays first.
        entity.views.sort_by_key(|view| !view.complete());
    }
    entities
}
