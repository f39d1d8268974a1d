//! What `ip`, `bridge` and `/proc/net` print of interfaces and routes.

use super::words::{first, is_address, is_mac, is_number, number, words};
use super::{Begins, Grammar};

/// iproute2/ip/ipaddress.c: a number, a name and the flags; what belongs to it is indented by four blanks.
pub(super) const INTERFACES: Grammar = Grammar {
    enters: interface,
    begins: |line| {
        if interface(line) || line.starts_with("    ") {
            Begins::Surely
        } else {
            Begins::Never
        }
    },
    strict: true,
};

fn interface(line: &str) -> bool {
    number(line)
        .and_then(|(_, rest)| rest.strip_prefix(": "))
        .is_some_and(|rest| {
            let mut words = words(rest);
            let name = words.next().unwrap_or_default();
            // A line an address with `-o`.
            let second = words.next().unwrap_or_default();
            first(rest) == name && ((name.ends_with(':') && second.starts_with('<')) || second.starts_with("inet"))
        })
}

/// iproute2/ip/ipaddress.c (`-br`): name, state, addresses.
pub(super) const BRIEF: Grammar = Grammar {
    enters: brief,
    begins: |line| Begins::when(brief(line)),
    strict: true,
};

fn brief(line: &str) -> bool {
    let mut words = words(line);
    let name = words.next().unwrap_or_default();
    first(line) == name
        && matches!(
            words.next(),
            Some("UP" | "DOWN" | "UNKNOWN" | "LOWERLAYERDOWN" | "DORMANT")
        )
        && words
            .next()
            .is_none_or(|word| word.contains(['.', ':']) || word.starts_with('<'))
        && line.contains("  ")
}

/// iproute2/ip/iproute.c, ipneigh.c: a destination and what is known of it; further hops are indented.
pub(super) const ROUTES: Grammar = Grammar {
    enters: route,
    begins: |line| {
        let hop = line.trim_start().starts_with("nexthop ") && line.starts_with([' ', '\t']);
        Begins::when(route(line) || hop)
    },
    strict: true,
};

fn route(line: &str) -> bool {
    let mut words = words(line);
    let mut word = words.next().unwrap_or_default();
    if first(line) != word {
        return false;
    }
    if matches!(
        word,
        "unreachable"
            | "blackhole"
            | "prohibit"
            | "throw"
            | "local"
            | "broadcast"
            | "multicast"
            | "anycast"
            | "unicast"
    ) {
        word = words.next().unwrap_or_default();
    }
    (word == "default" || is_address(word))
        && words.next().is_some_and(|word| {
            matches!(
                word,
                "via" | "dev" | "proto" | "scope" | "src" | "nhid" | "metric" | "table" | "encap" | "onlink" | "mtu"
            )
        })
}

/// iproute2/ip/iprule.c: a priority and a selector.
pub(super) const POLICIES: Grammar = Grammar {
    enters: policy,
    begins: |line| Begins::when(policy(line)),
    strict: true,
};

fn policy(line: &str) -> bool {
    number(line)
        .and_then(|(_, rest)| rest.strip_prefix(':'))
        .is_some_and(|rest| {
            let rest = rest.trim_start();
            rest.starts_with("from ") || rest.starts_with("not ")
        })
}

/// iproute2/bridge/fdb.c
pub(super) const FORWARDING: Grammar = Grammar {
    enters: forwarding,
    begins: |line| Begins::when(forwarding(line)),
    strict: true,
};

fn forwarding(line: &str) -> bool {
    let mut words = words(line);
    words.next().is_some_and(is_mac) && matches!(words.next(), Some("dev" | "via" | "vlan" | "dst" | "master"))
}

/// linux/net/core/net-procfs.c (`dev_seq_show`): a name, a colon and sixteen counts.
pub(super) const COUNTS: Grammar = Grammar {
    enters: |line| line.starts_with("Inter-|"),
    begins: |line| {
        let counted = line
            .trim_start()
            .split_once(':')
            .is_some_and(|(name, rest)| !name.contains(' ') && words(rest).next().is_some_and(is_number));
        Begins::when(counted || line.starts_with("Inter-|") || line.starts_with(" face |"))
    },
    strict: true,
};

/// linux/net/ipv4/proc.c: `Tcp: ` and names, `Tcp: ` and their numbers.
pub(super) const PROTOCOLS: Grammar = Grammar {
    enters: |line| line.starts_with("Ip: ") || line.starts_with("TcpExt: "),
    begins: |line| {
        Begins::when(line.split_once(": ").is_some_and(|(name, _)| {
            matches!(
                name,
                "Ip" | "Icmp" | "IcmpMsg" | "Tcp" | "Udp" | "UdpLite" | "TcpExt" | "IpExt" | "MPTcpExt"
            )
        }))
    },
    strict: true,
};
