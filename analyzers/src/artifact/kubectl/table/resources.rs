//! The resources whose tables are known.

use super::Header;
use super::sink::As;
use super::{cluster, custom, eks, mesh, network, storage, workloads};

/// A resource: its names on the command line, and what its columns print.
pub struct Resource {
    /// Plural, singular and short names, without the group.
    pub names: &'static [&'static str],
    pub version: &'static str,
    pub kind: &'static str,
    /// Whether its objects have no namespace: none is missing from their rows.
    pub cluster: bool,
    /// The columns that tell its table where no command does; none where no column does.
    pub columns: &'static [&'static str],
    /// The columns of its tables, for tables without a header: as printed without and with `-o wide`, by several versions.
    pub layouts: &'static [&'static [&'static str]],
    /// What the columns print.
    pub fields: &'static [(&'static str, As)],
}

impl Resource {
    /// The part of apiVersion before `/`; empty for the core group.
    fn group(&self) -> &'static str {
        self.version.split_once('/').map_or("", |(group, _)| group)
    }

    /// Whether a header is the beginning of this resource's: the terminal's edge cut the others off, and perhaps the end of the last name.
    pub fn begins(&self, header: &Header) -> bool {
        let names: Vec<&str> = header.columns.iter().map(|(name, _)| name.as_str()).collect();
        let names = names.strip_prefix(&["NAMESPACE"]).unwrap_or(&names);
        let Some((last, whole)) = names.split_last().filter(|_| names.len() > 2) else {
            return false;
        };
        self.layouts.iter().any(|layout| {
            layout.starts_with(whole) && layout.get(whole.len()).is_some_and(|name| name.starts_with(last))
        })
    }

    /// What a column prints.
    pub fn field(&self, column: &str) -> Option<As> {
        self.fields
            .iter()
            .find(|(name, _)| *name == column)
            .map(|(_, read)| *read)
    }
}

/// All of them. The first whose columns all stand in a header wins, so the more telling come first.
const ALL: [&[Resource]; 7] = [
    network::RESOURCES,
    cluster::RESOURCES,
    workloads::RESOURCES,
    storage::RESOURCES,
    eks::RESOURCES,
    mesh::RESOURCES,
    custom::RESOURCES,
];

fn all() -> impl Iterator<Item = &'static Resource> {
    ALL.into_iter().flatten()
}

/// The resource of a word of the command line or of a printed name's prefix: `deploy`, `deployment.apps`,
/// `endpointslices.discovery.k8s.io`, `deployments.v1.apps`.
pub fn by_name(word: &str) -> Option<&'static Resource> {
    let word = word.to_ascii_lowercase();
    let (name, rest) = word
        .split_once('.')
        .map_or((word.as_str(), None), |(name, rest)| (name, Some(rest)));
    all()
        .filter(|resource| resource.names.contains(&name))
        .find(|resource| {
            let Some(rest) = rest else { return true };
            let group = resource.group();
            let versioned = rest
                .strip_prefix('v')
                .filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
                .map(|rest| rest.split_once('.').map_or("", |(_, group)| group));
            !rest.is_empty() && (rest == group || versioned == Some(group))
        })
}

/// The resource of an object that was read.
pub fn by_kind(version: &str, kind: &str) -> Option<&'static Resource> {
    all().find(|resource| resource.kind == kind && resource.version == version)
}

/// The resource whose columns a header has.
pub fn by_columns(header: &Header) -> Option<&'static Resource> {
    all().find(|resource| !resource.columns.is_empty() && resource.columns.iter().all(|column| header.has(column)))
}

#[cfg(test)]
mod tests {
    use super::{all, by_name};

    #[test]
    fn names_with_groups_are_told_apart() {
        let kind = |word: &str| by_name(word).map(|resource| (resource.version, resource.kind));
        assert_eq!(kind("deployment.apps"), Some(("apps/v1", "Deployment")));
        assert_eq!(kind("deployments.v1.apps"), Some(("apps/v1", "Deployment")));
        assert_eq!(kind("PODS"), Some(("v1", "Pod")));
        assert_eq!(kind("service.serving.knative.dev"), None);
        assert_eq!(
            kind("gateways.networking.istio.io").map(|(version, _)| version),
            Some("networking.istio.io/v1")
        );
        assert_eq!(
            kind("gtw").map(|(version, _)| version),
            Some("gateway.networking.k8s.io/v1")
        );
        assert_eq!(kind("widgets"), None);
    }

    #[test]
    fn every_layout_begins_with_the_name() {
        assert!(
            all()
                .flat_map(|resource| resource.layouts)
                .all(|layout| layout.first() == Some(&"NAME") || layout.first() == Some(&"LAST SEEN"))
        );
    }
}
