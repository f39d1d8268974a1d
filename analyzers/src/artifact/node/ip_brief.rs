//! `ip -br link` and `ip -br addr`, with the names of `ip -j -br` (iproute2, `ip/ipaddress.c`, `print_linkinfo_brief`).
//!
//! Their documents are of the kinds of `ip link` and `ip addr` and say less: they are never complete.

use super::lines::{Unread, Words, is_address, is_ip_brief, is_mac, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// `ip -br link`.
pub const LINK: Format = Format::new(&Spec {
    name: "ip-link-brief",
    title: "ip -br link",
    command: |line| is_ip_brief(line, "link", 1),
    least: 14,
    sniff: |line, rest, hint| sniff(line, rest, hint, LINK),
    read: |part, artifacts, problems| read(part, "ip-link", artifacts, problems),
});

/// `ip -br addr`.
pub const ADDR: Format = Format::new(&Spec {
    name: "ip-addr-brief",
    title: "ip -br addr",
    command: |line| is_ip_brief(line, "address", 1),
    least: 5,
    sniff: |line, rest, hint| sniff(line, rest, hint, ADDR),
    read: |part, artifacts, problems| read(part, "ip-addr", artifacts, problems),
});

/// `oper_states` of `ip/ipaddress.c`.
const STATES: [&str; 7] = [
    "UNKNOWN",
    "NOTPRESENT",
    "DOWN",
    "LOWERLAYERDOWN",
    "TESTING",
    "DORMANT",
    "UP",
];

fn sniff(line: &str, rest: &str, hint: &Hint, format: Format) -> Option<Taken> {
    let expected = hint.expects(format);
    let told = match line.split_whitespace().nth(2) {
        Some(word) if format == ADDR => is_address(word) && word.contains('/'),
        Some(word) => is_mac(word) && line.contains(" <"),
        None => false,
    };
    (is_device(line) && (expected || told)).then(|| take(rest, format, hint, is_device))?
}

/// `eth0@if5         UP             …`.
fn is_device(line: &str) -> bool {
    let mut words = line.split_whitespace();
    !line.starts_with([' ', '\t'])
        && words.next().is_some_and(|name| !name.ends_with(':'))
        && words.next().is_some_and(|state| STATES.contains(&state))
}

fn read(part: &Part<'_>, kind: &'static str, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut devices = Placed::array(whole);
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        if is_device(line.str()) {
            devices.push(device(line, kind == "ip-addr", &mut unread));
        } else {
            unread.line(line, "`ip -br`");
        }
    }
    unread.finish();
    add_document(part, kind, devices, false, artifacts);
}

fn device<'a>(line: Piece<'a>, addresses: bool, unread: &mut Unread<'a, '_>) -> Placed {
    let mut words = Words::new(line);
    let mut value = Placed::object(line);
    super::ip_link::name(&mut value, words.value());
    value.put_text("operstate", words.value());
    if addresses {
        let mut list = Placed::array(line);
        while let Some(word) = words.next() {
            list.push(address(word, &mut words));
        }
        value.put("addr_info", list);
        return value;
    }
    for word in words {
        if let Some(flags) = word.strip_prefix("<").and_then(|rest| rest.strip_suffix(">")) {
            let mut list = Placed::array(word);
            for flag in flags.split(|c| c == ',').filter(|flag| !flag.is_empty()) {
                list.push(Placed::text(flag));
            }
            value.put("flags", list);
        } else if value.has("address") {
            unread.say(
                word,
                format!("`{}` is not known in a line of `ip -br link`", word.str()),
            );
        } else {
            value.put_text("address", word);
        }
    }
    value
}

/// `10.20.3.41/24`, `10.20.3.41/24 metric 512`, `169.254.1.1 peer 10.0.0.1/32`.
fn address<'a>(word: Piece<'a>, words: &mut Words<'a>) -> Placed {
    let mut value = Placed::object(word);
    let mut put = |name: &str, word: Piece<'a>| match word.split_once("/") {
        Some((address, len)) => {
            value.put_text(name, address);
            value.put_number("prefixlen", len);
        }
        None => value.put_text(name, word),
    };
    put("local", word);
    if words.peek() == "peer" {
        words.next();
        put("address", words.value());
    }
    if words.peek() == "metric" {
        words.next();
        value.put_number("metric", words.value());
    }
    value
}

#[cfg(test)]
mod tests {
    use super::super::lines::tests::{documents, only};
    use serde_json::json;

    #[test]
    fn addresses_of_a_node() {
        let read = only(
            "ip-addr",
            include_str!("../../../../tests/samples/ip-addr-brief/node.txt"),
        );
        assert_eq!(read.as_array().unwrap().len(), 4);
        assert_eq!(
            read[1],
            json!({"ifname": "ens5", "operstate": "UP", "addr_info": [
                {"local": "10.20.3.41", "prefixlen": 24, "metric": 512}, {"local": "10.20.3.90", "prefixlen": 24},
                {"local": "fe80::8c:d3ff:fe11:1", "prefixlen": 64}]})
        );
        assert_eq!(
            read[2],
            json!({"ifname": "eni4f2b7c91a0d", "link_index": 3, "operstate": "UP", "addr_info": [
                {"local": "fe80::1c2b:3dff:fe4e:5f60", "prefixlen": 64}]})
        );
        assert_eq!(read[3]["addr_info"], json!([]));
    }

    #[test]
    fn links_of_a_pod_without_the_command() {
        let read = only(
            "ip-link",
            "eth0@if12        UP             a2:11:22:33:44:55 <BROADCAST,MULTICAST,UP,LOWER_UP> \n",
        );
        assert_eq!(
            read,
            json!([{"ifname": "eth0", "link_index": 12, "operstate": "UP", "address": "a2:11:22:33:44:55",
                "flags": ["BROADCAST", "MULTICAST", "UP", "LOWER_UP"]}])
        );
        assert!(documents("server UP 3 days\n").is_empty());
    }
}
