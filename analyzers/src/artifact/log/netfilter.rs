//! What the kernel logs of packets: rules with `-j LOG` (Linux `net/netfilter/nf_log_syslog.c`) and, of iptables-legacy, `-j TRACE`
//! (`net/ipv4/netfilter/ip_tables.c`, `trace_packet`): `TRACE: raw:PREROUTING:policy:2 IN=eth0 OUT= SRC=10.0.0.1 DST=…`; `xtables-monitor
//! --trace` prints the same after `PACKET: `.

use std::borrow::Cow;

use super::{Entry, Field};
use crate::segment::log_prefix;

/// Whether a text has what every such line has.
pub fn is_packet(line: &str) -> bool {
    (line.contains("IN=") || line.contains(" OUT=")) && line.contains(" SRC=") && line.contains(" DST=")
}

/// Takes a line apart.
pub fn entry(line: &str) -> Option<Entry<'_>> {
    let trace = line.trim_start().strip_prefix("TRACE: ").and_then(trace);
    if let Some(entry) = trace.filter(|_| !is_packet(line)) {
        return Some(entry);
    }
    // What the journal or the kernel wrote before it is no part of it.
    if !is_packet(line) || log_prefix::strip(line).any() {
        return None;
    }
    let at = ["IN=", "OUT=", "PHYSIN="]
        .iter()
        .filter_map(|name| line.find(name))
        .min()?;
    let (said, told) = (line.get(..at)?, line.get(at..)?);
    let mut entry = Entry {
        message: Cow::Borrowed(said.trim()),
        fields: fields(told),
        ..Entry::default()
    };
    // `TRACE: TABLE:CHAIN:TYPE:NUMBER`
    if let Some(rule) = said.trim().strip_prefix("TRACE: ") {
        let names = ["table", "chain", "type", "rulenum"];
        entry
            .fields
            .extend(names.iter().zip(rule.split(':')).map(|(name, word)| field(name, word)));
    }
    Some(entry)
}

fn field<'a>(name: &'a str, value: &'a str) -> Field<'a> {
    (Cow::Borrowed(name), Cow::Borrowed(value))
}

/// `IN=eth0 OUT= DF PROTO=TCP SYN URGP=0`: what has no value is a flag.
fn fields(text: &str) -> Vec<Field<'_>> {
    text.split_ascii_whitespace()
        .map(|word| word.split_once('=').unwrap_or((word, "")))
        .map(|(name, value)| field(name, value))
        .collect()
}

/// xtables-monitor's `TRACE: 2 fc475095 raw:PREROUTING:rule:0x3:CONTINUE  -4 -t raw -A PREROUTING …` (iptables
/// `iptables/xtables-monitor.c`).
fn trace(rest: &str) -> Option<Entry<'_>> {
    let mut words = rest.split_ascii_whitespace();
    let (family, id, place) = (words.next()?, words.next()?, words.next()?);
    if !matches!(family, "2" | "10") || place.matches(':').count() < 2 {
        return None;
    }
    let names = ["table", "chain", "type"];
    let mut fields = vec![field("id", id)];
    fields.extend(names.iter().zip(place.split(':')).map(|(name, word)| field(name, word)));
    if let Some(verdict) = place.rsplit(':').next() {
        fields.push(field("verdict", verdict));
    }
    Some(Entry {
        message: Cow::Borrowed(rest),
        fields,
        ..Entry::default()
    })
}
