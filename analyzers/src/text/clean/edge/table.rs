//! Tables whose header the edge broke, and with it every row.

use super::super::Line;
use super::columns::{apart, begins_under, capitals, columns, is_header, under, under_all, under_without_first};
use super::prompt::prompt_like;

/// The names of `kubectl auth can-i --list`'s columns, without blanks (kubectl/pkg/cmd/auth/cani.go).
const RULES: &str = "ResourcesNon-ResourceURLsResourceNamesVerbs";

/// A header without blanks.
fn squeezed(text: &str) -> String {
    text.split(' ').collect()
}

/// A table whose header was wrapped: joins its lines and returns how many they are.
pub(super) fn wrapped_table(part: &mut [Line<'_>], edge: usize) -> usize {
    let Some(header) = part.first() else { return 0 };
    let rules = header.text.starts_with("Resources   ");
    if header.width() != edge || !(rules || is_header(header.text)) {
        return 0;
    }
    if rules && !RULES.starts_with(&squeezed(header.text)) {
        return 0;
    }
    // The header's further lines; each but the last is full.
    let mut height = 1;
    while part.get(height - 1).is_some_and(|line| line.width() == edge)
        && height < 8
        && if rules {
            let names: String = part.iter().take(height + 1).map(|line| squeezed(line.text)).collect();
            RULES.starts_with(&names)
        } else {
            part.get(height).is_some_and(|line| capitals(line.text))
        }
    {
        height += 1;
    }
    if height == 1 {
        return 0;
    }
    let below: Vec<Vec<usize>> = part.iter().take(height).map(|line| columns(line.text)).collect();
    let names = below.first().map_or(&[] as &[usize], Vec::as_slice);
    let begins = |line: &Line<'_>| {
        (under(names, line.text) || (rules && under_without_first(names, line.text, 1)))
            && !prompt_like(line.text)
            && !is_header(line.text)
    };
    let mut heights = vec![height];
    let mut count = height;
    // After a whole row another one begins, even where its cells do not stand under the header.
    // Where lines end with blanks, none were lost in copying.
    let lossy = !part.iter().take(height + 40).any(|line| line.text.ends_with(' '));
    let row = |line: &Line<'_>| {
        begins(line) || (begins_under(names, line.text) && !prompt_like(line.text) && !is_header(line.text))
    };
    while part.get(count).is_some_and(row) {
        let row = part.get(count..).unwrap_or_default();
        let tall = row_height(row, edge, &below, lossy, begins);
        heights.push(tall);
        count += tall;
    }
    // A header alone, or rows that do not fit: nothing is sure.
    if count == height {
        return 0;
    }
    // Another output, without a blank line or a command between: its first line looks like the last row's rest.
    let foreign = part
        .get(count)
        .is_some_and(|line| !is_header(line.text) && !prompt_like(line.text));
    if let Some(last) = heights.last_mut().filter(|last| foreign && **last > 1) {
        *last -= 1;
        count -= 1;
    }
    let mut rest = part.get_mut(..count).unwrap_or_default();
    for tall in heights {
        let Some((row, after)) = rest.split_at_mut_checked(tall) else {
            break;
        };
        for line in row.iter_mut().take(tall - 1) {
            line.joined = true;
            line.fill(edge);
        }
        rest = after;
    }
    count
}

/// How many lines a row takes: at most as many as its header, and fewer where its last cells are shorter than their names. A line that is
/// not full is the row's last, unless what follows stands under the header's next line: then its last blanks were lost in copying.
fn row_height(
    row: &[Line<'_>],
    edge: usize,
    below: &[Vec<usize>],
    lossy: bool,
    begins: impl Fn(&Line<'_>) -> bool,
) -> usize {
    let mut tall = 1;
    while let (Some(last), Some(next)) = (row.get(tall - 1), row.get(tall)) {
        let full = last.width() == edge;
        // The last column goes on for as long as its text does.
        let stands = below.get(tall).is_some_and(|columns| under_all(columns, next.text));
        let names = below.first().map_or(&[] as &[usize], Vec::as_slice);
        // What can be a row as well as a rest stays a line of its own.
        let goes_on = if full {
            !begins(next)
                && !under_without_first(names, next.text, 2)
                && (tall < below.len() || !(apart(next.text) || begins_under(names, next.text)))
        } else {
            lossy && stands && next.text.starts_with(' ') && !begins(next) && !under_without_first(names, next.text, 2)
        };
        if !goes_on || prompt_like(next.text) || next.text.is_empty() {
            break;
        }
        tall += 1;
    }
    tall
}
