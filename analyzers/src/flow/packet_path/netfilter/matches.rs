//! Whether a rule of iptables is about a packet.

use std::net::IpAddr;

use super::super::node::number;
use super::super::node::packet::{Host, Match, Packet, Port, Question, called};
use super::super::node::prefix::Prefix;
use crate::artifact::Value;

/// Whether a rule is about a packet: its own parts, then its matches, in iptables' names.
pub fn matches(rule: &Value, packet: &Packet, host: &dyn Host) -> Match {
    let Some(members) = rule.as_object() else {
        return Match::No;
    };
    let mut found = Match::Yes;
    for (name, value) in members.iter() {
        let (negated, name) = name.strip_prefix('!').map_or((false, name), |name| (true, name));
        let one = match name {
            "source" => source(value, packet, host),
            "destination" => Match::of(is_in(value, packet.destination)),
            "protocol" => Match::of(is_protocol(value, packet)),
            "inInterface" => {
                let name = value.as_str().unwrap_or_default();
                let question = Question::Incoming(name.to_owned());
                called(host, &packet.incoming, |known| is_called(known, name), question)
            }
            "outInterface" => {
                let name = value.as_str().unwrap_or_default();
                let question = Question::Outgoing(name.to_owned());
                called(host, &packet.outgoing, |known| is_called(known, name), question)
            }
            // Packets of connections are whole.
            "fragment" => Match::No,
            "unread" => other(host, name, value),
            _ => continue,
        };
        match found.and(one.unless(negated)) {
            Match::No => return Match::No,
            other => found = other,
        }
    }
    for one in rule.get("matches").and_then(Value::as_array).into_iter().flatten() {
        match found.and(extension(one, packet, host)) {
            Match::No => return Match::No,
            other => found = other,
        }
    }
    found
}

fn other(host: &dyn Host, name: &str, value: &Value) -> Match {
    let words = match value.as_array() {
        Some(words) => words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "),
        None => value
            .as_str()
            .map_or_else(|| value.to_json().to_string(), str::to_owned),
    };
    // What the reader found no name for is an option as it stands.
    let words = if name == "unread" {
        words
    } else {
        format!("{name} {words}")
    };
    host.settled(Question::Other(words.trim_end().to_owned()))
}

/// `eth0`; `eni+` for all that begin so.
fn is_called(name: &str, pattern: &str) -> bool {
    match pattern.strip_suffix('+') {
        Some(start) => name.starts_with(start),
        None => name == pattern,
    }
}

fn source(value: &Value, packet: &Packet, host: &dyn Host) -> Match {
    match packet.source_now() {
        Some(address) => Match::of(is_in(value, address)),
        None => other(host, "-s", value),
    }
}

/// `10.0.0.0/8`, or several with commas.
fn is_in(value: &Value, address: IpAddr) -> bool {
    let text = value.as_str().unwrap_or_default();
    text.split(',')
        .filter_map(|block| Prefix::new(block.trim(), address.is_ipv6()))
        .any(|block| block.contains(address))
}

/// Names of `/etc/protocols` and their numbers.
fn is_protocol(value: &Value, packet: &Packet) -> bool {
    value.as_str().is_some_and(|text| {
        text == packet.protocol || text == "all" || text == "0" || text.parse() == Ok(packet.protocol_number())
    })
}

/// One `-m`, of iptables-extensions(8).
fn extension(found: &Value, packet: &Packet, host: &dyn Host) -> Match {
    let name = found.get("name").and_then(Value::as_str).unwrap_or_default();
    let own_protocol = |name: &str| match name {
        "tcp" | "udp" | "sctp" => Some(name == packet.protocol),
        "icmp" | "icmp6" | "ipv6-icmp" => Some(false),
        _ => None,
    };
    if own_protocol(name) == Some(false) {
        return Match::No;
    }
    let mut all = Match::Yes;
    for (option, values) in found
        .get("options")
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(crate::artifact::Map::iter)
    {
        let (negated, option) = option
            .strip_prefix('!')
            .map_or((false, option), |option| (true, option));
        match all.and(one_option(name, option, values, packet, host).unless(negated)) {
            Match::No => return Match::No,
            other => all = other,
        }
    }
    all
}

fn one_option(name: &str, option: &str, values: &Value, packet: &Packet, host: &dyn Host) -> Match {
    let word = |at: usize| {
        values
            .as_array()
            .and_then(|values| values.get(at))
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let value = word(0);
    match (name, option) {
        ("comment", _) | ("statistic", "mode" | "packet") => Match::Yes,
        // `--tcp-flags FIN,SYN,RST,ACK SYN`
        ("tcp", "syn") => Match::of(packet.flags() == ["syn"]),
        (_, "dport" | "destination-port" | "dports" | "destination-ports") => {
            is_port(value, packet.destination_port()).unwrap_or_else(|| other(host, &format!("--{option}"), values))
        }
        (_, "sport" | "source-port" | "sports" | "source-ports") => {
            is_port(value, packet.source_port()).unwrap_or_else(|| other(host, &format!("--{option}"), values))
        }
        ("multiport", "ports") => {
            let ends = [packet.source_port(), packet.destination_port()].map(|port| is_port(value, port));
            match ends {
                [Some(Match::Yes), _] | [_, Some(Match::Yes)] => Match::Yes,
                [Some(Match::No), Some(Match::No)] => Match::No,
                _ => other(host, "--ports", values),
            }
        }
        ("tcp", "tcp-flags") => Match::of(has_flags(packet, word(0), word(1))),
        ("statistic", "probability") => value.parse().map_or(Match::No, Match::Sometimes),
        ("statistic", "every") => match value.parse::<f64>() {
            Ok(every) if every >= 1.0 => Match::Sometimes(1.0 / every),
            _ => Match::No,
        },
        ("mark", "mark") => mark(value, packet.mark),
        ("connmark", "mark") => mark(value, packet.connection_mark),
        ("addrtype", "dst-type") => local(value, Some(packet.destination), host),
        ("addrtype", "src-type") => local(value, packet.source_now(), host),
        ("conntrack" | "state", "ctstate" | "state") => state(value, packet),
        ("conntrack", "ctorigdst") => Match::of(is_in(&Value::from(value), packet.asked.0)),
        ("conntrack", "ctorigsrc") => Match::of(is_in(&Value::from(value), packet.client)),
        ("conntrack", "ctorigdstport") => {
            is_port(value, Port::Is(packet.asked.1)).unwrap_or_else(|| other(host, "--ctorigdstport", values))
        }
        ("conntrack", "ctdir") => {
            let direction = if packet.is_answer() { "REPLY" } else { "ORIGINAL" };
            Match::of(value.eq_ignore_ascii_case(direction))
        }
        ("iprange", "dst-range") => Match::of(is_between(value, packet.destination)),
        ("iprange", "src-range") => match packet.source_now() {
            Some(address) => Match::of(is_between(value, address)),
            None => other(host, "--src-range", values),
        },
        ("set", "match-set") => {
            let (set, by) = (word(0), word(1));
            match host.in_set(set, by, packet) {
                Some(is) => Match::of(is),
                None => host.settled(Question::Set(set.to_owned(), by.to_owned())),
            }
        }
        // Nothing was seen of a new client before: session affinity begins with its first packet.
        ("recent", "rcheck" | "update") => Match::No,
        ("addrtype" | "recent", _) => Match::Yes,
        _ => other(host, &format!("-m {name} --{option}"), values),
    }
}

/// `10.0.0.1-10.0.0.9`
fn is_between(range: &str, address: IpAddr) -> bool {
    let (first, last) = range.split_once('-').unwrap_or((range, range));
    let ends = first.parse::<IpAddr>().ok().zip(last.parse::<IpAddr>().ok());
    ends.is_some_and(|(first, last)| first.is_ipv4() == address.is_ipv4() && (first..=last).contains(&address))
}

/// `80`, `8000:9000`, `53,8000:8100`; `None` where that is not known of a client's port.
fn is_port(list: &str, port: Port) -> Option<Match> {
    let mut open = false;
    for ports in list.split(',') {
        let (first, last) = ports.split_once(':').unwrap_or((ports, ports));
        let number = |text: &str, open: u16| if text.is_empty() { Some(open) } else { text.parse().ok() };
        let Some((first, last)) = number(first, 0).zip(number(last, u16::MAX)) else {
            continue;
        };
        match port.is_in(first, last) {
            Some(true) => return Some(Match::Yes),
            Some(false) => {}
            None => open = true,
        }
    }
    (!open).then_some(Match::No)
}

/// Of the flags that are looked at, these are set and no others: `FIN,SYN,RST,ACK SYN`, `ALL NONE`.
fn has_flags(packet: &Packet, mask: &str, wanted: &str) -> bool {
    let has = |list: &str, flag: &str| list == "ALL" || list.split(',').any(|one| one.eq_ignore_ascii_case(flag));
    let all = ["fin", "syn", "rst", "psh", "ack", "urg"];
    all.iter()
        .filter(|flag| has(mask, flag))
        .all(|flag| packet.flags().contains(flag) == has(wanted, flag))
}

/// `0x4000/0x4000`
fn mark(text: &str, mark: u32) -> Match {
    let (value, mask) = text
        .split_once('/')
        .map_or((text, None), |(value, mask)| (value, Some(mask)));
    let Some(value) = number(value) else { return Match::No };
    let mask = mask.and_then(number).unwrap_or(u32::MAX);
    Match::of(mark & mask == value)
}

fn local(kind: &str, address: Option<IpAddr>, host: &dyn Host) -> Match {
    match (kind, address) {
        ("LOCAL", Some(address)) => host.local(address),
        _ => host.settled(Question::Other(format!("-m addrtype {kind}"))),
    }
}

/// The states of a packet's connection; what was rewritten of it counts as one, too.
fn state(text: &str, packet: &Packet) -> Match {
    Match::of(text.split(',').any(|state| match state {
        "DNAT" => packet.has_other_destination(),
        "SNAT" => packet.has_other_source(),
        _ => state.eq_ignore_ascii_case(packet.state()),
    }))
}
