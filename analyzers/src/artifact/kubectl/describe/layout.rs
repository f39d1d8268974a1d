//! The layout that all of `kubectl describe` shares: fields, nesting by indentation, tables and times
//! (kubernetes/kubectl, `pkg/describe/describe.go`: `PrefixWriter`, `tabbedString`).

use crate::text::Piece;

/// A line that is not blank: how far it is indented, in characters, and what stands there.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    pub indent: usize,
    pub text: Piece<'a>,
}

/// The lines of a text that are not blank.
pub fn lines(whole: Piece<'_>) -> Vec<Line<'_>> {
    whole
        .lines()
        .filter_map(|line| {
            let text = line.trim();
            let lead = line.part(0..text.start().saturating_sub(line.start()));
            (!text.is_empty()).then(|| Line {
                indent: lead.chars().map(|c| if c == '\t' { 8 } else { 1 }).sum(),
                text,
            })
        })
        .collect()
}

/// A line with the lines below it that are indented deeper.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a, 'l> {
    whole: Piece<'a>,
    pub line: Line<'a>,
    pub inner: &'l [Line<'a>],
}

/// The entries of a run of lines, one after the other.
pub fn entries<'a, 'l>(whole: Piece<'a>, lines: &'l [Line<'a>]) -> impl Iterator<Item = Entry<'a, 'l>> {
    let mut rest = lines;
    std::iter::from_fn(move || {
        let (line, below) = rest.split_first()?;
        let count = below.iter().take_while(|other| other.indent > line.indent).count();
        let (inner, after) = below.split_at(count);
        rest = after;
        Some(Entry {
            whole,
            line: *line,
            inner,
        })
    })
}

impl<'a, 'l> Entry<'a, 'l> {
    /// What stands before the colon; the whole line where there is none.
    pub fn key(&self) -> Piece<'a> {
        field(self.line.text).map_or(self.line.text, |(key, _)| key)
    }

    /// What stands after the colon, on the same line; nothing where kubectl says that there is nothing.
    pub fn value(&self) -> Piece<'a> {
        let value = field(self.line.text).map_or(self.line.text.skip(self.line.text.len()), |(_, value)| value);
        if is_absent(&value) {
            value.skip(value.len())
        } else {
            value
        }
    }

    /// The column of the value.
    fn value_column(&self) -> usize {
        let before = self.value().start().saturating_sub(self.line.text.start());
        self.line.indent + self.line.text.part(0..before).chars().count()
    }

    /// The value and the lines that continue it, each with its column.
    pub fn values(&self) -> impl Iterator<Item = Line<'a>> + use<'a, 'l> {
        let first = Line {
            indent: self.value_column(),
            text: self.value(),
        };
        let has = !first.text.is_empty();
        has.then_some(first).into_iter().chain(self.inner.iter().copied())
    }

    /// What is nested in it.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'a, 'l>> + use<'a, 'l> {
        entries(self.whole, self.inner)
    }

    /// What is nested in it, where that is a table.
    pub fn table(&self) -> Table<'a, 'l> {
        Table::new(self.inner)
    }

    /// All of it, from its line's beginning to the end of its last line.
    pub fn piece(&self) -> Piece<'a> {
        let last = self.inner.last().map_or(self.line.text, |line| line.text);
        self.line.text.to(last, self.whole)
    }
}

/// `Key:   value`: what stands before the first colon that a blank or the line's end follows, and the rest.
pub fn field(text: Piece<'_>) -> Option<(Piece<'_>, Piece<'_>)> {
    let at = text.match_indices(':').map(|(at, _)| at).find(|at| {
        let next = text.as_bytes().get(at + 1);
        next.is_none_or(u8::is_ascii_whitespace)
    })?;
    Some((text.part(0..at), text.skip(at + 1).trim()))
}

/// What kubectl prints for a field that is not there.
pub fn is_absent(text: &str) -> bool {
    matches!(text, "" | "<none>" | "<unset>" | "<nil>" | "<unknown>")
}

/// Cells between which two blanks or more stand.
pub fn cells(text: Piece<'_>) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let cut = match (rest.find("  "), rest.find('\t')) {
            (Some(a), Some(b)) => a.min(b),
            (a, b) => a.or(b).unwrap_or(rest.len()),
        };
        found.push(rest.part(0..cut));
        rest = rest.skip(cut).trim();
    }
    found
}

/// A table inside: a header, a line of dashes, rows.
#[derive(Debug, Clone)]
pub struct Table<'a, 'l> {
    columns: Vec<(Piece<'a>, usize)>,
    rows: &'l [Line<'a>],
}

impl<'a, 'l> Table<'a, 'l> {
    /// A table whose header is the first of the lines.
    pub fn new(lines: &'l [Line<'a>]) -> Self {
        let Some((header, rows)) = lines.split_first() else {
            return Self {
                columns: Vec::new(),
                rows: &[],
            };
        };
        let columns = cells(header.text)
            .into_iter()
            .map(|cell| {
                let before = header.text.part(0..cell.start().saturating_sub(header.text.start()));
                (cell, header.indent + before.chars().count())
            })
            .collect();
        Self { columns, rows }
    }

    /// Whether there is a column of that name.
    pub fn has(&self, name: &str) -> bool {
        self.columns.iter().any(|(column, _)| column.str() == name)
    }

    /// The rows, each with its cells by the names of the columns.
    pub fn rows(&self) -> impl Iterator<Item = Row<'a, '_>> {
        self.rows
            .iter()
            .filter(|row| !row.text.bytes().all(|byte| byte == b'-' || byte == b' '))
            .map(|row| Row {
                line: *row,
                columns: &self.columns,
                cells: self.cells(row),
            })
    }

    fn cells(&self, row: &Line<'a>) -> Vec<Piece<'a>> {
        if let Some(cells) = self.by_columns(row) {
            return cells;
        }
        // The columns do not line up: the padding was changed, so only a row with all cells can be told apart.
        let mut found = cells(row.text);
        if found.len() > self.columns.len()
            && let (Some(first), Some(last)) = (found.get(self.columns.len().saturating_sub(1)), found.last())
        {
            let joined = first.to(*last, row.text);
            found.truncate(self.columns.len().saturating_sub(1));
            found.push(joined);
        }
        if found.len() == self.columns.len() {
            found
        } else {
            Vec::new()
        }
    }

    fn by_columns(&self, row: &Line<'a>) -> Option<Vec<Piece<'a>>> {
        let text = row.text;
        let ascii = text.is_ascii();
        let place = |column: usize| {
            let at = column.saturating_sub(row.indent);
            if ascii {
                at.min(text.len())
            } else {
                text.char_indices().nth(at).map_or(text.len(), |(at, _)| at)
            }
        };
        let mut found = Vec::with_capacity(self.columns.len());
        for (i, (_, column)) in self.columns.iter().enumerate() {
            let start = place(*column);
            let end = self.columns.get(i + 1).map_or(text.len(), |(_, next)| place(*next));
            let lined_up = start == 0
                || start >= text.len()
                || text
                    .as_bytes()
                    .get(start.saturating_sub(1))
                    .is_some_and(u8::is_ascii_whitespace);
            if !lined_up {
                return None;
            }
            found.push(text.part(start..end).trim());
        }
        Some(found)
    }
}

/// A row of a table.
#[derive(Debug, Clone)]
pub struct Row<'a, 't> {
    pub line: Line<'a>,
    columns: &'t [(Piece<'a>, usize)],
    cells: Vec<Piece<'a>>,
}

impl<'a> Row<'a, '_> {
    /// The cell under the column of that name, unless it says that there is nothing.
    pub fn cell(&self, name: &str) -> Option<Piece<'a>> {
        let at = self.columns.iter().position(|(column, _)| column.str() == name)?;
        self.cells.get(at).copied().filter(|cell| !is_absent(cell))
    }

    /// The names of the columns with the cells that are not empty.
    pub fn cells(&self) -> impl Iterator<Item = (Piece<'a>, Piece<'a>)> {
        self.columns
            .iter()
            .zip(&self.cells)
            .map(|((column, _), cell)| (*column, *cell))
            .filter(|(_, cell)| !is_absent(cell))
    }

    /// Whether the cells could be told apart.
    pub fn is_read(&self) -> bool {
        !self.cells.is_empty()
    }
}

/// A time as describe prints it (Go's `time.RFC1123Z`: `Mon, 06 Jan 2025 09:12:33 +0100`), as the API gives it: RFC 3339 in UTC. Not the zero
/// time, which stands for none.
pub fn time(text: &str) -> Option<String> {
    let mut words = text.split_ascii_whitespace().skip(1);
    let day: i64 = words.next()?.parse().ok().filter(|day| (1..=31).contains(day))?;
    let name = words.next()?;
    let month = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    .iter()
    .position(|month| *month == name)?;
    let month = i64::try_from(month).ok()? + 1;
    let year: i64 = words.next()?.parse().ok().filter(|year| (1970..=9999).contains(year))?;
    let mut clock = words.next()?.split(':').map(str::parse::<i64>);
    let (hour, minute, second) = (clock.next()?.ok()?, clock.next()?.ok()?, clock.next()?.ok()?);
    let zone = words.next()?;
    if words.next().is_some() || zone.len() != 5 {
        return None;
    }
    let (zone_hours, zone_minutes): (i64, i64) = (zone.get(1..3)?.parse().ok()?, zone.get(3..5)?.parse().ok()?);
    let ahead = zone_hours * 60 + zone_minutes;
    let ahead = if zone.starts_with('-') { -ahead } else { ahead };
    let minutes = days_from_civil(year, month, day) * 1440 + hour * 60 + minute - ahead;
    let (year, month, day) = civil_from_days(minutes.div_euclid(1440));
    let (hour, minute) = (minutes.rem_euclid(1440) / 60, minutes.rem_euclid(60));
    Some(format!(
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"
    ))
}

/// Days since 1 January 1970 of a date of the Gregorian calendar; years begin in March, so that the leap day is the last.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The date of a day counted from 1 January 1970.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::{Table, cells, entries, field, lines, time};
    use crate::text::Piece;

    #[test]
    fn times_are_the_apis() {
        assert_eq!(
            time("Mon, 06 Jan 2025 00:12:33 +0100").as_deref(),
            Some("2025-01-05T23:12:33Z")
        );
        assert_eq!(
            time("Thu, 29 Feb 2024 20:00:00 -0500").as_deref(),
            Some("2024-03-01T01:00:00Z")
        );
        assert_eq!(time("Mon, 01 Jan 0001 00:00:00 +0000"), None);
        assert_eq!(time("5m"), None);
    }

    #[test]
    fn entries_nest_by_indentation() {
        let text = "Name:   a\nContainers:\n  app:\n    Image:  x:1\n  other:\n\nEvents:  <none>\n";
        let whole = Piece::new(text);
        let lines = lines(whole);
        let top: Vec<_> = entries(whole, &lines).collect();
        assert_eq!(
            top.iter().map(|entry| entry.key().str()).collect::<Vec<_>>(),
            ["Name", "Containers", "Events"]
        );
        let inner: Vec<_> = top[1].entries().map(|entry| entry.piece().str()).collect();
        assert_eq!(inner, ["app:\n    Image:  x:1", "other:"]);
        assert_eq!(top[2].value().str(), "");
    }

    #[test]
    fn keys_end_at_a_colon_with_a_blank() {
        let (key, value) = field(Piece::new("Port:              http  80/TCP")).unwrap();
        assert_eq!((key.str(), value.str()), ("Port", "http  80/TCP"));
        assert!(field(Piece::new("10.0.1.5:8080")).is_none());
    }

    #[test]
    fn empty_cells_of_a_table_stay_empty() {
        let text = "  Type    Status  Reason  Message\n  ----    ------  ------  -------\n  Ready   False           not é ready  yet\n";
        let lines = lines(Piece::new(text));
        let table = Table::new(&lines);
        let rows: Vec<_> = table.rows().collect();
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].cell("Status").unwrap().str(), "False");
        assert!(rows[0].cell("Reason").is_none());
        assert_eq!(rows[0].cell("Message").unwrap().str(), "not é ready  yet");
        assert_eq!(cells(Piece::new("a b  c\td")).len(), 3);
    }
}
