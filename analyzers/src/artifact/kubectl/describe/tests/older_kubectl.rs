//! What older ones print in other words (kubernetes/kubernetes, `pkg/printers/internalversion/describe.go`).

use serde_json::json;

use super::{analysis, assert_values, documents};

#[test]
fn nodes() {
    let text = sample!("node-1.11");
    assert_values(
        text,
        "v1/Node",
        &[
            (
                "/metadata/annotations/volumes.kubernetes.io~1controller-managed-attach-detach",
                json!("true"),
            ),
            ("/spec/unschedulable", json!(false)),
            ("/spec/providerID", json!("aws:///eu-west-1a/i-0a1b2c3d4e5f60718")),
            ("/status/conditions/0/type", json!("OutOfDisk")),
            ("/status/conditions/0/reason", json!("KubeletHasSufficientDisk")),
            ("/status/conditions/4/status", json!("Unknown")),
            ("/status/conditions/4/lastTransitionTime", json!("2019-03-05T10:41:52Z")),
            ("/status/capacity/memory", json!("7865496Ki")),
            ("/status/nodeInfo/containerRuntimeVersion", json!("docker://17.6.2")),
            (
                "/x-nonTerminatedPods/2",
                json!({
                    "namespace": "shop", "name": "cart-6b7f9d9c4d-2kq8x", "cpuRequests": "250m (12%)", "cpuLimits": "1 (50%)",
                    "memoryRequests": "256Mi (3%)", "memoryLimits": "512Mi (6%)"
                }),
            ),
            (
                "/x-allocatedResources",
                json!({
                    "cpu": {"requests": "360m (18%)", "limits": "1 (50%)"},
                    "memory": {"requests": "256Mi (3%)", "limits": "512Mi (6%)"}
                }),
            ),
        ],
    );
    let (kind, events) = &documents(&analysis(text))[1];
    assert_eq!(kind, "v1/Event");
    assert_eq!(events["items"][0]["reason"], "EvictionThresholdMet");
    assert_eq!(
        events["items"][0]["source"]["host"],
        "ip-10-0-42-17.eu-west-1.compute.internal"
    );
}

#[test]
fn nodes_with_one_row_for_all_resources() {
    assert_values(
        sample!("node-1.9"),
        "v1/Node",
        &[
            ("/metadata/annotations/node.alpha.kubernetes.io~1ttl", json!("0")),
            ("/metadata/creationTimestamp", json!("2018-03-12T14:02:40Z")),
            (
                "/spec/taints/0",
                json!({"key": "dedicated", "value": "shop", "effect": "NoSchedule"}),
            ),
            ("/spec/podCIDR", json!("100.96.1.0/24")),
            ("/spec/externalID", json!("i-0f9e8d7c6b5a43210")),
            ("/status/conditions/1/status", json!("True")),
            ("/x-nonTerminatedPods/0/memoryLimits", json!("170Mi (4%)")),
            (
                "/x-allocatedResources",
                json!({
                    "cpu": {"requests": "360m (18%)", "limits": "0 (0%)"},
                    "memory": {"requests": "110Mi (2%)", "limits": "170Mi (4%)"}
                }),
            ),
        ],
    );
}

#[test]
fn deployments() {
    let text = sample!("deployment-1.16");
    assert_values(
        text,
        "apps/v1/Deployment",
        &[
            ("/metadata/annotations/deployment.kubernetes.io~1revision", json!("4")),
            ("/spec/replicas", json!(3)),
            ("/status/updatedReplicas", json!(1)),
            ("/status/replicas", json!(4)),
            ("/status/unavailableReplicas", json!(1)),
            (
                "/spec/template/metadata/annotations/iam.amazonaws.com~1role",
                json!("shop-cart"),
            ),
            ("/status/conditions/1/reason", json!("ProgressDeadlineExceeded")),
            ("/x-oldReplicaSets", json!("cart-6b7f9d9c4d (3/3 replicas created)")),
            ("/x-newReplicaSet", json!("cart-7d9c5b8f6d (1/1 replicas created)")),
        ],
    );
    // Annotations as the oldest wrote them.
    let older = text
        .replace("revision: 4", "revision=4")
        .replace("iam.amazonaws.com/role: shop-cart", "note=a: b=c");
    let (_, deployment) = &documents(&analysis(&older))[0];
    assert_eq!(
        deployment["metadata"]["annotations"]["deployment.kubernetes.io/revision"],
        "4"
    );
    assert_eq!(
        deployment["spec"]["template"]["metadata"]["annotations"]["note"],
        "a: b=c"
    );
    let newer = text.replace("iam.amazonaws.com/role: shop-cart", "note: a=b");
    let (_, deployment) = &documents(&analysis(&newer))[0];
    assert_eq!(deployment["spec"]["template"]["metadata"]["annotations"]["note"], "a=b");
}

#[test]
fn claims_say_by_whom_they_are_mounted_below_their_events() {
    let text = sample!("pvc-1.14");
    assert_values(
        text,
        "v1/PersistentVolumeClaim",
        &[
            ("/status/phase", json!("Bound")),
            ("/status/capacity/storage", json!("8Gi")),
            (
                "/metadata/annotations/volume.beta.kubernetes.io~1storage-provisioner",
                json!("kubernetes.io/aws-ebs"),
            ),
            (
                "/status/conditions/0",
                json!({
                    "type": "FileSystemResizePending", "status": "True", "lastTransitionTime": "2019-05-20T06:31:17Z",
                    "message": "Waiting for user to (re-)start a pod to finish file system resize of volume on node."
                }),
            ),
            ("/x-usedBy", json!(["cart-0", "cart-backup-1558332000-8kzqj"])),
        ],
    );
    let (kind, events) = &documents(&analysis(text))[1];
    assert_eq!(kind, "v1/Event");
    assert_eq!(events["items"].as_array().unwrap().len(), 1);
    assert_eq!(events["items"][0]["reason"], "ProvisioningSucceeded");
    // Later ones print it above them.
    let above = text.replace("Mounted By:  cart-0\n             cart-backup-1558332000-8kzqj\n", "");
    let above = above.replace("Conditions:\n", "Mounted By:    cart-0\nConditions:\n");
    let (_, claim) = &documents(&analysis(&above))[0];
    assert_eq!(claim["x-usedBy"], json!(["cart-0"]));
}

#[test]
fn volumes() {
    assert_values(
        sample!("pv-1.14"),
        "v1/PersistentVolume",
        &[
            ("/spec/claimRef/name", json!("cart-data-cart-0")),
            (
                "/spec/awsElasticBlockStore",
                json!({
                    "volumeID": "aws://eu-west-1a/vol-0a1b2c3d4e5f60718", "fsType": "ext4", "partition": 0, "readOnly": false
                }),
            ),
            (
                "/metadata/labels/failure-domain.beta.kubernetes.io~1zone",
                json!("eu-west-1a"),
            ),
        ],
    );
}

#[test]
fn namespaces() {
    let text = sample!("namespace-1.14");
    assert_values(
        text,
        "v1/Namespace",
        &[
            ("/metadata/labels/team", json!("checkout")),
            ("/status/phase", json!("Active")),
        ],
    );
    let analysis = analysis(&format!(
        "{text}\n\nAny idea what is wrong here, and why it does not start?\n"
    ));
    let first = &analysis.segments[0];
    assert_eq!(first.format.name(), "kubectl-describe");
    assert!(
        analysis
            .sources
            .text(first.span)
            .trim_end()
            .ends_with("No resource limits.")
    );
    let (_, namespace) = &documents(&analysis)[0];
    let quotas = namespace["x-printed"]["Resource Quotas"].to_string();
    for line in ["requests.memory  6Gi    12Gi", "Scopes", "pods      20    20"] {
        assert!(quotas.contains(line), "{line} in {quotas}");
    }
}

#[test]
fn endpoints_of_which_none_is_ready() {
    assert_values(
        sample!("endpoints-1.14"),
        "v1/Endpoints",
        &[
            (
                "/metadata/annotations/endpoints.kubernetes.io~1last-change-trigger-time",
                json!("2019-11-14T10:20:41Z"),
            ),
            (
                "/subsets",
                json!([{
                    "notReadyAddresses": [{"ip": "10.0.47.201"}, {"ip": "10.0.52.9"}],
                    "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}]
                }]),
            ),
        ],
    );
}
