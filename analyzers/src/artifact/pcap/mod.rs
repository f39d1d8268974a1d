//! Capture files: `.pcap` (draft-ietf-opsawg-pcap) and `.pcapng` (draft-ietf-opsawg-pcapng), one format a file.
//!
//! A capture file is no text; what was read of it becomes one, a line a packet, so that every fact cites its line.
//!
//! This is our own code and not pcap-parser's: that crate stops at the first damaged block, and brings nom; what is needed of both
//! formats is the few fields below.

mod classic;
mod next_generation;

use std::sync::Arc;

use super::packet::{Decoded, Line, LinkType, decode, print};
use super::{Artifact, Capture, Content, Frame, Packet, Trailer, Transport};
use crate::problem::Problem;
use crate::segment::formats::{Format, Spec, no_command, no_sniffer};
use crate::text::{SourceId, Span};

/// A capture file. Its packets are read when its bytes become text; there is nothing left to read then.
pub const FORMAT: Format = Format::new(&Spec {
    name: "pcap",
    title: "a capture file",
    command: no_command,
    least: 1,
    sniff: no_sniffer,
    read: |_, _, _| {},
});

/// What was read of a capture file.
#[derive(Debug, Default)]
pub struct Read {
    /// A line a packet.
    pub text: String,
    /// The packets.
    pub capture: Capture,
    /// What was not read.
    pub problems: Vec<Problem>,
}

/// The packets as the artifact of the segment that is the whole of their text.
pub fn artifact(segment: usize, span: Span, capture: Capture) -> Artifact {
    Artifact {
        segment,
        span,
        kinds: vec![(FORMAT.name().to_owned(), 1)],
        content: Content::Capture(capture),
    }
}

/// Whether bytes are a capture file: by the number that both formats begin with.
pub fn is_capture(bytes: &[u8]) -> bool {
    classic::Order::new(bytes).is_some() || next_generation::is(bytes)
}

/// A packet of a file.
struct Record<'a> {
    /// Microseconds since the epoch.
    time: Option<i64>,
    /// Which of the file's interfaces.
    interface: usize,
    /// Which way it went, where the file says so.
    outbound: Option<bool>,
    /// What of it was captured.
    data: &'a [u8],
    /// How long it was.
    length: usize,
}

/// An interface of a file.
struct Interface {
    /// Its kind of link, by number.
    link: u16,
    /// Its name, where the file has it.
    name: Option<Arc<str>>,
}

/// Reads a capture file as the text of that source.
pub fn read(bytes: &[u8], source: SourceId) -> Read {
    let mut writer = Writer::new(source, bytes.len());
    let ended = match classic::Order::new(bytes) {
        Some(order) => classic::read(bytes, order, &mut writer),
        None => next_generation::read(bytes, &mut writer),
    };
    writer.finish(ended)
}

/// Why reading ended before the file did.
#[derive(Clone, Copy)]
enum Ended {
    /// It did not.
    Whole,
    /// The file ends inside a packet.
    Cut,
    /// What stands there is no packet.
    Damaged,
}

/// Makes lines and packets of records.
struct Writer {
    source: SourceId,
    line: Line,
    capture: Capture,
    interfaces: Vec<Interface>,
    unread: Vec<(u16, usize)>,
    numbered: Vec<(u32, Arc<str>)>,
}

impl Writer {
    fn new(source: SourceId, bytes: usize) -> Self {
        let mut writer = Self {
            source,
            line: Line::default(),
            capture: Capture::default(),
            interfaces: Vec::new(),
            unread: Vec::new(),
            numbered: Vec::new(),
        };
        writer.line.0.reserve(bytes / 4);
        writer
    }

    /// How many interfaces the file has told so far.
    fn interfaces(&self) -> usize {
        self.interfaces.len()
    }

    fn interface(&mut self, interface: Interface) {
        self.interfaces.push(interface);
    }

    fn trailer(&mut self) -> &mut Trailer {
        &mut self.capture.trailer
    }

    /// A packet.
    fn packet(&mut self, record: &Record<'_>) {
        let several = self.interfaces.len() > 1;
        let interface = self.interfaces.get(record.interface);
        let number = interface.map_or(u16::MAX, |interface| interface.link);
        let mut name = interface
            .filter(|_| several)
            .and_then(|interface| interface.name.clone());
        let mut decoded = if let Some(link) = LinkType::new(number) {
            decode(link, record.data, record.length)
        } else {
            self.unknown(number);
            Decoded {
                protocol: Some("a link that is not read"),
                ..Decoded::default()
            }
        };
        if let Some(index) = decoded.interface {
            name = Some(self.numbered(index));
        }
        if let (Some(outbound), None) = (record.outbound, decoded.direction) {
            decoded.direction = Some(if outbound {
                super::Direction::Out
            } else {
                super::Direction::In
            });
        }
        let start = self.line.0.len();
        print(&mut self.line, record.time, name.as_deref(), record.length, &decoded);
        let span = Span {
            source: self.source,
            start,
            end: self.line.0.len(),
        };
        self.line.0.push('\n');
        self.add(span, record.time, name, decoded);
    }

    fn add(&mut self, span: Span, time: Option<i64>, interface: Option<Arc<str>>, decoded: Decoded) {
        let shows_link = !decoded.header.vlans.is_empty();
        let mut header = decoded.header;
        if shows_link || decoded.ends.is_none() && decoded.arp.is_none() {
            header.link = decoded.link;
        }
        let header = (header != super::Header::default()).then(|| Box::new(header));
        match (decoded.ends, decoded.transport) {
            (Some((source, destination)), transport) => self.capture.packets.push(Packet {
                span,
                time,
                interface,
                source,
                destination,
                direction: decoded.direction,
                checksum: None,
                ip: decoded.ip,
                transport: transport.unwrap_or_else(|| Transport::Other("".into())),
                header,
            }),
            (None, transport) => self.capture.others.push(Frame {
                span,
                time,
                interface,
                direction: decoded.direction,
                protocol: decoded.protocol.unwrap_or("cut").into(),
                between: None,
                transport,
                arp: decoded.arp.map(Box::new),
                ip: decoded.ip,
                header,
            }),
        }
    }

    /// The name of an interface that only has a number.
    fn numbered(&mut self, index: u32) -> Arc<str> {
        if let Some((_, name)) = self.numbered.iter().find(|(number, _)| *number == index) {
            return Arc::clone(name);
        }
        let name: Arc<str> = format!("ifindex={index}").into();
        if self.numbered.len() < 256 {
            self.numbered.push((index, Arc::clone(&name)));
        }
        name
    }

    fn unknown(&mut self, number: u16) {
        match self.unread.iter_mut().find(|(known, _)| *known == number) {
            Some((_, count)) => *count += 1,
            None => self.unread.push((number, 1)),
        }
    }

    fn finish(mut self, ended: Ended) -> Read {
        if let [interface] = self.interfaces.as_slice() {
            self.capture.interface = interface.name.as_deref().map(str::to_owned);
        }
        let end = self.line.0.len();
        match ended {
            Ended::Whole => {}
            Ended::Cut => self.line.0.push_str("[the file ends here, inside a packet]\n"),
            Ended::Damaged => self.line.0.push_str("[what follows here is no packet]\n"),
        }
        if self.line.0.is_empty() {
            self.line.0.push_str("[no packets]\n");
        }
        let whole = Span {
            source: self.source,
            start: 0,
            end: self.line.0.len(),
        };
        let rest = Span { start: end, ..whole };
        let mut problems = Vec::new();
        match ended {
            Ended::Whole => {}
            Ended::Cut => problems.push(Problem::new(
                rest,
                "The capture file ends inside a packet, so that it was not written or copied to its end; the packets before are read.",
            )),
            Ended::Damaged => problems.push(Problem::new(
                rest,
                "What follows the last packet in the capture file is no packet; the packets before are read. Copy the file again, in binary.",
            )),
        }
        for (number, count) in &self.unread {
            problems.push(Problem::new(
                whole,
                format!(
                    "{count} packets of this file are of a kind of link that is not read (number {number} of tcpdump.org's link-layer header types); \
                     capture with `tcpdump -i any -w FILE`, or paste `tcpdump -nn -r FILE`."
                ),
            ));
        }
        self.line.0.shrink_to_fit();
        self.capture.packets.shrink_to_fit();
        Read {
            text: self.line.0,
            capture: self.capture,
            problems,
        }
    }
}
