//! Why a packet stops: the reason codes of `contract.md`.

/// Why a flow stops. The names are a contract with outside suites.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Reason {
    /// A security group lets no such packet out.
    SgEgress,
    /// A security group lets no such packet in.
    SgIngress,
    /// A network ACL lets no such packet out of the subnet.
    NaclEgress,
    /// A network ACL lets no such packet into the subnet.
    NaclIngress,
    /// No route leads there.
    NoRoute,
    /// The route that counts leads to something that takes no packets any more, or none from there.
    BlackholeRoute,
    /// The Internet gateway knows no public address for the sender, or for the receiver.
    NoPublicAddress,
    /// The interface drops what is neither from nor for an address of its own.
    SourceDestCheck,
    /// No peering connection joins both ends: there is none, it is not active, or it would have to lead on.
    PeeringMissing,
    /// An instance, an interface or a gateway is in no state to take the packet: stopped, deleted, down, or without the connection that the
    /// packet would have to belong to.
    State,
    /// A network policy lets no such packet out of the pod.
    PolicyEgress,
    /// A network policy lets no such packet into the pod.
    PolicyIngress,
    /// The node's packet filter refuses it.
    Reject,
    /// A packet filter drops it: the node's, or VPC Block Public Access.
    Drop,
    /// Nobody serves the Service.
    NoEndpoints,
    /// Somebody serves the Service, but not on the node that the packet must stay on.
    NoLocalEndpoint,
    /// The Service, or the API server's endpoint, lets other sources in alone.
    CidrNotAllowed,
    /// The API server's endpoint has no public addresses, and who asks is outside of its VPC.
    EndpointPrivate,
    /// The Service has no such port.
    WrongPort,
    /// Nobody listens on the port.
    NotListening,
    /// The load balancer has no target in the zones that it serves, or nobody has the address.
    NoTarget,
    /// The target does not pass its health check.
    TargetUnhealthy,
    /// The target is in a zone that the load balancer is not enabled for.
    TargetAzDisabled,
    /// The load balancer has no listener on that port.
    NoListener,
    /// A packet comes back to the host that sent it, with that host's own address.
    Hairpin,
    /// The packet is larger than what the way takes, and must not be fragmented.
    Mtu,
    /// The answer takes another way than the question.
    Asymmetric,
    /// The condition of a policy is not met (auth).
    ConditionNotMet,
    /// The policy trusts somebody else (auth).
    PrincipalNotTrusted,
    /// The policy does not allow the action (auth).
    ActionNotAllowed,
    /// The server answered that the name does not exist (DNS).
    NxDomain,
    /// No answer came (DNS).
    Timeout,
}

impl Reason {
    /// The code as `contract.md` writes it.
    pub fn code(self) -> &'static str {
        match self {
            Self::SgEgress => "sg-egress",
            Self::SgIngress => "sg-ingress",
            Self::NaclEgress => "nacl-egress",
            Self::NaclIngress => "nacl-ingress",
            Self::NoRoute => "no-route",
            Self::BlackholeRoute => "blackhole-route",
            Self::NoPublicAddress => "no-public-address",
            Self::SourceDestCheck => "source-dest-check",
            Self::PeeringMissing => "peering-missing",
            Self::State => "state",
            Self::PolicyEgress => "policy-egress",
            Self::PolicyIngress => "policy-ingress",
            Self::Reject => "reject",
            Self::Drop => "drop",
            Self::NoEndpoints => "no-endpoints",
            Self::NoLocalEndpoint => "no-local-endpoint",
            Self::CidrNotAllowed => "cidr-not-allowed",
            Self::EndpointPrivate => "endpoint-private",
            Self::WrongPort => "wrong-port",
            Self::NotListening => "not-listening",
            Self::NoTarget => "no-target",
            Self::TargetUnhealthy => "target-unhealthy",
            Self::TargetAzDisabled => "target-az-disabled",
            Self::NoListener => "no-listener",
            Self::Hairpin => "hairpin",
            Self::Mtu => "mtu",
            Self::Asymmetric => "asymmetric",
            Self::ConditionNotMet => "condition-not-met",
            Self::PrincipalNotTrusted => "principal-not-trusted",
            Self::ActionNotAllowed => "action-not-allowed",
            Self::NxDomain => "nxdomain",
            Self::Timeout => "timeout",
        }
    }
}

impl serde::Serialize for Reason {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}
