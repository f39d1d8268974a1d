//! `kubectl get`'s tables, read into the shape of the API objects whose fields they print.

mod cluster;
mod custom;
mod eks;
mod given;
mod layout;
mod mesh;
mod network;
mod resources;
mod sink;
mod storage;
#[cfg(test)]
mod tests;
mod watch;
mod workloads;

use std::collections::BTreeMap;
use std::ops::Range;

pub use given::Given;
pub use layout::{Header, wide_cells};
use resources::{Resource, by_columns, by_kind, by_name};
use sink::{Note, Sink};

use crate::artifact::{self, Artifact, Artifacts, Content, Document, Syntax, Value};
use crate::problem::Problem;
use crate::segment::{CommandLine, Segment};
use crate::text::{Piece, Sources};

/// The kind that events name in small letters (`pod`), in the API's spelling, and whether its objects have no namespace.
pub fn kind_of(lower: &str) -> Option<(&'static str, bool)> {
    by_name(lower)
        .filter(|resource| resource.kind.eq_ignore_ascii_case(lower))
        .map(|resource| (resource.kind, resource.cluster))
}

/// What a line of a table segment is.
enum Line<'a> {
    Header(Header),
    Row(&'a str),
}

/// The headers and rows of a text, each with where it begins.
fn lines<'a>(text: &'a str, given: &Given) -> impl Iterator<Item = (usize, Line<'a>)> {
    let mut at = 0;
    let mut first = true;
    text.split_inclusive('\n').filter_map(move |full| {
        let start = at;
        at += full.len();
        let line = full.trim_end_matches(['\n', '\r']);
        if line.trim().is_empty() {
            return None;
        }
        let named = if std::mem::take(&mut first) {
            given.header(line)
        } else {
            None
        };
        let header = named.or_else(|| Header::new(line));
        Some((start, header.map_or(Line::Row(line), Line::Header)))
    })
}

/// A table whose header was read, and what its rows are.
struct Table {
    header: Header,
    resource: Option<&'static Resource>,
    name: Option<usize>,
    namespace: Option<usize>,
}

impl Table {
    fn new(header: Header, wanted: Option<&str>, given: &Given) -> Self {
        let resource = match wanted {
            Some(word) if given.is_custom() || given.is_headless() => by_name(word),
            // Of several kinds the columns tell, or the prefixes of the names.
            Some(word) if !word.contains(',') && word != "all" => {
                // What a resource that is not known here prints can have any columns.
                by_name(word).and_then(|named| {
                    let fits = named.columns.iter().all(|column| header.has(column)) || named.begins(&header);
                    if fits { Some(named) } else { by_columns(&header) }
                })
            }
            _ => by_columns(&header),
        };
        Self {
            name: header.names_at(given),
            namespace: header.column("NAMESPACE"),
            header,
            resource,
        }
    }
}

/// A row as an object; `note` is told of each value that was read, and its bytes in the row.
fn object(
    table: &Table,
    given: &Given,
    line: &str,
    cells: &[Range<usize>],
    note: Option<Note<'_>>,
) -> (Option<&'static Resource>, Value) {
    let whole = Piece::new(line);
    let mut resource = table.resource;
    let mut sink = Sink::new(whole, note);
    for (i, range) in cells.iter().enumerate() {
        let cell = whole.part(range.clone());
        if is_cut(cell.str()) {
            continue;
        }
        if Some(i) == table.name {
            if let Some(named) = name(&mut sink, cell, resource) {
                resource = Some(named);
            }
        } else if Some(i) == table.namespace {
            sink.text("/metadata/namespace", cell);
        }
    }
    for (i, ((column, _), range)) in table.header.columns.iter().zip(cells).enumerate() {
        let cell = whole.part(range.clone());
        if Some(i) == table.name || Some(i) == table.namespace || cell.is_empty() {
            continue;
        }
        if is_cut(cell.str()) {
            sink.printed(column, cell);
            continue;
        }
        if matches!(cell.str(), "<none>" | "<unset>" | "<unknown>") {
            if says_none(column) {
                sink.printed(column, cell);
            }
            continue;
        }
        if let Some(path) = given.path(column) {
            if path.starts_with("/metadata/labels/") {
                sink.put(&format!("/{SOME_LABELS}"), Value::Bool(true), cell);
            }
            if path.starts_with("/metadata/") {
                sink.text(path, cell);
            } else {
                sink.number(path, cell);
            }
            continue;
        }
        sink.placed();
        match resource.and_then(|resource| resource.field(column)) {
            Some(read) => read.read(&mut sink, cell),
            None if column == "LABELS" => sink::As::Labels("/metadata/labels").read(&mut sink, cell),
            None => {}
        }
        // What is in a field is not kept twice, nor an age that nothing reads: a long table has a million rows.
        if !sink.placed() && (resource.is_none() || column != "AGE") {
            sink.printed(column, cell);
        }
    }
    let api = resource.map(|resource| [("apiVersion", resource.version), ("kind", resource.kind)]);
    let api = api.as_ref().map_or(&[][..], |members| members);
    (resource, sink.finish(api, whole))
}

/// Whether a value's end was cut off, by the terminal's edge or by a tool that shortens: kubectl prints no ellipsis itself.
fn is_cut(cell: &str) -> bool {
    cell.ends_with('…')
}

/// The member of a row that shows some labels in columns of their own (`-L`, custom columns), so that there may be others.
pub const SOME_LABELS: &str = "x-some-labels";

/// The columns in which nothing is a fact: no endpoint is ready, nothing is selected.
fn says_none(column: &str) -> bool {
    matches!(
        column,
        "LABELS" | "ENDPOINTS" | "SELECTOR" | "POD-SELECTOR" | "NODE" | "ADDRESS"
    )
}

/// Reads a name, which may have the resource before it and a class's `(default)` after it.
fn name(sink: &mut Sink<'_>, cell: Piece<'_>, known: Option<&'static Resource>) -> Option<&'static Resource> {
    let (prefix, mut name) = match cell.split_once("/") {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, cell),
    };
    let resource = prefix.and_then(|prefix| by_name(prefix.str()));
    if let Some((before, "(default)")) = name.split_once(" ").map(|(before, mark)| (before, mark.str())) {
        if resource
            .or(known)
            .is_some_and(|resource| resource.kind == "StorageClass")
        {
            sink.put(
                "/metadata/annotations/storageclass.kubernetes.io~1is-default-class",
                Value::from("true"),
                name.skip(before.len() + 1),
            );
        }
        name = before;
    }
    sink.text("/metadata/name", name);
    resource
}

/// The apiVersion and kind of a resource by one of its names on the command line.
pub fn api_of(word: &str) -> Option<(&'static str, &'static str)> {
    by_name(word).map(|resource| (resource.version, resource.kind))
}

/// What the rows of a table would be, had it any.
fn kind_of_rows(table: Option<&Table>) -> String {
    table.and_then(|table| table.resource).map_or_else(
        || "kubectl-table".to_owned(),
        |resource| format!("{}/{}", resource.version, resource.kind),
    )
}

/// How many rows that cannot be read are said one by one.
const SAID: usize = 20;

/// Reads a segment of tables into one list.
pub fn read(
    sources: &Sources,
    index: usize,
    segment: &Segment,
    artifacts: &mut Artifacts,
    problems: &mut Vec<Problem>,
) {
    let text = sources.text(segment.body);
    let line = segment.command.as_ref().map(|command| CommandLine::new(&command.text));
    let wanted = line.as_ref().and_then(CommandLine::resource);
    let namespace = line
        .as_ref()
        .filter(|line| line.is_kubectl())
        .and_then(|line| line.name(&["-n", "--namespace"]));
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let given = line.as_ref().map(Given::new).unwrap_or_default().above(first);
    let mut items = Vec::new();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut cells_known = BTreeMap::new();
    let mut table: Option<Table> = None;
    let mut runs = watch::Runs::new(line.as_ref());
    let mut unread = 0_usize;
    for (start, line) in lines(text, &given) {
        let row = match line {
            Line::Header(header) => {
                let next = table.insert(Table::new(header, wanted, &given));
                let standard = next.resource.is_some() && !given.is_custom();
                runs.begin(items.len(), standard, next.namespace.is_some());
                continue;
            }
            Line::Row(row) => row,
        };
        if table.is_none() {
            table = given.unprinted(row).map(|header| Table::new(header, wanted, &given));
            runs.begin(0, false, false);
        }
        let Some(table) = &table else { continue };
        let Some(cells) = table.header.cells(row) else {
            unread += 1;
            if unread <= SAID {
                problems.push(Problem::new(
                    segment.body.slice(start..start + row.len()),
                    "The cells of this row do not line up with the table's header, so it is left out; paste the table as kubectl printed it.",
                ));
            }
            continue;
        };
        let (resource, mut item) = object(table, &given, row, &cells, None);
        if let (Some(namespace), Some(command), None) = (namespace, &segment.command, table.namespace)
            && resource.is_none_or(|resource| !resource.cluster)
            && let Some(metadata) = item.pointer_mut("/metadata").and_then(Value::as_object_mut)
        {
            metadata.insert("namespace", Value::from(namespace));
            if cells_known.is_empty() {
                cells_known.insert(NAMESPACE_OF_COMMAND.to_owned(), command.span);
            }
        }
        items.push(item);
        runs.extend(items.len());
    }
    let (items, rows) = runs.merge(items);
    for item in &items {
        *counts.entry(kind(item)).or_default() += 1;
    }
    if unread > SAID {
        problems.push(Problem::new(
            segment.body,
            format!(
                "{} more rows of this table do not line up with its header either.",
                unread - SAID
            ),
        ));
    }
    if counts.is_empty() {
        counts.insert(kind_of_rows(table.as_ref()), 0);
    }
    let mut members = given.members(table.as_ref().map(|table| &table.header));
    // The command says which columns there are.
    for (member, _) in &members {
        let command = segment.command.as_ref();
        cells_known.extend(command.map(|command| (format!("/{member}"), command.span)));
    }
    members.extend(rows.map(|rows| (watch::ROWS, rows)));
    members.push(("kind", artifact::Value::from("List")));
    members.push(("items", artifact::Value::Array(items.into_boxed_slice())));
    let value = artifact::Value::Object(artifact::Map::from_iter(members));
    artifacts.add(Artifact {
        segment: index,
        span: segment.body,
        kinds: counts.into_iter().collect(),
        content: Content::Document(Document {
            span: segment.body,
            syntax: Syntax::Table,
            value,
            prefix: String::new(),
            complete: false,
            cut: crate::artifact::Cut::Nowhere,
            cells: cells_known,
            places: artifact::Places::default(),
        }),
    });
}

/// What an object counts as: `v1/Pod`, or the format's name where nothing tells.
fn kind(item: &artifact::Value) -> String {
    let word = |name: &str| item.get(name).and_then(artifact::Value::as_str);
    match (word("apiVersion"), word("kind")) {
        (Some(version), Some(kind)) => format!("{version}/{kind}"),
        _ => "kubectl-table".to_owned(),
    }
}

/// The key of [`Document::cells`] under which a table keeps its command, where the command names the namespace of all rows: one entry
/// instead of one a row.
pub const NAMESPACE_OF_COMMAND: &str = "/items/*/metadata/namespace";

/// Where the rows of a table stand, and the header of each.
#[derive(Clone, Default)]
pub struct Rows {
    places: Vec<(usize, usize)>,
    headers: Vec<Header>,
    given: Given,
    /// The rows of each object, where some have several.
    watched: Option<Vec<Vec<usize>>>,
}

impl std::fmt::Debug for Rows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rows")
            .field("places", &self.places)
            .finish_non_exhaustive()
    }
}

/// Finds the rows that were read; `value` is the document that was made of them.
pub fn rows(text: &str, value: &artifact::Value) -> Rows {
    let given = Given::kept(value);
    let mut found = Rows::default();
    for (start, line) in lines(text, &given) {
        let row = match line {
            Line::Header(header) => {
                found.headers.push(header);
                continue;
            }
            Line::Row(row) => row,
        };
        if found.headers.is_empty() {
            found.headers.extend(given.unprinted(row));
        }
        if let Some(header) = found.headers.last()
            && header.cells(row).is_some()
        {
            found.places.push((start, found.headers.len() - 1));
        }
    }
    found.given = given;
    found.watched = watch::kept(value);
    found
}

impl Rows {
    /// The bytes of the value at a pointer into a table's document: the cell, or the row where no cell holds just that value.
    pub fn find(&self, text: &str, value: &artifact::Value, pointer: &str) -> Option<Range<usize>> {
        let rest = pointer.strip_prefix("/items/")?;
        let (index, inner) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let index: usize = index.parse().ok()?;
        let mut item = value.get("items")?.as_array()?.get(index)?;
        let mut inner = inner;
        let mut row = index;
        if let Some(rows) = &self.watched {
            let rows = rows.get(index)?;
            row = *rows.last()?;
            if let Some(rest) = inner.strip_prefix("/x-earlier/") {
                let (number, rest) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
                let number: usize = number.parse().ok()?;
                row = *rows.get(number)?;
                item = item.get(watch::EARLIER)?.as_array()?.get(number)?;
                inner = rest;
            }
        }
        let &(start, header) = self.places.get(row)?;
        let row = text.get(start..)?.lines().next()?;
        if inner.is_empty() {
            return Some(start..start + row.trim_end().len());
        }
        let word = |name: &str| item.get(name).and_then(artifact::Value::as_str).unwrap_or_default();
        let mut table = Table::new(self.headers.get(header)?.clone(), None, &self.given);
        // The command may have said what the rows are where the columns do not.
        table.resource = by_kind(word("apiVersion"), word("kind"));
        let cells = table.header.cells(row)?;
        let mut best: Option<(usize, Range<usize>)> = None;
        let mut note = |at: &str, cell: Piece<'_>| {
            let inside = inner == at || inner.strip_prefix(at).is_some_and(|rest| rest.starts_with('/'));
            if inside && best.as_ref().is_none_or(|(len, _)| at.len() > *len) {
                best = Some((at.len(), cell.range()));
            }
        };
        object(&table, &self.given, row, &cells, Some(&mut note));
        best.map(|(_, cell)| start + cell.start..start + cell.end)
    }
}
