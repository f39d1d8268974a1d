//! A table's header, and how its rows are cut into cells.

use std::ops::Range;

/// A table's header: the columns' names, and where they begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    pub columns: Vec<(String, usize)>,
    style: Style,
}

/// How a table's cells are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    /// Padded with blanks to columns, as kubectl prints.
    Padded,
    /// Separated by tabs, as a copy from a web page is.
    Tabs,
    /// No header was printed, or not in the usual words: blanks in pairs are all that tells the cells apart.
    Gaps,
    /// The padding was lost, as in a copy from a chat: one blank between cells.
    Single,
}

impl Header {
    /// Reads a header: at least two columns, capitals only, one of them a column that every table has.
    pub fn new(line: &str) -> Option<Self> {
        let first = line.bytes().next()?;
        if !first.is_ascii_uppercase() || line.len() > 1000 {
            return None;
        }
        let capitals =
            |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b" \t\r-_()/%:.".contains(&byte);
        if !line.bytes().all(capitals) {
            return None;
        }
        let line = line.trim_end();
        let style = if line.contains('\t') {
            Style::Tabs
        } else if line.contains("  ") {
            Style::Padded
        } else {
            Style::Single
        };
        let columns: Vec<(String, usize)> = match style {
            // k9s aligns numbers to the right, so that one blank stands before the next column; it alone has forwarded ports.
            Style::Padded if line.contains(" PF ") => single_cells(line),
            Style::Padded | Style::Gaps => wide_cells(line),
            Style::Tabs => tab_cells(line),
            Style::Single => single_cells(line),
        }
        .into_iter()
        .map(|range| (line.get(range.clone()).unwrap_or_default().to_owned(), range.start))
        .collect();
        let has = |name: &str| columns.iter().any(|(column, _)| column == name);
        let telling = has("NAME") || (has("REASON") && has("OBJECT"));
        // `NAME STATUS`, single-spaced, could be a sentence in capitals: a third column has to agree.
        let enough = if style == Style::Single { 3 } else { 2 };
        (telling && columns.len() >= enough).then_some(Self { columns, style })
    }

    /// A header whose columns the command names, which need not be capitals.
    pub fn named<'a>(line: &str, names: impl Iterator<Item = &'a str>) -> Option<Self> {
        let cells = wide_cells(line.trim_end());
        let mut columns = Vec::with_capacity(cells.len());
        let mut names = names.peekable();
        for range in cells {
            let name = names.next()?;
            if line.get(range.clone()) != Some(name) {
                return None;
            }
            columns.push((name.to_owned(), range.start));
        }
        names.next().is_none().then_some(Self {
            columns,
            style: Style::Gaps,
        })
    }

    /// The header of a table that was printed without.
    pub fn unprinted<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            columns: names.into_iter().map(|name| (name.to_owned(), 0)).collect(),
            style: Style::Gaps,
        }
    }

    /// The column of the names: that of `.metadata.name` where the command tells, otherwise NAME.
    pub fn names_at(&self, given: &super::Given) -> Option<usize> {
        self.columns
            .iter()
            .position(|(column, _)| given.path(column) == Some("/metadata/name"))
            .or_else(|| self.column("NAME"))
    }

    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|(column, _)| column == name)
    }

    pub fn has(&self, name: &str) -> bool {
        self.column(name).is_some()
    }

    /// Whether a line can be a row of this table.
    pub fn is_row(&self, line: &str) -> bool {
        let line = line.trim_end();
        match self.style {
            Style::Padded => !line.starts_with('\t') && line.contains("  ") && !line.starts_with(['{', '[']),
            Style::Tabs => line.contains('\t'),
            Style::Gaps => wide_cells(line).len() == self.columns.len(),
            Style::Single => single_cells(line).len() == self.columns.len(),
        }
    }

    /// The cells of a row, one a column; `None` where they cannot be told apart.
    pub fn cells(&self, line: &str) -> Option<Vec<Range<usize>>> {
        let line = line.trim_end();
        let cells = match self.style {
            Style::Padded => {
                if let Some(cells) = self.by_offsets(line) {
                    return Some(cells);
                }
                // A cell wider than its column moved the rest: the gaps are still two blanks or more.
                let cells = wide_cells(line);
                if cells.len() == self.columns.len() {
                    return Some(cells);
                }
                single_cells(line)
            }
            Style::Tabs => tab_cells(line),
            Style::Gaps => wide_cells(line),
            Style::Single => single_cells(line),
        };
        (cells.len() == self.columns.len()).then_some(cells)
    }

    /// The cells by the header's columns, where every column begins after a blank.
    fn by_offsets(&self, line: &str) -> Option<Vec<Range<usize>>> {
        let bytes = line.as_bytes();
        let ascii = line.is_ascii();
        let place = |column: usize| {
            if ascii {
                column.min(line.len())
            } else {
                line.char_indices().nth(column).map_or(line.len(), |(at, _)| at)
            }
        };
        let mut cells = Vec::with_capacity(self.columns.len());
        for (i, (_, column)) in self.columns.iter().enumerate() {
            let start = place(*column);
            let end = self.columns.get(i + 1).map_or(line.len(), |(_, next)| place(*next));
            // Between two columns stand blanks: kubectl's table writer pads with three (two suffice here), a full column with one space lost
            // is not one.
            if start > 0 && start < line.len() && !bytes.get(..start)?.ends_with(b" ") {
                return None;
            }
            let cell = line.get(start..end)?;
            let lead = cell.len() - cell.trim_start().len();
            // A cell that begins to the right of its column belongs to a moved row.
            if lead > 0 && !cell.trim().is_empty() {
                return None;
            }
            if cell.trim_end().contains("   ") {
                return None;
            }
            cells.push(start..start + cell.trim_end().len());
        }
        Some(cells)
    }
}

/// The cells of a line between which two blanks or more stand.
pub fn wide_cells(line: &str) -> Vec<Range<usize>> {
    let mut cells = Vec::new();
    let mut start = None;
    let mut blanks = 0;
    for (at, byte) in line.bytes().enumerate() {
        if byte == b' ' {
            blanks += 1;
            if blanks == 2
                && let Some(from) = start.take()
            {
                cells.push(from..at - 1);
            }
        } else {
            blanks = 0;
            start.get_or_insert(at);
        }
    }
    if let Some(from) = start {
        cells.push(from..line.len() - blanks.min(line.len() - from));
    }
    cells
}

fn tab_cells(line: &str) -> Vec<Range<usize>> {
    let mut at = 0;
    line.split('\t')
        .map(|cell| {
            let lead = cell.len() - cell.trim_start().len();
            let start = at + lead;
            at += cell.len() + 1;
            start..start + cell.trim().len()
        })
        .collect()
}

/// Cells between which one blank stands; `(5h ago)` belongs to the cell before it, as RESTARTS prints it, and the second words of the
/// headers that have two belong to the first.
fn single_cells(line: &str) -> Vec<Range<usize>> {
    let mut cells: Vec<Range<usize>> = Vec::new();
    let mut open = false;
    let mut at = 0;
    for word in line.split(' ') {
        let range = at..at + word.len();
        at += word.len() + 1;
        if word.is_empty() {
            continue;
        }
        let previous = cells.last().and_then(|cell| line.get(cell.clone())).unwrap_or_default();
        let pair = matches!(
            (previous, word),
            ("NOMINATED", "NODE")
                | ("READINESS", "GATES")
                | ("LAST", "SEEN" | "SCHEDULE")
                | ("NODE", "SELECTOR")
                | ("ACCESS", "MODES")
                | ("RECLAIM", "POLICY")
                | ("MIN" | "MAX", "AVAILABLE" | "UNAVAILABLE")
                | ("ALLOWED", "DISRUPTIONS")
                | ("CREATED", "AT")
                | ("REFRESH", "INTERVAL")
                | ("SYNC" | "HEALTH", "STATUS")
        );
        if open || pair || (word.starts_with('(') && !cells.is_empty()) {
            if let Some(last) = cells.last_mut() {
                last.end = range.end;
            }
            open = (open || word.starts_with('(')) && !word.ends_with(')');
        } else {
            cells.push(range);
        }
    }
    cells
}
