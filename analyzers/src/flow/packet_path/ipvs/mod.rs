//! IPVS as `ipvsadm -Ln` shows it: which of a virtual server's real servers gets a connection.

#[cfg(test)]
mod tests;

use std::fmt::Write as _;
use std::net::IpAddr;

use super::node::dumps::Dumps;
use super::node::packet::Packet;
use crate::artifact::Node;
use crate::evidence::Evidence;

/// The virtual servers of a node.
#[derive(Debug, Clone)]
pub struct Ipvs<'a> {
    services: Vec<Service<'a>>,
    /// Whether all of them were pasted.
    pub complete: bool,
}

/// A virtual server.
#[derive(Debug, Clone)]
struct Service<'a> {
    protocol: &'a str,
    address: IpAddr,
    port: u16,
    node: Node<'a>,
}

/// What IPVS makes of a connection's first packet.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// There is a service for it, and no server that takes new connections.
    Nobody(Vec<Evidence>),
    /// One of these gets it.
    Servers(Vec<Server>),
}

/// A real server.
#[derive(Debug, Clone, PartialEq)]
pub struct Server {
    /// How often it is chosen, from 0 to 1.
    pub share: f64,
    /// Its address.
    pub address: IpAddr,
    /// Its port.
    pub port: u16,
    /// Its line, and that of the service.
    pub hits: Vec<Evidence>,
    /// By what it is chosen, and how busy it is.
    pub note: Option<String>,
}

impl<'a> Ipvs<'a> {
    /// The virtual servers of a family; `None` where they were not pasted.
    pub fn new(dumps: &Dumps<'a>, six: bool) -> Option<Self> {
        let mut pasted = false;
        let mut found = Self {
            services: Vec::new(),
            complete: true,
        };
        for dump in dumps.of("ipvsadm") {
            pasted = true;
            found.complete &= dump.root.complete() && !dump.is_selected();
            for node in dump.root.list("services") {
                let Some((address, port)) = end(&node) else { continue };
                let Some(protocol) = node.str_of("protocol").filter(|_| address.is_ipv6() == six) else {
                    continue;
                };
                found.services.push(Service {
                    protocol,
                    address,
                    port,
                    node,
                });
            }
        }
        pasted.then_some(found)
    }

    /// The addresses of all virtual servers. IPVS gets no packet that is not the node's own, so that kube-proxy gives them to the interface
    /// `kube-ipvs0`.
    pub fn addresses(&self) -> impl Iterator<Item = IpAddr> + '_ {
        self.services.iter().map(|service| service.address)
    }

    /// Who gets a packet; `None` where no service is for it.
    pub fn answer(&self, packet: &Packet) -> Option<Answer> {
        let is_for = |service: &&Service<'a>| {
            service.protocol.eq_ignore_ascii_case(packet.protocol) && service.address == packet.destination
        };
        let mut services = self.services.iter().filter(is_for);
        let service = services
            .clone()
            .find(|service| service.port == packet.port)
            // A service of port 0 is for all ports (ipvsadm(8), "--persistent").
            .or_else(|| services.find(|service| service.port == 0))?;
        Some(service.answer(packet))
    }
}

/// The address and the port; `None` where names were printed in their place.
fn end(node: &Node<'_>) -> Option<(IpAddr, u16)> {
    let address = node.str_of("address")?.parse().ok()?;
    let port = u16::try_from(node.get("port")?.number()?).ok()?;
    Some((address, port))
}

/// What a scheduler goes by (ipvsadm(8), "--scheduler").
struct Scheduler {
    /// Whether a server's weight makes its share greater.
    weighted: bool,
    /// Whether the one with the greatest weight gets all.
    greatest: bool,
    /// In words.
    words: &'static str,
}

fn scheduler(name: &str) -> Scheduler {
    let of = |weighted, words| Scheduler {
        weighted,
        greatest: false,
        words,
    };
    match name {
        "rr" => of(false, "takes the servers in turn"),
        "wrr" => of(true, "takes the servers in turn, by weight"),
        "lc" => of(
            false,
            "takes the server with the fewest connections: the shares are those of servers that are equally busy",
        ),
        "wlc" | "sed" | "nq" => of(
            true,
            "takes the server with the fewest connections for its weight: the shares are those of servers that are equally busy",
        ),
        "sh" => of(
            false,
            "chooses by the client's address, always the same: the shares are over many clients",
        ),
        "mh" => of(
            true,
            "chooses by the client's address, always the same: the shares are over many clients",
        ),
        "dh" | "lblc" | "lblcr" => of(false, "chooses by the address that is asked: the shares are not known"),
        "fo" | "ovf" => Scheduler {
            weighted: false,
            greatest: true,
            words: "takes the server with the greatest weight",
        },
        _ => of(
            true,
            "is a scheduler whose shares are not known: they are taken to go by weight",
        ),
    }
}

impl Service<'_> {
    fn answer(&self, packet: &Packet) -> Answer {
        let servers: Vec<(Node<'_>, IpAddr, u16, i64)> = self
            .node
            .list("servers")
            .into_iter()
            .filter_map(|server| {
                let (address, port) = end(&server)?;
                // `--stats` shows no weights.
                let weight = server.get("weight").and_then(|weight| weight.number()).unwrap_or(1);
                Some((server, address, port, weight))
            })
            .collect();
        let name = self.node.str_of("scheduler").unwrap_or_default();
        let scheduler = scheduler(name);
        let greatest = servers.iter().map(|(.., weight)| *weight).max().unwrap_or(0);
        // A weight of 0 gets no new connections (ipvsadm(8), "--weight").
        let part = |weight: i64| match weight {
            ..=0 => 0.0,
            _ if scheduler.greatest => f64::from(u8::from(weight == greatest)),
            #[allow(clippy::cast_precision_loss, reason = "weights are small")]
            _ if scheduler.weighted => weight as f64,
            _ => 1.0,
        };
        let all: f64 = servers.iter().map(|(.., weight)| part(*weight)).sum();
        if all <= 0.0 {
            let lines = servers.iter().map(|(server, ..)| server.evidence());
            return Answer::Nobody([self.header()].into_iter().chain(lines).collect());
        }
        let persistent = self.node.get("persistent").and_then(|seconds| seconds.number());
        Answer::Servers(
            servers
                .into_iter()
                .filter(|(.., weight)| part(*weight) > 0.0)
                .map(|(server, address, port, weight)| {
                    let mut note = if name.is_empty() {
                        "IPVS chooses; the scheduler was not shown.".to_owned()
                    } else {
                        format!("IPVS's `{name}` {}.", scheduler.words)
                    };
                    if let Some(active) = server.get("activeConn").and_then(|active| active.number()) {
                        let _ = write!(note, " This one has {active} active connections.");
                    }
                    if let Some(seconds) = persistent {
                        let _ = write!(
                            note,
                            " A client that came in the last {seconds} seconds is sent where it was sent before."
                        );
                    }
                    Server {
                        share: part(weight) / all,
                        address,
                        // A server of port 0 gets it on the port that was asked.
                        port: if port == 0 { packet.port } else { port },
                        hits: vec![self.header(), server.evidence()],
                        note: Some(note),
                    }
                })
                .collect(),
        )
    }

    /// Where the service's own line stands: its servers' lines follow it.
    fn header(&self) -> Evidence {
        self.node
            .get("address")
            .map_or_else(|| self.node.evidence(), |address| address.evidence())
    }
}
