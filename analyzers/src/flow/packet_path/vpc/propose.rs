//! The ways that a paste itself asks about: connections that were tried in a shell on an instance whose network was pasted.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::{Network, between};
use crate::flow::packet_path::{Endpoint, Protocol, Query};
use crate::flow::{Flow, Verdict};
use crate::model::{Model, ip_in_name};
use crate::segment::{CommandLine, Segment};

/// The ways that are shown.
const SHOWN: usize = 3;

/// Those that stop first, each once.
pub fn propose(model: &Model<'_>) -> Vec<Flow> {
    let tries: Vec<(IpAddr, IpAddr, Option<u16>, Protocol)> = model.segments.iter().filter_map(tried).collect();
    if tries.is_empty() {
        return Vec::new();
    }
    let network = Network::new(model);
    if network.interfaces.is_empty() || (network.route_tables.is_empty() && network.security_groups.is_empty()) {
        return Vec::new();
    }
    let mut seen = BTreeSet::new();
    let mut flows: Vec<Flow> = tries
        .into_iter()
        .filter(|(from, to, port, protocol)| {
            !network.interfaces_at(*from).is_empty() && seen.insert((*from, *to, *port, *protocol))
        })
        .take(SHOWN)
        .filter_map(|(from, to, port, protocol)| {
            let from = Endpoint::Ip {
                address: from,
                port: None,
            };
            let to = Endpoint::Ip { address: to, port };
            between(
                model,
                &Query {
                    from,
                    to,
                    protocol,
                    at: None,
                },
            )
        })
        .collect();
    flows.sort_by_key(|flow| flow.verdict != Verdict::Blocked);
    flows
}

/// From whom to whom a command tries to connect: its prompt names the host, and it the address.
fn tried(segment: &Segment) -> Option<(IpAddr, IpAddr, Option<u16>, Protocol)> {
    // In a pod's shell the prompt is the pod's, and its host another.
    if segment
        .within
        .iter()
        .any(|command| command.contains("exec") || command.contains("debug"))
    {
        return None;
    }
    let from = ip_in_name(segment.at.as_deref()?)?;
    let command = segment.command.as_ref()?;
    if !command.typed() {
        return None;
    }
    let (to, port, protocol) = target(&command.line())?;
    (from != to).then_some((from, to, port, protocol))
}

/// The address, the port and the protocol that a program is asked to reach.
pub fn target(line: &CommandLine) -> Option<(IpAddr, Option<u16>, Protocol)> {
    let words = || line.args.iter().map(String::as_str);
    let addresses = || words().filter_map(|word| word.parse::<IpAddr>().ok());
    match line.program.as_str() {
        "nc" | "ncat" | "netcat" | "nc.openbsd" | "nc.traditional" | "telnet" => {
            let is_udp = words()
                .any(|word| word == "--udp" || word.starts_with('-') && !word.starts_with("--") && word.contains('u'));
            let to = addresses().next()?;
            let after = words().skip_while(|word| word.parse() != Ok(to)).nth(1);
            let port = after.and_then(|word| word.parse().ok());
            Some((to, port, if is_udp { Protocol::Udp } else { Protocol::Tcp }))
        }
        "ping" | "ping6" => Some((addresses().next_back()?, None, Protocol::Icmp)),
        "curl" | "wget" => words().find_map(|word| {
            let (scheme, rest) = word.split_once("://")?;
            let host = rest.split(['/', '?']).next()?;
            let default = match scheme {
                "https" => 443,
                "http" => 80,
                _ => return None,
            };
            if let Ok(socket) = host.parse::<std::net::SocketAddr>() {
                return Some((socket.ip(), Some(socket.port()), Protocol::Tcp));
            }
            let alone = host.trim_start_matches('[').trim_end_matches(']');
            Some((alone.parse().ok()?, Some(default), Protocol::Tcp))
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::target;
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
            ("curl https://example.com/", None),
            ("nc -zv db.shop 5432", None),
            ("aws ec2 describe-vpcs", None),
        ] {
            let wanted = wanted.map(|(ip, port, protocol)| (ip.parse().unwrap(), port, protocol));
            assert_eq!(target(&CommandLine::new(command)), wanted, "{command}");
        }
    }
}
