//! What sequence numbers count from.

use super::{Index, bits};
use crate::artifact::{Numbers, Packet, TcpSegment, Transport};

/// The connections of a capture, and how far the numbers in them are from the first ones.
#[derive(Default)]
pub struct Numbering {
    connections: Index<Connection>,
    near_first: usize,
    near_zero: usize,
    /// Whether there are numbers that say nothing by themselves.
    unknown: bool,
}

/// What tcpdump remembers of a connection: the first numbers of both directions.
#[derive(Clone, Copy, Default)]
struct Connection {
    /// The place of its first packet.
    place: usize,
    /// Of the end that comes first in the key.
    low: u32,
    /// Of the other end.
    high: u32,
}

/// How far a connection's numbers are from their first, where they are said to be near.
const NEAR: u32 = 1 << 24;

impl Numbering {
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
        let forward = source <= destination;
        let ends = if forward {
            (source, destination)
        } else {
            (destination, source)
        };
        let key = (bits(ends.0), bits(ends.1));
        let (seq, ack) = (segment.seq, segment.ack.unwrap_or(0));
        let known = (!segment.flags.syn)
            .then(|| self.connections.get(&key))
            .flatten()
            .filter(|known| {
                before.get(known.place).is_some_and(|first| {
                    (first.source, first.destination) == ends || (first.destination, first.source) == ends
                })
            });
        let Some(connection) = known else {
            // Small numbers are those of a connection whose first packets were not pasted.
            if segment.flags.syn || seq.unwrap_or(0).max(ack) > NEAR {
                segment.numbers = Numbers::Absolute;
            }
            self.unknown |= segment.numbers == Numbers::Unknown;
            // A segment without data shows no number of its own: its side is not known.
            let (own, other) = (seq.unwrap_or(0), ack.wrapping_sub(1));
            let (low, high) = if forward { (own, other) } else { (other, own) };
            let place = before.len();
            self.connections.insert(&key, Connection { place, low, high });
            return;
        };
        self.unknown |= segment.numbers == Numbers::Unknown;
        let (own, other) = if forward {
            (connection.low, connection.high)
        } else {
            (connection.high, connection.low)
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
