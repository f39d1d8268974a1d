//! Where a table's columns stand.

/// A table's header: words in capitals, at least two of them, apart from each other.
pub(in super::super) fn is_header(line: &str) -> bool {
    capitals(line) && line.contains("  ") && !line.contains('\t') && !line.starts_with(' ') && columns(line).len() > 1
}

/// Whether a line is the header of a table of kubectl's objects.
pub(in super::super) fn is_table(text: &str) -> bool {
    text.starts_with("NAME")
        && is_header(text)
        && text
            .split("  ")
            .skip(1)
            .map(str::trim)
            .any(|name| matches!(name, "READY" | "STATUS" | "TYPE" | "ENDPOINTS" | "AGE"))
}

/// Words in capitals only: a header or a part of one.
pub(super) fn capitals(line: &str) -> bool {
    line.bytes()
        .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b" \t-_/()%:.".contains(&byte))
        && line.bytes().any(|byte| byte.is_ascii_uppercase())
}

/// Where the cells of a header begin: after two blanks.
pub(in super::super) fn columns(header: &str) -> Vec<usize> {
    let bytes = header.as_bytes();
    (0..bytes.len())
        .filter(|at| {
            let here = bytes.get(*at).is_some_and(|byte| *byte != b' ');
            let before = bytes.get(at.saturating_sub(2)..*at).unwrap_or_default();
            here && (*at == 0 || before == b"  ")
        })
        .collect()
}

/// Whether a row's cells stand under their header: a blank before each column that the row reaches.
pub(in super::super) fn under(columns: &[usize], row: &str) -> bool {
    reached(columns, row).is_some_and(|reached| reached > 0) && !row.starts_with(' ')
}

/// Whether a row without its first cell stands under so many columns of a header.
pub(super) fn under_without_first(columns: &[usize], row: &str, least: usize) -> bool {
    let second = columns.get(1).and_then(|column| row.chars().nth(*column));
    row.starts_with(' ')
        && second.is_some_and(|c| c != ' ')
        && reached(columns, row).is_some_and(|reached| reached >= least)
}

/// How many columns but the first a line reaches, where a blank stands before each.
fn reached(columns: &[usize], row: &str) -> Option<usize> {
    let mut chars = row.chars();
    let mut at = 0;
    let mut reached = 0;
    for column in columns.iter().skip(1) {
        let Some(before) = chars.nth(column - 1 - at) else {
            break;
        };
        at = *column;
        if before != ' ' {
            return None;
        }
        reached += 1;
    }
    Some(reached)
}

/// Whether a blank stands before each column that a line reaches.
pub(super) fn under_all(columns: &[usize], line: &str) -> bool {
    let chars: Vec<char> = line.chars().take(500).collect();
    columns
        .iter()
        .filter_map(|column| chars.get(column.checked_sub(1)?))
        .all(|before| *before == ' ')
}

/// Whether a line's first two cells stand under their header: those of a row do whose later ones are too long for their columns.
pub(super) fn begins_under(columns: &[usize], line: &str) -> bool {
    columns.len() > 2 && under(columns.get(..3).unwrap_or_default(), line)
}

/// Whether a line looks like a row of a table whose cells do not stand under their header: apart from each other, the first at the margin.
pub(super) fn apart(line: &str) -> bool {
    !line.starts_with(' ')
        && line
            .trim_end()
            .split("   ")
            .filter(|cell| !cell.trim().is_empty())
            .count()
            > 2
}
