//! Whose the outermost members of a fragment are: where the command asked for one object of a known kind, what stands at the document's left
//! edge is that object's.

use std::collections::BTreeMap;

use crate::artifact::kubectl::table;
use crate::artifact::{Artifact, Artifacts, Content, Document, Placed, Value};
use crate::segment::formats::Part;
use crate::segment::resolved;
use crate::text::{Piece, Span};

/// The object that a command asked for.
pub struct Asked {
    version: &'static str,
    kind: &'static str,
    name: Option<String>,
    namespace: Option<String>,
    at: Span,
}

/// The object of `kubectl get KIND NAME -o yaml`, unless the pipeline moved the lines.
pub fn of(part: &Part<'_>) -> Option<Asked> {
    let line = part.command()?;
    let moved = |words: &Vec<String>| {
        words
            .first()
            .is_some_and(|program| matches!(program.as_str(), "jq" | "yq"))
    };
    if !line.is_kubectl() || line.pipeline.iter().any(moved) {
        return None;
    }
    let words = line.positional();
    let (resource, name) = match words.as_slice() {
        ["get", object] => object.split_once('/')?,
        ["get", resource, name] if !resource.contains(['/', ',']) => (*resource, *name),
        _ => return None,
    };
    let (version, kind) = table::api_of(resource)?;
    Some(Asked {
        version,
        kind,
        name: resolved(name).map(str::to_owned),
        namespace: line.name(&["-n", "--namespace"]).map(str::to_owned),
        at: part.segment.command.as_ref()?.span,
    })
}

/// The names that `metadata` has (apimachinery `meta/v1`, `ObjectMeta`).
const METADATA: [&str; 15] = [
    "annotations",
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "finalizers",
    "generateName",
    "generation",
    "labels",
    "managedFields",
    "name",
    "namespace",
    "ownerReferences",
    "resourceVersion",
    "selfLink",
    "uid",
];

impl Asked {
    /// Whether a text in the second column of names can stand only in `data`: a config map has no other texts there than those of
    /// `metadata`, whose names are known, and those of `binaryData`, which are base64 (core/v1, `ConfigMap`).
    pub fn is_data(&self, name: &str, value: &Placed) -> bool {
        let text = value.scalar().and_then(Value::as_str).unwrap_or_default();
        let binary = text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='));
        self.kind == "ConfigMap" && !binary && !METADATA.contains(&name)
    }

    /// Adds the object with these members of it.
    pub fn add(
        self,
        part: &Part<'_>,
        whole: Piece<'_>,
        members: impl Iterator<Item = Placed>,
        data: Vec<Placed>,
        artifacts: &mut Artifacts,
    ) {
        let mut root = Placed::object(whole);
        for fragment in members {
            for (name, member) in fragment.into_members().unwrap_or_default() {
                // What stood below a name that was let through alone is not known.
                if member.scalar() != Some(&Value::Null) {
                    root.put(name.as_str(), member);
                }
            }
        }
        for fragment in data {
            for (name, member) in fragment.into_members().unwrap_or_default() {
                root.put_at(&["data", name.as_str()], whole, member);
            }
        }
        let mut cells = BTreeMap::new();
        let mut told = |root: &mut Placed, path: &[&str], value: &str| {
            let inner = path.split_last().map_or(&[][..], |(_, way)| way);
            let here = match inner {
                [name] => root
                    .members()
                    .and_then(|members| members.iter().find(|(key, _)| key.as_str() == *name))
                    .is_some_and(|(_, member)| path.last().is_some_and(|last| member.has(last))),
                _ => path.last().is_some_and(|last| root.has(last)),
            };
            if !here {
                root.put_at(path, whole.part(0..0), Placed::value(value, whole.part(0..0)));
                cells.insert(format!("/{}", path.join("/")), self.at);
            }
        };
        told(&mut root, &["apiVersion"], self.version);
        told(&mut root, &["kind"], self.kind);
        if let Some(name) = &self.name {
            told(&mut root, &["metadata", "name"], name);
        }
        if let Some(namespace) = &self.namespace {
            told(&mut root, &["metadata", "namespace"], namespace);
        }
        let mut document = Document::placed(part.span(), root, false);
        document.cells = cells;
        artifacts.add(Artifact {
            segment: part.index,
            span: part.span(),
            kinds: vec![(format!("{}/{}", self.version, self.kind), 1)],
            content: Content::Document(document),
        });
    }
}
