//! Amazon EC2 and VPC: interfaces, security groups, network ACLs, routes.

use crate::artifact::Node;

mod interface;
mod network_acl;
mod route;
mod security_group;

pub use interface::{Interface, PrivateAddress};
pub use network_acl::Entry;
pub use route::{Route, Target};
pub use security_group::{Peer, Permission, Rules};

/// What a rule says of the packet's protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IpProtocol {
    /// `-1`: every one.
    All,
    /// That of this number (IANA, "Assigned Internet Protocol Numbers").
    Number(u8),
    /// Something that is not understood.
    Unread,
}

impl IpProtocol {
    /// By the name that EC2 gives it, or by its number.
    pub fn new(node: Option<&Node<'_>>) -> Self {
        let Some(node) = node else { return Self::Unread };
        match node.str() {
            Some("-1" | "all") => Self::All,
            Some("icmp") => Self::Number(1),
            Some("tcp") => Self::Number(6),
            Some("udp") => Self::Number(17),
            Some("icmpv6") => Self::Number(58),
            Some("sctp") => Self::Number(132),
            _ => match node.number() {
                Some(-1) => Self::All,
                Some(number) => u8::try_from(number).map_or(Self::Unread, Self::Number),
                None => Self::Unread,
            },
        }
    }
}
