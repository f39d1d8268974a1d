//! A VPC out of network namespaces: a node with two interfaces and three pods, pods of other nodes, a peer in the VPC and a client
//! outside. All that others ask goes through the node; what they answer to each other goes straight, as it does in a VPC.

use std::io::Write as _;
use std::net::Ipv4Addr;
use std::process::{Command, Stdio};

use super::agent::Agent;
use super::six::Family;

/// The node's addresses, of its first and of its second interface.
pub const NODE: Ipv4Addr = Ipv4Addr::new(10, 99, 0, 10);
/// See [`NODE`].
pub const SECOND: Ipv4Addr = Ipv4Addr::new(10, 99, 3, 10);

/// Who sends and serves: name, address.
pub const HOSTS: [(&str, Ipv4Addr); 7] = [
    ("pod1", Ipv4Addr::new(10, 42, 1, 7)),
    ("pod2", Ipv4Addr::new(10, 42, 1, 8)),
    // By the second interface.
    ("pod3", Ipv4Addr::new(10, 42, 1, 9)),
    ("far1", Ipv4Addr::new(10, 42, 2, 7)),
    ("far2", Ipv4Addr::new(10, 42, 2, 8)),
    ("peer", Ipv4Addr::new(10, 99, 7, 20)),
    ("client", Ipv4Addr::new(203, 0, 113, 5)),
];

/// What every host but the node listens on.
pub const PORTS: [u16; 3] = [8080, 8443, 53];
/// What the node listens on at all of its addresses, and on the loopback address alone.
pub const NODE_PORT: u16 = 10250;
/// See [`NODE_PORT`].
pub const LOOPBACK_PORT: u16 = 10248;

/// The namespaces, with an agent in each that sends or serves.
pub struct World {
    prefix: String,
    family: Family,
    /// By the names of [`HOSTS`], and `node`.
    pub agents: Vec<(&'static str, Agent)>,
}

impl World {
    /// Builds it.
    pub fn build(name: &str, family: Family) -> Result<Self, String> {
        let mut world = Self {
            prefix: format!("wp{}-{name}", std::process::id()),
            family,
            agents: Vec::new(),
        };
        let mut names = vec!["net", "node"];
        names.extend(HOSTS.iter().map(|(name, _)| *name));
        for name in &names {
            run(&["ip", "netns", "add", &world.name(name)], None)?;
            if family == Family::Six {
                // No waiting for others who might have an address, too.
                let settings = ["net.ipv6.conf.default.accept_dad=0", "net.ipv6.conf.all.accept_dad=0"];
                world.run_at(name, &["sysctl", "-qw", settings[0], settings[1]], None)?;
            }
            world.ip(name, "link set lo up\n")?;
        }
        world.links()?;
        world.settings()?;
        world.start()?;
        Ok(world)
    }

    fn name(&self, of: &str) -> String {
        format!("{}-{of}", self.prefix)
    }

    fn ip(&self, at: &str, batch: &str) -> Result<(), String> {
        let batch = self.family.text(batch);
        let family = if self.family == Family::Six { "-6" } else { "-4" };
        self.run_at(at, &["ip", family, "-batch", "-"], Some(&batch)).map(drop)
    }

    /// Runs a program in a namespace.
    pub fn run_at(&self, at: &str, words: &[&str], input: Option<&str>) -> Result<String, String> {
        let name = self.name(at);
        let mut all = vec!["ip", "netns", "exec", name.as_str()];
        all.extend(words);
        run(&all, input)
    }

    fn links(&self) -> Result<(), String> {
        let net = self.name("net");
        let link = |at: &str, name: &str, peer_at: &str, peer: &str| {
            let at = self.name(at);
            let words = [
                "ip", "link", "add", name, "netns", &at, "type", "veth", "peer", "name", peer, "netns", peer_at,
            ];
            run(&words, None).map(drop)
        };
        link("node", "eth0", &net, "n0")?;
        link("node", "eth1", &net, "n1")?;
        self.ip(
            "node",
            "addr add 10.99.0.10/24 dev eth0\naddr add 10.99.3.10/24 dev eth1\nlink set eth0 up\nlink set eth1 up\n\
             route add default via 10.99.0.1\nroute add default via 10.99.3.1 dev eth1 table 2\n\
             rule add fwmark 0x80/0x80 table main pref 1024\nrule add from 10.42.1.9 table 2 pref 1536\n",
        )?;
        // What comes from hosts goes through the node, there and back; what comes from the node goes on, or ends here.
        self.ip(
            "net",
            "addr add 10.99.0.1/24 dev n0\naddr add 10.99.3.1/24 dev n1\nlink set n0 up\nlink set n1 up\n\
             route add 10.42.1.0/24 via 10.99.0.10\nroute add default via 10.99.0.10 table 100\n\
             route add 10.42.1.9/32 via 10.99.3.10\nroute add 10.42.1.9/32 via 10.99.3.10 dev n1 table 100\n\
             route add 10.99.3.0/24 dev n1 table 100\n\
             route add local 172.20.0.0/16 dev lo\nroute add local 198.51.100.0/24 dev lo\n\
             rule add from 172.20.0.0/16 iif lo table 100 pref 190\nrule add from 198.51.100.0/24 iif lo table 100 pref 191\n\
             rule add table local pref 200\nrule del pref 0\n",
        )?;
        for (number, (name, address)) in HOSTS.iter().enumerate() {
            let host = self.name(name);
            if name.starts_with("pod") {
                // As the Amazon VPC CNI wires it: a host route to its veth on the node, and 169.254.1.1 as its gateway.
                let veth = format!("eni{name}");
                link(name, "eth0", &self.name("node"), &veth)?;
                self.ip("node", &format!("link set {veth} up\nroute add {address}/32 dev {veth}\nrule add to {address} table main pref 512\n"))?;
                self.gateway("node", &veth)?;
            } else {
                let veth = format!("h{number}");
                link("net", &veth, &host, "eth0")?;
                self.ip("net", &format!("link set {veth} up\nroute add {address}/32 dev {veth}\nrule add iif {veth} table 100 pref {}\n", 100 + number))?;
                self.gateway("net", &veth)?;
                for port in PORTS {
                    for protocol in ["tcp", "udp"] {
                        self.ip(
                            "net",
                            &format!("rule add iif {veth} ipproto {protocol} sport {port} table main pref 50\n"),
                        )?;
                    }
                }
            }
            self.ip(
                name,
                &format!(
                    "addr add {address}/32 dev eth0\nlink set eth0 up\nroute add 169.254.1.1 dev eth0\nroute add default via 169.254.1.1 dev eth0\n"
                ),
            )?;
        }
        Ok(())
    }

    /// Lets an interface answer for the gateway of who is behind it.
    fn gateway(&self, at: &str, interface: &str) -> Result<(), String> {
        if self.family == Family::Six {
            return self.ip(at, &format!("addr add fe80::1/64 dev {interface} nodad\n"));
        }
        let setting = format!("net.ipv4.conf.{interface}.proxy_arp=1");
        self.run_at(at, &["sysctl", "-qw", &setting], None).map(drop)
    }

    fn settings(&self) -> Result<(), String> {
        let mut settings = vec!["net.ipv4.ip_forward=1".to_owned()];
        if self.family == Family::Six {
            settings.push("net.ipv6.conf.all.forwarding=1".to_owned());
            settings.push("net.ipv6.icmp.ratelimit=0".to_owned());
            // Programs of the VPC's answer for addresses that no interface has.
            settings.push("net.ipv6.ip_nonlocal_bind=1".to_owned());
        }
        for interface in ["all", "default", "lo"] {
            for name in ["rp_filter=0", "send_redirects=0", "accept_local=1"] {
                settings.push(format!("net.ipv4.conf.{interface}.{name}"));
            }
        }
        // One refusal is not to hide another one.
        settings.push("net.ipv4.icmp_ratelimit=0".to_owned());
        // What ends in a namespace and what passes through it may have the same ends here.
        settings.push("net.ipv4.ip_early_demux=0".to_owned());
        let mut words = vec!["sysctl", "-qw"];
        words.extend(settings.iter().map(String::as_str));
        self.run_at("net", &words, None)?;
        words.push("net.ipv4.conf.all.route_localnet=1");
        self.run_at("node", &words, None)?;
        // Interfaces that were there before keep what they had.
        for at in ["net", "node"] {
            let script = "for f in /proc/sys/net/ipv4/conf/*/rp_filter /proc/sys/net/ipv4/conf/*/send_redirects; do echo 0 > $f; done";
            self.run_at(at, &["sh", "-c", script], None)?;
        }
        Ok(())
    }

    fn start(&mut self) -> Result<(), String> {
        let family = self.family;
        let both = |address: Ipv4Addr, port: u16| [format!("tcp/{address}:{port}"), format!("udp/{address}:{port}")];
        let mut all: Vec<(&'static str, Vec<String>)> = vec![
            (
                "node",
                [
                    [format!("tcp/0.0.0.0:{NODE_PORT}"), format!("udp/{NODE}:{NODE_PORT}")],
                    both(Ipv4Addr::LOCALHOST, LOOPBACK_PORT),
                ]
                .concat(),
            ),
            ("net", nobodys()),
        ];
        for (name, address) in HOSTS {
            all.push((name, PORTS.iter().flat_map(|port| both(address, *port)).collect()));
        }
        for (name, listens) in all {
            let listens: Vec<String> = listens.iter().map(|listen| family.text(listen)).collect();
            let agent = Agent::start(&self.name(name), name, &listens).map_err(|error| format!("{name}: {error}"))?;
            self.agents.push((name, agent));
        }
        Ok(())
    }

    /// The agent of that name.
    pub fn agent(&mut self, name: &str) -> Option<&mut Agent> {
        self.agents
            .iter_mut()
            .find(|(known, _)| *known == name)
            .map(|(_, agent)| agent)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.agents.clear();
        for name in ["net", "node"].into_iter().chain(HOSTS.iter().map(|(name, _)| *name)) {
            let _ = run(&["ip", "netns", "del", &self.name(name)], None);
        }
    }
}

/// What answers for the addresses of Services, where the node sends packets on as they are.
fn nobodys() -> Vec<String> {
    let mut all: Vec<String> = [80, 443, 53, 8080]
        .iter()
        .map(|port| format!("tcp/0.0.0.0:{port}"))
        .collect();
    for number in 0..9 {
        for network in ["172.20.7.1", "198.51.100.1", "198.51.100.11"] {
            for port in [80, 443, 53] {
                all.push(format!("udp/{network}{number}:{port}"));
            }
        }
    }
    all
}

/// Runs a program; its output, or what it says is wrong.
pub fn run(words: &[&str], input: Option<&str>) -> Result<String, String> {
    let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", words.join(" "));
    let (program, arguments) = words.split_first().ok_or("no program")?;
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| failed(&error))?;
    if let (Some(input), Some(mut stdin)) = (input, child.stdin.take()) {
        // A program that gives up early says why.
        let _ = stdin.write_all(input.as_bytes());
    }
    let output = child.wait_with_output().map_err(|error| failed(&error))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(failed(&String::from_utf8_lossy(&output.stderr)))
    }
}
