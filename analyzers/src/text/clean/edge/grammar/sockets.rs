//! Tables whose cells do not stand under their headers: `ss`, `netstat`, `route`, `arp`, `ps`.

use super::words::{first, is_address, is_number, words};
use super::{Begins, Grammar};

/// iproute2/misc/ss.c and net-tools/netstat.c: a protocol or a state first; what belongs to a socket is indented.
pub(super) const SOCKETS: Grammar = Grammar {
    enters: |line| line.starts_with("Active ") || (header(line) && line.contains("Address")),
    begins: |line| {
        let one = first(line);
        let counted = words(line).nth(1).is_some_and(|word| is_number(word) || state(word));
        Begins::when(
            line.starts_with("Active ")
                || header(line)
                || (line.starts_with([' ', '\t']) && !one.is_empty())
                || line.starts_with('\t')
                || line.starts_with("     ")
                || (counted && (protocol(one) || state(one) || is_number(one))),
        )
    },
    strict: true,
};

fn header(line: &str) -> bool {
    let one = first(line);
    matches!(one, "Netid" | "State" | "Proto" | "Recv-Q") && line.contains("  ")
        || (one == "Proto" && line.contains("Recv-Q"))
}

fn protocol(word: &str) -> bool {
    matches!(
        word,
        "tcp"
            | "tcp6"
            | "udp"
            | "udp6"
            | "udpl"
            | "raw"
            | "raw6"
            | "unix"
            | "u_str"
            | "u_dgr"
            | "u_seq"
            | "nl"
            | "p_raw"
            | "p_dgr"
            | "icmp6"
            | "sctp"
            | "mptcp"
            | "v_str"
            | "v_dgr"
            | "xdp"
    )
}

fn state(word: &str) -> bool {
    matches!(
        word,
        "ESTAB"
            | "LISTEN"
            | "UNCONN"
            | "SYN-SENT"
            | "SYN-RECV"
            | "FIN-WAIT-1"
            | "FIN-WAIT-2"
            | "TIME-WAIT"
            | "CLOSE-WAIT"
            | "LAST-ACK"
            | "CLOSING"
            | "CLOSED"
            | "UNKNOWN"
    )
}

/// net-tools/route.c and arp.c: an address first.
pub(super) const ADDRESSES: Grammar = Grammar {
    enters: |line| {
        line.starts_with("Kernel IP") || line.starts_with("Destination  ") || line.starts_with("Address      ")
    },
    begins: |line| {
        let one = first(line);
        let two = words(line).nth(1).unwrap_or_default();
        Begins::when(
            line.starts_with("Kernel IP")
                || line.starts_with("Destination  ")
                || line.starts_with("Address      ")
                || ((is_address(one) || one == "default") && (is_address(two) || two == "*" || line.contains("  ")))
                || (matches!(two, "ether" | "(incomplete)") && line.contains("  ")),
        )
    },
    strict: true,
};

/// procps: `USER  PID` and its likes; a name and the process's number.
pub(super) const PROCESSES: Grammar = Grammar {
    enters: |line| {
        let mut words = words(line);
        matches!(words.next(), Some("USER" | "UID")) && words.next() == Some("PID")
    },
    begins: |line| {
        let mut words = words(line);
        let user = words.next().unwrap_or_default();
        let process = words.next().unwrap_or_default();
        let third = words.next().unwrap_or_default();
        // `%CPU` or the parent's number.
        let number = third
            .split_once('.')
            .map_or_else(|| is_number(third), |(whole, part)| is_number(whole) && is_number(part));
        Begins::when(first(line) == user && ((is_number(process) && number) || process == "PID"))
    },
    strict: true,
};
