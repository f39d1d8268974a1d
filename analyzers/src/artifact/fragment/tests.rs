use crate::artifact::testing::read;

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(&read(text).json()).unwrap()
}

#[test]
fn context_of_grep_keeps_the_nesting_that_it_shows() {
    let text = "$ kubectl -n shop get deploy cart -o yaml | grep -B1 -A5 configMap\n\
        \x20     volumes:\n\
        \x20     - configMap:\n\
        \x20         defaultMode: 420\n\
        \x20         name: cart-config\n\
        \x20       name: config\n\
        \x20     - emptyDir: {}\n\
        \x20       name: tmp\n";
    let found = read(text);
    found.is("yaml-fragment");
    assert_eq!(found.kind(), "yaml");
    assert!(!found.complete());
    assert_eq!(found.problems.len(), 1, "{:?}", found.problems);
    assert!(found.problems[0].contains("`grep` cut these lines out of YAML"));
    assert_eq!(
        json(text),
        serde_json::json!({"volumes": [
            {"configMap": {"defaultMode": 420, "name": "cart-config"}, "name": "config"},
            {"emptyDir": {}, "name": "tmp"}
        ]})
    );
    assert_eq!(found.shown("/volumes/0/configMap/name"), "cart-config");
    assert_eq!(found.shown("/volumes/0/configMap/defaultMode"), "420");
}

#[test]
fn what_stands_further_left_is_another_part() {
    let text = "$ k get po cart-0 -o yaml | grep -A3 secretName\n\
        \x20     secretName: cart-tls\n\
        \x20 - name: kube-api-access-x7k2p\n\
        \x20   projected:\n\
        \x20     defaultMode: 420\n";
    assert_eq!(
        json(text),
        serde_json::json!([
            {"secretName": "cart-tls"},
            [{"name": "kube-api-access-x7k2p", "projected": {"defaultMode": 420}}]
        ])
    );
}

#[test]
fn separators_of_grep_part_and_numbers_tell_what_follows() {
    let text = "$ kubectl get cm kube-proxy-config -n kube-system -o yaml | grep -nA1 -E 'mode|conntrack'\n\
        9:    conntrack:\n\
        10-      maxPerCore: 32768\n\
        --\n\
        37:    mode: \"iptables\"\n\
        38-    nodePortAddresses: null\n";
    assert_eq!(
        json(text),
        serde_json::json!([{"conntrack": {"maxPerCore": 32768}}, {"mode": "iptables", "nodePortAddresses": null}])
    );
    let found = read(text);
    assert_eq!(found.shown("/0/conntrack/maxPerCore"), "32768");
    assert_eq!(found.shown("/1/mode"), "iptables");
}

#[test]
fn single_lines_are_not_put_together() {
    // Between a name and the next lines may be missing: `name` may be a container's, `spec` the pod's or the template's.
    let text = "$ kubectl get deploy -o yaml | grep -E 'spec:|name:|image:'\n\
        \x20   name: cart\n\
        \x20 spec:\n\
        \x20   image: registry.example.com/cart:1.4\n\
        \x20   - name: cart\n";
    assert_eq!(
        json(text),
        serde_json::json!([
            {"name": "cart"}, {"spec": null}, {"image": "registry.example.com/cart:1.4"}, [{"name": "cart"}]
        ])
    );
}

#[test]
fn texts_of_several_lines() {
    let text = "$ kubectl get cm coredns -n kube-system -o yaml | grep -A4 Corefile\n\
        \x20 Corefile: |\n\
        \x20   .:53 {\n\
        \x20       errors\n\
        \x20   }\n";
    assert_eq!(
        json(text),
        serde_json::json!({
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "coredns", "namespace": "kube-system"},
            "data": {"Corefile": ".:53 {\n    errors\n}\n"}
        })
    );
    let cut = "$ aws cloudformation describe-stack-events --stack-name x --output yaml | egrep 'Status|Logical'\n\
        \x20 LogicalResourceId: NodeGroup\n\
        \x20 ResourceStatus: CREATE_FAILED\n\
        \x20 ResourceStatusReason: 'Resource handler returned message: \"no capacity\n";
    assert_eq!(
        json(cut),
        serde_json::json!([
            {"LogicalResourceId": "NodeGroup"},
            {"ResourceStatus": "CREATE_FAILED"},
            {"ResourceStatusReason": "Resource handler returned message: \"no capacity"}
        ])
    );
    let folded = "$ kubectl get po x -o yaml | grep -A3 message\n\
        \x20   message: 'the node was low on resource: memory. Threshold quantity: 100Mi,\n\
        \x20     available: 52Mi. It''s over.'\n\
        \x20   phase: Failed\n";
    assert_eq!(
        json(folded),
        serde_json::json!({
            "message": "the node was low on resource: memory. Threshold quantity: 100Mi, available: 52Mi. It's over.",
            "phase": "Failed"
        })
    );
}

#[test]
fn parts_of_json() {
    let text = "$ aws ec2 describe-security-groups --group-ids sg-0a1b2c3d4e5f60718 | grep -A8 FromPort\n\
        \x20                   \"FromPort\": 443,\n\
        \x20                   \"IpProtocol\": \"tcp\",\n\
        \x20                   \"IpRanges\": [\n\
        \x20                       {\n\
        \x20                           \"CidrIp\": \"10.0.0.0/16\"\n\
        \x20                       }\n\
        \x20                   ],\n\
        \x20                   \"Ipv6Ranges\": [],\n\
        \x20                   \"ToPort\": 443\n\
        --\n\
        \x20                   \"FromPort\": 53,\n\
        \x20               },\n\
        \x20               {\n\
        \x20                   \"IpProtocol\": \"-1\",\n";
    let found = read(text);
    found.is("json-fragment");
    assert_eq!(found.kind(), "json");
    assert_eq!(
        json(text),
        serde_json::json!([
            {"FromPort": 443, "IpProtocol": "tcp", "IpRanges": [{"CidrIp": "10.0.0.0/16"}], "Ipv6Ranges": [], "ToPort": 443},
            {"FromPort": 53},
            [{"IpProtocol": "-1"}]
        ])
    );
    assert_eq!(found.shown("/0/IpRanges/0/CidrIp"), "10.0.0.0/16");
    let lines = "$ kubectl get svc -A -o json | grep -E '\"(clusterIP|type)\"'\n\
        \x20               \"clusterIP\": \"172.20.0.10\",\n\
        \x20               \"type\": \"ClusterIP\"\n";
    assert_eq!(
        json(lines),
        serde_json::json!([{"clusterIP": "172.20.0.10"}, {"type": "ClusterIP"}])
    );
}

#[test]
fn parts_without_a_command() {
    let values = "values.yaml\nserviceAccount:\n  create: false\n  name: cart\nreplicaCount: 2\n";
    let found = read(values);
    assert_eq!(found.formats(), ["prose", "yaml-fragment"]);
    let member = read("\"vpcConfig\": {\n    \"subnetIds\": [\n        \"subnet-0a1b2c3d4e5f60718\"\n    ],\n");
    member.is("json-fragment");
    assert_eq!(member.at("/vpcConfig/subnetIds/0"), "subnet-0a1b2c3d4e5f60718");
}

#[test]
fn what_only_looks_like_a_part() {
    for text in [
        "Name: cart-0\nNamespace: shop\nsome: thing\n",
        "Settings for eth0:\n\tSpeed: 1000Mb/s\n\tDuplex: Full\n\tPort: Twisted Pair\n",
        "Server:\n Version: 1.2\n  API:  1.41 (minimum)\n  OS:   linux\n",
        "cart: it stopped\nthen this was seen in the shop:\n  nothing at all came back, see above\n  or so\n",
        "\"it works\" says the vendor\n",
    ] {
        let found = read(text);
        assert!(
            found.formats().iter().all(|format| !format.ends_with("-fragment")),
            "{text}: {:?}",
            found.formats()
        );
    }
}

#[test]
fn documents_from_their_beginning_on_stay_documents() {
    for command in [
        "kubectl get cm a -o yaml | head -20",
        "kubectl get cm a -o yaml | grep -v uid",
        "kubectl get cm a -o yaml | grep -A9 apiVersion",
    ] {
        let found = read(&format!(
            "$ {command}\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n"
        ));
        found.is("kubernetes-yaml");
        assert_eq!(found.kind(), "v1/ConfigMap");
    }
    read("$ kubectl get cm a -o json | head -3\n{\n    \"apiVersion\": \"v1\",\n    \"data\": {\n")
        .is("kubernetes-json");
}

#[test]
fn what_stands_at_the_left_edge_is_of_the_object_that_was_asked_for() {
    let text = "$ kubectl get pv pvc-4b7d -o yaml | sed -n '/^spec/,$p'\n\
        spec:\n\
        \x20 capacity:\n\
        \x20   storage: 4Gi\n\
        \x20 storageClassName: gp3\n\
        status:\n\
        \x20 phase: Bound\n";
    let found = read(text);
    found.is("yaml-fragment");
    assert_eq!(found.kinds(), ["v1/PersistentVolume"]);
    assert!(!found.complete());
    assert_eq!(
        found.cited(0, "/spec/storageClassName"),
        ("gp3".to_owned(), "gp3".to_owned())
    );
    assert_eq!(found.cited(0, "/metadata/name").0, "pvc-4b7d");
    assert!(found.cited(0, "/metadata/name").1.starts_with("$ kubectl get pv"));
    // Deeper lines are of nobody known, and neither are those of several objects.
    let mixed = read(
        "$ kubectl -n shop get svc/cart -o json | grep -A1 -E 'kind|port'\n    \"kind\": \"Service\",\n    \"metadata\": {\n--\n                \"port\": 80,\n                \"protocol\": \"TCP\",\n",
    );
    assert_eq!(mixed.kinds(), ["v1/Service", "json"]);
    assert_eq!(mixed.cited(0, "/metadata/namespace").0, "shop");
    let several = read("$ kubectl get svc -o yaml | grep -A1 '^kind'\nkind: List\nmetadata:\n");
    assert_eq!(several.kinds(), ["yaml"]);
}

#[test]
fn texts_of_a_config_map_are_its_data() {
    let text = "$ kubectl -n kube-system get cm aws-auth -o yaml | grep -A4 mapRoles\n\
        \x20 mapRoles: |\n\
        \x20   - rolearn: arn:aws:iam::210987654321:role/ledger-nodes\n\
        \x20     username: system:node:{{EC2PrivateDNSName}}\n\
        \x20     groups:\n\
        \x20     - system:nodes\n";
    let found = read(text);
    assert_eq!(found.kinds(), ["v1/ConfigMap"]);
    assert!(
        found
            .at("/data/mapRoles")
            .starts_with("- rolearn: arn:aws:iam::210987654321:role/ledger-nodes\n  username:")
    );
    assert!(found.shown("/data/mapRoles").ends_with("- system:nodes"));
    // A name that `metadata` has, and what may be `binaryData`, may stand elsewhere.
    for line in ["labels: ledger x", "ca.der: TUlJQ29w"] {
        let other = read(&format!("$ kubectl get cm ledger -o yaml | grep -A1 x\n  {line}\n"));
        assert_eq!(other.kinds(), ["yaml"], "{line}");
    }
}

#[test]
fn an_object_that_a_shell_names_has_no_name() {
    let text = |name: &str| {
        format!(
            "$ kubectl get pod {name} -n shop -o yaml | grep -A2 ^status\nstatus:\n  phase: Running\n  podIP: 10.20.4.31\n"
        )
    };
    for name in ["$POD", "web-$n", "$(cat pod name)"] {
        let found = json(&text(name));
        assert_eq!(
            found,
            serde_json::json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": "shop"}, "status": {"phase": "Running", "podIP": "10.20.4.31"}}),
            "{name}"
        );
    }
    assert_eq!(json(&text("web-0"))["metadata"]["name"], "web-0");
}
