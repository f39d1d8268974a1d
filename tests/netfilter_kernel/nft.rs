//! What kube-proxy writes in its mode `nftables` (`pkg/proxy/nftables/proxier.go` names the chains, the maps and the comments).

use std::fmt::Write as _;

use super::services::{Endpoint, Numbers, Service};
use super::world::NODE;

const PODS: &str = "10.42.0.0/16";

/// The table, as `nft -f` reads it.
#[derive(Default)]
struct Table {
    chains: String,
    service_ips: Vec<String>,
    node_ports: Vec<String>,
    no_endpoints: Vec<String>,
    no_endpoint_ports: Vec<String>,
    firewall: Vec<String>,
    cluster_ips: Vec<String>,
    sets: String,
}

/// The rules of kube-proxy.
pub fn kube_proxy(services: &[Service]) -> String {
    let mut table = Table::default();
    for service in services {
        table.service(service);
    }
    let elements = |list: &[String]| {
        if list.is_empty() {
            String::new()
        } else {
            format!("elements = {{ {} }}", list.join(", "))
        }
    };
    let key = "type ipv4_addr . inet_proto . inet_service : verdict;";
    let mut text = String::from("table ip kube-proxy {\n comment \"rules for kube-proxy\";\n");
    let _ = writeln!(
        text,
        "set cluster-ips {{ type ipv4_addr; {} }}",
        elements(&table.cluster_ips)
    );
    let _ = writeln!(text, "set nodeport-ips {{ type ipv4_addr; elements = {{ {NODE} }} }}");
    text.push_str(&table.sets);
    text.push_str(
        "chain reject-chain { comment \"helper for @no-endpoint-services / @no-endpoint-nodeports\"; reject; }\n\
         chain mark-for-masquerade { mark set mark or 0x4000; }\n\
         chain masquerading { mark and 0x4000 == 0 return; mark set mark xor 0x4000; masquerade fully-random; }\n",
    );
    text.push_str(&table.chains);
    for (name, kind, list) in [
        ("no-endpoint-services", key, &table.no_endpoints),
        (
            "no-endpoint-nodeports",
            "type inet_proto . inet_service : verdict;",
            &table.no_endpoint_ports,
        ),
        ("firewall-ips", key, &table.firewall),
        ("service-ips", key, &table.service_ips),
        (
            "service-nodeports",
            "type inet_proto . inet_service : verdict;",
            &table.node_ports,
        ),
    ] {
        let _ = writeln!(text, "map {name} {{ {kind} {} }}", elements(list));
    }
    text.push_str(HOOKS);
    text.push_str("}\n");
    text
}

const HOOKS: &str = "\
chain firewall-check { ip daddr . meta l4proto . th dport vmap @firewall-ips; }
chain services {
 ip daddr . meta l4proto . th dport vmap @service-ips;
 ip daddr @nodeport-ips meta l4proto . th dport vmap @service-nodeports;
}
chain cluster-ips-check {
 ip daddr @cluster-ips reject comment \"Reject traffic to invalid ports of ClusterIPs\";
 ip daddr 172.20.0.0/16 drop comment \"Drop traffic to unallocated ClusterIPs\";
}
chain service-endpoints-check { ip daddr . meta l4proto . th dport vmap @no-endpoint-services; }
chain nodeport-endpoints-check { ip daddr @nodeport-ips meta l4proto . th dport vmap @no-endpoint-nodeports; }
chain nat-prerouting { type nat hook prerouting priority dstnat; jump services; }
chain nat-output { type nat hook output priority -100; jump services; }
chain nat-postrouting { type nat hook postrouting priority srcnat; jump masquerading; }
chain filter-prerouting-pre-dnat { type filter hook prerouting priority -110; ct state new jump firewall-check; }
chain filter-input { type filter hook input priority -110; ct state new jump nodeport-endpoints-check; ct state new jump service-endpoints-check; }
chain filter-forward { type filter hook forward priority -110; ct state new jump service-endpoints-check; ct state new jump cluster-ips-check; }
chain filter-output-pre-dnat { type filter hook output priority -110; ct state new jump service-endpoints-check; ct state new jump firewall-check; }
chain filter-output { type filter hook output priority -90; ct state new jump cluster-ips-check; }
";

impl Table {
    fn service(&mut self, service: &Service) {
        let Service {
            name,
            hash,
            protocol,
            port,
            cluster_ip,
            ..
        } = service;
        let path = name.replace(':', &format!("/{protocol}/"));
        let local = service.local();
        let cluster_chain = format!("service-{hash}-{path}");
        let local_chain = format!("local-{hash}-{path}");
        self.cluster_ips.push(cluster_ip.to_string());
        let front = |address: std::net::Ipv4Addr| format!("{address} . {protocol} . {port}");
        let (refused, usable) = if service.endpoints.is_empty() {
            ("goto reject-chain", false)
        } else {
            ("drop", !service.internal_local || !local.is_empty())
        };
        let internal = if service.internal_local {
            &local_chain
        } else {
            &cluster_chain
        };
        if usable {
            self.service_ips
                .push(format!("{} : goto {internal}", front(*cluster_ip)));
        } else {
            self.no_endpoints.push(format!("{} : {refused}", front(*cluster_ip)));
        }
        let off =
            format!(" ip daddr {cluster_ip} {protocol} dport {port} ip saddr != {PODS} jump mark-for-masquerade;\n");
        for endpoint in &service.endpoints {
            self.endpoint(service, endpoint);
        }
        if !service.endpoints.is_empty() {
            let all: Vec<&Endpoint> = service.endpoints.iter().collect();
            self.shares(service, &cluster_chain, &off, &all);
        }
        if !local.is_empty() && (service.internal_local || service.external_local) {
            self.shares(service, &local_chain, &off, &local);
        }
        self.external(service, &path, &local, &cluster_chain, &local_chain);
    }

    fn external(&mut self, service: &Service, path: &str, local: &[&Endpoint], cluster_chain: &str, local_chain: &str) {
        let Service {
            hash, protocol, port, ..
        } = service;
        let front = |address: std::net::Ipv4Addr| format!("{address} . {protocol} . {port}");
        let addresses: Vec<_> = service
            .external_ip
            .iter()
            .chain(&service.balancer_ip)
            .copied()
            .collect();
        let usable = if service.external_local {
            !local.is_empty()
        } else {
            !service.endpoints.is_empty()
        };
        if !usable {
            let refused = if service.endpoints.is_empty() {
                "goto reject-chain"
            } else {
                "drop"
            };
            for address in addresses {
                self.no_endpoints.push(format!("{} : {refused}", front(address)));
            }
            if let Some(node_port) = service.node_port {
                self.no_endpoint_ports
                    .push(format!("{protocol} . {node_port} : {refused}"));
            }
            return;
        }
        if !service.is_external() {
            return;
        }
        let external = format!("external-{hash}-{path}");
        let _ = writeln!(self.chains, "chain {external} {{");
        if service.external_local {
            let _ = writeln!(
                self.chains,
                " ip saddr {PODS} goto {cluster_chain} comment \"short-circuit pod traffic\";\n \
                 fib saddr type local jump mark-for-masquerade comment \"masquerade local traffic\";\n \
                 fib saddr type local goto {cluster_chain} comment \"short-circuit local traffic\";\n goto {local_chain};\n}}"
            );
        } else {
            let _ = writeln!(self.chains, " jump mark-for-masquerade;\n goto {cluster_chain};\n}}");
        }
        for address in addresses {
            self.service_ips.push(format!("{} : goto {external}", front(address)));
        }
        if let Some(node_port) = service.node_port {
            self.node_ports
                .push(format!("{protocol} . {node_port} : goto {external}"));
        }
        if let (Some(address), false) = (service.balancer_ip, service.ranges.is_empty()) {
            let firewall = format!("firewall-{hash}-{path}");
            let _ = writeln!(
                self.chains,
                "chain {firewall} {{ ip saddr != {{ {} }} drop; }}",
                service.ranges.join(", ")
            );
            self.firewall.push(format!("{} : goto {firewall}", front(address)));
        }
    }

    fn endpoint(&mut self, service: &Service, endpoint: &Endpoint) {
        let chain = chain(service, endpoint);
        let Endpoint { address, port, .. } = endpoint;
        let protocol = service.protocol;
        let _ = writeln!(
            self.chains,
            "chain {chain} {{\n ip saddr {address} jump mark-for-masquerade;"
        );
        if service.affinity {
            let set = chain.replacen("endpoint", "affinity", 1);
            let _ = writeln!(
                self.sets,
                "set {set} {{ type ipv4_addr; flags dynamic,timeout; timeout 3h; }}"
            );
            let _ = writeln!(self.chains, " update @{set} {{ ip saddr }};");
        }
        let _ = writeln!(self.chains, " meta l4proto {protocol} dnat to {address}:{port};\n}}");
    }

    fn shares(&mut self, service: &Service, name: &str, off: &str, endpoints: &[&Endpoint]) {
        let _ = write!(self.chains, "chain {name} {{\n{off}");
        if service.affinity {
            for endpoint in endpoints {
                let chain = chain(service, endpoint);
                let set = chain.replacen("endpoint", "affinity", 1);
                let _ = writeln!(self.chains, " ip saddr @{set} goto {chain};");
            }
        }
        let ways: Vec<String> = endpoints
            .iter()
            .enumerate()
            .map(|(number, endpoint)| format!("{number} : goto {}", chain(service, endpoint)))
            .collect();
        let _ = write!(
            self.chains,
            " numgen random mod {} vmap {{ {} }};\n}}\n",
            endpoints.len(),
            ways.join(", ")
        );
    }
}

fn chain(service: &Service, endpoint: &Endpoint) -> String {
    let path = service.name.replace(':', &format!("/{}/", service.protocol));
    format!(
        "endpoint-{}{}-{path}__{}/{}",
        endpoint.name.to_uppercase(),
        service.hash,
        endpoint.address,
        endpoint.port
    )
}

/// Somebody's own filters, in the table of both families.
pub fn firewall(numbers: &mut Numbers, stateful: bool) -> String {
    let mut text = String::from(
        "table inet team {\n set blocks { type ipv4_addr; flags interval; elements = { 10.42.1.8, 10.42.2.0/24, 203.0.113.0-203.0.113.9 } }\n \
         set ends { type ipv4_addr . inet_service; flags interval; elements = { 10.42.1.0/24 . 8000-9000, 10.42.2.7 . 53 } }\n \
         map what { type inet_service : verdict; elements = { 53 : jump team-b, 8443 : goto team-b } }\n \
         chain team-b { ip saddr 10.42.0.0/16 return; meta mark & 0x4000 == 0x4000 drop; numgen random mod 4 < 1 reject; }\n",
    );
    let rules = [
        "ip saddr @blocks ip daddr 10.42.1.0/25 drop",
        "ip daddr . tcp dport @ends counter reject with tcp reset",
        "tcp dport vmap @what",
        "iifname \"eth0\" oifname \"eni*\" meta l4proto udp drop",
        "oifname != \"eth0\" ip saddr { 10.99.7.20, 10.42.2.0/24 } tcp dport { 53, 8000-8100 } reject",
        "ct status dnat ip saddr 203.0.113.5 reject",
        "ct state vmap { invalid : drop, new : continue, established : accept } ip saddr 10.42.1.9 tcp dport != 8080 drop",
        "ip protocol udp ct original ip daddr 172.20.0.0/16 meta mark set mark or 0x200",
        "meta mark & 0x200 != 0 ip saddr != 10.42.0.0/16 drop",
        "meta nfproto ipv6 drop",
        "fib daddr type local tcp dport 10250 ip saddr 10.42.0.0/16 drop",
        // About answers, and what follows on them.
        "tcp sport { 53, 8000-8100 } ip saddr 10.42.0.0/16 drop",
        "ct direction reply ip daddr @blocks drop",
        "ct state established ct direction original ip daddr 10.42.2.0/24 reject",
        "tcp flags & (syn | ack) == (syn | ack) ip saddr 10.42.1.9 drop",
        "ct state invalid drop",
    ];
    let first = if stateful {
        "ct state established,related accept"
    } else {
        "meta l4proto ipv6-icmp accept"
    };
    for hook in ["forward", "input", "output"] {
        if hook != "forward" && numbers.chance(60) {
            continue;
        }
        let priority = numbers.one(&["filter", "mangle", "10"]);
        let _ = writeln!(
            text,
            " chain {hook}-{priority} {{ type filter hook {hook} priority {priority}; {first}"
        );
        for _ in 0..=numbers.below(5) {
            let rule = numbers.one(&rules);
            if hook == "output" && rule.contains("iifname") || hook == "input" && rule.contains("oifname") {
                continue;
            }
            let _ = writeln!(text, "  {rule}");
        }
        text.push_str(" }\n");
    }
    text.push_str("}\n");
    text
}
