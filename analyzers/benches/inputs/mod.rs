//! Inputs for measurements, made here, the same ones every time: as large as is asked for, and with all that the real ones carry.

#![allow(
    dead_code,
    clippy::indexing_slicing,
    reason = "every measurement uses some of them; the indexes are remainders"
)]

pub mod capture;
pub mod cluster;

use std::fmt::Write as _;

/// Numbers that look random and are the same every time (Marsaglia, "Xorshift RNGs", 2003).
pub struct Numbers(u64);

impl Numbers {
    /// Always the same ones.
    pub fn new() -> Self {
        Self(0x5eed_5eed)
    }

    /// The next one.
    pub fn next(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below
    }

    /// An address of a VPC.
    pub fn address(&mut self) -> String {
        format!("10.0.{}.{}", self.next(256), self.next(256))
    }

    fn hex(&mut self, digits: usize) -> String {
        (0..digits)
            .map(|_| char::from_digit(u32::try_from(self.next(16)).unwrap_or(0), 16).unwrap_or('0'))
            .collect()
    }

    fn uid(&mut self) -> String {
        [8, 4, 4, 4, 12].map(|digits| self.hex(digits)).join("-")
    }

    fn time(&mut self) -> String {
        format!(
            "2026-04-{:02}T{:02}:{:02}:{:02}Z",
            self.next(28) + 1,
            self.next(24),
            self.next(60),
            self.next(60)
        )
    }
}

/// A text of at least that many bytes, made of parts.
fn text(head: &str, bytes: usize, between: &str, tail: &str, part: impl Fn(usize, &mut Numbers) -> String) -> String {
    let mut numbers = Numbers::new();
    let mut all = String::with_capacity(bytes + 16_384);
    all.push_str(head);
    let mut number = 0;
    while number == 0 || all.len() + tail.len() < bytes {
        if number > 0 {
            all.push_str(between);
        }
        all.push_str(&part(number, &mut numbers));
        number += 1;
    }
    all.push_str(tail);
    all
}

/// One pod as the API server of an EKS cluster gives it, as a value.
fn pod(number: usize, numbers: &mut Numbers) -> serde_json::Value {
    let app = ["cart", "checkout", "payments", "search", "frontend", "orders"][number % 6];
    let namespace = format!("team-{}", number % 40);
    let hash = numbers.hex(10);
    let name = format!("{app}-{hash}-{}", numbers.hex(5));
    let image = format!(
        "602401143452.dkr.ecr.eu-west-1.amazonaws.com/shop/{app}:v1.{}.{}",
        numbers.next(40),
        numbers.next(10)
    );
    let digest = format!(
        "602401143452.dkr.ecr.eu-west-1.amazonaws.com/shop/{app}@sha256:{}",
        numbers.hex(64)
    );
    let (ip, host) = (numbers.address(), numbers.address());
    let node = format!("ip-{}.eu-west-1.compute.internal", host.replace('.', "-"));
    let (created, started) = (numbers.time(), numbers.time());
    let token = format!("kube-api-access-{}", numbers.hex(5));
    let env: Vec<_> = (0..12)
        .map(|at| serde_json::json!({"name": format!("{}_SETTING_{at}", app.to_uppercase()), "value": format!("https://{app}.{namespace}.svc.cluster.local:8443/{}", numbers.hex(8))}))
        .chain([serde_json::json!({"name": "POD_IP", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "status.podIP"}}})])
        .collect();
    let probe = |path: &str| serde_json::json!({"failureThreshold": 3, "httpGet": {"path": path, "port": "http", "scheme": "HTTP"}, "periodSeconds": 10, "successThreshold": 1, "timeoutSeconds": 1});
    let conditions: Vec<_> = ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"]
        .iter()
        .map(|kind| serde_json::json!({"lastProbeTime": null, "lastTransitionTime": numbers.time(), "status": "True", "type": kind}))
        .collect();
    serde_json::json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "annotations": {
                "kubernetes.io/config.seen": created, "prometheus.io/port": "9102", "prometheus.io/scrape": "true",
                "kubectl.kubernetes.io/restartedAt": started
            },
            "creationTimestamp": created,
            "generateName": format!("{app}-{hash}-"),
            "labels": {"app": app, "app.kubernetes.io/name": app, "app.kubernetes.io/managed-by": "Helm", "pod-template-hash": hash},
            "managedFields": [
                {"apiVersion": "v1", "fieldsType": "FieldsV1", "manager": "kube-controller-manager", "operation": "Update", "time": created,
                 "fieldsV1": {"f:metadata": {"f:annotations": {".": {}, "f:prometheus.io/port": {}, "f:prometheus.io/scrape": {}},
                    "f:generateName": {}, "f:labels": {".": {}, "f:app": {}, "f:pod-template-hash": {}},
                    "f:ownerReferences": {".": {}, format!("k:{{\"uid\":\"{}\"}}", numbers.uid()): {}}},
                    "f:spec": {"f:containers": {format!("k:{{\"name\":\"{app}\"}}"): {".": {}, "f:env": {".": {}, "k:{\"name\":\"POD_IP\"}": {".": {}, "f:name": {}}},
                        "f:image": {}, "f:imagePullPolicy": {}, "f:livenessProbe": {".": {}, "f:failureThreshold": {}, "f:httpGet": {".": {}, "f:path": {}, "f:port": {}}},
                        "f:name": {}, "f:resources": {".": {}, "f:limits": {".": {}, "f:memory": {}}, "f:requests": {".": {}, "f:cpu": {}}}}},
                        "f:dnsPolicy": {}, "f:restartPolicy": {}, "f:serviceAccountName": {}, "f:terminationGracePeriodSeconds": {}}}},
                {"apiVersion": "v1", "fieldsType": "FieldsV1", "manager": "kubelet", "operation": "Update", "subresource": "status", "time": started,
                 "fieldsV1": {"f:status": {"f:conditions": {"k:{\"type\":\"Ready\"}": {".": {}, "f:lastTransitionTime": {}, "f:status": {}}},
                    "f:containerStatuses": {}, "f:hostIP": {}, "f:phase": {}, "f:podIP": {}, "f:podIPs": {".": {}, format!("k:{{\"ip\":\"{ip}\"}}"): {".": {}, "f:ip": {}}}, "f:startTime": {}}}}
            ],
            "name": name,
            "namespace": namespace,
            "ownerReferences": [{"apiVersion": "apps/v1", "blockOwnerDeletion": true, "controller": true, "kind": "ReplicaSet", "name": format!("{app}-{hash}"), "uid": numbers.uid()}],
            "resourceVersion": numbers.next(1 << 40).to_string(),
            "uid": numbers.uid()
        },
        "spec": {
            "containers": [{
                "env": env, "image": image, "imagePullPolicy": "IfNotPresent", "livenessProbe": probe("/healthz"), "name": app,
                "ports": [{"containerPort": 8080, "name": "http", "protocol": "TCP"}, {"containerPort": 9102, "name": "metrics", "protocol": "TCP"}],
                "readinessProbe": probe("/ready"), "resources": {"limits": {"memory": "512Mi"}, "requests": {"cpu": "100m", "memory": "256Mi"}},
                "securityContext": {"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "runAsNonRoot": true},
                "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
                "volumeMounts": [{"mountPath": "/etc/config", "name": "config", "readOnly": true},
                    {"mountPath": "/var/run/secrets/kubernetes.io/serviceaccount", "name": token, "readOnly": true}]
            }],
            "dnsPolicy": "ClusterFirst", "enableServiceLinks": true, "nodeName": node, "preemptionPolicy": "PreemptLowerPriority", "priority": 0,
            "restartPolicy": "Always", "schedulerName": "default-scheduler", "securityContext": {"fsGroup": 65534}, "serviceAccount": app,
            "serviceAccountName": app, "terminationGracePeriodSeconds": 30,
            "tolerations": [
                {"effect": "NoExecute", "key": "node.kubernetes.io/not-ready", "operator": "Exists", "tolerationSeconds": 300},
                {"effect": "NoExecute", "key": "node.kubernetes.io/unreachable", "operator": "Exists", "tolerationSeconds": 300}],
            "volumes": [{"configMap": {"defaultMode": 420, "name": format!("{app}-config")}, "name": "config"},
                {"name": token, "projected": {"defaultMode": 420, "sources": [
                    {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
                    {"configMap": {"items": [{"key": "ca.crt", "path": "ca.crt"}], "name": "kube-root-ca.crt"}},
                    {"downwardAPI": {"items": [{"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}, "path": "namespace"}]}}]}}]
        },
        "status": {
            "conditions": conditions,
            "containerStatuses": [{"containerID": format!("containerd://{}", numbers.hex(64)), "image": image, "imageID": digest, "lastState": {},
                "name": app, "ready": true, "restartCount": numbers.next(4), "started": true, "state": {"running": {"startedAt": started}}}],
            "hostIP": host, "hostIPs": [{"ip": host}], "phase": "Running", "podIP": ip, "podIPs": [{"ip": ip}], "qosClass": "Burstable",
            "startTime": started
        }
    })
}

/// `kubectl get pods -A -o json --show-managed-fields`, which indents by four blanks and sorts the names.
pub fn pods_json(bytes: usize) -> String {
    let head = "{\n    \"apiVersion\": \"v1\",\n    \"items\": [\n        ";
    let tail = "\n    ],\n    \"kind\": \"List\",\n    \"metadata\": {\n        \"resourceVersion\": \"\"\n    }\n}\n";
    text(head, bytes, ",\n        ", tail, |number, numbers| {
        let mut written = Vec::new();
        let format = serde_json::ser::PrettyFormatter::with_indent(b"    ");
        let mut writer = serde_json::Serializer::with_formatter(&mut written, format);
        let done = serde::Serialize::serialize(&pod(number, numbers), &mut writer);
        debug_assert!(done.is_ok());
        String::from_utf8(written)
            .unwrap_or_default()
            .replace('\n', "\n        ")
    })
}

/// The same as YAML, written by another library than the one that reads it.
pub fn pods_yaml(bytes: usize) -> String {
    text(
        "apiVersion: v1\nitems:\n",
        bytes,
        "",
        "kind: List\nmetadata:\n  resourceVersion: \"\"\n",
        |number, numbers| serde_yaml::to_string(&[pod(number, numbers)]).unwrap_or_default(),
    )
}

/// `kubectl get pods -A -o wide`.
pub fn pods_table(bytes: usize) -> String {
    let head = format!(
        "{:12}{:24}{:8}{:10}{:11}{:6}{:18}{}\n",
        "NAMESPACE", "NAME", "READY", "STATUS", "RESTARTS", "AGE", "IP", "NODE"
    );
    text(&head, bytes, "", "", |row, numbers| {
        format!(
            "{:12}{:24}{:8}{:10}{:11}{:6}{:18}node-{}\n",
            format!("ns-{}", row % 50),
            format!("web-{row}"),
            "1/1",
            "Running",
            "0",
            "5d",
            numbers.address(),
            numbers.next(200)
        )
    })
}

/// `kubectl get events -A`.
pub fn events_table(bytes: usize) -> String {
    let head = format!(
        "{:12}{:12}{:10}{:12}{:24}{}\n",
        "NAMESPACE", "LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"
    );
    text(&head, bytes, "", "", |row, numbers| {
        format!(
            "{:12}{:12}{:10}{:12}{:24}Successfully assigned ns-{}/web-{row} to node-{}\n",
            format!("ns-{}", row % 50),
            format!("{}m", row % 60),
            "Normal",
            "Scheduled",
            format!("pod/web-{row}"),
            row % 50,
            numbers.next(200)
        )
    })
}

/// Prometheus' text format.
pub fn metrics(bytes: usize) -> String {
    let head = "# HELP http_requests_total Requests.\n# TYPE http_requests_total counter\n";
    text(head, bytes, "", "", |row, numbers| {
        format!(
            "http_requests_total{{code=\"200\",path=\"/api/{row}\",pod=\"web-{}\"}} {}\n",
            numbers.next(200),
            numbers.next(100_000)
        )
    })
}

/// `tcpdump -nn`: half DNS, half TCP.
pub fn packets(bytes: usize) -> String {
    text("", bytes, "", "", packet)
}

/// A packet as `tcpdump -nn` prints it.
pub fn packet(number: usize, numbers: &mut Numbers) -> String {
    let time = format!(
        "10:{:02}:{:02}.{:06}",
        number / 60_000 % 60,
        number / 1000 % 60,
        number % 1000 * 1000
    );
    let (client, port, id) = (numbers.address(), 20_000 + number % 40_000, number % 65_536);
    match number % 4 {
        0 => format!(
            "{time} IP {client}.{port} > 172.20.0.10.53: {id}+ A? api.example.com.shop.svc.cluster.local. (56)\n"
        ),
        1 => format!("{time} IP 172.20.0.10.53 > {client}.{port}: {id} NXDomain*- 0/1/0 (149)\n"),
        2 => format!(
            "{time} IP {client}.{port} > 10.1.2.3.443: Flags [S], seq {id}, win 62727, options [mss 8961,sackOK,TS val 1 ecr 0,nop,wscale 7], length 0\n"
        ),
        _ => format!("{time} IP 10.1.2.3.443 > {client}.{port}: Flags [R.], seq 0, ack {id}, win 0, length 0\n"),
    }
}

/// A component's log (klog).
pub fn log(bytes: usize) -> String {
    text("", bytes, "", "", |number, numbers| {
        format!(
            "E04{:02} 10:{:02}:{:02}.123456       1 controller.go:{}] failed to sync target group {}: dial tcp {}:443: i/o timeout\n",
            number % 28 + 1,
            number / 60 % 60,
            number % 60,
            numbers.next(900),
            numbers.hex(16),
            numbers.address()
        )
    })
}

/// Lines of words that are no output of anything.
pub fn words(bytes: usize) -> String {
    text("", bytes, "", "", |_, numbers| {
        let mut line = String::new();
        for _ in 0..numbers.next(12) {
            let digits = usize::try_from(numbers.next(12)).unwrap_or(0) + 1;
            let _ = write!(
                line,
                "{}{}",
                numbers.hex(digits),
                [" ", "  ", ": ", "=", "\t"][usize::try_from(numbers.next(5)).unwrap_or(0)]
            );
        }
        line.push('\n');
        line
    })
}
