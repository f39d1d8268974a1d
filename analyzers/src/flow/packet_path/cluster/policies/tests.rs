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
    way_of(Protocol::Tcp, paste, from, to)
}

fn way_of(protocol: Protocol, paste: &str, from: &str, to: &str) -> Flow {
    let input = Input {
        name: "paste".to_owned(),
        bytes: paste.as_bytes().to_vec(),
    };
    let analysis = read(vec![input], &mut |_| {});
    let query = Query {
        from: from.parse().unwrap(),
        to: to.parse().unwrap(),
        protocol,
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

/// Two nodes, a pod on each, and one on the first node's network.
const NODES: &str = "\
$ kubectl get nodes -o wide
NAME                        STATUS   ROLES    AGE   VERSION               INTERNAL-IP   EXTERNAL-IP
ip-10-42-1-3.ec2.internal   Ready    <none>   9d    v1.33.1-eks-a5565ad   10.42.1.3     <none>
ip-10-42-2-5.ec2.internal   Ready    <none>   9d    v1.33.1-eks-a5565ad   10.42.2.5     <none>
";
const LABELLED: &str = "\
$ kubectl get pods -A -o wide --show-labels
NAMESPACE   NAME    READY   STATUS    RESTARTS   AGE   IP           NODE                        NOMINATED NODE   READINESS GATES   LABELS
ops         cron    1/1     Running   0          3d    10.42.1.9    ip-10-42-1-3.ec2.internal   <none>           <none>            app=cron
shop        agent   1/1     Running   0          3d    10.42.1.3    ip-10-42-1-3.ec2.internal   <none>           <none>            app=web
shop        db      1/1     Running   0          3d    10.42.2.9    ip-10-42-2-5.ec2.internal   <none>           <none>            app=db
shop        web     1/1     Running   0          3d    10.42.1.8    ip-10-42-1-3.ec2.internal   <none>           <none>            app=web
";
const WEB_ALONE: &str = "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 5432}]}]}";

fn cluster(more: &[&str]) -> String {
    [&[LABELLED, NODES], more].concat().concat()
}

fn agent(arguments: &str) -> String {
    format!(
        "$ kubectl get ds aws-node -n kube-system -o yaml\n{}",
        daemon_set(
            "aws-node",
            &format!("{{name: aws-node}}, {{name: aws-eks-nodeagent, args: [{arguments}]}}")
        )
    )
}

/// The VPC CNI does nothing about policies until it is told to.
#[test]
fn a_policy_that_nobody_applies_stops_nothing() {
    let closed = listed(&["{podSelector: {}}"]);
    let to = "pod:shop/db:5432";
    let untold = way(&cluster(&[&closed]), "pod:ops/cron", to);
    assert_eq!(untold.verdict, Verdict::Blocked);
    assert!(
        asks(&untold, "kubectl get daemonsets -n kube-system -o yaml"),
        "{:?}",
        untold.next
    );
    let on = way(
        &cluster(&[&closed, &agent("--enable-network-policy=true")]),
        "pod:ops/cron",
        to,
    );
    assert_eq!((on.verdict, on.next.len()), (Verdict::Blocked, 0));
    for arguments in ["--enable-network-policy=false", "--enable-ipv6=false"] {
        let off = way(&cluster(&[&closed, &agent(arguments)]), "pod:ops/cron", to);
        assert_eq!((off.verdict, off.outcomes[0].reason), (Verdict::Unknown, None));
        assert!(asks(&off, "kubectl get daemonsets -A"), "{:?}", off.next);
    }
    let off = agent("--enable-network-policy=false");
    let all = |name: &str| {
        format!(
            "{off}$ kubectl get daemonsets -A\n\
             NAMESPACE     NAME         DESIRED   CURRENT   READY   UP-TO-DATE   AVAILABLE   NODE SELECTOR   AGE\n\
             kube-system   aws-node     2         2         2       2            2           <none>          9d\n\
             kube-system   {name}   2         2         2       2            2           <none>          9d\n"
        )
    };
    let nobody = way(&cluster(&[&closed, &all("kube-proxy ")]), "pod:ops/cron", to);
    assert_eq!(nobody.verdict, Verdict::Assumed, "{nobody:#?}");
    let calico = way(&cluster(&[&closed, &all("calico-node")]), "pod:ops/cron", to);
    assert_eq!(calico.verdict, Verdict::Blocked);
}

/// A policy of another API may stop what the others let through, and let through what they stop.
#[test]
fn policies_of_other_apis_are_not_taken_for_nothing() {
    let open = listed(&[WEB_ALONE]);
    let from_web = |more: &str| way(&cluster(&[&open, more]), "pod:shop/web", "pod:shop/db:5432");
    assert_eq!(from_web("").verdict, Verdict::Assumed);
    for (api, kind, spec, command) in [
        (
            "crd.projectcalico.org/v1",
            "NetworkPolicy",
            "{selector: app == 'db', types: [Ingress], ingress: [{action: Deny}]}",
            "iptables-save",
        ),
        (
            "projectcalico.org/v3",
            "GlobalNetworkPolicy",
            "{selector: all(), types: [Ingress]}",
            "iptables-save",
        ),
        (
            "cilium.io/v2",
            "CiliumNetworkPolicy",
            "{endpointSelector: {}, ingressDeny: [{fromEntities: [all]}]}",
            "kubectl exec -n kube-system ds/cilium -- hubble observe --verdict DROPPED --last 50",
        ),
        (
            "networking.k8s.aws/v1alpha1",
            "ApplicationNetworkPolicy",
            "{podSelector: {}, policyTypes: [Egress]}",
            "kubectl get policyendpoints -A -o yaml",
        ),
    ] {
        let more = format!(
            "$ kubectl get {kind} -n shop -o yaml\napiVersion: v1\nkind: List\nitems:\n\
             - {{apiVersion: {api}, kind: {kind}, metadata: {{name: p0, namespace: shop}}, spec: {spec}}}\n"
        );
        let flow = from_web(&more);
        assert_eq!(flow.verdict, Verdict::Unknown, "{kind}: {flow:#?}");
        assert!(asks(&flow, command), "{kind}: {:?}", flow.next);
    }
}

fn admin(rule: &str) -> String {
    format!(
        "$ kubectl get adminnetworkpolicies -o yaml\napiVersion: v1\nkind: List\nitems:\n\
         - apiVersion: policy.networking.k8s.io/v1alpha1\n  kind: AdminNetworkPolicy\n  metadata: {{name: a}}\n  \
         spec: {{priority: 5, subject: {{namespaces: {{}}}}, egress: [{rule}]}}\n"
    )
}

#[test]
fn a_rule_about_nodes_is_asked_with_the_nodes() {
    let listing = listed(&["{podSelector: {matchLabels: {app: none}}}"]);
    let deny = admin("{action: Deny, to: [{nodes: {matchLabels: {disk: ssd}}}]}");
    let to = "node:ip-10-42-2-5.ec2.internal:10250";
    // A table shows no labels of nodes.
    let table = way(&cluster(&[&listing, &deny]), "pod:shop/web", to);
    assert_eq!((table.verdict, table.outcomes[0].reason), (Verdict::Unknown, None));
    assert!(asks(&table, "kubectl get nodes -o yaml"), "{:?}", table.next);
    let whole = |labels: &str| {
        format!(
            "$ kubectl get node ip-10-42-2-5.ec2.internal -o yaml\napiVersion: v1\nkind: Node\n\
             metadata: {{name: ip-10-42-2-5.ec2.internal, labels: {{kubernetes.io/hostname: n2{labels}}}}}\n\
             status: {{addresses: [{{type: InternalIP, address: 10.42.2.5}}]}}\n"
        )
    };
    let ssd = way(&cluster(&[&listing, &deny, &whole(", disk: ssd")]), "pod:shop/web", to);
    assert_eq!(
        (ssd.verdict, ssd.outcomes[0].reason),
        (Verdict::Blocked, Some(Reason::PolicyEgress))
    );
    let other = way(&cluster(&[&listing, &deny, &whole("")]), "pod:shop/web", to);
    assert_eq!(other.verdict, Verdict::Assumed);
    // Which addresses a name has nobody says.
    let name = admin("{action: Deny, to: [{domainNames: [example.com]}]}");
    let far = way(&cluster(&[&listing, &name]), "pod:shop/web", "ip:203.0.113.9:443");
    assert_eq!(far.verdict, Verdict::Unknown);
}

/// "Traffic to and from the node where a Pod is running is always allowed": also where the policies let nothing through.
#[test]
fn a_pods_own_node_is_always_let_through() {
    let closed = listed(&["{podSelector: {}, policyTypes: [Ingress, Egress]}"]);
    let paste = cluster(&[&closed]);
    let (own, other) = ("node:ip-10-42-1-3.ec2.internal", "node:ip-10-42-2-5.ec2.internal");
    let verdict = |from: &str, to: &str| way(&paste, from, to).verdict;
    assert_eq!(verdict(own, "pod:shop/web:80"), Verdict::Assumed);
    assert_eq!(verdict("ip:10.42.1.3", "pod:shop/web:80"), Verdict::Assumed);
    assert_eq!(verdict("pod:shop/web", &format!("{own}:10250")), Verdict::Assumed);
    assert_eq!(verdict(other, "pod:shop/web:80"), Verdict::Blocked);
    assert_eq!(verdict("pod:shop/web", &format!("{other}:10250")), Verdict::Blocked);
    // A pod on that node's network is that node to the other.
    let by_agent = way(&paste, "pod:shop/agent", "pod:shop/web:80");
    let into = by_agent.steps().find(|step| step.action.contains("own node")).unwrap();
    assert_eq!((into.verdict, into.evidence.is_empty()), (Verdict::Assumed, false));
}

/// Plugins see the node's address, not the labels of a pod that uses its network.
#[test]
fn a_pod_on_its_nodes_network_is_not_told_by_its_labels() {
    let paste = cluster(&[&listed(&[WEB_ALONE])]);
    assert_eq!(
        way(&paste, "pod:shop/web", "pod:shop/db:5432").verdict,
        Verdict::Assumed
    );
    let unknown = way(&paste, "pod:shop/agent", "pod:shop/db:5432");
    assert_eq!((unknown.verdict, unknown.outcomes[0].reason), (Verdict::Unknown, None));
    assert!(!unknown.next.is_empty());
    // Neither its labels nor its address are let in.
    assert_eq!(
        way(&paste, "pod:shop/agent", "pod:shop/db:22").verdict,
        Verdict::Blocked
    );
}

/// Policies add up: one that was not listed may let through what others stop, or stop what none concerns.
#[test]
fn what_was_not_listed_may_say_something_else() {
    let of = |command: &str| listed(&[WEB_ALONE]).replace("kubectl get networkpolicies -A -o yaml", command);
    let ask = |policies: &str, from: &str, to: &str| way(&cluster(&[policies]), from, to);
    let all = of("kubectl get networkpolicies -A -o yaml");
    assert_eq!(ask(&all, "pod:ops/cron", "pod:shop/db:5432").verdict, Verdict::Blocked);
    assert_eq!(ask(&all, "pod:shop/web", "pod:ops/cron:80").verdict, Verdict::Assumed);
    let one = of("kubectl get networkpolicy p0 -n shop -o yaml");
    let closed = ask(&one, "pod:ops/cron", "pod:shop/db:5432");
    assert_eq!((closed.verdict, closed.outcomes[0].reason), (Verdict::Unknown, None));
    assert!(
        asks(&closed, "kubectl get networkpolicies -n shop -o yaml"),
        "{:?}",
        closed.next
    );
    let here = of("kubectl get networkpolicies -n shop -o yaml");
    assert_eq!(ask(&here, "pod:shop/web", "pod:shop/db:5432").verdict, Verdict::Assumed);
    assert_eq!(ask(&here, "pod:shop/db", "pod:shop/web:80").verdict, Verdict::Assumed);
    let elsewhere = ask(&here, "pod:shop/web", "pod:ops/cron:80");
    assert_eq!(elsewhere.verdict, Verdict::Unknown);
    assert!(
        asks(&elsewhere, "kubectl get networkpolicies -n ops -o yaml"),
        "{:?}",
        elsewhere.next
    );
    // An administrator's policy by its name: another one may come before it.
    let name =
        admin("{action: Allow, to: [{namespaces: {}}]}").replace("adminnetworkpolicies", "adminnetworkpolicies a");
    let admins = ask(&format!("{all}{name}"), "pod:shop/web", "pod:shop/db:5432");
    assert_eq!(admins.verdict, Verdict::Unknown);
    assert!(
        asks(&admins, "kubectl get adminnetworkpolicies -o yaml"),
        "{:?}",
        admins.next
    );
}

#[test]
fn an_empty_list_is_believed() {
    for list in [
        "$ kubectl get networkpolicies -A -o yaml\napiVersion: v1\nitems: []\nkind: List\nmetadata:\n  resourceVersion: \"\"\n",
        "$ kubectl get netpol -A\nNo resources found\n",
    ] {
        let flow = way(&cluster(&[list]), "pod:shop/web", "pod:shop/db:5432");
        assert_eq!(
            (flow.verdict, flow.next.len()),
            (Verdict::Assumed, 0),
            "{list}{:?}",
            flow.next
        );
        let none = flow.steps().find(|step| step.action.starts_with("no policy")).unwrap();
        assert_eq!(none.evidence.len(), 1);
    }
}

/// A policy cannot name ICMP: only a rule without ports is about it, too.
#[test]
fn a_ping_is_not_judged_by_rules_about_ports() {
    let ping = |specs: &[&str], from: &str, to: &str| way_of(Protocol::Icmp, &cluster(&[&listed(specs)]), from, to);
    let by_port = ping(&[WEB_ALONE], "pod:shop/web", "pod:shop/db");
    assert_eq!((by_port.verdict, by_port.outcomes[0].reason), (Verdict::Unknown, None));
    assert!(
        asks(&by_port, "kubectl exec -n shop web -- ping -c 3 10.42.2.9"),
        "{:?}",
        by_port.next
    );
    let other = ping(&[WEB_ALONE], "pod:ops/cron", "pod:shop/db");
    assert_eq!(other.verdict, Verdict::Unknown);
    let without = WEB_ALONE.replace(", ports: [{port: 5432}]", "");
    assert_eq!(
        ping(&[&without], "pod:shop/web", "pod:shop/db").verdict,
        Verdict::Assumed
    );
    let open = ping(&[WEB_ALONE], "pod:shop/db", "pod:shop/web");
    assert_eq!(open.verdict, Verdict::Assumed, "{open:#?}");
}
