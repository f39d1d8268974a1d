//! `NetworkPolicy` of networking.k8s.io/v1 (Kubernetes API reference).

use super::addresses::Addresses;
use super::ports::Ports;
use super::{Action, Namespaces, Peer, Pods, Policy, Port, Rule, Tier};
use crate::artifact::Node;
use crate::model::Entity;
use crate::model::selector::Selector;
use crate::model::workload::DEFAULT_NAMESPACE;

/// What a selector holds that no API server accepts.
pub const SELECTOR: &str = "it holds a selector that the API does not know";

/// Reads a policy; the error says why it cannot be.
pub fn read<'a>(entity: &Entity<'a>, view: &Node<'a>) -> Result<Policy<'a>, &'static str> {
    if !view.complete() {
        return Err("only a part of it was pasted");
    }
    let spec = view.get("spec").ok_or("it has no spec")?;
    let namespace = if entity.namespace.is_empty() {
        DEFAULT_NAMESPACE
    } else {
        entity.namespace
    };
    let types: Vec<&str> = spec.list("policyTypes").iter().filter_map(Node::str).collect();
    // Without `policyTypes`: ingress always, egress where there are rules for it (API reference, `policyTypes`).
    let (ingress, egress) = if types.is_empty() {
        (true, !spec.list("egress").is_empty())
    } else {
        (types.contains(&"Ingress"), types.contains(&"Egress"))
    };
    let rules = |wanted: bool, list: &str, peers: &str| {
        wanted
            .then(|| {
                spec.list(list)
                    .iter()
                    .map(|node| rule(node, peers, namespace))
                    .collect()
            })
            .transpose()
    };
    Ok(Policy {
        name: format!("NetworkPolicy {namespace}/{}", entity.name),
        tier: Tier::Developer,
        evidence: view.at(&["metadata", "name"]).as_ref().unwrap_or(view).evidence(),
        subject: Pods {
            namespaces: Namespaces::Named(namespace),
            pods: selector(spec.get("podSelector").as_ref())?,
        },
        ingress: rules(ingress, "ingress", "from")?,
        egress: rules(egress, "egress", "to")?,
    })
}

/// A selector that may be left out, and then selects everything.
pub fn selector<'a>(node: Option<&Node<'a>>) -> Result<Selector<'a>, &'static str> {
    node.map_or_else(|| Some(Selector::default()), Selector::read)
        .ok_or(SELECTOR)
}

fn rule<'a>(node: &Node<'a>, peers: &str, namespace: &'a str) -> Result<Rule<'a>, &'static str> {
    let from = node.list(peers);
    let ports = node.list("ports");
    Ok(Rule {
        action: Action::Allow,
        // An empty list is as none: everybody, everything.
        peers: (!from.is_empty())
            .then(|| from.iter().map(|node| peer(node, namespace)).collect())
            .transpose()?,
        ports: (!ports.is_empty())
            .then(|| ports.iter().map(port).collect())
            .transpose()?,
        evidence: node.evidence(),
    })
}

fn peer<'a>(node: &Node<'a>, namespace: &'a str) -> Result<Peer<'a>, &'static str> {
    if let Some(block) = node.get("ipBlock") {
        let read = |text: &str| Addresses::block(text).ok_or("it holds an address block that is none");
        let mut addresses = read(block.str_of("cidr").unwrap_or_default())?;
        for except in block.list("except") {
            addresses = addresses.difference(&read(except.str().unwrap_or_default())?);
        }
        return Ok(Peer::Outside(addresses));
    }
    let namespaces = match node.get("namespaceSelector") {
        Some(selected) => Namespaces::Selected(selector(Some(&selected))?),
        None => Namespaces::Named(namespace),
    };
    Ok(Peer::Pods(Pods {
        namespaces,
        pods: selector(node.get("podSelector").as_ref())?,
    }))
}

fn port<'a>(node: &Node<'a>) -> Result<Port<'a>, &'static str> {
    let protocol = node.str_of("protocol").unwrap_or("TCP");
    let number = |node: &Node<'a>| node.number().and_then(|number| u16::try_from(number).ok());
    let Some(first) = node.get("port") else {
        return Ok(Port::Numbers(Ports::of(protocol, 1, u16::MAX)));
    };
    if let Some(name) = first.str().filter(|_| number(&first).is_none()) {
        return Ok(Port::Named(name, Some(protocol)));
    }
    let first = number(&first).ok_or("it holds a port that is none")?;
    let last = node.get("endPort").and_then(|last| number(&last)).unwrap_or(first);
    Ok(Port::Numbers(Ports::of(protocol, first, last)))
}
