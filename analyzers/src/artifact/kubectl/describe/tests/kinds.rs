//! Kinds other than pods, as kubectl 1.32 and older ones describe them.

use serde_json::{Value, json};

use super::{analysis, assert_values, documents};

/// A text, its kind, and values at pointers.
type Case<'a> = (&'a str, &'a str, &'a [(&'a str, Value)]);

#[test]
fn nodes() {
    assert_values(
        sample!("node"),
        "v1/Node",
        &[
            ("/metadata/labels/topology.kubernetes.io~1zone", json!("eu-west-1a")),
            ("/spec/taints/0/key", json!("node.kubernetes.io/unreachable")),
            ("/spec/taints/0/effect", json!("NoExecute")),
            ("/spec/taints/1/value", json!("shop")),
            ("/spec/unschedulable", json!(true)),
            ("/status/conditions/1/type", json!("Ready")),
            ("/status/conditions/1/status", json!("Unknown")),
            ("/status/conditions/1/lastTransitionTime", json!("2025-03-04T10:00:00Z")),
            ("/status/addresses/0/type", json!("InternalIP")),
            ("/status/addresses/1/address", json!("54.72.10.9")),
            ("/status/capacity/cpu", json!("2")),
            ("/status/allocatable/pods", json!("29")),
            ("/status/nodeInfo/kubeletVersion", json!("v1.31.5-eks-5d632ec")),
            ("/spec/podCIDR", json!("10.0.47.0/24")),
        ],
    );
}

#[test]
fn services() {
    assert_values(
        sample!("service"),
        "v1/Service",
        &[
            ("/spec/type", json!("LoadBalancer")),
            ("/spec/selector/tier", json!("api")),
            ("/spec/clusterIP", json!("172.20.31.7")),
            ("/spec/ipFamilies/0", json!("IPv4")),
            ("/spec/ports/0/name", json!("http")),
            ("/spec/ports/0/port", json!(80)),
            ("/spec/ports/0/targetPort", json!("http")),
            ("/spec/ports/1/targetPort", json!(9090)),
            ("/spec/ports/1/nodePort", json!(31090)),
            ("/spec/externalTrafficPolicy", json!("Local")),
            ("/spec/loadBalancerSourceRanges/1", json!("203.0.113.0/24")),
            ("/spec/healthCheckNodePort", json!(30901)),
        ],
    );
    assert_values(
        sample!("service-1.18"),
        "v1/Service",
        &[
            ("/spec/clusterIP", json!("10.100.44.9")),
            (
                "/status/loadBalancer/ingress/0/hostname",
                json!("a1b2c3d4e5f6-0011223344556677.elb.us-west-2.amazonaws.com"),
            ),
            ("/spec/ports/0/targetPort", json!(8080)),
            ("/spec/ports/0/nodePort", json!(31380)),
            ("/spec/healthCheckNodePort", json!(30871)),
        ],
    );
}

#[test]
fn ingresses() {
    let text = sample!("ingress");
    assert_values(
        text,
        "networking.k8s.io/v1/Ingress",
        &[
            ("/spec/ingressClassName", json!("alb")),
            ("/spec/defaultBackend/service/name", json!("db")),
            ("/spec/tls/0/secretName", json!("shop-tls")),
            ("/spec/rules/0/host", json!("shop.example.com")),
            ("/spec/rules/0/http/paths/1/path", json!("/old")),
            ("/spec/rules/0/http/paths/1/backend/service/name", json!("gone")),
            ("/spec/rules/1/http/paths/0/backend/service/port/number", json!(80)),
            (
                "/metadata/annotations/alb.ingress.kubernetes.io~1target-type",
                json!("ip"),
            ),
        ],
    );
    // `*` stands for a rule without a host.
    assert!(documents(&analysis(text))[0].1.pointer("/spec/rules/1/host").is_none());
    assert_values(
        sample!("ingress-1.17"),
        "networking.k8s.io/v1/Ingress",
        &[
            ("/metadata/namespace", json!("default")),
            ("/spec/rules/0/http/paths/0/path", json!("/api")),
            ("/spec/rules/0/http/paths/0/backend/service/port/number", json!(8080)),
            ("/spec/rules/0/http/paths/1/backend/service/port/name", json!("http")),
            ("/metadata/annotations/kubernetes.io~1ingress.class", json!("alb")),
        ],
    );
}

#[test]
fn workloads() {
    let template = [
        ("/spec/template/metadata/labels/tier", json!("api")),
        ("/spec/template/spec/serviceAccountName", json!("cart")),
        ("/spec/template/spec/containers/0/name", json!("app")),
        ("/spec/template/spec/containers/0/ports/0/containerPort", json!(8080)),
        ("/spec/template/spec/containers/0/env/0/value", json!("live")),
        ("/spec/template/spec/volumes/0/configMap/name", json!("cart-config")),
    ];
    let cases: [Case<'_>; 5] = [
        (
            sample!("deployment"),
            "apps/v1/Deployment",
            &[
                ("/spec/replicas", json!(3)),
                ("/status/unavailableReplicas", json!(2)),
                ("/spec/selector/matchLabels/tier", json!("api")),
                ("/spec/strategy/rollingUpdate/maxUnavailable", json!("25%")),
                ("/spec/minReadySeconds", json!(5)),
                ("/status/conditions/0/reason", json!("MinimumReplicasUnavailable")),
            ],
        ),
        (
            sample!("replicaset"),
            "apps/v1/ReplicaSet",
            &[
                ("/spec/replicas", json!(3)),
                ("/status/replicas", json!(2)),
                ("/metadata/ownerReferences/0/name", json!("cart")),
            ],
        ),
        (
            sample!("statefulset"),
            "apps/v1/StatefulSet",
            &[
                ("/spec/replicas", json!(2)),
                ("/spec/updateStrategy/rollingUpdate/partition", json!(1)),
            ],
        ),
        (
            sample!("daemonset"),
            "apps/v1/DaemonSet",
            &[("/spec/selector/matchLabels/app", json!("cart"))],
        ),
        (
            sample!("job"),
            "batch/v1/Job",
            &[
                ("/spec/completions", json!(2)),
                ("/spec/backoffLimit", json!(6)),
                ("/spec/activeDeadlineSeconds", json!(600)),
                ("/status/active", json!(1)),
                ("/status/failed", json!(3)),
            ],
        ),
    ];
    for (text, kind, values) in cases {
        assert_values(text, kind, values);
        assert_values(text, kind, &template);
    }
    assert_values(
        sample!("cronjob"),
        "batch/v1/CronJob",
        &[
            ("/spec/schedule", json!("*/5 * * * *")),
            ("/spec/concurrencyPolicy", json!("Forbid")),
            ("/spec/startingDeadlineSeconds", json!(30)),
            (
                "/spec/jobTemplate/spec/template/spec/containers/0/image",
                json!("cart:1.9.2"),
            ),
        ],
    );
}

#[test]
fn endpoints_and_slices() {
    assert_values(
        sample!("endpoints"),
        "v1/Endpoints",
        &[
            ("/subsets/0/addresses/1/ip", json!("10.0.52.10")),
            ("/subsets/0/notReadyAddresses/0/ip", json!("10.0.47.201")),
            ("/subsets/0/ports/1/port", json!(9090)),
            ("/subsets/1/ports/0/port", json!(81)),
        ],
    );
    assert_values(
        sample!("endpointslice"),
        "discovery.k8s.io/v1/EndpointSlice",
        &[
            ("/addressType", json!("IPv4")),
            ("/ports/0/name", json!("http")),
            ("/endpoints/0/conditions/ready", json!(false)),
            ("/endpoints/0/targetRef/name", json!("cart-7d9c5b8f6d-x2x7k")),
            ("/endpoints/1/addresses/0", json!("10.0.52.9")),
            ("/endpoints/1/zone", json!("eu-west-1b")),
        ],
    );
}

#[test]
fn storage() {
    assert_values(
        sample!("pvc"),
        "v1/PersistentVolumeClaim",
        &[
            ("/status/phase", json!("Bound")),
            ("/spec/volumeName", json!("pvc-0a1b")),
            ("/status/capacity/storage", json!("8Gi")),
            ("/status/accessModes/0", json!("ReadWriteOnce")),
        ],
    );
    assert_values(
        sample!("pv"),
        "v1/PersistentVolume",
        &[
            ("/spec/claimRef/namespace", json!("shop")),
            ("/spec/persistentVolumeReclaimPolicy", json!("Delete")),
            ("/spec/csi/volumeHandle", json!("vol-0a1b2c3d4e5f60718")),
        ],
    );
    assert_values(
        sample!("storageclass"),
        "storage.k8s.io/v1/StorageClass",
        &[
            ("/provisioner", json!("ebs.csi.aws.com")),
            ("/parameters/type", json!("gp3")),
            ("/volumeBindingMode", json!("WaitForFirstConsumer")),
        ],
    );
}

#[test]
fn autoscalers() {
    for (text, limits) in [(sample!("hpa"), (2, 10)), (sample!("hpa-1.17"), (1, 10))] {
        assert_values(
            text,
            "autoscaling/v2/HorizontalPodAutoscaler",
            &[
                ("/spec/scaleTargetRef/kind", json!("Deployment")),
                ("/spec/minReplicas", json!(limits.0)),
                ("/spec/maxReplicas", json!(limits.1)),
            ],
        );
    }
}

#[test]
fn namespaces_with_and_without_quotas() {
    for text in [sample!("namespace"), sample!("namespace-quota")] {
        assert_values(
            text,
            "v1/Namespace",
            &[
                ("/metadata/name", json!("shop")),
                ("/status/phase", json!("Active")),
                ("/metadata/labels/kubernetes.io~1metadata.name", json!("shop")),
            ],
        );
    }
}

#[test]
fn what_holds_data_and_who_uses_it() {
    assert_values(
        sample!("configmap"),
        "v1/ConfigMap",
        &[
            ("/data/mode", json!("live")),
            (
                "/data/Corefile",
                json!(".:53 {\n    errors\n    health\n\n    kubernetes cluster.local\n}"),
            ),
        ],
    );
    assert_values(sample!("secret"), "v1/Secret", &[("/type", json!("Opaque"))]);
    // A secret ends with its sizes: what is written below is none of it, another one is.
    let text = sample!("secret");
    let (_, body) = text.split_once('\n').unwrap();
    let analysis = analysis(&format!("{text}\n\n{body}\nAny idea what is wrong here?\n"));
    let formats: Vec<&str> = analysis.segments.iter().map(|segment| segment.format.name()).collect();
    assert_eq!(formats, ["kubectl-describe", "prose"]);
    assert_eq!(documents(&analysis).len(), 2);
    assert_values(
        sample!("serviceaccount"),
        "v1/ServiceAccount",
        &[(
            "/metadata/annotations/eks.amazonaws.com~1role-arn",
            json!("arn:aws:iam::123456789012:role/shop-cart"),
        )],
    );
}

#[test]
fn network_policies() {
    let text = sample!("networkpolicy");
    assert_values(
        text,
        "networking.k8s.io/v1/NetworkPolicy",
        &[
            ("/metadata/creationTimestamp", json!("2025-03-04T09:12:01Z")),
            ("/spec/podSelector", json!({"matchLabels": {"app": "cart"}})),
            ("/spec/ingress/0/ports/0", json!({"port": 8080, "protocol": "TCP"})),
            (
                "/spec/ingress/0/ports/1",
                json!({"port": 9000, "endPort": 9010, "protocol": "TCP"}),
            ),
            (
                "/spec/ingress/0/from/0",
                json!({
                    "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "web"}},
                    "podSelector": {"matchLabels": {"app": "web", "tier": "front"}}
                }),
            ),
            (
                "/spec/ingress/0/from/1/ipBlock",
                json!({"cidr": "10.0.0.0/16", "except": ["10.0.1.0/24", "10.0.2.0/24"]}),
            ),
            // All ports: a rule without any.
            (
                "/spec/ingress/1",
                json!({"from": [{"namespaceSelector": {"matchLabels": {"team": "ops"}}}]}),
            ),
            ("/spec/egress/0/ports/0", json!({"port": "dns", "protocol": "UDP"})),
            ("/spec/egress/0/to/0", json!({"namespaceSelector": {}})),
            ("/spec/egress/1", json!({"ports": [{"port": 443, "protocol": "TCP"}]})),
            ("/spec/policyTypes", json!(["Ingress", "Egress"])),
        ],
    );
    let (kind, deny) = &documents(&analysis(text))[1];
    assert_eq!(kind, "networking.k8s.io/v1/NetworkPolicy");
    assert_eq!(
        deny["spec"],
        json!({"podSelector": {}, "ingress": [], "policyTypes": ["Ingress"]})
    );
}

/// An empty selector selects everything, so one that is not understood must not become one.
#[test]
fn selectors_with_sets_and_without_sense() {
    let policy = |selector: &str| {
        let text = format!(
            "$ kubectl describe netpol x\nName:         x\nNamespace:    shop\nCreated on:   2025-03-04 10:12:01 +0100 CET\nLabels:       <none>\nAnnotations:  <none>\nSpec:\n  PodSelector:     {selector}\n  Allowing ingress traffic:\n    To Port: <any> (traffic allowed to all ports)\n    From PodSelector: app=web\n  Policy Types: Ingress\n"
        );
        documents(&analysis(&text))[0].1["spec"].clone()
    };
    assert_eq!(
        policy("app=cart,tier in (a,b),!legacy,env,zone notin (c)")["podSelector"],
        json!({
            "matchLabels": {"app": "cart"},
            "matchExpressions": [
                {"key": "tier", "operator": "In", "values": ["a", "b"]},
                {"key": "legacy", "operator": "DoesNotExist"},
                {"key": "env", "operator": "Exists"},
                {"key": "zone", "operator": "NotIn", "values": ["c"]}
            ]
        })
    );
    let odd = policy("what (is this");
    assert!(odd.get("podSelector").is_none(), "{odd}");
    assert_eq!(odd["x-printed"]["PodSelector"], "what (is this");
    // As kubectl 1.10 wrote it.
    assert_eq!(
        odd["ingress"],
        json!([{"from": [{"podSelector": {"matchLabels": {"app": "web"}}}]}])
    );
}

#[test]
fn roles_and_bindings() {
    assert_values(
        sample!("role"),
        "rbac.authorization.k8s.io/v1/Role",
        &[
            (
                "/rules/0",
                json!({"apiGroups": [""], "resources": ["pods/log"], "verbs": ["get", "list", "watch"]}),
            ),
            (
                "/rules/2",
                json!({"apiGroups": ["apps"], "resources": ["deployments"], "resourceNames": ["cart"], "verbs": ["patch"]}),
            ),
        ],
    );
    assert_values(
        sample!("clusterrole"),
        "rbac.authorization.k8s.io/v1/ClusterRole",
        &[
            ("/rules/0/apiGroups/0", json!("karpenter.sh")),
            ("/rules/1", json!({"nonResourceURLs": ["/metrics"], "verbs": ["get"]})),
        ],
    );
    assert_values(
        sample!("rolebinding"),
        "rbac.authorization.k8s.io/v1/RoleBinding",
        &[
            ("/roleRef", json!({"kind": "Role", "name": "cart-reader"})),
            (
                "/subjects/0",
                json!({"kind": "ServiceAccount", "name": "cart", "namespace": "shop"}),
            ),
            ("/subjects/1", json!({"kind": "Group", "name": "shop:readers"})),
        ],
    );
    assert_values(
        sample!("clusterrolebinding"),
        "rbac.authorization.k8s.io/v1/ClusterRoleBinding",
        &[("/subjects/0/namespace", json!("monitoring"))],
    );
    // Without the command nothing tells a cluster's role from a namespace's; a binding to a namespace's role is one itself.
    let alone = |text: &str| {
        let (_, body) = text.split_once('\n').unwrap();
        documents(&analysis(body))[0].0.clone()
    };
    assert_eq!(alone(sample!("role")), "kubectl-describe");
    assert_eq!(
        alone(sample!("rolebinding")),
        "rbac.authorization.k8s.io/v1/RoleBinding"
    );
    assert_eq!(alone(sample!("clusterrolebinding")), "kubectl-describe");
}

#[test]
fn subresources_keep_their_group() {
    let text = "$ kubectl describe clusterrole scaler\nName:         scaler\nLabels:       <none>\nAnnotations:  <none>\nPolicyRule:\n  Resources               Non-Resource URLs  Resource Names  Verbs\n  ---------               -----------------  --------------  -----\n  deployments.apps/scale  []                 []              [update]\n  *.*                     []                 []              [*]\n";
    assert_values(
        text,
        "rbac.authorization.k8s.io/v1/ClusterRole",
        &[
            (
                "/rules/0",
                json!({"apiGroups": ["apps"], "resources": ["deployments/scale"], "verbs": ["update"]}),
            ),
            (
                "/rules/1",
                json!({"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}),
            ),
        ],
    );
}

#[test]
fn a_pod_of_an_older_kubectl() {
    let text = sample!("pod-1.16");
    assert_values(
        text,
        "v1/Pod",
        &[
            ("/status/hostIP", json!("192.168.33.7")),
            ("/status/startTime", json!("2020-01-13T22:03:11Z")),
            ("/metadata/annotations/kubernetes.io~1psp", json!("eks.privileged")),
            ("/status/podIP", json!("192.168.47.12")),
            ("/spec/tolerations/0/tolerationSeconds", json!(300)),
            ("/spec/volumes/0/secret/secretName", json!("default-token-x7k2m")),
        ],
    );
    let (_, events) = &documents(&analysis(text))[1];
    assert_eq!(
        events["items"][1]["source"]["host"],
        "ip-192-168-33-7.us-west-2.compute.internal"
    );
    assert!(events["items"][0].get("x-age").is_none());
}

/// A role of a namespace and one of the cluster print the same: without the command, neither is said.
#[test]
fn a_role_without_its_command_keeps_its_rules() {
    for text in [sample!("role"), sample!("clusterrole")] {
        let (_, body) = text.split_once('\n').unwrap();
        let analysis = analysis(body);
        assert_eq!(analysis.segments[0].format.name(), "kubectl-describe");
        let (kind, role) = &documents(&analysis)[0];
        assert_eq!(kind, "kubectl-describe");
        assert!(role.get("kind").is_none() && role.get("rules").is_none());
        let name = text.lines().nth(1).unwrap().trim_start_matches("Name:").trim();
        assert_eq!(role["metadata"]["name"], name);
        let printed = role["x-printed"]["PolicyRule"].as_array().unwrap();
        // The header, its underline, and a line for each rule.
        let rows = body.lines().skip_while(|line| !line.starts_with("PolicyRule:")).skip(1);
        let rows: Vec<_> = rows.map(str::trim).collect();
        assert!(rows.len() > 2);
        assert_eq!(*printed, rows);
    }
}
