//! A node as far as it is known: its addresses, its routes, its sets.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::dumps::Dumps;
use super::packet::{Host, Interface, Packet, Question, Source};
use super::prefix::Prefix;
use super::routes::{Decision, Hop, Routes};
use super::sets::Set;
use super::told::holds;
use crate::artifact::{Node, Value};

/// An address of an interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    /// The address.
    pub address: IpAddr,
    /// Of which network.
    bits: u8,
    /// The interface.
    interface: String,
    /// Whether another host may use it.
    global: bool,
    /// Whether it is no network's first address.
    secondary: bool,
}

/// What is known of one node.
#[derive(Debug, Clone, Default)]
pub struct Machine<'a> {
    /// The addresses of `ip addr`, in its order.
    own: Vec<Own>,
    /// Whether these are all.
    whole: bool,
    /// Addresses that something else tells to be its own.
    told: BTreeSet<IpAddr>,
    /// Whether the node's object tells addresses.
    known_to_cluster: bool,
    /// What is known to be none of its addresses.
    others: BTreeSet<IpAddr>,
    routes: Option<Routes<'a>>,
    sets: BTreeMap<&'a str, Set<'a>>,
}

/// The addresses of an `ip addr`, also of `ip -br addr`, which does not print everything.
pub fn addresses_of(root: &Node<'_>) -> Vec<Own> {
    let mut all: Vec<Own> = Vec::new();
    let mut networks = BTreeSet::new();
    for device in root.items() {
        let Some(interface) = device.str_of("ifname") else {
            continue;
        };
        for info in device.list("addr_info") {
            let value = info.value();
            let Some(address) = value
                .get("local")
                .and_then(Value::as_str)
                .and_then(|text| text.parse::<IpAddr>().ok())
            else {
                continue;
            };
            let most = if address.is_ipv6() { 128 } else { 32 };
            let bits = value
                .get("prefixlen")
                .and_then(Value::as_i64)
                .and_then(|bits| u8::try_from(bits).ok())
                .unwrap_or(most);
            let network = Prefix { address, bits };
            let scope = value.get("scope").and_then(Value::as_str);
            let global = scope.map_or(!address.is_loopback() && !is_link_local(address), |scope| {
                scope == "global"
            });
            // A network's later addresses are secondary (`inet_insert_ifa`).
            let again = !networks.insert((interface, bits, network.first()));
            let secondary = value.get("secondary").is_some() || !address.is_ipv6() && again;
            all.push(Own {
                address,
                bits,
                interface: interface.to_owned(),
                global,
                secondary,
            });
        }
    }
    all
}

impl Own {
    /// Whether another host may use it.
    pub fn is_global(&self) -> bool {
        self.global
    }
}

/// Whether an address counts on its link alone.
pub fn is_link_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(_) => false,
        IpAddr::V6(address) => address.is_unicast_link_local(),
    }
}

impl<'a> Machine<'a> {
    /// What the outputs of a node tell.
    pub fn new(dumps: &Dumps<'a>, told: Vec<IpAddr>, six: bool) -> Self {
        let mut machine = Self {
            known_to_cluster: !told.is_empty(),
            told: told.into_iter().collect(),
            ..Self::default()
        };
        for dump in dumps.of("ip-addr") {
            let found = addresses_of(&dump.root);
            // The loopback interface stands first where all are listed; a device's name lists that one alone.
            let all = found
                .iter()
                .any(|own| own.address.is_loopback() && own.interface == "lo")
                && !dump.is_selected()
                && !dump
                    .words()
                    .any(|word| matches!(word, "dev" | "lo" | "to" | "up" | "type"));
            machine.told.extend(found.iter().map(|own| own.address));
            if all {
                machine.own = found;
                machine.whole = true;
                break;
            }
        }
        machine.routes = Routes::new(dumps, six);
        if let Some(routes) = &machine.routes {
            machine.told.extend(routes.own_addresses());
        }
        for dump in dumps.of("ipset") {
            for set in dump.root.list("sets") {
                if let Some(name) = set.str_of("name") {
                    machine.sets.entry(name).or_insert_with(|| Set::new(&set));
                }
            }
        }
        machine
    }

    /// Addresses that are known to be none of the node's.
    pub fn exclude(&mut self, addresses: impl IntoIterator<Item = IpAddr>) {
        self.others.extend(addresses);
    }

    /// Addresses that are known to be the node's.
    pub fn include(&mut self, addresses: impl IntoIterator<Item = IpAddr>) {
        self.told.extend(addresses);
    }

    /// Whether an address is one of the node's own; `None` where that is not known.
    pub fn is_local(&self, address: IpAddr) -> Option<bool> {
        if address.is_loopback() || self.told.contains(&address) {
            return Some(true);
        }
        // An instance's interfaces have private addresses; the public ones are the Internet gateway's (Amazon VPC User Guide, "IP
        // addressing").
        let public = matches!(address, IpAddr::V4(address) if !is_private(address));
        (self.whole || public || self.known_to_cluster || self.others.contains(&address)).then_some(false)
    }

    /// Whether `ip rule` would tell more.
    pub fn lacks_rules(&self) -> bool {
        self.routes.as_ref().is_none_or(Routes::lacks_rules)
    }

    /// By which interface a packet leaves, and to whom, with the rule and the route.
    ///
    /// # Errors
    /// The hop alone, where no route decided.
    pub fn decide(&self, packet: &Packet, own: bool) -> Result<Decision, Hop> {
        if let Some(first) = self.decided_first(packet, own) {
            return Ok(first);
        }
        if self.is_local(packet.destination) == Some(true) {
            return Err(Hop::Local);
        }
        let routes = self.routes.as_ref().ok_or(Hop::Unknown)?;
        let incoming = incoming(packet, own);
        Ok(routes.decide(packet.destination, Some(packet.source), Some(packet.mark), &incoming))
    }

    /// What a rule before that of the node's own addresses makes of a packet (`10: from all iif vlan… lookup 101`).
    pub fn decided_first(&self, packet: &Packet, own: bool) -> Option<Decision> {
        let routes = self.routes.as_ref()?;
        let incoming = incoming(packet, own);
        routes.decide_first(packet.destination, Some(packet.source), Some(packet.mark), &incoming)
    }

    /// The node's routes, where they were pasted.
    pub fn routes(&self) -> Option<&Routes<'a>> {
        self.routes.as_ref()
    }

    /// By which interface a packet comes in: the one by which its answer would leave. (Where the kernel filters by the reverse path, no
    /// other is let in; RFC 3704.) What is for an address of another interface comes in by that one: a VPC brings it there.
    pub fn incoming(&self, packet: &Packet) -> Interface {
        // What has a route of its own is behind that interface, whatever the rules say of answers.
        if let Some((interface, ..)) = self.routes.as_ref().and_then(|routes| routes.behind(packet.source)) {
            return Interface::Named(interface.to_owned());
        }
        let hop = self
            .routes
            .as_ref()
            .map(|routes| routes.find(packet.source, Some(packet.destination), 0, &Interface::Unknown));
        let Some(Hop::By { interface, .. }) = hop else {
            return Interface::Unknown;
        };
        let has_addresses = |own: &&Own| own.global && own.interface == interface;
        let other = self.own.iter().find(|own| own.address == packet.destination);
        match other {
            Some(other) if self.own.iter().any(|own| has_addresses(&own)) => Interface::Named(other.interface.clone()),
            _ => Interface::Named(interface),
        }
    }

    /// What `MASQUERADE` puts in the source's place: the address of the interface on the next hop's network, else its first one
    /// (`inet_select_addr` in the kernel's `net/ipv4/devinet.c`); where the interface has none, that of the first interface with one.
    pub fn masquerade(&self, hop: &Hop, destination: IpAddr) -> Source {
        let six = destination.is_ipv6();
        let fits = |own: &&Own| own.address.is_ipv6() == six && own.global && (six || !own.secondary);
        let all: Vec<&Own> = self.own.iter().filter(fits).collect();
        // Nothing leaves by the interface that has the Services' addresses in kube-proxy's IPVS mode.
        let ways_out = all.iter().filter(|own| own.interface != "kube-ipvs0");
        let only: BTreeSet<IpAddr> = ways_out.map(|own| own.address).collect();
        if let ([one], true) = (only.iter().collect::<Vec<_>>().as_slice(), self.whole) {
            return Source::Told(**one);
        }
        let (interface, next) = match hop {
            Hop::By { interface, gateway } => (interface.as_str(), gateway.unwrap_or(destination)),
            Hop::Local => ("lo", destination),
            _ => return Source::Interface,
        };
        if !self.whole {
            return Source::Interface;
        }
        let here: Vec<&&Own> = all.iter().filter(|own| own.interface == interface).collect();
        if let (IpAddr::V6(to), true) = (destination, here.is_empty()) {
            return elsewhere(&all, to);
        }
        if six && here.len() != 1 {
            // Which one is chosen among several of an interface is a matter of many rules (RFC 6724).
            return Source::Interface;
        }
        here.iter()
            .find(|own| {
                let network = Prefix {
                    address: own.address,
                    bits: own.bits,
                };
                network.contains(next)
            })
            .or(here.first())
            .copied()
            .or(all.first())
            .map_or(Source::Interface, |own| Source::Told(own.address))
    }
}

/// The source of what leaves by an interface without an address of its own: of all interfaces', one of the same kind as the destination,
/// then the one with the longest prefix in common with it, then the first (`ipv6_dev_get_saddr` in the kernel's `net/ipv6/addrconf.c`).
fn elsewhere(all: &[&Own], to: Ipv6Addr) -> Source {
    if all.iter().any(|own| own.interface == "kube-ipvs0") {
        return Source::Interface;
    }
    let mut best: Option<((bool, u32), IpAddr)> = None;
    for own in all {
        let IpAddr::V6(address) = own.address else { continue };
        let common = (address.to_bits() ^ to.to_bits())
            .leading_zeros()
            .min(u32::from(own.bits));
        let score = (address.is_unique_local() == to.is_unique_local(), common);
        if best.is_none_or(|(known, _)| score > known) {
            best = Some((score, own.address));
        }
    }
    best.map_or(Source::Interface, |(_, address)| Source::Told(address))
}

/// Where a packet comes from, as rules ask for it: what the node sends comes from `lo`.
fn incoming(packet: &Packet, own: bool) -> Interface {
    if own {
        Interface::Named("lo".to_owned())
    } else {
        packet.incoming.clone()
    }
}

/// RFC 1918 and RFC 6598, which both are used inside of VPCs.
fn is_private(address: Ipv4Addr) -> bool {
    address.is_private()
        || address.is_link_local()
        || matches!(address.octets(), [100, second, ..] if second & 0xC0 == 64)
}

/// A node, and what one way through it takes for granted.
pub struct Seen<'w, 'a> {
    /// What is known.
    pub machine: &'w Machine<'a>,
    /// What is assumed.
    pub assumed: &'w [(Question, bool)],
    /// Who sends to itself is at home.
    pub itself: Option<IpAddr>,
}

impl Host for Seen<'_, '_> {
    fn is_local(&self, address: IpAddr) -> Option<bool> {
        if self.itself == Some(address) {
            return Some(true);
        }
        self.machine.is_local(address)
    }

    fn assumed(&self, question: &Question) -> Option<bool> {
        self.assumed.iter().find_map(|(known, answer)| {
            if known == question {
                return Some(*answer);
            }
            // What is said of one interface tells of others.
            let ((Question::Incoming(known), Question::Incoming(asked))
            | (Question::Outgoing(known), Question::Outgoing(asked))) = (known, question)
            else {
                return None;
            };
            match answer {
                true if holds(asked, known) => Some(true),
                true if !holds(known, asked) => Some(false),
                false if holds(known, asked) => Some(false),
                _ => None,
            }
        })
    }

    fn in_set(&self, name: &str, by: &str, packet: &Packet) -> Option<bool> {
        self.machine.sets.get(name)?.holds(by, packet)
    }
}
