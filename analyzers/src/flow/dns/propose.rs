//! The DNS flows that the paste itself asks about.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::compute;
use super::exchange::{Exchange, exchanges};
use super::ladder::{self, Known, Parties, Repeated};
use super::lookup::{Lookup, lookups};
use super::pod::{self, Pod};
use super::search_list;
use super::settings::{self, Settings};
use crate::artifact::{Artifact, Capture};
use crate::flow::{Actor, ActorKind, Flow};
use crate::model::Model;

/// No more names than this get a picture of their own: the most wasteful ones.
const WASTEFUL: usize = 5;

/// As many where nothing is wasted.
const ORDINARY: usize = 2;

/// What was captured, the most wasteful first; where nothing was, what `resolv.conf` makes of a name.
pub fn propose(model: &Model<'_>) -> Vec<Flow> {
    let flows = captured(model, None);
    if flows.is_empty() {
        compute::from_settings(model)
    } else {
        flows
    }
}

/// The flows of the captures; only those of lookups of `wanted`, where it is given.
pub fn captured(model: &Model<'_>, wanted: Option<&str>) -> Vec<Flow> {
    let settings = settings::all(model);
    let pods = pod::by_address(model);
    model
        .captures()
        .flat_map(|(artifact, capture)| of_capture(model, artifact, capture, &settings, &pods, wanted))
        .collect()
}

/// What is known of a client of a capture.
struct Client<'s> {
    pod: Option<Pod>,
    settings: Option<&'s Settings>,
    search: Vec<String>,
}

fn of_capture(
    model: &Model<'_>,
    artifact: &Artifact,
    capture: &Capture,
    settings: &[Settings],
    pods: &BTreeMap<IpAddr, Option<Pod>>,
    wanted: Option<&str>,
) -> Vec<Flow> {
    let mut all = exchanges(capture);
    // Who is asked by others asks on their behalf: its questions are theirs once more.
    let servers: BTreeSet<IpAddr> = all.iter().map(|exchange| exchange.server.address).collect();
    all.retain(|exchange| !servers.contains(&exchange.client.address));
    let clients = clients(model, artifact, &all, settings, pods);
    let found = lookups(&all, |client| {
        clients.get(&client).map_or(&[][..], |known| known.search.as_slice())
    });
    let ended = capture.packets.iter().rev().find_map(|packet| packet.time);

    let mut by_name: BTreeMap<(IpAddr, &str), Vec<&Lookup>> = BTreeMap::new();
    for lookup in &found {
        by_name.entry((lookup.client, &lookup.name)).or_default().push(lookup);
    }
    let mut ranked: Vec<(Repeated<'_>, usize)> = by_name
        .into_values()
        .filter_map(|same| {
            let repeated = repeated(&same, &all)?;
            let first = same.first()?.rungs.first()?.exchanges.first().copied()?;
            wanted
                .is_none_or(|name| name == repeated.shown.name)
                .then_some((repeated, first))
        })
        .collect();
    let interesting = |repeated: &Repeated<'_>| repeated.wasted > 0 || !repeated.shown.answered(&all);
    let limit = if ranked.iter().any(|(repeated, _)| interesting(repeated)) && wanted.is_none() {
        ranked.retain(|(repeated, _)| interesting(repeated));
        WASTEFUL
    } else {
        ORDINARY
    };
    ranked.sort_by_key(|(repeated, first)| (usize::MAX - repeated.wasted, *first));
    ranked
        .iter()
        .take(limit)
        .filter_map(|(repeated, _)| {
            let client = clients.get(&repeated.shown.client)?;
            let parties = parties(model, repeated.shown, &all, client);
            let known = Known {
                settings: client.settings,
                search: &client.search,
                resolver: settings::resolver(model, client.pod.as_ref()),
                ended,
            };
            Some(ladder::seen(repeated, &all, &parties, &known))
        })
        .collect()
}

/// The lookup to draw: the one that wastes most, of those the one that ends best, of those the first.
fn repeated<'l>(same: &[&'l Lookup], exchanges: &[Exchange]) -> Option<Repeated<'l>> {
    let waste = |lookup: &Lookup| -> usize { lookup.wasted(exchanges).map(|rung| rung.exchanges.len()).sum() };
    let size = |lookup: &Lookup| -> usize { lookup.rungs.iter().map(|rung| rung.exchanges.len()).sum() };
    let shown = same
        .iter()
        .enumerate()
        .min_by_key(|(index, lookup)| (!lookup.answered(exchanges), usize::MAX - waste(lookup), *index))?;
    Some(Repeated {
        shown: shown.1,
        times: same.len(),
        wasted: same.iter().map(|lookup| waste(lookup)).sum(),
        total: same.iter().map(|lookup| size(lookup)).sum(),
    })
}

fn clients<'s>(
    model: &Model<'_>,
    artifact: &Artifact,
    exchanges: &[Exchange],
    settings: &'s [Settings],
    pods: &BTreeMap<IpAddr, Option<Pod>>,
) -> BTreeMap<IpAddr, Client<'s>> {
    let mut seen: BTreeMap<IpAddr, (BTreeSet<IpAddr>, BTreeSet<&str>)> = BTreeMap::new();
    for exchange in exchanges {
        let (servers, names) = seen.entry(exchange.client.address).or_default();
        servers.insert(exchange.server.address);
        names.insert(&exchange.name);
    }
    let inferred = search_list::inferred(exchanges.iter());
    // A capture in a pod's network shows that pod's queries and no others.
    let inside = (seen.len() == 1)
        .then(|| model.command_of(artifact).and_then(pod::of_command))
        .flatten();
    seen.into_iter()
        .map(|(address, (servers, names))| {
            let pod = pods.get(&address).cloned().flatten().or_else(|| inside.clone());
            let own = settings::of_client(settings, pod.as_ref(), &servers, &names);
            let search = own
                .map(|own| own.search.clone())
                .or_else(|| inferred.get(&address).cloned())
                .unwrap_or_default();
            let namespace = own.and_then(Settings::namespace).map(str::to_owned);
            let pod = pod.map(|pod| Pod {
                namespace: pod.namespace.or(namespace),
                ..pod
            });
            let client = Client {
                pod,
                settings: own,
                search,
            };
            (address, client)
        })
        .collect()
}

fn parties(model: &Model<'_>, lookup: &Lookup, exchanges: &[Exchange], client: &Client<'_>) -> Parties {
    let server = lookup
        .rungs
        .last()
        .and_then(|rung| rung.of(exchanges).next())
        .map(|exchange| exchange.server.address);
    Parties {
        client: client_actor(client.pod.as_ref(), Some(lookup.client)),
        server: ladder::server(server, server.and_then(|address| service_at(model, address)).as_deref()),
        pod: client.pod.clone(),
    }
}

/// Who asks.
pub fn client_actor(pod: Option<&Pod>, address: Option<IpAddr>) -> Actor {
    let text = address.map(|address| address.to_string());
    match pod {
        Some(pod) => Actor {
            id: format!("pod:{}", pod.path()),
            kind: ActorKind::Pod,
            name: pod.name.clone(),
            details: pod
                .namespace
                .iter()
                .map(|namespace| format!("namespace {namespace}"))
                .chain(text)
                .collect(),
            zones: Vec::new(),
        },
        None => Actor {
            id: text
                .as_ref()
                .map_or_else(|| "resolver".to_owned(), |text| format!("ip:{text}")),
            kind: ActorKind::Other,
            name: text.unwrap_or_else(|| "a program with this resolv.conf".to_owned()),
            details: Vec::new(),
            zones: Vec::new(),
        },
    }
}

/// The Service with that cluster address.
pub fn service_at(model: &Model<'_>, address: IpAddr) -> Option<String> {
    model
        .all("Service")
        .find(|service| {
            service
                .at(&["spec", "clusterIP"])
                .and_then(|node| node.str()?.parse::<IpAddr>().ok())
                == Some(address)
        })
        .map(|service| service.name.to_owned())
}
