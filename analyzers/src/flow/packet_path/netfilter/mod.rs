//! The language of iptables: what the rules of `iptables-save` make of a packet, asked as the kernel asks them (`ipt_do_table`).

mod family;
mod matches;
pub mod rules;
#[cfg(test)]
mod tests;

use std::net::IpAddr;

use self::matches::matches;
use self::rules::{Rule, Ruleset};
use super::node::number;
use super::node::packet::{Action, Base, Branch, Evaluated, Host, Interface, Match, Packet, Rules, Source};
use crate::evidence::Evidence;

impl Rules for Ruleset<'_> {
    fn bases(&self) -> &[Base] {
        &self.bases
    }

    fn len(&self, chain: usize) -> usize {
        self.chains.get(chain).map_or(0, |chain| chain.rules.len())
    }

    fn evaluate(&self, chain: usize, rule: usize, packet: &Packet, host: &dyn Host) -> Evaluated {
        let found = self
            .chains
            .get(chain)
            .and_then(|chain| Some((chain.table, chain.rules.get(rule)?)));
        let Some((table, rule)) = found else {
            return Evaluated::Passed;
        };
        let (share, rest) = match matches(rule.value(), packet, host) {
            Match::No => return Evaluated::Passed,
            // It does not matter whether a rule is about the packet that does nothing to its way.
            Match::Asks(_) | Match::Sometimes(_) if is_inert(rule) => return Evaluated::Passed,
            Match::Asks(question) => return Evaluated::Asks(question),
            Match::Yes => (1.0, None),
            Match::Sometimes(share) => (share, Some(1.0 - share)),
        };
        let mut changed = packet.clone();
        let action = self.act(table, rule, &mut changed);
        let mut branches = vec![Branch {
            share,
            packet: changed,
            action,
            hits: vec![rule.evidence()],
        }];
        branches.extend(rest.map(|share| Branch {
            share,
            packet: packet.clone(),
            action: Action::Next,
            hits: Vec::new(),
        }));
        Evaluated::Branches(branches)
    }

    fn declared(&self, chain: usize) -> Option<Evidence> {
        let declared = self.chains.get(chain)?.declared.as_ref()?;
        Some(declared.evidence())
    }

    fn complete(&self) -> bool {
        self.complete
    }
}

impl Ruleset<'_> {
    /// What a rule's target does (iptables-extensions(8), "TARGET EXTENSIONS").
    fn act(&self, table: &str, rule: &Rule<'_>, packet: &mut Packet) -> Action {
        let Some((target, goes)) = rule.target() else {
            return Action::Next;
        };
        match target {
            "ACCEPT" => return Action::Accept,
            "DROP" => return Action::Drop(rule.comment().to_owned()),
            "REJECT" => return Action::Reject(rule.comment().to_owned()),
            "RETURN" => return Action::Return,
            "MARK" => {
                packet.mark = marked(rule, packet.mark);
                return Action::Next;
            }
            "CONNMARK" => {
                connection_marked(rule, packet);
                return Action::Next;
            }
            "DNAT" => {
                return match rule.option("to-destination").and_then(end) {
                    Some((address, port)) => {
                        packet.send_to(address, port);
                        Action::Accept
                    }
                    None => Action::Lost("DNAT".to_owned()),
                };
            }
            "REDIRECT" if packet.incoming == Interface::None => {
                let here: IpAddr = if packet.destination.is_ipv6() {
                    std::net::Ipv6Addr::LOCALHOST.into()
                } else {
                    std::net::Ipv4Addr::LOCALHOST.into()
                };
                packet.send_to(Some(here), rule.option("to-ports").and_then(|port| port.parse().ok()));
                return Action::Accept;
            }
            "MASQUERADE" => {
                packet.seen = Source::Interface;
                return Action::Accept;
            }
            "SNAT" => {
                packet.seen = rule
                    .option("to-source")
                    .and_then(|to| end(to)?.0)
                    .map_or(Source::Several, Source::Told);
                return Action::Accept;
            }
            "NOTRACK" => {
                packet.untracked = true;
                return Action::Next;
            }
            "CT" => {
                packet.untracked |= rule.has_option("notrack");
                return Action::Next;
            }
            _ if INERT.contains(&target) => return Action::Next,
            _ => {}
        }
        match (self.chain_of(table, target), goes) {
            (Some(chain), false) => Action::Jump(chain),
            (Some(chain), true) => Action::Goto(chain),
            (None, _) => Action::Lost(target.to_owned()),
        }
    }
}

/// Targets that say something and do nothing to a new connection's way.
const INERT: [&str; 17] = [
    "LOG",
    "NFLOG",
    "ULOG",
    "AUDIT",
    "TRACE",
    "CHECKSUM",
    "TCPMSS",
    "TCPOPTSTRIP",
    "SET",
    "TOS",
    "DSCP",
    "TTL",
    "HL",
    "CLASSIFY",
    "SECMARK",
    "CONNSECMARK",
    "IDLETIMER",
];

/// Whether a rule does nothing to the way of a packet: one without a target counts, or notes an address (`-m recent --set`).
fn is_inert(rule: &Rule<'_>) -> bool {
    rule.target().is_none_or(|(target, _)| INERT.contains(&target))
}

/// `0x4000/0x4000`
fn parts(text: &str) -> Option<(u32, u32)> {
    let (value, mask) = text
        .split_once('/')
        .map_or((text, None), |(value, mask)| (value, Some(mask)));
    Some((number(value)?, mask.map_or(Some(u32::MAX), number)?))
}

/// `MARK`'s options.
fn marked(rule: &Rule<'_>, mark: u32) -> u32 {
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

/// `CONNMARK`'s options.
fn connection_marked(rule: &Rule<'_>, packet: &mut Packet) {
    let mask = |name: &str| rule.option(name).and_then(number).unwrap_or(u32::MAX);
    if rule.has_option("restore-mark") {
        packet.mark = (packet.mark & !mask("nfmask")) ^ (packet.connection_mark & mask("ctmask"));
    } else if rule.has_option("save-mark") {
        packet.connection_mark = (packet.connection_mark & !mask("ctmask")) ^ (packet.mark & mask("nfmask"));
    } else {
        packet.connection_mark = marked(rule, packet.connection_mark);
    }
}

/// `10.0.0.1:80`, `10.0.0.1`, `[fd00::1]:80`, `:80`; `None` for ranges, of which the kernel chooses.
fn end(text: &str) -> Option<(Option<IpAddr>, Option<u16>)> {
    if let Ok(socket) = text.parse::<std::net::SocketAddr>() {
        return Some((Some(socket.ip()), Some(socket.port())));
    }
    if let Ok(address) = text.trim_matches(['[', ']']).parse() {
        return Some((Some(address), None));
    }
    Some((None, Some(text.strip_prefix(':')?.parse().ok()?)))
}
