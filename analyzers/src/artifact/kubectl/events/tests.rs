//! Events as kubectl's versions print them.

use crate::artifact::kubectl::tested::check_count;
use crate::{Input, analysis};

#[test]
fn the_narrow_table_names_objects() {
    check_count(
        "$ kubectl get events -n shop --sort-by=.lastTimestamp\n\
         LAST SEEN   TYPE      REASON             OBJECT                            MESSAGE\n\
         41m         Normal    Scheduled          pod/cart-6d8f7b5c9-w2m5x          Successfully assigned shop/cart-6d8f7b5c9-w2m5x to ip-10-20-7-5.eu-west-1.compute.internal\n\
         6m11s       Warning   FailedScheduling   pod/payments-0                    0/3 nodes are available:  2 Insufficient memory.\n\
         <unknown>   Warning   Unhealthy          widget/blue                       \n\
         2m          Normal    SuccessfulRescale  horizontalpodautoscaler/web       New size: 4; reason: cpu resource utilization above target\n",
        ("v1/Event", 4),
        &[
            ("items/0/x-age", "41m"),
            ("items/0/type", "Normal"),
            ("items/0/reason", "Scheduled"),
            ("items/0/involvedObject/name", "cart-6d8f7b5c9-w2m5x"),
            ("items/1/message", "0/3 nodes are available:  2 Insufficient memory."),
            ("items/2/involvedObject/x-kind", "widget"),
            ("items/2/involvedObject/kind", "-"),
            ("items/2/involvedObject/namespace", "-"),
            ("items/2/x-age", "-"),
            ("items/2/message", "-"),
            ("items/3/reason", "SuccessfulRescale"),
        ],
        0,
    );
}

/// The kind's spelling is the API's, and the command names the namespace: neither is cited by the same words.
#[test]
fn kinds_are_spelled_as_in_the_api() {
    let text = "$ kubectl get ev -n shop\n\
                LAST SEEN   TYPE     REASON              OBJECT                        MESSAGE\n\
                2m          Normal   SuccessfulRescale   horizontalpodautoscaler/web   New size: 4\n\
                9m          Normal   NodeNotReady        node/ip-10-0-1-17.ec2.internal   Node ip-10-0-1-17.ec2.internal status is now: NodeNotReady\n";
    let input = Input {
        name: "paste".to_owned(),
        bytes: text.as_bytes().to_vec(),
    };
    let analysis = analysis::read(vec![input], &mut |_| {});
    assert!(analysis.problems.is_empty(), "{:?}", analysis.problems);
    let (_, root) = analysis.artifacts.roots().next().unwrap();
    let items = root.list("items");
    let object = items[0].get("involvedObject").unwrap();
    assert_eq!(object.str_of("kind"), Some("HorizontalPodAutoscaler"));
    let cited = |node: &crate::artifact::Node<'_>| {
        let span = node.evidence().span(&analysis.sources, &analysis.artifacts).unwrap();
        analysis.sources.text(span).to_owned()
    };
    assert_eq!(cited(&object.get("kind").unwrap()), "horizontalpodautoscaler");
    assert_eq!(object.str_of("namespace"), Some("shop"));
    assert_eq!(cited(&object.get("namespace").unwrap()), "$ kubectl get ev -n shop");
    assert_eq!(
        cited(&items[0].at(&["metadata", "namespace"]).unwrap()),
        "$ kubectl get ev -n shop"
    );
    // A node has no namespace; its event has.
    let node = items[1].get("involvedObject").unwrap();
    assert_eq!(node.str_of("name"), Some("ip-10-0-1-17.ec2.internal"));
    assert!(node.get("namespace").is_none());
}

#[test]
fn the_wide_table_has_parts_sources_and_counts() {
    let rows = "NAMESPACE   LAST SEEN   TYPE      REASON      OBJECT       SUBOBJECT              SOURCE                                  MESSAGE                               FIRST SEEN   COUNT   NAME\n\
                shop        2m4s        Warning   BackOff     pod/cart-0   spec.containers{app}   kubelet, ip-10-0-1-17.ec2.internal      Back-off restarting failed container   3h           87      cart-0.17f3a9c2b4d5e6f7\n\
                shop        3h          Normal    Scheduled   pod/cart-0                          default-scheduler, default-scheduler-x  Successfully assigned   3h           1       cart-0.17f3a9c2aa001122\n";
    for command in ["", "$ kubectl get events -A -o wide\n"] {
        check_count(
            &format!("{command}{rows}"),
            ("v1/Event", 2),
            &[
                ("items/0/metadata/namespace", "shop"),
                ("items/0/metadata/name", "cart-0.17f3a9c2b4d5e6f7"),
                ("items/0/involvedObject/fieldPath", "spec.containers{app}"),
                ("items/0/source/component", "kubelet"),
                ("items/0/source/host", "ip-10-0-1-17.ec2.internal"),
                ("items/0/message", "Back-off restarting failed container"),
                ("items/0/x-firstSeen", "3h"),
                ("items/0/count", "87"),
                ("items/1/involvedObject/fieldPath", "-"),
                ("items/1/involvedObject/name", "cart-0"),
                ("items/1/source/component", "default-scheduler"),
                ("items/1/count", "1"),
            ],
            0,
        );
    }
}

#[test]
fn older_tables_name_the_object_apart() {
    // kubectl 1.12
    check_count(
        "$ kubectl get events\n\
         LAST SEEN   FIRST SEEN   COUNT     NAME                               KIND      SUBOBJECT                TYPE      REASON      SOURCE                                MESSAGE\n\
         3m          1h           14        web-5c9d7b7f9d-abcde.15a3f0c2d4e5f607   Pod       spec.containers{nginx}   Warning   Unhealthy   kubelet, ip-10-0-1-17.ec2.internal    Readiness probe failed: Get http://10.0.1.9:8080/: dial tcp 10.0.1.9:8080: connect: connection refused\n",
        ("v1/Event", 1),
        &[
            ("items/0/x-age", "3m"),
            ("items/0/x-firstSeen", "1h"),
            ("items/0/count", "14"),
            ("items/0/metadata/name", "web-5c9d7b7f9d-abcde.15a3f0c2d4e5f607"),
            ("items/0/involvedObject/name", "web-5c9d7b7f9d-abcde"),
            ("items/0/involvedObject/kind", "Pod"),
            ("items/0/involvedObject/fieldPath", "spec.containers{nginx}"),
            ("items/0/type", "Warning"),
            ("items/0/reason", "Unhealthy"),
            ("items/0/source/host", "ip-10-0-1-17.ec2.internal"),
        ],
        0,
    );
    // kubectl 1.5: the object's name, and no blank in the names of the columns.
    check_count(
        "LASTSEEN   FIRSTSEEN   COUNT     NAME          KIND         SUBOBJECT   TYPE      REASON                 SOURCE                  MESSAGE\n\
         11m        11m         1         web           Deployment               Normal    ScalingReplicaSet      deployment-controller   Scaled up replica set web-2358498264 to 1\n",
        ("v1/Event", 1),
        &[
            ("items/0/involvedObject/name", "web"),
            ("items/0/involvedObject/kind", "Deployment"),
            ("items/0/metadata/name", "-"),
            ("items/0/source/component", "deployment-controller"),
            ("items/0/message", "Scaled up replica set web-2358498264 to 1"),
        ],
        0,
    );
}

#[test]
fn messages_of_several_lines_stay_whole() {
    check_count(
        "$ kubectl events -n shop --for pod/cart-0\n\
         LAST SEEN               TYPE      REASON      OBJECT       MESSAGE\n\
         12m                     Normal    Scheduled   Pod/cart-0   Successfully assigned shop/cart-0 to ip-10-0-1-17.ec2.internal\n\
         2m13s (x5 over 12m)     Warning   Unhealthy   Pod/cart-0   Readiness probe failed: command failed:\n\
         cannot connect to 127.0.0.1:5432\n\
         giving up\n\
         100s (x3 over 11m)      Warning   BackOff     Pod/cart-0   Back-off restarting failed container app\n",
        ("v1/Event", 3),
        &[
            ("items/1/x-age", "2m13s (x5 over 12m)"),
            ("items/1/x-firstSeen", "12m"),
            ("items/1/count", "5"),
            (
                "items/1/message",
                "Readiness probe failed: command failed:\ncannot connect to 127.0.0.1:5432\ngiving up",
            ),
            ("items/2/count", "3"),
            ("items/2/involvedObject/kind", "Pod"),
        ],
        0,
    );
}

#[test]
fn tables_without_padding_or_header_are_read() {
    check_count(
        "LAST SEEN TYPE REASON OBJECT MESSAGE\n5m (x3 over 10m) Warning BackOff Pod/cart-0 Back-off restarting failed container\n8m Normal Pulled Pod/cart-0 Container image \"cart:4.2\" already present on machine\n",
        ("v1/Event", 2),
        &[
            ("items/0/count", "3"),
            ("items/0/reason", "BackOff"),
            (
                "items/1/message",
                "Container image \"cart:4.2\" already present on machine",
            ),
        ],
        0,
    );
    check_count(
        "LAST SEEN\tTYPE\tREASON\tOBJECT\tMESSAGE\n5m\tWarning\tBackOff\tpod/cart-0\tBack-off restarting failed container\n",
        ("v1/Event", 1),
        &[("items/0/involvedObject/name", "cart-0"), ("items/0/reason", "BackOff")],
        0,
    );
    check_count(
        "$ kubectl get events -A --no-headers\nshop   5m   Warning   BackOff   pod/cart-0   Back-off restarting failed container\n",
        ("v1/Event", 1),
        &[("items/0/metadata/namespace", "shop"), ("items/0/reason", "BackOff")],
        0,
    );
    // Watched: the rows that come later are wider.
    check_count(
        "$ kubectl get events -w --output-watch-events\n\
         EVENT   LAST SEEN   TYPE     REASON    OBJECT       MESSAGE\n\
         ADDED   0s          Normal   Pulling   pod/cart-0   Pulling image \"cart:4.2\"\n\
         MODIFIED   0s          Warning   FailedScheduling   pod/cart-10   0/3 nodes are available\n",
        ("v1/Event", 2),
        &[
            ("items/1/reason", "FailedScheduling"),
            ("items/1/involvedObject/name", "cart-10"),
            ("items/1/x-printed/EVENT", "MODIFIED"),
        ],
        0,
    );
}

#[test]
fn rows_that_a_pipeline_let_through_are_read_without_their_header() {
    check_count(
        "$ kubectl get ev -n billing | grep -v Normal\n\
         31s         Warning   Unhealthy           pod/ledger-5d9c7b6f48-mz4tk     Readiness probe failed: HTTP probe failed with statuscode: 503\n\
         4m          Warning   FailedScheduling    pod/ledger-5d9c7b6f48-t9x2c     0/6 nodes are available: 6 Insufficient memory.\n",
        ("v1/Event", 2),
        &[
            ("items/0/reason", "Unhealthy"),
            ("items/0/involvedObject/name", "ledger-5d9c7b6f48-mz4tk"),
            ("items/1/message", "0/6 nodes are available: 6 Insufficient memory."),
        ],
        0,
    );
    check_count(
        "$ kubectl get events -A --sort-by=.lastTimestamp | tail -1\n\
         kube-system   2m9s   Normal   LeaderElection   lease/cert-manager-controller   cert-manager-7d4b6c9f5d-2vkqn became leader\n",
        ("v1/Event", 1),
        &[
            ("items/0/metadata/namespace", "kube-system"),
            ("items/0/reason", "LeaderElection"),
            ("items/0/involvedObject/name", "cert-manager-controller"),
        ],
        0,
    );
}

#[test]
fn what_does_not_line_up_is_said() {
    check_count(
        "$ kubectl get events -o wide\n\
         LAST SEEN   TYPE      REASON    OBJECT       SUBOBJECT   SOURCE    MESSAGE   FIRST SEEN   COUNT   NAME\n\
         2m   Warning   BackOff   pod/cart-0   kubelet   Back-off\n",
        ("v1/Event", 0),
        &[],
        1,
    );
}

#[test]
fn other_outputs_are_left_alone() {
    let text = "LAST SEEN   TYPE     REASON    OBJECT       MESSAGE\n\
                2m          Normal   Pulling   pod/cart-0   Pulling image\n\
                error: the rest of the list could not be fetched\n\
                \n\
                NAME     READY   STATUS    RESTARTS   AGE\n\
                cart-0   1/1     Running   0          2m\n";
    let input = Input {
        name: "paste".to_owned(),
        bytes: text.as_bytes().to_vec(),
    };
    let analysis = analysis::read(vec![input], &mut |_| {});
    let formats: Vec<&str> = analysis.segments.iter().map(|segment| segment.format.name()).collect();
    assert_eq!(formats, ["kubectl-events", "log", "kubectl-table"]);
    let text = "$ kubectl get pods,events\n\
                NAME         READY   STATUS    RESTARTS   AGE\n\
                pod/cart-0   1/1     Running   0          2m\n\
                \n\
                LAST SEEN   TYPE     REASON    OBJECT       MESSAGE\n\
                2m          Normal   Pulling   pod/cart-0   Pulling image\n";
    let input = Input {
        name: "paste".to_owned(),
        bytes: text.as_bytes().to_vec(),
    };
    let analysis = analysis::read(vec![input], &mut |_| {});
    let formats: Vec<&str> = analysis.segments.iter().map(|segment| segment.format.name()).collect();
    assert_eq!(formats, ["kubectl-table", "kubectl-events"]);
}
