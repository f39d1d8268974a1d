//! Logs: one syntax of entries a file. An entry is taken apart when somebody asks ([`entry`]), so that a log of a million lines costs
//! 16 bytes a line.

pub(crate) mod access;
mod coredns;
pub(crate) mod eksctl;
mod envoy;
mod fluent_bit;
pub(crate) mod insights;
mod json_line;
mod klog;
pub(crate) mod kubeadm;
mod logfmt;
pub(crate) mod logrus;
pub(crate) mod netfilter;
mod program;
mod time;
mod writers;
mod zap;

use std::borrow::Cow;

use super::{Artifact, Artifacts, Content};
use crate::problem::Problem;
use crate::segment::formats::Part;
use crate::segment::log_prefix::{self, Prefixed};
use crate::segment::{CommandLine, resolved};
use crate::text::{Sources, Span};

pub use program::Program;

/// How bad it is, by the writer's own word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// `debug`, `trace`, klog's verbose lines have no level of their own.
    Debug,
    /// `info`, `notice`.
    Info,
    /// `warn`, `warning`.
    Warning,
    /// `error`.
    Error,
    /// `fatal`, `panic`, `crit`.
    Fatal,
}

impl Level {
    /// The level that a word names, in any case.
    pub fn named(word: &str) -> Option<Self> {
        const WORDS: [(&str, Level); 17] = [
            ("trace", Level::Debug),
            ("debug", Level::Debug),
            ("dbg", Level::Debug),
            ("info", Level::Info),
            ("information", Level::Info),
            ("notice", Level::Info),
            ("warn", Level::Warning),
            ("warning", Level::Warning),
            ("error", Level::Error),
            ("err", Level::Error),
            ("eror", Level::Error),
            ("fatal", Level::Fatal),
            ("panic", Level::Fatal),
            ("dpanic", Level::Fatal),
            ("critical", Level::Fatal),
            ("crit", Level::Fatal),
            ("emerg", Level::Fatal),
        ];
        WORDS
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(word))
            .map(|(_, level)| *level)
    }
}

/// A name and a value of a structured entry, as they were written; escapes of quoted values are undone.
pub type Field<'a> = (Cow<'a, str>, Cow<'a, str>);

/// An entry taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Entry<'a> {
    /// The time that the program wrote, or else that of who collected the line, as written.
    pub time: Option<Cow<'a, str>>,
    /// How bad it is.
    pub level: Option<Level>,
    /// Where in the program it was written: `controller.go:114`, or the logger's name.
    pub origin: Option<Cow<'a, str>>,
    /// What happened.
    pub message: Cow<'a, str>,
    /// What belongs to it, in the order of the line.
    pub fields: Vec<Field<'a>>,
}

impl Entry<'_> {
    /// The value of a field.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_ref())
    }
}

/// A log as it was read: where its entries are, and who wrote it.
#[derive(Debug, Clone, Default)]
pub struct Log {
    /// The entries' bytes, further lines of an entry (a stack trace) included.
    pub entries: Vec<Span>,
    /// The program that wrote it, where the command, the prefixes or its own words tell.
    pub program: Option<Program>,
    /// The container that wrote it, where what stands around the log tells; single lines may say it in their prefixes.
    pub of: Option<Origin>,
}

/// The container that wrote a log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The pod's namespace.
    pub namespace: Option<String>,
    /// The pod's name.
    pub pod: Option<String>,
    /// The container's name.
    pub container: Option<String>,
}

impl Origin {
    /// What `kubectl logs POD -c CONTAINER -n NAMESPACE` names; nothing for the logs of a workload or of several pods.
    fn of_command(line: &CommandLine) -> Option<Self> {
        let words = line.positional();
        let &["logs" | "log", pod, ref rest @ ..] = words.as_slice() else {
            return None;
        };
        let pod = match pod.split_once('/') {
            Some(("pod" | "pods" | "po", name)) => name,
            Some(_) => return None,
            None => pod,
        };
        let pod = resolved(pod);
        // Behind a variable a word may be anything: it may stand for several.
        let second = rest.first().filter(|_| pod.is_some());
        line.is_kubectl().then(|| Self {
            namespace: line.name(&["-n", "--namespace"]).map(str::to_owned),
            pod: pod.map(str::to_owned),
            container: line
                .name(&["-c", "--container"])
                .or(second.and_then(|name| resolved(name)))
                .map(str::to_owned),
        })
    }
}

impl Log {
    /// The entries taken apart, each with its place and with what stood before it.
    pub fn entries<'a>(&'a self, sources: &'a Sources) -> impl Iterator<Item = (Span, Prefixed<'a>, Entry<'a>)> {
        self.entries.iter().map(|span| {
            let (prefixed, entry) = entry(sources.text(*span));
            (*span, prefixed, entry)
        })
    }
}

/// Takes a line of a log apart, with the lines that belong to it.
pub fn entry(text: &str) -> (Prefixed<'_>, Entry<'_>) {
    let line = text.split('\n').next().unwrap_or_default().trim_end_matches('\r');
    // A time at the beginning may be the program's own: the whole line is tried first.
    let whole = Prefixed {
        message: line,
        ..log_prefix::strip("")
    };
    if let Some(entry) = syntax(line) {
        return (whole, entry);
    }
    let prefixed = log_prefix::strip(line);
    let mut entry = syntax(prefixed.message).unwrap_or_else(|| plain(prefixed.message));
    if entry.time.is_none() {
        entry.time = prefixed.time.map(Cow::Borrowed);
    }
    (prefixed, entry)
}

/// The syntaxes, the more telling first.
fn syntax(line: &str) -> Option<Entry<'_>> {
    [
        klog::entry,
        json_line::entry,
        logfmt::entry,
        coredns::entry,
        fluent_bit::entry,
        envoy::entry,
        zap::entry,
        eksctl::entry,
        kubeadm::entry,
        netfilter::entry,
        logrus::entry,
    ]
    .into_iter()
    .find_map(|syntax| syntax(line))
}

/// Text with nothing known but its words; `ERROR: …` and `[error] …` tell the level.
fn plain(line: &str) -> Entry<'_> {
    let word = line
        .trim_start_matches(['[', '<'])
        .split(|c: char| !c.is_ascii_alphabetic())
        .next()
        .unwrap_or_default();
    Entry {
        level: Level::named(word),
        message: Cow::Borrowed(line),
        ..Entry::default()
    }
}

/// Whether a line goes on with the entry before it: indented lines, and those of Go's and Java's stack traces.
pub(crate) fn continues(line: &str) -> bool {
    line.starts_with([' ', '\t'])
        || line.starts_with("goroutine ")
        || line.starts_with("created by ")
        || line.starts_with("Caused by: ")
        || line.starts_with("at ")
        || (line.ends_with(')') && line.contains('(') && line.contains('/') && !line.contains(' '))
}

/// Reads a log.
pub fn read(part: &Part<'_>, artifacts: &mut Artifacts, _problems: &mut Vec<Problem>) {
    let of = part.command().as_ref().and_then(Origin::of_command);
    read_of(part, part.span(), of, artifacts);
}

/// Reads the log of a container in a part of a text.
pub fn read_of(part: &Part<'_>, body: Span, of: Option<Origin>, artifacts: &mut Artifacts) {
    let mut log = Log { of, ..Log::default() };
    for (span, line) in part.sources.lines_in(body) {
        // stern's own lines are no entries.
        if line.trim().is_empty() || log_prefix::is_sterns(line) {
            continue;
        }
        match log.entries.last_mut() {
            Some(last) if continues(line) => *last = last.to(span),
            _ => log.entries.push(span),
        }
    }
    let line = part.segment.command.as_ref().map(crate::segment::Command::line);
    let told = writers::told(line.as_ref(), &log, part.sources);
    log.program = told.program;
    artifacts.add(Artifact {
        segment: part.index,
        span: part.span(),
        kinds: told.kinds,
        content: Content::Log(log),
    });
}

#[cfg(test)]
mod tests;
