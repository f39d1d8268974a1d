//! Lines of `kubectl describe`'s event block without the header, as people cut them out and `grep` lets them through:
//! `  Warning  BackOff  4m2s (x31 over 11m)  kubelet  Back-off restarting …`. Of which object they speak is not printed.
//!
//! Columns: `DescribeEvents` in kubernetes/kubectl `pkg/describe/describe.go` (Type, Reason, Age, From, Message).

use std::collections::BTreeMap;

use super::describe::{event_age, event_message, event_source};
use super::events::is_age;
use super::list;
use super::table::wide_cells;
use crate::artifact::{Artifacts, Placed};
use crate::segment::formats::{Format, Part, Spec, no_command};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// Events without their header.
pub const FORMAT: Format = Format::new(&Spec {
    name: "kubectl-event-lines",
    title: "events without their header",
    command: no_command,
    least: 11,
    sniff: take,
    read,
});

/// The cells of a line that can be nothing else: a type, a reason in one word, an age, and more.
fn cells(line: Piece<'_>) -> Option<[Piece<'_>; 5]> {
    let text = line.trim_start();
    if !text.starts_with("Warning ") && !text.starts_with("Normal ") {
        return None;
    }
    let ranges = wide_cells(line.str());
    let mut cells = ranges.into_iter().map(|range| line.part(range).trim());
    let (kind, reason, age, from) = (cells.next()?, cells.next()?, cells.next()?, cells.next()?);
    let message = cells.next()?.to(line.part(line.len()..line.len()), line).trim();
    let word =
        reason.starts_with(|c: char| c.is_ascii_uppercase()) && reason.bytes().all(|b| b.is_ascii_alphanumeric());
    (word && age.words().next().is_some_and(|age| is_age(age.str()))).then_some([kind, reason, age, from, message])
}

/// Whether a line is such a row.
pub fn is_event(line: Piece<'_>) -> bool {
    cells(line).is_some()
}

/// The event of a row.
pub fn event(line: Piece<'_>) -> Option<Placed> {
    let [kind, reason, age, from, message] = cells(line)?;
    let mut event = Placed::object(line);
    event.put("apiVersion", Placed::value("v1", line));
    event.put("kind", Placed::value("Event", line));
    event.put_text("type", kind);
    event.put_text("reason", reason);
    event_age(&mut event, age);
    event_source(&mut event, from);
    event_message(&mut event, message);
    Some(event)
}

fn take(line: &str, rest: &str, _: &Hint) -> Option<Taken> {
    cells(Piece::new(line))?;
    let len = ends(rest)
        .take_while(|(line, _)| cells(Piece::new(line)).is_some())
        .last()?
        .1;
    Some(Taken {
        len,
        format: FORMAT,
        confidence: 0.9,
    })
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, _: &mut Vec<crate::problem::Problem>) {
    let whole = Piece::new(part.text());
    let mut items = Placed::array(whole);
    for line in whole.lines() {
        let Some(event) = event(line) else {
            continue;
        };
        items.push(event);
    }
    list::add(part, "v1/Event", items, BTreeMap::new(), artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::testing::read;

    #[test]
    fn events_that_were_cut_out_are_events() {
        let read = read(
            "  Warning  FailedCreatePodSandBox  4m2s (x31 over 11m)  kubelet  (combined from similar events): Failed to create  pod sandbox\n\
             \x20 Normal   Pulled                  3m                   kubelet, ip-10-0-1-1.ec2.internal  Container image is present\n",
        );
        assert_eq!(read.format, "kubectl-event-lines");
        assert_eq!(read.kind(), "v1/Event");
        assert_eq!(read.count("/items"), 2);
        assert_eq!(read.at("/items/0/count"), "31");
        assert_eq!(read.shown("/items/0/reason"), "FailedCreatePodSandBox");
        assert!(read.at("/items/0/message").ends_with("create  pod sandbox"));
        assert_eq!(read.at("/items/1/source/host"), "ip-10-0-1-1.ec2.internal");
        // Nothing says of which object they speak.
        assert_eq!(read.at("/items/0/involvedObject"), "");
    }

    #[test]
    fn sentences_are_none() {
        for text in [
            "Warning: resource pods/cart is missing the annotation\n",
            "Normal   operation since yesterday\n",
        ] {
            assert_ne!(read(text).format, "kubectl-event-lines");
        }
    }
}
