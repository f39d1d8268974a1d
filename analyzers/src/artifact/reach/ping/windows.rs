//! The lines of Windows' `ping` (Microsoft Learn, Windows commands, `ping`).

use crate::artifact::Placed;
use crate::text::Piece;

/// `Pinging db.example.com [10.0.1.7] with 32 bytes of data:`.
pub fn is_beginning(line: &str) -> bool {
    line.starts_with("Pinging ") && line.trim_end().ends_with(" bytes of data:") && line.contains(" with ")
}

/// Lines that say why nothing was sent.
pub fn is_error(line: &str) -> bool {
    line.starts_with("Ping request could not find host ") || line.starts_with("PING: transmit failed")
}

/// A line of its output after the first.
pub fn is_own(line: &str) -> bool {
    let bare = line.trim();
    line.starts_with("Reply from ") && line.contains(": ")
        || is_unanswered(bare)
        || line.starts_with("Ping statistics for ")
        || bare.starts_with("Packets: Sent = ")
        || bare.starts_with("Approximate round trip times in ")
        || bare.starts_with("Minimum = ")
        || bare == "Control-C"
}

/// What stands in the place of a reply that did not come.
fn is_unanswered(line: &str) -> bool {
    matches!(
        line,
        "Request timed out." | "General failure." | "Packet needs to be fragmented but DF set."
    )
}

/// Reads a line; whether it is one of this output's.
pub fn read(root: &mut Placed, full: Piece<'_>) -> bool {
    let line = full.trim();
    if is_beginning(line.str()) {
        beginning(root, line);
    } else if is_error(line.str()) {
        let mut value = Placed::object(line);
        value.put_text("message", line);
        root.push_at(&["errors"], full, value);
    } else if let Some(rest) = line.strip_prefix("Reply from ") {
        let Some((from, fields)) = rest.split_once(": ") else {
            return false;
        };
        let mut value = Placed::object(line);
        value.put_text("from", from);
        // A router's refusal has words where a reply has its time.
        let list = if fields.contains("time=") || fields.contains("time<") {
            reply(&mut value, fields);
            "replies"
        } else {
            value.put_text("message", fields);
            "refusals"
        };
        root.push_at(&[list], full, value);
    } else if is_unanswered(line.str()) {
        let mut value = Placed::object(line);
        value.put_text("message", line);
        root.push_at(&["unanswered"], full, value);
    } else if let Some(counts) = line.strip_prefix("Packets: ") {
        statistics(root, counts);
    } else if line.starts_with("Minimum = ") {
        for part in line.split(|c| c == ',').map(Piece::trim) {
            let name = match part.words().next().map_or("", |word| word.str()) {
                "Minimum" => "min",
                "Maximum" => "max",
                _ => "avg",
            };
            if let Some((_, time)) = part.split_once(" = ") {
                root.put_at(
                    &["rtt", name],
                    line,
                    Placed::number(time.strip_suffix("ms").unwrap_or(time)),
                );
            }
        }
    } else {
        return is_own(line.str());
    }
    true
}

fn beginning(root: &mut Placed, line: Piece<'_>) {
    let rest = line.strip_prefix("Pinging ").unwrap_or(line);
    let Some((named, _)) = rest.split_once(" with ") else {
        return;
    };
    let (named, source) = match named.split_once(" from ") {
        Some((named, source)) => (named, Some(source)),
        None => (named, None),
    };
    let (name, address) = named.split_once(" [").unwrap_or((named, named));
    root.put_text("target", name);
    root.put_text("address", address.strip_suffix("]").unwrap_or(address));
    if let Some(source) = source {
        root.put_text("source", source);
    }
}

/// `bytes=32 time=12ms TTL=240`, `bytes=32 time<1ms TTL=64`.
fn reply(value: &mut Placed, fields: Piece<'_>) {
    for word in fields.words() {
        if let Some(bytes) = word.strip_prefix("bytes=") {
            value.put_number("bytes", bytes);
        } else if let Some(ttl) = word.strip_prefix("TTL=") {
            value.put_number("ttl", ttl);
        } else if let Some(time) = word.strip_prefix("time").and_then(|time| time.strip_suffix("ms")) {
            // Less than a millisecond stays so: `<1`.
            value.put_number("ms", time.strip_prefix("=").unwrap_or(time));
        }
    }
}

/// `Sent = 4, Received = 1, Lost = 3 (75% loss),`.
fn statistics(root: &mut Placed, counts: Piece<'_>) {
    for part in counts.split(|c| c == ',').map(Piece::trim) {
        let Some((name, count)) = part.split_once(" = ") else {
            continue;
        };
        match name.str() {
            "Sent" => root.put_number("transmitted", count),
            "Received" => root.put_number("received", count),
            _ => {
                if let Some((_, loss)) = count.split_once("(") {
                    let loss = loss.words().next().unwrap_or(loss);
                    root.put_text("loss", loss);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::artifact::node::lines::tests::only;
    use serde_json::json;

    #[test]
    fn replies_refusals_and_silence() {
        assert_eq!(
            only("ping", include_str!("../../../../../tests/samples/ping/windows.txt")),
            json!({"target": "db.pay.example.com", "address": "10.9.8.7",
                "replies": [
                    {"from": "10.9.8.7", "bytes": 32, "ms": 12, "ttl": 240},
                    {"from": "10.9.8.7", "bytes": 32, "ms": "<1", "ttl": 240}],
                "unanswered": [{"message": "Request timed out."}],
                "refusals": [{"from": "10.1.2.1", "message": "Destination host unreachable."}],
                "transmitted": 4, "received": 3, "loss": "25%",
                "rtt": {"min": 0, "max": 12, "avg": 6}})
        );
    }

    #[test]
    fn an_output_is_known_without_its_command() {
        let bare = "Pinging 10.9.8.7 from 10.1.2.3 with 32 bytes of data:\nGeneral failure.\n\n\
            Ping statistics for 10.9.8.7:\n    Packets: Sent = 1, Received = 0, Lost = 1 (100% loss),\n";
        let read = only("ping", bare);
        assert_eq!((&read["source"], &read["loss"]), (&json!("10.1.2.3"), &json!("100%")));
        let unknown =
            "C:\\>ping db.nowhere\nPing request could not find host db.nowhere. Please check the name and try again.\n";
        assert_eq!(
            only("ping", unknown)["errors"][0]["message"],
            "Ping request could not find host db.nowhere. Please check the name and try again."
        );
    }
}
