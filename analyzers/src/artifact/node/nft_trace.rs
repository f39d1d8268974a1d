//! `nft monitor trace` (nftables `src/netlink.c`, `trace_print_packet`, `trace_print_rule`, `trace_print_verdict`, `trace_print_policy`):
//! which rules a packet met.
//!
//! `{"events": [{"id", "family", "table", "chain", "type": "packet", "packet": {"iif", "ip": {"saddr", …}, "tcp": {"dport", …}}}, {…, "type":
//! "rule", "rule", "verdict"}, {…, "type": "policy", "policy"}]}`; names of nft's own words. nft prints no JSON of these.

use crate::artifact::node::lines::{Unread, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// `nft monitor trace`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "nft-trace",
    title: "nft monitor trace",
    command: |line| line.program == "nft" && line.args.iter().any(|arg| arg == "monitor"),
    least: 7,
    sniff,
    read,
});

/// nftables' families.
const FAMILIES: [&str; 6] = ["ip", "ip6", "inet", "bridge", "arp", "netdev"];

/// What the words of a packet are about; the next word is the field's name.
const PROTOCOLS: [&str; 16] = [
    "meta", "ether", "vlan", "arp", "ip", "ip6", "icmp", "icmpv6", "tcp", "udp", "udplite", "sctp", "dccp", "esp",
    "ah", "ct",
];

/// What stands before the event: `trace id 9b2e41c7 ip kube-proxy nat-prerouting `.
struct Head<'a> {
    id: Piece<'a>,
    family: Piece<'a>,
    table: Piece<'a>,
    chain: Piece<'a>,
    event: Piece<'a>,
}

fn head(line: Piece<'_>) -> Option<Head<'_>> {
    let rest = line.strip_prefix("trace id ")?;
    let (id, rest) = rest.split_once(" ")?;
    let (family, rest) = rest.split_once(" ")?;
    let (table, rest) = rest.split_once(" ")?;
    let (chain, event) = rest.split_once(" ").unwrap_or((rest, rest.skip(rest.len())));
    let hexadecimal = !id.is_empty() && id.bytes().all(|b| b.is_ascii_hexdigit());
    (hexadecimal && FAMILIES.contains(&family.str())).then_some(Head {
        id,
        family,
        table,
        chain,
        event,
    })
}

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let own = |line: &str| head(Piece::new(line)).is_some();
    (line.starts_with("trace id ") && own(line)).then(|| take(rest, FORMAT, hint, own))?
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut events = Placed::array(whole);
    for line in whole.lines().map(Piece::trim).filter(|line| !line.is_empty()) {
        match head(line).and_then(|head| event(line, &head)) {
            Some(event) => events.push(event),
            None => unread.line(line, FORMAT.title()),
        }
    }
    unread.finish();
    let mut root = Placed::object(whole);
    root.put("events", events);
    // A trace shows what was traced while it ran.
    add_document(part, FORMAT.name(), root, false, artifacts);
}

fn event(line: Piece<'_>, head: &Head<'_>) -> Option<Placed> {
    let mut value = Placed::object(line);
    for (name, piece) in [
        ("id", head.id),
        ("family", head.family),
        ("table", head.table),
        ("chain", head.chain),
    ] {
        value.put_text(name, piece);
    }
    let event = head.event;
    let (word, rest) = event.split_once(" ").unwrap_or((event, event.skip(event.len())));
    let kind = word.strip_suffix(":").unwrap_or(word);
    value.put_text("type", kind);
    match word.str() {
        "packet:" => value.put("packet", fields(rest)),
        "conntrack:" => value.put("conntrack", fields(rest)),
        "rule" => rule(rest, &mut value),
        "verdict" => marked("verdict", rest, &mut value),
        "policy" => marked("policy", rest, &mut value),
        "return" | "unknown" => {}
        _ => return None,
    }
    Some(value)
}

/// `ip saddr 10.0.0.1 tcp dport 80 (verdict jump services)`; what a rule prints may have brackets, too.
fn rule(rest: Piece<'_>, value: &mut Placed) {
    let Some((rule, verdict)) = rest.rsplit_once("(verdict ") else {
        value.put_text("rule", rest.trim());
        return;
    };
    value.put_text("rule", rule.trim());
    value.put_text("verdict", verdict.strip_suffix(")").unwrap_or(verdict));
}

/// `accept meta mark 0x00000080`, `jump services`.
fn marked(name: &str, rest: Piece<'_>, value: &mut Placed) {
    let (verdict, mark) = rest.split_once(" meta mark ").unwrap_or((rest, rest.skip(rest.len())));
    value.put_text(name, verdict.trim());
    value.put_text("mark", mark.trim());
}

/// `iif "eth0" ip saddr 10.0.0.1 tcp flags == syn`: fields and their values.
fn fields(text: Piece<'_>) -> Placed {
    let mut packet = Placed::object(text);
    let mut words = text.words().peekable();
    while let Some(word) = words.next() {
        let known = matches!(
            word.str(),
            "iif" | "oif" | "iifname" | "oifname" | "mark" | "length" | "protocol"
        );
        let field = if PROTOCOLS.contains(&word.str()) {
            words.next()
        } else {
            None
        };
        if words.peek().is_some_and(|next| next.str() == "==") {
            words.next();
        }
        let Some(value) = words.next() else { break };
        let value = unquoted(value);
        match field {
            Some(field) => packet.put_at(&[word.str(), field.str()], text, Placed::number(value)),
            // A mark may be told twice.
            None if known && !packet.has(word.str()) => packet.put_text(word.str(), value),
            None => packet.push_at(&["other"], word, Placed::text(word.to(value, text))),
        }
    }
    packet
}

fn unquoted(piece: Piece<'_>) -> Piece<'_> {
    piece
        .strip_prefix("\"")
        .and_then(|rest| rest.strip_suffix("\""))
        .unwrap_or(piece)
}

#[cfg(test)]
mod tests {
    use crate::artifact::node::lines::tests::{documents, only, problems};
    use serde_json::json;

    #[test]
    fn a_packet_and_the_rules_that_it_met() {
        let text = include_str!("../../../../tests/samples/nft-trace/service.txt");
        let bare = text.split_once('\n').unwrap().1;
        for text in [text, bare] {
            let read = only("nft-trace", text);
            assert_eq!(
                read["events"][0],
                json!({"id": "a1b2c3d4", "family": "ip", "table": "raw", "chain": "PREROUTING", "type": "packet",
                    "packet": {"iif": "eni0a1b2c3d4e5", "ether": {"saddr": "8e:0d:51:4a:aa:01", "daddr": "02:9f:36:aa:bb:02"},
                        "ip": {"saddr": "10.44.3.17", "daddr": "172.20.61.8", "dscp": "cs0", "ttl": 64, "id": 40119, "protocol": "tcp"},
                        "tcp": {"sport": 51822, "dport": 8443, "flags": "syn"}}})
            );
            assert_eq!(
                read["events"][1],
                json!({"id": "a1b2c3d4", "family": "ip", "table": "kube-proxy", "chain": "nat-prerouting", "type": "rule",
                    "rule": "ip daddr . meta l4proto . th dport vmap @service-ips", "verdict": "goto service-x"})
            );
            assert_eq!(read["events"][2]["verdict"], "continue");
            assert_eq!(read["events"][2]["mark"], "0x00004000");
            assert_eq!(read["events"][3]["policy"], "drop");
            assert_eq!(read["events"][4]["type"], "return");
        }
    }

    #[test]
    fn other_lines_are_no_trace() {
        assert_eq!(documents("trace id of the request\n"), []);
        let found = problems("$ nft monitor trace\ntrace id 1a ip t c frobbed\n");
        assert_eq!(found[0].0, "trace id 1a ip t c frobbed");
    }
}
