//! Errors as kubectl prints them, and the logs of containers that print the same.

use crate::{Input, analysis};

/// The first error of a text: the value at each pointer.
fn check(text: &str, values: &[(&str, &str)]) {
    let input = Input {
        name: "paste".to_owned(),
        bytes: text.as_bytes().to_vec(),
    };
    let analysis = analysis::read(vec![input], &mut |_| {});
    assert!(analysis.problems.is_empty(), "{:?}", analysis.problems);
    let (artifact, root) = analysis.artifacts.roots().next().unwrap();
    assert_eq!(artifact.kinds, [("v1/Status".to_owned(), 1)], "{text}");
    let item = &root.list("items")[0];
    for (path, value) in values {
        let path: Vec<&str> = path.split('.').collect();
        let node = path
            .iter()
            .try_fold(item.clone(), |node, token| match token.parse::<usize>() {
                Ok(number) => node.items().into_iter().nth(number),
                Err(_) => node.get(token),
            });
        assert_eq!(
            node.as_ref().and_then(crate::artifact::Node::str),
            Some(*value),
            "{path:?} of {text}"
        );
        // Whatever was not told by the line's form stands in its bytes.
        if !matches!(path[0], "kind" | "status") {
            let span = node
                .unwrap()
                .evidence()
                .span(&analysis.sources, &analysis.artifacts)
                .unwrap();
            assert_eq!(analysis.sources.text(span), *value);
        }
    }
}

#[test]
fn a_right_that_is_missing_is_taken_apart() {
    check(
        "$ kubectl get pods -n shop\nError from server (Forbidden): pods is forbidden: User \"system:serviceaccount:ci:deployer\" cannot list resource \"pods\" in API group \"\" in the namespace \"shop\"\n",
        &[
            ("reason", "Forbidden"),
            ("status", "Failure"),
            ("details.kind", "pods"),
            ("x-parsed.user", "system:serviceaccount:ci:deployer"),
            ("x-parsed.verb", "list"),
            ("x-parsed.resource", "pods"),
            ("x-parsed.apiGroup", ""),
            ("x-parsed.namespace", "shop"),
        ],
    );
    check(
        "Error from server (Forbidden): deployments.apps \"web\" is forbidden: User \"arn:aws:sts::111122223333:assumed-role/dev/me\" cannot patch resource \"deployments\" in API group \"apps\" at the cluster scope\n",
        &[
            ("details.kind", "deployments"),
            ("details.group", "apps"),
            ("details.name", "web"),
            ("x-parsed.apiGroup", "apps"),
            ("x-parsed.scope", "cluster scope"),
        ],
    );
}

#[test]
fn what_the_server_says_keeps_its_reason() {
    check(
        "Error from server (NotFound): pods \"cart-9\" not found\n",
        &[
            ("reason", "NotFound"),
            ("details.kind", "pods"),
            ("details.name", "cart-9"),
            ("message", "pods \"cart-9\" not found"),
        ],
    );
    check(
        "Error from server (InternalError): error when creating \"ing.yaml\": Internal error occurred: failed calling webhook \"vingress.elbv2.k8s.aws\": failed to call webhook: Post \"https://aws-load-balancer-webhook-service.kube-system.svc:443/validate?timeout=10s\": context deadline exceeded\n",
        &[
            ("reason", "InternalError"),
            ("x-parsed.webhook", "vingress.elbv2.k8s.aws"),
            (
                "x-parsed.url",
                "https://aws-load-balancer-webhook-service.kube-system.svc:443/validate?timeout=10s",
            ),
            ("x-parsed.cause", "context deadline exceeded"),
            ("x-parsed.file", "ing.yaml"),
        ],
    );
    check(
        "Error from server (Forbidden): error when creating \"pod.yaml\": pods \"web\" is forbidden: exceeded quota: compute, requested: pods=1, used: pods=10, limited: pods=10\n",
        &[
            ("x-parsed.quota", "compute"),
            ("x-parsed.used", "pods=10"),
            ("details.name", "web"),
        ],
    );
    check(
        "Error from server: admission webhook \"validate.kyverno.svc-fail\" denied the request: \n  resource Pod/shop/web was blocked\n",
        &[
            ("x-parsed.webhook", "validate.kyverno.svc-fail"),
            ("x-parsed.denial", "\n  resource Pod/shop/web was blocked"),
        ],
    );
}

#[test]
fn what_keeps_kubectl_from_the_server_is_named() {
    check(
        "Unable to connect to the server: dial tcp: lookup ABCDEF0123456789.gr7.us-east-1.eks.amazonaws.com on 10.0.0.2:53: no such host\n",
        &[
            ("x-parsed.lookup", "ABCDEF0123456789.gr7.us-east-1.eks.amazonaws.com"),
            ("x-parsed.resolver", "10.0.0.2:53"),
            ("x-parsed.cause", "no such host"),
        ],
    );
    check(
        "Unable to connect to the server: dial tcp 10.0.4.17:443: i/o timeout\n",
        &[("x-parsed.address", "10.0.4.17:443"), ("x-parsed.cause", "i/o timeout")],
    );
    check(
        "The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?\n",
        &[("x-parsed.address", "127.0.0.1:1")],
    );
    check(
        "Unable to connect to the server: getting credentials: exec: executable aws failed with exit code 255\n",
        &[("x-parsed.credentials", "exec: executable aws failed with exit code 255")],
    );
    check(
        "Unable to connect to the server: x509: certificate signed by unknown authority\n",
        &[("x-parsed.cause", "x509: certificate signed by unknown authority")],
    );
    check(
        "$ kubectl get pods -o yaml\nerror: You must be logged in to the server (Unauthorized)\n",
        &[("reason", "Unauthorized")],
    );
}

#[test]
fn an_empty_list_is_no_failure() {
    check(
        "$ kubectl get po -n shop\nNo resources found in shop namespace.\n",
        &[("x-parsed.namespace", "shop"), ("kind", "Status")],
    );
}

#[test]
fn a_patch_that_failed_is_one_error() {
    check(
        "$ kubectl apply -f ing.yaml\n\
         Error from server (InternalError): error when applying patch:\n\
         {\"spec\":{\"ingressClassName\":\"alb\"}}\n\
         to:\n\
         Resource: \"networking.k8s.io/v1, Resource=ingresses\", GroupVersionKind: \"networking.k8s.io/v1, Kind=Ingress\"\n\
         Name: \"cart\", Namespace: \"shop\"\n\
         for: \"ing.yaml\": error when patching \"ing.yaml\": Internal error occurred: failed calling webhook \"vingress.elbv2.k8s.aws\": failed to call webhook: Post \"https://aws-load-balancer-webhook-service.kube-system.svc:443/validate?timeout=10s\": x509: certificate signed by unknown authority\n",
        &[
            ("reason", "InternalError"),
            ("details.kind", "ingresses"),
            ("details.name", "cart"),
            ("x-parsed.namespace", "shop"),
            ("x-parsed.file", "ing.yaml"),
            ("x-parsed.webhook", "vingress.elbv2.k8s.aws"),
        ],
    );
}

#[test]
fn a_message_that_a_ticket_broke_at_its_colons_is_one() {
    check(
        "Error from server (InternalError):\nerror when creating \"ing.yaml\": \nInternal error occurred: failed calling webhook \"vingress.elbv2.k8s.aws\": \nPost \"https://hook.kube-system.svc:443/validate?timeout=10s\": \ncontext deadline exceeded\n",
        &[
            ("reason", "InternalError"),
            ("x-parsed.webhook", "vingress.elbv2.k8s.aws"),
            ("x-parsed.cause", "context deadline exceeded"),
        ],
    );
    // What stands below a whole message is another one.
    let input = Input {
        name: "paste".to_owned(),
        bytes: b"Error from server (NotFound): pods \"cart-9\" not found\nError from server (NotFound): pods \"cart-8\" not found\n".to_vec(),
    };
    let analysis = analysis::read(vec![input], &mut |_| {});
    let (artifact, _) = analysis.artifacts.roots().next().unwrap();
    assert_eq!(artifact.kinds, [("v1/Status".to_owned(), 2)]);
}

/// Format, first and last line, and the command of each part.
fn parts(text: &str) -> Vec<(String, usize, usize, bool)> {
    let input = Input {
        name: "paste".to_owned(),
        bytes: text.as_bytes().to_vec(),
    };
    let analysis = analysis::read(vec![input], &mut |_| {});
    let parts = analysis.segments.iter().map(|segment| {
        let lines = analysis.sources.lines(segment.span);
        let format = segment.format.name().to_owned();
        (format, lines.first, lines.last, segment.command.is_some())
    });
    parts.collect()
}

/// Whether a command's whole output is an error of kubectl, for each command and its output.
fn are_errors(said: &[(&str, &str)]) {
    for (command, error) in said {
        let text = format!("$ kubectl {command}\n{error}\n");
        assert_eq!(parts(&text), [("kubectl-error".to_owned(), 1, 2, true)], "{text}");
    }
}

#[test]
fn what_kubectl_says_itself_is_no_log_of_a_container() {
    are_errors(&[
        (
            "logs ledger-0 -c app --previous",
            "Error from server (BadRequest): previous terminated container \"app\" in pod \"ledger-0\" not found",
        ),
        (
            "logs ledger-0",
            "error: a container name must be specified for pod ledger-0, choose one of: [app envoy]",
        ),
        (
            "logs ledger-0 -f",
            "Error from server: Get \"https://10.3.7.21:10250/containerLogs/billing/ledger-0/app\": dial tcp 10.3.7.21:10250: i/o timeout",
        ),
        (
            "logs ledger-9",
            "Error from server (NotFound): pods \"ledger-9\" not found",
        ),
        (
            "logs ledger-9 -n billing",
            "error: error from server (NotFound): pods \"ledger-9\" not found in namespace \"billing\"",
        ),
        (
            "logs $POD -n billing",
            "Error from server (NotFound): pods \"ledger-9\" not found",
        ),
        (
            "-n billing logs deploy/ledger",
            "Error from server (NotFound): deployments.apps \"ledger\" not found",
        ),
        (
            "logs deploymnet/ledger",
            "error: the server doesn't have a resource type \"deploymnet\"",
        ),
        (
            "logs deploy/ledger",
            "Error from server (BadRequest): container \"app\" in pod \"ledger-7d9f8b6c5d-x2x4z\" is waiting to start: ContainerCreating",
        ),
        (
            "logs pod/ledger-0",
            "Error from server (Forbidden): pods \"ledger-0\" is forbidden: User \"arn:aws:sts::111122223333:assumed-role/ops/ana\" cannot get resource \"pods/log\" in API group \"\" in the namespace \"billing\"",
        ),
        (
            "logs ledger-0",
            "Error from server (Forbidden): pods \"ledger-0\" is forbidden: User \"arn:aws:sts::111122223333:assumed-role/ops/ana\" cannot get resource \"pods\" in API group \"\" in the namespace \"billing\"",
        ),
        (
            "logs -l app=ledger",
            "Error from server (Forbidden): pods is forbidden: User \"arn:aws:sts::111122223333:assumed-role/ops/ana\" cannot list resource \"pods\" in API group \"\" in the namespace \"billing\"",
        ),
        (
            "logs ledger-0",
            "Error from server (InternalError): Internal error occurred: Authorization error (user=kube-apiserver-kubelet-client, verb=get, resource=nodes, subresource=proxy)",
        ),
        (
            "logs ledger-0",
            "Error from server (Timeout): the server was unable to return a response in the time allotted, but may still be processing requests (get pods ledger-0)",
        ),
        (
            "logs ledger-0",
            "Unable to connect to the server: dial tcp: lookup 0A1B2C3D4E5F60718293A4B5C6D7E8F9.gr7.eu-west-1.eks.amazonaws.com: no such host",
        ),
        (
            "logs ledger-0",
            "error: You must be logged in to the server (Unauthorized)",
        ),
        ("logs -l app=none", "No resources found in billing namespace."),
        (
            "logs -n billing -l app=none",
            "No resources found in billing namespace.",
        ),
        ("logs ledger-0 -c x", "error: container x is not valid for pod ledger-0"),
    ]);
    are_errors(&[
        (
            "exec ledger-0 -c app -- nslookup db",
            "error: unable to upgrade connection: container not found (\"app\")",
        ),
        (
            "exec ledger-0 -- cat /etc/resolv.conf",
            "command terminated with exit code 1",
        ),
        (
            "exec ledger-0 -- dig db",
            "error: Internal error occurred: error executing command in container: context deadline exceeded",
        ),
        (
            "exec ledger-0 -- journalctl -u kubelet",
            "error: cannot exec into a container in a completed pod; current phase is Succeeded",
        ),
    ]);
}

#[test]
fn what_logs_says_names_its_pod() {
    check(
        "$ kubectl logs ledger-9 -n billing\nerror: error from server (NotFound): pods \"ledger-9\" not found in namespace \"billing\"\n",
        &[
            ("reason", "NotFound"),
            ("details.kind", "pods"),
            ("details.name", "ledger-9"),
            ("x-parsed.namespace", "billing"),
        ],
    );
    check(
        "$ kubectl logs ledger-0 -c app --previous\nError from server (BadRequest): previous terminated container \"app\" in pod \"ledger-0\" not found\n",
        &[
            ("reason", "BadRequest"),
            ("x-parsed.container", "app"),
            ("x-parsed.pod", "ledger-0"),
        ],
    );
}

#[test]
fn the_words_of_a_kubectl_in_the_container_are_its_log() {
    for (command, error) in [
        (
            "logs job/cleanup",
            "Error from server (Forbidden): pods is forbidden: User \"system:serviceaccount:ops:cleanup\" cannot list resource \"pods\" in API group \"\" in the namespace \"ops\"",
        ),
        ("logs job/cleanup", "No resources found in ops namespace."),
        ("logs -n ops -l app=cleanup", "No resources found in shop namespace."),
        (
            "logs job/cleanup",
            "error: the server doesn't have a resource type \"rollouts\"",
        ),
        (
            "logs cleanup-x7k2p",
            "Error from server (NotFound): pods \"cart-0\" not found",
        ),
        (
            "logs cleanup-x7k2p",
            "Error from server (BadRequest): container \"app\" in pod \"cart-0\" is waiting to start: ContainerCreating",
        ),
        (
            "logs cleanup-x7k2p",
            "Unable to connect to the server: dial tcp: lookup kubernetes.default.svc on 172.20.0.10:53: i/o timeout",
        ),
        (
            "logs cleanup-x7k2p",
            "The connection to the server 172.20.0.1:443 was refused - did you specify the right host or port?",
        ),
        (
            "logs cleanup-x7k2p",
            "The Deployment \"cart\" is invalid: spec.selector: Required value",
        ),
        (
            "logs cleanup-x7k2p",
            "error: unable to recognize \"cart.yaml\": no matches for kind \"Rollout\" in version \"argoproj.io/v1alpha1\"",
        ),
        // Only a log goes on.
        (
            "logs -l app=cleanup",
            "No resources found in ops namespace.\nlevel=info msg=\"nothing to delete\"",
        ),
        (
            "logs cleanup-x7k2p",
            "Unable to connect to the server: EOF\nUnable to connect to the server: EOF",
        ),
    ] {
        let text = format!("$ kubectl {command}\n{error}\n");
        let last = 1 + error.lines().count();
        assert_eq!(parts(&text), [("log".to_owned(), 1, last, true)], "{text}");
    }
    // Somebody's words below an error are no log.
    let text =
        "$ kubectl logs ledger-0\nUnable to connect to the server: EOF\n\nIt worked yesterday, what has changed?\n";
    assert_eq!(parts(text)[0], ("kubectl-error".to_owned(), 1, 2, true));
}

#[test]
fn the_containers_own_errors_stay_its_log() {
    let text = "$ kubectl logs ledger-0\nError: connect ECONNREFUSED 10.3.9.77:5432\nerror: giving up\n";
    assert_eq!(parts(text), [("log".to_owned(), 1, 3, true)]);
    let text = "$ kubectl logs ledger-0\nsyncing\nError from server (Forbidden): pods is forbidden\nsyncing\n";
    assert_eq!(parts(text), [("log".to_owned(), 1, 4, true)]);
    let text =
        "$ kubectl exec ledger-0 -- node a.js\nError: Cannot find module 'pg'\ncommand terminated with exit code 1\n";
    assert_eq!(
        parts(text),
        [("log".to_owned(), 1, 2, true), ("kubectl-error".to_owned(), 3, 3, true)]
    );
    // What chose the container is a notice above the error.
    let text = "$ kubectl logs ledger-0 -p\nDefaulted container \"app\" out of: app, envoy\nError from server (BadRequest): previous terminated container \"app\" in pod \"ledger-0\" not found\n";
    assert_eq!(parts(text)[0], ("log".to_owned(), 1, 2, true));
    assert_eq!(parts(text)[1].0, "kubectl-error");
}

#[test]
fn what_kubectl_advises_belongs_to_its_error() {
    for (command, error) in [
        (
            "apply -f crd.yaml",
            "error: resource mapping not found for name: \"web\" namespace: \"billing\" from \"crd.yaml\": no matches for kind \"Rollout\" in version \"argoproj.io/v1alpha1\"\nensure CRDs are installed first",
        ),
        (
            "gte pods",
            "error: unknown command \"gte\" for \"kubectl\"\n\nDid you mean this?\n\tget\n\tset",
        ),
        (
            "get pods --wide",
            "error: unknown flag: --wide\nSee 'kubectl get --help' for usage.",
        ),
    ] {
        let lines = error.lines().count();
        let text = format!("$ kubectl {command}\n{error}\n");
        assert_eq!(
            parts(&text),
            [("kubectl-error".to_owned(), 1, 1 + lines, true)],
            "{text}"
        );
        // Without the command, where the words are kubectl's own.
        if !error.contains("flag") {
            assert_eq!(parts(error), [("kubectl-error".to_owned(), 1, lines, false)], "{error}");
        }
    }
    let text = "$ kubectl exec ledger-0 cat /etc/hostname\nkubectl exec [POD] [COMMAND] is DEPRECATED and will be removed in a future version. Use kubectl exec [POD] -- [COMMAND] instead.\nledger-0\n";
    assert_eq!(parts(text)[0], ("log".to_owned(), 1, 2, true));
    assert!(parts(text)[1].3, "the output has its command");
}

#[test]
fn what_an_object_has_wrong_is_its_causes() {
    check(
        "The Service \"ledger\" is invalid: spec.clusterIPs[0]: Invalid value: []string{\"172.20.61.4\"}: failed to allocate IP\n",
        &[
            ("details.kind", "Service"),
            ("details.name", "ledger"),
            ("details.causes.0.field", "spec.clusterIPs[0]"),
            (
                "details.causes.0.message",
                "Invalid value: []string{\"172.20.61.4\"}: failed to allocate IP",
            ),
        ],
    );
    check(
        "$ kubectl apply -f d.yaml\nThe Deployment \"ledger\" is invalid: \n* spec.template.metadata.labels: Invalid value: {\"app\":\"b\"}: `selector` does not match template `labels`\n* spec.selector: Required value\n",
        &[
            ("details.causes.0.field", "spec.template.metadata.labels"),
            ("details.causes.1.field", "spec.selector"),
            ("details.causes.1.message", "Required value"),
        ],
    );
}

#[test]
fn later_errors_keep_the_command() {
    let table = "NAME       READY   STATUS    RESTARTS   AGE\nledger-0   1/1     Running   0          5d\n";
    let missing = "Error from server (NotFound): pods \"ledger-9\" not found\n";
    let text = format!("$ kubectl get pods ledger-0 ledger-9\n{table}{missing}");
    assert_eq!(
        parts(&text),
        [
            ("kubectl-table".to_owned(), 1, 3, true),
            ("kubectl-error".to_owned(), 4, 4, true)
        ]
    );
    // A table that somebody pasted below the error is not known to be the command's.
    assert!(!parts(&format!("{text}\n{table}"))[2].3);
    let text = "$ kubectl rollout status deploy/ledger --timeout=1m\nWaiting for deployment \"ledger\" rollout to finish: 0 of 2 updated replicas are available...\nerror: timed out waiting for the condition\n";
    assert_eq!(parts(text)[1], ("kubectl-error".to_owned(), 3, 3, true));
    let text = "$ kubectl version\nClient Version: v1.31.2\nThe connection to the server 10.3.0.5:6443 was refused - did you specify the right host or port?\nWarning: version difference is not known\n";
    assert_eq!(
        parts(text),
        [
            ("kubectl-version".to_owned(), 1, 2, true),
            ("kubectl-error".to_owned(), 3, 3, true),
            ("log".to_owned(), 4, 4, true)
        ]
    );
    // Another program's output is followed by an error of nobody known.
    assert!(!parts(&format!("$ date\nTue Mar  4 10:12:01 UTC 2025\n{missing}"))[1].3);
    // A warning above the table, and the table.
    let text = format!("$ kubectl get pods\nWarning: v1 Foo is deprecated\n{table}");
    assert!(parts(&text).iter().all(|part| part.3));
}

#[test]
fn errors_of_other_programs_are_left_alone() {
    let input = Input {
        name: "paste".to_owned(),
        bytes: b"error: pathspec 'x' did not match any file(s) known to git\n".to_vec(),
    };
    let analysis = analysis::read(vec![input], &mut |_| {});
    assert_eq!(analysis.segments[0].format.name(), "log");
}
