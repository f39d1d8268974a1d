//! The names that answers answer to.

use std::collections::HashSet;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::{Places, bits};
use crate::artifact::{DnsMessage, Endpoint, Packet, Transport};

/// The queries of a capture, by their packet's place.
#[derive(Default)]
pub struct Answers {
    /// The last query with an id from a client.
    by_client: Places,
    /// The last with an id from a client to a server, where the client has asked another server with that id since.
    by_addresses: Places,
    /// The names that were asked for: clients ask for the same ones again and again, and one text does for all of them.
    names: HashSet<Arc<str>, RandomState>,
}

/// More names than clients of one capture ask for often.
const NAMES: usize = 4096;

impl Answers {
    /// For a capture of so many bytes.
    pub fn new(bytes: usize) -> Self {
        Self {
            by_client: Places::for_bytes(bytes),
            ..Self::default()
        }
    }

    /// Looks at the last packet: an answer gets the name and type that its query asked for. `owner` is the owner of its first record,
    /// which `-v` prints.
    pub fn see(&mut self, packets: &mut [Packet], owner: Option<Arc<str>>) {
        let place = packets.len().saturating_sub(1);
        if let Some(Transport::Dns(message)) = packets.last_mut().map(|packet| &mut packet.transport)
            && let Some(name) = &mut message.name
        {
            if let Some(known) = self.names.get(name) {
                *name = Arc::clone(known);
            } else if self.names.len() < NAMES {
                self.names.insert(Arc::clone(name));
            }
        }
        let Some((source, destination, message)) = packets.last().and_then(dns) else {
            return;
        };
        let id = message.id;
        let asked_by = |place: usize, client: Endpoint| {
            packets
                .get(place)
                .and_then(dns)
                .filter(|(asks, _, query)| *asks == client && query.id == id)
        };
        if !message.response {
            let before = self
                .by_client
                .insert(&(id, bits(source)), place, |at| asked_by(at, source).is_some());
            if let Some(before) = before
                && let Some((_, server, _)) = asked_by(before, source)
                && server != destination
            {
                self.by_addresses
                    .insert(&(id, bits(source), bits(server)), before, |at| {
                        asked_by(at, source).is_some_and(|(_, asked, _)| asked == server)
                    });
            }
            return;
        }
        if message.name.is_some() {
            return;
        }
        let query = |place: usize| asked_by(place, destination);
        let last = self
            .by_client
            .get(&(id, bits(destination)), |at| query(at).is_some())
            .and_then(query);
        let asked = match last {
            Some((_, server, _)) if server != source => self
                .by_addresses
                .get(&(id, bits(destination), bits(source)), |at| {
                    query(at).is_some_and(|(_, asked, _)| asked == source)
                })
                .and_then(query)
                .or(last),
            last => last,
        };
        let asked = asked.map(|(_, _, query)| (query.name.clone(), query.qtype.clone()));
        let Some(Transport::Dns(message)) = packets.last_mut().map(|packet| &mut packet.transport) else {
            return;
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
