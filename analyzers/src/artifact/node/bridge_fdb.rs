//! `bridge fdb`: where a bridge or a VXLAN device sends frames, with the names of `bridge -j fdb` (iproute2, `bridge/fdb.c`).

use super::lines::{Unread, Words, is_mac, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// `bridge fdb`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "bridge-fdb",
    title: "bridge fdb",
    command: |line| {
        line.program == "bridge"
            && line.args.iter().any(|arg| arg == "fdb")
            && !line.args.iter().any(|arg| matches!(arg.as_str(), "-j" | "-json"))
    },
    least: 12,
    sniff,
    read,
});

/// Words with a value, and the names of `bridge -j`.
const VALUES: [(&str, &str); 4] = [
    ("dev", "ifname"),
    ("dst", "dst"),
    ("via", "viaIf"),
    ("master", "master"),
];

/// Words with a number.
const NUMBERS: [(&str, &str); 6] = [
    ("vlan", "vlan"),
    ("port", "port"),
    ("vni", "vni"),
    ("src_vni", "src_vni"),
    ("nhid", "nhid"),
    ("link-netnsid", "linkNetNsId"),
];

const FLAGS: [&str; 6] = ["self", "router", "extern_learn", "offload", "sticky", "locked"];

const STATES: [&str; 5] = ["permanent", "static", "stale", "noarp", "dynamic"];

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    is_entry(line).then(|| take(rest, FORMAT, hint, is_entry))?
}

fn is_entry(line: &str) -> bool {
    let mut words = line.split_whitespace();
    words.next().is_some_and(is_mac)
        && words.next().is_some_and(|word| {
            word == "dev"
                || FLAGS.contains(&word)
                || STATES.contains(&word)
                || VALUES.iter().chain(&NUMBERS).any(|(name, _)| *name == word)
        })
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut all = Placed::array(whole);
    for line in whole.lines().map(Piece::trim).filter(|line| !line.is_empty()) {
        if is_entry(line.str()) {
            all.push(entry(line, &mut unread));
        } else {
            unread.line(line, "`bridge fdb`");
        }
    }
    let complete = unread.finish();
    add_document(part, FORMAT.name(), all, complete, artifacts);
}

fn entry<'a>(line: Piece<'a>, unread: &mut Unread<'a, '_>) -> Placed {
    let mut value = Placed::object(line);
    let mut flags = Placed::array(line);
    let mut words = Words::new(line);
    value.put_text("mac", words.value());
    while let Some(word) = words.next() {
        let named = |table: &[(&'static str, &'static str)]| {
            table
                .iter()
                .find(|(text, _)| *text == word.str())
                .map(|(_, name)| *name)
        };
        if let Some(name) = named(&VALUES) {
            value.put_text(name, words.value());
        } else if let Some(name) = named(&NUMBERS) {
            value.put_number(name, words.value());
        } else if word.str() == "used" {
            if let Some((used, updated)) = words.value().split_once("/") {
                value.put_number("used", used);
                value.put_number("updated", updated);
            }
        } else if FLAGS.contains(&word.str()) {
            flags.push(Placed::text(word));
        } else if STATES.contains(&word.str()) {
            value.put_text("state", word);
        } else {
            unread.say(word, format!("`{}` is not known in a line of `bridge fdb`", word.str()));
        }
    }
    value.put("flags", flags);
    value
}

#[cfg(test)]
mod tests {
    use super::super::lines::tests::only;
    use serde_json::json;

    #[test]
    fn flannels_vxlan_and_a_bridges_ports() {
        assert_eq!(
            only(
                "bridge-fdb",
                include_str!("../../../../tests/samples/bridge-fdb/flannel.txt")
            ),
            json!([
                {"mac": "33:33:00:00:00:01", "ifname": "eth0", "flags": ["self"], "state": "permanent"},
                {"mac": "6e:0c:11:52:9f:3a", "ifname": "flannel.1", "dst": "10.20.4.17", "flags": ["self"],
                    "state": "permanent"},
                {"mac": "00:00:00:00:00:00", "ifname": "vxlan1", "dst": "10.20.4.18", "port": 8472, "vni": 5,
                    "viaIf": "eth0", "flags": ["self"], "state": "permanent"},
                {"mac": "52:79:60:29:47:f1", "ifname": "veth7", "vlan": 1, "master": "cni0", "flags": []},
            ])
        );
    }
}
