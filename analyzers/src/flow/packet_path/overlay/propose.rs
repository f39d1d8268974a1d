//! The ways through an overlay that a paste itself asks about: connections that were tried in a pod, or said to be from its address.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::{Machines, has_overlay, has_pod};
use crate::flow::packet_path::node::machines::{Owner, owner};
use crate::flow::packet_path::tried::{Whom, whom};
use crate::flow::packet_path::{Endpoint, Query, compute};
use crate::flow::{Flow, Verdict};
use crate::model::Model;
use crate::segment::CommandLine;

/// The ways that are shown.
const SHOWN: usize = 3;

/// Those that stop first, each once.
pub fn propose(model: &Model<'_>) -> Vec<Flow> {
    let machines = Machines::new(model);
    let is_overlay = machines.iter().any(|machine| {
        [false, true]
            .into_iter()
            .filter_map(|six| machine.routes(six))
            .any(|routes| has_overlay(machine, &routes))
    });
    if !is_overlay {
        return Vec::new();
    }
    let mut seen = BTreeSet::new();
    let mut flows: Vec<Flow> = model
        .segments
        .iter()
        .filter_map(|segment| {
            let command = segment.command.as_ref().filter(|command| command.typed())?;
            let outer = CommandLine::new(&command.text);
            let line = outer.inner().unwrap_or(outer);
            let (Whom::Address(to), port, protocol) = whom(&line)? else {
                return None;
            };
            let Some(Owner::Pod(namespace, name)) = owner(model, segment) else {
                return None;
            };
            let known = |address: IpAddr| {
                model.pod_by_ip(address).is_some() || machines.iter().any(|machine| has_pod(machine, address))
            };
            let from = Endpoint::Pod {
                namespace,
                name,
                port: None,
            };
            let is_new = seen.insert((from.to_string(), to, port));
            (known(to) && is_new).then_some(Query {
                from,
                to: Endpoint::Ip { address: to, port },
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
