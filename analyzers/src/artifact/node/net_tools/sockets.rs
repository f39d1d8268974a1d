//! `netstat -tlnp`, `netstat -anp`: the sockets; `netstat -i`: the interfaces.

use super::netstat;
use crate::artifact::node::lines::{Unread, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// `netstat`'s sockets.
pub const FORMAT: Format = Format::new(&Spec {
    name: "netstat",
    title: "netstat",
    command: |line| line.program == "netstat" && !"rsi".chars().any(|letter| netstat(line, letter)),
    least: 16,
    sniff,
    read,
});

/// `netstat -i`.
pub const INTERFACES: Format = Format::new(&Spec {
    name: "netstat-interfaces",
    title: "netstat -i",
    command: |line| netstat(line, 'i'),
    least: 9,
    sniff: sniff_interfaces,
    read: read_interfaces,
});

/// Names of protocols in the first column.
const PROTOCOLS: [&str; 9] = ["tcp", "tcp6", "udp", "udp6", "udplite", "raw", "raw6", "unix", "sctp"];

/// `tcp_state` of net-tools, and of busybox.
const STATES: [&str; 12] = [
    "ESTABLISHED",
    "SYN_SENT",
    "SYN_RECV",
    "FIN_WAIT1",
    "FIN_WAIT2",
    "TIME_WAIT",
    "CLOSE",
    "CLOSE_WAIT",
    "LAST_ACK",
    "LISTEN",
    "CLOSING",
    "UNKNOWN",
];

fn is_title(line: &str) -> bool {
    line.starts_with("Active Internet connections")
        || line.starts_with("Active UNIX domain sockets")
        || line.starts_with("(Not all processes could be identified")
        || line.starts_with(" will not be shown, you would have to be root")
        || line.starts_with("netstat: showing only processes with your user ID")
        || line.starts_with("Proto Recv-Q Send-Q Local Address")
        || line.starts_with("Proto RefCnt Flags ")
}

fn is_socket(line: &str) -> bool {
    line.split_whitespace()
        .next()
        .is_some_and(|word| PROTOCOLS.contains(&word))
}

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    (is_title(line) || hint.expects(FORMAT) && is_socket(line))
        .then(|| take(rest, FORMAT, hint, |line| is_title(line) || is_socket(line)))?
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut sockets = Placed::array(whole);
    let mut processes = false;
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        if is_title(line.str()) {
            if line.starts_with("Proto") {
                processes = line.contains("PID/Program name");
            }
            continue;
        }
        // Unix sockets are passed over: no packet goes through them.
        if line.starts_with("unix ") {
            continue;
        }
        match socket(line, processes) {
            Some(socket) => sockets.push(socket),
            None => unread.line(line, "`netstat`"),
        }
    }
    unread.finish();
    let mut root = Placed::object(whole);
    root.put("sockets", sockets);
    add_document(part, "ss", root, false, artifacts);
}

fn socket(line: Piece<'_>, processes: bool) -> Option<Placed> {
    let mut words = line.words().peekable();
    let mut value = Placed::object(line);
    value.put_text("netid", words.next().filter(|word| PROTOCOLS.contains(&word.str()))?);
    value.put_number("recvQ", words.next()?);
    value.put_number("sendQ", words.next()?);
    for (address, port) in [("localAddress", "localPort"), ("peerAddress", "peerPort")] {
        let (host, number) = words.next()?.rsplit_once(":")?;
        value.put_text(address, host);
        value.put_number(port, number);
    }
    // A UDP socket has no state; raw ones have a number.
    if let Some(state) = words.next_if(|word| STATES.contains(&word.str()) || word.parse::<u8>().is_ok()) {
        value.put_text("state", state);
    }
    // `-e` puts the user and the inode before the process.
    let rest: Vec<Piece<'_>> = words.collect();
    let from = rest.iter().position(|word| {
        processes
            && (word.str() == "-"
                || word.split_once("/").is_some_and(|(pid, name)| {
                    pid.parse::<u32>().is_ok() && !name.starts_with(|c: char| c.is_ascii_digit())
                }))
    });
    if let Some((first, last)) = from.and_then(|from| Some((*rest.get(from)?, *rest.last()?)))
        && first.str() != "-"
    {
        // `1734/nginx: master process`, cut at 20 letters.
        let whole = first.to(last, line);
        let (pid, name) = whole.split_once("/")?;
        let mut user = Placed::object(whole);
        user.put_number("pid", pid);
        user.put_text("name", name);
        value.push_at(&["users"], whole, user);
    }
    Some(value)
}

fn is_interfaces_header(line: &str) -> bool {
    line.starts_with("Iface ") && line.contains("RX-OK") && line.contains("TX-OK")
}

fn sniff_interfaces(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let title = |line: &str| line.trim_end() == "Kernel Interface table";
    (title(line) || is_interfaces_header(line)).then(|| {
        take(rest, INTERFACES, hint, |line| {
            title(line)
                || is_interfaces_header(line)
                || line.split_whitespace().count() >= 11
                    && line
                        .split_whitespace()
                        .nth(1)
                        .is_some_and(|mtu| mtu.parse::<u32>().is_ok())
        })
    })?
}

/// An object for each interface, with the columns' titles.
fn read_interfaces(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut all = Placed::array(whole);
    let mut titles: Vec<&str> = Vec::new();
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        if is_interfaces_header(line.str()) {
            titles = line.str().split_whitespace().collect();
        } else if !titles.is_empty() && line.words().count() == titles.len() {
            let mut value = Placed::object(line);
            for (title, cell) in titles.iter().zip(line.words()) {
                value.put_number(title, cell);
            }
            all.push(value);
        } else if line.trim().str() != "Kernel Interface table" {
            unread.line(line, "`netstat -i`");
        }
    }
    let complete = unread.finish();
    let mut root = Placed::object(whole);
    root.put("interfaces", all);
    add_document(part, INTERFACES.name(), root, complete, artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::node::lines::tests::only;
    use serde_json::json;

    #[test]
    fn listeners_and_connections() {
        let read = only("ss", include_str!("../../../../../tests/samples/netstat/node.txt"));
        assert_eq!(
            read["sockets"],
            json!([
                {"netid": "tcp", "recvQ": 0, "sendQ": 0, "localAddress": "127.0.0.1", "localPort": 10248,
                    "peerAddress": "0.0.0.0", "peerPort": "*", "state": "LISTEN", "users": [{"pid": 2811, "name": "kubelet"}]},
                {"netid": "tcp", "recvQ": 0, "sendQ": 36, "localAddress": "10.20.3.41", "localPort": 22,
                    "peerAddress": "10.20.9.4", "peerPort": 51514, "state": "ESTABLISHED",
                    "users": [{"pid": 9120, "name": "sshd: ec2-user"}]},
                {"netid": "tcp6", "recvQ": 129, "sendQ": 0, "localAddress": "::", "localPort": 8080,
                    "peerAddress": "::", "peerPort": "*", "state": "LISTEN"},
                {"netid": "udp", "recvQ": 0, "sendQ": 0, "localAddress": "127.0.0.53", "localPort": 53,
                    "peerAddress": "0.0.0.0", "peerPort": "*", "users": [{"pid": 611, "name": "systemd-resolve"}]},
            ])
        );
    }

    #[test]
    fn interfaces() {
        let read = only(
            "netstat-interfaces",
            include_str!("../../../../../tests/samples/netstat-interfaces/node.txt"),
        );
        assert_eq!(read["interfaces"][0]["Iface"], "ens5");
        assert_eq!(read["interfaces"][0]["RX-DRP"], 14);
        assert_eq!(read["interfaces"][1]["Flg"], "LRU");
    }
}
