//! Which endpoints a packet may go to: `CategorizeEndpoints` in kubernetes `pkg/proxy/topology.go`.

use crate::model::endpoint_slice::ServingEndpoint;

/// The endpoints that kube-proxy on one node tells apart.
#[derive(Debug, Clone, Default)]
pub struct Choice<'e, 'a> {
    /// For traffic that may go anywhere.
    pub cluster: Vec<&'e ServingEndpoint<'a>>,
    /// For traffic that must stay on the node.
    pub local: Vec<&'e ServingEndpoint<'a>>,
}

/// Where kube-proxy runs.
#[derive(Debug, Clone, Copy, Default)]
pub struct Place<'p> {
    /// The node's name.
    pub node: Option<&'p str>,
    /// Its zone.
    pub zone: Option<&'p str>,
}

impl<'e, 'a> Choice<'e, 'a> {
    /// Sorts a Service's endpoints. Ready ones serve; where none is ready, those that end but still serve do.
    pub fn new(endpoints: &'e [ServingEndpoint<'a>], place: Place<'_>) -> Self {
        let ready: Vec<&ServingEndpoint<'a>> = endpoints.iter().filter(|endpoint| endpoint.ready).collect();
        let ending = || {
            endpoints
                .iter()
                .filter(|endpoint| endpoint.serving && endpoint.terminating)
        };
        let cluster = if ready.is_empty() {
            ending().collect()
        } else {
            in_zone(&ready, place.zone)
        };
        let here = |endpoint: &&&ServingEndpoint<'a>| place.node.is_some() && endpoint.node == place.node;
        let mut local: Vec<&ServingEndpoint<'a>> = ready.iter().filter(here).copied().collect();
        if local.is_empty() {
            local = ending().filter(|endpoint| here(&endpoint)).collect();
        }
        Self { cluster, local }
    }
}

/// Those that are hinted to the node's zone, where all have hints and one is for that zone (topology aware routing).
fn in_zone<'e, 'a>(ready: &[&'e ServingEndpoint<'a>], zone: Option<&str>) -> Vec<&'e ServingEndpoint<'a>> {
    let hinted = ready.iter().all(|endpoint| !endpoint.zones.is_empty());
    let near: Vec<&ServingEndpoint<'a>> = ready
        .iter()
        .filter(|endpoint| zone.is_some_and(|zone| endpoint.zones.contains(&zone)))
        .copied()
        .collect();
    if hinted && !near.is_empty() {
        near
    } else {
        ready.to_vec()
    }
}
