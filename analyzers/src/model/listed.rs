//! What was asked of the API and answered in full, so that an object that is not there does not exist. Absent is not false: without such
//! an answer nothing is known of what was not pasted.

use super::{Entity, Model};
use crate::artifact::Node;
use crate::artifact::kubectl::table;
use crate::evidence::Evidence;
use crate::segment::{Command, CommandLine};

impl Model<'_> {
    /// What shows that all objects of a kind in a namespace were pasted; none of a table, whose last rows may have been cut off.
    pub fn all_listed(&self, kind: &str, namespace: &str) -> Option<Evidence> {
        self.artifacts.roots().find_map(|(artifact, root)| {
            let line = self.command_of(artifact)?.line();
            if !lists(&line, kind, namespace) {
                return None;
            }
            let nothing = statuses(&root).into_iter().find(|status| {
                let message = status.str_of("message").unwrap_or_default();
                let of = status.at(&["x-parsed", "namespace"]);
                let there = is_everywhere(&line) || of.and_then(|of| of.str()) == Some(namespace);
                message.starts_with("No resources found") && there
            });
            nothing
                .map(|nothing| nothing.evidence())
                .or_else(|| is_whole_list(&root).then(|| root.evidence()))
        })
    }

    /// Whether all objects of a kind were asked for: also where the answer is a table, whose last rows may have been cut off.
    pub fn asked_everywhere(&self, kind: &str) -> bool {
        self.artifacts.roots().any(|(artifact, _)| {
            let line = self.command_of(artifact).map(Command::line);
            line.is_some_and(|line| is_everywhere(&line) && lists(&line, kind, ""))
        })
    }

    /// What shows that an object of that name was asked for, and there was none.
    pub fn not_found(&self, kind: &str, namespace: &str, name: &str) -> Option<Evidence> {
        self.artifacts.roots().find_map(|(artifact, root)| {
            let line = self.command_of(artifact)?.line();
            if !line.is_kubectl() || line.name(&["-n", "--namespace"]) != Some(namespace) {
                return None;
            }
            let is_it = |status: &Node<'_>| {
                let told = |field: &str| status.at(&["details", field]);
                let asked = told("kind").and_then(|kind| table::api_of(kind.str()?));
                status.str_of("reason") == Some("NotFound")
                    && asked.is_some_and(|(_, asked)| asked == kind)
                    && told("name").and_then(|name| name.str()) == Some(name)
            };
            statuses(&root).into_iter().find(is_it).map(|status| status.evidence())
        })
    }

    /// What shows that an object and all others of a kind around it were pasted together: its document holds some of that namespace, so
    /// that whoever took it asked for both.
    pub fn listed_beside(&self, object: &Entity<'_>, kind: &str) -> Option<Evidence> {
        let view = object.views.first().filter(|view| view.complete())?;
        let beside = self
            .all(kind)
            .filter(|other| other.namespace == object.namespace)
            .flat_map(|other| &other.views)
            .find(|other| other.artifact() == view.artifact())?;
        // A command that selects may have left the others out.
        let artifact = self.artifacts.get(view.artifact())?;
        let selects = self
            .command_of(artifact)
            .is_some_and(|command| selects(&command.line()));
        (!selects).then(|| beside.evidence())
    }
}

/// Whether a command asks for all objects of a kind in a namespace.
fn lists(line: &CommandLine, kind: &str, namespace: &str) -> bool {
    let positional = line.positional();
    let ["get", resources] = positional.as_slice() else {
        return false;
    };
    let asked = resources.split(',').any(|word| is_called(word, kind));
    let there = is_everywhere(line)
        // What has no namespace is listed wherever one stands.
        || namespace.is_empty()
        || line.name(&["-n", "--namespace"]) == Some(namespace);
    line.is_kubectl() && asked && there && !selects(line) && !line.filtered()
}

/// Whether a word of kubectl's is a kind's name: one that is known, or the plural that the API makes of it.
fn is_called(word: &str, kind: &str) -> bool {
    if let Some((_, known)) = table::api_of(word) {
        return known == kind;
    }
    let word = word.split('.').next().unwrap_or_default();
    let kind = kind.to_ascii_lowercase();
    let plural = kind
        .strip_suffix('y')
        .map_or_else(|| format!("{kind}s"), |stem| format!("{stem}ies"));
    word == kind || word == plural
}

/// Whether a command asks for some objects of a kind alone.
fn selects(line: &CommandLine) -> bool {
    line.written(&["-l", "--selector"]).is_some() || line.written(&["--field-selector"]).is_some()
}

fn is_everywhere(line: &CommandLine) -> bool {
    line.flag(&["-A", "--all-namespaces"])
}

/// What kubectl says instead of a list.
fn statuses<'a>(root: &Node<'a>) -> Vec<Node<'a>> {
    let mut items = root.list("items");
    items.retain(|item| item.str_of("kind") == Some("Status"));
    items
}

/// Whether an answer is a whole list: not one page of it (API concepts, "Retrieving large results sets in chunks"), nor cut.
fn is_whole_list(root: &Node<'_>) -> bool {
    let more = root.at(&["metadata", "continue"]);
    root.complete()
        && root.str_of("kind").is_some_and(|kind| kind.ends_with("List"))
        && more.and_then(|more| more.str()).unwrap_or_default().is_empty()
}
