//! Sidecars at one end or at both.

use crate::Input;
use crate::analysis::read;
use crate::flow::packet_path::{Protocol, Query, compute};
use crate::flow::{Flow, Reason, Verdict};

/// A pod without a sidecar, one with a native sidecar, and one with an older one, whose init container redirects.
const PODS: &str = "\
$ kubectl get pods -n shop -o yaml
apiVersion: v1
items:
- apiVersion: v1
  kind: Pod
  metadata: {name: batch-0, namespace: shop, labels: {app: batch}}
  spec:
    containers: [{name: batch, image: registry.example/batch:1.4}]
    nodeName: ip-10-42-3-9.eu-west-1.compute.internal
  status: {podIP: 10.42.1.11, phase: Running}
- apiVersion: v1
  kind: Pod
  metadata:
    name: web-0
    namespace: shop
    labels: {app: web}
    annotations: {traffic.sidecar.istio.io/excludeOutboundPorts: \"9090\"}
  spec:
    containers: [{name: web, image: registry.example/web:2.0}]
    initContainers:
    - {name: istio-proxy, image: docker.io/istio/proxyv2:1.27.3, restartPolicy: Always}
    nodeName: ip-10-42-3-9.eu-west-1.compute.internal
  status: {podIP: 10.42.1.12, phase: Running}
- apiVersion: v1
  kind: Pod
  metadata: {name: cart-0, namespace: shop, labels: {app: cart}}
  spec:
    containers:
    - {name: cart, image: registry.example/cart:3.1}
    - {name: istio-proxy, image: docker.io/istio/proxyv2:1.22.1}
    initContainers:
    - name: istio-init
      image: docker.io/istio/proxyv2:1.22.1
      args: [istio-iptables, -p, '15001', -z, '15006', -u, '1337', -m, REDIRECT, -i, '*', -x, '', -b, '*', -d, '15090,15021,15020,9102']
    nodeName: ip-10-42-7-20.eu-west-1.compute.internal
  status: {podIP: 10.42.2.7, phase: Running}
kind: List
";

const SERVICE: &str = "\
$ kubectl get service cart -n shop -o yaml
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec:
  clusterIP: 172.20.61.8
  clusterIPs: [172.20.61.8]
  ports:
  - {name: http, port: 80, protocol: TCP, targetPort: 8080}
  - {name: metrics, port: 9090, protocol: TCP, targetPort: 9102}
  selector: {app: cart}
";

const SLICES: &str = "\
$ kubectl get endpointslices -n shop -o yaml
apiVersion: v1
items:
- addressType: IPv4
  apiVersion: discovery.k8s.io/v1
  endpoints:
  - addresses: [10.42.2.7]
    conditions: {ready: true, serving: true, terminating: false}
    nodeName: ip-10-42-7-20.eu-west-1.compute.internal
  kind: EndpointSlice
  metadata: {name: cart-8xk2p, namespace: shop, labels: {kubernetes.io/service-name: cart}}
  ports: [{name: http, port: 8080, protocol: TCP}, {name: metrics, port: 9102, protocol: TCP}]
kind: List
";

/// The policies of all namespaces, those given among them.
fn policies(items: &str) -> String {
    format!("$ kubectl get peerauthentication -A -o yaml\napiVersion: v1\nitems:\n{items}kind: List\n")
}

fn policy(namespace: &str, spec: &str) -> String {
    format!(
        "- apiVersion: security.istio.io/v1\n  kind: PeerAuthentication\n  metadata: {{name: default, namespace: {namespace}}}\n  spec: {spec}\n"
    )
}

const STRICT: &str = "{mtls: {mode: STRICT}}";

fn rule(mode: &str) -> String {
    format!(
        "$ kubectl get destinationrule -A -o yaml\napiVersion: v1\nitems:\n- apiVersion: networking.istio.io/v1\n  kind: DestinationRule\n  \
         metadata: {{name: cart, namespace: shop}}\n  spec: {{host: cart, trafficPolicy: {{tls: {{mode: {mode}}}}}}}\nkind: List\n"
    )
}

fn ask(text: &str, from: &str, to: &str) -> Flow {
    let input = Input {
        name: "paste".to_owned(),
        bytes: text.as_bytes().to_vec(),
    };
    let analysis = read(vec![input], &mut |_| {});
    assert!(analysis.problems.is_empty(), "{:?}", analysis.problems);
    let query = Query {
        from: from.parse().unwrap(),
        to: to.parse().unwrap(),
        protocol: Protocol::Tcp,
        at: None,
    };
    compute(&analysis.model(), &query)
}

fn all(more: &str) -> String {
    format!("{PODS}{SERVICE}{SLICES}{more}")
}

const CART: &str = "svc:shop/cart:80";

/// What becomes of the connection, and the last step.
fn last(flow: &Flow) -> (Verdict, Option<Reason>, &str) {
    let outcome = &flow.outcomes[0];
    (
        outcome.verdict,
        outcome.reason,
        outcome.steps.last().unwrap().action.as_str(),
    )
}

fn commands(flow: &Flow) -> Vec<&str> {
    flow.next.iter().map(|next| next.command.as_str()).collect()
}

#[test]
fn a_strict_receiver_refuses_who_has_no_sidecar() {
    let text = all(&policies(&policy("shop", STRICT)));
    let flow = ask(&text, "pod:shop/batch-0", CART);
    let (verdict, reason, action) = last(&flow);
    assert_eq!((verdict, reason), (Verdict::Blocked, Some(Reason::Reject)));
    assert!(
        action.contains("STRICT") && action.contains("shop/batch-0 has no sidecar"),
        "{action}"
    );
    // The policy and the pod's containers.
    assert_eq!(flow.outcomes[0].steps.last().unwrap().evidence.len(), 2);
    // Nor does it let in who is no pod.
    let flow = ask(&text, "ip:10.60.4.15", "pod:shop/cart-0:8080");
    assert_eq!(last(&flow).1, Some(Reason::Reject));
    // The mesh's own policy, where the namespace has none; and where it has one, that one.
    let root = all(&policies(&policy("istio-system", STRICT)));
    assert_eq!(last(&ask(&root, "pod:shop/batch-0", CART)).1, Some(Reason::Reject));
    let both = policy("istio-system", STRICT) + &policy("shop", "{mtls: {mode: PERMISSIVE}}");
    let flow = ask(&all(&policies(&both)), "pod:shop/batch-0", CART);
    assert_eq!(last(&flow).1, None);
    assert!(last(&flow).2.contains("PERMISSIVE"));
    // A policy for the workload comes first, and in it that for the port.
    let own = "{selector: {matchLabels: {app: cart}}, mtls: {mode: STRICT}, portLevelMtls: {8080: {mode: DISABLE}}}";
    let more = policy("shop", STRICT) + &policy("shop", own).replace("name: default", "name: cart");
    assert!(
        last(&ask(&all(&policies(&more)), "pod:shop/batch-0", CART))
            .2
            .contains("DISABLE")
    );
    let other = own.replace("app: cart", "app: web");
    let more = policy("shop", STRICT) + &policy("shop", &other).replace("name: default", "name: web");
    assert_eq!(
        last(&ask(&all(&policies(&more)), "pod:shop/batch-0", CART)).1,
        Some(Reason::Reject)
    );
}

#[test]
fn sidecars_speak_mutual_tls_with_each_other() {
    let strict = policies(&policy("shop", STRICT));
    let flow = ask(&all(&strict), "pod:shop/web-0", CART);
    // Out by Envoy, which chooses the endpoint, and in by the other one.
    let envoys: Vec<&str> = flow.outcomes[0]
        .steps
        .iter()
        .filter(|step| step.actor.id.ends_with("/istio-proxy"))
        .map(|step| step.actor.name.as_str())
        .collect();
    assert_eq!(
        envoys,
        ["istio-proxy of web-0", "istio-proxy of cart-0", "istio-proxy of cart-0"]
    );
    assert_eq!(flow.outcomes[0].ends_at.as_deref(), Some("10.42.2.7:8080"));
    assert!(flow.outcomes[0].reason.is_none() && flow.verdict < Verdict::Blocked);
    assert_eq!(flow.outcomes[0].steps.last().unwrap().verdict, Verdict::Assumed);
    // Unless a rule tells the sender not to.
    let flow = ask(&all(&format!("{strict}{}", rule("DISABLE"))), "pod:shop/web-0", CART);
    assert_eq!((last(&flow).0, last(&flow).1), (Verdict::Blocked, Some(Reason::Reject)));
    let flow = ask(
        &all(&format!("{strict}{}", rule("ISTIO_MUTUAL"))),
        "pod:shop/web-0",
        CART,
    );
    assert!(last(&flow).2.contains("it is mutual TLS"), "{}", last(&flow).2);
    let flow = ask(&all(&format!("{strict}{}", rule("SIMPLE"))), "pod:shop/web-0", CART);
    assert_eq!(last(&flow).0, Verdict::Unknown);
}

#[test]
fn what_is_left_out_goes_past_the_sidecars() {
    let strict = policies(&policy("shop", STRICT));
    // The sender leaves out port 9090, and the receiver 9102.
    let flow = ask(&all(&strict), "pod:shop/web-0", "svc:shop/cart:9090");
    let steps = &flow.outcomes[0].steps;
    assert!(steps.iter().all(|step| step.actor.name != "istio-proxy of web-0"));
    assert!(
        last(&flow).2.contains("port 9102 is not redirected"),
        "{}",
        last(&flow).2
    );
    assert_eq!(flow.outcomes[0].reason, None);
}

#[test]
fn without_a_document_nothing_is_claimed() {
    let strict = policies(&policy("shop", STRICT));
    let parts = [PODS, SERVICE, SLICES, strict.as_str()];
    for left_out in 0..parts.len() {
        let rest: Vec<&str> = parts
            .iter()
            .enumerate()
            .filter(|(at, _)| *at != left_out)
            .map(|(_, part)| *part)
            .collect();
        let flow = ask(&rest.concat(), "pod:shop/batch-0", CART);
        let same = flow.verdict == Verdict::Blocked && flow.outcomes[0].reason == Some(Reason::Reject);
        let open = flow.verdict == Verdict::Unknown && !flow.next.is_empty();
        assert!(same || open, "without {}: {flow:#?}", parts[left_out]);
    }
    // The policy of the namespace alone may not be all of them.
    let one = policies(&policy("shop", STRICT)).replace("-A -o", "default -n shop -o");
    let flow = ask(&all(&one), "pod:shop/batch-0", CART);
    assert_eq!(flow.verdict, Verdict::Unknown);
    assert!(
        commands(&flow).contains(&"kubectl get peerauthentication -A -o yaml"),
        "{:?}",
        commands(&flow)
    );
    // A table shows no containers.
    let table = PODS.split_once("items:").map(|_| "$ kubectl get pods -n shop -o wide\nNAME      READY   STATUS    RESTARTS   AGE   IP           NODE                                        NOMINATED NODE   READINESS GATES\nbatch-0   1/1     Running   0          9d    10.42.1.11   ip-10-42-3-9.eu-west-1.compute.internal     <none>           <none>\ncart-0    2/2     Running   0          9d    10.42.2.7    ip-10-42-7-20.eu-west-1.compute.internal    <none>           <none>\n");
    let flow = ask(
        &format!("{}{SERVICE}{SLICES}{strict}", table.unwrap()),
        "pod:shop/batch-0",
        CART,
    );
    assert_eq!(flow.verdict, Verdict::Unknown);
    assert!(
        commands(&flow).contains(&"kubectl get pod cart-0 -n shop -o yaml"),
        "{:?}",
        commands(&flow)
    );
}
