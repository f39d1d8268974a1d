//! Who serves a Service: `discovery.k8s.io/v1` EndpointSlices, or `v1/Endpoints` where no slice was pasted.

use std::net::IpAddr;

use super::{Entity, Model};
use crate::artifact::Node;
use crate::evidence::Evidence;

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
            endpoints.evidence.extend(slice.evidence());
            let number = port_of(&view.list("ports"), port, protocol);
            if let Some(number) = number {
                for endpoint in view.list("endpoints") {
                    endpoints.all.extend(of_slice(&endpoint, number));
                }
            }
        }
        if !endpoints.known
            && let Some(object) = self.get("Endpoints", namespace, service)
        {
            endpoints.known = true;
            endpoints.evidence.extend(object.evidence());
            for subset in object.at(&["subsets"]).map(|list| list.items()).unwrap_or_default() {
                let Some(number) = port_of(&subset.list("ports"), port, protocol) else {
                    continue;
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

fn port_of(ports: &[Node<'_>], name: &str, protocol: &str) -> Option<u16> {
    ports
        .iter()
        .find(|port| {
            port.str_of("name").unwrap_or_default() == name && port.str_of("protocol").unwrap_or("TCP") == protocol
        })
        .or(match ports {
            // A table shows the numbers alone.
            [only] if only.get("name").is_none() && !only.complete() => Some(only),
            _ => None,
        })
        .and_then(|port| u16::try_from(port.get("port")?.number()?).ok())
}

fn of_slice<'a>(endpoint: &Node<'a>, port: u16) -> Vec<ServingEndpoint<'a>> {
    let condition = |name: &str| endpoint.at(&["conditions", name]).and_then(|value| value.bool());
    // Not told is ready, serving as it is ready, and not terminating (EndpointConditions, API reference).
    let ready = condition("ready").unwrap_or(true);
    let hints = endpoint
        .at(&["hints", "forZones"])
        .map(|zones| zones.items())
        .unwrap_or_default();
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
                zones: hints.iter().filter_map(|zone| zone.str_of("name")).collect(),
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
        evidence: address.evidence(),
    })
}
