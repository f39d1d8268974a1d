//! What policies make of a way.

use crate::Input;
use crate::analysis::read;
use crate::flow::packet_path::{Protocol, Query, compute};
use crate::flow::{Flow, Reason, Verdict};

const PODS: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: web}]}
status: {podIP: 10.42.1.7}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: shop, labels: {app: db}}
spec: {containers: [{name: db}]}
status: {podIP: 10.42.2.9}
";
const BY_BLOCK: &str = "\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec: {podSelector: {matchLabels: {app: db}}, ingress: [{from: [{ipBlock: {cidr: 10.42.0.0/16}}], ports: [{port: 5432}]}]}
";

fn path(parts: &[&str], to: &str) -> Flow {
    let input = Input {
        name: "paste".to_owned(),
        bytes: [&[PODS], parts].concat().join("---\n").into_bytes(),
    };
    let analysis = read(vec![input], &mut |_| {});
    let query = Query {
        from: "pod:shop/web".parse().unwrap(),
        to: to.parse().unwrap(),
        protocol: Protocol::Tcp,
        at: None,
    };
    compute(&analysis.model(), &query)
}

fn daemon_set(name: &str, container: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {{name: {name}, namespace: kube-system}}\n\
         spec: {{template: {{metadata: {{labels: {{k8s-app: {name}}}}}, spec: {{containers: [{container}]}}}}}}\n"
    )
}

/// The API leaves open whether a block is about pods: the plugin decides.
#[test]
fn a_block_that_holds_the_pods_address_is_the_plugins_affair() {
    let open = path(&[BY_BLOCK], "pod:shop/db:5432");
    assert_eq!((open.verdict, open.outcomes[0].reason), (Verdict::Unknown, None));
    assert_eq!(open.next[0].command, "kubectl get daemonsets -n kube-system -o yaml");
    let agent = |enabled: bool| {
        daemon_set(
            "aws-node",
            &format!("{{name: aws-node}}, {{name: aws-eks-nodeagent, args: [--enable-network-policy={enabled}]}}"),
        )
    };
    let vpc_cni = path(&[BY_BLOCK, &agent(true)], "pod:shop/db:5432");
    assert_eq!((vpc_cni.verdict, vpc_cni.next.len()), (Verdict::Assumed, 0));
    assert!(
        vpc_cni
            .steps()
            .any(|step| step.action.contains("holds the other pod's, 10.42.1.7"))
    );
    // An agent that applies no policies says nothing about them.
    let off = path(&[BY_BLOCK, &agent(false)], "pod:shop/db:5432");
    assert_eq!(off.verdict, Verdict::Unknown);
    let cilium = path(
        &[BY_BLOCK, &daemon_set("cilium", "{name: cilium-agent}")],
        "pod:shop/db:5432",
    );
    assert_eq!(
        (cilium.verdict, cilium.outcomes[0].reason),
        (Verdict::Blocked, Some(Reason::PolicyIngress))
    );
}

/// A table shows no containers, so that nothing tells what `metrics` is.
#[test]
fn a_port_by_its_name_needs_the_containers() {
    let table = "$ kubectl get pods -n shop -o wide --show-labels\n\
                 NAME   READY   STATUS    RESTARTS   AGE   IP           NODE    NOMINATED NODE   READINESS GATES   LABELS\n\
                 api    1/1     Running   0          3d    10.42.3.4    node-1  <none>           <none>            app=api\n";
    let policy = BY_BLOCK
        .replace("app: db", "app: api")
        .replace("{ipBlock: {cidr: 10.42.0.0/16}}", "{podSelector: {}}")
        .replace("5432", "metrics");
    let input = Input {
        name: "paste".to_owned(),
        bytes: format!("{PODS}---\n{policy}\n{table}").into_bytes(),
    };
    let analysis = read(vec![input], &mut |_| {});
    let query = Query {
        from: "pod:shop/web".parse().unwrap(),
        to: "pod:shop/api:9090".parse().unwrap(),
        protocol: Protocol::Tcp,
        at: None,
    };
    let flow = compute(&analysis.model(), &query);
    assert_eq!((flow.verdict, flow.outcomes[0].reason), (Verdict::Unknown, None));
    assert_eq!(flow.next[0].command, "kubectl get pods -A -o yaml");
}

#[test]
fn a_block_that_changes_nothing_is_not_spoken_of() {
    // Another port, and an address outside of the block: it is closed whatever the plugin thinks.
    for (policy, to) in [
        (BY_BLOCK.to_owned(), "pod:shop/db:5433"),
        (BY_BLOCK.replace("10.42.0.0/16", "10.43.0.0/16"), "pod:shop/db:5432"),
    ] {
        let flow = path(&[&policy], to);
        assert_eq!(
            (flow.verdict, flow.outcomes[0].reason),
            (Verdict::Blocked, Some(Reason::PolicyIngress))
        );
        assert!(
            flow.steps()
                .any(|step| step.action == "NetworkPolicy shop/db lets no such packet into the pod")
        );
    }
    let both = BY_BLOCK.replace("name: db", "name: other").replace("5432", "80");
    let flow = path(&[BY_BLOCK, &both], "pod:shop/db:5433");
    assert!(
        flow.steps().any(
            |step| step.action == "NetworkPolicy shop/db, NetworkPolicy shop/other let no such packet into the pod"
        )
    );
}

/// A way between pods of a paste.
fn way(paste: &str, from: &str, to: &str) -> Flow {
    let input = Input {
        name: "paste".to_owned(),
        bytes: paste.as_bytes().to_vec(),
    };
    let analysis = read(vec![input], &mut |_| {});
    let query = Query {
        from: from.parse().unwrap(),
        to: to.parse().unwrap(),
        protocol: Protocol::Tcp,
        at: None,
    };
    compute(&analysis.model(), &query)
}

fn asks(flow: &Flow, command: &str) -> bool {
    flow.next.iter().any(|next| next.command == command)
}

const TABLE: &str = "\
$ kubectl get pods -A -o wide
NAMESPACE   NAME   READY   STATUS    RESTARTS   AGE   IP          NODE                        NOMINATED NODE   READINESS GATES
ops         cron   1/1     Running   0          3d    10.42.1.9   ip-10-42-1-3.ec2.internal   <none>           <none>
shop        api    1/1     Running   0          3d    10.42.1.8   ip-10-42-1-3.ec2.internal   <none>           <none>
shop        db     1/1     Running   0          3d    10.42.1.7   ip-10-42-1-3.ec2.internal   <none>           <none>
";

/// The policies of `shop`, as kubectl lists them.
fn listed(specs: &[&str]) -> String {
    let item = |(number, spec): (usize, &&str)| {
        format!(
            "- apiVersion: networking.k8s.io/v1\n  kind: NetworkPolicy\n  metadata: {{name: p{number}, namespace: shop}}\n  spec: {spec}\n"
        )
    };
    let items: Vec<String> = specs.iter().enumerate().map(item).collect();
    format!(
        "$ kubectl get networkpolicies -A -o yaml\napiVersion: v1\nkind: List\nitems:\n{}",
        items.concat()
    )
}

#[test]
fn a_pod_without_labels_has_policies_too() {
    let closed = way(
        &format!("{TABLE}{}", listed(&["{podSelector: {}}"])),
        "pod:shop/api",
        "pod:shop/db:5432",
    );
    assert_eq!(
        (closed.verdict, closed.outcomes[0].reason),
        (Verdict::Blocked, Some(Reason::PolicyIngress))
    );
    let some = listed(&["{podSelector: {matchLabels: {app: db}}, ingress: [{ports: [{port: 5432}]}]}"]);
    let paste = format!("{TABLE}{some}");
    assert_eq!(
        way(&paste, "pod:shop/api", "pod:shop/db:5432").verdict,
        Verdict::Assumed
    );
    let unknown = way(&paste, "pod:shop/api", "pod:shop/db:22");
    assert_eq!((unknown.verdict, unknown.outcomes[0].reason), (Verdict::Unknown, None));
    assert!(
        asks(&unknown, "kubectl get pods -A -o wide --show-labels"),
        "{:?}",
        unknown.next
    );
    // No policy at all was pasted.
    let none = way(TABLE, "pod:shop/api", "pod:shop/db:5432");
    assert_eq!(none.verdict, Verdict::Unknown);
    assert!(asks(&none, "kubectl get networkpolicies -A -o yaml"), "{:?}", none.next);
}

#[test]
fn a_namespace_without_labels_may_have_them() {
    let policy = listed(&["{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: ops}}}]}]}"]);
    let paste = format!("{TABLE}{policy}");
    let unknown = way(&paste, "pod:ops/cron", "pod:shop/db:5432");
    assert_eq!((unknown.verdict, unknown.outcomes[0].reason), (Verdict::Unknown, None));
    assert!(
        asks(&unknown, "kubectl get namespaces --show-labels"),
        "{:?}",
        unknown.next
    );
    let labelled = |team: &str| {
        format!(
            "{paste}$ kubectl get ns --show-labels\nNAME   STATUS   AGE   LABELS\n\
             ops    Active   9d    kubernetes.io/metadata.name=ops,team={team}\n"
        )
    };
    assert_eq!(
        way(&labelled("ops"), "pod:ops/cron", "pod:shop/db:5432").verdict,
        Verdict::Assumed
    );
    assert_eq!(
        way(&labelled("dev"), "pod:ops/cron", "pod:shop/db:5432").verdict,
        Verdict::Blocked
    );
}
