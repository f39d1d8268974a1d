//! Logs of the network: one line a connection or a request, the same fields in every line.

pub(crate) mod alb;
pub(crate) mod nlb;
pub(crate) mod vpc_flow;

use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Part, add_document};
use crate::segment::sniff::ends;
use crate::text::Piece;

/// How many lines that cannot be read are said one by one.
const SAID: usize = 20;

/// The bytes of the run of lines that `is_line` accepts; blank lines between them count as theirs.
fn run(rest: &str, mut is_line: impl FnMut(&str) -> bool) -> usize {
    let mut len = 0;
    for (line, end) in ends(rest) {
        if line.trim().is_empty() {
            continue;
        }
        if !is_line(line) {
            break;
        }
        len = end;
    }
    len
}

/// Words between blanks; quotes hold words together and are not part of them.
fn words(line: Piece<'_>) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = line;
    std::iter::from_fn(move || {
        rest = rest.trim();
        if rest.is_empty() {
            return None;
        }
        let (word, after) = match rest.strip_prefix("\"") {
            Some(inside) => {
                let end = closing(inside.str()).unwrap_or(inside.len());
                (inside.part(0..end), inside.skip((end + 1).min(inside.len())))
            }
            None => rest.split_once(" ").unwrap_or((rest, rest.skip(rest.len()))),
        };
        rest = after;
        Some(word)
    })
}

/// Where the closing quote stands; `\"` and `\x22` are text.
fn closing(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })
}

/// Reads the lines into `{"records": […]}`: `record` makes one of a line, or says why it is none.
fn read(
    part: &Part<'_>,
    kind: &str,
    artifacts: &mut Artifacts,
    problems: &mut Vec<Problem>,
    mut record: impl FnMut(Piece<'_>) -> Result<Option<Placed>, &'static str>,
) {
    let whole = Piece::new(part.text());
    let mut records = Placed::array(whole);
    let mut unread = 0_usize;
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        match record(line) {
            Ok(Some(read)) => records.push(read),
            Ok(None) => {}
            Err(why) => {
                unread += 1;
                if unread <= SAID {
                    problems.push(Problem::new(part.span().slice(line.range()), why));
                }
            }
        }
    }
    if unread > SAID {
        problems.push(Problem::new(
            part.span(),
            format!("{} more lines of this log could not be read either.", unread - SAID),
        ));
    }
    let mut root = Placed::object(whole);
    root.put("records", records);
    add_document(part, kind, root, true, artifacts);
}
