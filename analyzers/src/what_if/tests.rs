//! What opens the ways of the samples, and that nothing of what is assumed is shown as pasted.

use super::{Change, parse, path, remedies, write};
use crate::analysis::{Analysis, Input, analyze};
use crate::evidence::Evidence;
use crate::flow::{Flow, FlowKind, Verdict};

fn analysis(text: &str) -> Analysis {
    let input = Input {
        name: "paste 1".to_owned(),
        bytes: text.as_bytes().to_vec(),
    };
    analyze(vec![input], &mut |_| {})
}

fn first(analysis: &Analysis) -> Flow {
    let (_, flow) = analysis.flows.of(FlowKind::PacketPath).next().expect("a path");
    flow.clone()
}

/// No step that passes cites what nobody pasted, and the path claims no more than that it is assumed.
fn is_honest(analysis: &Analysis, flow: &Flow, change: &Change) {
    assert_ne!(flow.verdict, Verdict::Passes);
    assert!(flow.subtitle.contains(&change.words), "{}", flow.subtitle);
    let document = analysis.artifacts.document(change.artifact).expect("a document");
    let has = |pointer: &str| {
        let mut value = document.value.clone();
        pointer.is_empty() || value.pointer_mut(pointer).is_some()
    };
    for step in flow.steps() {
        for evidence in &step.evidence {
            if let Evidence::Node { artifact, pointer } = evidence
                && *artifact == change.artifact
            {
                assert!(has(pointer), "`{}` cites {pointer}, which was not pasted", step.action);
            }
        }
    }
    let says_if = |note: &Option<String>| note.as_ref().is_some_and(|note| note.starts_with("If "));
    assert!(
        flow.steps().any(|step| says_if(&step.note)),
        "no step says that it rests on it"
    );
}

fn opens(text: &str, words: &str, command: &str) {
    let mut analysis = analysis(text);
    let before = analysis.clone();
    let flow = first(&analysis);
    assert_eq!(flow.verdict, Verdict::Blocked);
    let found = remedies(&mut analysis, &flow, &[]);
    let said: Vec<&str> = found.iter().map(|remedy| remedy.change.words.as_str()).collect();
    let remedy = found.iter().find(|remedy| remedy.change.words == words);
    let remedy = remedy.unwrap_or_else(|| panic!("{words} is not among {said:#?}"));
    assert_eq!(remedy.command.as_deref(), Some(command));
    assert_eq!(remedy.verdict, Verdict::Assumed, "{words}");
    // Where something opens it, what only leads elsewhere is not offered.
    assert!(
        found.iter().all(|remedy| remedy.verdict == Verdict::Assumed),
        "{said:#?}"
    );
    let changes = [remedy.change.clone()];
    let open = path(&mut analysis, &flow, &changes).expect("it can be made");
    assert_eq!(open.verdict, Verdict::Assumed);
    is_honest(&analysis, &open, &remedy.change);
    // What was pasted is what it was.
    for (id, _) in before.artifacts.iter() {
        let value = |analysis: &Analysis| analysis.artifacts.document(id).map(|document| document.value.clone());
        assert_eq!(value(&analysis), value(&before));
    }
    assert_eq!(path(&mut analysis, &flow, &[]).as_ref(), Ok(&flow));
    // It can be written down and read again.
    let written = write(&analysis, &remedy.change).expect("a document");
    let read = parse(&analysis, &written).expect("it is read again");
    assert_eq!(
        (read.artifact, read.pointer, read.value),
        (
            changes[0].artifact,
            changes[0].pointer.clone(),
            changes[0].value.clone()
        )
    );
}

#[test]
fn a_security_group_is_opened_for_the_other_ends_group() {
    opens(
        include_str!("../../samples/P11.txt"),
        "sg-07fe12ab34cd56e89 lets TCP 8080 in from sg-0d51c7a2e94b8f630",
        "aws ec2 authorize-security-group-ingress --group-id sg-07fe12ab34cd56e89 --protocol tcp --port 8080 --source-group \
         sg-0d51c7a2e94b8f630",
    );
}

#[test]
fn a_peered_vpc_gets_a_route_back() {
    opens(
        include_str!("../../samples/P12.txt"),
        "rtb-0c7b6a5948372615f has a route 10.42.0.0/16 to pcx-0a1b2c3d4e5f60718",
        "aws ec2 create-route --route-table-id rtb-0c7b6a5948372615f --destination-cidr-block 10.42.0.0/16 --vpc-peering-connection-id \
         pcx-0a1b2c3d4e5f60718",
    );
}

#[test]
fn an_instance_gets_a_public_address() {
    let text = include_str!("../../samples/P12-public.txt");
    let analysis = &mut analysis(text);
    let flow = first(analysis);
    let found = remedies(analysis, &flow, &[]);
    let remedy = found
        .iter()
        .find(|remedy| remedy.change.words.contains("10.42.9.17 of eni-"))
        .expect("an address");
    assert_eq!(remedy.verdict, Verdict::Assumed);
    let open = path(analysis, &flow, std::slice::from_ref(&remedy.change)).expect("it can be made");
    is_honest(analysis, &open, &remedy.change);
}

#[test]
fn a_load_balancer_that_puts_its_own_address_in_takes_no_short_cut() {
    let page = crate::finding::page::ALL.get("LB-011").expect("the page");
    let case = page.cases.iter().find(|case| case.id == "short-cut").expect("the case");
    let analysis = &mut analysis(&case.paste);
    let flow = first(analysis);
    assert_eq!(flow.verdict, Verdict::Blocked);
    let found = remedies(analysis, &flow, &[]);
    let remedy = found.first().expect("a remedy");
    assert_eq!(
        remedy.change.words,
        "preserve_client_ip.enabled of the target group were false"
    );
    assert_eq!(remedy.verdict, Verdict::Assumed);
    let open = path(analysis, &flow, std::slice::from_ref(&remedy.change)).expect("it can be made");
    is_honest(analysis, &open, &remedy.change);
}

#[test]
fn a_policy_gets_a_rule_for_the_senders_labels() {
    let text = "\
$ kubectl get pods -n shop -o wide --show-labels
NAME    READY   STATUS    RESTARTS   AGE   IP          NODE     NOMINATED NODE   READINESS GATES   LABELS
web-0   1/1     Running   0          3d    10.42.1.7   node-1   <none>           <none>            app=web,pod-template-hash=7d9f8c6b5d
db-0    1/1     Running   0          3d    10.42.2.9   node-2   <none>           <none>            app=db
$ kubectl get networkpolicy -A -o yaml
apiVersion: v1
kind: List
items:
- apiVersion: networking.k8s.io/v1
  kind: NetworkPolicy
  metadata:
    name: db
    namespace: shop
  spec:
    podSelector:
      matchLabels:
        app: db
    policyTypes:
    - Ingress
";
    let mut analysis = analysis(text);
    let query = crate::flow::packet_path::ends::understood(
        "pod:shop/web-0",
        "pod:shop/db-0",
        Some(5432),
        crate::flow::packet_path::Protocol::Tcp,
    )
    .expect("ends");
    let flow = crate::flow::packet_path::compute(&analysis.model(), &query);
    assert_eq!(flow.verdict, Verdict::Blocked);
    let found = remedies(&mut analysis, &flow, &[]);
    let words: Vec<&str> = found.iter().map(|remedy| remedy.change.words.as_str()).collect();
    assert_eq!(
        words,
        ["NetworkPolicy shop/db lets TCP 5432 in from pods app=web of shop"]
    );
    let open = path(&mut analysis, &flow, std::slice::from_ref(&found[0].change)).expect("it can be made");
    assert_eq!(open.verdict, Verdict::Assumed);
    is_honest(&analysis, &open, &found[0].change);
}

#[test]
fn what_cannot_be_changed_is_refused_and_nothing_stays_changed() {
    let analysis = &mut analysis(include_str!("../../samples/P11.txt"));
    let flow = first(analysis);
    for text in [
        "",
        "x",
        "1#/a=1",
        "999999#/a=1",
        "200#/SecurityGroups/7/x/0=1",
        "200#SecurityGroups=1",
    ] {
        assert!(parse(analysis, text).is_err(), "{text}");
    }
    let mut change = parse(analysis, "200#/SecurityGroups/0/GroupName=other").expect("a change");
    assert_eq!(change.words, "/SecurityGroups/0/GroupName is \"other\"");
    change.pointer = "/SecurityGroups/99/GroupName".to_owned();
    assert!(path(analysis, &flow, &[change]).is_err());
    assert_eq!(path(analysis, &flow, &[]).as_ref(), Ok(&flow));
}
