//! The index of Kubernetes objects.

use super::Entity;
use crate::artifact::{Artifacts, Node, Value};

/// The kind, namespace and name of an object, where it has the first and the last.
fn key<'a>(node: &Node<'a>) -> Option<(&'a str, &'a str, &'a str)> {
    let metadata = node.value().get("metadata")?;
    let namespace = metadata.get("namespace").and_then(Value::as_str).unwrap_or_default();
    Some((node.str_of("kind")?, namespace, metadata.get("name")?.as_str()?))
}

/// All objects of all documents: single ones, and the items of lists. In the order of kind, namespace and name.
pub(super) fn index(artifacts: &Artifacts) -> Vec<Entity<'_>> {
    let mut nodes: Vec<Node<'_>> = Vec::new();
    for (_, root) in artifacts.roots() {
        if root.str_of("kind").is_some_and(|kind| kind.ends_with("List")) {
            nodes.extend(root.list("items").into_iter().filter(|node| key(node).is_some()));
        } else if key(&root).is_some() {
            nodes.push(root);
        }
    }
    // A stable sort: among equals the complete ones come first, and of these the one pasted first.
    nodes.sort_by(|a, b| key(a).cmp(&key(b)).then(b.complete().cmp(&a.complete())));
    let mut entities: Vec<Entity<'_>> = Vec::new();
    for node in nodes {
        let Some((kind, namespace, name)) = key(&node) else {
            continue;
        };
        match entities.last_mut() {
            Some(last) if last.key() == (kind, namespace, name) => last.views.push(node),
            _ => entities.push(Entity {
                kind: kind.to_owned(),
                namespace: namespace.to_owned(),
                name: name.to_owned(),
                views: vec![node],
            }),
        }
    }
    entities
}
