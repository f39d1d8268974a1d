//! VPC endpoints, load balancers' interfaces, and instances that forward: what a packet meets at an interface or in place of one.

use super::hop::Hop;
use super::security_group::{self, Way};
use super::travel::{At, Go, Traveller, gateway_in};
use crate::artifact::Node;
use crate::evidence::Evidence;
use crate::flow::Reason;

impl<'a> Traveller<'_, 'a> {
    /// A route leads to a gateway endpoint, or to one of a Gateway Load Balancer.
    pub(super) fn through_endpoint(&mut self, id: &'a str, vpc: &'a str) -> Go<'a> {
        let actor = gateway_in(id, vpc);
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
    pub(super) fn through_appliance(&mut self, id: &'a str, vpc: &'a str, from: Option<&'a str>) -> Go<'a> {
        let network = self.network;
        let at = network.interface_by_id(id).or_else(|| network.interface_of(id));
        let Some((at, interface)) = at.and_then(|at| Some((at, network.interface(at)?))) else {
            let actor = gateway_in(id, vpc);
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
}

/// Why an endpoint takes nothing, where that shows.
fn unavailable(id: &str, node: &Node<'_>) -> Option<Hop> {
    let state = node.get("State")?;
    let name = state.str()?;
    // The API reference writes `Available`, the answers `available`.
    (!name.eq_ignore_ascii_case("available"))
        .then(|| Hop::blocked(Reason::State, format!("{id} is {name}"), vec![state.evidence()]))
}

/// A remark on a policy that is not the default one, which allows everything. The reader has taken it apart.
fn policy(node: &Node<'_>) -> Option<(String, Evidence)> {
    let document = node.get("PolicyDocument")?;
    let statements = document.get("Statement")?.one_or_many();
    let is_all = |statement: &Node<'_>, key: &str| {
        let value = statement.get(key);
        let value = value.as_ref().and_then(|value| value.get("AWS")).or(value);
        value.is_some_and(|value| value.one_or_many().iter().any(|one| one.str() == Some("*")))
    };
    let effect = |statement: &Node<'_>, wanted: &str| statement.str_of("Effect") == Some(wanted);
    let open = statements.iter().any(|statement| {
        effect(statement, "Allow")
            && statement.get("Condition").is_none()
            && ["Principal", "Action", "Resource"]
                .iter()
                .all(|key| is_all(statement, key))
    });
    let denies = statements.iter().any(|statement| effect(statement, "Deny"));
    (!open || denies).then(|| {
        (
            "The endpoint's policy does not allow everything: the packet gets there, and whether the request is allowed is for \
             the policy to say."
                .to_owned(),
            document.evidence(),
        )
    })
}
