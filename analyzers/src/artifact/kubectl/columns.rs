//! Tables whose columns are known: cells cut at the header's columns, blanks where a cell is empty.

use crate::segment::Format;
use crate::segment::sniff::{Taken, ends};
use crate::text::Piece;

/// The words of a header that stands alone: two blanks or more between columns.
pub fn header(line: &str) -> Vec<&str> {
    line.split("  ")
        .map(str::trim)
        .filter(|word| !word.is_empty())
        .collect()
}

/// Takes a table: the header, and the rows up to the first line that is blank, an error or of one word only.
pub fn take(rest: &str, format: Format) -> Option<Taken> {
    let mut len = 0;
    for (line, end) in ends(rest) {
        let one = line.split_ascii_whitespace().nth(1).is_none();
        if len > 0 && (one || !line.contains("  ") || crate::segment::sniff::log::is_error(line)) {
            break;
        }
        len = end;
    }
    (len > 0).then_some(Taken {
        len,
        format,
        confidence: 0.95,
    })
}

/// The rows: for each the line, and its cells with the names of their columns. `None` for a row that does not line up.
pub fn rows<'a>(whole: Piece<'a>) -> impl Iterator<Item = (Piece<'a>, Option<Vec<(&'a str, Piece<'a>)>>)> {
    let mut lines = whole.lines();
    let mut columns: Vec<(&'a str, usize)> = Vec::new();
    if let Some(first) = lines.next() {
        for cell in super::table::wide_cells(first.str()) {
            let name = first.part(cell.clone());
            columns.push((name.str(), cell.start));
        }
    }
    lines
        .filter(|line| !line.trim().is_empty())
        .map(move |line| (line, cells(line, &columns)))
}

fn cells<'a>(line: Piece<'a>, columns: &[(&'a str, usize)]) -> Option<Vec<(&'a str, Piece<'a>)>> {
    let mut found = Vec::with_capacity(columns.len());
    for (i, (name, start)) in columns.iter().enumerate() {
        let start = (*start).min(line.len());
        let end = columns.get(i + 1).map_or(line.len(), |(_, next)| *next).min(line.len());
        let starts = start == 0 || start == line.len() || line.get(start - 1..start) == Some(" ");
        if !starts {
            return None;
        }
        let cell = line.part(start..end).trim();
        found.push((*name, cell));
    }
    Some(found)
}
