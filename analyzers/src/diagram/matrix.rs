//! The table of who may talk to whom: a row a source, a column a destination, by their namespaces. Few columns are as wide as their names;
//! of many the names stand upright and the cells are as small as what is in them.

use super::canvas::{self, LINE};
use super::measure;
use super::scene::{Anchor, Role, Scene, Shape, TextRole};
use crate::flow::policy::grid::{ALL, NONE};
use crate::flow::policy::table::{Cell, Line, Table, ports};
use crate::flow::{Actor, Flow, Step, Verdict};

const MARGIN: f64 = 16.0;
/// Between cells.
const GAP: f64 = 4.0;
/// Between namespaces.
const BAND: f64 = 10.0;
/// The head of a namespace.
const HEAD: f64 = 22.0;
const CELL_HEIGHT: f64 = 24.0;
/// The longest name of a row.
const ROW_NAME: f64 = 210.0;
/// The longest name of a column that stands upright.
const UPRIGHT_NAME: f64 = 200.0;
/// The widest cell of few columns, and of many.
const WIDE: f64 = 150.0;
const NARROW: f64 = 58.0;
const LEAST: f64 = 34.0;
/// As wide as this a picture may be with the columns' names written across: the page beside the pasted text.
const ACROSS: f64 = 740.0;

/// Draws the flow.
pub fn draw(flow: &Flow) -> Scene {
    let table = Table::new(flow);
    let across = Layout::new(&table, true);
    let layout = if across.right <= ACROSS {
        across
    } else {
        Layout::new(&table, false)
    };
    let mut shapes = layout.bands(&table);
    shapes.extend(layout.corner());
    shapes.extend(layout.names(&table));
    shapes.extend(table.cells.iter().map(|cell| layout.cell(cell)));
    let (legend, bottom) = legend(&table, &layout);
    shapes.extend(legend);
    Scene {
        width: layout.right.max(legend_width()) + MARGIN,
        height: bottom + MARGIN,
        title: flow.title.clone(),
        description: super::describe(flow),
        shapes,
    }
}

/// What stands in a cell of few columns: all of it; of many: what fits.
fn written(step: &Step, wide: bool) -> (String, Role, TextRole) {
    let open = step.verdict == Verdict::Assumed;
    let (text, role, text_role) = match ports(step) {
        _ if step.verdict == Verdict::Unknown => ("?".to_owned(), Role::CellUnknown, TextRole::CodeStrong),
        ALL if open => (ALL.to_owned(), Role::CellOpen, TextRole::CodeFaint),
        ALL => (ALL.to_owned(), Role::CellAll, TextRole::CodeStrong),
        NONE | "" => ("–".to_owned(), Role::CellNone, TextRole::CodeStop),
        ports if wide => (ports.to_owned(), Role::CellSome, TextRole::CodeStrong),
        ports => (short(ports), Role::CellSome, TextRole::CodeStrong),
    };
    let (text, _) = measure::fit(&text, text_role, if wide { WIDE - 14.0 } else { NARROW - 8.0 });
    (text, role, text_role)
}

/// `5432` of `TCP 5432`, `53/U` of `UDP 53`, `8000…` of `TCP 8000-9000`, `80+2` of three.
fn short(ports: &str) -> String {
    let mut all = ports.split(", ");
    let (protocol, numbers) = all
        .next()
        .and_then(|first| first.split_once(' '))
        .unwrap_or(("", ports));
    let number = match numbers.split_once('-') {
        Some((first, _)) => format!("{first}…"),
        None => numbers.to_owned(),
    };
    let protocol = match protocol {
        "UDP" => "/U",
        "SCTP" => "/S",
        _ => "",
    };
    match all.count() {
        0 => format!("{number}{protocol}"),
        more => format!("{number}{protocol}+{more}"),
    }
}

/// Where everything stands.
struct Layout {
    wide: bool,
    cell: f64,
    /// Left edges of the columns and of what comes behind them.
    columns: Vec<f64>,
    /// Top edges of the rows.
    rows: Vec<f64>,
    /// Left edge of the columns' names, and upper edge of the rows' bands.
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

impl Layout {
    fn new(table: &Table<'_>, wide: bool) -> Self {
        let Table { rows, columns, cells } = table;
        let texts = cells.iter().map(|cell| {
            let (text, _, role) = written(cell.step, wide);
            measure::width(&text, role) + if wide { 14.0 } else { 8.0 }
        });
        let mut cell = texts.fold(LEAST, f64::max);
        let name = |line: &Line<'_>, most: f64| {
            let (name, _) = measure::fit(&line.actor.name, TextRole::Title, most);
            measure::width(&name, TextRole::Title)
        };
        let longest = |lines: &[Line<'_>], most: f64| lines.iter().map(|line| name(line, most)).fold(0.0, f64::max);
        let head = if wide {
            cell = cell.max(longest(columns, WIDE - 12.0) + 12.0);
            HEAD + LINE + 8.0
        } else {
            let names = (0..columns.len()).map(|at| measure::width(&upright(table, at, cell).0, TextRole::Title));
            HEAD + names.fold(0.0, f64::max) + 14.0
        };
        let zones = rows
            .iter()
            .map(|line| measure::width(line.zone(), TextRole::Label).min(ROW_NAME));
        let names = zones.fold(longest(rows, ROW_NAME), f64::max).max(90.0);
        let left = MARGIN + names + 24.0;
        let top = MARGIN + head + BAND;
        let mut x = left;
        let mut lefts = Vec::new();
        for (at, line) in columns.iter().enumerate() {
            if line.first {
                x += if at == 0 { GAP } else { BAND + GAP };
            }
            lefts.push(x);
            x += cell + GAP;
        }
        let mut y = top;
        let mut tops = Vec::new();
        for (at, line) in rows.iter().enumerate() {
            if line.first {
                y += HEAD + if at == 0 { 0.0 } else { BAND + GAP };
            }
            tops.push(y);
            y += CELL_HEIGHT + GAP;
        }
        Self {
            wide,
            cell,
            columns: lefts,
            rows: tops,
            left,
            top,
            right: x.max(left + 60.0),
            bottom: y,
        }
    }

    fn column(&self, at: usize) -> f64 {
        self.columns.get(at).copied().unwrap_or(self.left)
    }

    fn row(&self, at: usize) -> f64 {
        self.rows.get(at).copied().unwrap_or(self.top)
    }

    /// The grounds of the namespaces, with their names.
    fn bands(&self, table: &Table<'_>) -> Vec<Shape> {
        let Table { rows, columns, .. } = table;
        let mut shapes = Vec::new();
        for (first, last) in spans(columns) {
            let (x, end) = (self.column(first) - GAP, self.column(last) + self.cell + GAP);
            shapes.push(band(x, MARGIN, end - x, self.top - BAND - MARGIN));
            let name = columns.get(first).map_or("", |line| line.zone());
            if self.wide || fits(name, end - x) {
                let room = end - x - 12.0;
                shapes.push(canvas::fitted(x + 6.0, MARGIN + 15.0, name, TextRole::Label, room));
            }
        }
        for (first, last) in spans(rows) {
            let (y, end) = (self.row(first) - HEAD, self.row(last) + CELL_HEIGHT + GAP);
            shapes.push(band(MARGIN, y, self.right - MARGIN, end - y));
            let name = rows.get(first).map_or("", |line| line.zone());
            let room = self.left - MARGIN - 16.0;
            shapes.push(canvas::fitted(MARGIN + 8.0, y + 15.0, name, TextRole::Label, room));
        }
        shapes
    }

    /// What rows and columns are.
    fn corner(&self) -> Vec<Shape> {
        let y = self.top - BAND - 8.0;
        vec![
            canvas::text(MARGIN + 8.0, y - LINE, "columns: to", TextRole::Note),
            canvas::text(MARGIN + 8.0, y, "rows: from", TextRole::Note),
        ]
    }

    fn names(&self, table: &Table<'_>) -> Vec<Shape> {
        let mut shapes = Vec::new();
        for (at, line) in table.columns.iter().enumerate() {
            let (x, y) = (self.column(at), self.top - BAND - 8.0);
            let most = if self.wide { self.cell - 8.0 } else { UPRIGHT_NAME };
            let (text, full) = if self.wide {
                named(line.actor, most)
            } else {
                upright(table, at, self.cell)
            };
            shapes.push(if self.wide {
                Shape::Text {
                    x: x + self.cell / 2.0,
                    y,
                    text,
                    role: TextRole::Title,
                    anchor: Anchor::Middle,
                    length: None,
                    full,
                }
            } else {
                Shape::Upright {
                    x: x + self.cell / 2.0 + measure::size(TextRole::Title) * 0.3,
                    y,
                    text,
                    role: TextRole::Title,
                    full,
                }
            });
        }
        for (at, line) in table.rows.iter().enumerate() {
            let (text, full) = named(line.actor, ROW_NAME);
            shapes.push(Shape::Text {
                x: MARGIN + 14.0,
                y: self.row(at) + CELL_HEIGHT / 2.0 + 4.0,
                text,
                role: TextRole::Title,
                anchor: Anchor::Start,
                length: None,
                full,
            });
        }
        shapes
    }

    fn cell(&self, cell: &Cell<'_>) -> Shape {
        let (text, role, text_role) = written(cell.step, self.wide);
        let to = cell.step.to.as_ref().map_or("", |to| to.name.as_str());
        let mut label = format!("{} to {to}: {}", cell.step.actor.name, cell.step.action);
        // Who calls a cell by voice says what stands in it.
        if !label.contains(&text) {
            label = format!("{label}, in short {text}");
        }
        Shape::Cell {
            x: self.column(cell.column),
            y: self.row(cell.row),
            width: self.cell,
            height: CELL_HEIGHT,
            role,
            text,
            text_role,
            step: cell.number,
            label,
        }
    }
}

fn band(x: f64, y: f64, width: f64, height: f64) -> Shape {
    Shape::Rect {
        x,
        y,
        width,
        height,
        radius: 8.0,
        role: Role::Zone1,
    }
}

/// A name that fits, and all that it stands for.
fn named(actor: &Actor, most: f64) -> (String, Option<String>) {
    let (text, cut) = measure::fit(&actor.name, TextRole::Title, most);
    let whole = measure::clean(&actor.details.join(", "));
    let full = if whole.is_empty() { cut } else { Some(whole) };
    (text, full)
}

/// Whether a namespace's name has room in the head of its columns.
fn fits(name: &str, width: f64) -> bool {
    measure::width(name, TextRole::Label) <= width - 12.0
}

/// The name of a column that stands upright, with its namespace where that has no room above it.
fn upright(table: &Table<'_>, at: usize, cell: f64) -> (String, Option<String>) {
    let Some(line) = table.columns.get(at) else {
        return (String::new(), None);
    };
    let span = spans(&table.columns).into_iter().find(|(_, last)| at <= *last);
    let count = span.map_or(1, |(first, last)| last - first + 1);
    let width = (0..count).map(|_| cell + GAP).sum::<f64>() + GAP;
    let (text, full) = named(line.actor, UPRIGHT_NAME);
    if line.zone().is_empty() || fits(line.zone(), width) {
        return (text, full);
    }
    let (text, cut) = measure::fit(
        &format!("{}/{}", line.zone(), line.actor.name),
        TextRole::Title,
        UPRIGHT_NAME,
    );
    (text, full.or(cut))
}

/// The first and the last of each namespace.
fn spans(lines: &[Line<'_>]) -> Vec<(usize, usize)> {
    let mut spans: Vec<(usize, usize)> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        match spans.last_mut() {
            Some((_, last)) if !line.first => *last = at,
            _ => spans.push((at, at)),
        }
    }
    spans
}

/// What each kind of cell means.
const MEANINGS: [(Role, &str, TextRole, &str); 5] = [
    (Role::CellAll, "all", TextRole::CodeStrong, "a policy allows every port"),
    (Role::CellSome, "443", TextRole::CodeStrong, "these ports alone"),
    (Role::CellNone, "–", TextRole::CodeStop, "nothing passes"),
    (
        Role::CellOpen,
        "all",
        TextRole::CodeFaint,
        "no policy concerns it: open",
    ),
    (
        Role::CellUnknown,
        "?",
        TextRole::CodeStrong,
        "not known from what was pasted",
    ),
];
const SAMPLE: f64 = 36.0;
/// What stands for words in narrow cells.
const SIGNS: [(&str, &str); 4] = [
    ("/U", "/U: UDP"),
    ("/S", "/S: SCTP"),
    ("…", "…: a range"),
    ("+", "+n: so many more"),
];

fn legend_width() -> f64 {
    let widest = MEANINGS
        .iter()
        .map(|(.., words)| measure::width(words, TextRole::Note))
        .fold(0.0, f64::max);
    let signs: Vec<&str> = SIGNS.iter().map(|(_, words)| *words).collect();
    MARGIN + (SAMPLE + 8.0 + widest).max(measure::width(&signs.join(", "), TextRole::Note))
}

/// The cells that there are with their meanings, below the table; and where they end.
fn legend(table: &Table<'_>, layout: &Layout) -> (Vec<Shape>, f64) {
    let mut shapes = Vec::new();
    let (mut x, mut y) = (MARGIN, layout.bottom + BAND + GAP);
    let mut any = false;
    for (role, sample, text_role, words) in MEANINGS {
        if !table.cells.iter().any(|cell| written(cell.step, true).1 == role) {
            continue;
        }
        let width = SAMPLE + 8.0 + measure::width(words, TextRole::Note);
        if any && x + width > layout.right {
            (x, y) = (MARGIN, y + LINE + 8.0);
        }
        any = true;
        shapes.push(Shape::Rect {
            x,
            y,
            width: SAMPLE,
            height: LINE + 2.0,
            radius: 3.0,
            role,
        });
        let middle = Anchor::Middle;
        shapes.push(canvas::anchored(x + SAMPLE / 2.0, y + 13.0, sample, text_role, middle));
        shapes.push(canvas::text(x + SAMPLE + 8.0, y + 13.0, words, TextRole::Note));
        x += width + 20.0;
    }
    if !layout.wide {
        let used = |sign: &str| {
            table
                .cells
                .iter()
                .any(|cell| written(cell.step, false).0.contains(sign))
        };
        let signs: Vec<&str> = SIGNS
            .iter()
            .filter(|(sign, _)| used(sign))
            .map(|(_, words)| *words)
            .collect();
        let words = signs.join(", ");
        if !signs.is_empty() {
            if any && x + measure::width(&words, TextRole::Note) > layout.right {
                (x, y) = (MARGIN, y + LINE + 8.0);
            }
            any = true;
            shapes.push(canvas::text(x, y + 13.0, words, TextRole::Note));
        }
    }
    (shapes, y + if any { LINE + 2.0 } else { 0.0 })
}
