//! User data in base64, as the EC2 API gives it (EC2 API reference, `DescribeInstanceAttribute`, `ResponseLaunchTemplateData`), perhaps
//! packed with gzip, which cloud-init unpacks. Every fact in it stands at the base64.

use super::content::{self, Inner};
use super::{FORMAT, kind_of};
use crate::archive;
use crate::artifact::{Artifact, ArtifactId, Artifacts, Content, Document, Placed, Value, base64};
use crate::problem::Problem;
use crate::text::{Piece, Sources, Span};

/// More than any: EC2 takes 16 KB.
const MOST: usize = 1 << 20;

/// Reads the user data in an answer of AWS that was just added.
pub fn of_answer(sources: &Sources, id: ArtifactId, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let Some(document) = artifacts.document(id) else { return };
    let Some(segment) = artifacts.get(id).map(|artifact| artifact.segment) else {
        return;
    };
    let spans: Vec<Span> = pointers(&document.value)
        .iter()
        .filter_map(|pointer| artifacts.locate(sources, id, pointer))
        .collect();
    for span in spans {
        add(sources, segment, span, artifacts, problems);
    }
}

/// The pointers to user data in an answer of EC2 or of Auto Scaling.
fn pointers(value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut see = |data: Option<&Value>, pointer: String| match data {
        Some(Value::String(text)) if !text.as_str().trim().is_empty() => found.push(pointer),
        Some(Value::Object(members))
            if members
                .get("Value")
                .and_then(Value::as_str)
                .is_some_and(|text| !text.is_empty()) =>
        {
            found.push(format!("{pointer}/Value"));
        }
        _ => {}
    };
    see(value.get("UserData"), "/UserData".to_owned());
    if let Some(data) = value.get("LaunchTemplateData") {
        see(data.get("UserData"), "/LaunchTemplateData/UserData".to_owned());
    }
    for (list, inner) in [
        ("LaunchTemplateVersions", "LaunchTemplateData"),
        ("LaunchConfigurations", ""),
    ] {
        let items = value.get(list).and_then(Value::as_array).unwrap_or_default();
        for (i, item) in items.iter().enumerate() {
            if inner.is_empty() {
                see(item.get("UserData"), format!("/{list}/{i}/UserData"));
            } else if let Some(data) = item.get(inner) {
                see(data.get("UserData"), format!("/{list}/{i}/{inner}/UserData"));
            }
        }
    }
    found
}

/// The base64 in what shows it: of `"UserData": "IyEv…"` the value.
fn value_of(text: Piece<'_>) -> Piece<'_> {
    let trimmed = text.trim();
    if !trimmed.contains('"') {
        return trimmed.rsplit_once(": ").map_or(trimmed, |(_, value)| value.trim());
    }
    let end = trimmed.strip_suffix("\"").unwrap_or(trimmed);
    end.rsplit_once("\"").map_or(end, |(_, value)| value)
}

/// Reads the base64 at `at` as user data.
pub fn add(sources: &Sources, segment: usize, at: Span, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let value = value_of(Piece::new(sources.text(at)));
    let span = at.slice(value.range());
    let unpacked = base64::decode(&value).and_then(|bytes| {
        if bytes.starts_with(b"\x1f\x8b") {
            archive::gunzip(&bytes, MOST)
        } else {
            Some(bytes)
        }
    });
    let Some(text) = unpacked.and_then(|bytes| String::from_utf8(bytes).ok()) else {
        problems.push(Problem::new(
            span,
            "This user data is no base64 of a text; it may be cut or blacked out, so that nothing of it could be read.",
        ));
        return;
    };
    let found = content::read(Piece::new(&text));
    for (_, message) in found.faults {
        problems.push(Problem::new(span, message));
    }
    // All values stand at the base64.
    let mut documents = vec![(FORMAT.name().to_owned(), found.values.all_at(value))];
    documents.extend(found.inner.into_iter().map(Inner::value).map(|inner| {
        let kind = kind_of(&inner);
        (kind, Placed::tree(inner, value))
    }));
    for (kind, values) in documents {
        artifacts.add(Artifact {
            segment,
            span,
            kinds: vec![(kind, 1)],
            content: Content::Document(Document::placed(at, values, true)),
        });
    }
}
