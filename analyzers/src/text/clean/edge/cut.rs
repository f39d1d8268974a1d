//! Lines that the edge cut.

use super::super::{Line, Note};
use super::width::width;

/// Lines that the edge cut, as `less -S`, k9s and `watch` show them.
pub(super) fn cut(part: &[Line<'_>], edge: usize, first: usize) -> Option<Note> {
    let marked = |line: &Line<'_>| {
        line.text.ends_with(['…', '>'])
            && width(line.text) == edge
            && (line.text.ends_with('…')
                || line.text.strip_suffix('>').is_some_and(|text| {
                    !text.rsplit(' ').next().unwrap_or_default().contains('<') && !text.ends_with(['-', '=', ' '])
                }))
    };
    let watched = part
        .first()
        .is_some_and(|line| line.text.starts_with("Every ") && line.text.contains("s: ") && width(line.text) == edge);
    let is_cut =
        |line: &Line<'_>| marked(line) || (watched && width(line.text) == edge && !line.text.starts_with("Every "));
    let count = part.iter().filter(|line| is_cut(line)).count();
    // One line that ends with `>` is a coincidence.
    if count == 0 || (count == 1 && !watched) {
        return None;
    }
    let place = |at: Option<usize>| first + at.unwrap_or(0);
    Some(Note {
        lines: (
            place(part.iter().position(is_cut)),
            place(part.iter().rposition(is_cut)),
        ),
        message: format!(
            "{count} lines were cut at the terminal's edge, after {edge} characters: their last cell is not whole and what stood \
             right of it is missing. Run the command again into a file, or with a wider terminal, and paste that."
        ),
        missing: true,
    })
}
