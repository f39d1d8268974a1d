//! The way of the answer.

use super::{ROUTES, asked_at, commands, path, plain, with};
use crate::flow::{Flow, Reason, Return, Verdict};

/// The answers of a flow whose ways all end in the same way.
fn back(flow: &Flow) -> &Return {
    flow.outcomes[0].back.as_ref().unwrap()
}

/// The endpoints of the Service: the first is a pod of the node, the others are behind its first interface.
const CART: &str = "172.20.7.9:80";

/// What rules of `FORWARD` make of the answer, where nothing else stops it.
fn forward(rules: &str) -> String {
    plain()
        .replace(":FORWARD DROP", ":FORWARD ACCEPT")
        .replace("-A FORWARD -s 10.42.0.0/16 -j ACCEPT\n", &format!("{rules}\n"))
}

#[test]
fn an_answer_is_rewritten_back() {
    let rules = forward("-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT");
    let flow = with(&rules, ROUTES, "10.42.1.7", CART);
    for outcome in &flow.outcomes {
        let back = outcome.back.as_ref().unwrap();
        assert_eq!((back.verdict, back.steps.len()), (Verdict::Passes, 1));
        let step = &back.steps[0];
        assert_eq!(
            step.after,
            [("src", "172.20.7.9".to_owned()), ("dst", "10.42.1.7".to_owned())]
        );
        // The rule that lets it through, and nothing of `nat`, which is not asked about answers.
        assert_eq!(step.evidence.len(), 1, "{:?}", step.evidence);
    }
    // The pod that sends to itself is masqueraded: its answer goes to the node's address first.
    let own = flow.outcomes.iter().find(|outcome| outcome.snat).unwrap();
    let step = &own.back.as_ref().unwrap().steps[0];
    assert_eq!(
        step.before,
        [("src", "10.42.1.7".to_owned()), ("dst", "10.42.3.9".to_owned())]
    );
}

#[test]
fn a_filter_that_lets_questions_through_may_drop_the_answers() {
    // Nobody wrote a rule for what is established: the answer comes from the Internet.
    let flow = path(&plain(), "10.42.9.9", "203.0.113.5:443");
    assert_eq!(
        (flow.verdict, flow.outcomes[0].reason, back(&flow).reason),
        (Verdict::Blocked, Some(Reason::Drop), Some(Reason::Drop))
    );
    assert!(!back(&flow).steps[0].evidence.is_empty());
    let stateful = plain().replace(
        "-A FORWARD -s 10.42.0.0/16",
        "-A FORWARD -m state --state ESTABLISHED -j ACCEPT\n-A FORWARD -s 10.42.0.0/16",
    );
    let flow = path(&stateful, "10.42.9.9", "203.0.113.5:443");
    assert_eq!(back(&flow).verdict, Verdict::Passes);
    // By the port that answers come from.
    let rules = forward("-A FORWARD -p tcp -m tcp --sport 8080 -j REJECT --reject-with icmp-port-unreachable");
    let flow = with(&rules, ROUTES, "10.42.1.7", "10.42.2.7:8080");
    assert_eq!(back(&flow).reason, Some(Reason::Reject));
    assert_eq!(
        with(&rules, ROUTES, "10.42.1.7", "10.42.2.7:8443").outcomes[0]
            .back
            .as_ref()
            .unwrap()
            .reason,
        None
    );
    // A SYN alone is no answer.
    let rules = forward("-A FORWARD -s 10.42.2.0/24 -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j DROP");
    let flow = with(&rules, ROUTES, "10.42.1.7", "10.42.2.7:8080");
    assert_eq!(back(&flow).reason, None);
    let rules = forward("-A FORWARD -s 10.42.2.0/24 -p tcp -m tcp --tcp-flags SYN,ACK SYN,ACK -j DROP");
    let flow = with(&rules, ROUTES, "10.42.1.7", "10.42.2.7:8080");
    assert_eq!(back(&flow).reason, Some(Reason::Drop));
}

#[test]
fn what_follows_on_the_answer_is_asked_about_too() {
    // New connections and answers go through, and nothing after.
    let rules = forward(
        "-A FORWARD -d 10.42.2.7/32 -m conntrack --ctstate NEW -j ACCEPT\n-A FORWARD -s 10.42.2.7/32 -j ACCEPT\n-A FORWARD -d 10.42.2.7/32 -j DROP",
    );
    let flow = with(&rules, ROUTES, "10.42.1.7", "10.42.2.7:8080");
    let back = back(&flow);
    assert_eq!(
        (back.verdict, back.reason, back.steps.len()),
        (Verdict::Blocked, Some(Reason::Drop), 2)
    );
    assert!(
        back.steps[1].action.starts_with("what the client sends next"),
        "{}",
        back.steps[1].action
    );
}

#[test]
fn an_answer_that_does_not_come_by_the_node_is_asymmetric() {
    let rules = forward("-A FORWARD -m conntrack --ctstate INVALID -j DROP");
    let at = |rules: &str, from: &str| {
        let text = format!("$ sudo iptables-save\n{rules}{ROUTES}");
        asked_at(Some("ip-10-42-3-9"), &text, from, CART)
    };
    // From outside to an endpoint elsewhere, with the client's own address.
    let flow = at(&rules, "203.0.113.5");
    let of = |flow: &Flow, end: &str| {
        let outcome = flow
            .outcomes
            .iter()
            .find(|outcome| outcome.ends_at.as_deref() == Some(end));
        let outcome = outcome.unwrap();
        (outcome.verdict, outcome.reason, outcome.back.as_ref().unwrap().verdict)
    };
    let asymmetric = (Verdict::Blocked, Some(Reason::Asymmetric), Verdict::Blocked);
    assert_eq!(of(&flow, "10.42.2.7:8080"), asymmetric);
    // The pod of the node answers by the node.
    assert_eq!(of(&flow, "10.42.1.7:8080").1, None);
    // Masqueraded, it comes back.
    let marked = rules.replace(
        "-A KUBE-SVC-CART -m comment --comment \"shop/cart:http -> 10.42.1.7",
        "-A KUBE-SVC-CART ! -s 10.42.0.0/16 -j KUBE-MARK-MASQ\n-A KUBE-SVC-CART -m comment --comment \"shop/cart:http -> 10.42.1.7",
    );
    let flow = at(&marked, "203.0.113.5");
    assert!(flow.outcomes.iter().all(|outcome| outcome.reason.is_none()));
    // A pod of another node does not ask this one, as far as is known.
    let flow = with(&rules, ROUTES, "10.42.9.9", CART);
    assert_eq!((flow.verdict, flow.outcomes[0].reason), (Verdict::Unknown, None));
    assert!(
        commands(&flow)
            .iter()
            .any(|command| command.contains("status.podIP=10.42.9.9")),
        "{:?}",
        commands(&flow)
    );
    // Without routes nobody says where the endpoint is: who sends a packet through a node is taken to know.
    let flow = path(&rules, "10.42.9.9", CART);
    assert_eq!(flow.verdict, Verdict::Assumed);
    assert_eq!(back(&flow).verdict, Verdict::Assumed);
}

#[test]
fn an_answer_by_another_interface_is_a_question() {
    let (from, to) = ("203.0.113.5", "10.42.3.9:30080");
    let node_port = |rules: &str| {
        let chain = "-A PREROUTING -p tcp -m tcp --dport 30080 -j DNAT --to-destination 10.42.1.7:8080\n";
        rules.replace("-A OUTPUT -m comment", &format!("{chain}-A OUTPUT -m comment"))
    };
    let rules = node_port(&forward(
        "-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
    ));
    // The pod is one of the second interface by `ip rule`, and the client asked the first one's address.
    let flow = with(&rules, ROUTES, from, to);
    assert_eq!(back(&flow).verdict, Verdict::Unknown);
    assert!(
        commands(&flow)[0].contains("describe-network-interfaces"),
        "{:?}",
        commands(&flow)
    );
    // The VPC CNI's marks bring it back by the first one.
    let marks = "*mangle\n:PREROUTING ACCEPT [0:0]\n\
        -A PREROUTING -i eth0 -m addrtype --dst-type LOCAL --limit-iface-in -j CONNMARK --set-xmark 0x80/0x80\n\
        -A PREROUTING -i eni+ -j CONNMARK --restore-mark --nfmask 0x80 --ctmask 0x80\nCOMMIT\n";
    let flow = with(&format!("{rules}{marks}"), ROUTES, from, to);
    assert_eq!(back(&flow).verdict, Verdict::Passes, "{:?}", back(&flow).steps);
}

#[test]
fn without_an_output_nothing_is_claimed_of_the_answer() {
    let rules = forward("-A FORWARD -m conntrack --ctstate INVALID -j DROP");
    let parts: Vec<&str> = ROUTES.split_inclusive("$ ip ").collect();
    // The first two are the commands' beginnings: `$ ip ` and `addr…$ ip `, `route…$ ip `, `rule…`.
    for left_out in 1..parts.len() {
        let mut rest: Vec<&str> = parts.clone();
        rest.remove(left_out);
        let text = rest.concat();
        let text = text.trim_end_matches("$ ip ");
        let flow = with(&rules, text, "203.0.113.5", CART);
        for outcome in &flow.outcomes {
            let back = outcome.back.as_ref();
            let same =
                outcome.reason == Some(Reason::Asymmetric) && outcome.ends_at.as_deref() != Some("10.42.1.7:8080");
            let open = back.is_none_or(|back| back.verdict != Verdict::Blocked);
            assert!(same || open, "without {}: {outcome:?}", parts[left_out]);
        }
    }
}
