//! VPC endpoints, load balancers' interfaces, and instances that forward: what a packet meets at an interface or in place of one.

use super::hop::Hop;
use super::packet::Ports;
use super::security_group::{self, Way};
use super::travel::{At, Go, Traveller, gateway_in};
use crate::artifact::Node;
use crate::evidence::Evidence;
use crate::flow::Reason;
use crate::model::aws::ec2::Interface;
use crate::model::aws::elbv2::listener::tells_all;

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
        let hop = Hop::unknown(
            format!("{id} is to forward the packet, and its own routes and rules decide whether it does"),
            "sysctl net.ipv4.ip_forward; ip route; iptables-save",
            format!("Run on the owner of {id}: what it forwards, and whose address it puts in, does not show in AWS."),
        );
        let note = if self.packet.answer {
            "The question did not come this way: a firewall that remembers connections drops such an answer."
        } else {
            ""
        };
        self.stop(actor, hop.noted(note))
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
        if let Some(name) = load_balancer(interface) {
            return self.listener(name, place);
        }
        let told = |instance: &str| {
            let node = network.instances.get(instance);
            node.is_some_and(|node| node.get("State").is_some())
        };
        match interface.instance {
            Some(instance) if !told(instance) && network.runs(interface).is_some() => {
                let alive = network.runs(interface).cloned();
                Hop::passes(format!("takes what is for {to}: {instance} runs"), place).with(alive)
            }
            Some(instance) if !told(instance) => Hop::unknown(
                format!("whether {instance} runs was not pasted"),
                format!("aws ec2 describe-instances --instance-ids {instance}"),
                "A stopped instance keeps its interface and takes nothing.",
            )
            .with(place),
            _ => Hop::passes(format!("takes what is for {to}"), place),
        }
    }

    /// What a load balancer makes of a packet for one of its own addresses.
    fn listener(&self, name: &str, place: Vec<Evidence>) -> Hop {
        let (listeners, all) = self.listeners_of(name);
        let port = |listener: &Node<'a>| listener.get("Port").and_then(|port| port.number());
        let fits = listeners.iter().find(|listener| match self.packet.ports {
            Ports::Range(low, high) => {
                port(listener).is_some_and(|port| i64::from(low) <= port && port <= i64::from(high))
            }
            Ports::NotAsked => true,
        });
        let note = "To whom it sends the packet is another question: ask for the way to the load balancer by its name.";
        match fits {
            Some(listener) => Hop::assumed(format!("{name} listens there"), place, note).with([listener.evidence()]),
            None if !all => Hop::unknown(
                format!("whether {name} listens there was not pasted"),
                "aws elbv2 describe-listeners --load-balancer-arn ARN",
                format!("Only what a listener of {name} is for gets through."),
            )
            .with(place),
            None => Hop::blocked(
                Reason::NoListener,
                format!("{name} has no listener for {}", self.packet.words()),
                listeners
                    .iter()
                    .filter_map(|listener| Some(listener.get("Port")?.evidence()))
                    .collect(),
            ),
        }
    }
}

impl<'a> Traveller<'_, 'a> {
    /// The listeners of a load balancer that were pasted, and whether it has no others.
    fn listeners_of(&self, name: &str) -> (Vec<Node<'a>>, bool) {
        let is_own = |arn: &str| arn.ends_with(&format!("loadbalancer/{name}"));
        let own = |listener: &Node<'a>| listener.str_of("LoadBalancerArn").is_some_and(is_own);
        let mut found = Vec::new();
        let mut all = false;
        for root in &self.network.roots {
            let mut listeners = root.node.list("Listeners");
            // A program that collects the answers of several load balancers.
            let collected = root.node.list("LoadBalancerListeners");
            listeners.extend(collected.iter().flat_map(|collected| collected.list("Listeners")));
            listeners.retain(own);
            let limits = root.limits();
            let asked = limits
                .values("load-balancer-arn")
                .is_some_and(|arns| arns.iter().any(|arn| is_own(arn)));
            if listeners.is_empty() && !asked {
                continue;
            }
            all = tells_all(&limits, is_own, !listeners.is_empty());
            found.extend(listeners);
        }
        (found, all)
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

/// `net/NAME/ID` of a load balancer's interface, by its description (`ELB net/NAME/ID`).
fn load_balancer<'a>(interface: &Interface<'a>) -> Option<&'a str> {
    let words = interface.node.str_of("Description").unwrap_or_default();
    let name = words.strip_prefix("ELB ");
    name.or_else(|| interface.kind.contains("load_balancer").then_some(interface.id))
}
