//! Services made up by chance: the same ones every time.

use std::net::Ipv4Addr;

use super::world::{HOSTS, NODE, NODE_PORT, PORTS};

/// Numbers that look random and are the same every time (Marsaglia, "Xorshift RNGs", 2003).
pub struct Numbers(pub u64);

impl Numbers {
    /// The next one.
    pub fn below(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % below as u64).unwrap_or(0)
    }

    /// So many times of a hundred.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of several.
    pub fn one<'o, T>(&mut self, of: &'o [T]) -> &'o T {
        &of[self.below(of.len())]
    }
}

/// An endpoint.
#[derive(Clone)]
pub struct Endpoint {
    pub name: String,
    pub address: Ipv4Addr,
    pub port: u16,
    /// Whether it is on the node.
    pub local: bool,
}

/// A port of a Service.
pub struct Service {
    /// `shop/s3:p`
    pub name: String,
    /// What the chains' names end with.
    pub hash: String,
    pub protocol: &'static str,
    pub port: u16,
    pub cluster_ip: Ipv4Addr,
    pub endpoints: Vec<Endpoint>,
    pub node_port: Option<u16>,
    pub external_ip: Option<Ipv4Addr>,
    pub balancer_ip: Option<Ipv4Addr>,
    /// `loadBalancerSourceRanges`
    pub ranges: Vec<&'static str>,
    /// `externalTrafficPolicy: Local`
    pub external_local: bool,
    /// `internalTrafficPolicy: Local`
    pub internal_local: bool,
    /// `sessionAffinity: ClientIP`
    pub affinity: bool,
}

impl Service {
    /// Whether anything outside of the cluster leads to it.
    pub fn is_external(&self) -> bool {
        self.node_port.is_some() || self.external_ip.is_some() || self.balancer_ip.is_some()
    }

    /// The endpoints on the node.
    pub fn local(&self) -> Vec<&Endpoint> {
        self.endpoints.iter().filter(|endpoint| endpoint.local).collect()
    }
}

/// As many Services.
pub fn services(numbers: &mut Numbers, count: u8) -> Vec<Service> {
    (0..count).map(|number| service(numbers, number)).collect()
}

fn service(numbers: &mut Numbers, number: u8) -> Service {
    let pods: Vec<(&str, Ipv4Addr)> = HOSTS[..5].to_vec();
    let protocol = *numbers.one(&["tcp", "tcp", "udp"]);
    let mut endpoints: Vec<Endpoint> = Vec::new();
    let port = *numbers.one(&PORTS);
    for (name, address) in pods {
        if numbers.chance(45) {
            endpoints.push(Endpoint {
                name: name.to_owned(),
                address,
                port,
                local: name.starts_with("pod"),
            });
        }
    }
    if numbers.chance(8) {
        // A pod of the host's network.
        endpoints.push(Endpoint {
            name: "node".to_owned(),
            address: NODE,
            port: NODE_PORT,
            local: true,
        });
    }
    if numbers.chance(12) {
        endpoints.clear();
    }
    let ranges = ["203.0.113.0/24", "10.99.7.0/24", "10.42.0.0/16", "10.99.0.0/16"];
    let balancer = numbers.chance(45);
    Service {
        name: format!("shop/s{number}:p"),
        hash: format!("{number:02}ABCDEFGHJK"),
        protocol,
        port: *numbers.one(&[80, 443, 53]),
        cluster_ip: Ipv4Addr::new(172, 20, 7, 10 + number),
        endpoints,
        node_port: numbers.chance(70).then_some(30_080 + u16::from(number)),
        external_ip: numbers.chance(40).then_some(Ipv4Addr::new(198, 51, 100, 10 + number)),
        balancer_ip: balancer.then_some(Ipv4Addr::new(198, 51, 100, 110 + number)),
        ranges: if balancer && numbers.chance(50) {
            let first = numbers.below(3);
            ranges[first..=first + 1].to_vec()
        } else {
            Vec::new()
        },
        external_local: numbers.chance(45),
        internal_local: numbers.chance(20),
        affinity: numbers.chance(25),
    }
}
