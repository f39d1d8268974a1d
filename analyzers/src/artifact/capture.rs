//! Packets as a capture shows them, whatever it was read from: `tcpdump`'s text or a capture file.
//!
//! A capture easily has a million packets, so that what most of them lack is behind a `Box`.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

use crate::text::Span;

/// The packets of one capture point, in the order in which they were seen.
#[derive(Debug, Clone, Default)]
pub struct Capture {
    /// The interface that it was taken on, where it says so.
    pub interface: Option<String>,
    /// The packets between two IP addresses.
    pub packets: Vec<Packet>,
    /// The packets of other protocols, and those whose addresses are names or are not there.
    pub others: Vec<Frame>,
    /// How many packets there were, by the one who captured them.
    pub trailer: Trailer,
}

/// What `tcpdump` says at its end, and what a pcapng file's statistics say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Trailer {
    /// `packets captured`.
    pub captured: Option<u64>,
    /// `packets received by filter`.
    pub received_by_filter: Option<u64>,
    /// `packets dropped by kernel`: the capture has holes, and what is missing in it may have been there.
    pub dropped_by_kernel: Option<u64>,
    /// `packets dropped by interface`.
    pub dropped_by_interface: Option<u64>,
}

impl Trailer {
    /// Whether packets are known to be missing from the capture.
    pub fn has_holes(&self) -> bool {
        self.dropped_by_kernel.is_some_and(|count| count > 0)
            || self.dropped_by_interface.is_some_and(|count| count > 0)
    }
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

/// One packet. Inside a tunnel it is the innermost packet, and its tunnels are in its header.
#[derive(Debug, Clone)]
pub struct Packet {
    /// Its lines.
    pub span: Span,
    /// Microseconds since midnight (`tcpdump`'s default), since the epoch (`-tt`, `-tttt`), or since another packet (`-ttt`,
    /// `-ttttt`): only differences within one capture mean anything. `None` where no time was printed (`-t`).
    pub time: Option<i64>,
    /// The interface that `-i any` prints before the protocol.
    pub interface: Option<Arc<str>>,
    /// Where it comes from.
    pub source: Endpoint,
    /// Where it goes.
    pub destination: Endpoint,
    /// Whether it came in or went out, where the capture says so.
    pub direction: Option<Direction>,
    /// Whether the checksum of TCP, UDP or ICMP is right (`-v`). What a host sends itself is often wrong: the network card fills it in.
    pub checksum: Option<bool>,
    /// The IP header's own fields (`-v`).
    pub ip: Option<IpHeader>,
    /// What it carries.
    pub transport: Transport,
    /// The headers before that (`-e`, VLANs, tunnels).
    pub header: Option<Box<Header>>,
}

impl Packet {
    /// The TCP segment, also where it carries DNS.
    pub fn tcp(&self) -> Option<&TcpSegment> {
        self.transport.tcp()
    }
}

/// A packet that is not one between two IP addresses, or does not show them.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Its lines.
    pub span: Span,
    /// As in [`Packet::time`].
    pub time: Option<i64>,
    /// As in [`Packet::interface`].
    pub interface: Option<Arc<str>>,
    /// As in [`Packet::direction`].
    pub direction: Option<Direction>,
    /// The protocol by the name that `tcpdump` gives it: `ARP`, `STP 802.1d`; `IP` or `IP6` where the addresses are names.
    pub protocol: Box<str>,
    /// Where an IP packet comes from and goes, as far as it can be read.
    pub between: Option<Box<(Party, Party)>>,
    /// What an IP packet carries.
    pub transport: Option<Transport>,
    /// What ARP asks or answers.
    pub arp: Option<Box<Arp>>,
    /// As in [`Packet::ip`].
    pub ip: Option<IpHeader>,
    /// As in [`Packet::header`].
    pub header: Option<Box<Header>>,
}

/// An end of an IP packet as printed without `-n`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// The host's name, or its address.
    pub host: Box<str>,
    /// The port, where it is a number or a service that has one.
    pub port: Option<u16>,
}

/// Which way a packet went, as seen by the host that captured it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// To this host.
    In,
    /// From this host.
    Out,
    /// To everybody.
    Broadcast,
    /// To a group.
    Multicast,
    /// To another host.
    Other,
}

/// An Ethernet address.
pub type Mac = [u8; 6];

/// What stands before the transport.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Header {
    /// Source and destination on the link (`-e`); the destination is not known on Linux's cooked links.
    pub link: Option<(Mac, Option<Mac>)>,
    /// VLAN ids, the outer first.
    pub vlans: Vec<u16>,
    /// The tunnels that the packet is in, the outer first.
    pub tunnels: Vec<Tunnel>,
}

/// Fields of an IPv4 or IPv6 header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct IpHeader {
    /// Time to live, or hop limit.
    pub ttl: u8,
    /// Type of service, or traffic class; its low two bits are ECN (RFC 3168, section 5).
    pub tos: u8,
    /// IPv4's identification.
    pub id: Option<u16>,
    /// IPv4's DF.
    pub dont_fragment: bool,
    /// IPv4's MF.
    pub more_fragments: bool,
    /// The fragment's offset in bytes.
    pub offset: u32,
    /// IPv4's total length, IPv6's payload length.
    pub length: u32,
}

impl IpHeader {
    /// Explicit congestion notification: 0 not capable, 1 and 2 capable, 3 congestion experienced.
    pub fn ecn(self) -> u8 {
        self.tos & 3
    }
}

/// A tunnel around a packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tunnel {
    /// Which.
    pub kind: TunnelKind,
    /// Where the outer packet comes from.
    pub source: Endpoint,
    /// Where the outer packet goes.
    pub destination: Endpoint,
    /// VXLAN's and Geneve's network identifier, GRE's key.
    pub id: Option<u32>,
}

/// The kinds of tunnels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TunnelKind {
    /// RFC 7348.
    Vxlan,
    /// RFC 8926.
    Geneve,
    /// RFC 2784 and 2890.
    Gre,
    /// IP in IP (RFC 2003, RFC 2473, RFC 4213).
    Ip,
    /// Another one.
    Other,
}

/// What ARP asks or answers (RFC 826).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arp {
    /// 1 request, 2 reply.
    pub operation: u16,
    /// Who asks or answers.
    pub sender: Option<IpAddr>,
    /// Who is asked for.
    pub target: Option<IpAddr>,
    /// The link address that a reply gives.
    pub mac: Option<Mac>,
}

/// What a packet carries.
#[derive(Debug, Clone)]
pub enum Transport {
    /// TCP (RFC 9293).
    Tcp(TcpSegment),
    /// A DNS message (RFC 1035), over UDP or TCP.
    Dns(Box<DnsMessage>),
    /// Other UDP, with the length of its payload in bytes.
    Udp(usize),
    /// ICMP (RFC 792) and ICMPv6 (RFC 4443).
    Icmp(Box<Icmp>),
    /// Anything else, by the name that `tcpdump` gives it.
    Other(Box<str>),
}

impl Transport {
    /// The TCP segment, also where it carries DNS.
    pub fn tcp(&self) -> Option<&TcpSegment> {
        match self {
            Self::Tcp(segment) => Some(segment),
            Self::Dns(message) => message.tcp.as_deref(),
            _ => None,
        }
    }
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
    /// URG.
    pub urg: bool,
    /// ECE (RFC 3168).
    pub ece: bool,
    /// CWR (RFC 3168).
    pub cwr: bool,
    /// AE, once NS (RFC 9768).
    pub ae: bool,
}

/// Whether sequence numbers are those of the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Numbers {
    /// As in the header.
    Absolute,
    /// Counted from the first of the connection that `tcpdump` saw.
    Relative,
    /// The text does not tell.
    #[default]
    Unknown,
}

/// One TCP segment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TcpSegment {
    /// The flags.
    pub flags: TcpFlags,
    /// Whether `seq` and `ack` are as in the header: `tcpdump` prints them relative to the first it saw, unless `-S`.
    pub numbers: Numbers,
    /// The sequence number.
    pub seq: Option<u32>,
    /// The acknowledgement number.
    pub ack: Option<u32>,
    /// The window as in the header, not scaled.
    pub window: Option<u16>,
    /// Bytes of payload.
    pub len: usize,
    /// The options, where there are any.
    pub options: Option<Box<TcpOptions>>,
}

/// TCP's options.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TcpOptions {
    /// Maximum segment size (RFC 9293, section 3.2).
    pub mss: Option<u16>,
    /// Window scale (RFC 7323).
    pub wscale: Option<u8>,
    /// Selective acknowledgement permitted (RFC 2018).
    pub sack_ok: bool,
    /// The blocks that are acknowledged selectively, as printed.
    pub sack: Vec<(u32, u32)>,
    /// Timestamps (RFC 7323): value and echo reply.
    pub timestamps: Option<(u32, u32)>,
}

/// One ICMP or ICMPv6 message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Icmp {
    /// Whether it is ICMPv6.
    pub v6: bool,
    /// The type, where the words tell it.
    pub kind: Option<u8>,
    /// The code, where the words tell it.
    pub code: Option<u8>,
    /// What `tcpdump` says, without the length.
    pub message: Box<str>,
    /// The identifier of echoes.
    pub id: Option<u16>,
    /// The sequence number of echoes.
    pub seq: Option<u16>,
    /// The next hop's MTU (`need to frag`, `packet too big`).
    pub mtu: Option<u32>,
    /// The packet that the message is about.
    pub quoted: Option<Quoted>,
}

/// What an ICMP error quotes of the packet that it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quoted {
    /// Where that packet came from; printed only with `-v`.
    pub source: Option<Endpoint>,
    /// Where it went.
    pub destination: Option<Endpoint>,
    /// The number of its protocol (6 TCP, 17 UDP), where it is told.
    pub protocol: Option<u8>,
}

/// A word of IANA's registry of DNS parameters, or one that is not in it. Nearly always one of a few.
pub type Mnemonic = Cow<'static, str>;

/// One DNS message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[allow(clippy::struct_excessive_bools, reason = "a DNS header has these flags")]
pub struct DnsMessage {
    /// The transaction id.
    pub id: u16,
    /// Whether it is an answer.
    pub response: bool,
    /// The kind of operation, 0 for a query (RFC 1035, section 4.1.1): [`DnsMessage::operation`] names it.
    pub opcode: u8,
    /// The name asked for, without the trailing dot, in lower case. `tcpdump` prints it in answers only with `-vv`.
    pub name: Option<Arc<str>>,
    /// The type asked for: `A`, `AAAA` and so on.
    pub qtype: Option<Mnemonic>,
    /// `NOERROR`, `NXDOMAIN`, `SERVFAIL`, `REFUSED` …; answers only.
    pub rcode: Option<Mnemonic>,
    /// How many records the answer, authority and additional sections have, where it is printed.
    pub counts: Option<(u16, u16, u16)>,
    /// The records, where there are any.
    pub records: Option<Box<DnsRecords>>,
    /// EDNS (RFC 6891), where its pseudo-record is printed.
    pub edns: Option<Edns>,
    /// Whether the answer was cut to fit into UDP (TC).
    pub truncated: bool,
    /// AA; answers only.
    pub authoritative: bool,
    /// RD; queries only.
    pub recursion_desired: bool,
    /// RA; answers only.
    pub recursion_available: bool,
    /// AD; answers only.
    pub authenticated: bool,
    /// CD; queries only.
    pub checking_disabled: bool,
    /// Whether the capture or the message ends before the last record.
    pub cut: bool,
    /// The segment that carries it, over TCP.
    pub tcp: Option<Box<TcpSegment>>,
}

/// The names of operations as `tcpdump` prints them, by their number (`ns_ops` in print-domain.c).
const OPERATIONS: [&str; 16] = [
    "", "inv_q", "stat", "op3", "notify", "update", "op6", "op7", "op8", "updateA", "updateD", "updateDA", "updateM",
    "updateMA", "zoneInit", "zoneRef",
];

impl DnsMessage {
    /// The operation, where it is not a query: `notify`, `update`.
    pub fn operation(&self) -> Option<&'static str> {
        OPERATIONS
            .get(usize::from(self.opcode))
            .copied()
            .filter(|name| !name.is_empty())
    }

    /// The number of an operation by that name.
    pub fn opcode_of(name: &str) -> Option<u8> {
        let place = OPERATIONS.iter().position(|known| *known == name && !name.is_empty())?;
        u8::try_from(place).ok()
    }

    /// The records of the answer section.
    pub fn answers(&self) -> &[DnsRecord] {
        self.records.as_ref().map_or(&[], |records| &records.answers)
    }

    /// The records of the authority section (`-vv`).
    pub fn authority(&self) -> &[DnsRecord] {
        self.records.as_ref().map_or(&[], |records| &records.authority)
    }

    /// The records of the additional section (`-vv`), without EDNS.
    pub fn additional(&self) -> &[DnsRecord] {
        self.records.as_ref().map_or(&[], |records| &records.additional)
    }
}

/// The records of a message by section: behind one `Box`, because most messages of a capture are queries and short answers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DnsRecords {
    /// The answer section.
    pub answers: Vec<DnsRecord>,
    /// The authority section.
    pub authority: Vec<DnsRecord>,
    /// The additional section.
    pub additional: Vec<DnsRecord>,
}

/// The fields of EDNS' pseudo-record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Edns {
    /// The largest answer that the sender takes over UDP.
    pub udp_size: u16,
    /// Whether DNSSEC records are wanted (DO).
    pub dnssec_ok: bool,
}

/// One record.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DnsRecord {
    /// Whose record it is, without the trailing dot, in lower case (`-v`).
    pub name: Option<Arc<str>>,
    /// Seconds that it may be kept (`-vvv`).
    pub ttl: Option<u32>,
    /// `A`, `AAAA`, `CNAME` …
    pub rtype: Mnemonic,
    /// The record's data as printed.
    pub data: String,
}
