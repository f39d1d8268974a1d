//! What is asked of kubectl, and what must have been read of its answers.

use serde_json::Value;

/// Tables: the resource, the options, and what must have been read of the first row.
pub const TABLES: &[(&str, &[&str], &[&str])] = &[
    (
        "pods",
        &[],
        &["/metadata/name", "/x-printed/READY", "/x-printed/RESTARTS"],
    ),
    (
        "pods",
        &["-o", "wide"],
        &[
            "/metadata/name",
            "/status/podIP",
            "/spec/nodeName",
            "/x-printed/LAST RESTART",
        ],
    ),
    ("pods", &["-A"], &["/metadata/namespace"]),
    ("pods", &["-n", "shop"], &["/metadata/namespace"]),
    ("pods", &["--show-labels"], &["/metadata/labels/pod-template-hash"]),
    (
        "pods",
        &["-L", "app,pod-template-hash"],
        &["/metadata/labels/app", "/metadata/labels/pod-template-hash"],
    ),
    (
        "pods",
        &["-A", "-o", "wide", "--show-labels"],
        &["/metadata/labels/app", "/status/podIP", "/metadata/namespace"],
    ),
    (
        "pods",
        &["-A", "-o", "wide", "--no-headers"],
        &["/metadata/namespace", "/status/podIP", "/spec/nodeName"],
    ),
    ("pods", &["--sort-by", ".metadata.name"], &["/metadata/name"]),
    ("pods", &["-o", "name"], &["/metadata/name"]),
    (
        "pods",
        &[
            "-o",
            "custom-columns=POD:.metadata.name,NODE:.spec.nodeName,IP:.status.podIP,Phase:.status.phase",
        ],
        &["/metadata/name", "/spec/nodeName", "/status/podIP", "/status/phase"],
    ),
    (
        "services",
        &[],
        &[
            "/spec/type",
            "/spec/clusterIP",
            "/spec/ports/1/port",
            "/spec/ports/0/nodePort",
        ],
    ),
    (
        "services",
        &["-o", "wide"],
        &["/spec/selector/tier", "/status/loadBalancer/ingress/0/hostname"],
    ),
    (
        "nodes",
        &[],
        &[
            "/metadata/name",
            "/spec/unschedulable",
            "/status/nodeInfo/kubeletVersion",
        ],
    ),
    (
        "nodes",
        &["-o", "wide"],
        &["/status/addresses/0/address", "/status/nodeInfo/kernelVersion"],
    ),
    (
        "nodes",
        &["-L", "topology.kubernetes.io/zone"],
        &["/metadata/labels/topology.kubernetes.io~1zone"],
    ),
    ("deployments", &[], &["/spec/replicas"]),
    (
        "deployments",
        &["-o", "wide"],
        &[
            "/spec/template/spec/containers/0/image",
            "/spec/selector/matchLabels/tier",
        ],
    ),
    (
        "persistentvolumeclaims",
        &[],
        &["/status/phase", "/spec/volumeName", "/status/accessModes/0"],
    ),
    ("pods,services", &[], &["/metadata/name"]),
];

/// Commands that print tables of events.
pub const EVENTS: &[&[&str]] = &[
    &["get", "events"],
    &["get", "events", "-A"],
    &["get", "events", "-o", "wide"],
    &["get", "events", "-A", "-o", "wide", "--no-headers"],
    &["events"],
    &["events", "-A"],
    &["events", "--no-headers"],
    &["events", "--types=Warning"],
];

/// What must have been read, for each kind: the round trip alone would be content with nothing.
pub const MUST_HAVE: &[(&str, &[&str])] = &[
    (
        "Pod",
        &[
            "/metadata/namespace",
            "/status/phase",
            "/status/qosClass",
            "/spec/containers/0/image",
        ],
    ),
    (
        "Pod/cart-7d9c5b8f6d-x2x7k",
        &[
            "/metadata/labels/app",
            "/metadata/annotations/note",
            "/metadata/ownerReferences/0/name",
            "/spec/nodeName",
            "/spec/serviceAccountName",
            "/spec/priority",
            "/spec/nodeSelector/kubernetes.io~1os",
            "/spec/readinessGates/0/conditionType",
            "/spec/topologySpreadConstraints/0/labelSelector/matchLabels/app",
            "/spec/tolerations/2/tolerationSeconds",
            "/spec/initContainers/0/image",
            "/spec/containers/0/args/1",
            "/spec/containers/0/ports/1/hostPort",
            "/spec/containers/0/env/0/value",
            "/spec/containers/0/env/2/valueFrom/secretKeyRef/key",
            "/spec/containers/0/env/3/valueFrom/configMapKeyRef/optional",
            "/spec/containers/0/env/4/valueFrom/fieldRef/fieldPath",
            "/spec/containers/0/env/5/valueFrom/resourceFieldRef/resource",
            "/spec/containers/0/envFrom/0/configMapRef/name",
            "/spec/containers/0/envFrom/1/prefix",
            "/spec/containers/0/resources/requests/cpu",
            "/spec/containers/0/livenessProbe/httpGet/path",
            "/spec/containers/0/readinessProbe/tcpSocket/port",
            "/spec/containers/0/volumeMounts/0/subPath",
            "/spec/containers/0/volumeMounts/1/readOnly",
            "/spec/containers/1/ports/0/containerPort",
            "/spec/volumes/0/configMap/name",
            "/spec/volumes/1/persistentVolumeClaim/claimName",
            "/spec/volumes/2/emptyDir/sizeLimit",
            "/spec/volumes/4/secret/secretName",
            "/spec/volumes/5/hostPath/path",
            "/spec/volumes/6/csi/volumeAttributes/secretProviderClass",
            "/spec/volumes/7/projected/sources/0/serviceAccountToken/expirationSeconds",
            "/spec/volumes/7/projected/sources/1/configMap/name",
            "/status/hostIP",
            "/status/podIP",
            "/status/podIPs/1/ip",
            "/status/startTime",
            "/status/conditions/2/status",
            "/status/initContainerStatuses/0/state/terminated/finishedAt",
            "/status/containerStatuses/0/state/waiting/reason",
            "/status/containerStatuses/0/lastState/terminated/exitCode",
            "/status/containerStatuses/0/restartCount",
            "/status/containerStatuses/0/ready",
            "/status/containerStatuses/1/state/running/startedAt",
            "/status/containerStatuses/1/imageID",
        ],
    ),
    (
        "Node",
        &[
            "/metadata/labels/topology.kubernetes.io~1zone",
            "/metadata/creationTimestamp",
            "/spec/taints/1/effect",
            "/spec/unschedulable",
            "/spec/providerID",
            "/spec/podCIDRs/0",
            "/status/addresses/3/address",
            "/status/capacity/ephemeral-storage",
            "/status/allocatable/cpu",
            "/status/conditions/1/reason",
            "/status/conditions/1/message",
            "/status/conditions/1/lastTransitionTime",
            "/status/nodeInfo/kubeletVersion",
        ],
    ),
    (
        "Service",
        &[
            "/spec/type",
            "/spec/clusterIP",
            "/spec/clusterIPs/0",
            "/spec/selector/app",
            "/spec/ports/0/port",
            "/spec/ports/0/targetPort",
            "/spec/internalTrafficPolicy",
        ],
    ),
    (
        "Service/cart",
        &[
            "/metadata/annotations/service.beta.kubernetes.io~1aws-load-balancer-type",
            "/spec/ports/1/nodePort",
            "/spec/ports/0/name",
            "/spec/externalTrafficPolicy",
            "/spec/healthCheckNodePort",
            "/spec/externalIPs/0",
            "/spec/loadBalancerSourceRanges/1",
            "/status/loadBalancer/ingress/0/hostname",
        ],
    ),
    (
        "Endpoints",
        &[
            "/subsets/0/addresses/1/ip",
            "/subsets/0/notReadyAddresses/0/ip",
            "/subsets/0/ports/1/name",
            "/subsets/1/addresses/0/ip",
            "/subsets/1/ports/0/port",
        ],
    ),
    (
        "EndpointSlice",
        &[
            "/addressType",
            "/ports/1/port",
            "/endpoints/0/addresses/0",
            "/endpoints/0/conditions/ready",
            "/endpoints/1/conditions/ready",
            "/endpoints/0/targetRef/name",
            "/endpoints/1/zone",
        ],
    ),
    (
        "Ingress",
        &[
            "/spec/ingressClassName",
            "/spec/defaultBackend/service/name",
            "/spec/tls/0/secretName",
            "/spec/tls/1/hosts/0",
            "/spec/rules/0/host",
            "/spec/rules/0/http/paths/0/path",
            "/spec/rules/0/http/paths/0/backend/service/port/name",
            "/spec/rules/0/http/paths/1/backend/service/name",
            "/spec/rules/1/http/paths/0/backend/service/port/number",
            "/status/loadBalancer/ingress/0/hostname",
        ],
    ),
    (
        "Deployment",
        &[
            "/metadata/creationTimestamp",
            "/spec/replicas",
            "/spec/selector/matchLabels/tier",
            "/spec/strategy/rollingUpdate/maxUnavailable",
            "/spec/strategy/rollingUpdate/maxSurge",
            "/spec/minReadySeconds",
            "/spec/template/metadata/labels/app",
            "/spec/template/spec/serviceAccountName",
            "/spec/template/spec/containers/0/ports/0/containerPort",
            "/spec/template/spec/containers/0/env/0/value",
            "/spec/template/spec/volumes/0/configMap/name",
            "/spec/template/spec/nodeSelector/kubernetes.io~1os",
            "/spec/template/spec/tolerations/0/operator",
            "/status/unavailableReplicas",
            "/status/conditions/0/reason",
        ],
    ),
    (
        "ReplicaSet",
        &[
            "/spec/replicas",
            "/status/replicas",
            "/metadata/ownerReferences/0/kind",
            "/spec/template/spec/containers/0/image",
        ],
    ),
    (
        "StatefulSet",
        &[
            "/spec/replicas",
            "/spec/updateStrategy/type",
            "/spec/updateStrategy/rollingUpdate/partition",
            "/spec/template/spec/containers/0/image",
        ],
    ),
    (
        "DaemonSet",
        &[
            "/status/desiredNumberScheduled",
            "/status/numberAvailable",
            "/spec/selector/matchLabels/app",
        ],
    ),
    (
        "Job",
        &[
            "/spec/completions",
            "/spec/backoffLimit",
            "/spec/activeDeadlineSeconds",
            "/status/failed",
            "/status/ready",
            "/status/startTime",
        ],
    ),
    (
        "CronJob",
        &[
            "/spec/schedule",
            "/spec/concurrencyPolicy",
            "/spec/startingDeadlineSeconds",
            "/status/lastScheduleTime",
            "/spec/jobTemplate/spec/template/spec/containers/0/image",
        ],
    ),
    (
        "Namespace",
        &["/status/phase", "/metadata/labels/kubernetes.io~1metadata.name"],
    ),
    (
        "PersistentVolumeClaim",
        &[
            "/spec/storageClassName",
            "/spec/volumeName",
            "/status/phase",
            "/status/capacity/storage",
            "/status/accessModes/0",
            "/metadata/finalizers/0",
        ],
    ),
    (
        "PersistentVolume",
        &[
            "/spec/claimRef/name",
            "/spec/persistentVolumeReclaimPolicy",
            "/spec/capacity/storage",
            "/spec/accessModes/0",
            "/spec/csi/volumeHandle",
            "/spec/csi/volumeAttributes/storage.kubernetes.io~1csiProvisionerIdentity",
            "/status/phase",
        ],
    ),
    (
        "StorageClass",
        &[
            "/provisioner",
            "/parameters/type",
            "/volumeBindingMode",
            "/allowVolumeExpansion",
            "/metadata/annotations/storageclass.kubernetes.io~1is-default-class",
        ],
    ),
    (
        "HorizontalPodAutoscaler",
        &[
            "/spec/scaleTargetRef/name",
            "/spec/minReplicas",
            "/spec/maxReplicas",
            "/status/currentReplicas",
            "/status/desiredReplicas",
            "/status/conditions/0/message",
        ],
    ),
    (
        "ServiceAccount",
        &[
            "/metadata/annotations/eks.amazonaws.com~1role-arn",
            "/imagePullSecrets/0/name",
        ],
    ),
    ("ConfigMap", &["/data/Corefile", "/data/mode"]),
    ("Secret", &["/type"]),
    ("NetworkPolicy", &["/spec/podSelector", "/spec/policyTypes/0"]),
    (
        "NetworkPolicy/cart",
        &[
            "/metadata/creationTimestamp",
            "/spec/ingress/0/ports/1/endPort",
            "/spec/ingress/0/from/0/namespaceSelector/matchLabels/kubernetes.io~1metadata.name",
            "/spec/ingress/0/from/0/podSelector/matchLabels/tier",
            "/spec/ingress/0/from/1/ipBlock/except/1",
            "/spec/ingress/1/from/0/namespaceSelector/matchLabels/team",
            "/spec/egress/0/ports/0/port",
            "/spec/egress/0/to/0/namespaceSelector",
            "/spec/egress/1/ports/0/protocol",
        ],
    ),
    ("Role", &["/rules/0/verbs/2", "/rules/2/resourceNames/0"]),
    ("ClusterRole", &["/rules/0/apiGroups/0", "/rules/1/nonResourceURLs/0"]),
    (
        "RoleBinding",
        &["/roleRef/name", "/subjects/0/namespace", "/subjects/1/kind"],
    ),
    ("ClusterRoleBinding", &["/roleRef/kind", "/subjects/0/name"]),
    (
        "Event",
        &[
            "/items/0/reason",
            "/items/0/type",
            "/items/0/message",
            "/items/0/source/component",
            "/items/0/involvedObject/kind",
            "/items/0/involvedObject/name",
            "/items/0/metadata/namespace",
        ],
    ),
];

pub fn must_have(kind: &str, name: &str, read: &Value) -> Result<(), String> {
    let own = format!("{kind}/{name}");
    let mut known = false;
    for (of, pointers) in MUST_HAVE {
        if *of == kind || *of == own {
            known = true;
            if let Some(missing) = pointers.iter().find(|pointer| read.pointer(pointer).is_none()) {
                return Err(format!("{missing} was not read"));
            }
        }
    }
    if known {
        Ok(())
    } else {
        Err(format!("nothing is asked of {kind}"))
    }
}
