//! The ways that a paste asks about by itself: connections that were tried to a node's port of a Service.

use std::collections::BTreeSet;

use crate::flow::packet_path::tried::{Whom, tried};
use crate::flow::packet_path::{Endpoint, Query, compute};
use crate::flow::{Flow, Verdict};
use crate::model::service::Service;
use crate::model::{Model, Node};

/// The ways that are shown.
const SHOWN: usize = 3;

/// Those that stop first, each once: not one for each node that was tried, but one with all nodes that may be.
pub fn propose(model: &Model<'_>) -> Vec<Flow> {
    let is_node = |address: std::net::IpAddr| {
        model
            .all("Node")
            .any(|node| Node(node).internal_ips().iter().any(|ip| ip.value == address))
    };
    let tries: BTreeSet<_> = model
        .segments
        .iter()
        .filter_map(tried)
        .filter_map(|tried| match tried.to {
            Whom::Address(to) if is_node(to) => Some((tried.from?, tried.port?, tried.protocol)),
            _ => None,
        })
        .collect();
    let mut flows: Vec<Flow> = tries
        .into_iter()
        .filter_map(|(from, port, protocol)| {
            let service = model.all("Service").find(|service| {
                Service(service)
                    .ports()
                    .iter()
                    .any(|own| own.node_port == Some(port) && Some(own.protocol) == protocol.name())
            })?;
            Some(Query {
                from: Endpoint::Ip {
                    address: from,
                    port: None,
                },
                to: Endpoint::Service {
                    namespace: service.namespace.to_owned(),
                    name: service.name.to_owned(),
                    port,
                },
                protocol,
                at: None,
            })
        })
        .take(SHOWN)
        .map(|query| compute(model, &query))
        .collect();
    flows.sort_by_key(|flow| flow.verdict != Verdict::Blocked);
    flows
}
