//! The sections of a table, by its rulings.

use crate::text::Piece;

/// A section as it is drawn.
#[derive(Debug)]
pub struct Section<'a> {
    /// How deep it is: the bars around its lines.
    pub level: usize,
    /// The operation, or the name of the member.
    pub title: Piece<'a>,
    /// The names of the columns, where it has a header.
    pub header: Vec<Piece<'a>>,
    /// The cells of the rows.
    pub rows: Vec<Row<'a>>,
    /// All of it.
    pub whole: Piece<'a>,
}

/// A row.
#[derive(Debug)]
pub struct Row<'a> {
    /// The line.
    pub line: Piece<'a>,
    /// Its cells without the blanks around them.
    pub cells: Vec<Piece<'a>>,
}

/// What was found in a text.
#[derive(Debug, Default)]
pub struct Scanned<'a> {
    /// The sections in their order.
    pub sections: Vec<Section<'a>>,
    /// What is not part of one.
    pub problems: Vec<(Piece<'a>, String)>,
}

/// Which part of a section was last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The title.
    Title,
    /// The first ruling, or a line between it and the second.
    First,
    /// The second ruling: what stood above may be a header.
    Second,
    /// A row under a header.
    Body,
    /// The third ruling.
    Done,
}

/// How many lines are said one by one.
const PROBLEMS: usize = 20;

/// Whether a line (without blanks around it) is a ruling: `+----+`, `||+--+-+||`.
pub fn is_ruling(line: &str) -> bool {
    let inside = line.trim_matches('|');
    let level = line.len() - line.trim_start_matches('|').len();
    inside.len() > 2
        && inside.starts_with('+')
        && inside.ends_with('+')
        && line.len() - inside.len() == 2 * level
        && inside.bytes().all(|byte| byte == b'-' || byte == b'+')
}

/// Whether a line that looks like the title of an operation may be a section inside of a table: it has more than one bar at its ends, or
/// its name is not that of an operation that reads.
pub fn may_follow(line: &str) -> bool {
    let title = line.trim_matches('|').trim();
    line.starts_with("||")
        || !["Describe", "List", "Get", "Lookup", "Filter"]
            .iter()
            .any(|verb| title.starts_with(verb))
}

/// The bars around a line's text, beyond the ones at its ends.
fn level_of(line: &str) -> usize {
    (line.len() - line.trim_start_matches('|').len()).saturating_sub(1)
}

/// The blanks that `center_text` of `table.py` puts before a text in a field that is `width` wide.
fn centred(width: usize, text: usize) -> usize {
    (width / 2).saturating_sub(text / 2 + 1)
}

#[derive(Default)]
struct Scanner<'a> {
    found: Scanned<'a>,
    stage: Option<Stage>,
    /// Where the `+` of the last ruling are, in characters of the line.
    columns: Vec<usize>,
}

/// Finds the sections.
pub fn scan(body: Piece<'_>) -> Scanned<'_> {
    let mut scanner = Scanner::default();
    let mut open: Option<Piece<'_>> = None;
    let mut closed = true;
    for line in body.lines() {
        let line = match open {
            Some(start) => start.to(line.trim(), body),
            None => line.trim(),
        };
        if line.is_empty() || (scanner.found.sections.is_empty() && line.bytes().all(|byte| byte == b'-')) {
            continue;
        }
        if is_ruling(line.str()) {
            closed = true;
            scanner.ruling(line, body);
            continue;
        }
        // A cell with several lines: the row is closed where its last column is.
        if line.starts_with('|') && !(line.ends_with('|') && line.len() > 1) {
            open = Some(line);
            continue;
        }
        open = None;
        if line.starts_with('|') {
            closed = false;
            scanner.text(line, body);
        } else {
            scanner.problem(line, "This line is no part of the table around it.");
        }
    }
    if let Some(line) = open {
        closed = false;
        scanner.problem(line, "The table's row breaks off here; paste the rest of it.");
    }
    if !closed {
        let last = body.skip(body.len().saturating_sub(1));
        scanner.problem(
            last,
            "The table breaks off here: its last ruling is missing. What stands before is read.",
        );
    }
    scanner.found
}

impl<'a> Scanner<'a> {
    fn problem(&mut self, piece: Piece<'a>, message: &str) {
        if self.found.problems.len() < PROBLEMS {
            self.found.problems.push((piece, message.to_owned()));
        }
    }

    fn ruling(&mut self, line: Piece<'a>, body: Piece<'a>) {
        let level = line.len() - line.trim_start_matches('|').len();
        let Some(section) = self.found.sections.last_mut().filter(|section| section.level == level) else {
            return;
        };
        section.whole = section.whole.to(line, body);
        self.stage = match self.stage {
            Some(Stage::First) if !section.rows.is_empty() => Some(Stage::Second),
            Some(Stage::Body) => Some(Stage::Done),
            Some(Stage::Title) => Some(Stage::First),
            other => other,
        };
        self.columns = line.match_indices('+').map(|(at, _)| at).collect();
    }

    fn text(&mut self, line: Piece<'a>, body: Piece<'a>) {
        let level = level_of(line.str());
        let same = self.found.sections.last().is_some_and(|section| section.level == level);
        let row = same
            && match self.stage {
                Some(Stage::First | Stage::Body) => true,
                Some(Stage::Second) => self.follows_header(line),
                _ => false,
            };
        if !row {
            self.stage = Some(Stage::Title);
            self.columns.clear();
            let title = line.part(level + 1..line.len().saturating_sub(level + 1)).trim();
            self.found.sections.push(Section {
                level,
                title,
                header: Vec::new(),
                rows: Vec::new(),
                whole: line,
            });
            return;
        }
        let Some(cells) = self.cells(line) else {
            self.problem(
                line,
                "The cells of this row cannot be told apart: a bar stands in one of them beside letters of double width.",
            );
            return;
        };
        let Some(section) = self.found.sections.last_mut() else {
            return;
        };
        if self.stage == Some(Stage::Second) {
            section.header = section.rows.pop().map(|row| row.cells).unwrap_or_default();
            self.stage = Some(Stage::Body);
        }
        section.whole = section.whole.to(line, body);
        section.rows.push(Row { line, cells });
    }

    /// Whether a line after the second ruling is a row, and the line between the rulings was a header; otherwise it is the title of the next
    /// section.
    fn follows_header(&self, line: Piece<'a>) -> bool {
        let Some(section) = self.found.sections.last() else {
            return false;
        };
        let [above] = section.rows.as_slice() else { return false };
        if self.columns.len() > 2 {
            return self.cells(line).is_some();
        }
        // One column: a header is centred, a row is not, and a title is.
        let [start, end] = self.columns.as_slice() else {
            return false;
        };
        let width = end + 1 - start;
        let blanks = |line: Piece<'_>| {
            let inside = line.skip(section.level + 1);
            inside.len() - inside.trim_start_matches(' ').len()
        };
        let name = above.cells.first().map_or(0, |cell| cell.chars().count());
        let middle = centred(width, name);
        if blanks(above.line) != middle {
            return false;
        }
        let own = line.trim_matches(['|', ' ']).chars().count();
        middle != 2 || blanks(line) != centred(width, own) || blanks(line) == 2
    }

    /// The cells of a row between the places where the ruling above has its `+`.
    fn cells(&self, line: Piece<'a>) -> Option<Vec<Piece<'a>>> {
        let bars = self.columns.as_slice();
        let stand = |at: &usize| line.as_bytes().get(*at) == Some(&b'|');
        let places = if line.is_ascii() {
            bars.to_vec()
        } else {
            let mut wanted = bars.iter().peekable();
            let letters = line.char_indices().enumerate();
            letters
                .filter(|(number, _)| wanted.next_if(|at| *at == number).is_some())
                .map(|(_, (at, _))| at)
                .collect()
        };
        if places.len() == bars.len() && places.iter().all(stand) {
            let pairs = places.windows(2);
            return Some(
                pairs
                    .filter_map(|pair| match pair {
                        [from, to] => Some(line.part(from + 1..*to).trim()),
                        _ => None,
                    })
                    .collect(),
            );
        }
        if line.is_ascii() && !line.contains('\n') {
            return None;
        }
        // Letters of double width move the bars; then the bars themselves have to tell.
        let level = level_of(line.str());
        let inside = line.part(level + 1..line.len().saturating_sub(level + 1));
        let cells: Vec<Piece<'a>> = inside.split(|c| c == '|').map(Piece::trim).collect();
        (cells.len() + 1 == bars.len()).then_some(cells)
    }
}
