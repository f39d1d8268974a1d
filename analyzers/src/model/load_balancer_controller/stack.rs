//! What the controller would make: a load balancer with all that belongs to it. Field names are those of the Elastic Load Balancing and EC2
//! APIs, and of the `TargetGroupBinding` that the controller makes for each target group.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::name::Name;
use crate::evidence::Fact;
use crate::model::aws::elbv2::TargetType;
use crate::model::aws::elbv2::rule::{Action, Rule};
use crate::model::decided::Decided;

/// Attributes and tags.
pub type Pairs = BTreeMap<String, Decided<String>>;

/// A load balancer and what belongs to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Stack {
    /// `NAMESPACE/NAME` of the Service or the Ingress, or the name of the Ingress group.
    pub id: String,
    /// The load balancer.
    pub load_balancer: LoadBalancer,
    /// By port.
    pub listeners: Vec<Listener>,
    /// By id.
    pub target_groups: BTreeMap<String, TargetGroup>,
    /// The security group that the controller makes for the load balancer.
    pub security_group: Option<SecurityGroup>,
    /// Firewalls and shields.
    pub add_ons: Vec<AddOn>,
    /// Annotations that decide something that is not told here.
    pub unread: Vec<Fact<String>>,
    /// Namespace and name of Services that backends name and that were not pasted.
    pub missing_services: BTreeSet<(String, String)>,
}

/// Which of its kinds a load balancer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `application`
    Application,
    /// `network`
    Network,
}

/// The load balancer.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadBalancer {
    /// Its name.
    pub name: Decided<Name>,
    /// Its kind.
    pub kind: Kind,
    /// `internal` or `internet-facing`.
    pub scheme: Decided<String>,
    /// `ipv4`, `dualstack` or `dualstack-without-public-ipv4`.
    pub ip_address_type: Decided<String>,
    /// Where it stands; `None` where the controller finds its subnets by itself and they were not pasted.
    pub subnets: Option<Vec<SubnetMapping>>,
    /// Its security groups.
    pub security_groups: Vec<SecurityGroupRef>,
    /// `EnablePrefixForIpv6SourceNat`, of Network Load Balancers.
    pub prefix_for_ipv6_source_nat: Option<Decided<String>>,
    /// `EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic`, of Network Load Balancers.
    pub inbound_rules_on_private_link: Option<Decided<String>>,
    /// `CustomerOwnedIpv4Pool`
    pub customer_owned_ipv4_pool: Option<Decided<String>>,
    /// `IpamPools.Ipv4IpamPoolId`
    pub ipv4_ipam_pool: Option<Decided<String>>,
    /// `MinimumLoadBalancerCapacity.CapacityUnits`
    pub minimum_capacity: Option<Decided<i64>>,
    /// Attributes that are set; the others have AWS' defaults.
    pub attributes: Pairs,
    /// Tags beside those by which the controller knows its own.
    pub tags: Pairs,
}

/// A subnet, and which addresses the load balancer has there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SubnetMapping {
    /// `SubnetId`
    pub subnet: String,
    /// `AllocationId`
    pub allocation: Option<String>,
    /// `PrivateIPv4Address`
    pub private_ipv4: Option<String>,
    /// `IPv6Address`
    pub ipv6: Option<String>,
    /// `SourceNatIpv6Prefix`
    pub source_nat_ipv6_prefix: Option<String>,
}

/// A security group of the load balancer, or one that targets let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecurityGroupRef {
    /// The one that the controller makes for this load balancer.
    Managed,
    /// The one that all load balancers of the cluster share, to be let in by the targets; its id, where it was given.
    Backend(Option<String>),
    /// One that was asked for: as written, and its id where that is known.
    Named(String, Option<String>),
}

/// What makes a security group the controller's own.
#[derive(Debug, Clone, PartialEq)]
pub struct SecurityGroup {
    /// `GroupName`
    pub name: Name,
    /// Who is let in.
    pub ingress: Vec<Permission>,
    /// Tags.
    pub tags: Pairs,
}

/// One range that is let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    /// `tcp`, `udp`, `icmp`, `icmpv6`
    pub protocol: String,
    /// First port; of ICMP the type.
    pub from_port: u16,
    /// Last port; of ICMP the code.
    pub to_port: u16,
    /// Who.
    pub source: Decided<Source>,
}

/// Who is let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A range of addresses.
    Block(String),
    /// `PrefixListId`
    PrefixList(String),
}

/// A listener.
#[derive(Debug, Clone, PartialEq)]
pub struct Listener {
    /// `Port`
    pub port: Decided<u16>,
    /// `HTTP`, `HTTPS`, `TCP`, `UDP`, `TLS`, `TCP_UDP`, `QUIC`, `TCP_QUIC`
    pub protocol: Decided<String>,
    /// The first one is shown to who names no host.
    pub certificates: Vec<Decided<String>>,
    /// Whether certificates are looked for among those of the account by the hosts of the Ingress, and none is told here.
    pub certificates_by_host: bool,
    /// `SslPolicy`
    pub ssl_policy: Option<Decided<String>>,
    /// `AlpnPolicy`
    pub alpn_policy: Option<Decided<String>>,
    /// `MutualAuthentication`: its mode.
    pub mutual_authentication: Option<Decided<String>>,
    /// What is done where no rule says otherwise.
    pub default_actions: Vec<Action>,
    /// By priority.
    pub rules: Vec<ListenerRule>,
    /// Attributes.
    pub attributes: Pairs,
    /// Tags.
    pub tags: Pairs,
}

/// A rule of a listener.
#[derive(Debug, Clone, PartialEq)]
pub struct ListenerRule {
    /// The rule.
    pub rule: Rule,
    /// Its tags.
    pub tags: Pairs,
}

/// A number, or a name for one that each pod may have differently.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Port {
    /// A number.
    Number(u16),
    /// A name.
    Name(String),
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Name(name) => f.write_str(name),
        }
    }
}

/// The name of the target's own port, where its health is asked.
pub const TRAFFIC_PORT: &str = "traffic-port";

/// A target group.
#[derive(Debug, Clone, PartialEq)]
pub struct TargetGroup {
    /// Its name.
    pub name: Name,
    /// Instances or addresses.
    pub target_type: Decided<TargetType>,
    /// Node port or pod port; 1 where each pod may have another one.
    pub port: Decided<u16>,
    /// `Protocol`
    pub protocol: Decided<String>,
    /// `HTTP1`, `HTTP2` or `GRPC`, of Application Load Balancers.
    pub protocol_version: Option<Decided<String>>,
    /// `ipv4` or `ipv6`
    pub ip_address_type: Decided<String>,
    /// `TargetControlPort`
    pub control_port: Option<Decided<u16>>,
    /// How its targets are tested.
    pub health_check: HealthCheck,
    /// Attributes.
    pub attributes: Pairs,
    /// Tags.
    pub tags: Pairs,
    /// How its targets come in.
    pub binding: Binding,
}

/// How targets are tested.
#[derive(Debug, Clone, PartialEq)]
pub struct HealthCheck {
    /// A port, or [`TRAFFIC_PORT`].
    pub port: Decided<Port>,
    /// `TCP`, `HTTP` or `HTTPS`
    pub protocol: Decided<String>,
    /// Of HTTP.
    pub path: Option<Decided<String>>,
    /// The codes that are good; `None` for TCP.
    pub matcher: Option<Decided<String>>,
    /// Whether these are codes of gRPC.
    pub grpc: bool,
    /// `HealthCheckIntervalSeconds`
    pub interval_seconds: Decided<i64>,
    /// `HealthCheckTimeoutSeconds`
    pub timeout_seconds: Decided<i64>,
    /// `HealthyThresholdCount`
    pub healthy_threshold: Decided<i64>,
    /// `UnhealthyThresholdCount`
    pub unhealthy_threshold: Decided<i64>,
}

/// The `TargetGroupBinding`: whose pods or nodes are its targets, and who the targets let in.
#[derive(Debug, Clone, PartialEq)]
pub struct Binding {
    /// The Service's namespace.
    pub namespace: String,
    /// The Service.
    pub service: String,
    /// Its port.
    pub service_port: Port,
    /// That port's name; empty where there is one without.
    pub port_name: String,
    /// That port's protocol.
    pub port_protocol: String,
    /// The labels of nodes that are targets; all are where it is empty.
    pub node_selector: BTreeMap<String, String>,
    /// `MultiClusterTargetGroup`
    pub multi_cluster: bool,
    /// What the controller adds to the targets' security groups; `None` where it leaves them alone.
    pub networking: Option<Vec<NetworkingRule>>,
}

/// One rule of it.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkingRule {
    /// Who is let in; `None` where the ranges were not pasted.
    pub from: Option<Vec<Peer>>,
    /// Protocols and ports; a port that is `None` stands for all.
    pub ports: Vec<(&'static str, Option<Port>)>,
}

/// Who is let in to targets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Peer {
    /// A range of addresses.
    Block(String),
    /// A security group.
    Group(SecurityGroupRef),
}

/// A firewall or a shield before the load balancer.
#[derive(Debug, Clone, PartialEq)]
pub enum AddOn {
    /// The ARN of an AWS WAF web ACL; empty for none.
    WebAcl(Decided<String>),
    /// The id of one of AWS WAF Classic.
    ClassicWebAcl(Decided<String>),
    /// Whether AWS Shield Advanced protects it.
    Shield(Decided<bool>),
}
