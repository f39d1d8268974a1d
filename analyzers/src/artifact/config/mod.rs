//! Configuration of nodes and of the mesh, and what their tools print.

pub(crate) mod aws_profiles;
pub(crate) mod containerd;
pub(crate) mod eksctl;
pub(crate) mod envoy_admin;
pub(crate) mod envoy_clusters;
pub(crate) mod etc_hosts;
mod flags;
pub(crate) mod helm;
pub(crate) mod istioctl_analyze;
pub(crate) mod istioctl_proxy;
pub(crate) mod istioctl_version;
pub(crate) mod nsswitch;
pub(crate) mod ps;
mod shell;
pub(crate) mod systemd;
mod table;
mod toml;
pub(crate) mod user_data;

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use crate::artifact::testing::read;

    /// What begins as one of these formats does and never ends, or ends at once, over and over: every line may be looked at a few times, not
    /// once for every line before it.
    #[test]
    fn beginnings_without_ends_are_read_once() {
        let command = "$ cat /etc/containerd/config.toml\n";
        for (before, line) in [
            ("", "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n"),
            (
                "",
                "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain\n\n",
            ),
            ("", "#!/bin/sh\n"),
            ("", "#!/bin/sh\n/etc/eks/bootstrap.sh a <<EOF\n\n"),
            ("", "<powershell>\n"),
            ("", "#cloud-config\n\nNo.\n"),
            ("", "[settings.a]\nb = \"\"\"\n"),
            ("", "version = 2\n[plugins.a]\nno\n\n"),
            ("", "# Kubernetes-managed hosts file.\n"),
            ("", "[Unit]\nno\n"),
            ("", "[default]\naws_access_key_id = a\nno\n"),
            ("", "[profile a]\ns3 =\n  a = 1\n"),
            ("", "cluster.a: 1\nx.y: 2\n"),
            ("", "a::10.0.0.1:80::x::1\n"),
            ("", "NAME   CDS   LDS   ISTIOD\n"),
            ("", "TUlNRS1WZXJzaW9uOiAxLjA=\n"),
            ("", "USER-SUPPLIED VALUES:\n"),
            (command, "# a\n"),
            ("$ cat /etc/hosts\n", "# a\n"),
            ("$ cat /etc/nsswitch.conf\n", "# a\n"),
            ("$ systemctl cat kubelet\n", "# a\n"),
            ("$ cat ~/.aws/config\n", "# a\n"),
            (command, "a = 1\nno\n"),
        ] {
            let text = format!("{before}{}", line.repeat(100_000 / line.len()));
            let begin = Instant::now();
            let _ = read(&text);
            assert!(
                begin.elapsed() < Duration::from_secs(8),
                "{before}{line}: {:?}",
                begin.elapsed()
            );
        }
    }
}
