//! Every reason for which a packet path stops comes out of some paste: of a scenario or a rule's page, of the small cases here, or of the
//! tests of the part that knows it, which are named. What nobody produces yet stands in a list of its own, and a code that is produced
//! must leave it.

#![allow(clippy::expect_used, reason = "helpers of tests")]

use std::collections::{BTreeMap, BTreeSet};

use whypath_analyzers::finding::page;
use whypath_analyzers::flow::packet_path::{Protocol, Query, compute};
use whypath_analyzers::flow::{Flow, FlowKind, Reason};
use whypath_analyzers::{Input, analysis, analyze, scenario};

/// The codes of the contract for packet paths.
const ALL: [&str; 27] = [
    "sg-egress",
    "sg-ingress",
    "nacl-egress",
    "nacl-ingress",
    "no-route",
    "blackhole-route",
    "no-public-address",
    "source-dest-check",
    "policy-egress",
    "policy-ingress",
    "reject",
    "drop",
    "no-endpoints",
    "no-local-endpoint",
    "no-listener",
    "no-target",
    "target-unhealthy",
    "target-az-disabled",
    "hairpin",
    "wrong-port",
    "not-listening",
    "mtu",
    "endpoint-private",
    "cidr-not-allowed",
    "peering-missing",
    "asymmetric",
    "state",
];

/// What nobody produces yet stands here, and nowhere else.
const NOT_YET: [&str; 0] = [];

const VPC: &str = include_str!("../src/flow/packet_path/vpc/tests/reasons.rs");
const ELB: &str = include_str!("../src/flow/packet_path/elb/tests/mod.rs");

/// Those whose documents are long: the tests beside the code make them, and say that they come out.
const BESIDE_THE_CODE: [(&str, &str, &str); 10] = [
    ("sg-egress", VPC, "Reason::SgEgress"),
    ("nacl-egress", VPC, "Reason::NaclEgress"),
    ("nacl-ingress", VPC, "Reason::NaclIngress"),
    ("source-dest-check", VPC, "Reason::SourceDestCheck"),
    ("peering-missing", VPC, "Reason::PeeringMissing"),
    ("state", VPC, "Reason::State"),
    ("no-target", ELB, "Reason::NoTarget"),
    ("target-unhealthy", ELB, "Reason::TargetUnhealthy"),
    ("target-az-disabled", ELB, "Reason::TargetAzDisabled"),
    ("no-listener", ELB, "Reason::NoListener"),
];

/// A node's rules and routes; a Service of theirs leads to a pod of the node and to one of another.
const NODE: &str = "\
[root@ip-10-42-3-9 ~]# iptables-save
*nat
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:KUBE-SVC-7QO2KVHDSCGJ5PWM - [0:0]
-A PREROUTING -d 10.42.3.9/32 -p tcp -m tcp --dport 30080 -j DNAT --to-destination 10.42.2.7:8080
COMMIT
*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:KUBE-SERVICES - [0:0]
-A FORWARD -m conntrack --ctstate NEW -m comment --comment \"kubernetes service portals\" -j KUBE-SERVICES
-A FORWARD -d 10.42.1.7/32 -p tcp -m tcp --dport 5432 -j DROP
-A FORWARD -d 10.42.1.7/32 -p tcp -m tcp --dport 6379 -j REJECT --reject-with icmp-port-unreachable
-A KUBE-SERVICES -d 172.20.77.4/32 -p tcp -m comment --comment \"shop/pay:http has no endpoints\" -m tcp --dport 80 -j REJECT --reject-with icmp-port-unreachable
-A KUBE-SERVICES -d 172.20.77.5/32 -p tcp -m comment --comment \"shop/log:http has no local endpoints\" -m tcp --dport 80 -j DROP
COMMIT
[root@ip-10-42-3-9 ~]# ip addr
1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    inet 127.0.0.1/8 scope host lo
2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 9001 qdisc mq state UP group default qlen 1000
    inet 10.42.3.9/24 brd 10.42.3.255 scope global dynamic eth0
[root@ip-10-42-3-9 ~]# ip route show table all
default via 10.42.3.1 dev eth0
10.42.3.0/24 dev eth0 proto kernel scope link src 10.42.3.9
10.42.1.7 dev eni4f2b7c91a0d scope link
blackhole 10.42.200.0/24
local 10.42.3.9 dev eth0 table local proto kernel scope host src 10.42.3.9
[root@ip-10-42-3-9 ~]# ip rule
0:	from all lookup local
32766:	from all lookup main
32767:	from all lookup default
[root@ip-10-42-3-9 ~]# ss -ltnp
State  Recv-Q Send-Q Local Address:Port  Peer Address:Port Process
LISTEN 0      4096         0.0.0.0:10250      0.0.0.0:*    users:((\"kubelet\",pid=2811,fd=23))
";

/// A Service whose load balancer lets one network in, and pods under policies.
const CLUSTER: &str = "\
$ kubectl get all,networkpolicy,endpointslices -n shop -o yaml
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Service
  metadata: {name: cart, namespace: shop}
  spec:
    type: LoadBalancer
    clusterIP: 172.20.61.8
    loadBalancerSourceRanges: [198.51.100.0/24]
    ports: [{name: http, port: 80, protocol: TCP, targetPort: 8080}]
    selector: {app: cart}
  status: {loadBalancer: {ingress: [{ip: 192.0.2.80}]}}
- apiVersion: discovery.k8s.io/v1
  kind: EndpointSlice
  addressType: IPv4
  metadata: {name: cart-8xk2p, namespace: shop, labels: {kubernetes.io/service-name: cart}}
  endpoints: [{addresses: [10.42.2.7], conditions: {ready: true}, nodeName: node-b}]
  ports: [{name: http, port: 8080, protocol: TCP}]
- apiVersion: v1
  kind: Pod
  metadata: {name: cart-0, namespace: shop, labels: {app: cart}}
  spec: {nodeName: node-b, containers: [{name: cart, image: cart}]}
  status: {phase: Running, podIP: 10.42.2.7}
- apiVersion: v1
  kind: Pod
  metadata: {name: batch-0, namespace: shop, labels: {app: batch}}
  spec: {nodeName: node-a, containers: [{name: batch, image: batch}]}
  status: {phase: Running, podIP: 10.42.1.11}
- apiVersion: networking.k8s.io/v1
  kind: NetworkPolicy
  metadata: {name: none, namespace: shop}
  spec: {podSelector: {matchLabels: {app: DENIED}}, policyTypes: [WAY]}
$ kubectl get networkpolicy -A -o yaml
apiVersion: v1
kind: NetworkPolicyList
items:
- apiVersion: networking.k8s.io/v1
  kind: NetworkPolicy
  metadata: {name: none, namespace: shop}
  spec: {podSelector: {matchLabels: {app: DENIED}}, policyTypes: [WAY]}
";

fn reasons(flow: &Flow) -> BTreeSet<&'static str> {
    let of = |reason: Option<Reason>| reason.map(Reason::code);
    let outcomes = flow.outcomes.iter();
    outcomes
        .flat_map(|way| [of(way.reason), way.back.as_ref().and_then(|back| of(back.reason))])
        .flatten()
        .collect()
}

fn input(paste: &str) -> Vec<Input> {
    vec![Input {
        name: "paste 1".to_owned(),
        bytes: paste.as_bytes().to_vec(),
    }]
}

fn asked(paste: &str, from: &str, to: &str) -> BTreeSet<&'static str> {
    let analysis = analysis::read(input(paste), &mut |_| {});
    let query = Query {
        from: from.parse().expect("an end"),
        to: to.parse().expect("an end"),
        protocol: Protocol::Tcp,
        at: (paste == NODE).then(|| "ip-10-42-3-9".to_owned()),
    };
    reasons(&compute(&analysis.model(), &query))
}

#[test]
fn small_cases_stop_for_their_reason() {
    let denied = |app: &str, way: &str| CLUSTER.replace("DENIED", app).replace("WAY", way);
    let (out, into) = (denied("batch", "Egress"), denied("cart", "Ingress"));
    let (pod, cart) = ("pod:shop/batch-0", "pod:shop/cart-0:8080");
    let cases: [(&str, &str, &str, &str); 13] = [
        ("drop", NODE, "ip:10.42.2.9", "ip:10.42.1.7:5432"),
        ("reject", NODE, "ip:10.42.2.9", "ip:10.42.1.7:6379"),
        ("no-endpoints", NODE, "ip:10.42.1.7", "ip:172.20.77.4:80"),
        ("no-local-endpoint", NODE, "ip:10.42.1.7", "ip:172.20.77.5:80"),
        ("blackhole-route", NODE, "ip:10.42.1.7", "ip:10.42.200.7:80"),
        ("not-listening", NODE, "ip:10.42.1.7", "ip:10.42.3.9:9100"),
        ("asymmetric", NODE, "ip:203.0.113.5", "ip:10.42.3.9:30080"),
        ("policy-egress", &out, pod, cart),
        ("policy-ingress", &into, pod, cart),
        ("wrong-port", CLUSTER, pod, "svc:shop/cart:8443"),
        ("cidr-not-allowed", CLUSTER, "ip:203.0.113.5", "ip:192.0.2.80:80"),
        ("policy-ingress", &into, pod, "svc:shop/cart:80"),
        (
            "no-endpoints",
            &CLUSTER.replace("ready: true", "ready: false"),
            pod,
            "svc:shop/cart:80",
        ),
    ];
    for (code, paste, from, to) in cases {
        assert_eq!(asked(paste, from, to), BTreeSet::from([code]), "{from} → {to}");
    }
}

#[test]
fn every_reason_is_produced() {
    let mut produced: BTreeMap<&str, String> = BTreeMap::new();
    let scenarios = scenario::ALL.iter().map(|one| (one.code.to_owned(), one.paste));
    let cases = page::ALL.iter().flat_map(|(code, page)| {
        let cases = page.cases.iter();
        cases.map(move |case| (format!("{code} {}", case.id), case.paste.as_str()))
    });
    for (name, paste) in scenarios.chain(cases) {
        let analysis = analyze(input(paste), &mut |_| {});
        for (_, flow) in analysis.flows.of(FlowKind::PacketPath) {
            for code in reasons(flow) {
                produced.entry(code).or_insert_with(|| name.clone());
            }
        }
    }
    let own = [
        "drop",
        "reject",
        "no-endpoints",
        "no-local-endpoint",
        "blackhole-route",
        "not-listening",
        "asymmetric",
        "policy-egress",
        "policy-ingress",
        "wrong-port",
        "cidr-not-allowed",
    ];
    for code in own {
        produced.entry(code).or_insert_with(|| "a small case".to_owned());
    }
    for (code, text, claim) in BESIDE_THE_CODE {
        assert!(text.contains(claim), "no test beside the code makes {code}");
        produced
            .entry(code)
            .or_insert_with(|| "a test beside the code".to_owned());
    }
    for code in ALL {
        let not_yet = NOT_YET.contains(&code);
        match produced.get(code) {
            Some(by) => assert!(
                !not_yet,
                "{code} is produced by {by}: take it out of the list of those that are not"
            ),
            None => assert!(not_yet, "nothing produces {code}"),
        }
    }
    let strange: Vec<&&str> = produced.keys().filter(|code| !ALL.contains(code)).collect();
    assert!(strange.is_empty(), "the contract has no such words: {strange:?}");
}
