//! The errors that aws-cli prints (botocore's `exceptions.py` has their words: `ClientError.MSG_TEMPLATE`, `NoCredentialsError`,
//! `ProfileNotFound`, `EndpointConnectionError`, …), and what IAM says in an `AccessDenied` (IAM user guide, "Troubleshoot access denied
//! error messages").

use crate::artifact::Placed;
use crate::problem::Problem;
use crate::segment::CommandLine;
use crate::segment::formats::{self, Format, Part, Spec};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// An error of aws-cli.
pub const FORMAT: Format = Format::new(&Spec {
    name: "aws-error",
    title: "an error of aws-cli",
    command: formats::no_command,
    least: 7,
    sniff: take,
    read,
});

/// What an API's error begins with.
const API: &str = "An error occurred (";

/// Errors of the client itself: beginning, what the message has further on, the name of botocore's (or aws-cli's) exception.
const CLIENT: [(&str, &str, &str); 14] = [
    ("Error parsing parameter '", "': ", "ParamSyntax"),
    ("Bad value for --query ", ": ", "Query"),
    ("Unable to locate credentials", "", "NoCredentials"),
    ("Partial credentials found in ", "", "PartialCredentials"),
    ("The config profile (", ") could not be found", "ProfileNotFound"),
    ("Could not connect to the endpoint URL: ", "", "EndpointConnection"),
    ("Connect timeout on endpoint URL: ", "", "ConnectTimeout"),
    ("Read timeout on endpoint URL: ", "", "ReadTimeout"),
    ("SSL validation failed for ", "", "SSL"),
    ("Error loading SSO Token: ", "", "SSOTokenLoad"),
    (
        "The SSO session associated with this profile has expired",
        "",
        "UnauthorizedSSOToken",
    ),
    ("Error when retrieving token from sso: ", "", "TokenRetrieval"),
    ("Unable to parse config file: ", "", "ConfigParse"),
    ("You must specify a region.", "", "NoRegion"),
];

/// What stands before an error of the command line (aws-cli `argparser.py`, `USAGE`).
const USAGE: &str = "usage: aws [options] <command> <subcommand>";
/// What aws-cli says below the usage, or alone, of options that a command does not have (`clidriver.py`). Other programs say it, too.
const UNKNOWN_OPTIONS: &str = "Unknown options: ";
/// What aws-cli 1 says above it.
const VERSION_2: &str = "Note: AWS CLI version 2, the latest major version of the AWS CLI,";
/// What botocore's validator says above what it found (`exceptions.py`, `ParamValidationError`).
const VALIDATION: &str = "Parameter validation failed:";
/// So many lines may stand between the usage and its error, or in the drawing of where an expression is wrong.
const BETWEEN: usize = 16;

/// What the validator says of a parameter (botocore `validate.py`, `ValidationErrors._format_error`), and where the parameter's name is.
const FINDINGS: [&str; 9] = [
    "Missing required parameter in ",
    "Unknown parameter in ",
    "Invalid type for parameter ",
    "Invalid value for parameter ",
    "Invalid range for parameter ",
    "Invalid length for parameter ",
    "Invalid timestamp for parameter ",
    "Invalid number of parameters set for tagged union structure ",
    "Must set one of the following keys for tagged union",
];

/// Without the marks that newer versions of aws-cli put before an error.
fn bare(line: Piece<'_>) -> Piece<'_> {
    let line = line.trim();
    line.strip_prefix("aws: [ERROR]: ").unwrap_or(line)
}

fn client(line: &str) -> Option<&'static str> {
    CLIENT
        .iter()
        .find(|(beginning, inside, _)| line.starts_with(beginning) && line.contains(inside))
        .map(|(.., name)| *name)
}

/// Whether aws-cli draws below an error where its expression is wrong, with a `^` (aws-cli `shorthand.py`; jmespath `exceptions.py`).
fn is_drawn(line: &str) -> bool {
    line.starts_with("Error parsing parameter '") || line.starts_with("Bad value for --query ")
}

/// Whether a line is an error of aws-cli.
pub(crate) fn is_error(line: &str) -> bool {
    let whole = line;
    let line = bare(Piece::new(line)).str();
    (line.starts_with(API) && line.contains(") when calling the "))
        || client(line).is_some()
        || line.starts_with("aws: error: ")
        || line == VALIDATION
        || line.starts_with(USAGE)
        || line.starts_with(VERSION_2)
        || (whole.trim_start().starts_with("aws: [ERROR]: ") && is_command_line(line))
}

/// Whether a line is an error of aws-cli, by the command above it, too.
pub(crate) fn is_error_of(line: &str, hint: &Hint) -> bool {
    let calls = |line: &CommandLine| line.program == "aws" || line.inner().is_some_and(|inner| inner.program == "aws");
    is_error(line) || line.starts_with(UNKNOWN_OPTIONS) && hint.line.as_ref().is_some_and(calls)
}

/// What the parser of the command line says (argparse; aws-cli `argparser.py`, `clidriver.py`); version 2 puts its own mark before it.
fn is_command_line(line: &str) -> bool {
    line.starts_with("argument ")
        || line.starts_with("the following arguments are required: ")
        || line.starts_with(UNKNOWN_OPTIONS)
        || line.starts_with("An error occurred (")
}

/// The lines of an error: its own, and those that belong to it.
fn take(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    if !is_error_of(line, hint) {
        return None;
    }
    let first = bare(Piece::new(line)).str();
    let mut len = ends(rest).next().map_or(rest.len(), |(_, end)| end);
    let after = |len: usize| ends(rest.get(len..).unwrap_or_default()).map(move |(line, end)| (line, len + end));
    if first.starts_with(USAGE) || first.starts_with(VERSION_2) {
        let found = after(len)
            .take(BETWEEN)
            .find(|(line, _)| line.starts_with("aws: error: "));
        len = found.map_or_else(|| usage(rest, len), |(_, end)| end);
        len = choices(rest, len);
    } else if first == VALIDATION {
        len = after(len)
            .take_while(|(line, _)| is_finding(line))
            .last()
            .map_or(len, |(_, end)| end);
    } else if is_drawn(first) {
        let drawn = after(len)
            .take(BETWEEN)
            .take_while(|(line, _)| !line.trim().is_empty())
            .find(|(line, _)| line.trim() == "^");
        len = drawn.map_or(len, |(_, end)| end);
    } else if first.contains("nvalid choice") || is_command_line(first) {
        len = choices(rest, len);
    }
    Some(Taken {
        len,
        format: FORMAT,
        confidence: 0.95,
    })
}

/// The end of the usage, of which a part was read, and of what may be said below it.
fn usage(rest: &str, from: usize) -> usize {
    let mut len = from;
    for (line, end) in ends(rest.get(from..).unwrap_or_default()).take(BETWEEN) {
        if line.starts_with(UNKNOWN_OPTIONS) {
            return from + end;
        }
        if !is_usage(line) {
            break;
        }
        if !line.trim().is_empty() {
            len = from + end;
        }
    }
    len
}

/// The commands that the usage names, indented; a copy may have lost the blanks before a `<command>` (aws-cli `argparser.py`, `HELP_BLURB`).
const HELP: [&str; 3] = ["aws help", "aws <command> help", "aws <command> <subcommand> help"];

/// Whether a line is one of the usage, or blank.
fn is_usage(line: &str) -> bool {
    let text = line.trim();
    text.is_empty()
        || (HELP.contains(&text) && (line.starts_with([' ', '\t']) || text.contains('<')))
        || text == "To see help text, you can run:"
        || text.starts_with(USAGE)
}

fn is_finding(line: &str) -> bool {
    FINDINGS.iter().any(|finding| line.starts_with(finding))
}

/// Names of commands, in columns with a `|` between (aws-cli `argparser.py`, `_check_value`).
fn columns(line: Piece<'_>) -> Option<Vec<Piece<'_>>> {
    let names: Vec<Piece<'_>> = line
        .split(|c| c == '|')
        .map(Piece::trim)
        .filter(|name| !name.is_empty())
        .collect();
    let is_name = |name: &Piece<'_>| {
        name.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    (!names.is_empty() && line.contains('|') && names.iter().all(is_name)).then_some(names)
}

/// A name that is recommended: `  * describe-cluster`.
fn recommended(line: Piece<'_>) -> Option<Piece<'_>> {
    line.strip_prefix("  * ")
        .map(Piece::trim)
        .filter(|name| !name.contains(' '))
}

/// Whether a line tells which choice was wrong.
fn is_wrong_choice(line: &str) -> bool {
    line.starts_with("Invalid choice: '") || line.starts_with("maybe you meant:")
}

/// The end of the choices below an error, and of the usage that newer versions print there.
fn choices(rest: &str, from: usize) -> usize {
    let mut len = from;
    let mut listed = false;
    for (line, end) in ends(rest.get(from..).unwrap_or_default()) {
        if line.trim().is_empty() {
            continue;
        }
        let piece = Piece::new(line);
        // The last of a list may be alone on its line.
        let last = listed && line.ends_with(' ') && !line.starts_with(' ') && !line.trim().contains(' ');
        let column = columns(piece).is_some();
        if !(column || last || recommended(piece).is_some() || is_wrong_choice(line) || is_usage(line)) {
            break;
        }
        listed = column;
        len = from + end;
    }
    len
}

fn read(part: &Part<'_>, artifacts: &mut crate::artifact::Artifacts, problems: &mut Vec<Problem>) {
    let body = Piece::new(part.text());
    let lines: Vec<Piece<'_>> = body.lines().filter(|line| !line.trim().is_empty()).collect();
    let mut found: Option<Placed> = None;
    let mut pending = Below::Nothing;
    for line in lines {
        if let Some(open) = found.as_mut()
            && pending.take(open, line)
        {
            continue;
        }
        if is_usage(line.str()) || line.starts_with(VERSION_2) {
            continue;
        }
        let Some(error) = error(bare(line)) else {
            problems.push(Problem::new(
                part.span().slice(line.range()),
                "This line is no error of aws-cli that is known here.",
            ));
            continue;
        };
        if let Some(before) = found.replace(error) {
            formats::add_document(part, FORMAT.name(), before, true, artifacts);
        }
        pending = Below::of(bare(line).str());
    }
    let found = found.or_else(|| {
        // The usage alone: the command line was incomplete.
        (body.contains(USAGE)).then(|| {
            let mut usage = Placed::object(body);
            usage.put("code", Placed::value("Usage", body));
            usage
        })
    });
    if let Some(error) = found {
        formats::add_document(part, FORMAT.name(), error, true, artifacts);
    }
}

/// What the lines below an error are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Below {
    Nothing,
    Findings,
    Drawing,
    Choices,
}

impl Below {
    fn of(line: &str) -> Self {
        if line == VALIDATION {
            Self::Findings
        } else if is_drawn(line) {
            Self::Drawing
        } else if line.contains("nvalid choice") {
            Self::Choices
        } else {
            Self::Nothing
        }
    }

    /// Adds a line to its error, if it is of it.
    fn take(self, error: &mut Placed, line: Piece<'_>) -> bool {
        match self {
            Self::Nothing => false,
            Self::Findings => {
                if is_finding(line.str()) {
                    error.push_at(&["parameters"], line, finding(line));
                }
                is_finding(line.str())
            }
            Self::Drawing => {
                error.push_at(&["input"], line, Placed::text(line));
                true
            }
            Self::Choices => {
                if let Some(name) = recommended(line) {
                    error.push_at(&["suggestions"], line, Placed::text(name));
                } else if let Some(rest) = line.strip_prefix("Invalid choice: '") {
                    if let Some((choice, _)) = rest.split_once("'") {
                        error.put_text("choice", choice);
                    }
                } else if let Some(names) = columns(line) {
                    for name in names {
                        error.push_at(&["choices"], line, Placed::text(name));
                    }
                } else if is_error(line.str()) || is_usage(line.str()) || line.trim().contains(' ') {
                    return is_wrong_choice(line.str());
                } else {
                    error.push_at(&["choices"], line, Placed::text(line.trim()));
                }
                true
            }
        }
    }
}

/// What the validator says of one parameter.
fn finding(line: Piece<'_>) -> Placed {
    let mut finding = Placed::object(line);
    finding.put_text("message", line.trim());
    for beginning in ["Missing required parameter in ", "Unknown parameter in "] {
        if let Some((way, name)) = line.strip_prefix(beginning).and_then(|rest| rest.split_once(": \"")) {
            finding.put_text("in", way);
            if let Some((name, _)) = name.split_once("\"") {
                finding.put_text("parameter", name);
            }
            return finding;
        }
    }
    if let Some((_, rest)) = line.split_once(" for parameter ") {
        let name = rest.split_once(", ").map_or(rest, |(name, _)| name);
        finding.put_text("parameter", name);
    }
    finding
}

/// The parts of an error.
fn error(line: Piece<'_>) -> Option<Placed> {
    let mut error = Placed::object(line);
    if let Some(rest) = line.strip_prefix(API) {
        let (code, rest) = rest.split_once(") when calling the ")?;
        let (operation, message) = rest.split_once(" operation")?;
        error.put_text("code", code);
        error.put_text("operation", operation);
        // `(reached max retries: 4)` stands between the operation and its message (botocore, `ClientError._get_retry_info`).
        let mut message = message;
        if let Some((retries, rest)) = message
            .strip_prefix(" (reached max retries: ")
            .and_then(|rest| rest.split_once(")"))
        {
            error.put_number("maxRetries", retries);
            message = rest;
        }
        let message = message.strip_prefix(":").unwrap_or(message).trim();
        error.put_text("message", message);
        denied(&mut error, message);
        if let Some((_, encoded)) = message.split_once("Encoded authorization failure message: ") {
            error.put_text("encodedMessage", encoded);
        }
    } else if let Some(message) = line
        .strip_prefix("aws: error: ")
        .or_else(|| Some(line).filter(|line| is_command_line(line.str())))
    {
        error.put("code", Placed::value("Usage", line));
        error.put_text("message", message.trim());
        if let Some((_, missing)) = message.split_once("arguments are required: ") {
            for name in missing
                .split(|c| c == ',')
                .map(Piece::trim)
                .filter(|name| !name.is_empty())
            {
                error.push_at(&["missing"], name, Placed::text(name));
            }
        }
        if let Some((choice, _)) = message
            .split_once("nvalid choice: '")
            .or_else(|| message.split_once("nvalid choice '"))
            .and_then(|(_, rest)| rest.split_once("'"))
        {
            error.put_text("choice", choice);
        }
    } else if line.str() == VALIDATION {
        error.put("code", Placed::value("ParamValidation", line));
        error.put_text("message", line);
    } else {
        error.put("code", Placed::value(client(line.str())?, line));
        error.put_text("message", line);
        if let Some((name, _)) = line
            .strip_prefix("Error parsing parameter '")
            .and_then(|rest| rest.split_once("'"))
        {
            error.put_text("parameter", name);
        }
        if let Some((_, url)) = line.split_once("endpoint URL: ") {
            error.put_text("endpoint", unquoted(url));
        }
        if let Some((profile, _)) = line
            .strip_prefix("The config profile (")
            .and_then(|rest| rest.split_once(") could not be found"))
        {
            error.put_text("profile", profile);
        }
    }
    Some(error)
}

/// What stands in quotes at the beginning.
fn unquoted(piece: Piece<'_>) -> Piece<'_> {
    piece
        .strip_prefix("\"")
        .and_then(|rest| rest.split_once("\""))
        .map_or(piece, |(inside, _)| inside)
}

/// `User: ARN is not authorized to perform: ACTION on resource: ARN because …`.
fn denied(error: &mut Placed, message: Piece<'_>) {
    let Some((who, rest)) = message.split_once(" is not authorized to perform: ") else {
        return;
    };
    error.put_text("principal", who.strip_prefix("User: ").unwrap_or(who).trim());
    let (rest, because) = match rest
        .split_once(" because ")
        .or_else(|| rest.split_once(" with an explicit deny"))
    {
        Some((rest, because)) => (rest, Some(because)),
        None => (rest, None),
    };
    let (action, resource) = match rest.split_once(" on resource: ") {
        Some((action, resource)) => (action, Some(resource)),
        None => (rest.words().next().unwrap_or(rest), None),
    };
    error.put_text("action", action.trim());
    if let Some(resource) = resource {
        // Before the reasons were told, a service could add a sentence after the resource.
        let resource = resource.words().next().unwrap_or(resource);
        error.put_text("resource", resource);
    }
    if let Some(because) = because {
        error.put_text("reason", because.trim());
    }
    if message.contains("with an explicit deny") {
        error.put("explicitDeny", Placed::value(true, message));
    }
}

#[cfg(test)]
mod tests;
