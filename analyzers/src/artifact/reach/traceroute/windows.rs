//! The lines of Windows' `tracert`, whose times stand before the address (Microsoft Learn, Windows commands, `tracert`).

use crate::artifact::Placed;
use crate::text::Piece;

/// `Tracing route to db.example.com [10.0.1.7]`, with the number of hops on this line or the next.
pub fn is_title(line: &str) -> bool {
    line.strip_prefix("Tracing route to ").is_some_and(|rest| {
        rest.contains(" over a maximum of ") || rest.trim_end().ends_with(']') && rest.contains(" [")
    })
}

/// A line besides the title and the hops.
pub fn is_own(line: &str) -> bool {
    line.starts_with("over a maximum of ")
        || line.trim_end() == "Trace complete."
        || line.starts_with("Unable to resolve target system name ")
}

/// Reads the title and the lines that are no hops; whether it is one.
pub fn read(root: &mut Placed, line: Piece<'_>) -> bool {
    if line.starts_with("Unable to resolve ") {
        root.push_at(&["errors"], line, Placed::text(line));
        return true;
    }
    if !is_title(line.str()) && !is_own(line.str()) {
        return false;
    }
    if let Some(rest) = line.strip_prefix("Tracing route to ") {
        let named = rest
            .split_once(" over a maximum")
            .map_or(rest, |(named, _)| named)
            .trim();
        let (name, address) = named.split_once(" [").unwrap_or((named, named));
        root.put_text("target", name);
        root.put_text("address", address.strip_suffix("]").unwrap_or(address));
    }
    if let Some((_, count)) = line.split_once("over a maximum of ")
        && let Some(count) = count.words().next()
    {
        root.put_number("maxHops", count);
    }
    if line.starts_with("Trace complete") {
        root.put("complete", Placed::value(true, line));
    }
    true
}

/// `1 ms    <1 ms    *     10.1.2.1`, `*  *  *  Request timed out.`, `10.1.2.1  reports: Destination net unreachable.`
pub fn probes(list: &mut Placed, rest: Piece<'_>) {
    let words: Vec<Piece<'_>> = rest.words().collect();
    let mut times = Vec::new();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let timed = words.get(at + 1).is_some_and(|next| next.str() == "ms");
        if word.str() == "*" {
            times.push((*word, false));
            at += 1;
        } else if timed {
            times.push((*word, true));
            at += 2;
        } else {
            break;
        }
    }
    let name = words
        .get(at)
        .filter(|word| word.str() != "Request" && word.str() != "General");
    let address = words
        .get(at + 1)
        .and_then(|word| word.strip_prefix("[")?.strip_suffix("]"));
    let place = |probe: &mut Placed| match (name, address) {
        (Some(name), Some(address)) => {
            probe.put_text("name", *name);
            probe.put_text("address", address);
        }
        (Some(name), None) => probe.put_text("address", *name),
        _ => {}
    };
    for (word, answered) in &times {
        let mut probe = Placed::object(*word);
        if *answered {
            place(&mut probe);
            probe.put_number("ms", *word);
        } else {
            probe.put("timeout", Placed::value(true, *word));
        }
        list.push(probe);
    }
    if let Some((_, message)) = rest.split_once("reports: ") {
        let mut probe = Placed::object(rest);
        place(&mut probe);
        probe.put_text("message", message.trim());
        list.push(probe);
    }
}

#[cfg(test)]
mod tests {
    use crate::artifact::node::lines::tests::only;
    use serde_json::json;

    #[test]
    fn times_stand_before_the_address() {
        assert_eq!(
            only(
                "traceroute",
                include_str!("../../../../../tests/samples/traceroute/windows.txt")
            ),
            json!({"target": "db.pay.example.com", "address": "10.9.8.7", "maxHops": 30, "complete": true, "hops": [
                {"hop": 1, "probes": [{"address": "10.1.2.1", "ms": 1}, {"address": "10.1.2.1", "ms": "<1"},
                    {"address": "10.1.2.1", "ms": "<1"}]},
                {"hop": 2, "probes": [{"timeout": true}, {"timeout": true}, {"timeout": true}]},
                {"hop": 3, "probes": [{"name": "db.pay.example.com", "address": "10.9.8.7", "ms": 12}, {"timeout": true},
                    {"name": "db.pay.example.com", "address": "10.9.8.7", "ms": 13}]}]})
        );
    }

    #[test]
    fn a_router_may_refuse() {
        let text = "Tracing route to 10.9.8.7 over a maximum of 30 hops\n\n  1     1 ms     *        1 ms  10.1.2.1\n\
            \x20 2  10.1.2.1  reports: Destination net unreachable.\n\nTrace complete.\n";
        let read = only("traceroute", text);
        assert_eq!(read["address"], "10.9.8.7");
        assert_eq!(
            read["hops"][1]["probes"],
            json!([{"address": "10.1.2.1", "message": "Destination net unreachable."}])
        );
    }
}
