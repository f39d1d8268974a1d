//! Policies of every kind.

use super::reach::{compute, report};
use super::{Matrix, Other, Way};
use crate::Input;
use crate::analysis::read;

const SHOP: &str = "\
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {team: shop}}
---
apiVersion: v1
kind: Namespace
metadata: {name: ops, labels: {team: ops}}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: web, ports: [{name: http, containerPort: 8080}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: shop, labels: {app: db}}
spec: {containers: [{name: db}]}
---
apiVersion: v1
kind: Pod
metadata: {name: probe, namespace: ops, labels: {app: probe}}
spec: {containers: [{name: probe}]}
";

/// The edges between pods, `from → to: ports (policies)`, and what was not read.
fn edges(policies: &str) -> (Vec<String>, usize) {
    let input = Input {
        name: "paste".to_owned(),
        bytes: format!("{SHOP}---\n{policies}").into_bytes(),
    };
    let analysis = read(vec![input], &mut |_| {});
    let reach = compute(&Matrix::new(&analysis.model()));
    let short = |end: &str| end.split('/').next_back().unwrap_or_default().replace("[Pod]", "");
    let inside = reach
        .edges
        .iter()
        .filter(|edge| edge.from.contains('[') && edge.to.contains('['));
    let edges = inside
        .map(|edge| {
            let words = edge.ports.words();
            let all = words == ["TCP 1-65535", "UDP 1-65535", "SCTP 1-65535"];
            let ports = if all { "all".to_owned() } else { words.join(", ") };
            assert_eq!(edge.by.is_empty(), edge.evidence.is_empty());
            format!("{} → {}: {ports}", short(&edge.from), short(&edge.to))
        })
        .collect();
    (edges, reach.unread.len())
}

fn policy(spec: &str) -> String {
    format!(
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: p, namespace: shop}}\nspec: {spec}\n"
    )
}

#[test]
fn what_no_policy_selects_is_open() {
    let (all, _) = edges("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: shop}\n");
    assert_eq!(
        all,
        [
            "probe → db: all",
            "probe → web: all",
            "db → probe: all",
            "db → web: all",
            "web → probe: all",
            "web → db: all"
        ]
    );
}

#[test]
fn a_selected_pod_is_closed_but_for_what_a_rule_allows() {
    let (named, _) = edges(&policy(
        "{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {}}], ports: [{port: http}]}, \
         {from: [{namespaceSelector: {matchLabels: {team: ops}}}], ports: [{port: 9000, endPort: 9009}, {port: 53, protocol: UDP}]}]}",
    ));
    assert_eq!(
        named,
        [
            "probe → db: all",
            "probe → web: TCP 9000-9009, UDP 53",
            "db → probe: all",
            "db → web: TCP 8080",
            "web → probe: all",
            "web → db: all"
        ]
    );
    let (egress, _) = edges(&policy(
        "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {app: db}}}]}]}",
    ));
    assert_eq!(egress, ["probe → db: all", "probe → web: all", "web → db: all"]);
}

#[test]
fn administrators_are_asked_first_and_the_baseline_last() {
    let admin = |version: &str, kind: &str, spec: &str| {
        format!(
            "apiVersion: policy.networking.k8s.io/{version}\nkind: {kind}\nmetadata: {{name: default}}\nspec: {spec}\n"
        )
    };
    let shop = "subject: {namespaces: {matchLabels: {team: shop}}}";
    let from_ops = "from: [{namespaces: {matchLabels: {team: ops}}}]";
    // The first rule that matches counts; what is passed on is the developers' affair, and they allow nothing from ops.
    let tiers = [
        admin(
            "v1alpha1",
            "AdminNetworkPolicy",
            &format!(
                "{{priority: 5, {shop}, ingress: [{{action: Allow, {from_ops}, ports: [{{portNumber: {{protocol: TCP, port: 443}}}}]}}, \
                 {{action: Deny, {from_ops}, ports: [{{portRange: {{protocol: TCP, start: 1, end: 1000}}}}]}}]}}"
            ),
        ),
        admin(
            "v1alpha1",
            "BaselineAdminNetworkPolicy",
            &format!(
                "{{{shop}, ingress: [{{action: Deny, {from_ops}, ports: [{{portNumber: {{protocol: UDP, port: 53}}}}]}}]}}"
            ),
        ),
        policy("{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {}}]}]}"),
    ];
    let (found, unread) = edges(&tiers.join("---\n"));
    assert_eq!(unread, 0);
    assert_eq!(
        found,
        [
            // db is isolated by its own policy: only what administrators allowed is left.
            "probe → db: TCP 443",
            "probe → web: TCP 443, TCP 1001-65535, UDP 1-52, UDP 54-65535, SCTP 1-65535",
            "db → probe: all",
            "db → web: all",
            "web → probe: all",
            "web → db: all"
        ]
    );
    let successor = admin(
        "v1alpha2",
        "ClusterNetworkPolicy",
        &format!(
            "{{tier: Admin, priority: 5, {shop}, ingress: [{{action: Accept, {from_ops}, protocols: [{{destinationNamedPort: http}}]}}, \
             {{action: Deny, {from_ops}}}]}}"
        ),
    );
    let (found, unread) = edges(&successor);
    assert_eq!(unread, 0);
    assert_eq!(
        found,
        [
            "probe → web: TCP 8080",
            "db → probe: all",
            "db → web: all",
            "web → probe: all",
            "web → db: all"
        ]
    );
}

#[test]
fn what_cannot_be_read_is_said() {
    let (_, unread) = edges(&policy(
        "{podSelector: {matchExpressions: [{key: app, operator: Like, values: [w]}]}}",
    ));
    assert_eq!(unread, 1);
    let (_, unread) = edges(&policy(
        "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/40}}]}]}",
    ));
    assert_eq!(unread, 1);
    // Another project's policy of the same name is none of these; what it says is not known.
    let (all, unread) = edges(
        "apiVersion: crd.antrea.io/v1beta1\nkind: ClusterNetworkPolicy\nmetadata: {name: x}\nspec: {priority: 5, appliedTo: []}\n",
    );
    assert_eq!((all.len(), unread), (6, 1));
}

#[test]
fn blocks_of_addresses_are_told_apart() {
    let input = Input {
        name: "paste".to_owned(),
        bytes: format!(
            "{SHOP}---\n{}",
            policy("{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.128.0.0/9]}}]}]}")
        )
        .into_bytes(),
    };
    let analysis = read(vec![input], &mut |_| {});
    let reach = compute(&Matrix::new(&analysis.model()));
    let from: Vec<&str> = reach
        .edges
        .iter()
        .filter(|edge| edge.to == "shop/db[Pod]")
        .map(|edge| edge.from.as_str())
        .collect();
    assert_eq!(from, ["10.0.0.0/9"]);
    let to: Vec<&str> = reach
        .edges
        .iter()
        .filter(|edge| edge.from == "shop/db[Pod]")
        .map(|edge| edge.to.as_str())
        .collect();
    assert_eq!(to, ["0.0.0.0/0", "ops/probe[Pod]", "shop/web[Pod]"]);
}

/// What a decision says of the first workload's ingress from the second: the ports as pasted, and those that are not certain.
fn ingress(text: &str, to: &str, from: &str) -> (Vec<String>, Vec<String>) {
    let input = Input {
        name: "paste".to_owned(),
        bytes: text.as_bytes().to_vec(),
    };
    let analysis = read(vec![input], &mut |_| {});
    let matrix = Matrix::new(&analysis.model());
    let at = |name: &str| matrix.workloads.iter().position(|one| one.name == name).unwrap();
    let decision = matrix.decide(at(to), Way::Ingress, Other::Workload(at(from)));
    assert_eq!(decision.maybe.is_empty(), decision.doubts.is_empty());
    (decision.ports.words(), decision.maybe.words())
}

const EVERYTHING: [&str; 3] = ["TCP 1-65535", "UDP 1-65535", "SCTP 1-65535"];

/// A table without labels: whom `app: db` selects is not known, and neither is who calls.
const UNLABELLED: &str = "\
$ kubectl get pods -n shop -o wide
NAME   READY   STATUS    RESTARTS   AGE   IP           NODE                           NOMINATED NODE   READINESS GATES
api    1/1     Running   0          3d    10.42.1.8    ip-10-42-1-3.ec2.internal      <none>           <none>
db     1/1     Running   0          3d    10.42.2.9    ip-10-42-2-5.ec2.internal      <none>           <none>
$ kubectl get networkpolicies -n shop -o yaml
";

#[test]
fn labels_that_were_not_pasted_leave_it_open_whom_a_policy_is_about() {
    let of = |spec: &str| ingress(&format!("{UNLABELLED}{}", policy(spec)), "db", "api");
    // Whatever the labels are, `{}` selects every pod, and nothing is let in.
    assert_eq!(of("{podSelector: {}}"), (vec![], vec![]));
    let (_, maybe) = of("{podSelector: {matchLabels: {app: db}}}");
    assert_eq!(maybe, EVERYTHING);
    // Whether it selects the pod or not, TCP 80 may pass.
    let (ports, maybe) = of("{podSelector: {matchLabels: {app: db}}, ingress: [{ports: [{port: 80}]}]}");
    assert_eq!(ports, EVERYTHING);
    assert_eq!(maybe, ["TCP 1-79", "TCP 81-65535", "UDP 1-65535", "SCTP 1-65535"]);
    // It isolates the pod, and perhaps lets the caller in, on one port alone.
    let (ports, maybe) =
        of("{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: api}}}], ports: [{port: 5432}]}]}");
    assert_eq!((ports, maybe), (vec![], vec!["TCP 5432".to_owned()]));
    // A column for one label does not show the others.
    let columns = UNLABELLED
        .replace("-o wide", "-o wide -L tier")
        .replace("READINESS GATES", "READINESS GATES   TIER")
        .replace("<none>           <none>", "<none>           <none>            back");
    let by_label = |key: &str, value: &str| {
        let spec = format!("{{podSelector: {{matchLabels: {{{key}: {value}}}}}}}");
        ingress(&format!("{columns}{}", policy(&spec)), "db", "api").1
    };
    assert_eq!(by_label("app", "db"), EVERYTHING);
    assert!(by_label("tier", "back").is_empty());
    // All labels: none is left.
    let all = UNLABELLED
        .replace("-o wide", "-o wide --show-labels")
        .replace("READINESS GATES", "READINESS GATES   LABELS")
        .replace("<none>           <none>", "<none>           <none>            <none>");
    let text = format!("{all}{}", policy("{podSelector: {matchLabels: {app: db}}}"));
    let (ports, maybe) = ingress(&text, "db", "api");
    assert_eq!(
        (ports, maybe.is_empty()),
        (EVERYTHING.map(str::to_owned).to_vec(), true)
    );
}

#[test]
fn a_namespaces_labels_that_were_not_pasted_are_not_absent() {
    let pods = "\
$ kubectl get pods -A --show-labels
NAMESPACE   NAME   READY   STATUS    RESTARTS   AGE   LABELS
shop        db     1/1     Running   0          3d    app=db
mon         prom   1/1     Running   0          3d    app=prom
";
    let table = "$ kubectl get namespaces\nNAME   STATUS   AGE\nmon    Active   30d\nshop   Active   30d\n";
    let labelled = "$ kubectl get namespaces --show-labels\nNAME   STATUS   AGE   LABELS\n\
                    mon    Active   30d   kubernetes.io/metadata.name=mon,team=obs\n\
                    shop   Active   30d   kubernetes.io/metadata.name=shop\n";
    let of = |namespaces: &str, peer: &str| {
        let spec = format!("{{podSelector: {{}}, ingress: [{{from: [{{namespaceSelector: {peer}}}]}}]}}");
        let text = format!(
            "{pods}{namespaces}$ kubectl get networkpolicies -A -o yaml\n{}",
            policy(&spec)
        );
        ingress(&text, "db", "prom")
    };
    let team = "{matchLabels: {team: obs}}";
    let not = "{matchExpressions: [{key: team, operator: NotIn, values: [obs]}]}";
    for (namespaces, peer, reached, certain) in [
        ("", team, false, false),
        (table, team, false, false),
        (labelled, team, true, true),
        ("", not, true, false),
        (labelled, not, false, true),
        // The API server gives every namespace this label.
        ("", "{matchLabels: {kubernetes.io/metadata.name: mon}}", true, true),
        ("", "{}", true, true),
    ] {
        let (ports, maybe) = of(namespaces, peer);
        assert_eq!(
            (!ports.is_empty(), maybe.is_empty()),
            (reached, certain),
            "{namespaces}{peer}"
        );
    }
}

#[test]
fn what_an_administrators_rule_is_about_may_be_uncertain_too() {
    let admin = |action: &str, spec: &str| {
        format!(
            "apiVersion: policy.networking.k8s.io/v1alpha1\nkind: AdminNetworkPolicy\nmetadata: {{name: a-{action}}}\n\
             spec: {{priority: 5, subject: {{namespaces: {{}}}}, ingress: [{{action: {action}, {spec}}}]}}\n---\n"
        )
    };
    let from_ops = "from: [{namespaces: {matchLabels: {team: ops}}}], ports: [{portNumber: {protocol: TCP, port: 22}}]";
    let of = |policies: &str| {
        let pods = "apiVersion: v1\nkind: Pod\nmetadata: {name: db, namespace: shop, labels: {app: db}}\n---\n\
                    apiVersion: v1\nkind: Pod\nmetadata: {name: api, namespace: ops, labels: {app: api}}\n---\n";
        ingress(&format!("{pods}{policies}"), "db", "api")
    };
    let deny = admin("Deny", from_ops);
    assert_eq!(of(&deny).1, ["TCP 22"]);
    // It would be closed anyway, or open anyway.
    let closed = policy("{podSelector: {}}");
    assert_eq!(of(&format!("{deny}{closed}")), (vec![], vec![]));
    assert!(of(&admin("Allow", from_ops)).1.is_empty());
    let (ports, maybe) = of(&format!("{}{closed}", admin("Allow", from_ops)));
    assert_eq!((ports, maybe), (vec![], vec!["TCP 22".to_owned()]));
    // What is passed on is the developers' affair, who let it in.
    let open = policy("{podSelector: {}, ingress: [{from: [{namespaceSelector: {}}]}]}");
    let pass = admin("Pass", from_ops);
    assert!(of(&format!("{pass}{open}")).1.is_empty());
}

#[test]
fn reach_says_what_was_not_pasted() {
    let text = format!("{UNLABELLED}{}", policy("{podSelector: {matchLabels: {app: db}}}"));
    let input = Input {
        name: "paste".to_owned(),
        bytes: text.into_bytes(),
    };
    let analysis = read(vec![input], &mut |_| {});
    let report = report(&analysis, &compute(&Matrix::new(&analysis.model())));
    let unsure: Vec<&str> = report
        .edges
        .iter()
        .filter(|edge| edge.unsure && edge.from.ends_with(']'))
        .map(|edge| edge.to.as_str())
        .collect();
    // Either may be the one that is selected, by what comes in.
    assert_eq!(unsure, ["shop/db[Pod]", "shop/api[Pod]"]);
    assert_eq!(report.next[0].command, "kubectl get pods -A -o wide --show-labels");
}

/// The VPC CNI's agent looks pods up in blocks of addresses, too; of a plugin that was not pasted that is not known.
#[test]
fn reach_knows_what_the_plugin_makes_of_blocks() {
    let pod = |name: &str, address: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: shop, labels: {{app: {name}}}}}\n\
             spec: {{containers: [{{name: c}}]}}\nstatus: {{podIP: {address}}}\n---\n"
        )
    };
    let block = policy("{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{ipBlock: {cidr: 10.42.1.0/24}}]}]}");
    let plugin = "---\napiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: aws-node, namespace: kube-system}\n\
                  spec: {template: {spec: {containers: [{name: aws-eks-nodeagent, args: [--enable-network-policy=true]}]}}}\n";
    let into_db = |text: String| {
        let input = Input {
            name: "paste".to_owned(),
            bytes: text.into_bytes(),
        };
        let analysis = read(vec![input], &mut |_| {});
        let report = report(&analysis, &compute(&Matrix::new(&analysis.model())));
        let from: Vec<String> = report
            .edges
            .iter()
            .filter(|edge| edge.to == "shop/db[Pod]" && edge.from.ends_with(']'))
            .map(|edge| edge.from.clone())
            .collect();
        let next: Vec<String> = report.next.into_iter().map(|next| next.command).collect();
        (from, next)
    };
    let pods = [
        pod("db", "10.42.2.9"),
        pod("near", "10.42.1.7"),
        pod("far", "10.42.3.7"),
    ]
    .concat();
    let (from, next) = into_db(format!("{pods}{block}"));
    assert_eq!(
        (from.len(), next[0].as_str()),
        (0, "kubectl get daemonsets -n kube-system -o yaml")
    );
    let (from, next) = into_db(format!("{pods}{block}{plugin}"));
    assert_eq!(from, ["shop/near[Pod]"]);
    // The agent's own pods have addresses, too.
    assert_eq!(next, ["kubectl get pods -A -o wide"]);
    let off = plugin.replace("=true", "=false");
    let (_, next) = into_db(format!("{pods}{block}{off}"));
    assert_eq!(next.last().map(String::as_str), Some("kubectl get daemonsets -A"));
}
