//! Roles and their bindings (`describeRole`, `describeRoleBinding` in kubernetes/kubectl `pkg/describe/describe.go`).

use super::fields::{self, As};
use super::layout::Entry;
use crate::artifact::Placed;
use crate::text::Piece;

/// Whether what is bound is a role of a namespace: then the binding is one, too. Nothing else tells the two kinds of binding apart.
pub fn binds_role(top: &[Entry<'_, '_>]) -> bool {
    let has = |name: &str| top.iter().find(|entry| entry.key().str() == name);
    has("Subjects").is_some()
        && has("Role").is_some_and(|role| {
            role.entries()
                .any(|inner| inner.key().str() == "Kind" && inner.value().str() == "Role")
        })
}

/// Reads a role. kubectl takes its rules apart and sorts them: a row is a rule for one resource, or for URLs.
pub fn read_role(root: &mut Placed, entries: &[Entry<'_, '_>]) {
    fields::map(root, entries.iter().copied(), &[], |root, entry| {
        if entry.key().str() != "PolicyRule" {
            return false;
        }
        let table = entry.table();
        if !table.has("Resources") || !table.has("Verbs") {
            return false;
        }
        let mut rules = Placed::array(entry.piece());
        for row in table.rows() {
            let mut rule = Placed::object(row.line.text);
            for (column, cell) in row.cells() {
                match column.str() {
                    "Resources" => resource(&mut rule, cell),
                    "Non-Resource URLs" => list(&mut rule, "nonResourceURLs", cell),
                    "Resource Names" => list(&mut rule, "resourceNames", cell),
                    "Verbs" => list(&mut rule, "verbs", cell),
                    other => rule.put_at(&["x-printed", other], cell, Placed::text(cell)),
                }
            }
            if !row.is_read() {
                rule.put("x-printed", Placed::text(row.line.text));
            }
            rules.push(rule);
        }
        root.put("rules", rules);
        true
    });
}

/// `deployments.apps/scale`: the group stands after the resource, before its subresource (`CombineResourceGroup`).
pub fn resource(rule: &mut Placed, cell: Piece<'_>) {
    let Some((name, group)) = cell.split_once(".") else {
        rule.push_at(&["apiGroups"], cell, Placed::value("", cell));
        rule.push_at(&["resources"], cell, Placed::text(cell));
        return;
    };
    let resource = match group.split_once("/") {
        Some((_, part)) => Placed::value(format!("{}/{}", name.str(), part.str()), cell),
        None => Placed::text(name),
    };
    let group = group.split_once("/").map_or(group, |(group, _)| group);
    rule.push_at(&["apiGroups"], group, Placed::text(group));
    rule.push_at(&["resources"], cell, resource);
}

/// `[get list]`; the brackets of nothing are `[]`.
fn list(rule: &mut Placed, name: &str, cell: Piece<'_>) {
    let inside = cell
        .strip_prefix("[")
        .and_then(|rest| rest.strip_suffix("]"))
        .unwrap_or(cell);
    for word in inside.words() {
        rule.push_at(&[name], word, Placed::text(word));
    }
}

/// Reads a binding.
pub fn read_binding(root: &mut Placed, entries: &[Entry<'_, '_>]) {
    fields::map(root, entries.iter().copied(), &[], |root, entry| {
        match entry.key().str() {
            "Role" => {
                for inner in entry.entries() {
                    let name = inner.key().to_ascii_lowercase();
                    fields::put(root, &["roleRef", &name], As::Text, &inner);
                }
                true
            }
            "Subjects" => {
                let table = entry.table();
                let mut subjects = Placed::array(entry.piece());
                for row in table.rows() {
                    let mut subject = Placed::object(row.line.text);
                    for (column, cell) in row.cells() {
                        subject.put(&column.to_ascii_lowercase(), Placed::text(cell));
                    }
                    if !row.is_read() {
                        subject.put("x-printed", Placed::text(row.line.text));
                    }
                    subjects.push(subject);
                }
                root.put("subjects", subjects);
                table.has("Kind")
            }
            _ => false,
        }
    });
}
