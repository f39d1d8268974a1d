//! Which endpoints a packet may go to: `CategorizeEndpoints` in kubernetes `pkg/proxy/topology.go`.

use crate::model::endpoint_slice::ServingEndpoint;

/// Endpoints, or what is missing to tell which.
pub type Chosen<'e, 'a> = Result<Vec<&'e ServingEndpoint<'a>>, Lacks>;

/// What was not pasted and decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lacks {
    /// Who serves the Service, or who else does.
    Endpoints,
    /// The node whose rules see the packet.
    Node,
    /// The nodes of the endpoints: a table does not show them.
    EndpointNodes,
    /// The zone of the node.
    Zone,
    /// Whether traffic from outside has to stay on its node.
    Policy,
}

/// The endpoints that kube-proxy on one node tells apart.
#[derive(Debug, Clone)]
pub struct Choice<'e, 'a> {
    /// For traffic that may go anywhere.
    pub cluster: Chosen<'e, 'a>,
    /// For traffic that must stay on the node.
    pub local: Chosen<'e, 'a>,
}

/// Where kube-proxy runs.
#[derive(Debug, Clone, Copy, Default)]
pub struct Place<'p> {
    /// The node's name.
    pub node: Option<&'p str>,
    /// Its zone.
    pub zone: Option<&'p str>,
    /// Whether all of the node was pasted, so that a zone that is not there does not exist.
    pub whole: bool,
}

impl<'e, 'a> Choice<'e, 'a> {
    /// Sorts a Service's endpoints. Ready ones serve; where none is ready, those that end but still serve do.
    pub fn new(endpoints: &'e [ServingEndpoint<'a>], place: Place<'_>) -> Self {
        let ready: Vec<&ServingEndpoint<'a>> = endpoints.iter().filter(|endpoint| endpoint.ready).collect();
        let ending: Vec<&ServingEndpoint<'a>> = endpoints
            .iter()
            .filter(|endpoint| endpoint.serving && endpoint.terminating)
            .collect();
        Self {
            local: match on_node(&ready, place) {
                Ok(none) if none.is_empty() => on_node(&ending, place),
                other => other,
            },
            cluster: if ready.is_empty() {
                Ok(ending)
            } else {
                near(&ready, place)
            },
        }
    }
}

/// Those on the node.
fn on_node<'e, 'a>(endpoints: &[&'e ServingEndpoint<'a>], place: Place<'_>) -> Chosen<'e, 'a> {
    if endpoints.is_empty() {
        return Ok(Vec::new());
    }
    let Some(node) = place.node else {
        return Err(Lacks::Node);
    };
    // An endpoint that is known to have no node is on none.
    if endpoints
        .iter()
        .any(|endpoint| endpoint.node.is_none() && !endpoint.told)
    {
        return Err(Lacks::EndpointNodes);
    }
    let here = endpoints.iter().filter(|endpoint| endpoint.node == Some(node));
    Ok(here.copied().collect())
}

/// Those that are to be used from here, where all have hints and one is for this node, else for its zone (`topologyModeFromHints`).
fn near<'e, 'a>(ready: &[&'e ServingEndpoint<'a>], place: Place<'_>) -> Chosen<'e, 'a> {
    if hinted(ready, |endpoint| &endpoint.nodes) {
        let node = place.node.ok_or(Lacks::Node)?;
        let near = those_for(ready, node, |endpoint| &endpoint.nodes);
        if !near.is_empty() {
            return Ok(near);
        }
    }
    if hinted(ready, |endpoint| &endpoint.zones) && differ(ready) {
        return match place.zone {
            Some(zone) => {
                let near = those_for(ready, zone, |endpoint| &endpoint.zones);
                Ok(if near.is_empty() { ready.to_vec() } else { near })
            }
            None if place.node.is_none() => Err(Lacks::Node),
            None if place.whole => Ok(ready.to_vec()),
            None => Err(Lacks::Zone),
        };
    }
    Ok(ready.to_vec())
}

fn hinted<'a>(
    endpoints: &[&ServingEndpoint<'a>],
    hints: impl for<'s> Fn(&'s ServingEndpoint<'a>) -> &'s Vec<&'a str>,
) -> bool {
    endpoints.iter().all(|endpoint| !hints(endpoint).is_empty())
}

fn those_for<'e, 'a>(
    endpoints: &[&'e ServingEndpoint<'a>],
    name: &str,
    hints: impl for<'s> Fn(&'s ServingEndpoint<'a>) -> &'s Vec<&'a str>,
) -> Vec<&'e ServingEndpoint<'a>> {
    let is_for = |endpoint: &&&ServingEndpoint<'a>| hints(endpoint).contains(&name);
    endpoints.iter().filter(is_for).copied().collect()
}

/// Whether the zone makes a difference: where all are for the same ones, all are used from everywhere.
fn differ(endpoints: &[&ServingEndpoint<'_>]) -> bool {
    let first = endpoints.first().map(|endpoint| &endpoint.zones);
    endpoints.iter().any(|endpoint| Some(&endpoint.zones) != first)
}
