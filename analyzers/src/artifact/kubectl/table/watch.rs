//! The rows that `kubectl get --watch` prints of one object, one below the other: the last is what it is now, those before it what it was.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

use crate::artifact::Value;
use crate::segment::CommandLine;

/// The member of an object that keeps what the rows before said.
pub const EARLIER: &str = "x-earlier";

/// The member of the list that says which rows each of its objects was read from.
pub const ROWS: &str = "x-rows";

/// Namespace, name and kind of what a row was read into.
fn key(item: &Value) -> Option<(&str, &str, &str)> {
    let metadata = item.get("metadata")?;
    Some((
        metadata.get("namespace").and_then(Value::as_str).unwrap_or_default(),
        metadata.get("name").and_then(Value::as_str)?,
        item.get("kind").and_then(Value::as_str).unwrap_or_default(),
    ))
}

/// The rows of each object, by the object's first row; `None` where every object has one row. `mergeable` are the runs of rows below
/// one header in which a name that comes again is the same object.
///
/// Only rows whose names have the same hash are compared: a table of a million rows, each of its own object, costs 16 bytes a row.
fn groups(items: &[Value], mergeable: &[Range<usize>]) -> Option<Vec<Vec<usize>>> {
    let mut same: Vec<(usize, Vec<usize>)> = Vec::new();
    for block in mergeable {
        let mut hashes: Vec<(u64, usize)> = items
            .get(block.clone())?
            .iter()
            .zip(block.clone())
            .filter_map(|(item, row)| {
                let mut hasher = DefaultHasher::new();
                key(item)?.hash(&mut hasher);
                Some((hasher.finish(), row))
            })
            .collect();
        hashes.sort_unstable();
        for run in hashes.chunk_by(|a, b| a.0 == b.0).filter(|run| run.len() > 1) {
            let named = |row: usize| items.get(row).and_then(key);
            let mut rows: Vec<usize> = run.iter().map(|(_, row)| *row).collect();
            rows.sort_by(|a, b| named(*a).cmp(&named(*b)).then(a.cmp(b)));
            for rows in rows
                .chunk_by(|a, b| named(*a) == named(*b))
                .filter(|rows| rows.len() > 1)
            {
                same.extend(rows.first().map(|first| (*first, rows.to_vec())));
            }
        }
    }
    if same.is_empty() {
        return None;
    }
    let mut later: Vec<usize> = same.iter().flat_map(|(_, rows)| rows.iter().skip(1).copied()).collect();
    later.sort_unstable();
    same.sort_unstable();
    let mut same = same.into_iter().peekable();
    let mut groups = Vec::with_capacity(items.len() - later.len());
    for row in 0..items.len() {
        if let Some((_, rows)) = same.next_if(|(first, _)| *first == row) {
            groups.push(rows);
        } else if later.binary_search(&row).is_err() {
            groups.push(vec![row]);
        }
    }
    Some(groups)
}

/// The runs of rows in which a name that comes again is the same object.
pub struct Runs {
    /// Whether the command watches.
    watched: bool,
    all_namespaces: bool,
    /// Whether the last run goes on.
    open: bool,
    rows: Vec<Range<usize>>,
}

impl Runs {
    /// None yet; the command may say that all are.
    pub fn new(line: Option<&CommandLine>) -> Self {
        let flag = |names: &[&str]| line.is_some_and(|line| line.flag(names));
        Self {
            watched: flag(&["-w", "--watch", "--watch-only"]),
            all_namespaces: flag(&["-A", "--all-namespaces"]),
            open: false,
            rows: Vec::new(),
        }
    }

    /// A header, whose first row will be `row`; `standard`: its columns are kubectl's own.
    pub fn begin(&mut self, row: usize, standard: bool, namespaced: bool) {
        // Without a namespace a name that comes again may be another object's.
        self.open = self.watched || (standard && (namespaced || !self.all_namespaces));
        self.rows.extend(self.open.then_some(row..row));
    }

    /// There are this many rows now.
    pub fn extend(&mut self, rows: usize) {
        if let Some(run) = self.rows.last_mut().filter(|_| self.open) {
            run.end = rows;
        }
    }

    /// Makes one object of the rows of each; says which rows these are where that changed anything. An object whose last row says that it was
    /// deleted keeps no kind: it is none of the cluster's.
    pub fn merge(&self, items: Vec<Value>) -> (Vec<Value>, Option<Value>) {
        let (mut items, rows) = merge(items, &self.rows);
        for item in items.iter_mut().filter(|item| is_deleted(item)) {
            if let Some(object) = item.as_object_mut() {
                object.remove("kind");
                object.remove("apiVersion");
            }
        }
        (items, rows)
    }
}

fn merge(items: Vec<Value>, mergeable: &[Range<usize>]) -> (Vec<Value>, Option<Value>) {
    let Some(groups) = groups(&items, mergeable) else {
        return (items, None);
    };
    let mut items: Vec<Option<Value>> = items.into_iter().map(Some).collect();
    let mut take = |row: &usize| items.get_mut(*row).and_then(Option::take);
    let mut merged = Vec::with_capacity(groups.len());
    for rows in &groups {
        let Some((last, before)) = rows.split_last() else {
            continue;
        };
        let earlier: Box<[Value]> = before.iter().filter_map(&mut take).collect();
        let Some(mut item) = take(last) else { continue };
        if let Some(object) = item.as_object_mut().filter(|_| !earlier.is_empty()) {
            object.insert(EARLIER, Value::Array(earlier));
        }
        merged.push(item);
    }
    let numbers = |rows: Vec<usize>| {
        Value::Array(
            rows.into_iter()
                .map(|row| Value::from(serde_json::Value::from(row)))
                .collect(),
        )
    };
    (merged, Some(Value::Array(groups.into_iter().map(numbers).collect())))
}

/// Whether the last that `--output-watch-events` printed of an object is that it was deleted.
fn is_deleted(item: &Value) -> bool {
    let event = item.get("x-printed").and_then(|printed| printed.get("EVENT"));
    event.and_then(Value::as_str) == Some("DELETED")
}

/// Which rows each object was read from, where a document keeps it.
pub fn kept(value: &Value) -> Option<Vec<Vec<usize>>> {
    let rows = |list: &Value| -> Vec<usize> {
        let numbers = list.as_array().unwrap_or_default().iter();
        numbers
            .filter_map(|row| row.as_i64().and_then(|row| usize::try_from(row).ok()))
            .collect()
    };
    Some(value.get(ROWS)?.as_array()?.iter().map(rows).collect())
}
