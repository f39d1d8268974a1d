//! What kube-proxy (`pkg/proxy/iptables/proxier.go`) and the Amazon VPC CNI (`pkg/networkutils/network.go`) write for iptables.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::services::{Endpoint, Numbers, Service};
use super::world::NODE;

/// The rules of tables, chain by chain.
#[derive(Default)]
pub struct Tables {
    tables: BTreeMap<&'static str, BTreeMap<String, Vec<String>>>,
    policies: BTreeMap<(&'static str, &'static str), &'static str>,
}

impl Tables {
    fn add(&mut self, table: &'static str, chain: &str, rule: &str) {
        self.chain(table, chain).push(rule.to_owned());
    }

    fn chain(&mut self, table: &'static str, chain: &str) -> &mut Vec<String> {
        self.tables
            .entry(table)
            .or_default()
            .entry(chain.to_owned())
            .or_default()
    }

    /// Lets neighbours find each other, whatever other rules say, as every firewall for IPv6 does (RFC 4890, section 4.4.1).
    pub fn let_neighbours_in(&mut self) {
        for chain in ["INPUT", "OUTPUT"] {
            for kind in [135, 136] {
                let rule = format!("-p ipv6-icmp -m icmp6 --icmpv6-type {kind} -j ACCEPT");
                self.chain("filter", chain).insert(0, rule);
            }
        }
    }

    /// What `iptables-restore` reads.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for (table, chains) in &self.tables {
            let _ = writeln!(text, "*{table}");
            for chain in chains.keys() {
                let built_in = ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"]
                    .iter()
                    .find(|name| *name == chain);
                let policy = match built_in {
                    Some(name) => self.policies.get(&(*table, *name)).copied().unwrap_or("ACCEPT"),
                    None => "-",
                };
                let _ = writeln!(text, ":{chain} {policy} [0:0]");
            }
            for (chain, rules) in chains {
                for rule in rules {
                    let _ = writeln!(text, "-A {chain} {rule}");
                }
            }
            text.push_str("COMMIT\n");
        }
        text
    }
}

/// Which generation of kube-proxy wrote the rules.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Age {
    /// `KUBE-EXT`, `KUBE-SVL` (1.24 and later), and `KUBE-PROXY-FIREWALL` (1.26).
    New,
    /// `KUBE-XLB`, `KUBE-MARK-DROP`.
    Old,
}

const PODS: &str = "10.42.0.0/16";
const LOCAL: &str = "-m addrtype --dst-type LOCAL";

/// The rules of kube-proxy.
pub fn kube_proxy(services: &[Service], age: Age, random_fully: bool, stateful: bool) -> Tables {
    let mut tables = Tables::default();
    let portals = "-m comment --comment \"kubernetes service portals\" -j KUBE-SERVICES";
    for chain in ["PREROUTING", "OUTPUT"] {
        tables.add("nat", chain, portals);
    }
    tables.add(
        "nat",
        "POSTROUTING",
        "-m comment --comment \"kubernetes postrouting rules\" -j KUBE-POSTROUTING",
    );
    tables.add("nat", "KUBE-MARK-MASQ", "-j MARK --set-xmark 0x4000/0x4000");
    tables.add("nat", "KUBE-POSTROUTING", "-m mark ! --mark 0x4000/0x4000 -j RETURN");
    tables.add("nat", "KUBE-POSTROUTING", "-j MARK --set-xmark 0x4000/0x0");
    let fully = if random_fully { " --random-fully" } else { "" };
    tables.add(
        "nat",
        "KUBE-POSTROUTING",
        &format!("-m comment --comment \"kubernetes service traffic requiring SNAT\" -j MASQUERADE{fully}"),
    );
    tables.chain("nat", "KUBE-NODEPORTS");
    filters(&mut tables, age, stateful);
    for service in services {
        one(&mut tables, service, age);
    }
    tables.add(
        "nat",
        "KUBE-SERVICES",
        &format!(
            "-m comment --comment \"kubernetes service nodeports; NOTE: this must be the last rule in this chain\" {LOCAL} -j KUBE-NODEPORTS"
        ),
    );
    tables
}

/// `stateful`: whether somebody lets in before all else what belongs to a connection.
fn filters(tables: &mut Tables, age: Age, stateful: bool) {
    let new = "-m conntrack --ctstate NEW";
    for chain in ["INPUT", "FORWARD", "OUTPUT"] {
        if stateful {
            tables.add("filter", chain, "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT");
        }
        if age == Age::New {
            tables.add(
                "filter",
                chain,
                &format!("{new} -m comment --comment \"kubernetes load balancer firewall\" -j KUBE-PROXY-FIREWALL"),
            );
        }
    }
    tables.add(
        "filter",
        "INPUT",
        "-m comment --comment \"kubernetes health check service ports\" -j KUBE-NODEPORTS",
    );
    for chain in ["INPUT", "FORWARD"] {
        tables.add(
            "filter",
            chain,
            &format!(
                "{new} -m comment --comment \"kubernetes externally-visible service portals\" -j KUBE-EXTERNAL-SERVICES"
            ),
        );
    }
    tables.add(
        "filter",
        "FORWARD",
        "-m comment --comment \"kubernetes forwarding rules\" -j KUBE-FORWARD",
    );
    for chain in ["FORWARD", "OUTPUT"] {
        tables.add(
            "filter",
            chain,
            &format!("{new} -m comment --comment \"kubernetes service portals\" -j KUBE-SERVICES"),
        );
    }
    for chain in ["INPUT", "OUTPUT"] {
        tables.add("filter", chain, "-j KUBE-FIREWALL");
    }
    tables.chain("filter", "KUBE-NODEPORTS");
    tables.chain("filter", "KUBE-EXTERNAL-SERVICES");
    tables.chain("filter", "KUBE-SERVICES");
    tables.chain("filter", "KUBE-PROXY-FIREWALL");
    tables.add("filter", "KUBE-FORWARD", "-m conntrack --ctstate INVALID -j DROP");
    tables.add(
        "filter",
        "KUBE-FORWARD",
        "-m comment --comment \"kubernetes forwarding rules\" -m mark --mark 0x4000/0x4000 -j ACCEPT",
    );
    if stateful {
        tables.add(
            "filter",
            "KUBE-FORWARD",
            "-m comment --comment \"kubernetes forwarding conntrack rule\" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
        );
    }
    tables.add(
        "filter",
        "KUBE-FIREWALL",
        "! -s 127.0.0.0/8 -d 127.0.0.0/8 -m comment --comment \"block incoming localnet connections\" -m conntrack ! --ctstate \
         RELATED,ESTABLISHED,DNAT -j DROP",
    );
    if age == Age::Old {
        tables.add("nat", "KUBE-MARK-DROP", "-j MARK --set-xmark 0x8000/0x8000");
        tables.add(
            "filter",
            "KUBE-FIREWALL",
            "-m comment --comment \"kubernetes firewall for dropping marked packets\" -m mark --mark 0x8000/0x8000 -j DROP",
        );
        // What is marked on its way through is dropped there, too.
        tables.add("filter", "KUBE-FORWARD", "-m mark --mark 0x8000/0x8000 -j DROP");
    }
}

/// The chains of one Service.
fn one(tables: &mut Tables, service: &Service, age: Age) {
    let Service {
        name,
        hash,
        protocol,
        port,
        cluster_ip,
        ..
    } = service;
    let local = service.local();
    let cluster_chain = format!("KUBE-SVC-{hash}");
    let local_chain = match age {
        Age::New => format!("KUBE-SVL-{hash}"),
        Age::Old => format!("KUBE-XLB-{hash}"),
    };
    let ported = |port: u16| format!("-m {protocol} --dport {port}");
    // The fronts in `nat`, or what refuses in `filter`.
    let internal: Vec<&Endpoint> = if service.internal_local {
        local.clone()
    } else {
        service.endpoints.iter().collect()
    };
    let to_cluster = format!("-d {cluster_ip}/32 -p {protocol} -m comment --comment");
    if internal.is_empty() {
        let (said, target) = refusal(service);
        tables.add(
            "filter",
            "KUBE-SERVICES",
            &format!("{to_cluster} \"{name} {said}\" {} -j {target}", ported(*port)),
        );
    } else {
        let chain = if service.internal_local {
            format!("KUBE-SVL-{hash}")
        } else {
            cluster_chain.clone()
        };
        tables.add(
            "nat",
            "KUBE-SERVICES",
            &format!("{to_cluster} \"{name} cluster IP\" {} -j {chain}", ported(*port)),
        );
    }
    external(tables, service, age, &local_chain);
    let off_cluster = format!(
        "! -s {PODS} {to_cluster} \"{name} cluster IP\" {} -j KUBE-MARK-MASQ",
        ported(*port)
    );
    if !service.endpoints.is_empty() {
        tables.add("nat", &cluster_chain, &off_cluster);
        let all: Vec<&Endpoint> = service.endpoints.iter().collect();
        shares(tables, service, &cluster_chain, &all);
        for endpoint in &service.endpoints {
            separate(tables, service, endpoint);
        }
    }
    let needs_local = service.internal_local || service.external_local && service.is_external();
    if needs_local && !local.is_empty() {
        let svl = format!("KUBE-SVL-{hash}");
        if service.internal_local {
            tables.add("nat", &svl, &off_cluster);
        }
        shares(tables, service, &svl, &local);
    }
}

fn refusal(service: &Service) -> (&'static str, &'static str) {
    if service.endpoints.is_empty() {
        ("has no endpoints", "REJECT --reject-with icmp-port-unreachable")
    } else {
        ("has no local endpoints", "DROP")
    }
}

/// What leads to a Service from outside.
fn external(tables: &mut Tables, service: &Service, age: Age, local_chain: &str) {
    let Service {
        name,
        hash,
        protocol,
        port,
        ..
    } = service;
    if !service.is_external() {
        return;
    }
    let local = service.local();
    let usable = if service.external_local {
        !local.is_empty()
    } else {
        !service.endpoints.is_empty()
    };
    let said = |text: &str| format!("-p {protocol} -m comment --comment \"{name} {text}\"");
    if !usable {
        let (text, target) = refusal(service);
        for address in service.external_ip.iter().chain(&service.balancer_ip) {
            let rule = format!(
                "-d {address}/32 {} -m {protocol} --dport {port} -j {target}",
                said(text)
            );
            tables.add("filter", "KUBE-EXTERNAL-SERVICES", &rule);
        }
        if let Some(node_port) = service.node_port {
            let rule = format!("{} {LOCAL} -m {protocol} --dport {node_port} -j {target}", said(text));
            tables.add("filter", "KUBE-EXTERNAL-SERVICES", &rule);
        }
        // Pods still go where the cluster's address would lead them.
        if service.endpoints.is_empty() {
            return;
        }
    }
    let chain = if age == Age::Old && service.external_local {
        local_chain.to_owned()
    } else {
        format!("KUBE-EXT-{hash}")
    };
    let mut rules = vec![];
    if service.external_local {
        rules.push(format!(
            "-s {PODS} -m comment --comment \"pod traffic for {name} external destinations\" -j KUBE-SVC-{hash}"
        ));
        rules.push(format!("-m comment --comment \"masquerade LOCAL traffic for {name} external destinations\" -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ"));
        rules.push(format!("-m comment --comment \"route LOCAL traffic for {name} external destinations\" -m addrtype --src-type LOCAL -j KUBE-SVC-{hash}"));
        match (age, local.is_empty()) {
            (_, false) => rules.push(format!("-j KUBE-SVL-{hash}")),
            (Age::Old, true) => rules.push(format!(
                "-m comment --comment \"{name} has no local endpoints\" -j KUBE-MARK-DROP"
            )),
            (Age::New, true) => {}
        }
    } else {
        rules.push(format!(
            "-m comment --comment \"masquerade traffic for {name} external destinations\" -j KUBE-MARK-MASQ"
        ));
        rules.push(format!("-j KUBE-SVC-{hash}"));
    }
    for rule in rules {
        tables.add("nat", &chain, &rule);
    }
    if let Some(address) = service.external_ip {
        let rule = format!(
            "-d {address}/32 {} -m {protocol} --dport {port} -j {chain}",
            said("external IP")
        );
        tables.add("nat", "KUBE-SERVICES", &rule);
    }
    if let Some(node_port) = service.node_port {
        let rule = format!("-p {protocol} -m comment --comment {name} -m {protocol} --dport {node_port} -j {chain}");
        tables.add("nat", "KUBE-NODEPORTS", &rule);
    }
    balancer(tables, service, age, &chain);
}

/// What leads to a Service by its load balancer, with the sources that it lets in.
fn balancer(tables: &mut Tables, service: &Service, age: Age, chain: &str) {
    let Service {
        name,
        hash,
        protocol,
        port,
        ..
    } = service;
    let said = |text: &str| format!("-p {protocol} -m comment --comment \"{name} {text}\"");
    if let Some(address) = service.balancer_ip {
        let firewall = format!("KUBE-FW-{hash}");
        let first = if service.ranges.is_empty() {
            chain
        } else {
            firewall.as_str()
        };
        let rule = format!(
            "-d {address}/32 {} -m {protocol} --dport {port} -j {first}",
            said("loadbalancer IP")
        );
        tables.add("nat", "KUBE-SERVICES", &rule);
        for range in &service.ranges {
            tables.add(
                "nat",
                &firewall,
                &format!("-s {range} -m comment --comment \"{name} loadbalancer IP\" -j {chain}"),
            );
        }
        if !service.ranges.is_empty() && age == Age::Old {
            tables.add(
                "nat",
                &firewall,
                &format!("-m comment --comment \"{name} loadbalancer IP\" -j KUBE-MARK-DROP"),
            );
        } else if !service.ranges.is_empty() {
            let said = said(&format!("traffic not accepted by {firewall}"));
            tables.add(
                "nat",
                &firewall,
                &format!("-m comment --comment \"other traffic to {name} will be dropped by KUBE-PROXY-FIREWALL\""),
            );
            tables.add(
                "filter",
                "KUBE-PROXY-FIREWALL",
                &format!("-d {address}/32 {said} -m {protocol} --dport {port} -j DROP"),
            );
        }
    }
}

/// Which endpoint gets a connection.
fn shares(tables: &mut Tables, service: &Service, chain: &str, endpoints: &[&Endpoint]) {
    let sep = |endpoint: &Endpoint| format!("KUBE-SEP-{}{}", endpoint.name.to_uppercase(), service.hash);
    if service.affinity {
        for endpoint in endpoints {
            let sep = sep(endpoint);
            tables.add(
                "nat",
                chain,
                &format!(
                    "-m comment --comment \"{} -> {}:{}\" -m recent --rcheck --seconds 10800 --reap --name {sep} --mask 255.255.255.255 \
                     --rsource -j {sep}",
                    service.name, endpoint.address, endpoint.port
                ),
            );
        }
    }
    for (number, endpoint) in endpoints.iter().enumerate() {
        let left = endpoints.len() - number;
        let chance = if left == 1 {
            String::new()
        } else {
            #[allow(clippy::cast_precision_loss, reason = "few endpoints")]
            let share = 1.0 / left as f64;
            format!(" -m statistic --mode random --probability {share:.11}")
        };
        tables.add(
            "nat",
            chain,
            &format!(
                "-m comment --comment \"{} -> {}:{}\"{chance} -j {}",
                service.name,
                endpoint.address,
                endpoint.port,
                sep(endpoint)
            ),
        );
    }
}

fn separate(tables: &mut Tables, service: &Service, endpoint: &Endpoint) {
    let Service { name, protocol, .. } = service;
    let chain = format!("KUBE-SEP-{}{}", endpoint.name.to_uppercase(), service.hash);
    let Endpoint { address, port, .. } = endpoint;
    tables.add(
        "nat",
        &chain,
        &format!("-s {address}/32 -m comment --comment {name} -j KUBE-MARK-MASQ"),
    );
    let recent = if service.affinity {
        format!("-m recent --set --name {chain} --mask 255.255.255.255 --rsource ")
    } else {
        String::new()
    };
    tables.add(
        "nat",
        &chain,
        &format!(
            "-p {protocol} -m comment --comment {name} {recent}-m {protocol} -j DNAT --to-destination {address}:{port}"
        ),
    );
}

/// The rules of the VPC CNI: the older shape, where chains call the next one for what is outside of each block, and the newer one.
pub fn vpc_cni(tables: &mut Tables, numbers: &mut Numbers) {
    let said = "-m comment --comment \"AWS SNAT CHAIN\"";
    let excluded = *numbers.one(&[None, Some("203.0.113.0/24"), Some("198.51.100.0/24")]);
    tables.add("nat", "POSTROUTING", &format!("{said} -j AWS-SNAT-CHAIN-0"));
    let blocks: Vec<&str> = ["10.99.0.0/16", "10.42.0.0/16"].into_iter().chain(excluded).collect();
    let snat = |interface: &str| {
        format!(
            "{interface} -m comment --comment \"AWS, SNAT\" -m addrtype ! --dst-type LOCAL -j SNAT --to-source {NODE} --random-fully"
        )
    };
    let mut last = "AWS-SNAT-CHAIN-0".to_owned();
    if numbers.chance(50) {
        for (number, block) in blocks.iter().enumerate() {
            let next = format!("AWS-SNAT-CHAIN-{}", number + 1);
            tables.add("nat", &last, &format!("! -d {block} {said} -j {next}"));
            last = next;
        }
    } else {
        for block in &blocks {
            tables.add("nat", &last, &format!("-d {block} {said} -j RETURN"));
        }
    }
    tables.add("nat", &last, &snat("! -o vlan+"));
    if numbers.chance(60) {
        let primary = "-m comment --comment \"AWS, primary ENI\"";
        tables.add(
            "mangle",
            "PREROUTING",
            &format!(
                "-i eth0 {primary} -m addrtype --dst-type LOCAL --limit-iface-in -j CONNMARK --set-xmark 0x80/0x80"
            ),
        );
        tables.add(
            "mangle",
            "PREROUTING",
            &format!("-i eni+ {primary} -j CONNMARK --restore-mark --nfmask 0x80 --ctmask 0x80"),
        );
        tables.add(
            "nat",
            "PREROUTING",
            "-i eni+ -m comment --comment \"AWS, outbound connections\" -j AWS-CONNMARK-CHAIN-0",
        );
        for block in &blocks {
            tables.add("nat", "AWS-CONNMARK-CHAIN-0", &format!("-d {block} -j RETURN"));
        }
        tables.add("nat", "AWS-CONNMARK-CHAIN-0", "-j CONNMARK --set-xmark 0x80/0x80");
        tables.add(
            "nat",
            "PREROUTING",
            "-m comment --comment \"AWS, CONNMARK\" -j CONNMARK --restore-mark --nfmask 0x80 --ctmask 0x80",
        );
    }
}

/// What a rule of somebody's own asks. `stateful`: whether it is asked about first packets alone.
fn condition(numbers: &mut Numbers, stateful: bool) -> &'static str {
    let most = if stateful { 6 } else { 14 };
    match numbers.below(most) {
        // What is asked about answers, too, and about what follows on them.
        6 => "-p tcp -m tcp --sport 8080 ",
        7 => "-m conntrack --ctstate ESTABLISHED ",
        8 => "-p tcp -m tcp --tcp-flags SYN,ACK SYN,ACK ",
        9 => "-m conntrack --ctstate SNAT ",
        10 => "-m conntrack --ctstate RELATED,ESTABLISHED --ctdir REPLY ",
        11 => "-p tcp -m multiport --sports 53,8000:8100 ",
        12 => "-m conntrack --ctstate ESTABLISHED --ctdir ORIGINAL ",
        13 => "-m conntrack --ctstate INVALID ",
        0 => "-p tcp -m tcp --dport 8080 ",
        1 => "-p tcp -m multiport --dports 53,8000:8100 ",
        2 => "-p udp ",
        3 => "-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN ",
        4 => "-m iprange --src-range 10.42.1.8-10.42.2.7 ",
        _ => "-m conntrack --ctstate NEW ",
    }
}

/// Somebody's own filters: by blocks, interfaces, ports and states.
pub fn firewall(tables: &mut Tables, numbers: &mut Numbers, stateful: bool) {
    let blocks = [
        "10.42.1.8/32",
        "10.42.2.0/24",
        "10.42.0.0/16",
        "203.0.113.5/32",
        "10.99.7.0/24",
        "10.99.0.0/16",
        "10.42.1.0/25",
    ];
    let interfaces = ["eth0", "eni+", "eth+", "enipod3", "eth1", "vlan+"];
    let targets = [
        "DROP",
        "DROP",
        "REJECT --reject-with icmp-port-unreachable",
        "ACCEPT",
        "TEAM-A",
    ];
    tables.add("filter", "TEAM-A", "-s 10.42.1.7/32 -j RETURN");
    tables.add("filter", "TEAM-A", "-p udp -j TEAM-B");
    tables.add("filter", "TEAM-A", "-d 10.42.1.0/24 -g TEAM-B");
    tables.add(
        "filter",
        "TEAM-A",
        "-m mark --mark 0x100/0x100 -p tcp -j REJECT --reject-with tcp-reset",
    );
    tables.add("filter", "TEAM-B", "-s 10.42.0.0/16 -j RETURN");
    tables.add("filter", "TEAM-B", "-m conntrack --ctorigdst 198.51.100.0/24 -j DROP");
    tables.add(
        "filter",
        "TEAM-B",
        "-m statistic --mode random --probability 0.25 -j DROP",
    );
    if numbers.chance(40) {
        tables.add(
            "mangle",
            "PREROUTING",
            "-s 10.99.0.0/16 -j MARK --set-xmark 0x100/0x100",
        );
        tables.add("mangle", "OUTPUT", "-p tcp -j MARK --or-mark 0x100");
    }
    if stateful && tables.chain("filter", "FORWARD").is_empty() {
        for chain in ["INPUT", "FORWARD", "OUTPUT"] {
            tables.add("filter", chain, "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT");
        }
    }
    for _ in 0..2 + numbers.below(8) {
        let chain = *numbers.one(&["FORWARD", "FORWARD", "FORWARD", "INPUT", "OUTPUT"]);
        let mut rule = String::new();
        if numbers.chance(70) {
            let _ = write!(
                rule,
                "{}-s {} ",
                if numbers.chance(15) { "! " } else { "" },
                numbers.one(&blocks)
            );
        }
        if numbers.chance(45) {
            let _ = write!(rule, "-d {} ", numbers.one(&blocks));
        }
        if numbers.chance(35) {
            let option = if chain == "OUTPUT" || chain == "FORWARD" && numbers.chance(50) {
                "-o"
            } else {
                "-i"
            };
            let _ = write!(
                rule,
                "{}{option} {} ",
                if numbers.chance(25) { "! " } else { "" },
                numbers.one(&interfaces)
            );
        }
        rule.push_str(condition(numbers, stateful));
        if numbers.chance(20) {
            rule.push_str("-m conntrack ! --ctstate DNAT ");
        }
        let target = numbers.one(&targets);
        tables.add("filter", chain, &format!("{rule}-j {target}"));
    }
    if numbers.chance(20) {
        tables.policies.insert(("filter", "FORWARD"), "DROP");
        tables.add("filter", "FORWARD", &format!("-s {PODS} -j ACCEPT"));
    }
    if numbers.chance(15) {
        tables.policies.insert(("filter", "INPUT"), "DROP");
        tables.add("filter", "INPUT", "-i lo -j ACCEPT");
        tables.add("filter", "INPUT", "-p tcp -m tcp --dport 10250 -j ACCEPT");
    }
}
