//! The programs whose calls are recognised: the one list of their names. Where a prompt stands before a call the name is enough; without
//! one `segment::program` also looks at the first argument.

/// What tells that a line is a call of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    /// Its name, at the beginning of a line.
    Alone,
    /// What stands before its name or behind it: sentences and other outputs' lines begin with the name, too.
    Behind,
}

/// The programs, in the order of their names.
const PROGRAMS: &[(&str, Told)] = &[
    ("Get-Content", Told::Behind),
    ("arp", Told::Behind),
    ("arping", Told::Behind),
    ("aws", Told::Alone),
    ("aws-iam-authenticator", Told::Behind),
    ("base64", Told::Behind),
    ("bash", Told::Behind),
    ("bridge", Told::Behind),
    ("calicoctl", Told::Behind),
    ("cat", Told::Alone),
    ("chronyc", Told::Behind),
    ("chroot", Told::Behind),
    ("cilium", Told::Behind),
    ("cilium-dbg", Told::Behind),
    ("cloud-init", Told::Behind),
    ("conntrack", Told::Behind),
    ("containerd", Told::Behind),
    ("crictl", Told::Behind),
    ("ctr", Told::Behind),
    ("curl", Told::Alone),
    ("df", Told::Behind),
    ("dig", Told::Alone),
    ("dmesg", Told::Behind),
    ("docker", Told::Behind),
    ("dpkg", Told::Behind),
    ("eksctl", Told::Alone),
    ("ethtool", Told::Behind),
    ("findmnt", Told::Behind),
    ("free", Told::Behind),
    ("getent", Told::Behind),
    ("grep", Told::Behind),
    ("head", Told::Behind),
    ("helm", Told::Alone),
    ("host", Told::Behind),
    ("hostnamectl", Told::Behind),
    ("hubble", Told::Behind),
    ("ifconfig", Told::Behind),
    ("ip", Told::Behind),
    ("ip6tables", Told::Behind),
    ("ip6tables-save", Told::Behind),
    ("ipset", Told::Behind),
    ("iptables", Told::Alone),
    ("iptables-save", Told::Behind),
    ("ipvsadm", Told::Behind),
    ("istioctl", Told::Behind),
    ("journalctl", Told::Behind),
    ("k", Told::Alone),
    ("kubeadm", Told::Behind),
    ("kubecolor", Told::Behind),
    ("kubectl", Told::Alone),
    ("less", Told::Behind),
    ("lsblk", Told::Behind),
    ("lsmod", Told::Behind),
    ("microk8s.kubectl", Told::Behind),
    ("mtr", Told::Behind),
    ("nc", Told::Behind),
    ("ncat", Told::Behind),
    ("nerdctl", Told::Behind),
    ("netstat", Told::Behind),
    ("nft", Told::Behind),
    ("nsenter", Told::Behind),
    ("nslookup", Told::Behind),
    ("nstat", Told::Behind),
    ("oc", Told::Alone),
    ("openssl", Told::Behind),
    ("ping", Told::Behind),
    ("ps", Told::Behind),
    ("route", Told::Behind),
    ("rpm", Told::Behind),
    ("ss", Told::Behind),
    ("ssh", Told::Behind),
    ("stat", Told::Behind),
    ("stern", Told::Behind),
    ("sysctl", Told::Behind),
    ("systemctl", Told::Behind),
    ("tail", Told::Behind),
    ("tc", Told::Behind),
    ("tcpdump", Told::Alone),
    ("telnet", Told::Behind),
    ("terraform", Told::Behind),
    ("timedatectl", Told::Behind),
    ("tofu", Told::Behind),
    ("tracepath", Told::Behind),
    ("traceroute", Told::Behind),
    ("tshark", Told::Behind),
    ("ulimit", Told::Behind),
    ("uname", Told::Behind),
    ("wget", Told::Behind),
    ("xtables-monitor", Told::Behind),
    ("zcat", Told::Behind),
];

/// What is told of a program.
fn told(name: &str) -> Option<Told> {
    let at = PROGRAMS.binary_search_by(|(known, _)| (*known).cmp(name)).ok()?;
    PROGRAMS.get(at).map(|(_, told)| *told)
}

/// Whether a word is the name of one of the programs.
pub fn is_program(name: &str) -> bool {
    told(name).is_some()
}

/// Whether a line that begins with the word is a call.
pub(super) fn tells_alone(word: &str) -> bool {
    word == "sudo" || told(word) == Some(Told::Alone)
}

/// Programs that only start another one; `segment::wrapper` knows their options.
pub const STARTERS: [&str; 13] = [
    "sudo", "doas", "env", "time", "watch", "nohup", "command", "nice", "ionice", "stdbuf", "setsid", "winpty",
    "timeout",
];

/// Whether a word names one of these.
pub fn starts_another(word: &str) -> bool {
    STARTERS.contains(&word)
}

/// `AWS_PROFILE=blue`, before the program that it is set for.
pub fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
    })
}

/// Whether what stands behind a prompt calls one of the programs.
pub(super) fn is_call(typed: &str) -> bool {
    let mut words = typed.split_ascii_whitespace().skip_while(|word| is_assignment(word));
    words.next().is_some_and(|word| {
        let name = word.rsplit('/').next().unwrap_or_default();
        is_program(name) || starts_another(name)
    })
}

#[cfg(test)]
mod tests {
    use super::{PROGRAMS, is_call, is_program};

    #[test]
    fn the_list_is_in_order() {
        assert!(PROGRAMS.is_sorted_by(|(a, _), (b, _)| a < b));
        assert!(is_program("Get-Content") && is_program("zcat") && !is_program("zca"));
    }

    #[test]
    fn calls_behind_a_prompt() {
        for typed in [
            "traceroute 10.0.0.1",
            "/usr/sbin/ip6tables -S",
            "AWS_PROFILE=blue aws sts get-caller-identity",
            "sudo -i",
        ] {
            assert!(is_call(typed), "{typed}");
        }
        for typed in ["", "5.00 a month", "A=1", "ipx route"] {
            assert!(!is_call(typed), "{typed}");
        }
    }
}
