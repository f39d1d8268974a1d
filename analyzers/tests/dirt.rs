//! What terminals, chats and tickets do to an output, from the paste to the report.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests")]

use whypath_analyzers::{Analysis, Input, analysis};

fn read(text: &str) -> Analysis {
    analysis::read(
        vec![Input {
            name: "paste".to_owned(),
            bytes: text.as_bytes().to_vec(),
        }],
        &mut |_| {},
    )
}

/// The text and the line of the value at a path in the item of that index, of the first document.
fn item(analysis: &Analysis, index: usize, path: &[&str]) -> (String, usize) {
    let (_, root) = analysis.artifacts.roots().next().unwrap();
    let found = root.list("items")[index].at(path).unwrap();
    let span = found.evidence().span(&analysis.sources, &analysis.artifacts).unwrap();
    (found.str().unwrap().to_owned(), analysis.sources.lines(span).first)
}

#[test]
fn a_table_that_the_terminal_wrapped_is_read_with_the_lines_of_the_paste() {
    let text = "$ kubectl get pods -n shop -o wide\n\
        NAME     READY   STATUS    RESTARTS   AGE   IP            NODE                  \n\
        NOMINATED NODE   READINESS GATES\n\
        cart-0   1/1     Running   0          2d    10.20.4.31    ip-10-20-4-17.eu-west-\n\
        1.compute.internal   <none>           <none>\n\
        cart-1   0/1     Pending   0          2d    10.20.7.90    ip-10-20-7-55.eu-west-\n\
        1.compute.internal   <none>           <none>\n";
    let analysis = read(text);
    assert_eq!(
        item(&analysis, 1, &["status", "podIP"]),
        ("10.20.7.90".to_owned(), 6),
        "{}",
        analysis.sources.text(analysis.segments[0].body)
    );
    assert_eq!(
        item(&analysis, 0, &["spec", "nodeName"]).0,
        "ip-10-20-4-17.eu-west-1.compute.internal"
    );
    assert!(analysis.problems.is_empty(), "{:?}", analysis.problems);
}

#[test]
fn the_rows_inside_a_frame_are_a_table() {
    let text = "┌───────────────────── Pods(shop)[2] ─────────────────────┐\n\
        │ NAME     READY   STATUS    RESTARTS   AGE   IP           │\n\
        │ cart-0   1/1     Running   0          2d    10.20.4.31   │\n\
        │ cart-1   0/1     Pending   0          2d    10.20.7.90   │\n\
        └─────────────────────────────────────────────────────────┘\n";
    let analysis = read(text);
    assert_eq!(item(&analysis, 1, &["status", "podIP"]), ("10.20.7.90".to_owned(), 4));
}

#[test]
fn where_lines_were_left_out_nothing_is_known_to_be_absent() {
    let text = "$ aws ec2 describe-subnets\n{\n    \"Subnets\": [\n        {\n            \"SubnetId\": \"subnet-0a1b2c3d4e5f60718\",\n...\n            \"State\": \"available\"\n        }\n    ]\n}\n";
    let analysis = read(text);
    let (_, root) = analysis.artifacts.roots().next().unwrap();
    assert!(!root.complete());
    let subnets = root.list("Subnets");
    let subnet = &subnets[0];
    assert_eq!(subnet.at(&["State"]).unwrap().str(), Some("available"));
    let said: Vec<_> = analysis
        .problems
        .iter()
        .map(|problem| analysis.sources.lines(problem.span))
        .collect();
    assert_eq!(
        said.iter().map(|lines| (lines.first, lines.last)).collect::<Vec<_>>(),
        [(5, 7)]
    );
    let whole = read(&text.replace("...\n", ""));
    assert!(whole.artifacts.roots().next().unwrap().1.complete());
}

#[test]
fn masks_are_values_that_hide_something() {
    let text = "$ aws sts get-caller-identity\n{\n    \"UserId\": ***,\n    \"Account\": <redacted>,\n    \"Arn\": \"arn:aws:sts::XXXXXXXXXXXX:assumed-role/support/ana\"\n}\n";
    let analysis = read(text);
    assert!(analysis.problems.is_empty(), "{:?}", analysis.problems);
    let (_, root) = analysis.artifacts.roots().next().unwrap();
    assert_eq!(root.at(&["UserId"]).unwrap().str(), Some("***"));
    assert_eq!(
        root.at(&["Arn"]).unwrap().str(),
        Some("arn:aws:sts::XXXXXXXXXXXX:assumed-role/support/ana")
    );
}

#[test]
fn a_segment_knows_the_shells_around_it_and_the_host() {
    let text = "me@laptop:~$ kubectl exec -it -n shop cart-0 -- bash\n\
        root@cart-0:/app# cat /etc/resolv.conf\n\
        nameserver 172.20.0.10\nsearch shop.svc.cluster.local\noptions ndots:5\n\
        root@cart-0:/app# exit\nexit\n\
        me@laptop:~$ kubectl get nodes\nNAME     STATUS   ROLES    AGE   VERSION\nnode-a   Ready    <none>   2d    v1.30.4-eks-a737599\n";
    let report = read(text).read_report();
    let conf = report
        .segments
        .iter()
        .find(|segment| segment.format == "resolv.conf")
        .unwrap();
    assert_eq!(conf.within, ["kubectl exec -it -n shop cart-0 -- bash"]);
    assert_eq!(conf.at.as_deref(), Some("cart-0"));
    let nodes = report
        .segments
        .iter()
        .find(|segment| segment.format == "kubectl-table")
        .unwrap();
    assert!(nodes.within.is_empty());
    assert_eq!(nodes.at.as_deref(), Some("laptop"));
}

#[test]
fn a_quoted_ticket_with_every_kind_of_dirt_is_the_same_as_a_clean_paste() {
    let clean = "$ kubectl get svc -n shop\nNAME   TYPE        CLUSTER-IP     EXTERNAL-IP   PORT(S)    AGE\ncart   ClusterIP   172.20.88.14   <none>        8080/TCP   211d\n\
        $ kubectl get pod -n shop cart-0 -o yaml\napiVersion: v1\nkind: Pod\nmetadata:\n  name: cart-0\n  namespace: shop\n";
    let dirty: Vec<String> = clean
        .lines()
        .map(|line| format!("> \u{1b}[0m{}\u{200b}\u{1b}[K\r\n", line.replace("   ", " \u{a0} ")))
        .collect();
    let dirty = dirty.concat();
    let dirty = dirty.replace("get svc -n shop", "get svc –n shop");
    let (clean, dirty) = (read(clean).read_report(), read(&dirty).read_report());
    assert_eq!(
        serde_json::to_value(&dirty).unwrap(),
        serde_json::to_value(&clean).unwrap()
    );
    assert_eq!(clean.segments.len(), 2);
}
