//! The routes, neighbours, sockets and counters that net-tools and busybox print: `route -n`, `netstat -rn`, `arp -n`, `netstat -anp`,
//! `netstat -i`, `netstat -s` (net-tools, `lib/inet_gr.c`, `arp.c`, `netstat.c`, `statistics.c`).
//!
//! Routes, neighbours and sockets have the shapes, and are of the kinds, of `ip route`, `ip neigh` and `ss`: they say less, and are never
//! complete. A state is as it is printed: netstat's `ESTABLISHED` is ss's `ESTAB`.

mod arp;
mod counters;
mod routes;
mod sockets;

pub use arp::FORMAT as ARP;
pub use counters::FORMAT as COUNTERS;
pub use routes::FORMAT as ROUTES;
pub use sockets::{FORMAT as SOCKETS, INTERFACES};

use crate::segment::CommandLine;

/// Whether a command is `netstat` with this letter among its options.
fn netstat(line: &CommandLine, letter: char) -> bool {
    line.program == "netstat"
        && line
            .args
            .iter()
            .any(|arg| arg.starts_with('-') && !arg.starts_with("--") && arg.contains(letter))
}

/// The length of the prefix that a netmask has: 24 of `255.255.255.0`.
pub fn prefix_length(mask: &str) -> Option<u32> {
    let bits = u32::from(mask.parse::<std::net::Ipv4Addr>().ok()?);
    (bits.leading_ones() == bits.count_ones()).then(|| bits.count_ones())
}
