//! What the controller makes of pasted objects, and what says so.

use super::stack::{Peer, SecurityGroupRef, Source};
use super::{Group, Made, Refusal, Settings, Stack, Surroundings, group, ingress, service};
use crate::model::aws::elbv2::TargetType;
use crate::model::aws::elbv2::rule::{Does, Field, GroupRef};
use crate::model::decided::By;
use crate::{Analysis, Input, analysis};

fn read(text: &str) -> Analysis {
    let input = Input {
        name: "paste".to_owned(),
        bytes: text.as_bytes().to_vec(),
    };
    analysis::read(vec![input], &mut |_| {})
}

fn of_service(text: &str, settings: &Settings) -> Result<Made, Refusal> {
    let analysis = read(text);
    let model = analysis.model();
    let object = model.all("Service").next().expect("a Service");
    service::build(&model, object, settings, &Surroundings::default())
}

fn of_ingress(text: &str) -> Result<Made, Refusal> {
    let analysis = read(text);
    let model = analysis.model();
    let settings = Settings::default();
    let object = model.all("Ingress").next().expect("an Ingress");
    let group = Group::of(&model, object, &settings).expect("a group");
    ingress::build(&model, &group, &settings, &Surroundings::default())
}

fn stack(made: Result<Made, Refusal>) -> Stack {
    match made {
        Ok(Made::Stack(stack)) => *stack,
        other => panic!("a stack, not {other:?}"),
    }
}

/// A Service with two ports of one number, for TCP and UDP, and one with TLS.
const DNS: &str = "apiVersion: v1
kind: Service
metadata:
  name: resolver
  namespace: edge
  uid: 6d1c7b9e-0f43-49a6-9f2d-2f6c3e1b8a70
  annotations:
    service.beta.kubernetes.io/aws-load-balancer-type: external
    service.beta.kubernetes.io/aws-load-balancer-nlb-target-type: instance
    service.beta.kubernetes.io/aws-load-balancer-ssl-cert: arn:aws:acm:eu-west-1:111122223333:certificate/1
    service.beta.kubernetes.io/aws-load-balancer-ssl-ports: dot
    service.beta.kubernetes.io/aws-load-balancer-target-group-attributes.853: preserve_client_ip.enabled=false
    service.beta.kubernetes.io/load-balancer-source-ranges: 10.0.0.0/8, 192.0.2.0/24
spec:
  type: LoadBalancer
  ports:
  - {name: tcp, port: 53, protocol: TCP, targetPort: 5353, nodePort: 30053}
  - {name: udp, port: 53, protocol: UDP, targetPort: 5353, nodePort: 30053}
  - {name: dot, port: 853, protocol: TCP, targetPort: 8530, nodePort: 30853}
";

#[test]
fn two_protocols_on_one_port_are_one_listener_where_that_is_turned_on() {
    let settings = Settings {
        tcp_udp_listeners: true,
        ..Settings::default()
    };
    let made = stack(of_service(DNS, &settings));
    let protocols: Vec<_> = made
        .listeners
        .iter()
        .map(|listener| (listener.port.value, listener.protocol.value.as_str()))
        .collect();
    assert_eq!(protocols, vec![(53, "TCP_UDP"), (853, "TLS")]);
    let group = &made.target_groups["edge/resolver:853"];
    assert_eq!(group.protocol.value, "TCP");
    assert_eq!(group.port.value, 30853);
    assert_eq!(group.attributes["preserve_client_ip.enabled"].value, "false");
    let other = &made.target_groups["edge/resolver:53"];
    assert!(!other.attributes.contains_key("preserve_client_ip.enabled"));
    // Turned off, the last of both is the listener.
    let made = stack(of_service(DNS, &Settings::default()));
    assert_eq!(made.listeners[0].protocol.value, "UDP");
}

#[test]
fn every_value_says_what_decided_it() {
    let made = stack(of_service(DNS, &Settings::default()));
    let group = &made.target_groups["edge/resolver:853"];
    assert_eq!(group.target_type.value, TargetType::Instance);
    assert!(matches!(group.target_type.by, By::Read(_)));
    assert!(matches!(made.load_balancer.scheme.by, By::Default(_)));
    assert_eq!(made.load_balancer.scheme.value, "internal");
    assert_eq!(group.health_check.protocol.value, "TCP");
    assert!(matches!(group.health_check.protocol.by, By::Default(_)));
    // Of nothing but the cluster's name the hash cannot be told.
    assert_eq!(made.load_balancer.name.value.to_string(), "k8s-edge-resolver-…");
    let sources: Vec<_> = made
        .security_group
        .iter()
        .flat_map(|group| &group.ingress)
        .filter(|permission| permission.from_port == 853)
        .map(|permission| permission.source.value.clone())
        .collect();
    assert_eq!(
        sources,
        vec![
            Source::Block("10.0.0.0/8".to_owned()),
            Source::Block("192.0.2.0/24".to_owned())
        ]
    );
    let networking = group.binding.networking.as_ref().expect("rules");
    assert_eq!(
        networking[0].from,
        Some(vec![Peer::Group(SecurityGroupRef::Backend(None))])
    );
}

#[test]
fn what_the_controller_does_not_take_is_refused_with_its_line() {
    for (from, to, words) in [
        (
            "ssl-ports: dot",
            "ssl-ports: dot,8443",
            "Unused port in ssl-ports annotation [8443]",
        ),
        (
            "aws-load-balancer-ssl-ports: dot",
            "aws-load-balancer-scheme: public",
            "unknown scheme: public",
        ),
        (
            "preserve_client_ip.enabled=false",
            "preserve_client_ip.enabled=no",
            "failed to parse attribute preserve_client_ip.enabled=no",
        ),
        (
            "10.0.0.0/8, 192.0.2.0/24",
            "2001:db8::/32",
            "unsupported v6 cidr 2001:db8::/32 when lb is not dualstack",
        ),
    ] {
        let refusal = of_service(&DNS.replace(from, to), &Settings::default()).expect_err(words);
        assert_eq!(refusal.message, words);
        assert!(!refusal.evidence.is_empty(), "{words}");
    }
}

#[test]
fn a_service_that_is_another_controllers_is_left_alone() {
    let text = DNS.replace("aws-load-balancer-type: external", "aws-load-balancer-type: nlb");
    assert!(matches!(of_service(&text, &Settings::default()), Ok(Made::Nothing(_))));
    let text = DNS.replace(
        "  type: LoadBalancer",
        "  type: LoadBalancer\n  loadBalancerClass: example.com/lb",
    );
    let made = of_service(&text, &Settings::default());
    assert_eq!(
        made,
        Ok(Made::Nothing("its loadBalancerClass is example.com/lb".to_owned()))
    );
}

/// Two Ingresses of one group, the class that makes them the controller's, and their Services.
const GROUPED: &str = r#"apiVersion: v1
kind: List
items:
- apiVersion: networking.k8s.io/v1
  kind: IngressClass
  metadata: {name: public}
  spec: {controller: ingress.k8s.aws/alb, parameters: {apiGroup: elbv2.k8s.aws, kind: IngressClassParams, name: public}}
- apiVersion: elbv2.k8s.aws/v1beta1
  kind: IngressClassParams
  metadata: {name: public}
  spec: {scheme: internet-facing, group: {name: edge}, tags: [{key: team, value: edge}]}
- apiVersion: networking.k8s.io/v1
  kind: Ingress
  metadata:
    name: a-last
    namespace: shop
    annotations:
      alb.ingress.kubernetes.io/group.order: "50"
      alb.ingress.kubernetes.io/scheme: internal
      alb.ingress.kubernetes.io/listen-ports: '[{"HTTP": 80}, {"HTTPS": 443}]'
      alb.ingress.kubernetes.io/ssl-redirect: "443"
  spec:
    ingressClassName: public
    rules:
    - http:
        paths:
        - {path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}
- apiVersion: networking.k8s.io/v1
  kind: Ingress
  metadata:
    name: z-first
    namespace: shop
    annotations:
      alb.ingress.kubernetes.io/listen-ports: '[{"HTTPS": 443}]'
      alb.ingress.kubernetes.io/target-type: ip
      alb.ingress.kubernetes.io/conditions.api: '[{"field":"http-header","httpHeaderConfig":{"httpHeaderName":"X-Beta","values":["1"]}}]'
      alb.ingress.kubernetes.io/auth-type: oidc
      alb.ingress.kubernetes.io/auth-idp-oidc: '{"issuer":"https://id.example.com","secretName":"oidc"}'
  spec:
    ingressClassName: public
    rules:
    - host: shop.example.com
      http:
        paths:
        - {path: /a, pathType: Prefix, backend: {service: {name: api, port: {name: http}}}}
        - {path: /a/long, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}
        - {path: /a/exact, pathType: Exact, backend: {service: {name: web, port: {number: 80}}}}
- apiVersion: v1
  kind: Service
  metadata: {name: web, namespace: shop}
  spec: {type: NodePort, ports: [{port: 80, targetPort: web, nodePort: 30080}]}
- apiVersion: v1
  kind: Service
  metadata: {name: api, namespace: shop, annotations: {alb.ingress.kubernetes.io/target-type: instance}}
  spec: {type: NodePort, ports: [{name: http, port: 80, targetPort: 8080, nodePort: 30081}]}
"#;

#[test]
fn members_come_in_their_order_and_paths_the_longest_first() {
    let made = stack(of_ingress(GROUPED));
    assert_eq!(made.id, "edge");
    assert_eq!(
        made.load_balancer.scheme.value, "internet-facing",
        "the class comes before the annotation"
    );
    assert_eq!(made.load_balancer.tags["team"].value, "edge");
    let [plain, secure] = made.listeners.as_slice() else {
        panic!("two listeners");
    };
    assert!(plain.rules.is_empty());
    assert!(matches!(plain.default_actions[0].does, Does::Redirect(_)));
    let paths: Vec<Vec<&str>> = secure
        .rules
        .iter()
        .map(|rule| {
            let of_path = rule
                .rule
                .conditions
                .iter()
                .filter(|condition| condition.field == Field::PathPattern);
            of_path
                .flat_map(|condition| condition.values.iter().map(String::as_str))
                .collect()
        })
        .collect();
    assert_eq!(
        paths,
        vec![
            vec!["/a/exact"],
            vec!["/a/long", "/a/long/*"],
            vec!["/a", "/a/*"],
            vec!["/*"]
        ]
    );
    // Its own condition comes first, then host and path.
    let fields: Vec<&str> = secure.rules[2]
        .rule
        .conditions
        .iter()
        .map(|condition| condition.field.name())
        .collect();
    assert_eq!(fields, vec!["http-header", "host-header", "path-pattern"]);
    assert!(matches!(secure.rules[0].rule.actions[0].does, Does::Authenticate(_)));
    assert_eq!(
        secure.rules[3].rule.actions.len(),
        1,
        "the other Ingress asks nobody to sign in"
    );
}

#[test]
fn a_services_own_annotation_comes_before_its_ingress() {
    let made = stack(of_ingress(GROUPED));
    let api = &made.target_groups["shop/z-first-api:http"];
    assert_eq!((api.target_type.value, api.port.value), (TargetType::Instance, 30081));
    // Each pod may have another port of that name.
    let web = &made.target_groups["shop/z-first-web:80"];
    assert_eq!((web.target_type.value, web.port.value), (TargetType::Ip, 1));
    let last = &made.target_groups["shop/a-last-web:80"];
    assert_eq!((last.target_type.value, last.port.value), (TargetType::Instance, 30080));
}

#[test]
fn a_service_that_was_not_pasted_is_named() {
    let text = GROUPED.replace(
        "metadata: {name: web, namespace: shop}",
        "metadata: {name: other, namespace: shop}",
    );
    let made = stack(of_ingress(&text));
    assert!(made.missing_services.contains(&("shop".to_owned(), "web".to_owned())));
    let groups: Vec<_> = made
        .listeners
        .iter()
        .flat_map(|listener| &listener.rules)
        .flat_map(|rule| &rule.rule.actions)
        .filter_map(|action| match &action.does {
            Does::Forward(forward) => Some(forward.groups[0].group.clone()),
            _ => None,
        })
        .collect();
    assert!(groups.contains(&GroupRef::Made("shop/a-last-web:80".to_owned())));
    assert!(!made.target_groups.contains_key("shop/a-last-web:80"));
}

#[test]
fn members_that_disagree_are_refused() {
    for (from, to, words) in [
        (
            "scheme: internet-facing, ",
            "",
            // Only one member asks for a scheme then: that is no conflict.
            "",
        ),
        (
            "alb.ingress.kubernetes.io/target-type: ip",
            "alb.ingress.kubernetes.io/ssl-redirect: \"80\"",
            "conflicting sslRedirect port: [80 443]",
        ),
        (
            "'[{\"HTTPS\": 443}]'",
            "'[{\"HTTP\": 443}]'",
            "failed to merge listenPort config for port: 443: conflicting protocol, shop/z-first: HTTP | shop/a-last: HTTPS",
        ),
        (
            "alb.ingress.kubernetes.io/auth-type: oidc",
            "alb.ingress.kubernetes.io/auth-type: saml",
            "ingress: shop/z-first: unknown authType: saml",
        ),
        (
            "{name: http}",
            "{name: grpc}",
            "ingress: shop/z-first: unable to find port grpc on service shop/api",
        ),
    ] {
        match of_ingress(&GROUPED.replace(from, to)) {
            Ok(_) => assert_eq!(words, ""),
            Err(refusal) => {
                assert_eq!(refusal.message, words);
                assert!(!refusal.evidence.is_empty(), "{words}");
            }
        }
    }
}

#[test]
fn groups_are_told_apart_and_those_of_others_left_out() {
    let text = GROUPED.replace("group: {name: edge}, ", "");
    let analysis = read(&text);
    let model = analysis.model();
    let ids: Vec<String> = group::all(&model, &Settings::default())
        .iter()
        .map(|group| group.id.to_string())
        .collect();
    assert_eq!(ids, vec!["shop/a-last", "shop/z-first"]);
    let analysis = read(&GROUPED.replace("ingress.k8s.aws/alb", "k8s.io/ingress-nginx"));
    assert!(group::all(&analysis.model(), &Settings::default()).is_empty());
}
