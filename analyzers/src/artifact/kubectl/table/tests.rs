//! Tables as kubectl prints them, by kind and by option.

use crate::artifact::Node;
use crate::{Analysis, Input, analysis};

fn read(text: &str) -> Analysis {
    let input = Input {
        name: "paste".to_owned(),
        bytes: text.as_bytes().to_vec(),
    };
    analysis::read(vec![input], &mut |_| {})
}

/// The only document's kinds and, for each pointer, the value and the text that it is cited by.
fn check(text: &str, kinds: &[(&str, usize)], values: &[(&str, &str, &str)]) {
    let analysis = read(text);
    assert!(analysis.problems.is_empty(), "{:?}", analysis.problems);
    let roots: Vec<_> = analysis.artifacts.roots().collect();
    assert_eq!(roots.len(), 1, "{text}");
    let (artifact, root) = &roots[0];
    let found: Vec<(&str, usize)> = artifact.kinds.iter().map(|(kind, n)| (kind.as_str(), *n)).collect();
    assert_eq!(found, kinds);
    for (pointer, value, cited) in values {
        let node = pointer
            .split('/')
            .skip(1)
            .try_fold(root.clone(), |node: Node<'_>, token| match token.parse::<usize>() {
                Ok(i) if node.value().is_array() => node.items().into_iter().nth(i),
                _ => node.get(&token.replace("~1", "/")),
            });
        let node = node.unwrap_or_else(|| panic!("{pointer} of {text}"));
        assert_eq!(node.value().to_json().to_string(), *value, "{pointer}");
        let span = node.evidence().span(&analysis.sources, &analysis.artifacts).unwrap();
        assert_eq!(analysis.sources.text(span), *cited, "{pointer}");
    }
}

#[test]
fn pods_keep_their_restarts() {
    check(
        "$ kubectl get pods -n shop -L app.kubernetes.io/name\n\
         NAME                    READY   STATUS             RESTARTS        AGE     NAME\n\
         cart-7d9f8b6c5d-x2x4z   0/2     CrashLoopBackOff   12 (2m5s ago)   3h41m   cart\n\
         web-5c9d7b7f9d-abcde    1/1     Running            0               12d     web\n",
        &[("v1/Pod", 2)],
        &[
            (
                "/items/0/metadata/name",
                "\"cart-7d9f8b6c5d-x2x4z\"",
                "cart-7d9f8b6c5d-x2x4z",
            ),
            ("/items/0/x-printed/READY", "\"0/2\"", "0/2"),
            ("/items/0/x-printed/RESTARTS", "12", "12"),
            ("/items/0/x-printed/LAST RESTART", "\"2m5s ago\"", "2m5s ago"),
            ("/items/0/x-printed/STATUS", "\"CrashLoopBackOff\"", "CrashLoopBackOff"),
            ("/items/1/status/phase", "\"Running\"", "Running"),
        ],
    );
}

#[test]
fn workloads_show_their_replicas() {
    check(
        "$ kubectl get deploy -A -o wide\n\
         NAMESPACE     NAME      READY   UP-TO-DATE   AVAILABLE   AGE   CONTAINERS   IMAGES                         SELECTOR\n\
         kube-system   coredns   1/2     2            1           90d   coredns      eks/coredns:v1.11.1            k8s-app=kube-dns\n\
         shop          cart      3/3     3            3           5d    app,proxy    shop/cart:4.2,envoyproxy:1.3   app=cart,tier in (a,b)\n",
        &[("apps/v1/Deployment", 2)],
        &[
            ("/items/0/status/readyReplicas", "1", "1"),
            ("/items/0/spec/replicas", "2", "2"),
            ("/items/0/status/availableReplicas", "1", "1"),
            (
                "/items/0/spec/selector/matchLabels/k8s-app",
                "\"kube-dns\"",
                "k8s-app=kube-dns",
            ),
            ("/items/1/spec/template/spec/containers/1/name", "\"proxy\"", "proxy"),
            (
                "/items/1/spec/template/spec/containers/1/image",
                "\"envoyproxy:1.3\"",
                "envoyproxy:1.3",
            ),
            (
                "/items/1/x-printed/SELECTOR",
                "\"app=cart,tier in (a,b)\"",
                "app=cart,tier in (a,b)",
            ),
        ],
    );
    check(
        "NAME   REFERENCE         TARGETS                             MINPODS   MAXPODS   REPLICAS   AGE\n\
         web    Deployment/web    cpu: 91%/80%, memory: <unknown>/1Gi   2         10        4          7d\n",
        &[("autoscaling/v2/HorizontalPodAutoscaler", 1)],
        &[
            ("/items/0/spec/scaleTargetRef/kind", "\"Deployment\"", "Deployment"),
            ("/items/0/spec/maxReplicas", "10", "10"),
            (
                "/items/0/status/currentMetrics/0/resource/current/averageUtilization",
                "91",
                "cpu: 91%/80%",
            ),
            (
                "/items/0/spec/metrics/1/resource/target/averageValue",
                "\"1Gi\"",
                "memory: <unknown>/1Gi",
            ),
        ],
    );
}

#[test]
fn nodes_show_readiness_and_cordons() {
    check(
        "$ kubectl get nodes\n\
         NAME                         STATUS                     ROLES    AGE   VERSION\n\
         ip-10-0-1-17.ec2.internal    Ready,SchedulingDisabled   <none>   12d   v1.29.3-eks-ae9a62a\n\
         ip-10-0-2-38.ec2.internal    NotReady                   worker   12d   v1.29.3-eks-ae9a62a\n",
        &[("v1/Node", 2)],
        &[
            ("/items/0/status/conditions/0/status", "\"True\"", "Ready"),
            ("/items/0/spec/unschedulable", "true", "SchedulingDisabled"),
            ("/items/1/x-printed/STATUS", "\"NotReady\"", "NotReady"),
            (
                "/items/1/metadata/labels/node-role.kubernetes.io~1worker",
                "\"\"",
                "worker",
            ),
        ],
    );
    // Unknown is printed as NotReady, too.
    let analysis = read("NAME   STATUS     ROLES    AGE   VERSION\nn1     NotReady   <none>   1d    v1.29.3\n");
    let (_, root) = analysis.artifacts.roots().next().unwrap();
    assert!(root.list("items")[0].at(&["status", "conditions"]).is_none());
}

#[test]
fn volumes_show_modes_in_full() {
    check(
        "$ kubectl -n db get pvc\n\
         NAME        STATUS   VOLUME                                     CAPACITY   ACCESS MODES   STORAGECLASS   VOLUMEATTRIBUTESCLASS   AGE\n\
         data-pg-0   Bound    pvc-0c2b1f9e-5d6a-4b8e-9d1c-7f3a2e1b0c9d   20Gi       RWO,ROX        gp3            <unset>                 40d\n",
        &[("v1/PersistentVolumeClaim", 1)],
        &[
            ("/items/0/status/phase", "\"Bound\"", "Bound"),
            ("/items/0/status/capacity/storage", "\"20Gi\"", "20Gi"),
            ("/items/0/status/accessModes/0", "\"ReadWriteOnce\"", "RWO"),
            ("/items/0/status/accessModes/1", "\"ReadOnlyMany\"", "ROX"),
            ("/items/0/spec/storageClassName", "\"gp3\"", "gp3"),
            ("/items/0/metadata/namespace", "\"db\"", "$ kubectl -n db get pvc"),
        ],
    );
    check(
        "NAME            PROVISIONER             RECLAIMPOLICY   VOLUMEBINDINGMODE      ALLOWVOLUMEEXPANSION   AGE\n\
         gp2 (default)   kubernetes.io/aws-ebs   Delete          WaitForFirstConsumer   false                  90d\n",
        &[("storage.k8s.io/v1/StorageClass", 1)],
        &[
            ("/items/0/metadata/name", "\"gp2\"", "gp2"),
            (
                "/items/0/metadata/annotations/storageclass.kubernetes.io~1is-default-class",
                "\"true\"",
                "(default)",
            ),
            ("/items/0/allowVolumeExpansion", "false", "false"),
        ],
    );
}

#[test]
fn an_address_that_was_cut_is_no_address() {
    check(
        "NAME   CLASS   HOSTS                ADDRESS            PORTS     AGE\n\
         web    alb     shop.example.com     k8s-shop-web-...   80, 443   4d\n\
         api    alb     *                    10.0.0.9           80        4d\n",
        &[("networking.k8s.io/v1/Ingress", 2)],
        &[
            ("/items/0/spec/rules/0/host", "\"shop.example.com\"", "shop.example.com"),
            ("/items/0/x-printed/ADDRESS", "\"k8s-shop-web-...\"", "k8s-shop-web-..."),
            ("/items/1/status/loadBalancer/ingress/0/ip", "\"10.0.0.9\"", "10.0.0.9"),
            ("/items/1/x-printed/HOSTS", "\"*\"", "*"),
        ],
    );
    check(
        "NAME   ENDPOINTS                                      AGE\n\
         web    10.0.3.17:8080,10.0.4.2:8080 + 1 more...       4d\n\
         gone   <none>                                         4d\n",
        &[("v1/Endpoints", 2)],
        &[
            ("/items/0/subsets/1/addresses/0/ip", "\"10.0.4.2\"", "10.0.4.2:8080"),
            ("/items/0/subsets/0/ports/0/port", "8080", "10.0.3.17:8080"),
            ("/items/1/x-printed/ENDPOINTS", "\"<none>\"", "<none>"),
        ],
    );
}

/// A node's name of which the terminal's edge left a part is no node's name.
#[test]
fn a_cell_that_the_edge_cut_is_no_value() {
    let analysis = read(
        "Every 2.0s: kubectl get pods -o wide    ip-10-0-1-5: Thu Nov 21 10:00:00 20\n\
         NAME    READY   STATUS    RESTARTS   AGE   IP          NODE\n\
         web-0   1/1     Running   0          3d    10.0.3.17   ip-10-0-3-4.eu-west-\n\
         web-1   1/1     Running   0          3d    10.0.3.18   node-2\n",
    );
    assert_eq!(analysis.problems.len(), 1, "{:?}", analysis.problems);
    let roots: Vec<_> = analysis.artifacts.roots().collect();
    let items = roots[0].1.get("items").unwrap().items();
    let node = |at: usize| {
        let node = items[at].get("spec").and_then(|spec| spec.get("nodeName"));
        node.and_then(|node| node.value().as_str().map(str::to_owned))
    };
    assert_eq!(node(0), None);
    assert_eq!(node(1).as_deref(), Some("node-2"));
    let printed = items[0].get("x-printed").and_then(|printed| printed.get("NODE"));
    assert_eq!(
        printed
            .and_then(|node| node.value().as_str().map(str::to_owned))
            .as_deref(),
        Some("ip-10-0-3-4.eu-west-…")
    );
}

#[test]
fn a_table_without_its_right_side_is_still_of_its_kind() {
    let analysis = read(
        "$ kubectl get svc -A -o wide\n\
         NAMESPACE   NAME   TYPE           CLUSTER-IP     EXTERNAL-IP      \n\
         blue        api    ClusterIP      10.100.7.1     <none>           \n\
         blue        edge   LoadBalancer   10.100.90.12   k8s-blue-edge-0a1\n",
    );
    assert_eq!(analysis.problems.len(), 1, "{:?}", analysis.problems);
    let roots: Vec<_> = analysis.artifacts.roots().collect();
    assert_eq!(roots[0].0.kinds, [("v1/Service".to_owned(), 2)]);
}

#[test]
fn columns_that_the_command_names_are_found() {
    check(
        "$ kubectl get pods -o custom-columns=Pod:.metadata.name,NODE:.spec.nodeName,IMG:.spec.containers[*].image\n\
         Pod      NODE                       IMG\n\
         cart-0   ip-10-0-3-4.ec2.internal   cart:4.2,envoy:1.3\n",
        &[("v1/Pod", 1)],
        &[
            ("/items/0/metadata/name", "\"cart-0\"", "cart-0"),
            (
                "/items/0/spec/nodeName",
                "\"ip-10-0-3-4.ec2.internal\"",
                "ip-10-0-3-4.ec2.internal",
            ),
            ("/items/0/x-printed/IMG", "\"cart:4.2,envoy:1.3\"", "cart:4.2,envoy:1.3"),
        ],
    );
    check(
        "$ kubectl get po -A --no-headers -o wide\n\
         kube-system   aws-node-7xk2p   2/2   Running   1 (5d ago)   9d   10.0.1.17   ip-10-0-1-17.ec2.internal   <none>   <none>\n\
         shop          cart-0           0/1   Pending   0            9d   <none>      <none>                      <none>   <none>\n",
        &[("v1/Pod", 2)],
        &[
            ("/items/0/metadata/namespace", "\"kube-system\"", "kube-system"),
            ("/items/0/status/podIP", "\"10.0.1.17\"", "10.0.1.17"),
            ("/items/0/x-printed/RESTARTS", "1", "1"),
            ("/items/1/status/phase", "\"Pending\"", "Pending"),
            ("/items/1/x-printed/NODE", "\"<none>\"", "<none>"),
        ],
    );
    check(
        "$ kubectl get deploy,svc -n shop -o name\ndeployment.apps/cart\nservice/cart\n",
        &[("apps/v1/Deployment", 1), ("v1/Service", 1)],
        &[
            ("/items/0/metadata/name", "\"cart\"", "cart"),
            ("/items/1/kind", "\"Service\"", "service/cart"),
        ],
    );
}

#[test]
fn what_is_not_known_keeps_its_columns() {
    check(
        "$ kubectl get widgets\nNAME   READY   STATUS    RESTARTS\nw1     True    Running   0\n",
        &[("kubectl-table", 1)],
        &[
            ("/items/0/x-printed/STATUS", "\"Running\"", "Running"),
            ("/items/0/x-printed/RESTARTS", "0", "0"),
        ],
    );
    check(
        "NAME                           TYPE         CAPACITY   ZONE         NODE                        READY   AGE\n\
         default-8xk2p                  m5.large     spot       us-east-1a   ip-10-0-1-17.ec2.internal   True    9d\n",
        &[("karpenter.sh/v1/NodeClaim", 1)],
        &[
            (
                "/items/0/metadata/labels/karpenter.sh~1capacity-type",
                "\"spot\"",
                "spot",
            ),
            ("/items/0/status/conditions/0/type", "\"Ready\"", "True"),
        ],
    );
}

#[test]
fn rows_of_a_watch_are_one_object() {
    check(
        "$ kubectl get pods -n shop -w\n\
         NAME     READY   STATUS    RESTARTS   AGE\n\
         cart-0   0/1     Pending   0          0s\n\
         cart-1   1/1     Running   0          5d\n\
         cart-0   0/1     ContainerCreating   0          1s\n\
         cart-0   1/1     Running             0          4s\n",
        &[("v1/Pod", 2)],
        &[
            ("/items/0/metadata/name", "\"cart-0\"", "cart-0"),
            ("/items/0/status/phase", "\"Running\"", "Running"),
            ("/items/0/x-printed/READY", "\"1/1\"", "1/1"),
            ("/items/0/x-earlier/0/status/phase", "\"Pending\"", "Pending"),
            (
                "/items/0/x-earlier/1/x-printed/STATUS",
                "\"ContainerCreating\"",
                "ContainerCreating",
            ),
            (
                "/items/0/metadata/namespace",
                "\"shop\"",
                "$ kubectl get pods -n shop -w",
            ),
            ("/items/1/metadata/name", "\"cart-1\"", "cart-1"),
        ],
    );
    // Without its command, too: two pods of one name cannot stand below one header without namespaces.
    check(
        "NAMESPACE   NAME     READY   STATUS    RESTARTS   AGE\n\
         shop        cart-0   1/1     Running   0          4s\n\
         test        cart-0   0/1     Pending   0          4s\n\
         shop        cart-0   1/1     Terminating   0          9s\n",
        &[("v1/Pod", 2)],
        &[
            ("/items/0/x-printed/STATUS", "\"Terminating\"", "Terminating"),
            ("/items/0/x-earlier/0/status/phase", "\"Running\"", "Running"),
            ("/items/1/metadata/namespace", "\"test\"", "test"),
        ],
    );
}

#[test]
fn tables_of_older_servers() {
    check(
        "$ kubectl get ing -n billing\n\
         NAME     HOSTS                ADDRESS                                       PORTS     AGE\n\
         ledger   ledger.example.com   k8s-ledger-1122.eu-west-1.elb.amazonaws.com   80, 443   2y\n",
        &[("networking.k8s.io/v1/Ingress", 1)],
        &[
            (
                "/items/0/spec/rules/0/host",
                "\"ledger.example.com\"",
                "ledger.example.com",
            ),
            (
                "/items/0/status/loadBalancer/ingress/0/hostname",
                "\"k8s-ledger-1122.eu-west-1.elb.amazonaws.com\"",
                "k8s-ledger-1122.eu-west-1.elb.amazonaws.com",
            ),
        ],
    );
}

#[test]
fn a_component_that_is_not_healthy_has_a_condition_of_no_known_status() {
    check(
        "$ kubectl get cs\n\
         NAME                 STATUS      MESSAGE                                                                            ERROR\n\
         controller-manager   Unhealthy   Get http://127.0.0.1:10252/healthz: dial tcp 127.0.0.1:10252: connection refused   \n\
         scheduler            Unknown                                                                                        \n\
         etcd-0               Healthy     {\"health\":\"true\"}                                                               \n",
        &[("v1/ComponentStatus", 3)],
        &[
            (
                "/items/0/conditions",
                "[{\"message\":\"Get http://127.0.0.1:10252/healthz: dial tcp 127.0.0.1:10252: connection refused\",\"type\":\"Healthy\"}]",
                "controller-manager   Unhealthy   Get http://127.0.0.1:10252/healthz: dial tcp 127.0.0.1:10252: connection refused",
            ),
            ("/items/0/conditions/0/type", "\"Healthy\"", "Unhealthy"),
            ("/items/0/x-printed/STATUS", "\"Unhealthy\"", "Unhealthy"),
            // No condition of that type at all.
            (
                "/items/1",
                "{\"apiVersion\":\"v1\",\"kind\":\"ComponentStatus\",\"metadata\":{\"name\":\"scheduler\"},\"x-printed\":{\"STATUS\":\"Unknown\"}}",
                "scheduler            Unknown",
            ),
            ("/items/2/conditions/0/status", "\"True\"", "Healthy"),
            (
                "/items/2/conditions/0/message",
                "\"{\\\"health\\\":\\\"true\\\"}\"",
                "{\"health\":\"true\"}",
            ),
        ],
    );
}

#[test]
fn what_was_deleted_during_a_watch_is_no_object() {
    check(
        "$ kubectl get pods --watch --output-watch-events\n\
         EVENT      NAME     READY   STATUS    RESTARTS   AGE\n\
         ADDED      cart-0   1/1     Running   0          5d\n\
         ADDED      cart-1   1/1     Running   0          5d\n\
         MODIFIED   cart-0   1/1     Terminating   0          5d\n\
         DELETED    cart-0   0/1     Terminating   0          5d\n",
        &[("kubectl-table", 1), ("v1/Pod", 1)],
        &[
            ("/items/0/x-printed/EVENT", "\"DELETED\"", "DELETED"),
            ("/items/0/x-earlier/0/status/phase", "\"Running\"", "Running"),
            ("/items/1/metadata/name", "\"cart-1\"", "cart-1"),
            (
                "/items/1/kind",
                "\"Pod\"",
                "ADDED      cart-1   1/1     Running   0          5d",
            ),
        ],
    );
}

#[test]
fn names_that_come_again_without_a_namespace_stay_apart() {
    check(
        "$ kubectl get pods -A -o custom-columns=NAME:.metadata.name,NODE:.spec.nodeName\n\
         NAME     NODE\n\
         cart-0   ip-10-0-1-17.ec2.internal\n\
         cart-0   ip-10-0-2-38.ec2.internal\n",
        &[("v1/Pod", 2)],
        &[(
            "/items/1/spec/nodeName",
            "\"ip-10-0-2-38.ec2.internal\"",
            "ip-10-0-2-38.ec2.internal",
        )],
    );
}

#[test]
fn labels_are_read_from_their_columns() {
    check(
        "$ kubectl get pods -n shop --show-labels\n\
         NAME     READY   STATUS    RESTARTS   AGE   LABELS\n\
         cart-0   1/1     Running   0          5d    app=cart,statefulset.kubernetes.io/pod-name=cart-0\n\
         tmp      1/1     Running   0          5m    <none>\n",
        &[("v1/Pod", 2)],
        &[
            (
                "/items/0/metadata/labels/app",
                "\"cart\"",
                "app=cart,statefulset.kubernetes.io/pod-name=cart-0",
            ),
            (
                "/items/0/metadata/labels/statefulset.kubernetes.io~1pod-name",
                "\"cart-0\"",
                "app=cart,statefulset.kubernetes.io/pod-name=cart-0",
            ),
        ],
    );
    check(
        "$ kubectl get nodes -L topology.kubernetes.io/zone,karpenter.sh/nodepool\n\
         NAME                        STATUS   ROLES    AGE   VERSION               ZONE         NODEPOOL\n\
         ip-10-0-1-17.ec2.internal   Ready    <none>   12d   v1.31.4-eks-aeac579   eu-west-1a   general\n\
         ip-10-0-2-38.ec2.internal   Ready    <none>   12d   v1.31.4-eks-aeac579   eu-west-1b   \n",
        &[("v1/Node", 2)],
        &[
            (
                "/items/0/metadata/labels/topology.kubernetes.io~1zone",
                "\"eu-west-1a\"",
                "eu-west-1a",
            ),
            (
                "/items/0/metadata/labels/karpenter.sh~1nodepool",
                "\"general\"",
                "general",
            ),
            (
                "/items/1/metadata/labels/topology.kubernetes.io~1zone",
                "\"eu-west-1b\"",
                "eu-west-1b",
            ),
        ],
    );
}

#[test]
fn all_kinds_of_a_namespace_are_told_apart() {
    check(
        "$ kubectl get all -n shop\n\
         NAME                        READY   STATUS    RESTARTS      AGE\n\
         pod/cart-6d8f7b5c9-w2m5x    1/1     Running   1 (41h ago)   3d\n\
         \n\
         NAME           TYPE        CLUSTER-IP     EXTERNAL-IP   PORT(S)    AGE\n\
         service/cart   ClusterIP   172.20.88.14   <none>        8080/TCP   211d\n\
         \n\
         NAME                   READY   UP-TO-DATE   AVAILABLE   AGE\n\
         deployment.apps/cart   1/1     1            1           211d\n\
         \n\
         NAME                              DESIRED   CURRENT   READY   AGE\n\
         replicaset.apps/cart-6d8f7b5c9    1         1         1       3d\n\
         \n\
         NAME                                       REFERENCE         TARGETS       MINPODS   MAXPODS   REPLICAS   AGE\n\
         horizontalpodautoscaler.autoscaling/cart   Deployment/cart   cpu: 7%/80%   1         4         1          90d\n",
        &[
            ("apps/v1/Deployment", 1),
            ("apps/v1/ReplicaSet", 1),
            ("autoscaling/v2/HorizontalPodAutoscaler", 1),
            ("v1/Pod", 1),
            ("v1/Service", 1),
        ],
        &[
            (
                "/items/0/metadata/name",
                "\"cart-6d8f7b5c9-w2m5x\"",
                "cart-6d8f7b5c9-w2m5x",
            ),
            ("/items/1/spec/clusterIP", "\"172.20.88.14\"", "172.20.88.14"),
            ("/items/2/spec/replicas", "1", "1"),
            ("/items/4/spec/scaleTargetRef/name", "\"cart\"", "cart"),
        ],
    );
}

#[test]
fn rows_that_grep_let_through_are_read_by_the_kinds_own_columns() {
    let rows = "billing       ledger-9995676c8b-j4bln   0/1     CrashLoopBackOff   7 (2m4s ago)   9m40s   10.77.18.11    ip-10-77-18-240.eu-south-1.compute.internal\n\
                kube-system   aws-node-h6sx4            1/1     Running            0              3h20m   10.77.18.240   ip-10-77-18-240.eu-south-1.compute.internal\n";
    let facts = [
        ("/items/0/metadata/namespace", "\"billing\"", "billing"),
        ("/items/0/status/podIP", "\"10.77.18.11\"", "10.77.18.11"),
        (
            "/items/1/spec/nodeName",
            "\"ip-10-77-18-240.eu-south-1.compute.internal\"",
            "ip-10-77-18-240.eu-south-1.compute.internal",
        ),
    ];
    check(
        &format!("$ k get po -A -o wide | grep ip-10-77-18-240\n{rows}"),
        &[("v1/Pod", 2)],
        &facts,
    );
    // The header comes through where the pattern says so.
    let header = "NAMESPACE     NAME                      READY   STATUS             RESTARTS       AGE     IP             NODE\n";
    check(
        &format!("$ k get po -A -o wide | egrep 'NAME|ip-10-77-18-240'\n{header}{rows}"),
        &[("v1/Pod", 2)],
        &facts,
    );
    check(
        "$ kubectl get apiservice | grep -i metrics\nv1beta1.metrics.k8s.io                 211d\n",
        &[("apiregistration.k8s.io/v1/APIService", 1)],
        &[(
            "/items/0/metadata/name",
            "\"v1beta1.metrics.k8s.io\"",
            "v1beta1.metrics.k8s.io",
        )],
    );
    // Nothing says that the fifth word is an age.
    let counted = crate::artifact::testing::read("$ kubectl get po | grep web\nweb-0   1/1   Running   0   none\n");
    assert_ne!(counted.format, "kubectl-table");
}

#[test]
fn a_namespace_that_a_shell_names_is_no_namespace() {
    for namespace in ["team-$ns", "$(cat ns)", "`cat ns`", "\"team-${ns}\""] {
        let text = format!(
            "$ kubectl get pods -n {namespace}\nNAME    READY   STATUS    RESTARTS   AGE\nweb-0   1/1     Running   0          9d\n"
        );
        let analysis = read(&text);
        let (_, root) = analysis.artifacts.roots().next().unwrap();
        let pod = root.get("items").unwrap().items().into_iter().next().unwrap();
        let metadata = pod.get("metadata").unwrap();
        assert_eq!(metadata.get("name").unwrap().value().to_json(), "web-0", "{namespace}");
        assert!(metadata.get("namespace").is_none(), "{namespace}");
    }
}
