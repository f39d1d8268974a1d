//! The ways that a paste asks about by itself: connections that were tried to a node's port of a Service.

use std::collections::BTreeSet;

use crate::flow::packet_path::tried::{Whom, tried};
use crate::flow::packet_path::{Endpoint, Query, compute};
use crate::flow::{Flow, Verdict};
use crate::model::service::Service;
use crate::model::{Model, Node};

/// The ways that are shown.
const SHOWN: usize = 4;

/// Those that stop first, each once.
pub fn propose(model: &Model<'_>) -> Vec<Flow> {
    let tries: BTreeSet<_> = model.segments.iter().filter_map(tried).collect();
    let asked = tries.into_iter().filter_map(|tried| match tried.to {
        Whom::Address(to) => Some((tried.from?, to, tried.port?, tried.protocol)),
        Whom::Name(_) => None,
    });
    let is_node_port = |port: u16, name: Option<&str>| {
        model.all("Service").any(|service| {
            Service(service)
                .ports()
                .iter()
                .any(|own| own.node_port == Some(port) && Some(own.protocol) == name)
        })
    };
    let is_node = |address: std::net::IpAddr| {
        model
            .all("Node")
            .any(|node| Node(node).internal_ips().iter().any(|ip| ip.value == address))
    };
    let mut flows: Vec<Flow> = asked
        .filter(|(_, to, port, protocol)| is_node_port(*port, protocol.name()) && is_node(*to))
        .take(SHOWN)
        .map(|(from, to, port, protocol)| {
            let query = Query {
                from: Endpoint::Ip {
                    address: from,
                    port: None,
                },
                to: Endpoint::Ip {
                    address: to,
                    port: Some(port),
                },
                protocol,
                at: None,
            };
            compute(model, &query)
        })
        .collect();
    flows.sort_by_key(|flow| flow.verdict != Verdict::Blocked);
    flows
}
