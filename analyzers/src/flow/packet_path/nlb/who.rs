//! Who connects to a load balancer, as far as the paste shows.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::Balancer;
use crate::evidence::Evidence;
use crate::flow::packet_path::client::same_host;
use crate::flow::packet_path::{Attempt, Client, Sign, attempts};
use crate::model::{Entity, Model, Pod};
use crate::segment::Segment;

/// The words by which clients say that a connection failed: curl(1) "EXIT CODES" 7, 28, 35, 56 and its messages, Go's net
/// package, and what errno's texts say (ETIMEDOUT, ECONNRESET).
const FAILURES: [&str; 9] = [
    "timed out",
    "timeout",
    "connection reset",
    "failed to connect",
    "couldn't connect",
    "could not connect",
    "curl: (28)",
    "curl: (35)",
    "curl: (56)",
];

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
    let mut found: Vec<(bool, Attempt)> = Vec::new();
    for (_, capture) in model.captures() {
        for attempt in attempts(capture) {
            if is_to(model, balancer, &attempt) {
                found.push((attempt.answered.is_some() && attempt.stranger.is_none(), attempt));
            }
        }
    }
    // Failed attempts first; a stable sort keeps the capture's order.
    found.sort_by_key(|(fine, _)| *fine);
    found
        .into_iter()
        .filter_map(|(_, attempt)| client_at(model, attempt.client.address, Sign::Capture(attempt)))
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

/// Whether an attempt goes to the load balancer: by its known address, by a target that its SYN reaches or that answers it, or
/// by the listener's port at a private address that is no pod's, node's or Service's.
fn is_to(model: &Model<'_>, balancer: &Balancer<'_>, attempt: &Attempt) -> bool {
    if let Some(address) = &balancer.address
        && address.value == attempt.asked.address
    {
        return true;
    }
    let known = is_known(model, attempt.asked.address);
    let through_target = attempt
        .rewritten
        .iter()
        .map(|(to, _)| *to)
        .chain(attempt.stranger.map(|(from, _)| from))
        .any(|end| {
            balancer.targets.iter().zip(&balancer.hosts).any(|(target, host)| {
                let address = target.address().or_else(|| Some(host.as_ref()?.ip.as_ref()?.value));
                address == Some(end.address) && balancer.port_of(target) == end.port
            })
        });
    if known {
        return false;
    }
    through_target
        || (balancer.address.is_none()
            && is_private(attempt.asked.address)
            && balancer
                .port
                .as_ref()
                .is_some_and(|port| Some(port.value) == attempt.asked.port))
}

fn is_known(model: &Model<'_>, address: IpAddr) -> bool {
    let text = address.to_string();
    model.pod_by_ip(address).is_some()
        || model.all("Node").any(|node| {
            crate::model::Node(node)
                .internal_ip()
                .is_some_and(|ip| ip.value == address)
        })
        || model
            .all("Service")
            .any(|service| service.fact(&["spec", "clusterIP"]).is_some_and(|ip| ip.value == text))
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
            let evidence = failure(model, segment, &names)?;
            Some(Client::new(model, pod, Sign::Words(evidence)))
        })
        .collect()
}

/// The command and the line that says that a connection to one of `names` failed.
fn failure(model: &Model<'_>, segment: &Segment, names: &[String]) -> Option<Vec<Evidence>> {
    let command = segment.command.as_ref()?;
    let in_command = names.iter().any(|name| command.text.contains(name.as_str()));
    let mut evidence = vec![Evidence::Text(command.span)];
    for (span, line) in model.sources.lines_in(segment.body) {
        let lower = line.to_lowercase();
        let about = in_command || names.iter().any(|name| line.contains(name.as_str()));
        if about && FAILURES.iter().any(|words| lower.contains(words)) {
            evidence.push(Evidence::Text(span));
            return Some(evidence);
        }
    }
    None
}

/// The pod of `kubectl exec` and `kubectl logs`: by name, or the only one of the workload that it names.
fn pod_of_command<'m>(model: &'m Model<'_>, command: &str) -> Option<&'m Entity<'m>> {
    let words: Vec<&str> = command.split_whitespace().take_while(|word| *word != "--").collect();
    if !words.iter().any(|word| matches!(*word, "exec" | "logs")) {
        return None;
    }
    words.iter().skip(1).find_map(|word| {
        let name = word.rsplit('/').next().unwrap_or(word);
        let mut pods = model
            .all("Pod")
            .filter(|pod| pod.name == name || (word.contains('/') && workload(&pod.name).is_some_and(|of| of == name)));
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
            let named =
                words.contains(entity.name.as_str()) || workload(&entity.name).is_some_and(|name| words.contains(name));
            let is_target = pod
                .ip()
                .is_some_and(|ip| balancer.targets.iter().any(|target| target.address() == Some(ip.value)));
            let is_backend = balancer
                .service
                .is_some_and(|service| workload(&entity.name) == Some(service.name.as_str()));
            let system = matches!(entity.namespace.as_str(), "kube-system" | "kube-public");
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
            .chain(&FAILURES)
            .any(|words| lower.contains(words));
            about && fails
        })
        .take(2)
        .map(|(span, line)| (Evidence::Text(span), line))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::workload;

    #[test]
    fn the_workload_is_told_from_a_pods_name() {
        assert_eq!(workload("checkout-7d9f8c6b5d-x2x8k"), Some("checkout"));
        assert_eq!(workload("aws-node-8cdnp"), Some("aws-node"));
        assert_eq!(workload("cart-0"), None);
    }
}
