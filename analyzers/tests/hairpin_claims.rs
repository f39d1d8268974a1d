//! How much LB-011 claims: the page's own case, with what shows the failing client changed.

use whypath_analyzers::finding::Class;
use whypath_analyzers::finding::page::ALL;
use whypath_analyzers::{Input, analyze};

const CAPTURE: &str = "$ kubectl exec -n shop checkout";
const NAME: &str = "shop-api-6d0e52b7c19f8a34.elb.eu-west-1.amazonaws.com";

/// The page's case with its capture, and without.
fn pastes() -> (String, String) {
    let cases = ALL.get("LB-011").map(|page| page.cases.as_slice()).unwrap_or_default();
    let case = cases.iter().find(|case| case.id == "short-cut");
    let whole = case.map(|case| case.paste.clone()).unwrap_or_default();
    let before = whole.split(CAPTURE).next().unwrap_or_default().to_owned();
    assert!(before.len() < whole.len(), "the case has its capture");
    (whole, before)
}

fn class(paste: String) -> Option<Class> {
    let input = Input {
        name: "paste 1".into(),
        bytes: paste.into_bytes(),
    };
    let analysis = analyze(vec![input], &mut |_| {});
    let mut found = analysis.findings.iter().filter(|finding| finding.code == "LB-011");
    let class = found.next().map(|finding| finding.class);
    assert!(found.next().is_none(), "one finding at the most");
    class
}

fn with(what: &str) -> Option<Class> {
    class(format!("{}{what}\n", pastes().1))
}

fn captured(packets: &[&str]) -> Option<Class> {
    with(&format!(
        "{CAPTURE}-7d9f8c6b5d-x2x8k -- tcpdump -nn -i eth0 tcp\n{}",
        packets.join("\n")
    ))
}

fn logged(line: &str) -> Option<Class> {
    with(&format!("$ kubectl logs -n shop checkout-7d9f8c6b5d-x2x8k\n{line}"))
}

fn called(options: &str, output: &str) -> Option<Class> {
    with(&format!(
        "{CAPTURE}-7d9f8c6b5d-x2x8k -- curl {options} https://{NAME}/\n{output}"
    ))
}

const SYN: &str =
    "14:02:11.418203 IP 10.20.3.77.48122 > 10.20.1.12.443: Flags [S], seq 2817730114, win 62727, length 0";
const AGAIN: &str =
    "14:02:12.447102 IP 10.20.3.77.48122 > 10.20.1.12.443: Flags [S], seq 2817730114, win 62727, length 0";

#[test]
fn the_last_syn_of_a_capture_is_not_unanswered() {
    assert_eq!(captured(&[SYN]), Some(Class::Note));
}

#[test]
fn a_private_address_with_the_right_port_is_not_yet_the_load_balancer() {
    assert_eq!(captured(&[SYN, AGAIN]), Some(Class::Risk));
    let resolved = format!("$ dig +short {NAME}\n10.20.1.12\n");
    let capture = format!("{CAPTURE}-7d9f8c6b5d-x2x8k -- tcpdump -nn -i eth0 tcp\n{SYN}\n{AGAIN}");
    assert_eq!(with(&format!("{resolved}{capture}")), Some(Class::Fault));
}

#[test]
fn a_refusal_is_an_answer() {
    let refused =
        "14:02:12.447801 IP 10.20.1.12.443 > 10.20.3.77.48122: Flags [R.], seq 0, ack 2817730115, win 0, length 0";
    assert_eq!(captured(&[SYN, AGAIN, refused]), Some(Class::Note));
}

#[test]
fn only_a_connection_that_did_not_open_proves_it() {
    assert_eq!(
        logged(&format!("ERROR dial tcp {NAME}:443: i/o timeout")),
        Some(Class::Fault)
    );
    for line in [
        format!("INFO client for https://{NAME} created, timeout=30s retries=3"),
        format!("ERROR GET https://{NAME}/x: 504 upstream request timeout"),
        format!(
            "ERROR dial tcp: lookup {NAME} on 172.20.0.10:53: read udp 10.20.3.77:5555->172.20.0.10:53: i/o timeout"
        ),
        format!("ERROR Get \"https://{NAME}/\": net/http: TLS handshake timeout"),
        format!("ERROR failed to connect to {NAME}:443: connection refused"),
    ] {
        assert_eq!(logged(&line), Some(Class::Note), "{line}");
    }
    assert_eq!(
        called("-m 3", "curl: (28) Connection timed out after 3001 milliseconds"),
        Some(Class::Fault)
    );
    assert_eq!(
        called(
            "-m 3",
            "curl: (28) Operation timed out after 3001 milliseconds with 0 bytes received"
        ),
        Some(Class::Risk)
    );
    assert_eq!(
        called("-v --connect-timeout 3", "< HTTP/1.1 200 OK\n< Keep-Alive: timeout=5"),
        Some(Class::Note)
    );
    assert_eq!(
        called("-m 3", "curl: (35) error:0A00010B:SSL routines::wrong version number"),
        Some(Class::Note)
    );
}

#[test]
fn other_kinds_of_load_balancers_do_not_preserve_addresses() {
    let (whole, _) = pastes();
    let application = whole
        .replace("loadbalancer/net/", "loadbalancer/app/")
        .replace("\"Protocol\": \"TCP\"", "\"Protocol\": \"HTTP\"");
    let start = application.split("$ aws elbv2 describe-load-balancers").next();
    let end = application.split("$ aws elbv2 describe-target-groups").nth(1);
    let without_description = format!(
        "{}$ aws elbv2 describe-target-groups{}",
        start.unwrap_or_default(),
        end.unwrap_or_default()
    );
    assert_eq!(class(without_description), None);
    assert_eq!(
        class(whole.replace("\"Protocol\": \"TCP\"", "\"Protocol\": \"UDP\"")),
        None
    );
}

#[test]
fn two_shell_variables_are_two_target_groups() {
    const ARN: &str =
        "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/k8s-shop-api-91d3f0c2ab/7c1b8e0f2a6d4935";
    let (_, quiet) = pastes();
    let command = |name: &str| format!("--target-group-arn {name}");
    let timeout = format!("$ kubectl logs -n shop checkout-7d9f8c6b5d-x2x8k\ndial tcp {NAME}:443: i/o timeout\n");
    let one = quiet.replace(&command(ARN), &command("$TG"));
    assert_ne!(one, quiet);
    assert_eq!(class(format!("{one}{timeout}")), Some(Class::Fault));
    let other = one.replace(
        "describe-target-health --target-group-arn $TG",
        "describe-target-health --target-group-arn $OTHER",
    );
    assert_ne!(other, one);
    assert_ne!(class(format!("{other}{timeout}")), Some(Class::Fault));
}

#[test]
fn targets_that_are_out_of_use_are_no_way() {
    let (_, quiet) = pastes();
    for state in ["draining", "unused"] {
        let all = quiet.replace("\"State\": \"healthy\"", &format!("\"State\": \"{state}\""));
        assert_eq!(class(all), None, "{state}");
    }
}

#[test]
fn the_annotation_on_the_service_stands_in_for_the_attribute() {
    let (_, quiet) = pastes();
    let Some((before, rest)) = quiet.split_once("$ aws elbv2 describe-target-group-attributes") else {
        panic!("the case has its attributes");
    };
    let health = rest
        .find("$ aws elbv2 describe-target-health")
        .and_then(|at| rest.get(at..));
    let without = format!("{before}{}", health.unwrap_or_default());
    let service = |value: &str| {
        format!(
            "$ kubectl get svc -n shop api -o yaml\napiVersion: v1\nkind: Service\nmetadata:\n  name: api\n  namespace: shop\n  \
             annotations:\n    service.beta.kubernetes.io/aws-load-balancer-target-group-attributes: \
             stickiness.enabled=false,preserve_client_ip.enabled={value}\nspec:\n  type: LoadBalancer\nstatus:\n  loadBalancer:\n    \
             ingress:\n    - hostname: {NAME}\n"
        )
    };
    let timeout = format!("$ kubectl logs -n shop checkout-7d9f8c6b5d-x2x8k\ndial tcp {NAME}:443: i/o timeout\n");
    assert_eq!(
        class(format!("{without}{timeout}")),
        Some(Class::Risk),
        "the default alone"
    );
    assert_eq!(
        class(format!("{without}{}{timeout}", service("true"))),
        Some(Class::Fault)
    );
    assert_eq!(class(format!("{without}{}{timeout}", service("false"))), None);
}

#[test]
fn the_command_to_verify_with_calls_a_name_that_resolves() {
    let (_, quiet) = pastes();
    let paste = format!("{quiet}$ kubectl logs -n shop checkout-7d9f8c6b5d-x2x8k\ndial tcp {NAME}:443: i/o timeout\n");
    let input = Input {
        name: "paste 1".into(),
        bytes: paste.into_bytes(),
    };
    let analysis = analyze(vec![input], &mut |_| {});
    let verify: Vec<&str> = analysis
        .findings
        .iter()
        .map(|finding| finding.verify.as_str())
        .collect();
    let url = format!("https://{NAME}:443/");
    assert!(verify.iter().any(|verify| verify.contains(&url)), "{verify:?}");
}
