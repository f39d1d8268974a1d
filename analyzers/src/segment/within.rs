//! Shells inside shells: which commands were typed in a pod, on a node, behind `ssh`, and where that ends.

use super::CommandLine;

/// A command as far as nesting needs it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Step {
    /// The command; empty at a bare prompt.
    pub text: String,
    /// The prompt without what changes between commands; empty where none was pasted.
    pub prompt: String,
    /// How many shells its output says have ended (`exit`, `Connection to … closed.`).
    pub ended: usize,
    /// Whether the last of them has only printed its `exit` or `logout` so far: the line of what connected to it may follow.
    pub echoed: bool,
}

impl Step {
    /// Counts the shells that end in the output, line after line. One shell may say so twice: `logout`, then `Connection to … closed.`
    pub fn see(&mut self, line: &str) {
        if !ends_shell(line) {
            return;
        }
        let echo = matches!(line, "exit" | "logout");
        self.ended += usize::from(echo || !self.echoed);
        self.echoed = echo;
    }
}

/// A shell that was entered.
struct Shell {
    command: String,
    /// The prompt of the shell that it was entered from.
    outer: String,
    /// Whether the prompts inside cannot be told from those outside: only `exit` ends it.
    same: bool,
}

/// For each command the commands that opened the shells around it, outermost first.
///
/// A shell ends where it says so, and where the prompt is again the one that it was entered from. Where all prompts are the same
/// (`$` alone) and no `exit` follows, nothing tells whether a command ran inside, and it is not said.
pub fn assign(steps: &[Step]) -> Vec<Vec<String>> {
    let exits = next_exit(steps);
    let mut stack: Vec<Shell> = Vec::new();
    let mut found = Vec::with_capacity(steps.len());
    for (at, step) in steps.iter().enumerate() {
        if !step.prompt.is_empty()
            && let Some(place) = stack.iter().position(|shell| !shell.same && shell.outer == step.prompt)
        {
            stack.truncate(place);
        }
        found.push(stack.iter().map(|shell| shell.command.clone()).collect());
        let line = CommandLine::new(&step.text);
        let mut ended = step.ended;
        if is_exit(&step.text) {
            // The first shell that ends in its output is the one that it was typed in.
            ended = ended.max(1);
        } else if stack.len() < DEEPEST && enters(&line) && step.ended == 0 {
            let inside = steps.get(at + 1).map(|next| next.prompt.as_str());
            let same = inside.is_none_or(|inside| inside == step.prompt);
            if !same || exits.get(at + 1).copied().unwrap_or(false) {
                stack.push(Shell {
                    command: step.text.clone(),
                    outer: step.prompt.clone(),
                    same,
                });
            }
        }
        for _ in 0..ended {
            stack.pop();
        }
    }
    found
}

/// Shells in shells beyond any real session: a paste with a thousand `sudo -i` costs no more than it has lines.
const DEEPEST: usize = 8;

/// For each place whether an `exit` follows before another shell is entered.
fn next_exit(steps: &[Step]) -> Vec<bool> {
    let mut found = vec![false; steps.len()];
    let mut exit = false;
    for (place, step) in found.iter_mut().zip(steps).rev() {
        if is_exit(&step.text) || step.ended > 0 {
            exit = true;
        } else if enters(&CommandLine::new(&step.text)) {
            exit = false;
        }
        *place = exit;
    }
    found
}

fn is_exit(text: &str) -> bool {
    matches!(text.split([' ', ';']).next(), Some("exit" | "logout"))
}

/// Whether an output's line says that a shell ended.
fn ends_shell(line: &str) -> bool {
    matches!(line.bytes().next(), Some(b'e' | b'l' | b'C' | b'c' | b'E'))
        && (matches!(line, "exit" | "logout")
            || (line.starts_with("Connection to ") && line.ends_with(" closed."))
            || line.starts_with("command terminated with exit code")
            || line.starts_with("Exiting session with sessionId: "))
}

/// Whether a command opens a shell somewhere else, or as somebody else.
pub fn enters(line: &CommandLine) -> bool {
    let args: Vec<&str> = line.args.iter().map(String::as_str).collect();
    let words: Vec<&str> = args.iter().copied().filter(|arg| !arg.starts_with('-')).collect();
    // What is run: after `--`.
    let run = args
        .iter()
        .position(|arg| *arg == "--")
        .map(|at| args.get(at + 1..).unwrap_or_default());
    let interactive = args.iter().take_while(|arg| **arg != "--").any(|arg| {
        matches!(*arg, "--stdin" | "--tty" | "--stdin=true" | "--tty=true")
            || (arg.starts_with('-')
                && !arg.starts_with("--")
                && arg.len() < 4
                && arg.bytes().skip(1).all(|byte| matches!(byte, b'i' | b't')))
    });
    if line.piped_into.is_some() {
        return false;
    }
    if line.is_kubectl() {
        return match line.positional().first() {
            Some(&"exec") => {
                interactive && run.map_or_else(|| words.last().is_some_and(|word| is_shell(word)), shell_only)
            }
            Some(&("debug" | "run")) => interactive && run.is_none_or(shell_only),
            Some(&"attach") => interactive,
            _ => false,
        };
    }
    match line.program.as_str() {
        "ssh" => ssh_target_alone(&args),
        "aws" => match line.aws_operation() {
            Some(("ssm", "start-session")) => !args.iter().any(|arg| arg.starts_with("--document-name")),
            Some(("ecs", "execute-command")) => args.contains(&"--interactive"),
            Some(("ec2-instance-connect", "ssh")) => true,
            _ => false,
        },
        // `sudo` was taken off by the one who took the command apart: its option alone is left.
        "-i" | "-s" | "-su" | "--login" | "--shell" => args.is_empty(),
        "su" => !args.iter().any(|arg| arg.starts_with("-c") || *arg == "--command"),
        "chroot" => match words.as_slice() {
            [_] => true,
            [_, shell, ..] => is_shell(shell) && !args.contains(&"-c"),
            [] => false,
        },
        "nsenter" => run.map_or_else(
            || {
                words
                    .iter()
                    .all(|word| word.bytes().all(|byte| byte.is_ascii_digit()) || is_shell(word))
                    && !args.contains(&"-c")
            },
            shell_only,
        ),
        "docker" | "crictl" | "nerdctl" | "podman" | "ctr" => {
            interactive && words.contains(&"exec") && words.last().is_some_and(|word| is_shell(word))
        }
        "bash" | "sh" | "zsh" | "ash" => args.is_empty() || matches!(args.as_slice(), ["-l" | "-i" | "--login" | "-"]),
        "enter-admin-container" | "sheltie" | "toolbox" => true,
        "minikube" => args.first() == Some(&"ssh"),
        _ => false,
    }
}

/// Whether what is run is a shell that reads commands: `sh -c …` is none.
fn shell_only(run: &[&str]) -> bool {
    match run {
        ["chroot", _, shell, ..] | ["nsenter", .., shell] => is_shell(shell) && !run.contains(&"-c"),
        ["chroot", _] => true,
        [shell, rest @ ..] => is_shell(shell) && !rest.contains(&"-c"),
        [] => false,
    }
}

fn is_shell(word: &str) -> bool {
    matches!(
        word.rsplit('/').next(),
        Some("sh" | "bash" | "ash" | "zsh" | "dash" | "fish" | "powershell" | "pwsh" | "cmd")
    )
}

/// ssh's options that take a value (OpenSSH `ssh.c`, the string given to getopt).
const SSH_VALUES: &str = "BbcDEeFIiJLlmOoPpQRSWw";

/// Whether ssh is called with a host and no command.
fn ssh_target_alone(args: &[&str]) -> bool {
    let mut words = 0;
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.strip_prefix('-') {
            Some(option) => {
                if option.len() == 1 && SSH_VALUES.contains(option) {
                    args.next();
                }
            }
            None => words += 1,
        }
    }
    words == 1
}

#[cfg(test)]
mod tests {
    use super::{Step, assign, enters};
    use crate::segment::CommandLine;

    fn steps(steps: &[(&str, &str)]) -> Vec<Vec<String>> {
        let steps: Vec<Step> = steps
            .iter()
            .map(|(prompt, text)| Step {
                text: (*text).to_owned(),
                prompt: (*prompt).to_owned(),
                ..Step::default()
            })
            .collect();
        assign(&steps)
    }

    #[test]
    fn a_shell_that_says_twice_that_it_ends_is_one() {
        let ssh = "ssh ops@bastion";
        let ssm = "aws ssm start-session --target i-0f00dfeed";
        let su = "sudo su -";
        let session = |exits: &[&[&str]]| {
            let mut steps = vec![Step::default(); 4 + exits.len()];
            let typed = [("me@pc", ssh), ("ops@bastion", ssm), ("$", su), ("#", "ip route")];
            for (at, step) in steps.iter_mut().enumerate() {
                let (prompt, text) = typed.get(at).copied().unwrap_or(("", "exit"));
                step.prompt = prompt.to_owned();
                step.text = text.to_owned();
                for line in exits.get(at.wrapping_sub(4)).copied().unwrap_or_default() {
                    step.see(line);
                }
            }
            steps.push(Step {
                text: "ip rule".to_owned(),
                ..Step::default()
            });
            assign(&steps).pop().unwrap()
        };
        assert_eq!(session(&[&["logout"]]), [ssh, ssm]);
        assert_eq!(session(&[&[]]), [ssh, ssm]);
        let closed = "Exiting session with sessionId: me-0f00d.";
        assert_eq!(session(&[&["logout"], &["exit", "", closed]]), [ssh]);
        assert_eq!(session(&[&["logout"], &["exit", closed, "logout"]]), [""; 0]);
    }

    #[test]
    fn shells_are_told_from_single_commands() {
        for command in [
            "kubectl exec -it web-0 -- sh",
            "kubectl exec -n shop -ti deploy/web -c app -- /bin/bash",
            "kubectl exec --stdin --tty web-0 -- bash",
            "kubectl debug node/ip-10-0-1-7.ec2.internal -it --image=busybox",
            "kubectl debug -it web-0 --image=nicolaka/netshoot --target=app -- bash",
            "kubectl run tmp --rm -it --image=busybox -- sh",
            "ssh -i key.pem ec2-user@10.0.1.7",
            "aws ssm start-session --target i-0123456789abcdef0",
            "sudo -i",
            "sudo su -",
            "sudo chroot /host",
            "chroot /host /bin/bash",
            "nsenter -t 1 -m -u -n -i -p",
            "sudo nsenter -t 4711 -n bash",
            "bash",
            "sudo sheltie",
        ] {
            assert!(enters(&CommandLine::new(command)), "{command}");
        }
        for command in [
            "kubectl exec web-0 -- cat /etc/resolv.conf",
            "kubectl exec -it web-0 -- env",
            "kubectl exec -it web-0 -- sh -c 'cat /etc/resolv.conf'",
            "kubectl debug node/x --image=busybox",
            "kubectl get pods",
            "ssh ec2-user@10.0.1.7 sudo iptables-save",
            "chroot /host iptables-save",
            "nsenter -t 4711 -n ip addr",
            "sudo ip route",
            "aws ssm start-session --target i-0 --document-name AWS-StartPortForwardingSession",
            "bash run.sh",
        ] {
            assert!(!enters(&CommandLine::new(command)), "{command}");
        }
    }

    #[test]
    fn commands_inside_know_the_shells_around_them() {
        let ssh = "ssh ec2-user@10.0.1.7";
        let root = "sudo -i";
        assert_eq!(
            steps(&[
                ("me@laptop", "kubectl get pods"),
                ("me@laptop", ssh),
                ("ec2-user@ip-10-0-1-7", "uptime"),
                ("ec2-user@ip-10-0-1-7", root),
                ("root@ip-10-0-1-7", "iptables-save"),
                ("root@ip-10-0-1-7", "exit"),
                ("ec2-user@ip-10-0-1-7", "ip route"),
                ("me@laptop", "kubectl get nodes"),
            ]),
            [
                vec![],
                vec![],
                vec![ssh],
                vec![ssh],
                vec![ssh, root],
                vec![ssh, root],
                vec![ssh],
                vec![]
            ]
        );
    }

    #[test]
    fn where_prompts_are_the_same_only_exit_tells() {
        let exec = "kubectl exec -it web-0 -- sh";
        let none: Vec<&str> = Vec::new();
        assert_eq!(
            steps(&[
                ("$", exec),
                ("$", "cat /etc/resolv.conf"),
                ("$", "exit"),
                ("$", "kubectl get pods")
            ]),
            [none.clone(), vec![exec], vec![exec], none.clone()]
        );
        assert_eq!(
            steps(&[("$", exec), ("$", "cat /etc/resolv.conf"), ("$", "kubectl get pods")]),
            [none.clone(), none.clone(), none]
        );
    }
}
