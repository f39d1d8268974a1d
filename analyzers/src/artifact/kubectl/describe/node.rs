//! A node.

use super::fields::{self, As, Field};
use super::layout::{Entry, Table, is_absent};
use crate::artifact::Placed;
use crate::text::Piece;

const FIELDS: &[Field] = &[
    ("Unschedulable", &["spec", "unschedulable"], As::Bool),
    ("PodCIDR", &["spec", "podCIDR"], As::Text),
    ("PodCIDRs", &["spec", "podCIDRs"], As::Commas),
    ("ProviderID", &["spec", "providerID"], As::Text),
    // Of old ones: the API calls it deprecated.
    ("ExternalID", &["spec", "externalID"], As::Text),
    // Told from labels (`findNodeRoles`).
    ("Roles", &["x-roles"], As::Text),
];

/// `System Info:`, as `status.nodeInfo` has it.
const INFO: &[Field] = &[
    ("Machine ID", &["machineID"], As::Text),
    ("System UUID", &["systemUUID"], As::Text),
    ("Boot ID", &["bootID"], As::Text),
    ("Kernel Version", &["kernelVersion"], As::Text),
    ("OS Image", &["osImage"], As::Text),
    ("Operating System", &["operatingSystem"], As::Text),
    ("Architecture", &["architecture"], As::Text),
    ("Container Runtime Version", &["containerRuntimeVersion"], As::Text),
    ("Kubelet Version", &["kubeletVersion"], As::Text),
    ("Kube-Proxy Version", &["kubeProxyVersion"], As::Text),
];

/// Whether these entries are a node's.
pub fn tells(has: &dyn Fn(&str) -> bool) -> bool {
    has("Roles") && (has("Taints") || has("Unschedulable") || has("System Info"))
        || has("System Info") && has("Addresses")
}

/// Reads a node.
pub fn read(root: &mut Placed, entries: &[Entry<'_, '_>]) {
    fields::map(root, entries.iter().copied(), FIELDS, |root, entry| {
        let piece = entry.piece();
        match entry.key().str() {
            "Taints" => {
                for line in entry.values() {
                    root.push_at(&["spec", "taints"], piece, taint(line.text));
                }
            }
            "Conditions" => return fields::conditions(root, entry),
            "Addresses" => {
                for inner in entry.entries() {
                    let mut address = Placed::object(inner.piece());
                    address.put("type", Placed::text(inner.key()));
                    address.put_text("address", inner.value());
                    root.push_at(&["status", "addresses"], piece, address);
                }
            }
            "Capacity" => root.put_at(&["status", "capacity"], piece, quantities(entry)),
            "Allocatable" => root.put_at(&["status", "allocatable"], piece, quantities(entry)),
            "System Info" => {
                let mut info = Placed::object(piece);
                fields::map(&mut info, entry.entries(), INFO, |_, _| false);
                root.put_at(&["status", "nodeInfo"], piece, info);
            }
            "Non-terminated Pods" => root.put("x-nonTerminatedPods", pods(entry)),
            "Allocated resources" => root.put("x-allocatedResources", allocated(entry)),
            "Lease" => root.put("x-lease", fields::printed(entry, 0)),
            _ => return false,
        }
        true
    });
}

/// `key=value:effect`, `key:effect`.
fn taint(text: Piece<'_>) -> Placed {
    let mut made = Placed::object(text);
    let (rest, effect) = text.rsplit_once(":").unwrap_or((text, text.skip(text.len())));
    let (key, value) = rest.split_once("=").unwrap_or((rest, rest.skip(rest.len())));
    made.put_text("key", key);
    made.put_text("value", value);
    made.put_text("effect", effect);
    made
}

fn quantities(entry: &Entry<'_, '_>) -> Placed {
    let mut made = Placed::object(entry.piece());
    for inner in entry.entries() {
        made.put_text(&inner.key(), inner.value());
    }
    made
}

/// The pods that run on it, as printed: requests and limits with their share of the node.
fn pods(entry: &Entry<'_, '_>) -> Placed {
    let mut list = Placed::array(entry.piece());
    for row in entry.table().rows() {
        let mut pod = Placed::object(row.line.text);
        for (column, cell) in row.cells() {
            pod.put(&fields::lower_camel(&column), Placed::text(cell));
        }
        list.push(pod);
    }
    list
}

/// Old ones print one row for all resources: `CPU Requests`, `CPU Limits`, `Memory Requests` and so on.
fn of_columns(made: &mut Placed, table: &Table<'_, '_>) {
    for row in table.rows() {
        for (column, cell) in row.cells() {
            let name = fields::lower_camel(&column);
            match column.split_once(" ") {
                Some((resource, what)) => {
                    let path = [&*resource.to_ascii_lowercase(), &*what.to_ascii_lowercase()];
                    made.put_at(&path, cell, Placed::text(cell));
                }
                None => made.put(&name, Placed::text(cell)),
            }
        }
    }
}

/// What the pods ask for together; the header follows a sentence in parentheses.
fn allocated(entry: &Entry<'_, '_>) -> Placed {
    let mut made = Placed::object(entry.piece());
    let from = entry.inner.iter().take_while(|line| line.text.starts_with('(')).count();
    let table = Table::new(entry.inner.get(from..).unwrap_or_default());
    if !table.has("Resource") {
        of_columns(&mut made, &table);
        return made;
    }
    for row in table.rows() {
        let mut resource = Placed::object(row.line.text);
        for (column, cell) in row.cells().filter(|(column, _)| column.str() != "Resource") {
            resource.put(&fields::lower_camel(&column), Placed::text(cell));
        }
        if let Some(name) = row.cell("Resource").filter(|name| !is_absent(name)) {
            made.put(&name, resource);
        }
    }
    made
}
