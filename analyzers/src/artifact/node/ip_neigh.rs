//! `ip neigh`: the ARP and neighbour tables, with the names of `ip -j neigh` (iproute2, `ip/ipneigh.c`, `print_neigh`).

use super::lines::{Unread, Words, is_address, is_ip, is_mac, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken};
use crate::text::{Piece, is_redacted_address};

/// `ip neigh`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "ip-neigh",
    title: "ip neigh",
    command: |line| is_ip(line, "neighbour", 1) || is_ip(line, "neighbor", 1),
    least: 4,
    sniff,
    read,
});

/// `print_neigh_state`.
pub(super) const STATES: [&str; 9] = [
    "INCOMPLETE",
    "REACHABLE",
    "STALE",
    "DELAY",
    "PROBE",
    "FAILED",
    "NOARP",
    "PERMANENT",
    "NONE",
];

/// The words that stand alone; `ip -j` has them with the value null.
const FLAGS: [&str; 6] = ["router", "proxy", "extern_learn", "offload", "managed", "extern_valid"];

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    is_neighbour(line).then(|| take(rest, FORMAT, hint, is_neighbour))?
}

fn is_neighbour(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let address = |word| is_address(word) || is_redacted_address(word);
    words.next().is_some_and(|word| address(word) && !word.contains('/')) && {
        let last = words.next_back().unwrap_or_default();
        STATES.contains(&last) || line.contains(" lladdr ") || last == "proxy" && line.contains(" dev ")
    }
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut all = Placed::array(whole);
    for line in whole.lines().map(Piece::trim).filter(|line| !line.is_empty()) {
        if is_neighbour(line.str()) {
            unread.hidden(line);
            all.push(neighbour(line, &mut unread));
        } else {
            unread.line(line, "`ip neigh`");
        }
    }
    let complete = unread.finish();
    add_document(part, FORMAT.name(), all, complete, artifacts);
}

fn neighbour<'a>(line: Piece<'a>, unread: &mut Unread<'a, '_>) -> Placed {
    let mut value = Placed::object(line);
    let mut words = Words::new(line);
    value.put_text("dst", words.value());
    while let Some(word) = words.next() {
        match word.str() {
            "dev" => value.put_text("dev", words.value()),
            "lladdr" => value.put_text("lladdr", words.value()),
            "proto" => value.put_text("protocol", words.value()),
            "ref" => value.put_number("refcnt", words.value()),
            "nud" => {}
            // `used 0/60/0probes 4`: a blank is missing before iproute2 6.2.
            "used" => {
                let times = words.value();
                let times = times.strip_suffix("probes").unwrap_or(times);
                for (name, time) in ["used", "confirmed", "updated"].iter().zip(times.split(|c| c == '/')) {
                    value.put_number(name, time);
                }
                if words.peek() == "probes" {
                    words.next();
                }
                if words.peek().parse::<u32>().is_ok() {
                    value.put_number("probes", words.value());
                }
            }
            "probes" => value.put_number("probes", words.value()),
            flag if FLAGS.contains(&flag) => value.put(flag, Placed::value(serde_json::Value::Null, word)),
            state if STATES.contains(&state) => value.push_at(&["state"], word, Placed::text(word)),
            _ if is_mac(word.str()) => value.put_text("lladdr", word),
            other => unread.say(word, format!("`{other}` is not known in a line of `ip neigh`")),
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::super::lines::tests::{documents, only, problems};
    use serde_json::json;

    #[test]
    fn a_blacked_out_neighbour_is_kept_and_named() {
        let text = "10.20.x.x dev eth0 lladdr 0a:58:xx:xx:xx:xx REACHABLE\n";
        let read = documents(text);
        assert_eq!(
            read,
            [(
                "ip-neigh".to_owned(),
                json!([{"dst": "10.20.x.x", "dev": "eth0", "lladdr": "0a:58:xx:xx:xx:xx", "state": ["REACHABLE"]}])
            )]
        );
        assert_eq!(problems(text).len(), 2);
    }

    #[test]
    fn neighbours_with_and_without_an_address() {
        assert_eq!(
            only("ip-neigh", include_str!("../../../../tests/samples/ip-neigh/node.txt")),
            json!([
                {"dst": "10.20.3.1", "dev": "eth0", "lladdr": "0a:58:9f:11:20:01", "state": ["REACHABLE"]},
                {"dst": "169.254.1.1", "dev": "eth0", "lladdr": "ee:3f:10:aa:20:9c", "state": ["PERMANENT"]},
                {"dst": "10.20.3.77", "dev": "eth0", "state": ["FAILED"]},
                {"dst": "fe80::8c:d3ff:fe11:1", "dev": "eth0", "lladdr": "0a:58:9f:11:20:01", "router": null,
                    "state": ["STALE"]},
            ])
        );
        assert_eq!(
            only("ip-neigh", "10.0.1.7 dev eth0  used 0/60/1probes 4 FAILED\n"),
            json!([{"dst": "10.0.1.7", "dev": "eth0", "used": 0, "confirmed": 60, "updated": 1, "probes": 4,
                "state": ["FAILED"]}])
        );
    }
}
