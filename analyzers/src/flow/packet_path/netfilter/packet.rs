//! A packet on its way through the chains, and whether a rule is about it.

use std::net::IpAddr;

use crate::artifact::Value;
use crate::flow::policy::addresses::Addresses;

/// A new connection's first packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// Where it comes from.
    pub source: IpAddr,
    /// Where it goes, as far as it was rewritten.
    pub destination: IpAddr,
    /// The port there.
    pub port: u16,
    /// `tcp`, `udp`, `sctp`.
    pub protocol: &'static str,
    /// `nfmark`
    pub mark: u32,
    /// Whether its destination was rewritten.
    pub rewritten: bool,
}

/// What is asked of the node to know whether a rule matches.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Question {
    /// Is this address one of the node's own?
    Local(IpAddr),
    /// Something else that the dump does not tell, in iptables' words.
    Other(String),
}

/// Whether a rule is about a packet.
#[derive(Debug, Clone, PartialEq)]
pub enum Match {
    /// It is.
    Yes,
    /// It is not.
    No,
    /// As often as this.
    Sometimes(f64),
    /// It depends.
    Asks(Question),
}

impl Match {
    fn of(is: bool) -> Self {
        if is { Self::Yes } else { Self::No }
    }

    fn unless(self, negated: bool) -> Self {
        match self {
            Self::Yes if negated => Self::No,
            Self::No if negated => Self::Yes,
            Self::Sometimes(share) if negated => Self::Sometimes(1.0 - share),
            other => other,
        }
    }
}

/// What is known of the node.
pub trait Host {
    /// Whether an address is one of its own; `None` where that is not known.
    fn is_local(&self, address: IpAddr) -> Option<bool>;
    /// What was assumed to be the answer to a question.
    fn assumed(&self, question: &Question) -> Option<bool>;
}

/// Whether a rule is about a packet: its own parts, then its matches, in iptables' names.
pub fn matches(rule: &Value, packet: &Packet, host: &impl Host) -> Match {
    let Some(members) = rule.as_object() else {
        return Match::No;
    };
    let mut found = Match::Yes;
    for (name, value) in members.iter() {
        let (negated, name) = name.strip_prefix('!').map_or((false, name), |name| (true, name));
        let one = match name {
            "source" => is_in(value, packet.source),
            "destination" => is_in(value, packet.destination),
            "protocol" => Match::of(is_protocol(value, packet.protocol)),
            // Which interface a packet takes is the routes' affair.
            "inInterface" | "outInterface" | "fragment" => ask(host, name, value),
            _ => continue,
        };
        match together(found, one.unless(negated)) {
            Match::No => return Match::No,
            other => found = other,
        }
    }
    for one in rule.get("matches").and_then(Value::as_array).into_iter().flatten() {
        match together(found, extension(one, packet, host)) {
            Match::No => return Match::No,
            other => found = other,
        }
    }
    found
}

/// Both have to hold. A question is settled before chance.
fn together(a: Match, b: Match) -> Match {
    match (a, b) {
        (Match::No, _) | (_, Match::No) => Match::No,
        (Match::Asks(question), _) | (_, Match::Asks(question)) => Match::Asks(question),
        (Match::Sometimes(a), Match::Sometimes(b)) => Match::Sometimes(a * b),
        (Match::Sometimes(share), Match::Yes) | (Match::Yes, Match::Sometimes(share)) => Match::Sometimes(share),
        (Match::Yes, Match::Yes) => Match::Yes,
    }
}

fn ask(host: &impl Host, name: &str, value: &Value) -> Match {
    settled(host, Question::Other(format!("{name} {}", value.to_json())))
}

fn settled(host: &impl Host, question: Question) -> Match {
    match host.assumed(&question) {
        Some(answer) => Match::of(answer),
        None => Match::Asks(question),
    }
}

/// `10.0.0.0/8`, or several with commas.
fn is_in(value: &Value, address: IpAddr) -> Match {
    let Some(text) = value.as_str() else { return Match::No };
    Match::of(
        text.split(',')
            .filter_map(Addresses::block)
            .any(|block| block.contains(address)),
    )
}

/// Names of `/etc/protocols` and their numbers.
fn is_protocol(value: &Value, protocol: &str) -> bool {
    let number = match protocol {
        "tcp" => "6",
        "udp" => "17",
        "sctp" => "132",
        _ => "",
    };
    value
        .as_str()
        .is_some_and(|text| text == protocol || text == number || text == "all" || text == "0")
}

/// One `-m`, of iptables-extensions(8).
fn extension(found: &Value, packet: &Packet, host: &impl Host) -> Match {
    let name = found.get("name").and_then(Value::as_str).unwrap_or_default();
    let Some(options) = found.get("options").and_then(Value::as_object) else {
        return match name {
            "tcp" | "udp" | "sctp" => Match::of(name == packet.protocol),
            _ => Match::Yes,
        };
    };
    let mut all = Match::Yes;
    for (option, values) in options.iter() {
        let (negated, option) = option
            .strip_prefix('!')
            .map_or((false, option), |option| (true, option));
        let value = values
            .as_array()
            .and_then(|values| values.first())
            .and_then(Value::as_str)
            .unwrap_or_default();
        let one = match (name, option) {
            ("comment", _) | ("statistic", "mode") => Match::Yes,
            ("tcp" | "udp" | "sctp", _) if name != packet.protocol => Match::No,
            (_, "dport" | "destination-port" | "dports" | "destination-ports") => {
                Match::of(value.split(',').any(|ports| is_port(ports, packet.port)))
            }
            ("statistic", "probability") => value.parse().map_or(Match::No, Match::Sometimes),
            ("mark", "mark") => mark(value, packet.mark),
            ("addrtype", "dst-type") => local(value, packet.destination, host),
            ("addrtype", "src-type") => local(value, packet.source, host),
            ("conntrack" | "state", "ctstate" | "state") => state(value, packet),
            // Nothing was seen of a new client before: session affinity begins with its first packet.
            ("recent", "rcheck" | "update") => Match::No,
            ("addrtype" | "recent", _) => Match::Yes,
            _ => ask(host, &format!("-m {name} --{option}"), values),
        };
        match together(all, one.unless(negated)) {
            Match::No => return Match::No,
            other => all = other,
        }
    }
    all
}

/// `80`, `8000:9000`
fn is_port(ports: &str, port: u16) -> bool {
    let (first, last) = ports.split_once(':').unwrap_or((ports, ports));
    let number = |text: &str, open: u16| if text.is_empty() { Some(open) } else { text.parse().ok() };
    number(first, 0)
        .zip(number(last, u16::MAX))
        .is_some_and(|(first, last)| (first..=last).contains(&port))
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

/// A number as iptables prints marks: hexadecimal behind `0x`.
pub fn number(text: &str) -> Option<u32> {
    match text.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

fn local(kind: &str, address: IpAddr, host: &impl Host) -> Match {
    if kind != "LOCAL" {
        return settled(host, Question::Other(format!("-m addrtype {kind} {address}")));
    }
    match host.is_local(address) {
        Some(is) => Match::of(is),
        None => settled(host, Question::Local(address)),
    }
}

/// The states of a new connection's first packet.
fn state(text: &str, packet: &Packet) -> Match {
    Match::of(text.split(',').any(|state| match state {
        "NEW" => true,
        "DNAT" => packet.rewritten,
        _ => false,
    }))
}
