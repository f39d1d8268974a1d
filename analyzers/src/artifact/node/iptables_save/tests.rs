//! Dumps of nodes, lists of rules, and what is wrong in them.

use super::super::lines::tests::{documents, only, problems};
use serde_json::json;

const NODE: &str = include_str!("../../../../../tests/samples/iptables-save/kube-proxy-vpc-cni.txt");
const LISTED: &str = include_str!("../../../../../tests/samples/iptables-save/list-rules.txt");

#[test]
fn a_node_with_kube_proxy_and_the_vpc_cni() {
    let dump = only("iptables-save", NODE);
    let tables = dump["tables"].as_array().unwrap();
    assert_eq!(
        tables
            .iter()
            .map(|table| table["name"].as_str().unwrap())
            .collect::<Vec<_>>(),
        ["mangle", "filter", "nat"]
    );
    assert_eq!(
        tables[2]["chains"][1],
        json!({"name": "INPUT", "policy": "ACCEPT", "packets": 8, "bytes": 521})
    );
    assert_eq!(
        tables[0]["rules"][0],
        json!({"chain": "PREROUTING", "inInterface": "eth0", "matches": [
            {"name": "comment", "options": {"comment": ["AWS, primary ENI"]}},
            {"name": "addrtype", "options": {"dst-type": ["LOCAL"], "limit-iface-in": []}},
        ], "target": {"name": "CONNMARK", "options": {"set-xmark": ["0x80/0x80"]}}})
    );
    let nat = tables[2]["rules"].as_array().unwrap();
    let to = |target: &str| nat.iter().find(|rule| rule["target"]["name"] == target).unwrap();
    assert_eq!(
        *to("SNAT"),
        json!({"chain": "AWS-SNAT-CHAIN-0", "!destination": "10.20.0.0/16", "!outInterface": "vlan+", "matches": [
            {"name": "comment", "options": {"comment": ["AWS, SNAT"]}},
            {"name": "addrtype", "options": {"!dst-type": ["LOCAL"]}},
        ], "target": {"name": "SNAT", "options": {"to-source": ["10.20.3.41"], "random-fully": []}}})
    );
    assert_eq!(
        *to("DNAT"),
        json!({"chain": "KUBE-SEP-6E7XQMQ4RAYOWTTM", "protocol": "tcp", "matches": [
            {"name": "comment", "options": {"comment": ["shop/cart:http"]}},
            {"name": "tcp"},
        ], "target": {"name": "DNAT", "options": {"to-destination": ["10.20.3.90:8080"]}}})
    );
    assert_eq!(
        nat.iter()
            .find(|rule| rule["matches"][1]["name"] == "statistic")
            .unwrap()["matches"][1],
        json!({"name": "statistic", "options": {"mode": ["random"], "probability": ["0.50000000000"]}})
    );
    assert_eq!(
        tables[1]["rules"].as_array().unwrap().last().unwrap(),
        &json!({"chain": "KUBE-SERVICES", "destination": "172.20.77.4/32", "protocol": "tcp", "packets": 3,
            "bytes": 180, "matches": [
                {"name": "comment", "options": {"comment": ["shop/pay:http has no endpoints"]}},
                {"name": "tcp", "options": {"dport": ["80"]}},
            ], "target": {"name": "REJECT", "options": {"reject-with": ["icmp-port-unreachable"]}}})
    );
}

#[test]
fn listed_rules_have_no_table() {
    let dump = only("iptables-save", LISTED);
    assert_eq!(dump["tables"].as_array().unwrap().len(), 1);
    let table = &dump["tables"][0];
    assert_eq!(table["chains"][0], json!({"name": "PREROUTING", "policy": "ACCEPT"}));
    assert_eq!(table["chains"][4], json!({"name": "ISTIO_INBOUND"}));
    assert_eq!(
        table["rules"][2],
        json!({"chain": "ISTIO_OUTPUT", "!destination": "127.0.0.1/32", "outInterface": "lo", "protocol": "tcp",
            "matches": [
                {"name": "tcp", "options": {"!dport": ["15008"]}},
                {"name": "owner", "options": {"uid-owner": ["1337"]}},
            ], "target": {"name": "ISTIO_IN_REDIRECT"}})
    );
}

#[test]
fn options_find_their_match_in_any_order_and_unknown_ones_are_kept() {
    let dump = only(
        "iptables-save",
        "*filter\n:FORWARD DROP [0:0]\n\
         -A FORWARD -p tcp -m comment --comment \"say \\\"hi\\\" -j\" --dport 80 -m set ! --match-set cali40s:x src,dst -g NEXT\n\
         -A FORWARD -m bpf --bytecode 4,48 0 0 9 --object-pinned /x -j NFQUEUE --queue-balance 0:3 --queue-bypass\n\
         -A FORWARD ! -f -s ! 10.0.0.0/8 -p tcp --tcp-flags FIN,SYN SYN -j DROP -m mark --mark 0x4000/0x4000\nCOMMIT\n",
    );
    let rules = &dump["tables"][0]["rules"];
    assert_eq!(
        rules[0],
        json!({"chain": "FORWARD", "protocol": "tcp", "goto": {"name": "NEXT"}, "matches": [
            {"name": "comment", "options": {"comment": ["say \"hi\" -j"]}},
            {"name": "tcp", "options": {"dport": ["80"]}},
            {"name": "set", "options": {"!match-set": ["cali40s:x", "src,dst"]}},
        ]})
    );
    assert_eq!(
        rules[1],
        json!({"chain": "FORWARD",
            "matches": [{"name": "bpf", "options": {"bytecode": ["4,48", "0", "0", "9"], "object-pinned": ["/x"]}}],
            "target": {"name": "NFQUEUE", "options": {"queue-balance": ["0:3"], "queue-bypass": []}}})
    );
    assert_eq!(
        rules[2],
        json!({"chain": "FORWARD", "fragment": false, "!source": "10.0.0.0/8", "protocol": "tcp", "matches": [
            {"name": "tcp", "options": {"tcp-flags": ["FIN,SYN", "SYN"]}},
            {"name": "mark", "options": {"mark": ["0x4000/0x4000"]}},
        ], "target": {"name": "DROP"}})
    );
}

#[test]
fn a_comment_without_its_quotes_reaches_to_the_next_option() {
    let dump = only(
        "iptables-save",
        "*nat\n:A - [0:0]\n-A A -m comment --comment shop/cart:http -> 10.0.0.1:80 -m mark --mark 0x1 -j RETURN\nCOMMIT\n",
    );
    assert_eq!(
        dump["tables"][0]["rules"][0],
        json!({"chain": "A", "matches": [
            {"name": "comment", "options": {"comment": ["shop/cart:http -> 10.0.0.1:80"]}},
            {"name": "mark", "options": {"mark": ["0x1"]}},
        ], "target": {"name": "RETURN"}})
    );
}

#[test]
fn faults_of_a_dump_are_named() {
    let text = "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -m comment --comment \"a b\" stray word\nCOMMIT\n\
                :LATER - [0:0]\n-A LATER -j RETURN\n*nat\n:OUTPUT ACCEPT [0:0]\n-D OUTPUT -j X\n";
    let found = problems(text);
    let texts: Vec<&str> = found.iter().map(|(text, _)| text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "-A INPUT -m comment --comment \"a b\" stray word",
            ":LATER - [0:0]",
            "-D OUTPUT -j X",
            "*nat",
        ],
        "{found:?}"
    );
    let (_, dump) = documents(text).remove(0);
    assert_eq!(dump["tables"][0]["rules"][0]["unread"], json!(["stray", "word"]));
    assert_eq!(dump["tables"][1]["rules"][0]["target"]["name"], "RETURN");
    assert!(dump["tables"][1].get("name").is_none());
}

#[test]
fn what_follows_a_dump_is_not_swallowed() {
    let text = "*nat\n:OUTPUT ACCEPT [0:0]\nCOMMIT\njunk of some kind\n";
    let found = problems(text);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, "junk of some kind");
    // IPv4 and IPv6 are two dumps.
    let both = "# Generated by iptables-save v1.8.4 on Sat Jan  3 10:00:00 2026\n*nat\nCOMMIT\n\
                # Generated by ip6tables-save v1.8.4 on Sat Jan  3 10:00:00 2026\n*nat\nCOMMIT\n";
    assert_eq!(documents(both).len(), 2);
}
