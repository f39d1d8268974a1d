//! What the bytes of a packet say, one protocol a file, in the same shape as `tcpdump`'s text.
//!
//! This is our own code and not etherparse's and simple-dns': a capture's packets are cut at its snapshot length, and what a cut packet
//! still shows has to be read; both crates were made for whole ones, and simple-dns builds maps of labels where a line needs a text.
//! Everything here looks at bytes in place.

mod arp;
mod bytes;
mod dns;
mod ethernet;
mod icmp;
mod ip;
mod link;
mod mpls;
mod print;
mod tcp;
mod tunnel;
mod udp;

use super::{Arp, Direction, Endpoint, Header, IpHeader, Mac, Transport};

pub use link::LinkType;
pub use print::{Line, print};

/// What a packet's bytes say.
#[derive(Debug, Default)]
pub struct Decoded {
    /// Which way it went, where the link tells.
    pub direction: Option<Direction>,
    /// The number of the interface (Linux's cooked links, version 2).
    pub interface: Option<u32>,
    /// Its addresses on the link.
    pub link: Option<(Mac, Option<Mac>)>,
    /// The type of what the link carries (IEEE 802 numbers), where the link has one.
    pub ethertype: Option<u16>,
    /// VLANs and tunnels.
    pub header: Header,
    /// The innermost IP packet's header.
    pub ip: Option<IpHeader>,
    /// The innermost IP packet's ends.
    pub ends: Option<(Endpoint, Endpoint)>,
    /// What it carries.
    pub transport: Option<Transport>,
    /// Bytes that the transport carries, or, where it has none, the IP packet.
    pub length: usize,
    /// What ARP says.
    pub arp: Option<Arp>,
    /// The name of a protocol that is not IP.
    pub protocol: Option<&'static str>,
    /// Whether the bytes end before the headers do.
    pub cut: bool,
    /// How many bytes of the packet were not captured.
    pub missing: usize,
}

/// More tunnels in one another than anybody builds.
const DEEPEST: usize = 8;

/// Reads a packet of that kind of link, which was so long when it was sent.
pub fn decode(link: LinkType, data: &[u8], length: usize) -> Decoded {
    let mut decoded = Decoded {
        missing: length.saturating_sub(data.len()),
        ..Decoded::default()
    };
    link.read(data, &mut decoded);
    decoded
}
