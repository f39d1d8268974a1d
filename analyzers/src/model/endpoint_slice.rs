//! Who serves a Service: `discovery.k8s.io/v1` EndpointSlices, or `v1/Endpoints` where no slice was pasted.

use std::net::IpAddr;

use super::service::ServicePort;
use super::{Entity, Model};
use crate::artifact::Node;
use crate::evidence::Evidence;
use crate::segment::Command;

/// The label that ties a slice to its Service.
const SERVICE: &str = "kubernetes.io/service-name";

/// One endpoint of a Service's port.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "the API's conditions")]
pub struct ServingEndpoint<'a> {
    /// Its address.
    pub address: IpAddr,
    /// Its port.
    pub port: u16,
    /// `conditions.ready`
    pub ready: bool,
    /// `conditions.serving`
    pub serving: bool,
    /// `conditions.terminating`
    pub terminating: bool,
    /// Whether these conditions were pasted: a table shows addresses alone.
    pub told: bool,
    /// The node that it is on.
    pub node: Option<&'a str>,
    /// The zones that are to use it (`hints.forZones`).
    pub zones: Vec<&'a str>,
    /// The nodes that are to use it (`hints.forNodes`, KEP-3015).
    pub nodes: Vec<&'a str>,
    /// Where it stands.
    pub evidence: Evidence,
}

/// The endpoints of a Service's port.
#[derive(Debug, Clone, Default)]
pub struct ServingEndpoints<'a> {
    /// In the order of the slices.
    pub all: Vec<ServingEndpoint<'a>>,
    /// Whether a slice, or an Endpoints object, of the Service was pasted: none of it is no proof that nobody serves.
    pub known: bool,
    /// So many more there are that a table does not show (`+ 7 more...`).
    pub more: usize,
    /// Whether there may be others: a slice was asked for by its name, or nothing tells which of its ports is meant.
    pub partial: bool,
    /// The slices.
    pub evidence: Vec<Evidence>,
}

impl<'a> Model<'a> {
    /// The endpoints of a Service's port of that name and protocol, with addresses of that family.
    pub fn serving(
        &self,
        namespace: &str,
        service: &str,
        port: &str,
        protocol: &str,
        six: bool,
    ) -> ServingEndpoints<'a> {
        self.serving_at(namespace, service, (Some(port), protocol), six)
    }

    /// The endpoints of one of a Service's ports.
    pub fn serving_port(
        &self,
        namespace: &str,
        service: &str,
        port: &ServicePort<'_>,
        six: bool,
    ) -> ServingEndpoints<'a> {
        let name = (port.named || !port.name.is_empty()).then_some(port.name);
        self.serving_at(namespace, service, (name, port.protocol), six)
    }

    /// The endpoints at a port of that name, which a table does not tell, and protocol.
    fn serving_at(
        &self,
        namespace: &str,
        service: &str,
        (port, protocol): (Option<&str>, &str),
        six: bool,
    ) -> ServingEndpoints<'a> {
        let mut endpoints = ServingEndpoints::default();
        for slice in self
            .all("EndpointSlice")
            .filter(|slice| slice.namespace == namespace && is_of(slice, service))
        {
            let Some(view) = slice.views.first() else { continue };
            if view.str_of("addressType").is_some_and(|kind| (kind == "IPv6") != six) {
                continue;
            }
            endpoints.known = true;
            endpoints.partial |= self.is_alone(view);
            endpoints.evidence.extend(slice.evidence());
            endpoints.more += unseen(view);
            match port_of(&view.list("ports"), port, protocol) {
                Numbered::Is(number) => {
                    for endpoint in view.list("endpoints") {
                        endpoints.all.extend(of_slice(&endpoint, number));
                    }
                }
                // Of many ports a table shows none.
                Numbered::Nowhere => {
                    endpoints.partial |=
                        !view.complete() && view.list("ports").is_empty() && !view.list("endpoints").is_empty();
                }
                Numbered::NotTold => endpoints.partial = true,
            }
        }
        if !endpoints.known
            && let Some(object) = self.get("Endpoints", namespace, service)
        {
            endpoints.known = true;
            endpoints.evidence.extend(object.evidence());
            endpoints.more += object.views.first().map_or(0, unseen);
            for subset in object.at(&["subsets"]).map(|list| list.items()).unwrap_or_default() {
                let number = match port_of(&subset.list("ports"), port, protocol) {
                    Numbered::Is(number) => number,
                    Numbered::Nowhere => continue,
                    Numbered::NotTold => {
                        endpoints.partial = true;
                        continue;
                    }
                };
                for (list, ready) in [("addresses", true), ("notReadyAddresses", false)] {
                    let of = |node: &Node<'a>| of_subset(node, number, ready);
                    endpoints.all.extend(subset.list(list).iter().filter_map(of));
                }
            }
        }
        if !endpoints.known
            && let Some(evidence) = self.served_by_nobody(namespace, service)
        {
            endpoints.known = true;
            endpoints.evidence.push(evidence);
        }
        endpoints.all.retain(|endpoint| endpoint.address.is_ipv6() == six);
        endpoints
    }
}

impl Model<'_> {
    /// Whether a slice was asked for by itself, so that others of its Service may exist: by its name, by a selection, or, where the command
    /// was not pasted, as one object that was read from a cluster.
    fn is_alone(&self, view: &Node<'_>) -> bool {
        let Some(artifact) = self.artifacts.get(view.artifact()) else {
            return false;
        };
        if let Some(line) = self.command_of(artifact).map(Command::line) {
            let positional = line.positional();
            let named = matches!(positional.as_slice(), ["get" | "describe", resources, rest @ ..] if !rest.is_empty() || resources.contains('/'));
            return line.is_kubectl() && (named || line.written(&["--field-selector"]).is_some())
                || line.filtered()
                || line.selected;
        }
        // A cluster prints several as a list.
        let root = self
            .artifacts
            .roots()
            .find(|(_, root)| root.artifact() == view.artifact());
        let from_cluster = ["uid", "resourceVersion", "creationTimestamp"]
            .iter()
            .any(|field| view.at(&["metadata", field]).is_some());
        from_cluster && root.is_some_and(|(_, root)| root.str_of("kind") == Some("EndpointSlice"))
    }

    /// What shows that a Service of which no slice was pasted has none: all slices of its namespace were pasted, or the Endpoints that
    /// they are made of, or there are said to be none; or the cluster is one that was written down and not one that runs.
    fn served_by_nobody(&self, namespace: &str, service: &str) -> Option<Evidence> {
        ["EndpointSlice", "Endpoints"]
            .iter()
            .find_map(|kind| self.all_listed(kind, namespace))
            .or_else(|| self.not_found("Endpoints", namespace, service))
            .or_else(|| {
                let object = self.get("Service", namespace, service)?;
                self.listed_beside(object, "EndpointSlice")
                    .or_else(|| self.listed_beside(object, "Endpoints"))
                    .or_else(|| self.written_down(object))
            })
    }

    /// A Service without selector, for which no controller makes endpoints (Kubernetes documentation, "Services without selectors"), in
    /// a document that describes a cluster, its nodes included, without having been read from one: no object has what an API server
    /// gives each (`uid`, `resourceVersion`, `creationTimestamp`). What is not in it does not exist.
    fn written_down(&self, object: &Entity<'_>) -> Option<Evidence> {
        let view = object.views.first().filter(|view| view.complete())?;
        let spec = view.get("spec").filter(|spec| spec.get("selector").is_none())?;
        let here = |kind: &'static str| {
            let views = self.all(kind).flat_map(|other| &other.views);
            views.filter(|other| other.artifact() == view.artifact())
        };
        let runs = |object: &Node<'_>| {
            ["uid", "resourceVersion", "creationTimestamp"]
                .iter()
                .any(|field| object.at(&["metadata", field]).is_some())
        };
        let described = here("Node").next().is_some() && !here("Node").chain(here("Service")).any(runs);
        described.then(|| spec.evidence())
    }
}

/// Whether a slice belongs to a Service: by its label, or, where the labels were not pasted, by the owner or the name that its controller
/// gives it, the Service's and five letters (`generateName` in endpointslice's reconciler).
fn is_of(slice: &Entity<'_>, service: &str) -> bool {
    if let Some(label) = slice.str(&["metadata", "labels", SERVICE]) {
        return label == service;
    }
    if slice.complete() {
        return false;
    }
    let generated = slice.name.strip_prefix(service).and_then(|rest| rest.strip_prefix('-'));
    generated.is_some_and(|rest| rest.len() == 5 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// So many endpoints a table does not show.
fn unseen(view: &Node<'_>) -> usize {
    let more = view.at(&["x-parsed", "more"]).and_then(|more| more.number());
    more.and_then(|more| usize::try_from(more).ok()).unwrap_or(0)
}

/// At which port a slice's endpoints serve.
enum Numbered {
    /// At this one.
    Is(u16),
    /// The slice has no such port.
    Nowhere,
    /// It has several, and a table, of the Service or of the slice, does not tell which.
    NotTold,
}

/// The number of the port of that name and protocol, where a table of the Service, which shows no names, is no `None`.
fn port_of(ports: &[Node<'_>], name: Option<&str>, protocol: &str) -> Numbered {
    // A table shows the numbers alone.
    let shows = |port: &&Node<'_>| port.get("name").is_some() || port.complete();
    let fits = |port: &&Node<'_>| {
        let named = !shows(port) || name.is_none_or(|name| port.str_of("name").unwrap_or_default() == name);
        let spoken = if shows(port) {
            port.str_of("protocol").unwrap_or("TCP") == protocol
        } else {
            port.str_of("protocol").is_none_or(|other| other == protocol)
        };
        named && spoken
    };
    let number = |port: &Node<'_>| u16::try_from(port.get("port")?.number()?).ok();
    let mut fitting = ports.iter().filter(fits);
    match (fitting.next(), fitting.next()) {
        (None, _) => Numbered::Nowhere,
        (Some(only), None) => number(only).map_or(Numbered::Nowhere, Numbered::Is),
        (Some(first), Some(_)) if shows(&first) && name.is_some() => {
            number(first).map_or(Numbered::Nowhere, Numbered::Is)
        }
        _ => Numbered::NotTold,
    }
}

fn of_slice<'a>(endpoint: &Node<'a>, port: u16) -> Vec<ServingEndpoint<'a>> {
    let condition = |name: &str| endpoint.at(&["conditions", name]).and_then(|value| value.bool());
    // Not told is ready, serving as it is ready, and not terminating (EndpointConditions, API reference).
    let ready = condition("ready").unwrap_or(true);
    let hints = |list: &str| {
        let hints = endpoint
            .at(&["hints", list])
            .map(|hints| hints.items())
            .unwrap_or_default();
        hints.iter().filter_map(|hint| hint.str_of("name")).collect()
    };
    endpoint
        .list("addresses")
        .iter()
        .filter_map(|address| {
            Some(ServingEndpoint {
                address: address.str()?.parse().ok()?,
                port,
                ready,
                serving: condition("serving").unwrap_or(ready),
                terminating: condition("terminating").unwrap_or(false),
                told: endpoint.complete(),
                node: endpoint.str_of("nodeName"),
                zones: hints("forZones"),
                nodes: hints("forNodes"),
                evidence: endpoint.evidence(),
            })
        })
        .collect()
}

fn of_subset<'a>(address: &Node<'a>, port: u16, ready: bool) -> Option<ServingEndpoint<'a>> {
    Some(ServingEndpoint {
        address: address.str_of("ip")?.parse().ok()?,
        port,
        ready,
        serving: ready,
        terminating: false,
        told: address.complete(),
        node: address.str_of("nodeName"),
        zones: Vec::new(),
        nodes: Vec::new(),
        evidence: address.evidence(),
    })
}
