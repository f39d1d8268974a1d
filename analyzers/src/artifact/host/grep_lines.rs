//! Lines that `grep` found in files, where nothing else tells what they are (GNU grep, busybox): `FILE:LINE:TEXT` with `-n` and several files.
//!
//! `{"matches": [{"file", "line", "text"}]}`.

use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::CommandLine;
use crate::segment::formats::{Format, Part, Spec, add_document, no_command};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// Lines that were found.
pub const FORMAT: Format = Format::new(&Spec {
    name: "grep-lines",
    title: "lines that grep found",
    command: no_command,
    least: 1,
    sniff,
    read,
});

fn searches(line: &CommandLine) -> bool {
    let program = matches!(line.program.as_str(), "grep" | "egrep" | "fgrep" | "zgrep" | "rg")
        || line.program == "cat"
            && line
                .piped_into
                .as_deref()
                .is_some_and(|program| matches!(program, "grep" | "egrep"));
    // What is piped on is no longer what was found.
    program
        && !line
            .args
            .iter()
            .any(|arg| matches!(arg.as_str(), "-c" | "-l" | "--count"))
}

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let found = hint.line.as_ref().is_some_and(|line| {
        searches(line)
            || line.args.iter().any(|arg| arg.contains("grep")) && line.inner().is_some_and(|inner| searches(&inner))
    });
    if !found || line.starts_with("grep: ") {
        return None;
    }
    let len = ends(rest)
        .take_while(|(line, _)| !line.trim().is_empty() && !line.starts_with("grep: "))
        .last()?
        .1;
    Some(Taken {
        len,
        format: FORMAT,
        confidence: 0.6,
    })
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, _: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let command = part.command().unwrap_or_default();
    let numbered = command.args.iter().any(|arg| {
        arg.strip_prefix('-').is_some_and(|flags| {
            !flags.starts_with('-') && flags.bytes().all(|b| b.is_ascii_alphabetic()) && flags.contains('n')
        })
    });
    let mut matches = Placed::array(whole);
    // `--` separates what is not next to each other.
    for line in whole
        .lines()
        .filter(|line| !line.trim().is_empty() && line.str() != "--")
    {
        let mut item = Placed::object(line);
        let mut text = line;
        if let Some((file, rest)) = line.split_once(":").filter(|(file, _)| is_file(file.str())) {
            item.put_text("file", file);
            text = rest;
        }
        if let Some((number, rest)) = text
            .split_once(":")
            .or_else(|| text.split_once("-"))
            .filter(|(number, _)| numbered && !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
        {
            item.put_number("line", number);
            text = rest;
        }
        item.put("text", Placed::text(text));
        matches.push(item);
    }
    let mut root = Placed::object(whole);
    root.put("matches", matches);
    add_document(part, FORMAT.name(), root, false, artifacts);
}

/// A path before a colon: no word of a line has a slash and no blanks there.
fn is_file(text: &str) -> bool {
    text.contains('/') && !text.contains([' ', '"', '\'', '=']) && !text.starts_with("http")
}

#[cfg(test)]
mod tests {
    use crate::artifact::node::lines::tests::{documents, only};
    use serde_json::json;

    #[test]
    fn files_and_numbers() {
        let text = include_str!("../../../../tests/samples/grep-lines/makefile.txt");
        assert_eq!(
            only("grep-lines", text)["matches"],
            json!([{"file": "/srv/web/Makefile", "line": 12, "text": "ifeq ($(USE_ECR),1)"},
                {"file": "/srv/web/Makefile", "line": 14, "text": "IMAGE ?= web:1"}])
        );
        assert_eq!(documents(text.split_once('\n').unwrap().1), []);
        assert_eq!(
            only(
                "grep-lines",
                "$ grep -o '\"[0-9]*.dkr.ecr[^\"]*\"' ~/.docker/config.json\n\"111122223333.dkr.ecr.eu-west-1.amazonaws.com\"\n"
            )["matches"],
            json!([{"text": "\"111122223333.dkr.ecr.eu-west-1.amazonaws.com\""}])
        );
    }
}
