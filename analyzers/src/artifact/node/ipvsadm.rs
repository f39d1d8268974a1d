//! `ipvsadm -Ln`: the virtual services of kube-proxy's ipvs mode (ipvsadm, `ipvsadm.c`, `print_service_entry`), also with `--stats` and
//! `--rate`, whose columns keep their titles.

use super::lines::{Unread, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// `ipvsadm -L`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "ipvsadm",
    title: "ipvsadm -Ln",
    command: |line| line.program == "ipvsadm",
    sniff,
    read,
});

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
    matches!(line.split_whitespace().next(), Some("TCP" | "UDP" | "SCTP" | "FWM"))
        && line.split_whitespace().count() >= 3
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

/// `10.0.0.1:80`, `[fd00::1]:80`; a firewall mark has no port.
fn put_address(value: &mut Placed, piece: Piece<'_>) {
    if let Some((address, port)) = piece.rsplit_once(":") {
        value.put_text("address", address);
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
                {"protocol": "UDP", "address": "[fd00::a]", "port": 53, "scheduler": "rr", "servers": []},
            ])
        );
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
