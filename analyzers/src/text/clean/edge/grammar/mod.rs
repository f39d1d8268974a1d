//! Formats that tell by a line's beginning whether it is a line of its own: what follows a line as wide as the terminal and is none, is its
//! rest.
//!
//! Where lines of a format follow each other, one that cannot begin there is either a rest or the end of the output; lines that are not
//! the terminal's width have no rest. A format is *strict* where its entries never take several lines.

mod clients;
mod links;
mod logs;
mod netfilter;
mod packets;
mod sockets;
mod words;

pub(super) use self::clients::is_section;

use super::super::Line;
use super::columns::is_header;
use super::prompt::{prompt_like, title_like};

/// What a line's beginning says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Begins {
    /// It is a line of its own.
    Surely,
    /// It may be one, and may be a rest.
    Perhaps,
    Never,
}

impl Begins {
    fn when(begins: bool) -> Self {
        if begins { Self::Surely } else { Self::Never }
    }
}

/// A format whose every line shows that it is one.
#[derive(Clone, Copy)]
struct Grammar {
    /// Whether a line is of this format and of no other.
    enters: fn(&str) -> bool,
    /// Whether a line among others of this format is one of its own.
    begins: fn(&str) -> Begins,
    /// Whether no entry takes several lines: a rest has no other explanation than the edge.
    strict: bool,
}

/// Formats whose lines tell only among others of their own: what stands above counts.
const AMONG: [Grammar; 18] = [
    netfilter::LISTING,
    netfilter::RULESET,
    netfilter::SERVERS,
    links::INTERFACES,
    links::COUNTS,
    links::PROTOCOLS,
    sockets::SOCKETS,
    sockets::ADDRESSES,
    sockets::PROCESSES,
    packets::CAPTURE,
    packets::PING,
    packets::HOPS,
    packets::ANSWERS,
    packets::TRANSFER,
    clients::DESCRIPTION,
    clients::METRICS,
    clients::SETTINGS,
    clients::OBJECT,
];

/// Formats whose every line tells alone.
const ALONE: [Grammar; 17] = [
    netfilter::RULES,
    netfilter::CONNECTIONS,
    links::BRIEF,
    links::ROUTES,
    links::POLICIES,
    links::FORWARDING,
    clients::STRUCTURES,
    clients::REFUSAL,
    clients::FLOWS,
    clients::VERSIONS,
    clients::CLUSTER,
    clients::COMPLAINTS,
    clients::MESSAGES,
    clients::TOKEN,
    clients::CLUSTERS,
    logs::BALANCER,
    logs::ENTRIES,
];

fn all() -> impl Iterator<Item = &'static Grammar> {
    AMONG.iter().chain(&ALONE)
}

/// Lines of one format.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    /// How many lines they are.
    pub lines: usize,
    /// How many of them were joined to the one before.
    pub joined: usize,
}

/// What was seen of a run.
#[derive(Default)]
struct Seen {
    /// Lines that seem to go on.
    open: Vec<usize>,
    /// Those of them that lack a blank to the terminal's width.
    short: usize,
    /// How many full lines are whole.
    whole: usize,
    /// How many lines are neither an entry nor a rest: further lines of an entry.
    further: usize,
    lines: usize,
    /// Whether another output follows, without a blank line or a command between: its first line looks like a rest as well.
    foreign: bool,
}

/// The lines of one format that a part begins with; those that the edge broke are joined. With `known` the terminal's width is known from
/// elsewhere.
pub(super) fn run(part: &mut [Line<'_>], edge: usize, known: bool) -> Option<Run> {
    let first = part.first()?;
    if first.text.starts_with(['{', '}', '"', ']', '|', '+', '<']) {
        return None;
    }
    // Before a line that is as wide as the terminal nothing goes on.
    let alone: &[Grammar] = if first.width() == edge { &ALONE } else { &[] };
    let mut grammars = AMONG.iter().chain(alone);
    let grammar = grammars.find(|grammar| (grammar.enters)(first.text))?;
    let mut seen = see(grammar, part, edge);
    let last = seen.lines - 1;
    // The last line's pieces: nothing after them shows that an entry ended there.
    let tail = seen
        .open
        .iter()
        .rev()
        .enumerate()
        .take_while(|(back, at)| **at + back + 1 == last)
        .count();
    let inner = seen.open.len() - tail;
    if seen.foreign {
        seen.open.truncate(inner);
    }
    let rests = seen.open.len();
    let one = seen.open.first().is_some_and(|at| breaks_word(part, *at));
    let sure = if grammar.strict {
        seen.short * 2 <= rests
            && ((inner > 0 && (rests > 1 || one)) || (rests > 1 && seen.whole == 0) || (known && rests > 0))
            && seen.whole <= rests
    } else {
        let few = |count: usize| count * 5 <= rests;
        ((rests > 1 && inner > 0) || (known && rests > 0)) && few(seen.whole) && few(seen.further)
    };
    if !sure {
        seen.open.clear();
    }
    for at in &seen.open {
        if let Some(line) = part.get_mut(*at) {
            line.joined = true;
            line.fill(edge);
        }
    }
    Some(Run {
        lines: seen.lines,
        joined: seen.open.len(),
    })
}

/// Whether a line ends and the next begins inside a word: where only one line seems broken, nothing else speaks for it.
fn breaks_word(part: &[Line<'_>], at: usize) -> bool {
    let line = part.get(at).and_then(|line| line.text.bytes().last());
    let next = part.get(at + 1).and_then(|line| line.text.bytes().next());
    let within = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"./:_-".contains(&byte);
    line.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"./:_-".contains(&byte)) && next.is_some_and(within)
}

fn see(grammar: &Grammar, part: &[Line<'_>], edge: usize) -> Seen {
    let mut seen = Seen {
        lines: 1,
        ..Seen::default()
    };
    for (at, pair) in part.windows(2).enumerate() {
        let [line, next] = pair else { break };
        seen.lines = at + 2;
        if line.joined {
            continue;
        }
        let wide = line.width();
        let full = wide == edge;
        match (grammar.begins)(next.text) {
            // A backslash continues what was typed over several lines.
            _ if line.text.ends_with('\\') && !full => {}
            Begins::Surely => seen.whole += usize::from(full),
            Begins::Perhaps => {}
            Begins::Never if prompt_like(next.text) => {
                seen.lines = at + 1;
                return seen;
            }
            Begins::Never if stranger(grammar, next.text) => {
                seen.foreign = true;
                seen.lines = at + 1;
                return seen;
            }
            // One blank at the line's end may have been lost in copying.
            Begins::Never if full || (grammar.strict && wide + 1 == edge) => {
                seen.open.push(at);
                seen.short += usize::from(!full);
            }
            Begins::Never if !grammar.strict => seen.further += 1,
            Begins::Never => {
                seen.foreign = true;
                seen.lines = at + 1;
                return seen;
            }
        }
    }
    seen
}

/// Whether a line begins another output.
fn stranger(grammar: &Grammar, line: &str) -> bool {
    is_header(line)
        || title_like(line)
        || line.starts_with("{\"")
        || matches!(line, "{" | "[")
        || line.starts_with("+--")
        || line.starts_with("|  ")
        || (line.len() > 9 && line.bytes().all(|byte| byte == b'-'))
        || all().any(|other| !std::ptr::fn_addr_eq(other.enters, grammar.enters) && (other.enters)(line))
}

/// Whether two lines each begin an entry of the same format whose entries never take several lines.
pub(super) fn begins_alike(line: &str, next: &str) -> bool {
    let alike = line
        .as_bytes()
        .get(..2)
        .is_some_and(|two| next.as_bytes().starts_with(two));
    alike
        && all()
            .find(|grammar| grammar.strict && (grammar.enters)(line))
            .is_some_and(|grammar| (grammar.enters)(next))
}
