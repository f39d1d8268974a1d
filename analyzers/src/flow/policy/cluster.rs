//! Policies for a whole cluster: `AdminNetworkPolicy` and `BaselineAdminNetworkPolicy` (policy.networking.k8s.io/v1alpha1), and
//! `ClusterNetworkPolicy` (v1alpha2), which has the tiers of both; the types of kubernetes-sigs/network-policy-api. The VPC CNI serves
//! `ClusterNetworkPolicy` as networking.k8s.aws as well.

use super::addresses::Addresses;
use super::network_policy::selector;
use super::ports::Ports;
use super::{Action, Namespaces, Peer, Pods, Policy, Port, Rule, Tier};
use crate::artifact::Node;
use crate::model::Entity;
use crate::model::selector::Selector;

/// Reads a policy; the error says why it cannot be.
pub fn read<'a>(entity: &Entity<'a>, view: &Node<'a>) -> Result<Policy<'a>, &'static str> {
    if !view.complete() {
        return Err("only a part of it was pasted");
    }
    let spec = view.get("spec").ok_or("it has no spec")?;
    let priority = spec.get("priority").and_then(|priority| priority.number());
    let tier = match (entity.kind, spec.str_of("tier")) {
        ("BaselineAdminNetworkPolicy", _) => Tier::Baseline(0),
        ("ClusterNetworkPolicy", Some("Baseline")) => Tier::Baseline(priority.ok_or("it has no priority")?),
        ("ClusterNetworkPolicy", Some("Admin")) | ("AdminNetworkPolicy", _) => {
            Tier::Admin(priority.ok_or("it has no priority")?)
        }
        _ => return Err("it is in a tier that is not known"),
    };
    let rules = |list: &str, peers: &str| {
        spec.get(list)
            .map(|list| list.items().iter().map(|node| rule(node, peers)).collect())
            .transpose()
    };
    Ok(Policy {
        name: entity.subject(),
        tier,
        evidence: view.at(&["metadata", "name"]).as_ref().unwrap_or(view).evidence(),
        subject: pods(&spec.get("subject").ok_or("it has no subject")?)?.ok_or("its subject is none that is known")?,
        ingress: rules("ingress", "from")?,
        egress: rules("egress", "to")?,
    })
}

/// `namespaces` or `pods` of a subject or a peer.
fn pods<'a>(node: &Node<'a>) -> Result<Option<Pods<'a>>, &'static str> {
    if let Some(namespaces) = node.get("namespaces") {
        // Once there were `sameLabels` and `notSameLabels`, which no selector is.
        if namespaces
            .members()
            .iter()
            .any(|(name, _)| !matches!(*name, "matchLabels" | "matchExpressions"))
        {
            return Err("it selects namespaces in a way that is not known");
        }
        return Ok(Some(Pods {
            namespaces: Namespaces::Selected(selector(Some(&namespaces))?),
            pods: Selector::default(),
        }));
    }
    let Some(both) = node.get("pods") else {
        return Ok(None);
    };
    Ok(Some(Pods {
        namespaces: Namespaces::Selected(selector(both.get("namespaceSelector").as_ref())?),
        pods: selector(both.get("podSelector").as_ref())?,
    }))
}

fn rule<'a>(node: &Node<'a>, peers: &str) -> Result<Rule<'a>, &'static str> {
    let action = match node.str_of("action") {
        // v1alpha2 says Accept where v1alpha1 said Allow.
        Some("Allow" | "Accept") => Action::Allow,
        Some("Deny") => Action::Deny,
        Some("Pass") => Action::Pass,
        _ => return Err("it holds a rule without an action that is known"),
    };
    // `ports` is v1alpha1's, `protocols` v1alpha2's. Absent is everything; an empty list is not accepted.
    let ports: Option<Vec<Port<'a>>> = match (node.get("ports"), node.get("protocols")) {
        (Some(ports), _) => Some(ports.items().iter().map(port).collect::<Result<_, _>>()?),
        (None, Some(protocols)) => Some(protocols.items().iter().map(protocol).collect::<Result<Vec<_>, _>>()?),
        (None, None) => None,
    };
    Ok(Rule {
        action,
        peers: Some(node.list(peers).iter().map(peer).collect::<Result<_, _>>()?),
        ports,
        evidence: node.evidence(),
    })
}

fn peer<'a>(node: &Node<'a>) -> Result<Peer<'a>, &'static str> {
    if let Some(pods) = pods(node)? {
        return Ok(Peer::Pods(pods));
    }
    if node.get("networks").is_some() {
        let mut all = Addresses::default();
        for block in node.list("networks") {
            let read = block.str().and_then(Addresses::block);
            all = all.union(&read.ok_or("it holds an address block that is none")?);
        }
        return Ok(Peer::Networks(all));
    }
    if let Some(nodes) = node.get("nodes") {
        return Ok(Peer::Nodes(selector(Some(&nodes))?));
    }
    if node.get("domainNames").is_some() {
        return Ok(Peer::Names);
    }
    Err("it holds a peer of a kind that is not known")
}

fn number(node: &Node<'_>, name: &str) -> Result<u16, &'static str> {
    let number = node.get(name).and_then(|number| number.number());
    number
        .and_then(|number| u16::try_from(number).ok())
        .ok_or("it holds a port that is none")
}

/// v1alpha1: `portNumber`, `portRange` or `namedPort`.
fn port<'a>(node: &Node<'a>) -> Result<Port<'a>, &'static str> {
    let of = |node: &Node<'a>| node.str_of("protocol").unwrap_or("TCP");
    if let Some(one) = node.get("portNumber") {
        let port = number(&one, "port")?;
        return Ok(Port::Numbers(Ports::of(of(&one), port, port)));
    }
    if let Some(range) = node.get("portRange") {
        return Ok(Port::Numbers(Ports::of(
            of(&range),
            number(&range, "start")?,
            number(&range, "end")?,
        )));
    }
    let name = node
        .str_of("namedPort")
        .ok_or("it holds a port of a kind that is not known")?;
    Ok(Port::Named(name, None))
}

/// v1alpha2: `tcp`, `udp` or `sctp` with a `destinationPort`, or `destinationNamedPort`.
fn protocol<'a>(node: &Node<'a>) -> Result<Port<'a>, &'static str> {
    if let Some(name) = node.str_of("destinationNamedPort") {
        return Ok(Port::Named(name, None));
    }
    let (protocol, of) = [("tcp", "TCP"), ("udp", "UDP"), ("sctp", "SCTP")]
        .iter()
        .find_map(|(name, protocol)| Some((*protocol, node.get(name)?)))
        .ok_or("it holds a protocol that is not known")?;
    let Some(port) = of.get("destinationPort") else {
        return Ok(Port::Numbers(Ports::of(protocol, 1, u16::MAX)));
    };
    let (first, last) = match port.get("range") {
        Some(range) => (number(&range, "start")?, number(&range, "end")?),
        None => (number(&port, "number")?, number(&port, "number")?),
    };
    Ok(Port::Numbers(Ports::of(protocol, first, last)))
}
