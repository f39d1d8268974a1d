//! What the name of a Service leads to: an address that nodes rewrite, the pods themselves, another name, or nothing.

use std::net::IpAddr;

use crate::flow::packet_path::{self, Protocol};
use crate::flow::{Actor, ActorKind, Next, Outcome, Reason, Step, Verdict};
use crate::model::service::Service;
use crate::model::{Entity, Model};

/// What a Service's name and port lead to.
pub enum Leads {
    /// To its own address, which nodes rewrite.
    Address(IpAddr),
    /// To ends that are known at once, or nowhere.
    Ways(Vec<Outcome>, Vec<Next>),
}

/// What a Service's port leads a client to. `six`: whether the client has an IPv6 address.
pub fn leads(model: &Model<'_>, entity: &Entity<'_>, port: u16, protocol: Protocol, six: Option<bool>) -> Leads {
    let service = Service(entity);
    let named = format!("{}:{port}", entity.path());
    if service.kind() == "ExternalName" {
        return elsewhere(entity, &named);
    }
    if protocol == Protocol::Icmp {
        let (ways, next) = pinged(entity);
        return Leads::Ways(ways, next);
    }
    let ports = service.ports();
    if !ports.is_empty()
        && !ports
            .iter()
            .any(|one| one.port == port && Some(one.protocol) == protocol.name())
    {
        let asked = format!("{} {port}", protocol.name().unwrap_or("ICMP"));
        let has: Vec<String> = ports
            .iter()
            .map(|one| format!("{} {}", one.protocol, one.port))
            .collect();
        let mut step = step(
            entity,
            format!("the Service has no port {asked}: it has {}", has.join(", ")),
            Verdict::Blocked,
        );
        step.evidence = ports.into_iter().map(|one| one.evidence).collect();
        step.reason = Some(Reason::WrongPort);
        step.note = Some(
            "Nodes rewrite what is for a Service's address and one of its ports (Kubernetes, Virtual IPs and Service Proxies); for \
             other ports nobody answers."
                .to_owned(),
        );
        let mut outcome = Outcome::new("no such port", 1.0, Verdict::Blocked);
        outcome.reason = Some(Reason::WrongPort);
        outcome.steps.push(step);
        return Leads::Ways(vec![outcome], Vec::new());
    }
    if entity.str(&["spec", "clusterIP"]) == Some("None") {
        return headless(model, entity, port, protocol, six.unwrap_or(false));
    }
    let mut addresses = service.cluster_addresses();
    if let Some(six) = six {
        addresses.retain(|address| address.value.is_ipv6() == six);
    }
    if let Some(address) = addresses.into_iter().next() {
        return Leads::Address(address.value);
    }
    let step = step(
        entity,
        "the Service's address was not pasted".to_owned(),
        Verdict::Unknown,
    );
    let mut outcome = Outcome::new("an address of the Service", 1.0, Verdict::Unknown);
    outcome.steps.push(step);
    Leads::Ways(vec![outcome], vec![pasted(entity)])
}

/// A ping of a Service: its ports say nothing about it, nor do the rules that are written from them.
pub fn pinged(entity: &Entity<'_>) -> (Vec<Outcome>, Vec<Next>) {
    let addresses = Service(entity).cluster_addresses();
    let mut only = step(
        entity,
        "a Service is about the ports of TCP, UDP and SCTP: what becomes of a ping none says".to_owned(),
        Verdict::Unknown,
    );
    only.note = Some(
        "With IPVS the nodes have the Services' addresses themselves and answer; with iptables and nftables nobody has them (Kubernetes, \
         Virtual IPs and Service Proxies). That no answer comes says nothing about the Service."
            .to_owned(),
    );
    let to = addresses.first().map_or_else(
        || format!("{}.{}.svc.cluster.local", entity.name, entity.namespace),
        |address| address.value.to_string(),
    );
    let mut outcome = Outcome::new("a ping of the Service", 1.0, Verdict::Unknown);
    outcome.steps.push(only);
    let next = Next {
        command: format!("ping -c 3 {to}"),
        decides: Vec::new(),
        why: "Only trying it tells; a port of the Service tells more.".to_owned(),
    };
    (vec![outcome], vec![next])
}

/// What prints a Service.
fn pasted(entity: &Entity<'_>) -> Next {
    missing(entity.namespace, entity.name)
}

/// What prints a Service that was not pasted.
pub fn missing(namespace: &str, name: &str) -> Next {
    Next {
        command: format!("kubectl get service {name} -n {namespace} -o yaml"),
        decides: Vec::new(),
        why: format!("Service {namespace}/{name} was not pasted."),
    }
}

fn step(entity: &Entity<'_>, action: String, verdict: Verdict) -> Step {
    let actor = Actor {
        id: format!("svc:{}", entity.path()),
        kind: ActorKind::Service,
        name: format!("svc {}", entity.path()),
        details: Vec::new(),
        zones: Vec::new(),
    };
    let mut step = Step::new(actor, action, verdict);
    step.evidence.extend(entity.evidence());
    step
}

/// `type: ExternalName`: the cluster's DNS answers with another name, and no packet sees the Service.
fn elsewhere(entity: &Entity<'_>, named: &str) -> Leads {
    let name = entity.fact(&["spec", "externalName"]);
    let to = name
        .as_ref()
        .map_or_else(|| "another name".to_owned(), |name| name.value.clone());
    let mut only = step(
        entity,
        format!("{named} is a name alone: the cluster's DNS answers with {to}"),
        Verdict::Unknown,
    );
    only.evidence.extend(name.map(|name| name.evidence));
    only.note = Some(
        "Where the packet goes is decided by the addresses of that name. A TLS certificate and the Host header have to suit it, too."
            .to_owned(),
    );
    let mut outcome = Outcome::new(format!("to {to}"), 1.0, Verdict::Unknown);
    outcome.steps.push(only);
    let next = Next {
        command: format!("dig +short {to}"),
        decides: Vec::new(),
        why: "The addresses of that name decide the way.".to_owned(),
    };
    Leads::Ways(vec![outcome], vec![next])
}

/// `clusterIP: None`: the cluster's DNS answers with the pods' own addresses, and no port is rewritten.
fn headless(model: &Model<'_>, entity: &Entity<'_>, port: u16, protocol: Protocol, six: bool) -> Leads {
    let service = Service(entity);
    let Some(own) = service
        .ports()
        .into_iter()
        .find(|one| one.port == port && Some(one.protocol) == protocol.name())
    else {
        return Leads::Ways(Vec::new(), vec![pasted(entity)]);
    };
    let serving = model.serving_port(entity.namespace, entity.name, &own, six);
    let published = entity
        .bool(&["spec", "publishNotReadyAddresses"])
        .map(|fact| fact.value);
    let all = published.unwrap_or(false);
    let ready: Vec<_> = serving.all.iter().filter(|one| one.ready || all).collect();
    let may_be_more = serving.partial || serving.more > 0;
    // A table does not tell whether the name leads to those that are not ready, too.
    let untold = published.is_none() && !entity.complete() && !serving.all.is_empty();
    if !serving.known || ready.is_empty() && (may_be_more || untold) {
        let mut outcome = Outcome::new("a pod of the Service", 1.0, Verdict::Unknown);
        outcome.steps.push(step(
            entity,
            "the name leads to the pods themselves".to_owned(),
            Verdict::Unknown,
        ));
        let next = if serving.known && !may_be_more {
            pasted(entity)
        } else {
            served_by(entity)
        };
        return Leads::Ways(vec![outcome], vec![next]);
    }
    if ready.is_empty() {
        let mut only = step(
            entity,
            "the name leads nowhere: no endpoint of the Service is ready".to_owned(),
            Verdict::Blocked,
        );
        only.reason = Some(Reason::NoEndpoints);
        only.evidence.extend(serving.evidence.clone());
        let mut outcome = Outcome::new("no pod", 1.0, Verdict::Blocked);
        outcome.reason = Some(Reason::NoEndpoints);
        outcome.steps.push(only);
        return Leads::Ways(vec![outcome], Vec::new());
    }
    #[allow(clippy::cast_precision_loss, reason = "nobody has 2^52 endpoints")]
    let share = 1.0 / (ready.len() + serving.more) as f64;
    let ways = ready.iter().map(|one| {
        let end = packet_path::end(one.address, port);
        let mut only = step(
            entity,
            "headless: the cluster's DNS answers with the pod's own address".to_owned(),
            Verdict::Assumed,
        );
        only.evidence.push(one.evidence.clone());
        only.after = vec![("dst", end.clone())];
        let mut outcome = Outcome::new(format!("to {end}"), share, Verdict::Assumed);
        if one.port == port {
            only.note = Some("CoreDNS answers from the EndpointSlices; clients take one of the addresses.".to_owned());
            outcome.ends_at = Some(end);
        } else {
            // `targetPort` is what nodes rewrite to, and here no node rewrites anything. Whether a program listens there, too, nobody says.
            only.verdict = Verdict::Unknown;
            only.action = format!(
                "headless: the packet goes to port {port} of the pod itself, and the Service's pods serve port {}",
                one.port
            );
            only.evidence.push(own.evidence.clone());
            only.note = Some(format!("Ask for port {} where the Service is headless.", one.port));
            outcome.verdict = Verdict::Unknown;
            outcome.ends_at = Some(end);
        }
        outcome.steps.push(only);
        outcome
    });
    let mut ways: Vec<Outcome> = ways.collect();
    if serving.more == 0 {
        let asks = serving.partial.then(|| served_by(entity));
        return Leads::Ways(ways, asks.into_iter().collect());
    }
    #[allow(clippy::cast_precision_loss, reason = "nobody has 2^52 endpoints")]
    let share = serving.more as f64 * share;
    let label = format!("to one of {} pods that were not shown", serving.more);
    let mut outcome = Outcome::new(label, share, Verdict::Unknown);
    outcome.steps.push(step(
        entity,
        "headless: the cluster's DNS may answer with a pod that was not shown".to_owned(),
        Verdict::Unknown,
    ));
    ways.push(outcome);
    Leads::Ways(ways, vec![served_by(entity)])
}

/// What prints who serves a Service.
fn served_by(entity: &Entity<'_>) -> Next {
    Next {
        command: format!(
            "kubectl get endpointslices -n {} -l kubernetes.io/service-name={} -o yaml",
            entity.namespace, entity.name
        ),
        decides: Vec::new(),
        why: format!("Not all who serve {} were pasted.", entity.path()),
    }
}
