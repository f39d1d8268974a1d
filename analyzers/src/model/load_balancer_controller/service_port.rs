//! A Service's port with all that decides about target groups.

use super::Refusal;
use super::stack::Port;
use crate::artifact::Node;
use crate::evidence::Evidence;
use crate::model::Entity;

/// One of `spec.ports`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServicePort<'a> {
    /// `name`; empty where there is one port without.
    pub name: &'a str,
    /// `protocol`
    pub protocol: &'a str,
    /// `port`
    pub port: u16,
    /// `targetPort`; the API server fills in `port` where it is left out.
    pub target: Port,
    /// `nodePort`
    pub node_port: Option<u16>,
    /// Where it stands.
    pub evidence: Evidence,
}

fn number(node: &Node<'_>) -> Option<u16> {
    u16::try_from(node.number()?).ok()
}

/// A port as `IntOrString` writes it.
pub fn port(node: &Node<'_>) -> Option<Port> {
    match node.str() {
        Some(text) => Some(parsed(text)),
        None => number(node).map(Port::Number),
    }
}

/// A number where it is one, a name otherwise.
pub fn parsed(text: &str) -> Port {
    match text.parse() {
        Ok(number) => Port::Number(number),
        Err(_) => Port::Name(text.to_owned()),
    }
}

/// The ports of a Service.
pub fn ports<'a>(service: &Entity<'a>) -> Vec<ServicePort<'a>> {
    let ports = service.at(&["spec", "ports"]).map(|ports| ports.items());
    ports
        .unwrap_or_default()
        .iter()
        .filter_map(|node| {
            let own = number(&node.get("port")?)?;
            Some(ServicePort {
                name: node.str_of("name").unwrap_or_default(),
                protocol: node.str_of("protocol").unwrap_or("TCP"),
                port: own,
                target: node
                    .get("targetPort")
                    .as_ref()
                    .and_then(port)
                    .unwrap_or(Port::Number(own)),
                node_port: node.get("nodePort").as_ref().and_then(number).filter(|port| *port > 0),
                evidence: node.evidence(),
            })
        })
        .collect()
}

/// The port of that number or name.
///
/// # Errors
/// The Service has none.
pub fn lookup<'a>(service: &Entity<'a>, wanted: &Port) -> Result<ServicePort<'a>, Refusal> {
    let is = |port: &ServicePort<'_>| match wanted {
        Port::Number(number) => port.port == *number,
        Port::Name(name) => port.name == name,
    };
    ports(service).into_iter().find(is).ok_or_else(|| {
        Refusal::new(
            format!("unable to find port {wanted} on service {}", service.path()),
            service
                .at(&["spec", "ports"])
                .map(|ports| ports.evidence())
                .or_else(|| service.evidence()),
        )
    })
}
