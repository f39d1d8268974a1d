//! The devices by which overlay networks wrap packets, and what they add to each.
//!
//! Overheads: VXLAN: 14 of the inner Ethernet header, 8 of VXLAN (RFC 7348), 8 of UDP and 20 or 40 of IP; Geneve the same without options
//! (RFC 8926); IP in IP 20 (RFC 2003). Ports: flannel's `Documentation/backends.md` (the kernel's 8472 on Linux), Calico's `vxlanPort` (4789).

use crate::artifact::Value;
use crate::evidence::Evidence;
use crate::flow::packet_path::node::machines::{Device, Outputs};

/// How a device wraps packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// In UDP, with the Ethernet header.
    Vxlan,
    /// In UDP, with the Ethernet header.
    Geneve,
    /// In IP alone, protocol 4.
    IpIp,
    /// In UDP, encrypted.
    WireGuard,
}

impl Kind {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Vxlan => "VXLAN",
            Self::Geneve => "Geneve",
            Self::IpIp => "IP in IP",
            Self::WireGuard => "WireGuard",
        }
    }

    /// What it adds to a packet, at least.
    pub fn overhead(self, six: bool) -> u32 {
        let ip = if six { 40 } else { 20 };
        match self {
            Self::Vxlan | Self::Geneve => ip + 30,
            Self::IpIp => ip,
            Self::WireGuard => ip + 40,
        }
    }
}

/// A device that wraps packets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tunnel {
    /// Its name.
    pub device: String,
    /// How.
    pub kind: Kind,
    /// VXLAN's number of the network, where it was pasted.
    pub id: Option<i64>,
    /// The port at the other end.
    pub port: Option<u16>,
    /// Whether that is what such a device has by default, and was not pasted.
    pub assumed: bool,
    /// The address that it sends from.
    pub local: Option<std::net::IpAddr>,
    /// Its own Ethernet address.
    pub mac: Option<(String, Evidence)>,
    /// Its MTU.
    pub mtu: Option<(u32, Evidence)>,
    /// Where its settings stand.
    pub evidence: Vec<Evidence>,
}

/// The kind of a device by the name that overlays give it, and the port that it has then.
fn by_name(name: &str) -> Option<(Kind, Option<u16>)> {
    Some(match name {
        "flannel-v6.1" | "cilium_vxlan" => (Kind::Vxlan, Some(8472)),
        "vxlan.calico" | "vxlan-v6.calico" => (Kind::Vxlan, Some(4789)),
        "tunl0" | "flannel.ipip" => (Kind::IpIp, None),
        "cilium_geneve" => (Kind::Geneve, Some(6081)),
        "wireguard.cali" | "wg-v6.cali" | "flannel-wg" | "cilium_wg0" => (Kind::WireGuard, None),
        // Flannel names its device after the network's number, which is 1 on Linux and 4096 with Windows nodes.
        _ if name
            .strip_prefix("flannel.")
            .is_some_and(|id| id.parse::<u32>().is_ok()) =>
        {
            (Kind::Vxlan, Some(8472))
        }
        _ => return None,
    })
}

/// The device of that name, where it wraps packets.
pub fn tunnel(machine: Option<&Outputs<'_>>, name: &str) -> Option<Tunnel> {
    let views = machine.map(|machine| machine.devices(name)).unwrap_or_default();
    let printed = views.iter().find_map(Device::info);
    let named = by_name(name);
    let kind = match printed.as_ref().map(|(kind, _)| *kind) {
        Some("vxlan") => Kind::Vxlan,
        Some("geneve") => Kind::Geneve,
        Some("ipip") => Kind::IpIp,
        Some("wireguard") => Kind::WireGuard,
        Some(_) => return None,
        None => named?.0,
    };
    let data = printed.and_then(|(_, data)| data);
    let number = |field: &str| {
        data.as_ref()
            .and_then(|data| data.value().get(field))
            .and_then(Value::as_i64)
    };
    let port = number("port")
        .and_then(|port| u16::try_from(port).ok())
        .filter(|port| *port > 0);
    let id = name.strip_prefix("flannel.").and_then(|id| id.parse().ok());
    let local = data.as_ref().and_then(|data| data.str_of("local")?.parse().ok());
    Some(Tunnel {
        device: name.to_owned(),
        kind,
        id: number("id").or(id),
        port: port.or(named.and_then(|(_, port)| port)),
        assumed: port.is_none() && kind != Kind::IpIp,
        local,
        mac: views.iter().find_map(|view| {
            let mac = view.mac()?;
            Some((mac.value.to_lowercase(), mac.evidence))
        }),
        mtu: views.iter().find_map(|view| {
            let mtu = view.mtu()?;
            Some((mtu.value, mtu.evidence))
        }),
        evidence: data.iter().map(crate::artifact::Node::evidence).collect(),
    })
}

/// Whether a device connects a node's own pods: the bridges of CNI's and Docker's plugins, Calico's interfaces, one end of a veth pair.
pub fn is_of_pods(name: &str) -> bool {
    matches!(name, "cni0" | "cbr0" | "docker0" | "kube-bridge")
        || ["br-", "cali", "veth", "lxc"]
            .iter()
            .any(|start| name.starts_with(start))
}
