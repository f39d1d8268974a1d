//! The events at the end of a description, as objects of their own.

use super::layout::{Entry, Row, Table};
use crate::artifact::Placed;
use crate::artifact::kubectl::list;
use crate::text::Piece;

/// The object that the events are about.
#[derive(Debug, Clone, Copy, Default)]
pub struct About<'a> {
    pub kind: Option<&'static str>,
    pub name: Option<Piece<'a>>,
    pub namespace: Option<Piece<'a>>,
}

/// Whether a line is the header of a table of events, of this kubectl or an older one.
pub fn is_header(line: &str) -> bool {
    let line = line.trim();
    (line.starts_with("Type ") || line.starts_with("FirstSeen"))
        && ["Reason", "From", "Message"].iter().all(|column| line.contains(column))
}

/// The events of `Events:`, as a list; nothing where there is none.
pub fn read(entry: &Entry<'_, '_>, about: About<'_>) -> Option<(Placed, usize)> {
    of_table(&entry.table(), entry.piece(), about)
}

/// The events of a table.
pub fn of_table(table: &Table<'_, '_>, piece: Piece<'_>, about: About<'_>) -> Option<(Placed, usize)> {
    let mut items = Placed::array(piece);
    for row in table.rows() {
        items.push(event(&row, about));
    }
    let count = items.len();
    (count > 0).then(|| (list::of(items, piece), count))
}

fn event(row: &Row<'_, '_>, about: About<'_>) -> Placed {
    let line = row.line.text;
    let mut made = Placed::object(line);
    made.put("apiVersion", Placed::value("v1", line));
    made.put("kind", Placed::value("Event", line));
    if let Some(namespace) = about.namespace {
        made.put_at(&["metadata", "namespace"], line, Placed::text(namespace));
        made.put_at(&["involvedObject", "namespace"], line, Placed::text(namespace));
    }
    if let Some(kind) = about.kind {
        made.put_at(&["involvedObject", "kind"], line, Placed::value(kind, line));
    }
    if let Some(name) = about.name {
        made.put_at(&["involvedObject", "name"], line, Placed::text(name));
    }
    if !row.is_read() {
        made.put("x-printed", Placed::text(line));
        return made;
    }
    for (column, cell) in row.cells() {
        match column.str() {
            "Type" => made.put("type", Placed::text(cell)),
            "Reason" => made.put("reason", Placed::text(cell)),
            "Age" => age(&mut made, cell),
            "From" => source(&mut made, cell),
            "Message" => message(&mut made, cell),
            // Before kubectl 1.7: FirstSeen LastSeen Count From SubObjectPath Type Reason Message.
            "Count" => made.put("count", Placed::number(cell)),
            "LastSeen" => made.put("x-age", Placed::text(cell)),
            "FirstSeen" => made.put("x-firstSeen", Placed::text(cell)),
            "SubObjectPath" => made.put_at(&["involvedObject", "fieldPath"], cell, Placed::text(cell)),
            other => made.put_at(&["x-printed", other], cell, Placed::text(cell)),
        }
    }
    made
}

/// `3m`, `2m (x5 over 10m)`.
pub fn age(made: &mut Placed, cell: Piece<'_>) {
    made.put("x-age", Placed::text(cell));
    let Some((_, rest)) = cell.split_once("(x") else { return };
    if let Some(first) = rest.split_once(" over ").and_then(|(_, first)| first.strip_suffix(")")) {
        made.put("x-firstSeen", Placed::text(first));
    }
    let count = rest.words().next().unwrap_or(rest);
    let count = count.strip_suffix(")").unwrap_or(count);
    if count.parse::<i64>().is_ok() {
        made.put("count", Placed::number(count));
    }
}

/// `kubelet`, or older `kubelet, ip-10-0-1-1.ec2.internal` with the host.
pub fn source(made: &mut Placed, cell: Piece<'_>) {
    let (component, host) = cell.split_once(", ").unwrap_or((cell, cell.skip(cell.len())));
    made.put_at(&["source", "component"], cell, Placed::text(component));
    if !host.is_empty() {
        made.put_at(&["source", "host"], host, Placed::text(host));
    }
}

/// The message; newer kubectl writes the part of the object that it is about before it: `spec.containers{app}: Back-off …`.
pub fn message(made: &mut Placed, cell: Piece<'_>) {
    let path = cell
        .split_once("}: ")
        .filter(|(path, _)| path.starts_with("spec.") && path.contains('{') && !path.contains(' '));
    if let Some((path, rest)) = path {
        let path = cell.part(0..path.len() + 1);
        made.put_at(&["involvedObject", "fieldPath"], path, Placed::text(path));
        made.put("message", Placed::text(rest));
    } else {
        made.put("message", Placed::text(cell));
    }
}
