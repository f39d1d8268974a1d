//! Amazon EC2 and VPC: interfaces, security groups, network ACLs, routes.

mod interface;
mod network_acl;
mod route;
mod security_group;

pub use interface::{Interface, PrivateAddress};
pub use network_acl::Entry;
pub use route::{Route, Target};
pub use security_group::{Peer, Permission, permissions};

/// The number of an IP protocol by the name that EC2 gives it, or by its number; `None` is every protocol (`-1`). `Err` where it is neither.
///
/// # Errors
/// Where the text names no protocol.
pub fn protocol_number(text: &str) -> Result<Option<u8>, ()> {
    match text {
        "-1" | "all" => Ok(None),
        "icmp" => Ok(Some(1)),
        "tcp" => Ok(Some(6)),
        "udp" => Ok(Some(17)),
        "icmpv6" => Ok(Some(58)),
        "sctp" => Ok(Some(132)),
        _ => text.parse().map(Some).map_err(|_| ()),
    }
}
