//! The names that answers answer to.

use std::sync::Arc;

use super::{Index, bits};
use crate::artifact::{DnsMessage, Endpoint, Packet, Transport};

/// The queries of a capture, by their packet's place.
#[derive(Default)]
pub struct Answers {
    /// The last query with an id from a client.
    by_client: Index<usize>,
    /// The last with an id from a client to a server, where the client has asked another server with that id since.
    by_addresses: Index<usize>,
}

impl Answers {
    /// Looks at the last packet: an answer gets the name and type that its query asked for. `owner` is the owner of its first record,
    /// which `-v` prints.
    pub fn see(&mut self, packets: &mut [Packet], owner: Option<Arc<str>>) {
        let place = packets.len().saturating_sub(1);
        let Some((source, destination, message)) = packets.last().and_then(dns) else {
            return;
        };
        let id = message.id;
        if !message.response {
            let before = self.by_client.insert(&(id, bits(source)), place);
            if let Some(before) = before
                && let Some((client, server, query)) = packets.get(before).and_then(dns)
                && server != destination
            {
                self.by_addresses
                    .insert(&(query.id, bits(client), bits(server)), before);
            }
            return;
        }
        if message.name.is_some() {
            return;
        }
        let query = |place: usize| {
            packets
                .get(place)
                .and_then(dns)
                .filter(|(client, _, query)| *client == destination && query.id == id)
        };
        let last = self.by_client.get(&(id, bits(destination))).and_then(query);
        let asked = match last {
            Some((_, server, _)) if server != source => self
                .by_addresses
                .get(&(id, bits(destination), bits(source)))
                .and_then(query)
                .filter(|(_, server, _)| *server == source)
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
