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

/// A Service that nobody serves is proved by what lists all slices, never by a paste that has none.
#[test]
fn a_service_without_slices_is_unknown_unless_all_slices_were_pasted() {
    let bare = SERVICE.replace("  selector: {app: cart}\n", "");
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: cart-0, namespace: shop}\n";
    let items = |objects: &[&str]| {
        let items: Vec<String> = objects
            .iter()
            .map(|object| format!("- {}\n", object.trim_end().replace('\n', "\n  ")))
            .collect();
        format!(
            "apiVersion: v1\nitems:\n{}kind: List\nmetadata:\n  resourceVersion: \"\"\n",
            items.concat()
        )
    };
    let asked = |part: &str| {
        let flow = path(&[part], "10.42.9.9", "172.20.7.9:80");
        (flow.verdict, reasons(&flow).first().map(|reason| (*reason).to_owned()))
    };
    let unknown = (Verdict::Unknown, None);
    let blocked = (Verdict::Blocked, Some("no-endpoints".to_owned()));
    let other = SLICE.replace("cart", "other");
    let service = format!("$ kubectl get svc -n shop -o yaml\n{}", items(&[&bare]));
    for (part, expected) in [
        // Several kinds, and not the one that tells.
        (
            format!("$ kubectl get svc,pods -n shop -o yaml\n{}", items(&[&bare, pod])),
            &unknown,
        ),
        (
            items(&[&bare, pod, NODE.replace("name: ip", "uid: 6f0e, name: ip").as_str()]),
            &unknown,
        ),
        // All slices of the namespace, of others alone.
        (
            format!(
                "$ kubectl get svc,endpointslices -n shop -o yaml\n{}",
                items(&[&bare, &other])
            ),
            &blocked,
        ),
        (items(&[SERVICE, &other]), &blocked),
        (
            format!(
                "$ kubectl get svc,endpointslices -n shop -l app=web -o yaml\n{}",
                items(&[&bare, &other])
            ),
            &unknown,
        ),
        (
            format!("{service}$ kubectl get endpointslices -A -o yaml\n{}", items(&[&other])),
            &blocked,
        ),
        (
            format!(
                "{service}$ kubectl get endpointslices -n ops -o yaml\n{}",
                items(&[&other])
            ),
            &unknown,
        ),
        (
            format!(
                "{service}$ kubectl get endpointslices -n shop | head\n{}",
                items(&[&other])
            ),
            &unknown,
        ),
        // What says that there are none.
        (
            format!("{service}$ kubectl get ep -n shop\nNo resources found in shop namespace.\n"),
            &blocked,
        ),
        (
            format!("{service}$ kubectl get ep -n ops\nNo resources found in ops namespace.\n"),
            &unknown,
        ),
        (
            format!(
                "{service}$ kubectl get ep cart -n shop\nError from server (NotFound): endpoints \"cart\" not found\n"
            ),
            &blocked,
        ),
        (
            format!(
                "{service}$ kubectl get ep web -n shop\nError from server (NotFound): endpoints \"web\" not found\n"
            ),
            &unknown,
        ),
        // A cluster that was written down, nodes and all, is the whole of it.
        (items(&[&bare, pod, NODE]), &blocked),
        (items(&[SERVICE, pod, NODE]), &unknown),
    ] {
        assert_eq!(&asked(&part), expected, "{part}");
    }
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

fn at(text: &str, to: &str, node: Option<&str>) -> Flow {
    let input = Input {
        name: "paste".to_owned(),
        bytes: text.as_bytes().to_vec(),
    };
    let analysis = read(vec![input], &mut |_| {});
    let query = Query {
        from: "ip:10.42.9.9".parse().unwrap(),
        to: format!("ip:{to}").parse().unwrap(),
        protocol: Protocol::Tcp,
        at: node.map(str::to_owned),
    };
    compute(&analysis.model(), &query)
}

fn asks(flow: &Flow) -> &str {
    flow.next.first().map_or("", |next| next.command.as_str())
}

const FIRST: &str = "ip-10-42-1-9.ec2.internal";

#[test]
fn what_must_stay_on_its_node_needs_the_node() {
    let local = SERVICE.replace("externalTrafficPolicy: Local", "internalTrafficPolicy: Local");
    let text = [local.as_str(), SLICE].join("---\n");
    let flow = at(&text, "172.20.7.9:80", None);
    assert_eq!(flow.verdict, Verdict::Unknown);
    assert_eq!(
        asks(&flow),
        "kubectl get pods -A -o wide --field-selector status.podIP=10.42.9.9"
    );
    let known = at(&text, "172.20.7.9:80", Some(FIRST));
    assert_eq!(ends(&known), [("10.42.1.7:8080", false)]);
    let elsewhere = at(&text, "172.20.7.9:80", Some("ip-10-42-3-9.ec2.internal"));
    assert_eq!(reasons(&elsewhere), ["no-local-endpoint"]);
    // Nobody serves, from wherever it is asked.
    let idle = text.replace("{ready: true}", "{ready: false}");
    assert_eq!(reasons(&at(&idle, "172.20.7.9:80", None)), ["no-endpoints"]);
}

#[test]
fn a_table_does_not_tell_the_nodes_of_endpoints() {
    let local = SERVICE
        .replace("externalTrafficPolicy: Local", "internalTrafficPolicy: Local")
        .replace("name: http, ", "");
    let table = "NAME         ADDRESSTYPE   PORTS   ENDPOINTS              AGE\n\
                 cart-x2x4q   IPv4          8080    10.42.1.7,10.42.2.7    3d\n";
    let text = format!("$ kubectl get svc cart -n shop -o yaml\n{local}$ kubectl get endpointslices -n shop\n{table}");
    let flow = at(&text, "172.20.7.9:80", Some(FIRST));
    assert_eq!(flow.verdict, Verdict::Unknown);
    assert_eq!(
        asks(&flow),
        "kubectl get endpointslices -n shop -l kubernetes.io/service-name=cart -o yaml"
    );
}

#[test]
fn one_slice_by_its_name_does_not_prove_that_nobody_serves() {
    let service = SERVICE.replace("name: http, ", "");
    let slices = |command: &str, endpoints: &str| {
        let text = format!(
            "$ kubectl get svc cart -n shop -o yaml\n{service}$ {command}\n\
             NAME         ADDRESSTYPE   PORTS   ENDPOINTS   AGE\n\
             cart-x2x4q   IPv4          8080    {endpoints}   3d\n"
        );
        at(&text, "172.20.7.9:80", Some(FIRST))
    };
    let named = slices("kubectl get endpointslice cart-x2x4q -n shop", "<unset>");
    assert_eq!(named.verdict, Verdict::Unknown);
    assert!(asks(&named).contains("kubernetes.io/service-name=cart"));
    let listed = slices("kubectl get endpointslices -n shop", "<unset>");
    assert_eq!(reasons(&listed), ["no-endpoints"]);
    let some = slices("kubectl get endpointslice cart-x2x4q -n shop", "10.42.1.7");
    assert_eq!(
        (some.verdict, ends(&some)),
        (Verdict::Assumed, vec![("10.42.1.7:8080", false)])
    );
    assert!(asks(&some).contains("kubernetes.io/service-name=cart"));
}

#[test]
fn what_a_table_does_not_show_is_not_taken_for_its_default_from_outside() {
    let table = "$ kubectl get svc -n shop\n\
                 NAME   TYPE       CLUSTER-IP    EXTERNAL-IP   PORT(S)        AGE\n\
                 cart   NodePort   172.20.7.9    <none>        80:31080/TCP   3d\n\
                 $ kubectl get nodes,endpointslices -A -o yaml\n";
    let flow = at(&[table, SLICE, "---\n", NODE].concat(), "10.42.3.9:31080", None);
    assert_eq!(flow.verdict, Verdict::Unknown);
    assert_eq!(asks(&flow), "kubectl get service cart -n shop -o yaml");
    // Both policies agree where nobody serves.
    let idle = SLICE.replace("{ready: true}", "{ready: false}");
    let flow = at(&[table, &idle, "---\n", NODE].concat(), "10.42.3.9:31080", None);
    assert_eq!(reasons(&flow), ["no-endpoints"]);
    // By the cluster's address the default is taken, and said.
    let flow = at(&[table, SLICE, "---\n", NODE].concat(), "172.20.7.9:80", Some(FIRST));
    assert_eq!(flow.verdict, Verdict::Assumed);
    let note = flow.outcomes[0].steps[0].note.as_deref().unwrap_or_default();
    assert!(
        note.contains("internalTrafficPolicy was not pasted; Cluster is its default."),
        "{note}"
    );
}

#[test]
fn endpoints_that_a_table_does_not_show_have_their_share() {
    let text = "$ kubectl get svc,endpointslices -n shop\n\
                NAME           TYPE        CLUSTER-IP   EXTERNAL-IP   PORT(S)   AGE\n\
                service/cart   ClusterIP   172.20.7.9   <none>        80/TCP    3d\n\
                \n\
                NAME                                        ADDRESSTYPE   PORTS   ENDPOINTS                                   AGE\n\
                endpointslice.discovery.k8s.io/cart-x2x4q   IPv4          8080    10.42.1.7,10.42.1.8,10.42.2.7 + 5 more...   3d\n";
    let flow = at(text, "172.20.7.9:80", Some(FIRST));
    let shares: Vec<(Verdict, f64)> = flow.outcomes.iter().map(|one| (one.verdict, one.share)).collect();
    let shown = (Verdict::Assumed, 0.125);
    assert_eq!(shares, [shown, shown, shown, (Verdict::Unknown, 0.625)]);
    assert_eq!(flow.verdict, Verdict::Unknown);
    assert!(asks(&flow).contains("endpointslices"), "{:?}", flow.next);
}

#[test]
fn several_ports_of_a_table_are_not_told_apart() {
    let text = "$ kubectl get svc,endpointslices -n shop\n\
                NAME           TYPE        CLUSTER-IP   EXTERNAL-IP   PORT(S)           AGE\n\
                service/cart   ClusterIP   172.20.7.9   <none>        80/TCP,9090/TCP   3d\n\
                \n\
                NAME                                        ADDRESSTYPE   PORTS       ENDPOINTS   AGE\n\
                endpointslice.discovery.k8s.io/cart-x2x4q   IPv4          8080,9091   10.42.1.7   3d\n";
    let flow = at(text, "172.20.7.9:80", Some(FIRST));
    assert_eq!((flow.verdict, reasons(&flow)), (Verdict::Unknown, vec![]));
}

#[test]
fn hints_need_the_nodes_zone_or_its_name() {
    let hinted = |extra: &str| {
        SLICE
            .replace(
                "- {addresses: [10.42.2.8], conditions: {ready: false}, nodeName: ip-10-42-2-9.ec2.internal}\n",
                "",
            )
            .replace(
                "nodeName: ip-10-42-1-9.ec2.internal",
                &format!(
                    "nodeName: {FIRST}, hints: {{forZones: [{{name: us-east-1a}}]{}}}",
                    extra.replace("NUMBER", "1")
                ),
            )
            .replace(
                "nodeName: ip-10-42-2-9.ec2.internal",
                &format!(
                    "nodeName: ip-10-42-2-9.ec2.internal, hints: {{forZones: [{{name: us-east-1b}}]{}}}",
                    extra.replace("NUMBER", "2")
                ),
            )
    };
    let text = [SERVICE, &hinted("")].join("---\n");
    let flow = at(&text, "172.20.7.9:80", Some(FIRST));
    assert_eq!(flow.verdict, Verdict::Unknown);
    assert_eq!(
        asks(&flow),
        format!("kubectl get node {FIRST} -L topology.kubernetes.io/zone")
    );
    let node = format!(
        "---\napiVersion: v1\nkind: Node\nmetadata: {{name: {FIRST}, labels: {{topology.kubernetes.io/zone: us-east-1b}}}}\n"
    );
    let flow = at(&[text.as_str(), &node].concat(), "172.20.7.9:80", Some(FIRST));
    assert_eq!(ends(&flow), [("10.42.2.7:8080", false)]);
    // A node without a zone uses all of them.
    let bare = node.replace(", labels: {topology.kubernetes.io/zone: us-east-1b}", "");
    let flow = at(&[text.as_str(), &bare].concat(), "172.20.7.9:80", Some(FIRST));
    assert_eq!(flow.outcomes.len(), 2);
    // Where all are for the same zone, it makes no difference.
    let flow = at(&text.replace("us-east-1b", "us-east-1a"), "172.20.7.9:80", Some(FIRST));
    assert_eq!((flow.verdict, flow.outcomes.len()), (Verdict::Assumed, 2));
    // Hints for nodes come before those for zones.
    let text = [SERVICE, &hinted(", forNodes: [{name: ip-10-42-NUMBER-9.ec2.internal}]")].join("---\n");
    let flow = at(&text, "172.20.7.9:80", Some(FIRST));
    assert_eq!(ends(&flow), [("10.42.1.7:8080", false)]);
    assert_eq!(at(&text, "172.20.7.9:80", None).verdict, Verdict::Unknown);
}
