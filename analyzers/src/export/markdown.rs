//! Markdown, for postmortem documents.

use crate::analysis::Analysis;

/// The whole diagnosis: findings with whys and citations, what to run next, pictures as Mermaid.
pub fn report(analysis: &Analysis) -> String {
    let _ = analysis;
    String::new()
}
