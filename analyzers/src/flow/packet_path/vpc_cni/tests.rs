//! A shop on two nodes with two interfaces each: `web` has an address of its node's second interface, `cart` of its node's first.

mod branch;

use crate::Input;
use crate::analysis::read;
use crate::flow::packet_path::{Protocol, Query, compute};
use crate::flow::{Flow, Reason, Verdict};

const PODS: &str = "\
$ kubectl get pods -A -o wide
NAMESPACE     NAME             READY   STATUS    RESTARTS   AGE   IP           NODE                         NOMINATED NODE   READINESS GATES
kube-system   aws-node-5kq2x   2/2     Running   0          9d    10.42.1.20   ip-10-42-1-20.ec2.internal   <none>           <none>
kube-system   aws-node-zl8wv   2/2     Running   0          9d    10.42.2.30   ip-10-42-2-30.ec2.internal   <none>           <none>
shop          cart-0           1/1     Running   0          3d    10.42.2.31   ip-10-42-2-30.ec2.internal   <none>           <none>
shop          near-0           1/1     Running   0          3d    10.42.1.22   ip-10-42-1-20.ec2.internal   <none>           <none>
shop          web-0            1/1     Running   0          3d    10.42.1.87   ip-10-42-1-20.ec2.internal   <none>           <none>
";

const RULES_ONE: &str = "\
[ec2-user@ip-10-42-1-20 ~]$ ip rule show
0:	from all lookup local
512:	from all to 10.42.1.22 lookup main
512:	from all to 10.42.1.87 lookup main
1024:	from all fwmark 0x80/0x80 lookup main
1536:	from 10.42.1.87 lookup 2
32766:	from all lookup main
32767:	from all lookup default
";

const ROUTES_ONE: &str = "\
[ec2-user@ip-10-42-1-20 ~]$ ip route show table all
default via 10.42.1.1 dev eth1 table 2
10.42.1.1 dev eth1 table 2 scope link
default via 10.42.1.1 dev eth0
10.42.1.0/24 dev eth0 proto kernel scope link src 10.42.1.20
10.42.1.0/24 dev eth1 proto kernel scope link src 10.42.1.80
10.42.1.22 dev eni4f2b7c91a0d scope link
10.42.1.87 dev eni08c1d2e3f4a scope link
local 10.42.1.20 dev eth0 table local proto kernel scope host src 10.42.1.20
local 10.42.1.80 dev eth1 table local proto kernel scope host src 10.42.1.80
";

const RULES_TWO: &str = "\
[ec2-user@ip-10-42-2-30 ~]$ ip rule show
0:	from all lookup local
512:	from all to 10.42.2.31 lookup main
1024:	from all fwmark 0x80/0x80 lookup main
32766:	from all lookup main
32767:	from all lookup default
";

const ROUTES_TWO: &str = "\
[ec2-user@ip-10-42-2-30 ~]$ ip route show table all
default via 10.42.2.1 dev eth0
10.42.2.0/24 dev eth0 proto kernel scope link src 10.42.2.30
10.42.2.31 dev eni9b8a7c6d5e4 scope link
local 10.42.2.30 dev eth0 table local proto kernel scope host src 10.42.2.30
";

const ALL: [&str; 5] = [PODS, RULES_ONE, ROUTES_ONE, RULES_TWO, ROUTES_TWO];

fn ask(parts: &[&str], from: &str, to: &str) -> Flow {
    let input = Input {
        name: "paste".to_owned(),
        bytes: parts.concat().into_bytes(),
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

const WEB: &str = "pod:shop/web-0";
const CART: &str = "pod:shop/cart-0:8080";

/// The actions of the nodes and pods, there.
fn there(flow: &Flow) -> Vec<&str> {
    let steps = flow.outcomes.iter().flat_map(|outcome| &outcome.steps);
    steps.map(|step| step.action.as_str()).collect()
}

fn back(flow: &Flow) -> Vec<&str> {
    let steps = flow.outcomes.iter().filter_map(|outcome| outcome.back.as_ref());
    steps
        .flat_map(|back| &back.steps)
        .map(|step| step.action.as_str())
        .collect()
}

fn ended(flow: &Flow) -> (Verdict, Option<Reason>) {
    (flow.verdict, flow.outcomes.first().and_then(|outcome| outcome.reason))
}

#[test]
fn a_pod_of_the_second_interface_leaves_by_it_and_the_other_pod_is_behind_its_veth() {
    let flow = ask(&ALL, WEB, CART);
    assert_eq!(
        there(&flow),
        [
            "out of its eth0 into the node, where the other end of the pair is eni08c1d2e3f4a",
            "rule 1536 → table 2: default via 10.42.1.1 dev eth1",
            "carries the packet to the other end",
            "rule 512 → table main: 10.42.2.31 dev eni9b8a7c6d5e4: the pod is behind it",
        ]
    );
    assert_eq!(
        back(&flow),
        [
            "out of its eth0 into the node, where the other end of the pair is eni9b8a7c6d5e4",
            "rule 32766 → table main: default via 10.42.2.1 dev eth0",
            "carries the answer back",
            "rule 512 → table main: 10.42.1.87 dev eni08c1d2e3f4a: the pod is behind it",
        ]
    );
    // The network between them was not pasted.
    assert_eq!(ended(&flow), (Verdict::Assumed, None));
    let routed = &flow.outcomes[0].steps[1];
    assert_eq!((routed.verdict, routed.evidence.len()), (Verdict::Passes, 2));
    assert!(flow.next.is_empty(), "{:?}", flow.next);
}

#[test]
fn pods_of_one_node_meet_in_its_main_table() {
    let flow = ask(&ALL, WEB, "pod:shop/near-0:80");
    let there = there(&flow);
    assert!(
        there.contains(&"rule 512 → table main: 10.42.1.22 dev eni4f2b7c91a0d"),
        "{there:?}"
    );
    assert!(
        there.contains(&"both ends are on this node: the packet does not leave it"),
        "{there:?}"
    );
    assert!(back(&flow).contains(&"rule 512 → table main: 10.42.1.87 dev eni08c1d2e3f4a"));
    assert_ne!(flow.verdict, Verdict::Unknown);
}

#[test]
fn a_pod_without_its_route_is_not_reached() {
    let without = ROUTES_TWO.replace("10.42.2.31 dev eni9b8a7c6d5e4 scope link\n", "");
    let parts = [PODS, RULES_ONE, ROUTES_ONE, RULES_TWO, &without];
    let flow = ask(&parts, WEB, CART);
    assert_eq!(ended(&flow), (Verdict::Blocked, Some(Reason::NoRoute)), "{flow:#?}");
    let step = flow.outcomes[0].steps.last().unwrap();
    assert_eq!(
        step.action,
        "the node has no route to 10.42.2.31 alone, as it has to each of its pods; rule 512 → table main: 10.42.2.0/24 dev eth0 sends it \
         out by eth0 again"
    );
    assert_eq!(step.actor.name, "ip-10-42-2-30.ec2.internal");
    // The main table alone says the same.
    let main = without.replace(" show table all", "").replace(
        "local 10.42.2.30 dev eth0 table local proto kernel scope host src 10.42.2.30\n",
        "",
    );
    let flow = ask(&[PODS, RULES_ONE, ROUTES_ONE, RULES_TWO, &main], WEB, CART);
    assert_eq!(ended(&flow), (Verdict::Blocked, Some(Reason::NoRoute)), "{flow:#?}");
    // On the same node, too.
    let without = ROUTES_ONE.replace("10.42.1.22 dev eni4f2b7c91a0d scope link\n", "");
    let flow = ask(
        &[PODS, RULES_ONE, &without, RULES_TWO, ROUTES_TWO],
        WEB,
        "pod:shop/near-0:80",
    );
    assert_eq!(ended(&flow), (Verdict::Blocked, Some(Reason::NoRoute)), "{flow:#?}");
    // And where the sender has none, the answer does not come back.
    let without = ROUTES_ONE.replace("10.42.1.87 dev eni08c1d2e3f4a scope link\n", "");
    let flow = ask(&[PODS, RULES_ONE, &without, RULES_TWO, ROUTES_TWO], WEB, CART);
    assert_eq!(ended(&flow), (Verdict::Blocked, Some(Reason::NoRoute)), "{flow:#?}");
    assert_eq!(flow.outcomes[0].back.as_ref().unwrap().reason, Some(Reason::NoRoute));
}

/// What is not proved is not said: without one of the outputs the answer is the same, or asks for it.
#[test]
fn without_an_output_the_answer_is_the_same_or_unknown() {
    let without = ROUTES_TWO.replace("10.42.2.31 dev eni9b8a7c6d5e4 scope link\n", "");
    for parts in [ALL, [PODS, RULES_ONE, ROUTES_ONE, RULES_TWO, &without]] {
        let whole = ask(&parts, WEB, CART);
        for missing in 0..parts.len() {
            let mut fewer = parts.to_vec();
            let gone = fewer.remove(missing);
            let flow = ask(&fewer, WEB, CART);
            let same = ended(&flow) == ended(&whole);
            // What of a node is not pasted at all is not asked for: its routes are taken for whole, as those of most nodes are.
            let honest = flow.verdict == Verdict::Unknown && !flow.next.is_empty();
            assert!(same || honest, "without {gone}: {flow:#?}");
        }
    }
}

#[test]
fn what_one_grep_shows_is_no_table() {
    for (what, with) in [
        ("ip route show table all\n", "ip route show table all | grep -v eni9b\n"),
        ("ip route show table all\n", "ip route show table all dev eth0\n"),
    ] {
        let less = ROUTES_TWO
            .replace("10.42.2.31 dev eni9b8a7c6d5e4 scope link\n", "")
            .replace(what, with);
        let flow = ask(&[PODS, RULES_ONE, ROUTES_ONE, RULES_TWO, &less], WEB, CART);
        assert_eq!(ended(&flow), (Verdict::Unknown, None), "{with}");
        assert!(flow.next.iter().any(|next| next.command == "ip route show table all"));
    }
}

#[test]
fn the_outputs_of_another_node_prove_nothing() {
    let without = ROUTES_TWO.replace("10.42.2.31 dev eni9b8a7c6d5e4 scope link\n", "");
    // The prompt names another node, or none, and the addresses are another node's.
    for (host, own) in [("ip-10-42-9-9", "10.42.9.9"), ("bastion", "10.42.9.9")] {
        let edit = |text: &str| text.replace("ip-10-42-2-30", host).replace("10.42.2.30", own);
        let parts = [PODS.to_owned(), edit(RULES_TWO), edit(&without)];
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let flow = ask(&parts, WEB, CART);
        assert_ne!(flow.verdict, Verdict::Blocked, "{host}: {flow:#?}");
    }
    // The prompt says nothing, and the addresses say whose it is.
    let edit = |text: &str| text.replace("[ec2-user@ip-10-42-2-30 ~]$", "$");
    let flow = ask(&[PODS, &edit(RULES_TWO), &edit(&without)], WEB, CART);
    assert_eq!(ended(&flow), (Verdict::Blocked, Some(Reason::NoRoute)), "{flow:#?}");
}

/// The table of the second interface is gone: the rules go on to the first interface, which does not have the pod's address.
#[test]
fn a_table_that_is_missing_is_named() {
    let without = ROUTES_ONE
        .replace("default via 10.42.1.1 dev eth1 table 2\n", "")
        .replace("10.42.1.1 dev eth1 table 2 scope link\n", "");
    let flow = ask(&[PODS, RULES_ONE, &without, RULES_TWO, ROUTES_TWO], WEB, CART);
    let actions = there(&flow);
    assert!(
        actions.contains(
            &"rule 1536 leads to table 2, which has no route for it; then rule 32766 → table main: default via 10.42.1.1 dev eth0"
        ),
        "{actions:?}"
    );
    assert_eq!(ended(&flow), (Verdict::Unknown, None));
    assert!(
        flow.next
            .iter()
            .any(|next| next.command.contains("describe-network-interfaces")),
        "{:?}",
        flow.next
    );
    // The main table alone does not tell: table 2 was not pasted.
    let main = ROUTES_ONE
        .lines()
        .filter(|line| !line.contains(" table 2") && !line.contains("table local"))
        .map(|line| line.replace(" show table all", "") + "\n");
    let main: String = main.collect();
    let flow = ask(&[PODS, RULES_ONE, &main, RULES_TWO, ROUTES_TWO], WEB, CART);
    assert_eq!(ended(&flow), (Verdict::Unknown, None));
    assert!(flow.next.iter().any(|next| next.command == "ip route show table all"));
    // With that table by itself it is told.
    let two = "[ec2-user@ip-10-42-1-20 ~]$ ip route show table 2\ndefault via 10.42.1.1 dev eth1\n10.42.1.1 dev eth1 scope link\n";
    let flow = ask(&[PODS, RULES_ONE, &main, two, RULES_TWO, ROUTES_TWO], WEB, CART);
    assert!(
        there(&flow).contains(&"rule 1536 → table 2: default via 10.42.1.1 dev eth1"),
        "{flow:#?}"
    );
}

/// Out of the VPC: the mark decides by which interface.
#[test]
fn what_leaves_the_vpc_leaves_by_the_first_interface_unless_it_keeps_its_address() {
    let plugin = |external: &str| {
        format!(
            "$ kubectl get daemonset aws-node -n kube-system -o yaml\napiVersion: apps/v1\nkind: DaemonSet\nmetadata: {{name: aws-node, \
             namespace: kube-system}}\nspec: {{template: {{spec: {{containers: [{{name: aws-node, env: [{{name: \
             AWS_VPC_K8S_CNI_EXTERNALSNAT, value: '{external}'}}]}}]}}}}}}\n"
        )
    };
    let to = "ip:198.51.100.7:443";
    for (external, way) in [
        ("false", "rule 1024 → table main: default via 10.42.1.1 dev eth0"),
        ("true", "rule 1536 → table 2: default via 10.42.1.1 dev eth1"),
    ] {
        let plugin = plugin(external);
        let flow = ask(&[PODS, RULES_ONE, ROUTES_ONE, &plugin], WEB, to);
        assert!(there(&flow).contains(&way), "{external}: {:?}", there(&flow));
    }
    // A private address may be of the VPC, or not.
    let flow = ask(&[PODS, RULES_ONE, ROUTES_ONE], WEB, "ip:10.99.0.7:443");
    assert_eq!(flow.verdict, Verdict::Unknown);
    assert!(
        flow.next.iter().any(|next| next.command == "sudo iptables-save"),
        "{:?}",
        flow.next
    );
}
