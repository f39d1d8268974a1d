//! AWS access key ids: `AKIA…` (long-term) and `ASIA…` (temporary), as the IAM User Guide lists unique id prefixes.

use super::{Secret, follows, run};

/// Finds access key ids.
pub fn find(text: &str, out: &mut Vec<Secret>) {
    out.extend(ids(text).map(|start| (start..start + LENGTH, "aws-access-key-id")));
}

/// Bytes of an access key id.
pub const LENGTH: usize = 20;

/// Where access key ids begin.
pub fn ids(text: &str) -> impl Iterator<Item = usize> {
    ["AKIA", "ASIA"]
        .into_iter()
        .flat_map(move |prefix| text.match_indices(prefix))
        .map(|(at, _)| at)
        .filter(move |&at| {
            !follows(text, at, |b| b.is_ascii_alphanumeric())
                && run(text.get(..text.len().min(at + LENGTH + 1)).unwrap_or(text), at, |b| {
                    b.is_ascii_uppercase() || b.is_ascii_digit()
                }) == LENGTH
                && !text.as_bytes().get(at + LENGTH).is_some_and(u8::is_ascii_alphanumeric)
        })
}
