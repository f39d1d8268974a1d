//! `nmap` (nmap `output.cc`): which ports answer. `{"hosts": [{"host", "address", "ports": [{"port", "state", "service", "reason"}]}], "messages":
//! […]}`.

use crate::artifact::node::lines::{Unread, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// `nmap`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "nmap",
    title: "nmap",
    command: |line| line.program == "nmap",
    least: 7,
    sniff,
    read,
});

/// `443/tcp filtered https`.
fn port(line: Piece<'_>) -> Option<Placed> {
    let words: Vec<Piece<'_>> = line.words().take(3).collect();
    let (number, protocol) = words.first()?.split_once("/")?;
    let state = words.get(1)?;
    if number.parse::<u16>().is_err()
        || !matches!(protocol.str(), "tcp" | "udp" | "sctp")
        || !["open", "closed", "filtered", "unfiltered"]
            .iter()
            .any(|known| state.starts_with(known))
    {
        return None;
    }
    let mut value = Placed::object(line);
    value.put_text("port", *words.first()?);
    value.put_text("state", *state);
    if let Some(service) = words.get(2) {
        value.put_text("service", line.skip(service.start() - line.start()).trim());
    }
    Some(value)
}

fn is_first(line: &str) -> bool {
    line.starts_with("Starting Nmap ") || line.starts_with("Nmap scan report for ")
}

fn is_message(line: &str) -> bool {
    [
        "Host is up",
        "Host seems down",
        "Nmap done: ",
        "Note: Host seems down",
        "Not shown: ",
        "PORT ",
        "rDNS record for ",
        "Other addresses for ",
        "All ",
        "Warning: ",
        "MAC Address: ",
        "Service Info: ",
    ]
    .iter()
    .any(|words| line.starts_with(words))
}

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    is_first(line).then(|| {
        take(rest, FORMAT, hint, |line| {
            is_first(line) || is_message(line) || port(Piece::new(line)).is_some()
        })
    })?
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let (mut hosts, mut messages) = (Placed::array(whole), Placed::array(whole));
    let mut open: Option<(Placed, Placed)> = None;
    let mut finish = |open: Option<(Placed, Placed)>| {
        if let Some((mut host, ports)) = open {
            host.put("ports", ports);
            hosts.push(host);
        }
    };
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        if let Some(name) = line.strip_prefix("Nmap scan report for ") {
            let mut host = Placed::object(line);
            let (name, address) = name
                .trim()
                .split_once(" (")
                .unwrap_or((name.trim(), name.skip(name.len())));
            host.put_text("host", name);
            host.put_text("address", address.strip_suffix(")").unwrap_or(address));
            finish(open.replace((host, Placed::array(line))));
        } else if let Some(port) = port(line) {
            match &mut open {
                Some((host, ports)) => {
                    ports.push(port);
                    ports.extend(line);
                    host.extend(line);
                }
                None => unread.line(line, FORMAT.title()),
            }
        } else if is_first(line.str()) || is_message(line.str()) {
            if !line.starts_with("PORT ") {
                messages.push(Placed::text(line.trim()));
            }
        } else {
            unread.line(line, FORMAT.title());
        }
    }
    finish(open);
    let complete = unread.finish();
    let mut root = Placed::object(whole);
    root.put("hosts", hosts);
    root.put("messages", messages);
    add_document(part, FORMAT.name(), root, complete, artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::node::lines::tests::only;
    use serde_json::json;

    #[test]
    fn ports_and_their_states() {
        let text = include_str!("../../../../tests/samples/nmap/api.txt");
        let bare = text.split_once('\n').unwrap().1;
        for text in [text, bare] {
            let read = only("nmap", text);
            assert_eq!(
                read["hosts"],
                json!([{"host": "api.shop.internal", "address": "10.44.9.201",
                    "ports": [{"port": "443/tcp", "state": "filtered", "service": "https"}]}])
            );
        }
    }
}
