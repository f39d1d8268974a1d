//! Printed fields put where the API has them.

use super::layout::{self, Entry, is_absent};
use crate::artifact::Placed;
use crate::text::Piece;

/// How a printed value becomes the API's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum As {
    /// The text as it is.
    Text,
    /// A whole number.
    Number,
    /// A whole number of seconds: `30s`.
    Seconds,
    /// `true`, `True`, `false`, `False`.
    Bool,
    /// A time.
    Time,
    /// `name=value`, one a line.
    Labels,
    /// `name=value,name=value` on one line.
    Selector,
    /// `name: value`, one a line; a long value stands below its name.
    Annotations,
    /// A list separated by commas.
    Commas,
    /// A list that Go prints: `[a b]`.
    Brackets,
    /// `Kind/name` of the controller.
    Owner,
    /// Read elsewhere.
    Skip,
}

/// A field: its printed name, where the API has it, and how it is printed.
pub type Field = (&'static str, &'static [&'static str], As);

/// The fields that most kinds have.
const COMMON: &[Field] = &[
    ("Name", &["metadata", "name"], As::Text),
    ("Namespace", &["metadata", "namespace"], As::Text),
    ("Labels", &["metadata", "labels"], As::Labels),
    ("Annotations", &["metadata", "annotations"], As::Annotations),
    ("CreationTimestamp", &["metadata", "creationTimestamp"], As::Time),
    ("Controlled By", &["metadata", "ownerReferences"], As::Owner),
    ("Finalizers", &["metadata", "finalizers"], As::Brackets),
    ("Events", &[], As::Skip),
];

/// Puts every entry where the API has it: by `fields`, by the fields of all kinds, or by `other`, which says whether it knew the entry. What
/// nobody knows is kept as it was printed, under `x-printed`.
pub fn map<'a: 'l, 'l>(
    root: &mut Placed,
    entries: impl Iterator<Item = Entry<'a, 'l>>,
    fields: &[Field],
    mut other: impl FnMut(&mut Placed, &Entry<'a, 'l>) -> bool,
) {
    for entry in entries {
        let key = entry.key();
        let field = fields
            .iter()
            .chain(COMMON)
            .find(|(name, _, _)| *name == key.str())
            .copied();
        if let Some((_, path, how)) = field {
            if put(root, path, how, &entry) {
                continue;
            }
        } else if other(root, &entry) {
            continue;
        }
        keep(root, &entry);
    }
}

/// Keeps an entry as it was printed.
pub fn keep(root: &mut Placed, entry: &Entry<'_, '_>) {
    if !entry.value().is_empty() || !entry.inner.is_empty() {
        root.put_at(&["x-printed", &entry.key()], entry.piece(), printed(entry, 0));
    }
}

/// Puts one field; says whether its value could be read.
pub fn put(root: &mut Placed, path: &[&str], how: As, entry: &Entry<'_, '_>) -> bool {
    let value = entry.value();
    let place = entry.piece();
    let made = match how {
        As::Skip => return true,
        As::Labels => labels(entry),
        As::Annotations => Some(annotations(entry)),
        _ if value.is_empty() => return true,
        As::Text => Some(Placed::text(value)),
        As::Number => value.parse::<i64>().ok().map(|number| Placed::value(number, value)),
        As::Seconds => value
            .strip_suffix("s")
            .and_then(|number| number.parse::<i64>().ok())
            .map(|number| Placed::value(number, value)),
        As::Bool => bool(value),
        As::Time => layout::time(&value).map(|time| Placed::value(time, value)),
        As::Selector => selector(value),
        As::Commas => Some(list(value, value.split(|c| c == ','))),
        As::Brackets => value
            .strip_prefix("[")
            .and_then(|rest| rest.strip_suffix("]"))
            .map(|inner| list(value, inner.words())),
        As::Owner => value.split_once("/").map(|(kind, name)| {
            let mut owner = Placed::object(value);
            owner.put("kind", Placed::text(kind));
            owner.put("name", Placed::text(name));
            owner.put("controller", Placed::value(true, value));
            let mut owners = Placed::array(value);
            owners.push(owner);
            owners
        }),
    };
    let Some(made) = made else { return false };
    if !made.is_empty() {
        root.put_at(path, place, made);
    }
    true
}

/// `True` or `false`.
pub fn bool(value: Piece<'_>) -> Option<Placed> {
    match value.str() {
        "true" | "True" => Some(Placed::value(true, value)),
        "false" | "False" => Some(Placed::value(false, value)),
        _ => None,
    }
}

/// A list of texts, without those that are empty.
pub fn list<'a>(whole: Piece<'a>, items: impl Iterator<Item = Piece<'a>>) -> Placed {
    let mut list = Placed::array(whole);
    for item in items.map(Piece::trim).filter(|item| !is_absent(item)) {
        list.push(Placed::text(item));
    }
    list
}

/// `name=value` a line.
fn labels(entry: &Entry<'_, '_>) -> Option<Placed> {
    let mut labels = Placed::object(entry.piece());
    for line in entry.values() {
        let (name, value) = line.text.split_once("=")?;
        labels.put(&name, Placed::text(value));
    }
    Some(labels)
}

/// `name=value,name=value`; nothing where an expression with a set (`tier in (a,b)`) stands there.
pub fn selector(text: Piece<'_>) -> Option<Placed> {
    let mut labels = Placed::object(text);
    for label in text.split(|c| c == ',') {
        let (name, value) = label.split_once("=")?;
        if name.contains([' ', '!', '(']) || value.contains(' ') {
            return None;
        }
        labels.put(&name, Placed::text(value));
    }
    Some(labels)
}

/// `name: value` a line. A value of several lines, or a long one, stands below its name, two further in (`printAnnotationsMultiline`); kubectl
/// cuts such lines at their 140th character and ends them with `...`, so they are kept apart.
fn annotations(entry: &Entry<'_, '_>) -> Placed {
    let mut all = Placed::object(entry.piece());
    let lines: Vec<layout::Line<'_>> = entry.values().collect();
    let column = lines.iter().map(|line| line.indent).min().unwrap_or_default();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        at += 1;
        let below: Vec<Piece<'_>> = lines
            .get(at..)
            .unwrap_or_default()
            .iter()
            .take_while(|line| line.indent > column)
            .map(|line| line.text)
            .collect();
        at += below.len();
        let Some((name, value)) = equal(line.text).or_else(|| layout::field(line.text)) else {
            all.push_at(&["x-printed"], line.text, Placed::text(line.text));
            continue;
        };
        match (below.first(), below.last()) {
            (Some(first), Some(last)) => {
                let place = first.to(*last, entry.piece());
                let cut = below.iter().any(|line| line.ends_with("..."));
                let text = below.iter().map(|line| line.str()).collect::<Vec<_>>().join("\n");
                // One whole line is the value; of several the blanks at their ends are not known.
                if below.len() == 1 && !cut {
                    all.put(&name, Placed::value(text, place));
                } else {
                    all.put(&format!("x-{}", name.str()), Placed::value(text, place));
                }
            }
            _ => all.put(&name, Placed::text(value)),
        }
    }
    all
}

/// `name=value`, as old ones print annotations; the name has no colon and no blank, unlike what stands before a `=` in a
/// newer one's value.
fn equal(text: Piece<'_>) -> Option<(Piece<'_>, Piece<'_>)> {
    let in_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
    text.split_once("=")
        .filter(|(name, _)| !name.is_empty() && name.bytes().all(in_name))
}

/// How deep what nobody knows is kept in its shape; deeper lines are kept as a list.
const DEEPEST: usize = 8;

/// An entry as it was printed.
pub fn printed(entry: &Entry<'_, '_>, depth: usize) -> Placed {
    let piece = entry.piece();
    if entry.inner.is_empty() {
        return Placed::text(entry.value());
    }
    let mut names: Vec<&str> = entry.entries().map(|inner| inner.key().str()).collect();
    names.sort_unstable();
    let distinct = names.windows(2).all(|pair| pair.first() != pair.last());
    let fields = entry.entries().all(|inner| layout::field(inner.line.text).is_some());
    if distinct && fields && entry.value().is_empty() && depth < DEEPEST {
        let mut object = Placed::object(piece);
        for inner in entry.entries() {
            object.put(&inner.key(), printed(&inner, depth + 1));
        }
        return object;
    }
    let mut lines = Placed::array(piece);
    for line in entry.values() {
        lines.push(Placed::text(line.text));
    }
    lines
}

/// The conditions of a table: `Type`, `Status` and what else there is.
pub fn conditions(root: &mut Placed, entry: &Entry<'_, '_>) -> bool {
    let table = entry.table();
    if !table.has("Type") || !table.has("Status") {
        return false;
    }
    let mut list = Placed::array(entry.piece());
    for row in table.rows() {
        let mut condition = Placed::object(row.line.text);
        for (column, cell) in row.cells() {
            match column.str() {
                "LastHeartbeatTime" | "LastTransitionTime" | "LastProbeTime" => {
                    if let Some(time) = layout::time(&cell) {
                        condition.put(&lower_camel(&column), Placed::value(time, cell));
                    }
                }
                name => condition.put(&lower_camel(name), Placed::text(cell)),
            }
        }
        if !row.is_read() {
            condition.put("x-printed", Placed::text(row.line.text));
        }
        list.push(condition);
    }
    root.put_at(&["status", "conditions"], entry.piece(), list);
    true
}

/// `CPU Requests` as `cpuRequests`, `NodeName` as `nodeName`.
pub fn lower_camel(name: &str) -> String {
    let mut made = String::with_capacity(name.len());
    for (i, word) in name.split([' ', '-']).filter(|word| !word.is_empty()).enumerate() {
        if i == 0 && word.bytes().all(|byte| byte.is_ascii_uppercase()) {
            made.push_str(&word.to_ascii_lowercase());
            continue;
        }
        let mut chars = word.chars();
        let Some(first) = chars.next() else { continue };
        if i == 0 {
            made.push(first.to_ascii_lowercase());
        } else {
            made.push(first.to_ascii_uppercase());
        }
        made.push_str(chars.as_str());
    }
    made
}
