//! A node's rules, walked.

use crate::Input;
use crate::analysis::read;
use crate::flow::packet_path::{Protocol, Query, compute};
use crate::flow::{Flow, Verdict};

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
    let flow = path(&plain(), "10.42.9.9", "203.0.113.5:443");
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
