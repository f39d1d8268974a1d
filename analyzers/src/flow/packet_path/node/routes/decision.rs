//! What rules and tables say of a packet.

use super::{Hop, Route};
use crate::evidence::Evidence;

/// What the rules and the tables say of a packet, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Where it goes.
    pub hop: Hop,
    /// The priority of the rule that led there; `None` without `ip rule`.
    pub priority: Option<i64>,
    /// The table that the route is of; empty where there is none.
    pub table: String,
    /// What the route leads to: `default`, `10.0.1.0/24`, an address.
    pub to: String,
    /// Whether the route is for one address alone.
    pub to_host: bool,
    /// Whether the table was pasted as a whole, so that no longer prefix of it is missing.
    pub whole: bool,
    /// A rule that is about the packet, and leads to a table without any route for it: the priority, the table.
    pub passed: Vec<(i64, String)>,
    /// The rules and the route.
    pub evidence: Vec<Evidence>,
    /// The command that would tell more, where the answer is not known.
    pub asks: Option<String>,
    /// Whether it rests on a default that was not pasted.
    pub assumed: bool,
}

impl Decision {
    pub(super) fn unknown() -> Self {
        Self {
            hop: Hop::Unknown,
            priority: None,
            table: String::new(),
            to: String::new(),
            to_host: false,
            whole: false,
            passed: Vec::new(),
            evidence: Vec::new(),
            asks: None,
            assumed: false,
        }
    }

    /// One without a rule or a route.
    pub fn hop(hop: Hop) -> Self {
        Self { hop, ..Self::unknown() }
    }

    /// The same, on a default that was not pasted.
    #[must_use]
    pub fn assumed(self) -> Self {
        Self { assumed: true, ..self }
    }

    pub(super) fn by(mut self, route: &Route<'_>, whole: bool) -> Self {
        self.hop = route.hop();
        self.table = route.table.clone().into_owned();
        route.node.str_of("dst").unwrap_or_default().clone_into(&mut self.to);
        self.to_host = matches!((route.to.address.is_ipv6(), route.to.bits), (false, 32) | (true, 128));
        self.whole = whole;
        self.evidence.push(route.node.evidence());
        self
    }
}
