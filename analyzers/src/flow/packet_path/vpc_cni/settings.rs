//! What the plugin is told: the environment of the containers of `aws-node` (amazon-vpc-cni-k8s, `README.md`, "CNI Configuration Variables").

use crate::artifact::Node;
use crate::evidence::Evidence;
use crate::model::Model;
use crate::model::workload::env;

/// The agent's container.
pub const AGENT: &str = "aws-node";
/// The one that runs before it, and sets the node's kernel up.
pub const INIT: &str = "aws-vpc-cni-init";

/// A setting: what was written, and where it stands, or the container without it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The value; `None` where the default counts.
    pub value: Option<String>,
    /// Where it stands.
    pub evidence: Vec<Evidence>,
}

impl Setting {
    /// Whether it has a value.
    pub fn is(&self, wanted: &str) -> bool {
        self.value.as_deref() == Some(wanted)
    }
}

/// A setting of a container; `None` where the container was not pasted.
pub fn setting(model: &Model<'_>, container: &str, name: &str) -> Option<Setting> {
    let container = self::container(model, container)?;
    if let Some(value) = env(&container, name) {
        return Some(Setting {
            value: value.str().map(str::to_owned),
            evidence: vec![value.evidence()],
        });
    }
    // A value from elsewhere (`valueFrom`) is not told.
    let variables = container.list("env");
    if variables.iter().any(|variable| variable.str_of("name") == Some(name)) {
        return None;
    }
    let own = container.get("name").map(|name| name.evidence());
    Some(Setting {
        value: None,
        evidence: own.into_iter().collect(),
    })
}

fn container<'a>(model: &Model<'a>, name: &str) -> Option<Node<'a>> {
    // `kubectl set env --list` does not print the namespace, nor which containers come before the others.
    model
        .all("DaemonSet")
        .filter(|set| set.name == "aws-node")
        .find_map(|set| {
            let lists = ["containers", "initContainers"];
            lists
                .iter()
                .filter_map(|list| set.at(&["spec", "template", "spec", list]))
                .flat_map(|list| list.items())
                .find(|container| container.str_of("name") == Some(name))
        })
}
