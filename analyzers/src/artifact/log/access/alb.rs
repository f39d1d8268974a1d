//! Application Load Balancer access logs (Elastic Load Balancing User Guide, "Access log entries").

use super::{closing, read, run, words};
use crate::artifact::Placed;
use crate::segment::formats::{Format, Spec};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// The fields in their order, by the names of the documentation. Later releases append more.
const FIELDS: [&str; 29] = [
    "type",
    "time",
    "elb",
    "client:port",
    "target:port",
    "request_processing_time",
    "target_processing_time",
    "response_processing_time",
    "elb_status_code",
    "target_status_code",
    "received_bytes",
    "sent_bytes",
    "request",
    "user_agent",
    "ssl_cipher",
    "ssl_protocol",
    "target_group_arn",
    "trace_id",
    "domain_name",
    "chosen_cert_arn",
    "matched_rule_priority",
    "request_creation_time",
    "actions_executed",
    "redirect_url",
    "error_reason",
    "target:port_list",
    "target_status_code_list",
    "classification",
    "classification_reason",
];

/// ALB access logs.
pub const FORMAT: Format = Format::new(&Spec {
    name: "alb-log",
    title: "Application Load Balancer access logs",
    command: crate::segment::formats::no_command,
    least: 20,
    sniff,
    read: |part, artifacts, problems| {
        read(part, FORMAT.name(), artifacts, problems, |line| {
            let mut record = Placed::object(line);
            for (name, word) in FIELDS.iter().zip(words(line)) {
                put(&mut record, name, word);
            }
            if record.len() < 9 {
                return Err("This line is cut before its status codes, so it is left out; paste it whole.");
            }
            Ok(Some(record))
        });
    },
});

/// A hyphen stands for what there was not.
pub(super) fn put(record: &mut Placed, name: &str, word: Piece<'_>) {
    if word.str() != "-" {
        record.put_number(name, word);
    }
}

fn is_line(line: &str) -> bool {
    let mut words = line.split(' ');
    let kind = words.next().unwrap_or_default();
    matches!(kind, "http" | "https" | "h2" | "grpcs" | "ws" | "wss")
        && words
            .next()
            .is_some_and(|time| crate::artifact::log::time::len(time) == Some(time.len()))
        && words.next().is_some_and(|elb| elb.starts_with("app/"))
        && line.split_once('"').is_some_and(|(_, rest)| closing(rest).is_some())
}

fn sniff(line: &str, rest: &str, _: &Hint) -> Option<Taken> {
    is_line(line).then(|| Taken {
        len: run(rest, is_line),
        format: FORMAT,
        confidence: 0.95,
    })
}
