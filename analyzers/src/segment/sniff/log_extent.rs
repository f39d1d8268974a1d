//! How far a log reaches that a command printed.
//!
//! To the end of the output, but for what somebody pasted or wrote below it. A program may log anything, a table or a document too: what
//! stands directly below the command, and what the log goes on after, is the log's.

use super::log::{begins_entry, is_error, is_notice};
use super::{Taken, ends, other, prose, sure, without_words};
use crate::artifact::log::continues;
use crate::artifact::reach::http_body;
use crate::segment::prompt::is_traced;
use crate::segment::{formats, log_prefix};

/// How many lines without an entry's beginning are asked for another format, and how many of those below a blank line: all sniffers look at
/// each of them, which the many lines of a long log must not cost.
const ASKED: [usize; 2] = [4096, 16_384];

/// How many lines of a paragraph are looked at.
const AHEAD: usize = 64;

/// So many lines below a log may be somebody's words, though they do not read like sentences; more are the log's.
const WORDS: usize = 6;

/// How many bytes the log at the beginning of a text has.
pub fn of(rest: &str, implied: bool) -> usize {
    if implied { of_file(rest) } else { of_command(rest) }
}

/// A file's log: to its end, but for what stands below a blank line where every line before begins as an entry does.
fn of_file(rest: &str) -> usize {
    let mut blank = false;
    let mut len = 0;
    for (line, end) in ends(rest) {
        if line.trim().is_empty() {
            blank = true;
        } else if is_entry(line) {
            blank = false;
            len = end;
        } else {
            return if blank { len } else { rest.len() };
        }
    }
    rest.len()
}

fn is_entry(line: &str) -> bool {
    begins_entry(line) || is_error(line) || is_notice(line)
}

/// What is known of the lines so far.
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a question of its own about the lines above"
)]
struct Seen<'a> {
    /// Where the log ends, as far as nothing casts doubt on it.
    end: usize,
    /// The last entry with a beginning of its own.
    entry: Option<&'a str>,
    /// Whether a line stands above that is no notice of the command.
    any: bool,
    /// Whether all lines of this paragraph are entries and what belongs to them.
    pure: bool,
    /// Whether a blank line stands right above.
    gap: bool,
    /// Whether the lines since a blank line below entries are none: they may be the log's or somebody's words.
    held: bool,
    /// How many such lines there are.
    words: usize,
    /// How many lines were asked, and how many below a blank line.
    asked: [usize; 2],
}

fn of_command(rest: &str) -> usize {
    let mut seen = Seen {
        end: 0,
        entry: None,
        any: false,
        pure: true,
        gap: false,
        held: false,
        words: 0,
        asked: [0; 2],
    };
    let mut at = 0;
    while let Some((line, len)) = ends(rest.get(at..).unwrap_or_default()).next() {
        let here = rest.get(at..).unwrap_or_default();
        if line.trim().is_empty() {
            seen.gap = seen.any;
            at += len;
            continue;
        }
        let mut next = at + len;
        if seen.begins(line) {
            seen.pure |= seen.gap;
            seen.held = false;
            seen.any |= !is_notice(line);
            if begins_entry(line) {
                seen.entry = Some(line);
            }
        } else if seen.gap && !line.starts_with("goroutine ") || !continues(line) {
            if let Some(taken) = seen.foreign(line, here) {
                let after = here.get(taken.len..).unwrap_or_default();
                if seen.any && !seen.goes_on(after) {
                    return if seen.held {
                        seen.end
                    } else {
                        without_words(rest, seen.end)
                    };
                }
                next = at + taken.len.max(len);
                seen.held = false;
            } else {
                let below = seen.gap && seen.pure;
                if below && prose::is_prose(line) && !seen.goes_on_below(here) {
                    return seen.end;
                }
                seen.held |= below;
            }
            seen.words += usize::from(seen.held);
            seen.pure = false;
            seen.any = true;
        }
        seen.gap = false;
        at = next;
        if !seen.held {
            seen.end = at;
            seen.words = 0;
        }
    }
    // A program that writes entries does not end with a few words below a blank line.
    if seen.held && seen.words <= WORDS {
        seen.end
    } else {
        rest.len()
    }
}

impl Seen<'_> {
    /// Whether a line begins an entry of this log: a line of JSON alone does not in a log whose entries are text.
    fn begins(&self, line: &str) -> bool {
        let json = line.starts_with("{\"");
        (is_entry(line) || is_traced(line)) && !(json && self.entry.is_some_and(|entry| !entry.starts_with('{')))
    }

    /// What begins at a line that another format's sniffer is sure of. A single line right below others is what programs log.
    fn foreign(&mut self, line: &str, here: &str) -> Option<Taken> {
        let ([below, apart], [most_below, most_apart]) = (&mut self.asked, ASKED);
        let (asked, most) = if self.gap {
            (apart, most_apart)
        } else {
            (below, most_below)
        };
        *asked += 1;
        if *asked > most {
            return None;
        }
        let taken = if self.gap {
            sure(line, here).filter(|taken| taken.format != formats::LOG)
        } else {
            other(line, here)
        };
        // Programs log the page that came instead of an answer.
        taken.filter(|taken| taken.format != http_body::FORMAT)
    }

    /// Whether the log goes on after a part: with an entry like those before. What blank lines set apart on both sides is no part of it.
    fn goes_on(&self, after: &str) -> bool {
        let mut apart = false;
        for (line, _) in ends(after) {
            if line.trim().is_empty() {
                apart = true;
                continue;
            }
            return !(apart && self.gap) && self.is_like(line);
        }
        false
    }

    /// Whether an entry stands in the paragraph that begins here, or right below it.
    fn goes_on_below(&self, here: &str) -> bool {
        let mut below = false;
        for (line, _) in ends(here).take(AHEAD) {
            if line.trim().is_empty() {
                below = true;
            } else if self.is_like(line) {
                return true;
            } else if below {
                return false;
            }
        }
        false
    }

    fn is_like(&self, line: &str) -> bool {
        // What a script runs may print anything: what it runs next is told by the sign alone.
        is_traced(line) || begins_entry(line) && self.entry.is_none_or(|entry| shape(entry) == shape(line))
    }
}

/// How an entry begins, whatever its time and its level: runs of digits, of letters and of blanks as one each.
fn shape(line: &str) -> [u8; 5] {
    let mut shape = [0; 5];
    if log_prefix::strip(line).source.pod.is_some() {
        return [b'p'; 5];
    }
    let mut last = 0;
    let runs = line.bytes().filter_map(|byte| {
        let class = match byte {
            b'0'..=b'9' => b'0',
            b'a'..=b'z' | b'A'..=b'Z' => b'a',
            other => other,
        };
        let new = class != last || !matches!(class, b'0' | b'a' | b' ');
        last = class;
        new.then_some(class)
    });
    for (place, class) in shape.iter_mut().zip(runs) {
        *place = class;
    }
    shape
}

#[cfg(test)]
mod tests {
    use crate::{Input, analysis};

    /// Format, first and last line, and whether it has the command.
    fn parts(text: &str) -> Vec<(&'static str, usize, usize, bool)> {
        let input = Input {
            name: "paste".to_owned(),
            bytes: text.as_bytes().to_vec(),
        };
        let analysis = analysis::read(vec![input], &mut |_| {});
        let part = |segment: &crate::segment::Segment| {
            let lines = analysis.sources.lines(segment.body);
            (
                segment.format.name(),
                lines.first,
                lines.last,
                segment.command.is_some(),
            )
        };
        analysis.segments.iter().map(part).collect()
    }

    const TABLE: &str =
        "NAME       STATUS   ROLES    AGE   VERSION\nnode-b-7   Ready    <none>   3h    v1.30.1-eks-e564799\n";
    const LOG: &str = "$ kubectl logs -n pay biller-0 --tail=2\n2025-02-11T17:40:11Z WARN retry 1\n2025-02-11T17:40:13Z WARN retry 2\n";

    #[test]
    fn what_was_pasted_below_a_log_is_not_the_logs() {
        assert_eq!(
            parts(&format!("{LOG}\n{TABLE}")),
            [("log", 2, 3, true), ("kubectl-table", 5, 6, false)]
        );
        assert_eq!(
            parts(&format!("{LOG}{TABLE}")),
            [("log", 2, 3, true), ("kubectl-table", 4, 5, false)]
        );
        // Words between them are no entries, and neither is what stands below the table.
        let below = parts(&format!(
            "{LOG}\nand these are the nodes that we have now:\n\n{TABLE}\nthat is all of it, what else do you need?\n"
        ));
        assert_eq!(
            below,
            [
                ("log", 2, 3, true),
                ("prose", 5, 5, false),
                ("kubectl-table", 7, 8, false),
                ("prose", 10, 10, false)
            ]
        );
        for words in [format!("so much for it\n{TABLE}"), "so much for it\n".to_owned()] {
            let all = parts(&format!("{LOG}\n{words}"));
            assert_eq!(all.first(), Some(&("log", 2, 3, true)));
            assert!(all.iter().skip(1).all(|(format, ..)| *format != "log"), "{all:?}");
        }
    }

    #[test]
    fn a_log_without_times_ends_where_another_output_begins() {
        let text = format!("$ kubectl logs -n pay biller-0\nlistening on 8443\nconnected to the queue\n{TABLE}");
        assert_eq!(parts(&text), [("log", 2, 3, true), ("kubectl-table", 4, 5, false)]);
        let document = "{\n  \"Vpcs\": [\n    {\n      \"VpcId\": \"vpc-0a9b8c7d6e5f40312\",\n      \"CidrBlock\": \"10.60.0.0/16\"\n    }\n  ]\n}\n";
        let text = format!("$ kubectl logs -n pay biller-0\nlistening on 8443\n{document}");
        assert_eq!(parts(&text), [("log", 2, 2, true), ("aws-json", 3, 10, false)]);
        // One line of JSON below entries that are text.
        let one = "{\"Vpcs\": [{\"VpcId\": \"vpc-0a9b8c7d6e5f40312\", \"CidrBlock\": \"10.60.0.0/16\"}]}\n";
        assert_eq!(
            parts(&format!("{LOG}\n{one}")),
            [("log", 2, 3, true), ("aws-json", 5, 5, false)]
        );
    }

    #[test]
    fn what_a_program_logs_is_the_logs() {
        let more = "2025-02-11T17:40:15Z INFO done\n";
        for text in [
            // A table that the log goes on after.
            format!("{LOG}{TABLE}{more}"),
            format!("{LOG}\n{TABLE}{more}"),
            // What stands directly below the command.
            format!("$ kubectl logs -n pay nightly-28 -c report\n{TABLE}"),
            format!("$ kubectl logs -n pay nightly-28\nDefaulted container \"report\" out of: report, proxy\n{TABLE}"),
            // A stack trace, and a banner between blank lines.
            format!(
                "{LOG}java.lang.IllegalStateException: closed\n\tat com.pay.Biller.run(Biller.java:41)\nCaused by: java.io.IOException: reset\n\t... 3 more\n{more}"
            ),
            format!("{LOG}\nbiller is the service that bills our customers.\n\n{more}"),
            format!("{LOG}panic: runtime error: index out of range [3] with length 3\n\ngoroutine 1 [running]:\nmain.bill(...)\n\t/src/main.go:31 +0x1d\nexit status 2\n"),
            // The page that came instead of an answer.
            format!("{LOG}cannot reach the ledger:\n<!DOCTYPE html>\n<html lang=\"en\">\n <head>\n  <title>503</title>\n </head>\n</html>\n\n\tstatus code: 503\n{more}"),
            // Lines without times, between blank ones.
            "$ kubectl logs -n pay biller-0\nlistening on 8443\n\nconnected to the queue\n\nthe queue is empty now, so there is nothing to do.\n".to_owned(),
        ] {
            let lines = text.lines().count();
            assert_eq!(parts(&text), [("log", 2, lines, true)], "{text}");
        }
    }

    #[test]
    fn entries_after_another_output_are_of_no_command() {
        let text = format!("{LOG}\n{TABLE}\nE0211 17:40:20.000001       1 leader.go:12] lost the lease\n");
        assert_eq!(
            parts(&text),
            [
                ("log", 2, 3, true),
                ("kubectl-table", 5, 6, false),
                ("log", 8, 8, false)
            ]
        );
    }
}
