//! The options of matches and targets, and how many values each has.

use super::word::Word;

/// Options that stand alone, of the matches and targets that kube-proxy, the VPC CNI, Calico, flannel and Istio use (`man
/// iptables-extensions`).
const ALONE: [&str; 24] = [
    "limit-iface-in",
    "limit-iface-out",
    "random",
    "random-fully",
    "persistent",
    "syn",
    "set",
    "update",
    "rcheck",
    "remove",
    "rsource",
    "rdest",
    "rttl",
    "reap",
    "save-mark",
    "restore-mark",
    "socket-exists",
    "clamp-mss-to-pmtu",
    "log-tcp-options",
    "log-ip-options",
    "log-uid",
    "physdev-is-bridged",
    "transparent",
    "validmark",
];

/// Options with one value.
const ONE: [&str; 74] = [
    "comment",
    "dport",
    "sport",
    "dports",
    "sports",
    "ports",
    "destination-port",
    "source-port",
    "destination-ports",
    "source-ports",
    "tcp-option",
    "icmp-type",
    "icmpv6-type",
    "mode",
    "probability",
    "every",
    "packet",
    "ctstate",
    "ctproto",
    "ctorigsrc",
    "ctorigdst",
    "ctreplsrc",
    "ctrepldst",
    "ctorigdstport",
    "ctorigsrcport",
    "ctstatus",
    "ctdir",
    "state",
    "mark",
    "name",
    "seconds",
    "hitcount",
    "mask",
    "src-type",
    "dst-type",
    "uid-owner",
    "gid-owner",
    "limit",
    "limit-burst",
    "src-range",
    "dst-range",
    "mss",
    "length",
    "ttl-set",
    "ttl-eq",
    "ttl-lt",
    "ttl-gt",
    "dscp",
    "dscp-class",
    "vni",
    "physdev-in",
    "physdev-out",
    "u32",
    "string",
    "algo",
    "to-destination",
    "to-source",
    "to-ports",
    "to",
    "set-xmark",
    "set-mark",
    "or-mark",
    "and-mark",
    "xor-mark",
    "nfmask",
    "ctmask",
    "reject-with",
    "set-mss",
    "on-port",
    "on-ip",
    "tproxy-mark",
    "log-prefix",
    "log-level",
    "nflog-group",
];

/// Options with two values.
const TWO: [&str; 4] = ["tcp-flags", "match-set", "add-set", "del-set"];

/// Options that belong to these matches, wherever in the rule they stand.
pub(super) const OF_MATCH: [(&[&str], &[&str]); 4] = [
    (
        &["dport", "sport", "destination-port", "source-port"],
        &["tcp", "udp", "sctp", "dccp", "udplite"],
    ),
    (&["tcp-flags", "syn", "tcp-option"], &["tcp"]),
    (&["icmp-type"], &["icmp"]),
    (&["icmpv6-type"], &["icmp6", "icmpv6", "ipv6-icmp"]),
];

/// How many values an option has, where that is known.
pub(super) fn expected_values(option: &str) -> Option<usize> {
    if ALONE.contains(&option) {
        Some(0)
    } else if ONE.contains(&option) {
        Some(1)
    } else if TWO.contains(&option) {
        Some(2)
    } else {
        None
    }
}

/// How many of the words are the values of an option, and whether a `!` stands before them. An option that is not known has all words up
/// to the next option.
pub(super) fn values(option: &str, rest: &[Word<'_>]) -> (usize, bool) {
    let bare = |word: &Word<'_>| word.plain.is_none() && word.piece.str() == "!";
    let until_option = rest.iter().take_while(|word| !word.is_option()).count();
    match expected_values(option) {
        Some(1) if rest.first().is_some_and(bare) && rest.get(1).is_some_and(|word| !word.is_option()) => (1, true),
        // A free text may begin with a dash.
        Some(1) if matches!(option, "comment" | "log-prefix") && rest.first().is_some_and(|word| !bare(word)) => {
            (1, false)
        }
        Some(wanted) => (until_option.min(wanted), false),
        None => (until_option, false),
    }
}
