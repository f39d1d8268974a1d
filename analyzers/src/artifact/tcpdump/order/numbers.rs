//! What sequence numbers count from.

use super::{Places, bits};
use crate::artifact::{Numbers, Packet, TcpSegment, Transport};

/// The connections of a capture, and how far the numbers in them are from the first ones.
#[derive(Default)]
pub struct Numbering {
    /// The first packet of each.
    connections: Places,
    near_first: usize,
    near_zero: usize,
    /// Whether there are numbers that say nothing by themselves.
    unknown: bool,
}

/// How far a connection's numbers are from their first, where they are said to be near.
const NEAR: u32 = 1 << 24;

impl Numbering {
    /// For a capture of so many bytes.
    pub fn new(bytes: usize) -> Self {
        Self {
            connections: Places::for_bytes(bytes),
            ..Self::default()
        }
    }

    /// Looks at the last packet, and says of a segment what the packets before tell of its numbers. `absolute`: `-S` was given.
    ///
    /// `tcp_print` in print-tcp.c: a segment without ACK, one with SYN, and the first of a connection are printed as they are; from then on
    /// numbers count from the first ones, unless `-S`. Whether it was given shows where a later number is near the first ones or near zero.
    pub fn see(&mut self, packets: &mut [Packet], absolute: bool) {
        let Some((packet, before)) = packets.split_last_mut() else {
            return;
        };
        let (source, destination) = (packet.source, packet.destination);
        let Some(segment) = tcp_mut(&mut packet.transport) else {
            return;
        };
        if absolute || !segment.flags.ack || segment.flags.syn {
            segment.numbers = Numbers::Absolute;
        }
        if !segment.flags.ack {
            return;
        }
        let key = if source <= destination {
            (bits(source), bits(destination))
        } else {
            (bits(destination), bits(source))
        };
        let is = |place: usize| {
            before.get(place).is_some_and(|first| {
                let ends = (first.source, first.destination);
                ends == (source, destination) || ends == (destination, source)
            })
        };
        let (seq, ack) = (segment.seq, segment.ack.unwrap_or(0));
        let known = (!segment.flags.syn)
            .then(|| self.connections.get(&key, is))
            .flatten()
            .and_then(|place| before.get(place));
        let Some(first) = known else {
            // Small numbers are those of a connection whose first packets were not pasted.
            if segment.flags.syn || seq.unwrap_or(0).max(ack) > NEAR {
                segment.numbers = Numbers::Absolute;
            }
            self.unknown |= segment.numbers == Numbers::Unknown;
            self.connections.insert(&key, before.len(), is);
            return;
        };
        self.unknown |= segment.numbers == Numbers::Unknown;
        // What tcpdump remembers of a connection: the first numbers of both directions. A segment without data shows no number of its own:
        // its side is not known.
        let (sent, answered) = first.tcp().map_or((0, 0), |segment| {
            (segment.seq.unwrap_or(0), segment.ack.unwrap_or(0).wrapping_sub(1))
        });
        let (own, other) = if first.source == source {
            (sent, answered)
        } else {
            (answered, sent)
        };
        for (first, number) in [(other, Some(ack)), (own, seq)] {
            // A number near zero says nothing where the first one is near zero too.
            if let Some(number) = number.filter(|_| first.min(first.wrapping_neg()) > NEAR * 2) {
                self.near_first += usize::from(number.wrapping_sub(first) < NEAR);
                self.near_zero += usize::from(number < NEAR);
            }
        }
    }

    /// Says of the other segments whether their numbers are those of the header, once all packets were seen.
    pub fn settle(self, packets: &mut [Packet]) {
        let rest = match (self.near_first, self.near_zero) {
            (0, 1..) => Numbers::Relative,
            (1.., 0) => Numbers::Absolute,
            _ => return,
        };
        if !self.unknown {
            return;
        }
        for packet in packets {
            if let Some(segment) = tcp_mut(&mut packet.transport)
                && segment.numbers == Numbers::Unknown
            {
                segment.numbers = rest;
            }
        }
    }
}

fn tcp_mut(transport: &mut Transport) -> Option<&mut TcpSegment> {
    match transport {
        Transport::Tcp(segment) => Some(segment),
        Transport::Dns(message) => message.tcp.as_deref_mut(),
        _ => None,
    }
}
