//! A target as the network knows it.

use std::net::IpAddr;

use crate::evidence::Evidence;
use crate::flow::Actor;

/// A target, for those who look at the network before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Aim {
    /// Its address: its own, or its instance's.
    pub address: Option<IpAddr>,
    /// Its port.
    pub port: Option<u16>,
    /// The instance, where one is registered.
    pub instance: Option<String>,
    /// The node whose port is asked, where an instance is registered and its node is known.
    pub node: Option<String>,
    /// The zone that it is in.
    pub zone: Option<String>,
    /// Whether load balancers of one zone send to targets of another.
    pub crosses: bool,
    /// Whether it sees the client's address; `None` where that is not known.
    pub preserves: Option<bool>,
    /// Whether that was pasted, or is known of its kind; else it is a documented default.
    pub told: bool,
    /// The command that tells whether it does.
    pub attributes: String,
    /// Where it says that it is well.
    pub well: Option<Evidence>,
    /// Whether its health is asked at the port that requests go to.
    pub same_port: bool,
    /// Who it is, as the reader knows it.
    pub actor: Actor,
}

impl Aim {
    /// What shows that packets of the load balancer itself reach the target, and that it answers them: its health check takes the same way
    /// where clients' addresses are not preserved.
    pub fn proof(&self) -> Option<&Evidence> {
        self.well
            .as_ref()
            .filter(|_| self.preserves == Some(false) && self.same_port)
    }
}
