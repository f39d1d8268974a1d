//! `conntrack -L` and `/proc/net/nf_conntrack`: the tracked connections (libnetfilter_conntrack, `src/conntrack/snprintf_default.c`; the
//! kernel, `net/netfilter/nf_conntrack_standalone.c`); `conntrack -E`: what happens to them; `conntrack -S`: its counters of each CPU;
//! `conntrack -C`: how many there are.
//!
//! A flow: `{"protonum", "protoname", "timeout", "state", "original": {"src", "dst", "sport", "dport"}, "reply": {…}, "flags", "mark",
//! "use"}`, with `-o timestamp` `"start"` and `"stop"`, too. An event is a flow with its `"event"` (`NEW`, `UPDATE`, `DESTROY`).

use super::lines::{Unread, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::CommandLine;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// `conntrack -L`.
pub const FLOWS: Format = Format::new(&Spec {
    name: "conntrack",
    title: "conntrack -L",
    command: |line| {
        does(line, &[], &[]) && !does(line, &['S', 'E', 'C'], &["--stats", "--event", "--count"])
            || line.program == "cat" && line.args.iter().any(|arg| arg.ends_with("nf_conntrack"))
    },
    sniff: |line, rest, hint| {
        let own = |line: &str| is_flow(line) && !is_event(line) || is_summary(line);
        own(line).then(|| take(rest, FLOWS, hint, own))?
    },
    read: |part, artifacts, problems| read_flows(part, FLOWS, "flows", artifacts, problems),
});

/// `conntrack -E`.
pub const EVENTS: Format = Format::new(&Spec {
    name: "conntrack-events",
    title: "conntrack -E",
    command: |line| does(line, &['E'], &["--event"]),
    sniff: |line, rest, hint| {
        is_event(line).then(|| take(rest, EVENTS, hint, |line| is_event(line) || is_summary(line)))?
    },
    read: |part, artifacts, problems| read_flows(part, EVENTS, "events", artifacts, problems),
});

/// `conntrack -C`.
pub const COUNT: Format = Format::new(&Spec {
    name: "conntrack-count",
    title: "conntrack -C",
    command: |line| does(line, &['C'], &["--count"]),
    sniff: |line, rest, hint| {
        let number = |line: &str| !line.trim().is_empty() && line.trim().bytes().all(|b| b.is_ascii_digit());
        let mut lines = 0;
        (hint.expects(COUNT) && number(line)).then(|| {
            take(rest, COUNT, hint, |_| {
                lines += 1;
                lines < 2
            })
        })?
    },
    read: |part, artifacts, _| {
        let number = Piece::new(part.text()).trim();
        let mut root = Placed::object(number);
        root.put_number("count", number);
        add_document(part, COUNT.name(), root, true, artifacts);
    },
});

/// Whether conntrack is called, with one of these commands where any are named. They stand alone or first of some letters (`-Lp tcp`).
fn does(line: &CommandLine, letters: &[char], words: &[&str]) -> bool {
    let asks = |arg: &String| {
        let letter = arg.strip_prefix('-').and_then(|rest| rest.chars().next());
        letter.is_some_and(|letter| letters.contains(&letter)) || words.contains(&arg.as_str())
    };
    line.program == "conntrack" && (letters.is_empty() || line.args.iter().any(asks))
}

/// `conntrack -S`.
pub const STATS: Format = Format::new(&Spec {
    name: "conntrack-stats",
    title: "conntrack -S",
    command: |line| does(line, &['S'], &["--stats"]),
    sniff: sniff_stats,
    read: read_stats,
});

/// A tuple's members come before its reply's, under the same names.
const TUPLE: [&str; 10] = [
    "src", "dst", "sport", "dport", "type", "code", "id", "packets", "bytes", "srckey",
];

/// What conntrack puts in brackets before an event: a time with `-o timestamp`, and what happened.
const HAPPENED: [&str; 3] = ["NEW", "UPDATE", "DESTROY"];

/// What stands in the brackets that a line begins with, and the rest of it.
fn bracketed(line: &str) -> Option<(&str, &str)> {
    line.trim_start().strip_prefix('[')?.split_once(']')
}

/// `    [NEW] tcp      6 120 SYN_SENT src=…`, `[1714558530.123456]\t [UPDATE] tcp …`.
fn is_event(line: &str) -> bool {
    let is = |inside: &str| HAPPENED.contains(&inside);
    bracketed(line).is_some_and(|(first, rest)| is(first) || bracketed(rest).is_some_and(|(second, _)| is(second)))
        && is_flow(line)
}

fn is_flow(line: &str) -> bool {
    if !line.contains(" src=") {
        return false;
    }
    let mut line = line;
    for _ in 0..2 {
        line = bracketed(line).map_or(line, |(_, rest)| rest);
    }
    let mut words = line.split_whitespace();
    let mut first = words.next().unwrap_or_default();
    // `ipv4 2 tcp 6 …` with -o extended and in /proc.
    if matches!(first, "ipv4" | "ipv6") {
        words.next();
        first = words.next().unwrap_or_default();
    }
    !first.is_empty()
        && first.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && words.next().is_some_and(|n| n.parse::<u8>().is_ok())
}

/// `conntrack v1.4.7 (conntrack-tools): 12 flow entries have been shown.`
fn is_summary(line: &str) -> bool {
    counted(line).is_some()
}

/// How many flows or events a summary says that there were.
fn counted(line: &str) -> Option<&str> {
    let (tool, words) = line.split_once(" (conntrack-tools): ")?;
    let (number, words) = words.split_once(" flow ")?;
    (tool.starts_with("conntrack v")
        && (words.starts_with("entries have been ") || words.starts_with("events have been "))
        && number.bytes().all(|b| b.is_ascii_digit()))
    .then_some(number)
}

fn sniff_stats(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    is_stats(line).then(|| take(rest, STATS, hint, is_stats))?
}

/// `cpu=0   found=0 invalid=25 …`; tabs and blanks between.
fn is_stats(line: &str) -> bool {
    line.starts_with("cpu=") && line.contains("found=") && line.split_whitespace().all(|word| word.contains('='))
}

fn read_flows(part: &Part<'_>, format: Format, name: &str, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut flows = Placed::array(whole);
    let mut count = 0_u64;
    let mut said = 0;
    for line in whole.lines().map(Piece::trim).filter(|line| !line.is_empty()) {
        if is_flow(line.str()) {
            flows.push(flow(line, &mut unread));
            count += 1;
        } else if let Some(number) = counted(line.str()) {
            said += number.parse().unwrap_or(0);
        } else {
            unread.line(line, format.title());
        }
    }
    let complete = unread.finish();
    // conntrack counts more than what is here where a filter or an editor left lines out.
    let all = said <= count && !part.command().is_some_and(|line| line.filtered());
    let mut root = Placed::object(whole);
    root.put(name, flows);
    add_document(part, format.name(), root, complete && all, artifacts);
}

/// A line's words; what stands in brackets is one, blanks and all: `[start=Tue Mar  5 10:22:31 2024]`.
fn words(line: Piece<'_>) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = line.trim();
    std::iter::from_fn(move || {
        rest = rest.trim();
        let end = if rest.starts_with('[') {
            rest.find(']').map(|at| at + 1)
        } else {
            rest.find(|c: char| c.is_ascii_whitespace())
        };
        let word = rest.part(0..end.unwrap_or(rest.len()));
        rest = rest.skip(word.len());
        (!word.is_empty()).then_some(word)
    })
}

/// What stands in brackets: what happened, a time, or a flag.
fn in_brackets(value: &mut Placed, line: Piece<'_>, inside: Piece<'_>) {
    if let Some((name, time)) = inside
        .split_once("=")
        .filter(|(name, _)| matches!(name.str(), "start" | "stop"))
    {
        value.put_text(name.str(), time.trim());
    } else if HAPPENED.contains(&inside.str()) {
        value.put_text("event", inside);
    } else if inside.starts_with(|c: char| c.is_ascii_digit()) {
        value.put_text("timestamp", inside.trim());
    } else {
        value.push_at(&["flags"], line, Placed::text(inside));
    }
}

fn flow<'a>(line: Piece<'a>, unread: &mut Unread<'a, '_>) -> Placed {
    let mut value = Placed::object(line);
    let mut tuples = [Placed::object(line), Placed::object(line)];
    let mut reply = false;
    let mut bare = 0;
    let mut family = false;
    for word in words(line) {
        if let Some(inside) = word.strip_prefix("[").and_then(|rest| rest.strip_suffix("]")) {
            in_brackets(&mut value, line, inside);
        } else if let Some((name, number)) = word.split_once("=") {
            // The second `src` begins the reply.
            let [original, answer] = &mut tuples;
            reply |= name.str() == "src" && original.has("src");
            if TUPLE.contains(&name.str()) {
                let tuple = if reply { answer } else { original };
                tuple.put_number(name.str(), number);
            } else {
                value.put_number(name.str(), number);
            }
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
    fn times_and_events() {
        let timed = only(
            "conntrack",
            "$ conntrack -L -o timestamp\n\
             tcp      6 299 ESTABLISHED src=10.20.3.90 dst=10.20.4.17 sport=40112 dport=8080 src=10.20.4.17 dst=10.20.3.90 sport=8080 dport=40112 [ASSURED] mark=0 use=1 [start=Sat Jun  7 09:04:55 2025]\n\
             conntrack v1.4.6 (conntrack-tools): 1 flow entries have been shown.\n",
        );
        assert_eq!(timed["flows"][0]["start"], "Sat Jun  7 09:04:55 2025");
        assert_eq!(timed["flows"][0]["flags"], json!(["ASSURED"]));
        let sample = include_str!("../../../../tests/samples/conntrack-events/pay.txt");
        for text in [sample, sample.split_once('\n').unwrap().1] {
            let events = only("conntrack-events", text);
            let list = events["events"].as_array().unwrap();
            let happened: Vec<&str> = list.iter().map(|event| event["event"].as_str().unwrap()).collect();
            assert_eq!(happened, ["NEW", "UPDATE", "DESTROY"]);
            assert_eq!(list[0]["state"], "SYN_SENT");
            assert_eq!(list[0]["timeout"], 120);
            assert_eq!(list[0]["reply"]["sport"], 8443);
            assert_eq!(list[2]["protonum"], 6);
            assert_eq!(list[2]["state"], serde_json::Value::Null);
        }
        let stamped = only(
            "conntrack-events",
            "[1749287095.120044]\t    [NEW] udp      17 30 src=10.20.3.90 dst=172.20.0.10 sport=5353 dport=53 [UNREPLIED] src=10.20.4.17 dst=10.20.3.90 sport=53 dport=5353\n",
        );
        assert_eq!(stamped["events"][0]["timestamp"], "1749287095.120044");
        assert_eq!(stamped["events"][0]["timeout"], 30);
    }

    #[test]
    fn a_count_and_what_a_filter_left() {
        assert_eq!(
            only("conntrack-count", "$ sudo conntrack -C\n61043\n"),
            json!({"count": 61043})
        );
        let none = "$ conntrack -L -d 10.20.9.9\nconntrack v1.4.4 (conntrack-tools): 0 flow entries have been shown.\n";
        assert_eq!(only("conntrack", none), json!({"flows": []}));
        assert!(crate::artifact::testing::read(none).complete());
        let filtered =
            "$ conntrack -L | grep 10.20.9.9\nconntrack v1.4.4 (conntrack-tools): 733 flow entries have been shown.\n";
        assert!(!crate::artifact::testing::read(filtered).complete());
        assert!(documents("conntrack -C says 5\n").is_empty());
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
