//! `resolv.conf` (man page resolv.conf(5)).

use std::net::IpAddr;

use crate::evidence::Fact;

/// A resolver's configuration, every setting with its line.
#[derive(Debug, Clone, Default)]
pub struct ResolvConf {
    /// The servers, in order. glibc reads three (`MAXNS`); the rest stay in this list.
    pub nameservers: Vec<Fact<IpAddr>>,
    /// The search list: the last `search` or `domain` line wins.
    pub search: Vec<Fact<String>>,
    /// The options as written, `ndots:5` and the like.
    pub options: Vec<Fact<String>>,
}

impl ResolvConf {
    /// The number after `name:` in the options.
    pub fn option(&self, name: &str) -> Option<Fact<u32>> {
        self.options.iter().rev().find_map(|option| {
            let number = option.value.strip_prefix(name)?.strip_prefix(':')?.parse().ok()?;
            Some(Fact::new(number, option.evidence.clone()))
        })
    }

    /// Whether an option without a value is set.
    pub fn has(&self, name: &str) -> bool {
        self.options.iter().any(|option| option.value == name)
    }
}
