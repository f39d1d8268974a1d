//! Splits a source into segments, in one pass over its lines and one over each output.

mod fences;

use super::prompt::{Learned, Trace, Typed, WholeUsers};
use super::sniff::{Hint, ends};
use super::within::{self, Step};
use super::{Command, CommandLine, Format, Segment, continuation, k9s, program, prompt, sniff};
use super::{file_name, formats, statement};
use crate::artifact::kubectl::{answer, error};
use crate::artifact::reach::http_body;
use crate::artifact::tcpdump;
use crate::text::documents::Document;
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
    /// Whether it begins a block of code or what stands between two, and whether it ends one.
    opened: bool,
    closed: bool,
    /// The command of the block above, whose output this may be, with its shells and its host.
    lent: Option<(Command, Vec<String>, Option<String>)>,
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
            opened: false,
            closed: false,
            lent: None,
        }
    }

    /// The region of a command that was typed on a line, from its prompt on; `next` is where the line after it begins.
    fn of_command(text: &str, source: SourceId, line: std::ops::Range<usize>, next: usize, typed: Typed) -> Self {
        let rest = text.get(next..).unwrap_or_default();
        let (command, more) = continuation::whole(&typed.text, typed.windows, rest);
        let later = rest.get(..more).unwrap_or_default().trim_end_matches(['\n', '\r']);
        let end = if more == 0 { line.end } else { next + later.len() };
        Self {
            step: Step {
                text: command.clone(),
                prompt: typed.prompt,
                ..Step::default()
            },
            at: typed.host,
            command: (!command.is_empty()).then_some(Command {
                span: Span {
                    source,
                    start: line.start,
                    end,
                },
                text: command,
                implied: false,
                titled: false,
            }),
            body: next + more..next + more,
            ..Self::new(line.start)
        }
    }
}

/// The segments of a source, in order. Together they cover all that is not blank, but for the marks of code blocks.
pub fn split(sources: &Sources, id: SourceId) -> Vec<Segment> {
    let whole = sources.whole(id);
    let text = sources.text(whole);
    let mut segments = Vec::new();
    let source = sources.get(id);
    let implied = source.and_then(|source| source.implied.as_deref());
    let documents = source.map_or(&[][..], |source| &source.documents);
    // A log is no session: what looks like a prompt in it was logged.
    let logged = implied.is_some_and(|command| Hint::new(command).expects(formats::LOG));
    let mut regions = if logged {
        let mut all = Region::new(0);
        all.body.end = text.len();
        vec![all]
    } else {
        regions(text, id, implied, documents)
    };
    if let (Some(command), Some(first)) = (implied, regions.first_mut()) {
        first.command = Some(Command {
            span: Span {
                source: id,
                start: 0,
                end: 0,
            },
            text: command.to_owned(),
            implied: true,
            titled: false,
        });
    }
    let steps: Vec<Step> = regions
        .iter_mut()
        .map(|region| std::mem::take(&mut region.step))
        .collect();
    for (region, within) in regions.iter_mut().zip(within::assign(&steps)) {
        region.within = within;
    }
    if implied.is_none() {
        fences::lend(text, &mut regions);
    }
    for region in regions {
        divide(text, id, region, documents, &mut segments);
    }
    segments
}

/// Cuts a text at its commands.
fn regions(text: &str, source: SourceId, implied: Option<&str>, mut documents: &[Document]) -> Vec<Region> {
    let mut found = Vec::new();
    let mut current = Region::new(0);
    let mut start = 0;
    let mut learned = Learned::default();
    let mut whole_users = WholeUsers::default();
    let mut trace = Trace::default();
    // Whether the output has a shell's script in it: its lines are calls without a prompt, too.
    let mut script = false;
    // The line above, where it may belong to the prompt of the next.
    let mut above: Option<(usize, &str)> = None;
    while let Some((line, len)) = ends(text.get(start..).unwrap_or_default()).next() {
        let line_start = start;
        start += len;
        // No command stands between the lines of a document.
        if let Some(end) = document_at(&mut documents, line_start) {
            start = end;
            current.body.end = start;
            above = None;
            continue;
        }
        // Indented lines are output: most of a long document. So are packets: most of a capture.
        if implied.is_none() && line.starts_with([' ', '\t']) && !prompt::is_indented_prompt(line)
            || tcpdump::is_usual(line)
        {
            current.body.end = start;
            above = Some((line_start, line));
            continue;
        }
        if is_mark(line) || implied.is_some_and(|command| file_name::is_footer(command, line)) {
            current.body.end = line_start;
            current.closed = true;
            found.push(current);
            current = Region::new(start);
            current.opened = true;
            above = None;
            script = false;
            trace = Trace::default();
            continue;
        }
        script |= line.starts_with("#!/");
        let titled = titled(implied, line, text.get(start..).unwrap_or_default());
        let typed = titled
            .clone()
            .or_else(|| prompt::typed(line))
            .filter(|typed| !(script && typed.prompt.is_empty() && program::scripted(&typed.text)))
            .or_else(|| learned.typed(line))
            .or_else(|| trace.typed(line, above.map(|(_, line)| line), script))
            .or_else(|| last_prompt(line, text.get(start..).unwrap_or_default(), &current.step.prompt));
        let Some(mut typed) = typed else {
            current.step.see(line);
            trace.output(line, above.map(|(_, line)| line));
            current.body.end = start;
            above = Some((line_start, line));
            continue;
        };
        script = false;
        trace.see(line, &typed);
        if whole_users.begins(text, line, &typed) {
            let output = line.get(..typed.from).unwrap_or_default();
            typed.prompt.insert_str(0, output);
            typed.from = 0;
        }
        if let Some(at) = glued(text, &current, line, line_start, &typed) {
            typed.from = at;
            typed.prompt.clone_from(&current.step.prompt);
            typed.host.clone_from(&current.at);
        } else if titled.is_none() {
            learned.see(line, &typed);
        }
        let mut begin = line_start + typed.from;
        let mut host = typed.host.take();
        if typed.two_lines
            && typed.from == 0
            && let Some((at, upper)) =
                above.filter(|(_, upper)| !upper.trim().is_empty() && prompt::is_upper_line(upper))
        {
            begin = at;
            host = host.or_else(|| prompt::host_of(upper));
        }
        above = None;
        current.body.end = begin;
        found.push(current);
        typed.host = host;
        current = Region::of_command(text, source, begin..line_start + line.len(), start, typed);
        if let Some(command) = &mut current.command {
            command.titled = titled.is_some();
        }
        start = current.body.start;
    }
    current.body.end = text.len();
    found.push(current);
    found
}

/// The bare prompt at the end of a paste that alone would be an empty comment or quotation: the sign of the commands above.
fn last_prompt(line: &str, rest: &str, above: &str) -> Option<Typed> {
    let sign = line.trim_end();
    // The end of the text is not looked at: many such lines may stand above many blank ones.
    (matches!(sign, "#" | "%" | ">") && sign == above && rest.trim_start().is_empty()).then(|| Typed {
        prompt: above.to_owned(),
        ..Typed::default()
    })
}

/// Where the document ends that begins at a byte; those before it are done with.
fn document_at(documents: &mut &[Document], at: usize) -> Option<usize> {
    while let Some((first, later)) = documents.split_first() {
        if first.lines.start > at {
            return None;
        }
        *documents = later;
        if first.lines.start == at {
            return Some(first.lines.end);
        }
    }
    None
}

/// The command that stands in a collector's line above an output, or that k9s' title stands for.
fn titled(implied: Option<&str>, line: &str, below: &str) -> Option<Typed> {
    let k9s = || k9s::title(line, below).filter(|_| implied.is_none());
    file_name::title(implied, line).or_else(k9s).map(|text| Typed {
        text,
        ..Typed::default()
    })
}

/// Where the prompt begins on a line that begins with the output of the command above, which prints no newline at its end: there the whole
/// of the prompt before stands again.
fn glued(text: &str, above: &Region, line: &str, line_start: usize, typed: &prompt::Typed) -> Option<usize> {
    let command = above.command.as_ref()?;
    let nothing_yet = text.get(above.body.start..line_start)?.trim().is_empty();
    if typed.from > 0 || typed.text.is_empty() || !nothing_yet || !without_newline(&command.line()) {
        return None;
    }
    let first = text.get(above.start..)?.lines().next()?;
    let (before, _) = first.split_once(command.text.split(' ').next()?)?;
    let at = line.find(before).filter(|at| *at > 0 && !before.trim().is_empty())?;
    let rest = line.get(at + before.len()..)?.trim();
    (rest == typed.text).then_some(at)
}

/// Whether a command prints a value without a newline after it.
fn without_newline(line: &super::CommandLine) -> bool {
    let output = line.output().unwrap_or_default();
    let value = output.starts_with("jsonpath") || output.starts_with("go-template") || output == "template";
    (line.is_kubectl() && value) || line.piped_into.as_deref() == Some("base64")
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
fn divide(text: &str, source: SourceId, mut region: Region, documents: &[Document], segments: &mut Vec<Segment>) {
    if let Some((command, within, at)) = region.lent.take() {
        let body = text.get(region.body.clone()).unwrap_or_default();
        if fences::fits(body, &Hint::new(&command.text)) {
            (region.command, region.within, region.at) = (Some(command), within, at);
        }
    }
    let mut hint = region
        .command
        .as_ref()
        .map_or_else(Hint::default, |command| Hint::new(&command.text));
    let implied = region.command.as_ref().is_some_and(|command| command.implied);
    hint.implied = implied;
    let end = region.body.end;
    let mut at = region.body.start;
    let head = trimmed(text, region.start, at);
    let mut parts = Parts {
        text,
        source,
        start: (region.start < head).then_some(region.start),
        implied,
        command: region.command,
        within: region.within,
        host: region.at,
        expected: hint.expects,
        noticed: false,
        kubectl: !implied && hint.line.as_ref().is_some_and(CommandLine::is_kubectl),
        segments,
    };
    // Lines that nothing recognised so far, as one block.
    let mut unknown: Option<(usize, usize)> = None;
    // Whether a blank line or a server's answer stands right above.
    let mut below = false;
    // Whether the error of a log stands right above that others may follow.
    let mut failed = false;
    while at < end {
        let rest = text.get(at..end).unwrap_or_default();
        let Some((line, len)) = ends(rest).next() else { break };
        if line.trim().is_empty() {
            if std::mem::take(&mut failed) {
                parts.end_log(&mut hint, error::FORMAT);
            }
            below = true;
            at += len;
            continue;
        }
        hint.over |= std::mem::take(&mut below) && parts.start.is_none() && sniff::prose::is_prose(line);
        hint.whole = whole_at(documents, at, end);
        hint.above = unknown
            .filter(|(_, end)| *end == at)
            .and_then(|(start, end)| text.get(start..end)?.trim_end_matches(['\r', '\n']).rsplit('\n').next());
        let alone = Hint {
            whole: hint.whole,
            above: hint.above,
            ..Hint::default()
        };
        let sure = implied.then(|| sniff::first(line, rest, &alone)).flatten();
        let sure = sure.filter(|taken| taken.confidence >= sniff::SURE && !hint.expects(taken.format));
        if let Some(taken) = sure.or_else(|| sniff::first(line, rest, &hint)) {
            if let Some((start, end)) = unknown.take() {
                parts.unrecognised(start, end);
            }
            let next = at + taken.len.min(rest.len());
            parts.add(at, next, taken.format, taken.confidence);
            hint.over |= rest.get(..taken.len).is_some_and(ends_command);
            at = next;
            below = taken.format == http_body::FORMAT;
            if !implied && hint.expects(formats::LOG) {
                failed = taken.format == error::FORMAT && parts.command.as_ref().is_some_and(prints_again);
                if !failed {
                    parts.end_log(&mut hint, taken.format);
                }
            }
        } else {
            let start = unknown.map_or(at, |(start, _)| start);
            at += len;
            unknown = Some((start, at));
        }
    }
    if let Some((start, end)) = unknown {
        parts.unrecognised(start, end);
    }
    if parts.start.is_some() {
        // A command without output, or a bare prompt.
        let format = hint.expects.unwrap_or(formats::LOG);
        parts.add(head, head, format, 0.5);
    }
}

/// Whether the last line of a part says that a command ended with an error (kubectl `exec`'s exit code, curl's `curl: (28) …`).
fn ends_command(part: &str) -> bool {
    let last = part.trim_end().rsplit('\n').next().unwrap_or_default();
    last.starts_with("command terminated with exit code ") || last.starts_with("curl: (")
}

/// Whether a command that could not print a log goes on with others: in a loop, and where kubectl is told to.
fn prints_again(command: &Command) -> bool {
    !statement::is_alone(&command.text) || command.line().flag(&["--ignore-errors"])
}

/// The document that begins at a byte and ends before another.
fn whole_at(documents: &[Document], at: usize, end: usize) -> Option<&Document> {
    let place = documents
        .binary_search_by_key(&at, |document| document.lines.start)
        .ok()?;
    documents.get(place).filter(|document| document.lines.end <= end)
}

/// The parts of one region as they are found.
struct Parts<'a> {
    text: &'a str,
    source: SourceId,
    /// Where the command's prompt begins, until the first part has it.
    start: Option<usize>,
    /// Whether the command is implied and no part has it yet.
    implied: bool,
    command: Option<Command>,
    within: Vec<String>,
    host: Option<String>,
    expected: Option<Format>,
    /// Whether all parts so far were notices.
    noticed: bool,
    /// Whether the command is kubectl's: its errors and warnings below other output are its own.
    kubectl: bool,
    segments: &'a mut Vec<Segment>,
}

impl Parts<'_> {
    /// Adds lines that no sniffer took: a person's words, and what is not known.
    fn unrecognised(&mut self, start: usize, end: usize) {
        // What stands right below a command is its output, even where it reads like a sentence.
        let mut output = self.start.is_some() && self.command.is_some();
        let said = self.command.as_ref().and_then(said);
        let mut open: Option<(usize, usize, Format)> = None;
        // How many of the next lines may be names below a letter's end.
        let mut signed = 0_u8;
        let mut at = start;
        for (line, len) in ends(self.text.get(start..end).unwrap_or_default()) {
            let begin = std::mem::replace(&mut at, start + len);
            if line.trim().is_empty() {
                output = false;
                continue;
            }
            let closing = !output && sniff::prose::is_closing(line);
            let prose = closing
                || sniff::prose::session::is_session(line)
                || said.as_deref() == Some(line.trim())
                || !output && (sniff::prose::is_prose(line) || signed > 0 && sniff::prose::is_signature(line));
            signed = if closing { 3 } else { signed.saturating_sub(1) };
            let format = if prose { formats::PROSE } else { formats::UNKNOWN };
            open = match open.take() {
                Some((first, _, same)) if same == format => Some((first, at, format)),
                other => {
                    if let Some((first, last, format)) = other {
                        self.add_unread(first, last, format);
                    }
                    Some((begin, at, format))
                }
            };
        }
        if let Some((first, last, format)) = open {
            self.add_unread(first, last, format);
        }
    }

    /// Ends what a command prints that was to print a log. Below the log stands what the command did not print; so does it below the error
    /// that is there instead of one; and below the packets of a container that captures, but for more of them.
    fn end_log(&mut self, hint: &mut Hint, format: Format) {
        *hint = Hint::default();
        self.expected = Some(format).filter(|format| *format == formats::TCPDUMP);
    }

    fn add_unread(&mut self, start: usize, end: usize, format: Format) {
        self.add(start, end, format, if format == formats::PROSE { 0.7 } else { 0.0 });
    }

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
        let own = self.start.is_some() || expected || self.noticed || std::mem::take(&mut self.implied);
        // A warning before the output has the command, and so has the output.
        let notice = format == formats::LOG && self.text.get(start..end).is_some_and(sniff::log::is_notice);
        // `kubectl debug … -- tcpdump` says what it creates first.
        let said = format == answer::FORMAT && self.expected.is_some();
        self.noticed = own && !expected && (notice || said);
        let says = self.kubectl
            && (format == error::FORMAT
                || format == formats::LOG
                    && self
                        .text
                        .get(start..end)
                        .is_some_and(|text| text.starts_with("Warning: ")));
        let command = self.command.clone().filter(|_| own || says);
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

/// What `echo` prints: the words that were given to it, where none is a variable.
fn said(command: &Command) -> Option<String> {
    let line = command.line();
    let words = line
        .args
        .iter()
        .skip_while(|arg| matches!(arg.as_str(), "-n" | "-e" | "-ne"));
    (line.program == "echo").then(|| {
        words
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(" ")
            .trim()
            .to_owned()
    })
}

/// The end of a part without the blank lines after it.
fn trimmed(text: &str, start: usize, end: usize) -> usize {
    start + text.get(start..end).unwrap_or_default().trim_end().len()
}

#[cfg(test)]
mod tests;
