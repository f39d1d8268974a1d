//! Short names that people give to kubectl's commands, and programs that bring kubectl with them. Such a name tells what a command is likely
//! to print; that the output is that, its own text has to show.

/// Aliases and what they stand for: those of ohmyzsh's kubectl plugin (`plugins/kubectl/kubectl.plugin.zsh`), of ahmetb/kubectl-aliases, and
/// the same by the same pattern.
const ALIASES: &[(&str, &[&str])] = &[
    ("kl", &["logs"]),
    ("klo", &["logs"]),
    ("klog", &["logs"]),
    ("klogs", &["logs"]),
    ("klf", &["logs", "-f"]),
    ("klof", &["logs", "-f"]),
    ("klp", &["logs", "-p"]),
    ("kl1h", &["logs", "--since=1h"]),
    ("kg", &["get"]),
    ("kget", &["get"]),
    ("kga", &["get", "all"]),
    ("kgall", &["get", "--all-namespaces"]),
    ("kgaa", &["get", "all", "--all-namespaces"]),
    ("kgp", &["get", "pods"]),
    ("kgpo", &["get", "pods"]),
    ("kgpa", &["get", "pods", "--all-namespaces"]),
    ("kgpw", &["get", "pods", "--watch"]),
    ("kgpwide", &["get", "pods", "-o", "wide"]),
    ("kgpowide", &["get", "pods", "-o", "wide"]),
    ("kgpoowide", &["get", "pods", "-o", "wide"]),
    ("kgpl", &["get", "pods", "-l"]),
    ("kgpn", &["get", "pods", "-n"]),
    ("kgs", &["get", "svc"]),
    ("kgsvc", &["get", "svc"]),
    ("kgsa", &["get", "svc", "--all-namespaces"]),
    ("kgi", &["get", "ingress"]),
    ("kging", &["get", "ingress"]),
    ("kgd", &["get", "deployment"]),
    ("kgdep", &["get", "deployment"]),
    ("kgda", &["get", "deployment", "--all-namespaces"]),
    ("kgds", &["get", "daemonset"]),
    ("kgss", &["get", "statefulset"]),
    ("kgsts", &["get", "statefulset"]),
    ("kgrs", &["get", "replicaset"]),
    ("kgno", &["get", "nodes"]),
    ("kgn", &["get", "nodes"]),
    ("kgns", &["get", "namespaces"]),
    ("kgcm", &["get", "configmaps"]),
    ("kgsec", &["get", "secret"]),
    ("kgpvc", &["get", "pvc"]),
    ("kgpv", &["get", "pv"]),
    ("kgj", &["get", "job"]),
    ("kgcj", &["get", "cronjob"]),
    ("kgep", &["get", "endpoints"]),
    ("kge", &["get", "events"]),
    ("kgev", &["get", "events"]),
    ("kd", &["describe"]),
    ("kdesc", &["describe"]),
    ("kdp", &["describe", "pods"]),
    ("kdpo", &["describe", "pods"]),
    ("kds", &["describe", "svc"]),
    ("kdsvc", &["describe", "svc"]),
    ("kdi", &["describe", "ingress"]),
    ("kding", &["describe", "ingress"]),
    ("kdd", &["describe", "deployment"]),
    ("kddep", &["describe", "deployment"]),
    ("kdds", &["describe", "daemonset"]),
    ("kdss", &["describe", "statefulset"]),
    ("kdno", &["describe", "node"]),
    ("kdn", &["describe", "node"]),
    ("kdns", &["describe", "namespace"]),
    ("kdcm", &["describe", "configmap"]),
    ("kdpvc", &["describe", "pvc"]),
    ("kaf", &["apply", "-f"]),
    ("kdel", &["delete"]),
    ("kdelp", &["delete", "pods"]),
    ("kdelf", &["delete", "-f"]),
    ("kex", &["exec", "-it"]),
    ("kexec", &["exec", "-it"]),
    ("keti", &["exec", "-it"]),
    ("krr", &["rollout", "restart"]),
    ("krsd", &["rollout", "status", "deployment"]),
    ("krss", &["rollout", "status", "statefulset"]),
    ("krh", &["rollout", "history"]),
    ("ksd", &["scale", "deployment"]),
    ("ktop", &["top"]),
    ("ktp", &["top", "pods"]),
    ("ktn", &["top", "nodes"]),
];

/// The program and its arguments as they are without a short name, and without what only starts kubectl: `minikube kubectl -- get pods`,
/// `microk8s kubectl get pods`, `aws-vault exec prod -- kubectl get pods`.
pub fn spelled_out(program: String, args: Vec<String>) -> (String, Vec<String>) {
    const KUBECTL: &str = "kubectl";
    if let Some((_, stands_for)) = ALIASES.iter().find(|(name, _)| *name == program) {
        let mut all: Vec<String> = stands_for.iter().map(|word| (*word).to_owned()).collect();
        all.extend(args);
        return (KUBECTL.to_owned(), all);
    }
    let first = args.first().map(String::as_str).unwrap_or_default();
    match program.as_str() {
        "minikube" | "microk8s" | "k3s" | "rke2" | "k0s" | "tsh" if first == KUBECTL => {
            // minikube's own options stand before `--`.
            let behind = args
                .iter()
                .position(|arg| arg == "--")
                .filter(|_| program == "minikube");
            let from = behind.map_or(1, |at| at + 1);
            (KUBECTL.to_owned(), args.into_iter().skip(from).collect())
        }
        "aws-vault" | "aws-okta" | "saml2aws" | "granted" | "chamber" | "op" if matches!(first, "exec" | "run") => {
            let Some(at) = args.iter().position(|arg| arg == "--") else {
                return (program, args);
            };
            let mut rest = args.iter().skip(at + 1).cloned();
            match rest.next() {
                Some(run) => (run, rest.collect()),
                None => (program, args),
            }
        }
        _ => (program, args),
    }
}

#[cfg(test)]
mod tests {
    use crate::segment::sniff::Hint;
    use crate::segment::{CommandLine, Format};

    #[test]
    fn short_names_are_spelled_out() {
        for (text, spelled) in [
            ("kgp -n shop", "kubectl get pods -n shop"),
            ("kl deploy/cart -n shop", "kubectl logs deploy/cart -n shop"),
            ("kdp cart-0", "kubectl describe pods cart-0"),
            ("minikube kubectl -- get po -A", "kubectl get po -A"),
            ("minikube kubectl -p dev -- get po -A", "kubectl get po -A"),
            ("microk8s kubectl get nodes", "kubectl get nodes"),
            ("sudo k3s kubectl get nodes -o wide", "kubectl get nodes -o wide"),
            ("aws-vault exec prod --no-session -- kubectl get ns", "kubectl get ns"),
            ("C:\\tools\\kubectl.exe get ns", "kubectl get ns"),
            ("minikube status", "minikube status"),
            ("aws-vault list", "aws-vault list"),
        ] {
            let line = CommandLine::new(text);
            assert_eq!(format!("{} {}", line.program, line.args.join(" ")), spelled, "{text}");
        }
    }

    #[test]
    fn they_only_hint_at_what_is_printed() {
        for (text, format) in [
            ("kgp", Some("kubectl-table")),
            ("kubecolor describe po cart-0", Some("kubectl-describe")),
            ("oc get po -o yaml", Some("kubernetes-yaml")),
            ("kgd cart -o yaml", Some("kubernetes-yaml")),
            ("klf cart-0", Some("log")),
            ("kdelp cart-0", Some("kubectl-answer")),
        ] {
            assert_eq!(Hint::new(text).expects.map(Format::name), format, "{text}");
        }
        let read = crate::artifact::testing::read("$ kgp\nzsh: command not found: kgp\n");
        assert_ne!(read.format, "kubectl-table");
    }
}
