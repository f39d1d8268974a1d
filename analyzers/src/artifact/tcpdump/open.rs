//! A packet while its lines are read: the first, and with `-v` and in tunnels those below it.

use std::sync::Arc;

use super::endpoint::{cut, endpoint, party};
use super::payload::{self, Inside};
use super::text::word;
use super::time::Clock;
use super::{Reader, arp, ip, link};
use crate::artifact::{
    Arp, Direction, Endpoint, Frame, Header, IpHeader, Packet, Party, Quoted, Transport, Tunnel, TunnelKind,
};
use crate::text::{Span, is_redacted, is_redacted_address};

/// More tunnels in one another than anybody builds.
const DEEPEST: usize = 8;

/// A packet that is being read.
pub struct Open<'a> {
    span: Span,
    time: Option<(i64, Clock)>,
    interface: Option<Arc<str>>,
    direction: Option<Direction>,
    /// Behind a `Box`: most packets have none, and this is moved for each.
    header: Option<Box<Header>>,
    ip: Option<IpHeader>,
    protocol: &'a str,
    layer: Option<Layer>,
    arp: Option<Arp>,
    /// What the next lines may hold.
    below: Below,
}

/// What stands on the lines below.
#[derive(Clone, Copy)]
enum Below {
    /// Nothing that is read.
    Nothing,
    /// Details of a protocol that is not read, and perhaps a packet inside it.
    Details,
    /// The addresses of the header that was read.
    Addresses {
        tunnel: Option<(TunnelKind, Option<u32>)>,
        header: Option<IpHeader>,
    },
    /// A packet inside a tunnel.
    Packet(TunnelKind, Option<u32>),
    /// The packet that an ICMP message quotes.
    Quote,
    /// Its addresses.
    QuoteAddresses(Option<u8>),
}

/// One IP packet.
struct Layer {
    ends: Ends,
    transport: Transport,
    owner: Option<Arc<str>>,
    checksum: Option<bool>,
}

enum Ends {
    Addresses(Endpoint, Endpoint),
    Names(Box<(Party, Party)>),
}

impl<'a> Open<'a> {
    /// A packet's first line.
    pub fn new(span: Span, head: &super::head::Head<'a>, interface: Option<Arc<str>>) -> Self {
        let mut open = Self {
            span,
            time: head.time,
            interface,
            direction: head.direction,
            header: None,
            ip: None,
            protocol: "",
            layer: None,
            arp: None,
            below: Below::Nothing,
        };
        open.protocol(head.rest, 0);
        open
    }

    /// Whether a packet inside this one is to come on the next line, also at the beginning of that line.
    pub fn expects_packet(&self) -> bool {
        matches!(self.below, Below::Packet(..))
    }

    /// Reads a line below the first.
    pub fn below(&mut self, span: Span, line: &'a str) {
        let text = line.trim_start();
        match self.below {
            Below::Nothing => return,
            Below::Addresses { tunnel, header } => {
                if cut(text).is_none() {
                    return;
                }
                self.below = Below::Nothing;
                self.addresses(text, header, tunnel, 0);
            }
            Below::Details => {
                if self.layer.is_none()
                    && ["(tos ", "(hlim ", "(class ", "(flowlabel "]
                        .iter()
                        .any(|start| text.starts_with(start))
                {
                    self.below = Below::Nothing;
                    self.ip(text, None, 0);
                    self.span = self.span.to(span);
                    return;
                }
                // A line of its own, or behind the name of what is around it: `PPPoE  [ses 0x3b] IP …`.
                let text = if super::head::bare(text) {
                    text
                } else {
                    payload::inner(text)
                };
                if !(text.starts_with("IP") || link::mac(text).is_some()) || !super::head::bare(text) {
                    return;
                }
                self.inside(
                    &Inside {
                        kind: TunnelKind::Other,
                        id: None,
                        text,
                    },
                    0,
                );
            }
            Below::Packet(kind, id) => {
                if text.starts_with("0x") {
                    return;
                }
                let text = if text.starts_with("erspan ") {
                    payload::inner(text)
                } else {
                    text
                };
                self.inside(&Inside { kind, id, text }, 0);
            }
            Below::Quote => {
                let rest = super::head::ip(text).unwrap_or(text);
                if !rest.starts_with('(') && cut(rest).is_none() {
                    return;
                }
                let printed = ip::read(rest);
                if printed.rest.is_empty() {
                    self.below = Below::QuoteAddresses(printed.protocol);
                } else {
                    self.quote(printed.rest, printed.protocol);
                }
            }
            Below::QuoteAddresses(protocol) => self.quote(text, protocol),
        }
        self.span = self.span.to(span);
    }

    /// Reads a packet from its first protocol on.
    fn protocol(&mut self, text: &'a str, depth: usize) {
        if let Some(rest) = super::head::ip(text) {
            if self.protocol.is_empty() {
                self.protocol = word(text).0;
            }
            return self.ip(rest, None, depth);
        }
        if let Some(link) = link::read(text, self.header.get_or_insert_default()) {
            if self.protocol.is_empty() {
                self.protocol = link.protocol;
            }
            return self.payload(link.protocol, link.payload, depth);
        }
        if let Some(rest) = text.strip_prefix("ARP, ") {
            self.protocol = "ARP";
            self.arp = arp::read(rest);
            return;
        }
        if self.protocol.is_empty() {
            self.protocol = payload::name(text);
        }
        // MPLS, PPPoE, a switch's tag and the like around an IP packet, or before a frame.
        let frame = text
            .match_indices(", ")
            .take(8)
            .find_map(|(at, _)| text.get(at + 2..).filter(|rest| link::mac(rest).is_some()));
        if let Some(frame) = frame
            && depth < DEEPEST
        {
            return self.protocol(frame, depth + 1);
        }
        let inside = payload::inner(text);
        if depth < DEEPEST && !inside.is_empty() {
            self.protocol(inside, depth + 1);
        } else {
            self.below = Below::Details;
        }
    }

    /// What a link's header carries.
    fn payload(&mut self, protocol: &'a str, text: &'a str, depth: usize) {
        match protocol {
            "IPv4" | "IPv6" => {
                // Some versions print `IP ` again.
                let text = super::head::ip(text).unwrap_or(text);
                self.protocol = if protocol == "IPv4" { "IP" } else { "IP6" };
                self.ip(text, None, depth);
            }
            "ARP" => self.arp = arp::read(text),
            _ if depth < DEEPEST
                && (super::head::ip(text).is_some() || text.starts_with("MPLS (") || text.starts_with("PPPoE ")) =>
            {
                self.protocol(text, depth + 1);
            }
            _ if !text.is_empty() => {
                let name = payload::name(text);
                if self.tunnels() == 0 && self.layer.is_none() {
                    self.protocol = if name.is_empty() { protocol } else { name };
                }
            }
            _ => {}
        }
    }

    /// An IP packet from its header on.
    fn ip(&mut self, text: &'a str, tunnel: Option<(TunnelKind, Option<u32>)>, depth: usize) {
        let printed = ip::read(text);
        if printed.rest.is_empty() {
            self.below = Below::Addresses {
                tunnel,
                header: printed.header,
            };
        } else {
            self.addresses(printed.rest, printed.header, tunnel, depth);
        }
    }

    /// An IP packet from its addresses on.
    fn addresses(
        &mut self,
        text: &'a str,
        header: Option<IpHeader>,
        tunnel: Option<(TunnelKind, Option<u32>)>,
        depth: usize,
    ) {
        let Some((source, destination, rest)) = cut(text) else {
            if header.is_some() {
                self.ip = header;
            }
            return;
        };
        // A complete packet inside: the one around it becomes its tunnel.
        if let (Some((kind, id)), Some(outer)) = (tunnel, self.layer.take())
            && let Ends::Addresses(source, destination) = outer.ends
        {
            self.header.get_or_insert_default().tunnels.push(Tunnel {
                kind,
                source,
                destination,
                id,
            });
        }
        self.ip = header;
        let payload = payload::read(rest);
        let ends = match (endpoint(source), endpoint(destination)) {
            (Some(mut source), Some(mut destination)) => {
                if let Some((from, to)) = payload.ports {
                    source.port = Some(from);
                    destination.port = Some(to);
                }
                Ends::Addresses(source, destination)
            }
            _ => Ends::Names(Box::new((party(source), party(destination)))),
        };
        self.below = match &payload.transport {
            Transport::Icmp(icmp) if is_error(icmp) => Below::Quote,
            Transport::Other(_) => Below::Details,
            _ => Below::Nothing,
        };
        self.layer = Some(Layer {
            ends,
            transport: payload.transport,
            owner: payload.owner,
            checksum: payload.checksum,
        });
        if let Some(inside) = payload.tunnel {
            self.below = Below::Packet(inside.kind, inside.id);
            if !inside.text.is_empty() {
                self.inside(&inside, depth + 1);
            }
        }
    }

    fn tunnels(&self) -> usize {
        self.header.as_ref().map_or(0, |header| header.tunnels.len())
    }

    /// The packet inside a tunnel.
    fn inside(&mut self, inside: &Inside<'a>, depth: usize) {
        if depth >= DEEPEST || self.tunnels() >= DEEPEST {
            return;
        }
        let tunnel = Some((inside.kind, inside.id));
        let rest = super::head::ip(inside.text).or_else(|| {
            let mut header = Header::default();
            // A header inside is not the captured link's.
            let link = link::read(inside.text, &mut header)?;
            matches!(link.protocol, "IPv4" | "IPv6").then_some(link.payload)
        });
        if let Some(rest) = rest {
            self.below = Below::Nothing;
            self.ip(rest, tunnel, depth);
        } else if link::mac(inside.text).is_some() || inside.text.starts_with("ARP, ") {
            self.below = Below::Nothing;
        }
    }

    fn quote(&mut self, text: &str, protocol: Option<u8>) {
        self.below = Below::Nothing;
        let Some((source, destination, _)) = cut(text) else {
            return;
        };
        if let Some(Layer {
            transport: Transport::Icmp(icmp),
            ..
        }) = &mut self.layer
        {
            icmp.quoted = Some(Quoted {
                source: endpoint(source),
                destination: endpoint(destination),
                protocol: protocol.or_else(|| icmp.quoted.and_then(|quoted| quoted.protocol)),
            });
        }
    }

    /// The packet, once its lines are read, is added to the others.
    pub fn finish(&mut self, reader: &mut Reader) {
        let header = self.header.take().filter(|header| **header != Header::default());
        let interface = self.interface.take();
        let time = self.time.map(|(time, _)| time);
        let (between, transport) = match self.layer.take() {
            Some(Layer {
                ends: Ends::Addresses(source, destination),
                transport,
                owner,
                checksum,
            }) => {
                reader.times.see(true, self.time);
                let packet = Packet {
                    span: self.span,
                    time,
                    interface,
                    source,
                    destination,
                    direction: self.direction,
                    checksum,
                    ip: self.ip,
                    transport,
                    header,
                };
                return reader.packet(packet, owner);
            }
            Some(Layer {
                ends: Ends::Names(names),
                transport,
                ..
            }) => (Some(names), Some(transport)),
            None => (None, None),
        };
        if let Some(names) = &between {
            let hidden = |party: &Party| is_redacted(&party.host) || is_redacted_address(&party.host);
            if hidden(&names.0) || hidden(&names.1) {
                reader.faults.hidden.add(self.span);
            } else {
                reader.faults.names.add(self.span);
            }
        } else if matches!(self.protocol, "IP" | "IP6") {
            reader.faults.shape.add(self.span);
        }
        reader.times.see(false, self.time);
        reader.frames.push(Frame {
            span: self.span,
            time,
            interface,
            direction: self.direction,
            protocol: self.protocol.into(),
            between,
            transport,
            arp: self.arp.take().map(Box::new),
            ip: self.ip,
            header,
        });
    }
}

fn is_error(icmp: &crate::artifact::Icmp) -> bool {
    matches!(
        (icmp.v6, icmp.kind),
        (false, Some(3 | 4 | 5 | 11 | 12)) | (true, Some(1..=4))
    )
}
