//! Packets as a capture shows them, whatever it was read from.

use std::net::IpAddr;

use crate::text::Span;

/// The packets of one capture point, in the order in which they were seen.
#[derive(Debug, Clone, Default)]
pub struct Capture {
    /// The interface that it was taken on, where it says so.
    pub interface: Option<String>,
    /// The packets.
    pub packets: Vec<Packet>,
}

/// An address and, for TCP and UDP, a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint {
    /// The address.
    pub address: IpAddr,
    /// The port.
    pub port: Option<u16>,
}

impl std::fmt::Display for Endpoint {
    /// `10.0.0.1:80`, `[2001:db8::1]:80`, or the address alone.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.address, self.port) {
            (address, Some(port)) => std::net::SocketAddr::new(address, port).fmt(f),
            (address, None) => address.fmt(f),
        }
    }
}

/// One packet.
#[derive(Debug, Clone)]
pub struct Packet {
    /// Its lines.
    pub span: Span,
    /// Microseconds since midnight (`tcpdump`'s default), since the epoch (`-tt`, `-tttt`), or since another packet (`-ttt`,
    /// `-ttttt`): only differences within one capture mean anything. `None` where no time was printed (`-t`).
    pub time: Option<i64>,
    /// The interface that `-i any` prints before the protocol.
    pub interface: Option<String>,
    /// Where it comes from.
    pub source: Endpoint,
    /// Where it goes.
    pub destination: Endpoint,
    /// What it carries.
    pub transport: Transport,
}

/// What a packet carries.
#[derive(Debug, Clone)]
pub enum Transport {
    /// TCP (RFC 9293).
    Tcp(TcpSegment),
    /// A DNS message (RFC 1035), over UDP or TCP.
    Dns(DnsMessage),
    /// Other UDP, with the length of its payload in bytes.
    Udp(usize),
    /// Anything else, by the name that `tcpdump` gives it.
    Other(String),
}

/// TCP's flags (RFC 9293, section 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(clippy::struct_excessive_bools, reason = "a TCP header has these flags")]
pub struct TcpFlags {
    /// SYN.
    pub syn: bool,
    /// ACK.
    pub ack: bool,
    /// FIN.
    pub fin: bool,
    /// RST.
    pub rst: bool,
    /// PSH.
    pub psh: bool,
}

/// One TCP segment. Sequence numbers are as printed: `tcpdump` prints them relative to the first it saw, unless `-S`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TcpSegment {
    /// The flags.
    pub flags: TcpFlags,
    /// The sequence number.
    pub seq: Option<u32>,
    /// The acknowledgement number.
    pub ack: Option<u32>,
    /// Bytes of payload.
    pub len: usize,
}

/// One DNS message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DnsMessage {
    /// The transaction id.
    pub id: u16,
    /// Whether it is an answer.
    pub response: bool,
    /// The name asked for, without the trailing dot, in lower case. `tcpdump` prints it in answers only with `-vv`.
    pub name: Option<String>,
    /// The type asked for: `A`, `AAAA` and so on.
    pub qtype: Option<String>,
    /// `NOERROR`, `NXDOMAIN`, `SERVFAIL`, `REFUSED` …; answers only.
    pub rcode: Option<String>,
    /// The records of the answer section.
    pub answers: Vec<DnsRecord>,
    /// Whether the answer was cut to fit into UDP (TC).
    pub truncated: bool,
}

/// One record of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DnsRecord {
    /// `A`, `AAAA`, `CNAME` …
    pub rtype: String,
    /// The record's data as printed.
    pub data: String,
}
