//! Connections that were tried in a shell: who, by the prompt, and to whom, by the command.

use std::net::IpAddr;

use super::Protocol;
use crate::model::ip_in_name;
use crate::segment::{CommandLine, Segment};

/// Whom a command tries to reach.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whom {
    /// An address.
    Address(IpAddr),
    /// A name of the DNS.
    Name(String),
}

/// A connection that somebody tried to open.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tried {
    /// The address in the prompt, where one stands there.
    pub from: Option<IpAddr>,
    /// Whom.
    pub to: Whom,
    /// On which port.
    pub port: Option<u16>,
    /// By what.
    pub protocol: Protocol,
}

/// What a segment tries; `None` in a pod's shell, whose prompt is the pod's, and its host another.
pub fn tried(segment: &Segment) -> Option<Tried> {
    if segment
        .within
        .iter()
        .any(|command| command.contains("exec") || command.contains("debug"))
    {
        return None;
    }
    let command = segment.command.as_ref().filter(|command| command.typed())?;
    let (to, port, protocol) = whom(&command.line())?;
    let from = segment.at.as_deref().and_then(ip_in_name);
    let itself = matches!(&to, Whom::Address(to) if Some(*to) == from);
    (!itself).then_some(Tried {
        from,
        to,
        port,
        protocol,
    })
}

/// A host as a command names it.
fn host(word: &str) -> Option<Whom> {
    let alone = word.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = alone.parse() {
        return Some(Whom::Address(address));
    }
    let named = word.contains('.')
        && !word.starts_with(['-', '.', '/'])
        && word
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'))
        && word
            .rsplit('.')
            .next()
            .is_some_and(|last| last.bytes().any(|b| b.is_ascii_alphabetic()));
    named.then(|| Whom::Name(word.trim_end_matches('.').to_ascii_lowercase()))
}

/// Whom a program is asked to reach.
pub fn whom(line: &CommandLine) -> Option<(Whom, Option<u16>, Protocol)> {
    let words = || line.args.iter().map(String::as_str);
    match line.program.as_str() {
        "nc" | "ncat" | "netcat" | "nc.openbsd" | "nc.traditional" | "telnet" => {
            let is_udp = words()
                .any(|word| word == "--udp" || word.starts_with('-') && !word.starts_with("--") && word.contains('u'));
            let (at, to) = words().enumerate().find_map(|(at, word)| Some((at, host(word)?)))?;
            let port = words().nth(at + 1).and_then(|word| word.parse().ok());
            Some((to, port, if is_udp { Protocol::Udp } else { Protocol::Tcp }))
        }
        "ping" | "ping6" => Some((words().rev().find_map(host)?, None, Protocol::Icmp)),
        "curl" | "wget" => words().find_map(|word| {
            let (scheme, rest) = word.split_once("://")?;
            let authority = rest.split(['/', '?']).next()?;
            let default = match scheme {
                "https" => 443,
                "http" => 80,
                _ => return None,
            };
            if let Ok(socket) = authority.parse::<std::net::SocketAddr>() {
                return Some((Whom::Address(socket.ip()), Some(socket.port()), Protocol::Tcp));
            }
            if let Some((name, port)) = authority.rsplit_once(':')
                && let Ok(port) = port.parse()
                && !name.contains(':')
            {
                return Some((host(name)?, Some(port), Protocol::Tcp));
            }
            Some((host(authority)?, Some(default), Protocol::Tcp))
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Whom, whom};
    use crate::flow::packet_path::Protocol;
    use crate::segment::CommandLine;

    #[test]
    fn a_command_says_what_it_tries_to_reach() {
        for (command, wanted) in [
            (
                "nc -zv -w 3 10.42.2.99 8080",
                Some(("10.42.2.99", Some(8080), Protocol::Tcp)),
            ),
            ("nc -zvu 10.42.2.99 53", Some(("10.42.2.99", Some(53), Protocol::Udp))),
            ("telnet 10.42.2.99 22", Some(("10.42.2.99", Some(22), Protocol::Tcp))),
            ("ping -c 3 10.42.2.99", Some(("10.42.2.99", None, Protocol::Icmp))),
            (
                "curl -m 5 -sS https://192.0.2.10/health",
                Some(("192.0.2.10", Some(443), Protocol::Tcp)),
            ),
            (
                "curl http://192.0.2.10:8080/",
                Some(("192.0.2.10", Some(8080), Protocol::Tcp)),
            ),
            (
                "wget -qO- 'http://[2001:db8::7]/'",
                Some(("2001:db8::7", Some(80), Protocol::Tcp)),
            ),
            (
                "curl https://Example.com/",
                Some(("example.com", Some(443), Protocol::Tcp)),
            ),
            (
                "curl -m 5 http://shop-1.eu-west-1.elb.amazonaws.com:8080/x",
                Some(("shop-1.eu-west-1.elb.amazonaws.com", Some(8080), Protocol::Tcp)),
            ),
            ("nc -zv db.shop 5432", Some(("db.shop", Some(5432), Protocol::Tcp))),
            ("aws ec2 describe-vpcs", None),
            ("nc -l 8080", None),
        ] {
            let wanted = wanted.map(|(to, port, protocol)| {
                let whom = to.parse().map_or_else(|_| Whom::Name(to.to_owned()), Whom::Address);
                (whom, port, protocol)
            });
            assert_eq!(whom(&CommandLine::new(command)), wanted, "{command}");
        }
    }
}
