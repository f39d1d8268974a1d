//! Who wrote a log: by the command, by what collected its lines, or by words that only one program writes.

use super::{Entry, Log, entry};
use crate::segment::CommandLine;
use crate::text::Sources;

/// A program whose log is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Program {
    /// The kubelet.
    Kubelet,
    /// containerd.
    Containerd,
    /// The VPC CNI's address manager (`/var/log/aws-routed-eni/ipamd.log`).
    Ipamd,
    /// The VPC CNI's daemon and its plugin.
    AwsNode,
    /// aws-iam-authenticator, as the control plane logs it.
    Authenticator,
    /// The API server's audit log.
    Audit,
    /// CoreDNS.
    CoreDns,
    /// kube-proxy.
    KubeProxy,
    /// AWS Load Balancer Controller.
    LoadBalancerController,
    /// Karpenter.
    Karpenter,
    /// Cluster Autoscaler.
    ClusterAutoscaler,
    /// Fluent Bit.
    FluentBit,
    /// Envoy under Istio's agent.
    IstioProxy,
    /// eksctl.
    Eksctl,
    /// kubeadm.
    Kubeadm,
}

/// How many entries are asked.
pub(super) const SAMPLE: usize = 50;

impl Program {
    /// The name of its log's kind in `contract.md`'s sense: the format's name.
    pub fn format(self) -> &'static str {
        match self {
            Self::Kubelet => "kubelet-log",
            Self::Containerd => "containerd-log",
            Self::Ipamd => "ipamd-log",
            Self::AwsNode => "aws-node-log",
            Self::Authenticator => "authenticator-log",
            Self::Audit => "audit-log",
            Self::CoreDns => "coredns-log",
            Self::KubeProxy => "kube-proxy-log",
            Self::LoadBalancerController => "aws-load-balancer-controller-log",
            Self::Karpenter => "karpenter-log",
            Self::ClusterAutoscaler => "cluster-autoscaler-log",
            Self::FluentBit => "fluent-bit-log",
            Self::IstioProxy => "istio-proxy-log",
            Self::Eksctl => "eksctl-log",
            Self::Kubeadm => "kubeadm-log",
        }
    }

    /// Who wrote a log, where all that tells agrees.
    pub fn of(line: Option<&CommandLine>, log: &Log, sources: &Sources) -> Option<Self> {
        if let Some(program) = line.and_then(by_command) {
            return Some(program);
        }
        if let Some(of) = &log.of {
            let told = [&of.container, &of.pod]
                .into_iter()
                .flatten()
                .find_map(|name| by_name(name));
            if told.is_some() {
                return told;
            }
        }
        let mut found = None;
        for span in log.entries.iter().take(SAMPLE) {
            let (prefixed, entry) = entry(sources.text(*span));
            let source = prefixed.source;
            let told = source
                .unit
                .or(source.container)
                .or(source.pod)
                .and_then(by_name)
                .or_else(|| by_words(&entry));
            match (found, told) {
                (Some(first), Some(now)) if first != now => return None,
                (None, Some(_)) => found = told,
                _ => {}
            }
        }
        found
    }
}

/// The program that `kubectl logs …`, `journalctl -u …` or `cat …` prints the log of.
pub(super) fn by_command(line: &CommandLine) -> Option<Program> {
    match line.program.as_str() {
        "eksctl" => return Some(Program::Eksctl),
        "kubeadm" => return Some(Program::Kubeadm),
        _ => {}
    }
    let named = line.option(&["-u", "--unit", "-t", "--identifier", "-c", "--container"]);
    let words = line.args.iter().map(String::as_str);
    named
        .into_iter()
        .chain(words.filter(|word| !word.starts_with("--namespace")))
        .find_map(|word| by_name(word.rsplit(['/', '=']).next().unwrap_or(word)))
}

/// The program of a unit, a container, a pod or a file of that name.
pub(super) fn by_name(name: &str) -> Option<Program> {
    const NAMES: [(&str, Program); 18] = [
        ("kubelet", Program::Kubelet),
        ("containerd", Program::Containerd),
        ("ipamd", Program::Ipamd),
        ("aws-node", Program::AwsNode),
        ("aws-vpc-cni", Program::AwsNode),
        ("aws-iam-authenticator", Program::Authenticator),
        ("authenticator", Program::Authenticator),
        ("kube-apiserver-audit", Program::Audit),
        ("coredns", Program::CoreDns),
        ("kube-proxy", Program::KubeProxy),
        ("aws-load-balancer-controller", Program::LoadBalancerController),
        ("karpenter", Program::Karpenter),
        ("cluster-autoscaler", Program::ClusterAutoscaler),
        ("fluent-bit", Program::FluentBit),
        ("aws-for-fluent-bit", Program::FluentBit),
        ("istio-proxy", Program::IstioProxy),
        ("istio-ingressgateway", Program::IstioProxy),
        ("aws-routed-eni", Program::Ipamd),
    ];
    NAMES
        .iter()
        .filter(|(known, _)| {
            name.strip_prefix(known)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '.', '_']))
        })
        .max_by_key(|(known, _)| known.len())
        .map(|(_, program)| *program)
}

/// The program that an entry's own words tell: only what no other program writes.
pub(super) fn by_words(entry: &Entry<'_>) -> Option<Program> {
    let origin = entry.origin.as_deref().unwrap_or_default();
    let message = entry.message.as_ref();
    if entry.field("auditID").is_some() {
        return Some(Program::Audit);
    }
    // plugin/log's line, and the prefix of plugin/pkg/log.
    if origin.starts_with("plugin/") || (entry.field("rcode").is_some() && entry.field("rflags").is_some()) {
        return Some(Program::CoreDns);
    }
    if entry.field("upstream_cluster").is_some() {
        return Some(Program::IstioProxy);
    }
    // zap's caller in amazon-vpc-cni-k8s.
    if origin.starts_with("ipamd/") || origin.starts_with("datastore/") || origin.starts_with("awsutils/") {
        return Some(Program::Ipamd);
    }
    // The authenticator's server (pkg/server/server.go).
    if entry.field("path") == Some("/authenticate") {
        return Some(Program::Authenticator);
    }
    if origin.starts_with("kubelet.go:")
        || origin.starts_with("kubelet_node_status.go:")
        || origin.starts_with("pod_workers.go:")
    {
        return Some(Program::Kubelet);
    }
    if origin.starts_with("static_autoscaler.go:") || origin.starts_with("scale_up.go:") {
        return Some(Program::ClusterAutoscaler);
    }
    if entry
        .field("controllerKind")
        .is_some_and(|kind| kind == "NodeClaim" || kind == "NodePool")
        || origin.starts_with("controller.provisioner")
    {
        return Some(Program::Karpenter);
    }
    if origin.starts_with("input:") || origin.starts_with("output:") || message.starts_with("[output:") {
        return Some(Program::FluentBit);
    }
    if origin.starts_with("controllers.ingress")
        || origin.starts_with("targetGroupBinding")
        || origin == "controllers.service"
    {
        return Some(Program::LoadBalancerController);
    }
    None
}
