//! Rules of nft, one by one, and kube-proxy's own.

use crate::Input;
use crate::analysis::read;
use crate::flow::packet_path::{Protocol, Query, compute};
use crate::flow::{Flow, Verdict};

const ADDRESSES: &str = "\
$ ip -br addr
lo               UNKNOWN        127.0.0.1/8 ::1/128
eth0             UP             10.20.3.41/24
";

fn path(rules: &str, protocol: Protocol, from: &str, to: &str) -> Flow {
    let input = Input {
        name: "paste".to_owned(),
        bytes: format!("{rules}\n{ADDRESSES}").into_bytes(),
    };
    let analysis = read(vec![input], &mut |_| {});
    let query = Query {
        from: format!("ip:{from}").parse().unwrap(),
        to: format!("ip:{to}").parse().unwrap(),
        protocol,
        at: None,
    };
    compute(&analysis.model(), &query)
}

/// Where each way ends, its share in percent, and the source that is seen there.
fn ends(flow: &Flow) -> Vec<(String, i64, String)> {
    let mut all: Vec<(String, i64, String)> = flow
        .outcomes
        .iter()
        .map(|outcome| {
            #[allow(clippy::cast_possible_truncation, reason = "a percentage")]
            let share = (outcome.share * 100.0).round() as i64;
            let reason = outcome.reason.map(|reason| reason.code().to_owned());
            let end = outcome.ends_at.clone().or(reason);
            (
                end.unwrap_or_default(),
                share,
                outcome.source_seen.clone().unwrap_or_default(),
            )
        })
        .collect();
    all.sort();
    all
}

fn end(to: &str, share: i64, seen: &str) -> (String, i64, String) {
    (to.to_owned(), share, seen.to_owned())
}

const KUBE_PROXY: &str = include_str!("../../../../../tests/samples/nft-ruleset/kube-proxy.txt");

#[test]
fn a_services_endpoints_by_a_verdict_map() {
    let flow = path(KUBE_PROXY, Protocol::Tcp, "10.20.9.9", "172.20.31.8:80");
    assert_eq!(
        ends(&flow),
        [
            end("10.20.3.90:8080", 50, "10.20.9.9"),
            end("10.20.4.17:8080", 50, "10.20.9.9")
        ]
    );
    assert_eq!(flow.verdict, Verdict::Assumed);
    // The element of the map that leads there is among the lines that prove it.
    assert!(
        flow.outcomes[0].steps[0]
            .evidence
            .iter()
            .any(|evidence| format!("{evidence:?}").contains("/map/elem/"))
    );
    // Who is no pod is masqueraded.
    let flow = path(KUBE_PROXY, Protocol::Tcp, "203.0.113.5", "172.20.31.8:80");
    assert_eq!(
        ends(&flow),
        [
            end("10.20.3.90:8080", 50, "10.20.3.41"),
            end("10.20.4.17:8080", 50, "10.20.3.41")
        ]
    );
    // A pod that gets its own connection, too.
    let flow = path(KUBE_PROXY, Protocol::Tcp, "10.20.3.90", "172.20.31.8:80");
    assert_eq!(
        ends(&flow),
        [
            end("10.20.3.90:8080", 50, "10.20.3.41"),
            end("10.20.4.17:8080", 50, "10.20.3.90")
        ]
    );
}

#[test]
fn services_without_endpoints_and_what_is_no_service() {
    let flow = path(KUBE_PROXY, Protocol::Tcp, "10.20.9.9", "172.20.98.6:80");
    assert_eq!(ends(&flow), [end("no-endpoints", 100, "")]);
    let flow = path(KUBE_PROXY, Protocol::Tcp, "10.20.9.9", "172.20.31.8:81");
    assert_eq!(ends(&flow), [end("reject", 100, "")]);
}

/// A table of one's own with a chain that drops what a rule is about.
fn dropped(rule: &str) -> Option<bool> {
    let rules = format!(
        "$ sudo nft list ruleset\ntable inet fw {{\n\tset blocks {{\n\t\ttype ipv4_addr\n\t\tflags interval\n\t\telements = {{ 10.42.8.0/24, \
         10.42.9.1-10.42.9.9 }}\n\t}}\n\n\tchain c {{\n\t\ttype filter hook forward priority filter; policy accept;\n\t\t{rule}\n\t}}\n}}\n"
    );
    let flow = path(&rules, Protocol::Tcp, "10.42.9.9", "10.42.1.7:8080");
    match ends(&flow).as_slice() {
        [(end, ..)] => Some(end == "drop"),
        _ => None,
    }
}

#[test]
fn matches_of_a_connections_first_packet() {
    for (rule, is) in [
        ("ip saddr 10.42.0.0/16 drop", true),
        ("ip saddr != 10.42.0.0/16 drop", false),
        ("ip saddr @blocks tcp dport { 53, 8000-8100 } drop", true),
        ("ip saddr @blocks tcp dport { 53, 443 } drop", false),
        ("ip6 saddr fd00::/8 drop", false),
        ("ip6 saddr != fd00::/8 drop", false),
        ("udp dport != 53 drop", false),
        ("meta l4proto { tcp, udp } th dport 8080 drop", true),
        ("ip protocol tcp counter packets 3 bytes 180 drop", true),
        ("ct state established,related drop", false),
        ("ct state new drop", true),
        ("ct state invalid drop", false),
        ("ct status dnat drop", false),
        ("tcp flags syn / fin,syn,rst,ack drop", true),
        ("fib daddr type local drop", false),
        ("fib saddr type local drop", false),
        (
            "meta mark set 0x00000010 meta mark & 0x00000030 == 0x00000010 drop",
            true,
        ),
        ("meta mark & 0x00000030 != 0x00000000 drop", false),
        ("tcp dport > 8000 drop", true),
        ("meta nfproto ipv6 drop", false),
        ("ip daddr . tcp dport { 10.42.1.7 . 8080, 10.42.1.8 . 53 } drop", true),
        ("ip daddr . tcp dport vmap { 10.42.1.7 . 8080 : drop }", true),
        ("tcp dport vmap { 22 : drop }", false),
        // What a map says nothing about ends the rule; `continue` does not.
        ("tcp dport vmap { 22 : accept } drop", false),
        (
            "ct state vmap { invalid : accept, new : continue } tcp dport 8080 drop",
            true,
        ),
    ] {
        assert_eq!(dropped(rule), Some(is), "{rule}");
    }
}

#[test]
fn what_is_not_known_is_no_answer() {
    for rule in [
        "iifname \"eth0\" drop",
        "meta skuid 1000 drop",
        "limit rate 5/minute burst 5 packets drop",
        "tcp sport 1024-2048 drop",
    ] {
        assert_eq!(dropped(rule), None, "{rule}");
    }
}

#[test]
fn chance_by_numbers() {
    let rules = "$ nft list ruleset\ntable ip t {\n\tchain c {\n\t\ttype filter hook forward priority filter; policy accept;\n\t\t\
                 numgen random mod 4 < 1 drop\n\t\tmeta random & 2147483647 < 1073741824 reject\n\t}\n\tchain n {\n\t\ttype nat hook \
                 prerouting priority dstnat; policy accept;\n\t\tdnat to numgen random mod 2 map { 0 : 10.20.3.90 . 53, 1 : 10.20.4.17 . \
                 54 }\n\t}\n}\n";
    let flow = path(rules, Protocol::Udp, "10.20.9.9", "172.20.0.10:53");
    let found = ends(&flow);
    let shares = |name: &str| -> i64 {
        found
            .iter()
            .filter(|(end, ..)| end == name)
            .map(|(_, share, _)| share)
            .sum()
    };
    assert_eq!((shares("10.20.3.90:53"), shares("10.20.4.17:54")), (19, 19));
    // A quarter of all, and half of the rest.
    assert!(
        (24..=26).contains(&shares("drop")) && (36..=38).contains(&shares("reject")),
        "{found:?}"
    );
}

#[test]
fn iptables_own_tables_are_asked_for_where_nft_cannot_say_them() {
    let rules = "$ nft list ruleset\ntable ip nat {\n\tchain PREROUTING {\n\t\ttype nat hook prerouting priority dstnat; policy accept;\n\t\t\
                 xt match \"recent\" counter packets 0 bytes 0 drop\n\t}\n}\n";
    let flow = path(rules, Protocol::Tcp, "10.20.9.9", "172.20.0.10:53");
    assert_eq!(flow.verdict, Verdict::Unknown);
    assert!(flow.next.iter().any(|next| next.command == "sudo iptables-save"));
}

/// Rules that only write to a log do not double the ways.
#[test]
fn what_only_logs_is_not_asked_about_limits() {
    let logs = "limit rate 5/minute burst 5 packets log prefix \"seen: \"\n\t\t".repeat(20);
    let rules = |rest: &str| {
        format!(
            "$ nft list ruleset\ntable ip t {{\n\tchain c {{\n\t\ttype filter hook forward priority filter; policy accept;\n\t\t{logs}{rest}\n\
             \t}}\n\tchain n {{\n\t\ttype nat hook prerouting priority dstnat; policy accept;\n\t\tip daddr 172.20.0.10 dnat to 10.20.3.90:53\n\
             \t}}\n}}\n"
        )
    };
    let flow = path(&rules("counter"), Protocol::Tcp, "10.20.9.9", "172.20.0.10:53");
    assert_eq!(ends(&flow), [end("10.20.3.90:53", 100, "10.20.9.9")]);
    let drops = path(&rules("drop"), Protocol::Tcp, "10.20.9.9", "172.20.0.10:53");
    assert_eq!(ends(&drops), [end("drop", 100, "")]);
}
