//! The lines of a text.

/// The lines of a text without their endings, each with the offset of the byte after it.
pub fn ends(text: &str) -> impl Iterator<Item = (&str, usize)> {
    let mut at = 0;
    let mut newlines = memchr::memchr_iter(b'\n', text.as_bytes());
    std::iter::from_fn(move || {
        let start = at;
        at = newlines.next().map_or(text.len(), |end| end + 1);
        let full = text.get(start..at).filter(|full| !full.is_empty())?;
        Some((without_ending(full), at))
    })
}

/// A line without what ends it.
fn without_ending(full: &str) -> &str {
    let mut line = full;
    while let Some(shorter) = line.strip_suffix('\n').or_else(|| line.strip_suffix('\r')) {
        line = shorter;
    }
    line
}
