//! What Whypath says of a node's packet filter, against the Linux kernel: rule sets as kube-proxy and the Amazon VPC CNI write them, made
//! up by chance and loaded into a network namespace, real connections through it, and the paths that are computed from what the tools
//! print there. Whoever answers must be one of the predicted ends and have seen the predicted source; what is refused or dropped must be
//! predicted so, on the way there or on the way back. All of it in IPv4 and in IPv6.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use whypath_analyzers::flow::packet_path::{self, Endpoint, Protocol, Query};
use whypath_analyzers::flow::{Flow, Outcome, Reason, Verdict};
use whypath_analyzers::{Analysis, Input, analysis};
use whypath_tests::printed::missing;

#[path = "netfilter_kernel/agent.rs"]
mod agent;
#[path = "netfilter_kernel/iptables.rs"]
mod iptables;
#[path = "netfilter_kernel/nft.rs"]
mod nft;
#[path = "netfilter_kernel/services.rs"]
mod services;
#[path = "netfilter_kernel/six.rs"]
mod six;
#[path = "netfilter_kernel/world.rs"]
mod world;

use iptables::{Age, Tables};
use services::{Numbers, Service, services};
use six::Family;
use world::{HOSTS, LOOPBACK_PORT, NODE, NODE_PORT, SECOND, World, run};

/// How rules get into the kernel.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Backend {
    /// `iptables-legacy-restore`
    Legacy,
    /// `iptables-nft-restore`
    Nft,
    /// kube-proxy's own tables by `nft -f`, the others by `iptables-nft-restore`.
    Native,
}

impl Backend {
    fn name(self) -> &'static str {
        match self {
            Self::Legacy => "iptables-legacy",
            Self::Nft => "iptables-nft",
            Self::Native => "nft",
        }
    }

    /// The program that loads iptables' rules.
    fn restore(self) -> &'static str {
        match self {
            Self::Legacy => "iptables-legacy-restore",
            Self::Nft | Self::Native => "iptables-nft-restore",
        }
    }

    fn save(self) -> &'static str {
        match self {
            Self::Legacy => "iptables-legacy-save",
            Self::Nft | Self::Native => "iptables-nft-save",
        }
    }
}

/// Rule sets of each kind, and flows through each. `WHYPATH_KERNEL_SEED` makes others of them, `WHYPATH_KERNEL_SETS` as many.
const SETS: u64 = 7;
const FLOWS: usize = 30;
/// Connections of each flow: several, because of chance.
const CONNECTIONS: usize = 4;
/// How long nobody answers before that counts as silence, and how long when that is a surprise.
const WAIT: u64 = 700;
const WAIT_AGAIN: u64 = 4000;

fn main() -> ExitCode {
    if let Ok(words) = std::env::var(agent::VARIABLE) {
        agent::run(&words);
        return ExitCode::SUCCESS;
    }
    let arguments = Arguments::from_args();
    let lacks = missing(&[("ip", "-V"), ("sysctl", "-V"), ("ss", "-V")]);
    let mut trials = Vec::new();
    for (family, version) in [(Family::Four, "IPv4"), (Family::Six, "IPv6")] {
        for (backend, tools) in [
            (Backend::Legacy, vec![("iptables-legacy", "-V")]),
            (Backend::Nft, vec![("iptables-nft", "-V")]),
            (Backend::Native, vec![("iptables-nft", "-V"), ("nft", "-v")]),
        ] {
            let lacks = lacks
                .clone()
                .or_else(|| missing(&tools))
                .or_else(|| refuses(backend, family));
            if let Some(why) = &lacks {
                println!("skipped, {} {version}: {why}", backend.name());
            }
            let name = format!("flows of {version} through {}", backend.name());
            let trial = Trial::test(name, move || flows(backend, family));
            trials.push(trial.with_ignored_flag(lacks.is_some()));
        }
    }
    // Its answers are tested on outputs written by hand (`flow/packet_path/ipvs/tests.rs`).
    println!(
        "skipped, IPVS: {}",
        no_ipvs().unwrap_or_else(|| "no flows through it are made up yet".to_owned())
    );
    trials.push(Trial::test("flows through IPVS", || Ok(())).with_ignored_flag(true));
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// Why the kernel does not take such rules, where it does not.
fn refuses(backend: Backend, family: Family) -> Option<String> {
    let name = format!("wp{}-can", std::process::id());
    run(&["ip", "netns", "add", &name], None).err().or_else(|| {
        let rules = "*nat\n-A POSTROUTING -m statistic --mode random --probability 0.5 -m recent --rcheck --name X -j MASQUERADE --random-fully\nCOMMIT\n";
        let restore = family.program(backend.restore());
        let mut why = run(&["ip", "netns", "exec", &name, &restore], Some(rules)).err();
        if backend == Backend::Native && why.is_none() {
            let rules = family.text("table ip t {\nchain c { type nat hook output priority -100; fib daddr type local numgen random mod 2 vmap { 0 : accept }; }\n}\n");
            why = run(&["ip", "netns", "exec", &name, "nft", "-f", "-"], Some(&rules)).err();
        }
        let _ = run(&["ip", "netns", "del", &name], None);
        why
    })
}

/// Why IPVS cannot be asked here.
fn no_ipvs() -> Option<String> {
    let error = run(&["ipvsadm", "-Ln"], None).err()?;
    Some(error.lines().last().unwrap_or_default().to_owned())
}

/// A packet that is sent, and what is known of who sends.
struct Asked {
    from: &'static str,
    source: IpAddr,
    protocol: &'static str,
    to: SocketAddr,
}

/// What became of one connection.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Happened {
    /// Who answered, at which address, and whom it saw.
    Answered(String, SocketAddr, IpAddr),
    Refused,
    /// After it was there.
    Cut,
    Silent,
    Failed(String),
}

#[derive(Default)]
struct Counts {
    flows: usize,
    connections: usize,
    unknown: usize,
    answered: usize,
    rewritten: usize,
    masqueraded: usize,
    refused: usize,
    silent: usize,
    by_chance: usize,
    back: usize,
}

fn flows(backend: Backend, family: Family) -> Result<(), Failed> {
    let kind = format!("{}-{}", backend.name(), if family == Family::Six { 6 } else { 4 });
    let mut world = World::build(&kind, family)?;
    let wish = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let sets = wish("WHYPATH_KERNEL_SETS").unwrap_or(SETS);
    let mut numbers =
        Numbers(wish("WHYPATH_KERNEL_SEED").unwrap_or(1) * 0x5eed_0001 + (backend as u64 * 2 + family as u64) * 7919);
    let mut counts = Counts::default();
    let mut faults = Vec::new();
    for set in 0..sets {
        let services = services(&mut numbers, 9);
        let stateful = load(&world, (backend, family), &services, &mut numbers)?;
        let printed = printed(&world, (backend, family))?;
        let analysis = analysis::read(
            vec![Input {
                name: "node".to_owned(),
                bytes: printed.clone().into_bytes(),
            }],
            &mut |_| {},
        );
        let asked: Vec<Asked> = (0..FLOWS).map(|_| ask(&mut numbers, &services, family)).collect();
        let all: Vec<usize> = (0..asked.len()).collect();
        let mut happened = send(&mut world, &asked, &all, WAIT)?;
        let said: Vec<Flow> = asked.iter().map(|asked| say(&analysis, asked)).collect();
        // A busy machine answers late: what surprises is sent again, with more patience.
        let surprising: Vec<usize> = all
            .iter()
            .copied()
            .filter(|at| disagrees(&said[*at], &happened[at], stateful).is_some())
            .collect();
        if !surprising.is_empty() {
            happened.extend(send(&mut world, &asked, &surprising, WAIT_AGAIN)?);
        }
        for at in all {
            counts.add(&said[at], &happened[&at]);
            let asked = &asked[at];
            let flow = || {
                format!(
                    "{set}: {} {} ({}) → {}",
                    asked.protocol, asked.from, asked.source, asked.to
                )
            };
            if is_open(&said[at]) {
                println!("unknown, {kind} {}: {:?}", flow(), said[at].next);
            }
            if let Some(why) = disagrees(&said[at], &happened[&at], stateful) {
                faults.push(format!("{}\n  {why}", flow()));
                if let Some(folder) = std::env::var_os("WHYPATH_KERNEL_DUMPS") {
                    let file = format!("{kind}-{set}.txt");
                    std::fs::write(std::path::Path::new(&folder).join(file), &printed)?;
                }
            }
        }
    }
    println!("{kind}: {}", counts.words());
    if faults.is_empty() {
        counts.enough()
    } else {
        Err(format!("{} of {} flows:\n{}", faults.len(), counts.flows, faults.join("\n")).into())
    }
}

impl Counts {
    fn add(&mut self, said: &Flow, happened: &[Happened]) {
        self.flows += 1;
        self.connections += happened.len();
        self.unknown += usize::from(is_open(said));
        let has = |is: fn(&Happened) -> bool| usize::from(happened.iter().any(is));
        self.answered += has(|one| matches!(one, Happened::Answered(..)));
        self.refused += has(|one| matches!(one, Happened::Refused));
        self.silent += has(|one| matches!(one, Happened::Silent));
        let stops_back = |outcome: &Outcome| {
            outcome
                .back
                .as_ref()
                .is_some_and(|back| back.verdict == Verdict::Blocked)
        };
        self.back += usize::from(said.outcomes.iter().any(stops_back));
        self.masqueraded += usize::from(said.outcomes.iter().any(|outcome| outcome.snat));
        self.by_chance += usize::from(said.outcomes.len() > 1);
        let rewritten = |outcome: &Outcome| {
            outcome
                .steps
                .first()
                .is_some_and(|step| step.action.starts_with("the rules send"))
        };
        self.rewritten += usize::from(said.outcomes.iter().any(rewritten));
    }

    fn words(&self) -> String {
        let mut text = format!(
            "{} flows, {} connections, {} unknown: ",
            self.flows, self.connections, self.unknown
        );
        let _ = write!(
            text,
            "{} answered, {} refused, {} silent; {} rewritten, {} with another source, {} by chance, {} stopped on the way back",
            self.answered, self.refused, self.silent, self.rewritten, self.masqueraded, self.by_chance, self.back
        );
        text
    }

    /// A test in which nothing happens proves nothing.
    fn enough(&self) -> Result<(), Failed> {
        let tenth = self.flows / 10;
        let seldom = self.answered < 2 * tenth
            || self.refused < tenth / 2
            || self.silent < tenth / 2
            || self.masqueraded < tenth
            || self.back < tenth / 4;
        if seldom || self.unknown > tenth * 3 / 2 {
            return Err(format!("too little is told: {}", self.words()).into());
        }
        Ok(())
    }
}

/// Loads rules. Returns whether they let through before all else what belongs to a connection.
fn load(
    world: &World,
    (backend, family): (Backend, Family),
    services: &[Service],
    numbers: &mut Numbers,
) -> Result<bool, String> {
    // Whether somebody lets answers through before all else.
    let stateful = numbers.chance(55);
    let restore = family.program(backend.restore());
    let mut tables = if backend == Backend::Native {
        Tables::default()
    } else {
        let age = if numbers.chance(30) { Age::Old } else { Age::New };
        iptables::kube_proxy(services, age, numbers.chance(70), stateful)
    };
    if numbers.chance(75) {
        iptables::vpc_cni(&mut tables, numbers);
    }
    iptables::firewall(&mut tables, numbers, stateful);
    if family == Family::Six {
        tables.let_neighbours_in();
    }
    for table in ["filter", "nat", "mangle"] {
        let tool = restore.as_str();
        world
            .run_at(
                "node",
                &[tool],
                Some(&format!("*{table}\n:PREROUTING ACCEPT\n:INPUT ACCEPT\nCOMMIT\n")),
            )
            .or_else(|_| {
                // `filter` has no PREROUTING.
                world.run_at(
                    "node",
                    &[tool],
                    Some(&format!(
                        "*{table}\n:INPUT ACCEPT\n:FORWARD ACCEPT\n:OUTPUT ACCEPT\nCOMMIT\n"
                    )),
                )
            })?;
    }
    if backend == Backend::Native {
        world.run_at("node", &["nft", "flush", "ruleset"], None)?;
        world.run_at(
            "node",
            &["nft", "-f", "-"],
            Some(&family.text(&nft::kube_proxy(services))),
        )?;
        if numbers.chance(70) {
            world.run_at(
                "node",
                &["nft", "-f", "-"],
                Some(&family.text(&nft::firewall(numbers, stateful))),
            )?;
        }
    }
    world
        .run_at("node", &[&restore], Some(&family.text(&tables.text())))
        .map(|_| stateful)
}

/// What the tools print of the node.
fn printed(world: &World, (backend, family): (Backend, Family)) -> Result<String, String> {
    let mut text = String::new();
    let save = family.program(backend.save());
    let mut commands = vec![("ip addr", vec!["ip", "addr"])];
    commands.extend(match family {
        Family::Four => [
            ("iptables-save", vec![save.as_str()]),
            ("ip route show table all", vec!["ip", "route", "show", "table", "all"]),
            ("ip rule", vec!["ip", "rule"]),
        ],
        Family::Six => [
            ("ip6tables-save", vec![save.as_str()]),
            (
                "ip -6 route show table all",
                vec!["ip", "-6", "route", "show", "table", "all"],
            ),
            ("ip -6 rule", vec!["ip", "-6", "rule"]),
        ],
    });
    commands.extend([("ss -ltnp", vec!["ss", "-ltnp"]), ("ss -lunp", vec!["ss", "-lunp"])]);
    if backend == Backend::Native {
        commands.push(("nft list ruleset", vec!["nft", "list", "ruleset"]));
    }
    for (typed, words) in commands {
        let _ = writeln!(
            text,
            "[root@ip-10-99-0-10 ~]# {typed}\n{}",
            world.run_at("node", &words, None)?
        );
    }
    Ok(text)
}

/// Somebody who sends, and where to.
fn ask(numbers: &mut Numbers, services: &[Service], family: Family) -> Asked {
    let from = *numbers.one(&[
        "pod1", "pod2", "pod3", "node", "node", "peer", "client", "client", "far1",
    ]);
    let service = numbers.one(services);
    let mut protocol = service.protocol;
    let end = |address: Ipv4Addr, port: u16| SocketAddr::from((address, port));
    let node = if from == "node" {
        // The loopback address leads nowhere else in IPv6.
        let own = if family == Family::Six {
            NODE
        } else {
            Ipv4Addr::LOCALHOST
        };
        *numbers.one(&[NODE, own, SECOND])
    } else {
        *numbers.one(&[NODE, NODE, SECOND])
    };
    let pick = numbers.below(100);
    let to = match pick {
        0..25 => end(service.cluster_ip, service.port),
        25..45 => end(node, service.node_port.unwrap_or(30_079)),
        45..57 => end(service.external_ip.unwrap_or(service.cluster_ip), service.port),
        57..72 => end(service.balancer_ip.unwrap_or(service.cluster_ip), service.port),
        72..75 => {
            protocol = "tcp";
            end(service.cluster_ip, 8080)
        }
        75..84 => {
            let (_, address) = *numbers.one(&HOSTS[..5]);
            end(address, 8080)
        }
        84..91 => end(node, NODE_PORT),
        91..93 => end(node, LOOPBACK_PORT),
        _ => {
            let (_, address) = *numbers.one(&HOSTS[5..]);
            end(address, 8443)
        }
    };
    if to.port() == NODE_PORT {
        // The socket for UDP has one address, so that it answers from it.
        protocol = "tcp";
    }
    // What is sent to oneself never leaves, and of what others send to each other the node would see the questions alone.
    let is_outside = |name: &str| name != "node" && !name.starts_with("pod");
    if HOSTS.iter().any(|(name, address)| {
        IpAddr::from(*address) == to.ip() && (*name == from || is_outside(name) && is_outside(from))
    }) {
        return ask(numbers, services, family);
    }
    let IpAddr::V4(address) = to.ip() else {
        unreachable!("all are of IPv4")
    };
    // Where nobody may be behind an address, a program of the VPC's answers TCP.
    if address.octets()[0] == 198 || address.octets()[0] == 172 && to.port() == 8080 {
        let known = services.iter().any(|service| {
            service.protocol == protocol
                && service.port == to.port()
                && (service.cluster_ip == address
                    || service.external_ip == Some(address)
                    || service.balancer_ip == Some(address))
        });
        if !known {
            protocol = "tcp";
        }
    }
    let source = match (from, address) {
        ("node", address) if address.is_loopback() || address == NODE || address == SECOND => address,
        ("node", _) => NODE,
        _ => HOSTS
            .iter()
            .find(|(name, _)| *name == from)
            .map_or(NODE, |(_, address)| *address),
    };
    Asked {
        from,
        source: family.address(source),
        protocol,
        to: family.socket(to),
    }
}

/// Sends the packets of some flows, all at once, and waits for what becomes of them.
fn send(
    world: &mut World,
    asked: &[Asked],
    which: &[usize],
    wait: u64,
) -> Result<BTreeMap<usize, Vec<Happened>>, Failed> {
    let mut waiting: BTreeMap<&str, usize> = BTreeMap::new();
    for at in which {
        let one = &asked[*at];
        let agent = world.agent(one.from).ok_or("an agent")?;
        for _ in 0..CONNECTIONS {
            agent.send(*at, one.protocol, one.to, wait)?;
            *waiting.entry(one.from).or_default() += 1;
        }
    }
    let mut all: BTreeMap<usize, Vec<Happened>> = BTreeMap::new();
    for (name, count) in waiting {
        let agent = world.agent(name).ok_or("an agent")?;
        for _ in 0..count {
            let line = agent.line()?;
            let (id, said) = line.split_once(' ').ok_or_else(|| format!("{name} says {line:?}"))?;
            all.entry(id.parse()?).or_default().push(happened(said)?);
        }
    }
    Ok(all)
}

fn happened(said: &str) -> Result<Happened, Failed> {
    let words: Vec<&str> = said.split(' ').collect();
    Ok(match words.as_slice() {
        ["ok", name, local, peer] => {
            let peer: SocketAddr = peer.parse()?;
            Happened::Answered((*name).to_owned(), local.parse()?, peer.ip())
        }
        ["refused"] => Happened::Refused,
        ["cut"] => Happened::Cut,
        ["silent"] => Happened::Silent,
        _ => Happened::Failed(said.to_owned()),
    })
}

fn say(analysis: &Analysis, asked: &Asked) -> Flow {
    let query = Query {
        from: Endpoint::Ip {
            address: asked.source,
            port: None,
        },
        to: Endpoint::Ip {
            address: asked.to.ip(),
            port: Some(asked.to.port()),
        },
        protocol: if asked.protocol == "tcp" {
            Protocol::Tcp
        } else {
            Protocol::Udp
        },
        at: Some("ip-10-99-0-10".to_owned()),
    };
    packet_path::compute(&analysis.model(), &query)
}

/// Whether something would have to be pasted to know what the rules do.
fn is_open(flow: &Flow) -> bool {
    let untold = |outcome: &Outcome| {
        outcome
            .steps
            .first()
            .is_none_or(|step| step.verdict == Verdict::Unknown)
            || outcome.verdict != Verdict::Blocked && outcome.source_seen.is_none()
            || outcome
                .back
                .as_ref()
                .is_some_and(|back| back.verdict == Verdict::Unknown)
    };
    !flow.next.is_empty() || flow.outcomes.is_empty() || flow.outcomes.iter().any(untold)
}

/// Whether a way stops on its way back: `None` where that is not told.
fn stops_back(outcome: &Outcome) -> Option<bool> {
    match outcome.back.as_ref().map(|back| back.verdict) {
        Some(Verdict::Unknown) => None,
        verdict => Some(verdict == Some(Verdict::Blocked)),
    }
}

/// What happened that was not said. Where rules ask about all packets of a connection, they may also drop a refusal, and then nobody
/// hears of it.
fn disagrees(said: &Flow, happened: &[Happened], stateful: bool) -> Option<String> {
    let predicted = |one: &Happened| {
        said.outcomes.iter().any(|outcome| match (one, stops_back(outcome)) {
            (Happened::Answered(name, local, peer), Some(false) | None) => {
                let end = outcome.ends_at.as_deref();
                outcome.verdict != Verdict::Blocked
                    && (end == Some(&local.to_string()) || end == Some("local") && name == "node")
                    && outcome
                        .source_seen
                        .as_ref()
                        .is_none_or(|source| *source == peer.to_string())
            }
            (Happened::Refused, Some(false)) => {
                matches!(
                    outcome.reason,
                    Some(Reason::Reject | Reason::NoEndpoints | Reason::NotListening)
                )
            }
            (Happened::Silent, Some(false)) if !stateful && outcome.verdict == Verdict::Blocked => true,
            (Happened::Silent, Some(false)) => matches!(
                outcome.reason,
                Some(Reason::Drop | Reason::NoLocalEndpoint | Reason::CidrNotAllowed)
            ),
            (Happened::Silent | Happened::Cut, Some(true) | None) => true,
            _ => false,
        })
    };
    let surprise = happened.iter().find(|one| !predicted(one))?;
    let told: Vec<String> = said
        .outcomes
        .iter()
        .map(|outcome| {
            let step = outcome.steps.first();
            format!(
                "{:?} {:?} {:?} ({}; back {:?})",
                outcome.verdict,
                outcome.ends_at.as_deref().or(outcome.reason.map(Reason::code)),
                outcome.source_seen,
                step.map_or("", |step| step.action.as_str()),
                outcome
                    .back
                    .as_ref()
                    .map(|back| (back.verdict, back.steps.last().map(|step| step.action.as_str())))
            )
        })
        .collect();
    Some(format!("{surprise:?}, but said was: {}", told.join("; ")))
}
