//! Where a fact was read, and the same as lines once it is shown.

use serde::Serialize;

use crate::artifact::{ArtifactId, Artifacts};
use crate::text::{LineRange, Sources, Span};

/// Where a fact was read. A fact without one cannot enter the model.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// Bytes of a source.
    Text(Span),
    /// A value in a JSON, YAML or table document: its lines are looked up only when it is shown, so that reading stays fast.
    Node {
        /// The artifact that holds the document.
        artifact: ArtifactId,
        /// An RFC 6901 pointer from the document's root.
        pointer: String,
    },
}

/// Evidence as the reader sees it: the shape of `contract.md`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Citation {
    /// File or paste name.
    pub source: String,
    /// First and last line, 1-based.
    pub lines: LineRange,
    /// The pointer into the document, for JSON and YAML.
    pub pointer: Option<String>,
    /// The first of the lines, trimmed.
    pub text: String,
}

impl Evidence {
    /// The bytes that this evidence points at.
    pub fn span(&self, sources: &Sources, artifacts: &Artifacts) -> Option<Span> {
        match self {
            Self::Text(span) => Some(*span),
            Self::Node { artifact, pointer } => artifacts.locate(sources, *artifact, pointer),
        }
    }

    /// Looks the lines up.
    pub fn cite(&self, sources: &Sources, artifacts: &Artifacts) -> Option<Citation> {
        let span = self.span(sources, artifacts)?;
        let lines = sources.lines(span);
        Some(Citation {
            source: sources.name(span.source).to_owned(),
            lines,
            pointer: match self {
                Self::Node { pointer, .. } => Some(pointer.clone()),
                Self::Text(_) => None,
            },
            text: sources.line(span.source, lines.first).trim().to_owned(),
        })
    }
}

/// A value together with where it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact<T> {
    /// The value.
    pub value: T,
    /// Where it was read.
    pub evidence: Evidence,
}

impl<T> Fact<T> {
    /// A value read at `evidence`.
    pub fn new(value: T, evidence: Evidence) -> Self {
        Self { value, evidence }
    }

    /// The same evidence for a value made from this one.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Fact<U> {
        Fact {
            value: f(self.value),
            evidence: self.evidence,
        }
    }
}
