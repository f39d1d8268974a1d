//! Splits a source into segments, in one pass over its lines and one over each output.

use super::formats;
use super::prompt::Learned;
use super::sniff::{Hint, ends};
use super::within::{self, Step};
use super::{Command, Format, Segment, continuation, prompt, sniff};
use crate::text::{SourceId, Sources, Span, is_info};

/// A command and all that stands up to the next one.
struct Region {
    /// Where it begins: the prompt.
    start: usize,
    command: Option<Command>,
    /// The bytes between the command's line and the next command, fence or end.
    body: std::ops::Range<usize>,
    /// What tells in which shell it was typed.
    step: Step,
    /// The host that the prompt names.
    at: Option<String>,
    /// The shells around it.
    within: Vec<String>,
}

impl Region {
    fn new(start: usize) -> Self {
        Self {
            start,
            command: None,
            body: start..start,
            step: Step::default(),
            at: None,
            within: Vec::new(),
        }
    }
}

/// The segments of a source, in order. Together they cover all that is not blank, but for the marks of code blocks.
pub fn split(sources: &Sources, id: SourceId) -> Vec<Segment> {
    let whole = sources.whole(id);
    let text = sources.text(whole);
    let mut segments = Vec::new();
    let mut regions = regions(text, id);
    let steps: Vec<Step> = regions
        .iter_mut()
        .map(|region| std::mem::take(&mut region.step))
        .collect();
    for (region, within) in regions.iter_mut().zip(within::assign(&steps)) {
        region.within = within;
    }
    for region in regions {
        divide(text, id, region, &mut segments);
    }
    segments
}

/// Cuts a text at its commands.
fn regions(text: &str, source: SourceId) -> Vec<Region> {
    let mut found = Vec::new();
    let mut current = Region::new(0);
    let mut start = 0;
    let mut learned = Learned::default();
    // The line above, where it may belong to the prompt of the next.
    let mut above: Option<(usize, &str)> = None;
    while let Some((line, len)) = ends(text.get(start..).unwrap_or_default()).next() {
        let line_start = start;
        start += len;
        if is_mark(line) {
            current.body.end = line_start;
            found.push(current);
            current = Region::new(start);
            above = None;
            continue;
        }
        let Some(typed) = prompt::typed(line).or_else(|| learned.typed(line)) else {
            current.step.ended += usize::from(within::ends_shell(line));
            current.body.end = start;
            above = (!line.trim().is_empty()).then_some((line_start, line));
            continue;
        };
        learned.see(line, &typed);
        let mut begin = line_start + typed.from;
        let mut host = typed.host;
        if typed.two_lines
            && typed.from == 0
            && let Some((at, upper)) = above.filter(|(_, upper)| prompt::is_upper_line(upper))
        {
            begin = at;
            host = host.or_else(|| prompt::host_of(upper));
        }
        above = None;
        current.body.end = begin;
        found.push(current);
        let rest = text.get(start..).unwrap_or_default();
        let (command, more) = continuation::whole(&typed.text, typed.windows, rest);
        let command_end = if more == 0 {
            line_start + line.len()
        } else {
            start
                + rest
                    .get(..more)
                    .unwrap_or_default()
                    .trim_end_matches(['\n', '\r'])
                    .len()
        };
        start += more;
        current = Region {
            start: begin,
            step: Step {
                text: command.clone(),
                prompt: typed.prompt,
                ended: 0,
            },
            at: host,
            command: (!command.is_empty()).then_some(Command {
                span: Span {
                    source,
                    start: begin,
                    end: command_end,
                },
                text: command,
            }),
            body: start..start,
            within: Vec::new(),
        };
    }
    current.body.end = text.len();
    found.push(current);
    found
}

/// Whether a line only opens or closes a block of code: Markdown's, Jira's, HTML's.
pub fn is_mark(line: &str) -> bool {
    // At the beginning of the line only: indented, it is text inside a YAML block.
    match line.as_bytes().first() {
        Some(b'`' | b'~') => ["```", "~~~"].iter().any(|mark| {
            line.strip_prefix(mark)
                .is_some_and(|info| !info.contains('`') && is_info(info.trim_start_matches('~').trim()))
        }),
        Some(b'{') => ["{code", "{noformat"].iter().any(|mark| {
            line.trim_end().strip_prefix(mark).is_some_and(|rest| {
                rest == "}" || (rest.starts_with(':') && rest.ends_with('}') && !rest.contains(' '))
            })
        }),
        Some(b'<') => {
            let tag = line.trim_end();
            matches!(
                tag,
                "<pre>" | "</pre>" | "<pre><code>" | "</code></pre>" | "<code>" | "</code>"
            ) || (tag.starts_with("<pre ") && tag.ends_with('>') && tag.matches('>').count() <= 2)
        }
        _ => false,
    }
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
        within: region.within,
        host: region.at,
        expected: hint.expects,
        noticed: false,
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
    within: Vec<String>,
    host: Option<String>,
    expected: Option<Format>,
    /// Whether all parts so far were notices.
    noticed: bool,
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
        let own = self.start.is_some() || expected || self.noticed;
        // A warning before the output has the command, and so has the output.
        self.noticed =
            own && !expected && format == formats::LOG && self.text.get(start..end).is_some_and(sniff::log::is_notice);
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
            within: self.within.clone(),
            at: self.host.clone(),
            body,
            format,
            confidence,
            chosen: false,
        });
    }
}

/// The end of a part without the blank lines after it.
fn trimmed(text: &str, start: usize, end: usize) -> usize {
    start + text.get(start..end).unwrap_or_default().trim_end().len()
}
