use super::super::lines::tests::{only, paste, problems};
use serde_json::{Value, json};

fn of_kind(read: &Value, kind: &str) -> Vec<Value> {
    read["nftables"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|entry| entry.get(kind).cloned())
        .collect()
}

/// The statements of a rule.
fn expr(rule: &str) -> Value {
    let read = only(
        "nft-ruleset",
        &format!("$ nft list ruleset\ntable inet t {{\n\tchain c {{\n\t\t{rule}\n\t}}\n}}\n"),
    );
    of_kind(&read, "rule")[0]["expr"].clone()
}

#[test]
fn kube_proxys_tables() {
    let read = only(
        "nft-ruleset",
        include_str!("../../../../../tests/samples/nft-ruleset/kube-proxy.txt"),
    );
    let tables = of_kind(&read, "table");
    assert_eq!(
        tables[0],
        json!({"family": "ip", "name": "kube-proxy", "comment": "rules for kube-proxy"})
    );
    let sets = of_kind(&read, "set");
    assert_eq!(
        sets[0]["elem"],
        json!(["172.20.0.1", "172.20.0.10", "172.20.31.8", "172.20.98.6"])
    );
    assert_eq!(
        *of_kind(&read, "map")
            .iter()
            .find(|map| map["name"] == "service-ips")
            .unwrap(),
        json!({"family": "ip", "table": "kube-proxy", "name": "service-ips", "type": ["ipv4_addr", "inet_proto", "inet_service"],
            "map": "verdict", "comment": "ClusterIP, ExternalIP and LoadBalancer IP traffic", "elem": [
                [{"concat": ["172.20.0.10", "udp", 53]}, {"goto": {"target": "service-NWBZK7IH-kube-system/kube-dns/udp/dns"}}],
                [{"concat": ["172.20.31.8", "tcp", 80]}, {"goto": {"target": "service-ULMVA6XW-shop/cart/tcp/http"}}]]})
    );
    let chains = of_kind(&read, "chain");
    let nat = chains.iter().find(|chain| chain["name"] == "nat-prerouting").unwrap();
    assert_eq!(
        *nat,
        json!({"family": "ip", "table": "kube-proxy", "name": "nat-prerouting", "type": "nat", "hook": "prerouting",
            "prio": -100, "policy": "accept"})
    );
    let filter = chains
        .iter()
        .find(|chain| chain["name"] == "filter-prerouting")
        .unwrap();
    assert_eq!(filter["prio"], -110);
    let rules = of_kind(&read, "rule");
    let service: Vec<&Value> = rules
        .iter()
        .filter(|rule| rule["chain"] == "service-ULMVA6XW-shop/cart/tcp/http")
        .collect();
    assert_eq!(
        service[0]["expr"],
        json!([
            {"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "daddr"}}, "right": "172.20.31.8"}},
            {"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": 80}},
            {"match": {"op": "!=", "left": {"payload": {"protocol": "ip", "field": "saddr"}},
                "right": {"prefix": {"addr": "10.20.0.0", "len": 16}}}},
            {"jump": {"target": "mark-for-masquerade"}}])
    );
    assert_eq!(
        service[1]["expr"],
        json!([{"vmap": {"key": {"numgen": {"mode": "random", "mod": 2}}, "data": {"set": [
            [0, {"goto": {"target": "endpoint-5OJB2KTY-shop/cart/tcp/http__10.20.3.90/8080"}}],
            [1, {"goto": {"target": "endpoint-6ABC2KTY-shop/cart/tcp/http__10.20.4.17/8080"}}]]}}}])
    );
    let reject = rules.iter().find(|rule| rule["chain"] == "cluster-ips-check").unwrap();
    assert_eq!(reject["comment"], "Reject traffic to invalid ports of ClusterIPs");
    assert_eq!(reject["expr"][1], json!({"reject": null}));
}

#[test]
fn iptables_rules_with_handles_and_what_nft_cannot_say() {
    let read = only(
        "nft-ruleset",
        include_str!("../../../../../tests/samples/nft-ruleset/iptables-nft.txt"),
    );
    assert_eq!(
        read["warnings"],
        json!(["table ip nat is managed by iptables-nft, do not touch!"])
    );
    let rules = of_kind(&read, "rule");
    assert_eq!(rules[0]["handle"], 4);
    assert_eq!(
        rules[0]["expr"],
        json!([
            {"match": {"op": "==", "left": {"meta": {"key": "l4proto"}}, "right": "tcp"}},
            {"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "daddr"}}, "right": "172.20.31.8"}},
            {"xt": {"type": "match", "name": "comment"}},
            {"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": 80}},
            {"counter": {"packets": 12, "bytes": 720}},
            {"jump": {"target": "KUBE-SVC-ULMVA6XW"}}])
    );
    assert_eq!(
        rules[1]["expr"],
        json!([{"xt": {"name": "statistic"}}, {"counter": {"packets": 0, "bytes": 0}},
            {"xt": {"type": "target", "name": "DNAT"}}])
    );
    assert_eq!(
        rules[2]["expr"],
        json!([{"counter": {"packets": 3, "bytes": 180}},
            {"mangle": {"key": {"meta": {"key": "mark"}}, "value": {"|": [{"meta": {"key": "mark"}}, 16384]}}}])
    );
}

#[test]
fn statements() {
    assert_eq!(
        expr("ct state established,related accept"),
        json!([{"match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": ["established", "related"]}},
            {"accept": null}])
    );
    assert_eq!(
        expr("tcp flags & (fin | syn | rst | ack) == syn drop"),
        json!([{"match": {"op": "==", "left": {"&": [{"payload": {"protocol": "tcp", "field": "flags"}},
            ["fin", "syn", "rst", "ack"]]}, "right": "syn"}}, {"drop": null}])
    );
    assert_eq!(
        expr("iifname \"eth0\" tcp dport 81 dnat ip6 to [fd00::5]:8080 comment \"to the pod, all of it\""),
        json!([{"match": {"op": "==", "left": {"meta": {"key": "iifname"}}, "right": "eth0"}},
            {"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": 81}},
            {"dnat": {"family": "ip6", "addr": "fd00::5", "port": 8080}}])
    );
    assert_eq!(
        expr("dnat ip addr . port to numgen random mod 1 map { 0 : 10.0.0.1 . 80 }"),
        json!([{"dnat": {"family": "ip", "type_flags": ["addr", "port"], "addr": {"map": {
            "key": {"numgen": {"mode": "random", "mod": 1}}, "data": {"set": [[0, {"concat": ["10.0.0.1", 80]}]]}}}}}])
    );
    assert_eq!(
        expr(
            "limit rate over 10/minute burst 20 packets log prefix \"in: \" level warn reject with icmp type port-unreachable"
        ),
        json!([{"limit": {"inv": true, "rate": 10, "per": "minute", "burst": 20}},
            {"log": {"prefix": "in: ", "level": "warn"}},
            {"reject": {"type": "icmp", "expr": "port-unreachable"}}])
    );
}

#[test]
fn elements_with_their_times_on_several_lines() {
    let read = only(
        "nft-ruleset",
        "table ip t {\n\tset seen {\n\t\ttype ipv4_addr . inet_service\n\t\tflags interval,timeout\n\t\ttimeout 1d\n\
         \t\telements = { 10.0.0.0/8 . 80-90 timeout 2h expires 1h59m3s120ms comment \"a guest\",\n\
         \t\t\t     192.168.1.7 . 443 counter packets 3 bytes 9 }\n\t}\n}\n",
    );
    assert_eq!(
        of_kind(&read, "set")[0],
        json!({"family": "ip", "table": "t", "name": "seen", "type": ["ipv4_addr", "inet_service"],
            "flags": ["interval", "timeout"], "timeout": 86400, "elem": [
                {"elem": {"val": {"concat": [{"prefix": {"addr": "10.0.0.0", "len": 8}}, {"range": [80, 90]}]},
                    "timeout": 7200, "expires": 7143, "comment": "a guest"}},
                {"elem": {"val": {"concat": ["192.168.1.7", 443]}, "counter": {"packets": 3, "bytes": 9}}}]})
    );
}

#[test]
fn what_is_not_understood_stays_and_is_named() {
    let text = "$ nft list ruleset\ntable ip t {\n\tchain c {\n\t\tip saddr 10.0.0.1 teleport to \"mars\" drop\n\t\taccept\n\t}\n}\n";
    let found = problems(text);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, "teleport to \"mars\" drop");
    let (_, read) = super::super::lines::tests::documents(text).remove(0);
    let rules = of_kind(&read, "rule");
    assert_eq!(rules[0]["expr"][1], json!({"unread": "teleport to \"mars\" drop"}));
    assert_eq!(rules[1]["expr"], json!([{"accept": null}]));
}

#[test]
fn a_cut_ruleset_and_rules_without_their_chain_are_not_complete() {
    let found =
        problems("$ nft list table ip nat\ntable ip nat {\n\tchain a {\n\t\tcounter packets 1 bytes 2 accept\n");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].1.contains("not closed"), "{found:?}");
    let analysis = paste("$ nft list ruleset | grep 172.20.31.8\n\t\tip daddr 172.20.31.8 tcp dport 80 drop\n");
    let complete: Vec<bool> = analysis
        .artifacts
        .iter()
        .filter_map(|(_, artifact)| match &artifact.content {
            crate::artifact::Content::Document(document) => Some(document.complete),
            _ => None,
        })
        .collect();
    assert_eq!(complete, [false]);
}

#[test]
fn nested_hashes_do_not_exhaust_the_stack() {
    let rule = "jhash ".repeat(20_000);
    let found = problems(&format!(
        "$ nft list ruleset\ntable ip t {{\n\tchain c {{\n\t\t{rule}\n\t}}\n}}\n"
    ));
    assert_eq!(found.len(), 1);
}
