//! DNS flows from pasted text, and the report of `whypath dns`.

use whypath_analyzers::flow::dns::{Pod, Query, Report, Whose, compute, report};
use whypath_analyzers::flow::{Details, Verdict};
use whypath_analyzers::{Analysis, Input, analyze};

const CONF: &str = "$ kubectl exec -n shop checkout-0 -- cat /etc/resolv.conf\n\
    search shop.svc.cluster.local svc.cluster.local cluster.local eu-west-1.compute.internal\n\
    nameserver 172.20.0.10\noptions ndots:5\n";

fn analysis(text: &str) -> Analysis {
    let input = Input {
        name: "paste 1".into(),
        bytes: text.as_bytes().to_vec(),
    };
    analyze(vec![input], &mut |_| {})
}

fn ask(text: &str, name: &str, whose: Whose) -> (Verdict, Report) {
    let analysis = analysis(text);
    let query = Query {
        name: name.into(),
        qtype: None,
        whose,
    };
    let flow = compute(&analysis.model(), &query);
    (flow.verdict, report(&analysis, &flow))
}

fn checkout() -> Whose {
    Whose::Pod(Pod {
        namespace: Some("shop".into()),
        name: "checkout-0".into(),
    })
}

#[test]
fn an_outside_name_is_asked_for_below_every_search_domain_first() {
    let (verdict, report) = ask(CONF, "api.example.com", checkout());
    // Four domains and the name itself, two types each; what an outside name has below them is an assumption.
    assert_eq!(
        (report.queries.len(), report.wasted, verdict),
        (10, 8, Verdict::Assumed)
    );
    assert_eq!(report.rcode, "NOERROR");
    let first = report.queries.first().expect("ten queries");
    assert_eq!(first.name, "api.example.com.shop.svc.cluster.local");
    assert_eq!(first.server, "172.20.0.10");
    assert!(first.evidence.iter().any(|cite| cite.text.starts_with("search ")));
}

#[test]
fn a_trailing_dot_asks_only_for_the_name() {
    let (_, report) = ask(CONF, "api.example.com.", checkout());
    assert_eq!((report.queries.len(), report.wasted), (2, 0));
}

#[test]
fn a_name_that_may_be_a_service_is_not_called_outside() {
    let (verdict, report) = ask(CONF, "cart.web", Whose::Resolv(None));
    assert_eq!(
        (verdict, report.rcode.as_str(), report.wasted),
        (Verdict::Unknown, "unknown", 0)
    );
    assert!(report.next.iter().any(|next| next.command.contains("tcpdump")));
}

#[test]
fn without_resolv_conf_the_next_command_asks_for_it() {
    let whose = Whose::Pod(Pod {
        namespace: None,
        name: "checkout-0".into(),
    });
    let (verdict, report) = ask("$ uptime\n 10:00:00 up 3 days\n", "api.example.com", whose);
    assert_eq!(verdict, Verdict::Unknown);
    let next = report.next.first().expect("a command");
    assert_eq!(
        next.command,
        "kubectl exec -n <namespace> checkout-0 -- cat /etc/resolv.conf"
    );
}

#[test]
fn what_was_captured_goes_before_what_is_computed() {
    let capture = "$ kubectl exec -n shop checkout-0 -- tcpdump -nn -i any port 53\n\
        09:14:22.104311 eth0  Out IP 10.20.4.31.43611 > 172.20.0.10.53: 63019+ A? api.example.com.shop.svc.cluster.local. (56)\n\
        09:14:22.104621 eth0  In  IP 172.20.0.10.53 > 10.20.4.31.43611: 63019 ServFail- 0/0/0 (56)\n\
        09:14:22.104900 eth0  Out IP 10.20.4.31.43612 > 172.20.0.10.53: 63020+ A? api.example.com.svc.cluster.local. (51)\n\
        09:14:22.105200 eth0  In  IP 172.20.0.10.53 > 10.20.4.31.43612: 63020 NXDomain*- 0/1/0 (144)\n\
        09:14:22.105400 eth0  Out IP 10.20.4.31.43613 > 172.20.0.10.53: 63021+ A? api.example.com. (33)\n\
        09:14:22.107400 eth0  In  IP 172.20.0.10.53 > 10.20.4.31.43613: 63021 1/0/0 A 192.0.2.7 (49)\n";
    let (verdict, report) = ask(&format!("{CONF}{capture}"), "api.example.com", checkout());
    let rcodes: Vec<&str> = report.queries.iter().map(|query| query.rcode.as_str()).collect();
    assert_eq!(rcodes, ["SERVFAIL", "NXDOMAIN", "NOERROR"]);
    assert_eq!(
        (verdict, report.answers),
        (Verdict::Passes, vec!["192.0.2.7".to_owned()])
    );
    // Only what was refused was needless to ask; a server's failure is another matter.
    assert_eq!(report.wasted, 1);
}

#[test]
fn a_question_without_an_answer_is_unknown_and_says_so() {
    let capture = "$ tcpdump -nn -i any port 53\n\
        09:14:22.104311 eth0  Out IP 10.20.4.31.43611 > 172.20.0.10.53: 63019+ A? api.example.com. (33)\n\
        09:14:27.109311 eth0  Out IP 10.20.4.31.43611 > 172.20.0.10.53: 63019+ A? api.example.com. (33)\n\
        09:14:32.114311 eth0  Out IP 10.20.4.90.43611 > 172.20.0.10.53: 7+ A? other.example.com. (35)\n";
    let analysis = analysis(capture);
    let flow = analysis.flows.all.first().expect("a flow");
    assert_eq!(flow.verdict, Verdict::Unknown);
    let shown = report(&analysis, flow);
    assert_eq!(shown.rcode, "timeout");
    assert_eq!(shown.queries.len(), 1);
    assert!(matches!(&flow.details, Details::Dns(details) if !details.answered && details.client == "10.20.4.31"));
}
