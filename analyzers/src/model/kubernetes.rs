//! The index of Kubernetes objects.

use super::Entity;
use crate::artifact::{Artifacts, Node, Value};

/// Kind, namespace and name.
type Key<'a> = (&'a str, &'a str, &'a str);

/// The key of an object that has a kind and a name.
fn key<'a>(node: &Node<'a>) -> Option<Key<'a>> {
    let metadata = node.value().get("metadata")?;
    let namespace = metadata.get("namespace").and_then(Value::as_str).unwrap_or_default();
    Some((node.str_of("kind")?, namespace, metadata.get("name")?.as_str()?))
}

/// Lists stand in lists, and in arrays, no deeper than this.
const DEPTH: usize = 3;

/// The objects in a document: itself, the items of a list, the elements of an array.
fn collect<'a>(node: Node<'a>, depth: usize, nodes: &mut Vec<(Key<'a>, Node<'a>)>) {
    let inner = if node.value().as_array().is_some() {
        node.items()
    } else if node.str_of("kind").is_some_and(|kind| kind.ends_with("List")) {
        node.list("items")
    } else {
        if let Some(key) = key(&node) {
            nodes.push((key, node));
        }
        return;
    };
    if depth > 0 {
        for node in inner {
            collect(node, depth - 1, nodes);
        }
    }
}

/// All objects of all documents: single ones, and the items of lists. In the order of kind, namespace and name.
pub(super) fn index(artifacts: &Artifacts) -> Vec<Entity<'_>> {
    // Each key is looked up once: a large table has a million objects.
    let mut nodes: Vec<(Key<'_>, Node<'_>)> = Vec::new();
    for (_, root) in artifacts.roots() {
        collect(root, DEPTH, &mut nodes);
    }
    // A stable sort: among equals the complete ones come first, and of these the one pasted first.
    let order = |(a, left): &(Key<'_>, Node<'_>), (b, right): &(Key<'_>, Node<'_>)| {
        a.cmp(b).then_with(|| right.complete().cmp(&left.complete()))
    };
    // kubectl prints them in this order, and sorting takes memory of its own.
    if !nodes.is_sorted_by(|a, b| order(a, b).is_le()) {
        nodes.sort_by(order);
    }
    let mut entities: Vec<Entity<'_>> = Vec::new();
    for ((kind, namespace, name), node) in nodes {
        match entities.last_mut() {
            Some(last) if last.key() == (kind, namespace, name) => last.views.push(node),
            _ => entities.push(Entity {
                kind,
                namespace,
                name,
                views: vec![node],
            }),
        }
    }
    entities
}
