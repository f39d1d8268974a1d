//! A service.

use std::net::IpAddr;

use super::fields::{self, As, Field};
use super::layout::{self, Entry, is_absent};
use crate::artifact::Placed;
use crate::text::Piece;

const FIELDS: &[Field] = &[
    ("Selector", &["spec", "selector"], As::Selector),
    ("Type", &["spec", "type"], As::Text),
    ("IP Family Policy", &["spec", "ipFamilyPolicy"], As::Text),
    ("IP Families", &["spec", "ipFamilies"], As::Commas),
    ("IP", &["spec", "clusterIP"], As::Text),
    ("IPs", &["spec", "clusterIPs"], As::Commas),
    ("External IPs", &["spec", "externalIPs"], As::Commas),
    ("Desired LoadBalancer IP", &["spec", "loadBalancerIP"], As::Text),
    ("External Name", &["spec", "externalName"], As::Text),
    ("Session Affinity", &["spec", "sessionAffinity"], As::Text),
    ("External Traffic Policy", &["spec", "externalTrafficPolicy"], As::Text),
    ("Internal Traffic Policy", &["spec", "internalTrafficPolicy"], As::Text),
    ("HealthCheck NodePort", &["spec", "healthCheckNodePort"], As::Number),
    (
        "LoadBalancer Source Ranges",
        &["spec", "loadBalancerSourceRanges"],
        As::Commas,
    ),
    ("Traffic Distribution", &["spec", "trafficDistribution"], As::Text),
];

/// Whether these entries are a service's.
pub fn tells(has: &dyn Fn(&str) -> bool) -> bool {
    has("Type") && (has("Session Affinity") || has("IP Families") || has("IP") && has("Selector"))
}

/// Reads a service. Each `Port:` begins a port; what belongs to it follows.
pub fn read(root: &mut Placed, entries: &[Entry<'_, '_>]) {
    let mut ports: Vec<Placed> = Vec::new();
    let mut place = None;
    fields::map(root, entries.iter().copied(), FIELDS, |root, entry| {
        let value = entry.value();
        match entry.key().str() {
            "LoadBalancer Ingress" => {
                let ingress = addresses(value, value.split(|c| c == ','));
                root.put_at(&["status", "loadBalancer", "ingress"], value, ingress);
            }
            "Port" => {
                place.get_or_insert(entry.piece());
                ports.push(port(entry.piece(), value));
            }
            name @ ("TargetPort" | "NodePort" | "AppProtocol" | "Endpoints") => {
                if let Some(port) = ports.last_mut() {
                    of_port(port, name, value);
                } else {
                    return false;
                }
            }
            _ => return false,
        }
        true
    });
    if let Some(place) = place {
        let mut list = Placed::array(place);
        for port in ports {
            list.push(port);
        }
        root.put_at(&["spec", "ports"], place, list);
    }
}

/// `http  80/TCP`, `<unset>  80/TCP`.
fn port(piece: Piece<'_>, value: Piece<'_>) -> Placed {
    let mut made = Placed::object(piece);
    let cells = layout::cells(value);
    if let (Some(name), Some(_)) = (cells.first(), cells.get(1))
        && !is_absent(name)
    {
        made.put("name", Placed::text(*name));
    }
    if let Some((number, protocol)) = cells.last().and_then(|cell| cell.split_once("/")) {
        made.put_number("port", number);
        made.put_text("protocol", protocol);
    }
    made
}

fn of_port(port: &mut Placed, name: &str, value: Piece<'_>) {
    match name {
        "TargetPort" => {
            let target = value.split_once("/").map_or(value, |(target, _)| target);
            if target.str() != "0" {
                port.put_number("targetPort", target);
            }
        }
        "NodePort" => {
            let number = layout::cells(value).last().and_then(|cell| cell.split_once("/"));
            if let Some((number, _)) = number {
                port.put_number("nodePort", number);
            }
        }
        "AppProtocol" => port.put_text("appProtocol", value),
        _ if value.is_empty() => {}
        _ => port.put("x-endpoints", Placed::text(value)),
    }
}

/// Addresses of a load balancer: `1.2.3.4 (VIP)`, or names.
pub fn addresses<'a>(whole: Piece<'a>, items: impl Iterator<Item = Piece<'a>>) -> Placed {
    let mut list = Placed::array(whole);
    for item in items.map(Piece::trim).filter(|item| !is_absent(item)) {
        let mut made = Placed::object(item);
        let (address, mode) = item.split_once(" (").unwrap_or((item, item.skip(item.len())));
        let name = if address.parse::<IpAddr>().is_ok() {
            "ip"
        } else {
            "hostname"
        };
        made.put(name, Placed::text(address));
        if let Some(mode) = mode.strip_suffix(")") {
            made.put("ipMode", Placed::text(mode));
        }
        list.push(made);
    }
    list
}
