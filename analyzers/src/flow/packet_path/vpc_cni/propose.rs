//! The ways that a paste asks about: a connection that was tried in a pod, and probes of pods behind branches that were not answered.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};

use super::Inside;
use super::branch::Branch;
use crate::artifact::Node;
use crate::flow::dns;
use crate::flow::packet_path::tried::{Whom, whom};
use crate::flow::packet_path::{Endpoint, Protocol, Query, asking, cluster};
use crate::flow::{Flow, Verdict};
use crate::model::{Entity, Model, Pod};
use crate::segment::{Command, CommandLine, Segment};

/// The ways that are shown.
const SHOWN: usize = 3;

/// Those that stop first, each once.
pub fn propose(model: &Model<'_>) -> Vec<Flow> {
    let mut queries: Vec<Query> = model
        .segments
        .iter()
        .filter_map(|segment| tried(model, segment))
        .collect();
    queries.extend(probed(model));
    let mut seen = BTreeSet::new();
    queries.retain(|query| seen.insert((query.from.to_string(), query.to.to_string())));
    let mut flows: Vec<Flow> = queries
        .iter()
        .take(SHOWN)
        .filter_map(|query| Some(asking(cluster::between(model, query)?, query)))
        .collect();
    flows.sort_by_key(|flow| flow.verdict != Verdict::Blocked);
    flows
}

/// From the pod in which a command tries to connect, to what it names; where what is between the pod and its node's interfaces was pasted.
fn tried(model: &Model<'_>, segment: &Segment) -> Option<Query> {
    let command = segment.command.as_ref().filter(|command| command.typed())?;
    let shells = segment.within.iter().map(|text| Command {
        span: command.span,
        text: text.clone(),
        implied: false,
        titled: false,
    });
    let pod = dns::pod_of_command(command).or_else(|| shells.rev().find_map(|shell| dns::pod_of_command(&shell)))?;
    let namespace = pod.namespace.as_deref().unwrap_or("default");
    let entity = model.get("Pod", namespace, &pod.name)?;
    let line = CommandLine::new(&command.text);
    let (Whom::Address(to), port, protocol) = whom(&line.inner().unwrap_or(line))? else {
        return None;
    };
    let told = |entity: &Entity<'_>| {
        let node = Pod(entity).node_name();
        Branch::of(entity).is_some() || node.is_some_and(|node| Inside::new(model, &node.value, to.is_ipv6()).is_some())
    };
    let receiver = model.pod_by_ip(to);
    if !told(entity) && !receiver.is_some_and(told) {
        return None;
    }
    Some(Query {
        from: Endpoint::Pod {
            namespace: entity.namespace.to_owned(),
            name: entity.name.to_owned(),
            port: None,
        },
        to: end(receiver, to, port),
        protocol,
        at: None,
    })
}

fn end(pod: Option<&Entity<'_>>, address: IpAddr, port: Option<u16>) -> Endpoint {
    match pod {
        Some(pod) => Endpoint::Pod {
            namespace: pod.namespace.to_owned(),
            name: pod.name.to_owned(),
            port,
        },
        None => Endpoint::Ip { address, port },
    }
}

/// From a node to a pod of it that does not answer its probes, where a branch is between them.
fn probed(model: &Model<'_>) -> Vec<Query> {
    let mut all = Vec::new();
    for (_, root) in model.artifacts.roots() {
        let items = root.list("items");
        for event in std::iter::once(root).chain(items) {
            if event.str_of("kind") == Some("Event")
                && event.str_of("reason") == Some("Unhealthy")
                && let Some(query) = unanswered(model, &event)
            {
                all.push(query);
            }
        }
    }
    all
}

fn unanswered(model: &Model<'_>, event: &Node<'_>) -> Option<Query> {
    let to = asked(event.str_of("message")?)?;
    let pod = model.pod_by_ip(to.ip())?;
    Branch::of(pod)?;
    Some(Query {
        from: Endpoint::Node {
            name: Pod(pod).node_name()?.value,
            port: None,
        },
        to: end(Some(pod), to.ip(), Some(to.port())),
        protocol: Protocol::Tcp,
        at: None,
    })
}

/// Whom a probe asked that was not answered in time: `Readiness probe failed: Get "http://10.42.1.140:8080/healthz": context deadline
/// exceeded …`, `… dial tcp 10.42.1.140:8080: i/o timeout` (Go's `net/http` and `net`, as kubelet prints them in `pkg/kubelet/prober`).
fn asked(message: &str) -> Option<SocketAddr> {
    if !message.contains(" probe failed: ") {
        return None;
    }
    let late = ["context deadline exceeded", "i/o timeout", "Client.Timeout exceeded"];
    if !late.iter().any(|words| message.contains(words)) {
        return None;
    }
    let after = |mark: &str| message.split_once(mark).map(|(_, rest)| rest);
    let rest = after("://").or_else(|| after("dial tcp "))?;
    let host = rest.split(['/', '"', ' ', '?']).next()?;
    host.trim_end_matches(':').parse().ok()
}

#[cfg(test)]
mod tests {
    use super::asked;

    #[test]
    fn a_probe_that_was_not_answered_names_whom_it_asked() {
        for (message, to) in [
            (
                "Readiness probe failed: Get \"http://10.42.1.140:8080/healthz\": context deadline exceeded (Client.Timeout exceeded while \
                 awaiting headers)",
                Some("10.42.1.140:8080"),
            ),
            (
                "Liveness probe failed: Get \"http://10.42.1.140:8080/\": dial tcp 10.42.1.140:8080: i/o timeout",
                Some("10.42.1.140:8080"),
            ),
            (
                "Liveness probe failed: dial tcp 10.42.1.140:6379: i/o timeout",
                Some("10.42.1.140:6379"),
            ),
            (
                "Readiness probe failed: Get \"https://[2001:db8::7]:8443/healthz\": context deadline exceeded",
                Some("[2001:db8::7]:8443"),
            ),
            (
                "Readiness probe failed: dial tcp 10.42.1.140:6379: connect: connection refused",
                None,
            ),
            ("Readiness probe failed: HTTP probe failed with statuscode: 503", None),
            ("Readiness probe failed: command timed out: i/o timeout", None),
        ] {
            assert_eq!(asked(message).map(|to| to.to_string()).as_deref(), to, "{message}");
        }
    }
}
