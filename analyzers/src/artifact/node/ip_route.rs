//! `ip route`: the routes, with the names of `ip -j route` (iproute2, `ip/iproute.c`, `print_route`).
//!
//! The document is the array that `ip -j route` prints.

use super::lines::{Unread, Words, is_address, is_ip, leading_number, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken};
use crate::text::{Piece, is_redacted_address};

/// `ip route`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "ip-route",
    title: "ip route",
    command: |line| is_ip(line, "route", 1),
    least: 6,
    sniff,
    read,
});

/// What a route does, printed before its destination unless it is `unicast` (`rtnl_rtntype_n2a`).
const TYPES: [&str; 11] = [
    "unicast",
    "local",
    "broadcast",
    "anycast",
    "multicast",
    "blackhole",
    "unreachable",
    "prohibit",
    "throw",
    "nat",
    "xresolve",
];

/// The words before a value, and the names of `ip -j`.
const VALUES: [(&str, &str); 14] = [
    ("from", "from"),
    ("tos", "tos"),
    ("dev", "dev"),
    ("table", "table"),
    ("proto", "protocol"),
    ("scope", "scope"),
    ("src", "prefsrc"),
    ("pref", "pref"),
    ("encap", "encap"),
    ("iif", "iif"),
    ("mark", "mark"),
    ("realm", "flow_to"),
    ("realms", "flow_to"),
    ("error", "error"),
];

/// The same, of numbers.
const NUMBERS: [(&str, &str); 5] = [
    ("metric", "metric"),
    ("weight", "weight"),
    ("nhid", "nhid"),
    ("uid", "uid"),
    ("ttl", "ttl"),
];

/// `print_rt_flags` and the flags of a next hop.
const FLAGS: [&str; 11] = [
    "onlink",
    "linkdown",
    "dead",
    "pervasive",
    "offload",
    "rt_offload",
    "rt_trap",
    "rt_offload_failed",
    "trap",
    "notify",
    "unresolved",
];

/// `mx_names`: the metrics of a path.
const METRICS: [&str; 16] = [
    "mtu",
    "window",
    "rtt",
    "rttvar",
    "ssthresh",
    "cwnd",
    "advmss",
    "reordering",
    "hoplimit",
    "initcwnd",
    "features",
    "rto_min",
    "initrwnd",
    "quickack",
    "congctl",
    "fastopen_no_cookie",
];

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let expected = hint.expects(FORMAT);
    if !is_route(line, expected) {
        return None;
    }
    take(rest, FORMAT, hint, |line| is_route(line, expected) || is_more(line))
}

/// Whether a line begins a route. The neighbours of `ip neigh` look alike but end with their state in capitals.
fn is_route(line: &str, lenient: bool) -> bool {
    if line.starts_with([' ', '\t']) {
        return false;
    }
    let mut words = line.split_whitespace().peekable();
    let typed = words.next_if(|word| TYPES.contains(word)).is_some();
    if !words
        .next()
        .is_some_and(|to| to == "default" || is_address(to) || is_redacted_address(to))
    {
        return false;
    }
    let known = words.peek().is_none_or(|word| {
        *word == "via"
            || *word == "expires"
            || FLAGS.contains(word)
            || VALUES.iter().chain(&NUMBERS).any(|(name, _)| name == word)
    });
    let more = words.peek().is_some();
    let neighbour = line.contains(" lladdr ")
        || line
            .split_whitespace()
            .next_back()
            .is_some_and(|word| super::ip_neigh::STATES.contains(&word));
    known && !neighbour && (more || typed || lenient)
}

/// Whether a line belongs to the route before it: `nexthop …`, and what `ip route get` prints of the cache.
fn is_more(line: &str) -> bool {
    line.starts_with([' ', '\t']) && matches!(line.split_whitespace().next(), Some("nexthop" | "cache"))
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut routes = Placed::array(whole);
    let mut open: Option<Route> = None;
    // With `-o` a backslash stands where a line would end.
    let lines = whole.lines().flat_map(|line| line.split(|c| c == '\\'));
    for line in lines.filter(|line| !line.trim().is_empty()) {
        unread.hidden(line);
        if is_more(line.str())
            && let Some(route) = &mut open
        {
            route.more(line, &mut unread);
        } else if is_route(line.str(), true) {
            if let Some(route) = open.take() {
                routes.push(route.finish());
            }
            open = Some(Route::new(line, &mut unread));
        } else {
            unread.line(line, "`ip route`");
        }
    }
    if let Some(route) = open {
        routes.push(route.finish());
    }
    let complete = unread.finish();
    add_document(part, FORMAT.name(), routes, complete, artifacts);
}

struct Route {
    value: Placed,
    hops: Option<Placed>,
}

impl Route {
    fn new<'a>(line: Piece<'a>, unread: &mut Unread<'a, '_>) -> Self {
        let mut words = Words::new(line);
        let mut value = Placed::object(line);
        if TYPES.contains(&words.peek()) {
            value.put_text("type", words.value());
        }
        value.put_text("dst", words.value());
        attributes(&mut value, line, words, unread);
        Self { value, hops: None }
    }

    fn more<'a>(&mut self, line: Piece<'a>, unread: &mut Unread<'a, '_>) {
        self.value.extend(line);
        let mut words = Words::new(line);
        let first = words.value();
        if first.str() == "cache" {
            let mut cache = Placed::array(first);
            // `cache <local,src-direct>`: how the entry was made.
            if words.peek().starts_with('<') {
                let flags = words.value();
                let inner = flags.part(1..flags.len().saturating_sub(1));
                for flag in inner.split(|c| c == ',') {
                    cache.push(Placed::text(flag));
                }
            }
            self.value.put("cache", cache);
            pairs(&mut self.value, line, words, unread);
            return;
        }
        let mut hop = Placed::object(line);
        attributes(&mut hop, line, words, unread);
        self.hops.get_or_insert_with(|| Placed::array(line)).push(hop);
    }

    fn finish(mut self) -> Placed {
        if let Some(hops) = self.hops {
            self.value.put("nexthops", hops);
        }
        self.value
    }
}

/// Reads a route's or next hop's attributes.
fn attributes<'a>(value: &mut Placed, line: Piece<'a>, words: Words<'a>, unread: &mut Unread<'a, '_>) {
    let flags = pairs(value, line, words, unread);
    value.put("flags", flags);
}

/// Reads words and their values; the flags among them are the result.
fn pairs<'a>(value: &mut Placed, line: Piece<'a>, mut words: Words<'a>, unread: &mut Unread<'a, '_>) -> Placed {
    let mut flags = Placed::array(line);
    let mut metrics = Placed::object(line);
    while let Some(word) = words.next() {
        let named = |table: &[(&'static str, &'static str)]| {
            table
                .iter()
                .find(|(text, _)| *text == word.str())
                .map(|(_, name)| *name)
        };
        if word.str() == "via" {
            via(value, word, &mut words);
        } else if let Some(name) = named(&VALUES) {
            value.put_text(name, words.value());
        } else if let Some(name) = named(&NUMBERS) {
            value.put_number(name, words.value());
        } else if FLAGS.contains(&word.str()) {
            flags.push(Placed::text(word));
        } else if METRICS.contains(&word.str()) {
            if words.peek() == "lock" {
                metrics.put("lock", Placed::value(true, words.value()));
            }
            metrics.put_number(word.str(), words.value());
        } else if word.str() == "expires" {
            value.put("expires", leading_number(words.value()));
        } else {
            unread.say(word, format!("`{}` is not known in a line of `ip route`", word.str()));
        }
    }
    if !metrics.is_empty() {
        let mut list = Placed::array(line);
        list.push(metrics);
        value.put("metrics", list);
    }
    flags
}

/// `via ADDRESS`; of another family than the route: `via inet6 ADDRESS`.
fn via(value: &mut Placed, word: Piece<'_>, words: &mut Words<'_>) {
    if matches!(words.peek(), "inet" | "inet6") {
        let family = words.value();
        let mut via = Placed::object(word);
        via.put_text("family", family);
        via.put_text("host", words.value());
        value.put("via", via);
    } else {
        value.put_text("gateway", words.value());
    }
}

#[cfg(test)]
mod tests {
    use super::super::lines::tests::{documents, only, problems};
    use serde_json::json;

    #[test]
    fn blacked_out_addresses_are_kept_and_named() {
        let text = "default via 10.x.x.1 dev eth0 proto dhcp\n10.x.x.0/19 dev eth0 proto kernel scope link src 10.x.x.17\n\
            <redacted> dev eni9c01 scope link\n";
        for text in [text.to_owned(), format!("$ ip route\n{text}")] {
            let read = documents(&text);
            let [(kind, routes)] = read.as_slice() else {
                panic!("{read:?}")
            };
            assert_eq!(kind, "ip-route");
            assert_eq!(routes[0]["gateway"], "10.x.x.1");
            assert_eq!(routes[1]["dst"], "10.x.x.0/19");
            assert_eq!(routes[2]["dst"], "<redacted>");
            let problems = problems(&text);
            assert_eq!(problems.len(), 4, "{problems:?}");
            assert!(
                problems.iter().all(|(_, message)| message.contains("is blacked out")),
                "{problems:?}"
            );
        }
    }

    #[test]
    fn a_node_of_the_vpc_cni() {
        let routes = only(
            "ip-route",
            include_str!("../../../../tests/samples/ip-route/node-all-tables.txt"),
        );
        assert_eq!(routes.as_array().unwrap().len(), 9);
        assert_eq!(
            routes[0],
            json!({"dst": "default", "gateway": "10.20.3.1", "dev": "eth1", "table": "2", "flags": []})
        );
        assert_eq!(
            routes[2],
            json!({"dst": "default", "gateway": "10.20.3.1", "dev": "eth0", "protocol": "dhcp", "prefsrc": "10.20.3.41",
                "metric": 512, "flags": []})
        );
        assert_eq!(
            routes[4],
            json!({"dst": "10.20.3.90", "dev": "eni4f2b7c91a0d", "scope": "link", "flags": []})
        );
        assert_eq!(
            routes[5],
            json!({"type": "blackhole", "dst": "10.99.0.0/16", "protocol": "static", "metric": 7, "flags": []})
        );
        assert_eq!(
            routes[6],
            json!({"dst": "192.168.0.0/16", "protocol": "bird", "flags": [], "nexthops": [
                {"gateway": "10.20.3.2", "dev": "eth0", "weight": 1, "flags": []},
                {"gateway": "10.20.3.3", "dev": "eth0", "weight": 5, "flags": ["dead", "linkdown"]},
            ]})
        );
        assert_eq!(
            routes[7],
            json!({"type": "local", "dst": "10.20.3.41", "dev": "eth0", "table": "local", "protocol": "kernel",
                "scope": "host", "prefsrc": "10.20.3.41", "flags": []})
        );
        assert_eq!(
            routes[8],
            json!({"dst": "default", "gateway": "fe80::8c:d3ff:fe11:1", "dev": "eth0", "protocol": "ra", "metric": 512,
                "expires": 1799, "metrics": [{"mtu": 9001}], "pref": "medium", "flags": []})
        );
    }

    #[test]
    fn onlink_other_families_and_the_answer_of_get() {
        let routes = only(
            "ip-route",
            "$ ip route\ndefault via 169.254.1.1 dev eth0 onlink\n10.1.0.0/16 via inet6 fe80::1 dev eth0\n",
        );
        assert_eq!(routes[0]["flags"], json!(["onlink"]));
        assert_eq!(routes[1]["via"], json!({"family": "inet6", "host": "fe80::1"}));
        let got = only(
            "ip-route",
            "$ ip route get 172.20.0.10\n172.20.0.10 via 10.20.3.1 dev eth0 src 10.20.3.41 uid 1000 \n    cache expires 431sec mtu 1500\n",
        );
        assert_eq!(
            got[0],
            json!({"dst": "172.20.0.10", "gateway": "10.20.3.1", "dev": "eth0", "prefsrc": "10.20.3.41", "uid": 1000,
                "cache": [], "expires": 431, "metrics": [{"mtu": 1500}], "flags": []})
        );
    }

    #[test]
    fn one_line_a_route_and_the_way_of_a_pods_packet() {
        let routes = only(
            "ip-route",
            include_str!("../../../../tests/samples/ip-route/oneline.txt"),
        );
        assert_eq!(routes.as_array().unwrap().len(), 3);
        assert_eq!(
            routes[1],
            json!({"dst": "10.7.0.0/24", "protocol": "static", "flags": [], "nexthops": [
                {"gateway": "10.20.3.1", "dev": "ens5", "weight": 1, "flags": []},
                {"gateway": "10.20.3.2", "dev": "ens5", "weight": 2, "flags": []}]})
        );
        let got = only("ip-route", include_str!("../../../../tests/samples/ip-route/get.txt"));
        assert_eq!(
            got[0],
            json!({"dst": "172.20.0.10", "from": "10.20.3.90", "gateway": "10.20.3.1", "dev": "ens5", "flags": [],
                "cache": [], "iif": "eni4f2b7c91a0d"})
        );
    }

    #[test]
    fn an_unknown_word_is_named() {
        let found = problems("$ ip r\ndefault via 10.0.0.1 dev eth0 sideways 3\n");
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!(found[0].0, "sideways");
    }
}
