//! `traceroute`, of Linux, BSD, busybox and Windows (`tracert`), and `tracepath` (traceroute, `traceroute/traceroute.c`; iputils, `tracepath.c`).
//!
//! `{"target", "address", "hops": [{"hop", "probes": [{"address", "name", "ms", "mark"} or {"timeout": true}]}]}`; of tracepath each hop has
//! its `pmtu` where the path's MTU became known there, and the document the `resume`.

mod windows;

use crate::artifact::node::lines::{Unread, is_address, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// `traceroute`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "traceroute",
    title: "traceroute",
    command: |line| {
        matches!(
            line.program.as_str(),
            "traceroute" | "traceroute6" | "tcptraceroute" | "tracert"
        )
    },
    least: 7,
    sniff,
    read,
});

/// `tracepath`.
pub const PATH: Format = Format::new(&Spec {
    name: "tracepath",
    title: "tracepath",
    command: |line| matches!(line.program.as_str(), "tracepath" | "tracepath6"),
    least: 4,
    sniff: |line, rest, hint| {
        let first = path_hop(line).is_some_and(|rest| rest.contains("pmtu ") || hint.expects(PATH));
        first.then(|| take(rest, PATH, hint, is_path))?
    },
    read: read_path,
});

fn is_title(line: &str) -> bool {
    line.starts_with("traceroute to ")
        || line.starts_with("traceroute6 to ")
        || line.starts_with("tcptraceroute to ")
        || windows::is_title(line)
}

/// ` 1  10.20.3.1  0.063 ms`: the number, and the rest.
fn hop(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let rest = line.get(digits..)?;
    ((1..=3).contains(&digits) && rest.starts_with("  ")).then_some(rest)
}

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let expected = hint.expects(FORMAT);
    let own = |line: &str| {
        is_title(line)
            || hop(line).is_some_and(|rest| rest.contains('*') || rest.contains(" ms") || rest.contains(" !"))
            || line.starts_with("   ") && line.contains(" ms")
            || line.starts_with("traceroute: ")
            || line.starts_with("Selected device ")
            || windows::is_own(line)
            || hop(line).is_some_and(|rest| rest.contains(" reports: "))
    };
    let mut titles = 0;
    (is_title(line) || expected && own(line)).then(|| {
        take(rest, FORMAT, hint, |line| {
            titles += usize::from(is_title(line));
            titles < 2 && own(line)
        })
    })?
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut root = Placed::object(whole);
    let mut hops: Vec<(Placed, Placed)> = Vec::new();
    let mut windows = part.command().is_some_and(|line| line.program == "tracert");
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        if windows::read(&mut root, line) {
            windows = true;
        } else if is_title(line.str()) {
            title(&mut root, line);
        } else if line.starts_with("traceroute: ") {
            root.push_at(&["errors"], line, Placed::text(line));
        } else if let Some(rest) = hop(line.str()) {
            let start = line.len() - rest.len();
            let mut value = Placed::object(line);
            value.put_number("hop", line.part(0..start).trim());
            let mut probes = Placed::array(line);
            if windows {
                windows::probes(&mut probes, line.skip(start));
            } else {
                self::probes(&mut probes, line.skip(start));
            }
            hops.push((value, probes));
        } else if let (Some((_, probes)), true) = (hops.last_mut(), line.starts_with("   ")) {
            self::probes(probes, line);
            probes.extend(line);
        } else if !line.starts_with("Selected device ") {
            unread.line(line, "`traceroute`");
        }
    }
    let mut list = Placed::array(whole);
    for (mut hop, probes) in hops {
        hop.put("probes", probes);
        list.push(hop);
    }
    root.put("hops", list);
    let complete = unread.finish();
    add_document(part, FORMAT.name(), root, complete, artifacts);
}

/// `traceroute to db (10.0.0.5), 30 hops max, 60 byte packets`.
fn title(root: &mut Placed, line: Piece<'_>) {
    let Some((_, rest)) = line.split_once(" to ") else {
        return;
    };
    let Some((target, rest)) = rest.split_once(" (") else {
        return;
    };
    root.put_text("target", target);
    let Some((address, rest)) = rest.split_once(")") else {
        return;
    };
    root.put_text("address", address);
    for part in rest.split(|c| c == ',').map(Piece::trim) {
        if let Some(first) = part.words().next() {
            if part.ends_with("hops max") {
                root.put_number("maxHops", first);
            } else if part.ends_with("byte packets") {
                root.put_number("bytes", first);
            }
        }
    }
}

/// `10.0.0.1 (10.0.0.1)  0.3 ms  0.2 ms *  0.4 ms !H`: each time belongs to the address before it.
fn probes(list: &mut Placed, rest: Piece<'_>) {
    let words: Vec<Piece<'_>> = rest.words().collect();
    let mut address: Option<Piece<'_>> = None;
    let mut name: Option<Piece<'_>> = None;
    let mut open: Option<Placed> = None;
    for (at, word) in words.iter().enumerate() {
        let word = *word;
        if word.str() == "*" {
            list_push(list, open.take());
            let mut probe = Placed::object(word);
            probe.put("timeout", Placed::value(true, word));
            list.push(probe);
        } else if words.get(at + 1).is_some_and(|next| next.str() == "ms") {
            list_push(list, open.take());
            let mut probe = Placed::object(word);
            if let Some(name) = name {
                probe.put_text("name", name);
            }
            if let Some(address) = address {
                probe.put_text("address", address);
            }
            probe.put_number("ms", word);
            open = Some(probe);
        } else if word.starts_with('!') {
            // `!H`, `!N`, `!P`, `!X`, `!F-1500`: refused by this hop.
            if let Some(probe) = &mut open {
                probe.put_text("mark", word);
            }
        } else if word.str() != "ms" {
            if let Some(inner) = word.strip_prefix("(").and_then(|rest| rest.strip_suffix(")")) {
                // `10.0.0.1 (10.0.0.1)`: it has no name.
                address = Some(inner);
            } else if is_address(word.str()) {
                address = Some(word);
                name = None;
            } else if !word.starts_with('[') {
                name = Some(word);
            }
        }
    }
    list_push(list, open);
}

fn list_push(list: &mut Placed, probe: Option<Placed>) {
    if let Some(probe) = probe {
        list.push(probe);
    }
}

/// ` 1?: [LOCALHOST]   pmtu 1500`, ` 2:  no reply`: what follows the hop's number.
fn path_hop(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let rest = line.get(digits..)?;
    let rest = rest.strip_prefix('?').unwrap_or(rest).strip_prefix(": ")?;
    ((1..=3).contains(&digits)).then_some(rest)
}

fn is_path(line: &str) -> bool {
    path_hop(line).is_some()
        || line.trim_start().starts_with("Resume: ")
        || line.trim_start().starts_with("Too many hops:")
}

fn read_path(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut root = Placed::object(whole);
    for line in whole.lines().map(Piece::trim).filter(|line| !line.is_empty()) {
        if let Some(rest) = path_hop(line.str()) {
            let mut value = Placed::object(line);
            let rest = line.skip(line.len() - rest.len()).trim();
            let digits = line.bytes().take_while(u8::is_ascii_digit).count();
            value.put_number("hop", line.part(0..digits));
            if rest.starts_with("no reply") {
                value.put("timeout", Placed::value(true, rest));
            }
            let words: Vec<Piece<'_>> = rest.words().collect();
            for (at, word) in words.iter().enumerate() {
                let next = words.get(at + 1);
                match word.str() {
                    "pmtu" => {
                        if let Some(number) = next {
                            value.put_number("pmtu", *number);
                        }
                    }
                    "asymm" => {
                        if let Some(number) = next {
                            value.put_number("asymm", *number);
                        }
                    }
                    "reached" => value.put("reached", Placed::value(true, *word)),
                    text if text.starts_with('!') => value.put_text("mark", *word),
                    text => {
                        if let Some(time) = word.strip_suffix("ms").filter(|time| time.parse::<f64>().is_ok()) {
                            value.put_number("ms", time);
                        } else if at == 0 && !matches!(text, "no" | "[LOCALHOST]" | "send") {
                            value.put_text("address", *word);
                        }
                    }
                }
            }
            root.push_at(&["hops"], line, value);
        } else if let Some(rest) = line.strip_prefix("Resume: ") {
            let words: Vec<Piece<'_>> = rest.words().collect();
            for pair in words.chunks(2) {
                if let [name, number] = pair {
                    root.put_at(&["resume", name.str()], line, Placed::number(*number));
                }
            }
        } else if let Some(rest) = line.strip_prefix("Too many hops: ") {
            root.put("tooManyHops", Placed::value(true, line));
            if let Some(number) = rest.words().nth(1) {
                root.put_at(&["resume", "pmtu"], line, Placed::number(number));
            }
        } else {
            unread.line(line, "`tracepath`");
        }
    }
    let complete = unread.finish();
    add_document(part, PATH.name(), root, complete, artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::node::lines::tests::only;
    use serde_json::json;

    #[test]
    fn hops_with_names_and_without_answers() {
        let read = only(
            "traceroute",
            include_str!("../../../../tests/samples/traceroute/names.txt"),
        );
        assert_eq!(read["target"], "db.example.internal");
        assert_eq!(read["maxHops"], 30);
        assert_eq!(
            read["hops"],
            json!([
                {"hop": 1, "probes": [{"timeout": true}, {"timeout": true}, {"timeout": true}]},
                {"hop": 2, "probes": [
                    {"name": "ip-10-20-0-1.eu-west-1.compute.internal", "address": "10.20.0.1", "ms": "0.512"},
                    {"name": "ip-10-20-0-1.eu-west-1.compute.internal", "address": "10.20.0.1", "ms": "0.498"},
                    {"name": "ip-10-20-0-2.eu-west-1.compute.internal", "address": "10.20.0.2", "ms": "0.611"}]},
                {"hop": 3, "probes": [{"address": "10.30.7.5", "ms": "1.204", "mark": "!X"},
                    {"timeout": true}, {"address": "10.30.7.5", "ms": "1.180", "mark": "!X"}]},
            ])
        );
    }

    #[test]
    fn the_paths_mtu() {
        let read = only("tracepath", include_str!("../../../../tests/samples/tracepath/mtu.txt"));
        assert_eq!(
            read,
            json!({"hops": [{"hop": 1, "pmtu": 9001}, {"hop": 1, "address": "10.20.3.1", "ms": "0.310"},
                {"hop": 1, "address": "10.20.3.1", "ms": "0.295", "pmtu": 1500}, {"hop": 2, "timeout": true},
                {"hop": 3, "address": "10.30.7.5", "ms": "1.204", "asymm": 2, "reached": true}],
                "resume": {"pmtu": 1500, "hops": 3, "back": 2}})
        );
    }
}
