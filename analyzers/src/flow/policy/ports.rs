//! What connections may carry: ports of TCP, UDP and SCTP, the protocols that a NetworkPolicy can name, and whatever has none of these.

use super::ranges::Ranges;
use crate::flow::packet_path::Protocol;

/// The protocols, in the order in which they are printed.
const PROTOCOLS: [&str; 3] = ["TCP", "UDP", "SCTP"];

/// Destination ports of each protocol; the last place is for all other protocols together, which only a rule without ports is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Ports([Ranges<u16>; 4]);

impl Ports {
    /// Every port of every protocol, and what has no ports.
    pub fn all() -> Self {
        Self(std::array::from_fn(|_| Ranges::new(1, u16::MAX)))
    }

    /// Ports of one protocol by the API's name; none where it is not one of these.
    pub fn of(protocol: &str, first: u16, last: u16) -> Self {
        Self(std::array::from_fn(|at| {
            if PROTOCOLS.get(at) == Some(&protocol) {
                Ranges::new(first, last)
            } else {
                Ranges::default()
            }
        }))
    }

    /// Whether nothing may be carried.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(Ranges::is_empty)
    }

    /// Whether all ports are among them.
    pub fn has_all(&self) -> bool {
        let all = Ranges::new(1, u16::MAX);
        self.0.iter().take(PROTOCOLS.len()).all(|ranges| *ranges == all)
    }

    /// Whether no port is.
    pub fn has_none(&self) -> bool {
        self.0.iter().take(PROTOCOLS.len()).all(Ranges::is_empty)
    }

    /// Whether a packet of that protocol to that port is among them. ICMP is no protocol that a policy can name, and has no ports.
    pub fn contains(&self, protocol: Protocol, port: u16) -> bool {
        let at = match protocol {
            Protocol::Tcp => 0,
            Protocol::Udp => 1,
            Protocol::Sctp => 2,
            Protocol::Icmp | Protocol::IpIp => return self.0.last().is_some_and(|others| !others.is_empty()),
        };
        self.0.get(at).is_some_and(|ranges| ranges.contains(port))
    }

    fn with(&self, other: &Self, combine: impl Fn(&Ranges<u16>, &Ranges<u16>) -> Ranges<u16>) -> Self {
        let [tcp, udp, sctp, others] = &self.0;
        let [other_tcp, other_udp, other_sctp, other_others] = &other.0;
        Self([
            combine(tcp, other_tcp),
            combine(udp, other_udp),
            combine(sctp, other_sctp),
            combine(others, other_others),
        ])
    }

    /// Those of either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.with(other, Ranges::union)
    }

    /// Those of both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        self.with(other, Ranges::intersection)
    }

    /// Those of this that are not of the other.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        self.with(other, Ranges::difference)
    }

    /// `TCP 80`, `UDP 53`, `TCP 8000-9000`.
    pub fn words(&self) -> Vec<String> {
        PROTOCOLS
            .iter()
            .zip(&self.0)
            .flat_map(|(protocol, ranges)| {
                ranges.iter().map(move |(first, last)| {
                    if first == last {
                        format!("{protocol} {first}")
                    } else {
                        format!("{protocol} {first}-{last}")
                    }
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Ports;
    use crate::flow::packet_path::Protocol;

    #[test]
    fn ports_are_told_by_protocol() {
        let ports = Ports::of("TCP", 80, 80)
            .union(&Ports::of("TCP", 8000, 9000))
            .union(&Ports::of("UDP", 53, 53));
        assert_eq!(ports.words(), ["TCP 80", "TCP 8000-9000", "UDP 53"]);
        assert!(ports.contains(Protocol::Udp, 53) && !ports.contains(Protocol::Tcp, 53));
        assert!(Ports::of("ICMP", 1, 1).is_empty());
        // What has no ports no list of ports holds.
        assert!(Ports::all().contains(Protocol::Icmp, 0) && !ports.contains(Protocol::Icmp, 0));
        let named = ["TCP", "UDP", "SCTP"].map(|protocol| Ports::of(protocol, 1, u16::MAX));
        let named = named.iter().fold(Ports::default(), |all, one| all.union(one));
        assert!(named.has_all() && named != Ports::all() && !named.contains(Protocol::Icmp, 0));
        assert!(Ports::all().difference(&named).has_none());
        let without = Ports::all().difference(&ports);
        assert_eq!(
            without.words(),
            [
                "TCP 1-79",
                "TCP 81-7999",
                "TCP 9001-65535",
                "UDP 1-52",
                "UDP 54-65535",
                "SCTP 1-65535"
            ]
        );
        assert_eq!(without.union(&ports), Ports::all());
        assert!(without.intersection(&ports).is_empty());
    }
}
