//! A node's neighbours and its forwarding database: to which machine a device sends what is for a next hop.
//!
//! In the kernel: `neigh_resolve_output` (`net/core/neighbour.c`) asks for the next hop's Ethernet address, `vxlan_xmit`
//! (`drivers/net/vxlan/vxlan_core.c`) looks that up in the device's forwarding database, takes the entry for `00:00:00:00:00:00` where it
//! has none, and drops the frame where there is none of those either.

use std::net::IpAddr;

use crate::artifact::Node;
use crate::evidence::Evidence;
use crate::flow::packet_path::node::dumps::Dump;
use crate::flow::packet_path::node::machines::Outputs;

/// What a table says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry<T> {
    /// This.
    Found(T, Evidence),
    /// It has no such entry, and all of it was pasted.
    Missing(Evidence),
    /// It was not pasted, or not all of it.
    NotPasted,
}

/// A neighbour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbour {
    /// Its Ethernet address; `None` where nobody answered when it was asked for.
    pub mac: Option<String>,
    /// Its state, as printed.
    pub state: String,
}

/// Where frames are sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remote {
    /// The machine.
    pub address: IpAddr,
    /// The port there, where it is not the device's own.
    pub port: Option<u16>,
    /// The network, where it is not the device's own.
    pub id: Option<i64>,
    /// Where it stands.
    pub evidence: Evidence,
}

/// The entry that stands for all others (`vxlan_xmit`, `all_zeros_mac`).
const DEFAULT: &str = "00:00:00:00:00:00";

/// Whether a command lists all that a device has: `ip neigh`, `bridge fdb show dev DEVICE`.
fn lists_all(dump: &Dump<'_>, objects: &[&str], device: &str) -> bool {
    let Some(line) = &dump.command else { return false };
    let inner = line.inner();
    let line = inner.as_ref().unwrap_or(line);
    if line.selected || !line.pipeline.is_empty() || dump.is_selected() || !dump.root.complete() {
        return false;
    }
    let mut words = line
        .args
        .iter()
        .map(String::as_str)
        .filter(|word| !word.starts_with('-'))
        .peekable();
    let is_object = words
        .next()
        .is_some_and(|word| objects.iter().any(|object| object.starts_with(word)));
    words.next_if(|word| "show".starts_with(word) || "list".starts_with(word) || *word == "lst");
    let own = match words.next_if_eq(&"dev") {
        Some(_) => words.next() == Some(device),
        None => true,
    };
    is_object && own && words.next().is_none()
}

/// The Ethernet address of a next hop. What is in state `NOARP` is not listed (`ip-neighbour(8)`); no overlay writes such entries.
pub fn neighbour(machine: &Outputs<'_>, device: &str, address: IpAddr) -> Entry<Neighbour> {
    let mut whole = None;
    for dump in machine.dumps.of("ip-neigh") {
        for node in dump.root.items() {
            let is = node.str_of("dst").and_then(|text| text.parse().ok()) == Some(address);
            // `ip neigh show dev DEVICE` does not repeat the device.
            if is && node.str_of("dev").is_none_or(|dev| dev == device) {
                let states = node.list("state");
                let state = states.first().and_then(Node::str).unwrap_or_default().to_owned();
                let mac = node.str_of("lladdr").map(str::to_lowercase);
                let evidence = node.evidence();
                return Entry::Found(Neighbour { mac, state }, evidence);
            }
        }
        if lists_all(dump, &["neighbour", "neighbor"], device) {
            whole.get_or_insert_with(|| dump.root.evidence());
        }
    }
    whole.map_or(Entry::NotPasted, Entry::Missing)
}

/// The machines that a device sends frames for an Ethernet address to: one, or all those of the default entry.
pub fn remotes(machine: &Outputs<'_>, device: &str, mac: &str) -> Entry<Vec<Remote>> {
    let (mut own, mut others, mut whole) = (Vec::new(), Vec::new(), None);
    for dump in machine.dumps.of("bridge-fdb") {
        for node in dump.root.items() {
            if node.str_of("ifname").is_some_and(|name| name != device) {
                continue;
            }
            let Some(remote) = remote(&node) else { continue };
            match node.str_of("mac") {
                Some(known) if known.eq_ignore_ascii_case(mac) => own.push(remote),
                Some(DEFAULT) => others.push(remote),
                _ => {}
            }
        }
        if lists_all(dump, &["fdb"], device) {
            whole.get_or_insert_with(|| dump.root.evidence());
        }
    }
    let found = match (own.is_empty(), whole) {
        (false, _) => own,
        (true, Some(whole)) if others.is_empty() => return Entry::Missing(whole),
        (true, Some(_)) => others,
        (true, None) => return Entry::NotPasted,
    };
    match found.first().map(|first| first.evidence.clone()) {
        Some(evidence) => Entry::Found(found, evidence),
        None => Entry::NotPasted,
    }
}

/// Where it shows that a device sends to no machine at all, whatever the next hop's Ethernet address is.
pub fn sends_nowhere(machine: &Outputs<'_>, device: &str) -> Option<Evidence> {
    let own = |node: &Node<'_>| node.str_of("ifname").is_none_or(|name| name == device) && remote(node).is_some();
    let mut whole = None;
    for dump in machine.dumps.of("bridge-fdb") {
        if dump.root.items().iter().any(own) {
            return None;
        }
        if lists_all(dump, &["fdb"], device) {
            whole.get_or_insert_with(|| dump.root.evidence());
        }
    }
    whole
}

fn remote(node: &Node<'_>) -> Option<Remote> {
    Some(Remote {
        address: node.str_of("dst")?.parse().ok()?,
        port: node.get("port").and_then(|port| u16::try_from(port.number()?).ok()),
        id: node.get("vni").and_then(|id| id.number()),
        evidence: node.evidence(),
    })
}
