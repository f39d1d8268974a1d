//! `conntrack -L` and `/proc/net/nf_conntrack`: the tracked connections (libnetfilter_conntrack, `src/conntrack/snprintf_default.c`; the
//! kernel, `net/netfilter/nf_conntrack_standalone.c`); `conntrack -E`: what happens to them; `conntrack -S`: its counters of each CPU;
//! `conntrack -C`: how many there are; `conntrack -D`, `-U`, `-I` and `-F`: what was done to them.
//!
//! A flow: `{"protonum", "protoname", "timeout", "state", "original": {"src", "dst", "sport", "dport"}, "reply": {…}, "flags", "mark",
//! "use"}`, with `-o timestamp` `"start"` and `"stop"`, too. An event is a flow with its `"event"` (`NEW`, `UPDATE`, `DESTROY`).

use super::lines::{Unread, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::CommandLine;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// `conntrack -L`.
pub const FLOWS: Format = Format::new(&Spec {
    name: "conntrack",
    title: "conntrack -L",
    command: |line| {
        does(line, &[], &[]) && !does(line, &['S', 'E', 'C'], &["--stats", "--event", "--count"]) && !changes(line)
            || line.program == "cat" && line.args.iter().any(|arg| arg.ends_with("nf_conntrack"))
    },
    least: 4,
    sniff: sniff_flows,
    read: |part, artifacts, problems| read_flows(part, FLOWS, "flows", artifacts, problems),
});

/// `conntrack -E`.
pub const EVENTS: Format = Format::new(&Spec {
    name: "conntrack-events",
    title: "conntrack -E",
    command: |line| does(line, &['E'], &["--event"]),
    least: 7,
    sniff: |line, rest, hint| {
        let own = |line: &str| is_event(line) || Summary::of(Piece::new(line)).is_some_and(|summary| summary.events);
        own(line).then(|| take(rest, EVENTS, hint, own))?
    },
    read: |part, artifacts, problems| read_flows(part, EVENTS, "events", artifacts, problems),
});

/// `conntrack -D` and the other commands that change the table. The flows that they print stand under what was done to them: `{"deleted":
/// [flow, …], "count": 2}`; of `-F`, `{"emptied": ["connection tracking table"]}`.
pub const CHANGES: Format = Format::new(&Spec {
    name: "conntrack-changes",
    title: "conntrack -D",
    command: changes,
    least: 4,
    sniff: sniff_flows,
    read: read_changes,
});

/// `conntrack -C`.
pub const COUNT: Format = Format::new(&Spec {
    name: "conntrack-count",
    title: "conntrack -C",
    command: |line| does(line, &['C'], &["--count"]),
    least: 1,
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

/// What the commands that change the table do, by the word of their summaries (`src/conntrack.c`, `exit_msg`).
const DONE: [(char, &str, &str); 5] = [
    ('D', "--delete", "deleted"),
    ('U', "--update", "updated"),
    ('I', "--create", "created"),
    ('A', "--add", "created"),
    ('F', "--flush", "emptied"),
];

fn changes(line: &CommandLine) -> bool {
    done(line).is_some()
}

/// What a command that changes the table does to flows.
fn done(line: &CommandLine) -> Option<&'static str> {
    DONE.iter()
        .find(|(letter, word, _)| does(line, &[*letter], &[*word]))
        .map(|(_, _, done)| *done)
}

/// Whether a command asks for the whole table (or all events): no option of it chooses some of the flows, and no other table is named
/// (`conntrack -L dying`). Options that only say how flows are printed are told; any other may choose.
fn is_unfiltered(line: &CommandLine) -> bool {
    if line.filtered() || line.program != "conntrack" {
        return !line.filtered();
    }
    let mut args = line.args.iter().map(String::as_str);
    while let Some(arg) = args.next() {
        match arg {
            "-L" | "-E" | "--dump" | "--event" | "-z" | "--zero" | "conntrack" => {}
            "-o" | "--output" | "-b" | "--buffer-size" | "-Lo" | "-Eo" => {
                args.next();
            }
            _ if arg.starts_with("--output=") || arg.starts_with("--buffer-size=") => {}
            _ => return false,
        }
    }
    true
}

/// `conntrack -S`.
pub const STATS: Format = Format::new(&Spec {
    name: "conntrack-stats",
    title: "conntrack -S",
    command: |line| does(line, &['S'], &["--stats"]),
    least: 6,
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

/// What conntrack says at its end: `conntrack v1.4.7 (conntrack-tools): 12 flow entries have been shown.`, `… connection tracking table has
/// been emptied.`
struct Summary<'a> {
    /// How many flows or events there were; none of an emptied table.
    number: Option<Piece<'a>>,
    events: bool,
    /// The table that was emptied.
    table: Option<Piece<'a>>,
    /// `shown`, `deleted`, `updated`, `created`, `emptied`.
    verb: Piece<'a>,
}

impl<'a> Summary<'a> {
    fn of(line: Piece<'a>) -> Option<Self> {
        let (tool, words) = line.trim().split_once(" (conntrack-tools): ")?;
        if !tool.starts_with("conntrack v") {
            return None;
        }
        let is_word = |verb: &Piece<'_>| !verb.is_empty() && verb.bytes().all(|b| b.is_ascii_lowercase());
        let verb = |words: Piece<'a>| words.strip_suffix(".").filter(is_word);
        if let Some((table, done)) = words
            .split_once(" has been ")
            .filter(|(table, _)| table.ends_with(" table"))
        {
            return Some(Self {
                number: None,
                events: false,
                table: Some(table),
                verb: verb(done)?,
            });
        }
        let (number, words) = words.split_once(" flow ")?;
        let (what, words) = words.split_once(" have been ")?;
        let counted = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        (counted && matches!(what.str(), "entries" | "events")).then_some(Self {
            number: Some(number),
            events: what.str() == "events",
            table: None,
            verb: verb(words)?,
        })
    }

    /// Whether the flows that it counts are in the table.
    fn lists(&self) -> bool {
        self.verb.str() == "shown"
    }
}

/// Takes the flows of one command up to its summary, whose word tells whether they are listed or were changed.
fn sniff_flows(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let summary = |line: &str| {
        Summary::of(Piece::new(line))
            .filter(|summary| !summary.events)
            .map(|summary| summary.verb.str().to_owned())
    };
    let own = |line: &str| is_flow(line) && !is_event(line);
    if !own(line) && summary(line).is_none() {
        return None;
    }
    let run = hint
        .line
        .as_ref()
        .map(|line| line.inner().unwrap_or_else(|| line.clone()));
    // In a pipe the summary goes around what sorts the flows, and stands anywhere.
    let piped = run.as_ref().is_some_and(|run| run.piped_into.is_some());
    let mut said: Option<String> = None;
    let (mut len, mut told) = (0, 0);
    for (line, end) in ends(rest) {
        if line.trim().is_empty() {
            continue;
        }
        if own(line) {
            len = end;
        } else if let Some(verb) = summary(line) {
            if said.as_ref().is_some_and(|said| *said != verb) {
                // Of another command, and so are the flows above it.
                len = told;
                break;
            }
            let lists = verb == "shown";
            said = Some(verb);
            (len, told) = (end, end);
            if !lists && !piped {
                break;
            }
        } else {
            break;
        }
    }
    let listed = match said {
        Some(verb) => verb == "shown",
        None => !run.as_ref().is_some_and(changes),
    };
    let format = if listed { FLOWS } else { CHANGES };
    (len > 0).then_some(Taken {
        len,
        format,
        confidence: if hint.expects(format) { 0.98 } else { 0.9 },
    })
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
    let mut said = 0_u64;
    for line in whole.lines().map(Piece::trim).filter(|line| !line.is_empty()) {
        if is_flow(line.str()) {
            flows.push(flow(line, &mut unread));
            count += 1;
        } else if let Some(number) = Summary::of(line)
            .filter(Summary::lists)
            .and_then(|summary| summary.number)
        {
            said = said.saturating_add(number.parse().unwrap_or(u64::MAX));
        } else {
            unread.line(line, format.title());
        }
    }
    let complete = unread.finish();
    // conntrack counts more than what is here where a filter or an editor left lines out. Without the command nobody knows whether it chose
    // some of the flows.
    let all = said <= count && part.command().is_some_and(|line| is_unfiltered(&line));
    let mut root = Placed::object(whole);
    root.put(name, flows);
    add_document(part, format.name(), root, complete && all, artifacts);
}

fn read_changes(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut root = Placed::object(whole);
    let mut flows = Placed::array(whole);
    let mut verb = None;
    let mut count = 0_u64;
    let mut said = None;
    for line in whole.lines().map(Piece::trim).filter(|line| !line.is_empty()) {
        if is_flow(line.str()) {
            flows.push(flow(line, &mut unread));
            count += 1;
        } else if let Some(summary) = Summary::of(line).filter(|summary| !summary.lists()) {
            if let Some(number) = summary.number {
                root.put_number("count", number);
                said = number.parse::<u64>().ok();
            }
            if let Some(table) = summary.table {
                root.push_at(&[summary.verb.str()], line, Placed::text(table));
            } else {
                verb = Some(summary.verb.str());
            }
        } else {
            unread.line(line, CHANGES.title());
        }
    }
    // Without its summary what was done is known where the command is the only one.
    let command = part.command();
    let alone = command.as_ref().filter(|line| !line.followed).and_then(done);
    let told = verb.or(alone).filter(|told| *told != "emptied");
    if let Some(told) = told {
        root.put(told, flows);
    } else if count > 0 {
        unread.say(
            whole.lines().next().unwrap_or(whole),
            "what was done to these flows is not said: the line with conntrack's count is not here",
        );
        root.put("flows", flows);
    }
    let complete = unread.finish() && said == Some(count) && !command.is_some_and(|line| line.filtered());
    add_document(part, CHANGES.name(), root, complete, artifacts);
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
    use super::super::lines::tests::{documents, only, problems};
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
        for (command, complete) in [
            ("conntrack -L", true),
            ("sudo conntrack -L -o extended,timestamp", true),
            ("conntrack -L -d 10.20.9.9", false),
            ("conntrack -Lp udp", false),
            ("conntrack -L --dport=53", false),
            ("conntrack -L -o id -f ipv6", false),
            ("conntrack -L dying", false),
            (
                "conntrack -G -s 10.20.3.90 -d 10.20.9.9 -p tcp --sport 1 --dport 2",
                false,
            ),
        ] {
            let text = format!("$ {command}\nconntrack v1.4.4 (conntrack-tools): 0 flow entries have been shown.\n");
            assert_eq!(only("conntrack", &text), json!({"flows": []}), "{command}");
            assert_eq!(crate::artifact::testing::read(&text).complete(), complete, "{command}");
        }
        // Nobody knows what was asked for.
        let bare = "conntrack v1.4.4 (conntrack-tools): 0 flow entries have been shown.\n";
        assert_eq!(only("conntrack", bare), json!({"flows": []}));
        assert!(!crate::artifact::testing::read(bare).complete());
        let filtered =
            "$ conntrack -L | grep 10.20.9.9\nconntrack v1.4.4 (conntrack-tools): 733 flow entries have been shown.\n";
        assert!(!crate::artifact::testing::read(filtered).complete());
        assert!(documents("conntrack -C says 5\n").is_empty());
    }

    const FLOW: &str = "tcp      6 431997 ESTABLISHED src=10.20.3.90 dst=10.20.9.9 sport=40112 dport=8080 src=10.20.9.9 dst=10.20.3.90 sport=8080 dport=40112 [ASSURED] mark=0 use=1\n";
    const DELETED: &str = "conntrack v1.4.6 (conntrack-tools): 1 flow entries have been deleted.\n";
    const SHOWN: &str = "conntrack v1.4.6 (conntrack-tools): 1 flow entries have been shown.\n";

    #[test]
    fn deleted_flows_are_not_tracked() {
        let none =
            "$ conntrack -D -d 10.20.9.9\nconntrack v1.4.4 (conntrack-tools): 0 flow entries have been deleted.\n";
        for text in [none, none.split_once('\n').unwrap().1] {
            assert_eq!(only("conntrack-changes", text), json!({"deleted": [], "count": 0}));
        }
        for command in ["", "$ sudo conntrack -D -d 10.20.9.9\n"] {
            let read = only("conntrack-changes", &format!("{command}{FLOW}{DELETED}"));
            assert_eq!(read["deleted"][0]["original"]["dst"], "10.20.9.9");
            assert_eq!((read.get("flows"), &read["count"]), (None, &json!(1)));
        }
        // Without the summary the command tells.
        let quiet = format!("$ conntrack -D -d 10.20.9.9 2>/dev/null\n{FLOW}");
        assert_eq!(
            only("conntrack-changes", &quiet)["deleted"].as_array().unwrap().len(),
            1
        );
        let updated = "$ conntrack -U -d 10.20.9.9 --mark 1\nconntrack v1.4.6 (conntrack-tools): 0 flow entries have been updated.\n";
        assert_eq!(only("conntrack-changes", updated), json!({"updated": [], "count": 0}));
    }

    #[test]
    fn what_was_deleted_and_what_is_left_are_two_outputs() {
        let two = |text: &str| {
            let found = documents(text);
            found
                .iter()
                .map(|(kind, value)| {
                    let list = value.get("deleted").or_else(|| value.get("flows")).unwrap();
                    (kind.clone(), list.as_array().unwrap().len())
                })
                .collect::<Vec<_>>()
        };
        let deleted = ("conntrack-changes".to_owned(), 1);
        let listed = ("conntrack".to_owned(), 1);
        let lines = [FLOW, DELETED, FLOW, SHOWN].concat();
        assert_eq!(two(&lines), [deleted.clone(), listed.clone()]);
        assert_eq!(
            two(&format!("$ conntrack -D -d 10.20.9.9; conntrack -L\n{lines}")),
            [deleted.clone(), listed.clone()]
        );
        let lines = [FLOW, SHOWN, FLOW, DELETED].concat();
        assert_eq!(two(&lines), [listed, deleted]);
        // What was done is not known.
        let text = format!("$ conntrack -D -s 10.20.3.90 2>/dev/null; conntrack -L 2>/dev/null\n{FLOW}");
        assert_eq!(documents(&text)[0].1.get("deleted"), None);
        assert_eq!(problems(&text).len(), 1);
    }

    #[test]
    fn an_emptied_table_is_no_list() {
        assert_eq!(
            only(
                "conntrack-changes",
                include_str!("../../../../tests/samples/conntrack-changes/flush.txt")
            ),
            json!({"emptied": ["connection tracking table"]})
        );
        let deleted = only(
            "conntrack-changes",
            include_str!("../../../../tests/samples/conntrack-changes/delete.txt"),
        );
        assert_eq!(deleted["deleted"].as_array().unwrap().len(), 2);
        let none = "conntrack v1.4.6 (conntrack-tools): 0 flow events have been shown.\n";
        assert_eq!(only("conntrack-events", none), json!({"events": []}));
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
