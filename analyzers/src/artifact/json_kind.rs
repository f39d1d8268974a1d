//! What a JSON or YAML document is that has no `apiVersion` and `kind`, told by members that only it has, or by the command that printed
//! it. The document stays as it is; only its kind is named.

use super::Value;
use crate::segment::CommandLine;

/// A kind by members that it has at its root; where the root is an array, at the root of its first element.
struct Told {
    kind: &'static str,
    array: bool,
    members: &'static [&'static str],
}

const fn object(kind: &'static str, members: &'static [&'static str]) -> Told {
    Told {
        kind,
        array: false,
        members,
    }
}

const fn array(kind: &'static str, members: &'static [&'static str]) -> Told {
    Told {
        kind,
        array: true,
        members,
    }
}

/// The more telling first.
const TOLD: [Told; 29] = [
    // containernetworking/cni, SPEC.md, section 1.
    object("cni-conflist", &["cniVersion", "name", "plugins"]),
    object("cni-conf", &["cniVersion", "type"]),
    // What a plugin prints (SPEC.md, section 5).
    object("cni-result", &["cniVersion", "ips"]),
    // Envoy, api/envoy/admin/v3.
    object("envoy-clusters", &["cluster_statuses"]),
    object("envoy-listeners", &["listener_statuses"]),
    object("envoy-config-dump", &["configs"]),
    object("envoy-server-info", &["version", "state", "uptime_current_epoch"]),
    object("envoy-certs", &["certificates"]),
    // istio/istio, pkg/version and pkg/config/analysis/diag.
    object("istioctl-version", &["clientVersion", "meshVersion"]),
    object("istioctl-version", &["clientVersion", "dataPlaneVersion"]),
    array("istioctl-analyze", &["code", "level", "message", "documentationUrl"]),
    array("istioctl-analyze", &["code", "level", "message", "origin"]),
    // The container engines: moby/moby api/types, kubernetes-sigs/cri-tools.
    array("docker-inspect", &["Id", "Created", "State", "Image"]),
    array("docker-image-inspect", &["Id", "RepoTags", "Created"]),
    object("crictl-inspect", &["info", "status"]),
    // hashicorp/terraform, internal/command/jsonplan, jsonstate and states/statefile.
    object(
        "terraform-plan",
        &["format_version", "terraform_version", "resource_changes"],
    ),
    object(
        "terraform-plan",
        &["format_version", "terraform_version", "planned_values"],
    ),
    object("terraform-state", &["format_version", "terraform_version", "values"]),
    object("terraform-state", &["terraform_version", "lineage", "serial"]),
    // helm/helm, pkg/cmd/list.go and pkg/release.
    array("helm-list", &["name", "revision", "chart", "app_version"]),
    object("helm-status", &["name", "info", "manifest"]),
    object("helm-status", &["name", "info", "version", "namespace"]),
    // nftables, `man libnftables-json`: the kind of the text.
    object("nft-ruleset", &["nftables"]),
    // amazon-vpc-cni-k8s, pkg/ipamd/introspect.go: `/v1/enis`.
    object("ipamd/v1/enis", &["TotalIPs", "AssignedIPs", "ENIs"]),
    array("eksctl-nodegroups", &["StackName", "Cluster", "NodeInstanceRoleARN"]),
    // What the console of CloudWatch Logs Insights exports: the fields that it adds to each entry itself (CloudWatch Logs User Guide,
    // "Supported logs and discovered fields"). Other stores of logs have `@timestamp`, too.
    array("logs-insights", &["@message"]),
    array("logs-insights", &["@ptr"]),
    array("logs-insights", &["@timestamp", "@logStream"]),
    array("logs-insights", &["@timestamp", "@log"]),
];

/// The kind of a document.
pub fn kind(value: &Value, line: Option<&CommandLine>) -> Option<String> {
    let (root, array) = match value {
        Value::Array(items) => (items.first()?, true),
        value => (value, false),
    };
    let told = root.as_object().and_then(|members| {
        TOLD.iter()
            .filter(|told| told.array == array && told.members.iter().all(|name| members.contains_key(name)))
            .find(|told| fits(told.kind, root))
    });
    told.map(|told| told.kind.to_owned())
        .or_else(|| is_result_rows(value).then(|| "logs-insights".to_owned()))
        .or_else(|| by_command(line?))
}

/// Whether it is the `results` of `aws logs get-query-results` alone: rows of `{"field": …, "value": …}`.
fn is_result_rows(value: &Value) -> bool {
    let first = value.as_array().and_then(<[Value]>::first);
    let cells = first.and_then(Value::as_array).unwrap_or_default();
    !cells.is_empty()
        && cells.iter().all(|cell| {
            let field = cell.get("field").and_then(Value::as_str);
            field.is_some_and(|name| !name.is_empty())
                && cell.get("value").is_some()
                && cell.as_object().is_some_and(|all| all.iter().count() == 2)
        })
        && cells.iter().any(|cell| {
            let field = cell.get("field").and_then(Value::as_str);
            field.is_some_and(|name| name.starts_with('@'))
        })
}

/// What the members' names alone leave open.
fn fits(kind: &str, root: &Value) -> bool {
    match kind {
        "envoy-config-dump" => root
            .get("configs")
            .and_then(Value::as_array)
            .and_then(|configs| configs.first()?.get("@type")?.as_str())
            .is_some_and(|name| name.contains("envoy.")),
        "envoy-certs" => root
            .get("certificates")
            .and_then(Value::as_array)
            .and_then(<[Value]>::first)
            .is_some_and(|first| first.get("cert_chain").is_some() || first.get("ca_cert").is_some()),
        // kubernetes-sigs/cri-tools prints the CRI's status, whose state has this prefix.
        "crictl-inspect" => root.get("status").is_some_and(|status| {
            status.get("repoTags").is_some()
                || status
                    .get("state")
                    .and_then(Value::as_str)
                    .is_some_and(|state| state.starts_with("CONTAINER_") || state.starts_with("SANDBOX_"))
        }),
        _ => true,
    }
}

/// What iproute2 prints as JSON has the kind of its text; what `ipamd` tells of itself at port 61679 the path of its address.
fn of_node(line: &CommandLine) -> Option<String> {
    let mut words = line.args.iter().filter(|arg| !arg.starts_with('-')).map(String::as_str);
    match line.program.as_str() {
        "ip" => {
            let object = words.next()?;
            let objects = [
                ("address", "ip-addr"),
                ("link", "ip-link"),
                ("route", "ip-route"),
                ("rule", "ip-rule"),
                ("neighbour", "ip-neigh"),
                ("neighbor", "ip-neigh"),
                ("netns", "ip-netns"),
            ];
            let (_, kind) = objects.into_iter().find(|(name, _)| name.starts_with(object))?;
            Some(kind.to_owned())
        }
        "bridge" => words.any(|word| word == "fdb").then(|| "bridge-fdb".to_owned()),
        "curl" | "wget" => {
            let (_, path) = words.find_map(|word| word.split_once(":61679/v1/"))?;
            let name = path.split(['?', '/']).next()?;
            (!name.is_empty()).then(|| format!("ipamd/v1/{name}"))
        }
        _ => None,
    }
}

fn by_command(line: &CommandLine) -> Option<String> {
    if let Some(kind) = of_node(line) {
        return Some(kind);
    }
    let words = line.positional();
    match (line.program.as_str(), words.as_slice()) {
        ("helm", ["get", "values", ..]) => Some("helm-values".to_owned()),
        ("eksctl", ["get", resource, ..]) => {
            let name = resource.trim_end_matches('s');
            Some(format!("eksctl-{name}s"))
        }
        ("terraform" | "tofu", ["show" | "plan", ..]) => Some("terraform-plan".to_owned()),
        ("terraform" | "tofu", ["output", ..]) => Some("terraform-output".to_owned()),
        ("crictl", [verb, ..]) if verb.starts_with("inspect") => Some("crictl-inspect".to_owned()),
        ("docker" | "nerdctl" | "podman", ["inspect", ..] | [_, "inspect", ..]) => Some("docker-inspect".to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::kind;
    use crate::artifact::Value;
    use crate::artifact::testing::read;
    use crate::segment::CommandLine;

    #[test]
    fn documents_are_told_by_their_members() {
        for (text, wanted) in [
            (
                r#"{"cniVersion": "0.4.0", "name": "aws-cni", "plugins": []}"#,
                Some("cni-conflist"),
            ),
            (
                r#"{"cniVersion": "0.4.0", "name": "lo", "type": "loopback"}"#,
                Some("cni-conf"),
            ),
            (
                r#"{"configs": [{"@type": "type.googleapis.com/envoy.admin.v3.BootstrapConfigDump"}]}"#,
                Some("envoy-config-dump"),
            ),
            (r#"{"configs": [{"name": "x"}]}"#, None),
            (
                r#"{"status": {"state": "CONTAINER_RUNNING"}, "info": {"pid": 1}}"#,
                Some("crictl-inspect"),
            ),
            (r#"{"status": "ok", "info": {}}"#, None),
            (
                r#"[{"Id": "4b1f", "Created": "", "State": {}, "Image": "sha256:1"}]"#,
                Some("docker-inspect"),
            ),
            (
                r#"[{"code": "IST0101", "level": "Error", "message": "x", "origin": "y"}]"#,
                Some("istioctl-analyze"),
            ),
            (
                r#"{"format_version": "1.2", "terraform_version": "1.8.1", "resource_changes": []}"#,
                Some("terraform-plan"),
            ),
            (
                r#"{"version": 4, "terraform_version": "1.8.1", "serial": 3, "lineage": "x"}"#,
                Some("terraform-state"),
            ),
            (
                r#"[{"@timestamp": "2025-03-02 11:08:54.917", "@message": "lease lost"}]"#,
                Some("logs-insights"),
            ),
            (
                r#"[{"@timestamp": "2025-03-02T11:08:54Z", "message": "lease lost"}]"#,
                None,
            ),
            (
                r#"[[{"field": "@logStream", "value": "kube-scheduler-7d0e"}, {"field": "n", "value": "4"}]]"#,
                Some("logs-insights"),
            ),
            (r#"[[{"field": "color", "value": "red"}]]"#, None),
            (r#"[[{"field": "@log", "value": "x", "type": 1}]]"#, None),
            ("[]", None),
            ("[[]]", None),
            (r#"{"a": 1}"#, None),
        ] {
            let value = Value::from(serde_json::from_str::<serde_json::Value>(text).unwrap());
            assert_eq!(kind(&value, None).as_deref(), wanted, "{text}");
        }
        let values = Value::from(serde_json::json!({"replicas": 2}));
        let line = CommandLine::new("helm get values cart -n shop -o json");
        assert_eq!(kind(&values, Some(&line)).as_deref(), Some("helm-values"));
    }

    #[test]
    fn documents_keep_their_shape_and_places() {
        let conflist = read(include_str!("../../../tests/samples/json/cni-conflist.txt"));
        assert_eq!(conflist.kinds(), ["cni-conflist"]);
        assert_eq!(
            conflist.cited(0, "/plugins/0/mtu"),
            ("9001".to_owned(), "\"mtu\": \"9001\"".to_owned())
        );
        let cut = read(include_str!("../../../tests/samples/json/cni-conf-cut.txt"));
        assert_eq!((cut.kinds(), cut.problems.len()), (vec!["cni-conf".to_owned()], 1));
        for (text, kind) in [
            (
                include_str!("../../../tests/samples/json/crictl-inspect.txt"),
                "crictl-inspect",
            ),
            (
                include_str!("../../../tests/samples/json/envoy-config-dump.txt"),
                "envoy-config-dump",
            ),
        ] {
            assert_eq!(read(text).kinds(), [kind]);
        }
    }

    #[test]
    fn what_tools_of_a_node_print_has_the_kind_of_their_text() {
        for (text, kind, pointer, value) in [
            (
                include_str!("../../../tests/samples/json/ip-route.txt"),
                "ip-route",
                "/0/gateway",
                "10.20.3.1",
            ),
            (
                include_str!("../../../tests/samples/json/nft.txt"),
                "nft-ruleset",
                "/nftables/1/table/name",
                "kube-proxy",
            ),
            (
                include_str!("../../../tests/samples/json/ipamd-enis.txt"),
                "ipamd/v1/enis",
                "/ENIs/eni-0a1b2c3d4e5f60718/ID",
                "eni-0a1b2c3d4e5f60718",
            ),
        ] {
            let read = read(text);
            assert_eq!(read.kinds(), [kind]);
            assert_eq!(read.cited(0, pointer).0, value);
        }
        let nested = read("$ nsenter -t 4711 -n ip -j -4 a\n[{\"ifname\": \"eth0\", \"addr_info\": []}]\n");
        assert_eq!(nested.kinds(), ["ip-addr"]);
    }

    #[test]
    fn a_kubelets_configuration_is_the_same_from_its_file_and_from_its_page() {
        for text in [
            include_str!("../../../tests/samples/kubernetes-json/configz.txt"),
            include_str!("../../../tests/samples/kubernetes-json/kubelet-config.txt"),
        ] {
            let read = read(text);
            assert_eq!(read.kinds(), ["kubelet.config.k8s.io/v1beta1/KubeletConfiguration"]);
            assert_eq!(read.cited(0, "/clusterDNS/0").0, "172.20.0.10");
            let (value, place) = read.cited(0, "/maxPods");
            assert_eq!(value, "58");
            assert!(place.starts_with("\"maxPods\":") && place.ends_with("58"), "{place}");
        }
    }
}
