//! Network Load Balancer access logs, which there are for TLS listeners only (Elastic Load Balancing User Guide, "Access log entries").

use super::alb::put;
use super::{read, run, words};
use crate::artifact::Placed;
use crate::segment::formats::{Format, Spec};
use crate::segment::sniff::{Hint, Taken};

/// The fields in their order, by the names of the documentation.
const FIELDS: [&str; 22] = [
    "type",
    "version",
    "time",
    "elb",
    "listener",
    "client:port",
    "destination:port",
    "connection_time",
    "tls_handshake_time",
    "received_bytes",
    "sent_bytes",
    "incoming_tls_alert",
    "chosen_cert_arn",
    "chosen_cert_serial",
    "tls_cipher",
    "tls_protocol_version",
    "tls_named_group",
    "domain_name",
    "alpn_fe_protocol",
    "alpn_be_protocol",
    "alpn_client_preference_list",
    "tls_connection_creation_time",
];

/// NLB access logs.
pub const FORMAT: Format = Format::new(&Spec {
    name: "nlb-log",
    title: "Network Load Balancer access logs",
    command: crate::segment::formats::no_command,
    least: 20,
    sniff,
    read: |part, artifacts, problems| {
        read(part, FORMAT.name(), artifacts, problems, |line| {
            let mut record = Placed::object(line);
            for (name, word) in FIELDS.iter().zip(words(line)) {
                put(&mut record, name, word);
            }
            if record.len() < 7 {
                return Err("This line is cut before its destination, so it is left out; paste it whole.");
            }
            Ok(Some(record))
        });
    },
});

fn is_line(line: &str) -> bool {
    let mut words = line.split(' ');
    words.next() == Some("tls")
        && words
            .next()
            .is_some_and(|version| version.starts_with(|c: char| c.is_ascii_digit()))
        && words
            .next()
            .is_some_and(|time| crate::artifact::log::time::len(time) == Some(time.len()))
        && words.next().is_some_and(|elb| elb.starts_with("net/"))
}

fn sniff(line: &str, rest: &str, _: &Hint) -> Option<Taken> {
    is_line(line).then(|| Taken {
        len: run(rest, is_line),
        format: FORMAT,
        confidence: 0.95,
    })
}
