//! What the cases name and do not show: the variables that all tests of one file of the controller share, and the model that those of Ingresses
//! expect unless they say otherwise.

use serde_json::{Map, Value, json};
use whypath_analyzers::model::load_balancer_controller::Subnet;

const PREFIX: &str = "alb.ingress.kubernetes.io";

fn service(name: &str, port: &Value, annotations: &[(&str, &str)]) -> Value {
    let annotations: Map<String, Value> = annotations
        .iter()
        .map(|(name, value)| (format!("{PREFIX}/{name}"), json!(value)))
        .collect();
    json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"namespace": "ns-1", "name": name, "uid": "", "annotations": annotations},
        "spec": {"ports": [port]},
    })
}

/// A Service that the tests of Ingresses share.
pub fn shared_service(variable: &str) -> Option<Value> {
    let http = || json!({"name": "http", "port": 80, "targetPort": 8080, "nodePort": 32768});
    let https = || json!({"name": "https", "port": 443, "targetPort": 8443, "nodePort": 32768});
    Some(match variable {
        "ns_1_svc_1" => service("svc-1", &http(), &[]),
        // The defaults, written out.
        "ns_1_svc_2" => service(
            "svc-2",
            &http(),
            &[
                ("target-type", "instance"),
                ("backend-protocol", "HTTP"),
                ("healthcheck-protocol", "HTTP"),
                ("healthcheck-port", "traffic-port"),
                ("healthcheck-path", "/"),
                ("healthcheck-interval-seconds", "15"),
                ("healthcheck-timeout-seconds", "5"),
                ("healthy-threshold-count", "2"),
                ("unhealthy-threshold-count", "2"),
                ("success-codes", "200"),
            ],
        ),
        "ns_1_svc_3" => service(
            "svc-3",
            &https(),
            &[
                ("target-type", "ip"),
                ("backend-protocol", "HTTPS"),
                ("healthcheck-protocol", "HTTPS"),
                ("healthcheck-port", "9090"),
                ("healthcheck-path", "/health-check"),
                ("healthcheck-interval-seconds", "20"),
                ("healthcheck-timeout-seconds", "10"),
                ("healthy-threshold-count", "7"),
                ("unhealthy-threshold-count", "5"),
                ("success-codes", "200-300"),
            ],
        ),
        "ns_1_svc_ipv6" => {
            let mut service = service("svc-ipv6", &https(), &[]);
            service["spec"]["ipFamilies"] = json!(["IPv6"]);
            service
        }
        "svcWithNamedTargetPort" => {
            let mut service = service("svc-named-targetport", &https(), &[]);
            service["spec"]["ports"][0]["targetPort"] = json!("target-port");
            service
        }
        _ => return None,
    })
}

/// The subnets that a shared variable stands for.
pub fn shared_subnets(variable: &str) -> Option<Vec<Subnet>> {
    let numbered = |count: usize| {
        let blocks = ["192.168.0.0/19", "192.168.32.0/19", "192.168.64.0/19"];
        (1..)
            .zip(blocks)
            .take(count)
            .map(|(n, block)| subnet(&format!("subnet-{n}"), block))
            .collect()
    };
    Some(match variable {
        "resolveViaDiscoveryCallForOneSubnet" => numbered(1),
        "resolveViaDiscoveryCallForTwoSubnet" => numbered(2),
        "resolveViaDiscoveryCallForThreeSubnet" | "resolveViaNameOrIDSliceCallForThreeSubnet" => numbered(3),
        "resolveViaDiscoveryCallForInternalLB" => {
            vec![
                subnet("subnet-a", "192.168.0.0/19"),
                subnet("subnet-b", "192.168.32.0/19"),
            ]
        }
        "resolveViaDiscoveryCallForInternetFacingLB" => {
            vec![
                subnet("subnet-c", "192.168.64.0/19"),
                subnet("subnet-d", "192.168.96.0/19"),
            ]
        }
        _ => return None,
    })
}

/// A subnet.
pub fn subnet(id: &str, block: &str) -> Subnet {
    Subnet {
        id: id.to_owned(),
        ipv4: Some(block.to_owned()),
        ..Subnet::default()
    }
}

/// A target group with its binding in the model that is expected of an Ingress unless a case says otherwise.
struct Backend {
    service: &'static str,
    service_port: &'static str,
    path: &'static str,
    host: &'static str,
    name: &'static str,
    kind: &'static str,
    port: u16,
    protocol: &'static str,
    check: Value,
    open: &'static [u16],
}

fn backends() -> [Backend; 3] {
    let check = |port: Value, protocol: &str, path: &str, codes: &str, numbers: [u8; 4]| {
        let [interval, timeout, healthy, unhealthy] = numbers;
        json!({
            "port": port, "protocol": protocol, "path": path, "matcher": {"httpCode": codes},
            "intervalSeconds": interval, "timeoutSeconds": timeout,
            "healthyThresholdCount": healthy, "unhealthyThresholdCount": unhealthy,
        })
    };
    let plain = || check(json!("traffic-port"), "HTTP", "/", "200", [15, 5, 2, 2]);
    [
        Backend {
            service: "svc-1",
            service_port: "http",
            path: "/svc-1",
            host: "app-1.example.com",
            name: "k8s-ns1-svc1-9889425938",
            kind: "instance",
            port: 32768,
            protocol: "HTTP",
            check: plain(),
            open: &[32768],
        },
        Backend {
            service: "svc-2",
            service_port: "http",
            path: "/svc-2",
            host: "app-1.example.com",
            name: "k8s-ns1-svc2-9889425938",
            kind: "instance",
            port: 32768,
            protocol: "HTTP",
            check: plain(),
            open: &[32768],
        },
        Backend {
            service: "svc-3",
            service_port: "https",
            path: "/svc-3",
            host: "app-2.example.com",
            name: "k8s-ns1-svc3-bf42870fba",
            kind: "ip",
            port: 8443,
            protocol: "HTTPS",
            check: check(json!(9090), "HTTPS", "/health-check", "200-300", [20, 10, 7, 5]),
            open: &[8443, 9090],
        },
    ]
}

/// The model that is expected of an Ingress unless a case says otherwise: cases are patches of it (RFC 7396).
pub fn ingress_model() -> Value {
    const GROUP: &str = "AWS::ElasticLoadBalancingV2::TargetGroup";
    let reference = |to: &str| json!({"$ref": format!("#/resources/{to}")});
    let balancer = reference("AWS::ElasticLoadBalancingV2::LoadBalancer/LoadBalancer/status/loadBalancerARN");
    let (mut rules, mut groups, mut bindings) = (json!({}), json!({}), json!({}));
    for (number, backend) in (1..).zip(backends()) {
        let id = format!("ns-1/ing-1-{}:{}", backend.service, backend.service_port);
        let arn = reference(&format!("{GROUP}/{id}/status/targetGroupARN"));
        rules[format!("80:{number}")] = json!({"spec": {
            "listenerARN": reference("AWS::ElasticLoadBalancingV2::Listener/80/status/listenerARN"),
            "priority": number,
            "actions": [{"type": "forward", "forwardConfig": {"targetGroups": [{"targetGroupARN": arn}]}}],
            "conditions": [
                {"field": "host-header", "hostHeaderConfig": {"values": [backend.host]}},
                {"field": "path-pattern", "pathPatternConfig": {"values": [backend.path]}},
            ],
        }});
        groups[&id] = json!({"spec": {
            "name": backend.name, "targetType": backend.kind, "ipAddressType": "ipv4", "port": backend.port,
            "protocol": backend.protocol, "protocolVersion": "HTTP1", "healthCheckConfig": backend.check,
        }});
        let from = json!([{"securityGroup": {"groupID": "sg-auto"}}]);
        let open: Value = backend
            .open
            .iter()
            .map(|port| json!({"from": from, "ports": [{"port": port, "protocol": "TCP"}]}))
            .collect();
        bindings[&id] = json!({"spec": {"template": {
            "metadata": {"name": backend.name, "namespace": "ns-1"},
            "spec": {
                "targetGroupARN": arn, "targetGroupProtocol": backend.protocol, "targetType": backend.kind,
                "ipAddressType": "ipv4", "serviceRef": {"name": backend.service, "port": backend.service_port},
                "networking": {"ingress": open},
            },
        }}});
    }
    let not_found =
        json!({"type": "fixed-response", "fixedResponseConfig": {"contentType": "text/plain", "statusCode": "404"}});
    json!({
        "id": "ns-1/ing-1",
        "resources": {
            "AWS::EC2::SecurityGroup": {"ManagedLBSecurityGroup": {"spec": {
                "groupName": "k8s-ns1-ing1-bd83176788",
                "description": "[k8s] Managed SecurityGroup for LoadBalancer",
                "ingress": [{"ipProtocol": "tcp", "fromPort": 80, "toPort": 80, "ipRanges": [{"cidrIP": "0.0.0.0/0"}]}],
            }}},
            "AWS::ElasticLoadBalancingV2::Listener": {"80": {"spec": {
                "loadBalancerARN": balancer, "port": 80, "protocol": "HTTP", "defaultActions": [not_found],
            }}},
            "AWS::ElasticLoadBalancingV2::ListenerRule": rules,
            "AWS::ElasticLoadBalancingV2::LoadBalancer": {"LoadBalancer": {"spec": {
                "name": "k8s-ns1-ing1-b7e914000d",
                "type": "application",
                "scheme": "internal",
                "ipAddressType": "ipv4",
                "subnetMapping": [{"subnetID": "subnet-a"}, {"subnetID": "subnet-b"}],
                "securityGroups": [
                    reference("AWS::EC2::SecurityGroup/ManagedLBSecurityGroup/status/groupID"),
                    "sg-auto",
                ],
            }}},
            GROUP: groups,
            "FrontendNLBTargetGroup": {"FrontendNLBTargetGroup": {"TargetGroups": {}}},
            "K8S::ElasticLoadBalancingV2::TargetGroupBinding": bindings,
        },
    })
}

/// A merge patch (RFC 7396).
pub fn patched(target: &mut Value, patch: &Value) {
    let Value::Object(members) = patch else {
        target.clone_from(patch);
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    for (name, value) in members {
        if value.is_null() {
            if let Some(target) = target.as_object_mut() {
                target.remove(name);
            }
        } else {
            patched(&mut target[name.as_str()], value);
        }
    }
}
