//! What a file's path in a bundle tells: the command that would have printed it. It is a hint and no more: a sniffer that is sure of
//! something else is believed.
//!
//! Each tool that makes bundles has a file here.

mod cluster_dump;
mod eks;
mod kubectl_collector;
mod must_gather;
mod pod_log;
mod sos;
mod support_bundle;

use std::collections::BTreeSet;

/// What the names of all files together tell: where a tool's layout is too plain to be told by one path, its other files are looked for.
#[derive(Debug, Clone, Default)]
pub struct Bundles {
    /// The folders that `kubectl cluster-info dump --output-directory` wrote.
    dumps: BTreeSet<String>,
    /// The folders of troubleshoot.sh's support bundles.
    support: BTreeSet<String>,
}

impl Bundles {
    /// Looks at the names of all files.
    pub fn new<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let mut found = Self::default();
        for name in names {
            if let Some(root) = cluster_dump::root(name) {
                found.dumps.insert(root.to_owned());
            }
            if let Some(root) = support_bundle::root(name) {
                found.support.insert(root.to_owned());
            }
        }
        found
    }

    /// The command that would have printed the file of that name.
    pub fn implied(&self, name: &str) -> Option<String> {
        let name = name.strip_suffix(".gz").unwrap_or(name);
        let path: Vec<&str> = name.split('/').collect();
        pod_log::command(&path)
            .or_else(|| must_gather::command(&path))
            .or_else(|| support_bundle::command(&path))
            .or_else(|| {
                let inside = below(&self.support, name)?;
                support_bundle::collected_log(&inside)
            })
            .or_else(|| {
                let inside = below(&self.dumps, name)?;
                cluster_dump::command(&inside)
            })
            .or_else(|| sos::command(&path))
            .or_else(|| eks::command(&path))
            .or_else(|| kubectl_collector::command(path.last()?))
    }
}

/// The path of a file below one of these folders: the innermost that it lies in.
fn below<'a>(roots: &BTreeSet<String>, name: &'a str) -> Option<Vec<&'a str>> {
    let mut root = name;
    while let Some((outer, _)) = root.rsplit_once('/') {
        root = outer;
        if roots.contains(root) {
            return Some(name.get(root.len() + 1..)?.split('/').collect());
        }
    }
    roots.contains("").then(|| name.split('/').collect())
}

/// The path after the last folder of that name.
fn after<'a, 'b>(path: &'a [&'b str], folder: &str) -> Option<&'a [&'b str]> {
    let at = path.iter().rposition(|part| *part == folder)?;
    path.get(at + 1..).filter(|rest| !rest.is_empty())
}

/// Whether a text is a name that Kubernetes gives to objects: it becomes a word of a command.
fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 253
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.'))
}

/// The same for names that may have capitals and colons (roles).
fn is_object(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 253
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b':' | b'_'))
}

/// Whether a text is a word that a shell leaves as it is.
fn is_word(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b':' | b'_' | b'@' | b'+' | b',' | b'=')
        })
}

/// The log of a container.
fn logs(namespace: &str, pod: &str, container: &str, previous: bool) -> Option<String> {
    let previous = if previous { " --previous" } else { "" };
    (is_name(namespace) && is_name(pod) && is_name(container))
        .then(|| format!("kubectl logs -n {namespace} {pod} -c {container}{previous}"))
}

/// A file's name without its ending, where it is one of JSON or YAML, and kubectl's word for that.
fn document(file: &str) -> Option<(&str, &'static str)> {
    let (stem, ending) = file.rsplit_once('.')?;
    match ending {
        "json" => Some((stem, "json")),
        "yaml" | "yml" => Some((stem, "yaml")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Bundles;

    /// What each of these files implies, in a bundle that holds them all.
    fn implied(names: &[(&str, &str)]) {
        let bundles = Bundles::new(names.iter().map(|(name, _)| *name));
        for (name, wanted) in names {
            let found = bundles.implied(name).unwrap_or_default();
            assert_eq!(found, *wanted, "{name}");
        }
    }

    #[test]
    fn the_eks_log_collector() {
        implied(&[
            (
                "eks_i-0a1b2c3d4e5f60718_2024-11-21_1016-UTC_0.7.8.tar.gz/networking/iptables-save.txt",
                "iptables-save",
            ),
            (
                "b.tar.gz/networking/iptables-nat.txt",
                "iptables --wait 1 --numeric --verbose --list --table nat",
            ),
            ("b.tar.gz/networking/conntrack6.txt", "conntrack -L -f ipv6"),
            ("b.tar.gz/networking/iproute.txt", "ip route show table all"),
            ("b.tar.gz/networking/resolv.conf", "cat /etc/resolv.conf"),
            ("b.tar.gz/networking/ping_amazon.com.txt", "ping -A -c 10 amazon.com"),
            ("b.tar.gz/kubelet/kubelet.log", "journalctl --unit=kubelet"),
            ("b.tar.gz/ipamd/enis.json", "curl http://localhost:61679/v1/enis"),
            ("b.tar.gz/ipamd/ipam.json", "cat /var/run/aws-node/ipam.json"),
            ("b.tar.gz/sysctls/sysctl_all.txt", "sysctl --all"),
            ("b.tar.gz/cni/10-aws.conflist", "cat /etc/cni/net.d/10-aws.conflist"),
            (
                "b.tar.gz/var_log/aws-routed-eni/ipamd.log",
                "cat /var/log/aws-routed-eni/ipamd.log",
            ),
            (
                "b.tar.gz/var_log/aws-routed-eni/ipamd-2024-11-20T09-14-02.361.log.gz",
                "cat /var/log/aws-routed-eni/ipamd-2024-11-20T09-14-02.361.log",
            ),
            ("b.tar.gz/system/ps.txt", "ps fauxwww --headers"),
            ("b.tar.gz/system/a name.txt", ""),
            (
                "b.tar.gz/var_log/kube-system_aws-node-7xk2p_0f5a3c1e-8d2b-4a6f-9c7e-1b2d3f4a5c6d/aws-node/0.log",
                "kubectl logs -n kube-system aws-node-7xk2p -c aws-node",
            ),
            (
                "b.tar.gz/var_log/coredns-5d78c9869d-4xk2p_kube-system_coredns-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.log",
                "kubectl logs -n kube-system coredns-5d78c9869d-4xk2p -c coredns",
            ),
            ("iptables-save.txt", "iptables-save"),
            ("services.txt", ""),
        ]);
    }

    #[test]
    fn must_gather() {
        let root = "must-gather.local.8123/quay-io-openshift-sha256-1f/";
        let all = [
            ("namespaces/shop/core/pods.yaml", "kubectl get pods -n shop -o yaml"),
            (
                "namespaces/shop/apps/deployments.yaml",
                "kubectl get deployments.apps -n shop -o yaml",
            ),
            ("namespaces/shop/shop.yaml", "kubectl get namespace shop -o yaml"),
            (
                "namespaces/shop/pods/cart-0/cart-0.yaml",
                "kubectl get pod cart-0 -n shop -o yaml",
            ),
            (
                "namespaces/shop/pods/cart-0/app/app/logs/current.log",
                "kubectl logs -n shop cart-0 -c app",
            ),
            (
                "namespaces/shop/pods/cart-0/app/app/logs/previous.log",
                "kubectl logs -n shop cart-0 -c app --previous",
            ),
            (
                "namespaces/shop/networking.k8s.io/networkpolicies/deny-all.yaml",
                "kubectl get networkpolicies.networking.k8s.io deny-all -n shop -o yaml",
            ),
            (
                "cluster-scoped-resources/core/nodes/ip-10-0-1-7.ec2.internal.yaml",
                "kubectl get nodes ip-10-0-1-7.ec2.internal -o yaml",
            ),
            (
                "cluster-scoped-resources/rbac.authorization.k8s.io/clusterroles/system:node.yaml",
                "kubectl get clusterroles.rbac.authorization.k8s.io system:node -o yaml",
            ),
            (
                "host_service_logs/masters/kubelet_service.log",
                "journalctl --unit=kubelet",
            ),
            ("event-filter.html", ""),
        ]
        .map(|(name, wanted)| (format!("{root}{name}"), wanted));
        let all: Vec<(&str, &str)> = all.iter().map(|(name, wanted)| (name.as_str(), *wanted)).collect();
        implied(&all);
    }

    #[test]
    fn cluster_info_dump() {
        implied(&[
            ("dump.tgz/out/nodes.json", "kubectl get nodes -o json"),
            ("dump.tgz/out/shop/pods.json", "kubectl get pods -n shop -o json"),
            (
                "dump.tgz/out/kube-system/replication-controllers.json",
                "kubectl get replicationcontrollers -n kube-system -o json",
            ),
            (
                "dump.tgz/out/shop/cart-0/logs.txt",
                "kubectl logs -n shop cart-0 --all-containers",
            ),
            ("dump.tgz/out/shop/other.json", ""),
            // Without a list of nodes beside the folders nothing says that they are namespaces.
            ("mine/shop/pods.json", ""),
        ]);
    }

    #[test]
    fn support_bundles() {
        let root = "support-bundle-2024-11-21T10_16_02.tar.gz/support-bundle-2024-11-21T10_16_02/";
        let all = [
            ("version.yaml", ""),
            ("cluster-resources/pods/shop.json", "kubectl get pods -n shop -o json"),
            (
                "cluster-resources/network-policy/shop.json",
                "kubectl get networkpolicies -n shop -o json",
            ),
            ("cluster-resources/nodes.json", "kubectl get nodes -o json"),
            ("cluster-resources/nodes-errors.json", ""),
            (
                "cluster-resources/pods/logs/shop/cart-0/app.log",
                "kubectl logs -n shop cart-0 -c app",
            ),
            (
                "cluster-resources/pods/logs/shop/cart-0/app-previous.log",
                "kubectl logs -n shop cart-0 -c app --previous",
            ),
            (
                "cluster-resources/custom-resources/nodeclaims.karpenter.sh.yaml",
                "kubectl get nodeclaims.karpenter.sh -o yaml",
            ),
            ("app-logs/shop/cart-0/app.log", "kubectl logs -n shop cart-0 -c app"),
            ("host-collectors/system/hostos_info.json", ""),
        ]
        .map(|(name, wanted)| (format!("{root}{name}"), wanted));
        let all: Vec<(&str, &str)> = all.iter().map(|(name, wanted)| (name.as_str(), *wanted)).collect();
        implied(&all);
        implied(&[("mine/app-logs/shop/cart-0/app.log", "")]);
    }

    #[test]
    fn sosreports() {
        implied(&[
            (
                "sosreport-node-2024.tar.xz/sosreport-node/sos_commands/networking/ip_-o_addr",
                "ip -o addr",
            ),
            (
                "s/sos_commands/networking/ip_route_show_table_all",
                "ip route show table all",
            ),
            ("s/sos_commands/kernel/sysctl_-a", "sysctl -a"),
            ("s/sos_commands/networking/ethtool_-S_eth0", "ethtool -S eth0"),
            (
                "s/sos_commands/logs/journalctl_--no-pager_--unit_kubelet",
                "journalctl --no-pager --unit kubelet",
            ),
            ("s/sosreport-node-1/etc/resolv.conf", "cat /etc/resolv.conf"),
            ("s/sosreport-node-1/proc/net/dev", "cat /proc/net/dev"),
            ("s/sosreport-node-1/sos_logs/sos.log", ""),
        ]);
    }

    #[test]
    fn kubectl_collector() {
        implied(&[
            (
                "eks_kubectl_commands_2024-11-21_1016-UTC.tar.gz/kubectl-get-all-2024-11-21_1016-UTC.log",
                "kubectl get all --all-namespaces -o wide",
            ),
            (
                "x/describe-coredns-2024-11-21_1016-UTC.log",
                "kubectl describe deployment coredns -n kube-system",
            ),
            (
                "x/get-endpoints-2024-11-21_1016-UTC.yml",
                "kubectl get endpoints --all-namespaces -o yaml",
            ),
            ("x/get-endpoints.yml", ""),
        ]);
    }

    #[test]
    fn words_that_a_shell_would_take_apart_imply_nothing() {
        implied(&[
            ("namespaces/a; rm -rf x/core/pods.yaml", ""),
            ("namespaces/-x/core/pods.yaml", ""),
            ("sos_commands/a/$(reboot)", ""),
            ("", ""),
            ("/", ""),
            ("namespaces", ""),
        ]);
    }
}
