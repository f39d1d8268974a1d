//! Who connects to a load balancer, as far as the paste shows.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::Balancer;
use crate::artifact::Endpoint;
use crate::evidence::Evidence;
use crate::flow::packet_path::client::same_host;
use crate::flow::packet_path::{Attempt, Client, Sign, attempts};
use crate::model::{Entity, Model, Pod};
use crate::segment::Segment;

/// Whether a line says that a connection could not be opened in time. Go's net package, libcurl, urllib3, Netty, Java, Node.js and
/// errno's text (ETIMEDOUT) name the connecting; a time-out while reading, a reset or a refusal come from a connection, or an
/// answer, that there was.
fn could_not_connect(lower: &str) -> bool {
    const CONNECTING: [&str; 8] = [
        "connection timed out",
        "connect timed out",
        "connection timeout after",
        "connecttimeouterror",
        "connecttimeoutexception",
        "connectionattempttimeout",
        "connect etimedout",
        "timeout was reached",
    ];
    let dialled = lower.contains("dial tcp") && (lower.contains("i/o timeout") || lower.contains("timed out"));
    (dialled || CONNECTING.iter().any(|words| lower.contains(words))) && !is_something_else(lower)
}

/// Whether a line speaks of a failure that may or may not be one of connecting.
fn may_have_failed_to_connect(lower: &str) -> bool {
    const FAILING: [&str; 6] = [
        "timed out",
        "i/o timeout",
        "deadline exceeded",
        "couldn't connect",
        "could not connect",
        "failed to connect",
    ];
    FAILING.iter().any(|words| lower.contains(words)) && !is_something_else(lower)
}

/// Whether a line speaks of a connection that could not be opened, surely or perhaps.
pub fn no_connection(lower: &str) -> bool {
    could_not_connect(lower) || may_have_failed_to_connect(lower)
}

/// Failures that the way back of the first packet cannot cause: of names, and of connections that were open or refused.
fn is_something_else(lower: &str) -> bool {
    const ELSE: [&str; 10] = [
        "lookup ",
        "resolve",
        "getaddrinfo",
        "refused",
        "read tcp",
        "read: ",
        "write tcp",
        "tls handshake",
        "no route to host",
        "504",
    ];
    ELSE.iter().any(|words| lower.contains(words))
}

/// The clients, those whose attempts are seen to fail first. Where nothing shows one: a pod on a target's node.
pub fn clients(model: &Model<'_>, balancer: &Balancer<'_>) -> Vec<Client> {
    let mut clients: Vec<Client> = seen(model, balancer);
    clients.extend(said(model, balancer));
    if clients.is_empty() {
        clients.extend(supposed(model, balancer));
    }
    let mut names = BTreeSet::new();
    clients.retain(|client| names.insert(client.subject.clone()));
    clients
}

/// From captures.
fn seen(model: &Model<'_>, balancer: &Balancer<'_>) -> Vec<Client> {
    let mut best: BTreeMap<IpAddr, (u8, usize, Attempt)> = BTreeMap::new();
    // Over UDP the load balancer has no TCP clients.
    if balancer.is_datagram() {
        return Vec::new();
    }
    let known = Known::new(model, balancer);
    let mut order = 0;
    for (_, capture) in model.captures() {
        for mut attempt in attempts(capture) {
            order += 1;
            let Some(tied) = known.is_to(balancer, &attempt) else {
                continue;
            };
            attempt.tied = tied;
            // That somebody connects to some private address is no sign; that it is in vain may be.
            if !tied && !attempt.unanswered() {
                continue;
            }
            let weight = match (attempt.stranger.is_some(), attempt.unanswered(), tied) {
                (true, _, _) => 0,
                (_, true, true) => 1,
                (_, true, false) => 2,
                _ => 3,
            };
            let client = attempt.client.address;
            if best.get(&client).is_none_or(|(known, ..)| weight < *known) {
                best.insert(client, (weight, order, attempt));
            }
        }
    }
    // Failed attempts first, then in the capture's order.
    let mut found: Vec<(u8, usize, Attempt)> = best.into_values().collect();
    found.sort_by_key(|(weight, order, _)| (*weight, *order));
    found
        .into_iter()
        .filter_map(|(_, _, attempt)| client_at(model, attempt.client.address, Sign::Capture(attempt)))
        .take(SHOWN)
        .collect()
}

/// The pod with that address, or the node where it is a node's: several host-network pods share it.
fn client_at(model: &Model<'_>, address: IpAddr, sign: Sign) -> Option<Client> {
    if let Some(pod) = model.pod_by_ip(address) {
        return Some(Client::new(model, pod, sign));
    }
    let node = model.all("Node").find(|node| {
        crate::model::Node(node)
            .internal_ip()
            .is_some_and(|ip| ip.value == address)
    })?;
    Some(Client::of_node(model, node, sign))
}

/// The clients of a load balancer that are shown.
pub const SHOWN: usize = 3;

/// The addresses that are known to be something else than the load balancer, and those that are known to be it.
struct Known {
    others: BTreeSet<IpAddr>,
    own: BTreeSet<IpAddr>,
    targets: BTreeSet<Endpoint>,
}

impl Known {
    fn new(model: &Model<'_>, balancer: &Balancer<'_>) -> Self {
        let pods = model.all("Pod").filter_map(|pod| Some(Pod(pod).ip()?.value));
        let nodes = model
            .all("Node")
            .filter_map(|node| Some(crate::model::Node(node).internal_ip()?.value));
        let services = model
            .all("Service")
            .filter_map(|service| service.fact(&["spec", "clusterIP"])?.value.parse().ok());
        let mut own: BTreeSet<IpAddr> = balancer.address.iter().map(|address| address.value).collect();
        own.extend(resolved(model, balancer));
        let targets = balancer
            .targets
            .iter()
            .zip(&balancer.hosts)
            .filter_map(|(target, host)| {
                Some(Endpoint {
                    address: target.address().or_else(|| Some(host.as_ref()?.ip.as_ref()?.value))?,
                    port: balancer.port_of(target),
                })
            });
        Self {
            others: pods.chain(nodes).chain(services).collect(),
            own,
            targets: targets.collect(),
        }
    }

    /// Whether an attempt goes to the load balancer. `Some(true)`: by an address of it, or by a target that its SYN reaches or that
    /// answers it. `Some(false)`: perhaps, as the listener's port is asked at a private address of which nothing is known.
    fn is_to(&self, balancer: &Balancer<'_>, attempt: &Attempt) -> Option<bool> {
        let asked = attempt.asked;
        if self.own.contains(&asked.address) {
            return Some(true);
        }
        if self.others.contains(&asked.address) {
            return None;
        }
        let through_target = attempt
            .rewritten
            .iter()
            .map(|(to, _)| *to)
            .chain(attempt.stranger.map(|(from, _)| from))
            .any(|end| self.targets.contains(&end));
        if through_target {
            return Some(true);
        }
        let by_port = self.own.is_empty()
            && is_private(asked.address)
            && balancer
                .port
                .as_ref()
                .is_some_and(|port| Some(port.value) == asked.port);
        by_port.then_some(false)
    }
}

/// The addresses that a line or a command's output gives for one of the load balancer's names: `dig +short NAME`, `Connected to NAME
/// (ADDRESS)`.
fn resolved(model: &Model<'_>, balancer: &Balancer<'_>) -> BTreeSet<IpAddr> {
    let names = balancer.names();
    let named = |text: &str| {
        names
            .iter()
            .any(|name| name.parse::<IpAddr>().is_err() && text.contains(name.as_str()))
    };
    let addresses = |text: &str| -> Vec<IpAddr> {
        text.split(|c: char| !(c.is_ascii_hexdigit() || matches!(c, '.' | ':')))
            .filter_map(|word| word.parse().ok())
            .filter(|address| is_private(*address))
            .collect()
    };
    let mut own = BTreeSet::new();
    for segment in model.segments {
        let asks = segment.command.as_ref().is_some_and(|command| {
            named(&command.text)
                && command
                    .text
                    .split(|c: char| !c.is_alphanumeric())
                    .any(|word| matches!(word, "dig" | "host"))
        });
        if asks {
            own.extend(
                model
                    .sources
                    .lines_in(segment.body)
                    // `dig` without `+short` says in comments whom it asked.
                    .filter(|(_, line)| !line.starts_with(';'))
                    .flat_map(|(_, line)| addresses(line)),
            );
        }
    }
    for (_, line) in model.lines() {
        if line.contains("onnected to") && named(line) {
            own.extend(addresses(line));
        }
    }
    own
}

/// RFC 1918, RFC 6598 and RFC 4193 addresses.
pub fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            v4.is_private() || (a == 100 && (64..128).contains(&b))
        }
        IpAddr::V6(v6) => v6.is_unique_local(),
    }
}

/// From commands and logs that name the load balancer.
fn said(model: &Model<'_>, balancer: &Balancer<'_>) -> Vec<Client> {
    let names = balancer.names();
    model
        .segments
        .iter()
        .filter_map(|segment| {
            let command = segment.command.as_ref()?;
            let pod = pod_of_command(model, &command.text)?;
            Some(Client::new(model, pod, failure(model, segment, &names)?))
        })
        .collect()
}

/// The command and the line that says that a connection to one of `names` failed, the surest such line first.
fn failure(model: &Model<'_>, segment: &Segment, names: &[String]) -> Option<Sign> {
    let command = segment.command.as_ref()?;
    let named = |text: &str| names.iter().any(|name| text.contains(name.as_str()));
    let in_command = named(&command.text);
    let mut perhaps = None;
    for (span, line) in model.sources.lines_in(segment.body) {
        if !(in_command || named(line)) {
            continue;
        }
        let lower = line.to_lowercase();
        let evidence = || vec![Evidence::Text(command.span), Evidence::Text(span)];
        if could_not_connect(&lower) {
            return Some(Sign::Words(evidence()));
        }
        if perhaps.is_none() && may_have_failed_to_connect(&lower) {
            perhaps = Some(Sign::Complaint(evidence()));
        }
    }
    perhaps
}

/// The pod of `kubectl exec` and `kubectl logs`: by name, or the only one of the workload that it names.
pub(in crate::flow::packet_path) fn pod_of_command<'m>(model: &'m Model<'_>, command: &str) -> Option<&'m Entity<'m>> {
    let words: Vec<&str> = command.split_whitespace().take_while(|word| *word != "--").collect();
    if !words.iter().any(|word| matches!(*word, "exec" | "logs")) {
        return None;
    }
    words.iter().skip(1).find_map(|word| {
        let name = word.rsplit('/').next().unwrap_or(word);
        let mut pods = model
            .all("Pod")
            .filter(|pod| pod.name == name || (word.contains('/') && workload(pod.name).is_some_and(|of| of == name)));
        let first = pods.next()?;
        pods.next().is_none().then_some(first)
    })
}

/// The workload's name in the name of a Deployment's pod (`NAME-HASH-xxxxx`) or a DaemonSet's (`NAME-xxxxx`).
fn workload(pod: &str) -> Option<&str> {
    let (rest, suffix) = pod.rsplit_once('-')?;
    if suffix.len() != 5 {
        return None;
    }
    match rest.rsplit_once('-') {
        Some((name, hash)) if (8..=10).contains(&hash.len()) && hash.bytes().any(|b| b.is_ascii_digit()) => Some(name),
        _ => Some(rest),
    }
}

/// Nobody is seen to connect: a pod on a target's node stands for all there, best one that somebody writes about.
fn supposed(model: &Model<'_>, balancer: &Balancer<'_>) -> Option<Client> {
    let complaint = complaint(model, balancer);
    let words: BTreeSet<String> = complaint
        .iter()
        .flat_map(|(_, line)| line.split(|c: char| !(c.is_alphanumeric() || c == '-')))
        .map(str::to_lowercase)
        .collect();
    // With addresses as targets the interesting client is a target that calls itself; with instances it is any other pod.
    let wants_target = balancer.targets.iter().any(|target| target.address().is_some());
    let mut candidates: Vec<(usize, &Entity<'_>)> = model
        .all("Pod")
        .filter(|entity| Pod(entity).is_alive())
        .map(|entity| {
            let pod = Pod(entity);
            let on_target = pod.node_name().is_some_and(|node| {
                let host = model.host_by_node(&node.value);
                balancer
                    .hosts
                    .iter()
                    .flatten()
                    .any(|target| same_host(&host, target) == Some(true))
            });
            let named = words.contains(entity.name) || workload(entity.name).is_some_and(|name| words.contains(name));
            let is_target = pod
                .ip()
                .is_some_and(|ip| balancer.targets.iter().any(|target| target.address() == Some(ip.value)));
            let is_backend = balancer
                .service
                .is_some_and(|service| workload(entity.name) == Some(service.name));
            let system = matches!(entity.namespace, "kube-system" | "kube-public");
            let own = pod.host_network(model).is_some_and(|fact| fact.value);
            let weight = usize::from(!named) * 8
                + usize::from(!on_target) * 4
                + usize::from(system) * 2
                + usize::from(is_backend || is_target != wants_target)
                + usize::from(own);
            (weight, entity)
        })
        .collect();
    candidates.sort_by_key(|(weight, _)| *weight);
    let (_, entity) = candidates.first()?;
    let sign = if complaint.is_empty() {
        Sign::None
    } else {
        Sign::Complaint(complaint.into_iter().map(|(evidence, _)| evidence).collect())
    };
    Some(Client::new(model, entity, sign))
}

/// Sentences that say that connections to a load balancer fail.
fn complaint<'m>(model: &'m Model<'_>, balancer: &Balancer<'_>) -> Vec<(Evidence, &'m str)> {
    let names = balancer.names();
    model
        .lines()
        .filter(|(_, line)| {
            let lower = line.to_lowercase();
            let about = lower.contains("nlb")
                || lower.contains("load balancer")
                || lower.contains("loadbalancer")
                || names.iter().any(|name| line.contains(name.as_str()));
            let fails = [
                "time out",
                "times out",
                "intermittent",
                "hangs",
                "cannot connect",
                "can't connect",
                "fails",
            ]
            .iter()
            .any(|words| lower.contains(words));
            about && (fails || may_have_failed_to_connect(&lower)) && !is_something_else(&lower)
        })
        .take(2)
        .map(|(span, line)| (Evidence::Text(span), line))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{could_not_connect, may_have_failed_to_connect, workload};

    #[test]
    fn only_a_connection_that_did_not_open_is_a_sign() {
        for line in [
            "dial tcp 10.0.0.1:443: i/o timeout",
            "curl: (28) Connection timed out after 3001 milliseconds",
            "curl: (28) Failed to connect to x port 443 after 3002 ms: Timeout was reached",
            "java.net.SocketTimeoutException: Connect timed out",
            "Error: connect ETIMEDOUT 10.0.0.1:443",
        ] {
            assert!(could_not_connect(&line.to_lowercase()), "{line}");
        }
        for line in [
            "client created, timeout=30s",
            "dial tcp: lookup x on 172.20.0.10:53: read udp 10.0.0.1:5->172.20.0.10:53: i/o timeout",
            "net/http: TLS handshake timeout",
            "read tcp 10.0.0.1:5->10.0.0.2:443: read: connection timed out",
            "failed to connect to x:443: connection refused",
            "504 upstream request timeout",
        ] {
            let lower = line.to_lowercase();
            assert!(
                !could_not_connect(&lower) && !may_have_failed_to_connect(&lower),
                "{line}"
            );
        }
        let unclear = "curl: (28) operation timed out after 3001 milliseconds with 0 bytes received";
        assert!(!could_not_connect(unclear) && may_have_failed_to_connect(unclear));
    }

    #[test]
    fn the_workload_is_told_from_a_pods_name() {
        assert_eq!(workload("checkout-7d9f8c6b5d-x2x8k"), Some("checkout"));
        assert_eq!(workload("aws-node-8cdnp"), Some("aws-node"));
        assert_eq!(workload("cart-0"), None);
    }
}
