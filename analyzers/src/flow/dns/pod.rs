//! Which pod a command was run in, and which pod has an address.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::model::Model;
use crate::segment::{Command, CommandLine, resolved};

/// A pod, as far as its name is known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Pod {
    /// Its namespace; `None` where the command left it to the kubeconfig's context or to a shell's variable.
    pub namespace: Option<String>,
    /// Its name, or `deploy/x` where the command named the workload.
    pub name: String,
}

impl Pod {
    /// `shop/checkout-0`, or the name alone.
    pub fn path(&self) -> String {
        match &self.namespace {
            Some(namespace) => format!("{namespace}/{}", self.name),
            None => self.name.clone(),
        }
    }
}

/// kubectl's flags that take the next word as their value (`kubectl exec --help`, `kubectl debug --help`, `kubectl options`).
const WITH_VALUE: [&str; 16] = [
    "-n",
    "--namespace",
    "-c",
    "--container",
    "-f",
    "--filename",
    "-s",
    "--server",
    "--context",
    "--cluster",
    "--user",
    "--kubeconfig",
    "--image",
    "--target",
    "--profile",
    "--pod-running-timeout",
];

/// The pod of `kubectl exec` or `kubectl debug`, also where another machine or a shell runs kubectl.
pub fn of_command(command: &Command) -> Option<Pod> {
    let line = command.line();
    if line.is_kubectl() {
        return of_args(&line.args);
    }
    let kubectl = |word: &String| matches!(word.rsplit('/').next(), Some("kubectl" | "k" | "oc"));
    if let Some(at) = line.args.iter().position(kubectl) {
        return of_args(line.args.get(at + 1..)?);
    }
    let scripts = line.args.iter().filter(|arg| arg.contains(' '));
    let mut called = scripts.map(|arg| CommandLine::new(arg)).filter(CommandLine::is_kubectl);
    of_args(&called.next()?.args)
}

fn of_args(args: &[String]) -> Option<Pod> {
    let mut words = args.iter().map(String::as_str);
    let (mut namespace, mut entered, mut name) = (None, false, None);
    while let Some(word) = words.next() {
        if word == "--" {
            break;
        }
        if matches!(word, "-n" | "--namespace") {
            namespace = words.next();
        } else if let Some(value) = word.strip_prefix("--namespace=") {
            namespace = Some(value);
        } else if let Some(value) = word
            .strip_prefix("-n")
            .filter(|value| !value.is_empty() && !word.starts_with("--"))
        {
            namespace = Some(value.trim_start_matches('='));
        } else if WITH_VALUE.contains(&word) {
            words.next();
        } else if word.starts_with('-') {
        } else if !entered {
            entered = match word {
                "exec" | "debug" => true,
                _ => return None,
            };
        } else if name.is_none() {
            name = Some(word);
        }
    }
    let name = name.filter(|name| !name.starts_with("node/"))?;
    let bare = ["pod/", "pods/", "po/"]
        .iter()
        .find_map(|kind| name.strip_prefix(kind))
        .unwrap_or(name);
    Some(Pod {
        namespace: namespace.and_then(resolved).map(str::to_owned),
        name: resolved(bare)?.to_owned(),
    })
}

/// The pods by address; `None` where several have the same one, as pods on the host network do.
pub fn by_address(model: &Model<'_>) -> BTreeMap<IpAddr, Option<Pod>> {
    let mut pods: BTreeMap<IpAddr, Option<Pod>> = BTreeMap::new();
    for pod in model.all("Pod") {
        let Some(address) = pod
            .at(&["status", "podIP"])
            .and_then(|node| node.str()?.parse::<IpAddr>().ok())
        else {
            continue;
        };
        let known = Pod {
            namespace: (!pod.namespace.is_empty()).then(|| pod.namespace.to_owned()),
            name: pod.name.to_owned(),
        };
        pods.entry(address)
            .and_modify(|other| *other = None)
            .or_insert(Some(known));
    }
    pods
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{SourceId, Span};

    fn pod(text: &str) -> Option<String> {
        let span = Span {
            source: SourceId(0),
            start: 0,
            end: 0,
        };
        of_command(&Command {
            span,
            text: text.into(),
            implied: false,
            titled: false,
        })
        .map(|pod| pod.path())
    }

    #[test]
    fn the_pod_of_an_exec_is_found_among_flags() {
        assert_eq!(
            pod("kubectl exec -n shop checkout-0 -- cat /etc/resolv.conf").as_deref(),
            Some("shop/checkout-0")
        );
        assert_eq!(
            pod("kubectl --context prod -n shop exec -it pod/checkout-0 -c app -- sh").as_deref(),
            Some("shop/checkout-0")
        );
        assert_eq!(
            pod("k exec checkout-0 --namespace=shop -- tcpdump -nn -i any port 53").as_deref(),
            Some("shop/checkout-0")
        );
        assert_eq!(
            pod("kubectl exec deploy/checkout -- cat x").as_deref(),
            Some("deploy/checkout")
        );
        assert_eq!(
            pod("kubectl debug -it -n shop checkout-0 --image=netshoot --target=app -- tcpdump").as_deref(),
            Some("shop/checkout-0")
        );
    }

    #[test]
    fn what_a_shell_fills_in_is_no_pods_name() {
        for text in [
            "kubectl exec -it $POD -- cat /etc/resolv.conf",
            "kubectl exec -n shop \"web-$n\" -- cat /etc/resolv.conf",
            "kubectl exec -n shop $(kubectl get po -o name | head -1) -- cat /etc/resolv.conf",
        ] {
            assert_eq!(pod(text), None, "{text}");
        }
        for text in [
            "kubectl exec -n $(cat ns) checkout-0 -- cat /etc/resolv.conf",
            "kubectl exec --namespace=team-$ns checkout-0 -- cat /etc/resolv.conf",
        ] {
            assert_eq!(pod(text).as_deref(), Some("checkout-0"), "{text}");
        }
    }

    #[test]
    fn kubectl_may_be_run_by_another() {
        for text in [
            "sudo -E kubectl exec -n shop checkout-0 -- cat /etc/resolv.conf",
            "ssh bastion kubectl exec -n shop checkout-0 -- cat /etc/resolv.conf",
            "ssh bastion 'kubectl exec -n shop checkout-0 -- cat /etc/resolv.conf'",
            "cd /srv && kubectl exec -n shop checkout-0 -- cat /etc/resolv.conf",
        ] {
            assert_eq!(pod(text).as_deref(), Some("shop/checkout-0"), "{text}");
        }
    }

    #[test]
    fn other_commands_name_no_pod() {
        assert_eq!(pod("kubectl get pod checkout-0 -n shop"), None);
        assert_eq!(pod("cat /etc/resolv.conf"), None);
        assert_eq!(
            pod("kubectl debug node/ip-10-0-0-1 -it --image=busybox -- cat /etc/resolv.conf"),
            None
        );
        assert_eq!(pod("tcpdump -nn -i any port 53"), None);
    }
}
