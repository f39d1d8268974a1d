//! Packets to Services.

use crate::Input;
use crate::analysis::read;
use crate::flow::packet_path::{Protocol, Query, compute};
use crate::flow::{Flow, Reason, Verdict};

const SERVICE: &str = "\
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec:
  type: NodePort
  clusterIP: 172.20.7.9
  selector: {app: cart}
  externalTrafficPolicy: Local
  ports: [{name: http, port: 80, targetPort: 8080, nodePort: 31080}]
";
const SLICE: &str = "\
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: cart-x2x4q, namespace: shop, labels: {kubernetes.io/service-name: cart}}
addressType: IPv4
ports: [{name: http, port: 8080, protocol: TCP}]
endpoints:
- {addresses: [10.42.1.7], conditions: {ready: true}, nodeName: ip-10-42-1-9.ec2.internal}
- {addresses: [10.42.2.7], conditions: {ready: true}, nodeName: ip-10-42-2-9.ec2.internal}
- {addresses: [10.42.2.8], conditions: {ready: false}, nodeName: ip-10-42-2-9.ec2.internal}
";
const NODE: &str = "\
apiVersion: v1
kind: Node
metadata: {name: ip-10-42-3-9.ec2.internal}
status: {addresses: [{type: InternalIP, address: 10.42.3.9}]}
";

fn path(parts: &[&str], from: &str, to: &str) -> Flow {
    let input = Input {
        name: "paste".to_owned(),
        bytes: parts.join("---\n").into_bytes(),
    };
    let analysis = read(vec![input], &mut |_| {});
    let query = Query {
        from: format!("ip:{from}").parse().unwrap(),
        to: format!("ip:{to}").parse().unwrap(),
        protocol: Protocol::Tcp,
        at: None,
    };
    compute(&analysis.model(), &query)
}

fn ends(flow: &Flow) -> Vec<(&str, bool)> {
    flow.outcomes
        .iter()
        .map(|outcome| (outcome.ends_at.as_deref().unwrap_or("?"), outcome.snat))
        .collect()
}

fn reasons(flow: &Flow) -> Vec<&str> {
    flow.outcomes
        .iter()
        .filter_map(|outcome| outcome.reason)
        .map(Reason::code)
        .collect()
}

#[test]
fn ready_endpoints_share_what_comes_to_the_clusters_address() {
    let flow = path(&[SERVICE, SLICE, NODE], "10.42.9.9", "172.20.7.9:80");
    assert_eq!(ends(&flow), [("10.42.1.7:8080", false), ("10.42.2.7:8080", false)]);
    assert_eq!(flow.verdict, Verdict::Assumed);
    assert!(flow.outcomes.iter().all(|outcome| (outcome.share - 0.5).abs() < 1e-9));
    assert!(flow.steps().all(|step| !step.evidence.is_empty()));
    // A pod that is sent back to itself has to see somebody else.
    let hairpin = path(&[SERVICE, SLICE, NODE], "10.42.1.7", "172.20.7.9:80");
    assert_eq!(ends(&hairpin), [("10.42.1.7:8080", true), ("10.42.2.7:8080", false)]);
}

#[test]
fn a_node_without_an_endpoint_drops_what_must_stay_on_it() {
    let flow = path(&[SERVICE, SLICE, NODE], "203.0.113.5", "10.42.3.9:31080");
    assert_eq!(
        (flow.verdict, reasons(&flow)),
        (Verdict::Blocked, vec!["no-local-endpoint"])
    );
    // The node itself may go anywhere.
    let own = path(&[SERVICE, SLICE, NODE], "10.42.3.9", "10.42.3.9:31080");
    assert_eq!(ends(&own), [("10.42.1.7:8080", true), ("10.42.2.7:8080", true)]);
}

#[test]
fn who_serves_is_asked_for_and_not_guessed() {
    let flow = path(&[SERVICE, NODE], "10.42.9.9", "172.20.7.9:80");
    assert_eq!(flow.verdict, Verdict::Unknown);
    assert!(
        flow.next[0]
            .command
            .contains("endpointslices -n shop -l kubernetes.io/service-name=cart"),
        "{:?}",
        flow.next
    );
    let other = path(&[SERVICE, SLICE, NODE], "10.42.9.9", "172.20.7.9:81");
    assert_eq!(ends(&other), [("172.20.7.9:81", false)]);
    assert_eq!(other.verdict, Verdict::Unknown);
}

#[test]
fn endpoints_that_end_serve_where_none_is_ready() {
    let ending = SLICE
        .replace(
            "conditions: {ready: true}",
            "conditions: {ready: false, serving: true, terminating: true}",
        )
        .replace(
            "conditions: {ready: false}",
            "conditions: {ready: false, serving: false}",
        );
    let flow = path(&[SERVICE, &ending, NODE], "10.42.9.9", "172.20.7.9:80");
    assert_eq!(ends(&flow), [("10.42.1.7:8080", false), ("10.42.2.7:8080", false)]);
    let none = SLICE.replace("{ready: true}", "{ready: false}");
    let flow = path(&[SERVICE, &none, NODE], "10.42.9.9", "172.20.7.9:80");
    assert_eq!(reasons(&flow), ["no-endpoints"]);
}
