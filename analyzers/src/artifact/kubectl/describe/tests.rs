//! Descriptions as kubectl prints them, and what must come of them.

use crate::analysis::{Analysis, Input, read};
use serde_json::Value;

pub fn analysis(text: &str) -> Analysis {
    let input = Input {
        name: "paste 1".to_owned(),
        bytes: text.as_bytes().to_vec(),
    };
    read(vec![input], &mut |_| {})
}

/// The kinds that were read and their values.
pub fn documents(analysis: &Analysis) -> Vec<(String, Value)> {
    analysis
        .artifacts
        .roots()
        .map(|(artifact, node)| (artifact.kinds[0].0.clone(), node.value().to_json()))
        .collect()
}

/// Asserts values at pointers of the first document.
pub fn assert_values(text: &str, kind: &str, values: &[(&str, Value)]) {
    let analysis = analysis(text);
    let documents = documents(&analysis);
    assert_eq!(documents[0].0, kind);
    for (pointer, value) in values {
        assert_eq!(
            documents[0].1.pointer(pointer),
            Some(value),
            "{pointer} of {:#}",
            documents[0].1
        );
    }
    assert!(analysis.problems.is_empty(), "{:?}", analysis.problems);
}

/// A sample, for the files of `tests/`.
macro_rules! sample {
    ($name:literal) => {
        include_str!(concat!(
            "../../../../../../tests/samples/kubectl-describe/",
            $name,
            ".txt"
        ))
    };
}

mod edges;
mod kinds;
mod older_kubectl;
mod several;

mod pod {
    use super::{analysis, assert_values, documents};
    use serde_json::json;

    const CRASHING: &str = include_str!("../../../../../tests/samples/kubectl-describe/pod-crashing.txt");

    #[test]
    fn a_pod_has_the_apis_shape() {
        assert_values(
            CRASHING,
            "v1/Pod",
            &[
                ("/apiVersion", json!("v1")),
                ("/metadata/name", json!("cart-7d9c5b8f6d-x2x7k")),
                ("/metadata/namespace", json!("shop")),
                ("/metadata/labels/pod-template-hash", json!("7d9c5b8f6d")),
                ("/metadata/annotations/prometheus.io~1scrape", json!("true")),
                ("/metadata/ownerReferences/0/kind", json!("ReplicaSet")),
                ("/metadata/ownerReferences/0/name", json!("cart-7d9c5b8f6d")),
                ("/spec/nodeName", json!("ip-10-0-42-17.eu-west-1.compute.internal")),
                ("/status/hostIP", json!("10.0.42.17")),
                ("/spec/serviceAccountName", json!("cart")),
                ("/spec/priority", json!(0)),
                ("/status/startTime", json!("2025-03-04T09:12:01Z")),
                ("/status/phase", json!("Running")),
                ("/status/podIP", json!("10.0.47.201")),
                ("/status/podIPs/0/ip", json!("10.0.47.201")),
                ("/spec/initContainers/0/name", json!("wait-for-db")),
                ("/status/initContainerStatuses/0/state/terminated/exitCode", json!(0)),
                ("/spec/containers/0/ports/0/containerPort", json!(8080)),
                ("/spec/containers/0/ports/0/name", json!("http")),
                ("/spec/containers/0/ports/1/containerPort", json!(9090)),
                ("/spec/containers/0/resources/limits/memory", json!("256Mi")),
                ("/spec/containers/0/livenessProbe/httpGet/port", json!(8080)),
                ("/spec/containers/0/livenessProbe/httpGet/path", json!("/healthz")),
                ("/spec/containers/0/livenessProbe/failureThreshold", json!(3)),
                ("/spec/containers/0/env/0/value", json!("postgres://db.shop:5432/cart")),
                ("/spec/containers/0/env/1/valueFrom/secretKeyRef/name", json!("cart-db")),
                (
                    "/spec/containers/0/env/2/valueFrom/fieldRef/fieldPath",
                    json!("status.podIP"),
                ),
                ("/spec/containers/0/volumeMounts/0/mountPath", json!("/etc/cart")),
                ("/spec/containers/0/volumeMounts/0/readOnly", json!(true)),
                (
                    "/status/containerStatuses/0/state/waiting/reason",
                    json!("CrashLoopBackOff"),
                ),
                (
                    "/status/containerStatuses/0/lastState/terminated/reason",
                    json!("OOMKilled"),
                ),
                ("/status/containerStatuses/0/lastState/terminated/exitCode", json!(137)),
                ("/status/containerStatuses/0/ready", json!(false)),
                ("/status/containerStatuses/0/restartCount", json!(12)),
                ("/status/conditions/2/type", json!("Ready")),
                ("/status/conditions/2/status", json!("False")),
                ("/spec/volumes/0/configMap/name", json!("cart-config")),
                (
                    "/spec/volumes/1/projected/sources/0/serviceAccountToken/expirationSeconds",
                    json!(3607),
                ),
                ("/status/qosClass", json!("Burstable")),
                ("/spec/nodeSelector/kubernetes.io~1os", json!("linux")),
                ("/spec/tolerations/0/key", json!("dedicated")),
                ("/spec/tolerations/0/value", json!("shop")),
                ("/spec/tolerations/1/operator", json!("Exists")),
                ("/spec/tolerations/1/tolerationSeconds", json!(300)),
            ],
        );
    }

    #[test]
    fn its_events_are_objects_about_it() {
        let analysis = analysis(CRASHING);
        let documents = documents(&analysis);
        let (kind, events) = &documents[1];
        assert_eq!(kind, "v1/Event");
        let last = &events["items"][2];
        assert_eq!(last["type"], "Warning");
        assert_eq!(last["reason"], "BackOff");
        assert_eq!(last["count"], 54);
        assert_eq!(last["x-age"], "2m11s (x54 over 14m)");
        assert_eq!(last["source"]["component"], "kubelet");
        assert_eq!(
            last["message"],
            "Back-off restarting failed container app in pod cart-7d9c5b8f6d-x2x7k_shop(0e1b6a53-41b1-4f5c-9f0c-5f4a4e1f7d11)"
        );
        assert_eq!(last["involvedObject"]["kind"], "Pod");
        assert_eq!(last["involvedObject"]["name"], "cart-7d9c5b8f6d-x2x7k");
        assert_eq!(last["involvedObject"]["namespace"], "shop");
        assert_eq!(events["items"].as_array().unwrap().len(), 3);
    }

    #[test]
    fn without_its_command_a_pod_is_told_by_its_fields() {
        let (_, body) = CRASHING.split_once('\n').unwrap();
        let analysis = analysis(&format!("{body}\nName:\tdb.example.com\nAddress: 10.0.0.1\n"));
        assert_eq!(documents(&analysis)[0].0, "v1/Pod");
        assert_eq!(analysis.segments[0].format.name(), "kubectl-describe");
        assert_ne!(analysis.segments[1].format.name(), "kubectl-describe");
    }

    #[test]
    fn a_cut_description_keeps_what_it_shows() {
        let cut = CRASHING.find("    Ready:").unwrap();
        let analysis = analysis(CRASHING.get(..cut).unwrap());
        let (kind, pod) = &documents(&analysis)[0];
        assert_eq!(kind, "v1/Pod");
        assert_eq!(pod["metadata"]["name"], "cart-7d9c5b8f6d-x2x7k");
        assert!(!analysis.artifacts.roots().next().unwrap().1.complete());
    }

    #[test]
    fn values_are_cited_where_they_stand() {
        let analysis = analysis(CRASHING);
        let (id, _) = analysis.artifacts.iter().next().unwrap();
        let document = analysis.artifacts.document(id).unwrap();
        for (pointer, text) in [
            (
                "/spec/containers/0/image",
                "123456789012.dkr.ecr.eu-west-1.amazonaws.com/cart:1.9.2",
            ),
            ("/status/containerStatuses/0/restartCount", "12"),
            ("/spec/tolerations/0/key", "dedicated"),
            ("/metadata/labels/app", "cart"),
        ] {
            let span = document.locate(&analysis.sources, pointer);
            assert_eq!(analysis.sources.text(span), text, "{pointer}");
        }
    }

    #[test]
    fn events_alone_are_read() {
        let at = CRASHING.find("Events:").unwrap();
        let analysis = analysis(CRASHING.get(at..).unwrap());
        let documents = documents(&analysis);
        assert_eq!(documents.len(), 1);
        assert_eq!(documents[0].0, "v1/Event");
        assert_eq!(documents[0].1["items"][2]["reason"], "BackOff");
        assert!(documents[0].1["items"][2].get("involvedObject").is_none());
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let text = "$ kubectl describe pod x\nName:             x\nNamespace:        shop\nghijk\n  lmn  op\nNode:             <none>\nContainers:\n  app:\n    Image:  x\n";
        let analysis = analysis(text);
        assert_eq!(analysis.problems.len(), 1);
        assert_eq!(analysis.sources.text(analysis.problems[0].span), "ghijk");
        let (_, pod) = &documents(&analysis)[0];
        assert_eq!(pod.pointer("/spec/nodeName"), None);
    }
}
