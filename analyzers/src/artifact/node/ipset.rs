//! `ipset list` (ipset `lib/session.c`, `lib/print.c`): what kube-proxy's IPVS mode and policies match against.
//!
//! `{"sets": [{"name", "type", "revision", "header", "memsize", "references", "numentries", "members": […]}]}`, with the names of `ipset -o xml`.

use super::lines::{Unread, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// `ipset list`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "ipset",
    title: "ipset list",
    command: |line| {
        line.program == "ipset"
            && line
                .args
                .iter()
                .any(|arg| matches!(arg.as_str(), "list" | "--list" | "-L" | "-list"))
    },
    least: 3,
    sniff,
    read,
});

/// The labels, as ipset prints them, and their names.
const LABELS: [(&str, &str); 8] = [
    ("Name", "name"),
    ("Type", "type"),
    ("Revision", "revision"),
    ("Header", "header"),
    ("Size in memory", "memsize"),
    ("References", "references"),
    ("Number of entries", "numentries"),
    ("Members", "members"),
];

fn label(line: Piece<'_>) -> Option<(&'static str, Piece<'_>)> {
    let (name, value) = line.split_once(":")?;
    let (_, known) = LABELS.iter().find(|(label, _)| *label == name.str())?;
    (value.is_empty() || value.starts_with(' ')).then_some((known, value.trim()))
}

/// `10.44.9.201,tcp:8443`, `10.44.0.0/16 timeout 30`: a member begins with an address, a network, a port or an interface.
fn is_member(line: &str) -> bool {
    let first = line.split([' ', ',', '/']).next().unwrap_or_default();
    !line.starts_with(' ')
        && (first.parse::<std::net::IpAddr>().is_ok()
            || first.parse::<u16>().is_ok()
            || super::lines::is_mac(first)
            || line.split_whitespace().count() == 1 && line.contains([',', '/']))
}

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    if !line.starts_with("Name: ") {
        return None;
    }
    let mut next = rest.lines().skip(1);
    let told = next.next().is_some_and(|line| line.starts_with("Type: "))
        && next
            .next()
            .is_some_and(|line| line.starts_with("Revision: ") || line.starts_with("Header: "));
    told.then(|| {
        let mut members = false;
        take(rest, FORMAT, hint, |line| match label(Piece::new(line)) {
            Some((name, _)) => {
                members = name == "members";
                true
            }
            None => members && is_member(line),
        })
    })?
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut sets = Placed::array(whole);
    let mut open: Option<(Placed, Placed)> = None;
    let mut finish = |set: Option<(Placed, Placed)>| {
        if let Some((mut set, members)) = set {
            set.put("members", members);
            sets.push(set);
        }
    };
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        match label(line) {
            Some(("name", value)) => {
                let mut set = Placed::object(line);
                set.put_text("name", value);
                finish(open.replace((set, Placed::array(line))));
            }
            Some(("members", _)) => {}
            Some((name, value)) => {
                if let Some((set, _)) = &mut open {
                    set.put_number(name, value);
                    set.extend(line);
                }
            }
            None => match &mut open {
                Some((set, members)) if is_member(line.str()) => {
                    members.push(Placed::text(line.trim()));
                    members.extend(line);
                    set.extend(line);
                }
                _ => unread.line(line, FORMAT.title()),
            },
        }
    }
    finish(open);
    let complete = unread.finish();
    let mut root = Placed::object(whole);
    root.put("sets", sets);
    add_document(part, FORMAT.name(), root, complete, artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::node::lines::tests::only;
    use serde_json::json;

    #[test]
    fn sets_and_their_members() {
        let text = include_str!("../../../../tests/samples/ipset/kube-proxy.txt");
        let bare = text.split_once('\n').unwrap().1;
        for text in [text, bare] {
            assert_eq!(
                only("ipset", text)["sets"],
                json!([
                    {"name": "KUBE-CLUSTER-IP", "type": "hash:ip,port", "revision": 7,
                        "header": "family inet hashsize 1024 maxelem 65536", "memsize": 312, "references": 3, "numentries": 2,
                        "members": ["172.20.0.10,udp:53", "172.20.61.8,tcp:8443"]},
                    {"name": "KUBE-LOOP-BACK", "type": "hash:ip,port,ip", "revision": 7,
                        "header": "family inet hashsize 1024 maxelem 65536", "memsize": 200, "references": 1, "numentries": 0, "members": []}])
            );
        }
    }
}
