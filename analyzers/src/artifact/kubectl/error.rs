//! The errors that kubectl itself prints, in the shape of the API's `Status` (apimachinery `meta/v1/types.go`).
//!
//! The words around the API's message: `pkg/cmd/util/helpers.go` of kubernetes/kubectl (`StandardErrorMessage`, `checkErr`); the messages:
//! apimachinery `pkg/api/errors/errors.go`, apiserver's authorizer and admission.

mod of_log;
mod status;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use of_log::instead_of_log;

use super::list;
use crate::artifact::{Artifacts, Placed};
use crate::segment::formats::{Part, Spec, no_command};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::segment::{CommandLine, Format};
use crate::text::Piece;

/// kubectl's own error messages.
pub const FORMAT: Format = Format::new(&Spec {
    name: "kubectl-error",
    title: "an error of kubectl",
    command: no_command,
    least: 3,
    sniff,
    read,
});

/// Beginnings that only kubectl prints.
const OWN: [&str; 31] = [
    "Error from server",
    // `logs`, where there is no such pod (`pkg/cmd/logs/logs.go`).
    "error: error from server (",
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

/// What kubectl advises below an error, after a blank line or none (cobra's suggestions; kubernetes/kubectl
/// `pkg/cmd/util/helpers.go`, `UsageErrorf`; cli-runtime `pkg/resource/mapper.go`).
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
            items.push(status::status(message));
        }
        at += len;
    }
    list::add(part, "v1/Status", items, BTreeMap::new(), artifacts);
}
