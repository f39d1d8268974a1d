//! Kinds with few fields, and several commands in a line.

use serde_json::json;

use super::{analysis, assert_values, documents};

const QUOTA: &str = "Name:            team-a\n\
    Namespace:       billing\n\
    Scopes:          NotTerminating\n \
    * Matches all pods that do not have an active deadline. These pods usually include long running pods whose container command is not expected to terminate.\n\
    Resource         Used   Hard\n\
    --------         ----   ----\n\
    limits.memory    6Gi    16Gi\n\
    pods             11     40\n\
    requests.cpu     1750m  4\n";

const CLASS: &str = "Name:                  io2-fast\n\
    IsDefaultClass:        No\n\
    Annotations:           <none>\n\
    Provisioner:           ebs.csi.aws.com\n\
    Parameters:            type=io2\n\
    AllowVolumeExpansion:  True\n\
    MountOptions:          <none>\n\
    ReclaimPolicy:         Retain\n\
    VolumeBindingMode:     WaitForFirstConsumer\n\
    Events:                <none>\n";

#[test]
fn quotas_and_limit_ranges() {
    let quota = [
        ("/metadata/namespace", json!("billing")),
        ("/spec/scopes/0", json!("NotTerminating")),
        ("/status/used/limits.memory", json!("6Gi")),
        ("/status/hard/limits.memory", json!("16Gi")),
        ("/status/used/requests.cpu", json!("1750m")),
        ("/status/hard/pods", json!("40")),
    ];
    assert_values(
        &format!("$ kubectl describe quota -n billing\n{QUOTA}"),
        "v1/ResourceQuota",
        &quota,
    );
    assert_values(QUOTA, "v1/ResourceQuota", &quota);
    assert_values(
        "Name:       defaults\n\
         Namespace:  billing\n\
         Type        Resource  Min   Max  Default Request  Default Limit  Max Limit/Request Ratio\n\
         ----        --------  ---   ---  ---------------  -------------  -----------------------\n\
         Container   cpu       50m   2    100m             500m           -\n\
         Container   memory    -     4Gi  128Mi            256Mi          4\n",
        "v1/LimitRange",
        &[
            ("/spec/limits/0/type", json!("Container")),
            ("/spec/limits/0/min/cpu", json!("50m")),
            ("/spec/limits/0/default/cpu", json!("500m")),
            ("/spec/limits/1/defaultRequest/memory", json!("128Mi")),
            ("/spec/limits/1/maxLimitRequestRatio/memory", json!("4")),
            ("/spec/limits/1/max", json!({"memory": "4Gi"})),
        ],
    );
}

#[test]
fn budgets_and_classes() {
    assert_values(
        "Name:           ledger\n\
         Namespace:      billing\n\
         Min available:  50%\n\
         Selector:       app=ledger,tier=db\n\
         Status:\n    Allowed disruptions:  0\n    Current:              1\n    Desired:              2\n    Total:                3\n\
         Events:                   <none>\n",
        "policy/v1/PodDisruptionBudget",
        &[
            ("/spec/minAvailable", json!("50%")),
            ("/spec/selector/matchLabels/tier", json!("db")),
            ("/status/disruptionsAllowed", json!(0)),
            ("/status/currentHealthy", json!(1)),
            ("/status/desiredHealthy", json!(2)),
            ("/status/expectedPods", json!(3)),
        ],
    );
    assert_values(
        "Name:         alb-internal\n\
         Labels:       app.kubernetes.io/managed-by=Helm\n\
         Annotations:  <none>\n\
         Controller:   ingress.k8s.aws/alb\n\
         Parameters:\n  APIGroup:  elbv2.k8s.aws\n  Kind:      IngressClassParams\n  Name:      internal\n\
         Events:      <none>\n",
        "networking.k8s.io/v1/IngressClass",
        &[
            ("/spec/controller", json!("ingress.k8s.aws/alb")),
            ("/spec/parameters/apiGroup", json!("elbv2.k8s.aws")),
            ("/spec/parameters/name", json!("internal")),
        ],
    );
    assert_values(
        "Name:              batch-low\n\
         Value:             -50\n\
         GlobalDefault:     false\n\
         PreemptionPolicy:  Never\n\
         Description:       for jobs that may wait\n\
         Annotations:       team=data,owner=ops\n\
         Events:            <none>\n",
        "scheduling.k8s.io/v1/PriorityClass",
        &[
            ("/value", json!(-50)),
            ("/globalDefault", json!(false)),
            ("/preemptionPolicy", json!("Never")),
            ("/metadata/annotations/owner", json!("ops")),
        ],
    );
    assert_values(
        "Name:               csr-8vk2d\n\
         Labels:             <none>\n\
         Annotations:        <none>\n\
         CreationTimestamp:  Tue, 04 Mar 2025 10:12:01 +0100\n\
         Requesting User:    system:node:ip-10-3-7-21.eu-west-1.compute.internal\n\
         Signer:             kubernetes.io/kubelet-serving\n\
         Status:             Approved\n\
         Subject:\n  Common Name:    system:node:ip-10-3-7-21.eu-west-1.compute.internal\n  Serial Number:\n  Organization:   system:nodes\n\
         Events:  <none>\n",
        "certificates.k8s.io/v1/CertificateSigningRequest",
        &[
            ("/spec/signerName", json!("kubernetes.io/kubelet-serving")),
            ("/metadata/creationTimestamp", json!("2025-03-04T09:12:01Z")),
            ("/status/conditions/0/type", json!("Approved")),
        ],
    );
}

/// The kinds that are read.
fn kinds(text: &str) -> Vec<String> {
    let read = analysis(text);
    documents(&read).into_iter().map(|(kind, _)| kind).collect()
}

#[test]
fn each_command_of_a_line_says_what_its_object_is() {
    assert_eq!(
        kinds(&format!(
            "$ kubectl describe sc io2-fast; kubectl describe quota -n billing\n{CLASS}{QUOTA}"
        )),
        ["storage.k8s.io/v1/StorageClass", "v1/ResourceQuota"]
    );
    // Roles are told by the command alone.
    let role = |name: &str| {
        format!(
            "Name:         {name}\nLabels:       <none>\nAnnotations:  <none>\nPolicyRule:\n  Resources  Non-Resource URLs  Resource Names  Verbs\n  ---------  -----------------  --------------  -----\n  pods       []                 []              [get]\n"
        )
    };
    let (one, other) = (role("pod-reader"), role("pod-viewer"));
    assert_eq!(
        kinds(&format!(
            "$ kubectl describe role pod-reader && kubectl describe clusterrole pod-viewer\n{one}\n\n{other}"
        )),
        [
            "rbac.authorization.k8s.io/v1/Role",
            "rbac.authorization.k8s.io/v1/ClusterRole"
        ]
    );
    assert_eq!(
        kinds(&format!(
            "$ kubectl describe role pod-reader; kubectl describe role -n a\n{one}\n\n{one}\n\n{other}"
        )),
        ["rbac.authorization.k8s.io/v1/Role"; 3]
    );
    // Here it cannot be told which command printed the second.
    assert_eq!(
        kinds(&format!(
            "$ kubectl describe role; kubectl describe clusterrole pod-viewer\n{one}\n\n{one}\n\n{other}"
        )),
        ["kubectl-describe"; 3]
    );
}
