//! What the tests of parsers share: a paste is read as a whole, and its values are asked for by pointer.

use super::{Content, Document};
use crate::analysis::{Analysis, Input};

/// A paste that was read.
pub struct Read {
    analysis: Analysis,
    /// The format of the first segment.
    pub format: &'static str,
    /// The messages of all problems.
    pub problems: Vec<String>,
}

/// Reads a paste.
pub fn read(text: &str) -> Read {
    let input = Input {
        name: "paste".to_owned(),
        bytes: text.as_bytes().to_vec(),
    };
    let analysis = crate::analysis::read(vec![input], &mut |_| {});
    Read {
        format: analysis.segments.first().map_or("", |segment| segment.format.name()),
        problems: analysis
            .problems
            .iter()
            .map(|problem| problem.message.clone())
            .collect(),
        analysis,
    }
}

impl Read {
    fn document(&self) -> &Document {
        self.analysis
            .artifacts
            .iter()
            .find_map(|(_, artifact)| match &artifact.content {
                Content::Document(document) => Some(document),
                _ => None,
            })
            .unwrap()
    }

    /// Whether what is absent in the first document is known to be absent.
    pub fn complete(&self) -> bool {
        self.document().complete
    }

    /// The kind of the first artifact.
    pub fn kind(&self) -> &str {
        let mut artifacts = self.analysis.artifacts.iter();
        artifacts
            .find_map(|(_, artifact)| artifact.kinds.first())
            .map_or("", |(kind, _)| kind.as_str())
    }

    /// How many things the first artifact has.
    pub fn things(&self) -> usize {
        let mut artifacts = self.analysis.artifacts.iter();
        artifacts
            .find_map(|(_, artifact)| artifact.kinds.first())
            .map_or(0, |(_, count)| *count)
    }

    /// How many documents there are.
    pub fn documents(&self) -> usize {
        let artifacts = self.analysis.artifacts.iter();
        artifacts
            .filter(|(_, artifact)| matches!(artifact.content, Content::Document(_)))
            .count()
    }

    /// Checks that all of it is one segment of that format.
    pub fn is(&self, format: &str) {
        let formats: Vec<&str> = self
            .analysis
            .segments
            .iter()
            .map(|segment| segment.format.name())
            .collect();
        assert_eq!(formats, [format]);
    }

    /// The formats of all segments.
    pub fn formats(&self) -> Vec<&'static str> {
        self.analysis
            .segments
            .iter()
            .map(|segment| segment.format.name())
            .collect()
    }

    /// The kinds of all artifacts, the first of each.
    pub fn kinds(&self) -> Vec<String> {
        self.analysis
            .artifacts
            .iter()
            .filter_map(|(_, artifact)| Some(artifact.kinds.first()?.0.clone()))
            .collect()
    }

    /// The value at a pointer of an artifact that is a document, printed, and the text that is cited for it.
    pub fn cited(&self, artifact: usize, pointer: &str) -> (String, String) {
        let id = super::ArtifactId(artifact);
        let value = self
            .analysis
            .artifacts
            .document(id)
            .map(|document| document.value.to_json());
        let text = match value.as_ref().and_then(|value| value.pointer(pointer)) {
            Some(serde_json::Value::String(text)) => text.clone(),
            Some(value) => value.to_string(),
            None => String::new(),
        };
        let span = self.analysis.artifacts.locate(&self.analysis.sources, id, pointer);
        (
            text,
            span.map_or("", |span| self.analysis.sources.text(span)).to_owned(),
        )
    }

    /// The value at a pointer of the first document, printed; empty where there is none.
    pub fn at(&self, pointer: &str) -> String {
        let value = self.document().value.to_json();
        match value.pointer(pointer) {
            Some(serde_json::Value::String(text)) => text.clone(),
            Some(value) => value.to_string(),
            None => String::new(),
        }
    }

    /// All values of the first document as JSON.
    pub fn json(&self) -> String {
        self.document().value.to_json().to_string()
    }

    /// How many elements the array at a pointer has.
    pub fn count(&self, pointer: &str) -> usize {
        let value = self.document().value.to_json();
        value
            .pointer(pointer)
            .and_then(|value| value.as_array())
            .map_or(0, Vec::len)
    }

    /// The text that is cited for a pointer.
    pub fn shown(&self, pointer: &str) -> String {
        let span = self.document().locate(&self.analysis.sources, pointer);
        self.analysis.sources.text(span).to_owned()
    }
}
