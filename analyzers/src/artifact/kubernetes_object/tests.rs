//! Objects as kubectl prints them, whole and cut.

use crate::artifact::Content;
use crate::model::Entity;
use crate::{Analysis, Input, analysis};

fn read(text: &str) -> Analysis {
    let input = Input {
        name: "paste".to_owned(),
        bytes: text.as_bytes().to_vec(),
    };
    analysis::read(vec![input], &mut |_| {})
}

/// The format of the only part, the kinds of its documents and whether they are complete.
fn kinds(analysis: &Analysis, format: &str) -> Vec<(String, usize, bool)> {
    let formats: Vec<&str> = analysis.segments.iter().map(|segment| segment.format.name()).collect();
    assert_eq!(formats, [format]);
    analysis
        .artifacts
        .iter()
        .flat_map(|(_, artifact)| {
            let Content::Document(document) = &artifact.content else {
                panic!()
            };
            let complete = document.complete;
            artifact
                .kinds
                .iter()
                .map(move |(kind, count)| (kind.clone(), *count, complete))
        })
        .collect()
}

/// The value at a pointer of the first document, as JSON.
fn value(analysis: &Analysis, pointer: &str) -> Option<serde_json::Value> {
    let (_, root) = analysis.artifacts.roots().next()?;
    root.value().to_json().pointer(pointer).cloned()
}

/// What `kubectl get --raw` prints, as it is, several in a list, and slurped by jq.
#[test]
fn items_of_typed_lists_have_the_lists_kind() {
    let list = |kind: &str, version: &str, names: &[&str]| {
        let items: Vec<String> = names
            .iter()
            .map(|name| format!("{{\"metadata\":{{\"name\":\"{name}\",\"namespace\":\"shop\"}},\"spec\":{{}}}}"))
            .collect();
        format!(
            "{{\"kind\":\"{kind}List\",\"apiVersion\":\"{version}\",\"metadata\":{{\"resourceVersion\":\"81\"}},\"items\":[{}]}}",
            items.join(",")
        )
    };
    let pods = list("Pod", "v1", &["cart-0", "cart-1"]);
    let policies = list("NetworkPolicy", "networking.k8s.io/v1", &["deny-all"]);
    for text in [
        format!(
            "$ kubectl get --raw /api/v1/namespaces/shop/pods\n{pods}\n$ kubectl get --raw /apis/networking.k8s.io/v1/networkpolicies\n{policies}\n"
        ),
        format!("{{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[{pods},{policies}]}}\n"),
        format!("[{pods},{policies}]\n"),
    ] {
        let analysis = read(&text);
        let model = analysis.model();
        let names = |kind: &str| -> Vec<String> { model.all(kind).map(Entity::path).collect() };
        assert_eq!(names("Pod"), ["shop/cart-0", "shop/cart-1"], "{text}");
        assert_eq!(names("NetworkPolicy"), ["shop/deny-all"], "{text}");
        let policy = model.get("NetworkPolicy", "shop", "deny-all").unwrap();
        assert_eq!(policy.str(&["apiVersion"]), Some("networking.k8s.io/v1"));
    }
    let slurped = read(
        "$ kubectl get --raw '/api/v1/pods?limit=500' | jq .items\n[{\"metadata\":{\"name\":\"cart-0\",\"namespace\":\"shop\"},\"spec\":{}}]\n",
    );
    assert!(slurped.model().get("Pod", "shop", "cart-0").is_some());
}

#[test]
fn a_kubeconfig_is_an_object() {
    let analysis = read(
        "$ kubectl config view\n\
         apiVersion: v1\n\
         clusters:\n\
         - cluster:\n    certificate-authority-data: DATA+OMITTED\n    server: https://6E5F4D3C2B1A0987.gr7.eu-west-1.eks.amazonaws.com\n  name: arn:aws:eks:eu-west-1:111122223333:cluster/prod\n\
         contexts:\n\
         - context:\n    cluster: arn:aws:eks:eu-west-1:111122223333:cluster/prod\n    namespace: shop\n    user: prod\n  name: prod\n\
         current-context: prod\n\
         kind: Config\n\
         preferences: {}\n\
         users:\n\
         - name: prod\n  user:\n    exec:\n      apiVersion: client.authentication.k8s.io/v1beta1\n      args:\n      - eks\n      - get-token\n      - --cluster-name\n      - prod\n      command: aws\n      env: null\n      provideClusterInfo: false\n\
         - name: old\n  user:\n    token: REDACTED\n",
    );
    assert!(analysis.problems.is_empty(), "{:?}", analysis.problems);
    assert_eq!(kinds(&analysis, "kubernetes-yaml"), [("v1/Config".to_owned(), 1, true)]);
    assert_eq!(value(&analysis, "/users/0/user/exec/args/3"), Some("prod".into()));
    assert_eq!(value(&analysis, "/contexts/0/context/namespace"), Some("shop".into()));
    assert_eq!(value(&analysis, "/users/1/user/token"), Some("REDACTED".into()));
}

#[test]
fn versions_have_a_name_in_json_and_yaml() {
    let analysis = read(
        "$ kubectl version -o json\n{\n  \"clientVersion\": {\n    \"major\": \"1\",\n    \"minor\": \"32\",\n    \"gitVersion\": \"v1.32.4\"\n  },\n  \"kustomizeVersion\": \"v5.5.0\",\n  \"serverVersion\": {\n    \"gitVersion\": \"v1.31.9-eks-5d4a308\"\n  }\n}\n",
    );
    assert_eq!(
        kinds(&analysis, "kubernetes-json"),
        [("kubectl-version".to_owned(), 1, false)]
    );
    assert_eq!(
        value(&analysis, "/serverVersion/gitVersion"),
        Some("v1.31.9-eks-5d4a308".into())
    );
    let analysis = read(
        "$ kubectl version -o yaml\nclientVersion:\n  gitVersion: v1.32.4\n  major: \"1\"\nkustomizeVersion: v5.5.0\nserverVersion:\n  gitVersion: v1.31.9-eks-5d4a308\n\n",
    );
    assert_eq!(
        kinds(&analysis, "kubernetes-yaml"),
        [("kubectl-version".to_owned(), 1, false)]
    );
    assert_eq!(value(&analysis, "/kustomizeVersion"), Some("v5.5.0".into()));
}

#[test]
fn raw_answers_of_the_api_are_objects() {
    let analysis = read(
        "$ kubectl get --raw /apis\n{\"kind\":\"APIGroupList\",\"apiVersion\":\"v1\",\"groups\":[{\"name\":\"apps\",\"versions\":[{\"groupVersion\":\"apps/v1\",\"version\":\"v1\"}],\"preferredVersion\":{\"groupVersion\":\"apps/v1\",\"version\":\"v1\"}}]}\n",
    );
    assert_eq!(
        kinds(&analysis, "kubernetes-json"),
        [("v1/APIGroupList".to_owned(), 1, true)]
    );
    let analysis = read(
        "$ kubectl get --raw /apis/metrics.k8s.io/v1beta1/nodes | jq .\n{\"kind\":\"NodeMetricsList\",\"apiVersion\":\"metrics.k8s.io/v1beta1\",\"metadata\":{},\"items\":[{\"metadata\":{\"name\":\"ip-10-0-1-17.ec2.internal\"},\"window\":\"20.02s\",\"usage\":{\"cpu\":\"142m\",\"memory\":\"1846272Ki\"}}]}\n",
    );
    assert_eq!(
        kinds(&analysis, "kubernetes-json"),
        [("metrics.k8s.io/v1beta1/NodeMetrics".to_owned(), 1, true)]
    );
}

const CUT_LIST: &str = "$ kubectl get deploy -n shop -o yaml\n\
apiVersion: v1\n\
items:\n\
- apiVersion: apps/v1\n  kind: Deployment\n  metadata:\n    name: cart\n    namespace: shop\n  spec:\n    replicas: 2\n  status:\n    readyReplicas: 1\n\
- apiVersion: apps/v1\n  kind: Deployment\n  metadata:\n    name: web\n    namespace: shop\n  spec:\n    replicas: 3\n    template:\n      spec:\n        containers:\n        - image: shop/web:4.2\n          ";

#[test]
fn a_list_that_was_cut_keeps_its_beginning() {
    for end in [
        "ima",
        "resources:\n            limits:\n",
        "name: \"we",
        "env: [{name: A, val",
        "command: [\"sh\", \"-c",
    ] {
        let analysis = read(&format!("{CUT_LIST}{end}"));
        assert_eq!(
            kinds(&analysis, "kubernetes-yaml"),
            [("apps/v1/Deployment".to_owned(), 2, false)],
            "{end}"
        );
        assert!(!analysis.problems.is_empty(), "{end}");
        assert_eq!(
            value(&analysis, "/items/0/status/readyReplicas"),
            Some(1.into()),
            "{end}"
        );
        assert_eq!(value(&analysis, "/items/1/spec/replicas"), Some(3.into()), "{end}");
        let image = "/items/1/spec/template/spec/containers/0/image";
        assert_eq!(value(&analysis, image), Some("shop/web:4.2".into()), "{end}");
    }
}

/// An object of the API is cut without a trace where its status would follow.
#[test]
fn an_object_of_the_api_without_its_status_was_cut() {
    let pod = |uid: &str, status: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata:\n  name: cart-0\n  namespace: shop\n{uid}spec:\n  containers:\n  - image: shop/cart:4.2\n    name: app\n{status}"
        )
    };
    let uid = "  uid: 0c1d2e3f-4a5b-4c6d-8e7f-9a0b1c2d3e4f\n";
    for (text, complete) in [
        (pod(uid, ""), false),
        (pod(uid, "status:\n  phase: Running\n"), true),
        // A manifest has no status.
        (pod("", ""), true),
    ] {
        assert_eq!(
            kinds(&read(&text), "kubernetes-yaml"),
            [("v1/Pod".to_owned(), 1, complete)],
            "{text}"
        );
    }
    let list = "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"x\",\"uid\":\"1\"}}]}\n";
    assert_eq!(
        kinds(&read(list), "kubernetes-json"),
        [("v1/ConfigMap".to_owned(), 1, true)]
    );
}

#[test]
fn managed_fields_are_read() {
    let analysis = read(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  managedFields:\n  - apiVersion: v1\n    fieldsType: FieldsV1\n    fieldsV1:\n      f:metadata:\n        f:labels:\n          .: {}\n          f:app.kubernetes.io/name: {}\n      f:spec:\n        f:containers:\n          k:{\"name\":\"app\"}:\n            .: {}\n            f:image: {}\n            f:ports:\n              .: {}\n              k:{\"containerPort\":8080,\"protocol\":\"TCP\"}:\n                .: {}\n        f:finalizers:\n          v:\"x.io/y\": {}\n    manager: kubelet\n    operation: Update\n    subresource: status\n    time: \"2025-03-04T09:12:01Z\"\n  name: cart-0\nspec:\n  nodeName: ip-10-0-1-17.ec2.internal\n",
    );
    assert!(analysis.problems.is_empty(), "{:?}", analysis.problems);
    assert_eq!(kinds(&analysis, "kubernetes-yaml"), [("v1/Pod".to_owned(), 1, true)]);
    assert_eq!(value(&analysis, "/metadata/name"), Some("cart-0".into()));
    assert_eq!(
        value(&analysis, "/metadata/managedFields/0/manager"),
        Some("kubelet".into())
    );
    assert_eq!(
        value(&analysis, "/spec/nodeName"),
        Some("ip-10-0-1-17.ec2.internal".into())
    );
}

#[test]
fn what_kubectl_edit_writes_above_an_object_belongs_to_it() {
    for command in ["$ kubectl edit svc cart\n", ""] {
        let analysis = read(&format!(
            "{command}# Please edit the object below. Lines beginning with a '#' will be ignored,\n# and an empty file will abort the edit. If an error occurs while saving this file will be\n# reopened with the relevant failures.\n#\napiVersion: v1\nkind: Service\nmetadata:\n  name: cart\nspec:\n  clusterIP: 172.20.88.14\n"
        ));
        assert!(analysis.problems.is_empty(), "{:?}", analysis.problems);
        assert_eq!(
            kinds(&analysis, "kubernetes-yaml"),
            [("v1/Service".to_owned(), 1, true)]
        );
        assert_eq!(value(&analysis, "/spec/clusterIP"), Some("172.20.88.14".into()));
    }
}

#[test]
fn json_that_was_cut_keeps_its_beginning() {
    let start = "{\n    \"apiVersion\": \"v1\",\n    \"items\": [\n        {\n            \"apiVersion\": \"v1\",\n            \"kind\": \"Pod\",\n            \"metadata\": {\n                \"name\": \"cart-0\",\n                ";
    for end in ["\"names", "\"namespace\": \"sho", "\"namespace\":", "\"labels\": {\n"] {
        let analysis = read(&format!("$ kubectl get pods -o json\n{start}{end}"));
        assert_eq!(
            kinds(&analysis, "kubernetes-json"),
            [("v1/Pod".to_owned(), 1, false)],
            "{end}"
        );
        assert_eq!(
            value(&analysis, "/items/0/metadata/name"),
            Some("cart-0".into()),
            "{end}"
        );
        assert_eq!(analysis.problems.len(), 1, "{end}");
    }
}

#[test]
fn objects_in_an_array_alone_are_what_the_command_asked_for() {
    let items = "[\n  {\n    \"metadata\": {\"name\": \"cart-0\", \"namespace\": \"shop\"},\n    \"status\": {\"podIP\": \"10.0.3.17\"}\n  }\n]\n";
    let known = read(&format!("$ kubectl get pods -n shop -o json\n{items}"));
    assert_eq!(kinds(&known, "kubernetes-json"), [("v1/Pod".to_owned(), 1, true)]);
    let (_, root) = known.artifacts.roots().next().unwrap();
    let items_read = root.list("items");
    let address = items_read[0].at(&["status", "podIP"]).unwrap();
    let span = address.evidence().span(&known.sources, &known.artifacts).unwrap();
    assert!(known.sources.text(span).contains("10.0.3.17"));
    assert_eq!(known.sources.lines(span).first, 5);
    // Without the command nothing says what they are.
    assert_eq!(kinds(&read(items), "json"), [("json".to_owned(), 1, false)]);
}
