//! The values of a table's sections, in the shape in which the JSON output has them.

use super::sections::{Row, Section};
use crate::artifact::Placed;
use crate::artifact::aws::answer::Context;
use crate::artifact::aws::expected::Expected;
use crate::text::Piece;

/// Deeper sections are left out: no answer of an API comes near it.
const DEPTH: usize = 64;

struct Builder<'a, 's> {
    sections: &'s [Section<'a>],
    at: usize,
    body: Piece<'a>,
    queried: bool,
    /// How many names were printed that the expected shape does not have.
    foreign: usize,
}

/// The printed value, and how many of its names are not of the expected shape.
pub fn build<'a>(sections: &[Section<'a>], expected: &Expected, context: &Context, body: Piece<'a>) -> (Placed, usize) {
    let mut builder = Builder {
        sections,
        at: 0,
        body,
        queried: context.query.is_some(),
        foreign: 0,
    };
    let value = builder.value(0, expected, true);
    (value, builder.foreign)
}

impl<'a> Builder<'a, '_> {
    fn here(&self) -> Option<&Section<'a>> {
        self.sections.get(self.at)
    }

    /// The value of the sections from here on that have the same title and level.
    fn value(&mut self, level: usize, expected: &Expected, root: bool) -> Placed {
        let sections = self.sections;
        let Some(first) = sections.get(self.at) else {
            return Placed::object(self.body);
        };
        let element = expected.element();
        let inner = element.clone().unwrap_or_else(|| expected.clone());
        let mut items = Vec::new();
        let mut forms = 0;
        let mut last = first.whole;
        while let Some(section) = sections.get(self.at)
            && section.level == level
            && (section.title.str() == first.title.str())
        {
            self.at += 1;
            forms += 1;
            // Only objects have sections inside of them.
            let object = self.here().is_some_and(|next| next.level > level);
            let form = Form::of(section, &inner, root && self.queried && !object);
            let before = items.len();
            self.items(section, form, &inner, &mut items);
            last = section.whole;
            if self.here().is_some_and(|next| next.level > level) {
                if items.len() == before || form.is_list() {
                    items.push(Placed::object(section.whole));
                }
                let start = self.at;
                if let Some(owner) = items.last_mut() {
                    self.members(level + 1, &inner, owner);
                }
                if let Some(end) = self.at.checked_sub(1).filter(|end| *end >= start)
                    && let Some(nested) = sections.get(end)
                {
                    last = nested.whole;
                    if let Some(owner) = items.last_mut() {
                        owner.extend(nested.whole);
                    }
                }
            }
        }
        let listed = element.is_some()
            || matches!(expected, Expected::Parts(_))
            || items.len() != 1
            || (forms > 1)
            || (!inner.is_object() && items.iter().all(|item| item.members().is_none()));
        if listed {
            let mut list = Placed::array(first.whole);
            list.extend(last);
            for item in items {
                list.push(item);
            }
            return list;
        }
        items.pop().unwrap_or_else(|| Placed::object(first.whole))
    }

    /// Adds the members that the sections of a level are.
    fn members(&mut self, level: usize, parent: &Expected, owner: &mut Placed) {
        let sections = self.sections;
        while let Some(section) = sections.get(self.at)
            && section.level >= level
        {
            let name = section.title.str();
            let expected = match parent.member(name) {
                // A document that the API gives as text, and aws-cli decoded.
                Some(expected) if expected.is_scalar() => Expected::Unknown,
                Some(expected) => expected,
                None => {
                    self.foreign += usize::from(parent.names_known());
                    Expected::Unknown
                }
            };
            if level > DEPTH {
                self.at += 1;
                continue;
            }
            // A structure with only empty lists has no lines; the next section's title looks like a row of it.
            let columns = section.rows.first().map_or(0, |row| row.cells.len());
            if expected.is_object() && !expected.is_document() && !expected.is_map() && columns == 1 {
                self.at += 1;
                self.after_nothing(section, level, parent, owner);
                continue;
            }
            let value = self.value(section.level, &expected, false);
            owner.put(name, value);
        }
    }

    /// What is drawn under the title of a structure that has nothing to draw: the next sections of its level.
    fn after_nothing(&mut self, section: &Section<'a>, level: usize, parent: &Expected, owner: &mut Placed) {
        owner.put(section.title.str(), Placed::object(section.title));
        let header = section.header.iter().map(|name| (*name, *name));
        let rows = section
            .rows
            .iter()
            .filter_map(|row| row.cells.first().map(|cell| (*cell, row.line)));
        let mut lines = header.chain(rows).peekable();
        while let Some((title, line)) = lines.next() {
            let expected = parent.member(title.str()).unwrap_or(Expected::Unknown);
            let last = lines.peek().is_none();
            if last && self.here().is_some_and(|next| next.level > level) {
                let mut object = Placed::object(line);
                let inner = expected.element().unwrap_or_else(|| expected.clone());
                self.members(level + 1, &inner, &mut object);
                let value = if expected.element().is_some() {
                    let mut list = Placed::array(line);
                    list.push(object);
                    list
                } else {
                    object
                };
                owner.put(title.str(), value);
            } else if expected.is_object() {
                owner.put(title.str(), Placed::object(line));
            } else {
                let element = expected.element().unwrap_or(Expected::Unknown);
                let mut list = Placed::array(line);
                for (cell, row) in lines.by_ref() {
                    list.extend(row);
                    list.push(element.scalar(cell, self.queried));
                }
                owner.put(title.str(), list);
            }
        }
    }

    fn items(&mut self, section: &Section<'a>, form: Form, inner: &Expected, items: &mut Vec<Placed>) {
        match form {
            Form::Empty => {}
            Form::Header => {
                for row in &section.rows {
                    let mut object = Placed::object(row.line);
                    for (name, cell) in section.header.iter().zip(&row.cells) {
                        self.put(&mut object, *name, *cell, inner);
                    }
                    items.push(object);
                }
            }
            Form::Pairs => {
                let mut object = Placed::object(section.whole);
                for row in &section.rows {
                    if let [name, cell] = row.cells.as_slice() {
                        self.put(&mut object, *name, *cell, inner);
                    }
                    object.extend(row.line);
                }
                items.push(object);
            }
            Form::Scalars => {
                for (number, row) in section.rows.iter().enumerate() {
                    items.extend(self.row(row, inner, number));
                }
            }
        }
    }

    /// An element of a list: the scalar of a row with one column, or all its cells.
    fn row(&self, row: &Row<'a>, inner: &Expected, number: usize) -> Option<Placed> {
        // Lists in lists: where the ones around a row end is not drawn, so that it is alone in its own.
        if let Expected::List(element) = inner
            && matches!(**element, Expected::Parts(_) | Expected::List(_))
        {
            let mut list = Placed::array(row.line);
            list.push(self.row(row, element, 0)?);
            return Some(list);
        }
        let part = |number: usize| match inner {
            Expected::Parts(parts) => parts.get(number).cloned().unwrap_or(Expected::Unknown),
            Expected::List(element) => (**element).clone(),
            other => other.element().unwrap_or_else(|| other.clone()),
        };
        match row.cells.as_slice() {
            [] => None,
            [only] if !matches!(inner, Expected::Parts(parts) if parts.len() == 1) => {
                Some(part(number).scalar(*only, self.queried))
            }
            cells => {
                let mut list = Placed::array(row.line);
                for (column, cell) in cells.iter().enumerate() {
                    list.push(part(column).scalar(*cell, self.queried));
                }
                Some(list)
            }
        }
    }

    fn put(&mut self, object: &mut Placed, name: Piece<'a>, cell: Piece<'a>, inner: &Expected) {
        let expected = inner.member(name.str()).unwrap_or_else(|| {
            self.foreign += usize::from(inner.names_known());
            Expected::Unknown
        });
        // An empty cell is an empty string, or a member that this row does not have.
        if !cell.is_empty() && !name.is_empty() {
            object.put(name.str(), expected.member_scalar(name.str(), cell, self.queried));
        }
    }
}

/// How a section shows its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Only its title: all it has are the sections inside of it.
    Empty,
    /// Names above, a row an element.
    Header,
    /// A row a member: its name, its value.
    Pairs,
    /// A row an element of a list.
    Scalars,
}

impl Form {
    fn of(section: &Section<'_>, inner: &Expected, rows: bool) -> Self {
        let columns = section.rows.first().map_or(0, |row| row.cells.len());
        if section.rows.is_empty() {
            Self::Empty
        } else if !section.header.is_empty() {
            Self::Header
        } else if columns == 2
            && (inner.is_object() || (matches!(inner, Expected::Unknown) && !rows && distinct(section)))
        {
            Self::Pairs
        } else {
            Self::Scalars
        }
    }

    fn is_list(self) -> bool {
        self == Self::Scalars
    }
}

/// Whether the first cells of all rows can be names of members: all different, and sorted as aws-cli sorts names.
fn distinct(section: &Section<'_>) -> bool {
    section.rows.windows(2).all(|pair| match pair {
        [a, b] => a.cells.first().map(|cell| cell.str()) < b.cells.first().map(|cell| cell.str()),
        _ => true,
    })
}
