//! `ss`: the sockets (iproute2, `misc/ss.c`). The columns as they are titled, `users` taken apart, and the line of `-i` below a socket
//! with its `name:value` pairs.

use super::lines::{Unread, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// `ss`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "ss",
    title: "ss",
    command: |line| {
        let summary =
            |arg: &String| arg == "--summary" || arg.starts_with('-') && !arg.starts_with("--") && arg.contains('s');
        line.program == "ss" && !line.args.iter().any(summary)
    },
    least: 14,
    sniff,
    read,
});

/// `sstate_name` of ss.
const STATES: [&str; 13] = [
    "UNCONN",
    "ESTAB",
    "SYN-SENT",
    "SYN-RECV",
    "FIN-WAIT-1",
    "FIN-WAIT-2",
    "TIME-WAIT",
    "CLOSE-WAIT",
    "LAST-ACK",
    "LISTEN",
    "CLOSING",
    "NEW-SYN-RECV",
    "CLOSED",
];

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let begins = is_title(line) || hint.expects(FORMAT) && is_socket(line);
    if !begins {
        return None;
    }
    let mut titles = 0;
    take(rest, FORMAT, hint, |line| {
        titles += usize::from(is_title(line));
        titles < 2 && is_title(line) || is_socket(line) || is_details(line)
    })
}

fn is_title(line: &str) -> bool {
    (line.starts_with("State") || line.starts_with("Netid") || line.starts_with("Recv-Q"))
        && line.contains("Recv-Q")
        && line.contains("Local Address:Port")
}

fn is_details(line: &str) -> bool {
    line.starts_with(['\t', ' ']) && line.contains(':')
}

/// A socket has two numbers in a row, its queues, behind its state or first.
fn is_socket(line: &str) -> bool {
    if line.starts_with([' ', '\t']) {
        return false;
    }
    let words: Vec<&str> = line.split_whitespace().take(4).collect();
    queues(&words).is_some()
}

/// Where the queues stand: behind `Netid` and `State`, as far as these are printed.
fn queues(words: &[&str]) -> Option<usize> {
    let number = |at: usize| words.get(at).is_some_and(|word| word.parse::<u64>().is_ok());
    let at = (0..3).find(|at| number(*at) && number(at + 1))?;
    let stated = at == 0 || words.get(at - 1).is_some_and(|word| STATES.contains(word));
    stated.then_some(at)
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut sockets = Placed::array(whole);
    let mut open: Option<Placed> = None;
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        if is_title(line.str()) {
            continue;
        }
        if is_details(line.str())
            && let Some(socket) = &mut open
        {
            socket.extend(line);
            socket.put("info", info(line.trim()));
        } else if let Some(next) = socket(line, &mut unread) {
            if let Some(socket) = open.replace(next) {
                sockets.push(socket);
            }
        } else {
            unread.line(line, "`ss`");
        }
    }
    if let Some(socket) = open {
        sockets.push(socket);
    }
    let complete = unread.finish();
    let mut root = Placed::object(whole);
    root.put("sockets", sockets);
    add_document(part, FORMAT.name(), root, complete, artifacts);
}

fn socket<'a>(line: Piece<'a>, unread: &mut Unread<'a, '_>) -> Option<Placed> {
    let words: Vec<Piece<'a>> = line.words().collect();
    let texts: Vec<&str> = words.iter().take(4).map(|word| word.str()).collect();
    let at = queues(&texts)?;
    let mut value = Placed::object(line);
    for (place, word) in words.iter().take(at).enumerate() {
        value.put_text(if place + 1 == at { "state" } else { "netid" }, *word);
    }
    let mut rest = words.into_iter().skip(at);
    value.put_number("recvQ", rest.next()?);
    value.put_number("sendQ", rest.next()?);
    let mut rest = rest.peekable();
    for (address, port) in [("localAddress", "localPort"), ("peerAddress", "peerPort")] {
        let Some(word) = rest.next() else { break };
        if let Some((host, number)) = word.rsplit_once(":") {
            value.put_text(address, host);
            value.put_number(port, number);
        } else {
            // A Unix socket: its name and its number, in two columns.
            value.put_text(address, word);
            if let Some(number) = rest.next_if(|word| word.str() == "*" || word.parse::<u64>().is_ok()) {
                value.put_number(port, number);
            }
        }
    }
    for word in rest {
        if let Some(list) = word.strip_prefix("users:(").and_then(|rest| rest.strip_suffix(")")) {
            value.put("users", users(list));
        } else if let Some((name, text)) = word.split_once(":") {
            value.put_at(&["extra", name.str()], word, Placed::number(text));
        } else if word.str() != "<->" && word.str() != "-->" && word.str() != "<--" && word.str() != "---" {
            unread.say(word, format!("`{}` is not known in a line of `ss`", word.str()));
        }
    }
    Some(value)
}

/// `("nginx",pid=7,fd=3),("nginx",pid=8,fd=3)`.
fn users(list: Piece<'_>) -> Placed {
    let mut users = Placed::array(list);
    for entry in list.split(|c| c == '(').filter(|entry| !entry.is_empty()) {
        let entry = entry.part(0..entry.trim_end_matches([')', ',']).len());
        let mut user = Placed::object(entry);
        for part in entry.split(|c| c == ',') {
            if let Some((name, number)) = part.split_once("=") {
                user.put_number(name.str(), number);
            } else {
                let name = part.strip_prefix("\"").and_then(|rest| rest.strip_suffix("\""));
                user.put_text("name", name.unwrap_or(part));
            }
        }
        users.push(user);
    }
    users
}

/// `cubic wscale:7,7 rto:204 rtt:0.3/0.1 send 38 Mbps app_limited`: pairs, and words that stand alone or before their value.
fn info(line: Piece<'_>) -> Placed {
    let mut value = Placed::object(line);
    let words: Vec<Piece<'_>> = line.words().collect();
    let mut words = words.into_iter().peekable();
    while let Some(word) = words.next() {
        if let Some((name, number)) = word.split_once(":") {
            value.put_number(name.str(), number);
        } else if matches!(word.str(), "send" | "pacing_rate" | "delivery_rate" | "max_pacing_rate") {
            if let Some(rate) = words.next() {
                value.put_number(word.str(), rate);
            }
        } else {
            value.push_at(&["flags"], word, Placed::text(word));
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::super::lines::tests::only;
    use serde_json::json;

    #[test]
    fn listeners_and_their_processes() {
        let read = only("ss", include_str!("../../../../tests/samples/ss/listeners.txt"));
        assert_eq!(
            read["sockets"],
            json!([
                {"state": "LISTEN", "recvQ": 0, "sendQ": 4096, "localAddress": "127.0.0.1", "localPort": 10248,
                    "peerAddress": "0.0.0.0", "peerPort": "*", "users": [{"name": "kubelet", "pid": 2811, "fd": 23}]},
                {"state": "LISTEN", "recvQ": 129, "sendQ": 128, "localAddress": "[::]", "localPort": 8080,
                    "peerAddress": "[::]", "peerPort": "*", "users": [
                        {"name": "nginx", "pid": 7, "fd": 6}, {"name": "nginx", "pid": 8, "fd": 6}]},
            ])
        );
    }

    #[test]
    fn the_line_of_a_connections_details() {
        let read = only(
            "ss",
            "$ ss -tni\nState Recv-Q Send-Q Local Address:Port  Peer Address:Port Process\n\
             ESTAB 0      36     10.20.3.41:22 10.20.9.4:51514\n\
             \t cubic wscale:7,7 rto:204 rtt:0.31/0.1 mss:8949 cwnd:10 retrans:0/3 send 2309Mbps app_limited\n",
        );
        assert_eq!(
            read["sockets"],
            json!([{"state": "ESTAB", "recvQ": 0, "sendQ": 36, "localAddress": "10.20.3.41", "localPort": 22,
                "peerAddress": "10.20.9.4", "peerPort": 51514, "info": {"flags": ["cubic", "app_limited"],
                    "wscale": "7,7", "rto": 204, "rtt": "0.31/0.1", "mss": 8949, "cwnd": 10, "retrans": "0/3",
                    "send": "2309Mbps"}}])
        );
    }

    #[test]
    fn all_kinds_have_their_name_first() {
        let read = only(
            "ss",
            "Netid State  Recv-Q Send-Q Local Address:Port Peer Address:Port Process\n\
             udp   UNCONN 0      0      127.0.0.53%lo:53   0.0.0.0:*\n\
             u_str LISTEN 0      4096   /run/containerd/containerd.sock 20113 * 0\n",
        );
        assert_eq!(read["sockets"][0]["netid"], "udp");
        assert_eq!(read["sockets"][0]["localAddress"], "127.0.0.53%lo");
        assert_eq!(read["sockets"][1]["localAddress"], "/run/containerd/containerd.sock");
        assert_eq!(read["sockets"][1]["localPort"], 20113);
        assert_eq!(read["sockets"][1]["peerPort"], 0);
    }
}
