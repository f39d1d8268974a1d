//! EKS's log collector (awslabs/amazon-eks-ami `log-collector-script/linux/eks-log-collector.sh`): a folder a subject, a file a command.

use super::{after, is_word};

/// Folder, file, command.
const FILES: [(&str, &str, &str); 62] = [
    ("networking", "iptables-save.txt", "iptables-save"),
    ("networking", "ip6tables-save.txt", "ip6tables-save"),
    (
        "networking",
        "iptables.txt",
        "iptables --wait 1 --numeric --verbose --list",
    ),
    (
        "networking",
        "ip6tables.txt",
        "ip6tables --wait 1 --numeric --verbose --list",
    ),
    (
        "networking",
        "iptables-filter.txt",
        "iptables --wait 1 --numeric --verbose --list --table filter",
    ),
    (
        "networking",
        "iptables-nat.txt",
        "iptables --wait 1 --numeric --verbose --list --table nat",
    ),
    (
        "networking",
        "iptables-mangle.txt",
        "iptables --wait 1 --numeric --verbose --list --table mangle",
    ),
    (
        "networking",
        "ip6tables-filter.txt",
        "ip6tables --wait 1 --numeric --verbose --list --table filter",
    ),
    (
        "networking",
        "ip6tables-nat.txt",
        "ip6tables --wait 1 --numeric --verbose --list --table nat",
    ),
    (
        "networking",
        "ip6tables-mangle.txt",
        "ip6tables --wait 1 --numeric --verbose --list --table mangle",
    ),
    ("networking", "ipset.txt", "ipset --list"),
    ("networking", "ipvsadm.txt", "ipvsadm --list --numeric"),
    ("networking", "conntrack.txt", "conntrack -L"),
    ("networking", "conntrack6.txt", "conntrack -L -f ipv6"),
    ("networking", "ifconfig.txt", "ifconfig"),
    ("networking", "iprule.txt", "ip rule show"),
    ("networking", "ip6rule.txt", "ip -6 rule show"),
    ("networking", "iproute.txt", "ip route show table all"),
    ("networking", "ip6route.txt", "ip -6 route show table all"),
    (
        "networking",
        "configure-multicard-interfaces.txt",
        "journalctl -u configure-multicard-interfaces",
    ),
    ("networking", "curl_api_server.txt", "curl -v"),
    ("networking", "resolv.conf", "cat /etc/resolv.conf"),
    ("networking", "ethtool.txt", "ethtool -S"),
    ("networking", "ebpf-data.txt", "aws-eks-na-cli ebpf loaded-ebpfdata"),
    ("sysctls", "sysctl_all.txt", "sysctl --all"),
    ("kubelet", "kubelet.log", "journalctl --unit=kubelet"),
    ("kubelet", "kubelet_service.txt", "systemctl cat kubelet"),
    ("kubelet", "svc.log", "kubectl get svc"),
    ("kubelet", "kubeconfig.yaml", "kubectl config view --output yaml"),
    ("kubelet", "config.json", "cat /etc/kubernetes/kubelet/config.json"),
    (
        "kubelet",
        "kubelet-config.json",
        "cat /etc/kubernetes/kubelet/kubelet-config.json",
    ),
    ("nodeadm", "nodeadm-config.log", "journalctl --unit=nodeadm-config"),
    ("nodeadm", "nodeadm-run.log", "journalctl --unit=nodeadm-run"),
    ("ipamd", "ipam.json", "cat /var/run/aws-node/ipam.json"),
    ("ipamd", "metrics.json", "curl http://localhost:61678/metrics"),
    ("containerd", "containerd-config.txt", "containerd config dump"),
    ("containerd", "containerd-log.txt", "journalctl -u containerd"),
    ("containerd", "containerd-version.txt", "ctr version"),
    ("containerd", "containerd-namespaces.txt", "ctr namespaces list"),
    (
        "containerd",
        "containerd-images.txt",
        "ctr --namespace k8s.io images list",
    ),
    (
        "containerd",
        "containerd-containers.txt",
        "ctr --namespace k8s.io containers list",
    ),
    (
        "containerd",
        "containerd-tasks.txt",
        "ctr --namespace k8s.io tasks list",
    ),
    (
        "containerd",
        "containerd-plugins.txt",
        "ctr --namespace k8s.io plugins list",
    ),
    ("sandbox-image", "sandbox-image-log.txt", "journalctl -u sandbox-image"),
    ("docker", "docker.log", "journalctl --unit=docker"),
    ("docker", "docker-info.txt", "docker info"),
    ("docker", "docker-ps.txt", "docker ps --all --no-trunc"),
    ("kernel", "dmesg.current", "dmesg"),
    ("kernel", "dmesg.human.current", "dmesg --ctime"),
    ("kernel", "dmesg.boot", "cat /var/log/dmesg"),
    ("kernel", "uname.txt", "uname -a"),
    ("storage", "mounts.txt", "mount"),
    ("storage", "inodes.txt", "df --inodes"),
    ("storage", "lsblk.txt", "lsblk"),
    ("system", "pkglist.txt", "rpm -qa"),
    ("system", "services.txt", "systemctl list-units"),
    ("system", "top.txt", "top -b -n 1"),
    ("system", "ps.txt", "ps fauxwww --headers"),
    ("system", "ps-threads.txt", "ps -eTF --headers"),
    ("system", "netstat.txt", "netstat -plant"),
    ("system", "procstat.txt", "cat /proc/stat"),
    ("system", "last_reboot.txt", "last reboot"),
];

/// Folders whose files' names tell enough without them: files taken out of a bundle.
const TELLING: [&str; 2] = ["networking", "sysctls"];

pub fn command(path: &[&str]) -> Option<String> {
    let known = |folder: Option<&str>, file: &str| {
        FILES.iter().find_map(|(in_folder, name, command)| {
            let fits =
                *name == file && folder.map_or_else(|| TELLING.contains(in_folder), |folder| *in_folder == folder);
            fits.then(|| (*command).to_owned())
        })
    };
    if let Some(rest) = after(path, "var_log") {
        return rest
            .iter()
            .all(|part| is_word(part))
            .then(|| format!("cat /var/log/{}", rest.join("/")));
    }
    match path {
        [file] => known(None, file),
        [.., folder, file] => known(Some(folder), file).or_else(|| of_folder(folder, file)),
        [] => None,
    }
}

/// The files of a folder whose names are not fixed.
fn of_folder(folder: &str, file: &str) -> Option<String> {
    if !is_word(file) {
        return None;
    }
    match folder {
        "networking" => {
            let host = file.strip_prefix("ping_")?.strip_suffix(".txt")?;
            Some(format!("ping -A -c 10 {host}"))
        }
        // The introspection endpoints of amazon-vpc-cni-k8s.
        "ipamd" => Some(format!(
            "curl http://localhost:61679/v1/{}",
            file.strip_suffix(".json")?
        )),
        "cni" if file.starts_with("cni-configuration-variables-containerd") => {
            Some("ctr --namespace k8s.io container info".to_owned())
        }
        "cni" if !file.starts_with("cni-configuration-variables") => Some(format!("cat /etc/cni/net.d/{file}")),
        "config.json.d" => Some(format!("cat /etc/kubernetes/kubelet/config.json.d/{file}")),
        _ => None,
    }
}
