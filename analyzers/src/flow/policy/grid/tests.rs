//! Tables of small clusters.

use super::flow;
use crate::Input;
use crate::analysis::read;
use crate::flow::policy::Matrix;
use crate::flow::policy::table::{Table, ports};
use crate::flow::{Flow, Verdict};

fn pod(namespace: &str, name: &str, address: &str, more: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: {namespace}, labels: {{app: {name}}}}}\n\
         spec: {{containers: [{{name: app}}]{more}}}\nstatus: {{podIP: {address}}}\n"
    )
}

fn policy(namespace: &str, name: &str, spec: &str) -> String {
    format!(
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: {name}, namespace: {namespace}}}\nspec: {spec}\n"
    )
}

fn table(objects: &[String]) -> Flow {
    let input = Input {
        name: "paste".to_owned(),
        bytes: objects.join("---\n").into_bytes(),
    };
    let analysis = read(vec![input], &mut |_| {});
    let model = analysis.model();
    flow(&Matrix::new(&model))
}

/// `web → db: TCP 5432 passes`, in the order of rows and columns.
fn cells(flow: &Flow) -> Vec<String> {
    let table = Table::new(flow);
    let told = |cell: &crate::flow::policy::table::Cell<'_>| {
        let to = cell.step.to.as_ref().map_or("", |to| to.name.as_str());
        format!(
            "{} → {to}: {} {}",
            cell.step.actor.name,
            ports(cell.step),
            cell.step.verdict.word()
        )
    };
    table.cells.iter().map(told).collect()
}

fn shop() -> Vec<String> {
    vec![
        pod("shop", "web", "10.42.1.7", ""),
        pod("shop", "db", "10.42.2.9", ""),
        pod("shop", "job", "10.42.2.10", ""),
        policy(
            "shop",
            "db",
            "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 5432}]}]}",
        ),
    ]
}

#[test]
fn equal_rows_and_equal_columns_are_one() {
    let flow = table(&shop());
    // As sources db and job may do the same; as destinations web and job are open alike.
    assert_eq!(
        cells(&flow),
        [
            "db and job → db: none blocked",
            "db and job → job and web: all assumed",
            "db and job → every address: all assumed",
            "web → db: TCP 5432 passes",
            "web → job and web: all assumed",
            "web → every address: all assumed",
            "every address → db: none blocked",
            "every address → job and web: all assumed",
        ]
    );
    assert_eq!(flow.verdict, Verdict::Passes);
    for step in flow.steps() {
        assert_eq!(
            step.evidence.is_empty(),
            step.verdict == Verdict::Assumed,
            "{}",
            step.action
        );
    }
    let decided = flow.steps().find(|step| step.verdict == Verdict::Passes).unwrap();
    assert_eq!(decided.action, "TCP 5432, by NetworkPolicy shop/db");
}

#[test]
fn a_pod_alone_needs_no_leave_to_talk_to_itself() {
    let mut objects = shop();
    objects.push(policy(
        "shop",
        "web",
        "{podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress]}",
    ));
    let flow = table(&objects);
    assert!(cells(&flow).iter().all(|cell| !cell.starts_with("web → web:")));
    assert!(cells(&flow).contains(&"db and job → web: none blocked".to_owned()));
}

#[test]
fn what_the_plugin_decides_is_not_said() {
    let mut objects = shop();
    objects.push(policy(
        "shop",
        "job",
        "{podSelector: {matchLabels: {app: job}}, ingress: [{from: [{ipBlock: {cidr: 10.42.1.0/24}}]}]}",
    ));
    let flow = table(&objects);
    let cells_of = |flow: &Flow| {
        cells(flow)
            .into_iter()
            .filter(|cell| cell.contains("→ job:"))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        cells_of(&flow),
        [
            "db and job → job: none blocked",
            "web → job: none unknown",
            "10.42.1.0/24 → job: all passes",
            "all other addresses → job: none blocked",
        ]
    );
    assert_eq!(flow.verdict, Verdict::Unknown);
    assert_eq!(flow.next[0].command, "kubectl get daemonsets -n kube-system -o yaml");
    objects.push(
        "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: calico-node, namespace: kube-system}\nspec: {}\n"
            .to_owned(),
    );
    let told = table(&objects);
    assert!(
        cells_of(&told).contains(&"web → job: all passes".to_owned()),
        "{:?}",
        cells(&told)
    );
    assert_eq!((told.verdict, told.next.len()), (Verdict::Passes, 0));
}

#[test]
fn a_pod_on_its_nodes_network_is_not_judged() {
    let mut objects = shop();
    objects.push(pod("shop", "agent", "10.42.0.4", ", hostNetwork: true"));
    let flow = table(&objects);
    let found = cells(&flow);
    assert!(found.contains(&"agent → db: none unknown".to_owned()), "{found:?}");
    assert!(
        found.contains(&"agent → agent, job, web: all assumed".to_owned()),
        "{found:?}"
    );
}

#[test]
fn a_policy_that_was_not_read_makes_the_table_uncertain() {
    let mut objects = shop();
    objects.push(policy(
        "shop",
        "cut",
        "{podSelector: {matchExpressions: [{key: a, operator: Like}]}}",
    ));
    let flow = table(&objects);
    assert_eq!(flow.verdict, Verdict::Unknown);
    assert_eq!(flow.next[0].command, "kubectl get networkpolicies cut -n shop -o yaml");
    assert!(flow.subtitle.contains("1 policy not read"), "{}", flow.subtitle);
}

#[test]
fn a_large_table_says_what_it_leaves_out() {
    let mut objects: Vec<String> = (0..60)
        .map(|number| pod("shop", &format!("p{number:02}"), &format!("10.42.1.{}", number + 1), ""))
        .collect();
    for number in 0..60 {
        objects.push(policy(
            "shop",
            &format!("p{number:02}"),
            &format!(
                "{{podSelector: {{matchLabels: {{app: p{number:02}}}}}, ingress: [{{from: [{{podSelector: {{}}}}], ports: [{{port: {}}}]}}]}}",
                8000 + number
            ),
        ));
    }
    let flow = table(&objects);
    let table = Table::new(&flow);
    // Whoever asks may do the same, and the addresses outside nothing: of 61 columns 21 have no place.
    assert_eq!((table.rows.len(), table.columns.len()), (2, 40));
    assert!(flow.subtitle.contains("21 lines not drawn"), "{}", flow.subtitle);
}
