//! DNS: which names a program's resolver asked for, what came back, and how much of it was needless.
//!
//! `capture → exchanges → lookups → flows`; where there is no capture, `resolv.conf → candidates → flow`.

mod compute;
mod exchange;
mod ladder;
mod lookup;
mod names;
mod pod;
mod propose;
mod report;
pub mod resolver;
mod search_list;
mod settings;

use crate::evidence::Evidence;

pub use compute::{Query, Whose, compute};
pub use exchange::{Answer, Exchange, exchanges};
pub use lookup::{Lookup, Rung, lookups};
pub use pod::{Pod, of_command as pod_of_command};
pub use propose::propose;
pub use report::{Report, ReportedQuery, report};
pub use resolver::Resolver;

/// What only this kind of flow has.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Details {
    /// The name that was wanted.
    pub name: String,
    /// Whose rules the ladder follows.
    pub resolver: Resolver,
    /// `ndots` of the client; `None` where its `resolv.conf` was not pasted.
    pub ndots: Option<u32>,
    /// Its search list: from `resolv.conf`, or as its queries show it; empty where neither tells.
    pub search: Vec<String>,
    /// Who asks, as the picture names it.
    pub client: String,
    /// Who is asked, as the picture names it.
    pub server: String,
    /// The asking pod, where it is known.
    pub pod: Option<Pod>,
    /// The needless queries of the lookup that is drawn.
    pub wasted: usize,
    /// All its queries.
    pub total: usize,
    /// The names that were asked for in vain, each counted once whatever types were asked for.
    pub wasted_names: usize,
    /// How often the name was looked up in the capture; 0 where it was computed.
    pub lookups: usize,
    /// The needless queries of all these lookups.
    pub wasted_all: usize,
    /// All their queries.
    pub total_all: usize,
    /// Whether a record came back in the end.
    pub answered: bool,
    /// `with a trailing dot: 2 queries instead of 10`.
    pub savings: Option<String>,
    /// Whether it was computed from configuration alone.
    pub computed: bool,
    /// Where the search list stands.
    pub search_evidence: Vec<Evidence>,
    /// Where `ndots` stands; empty where the default applies.
    pub ndots_evidence: Vec<Evidence>,
}

/// `1 query`, `10 queries`.
fn queries(count: usize) -> String {
    if count == 1 {
        "1 query".to_owned()
    } else {
        format!("{count} queries")
    }
}

/// A command in the pod: with its names, or with placeholders where they are not known.
pub fn exec(pod: Option<&Pod>, search: &[String], command: &str) -> String {
    let listed = search
        .first()
        .and_then(|domain| domain.split_once(".svc."))
        .map(|(namespace, _)| namespace.to_owned());
    let namespace = pod
        .and_then(|pod| pod.namespace.clone())
        .or(listed)
        .unwrap_or_else(|| "<namespace>".to_owned());
    let name = pod.map_or("<pod>", |pod| pod.name.as_str());
    format!("kubectl exec -n {namespace} {name} -- {command}")
}

#[cfg(test)]
mod tests {
    //! Hand-made captures for the tests of this folder.

    use crate::artifact::{Capture, DnsMessage, DnsRecord, DnsRecords, Endpoint, Packet, Transport};
    use crate::text::{SourceId, Span};

    fn endpoint(text: &str) -> Endpoint {
        let address: std::net::SocketAddr = text.parse().expect("an address and a port");
        Endpoint {
            address: address.ip(),
            port: Some(address.port()),
        }
    }

    fn packet(time: i64, from: &str, to: &str, message: DnsMessage) -> Packet {
        Packet {
            span: Span {
                source: SourceId(0),
                start: 0,
                end: 0,
            },
            time: Some(time),
            interface: None,
            source: endpoint(from),
            destination: endpoint(to),
            direction: None,
            checksum: None,
            ip: None,
            header: None,
            transport: Transport::Dns(Box::new(message)),
        }
    }

    pub(super) fn query(time: i64, from: &str, to: &str, id: u16, qtype: &str, name: &str) -> Packet {
        let message = DnsMessage {
            id,
            name: Some(name.into()),
            qtype: Some(qtype.to_owned().into()),
            ..DnsMessage::default()
        };
        packet(time, from, to, message)
    }

    pub(super) fn answer(time: i64, from: &str, to: &str, id: u16, rcode: &str, records: &[&str]) -> Packet {
        let message = DnsMessage {
            id,
            response: true,
            rcode: Some(rcode.to_owned().into()),
            records: Some(Box::new(DnsRecords {
                answers: records
                    .iter()
                    .map(|data| DnsRecord {
                        rtype: if data.contains(':') { "AAAA" } else { "A" }.into(),
                        data: (*data).into(),
                        ..DnsRecord::default()
                    })
                    .collect(),
                ..DnsRecords::default()
            })),
            ..DnsMessage::default()
        };
        packet(time, from, to, message)
    }

    /// A lookup of an outside name as glibc does it: A and AAAA of each name with a suffix refused, then the name answered.
    pub(super) fn lookup(client: &str, name: &str, search: &[&str]) -> Vec<Packet> {
        let server = "10.100.0.10:53";
        let mut packets = Vec::new();
        let suffixes = search.iter().map(|domain| Some(*domain)).chain([None]);
        for (index, suffix) in (0u16..).zip(suffixes) {
            let full = suffix.map_or_else(|| name.to_owned(), |suffix| format!("{name}.{suffix}"));
            let from = format!("{client}:{}", 40_000 + index);
            let at = i64::from(index) * 1_000;
            let (rcode, records): (_, &[&str]) = match suffix {
                Some(_) => ("NXDOMAIN", &[]),
                None => ("NOERROR", &["192.0.2.1", "192.0.2.2"]),
            };
            packets.extend([
                query(at, &from, server, 2 * index, "A", &full),
                query(at + 10, &from, server, 2 * index + 1, "AAAA", &full),
                answer(at + 400, server, &from, 2 * index, rcode, records),
                answer(at + 450, server, &from, 2 * index + 1, rcode, &[]),
            ]);
        }
        packets
    }

    pub(super) fn capture(packets: Vec<Packet>) -> Capture {
        let mut packets = packets;
        for (index, packet) in packets.iter_mut().enumerate() {
            packet.span.start = index * 10;
            packet.span.end = index * 10 + 9;
        }
        Capture {
            packets,
            ..Capture::default()
        }
    }
}
