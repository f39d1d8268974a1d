//! A node's rules, walked.

mod back;

use std::fmt::Write as _;

use crate::Input;
use crate::analysis::read;
use crate::flow::packet_path::{Protocol, Query, compute};
use crate::flow::{Flow, Reason, Verdict};

/// What kube-proxy writes for a Service with three endpoints, one without any, and one that lets one block in; and the VPC CNI's SNAT.
const RULES: &str = "\
# iptables-save
*nat
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:AWS-SNAT-CHAIN-0 - [0:0]
:KUBE-MARK-MASQ - [0:0]
:KUBE-POSTROUTING - [0:0]
:KUBE-SEP-A - [0:0]
:KUBE-SEP-B - [0:0]
:KUBE-SEP-C - [0:0]
:KUBE-SERVICES - [0:0]
:KUBE-SVC-CART - [0:0]
-A PREROUTING -m comment --comment \"kubernetes service portals\" -j KUBE-SERVICES
-A OUTPUT -m comment --comment \"kubernetes service portals\" -j KUBE-SERVICES
-A POSTROUTING -m comment --comment \"kubernetes postrouting rules\" -j KUBE-POSTROUTING
-A POSTROUTING -m comment --comment \"AWS SNAT CHAIN\" -j AWS-SNAT-CHAIN-0
-A AWS-SNAT-CHAIN-0 ! -d 10.42.0.0/16 -m comment --comment \"AWS, SNAT\" -m addrtype ! --dst-type LOCAL -j SNAT --to-source 10.42.3.9 --random-fully
-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0
-A KUBE-POSTROUTING -m comment --comment \"kubernetes service traffic requiring SNAT\" -j MASQUERADE --random-fully
-A KUBE-SEP-A -s 10.42.1.7/32 -m comment --comment \"shop/cart:http\" -j KUBE-MARK-MASQ
-A KUBE-SEP-A -p tcp -m comment --comment \"shop/cart:http\" -m tcp -j DNAT --to-destination 10.42.1.7:8080
-A KUBE-SEP-B -s 10.42.2.7/32 -m comment --comment \"shop/cart:http\" -j KUBE-MARK-MASQ
-A KUBE-SEP-B -p tcp -m comment --comment \"shop/cart:http\" -m tcp -j DNAT --to-destination 10.42.2.7:8080
-A KUBE-SEP-C -s 10.42.2.8/32 -m comment --comment \"shop/cart:http\" -j KUBE-MARK-MASQ
-A KUBE-SEP-C -p tcp -m comment --comment \"shop/cart:http\" -m tcp -j DNAT --to-destination 10.42.2.8:8080
-A KUBE-SERVICES -d 172.20.7.9/32 -p tcp -m comment --comment \"shop/cart:http cluster IP\" -m tcp --dport 80 -j KUBE-SVC-CART
-A KUBE-SVC-CART -m comment --comment \"shop/cart:http -> 10.42.1.7:8080\" -m statistic --mode random --probability 0.33333333349 -j KUBE-SEP-A
-A KUBE-SVC-CART -m comment --comment \"shop/cart:http -> 10.42.2.7:8080\" -m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-B
-A KUBE-SVC-CART -m comment --comment \"shop/cart:http -> 10.42.2.8:8080\" -j KUBE-SEP-C
COMMIT
*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:KUBE-SERVICES - [0:0]
-A FORWARD -m conntrack --ctstate NEW -m comment --comment \"kubernetes service portals\" -j KUBE-SERVICES
-A FORWARD -i eth9 -j DROP
-A FORWARD -s 10.42.0.0/16 -j ACCEPT
-A OUTPUT -m conntrack --ctstate NEW -m comment --comment \"kubernetes service portals\" -j KUBE-SERVICES
-A KUBE-SERVICES -d 172.20.77.4/32 -p tcp -m comment --comment \"shop/pay:http has no endpoints\" -m tcp --dport 80 -j REJECT --reject-with icmp-port-unreachable
COMMIT
";

const NODE: &str = "\
apiVersion: v1
kind: Node
metadata: {name: ip-10-42-3-9.ec2.internal}
status: {addresses: [{type: InternalIP, address: 10.42.3.9}]}
";

/// What `ip addr`, `ip route` and `ip rule` say of a node with two interfaces and a pod on each.
const ROUTES: &str = "\
$ ip addr
1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
    inet 127.0.0.1/8 scope host lo
       valid_lft forever preferred_lft forever
2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 9001 qdisc mq state UP group default qlen 1000
    link/ether 0a:58:9f:11:20:77 brd ff:ff:ff:ff:ff:ff
    inet 10.42.3.9/24 brd 10.42.3.255 scope global dynamic eth0
       valid_lft 3241sec preferred_lft 3241sec
3: eth9: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 9001 qdisc mq state UP group default qlen 1000
    link/ether 0a:58:9f:11:20:78 brd ff:ff:ff:ff:ff:ff
    inet 10.42.4.9/24 brd 10.42.4.255 scope global eth9
       valid_lft forever preferred_lft forever
4: eni4f2b7c91a0d@if3: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 9001 qdisc noqueue state UP group default
    link/ether ee:3f:10:aa:20:9c brd ff:ff:ff:ff:ff:ff link-netns cni-5f0c
$ ip route show table all
default via 10.42.4.1 dev eth9 table 2
default via 10.42.3.1 dev eth0
10.42.3.0/24 dev eth0 proto kernel scope link src 10.42.3.9
10.42.4.0/24 dev eth9 proto kernel scope link src 10.42.4.9
10.42.1.7 dev eni4f2b7c91a0d scope link
blackhole 10.42.200.0/24
local 10.42.3.9 dev eth0 table local proto kernel scope host src 10.42.3.9
local 10.42.4.9 dev eth9 table local proto kernel scope host src 10.42.4.9
$ ip rule
0:	from all lookup local
512:	from all to 10.42.1.7 lookup main
1024:	from all fwmark 0x80/0x80 lookup main
1536:	from 10.42.1.7 lookup 2
32766:	from all lookup main
32767:	from all lookup default
";

/// The same with more outputs of the node, and without the cluster's object of it.
fn with(rules: &str, more: &str, from: &str, to: &str) -> Flow {
    pasted(&format!("$ sudo iptables-save\n{rules}{more}"), from, to)
}

fn pasted(text: &str, from: &str, to: &str) -> Flow {
    asked_at(None, text, from, to)
}

/// The same for a packet that is known to come to that node first.
fn asked_at(at: Option<&str>, text: &str, from: &str, to: &str) -> Flow {
    let input = Input {
        name: "paste".to_owned(),
        bytes: text.as_bytes().to_vec(),
    };
    let analysis = read(vec![input], &mut |_| {});
    let query = Query {
        from: format!("ip:{from}").parse().unwrap(),
        to: format!("ip:{to}").parse().unwrap(),
        protocol: Protocol::Tcp,
        at: at.map(str::to_owned),
    };
    compute(&analysis.model(), &query)
}

fn commands(flow: &Flow) -> Vec<&str> {
    flow.next.iter().map(|next| next.command.as_str()).collect()
}

fn path(rules: &str, from: &str, to: &str) -> Flow {
    let input = |name: &str, text: &str| Input {
        name: name.to_owned(),
        bytes: text.as_bytes().to_vec(),
    };
    let analysis = read(vec![input("iptables-save", rules), input("node", NODE)], &mut |_| {});
    let query = Query {
        from: format!("ip:{from}").parse().unwrap(),
        to: format!("ip:{to}").parse().unwrap(),
        protocol: Protocol::Tcp,
        at: Some("ip-10-42-3-9.ec2.internal".to_owned()),
    };
    compute(&analysis.model(), &query)
}

/// Where each way ends, with its share in percent and the source that is seen there.
fn ends(flow: &Flow) -> Vec<(String, i64, String)> {
    flow.outcomes
        .iter()
        .map(|outcome| {
            #[allow(clippy::cast_possible_truncation, reason = "a percentage")]
            let share = (outcome.share * 100.0).round() as i64;
            let end = outcome
                .ends_at
                .clone()
                .or(outcome.reason.map(|reason| reason.code().to_owned()));
            (
                end.unwrap_or_default(),
                share,
                outcome.source_seen.clone().unwrap_or_default(),
            )
        })
        .collect()
}

fn end(to: &str, share: i64, seen: &str) -> (String, i64, String) {
    (to.to_owned(), share, seen.to_owned())
}

/// The rules without the one that asks for an interface.
fn plain() -> String {
    RULES.replace("-A FORWARD -i eth9 -j DROP\n", "")
}

#[test]
fn every_endpoint_has_its_share() {
    let flow = path(&plain(), "10.42.9.9", "172.20.7.9:80");
    assert_eq!(
        ends(&flow),
        [
            end("10.42.1.7:8080", 33, "10.42.9.9"),
            end("10.42.2.7:8080", 33, "10.42.9.9"),
            end("10.42.2.8:8080", 33, "10.42.9.9")
        ]
    );
    // The rules are proved, and what is beyond them is assumed.
    let verdicts: Vec<Verdict> = flow.outcomes[0].steps.iter().map(|step| step.verdict).collect();
    assert_eq!(
        (flow.verdict, verdicts),
        (Verdict::Assumed, vec![Verdict::Passes, Verdict::Assumed])
    );
    assert!(flow.next.is_empty());
    // Into KUBE-SERVICES, the Service, its endpoint, the rewriting; the filter's two; into KUBE-POSTROUTING and back, into AWS-SNAT-CHAIN-0.
    let hits: Vec<usize> = flow
        .outcomes
        .iter()
        .map(|outcome| outcome.steps[0].evidence.len())
        .collect();
    assert_eq!(hits, [9, 9, 9]);
}

#[test]
fn who_is_sent_to_himself_is_masqueraded() {
    let flow = path(&plain(), "10.42.1.7", "172.20.7.9:80");
    let own = flow
        .outcomes
        .iter()
        .find(|outcome| outcome.ends_at.as_deref() == Some("10.42.1.7:8080"))
        .unwrap();
    let other = flow
        .outcomes
        .iter()
        .find(|outcome| outcome.ends_at.as_deref() == Some("10.42.2.7:8080"))
        .unwrap();
    assert_eq!((own.snat, other.snat), (true, false));
}

#[test]
fn what_leaves_the_network_gets_the_nodes_address() {
    let rules = plain().replace(
        "-A FORWARD -s 10.42.0.0/16",
        "-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT\n-A FORWARD -s 10.42.0.0/16",
    );
    let flow = path(&rules, "10.42.9.9", "203.0.113.5:443");
    assert_eq!(ends(&flow), [end("203.0.113.5:443", 100, "10.42.3.9")]);
    assert!(flow.outcomes[0].snat);
    assert_eq!(flow.verdict, Verdict::Unknown);
}

#[test]
fn a_service_without_endpoints_refuses() {
    let flow = path(&plain(), "10.42.9.9", "172.20.77.4:80");
    assert_eq!(ends(&flow), [end("no-endpoints", 100, "")]);
    assert_eq!(flow.verdict, Verdict::Blocked);
}

#[test]
fn the_chains_policy_decides_in_the_end() {
    let flow = path(&plain(), "198.51.100.7", "10.42.1.7:8080");
    assert_eq!(ends(&flow), [end("drop", 100, "")]);
    // The chain's own line says so.
    let pointer = format!("{:?}", flow.outcomes[0].steps[0].evidence);
    assert!(pointer.contains("/tables/1/chains/"), "{pointer}");
    // To the node itself FORWARD is not asked.
    let own = path(&plain(), "198.51.100.7", "10.42.3.9:10250");
    assert_eq!(ends(&own), [end("local", 100, "198.51.100.7")]);
}

#[test]
fn what_the_dump_does_not_tell_is_asked_and_not_guessed() {
    let flow = path(RULES, "10.42.9.9", "10.42.1.7:8080");
    assert_eq!(flow.verdict, Verdict::Unknown);
    let mut found = ends(&flow);
    found.sort();
    assert_eq!(found, [end("10.42.1.7:8080", 50, "10.42.9.9"), end("drop", 50, "")]);
    assert!(
        flow.steps()
            .any(|step| step.note.as_deref().is_some_and(|note| note.contains("eth9")))
    );
    // A chain that was not pasted decides nothing.
    let cut = plain().replace(
        "-A KUBE-SERVICES -d 172.20.7.9/32",
        "-A KUBE-SERVICES -d 172.20.7.9/32 -j KUBE-SVC-GONE\n-A KUBE-SERVICES -d 172.20.7.8/32",
    );
    let flow = path(&cut, "10.42.9.9", "172.20.7.9:80");
    assert_eq!(flow.verdict, Verdict::Unknown);
}

#[test]
fn routes_tell_by_which_interface_a_packet_comes() {
    // What comes from the second interface's network is dropped, and nothing else.
    let flow = with(RULES, ROUTES, "10.42.4.77", "10.42.1.7:8080");
    assert_eq!(ends(&flow), [end("drop", 100, "")]);
    let flow = with(RULES, ROUTES, "10.42.9.9", "10.42.77.7:8080");
    assert_eq!(ends(&flow), [end("10.42.77.7:8080", 100, "10.42.9.9")]);
    assert_eq!(commands(&flow), [""; 0]);
    // Who sends to a pod of the second interface comes in by that one, and who sends to its address, too.
    let flow = with(RULES, ROUTES, "10.42.9.9", "10.42.1.7:8080");
    assert_eq!(ends(&flow), [end("drop", 100, "")]);
    let input = RULES.replace("-A FORWARD -i eth9", "-A INPUT -i eth9");
    let flow = with(&input, ROUTES, "10.42.9.9", "10.42.4.9:8080");
    assert_eq!(ends(&flow), [end("drop", 100, "")]);
    let flow = with(&input, ROUTES, "10.42.9.9", "10.42.3.9:8080");
    assert_eq!(ends(&flow), [end("local", 100, "10.42.9.9")]);
    // Without them that is asked.
    let (addresses, _) = ROUTES.split_once("$ ip route").unwrap();
    let flow = with(RULES, addresses, "10.42.9.9", "10.42.1.7:8080");
    assert_eq!(flow.verdict, Verdict::Unknown);
    assert_eq!(commands(&flow), ["ip route show table all", "ip rule"]);
    // And without the rules, where a table is there that only they lead to.
    let (routes, _) = ROUTES.split_once("$ ip rule").unwrap();
    let flow = with(RULES, routes, "10.42.9.9", "10.42.1.7:8080");
    assert_eq!(commands(&flow), ["ip route show table all", "ip rule"]);
}

#[test]
fn who_is_masqueraded_has_the_address_of_the_interface_that_it_leaves_by() {
    let marked = plain().replace(
        "-A KUBE-SVC-CART -m comment --comment \"shop/cart:http -> 10.42.1.7",
        "-A KUBE-SVC-CART -j KUBE-MARK-MASQ\n-A KUBE-SVC-CART -m comment --comment \"shop/cart:http -> 10.42.1.7",
    );
    // A pod of the second interface, by `ip rule`; and to the pod's veth, which has no address, so that the first interface's is taken.
    let flow = with(&marked, ROUTES, "10.42.1.7", "172.20.7.9:80");
    assert_eq!(
        ends(&flow),
        [
            end("10.42.1.7:8080", 33, "10.42.3.9"),
            end("10.42.2.7:8080", 33, "10.42.4.9"),
            end("10.42.2.8:8080", 33, "10.42.4.9")
        ]
    );
    let flow = with(&marked, ROUTES, "10.42.9.9", "172.20.7.9:80");
    assert_eq!(ends(&flow)[1], end("10.42.2.7:8080", 33, "10.42.3.9"));
    // With a mark the main table is asked first.
    let connected =
        format!("{marked}*mangle\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -j MARK --set-xmark 0x80/0x80\nCOMMIT\n");
    let flow = with(&connected, ROUTES, "10.42.1.7", "172.20.7.9:80");
    assert_eq!(ends(&flow)[1], end("10.42.2.7:8080", 33, "10.42.3.9"));
}

#[test]
fn a_route_that_leads_nowhere_stops_the_packet() {
    let flow = with(&plain(), ROUTES, "10.42.9.9", "10.42.200.7:80");
    assert_eq!(ends(&flow), [end("blackhole-route", 100, "")]);
    assert!(!flow.outcomes[0].steps[0].evidence.is_empty());
    let homeless = ROUTES.replace("default via 10.42.3.1 dev eth0\n", "");
    let flow = with(&plain(), &homeless, "10.42.3.77", "10.43.200.7:80");
    assert_eq!(ends(&flow), [end("no-route", 100, "")]);
}

#[test]
fn who_listens_on_the_node_is_asked_and_then_known() {
    let to = "10.42.3.9:10250";
    let flow = with(&plain(), ROUTES, "10.42.9.9", to);
    assert_eq!(
        (flow.verdict, commands(&flow)),
        (Verdict::Unknown, vec!["sudo ss -ltnp"])
    );
    let sockets = |address: &str| {
        format!(
            "{ROUTES}$ sudo ss -ltnp\n\
             State  Recv-Q Send-Q Local Address:Port  Peer Address:Port Process\n\
             LISTEN 0      4096       {address}:10250      0.0.0.0:*    users:((\"kubelet\",pid=2811,fd=23))\n"
        )
    };
    let flow = with(&plain(), &sockets("0.0.0.0"), "10.42.9.9", to);
    let last = flow.outcomes[0].steps.last().unwrap();
    assert_eq!(
        (last.verdict, last.action.as_str()),
        (Verdict::Passes, "kubelet listens on the node")
    );
    let flow = with(&plain(), &sockets("127.0.0.1"), "10.42.9.9", to);
    let last = flow.outcomes[0].steps.last().unwrap();
    assert_eq!(
        (flow.verdict, flow.outcomes[0].reason),
        (Verdict::Blocked, Some(Reason::NotListening))
    );
    assert!(last.action.contains("127.0.0.1") && last.evidence.len() == 1);
    // Nobody at all.
    let flow = with(&plain(), &sockets("0.0.0.0"), "10.42.9.9", "10.42.3.9:9100");
    assert_eq!(flow.outcomes[0].reason, Some(Reason::NotListening));
    // A list that went through grep does not show who is missing.
    let some = sockets("0.0.0.0").replace("ss -ltnp", "ss -ltnp | grep 102");
    let flow = with(&plain(), &some, "10.42.9.9", "10.42.3.9:9100");
    assert_eq!(
        (flow.verdict, commands(&flow)),
        (Verdict::Unknown, vec!["sudo ss -ltnp"])
    );
}

#[test]
fn the_rules_of_another_mode_are_asked_for() {
    let other = "*nat\n:PREROUTING ACCEPT [0:0]\n:KUBE-IPTABLES-HINT - [0:0]\nCOMMIT\n";
    let flow = with(other, ROUTES, "10.42.9.9", "172.20.7.9:80");
    assert_eq!(
        (flow.verdict, commands(&flow)),
        (Verdict::Unknown, vec!["sudo nft list ruleset"])
    );
}

#[test]
fn outputs_of_another_node_are_left_alone() {
    let text = format!(
        "[ec2-user@ip-10-42-3-9 ~]$ sudo iptables-save\n{}[ec2-user@ip-10-42-8-1 ~]$ ip -br addr\n\
         lo               UNKNOWN        127.0.0.1/8 ::1/128\neth0             UP             10.42.8.1/24\n",
        plain()
    );
    let input = Input {
        name: "paste".to_owned(),
        bytes: text.into_bytes(),
    };
    let analysis = read(vec![input], &mut |_| {});
    let query = Query {
        from: "ip:10.42.9.9".parse().unwrap(),
        to: "ip:10.42.8.1:80".parse().unwrap(),
        protocol: Protocol::Tcp,
        at: Some("ip-10-42-3-9.ec2.internal".to_owned()),
    };
    let flow = compute(&analysis.model(), &query);
    assert_eq!(commands(&flow), ["ip -br addr", "sudo ss -ltnp"]);
}

#[test]
fn a_part_of_the_rules_is_no_proof_that_a_packet_passes() {
    let nat = plain().replace("# iptables-save\n", "");
    let (one, filter) = nat.split_once("*filter").unwrap();
    let flow = with(one, ROUTES, "10.42.1.7", "172.20.7.9:80");
    assert_eq!(
        flow.verdict,
        Verdict::Assumed,
        "`iptables-save` alone prints all tables that there are"
    );
    let text = format!("$ sudo iptables-save -t nat\n{one}{ROUTES}");
    let flow = pasted(&text, "10.42.1.7", "172.20.7.9:80");
    assert_eq!(
        (flow.verdict, commands(&flow)),
        (Verdict::Unknown, vec!["sudo iptables-save"])
    );
    // The other table from another command.
    let both = format!("{text}$ sudo iptables-save -t filter\n*filter{filter}");
    let flow = pasted(&both, "10.42.1.7", "172.20.7.9:80");
    assert_eq!((flow.verdict, flow.outcomes.len()), (Verdict::Assumed, 3));
    let flow = pasted(&both, "10.42.9.9", "172.20.77.4:80");
    assert_eq!(flow.outcomes[0].reason, Some(Reason::NoEndpoints));
    // A rule that was not pasted may come before one that refuses.
    let flow = pasted(&text.replace("-t nat", "| grep nat"), "10.42.9.9", "10.42.200.7:80");
    assert_eq!((flow.verdict, flow.outcomes[0].reason), (Verdict::Unknown, None));
    // And what grep let through.
    let some = format!("$ sudo iptables-save | grep -v REJECT\n{nat}{ROUTES}");
    let flow = pasted(&some, "10.42.1.7", "172.20.7.9:80");
    assert_eq!(flow.verdict, Verdict::Unknown);
}

#[test]
fn many_open_questions_end_soon() {
    let mut many = String::new();
    for at in 0..40 {
        let _ = writeln!(many, "-A FORWARD -i eth{at} -s 10.{at}.0.0/16 -j DROP");
        let _ = writeln!(many, "-A FORWARD -m time --timestart 08:{at:02}:00 -j ACCEPT");
    }
    let rules = plain().replace("-A FORWARD -s 10.42.0.0/16 -j ACCEPT\n", &many);
    let flow = path(&rules, "10.42.9.9", "172.20.7.9:80");
    assert_eq!(flow.verdict, Verdict::Unknown);
    let all: f64 = flow.outcomes.iter().map(|outcome| outcome.share).sum();
    assert!((all - 1.0).abs() < 1e-3, "{all}");
}
