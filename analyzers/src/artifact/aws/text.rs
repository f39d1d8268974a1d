//! `--output text`: the scalars of a structure on a line, in the order of their names and separated by tabs, after the structure's own name
//! in capitals (aws-cli's `text.py`). The names of the scalars are not printed; what is absent leaves no gap. A word gets a name here only
//! where the API's shape leaves no other; the others are kept as they stand, in [`UNNAMED`].

mod align;
mod always;
mod build;
mod fit;
mod parts;
mod reader;
mod rows;
mod sniff;
mod tree;
mod whole;
mod words;

use super::answer::{self, Answering, Context};
use super::expected::Expected;
use crate::artifact::{Artifacts, Placed};
use crate::problem::{Problem, excerpt};
use crate::segment::formats::{Format, Part, Spec};
use crate::text::Piece;
use align::Fit;
use build::Builder;
use fit::fit;
use reader::Reader;
use sniff::candidates;
use whole::Whole;
use words::words;

/// What aws-cli prints with `--output text`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "aws-text",
    title: "an answer of an AWS API as text",
    command: |line| {
        line.aws_operation().is_some_and(|called| {
            line.option(&["--output"]) == Some("text") || (says(called) && line.piped_into.is_none())
        })
    },
    least: 1,
    sniff: sniff::take,
    read,
});

/// Whether a command of aws-cli is no operation of an API and says what it has to say in lines (aws-cli's `customizations`).
fn says(called: (&str, &str)) -> bool {
    const SAYING: [(&str, &str); 6] = [
        ("ecr", "get-login-password"),
        ("ecr-public", "get-login-password"),
        ("ecr", "get-login"),
        ("rds", "generate-db-auth-token"),
        ("eks", "update-kubeconfig"),
        ("cloudtrail", "validate-logs"),
    ];
    SAYING.contains(&called)
}

/// The member that holds the words of a line that cannot be named. No API has a name with such a beginning.
pub const UNNAMED: &str = "--text";

/// How many lines are said one by one.
const PROBLEMS: usize = 20;
/// How many operations are tried where the command does not tell.
const TRIED: usize = 8;

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let body = Piece::new(part.text());
    let mut context = Context::new(part);
    let (mut text, operations) = match context.operation {
        Some(operation) => (answered(&context.expected(operation), &context, body), Vec::new()),
        None if context.named.is_some() => (answered(&Expected::Unknown, &context, body), Vec::new()),
        None => untold(&context, body),
    };
    if text.lost {
        text.printed = answer::remainder(text.printed, body);
        context.forget_origin();
    }
    let mut said = text.unplaced.len();
    for line in text.unplaced.iter().take(PROBLEMS) {
        said -= 1;
        problems.push(Problem::new(
            part.span().slice(line.range()),
            format!(
                "Where `{}` belongs in the answer cannot be told from its text; the same command with `--output json` tells.",
                excerpt(line.str())
            ),
        ));
    }
    if said > 0 {
        problems.push(Problem::new(
            part.span(),
            format!("{said} more lines of this text belong to places that cannot be told."),
        ));
    }
    if text.unnamed > 0 {
        problems.push(Problem::new(
            part.span(),
            format!(
                "{} of its words could be several fields of the answer and are read without a name; the same command with `--output json` names them.",
                text.unnamed
            ),
        ));
    }
    context.add(part, text.printed, &operations, artifacts, problems);
}

/// What was read of a text.
struct Text<'a> {
    printed: Placed,
    unplaced: Vec<Piece<'a>>,
    /// How many words have no name.
    unnamed: usize,
    /// Whether it cannot be told what of it comes from where.
    lost: bool,
}

impl Text<'_> {
    /// All of it has its place.
    fn of(printed: Placed) -> Self {
        Self {
            printed,
            unplaced: Vec::new(),
            unnamed: 0,
            lost: false,
        }
    }
}

/// The text of a command that is not there: the operation is told by the first line, and only where all that fit best read the same.
fn untold<'a>(context: &Context, body: Piece<'a>) -> (Text<'a>, Vec<Answering>) {
    let first = body.lines().find(|line| !line.is_empty()).unwrap_or(body);
    let name = first.split_once("\t").map_or(first, |(name, _)| name);
    let mut fitting: Vec<Answering> = Vec::new();
    let mut found: Option<(Text<'a>, crate::artifact::Value)> = None;
    let mut differ = false;
    for answering in candidates(name.str()).take(TRIED) {
        let Some(shape) = answering.0.shape() else { continue };
        let text = answered(&Expected::Api(shape), context, body);
        if text.unplaced.first().is_some_and(|line| line.start() == first.start()) {
            continue;
        }
        let (value, _) = text.printed.clone().finish();
        if let Some((best, same)) = &found
            && best.unplaced.len() <= text.unplaced.len()
        {
            if best.unplaced.len() == text.unplaced.len() {
                differ |= *same != value;
                fitting.push(answering);
            }
            continue;
        }
        differ = false;
        fitting = vec![answering];
        found = Some((text, value));
    }
    if let Some((text, _)) = found.filter(|_| !differ) {
        return (text, fitting);
    }
    let mut text = answered(&Expected::Unknown, context, body);
    text.unnamed = body.words().count();
    (text, Vec::new())
}

fn answered<'a>(expected: &Expected, context: &Context, body: Piece<'a>) -> Text<'a> {
    let queried = context.query.is_some();
    let element = expected.element();
    let whole = whole::of(expected, context, body);
    if let Some(Whole::Value(value)) = whole {
        return Text::of(Placed::text(value));
    }
    if let Some(Whole::List(words)) = whole {
        let mut list = Placed::array(body);
        for word in words {
            list.push(Placed::text(word));
        }
        return Text::of(list);
    }
    if queried && body.lines().all(|line| matches!(line.str(), "" | "None")) {
        // Of every part of the answer, that it is not there.
        return Text::of(Placed::value(serde_json::Value::Null, body));
    }
    if expected.is_document() {
        let mut document = Placed::object(body);
        document.put(UNNAMED, plain(body));
        return Text {
            printed: document,
            unplaced: Vec::new(),
            unnamed: body.words().count(),
            lost: false,
        };
    }
    if expected.is_object() || element.as_ref().is_some_and(Expected::is_object) {
        return structures(expected, context, body, whole);
    }
    let rows = || body.lines().filter(|line| !line.is_empty());
    let printed = match (expected, &element) {
        _ if expected.is_scalar() => scalar(expected, body, queried),
        (_, Some(element)) if element.is_scalar() => {
            let mut list = Placed::array(body);
            for cell in rows().flat_map(words) {
                list.push(element.scalar(cell, queried));
            }
            Some(list)
        }
        (Expected::Parts(parts), _) => {
            let mut lines = rows();
            lines
                .next()
                .filter(|_| lines.next().is_none())
                .and_then(|line| row(parts, line, queried))
                .or_else(|| parts::alone(parts, &context.parts(), body))
        }
        (_, Some(Expected::Parts(parts))) if !parts.iter().all(Expected::is_scalar) => {
            parts::rows(parts, &context.parts(), body)
        }
        (_, Some(element)) => lists(element, body, queried),
        _ => None,
    };
    let known = printed.is_some();
    let printed = printed.unwrap_or_else(|| nameless(context, body));
    Text {
        unplaced: if known || queried || matches!(expected, Expected::Unknown) {
            Vec::new()
        } else {
            rows().collect()
        },
        unnamed: 0,
        lost: !known && queried && context.picked().is_none(),
        printed,
    }
}

/// An answer of structures, whose lines begin with their names.
fn structures<'a>(expected: &Expected, context: &Context, body: Piece<'a>, whole: Option<Whole<'a>>) -> Text<'a> {
    let queried = context.query.is_some();
    let listed = expected.element().is_some();
    let one_page = context.line.as_ref().is_some_and(|line| line.flag(&["--no-paginate"]));
    let mut reader = Reader::new(expected, queried, one_page);
    let mut rest = body;
    if let Some(Whole::Line(words, line, end)) = whole {
        reader.own_line(words, line);
        rest = body.skip(end.saturating_sub(body.start()));
    }
    let rows: Vec<Piece<'_>> = if listed {
        rest.lines().filter(|line| !line.is_empty()).collect()
    } else {
        rows::rows(rest)
    };
    for (number, row) in rows.iter().enumerate() {
        reader.line(*row, number + 1 == rows.len());
    }
    let tree = reader.finish();
    if !queried && tree.is_bare() {
        // Values alone: the query that picked them is not there.
        let mut document = Placed::object(body);
        document.put(UNNAMED, plain(body));
        return Text {
            unnamed: body.words().count(),
            printed: document,
            unplaced: Vec::new(),
            lost: false,
        };
    }
    let mut builder = Builder {
        tree,
        body,
        queried,
        paged: !one_page && tree::is_paged(expected),
        unnamed: 0,
    };
    let printed = builder.root(listed);
    Text {
        printed,
        unplaced: builder.tree.unplaced,
        unnamed: builder.unnamed,
        lost: false,
    }
}

/// The words of an output that is not understood: of the whole answer, or at the place that a query names.
fn nameless(context: &Context, body: Piece<'_>) -> Placed {
    let words = plain(body);
    if context.query.is_some() && context.picked().is_none() {
        return words;
    }
    let mut object = Placed::object(body);
    object.put(UNNAMED, words);
    object
}

/// The words of all lines, without names.
fn plain(body: Piece<'_>) -> Placed {
    let mut list = Placed::array(body);
    for line in body.lines().filter(|line| !line.is_empty()) {
        let mut words = Placed::array(line);
        for word in self::words(line) {
            words.push(Placed::text(word));
        }
        list.push(words);
    }
    list
}

/// A scalar that a query picked: of every part of the answer one line, of which only one may hold something.
fn scalar(expected: &Expected, body: Piece<'_>, queried: bool) -> Option<Placed> {
    let mut told = body.lines().filter(|line| !line.is_empty() && line.str() != "None");
    let first = told.next();
    if told.next().is_some() {
        // One text of several lines is as possible as several values.
        return None;
    }
    Some(expected.scalar(first.unwrap_or_else(|| body.trim()), queried))
}

/// A line a list of the same parts.
fn row(parts: &[Expected], line: Piece<'_>, queried: bool) -> Option<Placed> {
    if !parts.iter().all(Expected::is_scalar) {
        return None;
    }
    words::best(line, |cells| {
        if cells.len() != parts.len() {
            return None;
        }
        let mut points = 0;
        let mut list = Placed::array(line);
        for (cell, part) in cells.iter().zip(parts) {
            points += usize::from(fit("", part, cell.str(), queried) == Fit::Telling);
            list.push(part.scalar(*cell, queried));
        }
        Some((points, list))
    })
}

/// Lists in a list: a line is an innermost one, and where the ones around it end is not printed, so that each is alone in its own.
fn lists(element: &Expected, body: Piece<'_>, queried: bool) -> Option<Placed> {
    let mut outer = Placed::array(body);
    for line in body.lines().filter(|line| !line.is_empty()) {
        outer.push(inner(element, line, queried, 0)?);
    }
    Some(outer)
}

fn inner(expected: &Expected, line: Piece<'_>, queried: bool, depth: usize) -> Option<Placed> {
    if let Expected::Parts(parts) = expected {
        return row(parts, line, queried);
    }
    let element = expected.element().filter(|_| depth < 8)?;
    let mut list = Placed::array(line);
    if element.is_scalar() {
        for cell in words(line) {
            list.push(element.scalar(cell, queried));
        }
    } else {
        list.push(inner(&element, line, queried, depth + 1)?);
    }
    Some(list)
}

#[cfg(test)]
mod tests;
