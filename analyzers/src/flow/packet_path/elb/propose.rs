//! The ways that a paste asks about by itself: connections that were tried to a load balancer, the hosts of Ingresses, and what faces the Internet.

use std::collections::BTreeSet;

use super::{Asked, between, front};
use crate::flow::packet_path::tried::{Whom, tried};
use crate::flow::packet_path::{Endpoint, Protocol, Query, asking};
use crate::flow::{Flow, Verdict};
use crate::model::Model;
use crate::model::aws::elbv2::listener::path_of;

/// The ways that are shown.
const PROPOSED: usize = 3;

/// The connections that were tried first, then those to the hosts of Ingresses, else to Application Load Balancers, of those that face the Internet
/// and whose listeners were pasted.
pub fn propose(model: &Model<'_>) -> Vec<Flow> {
    let mut queries = named(model);
    if queries.is_empty() {
        queries = open(model);
    }
    let mut flows: Vec<Flow> = queries
        .iter()
        .take(PROPOSED)
        .filter_map(|query| Some(asking(between(model, query)?, query)))
        .collect();
    flows.sort_by_key(|flow| flow.verdict != Verdict::Blocked);
    flows
}

/// Connections to load balancers that were described, by a name that leads to them, tried in a shell.
fn named(model: &Model<'_>) -> Vec<Query> {
    let mut seen = BTreeSet::new();
    model
        .segments
        .iter()
        .filter_map(tried)
        .filter_map(|tried| {
            let Whom::Name(name) = &tried.to else { return None };
            let query = Query {
                from: tried
                    .from
                    .map_or(Endpoint::Internet, |address| Endpoint::Ip { address, port: None }),
                to: Endpoint::Host {
                    name: name.clone(),
                    port: tried.port,
                },
                protocol: tried.protocol,
                at: None,
            };
            let asked = Asked::of(&query)?;
            let front = front::find(model, &asked)?;
            // Where who asks is not told, only what faces the Internet can be asked about.
            let open = front.scheme().is_some_and(|scheme| scheme.value == "internet-facing");
            let known = front.arn.is_some() && (tried.from.is_some() || open);
            (known && seen.insert(tried.clone())).then_some(query)
        })
        .collect()
}

/// To what faces the Internet.
fn open(model: &Model<'_>) -> Vec<Query> {
    let mut queries: Vec<Query> = Vec::new();
    let mut seen = BTreeSet::new();
    // Looked up once: an account has thousands of load balancers.
    let listened: BTreeSet<String> = model
        .aws_list("Listeners")
        .iter()
        .filter_map(|(_, node)| path_of(node.str_of("LoadBalancerArn").or_else(|| node.str_of("ListenerArn"))?))
        .collect();
    for lb in model.load_balancers() {
        let open = lb.scheme().is_some_and(|scheme| scheme.value == "internet-facing");
        let Some(path) = path_of(lb.arn()).filter(|path| open && listened.contains(path)) else {
            continue;
        };
        let listeners = model.listeners_of(&path);
        let Some(first) = listeners
            .all
            .iter()
            .find(|listener| listener.port == 443)
            .or(listeners.all.first())
        else {
            continue;
        };
        let mut ends: Vec<Endpoint> = front::hosts(model, &lb)
            .into_iter()
            .take(PROPOSED)
            .map(|name| Endpoint::Host {
                name,
                port: Some(first.port),
            })
            .collect();
        // Who connects to a Network Load Balancer itself is asked elsewhere; here it stands before a proxy that knows hosts.
        if ends.is_empty() && path.starts_with("app/") {
            ends.push(Endpoint::LoadBalancer {
                name: lb.name().to_owned(),
                port: first.port,
            });
        }
        for to in ends {
            if seen.insert(to.to_string()) {
                queries.push(Query {
                    from: Endpoint::Internet,
                    to,
                    protocol: Protocol::Tcp,
                    at: None,
                });
            }
        }
        if queries.len() >= PROPOSED {
            break;
        }
    }
    queries
}
