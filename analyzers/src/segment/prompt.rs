//! Which lines are commands that somebody typed: by their prompt, or, without one, by the program that they call.

use std::borrow::Cow;

/// A command line that was recognised.
#[derive(Debug, PartialEq, Eq)]
pub struct Typed {
    /// What was typed; empty at a bare prompt.
    pub text: String,
    /// Whether a PowerShell or `cmd` prompt stands before it: they continue lines with a backtick and with `^`.
    pub windows: bool,
}

/// Programs whose calls are recognised without a prompt, each with how its first argument must look.
const PROGRAMS: [(&str, Argument); 38] = [
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
    ("grep", Argument::Option),
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
];

/// kubectl's subcommands (`kubectl --help`).
const VERBS: [&str; 40] = [
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
}

/// Removes terminal colours and titles: CSI sequences (ECMA-48, section 5.4) and OSC strings.
pub fn without_escapes(line: &str) -> Cow<'_, str> {
    if !line.contains('\u{1b}') {
        return Cow::Borrowed(line);
    }
    let mut clean = String::with_capacity(line.len());
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\u{1b}' {
            clean.push(c);
            continue;
        }
        match chars.next() {
            Some('[') => while chars.next().is_some_and(|c| !('@'..='~').contains(&c)) {},
            Some(']') => {
                while let Some(c) = chars.next() {
                    if c == '\u{7}' {
                        break;
                    }
                    if c == '\u{1b}' {
                        chars.next();
                        break;
                    }
                }
            }
            _ => {}
        }
    }
    Cow::Owned(clean)
}

/// The command on a line, where the line is one. Cheap on lines that are none: it runs on every line of a paste.
pub fn typed(line: &str) -> Option<Typed> {
    // Most lines of a large paste are indented, and no prompt is.
    if line.starts_with([' ', '\t']) {
        return None;
    }
    let clean = without_escapes(line);
    let clean = clean.trim_end();
    let first = clean.chars().next()?;
    // Everything indented is output, but for the prompts of some shells (` ~ $`), which nobody pastes without its command's output.
    if first == ' ' || first == '\t' {
        return None;
    }
    let linux = |text: &str| {
        Some(Typed {
            text: text.trim().to_owned(),
            windows: false,
        })
    };
    match first {
        '$' => {
            if clean == "$" {
                return linux("");
            }
            if let Some(rest) = clean.strip_prefix("$ ") {
                return linux(rest);
            }
        }
        '#' | '%' | '>' => {
            // A comment begins like root's prompt, a quotation like another: only a known program makes it one.
            let rest = clean.get(1..)?.strip_prefix(' ')?;
            return if known(rest) { linux(rest) } else { None };
        }
        '❯' | 'λ' | '»' => return linux(clean.get(first.len_utf8()..)?),
        '➜' => {
            // oh-my-zsh: `➜  directory git:(branch) ✗ command`.
            let rest = clean.get(first.len_utf8()..)?.trim_start();
            if known(rest) {
                return linux(rest);
            }
            let mut words = rest.splitn(2, ' ');
            words.next();
            let mut rest = words.next().unwrap_or_default().trim_start();
            if rest.starts_with("git:(") {
                rest = rest.split_once(") ").map_or("", |(_, rest)| rest);
            }
            return linux(rest.trim_start_matches(['✗', ' ']));
        }
        _ => {}
    }
    if let Some(rest) = decorated(clean) {
        return linux(rest);
    }
    if let Some(rest) = windows_prompt(clean) {
        return Some(Typed {
            text: rest.trim().to_owned(),
            windows: true,
        });
    }
    if let Some(rest) = unix_prompt(clean) {
        return linux(rest);
    }
    if known(clean) && !clean.ends_with([':', '.', '?', '!']) {
        return linux(clean);
    }
    None
}

/// What follows a prompt with a context, an account or the time in brackets before it: `(⎈|prod:shop) ➜  ~ command`, `[10:22:33]
/// user@host:~$ command`, and fish's `user@host ~/dir> command`. Only a known program makes such a line a command.
fn decorated(line: &str) -> Option<&str> {
    let head_end = line.char_indices().nth(120).map_or(line.len(), |(at, _)| at);
    let close = match line.chars().next()? {
        '(' => Some(')'),
        '[' => Some(']'),
        _ => None,
    };
    let from = match close {
        Some(close) => line.get(..head_end)?.find(close)? + 1,
        None => 0,
    };
    // The sign that ends the prompt, with or without a directory after it.
    let (at, sign) = line
        .get(from..head_end)?
        .char_indices()
        .find(|(_, c)| matches!(c, '$' | '#' | '%' | '❯' | '➜' | '>'))?;
    if close.is_none() && !(sign == '>' && user_at_host(line.get(..at)?)) {
        return None;
    }
    let rest = line.get(from + at + sign.len_utf8()..)?;
    let command = rest.strip_prefix(' ')?.trim_start();
    if known(command) {
        return Some(command);
    }
    let (_directory, command) = command.split_once(' ')?;
    (sign == '➜' && known(command.trim_start())).then(|| command.trim_start())
}

/// What follows `PS C:\dir>` or `C:\dir>`.
fn windows_prompt(line: &str) -> Option<&str> {
    let path = line.strip_prefix("PS ").unwrap_or(line);
    let mut chars = path.chars();
    let drive = chars.next().is_some_and(|c| c.is_ascii_alphabetic())
        && chars.next() == Some(':')
        && chars.next() == Some('\\');
    let unix_powershell = line.starts_with("PS ") && path.starts_with('/');
    if !drive && !unix_powershell {
        return None;
    }
    let (path, rest) = path.split_once('>')?;
    (path.len() < 200).then_some(rest)
}

/// What follows a shell's prompt that names a user, a host, a shell or a directory.
fn unix_prompt(line: &str) -> Option<&str> {
    // A prompt is short: this also bounds the search on long lines.
    let end = line.char_indices().nth(120).map_or(line.len(), |(at, _)| at);
    let head = line.get(..end)?;
    // `(venv) user@host:~$`
    let skipped = if head.starts_with('(') {
        head.find(") ").map_or(0, |at| at + 2)
    } else {
        0
    };
    let mut from = skipped;
    // The first `$`, `#` or `%` that ends a word may end the prompt.
    loop {
        let at = from + head.get(from..)?.find(['$', '#', '%', '❯'])?;
        let sign = head.get(at..)?.chars().next()?;
        let after = at + sign.len_utf8();
        from = after;
        let rest = line.get(after..)?;
        if !(rest.is_empty() || rest.starts_with(' ')) {
            continue;
        }
        let prompt = head.get(skipped..at)?;
        let body = prompt.trim_end();
        let spaced = body.len() != prompt.len();
        let is_prompt = if let Some(inner) = body.strip_prefix('[') {
            // `[ec2-user@ip-10-0-0-1 ~]$`
            inner.ends_with(']') && inner.contains('@') && inner.split(' ').count() <= 3
        } else if spaced {
            // `user@host dir %`, `/app #`, `~ $`
            (sign != '#' || known(rest.trim_start()))
                && (body == "~" || (body.starts_with('/') && !body.contains(' ')) || user_at_host(body))
        } else if body.contains('@') {
            // `user@host:dir$`
            user_at_host(body)
        } else {
            // `sh-4.2$`, `bash-5.1#`, `dnstools#`
            !body.contains(' ')
                && !body.is_empty()
                && (body.starts_with("sh-")
                    || body.starts_with("bash-")
                    || body.starts_with("zsh-")
                    || known(rest.trim_start()))
        };
        return if is_prompt { Some(rest) } else { None };
    }
}

/// `user@host`, with or without a directory after `:` or a blank.
fn user_at_host(text: &str) -> bool {
    let Some((user, rest)) = text.split_once('@') else {
        return false;
    };
    let word = |text: &str| {
        !text.is_empty()
            && text
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '\\' | '+'))
    };
    let host = rest.split([':', ' ']).next().unwrap_or_default();
    let directory = rest.get(host.len()..).unwrap_or_default();
    word(user) && word(host) && directory.split(' ').count() <= 3
}

/// Whether a text begins with the call of a known program.
pub fn known(text: &str) -> bool {
    let mut words = text.split_ascii_whitespace();
    let Some(mut program) = words.next() else {
        return false;
    };
    let mut argument = words.next();
    if program == "sudo" || program == "time" || program == "watch" {
        let Some(next) = argument else { return false };
        program = next;
        argument = words.next();
    }
    let Some((_, wanted)) = PROGRAMS.iter().find(|(name, _)| *name == program) else {
        return false;
    };
    let argument = argument.unwrap_or_default();
    let word = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    match wanted {
        Argument::Any => {
            argument.is_empty() || argument.starts_with('-') || argument == "|" || argument == ">" || word(argument)
        }
        Argument::Option => argument.starts_with('-'),
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
    use super::typed;

    #[test]
    fn prompts_of_many_shells_are_recognised() {
        for line in [
            "$ kubectl get pods",
            "# kubectl get pods",
            "% kubectl get pods",
            "❯ kubectl get pods",
            "➜  ~ kubectl get pods",
            "➜  infra git:(main) ✗ kubectl get pods",
            "user@host:~/dir$ kubectl get pods",
            "(venv) user@host:~/dir$ kubectl get pods",
            "[ec2-user@ip-10-0-1-5 ~]$ kubectl get pods",
            "[root@ip-10-0-1-5 /]# kubectl get pods",
            "sh-4.2$ kubectl get pods",
            "root@cart-0:/# kubectl get pods",
            "/ # kubectl get pods",
            "/app $ kubectl get pods",
            "me@mac dir % kubectl get pods",
            "bash-5.1# kubectl get pods",
            "dnstools# kubectl get pods",
            "PS C:\\Users\\me> kubectl get pods",
            "C:\\>kubectl get pods",
            "\u{1b}[01;32muser@host\u{1b}[00m:\u{1b}[01;34m~\u{1b}[00m$ kubectl get pods",
            "kubectl get pods",
        ] {
            assert_eq!(
                typed(line).map(|typed| typed.text).as_deref(),
                Some("kubectl get pods"),
                "{line}"
            );
        }
    }

    #[test]
    fn contexts_and_times_stand_before_prompts() {
        for prompt in [
            "(⎈|prod:shop) ➜  ~ ",
            "(⎈|prod:shop)user@mac:~$ ",
            "(⎈|prod:shop)➜ ",
            "[prod] $ ",
            "[10:22:33] user@host:~$ ",
            "➜ ",
            "user@host ~/src> ",
        ] {
            let line = format!("{prompt}kubectl get pods -n shop");
            assert_eq!(
                typed(&line).map(|typed| typed.text).as_deref(),
                Some("kubectl get pods -n shop"),
                "{line}"
            );
        }
        for line in [
            "(2 > 1) is true",
            "[INFO] a > b",
            "[2026-03-02] $ 5 were paid",
            "(see kubectl get pods) # a note",
        ] {
            assert_eq!(typed(line), None, "{line}");
        }
    }

    #[test]
    fn output_is_not_taken_for_a_command() {
        for line in [
            "# Please edit the object below.",
            "# this file is managed by man:systemd-resolved(8).",
            "  $ kubectl get pods",
            "tcpdump: verbose output suppressed, use -v[v]... for full protocol decode",
            "kubectl is not installed",
            "curl: (28) Connection timed out after 5001 milliseconds",
            "host not found",
            "cat pictures",
            "NAME   READY   STATUS",
            "10:00:00.000000 IP 10.0.0.1.1 > 10.0.0.2.2: Flags [S], seq 1",
            "the price is 5 $ only",
            "aws: command not found",
            "mail me@example.com for 5 $ now",
        ] {
            assert_eq!(typed(line), None, "{line}");
        }
    }
}
