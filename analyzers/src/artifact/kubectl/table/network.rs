//! Services, their endpoints, ingresses and network policies (`printService`, `printEndpointSlice`, `printIngress` in kubernetes `pkg/printers/internalversion/printers.go`).

use super::resources::Resource;
use super::sink::{As, Sink, object};
use crate::artifact::Value;
use crate::text::{Piece, columns};

/// The resources.
pub const RESOURCES: &[Resource] = &[
    Resource {
        names: &["services", "service", "svc"],
        version: "v1",
        kind: "Service",
        cluster: false,
        columns: &["TYPE", "CLUSTER-IP", "PORT(S)"],
        layouts: &[columns::SERVICES.narrow, columns::SERVICES.wide],
        fields: &[
            ("TYPE", As::Text("/spec/type")),
            ("CLUSTER-IP", As::With(cluster_ip)),
            ("EXTERNAL-IP", As::With(external_ip)),
            ("PORT(S)", As::With(service_ports)),
            ("SELECTOR", As::Labels("/spec/selector")),
        ],
    },
    Resource {
        names: &["endpointslices", "endpointslice"],
        version: "discovery.k8s.io/v1",
        kind: "EndpointSlice",
        cluster: false,
        columns: &["ADDRESSTYPE", "PORTS", "ENDPOINTS"],
        layouts: &[&["NAME", "ADDRESSTYPE", "PORTS", "ENDPOINTS", "AGE"]],
        fields: &[
            ("ADDRESSTYPE", As::Text("/addressType")),
            ("PORTS", As::With(slice_ports)),
            ("ENDPOINTS", As::With(slice_endpoints)),
        ],
    },
    Resource {
        names: &["endpoints", "endpoint", "ep"],
        version: "v1",
        kind: "Endpoints",
        cluster: false,
        columns: &["ENDPOINTS"],
        layouts: &[&["NAME", "ENDPOINTS", "AGE"]],
        fields: &[("ENDPOINTS", As::With(subsets))],
    },
    Resource {
        names: &["ingresses", "ingress", "ing"],
        version: "networking.k8s.io/v1",
        kind: "Ingress",
        cluster: false,
        // Servers before 1.18 print no class.
        columns: &["HOSTS", "ADDRESS", "PORTS"],
        layouts: &[
            &["NAME", "CLASS", "HOSTS", "ADDRESS", "PORTS", "AGE"],
            &["NAME", "HOSTS", "ADDRESS", "PORTS", "AGE"],
        ],
        fields: &[
            ("CLASS", As::Text("/spec/ingressClassName")),
            ("HOSTS", As::With(hosts)),
            ("ADDRESS", As::With(balancer)),
        ],
    },
    Resource {
        names: &["ingressclasses", "ingressclass"],
        version: "networking.k8s.io/v1",
        kind: "IngressClass",
        cluster: true,
        columns: &["CONTROLLER", "PARAMETERS"],
        layouts: &[&["NAME", "CONTROLLER", "PARAMETERS", "AGE"]],
        fields: &[("CONTROLLER", As::Text("/spec/controller"))],
    },
    Resource {
        names: &["networkpolicies", "networkpolicy", "netpol"],
        version: "networking.k8s.io/v1",
        kind: "NetworkPolicy",
        cluster: false,
        columns: &["POD-SELECTOR"],
        layouts: &[&["NAME", "POD-SELECTOR", "AGE"]],
        fields: &[("POD-SELECTOR", As::Labels("/spec/podSelector/matchLabels"))],
    },
];

/// `None` is a headless service, as the API writes it.
fn cluster_ip(sink: &mut Sink<'_>, cell: Piece<'_>) {
    sink.text("/spec/clusterIP", cell);
}

/// The printer shows load balancer addresses and spec.externalIPs in the same column; the type tells, and it stands further left.
fn external_ip(sink: &mut Sink<'_>, cell: Piece<'_>) {
    if cell.str() == "<pending>" {
        return;
    }
    match sink.str_at("/spec/type") {
        Some("ExternalName") => sink.text("/spec/externalName", cell),
        Some("LoadBalancer") => balancer(sink, cell),
        _ => As::List("/spec/externalIPs").read(sink, cell),
    }
}

/// Addresses of a load balancer. Without `-o wide` older versions cut them after 16 characters (`loadBalancerWidth`): a part of a name is
/// no name.
fn balancer(sink: &mut Sink<'_>, cell: Piece<'_>) {
    if cell.ends_with("...") {
        return;
    }
    let is_ip = |address: &str| address.parse::<std::net::IpAddr>().is_ok();
    // The service's own `externalIPs` stand after the balancer's addresses: where these are names, they can be told.
    let named = cell.split(|c| c == ',').any(|address| !is_ip(&address));
    for address in cell.split(|c| c == ',') {
        let ip = is_ip(&address);
        if ip && named {
            sink.push("/spec/externalIPs", Value::from(address.str()), address);
            continue;
        }
        let member = if ip { "ip" } else { "hostname" };
        let ingress = object([(member, Value::from(address.str()))]);
        sink.push("/status/loadBalancer/ingress", ingress, address);
    }
}

/// `443:31443/TCP,53/UDP` (`makePortString`).
fn service_ports(sink: &mut Sink<'_>, cell: Piece<'_>) {
    let ports: Option<Vec<(Value, Piece<'_>)>> = cell
        .split(|c| c == ',')
        .map(|port| Some((service_port(port.str())?, port)))
        .collect();
    for (port, piece) in ports.into_iter().flatten() {
        sink.push("/spec/ports", port, piece);
    }
}

fn service_port(text: &str) -> Option<Value> {
    let (numbers, protocol) = text.split_once('/')?;
    let protocol = Value::from(protocol);
    Some(match numbers.split_once(':') {
        Some((port, node_port)) => object([
            ("port", Value::from(port.parse::<u16>().ok()?)),
            ("protocol", protocol),
            ("nodePort", Value::from(node_port.parse::<u16>().ok()?)),
        ]),
        None => object([
            ("port", Value::from(numbers.parse::<u16>().ok()?)),
            ("protocol", protocol),
        ]),
    })
}

fn slice_ports(sink: &mut Sink<'_>, cell: Piece<'_>) {
    let ports: Option<Vec<(u16, Piece<'_>)>> = cell
        .split(|c| c == ',')
        .map(|port| Some((port.parse().ok()?, port)))
        .collect();
    for (port, piece) in ports.into_iter().flatten() {
        sink.push("/ports", object([("port", Value::from(port))]), piece);
    }
}

/// How many of a list are not printed: 3 of `+ 3 more...` (`formatEndpoints`, `formatDiscoveryEndpoints`).
fn more(sink: &mut Sink<'_>, cell: Piece<'_>) {
    let count = |(_, rest): (Piece<'_>, Piece<'_>)| rest.str().strip_suffix(" more...")?.trim().parse::<i64>().ok();
    if let Some(count) = cell.split_once(" + ").and_then(count) {
        sink.put("/x-parsed/more", Value::from(count), cell);
    }
}

/// What is printed of a list that ends in `+ 3 more...`; what is not printed stays unknown.
fn shown(cell: Piece<'_>) -> impl Iterator<Item = Piece<'_>> {
    let (shown, _) = cell.split_once(" + ").unwrap_or((cell, cell));
    shown
        .split(|c| c == ',')
        .map(Piece::trim)
        .filter(|part| !part.is_empty())
}

fn slice_endpoints(sink: &mut Sink<'_>, cell: Piece<'_>) {
    for address in shown(cell) {
        let addresses = Value::from(vec![Value::from(address.str())]);
        sink.push("/endpoints", object([("addresses", addresses)]), address);
    }
    more(sink, cell);
}

/// `10.0.3.17:8080,10.0.4.2:8080 + 1 more...`: the ready addresses, each with each port (`formatEndpoints`).
fn subsets(sink: &mut Sink<'_>, cell: Piece<'_>) {
    for endpoint in shown(cell) {
        let Some((address, port)) = endpoint.rsplit_once(":") else {
            continue;
        };
        let Ok(port) = port.parse::<u16>() else { continue };
        let address = address.trim_start_matches('[').trim_end_matches(']');
        let addresses = Value::from(vec![object([("ip", Value::from(address))])]);
        let ports = Value::from(vec![object([("port", Value::from(port))])]);
        sink.push(
            "/subsets",
            object([("addresses", addresses), ("ports", ports)]),
            endpoint,
        );
    }
    more(sink, cell);
}

/// `*` stands where no rule names a host (`formatHosts`).
fn hosts(sink: &mut Sink<'_>, cell: Piece<'_>) {
    for host in shown(cell) {
        if host.str() != "*" {
            sink.push("/spec/rules", object([("host", Value::from(host.str()))]), host);
        }
    }
}
