//! A packet on its way through a node's kernel, and what may be asked about it.

use std::net::IpAddr;

use crate::evidence::Evidence;

/// A packet of a connection: its first, the answer to that, or what its sender sends then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// Where it comes from.
    pub source: IpAddr,
    /// What stands in the source's place.
    pub seen: Source,
    /// Where it goes, as far as it was rewritten.
    pub destination: IpAddr,
    /// The server's port: where it goes or, of an answer, where it comes from.
    pub port: u16,
    /// Where the connection's first packet was sent to, and the port there.
    pub asked: (IpAddr, u16),
    /// Who sent the connection's first packet.
    pub client: IpAddr,
    /// What connection tracking knows of it.
    pub known: Known,
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
            client: source,
            known: Known::First,
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

    /// The answer to it, as the one who gets it sends it.
    pub fn answer(&self) -> Self {
        let (dnat, snat) = (self.rewritten, self.seen != Source::Kept);
        let back = Rewrites {
            to: snat.then_some((self.client, None)),
            from: dnat.then_some(Source::Told(self.asked.0)),
            dnat,
            snat,
        };
        Self {
            source: self.destination,
            seen: Source::Kept,
            destination: self.source_now().unwrap_or(self.client),
            known: if self.untracked {
                Known::Nothing
            } else {
                Known::Answer(back)
            },
            mark: 0,
            rewritten: false,
            untracked: false,
            incoming: Interface::None,
            outgoing: Interface::None,
            ..self.clone()
        }
    }

    /// What the sender of the first packet sends once the answer is there. `arrived`: the first packet, as it arrived; `mark`: the mark of
    /// the connection.
    pub fn later(&self, arrived: &Self, mark: u32) -> Self {
        let (dnat, snat) = (arrived.rewritten, arrived.seen != Source::Kept);
        let again = Rewrites {
            to: dnat.then_some((arrived.destination, Some(arrived.port))),
            from: snat.then_some(arrived.seen),
            dnat,
            snat,
        };
        Self {
            known: if arrived.untracked {
                Known::Nothing
            } else {
                Known::Later(again)
            },
            connection_mark: mark,
            ..self.clone()
        }
    }

    /// Whether its connection's destination was rewritten (`IPS_DST_NAT`).
    pub fn has_other_destination(&self) -> bool {
        match self.known {
            Known::First => self.rewritten,
            Known::Answer(rewrites) | Known::Later(rewrites) => rewrites.dnat,
            Known::Nothing => false,
        }
    }

    /// Whether its connection's source was rewritten (`IPS_SRC_NAT`).
    pub fn has_other_source(&self) -> bool {
        match self.known {
            Known::First => self.seen != Source::Kept,
            Known::Answer(rewrites) | Known::Later(rewrites) => rewrites.snat,
            Known::Nothing => false,
        }
    }

    /// What rules call the state of its connection (iptables-extensions(8), "conntrack").
    pub fn state(&self) -> &'static str {
        match self.known {
            _ if self.untracked => "untracked",
            Known::First => "new",
            Known::Answer(_) | Known::Later(_) => "established",
            // A TCP connection does not begin with an answer (`tcp_conntracks` in the kernel's `nf_conntrack_proto_tcp.c`); what is new in
            // other protocols is not asked here.
            Known::Nothing => "invalid",
        }
    }

    /// Whether it goes from the server to the client.
    pub fn is_answer(&self) -> bool {
        match self.known {
            Known::First | Known::Later(_) => false,
            Known::Answer(_) => true,
            Known::Nothing => self.source != self.client,
        }
    }

    /// The flags of TCP that it has (RFC 9293, section 3.5).
    pub fn flags(&self) -> &'static [&'static str] {
        match self.known {
            Known::First => &["syn"],
            _ if self.is_answer() => &["syn", "ack"],
            _ => &["ack"],
        }
    }

    /// The port that it comes from.
    pub fn source_port(&self) -> Port {
        if self.is_answer() {
            Port::Is(self.port)
        } else {
            Port::Chosen
        }
    }

    /// The port that it goes to.
    pub fn destination_port(&self) -> Port {
        if self.is_answer() {
            Port::Clients
        } else {
            Port::Is(self.port)
        }
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

/// What connection tracking knows of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// It begins a connection, and rules may rewrite it.
    First,
    /// It is the answer: what was rewritten is put back.
    Answer(Rewrites),
    /// It follows on the answer, and is rewritten as the first one was.
    Later(Rewrites),
    /// It is of no connection that is known.
    Nothing,
}

/// What is rewritten without asking rules any more (`nf_nat_packet`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rewrites {
    /// The destination, when the packet comes in or is sent; the port stays where none is given.
    pub to: Option<(IpAddr, Option<u16>)>,
    /// The source, when it leaves or is delivered.
    pub from: Option<Source>,
    dnat: bool,
    snat: bool,
}

/// A port of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Port {
    /// The server's.
    Is(u16),
    /// One that the client chose.
    Chosen,
    /// The same, where it is answered to.
    Clients,
}

/// What Linux gives to clients, where nobody says otherwise (`ip_local_port_range`), and what `MASQUERADE --random-fully` gives to what
/// came from such a port (`nf_nat_l4proto_unique_tuple`).
const CLIENTS: (u16, u16) = (32_768, 60_999);
const MASQUERADED: u16 = 1024;
/// Rules about so few ports are about those of servers.
const FEW: u16 = 128;

impl Port {
    /// Whether it is in a range; `None` where it may be, and may not.
    pub fn is_in(self, first: u16, last: u16) -> Option<bool> {
        match self {
            Self::Is(port) => Some((first..=last).contains(&port)),
            Self::Chosen | Self::Clients if first <= MASQUERADED && last >= CLIENTS.1 => Some(true),
            // A rule about a server's port is not about answers. What masquerading gives is hardly ever one of a few: 64 thousand are as
            // likely.
            Self::Clients if last < CLIENTS.0 => Some(false),
            // A program may ask for any, but hardly for a server's.
            Self::Chosen if last < MASQUERADED || last < CLIENTS.0 && last.saturating_sub(first) < FEW => Some(false),
            Self::Chosen | Self::Clients => None,
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
