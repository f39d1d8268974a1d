//! The errors that kubectl itself prints, in the shape of the API's `Status` (apimachinery `meta/v1/types.go`).
//!
//! The words around the API's message: `pkg/cmd/util/helpers.go` of kubernetes/kubectl (`StandardErrorMessage`, `checkErr`); the messages:
//! apimachinery `pkg/api/errors/errors.go`, apiserver's authorizer and admission. What a message names stands parsed in `x-parsed`.

use std::collections::BTreeMap;

use super::list;
use crate::artifact::{Artifacts, Placed};
use crate::segment::formats::{self, Part, Spec, no_command};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::segment::{CommandLine, Format};
use crate::text::Piece;

/// kubectl's own error messages.
pub const FORMAT: Format = Format::new(&Spec {
    name: "kubectl-error",
    title: "an error of kubectl",
    command: no_command,
    sniff,
    read,
});

/// Beginnings that only kubectl prints.
const OWN: [&str; 30] = [
    "Error from server",
    "Unable to connect to the server: ",
    "The connection to the server ",
    "The request is invalid: ",
    "No resources found",
    "error: You must be logged in to the server",
    "error: the server doesn't have a resource type",
    "error: exec plugin: ",
    "error when creating \"",
    "error when applying patch:",
    "error when replacing \"",
    "error when retrieving current configuration of:",
    "Internal error occurred: failed calling webhook \"",
    // Of `logs`, `exec`, `attach` and `port-forward` (`pkg/cmd/{logs,exec,attach,portforward}`; client-go `transport/spdy`). The last is what
    // `exec` says below the output of a command that failed (client-go `util/exec`).
    "error: a container name must be specified for pod ",
    "error: expected 'logs ",
    "error: cannot exec ",
    "error: cannot attach ",
    "error: unable to upgrade connection",
    "error: unable to forward port because pod is not running",
    "error: lost connection to pod",
    "error: pod, type/name or --filename must be specified",
    "error: Internal error occurred: ",
    "command terminated with exit code ",
    // Of a kubeconfig and of manifests (client-go `tools/clientcmd`; cli-runtime `pkg/resource`).
    "error: current-context is not set",
    "error: context was not found for specified context",
    "error: no context exists with the name",
    "error: resource mapping not found for name: ",
    "error: unable to recognize \"",
    "error: error validating \"",
    "error: You must specify the type of resource to get",
];

/// Beginnings that other programs print, too: taken where kubectl was called.
const SHARED: [&str; 3] = ["error: ", "Error: ", "Error in configuration: "];

fn is_own(line: &str) -> bool {
    OWN.iter().any(|own| line.starts_with(own))
        || line.starts_with("error: container ") && line.contains(" is not valid for pod ")
        || line.starts_with("error: unknown command \"") && line.contains(" for \"kubectl")
        || is_invalid(line)
}

/// `The Deployment "web" is invalid: …`: a kind and a name.
fn is_invalid(line: &str) -> bool {
    line.strip_prefix("The ")
        .and_then(|rest| rest.split_once(" \""))
        .is_some_and(|(kind, rest)| {
            kind.starts_with(|c: char| c.is_ascii_uppercase())
                && kind.bytes().all(|byte| byte.is_ascii_alphanumeric())
                && rest.contains("\" is invalid")
        })
}

fn is_shared(line: &str) -> bool {
    SHARED.iter().any(|shared| line.starts_with(shared))
}

/// Whether what is printed below a command is kubectl's own: not a container's log, nor what a command inside of one says.
fn speaks_itself(line: &CommandLine) -> bool {
    let runs = ["logs", "exec", "attach", "run", "debug"];
    line.is_kubectl() && line.inner().is_none() && !line.positional().first().is_some_and(|word| runs.contains(word))
}

/// Whether a line is what `kubectl exec` says below the output of a command that failed.
pub fn ends_exec(line: &str) -> bool {
    line.starts_with("command terminated with exit code ")
}

/// What kubectl says where a log was asked for: its error, or the notices above it. A log that begins with other words is the
/// container's, even where these are an error.
pub fn instead_of_log(rest: &str, hint: &Hint) -> Option<Taken> {
    let asks = |line: &CommandLine| line.is_kubectl() || line.inner().is_some_and(|inner| inner.is_kubectl());
    hint.line.as_ref().filter(|line| asks(line))?;
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
    let (line, _) = ends(below).next()?;
    let error = sniff(line, below, hint)?;
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

/// What kubectl advises below an error, after a blank line or none (cobra's suggestions; cli-runtime, `pkg/cmd/util/helpers.go`).
const HELP: [&str; 5] = [
    "ensure CRDs are installed first",
    "Did you mean this?",
    "See 'kubectl ",
    "Run 'kubectl ",
    "Use \"kubectl ",
];

/// Whether a line goes on with the message before it: lists of causes are indented or begin with `*`.
fn continues(line: &str) -> bool {
    line.starts_with([' ', '\t']) && !line.trim().is_empty() || line.starts_with("* ")
}

/// Whether the line above leaves its message open: it ends with the colon before the cause, or inside of quotes, as where a ticket or a
/// terminal broke it.
fn is_open(above: &str) -> bool {
    let above = above.trim_end();
    above.ends_with(':') || above.len() > 60 && above.bytes().filter(|byte| *byte == b'"').count() % 2 == 1
}

/// How many lines of a patch that failed are looked through for its end.
const PATCH: usize = 12;

/// How many bytes below an error's first line go on with it: `error when applying patch:` is followed by the patch, by what it was to
/// change, and by `for: "FILE": CAUSE` (kubernetes/kubectl, `pkg/cmd/apply/apply.go`).
fn goes_on(first: &str, below: &str) -> usize {
    let is_help = |line: &str| HELP.iter().any(|help| line.starts_with(help));
    if first.trim_end().ends_with("error when applying patch:") {
        let mut lines = ends(below)
            .take(PATCH)
            .take_while(|(line, _)| !line.trim().is_empty() && !line.starts_with("Error from server"));
        if let Some((_, end)) = lines.find(|(line, _)| line.starts_with("for: \"")) {
            return end;
        }
    }
    let mut above = first;
    let mut len = 0;
    let mut lines = ends(below).peekable();
    while let Some((line, end)) = lines.next() {
        if line.trim().is_empty() && lines.peek().is_some_and(|(next, _)| is_help(next)) {
            continue;
        }
        let open = is_open(above) && !line.trim().is_empty() && !line.starts_with("Error from server");
        if !(continues(line) || open || is_help(line)) {
            break;
        }
        above = line;
        len = end;
    }
    len
}

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    if !matches!(line.bytes().next()?, b'E' | b'U' | b'T' | b'N' | b'e' | b'I' | b'c') {
        return None;
    }
    let own = is_own(line);
    if !own && !is_shared(line) {
        return None;
    }
    let shared = hint.line.as_ref().is_some_and(speaks_itself);
    let begins = |line: &str| is_own(line) || shared && is_shared(line);
    if !begins(line) {
        return None;
    }
    let mut len = 0;
    while let Some(here) = rest.get(len..)
        && let Some((line, end)) = ends(here).next().filter(|(line, _)| begins(line))
    {
        len += end + goes_on(line, here.get(end..).unwrap_or_default());
    }
    (len > 0).then_some(Taken {
        len,
        format: FORMAT,
        confidence: 0.9,
    })
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, _: &mut Vec<crate::problem::Problem>) {
    let whole = Piece::new(part.text());
    let mut items = Placed::array(whole);
    let mut at = 0;
    while let Some(here) = part.text().get(at..)
        && let Some((line, end)) = ends(here).next()
    {
        let len = end + goes_on(line, here.get(end..).unwrap_or_default());
        let message = whole.part(at..at + len).trim();
        if !message.is_empty() {
            items.push(status(message));
        }
        at += len;
    }
    list::add(part, "v1/Status", items, BTreeMap::new(), artifacts);
}

/// One error as the API's object.
fn status(line: Piece<'_>) -> Placed {
    let line = line.trim();
    let mut status = Placed::object(line);
    status.put("apiVersion", Placed::value("v1", line));
    status.put("kind", Placed::value("Status", line));
    if line.starts_with("No resources found") {
        // Nothing failed: the list is empty.
        status.put("message", Placed::text(line));
        if let Some((namespace, _)) =
            after(line, "No resources found in ").and_then(|rest| rest.split_once(" namespace"))
        {
            status.put_at(&["x-parsed", "namespace"], line, Placed::text(namespace));
        }
        return status;
    }
    status.put("status", Placed::value("Failure", line));
    let message = server(line, &mut status);
    status.put_text("message", message);
    forbidden(message, &mut status);
    not_found(message, &mut status);
    webhook(message, &mut status);
    quota(message, &mut status);
    transport(message, &mut status);
    file(message, &mut status);
    invalid(message, &mut status);
    container(message, &mut status);
    status
}

/// Takes the words before the message off, and reads the reason that they name.
fn server<'a>(line: Piece<'a>, status: &mut Placed) -> Piece<'a> {
    if let Some(rest) = after(line, "Error from server (")
        && let Some((reason, message)) = rest.split_once(")")
    {
        status.put_text("reason", reason);
        return message.strip_prefix(":").unwrap_or(message).trim();
    }
    for prefix in [
        "Error from server: ",
        "Unable to connect to the server: ",
        "error: ",
        "Error: ",
    ] {
        if let Some(message) = after(line, prefix) {
            if let Some(at) = message.find("(Unauthorized)") {
                status.put("reason", Placed::text(message.part(at + 1..at + 13)));
            }
            return message;
        }
    }
    line
}

fn after<'a>(piece: Piece<'a>, prefix: &str) -> Option<Piece<'a>> {
    piece.strip_prefix(prefix)
}

/// What stands in quotes right after some words.
fn quoted<'a>(piece: Piece<'a>, words: &str) -> Option<Piece<'a>> {
    let (_, rest) = piece.split_once(&format!("{words} \""))?;
    Some(rest.split_once("\"")?.0)
}

fn parsed(status: &mut Placed, name: &str, piece: Piece<'_>) {
    status.put_at(&["x-parsed", name], piece, Placed::text(piece));
}

/// `pods "cart-0" is forbidden: User "x" cannot get resource "pods" in API group "" in the namespace "shop"` (apiserver
/// `responsewriters/errors.go`, `forbiddenMessage`).
fn forbidden(message: Piece<'_>, status: &mut Placed) {
    let Some((object, rest)) = message.split_once(" is forbidden: ") else {
        if let Some((_, rest)) = message.split_once("forbidden: ") {
            denied(rest, status);
        }
        return;
    };
    named(object, status);
    denied(rest, status);
}

fn denied(rest: Piece<'_>, status: &mut Placed) {
    let Some(user) = quoted(rest, "User") else { return };
    let Some((_, action)) = rest.split_once("\" cannot ") else {
        return;
    };
    parsed(status, "user", user);
    if let Some(verb) = action.words().next() {
        parsed(status, "verb", verb);
    }
    for (words, name) in [
        ("resource", "resource"),
        ("in API group", "apiGroup"),
        ("in the namespace", "namespace"),
        ("path", "path"),
    ] {
        if let Some(value) = quoted(action, words) {
            parsed(status, name, value);
        }
    }
    if let Some(at) = action.find("at the cluster scope") {
        parsed(status, "scope", action.part(at + 7..at + 20));
    }
}

/// `deployments.apps "web"`: the resource and the name, as `details` has them.
fn named(object: Piece<'_>, status: &mut Placed) {
    // `error when creating "web.yaml": deployments.apps "web"`
    let object = object.rsplit_once(": ").map_or(object, |(_, last)| last);
    let (resource, name) = match object.split_once(" \"") {
        Some((resource, name)) => (resource, name.strip_suffix("\"")),
        None => (object, None),
    };
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | '/');
    if resource.is_empty() || !resource.chars().all(plain) {
        return;
    }
    let (kind, group) = resource
        .split_once(".")
        .map_or((resource, None), |(kind, group)| (kind, Some(group)));
    status.put_at(&["details", "kind"], kind, Placed::text(kind));
    if let Some(group) = group {
        status.put_at(&["details", "group"], group, Placed::text(group));
    }
    if let Some(name) = name {
        status.put_at(&["details", "name"], name, Placed::text(name));
    }
}

/// `pods "cart-0" not found`, `the server doesn't have a resource type "pod s"`.
fn not_found(message: Piece<'_>, status: &mut Placed) {
    if let Some(object) = message
        .strip_suffix(" not found")
        .or_else(|| message.strip_suffix(" already exists"))
    {
        named(object, status);
    }
    if let Some(kind) = quoted(message, "the server doesn't have a resource type") {
        parsed(status, "resource", kind);
    }
}

/// `The Deployment "web" is invalid: spec.selector: Invalid value: …`, with several causes each on a line after `* `; as `details` has them.
fn invalid(message: Piece<'_>, status: &mut Placed) {
    if !is_invalid(&message) {
        return;
    }
    let Some((object, why)) = message.split_once("\" is invalid") else {
        return;
    };
    if let Some((kind, name)) = object.strip_prefix("The ").and_then(|object| object.split_once(" \"")) {
        status.put_at(&["details", "kind"], kind, Placed::text(kind));
        status.put_at(&["details", "name"], name, Placed::text(name));
    }
    let why = why.strip_prefix(":").unwrap_or(why).trim();
    for line in why.lines().map(Piece::trim).filter(|line| !line.is_empty()) {
        let line = line.strip_prefix("* ").unwrap_or(line);
        let Some((field, message)) = line.split_once(": ").filter(|(field, _)| !field.contains(' ')) else {
            continue;
        };
        let mut cause = Placed::object(line);
        cause.put_text("field", field);
        cause.put_text("message", message);
        status.push_at(&["details", "causes"], line, cause);
    }
}

/// `container "app" in pod "web-0" is waiting to start: …`, `container not found ("app")`, `command terminated with exit code 7`.
fn container(message: Piece<'_>, status: &mut Placed) {
    if let Some(code) = after(message, "command terminated with exit code ") {
        status.put_at(&["x-parsed", "exitCode"], code, Placed::number(code));
    }
    let named = quoted(message, "container").or_else(|| {
        message
            .split_once("container not found (\"")
            .and_then(|(_, rest)| rest.split_once("\""))
            .map(|(name, _)| name)
    });
    if let Some(name) = named {
        parsed(status, "container", name);
    }
    if let Some(pod) = quoted(message, "in pod") {
        parsed(status, "pod", pod);
    }
}

/// `failed calling webhook "x": failed to call webhook: Post "https://…": context deadline exceeded` and `admission webhook "x" denied the
/// request: …` (apiserver `admission/plugin/webhook/errors`).
fn webhook(message: Piece<'_>, status: &mut Placed) {
    if let Some(name) = quoted(message, "failed calling webhook") {
        parsed(status, "webhook", name);
    }
    if let Some(name) = quoted(message, "admission webhook") {
        parsed(status, "webhook", name);
        if let Some((_, why)) = message.split_once(" denied the request: ") {
            parsed(status, "denial", why);
        }
    }
}

/// `exceeded quota: compute, requested: pods=1, used: pods=10, limited: pods=10` (apiserver's quota admission).
fn quota(message: Piece<'_>, status: &mut Placed) {
    let Some((_, rest)) = message.split_once("exceeded quota: ") else {
        return;
    };
    let Some((name, rest)) = rest.split_once(", requested: ") else {
        return;
    };
    parsed(status, "quota", name);
    let Some((requested, rest)) = rest.split_once(", used: ") else {
        return;
    };
    parsed(status, "requested", requested);
    if let Some((used, limited)) = rest.split_once(", limited: ") {
        parsed(status, "used", used);
        parsed(status, "limited", limited);
    }
}

/// What Go's network errors name: the URL, the address that was dialled, the name that was looked up and by whom, and why it failed.
fn transport(message: Piece<'_>, status: &mut Placed) {
    for verb in ["Get", "Post", "Put", "Patch", "Delete"] {
        // Where the terminal broke it, its parts are not known to be all.
        if let Some(url) = quoted(message, verb).filter(|url| url.starts_with("http") && !url.contains('\n')) {
            parsed(status, "url", url);
        }
    }
    if let Some((_, rest)) = message.split_once("The connection to the server ")
        && let Some((address, _)) = rest.split_once(" was refused")
    {
        parsed(status, "address", address);
    }
    if let Some((_, rest)) = message.split_once("dial tcp ")
        && let Some((address, _)) = rest.split_once(": ")
        && !address.contains(' ')
    {
        parsed(status, "address", address);
    }
    // `dial tcp: lookup NAME on 10.0.0.2:53: no such host`
    if let Some((_, rest)) = message.split_once("lookup ")
        && let Some(name) = rest.words().next()
    {
        parsed(status, "lookup", name.strip_suffix(":").unwrap_or(name));
        if let Some((server, _)) = rest.split_once(" on ").and_then(|(_, rest)| rest.split_once(": ")) {
            parsed(status, "resolver", server);
        }
    }
    for cause in [
        "no such host",
        "i/o timeout",
        "connection refused",
        "connection reset by peer",
        "no route to host",
        "network is unreachable",
        "TLS handshake timeout",
        "context deadline exceeded",
        "Client.Timeout exceeded while awaiting headers",
        "http: server gave HTTP response to HTTPS client",
        "no endpoints available for service",
        "EOF",
    ] {
        if let Some(at) = message.find(cause) {
            parsed(status, "cause", message.part(at..at + cause.len()));
            break;
        }
    }
    if let Some(at) = message.find("x509: ") {
        parsed(status, "cause", message.skip(at));
    }
    if let Some((_, exec)) = message.split_once("getting credentials: ") {
        parsed(status, "credentials", exec);
    }
}

/// `error when creating "web.yaml": …`, `error validating "web.yaml": error validating data: …`.
fn file(message: Piece<'_>, status: &mut Placed) {
    for words in [
        "error when creating",
        "error validating",
        "error when applying patch",
        "error parsing",
    ] {
        if let Some(name) = quoted(message, words) {
            parsed(status, "file", name);
            break;
        }
    }
    if message.starts_with("error when applying patch:") {
        if let Some(name) = quoted(message, "\nfor:") {
            parsed(status, "file", name);
        }
        // `Resource: "apps/v1, Resource=deployments", …` and the object's name, where they were not blacked out.
        if let Some(resource) = quoted(message, "\nResource:").and_then(|text| text.split_once("Resource=")) {
            let group = resource.1;
            status.put_at(&["details", "kind"], group, Placed::text(group));
        }
        if let Some(name) = quoted(message, "\nName:") {
            status.put_at(&["details", "name"], name, Placed::text(name));
        }
        if let Some(namespace) = quoted(message, "\", Namespace:") {
            parsed(status, "namespace", namespace);
        }
    }
    if let Some((_, why)) = message.split_once("error validating data: ") {
        parsed(status, "invalid", why);
    }
}

#[cfg(test)]
mod tests {
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

    #[test]
    fn what_kubectl_says_itself_is_no_log_of_a_container() {
        for (command, error) in [
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
            ("logs -l app=none", "No resources found in billing namespace."),
            ("logs ledger-0 -c x", "error: container x is not valid for pod ledger-0"),
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
        ] {
            let text = format!("$ kubectl {command}\n{error}\n");
            assert_eq!(parts(&text), [("kubectl-error".to_owned(), 1, 2, true)], "{text}");
        }
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
    fn the_containers_own_errors_stay_its_log() {
        let text = "$ kubectl logs ledger-0\nError: connect ECONNREFUSED 10.3.9.77:5432\nerror: giving up\n";
        assert_eq!(parts(text), [("log".to_owned(), 1, 3, true)]);
        let text = "$ kubectl logs ledger-0\nsyncing\nError from server (Forbidden): pods is forbidden\nsyncing\n";
        assert_eq!(parts(text), [("log".to_owned(), 1, 4, true)]);
        let text = "$ kubectl exec ledger-0 -- node a.js\nError: Cannot find module 'pg'\ncommand terminated with exit code 1\n";
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
}
