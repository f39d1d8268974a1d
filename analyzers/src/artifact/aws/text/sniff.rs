//! Tells an answer in text by its lines.

use super::super::answer::{Answering, Context};
use super::super::error;
use super::super::expected::Expected;
use super::super::shapes;
use super::reader::Reader;
use super::words::words;
use super::{FORMAT, TRIED, answered, tree, whole};
use crate::segment::sniff::{Hint, Taken, ends, log};
use crate::text::Piece;

/// Takes the lines of an answer; without a command only where the first one can be nothing else.
pub fn take(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
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
    if !line.contains('\t') {
        return false;
    }
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
pub fn candidates(capitals: &str) -> impl Iterator<Item = Answering> {
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
