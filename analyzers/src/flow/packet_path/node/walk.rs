//! A packet through a node's kernel: hook by hook, chain by chain, rule by rule, every way that it may take.

use std::cell::Cell;
use std::net::IpAddr;

use super::machine::{Machine, Seen};
use super::packet::{Action, Base, Branch, Evaluated, Hook, Interface, Known, Packet, Question, Rules, Source};
use super::routes::{Decision, Hop};
use crate::evidence::Evidence;
use crate::flow::packet_path::ipvs::{Answer, Ipvs};

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
    /// IPVS has a service for it, and no server.
    Unserved,
    /// A route that leads nowhere, or none.
    Unrouted(String),
    /// A chain that was not pasted decides, or something that is not known.
    Lost(String),
}

/// One way.
#[derive(Debug, Clone)]
pub struct Way {
    /// As it leaves.
    pub packet: Packet,
    /// How often, from 0 to 1.
    pub share: f64,
    /// What was assumed of the node.
    pub assumed: Vec<(Question, bool)>,
    /// The rules that matched.
    pub hits: Vec<Evidence>,
    /// How many of them until it was rewritten.
    pub decided: usize,
    /// What else a reader should know.
    pub notes: Vec<String>,
    /// How it ends.
    pub fate: Fate,
    /// Whether a virtual server rewrote it, and not a rule.
    pub by_ipvs: bool,
    /// The rule and the route by which it left, where the node's own addresses do not tell.
    pub routed: Option<Decision>,
    hop: Hop,
}

/// A node's kernel.
pub struct Kernel<'a> {
    /// Its packet filters.
    pub filters: Vec<Box<dyn Rules + 'a>>,
    /// Its virtual servers.
    pub ipvs: Option<Ipvs<'a>>,
    /// The node itself.
    pub machine: Machine<'a>,
}

/// More ways than a Service has endpoints, and deeper than any rule set calls: what goes on beyond is a loop that no kernel loads.
const MOST: usize = 20_000;
const DEEPEST: usize = 64;

/// So many answers are assumed, and so many rules are asked, before nothing more is followed.
const MOST_ASKED: usize = 4_000;
const MOST_RULES: usize = 50_000_000;

/// Where IPVS looks at what comes in (`NF_IP_PRI_NAT_SRC - 1`) and at what the node sends (`NF_IP_PRI_NAT_DST + 2`): `ip_vs_ops4` in the
/// kernel's `net/netfilter/ipvs/ip_vs_core.c`.
const IPVS_INPUT: i64 = 99;
const IPVS_OUTPUT: i64 = -98;

/// A way that is not at its end.
#[derive(Clone)]
struct Open {
    way: Way,
    /// The chains that it is in, and the next rule of each.
    frames: Vec<(usize, usize)>,
}

/// Walks the packets of a connection.
pub struct Walk<'w, 'a> {
    kernel: &'w Kernel<'a>,
    itself: Option<IpAddr>,
    /// How many ways there are, how often an answer was assumed, and how many rules were asked.
    ways: Cell<usize>,
    asked: Cell<usize>,
    rules: Cell<usize>,
}

/// Which of a hook's chains are called.
#[derive(Clone, Copy)]
struct Part {
    hook: Hook,
    from: i64,
    to: i64,
    /// Whether those that rewrite are: not once a connection has been through them.
    nat: bool,
}

impl Part {
    fn all(hook: Hook) -> Self {
        Self {
            hook,
            from: i64::MIN,
            to: i64::MAX,
            nat: true,
        }
    }

    fn before(self, to: i64) -> Self {
        Self { to, ..self }
    }

    fn after(self, from: i64) -> Self {
        Self { from, ..self }
    }

    fn tracked(self) -> Self {
        Self { nat: false, ..self }
    }
}

/// A packet that nobody has seen yet.
fn start(packet: &Packet, assumed: &[(Question, bool)]) -> Way {
    Way {
        packet: packet.clone(),
        share: 1.0,
        assumed: assumed.to_vec(),
        hits: Vec::new(),
        decided: 0,
        notes: Vec::new(),
        fate: Fate::Forwarded,
        by_ipvs: false,
        routed: None,
        hop: Hop::Unknown,
    }
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

fn goes_on(way: &Way) -> bool {
    way.fate == Fate::Forwarded
}

/// The ways that go on do one thing more; the others are at their end.
fn then(ways: Vec<Way>, next: impl Fn(Way) -> Vec<Way>) -> Vec<Way> {
    ways.into_iter()
        .flat_map(|way| if goes_on(&way) { next(way) } else { vec![way] })
        .collect()
}

impl<'w, 'a> Walk<'w, 'a> {
    /// `packet` is the connection's first.
    pub fn new(kernel: &'w Kernel<'a>, packet: &Packet) -> Self {
        let itself = (packet.source == packet.destination && kernel.machine.is_local(packet.source) != Some(false))
            .then_some(packet.source);
        Self {
            kernel,
            itself,
            ways: Cell::new(0),
            asked: Cell::new(0),
            rules: Cell::new(0),
        }
    }

    /// All ways of a packet that a node sends or receives. `assumed`: what was assumed of the node already.
    pub fn ways(&self, packet: &Packet, assumed: &[(Question, bool)]) -> Vec<Way> {
        self.settle(start(packet, assumed), packet.source)
            .into_iter()
            .flat_map(|(way, own)| if own { self.sent(way) } else { self.received(way) })
            .collect()
    }

    /// All ways of the answer to a packet. `own`: whether the node sends it itself.
    pub fn answers(&self, packet: &Packet, own: bool, assumed: &[(Question, bool)]) -> Vec<Way> {
        let start = start(packet, assumed);
        if own { self.sent(start) } else { self.received(start) }
    }

    /// How many rules were asked so far.
    pub fn asked(&self) -> usize {
        self.rules.get()
    }

    /// Whether it was too much to follow.
    fn is_too_much(&self) -> bool {
        self.ways.get() > MOST || self.asked.get() > MOST_ASKED || self.rules.get() > MOST_RULES
    }

    fn seen<'s>(&'s self, way: &'s Way) -> Seen<'s, 'a> {
        Seen {
            machine: &self.kernel.machine,
            assumed: &way.assumed,
            itself: self.itself,
        }
    }

    /// Whether an address is the node's own: one way where that is known, two where it is not.
    fn settle(&self, way: Way, address: IpAddr) -> Vec<(Way, bool)> {
        use super::packet::Host as _;
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

    /// What the node itself sends.
    fn sent(&self, mut way: Way) -> Vec<Way> {
        self.route(&mut way, true);
        let first = (way.packet.destination, way.packet.mark);
        let output = Part::all(Hook::Output);
        let ways = then(vec![way], |way| self.hook(output.before(IPVS_OUTPUT), way));
        let ways = then(ways, |way| {
            self.served(way)
                .into_iter()
                .flat_map(|(way, served)| {
                    let rest = if served {
                        output.tracked()
                    } else {
                        output.after(IPVS_OUTPUT)
                    };
                    then(vec![way], |way| self.hook(rest, way))
                })
                .collect()
        });
        then(ways, |mut way| {
            // `ip_route_me_harder`
            if (way.packet.destination, way.packet.mark) != first {
                self.route(&mut way, true);
            }
            let destination = way.packet.destination;
            self.settle(way, destination)
                .into_iter()
                .flat_map(|(mut way, here)| {
                    if !here {
                        return then(vec![way], |way| self.leave(way));
                    }
                    // Through the loopback interface, out and in again.
                    way.hop = Hop::Local;
                    way.packet.outgoing = Interface::Named("lo".to_owned());
                    let ways = self.leave(way);
                    let ways = then(ways, |mut way| {
                        way.packet.incoming = Interface::Named("lo".to_owned());
                        way.packet.outgoing = Interface::None;
                        self.hook(Part::all(Hook::Prerouting).tracked(), way)
                    });
                    then(ways, |way| self.deliver(Part::all(Hook::Input).tracked(), way))
                })
                .collect()
        })
    }

    /// What comes in from others.
    fn received(&self, mut way: Way) -> Vec<Way> {
        way.packet.incoming = self.kernel.machine.incoming(&way.packet);
        if let Interface::Named(name) = &way.packet.incoming {
            way.notes.push(format!(
                "It is taken to come in by `{name}`, to which the routes back to its source and the addresses of the node point."
            ));
        }
        let ways = self.hook(Part::all(Hook::Prerouting), way);
        then(ways, |way| {
            let destination = way.packet.destination;
            self.settle(way, destination)
                .into_iter()
                .flat_map(|(way, here)| {
                    // A rule before that of the node's own addresses may lead it elsewhere.
                    let elsewhere = || self.kernel.machine.decided_first(&way.packet, false).is_some();
                    if here && !elsewhere() {
                        self.own(way)
                    } else {
                        self.through(way)
                    }
                })
                .collect()
        })
    }

    /// What goes through.
    fn through(&self, mut way: Way) -> Vec<Way> {
        self.route(&mut way, false);
        let ways = then(vec![way], |way| self.hook(Part::all(Hook::Forward), way));
        then(ways, |way| self.leave(way))
    }

    /// What is for the node, or for one of its virtual servers.
    fn own(&self, way: Way) -> Vec<Way> {
        let input = Part::all(Hook::Input);
        let ways = self.hook(input.before(IPVS_INPUT), way);
        then(ways, |way| {
            self.served(way)
                .into_iter()
                .flat_map(|(mut way, served)| {
                    let destination = way.packet.destination;
                    if !served || !goes_on(&way) || self.kernel.machine.is_local(destination) == Some(true) {
                        return then(vec![way], |way| self.deliver(input.after(IPVS_INPUT), way));
                    }
                    self.route(&mut way, false);
                    let ways = then(vec![way], |mut way| {
                        way.packet.incoming = Interface::None;
                        self.hook(Part::all(Hook::Output).tracked(), way)
                    });
                    then(ways, |way| self.leave(way))
                })
                .collect()
        })
    }

    fn deliver(&self, part: Part, way: Way) -> Vec<Way> {
        let mut ways = self.hook(part, way);
        for way in &mut ways {
            if goes_on(way) {
                way.fate = Fate::Delivered;
            }
        }
        ways
    }

    fn leave(&self, mut way: Way) -> Vec<Way> {
        way.packet.incoming = Interface::None;
        self.hook(Part::all(Hook::Postrouting), way)
    }

    /// By which interface it leaves.
    fn route(&self, way: &mut Way, own: bool) {
        (way.hop, way.routed) = match self.kernel.machine.decide(&way.packet, own) {
            Ok(decision) => (decision.hop.clone(), Some(decision)),
            Err(hop) => (hop, None),
        };
        way.packet.outgoing = match &way.hop {
            Hop::By { interface, .. } => Interface::Named(interface.clone()),
            Hop::Local => Interface::Named("lo".to_owned()),
            Hop::Stopped(kind, evidence) => {
                way.hits.push(evidence.clone());
                way.fate = Fate::Unrouted(kind.clone());
                Interface::Unknown
            }
            Hop::Nowhere(evidence) => {
                way.hits.push(evidence.clone());
                way.fate = Fate::Unrouted(String::new());
                Interface::Unknown
            }
            Hop::Unknown => Interface::Unknown,
        };
    }

    /// What IPVS makes of it, and whether it does.
    fn served(&self, way: Way) -> Vec<(Way, bool)> {
        let ipvs = self.kernel.ipvs.as_ref().filter(|_| way.packet.known == Known::First);
        let answer = ipvs.and_then(|ipvs| ipvs.answer(&way.packet));
        match answer {
            None => vec![(way, false)],
            Some(Answer::Nobody(evidence)) => {
                let mut way = way;
                way.hits.extend(evidence);
                way.fate = Fate::Unserved;
                vec![(way, true)]
            }
            Some(Answer::Servers(servers)) => servers
                .into_iter()
                .map(|server| {
                    let mut one = way.clone();
                    one.share *= server.share;
                    one.by_ipvs = true;
                    one.packet.send_to(Some(server.address), Some(server.port));
                    one.hits.extend(server.hits);
                    one.decided = one.hits.len();
                    one.notes.extend(server.note);
                    (one, true)
                })
                .collect(),
        }
    }

    /// A hook's chains in the order in which the kernel calls them. A packet that is stopped in one does not see the next.
    fn hook(&self, part: Part, way: Way) -> Vec<Way> {
        let nat_at = match part.hook {
            Hook::Prerouting | Hook::Output => -100,
            _ => 100,
        };
        let mut bases: Vec<(i64, &Base, &dyn Rules)> = Vec::new();
        for filter in &self.kernel.filters {
            for base in filter.bases().iter().filter(|base| base.hook == part.hook) {
                // All that rewrite are called together (`nf_nat_inet_fn`), in the order of their own priorities.
                let at = if base.nat { nat_at } else { base.priority };
                let asked = !base.nat || part.nat && way.packet.known == Known::First;
                if at >= part.from && at < part.to && asked {
                    bases.push((at, base, filter.as_ref()));
                }
            }
        }
        bases.sort_by_key(|(at, base, _)| (*at, base.priority));
        let (rewritten, seen) = (way.packet.rewritten, way.packet.seen);
        let mut ways = vec![way];
        let mut put_back = part.from > nat_at || part.to <= nat_at;
        for (at, base, rules) in bases {
            if at >= nat_at && !put_back {
                put_back_all(part.hook, &mut ways);
                put_back = true;
            }
            ways = then(ways, |way| {
                let done = (way.packet.rewritten, way.packet.seen) != (rewritten, seen) || way.packet.untracked;
                if base.nat && done {
                    vec![way]
                } else {
                    self.chain(rules, base, way)
                }
            });
        }
        if !put_back {
            put_back_all(part.hook, &mut ways);
        }
        ways
    }

    fn chain(&self, rules: &dyn Rules, base: &Base, way: Way) -> Vec<Way> {
        let mut open = vec![Open {
            way,
            frames: vec![(base.chain, 0)],
        }];
        let mut ended = Vec::new();
        while let Some(mut one) = open.pop() {
            while !self.is_too_much() && self.step(rules, base, &mut one, &mut open) {}
            if self.is_too_much() {
                one.way.fate = Fate::Lost("a rule set with more ways than can be followed".to_owned());
            }
            ended.push(one.way);
        }
        ended
    }

    /// One rule. Returns whether the way goes on in this chain of the hook; what else may happen is added to `open`.
    fn step(&self, rules: &dyn Rules, base: &Base, one: &mut Open, open: &mut Vec<Open>) -> bool {
        let Some((chain, next)) = one.frames.last_mut() else {
            return false;
        };
        if *next >= rules.len(*chain) {
            return leave_chain(rules, base, one);
        }
        self.rules.set(self.rules.get() + 1);
        let found = rules.evaluate(*chain, *next, &one.way.packet, &self.seen(&one.way));
        match found {
            Evaluated::Passed => {
                *next += 1;
                true
            }
            Evaluated::Asks(question) if one.way.assumed.iter().any(|(known, _)| *known == question) => {
                // An answer does not help: what is asked for is no yes or no.
                one.way.fate = Fate::Lost(super::words(&question));
                false
            }
            Evaluated::Asks(question) => {
                // The same rule again, with an answer.
                self.asked.set(self.asked.get() + 1);
                let [(yes, _), (no, _)] = fork(&one.way, &question);
                open.push(Open {
                    way: no,
                    frames: one.frames.clone(),
                });
                one.way = yes;
                true
            }
            Evaluated::Branches(branches) => {
                *next += 1;
                let mut branches = branches.into_iter().filter(|branch| branch.share > 0.0);
                let Some(first) = branches.next() else { return true };
                for branch in branches {
                    self.ways.set(self.ways.get() + 1);
                    let mut other = one.clone();
                    if self.act(rules, base, branch, &mut other) {
                        open.push(other);
                    } else {
                        other.frames.clear();
                        open.push(other);
                    }
                }
                self.act(rules, base, first, one)
            }
        }
    }

    /// What a rule does with the packet. Returns whether the way goes on in this chain of the hook.
    fn act(&self, rules: &dyn Rules, base: &Base, branch: Branch, one: &mut Open) -> bool {
        let way = &mut one.way;
        way.share *= branch.share;
        let decides = branch.packet.rewritten && !way.packet.rewritten;
        way.packet = branch.packet;
        way.hits.extend(branch.hits);
        if decides {
            way.decided = way.hits.len();
        }
        if way.packet.seen == Source::Interface {
            way.packet.seen = self.kernel.machine.masquerade(&way.hop, way.packet.destination);
        }
        match branch.action {
            Action::Next => return true,
            Action::Accept => {}
            Action::Drop(comment) => way.fate = Fate::Dropped(comment),
            Action::Reject(comment) => way.fate = Fate::Rejected(comment),
            Action::Lost(what) => way.fate = Fate::Lost(what),
            Action::Return => return leave_chain(rules, base, one),
            Action::Jump(chain) | Action::Goto(chain) => {
                if one.frames.len() >= DEEPEST {
                    way.fate = Fate::Lost("chains that call each other".to_owned());
                    return false;
                }
                if matches!(branch.action, Action::Goto(_)) {
                    one.frames.pop();
                }
                one.frames.push((chain, 0));
                return true;
            }
        }
        false
    }
}

fn put_back_all(hook: Hook, ways: &mut [Way]) {
    for way in ways {
        rewrite(hook, way);
    }
}

/// What connection tracking rewrites without asking rules (`nf_nat_packet`): destinations where packets come in or are sent, sources where
/// they leave or are delivered.
fn rewrite(hook: Hook, way: &mut Way) {
    let packet = &mut way.packet;
    let (Known::Answer(rewrites) | Known::Later(rewrites)) = packet.known else {
        return;
    };
    if way.fate != Fate::Forwarded || packet.untracked {
        return;
    }
    match hook {
        Hook::Prerouting | Hook::Output => {
            if let Some((address, port)) = rewrites.to {
                packet.destination = address;
                packet.port = port.unwrap_or(packet.port);
            }
        }
        Hook::Postrouting | Hook::Input => packet.seen = rewrites.from.unwrap_or(packet.seen),
        Hook::Forward => {}
    }
}

/// Back to the chain that called this one. Out of the chain that the kernel calls, its policy decides. Returns whether the way goes on in
/// this chain of the hook.
fn leave_chain(rules: &dyn Rules, base: &Base, one: &mut Open) -> bool {
    one.frames.pop();
    if one.frames.is_empty() && base.drops {
        one.way.hits.extend(rules.declared(base.chain));
        one.way.fate = Fate::Dropped("the chain's policy".to_owned());
    }
    !one.frames.is_empty()
}
