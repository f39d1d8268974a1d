//! What the VPC CNI is told to keep free: the environment of `aws-node` (aws/amazon-vpc-cni-k8s, `README.md`, "CNI Configuration
//! Variables").

use crate::evidence::Evidence;
use crate::model::Model;

/// The variables that decide how many addresses a node holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    enis: Option<String>,
    addresses: Option<String>,
    minimum: Option<String>,
    prefixes: Option<String>,
    delegates: bool,
    /// Where they stand; empty where the DaemonSet was not pasted.
    pub evidence: Vec<Evidence>,
}

impl Settings {
    /// Those of the `DaemonSet`.
    pub fn new(model: &Model<'_>) -> Self {
        let mut settings = Self::default();
        // `kubectl set env --list` does not print the namespace.
        let Some(set) = model.all("DaemonSet").find(|set| set.name == "aws-node") else {
            return settings;
        };
        settings.evidence.extend(set.evidence());
        let containers = set
            .at(&["spec", "template", "spec", "containers"])
            .map(|containers| containers.items())
            .unwrap_or_default();
        for variable in containers.iter().flat_map(|container| container.list("env")) {
            let Some(value) = variable.get("value") else { continue };
            let text = value.str().map(str::to_owned);
            match variable.str_of("name") {
                Some("WARM_ENI_TARGET") => settings.enis = text,
                Some("WARM_IP_TARGET") => settings.addresses = text,
                Some("MINIMUM_IP_TARGET") => settings.minimum = text,
                Some("WARM_PREFIX_TARGET") => settings.prefixes = text,
                Some("ENABLE_PREFIX_DELEGATION") => settings.delegates = text.as_deref() == Some("true"),
                _ => continue,
            }
            settings.evidence.push(value.evidence());
        }
        settings
    }

    /// What each node keeps, in words. Where a number of addresses is told, those of interfaces and prefixes do not count.
    pub fn keeps(&self) -> String {
        if self.evidence.is_empty() {
            return "how many a node keeps free was not pasted".to_owned();
        }
        let or_default = |value: &Option<String>| value.clone().unwrap_or_else(|| "1 (the default)".to_owned());
        match (&self.addresses, &self.minimum) {
            (Some(free), Some(least)) => format!(
                "WARM_IP_TARGET={free} (addresses kept free on each node), MINIMUM_IP_TARGET={least} (held at least)"
            ),
            (Some(free), None) => format!("WARM_IP_TARGET={free} (addresses kept free on each node)"),
            (None, Some(least)) => format!("MINIMUM_IP_TARGET={least} (addresses held at least on each node)"),
            (None, None) if self.delegates => format!(
                "WARM_PREFIX_TARGET={} (prefixes kept free on each node)",
                or_default(&self.prefixes)
            ),
            (None, None) => format!(
                "WARM_ENI_TARGET={} (whole interfaces kept free on each node)",
                or_default(&self.enis)
            ),
        }
    }
}
