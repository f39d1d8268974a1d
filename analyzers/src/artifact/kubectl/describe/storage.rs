//! Persistent volumes, their claims and classes.

use super::fields::{self, As, Field};
use super::layout::Entry;
use super::pod;
use crate::artifact::Placed;
use crate::text::Piece;

const CLAIM: &[Field] = &[
    ("StorageClass", &["spec", "storageClassName"], As::Text),
    ("Volume", &["spec", "volumeName"], As::Text),
    ("Capacity", &["status", "capacity", "storage"], As::Text),
    ("VolumeMode", &["spec", "volumeMode"], As::Text),
];

const VOLUME: &[Field] = &[
    ("StorageClass", &["spec", "storageClassName"], As::Text),
    ("Reclaim Policy", &["spec", "persistentVolumeReclaimPolicy"], As::Text),
    ("VolumeMode", &["spec", "volumeMode"], As::Text),
    ("Capacity", &["spec", "capacity", "storage"], As::Text),
    ("Message", &["status", "message"], As::Text),
];

const CLASS: &[Field] = &[
    ("IsDefaultClass", &["x-isDefaultClass"], As::Text),
    ("Annotations", &["metadata", "annotations"], As::Selector),
    ("Provisioner", &["provisioner"], As::Text),
    ("Parameters", &["parameters"], As::Selector),
    ("AllowVolumeExpansion", &["allowVolumeExpansion"], As::Bool),
    ("ReclaimPolicy", &["reclaimPolicy"], As::Text),
    ("VolumeBindingMode", &["volumeBindingMode"], As::Text),
];

/// Reads a claim.
pub fn read_claim(root: &mut Placed, entries: &[Entry<'_, '_>]) {
    fields::map(root, entries.iter().copied(), CLAIM, |root, entry| {
        match entry.key().str() {
            "Status" => phase(root, entry.value()),
            // The status's, once it is bound; before, nothing is printed.
            "Access Modes" => modes(root, &["status", "accessModes"], entry.value()),
            USED_BY | MOUNTED_BY => true,
            "Conditions" => fields::conditions(root, entry),
            _ => false,
        }
    });
    used_by(root, entries);
}

/// What the pods that use a claim stand under.
const USED_BY: &str = "Used By";
/// See [`USED_BY`]: in older ones, the oldest of which print it below the events.
const MOUNTED_BY: &str = "Mounted By";

/// All pods that use a claim, one a line.
fn used_by(root: &mut Placed, entries: &[Entry<'_, '_>]) {
    let is_list = |entry: &&Entry<'_, '_>| matches!(entry.key().str(), USED_BY | MOUNTED_BY);
    if let Some(entry) = entries.iter().find(is_list) {
        let mut list = Placed::array(entry.piece());
        for line in entry.values() {
            list.push(Placed::text(line.text));
        }
        if !list.is_empty() {
            root.put("x-usedBy", list);
        }
    }
}

/// Reads a persistent volume.
pub fn read_volume(root: &mut Placed, entries: &[Entry<'_, '_>]) {
    fields::map(root, entries.iter().copied(), VOLUME, |root, entry| {
        let value = entry.value();
        match entry.key().str() {
            "Status" => return phase(root, value),
            "Access Modes" => return modes(root, &["spec", "accessModes"], value),
            "Claim" => {
                if let Some((namespace, name)) = value.split_once("/") {
                    root.put_at(&["spec", "claimRef", "namespace"], value, Placed::text(namespace));
                    root.put_at(&["spec", "claimRef", "name"], value, Placed::text(name));
                }
            }
            "Source" => {
                let mut source = Placed::object(entry.piece());
                pod::volume(&mut source, entry);
                root.merge_at("spec", entry.piece(), source);
            }
            _ => return false,
        }
        true
    });
}

/// Reads a storage class.
pub fn read_class(root: &mut Placed, entries: &[Entry<'_, '_>]) {
    fields::map(root, entries.iter().copied(), CLASS, |root, entry| {
        if entry.key().str() != "MountOptions" {
            return false;
        }
        for line in entry.values() {
            root.push_at(&["mountOptions"], entry.piece(), Placed::text(line.text));
        }
        true
    });
}

fn phase(root: &mut Placed, value: Piece<'_>) -> bool {
    let known = ["Pending", "Bound", "Lost", "Available", "Released", "Failed"].contains(&value.str());
    if known {
        root.put_at(&["status", "phase"], value, Placed::text(value));
    }
    known
}

/// `RWO,ROX` (`GetAccessModesAsString`).
fn modes(root: &mut Placed, path: &[&str], value: Piece<'_>) -> bool {
    let mut list = Placed::array(value);
    for mode in value.split(|c| c == ',').filter(|mode| !mode.is_empty()) {
        let name = match mode.str() {
            "RWO" => "ReadWriteOnce",
            "ROX" => "ReadOnlyMany",
            "RWX" => "ReadWriteMany",
            "RWOP" => "ReadWriteOncePod",
            _ => return false,
        };
        list.push(Placed::value(name, mode));
    }
    if !list.is_empty() {
        root.put_at(path, value, list);
    }
    true
}
