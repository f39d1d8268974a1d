//! One rule of `ip rule`: which packets it is about.

use std::net::IpAddr;

use super::super::number;
use super::super::packet::Interface;
use super::super::prefix::Prefix;
use crate::artifact::{Node, Value};

/// One rule of `ip rule`.
#[derive(Debug, Clone)]
pub(super) struct Rule<'a>(pub &'a Value, pub Node<'a>);

impl Rule<'_> {
    /// Whether the rule is about a packet; `None` where that is not known.
    pub fn is_about(&self, to: IpAddr, from: Option<IpAddr>, mark: Option<u32>, incoming: &Interface) -> Option<bool> {
        let text = |name: &str| self.0.get(name).and_then(Value::as_str);
        let is_in = |name: &str, len: &str, address: IpAddr| {
            let Some(block) = text(name) else { return true };
            let block = match self.0.get(len).and_then(Value::as_i64) {
                Some(len) => Prefix::new(&format!("{block}/{len}"), address.is_ipv6()),
                None => Prefix::new(block, address.is_ipv6()),
            };
            block.is_some_and(|block| block.contains(address))
        };
        // What is not about it by its addresses is not, whatever the rest.
        let addressed = is_in("dst", "dstlen", to) && from.is_none_or(|from| is_in("src", "srclen", from));
        let negated = self.0.get("not").is_some();
        if !addressed && !negated {
            return Some(false);
        }
        let marked = match (text("fwmark").map(number), mark) {
            (Some(None), _) | (Some(Some(_)), None) => return None,
            (Some(Some(value)), Some(mark)) => {
                let mask = text("fwmask").and_then(number).unwrap_or(u32::MAX);
                mark & mask == value & mask
            }
            (None, _) => true,
        };
        let by = match (text("iif"), incoming) {
            (None, _) => true,
            (Some(iif), Interface::Named(name)) => iif == name,
            (Some(_), Interface::None) => false,
            (Some(_), Interface::Unknown) => return None,
        };
        let mut is = addressed && marked && by;
        if negated {
            is = !is;
        }
        let unknown = [
            "uid_start",
            "sport",
            "sport_start",
            "dport",
            "dport_start",
            "ipproto",
            "oif",
            "tos",
        ]
        .iter()
        .any(|name| self.0.get(name).is_some());
        if is && unknown { None } else { Some(is) }
    }

    pub fn stop(&self) -> Option<&str> {
        let action = self.0.get("action")?.as_str()?;
        matches!(action, "blackhole" | "unreachable" | "prohibit").then_some(action)
    }

    pub fn priority(&self) -> Option<i64> {
        self.0.get("priority").and_then(Value::as_i64)
    }

    /// The table that it asks.
    pub fn table(&self) -> Option<&str> {
        self.0.get("table").and_then(Value::as_str).map(super::named)
    }

    /// Whether it passes over routes of such a prefix (`suppress_prefixlength`).
    pub fn suppresses(&self, bits: u8) -> bool {
        let least = self.0.get("suppress_prefixlen").and_then(Value::as_i64);
        least.is_some_and(|least| i64::from(bits) <= least)
    }
}
