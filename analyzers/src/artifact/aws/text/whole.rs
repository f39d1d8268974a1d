//! Values that are not words of one line. aws-cli prints a text as it is (`text.py` writes it out unchanged): a policy is its JSON, a
//! console's output its lines. So an answer in text can begin with a bracket and yet be no JSON output, and a word can have lines.

use super::FORMAT;
use super::reader::Reader;
use super::tree::{self, is_capitals_of};
use crate::artifact::aws::answer::Context;
use crate::artifact::aws::expected::Expected;
use crate::artifact::aws::shapes::Kind;
use crate::artifact::json;
use crate::segment::CommandLine;
use crate::segment::formats;
use crate::segment::sniff::{Hint, ends};
use crate::text::Piece;

/// Members whose texts are documents of their own, with lines as their owner wrote them (API references of KMS, ECR, EFS, CloudFormation,
/// SSM, Secrets Manager).
const LONG: [&str; 9] = [
    "Policy",
    "policyText",
    "lifecyclePolicyText",
    "resourcePolicy",
    "StackPolicyBody",
    "TemplateBody",
    "SecretString",
    "Value",
    "stackPolicyBody",
];

/// Members that hold what other programs printed: EC2's console, and commands that SSM ran.
const FOREIGN: [&str; 3] = ["Output", "StandardOutputContent", "StandardErrorContent"];

/// How sure another format has to be that it begins on a line.
const SURE: f32 = 0.85;
/// The same, on the first line of what another program printed.
const LIKELY: f32 = 0.75;

/// After this many blank lines of a text no other format is looked for: each look may go far.
const ASKED: usize = 32;

/// A text with such a value.
#[derive(Debug, PartialEq, Eq)]
pub enum Whole<'a> {
    /// It is the value.
    Value(Piece<'a>),
    /// The words of the answer's own line, that line (which may be several of the text), and the byte after it.
    Line(Vec<Piece<'a>>, Piece<'a>, usize),
    /// The elements of a list.
    List(Vec<Piece<'a>>),
}

/// Whether a member's text may have several lines.
fn is_long(name: &str) -> bool {
    LONG.contains(&name) || FOREIGN.contains(&name)
}

/// Whether an output is what another program or a certificate's owner wrote and some other format knows: that one reads more of it.
pub fn is_anothers(line: &str, rest: &str, command: &CommandLine) -> bool {
    line.starts_with("-----BEGIN")
        || (Context::of(command.clone())
            .picked()
            .is_some_and(|name| FOREIGN.contains(&name))
            && others(line, rest, LIKELY))
}

/// How many bytes an answer with such a value takes.
pub fn take(line: &str, rest: &str, command: &CommandLine) -> Option<usize> {
    let context = Context::of(command.clone());
    let Some(expected) = context.wanted() else {
        return beside_others(rest).filter(|_| context.query.is_none() && !command.filtered());
    };
    let bracket = line.starts_with(['{', '[']);
    if command.filtered() && !(bracket && json::extent(rest).keys.iter().any(|key| key == "Statement")) {
        // Only a policy that a formatter was given whole is known to be whole.
        return None;
    }
    let long = context.picked().is_some_and(is_long)
        || (context.picked().is_none() && tree::columns(&expected).iter().any(|column| is_long(&column.name)));
    let until = if long { until(rest) } else { 0 };
    let text = if bracket || !long { rest } else { rest.get(..until)? };
    match of(&expected, &context, Piece::new(text))? {
        Whole::Value(value) => Some(line_end(rest, value.end())),
        Whole::List(words) => words.last().map(|last| line_end(rest, last.end())),
        Whole::Line(_, _, end) => Some(
            ends(rest.get(end..)?)
                .take_while(|(line, _)| !line.trim().is_empty())
                .last()
                .map_or(end, |(_, more)| end + more),
        ),
    }
}

/// JSON with more words after it on its last line: no answer in JSON, of whichever operation.
fn beside_others(rest: &str) -> Option<usize> {
    let end = json_end(rest)?;
    rest.get(end..)?.starts_with('\t').then(|| line_end(rest, end))
}

/// What a text is, where a value of it has lines or is JSON.
pub fn of<'a>(expected: &Expected, context: &Context, body: Piece<'a>) -> Option<Whole<'a>> {
    let body = without_blanks(body);
    if is_text(expected) {
        let name = context.picked()?;
        let foreign = FOREIGN.contains(&name);
        return match json_end(body.str()).filter(|_| !foreign) {
            Some(end) if !body.skip(end).starts_with('\t') => Some(Whole::Value(body.part(0..end))),
            _ => (is_long(name) && body.contains('\n')).then_some(Whole::Value(body)),
        };
    }
    if expected.element().as_ref().is_some_and(is_text) {
        json_end(body.str())?;
        let (words, end) = cells(body);
        return body.skip(end).trim().is_empty().then_some(Whole::List(words));
    }
    if !expected.is_object() || expected.is_map() {
        return None;
    }
    own_line(expected, context, body)
}

/// The line of a structure's own words.
fn own_line<'a>(expected: &Expected, context: &Context, body: Piece<'a>) -> Option<Whole<'a>> {
    if body.starts_with(['{', '['])
        && json::extent(body.str())
            .keys
            .iter()
            .any(|key| expected.member(key).is_some())
    {
        // The answer itself, as JSON.
        return None;
    }
    let (words, end) = if body.starts_with('{') || json_later(body.str()) {
        let (words, end) = cells(body);
        (words, end)
    } else if tree::columns(expected).iter().any(|column| is_long(&column.name)) {
        let end = row_end(expected, body.str());
        (around_lines(body.part(0..end))?, end)
    } else {
        return None;
    };
    let line = body.part(0..end).trim();
    let mut reader = Reader::new(expected, context.query.is_some(), true);
    let end = line_end(body.str(), line.end().saturating_sub(body.start()));
    reader
        .can_be(expected, &words)
        .then_some(Whole::Line(words, line, body.start() + end))
}

/// Whether a value is one text.
fn is_text(expected: &Expected) -> bool {
    match expected {
        Expected::Api(shape) => shape.kind() == Kind::Text && shape.values().is_none(),
        Expected::Unknown => true,
        _ => false,
    }
}

/// Without blank lines at both ends.
fn without_blanks(body: Piece<'_>) -> Piece<'_> {
    let start = body
        .lines()
        .find(|line| !line.trim().is_empty())
        .map_or(body.end(), Piece::start);
    let rest = body.skip(start.saturating_sub(body.start()));
    rest.part(0..rest.trim_end().len())
}

/// The byte after a JSON object or list that a word is.
fn json_end(text: &str) -> Option<usize> {
    if !text.starts_with(['{', '[']) {
        return None;
    }
    let found = json::extent(text);
    let after = text.as_bytes().get(found.end);
    (found.whole && matches!(after, None | Some(b'\n' | b'\r' | b'\t'))).then_some(found.end)
}

/// Whether a word after the first one of a line is JSON of several lines.
fn json_later(text: &str) -> bool {
    let line = text.lines().next().unwrap_or_default();
    line.match_indices("\t{").any(|(at, _)| {
        text.get(at + 1..)
            .and_then(json_end)
            .is_some_and(|end| at + 1 + end > line.len())
    })
}

/// The words of a line of which some are JSON, and the byte after them.
fn cells(body: Piece<'_>) -> (Vec<Piece<'_>>, usize) {
    let mut words = Vec::new();
    let mut at = 0;
    loop {
        let rest = body.skip(at);
        let len = json_end(rest.str()).unwrap_or_else(|| rest.find(['\t', '\n', '\r']).unwrap_or(rest.len()));
        words.push(rest.part(0..len));
        at += len;
        if !body.skip(at).starts_with('\t') {
            return (words, at);
        }
        at += 1;
    }
}

/// The words of a line of which one has several lines.
fn around_lines(row: Piece<'_>) -> Option<Vec<Piece<'_>>> {
    let row = row.part(0..row.trim_end().len());
    let first = row.find('\n')?;
    let last = row.rfind('\n')?;
    let start = row.get(..first)?.rfind('\t').map_or(0, |tab| tab + 1);
    let end = row.get(last..)?.find('\t').map_or(row.len(), |tab| last + tab);
    let mut words: Vec<Piece<'_>> = Vec::new();
    if start > 0 {
        words.extend(row.part(0..start - 1).split(|c| c == '\t'));
    }
    words.push(row.part(start..end));
    if end < row.len() {
        words.extend(row.skip(end + 1).split(|c| c == '\t'));
    }
    Some(words)
}

/// The byte at which the first structure in a structure begins.
fn row_end(expected: &Expected, text: &str) -> usize {
    let nested = expected.nested();
    let mut start = 0;
    for (line, end) in ends(text) {
        let name = line.split('\t').next().unwrap_or_default();
        if start > 0 && nested.iter().any(|(member, _)| is_capitals_of(name, member)) {
            return start;
        }
        start = end;
    }
    start
}

/// The byte after the line that `at` is on.
fn line_end(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    rest.find('\n').map_or(text.len(), |newline| at + newline + 1)
}

/// Where a text of several lines ends at the latest: after a blank line another format may begin.
fn until(rest: &str) -> usize {
    let mut blank = false;
    let mut start = 0;
    let mut asked = 0;
    for (line, end) in ends(rest) {
        let asks = blank && !line.trim().is_empty() && asked < ASKED;
        asked += usize::from(asks);
        if asks && others(line, rest.get(start..).unwrap_or_default(), SURE) {
            return start;
        }
        blank = line.trim().is_empty();
        start = end;
    }
    start
}

/// Whether another format begins on a line.
fn others(line: &str, rest: &str, sure: f32) -> bool {
    let hint = Hint::default();
    let mut found = formats::ALL
        .iter()
        .filter(|format| **format != FORMAT)
        .filter_map(|format| (format.spec().sniff)(line, rest, &hint))
        .filter(|taken| taken.len > 0);
    found.next().is_some_and(|taken| taken.confidence >= sure)
}
