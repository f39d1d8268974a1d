//! A packet as the network's filters and routers see it.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use super::super::Protocol;
use super::super::nlb::is_private;
use crate::artifact;
use crate::flow::{Next, Values};
use crate::model::aws::cidr::Cidr;

/// Whose address stands in a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Address {
    /// This one.
    Ip(IpAddr),
    /// Anybody's on the Internet (IPv4).
    Internet,
    /// Anybody's on the Internet (IPv6).
    Internet6,
}

/// How much of something a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cover {
    All,
    Some,
    None,
}

impl Address {
    /// The address, where it is one.
    pub fn ip(self) -> Option<IpAddr> {
        match self {
            Self::Ip(ip) => Some(ip),
            Self::Internet | Self::Internet6 => None,
        }
    }

    /// Whether it is of IPv6.
    pub fn is_ipv6(self) -> bool {
        match self {
            Self::Ip(ip) => ip.is_ipv6(),
            Self::Internet => false,
            Self::Internet6 => true,
        }
    }

    pub(super) fn covered_by(self, block: &Cidr) -> Cover {
        match self {
            Self::Ip(ip) if block.contains(ip) => Cover::All,
            Self::Internet if block.is_everything() && block.address.is_ipv4() => Cover::All,
            Self::Internet if block.address.is_ipv4() && is_global(block.address) => Cover::Some,
            // 2000::/3 is all that was ever given out (RFC 4291, section 2.4; IANA's registry of IPv6 addresses).
            Self::Internet6 if block.bits <= 3 && block.contains(IpAddr::V6(GLOBAL)) => Cover::All,
            Self::Internet6 if block.address.is_ipv6() && is_global(block.address) => Cover::Some,
            _ => Cover::None,
        }
    }

    /// Whether the Internet carries packets to it.
    pub fn is_global(self) -> bool {
        match self {
            Self::Ip(ip) => is_global(ip),
            Self::Internet | Self::Internet6 => true,
        }
    }
}

/// The first of the addresses that the Internet carries packets to.
const GLOBAL: Ipv6Addr = Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0);

/// Whether the host that an instance runs on answers by itself: link-local addresses and fd00:ec2::/32 (EC2 User Guide, "Instance metadata",
/// "Amazon Time Sync Service"; VPC User Guide, "Amazon DNS").
pub(super) fn is_host_served(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.segments().starts_with(&[0xfd00, 0x0ec2]),
    }
}

/// Whether the Internet carries packets to an address: not to private (RFC 1918, RFC 6598, RFC 4193) and local ones.
pub(super) fn is_global(ip: IpAddr) -> bool {
    !is_private(ip)
        && match ip {
            IpAddr::V4(v4) => !(v4.is_loopback() || v4.is_link_local() || v4.is_unspecified() || v4.is_multicast()),
            IpAddr::V6(v6) => v6.octets().first().is_some_and(|first| first & 0xe0 == 0x20),
        }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(ip) => ip.fmt(f),
            Self::Internet | Self::Internet6 => f.write_str("the Internet"),
        }
    }
}

/// The ports that a packet may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ports {
    /// Nobody asked about one: what is about some ports only does not count.
    NotAsked,
    /// From the first to the second.
    Range(u16, u16),
}

/// What Linux takes for outgoing connections (`net.ipv4.ip_local_port_range`, Documentation/networking/ip-sysctl.rst).
pub const LINUX: Ports = Ports::Range(32768, 60999);
/// What Windows takes (RFC 6335, section 6).
pub const WINDOWS: Ports = Ports::Range(49152, 65535);
/// What a NAT gateway, a load balancer, and anybody on the Internet may take (VPC User Guide, "Ephemeral ports").
pub const ANYBODY: Ports = Ports::Range(1024, 65535);

impl Ports {
    /// The port that was asked about.
    pub fn asked(port: Option<u16>) -> Self {
        port.map_or(Self::NotAsked, |port| Self::Range(port, port))
    }

    /// Whether a range of a rule is about them.
    pub(super) fn covered_by(self, first: i64, last: i64) -> Cover {
        match self {
            _ if first <= 0 && last >= 65535 => Cover::All,
            Self::NotAsked => Cover::Some,
            Self::Range(low, high) => {
                let (low, high) = (i64::from(low), i64::from(high));
                if first <= low && high <= last {
                    Cover::All
                } else if last < low || high < first {
                    Cover::None
                } else {
                    Cover::Some
                }
            }
        }
    }
}

impl fmt::Display for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAsked => f.write_str("any port"),
            Self::Range(low, high) if low == high => write!(f, "{low}"),
            Self::Range(low, high) => write!(f, "{low}-{high}"),
        }
    }
}

/// A packet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Packet {
    /// Who sends it.
    pub source: Address,
    /// Who is to get it.
    pub destination: Address,
    /// What it carries. ICMP stands for ping.
    pub protocol: Protocol,
    /// The port that it comes from.
    pub source_ports: Ports,
    /// The port that it goes to.
    pub ports: Ports,
    /// Whether it answers a packet that went the other way.
    pub answer: bool,
}

impl Packet {
    /// The question: from an ephemeral port of Linux to a port.
    pub fn new(source: Address, destination: Address, protocol: Protocol, port: Option<u16>) -> Self {
        Self {
            source,
            destination,
            protocol,
            source_ports: match source {
                Address::Ip(_) => LINUX,
                Address::Internet | Address::Internet6 => ANYBODY,
            },
            ports: Ports::asked(port),
            answer: false,
        }
    }

    /// The answer to it, as who got it sends it.
    #[must_use]
    pub fn answered(&self) -> Self {
        Self {
            source: self.destination,
            destination: self.source,
            protocol: self.protocol,
            source_ports: self.ports,
            ports: self.source_ports,
            answer: true,
        }
    }

    /// The number of its protocol.
    pub(super) fn number(&self) -> u8 {
        match self.protocol {
            Protocol::Tcp => 6,
            Protocol::Udp => 17,
            Protocol::Sctp => 132,
            Protocol::Icmp if self.is_ipv6() => 58,
            Protocol::Icmp => 1,
            Protocol::IpIp => 4,
        }
    }

    pub(super) fn is_ipv6(&self) -> bool {
        self.source.is_ipv6() || self.destination.is_ipv6()
    }

    /// Type and code of ping and its answer (RFC 792, RFC 4443).
    pub(super) fn icmp(&self) -> (i64, i64) {
        match (self.is_ipv6(), self.answer) {
            (false, false) => (8, 0),
            (false, true) => (0, 0),
            (true, false) => (128, 0),
            (true, true) => (129, 0),
        }
    }

    /// `TCP 443`, `ICMP`.
    pub(super) fn words(&self) -> String {
        match self.protocol.name() {
            Some(name) => match self.ports {
                Ports::NotAsked => format!("{name} to any port"),
                ports @ Ports::Range(..) => format!("{name} {ports}"),
            },
            None if self.protocol == Protocol::IpIp => "IP in IP".to_owned(),
            None => "ICMP echo".to_owned(),
        }
    }

    /// Whether it is about one port: then only who is at the other end can be a part of what was asked.
    pub(super) fn asks_one(&self) -> bool {
        self.ports != Ports::NotAsked || self.protocol == Protocol::Icmp
    }

    /// What to find out where rules are about a part of the Internet: who the client is.
    pub(super) fn to_be_named(&self) -> Next {
        let why = if self.answer || self.source.ip().is_some() {
            "Run on the receiver: ask with its address (ip:ADDRESS); the rules let some addresses through."
        } else {
            "Run on the client: ask from its address (ip:ADDRESS); the rules let some addresses through."
        };
        Next {
            command: "curl -s https://checkip.amazonaws.com".to_owned(),
            decides: Vec::new(),
            why: why.to_owned(),
        }
    }

    /// How steps show it.
    pub(super) fn values(&self) -> Values {
        let end = |address: Address, ports: Ports| match (address, ports, self.protocol) {
            (Address::Ip(ip), Ports::Range(low, high), Protocol::Tcp | Protocol::Udp | Protocol::Sctp)
                if low == high =>
            {
                artifact::Endpoint {
                    address: ip,
                    port: Some(low),
                }
                .to_string()
            }
            _ => address.to_string(),
        };
        vec![
            ("src", end(self.source, self.source_ports)),
            ("dst", end(self.destination, self.ports)),
        ]
    }

    /// Where it goes, with the port.
    pub(super) fn end(&self) -> String {
        self.values().pop().map(|(_, end)| end).unwrap_or_default()
    }
}
