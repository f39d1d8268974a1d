//! A packet in another one: to which machine it is sent, what the network between makes of it, and whether that machine takes it.

use std::net::IpAddr;

use super::direction::Walk;
use super::tables::{Entry, Remote, neighbour, remotes, sends_nowhere};
use super::tunnel::{Kind, Tunnel};
use super::{Side, ask};
use crate::evidence::Evidence;
use crate::flow::packet_path::node::packet::Interface;
use crate::flow::packet_path::vpc::Start;
use crate::flow::packet_path::vpc::packet::{Address, Packet};
use crate::flow::packet_path::{Protocol, end, joined};
use crate::flow::{Actor, ActorKind, Next, Reason, Step, Values, Verdict};

/// The packet between the nodes.
#[derive(Debug, Clone)]
pub struct Outer {
    /// Who sends it, as far as that is known.
    pub source: Option<IpAddr>,
    /// The machine that it is for.
    pub destination: IpAddr,
    /// The port there.
    pub port: Option<u16>,
    /// The network's number in it.
    pub id: Option<i64>,
    /// The Ethernet address that the packet inside is for, and where it stands.
    pub mac: Option<(String, Evidence)>,
}

impl Outer {
    fn values(&self, kind: Kind) -> Values {
        let to = match self.port.filter(|_| kind != Kind::IpIp) {
            Some(port) => end(self.destination, port),
            None => self.destination.to_string(),
        };
        let from = self.source.map(|source| ("src", source.to_string()));
        from.into_iter().chain([("dst", to)]).collect()
    }
}

/// What is between the nodes.
pub fn network_actor() -> Actor {
    Actor {
        id: "network:between".to_owned(),
        kind: ActorKind::Other,
        name: "the network between the nodes".to_owned(),
        details: Vec::new(),
        zones: Vec::new(),
    }
}

/// A machine that packets are sent to.
#[derive(Debug, Clone, Copy)]
struct Machine {
    address: IpAddr,
    /// The port there and the network's number, where they are not the device's own.
    port: Option<u16>,
    id: Option<i64>,
}

impl Machine {
    fn of(remote: &Remote) -> Self {
        Self {
            address: remote.address,
            port: remote.port,
            id: remote.id,
        }
    }

    fn at(address: IpAddr) -> Self {
        Self {
            address,
            port: None,
            id: None,
        }
    }
}

/// The machine that a device sends a packet to, and what says so.
struct Sent {
    to: Option<Machine>,
    mac: Option<(String, Evidence)>,
    evidence: Vec<Evidence>,
    /// Whether that is known, or would have to be asked for first.
    verdict: Verdict,
}

impl Walk<'_, '_, '_> {
    /// The sender's device wraps the packet for a next hop.
    pub fn tunnelled(&mut self, tunnel: &Tunnel, hop: IpAddr) {
        let sent = match tunnel.kind {
            Kind::Vxlan => self.by_forwarding(tunnel, hop),
            // `ipip_tunnel_xmit`: without an address of its own at the other end the device takes the next hop's.
            Kind::IpIp => Some(Sent {
                to: (hop != self.to.address).then(|| Machine::at(hop)),
                mac: None,
                verdict: Verdict::Passes,
                evidence: self.steps.last().map(|step| step.evidence.clone()).unwrap_or_default(),
            }),
            Kind::Geneve | Kind::WireGuard => None,
        };
        if self.is_stopped() {
            return;
        }
        let Some(sent) = sent else {
            return self.not_told(tunnel, hop);
        };
        let likely = self.other_side().next().map(Machine::at);
        let Some(remote) = sent.to.or(likely) else { return };
        let outer = Outer {
            source: self.source(tunnel, remote.address),
            destination: remote.address,
            port: remote.port.or(tunnel.port),
            id: remote.id.or(tunnel.id),
            mac: sent.mac,
        };
        let settings = Tunnel {
            port: outer.port,
            id: outer.id,
            ..tunnel.clone()
        };
        let words = format!("wraps it in {} to {}", Self::kind_words(&settings), remote.address);
        let evidence: Vec<Evidence> = sent
            .evidence
            .into_iter()
            .chain(tunnel.evidence.iter().cloned())
            .collect();
        self.step(self.from.actor(), words, sent.verdict, evidence);
        self.remark(Self::sizes(tunnel, remote.address));
        if let Some(step) = self.steps.last_mut() {
            step.after = outer.values(tunnel.kind);
        }
        if self.reaches(&outer) {
            self.between_nodes(tunnel, &outer);
        }
    }

    /// To which machine a device sends was not pasted.
    fn not_told(&mut self, tunnel: &Tunnel, hop: IpAddr) {
        let device = &tunnel.device;
        let lacks_neighbours = self
            .from
            .machine
            .is_none_or(|machine| neighbour(machine, device, hop) == Entry::NotPasted);
        let commands: Vec<String> = match tunnel.kind {
            Kind::Vxlan => {
                let neighbours = lacks_neighbours.then(|| format!("ip neigh show dev {device}"));
                neighbours
                    .into_iter()
                    .chain([format!("bridge fdb show dev {device}")])
                    .collect()
            }
            Kind::WireGuard => vec![format!("sudo wg show {device}")],
            Kind::Geneve | Kind::IpIp => vec![format!("ip -d link show {device}")],
        };
        let words = format!("to which machine {device} sends it was not pasted");
        self.step(self.from.actor(), words, Verdict::Unknown, Vec::new());
        for command in commands {
            self.ask(ask(&command, &self.from.node, "It tells which node gets the packet."));
        }
        // Whichever machine it is: what the network between and the other node make of it counts, too.
        if let Some(outer) = self.likely(tunnel) {
            self.between_nodes(tunnel, &outer);
        }
    }

    /// VXLAN: the next hop's Ethernet address, and the machine that has it. `None` where that was not pasted.
    fn by_forwarding(&mut self, tunnel: &Tunnel, hop: IpAddr) -> Option<Sent> {
        let machine = self.from.machine?;
        let device = tunnel.device.as_str();
        let (mac, own) = match neighbour(machine, device, hop) {
            Entry::Found(found, evidence) => match found.mac {
                Some(mac) => (mac, evidence),
                None => return self.asked_for(tunnel, hop, (evidence, Some(found.state))),
            },
            Entry::Missing(whole) => return self.asked_for(tunnel, hop, (whole, None)),
            Entry::NotPasted => {
                if let Some(whole) = sends_nowhere(machine, device) {
                    let words = format!("{device} knows no machine that it could send to");
                    self.stop(self.from.actor(), words, Reason::NoRoute, vec![whole]);
                }
                return None;
            }
        };
        match remotes(machine, device, &mac) {
            Entry::Found(all, _) => {
                let one = all
                    .iter()
                    .find(|remote| self.to.known.contains(&remote.address))
                    .or(all.first())?;
                Some(Sent {
                    to: Some(Machine::of(one)),
                    evidence: vec![own.clone(), one.evidence.clone()],
                    verdict: Verdict::Passes,
                    mac: Some((mac, own)),
                })
            }
            Entry::Missing(whole) => {
                let words = format!("{device} drops it: no machine is known for {mac} ({hop})");
                self.stop(self.from.actor(), words, Reason::NoRoute, vec![own, whole]);
                self.remark("The forwarding database has neither an entry for that address nor one for all (00:00:00:00:00:00).");
                None
            }
            Entry::NotPasted => None,
        }
    }

    /// The next hop is no neighbour yet, or nobody answered: the kernel asks for it by a broadcast, which the device sends to nobody where it
    /// has no entry for all.
    fn asked_for(&mut self, tunnel: &Tunnel, hop: IpAddr, (own, state): (Evidence, Option<String>)) -> Option<Sent> {
        const BROADCAST: &str = "ff:ff:ff:ff:ff:ff";
        let device = tunnel.device.as_str();
        match remotes(self.from.machine?, device, BROADCAST) {
            Entry::Missing(fdb) => {
                let words = match state {
                    Some(state) => format!(
                        "knows no Ethernet address of its neighbour {hop} on {device} ({state}), and asks nobody for it"
                    ),
                    None => format!("has no neighbour {hop} on {device}, and asks nobody for it"),
                };
                self.stop(self.from.actor(), words, Reason::NoRoute, vec![own, fdb]);
                self.remark(
                    "The overlay's daemon writes the neighbours; a broadcast goes nowhere, because the forwarding database has no entry for \
                     all (00:00:00:00:00:00).",
                );
                None
            }
            Entry::Found(all, _) => {
                // Nobody answered the last time; whether somebody would now is not known.
                let verdict = if state.is_some() {
                    self.ask(ask(
                        &format!("ip -s neigh show dev {device}"),
                        &self.from.node,
                        "Nobody had answered for the next hop: it tells whether somebody does after another try.",
                    ));
                    Verdict::Unknown
                } else {
                    Verdict::Assumed
                };
                let to = all.iter().find(|remote| self.to.known.contains(&remote.address));
                Some(Sent {
                    to: to.map(Machine::of),
                    mac: None,
                    verdict,
                    evidence: all.iter().map(|remote| remote.evidence.clone()).collect(),
                })
            }
            Entry::NotPasted => None,
        }
    }

    /// The addresses of the other node that machines of the network know, the likeliest first.
    fn other_side(&self) -> impl Iterator<Item = IpAddr> + '_ {
        let node = self.asked.model.get("Node", "", &self.to.node);
        let told = node
            .and_then(|node| crate::model::Node(node).internal_ip())
            .map(|ip| ip.value);
        let seen = self
            .to
            .known
            .iter()
            .copied()
            .find(|ip| !self.asked.network.interfaces_at(*ip).is_empty());
        told.into_iter().chain(seen)
    }

    fn likely(&self, tunnel: &Tunnel) -> Option<Outer> {
        let destination = self.other_side().next()?;
        Some(Outer {
            source: self.source(tunnel, destination),
            destination,
            port: tunnel.port,
            id: tunnel.id,
            mac: None,
        })
    }

    /// The address that the packet between the nodes comes from: the device's own, else that of the route to the other machine.
    fn source(&self, tunnel: &Tunnel, to: IpAddr) -> Option<IpAddr> {
        if let Some(local) = tunnel.local.filter(|local| !local.is_unspecified()) {
            return Some(local);
        }
        let routes = self.from.machine?.routes(to.is_ipv6())?;
        let route = routes.pick(to, None, 0, &Interface::None).ok();
        let named = route.and_then(|route| route.node.str_of("prefsrc")?.parse().ok());
        named.or_else(|| self.first_address())
    }

    /// What fits into the device, and what it adds.
    fn sizes(tunnel: &Tunnel, to: IpAddr) -> String {
        let more = tunnel.kind.overhead(to.is_ipv6());
        match &tunnel.mtu {
            Some((mtu, _)) => format!(
                "{} takes packets of up to {mtu} bytes; wrapped they have {more} more.",
                tunnel.device
            ),
            None => format!("Wrapped, the packet has {more} bytes more."),
        }
    }

    /// Whether the machine that the packet is sent to is the other node. Whether the way goes on.
    fn reaches(&mut self, outer: &Outer) -> bool {
        let to = self.to;
        if to.known.is_empty() || to.known.contains(&outer.destination) {
            return true;
        }
        let sender = self.steps.last().map(|step| step.evidence.clone()).unwrap_or_default();
        let other = self.asked.model.all("Node").find_map(|node| {
            let ip = crate::model::Node(node)
                .internal_ips()
                .into_iter()
                .find(|ip| ip.value == outer.destination)?;
            (node.name != to.node).then(|| (node.name.to_owned(), ip.evidence))
        });
        let (words, evidence) = match (other, to.all.clone()) {
            (Some((name, evidence)), _) => (
                format!("{} is {name}, and {} is on {}", outer.destination, to.address, to.node),
                vec![evidence],
            ),
            (None, Some(all)) => (format!("{} is no address of {}", outer.destination, to.node), vec![all]),
            (None, None) => {
                self.open(
                    to.actor(),
                    format!(
                        "whether {} is an address of {} was not pasted",
                        outer.destination, to.node
                    ),
                    ask(
                        "ip addr",
                        &to.node,
                        "The packet is for a machine that is not known to be this node.",
                    ),
                );
                return true;
            }
        };
        let evidence = sender
            .into_iter()
            .chain(evidence)
            .chain(to.evidence.iter().cloned())
            .collect();
        let words = format!("the packet is sent to another machine: {words}");
        self.stop(self.from.actor(), words, Reason::NoRoute, evidence);
        self.remark("The entry is stale: it names a machine that the pod is not on, or is not on any more.");
        false
    }

    /// Whether the other node's own device takes the packet.
    pub fn taken(&mut self, tunnel: &Tunnel, outer: &Outer) {
        let to = self.to;
        if tunnel.kind != Kind::Vxlan {
            return;
        }
        let devices: Vec<Tunnel> = to
            .machine
            .map(|machine| {
                let names: std::collections::BTreeSet<&str> =
                    machine.every_device().filter_map(|device| device.name()).collect();
                let all = names
                    .into_iter()
                    .filter_map(|name| super::tunnel::tunnel(to.machine, name));
                all.filter(|other| other.kind == Kind::Vxlan).collect()
            })
            .unwrap_or_default();
        let own = match devices.as_slice() {
            [own] => own,
            // Nothing of it was pasted but, perhaps, its routes.
            [] if to.machine.is_some() => return self.settings_not_told(to, tunnel),
            // Several networks: which of them it is for is told by the number.
            _ => return,
        };
        let settings = || {
            own.evidence
                .iter()
                .chain(&tunnel.evidence)
                .cloned()
                .collect::<Vec<Evidence>>()
        };
        let ports = outer.port.zip(own.port).filter(|(sent, taken)| sent != taken);
        let numbers = outer.id.zip(own.id).filter(|(sent, taken)| sent != taken);
        if (ports.is_some() || numbers.is_some()) && (own.assumed || tunnel.assumed) {
            // One of them is the one that such a device has by default.
            let side = if own.assumed { to } else { self.from };
            return self.settings_not_told(side, tunnel);
        }
        if let Some((sent, taken)) = ports {
            let words = format!(
                "{} takes packets at UDP port {taken}, and this one is for {sent}",
                own.device
            );
            return self.stop(to.actor(), words, Reason::NotListening, settings());
        }
        if let Some((sent, taken)) = numbers {
            let words = format!(
                "{} is VXLAN {taken}, and the packet is of VXLAN {sent}: it is dropped",
                own.device
            );
            return self.stop(to.actor(), words, Reason::Drop, settings());
        }
        if let (Some((sent, place)), Some((mac, own_place))) = (&outer.mac, &own.mac)
            && sent != mac
        {
            let words = format!(
                "the packet inside is for the Ethernet address {sent}, and {} has {mac}: it is dropped",
                own.device
            );
            self.stop(to.actor(), words, Reason::Drop, vec![place.clone(), own_place.clone()]);
            self.remark(
                "The sender's neighbour entry is stale: the device was made anew, and has another address since.",
            );
        }
    }
}

impl<'q, 'a> Walk<'_, 'q, 'a> {
    /// The settings of a node's device were not pasted.
    fn settings_not_told(&mut self, side: &Side<'q, 'a>, tunnel: &Tunnel) {
        let words = format!(
            "which packets {} takes was not pasted: its number, its port and its address",
            tunnel.device
        );
        self.open(
            side.actor(),
            words,
            ask(
                &format!("ip -d link show {}", tunnel.device),
                &side.node,
                "Both ends have to have the same number and port, and the sender has to know the receiver's address.",
            ),
        );
    }
}

/// The packet between the nodes, through the network that they are in.
pub fn carried(walk: &Walk<'_, '_, '_>, tunnel: &Tunnel, outer: &Outer) -> (Vec<Step>, Vec<Next>) {
    let network = walk.asked.network;
    let mut step = Step::new(
        network_actor(),
        "carries the packet from node to node",
        Verdict::Assumed,
    );
    step.before = outer.values(tunnel.kind);
    let filters = ["SecurityGroups", "SecurityGroupRules", "NetworkAcls"];
    let model = walk.asked.model;
    if network.is_empty() && filters.iter().all(|list| model.aws_list(list).is_empty()) {
        step.note = Some(format!(
            "Nodes reach each other; security groups, network ACLs and firewalls between them have to let {} through, and were not pasted.",
            walk_words(tunnel, outer)
        ));
        return (vec![step], Vec::new());
    }
    let from = outer.source.map(|source| (source, network.interfaces_at(source)));
    let Some((source, [interface])) = from.as_ref().map(|(source, at)| (*source, at.as_slice())) else {
        let values: Vec<String> = outer
            .source
            .iter()
            .chain([&outer.destination])
            .map(IpAddr::to_string)
            .collect();
        step.verdict = Verdict::Unknown;
        step.note = Some(format!(
            "The nodes' interfaces were not pasted: whether {} is let through is not known.",
            walk_words(tunnel, outer)
        ));
        let next = Next {
            command: format!(
                "aws ec2 describe-network-interfaces --filters Name=addresses.private-ip-address,Values={}",
                values.join(",")
            ),
            decides: vec!["CNI-017".to_owned()],
            why: "Their security groups, network ACLs and routes decide whether the nodes reach each other.".to_owned(),
        };
        return (vec![step], vec![next]);
    };
    let protocol = if tunnel.kind == Kind::IpIp {
        Protocol::IpIp
    } else {
        Protocol::Udp
    };
    let (inward, outward) = (Address::Ip(outer.destination), Address::Ip(source));
    let mut packet = Packet::new(outward, inward, protocol, outer.port);
    // IP in IP has no ports: security groups know the answer by its addresses (EC2 User Guide, "Security group connection tracking").
    packet.answer = walk.answer && tunnel.kind == Kind::IpIp;
    let mut travelled = network.travel(&packet, Start::Interface(*interface));
    if tunnel.assumed {
        for step in &mut travelled.steps {
            if step.verdict == Verdict::Blocked {
                step.verdict = Verdict::Unknown;
                step.reason = None;
                let words = "That is for the port that the device has by default; the device's own was not pasted.";
                step.note = Some(
                    step.note
                        .as_ref()
                        .map_or(words.to_owned(), |note| format!("{note} {words}")),
                );
                travelled.next.push(ask(
                    &format!("ip -d link show {}", tunnel.device),
                    &walk.from.node,
                    "Its port decides which rules count.",
                ));
            }
        }
    }
    for step in &mut travelled.steps {
        step.evidence = joined(std::mem::take(&mut step.evidence));
    }
    (travelled.steps, travelled.next)
}

fn walk_words(tunnel: &Tunnel, outer: &Outer) -> String {
    let settings = Tunnel {
        port: outer.port,
        id: outer.id,
        ..tunnel.clone()
    };
    Walk::kind_words(&settings)
}
