//! VPC flow logs: the default format (version 2), and any other with its header line (Amazon VPC User Guide, "Flow log records").

use super::{read, run};
use crate::artifact::Placed;
use crate::segment::formats::{Format, Spec};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// The fields of version 2 in the order of the default format, by the names of the documentation.
const DEFAULT: [&str; 14] = [
    "version",
    "account-id",
    "interface-id",
    "srcaddr",
    "dstaddr",
    "srcport",
    "dstport",
    "protocol",
    "packets",
    "bytes",
    "start",
    "end",
    "action",
    "log-status",
];

/// VPC flow logs.
pub const FORMAT: Format = Format::new(&Spec {
    name: "vpc-flow-log",
    title: "VPC flow logs",
    command: crate::segment::formats::no_command,
    least: 21,
    sniff,
    read: |part, artifacts, problems| {
        let mut names: Vec<String> = DEFAULT.iter().map(|name| (*name).to_owned()).collect();
        read(part, FORMAT.name(), artifacts, problems, |line| {
            let words: Vec<Piece<'_>> = line.words().collect();
            if is_header(line.str()) {
                // The console and Parquet exports write `account_id` for `account-id`.
                names = words.iter().map(|word| word.replace('_', "-")).collect();
                return Ok(None);
            }
            // In CloudWatch Logs' output the event's own time stands before the record.
            let extra = words.len().saturating_sub(names.len());
            if words.len() < names.len() || extra > 2 {
                return Err(
                    "This line has another number of fields than the flow log's format; paste the header line too.",
                );
            }
            Ok(Some(record(line, &names, words.get(extra..).unwrap_or_default())))
        });
    },
});

fn record(line: Piece<'_>, names: &[String], words: &[Piece<'_>]) -> Placed {
    let mut record = Placed::object(line);
    for (name, word) in names.iter().zip(words) {
        if word.str() != "-" {
            // Account ids are names of twelve digits; a leading zero counts.
            let value = if name == "account-id" {
                Placed::text(*word)
            } else {
                Placed::number(*word)
            };
            record.put(name, value);
        }
    }
    record
}

fn is_header(line: &str) -> bool {
    let has = |name: &str| line.split_ascii_whitespace().any(|word| word == name);
    has("srcaddr") && has("dstaddr")
}

/// Whether a line is a record of the default format: an interface's id, ACCEPT or REJECT, and a status.
fn is_default(line: &str) -> bool {
    let words: Vec<&str> = line.split_ascii_whitespace().take(17).collect();
    let extra = words.len().saturating_sub(DEFAULT.len());
    let at = |place: usize| words.get(place + extra).copied().unwrap_or_default();
    words.len() >= DEFAULT.len()
        && extra <= 2
        && at(0).bytes().all(|byte| byte.is_ascii_digit())
        && at(2).starts_with("eni-")
        && matches!(at(12), "ACCEPT" | "REJECT" | "-")
        && matches!(at(13), "OK" | "NODATA" | "SKIPDATA")
}

fn sniff(line: &str, rest: &str, _: &Hint) -> Option<Taken> {
    let headed = is_header(line);
    if !headed && !is_default(line) {
        return None;
    }
    let fields = line.split_ascii_whitespace().count();
    let len = run(rest, |line| {
        if headed {
            is_header(line) || line.split_ascii_whitespace().count() == fields
        } else {
            is_default(line)
        }
    });
    Some(Taken {
        len,
        format: FORMAT,
        confidence: 0.95,
    })
}
