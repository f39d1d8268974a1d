//! Which programs' calls are recognised where no prompt stands before them, or one that may be something else.

use super::wrapper;
use crate::text::{is_assignment, is_program};

/// How the first argument of a program's call must look, where that is not an option: no sentence goes on with one of those.
const ARGUMENTS: [(Argument, &[&str]); 9] = [
    (
        Argument::Any,
        &[
            "ethtool",
            "hostnamectl",
            "ifconfig",
            "ip6tables-save",
            "iptables-save",
            "lsmod",
            "timedatectl",
        ],
    ),
    (
        Argument::Word,
        &[
            "aws-iam-authenticator",
            "bridge",
            "calicoctl",
            "chronyc",
            "cilium",
            "cilium-dbg",
            "cloud-init",
            "containerd",
            "crictl",
            "docker",
            "eksctl",
            "getent",
            "helm",
            "hubble",
            "ipset",
            "istioctl",
            "kubeadm",
            "nft",
            "openssl",
            "systemctl",
            "terraform",
            "tofu",
        ],
    ),
    (
        Argument::Name,
        &[
            "base64",
            "curl",
            "dig",
            "host",
            "mtr",
            "nslookup",
            "ping",
            "ssh",
            "sysctl",
            "telnet",
            "tracepath",
            "traceroute",
            "wget",
        ],
    ),
    (
        Argument::Path,
        &["Get-Content", "cat", "chroot", "head", "less", "stat", "tail", "zcat"],
    ),
    (Argument::Verb, &["k", "kubecolor", "kubectl", "microk8s.kubectl", "oc"]),
    (Argument::Service, &["aws"]),
    (Argument::Ip, &["ip"]),
    (Argument::Search, &["grep"]),
    (Argument::Ps, &["ps"]),
];

/// kubectl's subcommands (`kubectl --help`).
const VERBS: [&str; 41] = [
    "get",
    "describe",
    "logs",
    "exec",
    "apply",
    "create",
    "delete",
    "edit",
    "patch",
    "rollout",
    "scale",
    "run",
    "expose",
    "top",
    "debug",
    "attach",
    "cp",
    "port-forward",
    "proxy",
    "auth",
    "config",
    "explain",
    "api-resources",
    "api-versions",
    "cluster-info",
    "version",
    "label",
    "annotate",
    "set",
    "wait",
    "replace",
    "drain",
    "cordon",
    "uncordon",
    "taint",
    "events",
    "alpha",
    "diff",
    "kustomize",
    "certificate",
    "autoscale",
];

#[derive(Debug, Clone, Copy)]
enum Argument {
    Any,
    Word,
    Option,
    Name,
    Path,
    Verb,
    Service,
    Ip,
    /// A pattern before a file: `grep . /proc/…`.
    Search,
    Ps,
}

/// What people type at a prompt besides: alone it tells nothing.
const SHELL: [&str; 34] = [
    "exit", "logout", "ls", "cd", "pwd", "env", "export", "id", "whoami", "hostname", "uname", "date", "ps", "df",
    "mount", "echo", "su", "sudo", "cat", "ip", "route", "ifconfig", "arp", "printenv", "which", "clear", "history",
    "sheltie", "yum", "apt", "apk", "dnf", "for", "while",
];

/// Whether a command begins with a word that is typed at prompts only.
pub fn shell_word(command: &str) -> bool {
    let word = command.split([' ', ';']).next().unwrap_or_default();
    SHELL.contains(&word)
}

/// Whether a text is such a call and no sentence: after the signs that begin comments, too.
pub fn shell_call(text: &str) -> bool {
    let word = text.split([' ', ';']).next().unwrap_or_default();
    let loops = matches!(word, "for" | "while") && text.contains("; do");
    loops
        || (matches!(
            word,
            "cat"
                | "ls"
                | "cd"
                | "ip"
                | "ps"
                | "export"
                | "echo"
                | "exit"
                | "logout"
                | "yum"
                | "apt"
                | "apk"
                | "sudo"
                | "uname"
                | "hostname"
                | "whoami"
                | "pwd"
                | "ifconfig"
        ) && !text.ends_with(['.', ':', ',']))
}

/// Whether a text is a call that a script makes rather than a person who looks for a fault: what fetches, sets and starts things.
pub fn scripted(text: &str) -> bool {
    let mut words = text
        .split_ascii_whitespace()
        .filter(|word| !word.starts_with('-') && *word != "sudo");
    let program = words.next().unwrap_or_default();
    let program = program.rsplit('/').next().unwrap_or_default();
    match program {
        "curl" | "wget" | "cat" | "tail" | "head" | "grep" | "ip" | "iptables" | "systemctl" | "sysctl" | "ethtool"
        | "docker" | "ctr" | "nerdctl" | "crictl" | "chroot" | "nc" | "less" => true,
        "aws" => !words
            .nth(1)
            .is_some_and(|operation| operation.starts_with("describe-") || operation.starts_with("list-")),
        _ => false,
    }
}

/// How many words before a program and of its own are looked at, where others start it.
const WORDS: usize = 24;

/// Whether a text begins with the call of a known program.
pub fn known(text: &str) -> bool {
    // Times and addresses: no program's name begins so.
    if text.as_bytes().first().is_some_and(u8::is_ascii_digit) {
        return false;
    }
    let mut words = text.split_ascii_whitespace();
    let Some(program) = words.next() else {
        return false;
    };
    if !is_assignment(program) && !wrapper::is_wrapper(program) {
        return calls(program, words);
    }
    let mut words: Vec<String> = std::iter::once(program)
        .chain(words)
        .take(WORDS)
        .map(str::to_owned)
        .collect();
    for _ in 0..8 {
        if words.first().is_some_and(|word| is_assignment(word)) {
            words.remove(0);
        } else if !wrapper::take_off(&mut words) {
            break;
        }
    }
    let mut words = words.iter().map(String::as_str);
    words.next().is_some_and(|program| calls(program, words))
}

/// Whether a program is known, and called as it is.
fn calls<'a>(program: &str, mut words: impl Iterator<Item = &'a str>) -> bool {
    // `ExecStart=/usr/bin/ip`: a setting, whose value is a program.
    if program.contains('=') {
        return false;
    }
    let program = program.rsplit(['/', '\\']).next().unwrap_or_default();
    let program = program.strip_suffix(".exe").unwrap_or(program);
    let argument = words.next();
    if !is_program(program) {
        return false;
    }
    let wanted = ARGUMENTS.iter().find(|(_, names)| names.contains(&program));
    let wanted = wanted.map_or(Argument::Option, |(wanted, _)| *wanted);
    // An editor made one long dash of two short ones.
    let argument = argument.unwrap_or_default();
    let argument = if argument.starts_with(['–', '—']) {
        "--"
    } else {
        argument
    };
    let word = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_'))
    };
    match wanted {
        Argument::Any => {
            argument.is_empty() || argument.starts_with('-') || argument == "|" || argument == ">" || word(argument)
        }
        Argument::Option => argument.starts_with('-'),
        Argument::Search => argument.starts_with('-') || words.next().is_some_and(|file| file.starts_with('/')),
        Argument::Word => word(argument) || argument.starts_with('-'),
        Argument::Name => {
            argument.starts_with(['-', '+', '@'])
                || argument.contains(['.', '/'])
                || argument.starts_with("kubernetes")
                || argument == "localhost"
        }
        Argument::Path => argument.contains(['/', '.']) || argument.starts_with('-'),
        Argument::Verb => argument.starts_with('-') || VERBS.contains(&argument),
        Argument::Service => argument.starts_with("--") || (word(argument) && words.next().is_some_and(word)),
        // BSD's options have no dash.
        Argument::Ps => {
            argument.starts_with('-') || argument.starts_with("au") || matches!(argument, "ax" | "axf" | "ef")
        }
        Argument::Ip => {
            argument.starts_with('-')
                || matches!(
                    argument,
                    "a" | "addr"
                        | "address"
                        | "r"
                        | "ro"
                        | "route"
                        | "l"
                        | "link"
                        | "ru"
                        | "rule"
                        | "n"
                        | "neigh"
                        | "netns"
                        | "6route"
                )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ARGUMENTS, is_program, known};

    #[test]
    fn every_rule_is_for_one_program_of_the_list() {
        let mut names: Vec<&str> = ARGUMENTS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        assert_eq!(names.iter().find(|name| !is_program(name)), None);
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn a_call_and_a_sentence() {
        for call in [
            "ip6tables -t nat -S",
            "netstat -s",
            "sudo mtr 10.0.0.1",
            "ip route",
            "free -m",
        ] {
            assert!(known(call), "{call}");
        }
        for sentence in ["free of charge", "netstat shows it", "ip addresses", "route to it"] {
            assert!(!known(sentence), "{sentence}");
        }
    }

    #[test]
    fn a_known_program_may_be_started_by_others() {
        for text in [
            "sudo -u ops kubectl get ns",
            "sudo -Eu ops kubectl get ns",
            "AWS_PROFILE=dev timeout -k 2 30s kubectl get ns",
            "nice -n 5 kubectl get ns",
            "ionice -c 3 stdbuf -oL kubectl get ns",
            "doas kubectl get ns",
            "setsid kubectl get ns",
            "winpty kubectl exec -it web-0 -- sh",
            "/usr/bin/time -f %e kubectl get ns",
            "watch -n 2 kubectl get ns",
        ] {
            assert!(known(text), "{text}");
        }
        for text in [
            "sudo",
            "sudo -i",
            "time is up",
            "time",
            "nice of you",
            "X=1",
            "sudo -u kubectl get ns",
            "timeout 5",
            "level=info kubectl get ns",
        ] {
            assert!(!known(text), "{text}");
        }
    }
}
