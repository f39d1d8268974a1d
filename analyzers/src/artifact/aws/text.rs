//! `--output text`: the scalars of a structure on a line, in the order of their names and separated by tabs, after the structure's own name
//! in capitals (aws-cli's `text.py`). The names of the scalars are not printed; what is absent leaves no gap. A word gets a name here only
//! where the API's shape leaves no other; the others are kept as they stand, in [`UNNAMED`].

mod align;
mod always;
mod fit;
mod parts;
mod reader;
mod rows;
mod tree;
mod whole;
mod words;

use super::answer::{self, Answering, Context};
use super::error;
use super::expected::Expected;
use super::shapes;
use crate::artifact::{Artifacts, Placed};
use crate::problem::{Problem, excerpt};
use crate::segment::formats::{Format, Part, Spec};
use crate::segment::sniff::{Hint, Taken, ends, log};
use crate::text::Piece;
use align::{Fit, Presence, align};
use fit::fit;
use reader::Reader;
use tree::{Inside, Tree};
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
    sniff: take,
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

/// Takes the lines of an answer; without a command only where the first one can be nothing else.
fn take(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    if let Some(command) = hint
        .line
        .as_ref()
        .filter(|_| hint.expects(FORMAT) && !is_said(line, hint))
    {
        if whole::is_anothers(line, rest, command) {
            return None;
        }
        if let Some(len) = whole::take(line, rest, command) {
            return Some(Taken {
                len,
                format: FORMAT,
                confidence: 0.9,
            });
        }
    }
    if line.starts_with(['{', '[', '"', ' ', '$', '#']) || is_said(line, hint) {
        return None;
    }
    let wanted = hint.expects(FORMAT);
    let command = hint.line.as_ref().filter(|line| line.aws_operation().is_some());
    // The output format may stand in the configuration instead of on the command line.
    let configured = command.filter(|line| line.option(&["--output"]).is_none() && !line.filtered());
    // Below a line of the same kind that nothing knows a structure is that one's member.
    let alone = !hint.above.is_some_and(is_named);
    let begins = wanted
        || is_caller(line)
        || (alone && tells(line, rest))
        || configured.is_some_and(|command| is_configured(line, rest, command));
    if !begins {
        return None;
    }
    let tabs = line.contains('\t');
    let mut len = 0;
    for (line, end) in ends(rest) {
        let belongs = if wanted {
            !line.trim().is_empty()
        } else {
            // Without the option only lines that look like the first.
            line.contains('\t') || (!tabs && !line.is_empty() && !line.contains([' ', '{', '"']))
        };
        if !belongs || is_said(line, hint) {
            break;
        }
        len = end;
    }
    (len > 0).then_some(Taken {
        len,
        format: FORMAT,
        confidence: if wanted { 0.9 } else { 0.7 },
    })
}

/// Whether a line is what aws-cli or another tool says beside its output.
fn is_said(line: &str, hint: &Hint) -> bool {
    error::is_error_of(line, hint) || log::is_error(line) || log::is_notice(line)
}

/// Whether a line begins with a name in capitals and a tab, as the lines of structures do.
fn is_named(line: &str) -> bool {
    line.split_once('\t').is_some_and(|(name, _)| {
        name.len() > 2
            && name
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    })
}

/// So many lines are looked at to tell an answer.
const LOOKED_AT: usize = 40;
/// A name of so many letters is no word that people use, alone and with lines below that fit.
const LONG_NAME: usize = 16;
const LONGISH_NAME: usize = 8;

/// Whether a line can only be the first of an answer in text: the name of a member of an answer in capitals, and words that look like what
/// its structure has; or a name that nothing else has, and lines below that are in it.
fn tells(line: &str, rest: &str) -> bool {
    let Some((name, values)) = line.split_once('\t').filter(|_| is_named(line)) else {
        return false;
    };
    // The titles of a table.
    let title = |word: &str| {
        word.is_empty()
            || word
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || matches!(byte, b' ' | b'_' | b'-' | b'(' | b')'))
    };
    if values.split('\t').all(title) {
        return false;
    }
    let end = ends(rest)
        .take(LOOKED_AT)
        .take_while(|(line, _)| is_named(line))
        .last()
        .map_or(line.len(), |(_, end)| end);
    let block = Piece::new(rest.get(..end).unwrap_or(line));
    let first = Piece::new(line);
    let words: Vec<Piece<'_>> = words(first).into_iter().skip(1).collect();
    candidates(name).take(TRIED).any(|(operation, _)| {
        let Some(shape) = operation.shape() else { return false };
        let expected = Expected::Api(shape);
        let member = shape.members().find(|(known, _)| tree::is_capitals_of(name, known));
        let Some(inner) = member.map(|(_, member)| member.element().unwrap_or(member)) else {
            return false;
        };
        let points = if inner.is_scalar() {
            let alone = matches!(words.as_slice(), [only] if !only.contains(' '));
            alone.then_some(0)
        } else {
            Reader::new(&expected, false, false).points(&Expected::Api(inner), &words)
        };
        let Some(points) = points.filter(|_| !words.is_empty()) else {
            return false;
        };
        // Two words that say what they are; or fewer, and everything below has its place.
        points > 1 && !values.contains("  ") || {
            let long = name.len() >= LONG_NAME;
            let longish = name.len() >= LONGISH_NAME && (points > 0 || block.contains('\n'));
            let several = points > 1 || (points > 0 && words.len() > 1);
            (long || longish || several) && answered(&expected, &Context::default(), block).unplaced.is_empty()
        }
    })
}

/// Whether a command whose output format is not known printed this as text.
fn is_configured(line: &str, rest: &str, command: &crate::segment::CommandLine) -> bool {
    let known = command
        .aws_operation()
        .is_some_and(|(service, operation)| shapes::operation(service, operation).is_some());
    let plain = |line: &str| !line.contains([' ', '{', '"']) || line.contains('\t');
    known
        && (line.contains('\t') || command.option(&["--query"]).is_some() || are_values(rest))
        && ends(rest)
            .map(|(line, _)| line)
            .take_while(|line| !line.is_empty())
            .take(TRIED)
            .all(plain)
        && line.bytes().any(|byte| byte.is_ascii_alphanumeric())
}

/// Whether lines are values alone, as a query prints them that was left out of the command: ids, or several names.
fn are_values(rest: &str) -> bool {
    let lines = || {
        ends(rest)
            .map(|(line, _)| line)
            .take_while(|line| !line.is_empty())
            .take(TRIED)
    };
    let is_id = |line: &str| {
        line.starts_with("arn:")
            || line.split_once('-').is_some_and(|(kind, id)| {
                !kind.is_empty()
                    && kind.bytes().all(|byte| byte.is_ascii_lowercase())
                    && id.len() >= 8
                    && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
                    && id.bytes().any(|byte| byte.is_ascii_digit())
            })
    };
    let is_name = |line: &str| {
        line.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/' | b':'))
            && line.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    lines().all(is_id) || (lines().count() > 1 && lines().all(is_name))
}

/// Whether a line is who calls: an account, an ARN of it, and an id (STS API reference, `GetCallerIdentity`; IAM user guide, "Unique
/// identifiers").
fn is_caller(line: &str) -> bool {
    let words: Vec<&str> = line.trim_end().split('\t').collect();
    let [account, arn, id] = words.as_slice() else {
        return false;
    };
    let id = id.split(':').next().unwrap_or_default();
    is_account(account)
        && arn.starts_with("arn:aws")
        && (arn.contains(":sts::") || arn.contains(":iam::"))
        && arn.split(':').nth(4) == Some(account)
        && (id == *account
            || (id.len() > 15
                && id.starts_with('A')
                && id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())))
}

fn is_account(word: &str) -> bool {
    word.len() == 12 && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// The operations that read and whose answer begins with a member of that name.
fn candidates(capitals: &str) -> impl Iterator<Item = Answering> {
    let caller = shapes::operation("sts", "get-caller-identity")
        .filter(|_| is_account(capitals))
        .map(|operation| (operation, "get-caller-identity"));
    with_members(capitals).chain(caller)
}

fn with_members(capitals: &str) -> impl Iterator<Item = Answering> {
    shapes::with_capitals(capitals).filter(move |(operation, _)| {
        operation
            .shape()
            .and_then(|shape| {
                shape
                    .members()
                    .find(|(name, _)| name.to_ascii_uppercase() == capitals)
                    .map(|(_, member)| !member.is_scalar())
            })
            .unwrap_or_default()
    })
}

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

/// Names the words of the structures that were found.
struct Builder<'a> {
    tree: Tree<'a>,
    body: Piece<'a>,
    queried: bool,
    paged: bool,
    unnamed: usize,
}

/// Deeper structures are left out.
const DEPTH: usize = 64;

impl Builder<'_> {
    fn root(&mut self, listed: bool) -> Placed {
        if !listed {
            let names = self.names(&[0]);
            return self.structure(0, &names, 0);
        }
        let mut list = Placed::array(self.body);
        for node in self.tree.roots.clone() {
            let names = self.names(&[node]);
            let element = self.structure(node, &names, 0);
            list.push(element);
        }
        list
    }

    /// The columns of structures that have the same ones: the elements of one list.
    fn names(&mut self, nodes: &[usize]) -> Vec<Option<tree::Column>> {
        let first = nodes.first().and_then(|node| self.tree.nodes.get(*node));
        let Some(expected) = first.map(|first| first.expected.clone()) else {
            return Vec::new();
        };
        let columns = self.tree.columns(&expected);
        let none = Vec::new();
        let lines: Vec<_> = nodes
            .iter()
            .filter_map(|node| self.tree.nodes.get(*node))
            .filter(|node| !node.unsure)
            .collect();
        let width = lines.iter().map(|node| node.words.len()).max().unwrap_or_default();
        // Of a line that was cut the words that are not there are empty ones.
        let fits = |node: &&tree::Node<'_>| node.words.len() == width || node.cut;
        if width == 0 || !lines.iter().all(fits) {
            return none;
        }
        let presences: Vec<Presence> = columns.iter().map(|column| column.presence).collect();
        let found = align(width, &presences, &|word, member| {
            let Some(column) = columns.get(member) else {
                return Fit::Not;
            };
            let words = lines.iter().filter_map(|node| node.words.get(word));
            // The elements that do not have it tell nothing.
            words
                .filter(|word| !word.is_empty())
                .map(|word| fit(&column.name, &column.expected, word.str(), self.queried))
                .min()
                .unwrap_or(Fit::Plain)
        });
        found.map_or(none, |found| {
            found
                .into_iter()
                .map(|member| member.and_then(|member| columns.get(member).cloned()))
                .collect()
        })
    }

    fn structure(&mut self, number: usize, names: &[Option<tree::Column>], depth: usize) -> Placed {
        let Some(node) = self.tree.nodes.get_mut(number) else {
            return Placed::object(self.body);
        };
        let members = std::mem::take(&mut node.members);
        let words = std::mem::take(&mut node.words);
        let line = node.line.unwrap_or(self.body);
        let names = if node.unsure { &[] } else { names };
        let mut object = Placed::object(line);
        let mut unnamed = Placed::array(line);
        for (at, word) in words.into_iter().enumerate() {
            match names.get(at).and_then(Option::as_ref) {
                _ if word.is_empty() => {}
                Some(column) => {
                    let value = column.expected.member_scalar(&column.name, word, self.queried);
                    object.put(&column.name, value);
                }
                None => unnamed.push(Placed::text(word)),
            }
        }
        self.unnamed += unnamed.len();
        if !unnamed.is_empty() {
            object.put(UNNAMED, unnamed);
        }
        if depth >= DEPTH {
            return object;
        }
        for (name, inside) in members {
            let value = self.inside(number, inside, line, depth + 1);
            object.put(&name, value);
        }
        object
    }

    fn inside(&mut self, owner: usize, inside: Inside<'_>, line: Piece<'_>, depth: usize) -> Placed {
        match inside {
            Inside::One(node) => {
                let names = self.names(&[node]);
                self.structure(node, &names, depth)
            }
            Inside::Many(nodes) => {
                // The parts of an answer that comes in several have each their own columns: then a line tells only its own.
                let together = !(self.paged && owner == 0);
                let names = if together { self.names(&nodes) } else { Vec::new() };
                let mut list = Placed::array(line);
                for node in nodes {
                    let element = if together {
                        self.structure(node, &names, depth)
                    } else {
                        let names = self.names(&[node]);
                        self.structure(node, &names, depth)
                    };
                    list.push(element);
                }
                list
            }
            Inside::Scalars(expected, words) => {
                let mut list = Placed::array(line);
                // Of the line that tells how to go on there is one, and it is no list.
                if matches!((&expected, words.as_slice()), (Expected::Unknown, [_]))
                    && let [word] = words.as_slice()
                {
                    return Placed::text(*word);
                }
                for word in words {
                    list.extend(word);
                    list.push(expected.scalar(word, self.queried));
                }
                list
            }
            Inside::Document(lines) => {
                let mut list = Placed::array(line);
                for line in lines {
                    let mut words = Placed::array(line);
                    for word in self::words(line) {
                        self.unnamed += 1;
                        words.push(Placed::text(word));
                    }
                    list.push(words);
                }
                let mut object = Placed::object(line);
                object.put(UNNAMED, list);
                object
            }
        }
    }
}

#[cfg(test)]
mod tests;
