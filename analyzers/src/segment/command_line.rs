//! A typed command, taken apart as far as recognising its output needs.

use super::pipeline::{leaves_lines_whole, pipeline};
use super::shell_words::words;
use super::{alias, statement, wrapper};

/// A command's words. What follows a pipe, `;` or `&&` is not part of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CommandLine {
    /// The program's name, without its directory.
    pub program: String,
    /// Its arguments, unquoted.
    pub args: Vec<String>,
    /// The program that the output was piped into, where it was.
    pub piped_into: Option<String>,
    /// Whether it was piped, and only through programs that leave lines out or sort them: `grep`, `head`, `sort`.
    pub selected: bool,
    /// The programs that the output was piped through, each with its arguments.
    pub pipeline: Vec<Vec<String>>,
    /// Whether other statements of its line print, too, so that what stands below may be theirs: `COMMAND 2>/dev/null || COMMAND`.
    pub followed: bool,
}

/// kubectl's options that take a value as the next word (kubectl's global options, and those of the subcommands that print).
const WITH_VALUE: [&str; 36] = [
    "-n",
    "--namespace",
    "-o",
    "--output",
    "-l",
    "--selector",
    "-f",
    "--filename",
    "-c",
    "--container",
    "-L",
    "--label-columns",
    "-k",
    "--context",
    "--cluster",
    "--kubeconfig",
    "--user",
    "--as",
    "--as-group",
    "-s",
    "--server",
    "--field-selector",
    "--sort-by",
    "--request-timeout",
    "--raw",
    "--template",
    "--revision",
    "--for",
    "--types",
    "--chunk-size",
    "--subresource",
    "--timeout",
    "--since",
    "--tail",
    "--namespaces",
    "--output-directory",
];

/// More arguments than people give: every output below a command looks through them again.
const MOST: usize = 512;

impl CommandLine {
    /// Takes a command apart. It never fails: an open quote ends with the text.
    pub fn new(text: &str) -> Self {
        let text = statement::printing(text);
        let slashed = windows_path(text);
        let (typed, rest) = words(slashed.as_deref().unwrap_or(text));
        let (program, mut args) = match run(typed) {
            Run::Program(program, args) => (program, args),
            Run::Shell(command) => return Self::new(&command),
        };
        args.truncate(MOST);
        Self {
            program,
            args,
            selected: leaves_lines_whole(rest),
            pipeline: pipeline(rest),
            followed: statement::is_followed(text),
            piped_into: rest
                .strip_prefix('|')
                .filter(|rest| !rest.starts_with('|'))
                .and_then(|rest| words(rest).0.into_iter().next()),
        }
    }

    /// Whether the program is kubectl, under the names that people give it.
    pub fn is_kubectl(&self) -> bool {
        matches!(
            self.program.as_str(),
            "kubectl" | "k" | "oc" | "kubecolor" | "microk8s.kubectl"
        )
    }

    /// The command that another one runs: `kubectl exec … -- COMMAND` in a container, `nsenter -t 4711 -n COMMAND`, `ip netns exec NAME
    /// COMMAND`, `chroot /host COMMAND`, `ssh HOST COMMAND`, `sh -c 'COMMAND'`. The innermost one, of four at most.
    pub fn inner(&self) -> Option<Self> {
        let mut found = self.inner_once()?;
        for _ in 0..3 {
            match found.inner_once() {
                Some(inner) => found = inner,
                None => break,
            }
        }
        Some(found)
    }

    fn inner_once(&self) -> Option<Self> {
        let args: Vec<&str> = self.args.iter().map(String::as_str).collect();
        let from = if self.is_kubectl() {
            // `debug` and `run` print what the container prints as well.
            let verb = self.positional().first().copied();
            if !self.positional().contains(&"exec") && !matches!(verb, Some("debug" | "run")) {
                return None;
            }
            args.iter().position(|arg| *arg == "--")? + 1
        } else {
            match self.program.as_str() {
                "nsenter" => behind(&args, &["-t", "--target"]),
                "chroot" => behind(&args, &[]) + 1,
                "busybox" => 0,
                "ssh" => behind(&args, &["-i", "-l", "-p", "-o", "-J", "-F", "-L", "-R", "-D"]) + 1,
                "crictl" | "docker" | "nerdctl" | "podman" => {
                    let exec = args.iter().position(|arg| *arg == "exec")? + 1;
                    exec + behind(args.get(exec..)?, &["-e", "--env", "-u", "--user", "-w", "--workdir"]) + 1
                }
                "ip" => {
                    let at = args
                        .windows(2)
                        .position(|pair| matches!(pair, ["netns" | "net", "exec"]))?;
                    at + 3
                }
                "sh" | "bash" | "ash" => {
                    let script = args.get(args.iter().position(|arg| *arg == "-c")? + 1)?;
                    // `bash -c '</dev/tcp/HOST/PORT'`: bash itself connects.
                    if script.contains("/dev/tcp/") {
                        return None;
                    }
                    let mut line = Self::new(script);
                    line.piped_into = line.piped_into.or_else(|| self.piped_into.clone());
                    line.pipeline.extend(self.pipeline.iter().cloned());
                    line.followed |= self.followed;
                    return (!line.program.is_empty()).then_some(line);
                }
                _ => return None,
            }
        };
        let words: Vec<String> = self.args.iter().skip(from).cloned().collect();
        // `ssh HOST 'COMMAND'`: the shell over there takes it apart.
        let run = match words.as_slice() {
            [] => return None,
            [command] if self.program == "ssh" && command.contains(' ') => Run::Shell(command.clone()),
            _ => run(words),
        };
        Some(match run {
            Run::Shell(command) => {
                let mut line = Self::new(&command);
                line.pipeline.extend(self.pipeline.iter().cloned());
                line.followed |= self.followed;
                line
            }
            Run::Program(program, args) => Self {
                program,
                args,
                piped_into: self.piped_into.clone(),
                selected: self.selected,
                pipeline: self.pipeline.clone(),
                followed: self.followed,
            },
        })
    }

    /// The words that tell a command from others: `describe-target-groups`, `get pods`, `tcpdump`. What `kubectl exec` runs counts as
    /// run by itself.
    pub fn short_name(&self) -> String {
        if let Some(inner) = self.inner() {
            return inner.short_name();
        }
        if let Some((_, operation)) = self.aws_operation() {
            return operation.to_owned();
        }
        if self.is_kubectl() {
            let words = self.positional();
            return words
                .get(..words.len().min(2))
                .filter(|pair| !pair.is_empty())
                .map_or_else(|| self.program.clone(), |pair| pair.join(" "));
        }
        // What is printed unchanged is known by its own name: `cat /etc/resolv.conf`.
        if matches!(self.program.as_str(), "cat" | "less" | "more")
            && let Some(file) = self.positional().last()
        {
            return file.rsplit('/').next().unwrap_or(file).to_owned();
        }
        self.program.clone()
    }

    /// The value of an option: `--name value`, `--name=value`, `-n value`, `-nvalue`, `-n=value`. The last one counts. `None` for a
    /// shell's variable: what its value was is not shown.
    pub fn option(&self, names: &[&str]) -> Option<&str> {
        self.written(names).filter(|value| !is_variable(value))
    }

    /// The name that an option gives: of a namespace, of a role. `None` where any of it is a shell's to fill in, as in `team-$ns`.
    pub fn name(&self, names: &[&str]) -> Option<&str> {
        self.written(names).and_then(resolved)
    }

    /// As [`option`](Self::option), but a variable as it was written: the same variable has the same value.
    pub fn written(&self, names: &[&str]) -> Option<&str> {
        let mut found = None;
        for (i, arg) in self.args.iter().enumerate() {
            if arg == "--" {
                break;
            }
            for name in names {
                if arg == name {
                    found = self.args.get(i + 1).map(String::as_str).or(found);
                } else if let Some(rest) = arg.strip_prefix(name) {
                    if let Some(value) = rest.strip_prefix('=') {
                        found = Some(value);
                    } else if name.len() == 2 && !name.starts_with("--") && !rest.is_empty() {
                        found = Some(rest);
                    }
                }
            }
        }
        found
    }

    /// Whether one of these flags is given.
    pub fn flag(&self, names: &[&str]) -> bool {
        self.args.iter().take_while(|arg| *arg != "--").any(|arg| {
            names
                .iter()
                .any(|name| arg == name || arg.strip_prefix(name) == Some("=true"))
        })
    }

    /// The arguments that are neither options nor their values, by kubectl's options.
    pub fn positional(&self) -> Vec<&str> {
        let mut found = Vec::new();
        let mut args = self.args.iter();
        while let Some(arg) = args.next() {
            if arg == "--" {
                break;
            }
            if !arg.starts_with('-') {
                found.push(arg.as_str());
            } else if WITH_VALUE.contains(&arg.as_str()) {
                args.next();
            }
        }
        found
    }

    /// The resource word of `kubectl get RESOURCE`: `pods`, `svc`, `deploy/web` as `deploy`.
    pub fn resource(&self) -> Option<&str> {
        if !self.is_kubectl() {
            return None;
        }
        let positional = self.positional();
        if positional.first() != Some(&"get") {
            return None;
        }
        positional.get(1)?.split('/').next()
    }

    /// kubectl's output format: `yaml`, `json`, `wide`, `jsonpath`, …, without what follows `=`.
    pub fn output(&self) -> Option<&str> {
        self.option(&["-o", "--output"])?.split('=').next()
    }

    /// `ec2`, `describe-subnets` of `aws ec2 describe-subnets`.
    pub fn aws_operation(&self) -> Option<(&str, &str)> {
        if self.program != "aws" {
            return None;
        }
        let mut words = Vec::new();
        let mut args = self.args.iter();
        while let Some(arg) = args.next() {
            if arg.starts_with("--") {
                // aws-cli's global options may stand before the service; of them these are flags.
                let flag = arg.contains('=') || arg.starts_with("--no-") || arg == "--debug";
                if words.len() < 2 && !flag {
                    args.next();
                }
                if words.len() == 2 {
                    break;
                }
            } else {
                words.push(arg.as_str());
                if words.len() == 2 {
                    break;
                }
            }
        }
        match words.as_slice() {
            [service, operation] => Some((service, operation)),
            _ => None,
        }
    }

    /// Whether a pipe may have left out or changed parts of the output.
    pub fn filtered(&self) -> bool {
        self.pipeline.iter().any(|program| !shows_all(program))
    }
}

/// Whether a program prints all that goes into it: `less`, and `jq` without anything to do but to indent.
fn shows_all(program: &[String]) -> bool {
    let mut words = program.iter().map(String::as_str);
    match words.next() {
        Some("cat" | "tee" | "less" | "more" | "column") => true,
        Some("jq") => words.all(|word| word == "." || matches!(word, "-M" | "-C" | "-S" | "--tab" | "--color-output")),
        Some(python) if python.starts_with("python") => words.eq(["-m", "json.tool"]),
        _ => false,
    }
}

/// A command whose program is named by its path on Windows (`C:\tools\kubectl.exe get ns`, `.\kubectl.exe …`), with slashes in the path: a
/// backslash is no escape there.
fn windows_path(text: &str) -> Option<String> {
    let (program, rest) = text.split_once(' ').unwrap_or((text, ""));
    let path = program.starts_with(".\\") || program.get(1..3) == Some(":\\");
    path.then(|| format!("{} {rest}", program.replace('\\', "/")))
}

/// Whether a word is a shell's variable: `$NAME`, `${NAME}`.
fn is_variable(word: &str) -> bool {
    word.strip_prefix('$')
        .is_some_and(|name| name.starts_with(|c: char| c == '{' || c == '_' || c.is_ascii_alphabetic()))
}

/// A name as it is, unless a shell or a template fills in any of it: `team-$ns`, `$(cat ns)`, a command in backticks, cmd's `%NS%`. None of
/// these signs is in a name of Kubernetes (apimachinery `pkg/util/validation`) or of AWS.
pub fn resolved(name: &str) -> Option<&str> {
    let of_cmd = name.matches('%').nth(1).is_some();
    (!name.is_empty() && !name.contains(['$', '`']) && !of_cmd).then_some(name)
}

/// What words run.
enum Run {
    /// A program with its arguments.
    Program(String, Vec<String>),
    /// A text that a shell takes apart: `watch 'COMMAND | COMMAND'`.
    Shell(String),
}

/// What words run, behind the assignments before it and the programs that only start another one.
fn run(mut words: Vec<String>) -> Run {
    let mut watched = false;
    while words.len() > 1 {
        let Some(first) = words.first() else { break };
        watched = first.rsplit('/').next() == Some("watch");
        if statement::is_assignment(first) {
            words.remove(0);
        } else if !wrapper::take_off(&mut words) {
            break;
        }
    }
    if let [command] = words.as_slice()
        && watched
        && command.contains(' ')
    {
        return Run::Shell(command.clone());
    }
    let mut words = words.into_iter();
    let program = words.next().unwrap_or_default();
    let program = program.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
    let program = program.strip_suffix(".exe").map(str::to_owned).unwrap_or(program);
    let (program, args) = alias::spelled_out(program, words.collect());
    Run::Program(program, args)
}

/// Where the first argument stands that is neither an option nor the value of one of these.
fn behind(args: &[&str], with_value: &[&str]) -> usize {
    let mut at = 0;
    while let Some(arg) = args.get(at) {
        if *arg == "--" {
            return at + 1;
        }
        if !arg.starts_with('-') {
            break;
        }
        at += if with_value.contains(arg) { 2 } else { 1 };
    }
    at
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_nobody_types_is_not_looked_through() {
        let long = super::CommandLine::new(&format!("kubectl get pods -n shop {}", "web ".repeat(100_000)));
        assert_eq!(long.args.len(), super::MOST);
        assert_eq!(long.option(&["-n"]), Some("shop"));
    }

    #[test]
    fn commands_that_run_commands() {
        let inner = |text: &str| {
            let line = CommandLine::new(text).inner()?;
            Some(format!("{} {}", line.program, line.args.join(" ")))
        };
        for (text, expected) in [
            ("sudo nsenter -t 4711 -n ip addr", "ip addr"),
            (
                "nsenter --target 1 --net -- /usr/sbin/iptables-save -t nat",
                "iptables-save -t nat",
            ),
            ("ip netns exec cni-5c0e ss -tlnp", "ss -tlnp"),
            (
                "kubectl exec -n shop cart-0 -- timeout 3 nc -zv db 5432",
                "nc -zv db 5432",
            ),
            (
                "kubectl exec cart-0 -- sh -c 'cat /etc/resolv.conf | head'",
                "cat /etc/resolv.conf",
            ),
            ("ssh -i key.pem ec2-user@10.0.0.1 'sudo ip route'", "ip route"),
            ("crictl exec -it 3f2a1b cat /etc/hosts", "cat /etc/hosts"),
            ("busybox ping -c1 10.0.0.1", "ping -c1 10.0.0.1"),
            ("ssh node sudo journalctl -u kubelet", "journalctl -u kubelet"),
            (
                "kubectl exec web-0 -- time curl -v http://web.shop",
                "curl -v http://web.shop",
            ),
            (
                "kubectl exec web-0 -- env -u HTTP_PROXY X=1 /usr/bin/nice -n 5 dig web.shop",
                "dig web.shop",
            ),
            ("chroot /host sudo -u root nsenter -t 1 -n ss -s", "ss -s"),
            ("kubectl exec web-0 -- watch -n1 'ss -s | head'", "ss -s"),
            ("kubectl exec web-0 -- env", "env "),
            ("kubectl exec web-0 -- env -0", "env -0"),
        ] {
            assert_eq!(inner(text).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(inner("ip addr"), None);
        assert_eq!(inner("ssh host"), None);
        assert_eq!(inner("ip netns list"), None);
    }

    use super::CommandLine;

    #[test]
    fn a_name_is_whole_or_unknown() {
        for (value, name) in [
            ("shop", Some("shop")),
            ("'shop'", Some("shop")),
            ("$ns", None),
            ("team-$ns", None),
            ("\"team-${ns}\"", None),
            ("$(cat ns)", None),
            ("`cat ns`", None),
            ("%NS%", None),
        ] {
            for text in [
                format!("kubectl get po -n {value} -o wide"),
                format!("kubectl get po --namespace={value}"),
            ] {
                assert_eq!(CommandLine::new(&text).name(&["-n", "--namespace"]), name, "{text}");
            }
        }
    }

    #[test]
    fn options_are_found_in_all_their_spellings() {
        for text in [
            "kubectl get pods -n shop -o wide",
            "kubectl -n=shop get pod --output=wide",
            "/usr/bin/kubectl --namespace shop get po -owide",
            "KUBECONFIG=x k get pods -nshop -o wide",
        ] {
            let line = CommandLine::new(text);
            assert!(line.is_kubectl(), "{text}");
            assert_eq!(line.option(&["-n", "--namespace"]), Some("shop"), "{text}");
            assert_eq!(line.output(), Some("wide"), "{text}");
            assert!(line.resource().is_some_and(|word| word.starts_with("po")), "{text}");
        }
    }

    #[test]
    fn aws_operations_and_queries_are_found() {
        let line = CommandLine::new(
            "aws --region eu-west-1 iam get-role --role-name x --query 'Role.Arn' --output text | cat",
        );
        assert_eq!(line.aws_operation(), Some(("iam", "get-role")));
        assert_eq!(line.option(&["--query"]), Some("Role.Arn"));
        assert_eq!(line.piped_into.as_deref(), Some("cat"));
        assert!(!line.filtered());
        assert!(CommandLine::new("kubectl get po -o yaml | grep x").filtered());
        assert!(CommandLine::new("tcpdump -n 2>&1 | head").filtered());
    }

    #[test]
    fn a_command_has_a_short_name() {
        for (command, name) in [
            ("aws elbv2 describe-target-groups --names x", "describe-target-groups"),
            ("kubectl -n shop get pods -o wide", "get pods"),
            ("kubectl exec -n shop cart-0 -- tcpdump -nn -i eth0", "tcpdump"),
            ("sudo tcpdump -i any", "tcpdump"),
            ("k logs deploy/x -n y", "logs deploy/x"),
            ("kubectl exec x -- cat /etc/resolv.conf", "resolv.conf"),
            ("kubectl", "kubectl"),
        ] {
            assert_eq!(CommandLine::new(command).short_name(), name);
        }
    }
}
