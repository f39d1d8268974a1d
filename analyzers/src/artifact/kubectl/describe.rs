//! `kubectl describe`, read into the shape of the API objects that it prints.
//!
//! Source of the layout: kubernetes/kubectl, `pkg/describe/describe.go`. A description shows a part of the object, so that its document is never
//! complete. What has no place in the API's shape, or is computed by kubectl, stands under names that begin with `x-`.

mod container;
mod endpoints;
mod events;
mod fields;
pub mod fragment;
mod ingress;
mod kinds;
mod layout;
mod limits;
mod node;
mod others;
mod pod;
mod policy;
mod rbac;
mod service;
mod storage;
mod wanted;
mod workload;

use super::table::Header;
use crate::artifact::{Artifact, Artifacts, Content, Document, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;
use layout::{Entry, Line, Table};
use wanted::Wanted;

pub use events::{age as event_age, message as event_message, source as event_source};
pub use rbac::resource as rule_resource;

/// `kubectl describe`'s text.
pub const FORMAT: Format = Format::new(&Spec {
    name: "kubectl-describe",
    title: "kubectl describe's text",
    command: |line| line.is_kubectl() && line.positional().first() == Some(&"describe"),
    least: 4,
    sniff: take,
    read,
});

/// How many lines that cannot be read are said one by one.
const SAID: usize = 20;

/// The fields that follow `Name:` in one kind or another.
const SECOND: [&str; 14] = [
    "Selector:",
    "Provisioner:",
    "Min available:",
    "Max unavailable:",
    "Namespace:",
    "Labels:",
    "Roles:",
    "Annotations:",
    "Priority:",
    "IsDefaultClass:",
    "Value:",
    "Controller:",
    "DriverName:",
    "CreationTimestamp:",
];

/// Fields whose value follows after one blank, unlike those of the aligned columns.
const SINGLE: [&str; 7] = [
    "Desired Number of Nodes",
    "Current Number of Nodes",
    "Number of Nodes",
    "Containers:",
    "Init Containers:",
    "Ports:",
    "Endpoints:",
];

/// What follows a blank line inside one description.
const AFTER_BLANK: [&str; 10] = [
    "Type:",
    "Data",
    "BinaryData",
    "Events:",
    "Resource Quotas",
    "Resource Limits",
    "No resource quota",
    "No LimitRange",
    // As older ones say it.
    "No resource limits",
    "Allowed Unsafe",
];

/// What older ones print of a claim below its events (kubectl 1.12 to 1.18).
const AFTER_EVENTS: [&str; 2] = ["Mounted By:", "Used By:"];

/// Whether a description begins here, with `line`, the first of `rest`; `expected`: below other output of kubectl, where less is asked for.
pub fn begins(line: &str, rest: &str, expected: bool) -> bool {
    let Some(value) = line.strip_prefix("Name:") else {
        return false;
    };
    let aligned = value.starts_with("  ") || value.starts_with('\t') || (expected && value.starts_with(' '));
    let value = value.trim();
    if !aligned || value.is_empty() || value.contains(char::is_whitespace) {
        return false;
    }
    let next = ends(rest)
        .skip(1)
        .map(|(line, _)| line)
        .find(|line| !line.trim().is_empty());
    next.is_some_and(|next| {
        SECOND.iter().any(|field| {
            next.strip_prefix(field)
                .is_some_and(|rest| expected || rest.starts_with("  ") || rest.starts_with('\t'))
        })
    }) || (expected && next.is_none_or(is_field))
}

/// Whether a line at the left edge is a field: `Name:   value`, `Containers:`.
fn is_field(line: &str) -> bool {
    let Some(at) = line.find(':') else { return false };
    let (key, value) = (
        line.get(..at).unwrap_or_default(),
        line.get(at + 1..).unwrap_or_default(),
    );
    let name = line.bytes().next().is_some_and(|byte| byte.is_ascii_uppercase())
        && key.len() < 60
        && key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b" -_/().".contains(&byte));
    name && (value.trim().is_empty()
        || value.starts_with("  ")
        || value.starts_with('\t')
        || SINGLE.iter().any(|single| line.starts_with(single)))
}

/// Whether a line is a row of an event.
fn is_event(line: &str) -> bool {
    line.starts_with("  ") && matches!(line.split_ascii_whitespace().next(), Some("Normal" | "Warning"))
}

/// How many lines a message, or a line that the terminal broke, may go on at the left edge.
const BROKEN: usize = 12;

/// Takes one or more descriptions, or the events of one.
fn take(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let first = line.bytes().next()?;
    let expected = hint.expects(FORMAT);
    if expected && let Some(taken) = fragment::take(line, rest, hint) {
        return Some(taken);
    }
    if first == b'N' && begins(line, rest, expected) || expected && is_field(line) {
        let len = extent(rest, expected);
        return (len > 0).then_some(Taken {
            len,
            format: FORMAT,
            confidence: if expected { 0.98 } else { 0.9 },
        });
    }
    let events = match first {
        b'E' => line.trim_end() == "Events:" && ends(rest).nth(1).is_some_and(|(next, _)| events::is_header(next)),
        b' ' | b'T' | b'F' => events::is_header(line) && ends(rest).nth(1).is_some_and(|(next, _)| is_dashes(next)),
        _ => false,
    };
    events.then(|| {
        let mut len = 0;
        for (i, (line, end)) in ends(rest).enumerate() {
            let belongs = i < 3 && !line.trim().is_empty()
                || is_event(line)
                || line.starts_with("Normal  ")
                || line.starts_with("Warning  ");
            if !belongs {
                break;
            }
            len = end;
        }
        Taken {
            len,
            format: FORMAT,
            confidence: 0.9,
        }
    })
}

fn is_dashes(line: &str) -> bool {
    let line = line.trim();
    line.starts_with("--") && line.bytes().all(|byte| byte == b'-' || byte == b' ')
}

/// What the events of an object are when its description is read line by line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Events {
    /// They were not reached yet.
    Ahead,
    /// `Events:` alone, with rows below it.
    Rows,
    /// `Events:  <none>`.
    Said,
}

impl Events {
    fn new(line: &str) -> Option<Self> {
        let value = line.strip_prefix("Events:")?;
        Some(if value.trim().is_empty() {
            Self::Rows
        } else {
            Self::Said
        })
    }
}

/// Whether the text of a config map ends with this line: kubectl prints its events below it.
fn ends_data(line: &str, rest: &str) -> bool {
    match line.strip_prefix("Events:").map(str::trim) {
        Some("<none>") => true,
        Some("") => ends(rest).nth(1).is_some_and(|(next, _)| events::is_header(next)),
        _ => false,
    }
}

/// How far the descriptions reach that begin with the first line of `rest`.
fn extent(rest: &str, expected: bool) -> usize {
    let mut len = 0;
    let mut blank = false;
    // Inside `Data` of a ConfigMap anything may stand, up to its `Events:`.
    let mut data: Option<usize> = None;
    let mut events = Events::Ahead;
    let mut in_sizes = false;
    let mut table = EdgeTable::default();
    let mut start = 0;
    for (line, end) in ends(rest) {
        let here = rest.get(start..).unwrap_or_default();
        start = end;
        if line.trim().is_empty() {
            blank = true;
            continue;
        }
        let begins = line.starts_with("Name:") && begins(line, here, expected || events != Events::Ahead);
        if begins {
            data = None;
            events = Events::Ahead;
        } else if data.is_some() {
            // Anything.
            if ends_data(line, here) {
                data = None;
                events = Events::new(line).unwrap_or(events);
            }
        } else if line.starts_with([' ', '\t']) {
            if blank && events != Events::Ahead {
                break;
            }
        } else if events != Events::Ahead {
            // The events are the last that is printed of an object; only a message of several lines goes on.
            if AFTER_EVENTS.iter().any(|field| line.starts_with(field)) {
                events = Events::Said;
            } else if blank || events == Events::Said || is_other_table(line) || !goes_on(here, true) {
                break;
            }
        } else if let Some(begun) = Events::new(line) {
            events = begun;
        } else if matches!(line.trim_end(), "Data" | "BinaryData") {
            let underlined = ends(here).nth(1).is_some_and(|(next, _)| next.starts_with("===="));
            if !underlined {
                break;
            }
            in_sizes = line.starts_with("Data")
                && ends(here)
                    .nth(2)
                    .is_none_or(|(line, _)| line.trim().is_empty() || is_size(line));
            data = (!in_sizes).then_some(end);
        } else if in_sizes && !blank && (line.starts_with("====") || is_size(line)) {
            // A secret's data are names and sizes; it ends with them.
        } else if blank {
            if !is_title(line) {
                break;
            }
        } else if is_other_table(line) || !(table.takes(line, here) || is_field(line) || goes_on(here, false)) {
            break;
        }
        blank = false;
        len = end;
    }
    // Data without an end: the paste was cut, or it is a Secret's, which has no events.
    match data.filter(|_| !expected) {
        Some(at) => at + block(rest.get(at..).unwrap_or_default()),
        None => len,
    }
}

/// `password:  8 bytes`; the token of a service account is printed in full.
fn is_size(line: &str) -> bool {
    if line.starts_with("token:  ") {
        return true;
    }
    line.trim_end()
        .strip_suffix(" bytes")
        .and_then(|rest| rest.split_once(':'))
        .is_some_and(|(_, size)| size.trim().bytes().all(|byte| byte.is_ascii_digit()) && !size.trim().is_empty())
}

/// The first lines up to a blank one.
fn block(text: &str) -> usize {
    ends(text)
        .take_while(|(line, _)| !line.trim().is_empty())
        .last()
        .map_or(0, |(_, end)| end)
}

/// Whether a line begins another table of kubectl's: what follows is no description.
fn is_other_table(line: &str) -> bool {
    Header::new(line).is_some() || super::events::is_header(line)
}

/// Whether a line is the header of a table that a description has at the left edge: of a quota or of a limit range.
fn is_edge_header(line: &str) -> bool {
    let mut words = line.split_ascii_whitespace();
    matches!(
        (words.next(), words.next(), words.next()),
        (Some("Resource"), Some("Used"), Some("Hard")) | (Some("Type"), Some("Resource"), Some("Min"))
    )
}

/// A table at the left edge of a description, line by line.
#[derive(Default)]
struct EdgeTable {
    /// How many cells its rows have, while they last.
    cells: Option<usize>,
}

impl EdgeTable {
    /// Whether a line, the first of `rest`, belongs to such a table.
    fn takes(&mut self, line: &str, rest: &str) -> bool {
        let count = || layout::cells(Piece::new(line)).len();
        if is_edge_header(line) && ends(rest).nth(1).is_some_and(|(below, _)| is_dashes(below)) {
            self.cells = Some(count());
            return true;
        }
        let row = self
            .cells
            .is_some_and(|cells| is_dashes(line) || !line.contains(':') && count() == cells);
        if !row {
            self.cells = None;
        }
        row
    }
}

/// Whether a line without a colon is a title or a sentence that describe prints.
fn is_title(line: &str) -> bool {
    AFTER_BLANK.iter().any(|start| line.starts_with(start))
}

/// Whether a line at the left edge that is no field continues the one above: a message of several lines, or a line that the terminal broke.
fn goes_on(rest: &str, in_events: bool) -> bool {
    ends(rest)
        .skip(1)
        .take(BROKEN)
        .map(|(line, _)| line)
        .take_while(|line| !line.trim().is_empty())
        .any(|line| {
            if in_events {
                is_event(line)
            } else {
                line.starts_with("  ") && line.trim().contains("  ")
            }
        })
}

/// The descriptions of a part, each with its bytes.
fn objects(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut found: Vec<std::ops::Range<usize>> = Vec::new();
    let mut at = 0;
    for (line, end) in ends(text) {
        let here = text.get(at..).unwrap_or_default();
        if found.is_empty() || (line.starts_with("Name:") && begins(line, here, true)) {
            found.push(at..end);
        } else if let Some(last) = found.last_mut() {
            last.end = end;
        }
        at = end;
    }
    found
}

/// Reads the descriptions of a part, each into a document of its own, and their events into one more.
fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let objects = objects(part.text());
    let wanted = Wanted::of(part, objects.len());
    for (i, range) in objects.into_iter().enumerate() {
        let span = part.span().slice(range.clone());
        let text = part.text().get(range).unwrap_or_default();
        let object = Object {
            whole: Piece::new(text),
            wanted: wanted.word(i),
        };
        let mut said = 0;
        for made in object.read(&mut |piece| {
            said += 1;
            if said <= SAID {
                problems.push(Problem::new(
                    span.slice(piece.range()),
                    "This line of the description was not understood; paste it as kubectl printed it, without broken lines.",
                ));
            }
        }) {
            artifacts.add(Artifact {
                segment: part.index,
                span: span.slice(made.range),
                kinds: vec![made.kind],
                content: Content::Document(Document::placed(span, made.values, false)),
            });
        }
        if said > SAID {
            problems.push(Problem::new(
                span,
                format!("{} more lines of this description were not understood.", said - SAID),
            ));
        }
    }
}

/// Reads a `Pod Template:` that stands alone, to `spec.template`.
pub fn pod_template(root: &mut Placed, text: Piece<'_>) {
    let lines = layout::lines(text);
    let top: Vec<Entry<'_, '_>> = layout::entries(text, &lines).collect();
    workload::read(root, &top);
}

/// One description.
struct Object<'a> {
    whole: Piece<'a>,
    wanted: Option<&'a str>,
}

/// What was read from it.
struct Made {
    kind: (String, usize),
    range: std::ops::Range<usize>,
    values: Placed,
}

impl<'a> Object<'a> {
    fn read(&self, not_understood: &mut dyn FnMut(Piece<'a>)) -> Vec<Made> {
        let mut lines = layout::lines(self.whole);
        // What a config map holds is text, not fields.
        let data = lines.windows(2).position(|pair| match pair {
            [title, below] => title.text.str() == "Data" && below.text.starts_with("===="),
            _ => false,
        });
        if let Some(at) = data {
            let held = |line: &Line<'a>| line.indent == 0 && line.text.starts_with("Events:");
            let until = lines
                .iter()
                .rposition(held)
                .filter(|until| *until > at)
                .unwrap_or(lines.len());
            lines.drain(at + 1..until);
        }
        if lines.first().is_some_and(|line| events::is_header(&line.text)) {
            return self.events_alone(&lines);
        }
        let top: Vec<Entry<'_, '_>> = layout::entries(self.whole, &lines).collect();
        let mut table = EdgeTable::default();
        for entry in &top {
            let line = entry.line.text;
            let rest = self.whole.skip(line.start().saturating_sub(self.whole.start()));
            if !table.takes(&line, &rest) && layout::field(line).is_none() && !is_title(&line) {
                not_understood(line);
            }
        }
        let kind = kinds::kind(&top, self.wanted);
        let find = |name: &str| top.iter().find(|entry| entry.key().str() == name);
        let name = find("Name").map(Entry::value);
        let mut made = Vec::new();
        let events = find("Events");
        if top.len() > usize::from(events.is_some()) {
            let mut root = Placed::object(self.whole.trim());
            let first = name.unwrap_or(self.whole);
            let kind_name = match kind {
                Some(kind) => {
                    root.put("apiVersion", Placed::value(kind.version, first));
                    root.put("kind", Placed::value(kind.name, first));
                    (kind.read)(&mut root, &top);
                    if kind.name == "ConfigMap" {
                        others::data(&mut root, self.whole);
                    }
                    format!("{}/{}", kind.version, kind.name)
                }
                None => unknown(&mut root, &top),
            };
            made.push(Made {
                kind: (kind_name, 1),
                range: self.whole.trim().range(),
                values: root,
            });
        }
        let about = events::About {
            kind: kind.map(|kind| kind.name),
            name,
            namespace: find("Namespace")
                .map(Entry::value)
                .filter(|namespace| !namespace.is_empty()),
        };
        if let Some((list, count)) = events.and_then(|entry| events::read(entry, about)) {
            made.push(Made {
                kind: ("v1/Event".to_owned(), count),
                range: events.map_or(0..0, |entry| entry.piece().range()),
                values: list,
            });
        }
        made
    }

    /// A table of events whose description was not pasted.
    fn events_alone(&self, lines: &[Line<'a>]) -> Vec<Made> {
        let table = Table::new(lines);
        let piece = self.whole.trim();
        events::of_table(&table, piece, events::About::default())
            .map(|(list, count)| Made {
                kind: ("v1/Event".to_owned(), count),
                range: piece.range(),
                values: list,
            })
            .into_iter()
            .collect()
    }
}

/// Reads a kind that is not known by itself: custom resources print their apiVersion and kind, and all their fields under names that cannot be turned
/// back for certain (a list of one is printed as its element).
fn unknown(root: &mut Placed, top: &[Entry<'_, '_>]) -> String {
    let find = |name: &str| {
        top.iter()
            .find(|entry| entry.key().str() == name)
            .map(Entry::value)
            .filter(|value| !value.is_empty())
    };
    let (version, kind) = (find("API Version"), find("Kind"));
    if let Some(version) = version {
        root.put("apiVersion", Placed::text(version));
    }
    if let Some(kind) = kind {
        root.put("kind", Placed::text(kind));
    }
    fields::map(root, top.iter().copied(), &[], |_, entry| {
        matches!(entry.key().str(), "API Version" | "Kind")
    });
    match (version, kind) {
        (Some(version), Some(kind)) => format!("{}/{}", version.str(), kind.str()),
        _ => FORMAT.name().to_owned(),
    }
}

#[cfg(test)]
mod tests;
