//! Connection attempts as captures show them: who asked whom, and who answered.
//!
//! The join is the client's address and port, which it keeps for the whole attempt: an answer that comes back to that port from
//! an address that was not asked is a stranger's, and TCP resets it (RFC 9293, section 3.5.2, group 1).

use std::collections::BTreeMap;

use crate::artifact::{Capture, Endpoint, Packet, Transport};
use crate::text::Span;

/// One attempt: SYNs from one client address and port with one initial sequence number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The client's address and port.
    pub client: Endpoint,
    /// The address and port of its first SYN.
    pub asked: Endpoint,
    /// The lines of the SYNs to `asked`.
    pub syns: Vec<Span>,
    /// Whether the client sent its SYN again because nothing came. The end of a capture looks like silence; a repeated SYN is one.
    pub repeated: bool,
    /// The same SYN seen with another destination (a capture on the node, behind the load balancer): its source was kept.
    pub rewritten: Vec<(Endpoint, Span)>,
    /// The line of the SYN-ACK of `asked` itself, or of its RST.
    pub answered: Option<Span>,
    /// A SYN-ACK from an address that was not asked.
    pub stranger: Option<(Endpoint, Span)>,
    /// The client's RST to that stranger.
    pub reset: Option<Span>,
    /// Whether what it asked is known to be what it is drawn as, and not only likely by its port.
    pub tied: bool,
}

/// The first retransmission of a SYN comes a second after it (RFC 6298, section 2); the same packet seen on two interfaces does not.
const REPEATED_AFTER_MICROSECONDS: u64 = 500_000;

/// The attempts of a capture by the order of their first SYN.
pub fn attempts(capture: &Capture) -> Vec<Attempt> {
    let mut all: Vec<Attempt> = Vec::new();
    // By initial sequence number too: a client may use one port for several servers, and again later.
    let mut current: BTreeMap<(Endpoint, Option<u32>), (usize, &Packet)> = BTreeMap::new();
    let mut latest: BTreeMap<Endpoint, usize> = BTreeMap::new();
    for packet in &capture.packets {
        let Transport::Tcp(segment) = &packet.transport else {
            continue;
        };
        let (source, destination, flags) = (packet.source, packet.destination, segment.flags);
        if flags.syn && !flags.ack {
            let key = (source, segment.seq);
            if let Some((at, first)) = current.get(&key)
                && let Some(attempt) = all.get_mut(*at)
            {
                if attempt.asked == destination {
                    attempt.syns.push(packet.span);
                    attempt.repeated |= is_repetition(first, packet);
                } else {
                    attempt.rewritten.push((destination, packet.span));
                }
                continue;
            }
            current.insert(key, (all.len(), packet));
            latest.insert(source, all.len());
            all.push(Attempt {
                client: source,
                asked: destination,
                syns: vec![packet.span],
                repeated: false,
                rewritten: Vec::new(),
                answered: None,
                stranger: None,
                reset: None,
                tied: false,
            });
        } else if flags.syn {
            let of = segment.ack.map(|ack| ack.wrapping_sub(1));
            let at = current
                .get(&(destination, of))
                .map(|(at, _)| at)
                .or_else(|| latest.get(&destination));
            if let Some(attempt) = at.and_then(|&at| all.get_mut(at)) {
                if source == attempt.asked {
                    attempt.answered.get_or_insert(packet.span);
                } else {
                    attempt.stranger.get_or_insert((source, packet.span));
                }
            }
        } else if flags.rst {
            if let Some(attempt) = latest.get(&source).and_then(|&at| all.get_mut(at))
                && attempt.stranger.is_some_and(|(stranger, _)| stranger == destination)
            {
                attempt.reset.get_or_insert(packet.span);
            }
            if let Some(attempt) = latest.get(&destination).and_then(|&at| all.get_mut(at))
                && attempt.asked == source
            {
                attempt.answered.get_or_insert(packet.span);
            }
        }
    }
    all
}

/// Whether a SYN was sent again, rather than seen again on its way through another interface.
fn is_repetition(first: &Packet, again: &Packet) -> bool {
    first.interface == again.interface
        && match (first.time, again.time) {
            (Some(first), Some(again)) => again.abs_diff(first) >= REPEATED_AFTER_MICROSECONDS,
            _ => true,
        }
}

impl Attempt {
    /// Whether the one that was asked is seen not to answer: the client asked again, or somebody else answered.
    pub fn unanswered(&self) -> bool {
        self.answered.is_none() && (self.repeated || self.stranger.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifact::{TcpFlags, TcpSegment};
    use crate::text::SourceId;

    fn packet(line: usize, from: &str, to: &str, flags: &str) -> Packet {
        let endpoint = |text: &str| {
            let socket: std::net::SocketAddr = text.parse().expect("a socket address");
            Endpoint {
                address: socket.ip(),
                port: Some(socket.port()),
            }
        };
        Packet {
            span: Span {
                source: SourceId(0),
                start: line,
                end: line + 1,
            },
            time: None,
            interface: None,
            source: endpoint(from),
            destination: endpoint(to),
            direction: None,
            checksum: None,
            ip: None,
            header: None,
            transport: Transport::Tcp(TcpSegment {
                flags: TcpFlags {
                    syn: flags.contains('S'),
                    ack: flags.contains('.'),
                    rst: flags.contains('R'),
                    ..TcpFlags::default()
                },
                ..TcpSegment::default()
            }),
        }
    }

    #[test]
    fn a_strangers_answer_is_told_from_the_right_one() {
        let (client, asked, node) = ("10.0.0.7:40000", "10.0.9.9:443", "10.0.0.1:31443");
        let capture = Capture {
            packets: vec![
                packet(1, client, asked, "S"),
                packet(2, client, node, "S"),
                packet(3, node, client, "S."),
                packet(4, client, node, "R"),
                packet(5, "10.0.0.7:40001", asked, "S"),
                packet(6, asked, "10.0.0.7:40001", "S."),
                packet(7, client, asked, "S"),
            ],
            ..Capture::default()
        };
        let found = attempts(&capture);
        assert_eq!(found.len(), 2);
        let broken = &found[0];
        assert!(broken.unanswered());
        assert_eq!(broken.syns.len(), 2);
        assert_eq!(broken.rewritten.len(), 1);
        assert_eq!(broken.stranger.map(|(who, _)| who.to_string()).as_deref(), Some(node));
        assert_eq!(broken.reset.map(|span| span.start), Some(4));
        assert!(!found[1].unanswered());
    }

    #[test]
    fn silence_is_a_repeated_syn_and_not_the_end_of_the_capture() {
        let (client, asked) = ("10.0.0.7:40000", "10.0.9.9:443");
        let of = |packets: Vec<Packet>| {
            let capture = Capture {
                packets,
                ..Capture::default()
            };
            attempts(&capture).first().is_some_and(Attempt::unanswered)
        };
        let at = |time: i64| Packet {
            time: Some(time),
            ..packet(1, client, asked, "S")
        };
        assert!(!of(vec![at(0)]));
        assert!(!of(vec![at(0), at(40)]), "seen on two interfaces");
        assert!(of(vec![at(0), at(1_020_000)]));
        assert!(
            !of(vec![at(0), at(1_020_000), packet(3, asked, client, "R.")]),
            "refused"
        );
    }

    #[test]
    fn two_servers_asked_from_one_port_are_two_attempts() {
        let client = "10.0.0.7:40000";
        let syn = |to: &str, seq: u32| Packet {
            transport: Transport::Tcp(TcpSegment {
                flags: TcpFlags {
                    syn: true,
                    ..TcpFlags::default()
                },
                seq: Some(seq),
                ..TcpSegment::default()
            }),
            ..packet(1, client, to, "S")
        };
        let mut answer = packet(3, "10.0.0.1:31443", client, "S.");
        if let Transport::Tcp(segment) = &mut answer.transport {
            segment.ack = Some(901);
        }
        let capture = Capture {
            packets: vec![syn("10.0.9.9:443", 100), syn("10.0.0.1:31443", 900), answer],
            ..Capture::default()
        };
        let found = attempts(&capture);
        assert_eq!(found.len(), 2);
        assert!(found.iter().all(|attempt| attempt.stranger.is_none()));
        assert!(found[1].answered.is_some());
    }
}
