//! Writes what the analyzers say the controller makes in the JSON in which its own tests expect it.

use serde_json::{Map, Value, json};
use whypath_analyzers::model::aws::elbv2::TargetType;
use whypath_analyzers::model::aws::elbv2::rule::{Action, Condition, Does, Field, GroupRef};
use whypath_analyzers::model::decided::Decided;
use whypath_analyzers::model::load_balancer_controller::stack::{
    AddOn, Kind, Listener, LoadBalancer, Pairs, Peer, Permission, Port, SecurityGroupRef, Source, Stack, TargetGroup,
};

const LISTENER: &str = "AWS::ElasticLoadBalancingV2::Listener";
const RULE: &str = "AWS::ElasticLoadBalancingV2::ListenerRule";
const LOAD_BALANCER: &str = "AWS::ElasticLoadBalancingV2::LoadBalancer";
const TARGET_GROUP: &str = "AWS::ElasticLoadBalancingV2::TargetGroup";
const BINDING: &str = "K8S::ElasticLoadBalancingV2::TargetGroupBinding";

fn reference(kind: &str, id: &str, field: &str) -> Value {
    json!({"$ref": format!("#/resources/{kind}/{id}/status/{field}")})
}

/// An object of those members that are something.
fn object(members: Vec<(&str, Value)>) -> Value {
    let is_something = |value: &Value| match value {
        Value::Null => false,
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
        _ => true,
    };
    let kept = members.into_iter().filter(|(_, value)| is_something(value));
    Value::Object(kept.map(|(name, value)| (name.to_owned(), value)).collect())
}

fn text(value: Option<&Decided<String>>) -> Value {
    value.map_or(Value::Null, |value| json!(value.value))
}

fn tags(pairs: &Pairs) -> Value {
    pairs
        .iter()
        .map(|(key, value)| (key.clone(), json!(value.value)))
        .collect::<Map<_, _>>()
        .into()
}

fn attributes(pairs: &Pairs) -> Value {
    pairs
        .iter()
        .map(|(key, value)| json!({"key": key, "value": value.value}))
        .collect()
}

fn port(port: &Port) -> Value {
    match port {
        Port::Number(number) => json!(number),
        Port::Name(name) => json!(name),
    }
}

fn kind_of_targets(kind: TargetType) -> &'static str {
    if kind == TargetType::Ip { "ip" } else { "instance" }
}

fn security_group(group: &SecurityGroupRef) -> Value {
    match group {
        SecurityGroupRef::Managed => reference("AWS::EC2::SecurityGroup", "ManagedLBSecurityGroup", "groupID"),
        SecurityGroupRef::Backend(id) => json!(id.as_deref().unwrap_or_default()),
        SecurityGroupRef::Named(name, id) => json!(id.as_deref().unwrap_or(name)),
    }
}

/// All resources by their kinds and ids.
pub fn resources(stack: &Stack) -> Value {
    let mut all = Map::new();
    let mut put = |kind: &str, id: &str, spec: Value| {
        let of_kind = all.entry(kind).or_insert_with(|| json!({}));
        of_kind[id] = json!({"spec": spec});
    };
    put(LOAD_BALANCER, "LoadBalancer", load_balancer(&stack.load_balancer));
    if let Some(group) = &stack.security_group {
        let ingress: Value = group.ingress.iter().map(permission).collect();
        let spec = vec![
            ("groupName", json!(group.name.to_string())),
            ("description", json!("[k8s] Managed SecurityGroup for LoadBalancer")),
            ("ingress", ingress),
            ("tags", tags(&group.tags)),
        ];
        put("AWS::EC2::SecurityGroup", "ManagedLBSecurityGroup", object(spec));
    }
    for listener in &stack.listeners {
        put(LISTENER, &listener.port.value.to_string(), self::listener(listener));
        for rule in &listener.rules {
            let priority = rule.rule.priority.unwrap_or_default();
            let spec = object(vec![
                ("priority", json!(priority)),
                (
                    "listenerARN",
                    reference(LISTENER, &listener.port.value.to_string(), "listenerARN"),
                ),
                ("conditions", rule.rule.conditions.iter().map(condition).collect()),
                ("actions", rule.rule.actions.iter().map(action).collect()),
                ("tags", tags(&rule.tags)),
            ]);
            put(RULE, &format!("{}:{priority}", listener.port.value), spec);
        }
    }
    for (id, group) in &stack.target_groups {
        put(TARGET_GROUP, id, target_group(group));
        put(BINDING, id, binding(id, group));
    }
    for add_on in &stack.add_ons {
        let of = reference(LOAD_BALANCER, "LoadBalancer", "loadBalancerARN");
        match add_on {
            AddOn::WebAcl(arn) => put(
                "AWS::WAFv2::WebACLAssociation",
                "LoadBalancer",
                json!({"resourceARN": of, "webACLARN": arn.value}),
            ),
            AddOn::ClassicWebAcl(id) => put(
                "AWS::WAFRegional::WebACLAssociation",
                "LoadBalancer",
                json!({"resourceARN": of, "webACLID": id.value}),
            ),
            AddOn::Shield(on) => put(
                "AWS::Shield::Protection",
                "LoadBalancer",
                json!({"resourceARN": of, "enabled": on.value}),
            ),
        }
    }
    if stack.load_balancer.kind == Kind::Application {
        all.insert(
            "FrontendNLBTargetGroup".to_owned(),
            json!({"FrontendNLBTargetGroup": {"TargetGroups": {}}}),
        );
    }
    Value::Object(all)
}

fn load_balancer(lb: &LoadBalancer) -> Value {
    let subnets = lb.subnets.iter().flatten().map(|mapping| {
        object(vec![
            ("subnetID", json!(mapping.subnet)),
            ("allocationID", json!(mapping.allocation)),
            ("privateIPv4Address", json!(mapping.private_ipv4)),
            ("ipv6Address", json!(mapping.ipv6)),
            ("sourceNatIpv6Prefix", json!(mapping.source_nat_ipv6_prefix)),
        ])
    });
    let capacity = lb.minimum_capacity.as_ref();
    object(vec![
        ("name", json!(lb.name.value.to_string())),
        (
            "type",
            json!(if lb.kind == Kind::Application {
                "application"
            } else {
                "network"
            }),
        ),
        ("scheme", json!(lb.scheme.value)),
        ("ipAddressType", json!(lb.ip_address_type.value)),
        ("subnetMapping", subnets.collect()),
        (
            "securityGroups",
            lb.security_groups.iter().map(security_group).collect(),
        ),
        (
            "enablePrefixForIpv6SourceNat",
            text(lb.prefix_for_ipv6_source_nat.as_ref()),
        ),
        (
            "securityGroupsInboundRulesOnPrivateLink",
            text(lb.inbound_rules_on_private_link.as_ref()),
        ),
        ("customerOwnedIPv4Pool", text(lb.customer_owned_ipv4_pool.as_ref())),
        ("ipv4IPAMPool", text(lb.ipv4_ipam_pool.as_ref())),
        (
            "minimumLoadBalancerCapacity",
            capacity.map_or(Value::Null, |units| json!({"capacityUnits": units.value})),
        ),
        ("loadBalancerAttributes", attributes(&lb.attributes)),
        ("tags", tags(&lb.tags)),
    ])
}

fn permission(permission: &Permission) -> Value {
    let (name, range) = match &permission.source.value {
        Source::Block(block) if block.contains(':') => ("ipv6Ranges", json!({"cidrIPv6": block})),
        Source::Block(block) => ("ipRanges", json!({"cidrIP": block})),
        Source::PrefixList(id) => ("prefixLists", json!({"listID": id})),
    };
    json!({
        "ipProtocol": permission.protocol,
        "fromPort": permission.from_port,
        "toPort": permission.to_port,
        name: [range],
    })
}

fn listener(listener: &Listener) -> Value {
    // The suite does not show which certificate is meant.
    let certificates = listener
        .certificates
        .iter()
        .map(|_| json!({"certificateARN": {"$ref": "#/resources///status/certificateARN"}}));
    let mutual = listener.mutual_authentication.as_ref();
    object(vec![
        (
            "loadBalancerARN",
            reference(LOAD_BALANCER, "LoadBalancer", "loadBalancerARN"),
        ),
        ("port", json!(listener.port.value)),
        ("protocol", json!(listener.protocol.value)),
        ("certificates", certificates.collect()),
        ("sslPolicy", text(listener.ssl_policy.as_ref())),
        (
            "alpnPolicy",
            listener
                .alpn_policy
                .as_ref()
                .map_or(Value::Null, |policy| json!([policy.value])),
        ),
        (
            "mutualAuthentication",
            mutual.map_or(Value::Null, |mode| json!({"mode": mode.value, "trustStoreArn": ""})),
        ),
        ("defaultActions", listener.default_actions.iter().map(action).collect()),
        ("listenerAttributes", attributes(&listener.attributes)),
        ("tags", tags(&listener.tags)),
    ])
}

fn condition(condition: &Condition) -> Value {
    let config = object(vec![
        ("values", json!(condition.values)),
        ("regexValues", json!(condition.regex)),
    ]);
    let name = match condition.field {
        Field::HostHeader => "hostHeaderConfig",
        Field::PathPattern => "pathPatternConfig",
        Field::SourceIp => "sourceIPConfig",
        Field::HttpRequestMethod => "httpRequestMethodConfig",
        _ => panic!("the suite has no such condition: {condition:?}"),
    };
    json!({"field": condition.field.name(), name: config})
}

fn action(action: &Action) -> Value {
    match &action.does {
        Does::Forward(forward) => {
            let groups = forward.groups.iter().map(|weighted| {
                let arn = match &weighted.group {
                    GroupRef::Made(id) => reference(TARGET_GROUP, id, "targetGroupARN"),
                    GroupRef::Arn(arn) => json!(arn),
                    GroupRef::Name(name) => panic!("the suite has no group by its name: {name}"),
                };
                object(vec![("targetGroupARN", arn), ("weight", json!(weighted.weight))])
            });
            let sticky = object(vec![
                ("enabled", json!(forward.sticky)),
                ("durationSeconds", json!(forward.sticky_seconds)),
            ]);
            let config = object(vec![
                ("targetGroups", groups.collect()),
                ("targetGroupStickinessConfig", sticky),
            ]);
            json!({"type": "forward", "forwardConfig": config})
        }
        Does::FixedResponse(response) => json!({
            "type": "fixed-response",
            "fixedResponseConfig": object(vec![
                ("statusCode", json!(response.status_code)),
                ("contentType", json!(response.content_type)),
                ("messageBody", json!(response.message_body)),
            ]),
        }),
        Does::Redirect(to) => json!({
            "type": "redirect",
            "redirectConfig": object(vec![
                ("protocol", json!(to.protocol)),
                ("port", json!(to.port)),
                ("host", json!(to.host)),
                ("path", json!(to.path)),
                ("query", json!(to.query)),
                ("statusCode", json!(to.status_code)),
            ]),
        }),
        other => panic!("the suite has no such action: {other:?}"),
    }
}

fn target_group(group: &TargetGroup) -> Value {
    let check = &group.health_check;
    let matcher = check.matcher.as_ref().map_or(
        Value::Null,
        |codes| json!({(if check.grpc { "grpcCode" } else { "httpCode" }): codes.value}),
    );
    object(vec![
        ("name", json!(group.name.to_string())),
        ("targetType", json!(kind_of_targets(group.target_type.value))),
        ("ipAddressType", json!(group.ip_address_type.value)),
        ("port", json!(group.port.value)),
        ("protocol", json!(group.protocol.value)),
        ("protocolVersion", text(group.protocol_version.as_ref())),
        (
            "healthCheckConfig",
            object(vec![
                ("port", port(&check.port.value)),
                ("protocol", json!(check.protocol.value)),
                ("path", text(check.path.as_ref())),
                ("matcher", matcher),
                ("intervalSeconds", json!(check.interval_seconds.value)),
                ("timeoutSeconds", json!(check.timeout_seconds.value)),
                ("healthyThresholdCount", json!(check.healthy_threshold.value)),
                ("unhealthyThresholdCount", json!(check.unhealthy_threshold.value)),
            ]),
        ),
        ("targetGroupAttributes", attributes(&group.attributes)),
        ("tags", tags(&group.tags)),
    ])
}

fn binding(id: &str, group: &TargetGroup) -> Value {
    let binding = &group.binding;
    let networking = binding.networking.as_ref().map_or(Value::Null, |rules| {
        let rules = rules.iter().map(|rule| {
            let peer = |peer: &Peer| match peer {
                Peer::Block(block) => json!({"ipBlock": {"cidr": block}}),
                Peer::Group(group) => json!({"securityGroup": {"groupID": security_group(group)}}),
            };
            let from = rule
                .from
                .as_ref()
                .map_or(Value::Null, |from| from.iter().map(peer).collect());
            let ports = rule.ports.iter().map(|(protocol, number)| {
                let number = number.as_ref().map_or(Value::Null, port);
                object(vec![("protocol", json!(protocol)), ("port", number)])
            });
            object(vec![("from", from), ("ports", ports.collect())])
        });
        json!({"ingress": rules.collect::<Value>()})
    });
    let selector = &binding.node_selector;
    let spec = object(vec![
        ("targetGroupARN", reference(TARGET_GROUP, id, "targetGroupARN")),
        ("targetGroupProtocol", json!(group.protocol.value)),
        ("targetType", json!(kind_of_targets(group.target_type.value))),
        ("ipAddressType", json!(group.ip_address_type.value)),
        (
            "serviceRef",
            json!({"name": binding.service, "port": port(&binding.service_port)}),
        ),
        ("networking", networking),
        (
            "nodeSelector",
            if selector.is_empty() {
                Value::Null
            } else {
                json!({"matchLabels": selector})
            },
        ),
        (
            "multiClusterTargetGroup",
            if binding.multi_cluster {
                json!(true)
            } else {
                Value::Null
            },
        ),
    ]);
    json!({"template": {"metadata": {"name": group.name.to_string(), "namespace": binding.namespace}, "spec": spec}})
}
