//! EKS's collector of kubectl's outputs (awslabs/amazon-eks-ami `log-collector-script/linux/kubectl-collector.sh`): a name, the time of
//! the run, and `.log` or `.yml`.

const FILES: [(&str, &str); 14] = [
    ("kubectl-get-all", "kubectl get all --all-namespaces -o wide"),
    (
        "describe-aws-node",
        "kubectl describe daemonset aws-node -n kube-system",
    ),
    ("describe-coredns", "kubectl describe deployment coredns -n kube-system"),
    ("kubectl-get-nodes", "kubectl get nodes"),
    ("validatingwebhooks", "kubectl get validatingwebhookconfigurations"),
    ("mutatingwebhooks", "kubectl get mutatingwebhookconfigurations"),
    ("apiservices", "kubectl get apiservices"),
    ("get-pv", "kubectl get persistentvolumes -o yaml"),
    (
        "get-pvs-all-namespaces",
        "kubectl get persistentvolumeclaims --all-namespaces -o yaml",
    ),
    ("get-sc", "kubectl get storageclass -o yaml"),
    (
        "get-serviceaccount",
        "kubectl get serviceaccount --all-namespaces -o yaml",
    ),
    (
        "aws-auth-configmap",
        "kubectl get configmap aws-auth -n kube-system -o yaml",
    ),
    (
        "coredns-configmap",
        "kubectl get configmap coredns -n kube-system -o yaml",
    ),
    ("get-endpoints", "kubectl get endpoints --all-namespaces -o yaml"),
];

/// What a file's name implies: `NAME-2024-11-21_1016-UTC.log`.
pub fn command(file: &str) -> Option<String> {
    let stem = file.strip_suffix(".log").or_else(|| file.strip_suffix(".yml"))?;
    FILES.iter().find_map(|(name, command)| {
        let time = stem.strip_prefix(name)?.strip_prefix('-')?;
        is_time(time).then(|| (*command).to_owned())
    })
}

/// `date +%Y-%m-%d_%H%M-%Z`
fn is_time(text: &str) -> bool {
    let pattern = b"0000-00-00_0000-";
    let fits = |(byte, wanted): (u8, &u8)| {
        if *wanted == b'0' {
            byte.is_ascii_digit()
        } else {
            byte == *wanted
        }
    };
    text.len() > pattern.len() && text.bytes().zip(pattern).all(fits)
}
