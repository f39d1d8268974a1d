//! One error in the shape of the API's `Status` (apimachinery `meta/v1/types.go`), taken apart.
//!
//! The messages: apimachinery `pkg/api/errors/errors.go`, apiserver's authorizer and admission. What a message names stands parsed in `x-parsed`.

use super::is_invalid;
use crate::artifact::Placed;
use crate::text::Piece;

/// One error as the API's object.
pub fn status(line: Piece<'_>) -> Placed {
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
    if let Some(rest) = after(line, "Error from server (").or_else(|| after(line, "error: error from server ("))
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

/// `pods "cart-0" not found`, of `logs` with ` in namespace "shop"` (kubernetes/kubectl `pkg/cmd/logs/logs.go`), `the server doesn't have a resource type "pod s"`.
fn not_found(message: Piece<'_>, status: &mut Placed) {
    let (message, namespace) = match message.split_once(" not found in namespace \"") {
        Some((object, rest)) => (
            message.part(0..object.len() + " not found".len()),
            rest.strip_suffix("\""),
        ),
        None => (message, None),
    };
    if let Some(namespace) = namespace {
        parsed(status, "namespace", namespace);
    }
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
