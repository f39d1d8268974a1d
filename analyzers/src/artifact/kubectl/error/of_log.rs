//! What kubectl says itself where it was asked for a log: by `kubectl logs`, or by `kubectl exec` of what prints one.
//!
//! A container may run kubectl, too, and then its log has kubectl's words. Of these only such are the command's own that answer what it asked
//! for: kubernetes/kubectl `pkg/cmd/logs/logs.go`, `pkg/cmd/exec/exec.go`, `pkg/polymorphichelpers/logsforobject.go` and `pkg/cmd/util/podcmd`;
//! kubernetes `pkg/registry/core/pod/strategy.go` (`LogLocation`) and `pkg/kubelet/kubelet_pods.go` (`validateContainerLogStatus`).

use super::{goes_on, sniff};
use crate::segment::sniff::{Hint, Taken, ends, other, prose};
use crate::segment::{CommandLine, formats};

/// What is said only of a container that was asked for, with its pod's name.
const NAMED: [&str; 7] = [
    "a container name must be specified for pod ",
    " is not valid for pod ",
    "previous terminated container ",
    " is waiting to start",
    "pods/log",
    "pods/exec",
    "/containerLogs/",
];

/// What a subcommand says without a pod's name.
const UNNAMED: [(&str, &str); 6] = [
    ("logs", "error: expected 'logs "),
    ("exec", "error: cannot exec "),
    ("exec", "error: unable to upgrade connection"),
    ("exec", "error: Internal error occurred: "),
    ("exec", "error: pod, type/name or --filename must be specified"),
    ("exec", "command terminated with exit code "),
];

/// What is said where the server was not reached, or does not know who asks (`StandardErrorMessage`; client-go `tools/clientcmd`).
const CLIENT: [&str; 7] = [
    "Unable to connect to the server: ",
    "The connection to the server ",
    "error: You must be logged in to the server",
    "error: exec plugin: ",
    "error: current-context is not set",
    "error: context was not found for specified context",
    "error: no context exists with the name",
];

/// The API server as a container reaches it: the service `kubernetes`, which has the first address of the services' range. These are the
/// ranges that EKS chooses (its API's `KubernetesNetworkConfigRequest`, `serviceIpv4Cidr`) and that of kubeadm.
const INSIDE: [&str; 4] = ["kubernetes.default", "172.20.0.1:", "10.100.0.1:", "10.96.0.1:"];

/// How sure it is that a message is the command's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Own {
    Yes,
    /// Where nothing stands below it that would be the log: an error of this kind is all that kubectl prints.
    Alone,
    No,
}

/// What a command asks for.
#[derive(Debug, PartialEq, Eq)]
enum Asked<'a> {
    Pod(&'a str),
    /// `deploy/web`: the pods of an object, whose names the command does not have.
    PodsOf(&'a str, &'a str),
    /// `-l app=web`.
    Selected,
    /// A variable or what somebody put in the name's place.
    Unknown,
}

impl<'a> Asked<'a> {
    fn of(words: &[&'a str], command: &CommandLine) -> Self {
        let Some(word) = words.get(1) else {
            let selected = command.written(&["-l", "--selector"]).is_some();
            return if selected { Self::Selected } else { Self::Unknown };
        };
        let (kind, name) = word.split_once('/').unwrap_or(("pod", word));
        let is_name = |text: &str| {
            text.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte))
        };
        if name.is_empty() || !is_name(name) {
            Self::Unknown
        } else if matches!(kind, "pod" | "pods" | "po") {
            Self::Pod(name)
        } else {
            Self::PodsOf(kind, name)
        }
    }

    /// Whether a message of the server is about this object: `pods "cart-0" not found`, `… (get pods cart-0)`.
    fn is_object_of(&self, message: &str) -> bool {
        let named = |name: &str| message.contains(&format!("\"{name}\"")) || message.contains(&format!(" {name})"));
        match self {
            Self::Pod(name) => named(name) && message.contains("pods "),
            Self::PodsOf(_, name) => named(name),
            Self::Unknown => message.contains("pods \""),
            Self::Selected => false,
        }
    }
}

/// Whether a word of a message is that name. A terminal may have broken the line inside of it.
fn names(message: &str, name: &str) -> bool {
    let has = |text: &str| {
        text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '.'))
            .any(|word| word.trim_end_matches('.') == name)
    };
    has(message) || has(&message.replace('\n', ""))
}

fn own(message: &str, command: &CommandLine) -> Own {
    let positional = command.positional();
    // `kubectl --some-option VALUE logs NAME`: the words before the subcommand are values of options that are not known.
    let at = positional.iter().position(|word| matches!(*word, "logs" | "exec"));
    let Some(words) = at.and_then(|at| positional.get(at..)) else {
        return Own::No;
    };
    let asked = Asked::of(words, command);
    let verb = words.first().copied().unwrap_or_default();
    if UNNAMED
        .iter()
        .any(|(of, said)| *of == verb && message.starts_with(said))
    {
        return Own::Yes;
    }
    if NAMED.iter().any(|said| message.contains(said)) {
        let another = matches!(asked, Asked::Pod(name) if !names(message, name));
        return if another { Own::No } else { Own::Yes };
    }
    let from_server = message.starts_with("Error from server") || message.starts_with("error: error from server (");
    let alone = if CLIENT.iter().any(|said| message.starts_with(said)) {
        !INSIDE.iter().any(|address| message.contains(address))
    } else if message.starts_with("No resources found") {
        let namespace = command.name(&["-n", "--namespace"]);
        asked == Asked::Selected && namespace.is_none_or(|namespace| names(message, namespace))
    } else if message.starts_with("error: the server doesn't have a resource type \"") {
        matches!(asked, Asked::PodsOf(kind, _) if message.contains(&format!("\"{}\"", kind.split('.').next().unwrap_or(kind))))
    } else if from_server {
        // The API server asks the kubelet for the log: `Forbidden (user=kube-apiserver-kubelet-client, … subresource=proxy)`.
        asked.is_object_of(message) || message.contains("subresource=proxy") || is_denied_list(message, &asked)
    } else {
        false
    };
    if alone { Own::Alone } else { Own::No }
}

/// Whether the pods of a selector or of an object may not be listed. A container's own kubectl asks as its service account.
fn is_denied_list(message: &str, asked: &Asked<'_>) -> bool {
    matches!(asked, Asked::Selected | Asked::PodsOf(..))
        && message.contains(" cannot list resource \"pods\" ")
        && !message.contains("system:serviceaccount:")
}

/// Whether no log stands below: nothing, a blank line, somebody's words, or another output.
fn is_end(below: &str) -> bool {
    ends(below)
        .next()
        .is_none_or(|(line, _)| line.trim().is_empty() || prose::is_prose(line) || other(line, below).is_some())
}

/// What kubectl says where a log was asked for: its error, or the notices above it. A log that begins with other words is the
/// container's, even where these are an error.
pub fn instead_of_log(rest: &str, hint: &Hint) -> Option<Taken> {
    let line = hint.line.as_ref()?;
    let inner = line.inner();
    let command = Some(line)
        .filter(|line| line.is_kubectl())
        .or_else(|| inner.as_ref().filter(|inner| inner.is_kubectl()))?;
    let chosen =
        |line: &str| line.starts_with("Defaulted container ") || line.starts_with("Defaulting container name ");
    let mut at = 0;
    for (line, end) in ends(rest) {
        if !chosen(line) {
            break;
        }
        at = end;
    }
    let below = rest.get(at..)?;
    let (line, end) = ends(below).next()?;
    let error = sniff(line, below, hint)?;
    let end = end + goes_on(line, below.get(end..).unwrap_or_default());
    match own(below.get(..end)?, command) {
        Own::Yes => {}
        Own::Alone if is_end(below.get(end..).unwrap_or_default()) => {}
        Own::Alone | Own::No => return None,
    }
    Some(if at == 0 {
        error
    } else {
        Taken {
            len: at,
            format: formats::LOG,
            confidence: 0.95,
        }
    })
}
