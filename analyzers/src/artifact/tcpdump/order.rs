//! What only the packets before tell: what a time counts from, which name an answer answers to, and what a sequence number counts from.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::time::{Clock, DAY};
use crate::artifact::{DnsMessage, Endpoint, Frame, Numbers, Packet, Transport};

/// Makes differences of times mean what they say: adds up `-ttt`'s, and goes on counting past midnight. `order` says of every packet in
/// the order of the lines whether it is one between addresses.
pub fn times(packets: &mut [Packet], frames: &mut [Frame], order: &[(bool, Option<Clock>)], deltas: bool) {
    if !order.iter().any(|(_, clock)| *clock == Some(Clock::Day)) {
        return;
    }
    let (mut packets, mut frames) = (packets.iter_mut(), frames.iter_mut());
    let mut times: Vec<&mut i64> = Vec::with_capacity(order.len());
    for (is_packet, clock) in order {
        let time = if *is_packet {
            packets.next().and_then(|packet| packet.time.as_mut())
        } else {
            frames.next().and_then(|frame| frame.time.as_mut())
        };
        if *clock == Some(Clock::Day) {
            times.extend(time);
        }
    }
    // `-ttt` and `-ttttt` both begin at zero; only differences go down again.
    let falls = times
        .iter()
        .zip(times.iter().skip(1))
        .any(|(before, after)| **after < **before);
    let deltas = deltas || (times.first().is_some_and(|first| **first == 0) && falls);
    let (mut last, mut added) = (0_i64, 0_i64);
    for time in times {
        if deltas {
            added = added.saturating_add(*time);
            *time = added;
            continue;
        }
        if *time + DAY / 2 < last {
            added += DAY;
        }
        last = *time;
        *time += added;
    }
}

/// Looked up by packets and never walked: its order is nobody's business. The standard library's hash is made against strangers who
/// choose the keys, and takes longer than reading a line.
type Index<K, V> = HashMap<K, V, RandomState>;

/// Gives answers the name and type that their query asked for. `owners`: the owner of the first record, which `-v` prints, of the packets
/// at those places.
pub fn name_answers(packets: &mut [Packet], owners: Vec<(usize, String)>) {
    // The place of the last query with each.
    let mut by_addresses: Index<(u16, Endpoint, Endpoint), usize> = Index::default();
    let mut by_client: Index<(u16, Endpoint), usize> = Index::default();
    let mut owners = owners.into_iter().peekable();
    for place in 0..packets.len() {
        let owner = owners.next_if(|(at, _)| *at == place).map(|(_, owner)| owner);
        let Some((source, destination, message)) = packets.get(place).and_then(dns) else {
            continue;
        };
        let id = message.id;
        if !message.response {
            by_addresses.insert((id, source, destination), place);
            by_client.insert((id, source), place);
            continue;
        }
        if message.name.is_some() {
            continue;
        }
        let query = by_addresses
            .get(&(id, destination, source))
            .or_else(|| by_client.get(&(id, destination)));
        let asked = query
            .and_then(|query| dns(packets.get(*query)?))
            .map(|(_, _, query)| (query.name.clone(), query.qtype.clone()));
        let Some(Transport::Dns(message)) = packets.get_mut(place).map(|packet| &mut packet.transport) else {
            continue;
        };
        if let Some((name, qtype)) = asked {
            message.name = name;
            message.qtype = qtype;
        } else {
            message.name = owner;
        }
    }
}

/// The ends and the message of a packet that carries DNS.
fn dns(packet: &Packet) -> Option<(Endpoint, Endpoint, &DnsMessage)> {
    match &packet.transport {
        Transport::Dns(message) => Some((packet.source, packet.destination, message)),
        _ => None,
    }
}

/// What tcpdump remembers of a connection: the first numbers of both directions.
struct Connection {
    /// Of the end that comes first in the key.
    low: u32,
    /// Of the other end.
    high: u32,
}

/// Says of every segment whether its numbers are those of the header.
///
/// `tcp_print` in print-tcp.c: a segment without ACK, one with SYN, and the first of a connection are printed as they are; from then on
/// numbers count from the first ones, unless `-S`. Whether it was given shows where a later number is near the first ones or near zero.
pub fn sequence_numbers(packets: &mut [Packet], absolute: bool) {
    let mut connections: Index<(Endpoint, Endpoint), Connection> = Index::default();
    let (mut near_first, mut near_zero) = (0_usize, 0_usize);
    for packet in packets.iter_mut() {
        let (source, destination) = (packet.source, packet.destination);
        let Some(segment) = tcp_mut(&mut packet.transport) else {
            continue;
        };
        if absolute || !segment.flags.ack || segment.flags.syn {
            segment.numbers = Numbers::Absolute;
        }
        if !segment.flags.ack {
            continue;
        }
        let forward = source <= destination;
        let key = if forward {
            (source, destination)
        } else {
            (destination, source)
        };
        let (seq, ack) = (segment.seq, segment.ack.unwrap_or(0));
        let known = connections.get(&key).filter(|_| !segment.flags.syn);
        let Some(connection) = known else {
            // Small numbers are those of a connection whose first packets were not pasted.
            if segment.flags.syn || seq.unwrap_or(0).max(ack) > NEAR {
                segment.numbers = Numbers::Absolute;
            }
            // A segment without data shows no number of its own: its side is not known.
            let (own, other) = (seq.unwrap_or(0), ack.wrapping_sub(1));
            let connection = if forward {
                Connection { low: own, high: other }
            } else {
                Connection { low: other, high: own }
            };
            connections.insert(key, connection);
            continue;
        };
        let (own, other) = if forward {
            (connection.low, connection.high)
        } else {
            (connection.high, connection.low)
        };
        for (first, number) in [(other, Some(ack)), (own, seq)] {
            // A number near zero says nothing where the first one is near zero too.
            if let Some(number) = number.filter(|_| first.min(first.wrapping_neg()) > NEAR * 2) {
                near_first += usize::from(number.wrapping_sub(first) < NEAR);
                near_zero += usize::from(number < NEAR);
            }
        }
    }
    let rest = match (near_first, near_zero) {
        (0, 1..) => Numbers::Relative,
        (1.., 0) => Numbers::Absolute,
        _ => Numbers::Unknown,
    };
    for packet in packets {
        if let Some(segment) = tcp_mut(&mut packet.transport)
            && segment.numbers == Numbers::Unknown
        {
            segment.numbers = rest;
        }
    }
}

/// How far a connection's numbers are from their first, where they are said to be near.
const NEAR: u32 = 1 << 24;

fn tcp_mut(transport: &mut Transport) -> Option<&mut crate::artifact::TcpSegment> {
    match transport {
        Transport::Tcp(segment) => Some(segment),
        Transport::Dns(message) => message.tcp.as_deref_mut(),
        _ => None,
    }
}
