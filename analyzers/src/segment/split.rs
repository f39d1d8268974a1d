//! Splits a source into segments, in one pass over its lines and one over each output.

use super::formats;
use super::prompt::{self, without_escapes};
use super::sniff::{Hint, ends};
use super::{Command, Format, Segment};
use crate::text::{SourceId, Sources, Span};

/// A command and all that stands up to the next one.
struct Region {
    /// Where it begins: the prompt.
    start: usize,
    command: Option<Command>,
    /// The bytes between the command's line and the next command, fence or end.
    body: std::ops::Range<usize>,
}

/// The segments of a source, in order. Together they cover all that is not blank, but for Markdown's fences.
pub fn split(sources: &Sources, id: SourceId) -> Vec<Segment> {
    let whole = sources.whole(id);
    let text = sources.text(whole);
    let mut segments = Vec::new();
    for region in regions(text, id) {
        divide(text, id, region, &mut segments);
    }
    segments
}

/// Cuts a text at its commands.
fn regions(text: &str, source: SourceId) -> Vec<Region> {
    let mut found = Vec::new();
    let mut current = Region {
        start: 0,
        command: None,
        body: 0..0,
    };
    let mut start = 0;
    let mut lines = ends(text);
    while let Some((line, end)) = lines.next() {
        let line_start = start;
        start = end;
        if is_fence(line) {
            current.body.end = line_start;
            found.push(current);
            current = Region {
                start: end,
                command: None,
                body: end..end,
            };
            continue;
        }
        let Some(typed) = prompt::typed(line) else {
            current.body.end = end;
            continue;
        };
        current.body.end = line_start;
        found.push(current);
        let mut command = typed.text;
        let mut command_end = line_start + line.len();
        let mut body_start = end;
        while let Some(cut) = continued(&command, typed.windows) {
            let Some((next, end)) = lines.next() else { break };
            command_end = start + next.len();
            start = end;
            body_start = end;
            command.truncate(cut);
            let clean = without_escapes(next);
            // bash shows `> ` before the lines of a command that goes on.
            let next = clean.trim();
            let next = next
                .strip_prefix("> ")
                .or_else(|| next.strip_prefix(">> "))
                .unwrap_or(next);
            command.truncate(command.trim_end().len());
            command.push(' ');
            command.push_str(next.trim());
        }
        current = Region {
            start: line_start,
            command: (!command.is_empty()).then_some(Command {
                span: Span {
                    source,
                    start: line_start,
                    end: command_end,
                },
                text: command,
            }),
            body: body_start..body_start,
        };
    }
    current.body.end = text.len();
    found.push(current);
    found
}

/// Where a command's text ends before the sign that continues it on the next line.
fn continued(command: &str, windows: bool) -> Option<usize> {
    let signs: &[char] = if windows { &['`', '^'] } else { &['\\'] };
    let cut = command.strip_suffix(signs)?;
    // Two backslashes are one that is meant.
    (!cut.ends_with('\\')).then_some(cut.len())
}

/// Whether a line opens or closes a Markdown code block.
fn is_fence(line: &str) -> bool {
    // At the beginning of the line only: indented, it is text inside a YAML block.
    line.strip_prefix("```").is_some_and(|info| !info.contains('`'))
}

/// Cuts an output into parts of one format each.
fn divide(text: &str, source: SourceId, region: Region, segments: &mut Vec<Segment>) {
    let hint = region
        .command
        .as_ref()
        .map_or_else(Hint::default, |command| Hint::new(&command.text));
    let end = region.body.end;
    let mut at = region.body.start;
    let head = trimmed(text, region.start, at);
    let mut parts = Parts {
        text,
        source,
        start: (region.start < head).then_some(region.start),
        command: region.command,
        expected: hint.expects,
        segments,
    };
    // Lines that nothing recognised so far, as one block.
    let mut unknown: Option<(usize, usize)> = None;
    while at < end {
        let rest = text.get(at..end).unwrap_or_default();
        let Some((line, len)) = ends(rest).next() else { break };
        if line.trim().is_empty() {
            at += len;
            continue;
        }
        let taken = hint
            .expects
            .iter()
            .chain(formats::ALL)
            .find_map(|format| (format.spec().sniff)(line, rest, &hint));
        if let Some(taken) = taken.filter(|taken| taken.len > 0) {
            if let Some((start, end)) = unknown.take() {
                parts.add(start, end, formats::UNKNOWN, 0.0);
            }
            let next = at + taken.len.min(rest.len());
            parts.add(at, next, taken.format, taken.confidence);
            at = next;
        } else {
            let start = unknown.map_or(at, |(start, _)| start);
            at += len;
            unknown = Some((start, at));
        }
    }
    if let Some((start, end)) = unknown {
        parts.add(start, end, formats::UNKNOWN, 0.0);
    }
    if parts.start.is_some() {
        // A command without output, or a bare prompt.
        parts.add(head, head, hint.expects.unwrap_or(formats::LOG), 0.5);
    }
}

/// The parts of one region as they are found.
struct Parts<'a> {
    text: &'a str,
    source: SourceId,
    /// Where the command's prompt begins, until the first part has it.
    start: Option<usize>,
    command: Option<Command>,
    expected: Option<Format>,
    segments: &'a mut Vec<Segment>,
}

impl Parts<'_> {
    fn add(&mut self, start: usize, end: usize, format: Format, confidence: f32) {
        let source = self.source;
        let body = Span {
            source,
            start,
            end: trimmed(self.text, start, end),
        };
        // The first part is what the command printed; of the others only the first of the format that it prints (after a warning, say),
        // but captures and logs come in many parts.
        let expected = self.expected == Some(format);
        let own = self.start.is_some() || expected;
        let command = self.command.clone().filter(|_| own);
        if expected && format != formats::TCPDUMP && format != formats::LOG {
            self.expected = None;
        }
        let start = self.start.take().unwrap_or(start);
        self.segments.push(Segment {
            span: Span {
                source,
                start,
                end: body.end,
            },
            command,
            body,
            format,
            confidence,
        });
    }
}

/// The end of a part without the blank lines after it.
fn trimmed(text: &str, start: usize, end: usize) -> usize {
    start + text.get(start..end).unwrap_or_default().trim_end().len()
}
