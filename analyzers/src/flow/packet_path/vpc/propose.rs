//! The ways that a paste itself asks about: connections that were tried in a shell on an instance whose network was pasted.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::{Network, between};
use crate::flow::packet_path::tried::{Whom, tried};
use crate::flow::packet_path::{Endpoint, Protocol, Query};
use crate::flow::{Flow, Verdict};
use crate::model::Model;

/// The ways that are shown.
const SHOWN: usize = 3;

/// Those that stop first, each once.
pub fn propose(model: &Model<'_>) -> Vec<Flow> {
    let tries: Vec<(IpAddr, IpAddr, Option<u16>, Protocol)> = model
        .segments
        .iter()
        .filter_map(tried)
        .filter_map(|tried| match tried.to {
            Whom::Address(to) => Some((tried.from?, to, tried.port, tried.protocol)),
            Whom::Name(_) => None,
        })
        .collect();
    if tries.is_empty() {
        return Vec::new();
    }
    let network = Network::new(model);
    if network.interfaces.is_empty() || (network.route_tables.is_empty() && network.security_groups.is_empty()) {
        return Vec::new();
    }
    let mut seen = BTreeSet::new();
    let mut flows: Vec<Flow> = tries
        .into_iter()
        .filter(|(from, to, port, protocol)| {
            !network.interfaces_at(*from).is_empty() && seen.insert((*from, *to, *port, *protocol))
        })
        .take(SHOWN)
        .filter_map(|(from, to, port, protocol)| {
            let from = Endpoint::Ip {
                address: from,
                port: None,
            };
            let to = Endpoint::Ip { address: to, port };
            between(
                model,
                &Query {
                    from,
                    to,
                    protocol,
                    at: None,
                },
            )
        })
        .collect();
    flows.sort_by_key(|flow| flow.verdict != Verdict::Blocked);
    flows
}
