//! A change as somebody writes it: `[SOURCE:]LINE#POINTER=VALUE`.

use super::{Change, Impossible, patch};
use crate::analysis::Analysis;
use crate::artifact::{ArtifactId, Value};

/// Reads a change: the document is told by a line of its command or its output, the value is JSON, else a word. Nothing behind the `=` takes
/// the member out.
///
/// # Errors
/// What is wrong with it.
pub fn parse(analysis: &Analysis, text: &str) -> Result<Change, Impossible> {
    let wants = || Impossible(format!("`{text}` is no change; write [SOURCE:]LINE#/POINTER=VALUE"));
    let (document, rest) = text.split_once('#').ok_or_else(wants)?;
    let (pointer, value) = rest.split_once('=').ok_or_else(wants)?;
    let (source, line) = match document.rsplit_once(':') {
        Some((source, line)) => (Some(source), line),
        None => (None, document),
    };
    let line: usize = line.trim().parse().map_err(|_| wants())?;
    let artifact = document_at(analysis, source, line)
        .ok_or_else(|| Impossible(format!("No document with values stands at line {line}.")))?;
    let value = match value.trim() {
        "" => None,
        value => {
            Some(serde_json::from_str::<serde_json::Value>(value).map_or_else(|_| Value::from(value), Value::from))
        }
    };
    let mut probe = analysis
        .artifacts
        .document(artifact)
        .map(|document| document.value.clone())
        .unwrap_or_default();
    patch::put(&mut probe, pointer, value.as_ref())
        .ok_or_else(|| Impossible(format!("The document at line {line} has no place `{pointer}`.")))?;
    Ok(Change {
        artifact,
        pointer: pointer.to_owned(),
        words: match &value {
            Some(value) => format!("{pointer} is {}", value.to_json()),
            None => format!("there is no {pointer}"),
        },
        value,
    })
}

fn document_at(analysis: &Analysis, source: Option<&str>, line: usize) -> Option<ArtifactId> {
    let mut of_segment = None;
    for (id, artifact) in analysis.artifacts.iter() {
        if analysis.artifacts.document(id).is_none()
            || source.is_some_and(|source| analysis.sources.name(artifact.span.source) != source)
        {
            continue;
        }
        let lines = analysis.sources.lines(artifact.span);
        if (lines.first..=lines.last).contains(&line) {
            return Some(id);
        }
        let whole = analysis.segments.get(artifact.segment)?;
        let lines = analysis.sources.lines(whole.span);
        if of_segment.is_none() && (lines.first..=lines.last).contains(&line) {
            of_segment = Some(id);
        }
    }
    of_segment
}

/// Writes a change so that it is read again.
pub fn write(analysis: &Analysis, change: &Change) -> Option<String> {
    let artifact = analysis.artifacts.get(change.artifact)?;
    let line = analysis.sources.lines(artifact.span).first;
    let source = match analysis.sources.iter().count() {
        1 => String::new(),
        _ => format!("{}:", analysis.sources.name(artifact.span.source)),
    };
    let value = change.value.as_ref().map(|value| value.to_json().to_string());
    Some(format!(
        "{source}{line}#{}={}",
        change.pointer,
        value.unwrap_or_default()
    ))
}
