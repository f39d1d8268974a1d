//! Tables of events: `kubectl get events` in its layouts, and `kubectl events`, read into the API's objects (`v1` Event).
//!
//! Columns: `printEvent` in kubernetes `pkg/printers/internalversion/printers.go`, and `pkg/cmd/events/event_printer.go` of
//! kubernetes/kubectl. Before 1.13 the table had ten columns and no OBJECT.

mod columns;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::describe::{event_age, event_source};
use super::list;
use super::table::{NAMESPACE_OF_COMMAND, kind_of};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::CommandLine;
use crate::segment::formats::{Format, Part, Spec};
use crate::segment::sniff::{Hint, Taken, ends, log};
use crate::text::Piece;
pub use columns::is_age;
use columns::{Column, Header};

/// kubectl's tables of events.
pub const FORMAT: Format = Format::new(&Spec {
    name: "kubectl-events",
    title: "kubectl's table of events",
    command,
    least: 22,
    sniff: take,
    read,
});

/// How many rows that cannot be read are said one by one.
const SAID: usize = 20;

/// How many lines at the left edge may go on with a message.
const BROKEN: usize = 12;

fn command(line: &CommandLine) -> bool {
    if !line.is_kubectl() || line.output().is_some_and(|output| output != "wide") {
        return false;
    }
    match line.positional().as_slice() {
        ["get", what, ..] => matches!(what.split(['.', '/']).next(), Some("events" | "event" | "ev")),
        ["events", ..] | ["alpha", "events", ..] => true,
        _ => false,
    }
}

/// Whether a line is the header of such a table.
pub fn is_header(line: &str) -> bool {
    Header::new(Piece::new(line)).is_some()
}

/// The header that the command, or a pipeline that leaves lines out (`grep Warning`, `tail -2`), left out.
fn unprinted(hint: &Hint) -> Option<Header> {
    let line = hint.line.as_ref().filter(|_| hint.expects(FORMAT))?;
    (line.flag(&["--no-headers"]) || line.selected).then(|| Header::unprinted(line))
}

fn take(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let custom = || {
        hint.line
            .as_ref()
            .is_some_and(|line| line.output().is_some_and(|output| output.starts_with("custom-columns")))
    };
    let (header, headless) = match Header::new(Piece::new(line)) {
        Some(header) if !custom() => (header, false),
        Some(_) => return None,
        None => (unprinted(hint).filter(|header| header.is_row(line))?, true),
    };
    let expected = hint.expects(FORMAT);
    let mut len = 0;
    let mut start = 0;
    for (line, end) in ends(rest) {
        let here = rest.get(start..).unwrap_or_default();
        start = end;
        if len == 0 && !headless || header.is_row(line) {
            len = end;
            continue;
        }
        let stranger = line.trim().is_empty()
            || log::is_error(line)
            || log::is_notice(line)
            || Header::new(Piece::new(line)).is_some();
        if stranger || !(expected || goes_on(here, &header)) {
            break;
        }
        len = end;
    }
    Some(Taken {
        len,
        format: FORMAT,
        confidence: if expected { 0.98 } else { 0.95 },
    })
}

/// Whether a line that is no row continues the message above: another row follows soon.
fn goes_on(rest: &str, header: &Header) -> bool {
    ends(rest)
        .skip(1)
        .take(BROKEN)
        .map(|(line, _)| line)
        .take_while(|line| !line.trim().is_empty())
        .any(|line| header.is_row(line))
}

/// The events of a part, as one list.
fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let line = part.command().filter(command);
    let namespace = line
        .as_ref()
        .filter(|line| !line.flag(&["-A", "--all-namespaces"]))
        .and_then(|line| line.name(&["-n", "--namespace"]));
    let mut reader = Reader {
        whole,
        namespace,
        items: Placed::array(whole),
        open: None,
    };
    let mut header: Option<Header> = None;
    let mut unread = 0_usize;
    for piece in whole.lines().filter(|line| !line.trim().is_empty()) {
        if let Some(next) = Header::new(piece) {
            header = Some(next);
            continue;
        }
        let known = header.get_or_insert_with(|| line.as_ref().map(Header::unprinted).unwrap_or_default());
        let understood = if known.is_row(&piece) {
            known.cells(piece).is_some_and(|cells| {
                reader.row(known, piece, cells);
                true
            })
        } else {
            known.message_last() && reader.goes_on(piece)
        };
        if !understood {
            unread += 1;
            if unread <= SAID {
                problems.push(Problem::new(
                    part.span().slice(piece.range()),
                    "The cells of this row do not line up with the header of the events, so it is left out; paste the table as kubectl printed it.",
                ));
            }
        }
    }
    if unread > SAID {
        problems.push(Problem::new(
            part.span(),
            format!(
                "{} more rows of these events do not line up with their header either.",
                unread - SAID
            ),
        ));
    }
    reader.close();
    let mut cells = BTreeMap::new();
    if let (Some(_), Some(command)) = (namespace, &part.segment.command) {
        cells.insert(NAMESPACE_OF_COMMAND.to_owned(), command.span);
    }
    list::add(part, "v1/Event", reader.items, cells, artifacts);
}

/// The events read so far.
struct Reader<'a, 'n> {
    whole: Piece<'a>,
    /// The namespace that the command names.
    namespace: Option<&'n str>,
    items: Placed,
    /// The last one, whose message may go on.
    open: Option<(Placed, Option<Piece<'a>>)>,
}

impl<'a> Reader<'a, '_> {
    fn row(&mut self, header: &Header, line: Piece<'a>, cells: Vec<Piece<'a>>) {
        self.close();
        let mut event = Placed::object(line);
        event.put("apiVersion", Placed::value("v1", line));
        event.put("kind", Placed::value("Event", line));
        let mut object = Object::default();
        let mut message = None;
        for (column, cell) in header.columns().zip(cells) {
            if matches!(cell.str(), "" | "<none>" | "<unknown>") {
                continue;
            }
            match column {
                Column::Namespace => object.namespace = Some(cell),
                Column::LastSeen => event_age(&mut event, cell),
                Column::FirstSeen => event.put("x-firstSeen", Placed::text(cell)),
                Column::Count => event.put("count", Placed::number(cell)),
                Column::Type => event.put("type", Placed::text(cell)),
                Column::Reason => event.put("reason", Placed::text(cell)),
                Column::Source => event_source(&mut event, cell),
                Column::Message => message = Some(cell),
                Column::Subobject => object.path = Some(cell),
                Column::Name => object.event = Some(cell),
                Column::Object => object.named(cell),
                Column::Other(name) => event.put_at(&["x-printed", name], cell, Placed::text(cell)),
            }
        }
        object.put(&mut event, line, header.names_objects(), self.namespace);
        self.open = Some((event, message));
    }

    /// A further line of the last message; whether there is one.
    fn goes_on(&mut self, line: Piece<'a>) -> bool {
        let Some((event, message)) = &mut self.open else {
            return false;
        };
        *message = Some(message.map_or(line, |message| message.to(line, self.whole)));
        event.extend(line);
        true
    }

    fn close(&mut self) {
        if let Some((mut event, message)) = self.open.take() {
            if let Some(message) = message {
                event.put("message", Placed::text(message));
            }
            self.items.push(event);
        }
    }
}

/// What a row says of the object that its event is about.
#[derive(Default)]
struct Object<'a> {
    namespace: Option<Piece<'a>>,
    kind: Option<Piece<'a>>,
    name: Option<Piece<'a>>,
    path: Option<Piece<'a>>,
    /// The event's own name; in the oldest tables the object's.
    event: Option<Piece<'a>>,
}

impl<'a> Object<'a> {
    /// `pod/cart-0`, `Pod/cart-0`, or the kind alone.
    fn named(&mut self, cell: Piece<'a>) {
        match cell.split_once("/") {
            Some((kind, name)) => {
                self.kind = Some(kind);
                self.name = Some(name);
            }
            None => self.kind = Some(cell),
        }
    }

    fn put(mut self, event: &mut Placed, line: Piece<'a>, names_objects: bool, of_command: Option<&str>) {
        if let Some(name) = self.event {
            // client-go's recorder names an event after its object and the time in hexadecimal nanoseconds (`tools/record/event.go`).
            let of = name.rsplit_once(".").filter(|(_, time)| {
                (13..=16).contains(&time.len())
                    && time
                        .bytes()
                        .all(|byte| byte.is_ascii_hexdigit() && !byte.is_ascii_uppercase())
            });
            if of.is_some() || !names_objects {
                event.put_at(&["metadata", "name"], name, Placed::text(name));
            }
            if names_objects && self.name.is_none() {
                self.name = Some(of.map_or(name, |(object, _)| object));
            }
        }
        let kind = self.kind.filter(|kind| !kind.is_empty());
        let known = kind.and_then(|kind| kind_of(&kind));
        if let Some(kind) = kind {
            // `get events` prints kinds in small letters; the API's spelling is known of the kinds that have tables here.
            let (member, value) = match known {
                Some((name, _)) => ("kind", Placed::value(name, kind)),
                None if kind.bytes().any(|byte| byte.is_ascii_uppercase()) => ("kind", Placed::text(kind)),
                None => ("x-kind", Placed::text(kind)),
            };
            event.put_at(&["involvedObject", member], kind, value);
        }
        if let Some(name) = self.name.filter(|name| !name.is_empty()) {
            event.put_at(&["involvedObject", "name"], name, Placed::text(name));
        }
        if let Some(path) = self.path {
            event.put_at(&["involvedObject", "fieldPath"], path, Placed::text(path));
        }
        let namespace = self
            .namespace
            .map(|cell| (cell, Placed::text(cell)))
            .or_else(|| of_command.map(|name| (line, Placed::value(name, line))));
        if let Some((place, namespace)) = namespace {
            // An event is kept in the namespace of its object; of objects without one, in `default` (ValidateEvent in kubernetes
            // `pkg/apis/core/validation/events.go`).
            if known.is_some_and(|(_, cluster)| !cluster) {
                event.put_at(&["involvedObject", "namespace"], place, namespace.clone());
            }
            event.put_at(&["metadata", "namespace"], place, namespace);
        }
    }
}
