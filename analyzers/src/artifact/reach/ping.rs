//! `ping`, of iputils, busybox, BSD and Windows (iputils, `ping/ping_common.c`, `ping/ping.c`, `pr_icmph`; busybox, `networking/ping.c`).
//!
//! `{"target", "address", "replies": [{"from", "seq", "ttl", "ms"}], "refusals": [{"from", "seq", "message", "mtu"}], "errors": [{"message",
//! "mtu"}], "transmitted", "received", "loss", "rtt": {"min", "avg", "max", "mdev"}}`, a document for each destination.

mod windows;

use crate::artifact::node::lines::{Unread, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// `ping`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "ping",
    title: "ping",
    command: |line| matches!(line.program.as_str(), "ping" | "ping6"),
    least: 3,
    sniff,
    read,
});

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let expected = hint.expects(FORMAT);
    if !(is_beginning(line) || is_error(line, expected) || expected && is_own(line)) {
        return None;
    }
    let mut beginnings = 0;
    take(rest, FORMAT, hint, |line| {
        beginnings += usize::from(is_beginning(line));
        beginnings < 2 && (is_beginning(line) || is_own(line) || is_error(line, expected))
    })
}

/// `PING db (10.0.0.5) 56(84) bytes of data.`, `PING 10.0.0.5 (10.0.0.5): 56 data bytes`.
fn is_beginning(line: &str) -> bool {
    (line.starts_with("PING ") || line.starts_with("PING6("))
        && (line.trim_end().ends_with("bytes of data.")
            || line.contains(" data bytes")
            || line.trim_end().ends_with(" bytes"))
        || windows::is_beginning(line)
}

/// `ping: connect: Network is unreachable`; of the command's own output `connect: Network is unreachable`, too.
fn is_error(line: &str, expected: bool) -> bool {
    line.starts_with("ping: ")
        || line.starts_with("ping6: ")
        || windows::is_error(line)
        || expected && (line.starts_with("connect: ") || line.starts_with("WARNING: "))
}

fn is_own(line: &str) -> bool {
    let line = bare(line);
    line.contains(" bytes from ") && line.contains("seq=")
        || line.starts_with("From ") && (line.contains("icmp_seq") || line.contains(": icmp"))
        || line.starts_with("no answer yet for icmp_seq=")
        || line.starts_with("Request timeout for icmp_seq ")
        || line.starts_with("--- ") && line.trim_end().ends_with(" statistics ---")
        || line.contains(" packets transmitted, ")
        || line.starts_with("rtt min/avg/max")
        || line.starts_with("round-trip min/avg/max")
        || line
            .strip_prefix("pipe ")
            .is_some_and(|number| number.trim().parse::<u32>().is_ok())
        || matches!(line.trim(), "^C" | "^C^C")
        || windows::is_own(line)
}

/// A line without the time of `-D` and the echo of Ctrl-C before it.
fn bare(line: &str) -> &str {
    let line = line.strip_prefix("^C").unwrap_or(line);
    line.strip_prefix('[')
        .and_then(|rest| rest.split_once("] "))
        .filter(|(time, _)| time.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
        .map_or(line, |(_, rest)| rest)
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut root = Placed::object(whole);
    for full in whole.lines().filter(|line| !line.trim().is_empty()) {
        let line = full.skip(full.len() - bare(full.str()).len()).trim();
        if windows::read(&mut root, full) {
            continue;
        }
        if is_beginning(line.str()) {
            beginning(&mut root, line);
        } else if line.contains(" bytes from ") && line.contains("seq=") {
            root.push_at(&["replies"], full, reply(line));
        } else if line.starts_with("From ") {
            root.push_at(&["refusals"], full, refusal(line));
        } else if line.starts_with("no answer") || line.starts_with("Request timeout") {
            let mut value = Placed::object(line);
            if let Some(number) = line.words().last() {
                let number = number.strip_prefix("icmp_seq=").unwrap_or(number);
                value.put_number("seq", number);
            }
            root.push_at(&["unanswered"], full, value);
        } else if line.contains(" packets transmitted, ") {
            statistics(&mut root, line);
        } else if line.starts_with("rtt ") || line.starts_with("round-trip ") {
            times(&mut root, line);
        } else if is_error(line.str(), true) {
            let (_, message) = line.split_once(": ").unwrap_or((line, line));
            let mut value = Placed::object(line);
            value.put_text("message", message);
            mtu(&mut value, line);
            root.push_at(&["errors"], full, value);
        } else if !is_own(full.str()) {
            unread.line(full, "`ping`");
        }
    }
    let complete = unread.finish();
    add_document(part, FORMAT.name(), root, complete, artifacts);
}

/// `PING db (10.0.0.5) from 10.0.0.9 eth0: 56(84) bytes of data.`
fn beginning(root: &mut Placed, line: Piece<'_>) {
    let rest = line.strip_prefix("PING ").unwrap_or(line);
    if let Some((target, rest)) = rest.split_once("(") {
        root.put_text("target", target.trim());
        if let Some((address, rest)) = rest.split_once(")") {
            root.put_text("address", address);
            let mut words = rest.words().skip_while(|word| word.str() != "from").skip(1);
            if let Some(source) = words.next() {
                root.put_text("source", source.strip_suffix(":").unwrap_or(source));
            }
        }
    }
}

/// `64 bytes from ip-10-0-0-5.internal (10.0.0.5): icmp_seq=1 ttl=64 time=0.05 ms (DUP!)`.
fn reply(line: Piece<'_>) -> Placed {
    let mut value = Placed::object(line);
    let (size, rest) = line.split_once(" bytes from ").unwrap_or((line, line));
    value.put_number("bytes", size);
    let Some((from, fields)) = rest.split_once(": ") else {
        return value;
    };
    sender(&mut value, from);
    for word in fields.words() {
        match word.split_once("=") {
            Some((name, number)) if name.ends_with("seq") => value.put_number("seq", number),
            Some((name, number)) if name.str() == "ttl" => value.put_number("ttl", number),
            Some((name, number)) if name.str() == "time" => value.put_number("ms", number),
            _ if word.str() == "(DUP!)" => value.put("duplicate", Placed::value(true, word)),
            _ => {}
        }
    }
    value
}

/// `10.0.0.5`, `name (10.0.0.5)`.
fn sender(value: &mut Placed, from: Piece<'_>) {
    match from.split_once(" (") {
        Some((name, address)) => {
            value.put_text("name", name);
            value.put_text("from", address.strip_suffix(")").unwrap_or(address));
        }
        None => value.put_text("from", from),
    }
}

/// `From 10.0.0.1 icmp_seq=1 Frag needed and DF set (mtu = 1500)`.
fn refusal(line: Piece<'_>) -> Placed {
    let mut value = Placed::object(line);
    let rest = line.strip_prefix("From ").unwrap_or(line);
    let Some((from, rest)) = rest.split_once(" icmp_seq") else {
        value.put_text("message", rest);
        return value;
    };
    sender(&mut value, from.strip_suffix(":").unwrap_or(from));
    // `icmp_seq=1 Message`, and of older versions `icmp_seq 1 Message`.
    let rest = rest.skip(1);
    let (number, message) = rest.split_once(" ").unwrap_or((rest, rest));
    value.put_number("seq", number);
    value.put_text("message", message);
    mtu(&mut value, message);
    value
}

/// `mtu=1500`, `(mtu = 1500)`.
fn mtu(value: &mut Placed, message: Piece<'_>) {
    if let Some((_, rest)) = message.split_once("mtu") {
        let rest = rest.skip(rest.bytes().take_while(|b| matches!(b, b' ' | b'=' | b':')).count());
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        value.put_number("mtu", rest.part(0..digits));
    }
}

/// `3 packets transmitted, 1 received, +2 errors, 66% packet loss, time 2003ms`; busybox and BSD print `1 packets received`.
fn statistics(root: &mut Placed, line: Piece<'_>) {
    for part in line.split(|c| c == ',').map(Piece::trim) {
        let mut words = part.words();
        let Some(first) = words.next() else { continue };
        if part.contains("transmitted") {
            root.put_number("transmitted", first);
        } else if part.contains("received") {
            root.put_number("received", first);
        } else if part.contains("errors") {
            root.put_number("errorCount", first.strip_prefix("+").unwrap_or(first));
        } else if part.contains("duplicates") {
            root.put_number("duplicates", first.strip_prefix("+").unwrap_or(first));
        } else if part.contains("packet loss") {
            root.put_text("loss", first);
        }
    }
}

/// `rtt min/avg/max/mdev = 0.067/21.490/42.914/21.423 ms, pipe 2`, `round-trip min/avg/max = 0.1/0.2/0.3 ms`.
fn times(root: &mut Placed, line: Piece<'_>) {
    let Some((names, values)) = line.split_once(" = ") else {
        return;
    };
    let (Some(names), Some(values)) = (names.words().last(), values.words().next()) else {
        return;
    };
    for (name, value) in names.split(|c| c == '/').zip(values.split(|c| c == '/')) {
        root.put_at(&["rtt", name.str()], line, Placed::number(value));
    }
}

#[cfg(test)]
mod tests {
    use crate::artifact::node::lines::tests::only;
    use serde_json::json;

    #[test]
    fn answers() {
        assert_eq!(
            only("ping", include_str!("../../../../tests/samples/ping/ok.txt")),
            json!({"target": "10.20.3.1", "address": "10.20.3.1", "replies": [
                {"bytes": 64, "from": "10.20.3.1", "seq": 1, "ttl": 255, "ms": "0.312"},
                {"bytes": 64, "from": "10.20.3.1", "seq": 2, "ttl": 255, "ms": "0.287"}],
                "transmitted": 2, "received": 2, "loss": "0%",
                "rtt": {"min": "0.287", "avg": "0.299", "max": "0.312", "mdev": "0.012"}})
        );
    }

    #[test]
    fn refusals_and_packets_that_are_too_long() {
        let read = only("ping", include_str!("../../../../tests/samples/ping/frag-needed.txt"));
        assert_eq!(
            read["refusals"],
            json!([{"from": "10.20.3.1", "name": "ip-10-20-3-1.eu-west-1.compute.internal", "seq": 1,
                "message": "Frag needed and DF set (mtu = 1500)", "mtu": 1500}])
        );
        assert_eq!(
            read["errors"],
            json!([{"message": "local error: message too long, mtu=1500", "mtu": 1500}])
        );
        assert_eq!(read["errorCount"], 2);
        assert_eq!(read["received"], 0);
        let read = only("ping", include_str!("../../../../tests/samples/ping/unreachable.txt"));
        assert_eq!(read["refusals"][1]["message"], "Destination Host Unreachable");
        assert_eq!(read["refusals"][1]["seq"], 2);
    }

    #[test]
    fn busybox_and_names_that_are_not_found() {
        let read = only("ping", include_str!("../../../../tests/samples/ping/busybox.txt"));
        assert_eq!(read["target"], "cart.shop");
        assert_eq!(read["address"], "172.20.31.8");
        assert_eq!(read["received"], 0);
        assert_eq!(
            only(
                "ping",
                "$ ping -c1 db.nowhere\nping: db.nowhere: Name or service not known\n"
            )["errors"],
            json!([{"message": "db.nowhere: Name or service not known"}])
        );
    }
}
