//! Paths through load balancers, and what is left of an answer when something is not pasted.

mod lab;
mod network;

use serde_json::{Value, json};

use crate::Input;
use crate::analysis::read;
use crate::flow::packet_path::{Protocol, Query, compute};
use crate::flow::{Flow, Reason, Verdict};

const ALB: &str = include_str!("alb.txt");
const INGRESS: &str = include_str!("ingress.txt");
const NLB: &str = include_str!("nlb.txt");

fn query(from: &str, to: &str) -> Query {
    Query {
        from: from.parse().expect("an endpoint"),
        to: to.parse().expect("an endpoint"),
        protocol: Protocol::Tcp,
        at: None,
    }
}

fn path(text: &str, from: &str, to: &str) -> Flow {
    let input = Input {
        name: "paste".to_owned(),
        bytes: text.as_bytes().to_vec(),
    };
    let analysis = read(vec![input], &mut |_| {});
    compute(&analysis.model(), &query(from, to))
}

/// Label, share in thousandths, end and source of each way, by their labels.
fn ways(flow: &Flow) -> Vec<(&str, i64, Option<&str>, Option<&str>)> {
    let mut ways: Vec<_> = flow
        .outcomes
        .iter()
        .map(|outcome| {
            #[allow(clippy::cast_possible_truncation, reason = "thousandths")]
            let share = (outcome.share * 1000.0).round() as i64;
            (
                outcome.label.as_str(),
                share,
                outcome.ends_at.as_deref(),
                outcome.source_seen.as_deref(),
            )
        })
        .collect();
    ways.sort_unstable();
    ways
}

fn commands(flow: &Flow) -> Vec<&str> {
    flow.next.iter().map(|next| next.command.as_str()).collect()
}

#[test]
fn a_request_goes_by_the_rules_to_healthy_pods() {
    let flow = path(ALB, "internet", "host:shop.example.com:443");
    assert_eq!(flow.verdict, Verdict::Assumed);
    assert_eq!(
        ways(&flow),
        vec![
            (
                "path /api or /api/*, to 10.20.19.33:8080",
                250,
                Some("10.20.19.33:8080"),
                None
            ),
            (
                "path /api or /api/*, to 10.20.3.77:8080",
                250,
                Some("10.20.3.77:8080"),
                None
            ),
            ("rule 2, to 10.20.3.90:3000", 500, Some("10.20.3.90:3000"), None),
        ]
    );
    assert!(
        flow.outcomes
            .iter()
            .all(|outcome| outcome.snat && outcome.back.is_some())
    );
    let picks = &flow
        .outcomes
        .iter()
        .find(|outcome| outcome.label.starts_with("rule 2"))
        .expect("a way")
        .steps;
    let note = picks.last().and_then(|step| step.note.as_deref()).unwrap_or_default();
    assert!(
        note.contains("Target.ResponseCodeMismatch (Health checks failed with these codes: [502])"),
        "{note}"
    );
    assert!(note.contains("X-Forwarded-For"), "{note}");
    // Every step but the client's own cites something.
    for step in flow
        .steps()
        .filter(|step| step.action != "connects" && step.verdict == Verdict::Passes)
    {
        assert!(!step.evidence.is_empty(), "{}", step.action);
    }
}

#[test]
fn plain_requests_are_sent_to_https() {
    let mut text = ALB.to_owned();
    text.push_str(
        "$ aws elbv2 describe-rules --listener-arn arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/k8s-public-5f2b9c01de/8c1d5b0f3a7e9d24/11aa22bb33cc44dd
{\"Rules\": [{\"RuleArn\": \"arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener-rule/app/k8s-public-5f2b9c01de/8c1d5b0f3a7e9d24/11aa22bb33cc44dd/00\", \"Priority\": \"default\", \"Conditions\": [], \"Actions\": [{\"Type\": \"redirect\"}], \"IsDefault\": true}]}
",
    );
    let flow = path(&text, "internet", "host:shop.example.com:80");
    assert_eq!(
        ways(&flow),
        vec![(
            "redirected to https://shop.example.com/#{path}",
            1000,
            Some("local"),
            None
        )]
    );
    // Without the rules the default action proves nothing: a rule may come before it.
    let flow = path(ALB, "internet", "host:shop.example.com:80");
    assert_eq!(flow.verdict, Verdict::Unknown);
    assert!(commands(&flow).contains(&"aws elbv2 describe-rules --listener-arn arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/k8s-public-5f2b9c01de/8c1d5b0f3a7e9d24/11aa22bb33cc44dd"));
}

#[test]
fn without_a_host_each_condition_is_a_way_of_its_own() {
    let flow = path(ALB, "internet", "lb:k8s-public-5f2b9c01de:443");
    let labels: Vec<&str> = ways(&flow).into_iter().map(|(label, ..)| label).collect();
    assert_eq!(
        labels,
        vec![
            "host shop.example.com, path /api or /api/*, to 10.20.19.33:8080",
            "host shop.example.com, path /api or /api/*, to 10.20.3.77:8080",
            "host shop.example.com, to 10.20.3.90:3000",
            "other requests, answered with 404",
        ]
    );
    let shares: f64 = flow.outcomes.iter().map(|outcome| outcome.share).sum();
    assert!((shares - 1.0).abs() < 1e-9);
}

#[test]
fn another_host_meets_the_default_rule() {
    let text = ALB.replace("    - host: shop.example.com\n", "    - host: '*.example.com'\n");
    let flow = path(&text, "ip:203.0.113.9", "host:blog.example.com:443");
    assert_eq!(ways(&flow), vec![("answered with 404", 1000, Some("local"), None)]);
}

#[test]
fn an_ingress_alone_is_taken_for_what_its_controller_makes() {
    let flow = path(INGRESS, "internet", "host:orders.example.com:443");
    assert_eq!(flow.verdict, Verdict::Assumed);
    assert_eq!(
        ways(&flow),
        vec![
            ("path /admin/*, answered with 503", 500, Some("local"), None),
            (
                "rule 2, through node ip-10-20-3-41.eu-west-1.compute.internal",
                450,
                Some("10.20.3.41:31080"),
                None
            ),
            ("rule 2, to 10.20.3.55:9000", 50, Some("10.20.3.55:9000"), None),
        ]
    );
    assert!(commands(&flow).contains(&"aws elbv2 describe-load-balancers"));
    let flow = path(INGRESS, "internet", "host:orders.example.com:80");
    assert_eq!(flow.outcomes[0].reason, Some(Reason::NoListener));
}

#[test]
fn an_ingress_that_the_controller_refuses_is_no_answer() {
    let text = INGRESS.replace("scheme: internet-facing", "scheme: public");
    let flow = path(&text, "internet", "host:orders.example.com:443");
    assert_eq!(flow.verdict, Verdict::Unknown);
    let said: Vec<&str> = flow.steps().map(|step| step.action.as_str()).collect();
    assert!(
        said.iter().any(|action| action.contains("unknown scheme: public")),
        "{said:?}"
    );
}

#[test]
fn an_ingress_of_another_controller_is_not_ours() {
    let text = INGRESS.replace("controller: ingress.k8s.aws/alb", "controller: k8s.io/ingress-nginx");
    let flow = path(&text, "internet", "host:orders.example.com:443");
    assert_eq!(flow.verdict, Verdict::Unknown);
    assert!(
        flow.next.iter().any(|next| next.why.contains("k8s.io/ingress-nginx")),
        "{:?}",
        flow.next
    );
}

#[test]
fn a_service_is_asked_by_its_network_load_balancer() {
    for to in [
        "svc:games/lobby:443",
        "lb:k8s-games-lobby-0d9c8b7a6f:443",
        "host:k8s-games-lobby-0d9c8b7a6f-1f2e3d4c5b6a7988.elb.eu-west-1.amazonaws.com:443",
    ] {
        let flow = path(NLB, "ip:203.0.113.9", to);
        assert_eq!(flow.verdict, Verdict::Assumed, "{to}");
        assert_eq!(flow.outcomes.len(), 1, "{to}");
        let outcome = &flow.outcomes[0];
        // The instance of the node is not pasted: it is known by its id.
        assert_eq!(outcome.ends_at.as_deref(), Some("i-0aa7c1d2e3f405162:31443"), "{to}");
        assert_eq!(outcome.source_seen.as_deref(), Some("203.0.113.9"), "{to}");
        assert!(!outcome.snat);
    }
}

#[test]
fn a_name_that_route_53_leads_to_the_load_balancer_is_followed() {
    let mut text = NLB.to_owned();
    text.push_str("$ aws route53 list-resource-record-sets --hosted-zone-id Z0123456789ABCDEFGHIJ
{\"ResourceRecordSets\": [
  {\"Name\": \"play.example.com.\", \"Type\": \"CNAME\", \"TTL\": 60, \"ResourceRecords\": [{\"Value\": \"lobby.example.com\"}]},
  {\"Name\": \"lobby.example.com.\", \"Type\": \"A\", \"AliasTarget\": {\"HostedZoneId\": \"Z2IFOLAFXWLO4F\", \"DNSName\": \"dualstack.k8s-games-lobby-0d9c8b7a6f-1f2e3d4c5b6a7988.elb.eu-west-1.amazonaws.com.\", \"EvaluateTargetHealth\": true}}]}
");
    let flow = path(&text, "internet", "host:play.example.com:443");
    assert_eq!(flow.outcomes[0].ends_at.as_deref(), Some("i-0aa7c1d2e3f405162:31443"));
    let flow = path(NLB, "internet", "host:play.example.com:443");
    assert_eq!(flow.verdict, Verdict::Unknown);
    assert_eq!(flow.outcomes.len(), 0);
    assert!(!flow.next.is_empty());
}

/// The artifacts of a sample, each with the command that printed it.
fn artifacts(text: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for line in text.lines() {
        match parts.last_mut() {
            Some(part) if !line.starts_with("$ ") => {
                part.push_str(line);
                part.push('\n');
            }
            _ => parts.push(format!("{line}\n")),
        }
    }
    parts
}

/// Whether running one of the commands brings the artifact back: it asks the same operation, or the same kind, of the same thing or of all.
fn brings_back(flow: &Flow, artifact: &str) -> bool {
    let command = artifact.lines().next().unwrap_or_default().trim_start_matches("$ ");
    let words: Vec<&str> = command.split_whitespace().collect();
    flow.next.iter().any(|next| {
        let asked: Vec<&str> = next.command.split_whitespace().collect();
        match (words.as_slice(), asked.as_slice()) {
            (["aws", _, operation, ..], ["aws", _, wanted, ..]) => operation == wanted && same_arn(&words, &asked),
            (["kubectl", "get", kind, ..], ["kubectl", "get", kinds, ..]) => {
                let one = |kind: &str| kind.trim_end_matches('s').trim_end_matches("classe").to_owned();
                kinds.split(',').any(|asked| one(asked) == one(kind))
            }
            _ => false,
        }
    })
}

fn same_arn(words: &[&str], asked: &[&str]) -> bool {
    let arn = |words: &[&str]| {
        words
            .iter()
            .find(|word| word.starts_with("arn:"))
            .map(|arn| (*arn).to_owned())
    };
    arn(asked).is_none() || arn(asked) == arn(words)
}

#[test]
fn what_is_not_pasted_is_asked_for_and_changes_no_verdict() {
    for (sample, from, to) in [
        (ALB, "internet", "host:shop.example.com:443"),
        (ALB, "ip:203.0.113.9", "lb:k8s-public-5f2b9c01de:443"),
        (INGRESS, "internet", "host:orders.example.com:443"),
        (NLB, "internet", "svc:games/lobby:443"),
        (NLB, "ip:203.0.113.9", "lb:k8s-games-lobby-0d9c8b7a6f:443"),
    ] {
        let whole = path(sample, from, to);
        let parts = artifacts(sample);
        for left_out in &parts {
            let rest: String = parts
                .iter()
                .filter(|part| *part != left_out)
                .map(String::as_str)
                .collect();
            let flow = path(&rest, from, to);
            let name = left_out.lines().next().unwrap_or_default();
            if flow.verdict == Verdict::Unknown {
                assert!(
                    brings_back(&flow, left_out),
                    "{from} {to} without {name}: {:?}",
                    flow.next
                );
            } else {
                assert_eq!(flow.verdict, whole.verdict, "{from} {to} without {name}");
            }
        }
    }
}

/// A load balancer with one listener that forwards to one group with these targets.
fn forwards(change: &dyn Fn(&mut Value), health: &Value) -> String {
    const ARN: &str = "arn:aws:elasticloadbalancing:eu-west-1:111122223333";
    let lb = format!("{ARN}:loadbalancer/app/web/0011223344556677");
    let listener = format!("{ARN}:listener/app/web/0011223344556677/8899aabbccddeeff");
    let rule = format!("{ARN}:listener-rule/app/web/0011223344556677/8899aabbccddeeff/01");
    let group = format!("{ARN}:targetgroup/web/7766554433221100");
    let forward = json!([{"Type": "forward", "TargetGroupArn": group}]);
    let mut documents = json!({
        "lb": {"LoadBalancers": [{
            "LoadBalancerArn": lb, "LoadBalancerName": "web", "DNSName": "web-1.eu-west-1.elb.amazonaws.com",
            "Scheme": "internet-facing", "Type": "application", "State": {"Code": "active"},
        }]},
        "listeners": {"Listeners": [{
            "ListenerArn": listener, "LoadBalancerArn": lb, "Port": 443, "Protocol": "HTTPS", "DefaultActions": forward,
        }]},
        "rules": {"Rules": [{"RuleArn": rule, "Priority": "default", "IsDefault": true, "Conditions": [], "Actions": forward}]},
        "groups": {"TargetGroups": [{
            "TargetGroupArn": group, "TargetGroupName": "web", "Protocol": "HTTP", "Port": 8080, "TargetType": "ip",
            "HealthCheckPort": "traffic-port", "LoadBalancerArns": [lb],
        }]},
    });
    change(&mut documents);
    let health = json!({"TargetHealthDescriptions": health});
    format!(
        "$ aws elbv2 describe-load-balancers\n{}\n$ aws elbv2 describe-listeners --load-balancer-arn {lb}\n{}\n\
         $ aws elbv2 describe-rules --listener-arn {listener}\n{}\n$ aws elbv2 describe-target-groups\n{}\n\
         $ aws elbv2 describe-target-health --target-group-arn {group}\n{health}\n",
        documents["lb"], documents["listeners"], documents["rules"], documents["groups"]
    )
}

fn target(address: &str, health: &Value) -> Value {
    json!({"Target": {"Id": address, "Port": 8080}, "HealthCheckPort": "8080", "TargetHealth": health})
}

fn ill(reason: &str, description: &str) -> Value {
    json!({"State": "unhealthy", "Reason": reason, "Description": description})
}

fn verdict(change: &dyn Fn(&mut Value), health: &Value, to: &str) -> (Verdict, Option<Reason>) {
    let flow = path(&forwards(change, health), "internet", to);
    (flow.verdict, flow.outcomes.first().and_then(|outcome| outcome.reason))
}

const WEB: &str = "lb:web:443";

#[test]
fn a_port_without_a_listener_stops() {
    let healthy = json!([target("10.0.1.7", &json!({"State": "healthy"}))]);
    assert_eq!(
        verdict(&|_| {}, &healthy, "lb:web:80"),
        (Verdict::Blocked, Some(Reason::NoListener))
    );
    assert_eq!(verdict(&|_| {}, &healthy, WEB), (Verdict::Assumed, None));
    // A query may have left the listener out.
    let text = forwards(&|_| {}, &healthy).replace(
        "0011223344556677\n{\"Listeners\"",
        "0011223344556677 --query '{Listeners: Listeners[?Port==`443`]}'\n{\"Listeners\"",
    );
    let flow = path(&text, "internet", "lb:web:80");
    assert_eq!(flow.verdict, Verdict::Unknown);
}

#[test]
fn a_group_without_targets_stops() {
    assert_eq!(
        verdict(&|_| {}, &json!([]), WEB),
        (Verdict::Blocked, Some(Reason::NoTarget))
    );
    let leaving = json!({"State": "draining", "Reason": "Target.DeregistrationInProgress", "Description": "Target deregistration is in progress"});
    assert_eq!(
        verdict(&|_| {}, &json!([target("10.0.1.7", &leaving)]), WEB),
        (Verdict::Blocked, Some(Reason::NoTarget))
    );
}

#[test]
fn targets_in_a_zone_that_is_not_enabled_stop() {
    let unused = json!({"State": "unused", "Reason": "Target.NotInUse", "Description": "Target is in an Availability Zone that is not enabled for the load balancer"});
    assert_eq!(
        verdict(&|_| {}, &json!([target("10.0.9.7", &unused)]), WEB),
        (Verdict::Blocked, Some(Reason::TargetAzDisabled))
    );
    // One in an enabled zone is enough.
    let healthy = json!({"State": "healthy"});
    assert_eq!(
        verdict(
            &|_| {},
            &json!([target("10.0.9.7", &unused), target("10.0.1.7", &healthy)]),
            WEB
        ),
        (Verdict::Assumed, None)
    );
}

#[test]
fn targets_of_which_none_is_well_get_all_requests_and_stop_those_that_cannot_connect() {
    let timeout = ill("Target.Timeout", "Request timed out");
    assert_eq!(
        verdict(&|_| {}, &json!([target("10.0.1.7", &timeout)]), WEB),
        (Verdict::Blocked, Some(Reason::TargetUnhealthy))
    );
    let flow = path(
        &forwards(&|_| {}, &json!([target("10.0.1.7", &timeout)])),
        "internet",
        WEB,
    );
    assert!(
        flow.steps()
            .any(|step| step.action.contains("Target.Timeout (Request timed out)"))
    );
    // It answers, though with another code: requests may be answered too.
    let code = ill(
        "Target.ResponseCodeMismatch",
        "Health checks failed with these codes: [404]",
    );
    assert_eq!(
        verdict(&|_| {}, &json!([target("10.0.1.7", &code)]), WEB),
        (Verdict::Unknown, Some(Reason::TargetUnhealthy))
    );
    let flow = path(&forwards(&|_| {}, &json!([target("10.0.1.7", &code)])), "internet", WEB);
    assert_eq!(commands(&flow), vec!["curl -si -m 5 http://10.0.1.7:8080/"]);
    // Its health is asked elsewhere.
    let elsewhere = |documents: &mut Value| documents["groups"]["TargetGroups"][0]["HealthCheckPort"] = json!("9090");
    assert_eq!(
        verdict(&elsewhere, &json!([target("10.0.1.7", &timeout)]), WEB).0,
        Verdict::Unknown
    );
    // A healthy one gets them all.
    let healthy = json!({"State": "healthy"});
    let flow = path(
        &forwards(
            &|_| {},
            &json!([target("10.0.1.7", &timeout), target("10.0.2.7", &healthy)]),
        ),
        "internet",
        WEB,
    );
    assert_eq!(
        ways(&flow),
        vec![("to 10.0.2.7:8080", 1000, Some("10.0.2.7:8080"), None)]
    );
}

#[test]
fn a_load_balancer_that_does_not_serve_stops() {
    let healthy = || json!([target("10.0.1.7", &json!({"State": "healthy"}))]);
    let state = |code: &'static str| {
        move |documents: &mut Value| documents["lb"]["LoadBalancers"][0]["State"]["Code"] = json!(code)
    };
    assert_eq!(
        verdict(&state("failed"), &healthy(), WEB),
        (Verdict::Blocked, Some(Reason::State))
    );
    assert_eq!(
        verdict(&state("provisioning"), &healthy(), WEB),
        (Verdict::Blocked, Some(Reason::State))
    );
    assert_eq!(
        verdict(&state("active_impaired"), &healthy(), WEB),
        (Verdict::Assumed, None)
    );
}

#[test]
fn an_internal_load_balancer_has_no_way_from_the_internet() {
    let healthy = || json!([target("10.0.1.7", &json!({"State": "healthy"}))]);
    let internal = |documents: &mut Value| documents["lb"]["LoadBalancers"][0]["Scheme"] = json!("internal");
    assert_eq!(
        verdict(&internal, &healthy(), WEB),
        (Verdict::Blocked, Some(Reason::NoPublicAddress))
    );
    let flow = path(&forwards(&internal, &healthy()), "ip:10.0.7.7", WEB);
    assert_eq!(flow.verdict, Verdict::Assumed);
}

#[test]
fn weights_and_sources_of_rules_decide() {
    const GROUP: &str = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup";
    let change = |documents: &mut Value| {
        let rule = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener-rule/app/web/0011223344556677/8899aabbccddeeff";
        let rules = json!([
            {"RuleArn": format!("{rule}/02"), "Priority": "5", "IsDefault": false,
             "Conditions": [{"Field": "source-ip", "SourceIpConfig": {"Values": ["198.51.100.0/24"]}}],
             "Actions": [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "403"}}]},
            {"RuleArn": format!("{rule}/03"), "Priority": "7", "IsDefault": false,
             "Conditions": [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["*"]}}],
             "Actions": [{"Type": "forward", "ForwardConfig": {"TargetGroups": [
                {"TargetGroupArn": format!("{GROUP}/web/7766554433221100"), "Weight": 3},
                {"TargetGroupArn": format!("{GROUP}/next/0000000000000000"), "Weight": 1},
                {"TargetGroupArn": format!("{GROUP}/old/0000000000000001"), "Weight": 0}]}}]},
        ]);
        documents["rules"]["Rules"] = rules;
    };
    let healthy = json!([target("10.0.1.7", &json!({"State": "healthy"}))]);
    let text = forwards(&change, &healthy);
    let flow = path(&text, "ip:198.51.100.77", WEB);
    assert_eq!(ways(&flow), vec![("answered with 403", 1000, Some("local"), None)]);
    let flow = path(&text, "ip:203.0.113.9", WEB);
    assert_eq!(flow.verdict, Verdict::Unknown);
    assert_eq!(
        ways(&flow),
        vec![
            ("a target of next", 250, None, None),
            ("to 10.0.1.7:8080", 750, Some("10.0.1.7:8080"), None),
        ]
    );
    assert_eq!(
        commands(&flow),
        vec![
            "aws elbv2 describe-target-health --target-group-arn arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/next/0000000000000000"
        ]
    );
}

#[test]
fn the_network_before_a_load_balancer_is_told_where_its_door_is() {
    let input = Input {
        name: "paste".to_owned(),
        bytes: ALB.as_bytes().to_vec(),
    };
    let analysis = read(vec![input], &mut |_| {});
    let model = analysis.model();
    let door = super::door(&model, &query("internet", "host:shop.example.com:443")).expect("a door");
    assert_eq!(door.name, "k8s-public-5f2b9c01de");
    assert_eq!(door.security_groups, vec!["sg-0c9d8e7f6a5b4c3d2"]);
    assert_eq!(
        door.subnets,
        vec!["subnet-0a11b22c33d44e55f", "subnet-0b66c77d88e99f00a"]
    );
    let proposed: Vec<String> = super::propose(&model).into_iter().map(|flow| flow.title).collect();
    assert_eq!(proposed, vec!["the Internet → shop.example.com:443"]);
}

/// An ingress controller of another kind behind a Network Load Balancer.
const PROXY: &str = "$ kubectl get ingress -n shop web -o yaml
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec:
  ingressClassName: nginx
  rules:
  - host: web.example.com
    http:
      paths:
      - {path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}
      - {path: /api, pathType: Prefix, backend: {service: {name: api, port: {name: http}}}}
status:
  loadBalancer:
    ingress:
    - hostname: k8s-ingress-nginx-1122334455-99aabbccddeeff00.elb.eu-west-1.amazonaws.com
$ kubectl get ingressclass nginx -o yaml
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: nginx}
spec: {controller: k8s.io/ingress-nginx}
$ kubectl get service -n ingress nginx -o yaml
apiVersion: v1
kind: Service
metadata:
  annotations:
    service.beta.kubernetes.io/aws-load-balancer-nlb-target-type: ip
    service.beta.kubernetes.io/aws-load-balancer-scheme: internet-facing
    service.beta.kubernetes.io/aws-load-balancer-type: external
  name: nginx
  namespace: ingress
spec:
  clusterIP: 172.20.3.3
  ports: [{name: https, port: 443, protocol: TCP, targetPort: 8443}]
  type: LoadBalancer
status:
  loadBalancer:
    ingress:
    - hostname: k8s-ingress-nginx-1122334455-99aabbccddeeff00.elb.eu-west-1.amazonaws.com
$ kubectl get endpointslices -n ingress -o yaml
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: nginx-4q8zt, namespace: ingress, labels: {kubernetes.io/service-name: nginx}}
addressType: IPv4
ports: [{name: https, port: 8443, protocol: TCP}]
endpoints: [{addresses: [10.20.3.17], conditions: {ready: true, serving: true, terminating: false}}]
";

#[test]
fn a_request_for_another_ingress_controller_goes_through_its_own_load_balancer() {
    let flow = path(PROXY, "internet", "host:web.example.com:443");
    assert_eq!(flow.verdict, Verdict::Assumed);
    assert_eq!(
        ways(&flow),
        vec![("to 10.20.3.17:8443", 1000, Some("10.20.3.17:8443"), None)]
    );
    let last = flow.outcomes[0].steps.last().expect("steps");
    assert_eq!(
        last.action,
        "sends requests for web.example.com on: / to Service shop/web:80; /api to Service shop/api:http"
    );
    assert_eq!(last.evidence.len(), 2);
}

#[test]
fn a_route_of_a_gateway_is_followed_to_its_load_balancer() {
    let text = format!(
        "{NLB}$ kubectl get httproute -n games lobby -o yaml
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {{name: lobby, namespace: games}}
spec:
  hostnames: ['*.games.example.com']
  parentRefs: [{{name: edge}}]
  rules:
  - backendRefs: [{{name: rooms, port: 8080}}]
$ kubectl get gateway -n games edge -o yaml
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {{name: edge, namespace: games}}
spec: {{gatewayClassName: istio}}
status:
  addresses:
  - type: Hostname
    value: k8s-games-lobby-0d9c8b7a6f-1f2e3d4c5b6a7988.elb.eu-west-1.amazonaws.com
"
    );
    let flow = path(&text, "ip:203.0.113.9", "host:eu.games.example.com");
    assert_eq!(flow.outcomes[0].ends_at.as_deref(), Some("i-0aa7c1d2e3f405162:31443"));
    let said: Vec<&str> = flow.steps().map(|step| step.action.as_str()).collect();
    assert!(
        said.contains(
            &"sends requests for eu.games.example.com on: by HTTPRoute games/lobby to Service games/rooms:8080"
        ),
        "{said:?}"
    );
}

#[test]
fn who_is_in_the_cluster_needs_no_load_balancer_for_a_service() {
    let text = format!(
        "$ kubectl get nodes -o wide\nNAME  STATUS  ROLES  AGE  VERSION  INTERNAL-IP\nip-10-20-3-41.eu-west-1.compute.internal  Ready  <none>  31d  v1.31.2  10.20.3.41\n{NLB}"
    );
    let flow = path(&text, "ip:10.20.3.41", "svc:games/lobby:443");
    assert!(!flow.steps().any(|step| step.actor.id.starts_with("lb:")));
    let flow = path(&text, "ip:10.99.3.41", "svc:games/lobby:443");
    assert!(flow.steps().any(|step| step.actor.id.starts_with("lb:")));
}
