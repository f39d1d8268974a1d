//! `hubble observe` as lines (cilium `hubble/pkg/printer/printer.go`, its `compact` output): `TIME: SOURCE -> DESTINATION TYPE VERDICT
//! (SUMMARY)`.
//!
//! `{"flows": [{"time", "node_name", "source": {"namespace", "pod_name", "address", "port", "identity"}, "direction", "destination": {…},
//! "event_type", "verdict", "Summary"}]}`, with the names of Hubble's own JSON (`api/v1/flow/flow.proto`) where it has them.

use super::summary::endpoint;
use crate::artifact::node::lines::{Unread, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// `hubble observe`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "hubble-observe",
    title: "hubble observe",
    command: |line| {
        line.program == "hubble"
            && line.args.iter().any(|arg| arg == "observe")
            && matches!(line.output(), None | Some("compact"))
    },
    least: 9,
    sniff,
    read,
});

/// flow.proto's `Verdict`, and what the printer says of verdicts of policies.
const VERDICTS: [&str; 11] = [
    "FORWARDED",
    "DROPPED",
    "ERROR",
    "AUDIT",
    "AUDITED",
    "REDIRECTED",
    "TRACED",
    "TRANSLATED",
    "ALLOWED",
    "DENIED",
    "VERDICT_UNKNOWN",
];

/// A line taken apart.
struct Flow<'a> {
    time: Piece<'a>,
    node: Option<Piece<'a>>,
    source: Piece<'a>,
    arrow: Piece<'a>,
    destination: Piece<'a>,
    event: Piece<'a>,
    verdict: Piece<'a>,
    summary: Piece<'a>,
}

/// The time that a line begins with: `Nov 21 10:00:00.123`, RFC 3339, or a bare clock.
fn time(line: Piece<'_>) -> Option<(Piece<'_>, Piece<'_>)> {
    let (time, rest) = line.split_once(": ")?;
    let plain = time
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b' ' | b':' | b'.' | b'-' | b'+'));
    (time.len() <= 40 && plain && time.contains(':') && time.bytes().any(|b| b.is_ascii_digit()))
        .then_some((time, rest))
}

fn flow(line: Piece<'_>) -> Option<Flow<'_>> {
    let (mut time, rest) = time(line).or_else(|| {
        // `Nov 21 10:00:00.123 [ip-10-0-1-7]: …`, with `--print-node-name`.
        let (time, rest) = line.split_once("]: ")?;
        Some((time, rest))
    })?;
    let mut node = None;
    if let Some((before, name)) = time.split_once(" [") {
        time = before;
        node = Some(name.strip_suffix("]").unwrap_or(name));
    }
    let at = [" -> ", " <- ", " <> "]
        .iter()
        .filter_map(|arrow| rest.find(arrow))
        .min()?;
    let (source, arrow, after) = (rest.part(0..at), rest.part(at + 1..at + 3), rest.skip(at + 4));
    // The identity belongs to the destination: `shop/db-0:5432 (ID:41877)`, `10.0.0.1:443 (world)`.
    let name = after.words().next()?;
    let mut end = name.end() - after.start();
    if let Some(inside) = after.get(end..).and_then(|rest| rest.strip_prefix(" ("))
        && let Some(len) = inside.find(')')
    {
        end += len + 3;
    }
    let (destination, told) = (after.part(0..end), after.skip(end));
    let verdict = told.words().find(|word| VERDICTS.contains(&word.str()))?;
    let split = verdict.start() - told.start();
    Some(Flow {
        time,
        node,
        source,
        arrow,
        destination,
        event: told.part(0..split).trim(),
        verdict,
        summary: told.skip(split + verdict.len()).trim(),
    })
}

fn is_aside(line: &str) -> bool {
    line.starts_with("EVENTS LOST: ") || line.starts_with("Handling connection for ")
}

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let own = |line: &str| flow(Piece::new(line)).is_some() || is_aside(line);
    if !line.bytes().next()?.is_ascii_alphanumeric() {
        return None;
    }
    let begins = flow(Piece::new(line)).is_some() || hint.expects(FORMAT) && is_aside(line);
    begins.then(|| take(rest, FORMAT, hint, own))?
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut flows = Placed::array(whole);
    let mut lost = false;
    for line in whole.lines().map(Piece::trim).filter(|line| !line.is_empty()) {
        if is_aside(line.str()) {
            lost |= line.starts_with("EVENTS LOST");
            continue;
        }
        let Some(flow) = flow(line) else {
            unread.line(line, FORMAT.title());
            continue;
        };
        let mut value = Placed::object(line);
        value.put_text("time", flow.time);
        if let Some(node) = flow.node {
            value.put_text("node_name", node);
        }
        value.put("source", party(flow.source));
        value.put_text("direction", flow.arrow);
        value.put("destination", party(flow.destination));
        value.put_text("event_type", flow.event);
        value.put_text("verdict", flow.verdict);
        let summary = flow.summary.strip_prefix("(").and_then(|rest| rest.strip_suffix(")"));
        value.put_text("Summary", summary.unwrap_or(flow.summary));
        flows.push(value);
    }
    let complete = unread.finish() && !lost;
    let mut root = Placed::object(whole);
    root.put("flows", flows);
    add_document(part, FORMAT.name(), root, complete, artifacts);
}

/// `shop/cart-0:41234 (ID:9213)`, `10.0.0.1:443 (world)`, `fe80::1 (ID:9213)`.
fn party(text: Piece<'_>) -> Placed {
    let mut value = Placed::object(text);
    let (name, identity) = text.split_once(" (").unwrap_or((text, text.skip(text.len())));
    if let Some(identity) = identity.strip_suffix(")") {
        match identity.strip_prefix("ID:") {
            Some(number) => value.put_number("identity", number),
            None => value.put_text("identity", identity),
        }
    }
    if let Some((address, port)) = endpoint(name) {
        value.put_text("address", address);
        if let Some(port) = port {
            value.put_number("port", port);
        }
        return value;
    }
    // A pod's name has no colon; names of services and of ports (`:http`) are printed with `--ip-translation` and `--port-translation`.
    let (name, port) = match name.rsplit_once(":") {
        Some((name, port)) => (name, Some(port)),
        None => (name, None),
    };
    match name.split_once("/") {
        Some((namespace, pod)) => {
            value.put_text("namespace", namespace);
            value.put_text("pod_name", pod);
        }
        None => value.put_text("name", name),
    }
    if let Some(port) = port {
        value.put_number("port", port);
    }
    value
}

#[cfg(test)]
mod tests {
    use crate::artifact::node::lines::tests::{documents, only};
    use serde_json::json;

    #[test]
    fn flows() {
        let text = include_str!("../../../../tests/samples/hubble-observe/shop.txt");
        let bare = text.split_once('\n').unwrap().1;
        for text in [text, bare] {
            let read = only("hubble-observe", text);
            assert_eq!(
                read["flows"][0],
                json!({"time": "Nov 21 10:00:00.123", "source": {"namespace": "shop", "pod_name": "cart-0", "port": 41234, "identity": 9213},
                    "direction": "->", "destination": {"namespace": "shop", "pod_name": "db-0", "port": 5432, "identity": 41877},
                    "event_type": "policy-verdict:none INGRESS", "verdict": "DENIED", "Summary": "TCP Flags: SYN"})
            );
            assert_eq!(read["flows"][1]["direction"], "<>");
            assert_eq!(read["flows"][1]["event_type"], "Policy denied");
            assert_eq!(
                read["flows"][2]["destination"],
                json!({"address": "203.0.113.9", "port": 443, "identity": "world"})
            );
            assert_eq!(read["flows"][3]["source"]["address"], "fe80::1");
            assert_eq!(read["flows"][4]["Summary"], "HTTP/1.1 GET http://db.shop/");
        }
    }

    #[test]
    fn arrows_alone_are_no_flow() {
        assert_eq!(documents("Nov 21 10:00:00.123: a -> b and nothing more\n"), []);
        let read = only(
            "hubble-observe",
            "Nov 21 10:00:00.123 [ip-10-0-1-7]: shop/a:1 (ID:1) -> shop/b:2 (ID:2) to-endpoint FORWARDED (UDP)\n",
        );
        assert_eq!(read["flows"][0]["node_name"], "ip-10-0-1-7");
    }
}
