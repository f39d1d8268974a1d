//! `cilium-dbg monitor`, formerly `cilium monitor`: what the datapath says of packets (cilium `pkg/monitor/datapath_drop.go`,
//! `datapath_trace.go`, `datapath_policy.go`, `logrecord.go`).
//!
//! `{"events": [{"type": "drop", "reason", "mark", "destination", "ifindex", "file", "line", "srcLabel", "dstLabel", "summary"}]}`, with the
//! names of the command's own JSON (`-j`), where it has one.

use super::summary::summary;
use crate::artifact::node::lines::{Unread, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// `cilium monitor`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "cilium-monitor",
    title: "cilium monitor",
    command: |line| {
        matches!(line.program.as_str(), "cilium" | "cilium-dbg")
            && line.args.iter().any(|arg| arg == "monitor")
            && !line.flag(&["-j", "--json"])
    },
    least: 7,
    sniff,
    read,
});

/// Where a traced packet was seen, behind its arrow (`pkg/monitor/api`, `TraceObservationPoints`).
const POINTS: [&str; 9] = [
    "endpoint ",
    "proxy",
    "host",
    "stack",
    "overlay",
    "network",
    "crypto",
    "service",
    "ingress",
];

/// What the command says of itself.
fn is_aside(line: &str) -> bool {
    line.starts_with("Listening for events on ") && line.contains(" CPUs")
        || line.starts_with("Press Ctrl-C to quit")
        || line.starts_with("Received an interrupt, disconnecting from monitor")
        || line.contains("subsys=monitor")
        || line.contains("Initializing dissection cache")
}

/// A packet that was traced: `-> endpoint 12 flow 0x…`, `<- stack flow 0x…`.
fn traced(line: Piece<'_>) -> Option<(Piece<'_>, Piece<'_>)> {
    let rest = line.strip_prefix("-> ").or_else(|| line.strip_prefix("<- "))?;
    if !POINTS.iter().any(|point| rest.starts_with(point)) {
        return None;
    }
    let (point, facts) = rest.split_once(" flow ")?;
    Some((point, facts))
}

/// What a proxy saw: `-> Request http from 12 ([k8s:app=cart]) to 15 ([k8s:app=db]), identity 1->2, verdict Forwarded GET http://… => 0`.
fn is_request(line: &str) -> bool {
    line.get(3..).is_some_and(|rest| {
        (line.starts_with("-> ") || line.starts_with("<- "))
            && ["Request ", "Response ", "SAMPLE "]
                .iter()
                .any(|word| rest.starts_with(word))
    })
}

/// Whether a line is an event that only this command prints.
fn is_event(line: &str) -> bool {
    match line.as_bytes().first() {
        Some(b'x') => line.starts_with("xx drop (") && line.contains(" flow "),
        Some(b'P') => line.starts_with("Policy verdict log: flow "),
        Some(b'-' | b'<') => traced(Piece::new(line)).is_some() || is_request(line) && line.contains(", verdict "),
        _ => false,
    }
}

/// Lines of `-v` and of the agent's events, which are told by the command alone.
fn is_other(line: &str) -> bool {
    [
        "CPU ",
        ">> ",
        "------",
        "Ethernet\t",
        "IPv4\t",
        "IPv6\t",
        "TCP\t",
        "UDP\t",
        "ICMPv4\t",
        "ICMPv6\t",
    ]
    .iter()
    .any(|beginning| line.starts_with(beginning))
        || line.starts_with("level=")
        || is_request(line)
}

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let expected = hint.expects(FORMAT);
    let own = |line: &str| is_event(line) || is_aside(line) || expected && is_other(line);
    let begins =
        is_event(line) || line.starts_with("Listening for events on ") && is_aside(line) || expected && own(line);
    begins.then(|| take(rest, FORMAT, hint, own))?
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut events = Placed::array(whole);
    for line in whole.lines().map(Piece::trim).filter(|line| !line.is_empty()) {
        if is_aside(line.str()) || line.starts_with("------") || line.starts_with("level=") {
            continue;
        }
        let event = drop(line)
            .or_else(|| trace(line))
            .or_else(|| policy(line))
            .or_else(|| other(line));
        match event {
            Some(event) => events.push(event),
            None => unread.line(line, FORMAT.title()),
        }
    }
    let complete = unread.finish();
    let mut root = Placed::object(whole);
    root.put("events", events);
    add_document(part, FORMAT.name(), root, complete, artifacts);
}

/// `xx drop (REASON) flow 0x… to endpoint N, ifindex N, file F:LINE, , identity A->B: SUMMARY`; old ones have no file.
fn drop(line: Piece<'_>) -> Option<Placed> {
    let (reason, rest) = line.strip_prefix("xx drop (")?.split_once(") flow ")?;
    let mut event = Placed::object(line);
    event.put("type", Placed::text(line.part(3..7)));
    event.put_text("reason", reason);
    let (facts, told) = rest.split_once(": ").unwrap_or((rest, rest.skip(rest.len())));
    for (number, fact) in facts.split(|c| c == ',').map(Piece::trim).enumerate() {
        if number == 0 {
            let (mark, endpoint) = fact
                .split_once(" to endpoint ")
                .unwrap_or((fact, fact.skip(fact.len())));
            event.put_text("mark", mark);
            event.put_number("destination", endpoint.trim());
        } else if let Some(index) = fact.strip_prefix("ifindex ") {
            event.put_number("ifindex", index);
        } else if let Some((file, line)) = fact.strip_prefix("file ").and_then(|place| place.rsplit_once(":")) {
            event.put_text("file", file);
            event.put_number("line", line);
        } else {
            identity(fact, &mut event);
        }
    }
    put_summary(told, &mut event);
    Some(event)
}

/// `identity 9213->unknown`.
fn identity(fact: Piece<'_>, event: &mut Placed) {
    if let Some((from, to)) = fact.strip_prefix("identity ").and_then(|fact| fact.split_once("->")) {
        event.put_number("srcLabel", from.trim());
        event.put_number("dstLabel", to.trim());
    }
}

fn put_summary(told: Piece<'_>, event: &mut Placed) {
    match summary(told) {
        Some(summary) => event.put("summary", summary),
        None => event.put_text("what", told.trim()),
    }
}

/// `-> endpoint 12 flow 0x… , identity 2->104 state new ifindex lxc… orig-ip 10.0.1.7: SUMMARY`.
fn trace(line: Piece<'_>) -> Option<Placed> {
    let (point, rest) = traced(line)?;
    let mut event = Placed::object(line);
    event.put("direction", Placed::text(line.part(0..2)));
    event.put_text("observationPoint", point);
    let (facts, told) = rest.split_once(": ").unwrap_or((rest, rest.skip(rest.len())));
    let words: Vec<Piece<'_>> = facts
        .split(|c| c == ' ' || c == ',')
        .filter(|word| !word.is_empty())
        .collect();
    if let Some(flow) = words.first() {
        event.put_text("mark", *flow);
    }
    for pair in words.windows(2) {
        let [name, value] = pair else { continue };
        match name.str() {
            "identity" => {
                if let Some((from, to)) = value.split_once("->") {
                    event.put_number("srcLabel", from);
                    event.put_number("dstLabel", to);
                }
            }
            "state" => event.put_text("state", *value),
            "ifindex" => event.put_number("ifindex", *value),
            "orig-ip" => event.put_text("origIP", *value),
            _ => {}
        }
    }
    put_summary(told, &mut event);
    Some(event)
}

/// `Policy verdict log: flow 0x… local EP ID 12, remote ID 104, proto 6, ingress, action deny, auth: disabled, match none, SUMMARY`.
fn policy(line: Piece<'_>) -> Option<Placed> {
    let rest = line.strip_prefix("Policy verdict log: flow ")?;
    let mut event = Placed::object(line);
    event.put("type", Placed::text(line.part(0..14)));
    for (number, fact) in rest.split(|c| c == ',').map(Piece::trim).enumerate() {
        if number == 0 {
            let (mark, endpoint) = fact
                .split_once(" local EP ID ")
                .unwrap_or((fact, fact.skip(fact.len())));
            event.put_text("mark", mark);
            event.put_number("source", endpoint);
        } else if let Some(summary) = summary(fact) {
            event.put("summary", summary);
        } else if matches!(fact.str(), "ingress" | "egress") {
            event.put_text("direction", fact);
        } else {
            for (words, name) in [
                ("remote ID ", "remoteIdentity"),
                ("proto ", "proto"),
                ("dst port ", "dport"),
                ("action ", "action"),
                ("auth: ", "auth"),
                ("match ", "match"),
            ] {
                if let Some(value) = fact.strip_prefix(words) {
                    event.put_number(name, value);
                }
            }
        }
    }
    Some(event)
}

/// What the proxy saw, and lines of the agent and of debugging: as they stand.
fn other(line: Piece<'_>) -> Option<Placed> {
    if !is_request(line.str()) && !is_other(line.str()) {
        return None;
    }
    let mut event = Placed::object(line);
    if let Some((_, rest)) = line.split_once(", verdict ") {
        event.put_text("verdict", rest.words().next().unwrap_or(rest));
    }
    event.put_text("what", line);
    Some(event)
}

#[cfg(test)]
mod tests {
    use crate::artifact::node::lines::tests::{documents, only};
    use serde_json::json;

    const SAMPLE: &str = include_str!("../../../../tests/samples/cilium-monitor/drops.txt");

    #[test]
    fn drops_say_why_and_what() {
        let read = only("cilium-monitor", SAMPLE);
        assert_eq!(
            read["events"][0],
            json!({"type": "drop", "reason": "Policy denied", "mark": "0x8d58a9c7", "destination": 2510, "ifindex": 14,
                "file": "bpf_lxc.c", "line": 2010, "srcLabel": 9213, "dstLabel": 41877,
                "summary": {"l3": {"src": "10.44.3.17", "dst": "10.44.9.201"},
                    "l4": {"src": 48212, "dst": 8443, "protocol": "tcp", "flags": "SYN"}}})
        );
        assert_eq!(read["events"][1]["reason"], "Unsupported L3 protocol");
        assert_eq!(read["events"][1]["summary"]["l3"]["dst"], "ff02::2");
        assert_eq!(read["events"][1]["summary"]["what"], "RouterSolicitation");
        assert_eq!(read["events"][2]["summary"]["l2"]["src"], "06:3b:88:0e:aa:01");
    }

    #[test]
    fn traces_and_verdicts() {
        let read = only(
            "cilium-monitor",
            include_str!("../../../../tests/samples/cilium-monitor/traces.txt"),
        );
        assert_eq!(
            read["events"][0],
            json!({"direction": "->", "observationPoint": "endpoint 2510", "mark": "0x2f1c2bd1", "srcLabel": 2,
                "dstLabel": 104, "state": "new", "ifindex": "lxc_health", "origIP": "10.44.3.9",
                "summary": {"l3": {"src": "10.44.3.9", "dst": "10.44.9.4"},
                    "l4": {"src": 34567, "dst": 4240, "protocol": "tcp", "flags": "SYN"}}})
        );
        assert_eq!(read["events"][1]["observationPoint"], "stack");
        assert_eq!(read["events"][2]["action"], "deny");
        assert_eq!(read["events"][2]["match"], "none");
        assert_eq!(read["events"][2]["direction"], "ingress");
        assert_eq!(read["events"][2]["summary"]["l4"]["dst"], 80);
        assert_eq!(read["events"][3]["verdict"], "Forwarded");
    }

    #[test]
    fn events_are_told_without_their_command() {
        let bare =
            "xx drop (Policy denied) flow 0x0 to endpoint 12, identity 1->2: [fd00::7]:80 -> [fd00::9]:4000 tcp ACK\n";
        let found = documents(bare);
        assert_eq!(found[0].0, "cilium-monitor");
        assert_eq!(found[0].1["events"][0]["summary"]["l3"]["src"], "fd00::7");
        assert_eq!(documents("-> endpoint of the world\n"), []);
        assert_eq!(documents("xx dropped it (twice)\n"), []);
    }
}
