//! The mark that a pod's packet carries when the node routes it. What leaves the VPC is marked (`AWS, outbound connections`), so that rule
//! 1024 sends it by the first interface, whose address then takes the pod's place (amazon-vpc-cni-k8s, `pkg/networkutils/network.go`,
//! `iptables_connmark.go`).

use super::super::cluster::snat::Source;

/// What tells of the mark.
#[derive(Debug, Clone)]
pub enum Mark {
    /// It carries none.
    None,
    /// Whether the packet leaves the VPC (`None` where that is not known), and whose address it has then.
    Outbound(Option<bool>, Source),
}

/// The mark by default (`AWS_VPC_K8S_CNI_CONNMARK`).
pub const DEFAULT: u32 = 0x80;
