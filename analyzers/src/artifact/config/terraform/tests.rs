use crate::artifact::node::lines::tests::{documents, only};
use crate::artifact::testing::read;
use serde_json::json;

const APPLY: &str = include_str!("../../../../../tests/samples/terraform/apply.txt");

#[test]
fn a_plan_and_what_came_of_it() {
    let bare = APPLY.split_once('\n').unwrap().1;
    for text in [APPLY, bare] {
        let read = only("terraform", text);
        assert_eq!(
            read["hooks"][0],
            json!({"resource": {"addr": "module.eks.aws_eks_cluster.this[0]"}, "message": "Refreshing state...", "id": "shop-prod"})
        );
        assert_eq!(
            read["changes"][0],
            json!({"resource": {"addr": "aws_eks_node_group.ng[\"blue\"]"}, "message": "will be updated in-place",
                "attributes": {"id": "\"shop-prod:blue\"", "tags": {"Team": "\"a\" -> \"b\""},
                    "scaling_config": [{"desired_size": "2 -> 3"}]}})
        );
        assert_eq!(read["changes"][1]["message"], "will be created");
        assert_eq!(read["summaries"][0]["add"], 1);
        assert_eq!(read["summaries"][0]["change"], 1);
        assert_eq!(read["summaries"][0]["remove"], 0);
        assert_eq!(
            read["hooks"][2],
            json!({"resource": {"addr": "aws_eks_addon.this[\"vpc-cni\"]"}, "message": "Still creating...", "elapsed": "10m0s"})
        );
        assert_eq!(
            read["hooks"][3],
            json!({"resource": {"addr": "aws_eks_node_group.ng[\"blue\"]"}, "message": "Still modifying...", "elapsed": "10s",
                "id": "shop-prod:blue"})
        );
        assert_eq!(read["hooks"][4]["elapsed"], "1m3s");
    }
}

#[test]
fn errors_say_where_they_stand() {
    let read = only("terraform", APPLY);
    assert_eq!(
        read["diagnostics"][0],
        json!({"severity": "Error",
            "summary": "waiting for EKS Add-On (shop-prod:vpc-cni) create: unexpected state 'CREATE_FAILED'\nDaemonSet.apps aws-node",
            "address": "aws_eks_addon.this[\"vpc-cni\"]",
            "range": {"filename": "network.tf", "start": {"line": 31}},
            "snippet": {"context": "resource \"aws_eks_addon\" \"this\"", "code": ["31: resource \"aws_eks_addon\" \"this\" {"]}})
    );
    assert_eq!(read["diagnostics"][1]["severity"], "Warning");
    assert_eq!(
        read["diagnostics"][1]["detail"],
        "Use kubernetes_namespace_v1.\n\nSee the guide."
    );
}

#[test]
fn what_a_pipeline_wraps_is_unwrapped() {
    let text = "[terraform]: aws_eks_addon.coredns: Still creating... [00m20s elapsed]\n[terraform]: ╷\n[terraform]: │ Error: no\n[terraform]: │ \n[terraform]: │   with aws_eks_addon.coredns,\n[terraform]: ╵\n2026-11-21T10:00:00.1234567Z aws_eks_addon.coredns: Destruction complete after 1s\n";
    let read = only("terraform", text);
    assert_eq!(read["hooks"][0]["elapsed"], "00m20s");
    assert_eq!(read["diagnostics"][0]["summary"], "no");
    assert_eq!(read["diagnostics"][0]["address"], "aws_eks_addon.coredns");
    assert_eq!(read["hooks"][1]["message"], "Destruction complete after 1s");
}

#[test]
fn diagnostics_of_old_have_no_border() {
    let text = "\nError: error creating EKS Node Group (shop:blue): InvalidRequestException\n\n  on eks.tf line 12, in resource \"aws_eks_node_group\" \"ng\":\n  12: resource \"aws_eks_node_group\" \"ng\" {\n\n";
    for text in [text.to_owned(), format!("$ terraform apply{text}")] {
        let read = only("terraform", &text);
        assert_eq!(
            read["diagnostics"],
            json!([{"severity": "Error", "summary": "error creating EKS Node Group (shop:blue): InvalidRequestException",
                "range": {"filename": "eks.tf", "start": {"line": 12}},
                "snippet": {"context": "resource \"aws_eks_node_group\" \"ng\"", "code": ["12: resource \"aws_eks_node_group\" \"ng\" {"]}}])
        );
    }
}

#[test]
fn outputs_and_addresses() {
    let read = only(
        "terraform",
        "$ terraform output\ncluster_name = \"shop-prod\"\nnodes = 3\nzones = tolist([\n  \"eu-west-1a\",\n])\n",
    );
    assert_eq!(read["outputs"]["cluster_name"], "\"shop-prod\"");
    assert_eq!(read["outputs"]["nodes"], 3);
    let read = only(
        "terraform",
        "$ terraform output -raw kubeconfig\n/home/a/kubeconfig_shop\n",
    );
    assert_eq!(read["outputs"]["kubeconfig"], "/home/a/kubeconfig_shop");
    let read = only(
        "terraform",
        "$ terraform state list\naws_eks_cluster.this\nmodule.vpc.aws_subnet.a[0]\n",
    );
    assert_eq!(
        read["resources"],
        json!(["aws_eks_cluster.this", "module.vpc.aws_subnet.a[0]"])
    );
}

#[test]
fn what_follows_is_not_swallowed() {
    let read = read(
        "aws_eks_addon.x: Creating...\n\nWe waited for half an hour and then we stopped it.\nNAME   READY   STATUS    RESTARTS   AGE\nweb    1/1     Running   0          1d\n",
    );
    assert_eq!(read.formats(), ["terraform", "prose", "kubectl-table"]);
    assert_eq!(documents("Error: something else failed\n\n  on the way home\n"), []);
    assert_eq!(documents("a person: Creating... it took long\n"), []);
}
