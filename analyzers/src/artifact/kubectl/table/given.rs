//! What the command tells of a table's columns: tables without a header, custom columns, columns of labels, and names alone.

use super::super::events::is_age;
use super::layout::Header;
use super::resources::{Resource, by_name};
use super::sink::escaped;
use crate::artifact::{Map, Value};
use crate::segment::CommandLine;

/// What servers print of kinds that they have no columns for.
const BARE: &[&str] = &["NAME", "AGE"];

/// What the command tells.
#[derive(Clone, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is an option of the command")]
pub struct Given {
    /// Columns, and the pointers of what they print, where the command names them.
    columns: Vec<(String, Option<String>)>,
    /// Whether these are all columns, in this order.
    custom: bool,
    /// Whether the header is left out.
    headless: bool,
    /// Whether the header may be left out: `… | grep web`.
    selected: bool,
    /// Whether a row has to have an age where its layout has one: nothing else says that the header is left out.
    aged: bool,
    /// `-o name`.
    names: bool,
    /// Whether the first column is the namespace.
    all_namespaces: bool,
    show_labels: bool,
    resource: Option<&'static Resource>,
}

impl Given {
    /// What a command tells of its table.
    pub fn new(line: &CommandLine) -> Self {
        let wanted = line.resource();
        let mut given = Self {
            headless: line.flag(&["--no-headers"]),
            selected: line.selected,
            names: line.output() == Some("name"),
            all_namespaces: line.flag(&["-A", "--all-namespaces"]),
            show_labels: line.flag(&["--show-labels"]),
            resource: wanted.and_then(by_name),
            ..Self::default()
        };
        let spec = line
            .option(&["-o", "--output"])
            .and_then(|output| output.split_once("custom-columns="));
        if let Some((_, spec)) = spec {
            given.custom = true;
            given.columns = spec
                .split(',')
                .filter_map(|column| column.split_once(':'))
                .map(|(name, path)| (name.to_owned(), pointer(path)))
                .collect();
        } else if let Some(labels) = line.option(&["-L", "--label-columns"]) {
            // The header is the label's name without its prefix, in capitals (`formatLabelHeaders` in cli-runtime's printers).
            given.columns = labels
                .split(',')
                .map(|label| {
                    let name = label.rsplit('/').next().unwrap_or(label).to_ascii_uppercase();
                    (name, Some(format!("/metadata/labels/{}", escaped(label))))
                })
                .collect();
        }
        given
    }

    /// The same for a table that begins with this line: `grep` lets a header through or not.
    pub fn above(mut self, first: &str) -> Self {
        if std::mem::take(&mut self.selected) && !self.names && !self.headless {
            self.headless = self.header(first).or_else(|| Header::new(first)).is_none();
            self.aged = self.headless;
        }
        self
    }

    /// What a document keeps of it, so that its cells are found again.
    pub fn kept(value: &Value) -> Self {
        let columns = value.get("x-columns").and_then(Value::as_array).unwrap_or_default();
        Self {
            columns: columns
                .iter()
                .filter_map(|column| {
                    let text = |name: &str| column.get(name).and_then(Value::as_str).map(str::to_owned);
                    Some((text("name")?, text("path")))
                })
                .collect(),
            custom: matches!(value.get("x-header"), Some(Value::Bool(_))),
            headless: matches!(value.get("x-header"), Some(Value::Bool(false))),
            ..Self::default()
        }
    }

    /// The members that a document keeps: nothing where the header tells all.
    pub fn members(&self, header: Option<&Header>) -> Vec<(&'static str, Value)> {
        let mut members = Vec::new();
        let own: Vec<(String, Option<String>)> = if self.names || self.headless && !self.custom {
            let names = header.into_iter().flat_map(|header| &header.columns);
            names
                .map(|(name, _)| (name.clone(), self.path(name).map(str::to_owned)))
                .collect()
        } else {
            self.columns.clone()
        };
        if !own.is_empty() {
            let columns = own.into_iter().map(|(name, path)| {
                let mut column = vec![("name", Value::from(serde_json::Value::from(name)))];
                if let Some(path) = path {
                    column.push(("path", Value::from(serde_json::Value::from(path))));
                }
                Value::Object(Map::from_iter(column))
            });
            members.push(("x-columns", Value::Array(columns.collect())));
        }
        if self.names || self.headless || self.custom {
            members.push(("x-header", Value::Bool(!(self.names || self.headless))));
        }
        members
    }

    /// The pointer of what a column prints, where the command names it.
    pub fn path(&self, column: &str) -> Option<&str> {
        self.columns
            .iter()
            .find(|(name, _)| name == column)
            .and_then(|(_, path)| path.as_deref())
    }

    /// Whether the command says which columns there are, whatever kind they belong to.
    pub fn is_custom(&self) -> bool {
        self.custom
    }

    /// Whether no header stands above the rows: the command says of what kind they are.
    pub fn is_headless(&self) -> bool {
        self.headless
    }

    /// The header that a first line is, where the command names the columns.
    pub fn header(&self, line: &str) -> Option<Header> {
        if self.names || self.headless || !self.custom || self.columns.is_empty() {
            return None;
        }
        Header::named(line, self.columns.iter().map(|(name, _)| name.as_str()))
    }

    /// The header that is left out above a first row.
    pub fn unprinted(&self, row: &str) -> Option<Header> {
        if self.names {
            let (kind, name) = row.split_once('/')?;
            let plain = |text: &str| {
                !text.is_empty()
                    && text
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b':' | b'_'))
            };
            return (plain(kind) && plain(name.trim_end())).then(|| Header::unprinted(["NAME"]));
        }
        if !self.headless || row.starts_with(char::is_whitespace) {
            return None;
        }
        let cells = super::layout::wide_cells(row.trim_end());
        let count = cells.len();
        if self.custom {
            let header = Header::unprinted(self.columns.iter().map(|(name, _)| name.as_str()));
            return (header.columns.len() == count).then_some(header);
        }
        let more: Vec<&str> = self
            .columns
            .iter()
            .map(|(name, _)| name.as_str())
            .chain(self.show_labels.then_some("LABELS"))
            .collect();
        let front = self.all_namespaces.then_some("NAMESPACE");
        let columns = count.checked_sub(more.len() + usize::from(self.all_namespaces))?;
        let layouts = self.resource?.layouts.iter().chain(&[BARE]);
        let layout: &[&str] = layouts
            .clone()
            .find(|layout| layout.len() == columns)
            .copied()
            // Older versions print fewer columns, and people cut the last ones off.
            .or_else(|| layouts.filter(|_| self.aged).find_map(|layout| layout.get(..columns)))?;
        let age = layout.iter().position(|column| *column == "AGE");
        if self.aged {
            let cell = cells.get(age? + usize::from(self.all_namespaces))?;
            if !is_age(row.get(cell.clone())?) {
                return None;
            }
        }
        Some(Header::unprinted(
            front.into_iter().chain(layout.iter().copied()).chain(more),
        ))
    }
}

/// The pointer of a JSONPath that names one field: `.metadata.labels.app\.kubernetes\.io/name`. Others name none or several.
fn pointer(path: &str) -> Option<String> {
    let path = path.trim().trim_start_matches('{').trim_end_matches('}');
    let path = path.strip_prefix('$').unwrap_or(path);
    let path = path.strip_prefix('.').unwrap_or(path);
    if path.is_empty() || path.contains(['[', '*', '?', '(']) || path.contains("..") {
        return None;
    }
    let mut tokens = vec![String::new()];
    let mut chars = path.chars();
    while let Some(c) = chars.next() {
        match c {
            '.' => tokens.push(String::new()),
            c => {
                let c = if c == '\\' { chars.next()? } else { c };
                tokens.last_mut()?.push(c);
            }
        }
    }
    Some(
        tokens
            .iter()
            .flat_map(|token| ["/".to_owned(), escaped(token)])
            .collect(),
    )
}
