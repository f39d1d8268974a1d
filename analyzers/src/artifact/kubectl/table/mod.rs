//! `kubectl get`'s tables, read into the shape of the API objects whose fields they print.
//!
//! Columns and what they print: kubectl's server-side printers, `pkg/printers/internalversion/printers.go` of kubernetes/kubernetes.

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::{Map, Value};

mod fields;
mod layout;
mod resources;

use fields::field;
pub use layout::Header;
use resources::{CLUSTER_SCOPED, Resource, by_columns, by_name};

use crate::artifact::{self, Artifact, Artifacts, Content, Document, Syntax};
use crate::problem::Problem;
use crate::segment::{CommandLine, Segment};
use crate::text::Sources;

/// What a line of a table segment is.
enum Line<'a> {
    Header(Header),
    Row(&'a str),
}

/// The headers and rows of a text, each with where it begins.
fn lines(text: &str) -> impl Iterator<Item = (usize, Line<'_>)> {
    let mut at = 0;
    text.split_inclusive('\n').filter_map(move |full| {
        let start = at;
        at += full.len();
        let line = full.trim_end_matches(['\n', '\r']);
        if line.trim().is_empty() {
            return None;
        }
        Some((start, Header::new(line).map_or(Line::Row(line), Line::Header)))
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
    fn new(header: Header, wanted: Option<&str>) -> Self {
        let resource = wanted
            .and_then(by_name)
            .filter(|resource| resource.columns.iter().all(|column| header.has(column)))
            .or_else(|| by_columns(&header));
        Self {
            name: header.column("NAME"),
            namespace: header.column("NAMESPACE"),
            header,
            resource,
        }
    }
}

/// A row as an object, and for each value that was read the pointer inside the object and the cell's bytes in the row.
fn object(
    table: &Table,
    line: &str,
    cells: &[Range<usize>],
    mut note: impl FnMut(&str, &Range<usize>),
) -> (Option<&'static Resource>, Value) {
    let mut resource = table.resource;
    let mut root = Map::new();
    let mut metadata = Map::new();
    let mut spec = Map::new();
    let mut status = Map::new();
    let mut printed = Map::new();
    for (i, range) in cells.iter().enumerate() {
        let cell = line.get(range.clone()).unwrap_or_default();
        if Some(i) == table.name {
            let (prefix, name) = cell
                .split_once('/')
                .map_or((None, cell), |(prefix, name)| (Some(prefix), name));
            if let Some(named) = prefix.and_then(by_name) {
                resource = Some(named);
            }
            metadata.insert("name".to_owned(), Value::from(name));
            let start = range.end - name.len();
            note("/metadata/name", &(start..range.end));
        } else if Some(i) == table.namespace {
            metadata.insert("namespace".to_owned(), Value::from(cell));
            note("/metadata/namespace", range);
        }
    }
    let kind = resource.map_or("", |resource| resource.kind);
    for ((column, _), range) in table.header.columns.iter().zip(cells) {
        let cell = line.get(range.clone()).unwrap_or_default();
        if cell.is_empty() || cell == "<none>" || cell == "<unset>" || cell == "<unknown>" {
            continue;
        }
        let mut placed = false;
        field(
            kind,
            column,
            cell,
            range,
            &mut metadata,
            &mut spec,
            &mut status,
            &mut root,
            &mut |at: &str, range: &Range<usize>| {
                placed = true;
                note(at, range);
            },
        );
        // What is in a field is not kept twice, nor a count or an age that nothing reads: a long table has a million rows. STATUS is kept
        // where it says more than a phase.
        if !placed && (resource.is_none() || column == "STATUS") {
            let token = column.replace('~', "~0").replace('/', "~1");
            note(&format!("/x-printed/{token}"), range);
            printed.insert(column.clone(), Value::from(cell));
        }
    }
    if let Some(resource) = resource {
        root.insert("apiVersion".to_owned(), Value::from(resource.version));
        root.insert("kind".to_owned(), Value::from(resource.kind));
    }
    root.insert("metadata".to_owned(), Value::Object(metadata));
    for (name, part) in [("spec", spec), ("status", status), ("x-printed", printed)] {
        if !part.is_empty() {
            root.insert(name.to_owned(), Value::Object(part));
        }
    }
    (resource, Value::Object(root))
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
        .and_then(|line| line.option(&["-n", "--namespace"]));
    let mut items = Vec::new();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut cells_known = BTreeMap::new();
    let mut table: Option<Table> = None;
    let mut unread = 0_usize;
    for (start, line) in lines(text) {
        let row = match line {
            Line::Header(header) => {
                table = Some(Table::new(header, wanted));
                continue;
            }
            Line::Row(row) => row,
        };
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
        let (resource, mut item) = object(table, row, &cells, |_, _| {});
        if let (Some(namespace), Some(command), None) = (namespace, &segment.command, table.namespace)
            && resource.is_none_or(|resource| !CLUSTER_SCOPED.contains(&resource.kind))
            && let Some(metadata) = item.get_mut("metadata").and_then(Value::as_object_mut)
        {
            metadata.insert("namespace".to_owned(), Value::from(namespace));
            if cells_known.is_empty() {
                cells_known.insert(NAMESPACE_OF_COMMAND.to_owned(), command.span);
            }
        }
        let kind = resource.map_or_else(
            || "kubectl-table".to_owned(),
            |resource| format!("{}/{}", resource.version, resource.kind),
        );
        *counts.entry(kind).or_default() += 1;
        items.push(artifact::Value::from(item));
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
        let kind = table.as_ref().and_then(|table| table.resource).map_or_else(
            || "kubectl-table".to_owned(),
            |resource| format!("{}/{}", resource.version, resource.kind),
        );
        counts.insert(kind, 0);
    }
    let value = artifact::Value::Object(artifact::Map::from_iter([
        ("kind", artifact::Value::from("List")),
        ("items", artifact::Value::Array(items.into_boxed_slice())),
    ]));
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
            cells: cells_known,
            places: artifact::Places::default(),
        }),
    });
}

/// The key of [`Document::cells`] under which a table keeps its command, where the command names the namespace of all rows: one entry
/// instead of one a row.
pub const NAMESPACE_OF_COMMAND: &str = "/items/*/metadata/namespace";

/// The bytes of the value at a pointer into a table's document: the cell, or the row where no cell holds just that value.
pub fn locate(text: &str, pointer: &str) -> Option<Range<usize>> {
    let rest = pointer.strip_prefix("/items/")?;
    let (number, inner) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let mut left: usize = number.parse().ok()?;
    let mut table: Option<Table> = None;
    for (start, line) in lines(text) {
        let row = match line {
            Line::Header(header) => {
                table = Some(Table::new(header, None));
                continue;
            }
            Line::Row(row) => row,
        };
        let Some(current) = &table else { continue };
        let Some(cells) = current.header.cells(row) else {
            continue;
        };
        if left > 0 {
            left -= 1;
            continue;
        }
        if inner.is_empty() {
            return Some(start..start + row.trim_end().len());
        }
        let mut best: Option<(usize, Range<usize>)> = None;
        // The command may have said what the rows are where the columns do not; the cells are the same for every kind that has them.
        object(current, row, &cells, |at, cell| {
            let inside = inner == at || inner.strip_prefix(at).is_some_and(|rest| rest.starts_with('/'));
            if inside && best.as_ref().is_none_or(|(len, _)| at.len() > *len) {
                best = Some((at.len(), cell.clone()));
            }
        });
        return best.map(|(_, cell)| start + cell.start..start + cell.end);
    }
    None
}
