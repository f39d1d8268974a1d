//! Whether a program listens, as `ss` tells (ss(8)).

use std::net::IpAddr;

use super::dumps::{Dump, Dumps};
use super::packet::Packet;
use crate::artifact::Node;
use crate::evidence::Evidence;

/// What is known of who listens.
#[derive(Debug, Clone, PartialEq)]
pub enum Listening {
    /// Somebody does, with the program's name where it is shown.
    Yes(Option<String>, Vec<Evidence>),
    /// Nobody does: of what is listed, these listen on the port, but on another address.
    No(Option<String>, Vec<Evidence>),
    /// What was pasted does not tell.
    Unknown,
}

/// Whether somebody listens for a packet.
pub fn listening(dumps: &Dumps<'_>, packet: &Packet) -> Listening {
    let mut elsewhere: Option<(String, Vec<Evidence>)> = None;
    let mut all: Option<Evidence> = None;
    // What another node may have printed proves nothing of this one.
    for dump in dumps.of("ss").filter(|dump| !dump.is_doubtful()) {
        let covers = covers(dump, packet.protocol);
        for socket in dump.root.list("sockets") {
            if !is_open(&socket, dump, packet.protocol)
                || socket.get("localPort").and_then(|port| port.number()) != Some(i64::from(packet.port))
            {
                continue;
            }
            let address = socket.str_of("localAddress").unwrap_or_default();
            match is_for(address, packet.destination) {
                Some(true) => return Listening::Yes(program(&socket), vec![socket.evidence()]),
                // What `[::]` is for depends on the socket's options.
                None => return Listening::Unknown,
                Some(false) => {
                    let (_, lines) = elsewhere.get_or_insert_with(|| (address.to_owned(), Vec::new()));
                    lines.push(socket.evidence());
                }
            }
        }
        if covers && all.is_none() {
            all = Some(dump.root.evidence());
        }
    }
    match (all, elsewhere) {
        (Some(_), Some((address, lines))) => Listening::No(Some(address), lines),
        (Some(all), None) => Listening::No(None, vec![all]),
        (None, _) => Listening::Unknown,
    }
}

/// Whether all that listen for a protocol are listed.
fn covers(dump: &Dump<'_>, protocol: &str) -> bool {
    let Some(line) = &dump.command else { return false };
    if dump.is_selected() || line.piped_into.is_some() || dump.words().next().is_some() || !dump.root.complete() {
        return false;
    }
    let has = |letter: char, long: &str| {
        line.args
            .iter()
            .any(|arg| arg == long || arg.starts_with('-') && !arg.starts_with("--") && arg.contains(letter))
    };
    let kinds = [
        ('t', "--tcp"),
        ('u', "--udp"),
        ('S', "--sctp"),
        ('x', "--unix"),
        ('w', "--raw"),
    ];
    let chosen = |wanted: &str| {
        kinds
            .iter()
            .any(|(letter, long)| long.trim_start_matches('-') == wanted && has(*letter, long))
    };
    let any = kinds.iter().any(|(letter, long)| has(*letter, long));
    (has('l', "--listening") || has('a', "--all")) && (!any || chosen(protocol))
}

/// Whether a socket waits for packets of that protocol. Where one protocol alone was asked for, its column is missing.
fn is_open(socket: &Node<'_>, dump: &Dump<'_>, protocol: &str) -> bool {
    let state = socket.str_of("state");
    let kind = socket.str_of("netid").map(|kind| kind.trim_end_matches('6'));
    let has = |letter: char| {
        dump.command.as_ref().is_some_and(|line| {
            line.args
                .iter()
                .any(|arg| arg.starts_with('-') && !arg.starts_with("--") && arg.contains(letter))
        })
    };
    match protocol {
        "udp" => matches!(state, Some("UNCONN") | None) && kind.map_or(has('u'), |kind| kind == "udp"),
        _ => {
            // `ss -l` alone of a protocol prints no state.
            (state == Some("LISTEN") || state.is_none() && has('l')) && kind.is_none_or(|kind| kind == protocol)
        }
    }
}

/// Whether a socket that is bound to an address gets what is sent to another one.
fn is_for(bound: &str, destination: IpAddr) -> Option<bool> {
    let bound = bound.split('%').next().unwrap_or(bound).trim_matches(['[', ']']);
    match bound {
        "*" => Some(true),
        "0.0.0.0" => Some(destination.is_ipv4()),
        // `ss` writes `*` for a socket of both families; older ones, and netstat, write this for it, too.
        "::" | ":" | "" => destination.is_ipv6().then_some(true),
        _ => Some(bound.trim_start_matches("::ffff:").parse() == Ok(destination)),
    }
}

/// `kubelet`
fn program(socket: &Node<'_>) -> Option<String> {
    let users = socket.list("users");
    users.first()?.str_of("name").map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::is_for;

    #[test]
    fn what_an_address_is_bound_for() {
        let node = "10.42.3.9".parse().unwrap();
        assert_eq!(is_for("*", node), Some(true));
        assert_eq!(is_for("0.0.0.0", node), Some(true));
        assert_eq!(is_for("10.42.3.9%eth0", node), Some(true));
        assert_eq!(is_for("127.0.0.1", node), Some(false));
        assert_eq!(is_for("[::]", node), None);
        assert_eq!(is_for("[::]", "fd00::9".parse().unwrap()), Some(true));
        assert_eq!(is_for("[::ffff:10.42.3.9]", node), Some(true));
        assert_eq!(is_for("0.0.0.0", "fd00::9".parse().unwrap()), Some(false));
    }
}
