//! `arping` (iputils `arping.c`; Thomas Habets' `arping`): who answers for an address on the link.
//!
//! `{"target", "source", "dev", "replies": [{"address", "mac", "time"}], "sent", "received"}`.

use crate::artifact::node::lines::{Unread, is_mac, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// `arping`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "arping",
    title: "arping",
    command: |line| line.program == "arping",
    least: 3,
    sniff,
    read,
});

fn is_head(line: &str) -> bool {
    line.starts_with("ARPING ") && line.split_ascii_whitespace().count() <= 5
}

fn is_own(line: &str) -> bool {
    is_head(line)
        || line.starts_with("Unicast reply from ")
        || line.starts_with("Broadcast reply from ")
        || line.starts_with("Timeout")
        || line.contains(" bytes from ") && line.contains("index=")
        || line.starts_with("Sent ") && line.contains(" probe")
        || line.starts_with("Received ") && (line.contains(" response") || line.contains(" reply"))
        || line.starts_with("--- ") && line.ends_with(" statistics ---")
        || line.contains(" packets transmitted, ")
}

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    is_head(line).then(|| take(rest, FORMAT, hint, is_own))?
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut root = Placed::object(whole);
    let (mut replies, mut timeouts) = (Placed::array(whole), Placed::array(whole));
    for line in whole.lines().map(Piece::trim).filter(|line| !line.is_empty()) {
        let words: Vec<Piece<'_>> = line.words().collect();
        let bare = |at: usize| words.get(at).copied();
        if is_head(line.str()) {
            for (name, at) in [("target", 1), ("source", 3), ("dev", 4)] {
                if let Some(word) = bare(at) {
                    root.put_text(name, word);
                }
            }
        } else if let Some(mac) = line
            .split(|c| matches!(c, '[' | ']' | '(' | ')' | ' '))
            .find(|word| is_mac(word.str()))
        {
            replies.push(reply(line, mac, &words));
        } else if line.starts_with("Sent ") || line.starts_with("Received ") {
            let name = if line.starts_with("Sent ") { "sent" } else { "received" };
            if let Some(count) = bare(1) {
                root.put_number(name, count);
            }
        } else if let Some((sent, rest)) = line.split_once(" packets transmitted, ") {
            root.put_number("sent", sent);
            if let Some(count) = rest.words().next() {
                root.put_number("received", count);
            }
        } else if line.starts_with("Timeout") {
            timeouts.push(Placed::text(line));
        } else if !line.starts_with("---") {
            unread.line(line, FORMAT.title());
        }
    }
    root.put("replies", replies);
    if !timeouts.is_empty() {
        root.put("timeouts", timeouts);
    }
    let complete = unread.finish();
    add_document(part, FORMAT.name(), root, complete, artifacts);
}

/// `Unicast reply from 10.0.0.1 [06:…:01]  0.712ms`, `60 bytes from 06:…:01 (10.0.0.1): index=0 time=7.1 msec`.
fn reply(line: Piece<'_>, mac: Piece<'_>, words: &[Piece<'_>]) -> Placed {
    let mut value = Placed::object(line);
    let address = line
        .split(|c| matches!(c, '[' | ']' | '(' | ')' | ' '))
        .find(|word| word.parse::<std::net::IpAddr>().is_ok());
    if let Some(address) = address {
        value.put_text("address", address);
    }
    value.put_text("mac", mac);
    let time = words.iter().find_map(|word| word.strip_prefix("time="));
    if let Some(time) = time.or_else(|| words.last().copied().filter(|word| word.ends_with("ms"))) {
        value.put_text("time", time);
    }
    value
}

#[cfg(test)]
mod tests {
    use crate::artifact::node::lines::tests::only;
    use serde_json::json;

    #[test]
    fn two_hosts_answer_for_one_address() {
        let text = include_str!("../../../../tests/samples/arping/node.txt");
        let bare = text.split_once('\n').unwrap().1;
        for text in [text, bare] {
            assert_eq!(
                only("arping", text),
                json!({"target": "10.44.3.1", "source": "10.44.3.17", "dev": "eth0", "sent": 2, "received": 2, "replies": [
                    {"address": "10.44.3.1", "mac": "06:19:AA:52:BB:02", "time": "0.712ms"},
                    {"address": "10.44.3.1", "mac": "06:19:AA:52:BB:03", "time": "0.803ms"}]})
            );
        }
    }
}
