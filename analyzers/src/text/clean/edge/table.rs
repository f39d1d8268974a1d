//! Tables whose header the edge broke, and with it every row.

use super::super::Line;
use super::columns::{capitals, columns, is_header, under, under_all};
use super::prompt::prompt_like;
use super::width::width;

/// A table whose header was wrapped: joins its lines and returns how many they are.
pub(super) fn wrapped_table(part: &mut [Line<'_>], edge: usize) -> usize {
    let Some(header) = part.first() else { return 0 };
    if width(header.text) != edge || !is_header(header.text) {
        return 0;
    }
    // The header's further lines; each but the last is full.
    let mut height = 1;
    while part.get(height - 1).is_some_and(|line| width(line.text) == edge)
        && part.get(height).is_some_and(|line| capitals(line.text))
        && height < 8
    {
        height += 1;
    }
    if height == 1 {
        return 0;
    }
    let below: Vec<Vec<usize>> = part.iter().take(height).map(|line| columns(line.text)).collect();
    let names = below.first().map_or(&[] as &[usize], Vec::as_slice);
    let begins = |line: &Line<'_>| under(names, line.text) && !prompt_like(line.text) && !is_header(line.text);
    let mut heights = vec![height];
    let mut count = height;
    while part.get(count).is_some_and(begins) {
        let row = part.get(count..).unwrap_or_default();
        let tall = row_height(row, edge, &below, begins);
        heights.push(tall);
        count += tall;
    }
    // A header alone, or rows that do not fit: nothing is sure.
    if count == height {
        return 0;
    }
    let mut rest = part.get_mut(..count).unwrap_or_default();
    for tall in heights {
        let Some((row, after)) = rest.split_at_mut_checked(tall) else {
            break;
        };
        for line in row.iter_mut().take(tall - 1) {
            line.joined = true;
            line.pad = edge - width(line.text).min(edge);
        }
        rest = after;
    }
    count
}

/// How many lines a row takes: at most as many as its header, and fewer where its last cells are shorter than their names. A line that is
/// not full is the row's last, unless what follows stands under the header's next line: then its last blanks were lost in copying.
fn row_height(row: &[Line<'_>], edge: usize, below: &[Vec<usize>], begins: impl Fn(&Line<'_>) -> bool) -> usize {
    let mut tall = 1;
    while let (Some(last), Some(next), Some(columns)) = (row.get(tall - 1), row.get(tall), below.get(tall)) {
        let full = width(last.text) == edge;
        let stands = under_all(columns, next.text);
        let goes_on = if full {
            stands || !begins(next)
        } else {
            stands && next.text.starts_with(' ') && !begins(next)
        };
        if !goes_on || prompt_like(next.text) || next.text.is_empty() {
            break;
        }
        tall += 1;
    }
    tall
}
