//! A packet on its way through a node's kernel, and what may be asked about it.

use std::net::IpAddr;

use crate::evidence::Evidence;

/// A new connection's first packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// Where it comes from.
    pub source: IpAddr,
    /// What stands in the source's place.
    pub seen: Source,
    /// Where it goes, as far as it was rewritten.
    pub destination: IpAddr,
    /// The port there.
    pub port: u16,
    /// Where it was sent to, and the port there.
    pub asked: (IpAddr, u16),
    /// `tcp`, `udp`, `sctp`.
    pub protocol: &'static str,
    /// `nfmark`
    pub mark: u32,
    /// `ctmark`
    pub connection_mark: u32,
    /// Whether its destination was rewritten.
    pub rewritten: bool,
    /// Whether connections are not tracked for it (`NOTRACK`), and so nothing is rewritten.
    pub untracked: bool,
    /// The interface by which it came.
    pub incoming: Interface,
    /// The interface by which it leaves.
    pub outgoing: Interface,
}

impl Packet {
    /// A packet that nobody touched.
    pub fn new(source: IpAddr, destination: IpAddr, port: u16, protocol: &'static str) -> Self {
        Self {
            source,
            seen: Source::Kept,
            destination,
            port,
            asked: (destination, port),
            protocol,
            mark: 0,
            connection_mark: 0,
            rewritten: false,
            untracked: false,
            incoming: Interface::None,
            outgoing: Interface::None,
        }
    }

    /// The source in its header now; `None` where that is an address that is not known.
    pub fn source_now(&self) -> Option<IpAddr> {
        match self.seen {
            Source::Kept => Some(self.source),
            Source::Told(address) => Some(address),
            Source::Interface | Source::Several => None,
        }
    }

    /// Gives it another destination.
    pub fn send_to(&mut self, address: Option<IpAddr>, port: Option<u16>) {
        self.destination = address.unwrap_or(self.destination);
        self.port = port.unwrap_or(self.port);
        self.rewritten = true;
    }

    /// The protocol's number (IANA, "Protocol Numbers").
    pub fn protocol_number(&self) -> i64 {
        match self.protocol {
            "tcp" => 6,
            "udp" => 17,
            "sctp" => 132,
            _ => 255,
        }
    }
}

/// What a receiver sees as the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// Who sent it.
    Kept,
    /// The address of the interface that it leaves by (`MASQUERADE`), which is not known.
    Interface,
    /// One of several.
    Several,
    /// This one.
    Told(IpAddr),
}

/// An interface of the node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Interface {
    /// There is none here: what the node sends comes in by none.
    None,
    /// Which one is not known.
    Unknown,
    /// This one.
    Named(String),
}

/// What is asked of the node to know whether a rule matches.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Question {
    /// Is this address one of the node's own?
    Local(IpAddr),
    /// Does the packet come in by an interface of this name?
    Incoming(String),
    /// Does the packet leave by an interface of this name?
    Outgoing(String),
    /// Is it in this set, by these of its parts?
    Set(String, String),
    /// Something else that the rules do not tell, in their words.
    Other(String),
}

/// Whether a rule is about a packet.
#[derive(Debug, Clone, PartialEq)]
pub enum Match {
    /// It is.
    Yes,
    /// It is not.
    No,
    /// As often as this.
    Sometimes(f64),
    /// It depends.
    Asks(Question),
}

impl Match {
    /// Of a known answer.
    pub fn of(is: bool) -> Self {
        if is { Self::Yes } else { Self::No }
    }

    /// The other answer, where it is negated.
    pub fn unless(self, negated: bool) -> Self {
        match self {
            Self::Yes if negated => Self::No,
            Self::No if negated => Self::Yes,
            Self::Sometimes(share) if negated => Self::Sometimes(1.0 - share),
            other => other,
        }
    }

    /// Both have to hold. A question is settled before chance.
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Asks(question), _) | (_, Self::Asks(question)) => Self::Asks(question),
            (Self::Sometimes(a), Self::Sometimes(b)) => Self::Sometimes(a * b),
            (Self::Sometimes(share), Self::Yes) | (Self::Yes, Self::Sometimes(share)) => Self::Sometimes(share),
            (Self::Yes, Self::Yes) => Self::Yes,
        }
    }
}

/// What is known of the node.
pub trait Host {
    /// Whether an address is one of its own; `None` where that is not known.
    fn is_local(&self, address: IpAddr) -> Option<bool>;
    /// What was assumed to be the answer to a question.
    fn assumed(&self, question: &Question) -> Option<bool>;
    /// Whether a packet is in a set of ipset by these of its parts (`src,dst`); `None` where the set was not pasted.
    fn in_set(&self, name: &str, by: &str, packet: &Packet) -> Option<bool>;

    /// The answer to a question, where one was assumed.
    fn settled(&self, question: Question) -> Match {
        match self.assumed(&question) {
            Some(answer) => Match::of(answer),
            None => Match::Asks(question),
        }
    }

    /// Whether an address is one of the node's own.
    fn local(&self, address: IpAddr) -> Match {
        match self.is_local(address) {
            Some(is) => Match::of(is),
            None => self.settled(Question::Local(address)),
        }
    }
}

/// Whether an interface is called so; where that is not known, the question is asked.
pub fn called(host: &dyn Host, interface: &Interface, is: impl Fn(&str) -> bool, question: Question) -> Match {
    match interface {
        Interface::None => Match::No,
        Interface::Named(name) => Match::of(is(name)),
        Interface::Unknown => host.settled(question),
    }
}

/// What a rule does with a packet, once it is about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// The next rule is asked.
    Next,
    /// No rule of this hook's chain is asked any more.
    Accept,
    /// The packet is gone, with what the rule says about it.
    Drop(String),
    /// The sender is told, with what the rule says about it.
    Reject(String),
    /// Back to the chain that called this one.
    Return,
    /// Another chain's rules are asked, then the next of this one.
    Jump(usize),
    /// Another chain's rules are asked, and no more of this one.
    Goto(usize),
    /// Something that was not pasted, or is not known, decides.
    Lost(String),
}

/// What a rule makes of a packet, one of the ways that it may go.
#[derive(Debug, Clone, PartialEq)]
pub struct Branch {
    /// How often, from 0 to 1.
    pub share: f64,
    /// As it goes on.
    pub packet: Packet,
    /// Where it goes on.
    pub action: Action,
    /// What the rule was read from; empty where it is not about the packet.
    pub hits: Vec<Evidence>,
}

/// What a rule makes of a packet.
#[derive(Debug, Clone, PartialEq)]
pub enum Evaluated {
    /// Nothing.
    Passed,
    /// It depends.
    Asks(Question),
    /// One of these.
    Branches(Vec<Branch>),
}

/// Where the kernel calls chains (`man nft`, "ADDRESS FAMILIES").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hook {
    /// What comes in.
    Prerouting,
    /// What is the node's own.
    Input,
    /// What goes through.
    Forward,
    /// What the node sends.
    Output,
    /// What leaves.
    Postrouting,
}

/// A chain that the kernel calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    /// Where.
    pub hook: Hook,
    /// Lower ones are called first.
    pub priority: i64,
    /// Whether it is called for a connection's first packet alone, until one of them rewrites it.
    pub nat: bool,
    /// The chain.
    pub chain: usize,
    /// Whether a packet that no rule decides about is dropped.
    pub drops: bool,
}

/// The rules of a packet filter, in one of the languages that there are.
pub trait Rules {
    /// The chains that the kernel calls.
    fn bases(&self) -> &[Base];
    /// How many rules a chain has.
    fn len(&self, chain: usize) -> usize;
    /// What one of its rules makes of a packet.
    fn evaluate(&self, chain: usize, rule: usize, packet: &Packet, host: &dyn Host) -> Evaluated;
    /// Where a chain is declared, with its policy.
    fn declared(&self, chain: usize) -> Option<Evidence>;
    /// Whether all of the rules were pasted.
    fn complete(&self) -> bool;
}
