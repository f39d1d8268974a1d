//! Policies of every kind.

use super::Matrix;
use super::reach::compute;
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
    // Another project's policy of the same name is none of these.
    let (all, unread) = edges(
        "apiVersion: crd.antrea.io/v1beta1\nkind: ClusterNetworkPolicy\nmetadata: {name: x}\nspec: {priority: 5, appliedTo: []}\n",
    );
    assert_eq!((all.len(), unread), (6, 0));
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
