//! Questions and their answers in a capture.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use crate::artifact::{Capture, DnsRecord, Endpoint, Packet, Transport};
use crate::text::Span;

/// A question that is seen again within this time (microseconds) on another interface, or towards another address, is the
/// same packet before or after address translation, or musl asking all its servers at once; later it is a retry. No resolver
/// retries earlier: `timeout` is counted in whole seconds (resolv.conf(5)).
const COPY_WITHIN: i64 = 900_000;

/// A question, and what came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// The transaction id.
    pub id: u16,
    /// The name asked for, without the trailing dot.
    pub name: String,
    /// The type asked for.
    pub qtype: String,
    /// Who asks.
    pub client: Endpoint,
    /// Who is asked: as the first sight of the question has it.
    pub server: Endpoint,
    /// When it was first asked, in the capture's microseconds.
    pub asked: Option<i64>,
    /// Where the question stands, then each retry.
    pub queries: Vec<Span>,
    /// What came back; `None` where nothing did as long as the capture ran.
    pub answer: Option<Answer>,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Where it stands.
    pub span: Span,
    /// `NOERROR`, `NXDOMAIN` …
    pub rcode: String,
    /// The records of the answer section.
    pub records: Vec<DnsRecord>,
    /// Microseconds since the question was last asked.
    pub took: Option<i64>,
    /// Whether it was cut to fit into UDP, so that the client asks again over TCP.
    pub truncated: bool,
}

impl Exchange {
    /// How often it was asked again.
    pub fn retries(&self) -> usize {
        self.queries.len().saturating_sub(1)
    }

    /// Whether it was answered with at least one record.
    pub fn positive(&self) -> bool {
        self.answer
            .as_ref()
            .is_some_and(|answer| answer.rcode == "NOERROR" && (!answer.records.is_empty() || answer.truncated))
    }

    /// Whether the answer says that there is no such name, or no such record.
    pub fn negative(&self) -> bool {
        self.answer.as_ref().is_some_and(|answer| {
            answer.rcode == "NXDOMAIN" || (answer.rcode == "NOERROR" && answer.records.is_empty() && !answer.truncated)
        })
    }

    /// Whether the answer says that there is no such name.
    pub fn nxdomain(&self) -> bool {
        self.answer.as_ref().is_some_and(|answer| answer.rcode == "NXDOMAIN")
    }
}

/// A question that is still waiting for its answer.
struct Open {
    exchange: usize,
    interface: Option<Arc<str>>,
    client: Endpoint,
    server: Endpoint,
}

/// The exchanges of a capture in the order of their questions. One pass; a question without a name, and an answer whose
/// question was not captured, are left out.
pub fn exchanges(capture: &Capture) -> Vec<Exchange> {
    let mut all: Vec<Exchange> = Vec::new();
    // When each was last asked.
    let mut last: Vec<Option<i64>> = Vec::new();
    // The same question at other places on its way, or asked again, is found by what does not change.
    let mut questions: BTreeMap<(IpAddr, u16, String, String), Open> = BTreeMap::new();
    // The answer is found by addresses and id.
    let mut waiting: BTreeMap<(u16, Endpoint, Endpoint), usize> = BTreeMap::new();
    for packet in &capture.packets {
        let Transport::Dns(message) = &packet.transport else {
            continue;
        };
        if message.response {
            let key = (message.id, packet.destination, packet.source);
            let Some(&index) = waiting.get(&key) else {
                continue;
            };
            let (Some(exchange), Some(&last)) = (all.get_mut(index), last.get(index)) else {
                continue;
            };
            if message.name.as_deref().is_some_and(|name| *name != *exchange.name) {
                continue;
            }
            let question = (
                packet.destination.address,
                message.id,
                exchange.name.clone(),
                exchange.qtype.clone(),
            );
            questions.remove(&question);
            // The answer that comes from the address that was asked is the one that the client sees.
            if exchange.answer.is_none() || packet.source == exchange.server {
                exchange.answer = Some(Answer {
                    span: packet.span,
                    rcode: message.rcode.as_deref().unwrap_or("NOERROR").to_owned(),
                    records: message.answers().to_vec(),
                    took: elapsed(last, packet.time),
                    truncated: message.truncated,
                });
            }
            continue;
        }
        let (Some(name), false) = (message.name.as_deref(), packet.destination.address.is_multicast()) else {
            continue;
        };
        let qtype = message.qtype.as_deref().unwrap_or("A").to_owned();
        let question = (packet.source.address, message.id, name.to_owned(), qtype.clone());
        if let Some(open) = questions.get(&question)
            && let (Some(exchange), Some(last)) = (all.get_mut(open.exchange), last.get_mut(open.exchange))
        {
            if !is_copy(open, *last, packet) {
                exchange.queries.push(packet.span);
                *last = packet.time;
            }
            waiting.insert((message.id, packet.source, packet.destination), open.exchange);
            continue;
        }
        let index = all.len();
        all.push(Exchange {
            id: message.id,
            name: name.to_owned(),
            qtype,
            client: packet.source,
            server: packet.destination,
            asked: packet.time,
            queries: vec![packet.span],
            answer: None,
        });
        last.push(packet.time);
        waiting.insert((message.id, packet.source, packet.destination), index);
        questions.insert(
            question,
            Open {
                exchange: index,
                interface: packet.interface.clone(),
                client: packet.source,
                server: packet.destination,
            },
        );
    }
    all
}

fn is_copy(open: &Open, last: Option<i64>, packet: &Packet) -> bool {
    let elsewhere =
        open.interface != packet.interface || open.server != packet.destination || open.client != packet.source;
    elsewhere && elapsed(last, packet.time).is_none_or(|time| time < COPY_WITHIN)
}

/// Microseconds between two times; `None` where one was not printed, or where the clock went back (midnight).
fn elapsed(from: Option<i64>, to: Option<i64>) -> Option<i64> {
    let time = to?.checked_sub(from?)?;
    (time >= 0).then_some(time)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{answer, capture, query};
    use super::exchanges;

    #[test]
    fn answers_find_their_questions_by_id_addresses_and_ports() {
        let all = exchanges(&capture(vec![
            query(0, "10.0.0.1:4000", "10.100.0.10:53", 7, "A", "a.test"),
            query(10, "10.0.0.2:4000", "10.100.0.10:53", 7, "A", "b.test"),
            query(20, "10.0.0.1:4000", "10.100.0.10:53", 8, "AAAA", "a.test"),
            answer(400, "10.100.0.10:53", "10.0.0.2:4000", 7, "NXDOMAIN", &[]),
            answer(500, "10.100.0.10:53", "10.0.0.1:4000", 8, "NOERROR", &[]),
            answer(600, "10.100.0.10:53", "10.0.0.1:4000", 7, "NOERROR", &["192.0.2.1"]),
            answer(700, "10.100.0.10:53", "10.0.0.1:4001", 7, "NOERROR", &["192.0.2.9"]),
        ]));
        let seen: Vec<_> = all
            .iter()
            .map(|e| {
                let answer = e.answer.as_ref().expect("each is answered");
                (e.name.as_str(), e.qtype.as_str(), answer.rcode.as_str(), answer.took)
            })
            .collect();
        assert_eq!(
            seen,
            [
                ("a.test", "A", "NOERROR", Some(600)),
                ("b.test", "A", "NXDOMAIN", Some(390)),
                ("a.test", "AAAA", "NOERROR", Some(480)),
            ]
        );
        assert!(all[0].positive() && all[2].negative() && !all[2].nxdomain());
    }

    #[test]
    fn a_retry_is_told_from_the_same_packet_seen_twice() {
        let mut seen_again = query(40, "10.0.0.1:4000", "10.20.5.14:53", 7, "A", "a.test");
        seen_again.interface = Some("eth0".into());
        let all = exchanges(&capture(vec![
            query(0, "10.0.0.1:4000", "10.100.0.10:53", 7, "A", "a.test"),
            seen_again,
            query(5_005_000, "10.0.0.1:4000", "10.100.0.10:53", 7, "A", "a.test"),
            answer(
                5_005_300,
                "10.20.5.14:53",
                "10.0.0.1:4000",
                7,
                "NOERROR",
                &["192.0.2.1"],
            ),
            answer(
                5_005_400,
                "10.100.0.10:53",
                "10.0.0.1:4000",
                7,
                "NOERROR",
                &["192.0.2.1"],
            ),
        ]));
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].retries(), 1);
        assert_eq!(all[0].answer.as_ref().and_then(|a| a.took), Some(400));
    }

    #[test]
    fn what_is_not_answered_has_no_answer_and_a_used_id_begins_anew() {
        let all = exchanges(&capture(vec![
            query(0, "10.0.0.1:4000", "10.100.0.10:53", 7, "A", "a.test"),
            answer(100, "10.100.0.10:53", "10.0.0.1:4000", 7, "NXDOMAIN", &[]),
            query(200, "10.0.0.1:4000", "10.100.0.10:53", 7, "A", "a.test"),
        ]));
        assert_eq!(all.len(), 2);
        assert!(all[0].nxdomain() && all[1].answer.is_none());
    }
}
