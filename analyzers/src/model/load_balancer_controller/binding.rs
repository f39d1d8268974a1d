//! Who targets let in: the rules that the controller adds to the security groups of nodes and pods (documentation, "TargetGroupBinding",
//! networking).

use super::stack::{NetworkingRule, Peer, Port, SecurityGroupRef, TRAFFIC_PORT};

/// The ports of a target that have to be open.
#[derive(Debug, Clone, Copy)]
pub struct Ports<'p> {
    /// Where requests go.
    pub target: &'p Port,
    /// Where health is asked.
    pub health_check: &'p Port,
}

impl Ports<'_> {
    /// Whether health is asked where requests go.
    fn are_one(&self) -> bool {
        *self.health_check == Port::Name(TRAFFIC_PORT.to_owned()) || self.health_check == self.target
    }
}

/// Of an Application Load Balancer's targets: one rule a port.
pub fn of_ingress(
    backend: Option<&SecurityGroupRef>,
    ports: Ports<'_>,
    control: Option<u16>,
    unrestricted: bool,
) -> Option<Vec<NetworkingRule>> {
    let from = vec![Peer::Group(backend?.clone())];
    let rule = |port: Option<Port>| NetworkingRule {
        from: Some(from.clone()),
        ports: vec![("TCP", port)],
    };
    if unrestricted {
        return Some(vec![rule(None)]);
    }
    let mut rules = vec![rule(Some(ports.target.clone()))];
    if *ports.health_check != Port::Name(TRAFFIC_PORT.to_owned()) {
        rules.push(rule(Some(ports.health_check.clone())));
    }
    if let Some(control) = control {
        rules.push(rule(Some(Port::Number(control))));
    }
    Some(rules)
}

fn has_tcp(protocol: &str) -> bool {
    !matches!(protocol, "UDP" | "QUIC")
}

fn has_udp(protocol: &str) -> bool {
    matches!(protocol, "UDP" | "QUIC" | "TCP_UDP" | "TCP_QUIC")
}

/// Of the targets of a Network Load Balancer that has security groups: one rule with all ports.
pub fn of_service(
    backend: Option<&SecurityGroupRef>,
    ports: Ports<'_>,
    protocol: &str,
    unrestricted: bool,
) -> Option<Vec<NetworkingRule>> {
    let from = Some(vec![Peer::Group(backend?.clone())]);
    let mut open: Vec<(&'static str, Option<Port>)> = Vec::new();
    if unrestricted {
        open.push(("TCP", None));
        if has_udp(protocol) {
            open.push(("UDP", None));
        }
        return Some(vec![NetworkingRule { from, ports: open }]);
    }
    let target = || Some(ports.target.clone());
    if has_udp(protocol) {
        open.push(("UDP", target()));
    }
    // Health is asked by TCP, also that of who serves UDP.
    if has_tcp(protocol) || ports.are_one() {
        open.push(("TCP", target()));
    }
    if !ports.are_one() && matches!(ports.health_check, Port::Number(_)) {
        open.push(("TCP", Some(ports.health_check.clone())));
    }
    Some(vec![NetworkingRule { from, ports: open }])
}

/// What decides about the targets of a Network Load Balancer without security groups.
#[derive(Debug, Clone)]
pub struct Ranges {
    /// The ranges of the load balancer's subnets; `None` where they were not pasted.
    pub subnets: Option<Vec<String>>,
    /// Who may connect, where targets see the clients' addresses; empty where nobody is named.
    pub clients: Vec<String>,
    /// Everybody who can connect, where nobody is named: all, or the VPC. `None` where that was not pasted.
    pub everybody: Option<Vec<String>>,
    /// Whether targets see the clients' addresses.
    pub preserves: bool,
}

/// Of the targets of a Network Load Balancer without security groups: by ranges of addresses.
pub fn by_ranges(ranges: &Ranges, ports: Ports<'_>, protocol: &str) -> Vec<NetworkingRule> {
    let peers = |blocks: &Option<Vec<String>>| -> Option<Vec<Peer>> {
        Some(
            blocks
                .as_ref()?
                .iter()
                .map(|block| Peer::Block(block.clone()))
                .collect(),
        )
    };
    let sees_clients = ranges.preserves || has_udp(protocol);
    let by_default = sees_clients && ranges.clients.is_empty();
    let traffic = match (sees_clients, by_default) {
        (false, _) => ranges.subnets.clone(),
        (true, true) => ranges.everybody.clone(),
        (true, false) => Some(ranges.clients.clone()),
    };
    let target = || Some(ports.target.clone());
    let open = match protocol {
        "TCP_UDP" | "TCP_QUIC" => vec![("TCP", target()), ("UDP", target())],
        "UDP" | "QUIC" => vec![("UDP", target())],
        _ => vec![("TCP", target())],
    };
    let is_everybody = |block: &String| matches!(block.as_str(), "0.0.0.0/0" | "::/0");
    // Health is asked from the load balancer's own addresses: is that let in by the first rule already?
    let let_in = protocol != "UDP"
        && ports.are_one()
        && (!ranges.preserves || by_default || traffic.iter().flatten().any(is_everybody));
    let mut rules = vec![NetworkingRule {
        from: peers(&traffic),
        ports: open,
    }];
    let none = ranges.subnets.as_ref().is_some_and(Vec::is_empty);
    if !let_in && !none {
        let port = if *ports.health_check == Port::Name(TRAFFIC_PORT.to_owned()) {
            ports.target
        } else {
            ports.health_check
        };
        rules.push(NetworkingRule {
            from: peers(&ranges.subnets),
            ports: vec![("TCP", Some(port.clone()))],
        });
    }
    rules
}

#[cfg(test)]
mod tests {
    use super::{Ports, Ranges, by_ranges, of_ingress, of_service};
    use crate::model::load_balancer_controller::stack::{Peer, Port, SecurityGroupRef};

    fn blocks(of: Option<&Vec<Peer>>) -> Vec<&str> {
        of.into_iter()
            .flatten()
            .map(|peer| match peer {
                Peer::Block(block) => block.as_str(),
                Peer::Group(_) => "a group",
            })
            .collect()
    }

    #[test]
    fn a_udp_target_is_asked_for_its_health_by_tcp() {
        let backend = SecurityGroupRef::Backend(None);
        let traffic = Port::Name("traffic-port".to_owned());
        let target = Port::Number(5353);
        let ports = Ports {
            target: &target,
            health_check: &traffic,
        };
        let rules = of_service(Some(&backend), ports, "UDP", false).expect("rules");
        assert_eq!(
            rules[0].ports,
            vec![("UDP", Some(Port::Number(5353))), ("TCP", Some(Port::Number(5353)))]
        );
        assert_eq!(of_service(None, ports, "UDP", false), None);
    }

    #[test]
    fn an_ingress_opens_one_port_a_rule_unless_all_are_open() {
        let backend = SecurityGroupRef::Managed;
        let (target, health) = (Port::Number(8080), Port::Number(9090));
        let ports = Ports {
            target: &target,
            health_check: &health,
        };
        let rules = of_ingress(Some(&backend), ports, None, false).expect("rules");
        let open: Vec<_> = rules.iter().flat_map(|rule| rule.ports.clone()).collect();
        assert_eq!(
            open,
            vec![("TCP", Some(Port::Number(8080))), ("TCP", Some(Port::Number(9090)))]
        );
        let rules = of_ingress(Some(&backend), ports, None, true).expect("rules");
        assert_eq!(rules[0].ports, vec![("TCP", None)]);
    }

    #[test]
    fn health_checks_get_in_beside_named_clients() {
        let ranges = Ranges {
            subnets: Some(vec!["10.0.0.0/24".to_owned()]),
            clients: vec!["192.0.2.0/24".to_owned()],
            everybody: Some(vec!["0.0.0.0/0".to_owned()]),
            preserves: true,
        };
        let (target, traffic) = (Port::Number(31443), Port::Name("traffic-port".to_owned()));
        let ports = Ports {
            target: &target,
            health_check: &traffic,
        };
        let rules = by_ranges(&ranges, ports, "TCP");
        assert_eq!(blocks(rules[0].from.as_ref()), vec!["192.0.2.0/24"]);
        assert_eq!(blocks(rules[1].from.as_ref()), vec!["10.0.0.0/24"]);
        assert_eq!(rules[1].ports, vec![("TCP", Some(Port::Number(31443)))]);
        let open = Ranges {
            clients: Vec::new(),
            ..ranges
        };
        assert_eq!(by_ranges(&open, ports, "TCP").len(), 1);
    }
}
