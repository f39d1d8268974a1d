//! `arp -n`, `arp -a` and `/proc/net/arp`.

use crate::artifact::node::lines::{Unread, is_address, is_mac, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// `arp`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "arp",
    title: "arp",
    command: |line| {
        line.program == "arp" || line.program == "cat" && line.args.iter().any(|arg| arg == "/proc/net/arp")
    },
    least: 8,
    sniff,
    read,
});

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    (is_header(line) || is_sentence(line)).then(|| {
        take(rest, FORMAT, hint, |line| {
            is_header(line) || neighbour(Piece::new(line)).is_some()
        })
    })?
}

/// `Address HWtype HWaddress Flags Mask Iface`, `IP address HW type Flags HW address Mask Device`.
fn is_header(line: &str) -> bool {
    line.starts_with("Address ") && line.contains(" HWtype ")
        || line.starts_with("IP address ") && line.contains(" HW type ")
}

/// `? (10.20.3.1) at c6:e7:48:c7:48:a4 [ether] on eth0`.
fn is_sentence(line: &str) -> bool {
    line.contains(" (") && line.contains(") at ") && line.contains(" on ")
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut all = Placed::array(whole);
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        if is_header(line.str()) {
            continue;
        }
        match neighbour(line) {
            Some(neighbour) => all.push(neighbour),
            None => unread.line(line, "`arp`"),
        }
    }
    unread.finish();
    add_document(part, "ip-neigh", all, false, artifacts);
}

fn neighbour(line: Piece<'_>) -> Option<Placed> {
    let words: Vec<Piece<'_>> = line.words().collect();
    let first = *words.first()?;
    let device = *words.last()?;
    let mut value = Placed::object(line);
    if is_sentence(line.str()) {
        let bare = words.get(1)?.strip_prefix("(")?.strip_suffix(")")?;
        value.put_text("dst", bare);
    } else {
        // A name stands in place of the address where `-n` was not given.
        if words.len() < 3 || !(is_address(first.str()) || line.contains("(incomplete)") || line.contains("ether")) {
            return None;
        }
        value.put_text("dst", first);
    }
    let incomplete = words
        .iter()
        .find(|word| matches!(word.str(), "(incomplete)" | "<incomplete>" | "00:00:00:00:00:00"));
    if let Some(word) = incomplete {
        value.push_at(&["state"], *word, Placed::value("INCOMPLETE", *word));
    } else {
        value.put_text("lladdr", *words.iter().find(|word| is_mac(word.str()))?);
    }
    let permanent = words
        .iter()
        .skip(3)
        .find(|word| matches!(word.str(), "CM" | "CMP" | "0x6" | "PERM"));
    if let Some(word) = permanent {
        value.push_at(&["state"], *word, Placed::value("PERMANENT", *word));
    }
    value.put_text("dev", device);
    Some(value)
}

#[cfg(test)]
mod tests {
    use crate::artifact::node::lines::tests::only;
    use serde_json::json;

    #[test]
    fn neighbours_in_three_wordings() {
        let read = only("ip-neigh", include_str!("../../../../../tests/samples/arp/node.txt"));
        assert_eq!(
            read,
            json!([
                {"dst": "10.20.3.1", "lladdr": "c6:e7:48:c7:48:a4", "dev": "ens5"},
                {"dst": "10.20.3.77", "state": ["INCOMPLETE"], "dev": "ens5"},
                {"dst": "169.254.1.1", "lladdr": "ee:3f:10:aa:20:9c", "state": ["PERMANENT"], "dev": "eth0"}])
        );
        let read = only("ip-neigh", include_str!("../../../../../tests/samples/arp/busybox.txt"));
        assert_eq!(
            read,
            json!([{"dst": "169.254.1.1", "lladdr": "ee:3f:10:aa:20:9c", "state": ["PERMANENT"], "dev": "eth0"},
                {"dst": "10.20.3.9", "state": ["INCOMPLETE"], "dev": "eth0"}])
        );
        let read = only("ip-neigh", include_str!("../../../../../tests/samples/arp/proc.txt"));
        assert_eq!(
            read[0],
            json!({"dst": "10.20.3.1", "lladdr": "c6:e7:48:c7:48:a4", "dev": "ens5"})
        );
    }
}
