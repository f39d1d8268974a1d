//! Configuration of nodes and of the mesh, and what their tools print.

pub(crate) mod aws_profiles;
pub(crate) mod containerd;
pub(crate) mod eksctl;
pub(crate) mod envoy_admin;
pub(crate) mod envoy_clusters;
pub(crate) mod etc_hosts;
mod flags;
pub(crate) mod helm;
pub(crate) mod helm_says;
pub(crate) mod istioctl_analyze;
pub(crate) mod istioctl_proxy;
pub(crate) mod istioctl_version;
pub(crate) mod kubeadm_certs;
pub(crate) mod nsswitch;
pub(crate) mod ps;
mod shell;
pub(crate) mod systemd;
mod table;
pub(crate) mod terraform;
mod toml;
pub(crate) mod user_data;

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{
        aws_profiles, containerd, eksctl, envoy_admin, envoy_clusters, etc_hosts, helm, istioctl_analyze,
        istioctl_proxy, istioctl_version, nsswitch, ps, systemd, terraform, user_data,
    };
    use crate::segment::Format;
    use crate::segment::sniff::{Hint, ends};

    const ALL: [Format; 21] = [
        aws_profiles::FORMAT,
        containerd::FORMAT,
        containerd::HOSTS,
        eksctl::FORMAT,
        envoy_admin::LISTENERS,
        envoy_admin::STATS,
        envoy_clusters::FORMAT,
        etc_hosts::FORMAT,
        helm::LIST,
        helm::STATUS,
        helm::VALUES,
        istioctl_analyze::FORMAT,
        istioctl_proxy::CONFIG,
        istioctl_proxy::STATUS,
        istioctl_version::FORMAT,
        nsswitch::FORMAT,
        ps::FORMAT,
        systemd::ENVIRONMENT,
        systemd::UNIT,
        terraform::FORMAT,
        user_data::FORMAT,
    ];

    /// Divides a text as the splitter does, with these sniffers alone.
    fn divide(command: &str, text: &str) {
        let hint = Hint::new(command);
        let mut at = 0;
        while let Some(rest) = text.get(at..)
            && let Some((line, len)) = ends(rest).next()
        {
            let taken = ALL.iter().find_map(|format| (format.spec().sniff)(line, rest, &hint));
            at += taken.map_or(len, |taken| taken.len);
        }
        assert_eq!(at, text.len());
    }

    /// What begins as one of these formats does and never ends, or ends at once, over and over: every line may be looked at a few times, not
    /// once for every line before it. That would take minutes.
    #[test]
    fn beginnings_without_ends_are_read_once() {
        let mime = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n";
        let part = "--x\nContent-Type: text/plain\n\n";
        for (command, line) in [
            ("", mime),
            ("", &format!("{mime}{part}")),
            ("", "#!/bin/sh\n"),
            ("", "#!/bin/sh\n/etc/eks/bootstrap.sh a <<EOF\n\n"),
            ("", "<powershell>\n"),
            ("", "#cloud-config\n\nNo.\n"),
            ("", "[settings.a]\nb = \"\"\"\n"),
            ("", "version = 2\n[plugins.a]\nno\n\n"),
            ("", "# Kubernetes-managed hosts file.\n"),
            ("", "[Unit]\nno\n"),
            ("", "# /etc/systemd/a\n"),
            ("", "[default]\naws_access_key_id = a\nno\n"),
            ("", "[profile a]\ns3 =\n  a = 1\n"),
            ("", "cluster.a: 1\nx.y: 2\n"),
            ("", "a::10.0.0.1:80::x::1\n"),
            ("", "NAME   CDS   LDS   ISTIOD\n"),
            ("", "TUlNRS1WZXJzaW9uOiAxLjA=\n"),
            ("", "USER-SUPPLIED VALUES:\n"),
            ("cat /etc/containerd/config.toml", "# a\n"),
            ("cat /etc/containerd/config.toml", "a = 1\nno\n"),
            ("", "╷\n"),
            ("", "Error: a\n"),
            ("", "  # a.b will be created\n"),
            ("terraform apply", "resource \"a\" \"b\" {\n"),
            ("cat /etc/hosts", "# a\n"),
            ("cat /etc/nsswitch.conf", "# a\n"),
            ("systemctl cat kubelet", "# a\n"),
            ("cat ~/.aws/config", "# a\n"),
        ] {
            let begin = Instant::now();
            divide(command, &line.repeat(400_000 / line.len()));
            assert!(
                begin.elapsed() < Duration::from_mins(1),
                "{line}: {:?}",
                begin.elapsed()
            );
        }
    }
}
