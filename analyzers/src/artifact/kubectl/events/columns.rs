//! The columns of a table of events, and how its rows are cut into cells.

use super::super::table::wide_cells;
use crate::segment::CommandLine;
use crate::text::Piece;

/// What a column prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column<'h> {
    Namespace,
    LastSeen,
    FirstSeen,
    Count,
    /// The event's name.
    Name,
    /// `pod/cart-0`, or the kind alone.
    Object,
    Subobject,
    Type,
    Reason,
    Source,
    Message,
    /// Labels, and what `--output-watch-events` adds.
    Other(&'h str),
}

/// How the cells of a table are told apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Style {
    /// Columns padded with blanks, as kubectl prints them.
    #[default]
    Padded,
    /// Tabs, as a copy from a web page has them.
    Tabs,
}

/// The header of a table of events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Header {
    /// The names, without their blanks, and where each begins, counted in characters; no place where no header was printed.
    columns: Vec<(String, Option<usize>)>,
    style: Style,
    /// How many columns of one word stand before the first age.
    lead: usize,
}

/// The names of two words, for headers whose padding was lost.
const SECOND: [(&str, &str); 4] = [
    ("LAST", "SEEN"),
    ("FIRST", "SEEN"),
    ("LAST", "OBSERVED"),
    ("INVOLVED", "OBJECT"),
];

impl Header {
    /// Reads a header: an age, the type, the reason, the object and the message have columns.
    pub fn new(line: Piece<'_>) -> Option<Self> {
        // A cheap look first: this is asked at every line of a paste.
        if !matches!(line.bytes().next()?, b'L' | b'F' | b'N' | b'E') || line.len() > 500 || !line.contains("REASON") {
            return None;
        }
        let capital = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b" \t\r-_()/.".contains(&byte);
        if !line.bytes().all(capital) {
            return None;
        }
        let style = if line.contains('\t') {
            Style::Tabs
        } else {
            Style::Padded
        };
        let columns: Vec<(String, Option<usize>)> = match style {
            Style::Tabs => line.split(|c| c == '\t').map(|cell| (joined(&cell), None)).collect(),
            Style::Padded if line.trim().contains("  ") => wide_cells(line.str())
                .into_iter()
                .map(|range| (joined(line.get(range.clone()).unwrap_or_default()), Some(range.start)))
                .collect(),
            Style::Padded => single(line.str()),
        };
        let header = Self::of(columns, style);
        let has = |wanted: Column<'_>| header.columns().any(|column| column == wanted);
        let age = has(Column::LastSeen) || has(Column::FirstSeen);
        (age && has(Column::Type) && has(Column::Reason) && has(Column::Object) && has(Column::Message))
            .then_some(header)
    }

    /// The header of a table that the command prints without one.
    pub fn unprinted(line: &CommandLine) -> Self {
        let mut names: Vec<&str> = Vec::new();
        if line.flag(&["-A", "--all-namespaces"]) {
            names.push("NAMESPACE");
        }
        if line.output() == Some("wide") {
            names.extend([
                "LASTSEEN",
                "TYPE",
                "REASON",
                "OBJECT",
                "SUBOBJECT",
                "SOURCE",
                "MESSAGE",
                "FIRSTSEEN",
                "COUNT",
                "NAME",
            ]);
        } else {
            names.extend(["LASTSEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"]);
        }
        Self::of(
            names.into_iter().map(|name| (name.to_owned(), None)).collect(),
            Style::Padded,
        )
    }

    fn of(columns: Vec<(String, Option<usize>)>, style: Style) -> Self {
        let mut header = Self {
            columns,
            style,
            lead: 0,
        };
        header.lead = header
            .columns()
            .take_while(|column| !matches!(column, Column::LastSeen | Column::FirstSeen))
            .count();
        header
    }

    /// What the columns print.
    pub fn columns(&self) -> impl Iterator<Item = Column<'_>> {
        self.columns.iter().map(|(name, _)| match name.as_str() {
            "NAMESPACE" => Column::Namespace,
            "LASTSEEN" => Column::LastSeen,
            "FIRSTSEEN" => Column::FirstSeen,
            "COUNT" => Column::Count,
            "NAME" => Column::Name,
            "OBJECT" | "KIND" => Column::Object,
            "SUBOBJECT" => Column::Subobject,
            "TYPE" => Column::Type,
            "REASON" => Column::Reason,
            "SOURCE" => Column::Source,
            "MESSAGE" => Column::Message,
            other => Column::Other(other),
        })
    }

    fn place(&self, wanted: Column<'_>) -> Option<usize> {
        self.columns().position(|column| column == wanted)
    }

    /// Whether NAME is all that names the object: KIND stands without a name, as before 1.14.
    pub fn names_objects(&self) -> bool {
        self.columns.iter().any(|(name, _)| name == "KIND")
    }

    /// Whether a message can go on at the left edge of the next line.
    pub fn message_last(&self) -> bool {
        self.place(Column::Message)
            .is_some_and(|at| at + 1 == self.columns.len())
    }

    /// Whether a line begins as a row does: with an age.
    pub fn is_row(&self, line: &str) -> bool {
        let indented = line.starts_with([' ', '\t']);
        !indented && line.split_ascii_whitespace().nth(self.lead).is_some_and(is_age)
    }

    /// The cells of a row, one a column; `None` where they cannot be told apart.
    pub fn cells<'a>(&self, line: Piece<'a>) -> Option<Vec<Piece<'a>>> {
        let cells = match self.style {
            Style::Tabs => self.filled(line.split(|c| c == '\t').map(Piece::trim).collect(), line),
            Style::Padded => self
                .by_places(line)
                .or_else(|| {
                    let cells = wide_cells(line.str())
                        .into_iter()
                        .map(|range| line.part(range).trim())
                        .collect();
                    self.filled(cells, line)
                })
                .or_else(|| self.by_words(line)),
        }?;
        let age = self.columns().zip(&cells).all(|(column, cell)| match column {
            Column::LastSeen | Column::FirstSeen => cell.split_ascii_whitespace().next().is_none_or(is_age),
            _ => true,
        });
        age.then_some(cells)
    }

    /// The cells by the places of the header's names: kubectl leaves two blanks or more before each.
    fn by_places<'a>(&self, line: Piece<'a>) -> Option<Vec<Piece<'a>>> {
        let ascii = line.is_ascii();
        let byte = |place: usize| {
            if ascii {
                place.min(line.len())
            } else {
                line.char_indices().nth(place).map_or(line.len(), |(at, _)| at)
            }
        };
        let mut cells = Vec::with_capacity(self.columns.len());
        for (i, (name, place)) in self.columns.iter().enumerate() {
            let start = byte((*place)?);
            let end = match self.columns.get(i + 1) {
                Some((_, next)) => byte((*next)?),
                None => line.len(),
            };
            let apart = start == 0 || start == line.len() || line.part(0..start).ends_with("  ");
            let cell = line.part(start..end);
            let moved = cell.starts_with(' ') && !cell.trim().is_empty();
            let cell = cell.trim();
            if !apart || moved || (name != "MESSAGE" && cell.contains("  ")) {
                return None;
            }
            cells.push(cell);
        }
        Some(cells)
    }

    /// Cells that were told apart by what stands between them: an empty part of the object and blanks in the message are put right.
    fn filled<'a>(&self, mut cells: Vec<Piece<'a>>, line: Piece<'a>) -> Option<Vec<Piece<'a>>> {
        if let Some(at) = self.place(Column::Subobject)
            && let Some(cell) = cells.get(at)
            && self.style == Style::Padded
            && !is_field_path(cell)
        {
            let nothing = cell.part(0..0);
            cells.insert(at, nothing);
        }
        let message = self.place(Column::Message)?;
        let surplus = cells.len().checked_sub(self.columns.len())?;
        if surplus > 0 {
            let (first, last) = (*cells.get(message)?, *cells.get(message + surplus)?);
            cells.splice(message..=message + surplus, [first.to(last, line)]);
        }
        Some(cells)
    }

    /// The cells of a row whose padding was lost: all before the message are one word, but for `5m (x3 over 10m)`.
    fn by_words<'a>(&self, line: Piece<'a>) -> Option<Vec<Piece<'a>>> {
        let one_word = |column: Column<'_>| {
            !matches!(
                column,
                Column::Source | Column::Subobject | Column::Message | Column::Other(_)
            )
        };
        let before = self.columns.len().checked_sub(1)?;
        if !self.message_last() || !self.columns().take(before).all(one_word) {
            return None;
        }
        let mut rest = line.trim();
        let mut cells = Vec::with_capacity(self.columns.len());
        for column in self.columns().take(before) {
            let (mut cell, mut after) = rest.split_once(" ")?;
            if column == Column::LastSeen && after.trim().starts_with("(x") {
                let (_, more) = after.split_once(")")?;
                cell = rest.part(0..more.start().saturating_sub(rest.start()));
                after = more;
            }
            if column == Column::Object && !cell.contains('/') && !self.names_objects() {
                return None;
            }
            cells.push(cell);
            rest = after.trim();
        }
        cells.push(rest);
        Some(cells)
    }
}

fn joined(name: &str) -> String {
    name.split_ascii_whitespace().collect()
}

/// The columns of a header whose padding was lost.
fn single(line: &str) -> Vec<(String, Option<usize>)> {
    let mut names: Vec<String> = Vec::new();
    for word in line.split_ascii_whitespace() {
        match names.last_mut() {
            Some(last) if SECOND.contains(&(last.as_str(), word)) => last.push_str(word),
            _ => names.push(word.to_owned()),
        }
    }
    names.into_iter().map(|name| (name, None)).collect()
}

/// Whether a word is an age: `5m`, `3h41m`, `2d` (apimachinery `util/duration`), or says that there is none.
pub fn is_age(word: &str) -> bool {
    if matches!(word, "<unknown>" | "<invalid>") {
        return true;
    }
    let unit = |byte: u8| matches!(byte, b's' | b'm' | b'h' | b'd' | b'y');
    let bytes = word.as_bytes();
    bytes.first().is_some_and(u8::is_ascii_digit)
        && bytes.last().copied().is_some_and(unit)
        && bytes.iter().all(|byte| byte.is_ascii_digit() || unit(*byte))
}

/// Whether a cell names a part of an object: `spec.containers{app}`.
fn is_field_path(cell: &str) -> bool {
    !cell.contains(' ')
        && (cell.contains('{')
            || ["spec.", "metadata.", "status."]
                .iter()
                .any(|start| cell.starts_with(start)))
}
