//! `conntrack -L` and `/proc/net/nf_conntrack`: the tracked connections (libnetfilter_conntrack, `src/conntrack/snprintf_default.c`; the
//! kernel, `net/netfilter/nf_conntrack_standalone.c`); `conntrack -S`: its counters of each CPU.
//!
//! A flow: `{"protonum", "protoname", "timeout", "state", "original": {"src", "dst", "sport", "dport"}, "reply": {…}, "flags", "mark",
//! "use"}`.

use super::lines::{Unread, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// `conntrack -L`.
pub const FLOWS: Format = Format::new(&Spec {
    name: "conntrack",
    title: "conntrack -L",
    command: |line| {
        line.program == "conntrack" && !line.flag(&["-S", "--stats"])
            || line.program == "cat" && line.args.iter().any(|arg| arg.ends_with("nf_conntrack"))
    },
    sniff: |line, rest, hint| {
        is_flow(line).then(|| take(rest, FLOWS, hint, |line| is_flow(line) || is_summary(line)))?
    },
    read: read_flows,
});

/// `conntrack -S`.
pub const STATS: Format = Format::new(&Spec {
    name: "conntrack-stats",
    title: "conntrack -S",
    command: |line| line.program == "conntrack" && line.flag(&["-S", "--stats"]),
    sniff: sniff_stats,
    read: read_stats,
});

/// A tuple's members come before its reply's, under the same names.
const TUPLE: [&str; 10] = [
    "src", "dst", "sport", "dport", "type", "code", "id", "packets", "bytes", "srckey",
];

fn is_flow(line: &str) -> bool {
    if !line.contains(" src=") {
        return false;
    }
    let mut words = line.split_whitespace();
    let mut first = words.next().unwrap_or_default();
    // `ipv4 2 tcp 6 …` with -o extended and in /proc.
    if matches!(first, "ipv4" | "ipv6") {
        words.next();
        first = words.next().unwrap_or_default();
    }
    first.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && words.next().is_some_and(|n| n.parse::<u8>().is_ok())
}

/// `conntrack v1.4.7 (conntrack-tools): 12 flow entries have been shown.`
fn is_summary(line: &str) -> bool {
    line.starts_with("conntrack v") && line.contains("flow entries")
}

fn sniff_stats(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    is_stats(line).then(|| take(rest, STATS, hint, is_stats))?
}

/// `cpu=0   found=0 invalid=25 …`; tabs and blanks between.
fn is_stats(line: &str) -> bool {
    line.starts_with("cpu=") && line.contains("found=") && line.split_whitespace().all(|word| word.contains('='))
}

fn read_flows(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut flows = Placed::array(whole);
    for line in whole.lines().map(Piece::trim).filter(|line| !line.is_empty()) {
        if is_flow(line.str()) {
            flows.push(flow(line, &mut unread));
        } else if !is_summary(line.str()) {
            unread.line(line, "`conntrack -L`");
        }
    }
    let complete = unread.finish();
    let mut root = Placed::object(whole);
    root.put("flows", flows);
    add_document(part, FLOWS.name(), root, complete, artifacts);
}

fn flow<'a>(line: Piece<'a>, unread: &mut Unread<'a, '_>) -> Placed {
    let mut value = Placed::object(line);
    let mut tuples = [Placed::object(line), Placed::object(line)];
    let mut reply = false;
    let mut bare = 0;
    let mut family = false;
    for word in line.words() {
        if let Some((name, number)) = word.split_once("=") {
            // The second `src` begins the reply.
            let [original, answer] = &mut tuples;
            reply |= name.str() == "src" && original.has("src");
            if TUPLE.contains(&name.str()) {
                let tuple = if reply { answer } else { original };
                tuple.put_number(name.str(), number);
            } else {
                value.put_number(name.str(), number);
            }
        } else if let Some(flag) = word.strip_prefix("[").and_then(|rest| rest.strip_suffix("]")) {
            value.push_at(&["flags"], line, Placed::text(flag));
        } else if bare == 0 && matches!(word.str(), "ipv4" | "ipv6") {
            value.put_text("l3proto", word);
            family = true;
        } else {
            let name = match bare {
                0 if family && !value.has("l3num") => {
                    value.put_number("l3num", word);
                    continue;
                }
                0 => "protoname",
                1 => "protonum",
                2 if word.bytes().all(|b| b.is_ascii_digit()) => "timeout",
                2 | 3
                    if word
                        .bytes()
                        .all(|b| b.is_ascii_uppercase() || b == b'_' || b.is_ascii_digit()) =>
                {
                    "state"
                }
                _ => {
                    unread.say(
                        word,
                        format!("`{}` is not known in a line of `conntrack -L`", word.str()),
                    );
                    continue;
                }
            };
            value.put_number(name, word);
            bare += 1;
        }
    }
    let [original, answer] = tuples;
    value.put("original", original);
    if !answer.is_empty() {
        value.put("reply", answer);
    }
    value
}

fn read_stats(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut cpus = Placed::array(whole);
    for line in whole.lines().map(Piece::trim).filter(|line| !line.is_empty()) {
        if !is_stats(line.str()) {
            unread.line(line, "`conntrack -S`");
            continue;
        }
        let mut cpu = Placed::object(line);
        for (name, count) in line.words().filter_map(|word| word.split_once("=")) {
            cpu.put_number(name.str(), count);
        }
        cpus.push(cpu);
    }
    let complete = unread.finish();
    let mut root = Placed::object(whole);
    root.put("cpus", cpus);
    add_document(part, STATS.name(), root, complete, artifacts);
}

#[cfg(test)]
mod tests {
    use super::super::lines::tests::{documents, only};
    use serde_json::json;

    #[test]
    fn flows_with_their_replies() {
        let read = only(
            "conntrack",
            include_str!("../../../../tests/samples/conntrack/node.txt"),
        );
        assert_eq!(
            read["flows"],
            json!([
                {"protoname": "tcp", "protonum": 6, "timeout": 86397, "state": "ESTABLISHED",
                    "original": {"src": "10.20.3.90", "dst": "172.20.0.1", "sport": 41514, "dport": 443},
                    "reply": {"src": "10.20.7.201", "dst": "10.20.3.90", "sport": 443, "dport": 41514},
                    "flags": ["ASSURED"], "mark": 0, "use": 1},
                {"protoname": "udp", "protonum": 17, "timeout": 29,
                    "original": {"src": "10.20.3.90", "dst": "172.20.0.10", "sport": 55512, "dport": 53},
                    "flags": ["UNREPLIED"],
                    "reply": {"src": "10.20.4.17", "dst": "10.20.3.90", "sport": 53, "dport": 55512},
                    "mark": 128, "use": 1},
                {"protoname": "icmp", "protonum": 1, "timeout": 12,
                    "original": {"src": "10.20.3.41", "dst": "10.20.3.1", "type": 8, "code": 0, "id": 4},
                    "reply": {"src": "10.20.3.1", "dst": "10.20.3.41", "type": 0, "code": 0, "id": 4},
                    "mark": 0, "use": 1},
            ])
        );
        let proc = only(
            "conntrack",
            "ipv4     2 tcp      6 116 TIME_WAIT src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 src=10.0.0.2 dst=10.0.0.1 sport=2 dport=1 [ASSURED] mark=0 zone=0 use=2\n",
        );
        assert_eq!(proc["flows"][0]["l3num"], 2);
        assert_eq!(proc["flows"][0]["protonum"], 6);
        assert_eq!(proc["flows"][0]["state"], "TIME_WAIT");
        assert_eq!(proc["flows"][0]["zone"], 0);
    }

    #[test]
    fn counters_of_each_cpu() {
        let stats = only(
            "conntrack-stats",
            include_str!("../../../../tests/samples/conntrack-stats/node.txt"),
        );
        assert_eq!(stats["cpus"].as_array().unwrap().len(), 2);
        assert_eq!(stats["cpus"][1]["insert_failed"], 1822);
        assert!(documents("cpu=4 cores\n").is_empty());
    }
}
