//! Prompts and commands, and the titles that scripts print between outputs.

/// Whether a line looks like a prompt or a command: what follows one was not broken off it.
pub(in super::super) fn prompt_like(line: &str) -> bool {
    let head = line.get(..line.len().min(100)).unwrap_or(line);
    let signs = ["$ ", "# ", "% ", "> ", "❯ ", "➜ "];
    let first = line.split(' ').next().unwrap_or_default();
    if matches!(
        first,
        "kubectl" | "k" | "oc" | "aws" | "curl" | "dig" | "sudo" | "tcpdump" | "cat" | "eksctl" | "helm" | "iptables"
    ) && line.contains(' ')
    {
        return true;
    }
    // `ip saddr` begins the rest of a rule as well.
    if let Some(rest) = line.strip_prefix("ip ") {
        let object = rest.split(' ').next().unwrap_or_default();
        return object.starts_with('-')
            || matches!(
                object,
                "a" | "addr" | "address" | "r" | "route" | "rule" | "l" | "link" | "n" | "neigh" | "netns"
            );
    }
    // `watch`
    if line.starts_with("Every ") && line.contains("s: ") {
        return true;
    }
    if line.starts_with("$ ")
        || line.starts_with("# ")
        || line.starts_with("❯")
        || line.starts_with("➜")
        || line.starts_with("PS ")
    {
        return true;
    }
    (first.contains('@')
        || line.starts_with('[')
        || line.starts_with("sh-")
        || line.starts_with("bash-")
        || line.starts_with('/'))
        && (signs.iter().any(|sign| head.contains(sign)) || line.ends_with(['$', '#', '%']))
}

/// The programs whose calls are believed behind a prompt.
const PROGRAMS: [&str; 36] = [
    "aws",
    "bridge",
    "calicoctl",
    "cat",
    "cilium",
    "conntrack",
    "containerd",
    "crictl",
    "ctr",
    "curl",
    "dig",
    "docker",
    "eksctl",
    "ethtool",
    "getent",
    "helm",
    "host",
    "ip",
    "iptables",
    "iptables-save",
    "ipvsadm",
    "istioctl",
    "journalctl",
    "k",
    "kubectl",
    "nc",
    "nft",
    "nslookup",
    "oc",
    "openssl",
    "ping",
    "ss",
    "sudo",
    "sysctl",
    "systemctl",
    "tcpdump",
];

/// Whether a line is a prompt with a command behind it. `# kubectl …` is a comment as well.
pub(in super::super) fn command_like(text: &str) -> bool {
    if !prompt_like(text) || text.starts_with("# ") {
        return false;
    }
    let head = text.get(..text.len().min(100)).unwrap_or(text);
    ["$ ", "# ", "% ", "> ", "❯ ", "➜ "].iter().any(|sign| {
        head.split_once(sign).is_some_and(|(_, typed)| {
            let program = typed.trim_start().split(' ').next().unwrap_or_default();
            PROGRAMS.contains(&program)
        })
    })
}

/// Whether a line looks like what a script prints over an output: `=== node 2 ===`, `Node 10.0.3.4:`, a node's name.
pub(super) fn title_like(line: &str) -> bool {
    let line = line.trim_end();
    let marked = [
        "***",
        "===",
        "== ",
        "==>",
        "###",
        "## ",
        "---",
        "-- ",
        ">>>",
        "Output of ",
    ]
    .iter()
    .any(|mark| line.starts_with(mark));
    let node = !line.contains(' ')
        && ((line.starts_with("ip-") && line.ends_with(".internal"))
            || (line.starts_with("i-") && line.len() > 9 && line.bytes().skip(2).all(|byte| byte.is_ascii_hexdigit())));
    marked || node || line.ends_with(':')
}
