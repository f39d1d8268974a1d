//! `--output table`: what aws-cli's `formatter.py` (`TableFormatter`) makes of an answer and its `table.py` (`MultiTable`) draws.
//!
//! A table is a row of sections. A section has a title (the operation's name for the outermost, the member's name for the others), and as
//! many `|` around its lines as it is deep; then either a header between two rulings and the rows, or rows alone: a name and its value
//! (also where the table was too wide and was turned), or the elements of a list of scalars. An element of a list that has lists itself is
//! a section of its own, with the title again. What is empty is not printed.

mod build;
mod sections;

use super::answer::{self, Answering, Context};
use super::expected::Expected;
use super::shapes;
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::CommandLine;
use crate::segment::formats::{Format, Part, Spec};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// What aws-cli prints with `--output table`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "aws-table",
    title: "an answer of an AWS API as a table",
    command: |line| line.aws_operation().is_some() && line.option(&["--output"]) == Some("table"),
    least: 5,
    sniff: take,
    read,
});

/// How many lines the text of one cell may have.
const CELL_LINES: usize = 200;

/// Whether a line is only `-`, as the first one of a table.
fn is_top(line: &str) -> bool {
    line.len() > 3 && line.bytes().all(|byte| byte == b'-')
}

/// Whether a line is one of a table's: bars at both ends, or a ruling.
fn is_drawn(line: &str) -> bool {
    sections::is_ruling(line) || (line.len() > 1 && line.starts_with('|') && line.ends_with('|'))
}

/// The title on a line: one word in bars, as the API names its operations.
fn operation_title(line: &str) -> Option<&str> {
    let title = line.strip_prefix('|')?.strip_suffix('|')?.trim();
    (title.len() > 3
        && title.starts_with(|c: char| c.is_ascii_uppercase())
        && title.bytes().all(|byte| byte.is_ascii_alphanumeric()))
    .then_some(title)
}

/// How many rulings of `-` there may be at the top: one, which a narrow terminal broke.
const PIECES: usize = 12;

/// A table whose lines a narrow terminal broke: in how many pieces, and how wide it was.
fn broken(rest: &str) -> Option<(usize, usize)> {
    let tops = || {
        ends(rest)
            .map(|(line, _)| line.trim())
            .take(PIECES)
            .take_while(|line| is_top(line) || (!line.is_empty() && line.bytes().all(|byte| byte == b'-')))
    };
    let width = tops().next()?.len();
    let pieces = tops().count();
    let full = tops().take(pieces.saturating_sub(1)).all(|line| line.len() == width);
    let shorter = tops().last().is_some_and(|line| line.len() <= width);
    (pieces > 1 && full && shorter).then_some((pieces, width))
}

/// Takes such a table: with its command, or where its title is an operation once its pieces stand together.
fn take_broken(rest: &str, wanted: bool) -> Option<Taken> {
    let (pieces, _) = broken(rest)?;
    let lines = || ends(rest).map(|(line, _)| line);
    let title: String = lines().skip(pieces).take(pieces).collect();
    let title = operation_title(title.trim());
    if !lines().nth(pieces)?.starts_with('|')
        || !(wanted || title.is_some_and(|title| shapes::operations_titled(title).next().is_some()))
    {
        return None;
    }
    let mut len = 0;
    for (number, (line, end)) in ends(rest).enumerate() {
        let first = number % pieces == 0;
        let last = number % pieces == pieces - 1;
        let drawn = number < pieces
            || (if first {
                line.starts_with(['|', '+'])
            } else {
                !last || line.trim_end().ends_with(['|', '+'])
            });
        if !drawn {
            break;
        }
        if last {
            len = end;
        }
    }
    (len > 0).then_some(Taken {
        len,
        format: FORMAT,
        confidence: 0.9,
    })
}

/// Takes a table; without a command only one whose title is an operation.
fn take(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let first = line.trim();
    let wanted = hint.expects(FORMAT);
    if is_top(first)
        && let Some(taken) = take_broken(rest, wanted)
    {
        return Some(taken);
    }
    let aws = wanted || hint.line.as_ref().is_some_and(|line| line.aws_operation().is_some());
    // The first ruling may be missing where the command is known.
    let title = if is_top(first) {
        let (next, _) = ends(rest).nth(1)?;
        operation_title(next.trim()).filter(|_| next.trim().chars().count() == first.len())?
    } else if wanted {
        operation_title(first)?
    } else {
        return None;
    };
    let known = shapes::operations_titled(title).next().is_some();
    let command = hint.line.as_ref().and_then(CommandLine::aws_operation);
    let own = command.is_some_and(|(_, operation)| shapes::is_title_of(title, operation));
    if !known && !own && !aws {
        return None;
    }
    let mut len = 0;
    let mut open = 0;
    for (number, (line, end)) in ends(rest).enumerate() {
        let line = line.trim();
        let top = number == 0 && is_top(line);
        if top || is_drawn(line) {
            len = end;
            open = 0;
        } else if open > 0 || line.starts_with('|') {
            // A cell whose text has several lines; its last one ends with the bar.
            open += 1;
            if open > CELL_LINES {
                break;
            }
            if line.ends_with('|') {
                len = end;
                open = 0;
            }
        } else {
            break;
        }
    }
    (len > 0).then_some(Taken {
        len,
        format: FORMAT,
        confidence: if known || own { 0.97 } else { 0.8 },
    })
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let body = Piece::new(part.text());
    if let Some((pieces, width)) = broken(part.text()) {
        problems.push(Problem::new(
            part.span(),
            format!(
                "A terminal of {width} columns broke each line of this table into {pieces}, so that its cells cannot be told; make it wider, or run the command with `--output json`."
            ),
        ));
        return;
    }
    let scanned = sections::scan(body);
    for (piece, message) in scanned.problems {
        problems.push(Problem::new(part.span().slice(piece.range()), message));
    }
    let Some(first) = scanned.sections.first() else {
        problems.push(Problem::new(
            part.span(),
            "This is no table that aws-cli draws; paste the whole output.",
        ));
        return;
    };
    let context = Context::new(part);
    let build = |expected: &Expected| build::build(&scanned.sections, expected, &context, body);
    let (printed, operations) = match context.operation {
        Some(operation) => (told(build(&context.expected(operation)), &context, body), Vec::new()),
        None if context.named.is_some() => (build(&Expected::Unknown).0, Vec::new()),
        None => {
            let (printed, fitting) = untold(first.title.str(), &build, body);
            (printed, fitting)
        }
    };
    if scanned.sections.len() == 1 && first.rows.is_empty() && context.query.is_some() {
        problems.push(Problem::new(
            part.span(),
            "A value alone is not in the table that aws-cli draws of it; `--output text` prints it.",
        ));
    }
    context.add(part, printed, &operations, artifacts, problems);
}

/// The table of an operation that the command names. A list in place of the answer, with names that it does not have, is what a query made
/// that was left out of the command.
fn told((printed, foreign): (Placed, usize), context: &Context, body: Piece<'_>) -> Placed {
    if foreign > 0 && context.query.is_none() && printed.members().is_none() {
        return answer::remainder(printed, body);
    }
    printed
}

/// The table of an operation that only its title names: read as the answer of the first operation that has all of its names. Where there is
/// none, a `--query` has changed the names, and what they stand for is not known.
fn untold<'a>(title: &str, build: &dyn Fn(&Expected) -> (Placed, usize), body: Piece<'a>) -> (Placed, Vec<Answering>) {
    let mut fitting = Vec::new();
    let mut first = None;
    for (operation, name) in shapes::operations_titled(title).take(8) {
        let Some(shape) = operation.shape() else { continue };
        let (printed, foreign) = build(&Expected::Api(shape));
        if foreign == 0 {
            fitting.push((operation, name));
            first = first.or(Some(printed));
        }
    }
    match first {
        Some(printed) => (printed, fitting),
        None => (
            answer::remainder(build(&Expected::Unknown).0, body),
            shapes::operations_titled(title).collect(),
        ),
    }
}

#[cfg(test)]
mod tests;
