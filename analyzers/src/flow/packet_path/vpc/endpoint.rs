//! VPC endpoints, load balancers' interfaces, and instances that forward: what a packet meets at an interface or in place of one.

use super::hop::Hop;
use super::packet::Address;
use super::security_group::{self, Way};
use super::travel::{At, Go, Traveller};
use crate::artifact::Node;
use crate::flow::Reason;

impl<'a> Traveller<'_, 'a> {
    /// A route leads to a gateway endpoint, or to one of a Gateway Load Balancer.
    pub(super) fn to_endpoint(&mut self, id: &'a str, vpc: &'a str) -> Go<'a> {
        let actor = self.gateway_in(id, vpc);
        let Some(node) = self.network.endpoints.get(id) else {
            return self.stop(
                actor,
                Hop::unknown(
                    format!("the endpoint {id} was not pasted"),
                    format!("aws ec2 describe-vpc-endpoints --vpc-endpoint-ids {id}"),
                    "Its kind, its state and its policy decide.",
                ),
            );
        };
        if let Some(hop) = unavailable(id, node) {
            return self.stop(actor, hop);
        }
        let service = node.str_of("ServiceName").unwrap_or("the service");
        if node.str_of("VpcEndpointType") == Some("GatewayLoadBalancer") {
            return self.stop(
                actor,
                Hop::unknown(
                    format!("{id} hands the packet to the appliances of {service}, and what they do with it does not show here"),
                    "",
                    "",
                ),
            );
        }
        let place = node.get("VpcEndpointId").as_ref().unwrap_or(node).evidence();
        let hop = Hop::passes(format!("{id} hands it to {service}"), vec![place]);
        let hop = match policy(node) {
            Some((words, evidence)) => hop.noted(words).with([evidence]),
            None => hop,
        };
        self.record(actor, hop);
        Go::Arrived(Some(At::Deliver {
            vpc,
            from: None,
            by: id,
        }))
    }

    /// A route leads to an interface whose owner is to forward: a NAT instance, a firewall.
    pub(super) fn to_appliance(&mut self, id: &'a str, vpc: &'a str, from: Option<&'a str>) -> Go<'a> {
        let network = self.network;
        let at = network.interface_by_id(id).or_else(|| network.interface_of(id));
        let Some((at, interface)) = at.and_then(|at| Some((at, network.interface(at)?))) else {
            let actor = self.gateway_in(id, vpc);
            return self.stop(
                actor,
                Hop::unknown(
                    format!("{id}, which is to forward the packet, was not pasted"),
                    format!("aws ec2 describe-network-interfaces --network-interface-ids {id}"),
                    "Its security groups and its source/destination check decide.",
                ),
            );
        };
        if from != Some(interface.subnet) && !self.acl(vpc, interface.subnet, Way::In) {
            return Go::Stop;
        }
        let actor = self.interface(at);
        if let Some(hop) = self.stopped(at) {
            return self.stop(actor, hop);
        }
        let own = self.packet.destination.ip().is_some_and(|ip| interface.has(ip));
        match interface.source_dest_check() {
            Some((true, evidence)) if !own => {
                let hop = Hop::blocked(
                    Reason::SourceDestCheck,
                    format!(
                        "{} is no address of {id}, whose source/destination check is on",
                        self.packet.destination
                    ),
                    vec![evidence],
                );
                return self.stop(actor, hop);
            }
            None if !own => {
                self.record(
                    actor.clone(),
                    Hop::unknown(
                        format!("whether {id} checks source and destination was not pasted"),
                        security_group::describe(interface),
                        "The interface drops what is not for itself where the check is on.",
                    ),
                );
            }
            _ => {}
        }
        // A forwarder filters answers like any other packet of a connection that it has seen.
        if !self.groups(at, Way::In) {
            return Go::Stop;
        }
        self.stop(
            actor,
            Hop::unknown(
                format!("{id} is to forward the packet, and its own routes and rules decide whether it does"),
                "sysctl net.ipv4.ip_forward; ip route; iptables-save",
                format!(
                    "Run on the owner of {id}: what it forwards, and whose address it puts in, does not show in AWS."
                ),
            ),
        )
    }

    /// The packet is let in by the interface that has its destination.
    pub(super) fn arrival(&self, at: usize) -> Hop {
        let network = self.network;
        let Some(interface) = network.interface(at) else {
            return Hop::unknown("", "", "");
        };
        let place = vec![interface.evidence()];
        let to = self.packet.destination;
        if interface.kind == "vpc_endpoint" {
            let endpoint = network.endpoints.all().find(|(_, node)| {
                node.list("NetworkInterfaceIds")
                    .iter()
                    .any(|own| own.str() == Some(interface.id))
            });
            if let Some((id, node)) = endpoint {
                if let Some(hop) = unavailable(id, node) {
                    return hop;
                }
                let service = node.str_of("ServiceName").unwrap_or("the service");
                let hop = Hop::passes(format!("{id} hands it to {service}"), place);
                return match policy(node) {
                    Some((words, evidence)) => hop.noted(words).with([evidence]),
                    None => hop,
                };
            }
            return Hop::assumed(
                "an endpoint takes the packet",
                place,
                "The endpoint itself was not pasted; it is taken to be available.",
            );
        }
        if interface.kind.contains("load_balancer")
            || interface
                .node
                .str_of("Description")
                .is_some_and(|words| words.starts_with("ELB "))
        {
            return Hop::passes(format!("the load balancer takes what is for {to}"), place).noted(
                "Where it sends the packet is another question: ask for the way to the load balancer by its name.",
            );
        }
        Hop::passes(format!("takes what is for {to}"), place)
    }

    /// What arrives from outside of AWS is handed to whom it is for.
    pub(super) fn destination(&self) -> Address {
        self.packet.destination
    }
}

/// Why an endpoint takes nothing, where that shows.
fn unavailable(id: &str, node: &Node<'_>) -> Option<Hop> {
    let state = node.get("State")?;
    let name = state.str()?;
    // The API reference writes `Available`, the answers `available`.
    (!name.eq_ignore_ascii_case("available"))
        .then(|| Hop::blocked(Reason::State, format!("{id} is {name}"), vec![state.evidence()]))
}

/// A remark on a policy that is not the default one, which allows everything.
fn policy(node: &Node<'_>) -> Option<(String, crate::evidence::Evidence)> {
    let document = node.get("PolicyDocument")?;
    let text = document.str()?;
    let parsed: serde_json::Value = serde_json::from_str(text).ok()?;
    let statements = parsed.get("Statement")?;
    let one = [statements.clone()];
    let statements = statements.as_array().map_or(one.as_slice(), Vec::as_slice);
    let is_all = |value: Option<&serde_json::Value>| match value {
        Some(serde_json::Value::String(text)) => text == "*",
        Some(serde_json::Value::Array(values)) => values.iter().any(|value| value.as_str() == Some("*")),
        Some(serde_json::Value::Object(object)) => object.get("AWS").and_then(serde_json::Value::as_str) == Some("*"),
        _ => false,
    };
    let open = statements.iter().any(|statement| {
        statement.get("Effect").and_then(serde_json::Value::as_str) == Some("Allow")
            && statement.get("Condition").is_none()
            && is_all(statement.get("Principal"))
            && is_all(statement.get("Action"))
            && is_all(statement.get("Resource"))
    });
    let denies = statements
        .iter()
        .any(|statement| statement.get("Effect").and_then(serde_json::Value::as_str) == Some("Deny"));
    (!open || denies).then(|| {
        (
            "The endpoint's policy does not allow everything: the packet gets there, and whether the request is allowed is the policy's affair.".to_owned(),
            document.evidence(),
        )
    })
}
