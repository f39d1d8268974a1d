//! `ipvsadm -Ln`: the virtual services of kube-proxy's ipvs mode (ipvsadm, `ipvsadm.c`, `print_service_entry`), also with `--stats` and
//! `--rate`, whose columns keep their titles; and `ipvsadm -Lnc`: the connections that it has (`print_conn`).

use super::lines::{Unread, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::CommandLine;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// `ipvsadm -L`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "ipvsadm",
    title: "ipvsadm -Ln",
    command: |line| line.program == "ipvsadm" && !connections(line),
    least: 15,
    sniff,
    read,
});

/// `ipvsadm -Lc`.
pub const CONNECTIONS: Format = Format::new(&Spec {
    name: "ipvsadm-connections",
    title: "ipvsadm -Lnc",
    command: |line| line.program == "ipvsadm" && connections(line),
    least: 9,
    sniff: sniff_connections,
    read: read_connections,
});

/// Whether a command asks for the connections.
fn connections(line: &CommandLine) -> bool {
    line.args
        .iter()
        .any(|arg| arg == "--connection" || arg.starts_with('-') && !arg.starts_with("--") && arg.contains('c'))
}

/// The columns of a real server without `--stats`.
const SERVER: [&str; 4] = ["forward", "weight", "activeConn", "inActConn"];

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let begins = line.starts_with("IP Virtual Server version") || hint.expects(FORMAT) && is_service(line);
    begins.then(|| {
        take(rest, FORMAT, hint, |line| {
            line.starts_with("IP Virtual Server version") || is_title(line) || is_service(line) || is_server(line)
        })
    })?
}

fn is_title(line: &str) -> bool {
    line.starts_with("Prot LocalAddress:Port") || line.trim_start().starts_with("-> RemoteAddress:Port")
}

fn is_service(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let own = match (words.next(), words.next()) {
        (Some("TCP" | "UDP" | "SCTP"), Some(address)) => is_endpoint(address),
        (Some("FWM"), Some(mark)) => mark.bytes().all(|b| b.is_ascii_digit()),
        _ => false,
    };
    own && words.next().is_some()
}

/// `10.0.0.1:80`, `[fd00::1]:80`, `web.example.com:http`: a host and a port, and no time (`14:56`).
fn is_endpoint(word: &str) -> bool {
    word.rsplit_once(':').is_some_and(|(host, port)| {
        !port.is_empty()
            && port
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
            && host.contains(|c: char| !c.is_ascii_digit())
    })
}

/// `TCP 14:56  ESTABLISHED 10.0.1.9:43210 172.20.0.1:443 10.0.7.4:443`: protocol, time left, state, and three ends.
fn is_connection(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().take(6).collect();
    let [protocol, expire, _, source, service, destination] = words.as_slice() else {
        return false;
    };
    matches!(*protocol, "TCP" | "UDP" | "SCTP" | "IP")
        && expire
            .split_once(':')
            .is_some_and(|(minutes, seconds)| [minutes, seconds].iter().all(|part| is_number(part)))
        && [source, service, destination].iter().all(|end| is_endpoint(end))
}

fn is_number(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit())
}

fn is_connections_title(line: &str) -> bool {
    line.starts_with("IPVS connection entries") || line.starts_with("pro expire state")
}

fn sniff_connections(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let own = |line: &str| is_connections_title(line) || is_connection(line);
    own(line).then(|| take(rest, CONNECTIONS, hint, own))?
}

fn read_connections(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut list = Placed::array(whole);
    for line in whole.lines().map(Piece::trim).filter(|line| !line.is_empty()) {
        if is_connection(line.str()) {
            list.push(connection(line));
        } else if !is_connections_title(line.str()) {
            unread.line(line, "`ipvsadm -Lnc`");
        }
    }
    let complete = unread.finish();
    let mut root = Placed::object(whole);
    root.put("connections", list);
    add_document(part, CONNECTIONS.name(), root, complete, artifacts);
}

/// The columns have the names of their titles; a persistence engine's name and data may follow them.
fn connection(line: Piece<'_>) -> Placed {
    let mut value = Placed::object(line);
    let names = [
        "protocol",
        "expire",
        "state",
        "source",
        "virtual",
        "destination",
        "peName",
        "peData",
    ];
    for (name, word) in names.iter().zip(line.words()) {
        if matches!(*name, "source" | "virtual" | "destination") {
            let mut end = Placed::object(word);
            put_address(&mut end, word);
            value.put(name, end);
        } else {
            value.put_text(name, word);
        }
    }
    value
}

fn is_server(line: &str) -> bool {
    line.trim_start().starts_with("-> ")
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut services = Placed::array(whole);
    let mut open: Option<(Placed, Placed)> = None;
    // The columns of `--stats` and `--rate`.
    let mut counters: Vec<&str> = Vec::new();
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        if line.starts_with("IP Virtual Server version") {
            continue;
        }
        if is_title(line.str()) {
            if line.starts_with("Prot") && !line.contains("Scheduler") {
                counters = line.str().split_whitespace().skip(2).collect();
            }
        } else if is_service(line.str()) {
            close(&mut services, open.take());
            open = Some((service(line, &counters), Placed::array(line)));
        } else if let (true, Some((service, servers))) = (is_server(line.str()), &mut open) {
            service.extend(line);
            servers.extend(line);
            servers.push(server(line, &counters));
        } else {
            unread.line(line, "`ipvsadm -Ln`");
        }
    }
    close(&mut services, open);
    let complete = unread.finish();
    let mut root = Placed::object(whole);
    root.put("services", services);
    add_document(part, FORMAT.name(), root, complete, artifacts);
}

fn close(services: &mut Placed, open: Option<(Placed, Placed)>) {
    if let Some((mut service, servers)) = open {
        service.put("servers", servers);
        services.push(service);
    }
}

/// `10.0.0.1:80`, `[fd00::1]:80`; a firewall mark has no port. The brackets only part the address from the port (`ipvsadm.c`,
/// `addrport_to_anyname`).
fn put_address(value: &mut Placed, piece: Piece<'_>) {
    if let Some((address, port)) = piece.rsplit_once(":") {
        let bare = address.strip_prefix("[").and_then(|inside| inside.strip_suffix("]"));
        value.put_text("address", bare.unwrap_or(address));
        value.put_number("port", port);
    } else {
        value.put_text("address", piece);
    }
}

/// `TCP  172.20.0.10:53 rr persistent 10800`.
fn service(line: Piece<'_>, counters: &[&str]) -> Placed {
    let mut value = Placed::object(line);
    let mut words = line.words();
    if let Some(protocol) = words.next() {
        value.put_text("protocol", protocol);
    }
    if let Some(address) = words.next() {
        put_address(&mut value, address);
    }
    if !counters.is_empty() {
        put_counters(&mut value, counters, words);
        return value;
    }
    if let Some(scheduler) = words.next() {
        value.put_text("scheduler", scheduler);
    }
    while let Some(flag) = words.next() {
        if flag.str() == "persistent" {
            if let Some(seconds) = words.next() {
                value.put_number("persistent", seconds);
            }
        } else {
            value.push_at(&["flags"], flag, Placed::text(flag));
        }
    }
    value
}

/// `  -> 10.20.3.90:8080   Masq  1  0  0`.
fn server(line: Piece<'_>, counters: &[&str]) -> Placed {
    let mut value = Placed::object(line);
    let mut words = line.words().skip(1);
    if let Some(address) = words.next() {
        put_address(&mut value, address);
    }
    put_counters(&mut value, if counters.is_empty() { &SERVER } else { counters }, words);
    value
}

fn put_counters<'a>(value: &mut Placed, names: &[&str], words: impl Iterator<Item = Piece<'a>>) {
    for (name, word) in names.iter().zip(words) {
        value.put_number(name, word);
    }
}

#[cfg(test)]
mod tests {
    use super::super::lines::tests::only;
    use serde_json::json;

    #[test]
    fn services_and_their_servers() {
        let read = only("ipvsadm", include_str!("../../../../tests/samples/ipvsadm/node.txt"));
        assert_eq!(
            read["services"],
            json!([
                {"protocol": "TCP", "address": "172.20.0.1", "port": 443, "scheduler": "rr", "persistent": 10800,
                    "servers": [{"address": "10.20.7.201", "port": 443, "forward": "Masq", "weight": 1, "activeConn": 4,
                        "inActConn": 0}]},
                {"protocol": "UDP", "address": "fd00::a", "port": 53, "scheduler": "rr", "servers": []},
            ])
        );
    }

    #[test]
    fn connections_are_no_services() {
        let read = only(
            "ipvsadm-connections",
            include_str!("../../../../tests/samples/ipvsadm-connections/node.txt"),
        );
        assert_eq!(read.get("services"), None);
        assert_eq!(read["connections"].as_array().unwrap().len(), 4);
        assert_eq!(
            read["connections"][0],
            json!({"protocol": "TCP", "expire": "13:07", "state": "ESTABLISHED",
                "source": {"address": "10.20.3.90", "port": 51234}, "virtual": {"address": "172.20.0.1", "port": 443},
                "destination": {"address": "10.20.7.201", "port": 6443}})
        );
        assert_eq!(read["connections"][2]["state"], "NONE");
        assert_eq!(read["connections"][3]["source"]["address"], "fd00:3::5a");
        // Told by themselves, with and without their titles.
        for bare in [
            "IPVS connection entries\npro expire state       source             virtual            destination\n",
            "UDP 04:12  UDP         10.20.3.90:40112   172.20.0.10:53     10.20.4.17:53\n",
        ] {
            let _ = only("ipvsadm-connections", bare);
        }
    }

    #[test]
    fn lines_that_are_no_services_are_not_taken_for_any() {
        let text = "$ ipvsadm -Ln\nUDP 04:12  UDP  10.20.3.90:40112  172.20.0.10:53  10.20.4.17:53\n";
        assert_eq!(super::super::lines::tests::documents(text)[0].0, "ipvsadm-connections");
        let read = only(
            "ipvsadm",
            "$ ipvsadm -L\nTCP  cart.example.com:https wrr\n  -> 10.20.7.201:8443             Masq    1      0          0\nFWM  17 rr\n",
        );
        assert_eq!(read["services"][0]["port"], "https");
        assert_eq!(read["services"][1]["address"], "17");
    }

    #[test]
    fn counters_keep_their_titles() {
        let read = only(
            "ipvsadm",
            "IP Virtual Server version 1.2.1 (size=4096)\n\
             Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes\n  -> RemoteAddress:Port\n\
             TCP  172.20.0.1:443                     12      310      290    41514    99K\n\
             \u{20} -> 10.20.7.201:443                   12      310      290    41514    99K\n",
        );
        assert_eq!(read["services"][0]["InPkts"], 310);
        assert_eq!(read["services"][0]["servers"][0]["OutBytes"], "99K");
    }
}
