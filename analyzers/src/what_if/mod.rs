//! What would be if one fact were another one: a value of a document is changed, and the path is computed again.
//!
//! What is assumed is never evidence: a step that rests on it cites nothing of it, says *if*, and claims no more than `assumed`. The documents
//! themselves stay what was pasted: a change is put in for as long as one path is computed, and taken out again.

mod mark;
mod patch;
mod remedies;
#[cfg(test)]
mod tests;
mod written;

use crate::analysis::Analysis;
use crate::artifact::{ArtifactId, Value};
use crate::flow::{Flow, packet_path};
use crate::model::Model;

pub use remedies::{Remedy, remedies};
pub use written::{parse, write};

/// One fact that is assumed to be another one.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The document.
    pub artifact: ArtifactId,
    /// An RFC 6901 pointer; `-` is behind the last element of an array (RFC 6902, section 4.1). What is missing on the way is made.
    pub pointer: String,
    /// The value; `None` takes a member of an object out.
    pub value: Option<Value>,
    /// The assumption in words, as they follow an *if*: `sg-0abc lets TCP 443 in from 10.0.0.0/8`.
    pub words: String,
}

/// Why a change cannot be made, in a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Impossible(pub String);

impl std::fmt::Display for Impossible {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Impossible {}

/// A change that was made.
struct Made {
    artifact: ArtifactId,
    /// The pointer, with the number of the element in the place of `-`.
    pointer: String,
    words: String,
}

/// What `then` makes of the model in which the changes are made.
///
/// # Errors
/// Where a document has no such place.
fn assume<T>(
    analysis: &mut Analysis,
    changes: &[Change],
    then: impl FnOnce(&Model<'_>, &[Made]) -> T,
) -> Result<T, Impossible> {
    let mut made = Vec::new();
    let mut before = Vec::new();
    let mut refused = None;
    for change in changes {
        let document = analysis.artifacts.document(change.artifact);
        let Some(mut value) = document.map(|document| document.value.clone()) else {
            refused = Some(Impossible("There is no such document.".to_owned()));
            break;
        };
        let Some(pointer) = patch::put(&mut value, &change.pointer, change.value.as_ref()) else {
            refused = Some(Impossible(format!("The document has no place `{}`.", change.pointer)));
            break;
        };
        made.push(Made {
            artifact: change.artifact,
            pointer,
            words: change.words.clone(),
        });
        if let Some(old) = analysis.artifacts.put_value(change.artifact, value) {
            before.push((change.artifact, old));
        }
    }
    let answer = match refused {
        Some(why) => Err(why),
        None => Ok(then(&analysis.model(), &made)),
    };
    // The last one first: a document can be changed twice.
    for (artifact, value) in before.into_iter().rev() {
        analysis.artifacts.put_value(artifact, value);
    }
    answer
}

/// A path with changes; without any it is the path as it was pasted.
///
/// # Errors
/// Where a document has no such place, or nobody can ask for this path again.
pub fn path(analysis: &mut Analysis, flow: &Flow, changes: &[Change]) -> Result<Flow, Impossible> {
    let gone = || Impossible("With that the path is not asked any more.".to_owned());
    let base = packet_path::again(&analysis.model(), flow).ok_or_else(gone)?;
    if changes.is_empty() {
        return Ok(base);
    }
    assume(analysis, changes, |model, made| {
        let changed = packet_path::again(model, flow)?;
        Some(mark::mark(changed, &base, made))
    })?
    .ok_or_else(gone)
}
