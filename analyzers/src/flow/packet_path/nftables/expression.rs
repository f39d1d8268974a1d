//! What a rule looks at, and whether that is what it compares with (`man libnftables-json`, "EXPRESSIONS").

use std::net::IpAddr;

use super::super::node::number;
use super::super::node::packet::{Host, Interface, Match, Packet, Port, Question, Source};
use super::super::node::prefix::Prefix;
use super::rules::{Chain, Nft};
use crate::artifact::Value;

/// A part of a packet, or what is known about it.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// An address.
    Address(IpAddr),
    /// A port, a mark.
    Number(i64),
    /// A protocol: its name and its number.
    Protocol(&'static str, i64),
    /// A word: an interface's name, a family.
    Word(String),
    /// Words of which one has to be there: states, flags.
    Flags(Vec<&'static str>),
    /// The flags of those that are looked at: all of these, and no others.
    Exactly(Vec<&'static str>),
    /// An interface that is not known.
    Incoming,
    /// An interface that is not known.
    Outgoing,
    /// The kind of an address: `local`.
    KindOf(IpAddr),
    /// A port that the client chose.
    Clients(Port),
    /// One of so many numbers, each as often as the others.
    OneOf(u32),
    /// The packet has no such part.
    Absent,
}

impl Part {
    fn of(port: Port) -> Self {
        match port {
            Port::Is(port) => Self::Number(port.into()),
            Port::Chosen | Port::Clients => Self::Clients(port),
        }
    }
}

/// What is looked at and from where.
pub struct Look<'l, 'a> {
    /// The tables.
    pub nft: &'l Nft<'a>,
    /// The chain of the rule.
    pub chain: &'l Chain<'a>,
    /// The packet.
    pub packet: &'l Packet,
    /// The node.
    pub host: &'l dyn Host,
}

/// A question that has to be answered first.
type Asked<T> = Result<T, Question>;

fn unknown(expression: &Value) -> Question {
    Question::Other(expression.to_json().to_string())
}

fn member<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    value.get(name).and_then(Value::as_str)
}

/// An element without what is said about it (`timeout`, `expires`, `comment`).
pub fn plain(element: &Value) -> &Value {
    element
        .get("elem")
        .and_then(|inner| inner.get("val"))
        .unwrap_or(element)
}

impl Look<'_, '_> {
    /// The parts of a packet that an expression is about.
    pub fn parts(&self, expression: &Value) -> Asked<Vec<Part>> {
        match expression.get("concat").and_then(Value::as_array) {
            Some(parts) => parts.iter().map(|part| self.part(part)).collect(),
            None => Ok(vec![self.part(expression)?]),
        }
    }

    fn part(&self, expression: &Value) -> Asked<Part> {
        let asked = || unknown(expression);
        if let Some(payload) = expression.get("payload") {
            let (protocol, field) = (member(payload, "protocol"), member(payload, "field"));
            return self
                .payload(protocol.unwrap_or_default(), field.unwrap_or_default())
                .ok_or_else(asked);
        }
        if let Some(meta) = expression.get("meta") {
            return self.meta(member(meta, "key").unwrap_or_default()).ok_or_else(asked);
        }
        if let Some(ct) = expression.get("ct") {
            if member(ct, "dir") == Some("reply") {
                return Err(asked());
            }
            return self.ct(member(ct, "key").unwrap_or_default()).ok_or_else(asked);
        }
        if let Some(fib) = expression.get("fib") {
            let about = |name: &str| {
                fib.get("flags").is_some_and(|flags| {
                    flags.as_str() == Some(name)
                        || flags
                            .as_array()
                            .is_some_and(|flags| flags.iter().any(|flag| flag.as_str() == Some(name)))
                })
            };
            let address = if about("saddr") {
                self.packet.source_now()
            } else {
                Some(self.packet.destination)
            };
            return match (member(fib, "result"), address) {
                (Some("type"), Some(address)) => Ok(Part::KindOf(address)),
                _ => Err(asked()),
            };
        }
        for name in ["numgen", "jhash", "symhash"] {
            if let Some(inner) = expression.get(name) {
                let count = inner
                    .get("mod")
                    .and_then(Value::as_i64)
                    .and_then(|count| u32::try_from(count).ok());
                return count.filter(|count| *count > 0).map(Part::OneOf).ok_or_else(asked);
            }
        }
        if let Some(flags) = masked_flags(expression) {
            if self.packet.protocol != "tcp" {
                return Ok(Part::Absent);
            }
            let set = self.packet.flags().iter().filter(|flag| flags.contains(flag));
            return Ok(Part::Exactly(set.copied().collect()));
        }
        self.calculated(expression)
            .map(|value| Part::Number(value.into()))
            .ok_or_else(asked)
    }

    /// A number, or what `and`, `or`, `xor` and shifts make of numbers.
    pub fn calculated(&self, expression: &Value) -> Option<u32> {
        if let Some(value) = expression.as_i64() {
            return u32::try_from(value).ok();
        }
        if let Some(text) = expression.as_str() {
            return number(text);
        }
        let (operator, sides) = expression.as_object()?.iter().next()?;
        match operator {
            "meta" if member(sides, "key") == Some("mark") => return Some(self.packet.mark),
            "ct" if member(sides, "key") == Some("mark") => return Some(self.packet.connection_mark),
            _ => {}
        }
        let [left, right] = sides.as_array()? else { return None };
        let (left, right) = (self.calculated(left)?, self.calculated(right)?);
        Some(match operator {
            "&" => left & right,
            "|" => left | right,
            "^" => left ^ right,
            "<<" => left.checked_shl(right)?,
            ">>" => left.checked_shr(right)?,
            _ => return None,
        })
    }

    fn payload(&self, protocol: &str, field: &str) -> Option<Part> {
        let packet = self.packet;
        let six = packet.destination.is_ipv6();
        let absent = match protocol {
            "ip" => six,
            "ip6" => !six,
            "tcp" | "udp" | "sctp" | "udplite" | "dccp" => protocol != packet.protocol,
            "icmp" | "icmpv6" | "igmp" | "ah" | "esp" | "comp" => true,
            _ => false,
        };
        if absent {
            return Some(Part::Absent);
        }
        Some(match (protocol, field) {
            ("ip" | "ip6", "saddr") => Part::Address(packet.source_now()?),
            ("ip" | "ip6", "daddr") => Part::Address(packet.destination),
            ("ip", "protocol") | ("ip6", "nexthdr") => Part::Protocol(packet.protocol, packet.protocol_number()),
            ("th" | "tcp" | "udp" | "sctp", "dport") => Part::of(packet.destination_port()),
            ("th" | "tcp" | "udp" | "sctp", "sport") => Part::of(packet.source_port()),
            ("tcp", "flags") => Part::Flags(packet.flags().to_vec()),
            _ => return None,
        })
    }

    fn meta(&self, key: &str) -> Option<Part> {
        let packet = self.packet;
        let named = |interface: &Interface, unknown: Part| match interface {
            Interface::None => Part::Absent,
            Interface::Named(name) => Part::Word(name.clone()),
            Interface::Unknown => unknown,
        };
        Some(match key {
            "l4proto" => Part::Protocol(packet.protocol, packet.protocol_number()),
            "mark" => Part::Number(packet.mark.into()),
            "iif" | "iifname" => named(&packet.incoming, Part::Incoming),
            "oif" | "oifname" => named(&packet.outgoing, Part::Outgoing),
            "nfproto" => Part::Word(if packet.destination.is_ipv6() { "ipv6" } else { "ipv4" }.to_owned()),
            "protocol" => Part::Word(if packet.destination.is_ipv6() { "ip6" } else { "ip" }.to_owned()),
            _ => return None,
        })
    }

    fn ct(&self, key: &str) -> Option<Part> {
        let packet = self.packet;
        Some(match key {
            "state" => Part::Flags(vec![packet.state()]),
            "status" => {
                let (dnat, snat) = (packet.has_other_destination(), packet.has_other_source());
                let flags = [("dnat", dnat), ("snat", snat)];
                Part::Flags(flags.into_iter().filter_map(|(name, is)| is.then_some(name)).collect())
            }
            "mark" => Part::Number(packet.connection_mark.into()),
            "direction" => Part::Word(if packet.is_answer() { "reply" } else { "original" }.to_owned()),
            // Those of the connection's first packet are printed without a direction by old versions of nft alone.
            "daddr" | "ip daddr" | "ip6 daddr" => Part::Address(packet.asked.0),
            "saddr" | "ip saddr" | "ip6 saddr" => Part::Address(packet.client),
            "proto-dst" => Part::Number(packet.asked.1.into()),
            "protocol" | "l4proto" => Part::Protocol(packet.protocol, packet.protocol_number()),
            _ => return None,
        })
    }

    /// Whether parts of a packet are what stands on the right side.
    pub fn is(&self, parts: &[Part], right: &Value) -> Asked<bool> {
        let right = plain(right);
        if let Some(name) = right.as_str().filter(|text| text.starts_with('@')) {
            let Some(set) = self.nft.set_of(self.chain, name) else {
                return self.settle(Question::Set(name.to_owned(), String::new()));
            };
            return self.any(parts, set.elements);
        }
        if let Some(elements) = right.get("set") {
            return match elements.as_array() {
                Some(elements) => self.any(parts, elements),
                None => self.is(parts, elements),
            };
        }
        if let [part] = parts {
            return self.one(part, right);
        }
        let Some(values) = right.get("concat").and_then(Value::as_array) else {
            return Err(unknown(right));
        };
        if values.len() != parts.len() {
            return Ok(false);
        }
        for (part, value) in parts.iter().zip(values) {
            if !self.one(part, value)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn any(&self, parts: &[Part], elements: &[Value]) -> Asked<bool> {
        for element in elements {
            if self.is(parts, element)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn settle(&self, question: Question) -> Asked<bool> {
        self.host.assumed(&question).ok_or(question)
    }

    fn one(&self, part: &Part, right: &Value) -> Asked<bool> {
        let right = plain(right);
        if let Part::Exactly(flags) = part {
            let named = flag_names(right).ok_or_else(|| unknown(right))?;
            return Ok(named.len() == flags.len() && named.iter().all(|name| flags.contains(name)));
        }
        // `{ 30000-32767, 10.0.0.0/8 }` in a concatenation, and lists of flags.
        if let Some(list) = right.as_array() {
            for value in list {
                if self.one(part, value)? {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
        if let Some(elements) = right.get("set").and_then(Value::as_array) {
            return self.any(std::slice::from_ref(part), elements);
        }
        let word = right.as_str();
        if word == Some("*") {
            return Ok(true);
        }
        match part {
            Part::Absent => Ok(false),
            Part::Address(address) => is_address(*address, right).ok_or_else(|| unknown(right)),
            Part::Clients(port) => is_clients(*port, right).ok_or_else(|| unknown(right)),
            Part::Number(value) => is_number(*value, right).ok_or_else(|| unknown(right)),
            Part::Protocol(name, value) => Ok(word == Some(name) || right.as_i64() == Some(*value)),
            Part::Word(text) => Ok(word.is_some_and(|pattern| is_called(text, pattern))),
            Part::Flags(flags) => Ok(word.is_some_and(|word| flags.contains(&word))),
            Part::Incoming => self.settle(Question::Incoming(word.unwrap_or_default().to_owned())),
            Part::Outgoing => self.settle(Question::Outgoing(word.unwrap_or_default().to_owned())),
            Part::KindOf(address) => match word {
                Some("local") => match self.host.local(*address) {
                    Match::Yes => Ok(true),
                    Match::Asks(question) => Err(question),
                    _ => Ok(false),
                },
                _ => self.settle(Question::Other(format!("fib type {} of {address}", right.to_json()))),
            },
            Part::OneOf(_) | Part::Exactly(_) => Err(unknown(right)),
        }
    }

    /// How often one of so many numbers is what stands on the right side.
    pub fn chance(&self, count: u32, operator: &str, right: &Value) -> Option<f64> {
        let value = f64::from(self.calculated(right)?).min(f64::from(count));
        let count = f64::from(count);
        Some(match operator {
            "<" => value / count,
            "<=" => (value + 1.0).min(count) / count,
            ">" => 1.0 - (value + 1.0).min(count) / count,
            ">=" => 1.0 - value / count,
            "==" => 1.0 / count,
            "!=" => 1.0 - 1.0 / count,
            _ => return None,
        })
    }
}

/// `tcp flags syn / fin,syn,rst,ack`: the flags that are looked at.
fn masked_flags(expression: &Value) -> Option<Vec<&str>> {
    let [of, mask] = expression.get("&")?.as_array()? else {
        return None;
    };
    let payload = of.get("payload")?;
    let is = member(payload, "protocol") == Some("tcp") && member(payload, "field") == Some("flags");
    is.then(|| flag_names(mask))?
}

/// The names of several flags: `syn`, `[fin, syn]`, `fin | syn`; none for `0x0`.
fn flag_names(value: &Value) -> Option<Vec<&str>> {
    if let Some(text) = value.as_str() {
        return Some(if number(text) == Some(0) {
            Vec::new()
        } else {
            vec![text]
        });
    }
    if value.as_i64() == Some(0) {
        return Some(Vec::new());
    }
    let list = value.as_array().or_else(|| value.get("|")?.as_array())?;
    let names: Option<Vec<Vec<&str>>> = list.iter().map(flag_names).collect();
    names.map(|names| names.concat())
}

/// `eth0`; `eni*` for all that begin so.
fn is_called(name: &str, pattern: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == pattern,
    }
}

fn is_address(address: IpAddr, right: &Value) -> Option<bool> {
    if let Some(text) = right.as_str() {
        return Some(text.parse() == Ok(address));
    }
    if let Some(prefix) = right.get("prefix") {
        let bits = prefix.get("len").and_then(Value::as_i64)?;
        let block = Prefix {
            address: member(prefix, "addr")?.parse().ok()?,
            bits: u8::try_from(bits).ok()?,
        };
        return Some(block.contains(address));
    }
    let [first, last] = right.get("range")?.as_array()? else {
        return None;
    };
    let first: IpAddr = first.as_str()?.parse().ok()?;
    let last: IpAddr = last.as_str()?.parse().ok()?;
    Some(first.is_ipv4() == address.is_ipv4() && (first..=last).contains(&address))
}

/// A number as nft prints it: hexadecimal behind `0x`.
fn whole(value: &Value) -> Option<i64> {
    value
        .as_i64()
        .or_else(|| value.as_str().and_then(number).map(i64::from))
}

fn is_number(value: i64, right: &Value) -> Option<bool> {
    if let Some(other) = whole(right) {
        return Some(value == other);
    }
    let [first, last] = right.get("range")?.as_array()? else {
        return None;
    };
    Some((whole(first)?..=whole(last)?).contains(&value))
}

/// Whether a client's port is that, or one of these.
fn is_clients(own: Port, right: &Value) -> Option<bool> {
    let port = |value: &Value| u16::try_from(whole(value)?).ok();
    if let Some(one) = port(right) {
        return own.is_in(one, one);
    }
    let [first, last] = right.get("range")?.as_array()? else {
        return None;
    };
    own.is_in(port(first)?, port(last)?)
}

/// What is to stand in a packet's place: an address and a port.
pub fn target(value: &Value) -> (Option<IpAddr>, Option<u16>) {
    let value = plain(value);
    if let Some(parts) = value.get("concat").and_then(Value::as_array) {
        let (mut address, mut port) = (None, None);
        for part in parts {
            let (one, other) = target(part);
            address = address.or(one);
            port = port.or(other);
        }
        return (address, port);
    }
    match value.as_str().and_then(|text| text.parse().ok()) {
        Some(address) => (Some(address), None),
        None => (None, whole(value).and_then(|port| u16::try_from(port).ok())),
    }
}

/// What is seen of a source that a rule puts in its place.
pub fn source(address: Option<IpAddr>) -> Source {
    address.map_or(Source::Several, Source::Told)
}
