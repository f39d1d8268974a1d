//! `ip rule`: which table is asked for which packet, with the names of `ip -j rule` (iproute2, `ip/iprule.c`, `print_rule`).

use super::lines::{Unread, Words, is_ip, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// `ip rule`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "ip-rule",
    title: "ip rule",
    command: |line| is_ip(line, "rule", 2),
    least: 3,
    sniff,
    read,
});

/// Words with one value, and the names of `ip -j`.
const VALUES: [(&str, &str); 6] = [
    ("tos", "tos"),
    ("iif", "iif"),
    ("oif", "oif"),
    ("ipproto", "ipproto"),
    ("proto", "protocol"),
    ("dsfield", "tos"),
];

/// Words with a number.
const NUMBERS: [(&str, &str); 4] = [
    ("suppress_prefixlength", "suppress_prefixlen"),
    ("suppress_ifgroup", "suppress_ifgroup"),
    ("tun_id", "tun_id"),
    ("goto", "goto"),
];

/// What a rule does if it asks no table.
const ACTIONS: [&str; 5] = ["unreachable", "prohibit", "blackhole", "nop", "unicast"];

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    if !is_rule(line) {
        return None;
    }
    take(rest, FORMAT, hint, is_rule)
}

/// `32766: from all lookup main`, with a tab after the colon.
fn is_rule(line: &str) -> bool {
    line.split_once(':').is_some_and(|(priority, rest)| {
        priority.parse::<u32>().is_ok()
            && (rest.starts_with("\tfrom ") || rest.starts_with("\tnot ") || {
                // Tabs are lost where a terminal was copied.
                let rest = rest.trim_start();
                (rest.starts_with("from ") || rest.starts_with("not from "))
                    && (rest.contains(" lookup ") || ACTIONS.iter().any(|action| rest.contains(action)))
            })
    })
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut rules = Placed::array(whole);
    for line in whole.lines().map(Piece::trim).filter(|line| !line.is_empty()) {
        match line.split_once(":") {
            Some((priority, rest)) if is_rule(line.str()) => {
                unread.hidden(line);
                rules.push(rule(line, priority, rest, &mut unread));
            }
            _ => unread.line(line, "`ip rule`"),
        }
    }
    let complete = unread.finish();
    add_document(part, FORMAT.name(), rules, complete, artifacts);
}

fn rule<'a>(line: Piece<'a>, priority: Piece<'a>, rest: Piece<'a>, unread: &mut Unread<'a, '_>) -> Placed {
    let mut value = Placed::object(line);
    value.put_number("priority", priority);
    let mut words = Words::new(rest);
    while let Some(word) = words.next() {
        let named = |table: &[(&'static str, &'static str)]| {
            table
                .iter()
                .find(|(text, _)| *text == word.str())
                .map(|(_, name)| *name)
        };
        match word.str() {
            "not" => value.put("not", Placed::value(serde_json::Value::Null, word)),
            "from" => prefix(&mut value, "src", "srclen", words.value()),
            "to" => prefix(&mut value, "dst", "dstlen", words.value()),
            "fwmark" => match words.value() {
                mark if mark.contains('/') => {
                    if let Some((mark, mask)) = mark.split_once("/") {
                        value.put_text("fwmark", mark);
                        value.put_text("fwmask", mask);
                    }
                }
                mark => value.put_text("fwmark", mark),
            },
            "uidrange" => range(&mut value, "uid", words.value(), true),
            "sport" => range(&mut value, "sport", words.value(), false),
            "dport" => range(&mut value, "dport", words.value(), false),
            "lookup" | "table" if words.peek() == "[l3mdev-table]" => {
                value.put("l3mdev", Placed::value(serde_json::Value::Null, words.value()));
            }
            "lookup" | "table" => value.put_text("table", words.value()),
            "[detached]" => {
                let name = if value.has("oif") {
                    "oif_detached"
                } else {
                    "iif_detached"
                };
                value.put(name, Placed::value(serde_json::Value::Null, word));
            }
            action if ACTIONS.contains(&action) => value.put_text("action", word),
            other => {
                if let Some(name) = named(&VALUES) {
                    value.put_text(name, words.value());
                } else if let Some(name) = named(&NUMBERS) {
                    value.put_number(name, words.value());
                } else {
                    unread.say(word, format!("`{other}` is not known in a line of `ip rule`"));
                }
            }
        }
    }
    value
}

/// `10.0.0.0/16`; a single address has no length.
fn prefix(value: &mut Placed, name: &str, len_name: &str, piece: Piece<'_>) {
    if let Some((address, len)) = piece.split_once("/") {
        value.put_text(name, address);
        value.put_number(len_name, len);
    } else {
        value.put_text(name, piece);
    }
}

/// `80`, `1-5`.
fn range(value: &mut Placed, name: &str, piece: Piece<'_>, always: bool) {
    if let Some((first, last)) = piece.split_once("-") {
        value.put_number(&format!("{name}_start"), first);
        value.put_number(&format!("{name}_end"), last);
    } else if always {
        value.put_number(&format!("{name}_start"), piece);
        value.put_number(&format!("{name}_end"), piece);
    } else {
        value.put_number(name, piece);
    }
}

#[cfg(test)]
mod tests {
    use super::super::lines::tests::{documents, only, problems};
    use serde_json::json;

    #[test]
    fn a_rule_for_a_blacked_out_pod_is_kept_and_named() {
        let text = "512:\tfrom all to 10.20.xx.xx lookup main\n32766:\tfrom all lookup main\n";
        let read = documents(text);
        assert_eq!(read[0].1[0]["dst"], "10.20.xx.xx");
        let problems = problems(text);
        assert_eq!(problems.len(), 1);
        assert!(problems[0].1.contains("`10.20.xx.xx` is blacked out"), "{problems:?}");
    }

    #[test]
    fn the_rules_of_a_node_of_the_vpc_cni() {
        let rules = only("ip-rule", include_str!("../../../../tests/samples/ip-rule/node.txt"));
        assert_eq!(
            rules,
            json!([
                {"priority": 0, "src": "all", "table": "local"},
                {"priority": 512, "src": "all", "dst": "10.20.3.90", "table": "main"},
                {"priority": 1024, "src": "all", "fwmark": "0x80", "fwmask": "0x80", "table": "main"},
                {"priority": 1536, "not": null, "src": "10.20.5.7", "dst": "10.20.0.0", "dstlen": 16, "iif": "vlan.eth.1",
                    "table": "2"},
                {"priority": 2000, "src": "all", "ipproto": "tcp", "sport_start": 1, "sport_end": 5, "dport": 80,
                    "action": "unreachable"},
                {"priority": 32766, "src": "all", "table": "main", "suppress_prefixlen": 0},
                {"priority": 32767, "src": "all", "table": "default"},
            ])
        );
    }
}
