//! Which programs' calls are recognised where no prompt stands before them, or one that may be something else.

use super::wrapper;

/// Programs whose calls are recognised without a prompt, each with how its first argument must look.
const PROGRAMS: &[(&str, Argument)] = &[
    ("kubectl", Argument::Verb),
    ("k", Argument::Verb),
    ("oc", Argument::Verb),
    ("aws", Argument::Service),
    ("eksctl", Argument::Word),
    ("helm", Argument::Word),
    ("tcpdump", Argument::Option),
    ("dig", Argument::Name),
    ("nslookup", Argument::Name),
    ("host", Argument::Name),
    ("curl", Argument::Name),
    ("wget", Argument::Name),
    ("nc", Argument::Option),
    ("ncat", Argument::Option),
    ("ping", Argument::Name),
    ("traceroute", Argument::Name),
    ("tracepath", Argument::Name),
    ("mtr", Argument::Name),
    ("cat", Argument::Path),
    ("tail", Argument::Path),
    ("head", Argument::Path),
    ("grep", Argument::Search),
    ("ip", Argument::Ip),
    ("ss", Argument::Option),
    ("netstat", Argument::Option),
    ("iptables", Argument::Option),
    ("iptables-save", Argument::Any),
    ("ip6tables-save", Argument::Any),
    ("ipvsadm", Argument::Option),
    ("nft", Argument::Word),
    ("conntrack", Argument::Option),
    ("crictl", Argument::Word),
    ("journalctl", Argument::Option),
    ("systemctl", Argument::Word),
    ("sysctl", Argument::Name),
    ("ethtool", Argument::Any),
    ("nsenter", Argument::Option),
    ("openssl", Argument::Word),
    ("kubecolor", Argument::Verb),
    ("microk8s.kubectl", Argument::Verb),
    ("stern", Argument::Option),
    ("istioctl", Argument::Word),
    ("aws-iam-authenticator", Argument::Word),
    ("dmesg", Argument::Option),
    ("bridge", Argument::Word),
    ("docker", Argument::Word),
    ("ctr", Argument::Option),
    ("nerdctl", Argument::Option),
    ("ssh", Argument::Name),
    ("chroot", Argument::Path),
    ("tshark", Argument::Option),
    ("getent", Argument::Word),
    ("zcat", Argument::Path),
    ("less", Argument::Path),
    ("cilium", Argument::Word),
    ("base64", Argument::Name),
    ("ps", Argument::Ps),
    ("containerd", Argument::Word),
    ("cloud-init", Argument::Word),
    ("terraform", Argument::Word),
    ("Get-Content", Argument::Path),
    ("arp", Argument::Option),
    ("route", Argument::Option),
    ("ifconfig", Argument::Any),
    ("telnet", Argument::Name),
    ("nstat", Argument::Option),
    ("lsmod", Argument::Any),
    ("free", Argument::Option),
    ("df", Argument::Option),
    ("uname", Argument::Option),
    ("timedatectl", Argument::Any),
    ("chronyc", Argument::Word),
    ("bash", Argument::Option),
    ("hubble", Argument::Word),
    ("cilium-dbg", Argument::Word),
    ("calicoctl", Argument::Word),
    ("kubeadm", Argument::Word),
    ("tofu", Argument::Word),
    ("arping", Argument::Option),
    ("stat", Argument::Path),
    ("rpm", Argument::Option),
    ("dpkg", Argument::Option),
    ("findmnt", Argument::Option),
    ("lsblk", Argument::Option),
    ("ulimit", Argument::Option),
    ("xtables-monitor", Argument::Option),
    ("hostnamectl", Argument::Any),
    ("ipset", Argument::Word),
    ("tc", Argument::Option),
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

#[derive(Clone, Copy)]
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

/// `AWS_PROFILE=dev`: a variable for the program behind it.
fn is_variable(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
    })
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
    if !is_variable(program) && !wrapper::is_wrapper(program) {
        return calls(program, words);
    }
    let mut words: Vec<String> = std::iter::once(program)
        .chain(words)
        .take(WORDS)
        .map(str::to_owned)
        .collect();
    for _ in 0..8 {
        if words.first().is_some_and(|word| is_variable(word)) {
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
    let Some((_, wanted)) = PROGRAMS.iter().find(|(name, _)| *name == program) else {
        return false;
    };
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
    use super::known;

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
