//! Where a node's rules send what is for a Service, whatever its objects say.

use std::cell::Cell;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::Pasted;
use super::dumps::Dumps;
use super::packet::{Packet, Question};
use super::told::told_apart;
use super::walk::{Fate, Walk};
use crate::evidence::Evidence;
use crate::flow::packet_path::joined;
use crate::model::Model;
use crate::model::service::Service;

/// A node's rules, where they were pasted whole and send packets for Services on.
pub struct Ruled<'a> {
    pasted: Pasted<'a>,
    six: bool,
    /// The node's name, where a prompt told it.
    pub node: Option<&'a str>,
    spent: Cell<usize>,
}

/// So many rules are asked in all: a cluster with thousands of Services is not compared to its end.
const MOST: usize = 3_000_000;

/// So many rules are cited of each way: the last ones before the packet is rewritten.
const CITED: usize = 2;

/// Where they send a packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// To whom; nobody where the packet is refused, or goes on as it is.
    pub ends: Vec<Sending>,
    /// Whether a rule or a virtual server is about the Service's address.
    pub known: bool,
    /// The rules that decide, where nobody gets it.
    pub evidence: Vec<Evidence>,
}

/// One of those that may get it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sending {
    /// The address.
    pub address: IpAddr,
    /// The port.
    pub port: u16,
    /// The rules on the way.
    pub evidence: Vec<Evidence>,
}

impl<'a> Ruled<'a> {
    /// The rules of a family of the node whose rules were pasted first.
    pub fn new(model: &Model<'a>, six: bool) -> Option<Self> {
        let dumps = Dumps::new(model, None, &[]);
        let mut pasted = Pasted::new(&dumps, Vec::new(), six)?;
        if pasted.kernel.ipvs.is_none() {
            // No interface has the addresses of Services but `kube-ipvs0`.
            let services = model
                .all("Service")
                .flat_map(|entity| Service(entity).cluster_addresses());
            pasted.kernel.machine.exclude(services.map(|address| address.value));
        }
        let whole = pasted.services && pasted.complete;
        whole.then(|| Self {
            pasted,
            six,
            node: dumps.host(),
            spent: Cell::new(0),
        })
    }

    /// Where a packet to a Service's address goes; `None` where that depends on what was not pasted.
    pub fn send(&self, to: IpAddr, port: u16, protocol: &'static str) -> Option<Sent> {
        // Nobody's address (RFC 2544 and RFC 5180): no rule of a Service is about it.
        let source: IpAddr = if self.six {
            Ipv6Addr::new(0x2001, 2, 0, 0, 0, 0, 0, 1).into()
        } else {
            Ipv4Addr::new(198, 18, 0, 1).into()
        };
        let packet = Packet::new(source, to, port, protocol);
        if self.spent.get() > MOST {
            return None;
        }
        let walk = Walk::new(&self.pasted.kernel, &packet);
        let (ways, open) = told_apart(&walk.ways(&packet, &[]));
        self.spent.set(self.spent.get() + walk.asked());
        let lost = ways.iter().any(|way| matches!(way.fate, Fate::Lost(_)));
        // A filter behind the rewriting may ask what is not known, and changes nothing about where a packet is sent; by which interface it
        // leaves is asked after that alone.
        let matters = open.iter().any(|question| !matches!(question, Question::Outgoing(_)));
        if lost || matters && ways.iter().any(|way| !way.packet.rewritten) {
            return None;
        }
        let mut sent = Sent {
            ends: Vec::new(),
            known: false,
            evidence: Vec::new(),
        };
        for way in ways {
            sent.known |=
                way.packet.rewritten || matches!(way.fate, Fate::Dropped(_) | Fate::Rejected(_) | Fate::Unserved);
            if !way.packet.rewritten {
                sent.evidence.extend(joined(way.hits));
                continue;
            }
            let (address, port) = (way.packet.destination, way.packet.port);
            if !sent
                .ends
                .iter()
                .any(|known| (known.address, known.port) == (address, port))
            {
                sent.ends.push(Sending {
                    address,
                    port,
                    evidence: joined(
                        way.hits
                            .into_iter()
                            .take(way.decided)
                            .skip(way.decided.saturating_sub(CITED)),
                    ),
                });
            }
        }
        sent.ends.sort_by_key(|end| (end.address, end.port));
        Some(sent)
    }
}
