//! Lists that a query makes of scalars and of lists: `[SubnetId, Tags]`. aws-cli prints the scalars of one on a line and then what its lists
//! have, each list of scalars on a line, of others each element (`text.py`); of an empty list nothing. A line belongs where its words fit
//! and nowhere else do.

use super::align::{Fit, Presence, align};
use super::fit::fit;
use super::{tree, words};
use crate::artifact::Placed;
use crate::artifact::aws::expected::Expected;
use crate::text::Piece;

/// A part of such a list.
struct Column<'e> {
    name: &'e str,
    expected: &'e Expected,
    /// What its elements are, where it is a list.
    element: Option<Expected>,
}

/// What a line can be.
struct Reading<'a> {
    fit: Fit,
    values: Vec<Placed>,
    line: Piece<'a>,
}

fn columns<'e>(parts: &'e [Expected], names: &[&'e str]) -> Option<Vec<Column<'e>>> {
    let named = |number: usize| names.get(number).copied().unwrap_or_default();
    let columns = parts.iter().enumerate().map(|(number, expected)| {
        let element = if expected.is_scalar() {
            None
        } else {
            Some(expected.element()?)
        };
        Some(Column {
            name: named(number),
            expected,
            element,
        })
    });
    columns.collect()
}

/// `[…]` of each element of a list.
pub fn rows(parts: &[Expected], names: &[&str], body: Piece<'_>) -> Option<Placed> {
    let columns = columns(parts, names)?;
    if !columns.iter().any(|column| column.element.is_none()) {
        // Nothing tells where one ends.
        return None;
    }
    let mut list = Placed::array(body);
    let mut open: Option<Row> = None;
    for line in body.lines().filter(|line| !line.is_empty()) {
        let start = own(&columns, line);
        let inner = Row::place(&columns, open.as_ref(), line);
        let is_start = match (&start, &inner) {
            (Some(_), Inner::Nowhere) => true,
            (Some(start), Inner::At(_, reading)) if start.fit != reading.fit => start.fit > reading.fit,
            (None, Inner::At(..)) => false,
            _ => return None,
        };
        if is_start {
            if let Some(row) = open.take() {
                list.push(row.finish(&columns));
            }
            open = start.map(|start| Row::new(&columns, start));
        } else if let (Some(row), Inner::At(column, reading)) = (open.as_mut(), inner) {
            row.take(column, reading);
        }
    }
    list.push(open?.finish(&columns));
    Some(list)
}

/// `[…]` alone.
pub fn alone(parts: &[Expected], names: &[&str], body: Piece<'_>) -> Option<Placed> {
    let columns = columns(parts, names)?;
    let mut lines = body.lines().filter(|line| !line.is_empty()).peekable();
    let mut row = if columns.iter().any(|column| column.element.is_none()) {
        Row::new(&columns, own(&columns, lines.next()?)?)
    } else {
        let line = *lines.peek()?;
        Row::new(
            &columns,
            Reading {
                fit: Fit::Plain,
                values: Vec::new(),
                line,
            },
        )
    };
    for line in lines {
        match Row::place(&columns, Some(&row), line) {
            Inner::At(column, reading) => row.take(column, reading),
            Inner::Nowhere | Inner::Unclear => return None,
        }
    }
    Some(row.finish(&columns))
}

/// A list that is being read.
struct Row<'a> {
    line: Piece<'a>,
    scalars: Vec<Placed>,
    /// Of each column that is a list what was printed of it, and the last such column.
    lists: Vec<Vec<Placed>>,
    last: usize,
}

/// Where in an open list a line belongs.
enum Inner<'a> {
    At(usize, Reading<'a>),
    Nowhere,
    Unclear,
}

impl<'a> Row<'a> {
    fn new(columns: &[Column<'_>], start: Reading<'a>) -> Self {
        Self {
            line: start.line,
            scalars: start.values,
            lists: columns.iter().map(|_| Vec::new()).collect(),
            last: 0,
        }
    }

    fn place(columns: &[Column<'_>], open: Option<&Self>, line: Piece<'a>) -> Inner<'a> {
        let Some(row) = open else { return Inner::Nowhere };
        let mut found: Option<(usize, Reading<'a>)> = None;
        let mut twice = false;
        for (number, column) in columns.iter().enumerate().skip(row.last) {
            let Some(element) = &column.element else { continue };
            let begun = row.lists.get(number).is_some_and(|list| !list.is_empty());
            // A list of scalars is one line.
            let Some(reading) = inside(column.name, element, line).filter(|_| !(begun && element.is_scalar())) else {
                continue;
            };
            match &found {
                Some((_, first)) if first.fit > reading.fit => {}
                Some((_, first)) if first.fit == reading.fit => twice = true,
                _ => {
                    found = Some((number, reading));
                    twice = false;
                }
            }
        }
        match found {
            Some(_) if twice => Inner::Unclear,
            Some((number, reading)) => Inner::At(number, reading),
            None => Inner::Nowhere,
        }
    }

    fn take(&mut self, column: usize, reading: Reading<'a>) {
        self.last = column;
        if let Some(list) = self.lists.get_mut(column) {
            list.extend(reading.values);
        }
    }

    fn finish(self, columns: &[Column<'_>]) -> Placed {
        let mut found = Placed::array(self.line);
        let mut scalars = self.scalars.into_iter();
        for (column, items) in columns.iter().zip(self.lists) {
            if column.element.is_none() {
                found.push(scalars.next().unwrap_or_else(|| Placed::array(self.line)));
                continue;
            }
            let mut list = Placed::array(self.line);
            for item in items {
                list.push(item);
            }
            found.push(list);
        }
        found
    }
}

/// The scalars of a list. Lists that are not there are a `None` each among them.
fn own<'a>(columns: &[Column<'_>], line: Piece<'a>) -> Option<Reading<'a>> {
    let scalar = |column: &&Column<'_>| column.element.is_none();
    let scalars: Vec<(&str, &Expected)> = columns
        .iter()
        .filter(scalar)
        .map(|column| (column.name, column.expected))
        .collect();
    words::best(line, |cells| {
        if cells.len() == scalars.len() {
            return together(&scalars, cells, line);
        }
        let absent = |(cell, column): (&Piece<'_>, &Column<'_>)| column.element.is_none() || cell.str() == "None";
        if cells.len() != columns.len() || !cells.iter().zip(columns).all(absent) {
            return None;
        }
        let present = cells.iter().zip(columns).filter(|(_, column)| column.element.is_none());
        let present: Vec<Piece<'_>> = present.map(|(cell, _)| *cell).collect();
        together(&scalars, &present, line)
    })
}

/// An element of a list that is a part, or all of them where they are scalars.
fn inside<'a>(name: &str, element: &Expected, line: Piece<'a>) -> Option<Reading<'a>> {
    if element.is_scalar() {
        // `SubnetIds`: each is a subnet's id.
        let name = name.strip_suffix('s').unwrap_or(name);
        return words::best(line, |cells| {
            let all: Vec<(&str, &Expected)> = cells.iter().map(|_| (name, element)).collect();
            together(&all, cells, line)
        });
    }
    if let Expected::Parts(parts) = element {
        let parts: Vec<(&str, &Expected)> = parts.iter().map(|part| ("", part)).collect();
        let mut reading = words::best(line, |cells| together(&parts, cells, line))?;
        let mut row = Placed::array(line);
        for value in std::mem::take(&mut reading.values) {
            row.push(value);
        }
        reading.values.push(row);
        return Some(reading);
    }
    structure(element, line)
}

/// Words that are one value each.
fn together<'a>(expected: &[(&str, &Expected)], cells: &[Piece<'a>], line: Piece<'a>) -> Option<(usize, Reading<'a>)> {
    if cells.len() != expected.len() {
        return None;
    }
    let mut reading = Reading {
        fit: Fit::Plain,
        values: Vec::with_capacity(cells.len()),
        line,
    };
    let mut points = 0;
    for (cell, (name, expected)) in cells.iter().zip(expected) {
        match fit(name, expected, cell.str(), true) {
            Fit::Not => return None,
            Fit::Telling => {
                points += 1;
                reading.fit = Fit::Telling;
            }
            Fit::Plain => {}
        }
        reading.values.push(expected.scalar(*cell, true));
    }
    Some((points, reading))
}

/// An element that is a structure, where all of its words have names.
fn structure<'a>(expected: &Expected, line: Piece<'a>) -> Option<Reading<'a>> {
    if !expected.is_object() || expected.is_map() {
        return None;
    }
    let columns = tree::columns(expected);
    words::best(line, |cells| structure_of(&columns, cells, line))
}

fn structure_of<'a>(columns: &[tree::Column], cells: &[Piece<'a>], line: Piece<'a>) -> Option<(usize, Reading<'a>)> {
    let presences: Vec<Presence> = columns.iter().map(|column| column.presence).collect();
    let fits = |word: usize, member: usize| {
        cells
            .get(word)
            .zip(columns.get(member))
            .map_or(Fit::Not, |(word, column)| {
                fit(&column.name, &column.expected, word.str(), true)
            })
    };
    let named = align(cells.len(), &presences, &fits)?;
    let mut object = Placed::object(line);
    let mut told = Fit::Plain;
    let mut points = 0;
    for (number, (cell, member)) in cells.iter().zip(named).enumerate() {
        let member = member?;
        let fit = fits(number, member);
        told = told.max(fit);
        points += usize::from(fit == Fit::Telling);
        let column = columns.get(member)?;
        object.put(&column.name, column.expected.member_scalar(&column.name, *cell, true));
    }
    let reading = Reading {
        fit: told,
        values: vec![object],
        line,
    };
    Some((points, reading))
}
