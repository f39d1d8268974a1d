//! Pods with security groups of their own, in both modes, and in clusters of IPv6.

use super::{ask, back, ended, there};
use crate::flow::{Flow, Reason, Verdict};

const P3: &str = include_str!("../../../../../samples/P3.txt");
const P4: &str = include_str!("../../../../../samples/P4.txt");
const P17: &str = include_str!("../../../../../samples/P17.txt");

const NODE: &str = "node:ip-10-42-1-20.eu-west-1.compute.internal";
const API: &str = "pod:shop/api-6d5f9c7b8-q2w4x:8080";
const WEB: &str = "pod:shop/web-0";

/// What one command printed, with its prompt.
fn parts(text: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for line in text.split_inclusive('\n') {
        let prompt = line.starts_with("$ ") || line.starts_with("[ec2-user@");
        match all.last_mut().filter(|_| !prompt) {
            Some(last) => last.push_str(line),
            None => all.push(line.to_owned()),
        }
    }
    all
}

fn without(text: &str, command: &str) -> String {
    let all = parts(text);
    let left: Vec<String> = all
        .iter()
        .filter(|part| !part.lines().next().is_some_and(|line| line.contains(command)))
        .cloned()
        .collect();
    assert!(left.len() < all.len(), "{command}");
    left.concat()
}

fn edit(text: &str, what: &str, with: &str) -> String {
    assert!(text.contains(what), "{what}");
    text.replace(what, with)
}

fn asks(flow: &Flow, command: &str) -> bool {
    flow.next.iter().any(|next| next.command.contains(command))
}

#[test]
fn in_strict_mode_neighbours_meet_through_the_network_and_the_branchs_groups() {
    let flow = ask(&[P3], WEB, API);
    assert_eq!(ended(&flow), (Verdict::Blocked, Some(Reason::SgIngress)), "{flow:#?}");
    assert!(
        there(&flow).contains(&"rule 32766 → table main: 10.42.1.0/24 dev eth0"),
        "{:?}",
        there(&flow)
    );
    let last = flow.outcomes[0].steps.last().unwrap();
    assert_eq!(last.actor.name, "eni-0b1c2d3e4f5a6b7c8");
    // Once the group lets the node's in, the packet comes by the VLAN, and the answer goes back by it.
    let open = edit(
        P3,
        "\"GroupId\": \"sg-0a9b8c7d6e5f4a3b2\",\n                            \"UserId\"",
        "\"GroupId\": \"sg-0d51c7a2e94b8f630\",\n                            \"UserId\"",
    );
    let flow = ask(&[&open], WEB, API);
    let there = there(&flow);
    assert!(
        there.contains(&"rule 10 → table 101: 10.42.1.140 dev vlan0a1b2c3d4e5: the pod is behind it"),
        "{there:?}"
    );
    let back = back(&flow);
    assert!(
        back.contains(&"rule 10 → table 101: default via 10.42.1.1 dev vlan.eth.1"),
        "{back:?}"
    );
    assert!(
        back.contains(&"rule 512 → table main: 10.42.1.22 dev eni4f2b7c91a0d: the pod is behind it"),
        "{back:?}"
    );
}

#[test]
fn the_mode_is_asked_for_where_no_routes_tell() {
    let bare = without(&without(P3, "ip rule"), "ip route");
    let flow = ask(&[&bare], WEB, API);
    assert_eq!(ended(&flow), (Verdict::Unknown, None), "{flow:#?}");
    assert!(asks(&flow, "daemonset aws-node"), "{:?}", flow.next);
    for (mode, wanted) in [
        ("strict", (Verdict::Blocked, Some(Reason::SgIngress))),
        ("standard", (Verdict::Assumed, None)),
    ] {
        let told = format!(
            "{bare}$ kubectl set env ds/aws-node -n kube-system --list\n# DaemonSet aws-node, container aws-node\nENABLE_POD_ENI=true\n\
             POD_SECURITY_GROUP_ENFORCING_MODE={mode}\n"
        );
        let flow = ask(&[&told], WEB, API);
        assert_eq!(ended(&flow), wanted, "{mode}: {flow:#?}");
    }
}

#[test]
fn kubelets_probe_is_dropped_on_its_way_back_by_early_demux() {
    let flow = ask(&[P4], NODE, API);
    assert_eq!(ended(&flow), (Verdict::Blocked, Some(Reason::Drop)), "{flow:#?}");
    let steps = &flow.outcomes[0].back.as_ref().unwrap().steps;
    assert_eq!(
        steps[1].action,
        "rule 10 → table 101: default via 10.42.1.1 dev vlan.eth.1"
    );
    assert!(steps[2].action.starts_with("drops the pod's answer: TCP early demux"));
    assert!(!steps[2].evidence.is_empty());
    // The setting, and the kernel's own word.
    let off = edit(
        P4,
        "DISABLE_TCP_EARLY_DEMUX\n          value: \"false\"",
        "DISABLE_TCP_EARLY_DEMUX\n          value: \"true\"",
    );
    assert_eq!(ended(&ask(&[&off], NODE, API)), (Verdict::Assumed, None));
    let kernel = |value: u8| {
        format!("[ec2-user@ip-10-42-1-20 ~]$ sysctl net.ipv4.tcp_early_demux\nnet.ipv4.tcp_early_demux = {value}\n")
    };
    assert_eq!(ended(&ask(&[P4, &kernel(0)], NODE, API)), (Verdict::Assumed, None));
    assert_eq!(
        ended(&ask(&[&off, &kernel(1)], NODE, API)),
        (Verdict::Blocked, Some(Reason::Drop))
    );
    // Another node's kernel says nothing of this one.
    let other = kernel(0).replace("ip-10-42-1-20", "ip-10-42-9-9");
    assert_eq!(
        ended(&ask(&[P4, &other], NODE, API)),
        (Verdict::Blocked, Some(Reason::Drop))
    );
}

#[test]
fn in_standard_mode_kubelet_meets_the_pod_on_the_node() {
    let standard = edit(P4, "value: strict", "value: standard");
    let standard = edit(
        &edit(
            &edit(
                &standard,
                "10:\tfrom all iif vlan.eth.1 lookup 101\n10:\tfrom all iif vlan0a1b2c3d4e5 lookup 101\n20:",
                "0:",
            ),
            "1024:\t",
            "512:\tfrom all to 10.42.1.140 lookup main\n1024:\t",
        ),
        "10.42.1.140 dev vlan0a1b2c3d4e5 table 101 scope link",
        "10.42.1.140 dev vlan0a1b2c3d4e5 scope link",
    );
    let flow = ask(&[&standard], NODE, API);
    assert_ne!(flow.verdict, Verdict::Blocked, "{flow:#?}");
    let there = there(&flow);
    assert!(
        there.contains(&"rule 512 → table main: 10.42.1.140 dev vlan0a1b2c3d4e5"),
        "{there:?}"
    );
    assert!(
        there.contains(&"both ends are on this node: the packet does not leave it"),
        "{there:?}"
    );
}

#[test]
fn without_an_output_a_branchs_way_is_the_same_or_unknown() {
    for (text, from) in [(P3, WEB), (P4, NODE)] {
        let whole = ended(&ask(&[text], from, API));
        for command in parts(text).iter().filter_map(|part| part.lines().next()) {
            let Some((_, command)) = command.split_once("$ ") else {
                continue;
            };
            let flow = ask(&[&without(text, command)], from, API);
            let honest = flow.verdict == Verdict::Unknown && !flow.next.is_empty();
            assert!(ended(&flow) == whole || honest, "without {command}: {flow:#?}");
        }
    }
}

#[test]
fn the_same_way_in_ipv6() {
    let cart = "pod:shop/cart-0:8080";
    let flow = ask(&[P17], WEB, cart);
    assert_eq!(ended(&flow), (Verdict::Blocked, Some(Reason::SgIngress)), "{flow:#?}");
    assert!(
        there(&flow).contains(&"rule 32766 → table main: 2001:db8:42:a::/64 dev eth0"),
        "{:?}",
        there(&flow)
    );
    let open = edit(
        P17,
        "\"Ipv6Ranges\": [],",
        "\"Ipv6Ranges\": [{\"CidrIpv6\": \"2001:db8:42::/56\"}],",
    );
    let flow = ask(&[&open], WEB, cart);
    assert_eq!(ended(&flow).1, None, "{flow:#?}");
    assert!(
        there(&flow).contains(&"rule 512 → table main: 2001:db8:42:a:7::31 dev eni9b8a7c6d5e4: the pod is behind it"),
        "{:?}",
        there(&flow)
    );
    // Its host route is gone.
    let gone = edit(
        &open,
        "2001:db8:42:a:7::31 dev eni9b8a7c6d5e4 metric 1024 pref medium\n",
        "",
    );
    let gone = format!(
        "{gone}$ kubectl get ds -n kube-system\nNAME       DESIRED   CURRENT   READY   UP-TO-DATE   AVAILABLE   NODE SELECTOR   AGE\naws-node   2         2         2       2            2           <none>          9d\n"
    );
    let flow = ask(&[&gone], WEB, cart);
    assert_eq!(ended(&flow), (Verdict::Blocked, Some(Reason::NoRoute)), "{flow:#?}");
}

#[test]
fn to_an_address_of_ipv4_a_pod_of_ipv6_has_its_nodes() {
    let flow = ask(&[P17], WEB, "ip:198.51.100.7:443");
    let [only] = flow.outcomes.as_slice() else {
        panic!("{flow:#?}")
    };
    assert!(only.snat);
    assert_eq!(only.source_seen.as_deref(), Some("10.42.1.20"));
    assert!(asks(&flow, "daemonset aws-node"), "{:?}", flow.next);
    assert!(
        there(&flow).iter().any(|action| action.contains("169.254.172.0/22")),
        "{:?}",
        there(&flow)
    );
    let off = format!(
        "{P17}$ kubectl set env ds/aws-node -n kube-system --list\n# DaemonSet aws-node, container aws-node\nENABLE_V4_EGRESS=false\n"
    );
    let flow = ask(&[&off], WEB, "ip:198.51.100.7:443");
    assert_eq!(flow.verdict, Verdict::Unknown);
    assert!(asks(&flow, "kubectl exec -n shop web-0 -- ip addr"), "{:?}", flow.next);
}
