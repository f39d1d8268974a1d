//! Elastic Load Balancing v2: load balancers, listeners, target groups, targets.

pub mod listener;
pub mod rule;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::artifact::Node;
use crate::evidence::{Evidence, Fact};
use crate::model::Model;
use crate::model::aws::listing::Limits;
use crate::segment::Command;

/// A load balancer, as `describe-load-balancers` prints it.
#[derive(Debug, Clone)]
pub struct LoadBalancer<'a> {
    /// Its element of `LoadBalancers`.
    pub node: Node<'a>,
}

impl<'a> LoadBalancer<'a> {
    /// `LoadBalancerArn`.
    pub fn arn(&self) -> &'a str {
        self.node.str_of("LoadBalancerArn").unwrap_or_default()
    }

    /// `LoadBalancerName`, or the DNS name's first label, or the name in the ARN.
    pub fn name(&self) -> &'a str {
        self.node
            .str_of("LoadBalancerName")
            .or_else(|| self.arn().split('/').nth(2))
            .unwrap_or_default()
    }

    /// `DNSName`.
    pub fn dns_name(&self) -> Option<Fact<String>> {
        self.node.fact_at(&["DNSName"])
    }

    /// `Scheme`: `internal` or `internet-facing`.
    pub fn scheme(&self) -> Option<Fact<String>> {
        self.node.fact_at(&["Scheme"])
    }

    /// `State.Code`: `active`, `provisioning`, `active_impaired` or `failed`.
    pub fn state(&self) -> Option<Fact<String>> {
        self.node.fact_at(&["State", "Code"])
    }

    /// Whether `Type` is `network`, or the ARN says so.
    pub fn is_network(&self) -> bool {
        self.node.str_of("Type") == Some("network") || self.arn().contains(":loadbalancer/net/")
    }

    /// The zones that it is enabled in, by name.
    pub fn zones(&self) -> Vec<&'a str> {
        self.node
            .list("AvailabilityZones")
            .into_iter()
            .filter_map(|zone| zone.str_of("ZoneName"))
            .collect()
    }
}

/// A target group: described, or known only by the ARN in the commands that printed its attributes and its targets.
#[derive(Debug, Clone)]
pub struct TargetGroup<'a> {
    /// Its ARN; empty where no command and no document names it.
    pub arn: String,
    /// Its element of `TargetGroups`, where it was pasted.
    pub node: Option<Node<'a>>,
}

/// `TargetType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetType {
    /// Instances, by id; the port is a node port.
    Instance,
    /// Addresses, of pods on EKS.
    Ip,
    /// Another load balancer, or a Lambda function.
    Other,
}

/// A registered target with its health.
#[derive(Debug, Clone)]
pub struct Target<'a> {
    /// Its element of `TargetHealthDescriptions`.
    pub node: Node<'a>,
    /// `Target.Id`: an instance id or an address.
    pub id: String,
    /// `Target.Port`.
    pub port: Option<u16>,
}

impl Target<'_> {
    /// `TargetHealth.State`: `healthy`, `unhealthy`, `draining`, `unused` …
    pub fn state(&self) -> Option<Fact<String>> {
        self.node.fact_at(&["TargetHealth", "State"])
    }

    /// Whether the load balancer sends new connections to it.
    pub fn is_healthy(&self) -> bool {
        self.state().is_some_and(|state| state.value == "healthy")
    }

    /// The address, of a target that is one.
    pub fn address(&self) -> Option<IpAddr> {
        self.id.parse().ok()
    }

    /// Where the target stands.
    pub fn evidence(&self) -> Evidence {
        self.node
            .at(&["Target", "Id"])
            .as_ref()
            .unwrap_or(&self.node)
            .evidence()
    }
}

/// Whether a target group preserves client addresses, and how that is known.
#[derive(Debug, Clone)]
pub enum Preserve {
    /// The attribute `preserve_client_ip.enabled` was pasted.
    Set(Fact<bool>),
    /// It was not; the documented default for this target type and protocol.
    Default(bool, &'static str),
    /// Neither the attribute nor what its default depends on was pasted.
    Unknown,
}

impl Preserve {
    /// The setting, where it is known or has a default.
    pub fn value(&self) -> Option<bool> {
        match self {
            Self::Set(fact) => Some(fact.value),
            Self::Default(value, _) => Some(*value),
            Self::Unknown => None,
        }
    }
}

impl<'a> TargetGroup<'a> {
    /// `TargetGroupName`, or the name in the ARN.
    pub fn name(&self) -> &str {
        self.node
            .as_ref()
            .and_then(|node| node.str_of("TargetGroupName"))
            .or_else(|| self.arn.split('/').nth(1))
            .unwrap_or("the target group")
    }

    /// `Protocol`.
    pub fn protocol(&self) -> Option<&'a str> {
        self.node.as_ref()?.str_of("Protocol")
    }

    /// `Port`: the node port or the pod's port, unless a target overrides it.
    pub fn port(&self) -> Option<u16> {
        self.node.as_ref()?.get("Port")?.number()?.try_into().ok()
    }

    /// `LoadBalancerArns`.
    pub fn load_balancer_arns(&self) -> Vec<&'a str> {
        self.node
            .as_ref()
            .map(|node| node.list("LoadBalancerArns"))
            .unwrap_or_default()
            .into_iter()
            .filter_map(|node| node.str())
            .collect()
    }

    /// `TargetType`, with its evidence; told by the targets' ids where the group itself was not pasted.
    pub fn target_type(&self, targets: &[Target<'_>]) -> Option<Fact<TargetType>> {
        if let Some(fact) = self.node.as_ref().and_then(|node| node.fact_at(&["TargetType"])) {
            return Some(fact.map(|value| match value.as_str() {
                "instance" => TargetType::Instance,
                "ip" => TargetType::Ip,
                _ => TargetType::Other,
            }));
        }
        let first = targets.first()?;
        let kind = if first.id.starts_with("i-") {
            TargetType::Instance
        } else if first.address().is_some() {
            TargetType::Ip
        } else {
            TargetType::Other
        };
        Some(Fact::new(kind, first.evidence()))
    }
}

impl Model<'_> {
    /// All load balancers that were described.
    pub fn load_balancers(&self) -> Vec<LoadBalancer<'_>> {
        self.aws_list("LoadBalancers")
            .into_iter()
            .map(|(_, node)| LoadBalancer { node })
            .filter(|lb| !lb.arn().is_empty() || lb.node.get("DNSName").is_some())
            .collect()
    }

    /// All target groups with the documents of each.
    pub fn target_groups(&self) -> TargetGroups<'_> {
        let described: Vec<TargetGroup<'_>> = self
            .aws_list("TargetGroups")
            .into_iter()
            .filter_map(|(_, node)| {
                Some(TargetGroup {
                    arn: node.str_of("TargetGroupArn")?.to_owned(),
                    node: Some(node),
                })
            })
            .collect();
        TargetGroups::new(described, self.aws_roots())
    }

    /// Whether cross-zone balancing is on for a group: its own attribute, else its load balancer's, else off, which is the
    /// default of Network Load Balancers.
    pub fn crosses_zones(
        &self,
        groups: &TargetGroups<'_>,
        group: &TargetGroup<'_>,
        lb: Option<&LoadBalancer<'_>>,
    ) -> bool {
        const KEY: &str = "load_balancing.cross_zone.enabled";
        let own = groups.attribute(group, KEY).map(|fact| fact.value);
        if let Some(own @ ("true" | "false")) = own.as_deref() {
            return own == "true";
        }
        self.aws_roots()
            .into_iter()
            .filter(|(command, root)| {
                let of = command.and_then(|command| command.written("--load-balancer-arn"));
                !is_target_group_attributes(root) && lb.is_none_or(|lb| of.is_none_or(|of| of == lb.arn()))
            })
            .flat_map(|(_, root)| root.list("Attributes"))
            .any(|attribute| attribute.str_of("Key") == Some(KEY) && attribute.str_of("Value") == Some("true"))
    }

    /// The port of the listener that forwards to a group.
    pub fn listener_port(&self, group: &TargetGroup<'_>) -> Option<Fact<u16>> {
        self.aws_list("Listeners").into_iter().find_map(|(_, listener)| {
            let forwards = listener.list("DefaultActions").iter().any(|action| {
                action.str_of("TargetGroupArn") == Some(group.arn.as_str())
                    || action.get("ForwardConfig").is_some_and(|config| {
                        config
                            .list("TargetGroups")
                            .iter()
                            .any(|member| member.str_of("TargetGroupArn") == Some(group.arn.as_str()))
                    })
            });
            let port = listener.get("Port")?;
            forwards.then(|| Some(Fact::new(port.number()?.try_into().ok()?, port.evidence())))?
        })
    }
}

/// A document, and whether its command left nothing out of it.
type Printed<'a> = (Node<'a>, bool);

/// The target groups of a paste, and which documents are of which.
pub struct TargetGroups<'a> {
    /// Those described, then those that only commands name, by ARN or by a shell variable.
    pub all: Vec<TargetGroup<'a>>,
    /// The documents of targets and of attributes, by what stands for the group's ARN.
    documents: BTreeMap<String, Vec<Printed<'a>>>,
}

impl<'a> TargetGroups<'a> {
    /// A document is of the group that its command names. Behind a shell variable, or without a command, it is of the only group
    /// that it can be of; two variables are two groups, and which of the described ones they are is not known.
    fn new(described: Vec<TargetGroup<'a>>, roots: Vec<(Option<&'a Command>, Node<'a>)>) -> Self {
        let whole = |command: Option<&Command>, root: &Node<'a>| {
            let limits = Limits::of(command, root);
            !limits.partial && limits.filters.iter().all(|(name, _)| name == "target-group-arn")
        };
        let documents: Vec<(Option<String>, Printed<'a>)> = roots
            .into_iter()
            .filter(|(_, root)| root.get("TargetHealthDescriptions").is_some() || is_target_group_attributes(root))
            .map(|(command, root)| {
                let name = command.and_then(|command| command.written("--target-group-arn"));
                let whole = whole(command, &root);
                (name, (root, whole))
            })
            .collect();
        let is_arn = |name: &&str| name.starts_with("arn:");
        let named = || documents.iter().filter_map(|(name, _)| name.as_deref());
        let arns: BTreeSet<&str> = described
            .iter()
            .map(|group| group.arn.as_str())
            .chain(named().filter(is_arn))
            .collect();
        let variables: BTreeSet<&str> = named().filter(|name| !is_arn(name)).collect();
        let only: Option<String> = match (arns.len(), variables.len()) {
            (1, 0 | 1) => arns.first().map(|arn| (*arn).to_owned()),
            (0, 1) => variables.first().map(|name| (*name).to_owned()),
            (0, 0) => Some(String::new()),
            _ => None,
        };
        let mut by_name: BTreeMap<String, Vec<Printed<'a>>> = BTreeMap::new();
        for (name, root) in &documents {
            let of = match name.as_deref() {
                Some(name) if is_arn(&name) => Some(name.to_owned()),
                Some(name) => only.clone().or_else(|| Some(name.to_owned())),
                None => only.clone(),
            };
            if let Some(of) = of {
                by_name.entry(of).or_default().push(root.clone());
            }
        }
        let mut seen = BTreeSet::new();
        let mut all: Vec<TargetGroup<'a>> = described
            .into_iter()
            .filter(|group| seen.insert(group.arn.clone()))
            .collect();
        // In the order of the paste, not of the names.
        let rest = documents
            .iter()
            .map(|(name, _)| name.as_deref().unwrap_or_default())
            .filter(|name| by_name.contains_key(*name));
        for name in rest {
            if seen.insert(name.to_owned()) {
                all.push(TargetGroup {
                    arn: name.to_owned(),
                    node: None,
                });
            }
        }
        Self {
            all,
            documents: by_name,
        }
    }

    fn documents_of(&self, group: &TargetGroup<'_>) -> impl Iterator<Item = &Node<'a>> {
        let own = self.documents.get(&group.arn).into_iter().flatten();
        own.map(|(root, _)| root)
    }

    /// The registered targets of a group; of one that is listed several times, its last state.
    pub fn targets(&self, group: &TargetGroup<'_>) -> Vec<Target<'a>> {
        let mut targets: Vec<Target<'a>> = Vec::new();
        let mut places: BTreeMap<(String, Option<u16>), usize> = BTreeMap::new();
        let all = self
            .documents_of(group)
            .flat_map(|root| root.list("TargetHealthDescriptions"));
        for node in all {
            let Some(target) = node.get("Target") else { continue };
            let Some(id) = target.str_of("Id") else { continue };
            let target = Target {
                id: id.to_owned(),
                port: target.get("Port").and_then(|port| port.number()?.try_into().ok()),
                node,
            };
            let key = (target.id.clone(), target.port);
            if let Some(known) = places.get(&key).and_then(|&at| targets.get_mut(at)) {
                *known = target;
            } else {
                places.insert(key, targets.len());
                targets.push(target);
            }
        }
        targets
    }

    /// Where the targets of a group were printed, also where it has none; whether these are all says the other value.
    pub fn health(&self, group: &TargetGroup<'_>) -> Option<(Evidence, bool)> {
        let list = |(root, whole): &Printed<'a>| Some((root.get("TargetHealthDescriptions")?.evidence(), *whole));
        let own = self.documents.get(&group.arn).into_iter().flatten();
        own.filter_map(list).next_back()
    }

    /// The value of an attribute of a group (`describe-target-group-attributes`); nothing where two documents contradict.
    pub fn attribute(&self, group: &TargetGroup<'_>, key: &str) -> Option<Fact<String>> {
        let mut values = self
            .documents_of(group)
            .filter(|root| is_target_group_attributes(root))
            .flat_map(|root| root.list("Attributes"))
            .filter(|attribute| attribute.str_of("Key") == Some(key))
            .filter_map(|attribute| {
                let value = attribute.str_of("Value")?.to_owned();
                Some(Fact::new(value, attribute.evidence()))
            });
        let first = values.next()?;
        values.all(|other| other.value == first.value).then_some(first)
    }

    /// Whether a group preserves client addresses: the attribute, or its default by "Client IP preservation" in the User
    /// Guide for Network Load Balancers: on for instances, on for addresses with UDP, TCP_UDP, QUIC, TCP_QUIC, off for
    /// addresses with TCP and TLS.
    pub fn preserves_client_ip(&self, group: &TargetGroup<'_>, targets: &[Target<'_>]) -> Preserve {
        if let Some(fact) = self.attribute(group, "preserve_client_ip.enabled")
            && let Ok(value) = fact.value.parse()
        {
            return Preserve::Set(Fact::new(value, fact.evidence));
        }
        match (group.target_type(targets).map(|fact| fact.value), group.protocol()) {
            (Some(TargetType::Instance), _) => Preserve::Default(true, "the default for instance targets is on"),
            (Some(TargetType::Ip), Some("TCP" | "TLS")) => {
                Preserve::Default(false, "the default for ip targets with TCP or TLS is off")
            }
            (Some(TargetType::Ip), Some("UDP" | "TCP_UDP" | "QUIC" | "TCP_QUIC")) => {
                Preserve::Default(true, "for ip targets with UDP it is on and cannot be turned off")
            }
            _ => Preserve::Unknown,
        }
    }
}

/// The attribute documents of load balancers, listeners and target groups differ in their keys only.
fn is_target_group_attributes(root: &Node<'_>) -> bool {
    root.list("Attributes").iter().any(|attribute| {
        attribute.str_of("Key").is_some_and(|key| {
            key.starts_with("preserve_client_ip.")
                || key.starts_with("deregistration_delay.")
                || key.starts_with("stickiness.")
                || key.starts_with("proxy_protocol_v2.")
        })
    })
}
