//! Connection attempts as captures show them: who asked whom, and who answered.
//!
//! The join is the client's address and port, which it keeps for the whole attempt: an answer that comes back to that port from
//! an address that was not asked is a stranger's, and TCP resets it (RFC 9293, section 3.5.2, group 1).

use std::collections::BTreeMap;

use crate::artifact::{Capture, Endpoint, Transport};
use crate::text::Span;

/// One attempt: SYNs from one client address and port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The client's address and port.
    pub client: Endpoint,
    /// The address and port of its first SYN.
    pub asked: Endpoint,
    /// The lines of the SYNs to `asked`.
    pub syns: Vec<Span>,
    /// The same SYN seen with another destination (a capture on the node, behind the load balancer): its source was kept.
    pub rewritten: Vec<(Endpoint, Span)>,
    /// The line of the SYN-ACK of `asked` itself.
    pub answered: Option<Span>,
    /// A SYN-ACK from an address that was not asked.
    pub stranger: Option<(Endpoint, Span)>,
    /// The client's RST to that stranger.
    pub reset: Option<Span>,
}

/// The attempts of a capture by the order of their first SYN.
pub fn attempts(capture: &Capture) -> Vec<Attempt> {
    let mut all: Vec<Attempt> = Vec::new();
    let mut current: BTreeMap<Endpoint, usize> = BTreeMap::new();
    for packet in &capture.packets {
        let Transport::Tcp(segment) = &packet.transport else {
            continue;
        };
        let (source, destination, flags) = (packet.source, packet.destination, segment.flags);
        if flags.syn && !flags.ack {
            if let Some(attempt) = current.get(&source).and_then(|&at| all.get_mut(at)) {
                if attempt.asked == destination {
                    attempt.syns.push(packet.span);
                } else {
                    attempt.rewritten.push((destination, packet.span));
                }
                continue;
            }
            current.insert(source, all.len());
            all.push(Attempt {
                client: source,
                asked: destination,
                syns: vec![packet.span],
                rewritten: Vec::new(),
                answered: None,
                stranger: None,
                reset: None,
            });
        } else if flags.syn {
            if let Some(attempt) = current.get(&destination).and_then(|&at| all.get_mut(at)) {
                if source == attempt.asked {
                    attempt.answered.get_or_insert(packet.span);
                } else {
                    attempt.stranger.get_or_insert((source, packet.span));
                }
            }
        } else if flags.rst
            && let Some(attempt) = current.get(&source).and_then(|&at| all.get_mut(at))
            && attempt.stranger.is_some_and(|(stranger, _)| stranger == destination)
        {
            attempt.reset.get_or_insert(packet.span);
        }
    }
    all
}

impl Attempt {
    /// Whether the one that was asked never answered.
    pub fn unanswered(&self) -> bool {
        self.answered.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifact::{Packet, TcpFlags, TcpSegment};
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
            interface: None,
            packets: vec![
                packet(1, client, asked, "S"),
                packet(2, client, node, "S"),
                packet(3, node, client, "S."),
                packet(4, client, node, "R"),
                packet(5, "10.0.0.7:40001", asked, "S"),
                packet(6, asked, "10.0.0.7:40001", "S."),
                packet(7, client, asked, "S"),
            ],
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
}
