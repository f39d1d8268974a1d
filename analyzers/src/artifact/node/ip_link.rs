//! `ip link` and `ip addr`, with the names of `ip -j` (iproute2, `ip/ipaddress.c`, `print_linkinfo` and `print_addrinfo`).
//!
//! Details of `-d` are read for veth, VLAN, VXLAN, Geneve, macvlan and bridge devices; those of other kinds are kept as one text, `linkinfo.text`.

use super::lines::{Unread, Words, is_ip, leading_number, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// `ip link`.
pub const LINK: Format = Format::new(&Spec {
    name: "ip-link",
    title: "ip link",
    command: |line| is_ip(line, "link", 1),
    least: 9,
    sniff: sniff_link,
    read: |part, artifacts, problems| read(part, LINK, artifacts, problems),
});

/// `ip addr`.
pub const ADDR: Format = Format::new(&Spec {
    name: "ip-addr",
    title: "ip addr",
    command: |line| is_ip(line, "address", 1),
    least: 5,
    sniff: sniff_addr,
    read: |part, artifacts, problems| read(part, ADDR, artifacts, problems),
});

/// The header's and details' words with a value, and the names of `ip -j`.
const VALUES: [(&str, &str); 24] = [
    ("mtu", "mtu"),
    ("qdisc", "qdisc"),
    ("master", "master"),
    ("state", "operstate"),
    ("mode", "linkmode"),
    ("group", "group"),
    ("qlen", "txqlen"),
    ("brd", "broadcast"),
    ("peer", "broadcast"),
    ("link-netnsid", "link_netnsid"),
    ("link-netns", "link_netns"),
    ("permaddr", "permaddr"),
    ("promiscuity", "promiscuity"),
    ("allmulti", "allmulti"),
    ("minmtu", "min_mtu"),
    ("maxmtu", "max_mtu"),
    ("addrgenmode", "inet6_addr_gen_mode"),
    ("numtxqueues", "num_tx_queues"),
    ("numrxqueues", "num_rx_queues"),
    ("parentbus", "parentbus"),
    ("parentdev", "parentdev"),
    ("portid", "phys_port_id"),
    ("alias", "ifalias"),
    ("protodown", "protodown"),
];

/// `print_ifa_flags`; `ip -j` has them with the value true.
const ADDRESS_FLAGS: [&str; 12] = [
    "secondary",
    "temporary",
    "dynamic",
    "deprecated",
    "tentative",
    "noprefixroute",
    "mngtmpaddr",
    "dadfailed",
    "nodad",
    "optimistic",
    "home",
    "autojoin",
];

/// The columns of `-s`, and the names of `ip -j` (`print_link_stats64`).
const COLUMNS: [(&str, &str); 13] = [
    ("aborted", "aborted_errors"),
    ("window", "window_errors"),
    ("heartbt", "heartbeat_errors"),
    ("transns", "carrier_changes"),
    ("overrun", "over_errors"),
    ("missed", "over_errors"),
    ("mcast", "multicast"),
    ("carrier", "carrier_errors"),
    ("collsns", "collisions"),
    ("length", "length_errors"),
    ("crc", "crc_errors"),
    ("frame", "frame_errors"),
    ("fifo", "fifo_errors"),
];

fn sniff_link(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    if !is_header(line) || !(hint.expects(LINK) || line.contains(" mode ")) {
        return None;
    }
    take(rest, LINK, hint, is_own)
}

fn sniff_addr(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    if !is_header(line) && !is_one_line(line) || line.contains(" mode ") {
        return None;
    }
    take(rest, ADDR, hint, is_own)
}

fn is_own(line: &str) -> bool {
    is_header(line) || is_one_line(line) || line.starts_with("    ") && !line.trim_start().starts_with("nexthop")
}

/// `2: eth0@if5: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 9001 …`.
fn is_header(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let index = words.next().and_then(|word| word.strip_suffix(':'));
    index.is_some_and(|index| index.parse::<u32>().is_ok())
        && words.next().is_some_and(|name| name.ends_with(':'))
        && words
            .next()
            .is_some_and(|flags| flags.starts_with('<') && flags.ends_with('>'))
        && words.next() == Some("mtu")
}

/// `2: eth0    inet 10.20.3.41/24 …`: what `-o` prints of an address.
fn is_one_line(line: &str) -> bool {
    let mut words = line.split_whitespace();
    words
        .next()
        .and_then(|word| word.strip_suffix(':'))
        .is_some_and(|index| index.parse::<u32>().is_ok())
        && words.next().is_some_and(|name| !name.ends_with(':'))
        && words.next().is_some_and(|family| matches!(family, "inet" | "inet6"))
}

fn read(part: &Part<'_>, format: Format, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut links = Placed::array(whole);
    let mut open: Option<Link<'_>> = None;
    // With `-o` a backslash stands where a line would end.
    let lines = whole.lines().flat_map(|line| line.split(|c| c == '\\'));
    for line in lines.filter(|line| !line.trim().is_empty()) {
        unread.hidden(line);
        if is_header(line.str()) {
            if let Some(link) = open.take() {
                links.push(link.finish());
            }
            open = Some(Link::new(line, format == ADDR, &mut unread));
        } else if is_one_line(line.str()) {
            let mut words = Words::new(line);
            let index = words.value();
            // The addresses of a device follow each other.
            if open.as_ref().is_none_or(|link| link.index != index.str()) {
                if let Some(link) = open.take() {
                    links.push(link.finish());
                }
                open = Some(Link::bare(line));
            }
            words.next();
            if let Some(link) = &mut open {
                link.line(words.rest(), &mut unread);
            }
        } else if let Some(link) = &mut open {
            link.line(line, &mut unread);
        } else {
            unread.line(line, format.title());
        }
    }
    if let Some(link) = open {
        links.push(link.finish());
    }
    let complete = unread.finish();
    add_document(part, format.name(), links, complete, artifacts);
}

struct Link<'a> {
    /// `2:`.
    index: &'a str,
    value: Placed,
    info: Option<Placed>,
    addresses: Option<Placed>,
    address: Option<Placed>,
    stats: Option<Placed>,
    /// `RX: bytes packets …`: the columns of the next line.
    columns: Option<Piece<'a>>,
}

impl<'a> Link<'a> {
    fn new(line: Piece<'a>, addresses: bool, unread: &mut Unread<'a, '_>) -> Self {
        let mut words = Words::new(line);
        let mut value = Placed::object(line);
        let index = words.value();
        value.put_number("ifindex", index.strip_suffix(":").unwrap_or(index));
        let ifname = words.value();
        name(&mut value, ifname.strip_suffix(":").unwrap_or(ifname));
        let flags = words.value();
        let mut list = Placed::array(flags);
        let inner = flags.part(1..flags.len().saturating_sub(1));
        for flag in inner.split(|c| c == ',').filter(|flag| !flag.is_empty()) {
            list.push(Placed::text(flag));
        }
        value.put("flags", list);
        let mut link = Self {
            index: index.str(),
            value,
            info: None,
            addresses: addresses.then(|| Placed::array(line)),
            address: None,
            stats: None,
            columns: None,
        };
        link.pairs(words, unread);
        link
    }

    /// A device of which one line tells the number and the name.
    fn bare(line: Piece<'a>) -> Self {
        let mut words = Words::new(line);
        let mut value = Placed::object(line);
        let index = words.value();
        value.put_number("ifindex", index.strip_suffix(":").unwrap_or(index));
        value.put_text("ifname", words.value());
        Self {
            index: index.str(),
            value,
            info: None,
            addresses: Some(Placed::array(line)),
            address: None,
            stats: None,
            columns: None,
        }
    }

    /// Words and their values of the device itself.
    fn pairs(&mut self, mut words: Words<'a>, unread: &mut Unread<'a, '_>) {
        while let Some(word) = words.next() {
            if let Some(name) = own_value(word.str()) {
                if word.str() == "peer" {
                    self.value.put("link_pointtopoint", Placed::value(true, word));
                }
                let value = words.value();
                self.value.put_number(name, value);
            } else {
                unread.say(word, format!("`{}` is not known in a line of `ip link`", word.str()));
            }
        }
    }

    fn line(&mut self, line: Piece<'a>, unread: &mut Unread<'a, '_>) {
        self.value.extend(line);
        if let Some(columns) = self.columns.take() {
            self.counters(columns, line);
            return;
        }
        let mut words = Words::new(line);
        let first = words.value();
        if let Some(kind) = first.strip_prefix("link/") {
            self.close_address();
            self.value.put_text("link_type", kind);
            if own_value(words.peek()).is_none() && !words.peek().is_empty() {
                self.value.put_text("address", words.value());
            }
            self.pairs(words, unread);
            return;
        }
        match first.str() {
            "inet" | "inet6" => {
                self.close_address();
                self.address = Some(address(line, first, words, unread));
            }
            "valid_lft" => {
                let valid = words.value();
                words.next();
                let preferred = words.value();
                if let Some(address) = &mut self.address {
                    address.extend(line);
                    address.put("valid_life_time", life_time(valid));
                    address.put("preferred_life_time", life_time(preferred));
                }
            }
            "altname" => self.value.push_at(&["altnames"], line, Placed::text(words.value())),
            "RX:" | "TX:" | "RX" | "TX" => self.columns = Some(line.trim()),
            "alias" => self.value.put_text("ifalias", words.rest()),
            _ if own_value(first.str()).is_some() => self.pairs(Words::new(line), unread),
            kind => self.details(kind, first, line, words, unread),
        }
    }

    /// `vxlan id 1 local …`, `bridge_slave state forwarding …`.
    fn details(
        &mut self,
        kind: &str,
        first: Piece<'a>,
        line: Piece<'a>,
        mut words: Words<'a>,
        unread: &mut Unread<'a, '_>,
    ) {
        let info = self.info.get_or_insert_with(|| Placed::object(line));
        info.extend(line);
        let mut data = Placed::object(line);
        match kind {
            _ if kind.ends_with("_slave") => {
                info.put_text("info_slave_kind", first.strip_suffix("_slave").unwrap_or(first));
            }
            _ => info.put_text("info_kind", first),
        }
        let mut text: Option<Piece<'a>> = None;
        while let Some(word) = words.next() {
            if let Some(name) = device_value(word.str()) {
                self.value.put_number(name, words.value());
                continue;
            }
            match kind {
                "vlan" => vlan(&mut data, word, &mut words),
                "vxlan" | "geneve" => overlay(&mut data, word, &mut words),
                "macvlan" | "macvtap" | "bridge" => pair(&mut data, word, &mut words),
                "veth" => unread.say(word, format!("`{}` is not known in a veth's details", word.str())),
                _ => text = Some(text.map_or(word, |text| text.to(word, line))),
            }
        }
        if !data.is_empty() {
            info.put("info_data", data);
        }
        if let Some(text) = text {
            let name = if kind.ends_with("_slave") { "slave_text" } else { "text" };
            info.put_text(name, text);
        }
    }

    /// The counters under their columns.
    fn counters(&mut self, columns: Piece<'a>, line: Piece<'a>) {
        let mut names = columns.words();
        let direction = if names.next().is_some_and(|word| word.starts_with("RX")) {
            "rx"
        } else {
            "tx"
        };
        let stats = self.stats.get_or_insert_with(|| Placed::object(columns));
        stats.extend(line);
        // `RX errors: length crc …` is the second block of `-s -s`.
        for (name, count) in names.filter(|name| name.str() != "errors:").zip(line.words()) {
            let named = COLUMNS.iter().find(|(column, _)| *column == name.str());
            let name = named.map_or(name.str(), |(_, json)| json);
            stats.put_at(&[direction, name], line, Placed::number(count));
        }
    }

    fn close_address(&mut self) {
        if let (Some(list), Some(address)) = (&mut self.addresses, self.address.take()) {
            list.push(address);
        }
    }

    fn finish(mut self) -> Placed {
        self.close_address();
        if let Some(addresses) = self.addresses {
            self.value.put("addr_info", addresses);
        }
        if let Some(info) = self.info {
            self.value.put("linkinfo", info);
        }
        if let Some(stats) = self.stats {
            self.value.put("stats64", stats);
        }
        self.value
    }
}

/// `eth0@if5`: the other end is in another namespace, known by its index only.
pub fn name(value: &mut Placed, printed: Piece<'_>) {
    let Some((name, peer)) = printed.rsplit_once("@") else {
        value.put_text("ifname", printed);
        return;
    };
    value.put_text("ifname", name);
    match peer.strip_prefix("if").filter(|index| index.parse::<u32>().is_ok()) {
        Some(index) => value.put_number("link_index", index),
        None if peer.str() == "NONE" => value.put("link", Placed::value(serde_json::Value::Null, peer)),
        None => value.put_text("link", peer),
    }
}

/// The name of a word's value of the device itself, as `ip -j` has it.
fn own_value(word: &str) -> Option<&str> {
    VALUES
        .iter()
        .find(|(text, _)| *text == word)
        .map(|(_, name)| *name)
        .or_else(|| device_value(word))
}

/// Words that print the device itself after its kind's details.
fn device_value(word: &str) -> Option<&str> {
    match word {
        "addrgenmode" => Some("inet6_addr_gen_mode"),
        "numtxqueues" => Some("num_tx_queues"),
        "numrxqueues" => Some("num_rx_queues"),
        "parentbus" | "parentdev" => Some(word),
        _ if ["gso_", "gro_", "tso_"].iter().any(|prefix| word.starts_with(prefix)) => Some(word),
        _ => None,
    }
}

/// `vlan protocol 802.1Q id 5 <REORDER_HDR>`.
fn vlan<'a>(data: &mut Placed, word: Piece<'a>, words: &mut Words<'a>) {
    if let Some(flags) = word.strip_prefix("<").and_then(|rest| rest.strip_suffix(">")) {
        for flag in flags.split(|c| c == ',').filter(|flag| !flag.is_empty()) {
            data.push_at(&["flags"], word, Placed::text(flag));
        }
    } else {
        data.put_number(word.str(), words.value());
    }
}

/// `mode bridge bcqueuelen 1000`, with the names of `ip -j` (`ip/iplink_bridge.c`, `ip/iplink_macvlan.c`).
fn pair<'a>(data: &mut Placed, word: Piece<'a>, words: &mut Words<'a>) {
    let name = match word.str() {
        "designated_root" => "root_id",
        "group_address" => "group_addr",
        "mcast_last_member_count" => "mcast_last_member_cnt",
        "mcast_startup_query_count" => "mcast_startup_query_cnt",
        "nopromisc" => return data.push_at(&["flags"], word, Placed::text(word)),
        name => name,
    };
    let value = words.value();
    // These are masks, printed without `0x`.
    if name == "group_fwd_mask" {
        data.put_text(name, value);
    } else if let Some(short) = name
        .strip_suffix("_interval")
        .filter(|short| short.starts_with("mcast_"))
    {
        data.put_number(&format!("{short}_intvl"), value);
    } else {
        data.put_number(name, value);
    }
}

/// `vxlan id 1 local 10.0.0.1 dev eth0 srcport 0 0 dstport 8472 nolearning ttl auto ageing 300 …` (`ip/iplink_vxlan.c`), and geneve
/// (`ip/iplink_geneve.c`).
fn overlay<'a>(data: &mut Placed, word: Piece<'a>, words: &mut Words<'a>) {
    match word.str() {
        "dev" => data.put_text("link", words.value()),
        "dstport" => data.put_number("port", words.value()),
        "srcport" => {
            data.put_at(&["port_range", "low"], word, Placed::number(words.value()));
            data.put_at(&["port_range", "high"], word, Placed::number(words.value()));
        }
        // `auto` and `inherit` are 0 in JSON.
        "ttl" | "tos" if words.peek().parse::<u32>().is_err() => data.put(word.str(), Placed::value(0, words.value())),
        name @ ("group" | "local" | "remote") if words.peek().contains(':') => {
            data.put_text(&format!("{name}6"), words.value());
        }
        "id" | "group" | "local" | "remote" | "label" | "ttl" | "tos" | "ageing" | "maxaddr" | "df" | "flowlabel" => {
            data.put_number(word.str(), words.value());
        }
        flag => {
            let (plain, on) = flag.strip_prefix("no").map_or((flag, true), |plain| (plain, false));
            let name = match plain {
                "udpcsum" => "udp_csum",
                "udp6zerocsumtx" => "udp_zero_csum6_tx",
                "udp6zerocsumrx" => "udp_zero_csum6_rx",
                "remcsumtx" => "remcsum_tx",
                "remcsumrx" => "remcsum_rx",
                other => other,
            };
            data.put(name, Placed::value(on, word));
        }
    }
}

/// `inet 10.0.1.5/24 brd 10.0.1.255 scope global dynamic eth0`.
fn address<'a>(line: Piece<'a>, family: Piece<'a>, mut words: Words<'a>, unread: &mut Unread<'a, '_>) -> Placed {
    let mut value = Placed::object(line.trim());
    value.put_text("family", family);
    let local = words.value();
    if let Some((local, len)) = local.split_once("/") {
        value.put_text("local", local);
        value.put_number("prefixlen", len);
    } else {
        value.put_text("local", local);
    }
    while let Some(word) = words.next() {
        match word.str() {
            "peer" => {
                if let Some((peer, len)) = words.value().split_once("/") {
                    value.put_text("address", peer);
                    value.put_number("prefixlen", len);
                }
            }
            "brd" => value.put_text("broadcast", words.value()),
            "scope" => value.put_text("scope", words.value()),
            "metric" => value.put_number("metric", words.value()),
            "proto" => value.put_text("protocol", words.value()),
            flag if ADDRESS_FLAGS.contains(&flag) => value.put(flag, Placed::value(true, word)),
            // The label stands last.
            _ if words.peek().is_empty() => value.put_text("label", word),
            "valid_lft" => value.put("valid_life_time", life_time(words.value())),
            "preferred_lft" => value.put("preferred_life_time", life_time(words.value())),
            other => unread.say(word, format!("`{other}` is not known in an address of `ip addr`")),
        }
    }
    value
}

/// Seconds; `forever` is the greatest number (`INFINITY_LIFE_TIME`).
fn life_time(piece: Piece<'_>) -> Placed {
    if piece.str() == "forever" {
        Placed::value(u32::MAX, piece)
    } else {
        leading_number(piece)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_line_for_each_address() {
        let read = only("ip-addr", include_str!("../../../../tests/samples/ip-addr/oneline.txt"));
        assert_eq!(read.as_array().unwrap().len(), 3);
        assert_eq!(read[1]["ifindex"], 2);
        assert_eq!(
            read[1]["addr_info"],
            json!([
                {"family": "inet", "local": "10.20.3.41", "prefixlen": 24, "metric": 512, "broadcast": "10.20.3.255",
                    "scope": "global", "dynamic": true, "label": "ens5", "valid_life_time": 3120,
                    "preferred_life_time": 3120},
                {"family": "inet6", "local": "fe80::8c:d3ff:fe11:1", "prefixlen": 64, "scope": "link",
                    "valid_life_time": 4_294_967_295_u32, "preferred_life_time": 4_294_967_295_u32}])
        );
    }

    #[test]
    fn a_line_for_each_link() {
        let read = only("ip-link", include_str!("../../../../tests/samples/ip-link/oneline.txt"));
        assert_eq!(read[1]["address"], "02:8c:d3:11:00:01");
        assert_eq!(read[1]["altnames"], json!(["enp0s5"]));
        assert_eq!(read[1]["mtu"], 9001);
    }

    #[test]
    fn geneve_devices() {
        let read = only(
            "ip-link",
            include_str!("../../../../tests/samples/ip-link/overlays.txt"),
        );
        assert_eq!(
            read[0]["linkinfo"],
            json!({"info_kind": "geneve", "info_data": {"external": true, "id": 0, "ttl": 0, "port": 6081,
                "udp_csum": false, "udp_zero_csum6_rx": true}})
        );
        assert_eq!(read[1]["linkinfo"]["info_data"]["remote6"], "fd00:20::7");
        assert_eq!(read[1]["linkinfo"]["info_data"]["ttl"], 64);
    }

    use super::super::lines::tests::only;
    use serde_json::json;

    #[test]
    fn the_addresses_of_a_pod_and_its_node() {
        let links = only("ip-addr", include_str!("../../../../tests/samples/ip-addr/node.txt"));
        assert_eq!(
            links[1],
            json!({"ifindex": 2, "ifname": "eth0", "flags": ["BROADCAST", "MULTICAST", "UP", "LOWER_UP"], "mtu": 9001,
            "qdisc": "mq", "operstate": "UP", "group": "default", "txqlen": 1000, "link_type": "ether",
            "address": "0a:58:9f:11:20:77", "broadcast": "ff:ff:ff:ff:ff:ff", "altnames": ["enp0s5", "ens5"],
            "addr_info": [
                {"family": "inet", "local": "10.20.3.41", "prefixlen": 24, "metric": 512, "broadcast": "10.20.3.255",
                    "scope": "global", "dynamic": true, "label": "eth0", "valid_life_time": 3241,
                    "preferred_life_time": 3241},
                {"family": "inet6", "local": "fe80::858:9fff:fe11:2077", "prefixlen": 64, "scope": "link",
                    "valid_life_time": 4_294_967_295_u32, "preferred_life_time": 4_294_967_295_u32},
            ]})
        );
        assert_eq!(links[2]["ifname"], "eni4f2b7c91a0d");
        assert_eq!(links[2]["link_index"], 3);
        assert_eq!(links[2]["link_netns"], "cni-5f0c");
        assert_eq!(links[2]["addr_info"], json!([]));
    }

    #[test]
    fn details_and_counters() {
        let links = only("ip-link", include_str!("../../../../tests/samples/ip-link/details.txt"));
        assert_eq!(links[0]["linkinfo"], json!({"info_kind": "veth"}));
        assert_eq!(links[0]["min_mtu"], 68);
        assert_eq!(links[0]["linkmode"], "DEFAULT");
        assert_eq!(links[0]["stats64"]["rx"]["over_errors"], 7);
        assert_eq!(links[0]["stats64"]["tx"]["collisions"], 9);
        assert_eq!(links[0]["stats64"]["tx"]["bytes"], 266);
        assert_eq!(
            links[1]["linkinfo"],
            json!({"info_kind": "vxlan", "info_data": {"id": 1, "local": "10.20.3.41", "link": "eth0",
                "port_range": {"low": 0, "high": 0}, "port": 8472, "learning": false, "ttl": 0, "ageing": 300,
                "udp_csum": true, "udp_zero_csum6_tx": false, "udp_zero_csum6_rx": false}})
        );
        assert_eq!(links[1]["gso_max_segs"], 65535);
        assert_eq!(
            links[2]["linkinfo"],
            json!({"info_kind": "vlan", "info_data": {"protocol": "802.1Q", "id": 5, "flags": ["REORDER_HDR"]}})
        );
        assert_eq!(links[2]["link"], "eth0");
    }
}
