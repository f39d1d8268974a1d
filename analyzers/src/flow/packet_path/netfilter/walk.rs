//! A packet through the chains: rule by rule, as the kernel asks them (`ipt_do_table`), every way that it may take.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use super::packet::{Host, Match, Packet, Question, matches, number};
use super::rules::{Rule, Ruleset};
use crate::evidence::Evidence;

/// What becomes of a packet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// It is sent on.
    Forwarded,
    /// It is the node's own.
    Delivered,
    /// `DROP`, with the rule's comment.
    Dropped(String),
    /// `REJECT`, with the rule's comment.
    Rejected(String),
    /// A chain that was not pasted decides.
    Lost(String),
}

/// What a receiver sees as the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// Who sent it.
    Kept,
    /// The address of the interface that it leaves by (`MASQUERADE`).
    Interface,
    /// The address that a rule says (`SNAT`).
    Told(IpAddr),
}

/// One way.
#[derive(Debug, Clone)]
pub struct Way {
    /// As it leaves.
    pub packet: Packet,
    /// How often, from 0 to 1.
    pub share: f64,
    /// What stands in the source's place.
    pub source: Source,
    /// What was assumed of the node.
    pub assumed: Vec<(Question, bool)>,
    /// The rules that matched.
    pub hits: Vec<Evidence>,
    /// How it ends.
    pub fate: Fate,
}

/// The node, as far as it is known.
#[derive(Debug, Clone, Default)]
pub struct Node {
    /// Its addresses.
    pub addresses: Vec<IpAddr>,
    /// What is known to be none of them.
    pub others: BTreeSet<IpAddr>,
}

/// What one way takes for granted.
struct Seen<'w> {
    node: &'w Node,
    assumed: &'w [(Question, bool)],
    /// Who sends to itself is at home.
    itself: Option<IpAddr>,
}

impl Host for Seen<'_> {
    fn is_local(&self, address: IpAddr) -> Option<bool> {
        if address.is_loopback() || self.node.addresses.contains(&address) || self.itself == Some(address) {
            return Some(true);
        }
        // An instance's interfaces have private addresses; the public ones are the Internet gateway's (Amazon VPC User Guide, "IP
        // addressing").
        let public = matches!(address, IpAddr::V4(address) if !is_private(address));
        (public || self.node.others.contains(&address) || !self.node.addresses.is_empty()).then_some(false)
    }

    fn assumed(&self, question: &Question) -> Option<bool> {
        self.assumed
            .iter()
            .find(|(known, _)| known == question)
            .map(|(_, answer)| *answer)
    }
}

/// RFC 1918 and RFC 6598, which both are used inside of VPCs.
fn is_private(address: Ipv4Addr) -> bool {
    address.is_private()
        || address.is_link_local()
        || matches!(address.octets(), [100, second, ..] if second & 0xC0 == 64)
}

/// More ways than a Service has endpoints, and deeper than any rule set calls: what goes on beyond is a loop that no kernel loads.
const MOST: usize = 20_000;
const DEEPEST: usize = 64;

/// A way that is not at its end.
#[derive(Clone)]
struct Open {
    way: Way,
    /// The chains that it is in, and the next rule of each.
    frames: Vec<(String, usize)>,
}

/// All ways of a packet that a node sends or receives.
pub fn ways(rules: &Ruleset<'_>, node: &Node, packet: &Packet) -> Vec<Way> {
    let start = Way {
        packet: packet.clone(),
        share: 1.0,
        source: Source::Kept,
        assumed: Vec::new(),
        hits: Vec::new(),
        fate: Fate::Forwarded,
    };
    let itself = (packet.source == packet.destination).then_some(packet.source);
    let walk = Walk { rules, node, itself };
    let mut all = Vec::new();
    for (way, own) in walk.settle(start, packet.source) {
        let first: &[(&str, &str)] = if own {
            &[
                ("raw", "OUTPUT"),
                ("mangle", "OUTPUT"),
                ("nat", "OUTPUT"),
                ("filter", "OUTPUT"),
            ]
        } else {
            &[("raw", "PREROUTING"), ("mangle", "PREROUTING"), ("nat", "PREROUTING")]
        };
        for way in walk.hooks(way, first) {
            if way.fate != Fate::Forwarded {
                all.push(way);
                continue;
            }
            let destination = way.packet.destination;
            for (mut way, here) in walk.settle(way, destination) {
                let rest: &[(&str, &str)] = match (here, own) {
                    (true, _) => &[("mangle", "INPUT"), ("filter", "INPUT")],
                    (false, true) => &[("mangle", "POSTROUTING"), ("nat", "POSTROUTING")],
                    (false, false) => &[
                        ("mangle", "FORWARD"),
                        ("filter", "FORWARD"),
                        ("mangle", "POSTROUTING"),
                        ("nat", "POSTROUTING"),
                    ],
                };
                if here {
                    way.fate = Fate::Delivered;
                }
                all.extend(walk.hooks(way, rest));
            }
        }
    }
    all
}

struct Walk<'w, 'a> {
    rules: &'w Ruleset<'a>,
    node: &'w Node,
    itself: Option<IpAddr>,
}

/// Both answers to a question, as two ways.
fn fork(way: &Way, question: &Question) -> [(Way, bool); 2] {
    [true, false].map(|answer| {
        let mut one = way.clone();
        one.share /= 2.0;
        one.assumed.push((question.clone(), answer));
        (one, answer)
    })
}

impl Walk<'_, '_> {
    fn seen<'s>(&'s self, way: &'s Way) -> Seen<'s> {
        Seen {
            node: self.node,
            assumed: &way.assumed,
            itself: self.itself,
        }
    }

    /// Whether an address is the node's own: one way where that is known, two where it is not.
    fn settle(&self, way: Way, address: IpAddr) -> Vec<(Way, bool)> {
        let question = Question::Local(address);
        let seen = self.seen(&way);
        let known = seen
            .is_local(address)
            .or_else(|| seen.assumed(&question))
            // What the rules lead to is a pod, which has an address of its own.
            .or((way.packet.rewritten && address == way.packet.destination).then_some(false));
        match known {
            Some(answer) => vec![(way, answer)],
            None => fork(&way, &question).into(),
        }
    }

    /// The kernel's hooks in order. A packet that is stopped in one does not see the next.
    fn hooks(&self, way: Way, hooks: &[(&str, &str)]) -> Vec<Way> {
        let mut ways = vec![way];
        for (table, chain) in hooks {
            let (go_on, ended): (Vec<Way>, Vec<Way>) = ways
                .into_iter()
                .partition(|way| matches!(way.fate, Fate::Forwarded | Fate::Delivered));
            ways = ended;
            for way in go_on {
                ways.extend(self.hook(table, chain, way));
            }
        }
        ways
    }

    fn hook(&self, table: &str, chain: &str, way: Way) -> Vec<Way> {
        let mut open = vec![Open {
            way,
            frames: vec![(chain.to_owned(), 0)],
        }];
        let mut ended = Vec::new();
        while let Some(mut one) = open.pop() {
            if self.step(table, &mut one, &mut open) {
                open.push(one);
            } else {
                ended.push(one.way);
            }
            if open.len() + ended.len() > MOST {
                break;
            }
        }
        ended
    }

    /// One rule. Returns whether the way goes on in this table; what else may happen is added to `open`.
    fn step(&self, table: &str, one: &mut Open, open: &mut Vec<Open>) -> bool {
        let Some((name, next)) = one.frames.last_mut() else {
            return false;
        };
        let chain = self.rules.chain(table, name);
        let Some(rule) = chain.and_then(|chain| chain.rules.get(*next)) else {
            let policy = chain.and_then(|chain| chain.policy);
            one.frames.pop();
            if one.frames.is_empty() && policy == Some("DROP") {
                one.way.fate = Fate::Dropped("the chain's policy".to_owned());
            }
            return !one.frames.is_empty();
        };
        *next += 1;
        let found = matches(rule.value(), &one.way.packet, &self.seen(&one.way));
        match found {
            Match::No => return true,
            Match::Yes => {}
            Match::Sometimes(share) => {
                let mut other = one.clone();
                other.way.share *= 1.0 - share;
                if other.way.share > 0.0 {
                    open.push(other);
                }
                one.way.share *= share;
            }
            Match::Asks(question) => {
                // The same rule again, with an answer.
                *next -= 1;
                for (way, _) in fork(&one.way, &question) {
                    open.push(Open {
                        way,
                        frames: one.frames.clone(),
                    });
                }
                // The ways that go on are the two.
                let Some(last) = open.pop() else { return false };
                *one = last;
                return true;
            }
        }
        one.way.hits.push(rule.evidence());
        self.act(table, rule, one)
    }

    /// What a rule's target does. Returns whether the way goes on in this table.
    fn act(&self, table: &str, rule: &Rule<'_>, one: &mut Open) -> bool {
        let Some((target, goes)) = rule.target() else {
            return true;
        };
        let way = &mut one.way;
        match target {
            "ACCEPT" => return false,
            "DROP" => {
                way.fate = Fate::Dropped(rule.comment().to_owned());
                return false;
            }
            "REJECT" => {
                way.fate = Fate::Rejected(rule.comment().to_owned());
                return false;
            }
            "RETURN" => {
                one.frames.pop();
                return !one.frames.is_empty();
            }
            "MARK" => {
                way.packet.mark = marked(rule, way.packet.mark);
                return true;
            }
            "DNAT" => {
                match rule.option("to-destination").and_then(|to| end(to, way.packet.port)) {
                    Some((address, port)) => {
                        way.packet.destination = address.unwrap_or(way.packet.destination);
                        way.packet.port = port;
                        way.packet.rewritten = true;
                    }
                    None => way.fate = Fate::Lost("DNAT".to_owned()),
                }
                return false;
            }
            "MASQUERADE" => {
                way.source = Source::Interface;
                return false;
            }
            "SNAT" => {
                way.source = rule
                    .option("to-source")
                    .and_then(|to| end(to, 0)?.0)
                    .map_or(Source::Interface, Source::Told);
                return false;
            }
            // They say something and do nothing to a new connection's way.
            "LOG" | "NFLOG" | "TRACE" | "CT" | "NOTRACK" | "CONNMARK" | "CHECKSUM" | "TCPMSS" | "SET" => return true,
            _ => {}
        }
        if self.rules.chain(table, target).is_none() || one.frames.len() >= DEEPEST {
            way.fate = Fate::Lost(target.to_owned());
            return false;
        }
        if goes {
            one.frames.pop();
        }
        one.frames.push((target.to_owned(), 0));
        true
    }
}

/// `MARK`'s options (iptables-extensions(8)).
fn marked(rule: &Rule<'_>, mark: u32) -> u32 {
    let parts = |text: &str| {
        let (value, mask) = text
            .split_once('/')
            .map_or((text, None), |(value, mask)| (value, Some(mask)));
        Some((number(value)?, mask.map_or(Some(u32::MAX), number)?))
    };
    if let Some((value, mask)) = rule.option("set-xmark").and_then(parts) {
        (mark & !mask) ^ value
    } else if let Some((value, mask)) = rule.option("set-mark").and_then(parts) {
        (mark & !mask) | value
    } else if let Some(value) = rule.option("or-mark").and_then(number) {
        mark | value
    } else if let Some(value) = rule.option("and-mark").and_then(number) {
        mark & value
    } else if let Some(value) = rule.option("xor-mark").and_then(number) {
        mark ^ value
    } else {
        mark
    }
}

/// `10.0.0.1:80`, `10.0.0.1`, `[fd00::1]:80`, `:80`; `None` for ranges, of which the kernel chooses.
fn end(text: &str, port: u16) -> Option<(Option<IpAddr>, u16)> {
    if let Ok(socket) = text.parse::<std::net::SocketAddr>() {
        return Some((Some(socket.ip()), socket.port()));
    }
    if let Ok(address) = text.trim_matches(['[', ']']).parse() {
        return Some((Some(address), port));
    }
    Some((None, text.strip_prefix(':')?.parse().ok()?))
}
