//! Sets of ipset: whether a packet is in one (ipset(8), "SET TYPES").

use super::packet::{Packet, Port};
use super::prefix::Prefix;
use crate::artifact::{Node, Value};

/// A set.
#[derive(Debug, Clone)]
pub struct Set<'a> {
    /// `ip`, `port`, `net` …
    parts: Vec<&'a str>,
    members: &'a [Value],
}

impl<'a> Set<'a> {
    /// As `ipset list` shows it.
    pub fn new(set: &Node<'a>) -> Self {
        let kind = set.str_of("type").unwrap_or_default();
        Self {
            parts: kind
                .split_once(':')
                .map(|(_, parts)| parts.split(',').collect())
                .unwrap_or_default(),
            members: set.value().get("members").and_then(Value::as_array).unwrap_or_default(),
        }
    }

    /// Whether a packet is in it by these of its parts (`dst,dst`); `None` where its kind is none that is known.
    pub fn holds(&self, by: &str, packet: &Packet) -> Option<bool> {
        let ends: Vec<&str> = by.split(',').collect();
        let known = |part: &&str| matches!(*part, "ip" | "net" | "port");
        if self.parts.is_empty() || !self.parts.iter().all(known) || ends.len() < self.parts.len() {
            return None;
        }
        let mut found = false;
        for member in self.members.iter().filter_map(Value::as_str) {
            let mut words = member.split_whitespace();
            let values: Vec<&str> = words.next().unwrap_or_default().split(',').collect();
            let mut is = values.len() == self.parts.len();
            for ((part, end), value) in self.parts.iter().zip(&ends).zip(values) {
                is = is
                    && if *part == "port" {
                        let port = if *end == "src" {
                            packet.source_port()
                        } else {
                            packet.destination_port()
                        };
                        is_port(value, packet, port)?
                    } else {
                        let address = if *end == "src" {
                            packet.source_now()?
                        } else {
                            packet.destination
                        };
                        Prefix::new(value, packet.destination.is_ipv6())?.contains(address)
                    };
            }
            if is && words.any(|word| word == "nomatch") {
                return Some(false);
            }
            found |= is;
        }
        Some(found)
    }
}

/// `tcp:80`, or `80` of a set of ports alone; `None` where the port is a client's.
fn is_port(text: &str, packet: &Packet, own: Port) -> Option<bool> {
    let (protocol, port) = text.split_once(':').unwrap_or((packet.protocol, text));
    let Port::Is(own) = own else { return None };
    Some(protocol == packet.protocol && port.parse() == Ok(own))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set<'a>(kind: &'a str, members: &'a [Value]) -> Set<'a> {
        Set {
            parts: kind.split(',').collect(),
            members,
        }
    }

    #[test]
    fn members_are_compared_part_by_part() {
        let packet = Packet::new("10.42.1.7".parse().unwrap(), "172.20.0.10".parse().unwrap(), 53, "udp");
        let members = [Value::from("172.20.0.10,udp:53"), Value::from("172.20.61.8,tcp:8443")];
        assert_eq!(set("ip,port", &members).holds("dst,dst", &packet), Some(true));
        let tcp = Packet {
            protocol: "tcp",
            ..packet.clone()
        };
        assert_eq!(set("ip,port", &members).holds("dst,dst", &tcp), Some(false));
        // The port that a client sends from is not known.
        let from = [Value::from("10.42.1.7,tcp:8443")];
        assert_eq!(set("ip,port", &from).holds("src,src", &tcp), None);
        // Whatever it is, it does not come from there.
        assert_eq!(set("ip,port", &members).holds("src,src", &packet), Some(false));
        let nets = [Value::from("10.42.0.0/16"), Value::from("10.42.1.0/24 nomatch")];
        assert_eq!(set("net", &nets).holds("src", &packet), Some(false));
        assert_eq!(set("net", &nets).holds("dst", &packet), Some(false));
        let back = [Value::from("10.42.1.7,tcp:80,10.42.1.7")];
        let own = Packet::new("10.42.1.7".parse().unwrap(), "10.42.1.7".parse().unwrap(), 80, "tcp");
        assert_eq!(set("ip,port,ip", &back).holds("dst,dst,src", &own), Some(true));
        assert_eq!(set("mac", &back).holds("src", &own), None);
    }
}
